"""References between tables: each has to name a key that is there."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

import polars as pl

from onshore.codes import fold
from onshore.records.errors import Findings
from onshore.records.schemas import schema

if TYPE_CHECKING:
    from onshore.records.reading import Read


def check_references(
    read: Read, table: str, target: pl.DataFrame | None, findings: Findings
) -> None:
    """Note each reference of a table's rows to a key that another table does not have.

    Parameters
    ----------
    read
        The rows that refer.
    table
        Name of the table referred to.
    target
        Its rows: the key, and names if it has them, for a hint where a cell holds a name instead
        of a key. None where the programme has no such table; then, or where it has no rows, one
        error stands for all.
    """
    keys = None if target is None else target[schema(table).key[0]].drop_nulls()
    for column in read.table.references:
        if column.table != table or column.name not in read.headings:
            continue
        heading = read.headings[column.name]
        written = _written(read.frame[column.name], read.rows, several=column.type == "refs")
        if written.is_empty():
            continue
        if target is None or keys is None or keys.is_empty():
            _note_no_rows(written, table, heading, findings, absent=target is None)
            continue
        dangling = written.join(keys.alias("found").to_frame(), on="found", how="anti")
        if dangling.height:
            findings.add_frame(_explained(dangling, table, target), heading)


def _written(cells: pl.Series, rows: pl.Series, *, several: bool) -> pl.DataFrame:
    frame = pl.DataFrame({"row": rows, "found": cells}).drop_nulls()
    if several:
        frame = frame.with_columns(pl.col("found").str.split(";")).explode("found")
    return frame


def _note_no_rows(
    written: pl.DataFrame, table: str, heading: str, findings: Findings, *, absent: bool
) -> None:
    what = "is not there" if absent else "has no rows"
    findings.add(
        int(written["row"].min()),  # type: ignore[arg-type]
        heading,
        f"{written.height:,} cells of the column refer to the table {table}, which {what}.",
        written["found"][0],
        f"add the table {table} to the folder, or leave the column empty.",
    )


def _explained(dangling: pl.DataFrame, table: str, target: pl.DataFrame) -> pl.DataFrame:
    near = _Near(target.drop_nulls(schema(table).key[0]), schema(table).key[0])
    distinct = dangling["found"].unique().to_list()
    steps = pl.DataFrame(
        {"found": distinct, "next_step": [near.step(text, table) for text in distinct]}
    )
    return dangling.join(steps, on="found").with_columns(
        reason=pl.lit(f"no row of the table {table} has this key.")
    )


class _Near:
    """Keys near a text: the same but for case, spaces and zeros, or with the same beginning."""

    def __init__(self, target: pl.DataFrame, key: str) -> None:
        self._sorted = target[key].unique().sort().to_list()
        self._bare = {_bare(text): text for text in self._sorted}
        self._names = {
            fold(name): text
            for column in ("name", "name_fa")
            if column in target.columns
            for name, text in target.select(column, key).drop_nulls().iter_rows()
        }

    def step(self, text: str, table: str) -> str:
        """Say what to write instead of a text that is no key."""
        key = self._bare.get(_bare(text))
        if key:
            return f"write {key}, as in {table}."
        key = self._names.get(fold(text))
        if key:
            return f"write {key}, the key of what has that name in {table}."
        near = " or ".join(self._alike(text))
        hint = f"near it: {near}. Correct it" if near else "correct it"
        return f"{hint}, or add a row with this key to {table}."

    def _alike(self, text: str) -> list[str]:
        at = bisect_left(self._sorted, text)
        around = self._sorted[max(at - 1, 0) : at + 1]
        return [key for key in around if key.startswith(text[: (len(text) + 1) // 2])]


def _bare(key: str) -> str:
    return re.sub(r"0+(?=\d)", "", re.sub(r"[\W_]+", "", fold(key)))
