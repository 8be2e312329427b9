"""How figures are shown in English and Persian."""

import re
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from babel.dates import format_date
from hypothesis import given, settings
from hypothesis import strategies as st
from persiantools.jdatetime import JalaliDate

from onshore.figures import FigureError, Money, Quantity, parse_number, shown

THIN, MINUS, LRM, NBSP = "\u202f", "\u2212", "\u200e", "\u00a0"


@pytest.mark.parametrize(
    ("value", "decimals", "en", "fa"),
    [
        (0, None, "0", "۰"),
        (1045, None, f"1{THIN}045", "۱٬۰۴۵"),
        (Decimal("-1234567.50"), None, f"{MINUS}1{THIN}234{THIN}567.5", f"{LRM}{MINUS}۱٬۲۳۴٬۵۶۷٫۵"),
        (Decimal("1E+21"), 0, THIN.join(["1"] + ["000"] * 7), "٬".join(["۱"] + ["۰۰۰"] * 7)),
        (1e-7, 2, "0.00", "۰٫۰۰"),
        (1e-7, None, "0.0000001", "۰٫۰۰۰۰۰۰۱"),
        (-0.004, 2, "0.00", "۰٫۰۰"),
        (0.5, 0, "1", "۱"),
        (-2.5, 0, f"{MINUS}3", f"{LRM}{MINUS}۳"),
        (0.1 + 0.2, 2, "0.30", "۰٫۳۰"),
        (2.675, 2, "2.68", "۲٫۶۸"),
        (Fraction(1, 3), None, "0.333333", "۰٫۳۳۳۳۳۳"),
        (999.9996, 3, f"1{THIN}000.000", "۱٬۰۰۰٫۰۰۰"),
    ],
)
def test_numbers(value, decimals, en, fa):
    assert shown.number(value, "en", decimals) == en
    assert shown.number(value, "fa", decimals) == fa


@settings(deadline=None)
@given(
    st.one_of(
        st.decimals(Decimal("-1e20"), Decimal("1e20"), allow_nan=False),
        st.floats(-1e300, 1e300, allow_nan=False),
        st.integers(),
    ),
    st.one_of(st.none(), st.integers(0, 8)),
    st.sampled_from(["en", "fa"]),
)
def test_a_number_as_shown_reads_back_and_is_never_scientific(value, decimals, locale):
    text = shown.number(value, locale, decimals)
    assert not re.search("[eE]", text)
    exact = Fraction(str(value)) if isinstance(value, float) else Fraction(value)
    tolerance = 0 if decimals is None else Fraction(1, 2 * 10**decimals)
    assert abs(Fraction(parse_number(text)) - exact) <= tolerance


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), Decimal("NaN"), Decimal("-Infinity")]
)
def test_what_is_not_finite_is_not_shown(value):
    with pytest.raises(FigureError, match="finite"):
        shown.number(value, "en")


def test_signed_numbers():
    assert shown.signed(12, "en") == "+12"
    assert shown.signed(12, "fa") == f"{LRM}+۱۲"
    assert shown.signed(-12, "en") == f"{MINUS}12"
    assert shown.signed(0, "en") == "0"
    assert shown.signed(Decimal("0.2"), "en", 0) == "0"


def test_percents():
    assert shown.percent(0.12, "en") == "12%"
    assert shown.percent(Decimal("-0.2314"), "en", 1) == f"{MINUS}23.1%"
    assert shown.percent(1, "fa") == "\u2066۱۰۰٪\u2069"
    assert shown.percent(Decimal("-0.231"), "fa", 1) == f"\u2066{MINUS}۲۳٫۱٪\u2069"
    assert shown.percent(0.07, "en", 1) == "7.0%"


def test_signed_percents_stand_in_one_order():
    assert shown.signed_percent(0.12, "en") == "+12%"
    assert shown.signed_percent(0.12, "fa") == "\u2066+۱۲٪\u2069"
    assert shown.signed_percent(-0.2314, "fa", 1) == f"\u2066{MINUS}۲۳٫۱٪\u2069"
    assert shown.signed_percent(0, "fa") == "\u2066۰٪\u2069"


def test_money():
    forty = Money.parse("40 trillion IRR")
    assert shown.money(forty, "en") == THIN.join(["40", "000", "000", "000", "000"]) + f"{NBSP}IRR"
    assert shown.money(forty, "en", scale="trillion") == f"40{NBSP}trillion{NBSP}IRR"
    assert shown.money(forty, "fa", scale="trillion") == f"۴۰{NBSP}هزار میلیارد{NBSP}ریال ایران"
    saved = Money.parse("1.0454 billion EUR")
    assert shown.money(saved, "en", scale="million") == f"1{THIN}045{NBSP}million{NBSP}EUR"
    assert shown.money(saved, "fa", 1, "million") == f"۱٬۰۴۵٫۴{NBSP}میلیون{NBSP}یورو"
    with pytest.raises(FigureError, match="thousand, million"):
        shown.money(saved, "en", scale="lakh")


def test_quantities():
    copper = Quantity.parse("145,000 t")
    assert shown.quantity(copper, "en") == f"145{THIN}000{NBSP}t"
    assert shown.quantity(copper, "fa") == f"۱۴۵٬۰۰۰{NBSP}تن"
    assert shown.quantity(Quantity.parse("2 rolls"), "en") == f"2{NBSP}roll"


def test_dates_in_both_calendars():
    day = date(2024, 9, 22)
    assert shown.both_calendars(day, "en") == "2024-09-22 · 1 Mehr 1403"
    assert shown.both_calendars(day, "fa") == "۱ مهر ۱۴۰۳ · ۲۲ سپتامبر ۲۰۲۴"
    with pytest.raises(FigureError, match="not a calendar"):
        shown.day(day, "en", "julian")


@settings(deadline=None)
@given(st.dates(date(1921, 3, 21), date(2122, 3, 20)))
def test_dates_are_those_of_peers(day):
    peer = JalaliDate(day)
    assert shown.day(day, "en", "solar_hijri") == f"{peer.day} {peer.strftime('%B')} {peer.year}"
    persian = format_date(day, "d LLLL y", locale="fa")
    assert shown.day(day, "fa", "gregorian") == persian.translate(
        str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
    )


def test_an_unknown_language_is_refused():
    for show in (
        lambda: shown.number(1, "ru"),
        lambda: shown.money(Money.parse("1 EUR"), "de"),
        lambda: shown.day(date(2024, 1, 1), "ru"),
    ):
        with pytest.raises(FigureError, match="en or fa"):
            show()


def test_digits_and_isolation():
    assert shown.digits("1403-H1", "fa") == "۱۴۰۳-H۱"
    assert shown.digits("1403-H1", "en") == "1403-H1"
    assert shown.isolate("6205-2RS") == "\u20686205-2RS\u2069"
