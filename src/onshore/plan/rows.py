"""Rows of the planning model that are alike, kept as tables until the matrix is stacked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

Floats = npt.NDArray[np.float64]
NAMES = {"kind": pl.String, "name": pl.String, "year": pl.Int64}


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows that are alike: their names and bounds, and their entries as row, column, amount.

    ``names`` has ``kind``, ``name`` and ``year``, one line a row.
    """

    names: pl.DataFrame
    lower: Floats
    upper: Floats
    entries: pl.DataFrame


@dataclass(frozen=True, eq=False)
class Part:
    """A part of the model: its rows, and the columns that it adds behind all others.

    A column counts ``worth`` in the objective, lies between ``least`` and ``most`` and is
    ``whole`` or not.
    """

    rows: Sequence[Rows]
    worth: Floats = field(default_factory=lambda: np.zeros(0))
    least: Floats = field(default_factory=lambda: np.zeros(0))
    most: Floats = field(default_factory=lambda: np.zeros(0))
    whole: bool = False


def rows_of(
    names: pl.DataFrame,
    entries: pl.DataFrame,
    *,
    lower: float | Floats = -np.inf,
    upper: float | Floats = np.inf,
) -> Rows:
    """Give rows of these names their bounds and entries (``row``, ``column``, ``amount``)."""
    return Rows(
        names.select(pl.col(name).cast(kind) for name, kind in NAMES.items()),
        np.broadcast_to(np.asarray(lower, dtype=np.float64), names.height).copy(),
        np.broadcast_to(np.asarray(upper, dtype=np.float64), names.height).copy(),
        entries.select(
            pl.col("row").cast(pl.Int64),
            pl.col("column").cast(pl.Int32),
            pl.col("amount").cast(pl.Float64),
        ),
    )


def named(frame: pl.DataFrame, kind: str, name: pl.Expr) -> pl.DataFrame:
    """Name a row for each line of the frame."""
    return frame.select(
        kind=pl.lit(kind), name=name.cast(pl.String), year=pl.lit(None, dtype=pl.Int64)
    )
