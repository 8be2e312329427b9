"""Cuts of gas, power or a material in a season, foreseen: the year planned around them."""

from __future__ import annotations

import math

import polars as pl

from onshore.chain.errors import ChainError
from onshore.chain.losses import number_of
from onshore.chain.solving import Result, solve
from onshore.chain.tables import Chain, schema

CUTS = ("commodity", "place", "season", "year", "share")
"""The columns of a table of cuts."""


def cut(chain: Chain, cuts: pl.DataFrame) -> Chain:
    """Give the chain with less of a commodity in a season: less is made at home and imported.

    Parameters
    ----------
    chain
        The chain.
    cuts
        A row for each cut: ``commodity``, ``share`` (of what can be made or imported, cut away; 0
        to 1), where wanted ``season``, ``place`` and ``year`` (empty: each) and ``name``.

    Returns
    -------
    Chain
        The same with further rows of the table limits.

    Raises
    ------
    ChainError
        A commodity, place, season, year or share is not possible.
    """
    told = cuts.select(
        (pl.col(c) if c in cuts.columns else pl.lit(None)).alias(c) for c in (*CUTS, "name")
    )
    if told.is_empty():
        raise ChainError("cuts: no row tells what is cut. Give commodity, season and share.")
    known = {
        "commodity": chain.table("commodities")["commodity"].to_list(),
        "place": [None, *chain.table("places")["place"]],
        "season": [None, *chain.settings.season_names],
        "year": [None, *chain.settings.years],
    }
    for number, row in enumerate(told.iter_rows(named=True), start=2):
        for column, values in known.items():
            if row[column] not in values:
                some = ", ".join(str(value) for value in values[:12] if value is not None)
                raise ChainError(
                    f"cuts, row {number}, column {column}: {row[column]} is not in the chain. "
                    f"Write one of {some}."
                )
        if not 0 <= number_of(row["share"], math.nan) <= 1:
            raise ChainError(
                f"cuts, row {number}, column share: {row['share']} is no share. Write 0 to 1."
            )
    named = pl.format("cut of {}", "commodity")
    limits = told.select(
        "commodity",
        "place",
        "season",
        "year",
        name=pl.coalesce("name", named),
        factor=1.0 - pl.Series([number_of(one, 0.0) for one in told["share"]]),
    )
    kinds = {name: kind for name, kind in schema("limits").items() if name in limits.columns}
    every = [chain.table("limits"), limits.cast(kinds)]  # type: ignore[arg-type]
    return chain.with_tables(limits=pl.concat(every, how="diagonal"))


def cut_losses(chain: Chain, cuts: pl.DataFrame, *, objective: str | None = None) -> pl.DataFrame:
    """Solve the chain with and without cuts that are foreseen, and tell what they cost.

    Stocks are filled before and drawn on meanwhile, as far as the chain has them; a cut that
    nobody foresees is a loss of kind commodity for `shock`.

    Parameters
    ----------
    chain
        The chain.
    cuts
        As for `cut`.
    objective
        Else the chain's.

    Returns
    -------
    DataFrame
        A row for each commodity made, year and season: ``commodity``, ``year``, ``season``,
        ``made`` (without the cuts), ``made_with``, ``lost`` (the difference), ``lost_share`` (null
        where nothing was made), ``unserved`` and ``unserved_with``, ``unit``.

    Raises
    ------
    ChainError
        A cut is not possible, or the chain cannot be served with it: the message tells which
        limits collide.
    """
    before = solve(chain, objective=objective)
    after = solve(cut(chain, cuts), objective=objective)
    keys = ["commodity", "year", "season"]
    units = chain.table("commodities").select("commodity", "unit")
    told = _made(before, "made", "unserved").join(
        _made(after, "made_with", "unserved_with"), on=keys, how="left", maintain_order="left"
    )
    return (
        told.join(units, on="commodity", how="left", maintain_order="left")
        .with_columns(lost=pl.col("made") - pl.col("made_with"))
        .with_columns(
            lost=pl.when(pl.col("lost").abs() > 1e-9 * pl.col("made").abs())
            .then("lost")
            .otherwise(0.0),
        )
        .with_columns(
            lost_share=pl.when(pl.col("made") > 0).then(pl.col("lost") / pl.col("made")),
        )
        .select(
            *keys, "made", "made_with", "lost", "lost_share", "unserved", "unserved_with", "unit"
        )
    )


def _made(result: Result, made: str, unserved: str) -> pl.DataFrame:
    """Add up what is made and what is unserved, by commodity, year and season."""
    keys = ["commodity", "year", "season"]
    flows = result.process_flows
    makes = result.compiled.entities["use"].filter(pl.col("rate") > 0)["commodity"].implode()
    short = result.unserved.group_by(keys).agg(pl.col("amount").sum().alias(unserved))
    return (
        flows.filter(pl.col("commodity").is_in(makes))
        .group_by(keys, maintain_order=True)
        .agg(pl.col("amount").clip(lower_bound=0.0).sum().alias(made))
        .join(short, on=keys, how="left", maintain_order="left")
        .with_columns(pl.col(unserved).fill_null(0.0))
    )
