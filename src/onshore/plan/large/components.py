"""Price, bound and search where there are links, requirements, openings or floors of any kind.

The bound sells all of these at prices (`demand_prices`). A plan is searched for with links settled
beforehand, openings paid at each resource and requirements rewarded; what that misses is mended,
and the plan made better, by solving parts of the whole model anew (`restricted`; large
neighbourhood search: Shaw 1998, "Using constraint programming and local search methods to solve
vehicle routing problems", CP98).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from onshore.plan.instance import Instance
from onshore.plan.large.annealing import Search
from onshore.plan.large.arrays import Floats, Whole
from onshore.plan.large.clock import Progress
from onshore.plan.large.demand_prices import DemandAscent, Sold, net_of
from onshore.plan.large.demands import Demands, demands_of, settle
from onshore.plan.large.neighbourhoods import Neighbourhoods, pool_of
from onshore.plan.large.options import Options, options_of
from onshore.plan.large.relaxation import from_year_on, relax
from onshore.plan.large.restricted import Restricted
from onshore.plan.starts import possible_starts

Mask = npt.NDArray[np.bool_]

_MOVES = 1000  # of the first search, for each item; each search after it makes twice as many
_ROUNDS = 40  # of the ascent before the first search, and beside each
_PARTS = 40  # chosen anew after the first search; twice as many after each
_MENDED = 40  # parts chosen anew to mend a plan, at most
_A_PART = 3.0  # seconds
_TURNS = 12
_EACH = 12  # starts of an item in the pool
_HOT, _COLD = 0.3, 0.002
_PULL = 0.97
_DEPTH = 0.5
_PENALTY, _DEARER, _DEAREST = 3.0, 1.5, 50.0
_SEGMENTS = 32
_SEARCHED = 0.3  # of the time that is left, at most
_HARDLY = 1.02
_REWARD = 10.0  # for an item that has to be made, in mean values
_TRIED = 0.6  # of the time, until there is a plan that keeps all rows


@dataclass(frozen=True, eq=False)
class FoundStarts:
    """The chosen rows of the possible starts, None where no plan was found; the bound."""

    starts: pl.DataFrame | None
    bound: float
    stopped: str


@dataclass(eq=False)
class _Work:
    """What the turns share."""

    instance: Instance
    starts: pl.DataFrame
    options: Options
    demands: Demands
    ascent: DemandAscent
    mean: float
    gross: float
    seed: int
    begun: float
    seconds: float
    known: tuple[float, float]
    gap: float
    progress: Progress | None
    stop: Callable[[], bool]
    best: Mask
    value: float = -np.inf

    @property
    def left(self) -> float:
        gone = time.perf_counter() - self.begun
        return 0.0 if self.stop() else self.seconds - gone

    @property
    def most(self) -> float:
        return max(self.value, self.known[0])

    @property
    def near(self) -> bool:
        """Whether the plan is near enough to the bound; tells how far it is."""
        least = max(min(self.ascent.lowest, self.known[1]), self.most)
        if not np.isfinite(self.most):
            return False
        if self.progress is not None:
            self.progress(time.perf_counter() - self.begun, self.most, least)
        return least - self.most <= self.gap * abs(self.most)


def search_starts(
    instance: Instance,
    *,
    gap: float,
    seconds: float,
    seed: int = 0,
    progress: Progress | None = None,
    known: tuple[float, float] = (-np.inf, np.inf),
    stop: Callable[[], bool] = lambda: False,
) -> FoundStarts:
    """Find a plan that keeps every row of the instance, and a bound on every plan.

    ``known`` are the value of a plan and a bound that were found otherwise. Nothing is decided
    already in the instance. It ends soon after ``stop`` says so, with what there is.
    """
    begun = time.perf_counter()
    starts = possible_starts(instance)
    options, names = options_of(instance)
    if not len(options.value):
        return FoundStarts(None, 0.0, "proved")
    demands = demands_of(instance, starts, options, names)
    over = begun + 0.25 * seconds
    prices, _, share = relax(options, over=lambda: time.perf_counter() > over or stop())
    gross = float(options.value @ share)
    mean = gross / max(float(share.sum()), 1e-9)
    mean = max(mean, float(np.abs(options.value).mean()))
    ascent = DemandAscent.from_relaxation(options, demands, prices)
    work = _Work(
        instance, starts, options, demands, ascent, mean, gross, seed, begun, seconds, known, gap,
        progress, stop, np.zeros(len(options.value), bool),
    )  # fmt: skip
    work.ascent.run(_ROUNDS, known[0], lambda: work.left < 0.6 * seconds)
    stopped = _turns(work) if (demands.required >= 0).all() else "search ended"
    found = starts.filter(pl.Series(work.best)) if np.isfinite(work.value) else None
    return FoundStarts(found, work.ascent.lowest, stopped)


def _turns(work: _Work) -> str:
    with ThreadPoolExecutor(max_workers=1) as beside:
        for turn in range(_TURNS):
            nothing = not np.isfinite(work.value) and work.left < (1 - _TRIED) * work.seconds
            if work.near or work.left <= 0 or nothing:
                if work.near:
                    return "proved"
                return "interrupted" if work.stop() else "time limit"
            bounding = beside.submit(work.ascent.run, _ROUNDS, work.most, lambda: work.left <= 0)
            prices, hour, spread = work.ascent.best, work.ascent.hour.copy(), work.ascent.spread
            chosen = _annealed(work, prices, hour, spread, turn)
            _improved(work, prices, hour, chosen, turn)
            bounding.result()
    return "search ended"


def _annealed(work: _Work, prices: Sold, hour: Floats, spread: Floats, turn: int) -> Mask:
    """Search once from nothing; give which options are chosen."""
    options, demands = work.options, work.demands
    forced, barred = settle(demands, prices.item)
    open_item = np.ones(len(options.makers), bool)
    open_item[barred] = False
    bonus = np.zeros(len(options.makers))
    bonus[forced] = _REWARD * work.mean
    none = Sold(np.zeros_like(prices.item), np.zeros_like(prices.row), *prices[2:])
    gain = net_of(options, demands, none._replace(money=_PULL * prices.money))
    hours = options.use * from_year_on(hour)[options.resource, options.first]
    near = net_of(options, demands, none) - hours - prices.item[options.item]
    allowed = open_item[options.item]
    pool = (gain > 0) & (near > -_DEPTH * np.abs(options.value)) | (bonus[options.item] > 0)
    asked = options._replace(floor=_floors(options, demands, work.gross))
    search = Search.of(
        asked, gain, np.flatnonzero(pool & allowed), seed=work.seed + turn,
        opening=_openings(demands, spread), bonus=bonus,
    )  # fmt: skip
    raised = float(np.maximum(asked.floor - demands.share, 0.0).sum()) if len(asked.floor) else 0.0
    # A plan must not gain by getting smaller because an amount cannot be had.
    dearest = min(_DEAREST, 0.3 / max(raised, 1e-9))
    _cool(work, search, _MOVES * len(options.makers) << turn, dearest)
    order = np.argsort(-options.value, kind="stable")
    search.fill(order[allowed[order] & (options.value[order] > 0)])
    chosen = np.zeros(len(options.value), bool)
    chosen[search.of_job[search.of_job >= 0]] = True
    return chosen


def _cool(work: _Work, search: Search, moves: int, dearest: float) -> None:
    """Let the heat fall in so many moves, or in fewer where time is short."""
    hot, fall = _HOT * work.mean, (_COLD / _HOT) ** (1 / _SEGMENTS)
    penalty, each = min(_PENALTY, dearest), -(-moves // _SEGMENTS)
    share, quickest = _SEARCHED * work.left, np.inf
    for segment in range(_SEGMENTS):
        begun = work.left
        search.cool(max(each, 1), hot, hot * fall, penalty)
        hot *= fall
        if segment > _SEGMENTS // 3 and search.misses:
            penalty = min(penalty * _DEARER, dearest)
        spent = begun - work.left
        # The first segment may hold the time of compilation.
        quickest = min(quickest, spent / max(each, 1)) if segment else np.inf
        share -= spent
        if segment:
            each = min(each, int(max(share, 0.0) / quickest / (_SEGMENTS - segment)))


def _floors(options: Options, demands: Demands, whole: float) -> Floats:
    """Give what share of the whole each floor of the options asks for, amounts counted in."""
    if not len(demands.share) or whole <= 0:
        return options.floor
    kept = np.isin(np.arange(len(options.floor)), options.group)
    asked = np.maximum(demands.share + demands.owed / whole, demands.amount / whole)
    shares: Floats = np.where(kept, np.clip(asked, 0.0, 1.0), 0.0)
    return shares


def _openings(demands: Demands, spread: Floats) -> Floats:
    """Give what the first start at a resource opens; what many open is split as in the bound."""
    own = np.zeros_like(spread)
    single = np.flatnonzero(np.diff(demands.begins) == 1)
    np.add.at(own, demands.resources[demands.begins[single]], demands.cost[single])
    cost: Floats = np.maximum(own, spread)
    return cost


def _improved(work: _Work, prices: Sold, hour: Floats, chosen: Mask, turn: int) -> None:
    """Mend the plan and make it better within a pool; keep it if it is the best."""
    options = work.options
    pool = _pool(work, prices, hour, chosen)
    restricted = Restricted.of(work.starts.filter(pl.Series(pool)), work.instance, chosen[pool])
    parts = Neighbourhoods(
        restricted,
        options.item[pool],
        options.resource[pool],
        _opened(work.demands, options.resource[pool]),
        np.random.default_rng([work.seed, turn]),
    )
    for _ in range(_MENDED):
        if not len(restricted.missed) or work.left <= 0:
            break
        parts.mend(min(work.left, _A_PART))
    if len(restricted.missed):
        restricted.improve(np.ones(int(pool.sum()), bool), nodes=1000, seconds=0.2 * work.left)
    if len(restricted.missed):
        return
    _keep(work, restricted, pool)
    if np.isfinite(work.value) and work.value > restricted.worth:
        restricted.take(work.best[pool])
    for _ in range(_PARTS << turn):
        if work.left <= 0 or work.near:
            break
        parts.better(min(work.left, _A_PART))
        _keep(work, restricted, pool)


def _keep(work: _Work, restricted: Restricted, pool: Mask) -> None:
    if restricted.worth > work.value:
        work.value = restricted.worth
        work.best = np.zeros(len(pool), bool)
        work.best[pool] = restricted.chosen


def _pool(work: _Work, prices: Sold, hour: Floats, chosen: Mask) -> Mask:
    """Take the options that lose least at the prices, all that are asked about, and plans' own."""
    options, demands = work.options, work.demands
    hours = options.use * from_year_on(hour)[options.resource, options.first]
    net = net_of(options, demands, prices) - hours
    asked = np.zeros(len(options.makers), bool)
    asked[demands.item] = True
    keep = chosen | work.best | asked[options.item] | _short(work, chosen)
    return pool_of(net, options.value, options.item, keep, _EACH)


def _short(work: _Work, chosen: Mask) -> Mask:
    """Tell which options count for a floor that the plan hardly reaches, or not."""
    options, demands = work.options, work.demands
    sets = np.bincount(
        demands.counts_for[chosen], options.value[chosen], minlength=len(demands.member)
    )
    least = np.maximum(demands.share * sets.sum() + demands.owed, demands.amount)
    short = (least > 0) & (sets @ demands.member < _HARDLY * least)
    member: Mask = (demands.member @ short > 0)[demands.counts_for]
    return member


def _opened(demands: Demands, resource: Whole) -> list[Whole]:
    known = np.unique(resource)
    opened = [
        np.intersect1d(demands.resources[a:b], known)
        for a, b in zip(demands.begins[:-1], demands.begins[1:], strict=True)
    ]
    return [own for own in opened if len(own)]
