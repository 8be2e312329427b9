"""Codes for what a programme names in words: SDMX ids, and units split into measure and scale."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Final

from onshore.codes import UnknownCode, currencies, units

NOT_APPLICABLE: Final = "_Z"

_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_@$-]{0,63}")
_LONGEST: Final = 48
# The powers of ten that SDMX gives a unit apart from it, by the words before the unit.
_SCALES: Final = (
    ("thousand", 3),
    ("million", 6),
    ("billion", 9),
    ("trillion", 12),
    ("هزار میلیارد", 12),
    ("هزار", 3),
    ("میلیون", 6),
    ("میلیارد", 9),
)


@dataclass(frozen=True)
class Measure:
    """A unit as SDMX keeps it: code, power of ten, and the names of the code."""

    code: str
    power: int
    name: str
    name_fa: str


def is_id(text: str) -> bool:
    """Tell whether a text may stand as an id of SDMX as it is."""
    return _ID.fullmatch(text) is not None


def ids(texts: Iterable[str]) -> dict[str, str]:
    """Give each text an id of SDMX: capitals and low lines, told apart by a digest where alike.

    The same texts get the same ids in whatever order they come, and one that is written in small
    letters and spaces alone gets the same id whatever stands beside it.

    Examples
    --------
    >>> ids(["steel ingots", "HRC"])
    {'HRC': 'HRC', 'steel ingots': 'STEEL_INGOTS'}
    >>> list(ids(["شمش"]).values())
    ['X_A9AB6980']
    """
    wanted = sorted(set(texts))
    plain = {text: _capitals(text) for text in wanted}
    taken: dict[str, int] = {}
    for code in plain.values():
        taken[code] = taken.get(code, 0) + 1
    return {
        text: code if _is_plain(text, code, taken[code]) else _told_apart(text, code)
        for text, code in plain.items()
    }


@cache
def measure_of(unit: str) -> Measure:
    """Split a unit into its measure, by UN/ECE Rec 20 or ISO 4217, and its power of ten.

    A unit of neither list keeps a code made of its own words.

    Examples
    --------
    >>> measure_of("million t")
    Measure(code='TNE', power=6, name='tonne', name_fa='تن')
    >>> measure_of("billion USD").code, measure_of("million cars").code
    ('USD', 'CARS')
    """
    for scale, power in _SCALES:
        if unit.startswith(f"{scale} "):
            return _measure(unit[len(scale) :].strip() or unit, power)
    return _measure(unit, 0)


def _measure(text: str, power: int) -> Measure:
    for known in (units, currencies):
        try:
            found = known.find(text)
        except UnknownCode:
            continue
        return Measure(found.code, power, found.name, found.name_fa or found.name)
    code = ids([text])[text]
    return Measure(f"X_{code}" if _is_taken(code) else code, power, text, text)


def _is_taken(code: str) -> bool:
    return code in units.codes or code in currencies.codes


def _capitals(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^A-Z0-9]+", "_", plain.upper()).strip("_")[:_LONGEST].strip("_")


def _is_plain(text: str, code: str, rivals: int) -> bool:
    """Tell whether a text may have its capitals as its id: none other has them, or it says no more.

    Other letters than those of ASCII are lost in capitals, and so are the ends of long texts.
    """
    if not code or not text.isascii() or len(text) > _LONGEST:
        return False
    return rivals == 1 or text == code.replace("_", " ").lower()


def _told_apart(text: str, code: str) -> str:
    digest = sha256(text.encode()).hexdigest()[:8].upper()
    return f"{code or 'X'}_{digest}"
