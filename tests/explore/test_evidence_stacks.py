"""Layers declared in a table: what is read, and what is refused with file, find and next step."""

import pickle

import numpy as np
import polars as pl
import pytest
import rasterio
from raster_files import METRES, NORTH_UP, grid_of, read_whole, table_of, write_raster

from onshore import explore

RANDOM = np.random.default_rng(9)
NUMBERS = RANDOM.normal(size=(37, 53)).astype(np.float32)
CLASSES = RANDOM.integers(1, 5, size=(37, 53)).astype(np.int16)


def test_values_are_those_of_the_files_and_the_missing_are_nan(tmp_path):
    numbers = NUMBERS.copy()
    numbers[3, 4] = -7.5
    classes = CLASSES.copy()
    classes[5, 6] = 0
    write_raster(tmp_path / "own.tif", numbers, nodata=-7.5)
    table = table_of(
        tmp_path, {"a": ("own.tif", "numeric"), "b": (classes, "categorical")}, nodata=["", "0"]
    )
    stack = explore.open_stack(table)
    cells = stack.read(explore.Block(2, 3, 10, 20))
    expected = numbers[2:12, 3:23].copy()
    expected[1, 1] = np.nan
    np.testing.assert_array_equal(cells.values[0], expected)
    assert np.isnan(cells.values[1][3, 3])
    assert not cells.valid[1, 1]
    assert not cells.valid[3, 3]
    assert cells.valid.sum() == 198
    assert cells.inside.all()
    assert stack.kinds == ["numeric", "categorical"]
    assert stack.layers["missing"].to_list() == [1, 1]
    assert stack.layers["high"].to_list() == [numbers.max(), 4.0]


@pytest.mark.parametrize("size", [4, 7, 16, 37, 1000])
def test_every_block_size_gives_the_same(tmp_path, size):
    fine = RANDOM.normal(size=(120, 150)).astype(np.float32)
    coarse = RANDOM.normal(size=(12, 15)).astype(np.float64)
    turned = (70.0, 20.0, 299_800.0, 15.0, -80.0, 3_600_100.0)
    write_raster(tmp_path / "fine.tif", fine, transform=(31.0, 0, 300_011, 0, -33.0, 3_600_000))
    write_raster(tmp_path / "coarse.tif", coarse, transform=(400, 0, 299_900, 0, -400, 3_600_300))
    write_raster(tmp_path / "turned.tif", fine, transform=turned)
    write_raster(
        tmp_path / "degrees.tif",
        RANDOM.integers(0, 9, size=(60, 90)).astype(np.uint8),
        crs="EPSG:4326",
        transform=(0.001, 0, 54.85, 0, -0.001, 32.53),
    )
    table = table_of(
        tmp_path,
        {
            "first": (NUMBERS, "numeric"),
            "fine": ("fine.tif", "numeric"),
            "coarse": ("coarse.tif", "numeric"),
            "turned": ("turned.tif", "numeric"),
            "degrees": ("degrees.tif", "categorical"),
            "dense": (CLASSES, "categorical"),
            "smooth": ("fine.tif", "numeric"),
            "far": ("dense.tif", "categorical"),
            "cut": ("coarse.tif", "numeric"),
            "log": ("fine.tif", "numeric"),
        },
        transform=[""] * 5 + ["density", "density", "distance", "classes", "log"],
        radius_km=[""] * 5 + ["0.65", "0.4", "", "", ""],
        features=[""] * 5 + ["2;3", "", "4", "", ""],
        breaks=[""] * 8 + ["-0.5;0;0.5", ""],
    )
    stack = explore.open_stack(table)
    assert set(stack.layers["way"]) == {"same", "resampled", "reprojected"}
    np.testing.assert_array_equal(read_whole(stack, size), read_whole(stack))
    rows, columns = RANDOM.integers(0, 37, 50), RANDOM.integers(0, 53, 50)
    np.testing.assert_array_equal(stack.at(rows, columns), read_whole(stack)[:, rows, columns].T)


