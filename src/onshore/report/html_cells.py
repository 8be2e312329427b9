"""The cells of a table, and texts of the data, as HTML. Needs the extra ``report``."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from markupsafe import Markup

from onshore.figures import Basis, shown
from onshore.report.bulletin import Column, Kind, Table
from onshore.report.chip import draw_chip
from onshore.report.directions import LTR_RUN
from onshore.report.words import Words

NOTHING: Final = "–"

_RTL_LETTER: Final = "\u0590-\u06ef\u06fa-\u08ff\ufb1d-\ufdff\ufe70-\ufeff"
_FIRST_LETTER: Final = re.compile(f"(?P<rtl>[{_RTL_LETTER}])|[^\\W\\d_]")
# Persian words with their numbers within Latin or Cyrillic text.
_RTL_END: Final = f"{_RTL_LETTER}\u06f0-\u06f9"
_RTL_RUN: Final = re.compile(f"[{_RTL_LETTER}](?:[{_RTL_END}\u200c\u200d 0-9.,/×-]*[{_RTL_END}])?")
_NUMERIC: Final = re.compile(r"[0-9.,]+")


@dataclass(frozen=True)
class Cell:
    """A cell as it is set, with the name it has on a card."""

    shown: Markup | str
    label: str
    kind: Kind
    empty: bool


@dataclass(frozen=True)
class Row:
    """A line of a table."""

    cells: tuple[Cell, ...]
    total: bool


def rows_of(table: Table, words: Words) -> Iterator[Row]:
    """Set the rows that a page shows, the total always among them."""
    last = table.frame.height - 1
    limit = table.shown or table.frame.height
    places = {column.key: _places(table, column) for column in table.columns}
    for number, row in enumerate(table.frame.iter_rows(named=True)):
        total = table.total and number == last
        if number < limit or total:
            yield Row(
                tuple(
                    _cell(row[column.key], column, words, places[column.key])
                    for column in table.columns
                ),
                total,
            )


def hidden_of(table: Table, words: Words, *, in_files: bool = False) -> str:
    """Say how many rows are shown, where a page does not show them all."""
    rows = table.frame.height - table.total
    if not table.shown or table.shown >= rows:
        return ""
    locale = words.locale
    return words.say(
        "html.hidden_files" if in_files else "html.hidden",
        shown=shown.number(table.shown, locale, 0),
        rows=shown.number(rows, locale, 0),
    )


def basis_of(basis: Basis, words: Words) -> Markup:
    """Set a basis: its chip and its name."""
    return Markup('<span class="basis">{}<span>{}</span></span>').format(
        Markup(draw_chip(basis)), basis.label(words.locale)
    )


def text_of(text: str) -> Markup:
    """Set a text of the data apart from the direction around it, and its codes within it.

    The text takes its direction from its own first letter; a run that reads the other way, such
    as ``UHP 600 x 2400`` in a Persian line, is kept whole.

    Examples
    --------
    >>> text_of("ball <6205>")
    Markup('<bdi dir="ltr">ball &lt;6205&gt;</bdi>')
    >>> text_of("شفت UHP 600 x 2400")
    Markup('<bdi dir="rtl">شفت <bdi dir="ltr">UHP 600 x 2400</bdi></bdi>')
    """
    first = _FIRST_LETTER.search(text)
    own, other, against = ("ltr", "rtl", _RTL_RUN)
    if first and first["rtl"]:
        own, other, against = ("rtl", "ltr", LTR_RUN)
    parts = Markup("")
    end = 0
    for run in against.finditer(text):
        if _NUMERIC.fullmatch(run[0]):
            continue
        parts += text[end : run.start()]
        parts += Markup('<bdi dir="{}">{}</bdi>').format(other, run[0])
        end = run.end()
    return Markup('<bdi dir="{}">{}</bdi>').format(own, parts + text[end:])


def _cell(value: Any, column: Column, words: Words, places: int) -> Cell:
    label = f"{column.title} ({column.unit})" if column.unit else column.title
    if value is None or value == "":
        return Cell(NOTHING, label, column.kind, empty=True)
    return Cell(_set(value, column, words, places), label, column.kind, empty=False)


def _places(table: Table, column: Column) -> int:
    """Return the most places any value has, in a column where each shows its own."""
    if column.decimals is not None:
        return column.decimals
    values = table.frame[column.key].drop_nulls()
    return max((_own_places(value) for value in values), default=0)


def _own_places(value: Any) -> int:
    return len(shown.number(value, "en").partition(".")[2])


def _set(value: Any, column: Column, words: Words, places: int) -> Markup | str:
    locale, decimals = words.locale, column.decimals
    home = "solar_hijri" if locale == "fa" else "gregorian"
    setters: dict[str, Callable[[Any], Markup | str]] = {
        "number": lambda number: _aligned(number, locale, decimals, places),
        "money": lambda amount: _aligned(amount, locale, decimals, places),
        "whole": lambda number: shown.number(number, locale, 0),
        "share": lambda fraction: shown.percent(fraction, locale, decimals or 0),
        "percent": lambda hundredths: shown.percent(hundredths / 100, locale, decimals or 0),
        "year": lambda year: shown.digits(str(year), locale),
        "date": lambda day: shown.day(day, locale, home),
        "basis": lambda basis: basis_of(Basis.parse(basis), words),
        "code": lambda code: Markup('<bdi class="code" dir="ltr">{}</bdi>').format(code),
    }
    return setters.get(column.kind, lambda text: text_of(str(text)))(value)


def _aligned(value: Any, locale: str, decimals: int | None, places: int) -> Markup | str:
    """Write a number so that decimal marks stand under each other, unseen places filling up."""
    text = shown.number(value, locale, decimals)
    missing = places - _own_places(value) if decimals is None else 0
    if not missing:
        return text
    own = places - missing
    filling = ("" if own else shown.number(Decimal("0.1"), locale)[1]) + "0" * missing
    return Markup('{}<span class="fill" aria-hidden="true">{}</span>').format(text, filling)
