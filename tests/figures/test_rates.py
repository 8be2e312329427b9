"""Exchange rates convert only by a named type and a day, and say what is missing."""

import cProfile
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onshore.figures import FigureError, MissingRate, Money, RateTable

SCHEMA = {
    "base": pl.String,
    "quote": pl.String,
    "date": pl.Date,
    "until": pl.Date,
    "rate": pl.Decimal(38, 6),
    "rate_type": pl.String,
    "source": pl.String,
    "illustrative": pl.Boolean,
}


def table(*rows):
    """Rates from (base, quote, first day, last day, rate, type)."""
    full = [
        (
            base,
            quote,
            first,
            last,
            Decimal(str(rate)),
            kind,
            f"source of {kind}",
            kind != "official",
        )
        for base, quote, first, last, rate, kind in rows
    ]
    return RateTable(pl.DataFrame(full, schema=SCHEMA, orient="row"))


AUGUST = date(2020, 8, 1)
RATES = table(
    ("USD", "IRR", date(2018, 4, 10), date(2022, 12, 31), 42000, "official"),
    ("USD", "IRR", AUGUST, None, 215000, "market"),
    ("USD", "IRR", date(2020, 8, 10), None, 225000, "market"),
    ("EUR", "USD", AUGUST, date(2020, 8, 31), "1.18", "official"),
    ("EUR", "IRR", AUGUST, None, 255000, "market"),
)
FORTY_TRILLION = Money.parse("40 trillion IRR")


def test_forty_trillion_rial_is_shown_at_each_rate_type():
    shown = RATES.at_each_type(FORTY_TRILLION, "USD", on=date(2020, 8, 5))
    assert shown.columns == [
        "rate_type", "rate", "pair", "date", "amount", "currency", "source", "illustrative",
    ]  # fmt: skip
    amounts = dict(zip(shown["rate_type"], shown["amount"], strict=True))
    assert amounts == {
        "market": Decimal("186046511.627907"),
        "official": Decimal("952380952.380952"),  # published as 952 million USD
    }
    assert shown["illustrative"].to_list() == [True, False]


@pytest.mark.parametrize("rate_type", ["", None, "parallel"])
def test_without_a_rate_type_of_the_table_nothing_is_converted(rate_type):
    with pytest.raises(MissingRate, match="market, official"):
        RATES.convert(FORTY_TRILLION, "USD", on=AUGUST, rate_type=rate_type)


def test_date_and_type_have_to_be_given():
    with pytest.raises(TypeError):
        RATES.convert(FORTY_TRILLION, "USD")
    with pytest.raises(MissingRate, match="needs a day"):
        RATES.convert(FORTY_TRILLION, "USD", on=None, rate_type="official")


def test_a_missing_rate_says_what_is_there_and_what_to_do():
    with pytest.raises(MissingRate) as refusal:
        RATES.find("USD", "IRR", on=date(2020, 10, 1), rate_type="market")
    message = str(refusal.value)
    assert "no 'market' rate from USD to IRR on 2020-10-01" in message
    assert "market from 2020-08-01 to 2020-09-09" in message
    assert "official, which has one on this day" in message
    with pytest.raises(MissingRate, match="no rate between CNY and USD"):
        RATES.find("CNY", "USD", on=AUGUST, rate_type="official")
    with pytest.raises(MissingRate, match="no rate of any type"):
        RATES.at_each_type(FORTY_TRILLION, "CNY", on=AUGUST)


@pytest.mark.parametrize(
    ("day", "rate"),
    [
        (date(2020, 7, 31), None),
        (AUGUST, 215000),
        (date(2020, 8, 9), 215000),
        (date(2020, 8, 10), 225000),
        (date(2020, 9, 9), 225000),  # its 31st day
        (date(2020, 9, 10), None),
    ],
)
def test_a_rate_holds_until_the_next_and_at_most_31_days(day, rate):
    if rate is None:
        with pytest.raises(MissingRate):
            RATES.find("USD", "IRR", on=day, rate_type="market")
    else:
        assert RATES.find("USD", "IRR", on=day, rate_type="market").rate == rate


def test_a_rate_with_a_last_day_holds_as_long_as_it_says():
    assert RATES.find("USD", "IRR", on=date(2022, 12, 31), rate_type="official").rate == 42000
    with pytest.raises(MissingRate):
        RATES.find("USD", "IRR", on=date(2023, 1, 1), rate_type="official")


