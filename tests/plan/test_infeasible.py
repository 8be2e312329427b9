"""Colliding limits and the least change, against every plan of small instances."""

import polars as pl
import pytest
from component_instances import all_plans, tables_of

from onshore.plan import Instance, PlanError, infeasible, make_plan, sifting
from onshore.plan.infeasible import PlanInfeasible, why_infeasible
from onshore.plan.mending import mended

WEIGHTS = {"phase": 0.25, "together": 10, "exclude": 10, "required": 10, "fixed": 100}
LIMIT = ["kind", "name", "year"]


def impossible(seeds: range) -> list[tuple[int, Instance]]:
    drawn = [(seed, Instance(**tables_of(seed))) for seed in seeds]
    return [(seed, instance) for seed, instance in drawn if all_plans(instance).best is None]


def pump(**changed: object) -> dict[str, pl.DataFrame]:
    row = {
        "item": "pump", "maker": "M", "resource": "M", "tooling_cost": 5.0, "lead_years": 0,
        "use_per_year": 4.0, "annual_saving": 6.0, "opens": 0, "share": 1.0, "max_makers": 1,
        "group": "north", "required": True,
    }  # fmt: skip
    return {
        "candidates": pl.DataFrame([row | changed]),
        "capacity": pl.DataFrame({"resource": ["M", "M"], "year": [0, 1], "amount": [9.0, 9.0]}),
        "budgets": pl.DataFrame({"year": [0, 1], "amount": [9.0, 9.0], "discount": [1.0, 1.0]}),
    }


def test_what_collides_cannot_be_had_together_and_could_without_any_one_of_it():
    cases = impossible(range(45))
    assert len(cases) > 8
    for seed, instance in cases:
        passed = all_plans(instance, early=True).passed
        reasons = why_infeasible(instance)
        colliding = reasons.filter("collides").select(LIMIT).rows()
        assert colliding, seed

        def possible(limits, passed=passed):
            broken = sum((passed[limit] > 0 for limit in limits), start=0)
            return not limits or bool((broken == 0).any())

        assert not possible(colliding), seed
        for one in colliding:
            assert possible([limit for limit in colliding if limit != one]), (seed, one)


def test_the_change_mends_and_none_is_less():
    for seed in range(50):
        tables = tables_of(seed)
        tables["candidates"] = tables["candidates"].with_columns(pl.col("annual_saving").clip(1))
        if tables["floors"] is not None:
            tables["floors"] = tables["floors"].with_columns(floor_share=pl.lit(0.0))
        instance = Instance(**tables)
        if all_plans(instance).best is not None:
            continue
        reasons = why_infeasible(instance)
        plans = all_plans(instance, early=True)
        least = sum(
            by * WEIGHTS.get(limit[0], 1.0) / plans.size(limit)
            for limit, by in plans.passed.items()
        ).min()
        changed = reasons.filter(pl.col("needed").is_not_null())
        price = sum(
            abs(row["needed"] - row["given"])
            * WEIGHTS.get(row["kind"], 1.0)
            / plans.size((row["kind"], row["name"], row["year"]))
            for row in changed.to_dicts()
        )
        assert price == pytest.approx(least, rel=1e-5), seed
        assert all_plans(mended(instance, reasons)).best is not None, seed


def test_with_shares_and_losses_too_the_change_mends():
    for seed, instance in impossible(range(50, 80)):
        mended_instance = mended(instance, why_infeasible(instance))
        assert all_plans(mended_instance).best is not None, seed


@pytest.mark.parametrize(
    ("changed", "tables", "words"),
    [
        (
            {"tooling_cost": 10.3},
            {"budgets": {"amount": [4.0, 9.0]}},
            "raise the budget of year 1 by 1.3",
        ),
        ({"use_per_year": 10.0, "opens": 1}, {}, "raise the capacity of M in year 1 by 1"),
        ({"opens": 1, "lead_years": 1}, {}, "open M in year 0"),
        ({"lead_years": 2}, {}, "do not require pump: no maker can produce it before"),
    ],
)
def test_the_change_is_told_in_words(changed, tables, words):
    given = pump(**changed)
    for table, columns in tables.items():
        given[table] = given[table].with_columns(**{n: pl.Series(v) for n, v in columns.items()})
    with pytest.raises(PlanInfeasible) as caught:
        make_plan(Instance(**given))
    assert words in str(caught.value)
    reason = caught.value.reasons.filter(pl.col("needed").is_not_null())["reason"]
    assert reason.str.starts_with(words).to_list() == [True]


