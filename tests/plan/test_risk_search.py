"""Plans under risk that are searched: never above the best, never bounded below it."""

import random

import polars as pl
import pytest

from onshore.plan import Instance, limits
from onshore.plan.risk import draw_scenarios, evaluate_plan
from onshore.plan.robust import cvar_plan, expected_plan, worst_case_plan

pytest.importorskip("numba")

KEY = ["item", "maker", "resource"]


def drawn_instance(seed: int, *, floors: bool) -> Instance:
    """Twelve items at five makers over three years: small enough to be solved whole."""
    dice = random.Random(seed)
    makers = [f"M{at}" for at in range(5)]
    region = {maker: dice.choice(["north", "south"]) for maker in makers}
    rows = [
        {
            "item": f"item {item:02}",
            "maker": maker,
            "resource": maker,
            "tooling_cost": dice.uniform(1, 6),
            "lead_years": dice.choice([0, 0, 1]),
            "use_per_year": dice.uniform(1, 6),
            "annual_saving": dice.uniform(1, 10),
            "opens": 0,
            "share": share,
            "max_makers": int(1 / share),
            "group": region[maker],
        }
        for item in range(12)
        for share in [dice.choice([1.0, 1.0, 0.5])]
        for maker in dice.sample(makers, 3)
    ]
    capacity = [{"resource": m, "year": y, "amount": 8.0} for m in makers for y in range(3)]
    shares = pl.DataFrame({"group": ["north", "south"], "floor_share": [0.4, 0.4]})
    return Instance(
        pl.DataFrame(rows),
        pl.DataFrame(capacity),
        pl.DataFrame({"year": [0, 1, 2], "amount": [9.0] * 3, "discount": [1.0, 0.9, 0.8]}),
        shares if floors and len(set(region.values())) == 2 else None,
    )


def drawn_risks(instance: Instance, seed: int) -> pl.DataFrame:
    dice = random.Random(seed)
    count = instance.candidates.height
    return instance.candidates.select(KEY).with_columns(
        probability=pl.Series([dice.choice([0.5, 0.8, 1.0]) for _ in range(count)]),
        delay_years=pl.Series([dice.choice([0, 1]) for _ in range(count)]),
        probability_late=pl.Series([dice.choice([0.0, 0.5]) for _ in range(count)]),
    )


@pytest.mark.parametrize(("seed", "floors"), [(1, False), (2, True)])
@pytest.mark.parametrize("measure", ["expected", "worst case", "CVaR"])
def test_a_searched_plan_and_its_bound_enclose_the_best(monkeypatch, measure, seed, floors):
    instance = drawn_instance(seed, floors=floors)
    risks = drawn_risks(instance, seed)
    drawn = draw_scenarios(instance, risks, count=20, seed=seed, demand_sd=0.3, rate_sd=0.2)
    make = {
        "expected": lambda **more: expected_plan(instance, risks, **more),
        "worst case": lambda **more: worst_case_plan(instance, risks, failures=2, **more),
        "CVaR": lambda **more: cvar_plan(drawn, share=0.2, **more),
    }[measure]
    best = make(seconds=60.0)
    assert (best.method, best.status) == ("whole", "optimal")
    monkeypatch.setattr("onshore.plan.weighing._MOST_WHOLE", 0)
    monkeypatch.setattr("onshore.plan.conditional._MOST_ENTRIES", 0)
    monkeypatch.setattr("onshore.plan.worth_search._MOVES", 50)
    monkeypatch.setattr("onshore.plan.budgeted._SEARCHES", 8)
    monkeypatch.setattr("onshore.plan.conditional._ROUNDS", 4)
    found = make(seconds=20.0, gap=0.05)
    assert found.method == "priced apart"
    assert found.objective <= best.objective + 1e-6
    assert found.bound >= best.objective - 1e-6
    # Far from proven, but no worse than what a search is for.
    assert found.objective >= 0.8 * best.objective
    kept = limits(found, instance)
    short = pl.col("limit") - pl.col("used") > 1e-6 * pl.col("limit").abs()
    over = pl.col("used") - pl.col("limit") > 1e-6 * pl.col("limit").abs()
    is_floor = pl.col("kind") == "floor"
    assert kept.filter(pl.when(is_floor).then(short).otherwise(over)).is_empty()
    if measure == "CVaR":
        told = evaluate_plan(found, drawn, share=0.2)["cvar"].item()
        assert told == pytest.approx(found.objective, abs=1e-9)
