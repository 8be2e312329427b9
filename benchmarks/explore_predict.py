"""Maps of models: CPU and memory beside scikit-learn by hand, accuracy, and a nation's worth.

    python benchmarks/explore_predict.py stack --peer PEER_PYTHON [--side 4000]
    python benchmarks/explore_predict.py accuracy [--seeds 10]
    python benchmarks/explore_predict.py nation [--side 12846] [--workers 2]

*stack*: 12 rasters of SIDE x SIDE floats on disk (`ground.made_up` makes them). One forest of 100
trees, trained by scikit-learn, maps them by scikit-learn (the whole stack in memory, one thread, in
an environment of its own: `uv venv peer && uv pip install --python peer/bin/python -r
benchmarks/peers/scikit_learn/requirements.txt`) and by onshore (from opening the table of layers
to the finished map, one process); the maps are compared. Then the default model. Each is a process
of its own: CPU seconds with its children, greatest memory held.

*accuracy*: area under the ROC curve of the forest and of the default model on deposits and
background drawn apart from those learned from; made-up ground, so that the truth is known.

*nation*: SIDE x SIDE cells of 30 layers, made when they are read, mapped by the default model with
blocks of two sizes; the maps are compared.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.update({f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL")})
os.environ["POLARS_MAX_THREADS"] = "1"

import numpy as np
import polars as pl

from ground.made_up import Ground
from onshore import explore
from onshore.explore.forests import FittedForest, trees_of_forest

PEER = Path(__file__).parent / "peers" / "scikit_learn" / "peer.py"
DEPOSITS, BACKGROUND = 400, 20_000


def main() -> None:
    parser = argparse.ArgumentParser(description="Maps of prospectivity models at scale")
    verbs = parser.add_subparsers(dest="verb", required=True)
    stack = verbs.add_parser("stack")
    stack.add_argument("--side", type=int, default=4000)
    stack.add_argument("--peer", type=Path, required=True)
    accuracy = verbs.add_parser("accuracy")
    accuracy.add_argument("--seeds", type=int, default=10)
    nation = verbs.add_parser("nation")
    nation.add_argument("--side", type=int, default=12_846)
    nation.add_argument("--workers", type=int, default=2)
    mapping = verbs.add_parser("map")  # one map in a process of its own
    mapping.add_argument("folder", type=Path)
    mapping.add_argument("model")
    made = verbs.add_parser("made")
    made.add_argument("folder", type=Path)
    made.add_argument("side", type=int)
    made.add_argument("size", type=int)
    made.add_argument("workers", type=int)
    asked = parser.parse_args()
    if asked.verb == "stack":
        beside_scikit_learn(asked.side, asked.peer)
    elif asked.verb == "accuracy":
        held_out(asked.seeds)
    elif asked.verb == "nation":
        whole_nation(asked.side, asked.workers)
    elif asked.verb == "map":
        map_folder(asked.folder, asked.model)
    else:
        map_made(asked.folder, asked.side, asked.size, asked.workers)


def learned(ground: Ground, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Cells to learn from: values and deposits."""
    known, background = ground.drawn(DEPOSITS, BACKGROUND, seed)
    values = np.concatenate([known, background])
    return values, np.repeat([1.0, 0.0], [len(known), len(background)])


def forest_of(values: np.ndarray, counts: np.ndarray, seed: int) -> object:
    """The peer's forest: 100 trees as scikit-learn makes them, classes of equal weight."""
    from sklearn.ensemble import RandomForestClassifier

    forest = RandomForestClassifier(100, random_state=seed, class_weight="balanced")
    return forest.fit(values, counts > 0)


def beside_scikit_learn(side: int, peer: Path) -> None:
    import joblib
    import rasterio

    ground = Ground(side, 12)
    with tempfile.TemporaryDirectory() as named:
        folder = Path(named)
        write_layers(ground, folder)
        values, counts = learned(ground, 0)
        forest = forest_of(values, counts, 0)
        joblib.dump(forest, folder / "forest.joblib")
        fitted = {
            "forest": FittedForest(trees_of_forest(forest), forest.feature_importances_),
            "boosted": explore.method("boosted").fit(values, ground.kinds, counts, seed=0),
        }
        for name, method in fitted.items():
            facts = {"method": name}
            explore.Model(ground.names, ground.kinds, method, facts).save(folder / f"{name}.npz")
        nodes = len(fitted["forest"].trees.left)
        print(f"{side} x {side} x 12 floats; forest of 100 trees, {nodes} nodes; one thread")
        theirs = run([str(peer), str(PEER), named])
        print(
            f"scikit-learn {theirs['version']:<8} prepare {theirs['prepare']:6.1f} s, predict "
            f"{theirs['predict']:6.1f} s, {theirs['gigabytes']:.2f} GB"
        )
        cpu = theirs["prepare"] + theirs["predict"]
        score = np.load(folder / "score.npy")
        for name in fitted:
            ours = run([sys.executable, __file__, "map", named, name])
            with rasterio.open(folder / f"{name}.tif") as raster:
                band = raster.read(1)
            same = np.array_equal(band, score, equal_nan=True) if name == "forest" else None
            print(
                f"onshore {name:<13} open {ours['open']:6.1f} s, map {ours['map']:6.1f} s, "
                f"{ours['gigabytes']:.2f} GB: {cpu / (ours['open'] + ours['map']):.1f} times less"
                + ("" if same is None else f"; the same map to the last bit: {same}")
            )


