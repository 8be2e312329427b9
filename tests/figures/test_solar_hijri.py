"""The Solar Hijri calendar against three independent implementations, day by day."""

from datetime import date, timedelta

import jdatetime
import polars as pl
import pytest
from convertdate import persian
from hypothesis import given, settings
from hypothesis import strategies as st
from persiantools.jdatetime import JalaliDate

from onshore.figures import FigureError, solar_hijri

FIRST, LAST = date(1921, 3, 21), date(2122, 3, 20)  # 1 Farvardin 1300 to 29 Esfand 1500
DAYS = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]


def by_persiantools(day):
    found = JalaliDate(day)
    return found.year, found.month, found.day


def by_jdatetime(day):
    found = jdatetime.date.fromgregorian(date=day)
    return found.year, found.month, found.day


@pytest.mark.parametrize("peer", [by_persiantools, by_jdatetime])
def test_every_day_of_1300_to_1500_agrees_with_a_peer(peer):
    assert [solar_hijri.from_gregorian(day) for day in DAYS] == [peer(day) for day in DAYS]


@pytest.mark.slow
def test_every_year_of_1300_to_1501_begins_as_the_astronomical_calendar_does():
    for year in range(1300, 1502):  # convertdate computes each equinox
        first = date(*persian.to_gregorian(year, 1, 1))
        assert solar_hijri.to_gregorian(year, 1, 1) == first


def test_every_day_comes_back():
    for day in DAYS:
        assert solar_hijri.to_gregorian(*solar_hijri.from_gregorian(day)) == day


def test_columns_agree_with_single_days():
    frame = (
        pl.DataFrame({"on": DAYS})
        .with_columns(solar_hijri.from_gregorian_columns("on").alias("there"))
        .unnest("there")
        .with_columns(solar_hijri.to_gregorian_columns("year", "month", "day").alias("back"))
    )
    assert frame["back"].equals(frame["on"], check_names=False)
    there = list(frame.select("year", "month", "day").iter_rows())
    assert there == [solar_hijri.from_gregorian(day) for day in DAYS]


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.integers(-10, 2500)),
            st.one_of(st.none(), st.integers(-1, 14)),
            st.one_of(st.none(), st.integers(-1, 33)),
        ),
        min_size=1,
    )
)
def test_a_column_gives_null_exactly_where_there_is_no_such_day(parts):
    def single(year, month, day):
        if None in (year, month, day):
            return None
        try:
            return solar_hijri.to_gregorian(year, month, day)
        except FigureError:
            return None

    schema = {"y": pl.Int64, "m": pl.Int64, "d": pl.Int64}
    frame = pl.DataFrame(parts, schema=schema, orient="row")
    dates = frame.select(solar_hijri.to_gregorian_columns("y", "m", "d").alias("on"))["on"]
    assert dates.dtype == pl.Date
    assert dates.to_list() == [single(*row) for row in parts]


def test_a_column_of_dates_outside_the_span_gives_nulls():
    frame = pl.DataFrame({"on": [date(1799, 3, 20), date(1799, 3, 21), date(2123, 3, 21), None]})
    parts = frame.select(solar_hijri.from_gregorian_columns("on").alias("s")).unnest("s")
    assert parts.rows() == [(None,) * 3, (1178, 1, 1), (None,) * 3, (None,) * 3]


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ((1403, 7, 31), "Mehr 1403 has 30 days"),
        ((1402, 12, 30), "not a leap year"),
        ((1403, 13, 1), "no month 13"),
        ((1403, 1, 0), "Farvardin 1403 has 31 days"),
        ((1600, 1, 1), "1178 to 1501"),
    ],
)
def test_an_impossible_day_is_refused_with_the_reason(parts, why):
    with pytest.raises(FigureError, match=why):
        solar_hijri.to_gregorian(*parts)


@pytest.mark.parametrize("day", [date(1799, 3, 20), date(2123, 3, 21), date(2150, 1, 1)])
def test_a_day_outside_the_span_is_refused(day):
    with pytest.raises(FigureError, match="outside the span"):
        solar_hijri.from_gregorian(day)


def test_month_names_are_those_of_a_peer():
    for month in range(1, 13):
        assert solar_hijri.month_name(month, "en") == JalaliDate(1403, month, 1).strftime("%B")
        persian_name = JalaliDate(1403, month, 1, locale="fa").strftime("%B")
        assert solar_hijri.month_name(month, "fa") == persian_name
