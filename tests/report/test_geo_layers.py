"""Layers written for other readers: SQLite itself, GDAL, GeoPandas and Arrow."""

import datetime as dt
import json
import sqlite3
from decimal import Decimal

import geopandas
import polars as pl
import pyarrow.parquet as pq
import pyogrio
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from onshore.report.geo_layers import (
    Layer,
    LayerError,
    geopackage,
    geoparquet,
    in_degrees,
    read_layer,
    write_layers,
)

WHEN = dt.datetime(2026, 3, 4, 5, 6, tzinfo=dt.UTC)


def areas():
    return pl.DataFrame(
        {
            "target": ["T001", "T002"],
            "rank": pl.Series([1, 2], dtype=pl.Int64),
            "area_km2": [1.5, None],
            "cost": pl.Series([Decimal("12.5"), Decimal(3)], dtype=pl.Decimal(38, 6)),
            "commodities": [["copper", "gold"], None],
            "held": [True, None],
            "on": [dt.date(2026, 1, 2), None],
            "name_fa": ["هدف یک", None],
            "geometry": [shapely.box(0, 0, 100, 50).wkb, shapely.box(9, 9, 11, 11).wkb],
        }
    )


def mines():
    return pl.DataFrame({"name": ["A", "B"], "geometry": ["POINT (51.4 35.7)", None]})


def test_a_geopackage_is_what_the_standard_asks_of_it(tmp_path):
    path = write_layers(
        tmp_path / "out.gpkg",
        {"targets": Layer(areas(), "EPSG:7845"), "mines": Layer(mines())},
        provenance={"seed": 7},
        when=WHEN,
    )
    with sqlite3.connect(path) as file:
        ask = lambda text: file.execute(text).fetchall()  # noqa: E731
        assert ask("PRAGMA application_id") == [(0x47504B47,)]
        assert ask("PRAGMA integrity_check") == [("ok",)]
        assert ask("PRAGMA foreign_key_check") == []
        contents = ask("SELECT table_name, data_type, srs_id, last_change FROM gpkg_contents")
        assert contents == [
            ("targets", "features", 7845, "2026-03-04T05:06:00.000Z"),
            ("mines", "features", 4326, "2026-03-04T05:06:00.000Z"),
        ]
        kinds = ask("SELECT table_name, column_name, geometry_type_name FROM gpkg_geometry_columns")
        assert kinds == [("targets", "geometry", "POLYGON"), ("mines", "geometry", "POINT")]
        assert ask("SELECT count(*) FROM rtree_targets_geometry") == [(2,)]
        keys = [row[1] for row in ask("PRAGMA table_info(targets)") if row[5]]
        assert keys == ["fid"]
        assert ask("SELECT target, rank, area_km2, cost, commodities, name_fa FROM targets") == [
            ("T001", 1, 1.5, 12.5, "copper;gold", "هدف یک"),
            ("T002", 2, None, 3.0, None, None),
        ]
        told = ask("SELECT metadata FROM gpkg_metadata")
    assert any("seed" in text for (text,) in told)
    # The header of each geometry names its reference system.
    with sqlite3.connect(path) as file:
        (blob,) = file.execute("SELECT geometry FROM targets").fetchone()
    assert blob[:2] == b"GP"
    assert int.from_bytes(blob[4:8], "little" if blob[3] & 1 else "big") == 7845


def test_geopandas_reads_the_same_features(tmp_path):
    path = write_layers(tmp_path / "out.gpkg", {"targets": Layer(areas(), "EPSG:7845")})
    found = geopandas.read_file(path, layer="targets")
    assert found.crs == pyproj.CRS("EPSG:7845")
    assert found["target"].to_list() == ["T001", "T002"]
    assert found.geometry.area.to_list() == [5000, 4]


def test_the_same_layers_at_the_same_time_give_the_same_file(tmp_path):
    for name in ("a", "b"):
        write_layers(tmp_path / name, {"targets": Layer(areas(), "EPSG:7845")}, when=WHEN)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_geoparquet_tells_what_the_specification_asks(tmp_path):
    path = tmp_path / "out.parquet"
    geoparquet(Layer(areas(), "EPSG:7845"))(path)
    told = json.loads(pq.read_schema(path).metadata[b"geo"])
    assert told["version"] == "1.1.0"
    column = told["columns"][told["primary_column"]]
    assert column["encoding"] == "WKB"
    assert column["geometry_types"] == ["Polygon"]
    assert column["bbox"] == [0, 0, 100, 50]
    assert pyproj.CRS.from_json_dict(column["crs"]) == pyproj.CRS("EPSG:7845")
    bounds = pq.read_table(path, columns=["bbox"]).to_pylist()
    assert bounds[1]["bbox"] == {"xmin": 9, "ymin": 9, "xmax": 11, "ymax": 11}
    found = geopandas.read_parquet(path)
    assert found.geometry.to_wkb().to_list() == areas()["geometry"].to_list()