def test_one_stack_is_read_alike_here_and_in_another_process(tmp_path):
    table = table_of(
        tmp_path,
        {"a": (NUMBERS, "numeric"), "b": (CLASSES, "categorical")},
        transform=["", "distance"],
        features=["", "1"],
    )
    stack = explore.open_stack(table)
    sent = pickle.loads(pickle.dumps(stack))
    np.testing.assert_array_equal(read_whole(sent), read_whole(stack))
    del sent
    assert np.isfinite(read_whole(stack)).all()  # the copy did not take the folder with it


def test_some_layers_can_be_picked(tmp_path):
    table = table_of(tmp_path, {"a": (NUMBERS, "numeric"), "b": (CLASSES, "categorical")})
    stack = explore.open_stack(table)
    picked = stack.select(["b"])
    assert picked.names == ["b"]
    assert picked.kinds == ["categorical"]
    np.testing.assert_array_equal(read_whole(picked)[0], CLASSES)
    with pytest.raises(explore.ExploreError, match=r"no layer c.*Found: a, b"):
        stack.select(["c"])


def test_a_table_in_a_file_names_rasters_from_its_own_folder(cloncurry, monkeypatch):
    monkeypatch.chdir("/")
    stack = explore.open_stack(cloncurry / "layers.csv")
    assert stack.names == ["breccia", "fault_density", "strat"]
    assert (stack.grid.height, stack.grid.width, stack.grid.crs) == (2487, 1259, "EPSG:7845")
    assert stack.grid.cell_area_km2 == pytest.approx(0.01, rel=1e-12)
    assert stack.warnings == []
    with rasterio.open(cloncurry / "evidence" / "strat_no.tif") as file:
        truth = file.read(1, window=((1000, 1100), (400, 480)))
    found = stack.read(explore.Block(1000, 400, 100, 80)).values[2]
    np.testing.assert_array_equal(found, truth)


# What is refused ---------------------------------------------------------------------------------


def refused(table, match, **options):
    with pytest.raises(explore.ExploreError, match=match) as caught:
        explore.open_stack(table, **options)
    return str(caught.value)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"kind": "wet"}, "row 1: the kind is not known. Found: 'wet'"),
        ({"layer": ""}, "row 1: the layer is empty"),
        ({"nodata": "many"}, "row 1: nodata.*Found: .*'many'"),
        ({"transform": "magic"}, "row 1: the transform is not known. Found: 'magic'"),
        ({"transform": "density"}, "needs radius_km above 0. Found: None"),
        ({"transform": "density", "radius_km": "0.01"}, "radius_km is less than a cell"),
        ({"transform": "classes"}, "classes need breaks that rise. Found: None"),
        ({"transform": "classes", "breaks": "3;2"}, "breaks that rise. Found: '3;2'"),
        ({"transform": "log", "kind": "categorical"}, "log is of numeric layers"),
        ({"features": "1"}, "features are of the transforms distance and density"),
        ({"file": "gone.tif"}, "layer 'a': there is no file gone.tif"),
        ({"band": "2"}, "has 1 bands. Found: band 2"),
        ({"colour": "red"}, "columns are not known: colour"),
    ],
)
def test_a_wrong_row_of_the_table_is_named(tmp_path, change, match):
    write_raster(tmp_path / "a.tif", NUMBERS)
    row = {"layer": "a", "file": str(tmp_path / "a.tif"), "kind": "numeric"} | change
    refused(pl.DataFrame([row]), match)


def test_a_table_must_have_its_columns_and_name_layers_once(tmp_path):
    table = table_of(tmp_path, {"a": (NUMBERS, "numeric")})
    refused(table.drop("kind"), "columns are missing: kind. Found: layer, file")
    refused(table.clear(), "has no rows")
    refused(pl.concat([table, table]), "Found twice: a")
    refused(tmp_path / "none.csv", "there is no file .*none.csv")


