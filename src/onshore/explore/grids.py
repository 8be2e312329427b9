"""The grid of cells that all layers of a stack are read on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from onshore.explore.blocks import Array, Block
from onshore.explore.errors import ExploreError

if TYPE_CHECKING:
    from rasterio.crs import CRS

# The GRS 1980 ellipsoid: semi-major axis in km and eccentricity squared.
_AXIS_KM = 6378.137
_ECCENTRICITY_2 = 0.00669438002290


@dataclass(frozen=True)
class Grid:
    """Rows and columns of equal cells, north up.

    Attributes
    ----------
    crs : str
        Coordinate reference system: ``EPSG:7845``, WKT or PROJ text.
    transform : tuple of six floats
        (a, b, c, d, e, f): x = a column + b row + c and y = d column + e row + f, at the upper
        left corner of a cell, in the units of the CRS. b and d are 0, a above 0, e below 0.
    height, width : int
        Rows and columns.

    Raises
    ------
    ExploreError
        The grid is rotated or upside down, has no cells, or its CRS is not known.

    Examples
    --------
    >>> grid = Grid("EPSG:7845", (100.0, 0.0, 600000.0, 0.0, -100.0, -2260000.0), 20, 10)
    >>> grid.cell_area_km2, grid.bounds
    (0.01, (600000.0, -2262000.0, 601000.0, -2260000.0))
    >>> rows, columns = grid.rows_columns([600150.0], [-2260010.0])
    >>> rows.tolist(), columns.tolist()
    ([0], [1])
    """

    crs: str
    transform: tuple[float, float, float, float, float, float]
    height: int
    width: int

    def __post_init__(self) -> None:
        if len(self.transform) != 6 or not all(math.isfinite(part) for part in self.transform):
            raise ExploreError(
                f"a grid's transform is six numbers (a, b, c, d, e, f). Found: {self.transform!r}."
            )
        a, b, _, d, e, _ = self.transform
        if b or d:
            raise ExploreError(
                f"the grid is rotated. Found: b = {b:g}, d = {d:g} in its transform. "
                "Put a layer that is north up first, or warp this one: "
                "rio warp IN.tif OUT.tif --src-nodata -9999 --dst-nodata -9999."
            )
        if a <= 0 or e >= 0:
            raise ExploreError(
                f"the grid is not north up. Found: a = {a:g}, e = {e:g} in its transform. "
                "Put a layer that is north up first, or warp this one: rio warp IN.tif OUT.tif."
            )
        if self.height < 1 or self.width < 1:
            raise ExploreError(
                f"a grid needs rows and columns. Found: {self.height} rows, {self.width} columns."
            )
        system(self.crs)

    @cached_property
    def _unit(self) -> float | None:
        """Metres in a unit of the coordinates; None for degrees."""
        from pyproj import CRS

        found = CRS.from_wkt(system(self.crs).to_wkt())
        if found.is_geographic:
            return None
        return float(found.axis_info[0].unit_conversion_factor)

    @property
    def projected(self) -> bool:
        """Whether coordinates are lengths; degrees are not."""
        return self._unit is not None

    @property
    def cell_km(self) -> tuple[float, float]:
        """Width and height of a cell, km.

        In degrees, those at the grid's middle latitude.
        """
        a, e = self.transform[0], -self.transform[4]
        if self._unit is not None:
            return a * self._unit / 1000.0, e * self._unit / 1000.0
        middle = math.radians((self.bounds[1] + self.bounds[3]) / 2)
        curve = 1 - _ECCENTRICITY_2 * math.sin(middle) ** 2
        along = _AXIS_KM * math.cos(middle) / math.sqrt(curve)
        across = _AXIS_KM * (1 - _ECCENTRICITY_2) / curve**1.5
        return math.radians(a) * along, math.radians(e) * across

    @property
    def cell_area_km2(self) -> float:
        """Area of a cell, km2; in degrees, the mean of all cells on the ellipsoid."""
        if self._unit is not None:
            a, e = self.transform[0], -self.transform[4]
            return a * e * self._unit**2 / 1e6
        _, south, _, north = self.bounds
        zone = _zone_km2(math.radians(north)) - _zone_km2(math.radians(south))
        return zone * math.radians(self.transform[0]) / (2 * math.pi) / self.height

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north, in the units of the CRS."""
        a, _, c, _, e, f = self.transform
        return c, f + e * self.height, c + a * self.width, f

    @property
    def whole(self) -> Block:
        """All cells as one block."""
        return Block(0, 0, self.height, self.width)

    def rows_columns(self, x: Any, y: Any) -> tuple[Array, Array]:
        """Tell in which cells points lie.

        Parameters
        ----------
        x, y
            Coordinates in the grid's CRS. A point on a cell's upper or left edge is its.

        Returns
        -------
        rows, columns : arrays of int64
            Below 0, or ``height``, ``width`` and above, for points outside; -1 for NaN.
        """
        a, _, c, _, e, f = self.transform
        columns = np.floor((np.asarray(x, dtype=np.float64) - c) / a)
        rows = np.floor((np.asarray(y, dtype=np.float64) - f) / e)
        return _whole(rows), _whole(columns)

    def holds(self, rows: Array, columns: Array) -> Array:
        """Tell which cells are in the grid: bool."""
        return (rows >= 0) & (rows < self.height) & (columns >= 0) & (columns < self.width)

    def centres(self, block: Block | None = None) -> tuple[Array, Array]:
        """Give x of the columns' centres and y of the rows', float64, of a block or all."""
        block = block or self.whole
        a, _, c, _, e, f = self.transform
        x = c + a * (np.arange(block.column, block.column + block.width) + 0.5)
        y = f + e * (np.arange(block.row, block.row + block.height) + 0.5)
        return x, y

    def transform_of(self, block: Block) -> tuple[float, float, float, float, float, float]:
        """Give the transform of a block's own rows and columns."""
        a, _, c, _, e, f = self.transform
        return a, 0.0, c + a * block.column, 0.0, e, f + e * block.row


def _whole(numbers: Array) -> Array:
    """Give floats as int64, NaN as -1."""
    limit = 2.0**40
    return np.asarray(np.clip(np.nan_to_num(numbers, nan=-1.0), -limit, limit), dtype=np.int64)


def system(crs: str) -> CRS:
    """Read a coordinate reference system; one that is not known is an `ExploreError`."""
    from rasterio.crs import CRS
    from rasterio.errors import CRSError

    try:
        found = CRS.from_user_input(crs)
    except CRSError as problem:
        raise ExploreError(
            f"the coordinate reference system is not known. Found: {crs[:80]!r}. "
            "Give it as EPSG:CODE or WKT."
        ) from problem
    if not found:
        raise ExploreError("there is no coordinate reference system. Give it as EPSG:CODE or WKT.")
    return found


def system_name(crs: CRS) -> str:
    """Name a reference system: EPSG:CODE where it is exactly that one, else WKT."""
    code = crs.to_epsg(confidence_threshold=100)
    return f"EPSG:{code}" if code else str(crs.to_wkt())


def _zone_km2(latitude: float) -> float:
    """Area of the ellipsoid from the equator to a latitude, km2 (Snyder 1987, eq. 3-12)."""
    e = math.sqrt(_ECCENTRICITY_2)
    sine = math.sin(latitude)
    q = (1 - _ECCENTRICITY_2) * (
        sine / (1 - _ECCENTRICITY_2 * sine * sine)
        - math.log((1 - e * sine) / (1 + e * sine)) / (2 * e)
    )
    return math.pi * _AXIS_KM**2 * q
