"""How the ranks of a screen move with its weights."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

_CHUNK = 64
_TAIL = 0.05


def weighted_scores(screen: pl.DataFrame, weights: Mapping[str, float]) -> pl.Series:
    """Give each product the weighted mean of its percentiles that are known; null if none is."""
    scores = _scores(*_percentiles(screen, weights), np.array([list(weights.values())]))[:, 0]
    return pl.Series("score", scores).fill_nan(None)


def ranks_without(screen: pl.DataFrame, weights: Mapping[str, float]) -> dict[str, pl.Series]:
    """Rank the products anew with each component left out; null where nothing else counts."""
    ranks = {}
    for component in weights:
        others = {name: weight for name, weight in weights.items() if name != component}
        column = f"rank_without_{component}"
        if others:
            scores = weighted_scores(screen, others)
            ranks[column] = scores.rank("min", descending=True).cast(pl.Int64).alias(column)
        else:
            ranks[column] = pl.Series(column, [None] * screen.height, dtype=pl.Int64)
    return ranks


def rank_range(
    screen: pl.DataFrame,
    weights: Mapping[str, float],
    *,
    top: int,
    draws: int,
    spread: float,
    seed: int,
) -> tuple[pl.Series, pl.Series, pl.Series]:
    """Rank the products by drawn weights.

    Each weight is multiplied by ``spread`` to the power of an even draw from -1 to 1.

    Returns
    -------
    tuple of Series
        The ranks between which 90 % of the draws lie (Int64; the lower is the better), and the
        share of draws with a rank of ``top`` or better.
    """
    values, known = _percentiles(screen, weights)
    random = np.random.default_rng(seed)
    powers = random.uniform(-1.0, 1.0, size=(draws, len(weights)))
    drawn = np.array(list(weights.values())) * spread**powers
    ranks = np.empty((screen.height, draws), dtype=np.int32)
    for first in range(0, draws, _CHUNK):
        scores = _scores(values, known, drawn[first : first + _CHUNK])
        ranks[:, first : first + _CHUNK] = _ranks(scores)
    ranks.sort(axis=1)
    below = int(np.floor(_TAIL * (draws - 1)))
    return (
        pl.Series("rank_low", ranks[:, below], dtype=pl.Int64),
        pl.Series("rank_high", ranks[:, draws - 1 - below], dtype=pl.Int64),
        pl.Series("in_top", (ranks <= top).mean(axis=1), dtype=pl.Float64),
    )


def _percentiles(
    screen: pl.DataFrame, weights: Mapping[str, float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the percentiles, 0 where not known, and 1 where known."""
    columns = screen.select(
        pl.col(f"{component}_percentile").cast(pl.Float64) for component in weights
    )
    known = columns.select(pl.all().is_not_null().cast(pl.Float64)).to_numpy()
    return columns.fill_null(0.0).to_numpy(), known


def _scores(
    values: NDArray[np.float64], known: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Score each product (row) by each set of weights; NaN where nothing is known."""
    total = np.zeros((len(values), len(weights)))
    weight = np.zeros_like(total)
    # Added up one by one, not as a matrix product: equal products then get equal scores.
    for component, drawn in enumerate(weights.T):
        total += values[:, component, None] * drawn
        weight += known[:, component, None] * drawn
    scores = np.full_like(total, np.nan)
    np.divide(total, weight, out=scores, where=weight > 0)
    return scores


def _ranks(scores: NDArray[np.float64]) -> NDArray[np.int32]:
    """Rank downwards within each column; ties by the order of rows, NaN last."""
    order = np.argsort(-scores, axis=0, kind="stable")
    ranks = np.empty(scores.shape, dtype=np.int32)
    places = np.arange(1, len(scores) + 1, dtype=np.int32)[:, None]
    np.put_along_axis(ranks, order, np.broadcast_to(places, scores.shape), axis=0)
    return ranks
