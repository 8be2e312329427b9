"""Frontiers against every plan of each scaled instance."""

from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given, settings
from small_instances import all_plans, instance_of, instances, value, worth

from onshore.plan import Instance, PlanError
from onshore.plan.frontier import frontier, scaled


def best(instance: Instance) -> float:
    return max(worth(plan, instance) for plan in all_plans(instance))


def check_monotone(points: pl.DataFrame, loosening: int) -> None:
    assert (points["objective"] <= points["bound"]).all()
    for column in ("objective", "bound"):
        values = points[column].to_list()[::loosening]
        assert values == sorted(values)


@settings(max_examples=8, deadline=None)
@given(instances())
def test_each_budget_has_its_best_plan(instance):
    points = frontier(instance, points=4, gap=0.0)
    assert points["scale"].to_list() == pytest.approx([0, 2 / 3, 4 / 3, 2])
    whole = instance.budgets["amount"].sum()
    assert points["budget"].to_list() == pytest.approx([s * whole for s in points["scale"]])
    expected = [best(scaled(instance, budgets=scale)) for scale in points["scale"]]
    assert points["objective"].to_list() == pytest.approx(expected)
    assert (points["spent"] <= points["budget"] * (1 + 1e-6)).all()
    check_monotone(points, 1)


@settings(max_examples=8, deadline=None)
@given(instances())
def test_loose_gaps_still_give_plans_and_bounds_that_never_fall(instance):
    points = frontier(instance, points=5, gap=0.5)
    check_monotone(points, 1)
    for scale, objective, bound in points.select("scale", "objective", "bound").iter_rows():
        assert objective - 1e-6 <= best(scaled(instance, budgets=scale)) <= bound + 1e-6


@settings(max_examples=10, deadline=None)
@given(instances(floors=True))
def test_each_floor_has_its_best_plan(instance):
    alone = Instance(instance.candidates, instance.capacity, instance.budgets)
    saving = {s[0]["group"] for plan in all_plans(alone) for s in plan}
    asked = set(instance.floors.filter(pl.col("floor_share") > 0)["group"])
    if not (asked or saving - {None}):
        return
    if not asked <= saving:
        with pytest.raises(PlanError, match="no possible start counts for it"):
            frontier(instance, over="balance", points=3)
        return
    points = frontier(instance, over="balance", points=4, gap=0.0)
    assert points["floor_share"].to_list() == pytest.approx([0, 0.95 / 3, 1.9 / 3, 0.95])
    assert points["objective"][0] == pytest.approx(best(alone))
    if asked:
        for scale, objective, share, group in points.select(
            "scale", "objective", "least_share", "least_group"
        ).iter_rows():
            assert objective == pytest.approx(best(scaled(instance, floors=scale)), abs=1e-6)
            if objective > 0:
                floor = dict(instance.floors.select("group", "floor_share").iter_rows())[group]
                assert share >= floor * scale - 1e-6
    check_monotone(points, -1)


def test_without_floors_each_group_gets_the_same():
    instance = next(i for i in (instance_of(n, floors=False) for n in range(99)) if saves_twice(i))
    points = frontier(instance, over="balance", points=3, gap=0.0)
    equal = pl.DataFrame({"group": ["north", "south"], "floor_share": [0.2375] * 2})
    half = replace(instance, floors=equal)
    assert points["objective"][1] == pytest.approx(best(half))
    assert points["objective"][0] > points["objective"][1] > 0
    assert points["least_share"][1] >= 0.2375 - 1e-9


def saves_twice(instance: Instance) -> bool:
    """Both groups have starts, and their balance costs something."""
    equal = pl.DataFrame({"group": ["north", "south"], "floor_share": [0.2375] * 2})
    return 0 < best(replace(instance, floors=equal)) < best(instance)


def test_where_the_decisions_cannot_be_paid_there_is_no_plan():
    instance = next(i for i in map(instance_of, range(99)) if pays(i))
    plan = max(all_plans(instance), key=lambda starts: worth(starts, instance))
    row, year = next(s for s in plan if s[0]["tooling_cost"] > 0)
    decided = {name: [row[name]] for name in ("item", "maker", "resource")} | {"start_year": [year]}
    points = frontier(replace(instance, fixed=pl.DataFrame(decided)), points=3, gap=0.0)
    assert points["status"][0] == "no plan"
    assert points["objective"].is_null().to_list() == [True, False, False]
    assert points["objective"][1] == pytest.approx(worth(plan, instance))


def pays(instance: Instance) -> bool:
    plan = max(all_plans(instance), key=lambda starts: worth(starts, instance))
    return any(row["tooling_cost"] > 0 and value(row, at, instance) > 0 for row, at in plan)


def test_what_cannot_be_traced_is_said():
    instance = instance_of(0, floors=False)
    endless = instance.budgets.with_columns(amount=pl.lit(float("inf")))
    with pytest.raises(PlanError, match="none has an end"):
        frontier(replace(instance, budgets=endless))
    with pytest.raises(PlanError, match="points: 1 is too few"):
        frontier(instance, points=1)
    nameless = instance.candidates.with_columns(group=pl.lit(None, dtype=pl.String))
    with pytest.raises(PlanError, match="has a group"):
        frontier(replace(instance, candidates=nameless), over="balance")
    with pytest.raises(PlanError, match="no scale of 0 or more"):
        scaled(instance, budgets=-1.0)
