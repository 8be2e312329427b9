"""Dots by two values, the ones that matter named, the field divided by what counts as high."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from onshore.report.canvas import Anchor, Canvas, width_of
from onshore.report.charts import SMALL, WIDTH
from onshore.report.directions import set_apart
from onshore.report.scales import Scale, decimals_of, span_of
from onshore.report.words import Locale

_HEIGHT = 340.0
_LEFT, _RIGHT, _TOP, _FOOT = 36.0, 8.0, 20.0, 40.0
_LINE = 12.0
_LABEL = 22
_HIDDEN = 6
_ROOM = 14.0

Shown = Callable[[float, int], str]


@dataclass(frozen=True)
class Dot:
    """A dot: its place, and its name where it is one of those that are named.

    ``home`` sets it in the hue of the home country. ``title`` is told when it is pointed at.
    """

    x: float
    y: float
    label: str = ""
    title: str = ""
    home: bool = False


@dataclass(frozen=True)
class Axis:
    """What a direction measures, and from where on a value counts as high.

    ``shown`` writes a value to so many places.
    """

    name: str
    shown: Shown
    cut: float | None = None
    log: bool = False


@dataclass(frozen=True)
class _Box:
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "_Box") -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


def scatter(
    key: str,
    dots: Sequence[Dot],
    x: Axis,
    y: Axis,
    *,
    alt: str,
    corners: tuple[str, str, str, str] = ("", "", "", ""),
    rtl: bool = False,
) -> str:
    """Draw dots by two values.

    Parameters
    ----------
    key
        Unique within the page.
    dots
        Labelled ones are named in their order as long as there is room; the rest are drawn as
        one shape, however many.
    x, y
        The two directions; both start where the values do, and a cut is drawn as a dotted line.
    alt
        What the picture shows.
    corners
        Names of the fields between the cuts: near top, far top, near bottom, far bottom, near
        being where the text begins.
    rtl
        Whether the page reads from right to left.

    Returns
    -------
    str
        One ``<svg>`` element.
    """
    canvas = Canvas(key, WIDTH, _HEIGHT, rtl=rtl)
    # Where a corner has a name, no dot stands on it.
    above, below = (_ROOM * any(names) for names in (corners[:2], corners[2:]))
    up = _scale(y, [dot.y for dot in dots], _HEIGHT - _FOOT - below, _TOP + above)
    heights = up.marks()
    widest = max(width_of(y.shown(mark, decimals_of(heights)), SMALL) for mark in heights)
    across = _scale(x, [dot.x for dot in dots], max(_LEFT, widest + 8), WIDTH - _RIGHT)
    _draw_frame(canvas, x, y, across, up)
    taken = _draw_corners(canvas, x, y, across, up, corners)
    placed = [(across.place(dot.x), up.place(dot.y), dot) for dot in dots]
    rest = [(left, top) for left, top, dot in placed if not (dot.label or dot.title or dot.home)]
    if rest:
        canvas.dots(rest, "many")
    for left, top, dot in placed:
        if dot.label or dot.title or dot.home:
            paint, radius = ("home", 4.5) if dot.home else ("dot", 3.2)
            canvas.circle(left, top, radius, paint, title=dot.title or dot.label)
    named = [place for place in placed if place[2].label]
    # A name may not stand on the dot of another name, and should hide as few others as can be.
    marks = [(dot, _Box(left - 3, top - 3, left + 3, top + 3)) for left, top, dot in placed]
    others = [box for dot, box in marks if not dot.label]
    for place in sorted(named, key=lambda one: not one[2].home):
        own = [box for dot, box in marks if dot.label and dot is not place[2]]
        before = len(taken)
        taken += own
        _draw_label(canvas, place, taken, others)
        del taken[before : before + len(own)]
    return canvas.svg(alt)


def _scale(axis: Axis, values: Sequence[float], start: float, end: float) -> Scale:
    cuts = [] if axis.cut is None else [axis.cut]
    low, high = span_of([*values, *cuts], log=axis.log)
    return Scale(low, high, start, end, axis.log)


def _draw_frame(canvas: Canvas, x: Axis, y: Axis, across: Scale, up: Scale) -> None:
    base = _HEIGHT - _FOOT
    for marks, axis, scale in ((across.marks(), x, across), (up.marks(), y, up)):
        places = decimals_of(marks)
        for mark in marks:
            at = scale.place(mark)
            text = axis.shown(mark, places)
            if scale is across:
                canvas.line(at, base, at, base + 4, "axis")
                canvas.text(at, base + 16, text, anchor="middle", paint="muted", size=SMALL)
            else:
                canvas.line(across.start, at, WIDTH - _RIGHT, at, "rule")
                canvas.text(across.start - 6, at + 4, text, anchor="end", paint="muted", size=SMALL)
    canvas.line(across.start, base, WIDTH - _RIGHT, base, "axis")
    canvas.text(WIDTH - _RIGHT, base + 33, x.name, anchor="end", paint="text", size=SMALL)
    canvas.text(0, 10, y.name, paint="text", size=SMALL)


def _draw_corners(
    canvas: Canvas, x: Axis, y: Axis, across: Scale, up: Scale, corners: tuple[str, str, str, str]
) -> list[_Box]:
    base = _HEIGHT - _FOOT
    if x.cut is not None:
        canvas.line(across.place(x.cut), _TOP, across.place(x.cut), base, "cut")
    if y.cut is not None:
        canvas.line(across.start, up.place(y.cut), WIDTH - _RIGHT, up.place(y.cut), "cut")
    near, far = across.start + 4, WIDTH - _RIGHT - 2
    ends: tuple[Anchor, Anchor] = ("start", "end")
    taken = []
    for number, text in enumerate(corners):
        if not text:
            continue
        left, top = (near, far)[number % 2], (_TOP + 11, base - 6)[number // 2]
        canvas.text(left, top, text, anchor=ends[number % 2], paint="muted", size=SMALL)
        width = width_of(text, SMALL)
        start = left if number % 2 == 0 else left - width
        taken.append(_Box(start, top - 10, start + width, top + 3))
    return taken


def _draw_label(
    canvas: Canvas, place: tuple[float, float, Dot], taken: list[_Box], near: Sequence[_Box]
) -> None:
    """Write a name beside its dot, where it meets no other and hides the fewest dots."""
    left, top, dot = place
    label = dot.label if len(dot.label) <= _LABEL else f"{dot.label[: _LABEL - 1].rstrip()}…"
    width = width_of(label, SMALL)
    tries: tuple[tuple[float, float, Anchor], ...] = (
        (left + 6, top + 4, "start"),
        (left - 6, top + 4, "end"),
        (left, top - 7, "middle"),
        (left, top + 15, "middle"),
        (left + 5, top - 6, "start"),
        (left - 5, top + 13, "end"),
    )
    best: tuple[int, float, float, Anchor, _Box] | None = None
    for x, y, anchor in tries:
        start = {"start": x, "middle": x - width / 2, "end": x - width}[anchor]
        box = _Box(start, y - _LINE + 3, start + width, y + 3)
        if start < 0 or start + width > WIDTH or y < _TOP or y > _HEIGHT - _FOOT:
            continue
        if any(box.meets(other) for other in taken):
            continue
        hidden = sum(box.meets(other) for other in near)
        if best is None or hidden < best[0]:
            best = (hidden, x, y, anchor, box)
    if best is None or (best[0] > _HIDDEN and not dot.home):
        return
    _, x, y, anchor, box = best
    taken.append(box)
    paint = "home-text" if dot.home else "halo"
    locale: Locale = "fa" if canvas.rtl else "en"
    canvas.text(x, y, set_apart(label, locale), anchor=anchor, paint=paint, size=SMALL)
