"""The steps of placing items on machines, in turn, until the best is near enough to the bound."""

from __future__ import annotations

import time

import numpy as np

from onshore.plan.large.arrays import Whole
from onshore.plan.large.clock import Progress
from onshore.plan.large.placement_dive import Dive
from onshore.plan.large.placement_model import (
    Answer,
    Assigned,
    Bools,
    NoAssignment,
    Placement,
    solve_placement,
)
from onshore.plan.large.placement_prices import Prices
from onshore.plan.large.placement_search import Search
from onshore.plan.large.placement_tree import Tree

_FIRST_ROUNDS, _ROUNDS = 60, 1500  # of prices
_FIRST_MOVES, _MOVES = 1000, 5000  # of the search, for each item
_HOT, _COLD = 1.0, 0.01  # in what an item's fourth best machine costs more than its best
_WARM, _WARM_MOVES = 0.1, 20_000  # of a search that begins with a good assignment
_DIVES = 8  # then one combination and one neighbourhood
_WALKS, _NEIGHBOURHOODS = 6, 2  # instead, and after the combination, where openings cost
_CYCLE = _DIVES + 2
_COMBINED, _KEPT = 10, 30  # assignments, at first and at most
_LEFT_BY_DIVE = 0.1  # of the items
_FREE = 0.15  # of the items, in the first neighbourhoods
_LEAST_FREE, _MOST_FREE = 12, 120
_NODES = 400  # of a neighbourhood
_LIKELY_NODES = 100  # of machines that branching finds likely, and of combinations
_PART_SECONDS = 10.0
_PATIENCE = 3 * _CYCLE  # steps without a better assignment
_BEFORE_WHOLE, _FOR_WHOLE, _FOR_MIDDLE = 0.25, 0.25, 0.6  # of the seconds left
# Pairs left, up to which HiGHS gets the whole: before branching, between its turns, after them,
# and after the neighbourhoods; the first two with so many nodes.
_FEWER, _FEW, _MIDDLE, _SMALL = 300, 700, 2000, 5000
_MANY = 10_000  # pairs above which assignments are improved before the first branching
_FEW_NODES = 1000
_TURNS, _TELLS = 4, 0.8  # of branching at first, each of which brings the gap to that share
_TREE_NODES, _TREE_PATIENCE = 100, _CYCLE  # of a turn; steps between two turns
_NEARLY_WHOLE, _NOTHING = 1e-6, 1e-9  # a difference, and a share of the value, that is rounding
_OPENED_PATIENCE = 4  # the same, and in a row, where machines cost to open


