"""The price of each limit in the linear relaxation: what one more unit of it is worth there."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
import polars as pl

from onshore.plan.fitting import LIMIT, Floats
from onshore.plan.instance import Instance
from onshore.plan.model import Model, build_model
from onshore.plan.solver import SolverError, handed_over
from onshore.plan.starts import limits_of, possible_starts

# Starts up to which HiGHS solves the relaxation in seconds.
_MOST_WHOLE = 50_000


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
        ``exact`` (HiGHS) or ``first-order`` (the prices of the large method, within less than a
        thousandth of the relaxation's value).
    """

    table: pl.DataFrame
    whole: float
    method: str


def find_duals(instance: Instance) -> Duals:
    """Solve the linear relaxation and read the limits' prices.

    Raises
    ------
    SolverError
        The relaxation has no solution.
    """
    most = instance.candidates.height * instance.years
    if most > _MOST_WHOLE and instance.is_plain and find_spec("numba"):
        return _first_order(instance)
    starts = possible_starts(instance)
    if starts.is_empty():
        return Duals(_all_limits(instance).with_columns(price=pl.lit(0.0)), 0.0, "exact")
    return _exact(build_model(starts, instance), instance)


def _exact(model: Model, instance: Instance) -> Duals:
    highs = handed_over(model)
    highs.setOptionValue("solve_relaxation", True)
    highs.run()
    status = highs.getModelStatus().name
    if status != "kOptimal":
        raise SolverError(
            f"the relaxation ended with the status {status}: without it the limits have no price"
        )
    solution = highs.getSolution()
    share = np.asarray(solution.col_value)
    price = np.abs(np.asarray(solution.row_dual)) * model.scale / model.units
    # The capacity of what must be opened first grows with the part of the opening that is paid.
    price *= _opened(model, share)
    found = model.rows.with_columns(price=pl.Series(price))
    table = _all_limits(instance).join(
        found, on=LIMIT, nulls_equal=True, how="left", maintain_order="left"
    )
    whole = float(share[: model.starts] @ model.worth[: model.starts]) * model.scale
    return Duals(table.with_columns(pl.col("price").fill_null(0.0)), whole, "exact")


def _opened(model: Model, share: Floats) -> Floats:
    part = np.ones(len(model.lower))
    row = np.repeat(np.arange(len(part)), np.diff(model.begins))
    limit = (model.rows["kind"] == "capacity").to_numpy()
    gate = (model.columns >= model.starts) & limit[row]
    part[row[gate]] = share[model.columns[gate]]
    return part


def _first_order(instance: Instance) -> Duals:
    from onshore.plan.large import options_of
    from onshore.plan.large.relaxation import relax

    options, _ = options_of(instance)
    prices, whole, _ = relax(options)
    resources = instance.capacity["resource"].unique().sort()
    years = pl.Series(range(instance.years), dtype=pl.Int64)
    hours = pl.DataFrame(
        {
            "kind": "capacity",
            "name": np.repeat(resources.to_numpy(), len(years)),
            "year": np.tile(years.to_numpy(), len(resources)),
            "price": prices.hour.ravel(),
        }
    )
    nameless, yearless = pl.lit(None, dtype=pl.String), pl.lit(None, dtype=pl.Int64)
    money = pl.DataFrame({"year": years, "price": prices.money}).select(
        pl.lit("budget").alias("kind"), nameless.alias("name"), "year", "price"
    )
    found = [hours, money]
    if instance.floors is not None:
        floors = pl.DataFrame({"name": instance.floors["group"], "price": prices.floor})
        found.append(
            floors.select(pl.lit("floor").alias("kind"), "name", yearless.alias("year"), "price")
        )
    table = _all_limits(instance).join(
        pl.concat(found), on=LIMIT, nulls_equal=True, how="left", maintain_order="left"
    )
    return Duals(table.with_columns(pl.col("price").fill_null(0.0)), whole, "first-order")


def _all_limits(instance: Instance) -> pl.DataFrame:
    if instance.floors is None:
        return limits_of(instance)
    named = {"name": pl.col("group"), "year": pl.lit(None, dtype=pl.Int64)}
    shares = instance.floors.select(kind=pl.lit("floor"), **named, limit="floor_share")
    amounts = instance.floors.filter(pl.col("floor_amount") > 0).select(
        kind=pl.lit("floor_amount"), **named, limit="floor_amount"
    )
    return pl.concat([limits_of(instance), shares, amounts])
