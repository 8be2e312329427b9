"""The search for plans that are wanted for something else than their value, and its bound.

As `onshore.plan.large.search_plan`, bounding and searching by turns, each with what the other had
found before; but floors hold by value, while plans are judged by an `Aim`.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from onshore.plan.aims import AfterFailures, Aim, ByWorth, OverScenarios
from onshore.plan.failure_bounds import FailureBounds
from onshore.plan.large.annealing import Search
from onshore.plan.large.arrays import Floats, Whole
from onshore.plan.large.clock import Clock
from onshore.plan.large.options import Options
from onshore.plan.large.relaxation import Prices, bound, from_year_on, relax
from onshore.plan.outcomes import worst_weights
from onshore.plan.worth_ascent import Duals, WorthAscent, positive, without_floors

_MOVES = 1000  # of the first search, for each item; each search after it makes twice as many
_FEWEST = 20
_SEARCHES = 12
_ROUNDS = 60  # of the ascent beside the first search, then twice as many each time
_SEGMENTS = 32  # of a search, between which the clock is looked at
_EARLY = _SEGMENTS // 3
_CLOSE = 0.9  # of the time left
_HOT, _COLD = 0.3, 0.002  # in worths of a start that the relaxation takes
_PULL = 0.97  # money costs the search a little less than its price, so that budgets fill up
_DEPTH = 0.5  # options that lose more than this share of their worth at the prices are left out
_LOOKS = 3  # relaxations that tell where z is
_RELAXING = 0.3  # of the time, at most


class Bounding(Protocol):
    """What lowers the bound beside a search."""

    @property
    def lowest(self) -> float:
        """No plan is judged higher."""
        ...

    @property
    def duals(self) -> Duals:
        """The prices where the search is to look."""
        ...

    def run(self, rounds: int, target: float, over: Callable[[], bool]) -> None:
        """Lower the bound for so many rounds."""
        ...


@dataclass(frozen=True, eq=False)
class Found:
    """The options chosen, how they are judged, and what no plan is judged higher than."""

    chosen: Whole
    objective: float
    bound: float
    stopped: str


def search_by_worth(
    options: Options, worth: Floats, *, gap: float, seconds: float, seed: int
) -> Found:
    """Find the plan that is worth most."""
    clock = Clock(seconds)
    duals, mean, _ = relaxed(options, worth, clock)
    ascent = WorthAscent(options, duals, worth=worth)
    return search_for(ByWorth(worth), options, ascent, mean, clock, gap=gap, seed=seed)


def search_scenarios(
    options: Options, aim: OverScenarios, *, gap: float, seconds: float, seed: int
) -> Found:
    """Find the plan of the best CVaR.

    The weights begin half way from even ones to the worst scenarios of the relaxation at those.
    """
    clock = Clock(seconds)
    count = aim.by_scenario.shape[1]
    even = np.full(count, 1.0 / count)
    worth = aim.worth(Duals.of(_NO_PRICES, np.zeros(0), even))
    duals, mean, share = relaxed(options, worth, clock, even)
    order = np.argsort(share @ aim.by_scenario, kind="stable")
    worst = np.zeros(count)
    worst[order] = worst_weights(count, aim.share)
    duals = duals._replace(weights=(even + worst) / 2)
    ascent = WorthAscent(options, duals, by_scenario=aim.by_scenario, cap=aim.cap)
    return search_for(aim, options, ascent, mean, clock, gap=gap, seed=seed)


def search_after_failures(
    options: Options, aim: AfterFailures, *, gap: float, seconds: float, seed: int
) -> Found:
    """Find the plan that is worth most after its worst failures."""
    clock = Clock(seconds)
    price = float(aim.loss.max(initial=0.0))
    for _ in range(_LOOKS):
        duals, mean, share = relaxed(options, aim.at(price), clock, np.array([price]))
        price = _last_failure(aim.loss, share, aim.failures)
    duals = duals._replace(weights=np.array([price]))
    bounding = FailureBounds(options, aim, duals)
    return search_for(aim, options, bounding, mean, clock, gap=gap, seed=seed)


def _last_failure(loss: Floats, share: Floats, failures: float) -> float:
    """Give the loss of the last failure of a plan of shares; 0 where there are fewer."""
    order = np.argsort(-loss, kind="stable")
    order = order[share[order] > 0]
    at = int(np.searchsorted(np.cumsum(share[order]), failures))
    return float(loss[order[at]]) if at < len(order) else 0.0


def relaxed(
    options: Options, worth: Floats, clock: Clock, weights: Floats | None = None
) -> tuple[Duals, float, Floats]:
    """Find the linear relaxation's prices, the mean worth of a start in it, and the shares."""
    valued = options._replace(value=positive(worth))
    prices, _, share = relax(valued, over=lambda: clock.gone > _RELAXING * clock.seconds)
    of_item = np.zeros(len(options.makers))
    bound(valued, prices, of_item)
    mean = float(valued.value @ share) / max(float(share.sum()), 1e-9)
    return Duals.of(prices, of_item, np.ones(1) if weights is None else weights), mean, share