def write_layers(ground: Ground, folder: Path) -> None:
    import rasterio
    from rasterio.windows import Window

    fixed = {"driver": "GTiff", "count": 1, "dtype": "float32", "nodata": -9999.0, "tiled": True}
    fixed |= {"blockxsize": 512, "blockysize": 512, "crs": ground.grid.crs}
    fixed |= {"height": ground.side, "width": ground.side}
    fixed |= {"transform": rasterio.Affine(*ground.grid.transform)}
    paths = [folder / f"{name}.tif" for name in ground.names]
    rasters = [rasterio.open(path, "w", **fixed) for path in paths]
    for block in ground.blocks(512):
        window = Window(block.column, block.row, block.width, block.height)
        for raster, values in zip(rasters, ground.read(block).values, strict=True):
            raster.write(np.where(np.isnan(values), np.float32(-9999), values), 1, window=window)
    for raster in rasters:
        raster.close()
    pl.DataFrame(
        {
            "layer": ground.names,
            "file": [path.name for path in paths],
            "kind": ground.kinds,
            "nodata": ["-9999"] * ground.layers,
            "meaning": ["made up"] * ground.layers,
        }
    ).write_csv(folder / "layers.csv")


def map_folder(folder: Path, name: str) -> None:
    model = explore.load_model(folder / f"{name}.npz")
    began = time.process_time()
    stack = explore.open_stack(folder / "layers.csv")
    opened = time.process_time()
    model.predict(stack, folder / f"{name}.tif")
    told = {"open": opened - began, "map": time.process_time() - opened}
    print(json.dumps(told | {"gigabytes": held()}))


def map_made(folder: Path, side: int, size: int, workers: int) -> None:
    model = explore.load_model(folder / "model.npz")
    began = time.time()
    ground = Ground(side, 30)
    model.predict(ground, folder / f"map_{size}.tif", size=size, workers=workers)
    use = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    told = {
        "cpu": sum(one.ru_utime + one.ru_stime for one in use),
        "wall": time.time() - began,
        # at worst, all workers held the most at once, libraries counted for each
        "gigabytes": (use[0].ru_maxrss + (workers > 1) * workers * use[1].ru_maxrss) / 1e6,
    }
    print(json.dumps(told))


def held() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def run(command: list[str]) -> dict:
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def held_out(seeds: int) -> None:
    ground = Ground(4000, 12)
    found = {"forest": [], "boosted": []}
    for seed in range(seeds):
        values, counts = learned(ground, seed)
        asked, truth = learned(ground, 1000 + seed)
        forest = forest_of(values, counts, seed)
        boosted = explore.method("boosted").fit(values, ground.kinds, counts, seed=seed)
        found["forest"].append(auc(forest.predict_proba(asked)[:, 1], truth > 0))
        found["boosted"].append(auc(boosted.score(asked)[0], truth > 0))
        best = auc(ground.log_odds(asked), truth > 0)
    better = np.array(found["boosted"]) - found["forest"]
    print(f"area under the curve on deposits not learned from, {seeds} seeds (truth {best:.3f})")
    for name, areas in found.items():
        print(f"{name:<10} {np.mean(areas):.4f}")
    error = better.std(ddof=1) / np.sqrt(seeds)
    print(f"difference {better.mean():+.4f}, standard error {error:.4f}, wins {sum(better > 0)}")


def auc(score: np.ndarray, known: np.ndarray) -> float:
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(known, score))


def whole_nation(side: int, workers: int) -> None:
    import rasterio
    from rasterio.windows import Window

    ground = Ground(side, 30)
    with tempfile.TemporaryDirectory() as named:
        folder = Path(named)
        values, counts = learned(ground, 0)
        fitted = explore.method("boosted").fit(values, ground.kinds, counts, seed=0)
        explore.Model(ground.names, ground.kinds, fitted, {}).save(folder / "model.npz")
        print(f"{side**2 / 1e6:.1f} million cells x 30 layers, made block by block")
        for size in (512, 700):
            arguments = [named, str(side), str(size), str(workers)]
            told = run([sys.executable, __file__, "made", *arguments])
            print(
                f"blocks of {size}, {workers} processes: {told['cpu']:.0f} CPU s, "
                f"{told['wall']:.0f} s, at most {told['gigabytes']:.2f} GB"
            )
        with rasterio.open(folder / "map_512.tif") as a, rasterio.open(folder / "map_700.tif") as b:
            same = all(
                np.array_equal(a.read(window=w), b.read(window=w), equal_nan=True)
                for row in range(0, side, 1024)
                for w in [Window(0, row, side, min(1024, side - row))]
            )
        print(f"the same map to the last bit: {same}")


if __name__ == "__main__":
    main()
