"""The pages of a value chain say what the room's own results say, in both languages."""

import re
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import polars as pl
import pytest

from onshore import chain
from onshore.chain.sites import names, sites
from onshore.chain.streams import streams
from onshore.figures import shown
from onshore.report import chain_bulletin, first_chart, to_html
from onshore.report.map import read_provinces

STEEL = Path(__file__).parents[2] / "examples" / "chain" / "steel"
PERSIAN = re.compile("[\u0600-\u06ff]")
both = pytest.mark.parametrize("locale", ["en", "fa"])


@pytest.fixture(scope="module")
def steel():
    return chain.read_chain(STEEL)


@pytest.fixture(scope="module")
def metadata(steel):
    return {
        "source": {"file": "steel", "rows": 3},
        "chain": {"name": steel.settings.name, "name_fa": steel.settings.name_fa},
        "currency": "USD",
        "years": [2025, 2026],
        "product": "crude steel",
        "note": "A note.",
        "note_fa": "یک یادداشت.",
        "illustrative_rows": {"demands": (54, 54)},
        "warnings": ["a warning"],
        "formulas": ["a formula"],
    }


@pytest.fixture(scope="module")
def solved(steel):
    return chain.solve(steel, years=[2025, 2026])


@pytest.fixture(scope="module")
def run_tables(steel, solved):
    parts = ("balance", "self_sufficiency", "exports_left", "bottlenecks", "capacity_worth",
             "trades", "unserved", "prices")  # fmt: skip
    return {
        **{part: getattr(solved, part) for part in parts},
        "streams": streams(solved),
        "sites": sites(steel, solved.activity),
        "names": names(steel),
    }


@pytest.fixture(scope="module")
def outlines():
    return read_provinces(STEEL / "provinces.geojson")


def plain(text):
    for mark in "\u200e\u200f\u2066\u2067\u2068\u2069":
        text = text.replace(mark, "")
    return text.replace("\u202f", " ").replace("\xa0", " ")


def section(bulletin, key):
    return next(one for one in bulletin.sections if one.key == key)


def is_whole(kind, tables, metadata, locale, outlines=()):
    bulletin = chain_bulletin(kind, tables, metadata, locale, outlines=outlines)
    page = to_html(chain_bulletin(kind, tables, metadata, locale, outlines=outlines))
    assert page.startswith("<!doctype html>")
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert not bulletin.on_ladder
    for one in bulletin.sections:
        if locale == "fa":
            assert PERSIAN.search(one.title), one.key
            for table in one.tables:
                assert all(PERSIAN.search(column.title) for column in table.columns), one.key
        for chart in one.charts:
            ElementTree.fromstring(chart.svg)
    ElementTree.fromstring(
        first_chart(chain_bulletin(kind, tables, metadata, locale, outlines=outlines))
    )
    return bulletin


@both
def test_the_page_of_flows_is_whole(run_tables, metadata, outlines, locale):
    bulletin = is_whole("run", run_tables, metadata, locale, outlines)
    keys = [one.key for one in bulletin.sections]
    assert keys == ["flows", "bottlenecks", "balance", "trade", "prices", "sites", "method"]
    notes = section(bulletin, "flows").notes
    assert notes[0] == ("یک یادداشت." if locale == "fa" else "A note.")
    assert bulletin.sections[-1].notes == ("a warning",)
    assert "a formula" in bulletin.sources


def test_the_title_tells_the_last_years_output(run_tables, metadata, solved):
    row = solved.self_sufficiency.filter(
        (pl.col("commodity") == "crude steel") & (pl.col("year") == 2026)
    ).to_dicts()[0]
    bulletin = chain_bulletin("run", run_tables, metadata)
    flows = section(bulletin, "flows")
    assert plain(flows.title).startswith(f"{row['made'] / 1000:.1f} million t of crude steel")
    assert "where costs are least" in flows.title
    most = {**metadata, "parameters": {"objective": "most output:crude steel"}}
    assert "can be made" in section(chain_bulletin("run", run_tables, most), "flows").title
    assert f"{row['exported'] / 1000:.1f} million t are exported" in plain(flows.title)
    shares = [head.value for head in flows.headlines]
    assert shown.percent(row["ratio"], "en") in shares
    # The lines over the years end in the same figure.
    assert len(flows.charts) == 2


def test_the_streams_tell_the_same_mass_as_the_balance(run_tables, metadata, solved):
    svg = section(chain_bulletin("run", run_tables, metadata), "flows").charts[0].svg
    told = {plain(one.text or "") for one in ElementTree.fromstring(svg).iter() if one.text}
    made = solved.self_sufficiency.filter(pl.col("year") == 2026)
    for commodity in ("pellets", "crude steel"):
        amount = made.filter(pl.col("commodity") == commodity)["made"][0]
        assert f"{amount / 1000:.1f} million t" in told
    assert "used at home" in told
    assert {"Iron ore pellets", "Crude steel"} <= told


