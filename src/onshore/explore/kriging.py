"""Ordinary kriging of the means of blocks from the samples around each.

GSTools gives the covariances; it kriges points from all samples at once. Here the samples around
each block are looked for, so that large holes' tables can be used, and a block's own deviation is
given.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product
from typing import Any, TypeAlias

import numpy as np
import polars as pl

from onshore.explore.errors import ExploreError
from onshore.explore.variograms import Variogram

Vector: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]
Whole: TypeAlias = np.ndarray[Any, np.dtype[np.int64]]

_CHUNK = 512
_CANDIDATES = 256


@dataclass(frozen=True)
class Data:
    """Samples: places (n, 3), the same in the variogram's metric, values and holes."""

    origin: Vector
    place: Vector
    metric: Vector
    value: Vector
    hole: Whole
    nugget: float
    partial: float
    alike: Callable[[Vector], Vector] = field(repr=False)
    into_metric: Callable[[Vector], Vector] = field(repr=False)

    @classmethod
    def of(cls, composites: pl.DataFrame, variogram: Variogram) -> Data:
        """Take composites with hole_id, x, y, z and value."""
        model = variogram.model()

        table = composites.select(pl.col("x", "y", "z", "value").cast(pl.Float64))
        numbers = table.to_numpy()
        if not np.isfinite(numbers).all():
            raise ExploreError("composites have empty cells in x, y, z or value: leave them out.")
        _, holes = np.unique(composites["hole_id"].to_numpy().astype(str), return_inverse=True)
        place = np.ascontiguousarray(numbers[:, :3])
        origin = place.mean(axis=0)
        _refuse_doubles(place, composites)

        def into_metric(place: Vector) -> Vector:
            return np.ascontiguousarray(model.isometrize((place - origin).T).T)

        return cls(
            *(origin, place, into_metric(place), numbers[:, 3], holes.astype(np.int64)),
            *(variogram.nugget, variogram.sill - variogram.nugget),
            *(lambda distance: np.asarray(model.correlation(distance)), into_metric),
        )


def _refuse_doubles(place: Vector, composites: pl.DataFrame) -> None:
    order = np.lexsort(place.T)
    same = (np.abs(np.diff(place[order], axis=0)) < 1e-6).all(axis=1)
    if same.any():
        first = int(np.argmax(same))
        one, other = (composites["hole_id"][int(order[first + k])] for k in (0, 1))
        raise ExploreError(
            f"two composites lie in one place, of holes {one} and {other}: leave one of them out."
        )


def krige(
    data: Data,
    centres: Vector,
    size: tuple[float, float, float],
    nodes: tuple[int, int, int],
    radius: float,
    most: int,
    least: int,
    per_hole: int,
    *,
    without: Whole | None = None,
) -> pl.DataFrame:
    """Estimate blocks; those without enough samples have null grades.

    Parameters
    ----------
    data
        The samples.
    centres
        Middles of the blocks (m, 3).
    size, nodes
        Sides of a block, m, and the points along each that stand for it.
    radius
        Reach in the variogram's metric: metres along its main axis.
    most, least, per_hole
        Samples used at most, at least, and at most of one hole.
    without
        For each centre, a hole whose samples are not used.
    """
    from scipy.spatial import cKDTree

    tree = cKDTree(data.metric)
    offsets = _offsets(size, nodes)
    shift = data.into_metric(data.origin + offsets)
    within = data.partial * data.alike(_apart(shift, shift)).mean()
    if len(offsets) == 1:
        within += data.nugget
    middle = data.into_metric(centres)
    parts = []
    for start in range(0, len(centres), _CHUNK):
        at = middle[start : start + _CHUNK]
        left_out = None if without is None else without[start : start + _CHUNK]
        chosen, used = _around(tree, data, at, radius, most, per_hole, left_out)
        told = _solved(data, at, shift, within, chosen, used)
        apart = np.linalg.norm(data.place[chosen] - centres[start : start + _CHUNK, None], axis=2)
        nearest = np.where(used, apart, np.inf).min(axis=1, initial=np.inf)
        enough = pl.Series(used.sum(axis=1) >= least)
        parts.append(
            told.with_columns(pl.Series("nearest", nearest)).with_columns(
                pl.when(enough).then(pl.col("grade", "deviation", "slope", "nearest"))
            )
        )
    table = pl.concat(parts)
    return pl.DataFrame(dict(zip("xyz", centres.T, strict=True))).hstack(table)


