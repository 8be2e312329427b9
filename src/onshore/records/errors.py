"""What is wrong with a table, cell by cell: for a person to mend, for a program to read."""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

ERRORS = {
    "file": pl.String(),
    "row": pl.Int64(),
    "column": pl.String(),
    "reason": pl.String(),
    "found": pl.String(),
    "next_step": pl.String(),
}
_SHOWN = 20


@dataclass(frozen=True)
class RowError:
    """One thing that is wrong, where it is, and what to do about it.

    Parameters
    ----------
    file
        Name of the file within the programme's folder.
    row
        Row as the spreadsheet counts: the first row of the file is 1, as a heading row usually
        is. 0 where the file as a whole is meant.
    column
        The user's heading, or the column's name where the heading is missing; empty where the
        row or the file as a whole is meant.
    reason
        What is wrong.
    found
        What the cell holds.
    next_step
        What to write or do.

    Examples
    --------
    >>> print(RowError("needs.xlsx", 4312, "qty", "the number is negative.", "-5", "write 5."))
    needs.xlsx, row 4312, column qty: the number is negative.
      found: '-5'
      next:  write 5.
    """

    file: str
    row: int
    column: str
    reason: str
    found: str
    next_step: str

    def __str__(self) -> str:
        place = self.file
        place += f", row {self.row}" if self.row else ""
        place += f", column {self.column}" if self.column else ""
        found = f"\n  found: '{' '.join(self.found.split())}'" if self.found else ""
        return f"{place}: {self.reason}{found}\n  next:  {self.next_step}"


class TableErrors(ValueError):
    """Tables that cannot be used, with all that is wrong with them.

    Parameters
    ----------
    errors
        Frame of errors with the columns of `RowError`.
    """

    def __init__(self, errors: pl.DataFrame) -> None:
        self.errors = errors
        shown = [str(error) for error in row_errors(errors.head(_SHOWN))]
        more = errors.height - len(shown)
        if more > 0:
            shown.append(f"... and {more:,} more; `onshore check` lists them all.")
        super().__init__("\n".join(shown))

    def __iter__(self) -> Iterator[RowError]:
        return row_errors(self.errors)

    def __len__(self) -> int:
        return self.errors.height


class FileFault(Exception):
    """A file that cannot be read as a table at all."""

    def __init__(
        self, reason: str, next_step: str, *, found: str = "", row: int = 0, column: str = ""
    ) -> None:
        super().__init__(reason)
        self.reason, self.next_step, self.found = reason, next_step, found
        self.row, self.column = row, column


class Findings:
    """Errors and notes of one file, as they are found.

    ``headings`` are those of the file from left to right: the order of a row's errors.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.notes: list[str] = []
        self.warnings: list[str] = []
        self.headings: list[str] = []
        self._frames: list[pl.DataFrame] = []
        self._single: list[RowError] = []

    def add(self, row: int, column: str, reason: str, found: str, next_step: str) -> None:
        """Note one error."""
        self._single.append(RowError(self.file, row, column, reason, shortened(found), next_step))

    def add_fault(self, fault: FileFault) -> None:
        """Note that the file cannot be read further."""
        self.add(fault.row, fault.column, fault.reason, fault.found, fault.next_step)

    def add_frame(self, errors: pl.DataFrame, column: str) -> None:
        """Note many errors of one column: a frame of row, reason, found and next_step."""
        if not errors.is_empty():
            self._frames.append(
                errors.select(
                    pl.lit(self.file).alias("file"),
                    pl.col("row").cast(pl.Int64),
                    pl.lit(column).alias("column"),
                    "reason",
                    short("found"),
                    "next_step",
                )
            )

    def note(self, text: str) -> None:
        """Note something that a person should know and need not mend."""
        self.notes.append(f"{self.file}: {text}")

    def warn(self, text: str) -> None:
        """Note something that is no error and hardly meant."""
        self.warnings.append(f"{self.file}: {text}")

    def take(self, other: "Findings") -> None:
        """Take over what another one has found in the same file."""
        self.notes += other.notes
        self.warnings += other.warnings
        self._frames += other._frames
        self._single += other._single

    def is_empty(self) -> bool:
        """Whether no error was found."""
        return not self._frames and not self._single

    def frame(self) -> pl.DataFrame:
        """All errors, by row and then from left to right."""
        singles = pl.DataFrame([vars(e) for e in self._single], schema=ERRORS)
        places = {heading: place for place, heading in enumerate(self.headings)}
        place = pl.col("column").replace_strict(places, default=-1, return_dtype=pl.Int64)
        return pl.concat([singles, *self._frames]).sort("row", place, maintain_order=True)


def row_errors(errors: pl.DataFrame) -> Iterator[RowError]:
    """Give the rows of a frame of errors one by one, for a person to read."""
    for row in errors.iter_rows(named=True):
        yield RowError(**row)


def shortened(text: str, width: int = 80) -> str:
    """Cut a text for a message."""
    return text if len(text) <= width else text[: width - 1] + "…"


def short(column: str, width: int = 80) -> pl.Expr:
    """Cut the texts of a column for messages; null becomes empty."""
    text = pl.col(column).cast(pl.String).fill_null("")
    cut = text.str.slice(0, width - 1) + "…"
    return pl.when(text.str.len_chars() > width).then(cut).otherwise(text).alias(column)
