"""What a plan uses of each limit, and which limits hold it back."""

from __future__ import annotations

import polars as pl

from onshore.plan.instance import TOLERANCE, Instance, PlanError
from onshore.plan.making import Plan
from onshore.plan.starts import loads_of, possible_starts, uses_of

_LIMIT = ["kind", "name", "year"]
_START = ["item", "maker", "resource", "start_year"]


def limits(plan: Plan, instance: Instance) -> pl.DataFrame:
    """Tell what a plan uses of each budget, capacity and floor, and which of them bind.

    Parameters
    ----------
    plan
        A plan of this instance.
    instance
        What could be chosen, under which limits.

    Returns
    -------
    DataFrame
        One row per limit: ``kind`` (budget, capacity, floor), ``name`` (str, the resource or
        group; null for a budget), ``year`` (int, counted from 0; null for a floor), ``used``
        and ``limit`` (float, in the limit's own unit: money, the resource's unit; for a floor
        the value of its group and the least it must be), ``binding`` (bool). A limit binds
        when it keeps a better start out: when some start that is not in the plan would raise
        the saving, added to the plan or put in the place of the item's own start, and would
        break this limit, perhaps among others.

    Raises
    ------
    PlanError
        The plan has a start that the instance does not know.

    Examples
    --------
    >>> from onshore.plan import make_plan
    >>> candidates = pl.DataFrame({
    ...     "item": ["pump", "valve"], "maker": ["M", "M"], "resource": ["M", "M"],
    ...     "tooling_cost": [3.0, 2.0], "lead_years": [0, 0], "use_per_year": [1.0, 1.0],
    ...     "annual_saving": [5.0, 4.0], "opens": [0, 0], "share": [1.0, 1.0],
    ...     "max_makers": [1, 1],
    ... })
    >>> instance = Instance(
    ...     candidates,
    ...     pl.DataFrame({"resource": ["M"], "year": [0], "amount": [9.0]}),
    ...     pl.DataFrame({"year": [0], "amount": [4.0], "discount": [1.0]}),
    ... )
    >>> found = limits(make_plan(instance), instance)
    >>> found.select("kind", "used", "limit", "binding").rows()
    [('budget', 3.0, 4.0, True), ('capacity', 1.0, 9.0, False)]
    """
    starts = possible_starts(instance)
    chosen = plan.starts.join(starts, on=_START, how="left", suffix="_known").sort("start")
    unknown = chosen.filter(pl.col("start").is_null())
    if not unknown.is_empty():
        row = ", ".join(str(value) for value in unknown.select(_START).row(0))
        raise PlanError(f"the plan's start ({row}) is not possible in this instance")
    chosen = starts.join(chosen, on="start", how="semi")
    loads = loads_of(chosen, instance)
    better = _better_starts(starts, chosen)
    broken = [
        _broken_limits(better, starts, loads, instance),
        _broken_floors(better, loads, chosen, instance),
    ]
    binding = pl.concat(broken).with_columns(binding=pl.lit(True))
    return loads.join(
        binding, on=_LIMIT, nulls_equal=True, how="left", maintain_order="left"
    ).with_columns(pl.col("binding").fill_null(False))


def _better_starts(starts: pl.DataFrame, chosen: pl.DataFrame) -> pl.DataFrame:
    """List the starts that are worth more than the chosen start they would replace.

    A start takes the place of the chosen start of its own pair; else, where its item has all
    its makers, that of the least of them; else it is added and replaces nothing.
    """
    pair = chosen.select("item", "maker", own="start", own_value="value")
    full = (
        chosen.sort("value")
        .group_by("item", maintain_order=True)
        .agg(
            pl.len().alias("makers"),
            pl.col("max_makers").first(),
            least=pl.col("start").first(),
            least_value=pl.col("value").first(),
        )
        .filter(pl.col("makers") >= pl.col("max_makers"))
        .select("item", "least", "least_value")
    )
    return (
        starts.join(pair, on=["item", "maker"], how="left")
        .join(full, on="item", how="left")
        .select(
            "start",
            "group",
            "value",
            replaced=pl.coalesce("own", "least"),
            replaced_value=pl.coalesce("own_value", "least_value").fill_null(0.0),
        )
        .filter(pl.col("value") > pl.col("replaced_value"))
    )


def _broken_limits(
    better: pl.DataFrame, starts: pl.DataFrame, loads: pl.DataFrame, instance: Instance
) -> pl.DataFrame:
    uses = uses_of(starts, instance)
    freed = uses.select(*_LIMIT, replaced="start", freed="amount")
    return (
        uses.join(better, on="start")
        .join(loads, on=_LIMIT, nulls_equal=True)
        .join(freed, on=[*_LIMIT, "replaced"], nulls_equal=True, how="left")
        .filter(
            pl.col("used") + pl.col("amount") - pl.col("freed").fill_null(0.0)
            > pl.col("limit") * (1 + TOLERANCE)
        )
        .select(_LIMIT)
        .unique()
    )


def _broken_floors(
    better: pl.DataFrame, loads: pl.DataFrame, chosen: pl.DataFrame, instance: Instance
) -> pl.DataFrame:
    floors = loads.filter(pl.col("kind") == "floor")
    if instance.floors is None:
        return floors.select(_LIMIT)
    total = chosen["value"].sum()
    groups = chosen.select(replaced="start", replaced_group="group")
    moves = better.join(groups, on="replaced", how="left")
    raised = (total + pl.col("value") - pl.col("replaced_value")) * (1 - TOLERANCE)
    shares = floors.join(instance.floors, left_on="name", right_on="group", maintain_order="left")
    broken = []
    for name, used, share in shares.select("name", "used", "floor_share").iter_rows():
        gained = pl.when(pl.col("group") == name).then("value").otherwise(0.0)
        lost = pl.when(pl.col("replaced_group") == name).then("replaced_value").otherwise(0.0)
        broken.append(moves.select((used + gained - lost < share * raised).any()).item())
    return floors.filter(pl.Series(broken, dtype=pl.Boolean)).select(_LIMIT)
