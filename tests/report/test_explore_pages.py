"""The pages of exploration say what the tables and maps hold, in both languages."""

import base64
import math
import re
from datetime import date
from xml.etree import ElementTree

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshore.figures import shown
from onshore.report import explore_bulletin, first_chart, to_html, to_pdf
from onshore.report.explore_curves import Curve, curves
from onshore.report.explore_holes_page import azimuth_of
from onshore.report.explore_map import RasterKey, Shape, Spot, raster_map
from onshore.report.explore_raster import (
    SHADES,
    TOP_SHARES,
    Raster,
    even_classes,
    png,
    read_raster,
    score_table,
    top_shares,
    with_scores,
)
from onshore.report.explore_steps import Step, steps
from onshore.report.explore_validation_page import summary_of
from onshore.report.scatter import Axis

PERSIAN = re.compile("[\u0600-\u06ff]")
both = pytest.mark.parametrize("locale", ["en", "fa"])
METADATA = {
    "source": {"file": "layers.csv", "rows": 3, "sha256": "0" * 64},
    "layers": {"line": {"meaning": "Distance to the line (m)"}},
    "warnings": ["a warning"],
    "formulas": ["a formula"],
}


def plain(text):
    for mark in "\u200e\u200f\u2066\u2067\u2068\u2069\u202a\u202b\u202c":
        text = text.replace(mark, "")
    return text.replace("\u202f", " ").replace("\xa0", " ")


def section(bulletin, key):
    return next(one for one in bulletin.sections if one.key == key)


def is_whole(kind, tables, metadata, locale, **more):
    bulletin = explore_bulletin(kind, tables, metadata, locale, **more)
    page = to_html(explore_bulletin(kind, tables, metadata, locale, **more))
    assert page.startswith("<!doctype html>")
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert not bulletin.on_ladder
    for one in bulletin.sections:
        if locale == "fa":
            assert PERSIAN.search(one.title), one.key
            for table in one.tables:
                heads = [column for column in table.columns if column.key not in ("unfc", "auc")]
                assert all(PERSIAN.search(column.title) for column in heads), one.key
        for chart in one.charts:
            ElementTree.fromstring(chart.svg)
    ElementTree.fromstring(first_chart(explore_bulletin(kind, tables, metadata, locale, **more)))
    return bulletin


def written(svg):
    """Give the texts of a picture."""
    return {plain(text) for text in ElementTree.fromstring(svg).itertext() if text.strip()}


def axis(name, cut=None):
    return Axis(name, lambda value, places: f"{value:.{places}f}", cut)


# Maps


@pytest.fixture(scope="module")
def raster():
    rows, columns = np.mgrid[0:30, 0:20]
    values = (rows * 20 + columns).astype(np.float64)
    values[:5] = np.nan
    return Raster(values, (400_000.0, 3_000_000.0, 410_000.0, 3_015_000.0), "EPSG:32640")


@given(
    st.lists(st.floats(0, 1, width=32) | st.just(math.nan), min_size=2, max_size=60),
    st.integers(0, 3),
)
def test_the_best_share_of_a_map_is_at_least_that_share(values, columns):
    array = np.array(values * (columns + 1)).reshape(columns + 1, -1)
    drawn = Raster(array, (0, 0, 1, 1), "")
    classes, least = top_shares(drawn)
    known = np.isfinite(array)
    assert ((classes > 0) == known).all()
    for number, (share, bound) in enumerate(zip(TOP_SHARES, least, strict=True)):
        better = classes >= len(TOP_SHARES) + 1 - number
        assert (better == (known & (array >= bound))).all()
        # As many as the share asks for, and one fewer would be too few.
        count = known.sum()
        if count:
            asked = max(1, int(share * count))
            assert better.sum() >= asked
            assert (array[known] > bound).sum() < asked


@given(st.lists(st.floats(-1e3, 1e3) | st.just(math.nan), min_size=1, max_size=50))
def test_even_classes_hold_every_value_in_order(values):
    array = np.array([values])
    classes, bounds = even_classes(Raster(array, (0, 0, 1, 1), ""))
    known = np.isfinite(array)
    assert ((classes > 0) == known).all()
    if not known.any():
        assert bounds == []
        return
    assert classes.max() <= 5
    order = np.argsort(array[known])
    assert (np.diff(classes[known][order].astype(int)) >= 0).all()
    assert bounds == sorted(bounds)


