"""What is odd about the tables of drillholes, row by row."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

SCHEMA = {
    "table": pl.String,
    "row": pl.Int64,
    "hole_id": pl.String,
    "column": pl.String,
    "found": pl.String,
    "reason": pl.String,
    "next_step": pl.String,
    "left_out": pl.Boolean,
}


class HoleFindings:
    """Findings gathered while tables are read and checked.

    A finding that leaves out says that its row is not used; any other row is used as it is.
    """

    def __init__(self) -> None:
        self._frames: list[pl.DataFrame] = []

    def add(
        self,
        rows: pl.DataFrame,
        table: str,
        column: str,
        reason: str | pl.Expr,
        step: str | pl.Expr,
        *,
        left_out: bool,
        found: pl.Expr | None = None,
    ) -> None:
        """Note some rows, which have the columns ``row`` and ``hole_id``."""
        if rows.is_empty():
            return
        if found is None:
            found = pl.col(column) if column in rows.columns else pl.lit(None)
        self._frames.append(
            rows.select(
                pl.lit(table).alias("table"),
                pl.col("row").cast(pl.Int64),
                pl.col("hole_id").cast(pl.String),
                pl.lit(column).alias("column"),
                found.cast(pl.String).alias("found"),
                (pl.lit(reason) if isinstance(reason, str) else reason).alias("reason"),
                (pl.lit(step) if isinstance(step, str) else step).alias("next_step"),
                pl.lit(left_out).alias("left_out"),
            )
        )

    def take_out(
        self,
        frame: pl.DataFrame,
        bad: pl.Expr,
        table: str,
        column: str,
        reason: str | pl.Expr,
        step: str | pl.Expr,
        *,
        found: pl.Expr | None = None,
    ) -> pl.DataFrame:
        """Note the rows that are bad, and give the others."""
        marked = frame.with_columns(bad.fill_null(value=False).alias("_bad"))
        out = marked.filter("_bad").drop("_bad")
        self.add(out, table, column, reason, step, left_out=True, found=found)
        return marked.filter(~pl.col("_bad")).drop("_bad")

    def frame(self, order: Sequence[str]) -> pl.DataFrame:
        """Give all findings: tables in the order given, then by row."""
        if not self._frames:
            return pl.DataFrame(schema=SCHEMA)
        rank = {name: at for at, name in enumerate(order)}
        found = pl.concat(self._frames).unique(maintain_order=True)
        place = pl.col("table").replace_strict(rank, default=len(rank), return_dtype=pl.Int64)
        return found.sort(place, "row", maintain_order=True, nulls_last=True)
