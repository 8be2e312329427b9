"""Plans against every plan there is, on instances small enough to list them."""

import math

import polars as pl
import pytest
from hypothesis import given, settings
from small_instances import Start, all_plans, broken_limits, instances, worth

from onshore.plan import Instance, Plan, PlanError, make_plan


def chosen(plan: Plan, instance: Instance) -> tuple[Start, ...]:
    rows = {(r["item"], r["maker"], r["resource"]): r for r in instance.candidates.to_dicts()}
    return tuple(
        (rows[s["item"], s["maker"], s["resource"]], s["start_year"])
        for s in plan.starts.to_dicts()
    )


@settings(max_examples=300, deadline=None)
@given(instances())
def test_no_plan_is_better_and_none_beats_the_bound(instance):
    plan = make_plan(instance, gap=0.0)
    best = max(worth(other, instance) for other in all_plans(instance))
    assert plan.objective == pytest.approx(best, rel=1e-9, abs=1e-9)
    assert best <= plan.bound * (1 + 1e-9)
    assert plan.objective <= plan.bound
    assert plan.status in {"optimal", "only the empty plan"}
    assert (plan.status == "only the empty plan") == plan.starts.is_empty()


@settings(max_examples=150, deadline=None)
@given(instances())
def test_a_plan_keeps_every_limit_and_says_what_its_starts_are_worth(instance):
    plan = make_plan(instance, gap=0.2)
    starts = chosen(plan, instance)
    assert not broken_limits(starts, instance)
    assert plan.objective == pytest.approx(worth(starts, instance), rel=1e-12, abs=1e-12)
    assert plan.starts["value"].sum() == pytest.approx(plan.objective)
    per_item = plan.starts.join(instance.candidates, on=["item", "maker", "resource"])
    counts = per_item.group_by("item").agg(
        pl.len(), pl.col("maker").n_unique().alias("makers"), pl.col("max_makers").first()
    )
    assert counts.filter(pl.col("len") > pl.col("max_makers")).is_empty()
    assert counts.filter(pl.col("len") > pl.col("makers")).is_empty()


@settings(max_examples=75, deadline=None)
@given(instances())
def test_the_bound_holds_when_the_solver_may_stop_early(instance):
    best = max(worth(other, instance) for other in all_plans(instance))
    loose = make_plan(instance, gap=0.5)
    cut_short = make_plan(instance, seconds=1e-9)
    for plan in (loose, cut_short):
        assert plan.objective <= best * (1 + 1e-9) + 1e-9
        assert best <= plan.bound * (1 + 1e-9) + 1e-9
    assert loose.gap <= 0.5 or loose.starts.is_empty()


def one_maker(**changed: list[float]) -> Instance:
    """Two items for one maker over two years, with a case's own candidate columns."""
    candidates = {
        "item": ["pump", "valve"],
        "maker": ["M", "M"],
        "resource": ["M", "M"],
        "tooling_cost": [0.1, 0.2],
        "lead_years": [0, 0],
        "use_per_year": [0.1, 0.2],
        "annual_saving": [1.0, 1.0],
        "opens": [0, 0],
        "share": [1.0, 1.0],
        "max_makers": [1, 1],
    }
    capacity = {"resource": ["M", "M"], "year": [0, 1], "amount": [0.3, 0.3]}
    budgets = {"year": [0, 1], "amount": [0.3, 0.3], "discount": [1.0, 0.5]}
    return Instance(
        pl.DataFrame(candidates | changed), pl.DataFrame(capacity), pl.DataFrame(budgets)
    )


def test_amounts_that_fill_a_limit_exactly_fit_it_in_binary_too():
    assert 0.1 + 0.2 > 0.3
    plan = make_plan(one_maker())
    assert plan.starts["start_year"].to_list() == [0, 0]
    assert plan.objective == pytest.approx(3.0)


def test_what_passes_a_limit_by_a_millionth_does_not_fit():
    plan = make_plan(one_maker(use_per_year=[0.1, 0.2000003]))
    assert plan.starts.height == 1


def test_a_candidate_does_not_start_before_its_place_opens():
    plan = make_plan(one_maker(opens=[0, 1]))
    assert dict(plan.starts.select("item", "start_year").rows()) == {"pump": 0, "valve": 1}


def test_a_lead_time_delays_production_and_its_use_of_capacity():
    plan = make_plan(one_maker(lead_years=[1, 2]))
    assert plan.starts.select("item", "start_year", "first_production_year").rows() == [
        ("pump", 0, 1)
    ]
    assert plan.objective == pytest.approx(0.5)


def test_unlimited_budgets_and_capacities_take_every_item_at_once():
    inf = [math.inf, math.inf]
    candidates = one_maker().candidates
    unlimited = Instance(
        candidates,
        pl.DataFrame({"resource": ["M", "M"], "year": [0, 1], "amount": inf}),
        pl.DataFrame({"year": [0, 1], "amount": inf, "discount": [1.0, 0.5]}),
    )
    assert make_plan(unlimited).objective == pytest.approx(3.0)


@pytest.mark.parametrize("size", [1e-6, 1.0, 1e6, 1e13])
def test_the_unit_of_money_does_not_change_the_plan(size):
    candidates = one_maker().candidates.with_columns(
        tooling_cost=pl.Series([3 * size, 2 * size]),
        annual_saving=pl.Series([5 * size, 4 * size]),
    )
    budgets = pl.DataFrame({"year": [0, 1], "amount": [4 * size] * 2, "discount": [1.0, 0.5]})
    plan = make_plan(Instance(candidates, one_maker().capacity, budgets))
    assert plan.starts["start_year"].to_list() == [0, 1]
    assert plan.objective == pytest.approx(9.5 * size)


def test_two_offers_of_one_maker_do_not_count_as_two_makers():
    rows = one_maker().candidates.with_columns(
        item=pl.lit("pump"),
        resource=pl.Series(["offer 1", "offer 2"]),
        share=pl.lit(0.5),
        max_makers=pl.lit(2),
    )
    capacity = pl.DataFrame(
        {"resource": ["offer 1", "offer 1", "offer 2", "offer 2"], "year": [0, 1] * 2}
    ).with_columns(amount=pl.lit(9.0))
    plan = make_plan(Instance(rows, capacity, one_maker().budgets))
    assert plan.starts.height == 1


def test_without_candidates_the_plan_is_empty_and_best():
    empty = Instance(one_maker().candidates.clear(), one_maker().capacity, one_maker().budgets)
    plan = make_plan(empty)
    assert (plan.objective, plan.bound, plan.gap, plan.status) == (0.0, 0.0, 0.0, "optimal")


def test_candidates_that_cannot_be_paid_for_leave_only_the_empty_plan():
    plan = make_plan(one_maker(tooling_cost=[1.0, 1.0]))
    assert plan.status == "only the empty plan"
    assert plan.starts.is_empty()


def test_the_same_instance_gives_the_same_plan():
    first, second = make_plan(one_maker()), make_plan(one_maker())
    assert first.starts.equals(second.starts)
    assert first.bound == second.bound


@pytest.mark.parametrize(("gap", "seconds"), [(-0.1, 1.0), (math.nan, 1.0), (0.1, 0.0)])
def test_a_gap_or_time_that_means_nothing_is_refused(gap, seconds):
    with pytest.raises(PlanError, match=r"^(gap|seconds): "):
        make_plan(one_maker(), gap=gap, seconds=seconds)
