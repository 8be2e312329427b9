"""Sums, wholes, indices and vintages: published figures, and identities of any series."""

from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from observed_series import observed

from onshore.figures import MissingRate, Period, RateTable
from onshore.series import (
    SeriesError,
    aggregate,
    as_of,
    change_on,
    check_observations,
    cumulative,
    growth,
    growth_with_wholes,
    in_unit,
    rebased,
    revisions,
    with_whole,
)

STEEL = [
    ("1398-Q1", "0.758", {"product": "steel products"}),
    (
        "1398-Q1",
        "20",
        {
            "product": "steel products",
            "indicator": "exports, growth as stated",
            "unit": "percent",
        },
    ),
    ("1398-Q1", "1.425", {"product": "steel ingots"}),
    ("1397-Q1", "1.854", {"product": "steel ingots"}),
]


def steel(**same):
    rows = [(period, value, more) for period, value, more in STEEL]
    return observed(rows, **({"indicator": "exports", "unit": "million t"} | same))


def rates():
    return RateTable(
        pl.DataFrame(
            {
                "base": ["EUR"],
                "quote": ["USD"],
                "date": [date(2020, 8, 1)],
                "until": [date(2020, 8, 31)],
                "rate": [Decimal("1.18")],
                "rate_type": ["market"],
                "source": ["test"],
                "illustrative": [True],
            }
        )
    )


def test_a_products_growth_stands_beside_the_fall_of_its_whole():
    # IMIDRO: +20 % of products; with ingots 2.183 against 0.631667 + 1.854 million t.
    shown = with_whole(
        steel(), period="1398-Q1", indicator="exports", parts=["steel products", "steel ingots"]
    )
    assert shown["growth"].round(3).to_list() == [0.2, -0.231, -0.122]
    assert shown["value_before"].to_list()[0] == Decimal("0.631667")
    assert shown["before_is"].to_list() == ["implied", "observed", "implied"]
    assert shown["contribution"][:2].sum() == pytest.approx(shown["growth"][2])


def test_growth_names_the_whole_that_a_product_is_part_of():
    found = growth_with_wholes(steel(part_of="steel and ingots"))
    assert found["whole_growth"].round(3).to_list() == [-0.122, -0.122, None]
    assert found["stated_growth"].to_list() == [pytest.approx(0.2), None, None]
    assert found["whole_reason"][2] == "Not observed in the period: steel products. Add it."
    alone = growth_with_wholes(steel())
    assert alone["whole_reason"].str.contains("part_of").all()


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        (["steel ingots", "steel ingots"], "Listed twice among the parts: steel ingots"),
        (["steel ingots", "copper"], "exports of copper is not observed in 1398-Q1"),
    ],
)
def test_a_whole_of_wrong_parts_is_refused(parts, said):
    with pytest.raises(SeriesError, match=said):
        with_whole(steel(), period="1398-Q1", indicator="exports", parts=parts)


def test_a_part_without_its_year_before_is_refused():
    lacking = steel().filter(pl.col("unit") != "percent")
    with pytest.raises(SeriesError, match=r"no year before 1398-Q1.*growth as stated"):
        with_whole(
            lacking, period="1398-Q1", indicator="exports", parts=["steel products", "steel ingots"]
        )


def test_units_convert_and_others_are_named():
    mixed = observed(
        [
            ("1398", 2, {"product": "a", "unit": "kt"}),
            ("1398", 500, {"product": "b"}),
            ("1398", 3, {"product": "c", "unit": "cars"}),
        ]
    )
    whole = aggregate(mixed[:2], over="product", unit="t")
    assert whole.select("value", "parts", "of").row(0) == (Decimal(2500), 2, "a; b")
    with pytest.raises(SeriesError, match=r"Units are mixed: O0 \(2.000000 kt\), O1"):
        aggregate(mixed[:2], over="product")
    with pytest.raises(SeriesError, match=r"Not told in t: O2 \(3.000000 cars\)"):
        aggregate(mixed, over="product", unit="t")


def test_money_is_added_up_only_by_a_rate_with_its_day_and_type():
    money = observed(
        [
            ("2019", 100, {"product": "a", "unit": "million EUR"}),
            ("2019", 1, {"product": "b", "unit": "billion USD"}),
        ]
    )
    with pytest.raises(SeriesError, match="Currencies differ: O0"):
        aggregate(money, over="product", unit="million USD")
    day = date(2020, 8, 20)
    by = {"rates": rates(), "on": day, "rate_type": "market"}
    assert aggregate(money, over="product", unit="million USD", **by)["value"][0] == 1118
    with pytest.raises(MissingRate):
        aggregate(money, over="product", unit="million USD", **(by | {"rate_type": "official"}))


