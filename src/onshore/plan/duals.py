"""The price of each limit in the linear relaxation: what one more unit of it is worth there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from onshore.plan.fitting import LIMIT, Flags, Floats
from onshore.plan.instance import Instance
from onshore.plan.making import Plan
from onshore.plan.model import Model, build_model
from onshore.plan.sifting import relaxation_of
from onshore.plan.starts import limits_of, possible_starts

_START = ["item", "maker", "resource", "start_year"]


@dataclass(frozen=True, eq=False)
class Duals:
    """What each limit is worth where starts may be made in part.

    Attributes
    ----------
    table : DataFrame
        One row per limit: ``kind``, ``name``, ``year`` as in `limits`; ``limit`` (float; of a
        budget or capacity its amount, of a floor its share or amount) and ``price`` (float, 0 or
        more): money for one more unit of a budget, capacity or amount; for a floor's share money
        for each unit of money that the floor asks less.
    whole : float
        The value of the relaxed plan, before the costs of openings.
    method : str
        ``exact``: the duals of the relaxation's optimum, by HiGHS.
    """

    table: pl.DataFrame
    whole: float
    method: str


def find_duals(instance: Instance, plan: Plan | None = None) -> Duals:
    """Solve the linear relaxation and read the limits' prices.

    Of up to 20,000 possible starts at once, of more by sifting: a part of them is solved, all
    others are priced, and those that would gain come in (19,000 items: half a minute).

    Parameters
    ----------
    instance
        What may be chosen, under which limits.
    plan
        A plan of this instance, where one is known: large instances with required items, decisions
        or floors on amounts are solved faster from it.

    Raises
    ------
    SolverError
        The relaxation has no solution.
    """
    starts = possible_starts(instance)
    if starts.is_empty():
        return Duals(_all_limits(instance).with_columns(price=pl.lit(0.0)), 0.0, "exact")
    model = build_model(starts, instance)
    item = starts.select(pl.col("item").rle_id().cast(pl.Int64)).to_series().to_numpy()
    found = relaxation_of(model, item, None if plan is None else _chosen(starts, plan))
    price = np.abs(found.dual) * model.scale / model.units
    # The capacity of what must be opened first grows with the part of the opening that is paid.
    price *= _opened(model, found.share)
    table = _all_limits(instance).join(
        model.rows.with_columns(price=pl.Series(price)),
        on=LIMIT,
        nulls_equal=True,
        how="left",
        maintain_order="left",
    )
    whole = float(found.share[: model.starts] @ model.worth[: model.starts]) * model.scale
    return Duals(table.with_columns(pl.col("price").fill_null(0.0)), whole, "exact")


def _chosen(starts: pl.DataFrame, plan: Plan) -> Flags:
    marked = plan.starts.select(*_START).with_columns(chosen=pl.lit(value=True))
    chosen = starts.select(*_START).join(marked, on=_START, how="left", maintain_order="left")
    return chosen["chosen"].fill_null(value=False).to_numpy()


def _opened(model: Model, share: Floats) -> Floats:
    part = np.ones(len(model.lower))
    row = np.repeat(np.arange(len(part)), np.diff(model.begins))
    limit = (model.rows["kind"] == "capacity").to_numpy()
    gate = (model.columns >= model.starts) & limit[row]
    part[row[gate]] = share[model.columns[gate]]
    return part


def _all_limits(instance: Instance) -> pl.DataFrame:
    if instance.floors is None:
        return limits_of(instance)
    named = {"name": pl.col("group"), "year": pl.lit(None, dtype=pl.Int64)}
    shares = instance.floors.select(kind=pl.lit("floor"), **named, limit="floor_share")
    amounts = instance.floors.filter(pl.col("floor_amount") > 0).select(
        kind=pl.lit("floor_amount"), **named, limit="floor_amount"
    )
    return pl.concat([limits_of(instance), shares, amounts])
