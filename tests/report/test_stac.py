"""Maps as Cloud-optimised GeoTIFFs with valid STAC items."""

import datetime as dt
import hashlib
import json
import struct

import numpy as np
import pystac
import pytest
import rasterio
import shapely
from pyproj import Transformer

from onshore import explore
from onshore.explore import Block, Cells, Grid
from onshore.explore.blocks import blocks_of
from onshore.report.stac import MapError, stac_bytes, stac_item

WHEN = dt.datetime(2026, 3, 4, 5, 6, tzinfo=dt.UTC)
MADE = {
    "command": "map",
    "version": "0.1.0",
    "seed": 3,
    "method": "boosted",
    "source": {"file": "layers.csv", "sha256": "ab" * 32},
    "layers": {"gravity": {"file": "gravity.tif", "sha256": "cd" * 32}},
}


class Made:
    """A stack that makes its cells: rows and columns; the first three rows have no data."""

    grid = Grid("EPSG:7845", (100.0, 0.0, 600000.0, 0.0, -100.0, -2260000.0), 1300, 700)

    def blocks(self, size: int = 512) -> list[Block]:
        return blocks_of(self.grid.height, self.grid.width, size)

    def read(self, block: Block) -> Cells:
        row, column = np.indices((block.height, block.width), dtype=np.float32)
        values = (row + block.row + (column + block.column) / 1000)[None]
        valid = values[0] >= 3
        return Cells(np.where(valid, values, np.nan), valid, valid, block)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    out = tmp_path_factory.mktemp("map") / "score.tif"
    return explore.map_blocks(
        Made(), lambda cells: np.concatenate([cells.values, cells.values * 0 + 1]),
        out=out, bands=["score", "uncertainty"], provenance=MADE,
    )  # fmt: skip


def test_the_map_is_cloud_optimised(made):
    with rasterio.open(made) as file:
        assert file.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert file.block_shapes == [(512, 512)] * 2
        assert file.overviews(1) == file.overviews(2) == [2, 4]
        assert file.descriptions == ("score", "uncertainty")
    header, directories = directories_of(made)
    assert b"LAYOUT=IFDS_BEFORE_DATA" in header
    # All directories stand before all data, the full image first, then smaller and smaller.
    starts = [start for start, _, _ in directories]
    widths = [width for _, width, _ in directories]
    tiles = [offset for _, _, offsets in directories for offset in offsets if offset]
    assert starts == sorted(starts)
    assert widths == [700, 350, 175]
    assert max(starts) < min(tiles)
    # Data of smaller images come before those of larger ones.
    first = [min(offset for offset in offsets if offset) for _, _, offsets in directories]
    assert first == sorted(first, reverse=True)


def directories_of(path):
    """Read the directories of a TIFF from its bytes: where each is, its width, its tiles."""
    data = path.read_bytes()
    order = "<" if data[:2] == b"II" else ">"
    (version,) = struct.unpack_from(f"{order}H", data, 2)
    assert version == 42
    (at,) = struct.unpack_from(f"{order}I", data, 4)
    found = []
    while at:
        (count,) = struct.unpack_from(f"{order}H", data, at)
        tags = {}
        for number in range(count):
            tag, kind, many, value = struct.unpack_from(f"{order}HHII", data, at + 2 + 12 * number)
            tags[tag] = (kind, many, value, at + 2 + 12 * number + 8)
        kind, many, value, place = tags[324]
        place = place if many == 1 else value
        letter = {3: "H", 4: "I", 16: "Q"}[kind]
        offsets = struct.unpack_from(f"{order}{many}{letter}", data, place)
        width = tags[256][2] if tags[256][0] == 4 else tags[256][2] & 0xFFFF
        found.append((at, width, offsets))
        (at,) = struct.unpack_from(f"{order}I", data, at + 2 + 12 * count)
    return data[8:200], found


