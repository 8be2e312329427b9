"""Targets of a map: their cells, polygons, what they hold and what lies around them."""

from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
import rasterio
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod, Transformer
from rasterio.features import shapes
from rasterio.transform import Affine
from scipy import ndimage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from onshore import explore

WEST, NORTH, CELL = 600_000.0, -2_260_000.0, 1000.0
CRS = "EPSG:7845"
GEOD = Geod(ellps="WGS84")


def write_map(path, scores, uncertainty=None, *, crs=CRS, cell=CELL, west=WEST, north=NORTH):
    bands = [np.asarray(scores, np.float32)]
    if uncertainty is not None:
        bands.append(np.asarray(uncertainty, np.float32))
    height, width = bands[0].shape
    with rasterio.open(
        path, "w", driver="GTiff", dtype="float32", count=len(bands), height=height, width=width,
        crs=crs, transform=Affine(cell, 0, west, 0, -cell, north), nodata=float("nan"),
    ) as file:  # fmt: skip
        file.write(np.array(bands))
    return path


def at(row, column, name="A"):
    """A point at the middle of a cell, in degrees."""
    lon, lat = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True).transform(
        WEST + (column + 0.5) * CELL, NORTH - (row + 0.5) * CELL
    )
    return {"name": name, "lon": lon, "lat": lat}


def boxes(*sides):
    """Areas from cells' edges (west, north, east, south), as WKT in degrees."""
    back = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)
    rows = []
    for number, (left, top, right, low) in enumerate(sides, 1):
        shape = shapely.segmentize(shapely.box(left, low, right, top), 1.0)
        moved = shapely.transform(
            shape,
            lambda x, y: back.transform(WEST + x * CELL, NORTH - y * CELL),
            interleaved=False,
        )
        rows.append({"name": f"P{number}", "geometry": moved.wkt})
    return pl.DataFrame(rows)


def random_scores(seed, height=37, width=23, holes=0.1):
    draw = np.random.default_rng(seed)
    scores = ndimage.gaussian_filter(draw.normal(size=(height, width)), 1.2)
    scores[draw.random((height, width)) < holes] = np.nan
    return scores.astype(np.float32)


# Cells, thresholds and polygons.


@settings(max_examples=7, deadline=None)
@given(seed=st.integers(0, 10**6), share=st.floats(0.01, 0.9))
def test_a_share_takes_the_best_cells_and_no_more_than_it_must(tmp_path_factory, seed, share):
    scores = random_scores(seed)
    path = write_map(tmp_path_factory.mktemp("map") / "m.tif", scores)
    found = explore.targets(path, top_share=share, least_km2=0, most_km2=None)
    falling = np.sort(scores[np.isfinite(scores)])[::-1]
    wanted = falling[int(np.ceil(share * len(falling) - 1e-9)) - 1]
    assert found.threshold == wanted
    assert found.share == pytest.approx((falling >= wanted).mean(), abs=1e-15)
    assert found.polygons["area_km2"].sum() == pytest.approx((falling >= wanted).sum())


