"""What is made of a layer's values before they are used: logarithm, classes, density."""

from __future__ import annotations

import math

import numpy as np

from onshore.explore.alignment import Alignment, read_aligned
from onshore.explore.blocks import Array, Block, blocks_of
from onshore.explore.errors import ExploreError
from onshore.explore.grids import Grid
from onshore.explore.layers import Layer, Raster
from onshore.explore.opened import Opened


def half_widths(radius_km: float, grid: Grid, where: str) -> Array:
    """How far a disc reaches to each side, in cells, at each distance in rows from its middle."""
    if not grid.projected:
        raise ExploreError(
            f"{where}: distances and densities need a grid in metres. Found: {grid.crs[:60]}, in "
            "degrees. Give grid= in a projected system, or warp the first layer to one."
        )
    across, down = grid.cell_km
    # The small allowance keeps cells whose centres lie on the circle in spite of rounding.
    radius = radius_km * (1 + 1e-12)
    halo = int(max(radius / across, radius / down))
    if halo < 1:
        raise ExploreError(
            f"{where}: radius_km is less than a cell. Found: {radius_km:g} km with cells of "
            f"{across:g} x {down:g} km. Give a larger radius."
        )
    halves = np.zeros(halo + 1, dtype=np.int64)
    for row in range(halo + 1):
        rest = radius**2 - (row * down) ** 2
        halves[row] = int(math.sqrt(rest) / across) if rest >= 0 else -1
    return halves


def scale_of(layer: Layer, opened: Opened, cells: int) -> float:
    """Give the power of two by which values are whole numbers whose sums over a disc are exact."""
    if layer.declared != "numeric" or layer.features:
        return 1.0
    largest = _largest(layer.raster, layer.nodata, opened)
    if largest == 0:
        return 1.0
    return 2.0 ** (62 - math.frexp(largest)[1] - math.ceil(math.log2(cells)))


def _largest(raster: Raster, nodata: tuple[float, ...], opened: Opened) -> float:
    """Find the largest absolute value in a file."""
    from onshore.explore import raster_kernels as kernels
    from onshore.explore.alignment import marks_of

    largest = 0.0
    for block in blocks_of(raster.height, raster.width, 1024):
        found = opened.read(raster, block)
        values = np.empty(found.shape, dtype=np.float32)
        kernels.to_values(found, marks_of(nodata, found.dtype), values)
        if not np.all(np.isnan(values)):
            largest = max(largest, float(np.nanmax(np.abs(values))))
    return largest


def read_density(
    layer: Layer, alignment: Alignment, block: Block, opened: Opened, halves: Array, scale: float
) -> Array:
    """Mean of the cells with data within the radius; of features, the share of those cells."""
    from onshore.explore import raster_kernels as kernels

    wide = read_aligned(
        alignment,
        block.wider(len(halves) - 1),
        layer.nodata,
        opened,
        nearest=layer.declared != "numeric",
    )
    if layer.declared != "numeric" or layer.features:
        kernels.to_features(wide, np.array(layer.features, dtype=np.float64))
    out = np.empty((block.height, block.width), dtype=np.float32)
    kernels.mean_within(wide, halves, scale, out)
    return out


def transform_values(layer: Layer, values: Array) -> None:
    """Take the logarithm or number the classes, in place."""
    from onshore.explore import raster_kernels as kernels

    if layer.transform == "log":
        kernels.logarithm(values)
    elif layer.transform == "classes":
        kernels.to_classes(values, np.array(layer.breaks, dtype=np.float64))
