"""Parquet files as sheets: the column names are the heading row, row 1."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from onshore.records.batches import Batch
from onshore.records.errors import FileFault
from onshore.records.headings import Head, Layout

_ROWS = 200_000


class ParquetFile:
    """A Parquet file; its values are read as a person would have written them."""

    notes: tuple[str, ...] = ()

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._schema = pl.read_parquet_schema(path)
        except (pl.exceptions.PolarsError, OSError) as error:
            raise FileFault(
                "it cannot be read as a Parquet file.", "write the file again.", found=str(error)
            ) from None

    @cached_property
    def heads(self) -> list[Head]:
        """The column names, as a heading row."""
        return [Head([list(self._schema)])]

    def batches(self, layout: Layout) -> Iterator[Batch]:
        """Give the cells under the headings as texts."""
        names = list(self._schema)
        chosen = {column: names[position] for column, position in layout.positions.items()}
        for column, name in chosen.items():
            _refuse_nested(layout.heading(column), self._schema[name])
        as_text = [
            _as_text(name, self._schema[name]).alias(column) for column, name in chosen.items()
        ]
        rows = pl.scan_parquet(self.path)
        start = 0
        while True:
            try:
                cells = rows.slice(start, _ROWS).select(as_text).collect()
            except pl.exceptions.PolarsError as error:
                raise FileFault(
                    "it cannot be read as a Parquet file.",
                    "write the file again.",
                    found=str(error),
                ) from None
            if cells.is_empty():
                return
            numbers = pl.Series("row", range(start + 2, start + 2 + cells.height), dtype=pl.Int64)
            yield Batch(cells, numbers, [])
            start += cells.height

    def grid(self, layout: Layout) -> Iterator[list[Any]]:
        """Give the column names, then the values row by row."""
        yield layout.head.rows[0]
        for row in pl.read_parquet(self.path).iter_rows():
            yield list(row)


def _refuse_nested(heading: str, dtype: pl.DataType) -> None:
    inner = dtype.inner if isinstance(dtype, pl.List) else dtype
    if inner.is_nested() or inner == pl.Binary:
        raise FileFault(
            "the column does not hold plain values.",
            "write it as text, numbers, dates or lists of text.",
            found=str(dtype),
            row=1,
            column=heading,
        )


def _as_text(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if isinstance(dtype, pl.List):
        return column.cast(pl.List(pl.String)).list.join(";")
    if dtype.is_float():
        rounded = column.cast(pl.Decimal(38, 6), strict=False).cast(pl.String)
        return pl.coalesce(rounded, column.cast(pl.String))
    if isinstance(dtype, pl.Datetime):
        return column.dt.strftime("%Y-%m-%d %H:%M:%S")
    return column.cast(pl.String)
