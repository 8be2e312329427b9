"""Plans under risk against every plan, every set of failures and every scenario."""

import itertools
import random
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_instances import all_plans, first_production, instance_of, value

from onshore.plan import Instance, PlanError, limits, make_plan
from onshore.plan.risk import (
    Scenarios,
    draw_scenarios,
    evaluate_plan,
    risks_of,
    scenario_values,
)
from onshore.plan.robust import cvar_plan, expected_plan, worst_case_plan

KEY = ["item", "maker", "resource"]
SEEDS = st.integers(0, 2**32)


def risks_for(instance: Instance, seed: int) -> pl.DataFrame:
    dice = random.Random(seed)
    rows = [
        {
            **{name: row[name] for name in KEY},
            "probability": dice.choice([1.0, 1.0, 0.75, 0.5, 0.0]),
            "delay_years": dice.choice([0, 1, 2]),
            "probability_late": dice.choice([0.0, 0.25, 1.0]),
        }
        for row in instance.candidates.to_dicts()
        if dice.random() < 0.8
    ]
    kinds = {"probability": pl.Float64, "probability_late": pl.Float64, "delay_years": pl.Int64}
    return pl.DataFrame(rows, schema={**dict.fromkeys(KEY, pl.String), **kinds})


def by_candidate(risks: pl.DataFrame) -> dict:
    return {tuple(row[name] for name in KEY): row for row in risks.to_dicts()}


def delayed(row, year, years, instance) -> float:
    late = {**row, "lead_years": 0, "needed_from": first_production(row, year) + years}
    return float(value(late, year, instance))


def expectation(row, year, instance, known) -> float:
    own = float(value(row, year, instance))
    risk = known.get(tuple(row[name] for name in KEY))
    if risk is None:
        return own
    late = delayed(row, year, risk["delay_years"], instance)
    q = risk["probability_late"]
    return risk["probability"] * ((1 - q) * own + q * late)


def loss(row, year, instance, known) -> float:
    own = float(value(row, year, instance))
    risk = known.get(tuple(row[name] for name in KEY))
    if risk is None:
        return 0.0
    if risk["probability"] < 1:
        return own
    if risk["probability_late"] > 0:
        return own - delayed(row, year, risk["delay_years"], instance)
    return 0.0


@settings(max_examples=25)
@given(SEEDS)
def test_the_expected_plan_is_the_best_of_all_plans(seed):
    instance = instance_of(seed)
    risks = risks_for(instance, seed)
    known = by_candidate(risks)
    plan = expected_plan(instance, risks)
    best = max(sum(expectation(*s, instance, known) for s in p) for p in all_plans(instance))
    assert plan.objective == pytest.approx(best, abs=1e-6)
    assert plan.bound >= best - 1e-9
    used = limits(plan, instance).filter(~pl.col("kind").is_in(["floor", "floor_amount"]))
    assert (used["used"] <= used["limit"] + 1e-6).all()


@settings(max_examples=25)
@given(SEEDS, st.sampled_from([0, 1, 1.5, 2, 9]))
def test_the_worst_case_plan_is_the_best_after_every_set_of_failures(seed, failures):
    instance = instance_of(seed)
    risks = risks_for(instance, seed)
    known = by_candidate(risks)

    def worst(plan) -> float:
        losses = [loss(*s, instance, known) for s in plan]
        # What is lost is linear in each failure, so the worst is at a corner of the budget.
        whole, part = int(failures), failures - int(failures)
        most = 0.0
        for size in range(min(whole, len(losses)) + 1):
            for gone in itertools.combinations(range(len(losses)), size):
                rest = [d for at, d in enumerate(losses) if at not in gone]
                most = max(most, sum(losses[at] for at in gone) + part * max(rest, default=0.0))
        return sum(float(value(*s, instance)) for s in plan) - most

    plan = worst_case_plan(instance, risks, failures=failures)
    best = max(worst(p) for p in all_plans(instance))
    assert plan.objective == pytest.approx(best, abs=1e-6)
    assert plan.bound >= best - 1e-9


def scenarios_for(instance: Instance, seed: int, count: int) -> Scenarios:
    risks = risks_for(instance, seed)
    return draw_scenarios(instance, risks, count=count, seed=seed, demand_sd=0.4, rate_sd=0.2)


