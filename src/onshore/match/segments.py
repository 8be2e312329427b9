"""Segments of an index: offers that came together, never changed, only left out and merged."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from onshore.match.asked import FIELDS, LETTERS, NUMBERS, WORDS, Terms, hs_of, terms_of
from onshore.match.keys import Truth, Whole
from onshore.match.lines import Line
from onshore.match.postings import Postings, frozen

# An offer within a segment is a number of 16 bits; half of them keep the sums of a query in the
# second cache of a processor core.
MOST = 32_768

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Segment:
    """Some offers, indexed.

    Parameters
    ----------
    offers
        A row an offer, as given: ``offer_id`` and the texts that are read.
    fields
        The postings of words, letters, numbers and written words.
    own
        Part numbers that are offers' own.
    lengths
        Number of terms of each offer (UInt32) in words, letters and numbers.
    hs
        The first ten digits of the HS code, filled up with zeros (Int64), and how many it has.
    """

    offers: pl.DataFrame
    fields: tuple[Postings, ...]
    own: Postings
    lengths: tuple[Array, ...]
    hs: Array
    hs_digits: Array

    @classmethod
    def of(cls, offers: pl.DataFrame, lines: Sequence[Line]) -> "Segment":
        """Index at most 32,768 offers that have been read."""
        terms = terms_of(lines)
        hs, digits = hs_of(lines)
        return cls(
            offers=offers,
            fields=tuple(Postings.of_bags(*_bags(terms, field)) for field in range(len(FIELDS))),
            own=Postings.of_bags(terms.own),
            lengths=tuple(
                frozen(bags.lengths, np.uint32)
                for bags in (terms.words, terms.letters, terms.numbers)
            ),
            hs=frozen(hs, np.int64),
            hs_digits=frozen(digits, np.int64),
        )

    @classmethod
    def merged(cls, parts: Sequence["Live"]) -> "Segment":
        """Make one segment of several, without the offers left out."""
        return cls(
            offers=pl.concat([part.segment.offers.filter(pl.Series(part.alive)) for part in parts]),
            fields=tuple(
                Postings.merged([(part.segment.fields[at], part.alive) for part in parts])
                for at in range(len(FIELDS))
            ),
            own=Postings.merged([(part.segment.own, part.alive) for part in parts]),
            lengths=tuple(
                _joined([part.segment.lengths[at][part.alive] for part in parts]) for at in range(3)
            ),
            hs=_joined([part.segment.hs[part.alive] for part in parts]),
            hs_digits=_joined([part.segment.hs_digits[part.alive] for part in parts]),
        )

    @property
    def size(self) -> int:
        """Number of offers, those left out counted."""
        return self.offers.height


@dataclass(frozen=True)
class Live:
    """A segment and which of its offers are left; what is counted is counted over these."""

    segment: Segment
    alive: Truth

    @classmethod
    def all_of(cls, segment: Segment) -> "Live":
        """Give a segment of which nothing is left out."""
        return cls(segment, np.ones(segment.size, dtype=np.bool_))

    def without(self, left_out: Truth) -> "Live":
        """Leave out some more."""
        return Live(self.segment, self.alive & ~left_out)

    @cached_property
    def size(self) -> int:
        """Number of offers that are left."""
        return int(np.count_nonzero(self.alive))

    @cached_property
    def lengths(self) -> Whole:
        """Number of terms of the offers that are left, in words, letters and numbers."""
        return np.array(
            [int(lengths[self.alive].sum(dtype=np.int64)) for lengths in self.segment.lengths]
        )

    @cached_property
    def longest(self) -> Whole:
        """Most terms of an offer that is left, in words, letters and numbers."""
        return np.array(
            [int(lengths[self.alive].max(initial=0)) for lengths in self.segment.lengths]
        )

    @cached_property
    def holding(self) -> tuple[Whole, ...]:
        """Offers left that have each term of words, letters, numbers and own part numbers."""
        fields = self.segment.fields
        counted = (fields[WORDS], fields[LETTERS], fields[NUMBERS], self.segment.own)
        return tuple(postings.holding(self.alive) for postings in counted)


def _bags(terms: Terms, field: int) -> tuple[Any, ...]:
    bags = (terms.words, terms.letters, terms.numbers, terms.words)[field]
    return bags, terms.of(field)[0]


def _joined(arrays: Sequence[Array]) -> Array:
    joined = np.concatenate(arrays)
    joined.flags.writeable = False
    return joined
