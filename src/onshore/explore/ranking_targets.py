"""What targets are expected to hold, from held-out deposits, and what exploring them would find."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import polars as pl

from onshore.explore.blocks import Array
from onshore.explore.errors import ExploreError
from onshore.explore.score_maps import Levels

_CURVE = ("area_share", "deposit_share")
_SURE = 1.959963984540054  # two-sided 95 % of the normal distribution


@dataclass(frozen=True)
class FoundCurve:
    """Share of deposits found in the best-scored share of the area, bent down throughout.

    Attributes
    ----------
    area : array
        float64, from 0 to 1.
    found : array
        float64, from 0 to 1; straight between the points.
    deposits : float or None
        Held-out deposits that it was counted on.
    warnings : list of str
        What is odd about it.
    """

    area: Array
    found: Array
    deposits: float | None
    warnings: list[str]

    def at(self, area: Array) -> Array:
        """Share of deposits found in the best-scored share of the area."""
        return np.interp(area, self.area, self.found)

    def by_level(self, scale: Levels) -> Array:
        """Share of deposits per 1e-10 km2, by the bins of a map's scores."""
        above = scale.above / scale.scored
        below = (scale.above + scale.areas) / scale.scored
        found = self.at(below) - self.at(above)
        share: Array = np.divide(
            found, scale.areas, out=np.zeros(len(found)), where=scale.areas > 0
        )
        return share


def found_curve(curve: pl.DataFrame) -> FoundCurve:
    """Read a success-rate curve and bend it, so that a better score never promises less.

    The slope of the curve, deposits per area, is made to fall with the score by isotonic
    regression (pool adjacent violators, weighted by area): the falling step function that is
    nearest to what held-out deposits show.

    Parameters
    ----------
    curve
        ``area_share`` and ``deposit_share`` (Float64, 0 to 1), of one method, counted on held-out
        deposits; optional ``deposits`` (their number) and ``split``.

    Raises
    ------
    ExploreError
        Columns are missing, there are several methods, or the shares are no curve from 0 to 1.
    """
    from scipy.optimize import isotonic_regression

    absent = [name for name in _CURVE if name not in curve.columns]
    if absent:
        raise ExploreError(
            f"the success-rate curve has no column {', '.join(absent)}. Found: "
            f"{', '.join(curve.columns)}. Give the curves that `onshore explore validate` wrote."
        )
    for name in ("method", "split", "seed"):
        if name in curve.columns and curve[name].n_unique() > 1:
            raise ExploreError(
                f"the success-rate curve is of several ({name}). Found: "
                f"{', '.join(map(str, curve[name].unique(maintain_order=True)))}. "
                f"Keep the rows of the one the map was made by: curve.filter({name} == ...)."
            )
    points = curve.select(pl.col(name).cast(pl.Float64) for name in _CURVE).sort(*_CURVE)
    area, found = (points[name].to_numpy() for name in _CURVE)
    wrong = ~np.isfinite(area) | ~np.isfinite(found) | (area < 0) | (area > 1 + 1e-9)
    wrong |= (found < 0) | (found > 1 + 1e-9)
    if len(area) < 2 or wrong.any() or (np.diff(found) < -1e-9).any():
        raise ExploreError(
            f"the success-rate curve does not rise from 0 to 1. Found: {len(area)} points, "
            f"{int(wrong.sum())} of them outside 0 to 1 or missing. "
            "Give the curve that `onshore explore validate` wrote."
        )
    area = np.concatenate([[0.0], np.minimum(area, 1.0), [1.0]])
    found = np.concatenate([[0.0], np.minimum(found, 1.0), [1.0]])
    last = np.append(np.flatnonzero(np.diff(area) > 0), len(area) - 1)
    knots, reached = area[last], found[last]
    knots[0], reached[0] = 0.0, 0.0
    wide = np.diff(knots)
    slope = isotonic_regression(np.diff(reached) / wide, weights=wide, increasing=False).x
    bent = np.concatenate([[0.0], np.cumsum(slope * wide)])
    return FoundCurve(knots, bent / bent[-1], _number(curve), _oddities(curve))


def _number(curve: pl.DataFrame) -> float | None:
    if "deposits" not in curve.columns or curve["deposits"].null_count() == curve.height:
        return None
    return float(np.nanmax(curve["deposits"].cast(pl.Float64).to_numpy()))


def _oddities(curve: pl.DataFrame) -> list[str]:
    if "split" in curve.columns and "random" in curve["split"].cast(pl.String).to_list():
        return [
            "the success-rate curve is of a random split: neighbours of the held-out deposits were "
            "learned from, so it promises too much. Validate by spatial blocks."
        ]
    return []


def ranked(table: pl.DataFrame) -> pl.DataFrame:
    """Rank targets: most expected per km2 first, where nothing is expected by their mean score."""
    expected = not table["expected_share"].is_null().all()
    by = pl.col("expected_share") / pl.col("area_km2") if expected else pl.col("mean")
    rank = pl.int_range(1, table.height + 1, dtype=pl.Int64)
    figures = max(3, len(str(table.height)))
    ordered = table.with_columns(_by=by).sort("_by", "top", "first", descending=[True, True, False])
    return ordered.select(
        pl.concat_str(pl.lit("T"), rank.cast(pl.String).str.zfill(figures)).alias("target"),
        rank.alias("rank"),
        pl.exclude("_by", "first"),
    )


def explored(table: pl.DataFrame, *, scored_km2: float, curve: FoundCurve | None) -> pl.DataFrame:
    """Add up what is found when targets are explored one after another."""
    share = pl.col("expected_share").cum_sum()
    told = table.select(
        "rank",
        "target",
        pl.col("area_km2").cum_sum(),
        (pl.col("area_km2").cum_sum() / scored_km2).alias("area_share"),
        share.alias("expected_share"),
        pl.col("expected").cum_sum(),
        pl.col("known").cum_sum(),
    )
    number = curve.deposits if curve else None
    ends = [interval(part, number) for part in told["expected_share"].to_list()]
    return told.with_columns(
        pl.Series("share_low", [low for low, _ in ends], dtype=pl.Float64),
        pl.Series("share_high", [high for _, high in ends], dtype=pl.Float64),
    )


def interval(share: float | None, number: float | None) -> tuple[float | None, float | None]:
    """Give the 95 % interval of a share that was counted on so many deposits (Wilson 1927)."""
    if share is None or not number:
        return None, None
    z = _SURE**2 / number
    middle = (share + z / 2) / (1 + z)
    half = math.sqrt(share * (1 - share) * z + z * z / 4) / (1 + z)
    return max(middle - half, 0.0), min(middle + half, 1.0)
