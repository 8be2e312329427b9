"""The chip beside a figure: the ladder of seven, filled to the figure's step."""

from html import escape

from onshore.figures import Basis
from onshore.report.inks import INK_OF

_STEP = 6.25
_CELL = 4.6
_HEIGHT = 12.0


def draw_chip(basis: Basis) -> str:
    """Draw seven cells: those up to the step in its ink, the others as dots on the base line."""
    cells = []
    for number in range(7):
        x = number * _STEP + 0.5
        cells.append(_filled(x, basis) if number < basis.step else _open(x))
    return (
        f'<svg class="chip" viewBox="0 0 44 12" width="44" height="12" role="img" '
        f'aria-label="{escape(str(basis.step))}/7">{"".join(cells)}</svg>'
    )


def _open(x: float) -> str:
    return f'<rect x="{x + 1.3:g}" y="9.5" width="2" height="2" class="p-muted" fill="#515c64"/>'


def _filled(x: float, basis: Basis) -> str:
    ink = INK_OF[basis]
    if not ink.startswith(("hatch", "outline")):
        return f'<rect x="{x:g}" y="0.5" width="{_CELL}" height="11" class="p-{ink}"/>'
    outline = (
        f'<rect x="{x + 0.5:g}" y="1" width="{_CELL - 1:g}" height="10" fill="none" '
        f'class="p-outline-2"/>'
    )
    if ink.startswith("outline"):
        return outline
    lines = 3 if ink == "hatch-4" else 2
    gap = _HEIGHT / (lines + 1)
    strokes = "".join(
        f"M{x + 0.5:g} {gap * (n + 1) + 1.6:.2g}l{_CELL - 1:g} -3.2" for n in range(lines)
    )
    return f'{outline}<path d="{strokes}" fill="none" class="p-hatch-ink"/>'
