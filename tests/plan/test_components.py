"""Funds, groups, links, openings, requirements and decisions, each as its definition says."""

import math
from typing import Any

import polars as pl
import pytest
from component_instances import all_plans, tables_of
from hypothesis import given, settings
from hypothesis import strategies as st

from onshore.plan import Instance, PlanError, make_plan
from onshore.plan.decided import with_fixed
from onshore.plan.infeasible import PlanInfeasible
from onshore.plan.starts import opening_costs, possible_starts

MANY = 10.0


def tables(**columns: list[Any]) -> dict[str, pl.DataFrame]:
    """Three items of two makers over one year, all free and without limits, with a case's own."""
    candidates = {
        "item": ["pump", "valve", "seal"],
        "maker": ["M", "M", "N"],
        "resource": ["M", "M", "N"],
        "tooling_cost": [1.0, 1.0, 1.0],
        "lead_years": [0, 0, 0],
        "use_per_year": [1.0, 1.0, 1.0],
        "annual_saving": [5.0, 4.0, 3.0],
        "opens": [0, 0, 0],
        "share": [1.0, 1.0, 1.0],
        "max_makers": [1, 1, 1],
    }
    return {
        "candidates": pl.DataFrame(candidates | columns, strict=False),
        "capacity": pl.DataFrame({"resource": ["M", "N"], "year": [0, 0], "amount": [MANY, MANY]}),
        "budgets": pl.DataFrame({"year": [0], "amount": [MANY], "discount": [1.0]}),
    }


def items(plan) -> list[str]:
    return plan.starts["item"].sort().to_list()


def test_a_fund_pays_for_its_own_candidates_only():
    given = tables(fund=["bank", "bank", None])
    given["budgets"] = pl.DataFrame(
        {"year": [0, 0], "fund": ["bank", None], "amount": [1.0, 9.0], "discount": [1.0, 1.0]}
    )
    instance = Instance(**given)
    assert items(make_plan(instance)) == ["pump", "seal"]
    assert instance.years == 1
    assert not instance.is_plain


@pytest.mark.parametrize(
    ("candidates", "budgets", "reason"),
    [
        (["bank", None, None], [None], "the fund is not in the table budgets"),
        ([None, None, None], ["bank"], "it is empty, but the budgets have no rows without a fund"),
    ],
)
def test_a_candidate_that_no_fund_pays_for_is_named(candidates, budgets, reason):
    given = tables(fund=candidates)
    fund = pl.Series("fund", budgets, dtype=pl.String)
    with pytest.raises(PlanError, match=f"candidates, row 1, column fund: {reason}"):
        Instance(**given | {"budgets": given["budgets"].with_columns(fund)})


def test_a_fund_without_a_year_is_named():
    given = tables()
    given["capacity"] = (
        given["capacity"]
        .join(pl.DataFrame({"y": [0, 1]}), how="cross")
        .select("resource", "amount", year="y")
    )
    given["budgets"] = pl.DataFrame(
        {"year": [0, 1, 1], "fund": [None, None, "bank"], "amount": 1.0, "discount": [1.0, 1, 0.5]}
    )
    with pytest.raises(PlanError) as caught:
        Instance(**given)
    assert caught.value.problems["reason"].to_list() == [
        "it differs between the funds of the year",
        "it differs between the funds of the year",
        "the fund has no row in some of the 2 years; give 0 where it pays nothing",
    ]


def test_money_in_two_currencies_is_refused_with_what_to_do():
    given = tables(currency=["EUR", "EUR", "USD"])
    given["budgets"] = given["budgets"].with_columns(currency=pl.lit("EUR"))
    with pytest.raises(PlanError, match=r"candidates, row 3, column currency.*RateTable") as caught:
        Instance(**given)
    assert "(EUR, USD)" in caught.value.problems["reason"][0]
    given["candidates"] = given["candidates"].with_columns(currency=pl.lit("EUR"))
    assert Instance(**given).currency == "EUR"


def test_a_candidate_may_count_for_the_floors_of_several_groups():
    given = tables(group=[["north", "steel"], ["north"], ["south", "steel"]])
    given["budgets"] = given["budgets"].with_columns(amount=pl.lit(2.0))
    instance = Instance(**given)
    assert items(make_plan(instance)) == ["pump", "valve"]
    floors = pl.DataFrame({"group": ["north", "steel"], "floor_share": [0.6, 0.9]})
    both = Instance(**given, floors=floors)
    assert items(make_plan(both)) == ["pump", "seal"]
    assert not instance.is_plain