def search_for(
    aim: Aim,
    options: Options,
    bounding: Bounding,
    mean: float,
    clock: Clock,
    *,
    gap: float,
    seed: int,
) -> Found:
    """Bound and search by turns; ``mean`` is what a start is worth."""
    best: Whole = np.zeros(0, dtype=np.int64)
    most, speed, stopped = 0.0, 1e6, "search ended"
    # The first rounds are short: the search is to begin at weights that are nearly right.
    bounding.run(_ROUNDS // 2, most, lambda: clock.left <= 0)
    with ThreadPoolExecutor(max_workers=1) as beside:
        for turn in range(_SEARCHES):
            moves = min(_MOVES * len(options.makers) << turn, int(speed * clock.left * 0.8))
            duals = bounding.duals.copied()
            rounds = _ROUNDS << turn
            lowering = beside.submit(bounding.run, rounds, most, lambda: clock.left <= 0)
            chosen, speed = _searched(aim, options, duals, mean, max(moves, 1), seed + turn, clock)
            lowering.result()
            own = aim.of(chosen)
            if own > most:
                best, most = chosen, own
            if bounding.lowest - most <= gap * most:
                stopped = "proved"
                break
            if clock.left <= 0:
                stopped = "time limit"
                break
    if not len(best):  # There was no time for a search: a short one is owed.
        moves = _FEWEST * len(options.makers)
        chosen, _ = _searched(aim, options, bounding.duals, mean, moves, seed, Clock())
        if aim.of(chosen) > most:
            best, most = chosen, aim.of(chosen)
    return Found(best, most, bounding.lowest, stopped)


def _searched(
    aim: Aim,
    options: Options,
    duals: Duals,
    mean: float,
    moves: int,
    seed: int,
    clock: Clock,
) -> tuple[Whole, float]:
    """Search once from nothing; give the options chosen and the moves a second."""
    worth = aim.worth(duals)
    raised = without_floors(options, positive(worth), duals.floor).value
    paid = options.cost * duals.money[options.fund]
    hours = options.use * from_year_on(duals.hour)[options.resource, options.first]
    gain = raised - _PULL * paid
    near = raised - paid - hours - duals.of_item[options.item] > -_DEPTH * raised
    search = Search.of(options, gain, np.flatnonzero((gain > 0) & near), seed=seed)
    each = -(-moves // _SEGMENTS)
    hot, fall = _HOT * mean, (_COLD / _HOT) ** (1 / _SEGMENTS)
    speed, before = 0.0, clock.left
    for segment in range(_SEGMENTS):
        if clock.left <= 0:
            break
        aim.cool(search, duals, each, hot, hot * fall, late=segment > _EARLY)
        hot *= fall
        speed = max(speed, each / max(before - clock.left, 1e-6))
        before, rest = clock.left, _SEGMENTS - segment - 1
        # A search that time cuts short is of little use: it had better be a shorter one. (The
        # first segment may hold the time of compilation.)
        if segment > 0 and rest and each * rest > _CLOSE * speed * clock.left:
            each = max(int(_CLOSE * speed * clock.left / rest), 1)
    order = np.argsort(-worth, kind="stable")
    order = order[worth[order] > 0]
    search.fill(order)
    if search.misses:
        search.mend()
        search.fill(order)
    chosen = np.sort(search.of_job[search.of_job >= 0])
    return chosen, speed or 1e6


_NO_PRICES = Prices(np.zeros((0, 0)), np.zeros(0), np.zeros(0))
