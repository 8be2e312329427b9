"""The order of drilling against every other way of drilling."""

import itertools
import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onshore import explore
from onshore.explore.drilling_model import detected, joint_distribution


def sites(probability, lon=None, **more):
    count = len(probability)
    names = [chr(65 + number) for number in range(count)]
    lon = [0.02 * number for number in range(count)] if lon is None else lon
    return pl.DataFrame(
        {"target": names, "probability": probability, "lon": lon, "lat": [0.0] * count, **more}
    )


def every_way(joint, value, cost, budget, known=()):
    """All ways of drilling on from some results: (expected value, expected cost) of each.

    ``joint`` maps results of all targets to their probability; nothing here is shared with the
    code under test.
    """
    known = dict(known)
    mass = {
        results: chance
        for results, chance in joint.items()
        if all(results[target] == result for target, result in known.items())
    }
    total = sum(mass.values())
    ways = [(0.0, 0.0)]
    spent = sum(cost[target] for target in known)
    for target in range(len(value)):
        if target in known or spent + cost[target] > budget:
            continue
        hit = sum(chance for results, chance in mass.items() if results[target]) / total
        after = {
            result: every_way(joint, value, cost, budget, {**known, target: result}.items())
            for result in (0, 1)
        }
        ways += [
            (
                hit * (value[target] + found[0]) + (1 - hit) * empty[0],
                cost[target] + hit * found[1] + (1 - hit) * empty[1],
            )
            for found, empty in itertools.product(after[1], after[0])
        ]
    return ways


def joint_of(probability, lon, odds_ratio, range_km, detection):
    """The model by its definition: exp of sums, made to have the given probabilities."""
    lon = np.radians(np.array(lon))
    km = 6371.0088 * np.abs(lon[:, None] - lon)
    tie = math.log(odds_ratio) * np.exp(-km / range_km)
    np.fill_diagonal(tie, 0)
    tie[np.abs(tie) < 1e-3] = 0
    found = detected(joint_distribution(np.array(probability), tie), np.array(detection))
    return {index: float(found[index]) for index in np.ndindex(found.shape)}


chances = st.lists(st.floats(0.02, 0.9), min_size=3, max_size=3)
amounts = st.lists(st.floats(1, 100), min_size=3, max_size=3)


@settings(max_examples=15, deadline=None)
@given(chances, amounts, amounts, st.floats(0.3, 20), st.floats(0.5, 1), st.data())
def test_no_way_of_drilling_three_targets_gains_more(
    probability, value, cost, odds_ratio, detection, data
):
    budget = data.draw(st.one_of(st.none(), st.floats(0, sum(cost))))
    table = sites(probability, value=value, cost=cost)
    order = explore.drilling_order(
        table, odds_ratio=odds_ratio, range_km=5, detection=detection, budget=budget
    )
    joint = joint_of(probability, table["lon"], odds_ratio, 5, [detection] * 3)
    limit = math.inf if budget is None else budget
    ways = every_way(joint, value, cost, limit)
    best = max(gain - spent for gain, spent in ways)
    assert order.worth == pytest.approx(best, abs=1e-8)
    assert order.exact
    assert order.worth_of_learning >= -1e-8
    steps = order.table.filter(pl.col("step").is_not_null())
    assert (steps.height > 0) == (best > 1e-7) or best < 1e-7
    if budget is not None and steps.height:
        assert steps["spent"].max() <= budget + 1e-9


@settings(max_examples=8, deadline=None)
@given(chances, amounts, amounts, st.floats(1, 20))
def test_worth_is_the_best_gain_per_cost_of_starting_there(probability, value, cost, odds_ratio):
    table = sites(probability, value=value, cost=cost)
    order = explore.drilling_order(table, odds_ratio=odds_ratio, range_km=5)
    if order.table["step"].null_count() == 3 or order.worth < 1e-3:
        return
    first = order.table.row(0, named=True)
    number = ord(first["target"]) - 65
    joint = joint_of(probability, table["lon"], odds_ratio, 5, [1.0] * 3)
    hit = sum(chance for results, chance in joint.items() if results[number])
    after = {
        result: every_way(joint, value, cost, math.inf, [(number, result)]) for result in (0, 1)
    }
    rates = [
        (hit * (value[number] + found[0]) + (1 - hit) * empty[0])
        / (cost[number] + hit * found[1] + (1 - hit) * empty[1])
        - 1
        for found, empty in itertools.product(after[1], after[0])
    ]
    assert first["worth"] == pytest.approx(max(rates), rel=1e-6, abs=1e-6)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.floats(0.001, 0.99), min_size=1, max_size=6), st.floats(0.2, 50), st.integers(0, 99)
)
def test_the_model_has_the_probabilities_and_odds_ratios_it_is_given(probability, odds, seed):
    count = len(probability)
    tie = math.log(odds) * np.random.default_rng(seed).uniform(0, 1, (count, count))
    tie = np.triu(tie, 1) + np.triu(tie, 1).T
    joint = joint_distribution(np.array(probability), tie)
    assert joint.sum() == pytest.approx(1)
    for axis, chance in enumerate(probability):
        assert joint.take(1, axis).sum() == pytest.approx(chance, rel=1e-9)
    for i, j in itertools.combinations(range(count), 2):
        rest = [0] * (count - 2)

        def at(a, b, i=i, j=j, rest=tuple(rest)):
            index = list(rest)
            index.insert(i, a)
            index.insert(j, b)
            return joint[tuple(index)]

        ratio = at(1, 1) * at(0, 0) / (at(1, 0) * at(0, 1))
        assert math.log(ratio) == pytest.approx(tie[i, j], abs=1e-6)


