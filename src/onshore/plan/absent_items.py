"""Why items are not in the plan: those with starts that are possible, and those without."""

from __future__ import annotations

import polars as pl

from onshore.plan.instance import TOLERANCE, Instance
from onshore.plan.standing import Standing, best_of

# How near to being possible the best of an item's candidates comes.
_STAGES = ["saves_nothing", "lead_too_long", "opens_late", "no_budget", "too_large"]


def absent(standing: Standing, instance: Instance) -> pl.DataFrame:
    """Tell of each item that has possible starts but none in the plan what keeps it out."""
    starts = standing.starts.with_row_index("start")
    planned = starts["item"].gather(standing.fitting.chosen).unique().implode()
    moves = starts.select("start", "item", "value", "left", "opening").filter(
        ~pl.col("item").is_in(planned)
    )
    moves = standing.tried(moves, replaced=None).with_columns(saves=pl.col("value") > 0)
    moves = moves.with_columns(pays=pl.col("value") > pl.col("opening"))
    best = best_of(moves, "item", ["saves", "fits", "pays", "left", "value"])
    kind, left, small = pl.col("limit_kind"), pl.col("left"), TOLERANCE * pl.col("value")
    reason = (
        pl.when(~pl.col("saves"))
        .then(pl.lit("saves_nothing"))
        .when("fits")
        .then(pl.when("pays").then(pl.lit("would_fit")).otherwise(pl.lit("opening")))
        .when(kind.str.starts_with("floor"))
        .then(pl.lit("floor"))
        .when(left > small)
        .then(pl.format("{}_taken", kind))
        .when(left > pl.col("price_of_floors") + small)
        .then(pl.lit("worth_less_floors"))
        .otherwise(pl.format("worth_less_{}", kind))
    )
    told = (
        best.select("item", "start", "fits", "limit", "saves", "pays")
        .join(standing.described("start").drop("item"), on="start", how="left")
        .join(standing.limits, on="limit", how="left")
        .with_columns(
            reason=reason,
            in_plan=pl.lit(value=False),
            next_best_maker="maker",
            next_best_resource="resource",
            next_best_year="start_year",
            next_best_value="value",
            next_best_fits="fits",
        )
    )
    return _linked(told, planned, instance).drop(
        "start", "fits", "limit", "saves", "pays", "maker", "resource", "start_year", "value"
    )


def impossible(standing: Standing, instance: Instance) -> pl.DataFrame:
    """Tell of each item without a possible start how far its candidates come."""
    possible = standing.starts["item"].unique().implode()
    candidates = instance.candidates.filter(~pl.col("item").is_in(possible))
    horizon = instance.years
    least = instance.capacity.sort("resource", "year").select(
        "resource",
        produces="year",
        capacity=pl.col("amount").cum_min(reverse=True).over("resource"),
    )
    budgets = instance.budgets.select("fund", start_year="year", budget="amount")
    saves = pl.col("annual_saving") > 0
    lead = saves & (pl.col("lead_years") < horizon)
    tried = (
        candidates.with_columns(start_year=pl.int_ranges("opens", horizon))
        .explode("start_year")
        .with_columns(
            produces=pl.max_horizontal(pl.col("start_year") + pl.col("lead_years"), "needed_from")
        )
        .join(budgets, on=["fund", "start_year"], nulls_equal=True, how="left")
        .join(least, on=["resource", "produces"], how="left")
    )
    in_time = lead & (pl.col("produces") < horizon)
    paid = in_time & (pl.col("tooling_cost") <= pl.col("budget") * (1 + TOLERANCE))
    # A start that has passed all these stages but one would be possible.
    stage = pl.sum_horizontal(part.cast(pl.Int64) for part in (saves, lead, in_time, paid))
    names = dict(enumerate(_STAGES))
    return (
        tried.group_by("item")
        .agg(stage=stage.max())
        .select(
            "item",
            in_plan=pl.lit(value=False),
            reason=pl.col("stage").replace_strict(names, return_dtype=pl.String),
        )
    )


def _linked(told: pl.DataFrame, planned: pl.Series, instance: Instance) -> pl.DataFrame:
    """Name the links that keep out what would fit."""
    if instance.links is None:
        return told
    both = pl.concat(
        [
            instance.links.select("item", "with_item", "kind"),
            instance.links.select(item="with_item", with_item="item", kind="kind"),
        ]
    )
    there = pl.col("with_item").is_in(planned)
    hinders = pl.when(pl.col("kind") == "exclude").then(there).otherwise(~there)
    found = (
        both.filter(hinders)
        .sort("item", "kind", "with_item")
        .group_by("item", "kind", maintain_order=True)
        .agg(others=pl.col("with_item"))
        .unique("item", keep="first", maintain_order=True)
        .select("item", "others", link=pl.col("kind").replace({"exclude": "excluded"}))
    )
    hindered = (pl.col("reason") == "would_fit") & pl.col("link").is_not_null()
    return (
        told.join(found, on="item", how="left")
        .with_columns(
            taken_by=pl.when(hindered).then("others").otherwise("taken_by"),
            reason=pl.when(hindered).then("link").otherwise("reason"),
        )
        .drop("link", "others")
    )
