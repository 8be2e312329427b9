"""The first stage: all offers of a segment scored for each need, the best of them kept."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from onshore.match.asked import FIELDS, LETTERS, NUMBERS, WORDS
from onshore.match.compiled import kernels
from onshore.match.keys import Keys, Truth, Whole
from onshore.match.postings import Postings
from onshore.match.segments import Segment

Array = np.ndarray[Any, Any]
Arrays = tuple[Array, ...]

# Words carry the meaning; letters forgive spelling and endings. A part number that agrees nearly
# decides. Where an offer has this share of a number that stands alone, only numbers are compared.
OF_WORDS, OF_LETTERS, OF_NUMBER, FOUND = (np.float32(part) for part in (0.5, 0.5, 0.7, 0.3))
_MIX = (OF_WORDS, OF_LETTERS, OF_NUMBER, FOUND)

# Bits after the point of the factors of repeated terms.
FRACTION = 24

# What a need costs beside the offers, in additions.
_OF_A_NEED = 20_000

_LAST = np.uint64(0xFFFFFFFF)


@dataclass(frozen=True)
class Query:
    """What needs ask of a segment: for each field its terms there and what each is worth.

    ``bounds`` are where the terms of each need start; ``terms`` their places in the segment's
    postings (Int32, -1 for none); ``weights`` their shares of what the need could get (Int32),
    counted in the ``units`` of each need (Float32); ``alone`` which needs are a part number
    alone.
    """

    bounds: tuple[Whole, ...]
    terms: Arrays
    weights: Arrays
    units: Arrays
    alone: Truth


@dataclass(frozen=True)
class Factors:
    """What the lengths of a segment's offers make of their terms, by field.

    With the saturation ``s = k1 (1 - b + b dl / avdl)`` of an offer, ``gains`` are 1 / (1 + s)
    (Float32; 0 for an offer that is left out) and ``more`` are, for each of the ``more_docs`` of
    the postings, tf (1 + s) / (tf + s) in units of 2^-24 (Int64). An offer's score is its gain by
    the sum of the weights of its terms, those that stand in it more than once by their factor.
    """

    gains: Array
    more: Arrays


@dataclass(frozen=True)
class Best:
    """The best offers so far of each need, the best first.

    ``keys`` are needs x k, the greater the better: the bits of the score (Float32) in the upper
    half, the rank, taken from the greatest, in the lower; 0 is a free place. ``shares`` are
    needs x k x fields.
    """

    keys: Array
    shares: Array

    @classmethod
    def none_of(cls, needs: int, k: int) -> "Best":
        """Give free places for some needs."""
        return cls(
            np.zeros((needs, k), dtype=np.uint64),
            np.zeros((needs, k, len(FIELDS)), dtype=np.float32),
        )

    @property
    def scores(self) -> Array:
        """Score of each, 0 of a free place."""
        return (self.keys >> np.uint64(32)).astype(np.uint32).view(np.float32)

    def positions(self, by_rank: Whole) -> Array:
        """Position of each, -1 of a free place."""
        free = self.keys == 0
        ranks = np.where(free, 0, _LAST - (self.keys & _LAST)).astype(np.int64)
        return np.where(free, -1, by_rank[ranks] if len(by_rank) else -1)


def looked_up(postings: Postings, asked: Keys) -> Array:
    """Give the place of each asked term in the postings (Int32), -1 where it is not there."""
    compiled = kernels(len(asked))
    if compiled is not None:
        places: Array = compiled.looked_up(postings.keys, postings.directory, asked)
        return places
    if not len(postings.keys):
        return np.full(len(asked), -1, dtype=np.int32)
    places = np.searchsorted(postings.keys, asked).astype(np.int32)
    places[places == len(postings.keys)] = 0
    places[postings.keys[places] != asked] = -1
    return places


def sweep(
    segment: Segment,
    query: Query,
    best: Best,
    *,
    offset: int,
    ranks: Whole,
    by_rank: Whole,
    factors: Factors,
) -> None:
    """Put the best offers of a segment among the best so far of each need.

    Parameters
    ----------
    segment, query
        Where, and what is asked.
    best
        The best of the segments before; changed.
    offset
        Position of the segment's first offer.
    ranks, by_rank
        Place of each offer of the segment in the order of ids, which decides between equal
        scores; position of each place.
    factors
        Of the segment's offers.
    """
    compiled = kernels(len(query.alone) * (segment.size + _OF_A_NEED))
    if compiled is None:
        _sweep(segment, query, best, ranks, factors)
        return
    compiled.sweep(
        offset,
        ranks,
        by_rank,
        factors.gains,
        tuple(
            (part.starts, part.docs, part.more_starts, part.more_docs, more)
            for part, more in zip(segment.fields, factors.more, strict=True)
        ),
        tuple(zip(query.bounds, query.terms, query.weights, strict=True)),
        np.stack(query.units, axis=1),
        query.alone,
        _MIX,
        (best.keys, best.shares),
    )


def _sweep(segment: Segment, query: Query, best: Best, ranks: Whole, factors: Factors) -> None:
    k = best.keys.shape[1]
    for need in range(len(query.alone)):
        shares = np.stack(
            [_shares(segment, query, need, field, factors) for field in range(len(FIELDS))]
        )
        score = _score(shares, bool(query.alone[need]))
        found = np.flatnonzero(score)
        bits = np.ascontiguousarray(score[found]).view(np.uint32).astype(np.uint64)
        keys = bits << np.uint64(32) | (_LAST - ranks[found].astype(np.uint64))
        both = np.concatenate((best.keys[need], keys))
        order = np.argsort(~both, kind="stable")[:k]
        values = np.concatenate((best.shares[need], shares[:, found].T))
        best.keys[need], best.shares[need] = both[order], values[order]


def _shares(segment: Segment, query: Query, need: int, field: int, factors: Factors) -> Array:
    """Add the worth of the need's terms up, term by term."""
    postings, more = segment.fields[field], factors.more[field]
    sums = np.zeros(segment.size, dtype=np.int32)
    part = slice(query.bounds[field][need], query.bounds[field][need + 1])
    for term, weight in zip(query.terms[field][part], query.weights[field][part], strict=True):
        if term >= 0 and weight:
            sums[postings.docs[postings.starts[term] : postings.starts[term + 1]]] += weight
            often = slice(postings.more_starts[term], postings.more_starts[term + 1])
            worth = np.int64(weight) * more[often].astype(np.int64) >> FRACTION
            sums[postings.more_docs[often]] += worth.astype(np.int32)
    shares: Array = factors.gains[field] * sums.astype(np.float32) * query.units[field][need]
    return np.minimum(shares, np.float32(1.0))


def _score(shares: Array, alone: bool) -> Array:
    one = np.float32(1.0)
    text = OF_WORDS * shares[WORDS] + OF_LETTERS * shares[LETTERS]
    number = shares[NUMBERS]
    score: Array = text + OF_NUMBER * number * (one - text)
    return np.where(number >= FOUND, one + number, score) if alone else score
