"""The postings of one field of a segment: for each term the offers that have it."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from onshore.match.keys import Bags, Floats, Keys, Truth, Whole

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Postings:
    """Terms in the order of their numbers, with the offers that have them, ascending.

    Most terms stand once in a line. The offers in which term t does are
    ``docs[starts[t]:starts[t + 1]]``, those in which it does more often are
    ``more_docs[more_starts[t]:more_starts[t + 1]]``, as often as ``more_counts`` says. No weight
    is stored, so that no weight grows old: idf and mean length are put in when needs are ranked.

    Parameters
    ----------
    keys
        Numbers of the terms (UInt64), ascending.
    directory
        The first term whose number begins with each value of its leading bits (UInt32); one
        more, the number of terms.
    starts, more_starts
        UInt32; one more than terms.
    docs, more_docs
        Offers within the segment (UInt16).
    more_counts
        UInt32, 2 or more.
    """

    keys: Keys
    directory: Array
    starts: Array
    docs: Array
    more_starts: Array
    more_docs: Array
    more_counts: Array

    @classmethod
    def of(cls, keys: Keys, docs: Whole, counts: Floats) -> "Postings":
        """Arrange terms of offers, in any order in which the offers of a term ascend."""
        order = np.argsort(keys, kind="stable")
        keys, docs, counts = keys[order], docs[order], counts[order]
        first = np.ones(len(keys), dtype=np.bool_)
        first[1:] = keys[1:] != keys[:-1]
        terms = np.cumsum(first) - 1
        keys = keys[first]
        once = counts == 1
        return cls(
            keys=frozen(keys, np.uint64),
            directory=frozen(_directory(keys), np.uint32),
            starts=frozen(_starts(terms[once], len(keys)), np.uint32),
            docs=frozen(docs[once], np.uint16),
            more_starts=frozen(_starts(terms[~once], len(keys)), np.uint32),
            more_docs=frozen(docs[~once], np.uint16),
            more_counts=frozen(counts[~once], np.uint32),
        )

    @classmethod
    def of_bags(cls, bags: Bags, keys: Keys | None = None) -> "Postings":
        """Arrange the terms of lines; ``keys`` are taken for theirs if given."""
        return cls.of(bags.keys if keys is None else keys, bags.owners, bags.counts)

    @classmethod
    def merged(cls, parts: Iterable[tuple["Postings", Truth]]) -> "Postings":
        """Join the postings of segments, each with the truth of which of its offers are left."""
        keys, docs, counts, before = [], [], [], 0
        for part, alive in parts:
            place = np.cumsum(alive) - 1 + before
            before += int(np.count_nonzero(alive))
            for starts, of, often in (
                (part.starts, part.docs, np.ones(len(part.docs))),
                (part.more_starts, part.more_docs, part.more_counts),
            ):
                left = alive[of]
                keys.append(np.repeat(part.keys, np.diff(starts))[left])
                docs.append(place[of[left]])
                counts.append(often[left].astype(np.float64))
        return cls.of(np.concatenate(keys), np.concatenate(docs), np.concatenate(counts))

    def holding(self, alive: Truth) -> Whole:
        """Count for each term the offers left that have it."""
        return _sums(alive[self.docs], self.starts) + _sums(alive[self.more_docs], self.more_starts)

    def arrays(self) -> dict[str, Array]:
        """Give the arrays by their names."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def frozen(values: Array, kind: type) -> Array:
    """Give an array of a kind that cannot be written to, like those of a file."""
    values = np.ascontiguousarray(values, dtype=kind)
    values.flags.writeable = False
    return values


def _starts(terms: Whole, size: int) -> Whole:
    return np.concatenate(([0], np.cumsum(np.bincount(terms, minlength=size))))


def _directory(keys: Keys) -> Whole:
    bits = max(1, len(keys).bit_length())
    leading = (keys >> np.uint64(64 - bits)).astype(np.int64)
    return np.searchsorted(leading, np.arange(2**bits + 1))


def _sums(left: Truth, starts: Array) -> Whole:
    sums = np.concatenate(([0], np.cumsum(left, dtype=np.int64)))
    return sums[starts[1:]] - sums[starts[:-1]]
