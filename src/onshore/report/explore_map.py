"""A raster as a map: its classes, known deposits, targets, a scale bar and the key under it."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Final

from onshore.report.canvas import Canvas, points, width_of
from onshore.report.charts import SMALL, WIDTH
from onshore.report.explore_raster import Raster, data_address, png

if TYPE_CHECKING:
    import numpy as np

_HIGHEST: Final = 520.0
_KEY_LINE: Final = 19.0
_BAR_SHARE: Final = 0.28  # of the map's width, at most, for the scale bar
_CORNER: Final = 0.4  # finest step of an outline, in the units of the picture

Place = Callable[[float, float], tuple[float, float]]
Ring = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Shape:
    """A target's outline, in the map's reference system, and what is told of it.

    ``label`` is written beside it where there is room, ``title`` told when it is pointed at.
    """

    rings: tuple[Ring, ...]
    label: str = ""
    title: str = ""


@dataclass(frozen=True)
class Spot:
    """A known deposit, mine or plant, in the map's reference system."""

    x: float
    y: float
    title: str = ""


@dataclass(frozen=True)
class RasterKey:
    """The words under a map: of its classes, the darkest first, of its spots and its outlines.

    ``kilometres`` writes the length of the scale bar.
    """

    classes: Sequence[str]
    kilometres: Callable[[float], str]
    spots: str = ""
    shapes: str = ""


class _MapCanvas(Canvas):
    def picture(self, x: float, y: float, width: float, height: float, address: str) -> None:
        """Set a picture, never mirrored."""
        self._elements.append(
            f'<image x="{points(x)}" y="{points(y)}" width="{points(width)}" '
            f'height="{points(height)}" preserveAspectRatio="none" '
            f'style="image-rendering:pixelated" href="{address}"/>'
        )

    def edge(self, d: str, title: str) -> None:
        """Draw an outline in a fine line, in the same colour on every paper, as the picture is."""
        told = f"<title>{escape(title)}</title>" if title else ""
        self._elements.append(
            f'<path d="{d}" fill="none" stroke="#0b5a62" stroke-width="1.3">{told}</path>'
        )

    def swatch(self, x: float, y: float, colour: str) -> None:
        """Draw a class of the key, on the side where the text begins."""
        left = self.width - x - 20 if self.rtl else x
        self._elements.append(
            f'<rect x="{points(left)}" y="{points(y)}" width="20" height="12" fill="{colour}" '
            'stroke="#8d9694" stroke-width="0.6"/>'
        )


