"""Explanations against their definition, start by start, on every drawn plan."""

import re
from dataclasses import replace

import polars as pl
import pytest
from component_instances import tables_of
from hypothesis import given, settings
from hypothesis import strategies as st
from small_instances import (
    Start,
    all_plans,
    broken_limits,
    first_production,
    instance_of,
    instances,
    starts_of,
    value,
    worth,
)

from onshore.plan import Instance, Plan, PlanError, make_plan
from onshore.plan.explanations import explain_plan
from onshore.plan.infeasible import PlanInfeasible


def drawn(instance: Instance, starts: tuple[Start, ...]) -> Plan:
    values = [float(value(*start, instance)) for start in starts]
    frame = starts_of(starts).with_columns(value=pl.Series(values, dtype=pl.Float64))
    return Plan(frame, worth(starts, instance), 0.0, 0.0, "drawn")


def possible(instance: Instance, item: str) -> list[Start]:
    alone = Instance(instance.candidates, instance.capacity, instance.budgets)
    starts = [
        (row, year)
        for row in instance.candidates.filter(item=item).to_dicts()
        for year in range(row["opens"], instance.years)
    ]
    return [
        s
        for s in starts
        if first_production(*s) < instance.years
        and value(*s, instance) > 0
        and not broken_limits((s,), alone)
    ]


def in_place_of(plan: tuple[Start, ...], new: Start, old: Start | None = None) -> tuple[Start, ...]:
    return (*(start for start in plan if start is not old), new)


@settings(max_examples=60, deadline=None)
@given(instances(), st.randoms(use_true_random=False))
def test_reasons_and_next_best_makers_are_as_defined(instance, random):
    plan = random.choice(list(all_plans(instance)))
    told = explain_plan(instance, drawn(instance, plan))
    made = told.filter("in_plan").select("item", "maker", "resource", "start_year")
    assert sorted(made.rows()) == sorted(starts_of(plan).rows())
    assert set(told["item"]) == set(instance.candidates["item"])
    for row in told.filter("in_plan").iter_rows(named=True):
        check_planned(row, plan, instance)
    for row in told.filter(~pl.col("in_plan")).iter_rows(named=True):
        check_absent(row, plan, instance)


def check_planned(row: dict, plan: tuple[Start, ...], instance: Instance) -> None:
    own = next(s for s in plan if (s[0]["item"], s[0]["maker"]) == (row["item"], row["maker"]))
    makers = {s[0]["maker"] for s in plan if s[0]["item"] == row["item"]}
    starts = [s for s in possible(instance, row["item"]) if s != own]
    others = [s for s in starts if s[0]["maker"] not in makers]
    same = [s for s in starts if s[0]["maker"] == row["maker"]]

    def fits(start: Start) -> bool:
        return not broken_limits(in_place_of(plan, start, own), instance)

    fitting = [float(value(*s, instance)) for s in others if fits(s)]
    if fitting:
        assert row["next_best_fits"]
        assert row["next_best_value"] == pytest.approx(max(fitting))
    else:
        assert row["next_best_fits"] == (False if others else None)
    if others:
        assert row["next_best_maker"] in {s[0]["maker"] for s in others}
        assert row["next_best_loss"] == pytest.approx(row["value"] - row["next_best_value"])
    better = [s for s in same + others if value(*s, instance) > value(*own, instance)]
    expected = "limited" if better else "best"
    if expected == "limited" and fits(max(better, key=lambda s: (fits(s), value(*s, instance)))):
        expected = "improvable"
    assert row["reason"] == expected
    if expected == "limited":
        named = (row["limit_kind"], row["limit_name"], row["limit_year"])
        assert any(named in broken_limits(in_place_of(plan, s, own), instance) for s in better)


def check_absent(row: dict, plan: tuple[Start, ...], instance: Instance) -> None:
    candidates = instance.candidates.filter(item=row["item"]).to_dicts()
    starts = possible(instance, row["item"])
    if not starts:
        assert row["reason"] == nearest(candidates, instance)
        assert row["next_best_maker"] is None
        return
    best = next(
        s
        for s in starts
        if (s[0]["maker"], s[0]["resource"], s[1])
        == (row["next_best_maker"], row["next_best_resource"], row["next_best_year"])
    )
    assert row["next_best_value"] == pytest.approx(float(value(*best, instance)))
    fitting = [s for s in starts if not broken_limits(in_place_of(plan, s), instance)]
    assert row["next_best_fits"] == bool(fitting)
    assert (row["reason"] == "would_fit") == bool(fitting)
    if fitting:
        return
    limit = (row["limit_kind"], row["limit_name"], row["limit_year"])
    assert limit in broken_limits(in_place_of(plan, best), instance)
    paid = row["price_of_budget"] + row["price_of_capacity"]
    worth_it = row["next_best_value"] + row["price_of_floors"] - paid
    assert row["left"] == pytest.approx(worth_it)
    if row["limit_kind"] == "floor":
        assert row["reason"] == "floor"
        return
    assert row["taken_by"] is not None
    assert set(row["taken_by"]) <= {s[0]["item"] for s in plan}
    if row["reason"].startswith("worth_less_"):
        assert worth_it <= 1e-6
        kind = row["reason"].removeprefix("worth_less_")
        assert kind in {"floors", row["limit_kind"]}
    else:
        assert worth_it > 0
        assert row["reason"] == f"{row['limit_kind']}_taken"


