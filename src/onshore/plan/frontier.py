"""What plans save under other budgets and other floors: the frontier of what is possible."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import polars as pl

from onshore.plan.infeasible import PlanInfeasible
from onshore.plan.instance import Instance, PlanError
from onshore.plan.making import Plan, make_plan
from onshore.plan.starts import possible_starts

_POINT = {
    "scale": pl.Float64,
    "budget": pl.Float64,
    "floor_share": pl.Float64,
    "objective": pl.Float64,
    "bound": pl.Float64,
    "gap": pl.Float64,
    "spent": pl.Float64,
    "least_group": pl.String,
    "least_share": pl.Float64,
    "starts": pl.Int64,
    "carried": pl.Boolean,
    "status": pl.String,
}


# Floors that add up to 1 leave whole starts no room to turn: then only the empty plan keeps them.
_FILLED = 0.95


def scaled(
    instance: Instance, *, budgets: float = 1.0, capacities: float = 1.0, floors: float = 1.0
) -> Instance:
    """Make a scenario: the same instance with all budgets, capacities or floors scaled.

    Parameters
    ----------
    instance
        What may be chosen, under which limits.
    budgets, capacities, floors
        What each amount is multiplied with; 0 or more. A limit without end stays so. ``floors``
        scales the shares only, not the amounts.

    Raises
    ------
    PlanError
        A scale is below 0, or the floors would add up to more than 1.

    Examples
    --------
    >>> candidates = pl.DataFrame(schema={
    ...     "item": str, "maker": str, "resource": str, "tooling_cost": float,
    ...     "lead_years": int, "use_per_year": float, "annual_saving": float, "opens": int,
    ...     "share": float, "max_makers": int,
    ... })
    >>> budgets = pl.DataFrame({"year": [0], "amount": [4.0], "discount": [1.0]})
    >>> capacity = pl.DataFrame(schema={"resource": str, "year": int, "amount": float})
    >>> scaled(Instance(candidates, capacity, budgets), budgets=1.5).budgets["amount"].to_list()
    [6.0]
    """
    for name, scale in (("budgets", budgets), ("capacities", capacities), ("floors", floors)):
        if not 0 <= scale < float("inf"):
            raise PlanError(f"{name}: {scale} is no scale of 0 or more; give 1.2 for a fifth more")
    shares = instance.floors
    if shares is not None:
        # Rounding must not push floors that add up to 1 above it.
        shares = shares.with_columns(floor_share=(pl.col("floor_share") * floors).clip(0.0, 1.0))
    return replace(
        instance,
        budgets=instance.budgets.with_columns(amount=_times("amount", budgets)),
        capacity=instance.capacity.with_columns(amount=_times("amount", capacities)),
        floors=shares,
    )


def frontier(
    instance: Instance,
    *,
    over: Literal["budget", "balance"] = "budget",
    points: int = 9,
    gap: float = 0.01,
    seconds: float = 60.0,
    seed: int = 0,
) -> pl.DataFrame:
    """Trace what can be saved as the budgets grow, or as the groups' floors do.

    Each point is planned anew, from the tightest to the loosest. A plan that keeps tight limits
    keeps looser ones too, so the best plan so far is carried on; and what no plan can pass under
    loose limits, none can under tighter ones, so the bound is carried back. Therefore objective
    and bound never fall as the limits loosen.

    Parameters
    ----------
    instance
        What may be chosen, under which limits.
    over
        ``budget``: all budgets scaled from 0 to 2 by even steps. ``balance``: the floors' shares
        scaled from 0 to where they add up to 0.95 (at 1 each group's share would be exact, which
        whole starts meet by chance only); an instance without floors gets the same floor for
        each group.
    points
        How many plans, 2 or more.
    gap, seconds, seed
        As for `make_plan`, of each point.

    Returns
    -------
    DataFrame
        One row per point, in order of scale: ``scale`` (float, of the budgets or floors);
        ``budget`` (float, money, all years together; infinite where any is), ``floor_share``
        (float, all floors together, null without floors); ``objective``, ``bound`` (float,
        money), ``gap`` ((bound - objective) / objective); ``spent`` (float, money for tooling),
        ``least_group`` and ``least_share`` (the group that has the least part of the plan's
        value, of those with a floor above 0 or, if there is none, of all that have possible
        starts; null for an empty plan),
        ``starts`` (int), ``carried`` (bool, whether the plan is that of the next tighter point),
        ``status`` (str, of the point's own search, see `Plan`; ``no plan`` where what is required
        or decided cannot be had, and then objective, bound and what follows is null).

    Raises
    ------
    PlanError
        ``points`` is below 2; no budget has an end; there are no groups, or one with a floor has
        no possible start, so that only the empty plan keeps its floor.

    Examples
    --------
    >>> candidates = pl.DataFrame({
    ...     "item": ["pump", "valve"], "maker": ["M1", "M2"], "resource": ["M1", "M2"],
    ...     "tooling_cost": [3.0, 2.0], "lead_years": [0, 0], "use_per_year": [1.0, 1.0],
    ...     "annual_saving": [5.0, 4.0], "opens": [0, 0], "share": [1.0, 1.0],
    ...     "max_makers": [1, 1],
    ... })
    >>> instance = Instance(
    ...     candidates,
    ...     pl.DataFrame({"resource": ["M1", "M2"], "year": [0, 0], "amount": [1.0, 1.0]}),
    ...     pl.DataFrame({"year": [0], "amount": [3.0], "discount": [1.0]}),
    ... )
    >>> frontier(instance, points=3, gap=0.0).select("budget", "objective").rows()
    [(0.0, 0.0), (3.0, 5.0), (6.0, 9.0)]
    """
    if points < 2:
        raise PlanError(f"points: {points} is too few for a frontier; give 2 or more")
    if over == "budget":
        instance, most = _with_budgets(instance), 2.0
    else:
        instance, most = _with_floors(instance)
    watched = _watched(instance)
    scales = [most * at / (points - 1) for at in range(points)]
    if over == "balance":
        scales.reverse()
    rows: list[tuple[object, ...]] = []
    found: list[tuple[Instance, Plan, bool, str, float, float]] = []
    best: Plan | None = None
    for scale in scales:
        limits = {"budgets": scale} if over == "budget" else {"floors": scale}
        scenario = scaled(instance, **limits)
        try:
            own = make_plan(scenario, gap=gap, seconds=seconds, seed=seed)
        except PlanInfeasible:
            rows.append(_without_plan(scenario, scale))
            continue
        carried = best is not None and best.objective > own.objective
        best = best if best is not None and carried else own
        found.append((scenario, best, carried, own.status, own.bound, scale))
    bound = float("inf")
    for scenario, plan, carried, status, own_bound, scale in reversed(found):
        # Rounding can put a bound that is met below the plan by the last digit.
        bound = max(min(bound, own_bound), plan.objective)
        least = _least(scenario, plan, watched)
        rows.append(_point(scenario, plan, least, scale, bound, carried, status))
    return pl.DataFrame(rows, schema=_POINT, orient="row").sort("scale")


def _with_budgets(instance: Instance) -> Instance:
    if not instance.budgets["amount"].is_finite().any():
        raise PlanError("budgets: none has an end, so that there is nothing to scale")
    return instance


def _with_floors(instance: Instance) -> tuple[Instance, float]:
    """Give the instance with floors, and the greatest scale of these."""
    groups = _groups(instance)
    floors = instance.floors
    if floors is None or not (floors["floor_share"] > 0).any():
        if not groups:
            raise PlanError("candidates: no start that is possible has a group to keep a floor for")
        equal = pl.DataFrame({"group": groups, "floor_share": [1.0 / len(groups)] * len(groups)})
        if floors is not None:
            equal = floors.drop("floor_share").join(equal, on="group", how="full", coalesce=True)
            equal = equal.with_columns(pl.col(pl.Float64).fill_null(0.0))
        return replace(instance, floors=equal), _FILLED
    kept = floors.filter(pl.col("floor_share") > 0)
    lacking = [name for name in kept["group"] if name not in groups]
    if lacking:
        raise PlanError(
            f"floors: {', '.join(lacking)}: no possible start counts for it, so that only the "
            "empty plan keeps a floor above 0; set it to 0, or give the group candidates"
        )
    return instance, _FILLED / float(kept["floor_share"].sum())


def _groups(instance: Instance) -> list[str]:
    names = possible_starts(instance).select("group")
    if names.schema["group"].base_type() == pl.List:
        names = names.explode("group")
    return names["group"].drop_nulls().unique().sort().to_list()


def _without_plan(instance: Instance, scale: float) -> tuple[object, ...]:
    asked, empty = _asked(instance), (None,) * (len(_POINT) - 5)
    return (scale, float(instance.budgets["amount"].sum()), asked, *empty, False, "no plan")


def _asked(instance: Instance) -> float | None:
    return None if instance.floors is None else float(instance.floors["floor_share"].sum())


def _point(
    instance: Instance,
    plan: Plan,
    least: tuple[str | None, float | None],
    scale: float,
    bound: float,
    carried: bool,
    status: str,
) -> tuple[object, ...]:
    above = bound - plan.objective
    return (
        scale,
        float(instance.budgets["amount"].sum()),
        _asked(instance),
        plan.objective,
        bound,
        above / plan.objective if plan.objective > 0 else (float("inf") if above > 0 else 0.0),
        float(plan.starts["tooling_cost"].sum()),
        *least,
        plan.starts.height,
        carried,
        status,
    )


def _watched(instance: Instance) -> list[str]:
    floors = instance.floors
    with_floor: pl.Series | list[str] = (
        [] if floors is None else floors.filter(pl.col("floor_share") > 0)["group"]
    )
    return list(with_floor) or _groups(instance)


def _least(instance: Instance, plan: Plan, watched: list[str]) -> tuple[str | None, float | None]:
    """Name the group with the least part of the plan's value, and that part."""
    whole = float(plan.starts["value"].sum())
    if whole <= 0 or not watched:
        return None, None
    key = ["item", "maker", "resource"]
    of_start = instance.candidates.select(*key, "group")
    if of_start.schema["group"].base_type() == pl.List:
        of_start = of_start.explode("group")
    values = plan.starts.join(of_start, on=key).group_by("group").agg(pl.col("value").sum())
    groups = pl.DataFrame({"group": watched}, schema={"group": pl.String})
    shares = groups.join(values, on="group", how="left").select(
        "group", share=pl.col("value").fill_null(0.0) / whole
    )
    group, share = shares.sort("share", "group").row(0)
    return str(group), float(share)


def _times(name: str, scale: float) -> pl.Expr:
    # Without end stays without end, at a scale of 0 too.
    return pl.when(pl.col(name).is_infinite()).then(pl.col(name)).otherwise(pl.col(name) * scale)
