"""Outlines of targets: one valid polygon each, the same however the map was cut."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np

from onshore.explore.blocks import Array, Block
from onshore.explore.grids import Grid
from onshore.explore.score_maps import ScoreMap
from onshore.explore.target_cells import TargetCells, Within, labelled

if TYPE_CHECKING:
    from shapely import Polygon


def outlines(
    found: ScoreMap, cells: TargetCells, threshold: float, kept: Array, *, within: Within | None
) -> list[Polygon]:
    """Draw the targets ``kept`` (their numbers) along the edges of their cells.

    In the map's own coordinates; outer rings run against the clock and start at their leftmost,
    then lowest corner.
    """
    import shapely
    from affine import Affine
    from rasterio.features import shapes

    number_of = np.zeros(int(cells.area.size) + 1, dtype=np.int32)
    number_of[kept + 1] = np.arange(1, len(kept) + 1, dtype=np.int32)
    pieces: dict[int, list[Any]] = defaultdict(list)
    before = 0
    strips = labelled(found, found.strips(cells.size), threshold, within, cells.cut)
    for strip, labels, *_ in strips:
        count = int(labels.max(initial=0))
        target = np.concatenate([[0], cells.target_of[before : before + count] + 1])
        numbers = number_of[target][labels]
        before += count
        if numbers.any():
            at = Affine.translation(0, strip.row)
            for shape, number in shapes(numbers, mask=numbers > 0, connectivity=4, transform=at):
                pieces[int(number)].append(shapely.geometry.shape(shape))
    return [_on_map(_whole(pieces[number + 1]), found) for number in range(len(kept))]


def targets_in(grid: Grid, strip: Block, shapes: list[Polygon]) -> Array:
    """Give the cells of a strip the number of their target, from 1; 0 outside of all."""
    from affine import Affine
    from rasterio.features import rasterize

    numbers: Array = np.zeros((strip.height, strip.width), dtype=np.int32)
    north = grid.transform[5] + grid.transform[4] * strip.row
    south = north + grid.transform[4] * strip.height
    near = [
        (shape, number)
        for number, shape in enumerate(shapes, 1)
        if shape.bounds[1] < north and shape.bounds[3] > south
    ]
    if near:
        rasterize(near, out=numbers, transform=Affine(*grid.transform_of(strip)))
    return numbers


def _whole(pieces: list[Any]) -> Any:
    import shapely

    return shapely.union_all([shapely.make_valid(piece) for piece in pieces])


def _on_map(shape: Any, found: ScoreMap) -> Polygon:
    """Turn a polygon of rows and columns into one of the map, its rings in a fixed order."""
    import shapely

    a, _, c, _, e, f = found.grid.transform
    rings = []
    for ring in (shape.exterior, *shape.interiors):
        corners = _corners(np.asarray(ring.coords)[:-1, :2])
        rings.append(corners * (a, e) + (c, f))
    outer, *holes = (_turned(ring, against=number == 0) for number, ring in enumerate(rings))
    holes.sort(key=lambda ring: ring[0].tolist())
    return shapely.Polygon(outer, holes)


def _corners(points: Array) -> Array:
    """Leave out points at which a ring goes straight on."""
    into = points - np.roll(points, 1, axis=0)
    out = np.roll(points, -1, axis=0) - points
    corners: Array = points[into[:, 0] * out[:, 1] != into[:, 1] * out[:, 0]]
    return corners


def _turned(ring: Array, *, against: bool) -> Array:
    """Run a ring against the clock or with it, from its leftmost, then lowest corner."""
    x, y = ring[:, 0], ring[:, 1]
    area = float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))
    if (area > 0) != against:
        ring = ring[::-1]
    start = int(np.lexsort((ring[:, 1], ring[:, 0]))[0])
    return np.roll(ring, -start, axis=0)
