"""Whether one method is better than another, on the same held-out land."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import polars as pl

from onshore.explore.blocks import Array
from onshore.explore.errors import ExploreError

CONFIDENCE = 0.95


def paired_differences(aucs: pl.DataFrame) -> pl.DataFrame:
    """Compare each two methods fold by fold, with intervals that mind overlapping training cells.

    Folds of repeated cross-validation learn from much the same cells, so that their differences
    are not independent, and the usual interval is far too narrow. The variance of the mean of J
    differences is taken as s^2 (1/J + 1/(folds - 1)), by Nadeau and Bengio (2003) for repeated
    cross-validation, with J - 1 degrees of freedom.

    Parameters
    ----------
    aucs
        ``method``, ``seed``, ``fold``, ``auc``: all methods on the same folds.

    Returns
    -------
    DataFrame
        ``method`` (the better one), ``other``, ``difference`` (of mean AUC, no unit), ``low`` and
        ``high`` (95 % interval), ``deviation`` (standard deviation of the seeds' differences;
        null with one seed), ``wins`` (Int64, seeds in which the method was better), ``seeds``.
        No rows for one method.

    Raises
    ------
    ExploreError
        The methods were not tried on the same folds, or there are fewer than two differences.

    References
    ----------
    Nadeau, C. and Bengio, Y. (2003). Inference for the generalization error. Machine Learning 52,
    239-281. Bouckaert, R. R. and Frank, E. (2004). Evaluating the replicability of significance
    tests for comparing learning algorithms. PAKDD 2004, LNCS 3056, 3-12.

    Examples
    --------
    >>> aucs = pl.DataFrame({
    ...     "method": ["a"] * 4 + ["b"] * 4, "seed": [0, 0, 1, 1] * 2, "fold": [0, 1] * 4,
    ...     "auc": [0.8, 0.7, 0.8, 0.7, 0.7, 0.7, 0.6, 0.7]})
    >>> found = paired_differences(aucs)
    >>> found.select("method", "other", "wins").row(0), round(found["difference"][0], 3)
    (('a', 'b', 2), 0.075)
    """
    methods = aucs["method"].unique(maintain_order=True).to_list()
    by_fold = {name: aucs.filter(pl.col("method") == name).sort("seed", "fold") for name in methods}
    rows = [_compared(by_fold, one, other) for one, other in combinations(methods, 2)]
    schema = {
        "method": pl.String,
        "other": pl.String,
        "difference": pl.Float64,
        "low": pl.Float64,
        "high": pl.Float64,
        "deviation": pl.Float64,
        "wins": pl.Int64,
        "seeds": pl.Int64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def corrected_interval(
    differences: Array, folds: int, confidence: float = CONFIDENCE
) -> tuple[float, float, float]:
    """Give mean, low and high of paired differences of repeated cross-validation.

    Raises
    ------
    ExploreError
        Fewer than two differences, or fewer than two folds.

    Examples
    --------
    >>> [round(part, 4) for part in corrected_interval(np.array([0.1, 0.0, 0.2, 0.0]), 2)]
    [0.075, -0.2657, 0.4157]
    """
    from scipy.stats import t

    many = len(differences)
    if many < 2 or folds < 2:
        raise ExploreError(
            "a paired interval needs at least two differences and two folds. Found: "
            f"{many} and {folds}. Take more seeds or folds."
        )
    mean = float(np.mean(differences))
    variance = float(np.var(differences, ddof=1)) * (1 / many + 1 / (folds - 1))
    half = float(t.ppf(0.5 + confidence / 2, many - 1)) * math.sqrt(variance)
    return mean, mean - half, mean + half


def _compared(by_fold: dict[str, pl.DataFrame], one: str, other: str) -> tuple[object, ...]:
    places = [by_fold[name].select("seed", "fold") for name in (one, other)]
    if not places[0].equals(places[1]) or places[0].is_duplicated().any():
        raise ExploreError(
            f"'{one}' and '{other}' were not tried on the same folds. Found: "
            f"{places[0].height} and {places[1].height} folds. Validate them together."
        )
    differences = (by_fold[one]["auc"] - by_fold[other]["auc"]).to_numpy()
    if differences.mean() < 0:
        one, other, differences = other, one, -differences
    mean, low, high = corrected_interval(differences, places[0]["fold"].n_unique())
    seeds = (
        places[0]
        .with_columns(pl.Series("difference", differences))
        .group_by("seed")
        .agg(pl.col("difference").mean())["difference"]
    )
    wins = int((seeds > 0).sum())
    return one, other, mean, low, high, seeds.std(), wins, len(seeds)