@pytest.mark.filterwarnings("ignore:Dataset has no geotransform")
def test_a_picture_is_read_by_others_as_it_was_written():
    rasterio = pytest.importorskip("rasterio")
    classes = np.array([[0, 1, 2], [3, 2, 0]], np.uint8)
    picture = png(classes, ["#000000", "#ff0000", "#00ff80"])
    with rasterio.MemoryFile(picture) as memory, memory.open() as file:
        assert (file.read(1) == classes).all()
        palette = file.colormap(1)
        assert file.nodata == 0
    assert palette[2][:3] == (255, 0, 0)
    assert palette[3][:3] == (0, 255, 128)


def test_a_map_is_read_small_with_its_place(tmp_path, raster):
    rasterio = pytest.importorskip("rasterio")
    path = tmp_path / "map.tif"
    values = raster.values.astype(np.float32)
    west, south, east, north = raster.bounds
    with rasterio.open(
        path, "w", driver="GTiff", height=30, width=20, count=2, dtype="float32", nodata=math.nan,
        crs="EPSG:32640",
        transform=rasterio.transform.from_bounds(west, south, east, north, 20, 30),
    ) as file:  # fmt: skip
        file.write(np.stack([values, values / 10]))
        file.descriptions = ("score", "uncertainty")
    whole = read_raster(path, "score")
    assert np.array_equal(whole.values, values, equal_nan=True)
    assert whole.bounds == raster.bounds
    assert (whole.crs, whole.metre, whole.geographic) == ("EPSG:32640", 1.0, False)
    assert read_raster(path, 2, most=15).values.shape == (15, 10)
    with pytest.raises(ValueError, match=r"no band 'top'\. There are: score, uncertainty"):
        read_raster(path, "top")
    with pytest.raises(ValueError, match="has 2 bands"):
        read_raster(path, 3)
    text = tmp_path / "text.tif"
    text.write_text("no raster")
    with pytest.raises(ValueError, match=r"text\.tif cannot be read as a raster"):
        read_raster(text)
    sites = pl.DataFrame({"name": ["a", "b", "c"], "row": [29, 5, 0], "column": [19, 0, 0]})
    told = with_scores(path, sites)
    assert told["score"].to_list() == [599.0, 100.0, None]
    assert told["uncertainty"].to_list() == [pytest.approx(59.9), 10.0, None]
    assert told["better_share"].to_list() == [0.0, pytest.approx(499 / 500), None]


def test_deposits_stand_where_they_lie_and_the_bar_is_as_long_as_it_says(raster):
    classes, _ = top_shares(raster)
    spots = [Spot(405_000.0, 3_007_500.0, "middle"), Spot(300_000.0, 3_007_500.0, "far away")]
    words = RasterKey(["best"], lambda km: f"{km:g} km", "deposits", "targets")
    svg = raster_map(
        "m", raster, classes, SHADES, words, alt="Map", spots=spots,
        shapes=[Shape((((405_000, 3_005_000), (406_000, 3_005_000), (406_000, 3_006_000),
                        (405_000, 3_005_000)),), "1", "Target 1")],
    )  # fmt: skip
    root = ElementTree.fromstring(svg)
    space = "{http://www.w3.org/2000/svg}"
    image = root.find(f"{space}image")
    left, wide = float(image.get("x")), float(image.get("width"))
    assert float(image.get("height")) / wide == pytest.approx(1.5, rel=0.01)
    ring = next(one for one in root.iter(f"{space}circle") if one.find(f"{space}title") is not None)
    assert float(ring.get("cx")) == pytest.approx(left + wide / 2, abs=0.1)
    assert float(ring.get("cy")) == pytest.approx(float(image.get("height")) / 2, abs=0.1)
    assert "far away" not in svg
    bar = re.search(r'd="M([\d.]+) ([\d.]+)v4H([\d.]+)v-4"', svg)
    length = (float(bar[3]) - float(bar[1])) / wide * 10
    assert f"{length:.0f} km" in written(svg)
    picture = base64.b64decode(image.get("href").partition("base64,")[2])
    assert picture[16:24] == (20).to_bytes(4, "big") + (30).to_bytes(4, "big")


