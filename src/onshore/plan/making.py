"""Make a plan: which item goes to which maker, starting when."""

from __future__ import annotations

import math
from dataclasses import dataclass

import polars as pl

from onshore.plan.instance import Instance, PlanError
from onshore.plan.model import build_model
from onshore.plan.solver import Answer, SolverError, solve
from onshore.plan.starts import loads_of, possible_starts

_STARTS = [
    "item",
    "maker",
    "resource",
    "start_year",
    "first_production_year",
    "tooling_cost",
    "value",
]
# The solver keeps each row within 1e-8 of its largest entry.
_KEPT = 1e-7


@dataclass(frozen=True, eq=False)
class Plan:
    """A plan, and how far it can be from the best one.

    Attributes
    ----------
    starts : DataFrame
        One row per start: ``item``, ``maker``, ``resource`` (str), ``start_year``,
        ``first_production_year`` (int, counted from 0), ``tooling_cost``, ``value`` (float,
        money; value is the saving over the horizon, discounted).
    objective : float
        The sum of ``value``.
    bound : float
        No plan within the limits is worth more.
    gap : float
        (bound - objective) / objective; 0 where both are 0, infinite where only the
        objective is.
    status : str
        ``optimal`` (proved within one part in a million), ``within the gap`` (proved within
        the gap that was asked for), ``time limit``, ``interrupted`` or ``memory limit``
        (the best plan found until then, with its bound), ``only the empty plan`` (there are
        candidates, but no start is possible or worth anything under the limits).
    """

    starts: pl.DataFrame
    objective: float
    bound: float
    gap: float
    status: str


def make_plan(instance: Instance, *, gap: float = 1e-6, seconds: float = 60.0) -> Plan:
    """Choose the starts that save most under every limit, with a bound that proves it.

    maximize the value of the chosen starts, where

    - an item has at most ``max_makers`` makers, and a maker at most one start of it;
    - in each year the tooling of its starts costs no more than the budget;
    - in each year and for each resource, what is produced uses no more than the capacity;
    - each group's starts are worth at least its floor's share of the whole.

    A start produces from ``max(start + lead_years, needed_from)`` to the end of the horizon,
    and saves ``share x annual_saving`` times the year's discount factor in each of these
    years. The tooling cost is limited, not subtracted. Limits are kept within one part in
    ten million. Solved whole, as a mixed-integer program; the same input gives the same plan unless
    the time limit cuts it short.

    Parameters
    ----------
    instance
        What may be chosen, under which limits.
    gap
        Stop when the plan is proved to be within this share of the best, for example 0.01.
    seconds
        Stop after this time, with the best plan and bound found until then.

    Raises
    ------
    PlanError
        ``gap`` is negative or ``seconds`` is not above 0.
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
    starts = possible_starts(instance)
    if starts.is_empty():
        status = "optimal" if instance.candidates.is_empty() else "only the empty plan"
        return Plan(starts.select(_STARTS), objective=0.0, bound=0.0, gap=0.0, status=status)
    answer = solve(build_model(starts, instance), gap=gap, seconds=seconds)
    chosen = starts.filter(pl.Series(answer.chosen))
    _require_kept(chosen, instance)
    return _plan(chosen, answer, _easy_bound(starts))


def _plan(chosen: pl.DataFrame, answer: Answer, easy_bound: float) -> Plan:
    objective = math.fsum(chosen["value"])
    bound = max(objective, min(answer.bound, easy_bound))
    above = bound - objective
    gap = above / objective if objective > 0 else (0.0 if above == 0 else math.inf)
    status = answer.stopped
    if status == "proved":
        status = "optimal" if gap <= 1e-6 else "within the gap"
        status = status if objective > 0 else "only the empty plan"
    return Plan(chosen.select(_STARTS), objective, bound, gap, status)


def _easy_bound(starts: pl.DataFrame) -> float:
    """Bound the saving by each item's best makers, as if there were no other limit.

    Needed where the time limit comes before the solver has a bound of its own.
    """
    best = (
        starts.group_by("item", "maker")
        .agg(pl.col("value").max(), pl.col("max_makers").first())
        .group_by("item")
        .agg(pl.col("value").sort(descending=True).head(pl.col("max_makers").first()).sum())
    )
    return math.fsum(best["value"])


def _require_kept(chosen: pl.DataFrame, instance: Instance) -> None:
    # What counts as small: for a budget or capacity a part of itself, for a floor of the whole.
    total = math.fsum(chosen["value"])
    over = pl.col("used") - pl.col("limit") > _KEPT * pl.col("limit")
    under = pl.col("limit") - pl.col("used") > _KEPT * total
    broken = loads_of(chosen, instance).filter(
        pl.when(pl.col("kind") == "floor").then(under).otherwise(over)
    )
    for kind, name, year, used, limit in broken.iter_rows():
        which = " ".join(str(part) for part in (kind, name, year) if part is not None)
        raise SolverError(
            f"the solver's plan breaks a limit: {which} has {used:g} against {limit:g}. The "
            "amounts are of very unlike size: give them in larger or smaller units."
        )
