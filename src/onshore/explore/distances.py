"""Exact distance of every cell to the nearest feature, in two passes over strips of rows.

Down the columns first, then up and along the rows; what is between lies on disk, so that memory
holds a strip of rows however large the map.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from onshore.explore.blocks import Array, Block
from onshore.explore.errors import ExploreError
from onshore.explore.grids import Grid

# Cells in a strip of rows.
_STRIP_CELLS = 1 << 20


def write_distances(
    features: Callable[[Block], Array], grid: Grid, path: Path, *, where: str
) -> None:
    """Write the distance of each cell's centre to that of the nearest feature, km.

    Parameters
    ----------
    features
        Gives a block's cells as float32: above 0 where there is a feature.
    grid
        Whose cells; in a projected system.
    path
        A .npy file of float32 (height, width).
    where
        Names the layer in messages.

    Raises
    ------
    ExploreError
        There is no feature.
    """
    from onshore.explore import raster_kernels as kernels

    across, down = grid.cell_km
    rows = max(1, min(grid.height, _STRIP_CELLS // grid.width))
    strips = [
        Block(row, 0, min(rows, grid.height - row), grid.width)
        for row in range(0, grid.height, rows)
    ]
    between = path.with_suffix(".rows")
    above = np.full(grid.width, kernels.FAR, dtype=np.int32)
    try:
        with between.open("wb") as file:
            for strip in strips:
                out = np.empty((strip.height, strip.width), dtype=np.int32)
                kernels.down_columns(features(strip), above, out)
                out.tofile(file)
        if int(above.min()) >= kernels.FAR:
            raise ExploreError(
                f"{where}: there is no feature to measure distance to. "
                "Found: no cell with one of its values. Name the values in the column features."
            )
        _write_rows(between, strips, (across, down), path, grid)
    finally:
        between.unlink(missing_ok=True)


def _write_rows(
    between: Path, strips: list[Block], cell: tuple[float, float], path: Path, grid: Grid
) -> None:
    """Make the second pass, from the lowest strip up."""
    from onshore.explore import raster_kernels as kernels

    below = np.full(grid.width, kernels.FAR, dtype=np.int32)
    with path.open("wb") as made:
        header = {"descr": "<f4", "fortran_order": False, "shape": (grid.height, grid.width)}
        np.lib.format.write_array_header_1_0(made, header)
        begin = made.tell()
        for strip in reversed(strips):
            first = 4 * strip.row * grid.width
            downward = np.fromfile(
                between, dtype=np.int32, count=strip.height * strip.width, offset=first
            ).reshape(strip.height, strip.width)
            out = np.empty((strip.height, strip.width), dtype=np.float32)
            kernels.along_rows(downward, below, cell[0], cell[1], out)
            made.seek(begin + first)
            out.tofile(made)


def read_distances(path: Path, block: Block) -> Array:
    """Read a block of the distances written by `write_distances`."""
    held = np.load(path, mmap_mode="r")
    rows = slice(block.row, block.row + block.height)
    return np.array(held[rows, block.column : block.column + block.width], dtype=np.float32)
