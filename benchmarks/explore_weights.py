"""Weights of evidence: CPU and memory of one large layer beside EIS Toolkit, and a known truth.

    python benchmarks/explore_weights.py speed [--side 4000] [--peer peer/bin/python]
    python benchmarks/explore_weights.py truth [--draws 500]

*speed* writes one layer of SIDE x SIDE cells (float32, ten classes, tiled GeoTIFF) and 300
deposits to a temporary folder, and weighs it: the layer opened and looked over, deposits read,
classes counted, weights, in a process of its own each (see peers/eis_toolkit/peer.py for the
other). *truth* draws deposits from known weights and tells how often the intervals hold the truth,
with layers that are independent of each other and with layers that are not.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from types import SimpleNamespace

import numpy as np
import polars as pl

from onshore import explore

PEER = Path(__file__).parent / "peers/eis_toolkit/peer.py"
KINDS = ("unique", "ascending", "descending", "categorical")
Z = 1.959963984540054


def main() -> None:
    parser = argparse.ArgumentParser(description="Weights of evidence")
    parser.add_argument("what", choices=["speed", "truth", "ours"])
    parser.add_argument("files", nargs="*")
    parser.add_argument("--side", type=int, default=4000)
    parser.add_argument("--draws", type=int, default=500)
    parser.add_argument("--peer", help="Python of an environment with EIS Toolkit")
    asked = parser.parse_args()
    if asked.what == "ours":
        weigh(*asked.files)
    elif asked.what == "speed":
        speed(asked.side, asked.peer)
    else:
        truth(asked.draws)


def speed(side: int, peer: str | None) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_layer(folder, side)
        print(f"one layer of {side} x {side} cells, 10 classes, 300 deposits")
        for kind in KINDS:
            files = [str(folder / each) for each in ("layer.tif", "deposits.csv", f"{kind}.csv")]
            first, again, peak = run([sys.executable, __file__, "ours", *files, kind])
            print(
                f"onshore      {kind:<12} {again:6.3f} CPU s  {peak:5.0f} MB   "
                f"(first time in a process, libraries loaded: {first:.3f} CPU s)"
            )
            if not peer:
                continue
            theirs = [*files[:2], str(folder / f"{kind}_peer.csv"), kind]
            try:
                took, high, version = run([peer, str(PEER), *theirs])
            except subprocess.CalledProcessError as failed:
                print(f"EIS Toolkit  {kind:<12} fails: {failed.stderr.splitlines()[-1]}")
                continue
            print(
                f"EIS Toolkit  {kind:<12} {took:6.3f} CPU s  {high:5.0f} MB   {version}; ours takes"
                f" {took / again:.1f} times less; largest difference of a weight "
                f"{difference(folder, kind):.0e} (theirs are rounded to 4 decimals)"
            )


def make_layer(folder: Path, side: int) -> None:
    import rasterio
    from rasterio.transform import from_origin
    from scipy.ndimage import zoom

    random = np.random.default_rng(1)
    field = zoom(random.normal(size=(60, 60)), side / 60 + 1e-9, order=3)[:side, :side]
    bounds = np.quantile(field, np.arange(0.1, 1, 0.1))
    classes = np.digitize(field, bounds).astype(np.float32) + 1
    with rasterio.open(
        folder / "layer.tif",
        "w",
        driver="GTiff",
        height=side,
        width=side,
        count=1,
        dtype="float32",
        crs="EPSG:32640",
        transform=from_origin(0, 4e6, 100, 100),
        nodata=-9999,
        tiled=True,
        blockxsize=512,
        blockysize=512,
    ) as written:
        written.write(classes, 1)
    # One deposit a cell, as the peer counts cells; rather in the high classes.
    cells = np.unique(random.integers(0, side * side, 20_000))
    cells = random.permutation(cells)
    chance = (classes.ravel()[cells] / 10) ** 3
    cells = cells[random.random(len(cells)) < chance][:300]
    pl.DataFrame(
        {"x": (cells % side + 0.5) * 100, "y": 4e6 - (cells // side + 0.5) * 100}
    ).write_csv(folder / "deposits.csv")


def run(command: list[str]) -> list[float]:
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    told = done.stdout.split()
    return [float(told[0]), float(told[1]), told[2] if told[2].count(".") > 1 else float(told[2])]


def weigh(layer: str, deposits: str, out: str, kind: str) -> None:
    """Weigh twice in this process: the first run loads the libraries."""
    import onshore.explore.tally  # noqa: F401 (compiled code is loaded with the libraries)

    points = pl.read_csv(deposits)
    took = []
    for _ in range(2):
        began = time.process_time()
        stack = explore.open_stack(
            pl.DataFrame({"layer": ["evidence"], "file": [layer], "kind": ["numeric"]})
        )
        known = explore.read_deposits(points, stack, crs="EPSG:32640")
        counts = explore.class_counts(stack, "evidence", known)
        # The peer's unit cell is the raster's cell.
        found = explore.weights(counts, kind=kind, unit_cell_km2=0.01)
        took.append(time.process_time() - began)
    found.table.write_csv(out)
    print(*took, getrusage(RUSAGE_SELF).ru_maxrss / 1024)


def difference(folder: Path, kind: str) -> float:
    ours = pl.read_csv(folder / f"{kind}.csv")
    theirs = pl.read_csv(folder / f"{kind}_peer.csv")
    if kind == "categorical":
        theirs = theirs.with_columns(pl.col("Class").cast(pl.Float64)).sort("Class")
    both = (ours["points"] > 0) & (ours["points"] < ours["points"].max())
    return float((ours["w_plus"] - theirs["W+"]).filter(both).abs().max())


class Kept:
    """A stack in memory, one square kilometre a cell."""

    def __init__(self, layers: dict[str, np.ndarray]) -> None:
        self.layers, self.names = layers, list(layers)
        self.kinds = ["categorical"] * len(layers)
        self.grid = SimpleNamespace(cell_area_km2=1.0)

    def select(self, names: list[str]) -> "Kept":
        return Kept({name: self.layers[name] for name in names})

    def blocks(self, size: int = 512) -> list[explore.Block]:  # noqa: ARG002 (one block)
        height, width = next(iter(self.layers.values())).shape
        return [explore.Block(0, 0, height, width)]

    def read(self, block: explore.Block) -> explore.Cells:
        values = np.array(list(self.layers.values()), np.float32)
        every = np.ones(values.shape[1:], bool)
        return explore.Cells(values, every, every, block)


def truth(draws: int, side: int = 150) -> None:
    random = np.random.default_rng(0)
    first = random.random((side, side)) < 0.2
    for name, share in (("independent", 0.0), ("dependent", 0.6)):
        second = np.where(
            random.random((side, side)) < share, first, random.random((side, side)) < 0.3
        )
        third = random.integers(0, 4, (side, side))
        layers = {
            "first": first.astype(np.float32),
            "second": second.astype(np.float32),
            "third": third.astype(np.float32),
        }
        logit = -5.5 + 1.4 * first + 0.9 * second + np.array([-0.8, 0.0, 0.3, 0.7])[third]
        print(f"\nlayers {name} of each other; {draws} draws of about 200 deposits")
        one_truth(Kept(layers), 1 / (1 + np.exp(-logit)), draws, random)


def one_truth(stack: Kept, chance: np.ndarray, draws: int, random: np.random.Generator) -> None:
    # The truth is what the same formulas give for the expected number of deposits in each cell.
    expected, true_ratio, true_map = weighed(stack, chance)
    held = {f"{name} {kind}": [] for name in stack.names for kind in ("W+", "W-", "C")}
    ratios, rejected, posterior = [], [], []
    for _ in range(draws):
        found, ratio, map_ = weighed(stack, (random.random(chance.shape) < chance).astype(float))
        for each, known in zip(found, expected, strict=True):
            for kind, column in (("W+", "w_plus"), ("W-", "w_minus"), ("C", "contrast")):
                z = (each.table[column] - known.table[column]) / each.table[f"s_{column}"]
                held[f"{each.layer} {kind}"].append((z.abs() < Z).to_numpy())
        ratios.append(ratio["ratio_low"] <= true_ratio["ratio"] <= ratio["ratio_high"])
        rejected.append(ratio["probability"] > 0.95)
        posterior.append(np.abs(map_[0] - true_map[0]) < Z * map_[1])
    print("share of 95 % intervals that hold the truth")
    for name, hits in held.items():
        print(f"  {name:<12} {np.mean(hits):.3f}")
    print(f"  posterior    {np.mean(posterior):.3f}")
    print(f"  T/n          {np.mean(ratios):.3f}   (true T/n {true_ratio['ratio']:.3f})")
    print(f"Agterberg-Cheng at 5 % rejects independence in {np.mean(rejected):.3f} of the draws")


def weighed(stack: Kept, deposits: np.ndarray) -> tuple[list[explore.Weights], dict, np.ndarray]:
    rows, columns = np.nonzero(deposits)
    cells = pl.DataFrame({"row": rows, "column": columns, "weight": deposits[rows, columns]})
    known = SimpleNamespace(cells=cells)
    found = [
        explore.weights(explore.class_counts(stack, name, known), kind="unique", unit_cell_km2=1)
        for name in stack.names
    ]
    told = explore.independence(stack, found, known).table.row(0, named=True)
    conditions = np.array(np.meshgrid([0, 1], [0, 1], range(4)), np.float32).reshape(3, -1)
    return found, told, explore.response(found).at(conditions)


if __name__ == "__main__":
    main()
