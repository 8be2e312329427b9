"""Codes of items beside peers, always on lines that no weight has seen.

    python benchmarks/match_codes.py DATA/match

- Schedule text to HS6, whole chapters held out (five folds of chapters; a chapter is scored by
  weights that saw none of its lines): both columns. The peer reads the same descriptions, with
  those of heading and chapter: BM25 (bm25s) plus TF-IDF of 3 to 5 letters, each over its best.
- Persian and Russian lines of trade (``benchmarks/data/goods_lines.csv``, our own, one or more
  of each chapter) with the same folds; the peer the same.
- Lines of ``benchmarks/data/goods_unseen.csv``, written without a look at the names and the
  glossary, by the shipped weights.
- Electronic part numbers with their makers to 10-digit codes, whole makers held out (five
  folds). The peer: a linear support vector machine on TF-IDF of 1 to 4 letters, of the number and
  of the number with its maker; the better one counts.
"""

import csv
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import bm25s
import numpy as np
import polars as pl
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from onshore.codes import hs
from onshore.match.coding import classify_items, learn_codes
from onshore.match.coding.evidence import Evidence
from onshore.match.coding.fusing import Examples, examples, fit, join, lines_of, parts_of
from onshore.match.coding.item_table import read_items
from onshore.match.coding.schemes import hs_scheme

GOODS = Path(__file__).parent / "data" / "goods_lines.csv"
UNSEEN = GOODS.with_name("goods_unseen.csv")
FOLDS = 5

Lines = list[tuple[str, str]]


def told(what: str, who: str, right: np.ndarray, sure: np.ndarray | None, seconds: float) -> None:
    """Print a row: ``right`` is the rank of each item's code from 0, 99 where it is not given."""
    first = right == 0
    off = "" if sure is None else f"{miscalibration(first, sure):.3f}"
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{what:<22} {who:<22} {(right < 10).mean():>6.3f} {first.mean():>6.3f} {off:>6} "
          f"{seconds:>8.1f} {len(right) / seconds:>8.0f} {memory:>7.0f}", flush=True)  # fmt: skip


def miscalibration(first: np.ndarray, sure: np.ndarray) -> float:
    """Give the expected calibration error in ten bins of probability."""
    bins = np.minimum((sure * 10).astype(int), 9)
    return sum(
        float(abs(first[bins == at].mean() - sure[bins == at].mean()) * (bins == at).mean())
        for at in np.unique(bins)
    )


def folds(names: Sequence[str], seed: int = 0) -> dict[str, int]:
    drawn = np.random.default_rng(seed).permutation(sorted(set(names)))
    return {name: at % FOLDS for at, name in enumerate(drawn.tolist())}


class Peer:
    """BM25 and pieces of words, each over its best score, added."""

    def __init__(self, codes: Sequence[str]) -> None:
        texts = [" ".join(hs.name(part) for part in (c, c[:4], c[:2])) for c in codes]
        self.codes = codes
        self.words = bm25s.BM25()
        self.words.index(bm25s.tokenize(texts, show_progress=False), show_progress=False)
        self.pieces = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True)
        self.of_codes = self.pieces.fit_transform(texts).T.tocsr()

    def ranks(self, lines: Lines) -> np.ndarray:
        place = {code: at for at, code in enumerate(self.codes)}
        return np.array([self._rank(text, place[code]) for text, code in lines])

    def _rank(self, text: str, right: int) -> int:
        words = bm25s.tokenize([text], return_ids=False, show_progress=False)[0]
        by_words = self.words.get_scores(words) if words else np.zeros(len(self.codes))
        by_pieces = (self.pieces.transform([text]) @ self.of_codes).toarray()[0]
        scores = by_words / (by_words.max() or 1) + by_pieces / (by_pieces.max() or 1)
        return int((scores > scores[right]).sum()) if scores[right] > 0 else 99


def ours(test: Examples, weighing: object) -> tuple[np.ndarray, np.ndarray]:
    lines, candidates, numbers = test.numbers.shape
    flat = test.numbers.reshape(-1, numbers).astype(np.float64)
    likely = weighing.probabilities(flat, [candidates] * lines).reshape(lines, candidates)
    of_right = np.where(test.right >= 0, likely[np.arange(lines), test.right], 2.0)
    ranks = np.where(test.right >= 0, (likely > of_right[:, None]).sum(axis=1), 99)
    return ranks, likely.max(axis=1)


