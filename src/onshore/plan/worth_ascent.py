"""A bound on plans whose starts are worth something else than their value, perhaps by scenario.

As `onshore.plan.large.ascent`: each resource's knapsack is kept whole, and the prices of items,
budgets and floors follow deflected subgradients with Polyak's step. Floors hold by value, while
plans are compared by worth. Where the worth is a mean over scenarios, of weights of at most ``cap``
each that add up to 1, the bound is convex in prices and weights together, so that the weights are
lowered with the prices: their subgradient is what the choices save in each scenario. At any prices
of 0 or more, and any such weights, the bound holds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from onshore.plan.large.arrays import Floats
from onshore.plan.large.ascent import Wanted, choose_by_resource
from onshore.plan.large.compiled import kernel
from onshore.plan.large.options import Options
from onshore.plan.large.relaxation import Prices

Singles = npt.NDArray[np.float32]
_SINGLE = 2e-7  # what rounding to single precision takes at most, as a share
_OF_MONEY, _OF_FLOOR = 0.02, 0.01  # how far these prices go with those of items
_KEPT = 0.7  # of the last direction
_PATIENCE, _SLOWER = 12, 0.6
_NEAREST = 0.97  # of the bound: what a plan is thought to be worth while none is at hand
_SETTLED = 1e-3


class Duals(NamedTuple):
    """Prices of the limits and of items' places, and the weights of the scenarios."""

    hour: Floats
    money: Floats
    floor: Floats
    of_item: Floats
    weights: Floats

    def copied(self) -> Duals:
        """Copy all of them."""
        return Duals(*(part.copy() for part in self))

    @classmethod
    def of(cls, prices: Prices, of_item: Floats, weights: Floats) -> Duals:
        """Put the relaxation's prices beside weights."""
        return cls(prices.hour, prices.money, prices.floor, of_item, weights).copied()


def positive(worth: Floats) -> Floats:
    """Raise what is worth nothing to next to nothing: a bound only rises by it."""
    return np.maximum(worth, 1e-9 * float(worth.max(initial=0.0)) or 1e-9)


def without_floors(options: Options, worth: Floats, price: Floats) -> Options:
    """Sell the floors at their prices: what a start adds to its own, less what all ask of it."""
    raised = worth
    if len(price):
        member = np.append(price, 0.0)[options.group]
        raised = worth + options.value * (member - float(options.floor @ price))
    return options._replace(
        value=positive(raised), group=np.full_like(options.group, -1), floor=np.zeros(0)
    )


@kernel
def weighed(by_scenario: Singles, weights: Floats) -> Floats:
    """Add up what each option saves over the scenarios, by weight."""
    count = by_scenario.shape[1]
    total = np.zeros(len(by_scenario))
    for o in range(len(by_scenario)):
        for s in range(count):
            total[o] += weights[s] * by_scenario[o, s]
    return total


def within(weights: Floats, cap: float) -> Floats:
    """Bring weights to the nearest ones from 0 to ``cap`` that add up to 1."""
    low, high = float(weights.min()) - cap - 1.0, float(weights.max()) + 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if np.clip(weights - middle, 0.0, cap).sum() > 1.0:
            low = middle
        else:
            high = middle
    # A sum below 1 would bound too low.
    near: Floats = np.clip(weights - low, 0.0, cap)
    return near


