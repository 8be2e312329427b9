"""Targets: probabilities known exactly, outputs solved cold, ways found by enumeration."""

from __future__ import annotations

import itertools
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from small_steel import project, small_steel

from onshore.chain import Chain, ChainError, draw_finish_dates, read_chain, solve, target

EXAMPLES = Path(__file__).parents[2] / "examples" / "chain"
LOW, LIKELY, HIGH = date(2026, 7, 1), date(2027, 7, 1), date(2029, 7, 1)
DRAWS = 20_000


def before(day: date, distribution: str = "pert") -> float:
    """The exact chance that a day between LOW and HIGH lies before another."""
    width = (HIGH - LOW).days
    peak = (LIKELY - LOW).days / width
    # Drawn days are rounded to whole days.
    share = ((day - LOW).days - 0.5) / width
    if distribution == "triangular":
        return float(stats.triang(peak).cdf(share))
    return float(stats.beta(1 + 4 * peak, 5 - 4 * peak).cdf(share))


def near(found: float, exact: float) -> bool:
    return abs(found - exact) < 4.5 * np.sqrt(exact * (1 - exact) / DRAWS) + 1e-12


@pytest.mark.parametrize("distribution", ["pert", "triangular"])
def test_a_project_that_is_needed_gives_its_own_chance(distribution: str) -> None:
    chain = small_steel(projects=[project("second furnace")])
    told = target(
        chain, "steel", 20, 2027, draws=DRAWS, seed=1, distribution=distribution, at="rate"
    )
    exact = before(date(2028, 1, 1), distribution)
    assert near(told.probability, exact)
    assert told.low < exact < told.high
    assert told.fan["probability"].to_list() == [
        pytest.approx(before(date(2027, 1, 1), distribution), abs=0.01),
        told.probability,
    ]
    row = told.projects.row(0, named=True)
    assert (row["if_in_time"], row["if_late"]) == (1.0, 0.0)
    assert row["in_time"] == told.probability
    assert row["needed_by"] == date(2027, 12, 31)
    assert row["needed_chance"] == pytest.approx(exact, abs=1e-9)


def test_the_part_of_the_year_that_is_left_counts() -> None:
    chain = small_steel(projects=[project("second furnace")])
    told = target(chain, "steel", 15, 2027, draws=DRAWS, seed=2)
    # 10 + 10 x share >= 15: finished before 2 July noon, the middle of the year.
    assert near(told.probability, before(date(2027, 7, 3)))
    late = told.dates.filter(finished=date(2027, 10, 1))["draw"]
    if len(late):
        output = told.outputs.filter(year=2027, draw=late[0])["output"][0]
        assert output == pytest.approx(10 + 10 * 92 / 365)
    fan = told.fan.filter(year=2027).row(0, named=True)
    assert fan["none"] == pytest.approx(10)
    assert fan["latest"] == pytest.approx(10)
    assert fan["likely"] == pytest.approx(10 + 10 * 184 / 365)
    assert fan["earliest"] == pytest.approx(20)
    assert fan["all"] == pytest.approx(20)
    assert fan["p05"] <= fan["p50"] <= fan["p95"]


@pytest.mark.parametrize(("correlation", "power"), [(0.0, 2), (1.0, 1)])
def test_two_that_are_both_needed(correlation: float, power: int) -> None:
    chain = small_steel(projects=[project("a"), project("b")])
    told = target(chain, "steel", 30, 2027, draws=DRAWS, seed=3, at="rate", correlation=correlation)
    assert near(told.probability, before(date(2028, 1, 1)) ** power)
    assert told.way_chance == told.probability


@given(st.data())
@settings(max_examples=15, deadline=None)
def test_outputs_are_those_of_cold_solves(data: st.DataObject) -> None:
    number = st.floats(1.0, 30.0)
    count = data.draw(st.integers(1, 4))
    projects = [
        project(
            f"p{n}",
            data.draw(number),
            process=data.draw(st.sampled_from(["melting", "reduction"])),
            days=[date(2026, 1, 1), date(2026, data.draw(st.integers(2, 12)), 9), date(2028, 3, 1)],
        )
        for n in range(count)
    ]
    chain = small_steel(
        projects=projects,
        seasons=[("cold", 0.25), ("warm", 0.75)],
        reduced=data.draw(number),
        melted=data.draw(number),
    )
    told = target(chain, "steel", 20, 2027, draws=8, seed=data.draw(st.integers(0, 99)))
    for draw in range(1, 9):
        dates = dict(told.dates.filter(draw=draw).select("project", "finished").iter_rows())
        for year in (2026, 2027):
            cold = solve(chain, years=[year], projects=dates).objective
            output = told.outputs.filter(draw=draw, year=year)["output"][0]
            assert output == pytest.approx(cold, rel=1e-8)


