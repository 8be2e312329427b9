"""Parts of the land that are held out together: square blocks dealt to folds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from onshore.explore.blocks import Array
from onshore.explore.errors import ExploreError
from onshore.explore.grids import Grid


@dataclass(frozen=True)
class LandBlocks:
    """Square blocks laid over a grid.

    Attributes
    ----------
    high, wide : int
        Rows and columns of a block.
    top, left : int
        By how many rows and columns the first block begins outside the grid.
    across : int
        Blocks in a row of blocks.
    """

    high: int
    wide: int
    top: int
    left: int
    across: int

    def of(self, rows: Array, columns: Array) -> Array:
        """Give the number of the block of each cell, int64."""
        down, along = (rows + self.top) // self.high, (columns + self.left) // self.wide
        return np.asarray(down * self.across + along)


def land_blocks(grid: Grid, block_km: float, random: np.random.Generator) -> LandBlocks:
    """Lay blocks of a side of ``block_km`` over a grid, beginning at random.

    Raises
    ------
    ExploreError
        A block is no larger than a cell, or the whole grid fits in one.
    """
    across, down = grid.cell_km
    if not np.isfinite(block_km) or block_km <= max(across, down):
        raise ExploreError(
            f"a block must be larger than a cell of {across:g} x {down:g} km. Found: block_km "
            f"{block_km:g}. Give a larger one, or none: it is then chosen from the data."
        )
    high, wide = max(round(block_km / down), 1), max(round(block_km / across), 1)
    if high >= grid.height and wide >= grid.width:
        raise ExploreError(
            f"the land of {grid.width * across:g} x {grid.height * down:g} km lies in one block: "
            f"nothing is left to learn from. Found: block_km {block_km:g}. Give a smaller one."
        )
    top, left = int(random.integers(high)), int(random.integers(wide))
    return LandBlocks(high, wide, top, left, -(-(grid.width + left) // wide))


def deal_blocks(
    blocks: Array, counts: Array, folds: int, random: np.random.Generator, *, block_km: float
) -> Array:
    """Deal blocks to folds at random, so that each fold holds about as many with deposits.

    Blocks with deposits are shuffled and dealt in turn, then those without.

    Parameters
    ----------
    blocks
        int64 (n,), each cell's block.
    counts
        float64 (n,), deposits in each cell.

    Returns
    -------
    array
        int64 (n,), each cell's fold, from 0.

    Raises
    ------
    ExploreError
        Deposits lie in fewer blocks than there are folds, or a fold has no background.
    """
    names, place = np.unique(blocks, return_inverse=True)
    held = np.bincount(place, counts, len(names)) > 0
    if held.sum() < folds:
        raise ExploreError(
            f"deposits lie in too few blocks to hold each out in turn. Found: {int(held.sum())} "
            f"blocks of {block_km:g} km with deposits for {folds} folds. Take fewer folds or "
            "smaller blocks, or add deposits."
        )
    order = np.concatenate(
        [random.permutation(np.flatnonzero(held)), random.permutation(np.flatnonzero(~held))]
    )
    fold = np.empty(len(names), np.int64)
    fold[order] = np.arange(len(order)) % folds
    return checked_folds(fold[place], counts, folds)


def deal_cells(counts: Array, folds: int, random: np.random.Generator) -> Array:
    """Deal single cells to folds at random, those with deposits first: int64 (n,)."""
    known = np.flatnonzero(counts > 0)
    if len(known) < folds:
        raise ExploreError(
            f"there are fewer cells with deposits than folds. Found: {len(known)} for {folds}. "
            "Take fewer folds, or add deposits."
        )
    order = np.concatenate(
        [random.permutation(known), random.permutation(np.flatnonzero(counts == 0))]
    )
    fold = np.empty(len(counts), np.int64)
    fold[order] = np.arange(len(order)) % folds
    return checked_folds(fold, counts, folds)


def checked_folds(fold: Array, counts: Array, folds: int) -> Array:
    """Give the folds after checking that each holds background and leaves some to learn from."""
    background = np.bincount(fold[counts == 0], minlength=folds)
    if np.any(background == 0) or np.any(background == background.sum()):
        raise ExploreError(
            "a fold holds no background, or all of it. Found: "
            f"{', '.join(str(n) for n in background)} background cells by fold. Take smaller "
            "blocks, fewer folds or more background (negatives)."
        )
    return fold
