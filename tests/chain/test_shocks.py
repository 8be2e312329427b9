"""Losses against the model of the paper, plans solved anew, a year told in seasons, and figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shock_chains import Network, mill, network_chain, network_of

from onshore import chain as chains
from onshore.chain import ChainError

WEEKS = 365.2425 / 7
EXAMPLES = Path(__file__).parents[2] / "examples" / "chain"


def assets_lost(*names: str, **columns: Any) -> pl.DataFrame:
    return pl.DataFrame({"kind": ["asset"] * len(names), "node": list(names), **columns})


def only(frame: pl.DataFrame) -> dict[str, Any]:
    assert frame.height == 1
    return frame.row(0, named=True)


# ---- the model of Simchi-Levi et al. (2015), written down on its own and solved by SciPy ----


def paper_loss(net: Network, disrupted: int, weeks: float) -> float:
    """Lost profit: min f.l, u_j <= sum_i y_ij / r, sum_j y_ij <= u_i + s_i, l + u + s >= d t."""
    from scipy.optimize import linprog

    t = weeks / WEEKS
    columns = _paper_columns(net)
    rows, most = _paper_rows(net, columns, t)
    upper = [net.capacity[i] * t if i != disrupted else 0.0 for i in range(net.size)]
    cost = np.zeros(columns["width"])
    for n, j in enumerate(net.products):
        cost[columns["lost"] + n] = net.margin[j]
        row = np.zeros(columns["width"])
        row[columns["lost"] + n] = row[j] = -1.0
        rows.append(row)
        most.append(net.stock[j] - net.demand[j] * t)
    bounds = [(0.0, u) for u in upper] + [(0.0, None)] * (columns["width"] - net.size)
    solved = linprog(cost, np.array(rows), np.array(most), bounds=bounds)
    assert solved.success
    return float(solved.fun)


def paper_survival(net: Network, disrupted: int) -> float:
    """Time to survive: max t under the same rows without losses; infinite without an end."""
    from scipy.optimize import linprog

    columns = _paper_columns(net)
    width = columns["width"] + 1
    rows, most = _paper_rows(net, columns, 0.0)
    rows = [np.append(row, 0.0) for row in rows]
    for i in range(net.size):
        row = np.zeros(width)
        row[i] = 1.0
        row[-1] = 0.0 if i == disrupted else -net.capacity[i]
        rows.append(row)
        most.append(0.0)
    for j in net.products:
        row = np.zeros(width)
        row[j], row[-1] = -1.0, net.demand[j]
        rows.append(row)
        most.append(net.stock[j])
    cost = np.zeros(width)
    cost[-1] = -1.0
    bounds = [(0.0, None)] * (width - 1) + [(0.0, 1e6)]
    solved = linprog(cost, np.array(rows), np.array(most), bounds=bounds)
    assert solved.success
    return float("inf") if -solved.fun > 1e5 else float(-solved.fun * WEEKS)


def _paper_columns(net: Network) -> dict[str, int]:
    flows = net.size + len(net.edges)
    return {"flow": net.size, "lost": flows, "width": flows + len(net.products)}


def _paper_rows(
    net: Network, columns: dict[str, int], t: float
) -> tuple[list[np.ndarray], list[float]]:
    rows, most = [], []
    for j in range(net.size):
        for part in {net.part[i] for i, k in net.edges if k == j}:
            row = np.zeros(columns["width"])
            row[j] = 1.0
            for n, (i, k) in enumerate(net.edges):
                if k == j and net.part[i] == part:
                    row[columns["flow"] + n] = -1.0 / net.ratio[part]
            rows.append(row)
            most.append(0.0)
    for i in range(net.size):
        out = [n for n, (k, _) in enumerate(net.edges) if k == i]
        if not out:
            continue
        row = np.zeros(columns["width"])
        for n in out:
            row[columns["flow"] + n] = 1.0
        row[i] = -1.0
        rows.append(row)
        most.append(net.stock[i])
    return rows, most


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(1.0, 40.0))
def test_losses_and_survivals_are_those_of_the_paper(seed: int, weeks: float) -> None:
    net = network_of(seed)
    told = chains.shock(
        network_chain(net), assets_lost(*[f"n{i}" for i in range(net.size)]), weeks=weeks
    )
    for i, row in enumerate(told.iter_rows(named=True)):
        assert row["lost"] == pytest.approx(paper_loss(net, i, weeks), rel=1e-6, abs=1e-6)
        longest = paper_survival(net, i)
        if longest > 520.0:
            assert row["survives"], (i, longest)
        else:
            assert not row["survives"]
            assert row["weeks_to_survive"] == pytest.approx(longest, rel=1e-5, abs=1e-5)


# ---- losses solved anew: the same chain without the node, and one-season tables ----


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_ranking_from_the_plan_is_as_solving_each_loss_anew(seed: int) -> None:
    net = network_of(seed)
    chain = network_chain(net)
    no_stocks = chain.with_tables(stocks=chain.table("stocks").clear())
    ranked = chains.rank_losses(no_stocks, weeks=4.0)
    before = chains.solve(no_stocks).objective
    assets = no_stocks.table("assets")
    for row in ranked.iter_rows(named=True):
        less = pl.when(pl.col("asset") == row["node"]).then(0.0).otherwise("capacity")
        without = no_stocks.with_tables(assets=assets.with_columns(capacity=less))
        anew = (chains.solve(without).objective - before) * 4.0 / WEEKS
        assert row["lost"] == pytest.approx(anew, rel=1e-7, abs=1e-7)
    assert ranked["lost"].is_sorted(descending=True)
    assert ranked["rank"].to_list() == list(range(1, ranked.height + 1))
    if ranked["lost"][0] > 0:
        assert ranked["exposure"].to_list() == pytest.approx(
            (ranked["lost"] / ranked["lost"][0]).to_list()
        )


@pytest.mark.parametrize("season", ["winter", "spring"])
def test_losses_of_the_worked_steel_chain_are_those_of_its_season_solved_anew(season: str) -> None:
    steel = chains.read_chain(EXAMPLES / "steel")
    steel = steel.with_tables(stocks=steel.table("stocks").clear())
    at = {"years": [2025], "seasons": [season]}
    share = dict(steel.settings.seasons)[season]
    ranked = chains.rank_losses(steel, ["asset", "province"], weeks=3.0, season=season, first=0)
    assets = steel.table("assets")
    before = chains.solve(steel, **at).answer.objective
    harmful = ranked.filter(pl.col("lost") > 0, pl.col("kind") == "asset")
    harmless = ranked.filter(pl.col("lost") == 0, pl.col("kind") == "asset")
    for row in pl.concat([harmful.gather_every(9), harmless.head(2)]).iter_rows(named=True):
        less = pl.when(pl.col("asset") == row["node"]).then(0.0).otherwise("capacity")
        without = steel.with_tables(assets=assets.with_columns(capacity=less))
        anew = chains.solve(without, **at).answer.objective - before
        assert row["lost"] == pytest.approx(anew * 3.0 / (WEEKS * share), rel=1e-6, abs=1.0)
    names = ranked.filter(pl.col("kind") == "province")["name"].to_list()
    assert "Isfahan" in names


def test_a_year_told_in_quarters_loses_as_much_as_the_loss_of_a_quarter() -> None:
    # The whole model of the year, with the furnace gone in one quarter only.
    quarters = [("first", 0.25), ("second", 0.25), ("third", 0.25), ("last", 0.25)]
    chain = mill(first=6.0, capacity=(40.0, 90.0), seasons=quarters, stocks_end="free")
    gone = {"name": "gone", "asset": "new", "season": "first", "factor": 0.0}
    limits = pl.concat([chain.table("limits"), pl.DataFrame([gone])], how="diagonal")
    whole = chains.solve(chain.with_tables(limits=limits))
    row = only(chains.shock(chain, assets_lost("new"), weeks=WEEKS / 4, season="first"))
    assert row["output_lost"] == pytest.approx(whole.unserved["amount"].sum(), rel=1e-8)
    assert row["output_lost"] == pytest.approx(100.0 / 4 - 40.0 / 4 - 6.0)


@pytest.mark.slow
@pytest.mark.shared_data
def test_all_assets_of_the_world_are_ranked(shared_data: Path) -> None:
    tables = [shared_data / "chain" / f"steel_{name}.csv" for name in ("plants", "capacity")]
    world = chains.steel_chain(chains.read_tracker(*tables))
    ranked = chains.rank_losses(world, weeks=4.0)
    assert ranked.height > 1000
    assert ranked["node"].is_unique().all()
    assets, before = world.table("assets"), chains.solve(world).answer.objective
    for node, lost in ranked.select("node", "lost").sample(4, seed=5).iter_rows():
        less = pl.when(pl.col("asset") == node).then(0.0).otherwise("capacity")
        without = world.with_tables(assets=assets.with_columns(capacity=less))
        anew = (chains.solve(without).answer.objective - before) * 4.0 / WEEKS
        assert lost == pytest.approx(anew, rel=1e-6, abs=1e-3)


# ---- figures that can be checked by hand ----


def test_figures_of_a_mill() -> None:
    # 100 asked for; 40 and 80 can be made; 5 in stock.
    told = chains.shock(mill(first=5.0), assets_lost("old", "new"), weeks=4.0)
    old, new = told.row(0, named=True), told.row(1, named=True)
    assert (old["lost"], old["survives"]) == (0.0, False)
    assert old["weeks_to_survive"] == pytest.approx(WEEKS * 5.0 / 20.0)
    # 20 a year are drawn for four weeks, and 20 a year are to spare afterwards.
    assert old["weeks_to_recover"] == pytest.approx(8.0)
    assert new["weeks_to_survive"] == pytest.approx(WEEKS * 5.0 / 60.0)
    assert new["output_lost"] == pytest.approx(0.0)
    assert new["weeks_to_recover"] == pytest.approx(4.0 + 12.0)
    longer = only(chains.shock(mill(first=5.0), assets_lost("new"), weeks=13.0))
    assert longer["output_lost"] == pytest.approx(60.0 * 13.0 / WEEKS - 5.0)
    assert longer["output_share"] == pytest.approx(longer["output_lost"] / (100.0 * 13.0 / WEEKS))
    # All 5 put back at 20 a year.
    assert longer["weeks_to_recover"] == pytest.approx(13.0 + WEEKS * 5.0 / 20.0)
    caught_up = only(chains.shock(mill(first=5.0), assets_lost("new"), weeks=13.0, catch_up=True))
    assert caught_up["weeks_to_recover"] == pytest.approx(13.0 + 13.0 * 60.0 / 20.0)


def test_without_capacity_to_spare_there_is_no_recovery() -> None:
    row = only(chains.shock(mill(first=5.0, capacity=(20.0, 80.0)), assets_lost("new")))
    assert (row["recovers"], row["weeks_to_recover"]) == (False, None)
    assert row["weeks_to_survive"] == pytest.approx(WEEKS * 5.0 / 80.0)


def test_what_no_plan_uses_is_lost_without_harm() -> None:
    chain = mill(first=0.0, capacity=(40.0, 120.0), cost=(9.0, 1.0))
    row = only(chains.shock(chain, assets_lost("old")))
    assert (row["lost"], row["survives"], row["weeks_to_survive"]) == (0.0, True, None)
    assert row["weeks_to_recover"] == 4.0


def test_part_of_a_node_and_several_together() -> None:
    chain = mill(first=0.0)
    half = only(chains.shock(chain, assets_lost("new", share=[0.5]), weeks=WEEKS))
    assert half["output_lost"] == pytest.approx(20.0)
    both = only(chains.shock(chain, assets_lost("old", "new", shock=["fire"] * 2), weeks=WEEKS))
    assert both["output_lost"] == pytest.approx(100.0)
    assert (both["shock"], both["node"]) == ("fire", "old; new")
    durations = chains.shock(chain, assets_lost("new", "new", weeks=[2.0, 4.0]))
    assert durations["output_lost"].to_list() == pytest.approx([120 / WEEKS, 240 / WEEKS])


def test_largest_output_counts_output() -> None:
    chain = mill(first=0.0, worth=1.0)
    row = only(chains.shock(chain, assets_lost("new"), objective="most output:steel", weeks=WEEKS))
    assert (row["lost"], row["unit"]) == (pytest.approx(80.0), "kt")
    assert row["output_share"] == pytest.approx(80.0 / 120.0)
    held = mill(first=3.0, worth=1.0)
    kept = only(chains.shock(held, assets_lost("new"), objective="most output:steel", weeks=WEEKS))
    assert kept["lost"] == pytest.approx(77.0)
    assert kept["weeks_to_survive"] == pytest.approx(WEEKS * 3.0 / 80.0)


def test_exports_are_kept_up_where_nothing_else_is_asked_for() -> None:
    chain = mill(first=5.0)
    sold = {"market": "abroad", "commodity": "steel", "place": "town", "direction": "export"}
    markets = pl.concat(
        [chain.table("markets"), pl.DataFrame([{**sold, "price": 30.0, "most": 100.0}])],
        how="diagonal",
    )
    no_demand = chain.with_tables(markets=markets, demands=chain.table("demands").clear())
    row = only(chains.shock(no_demand, assets_lost("new"), weeks=13.0))
    short = 60.0 * 13 / WEEKS - 5.0
    # Steel drawn from stock costs nothing more: 20 a year are to spare.
    assert (row["lost"], row["output_lost"]) == (pytest.approx(30.0 * short), pytest.approx(short))
    assert row["weeks_to_survive"] == pytest.approx(WEEKS * 5.0 / 60.0)
    # With a demand of 40 exports are not what has to be kept up, unless they are said to be.
    demands = chain.table("demands").with_columns(amount=pl.lit(40.0))
    both = chain.with_tables(markets=markets, demands=demands)
    assert only(chains.shock(both, assets_lost("new")))["survives"]
    assert not only(chains.shock(both, assets_lost("new"), exports=True))["survives"]


def test_places_provinces_markets_routes_and_commodities() -> None:
    chain = mill(first=0.0)
    found = {
        kind: only(chains.shock(chain, pl.DataFrame({"kind": [kind], "node": [node]}), weeks=WEEKS))
        for kind, node in {
            "place": "works",
            "province": "north",
            "market": "mine",
            "partner": "Oman",
            "commodity": "ore",
            "link": "rail",
            "route": "works > town",
            "process": "melting",
            "supplier": "company",
            "plant": "The new mill",
        }.items()
    }
    lost = {kind: row["output_lost"] for kind, row in found.items()}
    assert lost.pop("plant") == pytest.approx(60.0)
    assert list(lost.values()) == pytest.approx([100.0] * len(lost))
    assert found["supplier"]["kind"] == "owner"
    assert found["plant"]["name"] == "The new mill"
    listed = chains.nodes(mill(first=1.0), ["place", "route", "commodity"])
    assert listed.select("kind", "node", "rows").rows() == [
        ("place", "works", 4),
        ("place", "town", 2),
        ("route", "works > town", 1),
        ("commodity", "steel", 2),
        ("commodity", "ore", 1),
    ]


def test_a_market_without_limit_loses_its_share_of_what_it_brought() -> None:
    ore = pl.DataFrame({"kind": ["market"], "node": ["mine"], "share": [0.3]})
    row = only(chains.shock(mill(first=0.0), ore, weeks=WEEKS))
    assert row["output_lost"] == pytest.approx(30.0)


def test_the_season_that_hurts_most_is_told() -> None:
    seasons = [("warm", 0.75), ("cold", 0.25)]
    chain = mill(first=0.0, capacity=(40.0, 120.0), seasons=seasons, winter_factor=0.75)
    row = only(chains.shock(chain, assets_lost("new"), weeks=2.0))
    # In the cold season 30 can still be made per year, in the warm one 40.
    assert (row["season"], row["output_lost"]) == ("cold", pytest.approx(70.0 * 2 / WEEKS))
    warm = only(chains.shock(chain, assets_lost("new"), weeks=2.0, season="warm"))
    assert warm["output_lost"] == pytest.approx(60.0 * 2 / WEEKS)


def test_a_plant_with_a_least_use_may_stand_still() -> None:
    ore = pl.DataFrame({"kind": ["market"], "node": ["mine"]})
    row = only(chains.shock(mill(first=0.0, min_use=0.5), ore, weeks=WEEKS))
    assert row["output_lost"] == pytest.approx(100.0)


def test_a_project_is_lost_once_it_is_in_service() -> None:
    chain = mill(first=0.0)
    project = {"project": "next", "process": "melting", "place": "works", "capacity": 30.0}
    projects = pl.concat([chain.table("projects"), pl.DataFrame([project])], how="diagonal")
    with_it = chain.with_tables(
        projects=projects.with_columns(availability=pl.lit(1.0), running_cost=pl.lit(0.0))
    )
    with pytest.raises(ChainError, match="no such asset"):
        chains.shock(with_it, assets_lost("next"))
    lost = chains.shock(with_it, assets_lost("next", "new"), weeks=WEEKS, projects="all")
    assert lost["output_lost"].to_list() == pytest.approx([0.0, 30.0])


def test_weeks_of_its_own_rank_an_asset() -> None:
    chain = mill(first=0.0)
    own = pl.Series("recovery_weeks", [40.0, 4.0])
    ranked = chains.rank_losses(
        chain.with_tables(assets=chain.table("assets").with_columns(own)), weeks=1.0
    )
    assert ranked["node"].to_list() == ["old", "new"]
    assert ranked["output_lost"].to_list() == pytest.approx([20 * 40 / WEEKS, 60 * 4 / WEEKS])
    assert ranked["exposure"].to_list() == pytest.approx([1.0, 240 / 800])


def test_a_chain_without_such_nodes_has_nothing_to_rank() -> None:
    chain = mill(first=0.0)
    bare = chain.with_tables(links=chain.table("links").clear())
    assert chains.rank_losses(bare, ["route"]).is_empty()


# ---- protection ----


OPTIONS = pl.DataFrame(
    {
        "option": ["store", "friend"],
        "kind": ["stock", "source"],
        "commodity": ["steel"] * 2,
        "place": ["town"] * 2,
        "cost": [2.0, 0.5],
        "price": [None, 1.0],
    }
)


def test_the_next_unit_of_stock_saves_what_one_unit_more_in_stock_saves() -> None:
    loss = assets_lost("new")
    priced = chains.price_protection(mill(first=0.0), loss, OPTIONS, weeks=6.0)
    avoided = dict(priced.select("option", "avoided").iter_rows())
    lost = [only(chains.shock(mill(first=first), loss, weeks=6.0))["lost"] for first in (0.0, 1.0)]
    assert avoided["store"] == pytest.approx(lost[0] - lost[1])
    # The friend's steel costs 1 and saves 50; a year's unit flows for six weeks of it.
    assert avoided["friend"] == pytest.approx(49.0 * 6 / WEEKS)
    store = priced.filter(pl.col("option") == "store").row(0, named=True)
    assert store["pays_every_years"] == pytest.approx(avoided["store"] / 2.0)
    assert store["cost_per_avoided"] == pytest.approx(2.0 / avoided["store"])


def test_a_source_saves_nothing_where_something_else_is_missing_too() -> None:
    # Steel for the works is of no use where the rail to the town is lost.
    loss = pl.DataFrame({"kind": ["link"], "node": ["rail"]})
    priced = chains.price_protection(
        mill(first=0.0), loss, OPTIONS.tail(1).with_columns(place=pl.lit("works"))
    )
    assert only(priced)["avoided"] == 0.0


def test_protection_at_a_lost_place_protects_by_what_is_left_of_it() -> None:
    ore = pl.DataFrame({"kind": ["commodity"], "node": ["steel"]})
    assert chains.price_protection(mill(first=0.0), ore, OPTIONS)["avoided"].min() > 0
    town = pl.DataFrame({"kind": ["place"], "node": ["town"]})
    assert chains.price_protection(mill(first=0.0), town, OPTIONS)["avoided"].to_list() == [0, 0]
    half = chains.price_protection(mill(first=0.0), town.with_columns(share=0.5), OPTIONS)
    saved = {"store": 50.0 / 2, "friend": 49.0 / 2 * 4 / WEEKS}
    assert dict(half.select("option", "avoided").iter_rows()) == pytest.approx(saved)
    store = OPTIONS.head(1)
    with pytest.raises(ChainError, match="town still loses"):
        chains.protect(mill(first=0.0), town, store)
    kept = chains.protect(mill(first=0.0), town.with_columns(share=0.25), store)
    # A quarter of the rail's 100 a year is lost, and a quarter of the store.
    assert kept.options["amount"][0] == pytest.approx(25.0 * 4 / WEEKS / 0.75, rel=1e-6)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.floats(2.0, 30.0))
def test_prices_of_protection_are_those_of_chains_with_a_unit_more(seed: int, weeks: float) -> None:
    net = network_of(seed)
    chain = network_chain(net)
    last = net.size - 1
    loss = assets_lost(f"n{last}", "n2")
    options = pl.DataFrame(
        {
            "option": [f"s{i}" for i in range(net.size)],
            "kind": ["stock"] * net.size,
            "commodity": list(net.part),
            "place": [f"n{i}" for i in range(net.size)],
            "cost": [1.0] * net.size,
        }
    )
    priced = chains.price_protection(chain, loss, options, weeks=weeks)
    lost = dict(chains.shock(chain, loss, weeks=weeks).select("node", "lost").iter_rows())
    for shocked, option, avoided in priced.select("shock", "option", "avoided").iter_rows():
        more = pl.when(pl.col("place") == option.replace("s", "n")).then(1.0).otherwise(0.0)
        stocks = chain.table("stocks").with_columns(pl.col("first") + more)
        richer = chains.shock(chain.with_tables(stocks=stocks), loss, weeks=weeks)
        then = dict(richer.select("node", "lost").iter_rows())[shocked]
        assert avoided == pytest.approx(lost[shocked] - then, rel=1e-6, abs=1e-6)


def test_stock_saves_output_where_output_is_lost() -> None:
    priced = chains.price_protection(
        mill(first=0.0, worth=1.0),
        assets_lost("new"),
        OPTIONS.head(1),
        objective="most output:steel",
    )
    row = only(priced)
    assert (row["avoided"], row["lost_unit"]) == (pytest.approx(1.0), "kt")
    assert (row["cost_per_avoided"], row["pays_every_years"]) == (pytest.approx(2.0), None)


def test_the_cheapest_protection_holds_and_no_cheaper_one_does() -> None:
    loss = assets_lost("old", "new", weeks=[20.0, 6.0])
    stocks = OPTIONS.filter(pl.col("kind") == "stock")
    found = chains.protect(mill(first=0.0), loss, stocks)
    # 20 a year for 20 weeks, 60 a year for 6.
    need = max(20.0 * 20 / WEEKS, 60.0 * 6 / WEEKS)
    assert found.options["amount"].to_list() == pytest.approx([need], rel=1e-6)
    assert found.spent == pytest.approx(2.0 * need, rel=1e-6)
    assert found.shocks["lost_with"].to_list() == pytest.approx([0.0, 0.0], abs=1e-5)
    # With both: a source's unit costs 0.5 a year and brings 20/52 of a unit in the long loss.
    both = chains.protect(mill(first=0.0), loss, OPTIONS, lost_at_most=200.0)
    assert both.spent < found.spent
    kept = dict(both.options.select("option", "amount").iter_rows())
    guarded = mill(first=kept["store"], source=kept["friend"])
    assert chains.shock(guarded, loss)["lost"].max() <= 200.0 * (1 + 1e-6)


def test_a_budget_makes_the_largest_loss_small() -> None:
    loss = assets_lost("new", weeks=[6.0])
    stocks = OPTIONS.filter(pl.col("kind") == "stock")
    found = chains.protect(mill(first=0.0), loss, stocks, budget=4.0)
    assert found.spent == pytest.approx(4.0)
    held = only(chains.shock(mill(first=2.0), loss))
    assert found.shocks["lost_with"][0] == pytest.approx(held["lost"])
    # Nothing is spent where nothing is saved by it.
    ample = chains.protect(mill(first=0.0), loss, stocks, budget=1e6)
    assert ample.spent == pytest.approx(2.0 * 60.0 * 6 / WEEKS, rel=1e-6)


def test_options_that_cannot_be_enough_are_told() -> None:
    little = OPTIONS.head(1).with_columns(most=pl.lit(1.0))
    with pytest.raises(ChainError, match="with all that the options allow, new still loses"):
        chains.protect(mill(first=0.0), assets_lost("new"), little)


# ---- cuts that are foreseen ----


def test_protection_is_of_the_season_in_which_most_is_lost() -> None:
    seasons = [("warm", 0.75), ("cold", 0.25)]
    chain = mill(first=0.0, capacity=(40.0, 120.0), seasons=seasons, winter_factor=0.75)
    lost = only(chains.shock(chain, assets_lost("new"), weeks=2.0))
    told = chains.protect(chain, assets_lost("new"), OPTIONS, budget=0.0, weeks=2.0).shocks
    assert lost["season"] == "cold"
    assert told["lost_without"].to_list() == pytest.approx([lost["lost"]])


def test_numbers_told_as_text_are_read_and_others_are_named() -> None:
    chain = mill(first=0.0)
    loss = assets_lost("new")
    text = loss.with_columns(weeks=pl.lit("۲"), share=pl.lit("۰٫۵"))
    number = loss.with_columns(weeks=2.0, share=0.5)
    assert chains.shock(chain, text).equals(chains.shock(chain, number))
    with pytest.raises(ChainError, match=r"row 2 .*column weeks: .* Found: soon"):
        chains.shock(chain, loss.with_columns(weeks=pl.lit("soon")))
    dear = OPTIONS.with_columns(cost=pl.lit("dear"))
    with pytest.raises(ChainError, match=r"options, row 2, column cost: .* Found: dear"):
        chains.price_protection(chain, loss, dear)
    cut = pl.DataFrame({"commodity": ["ore"], "share": ["half"]})
    with pytest.raises(ChainError, match="cuts, row 2, column share: half"):
        chains.cut_losses(chain, cut)


def test_a_cut_in_winter_is_worked_around_by_stock() -> None:
    seasons = [("warm", 0.75), ("cold", 0.25)]
    cuts = pl.DataFrame({"commodity": ["ore"], "season": ["cold"], "share": [1.0]})
    bare = chains.cut_losses(mill(first=0.0, seasons=seasons, ore_most=200.0), cuts)
    steel = bare.filter((pl.col("commodity") == "steel") & (pl.col("season") == "cold"))
    assert only(steel)["lost"] == pytest.approx(25.0)
    assert only(steel)["unserved_with"] == pytest.approx(25.0)
    # With a store for 10 the warm season makes 10 more.
    stored = mill(first=0.0, seasons=seasons, ore_most=200.0, store=10.0)
    warm, cold = (
        only(told)
        for season in ("warm", "cold")
        for told in [
            chains.cut_losses(stored, cuts).filter(
                (pl.col("commodity") == "steel") & (pl.col("season") == season)
            )
        ]
    )
    assert (warm["lost"], cold["unserved_with"]) == (pytest.approx(-10.0), pytest.approx(15.0))


# ---- bad input ----


@pytest.mark.parametrize(
    ("losses", "words"),
    [
        ({"kind": ["asset"], "node": ["nwe"]}, r"row 2 .*near: new"),
        ({"kind": ["volcano"], "node": ["new"]}, "no such kind"),
        ({"kind": ["asset"], "node": ["new"], "share": [1.2]}, "column share"),
        ({"kind": ["asset"], "node": ["new"], "weeks": [0.0]}, "column weeks"),
        ({"kind": ["asset"], "node": ["new"], "season": ["rain"]}, "column season"),
        ({"node": ["new"]}, "the column kind is missing"),
        ({"kind": [], "node": []}, "no row tells"),
        (
            {
                "kind": ["asset"] * 2,
                "node": ["old", "new"],
                "shock": ["fire"] * 2,
                "weeks": [1.0, 2.0],
            },
            "differ in weeks",
        ),
    ],
)
def test_bad_losses_are_named(losses: dict[str, list[Any]], words: str) -> None:
    with pytest.raises(ChainError, match=words):
        chains.shock(mill(first=0.0), pl.DataFrame(losses))


def test_other_bad_input_is_named() -> None:
    chain = mill(first=0.0)
    loss = assets_lost("new")
    with pytest.raises(ChainError, match="weeks"):
        chains.rank_losses(chain, weeks=-1.0)
    with pytest.raises(ChainError, match="no season"):
        chains.rank_losses(chain, season="rain")
    with pytest.raises(ChainError, match="does not tell year of 1999"):
        chains.shock(chain, loss, year=1999)
    with pytest.raises(ChainError, match="no commodity 'gold'"):
        chains.shock(chain, loss, commodity="gold")
    with pytest.raises(ChainError, match=r"row 2.*column kind"):
        chains.protect(chain, loss, OPTIONS.head(1).with_columns(kind=pl.lit("luck")))
    with pytest.raises(ChainError, match="row 2, column season: rain"):
        chains.cut_losses(
            chain, pl.DataFrame({"commodity": ["ore"], "season": ["rain"], "share": [0.5]})
        )
    with pytest.raises(ChainError, match="row 2, column share"):
        chains.cut(chain, pl.DataFrame({"commodity": ["ore"], "share": [1.5]}))
