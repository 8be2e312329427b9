"""The value chain's section of a programme's report: capacities as its tables tell them."""

import json
import re
from xml.etree import ElementTree

import pytest
from small_programme import TABLES, outlines, rows, small_results

from onshore.report import compose, to_html, to_pdf

SOURCE = "Global Iron and Steel Tracker, September 2025 (CC BY 4.0), changed"
PROJECTS = rows(
    "project_id name name_fa plant_id product capacity progress status start_year source",
    ("R-1", "Second <works>", "فولاد دوم", "P-1", "crude steel", 1500, 0.4, "construction", 2027,
     SOURCE),
    ("R-2", "Far works", None, "P-1", "crude steel", 700, None, "announced", None, SOURCE),
    ("R-3", "Given up", None, "P-1", "crude steel", 9000, None, "cancelled", None, SOURCE),
)  # fmt: skip
PROCESSES = rows(
    "process_id flow amount unit per_output source",
    ("melting", "sponge iron", -1.05, "t", "t crude steel", SOURCE),
    ("melting", "slag", 0.1, "t", "t crude steel", SOURCE),
)
TOLD = {"projects": PROJECTS, "processes": PROCESSES}
both = pytest.mark.parametrize("locale", ["en", "fa"])


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "provinces.geojson").write_text(json.dumps(outlines()), encoding="utf-8")
    return tmp_path


def section(folder, locale="en", **tables):
    bulletin = compose(small_results(folder, tables=TOLD | tables), locale)
    return next(one for one in bulletin.sections if one.key == "value-chain")


def plain(text):
    return text.replace("\u202f", " ").replace("\xa0", " ")


def in_service():
    return sum(
        float(plant["capacity"])
        for plant in TABLES["plants"]
        if plant["product"] == "crude steel" and plant["status"] in (None, "operating")
    )


def test_without_projects_there_is_no_such_section(folder):
    keys = [one.key for one in compose(small_results(folder), "en").sections]
    assert "value-chain" not in keys


def test_it_stands_behind_where_production_stands(folder):
    keys = [one.key for one in compose(small_results(folder, tables=TOLD), "en").sections]
    assert keys.index("value-chain") == keys.index("standing") + 1


def test_what_is_in_service_and_what_is_built_are_told_apart(folder):
    told = section(folder)
    there = f"{in_service() / 1000:.1f}".removesuffix(".0")
    assert plain(told.title) == (
        f"{there} million t a year of crude steel are in service, "
        "and 1.5 million t more are being built"
    )
    head = told.headlines[0]
    assert plain(head.note) == "Being built: 1.5 million t. Announced: 700 thousand t."
    assert head.basis is None
    assert head.status


def test_projects_being_built_stand_first_and_cancelled_ones_are_left_out(folder):
    told = section(folder).tables[0]
    assert told.frame["name"].to_list() == ["Second <works>", "Far works"]
    assert told.frame["status"].to_list() == ["under construction", "announced"]
    assert told.frame["progress"].to_list() == [pytest.approx(0.4), None]


def test_recipes_tell_what_the_capacity_in_service_takes_in(folder):
    told = section(folder).tables[1]
    assert told.frame["flow"].to_list() == ["sponge iron"]
    assert told.frame["needed"][0] == pytest.approx(1.05 * in_service() / 1000)
    assert len(section(folder, processes=[]).tables) == 1


@both
def test_both_languages_are_whole(folder, locale):
    bulletin = compose(small_results(folder, tables=TOLD), locale)
    page = to_html(bulletin)
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert "Second &lt;works&gt;" in page or locale == "fa"
    told = section(folder, locale)
    if locale == "fa":
        assert "فولاد دوم" in told.tables[0].frame["name"].to_list()
    for chart in told.charts:
        ElementTree.fromstring(chart.svg)


def test_maps_need_two_plants_that_make_it(folder):
    one = [plant for plant in TABLES["plants"] if plant["product"] == "crude steel"][:1]
    assert len(section(folder, plants=one).charts) == 1
    other = {**one[0], "plant_id": "P-9", "lon": 54.0, "lat": 30.0}
    charts = section(folder, plants=[*one, other]).charts
    assert len(charts) == 2
    assert charts[1].svg.count('class="p-land"') == len(outlines()["features"])


def test_the_section_is_set_in_the_printed_report(folder):
    assert to_pdf(compose(small_results(folder, tables=TOLD), "fa")).startswith(b"%PDF")
