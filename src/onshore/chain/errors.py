"""What can be wrong with a chain, named by table, row, reason and next step."""

from __future__ import annotations

import polars as pl

PROBLEMS = {
    "table": pl.String,
    "row": pl.Int64,
    "key": pl.String,
    "column": pl.String,
    "reason": pl.String,
    "found": pl.String,
    "next_step": pl.String,
}
_SHOWN = 10


class ChainError(ValueError):
    """A chain, or a question about it, that cannot be answered; the message names the next step.

    Attributes
    ----------
    problems : DataFrame
        One row for each bad row: ``table``, ``row`` (the heading is row 1, as a spreadsheet
        counts), ``key`` (what the row is about), ``column``, ``reason``, ``found``,
        ``next_step``. Empty where the error is not about a row.
    """

    def __init__(self, message: str, problems: pl.DataFrame | None = None) -> None:
        super().__init__(message)
        self.problems = pl.DataFrame(schema=PROBLEMS) if problems is None else problems

    @classmethod
    def of_rows(cls, problems: pl.DataFrame, what: str = "the chain") -> ChainError:
        """Word the error from the table of problems."""
        lines = [f"  {_told(row)}" for row in problems.head(_SHOWN).iter_rows(named=True)]
        more = problems.height - _SHOWN
        if more > 0:
            lines.append(f"  and {more} more; all of them are in the error's table 'problems'")
        count = f"{problems.height} thing{'s' if problems.height > 1 else ''}"
        return cls(f"{count} to mend in {what}:\n" + "\n".join(lines), problems)


def _told(row: dict[str, object]) -> str:
    place = str(row["table"])
    if row["row"] is not None:
        place += f", row {row['row']}"
    if row["key"]:
        place += f" ({row['key']})"
    if row["column"]:
        place += f", column {row['column']}"
    found = f" Found: {row['found']}." if row["found"] else ""
    return f"{place}: {row['reason']}.{found} {row['next_step']}"
