"""The worked copper and rare-earth chains: copper by hand from ore to rod, and what binds."""

from pathlib import Path

import polars as pl
import pytest

from onshore import chain
from onshore.chain import concentrate, concentrate_elements
from onshore.chain.concentrating import with_grades

EXAMPLES = Path(__file__).parents[2] / "examples" / "chain"
COPPER = {"sulphide ore": 0.007, "leach ore": 0.004, "concentrate": 0.28, "anode": 0.995}
OF_CATHODE = 0.9999


@pytest.fixture(scope="module")
def copper():
    return chain.read_chain(EXAMPLES / "copper")


@pytest.fixture(scope="module")
def solved(copper):
    return chain.solve(copper)


def made(result, process, year):
    here = (pl.col("process") == process) & (pl.col("year") == year)
    return result.activity.filter(here)["activity"].sum()


def traded(result, market, year):
    here = (pl.col("market") == market) & (pl.col("year") == year)
    return result.trades.filter(here)["amount"].sum()


def test_the_folder_reads_without_a_word(copper):
    assert copper.warnings == ()
    assert {"mining", "flotation", "smelting", "refining", "leaching", "rod casting"} <= set(
        copper.table("processes")["process"]
    )


def test_rates_follow_from_grade_and_recovery(copper):
    rates = {
        (process, commodity): rate
        for process, commodity, rate in copper.table("recipes")
        .select("process", "commodity", "rate")
        .iter_rows()
    }
    ore = concentrate(1.0, 0.007, 0.28, 0.9).ratio
    assert rates["flotation", "sulphide ore"] == pytest.approx(-ore)
    assert rates["smelting", "concentrate"] == pytest.approx(-0.995 / (0.28 * 0.97), rel=1e-6)
    assert rates["refining", "anode"] == pytest.approx(-0.9999 / (0.995 * 0.998), rel=1e-6)
    assert rates["leaching", "leach ore"] == pytest.approx(-1 / (0.004 * 0.7), rel=1e-6)
    # Acid of the sulphur that is caught, and what it holds beside sulphur.
    sulphur = -rates["smelting", "concentrate"] * 0.30 * 0.95
    assert rates["smelting", "sulphuric acid"] == pytest.approx(sulphur * 98.08 / 32.06, rel=1e-4)
    assert rates["smelting", "sulphuric acid"] + rates["smelting", "oxygen and water"] == (
        pytest.approx(sulphur, rel=1e-3)
    )


@pytest.mark.parametrize("year", [2025, 2026, 2027])
def test_no_copper_comes_from_nothing(solved, year):
    """Copper sold is copper mined less the losses told of each step."""
    in_concentrate = made(solved, "flotation", year) * COPPER["concentrate"]
    assert in_concentrate == pytest.approx(made(solved, "mining", year) * 0.007 * 0.9, rel=1e-6)
    in_anode = made(solved, "smelting", year) * COPPER["anode"]
    smelted = in_concentrate + 0.28 * (
        traded(solved, "concentrate from abroad", year)
        - traded(solved, "concentrate by Bandar Abbas", year)
    )
    # Stocks are back at the end of 2027, and may move between years by what they hold.
    assert in_anode == pytest.approx(smelted * 0.97, abs=80 * 0.28)
    refined = in_anode - 0.995 * traded(solved, "anode by Bandar Abbas", year)
    assert made(solved, "refining", year) * OF_CATHODE == pytest.approx(refined * 0.998, rel=1e-6)
    assert made(solved, "leaching", year) <= made(solved, "leach mining", year) * 0.004 * 0.7 + 1e-6


def test_home_demand_is_served_and_sold(solved):
    assert solved.unserved.is_empty()
    for year, asked in ((2025, 170), (2026, 178), (2027, 187)):
        sold = traded(solved, "rod by Bandar Abbas", year)
        assert made(solved, "rod casting", year) == pytest.approx(asked + sold)


def test_power_cut_in_summer_is_felt(copper, solved):
    freed = chain.solve(copper.with_tables(limits=copper.table("limits").clear()))
    summer = (pl.col("process") == "refining") & (pl.col("season") == "summer")
    with_cut, without = (r.activity.filter(summer)["activity"].sum() for r in (solved, freed))
    assert with_cut < without
    assert freed.objective < solved.objective


def test_poorer_ore_makes_the_mine_the_bottleneck(copper):
    uncut = copper.with_tables(limits=copper.table("limits").clear())
    most = "most output:cathode"
    rich = chain.solve(uncut, years=[2025], objective=most)
    poorer = with_grades(uncut, "flotation", 0.005, 0.28, 0.88)
    poor = chain.solve(poorer, years=[2025], objective=most)
    assert poor.objective < rich.objective
    assert made(poor, "mining", 2025) == pytest.approx(57_000)
    assert poor.bottlenecks["step"][0] == "mining"


def test_every_invented_figure_is_told(copper):
    for table in ("assets", "demands", "markets", "stocks", "limits", "projects", "budgets"):
        frame = copper.table(table)
        assert frame["illustrative"].all(), table
        assert frame["source"].null_count() == 0, table
    recipes = copper.table("recipes").filter(pl.col("rate") != 1.0)
    assert recipes["source"].null_count() == 0
    invented = pl.col("source") == "illustrative"
    assert recipes.filter(invented)["illustrative"].all()


def test_rare_earths_follow_from_the_assays():
    rare = chain.read_chain(EXAMPLES / "rare_earths")
    assert rare.warnings == ()
    assays = pl.read_csv(EXAMPLES / "rare_earths_assays.csv")
    won = concentrate_elements(1.0, assays, 0.40)
    mass = won["won"].sum() / 0.40
    rates = {
        (process, commodity): rate
        for process, commodity, rate in rare.table("recipes")
        .select("process", "commodity", "rate")
        .iter_rows()
    }
    assert rates["flotation", "apatite ore"] == pytest.approx(-1 / mass)
    shares = dict(won.select("element", "share").iter_rows())
    magnets = shares["neodymium and praseodymium oxides"]
    assert rates["separation", "mixed oxides"] == pytest.approx(-1 / (magnets * 0.95), rel=1e-5)
    light = shares["lanthanum and cerium oxides"]
    assert rates["separation", "LaCe oxide"] == pytest.approx(light / magnets, rel=1e-5)

    result = chain.solve(rare)
    oxides = rates["separation", "LaCe oxide"] * made(result, "separation", 2028)
    assert traded(result, "LaCe oxide by Bandar Abbas", 2028) == pytest.approx(oxides)
    assert made(result, "separation", 2026) == 0.0
    assert made(result, "separation", 2028) == pytest.approx(420)
