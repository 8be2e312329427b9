"""Branch and bound on the priced bound: which machines open first, then which items go where.

Each node takes its prices from its parent and raises its bound by a few rounds (Geoffrion 1974,
"Lagrangean relaxation for integer programming"); the node with the lowest bound is next.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from onshore.plan.large.arrays import Floats, Whole
from onshore.plan.large.placement_cover import in_cover_cells
from onshore.plan.large.placement_model import Bools, Placement
from onshore.plan.large.placement_prices import choose, in_cells, lacking, stepped

_ROUNDS = 40  # of prices at a node
_REACH, _SLOWER, _PATIENCE = 0.1, 0.6, 8
_FADING = 0.06
_UNDECIDED = 0.1  # share of rounds from which a machine counts as neither open nor closed
_LIKELY = 0.05  # share of rounds from which a machine may be one of a good assignment
_MOST_NODES = 20_000  # waiting at once

CLOSED, OPEN, APART, TOGETHER = range(4)


class Decision(NamedTuple):
    """A machine closed or open, or a machine and an item kept apart or together."""

    kind: int
    machine: int
    item: int


@dataclass(order=True)
class _Node:
    bound: float
    number: int
    decisions: tuple[Decision, ...] = field(compare=False)
    price: Floats = field(compare=False)
    used: Floats = field(compare=False)
    split: tuple[Decision, Decision] | None = field(compare=False)


class Tree:
    """The nodes still open, for assignments that cost less than a target."""

    def __init__(self, placement: Placement, pairs: Bools, price: Floats, target: float) -> None:
        rows = np.nonzero(pairs.any(axis=1))[0]
        of = placement
        self._rows, self._machines = rows, len(pairs)
        cells, room = in_cells(of.weight, of.capacity)
        bears, self._need = in_cover_cells(of)
        self._bears = bears[rows]
        self._cost, self._cells, self._room = of.cost[rows], cells[rows], room[rows]
        self._opening = of.opening[rows]
        self._pairs = pairs[rows] & (self._cells <= self._room[:, None])
        self.target = target
        self.nodes = 0
        self._open: list[_Node] = []
        self._add((), price, -np.inf)

    @property
    def bound(self) -> float:
        """No assignment costs less than this, or than the target if that is less."""
        return min(self._open[0].bound, self.target) if self._open else self.target

    @property
    def likely(self) -> Bools:
        """The machines that the lowest node uses now and then."""
        likely = np.zeros(self._machines, dtype=np.bool_)
        if self._open:
            likely[self._rows] = self._open[0].used > _LIKELY
        return likely

    def run(self, nodes: int, target: float, over: Callable[[], bool]) -> None:
        """Split so many nodes, of those that may lead below the target."""
        self.target = min(self.target, target)
        for _ in range(nodes):
            if not self._open or self._open[0].bound >= self.target or over():
                break
            if self._open[0].split is None or len(self._open) > _MOST_NODES:
                break  # nothing to branch on, or no room: its bound stands
            node = heapq.heappop(self._open)
            for decision in node.split or ():
                self._add((*node.decisions, decision), node.price, node.bound)

    def _add(self, decisions: tuple[Decision, ...], price: Floats, least: float) -> None:
        """Bound a node and keep it unless it is above the target."""
        opening, pairs, paid = self._opening.copy(), self._pairs.copy(), 0.0
        bears = self._bears.copy()
        for kind, i, j in decisions:
            if kind == CLOSED:
                pairs[i], bears[i] = False, 0
            elif kind == APART:
                pairs[i, j] = False
            else:
                paid, opening[i] = paid + opening[i], 0.0
                if kind == TOGETHER:
                    kept = pairs[i, j]
                    pairs[:, j] = False
                    pairs[i, j] = kept
        self.nodes += 1
        if not pairs.any(axis=0).all():
            return
        found, price, used, share = self._raise(price, pairs, opening, bears, paid)
        bound = max(found, least)
        if bound < self.target:
            split = self._split(decisions, used, share)
            heapq.heappush(self._open, _Node(bound, self.nodes, decisions, price, used, split))

    def _raise(
        self, price: Floats, pairs: Bools, opening: Floats, bears: Whole, paid: float
    ) -> tuple[float, Floats, Floats, Floats]:
        """Raise a node's bound; give it, its prices, and how often machines and pairs were used."""
        machines, items = pairs.shape
        chosen, others = np.zeros_like(pairs), np.zeros(machines)
        used, share, way = np.zeros(machines), np.zeros(pairs.shape), np.zeros(items)
        best, best_at, at, reach, idle = -np.inf, price, price, _REACH, 0
        for k in range(_ROUNDS):
            found = paid + choose(
                self._cost,
                self._cells,
                self._room,
                opening,
                pairs,
                bears,
                self._need,
                at,
                chosen,
                others,
            )
            if found == np.inf:
                return found, at, used, share  # what is not closed cannot bear all items
            found -= 1e-9 * abs(found)
            fading = max(_FADING, 1 / (k + 1))
            used += fading * (chosen.any(axis=1) - used)
            share += fading * (chosen - share)
            if found > best:
                best, best_at, idle = found, at, 0
            else:
                idle += 1
            if best >= self.target:
                break
            if idle >= _PATIENCE:
                reach, idle, at, way = reach * _SLOWER, 0, best_at, np.zeros(items)
                continue
            lack = lacking(chosen)
            if not lack.any():
                break
            ahead = self.target - found if np.isfinite(self.target) else 0.02 * abs(found)
            at, way = stepped(at, way, lack, reach * max(ahead, 0.0))
        return best, best_at, used, share

    def _split(
        self, decisions: tuple[Decision, ...], used: Floats, share: Floats
    ) -> tuple[Decision, Decision] | None:
        """Choose what is least decided: a machine that costs to open, else a pair."""
        doubt = np.where(self._opening > 0, np.minimum(used, 1 - used), -1.0)
        for kind, i, _ in decisions:
            if kind != APART:
                doubt[i] = -1.0
        i = int(doubt.argmax())
        if doubt[i] > _UNDECIDED:
            return Decision(OPEN, i, -1), Decision(CLOSED, i, -1)
        kept = np.array([j for kind, _, j in decisions if kind == TOGETHER], dtype=np.int64)
        return self._split_pair(share, kept)

    def _split_pair(self, share: Floats, kept: Whole) -> tuple[Decision, Decision] | None:
        top = share.max(axis=0)
        doubt = -np.abs(top - 0.5)
        doubt[kept] = -np.inf
        j = int(doubt.argmax())
        if not np.isfinite(doubt[j]):
            return None
        i = int(share[:, j].argmax())
        return Decision(TOGETHER, i, j), Decision(APART, i, j)
