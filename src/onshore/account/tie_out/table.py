"""The table of published figures: read with every bad cell named."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import polars as pl

from onshore.account.tie_out.figure import Figure, find_hedge, read_value, span_of
from onshore.account.tie_out.written_units import read_unit
from onshore.codes import fold
from onshore.figures import FigureError
from onshore.records import Column, RowError, Schema
from onshore.records.cells import Known
from onshore.records.errors import Findings
from onshore.records.reading import read_sheet

COLUMNS = (
    *("id", "statement", "value", "unit", "period_gregorian", "period_solar_hijri"),
    *("basis", "sector_or_place", "who", "source"),
)
"""Columns of the table; ``note`` and others may stand beside them and are not read."""

_MEANINGS = {
    "id": ("key", True, "a short name of the figure, once in the table", "key; شناسه; شماره"),
    "statement": ("text", True, "what the figure says", "indicator; text; claim; شرح; عنوان"),
    "value": ("text", False, "the number as it was printed", "figure; amount; مقدار; رقم"),
    "unit": ("text", False, "its unit with its scale, such as million EUR", "واحد"),
    "period_gregorian": ("text", False, "its period, Gregorian", "period; دوره میلادی; دوره"),
    "period_solar_hijri": ("text", False, "its period, Solar Hijri", "دوره شمسی; دوره خورشیدی"),
    "basis": ("text", False, "planned, realised, target or another", "مبنا"),
    "sector_or_place": ("text", False, "sector, place, or a list of them", "sector; place; بخش"),
    "who": ("text", False, "who said it", "speaker; گوینده"),
    "source": ("text", False, "where it was published", "منبع"),
}
_SCHEMA = Schema(
    "figures",
    ("id",),
    "Figures",
    "ارقام",
    "Published figures.",
    tuple(
        Column(
            name, kind, required=required, meaning=meaning,
            synonyms=tuple(text.strip() for text in synonyms.split(";")),
        )
        for name, (kind, required, meaning, synonyms) in _MEANINGS.items()
    ),
)  # fmt: skip


@dataclass(frozen=True)
class FigureTable:
    """The figures of a table, what is wrong with it, and what a person should know of it."""

    figures: tuple[Figure, ...]
    errors: tuple[RowError, ...]
    notes: tuple[str, ...]


def read_figures(path: str | Path) -> FigureTable:
    r"""Read a table of published figures from a CSV, XLSX or Parquet file.

    Parameters
    ----------
    path
        A table with the columns ``id``, ``statement``, ``value``, ``unit``,
        ``period_gregorian``, ``period_solar_hijri``, ``basis``, ``sector_or_place``, ``who`` and
        ``source``; the first three are needed. Other columns are not read.

    Returns
    -------
    FigureTable
        The figures in order, and every error with file, row, column, reason and next step. Where
        there is an error, the table should not be used.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "f.csv"
    >>> _ = path.write_text("id,statement,value,unit\nA,Exports,more than 66,million USD\n")
    >>> figure = read_figures(path).figures[0]
    >>> figure.number, figure.unit.currency, figure.hedge
    (Decimal('66'), 'USD', 'at least')
    """
    path = Path(path)
    findings = Findings(path.name)
    read = read_sheet(path, _SCHEMA, findings, Known())
    errors = list(_errors(findings))
    if read.layout and not errors:
        errors += [
            _missing(path.name, name)
            for name in ("statement", "value")
            if name not in read.layout.positions
        ]
        if read.frame.is_empty() and not errors:
            errors.append(
                RowError(
                    path.name, 0, "", "the table has no figures.", "",
                    "write a figure a row under the headings.",
                )
            )  # fmt: skip
    figures = []
    if not errors:
        for row, cells in zip(read.rows, read.frame.iter_rows(named=True), strict=True):
            try:
                figures.append(_figure(row, cells))
            except FigureError as mistake:
                heading = read.headings.get("value", "value")
                reason, _, step = str(mistake).partition(". ")
                errors.append(
                    RowError(
                        path.name, row, heading, f"{reason.rstrip('.')}.", cells["value"] or "",
                        step or "write one number, such as 1045 or 1.5.",
                    )
                )  # fmt: skip
    return FigureTable(tuple(figures), tuple(errors), tuple(findings.notes))


def _errors(findings: Findings) -> list[RowError]:
    from onshore.records import row_errors

    return list(row_errors(findings.frame()))


def _missing(file: str, name: str) -> RowError:
    return RowError(
        file, 1, name, "the column is missing.", "", f"add it: {_MEANINGS[name][2]}."
    )  # fmt: skip


def figures_of(frame: pl.DataFrame) -> tuple[Figure, ...]:
    """Read figures from a frame of texts with the table's columns.

    Raises
    ------
    FigureError
        A value cannot be read.
    """
    absent = [pl.lit(None, pl.String).alias(n) for n in COLUMNS if n not in frame.columns]
    texts = frame.with_columns(absent).select(pl.col(name).cast(pl.String) for name in COLUMNS)
    return tuple(_figure(i, cells) for i, cells in enumerate(texts.iter_rows(named=True), start=2))


_DATE_LIKE = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}")


def _figure(row: int, cells: dict[str, str | None]) -> Figure:
    text = {name: (cells[name] or "").strip() for name in COLUMNS}
    unit = read_unit(text["unit"])
    number, spread = None, Decimal(0)
    dated = unit.kind == "date" or _DATE_LIKE.search(fold(text["value"]))
    if dated:
        unit = read_unit("date")
    else:
        try:
            number, spread, rest = read_value(text["value"])
        except FigureError:
            # The name of a year, such as 2017/18, is not a number.
            if unit.kind not in {"year", "years"}:
                raise
            rest = ""
        if rest and not text["unit"]:
            unit = read_unit(rest)
    return Figure(
        id=text["id"],
        row=row,
        statement=text["statement"],
        written=text["value"],
        number=number,
        unit=unit,
        gregorian=span_of(text["period_gregorian"]),
        solar=span_of(text["period_solar_hijri"]),
        basis=text["basis"],
        sector=text["sector_or_place"],
        who=text["who"],
        source=text["source"],
        hedge=find_hedge(text["value"], text["statement"]),
        spread=spread,
    )