def _offsets(size: tuple[float, float, float], nodes: tuple[int, int, int]) -> Vector:
    axes = [
        side * ((np.arange(count) + 0.5) / count - 0.5)
        for side, count in zip(size, nodes, strict=True)
    ]
    return np.array(list(product(*axes)))


def _apart(one: Vector, other: Vector) -> Vector:
    return np.asarray(np.linalg.norm(one[..., :, None, :] - other[..., None, :, :], axis=-1))


def _around(
    tree: Any,
    data: Data,
    at: Vector,
    radius: float,
    most: int,
    per_hole: int,
    left_out: Whole | None,
) -> tuple[Whole, Any]:
    """Give the samples of each block, nearest first, and which of those places are filled."""
    ask = max(_CANDIDATES, 8 * most)
    if left_out is not None:
        ask += int(np.bincount(data.hole).max())
    ask = min(ask, len(data.value))
    distance, index = tree.query(at, k=np.arange(1, ask + 1), distance_upper_bound=radius)
    there = np.isfinite(distance)
    index = np.where(there, index, 0)
    hole = data.hole[index]
    if left_out is not None:
        there &= hole != left_out[:, None]
    there &= _rank_in_hole(hole, there) < per_hole
    first = np.argsort(~there, axis=1, kind="stable")[:, :most]
    return np.take_along_axis(index, first, axis=1), np.take_along_axis(there, first, axis=1)


def _rank_in_hole(hole: Whole, there: Any) -> Whole:
    """Tell how many samples of the same hole are nearer, for each sample of each block."""
    wide = hole.shape[1]
    marked = np.where(there, hole, -1 - np.arange(wide))
    order = np.argsort(marked, axis=1, kind="stable")
    ordered = np.take_along_axis(marked, order, axis=1)
    new = np.ones_like(ordered, dtype=bool)
    new[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    begun = np.maximum.accumulate(np.where(new, np.arange(wide), 0), axis=1)
    rank = np.empty_like(ordered)
    np.put_along_axis(rank, order, np.arange(wide) - begun, axis=1)
    return rank


def _solved(
    data: Data,
    at: Vector,
    shift: Vector,
    within: float,
    chosen: Whole,
    used: Any,
) -> pl.DataFrame:
    """Solve the kriging systems of some blocks; places without a sample get the weight 0."""
    place, wide = data.metric[chosen], chosen.shape[1]
    both = used[:, :, None] & used[:, None, :]
    system = np.zeros((len(at), wide + 1, wide + 1))
    system[:, :wide, :wide] = np.where(both, data.partial * data.alike(_apart(place, place)), 0.0)
    diagonal = np.arange(wide)
    system[:, diagonal, diagonal] = np.where(used, data.partial + data.nugget, 1.0)
    system[:, :wide, wide] = system[:, wide, :wide] = used
    empty = ~used.any(axis=1)
    system[empty, wide, wide] = 1.0
    right = np.zeros((len(at), wide + 1))
    apart = _apart(place, at[:, None, :] + shift)
    pull = data.partial * data.alike(apart).mean(axis=2)
    if len(shift) == 1:
        pull += data.nugget * (apart[:, :, 0] < 1e-7)
    right[:, :wide], right[:, wide] = np.where(used, pull, 0.0), 1.0
    try:
        solution = np.linalg.solve(system, right[:, :, None])[:, :, 0]
    except np.linalg.LinAlgError as error:
        raise ExploreError(
            "the samples are too alike for this variogram: give it a nugget, or another kind."
        ) from error
    weight, multiplier = solution[:, :wide], solution[:, wide]
    grade = (weight * np.where(used, data.value[chosen], 0.0)).sum(axis=1)
    variance = np.maximum(within - (weight * right[:, :wide]).sum(axis=1) - multiplier, 0.0)
    spread = within - variance - multiplier
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = np.where(np.abs(spread - multiplier) > 1e-12, spread / (spread - multiplier), 1.0)
    holes = np.sort(np.where(used, data.hole[chosen], -1), axis=1)
    distinct = ((np.diff(holes, axis=1, prepend=-1) != 0) & (holes >= 0)).sum(axis=1)
    return pl.DataFrame(
        {
            "grade": grade,
            "deviation": np.sqrt(variance),
            "slope": slope,
            "samples": used.sum(axis=1),
            "holes": distinct,
        }
    )
