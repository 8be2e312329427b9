"""Prospectivity targets: the result of ``onshore explore targets`` brought to the desk."""

import json
import math
import tempfile
from datetime import date, datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any
from zipfile import BadZipFile, ZipFile

import polars as pl
from django.utils.translation import gettext as _

from onshore.desk.actions.acting import Refused, acting
from onshore.desk.actor import Actor
from onshore.desk.models import Analysis
from onshore.desk.policies import require
from onshore.desk.publishing.features import TARGETS
from onshore.desk.reckoning import bulletins
from onshore.report import explore_bulletin

MOST_BYTES = 10 * 2**20
MOST_UNPACKED = 40 * 2**20
MOST_FILES = 60
MOST_TARGETS = 5_000
_DECIMALS = 6  # of a degree: 0.1 m
_LAYER = "targets.parquet"
_UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, IndexError)


def bring_in(
    actor: Actor,
    title: str,
    name: str,
    content: bytes,
    *,
    once: str = "",
    at: datetime | None = None,
) -> Any:
    """Bring targets in: their outlines, and the pages of the result in both languages.

    Raises
    ------
    Refused
        The file is too large, holds no such result, or was brought in before.
    """
    require(actor, "add", Analysis)
    if len(content) > MOST_BYTES:
        raise Refused(
            _("The file is larger than 10 MB."),
            _("Leave the GeoPackage and the pages out."),
            field="file",
        )
    told = sha256(content).hexdigest()
    if Analysis._default_manager.filter(sha256=told).exists():
        raise Refused(
            _("This file was brought in before."), _("Look for it in the list."), field="file"
        )
    files = _unpacked(content)
    metadata = _metadata(files)
    features = _features(files)
    pages = _pages(files, metadata)
    with acting(actor, "targets.bring_in", once=once, at=at) as deed:
        row = Analysis(
            kind=TARGETS,
            title=title.strip() or pages["en"]["title"],
            file=name[:200],
            sha256=told,
            content={**pages, "features": features},
            made_by=actor.name,
            made_at=deed.at,
        )
        row.save(force_insert=True)
        about = {"kind": row.kind, "title": row.title, "file": row.file, "sha256": told}
        deed.note(Analysis._meta.db_table, str(row.pk), {}, about)
        deed.key = str(row.pk)
        return row


def _unpacked(content: bytes) -> dict[str, bytes]:
    """Read the tables, the layer and the metadata of the folder; nothing else."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            wanted = {}
            for entry in entries:
                name = PurePosixPath(entry.filename).name
                if name in (_LAYER, "metadata.json") or name.endswith(".csv"):
                    wanted[name] = entry
            sizes = sum(entry.file_size for entry in wanted.values())
            if len(entries) > MOST_FILES or sizes > MOST_UNPACKED:
                raise _refused(_("It holds more than the result of a command does."))
            files = {}
            for name, entry in wanted.items():
                with archive.open(entry) as file:
                    files[name] = file.read(entry.file_size + 1)
                if len(files[name]) > entry.file_size:
                    raise _refused(_("It holds more than the result of a command does."))
            return files
    except (BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise _refused(_("This is no ZIP file that can be read.")) from error


def _metadata(files: dict[str, bytes]) -> dict[str, Any]:
    try:
        metadata = json.loads(files.get("metadata.json", b"null").decode("utf-8-sig"))
    except ValueError as error:
        raise _refused(_("Its metadata.json cannot be read.")) from error
    if not isinstance(metadata, dict) or metadata.get("command") != "targets":
        raise _refused(_("It is no result of onshore explore targets."))
    return metadata


def _features(files: dict[str, bytes]) -> list[dict[str, Any]]:
    """Give the targets as features in degrees of WGS 84, the best first."""
    if _LAYER not in files:
        raise _refused(_("It has no targets.parquet."))
    try:
        import shapely

        from onshore.report.geo_layers import in_degrees, read_layer

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / _LAYER
            path.write_bytes(files[_LAYER])
            frame = in_degrees(read_layer(path)).frame
        if not 0 < frame.height <= MOST_TARGETS or "target" not in frame.columns:
            raise _refused(_("It holds no targets, or more than 5,000."))
        shapes = shapely.set_precision(
            shapely.from_wkb(frame["geometry"].to_list()), 10.0**-_DECIMALS
        )
        rows = frame.drop("geometry").to_dicts()
        return [
            {
                "id": str(row.pop("target")),
                "geometry": json.loads(shapely.to_geojson(shape)),
                "properties": {name: _plain(value) for name, value in row.items()},
            }
            for row, shape in zip(rows, shapes, strict=True)
        ]
    except ModuleNotFoundError as error:
        raise Refused(
            _("This desk was installed without the part for maps: %s is missing.") % error.name,
            _("The administrator installs onshore with the extra geo."),
            field="file",
        ) from error
    except (*_UNREADABLE, OSError, pl.exceptions.PolarsError) as error:
        raise _refused(_("Its targets.parquet cannot be read.")) from error


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value.isoformat() if isinstance(value, date) else value


def _pages(files: dict[str, bytes], metadata: dict[str, Any]) -> dict[str, Any]:
    try:
        tables = {
            name.removesuffix(".csv"): pl.read_csv(
                text, infer_schema_length=None, try_parse_dates=True
            )
            for name, text in files.items()
            if name.endswith(".csv") and text.strip()
        }
        return {
            locale: bulletins.as_json(explore_bulletin("targets", tables, metadata, locale))
            for locale in ("en", "fa")
        }
    except (*_UNREADABLE, pl.exceptions.PolarsError) as error:
        raise _refused(_("Its tables are not those of this command.")) from error


def _refused(reason: str) -> Refused:
    return Refused(
        reason,
        _("Pack the folder that onshore explore targets wrote with --out, as it is."),
        field="file",
    )
