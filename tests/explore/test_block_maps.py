"""Maps made by blocks: one result for every block size, worker count and executor."""

import json
import os
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import rasterio
from raster_files import read_whole, table_of

from onshore import explore

RANDOM = np.random.default_rng(39)
NUMBERS = RANDOM.normal(size=(70, 90)).astype(np.float32)
CLASSES = RANDOM.integers(0, 2, size=(70, 90)).astype(np.uint8)


def mixed(cells):
    """Two bands that need both layers."""
    first, second = cells.values
    return np.stack([first * second, np.where(cells.valid, first + 1, np.nan)]).astype(np.float32)


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stack")
    numbers = NUMBERS.copy()
    numbers[:5, :7] = np.nan
    table = table_of(
        folder,
        {"a": (numbers, "numeric"), "b": (CLASSES, "binary")},
        nodata=["nan", ""],
        transform=["", "distance"],
    )
    return explore.open_stack(table)


@pytest.fixture(scope="module")
def plain(stack, tmp_path_factory):
    """The bytes of the map made in one block."""
    out = tmp_path_factory.mktemp("plain") / "m.tif"
    explore.map_blocks(stack, mixed, out=out, bands=["product", "more"], size=1000)
    return out.read_bytes()


@pytest.mark.parametrize("size", [9, 32, 64])
def test_the_map_is_the_same_for_every_block_size(stack, plain, tmp_path, size):
    made = explore.map_blocks(
        stack, mixed, out=tmp_path / "m.tif", bands=["product", "more"], size=size
    )
    assert made.read_bytes() == plain
    with rasterio.open(made) as file:
        values = read_whole(stack)
        np.testing.assert_array_equal(file.read(1), values[0] * values[1])
        assert file.descriptions == ("product", "more")


def test_the_map_is_the_same_from_workers_and_from_another_executor(stack, plain, tmp_path):
    out = tmp_path / "m.tif"
    options = {"out": out, "bands": ["product", "more"], "size": 30}
    seen = []
    explore.map_blocks(
        stack, mixed, workers=2, progress=lambda done, of: seen.append((done, of)), **options
    )
    assert out.read_bytes() == plain
    assert seen == [(number, 9) for number in range(1, 10)]
    out.unlink()
    with ThreadPoolExecutor(3) as threads:
        explore.map_blocks(stack, mixed, executor=threads, **options)
    assert out.read_bytes() == plain


@pytest.mark.spark
@pytest.mark.slow
def test_the_map_is_the_same_from_a_spark_session(stack, plain, tmp_path, monkeypatch):
    if shutil.which("java") is None or find_spec("pyspark") is None:
        lacking = "needs Java and the extra 'spark'"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(lacking)
    from pyspark.sql import SparkSession

    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    # What runs for seconds is compiled quickly rather than well.
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .getOrCreate()
    )
    try:
        made = explore.map_blocks(
            stack,
            mixed,
            out=tmp_path / "m.tif",
            bands=["product", "more"],
            size=30,
            executor=explore.SparkBlocks(session),
        )
    finally:
        session.stop()
    assert made.read_bytes() == plain


def test_the_map_is_cloud_optimised_and_tells_what_it_was_made_from(tmp_path):
    large = RANDOM.normal(size=(1100, 700)).astype(np.float32)
    stack = explore.open_stack(table_of(tmp_path, {"a": (large, "numeric")}))
    story = {"inputs": {"a.tif": "0" * 64}, "seed": 7, "method": "نقشه"}
    made = explore.map_blocks(
        stack, lambda cells: cells.values, out=tmp_path / "m.tif", bands=["a"], provenance=story
    )
    with rasterio.open(made) as file:
        assert file.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert file.block_shapes == [(512, 512)]
        assert file.overviews(1) == [2, 4]
        assert np.isnan(file.nodata)
        assert file.crs.to_epsg() == 32640
        assert tuple(file.transform)[:6] == stack.grid.transform
        assert json.loads(file.tags()["ONSHORE_PROVENANCE"]) == story
        np.testing.assert_array_equal(file.read(1), large)
    # Headers of the picture and its overviews come first, and overviews before full size.
    with made.open("rb") as file:
        assert b"LAYOUT=IFDS_BEFORE_DATA" in file.read(300)


def test_a_map_that_fails_leaves_nothing_behind(stack, tmp_path):
    (tmp_path / "m.tif").write_bytes(b"what was there")

    def late(cells):
        if cells.block.row > 30:
            raise RuntimeError("in the middle")
        return cells.values

    for workers in (1, 2):
        with (
            pytest.raises(RuntimeError, match="in the middle")
            if workers == 1
            else pytest.raises(Exception, match=r"pickle|local")
        ):
            explore.map_blocks(
                stack, late, out=tmp_path / "m.tif", bands=["a", "b"], size=20, workers=workers
            )
        assert [file.name for file in tmp_path.iterdir()] == ["m.tif"]
        assert (tmp_path / "m.tif").read_bytes() == b"what was there"


def test_what_is_asked_must_make_a_map(stack, tmp_path):
    def refused(match, **options):
        with pytest.raises(explore.ExploreError, match=match):
            explore.map_blocks(
                stack,
                mixed,
                **({"out": tmp_path / "m.tif", "bands": ["a", "b"]} | options),
            )

    refused("bands of different names", bands=["a", "a"])
    refused(r"Found: \(2, 70, 90\) instead of \(3, 70, 90\)", bands=["a", "b", "c"])
    refused("there is no folder", out=tmp_path / "none" / "m.tif")
    assert list(tmp_path.iterdir()) == []
