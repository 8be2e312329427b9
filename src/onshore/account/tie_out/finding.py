"""What was found of a relation: its verdict, and its working in words and arithmetic."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Final

import polars as pl

from onshore.account.tie_out.bounds import Bounds
from onshore.account.tie_out.figure import Figure
from onshore.codes import currencies, units
from onshore.figures import Period

TIES: Final = "ties"
OFF: Final = "off by"
CANNOT: Final = "cannot tie"
PLACE: Final = "ambiguous place"
PERIOD: Final = "ambiguous period"
DERIVED: Final = "derived"
VERDICTS: Final = (OFF, PLACE, PERIOD, CANNOT, DERIVED, TIES)
"""Verdicts, in the order in which a reader should see them."""


@dataclass(frozen=True)
class Finding:
    """A relation as it was judged; ``key`` and ``values`` make its working."""

    relation: str
    ids: tuple[str, ...]
    verdict: str
    key: str
    values: Mapping[str, str] = field(default_factory=dict)
    stated: str = ""
    computed: str = ""
    difference: str = ""
    tolerance: str = ""

    def working(self, locale: str = "en") -> str:
        """Write the working as a line, in ``"en"`` or ``"fa"``."""
        template = _sentences()[self.key][locale]
        values = {name: _spoken(value, locale) for name, value in self.values.items()}
        line = template.format(**values)
        return persian_digits(line) if locale == "fa" else line


@cache
def _sentences() -> dict[str, dict[str, str]]:
    with files("onshore.account.tie_out").joinpath("workings.toml").open("rb") as file:
        tree = tomllib.load(file)
    return {f"{a}.{b}": texts for a, group in tree.items() for b, texts in group.items()}


def _spoken(value: str, locale: str) -> str:
    """Say a value that is itself a sentence: ``@key|name=value|...``."""
    if value.startswith("~"):
        return Period.parse(value[1:]).label(locale)
    if not value.startswith("@"):
        return in_persian(value) if locale == "fa" else value
    key, *pairs = value[1:].split("|")
    return _sentences()[key][locale].format(**dict(pair.split("=", 1) for pair in pairs))


_NUMBER = re.compile(r"(?<![A-Za-z\d])([-+]?)(\d(?:[\d,]*\d)?(?:\.\d+)?)(?![A-Za-z])")
_DIGITS = str.maketrans("0123456789,.", "۰۱۲۳۴۵۶۷۸۹٬٫")
_ID = re.compile(r"[A-Za-z]\w*-\d+|\d{4}-\d\d-\d\d")


_MEASURES = {"t": "TNE", "tonnes": "TNE", "tonne": "TNE", "tons": "TNE", "kg": "KGM", "km": "KMT"}
_WORD = re.compile(r"(?<![\w-])[A-Za-z]+(?![\w-])")


def in_persian(value: str) -> str:
    """Say the scales, units and currencies of a value in Persian; other words stay."""
    told = value.replace("a year", "در سال").replace("one-sided", "یک‌سویه")
    return _WORD.sub(lambda word: _persian_word(word[0]), told)


@cache
def _persian_word(word: str) -> str:
    known = _sentences()["words.persian"]
    if word in known:
        return known[word]
    if re.fullmatch("[A-Z]{3}", word) and word in currencies:
        return currencies.name(word, "fa")
    if word in _MEASURES:
        return units.name(_MEASURES[word], "fa")
    return word


def _persian_number(found: re.Match[str]) -> str:
    digits = found[2].translate(_DIGITS)
    # A sign keeps its place before the number only where both are set apart.
    sign = found[1].replace("-", "\u2212")
    return f"\u2066{sign}{digits}\u2069" if sign else digits


def persian_digits(line: str) -> str:
    """Write the numbers of a line in Persian digits; ids and days keep theirs."""
    parts, end = [], 0
    for kept in _ID.finditer(line):
        parts.append(_NUMBER.sub(_persian_number, line[end : kept.start()]))
        parts.append(kept[0])
        end = kept.end()
    parts.append(_NUMBER.sub(_persian_number, line[end:]))
    return "".join(parts)


_MINUS = re.compile(r"^-(?=[\d.]+ )")
_COLUMNS = (
    *("relation", "ids", "stated", "computed", "difference", "tolerance", "verdict", "working"),
)


def frame_of(findings: list[Finding]) -> pl.DataFrame:
    """Make the table of findings."""
    rows = [
        {
            "relation": finding.relation,
            "ids": ";".join(finding.ids),
            # A minus at the head of a text would be taken for a formula's.
            "stated": _MINUS.sub("\u2212", finding.stated),
            "computed": _MINUS.sub("\u2212", finding.computed),
            "difference": finding.difference,
            "tolerance": finding.tolerance,
            "verdict": finding.verdict,
            "working": finding.working(),
        }
        for finding in findings
    ]
    return pl.DataFrame(rows, schema=dict.fromkeys(_COLUMNS, pl.String))


# Numbers --------------------------------------------------------------------------------------


def shown(value: Fraction, places: int | None = None) -> str:
    """Write a number with its thousands apart, to as many places as its size calls for."""
    return f"{_rounded(value, places):,f}" if places is not None else _trimmed(value, ",")


def plain(value: Fraction) -> str:
    """Write a number for a program to read."""
    return _trimmed(value, "")


def _trimmed(value: Fraction, apart: str) -> str:
    size = abs(value)
    places = 0 if size >= 10000 else 1 if size >= 1000 else 3 if size >= 1 else 6
    text = format(_rounded(value, places), f"{apart}f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in {"-0", ""} else text


def _rounded(value: Fraction, places: int) -> Decimal:
    # Halves go away from zero, as readers round.
    scaled = abs(value) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(whole if value >= 0 else -whole).scaleb(-places)


def percent(fraction: Fraction, places: int = 1) -> str:
    """Write a fraction in percent with a true number of places."""
    return f"{_rounded(fraction * 100, places):f}"


def as_written(figure: Figure) -> str:
    """Write a figure's number as the table has it, its thousands apart."""
    number = figure.number
    return "" if number is None else f"{number:,f}"


def with_unit(figure: Figure) -> str:
    """Write a figure with its unit, for the column ``stated``."""
    return "" if figure.number is None else f"{figure.number:f} {figure.unit.label}".strip()


def in_unit(value: Fraction, figure: Figure) -> Fraction:
    """Express a value of the dimension's own unit in the unit of a figure."""
    return value / figure.unit.factor


def judged(
    relation: str,
    stated: Figure,
    computed: Bounds,
    ids: tuple[str, ...],
    key: str,
    values: Mapping[str, str],
    *,
    of: Bounds | None = None,
) -> Finding:
    """Judge a stated figure by what the others make it, within what rounding explains."""
    own = of or stated.bounds
    ties = own.meets(computed)
    difference = in_unit(own.point - computed.point, stated)
    if own.half is None or computed.half is None:
        tolerance = "one-sided"
    else:
        tolerance = plain(in_unit(own.half + computed.half, stated))
    told = {
        "stated": as_written(stated),
        "unit": stated.unit.label,
        "computed": shown(in_unit(computed.point, stated)),
        "difference": shown(abs(difference)),
        "end": f"@end.{'ties' if ties else 'more' if difference > 0 else 'less'}"
        f"|difference={shown(abs(difference))}|unit={stated.unit.label}"
        f"|stated={as_written(stated)}",
    }
    return Finding(
        relation,
        ids,
        TIES if ties else OFF,
        key,
        {**told, **values},
        with_unit(stated),
        f"{plain(in_unit(computed.point, stated))} {stated.unit.label}".strip(),
        plain(difference),
        tolerance,
    )
