"""The columns of an instance's tables: their types, which may be absent, and how they are read."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from onshore.plan.errors import PROBLEMS, PlanError

Rules = Sequence[tuple[str, pl.Expr, str]]
"""Of each rule the column it is about, what is true of a bad row, and what is said of it."""

_Columns = dict[str, type[pl.DataType]]
_REQUIRED: dict[str, _Columns] = {
    "candidates": {
        "item": pl.String,
        "maker": pl.String,
        "resource": pl.String,
        "tooling_cost": pl.Float64,
        "lead_years": pl.Int64,
        "use_per_year": pl.Float64,
        "annual_saving": pl.Float64,
        "opens": pl.Int64,
        "share": pl.Float64,
        "max_makers": pl.Int64,
    },
    "capacity": {"resource": pl.String, "year": pl.Int64, "amount": pl.Float64},
    "budgets": {"year": pl.Int64, "amount": pl.Float64, "discount": pl.Float64},
    "floors": {"group": pl.String},
    "links": {"item": pl.String, "with_item": pl.String, "kind": pl.String},
    "openings": {"what": pl.String, "name": pl.String, "cost": pl.Float64},
    "fixed": {
        "item": pl.String,
        "maker": pl.String,
        "resource": pl.String,
        "start_year": pl.Int64,
    },
}
# The columns that may be absent, and what stands in each row then.
_OPTIONAL: dict[str, dict[str, tuple[type[pl.DataType], object]]] = {
    "candidates": {
        "needed_from": (pl.Int64, 0),
        "group": (pl.String, None),
        "fund": (pl.String, None),
        "required": (pl.Boolean, False),
        "probability": (pl.Float64, 1.0),
        "delay_years": (pl.Int64, 0),
        "cost_effect": (pl.Float64, None),
        "currency": (pl.String, None),
    },
    "budgets": {"fund": (pl.String, None), "currency": (pl.String, None)},
    "floors": {
        "floor_share": (pl.Float64, 0.0),
        "floor_amount": (pl.Float64, 0.0),
        "owed": (pl.Float64, 0.0),
        "currency": (pl.String, None),
    },
    "openings": {"currency": (pl.String, None)},
}
_MAY_BE_EMPTY = {("candidates", "group"), ("candidates", "fund"), ("budgets", "fund")}
_TRUE, _FALSE = ["true", "1"], ["false", "0"]


def require_columns(given: dict[str, pl.DataFrame]) -> None:
    """Refuse tables without a column they need, and a horizon without years."""
    for table, frame in given.items():
        missing = [name for name in _REQUIRED[table] if name not in frame.columns]
        if table == "candidates" and "floors" in given and "group" not in frame.columns:
            missing.append("group")
        if table == "floors" and not {"floor_share", "floor_amount"} & set(frame.columns):
            missing.append("floor_share (or floor_amount)")
        if missing:
            raise PlanError(
                f"{table}: no column {', '.join(missing)}; found: {', '.join(frame.columns)}"
            )
    if given["budgets"].is_empty():
        raise PlanError("budgets: no rows; give one row for each year of the horizon, from 0 on")


def unreadable(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Name the cells that are empty or no numbers."""
    rules = []
    for column, kind in _given_columns(table, frame).items():
        if _in_lists(frame, column):
            continue
        text = pl.col(column).cast(pl.String).str.strip_chars()
        if kind == pl.Boolean:
            known = text.str.to_lowercase().is_in(_TRUE + _FALSE)
            rules.append((column, ~known.fill_null(value=False), "it is neither true nor false"))
        elif kind == pl.String:
            if (table, column) not in _MAY_BE_EMPTY:
                rules.append((column, text.is_null() | (text == ""), "it is empty"))
        else:
            number = pl.col(column).cast(pl.Float64, strict=False)
            rules.append((column, number.is_null() | number.is_nan(), "it is not a number"))
            if kind == pl.Int64:
                whole = number.is_finite() & (number == number.round())
                rules.append((column, ~whole & number.is_not_nan(), "it is not a whole number"))
    return broken(table, frame, rules)


def typed(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Give a table all its columns, typed; other columns are left out."""
    given = _given_columns(table, frame)
    absent = {n: what for n, what in _OPTIONAL.get(table, {}).items() if n not in given}
    columns = [_read(frame, name, kind) for name, kind in given.items()]
    columns += [pl.lit(value, dtype=kind).alias(name) for name, (kind, value) in absent.items()]
    order = [*_REQUIRED[table], *_OPTIONAL.get(table, {})]
    return frame.select(columns).select(order)


def broken(table: str, frame: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """List the rows that break a rule: their table, row, column, the reason and what is there."""
    found = [pl.DataFrame(schema=PROBLEMS)]
    if not rules:
        return found[0]
    # Nearly always no row breaks any rule: one pass tells.
    breaks = frame.select(
        is_bad.any().alias(str(at)) for at, (_, is_bad, _) in enumerate(rules)
    ).row(0)
    numbered = frame.with_row_index("row", offset=1)
    for (column, is_bad, reason), some in zip(rules, breaks, strict=True):
        if some:
            found.append(
                numbered.filter(is_bad).select(
                    table=pl.lit(table),
                    row=pl.col("row").cast(pl.Int64),
                    column=pl.lit(column),
                    reason=pl.lit(reason),
                    found=pl.col(column).cast(pl.String).fill_null("nothing"),
                )
            )
    return pl.concat(found)


def _given_columns(table: str, frame: pl.DataFrame) -> _Columns:
    # A column without a single value says as much as none, if none is what stands for it.
    optional = {
        name: kind
        for name, (kind, otherwise) in _OPTIONAL.get(table, {}).items()
        if name in frame.columns
        and not (otherwise is None and frame[name].null_count() == frame.height)
    }
    return _REQUIRED[table] | optional


def _in_lists(frame: pl.DataFrame, column: str) -> bool:
    return column == "group" and frame.schema[column].base_type() == pl.List


def _read(frame: pl.DataFrame, name: str, kind: type[pl.DataType]) -> pl.Expr:
    column = pl.col(name)
    if _in_lists(frame, name):
        lists = column.cast(pl.List(pl.String)).list.drop_nulls()
        # Where no candidate has more than one group, a plain column says the same.
        most = frame.select(lists.list.len().max()).item()
        return lists.list.first() if (most or 0) <= 1 else lists
    if kind == pl.Boolean:
        return column.cast(pl.String).str.strip_chars().str.to_lowercase().is_in(_TRUE).alias(name)
    return column.cast(kind)
