"""Periods compare, align year on year, and keep one canonical text."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onshore.figures import FigureError, Period

calendars = st.sampled_from(["gregorian", "solar_hijri"])
YEARS = {"gregorian": (1802, 2120), "solar_hijri": (1302, 1498)}
years = calendars.flatmap(lambda c: st.tuples(st.integers(*YEARS[c]), st.just(c)))
named_periods = st.one_of(
    years.map(lambda y: Period.year(*y)),
    st.builds(lambda y, n: Period.half(y[0], n, y[1]), years, st.integers(1, 2)),
    st.builds(lambda y, n: Period.quarter(y[0], n, y[1]), years, st.integers(1, 4)),
    st.builds(lambda y, n: Period.month(y[0], n, y[1]), years, st.integers(1, 12)),
)
days = st.dates(date(1923, 4, 1), date(2119, 1, 1))
ranges = st.builds(
    lambda start, length, calendar: Period.between(start, start + timedelta(length), calendar),
    days,
    st.integers(0, 900),
    calendars,
)
periods = st.one_of(named_periods, ranges)


@settings(deadline=None)
@given(periods)
def test_the_canonical_text_reads_back(period):
    assert Period.parse(str(period)) == period


@settings(deadline=None)
@given(named_periods, st.sampled_from(["en", "fa"]))
def test_the_label_of_a_named_period_reads_back(period, locale):
    assert Period.parse(period.label(locale)) == period


@settings(deadline=None)
@given(ranges, st.sampled_from(["en", "fa"]))
def test_the_label_of_a_range_names_the_same_days(period, locale):
    read = Period.parse(period.label(locale))
    assert (read.start, read.end, read.calendar) == (period.start, period.end, period.calendar)


@settings(deadline=None)
@given(periods, calendars, st.sampled_from(["en", "fa"]))
def test_the_other_calendar_names_the_same_days(period, calendar, locale):
    if not date(1921, 3, 21) <= period.start <= period.end <= date(2122, 3, 20):
        return
    read = Period.parse(period.in_calendar(calendar, locale))
    assert (read.start, read.end, read.calendar) == (period.start, period.end, calendar)


@settings(deadline=None)
@given(named_periods)
def test_a_named_period_is_recognised_by_its_days(period):
    assert Period.between(period.start, period.end, period.calendar).named() == period


@settings(deadline=None)
@given(named_periods)
def test_the_year_before_has_the_same_name(period):
    before = period.year_before()
    assert before.kind == period.kind
    assert before.calendar == period.calendar
    assert str(before)[4:] == str(period)[4:]
    assert int(str(before)[:4]) == int(str(period)[:4]) - 1


@settings(deadline=None)
@given(ranges)
def test_a_range_a_year_earlier_is_a_year_earlier(period):
    before = period.year_before()
    assert 364 <= (period.start - before.start).days <= 367
    assert abs(before.days - period.days) <= 2


@settings(deadline=None)
@given(periods, periods)
def test_periods_are_ordered_by_their_days(a, b):
    assert (a < b) or (b < a) or a == b
    if (a.start, a.end) < (b.start, b.end):
        assert a < b


@settings(deadline=None)
@given(periods, periods)
def test_overlap_and_containment_are_those_of_the_days(a, b):
    a_days, b_days = (set(range(p.start.toordinal(), p.end.toordinal() + 1)) for p in (a, b))
    assert len(a_days) == a.days
    assert a.overlaps(b) == b.overlaps(a) == bool(a_days & b_days)
    assert a.contains(b) == (b_days <= a_days)
    assert a.contains(a.start)
    assert not a.contains(a.end + timedelta(days=1))


@settings(deadline=None)
@given(years)
def test_parts_of_a_year_follow_one_another_and_fill_it(year):
    whole = Period.year(*year)
    for make, count in ((Period.half, 2), (Period.quarter, 4), (Period.month, 12)):
        parts = [make(year[0], n, year[1]) for n in range(1, count + 1)]
        assert sum(part.days for part in parts) == whole.days
        assert all(whole.contains(part) for part in parts)
        assert parts == sorted(parts)


@pytest.mark.parametrize(
    ("period", "before"),
    [
        ("1403-H1", "1402-H1"),
        ("2024-02", "2023-02"),
        ("2024-02-01/2024-02-29", "2023-02-01/2023-02-28"),
        ("2025-02-01/2025-02-28", "2024-02-01/2024-02-29"),
        ("2024-02-29", "2023-02-28"),
        ("1403-12-01/1403-12-30", "1402-12-01/1402-12-29"),
        ("2019-03-21/2019-06-21", "2018-03-21/2018-06-21"),
        ("2023-12-20/2024-01-10", "2022-12-20/2023-01-10"),
    ],
)
def test_year_on_year(period, before):
    assert str(Period.parse(period).year_before()) == before


@pytest.mark.parametrize(
    ("period", "en", "fa"),
    [
        ("1403", "1403", "۱۴۰۳"),
        ("1403-H1", "first half of 1403", "شش‌ماهه نخست ۱۴۰۳"),
        ("1398-Q1", "first quarter of 1398", "سه‌ماهه نخست ۱۳۹۸"),
        ("1402-07", "Mehr 1402", "مهر ۱۴۰۲"),
        ("2019-03-21/2019-06-21", "21 March – 21 June 2019", "۲۱ مارس تا ۲۱ ژوئن ۲۰۱۹"),
        ("2023-01-07/2023-01-09", "7–9 January 2023", "۷ تا ۹ ژانویه ۲۰۲۳"),
        (
            "2022-12-30/2023-01-09",
            "30 December 2022 – 9 January 2023",
            "۳۰ دسامبر ۲۰۲۲ تا ۹ ژانویه ۲۰۲۳",
        ),
        ("1403-01-01/1403-09-30", "Farvardin – Azar 1403", "فروردین تا آذر ۱۴۰۳"),
        ("1403-01-01/1403-06-31", "first half of 1403", "شش‌ماهه نخست ۱۴۰۳"),
        ("2024-03-01/2024-03-31", "March 2024", "مارس ۲۰۲۴"),
        ("1398-01-01/1399-12-30", "1398 – 1399", "۱۳۹۸ تا ۱۳۹۹"),
        ("2024-09-22", "22 September 2024", "۲۲ سپتامبر ۲۰۲۴"),
    ],
)
def test_labels(period, en, fa):
    assert Period.parse(period).label("en") == en
    assert Period.parse(period).label("fa") == fa


def test_the_same_days_have_a_name_in_the_other_calendar():
    assert Period.parse("2024-03-20 to 2024-09-21").in_calendar("solar_hijri") == (
        "first half of 1403"
    )
    assert Period.parse("1398Q1").in_calendar("gregorian", "fa") == "۲۱ مارس تا ۲۱ ژوئن ۲۰۱۹"
    with pytest.raises(FigureError, match="1178 to 1501"):
        Period.parse("2190").in_calendar("solar_hijri")


@pytest.mark.parametrize(
    ("start", "end", "calendar", "kind", "why"),
    [
        (date(2024, 2, 1), date(2024, 1, 1), "gregorian", "range", "before it begins"),
        (date(2024, 1, 1), date(2024, 1, 30), "gregorian", "month", "not a month"),
        (date(2024, 2, 1), date(2024, 4, 30), "gregorian", "quarter", "not a quarter"),
        (date(2024, 3, 20), date(2024, 9, 21), "gregorian", "half", "not a half"),
        (date(2024, 1, 1), date(2024, 1, 1), "julian", "range", "not a calendar"),
        (date(2024, 1, 1), date(2024, 1, 7), "gregorian", "week", "not a kind"),
        (date(1700, 1, 1), date(1700, 1, 7), "gregorian", "range", "1800 to 2200"),
        (date(1900, 1, 1), date(1900, 1, 7), "solar_hijri", "range", "1300 to 1500"),
    ],
)
def test_a_period_that_is_none_is_refused(start, end, calendar, kind, why):
    with pytest.raises(FigureError, match=why):
        Period(start, end, calendar, kind)


def test_there_is_no_year_before_the_first():
    for first in ("1300", "1300-Q2", "1800", "1800-01-05/1800-02-07"):
        with pytest.raises(FigureError, match="Write one from"):
            Period.parse(first).year_before()
    with pytest.raises(FigureError, match="quarter from 1 to 4"):
        Period.quarter(1403, 5)
