"""Plans with links, openings, requirements and floors of any kind, priced apart.

Each small instance is forced through that way and held against every plan of it, one by one.
"""

import importlib.util
import math
import random
from importlib.util import find_spec
from pathlib import Path

import polars as pl
import pytest
from component_instances import all_plans, plan_of, tables_of
from hypothesis import given, settings
from hypothesis import strategies as st

from onshore.plan import Instance, make_plan, making, read_instance
from onshore.plan.infeasible import PlanInfeasible

pytestmark = pytest.mark.skipif(find_spec("numba") is None, reason="the extra plan is missing")

NEAR = 1e-6
FOLDER = Path(__file__).parents[2] / "benchmarks" / "localization"


@pytest.fixture(scope="module", autouse=True)
def apart():
    """Let nothing be solved whole beforehand."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(making, "_MOST_WHOLE", -1)
        patch.setattr(making, "_MOST_TRIED", -1)
        yield


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.integers(0, 10**6), st.booleans())
def test_no_plan_is_above_the_bound_and_every_row_is_kept(seed, decided):
    instance = Instance(**tables_of(seed, decided=decided))
    best = all_plans(instance).best
    try:
        plan = make_plan(instance, gap=0.0, seconds=0.2)
    except PlanInfeasible:
        assert best is None
        return
    assert best is not None
    own = plan_of(plan.starts, instance)
    assert own.feasible.all()
    assert own.worth[0] == pytest.approx(plan.objective)
    small = NEAR * max(1.0, abs(best))
    assert plan.objective <= best + small
    assert best <= plan.bound + small
    assert math.isfinite(plan.bound)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    spec = importlib.util.spec_from_file_location("localization", FOLDER / "generate.py")
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    folder = tmp_path_factory.mktemp("drawn")
    generate.write(generate.draw(n_items=100, n_makers=30, seed=3), folder)
    return read_instance(folder)


def test_several_funds_need_no_other_way(drawn):
    makers = drawn.candidates["maker"].unique().sort().to_list()
    bank = pl.when(pl.col("maker").is_in(makers[::3])).then(pl.lit("bank"))
    parts = [
        drawn.budgets.with_columns(pl.col("amount") * part, fund=pl.lit(fund, dtype=pl.String))
        for fund, part in ((None, 0.7), ("bank", 0.3))
    ]
    candidates = drawn.candidates.with_columns(fund=bank)
    instance = Instance(candidates, drawn.capacity, pl.concat(parts), drawn.floors)
    assert instance.falls_apart
    assert not instance.is_plain
    plan = make_plan(instance, gap=0.03, seconds=8)
    spent = (
        plan.starts.join(candidates, on=["item", "maker"])
        .group_by("start_year", "fund")
        .agg(pl.col("tooling_cost").sum())
        .join(
            instance.budgets,
            left_on=["start_year", "fund"],
            right_on=["year", "fund"],
            nulls_equal=True,
        )
    )
    assert set(spent["fund"]) == {None, "bank"}
    assert (spent["tooling_cost"] <= spent["amount"] * (1 + NEAR)).all()
    assert plan.method == "priced apart"
    assert plan.gap < 0.05


def test_links_requirements_and_openings_are_kept_beside_a_bound(drawn):
    dice = random.Random(4)
    names = dice.sample(drawn.candidates["item"].unique().sort().to_list(), 24)
    kinds = ["together"] * 4 + ["exclude"] * 8
    links = pl.DataFrame({"item": names[::2], "with_item": names[1::2], "kind": kinds})
    makers = drawn.candidates["maker"].unique().sort().to_list()
    openings = pl.DataFrame({"what": "maker", "name": makers[:8], "cost": [2.0] * 8})
    seen = []
    plan = make_plan(
        Instance(drawn.candidates, drawn.capacity, drawn.budgets, drawn.floors, links, openings),
        gap=0.03,
        seconds=6,
        progress=lambda *told: seen.append(told),
    )
    made = set(plan.starts["item"])
    for one, other, kind in links.iter_rows():
        assert (one in made) + (other in made) in ((0, 2) if kind == "together" else (0, 1))
    paid = 2.0 * len(set(makers[:8]) & set(plan.starts["maker"]))
    assert plan.objective == pytest.approx(plan.starts["value"].sum() - paid)
    assert plan.method == "priced apart"
    assert plan.gap < 0.2
    assert seen
    assert all(value <= plan.objective + NEAR for _, value, _ in seen)
    assert all(bound >= plan.bound - NEAR for _, _, bound in seen)


def test_a_required_item_that_a_decision_excludes_is_infeasible():
    rows = {
        "item": ["pump", "valve"],
        "maker": ["M", "N"],
        "resource": ["M", "N"],
        "tooling_cost": [1.0, 1.0],
        "lead_years": [0, 0],
        "use_per_year": [1.0, 1.0],
        "annual_saving": [5.0, 4.0],
        "opens": [0, 0],
        "share": [1.0, 1.0],
        "max_makers": [1, 1],
        "required": [False, True],
    }
    decided = {"item": ["pump"], "maker": ["M"], "resource": ["M"], "start_year": [0]}
    instance = Instance(
        pl.DataFrame(rows),
        pl.DataFrame({"resource": ["M", "N"], "year": [0, 0], "amount": [9.0, 9.0]}),
        pl.DataFrame({"year": [0], "amount": [9.0], "discount": [1.0]}),
        links=pl.DataFrame({"item": ["pump"], "with_item": ["valve"], "kind": ["exclude"]}),
        fixed=pl.DataFrame(decided),
    )
    with pytest.raises(PlanInfeasible, match="valve is required"):
        make_plan(instance, seconds=1)
