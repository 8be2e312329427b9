"""Outlines of areas: read from what is typed, checked, measured, given as GeoJSON."""

import json
import math
from functools import lru_cache
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from onshore.desk.actions.acting import Refused
from onshore.desk.pages.wording import language
from onshore.figures import shown

MOST_CORNERS = 20_000
_A = 6378137.0
_E2 = 0.00669437999014
_E = math.sqrt(_E2)


def read_outline(text: str) -> Any:
    """Read an outline and give it as a polygon or multipolygon of shapely.

    Parameters
    ----------
    text
        WKT or GeoJSON, in degrees of WGS 84, longitude first.

    Raises
    ------
    Refused
        It is no outline, has too many corners, lies off the earth or crosses itself; then the
        message tells where.
    """
    import shapely
    from shapely.geometry import shape

    try:
        plain = text.strip()
        area = shape(_geometry(json.loads(plain))) if plain[:1] == "{" else shapely.from_wkt(plain)
    except (
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        IndexError,
        shapely.errors.ShapelyError,
    ):
        area = None
    if area is None or area.is_empty or area.geom_type not in ("Polygon", "MultiPolygon"):
        raise _refused(
            _("This is no outline of an area."),
            _("Write POLYGON ((57.3 29.7, 57.4 29.7, 57.4 29.8, 57.3 29.7)), or GeoJSON."),
        )
    if shapely.get_num_coordinates(area) > MOST_CORNERS:
        raise _refused(
            _("The outline has too many corners."), _("Draw it with at most 20,000 corners.")
        )
    area = shapely.force_2d(area)
    west, south, east, north = area.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise _refused(
            _("The outline does not lie on the earth."),
            _("Write degrees of WGS 84, the longitude first: 57.34 29.75."),
        )
    if not area.is_valid:
        raise _refused(*_fault(shapely.is_valid_reason(area)))
    return area


def _geometry(told: Any) -> Any:
    if told.get("type") == "Feature":
        return told["geometry"]
    if told.get("type") == "FeatureCollection" and len(told["features"]) == 1:
        return told["features"][0]["geometry"]
    return told


def _fault(reason: str) -> tuple[str, str]:
    """Say what is wrong with an outline, and where, from shapely's reason: "Fault[x y]"."""
    fault, _bracket, place = reason.partition("[")
    told = " ".join(f"{float(number):.6f}" for number in place.rstrip("]").split()[:2])
    where = {"where": shown.isolate(shown.digits(told, language()))}
    if fault in ("Self-intersection", "Ring Self-intersection"):
        return (
            _("The outline crosses itself at %(where)s.") % where,
            _("Put its corners in the order in which one walks around it."),
        )
    return (
        _("The outline is not valid at %(where)s.") % where,
        _("Holes have to lie inside, and no part of it may cover another."),
    )


def _refused(reason: str, step: str) -> Refused:
    return Refused(reason, step, field="geometry")


def area_km2(area: Any) -> float:
    """Measure an area on the ellipsoid of WGS 84, in km2.

    Edges are taken as straight in the cylindrical equal-area projection (Snyder 1987, page 81):
    exact along meridians and parallels, about 0.01 % off for other edges of 50 km.

    Examples
    --------
    >>> import shapely
    >>> round(area_km2(shapely.box(57, 29, 58, 30)), 1)
    10748.0
    """
    parts = getattr(area, "geoms", [area])
    return sum(
        abs(_ring(part.exterior)) - sum(abs(_ring(hole)) for hole in part.interiors)
        for part in parts
    )


def _ring(ring: Any) -> float:
    lon, lat = np.radians(np.asarray(ring.coords)).T[:2]
    x, sine = _A * (lon - lon[0]), np.sin(lat)
    turned = np.log((1 - _E * sine) / (1 + _E * sine)) / (2 * _E)
    y = _A * (1 - _E2) * (sine / (1 - _E2 * sine * sine) - turned) / 2
    return float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]) / 2) / 1e6


@lru_cache(maxsize=4096)
def shape_of(wkt: str) -> Any:
    """Give the shape of an outline that is kept; None where it cannot be read."""
    import shapely

    try:
        return shapely.from_wkt(wkt) if wkt else None
    except shapely.errors.ShapelyError:
        return None


def geojson_of(wkt: str) -> dict[str, Any] | None:
    """Give an outline that is kept as a geometry of GeoJSON; None where it cannot be read."""
    import shapely

    area = shape_of(wkt)
    return None if area is None else json.loads(shapely.to_geojson(area))
