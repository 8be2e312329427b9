"""A programme moved between a folder of tables and the desk's database, without loss."""

import hashlib
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
from django.core.files.base import ContentFile
from django.db import connection, transaction

from onshore.desk import search
from onshore.desk.actions.acting import Deed, acting
from onshore.desk.actor import Actor
from onshore.desk.models import RECORDS, Need, PackageNeed, ProgrammeSettings, Specification
from onshore.desk.reckoning import provinces
from onshore.desk.reckoning.import_value import put_yearly_value
from onshore.desk.states import DAYS
from onshore.desk.tables.frames import fields_of, frame_of_table
from onshore.records import (
    Programme,
    Settings,
    open_programme,
    schema,
    settings_from,
    settings_text,
    tables,
    write_whole,
)
from onshore.records import csv_bytes as table_bytes

_BATCH = 2000
_Report = Callable[[int, int, str], None]


class NotEmpty(Exception):
    """The database holds a programme already."""


def load(
    folder: str | Path,
    actor: Actor,
    *,
    replace: bool = False,
    report: _Report = lambda *_: None,
) -> dict[str, int]:
    """Read a programme's folder into the database: all of it, or nothing.

    Files of specifications are taken from the folder's ``files``, by their fingerprints.

    Parameters
    ----------
    folder
        The programme's folder.
    actor
        Who loads it, for the audit.
    replace
        Whether the records that are there are replaced; else an empty database is asked for.
    report
        Told rows done, rows in all and the table at work.

    Returns
    -------
    dict
        Rows loaded, by table.

    Raises
    ------
    TableErrors
        The folder's data have errors; nothing was loaded.
    NotEmpty
        Records are there already and ``replace`` was not asked for.
    """
    programme = open_programme(folder)
    frames = {name: programme.table(name) for name in tables()}
    total = sum(frame.height for frame in frames.values())
    with acting(actor, "programme.load") as deed:
        _make_room(replace)
        done, counts = 0, {}
        for name in _in_order():
            report(done, total, name)
            counts[name] = _insert(name, frames[name])
            done += counts[name]
        before = ProgrammeSettings.objects.filter(pk=1).first()
        version = before.version + 1 if before else 1
        ProgrammeSettings(pk=1, settings=as_json(programme.settings), version=version).save()
        _derive(deed)
        _take_files(Path(folder) / "files")
        provinces.keep_outlines(Path(folder))
        counts = {name: count for name, count in counts.items() if count}
        deed.note("programme", programme.settings.name, {}, {"rows": counts})
        search.rebuild()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # what the tables hold has changed: plan queries anew
    report(total, total, "")
    return counts


def export(folder: str | Path, *, report: _Report = lambda *_: None) -> dict[str, int]:
    """Write the database's programme as a folder of tables, all of it or nothing.

    Returns
    -------
    dict
        Rows written, by table.

    Raises
    ------
    LookupError
        The database holds no programme.
    """
    with transaction.atomic():
        settings = ProgrammeSettings.objects.filter(pk=1).first()
        if settings is None:
            raise LookupError("the desk holds no programme yet: load one first.")
        files: dict[str, bytes] = {
            "programme.toml": settings_text(settings_from(settings.settings)).encode()
        }
        counts = {}
        for at, name in enumerate(tables()):
            report(at, len(tables()), name)
            frame = frame_of_table(name).sort(schema(name).key)
            if frame.height:
                files[f"{name}.csv"] = table_bytes(frame)
                counts[name] = frame.height
        for specification in Specification.objects.exclude(content=""):
            with specification.content.open("rb") as file:
                files[f"files/{specification.sha256}"] = file.read()
        if provinces.outlines_file().is_file():
            files[provinces.FILE] = provinces.outlines_file().read_bytes()
    write_whole(Path(folder), files)
    report(len(tables()), len(tables()), "")
    return counts


def _make_room(replace: bool) -> None:
    held = [model for model in RECORDS.values() if model.objects.exists()]
    if held and not replace:
        raise NotEmpty
    PackageNeed.objects.all().delete()
    for name in reversed(_in_order()):
        with connection.cursor() as cursor:
            cursor.execute(f'DELETE FROM "{name}"')


def _in_order() -> list[str]:
    """Give the tables so that what a row refers to comes first, but for cycles."""
    order: list[str] = []

    def visit(name: str, above: frozenset[str]) -> None:
        for column in schema(name).references:
            target = column.table or ""
            if column.type == "ref" and target not in above and target not in order:
                visit(target, above | {name})
        if name not in order:
            order.append(name)

    for name in tables():
        visit(name, frozenset({name}))
    return order


def _insert(table: str, frame: pl.DataFrame) -> int:
    model, attributes = RECORDS[table], fields_of(table)
    texts = [column.name for column in schema(table) if _kept_empty(column.type)]
    rows = frame.with_columns(pl.col(texts).fill_null(""))
    for batch in rows.iter_slices(_BATCH):
        model.objects.bulk_create(
            [model(**dict(zip(attributes, row, strict=True))) for row in batch.iter_rows()]
        )
    return frame.height


def _kept_empty(kind: str) -> bool:
    return kind not in ("ref", "number", "money", "signed", "share", "whole", "bool", "date")


def _derive(deed: Deed) -> None:
    """Fill in what the desk keeps besides the records."""
    today = deed.today
    Need.objects.filter(state="").update(state="draft")
    Need.objects.filter(state_since=None).update(state_since=today)
    for state, days in DAYS.items():
        if days:
            Need.objects.filter(state=state).update(due=today + timedelta(days=days))
    _value_needs()
    needs = set(Need.objects.values_list("pk", flat=True))
    PackageNeed.objects.bulk_create(
        PackageNeed(package_id=key, need_id=need)
        for key, listed in RECORDS["packages"].objects.values_list("pk", "need_ids")
        for need in dict.fromkeys(part.strip() for part in listed.split(";"))
        if need in needs
    )


def _value_needs() -> None:
    needs = list(Need.objects.only("import_price", "currency", "price_date", "yearly_quantity"))
    put_yearly_value(needs)
    Need.objects.bulk_update(needs, ["yearly_value"], batch_size=_BATCH)


def _take_files(folder: Path) -> None:
    if not folder.is_dir():
        return
    for specification in Specification.objects.exclude(sha256=""):
        path = folder / specification.sha256
        if not path.is_file():
            continue
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() == specification.sha256:
            specification.content.save(specification.sha256, ContentFile(content), save=True)


def as_json(settings: Settings) -> dict[str, Any]:
    """Give a programme's settings as the database keeps them."""
    held = asdict(settings)
    held["price_date"] = settings.price_date.isoformat()
    held["phases"] = {str(phase): year for phase, year in settings.phases.items()}
    return held


def programme() -> Programme:
    """Give the database's programme, as `onshore.open` gives that of a folder.

    Raises
    ------
    LookupError
        The database holds no programme.
    """
    row = ProgrammeSettings.objects.filter(pk=1).first()
    if row is None:
        raise LookupError("the desk holds no programme yet: load one first.")
    return Programme(settings_from(row.settings), {name: frame_of_table(name) for name in tables()})
