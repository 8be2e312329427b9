"""Price, bound and search by turns until the plan is near enough to its bound."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from onshore.plan.large.arrays import Floats, Whole
from onshore.plan.large.ascent import Ascent
from onshore.plan.large.branches import Branches
from onshore.plan.large.clock import Clock, Progress
from onshore.plan.large.cooled import HOT, PULL, WARM, begin_search, cool
from onshore.plan.large.options import Options
from onshore.plan.large.patterns import Patterns
from onshore.plan.large.relaxation import Prices, relax

_MOVES = 1000  # of the first search, for each item; each search after it makes twice as many
_FEWEST = 20
_ROUNDS = 60  # of the ascent beside the first searches; beside each after them twice as many
_COMBINED = 0.15  # of the time left, at most, to put a plan together
_SEARCHES = 12
_DEAR = 0.02  # what a plan's value is worth to the floors, from which they bind much
_SHORT, _LONG = 2, 3  # turns until all searches are long then, and their doublings


@dataclass(frozen=True, eq=False)
class Found:
    """The options chosen, the bound on any plan, why the search stopped, and the prices."""

    chosen: Whole
    value: float
    bound: float
    stopped: str
    prices: Prices
    relaxed: float


def search_plan(
    options: Options,
    *,
    gap: float,
    seconds: float,
    seed: int = 0,
    progress: Progress | None = None,
    known: tuple[float, float] = (0.0, np.inf),
    stop: Callable[[], bool] = lambda: False,
) -> Found:
    """Find a plan and a bound on every plan.

    ``known`` are the value of a plan and a bound that were found otherwise: the search ends when
    the better plan is near enough to the lower bound. It ends soon after ``stop`` says so, with
    what there is.

    The linear relaxation's prices come first. Then the bound is lowered on one thread while the
    search looks for plans on another, in the branch whose bound is highest, each with what the
    other had found when both began; both have set lengths, so that a seed gives the same plan
    unless time runs out. The first search begins with starts drawn from the relaxation, the second
    with none, the others, less hot, with the best plan so far. From the second on a plan is put
    together of what resources chose beside the searches and in their plans, and searched from.
    Where floors bind much, shares are hard to trade between groups with little heat, and patterns
    hardly fit together: each search begins hot with none, all are long once the prices have
    settled, and the best plan is searched from.
    """
    clock = Clock(seconds, progress, stop)
    prices, relaxed, share = relax(options, over=lambda: clock.gone > 0.3 * seconds or stop())
    work = _Work(options, Ascent.from_relaxation(options, prices), share, clock, seed)
    stopped = "search ended"
    for turn in range(_SEARCHES):
        most, least = max(work.value, known[0]), min(work.branches.lowest, known[1])
        clock.tell(most, least)
        if _near(most, least, gap):
            stopped = "proved"
            break
        if clock.left <= 0:
            stopped = "interrupted" if stop() else "time limit"
            break
        moves = work.take_turn(turn, most, (1 + gap) * most)
        settled = work.patterns.many or _near(work.value, work.branches.lowest, gap)
        if turn and not settled:
            work.search_from_best(turn, moves // 4)
    if not len(work.best):
        work.search_shortly()
    branches = work.branches
    return Found(work.best, work.value, branches.lowest, stopped, branches.root.prices, relaxed)


class _Work:
    """What the turns share: bounds, the best plan, and what the last search told."""

    def __init__(
        self, options: Options, ascent: Ascent, share: Floats, clock: Clock, seed: int
    ) -> None:
        self.options, self.share, self.clock, self.seed = options, share, clock, seed
        self.patterns = Patterns(options)
        self.branches = Branches(ascent, share, self.patterns.note)
        self.best = np.zeros(0, dtype=np.int64)
        self.mean = float(options.value @ share) / max(float(share.sum()), 1e-9)
        self.speed = 1e6  # moves a second, until one search was timed
        self.pull = self._full

    @property
    def value(self) -> float:
        """What the best plan is worth."""
        return float(self.options.value[self.best].sum())

    @property
    def _full(self) -> Floats:
        return np.full(len(self.options.budget), PULL)

    @property
    def _bind(self) -> bool:
        """Whether floors bind much."""
        return float(self.options.floor @ self.branches.root.prices.floor) > _DEAR

    def take_turn(self, turn: int, most: float, near: float) -> int:
        """Search the highest branch while the bound is lowered beside; give the moves made."""
        clock, branch, bind = self.clock, self.branches.highest, self._bind
        rounds = doublings = max(turn - 1, 0)
        if bind and turn > _SHORT:
            rounds, doublings = _SHORT, _LONG
        moves = _MOVES * len(self.options.makers) << doublings
        moves = max(min(moves, int(self.speed * clock.left * 0.8)), 1)
        anew = turn < 2 or bind
        begin = self._drawn() if turn == 0 else self.best[:0] if anew else self.best
        self.pull = self._full if bind else self.pull
        search = begin_search(branch, begin, self.pull, self.mean, self.seed + turn)
        prices = branch.ascent.prices
        with ThreadPoolExecutor(max_workers=1) as beside:
            bounding = beside.submit(
                self.branches.run, _ROUNDS << rounds, most, near, lambda: clock.left <= 0
            )
            heat = HOT if anew else WARM
            found = cool(search, prices, self.pull, self.mean, moves, clock, heat)
            bounding.result()
        self.speed, self.pull = found.speed, found.pull
        self._keep(branch.kept[found.chosen])
        return moves

    def search_from_best(self, turn: int, moves: int) -> None:
        """Search with little heat from the best plan, or from one put together of patterns."""
        begin, top = self.best, self.branches.highest.ascent
        if self._bind:
            self.pull = self._full
        else:
            seconds = _COMBINED * self.clock.left
            begin = self.patterns.combined(begin, top.prices, top.of_item, seconds)
        whole = self.branches.whole
        search = begin_search(whole, begin, self.pull, self.mean, self.seed + turn)
        combined = self.best[:0] if search.misses else search.chosen
        prices = whole.ascent.prices
        found = cool(search, prices, self.pull, self.mean, moves, self.clock, WARM)
        self._keep(combined)
        self._keep(found.chosen)

    def search_shortly(self) -> None:
        """Search for as long as is owed where there was no time for any search."""
        whole, moves = self.branches.whole, _FEWEST * len(self.options.makers)
        search = begin_search(whole, self._drawn(), self.pull, self.mean, self.seed)
        self._keep(cool(search, whole.ascent.prices, self.pull, self.mean, moves, Clock()).chosen)

    def _keep(self, chosen: Whole) -> None:
        """Note a plan's patterns; keep it if it is worth more than the best."""
        self.patterns.note(chosen)
        if float(self.options.value[chosen].sum()) > self.value:
            self.best = chosen

    def _drawn(self) -> Whole:
        """Draw options by their shares in the relaxation."""
        return np.flatnonzero(np.random.default_rng(self.seed).random(len(self.share)) < self.share)


def _near(value: float, bound: float, gap: float) -> bool:
    return bound - value <= gap * value
