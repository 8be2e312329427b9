"""What lies within reach of plants: in a straight line, or by an effort that differs by cell."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from onshore.explore.blocks import Array, Block
from onshore.explore.errors import ExploreError
from onshore.explore.grids import Grid, system_name
from onshore.explore.surroundings import WGS84, Points

_CORNERS = 720  # of a circle: its sides are within 1e-5 of the radius


@dataclass(frozen=True)
class Reach:
    """The cells of a grid within reach of plants.

    Attributes
    ----------
    names : list of str
        The plants.
    grid : Grid
        Of the cells.
    shapes : list
        Of each plant, the polygon within reach (straight line), or None.
    windows : list
        Of each plant, the block and its cells within reach (by effort), or None.
    """

    names: list[str]
    grid: Grid
    shapes: list[Any]
    windows: list[tuple[Block, Array] | None]

    def within(self, block: Block) -> Array:
        """Tell which cells of a block have their centre within reach of any plant: bool."""
        found = np.zeros((block.height, block.width), dtype=bool)
        for number in range(len(self.names)):
            found |= self.of(number, block)
        return found

    def of(self, number: int, block: Block) -> Array:
        """Tell which cells of a block are within reach of one plant: bool."""
        if self.shapes[number] is not None:
            return covered(self.grid, block, [self.shapes[number]])
        found = np.zeros((block.height, block.width), dtype=bool)
        window = self.windows[number]
        if window is not None:
            there, cells = window
            top, left = max(block.row, there.row), max(block.column, there.column)
            low = min(block.row + block.height, there.row + there.height)
            right = min(block.column + block.width, there.column + there.width)
            if top < low and left < right:
                found[
                    top - block.row : low - block.row, left - block.column : right - block.column
                ] = cells[
                    top - there.row : low - there.row, left - there.column : right - there.column
                ]
        return found


def straight_reach(plants: Points, grid: Grid, reach_km: float) -> Reach:
    """Draw the circle of ``reach_km`` on the ellipsoid around each plant."""
    shapes = [
        _circle(lon, lat, reach_km, grid.crs)
        for lon, lat in zip(plants.lon.tolist(), plants.lat.tolist(), strict=True)
    ]
    return Reach(plants.names, grid, shapes, [None] * len(shapes))


def effort_reach(plants: Points, grid: Grid, reach_km: float, effort: Path) -> Reach:
    """Find the cells that each plant reaches with an effort of ``reach_km``.

    The effort of a step to one of the eight neighbouring cells is its length times the mean of
    both cells' effort; that of a way is the sum of its steps, and the least counts (Dijkstra 1959).
    Cells without an effort cannot be passed. Only the square of ``reach_km`` about a plant is read.

    Raises
    ------
    ExploreError
        The raster of efforts cannot be read or has an effort below 1.
    """
    from pyproj import Transformer

    to_map = Transformer.from_crs(WGS84, grid.crs, always_xy=True)
    x, y = to_map.transform(plants.lon, plants.lat)
    rows, columns = grid.rows_columns(x, y)
    windows = [
        _effort_window(grid, int(row), int(column), reach_km, Path(effort))
        for row, column in zip(rows, columns, strict=True)
    ]
    return Reach(plants.names, grid, [None] * len(windows), windows)


def covered(grid: Grid, block: Block, shapes: list[Any]) -> Array:
    """Tell which cells of a block have their centre in one of some polygons: bool."""
    from affine import Affine
    from rasterio.features import geometry_mask

    west, south, east, north = Grid(
        grid.crs, grid.transform_of(block), block.height, block.width
    ).bounds
    near = [
        shape
        for shape in shapes
        if shape.bounds[0] <= east and shape.bounds[2] >= west
        and shape.bounds[1] <= north and shape.bounds[3] >= south
    ]  # fmt: skip
    if not near:
        return np.zeros((block.height, block.width), dtype=bool)
    found: Array = geometry_mask(
        near,
        out_shape=(block.height, block.width),
        transform=Affine(*grid.transform_of(block)),
        invert=True,
    )
    return found


def _circle(lon: float, lat: float, reach_km: float, crs: str) -> Any:
    import shapely
    from pyproj import Geod, Transformer

    angles = np.linspace(0.0, 360.0, _CORNERS, endpoint=False)
    east, north, _ = Geod(ellps="WGS84").fwd(
        np.full(_CORNERS, lon), np.full(_CORNERS, lat), angles, np.full(_CORNERS, reach_km * 1000)
    )
    x, y = Transformer.from_crs(WGS84, crs, always_xy=True).transform(east, north)
    corners = np.stack([x, y], axis=1)
    if not np.isfinite(corners).all():
        raise ExploreError(
            f"a plant at lon {lon:g}, lat {lat:g} is too far from the map to tell its reach. "
            "Leave it out, or check its coordinates."
        )
    return shapely.make_valid(shapely.Polygon(corners))


def _effort_window(
    grid: Grid, row: int, column: int, reach_km: float, effort: Path
) -> tuple[Block, Array] | None:
    from onshore.explore.reach_kernel import spread

    wide_km, high_km = grid.cell_km
    rows, columns = int(reach_km / high_km) + 1, int(reach_km / wide_km) + 1
    top, low = max(row - rows, 0), min(row + rows + 1, grid.height)
    left, right = max(column - columns, 0), min(column + columns + 1, grid.width)
    if not (0 <= row < grid.height and 0 <= column < grid.width):
        return None
    block = Block(top, left, low - top, right - left)
    steps = _efforts(grid, block, effort)
    low_effort = float(np.nanmin(steps, initial=np.inf))
    if low_effort < 1.0:
        raise ExploreError(
            f"{effort.name}: an effort is below 1. Found: {low_effort:g}. Give the km of easy "
            "ground that a km of each cell is worth: 1 is a straight line on easy ground."
        )
    return block, spread(steps, row - top, column - left, wide_km, high_km, reach_km) <= reach_km


def _efforts(grid: Grid, block: Block, effort: Path) -> Array:
    """Read efforts on the map's grid: float64, NaN where nothing can pass."""
    import rasterio
    from affine import Affine
    from rasterio.errors import RasterioError
    from rasterio.vrt import WarpedVRT

    try:
        with rasterio.open(effort) as file:
            if file.crs is None:
                raise ExploreError(
                    f"{effort.name} has no coordinate reference system. Found: none. "
                    "Set it: gdal_edit.py -a_srs EPSG:CODE FILE."
                )
            _ = system_name(file.crs)
            with WarpedVRT(
                file,
                crs=grid.crs,
                transform=Affine(*grid.transform_of(block)),
                height=block.height,
                width=block.width,
                dtype="float64",
                nodata=np.nan,
            ) as warped:
                found: Array = warped.read(1)
    except RasterioError as problem:
        raise ExploreError(
            f"{effort.name} cannot be read as a raster of efforts. Found: {problem}. "
            "Give a GeoTIFF with the effort per km of each cell."
        ) from problem
    return found
