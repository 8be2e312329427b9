"""Periods as published tables write them: also open ones, compared ones and doubtful ones."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache

from onshore.codes import fold
from onshore.figures import FigureError, Period

_NOT_STATED = re.compile(
    r"(not (stated|given|known|named|printed)|unknown|unspecified|n/?a|none|-+|نامشخص"
    r"|ذکر نشده|اعلام نشده|نامعلوم)?"
)
_AGAINST = re.compile(
    r",? ?\b(against|compared (?:with|to)|versus|vs\.?|over|relative to|from the"
    r"|نسبت به|در مقایسه با|در برابر)(?!\w) ?(.+)$"
)
_YEAR_BEFORE = re.compile(
    r"(a|the|one)? ?(same|corresponding|previous|prior|preceding|last)? ?(period|quarter|half|year)"
    r"?( of)?( the| a)? ?(year)? ?(before|earlier|ago|previous|last year)?"
    r"|.*سال (گذشته|قبل|پیش)|.*(مدت|دوره) مشابه.*"
)
_ABOUT = re.compile(
    r"\b(about|around|circa|ca\.?|roughly|approximately|some|حدود|تقریبا)(?!\w)\.? ?"
)
_COUNTS = """
one two three four five six seven eight nine ten eleven twelve
یک دو سه چهار پنج شش هفت هشت نه ده یازده دوازده
"""
_NUMBERS = {
    fold(word): number
    for words in _COUNTS.strip().splitlines()
    for number, word in enumerate(words.split(), start=1)
}
_LASTING = re.compile(
    rf"(?:the )?(?P<n>\d+|{'|'.join(_NUMBERS)}) ?(?:years?|سال|ساله) "
    r"(?P<way>from|since|to|until|till|through|up to|ending(?: in)?|beginning(?: in)?"
    r"|از|تا|منتهی به) (?P<end>.+)"
)
_OPEN_START = re.compile(
    r"(?:to|until|till|by|up to|through|تا|منتهی به) (?:the )?(?:end of |پایان )?(.+)"
)
_OPEN_END = re.compile(
    r"(?:from|since|after|از) (.+?)(?:,? (?:to|until|till|تا) (?:the )?"
    r"(?:article|date|now|present|today|publication|report|کنون|امروز|حال|زمان گزارش).*)?"
)

WEEKDAYS = {
    fold(word): number
    for number, words in enumerate(
        (
            "monday|mon|دوشنبه|دو شنبه",
            "tuesday|tue|tues|سه شنبه|سهشنبه",
            "wednesday|wed|چهارشنبه|چهار شنبه",
            "thursday|thu|thurs|پنجشنبه|پنج شنبه",
            "friday|fri|جمعه|آدینه",
            "saturday|sat|شنبه",
            "sunday|sun|یکشنبه|یک شنبه",
        )
    )
    for word in words.split("|")
}
WEEKDAY = re.compile(rf"(?<!\w)({'|'.join(sorted(WEEKDAYS, key=len, reverse=True))})(?!\w)\.?,?")


@dataclass(frozen=True)
class Span:
    """A period as it is written.

    ``period`` is null where one end is open; ``start`` and ``end`` then hold the end that is
    told, ``end_from`` the first day on which it may fall. ``base`` is the period compared with,
    ``choices`` the periods of a text that names one or another, ``years`` a duration told in words.
    """

    text: str
    period: Period | None = None
    start: date | None = None
    end: date | None = None
    end_from: date | None = None
    base: Period | None = None
    choices: tuple[Period, ...] = ()
    years: int | None = None
    about: bool = False
    compared: bool = False

    @property
    def known(self) -> bool:
        """Whether it says anything about time."""
        return bool(self.period or self.start or self.end or self.choices)

    @property
    def named(self) -> bool:
        """Whether it is told by years, quarters or months and not by days."""
        return bool(re.fullmatch(r"[^\d]*\d{4}([^\d]+\d{4})?[^\d]*", fold(self.text)))


@cache
def read_span(text: str) -> Span:
    """Read a period; what cannot be read is a span that says nothing."""
    plain = re.sub(r"\(.*?\)", " ", fold(text))
    plain = re.sub(r"\bas (printed|stated|published|written)\b", " ", plain)
    first, *_ = re.split(r"[;؛]", " ".join(plain.split()))
    first = " ".join(WEEKDAY.sub(" ", first).split()).strip(" ,.")
    if _NOT_STATED.fullmatch(first):
        return Span(text)
    about = bool(_ABOUT.search(first))
    first = _ABOUT.sub("", first).strip()
    against = _AGAINST.search(first)
    if against:
        main = _read(first[: against.start()].strip(" ,"))
        base = _base(main, against[2])
        return Span(
            text, main.period, main.start, main.end, main.end_from, base, about=about, compared=True
        )
    main = _read(first)
    return Span(
        text, main.period, main.start, main.end, main.end_from, None, main.choices, main.years,
        about,
    )  # fmt: skip


def _read(plain: str) -> Span:
    choices = re.split(r" or | یا ", plain)
    if len(choices) > 1:
        read = [_period(choice) for choice in choices]
        if all(read):
            return Span(plain, choices=tuple(p for p in read if p))
    lasting = _LASTING.fullmatch(plain)
    if lasting:
        return _lasting(plain, lasting)
    period = _period(plain)
    if period:
        return Span(plain, period, period.start, period.end, period.start)
    until = _OPEN_START.fullmatch(plain)
    if until and (period := _period(until[1])):
        return Span(plain, None, None, period.end, period.start)
    since = _OPEN_END.fullmatch(plain)
    if since and (period := _period(since[1])):
        return Span(plain, None, period.start)
    return Span(plain)


def _lasting(plain: str, match: re.Match[str]) -> Span:
    years = _NUMBERS.get(match["n"]) or int(match["n"])
    end = _period(match["end"])
    if end is None:
        return Span(plain, years=years)
    if match["way"] in {"from", "since", "beginning", "beginning in", fold("از")}:
        return Span(plain, None, end.start, years=years)
    return Span(plain, None, None, end.end, end.start, years=years)


def _period(plain: str) -> Period | None:
    try:
        return Period.parse(plain)
    except FigureError:
        return None


def _base(main: Span, told: str) -> Period | None:
    if main.period is None:
        return None
    named = _period(told)
    if named is None:
        return _before(main.period) if _YEAR_BEFORE.fullmatch(told.strip()) else None
    if named.kind == "year" and main.period.kind != "year":
        shifted: Period | None = main.period
        while shifted and shifted.start > named.end:
            shifted = _before(shifted)
        return shifted if shifted and named.contains(shifted) else named
    return named


def _before(period: Period) -> Period | None:
    try:
        return period.named().year_before()
    except FigureError:
        return None


@cache
def year_before(period: Period) -> Period | None:
    """Give the same period a year before, None where the calendar kept ends."""
    return _before(period)
