"""A raster's values on the stack's grid, block by block, whatever its own grid and CRS."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from onshore.explore.blocks import Array, Block
from onshore.explore.errors import ExploreError
from onshore.explore.grids import Grid, system
from onshore.explore.layers import Raster
from onshore.explore.opened import Opened

# Grids whose cells differ by less than this share of a cell are the same grid.
_SAME = 1e-3
# Cells between the nodes at which positions are exact, and the error that is let pass between
# them, in cells of the source.
_STEP = 16
_LOOSE = 0.002
# Source cells that are read at once; blocks that need more are halved.
_MOST_CELLS = 1 << 22


@dataclass(frozen=True)
class Alignment:
    """How a raster is read on a grid.

    Attributes
    ----------
    way : str
        ``same`` (cells of one are cells of the other), ``resampled`` or ``reprojected``.
    down, right : int
        Where the grid's first cell lies in the raster, where the way is ``same``.
    step : int
        Cells between nodes at which positions are exact.
    parts : int
        Places looked up in a cell, each way: above 1 where the raster's cells are finer.
    """

    raster: Raster
    grid: Grid
    way: str
    down: int = 0
    right: int = 0
    step: int = _STEP
    parts: int = 1


def align(raster: Raster, grid: Grid, *, where: str, nearest: bool) -> Alignment:
    """Find how a raster is read on a grid; one that cannot be, or lies elsewhere, is refused."""
    same_system = raster.crs == grid.crs or system(raster.crs) == system(grid.crs)
    if same_system:
        shift = _shift(raster, grid)
        if shift is not None:
            found = Alignment(raster, grid, "same", *shift)
            return _overlapping(found, where)
    plain = Alignment(raster, grid, "resampled" if same_system else "reprojected")
    try:
        ratio = _fineness(plain)
        step = _STEP if same_system or _straight_enough(plain) else 1
    except _no_way() as problem:
        raise ExploreError(
            f"{where} is in another coordinate reference system, and no way leads from one to the "
            f"other. Found: {raster.crs[:60]} and {grid.crs[:60]} ({problem}). "
            "Warp the file to the grid's CRS: rio warp IN.tif OUT.tif --dst-crs EPSG:CODE."
        ) from problem
    parts = 1 if nearest or not math.isfinite(ratio) or ratio < 1.5 else min(round(ratio), 64)
    return _overlapping(Alignment(raster, grid, plain.way, 0, 0, step, parts), where)


def _no_way() -> tuple[type[Exception], ...]:
    from pyproj.exceptions import ProjError

    return (ProjError,)


def _shift(raster: Raster, grid: Grid) -> tuple[int, int] | None:
    """Rows down and columns right from the raster's first cell to the grid's; None if not whole."""
    a, b, c, d, e, f = raster.transform
    if b or d:
        return None
    ga, _, gc, _, ge, gf = grid.transform
    if abs(ga / a - 1) * grid.width > _SAME or abs(ge / e - 1) * grid.height > _SAME:
        return None
    right, down = (gc - c) / a, (gf - f) / e
    if abs(right - round(right)) > _SAME or abs(down - round(down)) > _SAME:
        return None
    return round(down), round(right)


def _positions(alignment: Alignment, rows: Array, columns: Array) -> tuple[Array, Array]:
    """Columns and rows in the raster of the grid's corners (rows x columns); NaN: no place."""
    grid, raster = alignment.grid, alignment.raster
    ga, _, gc, _, ge, gf = grid.transform
    x, y = np.meshgrid(gc + ga * columns, gf + ge * rows)
    if alignment.way == "reprojected":
        x, y = _transformer(grid.crs, raster.crs).transform(x, y)
        x, y = np.asarray(x), np.asarray(y)
    a, b, c, d, e, f = raster.transform
    whole = a * e - b * d
    x, y = x - c, y - f
    at_column, at_row = (e * x - b * y) / whole, (a * y - d * x) / whole
    lost = ~(np.isfinite(at_column) & np.isfinite(at_row))
    at_column[lost] = at_row[lost] = np.nan
    return at_column, at_row


