"""Terms as numbers of 64 bits, the same on every machine and in every index.

Runs of letters are packed without loss; words are hashed. Of a million different words two share
a number with a probability of 3 in 100 million.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from onshore.match.compiled import kernels

Keys = np.ndarray[tuple[int], np.dtype[np.uint64]]
Whole = np.ndarray[tuple[int], np.dtype[np.int64]]
Floats = np.ndarray[tuple[int], np.dtype[np.float64]]
Truth = np.ndarray[tuple[int], np.dtype[np.bool_]]

_BASE = 0x9E3779B97F4A7C15
_BITS = 16  # of a code unit of UTF-16


@dataclass(frozen=True)
class Bags:
    """The terms of some texts, each text's once, with how often they stand there.

    Those of text i are ``keys[starts[i]:starts[i + 1]]``. ``lengths`` are the texts' numbers of
    terms, repeated ones counted.
    """

    keys: Keys
    counts: Floats
    starts: Whole

    @property
    def owners(self) -> Whole:
        """The text of each term."""
        owners: Whole = np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))
        return owners

    @property
    def lengths(self) -> Floats:
        """Number of terms of each text, repeated ones counted."""
        return np.bincount(self.owners, weights=self.counts, minlength=len(self.starts) - 1).astype(
            np.float64
        )


def word_keys(words: Sequence[str]) -> Keys:
    """Give each word a number: a polynomial in their UTF-16 code units, modulo 2^64, mixed.

    Examples
    --------
    >>> one, other, again = word_keys(["valv", "pump", "valv"])
    >>> bool(one == again), bool(one == other)
    (True, False)
    """
    if not words:
        return np.zeros(0, dtype=np.uint64)
    units = _units("\0".join(words) + "\0", len(words))
    ends = np.flatnonzero(units == 0)
    starts = np.concatenate(([0], ends[:-1] + 1))
    lengths = ends - starts + 1
    place = np.arange(len(units)) - np.repeat(starts, lengths)
    powers = np.full(int(lengths.max()), _BASE, dtype=np.uint64)
    powers[0] = 1
    np.multiply.accumulate(powers, out=powers)
    return mixed(np.add.reduceat(units.astype(np.uint64) * powers[place], starts))


def gram_keys(texts: Sequence[str], sizes: Sequence[int]) -> tuple[Keys, Whole]:
    """Give all runs of some numbers of letters, at most 4, a number, and tell their texts.

    Examples
    --------
    >>> keys, owners = gram_keys(["abcd", "ab"], (3, 4))
    >>> len(set(keys.tolist())), owners.tolist()
    (3, [0, 0, 0])
    """
    if not texts:
        return np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64)
    units = _units("\0".join(texts) + "\0", len(texts))
    ends = np.flatnonzero(units == 0)
    lengths = np.diff(ends, prepend=-1)
    left = np.repeat(ends, lengths) - np.arange(len(units))
    padded = np.concatenate((units, np.zeros(max(sizes), dtype=np.uint16))).astype(np.uint64)
    packed = np.zeros((len(units), len(sizes)), dtype=np.uint64)
    for column, size in enumerate(sizes):
        for at in range(size):
            packed[:, column] |= padded[at : at + len(units)] << np.uint64(_BITS * at)
    whole = left[:, None] >= np.array(sizes)
    owners = np.repeat(np.arange(len(texts)), lengths)
    return mixed(packed[whole]), np.repeat(owners, whole.sum(axis=1))


def mixed(keys: Keys) -> Keys:
    """Spread numbers evenly over 64 bits, different ones to different ones.

    The finalizer of SplitMix64 (Steele, Lea & Flood 2014, "Fast Splittable Pseudorandom Number
    Generators", OOPSLA).
    """
    keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    spread: Keys = keys ^ (keys >> np.uint64(31))
    return spread


def bagged(
    keys: Keys,
    owners: Whole,
    texts: int,
    counts: Floats | None = None,
    *,
    order: Whole | None = None,
) -> Bags:
    """Sort terms by text and number, equal ones counted as one; ``order`` if it is known."""
    if order is None:
        order = np.lexsort((keys, owners))
    keys, owners = keys[order], owners[order]
    first = np.ones(len(keys), dtype=np.bool_)
    first[1:] = (keys[1:] != keys[:-1]) | (owners[1:] != owners[:-1])
    at = np.flatnonzero(first)
    if counts is None:
        summed = np.diff(at, append=len(keys)).astype(np.float64)
    else:
        summed = np.add.reduceat(counts[order], at) if len(at) else np.zeros(0)
    starts = np.concatenate(([0], np.cumsum(np.bincount(owners[at], minlength=texts))))
    return Bags(keys[at], summed, starts)


def bagged_by_text(keys: Keys, owners: Whole, texts: int) -> Bags:
    """Count many terms that come text by text, in the order of their first places.

    Compiled where Numba is.
    """
    compiled = kernels(len(keys))
    if compiled is not None and len(keys):
        starts = np.concatenate(([0], np.cumsum(np.bincount(owners, minlength=texts))))
        return Bags(*compiled.bagged(keys, starts))
    order = np.lexsort((keys, owners))
    bags = bagged(keys, owners, texts, order=order)
    places = np.cumsum(bags.counts).astype(np.int64) - bags.counts.astype(np.int64)
    again = np.argsort(order[places])
    return Bags(bags.keys[again], bags.counts[again], bags.starts)


def _units(joined: str, texts: int) -> np.ndarray[tuple[int], np.dtype[np.uint16]]:
    units = np.frombuffer(joined.encode("utf-16-le", "surrogatepass"), dtype=np.uint16)
    if np.count_nonzero(units == 0) != texts:
        raise ValueError("A NUL character is in a line; read lines by `read_line`.")
    return units
