"""Prices of limits: against moved relaxations, and against every plan of moved instances."""

from dataclasses import replace

import polars as pl
import pytest
from component_instances import tables_of
from hypothesis import given, settings
from hypothesis import strategies as st
from small_instances import (
    all_plans,
    first_production,
    instance_of,
    instances,
    value,
    worth,
)

from onshore.plan import Instance, PlanInfeasible, limits, make_plan, sifting
from onshore.plan.duals import find_duals
from onshore.plan.prices import prices


def moved(instance: Instance, row: dict, change: float) -> Instance:
    """Move one limit, written out."""
    in_year = pl.lit(True) if row["year"] is None else pl.col("year") == row["year"]
    if row["kind"] == "budget":
        more = pl.when(in_year).then(pl.col("amount") + change).otherwise("amount")
        return replace(instance, budgets=instance.budgets.with_columns(amount=more))
    if row["kind"] == "capacity":
        here = in_year & (pl.col("resource") == row["name"])
        more = pl.when(here).then(pl.col("amount") + change).otherwise("amount")
        return replace(instance, capacity=instance.capacity.with_columns(amount=more))
    here = pl.col("group") == row["name"]
    more = pl.when(here).then(pl.col("floor_share") + change).otherwise("floor_share")
    return replace(instance, floors=instance.floors.with_columns(floor_share=more))


@settings(max_examples=8, deadline=None)
@given(instances())
def test_no_relaxation_with_a_limit_moved_is_worth_more_than_its_price_says(instance):
    # The definition of a dual: the relaxation's value lies under its tangent, on both sides.
    before = find_duals(instance).whole
    small = 1e-3
    found = prices(instance, money=small, hours=small, points=small, by_year=True)
    assert found.height == instance.years + instance.capacity.height + (
        0 if instance.floors is None else instance.floors.height
    )
    for row in found.iter_rows(named=True):
        if row["unit_of_change"] == 0:
            assert row["gain"] == 0
            continue
        after = find_duals(moved(instance, row, row["unit_of_change"])).whole
        tangent = before + row["gain"]
        if row["kind"] == "floor":  # asked of the value after, not of that before
            tangent = before / (1 - row["gain"] / before) if before else 0.0
        assert after <= tangent + 1e-7
        if row["limit"] >= small and row["kind"] != "floor":
            after = find_duals(moved(instance, row, -row["unit_of_change"])).whole
            assert after <= before - row["gain"] + 1e-7


@settings(max_examples=12, deadline=None)
@given(instances(), st.sampled_from([0.0, 0.3]))
def test_re_solved_gains_hold_the_gain_of_the_best_plans(instance, gap):
    def best(of):
        return max(worth(plan, of) for plan in all_plans(of))

    found = prices(instance, money=2.0, hours=3.0, points=0.1, checked=3, gap=gap)
    resolved = found.filter(pl.col("resolved_gain").is_not_null())
    assert resolved.height == min(3, found.height)
    assert resolved["method"].str.ends_with("; re-solved").all()
    assert resolved["gain"].min() >= found["gain"].sort(descending=True)[resolved.height - 1]
    for row in resolved.iter_rows(named=True):
        gain = best(moved(instance, row, row["unit_of_change"])) - best(instance)
        assert row["resolved_least"] - 1e-6 <= gain <= row["resolved_most"] + 1e-6
        assert row["resolved_gain"] >= 0
        if gap == 0:
            assert row["resolved_gain"] == pytest.approx(gain, abs=1e-6)


@settings(max_examples=12, deadline=None)
@given(instances())
def test_a_resource_in_all_years_is_the_sum_of_its_years(instance):
    plan = make_plan(instance)
    by_year = prices(instance, plan, by_year=True).filter(kind="capacity")
    together = prices(instance, plan).filter(kind="capacity")
    sums = by_year.group_by("name").agg(pl.col("gain").sum(), pl.col("binding").any()).sort("name")
    assert together["year"].null_count() == together.height
    assert together.sort("name")["gain"].to_list() == pytest.approx(sums["gain"].to_list())
    assert together.sort("name")["binding"].to_list() == sums["binding"].to_list()
    binding = set(limits(plan, instance).filter("binding", kind="budget")["year"])
    assert set(prices(instance, plan).filter("binding", kind="budget")["year"]) == binding


def test_the_price_of_a_floor_is_the_value_given_up_for_it():
    # North saves 4, south 1 for the same hour: each point from north to south costs 3/100 of an
    # hour, of 10; with x hours of south, x = 0.5 (4 (10 - x) + x) gives V = 16, x = 8.
    candidates = pl.DataFrame(
        {
            "item": [f"{group} {at}" for group in ("n", "s") for at in range(10)],
            "maker": "M",
            "resource": "M",
            "tooling_cost": 0.0,
            "lead_years": 0,
            "use_per_year": 1.0,
            "annual_saving": [4.0] * 10 + [1.0] * 10,
            "opens": 0,
            "share": 1.0,
            "max_makers": 1,
            "group": ["north"] * 10 + ["south"] * 10,
        }
    )
    instance = Instance(
        candidates,
        pl.DataFrame({"resource": ["M"], "year": [0], "amount": [10.0]}),
        pl.DataFrame({"year": [0], "amount": [float("inf")], "discount": [1.0]}),
        pl.DataFrame({"group": ["south"], "floor_share": [0.5]}),
    )
    floor = prices(instance).row(by_predicate=pl.col("kind") == "floor", named=True)
    # V(f) = 40 / (1 + 3 f): at 0.5 it falls by 120 / 6.25 = 19.2 for a whole, 0.192 a point.
    assert floor["gain"] == pytest.approx(0.192)
    assert floor["unit_of_change"] == -0.01
    assert prices(instance).filter(kind="budget")["gain"].item() == 0


