"""A table of trade with its columns named and typed as ours, as an unbound expression."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from onshore.trade.engines import Engine
from onshore.trade.errors import TradeError
from onshore.trade.layout import Layout

if TYPE_CHECKING:
    import ibis.expr.types as ir

_EASTERN, _LATIN = "۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩٫", "01234567890123456789."
LARGEST = 1e100
"""Beyond it sums and squares of floats would no longer be finite."""

_NONE = ("", "-", "nan", "null", "na", "n/a", "..", ":")


def typed(table: ir.Table, layout: Layout) -> ir.Table:
    """Name and type the columns.

    Keys keep their own types. ``period`` becomes the year (int64), ``value`` and ``quantity``
    float64.
    """
    import ibis

    wanted: dict[str, ir.Value] = {}
    for column, heading in layout.columns.items():
        cell = table[heading]
        if column == "period":
            wanted[column] = _year(cell, layout.period_digits)
        elif column in ("value", "quantity"):
            wanted[column] = _number(cell)
        else:
            wanted[column] = cell
    if layout.home is not None:
        wanted["reporter"] = ibis.literal(layout.home)
    return table.select(**wanted)


def checked(engine: Engine, layout: Layout, source: str) -> Layout:
    """Refuse cells that cannot be read as a number or a year; tell how periods are written."""
    table = engine.table()
    for column in ("value", "quantity"):
        heading = layout.columns.get(column)
        if heading is not None and table[heading].type().is_string():
            is_wrong = _said(table[heading]).notnull() & _number(table[heading]).isnull()
            step = "Write plain numbers, with a point and without thousands separators."
            _refuse(engine, table[heading], is_wrong, source, "is not a number", step)
    digits = _checked_period(engine, table[layout.columns["period"]], source)
    return replace(layout, period_digits=digits)


def stored_layout(layout: Layout) -> Layout:
    """Give the layout of a table whose columns are named as ours already."""
    columns = (*layout.columns, "reporter") if layout.home is not None else layout.columns
    return replace(layout, columns={column: column for column in columns}, home=None)


def _said(cell: ir.Column) -> ir.StringValue:
    text = cell.strip()
    return text.lower().isin(_NONE).ifelse(None, text)


def _number(cell: ir.Column) -> ir.NumericValue:
    kind = cell.type()
    if not (kind.is_string() or kind.is_floating()):
        return cell.cast("float64")
    text = _said(cell).translate(_EASTERN, _LATIN) if kind.is_string() else None
    number = cell.cast("float64") if text is None else text.try_cast("float64")
    # Neither NaN nor infinity is a figure; DuckDB holds both to be greater than all others.
    return (number.abs() <= LARGEST).ifelse(number, None)


def _year(cell: ir.Column, digits: int) -> ir.IntegerValue:
    kind = cell.type()
    if kind.is_temporal():
        return cell.year().cast("int64")
    if kind.is_string():
        return cell.strip().translate(_EASTERN, _LATIN).left(4).try_cast("int64")
    number = cell if kind.is_integer() else cell.cast("int64")
    return number if digits == _YEAR else (number // 10 ** (digits - _YEAR)).cast("int64")


_YEAR = 4


def _checked_period(engine: Engine, cell: ir.Column, source: str) -> int:
    """Refuse periods that are no years, or of several lengths; give the digits of numbers."""
    kind = cell.type()
    if kind.is_temporal():
        return _YEAR
    if kind.is_string():
        length = cell.strip().length()
        is_year = _year(cell, _YEAR).between(1000, 2999)
        step = "Write 2020, 2020-03 or 1403."
    elif kind.is_numeric():
        length = cell.cast("int64").cast("string").length()
        is_year = cell.between(1000, 2999) | cell.between(100_001, 299_912)
        is_year |= cell.between(10_000_101, 29_991_231)
        step = "Write 2020 or, by month, 202003."
    else:
        raise TradeError(f"{source}: column {cell.get_name()} holds {kind}, not years. Write 2020.")
    rows = engine.table().select(length=length, wrong=~is_year.fill_null(False))
    found = engine.run(
        rows.agg(least=rows.length.min(), most=rows.length.max(), wrong=rows.wrong.any())
    )
    least, most, wrong = found.row(0)
    if wrong:
        _refuse(engine, cell, ~is_year.fill_null(False), source, "is not a year", step)
    if least is not None and least == _YEAR < most:
        raise TradeError(
            f"{source}, column {cell.get_name()}: whole years stand beside months or days, which "
            "would count twice. Keep one of them."
        )
    return _YEAR if kind.is_string() or most is None else int(most)


def _refuse(
    engine: Engine,
    cell: ir.Column,
    is_wrong: ir.BooleanValue,
    source: str,
    reason: str,
    step: str,
) -> None:
    wrong = engine.table().select(cell=cell, wrong=is_wrong)
    wrong = wrong.filter(wrong.wrong)
    found = engine.run(wrong.agg(count=wrong.count(), example=wrong.cell.cast("string").max()))
    count, example = found.row(0)
    if not count:
        return
    row, example = engine.first_row(cell, is_wrong) or (None, example)
    heading = cell.get_name()
    place = f"row {row}, column {heading}" if row else f"column {heading}"
    told = "an empty cell" if example is None else f"'{example}'"
    raise TradeError(
        f"{source}, {place}: {told} {reason} ({count} such cell{'s' if count > 1 else ''}). {step}"
    )
