"""The starts that a plan may contain, what each is worth and what it uses of each limit."""

from __future__ import annotations

import polars as pl

from onshore.plan.instance import TOLERANCE, Instance

_LIMIT = ["kind", "name", "year"]
_CANDIDATE = ["item", "maker", "resource"]
_OPENED = ("resource", "maker")
ASKED = {
    "floor": (pl.col("floor_share") > 0) | (pl.col("owed") != 0),
    "floor_amount": pl.col("floor_amount") > 0,
}
"""Which floors ask for something, of those on shares and on amounts."""


def possible_starts(instance: Instance) -> pl.DataFrame:
    """List every candidate in every year in which it may start.

    value = share x annual_saving x (the sum of the discount factors from the first year of
    production to the end of the horizon)

    Left out are starts that no plan gains by: those that would produce after the horizon
    only, cost more than the year's whole budget, use more than the resource's whole
    capacity, or are worth nothing. Decisions already taken (column ``fixed``) are kept, and
    what is worth nothing where its item is required or goes together with another.
    """
    limits = [
        pl.col("tooling_cost") <= pl.col("budget") * (1 + TOLERANCE),
        pl.col("use") <= pl.col("capacity") * (1 + TOLERANCE),
    ]
    budgets = instance.budgets.select("fund", start_year="year", budget="amount")
    return _numbered(
        _worth_planning(instance, pl.col("opens"))
        .join(budgets, on=["start_year", "fund"], how="left", nulls_equal=True)
        .join(
            _least_capacity_to_come(instance), on=["resource", "first_production_year"], how="left"
        )
        .filter(pl.col("fixed") | pl.all_horizontal(limits))
        .drop("capacity", "budget")
    )


def starts_without_limits(instance: Instance) -> pl.DataFrame:
    """List every candidate in every year, whatever its cost and use, and before it opens too."""
    return _numbered(_worth_planning(instance, pl.lit(0)))


def with_cost_effect(starts: pl.DataFrame, instance: Instance) -> pl.DataFrame:
    """Add ``cost_effect_value``: share x cost_effect over the horizon, discounted."""
    return (
        starts.join(
            _discounts_to_come(instance),
            on="first_production_year",
            how="left",
            maintain_order="left",
        )
        .with_columns(
            cost_effect_value=pl.col("share")
            * pl.col("cost_effect")
            * pl.col("discounts").fill_null(0.0)
        )
        .drop("discounts")
    )


def groups_of(starts: pl.DataFrame) -> pl.DataFrame:
    """List the groups that each start counts for, as ``start``, ``group``, ``value``."""
    listed = starts.select("start", "group", "value")
    if starts.schema["group"] == pl.List:
        listed = listed.explode("group").unique(["start", "group"], maintain_order=True)
    return listed.filter(pl.col("group").is_not_null())


def opened_by(starts: pl.DataFrame, instance: Instance) -> pl.DataFrame:
    """List the openings that each start makes use of, as ``opening``, ``start``, ``cost``."""
    assert instance.openings is not None
    openings = instance.openings.with_row_index("opening")
    used = [starts.select("start", name=column, what=pl.lit(column)) for column in _OPENED] + [
        groups_of(starts).select("start", name="group", what=pl.lit("group"))
    ]
    return (
        openings.join(pl.concat(used), on=["what", "name"], how="inner")
        .select("opening", "start", "cost")
        .sort("opening", "start")
    )


def opening_costs(starts: pl.DataFrame, instance: Instance) -> pl.DataFrame:
    """List what the starts open, as ``what``, ``name``, ``cost``."""
    if instance.openings is None:
        return pl.DataFrame(schema={"what": pl.String, "name": pl.String, "cost": pl.Float64})
    used = opened_by(starts, instance)["opening"].unique().implode()
    openings = instance.openings.with_row_index("opening")
    return openings.filter(pl.col("opening").is_in(used)).select("what", "name", "cost")


