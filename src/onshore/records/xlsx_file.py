"""XLSX workbooks as sheets: the one named as the table, or else the first that is visible."""

import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import polars as pl

from onshore.records.batches import Batch
from onshore.records.cells import MERGED, NOT_CALCULATED
from onshore.records.errors import FileFault
from onshore.records.headings import HEAD_ROWS, Head, Layout, table_named
from onshore.records.schemas import Schema
from onshore.records.xlsx_guard import SheetFacts, look_into


@dataclass(frozen=True)
class Page:
    """A sheet as it is given back: its name, whether it is hidden, and its cells row by row."""

    name: str
    hidden: bool
    grid: Callable[[], Iterator[list[Any]]]


class XlsxFile:
    """A worksheet of an XLSX workbook that was found safe to unpack."""

    def __init__(self, path: Path, table: Schema | None = None, name: str | None = None) -> None:
        self.path = path
        self._all_facts = look_into(path)
        self._all_sheets = _sheets(path)
        sheets = [name for name, (_, hidden) in self._all_sheets.items() if not hidden]
        if not sheets:
            raise FileFault("the workbook has no visible sheet.", "show the sheet of the table.")
        if name is not None and name not in sheets:
            raise FileFault(
                f"the workbook has no visible sheet {name}.",
                f"choose one of its sheets: {', '.join(sheets)}.",
            )
        self.name = name or _chosen(sheets, table)
        self.names = sheets
        self.others = [name for name in sheets if name != self.name]
        self._facts = self._facts_of(self.name)

    @property
    def notes(self) -> list[str]:
        """What a person should know about how the file was read."""
        if self.others:
            return [f"read from the sheet {self.name}; not read: {', '.join(self.others)}."]
        return []

    @cached_property
    def heads(self) -> list[Head]:
        """The first rows of the sheet."""
        first = self._cells.head(HEAD_ROWS)
        return [Head([[(text or "").strip() for text in row] for row in first.iter_rows()])]

    def batches(self, layout: Layout) -> Iterator[Batch]:
        """Give the cells under the headings, all at once."""
        cells = self._marked(layout)
        names = cells.columns
        below = cells.slice(layout.row).select(
            pl.col(names[position]).alias(column) for column, position in layout.positions.items()
        )
        rows = pl.Series("row", range(layout.row + 1, cells.height + 1), dtype=pl.Int64)
        yield Batch(below, rows, [])

    def grid(self, layout: Layout) -> Iterator[list[Any]]:  # noqa: ARG002
        """Give all cells of the sheet row by row, each with its own type."""
        return self._grid_of(self.name)

    def pages(self) -> list[Page]:
        """Give all worksheets of the workbook in their order, hidden ones too."""
        return [
            Page(name, hidden, partial(self._grid_of, name))
            for name, (_, hidden) in self._all_sheets.items()
        ]

    def _grid_of(self, name: str) -> Iterator[list[Any]]:
        """Give the cells of a sheet; an error in one, such as #N/A, as its text."""
        from python_calamine import CalamineWorkbook

        errors: dict[int, dict[int, str]] = {}
        for (row, column), text in self._facts_of(name).errors.items():
            errors.setdefault(row, {})[column - 1] = text
        sheet = CalamineWorkbook.from_path(self.path).get_sheet_by_name(name)
        for row, cells in enumerate(sheet.to_python(skip_empty_area=False), start=1):
            wrong = errors.get(row, {})
            yield [wrong.get(at, cell) for at, cell in enumerate(cells)] if wrong else cells

    def _facts_of(self, name: str) -> SheetFacts:
        return self._all_facts.get(self._all_sheets[name][0], SheetFacts())

    @cached_property
    def _cells(self) -> pl.DataFrame:
        cells, self._first_column = _load(self.path, self.name)
        return cells

    def _marked(self, layout: Layout) -> pl.DataFrame:
        """Give the cells with a mark in those that hold no value of their own."""
        marks: dict[int, dict[int, str]] = {}
        for (row, column), text in self._facts.errors.items():
            marks.setdefault(column, {})[row] = text
        for row, column in self._facts.not_calculated:
            marks.setdefault(column, {})[row] = NOT_CALCULATED
        for top, left, bottom, right in self._facts.merged:
            for column in range(left, right + 1):
                for row in range(max(top, layout.row + 1), min(bottom, self._cells.height) + 1):
                    if (row, column) != (top, left):
                        marks.setdefault(column, {})[row] = MERGED
        cells = self._cells
        for column, texts in marks.items():
            position = column - 1 - self._first_column
            inside = {row: text for row, text in texts.items() if layout.row < row <= cells.height}
            if 0 <= position < cells.width and inside:
                name = cells.columns[position]
                rows = pl.Series([row - 1 for row in inside], dtype=pl.UInt32)
                marked = cells[name].clone().scatter(rows, pl.Series(list(inside.values())))
                cells = cells.with_columns(marked)
        return cells


def _load(path: Path, sheet: str) -> tuple[pl.DataFrame, int]:
    """Give the cells of a sheet as texts, and the index of its first column that holds any."""
    import fastexcel

    try:
        loaded = fastexcel.read_excel(path).load_sheet(
            sheet, header_row=None, skip_rows=0, dtypes="string"
        )
        columns = loaded.available_columns()
        cells = loaded.to_polars()
    except fastexcel.FastExcelError as error:
        raise FileFault(
            "the workbook cannot be read.",
            "open it in a spreadsheet program and save it again as XLSX.",
            found=str(error).splitlines()[0],
        ) from None
    if cells.is_empty():
        raise FileFault("the sheet is empty.", "write a heading row and the rows under it.")
    return cells, columns[0].absolute_index


def _chosen(sheets: list[str], table: Schema | None) -> str:
    for name in sheets:
        if table and table_named(name) == table.name:
            return name
    return sheets[0]


def _sheets(path: Path) -> dict[str, tuple[str, bool]]:
    """Give the worksheets of a workbook in order: the part that holds each, and if it is hidden."""
    try:
        with zipfile.ZipFile(path) as archive:
            workbook = ElementTree.fromstring(archive.read("xl/workbook.xml"))
            relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    except (ElementTree.ParseError, KeyError, zipfile.BadZipFile) as error:
        raise FileFault(
            "the workbook cannot be read.",
            "open it in a spreadsheet program and save it again as XLSX.",
            found=str(error),
        ) from None
    targets = {
        relation.get("Id"): relation.get("Target", "")
        for relation in relations.findall("{*}Relationship")
    }
    sheets = {}
    for sheet in workbook.findall(".//{*}sheet"):
        # Strict and transitional workbooks differ in the namespace of this attribute.
        relation = next((text for name, text in sheet.items() if name.endswith("}id")), None)
        target = targets.get(relation, "")
        if "worksheets/" in target:
            part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            sheets[sheet.get("name", "")] = (part, sheet.get("state", "visible") != "visible")
    return sheets
