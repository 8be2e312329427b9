"""What a plan uses of each limit, and which limits hold it back."""

from __future__ import annotations

import numpy as np
import polars as pl

from onshore.plan.fitting import NONE, Fitting, Whole
from onshore.plan.instance import Instance
from onshore.plan.making import Plan


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
        One row per limit: ``kind`` (budget, capacity, floor, floor_amount), ``name`` (str, the
        fund, resource or group; null for the general fund), ``year`` (int, counted from 0; null
        for a floor), ``used`` and ``limit`` (float, in the limit's own unit: money, the
        resource's unit; for a floor the value of its group and the least it must be),
        ``binding`` (bool). A limit binds when it keeps a better start out: when some start that
        is not in the plan would raise the saving, added to the plan or put in the place of the
        item's own start, and would break this limit, perhaps among others.

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
    fitting = Fitting.of(plan, instance)
    start, replaced = _better_starts(fitting)
    _, broken = fitting.broken(start, replaced)
    binding = np.zeros(fitting.loads.height, dtype=np.bool_)
    binding[broken] = True
    return fitting.loads.with_columns(binding=pl.Series(binding))


def _better_starts(fitting: Fitting) -> tuple[Whole, Whole]:
    """List the starts that are worth more than the chosen start they would replace, and those.

    A start takes the place of the chosen start of its own pair; else, where its item has all
    its makers, that of the least of them; else it is added and replaces nothing. What is decided
    already is not replaced.
    """
    item, pair, value = fitting.of_item, fitting.of_pair, fitting.value
    chosen = fitting.chosen
    own = np.full(int(pair.max(initial=-1)) + 1, NONE)
    own[pair[chosen]] = chosen
    items = int(item.max(initial=-1)) + 1
    least = np.full(items, NONE)
    downward = chosen[np.argsort(-value[chosen], kind="stable")]
    least[item[downward]] = downward  # the last one written is the least
    made = np.bincount(item[chosen], minlength=items)
    full = made[item] >= fitting.starts["max_makers"].to_numpy()
    replaced = own[pair]
    replaced = np.where((replaced == NONE) & full, least[item], replaced)
    before = np.where(replaced >= 0, value[replaced], 0.0)
    decided = fitting.starts["fixed"].to_numpy()
    better = (value > before) & ~((replaced >= 0) & decided[replaced])
    start = np.flatnonzero(better)
    return start, replaced[start]