def test_a_map_in_degrees_is_as_wide_as_the_land():
    values = np.ones((10, 10))
    drawn = Raster(values, (50.0, 59.0, 52.0, 61.0), "EPSG:4326", 111_195.0, geographic=True)
    classes, _ = top_shares(drawn)
    svg = raster_map("m", drawn, classes, SHADES, RasterKey([], lambda km: f"{km:g}"), alt="Map")
    image = ElementTree.fromstring(svg).find("{http://www.w3.org/2000/svg}image")
    ratio = float(image.get("width")) / float(image.get("height"))
    assert ratio == pytest.approx(math.cos(math.radians(60)), rel=0.01)


@both
def test_the_page_of_a_map_tells_what_its_best_holds(raster, locale):
    sites = pl.DataFrame(
        {"name": ["a", "b", "c", "d"], "x": [405_000.0] * 4, "y": [3_001_000.0] * 4,
         "better_share": [0.02, 0.099, 0.3, None]}
    )  # fmt: skip
    rasters = {"score": raster, "uncertainty": raster}
    tables = {"scores": score_table(raster), "deposits": sites}
    told = {**METADATA, "uncertainty": "standard deviation between the trees"}
    bulletin = is_whole("map", tables, told, locale, rasters=rasters)
    one = section(bulletin, "map")
    assert shown.percent(2 / 3, locale) in one.title
    assert shown.percent(0.1, locale) in one.title
    assert len(one.charts) == 2
    assert one.tables[0].frame["share"].to_list() == list(TOP_SHARES)
    least = one.tables[0].frame["least_score"]
    assert least[3] == np.sort(raster.values[np.isfinite(raster.values)])[-50]
    if locale == "en":
        assert "standard deviation between the trees" in one.charts[1].foot
        assert "known deposits (4)" in written(one.charts[0].svg)


def test_a_map_without_deposits_says_less(raster):
    told = explore_bulletin("map", {}, METADATA, rasters={"score": raster})
    assert section(told, "map").title == "The darkest land comes first"
    assert not section(told, "map").notes


# Weights and models


@pytest.fixture(scope="module")
def weights():
    table = pl.DataFrame(
        {
            "layer": ["line"] * 3 + ["rock"] * 2,
            "kind": ["ascending"] * 3 + ["categorical"] * 2,
            "class": [1.0, 2.0, 3.0, 7.0, 8.0],
            "lower": [None, 100.0, 200.0, 7.0, 8.0],
            "upper": [100.0, 200.0, None, 7.0, 8.0],
            "class_area_km2": [100.0, 300.0, 600.0, 400.0, 600.0],
            "class_points": [6.0, 2.0, 2.0, 5.0, 5.0],
            "area_km2": [100.0, 400.0, 1000.0, 400.0, 600.0],
            "points": [6.0, 8.0, 10.0, 5.0, 5.0],
            "w_plus": [1.8, 0.7, None, 0.2, -0.2],
            "w_minus": [-0.8, -1.1, None, -0.2, 0.2],
            "contrast": [2.6, 1.8, None, 0.4, -0.4],
            "s_contrast": [0.6, 0.8, None, 0.63, 0.63],
            "studentised": [4.3, 2.25, None, 0.63, -0.63],
            "weight": [1.8, -0.8, -0.8, 0.0, 0.0],
        }
    )
    keys = ["layer", "kind", "class", "area_km2", "points", "w_plus", "w_minus", "contrast",
            "s_contrast", "studentised"]  # fmt: skip
    cuts = table.filter(pl.col("class").is_in([1.0, 7.0])).select(keys)
    cuts = cuts.with_columns(
        cut=pl.Series([100.0, None]), chance=pl.Series([0.001, None], dtype=pl.Float64)
    )
    return {"weights": table, "cuts": cuts}


