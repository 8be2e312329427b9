"""A file as a sheet: its first rows, to find the headings in, then its cells in batches."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from onshore.records.batches import Batch
from onshore.records.errors import FileFault
from onshore.records.headings import Head, Layout
from onshore.records.schemas import Schema

SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".parquet")
UNREAD_SUFFIXES = (".xls", ".xlsb", ".ods", ".fods", ".numbers")
"""Sheets of programs, none of which is read: they have to be saved as XLSX."""

_TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
_WORKBOOK_SUFFIXES = (".xlsx", ".xlsm")


class Sheet(Protocol):
    """What all kinds of files have in common."""

    @property
    def heads(self) -> list[Head]:
        """The first rows, in each way they may be split."""

    @property
    def notes(self) -> Sequence[str]:
        """What a person should know about how the file was read."""

    def batches(self, layout: Layout) -> Iterator[Batch]:
        """Give the cells under the headings, some rows at a time."""

    def grid(self, layout: Layout) -> Iterator[list[Any]]:
        """Give all cells of the sheet row by row, also those above and beside the table."""


def open_sheet(path: Path, table: Schema | None = None, name: str | None = None) -> Sheet:
    """Open a file as a sheet; of a workbook, the sheet named as the table, or else the first.

    ``name`` names another sheet of a workbook; other files have no sheets to choose from.

    Raises
    ------
    FileFault
        The file is missing, of another kind, or cannot be read.
    """
    from onshore.records.csv_file import CsvFile
    from onshore.records.parquet_file import ParquetFile
    from onshore.records.xlsx_file import XlsxFile

    suffix = path.suffix.lower()
    if not path.is_file():
        raise _no_file(path)
    try:
        if suffix in _TEXT_SUFFIXES:
            return CsvFile(path)
        if suffix in _WORKBOOK_SUFFIXES:
            return XlsxFile(path, table, name)
        if suffix == ".parquet":
            return ParquetFile(path)
    except OSError as error:
        raise FileFault(
            "the file cannot be opened.",
            "close it elsewhere and check your rights to it.",
            found=error.strerror or str(error),
        ) from None
    raise FileFault(
        f"a table cannot be read from a file of the kind '{suffix}'.",
        "save it as CSV (UTF-8), XLSX or Parquet.",
    )


def _no_file(path: Path) -> FileFault:
    if path.is_dir():
        return FileFault(
            "it is a folder, and a table is a file.",
            "rename the folder, or put its sheet in its place.",
        )
    if path.is_symlink():
        return FileFault(
            "it is a link to a file that is not there.",
            "put the file itself in its place, or delete the link.",
            found=str(path.readlink()),
        )
    if path.exists():
        return FileFault(
            "it is a pipe or a device, not a file.", "save the table as a file of its own."
        )
    return FileFault("there is no such file.", "check the name and the folder.")
