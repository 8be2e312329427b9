"""What may come of a course of years: a middle, the range around it, and what was aimed at."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from onshore.report.canvas import Canvas, points, width_of
from onshore.report.charts import SMALL, WIDTH
from onshore.report.directions import set_apart
from onshore.report.scales import Scale, decimals_of, span_of
from onshore.report.words import Locale

_HEIGHT = 280.0
_LEFT, _TOP, _FOOT = 44.0, 24.0, 24.0
_APART = 14.0


@dataclass(frozen=True)
class Range:
    """A range that holds a share of all draws, in the order of the periods, and its name."""

    name: str
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True)
class Aim:
    """A value to be reached, drawn across all periods, or up to the one it is aimed at."""

    name: str
    value: float
    period: int | None = None


def fan(
    key: str,
    periods: Sequence[str],
    middle: Sequence[float],
    ranges: Sequence[Range],
    *,
    middle_name: str,
    name: str,
    shown: Callable[[float, int], str],
    alt: str,
    aims: Sequence[Aim] = (),
    rtl: bool = False,
) -> str:
    """Draw a course with ranges around it, the widest first.

    The scale begins at zero, but where the values lie in its upper half and would be drawn flat.

    Parameters
    ----------
    key
        Unique within the page.
    periods
        Names of the periods, in order.
    middle
        The course in the middle, such as the median.
    ranges
        Each wider than the next.
    middle_name
        What the middle is, written at its end.
    name
        What is measured, with its unit.
    shown
        Writes a value to so many places.
    alt
        What the picture shows.
    aims
        What is to be reached.
    rtl
        Whether the page reads from right to left.

    Returns
    -------
    str
        One ``<svg>`` element.

    Examples
    --------
    >>> picture = fan(
    ...     "target", ["2025", "2026"], [10.0, 14.0],
    ...     [Range("9 of 10", (10.0, 11.0), (10.0, 16.0))],
    ...     middle_name="median", name="Mt", shown=lambda value, places: f"{value:.{places}f}",
    ...     alt="Steel", aims=[Aim("target", 15.0, 1)],
    ... )
    >>> picture.count('class="p-fan"'), picture.count('class="p-aim"')
    (1, 1)
    """
    values = [*middle, *(aim.value for aim in aims)]
    values += [value for one in ranges for value in (*one.low, *one.high)]
    low, high = span_of(values, room=0.08)
    low = 0.0 if min(values) < 0.5 * max(values) else low
    ends = [(middle_name, middle[-1])]
    if ranges:
        ends.append((ranges[0].name, ranges[0].high[-1]))
    names = [text for text, _ in ends] + [aim.name for aim in aims]
    room = min(max(width_of(text, SMALL) for text in names) + 10, WIDTH * 0.36)
    canvas = Canvas(key, WIDTH, _HEIGHT, rtl=rtl)
    base, end = _HEIGHT - _FOOT, WIDTH - room
    up = Scale(low, high, base, _TOP)
    step = (end - _LEFT - 8) / max(len(periods) - 1, 1)
    at = [_LEFT + 8 + number * step for number in range(len(periods))]
    _draw_frame(canvas, periods, at, up, end, name, shown)
    for one in ranges:
        _draw_range(canvas, one, at, up)
    canvas.course([(x, up.place(value)) for x, value in zip(at, middle, strict=True)], "home-line")
    if len(at) == 1:
        canvas.circle(at[0], up.place(middle[0]), 3.5, "home")
    for aim in aims:
        y = up.place(aim.value)
        stop = end if aim.period is None else at[aim.period]
        canvas.line(_LEFT, y, max(stop, _LEFT + 12), y, "aim")
        if aim.period is not None:
            canvas.circle(at[aim.period], y, 4, "ring")
    ends += [(aim.name, aim.value) for aim in aims]
    _draw_names(canvas, ends, up, end + 6, base)
    return canvas.svg(alt)


def _draw_frame(
    canvas: Canvas,
    periods: Sequence[str],
    at: Sequence[float],
    up: Scale,
    end: float,
    name: str,
    shown: Callable[[float, int], str],
) -> None:
    marks = up.marks(5)
    for mark in marks:
        y = up.place(mark)
        canvas.line(_LEFT, y, end, y, "rule")
        text = shown(mark, decimals_of(marks))
        canvas.text(_LEFT - 6, y + 4, text, anchor="end", paint="muted", size=SMALL)
    every = max(1, -(-len(periods) * 36 // int(end - _LEFT)))
    for number in range(len(periods) - 1, -1, -every):
        canvas.text(at[number], _HEIGHT - _FOOT + 17, periods[number], anchor="middle", size=SMALL)
    canvas.text(0, 10, name, size=SMALL)


def _draw_range(canvas: Canvas, one: Range, at: Sequence[float], up: Scale) -> None:
    def across(x: float) -> float:
        return canvas.width - x if canvas.rtl else x

    # A range of one period is a bar about it.
    xs = list(at) if len(at) > 1 else [at[0] - 6, at[0] + 6]
    high = list(one.high) if len(at) > 1 else [one.high[0]] * 2
    low = list(one.low) if len(at) > 1 else [one.low[0]] * 2
    edge = [*zip(xs, high, strict=True), *zip(reversed(xs), reversed(low), strict=True)]
    steps = "L".join(f"{points(across(x))} {points(up.place(value))}" for x, value in edge)
    canvas.outline(f"M{steps}Z", "fan", title=one.name)


def _draw_names(
    canvas: Canvas, ends: Sequence[tuple[str, float]], up: Scale, x: float, base: float
) -> None:
    """Write the names at the end, none over another."""
    locale: Locale = "fa" if canvas.rtl else "en"
    ordered = sorted(((up.place(value), text) for text, value in ends), key=lambda one: one[0])
    places: list[float] = []
    for y, _ in ordered:
        places.append(max(y, places[-1] + _APART) if places else y)
    limit = base
    for number in range(len(places) - 1, -1, -1):
        places[number] = min(places[number], limit)
        limit = places[number] - _APART
    for y, (_, text) in zip(places, ordered, strict=True):
        canvas.text(x, y + 4, set_apart(text, locale), size=SMALL)