@both
def test_the_page_of_weights_is_whole_and_tells_the_favourable_part(weights, locale):
    tables = {
        **weights,
        "independence": pl.DataFrame(
            {"expected": [15.14], "observed": [10.0], "ratio": [1.514], "ratio_low": [1.3],
             "ratio_high": [1.7], "z": [3.0], "probability": [0.999]}
        ),
        "pairs": pl.DataFrame(
            {"layer": ["line"], "other": ["rock"], "chi_squared": [9.0], "freedom": [2],
             "probability": [0.01]}
        ),
    }  # fmt: skip
    bulletin = is_whole("weights", tables, METADATA, locale)
    keys = [one.key for one in bulletin.sections]
    assert keys == ["weights", "independence", "classes", "method"]
    title = section(bulletin, "weights").title
    assert shown.percent(0.6, locale) in title
    assert shown.percent(0.1, locale) in title
    assert shown.number(1.51, locale, 2) in section(bulletin, "independence").title
    table = section(bulletin, "weights").tables[0]
    assert next(one for one in table.columns if one.key == "chance").kind == "share"


def test_layers_that_tell_each_for_itself_are_not_blamed(weights):
    table = pl.DataFrame({"expected": [10.2], "observed": [10.0], "ratio": [1.02]})
    told = explore_bulletin("weights", {**weights, "independence": table}, METADATA)
    assert section(told, "independence").title.startswith("The layers tell each for itself")


def test_the_contrast_is_drawn_over_the_values_with_its_interval(weights):
    told = explore_bulletin("weights", weights, METADATA)
    one = section(told, "classes")
    first, second = one.charts
    assert "Distance to the line (m)" in written(first.svg)
    assert first.svg.count('class="p-interval"') == 2
    assert first.svg.count('class="p-cut"') >= 1
    assert {"class 7", "class 8"} <= written(second.svg)
    headline = section(told, "weights").headlines[0]
    assert plain(headline.value) == "2.60"
    assert plain(headline.note) == (f"95 in 100: {2.6 - 1.96 * 0.6:.2f} to {2.6 + 1.96 * 0.6:.2f}")


@both
def test_the_page_of_a_model_ranks_what_it_goes_by(locale):
    table = pl.DataFrame(
        {"layer": ["line", "hills"], "what": ["share of splits"] * 2, "value": [0.2, 0.8]}
    )
    told = {**METADATA, "method": "forest"}
    bulletin = is_whole("train", {"importance": table}, told, locale)
    title = section(bulletin, "importance").title
    assert "hills" in title
    assert ("random forest" if locale == "en" else "جنگل تصادفی") in title


# Validation


@pytest.fixture(scope="module")
def validation():
    draw = np.random.default_rng(1)
    aucs = pl.DataFrame(
        [
            {"method": method, "seed": seed, "fold": fold, "auc": mean + draw.normal(0, 0.01)}
            for method, mean in (("forest", 0.70), ("boosted", 0.75))
            for seed in range(3)
            for fold in range(2)
        ]
    )
    shares = np.linspace(0, 1, 148)
    rows = [
        pl.DataFrame(
            {"method": method, "area_share": shares, "deposit_share": shares**power,
             "low": shares ** (power + 0.05), "high": shares ** (power - 0.05)}
        )
        for method, power in (("forest", 0.6), ("boosted", 0.4))
    ]  # fmt: skip
    return {
        "aucs": aucs,
        "paired": pl.DataFrame(
            {"method": ["boosted"], "other": ["forest"], "difference": [0.05], "low": [0.03],
             "high": [0.07], "wins": [3]}
        ),
        "curves": pl.concat(rows),
        "autocorrelation": pl.DataFrame(
            {"layer": ["residuals"] * 3, "distance_km": [1.0, 10.0, 30.0],
             "semivariance": [0.1, 0.6, 0.8], "pairs": [100, 200, 300]}
        ),
        "ranges": pl.DataFrame({"layer": ["residuals"], "range_km": [21.0]}),
    }  # fmt: skip


