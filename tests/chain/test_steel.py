"""The worked steel chain and any country's: capacities as in the source, and what binds."""

import csv
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import polars as pl
import pytest

from onshore import chain
from onshore.chain import ChainError, capacity_by_step, read_tracker, steel_chain, step_balance

REPOSITORY = Path(__file__).parents[2]
EXAMPLES = REPOSITORY / "examples" / "chain"
PLANTS = EXAMPLES / "tracker" / "steel_plants.csv"
CAPACITY = EXAMPLES / "tracker" / "steel_capacity.csv"
SHARED = Path(os.environ.get("ONSHORE_SHARED_DATA", REPOSITORY.parent / "shared" / "data"))

SPELLINGS = {
    "Khouzestan": "Khuzestan",
    "Hormuzgan": "Hormozgan",
    "Chaharmahal and Bakhtiari Province": "Chaharmahal and Bakhtiari",
}
"""How the source spells provinces beside ISO 3166-2."""


@pytest.fixture(scope="module")
def tracker():
    return read_tracker(PLANTS, CAPACITY)


@pytest.fixture(scope="module")
def steel():
    return chain.read_chain(EXAMPLES / "steel")


@pytest.fixture(scope="module")
def world(tracker):
    return steel_chain(tracker)


def rows(path):
    with path.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def in_source(country, *keys):
    """Sum the source itself, row by row, leaving its totals out."""
    plants = {row["plant_id"]: row for row in rows(PLANTS)}
    sums = defaultdict(float)
    for row in rows(CAPACITY):
        if row["country"] == country and row["unit"] != "total":
            province = plants[row["plant_id"]]["province"]
            told = {**row, "province": SPELLINGS.get(province, province)}
            sums[tuple(told[key] for key in keys)] += float(row["capacity_kt_per_year"])
    return {key: total for key, total in sums.items() if total > 0}


UNITS = {"iron, other": "other", "steel, other": "other"}


def test_iran_is_what_the_issue_tells(tracker):
    by_step = capacity_by_step(tracker, "Iran", by_place=False)
    found = dict(
        by_step.filter(pl.col("status") == "operating").select("unit", "capacity").iter_rows()
    )
    crude = sum(found[unit] for unit in ("EAF", "BOF", "steel, other"))
    assert round(crude / 1000, 1) == 43.9
    assert round(found["EAF"] / 1000, 1) == 37.7
    assert round(found["DRI"] / 1000, 1) == 44.2
    assert round(found["BF"] / 1000, 1) == 5.3


def test_capacity_by_step_status_and_province_is_the_sources(tracker):
    mine_side = pl.col("unit").is_in(["pellets", "sinter"])
    found = capacity_by_step(tracker, "IR").filter(~mine_side)
    sums = {
        (status, UNITS.get(unit, unit), province): capacity
        for status, unit, province, capacity in found.select(
            "status", "unit", "place_name", "capacity"
        ).iter_rows()
    }
    assert sums == in_source("Iran", "status", "unit", "province")


def test_listed_pellets_are_the_sources(tracker):
    listed = sum(
        float(row["pellet_kt_per_year"])
        for row in rows(PLANTS)
        if row["country"] == "Iran" and row["pellet_kt_per_year"].isdigit()
    )
    found = capacity_by_step(tracker, "IR", by_place=False).filter(pl.col("unit") == "pellets")
    assert found["capacity"].sum() == listed
    assert found.filter(pl.col("status") == "operating")["capacity"].sum() == listed - 5000


def test_the_world_is_the_sources(tracker):
    found = capacity_by_step(tracker, by_place=False).filter(pl.col("unit") == "BOF")
    told = defaultdict(float)
    for row in rows(CAPACITY):
        if row["unit"] == "BOF":
            told[row["status"]] += float(row["capacity_kt_per_year"])
    sums = dict(found.group_by("status").agg(pl.col("capacity").sum()).iter_rows())
    assert sums == pytest.approx({status: total for status, total in told.items() if total > 0})


