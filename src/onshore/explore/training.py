"""From a stack and its deposits to a model."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from onshore.explore.errors import ExploreError
from onshore.explore.methods import Array, Fitted, Method
from onshore.explore.methods import method as method_of

if TYPE_CHECKING:
    from onshore.explore.deposits import Deposits
    from onshore.explore.grids import Grid
    from onshore.explore.stacks import Stack

_FEWEST = 10  # cells with deposits below which a warning says what a map of them is worth
_SMALLEST = 4  # and below which there is none
_MOST_DRAWN = 20_000_000  # cells looked at before a stack is taken to have too few with data


@dataclass(frozen=True)
class Sample:
    """Cells to learn from.

    Attributes
    ----------
    rows, columns : int64 (n,)
        Where they are.
    values : float32 (n, layers)
        The layers' values; none is missing.
    counts : float64 (n,)
        Known deposits, weighted; 0 in the background.
    warnings : list of str
        Deposits left out, and the like.
    """

    rows: Array
    columns: Array
    values: Array
    counts: Array
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Model:
    """A method that has learned from a stack's deposits.

    Attributes
    ----------
    names, kinds : list of str
        The layers, as the stack has them.
    fitted : Fitted
        What was learned.
    facts : dict
        How: method and options, seed, cells with deposits and of background, deposits' weight.
    warnings : list of str
        What to mind.
    """

    names: list[str]
    kinds: list[str]
    fitted: Fitted
    facts: dict[str, Any]
    warnings: list[str] = field(default_factory=list)

    @property
    def method(self) -> str:
        """The method's name."""
        return self.fitted.name

    @property
    def uncertainty(self) -> str:
        """What the map's second band is, in words."""
        return self.fitted.uncertainty

    def score(self, values: Array) -> tuple[Array, Array]:
        """Score cells float32 (n, layers): score and uncertainty, float32 (n,)."""
        return self.fitted.score(values)

    def describe(self) -> pl.DataFrame:
        """Tell what counts: ``layer`` (its name), ``what`` (str), ``value`` (Float64)."""
        told = self.fitted.describe()
        names = pl.Series("layer", [self.names[place] for place in told["layer"]], pl.String)
        return told.with_columns(names)

    def predict(
        self,
        stack: Stack,
        out: Path,
        *,
        size: int = 512,
        workers: int = 1,
        progress: Callable[[int, int], None] | None = None,
        executor: Executor | None = None,
    ) -> Path:
        """Map score and uncertainty block by block; see `prediction.predict`."""
        from onshore.explore.prediction import predict

        return predict(
            self, stack, out, size=size, workers=workers, progress=progress, executor=executor
        )

    def save(self, path: Path) -> Path:
        """Write the model to one file (``.npz``: numbers and JSON, no Python objects)."""
        from onshore.explore.saving import save_model

        return save_model(self, path)


def train(
    stack: Stack,
    deposits: Deposits,
    *,
    method: str | Method = "boosted",
    negatives: int = 20_000,
    apart_km: float = 0.0,
    seed: int = 0,
) -> Model:
    """Train a model on known deposits and drawn background.

    Parameters
    ----------
    stack
        Evidence layers, from `open_stack`.
    deposits
        From `read_deposits`.
    method
        A name that `method` knows (``boosted`` by default), or a method with its options.
    negatives
        Background cells to draw, evenly over all cells with data and without a known deposit.
    apart_km
        Background stays this far from known deposits (kilometres).
    seed
        Of all random draws.

    Returns
    -------
    Model
        The same for the same stack, deposits and seed, wherever it is trained.

    Raises
    ------
    ExploreError
        Fewer than four cells with deposits and data, or no background.
    """
    made = method_of(method) if isinstance(method, str) else method
    cells = training_cells(stack, deposits, negatives=negatives, apart_km=apart_km, seed=seed)
    fitted = made.fit(cells.values, stack.kinds, cells.counts, seed=seed)
    known = cells.counts > 0
    options = {name: getattr(made, name) for name in getattr(made, "__dataclass_fields__", {})}
    facts = {
        "method": made.name,
        "options": options,
        "seed": seed,
        "cells_with_deposits": int(known.sum()),
        "deposits": float(cells.counts.sum()),
        "background_cells": int((~known).sum()),
        "background_apart_km": apart_km,
        "uncertainty": fitted.uncertainty,
    }
    return Model(list(stack.names), list(stack.kinds), fitted, facts, list(cells.warnings))


