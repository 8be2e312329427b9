"""Distances, densities, classes, logarithms and other grids, against scipy, GDAL and counting."""

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer
from raster_files import METRES, grid_of, read_whole, table_of, write_raster
from rasterio.transform import Affine
from rasterio.warp import Resampling, reproject
from scipy.ndimage import distance_transform_edt

from onshore import explore
from onshore.explore import distances

RANDOM = np.random.default_rng(19)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 24),
    st.integers(1, 24),
    st.floats(0.01, 1.0),
    st.integers(0, 2**32 - 1),
    st.sampled_from([(100.0, 100.0), (30.0, 250.0), (500.0, 20.0)]),
    st.sampled_from([5, 40, 1 << 20]),
)
def test_distances_are_those_of_scipy(tmp_path_factory, rows, columns, share, seed, cell, strip):
    random = np.random.default_rng(seed)
    features = random.random((rows, columns)) < share
    features[random.integers(rows), random.integers(columns)] = True
    grid = grid_of(rows, columns, transform=(cell[0], 0, 0, 0, -cell[1], 0))
    path = tmp_path_factory.mktemp("distances") / "d.npy"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(distances, "_STRIP_CELLS", strip)
        distances.write_distances(
            lambda b: features[b.row : b.row + b.height].astype(np.float32), grid, path, where="a"
        )
    found = distances.read_distances(path, grid.whole)
    truth = distance_transform_edt(~features, sampling=(cell[1] / 1000, cell[0] / 1000))
    np.testing.assert_allclose(found, truth, rtol=1e-6, atol=0)
    assert [file.name for file in path.parent.iterdir()] == ["d.npy"]


def test_distance_of_a_layer_is_to_the_features_named_and_holds_where_data_lack(tmp_path):
    values = RANDOM.integers(0, 200, size=(90, 130)).astype(np.uint8)
    write_raster(tmp_path / "a.tif", values, nodata=0)
    table = table_of(tmp_path, {"a": ("a.tif", "categorical")}).with_columns(
        transform=pl.lit("distance"), features=pl.lit("7;11")
    )
    stack = explore.open_stack(table)
    truth = distance_transform_edt((values != 7) & (values != 11)) * 0.1
    found = read_whole(stack, 32)[0]
    np.testing.assert_array_equal(found, truth.astype(np.float32))
    assert stack.kinds == ["numeric"]
    with pytest.raises(explore.ExploreError, match="no feature to measure distance to"):
        explore.open_stack(table.with_columns(features=pl.lit("250")))
    with pytest.raises(explore.ExploreError, match="every value would count as a feature"):
        explore.open_stack(table.with_columns(features=pl.lit("")))


@pytest.mark.parametrize("cell", [(100.0, 100.0), (60.0, 140.0)])
def test_density_is_the_mean_of_the_cells_within_the_radius(tmp_path, cell):
    values = RANDOM.lognormal(sigma=3, size=(25, 31)).astype(np.float32)
    values[RANDOM.random(values.shape) < 0.2] = np.nan
    place = (cell[0], 0.0, 300_000.0, 0.0, -cell[1], 3_600_000.0)
    radius = 0.42
    write_raster(tmp_path / "a.tif", values, transform=place, nodata=float("nan"))
    table = table_of(tmp_path, {"a": ("a.tif", "numeric")}).with_columns(
        transform=pl.lit("density"), radius_km=pl.lit(str(radius))
    )
    stack = explore.open_stack(table)
    found = read_whole(stack, 8)[0]
    y, x = np.mgrid[0:25, 0:31].astype(float)
    for row in range(25):
        for column in range(31):
            away = np.hypot((x - column) * cell[0], (y - row) * cell[1]) / 1000
            near = values[away <= radius + 1e-9]
            assert found[row, column] == pytest.approx(
                np.nanmean(near.astype(float)), rel=1e-6, abs=1e-6
            )


