"""The plan of the best CVaR over scenarios: as one program, or by weights of the scenarios."""

from __future__ import annotations

import time

import numpy as np
import polars as pl

from onshore.plan.extended import with_columns, with_rows
from onshore.plan.instance import Instance
from onshore.plan.model import Model
from onshore.plan.outcomes import Laid
from onshore.plan.rows import named, rows_of
from onshore.plan.weighing import Weighed, is_whole, options_for, solve_whole

_MOST_ENTRIES = 200_000  # scenarios x starts of one program


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
        return _searched(instance, starts, laid, share, gap, seconds, seed), False
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


def _searched(
    instance: Instance,
    starts: pl.DataFrame,
    laid: Laid,
    share: float,
    gap: float,
    seconds: float,
    seed: int,
) -> Weighed:
    """Lower the bound over prices and weights together, and search beside it."""
    from onshore.plan.aims import OverScenarios
    from onshore.plan.worth_search import search_scenarios

    begun = time.perf_counter()
    options = options_for(instance, starts)
    aim = OverScenarios(laid.singles(), share)
    left = max(seconds - (time.perf_counter() - begun), 0.0)
    found = search_scenarios(options, aim, gap=gap, seconds=left, seed=seed)
    return Weighed(found.chosen, found.bound, found.stopped)
