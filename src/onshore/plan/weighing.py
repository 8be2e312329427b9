"""The best plan when the starts are worth something else than their value: whole, or searched.

Limits stay those of the instance: floors count the plain values, whatever the starts are worth.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from onshore.plan.infeasible import PlanInfeasible, why_infeasible
from onshore.plan.instance import Instance
from onshore.plan.model import Model, build_model
from onshore.plan.rows import Floats
from onshore.plan.solver import NoPlan, SolverError, solve
from onshore.plan.starts import opening_costs

if TYPE_CHECKING:
    from onshore.plan.large.options import Options

Chosen = npt.NDArray[np.int64]
_MOST_WHOLE = 4_000  # possible starts


@dataclass(frozen=True, eq=False)
class Weighed:
    """The starts chosen, what no plan is worth more than, and why the search stopped."""

    chosen: Chosen
    bound: float
    stopped: str


def is_whole(instance: Instance, starts: pl.DataFrame) -> bool:
    """Whether the instance is solved whole: it is small, or cannot be priced apart."""
    return starts.height <= _MOST_WHOLE or not instance.is_plain or not find_spec("numba")


def best_at(
    instance: Instance,
    starts: pl.DataFrame,
    worth: Floats,
    *,
    gap: float,
    seconds: float,
    seed: int,
) -> Weighed:
    """Find the plan that is worth most, less what it opens, and a bound on all plans."""
    if is_whole(instance, starts):
        return solve_whole(instance, starts, worth, worth, gap=gap, seconds=seconds)
    from onshore.plan.worth_search import search_by_worth

    options = options_for(instance, starts)
    found = search_by_worth(options, worth, gap=gap, seconds=seconds, seed=seed)
    return Weighed(found.chosen, found.bound, found.stopped)


def solve_whole(
    instance: Instance,
    starts: pl.DataFrame,
    worth: Floats,
    ceiling: Floats,
    *,
    gap: float,
    seconds: float,
    extend: Callable[[Model], Model] = lambda model: model,
) -> Weighed:
    """Solve the model with another objective, and perhaps ``extend`` it with more rows.

    ``ceiling`` is worth at least as much as any plan's objective says of its starts: it bounds
    plans where the time limit comes before the solver has a bound of its own.

    Raises
    ------
    PlanInfeasible
        No plan keeps the limits.
    SolverError
        No plan was found in time and the empty one does not keep the limits.
    """
    if starts.is_empty() and instance.may_be_empty:
        return Weighed(np.zeros(0, dtype=np.int64), 0.0, "proved")
    model = build_model(starts, instance)
    others = model.worth[starts.height :]
    model = replace(model, worth=np.concatenate([worth / model.scale, others]))
    try:
        answer = solve(extend(model), gap=gap, seconds=seconds)
    except NoPlan:
        reasons = why_infeasible(instance, seconds=seconds)
        if instance.may_be_empty or reasons.is_empty():
            raise
        raise PlanInfeasible(reasons) from None
    if not answer.found and not instance.may_be_empty:
        raise SolverError(
            f"no plan that keeps the limits was found in {seconds:g} seconds; give more time"
        )
    bound = min(answer.bound, _easy_bound(starts, ceiling))
    return Weighed(np.flatnonzero(answer.chosen), bound, answer.stopped)


def worth_of(chosen: Chosen, starts: pl.DataFrame, worth: Floats, instance: Instance) -> float:
    """Add up what starts are worth, less what they open."""
    return math.fsum(worth[chosen]) - costs_of(chosen, starts, instance)


def costs_of(chosen: Chosen, starts: pl.DataFrame, instance: Instance) -> float:
    """Add up the costs of what starts open."""
    if instance.openings is None:
        return 0.0
    return math.fsum(opening_costs(starts[chosen], instance)["cost"])


def _easy_bound(starts: pl.DataFrame, ceiling: Floats) -> float:
    """Bound the worth by each item's best makers, as if there were no other limit."""
    best = (
        starts.select("item", "maker", "max_makers", worth=pl.Series(np.maximum(ceiling, 0.0)))
        .group_by("item", "maker")
        .agg(pl.col("worth").max(), pl.col("max_makers").first())
        .group_by("item")
        .agg(pl.col("worth").sort(descending=True).head(pl.col("max_makers").first()).sum())
    )
    return math.fsum(best["worth"])


def options_for(instance: Instance, starts: pl.DataFrame) -> Options:
    """Lay the starts out as the options of the search, in the same order."""
    from onshore.plan.large import options_of

    options, _ = options_of(instance)
    if len(options.value) != starts.height:
        raise SolverError("the starts are not laid out alike; this is a mistake of the program")
    return options
