"""Expansion: every choice enumerated, budgets and charges reckoned by hand."""

from __future__ import annotations

import itertools
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_steel import project, small_steel

from onshore.chain import (
    Chain,
    ChainError,
    budget_frontier,
    expand,
    part_needs,
    read_chain,
    solve,
)

EXAMPLES = Path(__file__).parents[2] / "examples" / "chain"
EARLY = (date(2026, 1, 1), date(2026, 1, 1), date(2026, 1, 1))
NEXT = (date(2027, 1, 1), date(2027, 1, 1), date(2027, 1, 1))


def by_year(*amounts: float, first: int = 2026) -> pl.DataFrame:
    years = range(first, first + len(amounts))
    return pl.DataFrame({"year": years, "amount": amounts})


@given(st.data())
@settings(max_examples=15, deadline=None)
def test_no_choice_is_better(data: st.DataObject) -> None:
    number, money = st.floats(1.0, 20.0), st.floats(1.0, 9.0)
    count = data.draw(st.integers(1, 3))
    projects = [
        project(
            f"p{n}",
            data.draw(number),
            process=data.draw(st.sampled_from(["melting", "reduction"])),
            days=[None, date(2026, data.draw(st.integers(1, 12)), 15), None],
            cost=data.draw(money),
        )
        for n in range(count)
    ]
    budget = [data.draw(st.floats(0.0, 12.0)) for _ in range(2)]
    carry_over = data.draw(st.booleans())
    chain = small_steel(
        projects=projects, reduced=data.draw(number), melted=data.draw(number), sold=1.0
    )
    found = expand(chain, by_year(*budget), gap=0.0, carry_over=carry_over)
    best = 0.0
    for choice in itertools.product((None, 2026, 2027), repeat=count):
        spent = [sum(p["cost"] for p, c in zip(projects, choice, strict=True) if c == y)
                 for y in (2026, 2027)]  # fmt: skip
        kept = spent[1] <= budget[1] + (budget[0] - spent[0] if carry_over else 0.0)
        if spent[0] > budget[0] or not kept:
            continue
        dates = {
            p["project"]: p["finish_likely"].replace(year=c)
            for p, c in zip(projects, choice, strict=True)
            if c
        }
        best = max(best, solve(chain, projects=dates).objective)
    assert found.objective == pytest.approx(best, rel=1e-6)
    assert found.result.objective == pytest.approx(best, rel=1e-6)
    assert found.bound >= best * (1 - 1e-6)
    assert (found.spending["spent"] <= found.spending["budget"] + 1e-6).all() or carry_over


def test_what_is_built_has_its_year_its_use_and_its_gain() -> None:
    projects = [
        project("large", 10.0, days=EARLY, cost=8.0),
        project("small", 4.0, days=EARLY, cost=3.0),
        project("shaft two", 50.0, days=EARLY, cost=3.0, process="reduction"),
    ]
    found = expand(small_steel(projects=projects), by_year(8.0, 8.0), gap=0.0)
    # The large one in the first year, the small one in the second; reduction is enough.
    assert found.built.select("project", "year", "share", "cost", "use", "gain").rows() == [
        ("large", 2026, 1.0, 8.0, 1.0, 20.0),
        ("small", 2027, 1.0, 3.0, 1.0, 4.0),
    ]
    assert (found.before, found.objective, found.gain) == (20.0, 44.0, 24.0)
    assert found.unit == "kt of steel"
    assert found.spending.rows() == [(2026, 8.0, 8.0, 0.0), (2027, 8.0, 3.0, 5.0)]
    left = found.left_out.row(0, named=True)
    assert (left["project"], left["gain"]) == ("shaft two", 0.0)
    assert "another step binds" in left["reason"]
    assert found.chain.table("projects")["project"].to_list() == ["large", "small"]
    assert found.result.balance["difference"].abs().max() < 1e-9


def test_least_cost_counts_an_annuity() -> None:
    # Each year 10 kt more are sold at 3 for 1.5 of ore: 15 a year, the second year's less 10 %.
    one = project("second furnace", 10.0, days=EARLY, cost=100.0)
    chain = small_steel(
        projects=[one], objective="least cost", sold=3.0, discount=0.1, reduced=100.0
    )
    found = expand(chain, 1000.0, life=20.0)
    assert found.gain == pytest.approx(15 + 15 / 1.1)
    annuity = 100 * 0.1 / (1 - 1.1**-20)
    assert found.built["charge"][0] == pytest.approx(annuity * (1 + 1 / 1.1))
    assert found.counted == pytest.approx(found.objective + found.built["charge"][0])
    # Over 5 years the annuity is 26.4, more than the 15 that it brings.
    short = expand(chain, 1000.0, life=5.0)
    assert short.built.is_empty()
    assert "less than what is counted" in short.left_out["reason"][0]
    assert expand(chain, 1000.0, life=None).built["charge"][0] == 0.0


