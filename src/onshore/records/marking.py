"""The user's sheets given back with the faulty cells marked, and a sheet that lists them."""

import datetime as dt
import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import polars as pl

from onshore.records.choice import Choice, ChosenSheet
from onshore.records.errors import FileFault, Findings
from onshore.records.headings import find_layout, guess_table, heading_key, table_named
from onshore.records.schemas import schema
from onshore.records.settings import FILE
from onshore.records.sheets import open_sheet
from onshore.records.whole import write_whole
from onshore.records.writing import (
    MOST_CHARACTERS,
    MOST_ROWS,
    WORKBOOK_OPTIONS,
    number_or_text,
)
from onshore.records.xlsx_file import Page, XlsxFile

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

MOST_COMMENTS = 10_000
_FILL, _LINE = "#F7D5D0", "#B3261E"
_LONGEST_NAME = 31
_FIRST_YEAR = 1900


def mark_errors(
    path: str | Path, errors: pl.DataFrame, out: str | Path, *, choice: Choice | None = None
) -> None:
    """Write an XLSX workbook of the sheets that have errors, with the faulty cells marked.

    A cell with an error is filled and has a comment with the reason and the next step (the
    first ten thousand; all are filled and listed). The last sheet, Errors, lists the errors.
    Where one workbook alone has errors, all its sheets come back under their own names and in
    their order; of several files, each table's sheet has the table's name. Either way the
    mended workbook can be read again.

    Numbers, dates and texts are kept as they are, and an error such as ``#N/A`` as a text.
    Formulas come back as their values; colours, widths, merged cells and charts do not.

    Parameters
    ----------
    path
        The folder or file that was checked.
    errors
        Frame of errors, as `check` gives it.
    out
        Where the workbook shall be.
    choice
        How the file was read, where a person chose it.

    Raises
    ------
    ValueError
        ``out`` does not end in ``.xlsx``.
    """
    out = Path(out)
    if out.suffix.lower() != ".xlsx":
        raise ValueError(f"{out.name}: marked sheets are written as .xlsx; name the file so.")
    path = Path(path)
    path = path.parent if path.name == FILE else path
    write_whole(out.parent, {out.name: lambda place: _write(path, errors, place, choice)})


def _write(path: Path, errors: pl.DataFrame, place: Path, choice: Choice | None) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(place, WORKBOOK_OPTIONS) as workbook:
        styles = _Styles(workbook)
        names = errors["file"].unique(maintain_order=True).to_list()
        read = [(name, _read(path / name if path.is_dir() else path, choice)) for name in names]
        sources = [(name, source) for name, source in read if source is not None]
        taken = {"errors"}
        for name, source in sources:
            own = errors.filter(file=name)
            for page in source.pages:
                if page.name == _LIST_NAME and next(page.grid(), None) == list(_LIST):
                    continue
                is_table = page.name == source.sheet
                wanted = source.table if is_table and len(sources) > 1 else page.name
                sheet = workbook.add_worksheet(_free_name(wanted, source.table, taken))
                if page.hidden:
                    sheet.hide()
                elif is_table:
                    sheet.activate()
                heading_row = source.heading_row if is_table else 0
                _write_sheet(sheet, page.grid(), heading_row, own if is_table else None, styles)
        _write_list(workbook.add_worksheet(_LIST_NAME), errors, styles)


def _free_name(wanted: str, table: str, taken: set[str]) -> str:
    """Give a sheet a name that no other has; Excel does not tell capitals apart."""
    name, number = wanted, 1
    while name.lower() in taken:
        number += 1
        tail = f" {number}" if number > 2 else ""
        name = f"{table} {wanted}"[: _LONGEST_NAME - len(tail)] + tail
    taken.add(name.lower())
    return name


class _Styles:
    """Formats of cells by what they mark and what they hold; and how many comments may follow."""

    _MARKS: ClassVar[dict[str, dict[str, Any]]] = {
        "bad": {"bg_color": _FILL, "border": 1, "border_color": _LINE},
        "heading": {"bold": True},
    }
    _NUMBERS: ClassVar[dict[type, str]] = {
        dt.datetime: "yyyy-mm-dd hh:mm:ss",
        dt.date: "yyyy-mm-dd",
        dt.time: "hh:mm:ss",
        dt.timedelta: "[h]:mm:ss",
    }

    def __init__(self, workbook: "Workbook") -> None:
        self._workbook = workbook
        self._made: dict[tuple[str, type | None], Format | None] = {("", None): None}
        self.comments_left = MOST_COMMENTS

    def of(self, mark: str, kind: type | None = None) -> "Format | None":
        """Give the format of a mark ("bad", "heading" or none) on a day, a time or else."""
        if (mark, kind) not in self._made:
            number = {"num_format": self._NUMBERS[kind]} if kind else {}
            self._made[mark, kind] = self._workbook.add_format(self._MARKS.get(mark, {}) | number)
        return self._made[mark, kind]