def test_what_cannot_be_a_part_is_refused():
    with pytest.raises(SeriesError, match=r"A whole stands among its parts.*O1"):
        aggregate(observed([("1398", 1), ("1398", 2, {"product": None})]), over="product")
    with pytest.raises(SeriesError, match="Shares and indices do not add up: O0"):
        aggregate(observed({"1398": 12}, unit="percent"), over="product")
    twice = observed([("1398", 1), ("1398", 2, {"unit": "kt"})])
    with pytest.raises(SeriesError, match=r"A part is listed twice: O0.*O1"):
        aggregate(twice, over="product", unit="t")


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.tuples(st.sampled_from("abcd"), st.sampled_from(["1397", "1398", "1398-Q1"])),
        st.tuples(
            st.decimals(-1000, 1000, places=3), st.sampled_from(["kg", "t", "kt", "million t"])
        ),
        min_size=1,
    )
)
def test_parts_sum_to_their_whole(values):
    rows = [
        (period, value, {"product": product, "unit": unit})
        for (product, period), (value, unit) in values.items()
    ]
    table = observed(rows)
    whole = aggregate(table, over="product", unit="kg")
    parts = in_unit(table, "kg").group_by("period").agg(pl.col("value").sum())
    assert dict(whole.select("period", "value").rows()) == dict(parts.rows())
    size = {"kg": 1, "t": 10**3, "kt": 10**6, "million t": 10**9}
    for period, value in whole.select("period", "value").rows():
        exact = sum(v * size[u] for (_, p), (v, u) in values.items() if p == period)
        assert value == exact
    back = in_unit(in_unit(table, "kg"), "kg")
    assert back["value"].to_list() == in_unit(table, "kg")["value"].to_list()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 10**6), min_size=2, max_size=12))
def test_contributions_sum_to_the_growth_of_the_whole(numbers):
    half = len(numbers) // 2
    rows = [
        (year, value, {"product": f"p{n % half}"})
        for n, (year, value) in enumerate(
            [("1397", v) for v in numbers[:half]] + [("1398", v) for v in numbers[half : 2 * half]]
        )
    ]
    parts = [f"p{n}" for n in range(half)]
    table = observed(rows, part_of="all")
    beside = growth_with_wholes(table).filter(pl.col("period") == "1398")
    shown = with_whole(table, period="1398", indicator="production", parts=parts)
    for name in ("value", "value_before", "change"):
        assert shown[name][:-1].sum() == shown[name][-1]
    assert shown["contribution"][:-1].sum() == pytest.approx(shown["growth"][-1])
    assert beside["whole_growth"].to_list() == pytest.approx([shown["growth"][-1]] * half)
    assert sorted(beside["contribution"]) == pytest.approx(sorted(shown["contribution"][:-1]))
    assert shown["share"][:-1].sum() == pytest.approx(1)


YEARS = st.lists(st.integers(-1000, 1000), min_size=1, max_size=8)


@given(YEARS)
def test_cumulative_equals_the_sum_of_annuals(values):
    table = observed({str(1390 + n): value for n, value in enumerate(values)})
    found = cumulative(table, since="first")["to_date"].to_list()
    assert found == [sum(values[: n + 1]) for n in range(len(values))]


@given(
    st.lists(st.integers(0, 1000), min_size=1, max_size=40),
    st.sampled_from([("-Q{}", 4), ("-H{}", 2), ("-{:02}", 12)]),
    st.sampled_from([1390, 2015]),
)
def test_to_date_adds_up_the_year_and_stands_beside_the_year_before(values, kind, first):
    form, steps = kind
    names = [f"{first + n // steps}{form.format(n % steps + 1)}" for n in range(len(values))]
    found = cumulative(observed(dict(zip(names, values, strict=True))))
    for n, row in enumerate(found.to_dicts()):
        start = n - n % steps
        assert row["period"] == names[n]
        assert row["to_date"] == sum(values[start : n + 1])
        before = sum(values[start - steps : n - steps + 1]) if n >= steps else None
        assert row["to_date_before"] == before


def test_what_cannot_be_cumulated_says_why():
    quarters = observed({"1402-Q1": 1, "1402-Q3": 1, "2023-10-01/2024-09-30": 4})
    reasons = cumulative(quarters)["reason"].to_list()
    assert reasons[0] is None
    assert reasons[1] == "A period before it is not observed: 1402-Q2. Add it."
    assert "straddles two years" in reasons[2]
    levels = cumulative(observed({"1402": 30}, unit="million t per year"))
    assert "do not add up" in levels["reason"][0]


@given(
    st.lists(st.integers(1, 10**6), min_size=2, max_size=8),
    st.integers(0, 7),
)
def test_rebasing_keeps_growth(values, base):
    names = [str(1390 + n) for n in range(len(values))]
    table = observed(dict(zip(names, values, strict=True)))
    index = rebased(table, names[base % len(names)])
    assert index["index"][base % len(names)] == pytest.approx(100)
    ratios = (index["index"] / index["index"].shift(1) - 1).to_list()[1:]
    assert ratios == pytest.approx(growth(table)["growth"].to_list()[1:])


