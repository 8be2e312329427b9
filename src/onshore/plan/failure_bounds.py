"""What no plan is worth more than after its worst failures, by intervals of z.

At any z the worst failures cost a plan at most failures x z and what its losses are above z, and at
the best z just that. For a z from a to b and any c between them, a start is then worth at most

    value                    where its loss is at most c,
    value - (loss - z)       where it is more,

which is linear in z: so no plan is worth more than the higher of the bounds at a and b, with
these worths, less failures x z.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from onshore.plan.aims import AfterFailures
from onshore.plan.large.arrays import Floats
from onshore.plan.large.ascent import choose_by_resource
from onshore.plan.large.options import Options
from onshore.plan.large.relaxation import Prices
from onshore.plan.worth_ascent import Duals, WorthAscent, positive, without_floors

_SPREAD = 6  # ends of the first intervals, by the losses
_NEAR = np.array([0.5, 0.7, 0.85, 0.95, 1.05, 1.15, 1.4, 2.0])  # and about the last failure
_TRIED = 3  # of the newest prices that an interval is tried at
_ASCENT = 10  # rounds at one interval before another is looked at
_WIDE = 0.4  # of what is above the aim: an interval that adds more by its width is halved
_NEAREST = 0.97  # of the bound: what a plan is thought to be worth while none is at hand
_REACH = 0.5  # of the ascents' first steps: they begin at prices that are nearly right


@dataclass
class _Interval:
    """The z from ``low`` to ``high``; ``known`` says how many prices have been tried."""

    low: float
    high: float
    bound: float
    at_low: float = np.inf
    at_high: float = np.inf
    known: int = 0
    ascents: tuple[WorthAscent | None, WorthAscent | None] = (None, None)

    @property
    def middle(self) -> float:
        return (self.low + self.high) / 2


class FailureBounds:
    """The highest bound over all z, lowered where it is highest."""

    def __init__(self, options: Options, aim: AfterFailures, duals: Duals) -> None:
        self._options, self._aim = options, aim
        self._known = [duals.copied()]
        self._turn = 0
        self._best = WorthAscent(options, duals, worth=aim.worth(duals))
        most, last = float(aim.loss.max(initial=0.0)), float(duals.weights[0])
        spread = np.quantile(aim.loss, np.linspace(0, 1, _SPREAD)) if most else np.zeros(1)
        edges = np.unique(np.concatenate([[0.0, most], spread, np.minimum(last * _NEAR, most)]))
        # Whatever z is: as if nothing were lost.
        whole = self._bound(aim.value, duals)
        self._intervals = [
            _Interval(float(low), float(high), whole - aim.failures * float(low))
            for low, high in pairwise(edges)
        ] or [_Interval(0.0, 0.0, whole)]

    @property
    def lowest(self) -> float:
        """No plan is worth more after its worst failures."""
        return max(interval.bound for interval in self._intervals)

    @property
    def duals(self) -> Duals:
        """The prices at the z where a plan is looked for: by turns the first, the highest."""
        if self._turn % 2:
            return self._best.duals
        return self._nearest(max(self._intervals, key=lambda one: one.bound).middle)

    def run(self, rounds: int, target: float, over: Callable[[], bool]) -> None:
        """Lower the highest bounds until about so many choices have been made."""
        self._turn += 1
        price = float(self._best.duals.weights[0])
        # A third of the rounds for the prices where plans are looked for.
        aimed = target + self._aim.failures * price if target > 0 else 0.0
        self._best.run(max(rounds // 3, 1), aimed, over)
        self._known.append(self._best.duals.copied())
        left = rounds - rounds // 3
        target = target if target > 0 else _NEAREST * self.lowest
        while left > 0 and not over():
            interval = max(self._intervals, key=lambda one: one.bound)
            if interval.bound <= target:
                break
            left -= self._lower(interval, target, over)

    def _lower(self, interval: _Interval, target: float, over: Callable[[], bool]) -> int:
        """Lower an interval's bound: at newer prices, in two halves, or by an ascent."""
        if interval.known < len(self._known):
            newer = self._known[interval.known :]
            near = sorted(newer, key=lambda one: abs(float(one.weights[0]) - interval.middle))
            for duals in near[:_TRIED]:
                self._try(interval, duals)
            interval.known = len(self._known)
            return 2 * min(len(near), _TRIED)
        narrow = interval.high - interval.low <= 1e-9 * max(interval.high, 1.0)
        duals = self._nearest(interval.middle)
        inside = self._bound(self._aim.at(interval.middle), duals)
        inside -= self._aim.failures * interval.middle
        outside = max(interval.at_low, interval.at_high)
        if not narrow and outside - inside > _WIDE * (outside - target):
            self._halve(interval)
            return 1
        return 1 + self._climb(interval, target, over)

    def _halve(self, interval: _Interval) -> None:
        middle = interval.middle
        self._intervals.remove(interval)
        for low, high in ((interval.low, middle), (middle, interval.high)):
            half = _Interval(low, high, interval.bound)
            half.known = max(len(self._known) - _TRIED, 0)
            self._try(half, self._nearest(half.middle))
            self._intervals.append(half)

    def _climb(self, interval: _Interval, target: float, over: Callable[[], bool]) -> int:
        """Let prices ascend at the interval's higher end."""
        high = bool(interval.at_high >= interval.at_low)
        z = interval.high if high else interval.low
        ascent = interval.ascents[high]
        if ascent is None:
            duals = self._nearest(interval.middle)._replace(weights=np.array([z]))
            worth = self._worth(interval, z)
            ascent = WorthAscent(self._options, duals, worth=worth, reach=_REACH)
            pair = list(interval.ascents)
            pair[high] = ascent
            interval.ascents = (pair[0], pair[1])
        if ascent.settled:
            ascent.reach = _REACH
        ascent.run(_ASCENT, target + self._aim.failures * z, over)
        self._known.append(ascent.duals.copied())
        self._try(interval, ascent.duals)
        return _ASCENT + 2

    def _try(self, interval: _Interval, duals: Duals) -> None:
        """Bound an interval at prices."""
        ends = []
        for z, before in ((interval.low, interval.at_low), (interval.high, interval.at_high)):
            bound = self._bound(self._worth(interval, z), duals) - self._aim.failures * z
            ends.append(min(before, bound))
        interval.at_low, interval.at_high = ends
        interval.bound = min(interval.bound, max(ends))

    def _worth(self, interval: _Interval, z: float) -> Floats:
        aim = self._aim
        above = aim.loss > interval.middle
        worth: Floats = aim.value - np.where(above, aim.loss - z, 0.0)
        return worth

    def _bound(self, worth: Floats, duals: Duals) -> float:
        free = without_floors(self._options, positive(worth), duals.floor)
        # The hours' prices are where knapsacks begin, and are changed in place.
        prices = Prices(duals.hour.copy(), duals.money, np.zeros(0))
        return choose_by_resource(free, prices, duals.of_item).bound

    def _nearest(self, price: float) -> Duals:
        # Of the equally near the newest.
        return min(reversed(self._known), key=lambda one: abs(float(one.weights[0]) - price))