@settings(max_examples=7, deadline=None)
@given(seed=st.integers(0, 10**6), size=st.integers(1, 40))
def test_polygons_are_those_of_the_whole_map_at_once_for_any_size(tmp_path_factory, seed, size):
    scores = random_scores(seed)
    path = write_map(tmp_path_factory.mktemp("map") / "m.tif", scores)
    found = explore.targets(path, threshold=0.1, least_km2=0, most_km2=None, size=size)
    whole = explore.targets(path, threshold=0.1, least_km2=0, most_km2=None, size=1000)
    assert found.polygons.equals(whole.polygons)

    above = scores >= np.float32(0.1)
    labels, count = ndimage.label(above)
    assert found.polygons.height == count
    drawn = shapely.from_wkb(found.polygons["geometry"].to_list())
    assert shapely.is_valid(drawn).all()
    assert {shape.geom_type for shape in drawn} == {"Polygon"}
    transform = Affine(CELL, 0, WEST, 0, -CELL, NORTH)
    parts = [[] for _ in range(count)]
    for shape, number in shapes(labels.astype(np.int32), mask=above, transform=transform):
        parts[int(number) - 1].append(shapely.geometry.shape(shape).buffer(0))
    alike = {(*whole.bounds, whole.area): whole for whole in map(shapely.union_all, parts)}
    for shape in drawn:
        assert shape.equals(alike[(*shape.bounds, shape.area)])
    means = ndimage.mean(scores, labels, range(1, count + 1))
    tops = ndimage.maximum(scores, labels, range(1, count + 1))
    np.testing.assert_allclose(np.sort(means), np.sort(found.polygons["mean"]), atol=1e-7)
    np.testing.assert_array_equal(np.sort(tops), np.sort(found.polygons["top"]))


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 10**6), size=st.integers(1, 40))
def test_large_targets_are_cut_along_squares_of_the_map(tmp_path_factory, seed, size):
    scores = random_scores(seed, holes=0.02)
    path = write_map(tmp_path_factory.mktemp("map") / "m.tif", scores)
    found = explore.targets(path, threshold=-0.1, least_km2=0, most_km2=30, size=size)
    labels, count = ndimage.label(scores >= np.float32(-0.1))
    areas = ndimage.sum_labels(np.ones_like(scores), labels, range(1, count + 1))
    # A square of at most 30 cells has 5 a side.
    row, column = np.indices(scores.shape)
    square = (row // 5) * 1000 + column // 5
    expected = [area for area in areas if area <= 30]
    for number in np.flatnonzero(areas > 30) + 1:
        for name in np.unique(square[labels == number]):
            inside = (labels == number) & (square == name)
            parts, pieces = ndimage.label(inside)
            expected += list(ndimage.sum_labels(np.ones_like(scores), parts, range(1, pieces + 1)))
    np.testing.assert_allclose(np.sort(expected), np.sort(found.polygons["area_km2"]), atol=1e-9)
    drawn = shapely.from_wkb(found.polygons["geometry"].to_list())
    assert shapely.is_valid(drawn).all()
    np.testing.assert_allclose(shapely.area(drawn) / 1e6, found.polygons["area_km2"], atol=1e-9)
    assert found.polygons["area_km2"].max() <= 30


def test_small_pieces_are_left_out_and_told(tmp_path):
    scores = np.zeros((20, 20))
    scores[2:5, 2:5] = 0.9
    scores[10, 10] = 0.8
    found = explore.targets(write_map(tmp_path / "m.tif", scores), threshold=0.5, least_km2=2)
    assert found.polygons.select("target", "area_km2", "mean").rows() == [
        ("T001", 9.0, pytest.approx(0.9))
    ]
    assert "1 of 10 km2" in found.warnings[0]
    assert found.polygons["uncertainty"].to_list() == [None]


def test_uncertainty_is_the_mean_of_the_second_band(tmp_path):
    scores, spread = np.zeros((9, 9)), np.full((9, 9), 0.5)
    scores[0, :4] = 1
    spread[0, :4] = [0.1, 0.2, np.nan, 0.3]
    path = write_map(tmp_path / "m.tif", scores, spread)
    found = explore.targets(path, threshold=0.5)
    assert found.polygons["uncertainty"][0] == pytest.approx(0.2)


def test_a_map_of_few_scores_gives_more_than_asked_and_says_so(tmp_path):
    scores = np.zeros((10, 10))
    scores[:3] = 0.7
    found = explore.targets(write_map(tmp_path / "m.tif", scores), top_share=0.1)
    assert found.share == pytest.approx(0.3)
    assert "30.0% of the area" in found.warnings[0]


def test_areas_in_degrees_are_those_on_the_ellipsoid(tmp_path):
    scores = np.zeros((40, 30))
    scores[5:35, 4] = 1
    path = write_map(tmp_path / "m.tif", scores, crs="EPSG:4326", cell=0.1, west=50, north=40)
    found = explore.targets(path, threshold=0.5, most_km2=None)
    shape = shapely.from_wkb(found.polygons["geometry"][0])
    area = abs(GEOD.geometry_area_perimeter(shapely.segmentize(shape, 0.001))[0]) / 1e6
    assert found.polygons["area_km2"][0] == pytest.approx(area, rel=1e-6)


# What targets are expected to hold.


def curve_of(area, found, **more):
    shares = {"area_share": area, "deposit_share": found}
    return pl.DataFrame({name: np.asarray(part, float) for name, part in shares.items()} | more)


def test_expected_deposits_follow_the_curve(tmp_path):
    scores = np.arange(100, dtype=float).reshape(10, 10)[::-1]
    path = write_map(tmp_path / "m.tif", scores)
    curve = curve_of([0.0, 0.1, 0.5, 1.0], [0.0, 0.5, 0.9, 1.0], deposits=[200.0] * 4)
    found = explore.targets(path, top_share=0.3, curve=curve, hidden=50, least_km2=0)
    # The best 10 rows of ten cells each: half of the deposits in the first, then 1 % a cell.
    assert found.polygons["expected_share"].sum() == pytest.approx(0.7)
    assert found.polygons["expected"].sum() == pytest.approx(35)
    last = found.explored.row(-1, named=True)
    assert last["area_share"] == pytest.approx(0.3)
    assert 0.63 < last["share_low"] < 0.7 < last["share_high"] < 0.77
    probability = 1 - np.exp(-found.polygons["expected"].to_numpy())
    np.testing.assert_allclose(found.polygons["probability"], probability)
    everything = explore.targets(path, threshold=-1, curve=curve, hidden=50, least_km2=0)
    assert everything.polygons["expected_share"].sum() == pytest.approx(1.0)


@settings(max_examples=12, deadline=None)
@given(
    steps=st.lists(st.tuples(st.floats(0.01, 1), st.floats(0, 1)), min_size=2, max_size=12).filter(
        lambda steps: sum(found for _, found in steps) > 0.1
    )
)
def test_a_bent_curve_never_promises_less_for_a_better_score(steps):
    from onshore.explore.ranking_targets import found_curve

    area = np.cumsum([0, *(width for width, _ in steps)])
    found = np.cumsum([0, *(rise for _, rise in steps)])
    area, found = area / area[-1], found / found[-1]
    bent = found_curve(curve_of(area, found))
    slopes = np.diff(bent.found) / np.diff(bent.area)
    assert (np.diff(slopes) <= 1e-9).all()
    assert bent.found[0] == 0
    assert bent.found[-1] == pytest.approx(1)
    # Pooling adjacent violators, by hand.
    pools = [[width, rise] for width, rise in zip(np.diff(area), np.diff(found), strict=True)]
    at_ = 0
    while at_ < len(pools) - 1:
        (w0, r0), (w1, r1) = pools[at_], pools[at_ + 1]
        if r0 / w0 < r1 / w1 - 1e-15:
            pools[at_ : at_ + 2] = [[w0 + w1, r0 + r1]]
            at_ = max(at_ - 1, 0)
        else:
            at_ += 1
    knots = np.cumsum([0, *(width for width, _ in pools)])
    risen = np.cumsum([0, *(rise for _, rise in pools)])
    grid = np.linspace(0, 1, 101)
    np.testing.assert_allclose(bent.at(grid), np.interp(grid, knots, risen), atol=1e-9)


def test_probabilities_per_unit_cell_add_up_to_the_map(tmp_path):
    scores = np.full((10, 10), 0.01)
    scores[:2] = 0.2
    path = write_map(tmp_path / "m.tif", scores)
    found = explore.targets(path, top_share=0.2, unit_cell_km2=2.0, least_km2=0)
    assert found.polygons["expected"].sum() == pytest.approx(20 * 0.2 / 2)
    assert found.polygons["expected_share"].sum() == pytest.approx(4 / (4 + 0.8))
    assert any("2.4 deposits" in text for text in found.warnings)


def test_ranks_go_by_expected_deposits_per_area_and_known_ones_are_counted(tmp_path):
    scores = np.zeros((20, 20))
    scores[0:4, 0:4], scores[10:12, 10:12] = 0.6, 0.9
    path = write_map(tmp_path / "m.tif", scores)
    cells = pl.DataFrame({"row": [0, 11, 19], "column": [1, 11, 0], "weight": [2.0, 0.5, 1.0]})
    curve = curve_of([0.0, 0.01, 0.05, 1.0], [0.0, 0.3, 0.6, 1.0])
    found = explore.targets(path, threshold=0.5, deposits=SimpleNamespace(cells=cells), curve=curve)
    assert found.polygons.select("rank", "area_km2", "known").rows() == [
        (1, 4.0, 0.5), (2, 16.0, 2.0)
    ]  # fmt: skip
    assert found.polygons["expected_share"].to_list() == pytest.approx([0.3, 0.3])
    assert found.polygons["expected"].sum() == pytest.approx(0.6 * 3.5)
    assert "3.5 deposits are yet to be found" in found.warnings[0]
    assert found.explored["known"].to_list() == [0.5, 2.5]


# What lies around.


@pytest.fixture
def two(tmp_path):
    """Two targets: rows 2-5, columns 2-5, and rows 12-13, columns 12-13, of 20 x 20."""
    scores = np.full((20, 20), 0.1)
    scores[2:6, 2:6], scores[12:14, 12:14] = 0.9, 0.8
    return write_map(tmp_path / "m.tif", scores)


def test_province_and_blocks_by_overlap(two):
    found = explore.targets(
        two,
        threshold=0.5,
        provinces=boxes((0, 0, 5, 20), (5, 0, 20, 20)),
        blocks=boxes((0, 0, 3, 20), (2, 2, 6, 3)).rename({"name": "block_id"}),
    )
    first, second = found.polygons.iter_rows(named=True)
    assert (first["province"], second["province"]) == ("P1", "P2")
    assert first["province_share"] == pytest.approx(0.75, abs=1e-6)
    assert (first["blocks"], second["blocks"]) == ("P1;P2", None)
    assert first["held_share"] == pytest.approx((4 + 4 - 1) / 16, abs=1e-6)
    assert second["held_share"] == 0


def test_outlines_that_cross_themselves_are_mended_and_told(two):
    bow = boxes((0, 0, 20, 20))
    ring = shapely.from_wkt(bow["geometry"][0])
    corners = [(ring.bounds[0], ring.bounds[1]), (ring.bounds[2], ring.bounds[3]),
               (ring.bounds[2], ring.bounds[1]), (ring.bounds[0], ring.bounds[3])]  # fmt: skip
    crossing = shapely.Polygon(corners)
    assert not crossing.is_valid
    found = explore.targets(
        two, threshold=0.5, provinces=pl.DataFrame({"name": ["B"], "geometry": [crossing.wkb]})
    )
    assert "'B' was mended (self-intersection)" in found.warnings[0]
    assert set(found.polygons["province"].to_list()) <= {"B", None}


def test_outlines_too_far_from_the_map_are_left_out_and_told(two):
    near = boxes((0, 0, 20, 20))
    far = pl.DataFrame(
        {"name": ["far"], "geometry": ["POLYGON ((-60 88, -20 88, -40 90, -60 88))"]}
    )
    found = explore.targets(two, threshold=0.5, provinces=pl.concat([near, far]))
    assert found.polygons["province"].to_list() == ["P1", "P1"]
    assert "left out: far" in found.warnings[0]


def test_the_nearest_mine_is_the_nearest_on_the_ellipsoid(two):
    mines = pl.DataFrame([at(30, 2, "south"), at(3, 16, "east"), at(3, 4, "within")])
    for kept in (["south", "east"], ["south"], ["within", "south"]):
        some = mines.filter(pl.col("name").is_in(kept))
        found = explore.targets(two, threshold=0.5, mines=some)
        back = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)
        for row in found.polygons.iter_rows(named=True):
            shape = shapely.from_wkb(row["geometry"])
            edge = np.array(shapely.segmentize(shape, 5).exterior.coords)
            lon, lat = back.transform(edge[:, 0], edge[:, 1])
            away = {}
            for name, x, y in some.iter_rows():
                inside = shape.contains(
                    shapely.Point(Transformer.from_crs("EPSG:4326", CRS, always_xy=True)
                                  .transform(x, y))
                )  # fmt: skip
                ways = GEOD.inv(lon, lat, np.full(len(lon), x), np.full(len(lon), y))[2]
                away[name] = 0.0 if inside else ways.min() / 1000
            nearest = min(away, key=away.get)
            assert row["nearest_mine"] == nearest
            assert row["mine_km"] == pytest.approx(away[nearest], abs=0.005)


