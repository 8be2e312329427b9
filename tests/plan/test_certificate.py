"""Certificates against every plan there is: both methods, all components, hundreds of instances."""

import math
from importlib.util import find_spec

import numpy as np
import polars as pl
import pytest
from component_instances import all_plans, plan_of, tables_of
from small_instances import instance_of

from onshore.plan import Instance, make_plan
from onshore.plan.infeasible import PlanInfeasible

BATCH = 30
without_numba = pytest.mark.skipif(
    find_spec("numba") is None, reason="plans are priced apart by compiled kernels (extra 'plan')"
)


def seeds_of(batch: int) -> range:
    return range(batch * BATCH, (batch + 1) * BATCH)


@pytest.mark.parametrize("batch", range(4))
def test_whole_plans_are_best_and_within_their_bound(batch):
    found = {"plans": 0, "empty": 0, "impossible": 0}
    for seed in seeds_of(batch):
        instance = Instance(**tables_of(seed))
        best = all_plans(instance).best
        if best is None:
            with pytest.raises(PlanInfeasible):
                make_plan(instance, gap=0.0)
            found["impossible"] += 1
            continue
        plan = make_plan(instance, gap=0.0)
        one = plan_of(plan.starts, instance)
        assert one.feasible.all(), seed
        assert plan.objective == pytest.approx(one.worth[0], abs=1e-9), seed
        assert plan.objective == pytest.approx(best, abs=1e-7), seed
        assert plan.bound >= best - 1e-9, seed
        found["empty" if plan.starts.is_empty() else "plans"] += 1
    # The draw holds enough of each kind to mean something.
    assert found["plans"] >= BATCH / 4
    assert found["impossible"] >= 2


def test_a_loose_gap_still_gives_a_plan_within_a_true_bound():
    for seed in range(1000, 1020):
        instance = Instance(**tables_of(seed))
        best = all_plans(instance).best
        if best is None:
            continue
        plan = make_plan(instance, gap=0.5)
        assert plan_of(plan.starts, instance).feasible.all(), seed
        assert plan.objective <= best + 1e-9 <= plan.bound + 2e-9, seed


@without_numba
@pytest.mark.parametrize("batch", range(2))
def test_plans_priced_apart_are_possible_and_within_their_bound(batch):
    from onshore.plan.large import options_of, search_plan

    met = 0
    for seed in seeds_of(batch):
        instance = instance_of(seed)
        assert instance.is_plain
        best = make_plan(instance, gap=0.0).objective
        options, names = options_of(instance)
        if not len(options.value):
            assert best == 0
            continue
        found = search_plan(options, gap=0.05, seconds=0.03, seed=seed)
        starts = names.candidates[names.candidate_of[found.chosen]].select(
            "item", "maker", "resource", start_year=pl.Series(options.start[found.chosen])
        )
        one = plan_of(starts, instance)
        assert one.feasible.all(), seed
        assert found.value == pytest.approx(one.worth[0], abs=1e-9), seed
        assert found.value <= best + 1e-9, seed
        assert found.bound >= best * (1 - 1e-9), seed
        met += math.isclose(found.value, best)
    assert met > BATCH / 2


@without_numba
def test_branches_on_large_items_prove_small_plans_without_passing_the_best():
    # Each item of these takes much of a budget, so that nearly all are branched on.
    from onshore.plan.large import options_of, search_plan

    proved, count = 0, 0
    for seed in range(500, 560):
        instance = instance_of(seed)
        best = make_plan(instance, gap=0.0).objective
        options, _ = options_of(instance)
        if not len(options.value):
            continue
        found = search_plan(options, gap=0.0, seconds=0.2, seed=seed)
        assert found.value <= best + 1e-9, seed
        assert found.bound >= best * (1 - 1e-9), seed
        proved += found.bound <= best * (1 + 1e-6)
        count += 1
    assert proved > count / 3


@without_numba
def test_large_plans_keep_the_decisions_and_their_certificate(monkeypatch):
    monkeypatch.setattr("onshore.plan.making._MOST_WHOLE", 0)
    monkeypatch.setattr("onshore.plan.making._MOST_TRIED", 0)
    apart = 0
    for seed in range(40):
        tables = tables_of(seed, decided=True)
        plain = {name: tables[name] for name in ("candidates", "capacity", "budgets", "fixed")}
        if tables["candidates"].schema["group"] == pl.List:
            continue
        plain["candidates"] = plain["candidates"].drop("required", "fund")
        plain["budgets"] = plain["budgets"].filter(pl.col("fund").is_null()).drop("fund")
        instance = Instance(**plain)
        best = all_plans(instance).best
        if best is None:
            with pytest.raises(PlanInfeasible):
                make_plan(instance)
            continue
        plan = make_plan(instance, gap=0.05, seconds=0.05)
        assert plan_of(plan.starts, instance).feasible.all(), seed
        assert plan.objective <= best + 1e-9 <= plan.bound + 2e-9, seed
        apart += plan.method == "priced apart"
    assert apart > 5


def test_the_best_plans_found_by_hand_and_by_the_solver_agree_on_what_is_possible():
    # The slow check itself: a plan known to break a limit is seen to break it.
    instance = Instance(
        pl.DataFrame(
            {
                "item": ["pump", "valve"],
                "maker": ["A", "A"],
                "resource": ["A", "A"],
                "tooling_cost": [3.0, 2.0],
                "lead_years": [0, 0],
                "use_per_year": [1.0, 1.0],
                "annual_saving": [5.0, 4.0],
                "opens": [0, 0],
                "share": [1.0, 1.0],
                "max_makers": [1, 1],
            }
        ),
        pl.DataFrame({"resource": ["A"], "year": [0], "amount": [2.0]}),
        pl.DataFrame({"year": [0], "amount": [4.0], "discount": [1.0]}),
    )
    every = all_plans(instance)
    assert sorted(every.worth) == [0, 4, 5, 9]
    assert np.flatnonzero(every.passed["budget", None, 0]).size == 1
    assert every.best == 5
