"""Offers indexed by their words, part numbers and letters; the share of a need that each meets."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from onshore.match.bm25 import Counts, Field, Matrix
from onshore.match.differences import Differences
from onshore.match.lines import Line

# Words carry the meaning; letters forgive spelling and endings. Part numbers are set apart: one
# that agrees nearly decides, one that nobody has (a plant's own stock number) says nothing.
WORDS, LETTERS = 0.5, 0.5
PART_NUMBER = 0.7

# Where an offer has this share of a part number that stands alone, only the number is compared.
FOUND = 0.3

# Each quantity that differs takes a fifth off, at most four of them.
DIFFERENCE, MOST_DIFFERENCES = 0.8, 4


@dataclass(frozen=True)
class OfferIndex:
    """Three fields over the same offers, in the order they were given, and what they state."""

    words: Field
    letters: Field
    part_numbers: Field
    own_numbers: frozenset[str]
    differences: Differences

    @classmethod
    def of(cls, offers: Sequence[Line]) -> "OfferIndex":
        """Index offers that have been read."""
        return cls(
            words=Field.of([Counter(offer.words) for offer in offers]),
            letters=Field.of([offer.grams() for offer in offers]),
            # A number is there or not: neither its repetition nor other numbers beside it count.
            part_numbers=Field.of(
                [offer.code_terms(offer.part_numbers.others) for offer in offers], k1=0.0
            ),
            own_numbers=frozenset(key for offer in offers for key in offer.part_numbers.own),
            differences=Differences.of(offers),
        )

    def scores(self, needs: Sequence[Line]) -> Matrix:
        """Score each offer for each need, 0 to 1: an array of needs x offers.

        The score is the share of the need that the offer meets, less a fifth of it for each
        quantity in which they differ, rounded to six decimals so that ties are ties.
        """
        counts = np.array([self.differences.count(need) for need in needs])
        scores: Matrix = self.shares(needs) * DIFFERENCE ** np.minimum(counts, MOST_DIFFERENCES)
        return scores.round(6)

    def shares(self, needs: Sequence[Line]) -> Matrix:
        """Give what share of each need each offer meets, 0 to 1: an array of needs x offers.

        The share of a field is the offer's BM25 score by the score that the need's own line
        would get. With W of the words, L of the letters and P of the part numbers, the share is
        ``0.7 P + (1 - 0.7 P) (W + L) / 2``; for a need that is a part number alone, P
        where any offer has 0.3 of it.
        """
        text = WORDS * _shares(self.words, [Counter(need.words) for need in needs])
        text += LETTERS * _shares(self.letters, [need.grams() for need in needs])
        number = _shares(self.part_numbers, [self._asked(need) for need in needs])
        alone = np.array([[need.is_part_number_alone] for need in needs])
        decides = alone & (number.max(axis=1, keepdims=True) >= FOUND)
        shares: Matrix = np.where(decides, number, text + PART_NUMBER * number * (1 - text))
        return shares

    def _asked(self, need: Line) -> Counts:
        return need.code_terms(need.part_numbers.others & self.own_numbers)


def _shares(field: Field, queries: list[Counts]) -> Matrix:
    attainable = np.array([[field.attainable(query)] for query in queries])
    scores = field.scores(queries)
    shares: Matrix = np.divide(scores, attainable, out=scores, where=attainable > 0)
    return np.minimum(shares, 1.0)
