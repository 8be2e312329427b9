"""Curves over a value: each with its range, what divides them, and round marks on both axes."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from onshore.report.canvas import Canvas, width_of
from onshore.report.charts import SMALL, WIDTH
from onshore.report.directions import set_apart
from onshore.report.scales import Scale, decimals_of, span_of
from onshore.report.scatter import Axis
from onshore.report.words import Locale

_HEIGHT: Final = 280.0
_TOP: Final = 24.0
_FOOT: Final = 40.0
_RIGHT: Final = 10.0
_APART: Final = 14.0


@dataclass(frozen=True)
class Curve:
    """A curve: its places in order, and the range around each where it is known.

    ``home`` sets it in the working hue, ``cut`` as a dotted line, as what others are held to;
    ``spots`` draws its places too, for curves of few of them.
    """

    name: str
    places: tuple[tuple[float, float], ...]
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    home: bool = False
    cut: bool = False
    spots: bool = False


@dataclass(frozen=True)
class Ends:
    """From where to where an axis goes; None where the values tell."""

    low: float | None = None
    high: float | None = None


FREE: Final = Ends()


def curves(
    key: str,
    drawn: Sequence[Curve],
    x: Axis,
    y: Axis,
    *,
    alt: str,
    across: Ends = FREE,
    up: Ends = FREE,
    rtl: bool = False,
) -> str:
    """Draw curves over a value.

    Parameters
    ----------
    key
        Unique within the page.
    drawn
        At least one curve with two places or more; named at their ends.
    x, y
        What the two directions measure; a cut is drawn as a dotted line.
    alt
        What the picture shows.
    across, up
        Ends of the axes.
    rtl
        Whether the page reads from right to left.

    Returns
    -------
    str
        One ``<svg>`` element.

    Examples
    --------
    >>> from onshore.report.scatter import Axis
    >>> def shown(value: float, places: int) -> str:
    ...     return f"{value:.{places}f}"
    >>> picture = curves(
    ...     "rate", [Curve("found", ((0.0, 0.0), (0.2, 0.7), (1.0, 1.0)), home=True)],
    ...     Axis("area", shown), Axis("deposits", shown), alt="Success rate",
    ... )
    >>> picture.count('class="p-home-line"')
    1
    """
    names = [curve.name for curve in drawn if curve.name]
    room = min(max((width_of(name, SMALL) for name in names), default=0.0) + 10, WIDTH * 0.36)
    canvas = Canvas(key, WIDTH, _HEIGHT, rtl=rtl)
    base, end = _HEIGHT - _FOOT, WIDTH - (room if names else _RIGHT)
    heights = _ends(up, [*_all(drawn, 1), *_ranges(drawn), *_cut(y)], log=y.log)
    upright = Scale(*heights, base, _TOP, y.log)
    marks = upright.marks(4)
    start = max(
        (width_of(y.shown(mark, decimals_of(marks)), SMALL) for mark in marks), default=20.0
    )
    widths = _ends(across, [*_all(drawn, 0), *_cut(x)], log=x.log, room=0.0)
    along = Scale(*widths, start + 10, end, x.log)
    _draw_frame(canvas, x, y, along, upright, base)
    for curve in drawn:
        _draw_range(canvas, curve, along, upright)
    for curve in sorted(drawn, key=lambda one: (one.home, not one.cut)):
        laid = [(along.place(a), upright.place(b)) for a, b in curve.places]
        _draw_curve(canvas, curve, laid)
    _draw_names(canvas, drawn, along, upright, base)
    return canvas.svg(alt)


def _all(drawn: Sequence[Curve], which: int) -> list[float]:
    return [place[which] for curve in drawn for place in curve.places]


def _ranges(drawn: Sequence[Curve]) -> list[float]:
    return [value for curve in drawn for value in (*curve.low, *curve.high)]


def _cut(axis: Axis) -> list[float]:
    return [] if axis.cut is None else [axis.cut]


def _ends(
    ends: Ends, values: Sequence[float], *, log: bool, room: float = 0.06
) -> tuple[float, float]:
    low, high = span_of(values, room=room, log=log)
    if room == 0.0 and not log:
        low, high = min(values), max(values)
    low = low if ends.low is None else ends.low
    high = high if ends.high is None else ends.high
    return (low, high) if high > low else (low, low + 1.0)


def _draw_frame(
    canvas: Canvas, x: Axis, y: Axis, along: Scale, upright: Scale, base: float
) -> None:
    marks = upright.marks(4)
    for mark in marks:
        at = upright.place(mark)
        canvas.line(along.start, at, along.end, at, "rule")
        text = y.shown(mark, decimals_of(marks))
        canvas.text(along.start - 6, at + 4, text, anchor="end", paint="muted", size=SMALL)
    marks = along.marks(5)
    for mark in marks:
        at = along.place(mark)
        canvas.line(at, base, at, base + 4, "axis")
        text = x.shown(mark, decimals_of(marks))
        canvas.text(at, base + 16, text, anchor="middle", paint="muted", size=SMALL)
    canvas.line(along.start, base, along.end, base, "axis")
    canvas.text(along.end, base + 33, x.name, anchor="end", size=SMALL)
    canvas.text(0, 11, y.name, size=SMALL)
    if x.cut is not None:
        at = along.place(x.cut)
        canvas.line(at, _TOP - 4, at, base, "cut")
    if y.cut is not None:
        at = upright.place(y.cut)
        canvas.line(along.start, at, along.end, at, "cut")


def _draw_range(canvas: Canvas, curve: Curve, along: Scale, upright: Scale) -> None:
    if not curve.low:
        return
    places = [along.place(a) for a, _ in curve.places]
    above = [(a, upright.place(b)) for a, b in zip(places, curve.high, strict=True)]
    below = [(a, upright.place(b)) for a, b in zip(places, curve.low, strict=True)]
    if curve.spots:
        for (a, top), (_, foot) in zip(above, below, strict=True):
            canvas.line(a, top, a, foot, "interval")
    else:
        canvas.course([*above, *reversed(below), above[0]], "fan")


def _draw_curve(canvas: Canvas, curve: Curve, laid: Sequence[tuple[float, float]]) -> None:
    if curve.cut:
        for first, last in itertools.pairwise(laid):
            canvas.line(*first, *last, "cut")
        return
    if len(laid) > 1:
        canvas.course(laid, "home-line" if curve.home else "course")
    if curve.spots or len(laid) == 1:
        for a, b in laid:
            canvas.circle(a, b, 3, "home" if curve.home else "dot")


def _draw_names(
    canvas: Canvas, drawn: Sequence[Curve], along: Scale, upright: Scale, base: float
) -> None:
    """Write names at the ends of their curves, none over another."""
    locale: Locale = "fa" if canvas.rtl else "en"
    ends = sorted(
        ((upright.place(curve.places[-1][1]), curve) for curve in drawn if curve.name),
        key=lambda end: end[0],
    )
    places: list[float] = []
    for at, _ in ends:
        places.append(max(at, places[-1] + _APART) if places else at)
    limit = base
    for number in range(len(places) - 1, -1, -1):
        places[number] = min(places[number], limit)
        limit = places[number] - _APART
    for at, (_, curve) in zip(places, ends, strict=True):
        paint = "home-text" if curve.home else "muted" if curve.cut else "text"
        name = set_apart(curve.name, locale)
        canvas.text(along.end + 6, at + 4, name, paint=paint, size=SMALL)
