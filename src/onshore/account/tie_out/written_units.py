"""Units as tables write them: ``million EUR``, ``million t per year``, ``درصد``, ``desks``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Literal

from onshore.account.tie_out.subjects import stem
from onshore.codes import UnknownCode, currencies, fold, units

Kind = Literal["money", "quantity", "percent", "points", "count", "years", "year", "date", "times"]
Dimension = tuple[tuple[str, int], ...]

_SCALES = {
    fold(word): 10**power
    for power, words in {
        2: "hundred",
        3: "thousand thousands k هزار тыс",
        5: "lakh lakhs",
        6: "million millions mln mn mio m میلیون млн",
        7: "crore crores",
        9: "billion billions bln bn میلیارد млрд",
        12: "trillion trillions trn tn تریلیون трлн",
    }.items()
    for word in words.split()
}
_KINDS: dict[Kind, str] = {
    "percent": "percent|%|per cent|pct|٪|درصد",
    "points": "percentage points|percentage point|pp|points|واحد درصد",
    "years": "years|سال",
    "year": "year|calendar year",
    "date": "date|day|dates|تاریخ|روز",
    "times": "times|fold|x|ratio|برابر",
}
_WORDS: dict[str, Kind] = {
    fold(word): kind for kind, words in _KINDS.items() for word in words.split("|")
}
_PER = re.compile(r"^(.*?)(?: per | a(?=n? year$)n? ?|/| در (?=سال|ماه|روز|هر ))(.+)$")
_TOMAN = {fold(word) for word in ("toman", "tomans", "تومان", "تومن")}


@dataclass(frozen=True)
class WrittenUnit:
    """A unit with the scale it is written in; ``factor`` of the dimension's own units are one."""

    label: str
    kind: Kind
    dimension: Dimension
    factor: Fraction

    @property
    def currency(self) -> str:
        """Currency of money, empty for what is not plain money."""
        return self.dimension[0][0] if self.kind == "money" and len(self.dimension) == 1 else ""


@cache
def read_unit(text: str) -> WrittenUnit:
    """Read a unit; what is in no code list counts things of that name."""
    plain = " ".join(fold(text).split())
    if plain in _WORDS:
        kind = _WORDS[plain]
        factor = Fraction(1, 100) if kind in {"percent", "points"} else Fraction(1)
        return WrittenUnit(text.strip(), kind, _own_dimension(kind), factor)
    per = _PER.match(plain)
    if not per or _one(plain, text.strip()):
        kind, dimension, factor = _scaled(plain, text)
        return WrittenUnit(text.strip(), kind, dimension, factor)
    kind, dimension, factor = _scaled(per[1], text)
    _, below, size = _scaled(per[2], text)
    both = dict(dimension)
    for name, power in below:
        both[name] = both.get(name, 0) - power
    if re.fullmatch(r"(a |an |one )?(year|annum|سال)", per[2]):
        both = {**dict(dimension), "a year": -1}
        size = Fraction(1)
    return WrittenUnit(text.strip(), kind, tuple(sorted(both.items())), factor / size)


def _own_dimension(kind: Kind) -> Dimension:
    return () if kind in {"percent", "times"} else ((kind, 1),)


def _scaled(plain: str, text: str) -> tuple[Kind, Dimension, Fraction]:
    scale = Fraction(1)
    words = plain.split()
    kept = []
    for word in words:
        if word.strip(".") in _SCALES and len(words) > 1:
            scale *= _SCALES[word.strip(".")]
        elif word.strip(".") in _SCALES and words == [word] and word not in {"m", "k"}:
            scale *= _SCALES[word]
        else:
            kept.append(word)
    kind, dimension, factor = _plain(" ".join(kept), text)
    return kind, dimension, factor * scale


def _own_case(name: str, text: str) -> str:
    """Give a word as the table writes it: a megatonne is not a millitonne."""
    return next((word for word in re.split(r"[\s/]+", text) if fold(word) == name), name)


def _plain(name: str, text: str) -> tuple[Kind, Dimension, Fraction]:
    if name in _TOMAN:
        return "money", (("IRR", 1),), Fraction(10)
    found = _one(name, _own_case(name, text))
    if found:
        return found
    if name in _WORDS:
        return _WORDS[name], _own_dimension(_WORDS[name]), Fraction(1)
    words = re.findall(r"[^\W\d_]+", name)
    return "count", ((" ".join(stem(word) for word in words) or "number", 1),), Fraction(1)


# Names that several currencies bear, as the press uses them alone.
_EVERYDAY = {"dollar": "USD", "dollars": "USD", "rial": "IRR", "rials": "IRR"}
_PREFIXED_TONNE = {"kt": 10**3, "Mt": 10**6, "mt": 10**6, "Gt": 10**9}


def _one(name: str, written: str = "") -> tuple[Kind, Dimension, Fraction] | None:
    """Read a unit of money or measure; ``written`` has the letters' own case."""
    if not name:
        return None
    if written in _PREFIXED_TONNE:
        reference = units.reference("TNE")
        factor = Fraction(units.factor("TNE", reference)) * _PREFIXED_TONNE[written]
        return "quantity", ((reference, 1),), factor
    if name in _EVERYDAY:
        return "money", ((_EVERYDAY[name], 1),), Fraction(1)
    try:
        return "money", ((currencies.find(name).code, 1),), Fraction(1)
    except UnknownCode:
        pass
    try:
        code = units.find(written or name).code
    except UnknownCode:
        return None
    measured = units.dimension(code)
    if measured in {"count", "person", "job", "set"} or code.startswith("X"):
        return None
    reference = units.reference(code)
    return "quantity", ((reference, 1),), Fraction(units.factor(code, reference))
