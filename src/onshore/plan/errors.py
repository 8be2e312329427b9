"""What is said when the input of a plan cannot be used."""

from __future__ import annotations

import polars as pl

PROBLEMS = {
    "table": pl.String,
    "row": pl.Int64,
    "column": pl.String,
    "reason": pl.String,
    "found": pl.String,
}
_SHOWN = 10


class PlanError(ValueError):
    """The input of a plan cannot be used; every bad row is named.

    Attributes
    ----------
    problems : DataFrame
        One row per problem: ``table``, ``row`` (counted from 1, the heading not
        counted), ``column``, ``reason``, ``found``. Empty where the error is not
        about a row.
    """

    def __init__(self, message: str, problems: pl.DataFrame | None = None) -> None:
        super().__init__(message)
        self.problems = pl.DataFrame(schema=PROBLEMS) if problems is None else problems

    @classmethod
    def of_rows(cls, problems: pl.DataFrame) -> PlanError:
        """Word the error from the table of problems."""
        lines = [
            f"  {table}, row {row}, column {column}: {reason} (found: {found})"
            for table, row, column, reason, found in problems.head(_SHOWN).iter_rows()
        ]
        more = problems.height - _SHOWN
        if more > 0:
            lines.append(f"  and {more} more; all of them are in the error's table 'problems'")
        count = f"{problems.height} row{'s' if problems.height > 1 else ''}"
        return cls(f"{count} cannot be planned with:\n" + "\n".join(lines), problems)
