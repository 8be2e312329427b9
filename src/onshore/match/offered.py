"""Offers made ready to be ranked: read, indexed and laid out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from onshore.match.features import OfferFacts, Pool
from onshore.match.index import Index
from onshore.match.lines import Line
from onshore.match.segments import MOST, Live, Segment
from onshore.match.tables import read_lines, texts_of


@dataclass(frozen=True)
class Offered:
    """Offers in the order of their ids, with their index and what is measured of them."""

    ids: list[str]
    lines: list[Line]
    index: Index
    facts: OfferFacts

    @classmethod
    def of(cls, offers: pl.DataFrame) -> "Offered":
        """Read and index a table of offers."""
        texts = texts_of(offers, "offers", "offer_id").sort("offer_id")
        lines = list(read_lines(texts))
        parts = [
            Live.all_of(Segment.of(texts.slice(start, MOST), lines[start : start + MOST]))
            for start in range(0, len(lines), MOST)
        ]
        return cls(texts["offer_id"].to_list(), lines, Index(parts), OfferFacts.of(lines))

    def retrieve(self, needs: Sequence[Line], k: int) -> Pool:
        """Give the k best offers of each need by the index."""
        found = self.index.retrieve(needs, k)
        some = found.positions >= 0
        starts = np.concatenate(([0], np.cumsum(some.sum(axis=1))))
        shares = (found.score, found.words, found.letters, found.numbers)
        fields = np.column_stack([share[some].astype(np.float64) for share in shares])
        return Pool(starts, found.positions[some], np.minimum(fields.round(6), 1.0))