def test_a_floor_above_what_is_possible_is_named_with_what_is_possible():
    floors = pl.DataFrame({"group": ["north"], "floor_amount": [20.0]})
    with pytest.raises(PlanInfeasible, match="lower the least value of north to 12") as caught:
        make_plan(Instance(**pump(), floors=floors))
    row = caught.value.reasons.row(0, named=True)
    assert (row["kind"], row["name"], row["given"], row["needed"]) == (
        "floor_amount", "north", 20.0, 12.0,
    )  # fmt: skip
    assert row["limit"] == "the least value of north (20)"


def test_a_share_that_a_required_item_cannot_leave_is_lowered():
    given = pump()
    other = given["candidates"].with_columns(
        item=pl.lit("valve"), group=pl.lit("south"), required=False, annual_saving=0.6
    )
    given["candidates"] = pl.concat([given["candidates"], other])
    floors = pl.DataFrame({"group": ["south"], "floor_share": [0.2]})
    # The pump from year 1 on saves 6, the valve from year 0 on 1.2 of the 7.2.
    with pytest.raises(PlanInfeasible, match=r"lower the floor of south to 16\.6666 %") as caught:
        make_plan(Instance(**given, floors=floors))
    mend = mended(Instance(**given, floors=floors), caught.value.reasons)
    assert make_plan(mend).starts["item"].sort().to_list() == ["pump", "valve"]


def test_decisions_that_overspend_are_named():
    fixed = pl.DataFrame({"item": ["pump"], "maker": ["M"], "resource": ["M"], "start_year": [0]})
    instance = Instance(**pump(tooling_cost=12.0, required=False), fixed=fixed)
    with pytest.raises(PlanInfeasible, match="raise the budget of year 0 by 3") as caught:
        make_plan(instance)
    assert caught.value.reasons["kind"].to_list() == ["budget", "fixed"]
    assert caught.value.problems.is_empty()


def test_weights_turn_what_is_changed():
    instance = Instance(**pump(tooling_cost=12.0))
    cheap = why_infeasible(instance, weights={"required": 0.01})
    assert cheap.filter(pl.col("needed").is_not_null())["kind"].to_list() == ["required"]
    with pytest.raises(PlanError, match="'money' is no kind of limit; known: budget"):
        why_infeasible(instance, weights={"money": 1.0})
    with pytest.raises(PlanError, match=r"weights, budget: 0\.0 is not above 0"):
        why_infeasible(instance, weights={"budget": 0.0})
    with pytest.raises(PlanError, match="seconds: 0 is not above 0"):
        why_infeasible(instance, seconds=0)


def test_what_keeps_every_start_out_is_named_where_only_the_empty_plan_is_left():
    instance = Instance(**pump(tooling_cost=12.0, required=False))
    assert make_plan(instance).status == "only the empty plan"
    reasons = why_infeasible(instance)
    assert reasons["limit"].to_list() == ["the budget of year 0 (9)", "the budget of year 1 (9)"]
    assert reasons["collides"].all()
    assert not make_plan(mended(instance, reasons)).starts.is_empty()


def test_where_a_plan_is_possible_nothing_is_named():
    assert why_infeasible(Instance(**pump())).is_empty()
    assert why_infeasible(Instance(**pump(annual_saving=-1.0, required=False))).is_empty()


