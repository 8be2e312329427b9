"""Location quotients, the places that come next, and a place's own table."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from input_output_tables import drawn

from onshore import economy

ACTIVITY = pl.DataFrame(
    {
        "place": ["isfahan", "isfahan", "tehran", "tehran", "yazd", "kerman"],
        "sector": ["steel", "cars", "steel", "cars", "steel", "cars"],
        "value": [60, 20, 20, 90, 8, 2],
    }
)


def activity_of(table, seed, places=3):
    draw = np.random.default_rng(seed)
    return pl.DataFrame(
        [
            {"place": f"p{p}", "sector": sector, "value": draw.uniform(0, 10)}
            for p in range(places)
            for sector in table.sectors
        ]
    )


def test_the_quotient_is_the_share_of_the_place_per_share_of_the_country():
    found = economy.location_quotients(ACTIVITY)
    row = found.filter(place="isfahan", sector="steel").row(0, named=True)
    assert row["share_of_place"] == 60 / 80
    assert row["share_of_country"] == 88 / 200
    assert row["location_quotient"] == pytest.approx((60 / 80) / (88 / 200))
    none = found.filter(place="yazd", sector="cars").row(0, named=True)
    assert (none["value"], none["location_quotient"]) == (0, 0)
    assert found.height == 8


def test_places_and_sectors_without_activity_are_left_out():
    idle = pl.DataFrame({"place": ["qom", "tehran"], "sector": ["steel", "ships"], "value": [0, 0]})
    found = economy.location_quotients(pl.concat([ACTIVITY, idle]))
    assert "qom" not in found["place"]
    assert "ships" not in found["sector"]
    assert found["location_quotient"].is_finite().all()


def test_concentrated_places_come_next_and_the_others_have_a_reason():
    quotients = economy.location_quotients(ACTIVITY)
    found = economy.next_places(quotients, "steel", taken=["isfahan"])
    assert found.select("rank", "place", "phase").rows() == [
        (None, "isfahan", "taken"),
        (1, "yazd", "next"),
        (2, "tehran", "later"),
        (3, "kerman", "later"),
    ]
    reasons = dict(found.select("place", "reason").iter_rows())
    assert reasons["yazd"] == "concentrated: 2.27 times the country's share"
    assert reasons["tehran"] == "not concentrated: 0.41 < 1.25"
    small = economy.next_places(quotients, "steel", least_share=0.2)
    told = dict(small.select("place", "reason").iter_rows())
    assert told["yazd"] == "concentrated (2.27), but too small"
    assert told["kerman"].startswith("neither concentrated")


@given(seed=st.integers(0, 9999))
def test_the_whole_country_has_its_own_table(seed):
    table = drawn(seed, 4, by_product=False)
    whole = activity_of(table, seed, places=1)
    own = economy.regional_table(table, whole, "p0", method="cilq")
    assert np.allclose(own.flows, table.flows)
    assert np.allclose(own.output, table.output)
    assert np.allclose(own.imports, table.imports)
    assert np.allclose(own.factors["jobs"], table.factors["jobs"])
    assert "illustrative" in own.warnings[0]


@pytest.mark.parametrize("method", ["slq", "cilq", "flq"])
@given(seed=st.integers(0, 9999))
def test_a_place_buys_at_home_at_most_as_the_country_does(method, seed):
    table = drawn(seed, 4, by_product=False)
    activity = activity_of(table, seed)
    own = economy.regional_table(table, activity, "p1", method=method)
    regional, national = own.flows / own.output, table.flows / table.output
    assert (regional <= national * (1 + 1e-12)).all()
    # What is not bought there is bought elsewhere: all inputs are as in the country.
    inputs = own.flows.sum(axis=0) + own.imports
    assert np.allclose(
        inputs / own.output, (table.flows.sum(axis=0) + table.imports) / table.output
    )
    found = economy.multipliers(own)["effect"].to_numpy()
    assert (found <= economy.multipliers(table)["effect"].to_numpy() + 1e-12).all()


def test_fleggs_quotient_by_hand():
    table = economy.Table(["x", "y"], [[10, 20], [30, 10]], [100, 100], {})
    activity = pl.DataFrame(
        {"place": ["a", "a", "b", "b"], "sector": ["x", "y", "x", "y"], "value": [5, 15, 15, 25]}
    )
    own = economy.regional_table(table, activity, "a", method="flq", delta=0.3)
    size = np.log2(1 + 20 / 60) ** 0.3
    lq_x, lq_y = (5 / 20) / (20 / 60), (15 / 40) / (20 / 60)
    share = np.array([5 / 20, 15 / 40])
    kept = np.array(
        [[min(lq_x * size, 1), min(lq_x / lq_y * size, 1)],
         [min(lq_y / lq_x * size, 1), min(lq_y * size, 1)]]
    )  # fmt: skip
    expected = np.array([[0.1, 0.2], [0.3, 0.1]]) * kept * (share * 100)
    assert np.allclose(own.flows, expected)


def test_a_place_without_a_sector_is_told():
    table = economy.Table(["x", "y"], [[10, 20], [30, 10]], [100, 100], {"jobs": [3, 4]})
    activity = pl.DataFrame(
        {"place": ["a", "b", "b"], "sector": ["x", "x", "y"], "value": [5, 15, 25]}
    )
    own = economy.regional_table(table, activity, "a")
    assert any("a has no activity in y" in told for told in own.warnings)
    assert economy.effects(own)["effect"].is_finite().all()


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ({"value": [None, 1]}, "missing or below 0: a x: None"),
        ({"value": [-1, 1]}, "missing or below 0: a x: -1.0"),
        ({"value": ["many", "1"]}, "no numbers"),
        ({"sector": ["x", "x"], "place": ["a", "a"]}, "there twice"),
        ({"value": [0, 0]}, "all values of activity are 0"),
    ],
)
def test_activity_that_cannot_be_used_is_refused(rows, told):
    activity = pl.DataFrame({"place": ["a", "a"], "sector": ["x", "y"], "value": [1, 1]} | rows)
    with pytest.raises(economy.EconomyError, match=told):
        economy.location_quotients(activity)


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda: economy.location_quotients(ACTIVITY.drop("place")), "lacks place"),
        (
            lambda: economy.next_places(economy.location_quotients(ACTIVITY), "ships"),
            "There are: cars, steel",
        ),
        (
            lambda: economy.next_places(
                economy.location_quotients(ACTIVITY), "steel", taken=["qom"]
            ),
            "not in the activity: qom",
        ),
        (lambda: economy.regional_table(drawn(1), ACTIVITY, "tehran"), "cars is not in the table"),
        (
            lambda: economy.regional_table(drawn(1), activity_of(drawn(1), 1), "qom"),
            "There are: p0, p1, p2",
        ),
        (
            lambda: economy.regional_table(drawn(1), activity_of(drawn(1), 1), "p0", method="lq"),
            "slq, cilq or flq",
        ),
        (
            lambda: economy.regional_table(drawn(1), activity_of(drawn(1), 1), "p0", delta=2),
            "delta 2",
        ),
    ],
)
def test_what_cannot_be_asked_of_regions_is_refused(ask, told):
    with pytest.raises(economy.EconomyError, match=told):
        ask()