@pytest.mark.parametrize("size", [3, 100])
def test_reach_is_a_circle_on_the_ellipsoid(two, size):
    plants = pl.DataFrame([at(4, 9, "P"), at(40, 40, "far")])
    found = explore.targets(
        two, threshold=0.5, plants=plants, reach_km=6.2, least_km2=0, size=size,
        blocks=boxes((0, 0, 5, 20)),
    )  # fmt: skip
    back = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)
    rows, columns = np.indices((20, 20))
    lon, lat = back.transform(WEST + (columns + 0.5) * CELL, NORTH - (rows + 0.5) * CELL)
    plant = plants.row(0, named=True)
    away = GEOD.inv(lon, lat, np.full_like(lon, plant["lon"]), np.full_like(lat, plant["lat"]))[2]
    near = away <= 6200
    target = np.zeros((20, 20), dtype=bool)
    target[2:6, 2:6] = True
    assert 0 < (near & target).sum() < 16
    assert found.around.rows() == [
        ("P", near.sum(), (near & target).sum(), (near & target & (columns >= 5)).sum(), 1, "T001"),
        ("far", 0, 0, 0, 0, None),
    ]
    assert found.polygons["area_km2"].to_list() == [(near & target).sum()]
    assert found.polygons["plant"].to_list() == ["P"]


