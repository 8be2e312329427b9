"""Duals in the user's words: what one more unit of a commodity is worth, place by place."""

from __future__ import annotations

import numpy as np
import polars as pl

from onshore.chain.balances import by_period
from onshore.chain.program import Compiled
from onshore.chain.solver import Answer


def prices(compiled: Compiled, answer: Answer) -> pl.DataFrame:
    """Tell what one more unit of each commodity is worth.

    The dual of the commodity's balance: how much worse the objective would be if one unit more
    were taken away there and then (how much better if one came in). Of several possible prices,
    where limits bind together, it is one.

    Returns
    -------
    DataFrame
        ``commodity``, ``place`` (null: pooled), ``year``, ``season``, ``price`` (per unit of the
        commodity: money of that year, or units of output), ``unit`` (of the price), ``words``.
    """
    duals = compiled.of(answer.duals, "balance")
    money = not compiled.objective.startswith("most output")
    told = duals / compiled.weight if money else duals
    # Rounding of the solver is no price.
    told = np.where(np.abs(told) < 1e-9 * max(1.0, float(np.abs(told).max(initial=0.0))), 0.0, told)
    nodes = compiled.entities["balance"]
    commodities = compiled.chain.table("commodities").select(
        "commodity", own="unit", called=pl.coalesce("name", "commodity")
    )
    places = compiled.chain.table("places").select("place", there=pl.coalesce("name", "place"))
    frame = by_period(compiled, nodes.select("commodity", "place"), {"price": told})
    frame = frame.join(commodities, on="commodity", how="left", maintain_order="left").join(
        places, on="place", how="left", maintain_order="left"
    )
    unit = objective_unit(compiled)
    where = (
        pl.when(pl.col("there").is_null())
        .then(pl.lit(""))
        .otherwise(pl.format(" at {}", pl.col("there")))
    )
    when = pl.col("year").cast(pl.String)
    if len(compiled.seasons) > 1:
        when = pl.format("{}, {}", when, pl.col("season"))
    amount = pl.col("price").abs().round_sig_figs(4).cast(pl.String)
    if money:
        sentence = pl.format("costs {} {}", amount, pl.lit(unit))
        gains = pl.format("saves {} {}", amount, pl.lit(unit))
    else:
        sentence = pl.format("would bring {} {}", amount, pl.lit(unit))
        gains = pl.format("would take away {} {}", amount, pl.lit(unit))
    verb = (
        pl.when(pl.col("price") == 0)
        .then(pl.lit("changes nothing"))
        .when(pl.col("price") > 0)
        .then(sentence)
        .otherwise(gains)
    )
    return frame.select(
        "commodity",
        "place",
        "year",
        "season",
        "price",
        pl.format("{} per {}", pl.lit(unit), "own").alias("unit"),
        pl.format("One more {} of {}{} in {} {}.", "own", "called", where, when, verb).alias(
            "words"
        ),
    )


def objective_unit(compiled: Compiled) -> str:
    """Name what one unit of the objective is: the currency, or a unit of the output."""
    if not compiled.objective.startswith("most output"):
        return compiled.chain.settings.currency
    wanted = compiled.objective.partition(":")[2].strip()
    commodities = compiled.chain.table("commodities").filter(commodity=wanted)
    return f"{commodities['unit'][0]} of {commodities['name'][0] or wanted}"
