"""The plan that is worth most after its worst failures: as one program, or by intervals of z."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from onshore.plan.extended import with_columns, with_rows
from onshore.plan.instance import Instance
from onshore.plan.model import Model
from onshore.plan.outcomes import sum_of_largest
from onshore.plan.rows import Floats, named, rows_of
from onshore.plan.weighing import Chosen, Weighed, is_whole, options_for, solve_whole

if TYPE_CHECKING:
    from onshore.plan.large.options import Options
    from onshore.plan.large.relaxation import Prices

_PARTS = 5  # of the time: how long one search of several takes
_LEAST_SECONDS = 0.1
_SEARCHES = 32
_SHORTEST = 2  # rounds of the first searches
_SHORT = 0.3
_GRID = 9  # values of z that are tried first
_HALVINGS = 200  # between two searches


def worst_failures(
    instance: Instance,
    starts: pl.DataFrame,
    failures: float,
    *,
    gap: float,
    seconds: float,
    seed: int,
) -> Weighed:
    """Find the plan; ``starts`` have their ``value`` and ``loss``."""
    value = starts["value"].to_numpy()
    if not is_whole(instance, starts):
        return _by_intervals(instance, starts, failures, gap, seconds, seed)
    return solve_whole(
        instance,
        starts,
        value,
        value,
        gap=gap,
        seconds=seconds,
        extend=lambda model: _counterpart(model, starts, failures),
    )


def _counterpart(model: Model, starts: pl.DataFrame, failures: float) -> Model:
    """Add z, one p for each that can fail, and its row z + p >= its loss.

    An item with one maker can fail once: its starts share a p.
    """
    losses = starts.select(
        "item",
        "start",
        loss=pl.col("loss") / model.scale,
        whose=pl.when(pl.col("max_makers") > 1).then("maker"),
    ).filter(pl.col("loss") > 0)
    if losses.is_empty() or failures == 0:
        return model
    each = losses.group_by("item", "whose", maintain_order=True).agg(
        pl.col("start").cast(pl.Int64), "loss"
    )
    each = each.with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))
    first = len(model.worth)
    extended = with_columns(model, np.append(-failures, -np.ones(each.height)))
    entries = pl.concat(
        [
            each.explode("start", "loss").select("row", column="start", amount=-pl.col("loss")),
            each.select("row", column=pl.lit(first, pl.Int64), amount=pl.lit(1.0)),
            each.select("row", column=pl.col("row") + first + 1, amount=pl.lit(1.0)),
        ]
    )
    return with_rows(extended, rows_of(named(each, "failure", pl.col("item")), entries, lower=0.0))


def _by_intervals(
    instance: Instance,
    starts: pl.DataFrame,
    failures: float,
    gap: float,
    seconds: float,
    seed: int,
) -> Weighed:
    """Search at the z that may hold the best plan, until the bound is near or time is up.

    For each plan the best z is a loss or 0, and its worth at any z is at most its true one.
    """
    from onshore.plan.worth_search import search_by_worth

    begun = time.perf_counter()

    def over() -> bool:
        return time.perf_counter() - begun > seconds

    options = options_for(instance, starts)
    value, loss = starts["value"].to_numpy(), starts["loss"].to_numpy()
    bounds = _Bounds(options, value, loss, failures)
    best: Chosen = np.zeros(0, dtype=np.int64)
    most, price, stopped = 0.0, float(bounds.losses[-1]), "search ended"
    for turn in range(_SEARCHES):
        left = seconds - (time.perf_counter() - begun)
        found = search_by_worth(
            options,
            bounds.worth(price),
            gap=gap / 2,
            seconds=max(min(seconds / _PARTS, left), _LEAST_SECONDS),
            seed=seed + turn,
            searches=_SHORTEST + turn // 4,
        )
        bounds.learn(price, found.bound, found.prices, found.of_item)
        own = math.fsum(value[found.chosen]) - sum_of_largest(loss[found.chosen], failures)
        if own > most:
            best, most = found.chosen, own
        bounds.refine(most * (1 + gap), over)
        if bounds.top[0] <= most * (1 + gap):
            stopped = "proved"
            break
        if over():
            stopped = "time limit"
            break
        # First where the plan's own last failure lies, then where the bound is highest.
        price = bounds.nearest(np.sort(loss[best])[::-1], failures) if turn == 0 else bounds.top[2]
    return Weighed(best, bounds.top[0], stopped)


class _Bounds:
    """What no plan is worth more than, by intervals of z.

    What plans are worth before the failures' price never falls as z grows: between two tried
    values a < b it is at most the bound at b, and the price at least that of the first loss
    above a.
    """

    def __init__(self, options: Options, value: Floats, loss: Floats, failures: float) -> None:
        self._options, self._value, self._loss, self._failures = options, value, loss, failures
        self.losses = np.unique(np.append(loss, 0.0))
        self._bound: dict[float, float] = {}
        # With how many of the known prices each z was tried.
        self._with: dict[float, int] = {}
        self._known: list[tuple[Prices, Floats]] = []

    def worth(self, price: float) -> Floats:
        """Give what starts are worth at a z."""
        worth: Floats = self._value - np.maximum(self._loss - price, 0.0)
        return worth

    def learn(self, price: float, bound: float, prices: Prices, of_item: Floats) -> None:
        """Take up what a search at a z has found."""
        self._known.append((prices, of_item))
        self._bound[price] = min(bound, self._bound.get(price, np.inf))
        self._with.setdefault(price, 0)
        for start in (0.0, *np.quantile(self.losses, np.linspace(0, 1, _GRID), method="nearest")):
            if float(start) not in self._bound:
                self._try(float(start))

    @property
    def top(self) -> tuple[float, float, float]:
        """Give the highest bound, and the tried values of z that it lies between."""
        tried = np.array(sorted(self._bound))
        bounds = np.array([self._bound[price] for price in tried])
        bounds = np.minimum.accumulate(bounds[::-1])[::-1]
        at = np.searchsorted(self.losses, tried[:-1], side="right")
        held = bounds - self._failures * np.append(tried[0], self.losses[at])
        highest = int(np.argmax(held))
        return float(held[highest]), float(tried[max(highest - 1, 0)]), float(tried[highest])

    def refine(self, enough: float, over: Callable[[], bool]) -> None:
        """Lower the highest bound: at newer prices, else by halving its interval.

        Not where the interval is so short that other prices, not halving, must lower it.
        """
        for _ in range(_HALVINGS):
            bound, below, above = self.top
            if bound <= enough or over():
                break
            if self._with[above] < len(self._known):
                self._try(above)
                continue
            middle = self.nearest(np.array([(below + above) / 2]), 1.0)
            short = self._failures * (above - below) < _SHORT * (bound - enough)
            if short or not below < middle < above:
                break
            self._try(middle)

    def nearest(self, ordered: Floats, place: float) -> float:
        """Give the loss nearest to that in a place, counted from 1; 0 behind the last."""
        at = max(int(np.ceil(place)) - 1, 0)
        aim = float(ordered[at]) if at < len(ordered) else 0.0
        return float(self.losses[np.argmin(np.abs(self.losses - aim))])

    def _try(self, price: float) -> None:
        from onshore.plan.worth_search import bound_at

        known = self._known[self._with.get(price, 0) :]
        found = [bound_at(self._options, self.worth(price), *prices) for prices in known]
        self._bound[price] = min([*found, self._bound.get(price, np.inf)])
        self._with[price] = len(self._known)
