"""A surface to draw on: SVG elements, mirrored for languages that read from right to left."""

from collections.abc import Sequence
from html import escape
from typing import Final, Literal

from onshore.report.inks import HATCHES, PAINTS

Anchor = Literal["start", "middle", "end"]

FONT: Final = "Inter, Vazirmatn, sans-serif"
SIZE: Final = 12.5

_MIRRORED: Final[dict[Anchor, Anchor]] = {"start": "end", "middle": "middle", "end": "start"}

# Advance widths in em, rounded up, enough to place labels without a font engine.
_NARROW: Final = frozenset("ijltfrI.,:;'!|()[] \u202f\u00a0اأإآدذرزژو٫٬،ل")
_WIDE: Final = frozenset("mwMWصضسشثقطظ—")
_EMBEDDED: Final = str.maketrans("\u2066\u2069", "\u202a\u202c")
_WEIGHTLESS: Final = frozenset("\u200c\u200d\u200e\u200f\u2066\u2067\u2068\u2069\u202a\u202b\u202c")


def width_of(text: str, size: float = SIZE) -> float:
    """Estimate how wide a text is set, in the units of ``size``."""
    ems = 0.0
    for character in text:
        if character in _WEIGHTLESS:
            continue
        if character in _NARROW:
            ems += 0.34
        elif character in _WIDE:
            ems += 0.88
        else:
            ems += 0.68 if character.isupper() else 0.62
    return ems * size


def folded(text: str, width: float, size: float = SIZE) -> list[str]:
    """Break a text between words into lines of at most ``width``, a long word on its own."""
    lines: list[str] = []
    for word in text.split(" "):
        if lines and width_of(f"{lines[-1]} {word}", size) <= width:
            lines[-1] = f"{lines[-1]} {word}"
        else:
            lines.append(word)
    return lines


def points(value: float) -> str:
    """Write a coordinate with at most two places and no trailing noughts."""
    return f"{round(value, 2) + 0.0:g}" if abs(value) < 1000 else f"{value:.0f}"


