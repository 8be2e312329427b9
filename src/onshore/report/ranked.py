"""Ranked rows, each named above its bar, with the range it may lie in; and heat tables."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from onshore.report.canvas import Canvas, width_of
from onshore.report.charts import SMALL, WIDTH, Segment
from onshore.report.directions import set_apart

_ROW = 38.0
_CELL = 26.0
_SHADES = 5


@dataclass(frozen=True)
class Ranked:
    """A row: what it is, its parts from zero, the figure as it is written, and a range.

    ``low`` and ``high`` are drawn as a line over the bar; ``note`` stands small after the figure.
    """

    label: str
    segments: tuple[Segment, ...]
    shown: str
    note: str = ""
    low: float | None = None
    high: float | None = None
    home: bool = False
    reaches: tuple[float, float] = field(init=False)

    def __post_init__(self) -> None:
        parts = [segment.value for segment in self.segments]
        ends = [
            sum(part for part in parts if part > 0),
            sum(part for part in parts if part < 0),
            *(end for end in (self.low, self.high) if end is not None),
        ]
        object.__setattr__(self, "reaches", (min(0.0, *ends), max(0.0, *ends)))


def ranked(
    key: str, rows: Sequence[Ranked], *, alt: str, cut: float | None = None, rtl: bool = False
) -> str:
    """Draw rows of bars from a common zero, each under its name.

    Parameters
    ----------
    key
        Unique within the page.
    rows
        In the order in which they are shown.
    alt
        What the picture shows.
    cut
        A value that is drawn as a dotted line through all rows, such as a threshold.
    rtl
        Whether the page reads from right to left.

    Returns
    -------
    str
        One ``<svg>`` element.
    """
    lowest = min(row.reaches[0] for row in rows)
    highest = max(*(row.reaches[1] for row in rows), cut or 0.0)
    # A figure stands at the end of its bar: its own width is kept free there.
    figures = max(_width(row) for row in rows)
    below = max((_width(row) for row in rows if row.reaches[0] < 0), default=0.0)
    scale = (WIDTH - figures - below - 16) / ((highest - lowest) or 1.0)
    zero = below + 8 * bool(below) - lowest * scale
    bottom = _ROW * len(rows)
    canvas = Canvas(key, WIDTH, bottom + 4, rtl=rtl)
    if cut is not None:
        canvas.line(zero + cut * scale, 0, zero + cut * scale, bottom, "cut")
    for number, row in enumerate(rows):
        _draw_row(canvas, row, number * _ROW + 2, zero, scale)
    if lowest < 0:
        canvas.line(zero, 0, zero, bottom, "axis")
    return canvas.svg(alt)


def _width(row: Ranked) -> float:
    return width_of(row.shown) + (width_of(row.note, SMALL) + 6 if row.note else 0.0)


def _draw_row(canvas: Canvas, row: Ranked, top: float, zero: float, scale: float) -> None:
    label = _set(canvas, row.label, WIDTH)
    canvas.text(0, top + 12, label, paint="home-text" if row.home else "text")
    middle = top + 26
    up = down = zero
    for segment in row.segments:
        width = abs(segment.value) * scale
        if segment.value < 0:
            down -= width
            canvas.bar(down, middle - 6, width, 12, segment.paint)
        elif segment.value > 0:
            canvas.bar(up, middle - 6, max(width, 1.0), 12, segment.paint)
            up += max(width, 1.0)
    if row.low is not None and row.high is not None:
        near, far = zero + row.low * scale, zero + row.high * scale
        canvas.line(near, middle, far, middle, "interval")
        for end in (near, far):
            canvas.line(end, middle - 4, end, middle + 4, "interval")
        up = max(up, far)
    if down < zero and up == zero:
        canvas.text(down - 6, middle + 4.4, row.shown, anchor="end", paint="strong")
        return
    canvas.text(up + 6, middle + 4.4, row.shown, paint="strong")
    if row.note:
        after = up + 12 + width_of(row.shown)
        canvas.text(after, middle + 4.4, row.note, paint="muted", size=SMALL)


def heat(
    key: str,
    rows: Sequence[tuple[str, Sequence[float | None]]],
    heads: Sequence[str],
    written: Sequence[Sequence[str]],
    *,
    alt: str,
    rtl: bool = False,
) -> str:
    """Draw a table whose cells are the darker the larger their value, the figure in each.

    Parameters
    ----------
    key
        Unique within the page.
    rows
        Name and values of each row; None leaves a cell empty.
    heads
        Names of the columns.
    written
        The figures as they stand in the cells, in the same order.
    alt
        What the picture shows.
    rtl
        Whether the page reads from right to left.

    Returns
    -------
    str
        One ``<svg>`` element.
    """
    label = min(max(width_of(name) for name, _ in rows) + 8, WIDTH * 0.42)
    width = (WIDTH - label) / len(heads)
    canvas = Canvas(key, WIDTH, _CELL * len(rows) + 22, rtl=rtl)
    for place, head in enumerate(heads):
        canvas.text(
            label + (place + 0.5) * width,
            12,
            _set(canvas, head, width - 2, SMALL),
            anchor="middle",
            paint="muted",
            size=SMALL,
        )
    largest = max((value for _, values in rows for value in values if value is not None), default=0)
    for number, (name, values) in enumerate(rows):
        top = 20 + number * _CELL
        canvas.text(0, top + 16.5, _set(canvas, name, label - 6))
        for place, value in enumerate(values):
            if value is None:
                continue
            shade = min(int(max(value, 0.0) / (largest or 1.0) * _SHADES), _SHADES - 1)
            left = label + place * width
            canvas.bar(left + 1, top + 1, width - 2, _CELL - 2, f"heat-{shade}")
            canvas.text(
                left + width / 2, top + 17, written[number][place], anchor="middle", size=SMALL
            )
    return canvas.svg(alt)


def _set(canvas: Canvas, text: str, width: float, size: float = 12.5) -> str:
    """Cut a name to a width, and keep its direction on a page that reads the other way."""
    return set_apart(_cut_to(text, width, size), "fa" if canvas.rtl else "en")


def _cut_to(text: str, width: float, size: float = 12.5) -> str:
    """Cut a text to a width, an ellipsis telling that it goes on."""
    if width_of(text, size) <= width:
        return text
    text = text.rstrip("…")
    while text and width_of(text + "…", size) > width:
        text = text[:-1]
    return text.rstrip(" ,;(") + "…"
