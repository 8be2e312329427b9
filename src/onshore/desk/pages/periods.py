"""Periods as they are picked and shown: both calendars side by side."""

from typing import Literal

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from onshore.desk.pages import showing
from onshore.desk.pages.wording import language
from onshore.figures import FigureError, Period

Calendar = Literal["gregorian", "solar_hijri"]


def period_choices(
    first_year: int, years: int, calendar: Calendar
) -> list[tuple[str, list[tuple[str, str]]]]:
    """Give the periods of some years to choose from, each with its days in the other calendar.

    Examples
    --------
    >>> from django.utils.translation import override
    >>> with override("en"):
    ...     period_choices(1403, 1, "solar_hijri")[1][1][0]
    ('1403-H1', 'first half of 1403 · 20 March – 21 September 2024')
    """
    span = range(first_year, first_year + years)
    groups = (
        (_("Years"), [Period.year(year, calendar) for year in span]),
        (_("Halves"), [Period.half(year, n, calendar) for year in span for n in (1, 2)]),
        (_("Quarters"), [Period.quarter(year, n, calendar) for year in span for n in range(1, 5)]),
        (_("Months"), [Period.month(year, n, calendar) for year in span for n in range(1, 13)]),
    )
    return [(name, [(str(each), _both(each)) for each in periods]) for name, periods in groups]


def _both(told: Period) -> str:
    return f"{told.label(language())} · {other_days(told)}"


def period(text: str | None) -> SafeString:
    """Show a period in its own calendar, its days in the other one on hover."""
    if not text:
        return showing.nothing()
    try:
        told = Period.parse(text)
    except FigureError:
        return showing.text(text)
    return format_html('<span title="{}">{}</span>', other_days(told), told.label(language()))


def other_days(told: Period) -> str:
    """Write a period's days in the calendar that is not its own."""
    other: Calendar = "gregorian" if told.calendar == "solar_hijri" else "solar_hijri"
    return told.in_calendar(other, language())
