"""Streams and sites tell what was solved: no mass appears, and every plant has its place."""

import polars as pl
import pytest

from onshore import chain
from onshore.chain.sites import names, sites
from onshore.chain.streams import ENDS, streams


@pytest.fixture(scope="module")
def solved():
    """Two kilotonnes of ore and a tonne of coke in, one of iron out; half of it is melted again."""
    frame = pl.DataFrame
    tables = {
        "commodities": frame(
            {
                "commodity": ["ore", "coke", "iron", "steel", "power"],
                "unit": ["kt", "t", "kt", "kt", "MWh"],
                "kind": ["material", "material", "material", "material", "energy"],
                "name": ["Ore", "Coke", "Iron", "Steel", "Power"],
                "name_fa": ["سنگ", "کک", "آهن", "فولاد", "برق"],
            }
        ),
        "places": frame({"place": ["north", "south"], "lat": [36.0, 28.0], "lon": [50.0, 55.0]}),
        "processes": frame({"process": ["smelting", "melting"], "commodity": ["iron", "steel"]}),
        "recipes": frame(
            {
                "process": ["smelting", "smelting", "melting", "melting"],
                "commodity": ["ore", "coke", "iron", "power"],
                "rate": [-1.6, -500.0, -1.25, -400.0],
            }
        ),
        "assets": frame(
            {
                "asset": ["furnace", "mill"],
                "process": ["smelting", "melting"],
                "place": ["north", "south"],
                "capacity": [100.0, 60.0],
                "from_year": [2000, 2000],
                "name": ["Furnace", "Mill"],
                "lat": [36.5, None],
                "lon": [50.5, None],
            }
        ),
        "links": frame(
            {"link": ["rail"], "commodity": ["iron"], "from": ["north"], "to": ["south"]}
        ),
        "markets": frame(
            {
                "market": ["mine", "ovens", "grid", "sea"],
                "commodity": ["ore", "coke", "power", "iron"],
                "place": ["north", "north", "south", "north"],
                "direction": ["import", "import", "import", "export"],
                "price": [1.0, 0.01, 0.001, 50.0],
                "most": [None, None, None, 10.0],
            }
        ),
        "demands": frame(
            {"commodity": ["steel"], "place": ["south"], "amount": [40.0], "worth": [1000.0]}
        ),
        "projects": frame(
            {"project": ["new mill"], "process": ["melting"], "place": ["south"], "capacity": [9.0]}
        ),
    }
    return chain.solve(
        chain.read_chain(tables, settings={"name": "two steps", "years": [2025, 2026]})
    )


def test_streams_carry_what_the_flows_and_the_balance_tell(solved):
    told = streams(solved)
    assert set(told["unit"]) == {"kt"}
    assert told["year"].unique().to_list() == [2025, 2026]
    now = {
        (row["source"], row["target"], row["process"]): (row["leaving"], row["arriving"])
        for row in told.filter(pl.col("year") == 2025).iter_rows(named=True)
    }
    # 40 kt of steel take 50 of iron; 10 more are sold: 60 of iron, 96 of ore, 30 of coke.
    assert now[("iron", "steel", "melting")] == pytest.approx((50.0, 40.0))
    assert now[("imports", "ore", None)] == pytest.approx((96.0, 96.0))
    assert now[("imports", "coke", None)] == pytest.approx((30.0, 30.0))
    assert now[("iron", "exports", None)] == pytest.approx((10.0, 10.0))
    assert now[("steel", "home demand", None)] == pytest.approx((40.0, 40.0))
    ore, coke = now[("ore", "iron", "smelting")], now[("coke", "iron", "smelting")]
    assert (ore[0], coke[0]) == pytest.approx((96.0, 30.0))
    assert ore[1] + coke[1] == pytest.approx(60.0)
    assert ore[1] / coke[1] == pytest.approx(96.0 / 30.0)
    assert not {"power"} & (set(told["source"]) | set(told["target"]))


def test_no_commodity_gives_more_than_it_gets(solved):
    told = streams(solved)
    for year in (2025, 2026):
        rows = told.filter(pl.col("year") == year)
        inner = (set(rows["source"]) & set(rows["target"])) - set(ENDS)
        assert inner == {"ore", "coke", "iron", "steel"}
        for one in inner:
            comes = rows.filter(pl.col("target") == one)["arriving"].sum()
            goes = rows.filter(pl.col("source") == one)["leaving"].sum()
            assert goes == pytest.approx(comes, abs=1e-6)


def test_a_chain_without_mass_has_no_streams():
    frame = pl.DataFrame
    tables = {
        "commodities": frame({"commodity": ["power"], "unit": ["MWh"], "kind": ["energy"]}),
        "places": frame({"place": ["here"]}),
        "processes": frame({"process": ["wind"], "commodity": ["power"]}),
        "recipes": frame({"process": ["wind"], "commodity": ["power"], "rate": [1.0]}),
        "assets": frame(
            {
                "asset": ["mast"],
                "process": ["wind"],
                "place": ["here"],
                "capacity": [5.0],
                "from_year": [2000],
            }
        ),
        "demands": frame({"commodity": ["power"], "place": ["here"], "amount": [3.0]}),
    }
    found = chain.solve(chain.read_chain(tables, settings={"name": "wind", "years": [2025]}))
    assert streams(found).is_empty()


def test_a_plant_stands_where_its_own_columns_say_else_at_its_place(solved):
    told = sites(solved.compiled.chain, solved.activity)
    by = {row["site"]: row for row in told.iter_rows(named=True)}
    assert (by["furnace"]["lat"], by["furnace"]["lon"]) == (36.5, 50.5)
    assert (by["mill"]["lat"], by["mill"]["lon"]) == (28.0, 55.0)
    assert by["furnace"]["use"] == pytest.approx(0.6)
    assert by["mill"]["use"] == pytest.approx(40 / 60)
    assert by["new mill"]["kind"] == "project"
    assert by["new mill"]["use"] is None
    assert by["mill"]["commodity"] == "steel"
    assert by["mill"]["unit"] == "kt"


def test_a_name_that_stands_at_several_places_names_none_of_them(solved):
    made = solved.compiled.chain
    assets = made.table("assets").with_columns(name=pl.lit("not listed"))
    twice = made.with_tables(assets=assets)
    assert sites(twice).filter(pl.col("kind") == "in service")["name"].to_list() == [None, None]
    told = names(twice).filter(pl.col("kind") == "asset")
    assert told["name"].to_list() == ["furnace", "mill"]


def test_names_tell_every_key_with_its_unit(solved):
    told = names(solved.compiled.chain)
    power = told.filter(pl.col("key") == "power").to_dicts()[0]
    assert power == {
        "kind": "commodity",
        "key": "power",
        "name": "Power",
        "name_fa": "برق",
        "unit": "MWh",
        "is": "energy",
    }
    kinds = set(told["kind"])
    assert kinds == {"commodity", "place", "process", "asset", "project"}
