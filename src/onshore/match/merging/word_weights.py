"""What words weigh that both records of a pair have, or one alone."""

from collections.abc import Sequence
from math import sqrt
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from onshore.match.merging.forest import Floats, Wholes
from onshore.match.merging.readings import Reading

PLACES = 1 << 18
_STEPS, _RATE, _PENALTY = 150, 0.3, 0.3


class WordEvidence:
    """For each pair, the words in both of its records and those in one alone, by their hashes."""

    def __init__(self, pairs: Sequence[tuple[Reading, Reading]]) -> None:
        rows: list[int] = []
        places: list[int] = []
        values: list[float] = []
        for row, (left, right) in enumerate(pairs):
            a, b = set(left.words), set(right.words)
            for mark, words in (("=", a & b), ("!", a ^ b)):
                rows += [row] * len(words)
                places += sorted(_place(mark + word) for word in words)
                values += [1 / sqrt(len(words) + 1)] * len(words)
        self.size = len(pairs)
        self._rows = np.array(rows, dtype=np.int64)
        self._places = np.array(places, dtype=np.int64)
        self._values = np.array(values, dtype=np.float64)

    def sums(self, weights: Floats) -> Floats:
        """Add up, for each pair, the weights of its words."""
        return np.bincount(
            self._rows, self._values * weights[self._places], minlength=self.size
        ).astype(np.float64)

    def learn(self, labels: Wholes, chosen: NDArray[np.bool_]) -> Floats:
        """Learn the weights from the chosen pairs: penalised logistic regression by AdaGrad.

        References
        ----------
        Duchi, J., Hazan, E., Singer, Y. (2011). Adaptive subgradient methods for online
        learning and stochastic optimization. Journal of Machine Learning Research 12,
        2121-2159.
        """
        kept = chosen[self._rows]
        rows, places, values = self._rows[kept], self._places[kept], self._values[kept]
        weights, squares, base = np.zeros(PLACES), np.full(PLACES, 1e-6), 0.0
        for _ in range(_STEPS):
            sums = np.bincount(rows, values * weights[places], minlength=self.size)
            wrong = np.where(chosen, 1 / (1 + np.exp(-base - sums)) - labels, 0.0)
            slope = _PENALTY * weights + np.bincount(places, values * wrong[rows], minlength=PLACES)
            squares += slope**2
            weights -= _RATE * slope / np.sqrt(squares)
            base -= 0.5 * float(wrong[chosen].mean())
        return weights


def left_out_sums(evidence: WordEvidence, labels: Wholes, folds: Wholes) -> tuple[Floats, Floats]:
    """Give for each pair its sum by weights learned without its fold, and the mean weights."""
    sums, total = np.zeros(evidence.size), np.zeros(PLACES)
    parts = np.unique(folds)
    for part in parts:
        weights = evidence.learn(labels, folds != part)
        sums[folds == part] = evidence.sums(weights)[folds == part]
        total += weights
    return sums, total / len(parts)


def _place(word: str) -> int:
    return crc32(word.encode("utf-8", "surrogatepass")) & (PLACES - 1)