def test_inverse_and_chain_are_recorded():
    inverse = RATES.find("IRR", "USD", on=AUGUST, rate_type="official")
    assert (inverse.path, inverse.factor) == ("1 ÷ USD/IRR", Fraction(1, 42000))
    chain = RATES.find("EUR", "IRR", on=AUGUST, rate_type="official")
    assert (chain.path, chain.rate) == ("EUR/USD × USD/IRR", Decimal("49560.00"))
    assert chain.date == AUGUST  # it did not hold before its later part did
    back = RATES.find("IRR", "EUR", on=AUGUST, rate_type="official")
    assert back.path == "1 ÷ USD/IRR × 1 ÷ EUR/USD"
    assert back.factor * chain.factor == 1
    own = RATES.find("EUR", "IRR", on=AUGUST, rate_type="market")
    assert (own.path, own.rate, own.illustrative) == ("EUR/IRR", 255000, True)


@pytest.mark.parametrize(("base", "quote"), [("USD", "IRR"), ("IRR", "USD")])
def test_a_rate_keeps_the_number_and_the_way_in_which_it_was_published(base, quote):
    found = RATES.find(base, quote, on=AUGUST, rate_type="official")
    assert (str(found.published), found.pair) == ("42000", "USD/IRR")
    shown = RATES.at_each_type(Money.parse(f"1000000 {base}"), quote, on=date(2020, 8, 10))
    told = {
        kind: (rate, pair) for kind, rate, pair in shown.select("rate_type", "rate", "pair").rows()
    }
    assert told == {"official": (42000, "USD/IRR"), "market": (225000, "USD/IRR")}


def test_a_chain_is_told_the_way_in_which_it_is_the_larger_number():
    for base, quote in (("EUR", "IRR"), ("IRR", "EUR")):
        chain = RATES.find(base, quote, on=AUGUST, rate_type="official")
        assert (chain.published, chain.pair) == (Decimal("49560"), "EUR/IRR")


def test_types_are_never_mixed_in_a_chain():
    with pytest.raises(MissingRate):  # EUR/USD is official only, USD/EUR by market would need it
        table(
            ("USD", "IRR", AUGUST, None, 215000, "market"),
            ("EUR", "USD", AUGUST, None, "1.18", "official"),
        ).find("EUR", "IRR", on=AUGUST, rate_type="market")


def test_of_several_chains_the_one_whose_older_rate_is_newest_is_taken():
    rates = table(
        ("EUR", "AED", date(2020, 8, 1), None, 4, "market"),
        ("AED", "IRR", date(2020, 8, 6), None, 60000, "market"),
        ("EUR", "USD", date(2020, 8, 5), None, "1.2", "market"),
        ("USD", "IRR", date(2020, 8, 4), None, 220000, "market"),
    )
    found = rates.find("EUR", "IRR", on=date(2020, 8, 10), rate_type="market")
    assert found.path == "EUR/USD × USD/IRR"
    assert found.date == date(2020, 8, 5)


def test_one_currency_needs_no_rate():
    money = Money.parse("5 EUR")
    assert RATES.convert(money, "EUR", on=date(1900, 1, 1), rate_type="market") == money
    empty = RateTable(pl.DataFrame(schema=SCHEMA))
    assert empty.convert(money, "EUR", on=AUGUST, rate_type="official") == money
    with pytest.raises(MissingRate, match="It has: none"):
        empty.convert(money, "USD", on=AUGUST, rate_type="official")


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (("USD", "IRR", AUGUST, None, 1, "market"), "given twice"),
        (("USD", "IRR", date(2020, 7, 1), AUGUST, 1, "market"), "still holds when the next"),
        (("USD", "IRR", AUGUST, date(2020, 7, 1), 1, "other"), "ends before it begins"),
        (("USD", "IRR", AUGUST, None, 0, "other"), "not positive"),
        (("USD", "IRR", None, None, 1, "other"), "not complete"),
        (("USD", "USD", AUGUST, None, 1, "other"), "a currency and itself"),
        (("USD", "TOM", AUGUST, None, 1, "other"), "not a currency"),
    ],
)
def test_rates_that_cannot_be_used_are_named(row, why):
    with pytest.raises(FigureError, match=why):
        table(("USD", "IRR", AUGUST, None, 215000, "market"), row)


def test_a_table_without_its_columns_is_refused():
    with pytest.raises(FigureError, match="lacks the columns rate"):
        RateTable(pl.DataFrame(schema=SCHEMA).drop("rate"))


# Columns ----------------------------------------------------------------------------------

currencies = st.sampled_from(["USD", "EUR", "IRR"])
in_august = st.dates(AUGUST, date(2020, 8, 31))
rows = st.lists(
    st.tuples(
        st.one_of(
            st.none(), st.decimals(Decimal("-1e14"), Decimal("1e14"), places=6, allow_nan=False)
        ),
        currencies,
        in_august,
    ),
    max_size=20,
)
FRAME = {"amount": pl.Decimal(38, 6), "currency": pl.String, "on": pl.Date}


