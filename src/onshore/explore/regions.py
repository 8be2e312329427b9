"""The region that is looked at: a raster or polygons, on the stack's grid."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from onshore.explore.alignment import Alignment, align, read_aligned
from onshore.explore.blocks import Array, Block, blocks_of
from onshore.explore.errors import ExploreError
from onshore.explore.grids import Grid
from onshore.explore.layers import own_nodata, read_raster
from onshore.explore.opened import Opened

_RASTERS = {".tif", ".tiff", ".vrt", ".img", ".asc", ".nc", ".jp2"}
# Rows that are drawn at once. Always the same, so that a cell never depends on the block read.
_STRIP_ROWS = 256
# Cells a side of the blocks in which a mask is looked over.
_LOOK = 1024


@dataclass(frozen=True)
class Region:
    """Cells that are looked at: from a raster (not 0) or a file drawn of polygons."""

    path: str
    alignment: Alignment | None
    nodata: tuple[float, ...]

    def read(self, block: Block, opened: Opened) -> Array:
        """Tell which cells of a block are in the region: bool (rows, columns)."""
        if self.alignment is not None:
            found = read_aligned(self.alignment, block, self.nodata, opened, nearest=True)
            return np.asarray(np.nan_to_num(found, nan=0.0) != 0)
        held = np.load(self.path, mmap_mode="r")
        rows = slice(block.row, block.row + block.height)
        return np.array(held[rows, block.column : block.column + block.width], dtype=bool)


def read_region(mask: Path, grid: Grid, scratch: Path) -> tuple[Region, list[str]]:
    """Read a mask; return it with what was odd."""
    if not mask.exists():
        raise ExploreError(f"there is no mask {mask}. Check the path.")
    if mask.suffix.lower() in _RASTERS:
        raster = read_raster(mask)
        alignment = align(raster, grid, where=f"the mask {mask.name}", nearest=True)
        region = Region(str(mask), alignment, own_nodata(raster))
        opened = Opened()
        if not any(
            region.read(block, opened).any() for block in blocks_of(grid.height, grid.width, _LOOK)
        ):
            raise ExploreError(
                f"the mask {mask.name} holds no cell of the grid. Found: 0 or no data everywhere. "
                "Give the region's cells another value."
            )
        return region, []
    return _drawn_region(mask, grid, scratch)


def _drawn_region(mask: Path, grid: Grid, scratch: Path) -> tuple[Region, list[str]]:
    """Draw polygons strip by strip: a cell is in the region where its centre is."""
    import shapely
    from rasterio.features import geometry_mask

    shapes, warnings = read_polygons(mask, grid)
    path = scratch / "region.npy"
    some = False
    tree = shapely.STRtree(shapes)
    with path.open("wb") as made:
        header = {"descr": "|b1", "fortran_order": False, "shape": (grid.height, grid.width)}
        np.lib.format.write_array_header_1_0(made, header)
        for row in range(0, grid.height, _STRIP_ROWS):
            strip = Block(row, 0, min(_STRIP_ROWS, grid.height - row), grid.width)
            transform = grid.transform_of(strip)
            west, north = transform[2], transform[5]
            box = shapely.box(
                west,
                north + transform[4] * strip.height,
                west + transform[0] * strip.width,
                north,
            )
            near = [shapes[number] for number in tree.query(box)]
            drawn = np.zeros((strip.height, strip.width), dtype=bool)
            if near:
                from rasterio.transform import Affine

                drawn = geometry_mask(
                    near, out_shape=drawn.shape, transform=Affine(*transform), invert=True
                )
            some = some or bool(drawn.any())
            drawn.tofile(made)
    if not some:
        raise ExploreError(
            f"the mask {mask.name} does not overlap the grid. "
            "Found: no cell's centre in its polygons. Check its CRS and place."
        )
    return Region(str(path), None, ()), warnings


def read_polygons(path: Path, grid: Grid) -> tuple[list[object], list[str]]:
    """Read polygons in the grid's CRS; those that cross themselves are mended, which is told."""
    import geopandas
    import shapely

    try:
        frame = (
            geopandas.read_parquet(path)
            if path.suffix.lower() == ".parquet"
            else geopandas.read_file(path)
        )
    except Exception as problem:  # every driver has errors of its own
        raise ExploreError(
            f"the mask {path.name} could not be read. Found: {problem}. Give polygons "
            "(GeoPackage, GeoJSON, GeoParquet, Shapefile) or a raster (GeoTIFF)."
        ) from problem
    if frame.crs is None:
        raise ExploreError(
            f"the mask {path.name} has no coordinate reference system. Save it with its "
            "system: geopandas.read_file(IN).set_crs('EPSG:CODE').to_file('OUT.gpkg')."
        )
    shapes = frame.geometry.dropna()
    broken = int((~shapes.is_valid).sum())
    if frame.crs != grid.crs:
        # Edges that are straight there bend here: corners are added along them.
        west, south, east, north = shapes.total_bounds
        shapes = shapes.segmentize(max(east - west, north - south, 1e-9) / 1000).to_crs(grid.crs)
    shapes = shapes.make_valid()
    polygons = [
        part
        for shape in shapes
        for part in shapely.get_parts(shape)
        if part.geom_type in ("Polygon", "MultiPolygon") and not part.is_empty
    ]
    if not polygons:
        kinds = ", ".join(sorted(set(frame.geometry.geom_type.dropna()))) or "nothing"
        raise ExploreError(
            f"the mask {path.name} holds no polygons. Found: {kinds}. Give polygons or a raster."
        )
    warnings = []
    if broken:
        warnings.append(f"the mask {path.name}: {broken} polygons cross themselves and were mended")
    return polygons, warnings
