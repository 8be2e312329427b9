"""The cells of a chain's tables: read as their types, each bad one named with its row."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from onshore.chain.errors import PROBLEMS
from onshore.chain.tables import BOOL, DATE, KEYS, NUMBER, TABLES, TEXT, WHOLE, Field

Problems = list[pl.DataFrame]
"""Tables of bad rows, as the error carries them."""

_LARGEST = 1e15  # beyond this a solver takes a number for none
FIRST_ROW = 2  # as a spreadsheet counts, the heading being row 1
_DIGITS = ["۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩٫−", "01234567890123456789.-"]
_TRUE, _FALSE = ["true", "yes", "1"], ["false", "no", "0"]
_TYPES = {NUMBER: "number", WHOLE: "whole number", DATE: "date", BOOL: "true or false"}
_WRITE = {
    NUMBER: "Write digits with a point for decimals, such as 1250.5.",
    WHOLE: "Write digits only, such as 2025.",
    DATE: "Write it as 2025-03-21.",
    BOOL: "Write true or false.",
}


def typed(table: str, given: pl.DataFrame, problems: Problems) -> pl.DataFrame:
    """Give a table all its columns, typed, other columns behind them; note the bad cells."""
    fields = TABLES[table]
    texts = given.rename({name: name.strip() for name in given.columns})
    lacking = [n for n, f in fields.items() if f.required and n not in texts.columns]
    if lacking:
        found = ", ".join(texts.columns) or "no columns"
        for name in lacking:
            problems.append(
                problem(
                    table, name, "the column is missing", f"Add it: {fields[name].meaning}", found
                )
            )
    columns = []
    for name, field in fields.items():
        if name in texts.columns:
            values = _read(texts[name], field.kind)
            _note_unread(table, texts, name, values, field, problems)
        else:
            values = pl.Series(name, [None] * texts.height, dtype=field.kind)
        columns.append(values.fill_null(field.default) if field.default is not None else values)
    others = [texts[name] for name in texts.columns if name not in fields]
    frame = pl.DataFrame([*columns, *others])
    for name, field in fields.items():
        if name in texts.columns:
            _note_outside(table, frame, name, field, problems)
    if not lacking:
        _note_twice(table, frame, problems)
    return frame


def check_references(tables: Mapping[str, pl.DataFrame], problems: Problems) -> None:
    """Note the cells that name what another table does not have."""
    for table, frame in tables.items():
        for name, field in TABLES[table].items():
            if field.refers is None or frame.is_empty():
                continue
            known = tables[field.refers][KEYS[field.refers][0]].drop_nulls()
            bad = frame[name].is_not_null() & ~frame[name].is_in(known.implode())
            if bad.any():
                next_step = f"Add it to {field.refers}, or write one of its keys here."
                problems.append(
                    bad_rows(table, frame, name, bad, f"{field.refers} has no such row", next_step)
                )


def bad_rows(
    table: str, frame: pl.DataFrame, column: str, bad: pl.Series, reason: str, next_step: str
) -> pl.DataFrame:
    """List the rows for which ``bad`` is true."""
    keys = [pl.col(name).cast(TEXT) for name in KEYS.get(table, ("name",)) if name in frame.columns]
    found = pl.col(column).cast(TEXT) if column in frame.columns else pl.lit(None, TEXT)
    return (
        frame.with_row_index("_row", offset=FIRST_ROW)
        .filter(bad)
        .select(
            table=pl.lit(table),
            row=pl.col("_row").cast(pl.Int64),
            key=pl.concat_str(keys, separator=", ", ignore_nulls=True) if keys else pl.lit(None),
            column=pl.lit(column),
            reason=pl.lit(reason),
            found=found,
            next_step=pl.lit(next_step),
        )
        .cast(dict(PROBLEMS))  # type: ignore[arg-type]
    )


def problem(
    table: str, column: str, reason: str, next_step: str, found: str = "", key: str = ""
) -> pl.DataFrame:
    """Note something that is wrong with a table and is not about one row."""
    values = [table, None, key, column, reason, found, next_step]
    return pl.DataFrame([values], schema=PROBLEMS, orient="row")


def _read(series: pl.Series, kind: type[pl.DataType]) -> pl.Series:
    if series.dtype == kind and kind != TEXT:
        return series.fill_nan(None) if kind == NUMBER else series
    if series.dtype.is_numeric() and kind in (NUMBER, WHOLE):
        number = series.cast(NUMBER, strict=False)
        return number.fill_nan(None) if kind == NUMBER else _whole(number)
    if series.dtype == pl.Datetime and kind == DATE:
        return series.cast(pl.Date)
    text = series.cast(TEXT, strict=False).str.strip_chars()
    text = text.set(text == "", None)
    if kind == TEXT:
        return text
    if kind == BOOL:
        low = text.str.to_lowercase()
        known = low.is_in([*_TRUE, *_FALSE])
        return low.is_in(_TRUE).set(~known, None)
    plain = text.str.replace_many(list(_DIGITS[0]), list(_DIGITS[1]))
    if kind == DATE:
        return plain.str.to_date("%Y-%m-%d", strict=False)
    number = plain.cast(NUMBER, strict=False).fill_nan(None)
    return number if kind == NUMBER else _whole(number)


def _whole(number: pl.Series) -> pl.Series:
    is_whole = number.is_finite() & (number == number.round()) & (number.abs() < 2.0**53)
    return number.set(~is_whole.fill_null(value=False), None).cast(WHOLE)


def _note_unread(
    table: str,
    texts: pl.DataFrame,
    name: str,
    values: pl.Series,
    field: Field,
    problems: Problems,
) -> None:
    given = texts[name].cast(TEXT, strict=False).str.strip_chars()
    empty = given.is_null() | (given == "")
    unread = values.is_null() & ~empty
    if unread.any():
        reason = f"it is not a {_TYPES[field.kind]}"
        problems.append(bad_rows(table, texts, name, unread, reason, _WRITE[field.kind]))
    if field.required and empty.any():
        reason = "it is empty"
        if (table, name) == ("assets", "from_year"):
            reason = "this capacity has no year: the first year in service is empty"
        problems.append(bad_rows(table, texts, name, empty, reason, f"Fill in: {field.meaning}"))


def _note_outside(
    table: str, frame: pl.DataFrame, name: str, field: Field, problems: Problems
) -> None:
    values = frame[name]
    if field.choices:
        bad = values.is_not_null() & ~values.is_in(list(field.choices))
        if bad.any():
            one_of = " or ".join(field.choices)
            problems.append(
                bad_rows(table, frame, name, bad, "it is not known", f"Write {one_of}.")
            )
    if field.kind != NUMBER:
        return
    endless = values.abs() > _LARGEST
    rules = [(endless, "it is without bound", "Write a number below 1e15, or leave it empty.")]
    if field.least is not None:
        rules.append((values < field.least, f"it is below {field.least:g}", "Mend the figure."))
    if field.most is not None:
        rules.append((values > field.most, f"it is above {field.most:g}", "Mend the figure."))
    for bad, reason, next_step in rules:
        if bad.any():
            told = bad.fill_null(value=False)
            problems.append(bad_rows(table, frame, name, told, reason, next_step))


def _note_twice(table: str, frame: pl.DataFrame, problems: Problems) -> None:
    keys = KEYS.get(table)
    if keys is None or frame.is_empty():
        return
    twice = frame.select(pl.struct(keys).is_duplicated()).to_series()
    if twice.any():
        reason = f"the same {', '.join(keys)} stands in several rows"
        next_step = "Keep one row, or add their amounts up."
        problems.append(bad_rows(table, frame, keys[0], twice, reason, next_step))
