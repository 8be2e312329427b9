"""Periods are read from the ways people write them, and refused with a reason."""

from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from onshore.figures import FigureError, Period

WRITTEN = {
    # named periods of the Solar Hijri calendar
    "1403": "1403",
    "سال ۱۴۰۳": "1403",
    "year 1403": "1403",
    "FY1400": "1400",
    "FY 1400": "1400",
    "سال مالی ۱۴۰۰": "1400",
    "1400 ه.ش": "1400",
    "۱۴۰۳ شمسی": "1403",
    "H1 1403": "1403-H1",
    "1403H1": "1403-H1",
    "1403-H2": "1403-H2",
    "1H 1403": "1403-H1",
    "first half of 1403": "1403-H1",
    "the first half of the year 1403": "1403-H1",
    "1st half 1403": "1403-H1",
    "first six months of 1403": "1403-H1",
    "شش ماهه نخست ۱۴۰۳": "1403-H1",
    "شش‌ماهه نخست ۱۴۰۳": "1403-H1",
    "ششماهه اول سال ۱۴۰۳": "1403-H1",
    "6 ماهه دوم 1403": "1403-H2",
    "نیمه دوم ۱۴۰۲": "1402-H2",
    "نیم‌سال اول ١٤٠٢": "1402-H1",
    "1398Q1": "1398-Q1",
    "Q1 1398": "1398-Q1",
    "1Q1398": "1398-Q1",
    "first quarter of 1398": "1398-Q1",
    "سه‌ماهه اول ۱۳۹۸": "1398-Q1",
    "سه ماهه چهارم ۱۳۹۹": "1399-Q4",
    "اول سه‌ماهه ۱۳۹۹": "1399-Q1",
    "فصل دوم ۱۴۰۱": "1401-Q2",
    "بهار ۱۴۰۳": "1403-Q1",
    "spring of 1403": "1403-Q1",
    "Autumn 1403": "1403-Q3",
    "زمستان سال ۱۴۰۲": "1402-Q4",
    "پائیز ۱۴۰۲": "1402-Q3",
    "1403/1": "1403-01",
    "1403-07": "1403-07",
    "7/1403": "1403-07",
    "1402.07": "1402-07",
    "Mehr 1402": "1402-07",
    "مهر ۱۴۰۲": "1402-07",
    "مهرماه ۱۴۰۲": "1402-07",
    "مهر ماه سال 1402": "1402-07",
    "دي ۱۴۰۱": "1401-10",
    "1402 Dei": "1402-10",
    # Gregorian ones
    "2019": "2019",
    "2019 میلادی": "2019",
    "H2 2021": "2021-H2",
    "2019-Q1": "2019-Q1",
    "Q3/2021": "2021-Q3",
    "4th quarter 2020": "2020-Q4",
    "07/2024": "2024-07",
    "March 2019": "2019-03",
    "Sept. 2020": "2020-09",
    "ژانویه ۲۰۲۳": "2023-01",
    # cumulative months
    "نه ماهه ۱۴۰۳": "1403-01-01/1403-09-30",
    "first nine months of 1403": "1403-01-01/1403-09-30",
    "9M 2021": "2021-01-01/2021-09-30",
    "12 months of 1402": "1402",
    # days
    "2024-09-22": "2024-09-22",
    "1403/07/01": "1403-07-01",
    "29 Mordad 1403": "1403-05-29",
    "اول مهر ۱۴۰۲": "1402-07-01",
    "30 Esfand 1403": "1403-12-30",
    "September 22nd, 2024": "2024-09-22",
    "21/03/2019": "2019-03-21",
    "03/21/2019": "2019-03-21",
    # ranges
    "Mar 21-Jun 21, 2019": "2019-03-21/2019-06-21",
    "21 March to 21 June 2019": "2019-03-21/2019-06-21",
    "2024-03-20 to 2024-09-21": "2024-03-20/2024-09-21",
    "2024-03-20/2024-09-21": "2024-03-20/2024-09-21",
    "2019/03/21 - 2019/06/21": "2019-03-21/2019-06-21",
    "7-9 January 2023": "2023-01-07/2023-01-09",
    "January 7 to 9, 2023": "2023-01-07/2023-01-09",
    "7\u20139 January 2023": "2023-01-07/2023-01-09",
    "17-19 Dey 1401": "1401-10-17/1401-10-19",
    "۱۷ تا ۱۹ دی ۱۴۰۱": "1401-10-17/1401-10-19",
    "از ۱۴۰۳/۰۱/۰۱ تا ۱۴۰۳/۰۶/۳۱": "1403-01-01/1403-06-31",
    "Mehr-Azar 1402": "1402-07-01/1402-09-30",
    "از فروردین تا آذر ۱۴۰۳": "1403-01-01/1403-09-30",
    "Mehr 1402 - Azar 1403": "1402-07-01/1403-09-30",
    "1398 to 1399": "1398-01-01/1399-12-30",
    "1398-1399": "1398-01-01/1399-12-30",
    "2022 تا 2024": "2022-01-01/2024-12-31",
    "spring of 1403 to autumn of 1403": "1403-01-01/1403-09-30",
}


