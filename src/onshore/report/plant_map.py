"""Plants of a country, or of the world, where they stand: the larger the circle, the more."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from onshore.figures import shown
from onshore.report.canvas import Canvas, width_of
from onshore.report.charts import SMALL, WIDTH
from onshore.report.directions import set_apart
from onshore.report.map import Projection, Province, outline_path
from onshore.report.scales import step_of
from onshore.report.words import Locale

_HIGHEST: Final = 420.0
_LARGEST: Final = 22.0
_SMALLEST: Final = 1.6
_KEY_LINE: Final = 20.0
_ROOM: Final = 0.08  # of the span of the plants, kept free around them
_SPAN: Final = 2.0  # degrees, at least


@dataclass(frozen=True)
class Site:
    """A plant, or all plants of a place.

    ``now`` is what it can make, ``coming`` what is being built beside it, both in the map's unit;
    ``label`` is written under it where there is room, ``title`` told when it is pointed at.
    """

    lon: float
    lat: float
    now: float
    coming: float = 0.0
    label: str = ""
    title: str = ""

    @property
    def size(self) -> float:
        """All of it."""
        return self.now + self.coming


@dataclass(frozen=True)
class MapKey:
    """The words under the map: what the dark and the pale circle are; empty where not drawn.

    ``largest`` tells what the largest circle stands for.
    """

    now: str
    coming: str = ""
    largest: str = ""


def plant_map(
    key: str,
    sites: Sequence[Site],
    *,
    words: MapKey,
    alt: str,
    outlines: Sequence[Province] = (),
    paint: str = "dot",
    rtl: bool = False,
) -> str:
    """Draw sites as circles whose area goes with their capacity.

    Parameters
    ----------
    key
        Unique within the page.
    sites
        Where they stand, in degrees of WGS 84; at least one.
    words
        Words of the key under the map.
    alt
        What the map shows.
    outlines
        Outlines of provinces or countries, as ``read_provinces`` gives them; without any, lines of
        longitude and latitude tell where things are.
    paint
        Of the circles of what is there now.
    rtl
        Whether the page reads from right to left; the map itself is never mirrored.

    Returns
    -------
    str
        One ``<svg>`` element.

    Examples
    --------
    >>> picture = plant_map(
    ...     "map", [Site(51.7, 32.6, 10.0, label="Isfahan")], words=MapKey("In service"), alt="Map"
    ... )
    >>> picture.count("<circle")
    2
    """
    place, bottom = _projection(sites, outlines)
    entries = [(how, text) for how, text in _entries(words, paint) if text]
    canvas = Canvas(key, WIDTH, bottom + _KEY_LINE * len(entries) + 14, rtl=rtl)
    if outlines:
        for outline in outlines:
            canvas.outline(outline_path(outline.rings, place), "land", title=outline.name)
    else:
        _draw_graticule(canvas, place, sites, bottom)
    largest = max(site.size for site in sites) or 1.0
    taken: list[tuple[float, float, float, float]] = []
    ordered = sorted(sites, key=lambda site: -site.size)
    for site in ordered:
        x, y = place(site.lon, site.lat)
        if site.coming > 0:
            canvas.spot(x, y, _radius(site.size, largest), "waiting", title=site.title)
        if site.now > 0:
            canvas.spot(x, y, _radius(site.now, largest), paint, title=site.title)
        radius = _radius(site.size, largest)
        taken.append((x - radius * 0.6, y - radius * 0.6, x + radius * 0.6, y + radius * 0.6))
    for site in ordered:
        at = place(site.lon, site.lat)
        _draw_label(canvas, site, at, _radius(site.size, largest), taken, bottom)
    for number, (how, text) in enumerate(entries):
        y = bottom + 12 + number * _KEY_LINE
        if how != "text":
            canvas.circle(10, y, 6, how)
        canvas.text(24 if how != "text" else 0, y + 4.2, text, paint="muted", size=SMALL)
    return canvas.svg(alt)


def _entries(words: MapKey, paint: str) -> tuple[tuple[str, str], ...]:
    return ((paint, words.now), ("waiting", words.coming), ("text", words.largest))


def _radius(size: float, largest: float) -> float:
    return max(_LARGEST * math.sqrt(size / largest), _SMALLEST)


def _projection(sites: Sequence[Site], outlines: Sequence[Province]) -> tuple[Projection, float]:
    lons, lats = [site.lon for site in sites], [site.lat for site in sites]
    if outlines:
        corners = [corner for outline in outlines for ring in outline.rings for corner in ring]
        lons += [lon for lon, _ in corners]
        lats += [lat for _, lat in corners]
        wide, high = 0.0, 0.0
    else:
        wide = max((max(lons) - min(lons)) * _ROOM, (_SPAN - max(lons) + min(lons)) / 2)
        high = max((max(lats) - min(lats)) * _ROOM, (_SPAN - max(lats) + min(lats)) / 2)
    lats = [max(min(lats) - high, -85.0), min(max(lats) + high, 85.0)]
    place = Projection([min(lons) - wide, max(lons) + wide], lats, WIDTH, _HIGHEST)
    return place, place(0.0, lats[0])[1] + 10


def _draw_graticule(
    canvas: Canvas, place: Projection, sites: Sequence[Site], bottom: float
) -> None:
    """Draw lines of longitude and latitude at round degrees, each named at its end."""
    spans = (
        ([site.lon for site in sites], "lon"),
        ([site.lat for site in sites], "lat"),
    )
    for values, which in spans:
        low, high = min(values), max(values)
        step = max(step_of(low, max(high, low + _SPAN), 4), 1.0)
        first = math.floor(low / step)
        for number in range(first, math.ceil(high / step) + 1):
            degrees = number * step
            text = shown.digits(f"{degrees:g}\N{DEGREE SIGN}", "fa" if canvas.rtl else "en")
            x, y = place(degrees, degrees)
            if which == "lon" and 12 <= x <= WIDTH - 4:
                canvas.outline(f"M{x:.1f} 0V{bottom:.1f}", "grid")
                canvas.text(x + 3, 9, text, paint="muted", size=9, fixed=True)
            elif which == "lat" and 12 <= y <= bottom - 2:
                canvas.outline(f"M0 {y:.1f}H{WIDTH:g}", "grid")
                canvas.text(0, y - 3, text, paint="muted", size=9, fixed=True)


def _draw_label(
    canvas: Canvas,
    site: Site,
    at: tuple[float, float],
    radius: float,
    taken: list[tuple[float, float, float, float]],
    bottom: float,
) -> None:
    """Name a site under, over or beside its circle, where it meets no other name or circle."""
    if not site.label:
        return
    width = width_of(site.label, SMALL)
    x, y = at
    for middle, base in (
        (x, y + radius + 11),
        (x, y - radius - 4),
        (x + radius + 4 + width / 2, y + 4),
        (x - radius - 4 - width / 2, y + 4),
    ):
        left, right = middle - width / 2, middle + width / 2
        if left < 0 or right > WIDTH or not 10 <= base <= bottom - 4:
            continue
        box = (left, base - 9, right, base + 2)
        if any(_meet(box, other) for other in taken):
            continue
        taken.append(box)
        locale: Locale = "fa" if canvas.rtl else "en"
        canvas.text(
            middle, base, set_apart(site.label, locale), anchor="middle", paint="halo",
            size=SMALL, fixed=True,
        )  # fmt: skip
        return


def _meet(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