def raster_map(
    key: str,
    raster: Raster,
    classes: "np.ndarray[Any, Any]",
    colours: Sequence[str],
    words: RasterKey,
    *,
    alt: str,
    spots: Sequence[Spot] = (),
    shapes: Sequence[Shape] = (),
    rtl: bool = False,
) -> str:
    """Draw a raster as it lies, with what is known on it.

    Parameters
    ----------
    key
        Unique within the page.
    raster
        Where it lies; its values are those that ``classes`` are cut from.
    classes
        uint8 (rows, columns): 0 for no data, then the place of each class's colour from 1.
    colours
        Of each class, the least first.
    words
        Words of the key under the map.
    alt
        What the map shows.
    spots
        Known deposits, drawn as rings; what lies outside the map is left out.
    shapes
        Targets, drawn as outlines.
    rtl
        Whether the page reads from right to left; the map itself is never mirrored.

    Returns
    -------
    str
        One ``<svg>`` element that holds the picture.
    """
    narrowing = _narrowing(raster)
    scale = min(WIDTH / (raster.width * narrowing), _HIGHEST / raster.height)
    wide, high = raster.width * narrowing * scale, raster.height * scale
    left = (WIDTH - wide) / 2

    def place(x: float, y: float) -> tuple[float, float]:
        return (
            left + (x - raster.bounds[0]) * narrowing * scale,
            (raster.bounds[3] - y) * scale,
        )

    inside = [spot for spot in spots if _within(spot, raster)]
    entries = _entries(words, colours, bool(inside), bool(shapes))
    columns = 2 if len(entries) > 4 and _fits(entries) else 1
    lines = -(-len(entries) // columns)
    canvas = _MapCanvas(key, WIDTH, high + 34 + lines * _KEY_LINE + 6, rtl=rtl)
    canvas.picture(left, 0, wide, high, data_address(png(classes, colours)))
    canvas.outline(f"M{points(left)} 0h{points(wide)}v{points(high)}h{points(-wide)}z", "grid")
    for spot in inside:
        x, y = place(spot.x, spot.y)
        canvas.spot(x, y, 1.8 if shapes else 2.6, "ring", title=spot.title)
    _draw_shapes(canvas, shapes, place)
    _draw_scale(canvas, raster, left, wide, high + 14, scale, words)
    for number, (how, text) in enumerate(entries):
        x = 0.0 if number < lines else WIDTH / 2
        _draw_entry(canvas, x, high + 40 + number % lines * _KEY_LINE, how, text)
    return canvas.svg(alt)


def _narrowing(raster: Raster) -> float:
    """Give what a unit of x is shorter than one of y: of degrees, by the middle parallel."""
    if not raster.geographic:
        return 1.0
    return math.cos(math.radians((raster.bounds[1] + raster.bounds[3]) / 2))


def _within(spot: Spot, raster: Raster) -> bool:
    west, south, east, north = raster.bounds
    return west <= spot.x <= east and south <= spot.y <= north


def _entries(
    words: RasterKey, colours: Sequence[str], spots: bool, shapes: bool
) -> list[tuple[str, str]]:
    entries = list(zip(reversed(colours), words.classes, strict=False))
    if spots and words.spots:
        entries.append(("ring", words.spots))
    if shapes and words.shapes:
        entries.append(("home-line", words.shapes))
    return entries


def _fits(entries: Sequence[tuple[str, str]]) -> bool:
    return max(width_of(text, SMALL) for _, text in entries) + 30 < WIDTH / 2


def _draw_entry(canvas: _MapCanvas, x: float, y: float, how: str, text: str) -> None:
    if how.startswith("#"):
        canvas.swatch(x, y - 9, how)
    elif how == "ring":
        canvas.circle(x + 10, y - 3, 4, how)
    else:
        canvas.course([(x, y - 3), (x + 20, y - 3)], how)
    canvas.text(x + 27, y + 1, text, paint="muted", size=SMALL)


def _draw_shapes(canvas: _MapCanvas, shapes: Sequence[Shape], place: Place) -> None:
    taken: list[tuple[float, float, float, float]] = []
    for shape in shapes:
        path = "".join(_path([place(x, y) for x, y in ring]) for ring in shape.rings)
        canvas.edge(path, shape.title or shape.label)
    for shape in shapes:
        if not shape.label:
            continue
        corners = [place(x, y) for ring in shape.rings[:1] for x, y in ring]
        x = max(corner[0] for corner in corners) + 3
        y = sum(corner[1] for corner in corners) / len(corners) + 4
        wide = width_of(shape.label, SMALL)
        if x + wide > WIDTH:
            x = min(corner[0] for corner in corners) - 3 - wide
        box = (x, y - 9, x + wide, y + 2)
        if x < 0 or any(_meet(box, other) for other in taken):
            continue
        taken.append(box)
        canvas.text(x, y, shape.label, paint="home-text", size=SMALL, fixed=True)


def _meet(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _path(corners: Sequence[tuple[float, float]]) -> str:
    """Write a ring on a fixed grid without repeated points; one too small to see as a mark."""
    drawn: list[tuple[float, float]] = []
    for x, y in corners:
        corner = (round(x / _CORNER) * _CORNER, round(y / _CORNER) * _CORNER)
        if not drawn or corner != drawn[-1]:
            drawn.append(corner)
    if len(drawn) < 3:
        x, y = corners[0]
        return f"M{x - 1:.1f} {y - 1:.1f}h2v2h-2z"
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in drawn) + "Z"


def _draw_scale(
    canvas: Canvas,
    raster: Raster,
    left: float,
    wide: float,
    y: float,
    scale: float,
    words: RasterKey,
) -> None:
    """Draw a bar of a round length at the map's western end."""
    longest = _BAR_SHARE * wide / scale * raster.metre / 1000
    power = 10.0 ** math.floor(math.log10(longest))
    length = max(step * power for step in (1.0, 2.0, 5.0) if step * power <= longest)
    end = left + length * 1000 / raster.metre * scale
    canvas.outline(f"M{points(left)} {points(y - 4)}v4H{points(end)}v-4", "course")
    canvas.text(end + 6, y + 1, words.kilometres(length), paint="muted", size=SMALL, fixed=True)
