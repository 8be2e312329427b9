"""A stretch of days with the name it goes by: a year, half, quarter, month or range."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, Self

from onshore.figures import months, solar_hijri
from onshore.figures.errors import FigureError

Calendar = Literal["gregorian", "solar_hijri"]
Kind = Literal["year", "half", "quarter", "month", "range"]

_YEARS: dict[str, range] = {"solar_hijri": range(1300, 1501), "gregorian": range(1800, 2201)}
_MONTHS_IN: dict[str, int] = {"year": 12, "half": 6, "quarter": 3, "month": 1}
_ORDINALS = {
    "en": ("first", "second", "third", "fourth"),
    "fa": ("نخست", "دوم", "سوم", "چهارم"),
}
_PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


@dataclass(frozen=True, order=True)
class Period:
    """A year, half, quarter or month of a calendar, or a range of days.

    Periods are in order of their first day, then of their last. ``str`` gives the canonical
    text that tables keep: ``1403``, ``1403-H1``, ``1398-Q1``, ``1403-07``,
    ``2019-03-21/2019-06-21``.

    Parameters
    ----------
    start, end
        First and last day (Gregorian, both included).
    calendar
        ``"gregorian"`` or ``"solar_hijri"``: the calendar it is named in.
    kind
        ``"year"``, ``"half"``, ``"quarter"``, ``"month"`` or ``"range"``.

    Raises
    ------
    FigureError
        The last day is before the first, the days are not those of such a period, or a year is
        outside 1300 to 1500 (Solar Hijri) or 1800 to 2200 (Gregorian).

    Examples
    --------
    >>> half = Period.parse("شش‌ماهه نخست ۱۴۰۳")
    >>> print(half, half.start, half.end, half.year_before())
    1403-H1 2024-03-20 2024-09-21 1402-H1
    """

    start: date
    end: date
    calendar: Calendar
    kind: Kind

    def __post_init__(self) -> None:
        if self.calendar not in _YEARS:
            raise FigureError(
                f"'{self.calendar}' is not a calendar. Write gregorian or solar_hijri."
            )
        if self.end < self.start:
            raise FigureError(
                f"The period ends on {self.end.isoformat()}, before it begins on "
                f"{self.start.isoformat()}. Write the earlier day first."
            )
        year, month, day = _parts(self.start, self.calendar)
        _check_year(year, self.calendar)
        _check_year(_parts(self.end, self.calendar)[0], self.calendar)
        if self.kind == "range":
            return
        length = _MONTHS_IN.get(self.kind)
        if length is None:
            raise FigureError(
                f"'{self.kind}' is not a kind of period. Write year, half, quarter, month or range."
            )
        last = _last_of_month(year, month + length - 1, self.calendar) if length else None
        if day != 1 or (month - 1) % length or self.end != last:
            raise FigureError(
                f"{self.start.isoformat()} to {self.end.isoformat()} is not a {self.kind} of the "
                f"{_CALENDAR_NAMES[self.calendar]} calendar. Use the kind range."
            )

    @classmethod
    def parse(cls, text: str, calendar: Calendar | None = None) -> "Period":
        """Read a period from the ways people write one, in English or Persian.

        A year of 1300 to 1500 is Solar Hijri, one of 1800 to 2200 Gregorian; a month's name
        tells its calendar. What may mean two things is refused.

        Parameters
        ----------
        text
            Such as ``H1 1403``, ``1398Q1``, ``spring of 1403``, ``Mehr 1402``, ``FY1400``,
            ``Mar 21-Jun 21, 2019``, ``17-19 Dey 1401``, ``سه‌ماهه اول ۱۳۹۸``.
        calendar
            The calendar that the text must be in; None takes either.

        Raises
        ------
        FigureError
            The text cannot be read, is impossible (31 Mehr) or ambiguous; the message says why
            and what to write.
        """
        from onshore.figures.period_reading import read

        return read(text, calendar)

    @classmethod
    def year(cls, year: int, calendar: Calendar | None = None) -> Self:
        """Give a whole year; without a calendar, the year's number tells it."""
        return cls._of("year", year, 1, calendar)

    @classmethod
    def half(cls, year: int, half: int, calendar: Calendar | None = None) -> Self:
        """Give the first or second half of a year."""
        return cls._of("half", year, half, calendar)

    @classmethod
    def quarter(cls, year: int, quarter: int, calendar: Calendar | None = None) -> Self:
        """Give a quarter, 1 to 4, of a year."""
        return cls._of("quarter", year, quarter, calendar)

    @classmethod
    def month(cls, year: int, month: int, calendar: Calendar | None = None) -> Self:
        """Give a month, 1 to 12, of a year."""
        return cls._of("month", year, month, calendar)

    @classmethod
    def between(cls, start: date, end: date, calendar: Calendar = "gregorian") -> Self:
        """Give the range from one day to another, both included."""
        return cls(start, end, calendar, "range")

    @classmethod
    def _of(cls, kind: Kind, year: int, number: int, calendar: Calendar | None) -> Self:
        calendar = calendar or calendar_of(year)
        _check_year(year, calendar)
        length = _MONTHS_IN[kind]
        if not 1 <= number <= 12 // length:
            raise FigureError(
                f"There is no {kind} {number} in a year. Write a {kind} from 1 to {12 // length}."
            )
        first = (number - 1) * length + 1
        start = day_of(year, first, 1, calendar)
        return cls(start, _last_of_month(year, first + length - 1, calendar), calendar, kind)

    @property
    def days(self) -> int:
        """Number of days, both ends included."""
        return (self.end - self.start).days + 1

    def overlaps(self, other: "Period") -> bool:
        """Whether the two have a day in common."""
        return self.start <= other.end and other.start <= self.end

    def contains(self, other: "Period | date") -> bool:
        """Whether all days of another period, or a day, lie within."""
        if isinstance(other, Period):
            return self.start <= other.start and other.end <= self.end
        return self.start <= other <= self.end

    def year_before(self) -> "Period":
        """Give the same period a year earlier, in its own calendar.

        A range keeps its months and days; an end on the last day of a month stays there.

        Examples
        --------
        >>> print(Period.parse("1398Q1").year_before())
        1397-Q1
        >>> print(Period.parse("2019-03-21 to 2019-06-21").year_before())
        2018-03-21/2018-06-21
        """
        year, month, day = _parts(self.start, self.calendar)
        if self.kind != "range":
            number = (month - 1) // _MONTHS_IN[self.kind] + 1
            return self._of(self.kind, year - 1, number, self.calendar)
        _check_year(year - 1, self.calendar)
        start = min(day, _parts(_last_of_month(year - 1, month, self.calendar), self.calendar)[2])
        last_year, last_month, last_day = _parts(self.end, self.calendar)
        last = _last_of_month(last_year - 1, last_month, self.calendar)
        if self.end != _last_of_month(last_year, last_month, self.calendar):
            kept = min(last_day, _parts(last, self.calendar)[2])
            last = day_of(last_year - 1, last_month, kept, self.calendar)
        return Period(day_of(year - 1, month, start, self.calendar), last, self.calendar, "range")

    def named(self) -> "Period":
        """Give the year, half, quarter or month of either calendar that has the same days.

        Itself where there is none, or where it has a name already.

        Examples
        --------
        >>> print(Period.parse("2024-03-20 to 2024-09-21").named())
        1403-H1
        """
        if self.kind != "range":
            return self
        others: tuple[Calendar, ...] = ("solar_hijri", "gregorian")
        for calendar in sorted(others, key=lambda c: c != self.calendar):
            for kind in ("year", "half", "quarter", "month"):
                try:
                    return Period(self.start, self.end, calendar, kind)
                except FigureError:
                    continue
        return self

    def in_calendar(self, calendar: Calendar, locale: str = "en") -> str:
        """Name the same days in a calendar, in ``"en"`` or ``"fa"``.

        Examples
        --------
        >>> Period.parse("1398Q1").in_calendar("gregorian")
        '21 March – 21 June 2019'
        """
        if calendar == self.calendar:
            return self.label(locale)
        return Period(self.start, self.end, calendar, "range").label(locale)

    def first_and_last_day(self, calendar: Calendar, locale: str = "en") -> str:
        """Name its first and last day in a calendar, in ``"en"`` or ``"fa"``.

        Examples
        --------
        >>> Period.parse("2019-03-21 to 2020-08-21").first_and_last_day("solar_hijri")
        '1 Farvardin 1398 – 31 Mordad 1399'
        """
        label = _days_label(self.start, self.end, calendar, "fa" if locale == "fa" else "en")
        return label.translate(_PERSIAN_DIGITS) if locale == "fa" else label

    def label(self, locale: str = "en") -> str:
        """Name it in ``"en"`` or ``"fa"``.

        Examples
        --------
        >>> Period.parse("1403-H1").label("en"), Period.parse("1403-H1").label("fa")
        ('first half of 1403', 'شش‌ماهه نخست ۱۴۰۳')
        """
        named = self.named()
        shown = named if named.calendar == self.calendar else self
        label = _LABELS[shown.kind](shown, "fa" if locale == "fa" else "en")
        return label.translate(_PERSIAN_DIGITS) if locale == "fa" else label

    def __str__(self) -> str:
        year, month, _ = _parts(self.start, self.calendar)
        match self.kind:
            case "year":
                return str(year)
            case "half":
                return f"{year}-H{(month - 1) // 6 + 1}"
            case "quarter":
                return f"{year}-Q{(month - 1) // 3 + 1}"
            case "month":
                return f"{year}-{month:02}"
        first, last = (
            "{:04}-{:02}-{:02}".format(*_parts(day, self.calendar))
            for day in (self.start, self.end)
        )
        return first if first == last else f"{first}/{last}"


