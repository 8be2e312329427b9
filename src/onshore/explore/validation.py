"""How well methods find deposits on land they have not seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import polars as pl

from onshore.explore.autocorrelation import Autocorrelation, autocorrelation
from onshore.explore.blocks import Array
from onshore.explore.curves import Held, area_under_curve, success_curve
from onshore.explore.errors import ExploreError
from onshore.explore.methods import Method
from onshore.explore.methods import method as method_of
from onshore.explore.paired import paired_differences
from onshore.explore.spatial_blocks import deal_blocks, deal_cells, land_blocks
from onshore.explore.training import Sample, training_cells

if TYPE_CHECKING:
    from onshore.explore.deposits import Deposits
    from onshore.explore.grids import Grid
    from onshore.explore.stacks import Stack

Split = Literal["spatial", "random"]

_FEW = 30  # cells with deposits below which a warning says how wide the intervals are
_TIMES = 2.0  # the side of a block, in ranges: a held-out cell lies a sixth of it from the rest
_SMALLER = 0.8  # steps by which blocks chosen from the data shrink until the folds can be dealt
FLATTERS = (
    "split at random: held-out cells lie beside those learned from, so that these accuracies "
    "flatter and say nothing of new land; do not report them as the map's"
)


@dataclass(frozen=True)
class Validation:
    """Accuracies on held-out land.

    Attributes
    ----------
    aucs : DataFrame
        One row for each ``method``, ``seed`` and ``fold``: ``auc`` (chance that a held-out deposit
        scores above held-out background), ``deposits`` (weight held out), ``background`` (cells),
        ``split``.
    paired : DataFrame
        Each two methods compared; see `paired_differences`; and ``split``.
    curves : DataFrame
        ``method``, and the columns of `success_curve`; and ``split``.
    block_km : float or None
        Side of the blocks; None where cells were split at random.
    split : str
        ``spatial`` or ``random``.
    warnings : list of str
        What to mind.
    autocorrelation : Autocorrelation or None
        What the block's size was chosen by; None where it was given.
    """

    aucs: pl.DataFrame
    paired: pl.DataFrame
    curves: pl.DataFrame
    block_km: float | None
    split: str
    warnings: list[str]
    autocorrelation: Autocorrelation | None = None


def validate(
    stack: Stack,
    deposits: Deposits,
    *,
    methods: Sequence[str] | Mapping[str, Method | str] = ("boosted", "forest"),
    block_km: float | None = None,
    folds: int = 5,
    seeds: int | Sequence[int] = 10,
    split: Split = "spatial",
    negatives: int = 20_000,
    progress: Callable[[int, int], None] | None = None,
) -> Validation:
    """Cross-validate methods by blocks of land.

    For each seed, background is drawn, square blocks are laid over the land from a place drawn at
    random, and dealt to the folds so that each has about as many blocks with deposits. Each fold
    is scored by a model of the others. All methods see the same folds. Nothing of a held-out
    block is learned from: classes' weights, cuts and scales are of the other blocks alone.

    Parameters
    ----------
    stack, deposits
        From `open_stack` and `read_deposits`.
    methods
        Names that `method` knows, or methods with their options by the name to show.
    block_km
        Side of a block. If not given, twice the range of the data's `autocorrelation`: a held-out
        cell lies on average a sixth of the side from land that is learned from.
    folds, seeds
        Folds for each seed; how many seeds (from 0), or which.
    split
        ``random`` holds out single cells instead of blocks. It flatters; all tables are marked.
    negatives
        Background cells drawn for each seed.
    progress
        Called with the fits done and their number.

    Returns
    -------
    Validation
        The same for the same seeds.

    Raises
    ------
    ExploreError
        Fewer blocks with deposits than folds, a block smaller than a cell or larger than the land,
        an unknown method or split.

    References
    ----------
    Roberts, D. R. et al. (2017). Cross-validation strategies for data with temporal, spatial,
    hierarchical, or phylogenetic structure. Ecography 40, 913-929.

    Examples
    --------
    >>> found = validate(stack, deposits, methods=["weights", "boosted"])  # doctest: +SKIP
    >>> found.aucs.group_by("method").agg(pl.col("auc").mean())  # doctest: +SKIP
    """
    tried = _methods(methods)
    drawn = _seeds(seeds, folds, split)
    alike: Autocorrelation | None = None
    warnings: list[str] = []
    if split == "random":
        block_km = None
        warnings.append(FLATTERS)
    elif block_km is None:
        alike = autocorrelation(stack, deposits)
        warnings += alike.warnings
        block_km = _block_size(stack, deposits, alike.range_km, folds, drawn, warnings)
    rows: list[tuple[str, int, int, float, float, int]] = []
    held: dict[str, list[Held]] = {name: [] for name in tried}
    done, every = 0, len(drawn) * folds * len(tried)
    for seed in drawn:
        cells = training_cells(stack, deposits, negatives=negatives, seed=seed)
        warnings += [text for text in cells.warnings if text not in warnings]
        dealt = _dealt(stack.grid, cells, block_km, folds, seed)
        for fold in range(folds):
            out = dealt == fold
            for name, made in tried.items():
                one = _held_out(made, cells, stack.kinds, out, seed, fold)
                held[name].append(one)
                auc = area_under_curve(one.deposits, one.land, one.weights)
                rows.append((name, seed, fold, auc, float(one.weights.sum()), len(one.land)))
                done += 1
                if progress:
                    progress(done, every)
    if deposits.cells.height < _FEW:
        warnings.append(
            f"only {deposits.cells.height} cells with deposits: accuracies and differences are "
            "very uncertain"
        )
    names = ["method", "seed", "fold", "auc", "deposits", "background"]
    aucs = pl.DataFrame(rows, schema=names, orient="row")
    curves = [
        success_curve(each).select(pl.lit(name).alias("method"), pl.all())
        for name, each in held.items()
    ]
    mark = pl.lit(split).alias("split")
    return Validation(
        aucs.with_columns(mark),
        paired_differences(aucs).with_columns(mark),
        pl.concat(curves).with_columns(mark),
        block_km,
        split,
        warnings,
        alike,
    )


def _methods(methods: Sequence[str] | Mapping[str, Method | str]) -> dict[str, Method]:
    if isinstance(methods, str):
        methods = [methods]
    named: Mapping[str, Method | str] = (
        methods if isinstance(methods, Mapping) else {name: name for name in methods}
    )
    if not named:
        raise ExploreError("there is no method to validate. Name at least one.")
    return {
        name: method_of(made) if isinstance(made, str) else made for name, made in named.items()
    }


def _seeds(seeds: int | Sequence[int], folds: int, split: str) -> list[int]:
    if split not in ("spatial", "random"):
        raise ExploreError(f"land is split 'spatial' or 'random'. Found: {split!r}.")
    drawn = list(range(seeds)) if isinstance(seeds, int) else list(seeds)
    if folds < 2 or not drawn or len(set(drawn)) < len(drawn) or min(drawn) < 0:
        raise ExploreError(
            "validation takes at least 2 folds and 1 seed, each seed once and not negative. "
            f"Found: {folds} folds, seeds {drawn}."
        )
    return drawn


def _block_size(
    stack: Stack,
    deposits: Deposits,
    range_km: float,
    folds: int,
    seeds: Sequence[int],
    warnings: list[str],
) -> float:
    """Give blocks of twice the range's side, or the largest that can be dealt to the folds."""
    grid = stack.grid
    rows, columns = (deposits.cells[name].to_numpy() for name in ("row", "column"))
    whole = np.all(np.isfinite(stack.at(rows, columns)), axis=1)
    rows, columns, least = rows[whole], columns[whole], max(grid.cell_km)
    wanted = max(_TIMES * range_km, 2 * least)
    block_km = wanted
    while not _can_be_dealt(grid, rows, columns, block_km, folds, seeds):
        block_km *= _SMALLER
        if block_km <= least:
            raise ExploreError(
                f"deposits lie in too few places to hold each out in turn. Found: {len(rows)} "
                f"cells with deposits for {folds} folds. Take fewer folds or add deposits."
            )
    if block_km < wanted:
        warnings.append(
            f"deposits are alike up to {range_km:.3g} km, but blocks of twice that cannot be dealt "
            f"to {folds} folds; blocks of {block_km:.3g} km are held out, and accuracies may "
            "flatter"
        )
    return float(f"{block_km:.3g}")


