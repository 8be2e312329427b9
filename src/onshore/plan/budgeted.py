"""The plan that is worth most after its worst failures: as one program, or by intervals of z."""

from __future__ import annotations

import numpy as np
import polars as pl

from onshore.plan.extended import with_columns, with_rows
from onshore.plan.instance import Instance
from onshore.plan.model import Model
from onshore.plan.rows import named, rows_of
from onshore.plan.weighing import Weighed, is_whole, options_for, solve_whole


def worst_failures(
    instance: Instance,
    starts: pl.DataFrame,
    failures: float,
    *,
    gap: float,
    seconds: float,
    seed: int,
) -> Weighed:
    """Find the plan; ``starts`` have their ``value`` and ``loss``."""
    value = starts["value"].to_numpy()
    if not is_whole(instance, starts):
        return _by_intervals(instance, starts, failures, gap, seconds, seed)
    return solve_whole(
        instance,
        starts,
        value,
        value,
        gap=gap,
        seconds=seconds,
        extend=lambda model: _counterpart(model, starts, failures),
    )


def _counterpart(model: Model, starts: pl.DataFrame, failures: float) -> Model:
    """Add z, one p for each that can fail, and its row z + p >= its loss.

    An item with one maker can fail once: its starts share a p.
    """
    losses = starts.select(
        "item",
        "start",
        loss=pl.col("loss") / model.scale,
        whose=pl.when(pl.col("max_makers") > 1).then("maker"),
    ).filter(pl.col("loss") > 0)
    if losses.is_empty() or failures == 0:
        return model
    each = losses.group_by("item", "whose", maintain_order=True).agg(
        pl.col("start").cast(pl.Int64), "loss"
    )
    each = each.with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))
    first = len(model.worth)
    extended = with_columns(model, np.append(-failures, -np.ones(each.height)))
    entries = pl.concat(
        [
            each.explode("start", "loss").select("row", column="start", amount=-pl.col("loss")),
            each.select("row", column=pl.lit(first, pl.Int64), amount=pl.lit(1.0)),
            each.select("row", column=pl.col("row") + first + 1, amount=pl.lit(1.0)),
        ]
    )
    return with_rows(extended, rows_of(named(each, "failure", pl.col("item")), entries, lower=0.0))


def _by_intervals(
    instance: Instance,
    starts: pl.DataFrame,
    failures: float,
    gap: float,
    seconds: float,
    seed: int,
) -> Weighed:
    """Lower the bound over all z, and search where the plans' last failure lies."""
    from onshore.plan.aims import AfterFailures
    from onshore.plan.worth_search import search_after_failures

    options = options_for(instance, starts)
    aim = AfterFailures(starts["value"].to_numpy(), starts["loss"].to_numpy(), failures)
    found = search_after_failures(options, aim, gap=gap, seconds=seconds, seed=seed)
    return Weighed(found.chosen, found.bound, found.stopped)
