"""A chain's linear program: the same optimum as a plain one, and the meaning of each table."""

import json
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from drawn_chains import STEEL, chains, drawn, oracle_chain, small_steel
from hypothesis import given, settings
from plain_model import plain_optimum

from onshore import chain

OBJECTIVES = ("least cost", "least net imports", "most output:g2")


@given(tables=chains())
@settings(max_examples=40)
def test_the_optimum_is_that_of_a_model_written_row_by_row(tables):
    read = chain.read_chain(tables[0], settings=tables[1])
    for objective in OBJECTIVES:
        expected = plain_optimum(read, objective)
        found = chain.solve(read, objective=objective).objective
        assert found == pytest.approx(expected, rel=1e-7, abs=1e-6)


PYPSA = json.loads((Path(__file__).parent / "pypsa_answers.json").read_text())


@pytest.mark.parametrize("seed", range(20))
def test_objective_and_flows_are_those_of_pypsa(seed):
    # Written by benchmarks/chain_build.py --record, which compares flow by flow.
    answer = PYPSA[f"drawn {seed:02}"]
    result = chain.solve(oracle_chain(seed), objective="least cost")
    assert result.objective == pytest.approx(answer["objective"], rel=1e-6)
    made = result.activity.group_by("process").agg(pl.col("activity").sum())
    assert dict(made.iter_rows()) == pytest.approx(answer["made"], rel=1e-6, abs=1e-6)


@given(tables=chains(hard=True))
@settings(max_examples=25)
def test_hard_demands_are_met_or_refused_as_in_the_plain_model(tables):
    read = chain.read_chain(tables[0], settings=tables[1])
    expected = plain_optimum(read, "least cost")
    if expected is None:
        with pytest.raises(chain.ChainError, match="no flows keep all limits"):
            chain.solve(read)
    else:
        assert chain.solve(read).objective == pytest.approx(expected, rel=1e-7, abs=1e-6)


def solved(settings=STEEL, *, objective=None, projects="none", **changed):
    read = chain.read_chain(small_steel(**changed), settings={**STEEL, **settings})
    return chain.solve(read, objective=objective, projects=projects)


def made(result, asset):
    return result.activity.filter(asset=asset)["activity"].to_list()


def test_a_chain_is_held_by_its_narrowest_step_and_its_yields():
    # 1500 kt of sponge iron and 100 kt of scrap, by 1.05 and 1.02 kt per kt of steel.
    result = solved()
    steel = 1500 / 1.05 + 100 / 1.02
    assert made(result, "furnace") == pytest.approx([steel])
    # 1.4 kt of pellets per kt, of which 2 % are lost on the way.
    assert made(result, "pellet plant") == pytest.approx([1500 * 1.4 / 0.98])
    # 10 GJ per t are 10 TJ per kt.
    gas = result.trades.filter(market="gas grid")
    assert gas["amount"].to_list() == pytest.approx([15000.0])
    exported = result.trades.filter(direction="export")
    assert exported["amount"].to_list() == pytest.approx([steel - 500])
    cost = (
        1500 * 1.4 / 0.98 * (1.2 * 1.0 + 2.0 + 0.5)
        + 1500 * 3.0
        + 15000 * 0.1
        + 100 * 300
        + steel * 4
        + (steel - 500) * (0.6 - 500)
    )
    assert result.objective == pytest.approx(cost)


def test_shares_hold_a_member_of_a_group_to_part_of_the_whole_charge():
    result = solved(
        markets={"most": [None, None, None]}, assets={"capacity": [4e3, 3e3, 1500.0, 3e3]}
    )
    flows = result.process_flows.filter(asset="furnace", group="charge")
    scrap, iron = (flows.filter(commodity=c)["amount"].item() for c in ("scrap", "sponge iron"))
    assert scrap / (scrap + iron) == pytest.approx(0.3)
    assert -iron == pytest.approx(1500)


def test_a_groups_members_in_other_units_of_mass_share_by_weight():
    result = solved(
        commodities={"unit": ["kt", "kt", "kt", "t", "kt", "TJ"]},
        recipes={"rate": [-1.2, -1.4, -10.0, -1.05, -1020.0]},
        markets={"most": [None, None, None], "price": [500.0, 0.3, 0.1]},
        assets={"capacity": [4e3, 3e3, 1500.0, 3e3]},
    )
    flows = result.process_flows.filter(asset="furnace", group="charge")
    scrap, iron = (flows.filter(commodity=c)["amount"].item() for c in ("scrap", "sponge iron"))
    assert scrap / 1000 / (scrap / 1000 + iron) == pytest.approx(0.3)


