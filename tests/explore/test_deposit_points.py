"""Deposits as points: the cells they lie in, what is left out and what is odd."""

import geopandas
import numpy as np
import polars as pl
import pytest
import shapely
from pyproj import Transformer
from raster_files import METRES, NORTH_UP, grid_of, read_whole, table_of, write_raster

from onshore import explore

RANDOM = np.random.default_rng(29)
GRID = grid_of(30, 40)
VALUES = RANDOM.normal(size=(30, 40)).astype(np.float32)


def points(rows, columns, **more):
    x = 300_000 + 100 * (np.asarray(columns, dtype=float) + 0.3)
    y = 3_600_000 - 100 * (np.asarray(rows, dtype=float) + 0.6)
    return pl.DataFrame({"easting": x, "northing": y, **more})


def refused(table, match, where=GRID, **options):
    with pytest.raises(explore.ExploreError, match=match):
        explore.read_deposits(table, where, **({"crs": METRES} | options))


def test_cloncurry_has_its_258_deposits_in_either_system(cloncurry, cloncurry_stack):
    degrees = explore.read_deposits(cloncurry / "deposits.csv", cloncurry_stack)
    metres = explore.read_deposits(
        cloncurry / "deposits.csv",
        cloncurry_stack,
        crs="EPSG:7845",
        columns=("easting_epsg7845", "northing_epsg7845"),
    )
    assert degrees.total == metres.total == 258
    assert degrees.cells.equals(metres.cells)
    assert degrees.cells["count"].max() > 1
    assert degrees.left_out.is_empty()
    assert degrees.points["name"].to_list()[:2] == ["Abdy", "Ace"]


def test_several_in_a_cell_are_counted_and_weights_are_added():
    table = points([3, 3, 9, 3], [4, 4, 1, 5], tonnes=[1.5, 2.0, 0.0, 4.0], name=list("abcd"))
    found = explore.read_deposits(table, GRID, crs=METRES, weight="tonnes")
    assert found.cells.rows() == [(3, 4, 2, 3.5), (3, 5, 1, 4.0), (9, 1, 1, 0.0)]
    assert found.total == 7.5
    assert found.points["name"].to_list() == list("abcd")
    assert found.points["number"].to_list() == [1, 2, 3, 4]


def test_those_outside_are_left_out_by_reason(tmp_path):
    write_raster(tmp_path / "mask.tif", (np.arange(40) < 20) * np.ones((30, 1), dtype=np.uint8))
    values = VALUES.copy()
    values[5, 5] = np.nan
    table = table_of(tmp_path, {"a": (values, "numeric")}, nodata=["nan"])
    stack = explore.open_stack(table, mask=tmp_path / "mask.tif")
    found = explore.read_deposits(points([1, 5, 7, 50], [2, 5, 30, 3]), stack, crs=METRES)
    assert found.cells.select("row", "column").rows() == [(1, 2), (5, 5)]
    assert found.left_out["number"].to_list() == [3, 4]
    assert found.left_out["reason"].to_list() == ["outside the region", "outside the grid"]
    assert found.warnings == [
        "the table of deposits: 1 deposits are outside the grid and left out",
        "the table of deposits: 1 deposits are outside the region and left out",
        "the table of deposits: 1 deposits lie where layer 'a' has no data",
        "the table of deposits: there are 2 deposits; with fewer than 10, weights and accuracies "
        "are hardly more than chance: add occurrences, or widen the region",
    ]
    refused(points([7], [30]), "no deposit lies in the region", stack)


def test_three_deposits_only_are_told_and_places_that_are_there_twice():
    found = explore.read_deposits(points([1, 1, 5], [2, 2, 6]), GRID, crs=METRES)
    assert "1 deposits are at the same place as another" in found.warnings[0]
    assert "there are 3 deposits; with fewer than 10" in found.warnings[1]


