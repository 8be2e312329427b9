"""Layers declared in a table are opened as a stack, and looked over."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from onshore.explore.alignment import Alignment, align, covered, read_aligned, within
from onshore.explore.blocks import Array, Block, blocks_of
from onshore.explore.distances import write_distances
from onshore.explore.errors import ExploreError
from onshore.explore.grids import Grid
from onshore.explore.layer_values import Way, refuse_marks
from onshore.explore.layers import Layer, read_layers
from onshore.explore.opened import CACHE_MB, Opened
from onshore.explore.regions import Region, read_region
from onshore.explore.scanning import Seen, judge, look_over
from onshore.explore.stacks import Stack
from onshore.explore.transforms import half_widths, scale_of

# Cells a side of the blocks in which layers are looked over.
_LOOK = 1024


def open_stack(
    layers: pl.DataFrame | Path | str,
    *,
    grid: Grid | None = None,
    mask: Path | str | None = None,
    look: bool = True,
    scratch: Path | str | None = None,
) -> Stack:
    """Open the layers a table declares, checked, on one grid.

    Parameters
    ----------
    layers
        A table (CSV, Parquet or frame) with a row for each layer: ``layer`` (its name), ``file``
        (a raster, from the table's folder), ``kind`` (numeric, categorical or binary); and
        optionally ``nodata`` (values that mean no data, joined by ;, besides the file's own; none
        if every value is true), ``meaning``, ``source``, ``band`` (1), and ``transform``:

        - ``none``;
        - ``log``: natural logarithm;
        - ``classes``: 1 below the first of ``breaks`` (joined by ;), 2 from it on, and so on;
        - ``distance``: km from the cell's centre to that of the nearest feature, exact;
        - ``density``: mean of the cells with data within ``radius_km`` of the cell's centre.

        For distance and density of classes, ``features`` names the values that count (joined by
        ;; any but 0 if empty): the distance is to them, the density their share of the area.
    grid
        The cells to read on; otherwise those of the first layer. Layers of other cells are read
        nearest (classes), or drawn from the four cells around or as a mean of finer cells.
    mask
        The region: a raster (not 0) or polygons (a cell is in where its centre is).
    look
        Look over all values now. Without it, signs of no data that are not declared are found
        when a block is read, and ``layers`` says nothing of values.
    scratch
        A folder for what is made between (distances, polygons drawn); by default a temporary one,
        removed with the stack. A cluster needs one that all its machines see.

    Raises
    ------
    ExploreError
        The table, a file or its values cannot be used: the message names layer and file, what was
        found and the next step.

    References
    ----------
    Felzenszwalb, P. F. and Huttenlocher, D. P. (2012). Distance transforms of sampled functions.
    Theory of Computing 8, 415-428 (distance).

    Examples
    --------
    >>> import rasterio
    >>> folder = Path(tempfile.mkdtemp())
    >>> with rasterio.open(folder / "faults.tif", "w", driver="GTiff", dtype="uint8", count=1,
    ...                    height=2, width=4, crs="EPSG:32640",
    ...                    transform=rasterio.Affine(1000, 0, 300000, 0, -1000, 3600000)) as file:
    ...     file.write(np.array([[0, 0, 0, 1], [0, 0, 0, 0]], dtype=np.uint8), 1)
    >>> table = pl.DataFrame({"layer": ["km to fault"], "file": [str(folder / "faults.tif")],
    ...                       "kind": ["binary"], "transform": ["distance"]})
    >>> stack = open_stack(table)
    >>> stack.read(stack.grid.whole).values[0, 0].tolist()
    [3.0, 2.0, 1.0, 0.0]
    """
    declared, table = read_layers(layers)
    grid = grid or _grid_of(declared[0])
    folder, keeper = _scratch_folder(scratch)
    warnings = [] if grid.projected else [_in_degrees(grid)]
    alignments = []
    for layer in declared:
        nearest = layer.declared != "numeric"
        alignments.append(align(layer.raster, grid, where=layer.where(), nearest=nearest))
        warnings += _of_alignment(layer, alignments[-1])
    region = None
    if mask is not None:
        region, odd = read_region(Path(mask), grid, folder)
        warnings += odd
    opened = Opened()
    seen = []
    for layer, alignment in zip(declared, alignments, strict=True):
        seen.append(_look(layer, alignment, region, opened) if look else None)
        if seen[-1] is not None:
            warnings += judge(layer, seen[-1])
    ways = [
        _way(layer, alignment, opened, folder / f"layer_{number}.npy", trusted=look)
        for number, (layer, alignment) in enumerate(zip(declared, alignments, strict=True))
    ]
    return Stack(grid, ways, _described(table, alignments, seen), region, warnings, keeper)


def _grid_of(layer: Layer) -> Grid:
    raster = layer.raster
    try:
        return Grid(raster.crs, raster.transform, raster.height, raster.width)
    except ExploreError as problem:
        raise ExploreError(f"{layer.where()}, the first, gives the grid: {problem}") from problem


def _scratch_folder(scratch: Path | str | None) -> tuple[Path, Any]:
    """Give the folder for what lies between, and what removes it when let go."""
    if scratch is None:
        keeper = tempfile.TemporaryDirectory(prefix="onshore-", ignore_cleanup_errors=True)
        return Path(keeper.name), keeper
    folder = Path(scratch)
    folder.mkdir(parents=True, exist_ok=True)
    keeper = tempfile.TemporaryDirectory(prefix="onshore-", dir=folder, ignore_cleanup_errors=True)
    return Path(keeper.name), keeper


def _in_degrees(grid: Grid) -> str:
    return (
        f"the grid is in degrees ({grid.crs[:40]}): cells are smaller towards the poles, and areas "
        "are counted by the mean cell; give grid= in an equal-area system for exact areas"
    )


def _of_alignment(layer: Layer, alignment: Alignment) -> list[str]:
    """Tell of a layer that is drawn from other cells, or does not cover the grid."""
    found = [f"{layer.where()} {odd}" for odd in layer.raster.odd]
    if alignment.way == "reprojected":
        found.append(
            f"{layer.where()} is in another coordinate reference system "
            f"({alignment.raster.crs[:40]}) and is read on the grid's cells"
        )
    elif alignment.way == "resampled":
        found.append(f"{layer.where()} has other cells and is read on the grid's")
    share = covered(alignment)
    if share < 1:
        found.append(f"{layer.where()} covers {share:.1%} of the grid; the rest is no data")
    return found


def _way(layer: Layer, alignment: Alignment, opened: Opened, path: Path, *, trusted: bool) -> Way:
    """Prepare how a layer's values are made; distances are made now."""
    way = Way(layer, alignment, trusted=trusted or not layer.checked)
    grid = alignment.grid
    if layer.transform == "density" and layer.radius_km is not None:
        halves = half_widths(layer.radius_km, grid, layer.where())
        cells = int(2 * (2 * halves + 1).sum())
        return replace(way, halves=halves, scale=scale_of(layer, opened, cells))
    if layer.transform != "distance":
        return way
    half_widths(sum(grid.cell_km) * 2, grid, layer.where())

    def features(block: Block) -> Array:
        from onshore.explore import raster_kernels as kernels

        values = read_aligned(alignment, block, layer.nodata, opened, nearest=True)
        if not way.trusted:
            refuse_marks(layer, values)
        kernels.to_features(values, np.array(layer.features, dtype=np.float64))
        return values

    write_distances(features, grid, path, where=layer.where())
    return replace(way, distances=path)


def _look(layer: Layer, alignment: Alignment, region: Region | None, opened: Opened) -> Seen:
    """Look over a layer's values as they are in the file, where the stack will read them."""
    raster = alignment.raster
    native = alignment.way != "same"
    if layer.transform in ("distance", "density"):
        region = None  # what is around the region counts too

    def parts() -> Iterator[tuple[Array, Array]]:
        if native:
            for block in blocks_of(raster.height, raster.width, _LOOK):
                found = opened.read(raster, block)
                yield found, np.ones(found.shape, dtype=np.bool_)
            return
        grid = alignment.grid
        for block in blocks_of(grid.height, grid.width, _LOOK):
            inside = (
                np.ones((block.height, block.width), dtype=np.bool_)
                if region is None
                else region.read(block, opened)
            )
            wanted = replace(
                block, row=block.row + alignment.down, column=block.column + alignment.right
            )
            held = within(wanted, raster)
            down, right = held.row - wanted.row, held.column - wanted.column
            kept = inside[down : down + held.height, right : right + held.width]
            yield opened.read(raster, held), np.ascontiguousarray(kept)

    from rasterio import Env

    with Env(GDAL_CACHEMAX=CACHE_MB):
        return look_over(parts(), layer.nodata, raster.dtype)


def _described(
    table: pl.DataFrame, alignments: Sequence[Alignment], seen: Sequence[Seen | None]
) -> pl.DataFrame:
    """Add to the table how layers are read and what was seen in them."""
    return table.with_columns(
        pl.Series("way", [alignment.way for alignment in alignments], dtype=pl.String),
        pl.Series("cells", [one and one.cells for one in seen], dtype=pl.Int64),
        pl.Series("missing", [one and one.missing for one in seen], dtype=pl.Int64),
        pl.Series("low", [one and one.low for one in seen], dtype=pl.Float64),
        pl.Series("high", [one and one.high for one in seen], dtype=pl.Float64),
    )