@dataclass(frozen=True)
class _Source:
    """A file with errors: its table, the sheet and row of the headings, and all its sheets."""

    table: str
    sheet: str
    heading_row: int
    pages: list[Page]


def _read(file: Path, choice: Choice | None) -> _Source | None:
    """Read a file for its sheets; None if it cannot be read as a table."""
    findings = Findings(file.name)
    try:
        table = table_named(file.stem) or guess_table(file.stem, open_sheet(file).heads)
        sheet = open_sheet(file, schema(table), choice.sheet if choice else None)
        chosen = ChosenSheet(file, schema(table), choice) if choice else sheet
        layout = find_layout(chosen.heads, schema(table), findings)
    except FileFault:
        return None
    if isinstance(sheet, XlsxFile):
        return _Source(table, sheet.name, layout.row, sheet.pages())
    page = Page(table, hidden=False, grid=partial(chosen.grid, layout))
    return _Source(table, table, layout.row, [page])


def _write_sheet(
    sheet: "Worksheet",
    cells: Iterator[list[Any]],
    heading_row: int,
    errors: pl.DataFrame | None,
    styles: _Styles,
) -> None:
    """Write the cells of a sheet; ``heading_row`` is 0 where no headings are known."""
    by_row = () if errors is None else errors.group_by("row", maintain_order=True)
    faulty = {key[0]: group.select("column", "reason", "next_step").rows() for key, group in by_row}
    if heading_row:
        sheet.freeze_panes(heading_row, 0)
    columns: dict[str, int] = {}
    for row, values in enumerate(cells, start=1):
        if row > MOST_ROWS:
            break
        if row == heading_row:
            columns = {heading_key(str(text)): at for at, text in reversed([*enumerate(values)])}
        bad: dict[int, list[str]] = {}
        for column, reason, step in faulty.get(row, ()):
            at = columns.get(heading_key(column), 0)
            bad.setdefault(at, []).append(f"{reason}\n{step}")
        for at, value in enumerate(values):
            if at not in bad:
                mark = "heading" if row == heading_row else ""
                _write_value(sheet, row - 1, at, value, mark, styles)
        for at, texts in sorted(bad.items()):
            value = values[at] if at < len(values) else ""
            _write_value(sheet, row - 1, at, value, "bad", styles)
            if styles.comments_left > 0:
                styles.comments_left -= 1
                comment = "\n\n".join(texts)
                sheet.write_comment(row - 1, at, comment, {"author": "onshore", "x_scale": 2})


def _write_value(
    sheet: "Worksheet", row: int, column: int, value: Any, mark: str, styles: _Styles
) -> None:
    if isinstance(value, Decimal):
        value = number_or_text(value)
    kind = _kind_of_time(value)
    if value is None or value == "":
        sheet.write_blank(row, column, None, styles.of(mark))
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value, styles.of(mark))
    elif isinstance(value, int | float) and math.isfinite(value):
        sheet.write_number(row, column, value, styles.of(mark))
    elif kind is not None:
        sheet.write_datetime(row, column, value, styles.of(mark, kind))
    else:
        sheet.write_string(row, column, str(value)[:MOST_CHARACTERS], styles.of(mark))


def _kind_of_time(value: Any) -> type | None:
    """Tell a day, a time or a span of time that a spreadsheet can hold as such."""
    if isinstance(value, dt.date) and value.year < _FIRST_YEAR:
        return None
    if isinstance(value, dt.datetime) and (value.hour or value.minute or value.second):
        return dt.datetime
    kinds = (dt.date, dt.time, dt.timedelta)
    return next((kind for kind in kinds if isinstance(value, kind)), None)


def _write_list(sheet: "Worksheet", errors: pl.DataFrame, styles: _Styles) -> None:
    sheet.freeze_panes(1, 0)
    for column, (name, width) in enumerate(_LIST.items()):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, name, styles.of("heading"))
    fitting = errors.head(MOST_ROWS - 2)
    for row, cells in enumerate(fitting.select(list(_LIST)).iter_rows(), start=1):
        for column, value in enumerate(cells):
            _write_value(sheet, row, column, value, "", styles)
    if fitting.height < errors.height:
        more = errors.height - fitting.height
        sheet.write_string(fitting.height + 1, 0, f"{more:,} more errors do not fit on the sheet.")


_LIST_NAME = "Errors"
_LIST = {"file": 18, "row": 10, "column": 22, "reason": 60, "found": 30, "next_step": 60}
