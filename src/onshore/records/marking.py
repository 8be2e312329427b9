"""The user's sheets given back with the faulty cells marked, and a sheet that lists them."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from onshore.records.errors import FileFault, Findings
from onshore.records.headings import find_layout, guess_table, heading_key, table_named
from onshore.records.schemas import schema
from onshore.records.settings import FILE
from onshore.records.sheets import open_sheet
from onshore.records.whole import write_whole
from onshore.records.writing import MOST_CHARACTERS, MOST_ROWS, WORKBOOK_OPTIONS

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

MOST_COMMENTS = 10_000
_FILL, _LINE = "#F7D5D0", "#B3261E"


def mark_errors(path: str | Path, errors: pl.DataFrame, out: str | Path) -> None:
    """Write an XLSX workbook of the sheets that have errors, with the faulty cells marked.

    Each file with errors becomes a sheet named after its table, so that the mended workbook can
    be read again; a cell with an error is filled and has a comment with the reason and the next
    step (the first ten thousand; all are filled and listed). The last sheet, Errors, lists the
    errors.

    Parameters
    ----------
    path
        The folder or file that was checked.
    errors
        Frame of errors, as `check` gives it.
    out
        Where the workbook shall be.

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
    write_whole(out.parent, {out.name: lambda place: _write(path, errors, place)})


def _write(path: Path, errors: pl.DataFrame, place: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(place, WORKBOOK_OPTIONS) as workbook:
        marks = _Marks(
            workbook.add_format({"bg_color": _FILL, "border": 1, "border_color": _LINE}),
            workbook.add_format({"bold": True}),
        )
        for name in errors["file"].unique(maintain_order=True):
            file = path / name if path.is_dir() else path
            rows = _rows(file)
            if rows is None:
                continue
            table, heading_row, cells = rows
            sheet = workbook.add_worksheet(table)
            _write_sheet(sheet, cells, heading_row, errors.filter(file=name), marks)
        _write_list(workbook.add_worksheet("Errors"), errors, marks)


class _Marks:
    """Formats, and how many comments may still be made."""

    def __init__(self, bad: "Format", bold: "Format") -> None:
        self.bad, self.bold = bad, bold
        self.comments_left = MOST_COMMENTS


def _rows(file: Path) -> tuple[str, int, Iterator[list[Any]]] | None:
    """Give the table, heading row and cells of a file; None if it cannot be read as a table."""
    findings = Findings(file.name)
    try:
        table = table_named(file.stem) or guess_table(file.stem, open_sheet(file).heads)
        sheet = open_sheet(file, schema(table))
        layout = find_layout(sheet.heads, schema(table), findings)
        return table, layout.row, sheet.grid(layout)
    except FileFault:
        return None


def _write_sheet(
    sheet: "Worksheet",
    cells: Iterator[list[Any]],
    heading_row: int,
    errors: pl.DataFrame,
    marks: _Marks,
) -> None:
    faulty = {
        key[0]: group.select("column", "reason", "next_step").rows()
        for key, group in errors.group_by("row", maintain_order=True)
    }
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
                _write_value(sheet, row - 1, at, value, marks.bold if row == heading_row else None)
        for at, texts in sorted(bad.items()):
            _write_value(sheet, row - 1, at, values[at] if at < len(values) else "", marks.bad)
            if marks.comments_left > 0:
                marks.comments_left -= 1
                comment = "\n\n".join(texts)
                sheet.write_comment(row - 1, at, comment, {"author": "onshore", "x_scale": 2})


def _write_value(
    sheet: "Worksheet", row: int, column: int, value: Any, style: "Format | None"
) -> None:
    if value is None or value == "":
        sheet.write_blank(row, column, None, style)
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value, style)
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value, style)
    elif isinstance(value, dt.datetime) and (value.hour or value.minute or value.second):
        sheet.write_string(row, column, value.isoformat(" ", "seconds"), style)
    elif isinstance(value, dt.date):
        sheet.write_string(row, column, value.isoformat()[:10], style)
    else:
        sheet.write_string(row, column, str(value)[:MOST_CHARACTERS], style)


def _write_list(sheet: "Worksheet", errors: pl.DataFrame, marks: _Marks) -> None:
    sheet.freeze_panes(1, 0)
    for column, (name, width) in enumerate(_LIST.items()):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, name, marks.bold)
    fitting = errors.head(MOST_ROWS - 2)
    for row, cells in enumerate(fitting.select(list(_LIST)).iter_rows(), start=1):
        for column, value in enumerate(cells):
            _write_value(sheet, row, column, value, None)
    if fitting.height < errors.height:
        more = errors.height - fitting.height
        sheet.write_string(fitting.height + 1, 0, f"{more:,} more errors do not fit on the sheet.")


_LIST = {"file": 18, "row": 10, "column": 22, "reason": 60, "found": 30, "next_step": 60}