def test_lists_of_one_group_say_the_same_as_a_plain_column():
    instance = Instance(**tables(group=[["north"], [], ["south"]]))
    assert instance.candidates["group"].to_list() == ["north", None, "south"]
    assert instance.is_plain


def test_a_floor_amount_is_the_least_value_of_its_group():
    given = tables(group=["north", "north", "south"])
    given["budgets"] = given["budgets"].with_columns(amount=pl.lit(2.0))
    floors = pl.DataFrame({"group": ["south"], "floor_amount": [3.0]})
    instance = Instance(**given, floors=floors)
    assert items(make_plan(instance)) == ["pump", "seal"]
    assert not instance.is_plain
    assert not instance.may_be_empty


@pytest.mark.parametrize(
    ("kind", "savings", "planned"),
    [
        ("together", [5.0, -1.0, 3.0], ["pump", "seal", "valve"]),
        ("together", [5.0, -6.0, 3.0], ["seal"]),
        ("exclude", [5.0, 4.0, 3.0], ["pump", "seal"]),
    ],
)
def test_linked_items(kind, savings, planned):
    links = pl.DataFrame({"item": ["pump"], "with_item": ["valve"], "kind": [kind]})
    plan = make_plan(Instance(**tables(annual_saving=savings), links=links))
    assert items(plan) == planned
    assert plan.objective == sum(
        saving
        for saving, item in zip(savings, ["pump", "valve", "seal"], strict=True)
        if item in planned
    )


@pytest.mark.parametrize(
    ("opening", "planned", "objective"),
    [
        (("resource", "M", 8.0), ["pump", "seal", "valve"], 4.0),
        (("resource", "M", 9.5), ["seal"], 3.0),
        (("maker", "N", 3.5), ["pump", "valve"], 9.0),
        (("group", "north", 6.0), ["pump", "seal", "valve"], 6.0),
    ],
)
def test_an_opening_is_paid_once_if_any_start_uses_it(opening, planned, objective):
    openings = pl.DataFrame([opening], schema=["what", "name", "cost"], orient="row")
    instance = Instance(**tables(group=["north", None, "north"]), openings=openings)
    plan = make_plan(instance)
    assert items(plan) == planned
    assert plan.objective == pytest.approx(objective)
    assert plan.bound == pytest.approx(objective)
    starts = possible_starts(instance).filter(pl.col("item").is_in(planned))
    assert opening_costs(starts, instance)["cost"].sum() == plan.starts["value"].sum() - objective


def test_a_required_item_is_made_even_at_a_loss():
    plan = make_plan(Instance(**tables(annual_saving=[5.0, 4.0, -3.0], required=[0, 0, 1])))
    assert items(plan) == ["pump", "seal", "valve"]
    assert (plan.objective, plan.status) == (6.0, "optimal")
    only = make_plan(Instance(**tables(annual_saving=[-1.0] * 3, required=[1, 0, 0])))
    assert (only.objective, only.status, only.gap) == (-1.0, "optimal", 0.0)


def test_a_decision_stays_in_the_plan():
    given = tables()
    given["budgets"] = given["budgets"].with_columns(amount=pl.lit(1.0))
    fixed = pl.DataFrame({"item": ["seal"], "maker": ["N"], "resource": ["N"], "start_year": [0]})
    assert items(make_plan(Instance(**given, fixed=fixed))) == ["seal"]


def test_a_decision_that_pays_after_the_horizon_costs_its_budget_and_is_worth_nothing():
    given = tables(lead_years=[0, 0, 3])
    given["budgets"] = given["budgets"].with_columns(amount=pl.lit(2.0))
    fixed = pl.DataFrame({"item": ["seal"], "maker": ["N"], "resource": ["N"], "start_year": [0]})
    plan = make_plan(Instance(**given, fixed=fixed))
    assert dict(plan.starts.select("item", "value").rows()) == {"pump": 5.0, "seal": 0.0}


def test_the_cost_effect_is_shown_beside_the_value_and_not_added():
    plan = make_plan(Instance(**tables(cost_effect=[-2.0, 1.0, 0.5])))
    assert plan.objective == 12.0
    effects = dict(plan.starts.select("item", "cost_effect_value").rows())
    assert effects == {"pump": -2.0, "valve": 1.0, "seal": 0.5}
    assert make_plan(Instance(**tables())).starts["cost_effect_value"].null_count() == 3


