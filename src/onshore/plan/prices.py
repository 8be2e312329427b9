"""What a little more of each limit would bring."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from onshore.plan.duals import Duals, find_duals
from onshore.plan.fitting import LIMIT
from onshore.plan.instance import Instance
from onshore.plan.limits import limits
from onshore.plan.making import Plan, make_plan

_RESOLVED = {
    "at": pl.UInt32,
    "resolved_gain": pl.Float64,
    "resolved_least": pl.Float64,
    "resolved_most": pl.Float64,
}


def prices(
    instance: Instance,
    plan: Plan | None = None,
    *,
    money: float = 1.0,
    hours: float = 1000.0,
    points: float = 0.01,
    by_year: bool = False,
    relaxed: int = 0,
    checked: int = 0,
    gap: float = 1e-4,
    seconds: float = 60.0,
    seed: int = 0,
    duals: Duals | None = None,
) -> pl.DataFrame:
    """Tell what a little more of each limit brings: money, hours, a floor that asks less.

    ``gain`` comes from the duals of the linear relaxation, in which starts may be made in part:
    price x change. It tells which limits matter most and about how much; it is no promise for
    whole plans, and as a limit moves further each unit brings less. It does not see starts that
    are impossible today (dearer than the year's whole budget, larger than the whole capacity).
    A maker of 400 hours who gets a thousand more is no small change: there the price can say two
    or three times too much, or too little where larger items become possible. The ``relaxed``
    limits are therefore moved and the relaxation is solved anew, which takes about as long for
    each as the prices of all.
    The limits that matter most can be ``checked``: moved, and planned anew.

    Parameters
    ----------
    instance
        What may be chosen, under which limits.
    plan
        A plan of this instance: then ``binding`` is that of `limits`, and the re-solves are
        compared with it. Without it a limit binds where its price is above 0.
    money, hours, points
        By how much a budget (or a floor's amount), a resource's capacity and a floor's share are
        moved; in the instance's money, in the resource's unit, as a fraction.
    by_year
        Whether a resource is moved in each year by itself (one row per year) or in all years
        together (one row, ``year`` null).
    relaxed
        For how many limits the relaxation is solved anew, those with the greatest gain.
    checked
        How many limits are planned anew, those with the greatest gain.
    gap, seconds, seed
        As for `make_plan`, of each re-solve.
    duals
        Those of the instance, where they were found already (see `find_duals`).

    Returns
    -------
    DataFrame
        One row per limit, the greatest gain first: ``kind``, ``name``, ``year`` (as in `limits`);
        ``unit_of_change`` (float, by how much the limit is moved, below 0 for a floor; a floor is
        not moved below 0); ``gain`` (float, money); ``limit`` (float; of a resource in all years
        the least of them; of a floor its share or amount); ``binding`` (bool); ``method`` (str:
        ``dual, exact``, with ``; re-solved`` where checked); ``relaxed_gain`` (float, money: the
        relaxation's value with the limit moved less that before; null where not reckoned);
        ``resolved_gain`` (float, money: the best plan known with the limit moved less the best
        known before) and ``resolved_least``, ``resolved_most`` (float, money: between these lies
        the gain of the best plans, by the bounds of both); the last three null where not checked.

    Raises
    ------
    PlanError
        The plan has a start that the instance does not know.
    SolverError
        The relaxation has no solution.

    Examples
    --------
    The budget pays for the pump and half the valve: one more unit brings half a valve.

    >>> candidates = pl.DataFrame({
    ...     "item": ["pump", "valve"], "maker": ["M1", "M2"], "resource": ["M1", "M2"],
    ...     "tooling_cost": [3.0, 2.0], "lead_years": [0, 0], "use_per_year": [1.0, 1.0],
    ...     "annual_saving": [9.0, 4.0], "opens": [0, 0], "share": [1.0, 1.0],
    ...     "max_makers": [1, 1],
    ... })
    >>> instance = Instance(
    ...     candidates,
    ...     pl.DataFrame({"resource": ["M1", "M2"], "year": [0, 0], "amount": [1.0, 1.0]}),
    ...     pl.DataFrame({"year": [0], "amount": [4.0], "discount": [1.0]}),
    ... )
    >>> found = prices(instance, checked=1).row(0, named=True)
    >>> found["kind"], round(found["gain"], 6), round(found["resolved_gain"], 6)
    ('budget', 2.0, 4.0)
    """
    duals = find_duals(instance, plan) if duals is None else duals
    table = duals.table.with_columns(binding=pl.col("price") > 0)
    if plan is not None:
        binds = limits(plan, instance).select(*LIMIT, "binding")
        table = table.drop("binding").join(binds, on=LIMIT, nulls_equal=True, how="left")
    if not by_year:
        table = _years_together(table)
    kind, limit = pl.col("kind"), pl.col("limit")
    moved = (
        pl.when(kind == "budget")
        .then(money)
        .when(kind == "capacity")
        .then(hours)
        .when(kind == "floor")
        .then(-pl.min_horizontal(pl.lit(points), limit))
        .otherwise(-pl.min_horizontal(pl.lit(money), limit))
    )
    # A floor's share is asked of the plan's whole value.
    asked = pl.when(kind == "floor").then(duals.whole).otherwise(1.0)
    found = (
        table.with_columns(unit_of_change=moved)
        .with_columns(
            gain=pl.col("price") * pl.col("unit_of_change").abs() * asked,
            method=pl.lit(f"dual, {duals.method}"),
        )
        .sort("gain", *LIMIT, descending=[True, False, False, False], nulls_last=True)
        .with_row_index("at")
    )
    again = _relaxed(found.head(relaxed), instance, duals.whole)
    resolved = _resolved(found.head(checked), instance, plan, gap, seconds, seed)
    return (
        found.join(resolved, on="at", how="left", maintain_order="left")
        .join(again, on="at", how="left", maintain_order="left")
        .with_columns(
            method=pl.when(pl.col("resolved_gain").is_null())
            .then("method")
            .otherwise(pl.col("method") + "; re-solved")
        )
        .select(
            *LIMIT,
            "unit_of_change",
            "gain",
            "limit",
            "binding",
            "method",
            "relaxed_gain",
            *list(_RESOLVED)[1:],
        )
    )


def _years_together(table: pl.DataFrame) -> pl.DataFrame:
    capacity = pl.col("kind") == "capacity"
    together = (
        table.filter(capacity)
        .group_by("kind", "name", maintain_order=True)
        .agg(
            year=pl.lit(None, dtype=pl.Int64),
            limit=pl.col("limit").min(),
            price=pl.col("price").sum(),
            binding=pl.col("binding").any(),
        )
    )
    return pl.concat([table.filter(~capacity), together.select(table.columns)])


def _relaxed(found: pl.DataFrame, instance: Instance, before: float) -> pl.DataFrame:
    """Move each limit and solve the relaxation anew."""
    rows = [
        (at, find_duals(_moved(instance, kind, name, year, change)).whole - before)
        for at, kind, name, year, change in found.select("at", *LIMIT, "unit_of_change").iter_rows()
    ]
    return pl.DataFrame(rows, schema={"at": pl.UInt32, "relaxed_gain": pl.Float64}, orient="row")


def _resolved(
    found: pl.DataFrame,
    instance: Instance,
    plan: Plan | None,
    gap: float,
    seconds: float,
    seed: int,
) -> pl.DataFrame:
    """Move each limit, plan anew, and compare with the plan before."""
    if found.is_empty():
        return pl.DataFrame(schema=_RESOLVED)
    before = plan or make_plan(instance, gap=gap, seconds=seconds, seed=seed)
    rows = []
    for at, kind, name, year, change in found.select("at", *LIMIT, "unit_of_change").iter_rows():
        moved = _moved(instance, kind, name, year, change)
        after = make_plan(moved, gap=gap, seconds=seconds, seed=seed)
        # The plan before keeps the looser limits too, and their bound holds for it.
        best = max(after.objective, before.objective)
        least = best - min(before.bound, after.bound)
        most = max(after.bound, best) - before.objective
        rows.append((at, best - before.objective, max(least, 0.0), most))
    return pl.DataFrame(rows, schema=_RESOLVED, orient="row")


def _moved(
    instance: Instance, kind: str, name: str | None, year: int | None, change: float
) -> Instance:
    """Move one limit of the instance."""
    same_year = pl.lit(value=True) if year is None else pl.col("year") == year
    if kind == "budget":
        here = pl.col("fund").eq_missing(pl.lit(name, dtype=pl.String)) & same_year
        return replace(instance, budgets=_added(instance.budgets, "amount", here, change))
    if kind == "capacity":
        here = (pl.col("resource") == name) & same_year
        return replace(instance, capacity=_added(instance.capacity, "amount", here, change))
    assert instance.floors is not None
    column = "floor_share" if kind == "floor" else "floor_amount"
    floors = _added(instance.floors, column, pl.col("group") == name, change)
    return replace(instance, floors=floors)


def _added(table: pl.DataFrame, column: str, here: pl.Expr, change: float) -> pl.DataFrame:
    more = (pl.col(column) + change).clip(lower_bound=0.0)
    return table.with_columns(pl.when(here).then(more).otherwise(column).alias(column))
