"""The map of a home country: provinces by phase, what is planned in each, plants as dots."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from onshore.report.canvas import Canvas

WIDTH = 640.0

_MARGIN = 10.0
_HIGHEST = 640.0
_GRID = 0.4  # finest step of an outline, in the units of the picture
_LARGEST_CIRCLE = 30.0
_ROOMY = 25.0
_LARGEST_DOT = 9.0
_LEGEND_LINE = 22.0

Ring = list[tuple[float, float]]


@dataclass(frozen=True)
class Province:
    """An outline on the map, by its ISO 3166-2 code; rings in degrees."""

    code: str
    name: str
    rings: tuple[Ring, ...]


@dataclass(frozen=True)
class Mark:
    """What is told of a province: a value, as it is written, and how much of it is verified.

    What is planned is an outline, as on the ladder; a count is plain graphite.
    """

    name: str
    value: float
    shown: str
    verified: float = 0.0
    paint: str = "outline-1"


@dataclass(frozen=True)
class Dot:
    """A plant: where it stands, its size, and what is told when it is pointed at."""

    lon: float
    lat: float
    size: float
    title: str


@dataclass(frozen=True)
class Legend:
    """The words of the map's key; an empty text leaves its line out."""

    phases: Mapping[int, str]
    circle: str
    dot: str