def test_a_file_that_is_no_raster_or_has_no_place_is_named(tmp_path):
    (tmp_path / "text.tif").write_text("no raster")
    refused(table_of(tmp_path, {"a": ("text.tif", "numeric")}), "text.tif could not be read")
    write_raster(tmp_path / "lost.tif", NUMBERS, crs=None)
    refused(
        table_of(tmp_path, {"a": ("lost.tif", "numeric")}),
        "lost.tif has no coordinate reference system.*rio edit-info --crs",
    )
    with pytest.warns(rasterio.errors.NotGeoreferencedWarning):
        write_raster(tmp_path / "nowhere.tif", NUMBERS, transform=(1, 0, 0, 0, 1, 0))
    refused(table_of(tmp_path, {"a": ("nowhere.tif", "numeric")}), "says no place of its cells")


def test_a_rotated_first_layer_is_refused_unless_a_grid_is_given(tmp_path):
    turned = (80.0, 30.0, 300_000.0, 30.0, -80.0, 3_600_000.0)
    write_raster(tmp_path / "turned.tif", NUMBERS, transform=turned)
    table = table_of(tmp_path, {"a": ("turned.tif", "numeric")})
    refused(table, r"layer 'a' \(turned.tif\).*rotated. Found: b = 30.*rio warp")
    stack = explore.open_stack(table, grid=grid_of(20, 20))
    assert "other cells" in stack.warnings[0]
    upside = (100.0, 0.0, 300_000.0, 0.0, 100.0, 3_600_000.0)
    write_raster(tmp_path / "upside.tif", NUMBERS, transform=upside)
    refused(table_of(tmp_path, {"a": ("upside.tif", "numeric")}), "not north up")


def test_a_layer_elsewhere_or_in_part_is_told(tmp_path):
    write_raster(tmp_path / "far.tif", NUMBERS, transform=(100, 0, 900_000, 0, -100, 3_600_000))
    both = table_of(tmp_path, {"a": (NUMBERS, "numeric"), "b": ("far.tif", "numeric")})
    refused(both, r"layer 'b' \(far.tif\) does not overlap the grid. Found: it lies at x 900000")
    write_raster(tmp_path / "half.tif", NUMBERS, transform=(100, 0, 302_600, 0, -100, 3_600_000))
    both = table_of(tmp_path, {"a": (NUMBERS, "numeric"), "b": ("half.tif", "numeric")})
    stack = explore.open_stack(both)
    assert any("'b' (half.tif) covers 50.9% of the grid" in text for text in stack.warnings)
    found = read_whole(stack)[1]
    assert np.isnan(found[:, :26]).all()
    np.testing.assert_array_equal(found[:, 26:], NUMBERS[:, :27])


def test_what_a_header_says_and_is_not_used_is_told(tmp_path):
    write_raster(tmp_path / "south.tif", NUMBERS[::-1], transform=(100, 0, 3e5, 0, 100, 3_596_300))
    with rasterio.open(
        tmp_path / "three.tif",
        "w",
        driver="GTiff",
        dtype="int16",
        count=3,
        height=37,
        width=53,
        crs=METRES,
        transform=rasterio.Affine(*NORTH_UP),
    ) as file:
        file.write(np.stack([CLASSES, CLASSES + 5, CLASSES * 2]))
        file.scales = (0.1, 1.0, 1.0)
    layers = {
        "a": (NUMBERS, "numeric"),
        "south": ("south.tif", "numeric"),
        "one": ("three.tif", "categorical"),
        "two": ("three.tif", "categorical"),
    }
    stack = explore.open_stack(table_of(tmp_path, layers, band=["", "", "", "2"]))
    assert stack.warnings == [
        "layer 'south' (south.tif) has other cells and is read on the grid's",
        "layer 'one' (three.tif) has 3 bands, of which the first is read (column band)",
        "layer 'one' (three.tif) declares a scale 0.1 and offset 0, which are not applied",
    ]
    found = read_whole(stack)
    np.testing.assert_array_equal(found[1], NUMBERS)  # upside down in the file
    np.testing.assert_array_equal(found[3], CLASSES + 5)


