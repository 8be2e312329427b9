"""A plan as the programme's table ``plan``."""

from __future__ import annotations

import polars as pl

from onshore.plan.making import Plan
from onshore.plan.valuation import Valued
from onshore.records import Settings


def plan_table(plan: Plan, valued: Valued, settings: Settings) -> pl.DataFrame:
    """Write a plan in the columns of the programme's table ``plan``.

    Parameters
    ----------
    plan
        A plan of ``valued.instance``.
    valued
        The values that it was made from.
    settings
        The programme's settings: its first year.

    Returns
    -------
    DataFrame
        ``need_id``, ``offer_id``, ``maker_id`` (str), ``start_year``,
        ``first_production_year`` (int, in the programme's calendar), ``tooling_cost``,
        ``expected_saving`` (Decimal, in the programme's currency; the saving over the horizon,
        discounted), ``risk`` (float; null, not reckoned). In order of start year, then of
        saving, the largest first.
    """
    year = settings.first_year
    starts = plan.starts.select(
        need_id="item",
        offer_id="resource",
        maker_id="maker",
        start_year=pl.col("start_year") + year,
        first_production_year=pl.col("first_production_year") + year,
        expected_saving=pl.col("value").cast(pl.Decimal(38, 6)),
    )
    costs = valued.valued.select("need_id", "offer_id", "tooling_cost")
    return (
        starts.join(costs, on=["need_id", "offer_id"], how="left")
        .sort(
            "start_year",
            "expected_saving",
            "need_id",
            "offer_id",
            descending=[False, True] + [False] * 2,
        )
        .select(
            "need_id",
            "offer_id",
            "maker_id",
            "start_year",
            "first_production_year",
            "tooling_cost",
            "expected_saving",
            risk=pl.lit(None, dtype=pl.Float64),
        )
    )
