"""Make a plan: which item goes to which maker, starting when."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.util import find_spec

import polars as pl

from onshore.plan.decided import with_fixed
from onshore.plan.infeasible import PlanInfeasible, why_infeasible
from onshore.plan.instance import Instance, PlanError
from onshore.plan.model import build_model
from onshore.plan.solver import NoPlan, SolverError, solve
from onshore.plan.starts import (
    loads_of,
    opening_costs,
    possible_starts,
    with_cost_effect,
)

_STARTS = [
    "item",
    "maker",
    "resource",
    "start_year",
    "first_production_year",
    "tooling_cost",
    "value",
    "cost_effect_value",
]
Progress = Callable[[float, float, float], None]

# Possible starts up to which an instance is solved whole, and up to which that is tried a while.
_MOST_WHOLE = 4_000
_MOST_TRIED = 60_000
_TRIED = 6.0  # seconds, or 15 % of the time
# The solver keeps each row within 1e-8 of its largest entry.
_KEPT = 1e-7


@dataclass(frozen=True)
class _Asked:
    """How near and how long, whom to tell, and when it began."""

    gap: float
    seconds: float
    seed: int
    progress: Progress | None
    stop: Callable[[], bool]
    begun: float

    @property
    def left(self) -> float:
        """The time that is left, and a little where there is none: some answer is owed."""
        return max(self.seconds - (time.perf_counter() - self.begun), 0.1)

    def at_most(self, seconds: float) -> _Asked:
        return replace(self, seconds=seconds)


@dataclass(frozen=True, eq=False)
class Plan:
    """A plan, and how far it can be from the best one.

    Attributes
    ----------
    starts : DataFrame
        One row per start: ``item``, ``maker``, ``resource`` (str), ``start_year``,
        ``first_production_year`` (int, counted from 0), ``tooling_cost``, ``value`` (float,
        money; value is the saving over the horizon, discounted), ``cost_effect_value`` (float,
        money; the second saving over the horizon, discounted and never added to the value; null
        where the candidates do not say it).
    objective : float
        The sum of ``value``, less the costs of what the starts open.
    bound : float
        No plan within the limits is worth more.
    gap : float
        (bound - objective) / objective; 0 where both are 0, infinite where only the
        objective is. Of an objective below 0 its size counts.
    status : str
        ``optimal`` (proved within one part in a million), ``within the gap`` (proved within
        the gap that was asked for), ``time limit``, ``interrupted``, ``memory limit`` or
        ``search ended`` (the best plan found until then, with its bound), ``only the empty
        plan`` (there are candidates, but no start is possible or worth anything under the
        limits).
    method : str
        ``whole`` (one mixed-integer program) or ``priced apart`` (bounds by resource, and a
        search).
    seconds : float
        What it took, wall time.
    """

    starts: pl.DataFrame
    objective: float
    bound: float
    gap: float
    status: str
    method: str = "whole"
    seconds: float = 0.0


def make_plan(
    instance: Instance,
    *,
    gap: float = 1e-6,
    seconds: float = 60.0,
    seed: int = 0,
    progress: Progress | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Plan:
    """Choose the starts that save most under every limit, with a bound that proves it.

    maximize the value of the chosen starts, where

    - an item has at most ``max_makers`` makers, and a maker at most one start of it;
    - in each year the tooling of its starts costs no more than the budget;
    - in each year and for each resource, what is produced uses no more than the capacity;
    - each group's starts are worth at least its floor's share of the whole, and its amount;
    - items that are required have a maker, linked items are made together or exclude each other,
      and decisions already taken are in the plan;
    - what is opened by the starts is paid for once, out of the saving.

    A start produces from ``max(start + lead_years, needed_from)`` to the end of the horizon,
    and saves ``share x annual_saving`` times the year's discount factor in each of these
    years. The tooling cost is limited, not subtracted. Limits are kept within one part in
    ten million.

    Up to 4,000 possible starts are solved whole, as a mixed-integer program; up to 60,000 this is
    tried for some seconds. More, or what that leaves open, is priced apart (extra ``plan``; without
    it all are solved whole): the linear relaxation's prices by a first-order method, a bound that
    keeps each resource's knapsack whole, and a search for plans at these prices; see
    ``docs/methods/plan.md``. Where there are links, openings, requirements, amounts or several
    groups of a candidate, these have prices in the bound too, and plans are mended and made better
    by solving parts of the model anew; if none is found so, the model is solved whole in the time
    that is left. The same input and seed give the same plan unless a time limit cuts it short.

    Parameters
    ----------
    instance
        What may be chosen, under which limits.
    gap
        Stop when the plan is proved to be within this share of the best, for example 0.01.
    seconds
        Stop after this time, with the best plan and bound found until then.
    seed
        Draws the moves of the search.
    progress
        Called now and then with the seconds gone, the best plan's value and the bound.
    stop
        Asked now and then; once it is true, the best plan and bound found until then are given.

    Raises
    ------
    PlanError
        ``gap`` is negative or ``seconds`` is not above 0.
    PlanInfeasible
        What is required, decided or asked for by amount cannot be had under the limits. Names
        those that collide and the least change that mends it (`why_infeasible`).
    SolverError
        The solver came to no usable answer.

    Examples
    --------
    The budget of one year pays for one of two; what saves more starts first.

    >>> candidates = pl.DataFrame({
    ...     "item": ["pump", "valve"], "maker": ["M1", "M2"], "resource": ["M1", "M2"],
    ...     "tooling_cost": [3.0, 2.0], "lead_years": [0, 0], "use_per_year": [1.0, 1.0],
    ...     "annual_saving": [5.0, 4.0], "opens": [0, 0], "share": [1.0, 1.0],
    ...     "max_makers": [1, 1],
    ... })
    >>> capacity = pl.DataFrame({
    ...     "resource": ["M1", "M1", "M2", "M2"], "year": [0, 1, 0, 1], "amount": [1.0] * 4,
    ... })
    >>> budgets = pl.DataFrame({"year": [0, 1], "amount": [4.0, 4.0], "discount": [1.0, 0.9]})
    >>> plan = make_plan(Instance(candidates, capacity, budgets))
    >>> plan.starts.select("item", "start_year").rows()
    [('pump', 0), ('valve', 1)]
    >>> round(plan.objective, 6), plan.status  # 5 x 1.9 + 4 x 0.9
    (13.1, 'optimal')
    """
    if not gap >= 0:
        raise PlanError(f"gap: {gap} is not a share of 0 or more; give 0.01 for one per cent")
    if not seconds > 0:
        raise PlanError(f"seconds: {seconds} is not above 0; give the time the solver may take")
    asked = _Asked(gap, seconds, seed, progress, stop, time.perf_counter())
    most = instance.candidates.height * instance.years
    parted = _parted(instance) if most > _MOST_WHOLE and find_spec("numba") else None
    if parted:
        left, kept = parted
        first = _made_whole_first(instance, asked) if most <= _MOST_TRIED else None
        if first and first.status not in ("time limit", "memory limit", "interrupted"):
            return first
        known = (first.objective, first.bound) if first else (-math.inf, math.inf)
        way = _made_apart if left.falls_apart else _made_of_parts
        apart = way(instance, left, kept, asked, known)
        if first and apart:
            return _better(first, apart, gap)
        plan = first or apart
        if plan:
            return plan
    return _made_whole(instance, asked.at_most(asked.left))


def _parted(instance: Instance) -> tuple[Instance, pl.DataFrame] | None:
    """Set decisions aside; None where what they leave cannot be told without the whole model."""
    try:
        return with_fixed(instance)
    except PlanInfeasible:
        raise
    except PlanError:
        return None


def _made_whole_first(instance: Instance, asked: _Asked) -> Plan | None:
    """Try a little whether the whole model is an easy one; it may be of any shape."""
    try:
        return _made_whole(instance, asked.at_most(min(_TRIED, 0.15 * asked.seconds)))
    except SolverError:
        return None


def _better(first: Plan, apart: Plan, gap: float) -> Plan:
    """Take the better plan and the lower bound of two ways."""
    plan = first if first.objective > apart.objective else apart
    bound = max(plan.objective, min(first.bound, apart.bound))
    above = bound - plan.objective
    share = above / abs(plan.objective) if plan.objective else (0.0 if above == 0 else math.inf)
    status = "within the gap" if share <= gap else apart.status
    return replace(
        apart, starts=plan.starts, objective=plan.objective, bound=bound, gap=share, status=status
    )


def _made_whole(instance: Instance, asked: _Asked) -> Plan:
    starts = possible_starts(instance)
    if starts.is_empty():
        return _empty(instance, asked.seconds)
    try:
        answer = solve(
            build_model(starts, instance),
            gap=asked.gap,
            seconds=asked.seconds,
            progress=asked.progress,
            stop=asked.stop,
        )
    except NoPlan:
        _require_possible(instance, asked.seconds)
        raise
    if not (answer.found or instance.may_be_empty):
        raise SolverError(f"no plan was found in {asked.seconds:g} seconds. Give it more time.")
    chosen = starts.filter(pl.Series(answer.chosen))
    bound = min(answer.bound, _easy_bound(starts))
    return _plan(chosen, instance, bound, answer.stopped, "whole", asked)


def _made_apart(
    instance: Instance,
    left: Instance,
    kept: pl.DataFrame,
    asked: _Asked,
    known: tuple[float, float],
) -> Plan:
    """Plan what is left beside the decisions that are kept."""
    from onshore.plan.large import options_of, search_plan

    options, names = options_of(left)
    decided = _worth(kept, instance)
    if not len(options.value):
        if kept.is_empty():
            return _empty(instance, asked.seconds)
        return _plan(kept, instance, decided, "proved", "priced apart", asked)
    known = max(known[0] - decided, 0.0), known[1] - decided
    found = search_plan(
        options,
        gap=asked.gap,
        seconds=asked.left,
        seed=asked.seed,
        progress=asked.progress,
        known=known,
        stop=asked.stop,
    )
    rows = names.candidates[names.candidate_of[found.chosen]].with_columns(
        start_year=pl.Series(options.start[found.chosen]),
        first_production_year=pl.Series(options.first[found.chosen]),
        value=pl.Series(options.value[found.chosen]),
        use=pl.Series(options.use[found.chosen]),
    )
    chosen = _together(kept, rows, instance)
    bound = found.bound + decided
    return _plan(chosen, instance, bound, found.stopped, "priced apart", asked)


def _made_of_parts(
    instance: Instance,
    left: Instance,
    kept: pl.DataFrame,
    asked: _Asked,
    known: tuple[float, float],
) -> Plan | None:
    """Plan what is left where it asks for more than prices can say; None where none was found."""
    from onshore.plan.large import search_starts

    decided = _worth(kept, instance)
    least = 0.0 if left.may_be_empty else -math.inf
    within = max(known[0] - decided, least), known[1] - decided
    found = search_starts(
        left,
        gap=asked.gap,
        seconds=asked.left,
        seed=asked.seed,
        progress=asked.progress,
        known=within,
        stop=asked.stop,
    )
    bound = min(found.bound + decided, known[1])
    if found.starts is not None:
        chosen = _together(kept, found.starts, instance)
        if _worth(chosen, instance) >= decided + least:
            return _plan(chosen, instance, bound, found.stopped, "priced apart", asked)
    if left.may_be_empty:
        chosen = _together(kept, kept.clear(), instance)
        return _plan(chosen, instance, bound, found.stopped, "priced apart", asked)
    return None


def _worth(starts: pl.DataFrame, instance: Instance) -> float:
    return math.fsum(starts["value"]) - math.fsum(opening_costs(starts, instance)["cost"])


def _together(kept: pl.DataFrame, rows: pl.DataFrame, instance: Instance) -> pl.DataFrame:
    # The groups are read anew: a candidate of two may be among the decided ones only.
    key = ["item", "maker", "resource"]
    shared = [name for name in kept.columns if name in rows.columns]
    shared = [name for name in shared if name not in ("group", "start")]
    both = pl.concat([kept.select(shared), rows.select(shared)]).join(
        instance.candidates.select(*key, "group"), on=key, how="left"
    )
    return both.sort(key).with_row_index("start")


def _require_possible(instance: Instance, seconds: float) -> None:
    reasons = why_infeasible(instance, seconds=seconds)
    if not (instance.may_be_empty or reasons.is_empty()):
        raise PlanInfeasible(reasons) from None


def _empty(instance: Instance, seconds: float) -> Plan:
    if not instance.may_be_empty:
        _require_possible(instance, seconds)
    starts = with_cost_effect(possible_starts(instance).clear(), instance)
    status = "optimal" if instance.candidates.is_empty() else "only the empty plan"
    return Plan(starts.select(_STARTS), objective=0.0, bound=0.0, gap=0.0, status=status)


def _plan(
    chosen: pl.DataFrame, instance: Instance, bound: float, stopped: str, method: str, asked: _Asked
) -> Plan:
    _require_kept(chosen, instance)
    values = math.fsum(chosen["value"])
    objective = values - math.fsum(opening_costs(chosen, instance)["cost"])
    bound = max(objective, bound)
    above = bound - objective
    gap = above / abs(objective) if objective else (0.0 if above == 0 else math.inf)
    status = stopped
    if status == "proved":
        status = "optimal" if gap <= 1e-6 else "within the gap"
        status = "only the empty plan" if chosen.is_empty() else status
    seconds = time.perf_counter() - asked.begun
    chosen = with_cost_effect(chosen, instance)
    return Plan(chosen.select(_STARTS), objective, bound, gap, status, method, seconds)


def _easy_bound(starts: pl.DataFrame) -> float:
    """Bound the saving by each item's best makers, as if there were no other limit.

    Needed where the time limit comes before the solver has a bound of its own.
    """
    best = (
        starts.group_by("item", "maker")
        .agg(pl.col("value").max().clip(0.0), pl.col("max_makers").first())
        .group_by("item")
        .agg(pl.col("value").sort(descending=True).head(pl.col("max_makers").first()).sum())
    )
    return math.fsum(best["value"])


def _require_kept(chosen: pl.DataFrame, instance: Instance) -> None:
    # What counts as small: for a budget or capacity a part of itself, for a floor of the whole.
    total = math.fsum(chosen["value"])
    over = pl.col("used") - pl.col("limit") > _KEPT * pl.col("limit")
    under = pl.col("limit") - pl.col("used") > _KEPT * (abs(total) + pl.col("limit").abs())
    broken = loads_of(chosen, instance).filter(
        pl.when(pl.col("kind").str.starts_with("floor")).then(under).otherwise(over)
    )
    for kind, name, year, used, limit in broken.iter_rows():
        which = " ".join(str(part) for part in (kind, name, year) if part is not None)
        raise SolverError(
            f"the solver's plan breaks a limit: {which} has {used:g} against {limit:g}. The "
            "amounts are of very unlike size: give them in larger or smaller units."
        )
