"""What the weights of terms depend on: counted over all offers, wherever they are kept."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from onshore.match.asked import LETTERS, NUMBERS, WORDS, Terms
from onshore.match.keys import Bags, Floats, Whole
from onshore.match.segments import Live
from onshore.match.sweeps import looked_up

# How soon a repeated term saturates, and how far length counts, in words, letters and numbers. A
# number is there or not: neither its repetition nor other numbers beside it count. The others suit
# short lines (Trotman, Puurula & Burgess 2014, "Improvements to BM25 and Language Models
# Examined", ADCS).
K1, B = (0.9, 0.9, 0.0), (0.4, 0.4, 0.4)

# Runs of letters count unless more than one of so many offers has them, and more than so few.
COMMON, FEW = 16, 64

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Statistics:
    """Counts of offers that BM25 needs, exact at any time.

    Parameters
    ----------
    size
        Number of offers.
    lengths, longest
        Their terms in words, letters and numbers, repeated ones counted: of all of them, and of
        the one that has most.
    holding
        How many offers have each asked term of words, letters and numbers, and each of the
        asked numbers as its own part number.
    """

    size: int
    lengths: Whole
    longest: Whole
    holding: tuple[Whole, ...]

    @classmethod
    def total(cls, parts: Iterable["Statistics"]) -> "Statistics":
        """Add up the statistics of segments or of shards."""
        parts = list(parts)
        if not parts:
            nothing = np.zeros(3, dtype=np.int64)
            return cls(0, nothing, nothing, ())
        return cls(
            size=sum(part.size for part in parts),
            lengths=np.sum([part.lengths for part in parts], axis=0),
            longest=np.max([part.longest for part in parts], axis=0),
            holding=tuple(
                np.sum(counts, axis=0) for counts in zip(*(p.holding for p in parts), strict=True)
            ),
        )

    @property
    def means(self) -> Floats:
        """Mean number of terms of an offer in words, letters and numbers; 1 if there are none."""
        return np.where(self.lengths > 0, self.lengths / max(self.size, 1), 1.0)

    def weights(self, terms: Terms) -> tuple[tuple[Array, Array], ...]:
        """Give each asked term's share of what its line would score word for word.

        In the denominator of each share is the line's own BM25 score, to which a term counts
        with its idf also if no offer has it. Runs of letters that many offers have (`COMMON`)
        count for nothing: they are most of the work and change few places. A number that is only
        a further key of the line is asked for where some offer has it as its own.

        Returns
        -------
        tuple
            For words, letters and numbers the shares (Int32), and each line's unit (Float32).
        """
        further = terms.others & (self.holding[3] == 0)
        counts = np.where(further, 0.0, terms.numbers.counts)
        numbers = Bags(terms.numbers.keys, counts, terms.numbers.starts)
        bags = (terms.words, terms.letters, numbers)
        return tuple(self._in_units(field, bags[field]) for field in (WORDS, LETTERS, NUMBERS))

    def _in_units(self, field: int, bags: Bags) -> tuple[Array, Array]:
        """Count shares in units of which even the longest offer's sum is less than 2^30.

        Sums of whole numbers do not depend on their order, so that neither segments nor shards
        show in the results.
        """
        shares, owners = self._shares(field, bags), bags.owners
        longest = self.longest[field] / self.means[field]
        greatest = 1 + K1[field] * (1 - B[field] + B[field] * longest)
        whole = np.bincount(owners, shares, minlength=len(bags.starts) - 1) * greatest
        units = np.ldexp(1.0, np.frexp(whole)[1] - 29)
        return np.rint(shares / units[owners]).astype(np.int32), units.astype(np.float32)

    def _shares(self, field: int, bags: Bags) -> Floats:
        owners, counts = bags.owners, bags.counts
        saturation = K1[field] * (1 - B[field] + B[field] * bags.lengths / self.means[field])
        holding = self.holding[field]
        worth = counts * np.log1p((self.size - holding + 0.5) / (holding + 0.5))
        if field == LETTERS:
            worth = np.where(holding > max(self.size // COMMON, FEW), 0.0, worth)
        whole = saturation[owners] + counts
        got = np.divide(counts, whole, out=np.zeros_like(counts), where=counts > 0)
        attainable = np.bincount(owners, worth * got, minlength=len(bags.starts) - 1)[owners]
        return np.divide(worth, attainable, out=np.zeros_like(worth), where=attainable > 0)


@dataclass(frozen=True)
class Looked:
    """Where the asked terms are in a segment, by field, and its statistics of them."""

    places: tuple[Array, ...]
    statistics: Statistics

    @classmethod
    def up(cls, live: Live, terms: Terms) -> "Looked":
        """Look asked terms up in a segment."""
        segment = live.segment
        places = tuple(
            looked_up(segment.fields[field], terms.of(field)[0])
            for field in range(len(segment.fields))
        )
        own = looked_up(segment.own, terms.numbers.keys)
        found = (*places[:3], own)
        return cls(
            places,
            Statistics(
                size=live.size,
                lengths=live.lengths,
                longest=live.longest,
                holding=tuple(
                    _counts(counts, at) for counts, at in zip(live.holding, found, strict=True)
                ),
            ),
        )


def _counts(holding: Whole, places: Array) -> Whole:
    if not len(holding):
        return np.zeros(len(places), dtype=np.int64)
    return np.where(places >= 0, holding[places], 0)