def test_a_province_has_one_name(tracker):
    iran = tracker.of("Iran").plants
    spelled = {row["province"] for row in rows(PLANTS) if row["country"] == "Iran"}
    assert {"Khouzestan", "Khuzestan"} <= spelled
    names = iran.select("place", "place_name").unique()
    assert names["place"].is_unique().all()
    assert names["place"].str.contains(r"^IR-\d\d$").all()
    khuzestan = iran.filter(pl.col("place") == "IR-06")
    assert khuzestan.height == sum(
        row["country"] == "Iran" and row["province"] in ("Khouzestan", "Khuzestan")
        for row in rows(PLANTS)
    )


def test_the_folder_is_what_its_script_makes(tmp_path):
    script = EXAMPLES / "make_steel.py"
    subprocess.run([sys.executable, str(script), "--out", str(tmp_path)], check=True)
    shipped = {path.name: path.read_bytes() for path in (EXAMPLES / "steel").iterdir()}
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == shipped


def test_the_folder_reads_without_a_word_and_tells_its_sources(steel):
    assert steel.warnings == ()
    for table in ("demands", "markets", "stocks", "limits", "budgets", "parts", "links"):
        assert steel.table(table)["illustrative"].all(), table
    for table in ("assets", "projects"):
        frame = steel.table(table)
        assert frame["source"].null_count() == 0
        tracked = frame["source"].str.starts_with("Global Energy Monitor")
        assert (tracked == ~frame["illustrative"]).all(), table
    recipes = steel.table("recipes").filter(pl.col("rate") != 1.0)
    assert recipes["source"].null_count() == 0


def test_capacity_in_the_folder_is_the_sources(steel):
    names = dict(steel.table("places").select("place", "name").iter_rows())
    for table, statuses in (("assets", {"operating"}), ("projects", {"construction"})):
        frame = steel.table(table).filter(
            ~pl.col("illustrative") & ~pl.col("unit_kind").is_in(["pellets", "sinter"])
        )
        sums = defaultdict(float)
        for status, unit, place, capacity in frame.select(
            "status", "unit_kind", "place", "capacity"
        ).iter_rows():
            sums[status, UNITS.get(unit, unit), names[place]] += capacity
        told = in_source("Iran", "status", "unit", "province")
        assert sums == {key: total for key, total in told.items() if key[0] in statuses}


def test_recipes_are_the_sources(steel):
    path = SHARED / "chain" / "recipes.csv"
    if not path.exists():
        pytest.skip(f"{path} is not there: set ONSHORE_SHARED_DATA to the shared data")
    told = {(row["process"], row["input"]): float(row["amount"]) for row in rows(path)}
    rates = {
        (process, commodity): -rate
        for process, commodity, rate in steel.table("recipes")
        .select("process", "commodity", "rate")
        .iter_rows()
    }
    same = {  # mass per mass; energy is told in TJ and GWh per kt: GJ per t, and MWh per t
        ("pelletizing", "iron ore concentrate"): told["pelletizing", "iron ore concentrate"],
        ("direct reduction", "pellets"): told["gas direct reduction", "pellets"],
        ("direct reduction", "natural gas"): told["gas direct reduction", "natural gas"],
        ("blast furnace", "sinter"): told["blast furnace", "sinter"],
        ("blast furnace", "coke"): told["blast furnace", "coke"],
        ("electric arc furnace", "sponge iron"): 1.05,
        ("electric arc furnace", "scrap"): told["electric arc furnace, scrap", "scrap"],
        ("electric arc furnace", "electricity"): 0.6977,
        ("finishing", "crude steel"): told["finishing, region MEA", "crude steel"],
    }
    assert {key: rates[key] for key in same} == pytest.approx(same)


def in_full(steel, **more):
    """The chain with its projects in service, no scrap, and no cuts of gas and power."""
    return chain.solve(
        steel.with_tables(
            limits=steel.table("limits").clear(),
            stocks=steel.table("stocks").clear(),
            assets=steel.table("assets").filter(pl.col("process") != "scrap collection"),
        ),
        years=[2025],
        objective="most output:crude steel",
        projects="all",
        **more,
    )


