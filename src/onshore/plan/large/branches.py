"""Branches on giants: items that take so much of a year's budget that prices cannot settle them.

Money's price says of an item that costs most of a budget that a part of it should be made. So a
tree decides of such items, one after the other, in which year they start or that they never do;
each branch lowers the bound further from its parent's prices (Land and Doig 1960, "An automatic
method of solving discrete programming problems", Econometrica 28). No plan is worth more than the
highest bound of all branches.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from onshore.plan.large.arrays import Floats, Whole
from onshore.plan.large.ascent import Ascent
from onshore.plan.large.options import Options, only
from onshore.plan.large.relaxation import Prices, from_year_on, weight_of_groups

_LARGE = 0.1  # of a budget: what an item costs at least
_UNSETTLED = 0.01  # the same, times the part that the relaxation leaves open
_MOST = 48  # branches
_BEGUN, _SETTLED = 0.3, 0.01  # the reach of a branch's first steps, and below which it is split
_AT_ONCE = 30  # rounds of one branch before the highest is looked for again


@dataclass(eq=False)
class Branch:
    """Plans in which the first giants are settled; ``kept`` are the options that are left."""

    ascent: Ascent
    kept: Whole
    settled: int = 0

    @property
    def options(self) -> Options:
        """What may be chosen in the branch."""
        return self.ascent.options


class Branches:
    """A bound over all plans, lowered where it is highest."""

    def __init__(
        self, ascent: Ascent, share: Floats, told: Callable[[Whole], None] = lambda _: None
    ) -> None:
        """Begin with all plans; ``told`` hears what resources choose while the bound is lowered."""
        self._told = ascent.told = told
        self._giants = _giants(ascent.options, share)
        self.root = ascent
        self.whole = Branch(ascent, np.arange(len(share)))
        self._open = [self.whole]

    @property
    def highest(self) -> Branch:
        """The branch with the highest bound."""
        return max(self._open, key=lambda branch: branch.ascent.lowest)

    @property
    def lowest(self) -> float:
        """The bound on every plan."""
        return self.highest.ascent.lowest

    def run(
        self, rounds: int, most: float, near: float, over: Callable[[], bool] = lambda: False
    ) -> None:
        """Lower the bound in so many rounds, or until it is ``near`` enough or over.

        ``most`` is the value of a plan at hand, 0 where there is none.
        """
        while rounds > 0 and not over():
            branch = self.highest
            if branch.ascent.lowest <= near:
                return
            lowered = [branch]
            if branch.ascent.reach < _SETTLED:
                lowered = self._split(branch) or lowered
            if branch.ascent.settled and lowered[0] is branch:
                return
            for own in lowered:
                own.ascent.run(_AT_ONCE, most, over)
                rounds -= _AT_ONCE

    def _split(self, branch: Branch) -> list[Branch]:
        """Settle the next giant, if there is one; give the new branches."""
        if branch.settled == len(self._giants) or len(self._open) >= _MOST:
            return []
        item = self._giants[branch.settled]
        options = branch.options
        own = options.item == item
        years = np.unique(options.fund[own])
        parts = [self._child(branch, ~own)]
        parts += [self._child(branch, ~own | (options.fund == year), item) for year in years]
        self._open = [other for other in self._open if other is not branch] + parts
        return parts

    def _child(
        self, branch: Branch, left: npt.NDArray[np.bool_], must: int | None = None
    ) -> Branch:
        parent = branch.ascent
        options = only(parent.options, left)
        of_item = parent.of_item.copy()
        if must is not None:
            of_item[must] = _net(options, parent.prices, must)
        ascent = Ascent(
            options,
            Prices(*(part.copy() for part in parent.prices)),
            of_item,
            parent.lowest,
            parent.must if must is None else (*parent.must, must),
            _BEGUN,
        )
        kept = branch.kept[left]
        ascent.told = lambda chosen: self._told(kept[chosen])
        return Branch(ascent, kept, branch.settled + 1)


def _giants(options: Options, share: Floats) -> list[int]:
    """List the large items that the relaxation takes in part, those it leaves most open first.

    Large is what takes much of a budget wherever it starts, and has one maker.
    """
    least = np.full(len(options.makers), np.inf)
    part = options.cost / np.maximum(options.budget, 1e-300)[options.fund]
    np.minimum.at(least, options.item, part)
    large = (options.makers == 1) & np.isfinite(least) & (least > _LARGE)
    by_year = np.zeros((len(options.makers), len(options.budget)))
    np.add.at(by_year, (options.item, options.fund), share)
    in_part = np.minimum(by_year, np.abs(1 - by_year)).sum(axis=1)
    open_ = in_part * np.where(large, least, 0.0)
    among = np.flatnonzero(open_ > _UNSETTLED)
    giants: list[int] = among[np.argsort(-open_[among], kind="stable")].tolist()
    return giants


def _net(options: Options, prices: Prices, item: int) -> float:
    """Give what an item's best option leaves at the prices, below 0 where it costs more."""
    own = slice(int(options.item_begins[item]), int(options.item_begins[item + 1]))
    worth = options.value[own] * weight_of_groups(options, prices.floor)[options.group[own]]
    hour = from_year_on(prices.hour)[options.resource[own], options.first[own]]
    paid = options.cost[own] * prices.money[options.fund[own]]
    return float((worth - paid - options.use[own] * hour).max())
