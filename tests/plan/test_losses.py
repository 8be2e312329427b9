"""Recourse and ranked losses against every way to replace what a failed maker made."""

import itertools
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_instances import all_plans, broken_limits, first_production, instance_of, value, worth

from onshore.plan import Instance, Plan, PlanError
from onshore.plan.losses import rank_losses, recourse


def some_plan(instance: Instance, seed: int) -> tuple[tuple, Plan]:
    """A plan among all that keep the limits, a good one, as the enumeration and as a table."""
    plans = sorted(all_plans(instance), key=lambda p: (worth(p, instance), repr(p)))
    starts = plans[-1 - seed % min(3, len(plans))]
    rows = [
        {
            "item": row["item"],
            "maker": row["maker"],
            "resource": row["resource"],
            "start_year": year,
            "first_production_year": first_production(row, year),
            "tooling_cost": row["tooling_cost"],
            "value": float(value(row, year, instance)),
        }
        for row, year in starts
    ]
    kinds = dict.fromkeys(("item", "maker", "resource"), pl.String)
    kinds |= dict.fromkeys(("start_year", "first_production_year"), pl.Int64)
    kinds |= dict.fromkeys(("tooling_cost", "value"), pl.Float64)
    objective = worth(starts, instance)
    return starts, Plan(pl.DataFrame(rows, schema=kinds), objective, objective, 0.0, "drawn")


def recovered(starts, maker: str, year: int, instance: Instance) -> float:
    """What the best replacement of every start of the maker saves, by trying all."""
    kept = [s for s in starts if s[0]["maker"] != maker]
    # What was paid before stays paid, and what was used before stays used.
    sunk = [s for s in starts if s[0]["maker"] == maker and s[1] < year]
    made = {(row["item"], row["maker"]) for row, _ in starts}
    choices = []
    for row, _ in (s for s in starts if s[0]["maker"] == maker):
        others = [
            (other, at)
            for other in instance.candidates.filter(item=row["item"]).to_dicts()
            if (other["item"], other["maker"]) not in made
            for at in range(max(year, other["opens"]), instance.years)
            if first_production(other, at) < instance.years and other["annual_saving"] > 0
        ]
        choices.append([None, *others])
    best = 0.0
    bare = replace(instance, floors=None)
    for picked in itertools.product(*choices):
        new = [s for s in picked if s is not None]
        plan = tuple(kept + new)
        broken = {b for b in broken_limits(plan, bare) if b[0] == "capacity" and b[2] >= year}
        paid = broken_limits(tuple(kept + sunk + new), bare)
        if not broken and not {b for b in paid if b[0] == "budget"}:
            best = max(best, worth(tuple(new), instance))
    return best


@settings(max_examples=35)
@given(st.integers(0, 2**32))
def test_recourse_recovers_the_most_that_any_replacement_does(seed):
    instance = instance_of(seed)
    starts, plan = some_plan(instance, seed)
    year = seed % instance.years
    ranked = rank_losses(instance, plan, year=year, exact=1)
    assert set(ranked["maker"]) == set(plan.starts["maker"])
    for maker in ranked["maker"]:
        found = recourse(instance, plan, maker, year=year)
        best = recovered(starts, maker, year, instance)
        discounts = instance.budgets.sort("year")["discount"]
        at_once = sum(
            row["share"]
            * row["annual_saving"]
            * discounts[max(year, first_production(row, at)) :].sum()
            for row, at in starts
            if row["maker"] == maker
        )
        assert found.value_lost_at_once == pytest.approx(at_once)
        assert found.value_recovered == pytest.approx(best, abs=1e-6)
        assert found.recovered_bound >= best - 1e-6
        assert found.moves["value_recovered"].sum() == pytest.approx(best, abs=1e-6)
        told = ranked.row(by_predicate=pl.col("maker") == maker, named=True)
        assert told["value_recovered"] <= best + 1e-6
        assert told["recovered_bound"] >= best - 1e-6
        if told["how"] == "exact":
            assert told["value_lost"] == pytest.approx(found.value_lost, abs=1e-6)
    assert ranked["value_lost"].is_sorted(descending=True)
    assert ranked.filter(how="exact").height == min(1, ranked.height)