def saved(row, year, scenario, drawn: Scenarios) -> float:
    """What a start saves in a scenario, from the tables alone."""
    late = drawn.outcomes.filter(item=row["item"], maker=row["maker"], resource=row["resource"])
    years = late["years_late"].item()[scenario] if late.height else 0
    if years < 0:
        return 0.0
    demand = drawn.demand.filter(item=row["item"])["factor"].item()[scenario]
    rate = drawn.rates["factor"][scenario]
    return rate * demand * delayed(row, year, years, drawn.instance)


def mean_of_the_worst(values: list[float], share: float) -> float:
    """Rockafellar and Uryasev's maximum, at whose breakpoints eta is one of the values."""
    return max(
        eta - sum(max(0.0, eta - v) for v in values) / (share * len(values)) for eta in values
    )


@settings(max_examples=30)
@given(SEEDS, st.sampled_from([0.2, 0.3, 0.5, 1.0]))
def test_the_cvar_plan_is_the_best_of_all_plans_over_the_scenarios(seed, share):
    instance = instance_of(seed)
    drawn = scenarios_for(instance, seed, 5)
    table = {}

    def cvar(plan) -> float:
        sums = [0.0] * 5
        for row, year in plan:
            key = (row["item"], row["maker"], year)
            if key not in table:
                table[key] = [saved(row, year, s, drawn) for s in range(5)]
            sums = [a + b for a, b in zip(sums, table[key], strict=True)]
        return mean_of_the_worst(sums, share)

    plan = cvar_plan(drawn, share=share)
    best = max(cvar(p) for p in all_plans(instance))
    assert plan.objective == pytest.approx(best, rel=1e-6, abs=1e-6)
    assert plan.bound >= best - 1e-6
    told = evaluate_plan(plan, drawn, share=share).row(0, named=True)
    assert told["cvar"] == pytest.approx(plan.objective, abs=1e-9)
    assert told["worst"] <= told["cvar"] + 1e-9 <= told["mean"] + 2e-9


def test_the_price_of_robustness_rises_with_the_budget_of_failures():
    instance = instance_of(11)
    risks = instance.candidates.select(
        *KEY, probability=pl.lit(0.5), delay_years=pl.lit(0), probability_late=pl.lit(0.0)
    )
    saved = [worst_case_plan(instance, risks, failures=n).objective for n in range(5)]
    assert saved[0] == pytest.approx(make_plan(instance).objective)
    assert saved == sorted(saved, reverse=True)
    assert saved[-1] == pytest.approx(0.0, abs=1e-9)  # all that is chosen can fail


def tiny() -> Instance:
    candidates = pl.DataFrame(
        {
            "item": ["pump", "valve"],
            "maker": ["M1", "M2"],
            "resource": ["M1", "M2"],
            "tooling_cost": [3.0, 3.0],
            "lead_years": [0, 0],
            "use_per_year": [1.0, 1.0],
            "annual_saving": [9.0, 4.0],
            "opens": [0, 0],
            "share": [1.0, 1.0],
            "max_makers": [1, 1],
            "group": ["north", "south"],
            "probability": [0.25, 1.0],
            "delay_years": [0, 1],
        }
    )
    return Instance(
        candidates,
        pl.DataFrame(
            {"resource": ["M1", "M1", "M2", "M2"], "year": [0, 1, 0, 1], "amount": [1.0] * 4}
        ),
        pl.DataFrame({"year": [0, 1], "amount": [6.0, 6.0], "discount": [1.0, 0.5]}),
    )


def test_openings_are_paid_whether_or_not_candidates_qualify():
    instance = replace(
        tiny(), openings=pl.DataFrame({"what": ["maker"], "name": ["M1"], "cost": [3.0]})
    )
    risks = risks_of(instance, probability_late=0.5)
    # The pump is expected to save 0.25 x 13.5 = 3.375, opening paid 0.375; the valve 4 x 1.5 or,
    # late, 4 x 0.5.
    plan = expected_plan(instance, risks)
    assert plan.objective == pytest.approx(0.375 + 4.0)
    dear = replace(instance, openings=instance.openings.with_columns(cost=pl.lit(4.0)))
    assert expected_plan(dear, risks).starts["item"].to_list() == ["valve"]
    drawn = draw_scenarios(instance, risks, count=400, seed=3)
    values = scenario_values(plan, drawn)["value"].to_numpy()
    assert set(np.round(values, 9)) == {-1.0, 3.0, 12.5, 16.5}


