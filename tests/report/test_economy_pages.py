"""The pages of the economy say what the room's own results say, in both languages."""

import re
from xml.etree import ElementTree

import polars as pl
import pytest

from onshore import economy
from onshore.report import economy_bulletin, first_chart, to_html

KINDS = ("multipliers", "linkages", "extract", "substitute", "decompose", "regions")
METADATA = {
    "source": {"file": "table.csv", "rows": 3},
    "currency": "million EUR",
    "years": [1995],
    "warnings": ["the table is out of balance by 2"],
    "formulas": ["Miller and Blair (2009)"],
}


@pytest.fixture(scope="module")
def table() -> economy.Table:
    return economy.Table(
        ["steel", "cars", "food"],
        [[40, 30, 5], [0, 10, 5], [5, 5, 20]],
        [100, 80, 90],
        {"value_added": [30, 30, 45], "employment": [5, 8, 12]},
        imports=[25, 5, 15],
    )


@pytest.fixture(scope="module")
def results(table) -> dict[str, dict[str, pl.DataFrame]]:
    moved = economy.substitute(table, "cars", 10.0)
    one = economy.Table(["a"], [[20]], [100], {}, [[10]], {"home": [50], "exports": [30]})
    two = economy.Table(["a"], [[30]], [150], {}, [[5]], {"home": [80], "exports": [40]})
    activity = pl.DataFrame(
        {
            "place": ["north", "north", "south", "south"],
            "sector": ["steel", "food", "steel", "food"],
            "value": [30, 10, 10, 50],
        }
    )
    quotients = economy.location_quotients(activity)
    return {
        "multipliers": {
            "multipliers": economy.multipliers(table),
            "effects": economy.effects(table),
        },
        "linkages": {"linkages": economy.linkages(table)},
        "extract": {
            "extract": economy.extract(table),
            "together": economy.extract_together(table, ["steel", "cars"]),
        },
        "substitute": {"substitute": moved.summary, "sectors": moved.sectors},
        "decompose": {"decompose": economy.decompose(one, two)},
        "regions": {"next": economy.next_places(quotients, "steel"), "quotients": quotients},
    }


def titles(bulletin):
    return {section.key: section.title for section in bulletin.sections}


