"""CSV files as sheets: their first rows, then their cells in batches."""

import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from onshore.records.batches import Batch
from onshore.records.csv_records import (
    Fault,
    Records,
    cut_by_line,
    cut_records,
    each_record,
    head_records,
    unreadable,
)
from onshore.records.csv_text import find_encoding, text_blocks
from onshore.records.errors import FileFault
from onshore.records.headings import HEAD_ROWS, Head, Layout

_SEPARATORS = (",", ";", "\t", "|")
INERT = r"^'+[=+\-@\t\r\n]"
_LONGEST_ROW = 64 << 20
_HEAD_BYTES = 1 << 18


class CsvFile:
    """A CSV file: UTF-8, UTF-16 or Windows-1256; comma, semicolon, tab or bar between cells."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.encoding = find_encoding(path)

    @cached_property
    def heads(self) -> list[Head]:
        """The first rows, as each separator would split them."""
        text = next(text_blocks(self.path, self.encoding, _HEAD_BYTES))
        heads = []
        for separator in _SEPARATORS:
            records = head_records(text, separator.encode(), HEAD_ROWS)
            rows, ends = zip(*records, strict=True)
            heads.append(Head(list(rows), separator, ends))
        return heads

    @property
    def notes(self) -> list[str]:
        """What a person should know about how the file was read."""
        if self.encoding.name == "cp1256":
            return ["read as Windows-1256; UTF-8 is safer."]
        return []

    def batches(self, layout: Layout) -> Iterator[Batch]:
        """Give the cells under the headings, some ten thousand rows at a time."""
        separator = layout.head.separator.encode()
        skip, row = layout.head.ends[layout.row - 1], layout.row + 1
        rest = b""
        for block, final in _last_marked(text_blocks(self.path, self.encoding)):
            dropped = min(skip, len(block))
            skip -= dropped
            text = rest + block[dropped:]
            records = cut_records(text, separator, layout.width, row, final=final)
            rest = records.rest
            if len(rest) > _LONGEST_ROW:
                raise FileFault("a row is too long to be one.", "check its line ends.", row=row)
            yield self._batch(records, text, layout, row, final=final)
            row = records.next_row

    def grid(self, layout: Layout) -> Iterator[list[Any]]:
        """Give all cells row by row, as texts."""
        yield from layout.head.rows[: layout.row]
        text = b"".join(text_blocks(self.path, self.encoding))
        separator = layout.head.separator.encode()
        for cells in each_record(text[layout.head.ends[layout.row - 1] :], separator, layout.width):
            yield [without_inert_mark(cell) for cell in cells]

    def _batch(
        self, records: Records, text: bytes, layout: Layout, row: int, *, final: bool
    ) -> Batch:
        cells = _cells(records, layout)
        if cells is None:
            separator = layout.head.separator.encode()
            text = text if text.endswith(b"\n") or not final else text + b"\n"
            records = cut_by_line(text, separator, layout.width, row, final=final)
            cells = _cells(records, layout)
        if cells is None:
            raise unreadable()
        rows = pl.Series("row", records.rows, dtype=pl.Int64)
        faults = records.faults
        if b"'" in records.sound:
            marked = pl.all().str.contains(INERT)
            cells = cells.with_columns(
                pl.when(marked).then(pl.all().str.slice(1)).otherwise(pl.all())
            )
        if self.encoding.damaged:
            lost = cells.select(pl.any_horizontal(pl.all().str.contains("\ufffd"))).to_series()
            faults = faults + [_damaged(row) for row in rows.filter(lost.fill_null(value=False))]
        return Batch(cells, rows, faults)


def _cells(records: Records, layout: Layout) -> pl.DataFrame | None:
    names = {f"{position}": name for name, position in layout.positions.items()}
    if not records.rows.size:
        return pl.DataFrame(schema=dict.fromkeys(layout.positions, pl.String))
    try:
        cells = pl.read_csv(
            records.sound,
            has_header=False,
            separator=layout.head.separator,
            infer_schema=False,
            schema={str(position): pl.String for position in range(layout.width)},
            columns=sorted(layout.positions.values()),
            truncate_ragged_lines=True,
            extra_columns="ignore",
        )
    except pl.exceptions.PolarsError:
        return None
    return cells.rename(names) if cells.height == records.rows.size else None


def without_inert_mark(text: str) -> str:
    """Take off the apostrophe that keeps a text from being run as a formula."""
    return text[1:] if re.match(INERT, text) else text


def _damaged(row: int) -> Fault:
    return Fault(
        row,
        "the row holds bytes that are not UTF-8; some letters are lost.",
        "",
        "type the row again, and save the sheet as 'CSV UTF-8' or as XLSX.",
    )


def _last_marked(blocks: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Give each block and whether it is the last."""
    before = next(blocks, b"")
    for block in blocks:
        yield before, False
        before = block
    yield before, True
