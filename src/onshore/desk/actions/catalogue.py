"""What the agency and administrators do with the catalogue: organisations, desks, items, rates."""

import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
from django.db.models import Q
from django.utils.translation import gettext as _

from onshore.desk.actions.acting import Refused, acting, held, said
from onshore.desk.actor import Actor
from onshore.desk.models import RECORDS
from onshore.desk.models.record_tables import field_name
from onshore.desk.pages.wording import sentence
from onshore.desk.policies import require, visible
from onshore.desk.tables.frames import frame_of
from onshore.records import (
    csv_bytes,
    read_table,
    schema,
)


def add_record(
    actor: Actor,
    table: str,
    values: dict[str, Any],
    *,
    once: str = "",
    at: datetime | None = None,
) -> Any:
    """Add a row to a table of the catalogue; ``values`` by the model's fields."""
    model = RECORDS[table]
    require(actor, "add", model)
    with acting(actor, f"{table}.add", once=once, at=at) as deed:
        _check_references(actor, table, values)
        if table == "rates":
            _check_rate(values, but=None)
        return deed.create(model(**values))


def change_record(
    actor: Actor,
    table: str,
    key: Any,
    values: dict[str, Any],
    *,
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> Any:
    """Change a row of the catalogue; its key stays."""
    with acting(actor, f"{table}.change", once=once, at=at) as deed:
        row = held(actor, RECORDS[table], key, version)
        require(actor, "change", row)
        _check_references(actor, table, values)
        if table == "rates":
            _check_rate(values, but=row.pk)
        return deed.change(row, **values)


def remove_rate(
    actor: Actor, key: Any, *, reason: str, once: str = "", at: datetime | None = None
) -> None:
    """Remove an exchange rate that should not be there; what it was stays in the audit."""
    with acting(actor, "rates.remove", reason=said(reason), once=once, at=at) as deed:
        rate = held(actor, RECORDS["rates"], key)
        require(actor, "change", rate)
        deed.remove(rate)


def _check_references(actor: Actor, table: str, values: dict[str, Any]) -> None:
    """Refuse a row that names a record which is not there."""
    for column in schema(table).references:
        key = values.get(f"{field_name(column.name)}_id")
        if column.type != "ref" or not key:
            continue
        if not visible(actor, RECORDS[column.table or ""]).filter(pk=key).exists():
            raise Refused(
                _("There is no record with the key %s.") % key,
                _("Write a key that is there, or add that record first."),
                field=column.name,
            )


def _check_rate(values: dict[str, Any], *, but: int | None) -> None:
    """Hold a rate against those of its pair and type, as `onshore.records` does in a folder."""
    base, quote = values["base"], values["quote"]
    pair = Q(base=base, quote=quote) | Q(base=quote, quote=base)
    rows = RECORDS["rates"]._default_manager.filter(pair, rate_type=values["rate_type"])
    if rows.filter(base=base, quote=quote, date=values["date"]).exclude(pk=but).exists():
        raise Refused(
            _("This pair has a rate of this type on this day already."),
            _("Change that rate, or choose another day."),
            field="date",
        )
    before = frame_of(rows.exclude(pk=but))
    row = {name: values.get(field_name(name)) for name in before.columns}
    new = pl.DataFrame([row], schema=before.schema, orient="row")
    known = {tuple(error) for error in _faults(before)}
    for column, reason, step in _faults(pl.concat([before, new])):
        if (column, reason, step) not in known:
            raise Refused(sentence(reason), sentence(step), field=column)


def _faults(rates: pl.DataFrame) -> list[tuple[str, str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rates.csv"
        path.write_bytes(csv_bytes(rates))
        errors = read_table(path, "rates").errors
    return list(errors.select("column", "reason", "next_step").iter_rows())
