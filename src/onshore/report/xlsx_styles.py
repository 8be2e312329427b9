"""How the cells of a workbook look: each format made once, the inks those of every chart."""

from typing import Any, Final

from onshore.figures import Basis
from onshore.report.bulletin import Column
from onshore.report.inks import INK_OF, PAINTS
from onshore.report.words import Locale

NUMERIC: Final = frozenset({"number", "money", "share", "percent", "whole"})

_TEXT: Final = PAINTS["text"]["fill"]
_MUTED: Final = PAINTS["muted"]["fill"]
_RULE: Final = PAINTS["rule"]["stroke"]
_RAISED: Final = PAINTS["land-2"]["fill"]
_HUE: Final = PAINTS["solid"]["fill"]
_HATCH: Final = PAINTS["light-5"]["fill"]

# The border and pattern styles, by the numbers the file format gives them.
_THIN, _DASHED = 1, 3
_DENSE_HATCH, _THIN_HATCH = 8, 14


class Styles:
    """The formats of one workbook in one language."""

    def __init__(self, workbook: Any, locale: Locale) -> None:
        self._workbook = workbook
        self._made: dict[tuple[tuple[str, Any], ...], Any] = {}
        self._start = "right" if locale == "fa" else "left"
        self.locale = locale
        self.title = self._make(text_wrap=True, bold=True, font_size=16)
        self.heading = self._make(text_wrap=True, bold=True, font_size=12)
        self.running = self._make(text_wrap=True)
        self.strong = self._make(text_wrap=True, bold=True)
        self.muted = self._make(text_wrap=True, font_color=_MUTED)

    def _make(self, **properties: Any) -> Any:
        properties = {"font_color": _TEXT, "align": self._start, "valign": "top"} | properties
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._workbook.add_format(properties)
        return self._made[key]

    def _side(self, column: Column) -> str:
        return "right" if column.kind in NUMERIC else self._start

    def column_head(self, column: Column) -> Any:
        """Return the format of a heading, on the side on which its column stands."""
        return self._make(
            align=self._side(column),
            bg_color=_RAISED,
            bold=True,
            bottom=_THIN,
            text_wrap=True,
            top=_THIN,
            valign="bottom",
        )

    def cell(self, column: Column, *, total: bool) -> Any:
        """Return the format of a value: its digits, its side, the rule under it."""
        line: dict[str, Any] = {"bottom": _THIN, "bottom_color": _RULE}
        if total:
            line = {"bottom": _THIN, "top": _THIN, "bold": True}
        return self._make(
            align=self._side(column),
            num_format=_number_format(column, self.locale),
            text_wrap=column.kind not in NUMERIC,
            **line,
        )

    def basis(self, basis: Basis, *, total: bool = False) -> Any:
        """Return the format of a basis: solid, lighter, hatched or outlined as it stands."""
        fills: dict[str, dict[str, Any]] = {
            "solid": {"bg_color": _HUE, "font_color": "#FFFFFF"},
            "light-6": {"bg_color": PAINTS["light-6"]["fill"]},
            "light-5": {"bg_color": PAINTS["light-5"]["fill"]},
            "hatch-4": {"pattern": _DENSE_HATCH, "fg_color": _HATCH},
            "hatch-3": {"pattern": _THIN_HATCH, "fg_color": _HATCH},
            "outline-2": {},
            "outline-1": {"border": _DASHED},
        }
        outline = {"border": _THIN, "border_color": _HUE, "bold": total}
        return self._make(**(outline | fills[INK_OF[basis]]))


def _number_format(column: Column, locale: Locale) -> str:
    places = "." + "0" * column.decimals if column.decimals else ""
    match column.kind:
        case "number" | "money" if column.decimals is None:
            body = "General"
        case "number" | "money":
            body = f"#,##0{places}"
        case "whole":
            body = "#,##0"
        case "share" | "percent":
            body = f"0{places}%"
        case "year":
            body = "0"
        case "date":
            return "yyyy-mm-dd"
        case _:
            return "@"
    # The true minus; in Persian the digits of the language, whatever those of the machine.
    digits = "[$-3000401]" if locale == "fa" else ""
    return f'{digits}{body};{digits}"\N{MINUS SIGN}"{body}'