@pytest.mark.parametrize("sifted", [False, True])
def test_the_prices_prove_a_bound_as_low_as_the_relaxation(sifted, monkeypatch):
    # Sell all limits at their prices and let each item take what is left: no plan is worth more,
    # and the best prices leave nothing above the relaxation's own value.
    instance = many_items()
    exact = find_duals(instance)
    if sifted:
        monkeypatch.setattr(sifting, "_MOST_AT_ONCE", 0)
    found = find_duals(instance)
    assert found.method == "exact"
    assert found.table.select("kind", "name", "year").equals(
        exact.table.select("kind", "name", "year")
    )
    told = {
        (kind, name, year): (limit, price)
        for kind, name, year, limit, price in found.table.iter_rows()
    }
    bound = sum(limit * price for limit, price in told.values())
    for (_,), rows in instance.candidates.group_by("item"):
        bound += best_left(rows.to_dicts(), told, instance)
    assert bound == pytest.approx(exact.whole, rel=1e-6)
    assert bound >= exact.whole * (1 - 1e-9)


def best_left(rows: list[dict], told: dict, instance: Instance) -> float:
    """What the best makers of an item leave above what their starts take at the prices."""
    left: dict[str, float] = {}
    for row in rows:
        use = row["share"] * row["use_per_year"]
        for year in range(row["opens"], instance.years):
            later = range(first_production(row, year), instance.years)
            hours = [told["capacity", row["resource"], at] for at in later]
            budget, price = told["budget", None, year]
            if row["tooling_cost"] > budget or any(use > most for most, _ in hours):
                continue
            start = float(value(row, year, instance)) - row["tooling_cost"] * price
            start -= use * sum(hourly for _, hourly in hours)
            left[row["maker"]] = max(left.get(row["maker"], 0.0), start)
    return sum(sorted(left.values(), reverse=True)[: rows[0]["max_makers"]])


def many_items() -> Instance:
    """Lay thirty small instances of three years side by side, with one budget."""
    parts = [instance_of(seed, floors=False) for seed in range(90)]
    parts = [part for part in parts if part.years == 3][:30]
    tables = [
        (
            part.candidates.with_columns(
                pl.format("{} {}", pl.lit(at), pl.col(name)).alias(name)
                for name in ("item", "resource")
            ),
            part.capacity.with_columns(resource=pl.format("{} {}", pl.lit(at), "resource")),
        )
        for at, part in enumerate(parts)
    ]
    candidates, capacity = (pl.concat(part) for part in zip(*tables, strict=True))
    budgets = parts[0].budgets.with_columns(amount=pl.lit(60.0))
    return Instance(candidates, capacity, budgets)


def test_an_empty_instance_has_prices_of_zero():
    instance = instance_of(0, floors=True)
    nothing = replace(instance, candidates=instance.candidates.clear())
    assert prices(nothing)["gain"].sum() == 0


def test_sifting_ends_with_the_relaxation_of_the_whole_model(monkeypatch):
    # Of all shapes: links, openings, required items, decisions, floors on amounts.
    compared = 0
    for seed in range(24):
        instance = Instance(**tables_of(seed))
        try:
            plan = make_plan(instance)
        except PlanInfeasible:
            continue
        whole = find_duals(instance)
        for most, count in ((0, 1), (0, 3)):
            with monkeypatch.context() as patch:
                patch.setattr(sifting, "_MOST_AT_ONCE", most)
                patch.setattr(sifting, "_FIRST", count)
                for known in (plan, None):
                    sifted = find_duals(instance, known)
                    assert sifted.whole == pytest.approx(whole.whole, rel=1e-6, abs=1e-9), seed
        compared += 1
    assert compared > 10


@settings(max_examples=6, deadline=None)
@given(instances())
def test_the_relaxation_is_solved_anew_for_the_limits_that_matter_most(instance):
    before = find_duals(instance).whole
    found = prices(instance, money=2.0, hours=3.0, points=0.1, relaxed=2)
    assert found["relaxed_gain"].is_not_null().to_list()[:2] == [True, True][: found.height]
    assert found["relaxed_gain"].null_count() == max(found.height - 2, 0)
    for row in found.head(2).iter_rows(named=True):
        after = find_duals(moved(instance, row, row["unit_of_change"])).whole
        assert row["relaxed_gain"] == pytest.approx(after - before, abs=1e-9)