@pytest.mark.parametrize(("text", "canonical"), WRITTEN.items(), ids=range(len(WRITTEN)))
def test_a_period_is_read(text, canonical):
    assert str(Period.parse(text)) == canonical


@pytest.mark.parametrize("text", WRITTEN, ids=range(len(WRITTEN)))
def test_digits_letters_and_joiners_of_either_script_make_no_difference(text):
    arabic = text.translate(str.maketrans("یک۰۱۲۳۴۵۶۷۸۹", "يك٠١٢٣٤٥٦٧٨٩"))
    persian = text.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    loose = f"  {text.replace(chr(0x200C), ' ')} \u200f"
    assert {Period.parse(text), Period.parse(arabic), Period.parse(persian)} == {Period.parse(text)}
    assert Period.parse(loose) == Period.parse(text)


# As printed in the news articles, beside the days they say they are.
PUBLISHED = [
    ("first half of 1403", date(2024, 3, 20), date(2024, 9, 21)),
    ("first quarter of 1398", date(2019, 3, 21), date(2019, 6, 21)),
    ("first quarter of 1397", date(2018, 3, 21), date(2018, 6, 21)),
    ("1397", date(2018, 3, 21), date(2019, 3, 20)),
    ("1398", date(2019, 3, 21), date(2020, 3, 19)),
    ("1400", date(2021, 3, 21), date(2022, 3, 20)),
    ("17-19 Dey 1401", date(2023, 1, 7), date(2023, 1, 9)),
    ("29 Mordad 1403", date(2024, 8, 19), date(2024, 8, 19)),
]


@pytest.mark.parametrize(("text", "start", "end"), PUBLISHED)
def test_published_periods_have_the_published_days(text, start, end):
    period = Period.parse(text)
    assert (period.start, period.end) == (start, end)


REFUSED = {
    "31 Mehr 1403": "Mehr 1403 has 30 days",
    "۳۱ مهر ۱۴۰۳": "Its last is 30 Mehr 1403",
    "1403/7/31": "Mehr 1403 has 30 days",
    "30 Esfand 1402": "not a leap year",
    "2023-02-29": "February 2023 has 28 days",
    "13/2024": "no month 13",
    "1403/13": "no month 13",
    "1398-99": "two years in full",
    "1398 to 99": "Write 1398 to 1399",
    "H3 1403": "no half 3",
    "Q5 2019": "no quarter 5",
    "98": "four digits",
    "H1 98": "may be 1398",
    "12345": "not a year",
    "1600": "neither a Solar Hijri year",
    "spring 2024": "2024-Q1 to 2024-Q4",
    "FY2021": "fiscal year begins on different days",
    "Mehr 2024": "not a month of 2024",
    "March 1403": "not a month of 1403",
    "03/04/2019": "2019-04-03 or 2019-03-04",
    "second nine months of 1403": "do not divide the year",
    "Mher 1402": "may be the month Mehr",
    "31 Mehr": "four digits",
    "Mehr": "no year",
    "first half": "no year",
    "": "missing",
    "  ": "missing",
    "abc": "no year",
    "Dec 20 - Jan 10, 2023": "begins in 2022",
    "2024-09-21 to 2024-03-20": "ends before it begins",
    "1403 to 2025": "begins in one calendar",
    "1403 1404": "cannot|can be read",
    "to 1403": "cannot|can be read",
}


@pytest.mark.parametrize(("text", "why"), REFUSED.items())
def test_what_is_impossible_or_ambiguous_is_refused_with_the_reason(text, why):
    with pytest.raises(FigureError, match=why):
        Period.parse(text)


@pytest.mark.parametrize("text", [text for text in REFUSED if text.strip()])
def test_a_refusal_repeats_what_was_found_and_says_what_to_write(text):
    with pytest.raises(FigureError) as refusal:
        Period.parse(text)
    assert f"'{text.strip()}'" in str(refusal.value)
    assert any(step in str(refusal.value) for step in ("Write", "Its last is"))


def test_a_calendar_that_is_asked_for_is_checked():
    assert Period.parse("Mehr 1402", "solar_hijri") == Period.parse("Mehr 1402")
    assert Period.parse("2019", "gregorian") == Period.parse("2019")
    with pytest.raises(FigureError, match="not in the Gregorian"):
        Period.parse("Mehr 1402", "gregorian")
    with pytest.raises(FigureError, match="not in the Solar Hijri"):
        Period.parse("۲۰۱۹ میلادی", "solar_hijri")
    with pytest.raises(FigureError, match="not a calendar"):
        Period.parse("2019", "julian")


WORDS = [*"0123456789-/., ", "1403", "2019", "98", "H1", "Q3", "Mehr", "مهر", "March", "first"]
WORDS += ["half", "quarter", "of", "ماهه", "شش", "سه", "نخست", "تا", "to", "spring", "FY", "۱۴۰۲"]


@settings(deadline=None)
@given(st.one_of(st.text(max_size=30), st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)))
@example("𐩀 Mehr 1403")
def test_any_text_is_read_or_refused_in_words(text):
    try:
        period = Period.parse(text)
    except FigureError:
        return
    assert Period.parse(str(period)) == period
