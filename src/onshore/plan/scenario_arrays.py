"""Columns that hold one number for each scenario."""

from __future__ import annotations

import numpy as np
import polars as pl

from onshore.plan.columns import broken
from onshore.plan.errors import PlanError
from onshore.plan.outcomes import FAILED
from onshore.plan.rows import Floats
from onshore.plan.sheets import refuse, twice


def read_by_scenario(
    frame: pl.DataFrame,
    table: str,
    key: list[str],
    column: str,
    count: int,
    kind: type[pl.DataType],
) -> pl.DataFrame:
    """Read a table with an array of one entry a scenario in each row."""
    missing = [name for name in (*key, column) if name not in frame.columns]
    if missing:
        raise PlanError(f"{table}: no column {', '.join(missing)}")
    try:
        read = frame.select(
            *(pl.col(name).cast(pl.String) for name in key),
            pl.col(column).cast(pl.Array(kind, count)),
        )
    except pl.exceptions.PolarsError:
        raise PlanError(
            f"{table}, column {column}: give an array of {count} numbers, one a scenario"
        ) from None
    numbers = matrix_of(read[column], count)
    least = 0.0 if kind == pl.Float64 else FAILED
    bad = ~(np.isfinite(numbers) & (numbers >= least)).all(axis=1)
    flagged = read.with_columns(pl.Series("bad", bad, dtype=pl.Boolean))
    said = "it has an entry that is empty, not finite or too small"
    rules = [(column, pl.col("bad"), said), twice(*key)]
    refuse([broken(table, flagged, [(c, e, r) for c, e, r in rules if c != column])])
    if bad.any():
        row = int(np.argmax(bad)) + 1
        raise PlanError(f"{table}, row {row}, column {column}: {said}")
    return read


def matrix_of(column: pl.Series, count: int) -> Floats:
    """Give a column of arrays as a matrix, a row each."""
    if column.is_empty():
        return np.zeros((0, count))
    return np.asarray(column.to_numpy()).reshape(len(column), count)


def arrays_of(matrix: Floats, kind: type[pl.DataType]) -> pl.Series:
    """Give a matrix as a column of arrays."""
    count = matrix.shape[1]
    if not len(matrix):
        return pl.Series([], dtype=pl.Array(kind, count))
    return pl.Series(np.ascontiguousarray(matrix)).cast(pl.Array(kind, count))