def test_a_base_year_of_quarters_is_their_mean_and_a_missing_base_is_refused():
    quarters = observed({"1397-Q1": 1, "1397-Q2": 2, "1397-Q3": 3, "1397-Q4": 6, "1398-Q1": 6})
    assert rebased(quarters, "1397")["index"].to_list()[-1] == 200
    with pytest.raises(SeriesError, match=r"1396 is missing.*production steel in t \(has 1397-Q1"):
        rebased(quarters, "1396")
    with pytest.raises(SeriesError, match="1398 is missing, not whole"):
        rebased(quarters, "1398")


def test_periods_of_unlike_length_are_not_compared():
    table = observed({"1398": 30, "1397": 25, "1398-H1": 14})
    with pytest.raises(SeriesError, match=r"unlike length.*1397.*O2 \(1398-H1\)"):
        change_on(table, "1397")
    assert change_on(table[:2], "1397")["growth"].to_list() == [pytest.approx(0.2)]
    with pytest.raises(SeriesError, match="No value is of the base period 1390; there are"):
        change_on(table, "1390")


def test_growth_says_why_there_is_none_and_minds_leap_days():
    table = observed(
        [
            ("1403-12", 30),
            ("1402-12", 29),
            ("2019-03-21/2021-03-20", 5),
            ("1400", 5),
            ("1399", 5, {"unit": "kt"}),
            ("2019-04-01/2019-04-10", 5),
            ("2018-04-01/2018-04-11", 5),
        ]
    )
    rows = growth(table).to_dicts()
    # Esfand 1403 has 30 days, Esfand 1402 has 29: a day's output did not grow.
    assert rows[0]["growth"] == pytest.approx(30 / 29 - 1)
    assert rows[0]["growth_a_day"] == pytest.approx(0)
    assert "longer than a year" in rows[2]["reason"]
    assert "another unit: kt" in rows[3]["reason"]
    assert "another length: 2018-04-01/2018-04-11" in rows[5]["reason"]
    assert [row["growth"] for row in rows[2:]] == [None] * 5


def vintages():
    day = st.integers(0, 6).map(lambda n: date(2025, 1, 1) + timedelta(days=n))
    key = st.tuples(st.sampled_from(["1402", "1403-Q1", "2023"]), st.none() | day)
    return st.dictionaries(key, st.integers(0, 99), min_size=1)


@given(vintages(), st.integers(0, 6))
def test_every_vintage_is_kept_and_the_last_view_is_the_latest(values, n):
    rows = [(p, v, {"vintage": vintage}) for (p, vintage), v in values.items()]
    table = observed(rows)
    last = max(
        *(vintage for _, vintage in values if vintage),
        date(2024, 12, 31),
        *(Period.parse(period).end for period, _ in values),
    )
    assert as_of(table, last).equals(as_of(table))
    day = date(2025, 1, 1) + timedelta(days=n)
    for period in {period for period, _ in values}:
        # Looked up one by one: the newest value published by the day.
        known = {
            vintage or date.min: v
            for (p, vintage), v in values.items()
            if p == period and (vintage or Period.parse(period).end) <= day
        }
        found = as_of(table, day).filter(pl.col("period") == period)["value"].to_list()
        assert found == ([known[max(known)]] if known else [])


@given(vintages())
def test_revisions_are_the_last_less_the_first(values):
    rows = [(p, v, {"vintage": vintage}) for (p, vintage), v in values.items()]
    for row in revisions(observed(rows)).to_dicts():
        own = {vintage or date.min: v for (p, vintage), v in values.items() if p == row["period"]}
        assert row["vintages"] == len(own)
        assert (row["first"], row["last"]) == (own[min(own)], own[max(own)])
        assert row["change"] == own[max(own)] - own[min(own)]


def test_what_no_series_can_hold_is_named_with_its_next_step():
    table = observed(
        [
            ("1402", 1),
            ("1402", 1),
            ("2023-10-01/2024-09-30", 2),
            ("1403", 2, {"status": "finall"}),
            ("1404", 2, {"unit": "cars"}),
            ("1404-Q1", 2, {"vintage": date(2025, 1, 1)}),
        ]
    )
    found = check_observations(table)
    assert found.select("observation_id", "column").rows() == [
        ("O1", "vintage"),
        ("O2", "period"),
        ("O3", "status"),
        ("O4", "unit"),
        ("O5", "vintage"),
    ]
    assert "Did you mean 'final'" in found["next_step"][2]
    assert found["next_step"].str.len_chars().min() > 10
    assert check_observations(observed({"1402": 1, "1403-H1": 2})).is_empty()
