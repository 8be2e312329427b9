"""A folder of results of ``onshore trade``, ``economy`` or ``chain``, brought in as a ZIP file."""

import json
import zlib
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any, Final
from zipfile import BadZipFile, ZipFile

import polars as pl
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onshore.desk.actions.acting import Refused
from onshore.report import Bulletin, chain_bulletin, economy_bulletin, trade_bulletin

MOST_BYTES: Final = 10 * 2**20
MOST_UNPACKED: Final = 40 * 2**20
MOST_FILES: Final = 60
KINDS: Final = {
    "dependency": gettext_lazy("Import dependency"),
    "complexity": gettext_lazy("Economic complexity"),
    "opportunity": gettext_lazy("Opportunities"),
    "exports": gettext_lazy("Export potential"),
    "run": gettext_lazy("Flows and bottlenecks of a chain"),
    "target": gettext_lazy("A chain's way to a target"),
    "shock": gettext_lazy("Shocks to a chain"),
    "expand": gettext_lazy("Expansion of a chain"),
    "multipliers": gettext_lazy("Multipliers"),
    "linkages": gettext_lazy("Linkages"),
    "extract": gettext_lazy("Extraction of sectors"),
    "substitute": gettext_lazy("Import substitution"),
    "decompose": gettext_lazy("Decomposition of growth"),
    "regions": gettext_lazy("Location quotients"),
    "targets": gettext_lazy("Prospectivity targets"),
}
"""What analyses are of: commands whose results are brought in, and what each is called."""
_ELSEWHERE = ("targets",)
"""Kinds that are brought in on a page of their own."""
_CODES = frozenset(
    (
        *("product", "country", "partner", "top_partner", "supplier", "replaced", "code", "key"),
        *("node", "commodity", "place", "sector", "name", "name_fa", "unit", "group", "hs"),
    )
)
"""Columns that hold names and codes, even where they look like numbers."""
_TRADE, _CHAIN = list(KINDS)[:4], list(KINDS)[4:8]
_UNREADABLE = (
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    IndexError,
    pl.exceptions.PolarsError,
)


def read_results(content: bytes) -> tuple[str, dict[str, pl.DataFrame], dict[str, Any]]:
    """Read a result's kind, tables and metadata from a ZIP file of its folder.

    Only ``metadata.json`` and CSV tables are read; nothing is written to a disk.

    Raises
    ------
    Refused
        It is no ZIP file, too large when unpacked, or holds no result of onshore.
    """
    files = unpacked(content, lambda name: name == "metadata.json" or name.endswith(".csv"))
    try:
        metadata = json.loads(files.pop("metadata.json", b"null").decode("utf-8-sig"))
    except ValueError as error:
        raise _refused(_("Its metadata.json cannot be read.")) from error
    command = metadata.get("command") if isinstance(metadata, dict) else None
    if command not in KINDS or command in _ELSEWHERE:
        raise _refused(_("It has no metadata.json of a command of onshore."))
    tables = {}
    for name, text in files.items():
        try:
            tables[name.removesuffix(".csv")] = _typed(text)
        except pl.exceptions.NoDataError:
            continue
        except pl.exceptions.PolarsError as error:
            raise _refused(_("Its table %s cannot be read.") % name) from error
    return str(metadata["command"]), tables, metadata


def unpacked(content: bytes, wanted: Callable[[str], bool]) -> dict[str, bytes]:
    """Give the files of a ZIP file whose names are wanted, whatever folder they lie in.

    Raises
    ------
    Refused
        It is no ZIP file, or too large when unpacked.
    """
    try:
        with ZipFile(BytesIO(content)) as archive:
            return _files(archive, wanted)
    except (BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
        raise _refused(_("This is no ZIP file that can be read.")) from error


def _files(archive: ZipFile, wanted: Callable[[str], bool]) -> dict[str, bytes]:
    found = {}
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > MOST_FILES or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise _refused(_("It holds more than the result of a command does."))
    for entry in entries:
        name = PurePosixPath(entry.filename).name
        if wanted(name):
            with archive.open(entry) as file:
                held = file.read(entry.file_size + 1)
            if len(held) > entry.file_size:
                raise _refused(_("It holds more than the result of a command does."))
            found[name] = held
    return found


def _typed(text: bytes) -> pl.DataFrame:
    """Read a table: codes stay texts, as they are written, zeros at their head and all."""
    frame = pl.read_csv(text, infer_schema_length=None, try_parse_dates=True)
    texts = pl.read_csv(text, infer_schema_length=0)
    codes = [
        name for name in frame.columns if name in _CODES or texts[name].str.contains(r"^0\d").any()
    ]
    return frame.with_columns(texts[name] for name in codes)


def compose_results(
    kind: str, tables: Mapping[str, pl.DataFrame], metadata: Mapping[str, Any], locale: str
) -> Bulletin:
    """Compose the page of a result, as its command does.

    Raises
    ------
    Refused
        The tables are not those of such a result.
    """
    composer: Callable[..., Bulletin] = economy_bulletin
    if kind in _TRADE:
        composer = trade_bulletin
    elif kind in _CHAIN:
        composer = chain_bulletin
    try:
        return composer(kind, tables, metadata, locale)
    except _UNREADABLE as error:
        raise _refused(_("Its tables are not those of this command.")) from error


def _refused(reason: str) -> Refused:
    return Refused(
        reason,
        _("Pack the folder that onshore trade, economy or chain wrote with --out, as it is."),
        field="file",
    )
