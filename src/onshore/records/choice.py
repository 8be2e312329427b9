"""A sheet read as a person chose: which sheet, which columns, what was mended."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from onshore.records.batches import Batch
from onshore.records.errors import FileFault, Findings
from onshore.records.headings import Head, Layout, find_layout, heading_key, known_headings
from onshore.records.schemas import Schema, schema
from onshore.records.sheets import Sheet, open_sheet


@dataclass(frozen=True)
class Choice:
    r"""How a file shall be read, where its own headings do not tell.

    Parameters
    ----------
    heading_row
        Row of the headings as the spreadsheet counts, from 1.
    columns
        Column of the table under each heading from left to right; ``""`` for none.
    sheet
        Name of the workbook's sheet; None for the one named as the table, or else the first.
    filled
        Texts of columns that the file does not have, the same in every row.
    mended
        Texts in the place of cells, by row and column.
    left_out
        Rows that are not read.
    most_rows
        Rows that a file may have; None for any number.

    Examples
    --------
    >>> import tempfile
    >>> from onshore.records import read_table
    >>> path = Path(tempfile.mkdtemp()) / "list.csv"
    >>> _ = path.write_text("a,b\nN1,Valve\nN2,\n", "utf-8")
    >>> mended = {3: {"description": "Pump"}}
    >>> choice = Choice(1, ("need_id", "description"), filled={"buyer_id": "B"}, mended=mended)
    >>> read_table(path, "needs", choice=choice).frame.select(
    ...     "need_id", "description", "buyer_id"
    ... ).rows()
    [('N1', 'Valve', 'B'), ('N2', 'Pump', 'B')]
    """

    heading_row: int
    columns: Sequence[str]
    sheet: str | None = None
    filled: Mapping[str, str] = field(default_factory=dict)
    mended: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    left_out: Sequence[int] = ()
    most_rows: int | None = None


@dataclass(frozen=True)
class Look:
    """What a file looks like before it is read.

    Parameters
    ----------
    sheets
        Names of a workbook's visible sheets; empty for other files.
    sheet
        The sheet looked at; empty for other files.
    heading_row
        Row that seems to hold the headings, from 1.
    headings
        Its cells.
    columns
        Column of the table that each heading seems to mean; ``""`` for none.
    first
        The first rows as texts, headings among them.
    """

    sheets: list[str]
    sheet: str
    heading_row: int
    headings: list[str]
    columns: list[str]
    first: list[list[str]]


def look(
    path: str | Path,
    table: str,
    *,
    sheet: str | None = None,
    heading_row: int | None = None,
    remembered: Mapping[str, str] | None = None,
) -> Look:
    r"""Look at a file before it is read as a table, for a person to choose how.

    Parameters
    ----------
    path, table
        The file, and the table it shall be.
    sheet
        Name of a workbook's sheet; by default the one named as the table, or else the first.
    heading_row
        Row of the headings; by default the one that holds most headings of the table, or else
        most texts.
    remembered
        Columns by headings as they were chosen before; ``""`` for a heading that means none.

    Raises
    ------
    ValueError
        The file cannot be read at all; the message says why and what to do.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "list.csv"
    >>> _ = path.write_text("Code;شرح;Amount\nN1;Valve;5\n", "utf-8")
    >>> look(path, "needs", remembered={"code": "need_id"}).columns
    ['need_id', 'description', '']
    """
    told = schema(table)
    try:
        opened = open_sheet(Path(path), told, sheet)
        head, row = _heading_row(opened, told, heading_row)
        cells = head.rows[row - 1]
        columns = _guessed(cells, told, remembered or {})
        names = getattr(opened, "names", [])
        first = [list(texts) for texts in head.rows]
        return Look(names, getattr(opened, "name", ""), row, list(cells), columns, first)
    except FileFault as fault:
        raise ValueError(f"{fault.reason} {fault.next_step}") from None


def texts_of_rows(
    path: str | Path, table: str, choice: Choice, rows: Collection[int]
) -> dict[int, dict[str, str]]:
    """Give the cells of some rows as they are written and mended, by row and column.

    Parameters
    ----------
    path, table, choice
        As they were given to `read_table`.
    rows
        Rows as the spreadsheet counts.
    """
    if not rows:
        return {}
    try:
        sheet = ChosenSheet(Path(path), schema(table), choice)
        layout = find_layout(sheet.heads, schema(table), Findings(""))
        found = {}
        for batch in sheet.batches(layout):
            kept = batch.rows.is_in(list(rows))
            cells = batch.cells.filter(kept).iter_rows(named=True)
            for row, texts in zip(batch.rows.filter(kept), cells, strict=True):
                found[row] = {name: text or "" for name, text in texts.items()}
    except FileFault:
        return {}
    return found


def _heading_row(sheet: Sheet, table: Schema, wanted: int | None) -> tuple[Head, int]:
    """Give the first rows as they are split best, and the row that holds the headings."""
    heads = [head for head in sheet.heads if head.rows]
    try:
        layout = find_layout(heads, table, Findings(""))
        head, row = layout.head, layout.row
    except FileFault:
        head = max(heads, key=lambda head: max(map(_texts_in, head.rows)))
        row = 1 + max(range(len(head.rows)), key=lambda at: _texts_in(head.rows[at]))
    if wanted and 0 < wanted <= len(head.rows):
        row = wanted
    return head, row


def _texts_in(cells: Sequence[str]) -> int:
    return sum(1 for cell in cells if cell)


def _guessed(headings: Sequence[str], table: Schema, remembered: Mapping[str, str]) -> list[str]:
    chosen = {heading_key(text): name for text, name in remembered.items()}
    known = known_headings(table)
    columns, ranks = [""] * len(headings), [len(known)] * len(headings)
    for at, key in enumerate(map(heading_key, headings)):
        if key and key in chosen:
            ranks[at], columns[at] = -1, chosen[key]
        elif key in known:
            ranks[at], columns[at] = known[key][0], known[key][1].name
    best: dict[str, int] = {}
    for at in sorted(range(len(headings)), key=lambda at: (ranks[at], at)):
        best.setdefault(columns[at], at)
    return [name if best[name] == at else "" for at, name in enumerate(columns)]


class ChosenSheet:
    """A sheet as a choice has it read: a sheet as any other to whoever reads it."""

    def __init__(self, path: Path, table: Schema, choice: Choice) -> None:
        self.choice = choice
        self.sheet = open_sheet(path, table, choice.sheet)
        self._head, self._row = _heading_row(self.sheet, table, choice.heading_row)
        self._own = self._head.rows[self._row - 1]
        columns = [*choice.columns, *[""] * len(self._own)][: len(self._own)]
        self._filled = {n: text for n, text in choice.filled.items() if n not in columns}
        rows: list[list[str]] = [[] for _ in self._head.rows]
        rows[self._row - 1] = [*columns, *self._filled]
        self.heads = [replace(self._head, rows=rows)]
        self._columns = columns

    @property
    def notes(self) -> Sequence[str]:
        """What a person should know about how the file was read."""
        return self.sheet.notes

    def told(self, layout: Layout) -> Layout:
        """Give the layout with the headings that the user wrote."""
        told = {
            name: heading
            for name, heading in zip(self._columns, self._own, strict=True)
            if name and heading and self._own.count(heading) == 1
        }
        return replace(layout, headings=layout.headings | told)

    def batches(self, layout: Layout) -> Iterator[Batch]:
        """Give the cells under the headings: filled in, mended, without the rows left out."""
        left_out, count = list(self.choice.left_out), 0
        for batch in self.sheet.batches(self._inner(layout)):
            blank = (pl.all().str.strip_chars() == "").fill_null(value=True)
            is_blank = batch.cells.select(pl.all_horizontal(blank)).to_series()
            kept = ~is_blank & ~batch.rows.is_in(left_out)
            rows, cells = batch.rows.filter(kept), batch.cells.filter(kept)
            count += len(rows)
            if self.choice.most_rows is not None and count > self.choice.most_rows:
                raise FileFault(
                    f"it has more than {self.choice.most_rows:,} rows.",
                    "divide it into several files.",
                )
            cells = cells.with_columns(pl.lit(t).alias(name) for name, t in self._filled.items())
            faults = [fault for fault in batch.faults if fault.row not in left_out]
            yield Batch(self._mended(cells, rows), rows, faults)

    def grid(self, layout: Layout) -> Iterator[list[Any]]:
        """Give all cells of the sheet row by row, as they stand in the file."""
        return self.sheet.grid(self._inner(layout))

    def _inner(self, layout: Layout) -> Layout:
        """Give the layout without the columns that the file does not have."""
        own = {name: at for name, at in layout.positions.items() if name not in self._filled}
        return replace(layout, head=self._head, row=self._row, positions=own)

    def _mended(self, cells: pl.DataFrame, rows: pl.Series) -> pl.DataFrame:
        by_column: dict[str, dict[int, str]] = {}
        for row, texts in self.choice.mended.items():
            for name, text in texts.items():
                by_column.setdefault(name, {})[row] = text
        for name, told in by_column.items():
            at = rows.is_in(list(told)).arg_true()
            if name in cells.columns and len(at):
                values = pl.Series([told[row] for row in rows.gather(at)], dtype=pl.String)
                column = cells[name].cast(pl.String).clone().scatter(at, values)
                cells = cells.with_columns(column.alias(name))
        return cells
