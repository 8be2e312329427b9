"""A bound that keeps each resource's knapsack whole, with every other demand sold at a price.

As `onshore.plan.large.ascent`, with the rows of links, requirements and floors of any kind among
those that are sold. The costs of openings are split over the resources that they open: one whose
knapsack gains less than its part of the costs stays closed (Cornuejols, Sridharan and Thizy 1991,
"A comparison of heuristics and relaxations for the capacitated plant location problem", European
Journal of Operational Research 50). At any prices of 0 or more, and any split, the bound holds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from onshore.plan.large.arrays import Floats, Whole
from onshore.plan.large.ascent import knapsacks
from onshore.plan.large.demands import Demands
from onshore.plan.large.options import Options
from onshore.plan.large.relaxation import Prices, bound

_GENTLE = (1.0, 1.0, 0.02, 0.1, 0.1)  # how far each kind of price goes, beside those of items
_KEPT = 0.7  # of the last direction
_PATIENCE, _SLOWER = 12, 0.7
_NEAREST = 0.97  # of the bound: what a plan is thought to be worth while none is at hand
_MOST_NODES = 200_000  # of one knapsack


class Sold(NamedTuple):
    """The prices of what is sold: places at items, rows on items, money, floors' two kinds."""

    item: Floats
    row: Floats
    money: Floats
    share: Floats
    amount: Floats


class Judged(NamedTuple):
    """A bound, and how much of each thing sold is left over by what all resources choose.

    ``spread`` is each resource's part of the openings' costs, ``profit`` what its knapsack gains.
    """

    bound: float
    left: Sold
    spread: Floats
    profit: Floats


def net_of(options: Options, demands: Demands, at: Sold) -> Floats:
    """Give what each option is worth at the prices, its hours apart."""
    of_item = _of_items(demands, at)
    weighted = options.value * _weights(demands, at)[demands.counts_for]
    net: Floats = weighted - options.cost * at.money[options.fund] - of_item[options.item]
    return net


def _of_items(demands: Demands, at: Sold) -> Floats:
    """Charge items for their places and for the rows that they are in."""
    rows = demands.factor * at.row[demands.row]
    charged: Floats = at.item + np.bincount(demands.item, rows, minlength=len(at.item))
    return charged


def _weights(demands: Demands, at: Sold) -> Floats:
    """Give what one unit of value counts for, by set of floors."""
    everyone = 1.0 - float(demands.share @ at.share)
    weights: Floats = everyone + demands.member @ (at.share + at.amount)
    return weights


def judge(options: Options, demands: Demands, at: Sold, hour: Floats) -> Judged:
    """Bound the value of any plan at these prices; ``hour`` is improved in place."""
    chosen = np.full(len(options.job_item), -1, dtype=np.int64)
    given, spent = np.zeros(len(options.makers)), np.zeros(len(options.budget))
    total = knapsacks(
        options.resource_begins, options.resource_jobs, options.job_begins, options.job_item,
        options.fund, options.first, demands.counts_for, options.value, options.cost, options.use,
        options.capacity, hour, at.money, _weights(demands, at), _of_items(demands, at),
        _MOST_NODES, chosen, given, spent, np.zeros(len(demands.member)),
    )  # fmt: skip
    wanted = chosen[chosen >= 0]
    net = net_of(options, demands, at)[wanted]
    profit = _sums(options.resource[wanted], net, len(options.capacity))
    spread = _spread(demands, profit)
    total -= float(np.minimum(spread, profit).sum())
    total += float(at.item @ options.makers + at.money @ options.budget + at.row @ demands.limit)
    total -= float(at.share @ demands.owed + at.amount @ demands.amount)
    if demands.sunk:
        # A plan that does not open these is worth nothing.
        total = max(total - demands.sunk, 0.0)
    if len(demands.cost):
        closed = (spread > 0) & (spread >= profit * (1 - 1e-12))
        wanted = wanted[~closed[options.resource[wanted]]]
    return Judged(total, _left(options, demands, wanted), spread, profit)


def _spread(demands: Demands, profit: Floats) -> Floats:
    """Split the openings' costs over their resources, as far as those gain anything."""
    spread = np.zeros_like(profit)
    for at, cost in enumerate(demands.cost):
        own = demands.resources[demands.begins[at] : demands.begins[at + 1]]
        spare = profit[own] - spread[own]
        whole = float(spare.sum())
        if whole > 0:
            spread[own] += spare * min(1.0, cost / whole)
    return spread


