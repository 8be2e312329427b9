"""The last row of a table."""

import polars as pl
import polars.selectors as cs


def with_total(frame: pl.DataFrame, label_column: str, label: str) -> pl.DataFrame:
    """Add a last row with the sum of every numeric column, named in ``label_column``.

    Other columns are empty in that row.
    """
    total = frame.select(cs.numeric().sum()).with_columns(pl.lit(label).alias(label_column))
    return pl.concat([frame, total], how="diagonal_relaxed")
