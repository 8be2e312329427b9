"""Rows of an uploaded sheet set beside the records that have their keys."""

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any

import polars as pl

from onshore.desk.actor import Actor
from onshore.desk.models.record_tables import field_name
from onshore.desk.uploading.kinds import Kind
from onshore.records import Column, schema

_BATCH = 5_000
ERRORS = {
    "row": pl.Int64(),
    **dict.fromkeys(("column", "reason", "found", "next_step", "heading"), pl.String()),
}
"""Columns of the errors of a file's rows."""


class Existing:
    """Rows of a file set beside the records that have their keys.

    ``also`` names columns that the file does not have and whose values are asked for.
    """

    def __init__(self, kind: Kind, frame: pl.DataFrame, also: Collection[str] = ()) -> None:
        self.kind = kind
        told = schema(kind.table)
        self.also = {
            column.name: attribute(column)
            for column in told
            if column.name in also and column.name != kind.key
        }
        self.columns = [name for name in frame.columns if name not in ("row", kind.key)]
        self._told = {name: told.column(name) for name in self.columns}
        self.attributes = {name: attribute(self._told[name]) for name in self.columns}
        self._values = [
            (row.pop("row"), row.pop(kind.key), row) for row in frame.iter_rows(named=True)
        ]
        self.found = self._find({key for _, key, _ in self._values if key})

    def _find(self, keys: set[str]) -> dict[str, dict[str, Any]]:
        names = ["pk", "version", field_name(self.kind.owner) + "_id", *self.attributes.values()]
        names += [*self.also.values(), *(["state"] if self.kind.ended else [])]
        found: dict[str, dict[str, Any]] = {}
        for some in in_batches(sorted(keys)):
            rows = self.kind.model._default_manager.filter(pk__in=some)
            found |= {row["pk"]: row for row in rows.values(*dict.fromkeys(names))}
        return found

    def plan(self) -> pl.DataFrame:
        """Say of each row whether it is new, changed or the same."""
        rows = []
        for number, key, values in self._values:
            there = self.found.get(key)
            kind = (
                "new" if there is None else "changed" if self.differing(values, there) else "same"
            )
            rows.append((number, key, kind, there["version"] if there else 0))
        dtypes = {"row": pl.Int64, "key": pl.String, "kind": pl.String, "version": pl.Int64}
        return pl.DataFrame(rows, schema=dtypes, orient="row")

    def differing(self, values: Mapping[str, Any], there: Mapping[str, Any]) -> dict[str, Any]:
        """Give the values of a row's columns that differ from the record's, as models keep them."""
        out = {}
        for name, attribute_ in self.attributes.items():
            value = as_kept(values[name], self._told[name])
            if value != there[attribute_]:
                out[name] = value
        return out

    def kept(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Give the values of a row's columns as models keep them."""
        return {name: as_kept(values[name], self._told[name]) for name in self.columns}

    def __iter__(self) -> Any:
        return iter(self._values)


def attribute(column: Column) -> str:
    """Give the model's attribute of a column; of a reference, the one that holds its key."""
    return field_name(column.name) + ("_id" if column.type == "ref" else "")


def as_kept(value: Any, column: Column) -> Any:
    """Give a cell's value as the models keep it: empty texts are ``""``."""
    if value is None and column.dtype == pl.String() and column.type != "ref":
        return ""
    if isinstance(value, Decimal):
        return Decimal(f"{value.normalize():f}")
    return value


def in_batches(keys: list[str]) -> Iterable[list[str]]:
    """Divide keys, so that no statement has more than a database takes."""
    return (keys[at : at + _BATCH] for at in range(0, len(keys), _BATCH))


def without_held(errors: pl.DataFrame, existing: Existing) -> pl.DataFrame:
    """Leave out that a row lacks what its record has: a price's currency, not sent again."""
    held = []
    for number, key, _values in existing:
        there = existing.found.get(key, {})
        for name, kept in existing.also.items():
            if there.get(kept) not in (None, ""):
                held.append((number, name))
    if not held:
        return errors
    dtypes = {"row": pl.Int64, "column": pl.String}
    return errors.join(
        pl.DataFrame(held, schema=dtypes, orient="row"), on=["row", "column"], how="anti"
    )


def own_errors(actor: Actor, existing: Existing) -> pl.DataFrame:
    """Note rows of other organisations, and changes of records that are not changed any more."""
    kind = existing.kind
    own = kind.own(actor)
    owner = field_name(kind.owner) + "_id"
    errors = []
    for number, key, values in existing:
        there = existing.found.get(key)
        named = values.get(kind.owner)
        if own is not None and named and named not in own:
            step = f"write {' or '.join(sorted(own))}, or leave the row out."
            reason = "the row is another organisation's, and you bring in your own."
            errors.append((number, kind.owner, reason, named, step, ""))
        if there is None:
            continue
        if own is not None and there[owner] not in own:
            reason = "another record has this key already."
            errors.append((number, kind.key, reason, key, "give the row another key.", ""))
        elif named and there[owner] != named:
            reason = f"the record with this key belongs to {there[owner]}."
            errors.append((number, kind.owner, reason, named, f"write {there[owner]}.", ""))
        elif there.get("state") in kind.ended and existing.differing(values, there):
            reason = "the need is verified as localized and is not changed any more."
            step = "leave the row out, or revert the need to import first."
            errors.append((number, kind.key, reason, key, step, ""))
    return pl.DataFrame(errors, schema=ERRORS, orient="row")
