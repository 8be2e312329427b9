"""What stands in the descriptions of the codes, by word, ready to be summed for a line."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Matrix = np.ndarray[Any, np.dtype[Any]]
Vector = np.ndarray[Any, np.dtype[np.float64]]
Whole = np.ndarray[Any, np.dtype[np.int64]]

_K1, _B = 0.9, 0.4
_GRAMS = (3, 4)


@dataclass(frozen=True)
class Field:
    """Words with the codes that have them, and what each is worth there."""

    vocabulary: dict[str, int]
    starts: Whole
    places: Whole
    worths: Vector
    size: int

    @classmethod
    def of(cls, bags: Sequence[Mapping[str, float]]) -> "Field":
        """Arrange the words of each code, with their worth, by word."""
        vocabulary = {word: at for at, word in enumerate(sorted(set().union(*bags)))}
        words = np.array([vocabulary[word] for bag in bags for word in bag], dtype=np.int64)
        places = np.repeat(np.arange(len(bags)), [len(bag) for bag in bags])
        worths = np.array([worth for bag in bags for worth in bag.values()], dtype=np.float64)
        order = np.argsort(words, kind="stable")
        starts = np.concatenate(([0], np.cumsum(np.bincount(words, minlength=len(vocabulary)))))
        return cls(vocabulary, starts.astype(np.int64), places[order], worths[order], len(bags))

    def sums(self, words: Mapping[str, float]) -> Vector:
        """Sum for each code what the words of a line are worth in it."""
        known = sorted((self.vocabulary[w], n) for w, n in words.items() if w in self.vocabulary)
        if not known:
            return np.zeros(self.size)
        slices = [(slice(self.starts[at], self.starts[at + 1]), n) for at, n in known]
        places = np.concatenate([self.places[part] for part, _ in slices])
        worths = np.concatenate([self.worths[part] * n for part, n in slices])
        sums: Vector = np.bincount(places, worths, minlength=self.size).astype(np.float64)
        return sums


def rarity(bags: Iterable[Iterable[str]], size: int) -> dict[str, float]:
    """Give the idf of each word, ln(1 + (N - n + 0.5) / (n + 0.5))."""
    having = Counter(word for bag in bags for word in set(bag))
    counts = np.array(list(having.values()), dtype=np.float64)
    idf = np.log1p((size - counts + 0.5) / (counts + 0.5))
    return dict(zip(having, idf.tolist(), strict=True))


def bm25(bags: Sequence[Counter[str]]) -> Field:
    """Index bags of words by BM25; see `onshore.match.bm25`."""
    idf = rarity(bags, len(bags))
    lengths = [sum(bag.values()) for bag in bags]
    mean = sum(lengths) / max(len(lengths), 1) or 1.0
    return Field.of(
        [
            {w: idf[w] * n / (_K1 * (1 - _B + _B * length / mean) + n) for w, n in bag.items()}
            for bag, length in zip(bags, lengths, strict=True)
        ]
    )


def shares(bags: Sequence[Iterable[str]], idf: Mapping[str, float]) -> Field:
    """Index bags so that the sums are the share of a code's own words that a line has."""
    weighed: list[dict[str, float]] = []
    for bag in bags:
        worth = {word: idf[word] for word in bag}
        total = sum(worth.values())
        weighed.append({word: value / total for word, value in worth.items()})
    return Field.of(weighed)


def grams(words: Iterable[str]) -> Counter[str]:
    """Count the runs of 3 and 4 letters of words, blanks standing for their ends."""
    counts: Counter[str] = Counter()
    for word in words:
        text = f" {word} "
        for size in _GRAMS:
            counts.update(text[at : at + size] for at in range(len(text) - size + 1))
    return counts
