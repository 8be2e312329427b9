"""What a solved chain carries from commodity to commodity, by mass: the streams of a Sankey."""

from __future__ import annotations

import polars as pl

from onshore.chain.conversion import kilograms
from onshore.chain.solving import Result

SCHEMA = {
    "year": pl.Int64,
    "source": pl.String,
    "target": pl.String,
    "process": pl.String,
    "leaving": pl.Float64,
    "arriving": pl.Float64,
    "unit": pl.String,
}
ENDS = ("imports", "exports", "home demand", "surplus", "to stock", "from stock")
"""What a stream's source or target is where it is not a commodity."""

_SMALL = 1e-6


def streams(result: Result) -> pl.DataFrame:
    """Tell what flows from each commodity into each other, over all places of a year.

    Only what is measured in mass is told, all in one unit (the one that most commodities are told
    in). Where a process takes in and makes several, each input is shared out by what is made, and
    each output by what is taken in: leaving(i, j) = a_i b_j / sum(b), arriving(i, j) =
    b_j a_i / sum(a). What leaves and does not arrive is lost on the way: gangue, slag, gas. What a
    mine makes comes from no commodity and has no stream.

    Parameters
    ----------
    result
        A solved chain.

    Returns
    -------
    DataFrame
        ``year``, ``source`` and ``target`` (a commodity, or one of ``imports``, ``exports``,
        ``home demand``, ``surplus``, ``to stock``, ``from stock``), ``process`` (null for what
        comes from or goes to such an end), ``leaving``, ``arriving``, ``unit``.
    """
    commodities = result.compiled.chain.table("commodities").filter(pl.col("kind") == "material")
    mass = {
        name: kilo
        for name, unit in commodities.select("commodity", "unit").iter_rows()
        if (kilo := kilograms(unit)) is not None
    }
    if not mass:
        return pl.DataFrame(schema=SCHEMA)
    told = commodities.filter(pl.col("commodity").is_in(list(mass)))["unit"]
    counts = told.value_counts(sort=True)
    unit = str(counts.sort("count", "unit", descending=[True, False])["unit"][0])
    own = kilograms(unit) or 1.0
    factors = pl.DataFrame(
        {"commodity": list(mass), "factor": [kilo / own for kilo in mass.values()]},
        schema={"commodity": pl.String, "factor": pl.Float64},
    )
    parts = [_through_processes(result, factors), _at_the_ends(result, factors)]
    return (
        pl.concat(parts)
        .with_columns(unit=pl.lit(unit))
        .sort("year", maintain_order=True)
        .select(*SCHEMA)
    )


def _through_processes(result: Result, factors: pl.DataFrame) -> pl.DataFrame:
    by = (
        result.process_flows.join(factors, on="commodity")
        .group_by("year", "process", "asset", "season", "commodity", maintain_order=True)
        .agg(amount=(pl.col("amount") * pl.col("factor")).sum())
        .group_by("year", "process", "commodity", maintain_order=True)
        .agg(
            taken=-pl.col("amount").filter(pl.col("amount") < 0).sum(),
            made=pl.col("amount").filter(pl.col("amount") > 0).sum(),
        )
    )
    inputs = by.filter(pl.col("taken") > _SMALL).select(
        "year", "process", source="commodity", taken="taken"
    )
    outputs = by.filter(pl.col("made") > _SMALL).select(
        "year", "process", target="commodity", made="made"
    )
    over = ["year", "process"]
    inputs = inputs.with_columns(all_taken=pl.col("taken").sum().over(over))
    outputs = outputs.with_columns(all_made=pl.col("made").sum().over(over))
    return inputs.join(outputs, on=over, maintain_order="left").select(
        "year",
        "source",
        "target",
        "process",
        leaving=pl.col("taken") * pl.col("made") / pl.col("all_made"),
        arriving=pl.col("made") * pl.col("taken") / pl.col("all_taken"),
    )


def _at_the_ends(result: Result, factors: pl.DataFrame) -> pl.DataFrame:
    stocked = pl.col("to_stock") - pl.col("from_stock")
    by = (
        result.balance.join(factors, on="commodity", maintain_order="left")
        .group_by("year", "commodity", "factor", maintain_order=True)
        .agg(
            pl.col("imported").sum().alias("imports"),
            pl.col("exported").sum().alias("exports"),
            (pl.col("asked") - pl.col("unserved")).sum().alias("home demand"),
            pl.col("surplus").sum(),
            stocked.sum().clip(lower_bound=0.0).alias("to stock"),
            (-stocked.sum()).clip(lower_bound=0.0).alias("from stock"),
        )
    )
    told = by.unpivot(ENDS, index=["year", "commodity", "factor"], variable_name="end").filter(
        pl.col("value") > _SMALL
    )
    amount = pl.col("value") * pl.col("factor")
    inward = pl.col("end").is_in(["imports", "from stock"])
    return told.select(
        "year",
        source=pl.when(inward).then("end").otherwise("commodity"),
        target=pl.when(inward).then("commodity").otherwise("end"),
        process=pl.lit(None, pl.String),
        leaving=amount,
        arriving=amount,
    )
