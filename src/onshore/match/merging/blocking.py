"""Which lines are worth comparing: those that share something rare.

Comparing each with each would take n² steps. Instead, items are put under keys: a rare word or
part number; two or three words of which each is frequent; all words in any order; and minima
of hashed letter runs, which spellings alike have in common. A key that many items have is left
to rarer ones. Of an item's companions those with most in common are kept.
"""

from collections.abc import Sequence
from hashlib import blake2b
from itertools import combinations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from onshore.match.merging.readings import hashed

MOST_UNDER_A_KEY = 24
MOST_COMPANIONS = 10
_JOINED = 6  # words that are taken by twos and threes
_BANDS, _MINIMA = 8, 2
_PRIME = (1 << 31) - 1

Wholes = NDArray[np.int64]


def pairs_worth_comparing(
    terms: Sequence[frozenset[str]], grams: Sequence[frozenset[str]]
) -> tuple[Wholes, Wholes]:
    """Give pairs of positions, the lower first, each once, in order.

    Parameters
    ----------
    terms
        Words and part numbers of each item.
    grams
        Runs of letters of each item.
    """
    keys = pl.concat([_word_keys(terms), _letter_keys(grams)])
    sizes = keys.group_by("key").len("size")
    blocks = keys.join(sizes.filter(pl.col("size").is_between(2, MOST_UNDER_A_KEY)), on="key").sort(
        "key", "item"
    )
    companions = (
        blocks.join(blocks.select("key", other="item"), on="key")
        .filter(pl.col("item") < pl.col("other"))
        .group_by("item", "other")
        .agg(weight=(1.0 / pl.col("size")).sort().sum())
    )
    both = pl.concat(
        [companions, companions.select(item="other", other="item", weight="weight")]
    ).sort("item", "weight", "other", descending=[False, True, False])
    best = both.group_by("item", maintain_order=True).head(MOST_COMPANIONS)
    pairs = (
        best.select(low=pl.min_horizontal("item", "other"), high=pl.max_horizontal("item", "other"))
        .unique()
        .sort("low", "high")
    )
    return pairs["low"].to_numpy(), pairs["high"].to_numpy()


def _word_keys(terms: Sequence[frozenset[str]]) -> pl.DataFrame:
    counts: dict[str, int] = {}
    for mine in terms:
        for term in mine:
            counts[term] = counts.get(term, 0) + 1
    keys: list[int] = []
    places: list[int] = []
    for at, ordered in enumerate(map(sorted, terms)):
        own = [term for term in ordered if counts[term] <= MOST_UNDER_A_KEY]
        frequent = sorted(
            (t for t in ordered if counts[t] > MOST_UNDER_A_KEY), key=counts.__getitem__
        )
        for size in (2, 3):
            own += map("+".join, combinations(frequent[:_JOINED], size))
        own.append("all:" + " ".join(ordered))
        keys += map(_hash, own)
        places += [at] * len(own)
    return pl.DataFrame({"key": keys, "item": places}, schema={"key": pl.Int64, "item": pl.Int64})


def _letter_keys(grams: Sequence[frozenset[str]]) -> pl.DataFrame:
    """Put each item under the minima of several hashes of its letter runs (MinHash).

    References
    ----------
    Broder, A. Z. (1997). On the resemblance and containment of documents. Proceedings of
    Compression and Complexity of Sequences, 21-29.
    """
    random = np.random.default_rng(1)
    factors = random.integers(1, _PRIME, _BANDS * _MINIMA)
    addends = random.integers(0, _PRIME, _BANDS * _MINIMA)
    lengths = np.array([len(mine) for mine in grams], dtype=np.int64)
    filled = np.flatnonzero(lengths)
    empty = pl.DataFrame(schema={"key": pl.Int64, "item": pl.Int64})
    if not filled.size:
        return empty
    hashes = np.array([hashed(gram) for mine in grams for gram in mine], dtype=np.int64)
    starts = np.concatenate([[0], np.cumsum(lengths[filled])[:-1]])
    minima = [
        np.minimum.reduceat((hashes * factor + addend) % _PRIME, starts)
        for factor, addend in zip(factors, addends, strict=True)
    ]
    frames = []
    for band in range(_BANDS):
        key = np.full(len(filled), band, dtype=np.uint64)
        for minimum in minima[band * _MINIMA : (band + 1) * _MINIMA]:
            key = key * np.uint64(0x9E3779B97F4A7C15) + minimum.astype(np.uint64)
        frames.append(pl.DataFrame({"key": key.view(np.int64), "item": filled}))
    return pl.concat(frames)


def _hash(key: str) -> int:
    digest = blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)
