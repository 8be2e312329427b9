"""Measures that a text allows: an output of 30 kW is within "exceeding 750 W, not over 75 kW"."""

import csv
import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources
from math import inf
from typing import NamedTuple

from onshore.match.letters import normalise

_NEAR = 24  # characters between the two bounds of one measure, at most
_HAIR = 1e-9

# How a bound is said before its number and after its unit, in the three languages.
_BEFORE = (
    ("<=", "not more than|not exceeding|not over|not above|not greater than|nov|not ov|lt=|<=|max|"
           "le|up to|maximum|не более|не превышающ[а-я]*|не свыше|до|حداکثر|نه بیشتر از|نه بیش از"),
    (">=", "ge|not less than|not under|not below|at least|gt=|>=|min|minimum|не менее|не ниже|от|"
           "حداقل|نه کمتر از|از"),
    (">", "more than|exceeding|exceeds|exceed|over|ov|gt|greater than|above|>|более|свыше|больше|"
          "بیش از|بیشتر از|متجاوز از|بالای"),
    ("<", "less than|under|below|lt|<|менее|меньше|ниже|کمتر از|زیر"),
)  # fmt: skip
_AFTER = (
    (">=", "or more|or over|и более|или более|یا بیشتر|به بالا"),
    ("<=", "or less|or under|и менее|или менее|یا کمتر"),
)
_RANGE = r"\s*(?:-|to|до|تا)\s*"
_SAID_BEFORE = {word: mark for mark, words in _BEFORE for word in words.split("|")}
_SAID_AFTER = {word: mark for mark, words in _AFTER for word in words.split("|")}
_NUMBER = r"(?<![0-9.,])[0-9]++(?:[.,][0-9]++)*+"
_THOUSANDS = re.compile("[0-9]{1,3}(?:,[0-9]{3})+(?:[.][0-9]+)?")


class Bounds(NamedTuple):
    """What a measure may be, both ends within; open ends lie a hair inside."""

    kind: str
    low: float
    high: float


def bounds_of(text: str) -> tuple[Bounds, ...]:
    """Read the measures of a normalised text and what they may be, in base units.

    Examples
    --------
    >>> bounds_of("motor 30 kw")
    (Bounds(kind='power', low=30000.0, high=30000.0),)
    >>> bounds_of("ضخامت 1 تا 3 میلیمتر")
    (Bounds(kind='length', low=1.0, high=3.0),)
    """
    if not any(letter.isdigit() for letter in text):
        return ()
    found: list[tuple[int, int, Bounds]] = []
    for begin, end, one in _each(text):
        if found and begin - found[-1][1] <= _NEAR and ";" not in text[found[-1][1] : begin]:
            before = found[-1][2]
            if (
                before.kind == one.kind and before.high == inf and one.low == -inf
                and before.low < one.high
            ):  # fmt: skip
                found[-1] = (found[-1][0], end, Bounds(one.kind, before.low, one.high))
                continue
        found.append((begin, end, one))
    return tuple(one for _, _, one in found)


def kept_and_broken(line: Sequence[Bounds], code: Sequence[Bounds]) -> tuple[float, float]:
    """Count the measures of a line that are within those of a code, and those that are outside."""
    kept = broken = 0
    for one in line:
        others = [other for other in code if other.kind == one.kind]
        if any(other.low <= one.low and one.high <= other.high for other in others):
            kept += 1
        elif others and all(one.high < other.low or other.high < one.low for other in others):
            broken += 1
    return float(kept), float(broken)


def _each(text: str) -> Iterator[tuple[int, int, Bounds]]:
    units = _units()
    for found in _pattern().finditer(text):
        kind, factor = units[found["unit"]]
        value = _value(found["number"]) * factor
        mark = _mark(found["before"], found["after"])
        if found["from"]:
            low = _value(found["from"]) * factor
            one = Bounds(kind, min(low, value), max(low, value))
        elif mark is None:
            one = Bounds(kind, value, value)
        elif mark in (">", ">="):
            one = Bounds(kind, value * (1 + _HAIR) if mark == ">" else value, inf)
        else:
            one = Bounds(kind, -inf, value * (1 - _HAIR) if mark == "<" else value)
        yield found.start(), found.end(), one


def _mark(before: str | None, after: str | None) -> str | None:
    said = _SAID_AFTER.get(after or "")
    if said or not before:
        return said
    return _SAID_BEFORE.get(before) or "<="  # the one spelling with endings: не превышающий


def _value(number: str) -> float:
    if _THOUSANDS.fullmatch(number):
        return float(number.replace(",", ""))
    whole, *parts = re.split("[.,]", number)
    return float(f"{whole}.{''.join(parts)}") if parts else float(whole)


@cache
def _pattern() -> re.Pattern[str]:
    before = "|".join(sorted((w for _, words in _BEFORE for w in words.split("|")), key=len)[::-1])
    after = "|".join(words for _, words in _AFTER)
    units = "|".join(re.escape(unit) for unit in sorted(_units(), key=len, reverse=True))
    return re.compile(
        rf"(?:(?<![^\W\d_])(?P<before>{before})\s*)?(?:(?P<from>{_NUMBER}){_RANGE})?"
        rf"(?P<number>{_NUMBER})\s*(?P<unit>{units})(?![^\W_])"
        rf"(?:,?\s*(?:by (?:weight|wgt)\s*)?,?\s*(?P<after>{after})(?![^\W\d_]))?"
    )


@cache
def _units() -> dict[str, tuple[str, float]]:
    path = resources.files("onshore.match.coding").joinpath("data", "bounds.csv")
    return {
        normalise(spelling): (row["kind"], float(row["factor"]))
        for row in csv.DictReader(path.read_text("utf-8").splitlines())
        for spelling in row["spellings"].split("|")
    }
