"""The search for plans of starts that are worth something else than their value, and its bound.

As `onshore.plan.large.search_plan`, but floors hold by value while plans are compared by worth: in
the relaxation's prices the floors count by worth, in the bound and in the search by value. Any
prices of 0 or more bound the worth of every plan.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from onshore.plan.large.annealing import Search
from onshore.plan.large.arrays import Floats, Whole
from onshore.plan.large.ascent import Ascent, choose_by_resource
from onshore.plan.large.options import Options
from onshore.plan.large.relaxation import Prices, from_year_on, relax

_MOVES = 1000  # of the first search, for each item; each search after it makes twice as many
SEARCHES = 8
"""Rounds of one search, each twice as long as the one before."""
_ROUNDS = 60  # of the ascent beside a search
_SEGMENTS = 32  # of a search, between which the clock is looked at
_HOT, _COLD = 0.3, 0.002  # in worths of a start that the relaxation takes
_PULL = 0.97  # money costs the search a little less than its price, so that budgets fill up
_DEPTH = 0.5  # options that lose more than this share of their worth at the prices are left out
_PENALTY = 3.0
_RELAXING = 0.3  # of the time, at most


@dataclass(frozen=True, eq=False)
class Found:
    """The options chosen, the bound on what any plan is worth, and the prices it is got at."""

    chosen: Whole
    worth: float
    bound: float
    stopped: str
    prices: Prices
    of_item: Floats


def search_by_worth(
    options: Options,
    worth: Floats,
    *,
    gap: float,
    seconds: float,
    seed: int,
    searches: int = SEARCHES,
) -> Found:
    """Find a plan that is worth much, and a bound on the worth of every plan."""
    begun = time.perf_counter()

    def left() -> float:
        return seconds - (time.perf_counter() - begun)

    positive = _positive(worth)
    prices, _, share = relax(
        options._replace(value=positive), over=lambda: left() < (1 - _RELAXING) * seconds
    )
    mean = float(positive @ share) / max(float(share.sum()), 1e-9)
    free = _without_floors(options, positive, prices.floor)
    ascent = Ascent.from_relaxation(free, prices._replace(floor=np.zeros(0)))
    best: Whole = np.zeros(0, dtype=np.int64)
    most, speed, stopped = 0.0, 1e6, "search ended"
    with ThreadPoolExecutor(max_workers=1) as beside:
        for turn in range(searches):
            moves = min(_MOVES * len(options.makers) << turn, int(speed * left() * 0.8))
            bounding = beside.submit(ascent.run, _ROUNDS, most, lambda: left() <= 0)
            chosen, speed = _searched(
                options, worth, free.value, ascent.prices, ascent.of_item, mean,
                max(moves, 1), seed + turn, left,
            )  # fmt: skip
            bounding.result()
            own = math.fsum(worth[chosen])
            if own > most:
                best, most = chosen, own
            if ascent.lowest - most <= gap * most:
                stopped = "proved"
                break
            if left() <= 0:
                stopped = "time limit"
                break
    held = ascent.prices._replace(floor=prices.floor)
    return Found(best, most, ascent.lowest, stopped, held, ascent.of_item)


def bound_at(options: Options, worth: Floats, prices: Prices, of_item: Floats) -> float:
    """Bound the worth of every plan at prices that were found for another worth."""
    free = _without_floors(options, _positive(worth), prices.floor)
    # The hours' prices are where knapsacks begin, and are changed in place.
    own = Prices(prices.hour.copy(), prices.money, np.zeros(0))
    return choose_by_resource(free, own, of_item).bound


def _positive(worth: Floats) -> Floats:
    """Raise what is worth nothing to next to nothing: a bound only rises by it."""
    return np.maximum(worth, 1e-9 * float(worth.max(initial=0.0)) or 1e-9)


def _without_floors(options: Options, worth: Floats, price: Floats) -> Options:
    """Sell the floors at their prices: what a start adds to its own, less what all ask of it."""
    raised = worth
    if len(price):
        member = np.append(price, 0.0)[options.group]
        raised = worth + options.value * (member - float(options.floor @ price))
    return options._replace(
        value=_positive(raised), group=np.full_like(options.group, -1), floor=np.zeros(0)
    )


def _searched(
    options: Options,
    worth: Floats,
    raised: Floats,
    prices: Prices,
    of_item: Floats,
    mean: float,
    moves: int,
    seed: int,
    left: Callable[[], float],
) -> tuple[Whole, float]:
    """Search once from nothing; give the options chosen and the moves a second."""
    paid = options.cost * prices.money[options.fund]
    hours = options.use * from_year_on(prices.hour)[options.resource, options.first]
    gain = raised - _PULL * paid
    near = raised - paid - hours - of_item[options.item] > -_DEPTH * raised
    search = Search.of(options, gain, np.flatnonzero((gain > 0) & near), seed=seed)
    each = -(-moves // _SEGMENTS)
    hot, fall = _HOT * mean, (_COLD / _HOT) ** (1 / _SEGMENTS)
    quickest, before = np.inf, left()
    for _ in range(_SEGMENTS):
        if left() <= 0:
            break
        search.cool(each, hot, hot * fall, penalty=_PENALTY)
        hot *= fall
        # The first segment may hold the time of compilation.
        quickest, before = min(quickest, before - left()), left()
    order = np.argsort(-worth, kind="stable")
    order = order[worth[order] > 0]
    search.fill(order)
    if search.misses:
        search.mend()
        search.fill(order)
    chosen = np.sort(search.of_job[search.of_job >= 0])
    return chosen, each / max(float(quickest), 1e-6)
