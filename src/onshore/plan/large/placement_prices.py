"""A bound on placing every item at least cost that keeps each machine's knapsack whole.

Lagrangian relaxation of the rows 'every item is placed' (Fisher, Jaikumar and Van Wassenhove
1986, "A multiplier adjustment method for the generalized assignment problem", Management Science
32): a price is paid for each item placed, and each machine takes, by dynamic programming, the
items that bring it most; those open that cost least together and bear all items. The prices may
have either sign and follow deflected subgradients with Polyak's step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from onshore.plan.large.arrays import Floats, Whole
from onshore.plan.large.compiled import kernel
from onshore.plan.large.placement_cover import in_cover_cells, open_machines
from onshore.plan.large.placement_model import Bools, Placement

_EXACT, _CELLS = 1 << 14, 1 << 12  # of a capacity: whole numbers below the first are kept
_KEPT = 0.3  # of the last direction
_PATIENCE, _SLOWER = 15, 0.75
_FADING = 0.05  # weight of the last choice in the average of choices
_TIGHTEN_EVERY = 10
_SAFETY = 1e-9  # of the bound, for the rounding of sums


def in_cells(weight: Floats, capacity: Floats) -> tuple[Whole, Whole]:
    """Measure weights and capacities in whole cells.

    Exact for whole numbers up to a limit; else both are rounded down, so that all that fits
    before fits after, and bounds hold.
    """
    all_of_it = weight.sum(axis=1)
    capacity = np.minimum(capacity, all_of_it)
    if (weight == np.floor(weight)).all() and all_of_it.max() < 2**53:
        unit = max(1, int(np.gcd.reduce(weight.astype(np.int64), axis=None)))
        if capacity.max() < unit * _EXACT:
            return weight.astype(np.int64) // unit, capacity.astype(np.int64) // unit
    scale = _CELLS / np.maximum(capacity, 1e-300)
    cells = np.floor(np.minimum(weight * scale[:, None] * (1 - _SAFETY), _CELLS + 1))
    return cells.astype(np.int64), np.full(len(capacity), _CELLS)


@kernel
def _most_listed(cost: Floats, possible: Bools, price: Floats) -> int:
    """Count the items that any one machine gains by, at most."""
    most = 0
    for i in range(cost.shape[0]):
        n = 0
        for j in range(cost.shape[1]):
            if possible[i, j] and price[j] > cost[i, j]:
                n += 1
        most = max(most, n)
    return most


@kernel
def choose(
    cost: Floats,
    cells: Whole,
    room: Whole,
    opening: Floats,
    possible: Bools,
    bears: Whole,
    need: int,
    price: Floats,
    chosen: Bools,
    others: Floats,
) -> float:
    """Let each machine take the items that bring it most, and open; give the bound.

    ``others`` gets what all is bounded by, less a machine's own part, if that machine opens.
    """
    machines, items = cost.shape
    most = 0
    for i in range(machines):
        most = max(most, room[i])
    best = np.zeros(most + 1)
    take = np.zeros((_most_listed(cost, possible, price), most + 1), np.bool_)
    listed = np.zeros(items, np.int64)
    net, opened = np.zeros(machines), np.zeros(machines, np.bool_)
    for i in range(machines):
        n, weight, gain = 0, 0, 0.0
        for j in range(items):
            chosen[i, j] = False
            if possible[i, j] and price[j] > cost[i, j]:
                gain += price[j] - cost[i, j]
                weight += cells[i, j]
                listed[n] = j
                n += 1
        if weight <= room[i]:
            for k in range(n):
                chosen[i, listed[k]] = True
        else:
            best[: room[i] + 1] = 0.0
            for k in range(n):
                j = listed[k]
                w, profit = cells[i, j], price[j] - cost[i, j]
                for c in range(room[i], w - 1, -1):
                    better = best[c - w] + profit
                    take[k, c] = better > best[c]
                    if take[k, c]:
                        best[c] = better
                for c in range(min(w, room[i] + 1)):
                    take[k, c] = False
            gain, c = best[room[i]], room[i]
            for k in range(n - 1, -1, -1):
                if take[k, c]:
                    chosen[i, listed[k]] = True
                    c -= cells[i, listed[k]]
        net[i] = opening[i] - gain
    priced = price.sum()
    total = priced + open_machines(net, bears, need, opened, others)
    for i in range(machines):
        others[i] += priced
        if not opened[i]:
            chosen[i, :] = False
    return float(total)


@kernel
def _raise_least(
    cost: Floats,
    cells: Whole,
    room: Whole,
    opening: Floats,
    possible: Bools,
    price: Floats,
    others: Floats,
    least: Floats,
) -> None:
    """Raise what an assignment costs at least that has a pair.

    Knapsacks filled from the front and from the back together give the best with any one item.
    """
    machines, items = cost.shape
    most = 0
    for i in range(machines):
        most = max(most, room[i])
    rows = _most_listed(cost, possible, price) + 1
    front, back = np.zeros((rows, most + 1)), np.zeros((rows, most + 1))
    listed = np.zeros(items, np.int64)
    for i in range(machines):
        n = 0
        for j in range(items):
            if possible[i, j] and price[j] > cost[i, j]:
                listed[n] = j
                n += 1
        for k in range(n):
            j = listed[k]
            w, profit = cells[i, j], price[j] - cost[i, j]
            for c in range(room[i] + 1):
                with_it = front[k, c - w] + profit if c >= w else 0.0
                front[k + 1, c] = max(front[k, c], with_it)
        back[n, : room[i] + 1] = 0.0
        for k in range(n - 1, -1, -1):
            j = listed[k]
            w, profit = cells[i, j], price[j] - cost[i, j]
            for c in range(room[i] + 1):
                with_it = back[k + 1, c - w] + profit if c >= w else 0.0
                back[k, c] = max(back[k + 1, c], with_it)
        k = 0
        for j in range(items):
            if not possible[i, j]:
                continue
            left, rest = room[i] - cells[i, j], 0.0
            if k < n and listed[k] == j:
                for c in range(left + 1):
                    rest = max(rest, front[k, c] + back[k + 1, left - c])
                k += 1
            else:
                rest = front[n, left]
            least[i, j] = max(least[i, j], others[i] + opening[i] + cost[i, j] - price[j] - rest)


def lacking(chosen: Bools) -> Floats:
    """Give how often each item is still to be chosen, below 0 where it is too often."""
    lack: Floats = 1.0 - chosen.sum(axis=0)
    return lack


def stepped(price: Floats, way: Floats, lack: Floats, length: float) -> tuple[Floats, Floats]:
    """Go along the lack and some of the last way, so far that the bound may rise by a length."""
    way = lack + _KEPT * way
    along = max(abs(float(way @ lack)), 0.5 * float(lack @ lack))
    return (price + length / along * way if along > 0 else price), way


@dataclass
class Prices:
    """Prices of items on their way to the highest bound; a run goes on where the last stopped.

    ``cells`` and ``room`` are weights and capacities in whole cells. ``least`` is what every
    assignment costs at least that has a pair, and ``share`` how often pairs were chosen lately.
    """

    placement: Placement
    bound: float = -np.inf
    reach: float = 1.0
    rounds: int = 0
    of_item: Floats = field(init=False)
    least: Floats = field(init=False)
    share: Floats = field(init=False)

    def __post_init__(self) -> None:
        of = self.placement
        self.cells, self.room = in_cells(of.weight, of.capacity)
        self.bears, self.need = in_cover_cells(of)
        self._possible = of.possible & (self.cells <= self.room[:, None])
        spread = of.opening / np.maximum(of.capacity, 1e-300)
        whole = np.where(of.possible, of.cost + spread[:, None] * of.weight, np.inf)
        second = np.sort(whole, axis=0)[:2]
        self.of_item = np.where(np.isfinite(second[-1]), second[-1], second[0])
        self.least = np.where(of.possible, -np.inf, np.inf)
        self.share = np.zeros(of.cost.shape)
        self._chosen = np.zeros(of.cost.shape, dtype=np.bool_)
        self._others = np.zeros(len(of.capacity))
        self._at, self._way = self.of_item.copy(), np.zeros(of.cost.shape[1])
        self._idle = 0

    @property
    def settled(self) -> bool:
        """Whether steps have become too small to matter."""
        return self.reach < 1e-3

    def run(self, rounds: int, target: float, over: Callable[[], bool] = lambda: False) -> None:
        """Raise the bound in so many rounds or until it is over.

        ``target`` is the value of an assignment at hand; only pairs that may be of a better one
        are looked at.
        """
        for _ in range(rounds):
            if over() or self.settled or self.bound >= target:
                break
            self._round(target)
        self.tighten(target)

    def tighten(self, target: float) -> None:
        """Raise what pairs cost at least, at the best prices, among those still looked at."""
        self._tighten(self.of_item, target)

    def better(self, target: float) -> Bools:
        """Give the pairs that an assignment cheaper than the target may have."""
        return self._possible & (self.least < target)

    def _round(self, target: float) -> None:
        self.rounds += 1
        found = self._choose(self._at, target)
        fading = max(_FADING, 1 / self.rounds)
        self.share += fading * (self._chosen - self.share)
        if found > self.bound:
            slight = found < self.bound + 1e-5 * abs(found)
            self._idle = self._idle + 1 if slight else 0
            self.bound, self.of_item = found, self._at.copy()
        else:
            self._idle += 1
        if self.rounds % _TIGHTEN_EVERY == 0:  # (chooses again, the same)
            self._tighten(self._at, target)
        if self._idle >= _PATIENCE:
            self.reach, self._idle = self.reach * _SLOWER, 0
            self._at, self._way = self.of_item.copy(), np.zeros_like(self._way)
            return
        aim = target if np.isfinite(target) else found + 0.05 * abs(found) + 1.0
        self._at, self._way = stepped(
            self._at, self._way, lacking(self._chosen), self.reach * max(aim - found, 0.0)
        )

    def _choose(self, price: Floats, target: float) -> float:
        of = self.placement
        found = choose(
            of.cost, self.cells, self.room, of.opening, self.better(target),
            self.bears, self.need, price, self._chosen, self._others,
        )  # fmt: skip
        return found - _SAFETY * abs(found)

    def _tighten(self, price: Floats, target: float) -> None:
        of = self.placement
        self._others -= _SAFETY * abs(self._choose(price, target))
        _raise_least(
            of.cost, self.cells, self.room, of.opening, self.better(target), price, self._others,
            self.least,
        )  # fmt: skip
