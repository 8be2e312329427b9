"""The table limits: factors on capacities, and rows that keep amounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from onshore.chain.solver import Floats
from onshore.chain.tables import Chain

Whole = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Factors:
    """What limits leave of each asset's capacity (1: all), and of each market's most (NaN: all)."""

    activity: Floats
    trade: Floats


@dataclass(frozen=True, eq=False)
class LimitRows:
    """Rows of amounts: their names, most, and entries."""

    named: pl.DataFrame
    most: Floats
    rows: Whole
    columns: Whole
    values: Floats


def apply_factors(
    chain: Chain,
    activity: pl.DataFrame,
    trade: pl.DataFrame,
    years: Sequence[int],
    seasons: Sequence[str],
) -> Factors:
    """Multiply the factors of all limits that hold for an asset or an import, period by period."""
    periods = len(years) * len(seasons)
    capacity = np.ones((activity.height, periods))
    market = np.full((trade.height, periods), np.nan)
    limits = chain.table("limits").filter(pl.col("factor").is_not_null())
    for limit in limits.iter_rows(named=True):
        then = _periods(limit, years, seasons)
        assets = _matching(activity, limit)
        capacity[np.ix_(assets, then)] *= limit["factor"]
        if limit["commodity"] is None:
            continue
        at = trade.select((pl.col("direction") == "import") & _here(limit)).to_series()
        bought = np.flatnonzero(at.to_numpy())
        known = market[np.ix_(bought, then)]
        market[np.ix_(bought, then)] = np.where(np.isnan(known), 1.0, known) * limit["factor"]
    return Factors(capacity, market)


def limit_rows(
    chain: Chain,
    activity: pl.DataFrame,
    uses: pl.DataFrame,
    years: Sequence[int],
    seasons: Sequence[str],
    blocks: Mapping[str, slice],
) -> LimitRows:
    """Write a row for each limit with an amount and each year that it holds for.

    A limit of a process or an asset is on activity; one of a commodity on what processes take in
    of it. Without a place it is on all places together, without a season on the whole year.
    """
    periods, n_seasons = len(years) * len(seasons), len(seasons)
    share_of = dict(chain.settings.seasons)
    told_share = sum(share_of[name] for name in seasons)
    limits = chain.table("limits").filter(pl.col("amount").is_not_null())
    named: list[tuple[Any, ...]] = []
    rows: list[Whole] = []
    columns: list[Whole] = []
    values: list[Floats] = []
    for limit in limits.iter_rows(named=True):
        if limit["commodity"] is None:
            entities = _matching(activity, limit)
            starts = blocks["activity"].start + entities * periods
            amounts = np.ones(len(entities))
        else:
            starts, amounts = _taken_in(uses, limit, periods, blocks)
        told = [n for n, year in enumerate(years) if limit["year"] in (None, year)]
        for n in told:
            then = n * n_seasons + np.arange(n_seasons)
            if limit["season"] is not None:
                then = then[[name == limit["season"] for name in seasons]]
            if not len(then):
                continue
            columns.append((starts[:, None] + then).ravel())
            values.append(np.repeat(amounts, len(then)))
            rows.append(np.full(len(starts) * len(then), len(named)))
            named.append(
                (
                    limit["name"],
                    limit["commodity"],
                    limit["place"],
                    years[n],
                    limit["season"],
                    limit["amount"] * (told_share if limit["season"] is None else 1.0),
                )
            )
    schema = {
        "name": pl.String,
        "commodity": pl.String,
        "place": pl.String,
        "year": pl.Int64,
        "season": pl.String,
        "amount": pl.Float64,
    }
    frame = pl.DataFrame(named, schema=schema, orient="row")
    nothing = np.zeros(0, dtype=np.int64)
    return LimitRows(
        frame,
        frame["amount"].to_numpy(),
        np.concatenate([nothing, *rows]),
        np.concatenate([nothing, *columns]),
        np.concatenate([np.zeros(0), *values]),
    )


def _here(limit: Mapping[str, Any]) -> pl.Expr:
    rule: pl.Expr = pl.col("commodity") == limit["commodity"]
    if limit["place"] is not None:
        rule = rule & (pl.col("place") == limit["place"])
    return rule


def _matching(activity: pl.DataFrame, limit: Mapping[str, Any]) -> Whole:
    """Give the assets that a limit is about; of a commodity, those whose capacity is told in it."""
    rule = pl.lit(value=True)
    for column, key in (("process", "process"), ("name", "asset"), ("commodity", "commodity")):
        if limit[key] is not None:
            rule = rule & (pl.col(column) == limit[key])
    if limit["place"] is not None:
        rule = rule & (pl.col("place") == limit["place"])
    here = activity.with_columns(rule.fill_null(value=False).alias("_here"))["_here"]
    return np.flatnonzero(here.to_numpy())


def _periods(limit: Mapping[str, Any], years: Sequence[int], seasons: Sequence[str]) -> Whole:
    then = [
        y * len(seasons) + s
        for y, year in enumerate(years)
        for s, season in enumerate(seasons)
        if limit["year"] in (None, year) and limit["season"] in (None, season)
    ]
    return np.array(then, dtype=np.int64)


def _taken_in(
    uses: pl.DataFrame, limit: Mapping[str, Any], periods: int, blocks: Mapping[str, slice]
) -> tuple[Whole, Floats]:
    """Give the first column of each asset that takes in the commodity, and how much per unit."""
    member = uses["group"].is_not_null().to_numpy()
    column = blocks["activity"].start + uses["activity"].to_numpy().astype(np.int64) * periods
    column[member] = blocks["mix"].start + np.arange(int(member.sum())) * periods
    here = uses.select(_here(limit) & (pl.col("rate") < 0)).to_series().to_numpy()
    return column[here], -uses["rate"].to_numpy()[here]