def _left(options: Options, demands: Demands, wanted: Whole) -> Sold:
    given = _sums(options.item[wanted], np.ones(len(wanted)), len(options.makers))
    spent = _sums(options.fund[wanted], options.cost[wanted], len(options.budget))
    sets = _sums(demands.counts_for[wanted], options.value[wanted], len(demands.member))
    own, whole = sets @ demands.member, float(sets.sum())
    rows = _sums(demands.row, demands.factor * given[demands.item], len(demands.limit))
    return Sold(
        options.makers - given,
        demands.limit - rows,
        options.budget - spent,
        own - demands.share * whole - demands.owed,
        own - demands.amount,
    )


def _sums(at: Whole, amounts: Floats, length: int) -> Floats:
    """Add up amounts by where they belong."""
    return np.asarray(np.bincount(at, amounts, minlength=length), dtype=np.float64)


@dataclass
class DemandAscent:
    """Prices on their way to the lowest bound; a run goes on where the last one stopped."""

    options: Options
    demands: Demands
    best: Sold
    hour: Floats
    lowest: float
    spread: Floats
    reach: float = 1.0
    idle: int = 0

    def __post_init__(self) -> None:
        money = 1.0 / max(float(self.options.cost.mean()), 1e-300)
        value = 1.0 / max(float(np.abs(self.options.value).mean()), 1e-300)
        self._unit = (1.0, 1.0, money, value, value)
        self._at = self.best
        self._direction: list[Floats] | None = None

    @classmethod
    def from_relaxation(cls, options: Options, demands: Demands, prices: Prices) -> DemandAscent:
        """Begin at the prices of the linear relaxation without the other demands."""
        of_item = np.zeros(len(options.makers))
        lowest = bound(options, prices, of_item)
        floors = len(demands.share)
        lowest = max(lowest - demands.sunk, 0.0) if demands.sunk else lowest
        share = prices.floor if floors else np.zeros(0)
        lowest -= float(share @ demands.owed)
        at = Sold(
            of_item, np.zeros(len(demands.limit)), prices.money.copy(), share.copy(),
            np.zeros(floors),
        )  # fmt: skip
        spread = np.zeros(len(options.capacity))
        return cls(options, demands, at, prices.hour.copy(), lowest, spread)

    def run(self, rounds: int, target: float, over: Callable[[], bool] = lambda: False) -> None:
        """Lower the bound in so many rounds or until it is over.

        ``target`` is the value of a plan at hand, minus infinity where there is none.
        """
        for _ in range(rounds):
            if over() or self.reach < 1e-3:
                break
            # Without a plan the aim goes down with the bound.
            near = self.lowest - (1 - _NEAREST) * abs(self.lowest)
            self._round(target if np.isfinite(target) else near)

    def _round(self, target: float) -> None:
        judged = judge(self.options, self.demands, self._at, self.hour)
        if judged.bound < self.lowest:
            little = judged.bound > self.lowest - 1e-5 * abs(self.lowest)
            self.idle = self.idle + 1 if little else 0
            self.lowest, self.best, self.spread = judged.bound, self._at, judged.spread
        else:
            self.idle += 1
        if self.idle >= _PATIENCE:
            self.reach *= _SLOWER
            self.idle = 0
            self._at, self._direction = self.best, None
            return
        self._step(judged, target)

    def _step(self, judged: Judged, target: float) -> None:
        """Go against what the choices take too much of."""
        over = [
            np.where((price <= 0) & (left > 0), 0.0, left * unit)
            for price, left, unit in zip(self._at, judged.left, self._unit, strict=True)
        ]
        own = [part * gentle for part, gentle in zip(over, _GENTLE, strict=True)]
        way = own
        if self._direction is not None:
            way = [a + _KEPT * b for a, b in zip(own, self._direction, strict=True)]
        along = abs(sum(float(a @ b) for a, b in zip(way, over, strict=True)))
        steep = sum(float(a @ b) for a, b in zip(own, over, strict=True))
        if steep <= 0:
            return
        step = self.reach * max(judged.bound - target, 0.0) / max(along, 0.5 * steep)
        self._direction = way
        self._at = Sold(
            *(
                np.maximum(0.0, price - part * (step * unit))
                for price, part, unit in zip(self._at, way, self._unit, strict=True)
            )
        )