@settings(deadline=None)
@given(rows, currencies, st.sampled_from(["official", "market"]))
def test_a_column_is_converted_as_its_single_amounts_are(rows, to, rate_type):
    frame = pl.DataFrame(rows, schema=FRAME, orient="row")
    out = RATES.convert_column(
        frame, amount="amount", currency="currency", on="on", to=to, rate_type=rate_type, out="out"
    )
    expected = [
        None
        if amount is None
        else RATES.convert(Money(amount, currency), to, on=on, rate_type=rate_type).amount
        for amount, currency, on in rows
    ]
    assert out["out"].to_list() == expected
    assert out["out"].dtype == pl.Decimal(38, 6)
    assert out.drop("out").equals(frame)


def test_a_column_too_wide_for_machine_integers_is_still_exact():
    amount = Decimal("99999999999999999999999.123456")
    frame = pl.DataFrame([(amount, "IRR", AUGUST)], schema=FRAME, orient="row")
    out = RATES.convert_column(
        frame, amount="amount", currency="currency", on="on", to="EUR", rate_type="official",
        out="out",
    )["out"][0]  # fmt: skip
    exact = Fraction(amount) / 42000 / Fraction("1.18")
    assert abs(Fraction(out) - exact) <= Fraction(1, 2 * 10**6)


def test_every_missing_pair_and_day_of_a_column_is_listed():
    rows = [
        (Decimal(1), "USD", date(2024, 1, 1)),
        (Decimal(1), "USD", date(2024, 1, 2)),
        (Decimal(1), "USD", AUGUST),
        (Decimal(1), "CNY", date(2024, 3, 5)),
        (None, "RUB", date(2024, 3, 5)),
    ]
    frame = pl.DataFrame(rows, schema=FRAME, orient="row")
    with pytest.raises(MissingRate) as refusal:
        RATES.convert_column(
            frame, amount="amount", currency="currency", on="on", to="IRR", rate_type="official",
            out="out",
        )  # fmt: skip
    message = str(refusal.value)
    assert "from USD to IRR on 2024-01-01 to 2024-01-02" in message
    assert "from CNY to IRR on 2024-03-05" in message
    assert "RUB" not in message
    assert "on 2020-08-01" not in message


@pytest.mark.parametrize("row", [(Decimal(1), None, AUGUST), (Decimal(1), "USD", None)])
def test_an_amount_without_currency_or_day_is_refused(row):
    frame = pl.DataFrame([row], schema=FRAME, orient="row")
    with pytest.raises(FigureError, match="1 of 1 rows"):
        RATES.convert_column(
            frame, amount="amount", currency="currency", on="on", to="IRR", rate_type="official",
            out="out",
        )  # fmt: skip


def test_an_empty_table_and_a_table_of_one_currency_need_no_rates():
    for rows in ([], [(Decimal("1.5"), "IRR", None)]):
        frame = pl.DataFrame(rows, schema=FRAME, orient="row")
        out = RATES.convert_column(
            frame, amount="amount", currency="currency", on="on", to="IRR", rate_type="none",
            out="out",
        )  # fmt: skip
        assert out["out"].to_list() == [row[0] for row in rows]


def test_a_column_of_integers_is_converted():
    frame = pl.DataFrame({"a": [84000], "c": ["IRR"], "on": [AUGUST]})
    out = RATES.convert_column(
        frame, amount="a", currency="c", on="on", to="USD", rate_type="official", out="a"
    )
    assert out["a"].to_list() == [Decimal(2)]


def test_half_a_million_rows_are_converted_as_columns():
    days = [AUGUST + timedelta(days=n % 31) for n in range(500_000)]
    frame = pl.DataFrame({"on": days}).with_columns(
        amount=pl.int_range(pl.len()).cast(pl.Decimal(38, 6)),
        currency=pl.when(pl.int_range(pl.len()) % 2 == 0)
        .then(pl.lit("USD"))
        .otherwise(pl.lit("EUR")),
    )
    with cProfile.Profile() as steps:
        out = RATES.convert_column(
            frame, amount="amount", currency="currency", on="on", to="IRR", rate_type="official",
            out="out",
        )  # fmt: skip
    assert sum(step.callcount for step in steps.getstats()) < 20_000
    for row in (0, 31, 499_999):
        day, amount, currency = frame.row(row)
        alone = RATES.convert(Money(amount, currency), "IRR", on=day, rate_type="official")
        assert out["out"][row] == pytest.approx(alone.amount)
