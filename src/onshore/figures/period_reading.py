"""Periods read from the ways people write them."""

import difflib
import re
from collections.abc import Callable
from typing import NamedTuple

from onshore.codes import fold
from onshore.figures import months
from onshore.figures.errors import FigureError
from onshore.figures.period import Calendar, Period, calendar_of, day_of

_HOW = (
    "Write a year (1403), a half (1403-H1), a quarter (1398-Q1), a month (1403-07 or Mehr 1403) "
    "or two days (2019-03-21 to 2019-06-21)."
)

_ORDINALS = {
    word: number
    for number, words in enumerate(
        (
            "first 1st اول نخست یکم اولین نخستین",
            "second 2nd دوم دومین",
            "third 3rd سوم سومین",
            "fourth 4th چهارم چهارمین",
        ),
        start=1,
    )
    for word in map(fold, words.split())
}
_COUNTS = {
    word: number
    for number, words in {
        2: "two دو",
        3: "three سه",
        4: "four چهار",
        5: "five پنج",
        6: "six شش",
        7: "seven هفت",
        8: "eight هشت",
        9: "nine نه",
        10: "ten ده",
        11: "eleven یازده",
        12: "twelve دوازده",
    }.items()
    for word in map(fold, (*words.split(), str(number)))
}
_SEASONS = {
    fold(word): number
    for number, words in enumerate(
        ("spring بهار", "summer تابستان", "autumn fall پاییز پائیز", "winter زمستان"), start=1
    )
    for word in words.split()
}


