"""Two plans beside each other, and plans around decisions: against every plan there is."""

from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_instances import Start, all_plans, instances, starts_of, value, worth

from onshore.plan import Instance, Plan, PlanError, make_plan
from onshore.plan.comparing import change_totals, compare_plans, extend_plan
from onshore.plan.infeasible import PlanInfeasible


def drawn(instance: Instance, starts: tuple[Start, ...]) -> Plan:
    frame = starts_of(starts).with_columns(
        tooling_cost=pl.Series([float(row["tooling_cost"]) for row, _ in starts], dtype=pl.Float64),
        value=pl.Series([float(value(*s, instance)) for s in starts], dtype=pl.Float64),
    )
    return Plan(frame, worth(starts, instance), 0.0, 0.0, "drawn")


@settings(max_examples=60, deadline=None)
@given(instances(), st.randoms(use_true_random=False))
def test_every_start_of_both_plans_is_told_of_once(instance, random):
    plans = list(all_plans(instance))
    one, other = random.choice(plans), random.choice(plans)
    compared = compare_plans(drawn(instance, one), drawn(instance, other))
    for end, starts in (("", one), ("_other", other)):
        names = [f"maker{end}", f"resource{end}", f"start_year{end}"]
        there = compared.filter(pl.col(names[0]).is_not_null()).select("item", *names)
        assert sorted(there.rows()) == sorted(starts_of(starts).rows())
    difference = worth(other, instance) - worth(one, instance)
    assert compared["value_difference"].sum() == pytest.approx(difference)
    for row in compared.iter_rows(named=True):
        assert row["change"] == change(row)
    # As many as can be are paired: an item is not both added and dropped.
    kinds = compared.group_by("item").agg("change")["change"].to_list()
    assert not any({"added", "dropped"} <= set(of_item) for of_item in kinds)
    totals = change_totals(compared)
    assert totals["starts"][-1] == compared.height == totals["starts"][:-1].sum()
    assert totals["value_difference"][-1] == pytest.approx(difference)
    for kind, starts in totals.select("change", "starts").rows()[:-1]:
        assert starts == (compared["change"] == kind).sum()


def change(row: dict) -> str:
    if row["maker"] is None:
        return "added"
    if row["maker_other"] is None:
        return "dropped"
    for name in ("maker", "resource"):
        if row[name] != row[f"{name}_other"]:
            return f"other {name}"
    return "same" if row["start_year"] == row["start_year_other"] else "other year"


@given(instances())
@settings(max_examples=20, deadline=None)
def test_a_plan_beside_itself_is_the_same(instance):
    plan = make_plan(instance)
    compared = compare_plans(plan, plan)
    assert compared.height == plan.starts.height
    assert set(compared["change"]) <= {"same"}
    assert compared["value_difference"].abs().sum() == 0


@settings(max_examples=40, deadline=None)
@given(instances(), st.randoms(use_true_random=False))
def test_the_best_plan_around_decisions_is_found(instance, random):
    plans = list(all_plans(instance))
    whole = random.choice(plans)
    kept = tuple(start for start in whole if random.random() < 0.5)
    wanted = {key(start) for start in kept}
    expected = max(
        worth(plan, instance) for plan in plans if wanted <= {key(start) for start in plan}
    )
    plan = extend_plan(instance, starts_of(kept), gap=0.0)
    assert plan.objective == pytest.approx(expected)
    assert wanted <= set(plan.starts.select("item", "maker", "resource", "start_year").rows())
    # Those of the instance stay decided beside those that are given.
    both = extend_plan(replace(instance, fixed=starts_of(kept)), starts_of(kept[:1]), gap=0.0)
    assert both.objective == pytest.approx(expected)


def key(start: Start) -> tuple[str, str, str, int]:
    row, year = start
    return row["item"], row["maker"], row["resource"], year


def test_decisions_that_cannot_be_kept_are_refused():
    instance = Instance(
        pl.DataFrame(
            {
                "item": ["pump"],
                "maker": ["M"],
                "resource": ["M"],
                "tooling_cost": [3.0],
                "lead_years": [0],
                "use_per_year": [1.0],
                "annual_saving": [5.0],
                "opens": [0],
                "share": [1.0],
                "max_makers": [1],
            }
        ),
        pl.DataFrame({"resource": ["M"], "year": [0], "amount": [1.0]}),
        pl.DataFrame({"year": [0], "amount": [2.0], "discount": [1.0]}),
    )
    kept = {"item": ["pump"], "maker": ["M"], "resource": ["M"], "start_year": [0]}
    with pytest.raises(PlanInfeasible, match="budget"):
        extend_plan(instance, pl.DataFrame(kept))
    with pytest.raises(PlanError, match="not a row of the table candidates"):
        extend_plan(instance, pl.DataFrame(kept | {"maker": ["N"]}))
