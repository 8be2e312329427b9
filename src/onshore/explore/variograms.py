"""How alike grades are over a distance: variograms estimated, fitted and used."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import pi, sqrt
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
import polars as pl

from onshore.explore.errors import ExploreError

Vector: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]
Kind: TypeAlias = Literal["spherical", "exponential", "gaussian"]

# What a length scale of GSTools is of the range at which 95 % of the sill is reached.
_LENGTH = {"spherical": 1.0, "exponential": 1 / 3, "gaussian": sqrt(pi) / 2 / sqrt(3)}
_CLASSES = {"spherical": "Spherical", "exponential": "Exponential", "gaussian": "Gaussian"}
_ALL_PAIRS = 4_000
_UP = np.array([0.0, 0.0, 1.0])


@dataclass(frozen=True)
class Variogram:
    """A variogram model.

    Attributes
    ----------
    kind : str
        ``spherical``, ``exponential`` or ``gaussian``.
    nugget, sill : float
        In squared units of the grade; the sill is the whole, nugget included.
    ranges : tuple of float
        Along the main axis, level across it, and vertically, m; for the exponential and gaussian
        model where 95 % of the sill is reached.
    azimuth : float
        Of the main axis, degrees from grid north.
    table : DataFrame
        What it was fitted to: ``direction``, ``distance`` (m), ``semivariance``, ``pairs``,
        ``fitted``.
    """

    kind: Kind
    nugget: float
    sill: float
    ranges: tuple[float, float, float]
    azimuth: float = 0.0
    table: pl.DataFrame = field(default_factory=pl.DataFrame, repr=False)

    def __post_init__(self) -> None:
        """Refuse what is no variogram."""
        if self.kind not in get_args(Kind):
            raise ExploreError(
                f"{self.kind!r} is no variogram model here: {', '.join(get_args(Kind))}."
            )
        if not (0 <= self.nugget < self.sill) or not all(r > 0 for r in self.ranges):
            raise ExploreError(
                f"a variogram needs 0 <= nugget < sill and positive ranges; found nugget "
                f"{self.nugget:g}, sill {self.sill:g}, ranges {self.ranges}."
            )

    def model(self) -> Any:
        """Give the model as GSTools has it (`gstools.CovModel`)."""
        import gstools

        major, across, vertical = self.ranges
        return getattr(gstools, _CLASSES[self.kind])(
            dim=3,
            var=self.sill - self.nugget,
            nugget=self.nugget,
            len_scale=major * _LENGTH[self.kind],
            anis=[across / major, vertical / major],
            angles=np.radians(90.0 - self.azimuth),
        )


def fit_variogram(
    composites: pl.DataFrame,
    *,
    kind: Kind = "spherical",
    azimuth: float | None = None,
    lag: float | None = None,
    lags: int = 15,
    seed: int = 0,
) -> Variogram:
    """Estimate the variogram of composites and fit a model, by GSTools.

    Parameters
    ----------
    composites
        ``x``, ``y``, ``z`` (m) and ``value`` of one analyte, from `composite`.
    kind
        The model.
    azimuth
        Degrees of the main axis: three ranges are fitted, along it, level across it, and
        vertically. Without it two are: level in any direction, and vertically.
    lag, lags
        Metres of a distance class, and how many; by default up to two thirds of the longest side
        of the box around the composites.
    seed
        For drawing pairs where there are more than 4,000 composites.

    Returns
    -------
    Variogram
        With the table that it was fitted to. No range is longer than the distances looked at along
        it; where a direction has no pairs, its range is the longest of the others.

    Raises
    ------
    ExploreError
        There are fewer than 10 composites, several analytes, or all values are the same.
    """
    place, value = _points(composites)
    width = lag or float(np.ptp(place, axis=1).max()) * 2 / 3 / lags
    if not width > 0:
        raise ExploreError("all composites lie in one place: there is no distance to measure.")
    edges = np.arange(lags + 1) * width
    if azimuth is None:
        level = [np.array([np.sin(a), np.cos(a), 0.0]) for a in np.radians([0, 45, 90, 135])]
        axes = {"level": level, "vertical": [_UP]}
    else:
        a = np.radians(azimuth)
        across = np.array([np.cos(a), -np.sin(a), 0.0])
        main = np.array([np.sin(a), np.cos(a), 0.0])
        axes = {"main": [main], "across": [across], "vertical": [_UP]}
    table = pl.concat(
        _experimental(name, directions, place, value, edges, seed)
        for name, directions in axes.items()
    )
    if table.is_empty():
        raise ExploreError(
            f"no two composites lie within {edges[-1]:g} m of each other level or vertically: "
            "give a longer lag."
        )
    return _fitted(table, kind, list(axes), azimuth or 0.0, float(np.var(value)))


def _experimental(
    name: str, directions: list[Any], place: Vector, value: Vector, edges: Any, seed: int
) -> pl.DataFrame:
    """Estimate along some directions taken together, within 22.5 degrees of one of them."""
    import gstools

    centre, gamma, pairs = gstools.vario_estimate(
        tuple(place),
        value,
        edges,
        direction=directions,
        angles_tol=pi / 8,
        separate_dirs=len(directions) > 1,
        sampling_size=_ALL_PAIRS,
        sampling_seed=seed,
        return_counts=True,
    )
    gamma, pairs = np.atleast_2d(gamma), np.atleast_2d(pairs)
    count = pairs.sum(axis=0)
    return pl.DataFrame(
        {
            "direction": [name] * centre.size,
            "distance": centre,
            "semivariance": (gamma * pairs).sum(axis=0) / np.maximum(count, 1),
            "pairs": count.astype(np.int64),
        }
    ).filter(pl.col("pairs") > 0)


def _points(composites: pl.DataFrame) -> tuple[Vector, Vector]:
    lacking = [name for name in ("x", "y", "z", "value") if name not in composites.columns]
    if lacking:
        raise ExploreError(f"composites need x, y, z and value; there is no {', '.join(lacking)}.")
    if "analyte" in composites.columns and composites["analyte"].n_unique() > 1:
        names = ", ".join(composites["analyte"].unique().sort().to_list())
        raise ExploreError(f"composites are of several analytes ({names}): keep one of them.")
    told = composites.select(pl.col("x", "y", "z", "value").cast(pl.Float64))
    if (
        told.null_count().sum_horizontal().item()
        or not told.select(pl.all_horizontal(pl.all().is_finite().all())).item()
    ):
        raise ExploreError("composites have empty cells in x, y, z or value: leave those rows out.")
    if told.height < 10:
        raise ExploreError(f"{told.height} composites are too few for a variogram: at least 10.")
    value = told["value"].to_numpy()
    if np.ptp(value) == 0:
        raise ExploreError(f"all composites have the value {value[0]:g}: nothing varies.")
    return told.select("x", "y", "z").to_numpy().T, value


def _fitted(
    table: pl.DataFrame, kind: Kind, names: list[str], azimuth: float, variance: float
) -> Variogram:
    """Fit by least squares; a class weighs as its pairs over its distance squared."""
    from scipy.optimize import least_squares

    there = [name for name in names if name in set(table["direction"])]
    rank = {name: at for at, name in enumerate(there)}
    axis = table["direction"].replace_strict(rank, return_dtype=pl.Int64).to_numpy()
    distance, gamma = table["distance"].to_numpy(), table["semivariance"].to_numpy()
    weight = np.sqrt(table["pairs"].to_numpy()) / distance
    shape = Variogram(kind, 0.0, 1.0, (1.0, 1.0, 1.0)).model()

    def told(parameters: Vector) -> Vector:
        nugget, partial, *ranges = parameters
        scaled = distance / np.asarray(ranges)[axis]
        return np.asarray(nugget + partial * shape.variogram(scaled))

    scale = variance or 1.0
    longest = [distance[axis == at].max() for at in range(len(there))]
    start = np.array([0.2 * scale, 0.8 * scale, *(reach / 3 for reach in longest)])
    low = np.array([0.0, 1e-6 * scale, *[distance.min() / 4] * len(there)])
    high = np.array([2 * scale, 4 * scale, *longest])
    fit = least_squares(
        lambda p: (told(p) - gamma) * weight / (scale * weight.sum()),
        np.clip(start, low * 1.001, high * 0.999),
        bounds=(low, high),
        x_scale=start,
        xtol=1e-12,
        ftol=1e-12,
        gtol=1e-14,
    )
    nugget, partial, *ranges = fit.x.tolist()
    found = dict(zip(there, ranges, strict=True))
    levels = ["level", "level", "vertical"] if "level" in names else names
    major, across, vertical = (found.get(name, max(ranges)) for name in levels)
    table = table.with_columns(pl.Series("fitted", told(fit.x)))
    return Variogram(kind, nugget, nugget + partial, (major, across, vertical), azimuth, table)
