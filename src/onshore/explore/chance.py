"""How often a layer that tells nothing would have as good a cut: the best of many flatters."""

from __future__ import annotations

import numpy as np
import polars as pl

from onshore.explore.contrast import contrasts
from onshore.explore.errors import ExploreError
from onshore.explore.weights import Weights


def chance_of_cut(
    found: Weights, *, either_way: bool = False, draws: int = 999, seed: int = 0
) -> float:
    """Tell how often chance alone gives as large a studentised contrast at the best cut.

    The cut of `weights` is the best of many: with a hundred classes, a layer that tells nothing
    reaches a studentised contrast of 2 in every fourth case. Here as many deposits are thrown on
    the classes at random, in proportion to their areas, and the best cut is sought anew each time:

        probability = (1 + draws with a best cut as good) / (1 + draws)

    Deposits that lie in clusters are fewer independent ones, and the true probability is larger:
    only validation on held-out blocks of ground settles what a layer is worth.

    Parameters
    ----------
    found
        Weights of the kind ascending or descending; deposits are counted in whole numbers.
    either_way
        Whether the better of both directions was taken.
    draws, seed
        How many random layers, and where their random numbers begin.

    Returns
    -------
    float
        From 1 / (1 + draws) to 1.

    Raises
    ------
    ExploreError
        Weights of another kind, fewer than one draw.

    References
    ----------
    Davison, A. C. and Hinkley, D. V. (1997). Bootstrap methods and their application, chapter 4.
    Cambridge University Press.

    Examples
    --------
    >>> from onshore.explore.weights import weights
    >>> classes = pl.DataFrame({
    ...     "class": [1, 2, 3], "area_km2": [300.0, 300.0, 400.0], "points": [19, 2, 4]
    ... })
    >>> chance_of_cut(weights(classes, kind="ascending", unit_cell_km2=1))
    0.001
    """
    if found.kind not in ("ascending", "descending"):
        raise ExploreError(
            f"only ascending and descending weights have a cut. Found: {found.kind}, layer "
            f"'{found.layer}'."
        )
    if draws < 1:
        raise ExploreError(f"draws is a whole number of 1 or more. Found: {draws}.")
    table = found.table.filter(pl.col("class").is_not_null())
    best = table["studentised"][:-1].max()
    if best is None:
        return 1.0
    area = table["class_area_km2"].to_numpy()
    deposits = round(float(table["class_points"].sum()))
    random = np.random.default_rng(seed)
    thrown = random.multinomial(deposits, area / area.sum(), size=draws).astype(float)
    reached = _best(thrown, area / found.unit_cell_km2, deposits)
    if either_way:
        turned = _best(thrown[:, ::-1], area[::-1] / found.unit_cell_km2, deposits)
        reached = np.maximum(reached, turned)
    return float((1 + np.sum(reached >= float(best))) / (1 + draws))  # type: ignore[arg-type]


def _best(
    points: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    cells: np.ndarray[tuple[int], np.dtype[np.float64]],
    deposits: int,
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Give the largest studentised contrast of each row's cuts; -inf where there is none."""
    inside, area = np.cumsum(points, axis=1)[:, :-1], np.cumsum(cells)
    told = contrasts(inside, area[:-1], float(deposits), float(area[-1]))
    return np.asarray(np.nan_to_num(told.studentised, nan=-np.inf).max(axis=1))
