"""The best offers of some segments for a batch of needs, with their scores in each field."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property

import numpy as np
import polars as pl

from onshore.match.asked import Asked
from onshore.match.keys import Floats, Whole
from onshore.match.segments import Live
from onshore.match.statistics import K1, B, Looked, Statistics
from onshore.match.sweeps import FRACTION, Best, Factors, Query, sweep

Scores = np.ndarray[tuple[int, int], np.dtype[np.float32]]
Places = np.ndarray[tuple[int, int], np.dtype[np.int64]]


@dataclass(frozen=True)
class Retrieved:
    """The candidates of each need: arrays of needs x k, the best first.

    Parameters
    ----------
    positions
        Positions of the offers in the index (Int64), -1 after the last one.
    score
        What they are ordered by (Float32, 0 to 1): with words W, letters L and part numbers P
        ``T = (W + L) / 2`` and ``T + 0.7 P (1 - T)``. For a need that is a part number alone,
        ``1 + P`` where P is at least 0.3. Of equal ones the lesser id is first.
    words, letters, numbers
        Shares of the need's own BM25 score in each field (Float32, 0 to 1). Runs of letters
        that more than a sixteenth of the offers have, and more than 64, do not count.
    bridge
        The part of ``words`` that is written in another script or as another English word, and
        so was found by the glossary (Float32, 0 to 1).
    codes
        The share of the need's HS digits that the offer's code begins with, two by two
        (Float32, 0 to 1; -1 where one of them has no code).
    """

    positions: Places
    score: Scores
    words: Scores
    letters: Scores
    numbers: Scores
    bridge: Scores
    codes: Scores

    @classmethod
    def nothing(cls, needs: int, k: int) -> "Retrieved":
        """Give free places only."""
        none = np.zeros((needs, k), dtype=np.float32)
        return cls(np.full((needs, k), -1), none, none, none, none, none, none - 1)

    def joined(self, *others: "Retrieved") -> "Retrieved":
        """Give these candidates and those of further needs."""
        return Retrieved(
            **{
                name.name: np.concatenate([getattr(one, name.name) for one in (self, *others)])
                for name in fields(self)
            }
        )


@dataclass(frozen=True)
class Snapshot:
    """The segments of an index at one moment."""

    parts: tuple[Live, ...]
    _factors: dict[tuple[float, ...], list[Factors]] = field(default_factory=dict, repr=False)

    @cached_property
    def offsets(self) -> list[int]:
        """Position of the first offer of each segment, and the number of positions."""
        sizes = [part.segment.size for part in self.parts]
        return [0, *np.cumsum(sizes, dtype=np.int64).tolist()]

    @cached_property
    def ids(self) -> pl.Series:
        """Ids of the offers by position, those left out too."""
        empty = pl.Series("offer_id", [], dtype=pl.String)
        return pl.concat([empty, *(part.segment.offers["offer_id"] for part in self.parts)])

    @cached_property
    def ranks(self) -> Whole:
        """Place of each offer in the order of ids."""
        ranks = np.empty(len(self.ids), dtype=np.int64)
        ranks[self.by_rank] = np.arange(len(self.ids))
        return ranks

    @cached_property
    def by_rank(self) -> Whole:
        """Positions of the offers in the order of ids."""
        return self.ids.arg_sort().to_numpy().astype(np.int64)

    def look_up(self, asked: Asked) -> list[Looked]:
        """Look asked terms up in each segment."""
        return [Looked.up(part, asked.terms) for part in self.parts]

    def retrieve(
        self, asked: Asked, looked: Sequence[Looked], counts: Statistics, k: int
    ) -> Retrieved:
        """Give the k best offers of each need, by statistics that may be of more than these."""
        if not self.parts:
            return Retrieved.nothing(len(asked), k)
        best = self._best(asked, looked, counts, k)
        positions = best.positions(self.by_rank)
        words, letters, numbers, written = (best.shares[:, :, place] for place in range(4))
        return Retrieved(
            positions=positions,
            score=best.scores,
            words=words,
            letters=letters,
            numbers=numbers,
            bridge=words - written,
            codes=self._codes(asked, positions),
        )

    def _best(self, asked: Asked, looked: Sequence[Looked], counts: Statistics, k: int) -> Best:
        best = Best.none_of(len(asked), k)
        words, letters, numbers = counts.weights(asked.terms)
        by_field = (words, letters, numbers, words)
        for at, (part, found) in enumerate(zip(self.parts, looked, strict=True)):
            query = Query(
                bounds=tuple(asked.terms.of(place)[2] for place in range(4)),
                terms=found.places,
                weights=tuple(weights for weights, _ in by_field),
                units=tuple(units for _, units in by_field),
                alone=asked.alone,
            )
            sweep(
                part.segment,
                query,
                best,
                offset=self.offsets[at],
                ranks=self.ranks[self.offsets[at] : self.offsets[at + 1]],
                by_rank=self.by_rank,
                factors=self._of_lengths(at, counts.means),
            )
        return best

    def _codes(self, asked: Asked, positions: Places) -> Scores:
        """Give the share of each need's HS digits that each candidate's code begins with."""
        if not asked.hs_digits.any():
            return np.full(positions.shape, -1.0, dtype=np.float32)
        stated, known = (
            np.concatenate([[0], *(getattr(part.segment, name) for part in self.parts)])
            for name in ("hs", "hs_digits")
        )
        hs, digits = asked.hs[:, None], asked.hs_digits[:, None]
        offered, length = stated[positions + 1], known[positions + 1]
        alike = np.zeros(positions.shape)
        for pair in range(5):
            unit = 10 ** (8 - 2 * pair)
            same = (offered // unit == hs // unit) & (length >= 2 * pair + 2)
            alike += 2 * (same & (digits >= 2 * pair + 2))
        shares = np.divide(alike, digits, out=np.full(positions.shape, -1.0), where=digits > 0)
        return np.where((length > 0) & (positions >= 0), shares, -1.0).astype(np.float32)

    def _of_lengths(self, at: int, means: Floats) -> Factors:
        key = tuple(means.tolist())
        if key not in self._factors:
            self._factors.clear()
            self._factors[key] = [_factors(part, means) for part in self.parts]
        return self._factors[key][at]


def _factors(part: Live, means: Floats) -> Factors:
    gains, more = [], []
    # Written words are as long as words.
    for place, of in enumerate((0, 1, 2, 0)):
        saturation = K1[of] * (1 - B[of] + B[of] * part.segment.lengths[of] / means[of])
        gains.append(np.where(part.alive, 1.0 / (1.0 + saturation), 0.0).astype(np.float32))
        postings = part.segment.fields[place]
        often, at = postings.more_counts.astype(np.float64), saturation[postings.more_docs]
        factor = often * (1.0 + at) / (often + at)
        more.append(np.minimum(np.rint(np.ldexp(factor, FRACTION)), 2.0**32 - 1).astype(np.uint32))
    return Factors(np.stack(gains), tuple(more))