def calendar_of(year: int) -> Calendar:
    """Tell the calendar of a year by its number."""
    if year in _YEARS["solar_hijri"]:
        return "solar_hijri"
    if year in _YEARS["gregorian"]:
        return "gregorian"
    raise FigureError(
        f"{year} is neither a Solar Hijri year (1300 to 1500) nor a Gregorian one (1800 to 2200). "
        "Write the year in four digits."
    )


def day_of(year: int, month: int, day: int, calendar: Calendar) -> date:
    """Give the date of a day of a calendar, or say why there is none."""
    _check_year(year, calendar)
    if not 1 <= month <= 12:
        raise FigureError(f"There is no month {month}. Write a month from 1 to 12.")
    if calendar == "solar_hijri":
        return solar_hijri.to_gregorian(year, month, day)
    last = _last_of_month(year, month, calendar)
    if not 1 <= day <= last.day:
        name = months.name(calendar, month, "en")
        raise FigureError(
            f"{day} {name} {year} is not a day: {name} {year} has {last.day} days. "
            f"Its last is {last.isoformat()}."
        )
    return date(year, month, day)


def _last_of_month(year: int, month: int, calendar: Calendar) -> date:
    if calendar == "solar_hijri":
        length = solar_hijri.days_in_month(year, month)
        return solar_hijri.to_gregorian(year, month, length)
    following = date(year + month // 12, month % 12 + 1, 1)
    return following - timedelta(days=1)


def _parts(day: date, calendar: Calendar) -> tuple[int, int, int]:
    if calendar == "solar_hijri":
        return solar_hijri.from_gregorian(day)
    return day.year, day.month, day.day


_CALENDAR_NAMES: dict[str, str] = {"solar_hijri": "Solar Hijri", "gregorian": "Gregorian"}


def _check_year(year: int, calendar: Calendar) -> None:
    span = _YEARS[calendar]
    if year not in span:
        raise FigureError(
            f"{year} is not a year of the {_CALENDAR_NAMES[calendar]} calendar kept here. Write "
            f"one from {span[0]} to {span[-1]}."
        )


def _year_label(period: Period, locale: str) -> str:  # noqa: ARG001
    return str(_parts(period.start, period.calendar)[0])


def _half_label(period: Period, locale: str) -> str:
    year, month, _ = _parts(period.start, period.calendar)
    ordinal = _ORDINALS[locale][(month - 1) // 6]
    return f"شش‌ماهه {ordinal} {year}" if locale == "fa" else f"{ordinal} half of {year}"


def _quarter_label(period: Period, locale: str) -> str:
    year, month, _ = _parts(period.start, period.calendar)
    ordinal = _ORDINALS[locale][(month - 1) // 3]
    return f"سه‌ماهه {ordinal} {year}" if locale == "fa" else f"{ordinal} quarter of {year}"


def _month_label(period: Period, locale: str) -> str:
    year, month, _ = _parts(period.start, period.calendar)
    return f"{months.name(period.calendar, month, locale)} {year}"


def _range_label(period: Period, locale: str) -> str:
    y1, m1, d1 = _parts(period.start, period.calendar)
    y2, m2, _ = _parts(period.end, period.calendar)
    if d1 != 1 or period.end != _last_of_month(y2, m2, period.calendar):
        return _days_label(period.start, period.end, period.calendar, locale)
    dash = _DASHES[locale]
    if (m1, m2) == (1, 12):
        return f"{y1}{dash}{y2}"
    first = months.name(period.calendar, m1, locale)
    last = f"{months.name(period.calendar, m2, locale)} {y2}"
    return f"{first}{dash}{last}" if y1 == y2 else f"{first} {y1}{dash}{last}"


def _days_label(start: date, end: date, calendar: Calendar, locale: str) -> str:
    y1, m1, d1 = _parts(start, calendar)
    y2, m2, d2 = _parts(end, calendar)
    first = months.name(calendar, m1, locale)
    last = f"{d2} {months.name(calendar, m2, locale)} {y2}"
    dash = _DASHES[locale]
    if start == end:
        return last
    if y1 != y2:
        return f"{d1} {first} {y1}{dash}{last}"
    if m1 != m2:
        return f"{d1} {first}{dash}{last}"
    return f"{d1}{dash if locale == 'fa' else '–'}{last}"


_DASHES = {"en": " – ", "fa": " تا "}

_LABELS: dict[str, Callable[[Period, str], str]] = {
    "year": _year_label,
    "half": _half_label,
    "quarter": _quarter_label,
    "month": _month_label,
    "range": _range_label,
}
