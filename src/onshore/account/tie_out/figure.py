"""One published figure, read from its row: its value with its bounds, its unit and its time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Literal

from onshore.account.tie_out import subjects
from onshore.account.tie_out.bounds import Bounds
from onshore.account.tie_out.spans import Span, read_span, year_before
from onshore.account.tie_out.written_units import WrittenUnit
from onshore.codes import fold, latin_digits
from onshore.figures import FigureError, Period, parse_number

Hedge = Literal["", "about", "at least", "at most"]

_HEDGES: tuple[tuple[Hedge, re.Pattern[str]], ...] = (
    (
        "at least",
        re.compile(
            r"(\b(more than|at least|over|above|or more|no less than|not less than|upwards of"
            r"|exceed(s|ed|ing)?|بیش از|بیشتر از|دست کم|حداقل|بالغ بر|افزون بر)(?!\w)|^>=?|\d\+$)"
        ),
    ),
    (
        "at most",
        re.compile(
            r"(\b(less than|at most|up to|under|below|no more than|not more than|or less|fewer than"
            r"|کمتر از|حداکثر|تا سقف)(?!\w)|^<=?)"
        ),
    ),
    (
        "about",
        re.compile(
            r"(\b(about|around|some|nearly|almost|roughly|approximately|close to|circa|ca"
            r"|حدود|نزدیک به|تقریبا|قریب)(?!\w)|^~|^≈)"
        ),
    ),
)
_FORWARD = re.compile(
    r"\b(target|planned|plan|expected|forecast|projected|budget|goal|to be"
    r"|هدف|برنامه|پیش بینی)(?!\w)"
)
_ABOUT_AT_MOST = Fraction(1, 10)


@dataclass(frozen=True)
class Figure:
    """A figure of the table.

    ``number`` is the value as written, null where it is none; of a range it is the middle, and
    ``spread`` reaches to either end.
    """

    id: str
    row: int
    statement: str
    written: str
    number: Decimal | None
    unit: WrittenUnit
    gregorian: Span
    solar: Span
    basis: str
    sector: str
    who: str
    source: str
    hedge: Hedge
    spread: Decimal = Decimal(0)

    @cached_property
    def words(self) -> frozenset[str]:
        """Words of the statement that tell what it is about."""
        return subjects.words_of(self.statement)

    @cached_property
    def sector_words(self) -> frozenset[str]:
        """Words of the sector or place."""
        return subjects.words_of(self.sector)

    @cached_property
    def all_words(self) -> frozenset[str]:
        """Words of both."""
        return self.words | self.sector_words

    @property
    def kind(self) -> str:
        """What it measures: money, quantity, count, percent, points, times, year, years, date."""
        return self.unit.kind

    @property
    def level(self) -> bool:
        """Whether it is an amount that may be added and compared over time."""
        return self.number is not None and self.kind in {"money", "quantity", "count"}

    @property
    def span(self) -> Span:
        """The time it is of: the Solar Hijri text, unless it is doubtful or says nothing."""
        solar = self.solar
        if solar.known and not solar.about and not solar.choices:
            return solar
        return self.gregorian if self.gregorian.known else solar

    @cached_property
    def period(self) -> Period | None:
        """The period it is of."""
        return self.span.period

    @cached_property
    def base_period(self) -> Period | None:
        """The period it is compared with: the one told, else the year before."""
        told = self.solar.base or self.gregorian.base
        if told or self.period is None:
            return told
        return year_before(self.period.named())

    @cached_property
    def when(self) -> str:
        """Its period as a key: equal for figures of the same time."""
        if self.period is not None:
            return days_key(self.period)
        texts = (fold(span.text) for span in (self.gregorian, self.solar))
        return " | ".join(" ".join(text.split()) for text in texts)

    @property
    def dated(self) -> bool:
        """Whether its time is told."""
        return self.gregorian.known or self.solar.known

    @cached_property
    def forward(self) -> bool:
        """Whether it is a target, plan or expectation."""
        basis = fold(self.basis)
        if re.match(r"(realised|realized|actual|تحقق)", basis):
            return False
        return bool(_FORWARD.search(basis))

    @property
    def _falls(self) -> bool:
        """Whether a percent is told as a fall; the share of a part in a fall is not."""
        told = subjects.tells_fall(self.statement)
        return told and not subjects.tells_share(self.statement)

    @cached_property
    def signed(self) -> Decimal:
        """The number; a fall told without its minus has one."""
        number = self.number or Decimal(0)
        falls = self.kind in {"percent", "points"} and self._falls
        return -number if falls and number > 0 else number

    @cached_property
    def bounds(self) -> Bounds:
        """The value and what it may be, in the dimension's own unit, digits taken as written."""
        return self._bounds(round_zeros=False)

    @cached_property
    def rounded(self) -> Bounds:
        """The same with the thousands that a number ends in taken as rounding."""
        return self._bounds(round_zeros=True)

    def _bounds(self, *, round_zeros: bool) -> Bounds:
        point = Fraction(self.signed)
        half = half_unit(self.signed, round_zeros=round_zeros) if not self.spread else Fraction(0)
        half += Fraction(self.spread)
        if self.hedge == "about":
            loose = _last_unit(self.signed)
            half = max(half, min(loose, abs(point) * _ABOUT_AT_MOST))
        low: Fraction | None = point if self.hedge == "at least" else point - half
        high: Fraction | None = point if self.hedge == "at most" else point + half
        if self.hedge == "at least":
            high = None
        elif self.hedge == "at most":
            low = None
        factor = self.unit.factor
        return Bounds(
            point * factor,
            None if low is None else low * factor,
            None if high is None else high * factor,
        )