@pytest.mark.parametrize(
    ("table", "options", "match"),
    [
        (points([1], [2]).rename({"easting": "e"}), {}, "columns of coordinates are not known.*e,"),
        (points([1], [2]), {"columns": ("east", "northing")}, "has no column east. Found: easting"),
        (points([1], [2]), {"weight": "tonnes"}, "has no column tonnes"),
        (points([1], [2], tonnes=[-1.0]), {"weight": "tonnes"}, r"0 or more. Found: row 1 \(-1.0"),
        (points([1, 2], [2, 2], tonnes=["1", "x"]), {"weight": "tonnes"}, r"row 2 \('x'\)"),
        (points([1], [2], tonnes=[0.0]), {"weight": "tonnes"}, "all weights are 0"),
        (points([1, 2], [2, np.nan]), {}, r"column easting: a coordinate.*row 2 \(nan\)"),
        (points([1], [2]).clear(), {}, "has no rows"),
        (points([100], [2]), {}, "no deposit lies in the grid.*Check their crs"),
        (
            pl.DataFrame({"lon": [32.5], "lat": [154.9]}),
            {"crs": "EPSG:4326"},
            "not degrees.*seem swapped: give columns as lat, lon",
        ),
        (
            pl.DataFrame({"lon": [300_000.0], "lat": [3_600_000.0]}),
            {"crs": "EPSG:4326"},
            "not degrees.*Say in which crs",
        ),
    ],
)
def test_what_is_no_deposit_is_named(table, options, match):
    refused(table, match, **options)


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_points_are_read_from_files_that_know_their_system(tmp_path):
    table = points([3, 3, 9], [4, 4, 1], name=["a", "b", "c"], tonnes=[1.0, 2.0, 3.0])
    frame = geopandas.GeoDataFrame(
        table.to_pandas(),
        geometry=geopandas.points_from_xy(table["easting"], table["northing"]),
        crs=METRES,
    )
    frame.to_file(tmp_path / "d.gpkg")
    frame.to_crs("EPSG:4326").to_file(tmp_path / "d.geojson")
    expected = explore.read_deposits(table, GRID, crs=METRES, weight="tonnes")
    for name in ("d.gpkg", "d.geojson"):
        found = explore.read_deposits(tmp_path / name, GRID, weight="tonnes")
        assert found.cells.equals(expected.cells)
        assert found.points["name"].to_list() == ["a", "b", "c"]
    frame.set_geometry(frame.buffer(5)).to_file(tmp_path / "areas.gpkg")
    refused(tmp_path / "areas.gpkg", "other than points. Found: row 1 is Polygon")
    refused(tmp_path / "gone.gpkg", "there is no file")
    frame.set_crs(None, allow_override=True).to_file(tmp_path / "lost.shp")
    refused(tmp_path / "lost.shp", "lost.shp has no coordinate reference system")


# Regions -----------------------------------------------------------------------------------------


def test_a_region_of_polygons_holds_the_cells_whose_centres_are_in(tmp_path):
    ring = (
        shapely.Point(302_000, 3_598_500)
        .buffer(1100)
        .difference(shapely.Point(302_000, 3_598_500).buffer(400))
    )
    frame = geopandas.GeoDataFrame(geometry=[ring], crs=METRES).to_crs("EPSG:4326")
    frame.to_file(tmp_path / "region.gpkg")
    table = table_of(tmp_path, {"a": (VALUES, "numeric")})
    stack = explore.open_stack(table, mask=tmp_path / "region.gpkg")
    x, y = np.meshgrid(*GRID.centres())
    truth = shapely.contains_xy(ring, x, y)
    assert 0 < truth.sum() < truth.size
    for size in (5, 40):
        np.testing.assert_array_equal(np.isfinite(read_whole(stack, size)[0]), truth)
    cells = stack.read(GRID.whole)
    np.testing.assert_array_equal(cells.inside, truth)
    np.testing.assert_array_equal(cells.valid, truth)
    rows, columns = np.nonzero(np.ones(truth.shape))
    np.testing.assert_array_equal(stack.inside_at(rows, columns), truth.ravel())


def test_regions_that_are_none_are_named_and_crossed_ones_are_mended(tmp_path):
    table = table_of(tmp_path, {"a": (VALUES, "numeric")})

    def written(shape, crs=METRES):
        frame = geopandas.GeoDataFrame(geometry=[shape], crs=crs)
        frame.to_file(tmp_path / "m.gpkg", mode="w")
        return tmp_path / "m.gpkg"

    def wrong(mask, match):
        with pytest.raises(explore.ExploreError, match=match):
            explore.open_stack(table, mask=mask)

    wrong(written(shapely.Point(302_000, 3_598_500)), "holds no polygons. Found: Point")
    wrong(written(shapely.box(0, 0, 9, 9)), "does not overlap the grid")
    wrong(tmp_path / "gone.gpkg", "there is no mask")
    (tmp_path / "bad.geojson").write_text("{")
    wrong(tmp_path / "bad.geojson", "bad.geojson could not be read")
    shapely_box = shapely.box(301_000, 3_598_000, 302_000, 3_599_000)
    geopandas.GeoDataFrame(geometry=[shapely_box]).to_parquet(tmp_path / "lost.parquet")
    wrong(tmp_path / "lost.parquet", "no coordinate reference system")
    bow = shapely.Polygon(
        [(3.01e5, 3.598e6), (3.02e5, 3.599e6), (3.02e5, 3.598e6), (3.01e5, 3.599e6)]
    )
    stack = explore.open_stack(table, mask=written(bow))
    assert stack.warnings == ["the mask m.gpkg: 1 polygons cross themselves and were mended"]
    assert 40 <= stack.read(GRID.whole).inside.sum() <= 60  # two triangles of half a km2
    far = write_raster(tmp_path / "f.tif", VALUES, transform=(100, 0, 9e5, 0, -100, 3.6e6))
    wrong(far, "the mask f.tif does not overlap")
    wrong(write_raster(tmp_path / "n.tif", 0 * VALUES), "the mask n.tif holds no cell of the grid")


