"""Drillholes seen from the side and from above: their traces, and what was found along them."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from onshore.report.canvas import Canvas
from onshore.report.charts import SMALL, WIDTH
from onshore.report.scales import Scale, decimals_of, span_of

_HIGHEST: Final = 420.0
_LOWEST: Final = 140.0
_LEFT: Final = 44.0
_TOP: Final = 26.0
_FOOT: Final = 34.0
_KEY_LINE: Final = 18.0
_SHADES: Final = ("#c0c7c6", "#9da7a9", "#59646c", "#1b2328")

Place = tuple[float, float, float]


@dataclass(frozen=True)
class Hole:
    """A hole: its trace from the collar down, in metres east, north and up."""

    name: str
    trace: tuple[Place, ...]


@dataclass(frozen=True)
class Stretch:
    """A stretch of a hole with its grade, from one place to another."""

    start: Place
    end: Place
    grade: float
    title: str = ""


@dataclass(frozen=True)
class SectionKey:
    """The words of a section: of both axes and of the grade, with its unit."""

    along: str
    up: str
    grade: str


def section(
    key: str,
    holes: Sequence[Hole],
    stretches: Sequence[Stretch],
    words: SectionKey,
    *,
    azimuth: float,
    shown: Callable[[float, int], str],
    alt: str,
    rtl: bool = False,
) -> str:
    """Draw holes upon the vertical plane along an azimuth, without exaggeration.

    Parameters
    ----------
    key
        Unique within the page.
    holes
        At least one, with two places or more.
    stretches
        With their grades: the darker and the thicker, the richer.
    words
        Words of the axes and of the key.
    azimuth
        Of the plane, in degrees from north; what lies towards it stands to the right.
    shown
        Writes a value to so many places.
    alt
        What the picture shows.
    rtl
        Whether the page reads from right to left; the section itself is never mirrored.

    Returns
    -------
    str
        One ``<svg>`` element.
    """
    east, north = math.sin(math.radians(azimuth)), math.cos(math.radians(azimuth))
    first = holes[0].trace[0]

    def laid(place: Place) -> tuple[float, float]:
        return (place[0] - first[0]) * east + (place[1] - first[1]) * north, place[2]

    flat = [laid(place) for hole in holes for place in hole.trace]
    low, high = span_of([a for a, _ in flat], room=0.08)
    deep, top = span_of([b for _, b in flat], room=0.05)
    scale = min((WIDTH - _LEFT - 10) / (high - low), _HIGHEST / (top - deep))
    tall = max((top - deep) * scale, _LOWEST)
    wide = max((high - low) * scale, 60.0)
    bounds = _bounds([stretch.grade for stretch in stretches])
    shades = _SHADES[len(_SHADES) - len(bounds) - 1 :]
    lines = len(shades) if stretches else 0
    base = _TOP + tall
    canvas = _SectionCanvas(key, WIDTH, base + _FOOT + lines * _KEY_LINE + 20, rtl=rtl)
    across = Scale(low, low + wide / scale, _LEFT, _LEFT + wide)
    upright = Scale(top - tall / scale, top, base, _TOP)
    _draw_frame(canvas, across, upright, words, shown, base)
    for hole in holes:
        places = [laid(place) for place in hole.trace]
        canvas.trace([(across.place(a), upright.place(b)) for a, b in places], "#8d9694", 1.2)
    for stretch in sorted(stretches, key=lambda one: one.grade):
        step = sum(stretch.grade >= bound for bound in bounds)
        ends = [laid(stretch.start), laid(stretch.end)]
        canvas.trace(
            [(across.place(a), upright.place(b)) for a, b in ends],
            shades[step], 2.5 + 1.3 * step, stretch.title,
        )  # fmt: skip
    for hole in holes:
        a, b = laid(hole.trace[0])
        x, y = across.place(a), upright.place(b)
        canvas.spot(x, y, 2.6, "dot", title=hole.name)
        if len(holes) <= 12:
            canvas.text(x, y - 6, hole.name, anchor="middle", paint="halo", size=10, fixed=True)
    _draw_key(canvas, bounds, shades, words, shown, base + _FOOT + 14, bool(stretches))
    return canvas.svg(alt)


class _SectionCanvas(Canvas):
    def trace(
        self, places: Sequence[tuple[float, float]], colour: str, width: float, title: str = ""
    ) -> None:
        """Draw a stretch of a hole, never mirrored."""
        steps = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
        told = f"<title>{escape(title)}</title>" if title else ""
        self._elements.append(
            f'<path d="M{steps}" fill="none" stroke="{colour}" stroke-width="{width:g}" '
            f'stroke-linejoin="round">{told}</path>'
        )


def _bounds(grades: Sequence[float]) -> list[float]:
    """Give the grades that divide the stretches into four classes of like number."""
    ordered = sorted(grades)
    if not ordered:
        return []
    parts = [ordered[int(len(ordered) * share)] for share in (0.5, 0.8, 0.95)]
    return sorted({part for part in parts if part > ordered[0]})


def _draw_frame(
    canvas: Canvas,
    across: Scale,
    upright: Scale,
    words: SectionKey,
    shown: Callable[[float, int], str],
    base: float,
) -> None:
    heights = upright.marks(5)
    for mark in heights:
        y = upright.place(mark)
        canvas.outline(f"M{across.start:.1f} {y:.1f}H{across.end:.1f}", "grid")
        text = shown(mark, decimals_of(heights))
        canvas.text(across.start - 5, y + 4, text, anchor="end", paint="muted", size=10, fixed=True)
    marks = across.marks(4)
    for mark in marks:
        x = across.place(mark)
        canvas.outline(f"M{x:.1f} {base:.1f}v4", "course")
        text = shown(mark, decimals_of(marks))
        canvas.text(x, base + 15, text, anchor="middle", paint="muted", size=10, fixed=True)
    canvas.text(across.start, base + 30, words.along, size=SMALL, fixed=True)
    canvas.text(0, 11, words.up, size=SMALL)


def _draw_key(
    canvas: _SectionCanvas,
    bounds: Sequence[float],
    shades: Sequence[str],
    words: SectionKey,
    shown: Callable[[float, int], str],
    top: float,
    any_grade: bool,
) -> None:
    if not any_grade:
        return
    canvas.text(0, top, words.grade, size=SMALL)
    ends = ["", *[shown(bound, 2) for bound in bounds]]
    for number in range(len(shades) - 1, -1, -1):
        y = top + (len(shades) - number) * _KEY_LINE
        low, high = ends[number], ends[number + 1] if number + 1 < len(ends) else ""
        text = f"< {high}" if not low else f"≥ {low}" if not high else f"{low} – {high}"
        left = canvas.width - 20 if canvas.rtl else 0
        canvas.trace([(left, y - 4), (left + 20, y - 4)], shades[number], 2.5 + 1.3 * number)
        canvas.text(27, y, text, paint="muted", size=SMALL)