@pytest.mark.parametrize("locale", ["en", "fa"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_page_is_whole_in_both_languages(kind, locale, results):
    metadata = {**METADATA, "product": "cars", "sector": "steel"}
    bulletin = economy_bulletin(kind, results[kind], metadata, locale)
    page = to_html(economy_bulletin(kind, results[kind], metadata, locale))
    assert page.startswith("<!doctype html>")
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert not bulletin.on_ladder
    for section in bulletin.sections:
        for chart in section.charts:
            ElementTree.fromstring(chart.svg)
        if locale == "fa":
            assert re.search("[\u0600-\u06ff]", section.title)
    assert bulletin.sections[-1].notes == tuple(METADATA["warnings"])
    assert "Miller and Blair (2009)" in bulletin.sources
    chart = ElementTree.fromstring(
        first_chart(economy_bulletin(kind, results[kind], metadata, locale))
    )
    assert chart.get("aria-label") == bulletin.sections[0].charts[0].title


def test_multipliers_name_the_first_sector_of_what_was_asked_for(table, results):
    wanted = economy.multipliers(table, "employment").sort("effect", descending=True)
    metadata = {**METADATA, "factor": "employment", "kind": "I"}
    bulletin = economy_bulletin("multipliers", results["multipliers"], metadata)
    first = bulletin.sections[0]
    assert first.title.startswith(f"{wanted['sector'][0]} brings the most of employment")
    assert f"{wanted['effect'][0]:.2f}" in first.title
    assert first.tables[0].frame["effect"].to_list() == pytest.approx(wanted["effect"].to_list())
    named = [section.name for section in bulletin.sections]
    assert named[:3] == ["employment, type I", "output, type I", "value added, type I"]
    assert bulletin.sections[3].tables[0].frame.width == 4  # a sector, and three factors


def test_multipliers_alone_are_shown_too(table):
    tables = {"multipliers": economy.multipliers(table)}
    bulletin = economy_bulletin("multipliers", tables, {"factor": "output", "kind": "I"})
    assert [section.key for section in bulletin.sections] == ["effect-0"]


def test_linkages_name_the_key_sectors(table, results):
    keys = economy.linkages(table).filter(pl.col("key"))["sector"].to_list()
    assert keys == ["steel"]
    bulletin = economy_bulletin("linkages", results["linkages"], METADATA)
    title = bulletin.sections[0].title
    assert title == "One of 3 sectors is a key sector: steel"
    svg = bulletin.sections[0].charts[0].svg
    told = set(ElementTree.fromstring(svg).itertext())
    assert set(table.sectors) <= told
    assert svg.count('class="p-cut"') == 2


def test_no_key_sector_is_said(results):
    tables = {"linkages": results["linkages"]["linkages"].with_columns(kind=pl.lit("weak"))}
    title = economy_bulletin("linkages", tables, METADATA).sections[0].title
    assert title == "No sector is above the mean in both linkages"


def test_extraction_tells_the_share_lost(table, results):
    lost = economy.extract(table).sort("output_lost_share", descending=True)
    bulletin = economy_bulletin("extract", results["extract"], METADATA)
    told = f"{lost['output_lost_share'][0] * 100:.1f}%"
    assert bulletin.sections[0].title == (
        f"Without {lost['sector'][0]} the economy would make {told} less"
    )
    together = economy.extract_together(table, ["steel", "cars"])["output_lost"].sum()
    assert bulletin.sections[1].title.startswith("Without steel, cars together, output falls by")
    assert f"{together:.0f}" in bulletin.sections[1].title


def test_the_parts_of_a_loss_add_up(results):
    bulletin = economy_bulletin("extract", results["extract"], METADATA)
    root = ElementTree.fromstring(bulletin.sections[0].charts[0].svg)
    bars = [one for one in root.iter() if one.tag.endswith("rect")]
    first = (
        results["extract"]["extract"].sort("output_lost_share", descending=True).row(0, named=True)
    )
    own, others = (float(bar.get("width", "0")) for bar in bars[:2])
    assert others / (own + others) == pytest.approx(
        first["elsewhere_lost"] / first["output_lost"], abs=0.01
    )


def test_substitution_sets_currency_moved_induced_and_saved_side_by_side(results):
    of = dict(results["substitute"]["substitute"].select("effect", "value").iter_rows())
    metadata = {**METADATA, "product": "cars"}
    bulletin = economy_bulletin("substitute", results["substitute"], metadata)
    net = of["net currency saved"]
    assert bulletin.sections[0].title == (
        f"Moving 10 million EUR of imports of cars home saves {net:.2f} million EUR of currency net"
    )
    (bars,) = bulletin.sections[0].charts
    told = list(ElementTree.fromstring(bars.svg).itertext())
    assert f"\u2212{of['induced imports']:.2f} million EUR" in told


def test_substitution_without_imports_claims_no_saving(table):
    bare = economy.Table(table.sectors, table.flows, table.output, dict(table.factors))
    done = economy.substitute(bare, "cars", 10.0)
    tables = {"substitute": done.summary, "sectors": done.sectors}
    bulletin = economy_bulletin("substitute", tables, {**METADATA, "product": "cars"})
    assert bulletin.sections[0].title == "Making imports of cars at home"
    assert [headline.label for headline in bulletin.sections[0].headlines] == ["Output at home"]
    assert bulletin.sections[0].charts == ()


def test_substitution_of_each_sector_is_ranked(table):
    tables = {"products": economy.substitution_effects(table)}
    (section, _) = economy_bulletin("substitute", tables, METADATA).sections
    told = list(ElementTree.fromstring(section.charts[0].svg).itertext())
    names = [text for text in told if text in table.sectors]
    assert names == tables["products"]["sector"].to_list()


def test_decomposition_names_the_largest_source(results):
    row = results["decompose"]["decompose"].row(0, named=True)
    assert row["home_demand"] == max(row[k] for k in ("home_demand", "exports", "technology"))
    (section, _) = economy_bulletin("decompose", results["decompose"], METADATA).sections
    assert section.title == "The largest part of the change of output came from home demand"


def test_regions_tell_which_places_come_next(results):
    metadata = {**METADATA, "sector": "steel", "least": 1.25}
    first, second, _ = economy_bulletin("regions", results["regions"], metadata).sections
    assert first.title == "Next for steel: north"
    assert "p-cut" in first.charts[0].svg
    assert "p-heat" in second.charts[0].svg
    assert second.title.startswith("north is most concentrated in steel: 1.9 times the country")


@pytest.mark.parametrize("kind", KINDS)
def test_empty_and_unknown_tables_do_no_harm(kind, results):
    assert to_html(economy_bulletin(kind, {}, {})).startswith("<!doctype html>")
    assert first_chart(economy_bulletin(kind, {}, {})).startswith("<svg")
    empty = {name: frame.clear() for name, frame in results[kind].items()}
    assert to_html(economy_bulletin(kind, empty, METADATA, "fa")).startswith("<!doctype html>")
    odd = {"odd": pl.DataFrame({"novel_thing": [1.0]})}
    assert "novel thing" in to_html(economy_bulletin(kind, odd, {}))


def test_a_page_that_there_is_not_is_refused_by_name():
    with pytest.raises(ValueError, match=r"There is no page of 'prices'\. There are: multipliers"):
        to_html(economy_bulletin("prices", {}, {}))
