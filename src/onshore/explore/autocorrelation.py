"""How far evidence and deposits are alike: variograms, and the range that blocks must exceed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from onshore.explore.blocks import Array
from onshore.explore.errors import ExploreError
from onshore.explore.methods import method

if TYPE_CHECKING:
    from onshore.explore.deposits import Deposits
    from onshore.explore.stacks import Stack
    from onshore.explore.training import Sample

_LAGS = 30
_CELLS = 1_000  # cells of the land drawn for variograms: half a million pairs
_BEYOND = 0.5  # variograms reach this share of the land's longer side
_FEW_PAIRS = 30
_DRAWS = 10  # of the background beside the deposits
_WEAK = 0.75  # a nugget above this share of the sill: likeness is weak (Cambardella et al. 1994)

DEPOSITS, RESIDUALS = "deposits", "residuals"


@dataclass(frozen=True)
class Autocorrelation:
    """Variograms of the layers, of deposits, and of what the layers do not explain of them.

    Attributes
    ----------
    table : DataFrame
        ``layer`` (str; also ``deposits`` and ``residuals``), ``distance_km`` (mean of the pairs),
        ``semivariance`` (in the variable's variance: 1 is no likeness), ``fitted``, ``pairs``.
    ranges : DataFrame
        ``layer``, ``range_km``, ``nugget``, ``sill`` (of the fitted spherical model),
        ``reached`` (bool: the range lies within the distances looked at).
    range_km : float
        The larger of the deposits' and the residuals' range: how far a deposit tells of others.
    warnings : list of str
        What to mind.
    """

    table: pl.DataFrame
    ranges: pl.DataFrame
    range_km: float
    warnings: list[str]


def autocorrelation(stack: Stack, deposits: Deposits, *, seed: int = 0) -> Autocorrelation:
    """Measure how far the data are alike, to choose the size of blocks.

    gamma(h) = half the mean squared difference of pairs h apart, divided by the variance; for
    classes, half the share of pairs of different classes, divided by the same of pairs drawn at
    random. A spherical model with a nugget is fitted by weighted least squares (weights pairs /
    fitted squared, Cressie 1985); its range is where likeness ends. Where the nugget is above three
    quarters of the sill there is none to speak of: the range is then one step of distance (a
    sixtieth of the land's longer side), below which nothing can be told.

    The layers are looked at in 1,000 cells drawn over the land. Deposits are looked at as 1 in
    their cells (at most 1,000 of them) and 0 in as many cells of the background; the residuals are
    what is left of that after a logistic regression on the layers. Both are means over ten draws
    of the background.

    Parameters
    ----------
    stack, deposits
        From `open_stack` and `read_deposits`.
    seed
        Of the cells drawn.

    Returns
    -------
    Autocorrelation
        The same for the same seed.

    Raises
    ------
    ExploreError
        Too few deposits or cells with data.

    References
    ----------
    Cambardella, C. A. et al. (1994). Field-scale variability of soil properties in central Iowa
    soils. Soil Science Society of America Journal 58, 1501-1511. Cressie, N. (1985). Fitting
    variogram models by weighted least squares. Mathematical Geology 17, 563-586. Roberts, D. R.
    et al. (2017). Cross-validation strategies for data with temporal, spatial, hierarchical, or
    phylogenetic structure. Ecography 40, 913-929. Valavi, R. et al. (2019). blockCV. Methods in
    Ecology and Evolution 10, 225-232.
    """
    from onshore.explore.training import training_cells

    cells = training_cells(stack, deposits, negatives=_CELLS, seed=seed)
    across, down = stack.grid.cell_km
    x, y = cells.columns * across, cells.rows * down
    most = _BEYOND * max(stack.grid.width * across, stack.grid.height * down)
    land = cells.counts == 0
    found = {
        name: empirical_variogram(
            x[land], y[land], cells.values[land, place], most, classes=kind != "numeric"
        )
        for place, (name, kind) in enumerate(zip(stack.names, stack.kinds, strict=True))
    }
    _check_names(stack.names)
    known, residuals = _deposits_and_residuals(cells, stack.kinds, seed)
    draws = _draws(cells.counts, seed)
    for name, each in ((DEPOSITS, known), (RESIDUALS, residuals)):
        drawn = [empirical_variogram(x[some], y[some], each[some], most) for some in draws]
        found[name] = _pooled(drawn, most)
    return _gathered(found, list(stack.names), list(cells.warnings), most)


@dataclass(frozen=True)
class Spherical:
    """gamma(h) = nugget + (sill - nugget) (1.5 h/range - 0.5 (h/range)^3), sill beyond."""

    nugget: float
    sill: float
    range_km: float

    def at(self, distance: Array) -> Array:
        """Give the semivariance at distances."""
        return _spherical(distance, self.nugget, self.sill - self.nugget, self.range_km)


def fit_spherical(empirical: pl.DataFrame, most: float) -> Spherical:
    """Fit a spherical model: ranges tried on a fine scale, nugget and sill by least squares."""
    distance, semivariance, pairs = (
        empirical[name].to_numpy().astype(float)
        for name in ("distance_km", "semivariance", "pairs")
    )
    best, least = Spherical(0.0, 1.0, most), np.inf
    for reach in np.geomspace(most / 200, most, 160):
        shape = _spherical(distance, 0.0, 1.0, float(reach))
        nugget, rise = 0.0, float(np.average(semivariance, weights=pairs))
        for _ in range(4):  # the weights are of the fit itself
            weights = np.sqrt(pairs) / np.maximum(nugget + rise * shape, 1e-3)
            nugget, rise = _two_parts(shape, semivariance, weights)
        misfit = float(np.sum((weights * (semivariance - nugget - rise * shape)) ** 2))
        # without a rise any range fits alike: the shortest stands, as there is no likeness
        if misfit < least * (1 - 1e-9):
            best, least = Spherical(nugget, nugget + rise, float(reach)), misfit
    return best


def _two_parts(shape: Array, semivariance: Array, weights: Array) -> tuple[float, float]:
    """Give nugget and rise, neither below 0, of the weighted least squares."""
    from scipy.optimize import nnls

    matrix = np.column_stack([weights, weights * shape])
    (nugget, rise), _ = nnls(matrix, weights * semivariance)
    return float(nugget), float(rise)


def _spherical(distance: Array, nugget: float, rise: float, reach: float) -> Array:
    part = np.minimum(distance / reach, 1.0)
    return np.asarray(nugget + rise * (1.5 * part - 0.5 * part**3))


def empirical_variogram(
    x: Array, y: Array, values: Array, most: float, *, classes: bool = False, lags: int = _LAGS
) -> pl.DataFrame:
    """Give ``distance_km``, ``semivariance`` (of the variance) and ``pairs``, in equal steps."""
    sums, distances, pairs = np.zeros(lags), np.zeros(lags), np.zeros(lags)
    values = values.astype(np.float64)
    if classes:
        _, counts = np.unique(values, return_counts=True)
        variance = 0.5 * float(1 - np.sum((counts / len(values)) ** 2))
    else:
        variance = float(np.var(values))
    for at in range(len(values) - 1):
        distance = np.hypot(x[at + 1 :] - x[at], y[at + 1 :] - y[at])
        near = distance < most
        distance, other = distance[near], values[at + 1 :][near]
        unlike = other != values[at] if classes else (other - values[at]) ** 2
        lag = (distance * (lags / most)).astype(np.int64)
        sums += np.bincount(lag, unlike, lags)
        distances += np.bincount(lag, distance, lags)
        pairs += np.bincount(lag, minlength=lags)
    enough = (pairs >= _FEW_PAIRS) & (variance > 0)
    return pl.DataFrame(
        {
            "distance_km": distances[enough] / pairs[enough],
            "semivariance": 0.5 * sums[enough] / pairs[enough] / (variance or 1.0),
            "pairs": pairs[enough].astype(np.int64),
        }
    )


def _deposits_and_residuals(cells: Sample, kinds: Sequence[str], seed: int) -> tuple[Array, Array]:
    """Give 1 or 0 for each cell, and what the layers leave unexplained of that."""
    fitted = method("logistic").fit(cells.values, kinds, cells.counts, seed=seed)
    known = (cells.counts > 0).astype(np.float64)
    return known, known - fitted.score(cells.values)[0]


def _draws(counts: Array, seed: int) -> list[Array]:
    """Draw as many cells of the background as with deposits, several times."""
    random = np.random.default_rng(seed)
    held, land = np.flatnonzero(counts > 0), np.flatnonzero(counts == 0)
    many = min(len(held), len(land))
    return [
        np.concatenate([random.choice(of, many, replace=False) for of in (held, land)])
        for _ in range(_DRAWS)
    ]


def _pooled(drawn: Sequence[pl.DataFrame], most: float) -> pl.DataFrame:
    """Put the variograms of several draws together, step by step."""
    weighed = {
        name: (pl.col(name) * pl.col("pairs")).sum() / pl.col("pairs").sum()
        for name in ("distance_km", "semivariance")
    }
    return (
        pl.concat(drawn)
        .group_by((pl.col("distance_km") * (_LAGS / most)).floor().alias("step"))
        .agg(**weighed, pairs=pl.col("pairs").mean().round().cast(pl.Int64))
        .sort("step")
        .drop("step")
    )


def _check_names(names: Sequence[str]) -> None:
    taken = sorted({DEPOSITS, RESIDUALS} & set(names))
    if taken:
        raise ExploreError(
            f"layers cannot be named {' or '.join(taken)} here: variograms of deposits and "
            "residuals are told under these names. Rename the layer in the table of layers."
        )


def _gathered(
    found: dict[str, pl.DataFrame], layers: list[str], warnings: list[str], most: float
) -> Autocorrelation:
    parts, ranges = [], []
    for name, empirical in found.items():
        if empirical.height < 4:
            warnings.append(f"{name}: too few pairs of cells, or no variety, for a variogram")
            continue
        model = fit_spherical(empirical, most)
        fitted = pl.Series("fitted", model.at(empirical["distance_km"].to_numpy()))
        parts.append(
            empirical.select(
                pl.lit(name).alias("layer"), "distance_km", "semivariance", fitted, "pairs"
            )
        )
        reach, reached = max(model.range_km, most / _LAGS), model.range_km < most
        if model.nugget > _WEAK * model.sill:
            reach, reached = most / _LAGS, True
            warnings.append(f"{name}: no likeness between cells more than {reach:.3g} km apart")
        ranges.append((name, reach, model.nugget, model.sill, reached))
    told = pl.DataFrame(
        ranges, schema=["layer", "range_km", "nugget", "sill", "reached"], orient="row"
    )
    of_deposits = told.filter(~pl.col("layer").is_in(layers))["range_km"].to_list()
    if not of_deposits:
        raise ExploreError(
            "how far deposits are alike cannot be told. Found: too few pairs of them. Give "
            "block_km, from how far deposits of the kind cluster elsewhere."
        )
    warnings.extend(
        f"{name}: still growing less alike at {most:.3g} km; its range is at least that"
        for name in told.filter(~pl.col("reached"))["layer"]
    )
    return Autocorrelation(pl.concat(parts), told, max(of_deposits), warnings)