def days_key(period: Period) -> str:
    """Write the days of a period as a key."""
    return f"{period.start}/{period.end}"


def half_unit(number: Decimal, *, round_zeros: bool) -> Fraction:
    """Half a unit of the last digit that is written and says something.

    Digits after the decimal mark all do. Whole thousands at the end of a whole number are taken
    as rounding where three digits or more stand before them (758,000), or where asked for.
    """
    exponent = int(number.as_tuple().exponent)
    if exponent < 0:
        return Fraction(1, 2 * 10 ** abs(exponent))
    whole = str(abs(int(number)))
    zeros = len(whole) - len(whole.rstrip("0")) if int(number) else 0
    thousands = 3 * (zeros // 3)
    told = len(whole.rstrip("0"))
    if thousands and (round_zeros or told >= 3):
        return Fraction(10**thousands, 2)
    return Fraction(1, 2)


def rounded_alike(figures: Sequence[Figure]) -> list[Bounds]:
    """Give the bounds of figures that are divided, by the rounding that they share.

    Where all are whole numbers that end in two zeros or more, with two digits before them and
    ten thousand among them, they were rounded to the last place that any of them fills; else each
    is taken by its own digits.
    """
    own = [figure.rounded for figure in figures]
    numbers = [figure.number for figure in figures if figure.number is not None]
    if any(f.unit.factor != figures[0].unit.factor or f.hedge or f.spread for f in figures):
        return own
    if any(int(number.as_tuple().exponent) < 0 or not number for number in numbers):
        return own
    digits = [str(abs(int(number))) for number in numbers]
    zeros = min(len(text) - len(text.rstrip("0")) for text in digits)
    longest = max(len(text) for text in digits)
    if zeros < 2 or longest < 5 or any(len(text) < zeros + 2 for text in digits):
        return own
    half = Fraction(10**zeros, 2) * figures[0].unit.factor
    return [Bounds(one.point, one.point - half, one.point + half) for one in own]


def _last_unit(number: Decimal) -> Fraction:
    if int(number.as_tuple().exponent) < 0:
        return Fraction(1, 10 ** abs(int(number.as_tuple().exponent)))
    whole = str(abs(int(number)))
    return Fraction(10 ** (len(whole) - len(whole.rstrip("0")))) if int(number) else Fraction(1)


def find_hedge(value: str, statement: str) -> Hedge:
    """Tell whether a value is a bound or about: by its own cell, else by its statement.

    In a statement the word has to stand at the beginning or the end, or beside the number itself:
    *companies of more than 50 people* hedges another number.
    """
    plain = fold(value)
    for hedge, pattern in _HEDGES:
        if pattern.search(plain):
            return hedge
    said = fold(statement).strip(" .,;:")
    digits = re.search(r"\d[\d.,]*", plain)
    number = re.escape(digits[0]) if digits else "(?!)"
    for hedge, pattern in _HEDGES:
        for found in pattern.finditer(said):
            after, before = said[found.end() :].strip(), said[: found.start()].strip()
            beside = re.match(number, after) or re.search(rf"{number}(\s\w+)?$", before)
            if beside or not after or (not before and found.end() > 4):
                return hedge
    return ""


_SIGN_OR_DIGIT = re.compile(r"[-+]?\d[\d.,'٬،٫’/ \u00a0\u202f]*")
_BEFORE = re.compile(r"[><=~≈\s]*|.*\b(than|least|most|about|over|above|under|to|around|nearly)\s*")


_RANGE = re.compile(
    r"(?:between |from |از |بین )?(\d[\d.,٬٫]*) ?(?:-|–|to|and|تا|و) ?(\d[\d.,٬٫]*)(?!\d)(?![-/]\d)"
)
_SYMBOL = re.compile(r"(us\$|[$€£¥₽₺₹﷼]|[A-Z]{3})\s*$", re.IGNORECASE)


def read_value(cell: str) -> tuple[Decimal | None, Decimal, str]:
    """Read a value cell: its number, half the width of a range, and the unit written in it.

    A cell without digits has no number. Words that hedge are left to `find_hedge`.

    Raises
    ------
    FigureError
        The number cannot be read, or there are several that are no range.
    """
    plain = latin_digits(cell).replace("\u2212", "-").replace("\u2013", "-").strip()
    if not re.search(r"\d", plain):
        return None, Decimal(0), ""
    between = _RANGE.match(plain)
    if between:
        low, high = (parse_number(text.strip(",. ")) for text in between.groups())
        if low < high:
            rest = plain[between.end() :].strip()
            return (low + high) / 2, (high - low) / 2, rest
    found = _SIGN_OR_DIGIT.search(plain)
    assert found
    number = parse_number(found[0].strip(" ,/'"))
    rest = plain[found.end() :].strip().lstrip("+").strip()
    for _, pattern in _HEDGES:
        rest = pattern.sub("", rest).strip()
    if re.match(r"[-\d]", rest):
        raise FigureError(f"'{cell.strip()}' holds more than one number. Write one a row.")
    symbol = _SYMBOL.search(plain[: found.start()])
    return number, Decimal(0), f"{rest} {symbol[1]}".strip() if symbol else rest


def span_of(text: str) -> Span:
    """Read a period's text."""
    return read_span(text)