def test_reach_by_effort_is_that_of_dijkstra(tmp_path, two):
    draw = np.random.default_rng(3)
    effort = draw.uniform(1, 4, size=(20, 20))
    effort[8, 3:15] = np.nan
    road = write_map(tmp_path / "effort.tif", effort)
    found = explore.targets(
        two, threshold=0.05, plants=pl.DataFrame([at(6, 7, "P")]), reach_km=9.5, effort=road,
        least_km2=0,
    )  # fmt: skip
    links, weights = [], []
    kept = effort.astype(np.float32).astype(float)
    for row, column in np.ndindex(20, 20):
        for down, right in [(0, 1), (1, 0), (1, 1), (1, -1)]:
            i, j = row + down, column + right
            if 0 <= i < 20 and 0 <= j < 20:
                weight = np.hypot(down, right) * (kept[row, column] + kept[i, j]) / 2
                if np.isfinite(weight):
                    links.append((row * 20 + column, i * 20 + j))
                    weights.append(weight)
    graph = coo_array((weights, np.array(links).T), shape=(400, 400))
    spent = dijkstra(graph, directed=False, indices=6 * 20 + 7)
    assert 10 < (spent <= 9.5).sum() < 300
    assert found.around["reach_km2"][0] == (spent <= 9.5).sum()


