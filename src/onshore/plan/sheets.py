"""Tables beside an instance, read by their columns; all that is wrong in them is named at once."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from onshore.plan.columns import broken
from onshore.plan.errors import PROBLEMS, PlanError

Kinds = Mapping[str, type[pl.DataType]]
Problems = list[pl.DataFrame]


def read_sheet(
    table: str, frame: pl.DataFrame, columns: Kinds, optional: Kinds | None = None
) -> pl.DataFrame:
    """Give a table its columns, typed (String, Float64 or Int64); others are left out.

    ``columns`` must be there without an empty cell; ``optional`` may be absent or empty: null.

    Raises
    ------
    PlanError
        A column is missing, or a cell is empty, no number or not whole. All such are named.
    """
    may_lack = optional or {}
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise PlanError(
            f"{table}: no column {', '.join(missing)}; found: {', '.join(frame.columns) or 'none'}"
        )
    present = {**columns, **{n: kind for n, kind in may_lack.items() if n in frame.columns}}
    rules = []
    for name, kind in present.items():
        text = pl.col(name).cast(pl.String).str.strip_chars()
        empty = text.is_null() | (text == "")
        if name in columns:
            rules.append((name, empty, "it is empty"))
        if kind != pl.String:
            number = _number(frame, name)
            rules.append((name, ~empty & ~number.is_finite().fill_null(False), "no finite number"))
            if kind == pl.Int64:
                part = number.is_finite() & (number != number.round())
                rules.append((name, part.fill_null(False), "it is not a whole number"))
    refuse([broken(table, frame, rules)])
    read = [
        pl.col(name).cast(pl.String).str.strip_chars().replace("", None)
        if kind == pl.String
        else _number(frame, name).cast(kind).alias(name)
        for name, kind in present.items()
    ]
    absent = [pl.lit(None, dtype=k).alias(n) for n, k in may_lack.items() if n not in present]
    return frame.select(read).with_columns(absent).select(*columns, *may_lack)


def unknown(name: str, known: pl.Series, where: str) -> tuple[str, pl.Expr, str]:
    """Make the rule that a cell, unless empty, must stand in another table."""
    outside = pl.col(name).is_not_null() & ~pl.col(name).is_in(known.unique().implode())
    return name, outside, f"it is not in the table {where}"


def twice(*names: str) -> tuple[str, pl.Expr, str]:
    """Make the rule that a key occurs once."""
    said = " and ".join(names)
    return names[0], pl.struct(names).is_duplicated(), f"the {said} occurs twice"


def negative(*names: str) -> list[tuple[str, pl.Expr, str]]:
    """Make the rules that amounts are not below 0."""
    return [(n, (pl.col(n) < 0).fill_null(False), "it is negative") for n in names]


def refuse(problems: Problems) -> None:
    """Raise the error that names all rows, if there are any."""
    found = pl.concat([pl.DataFrame(schema=PROBLEMS), *problems])
    if not found.is_empty():
        raise PlanError.of_rows(found)


def _number(frame: pl.DataFrame, name: str) -> pl.Expr:
    column = pl.col(name)
    if frame.schema[name] == pl.String:
        column = column.str.strip_chars()
    return column.cast(pl.Float64, strict=False)