def test_the_bottleneck_is_named_first_and_as_the_room_does(run_tables, metadata, solved):
    first = solved.bottlenecks.row(0, named=True)
    bulletin = chain_bulletin("run", run_tables, metadata)
    told = section(bulletin, "bottlenecks")
    assert first["step"] == "electric arc furnace"
    assert told.title == "What holds the chain back first: electric arc furnace (EAF) (capacity)"
    table = told.tables[0]
    assert table.frame["rank"].to_list() == [1, 2, 3, 4]
    gain = next(column for column in table.columns if column.key == "gain")
    assert gain.unit == "million USD"
    assert table.frame["gain"][0] == pytest.approx(first["gain"] / 1e6)


def test_a_chain_that_nothing_holds_back_says_so(run_tables, metadata):
    tables = {**run_tables, "bottlenecks": run_tables["bottlenecks"].clear()}
    told = section(chain_bulletin("run", tables, metadata), "bottlenecks")
    assert told.title == "Nothing holds the chain back"
    assert not told.charts


def test_the_maps_show_the_plants_of_the_source(run_tables, metadata, outlines):
    told = section(chain_bulletin("run", run_tables, metadata, outlines=outlines), "sites")
    first = told.charts[0]
    assert first.title == "Capacity of crude steel"
    assert "In service: 43.9 million t a year in all" in plain(first.svg)
    assert "Being built: 20.9 million t a year more" in plain(first.svg)
    assert first.svg.count('class="p-land"') == 31


def test_missing_tables_leave_their_part_out(run_tables, metadata):
    few = {name: run_tables[name] for name in ("balance", "names")}
    bulletin = chain_bulletin("run", few, metadata)
    assert [one.key for one in bulletin.sections] == ["balance", "method"]


def test_scrap_that_runs_back_up_the_chain_is_cut_and_named(run_tables, metadata):
    back = pl.DataFrame(
        {
            "year": [2026],
            "source": ["finished steel"],
            "target": ["crude steel"],
            "process": ["finishing"],
            "leaving": [3000.0],
            "arriving": [2900.0],
            "unit": ["kt"],
        }
    )
    tables = {**run_tables, "streams": pl.concat([run_tables["streams"], back])}
    svg = section(chain_bulletin("run", tables, metadata), "flows").charts[0].svg
    assert "Crude steel, used again" in " ".join(ElementTree.fromstring(svg).itertext())


@both
def test_the_page_of_a_target_is_whole_and_tells_the_probability(steel, metadata, locale):
    found = chain.target(steel, "crude steel", 46_400, 2028, draws=60, seed=3)
    assert 0 < found.probability < 1
    tables = {
        "fan": found.fan,
        "projects": found.projects,
        "steps": found.steps,
        "shortfall": found.shortfall,
        "sites": sites(steel),
        "names": names(steel),
    }
    fields = ("commodity", "amount", "year", "unit", "probability", "low", "high", "reachable",
              "short", "draws")  # fmt: skip
    told = {**metadata, **{name: getattr(found, name) for name in fields}}
    bulletin = is_whole("target", tables, told, locale)
    first = section(bulletin, "target")
    assert shown.percent(found.probability, locale) in first.title
    assert first.headlines[0].value == shown.percent(found.probability, locale)
    assert first.charts[0].svg.count('class="p-fan"') == 2
    assert "shortfall" not in [one.key for one in bulletin.sections]
    projects = section(bulletin, "projects").tables[0]
    assert projects.frame.height == found.projects.height
    if locale == "fa":
        assert any(PERSIAN.search(name) for name in projects.frame["name"])


def test_a_target_beyond_all_projects_says_by_how_much_and_which_step(steel, metadata):
    found = chain.target(steel, "crude steel", 60_000, 2028, draws=20, seed=3)
    assert not found.reachable
    tables = {"fan": found.fan, "shortfall": found.shortfall, "names": names(steel)}
    fields = ("commodity", "amount", "year", "unit", "probability", "low", "high", "reachable",
              "short", "draws")  # fmt: skip
    told = {**metadata, **{name: getattr(found, name) for name in fields}}
    bulletin = chain_bulletin("target", tables, told)
    title = plain(section(bulletin, "target").title)
    assert "60 million t of crude steel in 2028 is out of reach" in title
    assert f"{found.short / 1000:.2f} million t are lacking" in title
    lacking = section(bulletin, "shortfall")
    assert lacking.tables[0].frame.height == found.shortfall.height
    assert "beyond all projects" in lacking.title


