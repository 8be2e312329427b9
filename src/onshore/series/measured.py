"""What an observation's unit says: its dimension, its size, its currency, whether it adds up."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from onshore.codes import UnknownCode, currencies, units

_SCALES = {
    "thousand": 10**3,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
    "هزار": 10**3,
    "میلیون": 10**6,
    "میلیارد": 10**9,
    "تریلیون": 10**12,
}
_PER_YEAR = re.compile(r"\s*(?:/|\bper\b|\ba\b|در)\s*(?:year|yr|annum|سال)$|\s+p\.?a\.?$", re.I)
RATIOS = {"percent", "per cent", "%", "percentage points", "points", "index", "درصد", "ratio"}


@dataclass(frozen=True)
class Measure:
    """A unit as it is written in a table.

    Parameters
    ----------
    dimension
        Amounts of one dimension can be told in one another's units: ``"mass"``, ``"money USD"``,
        ``"mass per year"``; a thing that is counted by its own name is its own dimension.
    factor
        How many of the dimension's first unit it is.
    currency
        ISO 4217 code of an amount of money.
    adds_up
        Whether the values of the parts of a year make up the year's: so for amounts, not for
        capacities (per year), shares and indices.
    """

    dimension: str
    factor: Fraction
    currency: str | None
    adds_up: bool


@cache
def measure_of(unit: str) -> Measure:
    """Read a unit.

    Examples
    --------
    >>> measure_of("million t").factor / measure_of("kg").factor
    Fraction(1000000000, 1)
    >>> measure_of("billion USD").currency, measure_of("million t per year").adds_up
    ('USD', False)
    """
    text = " ".join(unit.split())
    if text.casefold() in RATIOS:
        return Measure(text.casefold(), Fraction(1), None, adds_up=False)
    plain = _PER_YEAR.sub("", text)
    scale = 1
    while (first := plain.partition(" "))[0].casefold() in _SCALES and first[2]:
        scale *= _SCALES[first[0].casefold()]
        plain = first[2]
    dimension, factor, currency = _thing(plain)
    if plain_is_yearly := _PER_YEAR.search(text) is not None:
        dimension += " per year"
    return Measure(dimension, factor * scale, currency, adds_up=not plain_is_yearly)


def _thing(text: str) -> tuple[str, Fraction, str | None]:
    try:
        code = units.find(text).code
    except UnknownCode:
        pass
    else:
        first = units.reference(code)
        return units.dimension(code), units.factor(code, first), None
    try:
        currency = currencies.find(text).code
    except UnknownCode:
        return f"number of {text.casefold()}", Fraction(1), None
    return f"money {currency}", Fraction(1), currency
