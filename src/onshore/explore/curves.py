"""How well scores rank deposits above the land: AUC, success rate, prediction-area curve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from onshore.explore.blocks import Array
from onshore.explore.errors import ExploreError

STEPS = 200  # area shares of a curve, besides 0


@dataclass(frozen=True)
class Held:
    """Scores of the cells of one held-out fold.

    Attributes
    ----------
    seed, fold : int
        Which.
    deposits, weights : array
        Scores of the cells with deposits, and how many each holds (weighted).
    land : array
        Scores of background cells.
    """

    seed: int
    fold: int
    deposits: Array
    weights: Array
    land: Array


def area_under_curve(deposits: Array, land: Array, weights: Array | None = None) -> float:
    """Give the chance that a deposit scores higher than a cell of the land; ties count half.

    Parameters
    ----------
    deposits, land
        Scores (n,) and (m,), no NaN.
    weights
        Of the deposits (n,); 1 each if not given.

    Returns
    -------
    float
        The area under the receiver operating characteristic: 0.5 tells nothing, 1 all.

    Raises
    ------
    ExploreError
        There are no deposits or no land, or a score is missing.

    References
    ----------
    Hanley, J. A. and McNeil, B. J. (1982). The meaning and use of the area under a receiver
    operating characteristic (ROC) curve. Radiology 143(1), 29-36.

    Examples
    --------
    >>> area_under_curve(np.array([0.9, 0.4]), np.array([0.1, 0.4, 0.5, 0.2]))
    0.8125
    """
    below, same = _ranked(deposits, land)
    each = (below + 0.5 * same) / len(land)
    return float(np.average(each, weights=weights))


def success_curve(held: Sequence[Held]) -> pl.DataFrame:
    """Tell which share of deposits lies in which share of the land, best scores first.

    Each fold's deposits are ranked within that fold's own land, for each fold has its own model;
    then all folds and seeds are put together. A deposit that scores like much of the land is
    found evenly over that land's share.

    Returns
    -------
    DataFrame
        ``area_share`` and ``deposit_share`` (0 to 1, rising), ``low`` and ``high`` (least and
        most of the seeds), ``score`` (mean over folds of the score at that share of the land),
        ``deposits`` (weight held out in one seed).

    Notes
    -----
    The prediction-area plot (Yousefi and Carranza 2015) shows deposit_share beside
    1 - area_share over the score: the two cross where deposit_share = 1 - area_share.

    References
    ----------
    Chung, C. F. and Fabbri, A. G. (2003). Validation of spatial prediction models for landslide
    hazard mapping. Natural Hazards 30, 451-472. Yousefi, M. and Carranza, E. J. M. (2015).
    Prediction-area (P-A) plot and C-A fractal analysis to classify and evaluate evidential maps
    for mineral prospectivity modeling. Computers & Geosciences 79, 69-81.
    """
    if not held:
        raise ExploreError("a curve needs held-out scores. Found: none. Validate first.")
    area = np.linspace(0, 1, STEPS + 1)
    seeds = sorted({one.seed for one in held})
    found = {seed: np.zeros(STEPS + 1) for seed in seeds}
    weight = dict.fromkeys(seeds, 0.0)
    scores = np.zeros(STEPS + 1)
    for one in held:
        below, same = _ranked(one.deposits, one.land)
        cells = len(one.land)
        first = (cells - below - same) / cells  # share of the land that scores higher
        width = np.maximum(same / cells, 1e-12)
        reached = np.clip((area[:, None] - first) / width, 0, 1)
        found[one.seed] += reached @ one.weights
        weight[one.seed] += float(one.weights.sum())
        scores += np.quantile(one.land, 1 - area)
    by_seed = np.array([found[seed] / weight[seed] for seed in seeds])
    total = float(np.mean(list(weight.values())))
    return pl.DataFrame(
        {
            "area_share": area,
            "deposit_share": by_seed.mean(axis=0),
            "low": by_seed.min(axis=0),
            "high": by_seed.max(axis=0),
            "score": scores / len(held),
            "deposits": np.full(STEPS + 1, total),
        }
    )


def _ranked(deposits: Array, land: Array) -> tuple[Array, Array]:
    """How many cells of the land score below each deposit, and how many the same."""
    if len(deposits) == 0 or len(land) == 0:
        raise ExploreError(
            "an area under the curve needs deposits and land. Found: "
            f"{len(deposits)} deposits and {len(land)} cells. Take larger or fewer folds."
        )
    missing = int(np.isnan(deposits).sum() + np.isnan(land).sum())
    if missing:
        raise ExploreError(
            f"{missing} held-out cells have no score (NaN). A method must score every cell whose "
            "layers all have values."
        )
    ordered = np.sort(land)
    below = np.searchsorted(ordered, deposits, side="left")
    return below, np.searchsorted(ordered, deposits, side="right") - below