@both
def test_the_page_of_a_validation_is_whole_and_tells_the_best_method(validation, locale):
    told = {**METADATA, "block_km": 25.0, "range_km": 21.0, "split": "spatial"}
    bulletin = is_whole("validate", validation, told, locale)
    keys = [one.key for one in bulletin.sections]
    assert keys == ["auc", "curves", "autocorrelation", "method"]
    by_hand = validation["aucs"].filter(method="boosted")["auc"].mean()
    assert shown.number(by_hand, locale, 3) in section(bulletin, "auc").title
    # On the curve x ** 0.4 a tenth of the land holds 0.1 ** 0.4 of the deposits.
    found = shown.percent(0.1**0.4, locale)
    assert found in section(bulletin, "curves").title
    assert not section(bulletin, "auc").notes
    charts = section(bulletin, "curves").charts
    assert charts[0].svg.count('class="p-fan"') == 1
    table = section(bulletin, "curves").tables[0].frame
    tenth = table.filter(pl.col("area_share") == 0.5)["deposit_share"].to_list()
    assert tenth == pytest.approx([0.5**0.4, 0.5**0.6], abs=2e-4)
    assert 0.1 not in validation["curves"]["area_share"]
    first = table.filter(pl.col("area_share") == 0.1)["deposit_share"].to_list()
    assert first == pytest.approx([0.1**0.4, 0.1**0.6], abs=2e-4)


def test_prediction_and_area_cross_where_found_and_left_out_are_equal(validation):
    chart = section(explore_bulletin("validate", validation, METADATA), "curves").charts[1]
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if middle**0.4 < 1 - middle else (low, middle)
    assert shown.percent(1 - low, "en") in chart.title


def test_a_method_that_is_not_shown_to_be_better_is_not_said_to_be(validation):
    close = validation["paired"].with_columns(low=pl.lit(-0.01))
    one = section(explore_bulletin("validate", {**validation, "paired": close}, METADATA), "auc")
    assert one.notes[0].startswith("Not shown to be better than: random forest.")
    turned = close.select(
        method="other", other="method", difference=-pl.col("difference"), low=-pl.col("high"),
        high=-pl.col("low"),
    )  # fmt: skip
    again = section(explore_bulletin("validate", {**validation, "paired": turned}, METADATA), "auc")
    assert again.notes == one.notes


def test_a_random_split_is_marked_wherever_it_stands(validation):
    told = {**METADATA, "block_km": None, "range_km": 21.0, "split": "random"}
    one = section(explore_bulletin("validate", validation, told), "auc")
    assert "which flatters" in one.title
    assert all("flatters" in headline.status for headline in one.headlines)
    assert len(one.notes) == 1


def test_a_seeds_auc_is_the_mean_of_its_folds():
    aucs = pl.DataFrame({"method": ["a"] * 4, "seed": [0, 0, 1, 1], "auc": [0.6, 0.8, 0.8, 0.8]})
    row = summary_of(aucs).to_dicts()[0]
    assert row == {"method": "a", "mean": pytest.approx(0.75), "low": pytest.approx(0.7),
                   "high": pytest.approx(0.8), "seeds": 2}  # fmt: skip


def test_a_curve_stands_where_its_values_are():
    svg = curves("c", [Curve("", ((0.0, 0.0), (2.0, 1.0), (4.0, 4.0)), home=True)], axis("x"),
                 axis("y"), alt="Curve")  # fmt: skip
    path = re.search(r'class="p-home-line"[^>]*', svg)[0] if "p-home-line" in svg else ""
    d = re.search(r'd="M([^"]+)"[^>]*class="p-home-line"|class="p-home-line"[^>]*d="M([^"]+)"', svg)
    assert path
    numbers = [float(one) for one in (d[1] or d[2]).split()]
    (x0, y0), (x1, y1), (x2, y2) = zip(numbers[::2], numbers[1::2], strict=True)
    assert (x1 - x0) == pytest.approx(x2 - x1, abs=0.05)
    assert (y0 - y1) / (y0 - y2) == pytest.approx(0.25, abs=0.01)


# Targets


