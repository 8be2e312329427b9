"""Raster files of arrays, and tables of layers, for tests."""

import numpy as np
import polars as pl
import rasterio
from rasterio.transform import Affine

from onshore import explore

METRES = "EPSG:32640"
NORTH_UP = (100.0, 0.0, 300_000.0, 0.0, -100.0, 3_600_000.0)


def write_raster(path, values, *, transform=NORTH_UP, crs=METRES, nodata=None, **options):
    values = np.asarray(values)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        dtype=values.dtype,
        count=1,
        height=values.shape[0],
        width=values.shape[1],
        crs=crs,
        transform=Affine(*transform),
        nodata=nodata,
        **options,
    ) as file:
        file.write(values, 1)
    return path


def table_of(folder, layers, **columns):
    """A table of layers: name -> (array, kind) or a path's (name, kind), written beside it."""
    rows = []
    for name, (values, kind) in layers.items():
        file = f"{name}.tif"
        if not isinstance(values, str):
            write_raster(folder / file, values)
        else:
            file = values
        rows.append({"layer": name, "file": str(folder / file), "kind": kind})
    return pl.DataFrame(rows).with_columns(
        **{name: pl.Series(values) for name, values in columns.items()}
    )


def read_whole(stack, size=None):
    """All values of a stack (layers, rows, columns), put together from blocks of a size."""
    if size is None:
        return stack.read(stack.grid.whole).values
    out = np.empty((len(stack.names), stack.grid.height, stack.grid.width), dtype=np.float32)
    for block in stack.blocks(size):
        rows = slice(block.row, block.row + block.height)
        out[:, rows, block.column : block.column + block.width] = stack.read(block).values
    return out


def grid_of(height, width, *, transform=NORTH_UP, crs=METRES):
    return explore.Grid(crs, transform, height, width)