def uses_of(starts: pl.DataFrame, instance: Instance) -> pl.DataFrame:
    """Tell what each start takes of each budget and each capacity, one row each."""
    tooling = starts.select(
        "start",
        kind=pl.lit("budget"),
        name="fund",
        year="start_year",
        amount="tooling_cost",
    )
    production = (
        starts.filter(pl.col("first_production_year") < instance.years)
        .select(
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
    """List the budgets and capacities as ``kind``, ``name``, ``year``, ``limit``.

    The name is the fund (null for the general one) or the resource.
    """
    return pl.concat(
        [
            instance.budgets.select(
                kind=pl.lit("budget"), name="fund", year="year", limit="amount"
            ),
            instance.capacity.select(
                kind=pl.lit("capacity"), name="resource", year="year", limit="amount"
            ),
        ]
    )


def loads_of(chosen: pl.DataFrame, instance: Instance) -> pl.DataFrame:
    """Set what the chosen starts use beside each budget, capacity and floor of the instance.

    A floor is used by the value of its group's starts; its limit is what that must be at least.
    The kind ``floor`` is the share's, ``floor_amount`` the amount's; a floor of 0 is left out.
    """
    used = uses_of(chosen, instance).group_by(_LIMIT).agg(used=pl.col("amount").sum())
    loads = (
        limits_of(instance)
        .join(used, on=_LIMIT, nulls_equal=True, how="left", maintain_order="left")
        .select(*_LIMIT, pl.col("used").fill_null(0.0), "limit")
    )
    if instance.floors is None:
        return loads
    values = groups_of(chosen).group_by("group").agg(used=pl.col("value").sum())
    floors = instance.floors.join(values, on="group", how="left", maintain_order="left")
    least = {
        "floor": pl.col("floor_share") * chosen["value"].sum() + pl.col("owed"),
        "floor_amount": pl.col("floor_amount"),
    }
    shown = [
        floors.filter(ASKED[kind]).select(
            kind=pl.lit(kind),
            name="group",
            year=pl.lit(None, dtype=pl.Int64),
            used=pl.col("used").fill_null(0.0),
            limit=limit,
        )
        for kind, limit in least.items()
    ]
    return pl.concat([loads, *shown])


def _worth_planning(instance: Instance, first_year: pl.Expr) -> pl.DataFrame:
    horizon = instance.years
    produces = pl.max_horizontal(pl.col("start_year") + pl.col("lead_years"), "needed_from")
    starts = (
        instance.candidates.with_columns(start_year=pl.int_ranges(first_year, horizon))
        .explode("start_year")
        .with_columns(first_production_year=produces)
    )
    decided, wanted = pl.lit(value=False), pl.col("required")
    if instance.fixed is not None:
        marks = instance.fixed.with_columns(fixed=pl.lit(value=True))
        starts = starts.join(marks, on=[*_CANDIDATE, "start_year"], how="left")
        decided = pl.col("fixed").fill_null(value=False)
    if instance.links is not None:
        together = instance.links.filter(kind="together")
        linked = pl.concat([together["item"], together["with_item"]]).implode()
        wanted = wanted | pl.col("item").is_in(linked)
    inside = pl.col("first_production_year") < horizon
    return (
        starts.with_columns(fixed=decided)
        .filter(inside | pl.col("fixed"))
        .join(_discounts_to_come(instance), on="first_production_year", how="left")
        .with_columns(
            value=pl.col("share") * pl.col("annual_saving") * pl.col("discounts").fill_null(0.0),
            use=pl.col("share") * pl.col("use_per_year"),
        )
        .filter((pl.col("value") > 0) | pl.col("fixed") | wanted)
        .drop("discounts")
    )


def _numbered(starts: pl.DataFrame) -> pl.DataFrame:
    return starts.sort(*_CANDIDATE, "start_year").with_row_index("start")


def _discounts_to_come(instance: Instance) -> pl.DataFrame:
    return (
        instance.budgets.unique("year", maintain_order=True)
        .sort("year")
        .select(first_production_year="year", discounts=pl.col("discount").cum_sum(reverse=True))
    )


def _least_capacity_to_come(instance: Instance) -> pl.DataFrame:
    return instance.capacity.sort("resource", "year").select(
        "resource",
        first_production_year="year",
        capacity=pl.col("amount").cum_min(reverse=True).over("resource"),
    )
