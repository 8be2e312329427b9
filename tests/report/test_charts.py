"""Charts draw the values they are given, from zero, and the same in both directions."""

import math
import re
from importlib.resources import files
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshore.figures import Basis
from onshore.report.charts import Bar, Column, Pair, Segment, bars, columns, pairs
from onshore.report.chip import draw_chip
from onshore.report.inks import HATCHES, INK_OF, PAINTS
from onshore.report.map import Dot, Legend, Mark, draw_map, read_provinces

SVG = "{http://www.w3.org/2000/svg}"
values = st.floats(0.1, 1e9)


def elements(svg: str, tag: str, paint: str | None = None) -> list[ElementTree.Element]:
    found = ElementTree.fromstring(svg).iter(SVG + tag)
    return [each for each in found if paint is None or f"p-{paint}" in each.get("class", "")]


def number(element: ElementTree.Element, name: str) -> float:
    return float(element.get(name, "nan"))


def words(svg: str) -> str:
    return " ".join(element.text or "" for element in elements(svg, "text"))


@given(st.lists(values, min_size=1, max_size=8))
def test_bars_are_as_long_as_their_values_from_a_common_zero(amounts):
    rows = [
        Bar(f"row {n}", (Segment(value, "graphite"),), f"{value:g}")
        for n, value in enumerate(amounts)
    ]
    drawn = elements(bars("k", rows, alt=""), "rect", "graphite")
    assert len({number(bar, "x") for bar in drawn}) == 1
    widest = max(number(bar, "width") for bar in drawn)
    for bar, value in zip(drawn, amounts, strict=True):
        expected = widest * value / max(amounts)
        assert number(bar, "width") == pytest.approx(expected, abs=1.01)  # a bar is never unseen


def test_segments_of_a_bar_follow_each_other():
    row = Bar("a", (Segment(6, "solid"), Segment(3, "light-6"), Segment(1, "hatch-4")), "10")
    drawn = elements(bars("k", [row], alt=""), "rect")
    starts = [number(bar, "x") for bar in drawn]
    ends = [number(bar, "x") + number(bar, "width") for bar in drawn]
    assert starts == sorted(starts)
    assert starts[1] == pytest.approx(ends[0], abs=0.02)
    assert starts[2] == pytest.approx(ends[1] + 0.6, abs=0.02)  # a hatch is drawn within its line


def test_a_loss_is_drawn_on_the_other_side_of_zero():
    rows = [Bar("loss", (Segment(-5, "solid"),), "-5"), Bar("gain", (Segment(10, "solid"),), "10")]
    loss, gain = elements(bars("k", rows, alt=""), "rect", "solid")
    zero = number(gain, "x")
    assert number(loss, "x") + number(loss, "width") == pytest.approx(zero, abs=0.02)
    assert number(loss, "width") == pytest.approx(number(gain, "width") / 2, abs=0.02)


def test_nothing_is_drawn_for_nothing():
    rows = [Bar("none", (Segment(0, "solid"),), "0")]
    assert elements(bars("k", rows, alt=""), "rect") == []


def test_an_aim_is_an_outline_as_long_as_the_aim():
    svg = bars("k", [Bar("desk", (Segment(15, "solid"),), "15 of 60", aim=60)], alt="")
    (done,) = elements(svg, "rect", "solid")
    (aim,) = elements(svg, "rect", "outline-1")
    assert number(done, "width") / (number(aim, "width") + 1.2) == pytest.approx(0.25, abs=0.01)


@given(st.lists(st.tuples(values, values), min_size=1, max_size=6))
def test_columns_and_their_limits_share_a_scale(amounts):
    items = [Column(str(n), v, "v", limit, "l") for n, (v, limit) in enumerate(amounts)]
    svg = columns("k", items, paint="graphite", alt="")
    (base,) = elements(svg, "line", "axis")
    bottom = number(base, "y1")
    heights = [number(bar, "height") for bar in elements(svg, "rect", "graphite")]
    limits = [bottom - number(line, "y1") for line in elements(svg, "line", "mark")]
    highest = max(max(pair) for pair in amounts)
    for (value, limit), height, drawn in zip(amounts, heights, limits, strict=True):
        assert height == pytest.approx(140 * value / highest, abs=0.6)
        assert drawn == pytest.approx(140 * limit / highest, abs=0.02)


def test_a_pair_shows_both_years_on_one_scale():
    # Steel ingot exports, first quarters of 1398 and 1397, million t (IMIDRO).
    item = Pair("ingots", 1.854, "1397", "1.854", 1.425, "1398", "1.425", "-23%")
    now, before = elements(pairs("k", [item], alt=""), "rect", "graphite")
    assert number(now, "width") / number(before, "width") == pytest.approx(1.425 / 1.854, abs=1e-3)


@pytest.mark.parametrize("rtl", [False, True])
def test_ids_are_the_charts_own_and_hatches_are_found(rtl):
    rows = [Bar(b.value, (Segment(b.step, INK_OF[b]),), str(b.step)) for b in Basis]
    svg = bars("saved-ladder", rows, alt="Savings & <claims>", rtl=rtl)
    ids = re.findall(r' id="([^"]+)"', svg)
    assert sorted(ids) == ["saved-ladder-hatch-3", "saved-ladder-hatch-4"]
    assert set(re.findall(r"url\(#([^)]+)\)", svg)) == set(ids)
    assert ElementTree.fromstring(svg).get("aria-label") == "Savings & <claims>"