def test_a_plant_outside_the_map_reaches_nothing_by_effort_and_is_named(tmp_path, two):
    road = write_map(tmp_path / "effort.tif", np.ones((20, 20)))
    found = explore.targets(
        two, threshold=0.5, plants=pl.DataFrame([at(50, 50, "away"), at(4, 4, "in")]), reach_km=5,
        effort=road,
    )  # fmt: skip
    assert "away" in found.warnings[0]
    assert found.around["reach_km2"].to_list()[0] == 0


def test_no_target_is_an_answer(two):
    found = explore.targets(two, threshold=0.5, least_km2=50)
    assert found.polygons.is_empty()
    assert found.explored.is_empty()
    assert "no target: 20 km2" in found.warnings[0]


def test_progress_is_told_to_the_end(two):
    steps = []
    explore.targets(two, threshold=0.5, size=7, progress=lambda *step: steps.append(step))
    assert steps[-1][0] == steps[-1][1]
    assert [done for done, _ in steps] == sorted(done for done, _ in steps)


# Bad input.


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"top_share": 0.1, "threshold": 0.2}, "not both"),
        ({"top_share": 5}, "between 0 and 1"),
        ({"threshold": 2.0}, "scores from 0.1 to 0.9"),
        ({"least_km2": -1}, "least_km2"),
        ({"hidden": -3}, "hidden"),
        ({"reach_km": 5}, "needs plants or mines"),
        ({"curve": curve_of([0, 1], [0, 1]), "unit_cell_km2": 1}, "not from both"),
        ({"curve": pl.DataFrame({"x": [1]})}, "area_share, deposit_share"),
        ({"curve": curve_of([0, 0.5, 1], [0, 0.9, 0.3])}, "does not rise"),
        ({"curve": curve_of([0, 1], [0, 1], method=["a", "b"])}, "several \\(method\\)"),
        ({"mines": pl.DataFrame({"name": ["A"], "lon": [500.0], "lat": [3.0]})}, "mines, row 1"),
        ({"mines": pl.DataFrame({"lon": [50.0], "lat": [3.0]})}, "no names"),
        ({"plants": pl.DataFrame({"name": ["A"]}), "reach_km": 3}, "lon and lat"),
        ({"provinces": pl.DataFrame({"name": ["A"]})}, "no column geometry"),
        ({"provinces": pl.DataFrame({"name": ["A"], "geometry": ["POLY"]})}, "'A' cannot be read"),
        ({"blocks": pl.DataFrame({"name": ["A"], "geometry": ["POINT (1 1)"]})}, "'A' is no area"),
        (
            {"blocks": pl.DataFrame(
                {"name": ["A"], "geometry": ["POLYGON ((0 0, 500 0, 0 500, 0 0))"]})},
            "'A' is not on the earth",
        ),
        (
            {"deposits": SimpleNamespace(
                cells=pl.DataFrame({"row": [99], "column": [0], "weight": [1.0]}))},
            "another grid",
        ),
    ],
)  # fmt: skip
def test_settings_and_tables_that_cannot_be_are_refused(two, settings, words):
    with pytest.raises(explore.ExploreError, match=words):
        explore.targets(two, **settings)


def test_maps_that_cannot_be_are_refused(tmp_path):
    with pytest.raises(explore.ExploreError, match="cannot be read as a map"):
        explore.targets(tmp_path / "none.tif")
    with pytest.raises(explore.ExploreError, match="same everywhere"):
        explore.targets(write_map(tmp_path / "flat.tif", np.ones((4, 4))))
    with pytest.raises(explore.ExploreError, match="no cell with a score"):
        explore.targets(write_map(tmp_path / "empty.tif", np.full((4, 4), np.nan)))
    with pytest.raises(explore.ExploreError, match="no coordinate reference system"):
        explore.targets(write_map(tmp_path / "nowhere.tif", np.eye(4), crs=None))
    with pytest.raises(explore.ExploreError, match="no probabilities"):
        explore.targets(write_map(tmp_path / "s.tif", np.eye(4) * 7), unit_cell_km2=1.0)


def test_efforts_below_one_are_refused(tmp_path, two):
    road = write_map(tmp_path / "effort.tif", np.full((20, 20), 0.5))
    with pytest.raises(explore.ExploreError, match=r"below 1\. Found: 0\.5"):
        explore.targets(two, plants=pl.DataFrame([at(6, 7)]), reach_km=5, effort=road)