def test_floors_count_what_is_planned():
    instance = replace(tiny(), floors=pl.DataFrame({"group": ["north"], "floor_share": [0.6]}))
    risks = risks_of(instance, probability_late=0.0)
    plan = expected_plan(instance, risks)
    assert plan.starts["item"].sort().to_list() == ["pump", "valve"]
    floor = limits(plan, instance).filter(kind="floor").row(0, named=True)
    assert floor["used"] >= floor["limit"]


def test_drawn_scenarios_have_the_means_and_spreads_asked_for():
    instance = tiny()
    risks = pl.DataFrame(
        {
            "item": ["pump"],
            "maker": ["M1"],
            "resource": ["M1"],
            "probability": [0.7],
            "delay_years": [1],
            "probability_late": [0.4],
        }
    )
    drawn = draw_scenarios(instance, risks, count=40_000, seed=5, demand_sd=0.3, rate_sd=0.1)
    demand = np.array(drawn.demand["factor"].to_list())
    late = np.array(drawn.outcomes["years_late"].item())
    assert demand.mean() == pytest.approx(1.0, abs=0.01)
    assert demand.std(axis=1) == pytest.approx([0.3, 0.3], abs=0.01)
    assert np.corrcoef(demand)[0, 1] == pytest.approx(0.0, abs=0.02)
    assert drawn.rates["factor"].std() == pytest.approx(0.1, abs=0.01)
    assert (late >= 0).mean() == pytest.approx(0.7, abs=0.01)
    assert (late == 1).mean() == pytest.approx(0.28, abs=0.01)
    capped = draw_scenarios(instance, count=50, seed=5, demand_sd=0.3, more_is_served=False)
    assert capped.demand["factor"].explode().max() == 1.0


def test_the_same_seed_draws_the_same_whatever_the_order_of_the_rows():
    instance = tiny()
    risks = risks_of(instance, probability_late=0.5)
    one = draw_scenarios(instance, risks, count=9, seed=7, demand_sd=0.2, rate_sd=0.2)
    other = draw_scenarios(
        replace(instance, candidates=instance.candidates.reverse()),
        risks.reverse(),
        count=9,
        seed=7,
        demand_sd=0.2,
        rate_sd=0.2,
    )
    assert one.rates.equals(other.rates)
    assert one.demand.equals(other.demand)
    assert one.outcomes.equals(other.outcomes)
    different = draw_scenarios(instance, risks, count=9, seed=8, demand_sd=0.2, rate_sd=0.2)
    assert not one.rates.equals(different.rates)


def test_a_plan_is_told_by_its_scenarios():
    instance = tiny()
    plan = make_plan(instance)
    scenarios = Scenarios(
        instance,
        pl.DataFrame({"scenario": [0, 1, 2, 3], "factor": [1.0, 2.0, 0.5, 1.0]}),
        pl.DataFrame({"item": ["valve"], "factor": [[1.0, 1.0, 1.0, 0.0]]}),
        pl.DataFrame(
            {"item": ["pump"], "maker": ["M1"], "resource": ["M1"], "years_late": [[0, 1, -1, 5]]}
        ),
    )
    # Pump 13.5 in time, 4.5 a year late; valve 6.
    values = [19.5, 2 * (4.5 + 6.0), 3.0, 0.0]
    assert scenario_values(plan, scenarios)["value"].to_list() == pytest.approx(values)
    told = evaluate_plan(plan, scenarios, share=0.375, target=19.5).row(0, named=True)
    assert told["planned"] == pytest.approx(19.5)
    assert told["mean"] == pytest.approx(np.mean(values))
    assert told["standard_deviation"] == pytest.approx(np.std(values))
    assert (told["worst"], told["best"], told["value_at_risk"]) == pytest.approx((0.0, 21.0, 3.0))
    assert told["cvar"] == pytest.approx((0.25 * 0.0 + 0.125 * 3.0) / 0.375)
    assert told["probability_of_target"] == 0.5
    assert told["scenarios"] == 4
    assert evaluate_plan(plan, scenarios)["probability_of_target"].item() is None


