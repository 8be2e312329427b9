"""A bound that keeps each resource's knapsack whole.

Lagrangian relaxation of the rows of items, budgets and floors: what is left falls apart into one
knapsack for each resource (Fisher 1981, "The Lagrangian relaxation method for solving integer
programming problems", Management Science 27). The prices follow deflected subgradients with
Polyak's step (Camerini, Fratta and Maffioli 1975). At any prices of 0 or more the bound holds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from onshore.plan.large.arrays import Floats, Whole
from onshore.plan.large.compiled import kernel
from onshore.plan.large.knapsack import best_starts
from onshore.plan.large.options import Options
from onshore.plan.large.relaxation import Prices, bound, weight_of_groups

# How far the prices of budgets and floors go with those of items: the relaxation has them nearly
# right already.
_OF_MONEY, _OF_FLOOR = 0.02, 0.05
_KEPT = 0.7  # of the last direction
_PATIENCE, _SLOWER = 12, 0.6
_NEAREST = 0.97  # of the bound: what a plan is thought to be worth while none is at hand
_MOST_NODES = 200_000  # of one knapsack


class Wanted(NamedTuple):
    """What all resources together choose at some prices, and the bound that this gives."""

    bound: float
    option_of_job: Whole
    of_item: Floats
    spent: Floats
    valued: Floats


def choose_by_resource(
    options: Options, prices: Prices, of_item: Floats, most_nodes: int = _MOST_NODES
) -> Wanted:
    """Let each resource choose its best starts at these prices; its hours have none.

    ``prices.hour`` is where each knapsack's own search begins, and is improved in place.
    """
    option_of_job = np.full(len(options.job_item), -1, dtype=np.int64)
    given = np.zeros(len(options.makers))
    spent = np.zeros(len(options.budget))
    valued = np.zeros(len(options.floor) + 1)
    total = knapsacks(
        options.resource_begins, options.resource_jobs, options.job_begins, options.job_item,
        options.fund, options.first, options.group, options.value, options.cost, options.use,
        options.capacity, prices.hour, prices.money, weight_of_groups(options, prices.floor),
        of_item, most_nodes, option_of_job, given, spent, valued,
    )  # fmt: skip
    sold = float(prices.money @ options.budget + of_item @ options.makers)
    return Wanted(total + sold, option_of_job, given, spent, valued)


@kernel
def knapsacks(
    begins: Whole,
    jobs_of: Whole,
    job_begins: Whole,
    job_item: Whole,
    fund: Whole,
    first: Whole,
    group: Whole,
    value: Floats,
    cost: Floats,
    use: Floats,
    capacity: Floats,
    hour: Floats,
    money: Floats,
    weight: Floats,
    of_item: Floats,
    most_nodes: int,
    option_of_job: Whole,
    given: Floats,
    spent: Floats,
    valued: Floats,
) -> float:
    """Choose at each resource; give what all choices gain, and write down what they take."""
    years = capacity.shape[1]
    most = 1
    for m in range(len(capacity)):
        most = max(most, begins[m + 1] - begins[m])
    profit = np.zeros((most, years))
    option = np.zeros((most, years), np.int64)
    hours = np.zeros(most)
    job = np.zeros(most, np.int64)
    chosen = np.zeros(most, np.int64)
    total = 0.0
    for m in range(len(capacity)):
        n = 0
        for at in range(begins[m], begins[m + 1]):
            j, gains = jobs_of[at], False
            profit[n] = 0.0
            for o in range(job_begins[j], job_begins[j + 1]):
                left = value[o] * weight[group[o]] - cost[o] * money[fund[o]] - of_item[job_item[j]]
                if left > profit[n, first[o]]:
                    profit[n, first[o]], option[n, first[o]], gains = left, o, True
            if gains:
                job[n], hours[n] = j, use[job_begins[j]]
                n += 1
        most_profit, _, _ = best_starts(profit, hours, capacity[m], n, hour[m], most_nodes, chosen)
        total += most_profit
        for k in range(n):
            if chosen[k] >= 0:
                o = option[k, chosen[k]]
                option_of_job[job[k]] = o
                given[job_item[job[k]]] += 1.0
                spent[fund[o]] += cost[o]
                valued[group[o]] += value[o]
    return total


@dataclass
class Ascent:
    """Prices on their way to the lowest bound; a run goes on where the last one stopped.

    Items in ``must``, which have one maker, are in every plan that is bounded: their prices may be
    below 0. ``told`` is called with the options that all resources choose in each round.
    """

    options: Options
    prices: Prices
    of_item: Floats
    lowest: float
    must: tuple[int, ...] = ()
    reach: float = 1.0
    idle: int = 0
    told: Callable[[Whole], None] = lambda _: None

    def __post_init__(self) -> None:
        self._money = max(float(self.options.cost.mean()), 1e-300)
        self._value = float(self.options.value.mean())
        self._at = self._copied()
        self._direction: tuple[Floats, Floats, Floats] | None = None
        self._least = np.zeros(len(self.of_item))
        self._least[list(self.must)] = -np.inf

    @classmethod
    def from_relaxation(cls, options: Options, prices: Prices) -> Ascent:
        """Begin at the linear relaxation's prices."""
        of_item = np.zeros(len(options.makers))
        lowest = bound(options, prices, of_item)
        return cls(options, Prices(*(part.copy() for part in prices)), of_item, lowest)

    def run(self, rounds: int, target: float, over: Callable[[], bool] = lambda: False) -> None:
        """Lower the bound in so many rounds or until it is over.

        ``target`` is the value of a plan at hand, 0 where there is none.
        """
        aim = target if target > 0 else _NEAREST * self.lowest
        for _ in range(rounds):
            if over() or self.settled:
                break
            self._round(aim)

    @property
    def settled(self) -> bool:
        """Whether steps have become too small to matter."""
        return self.reach < 1e-3

    def _round(self, target: float) -> None:
        prices, of_item = self._at
        found = choose_by_resource(self.options, prices, of_item)
        self.told(found.option_of_job[found.option_of_job >= 0])
        if found.bound < self.lowest:
            self.idle = 0 if found.bound < self.lowest * (1 - 1e-5) else self.idle + 1
            self.lowest = found.bound
            self.prices, self.of_item = _copied(prices), of_item.copy()
        else:
            self.idle += 1
        if self.idle >= _PATIENCE:
            self.reach *= _SLOWER
            self.idle = 0
            self._at, self._direction = self._copied(), None
            return
        self._step(found, target)

    def _step(self, found: Wanted, target: float) -> None:
        """Go against what the choices take too much of."""
        prices, of_item = self._at
        options = self.options
        whole = float(found.valued.sum())
        over = (
            _free(of_item - self._least, options.makers - found.of_item),
            _free(prices.money, (options.budget - found.spent) / self._money),
            _free(prices.floor, (found.valued[:-1] - options.floor * whole) / self._value),
        )
        own = (over[0], over[1] * _OF_MONEY, over[2] * _OF_FLOOR)
        way = own
        if self._direction is not None:
            last = self._direction
            way = own[0] + _KEPT * last[0], own[1] + _KEPT * last[1], own[2] + _KEPT * last[2]
        along = abs(sum(float(a @ b) for a, b in zip(way, over, strict=True)))
        steep = sum(float(a @ b) for a, b in zip(own, over, strict=True))
        if steep <= 0:
            return
        step = self.reach * max(found.bound - target, 0.0) / max(along, 0.5 * steep)
        self._direction = way
        self._at = (
            Prices(
                prices.hour,
                np.maximum(0.0, prices.money - way[1] * (step / self._money)),
                np.maximum(0.0, prices.floor - way[2] * (step / self._value)),
            ),
            np.maximum(self._least, of_item - way[0] * step),
        )

    def _copied(self) -> tuple[Prices, Floats]:
        return _copied(self.prices), self.of_item.copy()


def _copied(prices: Prices) -> Prices:
    return Prices(*(part.copy() for part in prices))


def _free(price: Floats, slack: Floats) -> Floats:
    """Give the slack where a price can follow it: no price falls below 0."""
    return np.where((price <= 0) & (slack > 0), 0.0, slack)