def test_seasons_share_capacity_and_limits_cut_them():
    seasons = {"seasons": {"summer": 0.6, "winter": 0.4}}
    cut = pl.DataFrame(
        {"name": ["gas cut"], "process": ["reduction"], "season": ["winter"], "factor": [0.5]}
    )
    assert made(solved(seasons), "module") == pytest.approx([900.0, 600.0])
    assert made(solved(seasons, limits=cut), "module") == pytest.approx([900.0, 300.0])
    amount = pl.DataFrame(
        {
            "name": ["gas cut"],
            "commodity": ["gas"],
            "season": ["winter"],
            "amount": [1e6],
            "unit": ["GJ"],
        }
    )
    runs = solved(seasons, limits=amount, demands={"worth": [1000.0]})
    assert made(runs, "module") == pytest.approx([900.0, 100.0])
    yearly = pl.DataFrame({"name": ["quota"], "asset": ["module"], "amount": [1000.0]})
    assert sum(made(solved(seasons, limits=yearly), "module")) == pytest.approx(1000.0)


def test_a_factor_on_a_commodity_cuts_what_can_be_imported_in_that_season():
    seasons = {"seasons": {"summer": 0.5, "winter": 0.5}}
    cut = pl.DataFrame(
        {"name": ["no scrap"], "commodity": ["scrap"], "season": ["winter"], "factor": [0.1]}
    )
    bought = solved(seasons, limits=cut).trades.filter(market="scrap")
    assert bought.filter(season="winter")["amount"].item() <= 5 + 1e-9
    assert bought["amount"].sum() == pytest.approx(100)


def test_years_of_service_and_availability_bound_an_asset():
    years = {"years": [2025, 2026, 2027]}
    assets = {"from_year": [2000, 2000, 2026, 2000], "to_year": [None, None, 2026, None]}
    result = solved(years, assets={**assets, "availability": [1.0, 1.0, 0.9, 1.0]},
                    demands={"worth": [1000.0]})  # fmt: skip
    assert made(result, "module") == pytest.approx([0.0, 1350.0, 0.0])
    # Without sponge iron nothing is melted: scrap is held to its share of the charge.
    assert result.unserved.select("year", "amount").rows() == [(2025, 500.0), (2027, 500.0)]


def test_projects_are_in_service_from_the_day_they_are_finished():
    projects = pl.DataFrame(
        {
            "project": ["second module"],
            "process": ["reduction"],
            "place": ["mill"],
            "capacity": [400.0],
            "finish_likely": [date(2026, 7, 2)],
        }
    )
    years = {"years": [2025, 2026, 2027]}
    without = solved(years, projects="none")
    assert "second module" not in without.activity["asset"].to_list()
    read = chain.read_chain(small_steel(projects=projects), settings={**STEEL, **years})
    runs = chain.solve(read, projects="likely")
    # 183 of the 365 days of 2026 are left.
    assert made(runs, "second module") == pytest.approx([0.0, 400 * 183 / 365, 400.0])
    runs = chain.solve(read, projects={"second module": date(2027, 1, 1)})
    assert made(runs, "second module") == pytest.approx([0.0, 0.0, 400.0])
    assert made(chain.solve(read, projects="all"), "second module") == pytest.approx([400.0] * 3)
    with pytest.raises(chain.ChainError, match="no project third module"):
        chain.solve(read, projects={"third module": date(2027, 1, 1)})


def test_days_are_counted_in_the_chains_own_calendar():
    settings = chain.ChainSettings(
        "c", (1403, 1404), (("h1", 0.5), ("h2", 0.5)), calendar="solar_hijri"
    )
    made_up = chain.Chain({}, settings)
    # 1404 began on 21 March 2025.
    share = chain.service_share(made_up, [date(2025, 3, 21), date(2024, 3, 20)])
    assert share.tolist() == [[0, 0, 1, 1], [1, 1, 1, 1]]


def test_stocks_carry_from_season_to_season_and_end_as_they_began():
    seasons = {"seasons": {"summer": 0.5, "winter": 0.5}}
    stock = pl.DataFrame(
        {"commodity": ["pellets"], "place": ["mill"], "capacity": [500.0], "first": [50.0]}
    )
    cut = pl.DataFrame(
        {"name": ["snow"], "process": ["pelletizing"], "season": ["winter"], "factor": [0.5]}
    )
    kept = solved(seasons, stocks=stock, limits=cut)
    # In winter 1050 kt are taken in, and 750 less 2 % arrive: 315 more are kept than at the end.
    assert kept.stocks["level"].to_list() == pytest.approx([365.0, 50.0])
    bare = solved(seasons, limits=cut)
    assert made(kept, "module")[1] > made(bare, "module")[1] + 100
    free = solved({**seasons, "stocks_end": "free"}, stocks=stock, limits=cut)
    assert free.objective < kept.objective
    assert free.stocks["level"][-1] == pytest.approx(0.0, abs=1e-9)


