"""Every kind of row that cannot be planned with is refused, and named."""

import math

import polars as pl
import pytest

from onshore.plan import Instance, PlanError, SolverError
from onshore.plan.solver import stopped_in_words

CANDIDATES = pl.DataFrame(
    {
        "item": ["pump", "valve"],
        "maker": ["M1", "M2"],
        "resource": ["M1", "M2"],
        "tooling_cost": [3.0, 2.0],
        "lead_years": [0, 1],
        "use_per_year": [1.0, 1.0],
        "annual_saving": [5.0, 4.0],
        "opens": [0, 0],
        "share": [1.0, 1.0],
        "max_makers": [1, 1],
        "group": ["north", "south"],
    }
)
CAPACITY = pl.DataFrame(
    {"resource": ["M1", "M1", "M2", "M2"], "year": [0, 1, 0, 1], "amount": [1.0, 1.0, 2.0, 2.0]}
)
BUDGETS = pl.DataFrame({"year": [0, 1], "amount": [4.0, 4.0], "discount": [1.0, 0.9]})
FLOORS = pl.DataFrame({"group": ["north", "south"], "floor_share": [0.5, 0.5]})
TABLES = {"candidates": CANDIDATES, "capacity": CAPACITY, "budgets": BUDGETS, "floors": FLOORS}


def second_row(table: str, column: str, value: object) -> dict[str, pl.DataFrame]:
    frame = TABLES[table]
    values = [value if row == 1 else old for row, old in enumerate(frame[column])]
    return TABLES | {table: frame.with_columns(pl.Series(column, values, strict=False))}


def test_the_tables_themselves_are_sound():
    assert Instance(**TABLES).years == 2


@pytest.mark.parametrize(
    ("table", "column", "value", "reason"),
    [
        ("candidates", "item", None, "it is empty"),
        ("candidates", "resource", " ", "it is empty"),
        ("candidates", "resource", "M3", "the resource is not in the table capacity"),
        ("candidates", "tooling_cost", None, "it is not a number"),
        ("candidates", "tooling_cost", math.nan, "it is not a number"),
        ("candidates", "tooling_cost", -1.0, "it is negative"),
        ("candidates", "tooling_cost", math.inf, "it is not finite"),
        ("candidates", "annual_saving", math.nan, "it is not a number"),
        ("candidates", "annual_saving", math.inf, "it is not finite"),
        ("candidates", "use_per_year", -0.5, "it is negative"),
        ("candidates", "lead_years", 1.5, "it is not a whole number"),
        ("candidates", "lead_years", -1, "it is negative"),
        ("candidates", "opens", 2, "it is outside the horizon 0 to 1"),
        ("candidates", "opens", -1, "it is outside the horizon 0 to 1"),
        ("candidates", "share", 0.0, "it is not above 0 and up to 1"),
        ("candidates", "share", 1.5, "it is not above 0 and up to 1"),
        ("candidates", "max_makers", 0, "it is below 1"),
        ("candidates", "max_makers", 2, "times max_makers it is above 1"),
        ("capacity", "amount", -1.0, "it is negative"),
        ("capacity", "amount", None, "it is not a number"),
        ("capacity", "year", 5, "it is outside the horizon 0 to 1"),
        ("capacity", "year", 0, "the resource occurs twice in this year"),
        ("budgets", "amount", -1.0, "it is negative"),
        ("budgets", "amount", math.nan, "it is not a number"),
        ("budgets", "year", 2, "years must run 0, 1, 2"),
        ("budgets", "year", 0, "the year occurs twice"),
        ("budgets", "discount", 0.0, "not above 0"),
        ("floors", "floor_share", -0.1, "it is not between 0 and 1"),
        ("floors", "floor_share", 0.6, "the floors add up to more than 1"),
        ("floors", "group", "north", "the group occurs twice"),
        ("floors", "group", None, "it is empty"),
    ],
)
def test_a_row_that_cannot_be_planned_with_is_named(table, column, value, reason):
    with pytest.raises(PlanError) as caught:
        Instance(**second_row(table, column, value))
    problems = caught.value.problems.filter(pl.col("reason").str.starts_with(reason))
    assert 2 in problems["row"]
    named = problems.filter(row=2).row(0, named=True)
    assert (named["table"], named["row"]) == (table, 2)
    assert f"{table}, row 2, column {named['column']}: {reason}" in str(caught.value)


def test_a_resource_without_capacity_in_some_year_is_named():
    with pytest.raises(PlanError, match="missing in some of the 2 years"):
        Instance(CANDIDATES, CAPACITY.head(3), BUDGETS)


def test_a_candidate_given_twice_is_named_in_both_rows():
    twice = pl.concat([CANDIDATES, CANDIDATES.head(1)])
    with pytest.raises(PlanError) as caught:
        Instance(twice, CAPACITY, BUDGETS)
    assert caught.value.problems["row"].to_list() == [1, 3]


def test_all_rows_are_named_at_once_and_the_message_stays_short():
    rows = 50
    many = pl.concat([CANDIDATES.head(1)] * rows).with_columns(
        item=pl.int_range(rows).cast(pl.String), tooling_cost=pl.lit(-1.0)
    )
    with pytest.raises(PlanError, match="and 40 more") as caught:
        Instance(many, CAPACITY, BUDGETS)
    assert caught.value.problems.height == rows


def test_a_missing_column_is_named():
    with pytest.raises(PlanError, match="capacity: no column amount"):
        Instance(CANDIDATES, CAPACITY.drop("amount"), BUDGETS)
    with pytest.raises(PlanError, match="candidates: no column group"):
        Instance(CANDIDATES.drop("group"), CAPACITY, BUDGETS, FLOORS)


def test_text_in_a_number_column_is_named():
    wrong = BUDGETS.with_columns(amount=pl.Series(["4", "four"]))
    with pytest.raises(PlanError, match="row 2, column amount: it is not a number"):
        Instance(CANDIDATES, CAPACITY, wrong)


def test_a_horizon_without_years_is_refused():
    with pytest.raises(PlanError, match="one row for each year"):
        Instance(CANDIDATES.clear(), CAPACITY.clear(), BUDGETS.clear())


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("kInfeasible", "no plan keeps the limits"),
        ("kUnbounded", "the saving has no limit"),
        ("kSolveError", "it ended with the status kSolveError"),
    ],
)
def test_a_solver_without_an_answer_is_reported_in_words(status, words):
    with pytest.raises(SolverError, match=words):
        stopped_in_words(status)


def test_a_solver_stopped_by_the_clock_still_gives_its_plan():
    assert stopped_in_words("kTimeLimit") == "time limit"
