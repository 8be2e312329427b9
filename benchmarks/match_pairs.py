"""F1 of learned pair models beside TF-IDF cosine: learned on *_train, tested on *_valid.

    python benchmarks/match_pairs.py DATA/match/pairs

The peer is the cosine of TF-IDF vectors of words (smoothed idf of the training pairs, lower
case), with the threshold that is best on the training pairs. One CPU; no pair of the test is
seen in learning.
"""

import re
import sys
import time
from collections import Counter
from math import log, sqrt
from pathlib import Path

import numpy as np
import polars as pl

from onshore.match.merging import learn_pairs
from onshore.match.merging.pair_model import best_threshold

TABLES = ("abt_buy", "amazon_google", "wdc_computers", "wdc_cameras")


def f1(predicted: np.ndarray, labels: np.ndarray) -> float:
    return 2 * (predicted & (labels == 1)).sum() / (predicted.sum() + labels.sum())


def texts(pairs: pl.DataFrame, side: str) -> list[Counter[str]]:
    names = [name for name in pairs.columns if name.startswith(side)]
    rows = pairs.select(pl.concat_str(names, separator=" ", ignore_nulls=True)).to_series()
    return [Counter(re.findall(r"\w+", row.lower())) for row in rows]


class Cosine:
    """The peer: cosine of TF-IDF vectors."""

    def __init__(self, train: pl.DataFrame) -> None:
        records = [*texts(train, "left_"), *texts(train, "right_")]
        frequency = Counter(word for record in records for word in record)
        self.none = log(1 + len(records)) + 1
        self.idf = {w: log((1 + len(records)) / (1 + n)) + 1 for w, n in frequency.items()}
        self.threshold, _ = best_threshold(self.score(train), train["label"].to_numpy())

    def score(self, pairs: pl.DataFrame) -> np.ndarray:
        def vector(record: Counter[str]) -> dict[str, float]:
            weights = {w: n * self.idf.get(w, self.none) for w, n in record.items()}
            length = sqrt(sum(x * x for x in weights.values())) or 1.0
            return {w: x / length for w, x in weights.items()}

        both = zip(texts(pairs, "left_"), texts(pairs, "right_"), strict=True)
        vectors = ((vector(a), vector(b)) for a, b in both)
        return np.array([sum(x * b.get(w, 0.0) for w, x in a.items()) for a, b in vectors])


def main(folder: Path) -> None:
    print(f"{'table':<14} {'pairs':>6} {'TF-IDF F1':>9} {'ours F1':>8} {'left out':>8} "
          f"{'learn s':>8} {'score s':>8}")  # fmt: skip
    for table in TABLES:
        train, test = (
            pl.read_csv(folder / f"{table}_{part}.csv", infer_schema_length=None)
            for part in ("train", "valid")
        )
        labels = test["label"].to_numpy()
        peer = Cosine(train)
        plain = f1(peer.score(test) >= peer.threshold, labels)
        began = time.process_time()
        model = learn_pairs(train)
        learned = time.process_time()
        scored = model.score(test.drop("label"))
        ended = time.process_time()
        ours = f1(scored["label_predicted"].to_numpy() == 1, labels)
        print(f"{table:<14} {test.height:>6} {plain:>9.3f} {ours:>8.3f} {model.left_out_f1:>8.3f} "
              f"{learned - began:>8.1f} {ended - learned:>8.1f}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]))
