"""The plan of the best CVaR over scenarios: as one program, or by re-weighing the scenarios."""

from __future__ import annotations

import time

import numpy as np
import polars as pl

from onshore.plan.extended import with_columns, with_rows
from onshore.plan.instance import Instance
from onshore.plan.model import Model
from onshore.plan.outcomes import Laid, mean_of_worst, worst_weights
from onshore.plan.rows import Floats, named, rows_of
from onshore.plan.weighing import Chosen, Weighed, is_whole, options_for, solve_whole

_MOST_ENTRIES = 200_000  # scenarios x starts of one program
_ROUNDS = 12
_LEAST = 0.02  # of the time: less than that is not worth another search
_PART = 0.5  # of the time left: how long one search takes at most
_FIRST = 1  # rounds of the search at even weights, which only tells which scenarios are bad


def worst_scenarios(
    instance: Instance,
    starts: pl.DataFrame,
    laid: Laid,
    share: float,
    *,
    gap: float,
    seconds: float,
    seed: int,
) -> tuple[Weighed, bool]:
    """Find the plan, and tell whether it was found as one program."""
    count = len(laid.rate)
    small = count * starts.height <= _MOST_ENTRIES
    if not small and not is_whole(instance, starts):
        return _by_weights(instance, starts, laid, share, gap, seconds, seed), False
    mean = laid.weighed(np.full(count, 1.0 / count))
    found = solve_whole(
        instance,
        starts,
        np.zeros(starts.height),
        np.maximum(mean, 0.0),
        gap=gap,
        seconds=seconds,
        extend=lambda model: _counterpart(model, laid, share),
    )
    return found, True


def _counterpart(model: Model, laid: Laid, share: float) -> Model:
    """Add eta and each scenario's shortfall u, and its row u >= eta - what the plan saves."""
    values = laid.values(slice(None)) / model.scale
    count = len(values)
    first = len(model.worth)
    # The worst scenario bounds eta from below, the best one from above.
    reach = float(np.abs(values).sum(axis=1).max(initial=0.0)) + 1.0
    model = with_columns(model, np.ones(1), np.array([-reach]), np.array([reach]))
    model = with_columns(model, np.full(count, -1.0 / (share * count)))
    scenario, start = np.nonzero(values)
    row = np.arange(count)
    entries = pl.DataFrame(
        {
            "row": np.concatenate([scenario, row, row]),
            "column": np.concatenate([start, np.full(count, first), first + 1 + row]),
            "amount": np.concatenate([values[scenario, start], -np.ones(count), np.ones(count)]),
        }
    )
    names = named(pl.DataFrame({"scenario": row}), "scenario", pl.col("scenario"))
    return with_rows(model, rows_of(names, entries, lower=0.0))


def _by_weights(
    instance: Instance,
    starts: pl.DataFrame,
    laid: Laid,
    share: float,
    gap: float,
    seconds: float,
    seed: int,
) -> Weighed:
    """Let scenarios answer plans by turns: the weights are the mean of the worst ones so far."""
    from onshore.plan.worth_search import SEARCHES, search_by_worth

    begun = time.perf_counter()
    options = options_for(instance, starts)
    count = len(laid.rate)
    weights = np.full(count, 1.0 / count)
    answers: list[Floats] = []
    best: Chosen = np.zeros(0, dtype=np.int64)
    most, bound, stopped = 0.0, np.inf, "search ended"
    for turn in range(_ROUNDS):
        left = seconds - (time.perf_counter() - begun)
        if left <= _LEAST * seconds:
            stopped = "time limit"
            break
        found = search_by_worth(
            options,
            laid.weighed(weights),
            gap=gap / 2,
            seconds=_PART * left,
            seed=seed + turn,
            searches=SEARCHES if turn else _FIRST,
        )
        bound = min(bound, found.bound)
        saved = _of(laid, found.chosen)
        own = mean_of_worst(saved, share)
        if own > most:
            best, most = found.chosen, own
        if bound - most <= gap * most:
            stopped = "proved"
            break
        answer = np.zeros(count)
        answer[np.argsort(saved, kind="stable")] = worst_weights(count, share)
        answers.append(answer)
        weights = np.mean(answers, axis=0)
    return Weighed(best, float(bound), stopped)


def _of(laid: Laid, chosen: Chosen) -> Floats:
    """Tell what a plan saves in each scenario."""
    own = laid._replace(
        yearly=laid.yearly[chosen],
        first=laid.first[chosen],
        demand_at=laid.demand_at[chosen],
        outcome_at=laid.outcome_at[chosen],
    )
    total: Floats = own.values(slice(None)).sum(axis=1)
    return total