@both
def test_the_page_of_shocks_is_whole_and_ranks_as_the_room_does(steel, metadata, outlines, locale):
    found = chain.rank_losses(steel, ("process", "province"), year=2025, season="summer", first=8)
    tables = {"losses": found, "sites": sites(steel), "names": names(steel)}
    bulletin = is_whole("shock", tables, metadata, locale, outlines)
    told = section(bulletin, "losses")
    assert len(told.charts) == 2
    table = told.tables[0]
    assert table.frame["rank"].to_list() == found["rank"].to_list()
    assert table.frame["lost"].to_list() == pytest.approx((found["lost"] / 1e6).to_list())
    hurt = int((found["lost"] > 0).sum())
    assert told.headlines[0].value == shown.number(found.height, locale)
    assert shown.number(found.height - hurt, locale) in told.headlines[0].note


def test_a_chain_that_loses_nothing_says_so(steel, metadata):
    found = chain.rank_losses(steel, ("process",), year=2025, season="summer", first=0)
    tables = {"losses": found.with_columns(lost=pl.lit(0.0)), "names": names(steel)}
    told = section(chain_bulletin("shock", tables, metadata), "losses")
    assert told.title == "No single loss costs the chain anything"
    assert not told.charts


@both
def test_cuts_and_protection_are_told_beside_the_losses(steel, metadata, locale):
    cuts = pl.DataFrame({"commodity": ["natural gas"], "season": ["winter"], "share": [0.5]})
    one = steel.with_settings(years=(2025,))
    lost = chain.cut_losses(one, cuts)
    protection = pl.DataFrame(
        {
            "shock": ["gas"], "option": ["stock of pellets"], "kind": ["stock"],
            "commodity": ["pellets"], "place": ["IR-10"], "unit": ["kt"], "weeks": [4.0],
            "avoided": [7000.0], "lost_unit": ["USD"], "cost": [700.0],
            "cost_per_avoided": [0.1], "pays_every_years": [10.0],
        }
    )  # fmt: skip
    ready = protection.select("option", "kind", "commodity", "place", "unit").with_columns(
        amount=pl.lit(30.0), cost=pl.lit(700.0), spent=pl.lit(21000.0)
    )
    tables = {
        "losses": chain.rank_losses(one, ("process",), first=3),
        "cuts": lost,
        "protection": protection,
        "kept_ready": ready,
        "names": names(steel),
    }
    bulletin = is_whole("shock", tables, metadata, locale)
    keys = [one.key for one in bulletin.sections]
    assert keys == ["losses", "cuts", "protection", "kept_ready", "method"]
    of_steel = lost.filter(pl.col("commodity") == "crude steel")["lost"].sum()
    assert of_steel > 0
    if locale == "en":
        assert f"{of_steel / 1000:.2f} million t" in plain(section(bulletin, "cuts").title)
        assert "stock of pellets" in section(bulletin, "protection").title


@both
def test_the_page_of_an_expansion_is_whole(steel, metadata, run_tables, locale):
    built = pl.DataFrame(
        {
            "project": ["P100000120589-DRI-1094"], "name": ["Jahan Foolad"],
            "process": ["direct reduction"], "place": ["IR-08"], "capacity": [900.0],
            "unit": ["kt"], "share": [1.0], "year": [2028], "finished": [date(2028, 6, 30)],
            "cost": [225e6], "use": [0.9], "gain": [72e6],
        }
    )  # fmt: skip
    tables = {
        "built": built,
        "left_out": built.select("project", "name", "process", "place", "cost").with_columns(
            reason=pl.lit("it would bring nothing by itself: another step binds")
        ),
        "spending": pl.DataFrame(
            {
                "year": [2027, 2028],
                "budget": [3e8, 3e8],
                "spent": [1e8, 1.25e8],
                "left": [2e8, 1.75e8],
            }
        ),
        "needs": pl.DataFrame(
            {"item": ["I-1"], "process": ["direct reduction"], "year": [2028],
             "quantity": [18.0], "unit": ["t"]}
        ),
        "streams": run_tables["streams"],
        "names": names(steel),
    }  # fmt: skip
    told = {**metadata, "gain": 72e6, "gain_unit": "USD"}
    bulletin = is_whole("expand", tables, told, locale)
    assert [one.key for one in bulletin.sections] == [
        "built", "spending", "needs", "flows", "method",
    ]  # fmt: skip
    reason = section(bulletin, "built").tables[1].frame["reason"][0]
    assert bool(PERSIAN.search(reason)) == (locale == "fa")
    if locale == "en":
        title = plain(section(bulletin, "built").title)
        spending = section(bulletin, "spending")
        assert "225 million USD are spent" in plain(spending.title)
        assert spending.tables[0].frame["budget"].to_list() == [300.0, 300.0]
        assert title == "Building one project for 225 million USD brings 72 million USD"
    nothing = {**tables, "built": built.clear()}
    first = chain_bulletin("expand", nothing, told, locale).sections[0]
    assert not first.charts


def test_a_page_that_there_is_not_is_named(metadata):
    with pytest.raises(ValueError, match=r"no page of 'forecast'\. There are: run, target"):
        to_html(chain_bulletin("forecast", {}, metadata))
