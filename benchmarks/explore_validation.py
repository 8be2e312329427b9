"""Accuracy on held-out blocks of land: the Cloncurry case, beside random forests by hand.

    python benchmarks/explore_validation.py [--block 25] [--seeds 10] [--random 2]

Forests by hand are scikit-learn's, as they are usually made: all layers as numbers, the codes of
stratigraphic units too, classes balanced; as set by scikit-learn (leaves of one cell), and with
larger leaves, which is the better forest. All methods see the same cells, blocks and folds. CPU
seconds are of learning and scoring, all seeds together, one thread.
"""

import argparse
import os
import time
from pathlib import Path

os.environ.update({f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL")})

import numpy as np
import polars as pl

from onshore import explore

CASE = Path(__file__).parents[1] / "examples" / "explore" / "cloncurry"


def main() -> None:
    parser = argparse.ArgumentParser(description="Accuracy on held-out blocks of land")
    parser.add_argument("--block", type=float, default=25.0)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--random", type=int, default=2, help="seeds of random splits")
    asked = parser.parse_args()
    stack = explore.open_stack(CASE / "layers.csv")
    deposits = explore.read_deposits(CASE / "deposits.csv", stack)
    alike = explore.autocorrelation(stack, deposits)
    for name, reach in alike.ranges.select("layer", "range_km").iter_rows():
        print(f"alike up to {reach:6.1f} km: {name}")
    methods = {name: Timed(made) for name, made in tried().items()}
    found = explore.validate(
        stack, deposits, methods=methods, block_km=asked.block, seeds=asked.seeds
    )
    print(f"\nblocks of {asked.block:g} km, 5 folds, {asked.seeds} seeds")
    peers = [name for name in methods if name.startswith("by hand")]
    show(found.aucs, found.paired, peers, {name: made.took for name, made in methods.items()})
    if asked.random:
        flattered = explore.validate(
            stack, deposits, methods=methods, split="random", seeds=asked.random
        )
        print(f"\ncells split at random (this flatters), {asked.random} seeds")
        for name, mean, _, _ in summary(flattered.aucs):
            print(f"{name:<24} {mean:.3f}")


def tried() -> dict[str, object]:
    hand = {f"by hand, leaves of {leaf}": ByHand(leaf) for leaf in (1, 5, 20)}
    return {**hand, **{name: explore.method(name) for name in explore.METHODS}}


def show(
    aucs: pl.DataFrame, paired: pl.DataFrame, peers: list[str], took: dict[str, float]
) -> None:
    told = summary(aucs)
    best = next(name for name, *_ in told if name in peers)
    seeds = aucs["seed"].n_unique()
    print(f"{'':<24} AUC   over the seeds   against '{best}': 95 % corrected, seeds won   CPU s")
    for name, mean, low, high in told:
        print(f"{name:<24} {mean:.3f} {low:.3f} to {high:.3f}   ", end="")
        row = paired.filter(
            ((pl.col("method") == name) & (pl.col("other") == best))
            | ((pl.col("method") == best) & (pl.col("other") == name))
        )
        if row.height:
            one = row.row(0, named=True)
            sign = 1 if one["method"] == name else -1
            ends = sorted((sign * one["low"], sign * one["high"]))
            wins = one["wins"] if sign > 0 else seeds - one["wins"]
            print(
                f"{sign * one['difference']:+.3f} ({ends[0]:+.3f} to {ends[1]:+.3f}), "
                f"{wins} of {seeds}",
                end="",
            )
        else:
            print(f"{'':<34}", end="")
        print(f"   {took[name]:6.1f}")


def summary(aucs: pl.DataFrame) -> list[tuple[str, float, float, float]]:
    by_seed = aucs.group_by("method", "seed").agg(pl.col("auc").mean())
    told = by_seed.group_by("method").agg(
        mean=pl.col("auc").mean(), low=pl.col("auc").min(), high=pl.col("auc").max()
    )
    return told.sort("mean", descending=True).rows()


class Timed:
    """A method and the CPU seconds that it took to learn and to score."""

    def __init__(self, made):
        self.made, self.name, self.took = made, made.name, 0.0

    def fit(self, values, kinds, counts, *, seed):
        began = time.process_time()
        fitted = self.made.fit(values, kinds, counts, seed=seed)
        self.took += time.process_time() - began
        return Scored(self, fitted)


class Scored:
    def __init__(self, of, fitted):
        self.of, self.fitted = of, fitted

    def score(self, values):
        began = time.process_time()
        found = self.fitted.score(values)
        self.of.took += time.process_time() - began
        return found


class ByHand:
    """scikit-learn's random forest on the layers' numbers as they stand."""

    name = "by hand"

    def __init__(self, leaf):
        self.leaf = leaf

    def fit(self, values, kinds, counts, *, seed):  # noqa: ARG002 (codes are numbers here)
        from sklearn.ensemble import RandomForestClassifier

        self.forest = RandomForestClassifier(
            100, min_samples_leaf=self.leaf, class_weight="balanced", random_state=seed, n_jobs=1
        ).fit(values, counts > 0)
        return self

    def score(self, values):
        score = self.forest.predict_proba(values)[:, 1].astype(np.float32)
        return score, np.zeros_like(score)


if __name__ == "__main__":
    main()
