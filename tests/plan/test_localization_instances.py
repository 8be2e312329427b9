"""Plans of drawn instances, judged by the checker that reads files only."""

import csv
import importlib.util
import math
from pathlib import Path
from types import ModuleType

import polars as pl
import pytest

from onshore.plan import Instance, limits, make_plan

FOLDER = Path(__file__).parents[2] / "benchmarks" / "localization"


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"localization_{name}", FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def read_instance(folder: Path) -> Instance:
    """Read the files of model.md: a maker is its own resource, its region its group."""
    items, makers, capacity, candidates, budgets, floors = (
        pl.read_csv(folder / f"{name}.csv")
        for name in ("items", "makers", "capacity", "candidates", "budgets", "floors")
    )
    return Instance(
        candidates.join(items, on="item")
        .join(makers, on="maker")
        .select(
            "item",
            "maker",
            "lead_years",
            "share",
            "max_makers",
            resource="maker",
            tooling_cost="tooling_cost_musd",
            use_per_year="hours_per_year",
            annual_saving="annual_saving_musd",
            opens=pl.lit(0),
            group="region",
        ),
        capacity.select("year", resource="maker", amount="hours"),
        budgets.select("year", "discount", amount="budget_musd"),
        floors.select("floor_share", group="region"),
    )


def judge(folder: Path, plan, instance: Instance) -> dict:
    with (folder / "plan.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["item", "maker", "start_year"])
        rows.writerows(plan.starts.select("item", "maker", "start_year").rows())
    checker = script("checker")
    entries = checker.read(folder / "plan.csv", "item", "maker", "start_year")
    read_back = [(row["item"], row["maker"], int(row["start_year"])) for row in entries]
    return checker.check(checker.load(folder), read_back)


@pytest.mark.parametrize(
    ("seed", "shape"),
    [
        (0, {"n_items": 60, "n_makers": 40}),
        (1, {"n_items": 60, "n_makers": 12, "n_regions": 4, "dual_share": 0.5}),
        (2, {"n_items": 40, "n_makers": 10, "n_regions": 3, "floor_share": 0.95}),
        (3, {"n_items": 80, "n_makers": 10, "n_years": 3, "budget_tightness": 0.05}),
        (4, {"n_items": 50, "n_makers": 10, "n_regions": 5, "capacity_tightness": 0.05}),
    ],
)
def test_the_checker_agrees_with_the_plan(tmp_path, seed, shape):
    generate = script("generate")
    generate.write(generate.draw(seed=seed, **shape), tmp_path)
    instance = read_instance(tmp_path)
    plan = make_plan(instance, gap=0.02, seconds=30)
    verdict = judge(tmp_path, plan, instance)
    assert verdict["broken"] == []
    assert verdict["objective_musd"] == pytest.approx(plan.objective, rel=1e-12)
    assert verdict["entries"] == plan.starts.height > 0
    assert plan.objective <= plan.bound
    assert plan.gap == pytest.approx((plan.bound - plan.objective) / plan.objective)
    assert plan.gap <= 0.02

    # A floor of nothing is no limit.
    rows = [
        row
        for row in verdict["rows"]
        if row[0] in {"budget", "capacity"} or (row[0] == "floor" and row[3] > 0)
    ]
    found = limits(plan, instance)
    assert found.height == len(rows)
    assert math.fsum(found["used"]) == pytest.approx(math.fsum(row[2] for row in rows))
    assert math.fsum(found["limit"]) == pytest.approx(math.fsum(row[3] for row in rows))


def test_a_plan_cut_short_by_the_clock_says_so_and_keeps_its_bound(tmp_path):
    generate = script("generate")
    generate.write(generate.draw(1000, seed=0), tmp_path)
    instance = read_instance(tmp_path)
    plan = make_plan(instance, seconds=3)
    assert plan.status == "time limit"
    assert judge(tmp_path, plan, instance)["broken"] == []
    # model.md: a general solver's best plan, and the linear relaxation.
    assert plan.objective <= 3065.78
    assert plan.bound >= 3046.43
    assert plan.gap > 1e-6
