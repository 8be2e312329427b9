"""One search of a branch: the heat falls while the prices of money and floors follow the plan.

The search counts each option at the bound's prices. Money gets cheaper where a budget stays open,
and a floor's price falls where its group is above the floor, since what is above it counts for
nothing. What a group lacks costs a penalty of its own, dearer while it lacks: to a small group,
that two or three starts decide on, a lack is little in value but takes away the whole plan.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from onshore.plan.large.annealing import Search
from onshore.plan.large.arrays import Floats, Whole
from onshore.plan.large.branches import Branch
from onshore.plan.large.clock import Clock
from onshore.plan.large.options import Options
from onshore.plan.large.relaxation import Prices, from_year_on, weight_of_groups

# The heat, in values of a start that the relaxation takes, on average.
HOT, WARM, COLD = 0.3, 0.05, 0.002  # warm: of a plan put together
PULL = 0.97  # money costs the search a little less than its price, so that budgets fill up
# A budget that a search leaves open by so large a share gets cheaper, others dear again.
_LEFT_OPEN, _CHEAPER, _CHEAPEST, _DEARER_AGAIN = 0.01, 0.98, 0.6, 1.01
# So does a floor's price where its group is above it by such a share of the whole.
_ABOVE, _LESS, _LEAST, _MORE_AGAIN = 1e-4, 0.95, 0.1, 1.03
_DEPTH = 0.5  # options that lose more than this share of their value at the prices are left out
_SMALL = 20.0  # starts: a floor that binds and asks for fewer may need any option of its group
_PENALTY = 0.3  # what a floor's missing value costs a move beyond the floor's price, in value
_DEARER, _MILDER = 1.2, 0.97  # a floor's penalty while it is missed, and while it is not
_MUCH_DEARER, _LAST = 2.0, 8
_SEGMENTS = 32  # of a search, between which the clock is looked at
_POLISHED = 4  # segments at the end
_SURELY = 100.0  # what a branch must have is worth so many starts more


class Cooled(NamedTuple):
    """The options chosen, the moves a second, and how money pulled at the end."""

    chosen: Whole
    speed: float
    pull: Floats


def begin_search(branch: Branch, begin: Whole, pull: Floats, mean: float, seed: int) -> Search:
    """Lay out a search among a branch's options, with those of ``begin`` that are among them.

    ``pull`` is the part of its price that the money of each budget costs, ``mean`` what a start is
    worth. The most valuable come first: the largest, which would need more room than a move can
    make, come in there or never. What the branch must have is before them all.
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
    few = options.floor * branch.ascent.lowest < _SMALL * mean
    small = np.append(few & (prices.floor > 0), False)[options.group]
    pool = np.flatnonzero((gain > 0) & near | sure | small)
    search = Search.of(options, gain, pool, seed=seed, bonus=bonus)
    among = np.flatnonzero(sure | begun)
    first = np.lexsort((-left[among] * sure[among], -options.value[among], ~sure[among]))
    search.fill(among[first], missing=True)
    return search


def cool(
    search: Search,
    prices: Prices,
    pull: Floats,
    mean: float,
    moves: int,
    clock: Clock,
    hottest: float = HOT,
) -> Cooled:
    """Search once, in so many moves; from the middle on, prices follow what the plan leaves."""
    of = search.options
    each = -(-moves // _SEGMENTS)
    hot, fall = hottest * mean, (COLD / hottest) ** (1 / _SEGMENTS)
    begun = clock.gone
    quickest = np.inf
    penalty, lean = np.full(len(of.floor), _PENALTY), np.ones(len(of.floor))
    for segment in range(_SEGMENTS):
        if clock.left <= 0:
            break
        if segment >= _SEGMENTS // 2:
            pull, lean = _followed(search, pull), _leaned(search, lean)
            search.weigh(_gain(of, prices, pull, lean))
        search.cool(each, hot, hot * fall, penalty)
        hot *= fall
        penalty = _pressed(search, penalty)
        # The first segment may hold the time of compilation.
        quickest, begun = min(quickest, clock.gone - begun), clock.gone
    # Last, money counts for nothing but by its limits, so that what is left of budgets is used.
    search.weigh(_gain(of, prices, np.zeros_like(pull), lean))
    for _ in range(_POLISHED):
        if clock.left <= 0:
            break
        search.cool(each, hot, hot, penalty)
        penalty = _pressed(search, penalty)
    for _ in range(_LAST):
        if not search.misses or clock.left <= 0:
            break
        penalty = penalty * _MUCH_DEARER
        search.cool(each, hot, hot, penalty)
    search.fill(np.argsort(-of.value, kind="stable"))
    if search.misses:
        search.mend()
    return Cooled(search.chosen, each / max(float(quickest), 1e-6), pull)


def _gain(options: Options, prices: Prices, pull: Floats, lean: Floats) -> Floats:
    """Count options at the parts of the prices that pull at the search."""
    weight = weight_of_groups(options, lean * prices.floor)[options.group]
    gain: Floats = options.value * weight - options.cost * (pull * prices.money)[options.fund]
    return gain


def _followed(search: Search, pull: Floats) -> Floats:
    """Make money cheaper where the search leaves a budget open, else dearer."""
    open_ = search.spent < (1 - _LEFT_OPEN) * search.options.budget
    followed: Floats = np.where(
        open_, np.maximum(pull * _CHEAPER, _CHEAPEST), np.minimum(pull * _DEARER_AGAIN, PULL)
    )
    return followed


def _leaned(search: Search, lean: Floats) -> Floats:
    """Let a floor's price fall where its group is well above it, else rise."""
    above = search.slack > _ABOVE * float(search.valued.sum())
    leaned: Floats = np.where(
        above, np.maximum(lean * _LESS, _LEAST), np.minimum(lean * _MORE_AGAIN, 1.0)
    )
    return leaned


def _pressed(search: Search, penalty: Floats) -> Floats:
    """Make what a floor's group lacks dearer while it lacks, else milder."""
    lacks = search.slack < -1e-9 * float(search.valued.sum())
    pressed: Floats = np.where(lacks, penalty * _DEARER, np.maximum(penalty * _MILDER, _PENALTY))
    return pressed