def test_a_message_of_many_limits_stays_short():
    given = pump()
    many = pl.DataFrame({"item": [f"item {at}" for at in range(15)]})
    given["candidates"] = (
        given["candidates"].drop("item").join(many, how="cross").with_columns(lead_years=pl.lit(2))
    )
    with pytest.raises(PlanInfeasible, match="and 5 more; all are in the error's table") as caught:
        make_plan(Instance(**given))
    assert caught.value.reasons.filter(pl.col("needed").is_not_null()).height == 15


def test_what_was_found_in_a_short_time_mends_as_well():
    rows = (
        pump()["candidates"]
        .join(pl.DataFrame({"n": range(40)}), how="cross")
        .with_columns(
            item=pl.format("item {}", "n"),
            tooling_cost=3 + pl.col("n") * 0.37 % 2,
            use_per_year=pl.lit(0.2),
        )
        .drop("n")
    )
    instance = Instance(**pump() | {"candidates": rows})
    reasons = why_infeasible(instance, seconds=0.01)
    colliding = reasons.filter("collides")
    assert colliding["kind"].is_in(["budget", "required"]).all()
    assert colliding["proved"].null_count() == 0
    # All that is required costs at least this, and both years have 9.
    raised = reasons.filter(kind="budget").select(pl.col("needed") - pl.col("given")).sum().item()
    dropped = reasons.filter(kind="required", needed=0.0)["name"]
    kept = rows.filter(~pl.col("item").is_in(dropped.implode()))["tooling_cost"].sum()
    assert raised >= kept - 18
    assert make_plan(mended(instance, reasons), gap=0.5).starts.height == 40 - len(dropped)


def test_what_collides_in_large_instances_is_found_over_few_starts(monkeypatch):
    # Forced on small ones, where every plan can be looked at.
    monkeypatch.setattr(infeasible, "_MOST_WHOLE", 0)
    monkeypatch.setattr(sifting, "_MOST_AT_ONCE", 0)
    monkeypatch.setattr(sifting, "_FIRST", 1)
    cases = impossible(range(40))
    assert len(cases) > 8
    for seed, instance in cases:
        passed = all_plans(instance, early=True).passed
        reasons = why_infeasible(instance)
        colliding = reasons.filter("collides")
        limits = colliding.select(LIMIT).rows()
        assert limits, seed
        assert (sum(passed[limit] > 0 for limit in limits) > 0).all(), seed
        for one, proved in zip(limits, colliding["proved"], strict=True):
            # Without this one the others can be kept, at least where starts are made in part.
            assert proved, (seed, one)
        assert all_plans(mended(instance, reasons)).best is not None, seed


def test_a_thousand_items_that_are_required_collide_with_budgets():
    # 1,000 items of one maker each; the money pays for 30 of 40 required, and capacity is ample.
    items = [f"item {at}" for at in range(1000)]
    candidates = pl.DataFrame(
        {
            "item": items,
            "maker": "M",
            "resource": "M",
            "tooling_cost": 3.0,
            "lead_years": 0,
            "use_per_year": 1.0,
            "annual_saving": 2.0,
            "opens": 0,
            "share": 1.0,
            "max_makers": 1,
            "required": [at < 40 for at in range(1000)],
        }
    )
    years = range(25)
    instance = Instance(
        candidates,
        pl.DataFrame({"resource": "M", "year": years, "amount": 2000.0}),
        pl.DataFrame({"year": years, "amount": [60.0, 30.0] + [0.0] * 23, "discount": 1.0}),
    )
    reasons = why_infeasible(instance)
    colliding = reasons.filter("collides")
    # 31 items and all years' budgets: 93 above 90, and without any one of them it could be had.
    assert colliding.filter(kind="required").height == 31
    assert colliding.filter(kind="budget").height == 25
    assert colliding["proved"].all()
    raised = reasons.filter(pl.col("needed").is_not_null(), kind="budget")
    # A year's first start of 3 is a raise by its size where there was nothing: 30 in year 0 is
    # half as much again, the least.
    assert raised.select("year", "given", "needed").rows() == [(0, 60.0, 90.0)]
    assert make_plan(mended(instance, reasons), gap=0.5).starts.height >= 40