def test_with_both_in_service_and_no_scrap_dri_binds_before_eaf(steel):
    result = in_full(steel)
    use = dict(
        result.activity.group_by("process")
        .agg(pl.col("activity").sum() / pl.col("capacity").sum())
        .iter_rows()
    )
    assert use["direct reduction"] == pytest.approx(1.0)
    assert use["electric arc furnace"] < 0.95
    # Sponge and pig iron, 1.05 t of either for a tonne of steel.
    assert result.objective == pytest.approx((44_209 + 10_860 + 5_300) / 1.05)
    steps = result.bottlenecks["step"].to_list()
    assert steps[0] == "direct reduction"
    assert "electric arc furnace" not in steps[: steps.index("pelletizing")]


def test_listed_pellets_alone_bind_before_dri(steel):
    listed = steel.table("assets").filter(
        (pl.col("process") != "pelletizing") | ~pl.col("illustrative")
    )
    result = in_full(steel.with_tables(assets=listed))
    assert result.bottlenecks["step"][0] == "pelletizing"
    made = result.activity.filter(pl.col("process") == "pelletizing")["activity"].sum()
    assert made == pytest.approx(47_100)


def test_pellets_are_flagged_as_short_with_the_caveat(tracker, steel):
    now = step_balance(tracker, "IR").row(0, named=True)
    assert now["commodity"] == "pellets"
    assert now["capacity"] == 47_100
    assert now["needed"] == pytest.approx(44_209 * 1.43 + 5_300 * 0.155)
    assert now["short"] == pytest.approx(now["needed"] - 47_100)
    assert "few mine-side plants" in now["caveat"]
    assert "few mine-side plants" in steel.settings.note
    assert f"{now['short'] / 1000:.1f} Mt" in steel.settings.note


def test_steps_compared_tell_what_binds(tracker):
    both = step_balance(tracker, "IR", statuses=["operating", "construction"])
    iron = both.filter(pl.col("commodity") == "sponge iron").row(0, named=True)
    assert iron["needed"] == pytest.approx((37_699 + 20_913 + 1_100) * 1.05)
    assert iron["short"] > 0
    operating = step_balance(tracker, "IR").filter(pl.col("commodity") == "sponge iron")
    assert operating["short"][0] < 0


def test_gas_and_power_cuts_are_felt_in_their_seasons(steel):
    cut = chain.solve(steel, years=[2025])
    freed = chain.solve(steel.with_tables(limits=steel.table("limits").clear()), years=[2025])
    for process, season in (("direct reduction", "winter"), ("electric arc furnace", "summer")):
        here = (pl.col("process") == process) & (pl.col("season") == season)
        with_cut, without = (r.activity.filter(here)["activity"].sum() for r in (cut, freed))
        assert with_cut < without, process
    assert cut.unserved.is_empty()
    assert freed.objective < cut.objective


@pytest.mark.parametrize("country", ["Iran", "India", "Germany", "TR", "CN"])
def test_any_country_is_solved(tracker, country):
    one = steel_chain(tracker, country)
    result = chain.solve(one)
    crude = sum(
        total
        for (status, unit), total in in_source(
            one.settings.name.removeprefix("Iron and steel: "), "status", "unit"
        ).items()
        if status.startswith("operating") and unit in ("EAF", "BOF", "OHF")
    )
    assets = one.table("assets")
    furnaces = assets.filter(pl.col("unit_kind").is_in(["EAF", "BOF", "OHF"]))
    assert furnaces["capacity"].sum() == pytest.approx(crude)
    steelmaking = assets.filter(pl.col("unit_kind").is_in(["EAF", "BOF", "OHF", "steel, other"]))
    most = steelmaking["capacity"].sum() * (1 + 1e-9)
    assert 0 < result.objective <= most
    scrap = result.activity.filter(pl.col("process") == "scrap collection")["activity"].sum()
    assert scrap <= 0.34 * most


def test_the_world_is_one_chain(tracker, world):
    assets = world.table("assets")
    in_service = {"operating", "operating pre-retirement"}
    plants = {
        row["plant_id"]
        for row in rows(CAPACITY)
        if row["status"] in in_service and float(row["capacity_kt_per_year"]) > 0
    }
    assert set(assets["plant"].drop_nulls()) == plants
    assert world.table("places").height == tracker.capacity["country"].n_unique()
    result = chain.solve(world)
    assert result.objective > 1.5e6  # crude steel of the world: 1.9 Gt in 2024


