"""Balances close, duals tell the truth, and bottlenecks are those that hold the chain back."""

import numpy as np
import polars as pl
import pytest
from drawn_chains import STEEL, chains, drawn, small_steel
from hypothesis import given, settings

from onshore import chain

OBJECTIVES = ("least cost", "least net imports", "most output:g2")


def solved(tables, told=STEEL, **asked):
    return chain.solve(chain.read_chain(tables, settings=told), **asked)


@given(tables=chains())
@settings(max_examples=40)
def test_mass_balances_close_at_every_node(tables):
    read = chain.read_chain(tables[0], settings=tables[1])
    for objective in OBJECTIVES:
        result = chain.solve(read, objective=objective)
        balance = result.balance
        through = balance.select(pl.sum_horizontal("made", "imported", "arrived", "from_stock"))
        largest = max(1.0, through.to_series().max())
        assert balance["difference"].abs().max() <= 1e-9 * largest
        # Nothing made, sent or kept is below 0, and no capacity is passed.
        parts = balance.drop("commodity", "place", "year", "difference")
        assert min(parts.min().row(0)) >= -1e-7
        runs = result.activity
        assert (runs["activity"] <= runs["capacity"] + 1e-7).all()


@given(tables=chains())
@settings(max_examples=15)
def test_the_balance_adds_up_from_the_other_tables(tables):
    result = chain.solve(chain.read_chain(tables[0], settings=tables[1]))
    total = result.balance.sum()
    flows = result.process_flows
    assert flows.filter(pl.col("amount") > 0)["amount"].sum() == pytest.approx(total["made"].item())
    assert -flows.filter(pl.col("amount") < 0)["amount"].sum() == pytest.approx(
        total["used"].item()
    )
    assert result.flows["amount"].sum() == pytest.approx(total["sent"].item())
    assert result.flows["arrived"].sum() == pytest.approx(total["arrived"].item())
    lost = total["lost"].item()
    assert total["sent"].item() - total["arrived"].item() == pytest.approx(lost)
    traded = dict(result.trades.group_by("direction").agg(pl.col("amount").sum()).iter_rows())
    assert traded.get("import", 0) == pytest.approx(total["imported"].item(), abs=1e-9)
    assert traded.get("export", 0) == pytest.approx(total["exported"].item(), abs=1e-9)
    assert result.unserved["amount"].sum() == pytest.approx(total["unserved"].item(), abs=1e-6)


def test_the_objective_is_what_the_tables_cost():
    tables, told = drawn(5, years=1)
    result = solved(tables, told)
    kept = result.stocks["level"].to_numpy() * np.tile(list(told["seasons"].values()), 2)
    cost = tables["stocks"]["cost"].to_numpy().repeat(2)
    trades = result.trades.with_columns(
        sign=pl.when(pl.col("direction") == "import").then(1).otherwise(-1)
    )
    total = (
        result.activity["cost"].sum()
        + result.flows["cost"].sum()
        + (trades["value"] * trades["sign"]).sum()
        + (result.unserved["amount"] * result.unserved["worth"]).sum()
        + (kept * cost).sum()
    )
    assert total == pytest.approx(result.objective)


@pytest.mark.parametrize("seed", range(8))
def test_a_price_lies_between_what_one_more_unit_saves_and_what_one_less_costs(seed):
    tables, told = drawn(seed, years=1, seasons=1)
    result, step = solved(tables, told), 1e-4
    ports = result.trades.filter(pl.col("amount") > 1, direction="export")["place"].unique()
    for commodity, place in [("g1", "p0"), ("g4", "p1"), *[("g4", port) for port in ports]]:
        price = result.prices.filter(commodity=commodity, place=place)["price"]
        if price.is_empty():
            continue
        gift = {"market": ["gift"], "commodity": [commodity], "place": [place]}
        gift = pl.DataFrame({**gift, "direction": ["import"], "price": [0.0], "most": [step]})
        given_more = pl.concat([tables["markets"], gift], how="diagonal")
        saved = result.objective - solved({**tables, "markets": given_more}, told).objective
        assert saved / step <= max(price.item(), 0.0) + 1e-3
        taken = pl.DataFrame({"commodity": [commodity], "place": [place], "amount": [step]})
        asked = pl.concat([tables["demands"], taken], how="diagonal")
        try:
            costs = solved({**tables, "demands": asked}, told).objective - result.objective
        except chain.ChainError:
            continue
        assert costs / step >= price.item() - 1e-3
        if place in ports:
            assert saved / step == pytest.approx(costs / step, rel=1e-3)


@pytest.mark.parametrize("seed", range(6))
def test_the_worth_of_capacity_is_what_one_more_unit_brings(seed):
    tables, told = drawn(seed)
    result = solved(tables, told)
    worth = result.capacity_worth.filter(kind="process")
    assert worth.height == 5
    for row in worth.iter_rows(named=True):
        step = 1e-4
        at = pl.col("asset") == row["name"]
        more = tables["assets"].with_columns(
            capacity=pl.col("capacity") + pl.when(at).then(step).otherwise(0.0)
        )
        gain = result.objective - solved({**tables, "assets": more}, told).objective
        assert gain / step == pytest.approx(row["worth"], rel=1e-3, abs=1e-2)
        assert row["worth"] <= row["dual"] + 1e-6


