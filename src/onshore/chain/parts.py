"""The parts that running processes consume: needs of a localization programme."""

from __future__ import annotations

import polars as pl

from onshore.chain.solving import Result


def part_needs(result: Result) -> pl.DataFrame:
    """Tell how much of each part a solved chain consumes in each year.

    quantity = sum over the process's assets of activity x quantity per unit of activity (table
    ``parts``). With ``item`` as the programme's ``item_id`` these are its needs' yearly quantities.

    Parameters
    ----------
    result
        Of `solve`, or of an expansion.

    Returns
    -------
    DataFrame
        ``item``, ``process``, ``year``, ``quantity``, ``unit``, by item, process and year; empty
        where the chain tells no parts.
    """
    made = result.activity.group_by("process", "year").agg(pl.col("activity").sum())
    return (
        result.compiled.chain.table("parts")
        .select("item", "process", "quantity", "unit")
        .join(made, on="process", how="inner")
        .with_columns(quantity=pl.col("quantity") * pl.col("activity"))
        .select("item", "process", "year", "quantity", "unit")
        .sort("item", "process", "year")
    )
