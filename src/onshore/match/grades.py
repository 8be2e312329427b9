"""Grades of steel, iron and alloys: one material under its names in Europe, the US, Japan, Russia.

The table ``grades.csv`` has one material a row: its Werkstoff number (or EN name where it has
none) and its names by EN, AISI/ASTM, UNS, JIS and GOST, and in the trade. They are the nearest
materials that the cross-reference lists of the trade give, not the same to the last element. A
name in several rows stands for each of them. Sub-grades of toughness (S355JR, S355J2) are read
as one material.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import NamedTuple

from onshore.match.letters import LOOKALIKE, code_key

_NAMES = ("grade", "en", "aisi", "uns", "jis", "gost", "other")
_MOST_PIECES = 14

# "304", "4140" and "A2" are grades only where a line speaks of a material.
_DOUBTFUL = re.compile(
    r"\d{3,4}|[a-zа-я]\d{1,2}|\d{2}x\d{2}|x|h[hkup]|hi{1,2}|hp40|sae|c\d{4}|a\d{4}"
)
_MATERIAL_WORD = re.compile(
    r"steel|stainless|(?<![a-z])(?:5l|pipes?|aisi|sae|s\.?s|uns|astm|sus|jis|alloy|grade|gr|cast|bronze|brass"
    r"|inox|alumini?um)(?![a-z])|استیل|استنلس|فولاد|آلیاژ|الیاژ|گرید|جنس|نسوز|آلومینیوم|الومینیوم"
    r"|برنز|стал|нерж|марк|сплав|бронз|латун|алюмин"
)
_PREFIX = re.compile(
    r"(?:aisi|sae|uns|astm|steel|ss|s\.s\.?|din|en|jis|gost|гост|w\.?nr\.?|grade|gr\.?|type|sus"
    r"|сталь|стали|ст\.?|марки|استیل|استنلس استیل|فولاد|گرید)[ -]*$"
)
_NUMBER = re.compile("[23][0-9]{2}[A-Za-z]{0,2}")  # of a stainless steel: SS316L, TP304, F321
# 0.1, 30.4, 31.6 l and 14301 are no grades; O1, 304, 316L and 1.4301 are.
_AMOUNT = re.compile(r"(?!\d\.\d{4}$|52100$)(?:\d+[.,]\d|\d+[ -]\d+$|\d{5}$|\d{2}$)")
_PIECE = re.compile(r"[0-9]+|[a-zа-я]+")


class Named(NamedTuple):
    """A grade as a line names it, from ``start`` to ``end``, and the materials it stands for."""

    start: int
    end: int
    materials: tuple[str, ...]


@dataclass(frozen=True)
class Grades:
    """Materials by the keys of their names, and all beginnings of those keys."""

    materials: dict[str, tuple[str, ...]]
    beginnings: frozenset[str]

    def find(self, text: str) -> Iterator[Named]:
        """Find the grades that a normalised line names, the longest names first from the left.

        Examples
        --------
        >>> text = "stainless pipe 304l, flange 12х18н10т, shaft 42 crmo 4"
        >>> [(text[n.start:n.end], n.materials) for n in grades().find(text)]
        [('304l', ('1.4307',)), ('12х18н10т', ('1.4541',)), ('42 crmo 4', ('1.7225',))]
        """
        folded = text if text.isascii() else text.translate(LOOKALIKE)
        folded = folded.replace("o", "0")
        pieces = [match.span() for match in _PIECE.finditer(folded)]
        at, speaks, beginnings = 0, None, self.beginnings
        while at < len(pieces):
            start, end = pieces[at]
            if folded[start:end] not in beginnings:
                at += 1
                continue
            found, key = self._longest(folded, pieces, at)
            if found:
                end = pieces[at + found - 1][1]
                if _DOUBTFUL.fullmatch(key):
                    if speaks is None:
                        speaks = _MATERIAL_WORD.search(text) is not None
                    found = found if speaks and _stands_alone(text, start, end, key) else 0
                if _AMOUNT.match(text, start, end):
                    found = 0
            if found:
                yield Named(start, end, self.materials[key])
            at += found or 1

    def _longest(self, text: str, pieces: list[tuple[int, int]], at: int) -> tuple[int, str]:
        """Count the pieces of the longest name that begins here, and give its key."""
        longest, name, key = 0, "", ""
        start, end = pieces[at]
        if start and (text[start - 1].isalnum() or text[start - 1] in "._"):
            return 0, ""
        for size, (begin, stop) in enumerate(pieces[at : at + _MOST_PIECES], start=1):
            if size > 1 and begin - end > 1:
                break
            key, end = key + text[begin:stop], stop
            if key not in self.beginnings:
                break
            if key in self.materials and _ends_word(text, end):
                longest, name = size, key
        return longest, name


@cache
def grades() -> Grades:
    """Read the grades that come with the package (``grades.csv``)."""
    text = resources.files("onshore.match").joinpath("grades.csv").read_text("utf-8")
    materials: dict[str, dict[str, None]] = {}
    for row in csv.DictReader(text.splitlines()):
        for name in (name for column in _NAMES for name in row[column].split("|") if name):
            materials.setdefault(_key(name), {})[row["grade"]] = None
        for name in filter(_NUMBER.fullmatch, row["aisi"].split("|")):
            for prefix in ("ss", "aisi", "tp", "f"):
                materials.setdefault(_key(prefix + name), {})[row["grade"]] = None
    return Grades(
        {key: tuple(found) for key, found in materials.items()},
        frozenset(key[:size] for key in materials for size in range(1, len(key) + 1)),
    )


def _key(name: str) -> str:
    return code_key(name).replace("o", "0")


def _ends_word(text: str, end: int) -> bool:
    rest = text[end : end + 2]
    return not rest or not (rest[0].isalnum() or (rest[0] in ".," and rest[1:].isdigit()))


def _stands_alone(text: str, start: int, end: int, key: str) -> bool:
    """Tell whether a doubtful name is set off as one: no part of a longer code or of a size."""
    named = _PREFIX.search(text[:start]) or text.startswith(" steel", end)
    if len(key) == 4 and key.isdigit() and not named:
        return False
    before, after = text[start - 1 : start], text[end : end + 1]
    return before not in ("-", "/", "x", "х") and after not in ("-", "x", "х", '"')