def test_independent_targets_are_drilled_where_each_pays_for_itself():
    order = explore.drilling_order(sites([0.5, 0.1, 0.3]), value=100.0, cost=20.0, odds_ratio=1.0)
    assert order.table["target"].to_list() == ["A", "C", "B"]
    assert order.table["step"].to_list() == [1, 2, None]
    assert order.table["reason"].to_list() == [None, None, "not worth its cost"]
    assert order.worth == pytest.approx(30 + 10)
    assert order.worth_of_learning == pytest.approx(0)
    assert order.table["worth"].to_list()[:2] == pytest.approx([1.5, 0.5])
    assert order.table["found"].to_list()[:2] == pytest.approx([0.5, 0.8])


def test_a_target_that_loses_alone_is_drilled_for_what_it_tells():
    # B and C are dear; A is cheap, too poor to pay for itself, and tells of both.
    table = sites([0.2, 0.2, 0.2], lon=[0.0, 0.001, 0.002], value=[10.0, 200.0, 200.0],
                  cost=[3.0, 45.0, 45.0])  # fmt: skip
    order = explore.drilling_order(table, odds_ratio=20.0)
    first = order.table.row(0, named=True)
    assert first["target"] == "A"
    assert first["alone"] < 0
    assert (first["if_found"], first["if_empty"]) == ("B", None)
    assert order.worth_without_learning == 0
    assert order.worth > 0


def test_results_change_what_comes_next():
    table = sites([0.3, 0.25, 0.2], lon=[0.0, 0.001, 3.0])
    asked = {"value": 100.0, "cost": 24.0, "odds_ratio": 10.0}
    before = explore.drilling_order(table, **asked).table
    first = before.row(0, named=True)
    assert first["target"] == "A"
    for result, column in ((True, "if_found"), (False, "if_empty")):
        after = explore.drilling_order(table, drilled={"A": result}, **asked).table
        steps = after.filter(pl.col("step").is_not_null())["target"].to_list()
        assert (steps[0] if steps else None) == first[column]
        assert after.filter(pl.col("target") == "A")["reason"][0] == (
            "drilled: found" if result else "drilled: empty"
        )
        chance = after.filter(pl.col("target") == "B")["probability"][0]
        assert (chance > 0.25) == result
    # C is too far away to be told of.
    assert after.filter(pl.col("target") == "C")["probability"][0] == pytest.approx(0.2)


def test_a_budget_over_many_groups_is_a_rule_within_its_bound():
    draw = np.random.default_rng(5)
    count = 12
    table = pl.DataFrame({
        "target": [f"T{number:02}" for number in range(count)],
        "probability": draw.uniform(0.05, 0.4, count),
        "lon": draw.uniform(0, 3, count),
        "lat": draw.uniform(0, 3, count),
    })  # fmt: skip
    asked = {"value": 100.0, "cost": 15.0, "range_km": 20.0}
    free = explore.drilling_order(table, **asked)
    tight = explore.drilling_order(table, budget=100.0, **asked)
    assert not tight.exact
    assert tight.worth <= tight.bound <= free.worth + 1e-9
    steps = tight.table.filter(pl.col("step").is_not_null())
    assert steps.height == 6
    assert steps["spent"].max() <= 100
    assert "beyond the budget" in tight.table["reason"].to_list()
    assert any("at most" in text for text in tight.warnings)


def test_more_than_ten_neighbours_are_taken_in_groups_and_told():
    table = sites([0.2] * 12, lon=[0.01 * number for number in range(12)])
    table = table.with_columns(pl.Series("target", [f"T{number}" for number in range(12)]))
    order = explore.drilling_order(table, value=100.0, cost=19.0)
    assert not order.exact
    assert any("groups of at most 10" in text for text in order.warnings)
    assert sorted(order.table["target"]) == sorted(table["target"])


def test_expected_deposits_stand_for_a_probability_and_their_number():
    table = sites([0.1]).drop("probability").with_columns(expected=pl.Series([2.0]))
    order = explore.drilling_order(table, value=10.0, cost=1.0, odds_ratio=1.0)
    row = order.table.row(0, named=True)
    assert row["probability"] == pytest.approx(1 - math.exp(-2))
    assert row["alone"] == pytest.approx(2 * 10 - 1)


def test_no_targets_make_an_empty_order():
    order = explore.drilling_order(sites([0.5]).clear(), value=1.0, cost=1.0)
    assert order.table.is_empty()
    assert order.worth == 0


@pytest.mark.parametrize(
    ("change", "asked", "words"),
    [
        ({}, {"value": None}, "no column value"),
        ({}, {"cost": -1.0}, "cost is a number"),
        ({}, {"cost": 0.0}, "costs nothing"),
        ({}, {"odds_ratio": 0.0}, "odds_ratio"),
        ({}, {"range_km": 0.0}, "range_km"),
        ({}, {"detection": 0.0}, "detection"),
        ({}, {"budget": -5.0}, "budget"),
        ({}, {"drilled": {"Z": True}}, "not in the table: Z"),
        ({"probability": [0.5, 1.5]}, {}, r"row 2 \(target 'B'\), probability"),
        ({"lat": [None, 0.0]}, {}, r"row 1 \(target 'A'\), lat"),
        ({"target": ["A", "A"]}, {}, "there twice"),
    ],
)
def test_what_cannot_be_is_refused(change, asked, words):
    table = sites([0.5, 0.5]).with_columns(
        pl.Series(name, values) for name, values in change.items()
    )
    with pytest.raises(explore.ExploreError, match=words):
        explore.drilling_order(table, **{"value": 10.0, "cost": 1.0, **asked})
