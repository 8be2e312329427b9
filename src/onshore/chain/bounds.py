"""Bounds of a chain's columns, and what is asked for: from tables to periods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from onshore.chain.caps import apply_factors
from onshore.chain.checks import season_shares
from onshore.chain.entities import Entities, Scope, Whole
from onshore.chain.service import in_service
from onshore.chain.solver import Floats


@dataclass(frozen=True, eq=False)
class Bounds:
    """Bounds of all columns; ``room`` is how an activity's grows per unit of yearly capacity."""

    lower: Floats
    upper: Floats
    room: Floats


def column_bounds(
    scope: Scope, entities: Entities, blocks: Mapping[str, slice], width: int
) -> Bounds:
    """Bound each column, entity by entity and period by period."""
    chain, activity, trade = scope.chain, entities["activity"], entities["trade"]
    lower, upper = np.zeros(width), np.full(width, np.inf)
    service = in_service(activity, chain.settings, scope.years, scope.seasons)
    factors = apply_factors(chain, activity, trade, scope.years, scope.seasons)
    room = service * activity["availability"].to_numpy()[:, None] * factors.activity
    most = activity["capacity"].to_numpy()[:, None] * room
    upper[blocks["activity"]] = most.ravel()
    lower[blocks["activity"]] = (most * activity["min_use"].to_numpy()[:, None]).ravel()
    links = limits_of(entities["flow"]["capacity"])
    upper[blocks["flow"]] = np.outer(links, scope.year_share).ravel()
    upper[blocks["trade"]] = _trade(scope, trade, factors.trade).ravel()
    stock = entities["stock"]
    upper[blocks["stock"]] = np.repeat(limits_of(stock["capacity"]), scope.periods)
    if chain.settings.stocks_end == "as first" and stock.height:
        last = blocks["stock"].start + (np.arange(stock.height) + 1) * scope.periods - 1
        lower[last] = stock["first"].to_numpy()
    upper[blocks["unserved"]] = asked_for(scope, entities["unserved"]).ravel()
    return Bounds(lower, upper, room.ravel())


def asked_for(scope: Scope, demands: pl.DataFrame) -> Floats:
    """Give what each row of demands asks for in each period."""
    told = _years(demands["year"])
    then = (told[:, None] < 0) | (told[:, None] == np.array(scope.years))
    shares = np.tile(scope.shares, (demands.height, 1))
    own = demands["season_share"]
    if own.null_count() < demands.height:
        names = scope.chain.settings.season_names
        kept = [names.index(name) for name in scope.seasons]
        for n in np.flatnonzero(own.is_not_null().to_numpy()):
            shares[n] = np.array(season_shares(own[int(n)]))[kept]
    by_year = demands["amount"].to_numpy()[:, None] * then
    asked: Floats = (by_year[:, :, None] * shares[:, None, :]).reshape(-1, scope.periods)
    return asked


def limits_of(series: pl.Series) -> Floats:
    """Give an upper limit, without bound where the cell is empty."""
    return series.fill_null(float("inf")).to_numpy()


def _trade(scope: Scope, trade: pl.DataFrame, factors: Floats) -> Floats:
    """Bound a market's row in its own year; by its most where there is one season."""
    years = np.repeat(np.array(scope.years), len(scope.seasons))
    told = _years(trade["year"])
    is_open = (told[:, None] < 0) | (told[:, None] == years)
    most = limits_of(trade["most"])[:, None] * scope.year_share
    cut = most * np.where(np.isnan(factors), 1.0, factors)
    if len(scope.seasons) > 1:
        # A year's most is a row; a factor makes it a bound of the season too.
        cut = np.where(np.isnan(factors), np.inf, cut)
    return np.where(is_open, cut, 0.0)


def _years(series: pl.Series) -> Whole:
    """Give a year, or -1 where the cell is empty."""
    return series.fill_null(-1).to_numpy()
