"""The Solar Hijri calendar: days to and from the Gregorian one, for dates and for columns.

The civil year begins at the equinox seen from Tehran. From 1178 to 1501 (March 1799 to March
2123) its leap years are those of a cycle of 33 years, year ``y`` being leap when
``(25 y + 11) mod 33 < 8``; outside that span the rule is not relied on, and dates are refused.
"""

from datetime import date, timedelta

import polars as pl

from onshore.figures.errors import FigureError

FIRST_YEAR = 1178
LAST_YEAR = 1501

_EPOCH = date(1799, 3, 21)  # 1 Farvardin 1178
_LEAPS_BEFORE_EPOCH = (8 * FIRST_YEAR + 21) // 33

_MONTHS = {
    "en": (
        "Farvardin",
        "Ordibehesht",
        "Khordad",
        "Tir",
        "Mordad",
        "Shahrivar",
        "Mehr",
        "Aban",
        "Azar",
        "Dey",
        "Bahman",
        "Esfand",
    ),
    "fa": (
        "فروردین",
        "اردیبهشت",
        "خرداد",
        "تیر",
        "مرداد",
        "شهریور",
        "مهر",
        "آبان",
        "آذر",
        "دی",
        "بهمن",
        "اسفند",
    ),
}


def is_leap(year: int) -> bool:
    """Whether a year has 30 Esfand.

    Raises
    ------
    FigureError
        The year is outside 1178 to 1501.

    Examples
    --------
    >>> [y for y in range(1395, 1409) if is_leap(y)]
    [1395, 1399, 1403, 1408]
    """
    _check_year(year)
    return (25 * year + 11) % 33 < 8


def days_in_month(year: int, month: int) -> int:
    """Give the number of days of a month: 31, 30 or 29.

    Raises
    ------
    FigureError
        There is no such month, or the year is outside 1178 to 1501.
    """
    _check_year(year)
    _check_month(month)
    if month < 7:
        return 31
    return 30 if month < 12 or is_leap(year) else 29


def to_gregorian(year: int, month: int, day: int) -> date:
    """Give the Gregorian date of a Solar Hijri day.

    Raises
    ------
    FigureError
        There is no such day; the message says how many days the month has.

    Examples
    --------
    >>> to_gregorian(1403, 7, 1)
    datetime.date(2024, 9, 22)
    """
    length = days_in_month(year, month)
    if not 1 <= day <= length:
        name = month_name(month, "en")
        why = " and is not a leap year" if (month, day) == (12, 30) else ""
        last = to_gregorian(year, month, length)
        raise FigureError(
            f"{day} {name} {year} is not a day: {name} {year} has {length} days{why}. "
            f"Its last is {length} {name} {year} ({last.isoformat()})."
        )
    return _EPOCH + timedelta(days=_days_before(year) + _day_of_year(month, day) - 1)


def from_gregorian(day: date) -> tuple[int, int, int]:
    """Give year, month and day of a Gregorian date.

    Raises
    ------
    FigureError
        The date is outside March 1799 to March 2123.

    Examples
    --------
    >>> from_gregorian(date(2024, 3, 20))
    (1403, 1, 1)
    """
    since = (day - _EPOCH).days
    year = day.year - 621
    if not FIRST_YEAR <= year <= LAST_YEAR + 1 or since < 0:
        raise _out_of_span(f"{day.isoformat()} is")
    if year > LAST_YEAR or since < _days_before(year):
        year -= 1
    _check_year(year)
    in_year = since - _days_before(year)
    if in_year >= 365 + is_leap(year):
        raise _out_of_span(f"{day.isoformat()} is")
    month = in_year // 31 if in_year < 186 else 6 + (in_year - 186) // 30
    return year, month + 1, in_year - _day_of_year(month + 1, 1) + 2


def month_name(month: int, locale: str = "en") -> str:
    """Name of a month in ``"en"`` or ``"fa"``.

    Raises
    ------
    FigureError
        There is no such month.
    """
    _check_month(month)
    return _MONTHS["fa" if locale == "fa" else "en"][month - 1]


