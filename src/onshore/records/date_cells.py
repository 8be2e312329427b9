"""Date cells: ISO 8601, Solar Hijri, day first with dots, month names; never guessed at."""

import re
from datetime import date

from onshore.codes import latin_digits
from onshore.figures import Period
from onshore.records.verdicts import Unreadable

_TIME = re.compile(r"[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def read_date(text: str) -> date:
    """Read a day; a year of 1300 to 1500 is Solar Hijri, one of 1800 to 2200 Gregorian.

    Raises
    ------
    Unreadable, FigureError
        The text is not a day, or may be either of two.

    Examples
    --------
    >>> read_date("۱۴۰۳/۰۷/۱۵"), read_date("06.10.2024")
    (datetime.date(2024, 10, 6), datetime.date(2024, 10, 6))
    """
    plain = _TIME.sub("", _INVISIBLE.sub("", latin_digits(text)).strip())
    try:
        return date.fromisoformat(plain) if re.match(r"(18|19|20|21)\d\d-", plain) else _day(plain)
    except ValueError as error:
        if isinstance(error, Unreadable):
            raise
        return _day(plain)


def _day(plain: str) -> date:
    dotted = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", plain)
    if dotted:
        plain = f"{dotted[3]}-{dotted[2]}-{dotted[1]}"
    joined = re.fullmatch(r"(1[34]\d\d|19\d\d|20\d\d)(\d\d)(\d\d)", plain)
    if joined:
        plain = "-".join(joined.groups())
    elif re.fullmatch(r"\d{5}(\.\d+)?", plain):
        raise Unreadable(
            "the cell holds a spreadsheet's day number.",
            "format the cell as a date, or write the day as 2024-09-22 or 1403/07/01.",
        )
    elif plain.startswith("#"):
        raise Unreadable("the cell holds a spreadsheet's error.", "mend its formula.")
    elif not re.search(r"\d{4}", plain):
        raise Unreadable(
            "the cell does not hold a day.",
            "write the day as 2024-09-22 or 1403/07/01, or leave the cell empty.",
        )
    period = Period.parse(plain)
    if period.start != period.end:
        raise Unreadable(
            "the cell does not name a single day.", "write the day as 2024-09-22 or 1403/07/01."
        )
    return period.start
