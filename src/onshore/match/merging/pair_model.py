"""A model of pairs, learned from labelled ones: it tells which records are the same."""

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from onshore.match.errors import MatchError
from onshore.match.merging.forest import Floats, Forest, Wholes, grow
from onshore.match.merging.pair_features import (
    AMOUNTS,
    LONG,
    SHORT,
    Rarity,
    amount_features,
    long_features,
    short_features,
)
from onshore.match.merging.pair_table import (
    Columns,
    ReadPairs,
    find_columns,
    labels_of,
    read_pairs,
)
from onshore.match.merging.rarity import WordCounts
from onshore.match.merging.readings import Reading
from onshore.match.merging.word_weights import PLACES, WordEvidence, left_out_sums
from onshore.records import write_whole

FOLDS, ROUNDS = 5, 250
_FORM = "onshore pair model 1"


@dataclass(frozen=True)
class PairModel:
    """Tells how probable it is that the two records of a pair are the same.

    It keeps no text: of the records it was learned from only digests, how many of them have a
    word of each of 2^18 hashes, so that rare words count for more, and what the words of each
    hash weigh.

    Attributes
    ----------
    columns
        What is compared.
    threshold
        Probability from which a pair is predicted to be the same: the one with the best F1 on
        pairs that were left out of learning.
    left_out_f1
        That F1, 0 to 1.
    """

    columns: Columns
    threshold: float
    left_out_f1: float
    forest: Forest
    words: WordCounts
    weights: Floats

    def score(self, pairs: pl.DataFrame) -> pl.DataFrame:
        """Score pairs.

        Parameters
        ----------
        pairs
            Columns ``left_*`` and ``right_*`` as in the table the model was learned from;
            others, ``label`` too, are passed through.

        Returns
        -------
        DataFrame
            The same rows in the same order with ``probability`` (float, 0 to 1) and
            ``label_predicted`` (int, 0 or 1).

        Raises
        ------
        MatchError
            A column that the model compares is missing.
        """
        probability = self._probability(read_pairs(pairs, self.columns))
        predicted = (probability >= self.threshold).astype(np.int64)
        return pairs.with_columns(
            pl.Series("probability", probability, dtype=pl.Float64),
            pl.Series("label_predicted", predicted, dtype=pl.Int64),
        )

    def save(self, path: str | Path) -> None:
        """Write the model to a file: arrays and a heading in JSON, nothing that is run."""
        heading = {
            "form": _FORM,
            "features": feature_names(self.columns),
            "threshold": self.threshold,
            "left_out_f1": self.left_out_f1,
            **{name: getattr(self.columns, name) for name in _COLUMNS},
        }
        arrays: dict[str, Any] = {
            "heading": np.frombuffer(json.dumps(heading).encode(), dtype=np.uint8),
            "word": np.array(list(self.words.counts), dtype=np.int64),
            "count": np.array(list(self.words.counts.values()), dtype=np.int64),
            "record": np.array(sorted(self.words.records), dtype=np.int64),
            "place": np.flatnonzero(self.weights),
            "weight": self.weights[self.weights != 0],
            **self.forest.arrays(),
        }
        content = io.BytesIO()
        np.savez_compressed(content, **arrays)
        path = Path(path)
        write_whole(path.parent, {path.name: content.getvalue()})

    @classmethod
    def load(cls, path: str | Path) -> "PairModel":
        """Read a model that `save` wrote.

        Raises
        ------
        MatchError
            The file is not such a model, is cut short or is of another version.
        """
        try:
            with np.load(Path(path), allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
            heading = json.loads(arrays.pop("heading").tobytes())
            if heading["form"] != _FORM:
                raise ValueError(heading["form"])
            columns = Columns(*(_as_tuples(heading[name]) for name in _COLUMNS))
            if heading["features"] != feature_names(columns):
                raise ValueError("other features")
            counts = zip(arrays["word"].tolist(), arrays["count"].tolist(), strict=True)
            words = WordCounts(dict(counts), frozenset(arrays["record"].tolist()))
            weights = np.zeros(PLACES)
            weights[arrays["place"]] = arrays["weight"]
            forest = Forest.from_arrays(arrays, len(heading["features"]))
            threshold, f1 = float(heading["threshold"]), float(heading["left_out_f1"])
            return cls(columns, threshold, f1, forest, words, weights)
        except (
            *(ValueError, KeyError, TypeError, AttributeError, IndexError, EOFError),
            zipfile.BadZipFile,
        ) as mistake:
            raise MatchError(
                f"{path} is not a model of pairs that this version reads: it is another file, is "
                "cut short, or is of another version. Learn it anew: onshore merge learn."
            ) from mistake

    def _probability(self, pairs: ReadPairs) -> Floats:
        sums = WordEvidence(pairs.whole).sums(self.weights)
        features = np.column_stack([_features(pairs, self.words), sums])
        return 1 / (1 + np.exp(-self.forest.log_odds(features)))


_COLUMNS = ("left", "right", "texts", "amounts")


def learn_pairs(pairs: pl.DataFrame, *, seed: int = 0) -> PairModel:
    """Learn from labelled pairs to tell which pairs are the same.

    Five forests of many likenesses are learned, each without a fifth of the left records; the
    probability is that of the mean of their log-odds. One of the likenesses is a linear model
    of the words in both records or in one alone, learned without that fifth. The threshold is
    the one with the best F1 on the pairs that each had not seen.

    Parameters
    ----------
    pairs
        Columns ``left_*`` and ``right_*`` of any names (texts or numbers) and ``label``, 1 where
        both records are the same, else 0.
    seed
        Draws the folds and the trees; the same seed gives the same model.

    Raises
    ------
    MatchError
        A column is missing, a label is not 0 or 1, all labels are the same, the pairs have fewer
        than two different left records of either label, or LightGBM is not installed.

    Examples
    --------
    >>> lines = [f"pump type KX-{n}" for n in range(100, 160)]
    >>> pairs = pl.DataFrame({
    ...     "left_name": lines + lines,
    ...     "right_title": [line.upper() for line in lines] + lines[1:] + lines[:1],
    ...     "label": [1] * 60 + [0] * 60,
    ... })
    >>> model = learn_pairs(pairs)
    >>> model.score(pairs.head(1).drop("label"))["label_predicted"].to_list()
    [1]
    """
    columns, labels = find_columns(pairs), labels_of(pairs)
    read = read_pairs(pairs, columns)
    words = WordCounts.of(read.whole)
    folds = _folds([left for left, _ in read.records], labels, seed)
    sums, weights = left_out_sums(WordEvidence(read.whole), labels, folds)
    features = np.column_stack([_features(read, words), sums])
    left_out = np.zeros(len(labels))
    forests = []
    for fold in range(FOLDS):
        held = folds == fold
        forest = grow(features[~held], labels[~held], rounds=ROUNDS, seed=seed + fold)
        left_out[held] = forest.log_odds(features[held])
        forests.append(forest)
    threshold, f1 = best_threshold(1 / (1 + np.exp(-left_out)), labels)
    return PairModel(columns, threshold, f1, Forest.mean(forests), words, weights)


def feature_names(columns: Columns) -> list[str]:
    """Name the features of a table of pairs in their order."""
    return [
        *SHORT,
        *LONG,
        *(f"{name}: {a}, {b}" for a, b in columns.texts for name in (*SHORT, *LONG)),
        *(f"{name}: {a}, {b}" for a, b in columns.amounts for name in AMOUNTS),
        "word evidence",
    ]


def best_threshold(probability: Floats, labels: Wholes) -> tuple[float, float]:
    """Give the probability from which predicting 1 has the best F1, and that F1.

    Examples
    --------
    >>> best_threshold(np.array([0.9, 0.6, 0.4, 0.1]), np.array([1, 1, 0, 0]))
    (0.5, 1.0)
    """
    order = np.argsort(-probability, kind="stable")
    sorted_, found = probability[order], np.cumsum(labels[order])
    f1 = 2 * found / (np.arange(1, len(labels) + 1) + labels.sum())
    # A threshold lies between two different probabilities.
    cuts = np.append(sorted_[:-1] > sorted_[1:], True)
    best = int(np.argmax(np.where(cuts, f1, -1.0)))
    below = sorted_[best + 1] if best + 1 < len(sorted_) else 0.0
    return float((sorted_[best] + below) / 2), float(f1[best])


def _features(pairs: ReadPairs, words: WordCounts) -> Floats:
    rows: list[list[float]] = []
    for at, whole in enumerate(pairs.whole):
        rarity = words.rarity(*whole)
        row = _compared(*whole, rarity)
        for texts in pairs.texts:
            row += _compared(*texts[at], rarity)
        for amounts in pairs.amounts:
            row += amount_features(*amounts[at])
        rows.append(row)
    parts = 1 + len(pairs.texts)
    width = parts * (len(SHORT) + len(LONG)) + len(pairs.amounts) * len(AMOUNTS)
    return np.array(rows, dtype=np.float64).reshape(len(rows), width)


def _compared(left: Reading, right: Reading, rarity: Rarity) -> list[float]:
    return [*short_features(left, right, rarity), *long_features(left, right, rarity)]


def _folds(left: Sequence[str], labels: Wholes, seed: int) -> NDArray[np.int64]:
    """Deal the pairs out so that those of one left record are together, positives evenly."""
    order: dict[str, int] = {}
    record = np.array([order.setdefault(text, len(order)) for text in left])
    same = np.bincount(record, weights=labels, minlength=len(order)) > 0
    fold = np.zeros(len(order), dtype=np.int64)
    random = np.random.default_rng(seed)
    for group in (np.flatnonzero(same), np.flatnonzero(~same)):
        fold[random.permutation(group)] = np.arange(len(group)) % FOLDS
    dealt: NDArray[np.int64] = fold[record]
    if any(len(set(labels[dealt != held].tolist())) < 2 for held in range(FOLDS)):
        raise MatchError(
            "There are too few pairs to learn from: pairs that are the same and pairs that are "
            "not are needed for two different left records or more each; some hundred are better."
        )
    return dealt


def _as_tuples(value: list[Any]) -> tuple[Any, ...]:
    return tuple(tuple(v) if isinstance(v, list) else v for v in value)