def to_gregorian_columns(year: pl.Expr | str, month: pl.Expr | str, day: pl.Expr | str) -> pl.Expr:
    """Give the Gregorian dates of columns of Solar Hijri years, months and days.

    Parameters
    ----------
    year, month, day
        Names of integer columns, or expressions giving them.

    Returns
    -------
    Expr
        Date; null where a part is null or there is no such day.

    Examples
    --------
    >>> frame = pl.DataFrame({"y": [1403, 1403], "m": [7, 7], "d": [1, 31]})
    >>> frame.select(to_gregorian_columns("y", "m", "d").alias("day"))["day"].to_list()
    [datetime.date(2024, 9, 22), None]
    """
    y, m, d = (_column(part).cast(pl.Int32, strict=False) for part in (year, month, day))
    leap = (25 * y + 11) % 33 < 8
    length = pl.when(m < 7).then(31).when((m < 12) | leap).then(30).otherwise(29)
    exists = y.is_between(FIRST_YEAR, LAST_YEAR) & m.is_between(1, 12) & (d >= 1) & (d <= length)
    before_year = 365 * (y - FIRST_YEAR) + (8 * y + 21) // 33 - _LEAPS_BEFORE_EPOCH
    before_month = pl.when(m < 8).then(31 * (m - 1)).otherwise(30 * (m - 1) + 6)
    since = pl.when(exists).then(before_year + before_month + d - 1)
    return (since + (_EPOCH - date(1970, 1, 1)).days).cast(pl.Date)


def from_gregorian_columns(day: pl.Expr | str) -> pl.Expr:
    """Give year, month and day of a column of Gregorian dates.

    Parameters
    ----------
    day
        Name of a Date column, or an expression giving one.

    Returns
    -------
    Expr
        Struct of ``year``, ``month``, ``day`` (Int32); its fields are null where the date is
        null or outside March 1799 to March 2123.

    Examples
    --------
    >>> frame = pl.DataFrame({"on": [date(2024, 9, 22)]})
    >>> frame.select(from_gregorian_columns("on").alias("s"))["s"].to_list()
    [{'year': 1403, 'month': 7, 'day': 1}]
    """
    column = _column(day)
    since = column.cast(pl.Int32) - (_EPOCH - date(1970, 1, 1)).days
    within = since.is_between(0, _days_before(LAST_YEAR) + 365 + is_leap(LAST_YEAR) - 1)
    guess = column.dt.year() - 621
    early = since < 365 * (guess - FIRST_YEAR) + (8 * guess + 21) // 33 - _LEAPS_BEFORE_EPOCH
    year = pl.when(within).then(guess - early.cast(pl.Int32))
    in_year = since - (365 * (year - FIRST_YEAR) + (8 * year + 21) // 33 - _LEAPS_BEFORE_EPOCH)
    month = pl.when(in_year < 186).then(in_year // 31).otherwise(6 + (in_year - 186) // 30)
    before_month = pl.when(month < 7).then(31 * month).otherwise(30 * month + 6)
    return pl.struct(
        year=year.cast(pl.Int32),
        month=(month + 1).cast(pl.Int32),
        day=(in_year - before_month + 1).cast(pl.Int32),
    )


def _column(part: pl.Expr | str) -> pl.Expr:
    return pl.col(part) if isinstance(part, str) else part


def _days_before(year: int) -> int:
    """Days from the epoch to 1 Farvardin of a year."""
    return 365 * (year - FIRST_YEAR) + (8 * year + 21) // 33 - _LEAPS_BEFORE_EPOCH


def _day_of_year(month: int, day: int) -> int:
    return (31 * (month - 1) if month < 8 else 30 * (month - 1) + 6) + day


def _check_year(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise _out_of_span(f"The Solar Hijri year {year} is")


def _out_of_span(what: str) -> FigureError:
    return FigureError(
        f"{what} outside the span of the Solar Hijri calendar kept here, {FIRST_YEAR} to "
        f"{LAST_YEAR} (1799-03-21 to 2123-03-20). Check the year."
    )


def _check_month(month: int) -> None:
    if not 1 <= month <= 12:
        raise FigureError(f"There is no month {month}. Write a month from 1 to 12.")
