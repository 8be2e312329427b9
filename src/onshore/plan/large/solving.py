"""Price, bound and search by turns until the plan is near enough to its bound."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from onshore.plan.large.annealing import Search
from onshore.plan.large.arrays import Floats, Whole
from onshore.plan.large.ascent import Ascent
from onshore.plan.large.branches import Branch, Branches
from onshore.plan.large.options import Options
from onshore.plan.large.patterns import Patterns
from onshore.plan.large.relaxation import Prices, from_year_on, relax, weight_of_groups

Mask = npt.NDArray[np.bool_]
Progress = Callable[[float, float, float], None]
"""Called with the seconds gone, the best plan's value and the bound."""

_MOVES = 1000  # of the first search, for each item; each search after it makes twice as many
_FEWEST = 20
_ROUNDS = 60  # of the ascent beside the first searches; beside each after them twice as many
# The heat, in values of a start that the relaxation takes, on average.
_HOT, _WARM, _COLD = 0.3, 0.05, 0.002  # warm: of a plan put together
_COMBINED = 0.15  # of the time left, at most, to put a plan together
_PULL = 0.97  # money costs the search a little less than its price, so that budgets fill up
# A budget that a search leaves open by so large a share gets cheaper, others dear again.
_LEFT_OPEN, _CHEAPER, _CHEAPEST, _DEARER_AGAIN = 0.01, 0.98, 0.6, 1.01
_DEPTH = 0.5  # options that lose more than this share of their value at the prices are left out
_PENALTY = 0.3  # what a floor's missing value costs a move beyond the floor's price, in value
_DEARER = 1.12  # by which it rises while floors are missed, and at the end
_MUCH_DEARER, _LAST = 2.0, 8
_SEGMENTS = 32  # of a search, between which the clock is looked at
_POLISHED = 4  # segments at the end
_SEARCHES = 12
_SURELY = 100.0  # what a branch must have is worth so many starts more


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
    """
    clock = _Clock(seconds, progress, stop)
    prices, relaxed, share = relax(options, over=lambda: clock.gone > 0.3 * seconds or stop())
    mean = float(options.value @ share) / max(float(share.sum()), 1e-9)
    patterns = Patterns(options)
    branches = Branches(Ascent.from_relaxation(options, prices), share, patterns.note)
    best, value = np.zeros(0, dtype=np.int64), 0.0
    speed = 1e6  # moves a second, until one search was timed
    pull = np.full(len(options.budget), _PULL)
    stopped = "search ended"
    with ThreadPoolExecutor(max_workers=1) as beside:
        for turn in range(_SEARCHES):
            most, least = max(value, known[0]), min(branches.lowest, known[1])
            clock.tell(most, least)
            if _near(most, least, gap):
                stopped = "proved"
                break
            if clock.left <= 0:
                stopped = "interrupted" if stop() else "time limit"
                break
            most_moves = _MOVES * len(options.makers) << max(turn - 1, 0)
            moves = min(most_moves, int(speed * clock.left * 0.8))
            branch = branches.highest
            begin = _drawn(share, seed) if turn == 0 else best if turn > 1 else best[:0]
            search = _begun(branch, begin, pull, mean, seed + turn)
            money, rounds = branch.ascent.prices.money, _ROUNDS << max(turn - 1, 0)
            over = (1 + gap) * most
            bounding = beside.submit(branches.run, rounds, most, over, lambda: clock.left <= 0)
            heat = _HOT if turn < 2 else _WARM
            chosen, speed, pull = _search(search, money, pull, mean, max(moves, 1), clock, heat)
            chosen = branch.kept[chosen]
            bounding.result()
            patterns.note(chosen)
            best = _better(options, best, chosen)
            value = float(options.value[best].sum())
            if turn and not (patterns.many or _near(value, branches.lowest, gap)):
                top = branches.highest.ascent
                begin = patterns.combined(best, top.prices, top.of_item, _COMBINED * clock.left)
                search = _begun(branches.whole, begin, pull, mean, seed + turn)
                combined = best[:0] if search.misses else search.chosen
                money = branches.root.prices.money
                chosen, _, _ = _search(search, money, pull, mean, moves // 4, clock, _WARM)
                patterns.note(chosen)
                best = _better(options, best, _better(options, combined, chosen))
                value = float(options.value[best].sum())
    if not len(best):  # There was no time for a search: a short one is owed.
        free = _Clock(np.inf, None, lambda: False)
        search = _begun(branches.whole, _drawn(share, seed), pull, mean, seed)
        moves = _FEWEST * len(options.makers)
        best, _, _ = _search(search, branches.root.prices.money, pull, mean, moves, free)
        value = float(options.value[best].sum())
    return Found(best, value, branches.lowest, stopped, branches.root.prices, relaxed)


def _begun(branch: Branch, begin: Whole, pull: Floats, mean: float, seed: int) -> Search:
    """Lay out a search among a branch's options, with those of ``begin`` that are among them.

    The most valuable come first: the largest, which would need more room than a move can make,
    come in there or never. What the branch must have is before them all.
    """
    options, prices, of_item = branch.options, branch.ascent.prices, branch.ascent.of_item
    valued = options.value * weight_of_groups(options, prices.floor)[options.group]
    paid = options.cost * prices.money[options.fund]
    hours = options.use * from_year_on(prices.hour)[options.resource, options.first]
    begun = np.isin(branch.kept, begin)
    bonus = np.zeros(len(options.makers))
    bonus[list(branch.ascent.must)] = _SURELY * mean
    sure = bonus[options.item] > 0
    gain = valued - pull[options.fund] * paid
    left = valued - paid - hours - of_item[options.item]
    near = left > -_DEPTH * options.value
    pool = np.flatnonzero((gain > 0) & near | sure)
    search = Search.of(options, gain, pool, seed=seed, bonus=bonus)
    among = np.flatnonzero(sure | begun)
    first = np.lexsort((-left[among] * sure[among], -options.value[among], ~sure[among]))
    search.fill(among[first], missing=True)
    return search


def _search(
    search: Search,
    money: Floats,
    pull: Floats,
    mean: float,
    moves: int,
    clock: _Clock,
    hottest: float = _HOT,
) -> tuple[Whole, float, Floats]:
    """Search once; give the options chosen, the moves a second, and what pulled at the end.

    From its middle on money gets cheaper in years whose budget stays open, and dearer again.
    """
    each = -(-moves // _SEGMENTS)
    hot, fall = hottest * mean, (_COLD / hottest) ** (1 / _SEGMENTS)
    begun = clock.gone
    quickest = np.inf
    penalty = _PENALTY
    for segment in range(_SEGMENTS):
        if clock.left <= 0:
            break
        if segment >= _SEGMENTS // 2:
            pulled = _followed(search, pull)
            search.make_dearer((pulled - pull) * money)
            pull = pulled
        search.cool(each, hot, hot * fall, penalty)
        hot *= fall
        if search.misses:
            penalty *= _DEARER
        # The first segment may hold the time of compilation.
        quickest, begun = min(quickest, clock.gone - begun), clock.gone
    # Last, money counts for nothing but by its limits, so that what is left of budgets is used.
    search.make_dearer(-pull * money)
    for _ in range(_POLISHED):
        if clock.left <= 0:
            break
        search.cool(each, hot, hot, penalty)
    for _ in range(_LAST):
        if not search.misses or clock.left <= 0:
            break
        penalty *= _MUCH_DEARER
        search.cool(each, hot, hot, penalty)
    search.fill(np.argsort(-search.options.value, kind="stable"))
    if search.misses:
        search.mend()
    speed = each / max(float(quickest), 1e-6)
    return search.chosen, speed, pull


def _better(options: Options, one: Whole, other: Whole) -> Whole:
    """Give the plan that is worth more, the first of equals."""
    return other if options.value[other].sum() > options.value[one].sum() else one


def _drawn(share: Floats, seed: int) -> Whole:
    """Draw options by their shares in the relaxation."""
    return np.flatnonzero(np.random.default_rng(seed).random(len(share)) < share)


def _followed(search: Search, pull: Floats) -> Floats:
    """Make money cheaper where the search leaves a budget open, else dearer."""
    open_ = search.spent < (1 - _LEFT_OPEN) * search.options.budget
    followed: Floats = np.where(
        open_, np.maximum(pull * _CHEAPER, _CHEAPEST), np.minimum(pull * _DEARER_AGAIN, _PULL)
    )
    return followed


def _near(value: float, bound: float, gap: float) -> bool:
    return bound - value <= gap * value


class _Clock:
    """The time that is gone and left, and whom to tell."""

    def __init__(self, seconds: float, progress: Progress | None, stop: Callable[[], bool]) -> None:
        self._begun, self._seconds = time.perf_counter(), seconds
        self._progress, self._stop = progress, stop

    @property
    def gone(self) -> float:
        return time.perf_counter() - self._begun

    @property
    def left(self) -> float:
        return 0.0 if self._stop() else self._seconds - self.gone

    def tell(self, value: float, bound: float) -> None:
        if self._progress is not None:
            self._progress(self.gone, value, bound)
