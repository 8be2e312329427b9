"""The offers retrieved for needs, before they are measured."""

from dataclasses import dataclass

import numpy as np

from onshore.match.facts import Table, Truth, Whole

FIELDS = ("share", "words", "letters", "numbers")

# The offers of a need that are compared with each other.
HEAD = 30


@dataclass(frozen=True)
class Pool:
    """The offers retrieved for a number of needs, those of a need in a row, the best first.

    ``starts`` has one more entry than there are needs; ``offers`` are positions; ``fields`` has
    a row for each of them with the columns `FIELDS`, each 0 to 1.
    """

    starts: Whole
    offers: Whole
    fields: Table

    def in_head(self) -> Truth:
        """Tell which pairs are among the first `HEAD` of their need.

        Only those are compared with each other, so that a longer list has the same head.
        """
        at = np.arange(len(self.offers)) - np.repeat(self.starts[:-1], np.diff(self.starts))
        return at < HEAD

    @property
    def need_of(self) -> Whole:
        """The need of each pair."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))

    def best(self, values: Table) -> Table:
        """Give the greatest value, above 0, of each column in the head of each need."""
        best = np.zeros((len(self.starts) - 1, values.shape[1]))
        some = np.diff(self.starts) > 0
        if some.any():
            head = np.where(self.in_head()[:, None], values, 0.0)
            best[some] = np.maximum.reduceat(head, self.starts[:-1][some], axis=0)
        return best