RISK = {
    "item": ["pump"],
    "maker": ["M1"],
    "resource": ["M1"],
    "probability": [0.5],
    "delay_years": [0],
    "probability_late": [0.0],
}


@pytest.mark.parametrize(
    ("column", "bad", "said"),
    [
        ("probability", 1.5, "not between 0 and 1"),
        ("probability", None, "it is empty"),
        ("probability_late", "often", "no finite number"),
        ("delay_years", 0.5, "not a whole number"),
        ("delay_years", -1, "not between 0 and 100"),
        ("maker", "M9", "not a row of the table candidates"),
    ],
)
def test_a_bad_row_of_risks_is_named(column, bad, said):
    risks = pl.DataFrame({**RISK, column: [bad]})
    with pytest.raises(PlanError, match=f"(?s)risks, row 1.*{said}"):
        expected_plan(tiny(), risks)


def test_a_risk_given_twice_or_without_a_column_is_refused():
    risks = pl.DataFrame(RISK)
    with pytest.raises(PlanError, match="occurs twice"):
        draw_scenarios(tiny(), pl.concat([risks, risks]), seed=0)
    with pytest.raises(PlanError, match="risks: no column probability"):
        worst_case_plan(tiny(), risks.drop("probability"), failures=1)


def test_arguments_out_of_range_are_refused():
    instance, risks = tiny(), pl.DataFrame(RISK)
    drawn = draw_scenarios(instance, risks, count=3, seed=0)
    for call in (
        lambda: draw_scenarios(instance, risks, count=0, seed=0),
        lambda: draw_scenarios(instance, risks, seed=0, rate_sd=-0.1),
        lambda: risks_of(instance, probability_late=2.0),
        lambda: worst_case_plan(instance, risks, failures=-1),
        lambda: expected_plan(instance, risks, gap=-1.0),
        lambda: expected_plan(instance, risks, seconds=0.0),
        lambda: cvar_plan(drawn, share=0.0),
        lambda: evaluate_plan(make_plan(instance), drawn, share=1.5),
    ):
        with pytest.raises(PlanError):
            call()


def test_scenarios_that_do_not_fit_are_refused():
    instance = tiny()
    rates = pl.DataFrame({"scenario": [0, 1], "factor": [1.0, 1.0]})
    demand = pl.DataFrame({"item": ["pump"], "factor": [[1.0, 1.0]]})
    late = pl.DataFrame(
        {"item": ["pump"], "maker": ["M1"], "resource": ["M1"], "years_late": [[0, 1]]}
    )
    Scenarios(instance, rates, demand, late)
    longer = demand.with_columns(factor=pl.Series([[1.0, 1.0, 1.0]]))
    for tables, said in (
        ((rates.with_columns(scenario=pl.Series([0, 5])), demand, late), "in order"),
        ((rates.head(0), demand, late), "no rows"),
        ((rates, longer, late), "an array of 2 numbers"),
        ((rates, demand.with_columns(item=pl.lit("fan")), late), "fan is not in"),
        ((rates, demand.with_columns(factor=pl.Series([[1.0, -1.0]])), late), "too small"),
        ((rates, demand, pl.concat([late, late])), "occurs twice"),
        ((rates, demand, late.drop("maker")), "no column maker"),
    ):
        with pytest.raises(PlanError, match=said):
            Scenarios(instance, *tables)
    stranger = make_plan(instance)
    stranger = replace(stranger, starts=stranger.starts.with_columns(maker=pl.lit("M9")))
    with pytest.raises(PlanError, match="not possible in this instance"):
        evaluate_plan(stranger, Scenarios(instance, rates, demand, late))


def test_nothing_to_choose_from_is_an_empty_plan():
    instance = tiny()
    empty = replace(instance, candidates=instance.candidates.clear())
    plan = expected_plan(empty, None)
    assert (plan.starts.height, plan.objective, plan.gap) == (0, 0.0, 0.0)
    drawn = draw_scenarios(empty, count=4, seed=0, demand_sd=0.5)
    assert cvar_plan(drawn).objective == 0.0
    assert evaluate_plan(plan, drawn)["mean"].item() == 0.0
