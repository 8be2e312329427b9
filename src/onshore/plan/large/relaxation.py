"""The linear relaxation's prices, by a first-order method.

Primal-dual hybrid gradient (Chambolle and Pock 2011, "A first-order primal-dual algorithm for
convex problems with applications to imaging", J. Math. Imaging and Vision 40) with steps from the
rows and columns (Pock and Chambolle 2011, ICCV) and restarts with a primal weight as in PDLP
(Applegate et al. 2021, NeurIPS). Whatever prices it stops at, `bound` of them holds: the rows of
capacity, budget and floor are sold at these prices, and each item takes its best starts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from onshore.plan.large.arrays import Floats, Whole
from onshore.plan.large.compiled import kernel
from onshore.plan.large.options import Options

_CHECKED = 40  # rounds between two looks at the bound


class Prices(NamedTuple):
    """Prices of the limits: of an hour by resource and year, of money by budget, of floors.

    ``hour`` and ``money`` are in value a unit, ``floor`` in value a unit of value.
    """

    hour: Floats
    money: Floats
    floor: Floats


def from_year_on(hour: Floats) -> Floats:
    """Add up each resource's prices from a year to the end."""
    return np.ascontiguousarray(np.cumsum(hour[:, ::-1], axis=1)[:, ::-1])


def weight_of_groups(options: Options, floor: Floats) -> Floats:
    """Give what one unit of value counts by floor; the last entry is for options without one.

    A floor of share f and price q adds q for its own group and takes f q from everyone.
    """
    everyone = 1.0 - float(options.floor @ floor)
    return np.append(everyone + floor, everyone)


def bound(options: Options, prices: Prices, of_item: Floats | None = None) -> float:
    """Bound the value of any plan at these prices of capacity, budget and floor.

    ``of_item`` gets what the last of an item's best makers leaves: the price of its place.
    """
    places = np.zeros(len(options.makers)) if of_item is None else of_item
    sold = float((prices.hour * options.capacity).sum() + prices.money @ options.budget)
    return sold + _of_items(
        options.item_begins, options.pair, options.resource, options.fund, options.first,
        options.group, options.value, options.cost, options.use, options.makers,
        from_year_on(prices.hour), prices.money, weight_of_groups(options, prices.floor), places,
    )  # fmt: skip


@kernel
def _of_items(
    begins: Whole,
    pair: Whole,
    resource: Whole,
    fund: Whole,
    first: Whole,
    group: Whole,
    value: Floats,
    cost: Floats,
    use: Floats,
    makers: Whole,
    price: Floats,
    money: Floats,
    weight: Floats,
    of_item: Floats,
) -> float:
    total = 0.0
    best = np.zeros(64)
    for i in range(len(makers)):
        places = min(makers[i], 64)
        for q in range(places):
            best[q] = 0.0
        at, own = -1, 0.0
        for o in range(begins[i], begins[i + 1] + 1):
            ends = o == begins[i + 1]
            if ends or pair[o] != at:
                q = places - 1
                if own > best[q]:
                    while q > 0 and best[q - 1] < own:
                        best[q] = best[q - 1]
                        q -= 1
                    best[q] = own
                if ends:
                    break
                at, own = pair[o], 0.0
            left = value[o] * weight[group[o]] - cost[o] * money[fund[o]]
            own = max(own, left - use[o] * price[resource[o], first[o]])
        for q in range(places):
            total += best[q]
        of_item[i] = best[places - 1]
    return total


class _Scaled(NamedTuple):
    """The options in the scale of the rows, the steps of columns and rows."""

    value: Floats
    cost: Floats
    use: Floats
    of_option: Floats
    of_hour: Floats
    of_money: Floats
    of_item: Floats
    of_pair: Floats
    capacity: Floats
    budget: Floats
    unit: float
    hours: Floats
    money: float


class _State(NamedTuple):
    """Where the method stands: the options' shares, and the prices in the scale of the rows."""

    share: Floats
    hour: Floats
    money: Floats
    item: Floats
    pair: Floats
    floor: Floats

    def copied(self) -> _State:
        return _State(*(part.copy() for part in self))

    def set(self, other: _State, factor: float = 1.0) -> None:
        for part, of in zip(self, other, strict=True):
            np.multiply(of, factor, out=part)

    def add(self, other: _State) -> None:
        for part, of in zip(self, other, strict=True):
            part += of


def _step(entries: Floats) -> Floats:
    """Give one over the sum of a row's entries, 0 for a row without any."""
    step: Floats = np.divide(1.0, entries, out=np.zeros_like(entries), where=entries > 1e-12)
    return step


def _scaled(options: Options) -> _Scaled:
    """Scale rows by their mean entry; a step is one over the sum of a row's or column's entries."""
    kinds, years = options.capacity.shape
    count = np.bincount(options.resource, minlength=kinds)
    hours = np.bincount(options.resource, options.use, minlength=kinds) / np.maximum(count, 1)
    hours = np.where(hours > 0, hours, 1.0)
    unit, money = float(options.value.mean()), max(float(options.cost.mean()), 1e-300)
    use, cost = options.use / hours[options.resource], options.cost / money
    several = options.makers > 1
    entries = 1.0 + use * (years - options.first) + cost + several[options.item]
    begun = np.zeros((kinds, years))
    np.add.at(begun, (options.resource, options.first), use)
    of_pair = np.bincount(options.pair, minlength=len(options.pair_item))
    return _Scaled(
        value=options.value / unit,
        cost=cost,
        use=use,
        of_option=1.0 / entries,
        of_hour=_step(np.cumsum(begun, axis=1)),
        of_money=_step(
            np.bincount(options.fund, cost, minlength=len(options.budget)).astype(np.float64)
        ),
        of_item=1.0 / np.maximum(np.diff(options.item_begins), 1),
        of_pair=1.0 / np.maximum(of_pair, 1),
        capacity=options.capacity / hours[:, None],
        budget=options.budget / money,
        unit=unit,
        hours=hours,
        money=money,
    )


