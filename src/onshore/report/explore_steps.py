"""From an opening amount to a closing one: what each reason added or took, as steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from onshore.report.canvas import Canvas, folded, width_of
from onshore.report.charts import WIDTH

_ROW: Final = 30.0
_LINE: Final = 13.0
_THICK: Final = 15.0


@dataclass(frozen=True)
class Step:
    """A row: a whole (``whole``) from zero, or what is added to or taken from the one before.

    ``shown`` is the figure as it is written beside it.
    """

    label: str
    value: float
    shown: str
    whole: bool = False


def steps(key: str, rows: Sequence[Step], *, alt: str, rtl: bool = False) -> str:
    """Draw the way from an opening amount to a closing one, row under row.

    Parameters
    ----------
    key
        Unique within the page.
    rows
        In order; changes stand where those before them end.
    alt
        What the picture shows.
    rtl
        Whether the page reads from right to left.

    Returns
    -------
    str
        One ``<svg>`` element.

    Examples
    --------
    >>> rows = [Step("opening", 10.0, "10", whole=True), Step("drilling", 4.0, "+4"),
    ...         Step("closing", 14.0, "14", whole=True)]
    >>> steps("ledger", rows, alt="Ledger").count('class="p-graphite"')
    2
    """
    label_width = min(max(width_of(row.label) for row in rows) + 2, WIDTH * 0.4)
    figures = max(width_of(row.shown) for row in rows) + 8
    spans = _spans(rows)
    lowest = min(0.0, *(low for low, _ in spans))
    highest = max(high for _, high in spans) or 1.0
    scale = (WIDTH - label_width - 12 - figures) / (highest - lowest)
    zero = label_width + 8 - lowest * scale
    labels = [folded(row.label, label_width) for row in rows]
    heights = [max(_ROW, len(lines) * _LINE + 8) for lines in labels]
    canvas = Canvas(key, WIDTH, sum(heights) + 6, rtl=rtl)
    top, before = 2.0, None
    for row, (low, high), lines, height in zip(rows, spans, labels, heights, strict=True):
        middle = top + height / 2
        first = middle - (len(lines) - 1) * _LINE / 2 + 4.4
        for number, line in enumerate(lines):
            paint = "strong" if row.whole else "text"
            canvas.text(label_width, first + number * _LINE, line, anchor="end", paint=paint)
        paint = "graphite" if row.whole else "waiting" if row.value >= 0 else "missing"
        left, wide = zero + low * scale, max((high - low) * scale, 1.0)
        canvas.bar(left, middle - _THICK / 2, wide, _THICK, paint)
        if before is not None:
            canvas.line(before, top - height / 2 + _THICK / 2, before, middle - _THICK / 2, "rule")
        before = zero + (high if row.whole or row.value >= 0 else low) * scale
        figure = "strong" if row.whole else "text"
        canvas.text(zero + high * scale + 6, middle + 4.4, row.shown, paint=figure, size=12)
        top += height
    canvas.line(zero, 0, zero, top, "axis")
    return canvas.svg(alt)


def _spans(rows: Sequence[Step]) -> list[tuple[float, float]]:
    """Give from where to where each row is drawn."""
    spans, at = [], 0.0
    for row in rows:
        before = 0.0 if row.whole else at
        at = before + row.value
        spans.append((min(before, at), max(before, at)))
    return spans