def _any_of(words: dict[str, int]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


_ORDINAL, _COUNT, _SEASON = _any_of(_ORDINALS), _any_of(_COUNTS), _any_of(_SEASONS)
_YEAR = r"(?P<year>\d+)"
_CALENDAR_MARKS: dict[str, Calendar] = {
    rf"\b({fold('solar hijri|shamsi|jalali|هجری شمسی|هجری خورشیدی|شمسی|خورشیدی')})(?!\w)": (
        "solar_hijri"
    ),
    r"\b(s\.?h\.?|ه\.? ?ش\.?)(?!\w)": "solar_hijri",
    r"\b(gregorian|a\.?d\.?|c\.?e\.?|میلادی)(?!\w)": "gregorian",
}


def read(text: str, calendar: Calendar | None) -> Period:
    """Read a period; see ``Period.parse``."""
    if calendar not in (None, "gregorian", "solar_hijri"):
        raise FigureError(f"'{calendar}' is not a calendar. Write gregorian or solar_hijri.")
    plain, marked = _without_marks(fold(text).replace("،", ","))
    if calendar and marked and calendar != marked:
        raise _wrong_calendar(text, calendar)
    if not plain:
        raise FigureError(f"The period is missing. {_HOW}")
    try:
        period = _one(plain) or _range(plain)
    except FigureError as error:
        raise FigureError(f"'{text.strip()}': {error}") from None
    if period is None:
        raise FigureError(_why_not(text.strip(), plain))
    wanted = calendar or marked
    if wanted and period.calendar != wanted:
        raise _wrong_calendar(text, wanted)
    return period


def _without_marks(plain: str) -> tuple[str, Calendar | None]:
    for pattern, calendar in _CALENDAR_MARKS.items():
        bare = re.sub(pattern, " ", plain)
        if bare != plain:
            return " ".join(bare.split()), calendar
    return plain, None


def _wrong_calendar(text: str, calendar: Calendar) -> FigureError:
    name = "Solar Hijri (1300 to 1500)" if calendar == "solar_hijri" else "Gregorian (1800 to 2200)"
    return FigureError(f"'{text.strip()}' is not in the {name} calendar, as was asked. Check it.")


# One named period -------------------------------------------------------------------------


def _one(plain: str) -> Period | None:
    """Read a text that is one year, half, quarter, month or day; None if it is none of them."""
    for pattern, make in _PATTERNS:
        match = re.fullmatch(pattern, plain)
        if match:
            return make(match)
    return _whole_month_or_day(plain)


def _year(match: re.Match[str]) -> Period:
    year = _full_year(match["year"])
    if match["fiscal"] and calendar_of(year) == "gregorian":
        raise FigureError(
            "a Gregorian fiscal year begins on different days in different countries. Write its "
            f"first and last day, such as {year}-04-01 to {year + 1}-03-31."
        )
    return Period.year(year)


def _half(match: re.Match[str]) -> Period:
    return Period.half(_full_year(match["year"]), _number(match["n"]))


def _quarter(match: re.Match[str]) -> Period:
    return Period.quarter(_full_year(match["year"]), _number(match["n"]))


def _season(match: re.Match[str]) -> Period:
    year = _full_year(match["year"])
    if calendar_of(year) == "gregorian":
        raise FigureError(
            "seasons name quarters of the Solar Hijri year only. Write "
            f"{year}-Q1 to {year}-Q4, or the first and last day."
        )
    return Period.quarter(year, _SEASONS[match["season"]])


def _part_of_year(match: re.Match[str]) -> Period:
    """Read "six months", with or without which six of the year."""
    year, count = _full_year(match["year"]), _COUNTS[match["count"]]
    which = _number(match["n"]) if match["n"] else 1
    if count in (3, 6):
        return Period.half(year, which) if count == 6 else Period.quarter(year, which)
    if which != 1:
        raise FigureError(
            f"{count} months do not divide the year. Write the first and the last month."
        )
    first, last = Period.month(year, 1), Period.month(year, count)
    return Period.year(year) if count == 12 else _joined(first, last)


def _month_number(match: re.Match[str]) -> Period:
    year, month = _full_year(match["year"]), int(match["month"])
    if month > 12 and match.start("year") == 0:
        raise FigureError(
            f"there is no month {month}. Write a month from 1 to 12, or two years in full, such "
            f"as {year} to {year + 1}."
        )
    return Period.month(year, month)


def _day(match: re.Match[str]) -> Period:
    year, month, day = _full_year(match["year"]), int(match["month"]), int(match["day"])
    return _single_day(year, month, day, calendar_of(year))


def _day_year_last(match: re.Match[str]) -> Period:
    a, b, year = int(match["a"]), int(match["b"]), _full_year(match["year"])
    if a <= 12 and b <= 12 and a != b:
        raise FigureError(
            f"it may be day {a} of month {b}, or day {b} of month {a}. Write "
            f"{year}-{b:02}-{a:02} or {year}-{a:02}-{b:02}."
        )
    day, month = (a, b) if b <= 12 else (b, a)
    return _single_day(year, month, day, calendar_of(year))


def _number(text: str) -> int:
    return _ORDINALS.get(text) or int(text)


def _full_year(digits: str) -> int:
    if len(digits) == 4:
        calendar_of(int(digits))
        return int(digits)
    if len(digits) <= 2:
        raise FigureError(
            f"the year {digits} may be 13{digits:0>2}, 14{digits:0>2} or 20{digits:0>2}. Write it "
            "in four digits."
        )
    raise FigureError(f"{digits} is not a year. Write the year in four digits.")


_OF = r"(?: of| in|,)?(?: the)?(?: year| سال)?"
_NTH = rf"(?P<n>{_ORDINAL})"
_PATTERNS: list[tuple[str, Callable[[re.Match[str]], Period]]] = [
    (
        rf"(?P<fiscal>f\.?y\.?|fiscal year|financial year|سال مالی)? ?(?:year|سال)? ?{_YEAR}",
        _year,
    ),
    (r"h ?(?P<n>\d)[ \-/,]*(?P<year>\d{2,})", _half),
    (r"(?P<year>\d{2,})[ \-/,]*h ?(?P<n>\d+)", _half),
    (r"q ?(?P<n>\d)[ \-/,]*(?P<year>\d{2,})", _quarter),
    (r"(?P<year>\d{2,})[ \-/,]*q ?(?P<n>\d+)", _quarter),
    (r"(?P<n>\d)h[ \-/,]*(?P<year>\d{2,})", _half),
    (r"(?P<n>\d)q[ \-/,]*(?P<year>\d{2,})", _quarter),
    (rf"(?:the )?{_NTH} half{_OF} {_YEAR}", _half),
    (rf"{_YEAR},? {_NTH} half", _half),
    (rf"(?:نیمه|نیم سال|نیمسال) {_NTH}{_OF} {_YEAR}", _half),
    (rf"(?:the )?{_NTH} quarter{_OF} {_YEAR}", _quarter),
    (rf"{_YEAR},? {_NTH} quarter", _quarter),
    (rf"(?:فصل|کوارتر) {_NTH}{_OF} {_YEAR}", _quarter),
    (rf"(?:the )?(?P<season>{_SEASON}){_OF} {_YEAR}", _season),
    (rf"{_YEAR},? (?P<season>{_SEASON})", _season),
    (rf"(?:the )?{_NTH} (?P<count>{_COUNT})[ -]months?{_OF} {_YEAR}", _part_of_year),
    (rf"(?P<count>{_COUNT})[ -]?m(?:onths?)?{_OF} {_YEAR}(?P<n>)", _part_of_year),
    (rf"(?P<count>{_COUNT}) ?ماهه?(?: {_NTH})?{_OF} {_YEAR}", _part_of_year),
    (rf"{_NTH} (?P<count>{_COUNT}) ?ماهه?{_OF} {_YEAR}", _part_of_year),
    (r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})", _month_number),
    (r"(?P<month>\d{1,2})[-/.](?P<year>\d{4})", _month_number),
    (r"(?P<year>\d{4})([-/.])(?P<month>\d{1,2})\2(?P<day>\d{1,2})", _day),
    (r"(?P<a>\d{1,2})([-/.])(?P<b>\d{1,2})\2(?P<year>\d{4})", _day_year_last),
]