@cache
def _transformer(source: str, target: str) -> Any:
    """Give the way from one CRS to another."""
    from pyproj import Transformer

    return Transformer.from_crs(source, target, always_xy=True)


def _fineness(alignment: Alignment) -> float:
    """How many of the raster's cells a grid's cell is wide, at the middle of both."""
    grid = alignment.grid
    rows = np.array([0.0, 1.0]) + grid.height // 2
    columns = np.array([0.0, 1.0]) + grid.width // 2
    at_column, at_row = _positions(alignment, rows, columns)
    across = math.hypot(at_column[0, 1] - at_column[0, 0], at_row[0, 1] - at_row[0, 0])
    down = math.hypot(at_column[1, 0] - at_column[0, 0], at_row[1, 0] - at_row[0, 0])
    return math.sqrt(across * down)


def _straight_enough(alignment: Alignment) -> bool:
    """Whether positions between nodes can be drawn straight, tried over the whole grid."""
    grid = alignment.grid
    rows = np.unique(np.linspace(0, grid.height // _STEP, 24).astype(int)) * float(_STEP)
    columns = np.unique(np.linspace(0, grid.width // _STEP, 24).astype(int)) * float(_STEP)
    middle = _positions(alignment, rows + _STEP / 2, columns + _STEP / 2)
    corners = [
        _positions(alignment, rows + down, columns + right)
        for down in (0.0, _STEP)
        for right in (0.0, _STEP)
    ]
    worst = 0.0
    for axis in (0, 1):
        drawn = np.mean([corner[axis] for corner in corners], axis=0)
        error = np.abs(drawn - middle[axis])
        if np.any(np.isnan(error)):
            return False
        worst = max(worst, float(np.max(error)))
    return worst <= _LOOSE


def _overlapping(alignment: Alignment, where: str) -> Alignment:
    """Refuse a raster that covers no cell of the grid."""
    if covered(alignment) > 0:
        return alignment
    raster, grid = alignment.raster, alignment.grid
    a, b, c, d, e, f = raster.transform
    corner = (c + a * raster.width + b * raster.height, f + d * raster.width + e * raster.height)
    raise ExploreError(
        f"{where} does not overlap the grid. Found: it lies at x {c:.6g} to {corner[0]:.6g}, "
        f"y {corner[1]:.6g} to {f:.6g} in {_short(raster.crs)}; the grid at "
        f"x {grid.bounds[0]:.6g} to {grid.bounds[2]:.6g}, y {grid.bounds[1]:.6g} to "
        f"{grid.bounds[3]:.6g} in {_short(grid.crs)}. "
        "Check its CRS and bounds, or leave the layer out."
    )


def covered(alignment: Alignment) -> float:
    """Tell which share of the grid's area the raster covers, from up to 200 x 200 places."""
    grid, raster = alignment.grid, alignment.raster
    rows = (np.arange(min(grid.height, 200)) + 0.5) * grid.height / min(grid.height, 200)
    columns = (np.arange(min(grid.width, 200)) + 0.5) * grid.width / min(grid.width, 200)
    at_column, at_row = _positions(alignment, rows, columns)
    inside = (at_column >= 0) & (at_column < raster.width)
    inside &= (at_row >= 0) & (at_row < raster.height)
    return float(np.mean(inside))


def _short(crs: str) -> str:
    return crs if len(crs) < 40 else crs[:40] + "..."


def read_aligned(
    alignment: Alignment,
    block: Block,
    nodata: tuple[float, ...],
    opened: Opened,
    *,
    nearest: bool,
) -> Array:
    """Read a block of the grid (it may reach outside): float32 (rows, columns), NaN: no data."""
    if alignment.way != "same":
        return _drawn(alignment, block, nodata, opened, nearest=nearest)
    from onshore.explore import raster_kernels as kernels

    wanted = Block(
        block.row + alignment.down, block.column + alignment.right, block.height, block.width
    )
    held = within(wanted, alignment.raster)
    values = np.empty((held.height, held.width), dtype=np.float32)
    found = opened.read(alignment.raster, held)
    kernels.to_values(found, marks_of(nodata, found.dtype), values)
    if held == wanted:
        return values
    out = np.full((block.height, block.width), np.nan, dtype=np.float32)
    down, right = held.row - wanted.row, held.column - wanted.column
    out[down : down + held.height, right : right + held.width] = values
    return out


def within(block: Block, raster: Raster) -> Block:
    """Give the part of a block that a raster has; 0 rows or columns where it has none."""
    row, column = max(block.row, 0), max(block.column, 0)
    height = min(block.row + block.height, raster.height) - row
    width = min(block.column + block.width, raster.width) - column
    if height <= 0 or width <= 0:
        return Block(block.row, block.column, 0, 0)
    return Block(row, column, height, width)


def marks_of(nodata: tuple[float, ...], dtype: Any) -> Array:
    """Give the no-data values as the file's type holds them; those it cannot hold are none."""
    kind = np.dtype(dtype)
    if kind.kind == "f":
        with np.errstate(over="ignore"):
            return np.array(nodata, dtype=np.float64).astype(kind)
    limits = np.iinfo(kind)
    return np.array(
        [int(v) for v in nodata if v == math.floor(v) and limits.min <= v <= limits.max],
        dtype=kind,
    )


def _drawn(
    alignment: Alignment,
    block: Block,
    nodata: tuple[float, ...],
    opened: Opened,
    *,
    nearest: bool,
) -> Array:
    """Draw a block's values from a raster of other cells; halve it where that takes too many."""
    from onshore.explore import raster_kernels as kernels

    out = np.full((block.height, block.width), np.nan, dtype=np.float32)
    step = alignment.step
    node_columns, node_rows, node_row, node_column = _nodes(alignment, block)
    held = _needed(alignment.raster, node_columns, node_rows)
    if held.height * held.width == 0:
        return out
    if held.height * held.width > _MOST_CELLS and block.height * block.width > 1:
        down = block.height >= block.width
        half = (block.height if down else block.width) // 2
        first = Block(
            block.row, block.column, half if down else block.height, block.width if down else half
        )
        second = (
            Block(block.row + half, block.column, block.height - half, block.width)
            if down
            else Block(block.row, block.column + half, block.height, block.width - half)
        )
        parts = [_drawn(alignment, b, nodata, opened, nearest=nearest) for b in (first, second)]
        return np.concatenate(parts, axis=0 if down else 1)
    found = opened.read(alignment.raster, held)
    values = np.empty(found.shape, dtype=np.float32)
    kernels.to_values(found, marks_of(nodata, found.dtype), values)
    kernels.sample(
        values,
        held.row,
        held.column,
        node_columns,
        node_rows,
        (block.row, block.column, node_row, node_column, step),
        kernels.NEAREST if nearest else kernels.BILINEAR,
        alignment.parts,
        out,
    )
    return out


def _nodes(alignment: Alignment, block: Block) -> tuple[Array, Array, int, int]:
    """Positions in the raster (columns, rows) at nodes over a block, and the first node."""
    step = alignment.step
    row, column = block.row // step, block.column // step
    rows = np.arange(row, (block.row + block.height - 1) // step + 2) * step
    columns = np.arange(column, (block.column + block.width - 1) // step + 2) * step
    at_columns, at_rows = _positions(alignment, rows.astype(float), columns.astype(float))
    return at_columns, at_rows, row, column


def _needed(raster: Raster, columns: Array, rows: Array) -> Block:
    """Give the part of a raster around positions, with two cells more on each side."""
    here = np.isfinite(columns)
    if not np.any(here):
        return Block(0, 0, 0, 0)
    low_column, high_column = columns[here].min(), columns[here].max()
    low_row, high_row = rows[here].min(), rows[here].max()
    limit = 2.0**40
    first = [math.floor(max(low, -limit)) - 2 for low in (low_row, low_column)]
    last = [math.floor(min(high, limit)) + 3 for high in (high_row, high_column)]
    return within(Block(first[0], first[1], last[0] - first[0], last[1] - first[1]), raster)