def test_risk_is_kept_and_does_not_change_the_plan():
    risky = Instance(**tables(probability=[0.5, 1.0, 0.0], delay_years=[1, 0, 2]))
    assert make_plan(risky).objective == 12.0
    assert risky.is_plain
    assert Instance(**tables()).candidates.select("probability", "delay_years").row(0) == (1.0, 0)


def test_an_instance_can_be_built_from_the_tables_of_another():
    for seed in range(20):
        one = Instance(**tables_of(seed))
        names = ("candidates", "capacity", "budgets", "floors", "links", "openings", "fixed")
        two = Instance(*(getattr(one, name) for name in names))
        for name in names:
            first, second = getattr(one, name), getattr(two, name)
            assert first is second is None or first.equals(second)


def test_what_is_left_and_what_is_decided_are_the_whole():
    compared = 0
    for seed in range(40):
        instance = Instance(**tables_of(seed, decided=True))
        best = all_plans(instance).best
        try:
            left, kept = with_fixed(instance)
        except PlanError:
            assert best is None, seed
            continue
        rest = all_plans(left).best
        assert (rest is None) == (best is None), seed
        if best is not None and rest is not None:
            decided = kept["value"].sum() - opening_costs(kept, instance)["cost"].sum()
            assert rest + decided == pytest.approx(best), seed
            compared += 1
    assert compared > 15


def test_decisions_alone_that_break_a_limit_are_refused_before_anything_is_planned():
    fixed = pl.DataFrame(
        {"item": ["pump", "valve"], "maker": "M", "resource": "M", "start_year": [0, 0]}
    )
    links = pl.DataFrame({"item": ["pump"], "with_item": ["valve"], "kind": ["exclude"]})
    with pytest.raises(PlanInfeasible, match="pump, valve exclude each other"):
        with_fixed(Instance(**tables(), fixed=fixed, links=links))
    late = Instance(**tables(annual_saving=[1.0] * 3, use_per_year=[9.0, 9.0, 1.0]), fixed=fixed)
    with pytest.raises(PlanInfeasible, match="raise the capacity of M in year 0 by 8"):
        with_fixed(late)


LINK = {"item": ["pump"], "with_item": ["valve"], "kind": ["together"]}
OPENING = {"what": ["maker"], "name": ["M"], "cost": [1.0]}
FIXED = {"item": ["pump"], "maker": ["M"], "resource": ["M"], "start_year": [0]}
FLOOR = {"group": ["north"], "floor_share": [0.1], "floor_amount": [1.0]}


@pytest.mark.parametrize(
    ("table", "row", "changed", "reason"),
    [
        ("links", LINK, {"item": ["tap"]}, "the item is not in the table candidates"),
        ("links", LINK, {"with_item": ["pump"]}, "the item is linked to itself"),
        ("links", LINK, {"kind": ["either"]}, "it is neither 'together' nor 'exclude'"),
        ("links", LINK, {"kind": [None]}, "it is empty"),
        ("openings", OPENING, {"what": ["region"]}, "it is not 'resource', 'maker' or 'group'"),
        ("openings", OPENING, {"name": ["Q"]}, "no candidate has this maker"),
        ("openings", OPENING, {"cost": [-1.0]}, "it is negative"),
        ("openings", OPENING, {"cost": [math.inf]}, "it is not finite"),
        ("openings", OPENING, {"cost": ["much"]}, "it is not a number"),
        ("fixed", FIXED, {"maker": ["N"]}, "the item, maker and resource are not a row"),
        ("fixed", FIXED, {"start_year": [1]}, "it is outside the horizon 0 to 0"),
        ("fixed", FIXED, {"start_year": [0.5]}, "it is not a whole number"),
        ("floors", FLOOR, {"floor_amount": [-1.0]}, "it is negative"),
        ("floors", FLOOR, {"floor_amount": [math.inf]}, "it is not finite"),
    ],
)
def test_a_row_that_says_nothing_possible_is_named(table, row, changed, reason):
    given = tables(group=["north", None, None])
    assert Instance(**given, **{table: pl.DataFrame(row)}).years == 1
    with pytest.raises(PlanError, match=f"{table}, row 1, column .*: {reason}"):
        Instance(**given, **{table: pl.DataFrame(row | changed, strict=False)})