class Placing:
    """What is known of one problem so far, and the steps that add to it."""

    def __init__(
        self,
        placement: Placement,
        gap: float,
        seconds: float,
        seed: int,
        progress: Progress | None,
    ) -> None:
        self.of, self.gap, self.seconds, self.progress = placement, gap, seconds, progress
        self.began = time.perf_counter()
        self.whole = placement.whole
        self.prices = Prices(placement)
        self.search = Search.of(placement, seed=seed)
        self.chance = np.random.default_rng(seed)
        self.by_branching = -np.inf
        self.tree: Tree | None = None
        self.cycle = [self._dive] * _DIVES + [self._combine, self._neighbourhood]
        if placement.opening.any():
            self.cycle = [self._walk] * _WALKS + [self._combine]
            self.cycle += [self._neighbourhood] * _NEIGHBOURHOODS
        self.likely = np.zeros(len(placement.capacity), dtype=np.bool_)
        self.method = "none"
        self.free = _FREE
        self.idle = 0
        self.steps = 0
        self.elite: list[tuple[float, Whole]] = []
        self.combined = float(_COMBINED)

    def run(self) -> Assigned:
        """Take the steps in turn until the gap is reached or time is over."""
        self._begin()
        if self.of.opening.any():
            self._solve_whole(_FEWER, _FEW_NODES)
            if self.prices.better(self._aim).sum() > _MANY:
                self._improve_until(self._gone + _BEFORE_WHOLE * self._left, _CYCLE)
            self._branch_first()
        else:
            self._solve_whole(_FEW, _FEW_NODES)
        self._search_on()
        self._improve_until(self._gone + _BEFORE_WHOLE * self._left, _PATIENCE)
        self._solve_whole(_SMALL)
        patience = _OPENED_PATIENCE if self.of.opening.any() else _TREE_PATIENCE
        while not self._done:
            self._branch()
            self._improve_until(self.seconds, patience)
        value, bound = self.search.value, self.bound
        if not np.isfinite(value) and bound == np.inf:
            raise NoAssignment(
                "no assignment keeps every capacity, though each item fits somewhere and all "
                "capacity suffices for all weights: raise capacities or allow more pairs"
            )
        return Assigned(
            self.search.best, value, bound, self._gap,
            "proved" if self._proved else "time limit", self.method, self._gone,
        )  # fmt: skip

    @property
    def bound(self) -> float:
        """What every assignment costs at least; the best known one if no better one can be."""
        bound = self._unrounded
        if self.whole and np.isfinite(bound):
            bound = float(np.ceil(bound - _NEARLY_WHOLE))
        return min(bound, self.search.value)

    @property
    def _unrounded(self) -> float:
        return max(self.prices.bound, self.by_branching)

    @property
    def _aim(self) -> float:
        """Give what a better assignment costs less than."""
        value = self.search.value
        if not np.isfinite(value):
            return value
        # What is bounded by this is proved, whatever is lost in rounding.
        return value - 1 + 2 * _NEARLY_WHOLE if self.whole else value - _NOTHING / 2 * abs(value)

    @property
    def _gap(self) -> float:
        value, bound = self.search.value, self.bound
        if not np.isfinite(value):
            return np.inf
        if value - bound <= _NOTHING * abs(value):
            return 0.0
        return (value - bound) / max(abs(value), 1e-300)

    @property
    def _gone(self) -> float:
        return time.perf_counter() - self.began

    @property
    def _left(self) -> float:
        return self.seconds - self._gone

    @property
    def _over(self) -> bool:
        return self._left <= 0

    @property
    def _proved(self) -> bool:
        return self._gap <= self.gap or self.bound == np.inf

    @property
    def _done(self) -> bool:
        return self._proved or self._over

    def _begin(self) -> None:
        """Find prices, a first assignment, and with it the prices near the best."""
        self.prices.run(_FIRST_ROUNDS, np.inf, lambda: self._over)
        self._anneal(_FIRST_MOVES)
        self.prices.run(_ROUNDS, self._aim, lambda: self._over)
        self._tell()

    def _search_on(self) -> None:
        """Search longer, and take the prices further where that brought something."""
        if self._done:
            return
        before = self.search.value
        self._anneal(_MOVES)
        if self.search.value < before:
            self.prices.run(_ROUNDS, self._aim, lambda: self._over)
        self._tell()

    def _anneal(self, moves: int, hottest: float = _HOT) -> None:
        before = self.search.value
        least = self.prices.least
        nearest = np.sort(least, axis=0)[[0, min(3, len(least) - 1)]]
        apart = (nearest[1] - nearest[0])[np.isfinite(nearest).all(axis=0)]
        unit = float(apart.mean()) if len(apart) else 0.0
        unit = max(unit, 1e-6 * float(np.abs(self.of.cost).mean()), 1e-12)
        found = self.search.cool(
            moves * len(self.search.at), hottest * unit, _COLD * unit, least, self.prices.of_item
        )
        if found is not None:
            self._remember(found)
        if self.search.value < before:
            self.method = "search"

    def _walk(self) -> None:
        """Search with little heat from one of the best assignments."""
        if len(self.elite) < 2:
            self._dive()
            return
        self._anneal_again(self.elite[self.chance.integers(len(self.elite))][1])

    def _anneal_again(self, machine_of: Whole) -> None:
        """Search with little heat from an assignment."""
        before = self.search.value
        self.search.at = machine_of.copy()
        self._anneal(_WARM_MOVES, _WARM)
        self.idle += 1
        if self.search.value < before:
            self.idle = 0
            self.prices.tighten(self._aim)

    def _improve_until(self, end: float, patience: int) -> None:
        """Take the steps of the cycle in turn until the time or the patience ends."""
        self.idle = 0
        while not self._proved and self._gone < end and self.idle < patience:
            self.cycle[self.steps % len(self.cycle)]()
            self.steps += 1
            self._tell()

    def _dive(self) -> None:
        items = len(self.search.best)
        stop = max(_LEAST_FREE, int(_LEFT_BY_DIVE * items))
        value = self.search.value
        aim = min(value, self.prices.bound + 0.02 * abs(self.prices.bound))
        dive = Dive(self.prices, aim, self.chance)
        dive.run(stop)
        while True:
            free = dive.machine_of < 0
            free[dive.order[max(0, items - stop) :]] = True
            answer = self._solve_rest(dive.machine_of, free, None)
            if answer.machine_of is not None or free.all() or self._over:
                break
            stop *= 2  # what was fixed last goes free
        self._take("dive", answer.machine_of)
        if answer.machine_of is not None and self.of.opening.any():
            self._anneal_again(answer.machine_of)

    def _neighbourhood(self) -> None:
        best = self.search.best
        if best[0] < 0:
            self._dive()
            return
        free = self._near_by()
        answer = self._solve_rest(best, free, best)
        took = self._take("neighbourhood", answer.machine_of)
        if answer.ended and not took:
            self.free = min(self.free * 1.1, 1.0)
        elif not answer.ended:
            self.free *= 0.9

    def _combine(self) -> None:
        """Place all items anew with the pairs of the best assignments found."""
        if len(self.elite) < 2:
            return
        best, items = self.search.best, np.arange(len(self.search.best))
        pairs = np.zeros_like(self.of.possible)
        for _, machine_of in self.elite[: int(self.combined)]:
            pairs[machine_of, items] = True
        pairs &= self.prices.better(self._aim)
        pairs[best, items] = True
        answer = solve_placement(
            self.of, pairs, start=best,
            seconds=min(_PART_SECONDS, self._left), nodes=_LIKELY_NODES,
        )  # fmt: skip
        self.combined = np.clip(self.combined * (1.2 if answer.ended else 0.7), 2, _KEPT)
        self._take("combination", answer.machine_of)

    def _near_by(self) -> Bools:
        """Draw items to free: all of some machines near each other, or such as stand badly."""
        at, least = self.search.best, self.prices.least
        items = np.arange(len(at))
        most = int(np.clip(self.free * len(at), _LEAST_FREE, _MOST_FREE))
        excess = least[at, items] - self.prices.bound
        free = np.zeros(len(at), dtype=np.bool_)
        if self.chance.random() < 0.3:
            free[np.argsort(-excess * self.chance.random(len(at)), kind="stable")[:most]] = True
            return free
        first = at[self.chance.integers(len(at))]
        own = np.nonzero(at == first)[0]
        apart = np.minimum(least[:, own] - self.prices.bound, self._wide).mean(axis=1)
        apart = apart * (0.5 + self.chance.random(len(apart)))
        apart[first] = -np.inf
        for i in np.argsort(apart, kind="stable"):
            free |= at == i
            if free.sum() >= most:
                break
        return free

    @property
    def _wide(self) -> float:
        """How far above the bound a pair of a better assignment can be at most."""
        return max(self.search.value - self.prices.bound, 1e-9)

    def _solve_rest(self, machine_of: Whole, free: Bools, start: Whole | None) -> Answer:
        """Place the free items at least cost while the others stay."""
        pairs = self.prices.better(self._aim)[:, free]
        if start is not None:
            start = start[free]
            pairs[start, np.arange(len(start))] = True
        answer = solve_placement(
            self.of.rest(machine_of, free), pairs, start=start,
            seconds=min(_PART_SECONDS, self._left), nodes=_NODES,
        )  # fmt: skip
        if answer.machine_of is None:
            return answer
        together = machine_of.copy()
        together[free] = answer.machine_of
        return Answer(together, answer.bound, answer.ended)

    def _branch_first(self) -> None:
        """Branch in a few turns, as long as each takes away a share of the gap."""
        left = np.inf
        for _ in range(_TURNS):
            ahead = self._aim - self._unrounded
            if self._done or not ahead < _TELLS * left:
                break
            left = ahead
            self._branch()
            self._solve_whole(_FEW, _FEW_NODES)
        self._solve_whole(_MIDDLE, share=_FOR_MIDDLE)

    def _branch(self) -> None:
        """Raise the bound by branching on what the prices leave open."""
        aim = min(self._aim, self.search.value - self.gap * abs(self.search.value))
        if not np.isfinite(aim):
            return
        if self.tree is None:
            self.tree = Tree(self.of, self.prices.better(aim), self.prices.of_item, aim)
        self.tree.run(_TREE_NODES, aim, lambda: self._over)
        self.by_branching = max(self.by_branching, self.tree.bound)
        if self.of.opening.any():
            self._solve_likely(self.tree.likely)
        self._tell()

    def _solve_likely(self, machines: Bools) -> None:
        """Place all items on these machines alone, unless that was tried last."""
        if self._done or (machines == self.likely).all():
            return
        self.likely = machines
        pairs = self.prices.better(self._aim) & machines[:, None]
        if pairs.sum() > _SMALL:
            return
        answer = solve_placement(
            self.of, pairs, seconds=min(_PART_SECONDS, self._left), nodes=_LIKELY_NODES
        )
        self._take("branching", answer.machine_of)

    def _solve_whole(self, most: int, nodes: int | None = None, share: float = _FOR_WHOLE) -> None:
        """Give HiGHS all pairs that a better assignment can have, where they are not too many."""
        if self._done:
            return
        best = self.search.best
        known = best if best[0] >= 0 else None
        pairs = self.prices.better(self._aim)
        if pairs.sum() > most and (known is not None or nodes is not None):
            return
        if known is not None:
            pairs[known, np.arange(len(known))] = True
        answer = solve_placement(
            self.of, pairs, start=known, gap=self.gap, seconds=share * self._left, nodes=nodes
        )
        self.by_branching = max(self.by_branching, answer.bound)
        self._take("HiGHS", answer.machine_of)
        self._tell()

    def _take(self, method: str, machine_of: Whole | None) -> bool:
        """Keep an assignment if it is the best yet, and tighten prices to it."""
        before = self.search.value
        if machine_of is not None:
            self.search.take(machine_of)
            self._remember(machine_of)
        if not self.search.value < before - _NOTHING * abs(self.search.value):
            self.idle += 1
            return False
        self.method, self.idle = method, 0
        self.prices.tighten(self._aim)
        return True

    def _remember(self, machine_of: Whole) -> None:
        """Keep the best assignments found, the cheapest first, one of each cost."""
        value = self.of.value(machine_of)
        if all(value != known for known, _ in self.elite):
            self.elite.append((value, machine_of))
            self.elite = sorted(self.elite, key=lambda known: known[0])[:_KEPT]

    def _tell(self) -> None:
        if self.progress is not None:
            self.progress(self._gone, self.search.value, self.bound)