def read_provinces(path: Path) -> list[Province]:
    """Read outlines from a GeoJSON file whose features carry ``iso_3166_2`` and ``name``.

    Raises
    ------
    ValueError
        The file is no such GeoJSON; the message names the file and what is missing.
    """
    try:
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
        return [_province(feature) for feature in features]
    except (KeyError, TypeError, IndexError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(
            f"{path.name}: not a GeoJSON of provinces ({error!r}). Give it polygons in WGS 84 with "
            "the properties 'iso_3166_2' and 'name', or take the file out of the folder."
        ) from error


def draw_map(
    key: str,
    provinces: Sequence[Province],
    *,
    phases: Mapping[str, int],
    marks: Mapping[str, Mark],
    dots: Sequence[Dot],
    legend: Legend,
    alt: str,
    rtl: bool = False,
) -> str:
    """Draw the provinces.

    Parameters
    ----------
    key
        Unique within the page.
    provinces
        Outlines, of which at least one has an area.
    phases
        Phase in which a province opens, by code; 1 is set darkest.
    marks
        What is told, by code: a circle whose area goes with the value, and in it a solid one
        whose area goes with what is verified of it.
    dots
        Plants: a dot whose area goes with the size.
    legend
        Words of the key under the map.
    alt
        What the map shows.
    rtl
        Whether the page reads from right to left; the map itself is never mirrored.
    """
    place, bottom = _projection(provinces)
    entries = _legend_entries(legend, marks, dots)
    canvas = Canvas(key, WIDTH, bottom + len(entries) * _LEGEND_LINE + 12, rtl=rtl)
    for province in sorted(provinces, key=lambda each: each.code in phases):
        phase = phases.get(province.code)
        paint = "land" if phase is None else "land-1" if phase == 1 else "land-2"
        canvas.outline(outline_path(province.rings, place), paint, title=province.name)
    largest_dot = max((dot.size for dot in dots), default=0.0) or 1.0
    for dot in sorted(dots, key=lambda each: -each.size):
        x, y = place(dot.lon, dot.lat)
        radius = max(_LARGEST_DOT * math.sqrt(dot.size / largest_dot), 1.4)
        canvas.spot(x, y, radius, "dot", title=dot.title)
    largest = max((mark.value for mark in marks.values()), default=0.0) or 1.0
    for province in provinces:
        mark = marks.get(province.code)
        if mark is None or mark.value <= 0:
            continue
        x, y = place(*_inside(max(province.rings, key=lambda ring: abs(_area(ring)))))
        radius = max(_LARGEST_CIRCLE * math.sqrt(mark.value / largest), 2.5)
        canvas.spot(x, y, radius, mark.paint)
        if mark.verified > 0:
            canvas.spot(x, y, max(_LARGEST_CIRCLE * math.sqrt(mark.verified / largest), 2), "solid")
        # Within an outline that has room, else under it.
        roomy = radius >= _ROOMY and mark.paint.startswith("outline")
        first = y - 2 if roomy else y + radius + 11
        canvas.text(x, first, mark.name, anchor="middle", paint="halo", size=11.5, fixed=True)
        canvas.text(x, first + 13, mark.shown, anchor="middle", paint="halo", size=12, fixed=True)
    _draw_legend(canvas, entries, bottom + 8)
    return canvas.svg(alt)


def _legend_entries(
    legend: Legend, marks: Mapping[str, Mark], dots: Sequence[Dot]
) -> list[tuple[str, str]]:
    entries = [
        ("land-1" if phase == 1 else "land-2", text)
        for phase, text in sorted(legend.phases.items())
    ]
    if marks and legend.circle:
        entries.append((next(iter(marks.values())).paint, legend.circle))
    if dots and legend.dot:
        entries.append(("dot", legend.dot))
    return entries


def _draw_legend(canvas: Canvas, entries: Sequence[tuple[str, str]], top: float) -> None:
    for number, (paint, text) in enumerate(entries):
        y = top + number * _LEGEND_LINE + 8
        if paint.startswith("land"):
            canvas.bar(4, y - 7, 20, 14, paint)
        else:
            canvas.circle(14, y, 5 if paint == "dot" else 7, paint)
        canvas.text(32, y + 4.4, text, paint="muted")


def _province(feature: Mapping[str, Any]) -> Province:
    geometry = feature["geometry"]
    kind = geometry["type"]
    if kind not in {"Polygon", "MultiPolygon"}:
        raise KeyError(f"Polygon or MultiPolygon, found {kind}")
    polygons = [geometry["coordinates"]] if kind == "Polygon" else geometry["coordinates"]
    rings = tuple(
        [(float(lon), float(lat)) for lon, lat, *_ in ring]
        for polygon in polygons
        for ring in polygon
    )
    properties = feature["properties"]
    return Province(str(properties["iso_3166_2"]), str(properties["name"]), rings)


class Projection:
    """Equirectangular about the middle parallel: true there, and close to it for one country."""

    def __init__(
        self,
        lons: Sequence[float],
        lats: Sequence[float],
        width: float = WIDTH,
        highest: float = _HIGHEST,
    ) -> None:
        self.west, self.north = min(lons), max(lats)
        self.narrowing = math.cos(math.radians((min(lats) + max(lats)) / 2))
        wide = (max(lons) - self.west) * self.narrowing
        high = self.north - min(lats)
        self.scale = min((width - 2 * _MARGIN) / wide, highest / high)
        self.left = (width - wide * self.scale) / 2

    def __call__(self, lon: float, lat: float) -> tuple[float, float]:
        """Place a point of the earth on the picture."""
        return (
            self.left + (lon - self.west) * self.narrowing * self.scale,
            _MARGIN + (self.north - lat) * self.scale,
        )


def _projection(provinces: Sequence[Province]) -> tuple[Projection, float]:
    corners = [corner for province in provinces for ring in province.rings for corner in ring]
    lats = [lat for _, lat in corners]
    place = Projection([lon for lon, _ in corners], lats)
    return place, place(0.0, min(lats))[1] + _MARGIN


def outline_path(rings: Sequence[Ring], place: Projection) -> str:
    """Write rings on a fixed grid, so that neighbours keep one border, without repeated points."""
    parts = []
    for ring in rings:
        drawn: list[tuple[float, float]] = []
        for lon, lat in ring:
            x, y = place(lon, lat)
            corner = (round(x / _GRID) * _GRID, round(y / _GRID) * _GRID)
            if not drawn or corner != drawn[-1]:
                drawn.append(corner)
        if len(drawn) > 2:
            parts.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in drawn) + "Z")
    return "".join(parts)


def _area(ring: Ring) -> float:
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(ring)) / 2


def _inside(ring: Ring) -> tuple[float, float]:
    """Find a point within a ring: the middle of its widest stretch at the centroid's latitude."""
    area = _area(ring)
    latitude = (
        sum((y1 + y2) * (x1 * y2 - x2 * y1) for (x1, y1), (x2, y2) in pairwise(ring)) / (6 * area)
        if area
        else ring[0][1]
    )
    crossings = sorted(
        x1 + (latitude - y1) / (y2 - y1) * (x2 - x1)
        for (x1, y1), (x2, y2) in pairwise(ring)
        if (y1 > latitude) != (y2 > latitude)
    )
    stretches = list(zip(crossings[::2], crossings[1::2], strict=True))
    if not stretches:
        return ring[0]
    west, east = max(stretches, key=lambda stretch: stretch[1] - stretch[0])
    return (west + east) / 2, latitude
