"""In how many stated quantities each of many offers differs from a need."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from onshore.match.agreement import differs, offered
from onshore.match.lines import Line
from onshore.match.measures import Measure, Value

Whole = np.ndarray[tuple[int], np.dtype[np.int64]]
Truth = np.ndarray[tuple[int], np.dtype[np.bool_]]
Stated = tuple[Measure, ...]


@dataclass(frozen=True)
class Quantity:
    """A quantity as offers state it.

    Many offers state the same DN or voltage: ``sets`` are the different sets of values,
    ``offers`` the positions of the offers that state any, ``which`` the set of each of those.
    ``values`` are the sets without their wording; ``known`` keeps which sets differ from what was
    asked for before.
    """

    sets: tuple[Stated, ...]
    values: tuple[frozenset[Value], ...]
    offers: Whole
    which: Whole
    known: dict[Stated, Truth] = field(default_factory=dict, repr=False)

    def differing(self, asked: Stated) -> Whole:
        """Give the positions of the offers that differ from the values asked for."""
        if asked not in self.known:
            self.known[asked] = np.array(self._compare(asked))
        return self.offers[self.known[asked][self.which]]

    def _compare(self, asked: Stated) -> list[bool]:
        if isinstance(asked[0].value, str):
            # Texts are the same or not, so that sets tell what `differs` would, only sooner.
            wanted = {measure.value for measure in asked}
            return [not (wanted <= found or found <= wanted) for found in self.values]
        return [differs(asked, found) for found in self.sets]


@dataclass(frozen=True)
class Differences:
    """What a number of offers state, by quantity."""

    size: int
    quantities: dict[str, Quantity]

    @classmethod
    def of(cls, offers: Sequence[Line]) -> "Differences":
        """Collect what offers state."""
        positions: dict[str, dict[Stated, list[int]]] = {}
        for at, offer in enumerate(offers):
            for quantity in {**offer.measures, "DN": None, "inch": None}:
                if values := tuple(offered(offer, quantity)):
                    positions.setdefault(quantity, {}).setdefault(values, []).append(at)
        quantities = {
            quantity: Quantity(
                tuple(sets),
                tuple(frozenset(measure.value for measure in found) for found in sets),
                np.concatenate([np.array(found) for found in sets.values()]),
                np.repeat(np.arange(len(sets)), [len(found) for found in sets.values()]),
            )
            for quantity, sets in positions.items()
        }
        return cls(len(offers), quantities)

    def count(self, need: Line) -> Whole:
        """Count, for each offer, the quantities in which it differs from a need."""
        counts = np.zeros(self.size, dtype=np.int64)
        for quantity, asked in need.measures.items():
            if quantity in self.quantities:
                counts[self.quantities[quantity].differing(tuple(asked))] += 1
        return counts