class Canvas:
    """Collects the elements of one picture.

    Coordinates are those of a page read from left to right; on a canvas with ``rtl`` every
    element is mirrored as it is drawn, and its texts are set as right-to-left runs. So a
    chart is laid out once.

    Parameters
    ----------
    key
        Unique within the page; prefixes every id of the picture.
    width, height
        Size of the view box.
    rtl
        Whether the page reads from right to left.
    """

    def __init__(self, key: str, width: float, height: float, *, rtl: bool = False) -> None:
        self.key = key
        self.width = width
        self.height = height
        self.rtl = rtl
        self._elements: list[str] = []
        self._hatches: set[str] = set()

    def bar(
        self, x: float, y: float, width: float, height: float, paint: str, *, title: str = ""
    ) -> None:
        """Draw a filled, hatched or outlined rectangle; ``title`` is told when pointed at."""
        inset = 0.6 if paint.startswith(("outline", "hatch")) else 0.0
        self._add(
            "rect",
            paint,
            title=title,
            x=self._mirrored(x, width) + inset,
            y=y + inset,
            width=max(width - 2 * inset, 0.5),
            height=height - 2 * inset,
        )

    def line(self, x1: float, y1: float, x2: float, y2: float, paint: str) -> None:
        """Draw a straight line."""
        self._add("line", paint, x1=self._mirrored(x1), y1=y1, x2=self._mirrored(x2), y2=y2)

    def circle(self, x: float, y: float, radius: float, paint: str, *, title: str = "") -> None:
        """Draw a circle; ``title`` is told when it is pointed at."""
        self._add("circle", paint, title=title, cx=self._mirrored(x), cy=y, r=radius)

    def course(self, places: Sequence[tuple[float, float]], paint: str) -> None:
        """Draw a line through places in order."""
        steps = " ".join(f"{points(self._mirrored(x))} {points(y)}" for x, y in places)
        self._add("path", paint, d=f"M{steps}")

    def dots(self, places: Sequence[tuple[float, float]], paint: str) -> None:
        """Draw many dots as one element; the paint's line, with round ends, is their size."""
        self._add(
            "path",
            paint,
            d="".join(f"M{points(self._mirrored(x))} {points(y)}h0" for x, y in places),
        )

    def spot(self, x: float, y: float, radius: float, paint: str, *, title: str = "") -> None:
        """Draw a circle on a map, never mirrored; ``title`` is told when it is pointed at."""
        self._add("circle", paint, title=title, cx=x, cy=y, r=radius)

    def outline(self, d: str, paint: str, *, title: str = "") -> None:
        """Draw a path as it is, never mirrored: a map keeps its east and west."""
        self._add("path", paint, title=title, d=d)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        anchor: Anchor = "start",
        paint: str = "text",
        size: float = SIZE,
        fixed: bool = False,
        minor: bool = False,
    ) -> None:
        """Write a text on its base line.

        ``fixed`` keeps the place and the anchor on a mirrored canvas, as maps need; ``minor``
        marks what a narrow screen leaves out.
        """
        mirrored = self.rtl and not fixed
        # An embedding, not an isolate: browsers set the first letter after an isolate's mark apart.
        shown = f"\u202b{text.translate(_EMBEDDED)}\u202c" if self.rtl else text
        classes = f"p-{paint} minor" if minor else f"p-{paint}"
        attributes = {
            "x": points(self.width - x if mirrored else x),
            "y": points(y),
            "class": classes,
            "font-size": points(size),
            "text-anchor": _MIRRORED[anchor] if mirrored else anchor,
            **PAINTS[paint],
        }
        self._elements.append(f"<text{_written(attributes)}>{escape(shown)}</text>")

    def svg(self, label: str) -> str:
        """Return the picture as one ``<svg>`` element; ``label`` tells what it shows."""
        root = {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {points(self.width)} {points(self.height)}",
            "width": points(self.width),
            "height": points(self.height),
            "role": "img",
            "aria-label": label,
            "direction": "ltr",
            "font-family": FONT,
        }
        defs = "".join(self._hatch(paint) for paint in sorted(self._hatches))
        defs = f"<defs>{defs}</defs>" if defs else ""
        return f"<svg{_written(root)}>{defs}{''.join(self._elements)}</svg>"

    def _mirrored(self, x: float, width: float = 0.0) -> float:
        return self.width - x - width if self.rtl else x

    def _add(self, tag: str, paint: str, *, title: str = "", **geometry: float | str) -> None:
        attributes = {
            name: value if isinstance(value, str) else points(value)
            for name, value in geometry.items()
        }
        attributes["class"] = f"p-{paint}"
        attributes.update(PAINTS[paint])
        if paint in HATCHES:
            self._hatches.add(paint)
            attributes["fill"] = f"url(#{self.key}-{paint})"
        content = f"<title>{escape(title)}</title>" if title else ""
        self._elements.append(
            f"<{tag}{_written(attributes)}>{content}</{tag}>"
            if content
            else f"<{tag}{_written(attributes)}/>"
        )

    def _hatch(self, paint: str) -> str:
        step, width = HATCHES[paint]
        pattern = {
            "id": f"{self.key}-{paint}",
            "width": points(step),
            "height": points(step),
            "patternUnits": "userSpaceOnUse",
            "patternTransform": "rotate(45)",
        }
        line = {
            "x1": points(step / 2),
            "y1": "0",
            "x2": points(step / 2),
            "y2": points(step),
            "class": "p-hatch-ink",
            **PAINTS["hatch-ink"],
            "stroke-width": points(width),
        }
        return f"<pattern{_written(pattern)}><line{_written(line)}/></pattern>"


def _written(attributes: dict[str, str]) -> str:
    return "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
