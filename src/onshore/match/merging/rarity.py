"""How rare a word is among the records that a model was learned from, without keeping a word."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from math import log

from onshore.match.merging.readings import Reading


@dataclass(frozen=True)
class WordCounts:
    """In how many different records a word of each hash stands.

    ``counts`` are by the hash of the word, ``records`` are digests of the records: when a pair
    is compared, its own two records are not counted, whether it was learned from or is new.
    Else a word that a pair alone has would look rarer in a new pair than in one learned from.
    """

    counts: dict[int, int]
    records: frozenset[int]

    @classmethod
    def of(cls, pairs: Sequence[tuple[Reading, Reading]]) -> "WordCounts":
        """Count the words of the records of pairs."""
        different = {digest(reading): reading for pair in pairs for reading in pair}
        counts: Counter[int] = Counter()
        for reading in different.values():
            counts.update(reading.counts.keys())
        return cls(dict(counts), frozenset(different))

    def rarity(self, left: Reading, right: Reading) -> Callable[[int], float]:
        """Give how rare hashed words are for a pair: 0 where all others have it, 1 where none."""
        both = {digest(record): record for record in (left, right)}
        own = [record.counts.keys() for key, record in both.items() if key in self.records]
        counts, steps = self.counts, self._steps

        def of(word: int) -> float:
            return steps[counts.get(word, 0) - sum(word in words for words in own)]

        return of

    @cached_property
    def _steps(self) -> list[float]:
        """The rarity by the number of other records that have the word."""
        size = len(self.records) + 1
        return [log(size / (count + 1)) / (log(size) or 1.0) for count in range(size)]


def digest(reading: Reading) -> int:
    """Give a number that stands for a record."""
    text = reading.text.encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "little", signed=True)