def test_density_of_features_is_their_share_and_looks_beyond_the_grid(tmp_path):
    values = (RANDOM.random((60, 60)) < 0.3).astype(np.uint8)
    write_raster(tmp_path / "a.tif", values)
    table = table_of(tmp_path, {"a": ("a.tif", "binary")}).with_columns(
        transform=pl.lit("density"), radius_km=pl.lit("0.5")
    )
    whole = read_whole(explore.open_stack(table))[0]
    inner = grid_of(30, 20, transform=(100, 0, 301_000, 0, -100, 3_599_000))
    found = read_whole(explore.open_stack(table, grid=inner), 7)[0]
    np.testing.assert_array_equal(found, whole[10:40, 10:30])
    offsets = [
        (down, right)
        for down in range(-5, 6)
        for right in range(-5, 6)
        if math.hypot(down, right) <= 5
    ]
    share = np.mean([values[30 + down, 20 + right] for down, right in offsets])
    assert whole[30, 20] == np.float32(share)


def test_classes_begin_at_their_breaks_and_logarithms_are_natural(tmp_path):
    values = np.array([[-1.0, 0.0, 0.5], [1.0, 2.5, np.e]], dtype=np.float64)
    write_raster(tmp_path / "a.tif", values)
    table = table_of(tmp_path, {"a": ("a.tif", "numeric"), "b": ("a.tif", "numeric")}).with_columns(
        transform=pl.Series(["classes", "log"]), breaks=pl.Series(["0;1;2.5", ""])
    )
    stack = explore.open_stack(table)
    found = read_whole(stack)
    assert found[0].tolist() == [[1, 2, 2], [3, 4, 4]]
    assert stack.kinds == ["categorical", "numeric"]
    np.testing.assert_allclose(
        found[1], [[np.nan, np.nan, np.log(0.5)], [0, np.log(2.5), 1]], rtol=1e-6
    )
    assert "2 values are 0 or below and have no logarithm" in stack.warnings[0]


# Other grids -------------------------------------------------------------------------------------


def warped(values, place, crs, grid, way):
    out = np.full((grid.height, grid.width), np.nan, dtype=np.float64)
    reproject(
        values.astype(np.float64),
        out,
        src_transform=Affine(*place),
        src_crs=crs,
        dst_transform=Affine(*grid.transform),
        dst_crs=grid.crs,
        src_nodata=np.nan,
        dst_nodata=np.nan,
        resampling=way,
        tolerance=0.0,
    )
    return out


def test_classes_on_another_grid_are_those_at_the_centres(tmp_path):
    classes = RANDOM.integers(1, 99, size=(80, 120)).astype(np.int16)
    place = (0.0011, 0.0, 54.83, 0.0, -0.0009, 32.55)
    write_raster(tmp_path / "a.tif", classes, transform=place, crs="EPSG:4326")
    grid = grid_of(70, 90)
    table = table_of(tmp_path, {"a": ("a.tif", "categorical")})
    found = read_whole(explore.open_stack(table, grid=grid), 33)[0]
    to_degrees = Transformer.from_crs(METRES, "EPSG:4326", always_xy=True)
    lon, lat = to_degrees.transform(*np.meshgrid(*grid.centres()))
    columns = np.floor((lon - place[2]) / place[0]).astype(int)
    rows = np.floor((lat - place[5]) / place[4]).astype(int)
    here = (rows >= 0) & (rows < 80) & (columns >= 0) & (columns < 120)
    assert 0.5 < here.mean() < 1
    np.testing.assert_array_equal(np.isfinite(found), here)
    # Only centres within a five-hundredth of a cell of an edge may fall on the other side.
    assert np.mean(found[here] == classes[rows[here], columns[here]]) > 0.999
    truth = warped(classes, place, "EPSG:4326", grid, Resampling.nearest)
    assert np.mean(found[here] == truth[here]) > 0.99