@dataclass
class WorthAscent:
    """Prices and weights on their way to the lowest bound; a run goes on where the last stopped.

    ``worth`` is fixed, or None where ``by_scenario`` says what options save in each.
    """

    options: Options
    duals: Duals
    worth: Floats | None = None
    by_scenario: Singles | None = None
    cap: float = 1.0
    reach: float = 1.0
    lowest: float = np.inf
    idle: int = 0
    _way: tuple[Floats, ...] | None = field(default=None, repr=False)
    _scale: float = 0.0

    def __post_init__(self) -> None:
        self._money = max(float(self.options.cost.mean()), 1e-300)
        self._value = float(self.options.value.mean())
        self._at = self.duals.copied()

    def worth_at(self, duals: Duals) -> Floats:
        """Give what options are worth at the weights."""
        if self.by_scenario is None:
            assert self.worth is not None
            return self.worth
        return weighed(self.by_scenario, duals.weights)

    def run(self, rounds: int, target: float, over: Callable[[], bool] = lambda: False) -> None:
        """Lower the bound in so many rounds, until it is over or steps are too small to matter.

        ``target`` is what a plan at hand is worth, 0 where there is none.
        """
        for _ in range(rounds):
            if over() or self.settled:
                break
            self._round(target if target > 0 else _NEAREST * self.lowest)

    @property
    def settled(self) -> bool:
        """Whether steps have become too small to matter."""
        return self.reach < _SETTLED

    def _round(self, target: float) -> None:
        at = self._at
        free = without_floors(self.options, positive(self.worth_at(at)), at.floor)
        found = choose_by_resource(free, Prices(at.hour, at.money, np.zeros(0)), at.of_item)
        bound = found.bound * (1.0 if self.by_scenario is None else 1.0 + _SINGLE)
        if bound < self.lowest:
            self.idle = 0 if bound < self.lowest * (1 - 1e-5) else self.idle + 1
            self.lowest, self.duals = bound, at.copied()
        else:
            self.idle += 1
        if self.idle >= _PATIENCE:
            self.reach *= _SLOWER
            self.idle = 0
            self._at, self._way = self.duals.copied(), None
            return
        self._step(found, target if np.isfinite(target) else _NEAREST * bound)

    def _step(self, found: Wanted, target: float) -> None:
        """Go against what the choices take too much of, and to the scenarios they save least in."""
        at, options = self._at, self.options
        chosen = found.option_of_job[found.option_of_job >= 0]
        floors = len(options.floor)
        group = np.where(options.group[chosen] < 0, floors, options.group[chosen])
        valued = np.bincount(group, options.value[chosen], minlength=floors + 1)
        short = valued[:-1] - options.floor * float(valued.sum())
        over = (
            _free(at.of_item, options.makers - found.of_item),
            _free(at.money, (options.budget - found.spent) / self._money),
            _free(at.floor, short / self._value),
            self._above_mean(chosen),
        )
        if not self._scale:
            apart = float(over[3] @ over[3])
            self._scale = float(over[0] @ over[0]) / apart if apart > 0 else 1.0
        far = (1.0, _OF_MONEY, _OF_FLOOR, self._scale)
        own = tuple(part * by for part, by in zip(over, far, strict=True))
        way = own
        if self._way is not None:
            way = tuple(new + _KEPT * last for new, last in zip(own, self._way, strict=True))
        along = abs(sum(float(a @ b) for a, b in zip(way, over, strict=True)))
        steep = sum(float(a @ b) for a, b in zip(own, over, strict=True))
        if steep <= 0:
            return
        step = self.reach * max(found.bound - target, 0.0) / max(along, 0.5 * steep)
        self._way = way
        moved = len(over[3]) > 0
        self._at = Duals(
            at.hour,
            np.maximum(0.0, at.money - way[1] * (step / self._money)),
            np.maximum(0.0, at.floor - way[2] * (step / self._value)),
            np.maximum(0.0, at.of_item - way[0] * step),
            within(at.weights - way[3] * step, self.cap) if moved else at.weights,
        )

    def _above_mean(self, chosen: npt.NDArray[np.int64]) -> Floats:
        """Tell what the choices save in each scenario above the mean of those free to move."""
        if self.by_scenario is None:
            return np.zeros(0)
        weights = self._at.weights
        saved = self.by_scenario[chosen].sum(axis=0, dtype=np.float64)
        apart = saved - float(saved @ weights)
        held = ((weights <= 0) & (apart > 0)) | ((weights >= self.cap) & (apart < 0))
        if held.all():
            return np.zeros(len(saved))
        own: Floats = np.where(held, 0.0, saved - saved[~held].mean())
        return own


def _free(price: Floats, slack: Floats) -> Floats:
    """Give the slack where a price can follow it: no price falls below 0."""
    return np.where((price <= 0) & (slack > 0), 0.0, slack)