def test_a_mirrored_chart_has_the_same_bars_from_the_other_side():
    rows = [Bar("الف", (Segment(3, "solid"), Segment(1, "light-6")), "۴")]
    plain, mirrored = (elements(bars("k", rows, alt="", rtl=rtl), "rect") for rtl in (False, True))
    for one, other in zip(plain, mirrored, strict=True):
        assert number(one, "width") == number(other, "width")
        assert number(one, "x") + number(one, "width") == pytest.approx(400 - number(other, "x"))


def test_texts_of_the_data_cannot_become_markup():
    row = Bar("<script>x</script>", (Segment(1, "solid"),), '"&', note="<b>")
    svg = bars("k", [row], alt="'<x>")
    assert "<script" not in svg
    assert "<script>x</script>" in words(svg)


def test_ink_follows_truth():
    families = {"solid": [7], "light": [5, 6], "hatch": [3, 4], "outline": [1, 2]}
    for family, steps in families.items():
        assert [basis.step for basis in Basis if INK_OF[basis].startswith(family)] == steps
    assert set(HATCHES) == {"hatch-3", "hatch-4"}


def test_every_paint_has_its_token_in_the_style_sheet():
    style = files("onshore.report").joinpath("style.css").read_text(encoding="utf-8")
    assert {paint for paint in PAINTS if not re.search(rf"\.p-{paint}\b[ ,{{]", style)} == set()


@pytest.mark.parametrize("basis", list(Basis))
def test_a_chip_is_filled_to_its_step(basis):
    chip = ElementTree.fromstring(draw_chip(basis))
    assert chip.get("aria-label") == f"{basis.step}/7"
    assert sum("p-muted" in rect.get("class", "") for rect in chip.iter("rect")) == 7 - basis.step


SQUARE = [(50.0, 30.0), (52.0, 30.0), (52.0, 32.0), (50.0, 32.0), (50.0, 30.0)]
OUTLINES = """{"features": [
 {"properties": {"iso_3166_2": "IR-10", "name": "West"}, "geometry": {"type": "Polygon",
  "coordinates": [[[50, 30], [52, 30], [52, 32], [50, 32], [50, 30]]]}},
 {"properties": {"iso_3166_2": "IR-21", "name": "East <b>"}, "geometry": {"type": "MultiPolygon",
  "coordinates": [[[[52, 30], [54, 30], [54, 32], [52, 32], [52, 30]]]]}}]}"""


@pytest.fixture
def outlines(tmp_path):
    path = tmp_path / "provinces.geojson"
    path.write_text(OUTLINES, encoding="utf-8")
    return read_provinces(path)


def a_map(outlines, *, rtl=False):
    return draw_map(
        "map",
        outlines,
        phases={"IR-10": 1},
        marks={"IR-10": Mark("West", 9.0, "9"), "IR-21": Mark("East", 1.0, "1")},
        dots=[Dot(51.0, 31.0, 100.0, "plant <x>"), Dot(53.0, 31.0, 25.0, "small")],
        legend=Legend({1: "Phase 1"}, "saving", "plant"),
        alt="map",
        rtl=rtl,
    )


def test_areas_on_the_map_go_with_the_values(outlines):
    svg = a_map(outlines)
    nine, one, *_ = (number(circle, "r") for circle in elements(svg, "circle", "outline-1"))
    assert math.isclose(nine**2 / one**2, 9.0, rel_tol=1e-3)
    large, small, *_ = (number(circle, "r") for circle in elements(svg, "circle", "dot"))
    assert math.isclose(large**2 / small**2, 4.0, rel_tol=1e-3)


def test_the_map_keeps_east_and_west_in_every_language(outlines):
    plain, mirrored = a_map(outlines), a_map(outlines, rtl=True)
    paths = [[path.get("d") for path in elements(svg, "path")] for svg in (plain, mirrored)]
    assert paths[0] == paths[1]
    west, east = (number(dot, "cx") for dot in elements(mirrored, "circle", "dot")[:2])
    assert west < east
    circle = elements(plain, "circle", "outline-1")[0]
    dot = elements(plain, "circle", "dot")[0]
    assert number(circle, "cx") == pytest.approx(number(dot, "cx"), abs=0.1)  # both mid-province
    assert number(circle, "cy") == pytest.approx(number(dot, "cy"), abs=0.1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        '{"features": [1]}',
        '{"features": [{"properties": {}, "geometry": null}]}',
        OUTLINES.replace('"Polygon"', '"Point"'),
        OUTLINES.replace("iso_3166_2", "iso"),
    ],
)
def test_a_file_that_is_no_map_is_refused_with_the_next_step(tmp_path, text):
    path = tmp_path / "provinces.geojson"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"provinces\.geojson.*iso_3166_2.*name"):
        read_provinces(path)
