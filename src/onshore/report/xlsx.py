"""A bulletin as a workbook: values to compute with, one sheet for each section."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any, Final

import polars as pl

from onshore.figures import Basis, shown
from onshore.report.bulletin import Bulletin, Column, Section, Table
from onshore.report.words import Locale
from onshore.report.xlsx_styles import NUMERIC, Styles

_NAME_LIMIT: Final = 31
_FORBIDDEN: Final = str.maketrans(dict.fromkeys("[]:*?/\\", " "))
_TEXT_LIMIT: Final = 32_767
_FOOT_LIMIT: Final = 200
_NARROWEST: Final = 9
_WIDEST: Final = 46
_OLDEST: Final = datetime(1980, 1, 1, tzinfo=UTC)
_A4: Final = 9
_TEXT: Final = Column("text", "")

_WORDS: Final[dict[str, dict[str, str]]] = {
    "en": {
        "about": "About",
        "basis": "Basis or status",
        "figure": "Figure",
        "figures": "Main figures",
        "gregorian": "Gregorian",
        "ladder": "How much of a figure stands, from a wish to a verified fact",
        "note": "Note",
        "notices": "Read first",
        "page": "Page &P of &N",
        "section": "Section",
        "solar_hijri": "Solar Hijri",
        "sources": "Sources",
        "value": "Value",
    },
    "fa": {
        "about": "درباره",
        "basis": "پایه یا وضعیت",
        "figure": "رقم",
        "figures": "رقم‌های اصلی",
        "gregorian": "میلادی",
        "ladder": "هر رقم تا کجا قطعی است؛ از هدف تا راستی‌آزمایی",
        "note": "توضیح",
        "notices": "پیش از خواندن",
        "page": "صفحهٔ &P از &N",
        "section": "بخش",
        "solar_hijri": "خورشیدی",
        "sources": "منابع",
        "value": "مقدار",
    },
}


def to_xlsx(bulletin: Bulletin, *, created: datetime | None = None) -> bytes:
    """Render a bulletin as a workbook.

    The first sheet says what the bulletin is, gives its main figures, its notices, the ladder and
    the sources. Each section is a sheet with its tables one under another. Numbers are numbers
    (shares are fractions shown in percent), dates are dates, texts are texts: none is ever taken
    for a formula or a link. Charts are left out; their figures are in the tables. In Persian the
    sheets run from right to left, and a date has the same day of the solar calendar beside it.

    Parameters
    ----------
    bulletin
        What is to be shown, in one language.
    created
        Creation date to write into the file; the oldest an archive can hold if absent, so that
        the same bulletin gives the same bytes.

    Returns
    -------
    bytes
        The workbook.

    Examples
    --------
    >>> from onshore.report import Bulletin, to_xlsx
    >>> to_xlsx(Bulletin("en", "Savings", "2024", (), (), ()))[:2]
    b'PK'
    """
    import xlsxwriter

    buffer = BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
        "default_format_properties": {"font_name": "Arial", "font_size": 10},
    }
    with xlsxwriter.Workbook(buffer, options) as workbook:
        workbook.set_properties(
            {
                "title": bulletin.title,
                "subject": bulletin.subtitle,
                "created": (created or _OLDEST).astimezone(UTC),
            }
        )
        styles = Styles(workbook, bulletin.locale)
        about = _WORDS[bulletin.locale]["about"]
        names = _sheet_names([about, *(section.name for section in bulletin.sections)])
        _write_about(_sheet(workbook, next(names), bulletin), bulletin, styles)
        for section in bulletin.sections:
            _write_section(_sheet(workbook, next(names), bulletin), section, styles)
    return buffer.getvalue()


def _sheet_names(wanted: list[str]) -> Iterator[str]:
    """Yield names a workbook accepts: no forbidden sign, at most 31 characters, no two alike."""
    taken: set[str] = set()
    for name in wanted:
        clean = " ".join(name.translate(_FORBIDDEN).split()).strip("' ") or "-"
        candidate, number = clean[:_NAME_LIMIT].strip("' "), 1
        # Excel keeps "History" for itself.
        while candidate.casefold() in taken | {"history"}:
            number += 1
            tail = f" {number}"
            candidate = clean[: _NAME_LIMIT - len(tail)] + tail
        taken.add(candidate.casefold())
        yield candidate


def _sheet(workbook: Any, name: str, bulletin: Bulletin) -> Any:
    sheet = workbook.add_worksheet(name)
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.8)
    sheet.fit_to_pages(1, 0)
    foot = bulletin.foot or next(iter(bulletin.notices), bulletin.title)
    if len(foot) > _FOOT_LIMIT:
        foot = foot[: _FOOT_LIMIT - 1] + "…"
    left, right = foot.replace("&", "&&"), _WORDS[bulletin.locale]["page"]
    if bulletin.locale == "fa":
        sheet.right_to_left()
        left, right = right, left
    sheet.set_footer(f"&L&8{left}&R&8{right}")
    return sheet


def _write_about(sheet: Any, bulletin: Bulletin, styles: Styles) -> None:
    words = _WORDS[bulletin.locale]
    widths = (26, 34, 30, 22, 56)
    for index, width in enumerate(widths):
        sheet.set_column(index, index, width)
    page = _Page(sheet, styles, widths)
    page.paragraph(bulletin.title, styles.title, size=16)
    page.paragraph(bulletin.subtitle, styles.muted)
    page.skip()
    for label, value in bulletin.imprint:
        page.cells((label, styles.muted), (value, styles.running))
    if bulletin.notices:
        page.section(words["notices"])
        for notice in bulletin.notices:
            page.paragraph(notice, styles.running)
    if any(section.headlines for section in bulletin.sections):
        page.section(words["figures"])
        heads = (words[key] for key in ("section", "figure", "value", "basis", "note"))
        page.cells(*((head, styles.column_head(_TEXT)) for head in heads))
        for section in bulletin.sections:
            for headline in section.headlines:
                basis = headline.basis
                page.cells(
                    (section.name, styles.running),
                    (headline.label, styles.running),
                    (headline.value, styles.strong),
                    (basis.label(styles.locale), styles.basis(basis))
                    if basis is not None
                    else (headline.status, styles.running),
                    (headline.note, styles.muted),
                )
    if bulletin.on_ladder:
        page.section(words["ladder"])
        for basis in sorted(Basis, reverse=True):
            step = shown.digits(str(basis.step), styles.locale)
            ink = styles.basis(basis)
            page.cells((step, styles.muted), (basis.label(styles.locale), ink))
    if bulletin.sources:
        page.section(words["sources"])
        for source in bulletin.sources:
            page.paragraph(source, styles.running)


def _write_section(sheet: Any, section: Section, styles: Styles) -> None:
    tables = [_with_solar_days(table, styles) for table in section.tables]
    widths = _widths(tables, styles.locale) or [2 * _WIDEST]
    for index, width in enumerate(widths):
        sheet.set_column(index, index, width)
    page = _Page(sheet, styles, widths)
    page.paragraph(section.title, styles.title, size=16)
    if section.lead:
        page.paragraph(section.lead, styles.running)
    for table in tables:
        page.section(table.title)
        head = page.row
        _write_table(page, table, styles)
        if len(tables) == 1:
            sheet.freeze_panes(head + 1, 0)
            sheet.repeat_rows(head)
            body = table.frame.height - table.total
            if body > 0:
                sheet.autofilter(head, 0, head + body, len(table.columns) - 1)
        if table.note:
            page.paragraph(table.note, styles.muted)
    if len(tables) != 1:
        sheet.repeat_rows(0)
    if section.notes:
        page.skip()
    for note in section.notes:
        page.paragraph(note, styles.muted)


def _write_table(page: "_Page", table: Table, styles: Styles) -> None:
    page.cells(*((_heading(column), styles.column_head(column)) for column in table.columns))
    last = table.frame.height - 1
    columns = [(column, table.frame[column.key].to_list()) for column in table.columns]
    for index in range(table.frame.height):
        total = table.total and index == last
        page.cells(*(_cell(column, values[index], total, styles) for column, values in columns))


def _heading(column: Column) -> str:
    return f"{column.title} ({column.unit})" if column.unit else column.title


def _cell(column: Column, value: Any, total: bool, styles: Styles) -> tuple[Any, Any]:
    """Return the value as the sheet holds it, and its format."""
    if value is None or value == "" or (isinstance(value, float) and not math.isfinite(value)):
        return None, styles.cell(column, total=total)
    if column.kind == "basis":
        basis = Basis.parse(value)
        return basis.label(styles.locale), styles.basis(basis, total=total)
    if isinstance(value, Decimal):
        value = float(value)
    if column.kind == "percent":
        value = value / 100
    if column.kind == "year" and str(value).isdecimal():
        value = int(value)
    return value, styles.cell(column, total=total)


def _with_solar_days(table: Table, styles: Styles) -> Table:
    """Give each date of a Persian table its day of the solar calendar beside it."""
    if styles.locale != "fa":
        return table
    columns: list[Column] = []
    frame = table.frame
    for column in table.columns:
        if column.kind != "date":
            columns.append(column)
            continue
        key = f"{column.key} solar"
        days = [
            None if day is None else shown.day(day, "fa", "solar_hijri")
            for day in frame[column.key]
        ]
        frame = frame.with_columns(pl.Series(key, days, dtype=pl.String))
        columns += [
            replace(column, key=key, kind="text", unit=_WORDS[styles.locale]["solar_hijri"]),
            replace(column, unit=_WORDS[styles.locale]["gregorian"]),
        ]
    return replace(table, columns=tuple(columns), frame=frame)


def _widths(tables: list[Table], locale: Locale) -> list[float]:
    """Return the width of each column, in characters, for all the tables that share it."""
    widths: list[float] = [_NARROWEST] * max((len(table.columns) for table in tables), default=0)
    for table in tables:
        for index, column in enumerate(table.columns):
            heading = max(map(len, _heading(column).split()), default=0)
            cells = (_length(column, value, locale) for value in table.frame[column.key])
            wanted = 1.1 * max(heading + 2, *cells, 0) + 2
            widths[index] = min(max(widths[index], wanted), _WIDEST)
    return widths


def _length(column: Column, value: Any, locale: Locale) -> int:
    if value is None:
        return 0
    if column.kind == "basis" and value:
        return len(Basis.parse(value).label(locale))
    if column.kind == "date":
        return len("2024-03-20")
    if column.kind in NUMERIC and not isinstance(value, str):
        if column.decimals is None:
            return len(shown.number(value, "en"))
        return len(f"{value:,.{column.decimals}f}")
    return max(map(len, str(value).splitlines()), default=0)


class _Page:
    """A sheet that is filled from the top; it remembers the next free row.

    ``widths`` are those of its columns, in characters, for the height of wrapped texts: not
    every program finds it by itself.
    """

    def __init__(self, sheet: Any, styles: Styles, widths: Sequence[float]) -> None:
        self._sheet = sheet
        self._styles = styles
        self._widths = widths
        self.row = 0

    def skip(self) -> None:
        self.row += 1

    def section(self, title: str) -> None:
        self.skip()
        self.paragraph(title, self._styles.heading, size=12)

    def paragraph(self, text: str, style: Any, size: float = 10) -> None:
        """Write a text over all columns, in a row high enough for its lines."""
        self._sheet.set_row(self.row, _height(text, sum(self._widths), size))
        if len(self._widths) > 1:
            self._sheet.merge_range(self.row, 0, self.row, len(self._widths) - 1, "", style)
        self._write((text, style))

    def cells(self, *cells: tuple[Any, Any]) -> None:
        """Write a row, high enough for its longest text."""
        texts = zip((value for value, _ in cells), self._widths, strict=False)
        heights = [_height(text, width) for text, width in texts if isinstance(text, str)]
        if max(heights, default=0) > _height("", 1):
            self._sheet.set_row(self.row, max(heights))
        self._write(*cells)

    def _write(self, *cells: tuple[Any, Any]) -> None:
        """Write each value by its own type, whatever a text looks like."""
        for column, (value, style) in enumerate(cells):
            if value is None:
                self._sheet.write_blank(self.row, column, None, style)
            elif isinstance(value, bool | str):
                self._sheet.write_string(self.row, column, _shortened(str(value)), style)
            elif isinstance(value, date):
                self._sheet.write_datetime(self.row, column, value, style)
            else:
                self._sheet.write_number(self.row, column, value, style)
        self.row += 1


def _height(text: str, width: float, size: float = 10) -> float:
    """Height in points of a text wrapped to a width in characters."""
    room = width * 10 / size / 1.15
    lines = sum(max(1, math.ceil(len(line) / room)) for line in text.splitlines() or [""])
    return (1.4 * lines + 0.2) * size


def _shortened(text: str) -> str:
    return text if len(text) <= _TEXT_LIMIT else text[: _TEXT_LIMIT - 1] + "…"