def test_a_least_use_makes_a_plant_run_and_what_it_makes_may_be_left():
    lossy = {"price": [0.0, 300.0, 0.1]}
    idle = solved(markets=lossy)
    assert sum(made(idle, "furnace")) == pytest.approx(500)
    forced = solved(markets=lossy, assets={"min_use": [0.0, 0.0, 0.0, 0.5]})
    assert sum(made(forced, "furnace")) == pytest.approx(1000)


def test_most_output_lets_the_product_be_left_over_and_picks_a_cheap_way():
    nowhere = pl.DataFrame(small_steel()["markets"])[1:]
    result = solved(objective="most output:steel", markets=nowhere)
    assert result.objective == pytest.approx(1500 / 1.05 + 100 / 1.02)
    left = result.balance.filter(commodity="steel", place="mill")
    assert left["surplus"].item() == pytest.approx(result.objective - 500)
    assert result.objective == pytest.approx(-result.compiled.cost @ result.flow.values)


def test_a_demands_own_seasons_are_kept():
    seasons = {"seasons": {"summer": 0.5, "winter": 0.5}}
    result = solved(seasons, demands={"season_share": ["0.8;0.2"]})
    asked = result.compiled.of(result.compiled.demand, "balance").sum(axis=0)
    assert asked.tolist() == pytest.approx([400.0, 100.0])


def test_later_money_counts_less():
    settings = {"years": [2025, 2026], "discount": 0.25}
    once, twice = solved(), solved(settings)
    assert twice.objective == pytest.approx(once.objective * (1 + 1 / 1.25))
    prices = twice.prices.filter(commodity="steel", place="mill")["price"]
    assert prices[0] == pytest.approx(prices[1])


def test_some_years_and_seasons_can_be_told_alone():
    tables, settings = drawn(7, years=3, seasons=3)
    read = chain.read_chain(tables, settings=settings)
    part = chain.compile_chain(read, years=[2026], seasons=["s1"])
    assert (part.years, part.seasons, part.periods) == ((2026,), ("s1",), 1)
    assert chain.solve(part).balance["year"].unique().to_list() == [2026]
    with pytest.raises(chain.ChainError, match="does not tell the year 2031"):
        chain.compile_chain(read, years=[2031])
    with pytest.raises(chain.ChainError, match="does not tell the season s9"):
        chain.compile_chain(read, seasons=["s9"])


@pytest.mark.parametrize("objective", ["least", "most output:", "most output:gold", "cheapest"])
def test_an_unknown_objective_is_refused(objective):
    with pytest.raises(chain.ChainError, match="objective"):
        solved(objective=objective)


def test_columns_and_rows_are_named():
    tables, settings = drawn(3)
    compiled = chain.compile_chain(chain.read_chain(tables, settings=settings))
    assert compiled.columns.height == len(compiled.cost)
    assert compiled.rows.height == len(compiled.row_lower)
    assert len(compiled.starts) == len(compiled.row_lower) + 1
    first = compiled.columns.row(0, named=True)
    assert (first["block"], first["year"], first["season"]) == ("activity", 2025, "s0")


def test_a_solver_goes_on_from_where_it_was():
    tables, settings = drawn(11)
    compiled = chain.compile_chain(chain.read_chain(tables, settings=settings))
    solver = chain.Solver(compiled)
    before = solver.run()
    at = compiled.block("activity")
    columns = np.arange(at.start, at.start + compiled.periods)
    solver.bound(columns, 0.0, 0.0)
    without = solver.run()
    assert without.objective >= before.objective - 1e-9
    solver.bound(columns, compiled.lower[columns], compiled.upper[columns])
    assert solver.run().objective == pytest.approx(before.objective)


def test_buying_and_selling_without_limit_is_named():
    markets = {"market": ["sea", "scrap", "grid", "sea again"],
               "commodity": ["steel", "scrap", "gas", "steel"],
               "place": ["port", "mill", None, "port"],
               "direction": ["export", "import", "import", "import"],
               "price": [500.0, 300.0, 0.1, 400.0], "most": [None, 100.0, None, None]}  # fmt: skip
    with pytest.raises(chain.ChainError, match=r"gains without end by trading on sea.*sea again"):
        solved(markets=markets)