shapes = st.one_of(
    st.none(),
    st.builds(
        lambda x, y, wide, high: shapely.box(x, y, x + wide, y + high),
        *[st.floats(-80, 80)] * 2, *[st.floats(0.1, 5)] * 2,
    ),
)  # fmt: skip


@settings(max_examples=8, deadline=None)
@given(
    st.lists(
        st.tuples(st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1),
                  st.integers(-(2**62), 2**62), st.floats(allow_nan=False, allow_infinity=False),
                  shapes),
        min_size=1, max_size=6,
    )
)  # fmt: skip
def test_what_is_written_is_read_again(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("layers")
    frame = pl.DataFrame(
        {
            "text": [row[0] for row in rows],
            "whole": [row[1] for row in rows],
            "number": [row[2] for row in rows],
            "geometry": pl.Series(
                [None if row[3] is None else row[3].wkb for row in rows], dtype=pl.Binary
            ),
        }
    )
    write_layers(folder / "out.gpkg", {"layer": Layer(frame)})
    geoparquet(Layer(frame))(folder / "out.parquet")
    for name in ("out.gpkg", "out.parquet"):
        found = read_layer(folder / name)
        assert found.crs == "EPSG:4326"
        assert found.frame.equals(frame)


def test_areas_of_one_and_of_several_parts_make_one_kind(tmp_path):
    box = shapely.box(0, 0, 1, 1)
    several = shapely.MultiPolygon([box, shapely.box(5, 5, 6, 6)])
    frame = pl.DataFrame({"geometry": [box.wkt, several.wkt]})
    path = write_layers(tmp_path / "out.gpkg", {"mixed": Layer(frame)})
    assert pyogrio.read_info(path)["geometry_type"] == "MultiPolygon"
    found = shapely.from_wkb(read_layer(path).frame["geometry"].to_list())
    assert [shape.area for shape in found] == [1, 2]


def test_a_layer_is_brought_to_degrees():
    # Corners of the UTM zone 39: the central meridian is 51 degrees east.
    frame = pl.DataFrame({"geometry": ["POINT (500000 0)", None, "POINT (500000 3875000)"]})
    found = in_degrees(Layer(frame, "EPSG:32639"))
    assert found.crs == "EPSG:4326"
    first, none, second = shapely.from_wkb(found.frame["geometry"].to_list())
    assert (first.x, first.y) == pytest.approx((51, 0))
    assert none is None
    lon, lat = pyproj.Proj("EPSG:32639")(500000, 3875000, inverse=True)
    assert (second.x, second.y) == pytest.approx((lon, lat))
    same = in_degrees(Layer(mines()))
    assert shapely.from_wkb(same.frame["geometry"][0]).x == 51.4
    with pytest.raises(LayerError, match="not known"):
        in_degrees(Layer(frame, "EPSG:999999"))


def test_geojson_is_read_in_degrees(tmp_path):
    path = tmp_path / "places.geojson"
    path.write_text(
        json.dumps(
            {
                "type": "FeatureCollection",
                "features": [
                    {
                        "type": "Feature",
                        "properties": {"name": "A"},
                        "geometry": {"type": "Point", "coordinates": [51.4, 35.7]},
                    }
                ],
            }
        )
    )
    found = read_layer(path)
    assert found.crs in {"EPSG:4326", "OGC:CRS84"}
    assert found.frame["name"].to_list() == ["A"]
    assert shapely.from_wkb(found.frame["geometry"][0]).wkt == "POINT (51.4 35.7)"


def test_nothing_half_written_is_left(tmp_path):
    bad = pl.DataFrame({"geometry": ["POINT (1"]})
    with pytest.raises(LayerError, match="row 1: the geometry is no WKT"):
        write_layers(tmp_path / "out.gpkg", {"bad": Layer(bad)})
    with pytest.raises(LayerError, match="cannot be written"):
        write_layers(tmp_path / "out.gpkg", {"bad": Layer(mines(), "EPSG:999999")})
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_layer_is_refused(tmp_path):
    with pytest.raises(LayerError, match="needs a layer"):
        geopackage({})
    with pytest.raises(LayerError, match="no column 'geometry'"):
        geopackage({"a": Layer(pl.DataFrame({"x": [1]}))})
    (tmp_path / "a.gpkg").write_bytes(b"nothing")
    with pytest.raises(LayerError, match="no layer can be read"):
        read_layer(tmp_path / "a.gpkg")
    pl.DataFrame({"x": [1]}).write_parquet(tmp_path / "a.parquet")
    with pytest.raises(LayerError, match="without geometry"):
        read_layer(tmp_path / "a.parquet")
    (tmp_path / "b.parquet").write_bytes(b"nothing")
    with pytest.raises(LayerError, match="cannot be read as GeoParquet"):
        read_layer(tmp_path / "b.parquet")
