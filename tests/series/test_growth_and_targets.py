"""Growth and targets on the figures that were published, and against looking them up one by one."""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onshore.figures import Period
from onshore.series import SeriesError, against_targets, growth

OBSERVATIONS = {
    "observation_id": pl.String,
    "indicator": pl.String,
    "product": pl.String,
    "place": pl.String,
    "partner": pl.String,
    "period": pl.String,
    "value": pl.Decimal(38, 6),
    "unit": pl.String,
    "status": pl.String,
    "vintage": pl.Date,
}
TARGETS = {
    "target_id": pl.String,
    "indicator": pl.String,
    "product": pl.String,
    "place": pl.String,
    "partner": pl.String,
    "period": pl.String,
    "value": pl.Decimal(38, 6),
    "unit": pl.String,
}


def observed(*rows: tuple, **same) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "observation_id": f"O{n}",
                "indicator": "production",
                "product": "steel",
                "unit": "million t",
                "status": "reported",
                "period": period,
                "value": Decimal(str(value)),
            }
            | same
            | dict(more)
            for n, (period, value, *more) in enumerate(rows)
        ],
        schema=OBSERVATIONS,
    )


def aimed(*rows: tuple, **same) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "target_id": f"T{n}",
                "indicator": "production",
                "product": "steel",
                "unit": "million t",
                "period": period,
                "value": Decimal(str(value)),
            }
            | same
            for n, (period, value) in enumerate(rows)
        ],
        schema=TARGETS,
    )


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        # Steel ingot exports, IMIDRO: 1.425 against 1.854 million t, printed as 23 % less.
        (("1398-Q1", 1.425), ("1397-Q1", 1.854), -0.231),
        (("2019-03-21/2019-06-21", 1.425), ("1397-Q1", 1.854), -0.231),
        # Car parts to Russia, Iran Trade Promotion Organization: 13 and 66 million USD.
        (("2023", 66), ("2022", 13), 4.077),
        # Copper cathode, IMIDRO: 145,000 t is 12 % above what was then about 129,500 t.
        (("1403-H1", 145), ("1402-H1", 129.5), 0.120),
    ],
)
def test_published_growth(now, before, expected):
    found = growth(observed(now, before)).row(0, named=True)
    assert round(found["growth"], 3) == expected
    assert found["period_before"] == before[0]
    assert found["factor"] == pytest.approx(found["growth"] + 1)
    assert found["change"] == Decimal(str(now[1])) - Decimal(str(before[1]))


def test_thirteen_to_sixty_six_is_about_five_times():
    assert round(growth(observed(("2023", 66), ("2022", 13)))["factor"][0], 2) == 5.08


@pytest.mark.parametrize(
    ("observation", "target", "years", "needed"),
    [
        # Jafar Sarqini, deputy minister: 25 in 1397, 30 planned for 1398, 45 for 1400.
        (("1397", 25), ("1398", 30), 1, 0.200),
        (("1398", 30), ("1400", 45), 2, 0.225),
        (("1397", 25), ("1400", 45), 3, 0.216),
    ],
)
def test_published_targets(observation, target, years, needed):
    found = against_targets(observed(observation), aimed(target)).row(0, named=True)
    assert found["years"] == years
    assert round(found["growth_needed"], 3) == needed
    assert (found["observed_period"], found["attained"]) == (observation[0], None)


def test_a_targets_own_period_tells_what_was_attained():
    found = against_targets(observed(("1398", 27), ("1397", 25)), aimed(("1398", 30)))
    row = found.row(0, named=True)
    assert (row["years"], row["attained"], row["growth_needed"]) == (0, pytest.approx(0.9), None)


def test_a_target_is_compared_with_its_own_kind_of_period_only():
    observations = observed(("1399-Q1", 8), ("1399-H1", 15), ("1397", 25))
    found = against_targets(observations, aimed(("1400", 45), ("1400-Q1", 10), ("1400-Q2", 10)))
    assert found["observed_period"].to_list() == ["1397", "1399-Q1", None]
    assert found["years"].to_list() == [3, 1, None]
    assert found["target_id"].to_list() == ["T0", "T1", "T2"]


def test_another_unit_or_product_is_another_series():
    observations = observed(("1398", 30), ("1397", 25, ("unit", "kt")))
    assert growth(observations)["growth"].to_list() == [None, None]
    found = against_targets(observations, aimed(("1400", 45), unit="t"))
    assert found.select("observed", "factor", "growth_needed").row(0) == (None, None, None)


def test_no_growth_on_nothing():
    found = growth(observed(("1398", 5), ("1397", 0), ("1396", -2)))
    assert found["growth"].to_list() == [None, None, None]
    assert found["change"].to_list() == [5, 2, None]


def test_the_latest_vintage_counts_and_within_it_the_highest_status():
    observations = observed(
        ("1398", 31, ("vintage", date(2021, 1, 1))),
        ("1398", 30, ("vintage", date(2020, 6, 1)), ("status", "final")),
        ("1397", 25, ("vintage", None)),
        ("1397", 20, ("vintage", date(2019, 6, 1)), ("status", "provisional")),
        ("1397", 24.8, ("vintage", date(2019, 6, 1)), ("status", "final")),
    )
    found = growth(observations)
    assert found["value"].to_list() == [31, Decimal("24.8")]
    assert found["growth"][0] == pytest.approx(31 / 24.8 - 1)


def test_values_that_contradict_each_other_are_named():
    with pytest.raises(SeriesError, match=r"O0 \(30\), O1 \(31\)"):
        growth(observed(("1398", 30), ("1398", 31)))
    same = growth(observed(("1398", 30), ("1398", 30)))
    assert same.height == 1


def test_nothing_observed_gives_nothing():
    assert growth(observed()).is_empty()
    assert against_targets(observed(), aimed(("1400", 45)))["observed"].to_list() == [None]
    assert against_targets(observed(("1398", 30)), aimed()).is_empty()


PERIODS = [
    f"{year}{part}" for year in (1397, 1398, 1399, 2019, 2020) for part in ("", "-Q1", "-H1")
]


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(
        st.tuples(
            st.sampled_from(["steel", "copper", None]),
            st.sampled_from(["IR-04", None]),
            st.sampled_from(PERIODS),
        ),
        st.integers(1, 1000),
        max_size=12,
    )
)
def test_growth_agrees_with_looking_up_the_year_before(values):
    rows = [
        {
            "observation_id": f"O{n}",
            "indicator": "production",
            "product": product,
            "place": place,
            "period": period,
            "value": Decimal(value),
            "unit": "t",
            "status": "final",
        }
        for n, ((product, place, period), value) in enumerate(values.items())
    ]
    found = growth(pl.DataFrame(rows, schema=OBSERVATIONS))
    assert found.height == len(values)
    for row, ((product, place, period), value) in zip(
        found.to_dicts(), values.items(), strict=True
    ):
        before = values.get((product, place, str(Period.parse(period).year_before())))
        assert row["value"] == value
        if before is None:
            assert row["growth"] is None
        else:
            assert row["growth"] == pytest.approx(value / before - 1)
