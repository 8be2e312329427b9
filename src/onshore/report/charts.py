"""The charts of a bulletin, each drawn from values and texts that are already set."""

from collections.abc import Sequence
from dataclasses import dataclass

from onshore.report.canvas import Canvas, folded, width_of

WIDTH = 400.0
SMALL = 11.0

_GAP = 8.0
_LINE = 15.0


@dataclass(frozen=True)
class Segment:
    """A part of a bar: its value, in the chart's unit, and its paint."""

    value: float
    paint: str


@dataclass(frozen=True)
class Bar:
    """A row of a bar chart.

    ``shown`` is the figure as it is written at the end of the bar, ``note`` a smaller text after
    it, ``aim`` what the bar was to reach.
    """

    label: str
    segments: tuple[Segment, ...]
    shown: str
    note: str = ""
    aim: float | None = None

    @property
    def reach(self) -> float:
        """The largest value the row shows."""
        positive = sum(segment.value for segment in self.segments if segment.value > 0)
        return max(positive, self.aim or 0.0)


@dataclass(frozen=True)
class Column:
    """An upright bar over its period; ``limit`` is drawn as a line across it."""

    label: str
    value: float
    shown: str
    limit: float | None = None
    limit_shown: str = ""


@dataclass(frozen=True)
class Pair:
    """A figure and the same figure a year before."""

    label: str
    before: float | None
    before_label: str
    before_shown: str
    now: float
    now_label: str
    now_shown: str
    change: str = ""


def bars(key: str, rows: Sequence[Bar], *, alt: str, rtl: bool = False) -> str:
    """Draw rows of bars from a common zero, labels before them and figures behind them."""
    label_width = min(max(width_of(row.label) for row in rows) + 2, WIDTH * 0.36)
    labels = [folded(row.label, label_width) for row in rows]
    figures = max(
        width_of(row.shown) + (width_of(row.note, SMALL) + 6 if row.note else 0) for row in rows
    )
    lowest = min(0.0, *(segment.value for row in rows for segment in row.segments), 0.0)
    highest = max(row.reach for row in rows)
    room = WIDTH - label_width - figures - 3 * _GAP
    scale = room / ((highest - lowest) or 1.0)
    zero = label_width + _GAP - lowest * scale

    heights = [max(26.0, len(lines) * _LINE + 8) for lines in labels]
    canvas = Canvas(key, WIDTH, sum(heights) + 4, rtl=rtl)
    top = 2.0
    for row, lines, height in zip(rows, labels, heights, strict=True):
        middle = top + height / 2
        first = middle - (len(lines) - 1) * _LINE / 2 + 4.4
        for number, line in enumerate(lines):
            canvas.text(label_width, first + number * _LINE, line, anchor="end")
        if row.aim is not None:
            canvas.bar(zero, middle - 10, row.aim * scale, 20, "outline-1")
        end = zero
        for segment in row.segments:
            if segment.value < 0:
                width = -segment.value * scale
                canvas.bar(zero - width, middle - 7, width, 14, segment.paint)
            elif segment.value > 0:
                width = max(segment.value * scale, 1.0)
                canvas.bar(end, middle - 7, width, 14, segment.paint)
                end += width
        after = max(end, zero + (row.aim or 0.0) * scale) + _GAP
        canvas.text(after, middle + 4.4, row.shown, paint="strong")
        if row.note:
            canvas.text(
                after + width_of(row.shown) + 6, middle + 4.4, row.note, paint="muted", size=SMALL
            )
        top += height
    canvas.line(zero, 2, zero, top, "axis")
    return canvas.svg(alt)


def columns(key: str, items: Sequence[Column], *, paint: str, alt: str, rtl: bool = False) -> str:
    """Draw upright bars over periods, from zero, with the limit of each as a line across it."""
    height, head, foot = 200.0, 38.0, 22.0
    highest = max(max(item.value, item.limit or 0.0) for item in items) or 1.0
    scale = (height - head - foot) / highest
    canvas = Canvas(key, WIDTH, height, rtl=rtl)
    step = WIDTH / len(items)
    base = height - foot
    width = min(step * 0.56, 56.0)
    for number, item in enumerate(items):
        centre = step * (number + 0.5)
        top = base - item.value * scale
        if item.value > 0:
            canvas.bar(centre - width / 2, top, width, item.value * scale, paint)
        canvas.text(centre, base + 16, item.label, anchor="middle")
        if item.limit is None:
            canvas.text(centre, top - 6, item.shown, anchor="middle", paint="strong")
            continue
        limit = base - item.limit * scale
        canvas.line(centre - width / 2 - 6, limit, centre + width / 2 + 6, limit, "mark")
        canvas.text(centre, limit - 6, item.limit_shown, anchor="middle", paint="muted", size=SMALL)
        # The figure stands inside its column where there is room, else between it and the limit.
        inside = item.value * scale > 20
        canvas.text(
            centre, top + 15 if inside else top - 5, item.shown, anchor="middle", paint="strong"
        )
    canvas.line(0, base, WIDTH, base, "axis")
    return canvas.svg(alt)


def pairs(
    key: str, items: Sequence[Pair], *, alt: str, rtl: bool = False, one_scale: bool = False
) -> str:
    """Draw each figure over the same figure a year before, both from zero.

    The bars of one pair share a scale; pairs differ in unit, so each fills the width by itself,
    unless all are of one unit and stand to ``one_scale``.
    """
    period_width = max(
        width_of(text, SMALL) for item in items for text in (item.now_label, item.before_label)
    )
    figures = max(width_of(text) for item in items for text in (item.now_shown, item.before_shown))
    start = period_width + _GAP
    room = WIDTH - start - figures - 2 * _GAP
    block = 64.0
    canvas = Canvas(key, WIDTH, block * len(items) + 2, rtl=rtl)
    for number, item in enumerate(items):
        top = number * block + 2
        measured = items if one_scale else (item,)
        scale = room / (max(max(one.now, one.before or 0.0) for one in measured) or 1.0)
        canvas.text(0, top + 13, item.label, paint="strong")
        for y, value, thick, period, text in (
            (top + 29, item.now, 13.0, item.now_label, item.now_shown),
            (top + 46, item.before, 7.0, item.before_label, item.before_shown),
        ):
            canvas.text(period_width, y + 4, period, anchor="end", paint="muted", size=SMALL)
            if value is None:
                canvas.text(start + 4, y + 4, text, paint="muted", size=SMALL)
                continue
            canvas.bar(start, y - thick / 2, max(value * scale, 1.0), thick, "graphite")
            canvas.text(start + value * scale + _GAP, y + 4.4, text)
        canvas.line(start, top + 20, start, top + 53, "axis")
        canvas.text(WIDTH, top + 13, item.change, anchor="end", paint="strong", size=14)
    return canvas.svg(alt)