def test_outputs_of_the_steel_chain_are_those_of_cold_solves() -> None:
    chain = read_chain(EXAMPLES / "steel")
    chain = chain.with_settings(years=(2028,))
    told = target(chain, "crude steel", 46_300, 2028, draws=60, seed=4)
    assert told.solved < 66
    for draw in (1, 20, 60):
        dates = dict(told.dates.filter(draw=draw).select("project", "finished").iter_rows())
        cold = solve(chain, objective="most output:crude steel", projects=dates).objective
        assert told.outputs.filter(draw=draw)["output"][0] == pytest.approx(cold, rel=1e-7)


def test_targets_of_the_steel_chain() -> None:
    chain = read_chain(EXAMPLES / "steel").with_settings(years=(2027, 2028))
    for amount in (25_000, 30_000):
        sure = target(chain, "crude steel", amount, 2027, draws=20)
        assert sure.probability == 1.0
        assert "Today's plants alone reach it." in sure.words
    told = target(chain, "crude steel", 45_000, 2027, draws=20)
    assert told.reachable
    assert told.probability == 0.0
    far = target(chain, "crude steel", 60_000, 2028, draws=20)
    assert not far.reachable
    assert far.short == pytest.approx(60_000 - far.fan.filter(year=2028)["all"][0])
    assert "direct reduction" in far.shortfall["step"].to_list()


def test_out_of_reach_by_how_much_and_which_step() -> None:
    chain = small_steel(projects=[project("second furnace", 5.0)], reduced=10.0)
    told = target(chain, "steel", 25, 2027, draws=10)
    assert not told.reachable
    assert told.short == pytest.approx(15)
    assert told.probability == 0.0
    assert told.way_chance is None
    found = dict(told.shortfall.select("step", "more").iter_rows())
    assert found == {"reduction": pytest.approx(15), "melting": pytest.approx(10)}
    assert "out of reach" in told.words[0]
    assert "15 more kt of reduction a year" in told.words[1]


def test_what_was_short_is_enough_once_it_is_added() -> None:
    chain = small_steel(projects=[project("second furnace", 5.0)], reduced=10.0)
    more = dict(
        target(chain, "steel", 25, 2027, draws=1).shortfall.select("step", "more").iter_rows()
    )
    larger = small_steel(
        projects=[project("second furnace", 5.0)],
        reduced=10.0 + more["reduction"],
        melted=10.0 + more["melting"],
    )
    assert target(larger, "steel", 25, 2027, draws=1).reachable


def test_the_bottleneck_is_told_draw_by_draw() -> None:
    # Until the second furnace is there melting binds, then reduction.
    chain = small_steel(projects=[project("second furnace", 20.0)], reduced=15.0)
    told = target(chain, "steel", 12, 2027, draws=DRAWS, seed=5, at="rate")
    binds = dict(told.steps.select("step", "binds").iter_rows())
    in_time = before(date(2028, 1, 1))
    assert near(binds["reduction"], in_time)
    assert near(binds["melting"], 1 - in_time)
    assert told.steps["unit"][0] == "kt per kt a year"


def test_the_likeliest_way_is_that_of_enumeration() -> None:
    days = [
        [date(2026, 3, 1), date(2026, 9, 1), date(2027, 12, 1)],
        [date(2026, 3, 1), date(2027, 3, 1), date(2029, 12, 1)],
        [date(2026, 6, 1), date(2027, 9, 1), date(2028, 12, 1)],
        [date(2026, 6, 1), date(2028, 9, 1), date(2029, 12, 1)],
    ]
    sizes = [6.0, 9.0, 7.0, 16.0]
    projects = [
        project(f"p{n}", size, days=day)
        for n, (size, day) in enumerate(zip(sizes, days, strict=True))
    ]
    told = target(small_steel(projects=projects), "steel", 24, 2027, draws=1, at="rate")
    draws = draw_finish_dates(small_steel(projects=projects), draws=200_000, seed=0)
    chance = (
        draws.group_by("project", maintain_order=True)
        .agg((pl.col("finished") < date(2028, 1, 1)).mean())["finished"]
        .to_list()
    )
    ways = [
        (float(np.prod([chance[n] for n in some])), some)
        for size in range(5)
        for some in itertools.combinations(range(4), size)
        if 10 + sum(sizes[n] for n in some) >= 24
    ]
    best, some = max(ways)
    needed = told.projects.with_row_index("n").filter(pl.col("needed_by").is_not_null())
    assert tuple(needed["n"]) == some
    assert float(np.prod(needed["needed_chance"].to_numpy())) == pytest.approx(best, abs=0.01)


def test_what_cannot_serve_home_does_not_reach() -> None:
    chain = small_steel(
        projects=[project("second furnace")],
        demands=[{"commodity": "steel", "place": "here", "amount": 15.0}],
    )
    told = target(chain, "steel", 16, 2027, draws=DRAWS, seed=6, at="rate")
    assert near(told.probability, before(date(2028, 1, 1)))
    late = 1 - told.probability
    assert told.outputs.filter(year=2027)["output"].null_count() == round(late * DRAWS)
    assert told.fan.filter(year=2027)["none"][0] is None
    assert "cannot be" in told.warnings[-1]