def _can_be_dealt(
    grid: Grid, rows: Array, columns: Array, block_km: float, folds: int, seeds: Sequence[int]
) -> bool:
    """Tell whether, for every seed, deposits lie in twice as many blocks as there are folds."""
    for seed in seeds:
        try:
            blocks = land_blocks(grid, block_km, _random(seed)).of(rows, columns)
        except ExploreError:
            return False
        if len(np.unique(blocks)) < 2 * folds:
            return False
    return True


def _random(seed: int) -> np.random.Generator:
    return np.random.default_rng([seed, 1])  # not the draw of the background


def _dealt(grid: Grid, cells: Sample, block_km: float | None, folds: int, seed: int) -> Array:
    random = _random(seed)
    if block_km is None:
        return deal_cells(cells.counts, folds, random)
    blocks = land_blocks(grid, block_km, random).of(cells.rows, cells.columns)
    return deal_blocks(blocks, cells.counts, folds, random, block_km=block_km)


def _held_out(
    made: Method, cells: Sample, kinds: Sequence[str], out: Array, seed: int, fold: int
) -> Held:
    """Learn from the cells that are not held out, and score those that are."""
    fitted = made.fit(cells.values[~out], kinds, cells.counts[~out], seed=seed)
    score = fitted.score(cells.values[out])[0]
    counts = cells.counts[out]
    known = counts > 0
    return Held(seed, fold, score[known], counts[known], score[~known])
