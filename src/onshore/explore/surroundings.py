"""What lies around targets: provinces, exploration blocks, mines and plants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from onshore.explore.blocks import Array
from onshore.explore.errors import ExploreError

WGS84 = "EPSG:4326"
_NAMES = {
    "provinces": ("name", "code", "province"),
    "blocks": ("block_id", "name"),
    "mines": ("name", "deposit_id", "plant_id", "place_id"),
    "plants": ("name", "plant_id"),
}
_LEAST_OVERLAP = 1e-6  # of a target's area; less is a common border


@dataclass(frozen=True)
class Areas:
    """Named areas in a map's reference system.

    Attributes
    ----------
    names : list of str
        Of each.
    shapes : array
        Valid polygons and multipolygons of shapely.
    warnings : list of str
        What was mended.
    """

    names: list[str]
    shapes: Array
    warnings: list[str]

    @cached_property
    def _tree(self) -> Any:
        from shapely import STRtree

        return STRtree(self.shapes)

    def overlaps(self, shape: Any) -> list[tuple[str, float]]:
        """Give the areas a polygon lies in, each with its share of the polygon, largest first."""
        import shapely

        near = np.sort(self._tree.query(shape, predicate="intersects"))
        parts = shapely.area(shapely.intersection(shape, self.shapes[near])) / shape.area
        found = [
            (self.names[which], float(part))
            for which, part in zip(near, parts, strict=True)
            if part > _LEAST_OVERLAP
        ]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))

    def covered(self, shape: Any) -> float:
        """Share of a polygon that lies in any of the areas."""
        import shapely

        near = self._tree.query(shape, predicate="intersects")
        if not len(near):
            return 0.0
        there = shapely.union_all(shapely.intersection(shape, self.shapes[near]))
        return min(float(there.area / shape.area), 1.0)


@dataclass(frozen=True)
class Points:
    """Named points, degrees of WGS 84."""

    names: list[str]
    lon: Array
    lat: Array

    def nearest(self, shape: Any, way: Any) -> tuple[str, float]:
        """Give the point nearest to a polygon, with the km between; 0 within it.

        The polygon is in the metres of `local` about one of its points, and ``way`` leads there.
        """
        import shapely

        away = shapely.distance(shapely.points(*way(self.lon, self.lat)), shape)
        which = int(np.argmin(away))
        return self.names[which], float(away[which]) / 1000.0


def read_areas(frame: pl.DataFrame, what: str, crs: str) -> Areas:
    """Read a table of areas, mend those that cross themselves, and bring them to a map's system.

    Raises
    ------
    ExploreError
        A geometry is missing, cannot be read, or is no area; the row is named.
    """
    import shapely
    from pyproj import Transformer

    names = names_of(frame, what)
    if "geometry" not in frame.columns:
        raise ExploreError(
            f"the table of {what} has no column geometry. Found: {', '.join(frame.columns)}. "
            "Give each outline as WKT or WKB."
        )
    shapes, warnings = [], []
    for name, value in zip(names, frame["geometry"].to_list(), strict=True):
        shape = _read(value, what, name)
        if not shape.is_valid:
            reason = shapely.is_valid_reason(shape).partition("[")[0].lower()
            warnings.append(f"{what}: the outline of '{name}' was mended ({reason}).")
            shape = shapely.make_valid(shape)
        shapes.append(_areas_only(shape, what, name))
    degrees = np.array(shapes, dtype=object)
    _on_earth(names, degrees, what)
    way = Transformer.from_crs(WGS84, crs, always_xy=True)
    moved = shapely.transform(degrees, lambda x, y: way.transform(x, y), interleaved=False)
    there = np.isfinite(shapely.bounds(moved)).all(axis=1)
    if not there.all():
        far = [name for name, kept in zip(names, there, strict=True) if not kept]
        warnings.append(
            f"{what}: too far from the map to be drawn on it, and left out: {', '.join(far[:5])}"
            + (f" and {len(far) - 5} more." if len(far) > 5 else ".")
        )
        names = [name for name, kept in zip(names, there, strict=True) if kept]
        moved = moved[there]
    broken = ~shapely.is_valid(moved)
    moved[broken] = shapely.make_valid(moved[broken])
    return Areas(names, moved, warnings)


def _on_earth(names: list[str], shapes: Array, what: str) -> None:
    import shapely

    bounds = shapely.bounds(shapes)
    wrong = (np.abs(bounds[:, [0, 2]]) > 180).any(axis=1) | (np.abs(bounds[:, [1, 3]]) > 90).any(1)
    if wrong.any():
        which = int(np.flatnonzero(wrong)[0])
        raise ExploreError(
            f"{what}: the outline of '{names[which]}' is not on the earth. Found: x from "
            f"{bounds[which, 0]:g} to {bounds[which, 2]:g}, y from {bounds[which, 1]:g} to "
            f"{bounds[which, 3]:g}. Give longitude and latitude, degrees of WGS 84."
        )


def read_points(frame: pl.DataFrame, what: str) -> Points:
    """Read a table of points with ``lon`` and ``lat``, degrees of WGS 84.

    Raises
    ------
    ExploreError
        Columns or coordinates are missing or not on the earth; the row is named.
    """
    names = names_of(frame, what)
    absent = [name for name in ("lon", "lat") if name not in frame.columns]
    if absent or not names:
        found = ", ".join(frame.columns) if absent else "no row"
        raise ExploreError(
            f"the table of {what} needs rows with lon and lat, degrees of WGS 84. Found: {found}."
        )
    lon, lat = (frame[name].cast(pl.Float64, strict=False).to_numpy() for name in ("lon", "lat"))
    wrong = ~(np.abs(lon) <= 180) | ~(np.abs(lat) <= 90)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise ExploreError(
            f"{what}, row {row + 1} ('{names[row]}'): no place on the earth. Found: lon "
            f"{frame['lon'][row]}, lat {frame['lat'][row]}. Give degrees of WGS 84."
        )
    return Points(names, lon, lat)


def local(lon: float, lat: float) -> Any:
    """Give the way from degrees of WGS 84 to metres about a point: azimuthal, equidistant."""
    from pyproj import Proj

    return Proj(proj="aeqd", lon_0=lon, lat_0=lat, datum="WGS84")


def names_of(frame: pl.DataFrame, what: str) -> list[str]:
    """Give the names of places: the first of the usual columns that the table has."""
    usual: Sequence[str] = _NAMES[what]
    for column in usual:
        if column in frame.columns:
            return [str(name) for name in frame[column].to_list()]
    raise ExploreError(
        f"the table of {what} has no names. Found: {', '.join(frame.columns)}. "
        f"Name a column {' or '.join(usual)}."
    )


def _read(value: Any, what: str, name: str) -> Any:
    import shapely

    try:
        if value is None or value in ("", b""):
            raise ValueError("nothing")
        shape = shapely.from_wkb(value) if isinstance(value, bytes) else shapely.from_wkt(value)
    except (ValueError, TypeError, shapely.errors.GEOSException) as problem:
        raise ExploreError(
            f"{what}: the outline of '{name}' cannot be read. Found: {str(value)[:60]!r} "
            f"({problem}). Give it as WKT or WKB."
        ) from problem
    return shape


def _areas_only(shape: Any, what: str, name: str) -> Any:
    import shapely

    if shape.geom_type in ("Polygon", "MultiPolygon") and not shape.is_empty:
        return shape
    parts = [part for part in shapely.get_parts(shape) if part.area > 0]
    if not parts:
        raise ExploreError(
            f"{what}: '{name}' is no area. Found: {shape.geom_type}. Give a polygon."
        )
    return shapely.union_all(parts)