def schedule(folder: Path) -> None:
    evidence = Evidence(hs_scheme())
    sets = lines_of(folder / "schedule_b_train.csv", GOODS, evidence)
    peer = Peer(evidence.scheme.codes)
    for name, lines in sets.items():
        began = time.process_time()
        told(name, "BM25 + char n-grams", peer.ranks(lines), None, time.process_time() - began)
    train = parts_of(sets, evidence)
    tests = {}
    for name, lines in sets.items():
        began = time.process_time()
        tests[name] = examples(lines, evidence), time.process_time() - began
    fold = folds([code[:2] for code in evidence.scheme.codes])
    found: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {name: [] for name in sets}
    took = dict.fromkeys(sets, 0.0)
    for at in range(FOLDS):
        weighing = fit(join([part[~_in(part, fold, at)] for part in train]))
        for name, (test, seconds) in tests.items():
            began = time.process_time()
            found[name].append(ours(test[_in(test, fold, at)], weighing))
            took[name] += time.process_time() - began + seconds / FOLDS
    for name, parts in found.items():
        ranks, sure = (np.concatenate(one) for one in zip(*parts, strict=True))
        unread = np.full(len(sets[name]) - len(ranks), 99)
        ranks, sure = np.append(ranks, unread), np.append(sure, np.zeros(len(unread)))
        told(name, "ours", ranks, sure, took[name])


def unseen() -> None:
    """Score the shipped weights on lines written without a look at names or glossary."""
    table = pl.read_csv(UNSEEN, infer_schema=False).with_row_index("item_id")
    for language in ("persian", "russian"):
        lines = table.filter(pl.col("language") == language)
        began = time.process_time()
        found = classify_items(lines.drop("code"), top=10)
        took = time.process_time() - began
        right = found.join(
            lines.select(pl.col("item_id").cast(pl.String), "code"), on=("item_id", "code")
        )
        ranks = np.append(right["rank"].to_numpy() - 1, [99] * (lines.height - right.height))
        told(f"{language}, unseen", "ours, as shipped", ranks, None, took)


def _in(part: Examples, fold: dict[str, int], at: int) -> np.ndarray:
    return np.array([fold[chapter] == at for chapter in part.groups])


def speed(folder: Path) -> None:
    """Time the whole of `classify_items`, reasons and all."""
    evidence = Evidence(hs_scheme())
    classify_items(pl.DataFrame({"item_id": ["1"], "description": ["насос پمپ pump"]}))
    for name, lines in lines_of(folder / "schedule_b_train.csv", GOODS, evidence).items():
        texts = [text for text, _ in lines][:1000]
        items = pl.DataFrame({"item_id": [*map(str, range(len(texts)))], "description": texts})
        began = time.process_time()
        classify_items(items, top=10)
        print(f"{name:<22} {len(texts) / (time.process_time() - began):>8.0f} items/CPU s")


def parts(folder: Path) -> None:
    with (folder / "parts_train.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    makers = [row["manufacturer"].split()[0] for row in rows]
    drawn = folds(makers)
    fold = np.array([drawn[maker] for maker in makers])
    codes = np.array([row["tnved"] for row in rows])
    numbers = np.array([row["part_number"] for row in rows])
    both = np.array([f"{row['part_number']} | {row['manufacturer']}" for row in rows])
    for name, texts in (("SVM, number", numbers), ("SVM, number + maker", both)):
        began = time.process_time()
        right = np.zeros(len(rows), dtype=bool)
        for train, test in _split(fold):
            pieces = TfidfVectorizer(analyzer="char", ngram_range=(1, 4), sublinear_tf=True)
            machine = LinearSVC(random_state=0).fit(
                pieces.fit_transform(texts[train]), codes[train]
            )
            right[test] = machine.predict(pieces.transform(texts[test])) == codes[test]
        told("parts, new makers", name, np.where(right, 0, 99), None, time.process_time() - began)
    table = pl.DataFrame(
        {"item_id": [*map(str, range(len(rows)))], "description": [""] * len(rows),
         "part_number": numbers, "maker": [row["manufacturer"] for row in rows], "code": codes}
    )  # fmt: skip
    began = time.process_time()
    ranks, sure = np.full(len(rows), 99), np.zeros(len(rows))
    for train, test in _split(fold):
        model = learn_codes(table[train])
        _, items = read_items(table[test], "items")
        likely = model.probabilities(items)
        place = {code: at for at, code in enumerate(model.codes)}
        sure[test] = likely.max(axis=1)
        for at, row in zip(test.tolist(), likely, strict=True):
            if codes[at] in place:
                ranks[at] = (row > row[place[codes[at]]]).sum()
    told("parts, new makers", "ours", ranks, sure, time.process_time() - began)


def _split(fold: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for at in range(FOLDS):
        yield np.flatnonzero(fold != at), np.flatnonzero(fold == at)


if __name__ == "__main__":
    print(f"{'lines':<22} {'system':<22} {'R@10':>6} {'P@1':>6} {'ECE':>6} {'CPU s':>8} "
          f"{'items/s':>8} {'MB':>7}")  # fmt: skip
    schedule(Path(sys.argv[1]))
    unseen()
    parts(Path(sys.argv[1]))
    speed(Path(sys.argv[1]))
