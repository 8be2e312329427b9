"""A group of targets as it stands after some results, and the best way to go on in it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from onshore.explore.blocks import Array
from onshore.explore.drilling_asked import Asked
from onshore.explore.drilling_model import MOST, Group

_HALVINGS = 40


@dataclass(frozen=True)
class Best:
    """The best way to go on in a group: its expected gain, the first target, gain per cost."""

    gain: float
    first: int | None = None
    worth: float = -math.inf


@dataclass(frozen=True)
class Field:
    """A group's targets that are not drilled yet, as they stand after the results so far."""

    members: tuple[int, ...]
    found: Array
    value: Array
    cost: Array

    @classmethod
    def of(cls, group: Group, asked: Asked) -> Field:
        """Give a group before any result."""
        which = np.array(group.members, dtype=np.int64)
        return cls(tuple(group.members), group.found, asked.value[which], asked.cost[which])

    def learned(self, results: Mapping[int, bool]) -> Field:
        """Give the group after some results; those of other groups' targets tell nothing."""
        kept = [place for place, number in enumerate(self.members) if number not in results]
        at = tuple(
            int(results[number]) if number in results else slice(None) for number in self.members
        )
        there = self.found[at]
        return Field(
            tuple(self.members[place] for place in kept),
            there / there.sum(),
            self.value[kept],
            self.cost[kept],
        )

    @property
    def likely(self) -> Array:
        """Probability of a find in each target."""
        axes = range(self.found.ndim)
        return np.array([self.found.take(1, axis).sum() for axis in axes], dtype=np.float64)

    @property
    def alone(self) -> Array:
        """Expected gain of each target for itself."""
        gain: Array = self.likely * self.value - self.cost
        return gain

    def best(self, budget: float) -> Best:
        """Find the best way to go on with so much money."""
        if not self.members:
            return Best(0.0)
        chance = _ternary(self.found)
        gain, first = _gains(chance, self.value, self.cost, self.cost, budget)
        if first < 0:
            return Best(0.0)
        return Best(gain, self.members[first], self._worth(chance, first, budget))

    def gain(self, price: float) -> float:
        """Give the expected gain without a budget, where money costs ``price`` times itself."""
        if not self.members:
            return 0.0
        return _gains(_ternary(self.found), self.value, self.cost * price, self.cost, math.inf)[0]

    def _worth(self, chance: Array, first: int, budget: float) -> float:
        """Give the gain per cost of drilling a target and going on as long as it pays so much.

        The greatest rate r at which cost times (1 + r) is still earned, by halving.
        """
        from onshore.explore.drilling_kernel import best_gains

        power = 3 ** (len(self.members) - 1 - first)
        low, high = 0.0, float(np.max(self.value / self.cost))
        for _ in range(_HALVINGS):
            rate = (low + high) / 2
            costs = self.cost * (1 + rate)
            gains, _ = best_gains(chance, self.value, costs, self.cost, budget)
            earned = self.value[first] * chance[2 * power] + gains[power] + gains[2 * power]
            low, high = (rate, high) if earned > costs[first] else (low, rate)
        return low


def _gains(
    chance: Array, value: Array, cost: Array, money: Array, budget: float
) -> tuple[float, int]:
    from onshore.explore.drilling_kernel import best_gains

    gain, first = best_gains(chance, value, cost, money, budget)
    return float(gain[0]), int(first[0])


def _ternary(found: Array) -> Array:
    """Give the probability of every state of knowledge: not drilled, empty or found, by target."""
    for axis in range(found.ndim):
        found = np.concatenate([found.sum(axis=axis, keepdims=True), found], axis=axis)
    return np.ascontiguousarray(found).ravel()


def as_one(parts: list[Group]) -> Group:
    """Put groups that tell nothing of each other together as one."""
    members = [number for part in parts for number in part.members]
    found = np.ones(())
    for part in parts:
        found = np.multiply.outer(found, part.found)
    return Group(members, found)


def chosen(alone: Array, money: Array, budget: float) -> float:
    """Sum the best gain of targets that tell nothing of each other, within a budget.

    Exact for up to ten; for more, the best gain per money first.
    """
    use = alone > 0
    alone, money = alone[use], money[use]
    if money.sum() <= budget:
        return float(alone.sum())
    if len(alone) <= MOST:
        states = (np.arange(1 << len(alone))[:, None] >> np.arange(len(alone))) & 1
        return float(np.max(np.where(states @ money <= budget, states @ alone, 0.0)))
    total = left = 0.0
    for which in np.argsort(-alone / money, kind="stable"):
        if left + money[which] <= budget:
            total, left = total + float(alone[which]), left + float(money[which])
    return total


def bound_of(fields: tuple[Field, ...], budget: float) -> float:
    """Bound what any way of drilling gains: money at a price r has no more worth than r x budget.

    The least over r of r x budget + the gain where money costs 1 + r times itself, by golden
    section: it is convex in r.
    """

    def at(rate: float) -> float:
        return rate * budget + sum(field.gain(1 + rate) for field in fields)

    low, high = 0.0, max((float(np.max(f.value / f.cost)) for f in fields if f.members), default=0)
    best = at(0.0)
    ratio = (math.sqrt(5) - 1) / 2
    a, b = high - ratio * (high - low), low + ratio * (high - low)
    fa, fb = at(a), at(b)
    for _ in range(30):
        if fa <= fb:
            high, b, fb = b, a, fa
            a = high - ratio * (high - low)
            fa = at(a)
        else:
            low, a, fa = a, b, fb
            b = low + ratio * (high - low)
            fb = at(b)
    return min(best, fa, fb)
