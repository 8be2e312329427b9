"""What people call the goods of a code: each name whole, in any of the three languages."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from onshore.match.coding.fields import Field, Matrix, Vector, Whole, rarity
from onshore.match.coding.reading import spell
from onshore.match.coding.schemes import Scheme
from onshore.match.letters import normalise
from onshore.match.words import STOP, WORD, stem


@dataclass(frozen=True)
class Names:
    """The names of a scheme's goods, set beside a line.

    Parameters
    ----------
    field
        The share that each word has in each name.
    weights
        Of each name: the idf of its words together.
    starts
        Where the names of each named code begin, for as many codes as are named.
    owners
        For each code of the scheme the named ones that it belongs to (itself, then those
        above), as positions, -1 where one is not named: levels x codes.
    words
        The stems of the names of each code.
    """

    field: Field
    weights: Vector
    starts: Whole
    owners: Whole
    words: tuple[frozenset[str], ...]

    @classmethod
    def of(cls, scheme: Scheme) -> "Names":
        """Read the names of a scheme."""
        named = sorted(scheme.names)
        lines = [[stems(name) for name in scheme.names[code]] for code in named]
        flat = [line for of_code in lines for line in of_code]
        idf = rarity(flat, len(flat))
        weights = [sum(idf[word] for word in line) for line in flat]
        bags = [
            {word: idf[word] / weight for word in line}
            for line, weight in zip(flat, weights, strict=True)
        ]
        counts = [len(of_code) for of_code in lines]
        place = {code: at for at, code in enumerate(named)}
        paths = [[code, *scheme.above(code)] for code in scheme.codes]
        own = [[place.get(code, -1) for code in path] for path in paths]
        levels = max((len(found) for found in own), default=0)
        words = [frozenset().union(*of_code) for of_code in lines]
        return cls(
            Field.of(bags),
            np.array(weights),
            np.cumsum([0, *counts[:-1]], dtype=np.int64),
            np.array(
                [found + [-1] * (levels - len(found)) for found in own], dtype=np.int64
            ).T.copy(),
            tuple(frozenset().union(*(words[at] for at in found if at >= 0)) for found in own),
        )

    def best(self, words: Mapping[str, float]) -> tuple[Vector, Vector, Vector]:
        """Give for each code how well the name that answers a line best does so.

        Returns
        -------
        tuple
            Of the names of the code and of those above, the highest weight times share squared;
            of the code's own names alone, the same; the highest share.
        """
        codes = len(self.words)
        if not len(self.weights):
            return np.zeros(codes), np.zeros(codes), np.zeros(codes)
        shares = self.field.sums(words)
        found = self._of_codes(shares * shares * self.weights)
        return found.max(axis=0), found[0], self._of_codes(shares).max(axis=0)

    def _of_codes(self, by_name: Vector) -> Matrix:
        best = np.maximum.reduceat(by_name, self.starts)
        of_codes: Matrix = np.append(best, 0.0)[self.owners]
        return of_codes


def stems(text: str) -> frozenset[str]:
    """Give the stems of a name as it is written, in any script."""
    words = (word for word in WORD.findall(normalise(text)) if word not in STOP)
    return frozenset(spell(stem(word)) for word in words)