def test_places_hang_together(world):
    links = world.table("links").filter(pl.col("commodity") == "scrap")
    near = defaultdict(set)
    for start, end in links.select("from", "to").iter_rows():
        near[start].add(end)
    seen, ahead = set(), [links["from"][0]]
    while ahead:
        here = ahead.pop()
        if here not in seen:
            seen.add(here)
            ahead += near[here]
    assert seen == set(world.table("places")["place"])


def test_scrap_is_told_by_country_and_frees_furnaces(tracker):
    usual = steel_chain(tracker, "US")
    rich = steel_chain(tracker, "US", scrap_share={"United States": 0.8})
    kept, more = chain.solve(usual), chain.solve(rich)
    assert more.objective > kept.objective
    assert kept.bottlenecks["step"][0] == "scrap collection"
    both = pl.col("process") == "scrap collection"
    ratio = (
        rich.table("assets").filter(both)["capacity"].sum()
        / usual.table("assets").filter(both)["capacity"].sum()
    )
    assert ratio == pytest.approx(0.8 / 0.34)
    with pytest.raises(ChainError, match="scrap_share is -1"):
        steel_chain(tracker, "US", scrap_share=-1)


def test_reduction_with_coal_takes_no_gas(tracker):
    coal = steel_chain(tracker, "India", coal_based=["India"])
    assert "coal direct reduction" in set(coal.table("assets")["process"])
    assert "direct reduction" not in set(coal.table("assets")["process"])


PLANT = "plant_id,name,country,province,lat,lon,start_year\np,One,Iran,Yazd,31,54,\n"
HEADING = "plant_id,country,status,product,unit,capacity_kt_per_year\n"


def small(tmp_path, plants=PLANT, capacity=HEADING + "p,Iran,operating,iron,DRI,900\n"):
    (tmp_path / "plants.csv").write_text(plants, encoding="utf-8")
    (tmp_path / "capacity.csv").write_text(capacity, encoding="utf-8")
    return read_tracker(tmp_path / "plants.csv", tmp_path / "capacity.csv")


def test_a_unit_without_a_year_counts_from_the_first_year(tmp_path):
    one = steel_chain(small(tmp_path), "IR", years=[2030, 2031])
    unit = one.table("assets").row(0, named=True)
    assert (unit["from_year"], unit["capacity"], unit["place"]) == (2030, 900.0, "IR-21")
    assert "year of start is not told" in unit["source"]


@pytest.mark.parametrize(
    ("capacity", "told"),
    [
        (HEADING + "q,Iran,operating,iron,DRI,900\n", "not in the table of plants: 1, q first"),
        (
            HEADING + "p,Iran,operating,iron,DRI,much\n",
            "row 2, column capacity_kt_per_year: 'much'",
        ),
        (HEADING + "p,Iran,operating,iron,VTR,900\n", "unit 'VTR' is not known"),
        ("plant_id,country,status,unit\np,Iran,operating,DRI\n", "column product is missing"),
    ],
)
def test_bad_tables_are_refused(tmp_path, capacity, told):
    with pytest.raises(ChainError, match=told):
        small(tmp_path, capacity=capacity)


def test_an_unknown_country_is_named(tmp_path):
    with pytest.raises(ChainError, match="country 'Atlantis'"):
        small(tmp_path, plants=PLANT.replace("Iran", "Atlantis"))
    tracker = small(tmp_path)
    with pytest.raises(ChainError, match=r"no plant in Norway\. It has plants in: IR"):
        tracker.of("Norway")


def test_a_country_with_nothing_in_service_is_told(tmp_path):
    tracker = small(tmp_path, capacity=HEADING + "p,Iran,announced,iron,DRI,900\n")
    with pytest.raises(ChainError, match=r"no unit in service in IR\. Its statuses there are: ann"):
        steel_chain(tracker, "IR")


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ChainError, match=r"none\.csv cannot be read"):
        read_tracker(tmp_path / "none.csv", CAPACITY)