def pair() -> tuple[Instance, Plan]:
    candidates = pl.DataFrame(
        {
            "item": ["pump", "pump", "pump"],
            "maker": ["M1", "M2", "M3"],
            "resource": ["M1", "M2", "M3"],
            "tooling_cost": [3.0, 3.0, 2.0],
            "lead_years": [0, 0, 1],
            "use_per_year": [1.0, 1.0, 1.0],
            "annual_saving": [10.0, 8.0, 6.0],
            "opens": [0, 0, 0],
            "share": [0.5] * 3,
            "max_makers": [2] * 3,
        }
    )
    instance = Instance(
        candidates,
        pl.DataFrame(
            {
                "resource": ["M1", "M1", "M2", "M2", "M3", "M3"],
                "year": [0, 1] * 3,
                "amount": [0.5] * 6,
            }
        ),
        pl.DataFrame({"year": [0, 1], "amount": [6.0, 6.0], "discount": [1.0, 1.0]}),
    )
    starts = pl.DataFrame(
        {
            "item": ["pump", "pump"],
            "maker": ["M1", "M2"],
            "resource": ["M1", "M2"],
            "start_year": [0, 0],
            "first_production_year": [0, 0],
            "tooling_cost": [3.0, 3.0],
            "value": [10.0, 8.0],
        }
    )
    return instance, Plan(starts, 18.0, 18.0, 0.0, "drawn")


def test_the_second_maker_of_an_item_stays_and_a_third_takes_the_place_of_the_first():
    instance, plan = pair()
    # In year 0 M1's own tooling is freed, and pays for M3, which makes half the need in year 1.
    found = recourse(instance, plan, "M1")
    assert found.moves["to_maker"].to_list() == ["M3"]
    assert (found.value_lost_at_once, found.value_recovered) == (10.0, 3.0)
    assert (found.tooling_cost, found.tooling_freed) == (2.0, 3.0)
    # A year later the tooling is lost, and M3 would come too late.
    late = recourse(instance, plan, "M1", year=1)
    assert late.moves["to_maker"].to_list() == [None]
    assert (late.value_lost_at_once, late.value_lost, late.tooling_freed) == (5.0, 5.0, 0.0)


def test_recourse_weighs_what_it_would_open():
    instance, plan = pair()
    opening = pl.DataFrame({"what": ["maker", "maker"], "name": ["M3", "M1"], "cost": [2.0, 9.0]})
    found = recourse(replace(instance, openings=opening), plan, "M1")
    assert (found.value_recovered, found.opening_cost, found.value_lost) == (1.0, 2.0, 9.0)
    dear = opening.with_columns(cost=pl.lit(3.5))
    assert recourse(replace(instance, openings=dear), plan, "M1").value_recovered == 0.0
    ranked = rank_losses(replace(instance, openings=opening), plan, exact=0)
    assert ranked.row(0, named=True)["value_recovered"] == 1.0


def test_a_maker_without_starts_loses_nothing():
    instance, plan = pair()
    found = recourse(instance, plan, "M3")
    assert (found.moves.height, found.value_lost, found.status) == (0, 0.0, "optimal")
    empty = replace(plan, starts=plan.starts.clear())
    assert rank_losses(instance, empty).is_empty()
    assert recourse(instance, empty, "M1").value_lost == 0.0


def test_questions_that_make_no_sense_are_refused():
    instance, plan = pair()
    for call, said in (
        (lambda: recourse(instance, plan, "M9"), "M9 is not in the table candidates"),
        (lambda: recourse(instance, plan, "M1", year=2), "outside the horizon 0 to 1"),
        (lambda: rank_losses(instance, plan, year=-1), "outside the horizon"),
        (lambda: rank_losses(instance, plan, exact=-1), "exact: -1 is negative"),
    ):
        with pytest.raises(PlanError, match=said):
            call()
    stranger = replace(plan, starts=plan.starts.with_columns(maker=pl.lit("M9")))
    with pytest.raises(PlanError, match="not possible in this instance"):
        rank_losses(instance, stranger)
