"""The starts that a plan may contain, what each is worth and what it uses of each limit."""

from __future__ import annotations

import polars as pl

from onshore.plan.instance import TOLERANCE, Instance


def possible_starts(instance: Instance) -> pl.DataFrame:
    """List every candidate in every year in which it may start.

    value = share x annual_saving x (the sum of the discount factors from the first year of
    production to the end of the horizon)

    Left out are starts that no plan gains by: those that would produce after the horizon
    only, cost more than the year's whole budget, use more than the resource's whole
    capacity, or are worth nothing.
    """
    horizon = instance.years
    produces = pl.max_horizontal(pl.col("start_year") + pl.col("lead_years"), "needed_from")
    return (
        instance.candidates.with_columns(start_year=pl.int_ranges("opens", horizon))
        .explode("start_year")
        .with_columns(first_production_year=produces)
        .filter(pl.col("first_production_year") < horizon)
        .join(_discounts_to_come(instance), on="first_production_year", how="left")
        .join(_least_capacity_to_come(instance), on=["resource", "first_production_year"])
        .join(
            instance.budgets.select(start_year="year", budget="amount"), on="start_year", how="left"
        )
        .with_columns(
            value=pl.col("share") * pl.col("annual_saving") * pl.col("discounts"),
            use=pl.col("share") * pl.col("use_per_year"),
        )
        .filter(
            pl.col("value") > 0,
            pl.col("tooling_cost") <= pl.col("budget") * (1 + TOLERANCE),
            pl.col("use") <= pl.col("capacity") * (1 + TOLERANCE),
        )
        .sort("item", "maker", "resource", "start_year")
        .with_row_index("start")
        .drop("discounts", "capacity", "budget")
    )


def uses_of(starts: pl.DataFrame, instance: Instance) -> pl.DataFrame:
    """Tell what each start takes of each budget and each capacity, one row each."""
    tooling = starts.select(
        "start",
        kind=pl.lit("budget"),
        name=pl.lit(None, dtype=pl.String),
        year="start_year",
        amount="tooling_cost",
    )
    production = (
        starts.select(
            "start",
            kind=pl.lit("capacity"),
            name="resource",
            year=pl.int_ranges("first_production_year", instance.years),
            amount="use",
        )
        .filter(pl.col("amount") > 0)
        .explode("year")
    )
    return pl.concat([tooling.filter(pl.col("amount") > 0), production])


def limits_of(instance: Instance) -> pl.DataFrame:
    """List the budgets and capacities as ``kind``, ``name``, ``year``, ``limit``."""
    return pl.concat(
        [
            instance.budgets.select(
                kind=pl.lit("budget"),
                name=pl.lit(None, dtype=pl.String),
                year="year",
                limit="amount",
            ),
            instance.capacity.select(
                kind=pl.lit("capacity"), name="resource", year="year", limit="amount"
            ),
        ]
    )


def loads_of(chosen: pl.DataFrame, instance: Instance) -> pl.DataFrame:
    """Set what the chosen starts use beside each budget, capacity and floor of the instance.

    A floor is used by the value of its group's starts; its limit is what that must be at least.
    """
    key = ["kind", "name", "year"]
    used = uses_of(chosen, instance).group_by(key).agg(used=pl.col("amount").sum())
    loads = (
        limits_of(instance)
        .join(used, on=key, nulls_equal=True, how="left", maintain_order="left")
        .select(*key, pl.col("used").fill_null(0.0), "limit")
    )
    if instance.floors is None:
        return loads
    values = chosen.group_by("group").agg(used=pl.col("value").sum())
    floors = instance.floors.join(values, on="group", how="left", maintain_order="left").select(
        kind=pl.lit("floor"),
        name="group",
        year=pl.lit(None, dtype=pl.Int64),
        used=pl.col("used").fill_null(0.0),
        limit=pl.col("floor_share") * chosen["value"].sum(),
    )
    return pl.concat([loads, floors])


def _discounts_to_come(instance: Instance) -> pl.DataFrame:
    return instance.budgets.select(
        first_production_year="year", discounts=pl.col("discount").cum_sum(reverse=True)
    )


def _least_capacity_to_come(instance: Instance) -> pl.DataFrame:
    return instance.capacity.sort("resource", "year").select(
        "resource",
        first_production_year="year",
        capacity=pl.col("amount").cum_min(reverse=True).over("resource"),
    )