def test_a_region_of_another_grid_is_read_nearest(tmp_path):
    coarse = (RANDOM.random((12, 16)) < 0.5).astype(np.uint8)
    coarse[0, 0] = 255
    place = (250.0, 0.0, 300_000.0, 0.0, -250.0, 3_600_000.0)
    mask = write_raster(tmp_path / "m.tif", coarse, transform=place, nodata=255)
    stack = explore.open_stack(table_of(tmp_path, {"a": (VALUES, "numeric")}), mask=mask)
    x, y = np.meshgrid(*GRID.centres())
    rows, columns = ((3_600_000 - y) // 250).astype(int), ((x - 300_000) // 250).astype(int)
    truth = coarse[rows, columns] == 1
    np.testing.assert_array_equal(stack.read(GRID.whole).inside, truth)


def test_points_fall_where_pyproj_puts_them():
    to_degrees = Transformer.from_crs(METRES, "EPSG:4326", always_xy=True)
    x = NORTH_UP[2] + RANDOM.uniform(1, 3999, 200)
    y = NORTH_UP[5] - RANDOM.uniform(1, 2999, 200)
    lon, lat = to_degrees.transform(x, y)
    found = explore.read_deposits(pl.DataFrame({"lon": lon, "lat": lat}), GRID)
    np.testing.assert_allclose(found.points["x"], x, atol=1e-4)
    truth = pl.DataFrame({"row": ((3.6e6 - y) // 100), "column": ((x - 3e5) // 100)})
    counted = truth.group_by("row", "column").len().sort("row", "column")
    assert found.cells["count"].to_list() == counted["len"].to_list()
    assert found.cells["row"].to_list() == counted["row"].cast(int).to_list()


def test_a_sheet_in_persian_is_read_as_the_same_in_latin_digits(tmp_path):
    grid = explore.Grid("EPSG:4326", (0.5, 0.0, 50.0, 0.0, -0.5, 36.0), 8, 10)
    places = [(50.25, 35.75), (53.9, 33.1)]
    persian = str.maketrans("0123456789.", "۰۱۲۳۴۵۶۷۸۹٫")
    told = pl.DataFrame(
        {
            "نام": ["کانسار ۱", "کانسار ۲"],
            "طول جغرافیایی": [str(east).translate(persian) for east, _ in places],
            "عرض جغرافیایی": [str(north).translate(persian) for _, north in places],
            "tonnes": ["۱٬۲۰۰", "۳٫۵"],
        }
    )
    told.write_csv(tmp_path / "deposits.csv")
    told.write_excel(tmp_path / "deposits.xlsx")
    latin = explore.read_deposits(pl.DataFrame(places, ["lon", "lat"], orient="row"), grid)
    for name in ("deposits.csv", "deposits.xlsx"):
        found = explore.read_deposits(tmp_path / name, grid, weight="tonnes")
        assert found.cells["row"].to_list() == latin.cells["row"].to_list()
        assert found.cells["column"].to_list() == latin.cells["column"].to_list()
        assert found.cells["weight"].to_list() == [1200.0, 3.5]


def test_many_deposits_in_few_cells_are_told():
    found = explore.read_deposits(points([5] * 30, [6] * 30), GRID, crs=METRES)
    assert "30 deposits lie in only 1 cells" in found.warnings[-1]
    spread = explore.read_deposits(points(range(20), range(20)), GRID, crs=METRES)
    assert spread.warnings == []


def test_a_workbook_that_is_none_is_named(tmp_path):
    (tmp_path / "deposits.xlsx").write_bytes(b"no workbook")
    refused(tmp_path / "deposits.xlsx", "deposits.xlsx could not be read as a table")