# Days and months by name, and ranges ------------------------------------------------------


class _Written(NamedTuple):
    """What a text says of a day or month; None for what it leaves out."""

    year: int | None = None
    calendar: Calendar | None = None
    month: int | None = None
    day: int | None = None


def _whole_month_or_day(plain: str) -> Period | None:
    written = _written(plain)
    if written is None or written.year is None or written.month is None:
        return None
    return _month_or_day(written, written.year, written.month)


def _written(plain: str) -> _Written | None:
    """Read words and numbers that name a day or a month; None if there is anything else."""
    bare = re.sub(
        r"\b(of|the|سال|ماه|روز|مورخ|on)\b|(?<=\d)(st|nd|rd|th)\b|,|(?<=[^\W\d])\.", " ", plain
    )
    bare = re.sub(r"(?<=[^\W\d])ماه\b", " ", bare)
    words = re.sub(r"(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])(?=\d)", " ", bare).split()
    written = _Written()
    for word in words:
        if word.isdecimal() and len(word) == 4 and written.year is None:
            written = written._replace(year=_full_year(word))
        elif written.day is None and (word in _FIRST_DAY or (len(word) <= 2 and word.isdecimal())):
            written = written._replace(day=1 if word in _FIRST_DAY else int(word))
        elif word in months.spellings() and written.month is None:
            calendar, month = months.spellings()[word]
            written = written._replace(calendar=calendar, month=month)  # type: ignore[arg-type]
        else:
            return None
    return written


def _month_or_day(written: _Written, year: int, month: int) -> Period:
    of_year = calendar_of(year)
    if written.calendar and written.calendar != of_year:
        month_name = months.name(written.calendar, month, "en")
        other = "a Gregorian" if of_year == "gregorian" else "a Solar Hijri"
        raise FigureError(
            f"{month_name} is not a month of {year}, {other} year. Write a month and a year of "
            "one calendar."
        )
    if written.day is None:
        return Period.month(year, month, of_year)
    return _single_day(year, month, written.day, of_year)