def test_a_crs_that_no_way_leads_to_is_named(tmp_path):
    local = 'LOCAL_CS["a mine\'s own grid",UNIT["metre",1]]'
    write_raster(tmp_path / "mine.tif", NUMBERS, crs=local)
    both = table_of(tmp_path, {"a": (NUMBERS, "numeric"), "b": ("mine.tif", "numeric")})
    refused(both, r"layer 'b' \(mine.tif\) is in another.*no way leads.*rio warp")


@pytest.mark.parametrize("look", [True, False])
@pytest.mark.parametrize("sign", [-9999.0, -99999.0, -3.4028234663852886e38, 1e30])
def test_a_sign_of_no_data_that_is_not_declared_never_passes(tmp_path, sign, look):
    values = NUMBERS.copy()
    values[30, 50] = sign
    table = table_of(tmp_path, {"a": (values, "numeric")})
    with pytest.raises(explore.ExploreError, match=r"'a' \(a.tif\) holds what is usually a sign"):
        read_whole(explore.open_stack(table, look=look), 16)
    declared = table.with_columns(nodata=pl.lit(repr(sign)))
    found = read_whole(explore.open_stack(declared, look=look))
    assert np.isnan(found[0, 30, 50])
    assert np.isfinite(found).sum() == values.size - 1
    kept = read_whole(explore.open_stack(table.with_columns(nodata=pl.lit("none")), look=look))
    assert kept[0, 30, 50] == np.float32(sign)


def test_nan_and_infinite_values_become_no_data_and_are_told(tmp_path):
    values = NUMBERS.copy()
    values[0, :3] = [np.nan, np.inf, -np.inf]
    table = table_of(tmp_path, {"a": (values, "numeric"), "b": (CLASSES, "categorical")})
    stack = explore.open_stack(table)
    assert stack.warnings == [
        "layer 'a' (a.tif): 3 cells hold NaN or infinite values, which is not declared; they are "
        "taken as no data (write nan in its column nodata if they are)"
    ]
    cells = stack.read(stack.grid.whole)
    assert not cells.valid[0, :3].any()
    assert np.isfinite(cells.values[:, cells.valid]).all()
    assert cells.valid.sum() == values.size - 3
    declared = table.with_columns(nodata=pl.Series(["nan", ""]))
    assert explore.open_stack(declared).warnings == []


def test_a_mask_of_the_file_itself_marks_no_data(tmp_path):
    table = table_of(tmp_path, {"a": (CLASSES, "categorical")})
    with rasterio.open(tmp_path / "a.tif", "r+") as file:
        file.write_mask(CLASSES > 1)
    stack = explore.open_stack(table)
    np.testing.assert_array_equal(read_whole(stack)[0], np.where(CLASSES > 1, CLASSES, np.nan))
    assert stack.warnings == []
    assert stack.layers["missing"].to_list() == [np.count_nonzero(CLASSES == 1)]


def test_a_layer_that_says_nothing_is_refused(tmp_path):
    same = np.full((37, 53), 4.0, dtype=np.float32)
    refused(table_of(tmp_path, {"a": (same, "numeric")}), "'a' .a.tif. has one value everywhere.*4")
    empty = table_of(tmp_path, {"a": (same, "numeric")}, nodata=["4"])
    refused(empty, "no data in the region. Found: 1961 cells")
    same[30:] = 5  # but not in the region
    mask = write_raster(tmp_path / "mask.tif", (np.arange(37) < 30)[:, None] * np.ones(53, "u1"))
    table = table_of(tmp_path, {"a": (same, "numeric")})
    explore.open_stack(table)
    refused(table, "one value everywhere", mask=mask)


def test_kinds_that_the_values_are_not_are_refused(tmp_path):
    halves = np.round(NUMBERS * 2) / 2
    refused(table_of(tmp_path, {"a": (halves, "categorical")}), "categorical, whose values are wh")
    refused(table_of(tmp_path, {"a": (CLASSES, "binary")}), "more than two values. Found: 1, 4")
    large = CLASSES.astype(np.int32) + (1 << 25)
    refused(table_of(tmp_path, {"a": (large, "categorical")}), "too large to be kept exactly")
    two = table_of(tmp_path, {"a": (CLASSES, "binary")}, nodata=["3;4"])
    assert np.unique(read_whole(explore.open_stack(two))).tolist()[:2] == [1, 2]