def test_rows_given_twice_are_named():
    link = pl.DataFrame(LINK)
    back = pl.DataFrame({"item": ["valve"], "with_item": ["pump"], "kind": ["together"]})
    with pytest.raises(PlanError, match="links, row 2, column item: the link occurs twice"):
        Instance(**tables(), links=pl.concat([link, back]))
    with pytest.raises(PlanError, match="openings, row 2, column name: its opening occurs twice"):
        Instance(**tables(), openings=pl.concat([pl.DataFrame(OPENING)] * 2))
    with pytest.raises(PlanError, match="fixed, row 1, column maker: the maker has two starts"):
        Instance(**tables(), fixed=pl.concat([pl.DataFrame(FIXED)] * 2))


@pytest.mark.parametrize(
    ("column", "values", "reason"),
    [
        ("required", [True, None, False], "it is neither true nor false"),
        ("required", ["yes", "true", "false"], "it is neither true nor false"),
        ("probability", [0.5, 1.5, 1.0], "it is not between 0 and 1"),
        ("probability", [0.5, None, 1.0], "it is not a number"),
        ("delay_years", [0, -1, 0], "it is negative"),
        ("cost_effect", [1.0, math.inf, 1.0], "it is not finite"),
        ("cost_effect", [1.0, None, 1.0], "it is not a number"),
        ("currency", ["EUR", None, "EUR"], "it is empty"),
    ],
)
def test_an_optional_column_is_whole_or_absent(column, values, reason):
    with pytest.raises(PlanError, match=f"candidates, row [12], column {column}: {reason}"):
        Instance(**tables(**{column: values}))


def test_an_item_required_in_one_row_only_is_named():
    with pytest.raises(PlanError, match="column required: it differs between the rows of the item"):
        Instance(
            **tables(
                item=["pump", "pump", "seal"],
                maker=["M", "N", "N"],
                resource=["M", "N", "N"],
                required=[1, 0, 0],
            )
        )


BAD = st.sampled_from([None, math.nan, -1.0, -math.inf, 7.5, 99.0, "x", ""])


@settings(max_examples=100, deadline=None)
@given(
    seed=st.integers(0, 60),
    cell=st.tuples(st.integers(0, 6), st.integers(0, 20), st.integers(0, 20)),
    bad=BAD,
)
def test_any_bad_cell_gives_a_named_error_or_a_plan(seed, cell, bad):
    given_tables = {name: frame for name, frame in tables_of(seed).items() if frame is not None}
    table, row, column = cell
    name = list(given_tables)[table % len(given_tables)]
    frame = given_tables[name]
    column_name = frame.columns[column % frame.width]
    if frame.schema[column_name] == pl.List:
        return
    values = frame[column_name].to_list()
    values[row % len(values)] = bad
    text = any(isinstance(value, str) for value in values)
    values = [None if v is None else str(v) for v in values] if text else values
    given_tables[name] = frame.with_columns(pl.Series(column_name, values, strict=False))
    refused: PlanError | None = None
    try:
        plan = make_plan(Instance(**given_tables), seconds=5.0)
    except PlanError as error:
        refused = error
    if isinstance(refused, PlanInfeasible):
        assert not refused.reasons.is_empty()
    elif refused is not None:
        assert not refused.problems.is_empty()
        assert refused.problems["table"].is_in(list(given_tables)).all()
    else:
        assert plan.objective <= plan.bound


def test_candidates_without_a_maker_or_a_capacity_are_named():
    with pytest.raises(PlanError, match="candidates, row 2, column maker: it is empty"):
        Instance(**tables(maker=["M", None, "N"]))
    given = tables()
    given["capacity"] = given["capacity"].head(1)
    with pytest.raises(PlanError, match="row 3, column resource: the resource is not in the table"):
        Instance(**given)


def test_zero_items_are_an_empty_plan_or_a_named_reason():
    given = tables()
    given["candidates"] = given["candidates"].clear()
    assert make_plan(Instance(**given)).status == "optimal"
    floors = pl.DataFrame({"group": ["north"], "floor_amount": [1.0]})
    given["candidates"] = given["candidates"].with_columns(group=pl.lit(None, dtype=pl.String))
    with pytest.raises(PlanInfeasible, match="drop the least value of north"):
        make_plan(Instance(**given, floors=floors))
