"""Grades of blocks from composites, by ordinary block kriging."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from onshore.explore.errors import ExploreError
from onshore.explore.kriging import Data, Vector, krige
from onshore.explore.variograms import Variogram, fit_variogram

_MOST_BLOCKS = 20_000_000
_NO_SHARE = 0.005


@dataclass(frozen=True)
class BlockEstimate:
    """Blocks with their grades.

    Attributes
    ----------
    blocks : DataFrame
        A block each: ``x``, ``y``, ``z`` (m, of the middle), ``grade``, ``deviation`` (standard
        deviation of kriging, in the grade's unit), ``slope`` (of the true on the estimated grade;
        1 is without conditional bias), ``samples``, ``holes`` and ``nearest`` (m, to the nearest
        sample used), and ``share`` of the rocks it is bound to, where it is.
    size : tuple of float
        Of a block along x, y and z, m.
    variogram : Variogram
        Used.
    analyte, unit : str
        What was estimated, and the grade's unit.
    composites : DataFrame
        What it was estimated from.
    warnings : list of str
        What to mind.
    """

    blocks: pl.DataFrame
    size: tuple[float, float, float]
    variogram: Variogram
    analyte: str
    unit: str
    composites: pl.DataFrame = field(repr=False)
    warnings: list[str] = field(default_factory=list)


def estimate_blocks(
    composites: pl.DataFrame,
    *,
    size: tuple[float, float, float],
    analyte: str | None = None,
    variogram: Variogram | None = None,
    bounds: Sequence[float] | None = None,
    radius: float | None = None,
    most: int = 24,
    least: int = 4,
    per_hole: int = 6,
    nodes: tuple[int, int, int] = (3, 3, 3),
    top_cut: float | None = None,
    within: pl.DataFrame | None = None,
    within_variogram: Variogram | None = None,
) -> BlockEstimate:
    """Estimate the grade of blocks from the composites around each.

    Ordinary kriging of a block's mean, from the samples that are nearest in the variogram's own
    metric. Covariances are those of GSTools. Blocks without enough samples in reach are not
    estimated and not given.

    Parameters
    ----------
    composites
        From `composite`, in its columns.
    size
        Of a block along x, y and z, m.
    analyte
        Which, where there are several.
    variogram
        By default one level and one vertical range are fitted.
    bounds
        West, south, bottom, east, north, top (m) of the blocks; by default the box around the
        composites, widened to whole multiples of the size.
    radius
        Metres along the variogram's main axis in which samples are looked for; its range by
        default.
    most, least, per_hole
        How many samples a block is estimated from at most and at least, and at most of one hole.
    nodes
        Points along x, y and z that stand for a block; (1, 1, 1) estimates its middle point.
    top_cut
        Values above are lowered to it.
    within
        From `rock_shares`: the grade is that of these rocks, and a block counts with its share of
        them (column ``share``), kriged in the same way; blocks without any are left out.
    within_variogram
        Of those shares; by default fitted like that of the grades. Where a layer is thinner than
        holes are apart, give one whose level ranges are long.

    Returns
    -------
    BlockEstimate
        Its blocks are ordered by z, y, x.

    Raises
    ------
    ExploreError
        The composites, the size or the numbers cannot be used, two composites lie in one place,
        or no block has enough samples.
    """
    name, unit, chosen = _one_analyte(composites, analyte)
    if len(size) != 3 or not all(side > 0 for side in size):
        raise ExploreError(f"a block needs three positive sides in metres; found {size}.")
    if not 1 <= least <= most or per_hole < 1 or min(nodes) < 1:
        raise ExploreError(
            f"samples of a block need 1 <= least <= most and per_hole, nodes of 1 or more; found "
            f"least {least}, most {most}, per_hole {per_hole}, nodes {nodes}."
        )
    warnings = list[str]()
    if top_cut is not None:
        above = int((chosen["value"] > top_cut).sum())
        warnings.append(f"{above:,} of {chosen.height:,} composites are cut to {top_cut:g} {unit}.")
        chosen = chosen.with_columns(pl.col("value").clip(upper_bound=top_cut))
    if variogram is None:
        variogram = fit_variogram(chosen)
        warnings.append(
            "the variogram was fitted by default, with one level and one vertical range."
        )
    data = Data.of(chosen, variogram)
    centres = _centres(data.place, size, bounds)
    blocks = krige(
        *(data, centres, size, nodes, radius or variogram.ranges[0], most, least, per_hole)
    )
    if within is None:
        warnings.append(
            "all blocks count as ore to their whole volume: give within, or bounds, where a rock "
            "holds the ore."
        )
    else:
        model = within_variogram or fit_variogram(within)
        reach = radius or model.ranges[0]
        shares = _shares(within, model)
        found = krige(shares, centres, size, nodes, reach, most, least, per_hole)["grade"]
        blocks = blocks.with_columns(found.clip(0.0, 1.0).alias("share")).filter(
            pl.col("share") > _NO_SHARE
        )
    estimated = blocks.filter(pl.col("grade").is_not_null())
    if estimated.is_empty():
        raise ExploreError(
            f"none of {blocks.height:,} blocks has {least} samples within "
            f"{radius or variogram.ranges[0]:g} m: widen the radius or ask for fewer samples."
        )
    if max(variogram.ranges) >= 0.999 * _longest(variogram):
        warnings.append(
            f"a range of the variogram is the longest distance that was looked at, "
            f"{_longest(variogram):,.0f} m: grades may be alike further than that."
        )
    missing = blocks.height - estimated.height
    if missing:
        warnings.append(
            f"{missing:,} of {blocks.height:,} blocks have too few samples in reach and are not "
            "estimated."
        )
    negative = int((estimated["grade"] < 0).sum())
    if negative:
        warnings.append(f"{negative:,} blocks have a negative grade and are set to 0.")
        estimated = estimated.with_columns(pl.col("grade").clip(lower_bound=0.0))
    return BlockEstimate(estimated, size, variogram, name, unit, chosen, warnings)


def _longest(variogram: Variogram) -> float:
    table = variogram.table
    return float(table["distance"].max()) if table.height else float("inf")  # type: ignore[arg-type]


def _shares(within: pl.DataFrame, variogram: Variogram) -> Data:
    _, unit, logged = _one_analyte(within, None)
    if unit != "share" or not logged["value"].is_between(0, 1).all():
        raise ExploreError("within is a table of shares from 0 to 1: make it by rock_shares.")
    return Data.of(logged, variogram)


def leave_holes_out(
    composites: pl.DataFrame,
    variogram: Variogram,
    *,
    analyte: str | None = None,
    radius: float | None = None,
    most: int = 24,
    least: int = 4,
    per_hole: int = 6,
) -> pl.DataFrame:
    """Estimate each composite from the other holes only, to see how good an estimate is.

    Returns
    -------
    DataFrame
        ``hole_id``, ``x``, ``y``, ``z``, ``value``, ``estimate``, ``deviation`` (null where too
        few samples are in reach).
    """
    _, _, chosen = _one_analyte(composites, analyte)
    data = Data.of(chosen, variogram)
    found = krige(
        *(data, data.place, (0.0, 0.0, 0.0), (1, 1, 1), radius or variogram.ranges[0]),
        *(most, least, per_hole),
        without=data.hole,
    )
    return chosen.select("hole_id", "x", "y", "z", "value").with_columns(
        found["grade"].alias("estimate"), found["deviation"]
    )


def _one_analyte(composites: pl.DataFrame, analyte: str | None) -> tuple[str, str, pl.DataFrame]:
    needed = ("hole_id", "analyte", "unit", "x", "y", "z", "value")
    lacking = [column for column in needed if column not in composites.columns]
    if lacking:
        raise ExploreError(
            f"composites have no {', '.join(lacking)}: give the table that composite makes."
        )
    there = composites["analyte"].unique().sort().to_list()
    if analyte is None and len(there) > 1:
        raise ExploreError(f"composites are of {', '.join(there)}: say which analyte.")
    name = analyte if analyte is not None else (there or ["none"])[0]
    chosen = composites.filter(pl.col("analyte") == name)
    if chosen.is_empty():
        raise ExploreError(f"there are no composites of {name}; there are {', '.join(there)}.")
    units = chosen["unit"].unique().to_list()
    if len(units) > 1:
        raise ExploreError(f"composites of {name} are in {', '.join(units)}: use one unit.")
    return name, str(units[0]), chosen


def _centres(
    place: Vector, size: tuple[float, float, float], bounds: Sequence[float] | None
) -> Vector:
    side = np.asarray(size)
    if bounds is None:
        low = np.floor(place.min(axis=0) / side) * side
        high = np.maximum(np.ceil(place.max(axis=0) / side) * side, low + side)
    else:
        if len(bounds) != 6 or not all(bounds[k] < bounds[k + 3] for k in range(3)):
            raise ExploreError(
                f"bounds are west, south, bottom, east, north, top in metres; found {bounds}."
            )
        low, high = np.asarray(bounds[:3], dtype=float), np.asarray(bounds[3:], dtype=float)
    counts = np.maximum(np.round((high - low) / side).astype(int), 1)
    if float(np.prod(counts.astype(float))) > _MOST_BLOCKS:
        raise ExploreError(
            f"{np.prod(counts.astype(float)):,.0f} blocks are too many: enlarge the blocks or "
            "narrow the bounds."
        )
    axes = [low[k] + side[k] * (np.arange(counts[k]) + 0.5) for k in range(3)]
    z, y, x = np.meshgrid(axes[2], axes[1], axes[0], indexing="ij")
    return np.stack([x.ravel(), y.ravel(), z.ravel()], axis=1)