def nearest(candidates: list[dict], instance: Instance) -> str:
    """How far the candidates of an item without a possible start come, in words."""
    budgets = instance.budgets.sort("year")["amount"].to_list()
    reached = {"saves_nothing"}
    for row in candidates:
        if row["annual_saving"] <= 0:
            continue
        reached.add("lead_too_long")
        if row["lead_years"] < instance.years:
            reached.add("opens_late")
        for year in range(row["opens"], instance.years):
            if year + row["lead_years"] < instance.years:
                reached.add("no_budget")
                if row["tooling_cost"] <= budgets[year]:
                    reached.add("too_large")
    order = ["saves_nothing", "lead_too_long", "opens_late", "no_budget", "too_large"]
    return max(reached, key=order.index)


@settings(max_examples=20, deadline=None)
@given(instances())
def test_nothing_would_fit_beside_the_best_plan_and_every_item_has_its_sentences(instance):
    told = explain_plan(instance, make_plan(instance, gap=0.0), first_year=1405, unit=("M", "م"))
    assert not set(told["reason"]) & {"would_fit", "improvable"}
    for item, sentence, persian in told.select("item", "sentence", "sentence_fa").iter_rows():
        assert item in sentence
        assert f"\u2068{item}\u2069" in persian
        assert not re.search(r"[{}]|None|nan", sentence + persian)
        # Apart from the names no figure is in Latin digits.
        assert not re.search(r"[0-9]", re.sub("\u2068.*?\u2069", "", persian))


@pytest.mark.parametrize("seed", range(20))
def test_with_every_component_nothing_would_fit_beside_the_best_plan(seed):
    instance = Instance(**tables_of(seed))
    try:
        plan = make_plan(instance, gap=0.0)
    except PlanInfeasible:
        return
    told = explain_plan(instance, plan)
    assert not set(told["reason"]) & {"would_fit", "improvable"}
    assert set(told["item"]) == set(instance.candidates["item"])
    assert told["in_plan"].sum() == plan.starts.height
    decided = 0 if instance.fixed is None else instance.fixed.height
    assert (told["reason"] == "decided").sum() == decided


def test_items_without_candidates_are_told_of():
    instance = two_items()
    items = pl.Series(["valve", "gear", "pump"])
    told = explain_plan(instance, make_plan(instance), items=items)
    assert told.select("item", "reason").rows()[0] == ("gear", "no_candidate")
    assert told["item"].to_list() == ["gear", "pump", "valve"]


def test_decisions_links_and_openings_are_named():
    instance = two_items()
    decided = pl.DataFrame(
        {"item": ["valve"], "maker": ["N"], "resource": ["N"], "start_year": [0]}
    )
    fixed = replace(instance, fixed=decided)
    assert reasons(fixed)["valve"] == "decided"
    links = pl.DataFrame({"item": ["pump"], "with_item": ["valve"], "kind": ["exclude"]})
    linked = replace(instance, links=links)
    assert reasons(linked) == {"pump": "best", "valve": "excluded"}
    openings = pl.DataFrame({"what": ["maker"], "name": ["N"], "cost": [4.5]})
    assert reasons(replace(instance, openings=openings)) == {"pump": "best", "valve": "opening"}


def reasons(instance: Instance) -> dict[str, str]:
    told = explain_plan(instance, make_plan(instance))
    assert not told["sentence"].str.contains("{", literal=True).any()
    return dict(told.select("item", "reason").iter_rows())


def two_items() -> Instance:
    return Instance(
        pl.DataFrame(
            {
                "item": ["pump", "valve"],
                "maker": ["M", "N"],
                "resource": ["M", "N"],
                "tooling_cost": [3.0, 2.0],
                "lead_years": [0, 0],
                "use_per_year": [1.0, 1.0],
                "annual_saving": [5.0, 4.0],
                "opens": [0, 0],
                "share": [1.0, 1.0],
                "max_makers": [1, 1],
            }
        ),
        pl.DataFrame({"resource": ["M", "N"], "year": [0, 0], "amount": [1.0, 1.0]}),
        pl.DataFrame({"year": [0], "amount": [9.0], "discount": [1.0]}),
    )


def test_a_plan_of_another_instance_is_refused():
    instance = two_items()
    plan = make_plan(instance)
    stranger = replace(plan, starts=plan.starts.with_columns(start_year=7))
    with pytest.raises(PlanError, match="is not possible in this instance"):
        explain_plan(instance, stranger)


def test_items_whose_candidates_were_left_out_are_told_why():
    instance = instance_of(0, floors=False)
    left_out = pl.DataFrame(
        {
            "item": ["seal", "seal", "seal"],
            "reason": ["the offer has no price", "the maker is abroad", "the maker is abroad"],
        }
    )
    told = explain_plan(
        instance, make_plan(instance), items=pl.Series(["seal", "shaft"]), left_out=left_out
    )
    seal, shaft = (
        told.row(by_predicate=pl.col("item") == name, named=True) for name in ("seal", "shaft")
    )
    assert (seal["reason"], seal["why"]) == ("left_out", "the maker is abroad")
    assert "The commonest reason: the maker is abroad." in seal["sentence"]
    assert (shaft["reason"], shaft["why"]) == ("no_candidate", None)


def test_the_cost_effect_stands_beside_the_value():
    instance = instance_of(1, floors=False)
    effect = pl.Series(range(instance.candidates.height), dtype=pl.Float64)
    instance = replace(instance, candidates=instance.candidates.with_columns(cost_effect=effect))
    plan = make_plan(instance)
    told = explain_plan(instance, plan).filter("in_plan").sort("item", "maker", "resource")
    expected = plan.starts.sort("item", "maker", "resource")["cost_effect_value"]
    assert told.height > 0
    assert told["cost_effect_value"].to_list() == expected.to_list()