def test_a_day_that_has_passed_is_not_drawn() -> None:
    as_of = date(2027, 7, 1)
    late = project("second furnace", progress=0.7, as_of=as_of)
    chain = small_steel(projects=[late])
    days = draw_finish_dates(chain, draws=DRAWS, seed=7)["finished"]
    assert days.min() > as_of
    exact = (before(date(2028, 1, 1)) - before(date(2027, 7, 2))) / (1 - before(date(2027, 7, 2)))
    assert near(float((days < date(2028, 1, 1)).mean()), exact)
    told = target(chain, "steel", 20, 2027, draws=10, at="rate")
    assert "was not on 2027-07-01" in told.warnings[-1]


def test_days_that_are_certain() -> None:
    sure = project("sure", days=[None, date(2027, 1, 1), None])
    done = project("done", days=[None, None, None], progress=1.0, as_of=date(2026, 12, 31))
    told = target(small_steel(projects=[sure, done]), "steel", 30, 2027, draws=5)
    assert told.probability == 1.0
    assert set(told.dates["finished"]) == {date(2027, 1, 1), date(2026, 12, 31)}


def test_a_seed_repeats_itself() -> None:
    chain = small_steel(projects=[project("a"), project("b")])
    one, same, other = (
        draw_finish_dates(chain, draws=50, seed=seed, correlation=0.3) for seed in (1, 1, 2)
    )
    assert one.equals(same)
    assert not one.equals(other)


def test_solar_hijri_years_and_other_units() -> None:
    days = [date(2026, 3, 21), date(2026, 9, 1), date(2027, 3, 20)]
    chain = small_steel(
        projects=[project("second furnace", days=days)],
        years=(1405, 1406),
        calendar="solar_hijri",
    )
    # 1406 begins on 21 March 2027.
    told = target(chain, "steel", 20_000, 1406, unit="t", draws=10)
    assert (told.amount, told.unit, told.probability) == (20.0, "kt", 1.0)
    assert 0.0 < told.fan["likely"][0] - 10.0 < 10.0


def test_only_some_projects_and_none() -> None:
    chain = small_steel(projects=[project("a"), project("b")])
    told = target(chain, "steel", 25, 2027, draws=5, projects=["a"])
    assert (told.projects["project"].to_list(), told.short) == (["a"], pytest.approx(5))
    bare = target(small_steel(), "steel", 10, 2026, draws=5)
    assert (bare.probability, bare.projects.height) == (1.0, 0)


UNDATED = project("undated", days=[None, None, None])
PASSED = project("passed", progress=0.9, as_of=date(2030, 1, 1))


@pytest.mark.parametrize(
    ("projects", "asked", "told"),
    [
        ([UNDATED], {}, "finish_likely: no day of finishing is told"),
        ([PASSED], {}, "the latest day has passed"),
        ([], {"commodity": "brass"}, "'brass' is no commodity of the chain"),
        ([], {"year": 2035}, "does not tell the year 2035"),
        ([], {"amount": -1.0}, "Give an amount above 0"),
        ([], {"amount": float("nan")}, "Give an amount above 0"),
        ([], {"unit": "Mt"}, "read in two ways"),
        ([], {"unit": "GJ"}, "Give the target in kt"),
        ([], {"unit": "stonez"}, "the target's unit"),
        ([], {"at": "end"}, "Write output or rate"),
        ([], {"draws": 0}, "Ask for 1 or more"),
        ([], {"correlation": 2.0}, "from 0 to 1"),
        ([], {"distribution": "normal"}, "Write pert or triangular"),
        ([], {"projects": ["x"]}, "no project x"),
    ],
)
def test_bad_questions(
    projects: list[dict[str, object]], asked: dict[str, object], told: str
) -> None:
    question = {"commodity": "steel", "amount": 20.0, "year": 2027, "draws": 5, **asked}
    chain: Chain = small_steel(projects=projects)
    with pytest.raises(ChainError) as error:
        target(
            chain,
            question.pop("commodity"),
            question.pop("amount"),
            question.pop("year"),
            **question,
        )  # type: ignore[arg-type]
    assert told in str(error.value)


def test_a_demand_that_all_projects_cannot_serve() -> None:
    chain = small_steel(demands=[{"commodity": "steel", "place": "here", "amount": 15.0}])
    with pytest.raises(ChainError, match="the demand for 15 kt of steel"):
        target(chain, "steel", 20, 2027, draws=5)


def test_nothing_is_made_until_something_is_there() -> None:
    chain = small_steel(projects=[project("furnace two")], melted=0.0)
    told = target(chain, "steel", 5, 2026, draws=5, projects=[])
    assert (told.probability, told.fan["p95"].to_list()) == (0.0, [0.0, 0.0])
    assert told.steps.is_empty()
    # There is no furnace that could be made larger.
    assert told.shortfall.is_empty()
    assert "would reach it" in told.words[1]