@pytest.fixture(scope="module")
def targets():
    square = "POLYGON((404000 3004000,405000 3004000,405000 3005000,404000 3005000,404000 3004000))"
    polygons = pl.DataFrame(
        {"target": ["T001", "T002"], "rank": [1, 2], "area_km2": [12.0, 8.0], "mean": [0.8, 0.7],
         "top": [0.9, 0.8], "uncertainty": [0.1, 0.1], "expected": [3.0, 1.5],
         "province": ["IR-08", None], "geometry": [square, square]}
    )  # fmt: skip
    return {
        "targets": polygons.drop("geometry"),
        "explored": pl.DataFrame(
            {"rank": [1, 2], "target": ["T001", "T002"], "area_km2": [12.0, 20.0],
             "area_share": [0.01, 0.02], "expected_share": [0.1, 0.15], "expected": [3.0, 4.5],
             "share_low": [0.05, 0.1], "share_high": [0.2, 0.3]}
        ),
        "around": pl.DataFrame({"plant": ["Works"], "reach_km2": [900.0], "above_km2": [30.0],
                                "free_km2": [24.0], "targets": [1], "best": ["T001"]}),
        "order": pl.DataFrame(
            {"step": [1, None], "target": ["T001", "T002"], "probability": [0.9, 0.1],
             "cost": [2e6, 2e6], "value": [9e7, 9e7], "worth": [40.0, -1.0],
             "spent": [2e6, None], "reason": [None, "it is not worth its cost"]}
        ),
    }, polygons  # fmt: skip


@both
def test_the_page_of_targets_is_whole_and_adds_up(targets, raster, locale):
    tables, polygons = targets
    told = {**METADATA, "area_km2": 1000.0, "currency": "USD"}
    bulletin = is_whole(
        "targets", tables, told, locale, rasters={"score": raster}, outlines=polygons
    )
    keys = [one.key for one in bulletin.sections]
    assert keys == ["targets", "around", "explored", "order", "method"]
    first = section(bulletin, "targets")
    area, expected = first.headlines
    assert shown.number(20, locale) in area.value
    assert shown.percent(0.02, locale, 1) in area.note
    assert expected.value == shown.number(4.5, locale, 1)
    assert first.charts[0].svg.count('stroke="#0b5a62" stroke-width="1.3"') == 2
    assert "T001" in section(bulletin, "order").title
    assert shown.number(4.5, locale, 1) in section(bulletin, "explored").title
    assert section(bulletin, "explored").charts[0].svg.count('class="p-interval"') == 2


def test_targets_without_a_curve_are_ranked_by_their_score(targets):
    table = targets[0]["targets"].with_columns(expected=pl.lit(None, dtype=pl.Float64))
    unknown = targets[0]["explored"].with_columns(expected=pl.lit(None, dtype=pl.Float64))
    bulletin = explore_bulletin("targets", {"targets": table, "explored": unknown}, METADATA)
    assert [one.key for one in bulletin.sections] == ["targets", "method"]
    one = section(bulletin, "targets")
    assert len(one.headlines) == 1
    assert [chart.title for chart in one.charts] == ["Mean score of each target"]


# Drillholes and resources


@given(st.floats(0, 179.9), st.integers(3, 30))
def test_the_section_follows_the_line_of_the_holes(azimuth, count):
    angle = math.radians(azimuth)
    along = np.linspace(-500, 500, count)
    points = pl.DataFrame({"x": 1e5 + along * math.sin(angle), "y": 2e6 + along * math.cos(angle)})
    apart = abs(azimuth_of(points) - azimuth) % 180
    assert min(apart, 180 - apart) < 1e-5


@pytest.fixture(scope="module")
def holes():
    points = pl.DataFrame(
        {"hole_id": ["A", "A", "B", "B"], "depth": [0.0, 100.0, 0.0, 80.0],
         "x": [0.0, 0.0, 100.0, 140.0], "y": [0.0, 0.0, 0.0, 0.0],
         "z": [500.0, 400.0, 500.0, 430.718]}
    )  # fmt: skip
    composites = pl.DataFrame(
        {"hole_id": ["A", "A", "B"], "analyte": ["Cu"] * 3, "unit": ["percent"] * 3,
         "from": [0.0, 50.0, 20.0], "to": [50.0, 100.0, 40.0], "value": [0.2, 1.5, 0.7]}
    )  # fmt: skip
    findings = pl.DataFrame(
        {"table": ["surveys"], "row": [4], "hole_id": ["X1"], "column": ["hole_id"],
         "found": ["X1"], "reason": ["there is no collar of this hole."],
         "next_step": ["Add the collar."]}
    )  # fmt: skip
    return {"points": points, "composites": composites, "findings": findings}


