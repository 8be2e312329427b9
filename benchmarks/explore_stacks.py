"""CPU and memory of evidence stacks: looked over, read, transformed, written as a map.

    python benchmarks/explore_stacks.py [--side 4000] [--layers 12]

Beside ours: the exact distance transform of SciPy (whole map in memory) and GDAL's warper by
rasterio (one call, whole map in memory). One thread; CPU seconds of the second run, so that
compiling is not counted; the largest memory of the process so far.
"""

import argparse
import os
import resource
import tempfile
import time
from pathlib import Path

os.environ.update({f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL", "GDAL")})
os.environ["POLARS_MAX_THREADS"] = "1"

import numpy as np
import polars as pl
import rasterio
from rasterio.transform import Affine

from onshore import explore

PLACE = (100.0, 0.0, 300_000.0, 0.0, -100.0, 4_000_000.0)


def main() -> None:
    parser = argparse.ArgumentParser(description="Evidence stacks")
    parser.add_argument("--side", type=int, default=4000)
    parser.add_argument("--layers", type=int, default=12)
    asked = parser.parse_args()
    n = asked.side
    random = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for layer in range(asked.layers):
            values = random.standard_normal((n, n), dtype=np.float32)
            write(folder / f"l{layer}.tif", values)
        faults = (random.random((n, n)) < 0.001).astype(np.uint8)
        write(folder / "faults.tif", faults)
        degrees = (0.0011, 0.0, 54.7, 0.0, -0.0009, 36.2)
        write(folder / "degrees.tif", values, degrees, "EPSG:4326")
        print(f"{n} x {n} cells, {asked.layers} float layers; CPU s, largest memory")
        every = table([f"l{layer}" for layer in range(asked.layers)], folder)
        stack = said("open and look over all values", lambda: explore.open_stack(every))
        said("read all layers, blocks of 512", lambda: read(stack, 512))
        said("read all layers, blocks of 64", lambda: read(stack, 64))
        out = folder / "map.tif"
        said(
            "write a map of one band (COG)",
            lambda: explore.map_blocks(stack, first, out=out, bands=["a"]),
        )
        dense = table(["l0"], folder, transform=["density"], radius_km=["5"])
        smooth = explore.open_stack(dense)
        said("density within 5 km (7,845 cells)", lambda: read(smooth, 512))
        warped = explore.open_stack(
            table(["degrees"], folder), grid=explore.Grid("EPSG:32640", PLACE, n, n)
        )
        said("read a layer in another CRS", lambda: read(warped, 512))
        far = table(["faults"], folder, kind=["binary"], transform=["distance"])
        stack = said("exact distance, on disk", lambda: explore.open_stack(far))
        said("the same by GDAL's warper", lambda: by_gdal(values, degrees, n))
        truth = said("the same by SciPy, in memory", lambda: by_scipy(faults))
        found = stack.read(stack.grid.whole).values[0]
        print(f"cells alike in float32: {np.mean(found == truth):.6%}")


def said(name: str, work):
    work()
    began = time.process_time()
    result = work()
    took = time.process_time() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{name:<36} {took:7.2f} s {memory:7.0f} MB", flush=True)
    return result


def write(path: Path, values: np.ndarray, place=PLACE, crs="EPSG:32640") -> None:
    height, width = values.shape
    options = {"driver": "GTiff", "count": 1, "tiled": True, "blockxsize": 256, "blockysize": 256}
    with rasterio.open(
        path,
        "w",
        dtype=values.dtype,
        height=height,
        width=width,
        crs=crs,
        transform=Affine(*place),
        **options,
    ) as file:
        file.write(values, 1)


def table(names: list[str], folder: Path, **columns) -> pl.DataFrame:
    files = [str(folder / f"{name}.tif") for name in names]
    made = {"layer": names, "file": files, "kind": ["numeric"] * len(names)}
    return pl.DataFrame(made | columns)


def read(stack: explore.Stack, size: int) -> None:
    for block in stack.blocks(size):
        stack.read(block)


def first(cells: explore.Cells) -> np.ndarray:
    return cells.values[:1]


def by_scipy(faults: np.ndarray) -> np.ndarray:
    from scipy.ndimage import distance_transform_edt

    return (distance_transform_edt(faults == 0) * 0.1).astype(np.float32)


def by_gdal(values: np.ndarray, place, n: int) -> None:
    from rasterio.warp import Resampling, reproject

    reproject(
        values,
        np.empty((n, n), dtype=np.float32),
        src_transform=Affine(*place),
        src_crs="EPSG:4326",
        dst_transform=Affine(*PLACE),
        dst_crs="EPSG:32640",
        src_nodata=np.nan,
        dst_nodata=np.nan,
        resampling=Resampling.bilinear,
    )


if __name__ == "__main__":
    main()