def test_it_is_paid_for_while_it_is_built_or_when_it_is_finished() -> None:
    two = project("second furnace", 10.0, days=NEXT, cost=8.0)
    chain = small_steel(projects=[two])
    assert expand(chain, by_year(4.0, 4.0)).spending["spent"].to_list() == [4.0, 4.0]
    when_finished = expand(chain, by_year(4.0, 4.0), pay="when finished")
    assert when_finished.built.is_empty()
    assert "more than the budget" in when_finished.left_out["reason"][0]
    kept = expand(chain, by_year(4.0, 4.0), pay="when finished", carry_over=True)
    assert kept.spending.rows() == [(2026, 4.0, 0.0, 4.0), (2027, 4.0, 8.0, 0.0)]


def test_what_is_not_lumpy_is_built_in_part() -> None:
    one = project("modules", 10.0, days=EARLY, cost=8.0, lumpy=False)
    found = expand(small_steel(projects=[one], years=(2026,)), by_year(2.0), gap=0.0)
    row = found.built.row(0, named=True)
    assert (row["share"], row["cost"]) == (pytest.approx(0.25), pytest.approx(2.0))
    assert found.objective == pytest.approx(12.5)
    assert found.result.objective == pytest.approx(12.5)
    in_two = expand(small_steel(projects=[one]), by_year(2.0, 2.0), gap=0.0)
    assert in_two.chain.table("projects")["capacity"].to_list() == pytest.approx([2.5, 2.5])
    assert in_two.objective == pytest.approx(20 + 2.5 + 5)


def test_a_budget_shared_with_a_plan() -> None:
    projects = [
        project("large", 10.0, days=EARLY, cost=8.0),
        project("small", 4.0, days=EARLY, cost=3.0),
    ]
    chain = small_steel(projects=projects, budgets=by_year(8.0, 8.0).to_dicts())
    assert expand(chain).built.height == 2
    shared = expand(chain, spent=by_year(5.0, 5.0))
    assert shared.built["project"].to_list() == ["small"]
    assert shared.spending.rows() == [(2026, 3.0, 3.0, 0.0), (2027, 3.0, 0.0, 3.0)]
    frontier = budget_frontier(chain, shares=(0.0, 0.5, 1.0))
    assert frontier["gain"].to_list() == pytest.approx([0.0, 8.0, 24.0])
    assert frontier["built"].to_list() == [0, 1, 2]
    of_one = budget_frontier(chain, 16.0, shares=(0.5,))
    assert of_one.select("budget", "gain").row(0) == (8.0, pytest.approx(20.0))


def test_the_parts_that_processes_consume() -> None:
    one = project("second furnace", 10.0, days=NEXT, cost=8.0)
    parts = [
        {"process": "melting", "item": "electrodes", "quantity": 2.0, "unit": "t"},
        {"process": "reduction", "item": "catalyst", "quantity": 0.5, "unit": "t"},
    ]
    found = expand(small_steel(projects=[one], parts=parts), 100.0)
    assert found.needs.rows() == [
        ("catalyst", "reduction", 2026, 5.0, "t"),
        ("catalyst", "reduction", 2027, 10.0, "t"),
        ("electrodes", "melting", 2026, 20.0, "t"),
        ("electrodes", "melting", 2027, 40.0, "t"),
    ]
    assert part_needs(solve(small_steel())).is_empty()


def test_the_cheapest_way_to_a_target() -> None:
    projects = [
        project("a", 6.0, days=EARLY, cost=5.0),
        project("b", 9.0, days=EARLY, cost=9.0),
        project("c", 4.0, days=EARLY, cost=3.0),
        project("shaft two", 9.0, days=EARLY, cost=2.0, process="reduction"),
    ]
    chain = small_steel(projects=projects, reduced=11.0)
    found = expand(
        chain, float("inf"), objective="least investment", reach=("steel", 20.0, 2027), gap=0.0
    )
    # a, c and the shaft cost 10; b alone with a shaft is 19 and does not reach 20.
    assert set(found.built["project"]) == {"a", "c", "shaft two"}
    assert found.objective == pytest.approx(10.0)
    assert found.built["gain"].null_count() == 3
    made = found.result.activity.filter(process="melting", year=2027)["activity"].sum()
    assert made >= 20.0 - 1e-5
    with pytest.raises(ChainError, match="it takes at least 10 USD in time, and 9 may be spent"):
        expand(chain, 9.0, reach=("steel", 20.0, 2027))
    with pytest.raises(ChainError, match="out of reach, whatever is spent"):
        expand(chain, 9.0, reach=("steel", 90.0, 2027))


