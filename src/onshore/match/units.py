"""Units as lines write them in three languages, and the numbers before them."""

import csv
import re
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import NamedTuple

from onshore.match.letters import normalise

NUMBER = "[0-9]{1,12}(?:[.,][0-9]{1,12})*"
# What joins the ends of a range.
TO = r" ?(?:-|\.{2,3}|÷|~|/| to | تا | до ) ?"

_IN_WORDS = str.maketrans({".": "p", "-": "n", "+": None})


class Unit(NamedTuple):
    """A unit as lines write it: what it measures, the unit that is compared in, and how much."""

    quantity: str
    compared_in: str
    factor: float
    symbol: str


MILLIMETRE = Unit("length", "mm", 1.0, "mm")
INCH = Unit("inch", "inch", 1.0, "inch")


@cache
def units() -> dict[str, Unit]:
    """Give the units by their spellings (``measures.csv``).

    A Persian one also stands as an adjective: شاخه ۱۲ متری, سه لایه‌ای.
    """
    text = resources.files("onshore.match").joinpath("measures.csv").read_text("utf-8")
    found: dict[str, Unit] = {}
    for row in csv.DictReader(text.splitlines()):
        unit = Unit(row["quantity"], row["unit"], float(row["factor"]), row["symbol"])
        for spelling in map(normalise, row["spellings"].split("|")):
            found[spelling] = unit
            if is_persian(spelling):
                suffix = " ای" if spelling.endswith("ه") else "یی" if spelling[-1] in "او" else "ی"
                found.setdefault(spelling + suffix, unit)
    return found


def is_persian(text: str) -> bool:
    """Tell whether a spelling is written in Persian letters."""
    return "\u0600" <= text[-1] <= "\u06ff"


def any_of(spellings: Iterable[str]) -> str:
    """Give a pattern of any of these texts, the longest first, that shares their beginnings."""
    ends = False
    begins: dict[str, list[str]] = {}
    for spelling in sorted(set(spellings)):
        if spelling:
            begins.setdefault(spelling[0], []).append(spelling[1:])
        else:
            ends = True
    ways = [re.escape(letter) + any_of(rest) for letter, rest in begins.items()]
    if not ways:
        return ""
    return f"(?:{'|'.join(ways)}){'?' if ends else ''}" if ends or len(ways) > 1 else ways[0]


def number(text: str) -> float:
    """Read a number whose comma may be a decimal mark or part thousands.

    Examples
    --------
    >>> number("7,5"), number("1,200"), number("0,125"), number("1.200,5")
    (7.5, 1200.0, 0.125, 1.2005)
    """
    whole, *groups = text.split(",")
    thousands = groups and whole != "0" and all(len(group) == 3 for group in groups)
    whole, *parts = text.replace(",", "" if thousands else ".").split(".")
    return float(f"{whole}.{''.join(parts)}" if parts else whole)


def shown(value: float) -> str:
    """Write a number as it is shown."""
    return f"{value:.10g}"


def as_word(value: float) -> str:
    """Write a number as part of a word.

    Examples
    --------
    >>> as_word(7.5), as_word(-20.0)
    ('7p5', 'n20')
    """
    return shown(value).translate(_IN_WORDS)