def training_cells(
    stack: Stack,
    deposits: Deposits,
    *,
    negatives: int = 20_000,
    apart_km: float = 0.0,
    seed: int = 0,
) -> Sample:
    """Read the cells with deposits, and draw background: never a cell with a missing value.

    The draw is over the whole grid, whatever its blocks; cells without data are drawn again.
    """
    if negatives < 2 or not apart_km >= 0:
        raise ExploreError(
            "background needs at least 2 cells and a distance of 0 km or more. "
            f"Found: {negatives} cells, {apart_km} km."
        )
    rows, columns, counts = _deposit_cells(deposits)
    values = stack.at(rows, columns)
    whole = np.all(np.isfinite(values), axis=1)
    warnings = []
    if not whole.all():
        warnings.append(
            f"{int((~whole).sum())} of {len(whole)} cells with deposits have no data in some "
            "layer and are left out"
        )
    if seed < 0:
        raise ExploreError(f"a seed is a whole number, 0 or more. Found: {seed}.")
    known = int(whole.sum())
    if known < _SMALLEST:
        raise ExploreError(
            f"too few deposits to learn from. Found: {known} cells with deposits and data in all "
            f"layers. A model needs {_SMALLEST} at the very least, and tens to be of use; add "
            "occurrences, or use fuzzy overlay, which needs none."
        )
    if known < _FEWEST:
        warnings.append(f"only {known} cells with deposits: the map shows little more than them")
    grid = stack.grid
    keep_off = _near(grid, rows, columns, apart_km)
    drawn_rows, drawn_columns, drawn = _background(stack, keep_off, negatives, seed)
    if len(drawn_rows) < negatives:
        warnings.append(f"background is {len(drawn_rows)} cells: no more have data")
    return Sample(
        rows=np.concatenate([rows[whole], drawn_rows]),
        columns=np.concatenate([columns[whole], drawn_columns]),
        values=np.concatenate([values[whole], drawn]),
        counts=np.concatenate([counts[whole], np.zeros(len(drawn_rows))]),
        warnings=warnings,
    )


def _deposit_cells(deposits: Deposits) -> tuple[Array, Array, Array]:
    cells = deposits.cells
    weight = "weight" if "weight" in cells.columns else "count"
    summed = cells.group_by("row", "column").agg(pl.col(weight).sum()).sort("row", "column")
    summed = summed.filter(pl.col(weight) > 0)
    return (
        summed["row"].to_numpy().astype(np.int64),
        summed["column"].to_numpy().astype(np.int64),
        summed[weight].to_numpy().astype(np.float64),
    )


def _near(grid: Grid, rows: Array, columns: Array, apart_km: float) -> Callable[[Array], Array]:
    """Give a test of cells (row x width + column): which are too near a deposit, or one."""
    at = np.sort(rows * grid.width + columns)
    if apart_km == 0:
        return lambda cells: np.isin(cells, at)
    from scipy.spatial import KDTree

    wide, high = grid.cell_km
    tree = KDTree(np.column_stack([rows * high, columns * wide]))

    def too_near(cells: Array) -> Array:
        row, column = np.divmod(cells, grid.width)
        places = np.column_stack([row * high, column * wide])
        distance, _ = tree.query(places, distance_upper_bound=np.nextafter(apart_km, np.inf))
        return np.asarray(np.isfinite(distance))

    return too_near


def _background(
    stack: Stack, keep_off: Callable[[Array], Array], wanted: int, seed: int
) -> tuple[Array, Array, Array]:
    """Draw cells of the whole grid, twice as many each time, until enough of them have data."""
    width, total = stack.grid.width, stack.grid.height * stack.grid.width
    random = np.random.default_rng(seed)
    seen, values, taken = np.empty(0, np.int64), [], []
    held, many = 0, 2 * wanted
    while held < wanted and len(seen) < total and many <= _MOST_DRAWN:
        everything = 2 * many >= total
        drawn = np.arange(total) if everything else np.unique(random.integers(total, size=many))
        drawn = drawn[~np.isin(drawn, seen)]
        seen = np.concatenate([seen, drawn])
        drawn = drawn[~keep_off(drawn)]
        read = stack.at(drawn // width, drawn % width)
        whole = np.flatnonzero(np.all(np.isfinite(read), axis=1))
        if held + len(whole) > wanted:
            whole = np.sort(random.choice(whole, wanted - held, replace=False))
        taken.append(drawn[whole])
        values.append(read[whole])
        held += len(whole)
        many *= 2
    cells = np.concatenate(taken)
    if len(cells) < 2:
        raise ExploreError(
            f"there is no background to learn from. Found: {len(cells)} cells with data in all "
            "layers and no deposit near. Look at the layers' nodata and the mask, or lower "
            "apart_km."
        )
    order = np.argsort(cells)
    return cells[order] // width, cells[order] % width, np.concatenate(values)[order]