@kernel
def _move_shares(
    item: Whole,
    pair: Whole,
    resource: Whole,
    fund: Whole,
    first: Whole,
    group: Whole,
    several: Whole,
    value: Floats,
    cost: Floats,
    use: Floats,
    step: Floats,
    price: Floats,
    money: Floats,
    worth: Floats,
    of_item: Floats,
    of_pair: Floats,
    share: Floats,
    used: Floats,
    spent: Floats,
    given: Floats,
    paired: Floats,
    valued: Floats,
) -> None:
    """Move the shares by what they gain; add up what the shares ahead of them use."""
    for o in range(len(value)):
        m, i = resource[o], item[o]
        gain = value[o] * worth[group[o]] - cost[o] * money[fund[o]]
        gain -= use[o] * price[m, first[o]] + of_item[i]
        if several[i]:
            gain -= of_pair[pair[o]]
        before = share[o]
        now = min(1.0, max(0.0, before + step[o] * gain))
        share[o] = now
        ahead = 2.0 * now - before
        if ahead != 0.0:
            used[m, first[o]] += use[o] * ahead
            spent[fund[o]] += cost[o] * ahead
            given[i] += ahead
            paired[pair[o]] += ahead
            valued[group[o]] += value[o] * ahead


def _round(options: Options, state: _State, scaled: _Scaled, several: Whole, weight: float) -> None:
    """Move the shares of the options, then the prices."""
    used = np.zeros_like(options.capacity)
    spent = np.zeros(len(options.budget))
    given = np.zeros(len(options.makers))
    paired = np.zeros(len(options.pair_item))
    valued = np.zeros(len(options.floor) + 1)
    _move_shares(
        options.item, options.pair, options.resource, options.fund, options.first, options.group,
        several, scaled.value, scaled.cost, scaled.use, scaled.of_option / weight,
        from_year_on(state.hour), state.money, weight_of_groups(options, state.floor),
        state.item, state.pair, state.share, used, spent, given, paired, valued,
    )  # fmt: skip
    over = np.cumsum(used, axis=1) - scaled.capacity
    for price, step, excess in (
        (state.hour, scaled.of_hour, over),
        (state.money, scaled.of_money, spent - scaled.budget),
        (state.item, scaled.of_item, given - options.makers),
        (state.pair, scaled.of_pair, np.where(several[options.pair_item], paired - 1.0, 0.0)),
    ):
        np.maximum(0.0, price + weight * step * excess, out=price)
    short = options.floor - valued[:-1] / max(float(valued.sum()), 1e-12)
    np.maximum(0.0, state.floor + 0.02 * weight * short, out=state.floor)


def _weight(now: _State, then: _State, scaled: _Scaled, weight: float) -> float:
    """Balance the moves of shares and prices, each measured in the metric of its steps."""
    shares = float(((now.share - then.share) ** 2 / scaled.of_option).sum())
    prices = sum(
        float(((a - b)[step > 0] ** 2 / step[step > 0]).sum())
        for a, b, step in (
            (now.hour, then.hour, scaled.of_hour),
            (now.money, then.money, scaled.of_money),
            (now.item, then.item, scaled.of_item),
        )
    )
    if shares < 1e-24 or prices < 1e-24:
        return weight
    return float(np.clip(np.sqrt(weight * np.sqrt(prices / shares)), 1e-4, 1e4))


def relax(
    options: Options,
    *,
    rounds: int = 4000,
    settled: float = 3e-4,
    over: Callable[[], bool] = lambda: False,
) -> tuple[Prices, float, Floats]:
    """Find prices whose bound is near the linear relaxation's value.

    Stops after so many rounds, once ten looks together have lowered the bound by less than the
    share ``settled``, or when ``over``. Gives the best prices, their bound, and the shares of the
    options.
    """
    scaled = _scaled(options)
    several = (options.makers > 1).astype(np.int64)
    state = _State(
        np.zeros(len(options.value)),
        np.zeros_like(options.capacity),
        np.zeros(len(options.budget)),
        np.zeros(len(options.makers)),
        np.zeros(len(options.pair_item)),
        np.zeros(len(options.floor)),
    )

    def prices(of: _State, factor: float = 1.0) -> Prices:
        by_hour = factor * scaled.unit / scaled.hours[:, None]
        return Prices(
            of.hour * by_hour, of.money * (factor * scaled.unit / scaled.money), of.floor * factor
        )

    mean, begun = state.copied(), state.copied()
    best = prices(state)
    lowest, averaged, weight = bound(options, best), 0, 5.0
    seen: list[float] = []
    for at in range(1, rounds + 1):
        _round(options, state, scaled, several, weight)
        mean.add(state)
        averaged += 1
        if at % _CHECKED:
            continue
        now, over_time = prices(state), prices(mean, 1.0 / averaged)
        of_now, of_mean = bound(options, now), bound(options, over_time)
        if min(of_now, of_mean) < lowest:
            lowest, best = (of_now, now) if of_now < of_mean else (of_mean, over_time)
        seen.append(lowest)
        if over() or (len(seen) > 12 and seen[-11] - lowest < settled * lowest):
            break
        if averaged >= 2 * _CHECKED:
            if of_mean < of_now:
                state.set(mean, 1.0 / averaged)
            weight = _weight(state, begun, scaled, weight)
            begun.set(state)
            mean.set(state, 0.0)
            averaged = 0
    return best, lowest, state.share