def test_years_that_are_not_told_and_days_that_are_not_known() -> None:
    projects = [
        project("gap", 5.0, days=[None, date(2028, 6, 1), None], cost=1.0),
        project("undated", 5.0, days=[None, None, None], cost=1.0),
        project("unpriced", 5.0, days=EARLY),
        project("too late", 5.0, days=[None, date(2036, 6, 1), None], cost=1.0),
    ]
    chain = small_steel(projects=projects, years=(2026, 2030))
    found = expand(chain, 10.0, gap=0.0)
    assert found.built.select("project", "finished").rows() == [
        ("undated", date(2027, 1, 1)),
        ("gap", date(2030, 1, 1)),
    ]
    reasons = dict(found.left_out.select("project", "reason").iter_rows())
    assert "cost is not told" in reasons["unpriced"]
    assert "cannot be finished" in reasons["too late"]
    assert any("undated" in warning for warning in found.warnings)


def test_the_steel_chain_within_its_budget() -> None:
    chain = read_chain(EXAMPLES / "steel").with_settings(years=(2025, 2026, 2027, 2028))
    found = expand(chain)
    assert found.status == "optimal"
    assert found.gap <= 1e-3
    assert found.gain is not None
    assert found.gain > 0
    assert (found.spending["spent"] <= found.spending["budget"] * (1 + 1e-6)).all()
    assert found.result.objective == pytest.approx(found.objective, rel=1e-6)
    assert set(found.needs["item"]) <= set(chain.table("parts")["item"])
    assert found.built.height + found.left_out.height == chain.table("projects").height


ONE = project("second furnace", 10.0, days=EARLY, cost=8.0)


@pytest.mark.parametrize(
    ("projects", "asked", "told"),
    [
        ([], {"budget": 5.0}, "the chain has no projects"),
        ([project("a", days=EARLY)], {"budget": 5.0}, "no project tells its cost"),
        ([ONE], {}, "no budget is told"),
        ([ONE], {"budget": -1.0}, "0 or more"),
        ([ONE], {"budget": pl.DataFrame({"year": [2026]})}, "the column amount is missing"),
        ([ONE], {"budget": pl.DataFrame({"year": ["x"], "amount": [1.0]})}, "as numbers"),
        ([ONE], {"budget": by_year(-1.0)}, "below 0"),
        ([ONE], {"budget": by_year(1.0), "spent": by_year(2.0)}, "takes 2 of the budget of 2026"),
        ([ONE], {"budget": 1.0, "spent": by_year(2.0)}, "takes 2 of a budget of 1"),
        ([ONE], {"budget": 5.0, "pay": "later"}, "while built or when finished"),
        ([ONE], {"budget": 5.0, "objective": "joy"}, "is not known"),
        ([ONE], {"budget": 5.0, "objective": "least cost", "life": 0.0}, "a number of years"),
        ([ONE], {"budget": 5.0, "reach": ("brass", 1.0, 2026)}, "no commodity"),
        ([ONE], {"budget": 5.0, "reach": ("steel", 1.0, 2036)}, "the year 2036"),
        ([ONE], {"budget": 5.0, "reach": ("steel", 0.0, 2026)}, "above 0"),
        ([ONE], {"budget": 5.0, "reach": ("sponge iron", 1.0, 2026)}, "the same commodity"),
    ],
)
def test_bad_questions(projects: list[Any], asked: dict[str, Any], told: str) -> None:
    chain: Chain = small_steel(projects=projects)
    with pytest.raises(ChainError) as error:
        expand(chain, **asked)
    assert told in str(error.value)


def test_a_demand_that_nothing_could_serve() -> None:
    chain = small_steel(
        projects=[ONE], demands=[{"commodity": "steel", "place": "here", "amount": 50.0}]
    )
    with pytest.raises(ChainError, match="the demand for 50 kt of steel"):
        expand(chain, 100.0)