def test_a_grid_in_degrees_is_told_and_its_mean_cell_is_right(tmp_path):
    degrees = (0.05, 0.0, 44.0, 0.0, -0.05, 40.0)
    write_raster(
        tmp_path / "a.tif",
        np.arange(300 * 380.0).reshape(300, 380).astype("f4"),
        crs="EPSG:4326",
        transform=degrees,
    )
    table = table_of(tmp_path, {"a": ("a.tif", "numeric")})
    stack = explore.open_stack(table)
    assert "the grid is in degrees" in stack.warnings[0]
    from pyproj import Geod

    area, _ = Geod(ellps="GRS80").polygon_area_perimeter(
        [*np.linspace(44, 63, 2000), *np.linspace(63, 44, 2000)], [25.0] * 2000 + [40.0] * 2000
    )
    assert stack.grid.cell_area_km2 * 300 * 380 == pytest.approx(abs(area) / 1e6, rel=1e-5)
    far = table.with_columns(transform=pl.lit("density"), radius_km=pl.lit("30"))
    refused(far, "need a grid in metres")


def test_cells_and_blocks_outside_the_grid_are_refused(tmp_path):
    stack = explore.open_stack(table_of(tmp_path, {"a": (NUMBERS, "numeric")}))
    with pytest.raises(explore.ExploreError, match="reaches outside the grid of 37 rows and 53"):
        stack.read(explore.Block(30, 0, 10, 10))
    with pytest.raises(
        explore.ExploreError, match=r"1 cells are not in the grid.*row 37, column 0"
    ):
        stack.at([0, 37], [0, 0])
    with pytest.raises(explore.ExploreError, match="Found: size 0"):
        stack.blocks(0)
    assert stack.at([], []).shape == (0, 1)


@pytest.mark.parametrize(
    ("crs", "side_km"),
    [
        (METRES, 0.1),
        ("EPSG:2263", 0.1 * 1200 / 3937),  # New York, in US survey feet
        ("EPSG:32640+5773", 0.1),  # with a height
        ('LOCAL_CS["a mine\'s own grid",UNIT["metre",1]]', 0.1),
    ],
)
def test_cells_are_measured_in_the_units_of_the_system(tmp_path, crs, side_km):
    write_raster(tmp_path / "a.tif", NUMBERS, crs=crs)
    stack = explore.open_stack(table_of(tmp_path, {"a": ("a.tif", "numeric")}))
    assert stack.grid.cell_km == pytest.approx((side_km, side_km), rel=1e-9)
    assert stack.grid.cell_area_km2 == pytest.approx(side_km**2, rel=1e-9)
    assert stack.warnings == []


def test_a_grid_must_be_one():
    with pytest.raises(explore.ExploreError, match=r"not known. Found: 'EPSG:0'"):
        explore.Grid("EPSG:0", NORTH_UP, 10, 10)
    with pytest.raises(explore.ExploreError, match="0 rows"):
        explore.Grid(METRES, NORTH_UP, 0, 10)
    grid = grid_of(10, 20)
    x, y = grid.centres(explore.Block(2, 3, 4, 5))
    rows, columns = grid.rows_columns(*np.meshgrid(x, y))
    assert rows[:, 0].tolist() == [2, 3, 4, 5]
    assert columns[0].tolist() == [3, 4, 5, 6, 7]
    assert grid.rows_columns([np.nan], [0.0])[1].tolist() == [-1]
    assert not grid.holds(*grid.rows_columns([x[0], np.nan], [np.inf, y[0]])).any()


def test_a_file_cut_short_is_named(tmp_path):
    path = write_raster(tmp_path / "a.tif", NUMBERS)
    table = pl.DataFrame({"layer": ["a"], "file": [str(path)], "kind": ["numeric"]})
    stack = explore.open_stack(table)
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(explore.ExploreError, match=r"a.tif could not be read at rows 0 to 36"):
        stack.read(stack.grid.whole)
