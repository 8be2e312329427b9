"""Parts of a plan to choose anew together: some resources, and the items made or wanted there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from onshore.plan.large.arrays import Floats, Whole
from onshore.plan.large.restricted import Restricted

Mask = npt.NDArray[np.bool_]

_FIRST, _LEAST, _MOST = 1500, 200, 20_000  # starts that are free together
_WIDER, _NARROWER = 1.3, 0.7
_NODES = 60
_ROWS = 12  # missed rows that are mended together


@dataclass(eq=False)
class Neighbourhoods:
    """Parts of the pool drawn by a seed, as large as HiGHS solves within some nodes.

    ``item`` and ``resource`` are those of each start in the pool, ``opened`` lists the resources
    that one opening opens.
    """

    restricted: Restricted
    item: Whole
    resource: Whole
    opened: list[Whole]
    random: np.random.Generator
    size: float = _FIRST

    def __post_init__(self) -> None:
        self._count = int(self.item.max(initial=-1)) + 1
        self._resources = int(self.resource.max(initial=-1)) + 1
        self._order = np.argsort(self.resource, kind="stable")
        self._begins = np.searchsorted(self.resource[self._order], np.arange(self._resources + 1))

    def better(self, seconds: float) -> None:
        """Choose a drawn part anew."""
        opening = len(self.opened) and self.random.random() < 0.3
        seeds = (
            self.opened[int(self.random.integers(len(self.opened)))]
            if opening
            else self.random.integers(self._resources, size=1)
        )
        self._solve(self._around(seeds), seconds)

    def mend(self, seconds: float) -> None:
        """Choose anew around some rows that the plan misses."""
        rows = self.restricted.missed
        self.restricted.press(rows)
        items = rows[self.restricted.on_items[rows]]
        if not len(items):
            floor = self.random.choice(rows, size=1)
            resources = np.unique(self.resource[self.restricted.starts_in(floor)])
            self._solve(self._around(resources), seconds)
            return
        some = self.random.permutation(items)[:_ROWS]
        inside = np.union1d(self.restricted.starts_in(some), self.restricted.items_made_by(some))
        own = np.isin(self.item, np.unique(self.item[inside]))
        self._solve(self._around(np.unique(self.resource[own])) | own, seconds)

    def _solve(self, free: Mask, seconds: float) -> None:
        ended = self.restricted.improve(free, nodes=_NODES, seconds=seconds)
        self.size = float(np.clip(self.size * (_WIDER if ended else _NARROWER), _LEAST, _MOST))

    def _around(self, seeds: Whole) -> Mask:
        """Free what is made at these resources and at others near them, and what could be there."""
        chosen = self.restricted.chosen
        free = np.zeros(len(chosen), bool)
        unseen = np.ones(self._resources, bool)
        unseen[seeds] = False
        waiting = self.random.permutation(seeds).tolist()
        while free.sum() < self.size:
            if not waiting:
                if not unseen.any():
                    break
                waiting.append(int(self.random.choice(np.flatnonzero(unseen))))
                unseen[waiting] = False
            at = waiting.pop(0)
            here = self._order[self._begins[at] : self._begins[at + 1]]
            leaving = self.item == -1
            leaving[here] = True
            made = np.zeros(self._count, bool)
            made[self.item[here[chosen[here]]]] = True
            leaving |= made[self.item]
            free |= leaving
            # Where the items made here could go comes next, in any order.
            near = np.unique(self.resource[leaving])
            near = self.random.permutation(near[unseen[near]])
            unseen[near] = False
            waiting.extend(near.tolist())
        wanted = np.zeros(self._count, bool)
        wanted[self.item[free]] = True
        return free | (chosen & wanted[self.item])


def pool_of(net: Floats, value: Floats, item: Whole, keep: Mask, each: int) -> Mask:
    """Take of each item the starts that lose least at the prices, and what is to be kept."""
    order = np.lexsort((-net, item))
    begins = np.searchsorted(item[order], item[order])
    place = np.empty(len(net), dtype=np.int64)
    place[order] = np.arange(len(net)) - begins
    return ((place < each) & (net > -0.5 * np.abs(value))) | keep