@both
def test_the_page_of_drillholes_is_whole_and_places_grades_on_the_holes(holes, locale):
    told = {**METADATA, "grade": "Cu", "grade_unit": "%", "composite_m": 2.0}
    bulletin = is_whole("desurvey", holes, told, locale)
    one = section(bulletin, "holes")
    assert shown.number(180, locale) in plain(one.title) or shown.number(180, locale) in one.title
    # Hole A stands upright: its richer half reaches from its middle to its end.
    svg = one.charts[0].svg
    traces = re.findall(r'd="M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)"[^>]*stroke="#8d9694"', svg)
    x, top, _, bottom = (float(part) for part in traces[0])
    rich = re.search(r'd="M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)"[^>]*><title>A 50', svg)
    assert float(rich[1]) == pytest.approx(x, abs=0.1)
    assert float(rich[2]) == pytest.approx((top + bottom) / 2, abs=0.2)
    assert float(rich[4]) == pytest.approx(bottom, abs=0.1)
    assert section(bulletin, "findings").tables[0].frame.height == 1


def test_tables_without_findings_are_said_to_be_right(holes):
    none = {**holes, "findings": holes["findings"].clear()}
    one = section(explore_bulletin("desurvey", none, METADATA), "findings")
    assert one.title == "Nothing is wrong with the tables"
    assert not one.tables


@pytest.fixture(scope="module")
def resources():
    lines = [
        ("D1", "copper", "indicated", date(2022, 1, 1), "opening", 0.0, 10e6, 10e6),
        ("D2", "copper", "indicated", date(2022, 1, 1), "opening", 0.0, 2e6, 2e6),
        ("D1", "copper", "indicated", date(2023, 1, 1), "drilling", 10e6, 4e6, 14e6),
        ("D1", "copper", "indicated", date(2023, 6, 1), "depletion", 14e6, -1e6, 13e6),
        ("D2", "copper", "indicated", date(2023, 7, 1), "depletion", 2e6, -0.5e6, 1.5e6),
        ("D1", "copper", "inferred", date(2022, 1, 1), "opening", 0.0, 5e6, 5e6),
    ]
    names = ["deposit_id", "commodity", "class", "date", "reason", "tonnage_opening", "tonnage",
             "tonnage_closing"]  # fmt: skip
    return {
        "tonnage_grade": pl.DataFrame(
            {"class": ["indicated", "inferred", "all"] * 2, "cutoff": [0.0] * 3 + [0.5] * 3,
             "tonnes": [3e6, 1e6, 4e6, 1e6, 0.5e6, 1.5e6],
             "grade": [0.6, 0.4, 0.55, 1.0, 0.9, 0.97],
             "unit": ["percent"] * 6, "metal": [1.0] * 6}
        ),
        "classes": pl.DataFrame({"class": ["indicated", "inferred"], "tonnes": [3e6, 1e6],
                                 "grade": [0.6, 0.4]}),
        "unfc": pl.DataFrame({"deposit_id": ["D1"], "class": ["indicated"], "unfc": ["222"],
                              "unfc_class": ["potentially viable projects"]}),
        "ledger": pl.DataFrame(lines, names, orient="row"),
    }  # fmt: skip


@both
def test_the_page_of_resources_is_whole(resources, locale):
    told = {**METADATA, "grade": "Cu", "grade_unit": "%"}
    bulletin = is_whole("resources", resources, told, locale)
    keys = [one.key for one in bulletin.sections]
    assert keys == ["cutoffs", "resource-classes", "unfc", "ledger", "method"]
    assert shown.number(3.0, locale, 2) in section(bulletin, "cutoffs").title


