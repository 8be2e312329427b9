"""``onshore explore``: the files it writes, what it says and what it refuses."""

import json
import math
import sqlite3

import numpy as np
import polars as pl
import pytest

pytest.importorskip("rasterio")

import rasterio
from rasterio.transform import from_origin

from onshore import explore
from onshore.cli import main

ROWS, COLUMNS, CELL = 64, 48, 500.0
WEST, NORTH = 400_000.0, 3_600_000.0
COMMON = {"metadata.json", "chart.svg", "report.html"}


def write_raster(path, values, crs="EPSG:32640", nodata=None):
    with rasterio.open(
        path, "w", driver="GTiff", height=values.shape[0], width=values.shape[1], count=1,
        dtype=values.dtype, crs=crs, nodata=nodata,
        transform=from_origin(WEST, NORTH, CELL, CELL),
    ) as file:  # fmt: skip
        file.write(values, 1)


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    """Three layers of 64 x 48 cells, and forty deposits, most of them near a line."""
    folder = tmp_path_factory.mktemp("ground")
    rows, columns = np.mgrid[0:ROWS, 0:COLUMNS]
    line = np.abs(columns - 14 - rows / 6) * CELL
    write_raster(folder / "line.tif", line.astype(np.float32))
    hills = np.sin(rows / 9) * np.cos(columns / 7)
    write_raster(folder / "hills.tif", hills.astype(np.float32))
    rocks = (1 + (rows // 16 + columns // 12) % 4).astype(np.int16)
    write_raster(folder / "rocks.tif", rocks)
    pl.DataFrame(
        {
            "layer": ["line", "hills", "rocks"],
            "file": ["line.tif", "hills.tif", "rocks.tif"],
            "kind": ["numeric", "numeric", "categorical"],
            "nodata": ["", "", ""],
            "meaning": ["Distance to the line (m)", "Height of the hills", "Rock"],
        }
    ).write_csv(folder / "layers.csv")
    draw = np.random.default_rng(5)
    chance = np.exp(-line / 2500).ravel()
    cells = draw.choice(ROWS * COLUMNS, size=40, replace=False, p=chance / chance.sum())
    pl.DataFrame(
        {
            "name": [f"D{number}" for number in range(40)],
            "easting": WEST + (cells % COLUMNS + 0.5) * CELL,
            "northing": NORTH - (cells // COLUMNS + 0.5) * CELL,
        }
    ).write_csv(folder / "deposits.csv")
    return folder


def ran(out, files, *words, status=0):
    asked = [str(word) for word in words]
    assert main(["explore", *asked, "--out", str(out)]) == status
    assert {path.name for path in out.iterdir()} == files | COMMON
    told = json.loads((out / "metadata.json").read_text("utf-8"))
    assert told["command"] == asked[0]
    assert told["formulas"]
    assert (out / "chart.svg").read_text("utf-8").startswith("<svg")
    assert "<html" in (out / "report.html").read_text("utf-8")[:500]
    return told


def refused(capsys, *words):
    status = main(["explore", *[str(word) for word in words]])
    said = capsys.readouterr().err
    assert "Traceback" not in said
    return status, said


UTM = ("--crs", "EPSG:32640")
WEIGHTS = {"cuts.csv", "weights.csv", "independence.csv", "pairs.csv", "deposits.csv"}


@pytest.fixture(scope="module")
def weighed(ground, tmp_path_factory):
    out = tmp_path_factory.mktemp("weights") / "out"
    told = ran(
        out, WEIGHTS | {"posterior.tif", "posterior.json"}, "weights", ground / "layers.csv",
        ground / "deposits.csv", "--kind", "hills=descending", "--unit-cell", 0.25, *UTM,
    )  # fmt: skip
    return out, told


@pytest.fixture(scope="module")
def trained(ground, tmp_path_factory):
    out = tmp_path_factory.mktemp("train") / "out"
    told = ran(
        out, {"importance.csv", "deposits.csv", "model.npz"}, "train", ground / "layers.csv",
        ground / "deposits.csv", "--method", "logistic", "--option", "ridge=2.0", "--seed", 3, *UTM,
    )  # fmt: skip
    return out, told


def test_weights_are_those_of_the_room_and_the_direction_is_told(ground, weighed, capsys):
    out, told = weighed
    assert told["parameters"]["kinds"] == {
        "line": "ascending", "hills": "descending", "rocks": "categorical",
    }  # fmt: skip
    assert [warning for warning in told["warnings"] if warning.startswith("line: weighed asc")]
    assert not [warning for warning in told["warnings"] if warning.startswith("hills: weighed")]
    stack = explore.open_stack(ground / "layers.csv")
    sites = explore.read_deposits(ground / "deposits.csv", stack, crs="EPSG:32640")
    counts = explore.class_counts(stack, "line", sites, breaks=20)
    own = explore.weights(counts, kind="ascending", unit_cell_km2=0.25)
    written = pl.read_csv(out / "weights.csv").filter(pl.col("layer") == "line")
    assert written["contrast"].to_list() == pytest.approx(own.table["contrast"].to_list())
    cuts = pl.read_csv(out / "cuts.csv")
    line = cuts.row(by_predicate=pl.col("layer") == "line", named=True)
    at = own.table.filter(pl.col("class") == own.cut)
    assert line["cut"] == pytest.approx(at["upper"][0])
    assert 0 < line["chance"] < 0.05
    assert cuts.row(by_predicate=pl.col("layer") == "rocks", named=True)["chance"] is None


def test_the_map_of_weights_adds_up_to_the_expected_deposits(weighed):
    out, told = weighed
    with rasterio.open(out / "posterior.tif") as file:
        assert file.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        probability = file.read(1, masked=True)
    expected = pl.read_csv(out / "independence.csv")["expected"][0]
    unit_cells = 0.25 / told["parameters"]["unit_cell_km2"]
    assert float(probability.sum()) * unit_cells == pytest.approx(expected, rel=1e-4)
    sites = pl.read_csv(out / "deposits.csv")
    for row in sites.head(5).iter_rows(named=True):
        score = probability[row["row"], row["column"]]
        assert row["score"] == pytest.approx(float(score))
        assert row["better_share"] == pytest.approx(float((probability > score).mean()))
    item = json.loads((out / "posterior.json").read_text("utf-8"))
    assert item["type"] == "Feature"
    assert item["stac_version"]
    assert [asset["href"] for asset in item["assets"].values()] == ["./posterior.tif"]


def test_a_page_shows_the_map_as_a_picture(weighed):
    page = (weighed[0] / "report.html").read_text("utf-8")
    assert page.count('href="data:image/png;base64,') == 2
    assert "known deposits (40)" in page


def test_the_map_can_be_left_out(ground, tmp_path):
    ran(
        tmp_path / "out", WEIGHTS, "weights", ground / "layers.csv", ground / "deposits.csv",
        "--no-map", *UTM,
    )  # fmt: skip


def test_a_model_is_trained_once_and_maps_the_same_for_every_block(ground, trained, tmp_path):
    out, told = trained
    assert told["method"] == "logistic"
    assert told["parameters"] == {"ridge": 2.0}
    assert told["seed"] == 3
    assert set(told["layers"]) == {"line", "hills", "rocks"}
    assert all(len(layer["sha256"]) == 64 for layer in told["layers"].values())
    maps = []
    for size in (17, 512):
        folder = tmp_path / str(size)
        told = ran(
            folder, {"scores.csv", "deposits.csv", "map.tif", "map.json"}, "map",
            ground / "layers.csv", out / "model.npz", "--deposits", ground / "deposits.csv",
            "--size", size, "--language", "fa", *UTM,
        )  # fmt: skip
        with rasterio.open(folder / "map.tif") as file:
            assert file.descriptions == ("score", "uncertainty")
            maps.append(file.read())
    assert np.array_equal(maps[0], maps[1], equal_nan=True)
    scores = pl.read_csv(folder / "scores.csv")
    values = np.sort(maps[0][0][np.isfinite(maps[0][0])])[::-1]
    tenth = scores.filter(pl.col("share") == 0.1)["least_score"][0]
    assert tenth == pytest.approx(float(values[int(0.1 * len(values)) - 1]))
    assert 'lang="fa"' in (folder / "report.html").read_text("utf-8")


def test_targets_are_written_for_other_programs(weighed, ground, tmp_path, capsys):
    out = tmp_path / "out"
    plants = tmp_path / "plants.csv"
    plants.write_text("name,lon,lat\nWorks,55.98,32.45\n", "utf-8")
    files = {"targets.csv", "targets.gpkg", "targets.parquet", "explored.csv", "order.csv",
             "deposits.csv"}  # fmt: skip
    told = ran(
        out, files, "targets", weighed[0] / "posterior.tif", "--unit-cell", 0.25,
        "--deposits", ground / "deposits.csv", "--plants", plants, "--value", 1000, "--cost", 10,
        "--top-share", 0.1, *UTM,
    )  # fmt: skip
    targets = pl.read_csv(out / "targets.csv")
    assert capsys.readouterr().out.count("km2, mean") == min(10, targets.height)
    assert targets["rank"].to_list() == list(range(1, targets.height + 1))
    with rasterio.open(weighed[0] / "posterior.tif") as file:
        values = file.read(1, masked=True)
    above = float((values >= told["parameters"]["threshold"]).sum()) * 0.25
    assert targets["area_km2"].sum() <= above
    opened = sqlite3.connect(out / "targets.gpkg")
    assert opened.execute("SELECT count(*) FROM targets").fetchone() == (targets.height,)
    opened.close()
    assert pl.read_parquet(out / "targets.parquet").height == targets.height
    order = pl.read_csv(out / "order.csv")
    assert set(order["target"]) == set(targets["target"])
    assert told["worth"] >= told["worth_without_learning"]


def test_an_order_without_expected_deposits_is_refused(weighed, tmp_path, capsys):
    status, said = refused(
        capsys, "targets", weighed[0] / "posterior.tif", "--value", 1, "--cost", 1,
        "--out", tmp_path / "out",
    )  # fmt: skip
    assert status == 2
    assert "--curve" in said
    assert not (tmp_path / "out").exists()
    status, said = refused(
        capsys, "targets", weighed[0] / "posterior.tif", "--value", 1, "--out", tmp_path / "out"
    )
    assert (status, "--value V and --cost C" in said) == (2, True)


def test_blocks_that_are_held_are_told_whatever_their_reference_system(weighed, tmp_path, capsys):
    half = WEST + COLUMNS * CELL / 2
    south = NORTH - ROWS * CELL
    ring = [[WEST, south], [half, south], [half, NORTH], [WEST, NORTH], [WEST, south]]
    system = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32640"}}
    feature = {"type": "Feature", "properties": {"block_id": "B-1"},
               "geometry": {"type": "Polygon", "coordinates": [ring]}}  # fmt: skip
    blocks = tmp_path / "blocks.geojson"
    blocks.write_text(
        json.dumps({"type": "FeatureCollection", "crs": system, "features": [feature]}), "utf-8"
    )
    out = tmp_path / "out"
    ran(
        out, {"targets.csv", "targets.gpkg", "targets.parquet", "explored.csv"}, "targets",
        weighed[0] / "posterior.tif", "--blocks", blocks, "--top-share", 0.2,
    )  # fmt: skip
    frame = pl.read_csv(out / "targets.csv")
    held = (frame["held_share"] * frame["area_km2"]).sum()
    told = json.loads((out / "metadata.json").read_text("utf-8"))
    with rasterio.open(weighed[0] / "posterior.tif") as file:
        above = file.read(1, masked=True) >= told["parameters"]["threshold"]
    west = above[:, : COLUMNS // 2].sum() / above.sum()
    assert held / frame["area_km2"].sum() == pytest.approx(float(west), abs=0.05)
    assert 0.3 < west < 1
    blocks.write_text("no layer", "utf-8")
    status, said = refused(
        capsys, "targets", weighed[0] / "posterior.tif", "--blocks", blocks, "--out", tmp_path / "o"
    )
    assert (status, "blocks.geojson" in said) == (1, True)


def test_a_place_that_is_none_is_named_by_its_row(weighed, tmp_path, capsys):
    mines = tmp_path / "mines.csv"
    mines.write_text("name,lon,lat\nA,55.9,32.4\nB,east,32.4\n", "utf-8")
    status, said = refused(
        capsys, "targets", weighed[0] / "posterior.tif", "--mines", mines, "--out", tmp_path / "o"
    )
    assert status == 1
    assert "mines.csv, row 3: lon east" in said


def test_bad_layers_and_deposits_end_with_one_and_write_nothing(ground, tmp_path, capsys):
    bare = tmp_path / "bare"
    bare.mkdir()
    write_raster(bare / "line.tif", np.ones((8, 8), np.float32) * np.arange(8, dtype=np.float32),
                 crs=None)  # fmt: skip
    (bare / "layers.csv").write_text(
        "layer,file,kind,nodata,meaning\nline,line.tif,numeric,,Distance\n", "utf-8"
    )
    status, said = refused(
        capsys, "weights", bare / "layers.csv", ground / "deposits.csv", "--out", tmp_path / "out"
    )
    assert status == 1
    assert "line" in said
    far = tmp_path / "far.csv"
    far.write_text("name,easting,northing\nA,0,0\nB,1,1\n", "utf-8")
    status, said = refused(
        capsys, "train", ground / "layers.csv", far, "--out", tmp_path / "out", *UTM
    )
    assert status == 1
    assert "far.csv" in said
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--kind", "sea=ascending"], "there is no layer 'sea'"),
        (["--kind", "line=upwards"], "kinds are ascending"),
        (["--columns", "easting"], "write two names with a comma"),
    ],
)
def test_wrong_usage_is_told(ground, tmp_path, capsys, words, told):
    status, said = refused(
        capsys, "weights", ground / "layers.csv", ground / "deposits.csv", *words, *UTM,
        "--out", tmp_path / "out",
    )  # fmt: skip
    assert status == 2
    assert told in said
    assert not (tmp_path / "out").exists()


def test_no_process_and_a_seed_below_zero_are_refused(ground, tmp_path, capsys):
    given = (ground / "layers.csv", ground / "deposits.csv", "--out", tmp_path / "out", *UTM)
    status, said = refused(capsys, "weights", *given, "--workers", "0")
    assert (status, "Found: 0 workers" in said) == (1, True)
    status, said = refused(capsys, "train", *given, "--seed", "-1")
    assert (status, "--seed -1: a seed is a whole number, 0 or more" in said) == (2, True)
    assert not (tmp_path / "out").exists()


def test_files_that_are_not_there_and_options_that_are_none(ground, tmp_path, capsys):
    status, said = refused(capsys, "weights", tmp_path / "no.csv", tmp_path / "no.csv",
                           "--out", tmp_path / "out")  # fmt: skip
    assert (status, "layer, file, kind, nodata, meaning" in said) == (2, True)
    status, said = refused(
        capsys, "train", ground / "layers.csv", ground / "deposits.csv", "--option", "trees",
        "--out", tmp_path / "out",
    )  # fmt: skip
    assert (status, "write NAME=VALUE" in said) == (2, True)
    status, said = refused(
        capsys, "train", ground / "layers.csv", ground / "deposits.csv", "--method", "magic",
        "--out", tmp_path / "out", *UTM,
    )  # fmt: skip
    assert (status, "there is no method 'magic'" in said) == (1, True)
    status, said = refused(
        capsys, "map", ground / "layers.csv", ground / "line.tif", "--out", tmp_path / "out"
    )
    assert status == 1
    assert "line.tif" in said


VALIDATION = {"aucs.csv", "paired.csv", "curves.csv", "autocorrelation.csv", "ranges.csv",
              "deposits.csv"}  # fmt: skip


def test_methods_are_held_to_land_that_they_have_not_seen(ground, tmp_path, weighed):
    out = tmp_path / "out"
    told = ran(
        out, VALIDATION, "validate", ground / "layers.csv", ground / "deposits.csv",
        "--method", "logistic", "--method", "weights", "--folds", 3, "--seeds", 2,
        "--block-km", 4, *UTM,
    )  # fmt: skip
    assert told["block_km"] == 4
    assert told["split"] == "spatial"
    aucs = pl.read_csv(out / "aucs.csv")
    assert set(aucs["method"]) == {"logistic", "weights"}
    assert aucs["seed"].n_unique() == 2
    assert aucs["auc"].is_between(0, 1).all()
    curve = pl.read_csv(out / "curves.csv").filter(method="logistic").sort("area_share")
    assert curve["deposit_share"].is_sorted()
    assert curve["deposit_share"][-1] == pytest.approx(1)
    # What it found on unseen land tells what its targets should hold.
    targets = tmp_path / "targets"
    ran(
        targets, {"targets.csv", "targets.gpkg", "targets.parquet", "explored.csv"}, "targets",
        weighed[0] / "posterior.tif", "--curve", out / "curves.csv", "--method", "weights",
        "--hidden", 20,
    )  # fmt: skip
    assert 0 < pl.read_csv(targets / "targets.csv")["expected"].sum() < 20


def test_a_curve_of_several_methods_needs_to_know_which(weighed, tmp_path, capsys):
    curve = tmp_path / "curves.csv"
    curve.write_text("method,area_share,deposit_share\na,0,0\na,1,1\nb,0,0\nb,1,1\n", "utf-8")
    asked = ("targets", weighed[0] / "posterior.tif", "--curve", curve, "--out", tmp_path / "out")
    status, said = refused(capsys, *asked)
    assert (status, "--method a" in said) == (2, True)
    status, said = refused(capsys, *asked, "--method", "c")
    assert (status, "There are: a, b" in said) == (2, True)


def test_a_random_split_is_marked(ground, tmp_path):
    out = tmp_path / "out"
    told = ran(
        out, VALIDATION, "validate", ground / "layers.csv", ground / "deposits.csv",
        "--method", "logistic", "--folds", 2, "--seeds", 1, "--split", "random", *UTM,
    )  # fmt: skip
    assert told["split"] == "random"
    assert set(pl.read_csv(out / "aucs.csv")["split"]) == {"random"}
    assert "which flatters" in (out / "report.html").read_text("utf-8")


# Drillholes and resources


@pytest.fixture(scope="module")
def holes(tmp_path_factory):
    """Nine vertical holes and an inclined one, richer with depth and to the east."""
    folder = tmp_path_factory.mktemp("holes")
    collars, surveys, assays = [], [], []
    for number in range(10):
        name = f"H{number}"
        x, y = WEST + 50.0 * (number % 3), NORTH + 50.0 * (number // 3)
        dip = -60.0 if number == 9 else -90.0
        collars.append((name, x, y, "EPSG:32640", 1000.0, 60.0, 90.0, dip))
        surveys += [(name, depth, 90.0, dip) for depth in (0.0, 30.0, 60.0)]
        for start in range(0, 60, 2):
            value = 0.2 + 0.01 * start + 0.1 * (number % 3) + 0.05 * math.sin(start + number)
            assays.append((name, float(start), start + 2.0, "Cu", round(value, 4), "percent"))
    names = ["hole_id", "east", "north", "crs", "elevation", "depth", "azimuth", "dip"]
    pl.DataFrame(collars, names, orient="row").write_csv(folder / "collars.csv")
    names = ["hole_id", "depth", "azimuth", "dip"]
    pl.DataFrame(surveys, names, orient="row").write_csv(folder / "surveys.csv")
    names = ["hole_id", "from", "to", "analyte", "value", "unit"]
    pl.DataFrame(assays, names, orient="row").write_csv(folder / "assays.csv")
    return folder


HOLES = {"findings.csv", "points.csv", "composites.csv"}


def test_holes_are_followed_and_metal_is_kept(holes, tmp_path):
    out = tmp_path / "out"
    told = ran(
        out, HOLES, "desurvey", holes / "collars.csv", "--surveys", holes / "surveys.csv",
        "--assays", holes / "assays.csv", "--length", 4,
    )  # fmt: skip
    assert told["grade"] == "Cu"
    assert told["grade_unit"] == "%"
    points = pl.read_csv(out / "points.csv")
    end = points.filter(hole_id="H9").sort("depth").row(-1, named=True)
    assert end["z"] == pytest.approx(1000 - 60 * math.sin(math.radians(60)))
    assert end["x"] == pytest.approx(WEST + 60 * math.cos(math.radians(60)))
    assays = pl.read_csv(holes / "assays.csv")
    composites = pl.read_csv(out / "composites.csv")
    before = (assays["value"] * (assays["to"] - assays["from"])).sum()
    after = (composites["value"] * composites["sampled"]).sum()
    assert after == pytest.approx(before)


def test_bad_rows_are_listed_and_end_with_one(holes, tmp_path, capsys):
    surveys = tmp_path / "surveys.csv"
    surveys.write_text((holes / "surveys.csv").read_text("utf-8") + "X1,10,90,-60\n", "utf-8")
    out = tmp_path / "out"
    ran(
        out, {"findings.csv", "points.csv"}, "desurvey", holes / "collars.csv",
        "--surveys", surveys, status=1,
    )  # fmt: skip
    findings = pl.read_csv(out / "findings.csv")
    assert "X1" in findings["hole_id"].to_list()
    assert "1 row left out" in capsys.readouterr().out
    assert "X1" in (out / "report.html").read_text("utf-8")


def test_blocks_tonnes_and_classes_follow_from_composites(holes, tmp_path):
    first = tmp_path / "holes"
    ran(
        first, HOLES, "desurvey", holes / "collars.csv", "--surveys", holes / "surveys.csv",
        "--assays", holes / "assays.csv",
    )  # fmt: skip
    out = tmp_path / "out"
    told = ran(
        out, {"tonnage_grade.csv", "variogram.csv", "blocks.parquet", "classes.csv"}, "resources",
        "--composites", first / "composites.csv", "--block", "25,25,10", "--density", 2.5,
        "--cutoff", 0, "--cutoff", 0.5,
    )  # fmt: skip
    assert told["grade"] == "Cu"
    blocks = pl.read_parquet(out / "blocks.parquet")
    curve = pl.read_csv(out / "tonnage_grade.csv").filter(pl.col("class") == "all")
    each = 25 * 25 * 10 * 2.5
    assert curve["tonnes"].to_list() == pytest.approx(
        [each * blocks.height, each * blocks.filter(pl.col("grade") >= 0.5).height]
    )
    assert curve["grade"][0] == pytest.approx(blocks["grade"].mean())


def test_without_a_cutoff_it_is_said_that_all_rock_is_counted(holes, tmp_path, capsys):
    first = tmp_path / "holes"
    ran(
        first, HOLES, "desurvey", holes / "collars.csv", "--surveys", holes / "surveys.csv",
        "--assays", holes / "assays.csv",
    )  # fmt: skip
    given = ("resources", "--composites", first / "composites.csv", "--block", "25,25,10",
             "--density", 2.5)  # fmt: skip
    files = {"tonnage_grade.csv", "variogram.csv", "blocks.parquet", "classes.csv"}
    ran(tmp_path / "all", files, *given)
    assert "no cut-off is told" in capsys.readouterr().err
    ran(tmp_path / "cut", files, *given, "--cutoff", 0.5)
    assert "no cut-off is told" not in capsys.readouterr().err


def test_blocks_count_with_their_share_of_the_rock(holes, tmp_path, capsys):
    logs = tmp_path / "lithology.csv"
    rows = [f"H{number},{top},{top + 20},{rock}" for number in range(10)
            for top, rock in ((0, "cover"), (20, "skarn"), (40, "granite"))]  # fmt: skip
    logs.write_text("hole_id,from,to,rock\n" + "\n".join(rows) + "\n", "utf-8")
    first = tmp_path / "holes"
    asked = ("desurvey", holes / "collars.csv", "--surveys", holes / "surveys.csv",
             "--assays", holes / "assays.csv")  # fmt: skip
    ran(first, HOLES | {"shares.csv"}, *asked, "--lithology", logs, "--rock", "skarn")
    composites = pl.read_csv(first / "composites.csv")
    assert set(composites["rock"]) == {"skarn"}
    assert composites["from"].min() == 20
    assert composites["to"].max() == 40
    shares = pl.read_csv(first / "shares.csv")
    assert shares["value"].mean() == pytest.approx(1 / 3)
    out = tmp_path / "out"
    ran(
        out, {"tonnage_grade.csv", "variogram.csv", "blocks.parquet", "classes.csv"}, "resources",
        "--composites", first / "composites.csv", "--shares", first / "shares.csv",
        "--block", "25,25,10", "--density", 2.5, "--cutoff", 0,
    )  # fmt: skip
    blocks = pl.read_parquet(out / "blocks.parquet")
    curve = pl.read_csv(out / "tonnage_grade.csv").filter(pl.col("class") == "all")
    each = 25 * 25 * 10 * 2.5
    assert curve["tonnes"][0] == pytest.approx(each * blocks["share"].sum())
    status, said = refused(capsys, *asked, "--rock", "skarn", "--out", tmp_path / "no")
    assert (status, "--lithology" in said) == (2, True)


def test_the_ledger_ties(tmp_path):
    estimates = tmp_path / "estimates.csv"
    estimates.write_text(
        "estimate_id,deposit_id,class,commodity,tonnage,grade,grade_unit,estimated_on\n"
        "E1,D1,indicated,copper,1000000,0.6,percent,2022-03-20\n"
        "E2,D1,indicated,copper,1250000,0.6,percent,2024-03-20\n", "utf-8",
    )  # fmt: skip
    changes = tmp_path / "resource_changes.csv"
    changes.write_text(
        "resource_change_id,deposit_id,class,commodity,changed_on,reason,tonnage\n"
        "C1,D1,indicated,copper,2022-09-01,drilling,400000\n"
        "C2,D1,indicated,copper,2023-09-01,depletion,-150000\n", "utf-8",
    )  # fmt: skip
    out = tmp_path / "out"
    told = ran(
        out, {"unfc.csv", "ledger.csv"}, "resources", "--estimates", estimates, "--changes", changes
    )
    ledger = pl.read_csv(out / "ledger.csv")
    assert ledger["tonnage_closing"][-1] == 1_250_000
    for row in ledger.iter_rows(named=True):
        assert row["tonnage_opening"] + row["tonnage"] == pytest.approx(row["tonnage_closing"])
    page = (out / "report.html").read_text("utf-8").replace("\u202f", " ")
    assert "from 1.00 million t to 1.25 million t" in page
    assert set(pl.read_csv(out / "unfc.csv")["unfc"]) == {222}
    assert told["changes"]["sha256"]


def test_a_bad_row_of_the_estimates_is_named(tmp_path, capsys):
    estimates = tmp_path / "estimates.csv"
    estimates.write_text(
        "estimate_id,deposit_id,class,tonnage,grade,grade_unit,estimated_on\n"
        "E1,D1,certain,1000000,0.6,percent,2022-03-20\n", "utf-8",
    )  # fmt: skip
    status, said = refused(capsys, "resources", "--estimates", estimates, "--out", tmp_path / "out")
    assert status == 1
    assert "row 2, column class" in said
    assert "certain" in said
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "--composites composites.csv"),
        (["--changes", "c.csv", "--composites", "c.csv"], "--estimates"),
        (["--composites", "c.csv"], "--density"),
        (["--composites", "c.csv", "--density", "2.7"], "c.csv is not there"),
        (["--estimates", "no.csv"], "no.csv is not there"),
    ],
)
def test_resources_say_what_they_need(tmp_path, capsys, words, told):
    status, said = refused(capsys, "resources", *words, "--out", tmp_path / "out")
    assert status == 2
    assert told in said
    assert not (tmp_path / "out").exists()
