"""The Cloncurry case from its rasters: published weights, T/n, and the map."""

import json

import numpy as np
import polars as pl
import pytest
from explore_rasters import KeptStack, deposits_at

from onshore import explore
from onshore.explore.errors import ExploreError

rasterio = pytest.importorskip("rasterio")

PUBLISHED = {
    "breccia": "dist_breccia",
    "fault": "dist_fault",
    "fault_density": "fault_density",
}


@pytest.fixture(scope="module")
def found(cloncurry_binary, cloncurry_deposits):
    return [
        explore.weights(
            explore.class_counts(cloncurry_binary, name, cloncurry_deposits),
            kind="categorical",
            unit_cell_km2=1.0,
        )
        for name in cloncurry_binary.names
    ]


def test_binary_weights_are_the_published_ones(found, cloncurry):
    for each in found[:3]:
        path = cloncurry / f"weights/{PUBLISHED[each.layer]}_binary.csv"
        published = pl.read_csv(path).sort("class")
        for ours, theirs in (
            ("class_area_km2", "class_area"),
            ("points", "no_points"),
            ("w_plus", "wplus"),
            ("s_w_plus", "s_wplus"),
            ("w_minus", "wminus"),
            ("s_w_minus", "s_wminus"),
            ("contrast", "contrast"),
            ("studentised", "studc"),
            ("weight", "weight"),
        ):
            difference = (each.table[ours] - published[theirs]).abs().max()
            assert difference < 1e-10, (each.layer, ours)


@pytest.mark.parametrize(
    ("name", "kind"), [("breccia", "ascending"), ("fault_density", "descending")]
)
def test_cumulative_weights_from_the_evidence(
    name, kind, cloncurry, cloncurry_stack, cloncurry_deposits
):
    counts = explore.class_counts(cloncurry_stack, name, cloncurry_deposits)
    found = explore.weights(counts, kind=kind, unit_cell_km2=1.0, best="contrast")
    published = pl.read_csv(cloncurry / f"weights/{PUBLISHED[name]}_{kind}.csv")
    assert found.table["class"].to_list() == published["class"].to_list()
    for ours, theirs in (
        ("points", "no_points"),
        ("w_plus", "wplus"),
        ("w_minus", "wminus"),
        ("contrast", "contrast"),
        ("studentised", "studc"),
        ("generalised", "gen_class"),
        ("weight", "weight"),
        ("s_weight", "w_std"),
    ):
        assert (found.table[ours] - published[theirs]).abs().max() < 1e-10, ours


def test_layers_are_not_independent_and_the_map_says_so(
    cloncurry_binary, cloncurry_deposits, found, tmp_path
):
    told = explore.independence(cloncurry_binary, found, cloncurry_deposits)
    row = told.table.row(0, named=True)
    assert row["observed"] == 258
    assert round(row["ratio"], 3) == 1.514
    assert row["probability"] > 0.999
    assert row["ratio_low"] > 1.15
    assert any("T/n = 1.514" in text and "not conditionally" in text for text in told.warnings)
    assert row["conditions"] == 16

    seen = []
    path = explore.posterior(
        cloncurry_binary,
        found,
        tmp_path / "posterior.tif",
        size=1024,
        progress=lambda done, of: seen.append((done, of)),
        provenance={"by": "a test"},
    )
    with rasterio.open(path) as map_:
        probability, deviation = map_.read()
        assert map_.descriptions == ("probability", "deviation")
        said = json.dumps(map_.tags())
    # The map's cells sum up to what the test expects: probabilities are per square kilometre.
    assert np.nansum(probability, dtype=float) * 0.01 == pytest.approx(row["expected"], rel=1e-6)
    assert (deviation > 0).all()
    assert seen[-1][0] == seen[-1][1]
    assert "weights of evidence" in said
    assert "a test" in said


def test_maps_refuse_layers_that_are_not_there(cloncurry_binary, found, tmp_path):
    classes = pl.DataFrame({"class": [1, 2], "area_km2": [90, 90], "points": [3, 8]})
    strange = explore.weights(classes, kind="unique", unit_cell_km2=1, layer="gravity")
    with pytest.raises(ExploreError, match="no layer gravity"):
        explore.posterior(cloncurry_binary, [*found, strange], tmp_path / "map.tif")
    assert not (tmp_path / "map.tif").exists()


def test_fuzzy_overlay_of_cloncurry(cloncurry_binary, cloncurry, tmp_path):
    table = {1.0: 0.3, 2.0: 0.8}
    told = [explore.Membership(name, "table", table=table) for name in PUBLISHED]
    path = explore.fuzzy(cloncurry_binary, told, tmp_path / "fuzzy.tif", operator="and", size=1024)
    with rasterio.open(path) as map_:
        membership, uncertainty = map_.read()
    binary = []
    for name in PUBLISHED.values():
        with rasterio.open(cloncurry / f"binary/{name}.tif") as layer:
            binary.append(layer.read(1))
    both = np.where(np.min(binary, axis=0) == 1, np.float32(0.3), np.float32(0.8))
    assert (membership == both).all()
    # One layer decides where just one of them is low.
    lone = np.sum([each == 1 for each in binary], axis=0) == 1
    assert np.allclose(uncertainty, np.where(lone, 0.25, 0.0))


def test_a_region_and_gaps_are_counted_as_in_memory(tmp_path):
    random = np.random.default_rng(6)
    values = random.integers(1, 6, (60, 45)).astype(np.float32)
    values[random.random((60, 45)) < 0.1] = np.nan
    region = random.random((60, 45)) < 0.7
    rows, columns = (random.integers(0, side, 80).tolist() for side in (60, 45))
    for name, kept in (("a", np.nan_to_num(values, nan=-9)), ("region", region)):
        with rasterio.open(
            tmp_path / f"{name}.tif",
            "w",
            driver="GTiff",
            height=60,
            width=45,
            count=1,
            dtype="float32",
            crs="EPSG:32640",
            transform=rasterio.Affine(500, 0, 0, 0, -500, 40_000),
        ) as written:
            written.write(kept.astype(np.float32), 1)
    stack = explore.open_stack(
        pl.DataFrame(
            {
                "layer": ["a"],
                "file": [str(tmp_path / "a.tif")],
                "kind": ["categorical"],
                "nodata": ["-9"],
            }
        ),
        mask=tmp_path / "region.tif",
    )
    places = pl.DataFrame(
        {
            "x": [column * 500 + 250 for column in columns],
            "y": [40_000 - row * 500 - 250 for row in rows],
        }
    )
    deposits = explore.read_deposits(places, stack, crs="EPSG:32640")
    found = explore.class_counts(stack, "a", deposits, size=17)
    kept = KeptStack({"a": values}, region=region, cell_km2=0.25)
    assert found.equals(explore.class_counts(kept, "a", deposits_at(rows, columns)))
    assert found["cells"].sum() == region.sum()
    assert found["class"].null_count() == 1
    told = explore.weights(found, kind="unique", unit_cell_km2=0.25)
    assert told.points == region[rows, columns].sum()