def test_the_item_is_valid(made):
    item = stac_item(made, title="Copper", description="Scores", when=WHEN)
    core = pystac.Item.from_dict({**item, "stac_extensions": []})
    schemas = core.validate()
    assert any("item-spec" in schema for schema in schemas)
    assert json.loads(stac_bytes(item)) == item
    assert item["properties"]["datetime"] == "2026-03-04T05:06:00Z"


def test_the_validation_can_fail(made):
    item = stac_item(made)
    del item["properties"]["datetime"]
    with pytest.raises(pystac.STACError):
        pystac.Item.from_dict({**item, "stac_extensions": []}).validate()


def test_the_item_tells_what_the_extensions_ask(made):
    item = stac_item(made)
    assert {name.split("/")[3] for name in item["stac_extensions"]} == {
        "file", "processing", "projection"
    }  # fmt: skip
    read = pystac.Item.from_dict(item)
    assert read.ext.proj.epsg == 7845
    assert read.ext.proj.shape == [1300, 700]
    assert read.ext.proj.transform == [100, 0, 600000, 0, -100, -2260000]
    assert read.ext.proj.bbox == [600000, -2390000, 670000, -2260000]
    asset = read.assets["map"]
    assert asset.media_type == pystac.MediaType.COG
    assert asset.ext.file.size == made.stat().st_size
    assert asset.ext.file.checksum == "1220" + hashlib.sha256(made.read_bytes()).hexdigest()
    with rasterio.open(made) as file:
        bands = file.read(masked=True).astype(float)
    for band, told in zip(bands, item["assets"]["map"]["bands"], strict=True):
        known = told["statistics"]
        assert told["nodata"] == "nan"
        assert told["data_type"] == "float32"
        assert known["count"] == band.count() == 1297 * 700
        assert known["valid_percent"] == pytest.approx(100 * 1297 / 1300)
        for name, value in {"minimum": band.min(), "maximum": band.max(), "mean": band.mean(),
                            "stddev": band.std()}.items():  # fmt: skip
            assert known[name] == pytest.approx(value, rel=1e-9, abs=1e-9)


def test_the_outline_holds_the_map(made):
    item = stac_item(made)
    outline = shapely.geometry.shape(item["geometry"])
    assert outline.is_valid
    assert outline.exterior.is_ccw
    assert outline.bounds == pytest.approx(item["bbox"])
    back = Transformer.from_crs("EPSG:7845", "EPSG:4326", always_xy=True)
    draw = np.random.default_rng(1)
    lon, lat = back.transform(
        draw.uniform(600000, 670000, 500), draw.uniform(-2390000, -2260000, 500)
    )
    inside = shapely.contains_xy(outline.buffer(1e-5), lon, lat)
    assert inside.all()


def test_provenance_is_that_of_the_file_or_as_given(made):
    item = stac_item(made)
    assert item["properties"]["onshore:provenance"] == MADE
    assert item["properties"]["processing:software"] == {"onshore": "0.1.0"}
    assert [link["href"] for link in item["links"]] == ["layers.csv", "gravity.tif"]
    assert [link["type"] for link in item["links"]] == [
        "text/csv",
        "image/tiff; application=geotiff",
    ]
    assert {link["rel"] for link in item["links"]} == {"derived_from"}
    other = stac_item(made, provenance={"seed": 9})
    assert other["properties"]["onshore:provenance"] == {"seed": 9}


def test_what_is_no_map_is_refused(tmp_path):
    with pytest.raises(MapError, match="cannot be read as a map"):
        stac_item(tmp_path / "none.tif")
    with rasterio.open(
        tmp_path / "a.tif", "w", driver="GTiff", dtype="uint8", count=1, height=2, width=2,
        transform=rasterio.Affine(2, 0, 0, 0, -2, 0),
    ) as file:  # fmt: skip
        file.write(np.ones((1, 2, 2), np.uint8))
    with pytest.raises(MapError, match="no coordinate reference system"):
        stac_item(tmp_path / "a.tif")