def test_prices_are_told_in_the_users_words():
    named = {"name": ["Ore", "Pellets", "Sponge iron", "Scrap", "Steel", "Gas"]}
    tables = small_steel(commodities=named)
    words = solved(tables).prices
    told = words.filter(commodity="steel", place="mill")["words"].item()
    # Steel is exported: one more kt for home is one less sold at 500, and 0.6 less of freight.
    assert told == "One more kt of Steel at mill in 2025 costs 499.4 USD."
    assert words.filter(commodity="gas")["words"].item() == (
        "One more TJ of Gas in 2025 costs 0.1 USD."
    )
    most = solved(tables, objective="most output:steel").prices
    iron = most.filter(commodity="sponge iron")
    assert iron["words"].item() == (
        "One more kt of Sponge iron at mill in 2025 would bring 0.9524 kt of Steel."
    )
    assert iron["unit"].item() == "kt of Steel per kt"
    ore = most.filter(commodity="ore")["words"].item()
    assert ore == "One more kt of Ore at mine in 2025 changes nothing."


def test_the_bottleneck_and_the_next_three_follow_from_the_recipes():
    tables = small_steel(assets={"capacity": [5000.0, 3500.0, 1500.0, 2000.0]})
    found = solved(tables).bottlenecks
    assert found["step"].to_list() == ["reduction", "melting", "pelletizing", "mining"]
    assert found["kind"].unique().to_list() == ["process"]
    reduction, melting, pelletizing, mining = found.iter_rows(named=True)
    # The furnace takes 2100 kt of sponge iron, which costs less than scrap.
    iron = 3 + 10 * 0.1 + 1.4 / 0.98 * (1.2 + 2 + 0.5)
    value = (500 - 0.6 - 4) / 1.05 - iron
    assert reduction["worth"] == pytest.approx(value)
    assert reduction["percent"] == pytest.approx(value * 15)
    assert reduction["more"] == pytest.approx(2100 - 1500)
    first = (2000 - 100 / 1.02) * 1.05 - 1500
    second = 600 - first
    assert reduction["gain"] == pytest.approx(value * first + second * (300 * 1.02 / 1.05 - iron))
    # The pellet plant's 3500 kt, less 2 % on the way, serve 2450 kt of sponge iron.
    assert melting["more"] == pytest.approx(2450 / 1.05 + 100 / 1.02 - 2000)
    assert pelletizing["more"] == pytest.approx(5000 / 1.2 - 3500)
    assert mining["gain"] is None
    assert "nothing else would stop it" in mining["words"]


def test_limits_that_bind_together_bring_nothing_alone():
    # The furnace can melt exactly what comes.
    steel = 1500 / 1.05 + 100 / 1.02
    tables = small_steel(assets={"capacity": [4000.0, 3000.0, 1500.0, steel]})
    result = solved(tables, objective="most output:steel")
    worth = dict(result.capacity_worth.select("step", "worth").iter_rows())
    assert worth["melting"] == worth["reduction"] == 0.0
    first = result.bottlenecks.row(0, named=True)
    assert first["gain"] == pytest.approx(0.0, abs=1e-6)
    assert "together with others" in first["words"]


def test_imports_limits_and_links_can_be_the_bottleneck():
    tables = small_steel(markets={"most": [50.0, 100.0, None]})
    assert solved(tables).bottlenecks.row(0, named=True)["kind"] == "exports"
    tables = small_steel(limits={"name": ["gas quota"], "commodity": ["gas"], "amount": [14000.0]})
    first = solved(tables).bottlenecks.row(0, named=True)
    assert (first["kind"], first["step"]) == ("limit", "gas quota")
    assert first["more"] == pytest.approx(1000.0)
    tables = small_steel(links={"capacity": [1000.0, None]})
    first = solved(tables).bottlenecks.row(0, named=True)
    assert (first["kind"], first["step"], first["place"]) == ("links", "pellets", "mill")


def test_self_sufficiency_and_what_is_left_for_export():
    result = solved(small_steel())
    steel = 1500 / 1.05 + 100 / 1.02
    row = result.self_sufficiency.filter(commodity="steel").row(0, named=True)
    assert row["ratio"] == pytest.approx(steel / 500)
    gas = result.self_sufficiency.filter(commodity="gas").row(0, named=True)
    assert (gas["ratio"], gas["import_share"]) == (0.0, 1.0)
    left = result.exports_left.filter(commodity="steel").row(0, named=True)
    assert left["left"] == pytest.approx(steel - 500)
    assert left["sold"] == pytest.approx(steel - 500)
    scrap = result.exports_left.filter(commodity="scrap").row(0, named=True)
    assert scrap["left"] == pytest.approx(-100)


def test_seasons_count_into_the_capacity_that_is_lacking():
    told = {**STEEL, "seasons": {"summer": 0.75, "winter": 0.25}}
    once = solved(small_steel()).bottlenecks.row(0, named=True)
    split = solved(small_steel(), told).bottlenecks.row(0, named=True)
    assert split["step"] == once["step"]
    for column in ("worth", "more", "gain"):
        assert split[column] == pytest.approx(once[column])
