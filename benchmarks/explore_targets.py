"""Targets of a national map: CPU seconds and memory, by blocks and with the whole map at once.

The map is made by blocks: a smooth random field of float32 in a tiled GeoTIFF. Beside ours stands
the usual way by hand: the whole raster in memory, a quantile by sorting, `scipy.ndimage.label`,
`rasterio.features.shapes` and `shapely` for the polygons. Both must give the same targets.

    python benchmarks/explore_targets.py [--rows 4000] [--columns 4000] [--by-hand]
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import rasterio
from rasterio.transform import Affine
from rasterio.windows import Window
from scipy import ndimage

TOP_SHARE = 0.05
LEAST_KM2 = 1.0
CELL = 100.0


def make_map(path: Path, rows: int, columns: int) -> None:
    """Write a smooth field: coarse normal numbers, drawn to cells by cubic splines, and noise."""
    draw = np.random.default_rng(9)
    coarse = draw.normal(size=(rows // 64 + 8, columns // 64 + 8)).astype(np.float32)
    with rasterio.open(
        path, "w", driver="GTiff", dtype="float32", count=1, height=rows, width=columns,
        crs="EPSG:7845", transform=Affine(CELL, 0, 0, 0, -CELL, -2_000_000), tiled=True,
        nodata=float("nan"), blockxsize=512, blockysize=512,
    ) as file:  # fmt: skip
        for row in range(0, rows, 512):
            high = min(512, rows - row)
            at = np.meshgrid(
                (np.arange(high) + row) / 64 + 3, np.arange(columns) / 64 + 3, indexing="ij"
            )
            field = ndimage.map_coordinates(coarse, at, order=1, prefilter=False)
            noise = draw.normal(scale=0.02, size=field.shape)
            field = (1 / (1 + np.exp(-field - noise))).astype(np.float32)
            file.write(field[None], window=Window(0, row, columns, high))


def ours(path: Path) -> tuple[int, float]:
    """Cut the map by strips."""
    from onshore import explore

    found = explore.targets(path, top_share=TOP_SHARE, least_km2=LEAST_KM2, most_km2=None)
    return found.polygons.height, found.polygons["area_km2"].sum()


def by_hand(path: Path) -> tuple[int, float]:
    """Cut the map with all of it in memory."""
    import shapely
    from rasterio.features import shapes

    with rasterio.open(path) as file:
        scores, transform = file.read(1), file.transform
    wanted = int(np.ceil(TOP_SHARE * scores.size))
    threshold = np.sort(scores, axis=None)[::-1][wanted - 1]
    labels, count = ndimage.label(scores >= threshold)
    numbers = np.arange(1, count + 1)
    areas = ndimage.sum_labels(np.ones_like(scores), labels, numbers) * CELL**2 / 1e6
    ndimage.mean(scores, labels, numbers)
    ndimage.maximum(scores, labels, numbers)
    small = np.concatenate([[True], areas < LEAST_KM2])
    labels[small[labels]] = 0
    drawn = [
        shapely.geometry.shape(shape)
        for shape, _ in shapes(labels, mask=labels > 0, connectivity=4, transform=transform)
    ]
    return len(drawn), sum(shape.area for shape in drawn) / 1e6


WAYS = {"ours": ours, "by-hand": by_hand}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=4000)
    parser.add_argument("--columns", type=int, default=4000)
    parser.add_argument("--by-hand", action="store_true", help="also with the map in memory")
    parser.add_argument("--way", choices=WAYS, help="one way on a map, in a process of its own")
    parser.add_argument("--map", type=Path)
    asked = parser.parse_args()
    if asked.way:
        start = time.process_time()
        count, area = WAYS[asked.way](asked.map)
        spent = time.process_time() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(f"{asked.way}: {count} targets, {area:.2f} km2, {spent:.1f} CPU s, {peak:.2f} GB")
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "map.tif"
        make_map(path, asked.rows, asked.columns)
        print(f"{asked.rows} x {asked.columns} cells, {path.stat().st_size / 1e9:.2f} GB")
        for way in ("ours", "by-hand") if asked.by_hand else ("ours",):
            subprocess.run([sys.executable, __file__, "--way", way, "--map", str(path)], check=True)


if __name__ == "__main__":
    main()