def _single_day(year: int, month: int, day: int, calendar: Calendar) -> Period:
    date = day_of(year, month, day, calendar)
    return Period(date, date, calendar, "range")


_FIRST_DAY = {fold("اول"), fold("یکم")}

_SPLITS = (
    r"(?:from |از )?(.+?) (?:to|until|till|through|thru|تا|الی|لغایت) (.+)",
    r"between (.+?) and (.+)",
    r"(\d{4}-\d{1,2}-\d{1,2})/(\d{4}-\d{1,2}-\d{1,2})",
    r"(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}) ?-+ ?(\d{4}[-/.]\d{1,2}[-/.]\d{1,2})",
    r"(.+?) -+ (.+)",
    r"([^-]+)-([^-]+)",
)


def _range(plain: str) -> Period | None:
    for pattern in _SPLITS:
        match = re.fullmatch(pattern, plain)
        if match:
            return _from_to(match[1].strip(), match[2].strip())
    return None


def _from_to(left: str, right: str) -> Period | None:
    if re.fullmatch(r"\d{4}", left) and re.fullmatch(r"\d{2}", right):
        raise FigureError(f"its second year is cut short. Write {left} to {left[:2]}{right}.")
    month_first = re.fullmatch(r"([^\W\d]+) \d{1,2}", left)
    if month_first and re.fullmatch(r"\d{1,2},? \d{4}", right):
        right = f"{month_first[1]} {right}"
    last = _one(right)
    if last is None:
        return _open_ended(left, right)
    first = None if re.fullmatch(r"\d{1,2}", left) else _one(left)
    first = first or _completed(left, right, last)
    if first is None:
        return None
    if first.calendar != last.calendar:
        raise FigureError(
            f"it begins in one calendar ({first}) and ends in the other ({last}). Write both "
            "in one."
        )
    return _joined(first, last)


def _completed(left: str, right: str, last: Period) -> Period | None:
    """Read a beginning that leaves its month or year to the end to say."""
    begin, end = _written(left), _written(right)
    if begin is None or end is None or begin.year is not None or end.year is None:
        return None
    if begin.month is None:
        begin = begin._replace(month=end.month, calendar=end.calendar)
    if begin.month is None:
        return None
    first = _month_or_day(begin, end.year, begin.month)
    if first.start > last.start:
        raise FigureError(
            f"it begins after it ends, unless it begins in {end.year - 1}. Write the year of both."
        )
    return first


def _open_ended(left: str, right: str) -> Period | None:
    first, end = _one(left), _written(right)
    if first is not None and end is not None and end.month is not None:
        raise FigureError("its end has no year. Write the year at the end, or at both.")
    return None


def _joined(first: Period, last: Period) -> Period:
    if last.end < first.start or last.start < first.start:
        raise FigureError("it ends before it begins. Write the earlier one first.")
    return Period(first.start, last.end, first.calendar, "range")


def _why_not(text: str, plain: str) -> str:
    for word in re.findall(r"[^\W\d_]{3,}", plain):
        if word not in months.spellings():
            near = difflib.get_close_matches(word, months.spellings(), n=1, cutoff=0.75)
            if near:
                calendar, month = months.spellings()[near[0]]
                meant = months.name(calendar, month, "en")
                return f"'{text}' is not a period: '{word}' may be the month {meant}. {_HOW}"
    if not re.search(r"\d", plain):
        return f"'{text}' is not a period: it has no year. {_HOW}"
    if plain.count("/") + plain.count("-") == 0 and not re.search(r"\d{4}", plain):
        return f"'{text}' is not a period: its year has to be in four digits. {_HOW}"
    return f"'{text}' is not a period that can be read. {_HOW}"