def test_numbers_on_moved_cells_are_those_gdal_draws(tmp_path):
    numbers = RANDOM.normal(size=(90, 110)).astype(np.float32)
    place = (100.0, 0.0, 299_937.0, 0.0, -100.0, 3_600_061.0)
    write_raster(tmp_path / "a.tif", numbers, transform=place)
    grid = grid_of(80, 100)
    table = table_of(tmp_path, {"a": ("a.tif", "numeric")})
    found = read_whole(explore.open_stack(table, grid=grid), 9)[0]
    truth = warped(numbers, place, METRES, grid, Resampling.bilinear)
    np.testing.assert_allclose(found, truth, atol=1e-6)


def test_numbers_in_another_system_are_those_gdal_draws(tmp_path):
    numbers = RANDOM.normal(size=(90, 120)).astype(np.float32)
    place = (0.0011, 0.0, 54.83, 0.0, -0.00094, 32.55)
    write_raster(tmp_path / "a.tif", numbers, transform=place, crs="EPSG:4326")
    grid = grid_of(70, 90, transform=(103.0, 0, 300_000, 0, -104.0, 3_600_000))
    table = table_of(tmp_path, {"a": ("a.tif", "numeric")})
    found = read_whole(explore.open_stack(table, grid=grid), 9)[0]
    truth = warped(numbers, place, "EPSG:4326", grid, Resampling.bilinear)
    inner = np.isfinite(found) & np.isfinite(truth)
    assert inner.mean() > 0.5
    # GDAL widens its kernel by the ratio of the cells, here within a tenth of 1.
    assert np.abs(found - truth)[inner].mean() < 0.03


def test_a_plane_is_drawn_exactly_and_finer_cells_give_their_mean(tmp_path):
    x, y = grid_of(60, 80).centres()
    plane = (2e-3 * (x[None, :] - 3e5) - 1e-3 * (y[:, None] - 3.6e6)).astype(np.float32)
    write_raster(tmp_path / "a.tif", plane)
    table = table_of(tmp_path, {"a": ("a.tif", "numeric")})
    finer = grid_of(90, 90, transform=(33.0, 0, 300_500, 0, -29.0, 3_599_500))
    found = read_whole(explore.open_stack(table, grid=finer), 50)[0]
    x, y = finer.centres()
    truth = 2e-3 * (x[None, :] - 3e5) - 1e-3 * (y[:, None] - 3.6e6)
    np.testing.assert_allclose(found, truth, rtol=1e-5)

    noise = RANDOM.normal(size=(60, 80)).astype(np.float32)
    write_raster(tmp_path / "a.tif", noise)
    coarser = grid_of(15, 20, transform=(400.0, 0, 300_000, 0, -400.0, 3_600_000))
    found = read_whole(explore.open_stack(table, grid=coarser), 6)[0]
    truth = noise.astype(float).reshape(15, 4, 20, 4).mean(axis=(1, 3))
    np.testing.assert_allclose(found, truth, rtol=1e-5, atol=1e-7)


def test_cells_without_data_are_not_drawn_into_their_neighbours(tmp_path):
    values = np.full((10, 10), 5.0, dtype=np.float32)
    values[:, 5:] = 9.0
    values[4, 4] = -1.0
    write_raster(tmp_path / "a.tif", values, nodata=-1.0)
    moved = grid_of(10, 9, transform=(100, 0, 300_030, 0, -100, 3_600_000))
    table = table_of(tmp_path, {"a": ("a.tif", "numeric")})
    found = read_whole(explore.open_stack(table, grid=moved))[0]
    assert np.isnan(found[4, 4])
    assert np.isnan(found).sum() == 1
    assert np.nanmin(found) == 5.0


def test_large_sources_are_read_in_parts(tmp_path, monkeypatch):
    from onshore.explore import alignment

    noise = RANDOM.normal(size=(60, 80)).astype(np.float32)
    write_raster(tmp_path / "a.tif", noise)
    table = table_of(tmp_path, {"a": ("a.tif", "numeric")})
    grid = grid_of(18, 24, transform=(330.0, 0, 300_000, 0, -330.0, 3_600_000))
    whole = read_whole(explore.open_stack(table, grid=grid))
    monkeypatch.setattr(alignment, "_MOST_CELLS", 200)
    np.testing.assert_array_equal(read_whole(explore.open_stack(table, grid=grid)), whole)
