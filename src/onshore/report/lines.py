"""Values over several periods: one line each, named at its end."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from onshore.report.canvas import Canvas, width_of
from onshore.report.charts import SMALL, WIDTH
from onshore.report.directions import set_apart
from onshore.report.scales import Scale, decimals_of, span_of
from onshore.report.words import Locale

_HEIGHT = 260.0
_LEFT, _TOP, _FOOT = 44.0, 22.0, 24.0
_APART = 14.0


@dataclass(frozen=True)
class Line:
    """A course of values, in the order of the periods; None where there is none."""

    name: str
    values: tuple[float | None, ...]
    home: bool = False


def lines(
    key: str,
    periods: Sequence[str],
    courses: Sequence[Line],
    *,
    name: str,
    shown: Callable[[float, int], str],
    alt: str,
    from_zero: bool = False,
    rtl: bool = False,
) -> str:
    """Draw a line for each course, its name at its last value.

    Parameters
    ----------
    key
        Unique within the page.
    periods
        Names of the periods, in order; two make it a slope.
    courses
        At most some eight can be told apart.
    name
        What is measured, with its unit.
    shown
        Writes a value to so many places.
    alt
        What the picture shows.
    from_zero
        Whether the scale begins at zero.
    rtl
        Whether the page reads from right to left.

    Returns
    -------
    str
        One ``<svg>`` element.
    """
    values = [value for line in courses for value in line.values if value is not None]
    low, high = span_of([*values, 0.0] if from_zero else values)
    names = min(max(width_of(line.name, SMALL) for line in courses) + 10, WIDTH * 0.4)
    canvas = Canvas(key, WIDTH, _HEIGHT, rtl=rtl)
    base, end = _HEIGHT - _FOOT, WIDTH - names
    up = Scale(0.0 if from_zero and low < 0 <= min(values) else low, high, base, _TOP)
    step = (end - _LEFT - 8) / max(len(periods) - 1, 1)
    at = [_LEFT + 8 + number * step for number in range(len(periods))]
    marks = up.marks(4)
    for mark in marks:
        y = up.place(mark)
        canvas.line(_LEFT, y, end, y, "rule")
        text = shown(mark, decimals_of(marks))
        canvas.text(_LEFT - 6, y + 4, text, anchor="end", paint="muted", size=SMALL)
    every = max(1, -(-len(periods) * 36 // int(end - _LEFT)))
    for number in range(len(periods) - 1, -1, -every):
        canvas.text(at[number], base + 17, periods[number], anchor="middle", size=SMALL)
    canvas.text(0, 10, name, size=SMALL)
    for line in sorted(courses, key=lambda one: one.home):
        _draw(canvas, line, at, up)
    _draw_names(canvas, courses, at, up, base)
    return canvas.svg(alt)


def _draw(canvas: Canvas, line: Line, at: Sequence[float], up: Scale) -> None:
    """Draw a course; a gap in it stays a gap."""
    run: list[tuple[float, float]] = []
    for x, value in [*zip(at, line.values, strict=True), (0.0, None)]:
        if value is not None:
            run.append((x, up.place(value)))
            continue
        if len(run) > 1:
            canvas.course(run, "home-line" if line.home else "course")
        if len(run) == 1 or (run and len(at) == 2):
            for left, top in run:
                canvas.circle(left, top, 3, "home" if line.home else "dot")
        run = []


def _draw_names(
    canvas: Canvas, courses: Sequence[Line], at: Sequence[float], up: Scale, base: float
) -> None:
    """Write the names beside their last values, none over another."""
    locale: Locale = "fa" if canvas.rtl else "en"
    ends = []
    for line in courses:
        known = [place for place, value in enumerate(line.values) if value is not None]
        if known:
            ends.append((up.place(line.values[known[-1]] or 0.0), line))
    ends.sort(key=lambda end: end[0])
    places: list[float] = []
    for y, _ in ends:
        places.append(max(y, places[-1] + _APART) if places else y)
    if places:
        limit = base
        for number in range(len(places) - 1, -1, -1):
            places[number] = min(places[number], limit)
            limit = places[number] - _APART
    for y, (_, line) in zip(places, ends, strict=True):
        canvas.text(
            at[-1] + 8,
            y + 4,
            set_apart(line.name, locale),
            paint="home-text" if line.home else "text",
            size=SMALL,
        )