def test_inferred_resources_are_added_to_no_others(resources):
    more = pl.DataFrame(
        {"class": ["measured"] * 2, "cutoff": [0.0, 0.5], "tonnes": [1e6, 1e6],
         "grade": [1.0, 1.0], "unit": ["percent"] * 2, "metal": [1.0] * 2}
    )  # fmt: skip
    tables = {**resources, "tonnage_grade": pl.concat([more, resources["tonnage_grade"]])}
    told = {**METADATA, "grade": "Cu", "grade_unit": "%"}
    one = section(explore_bulletin("resources", tables, told), "cutoffs")
    # 1 million t at 1.0 % and 3 at 0.6 %: 4 at 0.7 %.
    assert plain(one.title).startswith("Measured + Indicated: 4.00 million t at 0.70%")
    assert {"Measured + Indicated", "Inferred"} <= written(one.charts[0].svg)
    assert set(one.tables[0].frame["class"]) == {"Measured", "Indicated", "Inferred"}


def test_classes_of_unlike_certainty_are_not_added_in_the_ledger(resources):
    one = section(explore_bulletin("resources", resources, METADATA), "ledger")
    assert plain(one.title) == "Indicated, copper: from 12.0 million t to 14.5 million t"
    # The inferred ones have not changed: nothing to draw.
    assert len(one.charts) == 1
    told = written(one.charts[0].svg)
    assert {"Drilling", "+4.00 million t", "Depletion", "−1.50 million t"} <= told


@given(st.lists(st.integers(-50, 100), min_size=1, max_size=8))
def test_steps_end_where_the_closing_amount_begins(changes):
    rows = [Step("opening", 200.0, "200", whole=True)]
    rows += [Step(f"change {number}", float(one), f"{one}") for number, one in enumerate(changes)]
    total = 200.0 + sum(changes)
    rows.append(Step("closing", total, f"{total}", whole=True))
    svg = steps("s", rows, alt="Ledger")
    bars = [
        tuple(float(re.search(rf' {name}="([\d.]+)"', one)[1]) for name in ("x", "width"))
        for one in re.findall(r"<rect[^>]*>", svg)
    ]
    # A line leads from where a row ends to the next row.
    ends = [float(one) for one in re.findall(r'<line x1="([\d.]+)"[^>]*class="p-rule"', svg)]
    assert len(ends) == len(rows) - 1
    for (left, wide), row, end in zip(bars, rows, ends, strict=False):
        if abs(row.value) > 2:
            assert end == pytest.approx(left + wide if row.value > 0 else left, abs=0.1)
    if total > 0 and changes[-1] != 0:
        last, closing = bars[-2], bars[-1]
        end = last[0] + (last[1] if changes[-1] > 0 else 0)
        assert end == pytest.approx(closing[0] + closing[1], abs=1.1)


def test_missing_tables_leave_their_part_out(resources):
    told = explore_bulletin("resources", {"unfc": resources["unfc"]}, METADATA)
    assert [one.key for one in told.sections] == ["unfc", "method"]


def test_a_page_that_there_is_not_is_named():
    with pytest.raises(ValueError, match=r"no page of 'dig'\. There are: weights, train, map"):
        to_html(explore_bulletin("dig", {}, METADATA))


def test_a_map_is_set_in_print_too(raster):
    pytest.importorskip("typst")
    bulletin = explore_bulletin("map", {}, METADATA, rasters={"score": raster})
    assert to_pdf(bulletin).startswith(b"%PDF-")
    assert b"/Subtype /Image" in to_pdf(bulletin) or b"/Subtype/Image" in to_pdf(bulletin)


def test_nothing_that_is_not_known_keeps_a_page_from_being_written(
    weights, validation, targets, holes, resources
):
    kinds = {
        "weights": weights, "validate": validation, "targets": targets[0], "desurvey": holes,
        "resources": resources, "train": {"importance": pl.DataFrame(
            {"layer": ["a"], "what": ["share of splits"], "value": [1.0]})},
    }  # fmt: skip
    for kind, tables in kinds.items():
        for name, table in tables.items():
            floats = [key for key in table.columns if table[key].dtype == pl.Float64]
            blanks = [table.clear(), table.with_columns(pl.lit(None, pl.Float64).alias(key)
                                                        for key in floats)]  # fmt: skip
            blanks += [table.with_columns(pl.lit(None, pl.Float64).alias(key)) for key in floats]
            blanks += [table.head(1)]
            for blank in blanks:
                page = to_html(explore_bulletin(kind, {**tables, name: blank}, METADATA))
                assert page.endswith("</html>\n") or page.rstrip().endswith("</html>")
