"""When a maker fails: what of its items others can still make, and which loss is the worst."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from onshore.plan.errors import PlanError
from onshore.plan.instance import Instance
from onshore.plan.making import Plan
from onshore.plan.replacing import Failure, Left

_RANKED = {
    "maker": pl.String,
    "items": pl.Int64,
    "value_lost_at_once": pl.Float64,
    "value_recovered": pl.Float64,
    "recovered_bound": pl.Float64,
    "value_lost": pl.Float64,
    "items_moved": pl.Int64,
    "tooling_cost": pl.Float64,
    "tooling_freed": pl.Float64,
    "how": pl.String,
}


@dataclass(frozen=True, eq=False)
class Recourse:
    """What is done when a maker fails; money of year 0 as floats, values discounted.

    Attributes
    ----------
    moves : DataFrame
        One row per start of the maker that is lost: ``item``, ``resource`` (str),
        ``start_year`` (int), ``value_lost``, ``tooling_freed`` (float: what was not yet paid);
        ``to_maker``, ``to_resource``, ``new_start_year``, ``new_first_production_year``,
        ``tooling_cost``, ``value_recovered`` of the start that takes its place (null, and 0
        recovered, where none does). The dearest loss first.
    value_lost_at_once, value_recovered, value_lost : float
        What the maker would still have saved; what its items save elsewhere, less what is newly
        opened for them; the difference.
    recovered_bound : float
        No recourse recovers more.
    tooling_cost, tooling_freed, opening_cost : float
        Paid for the new starts; no longer paid for the maker's; paid for new openings.
    status : str
        ``optimal``, or why the solver stopped before.
    """

    moves: pl.DataFrame
    value_lost_at_once: float
    value_recovered: float
    value_lost: float
    recovered_bound: float
    tooling_cost: float
    tooling_freed: float
    opening_cost: float
    status: str


def recourse(
    instance: Instance,
    plan: Plan,
    maker: str,
    *,
    year: int = 0,
    gap: float = 1e-6,
    seconds: float = 10.0,
) -> Recourse:
    """Move the items of a maker that fails to others, as far as hours and budgets are left.

    The maker makes nothing from ``year`` on. Its tooling paid before is lost, that of later
    years is freed. All other starts stay as planned. Each of its starts may be replaced by one
    of the item at another maker, from ``year`` on, within what is left of each budget and
    capacity (a resource shared with others stays), so that the most is recovered: a
    mixed-integer program, solved whole. Floors are not asked for: they may be out of reach.

    Parameters
    ----------
    instance
        What may be chosen, under which limits.
    plan
        A plan of this instance.
    maker
        The maker that fails; one without a start in the plan loses nothing.
    year
        The first year, counted from 0, in which it makes nothing.
    gap, seconds
        As in `make_plan`.

    Raises
    ------
    PlanError
        The maker is not known, the year is outside the horizon, or the plan has a start that
        the instance does not know.
    SolverError
        The solver came to no usable answer.

    Examples
    --------
    Illustrative figures. M1 makes both items; M2 has hours for one of them.

    >>> from onshore.plan import make_plan
    >>> candidates = pl.DataFrame({
    ...     "item": ["pump", "valve", "pump", "valve"], "maker": ["M1", "M1", "M2", "M2"],
    ...     "resource": ["M1", "M1", "M2", "M2"], "tooling_cost": [2.0, 2.0, 3.0, 3.0],
    ...     "lead_years": [0] * 4, "use_per_year": [1.0] * 4,
    ...     "annual_saving": [5.0, 4.0, 4.0, 3.5], "opens": [0] * 4, "share": [1.0] * 4,
    ...     "max_makers": [1] * 4,
    ... })
    >>> instance = Instance(
    ...     candidates,
    ...     pl.DataFrame({
    ...         "resource": ["M1", "M1", "M2", "M2"], "year": [0, 1] * 2,
    ...         "amount": [2.0, 2.0, 1.0, 1.0],
    ...     }),
    ...     pl.DataFrame({"year": [0, 1], "amount": [4.0, 4.0], "discount": [1.0, 0.5]}),
    ... )
    >>> done = recourse(instance, make_plan(instance), "M1", year=1)
    >>> done.moves.select("item", "value_lost", "to_maker", "value_recovered").rows()
    [('pump', 2.5, 'M2', 2.0), ('valve', 2.0, None, 0.0)]
    >>> done.value_lost, done.tooling_cost
    (2.5, 3.0)
    """
    _require_year(year, instance)
    if maker not in instance.candidates["maker"]:
        raise PlanError(f"maker: {maker} is not in the table candidates; mend the spelling")
    left = Left.of(plan, instance, year, [maker])
    failure = left.failure(maker)
    chosen, bound, stopped = failure.best(instance, gap=gap, seconds=seconds)
    row = _told(failure, chosen, bound)
    return Recourse(
        moves=failure.moves(chosen),
        value_lost_at_once=row["value_lost_at_once"],
        value_recovered=row["value_recovered"],
        value_lost=row["value_lost"],
        recovered_bound=row["recovered_bound"],
        tooling_cost=row["tooling_cost"],
        tooling_freed=row["tooling_freed"],
        opening_cost=failure.opening_cost(chosen),
        status="optimal" if stopped == "proved" else stopped,
    )


def rank_losses(
    instance: Instance,
    plan: Plan,
    *,
    year: int = 0,
    exact: int = 20,
    gap: float = 1e-6,
    seconds: float = 10.0,
) -> pl.DataFrame:
    """Rank the makers of a plan by what is lost in the end if one of them fails.

    For every maker a greedy recourse (the best start first that still fits) and a bound: each
    item takes its best start that fits by itself, with the money of all years in one purse at
    one price (a Lagrangian bound on the knapsack). The makers that lose most by it are planned
    anew as in `recourse`, then all are ranked.

    Parameters
    ----------
    instance
        What may be chosen, under which limits.
    plan
        A plan of this instance.
    year
        The first year, counted from 0, in which the maker makes nothing.
    exact
        How many of the worst are planned anew.
    gap, seconds
        As in `make_plan`, of each plan anew.

    Returns
    -------
    DataFrame
        One row per maker of the plan, the worst loss first: ``maker`` (str), ``items`` (int,
        touched), ``value_lost_at_once``, ``value_recovered``, ``recovered_bound`` (no recourse
        recovers more), ``value_lost`` (float, at once less recovered), ``items_moved`` (int),
        ``tooling_cost``, ``tooling_freed`` (float, money), ``how`` (``exact`` or ``greedy``:
        then ``value_lost`` is the most that is lost, and ``value_lost_at_once`` less
        ``recovered_bound`` the least).

    Raises
    ------
    PlanError
        The year is outside the horizon, ``exact`` is negative, or the plan has a start that the
        instance does not know.
    SolverError
        The solver came to no usable answer.

    Examples
    --------
    Illustrative figures.

    >>> from onshore.plan import make_plan
    >>> candidates = pl.DataFrame({
    ...     "item": ["pump", "pump", "valve"], "maker": ["M1", "M2", "M2"],
    ...     "resource": ["M1", "M2", "M2"], "tooling_cost": [2.0, 3.0, 3.0],
    ...     "lead_years": [0] * 3, "use_per_year": [1.0] * 3, "annual_saving": [5.0, 4.0, 3.0],
    ...     "opens": [0] * 3, "share": [1.0] * 3, "max_makers": [1] * 3,
    ... })
    >>> instance = Instance(
    ...     candidates,
    ...     pl.DataFrame({"resource": ["M1", "M2"], "year": [0, 0], "amount": [1.0, 2.0]}),
    ...     pl.DataFrame({"year": [0], "amount": [6.0], "discount": [1.0]}),
    ... )
    >>> ranked = rank_losses(instance, make_plan(instance))
    >>> ranked.select("maker", "value_lost_at_once", "value_lost", "how").rows()
    [('M2', 3.0, 3.0, 'exact'), ('M1', 5.0, 1.0, 'exact')]
    """
    _require_year(year, instance)
    if exact < 0:
        raise PlanError(f"exact: {exact} is negative; give how many makers are planned anew")
    makers = plan.starts["maker"].unique().sort().to_list()
    left = Left.of(plan, instance, year, makers)
    rows = []
    for maker in makers:
        failure = left.failure(maker)
        chosen = failure.greedy()
        rows.append({**_told(failure, chosen, failure.bound()), "maker": maker, "how": "greedy"})
    rows.sort(key=lambda row: (-row["value_lost"], row["maker"]))
    for row in rows[:exact]:
        failure = left.failure(row["maker"])
        chosen, bound, _ = failure.best(instance, gap=gap, seconds=seconds)
        row.update(_told(failure, chosen, min(bound, row["recovered_bound"])), how="exact")
    return pl.DataFrame(rows, schema=_RANKED).sort("value_lost", "maker", descending=[True, False])


def _told(failure: Failure, chosen: list[int], bound: float) -> dict[str, float]:
    lost = float(failure.lost["value_lost"].sum())
    recovered = float(failure.gain[chosen].sum()) - failure.opening_cost(chosen)
    return {
        "items": failure.lost["item"].n_unique(),
        "value_lost_at_once": lost,
        "value_recovered": recovered,
        "recovered_bound": max(bound, recovered),
        "value_lost": lost - recovered,
        "items_moved": len(chosen),
        "tooling_cost": float(np.sum(failure.cost[chosen])),
        "tooling_freed": float(failure.lost["tooling_freed"].sum()),
    }


def _require_year(year: int, instance: Instance) -> None:
    if not 0 <= year < instance.years:
        raise PlanError(f"year: {year} is outside the horizon 0 to {instance.years - 1}")
