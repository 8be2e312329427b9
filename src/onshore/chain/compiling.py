"""A chain compiled to one sparse linear program over years, places and seasons."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

import numpy as np

from onshore.chain.bounds import asked_for, column_bounds, limits_of
from onshore.chain.caps import limit_rows
from onshore.chain.entities import Entities, Scope, gather_entities, is_member
from onshore.chain.entries import Entries
from onshore.chain.errors import ChainError
from onshore.chain.program import BLOCKS, ROW_BLOCKS, Compiled
from onshore.chain.service import project_dates
from onshore.chain.solver import Floats
from onshore.chain.tables import Chain

__all__ = ["Compiled", "compile_chain"]


def compile_chain(
    chain: Chain,
    *,
    years: Collection[int] | None = None,
    seasons: Collection[str] | None = None,
    objective: str | None = None,
    projects: str | Mapping[str, date] = "none",
) -> Compiled:
    """Compile a chain to one sparse linear program.

    Minimize the objective so that at each node (a commodity at a place, or everywhere if it is
    pooled) and in each period

    made + imported + arrived + taken from stock + unserved
    = used + exported + sent + put to stock + surplus + asked for,

    activity <= capacity x availability x share of the year x factor of limits, and activity >=
    min_use of that; a group's members together run as much as their asset, each between its
    shares of the group's total input; links, markets, stocks and limits are kept. Surplus is
    possible of by-products, of what assets with a least use make, and of what the objective
    wants most of. Money of a later year counts 1 / (1 + discount)^(years from the first).

    Parameters
    ----------
    chain
        As ``read_chain`` gives it.
    years, seasons
        Those to tell, where not all.
    objective
        ``"least cost"`` (costs, imports at their price and unserved demand at its worth, less
        exports at theirs), ``"most output:COMMODITY"`` (over all assets and periods), or
        ``"least net imports"`` (imports less exports at their prices, and unserved demand at its
        worth). Else the chain's own.
    projects
        Which projects are in service: ``"none"``; ``"all"`` from the first year;  ``"likely"``
        from their ``finish_likely``; or the day each is finished, by project. In the period in
        which it falls, what is left of it counts.

    Raises
    ------
    ChainError
        A year, season, objective or project is not known.
    """
    told = chain.settings
    some_years = _some(told.years, years, "year")
    some_seasons = _some(told.season_names, seasons, "season")
    objective = objective or told.objective
    share_of = dict(told.seasons)
    shares = np.array([share_of[name] for name in some_seasons])
    wanted, dates = _wanted(chain, objective), project_dates(chain, projects)
    scope = Scope(chain, some_years, some_seasons, shares, wanted, dates)
    entities = gather_entities(scope)
    blocks, width = _placed(BLOCKS, entities, scope.periods)
    row_blocks, _ = _placed(ROW_BLOCKS[:-1], entities, scope.periods, len(some_years))
    blocks |= row_blocks
    bounds = column_bounds(scope, entities, blocks, width)
    entries = Entries(scope, entities, blocks)
    entries.add_balances()
    entries.add_groups()
    entries.add_markets()
    demand, row_lower, row_upper = _rows(scope, entities, entries)
    money = _money(scope, entities, blocks, width)
    starts, index, value = entries.stored(len(row_lower), width)
    return Compiled(
        cost=_cost(scope, objective, entities, blocks, money),
        lower=bounds.lower,
        upper=bounds.upper,
        row_lower=row_lower,
        row_upper=row_upper,
        starts=starts,
        index=index,
        value=value,
        chain=chain,
        years=some_years,
        seasons=some_seasons,
        shares=shares,
        objective=objective,
        weight=scope.weight,
        entities=MappingProxyType(entities),
        blocks=MappingProxyType(blocks),
        room=bounds.room,
        demand=demand,
        money=money,
    )


def _placed(
    names: Collection[str], entities: Entities, periods: int, years: int = 0
) -> tuple[dict[str, slice], int]:
    """Tell where each block begins and ends, and where the last one does."""
    blocks, at = {}, 0
    for name in names:
        size = entities[name].height * (years if name == "market" else periods)
        blocks[name] = slice(at, at + size)
        at += size
    return blocks, at


def _rows(scope: Scope, entities: Entities, entries: Entries) -> tuple[Floats, Floats, Floats]:
    """Give what is asked for at each node, and the bounds of all rows; add those of limits."""
    blocks: dict[str, slice] = entries.blocks  # type: ignore[assignment]
    years, seasons = scope.years, scope.seasons
    limits = limit_rows(scope.chain, entities["activity"], entities["use"], years, seasons, blocks)
    first = blocks["market"].stop
    entities["limit"] = limits.named
    blocks["limit"] = slice(first, first + limits.named.height)
    entries.add(limits.rows + first, limits.columns, limits.values)
    lower, upper = np.zeros(blocks["limit"].stop), np.zeros(blocks["limit"].stop)
    by_node = np.zeros((entities["balance"].height, scope.periods))
    np.add.at(by_node, entries.node(entities["demand"]), asked_for(scope, entities["demand"]))
    demand = by_node.ravel().copy()
    # What a stock holds at first comes into the first period.
    first_stock = entities["stock"]["first"].to_numpy()
    np.subtract.at(by_node[:, 0], entries.node(entities["stock"]), first_stock)
    lower[blocks["balance"]] = upper[blocks["balance"]] = by_node.ravel()
    for name in ("share", "market", "limit"):
        lower[blocks[name]] = -np.inf
    most = limits_of(entities["market"]["most"]) * scope.shares.sum()
    upper[blocks["market"]] = np.repeat(most, len(years))
    upper[blocks["limit"]] = limits.most
    return demand, lower, upper


def _money(scope: Scope, entities: Entities, blocks: Mapping[str, slice], width: int) -> Floats:
    """Give what each unit of a column costs, in money of the first year."""
    cost, trade = np.zeros(width), entities["trade"]
    sign = np.where((trade["direction"] == "import").to_numpy(), 1.0, -1.0)
    per_unit = {
        "activity": entities["activity"]["cost"].to_numpy(),
        "flow": entities["flow"]["cost"].to_numpy(),
        "trade": trade["price"].to_numpy() * sign,
        "unserved": entities["unserved"]["worth"].to_numpy(),
    }
    for name, price in per_unit.items():
        cost[blocks[name]] = np.outer(price, scope.weight).ravel()
    kept = np.outer(entities["stock"]["cost"].to_numpy(), scope.weight * scope.year_share)
    cost[blocks["stock"]] = kept.ravel()
    return cost


def _cost(
    scope: Scope, objective: str, entities: Entities, blocks: Mapping[str, slice], money: Floats
) -> Floats:
    if objective == "least cost":
        return money
    cost = np.zeros(len(money))
    if scope.wanted is None:
        for name in ("trade", "unserved"):
            cost[blocks[name]] = money[blocks[name]]
        return cost
    # Columns of assets, then of members: what each makes of the wanted commodity.
    uses, member = entities["use"], is_member(entities["use"])
    column = uses["activity"].to_numpy().astype(np.int64)
    column[member] = entities["activity"].height + np.arange(int(member.sum()))
    rate = uses["rate"].to_numpy()
    made = (uses["commodity"] == scope.wanted).to_numpy() & (rate > 0)
    output = np.zeros(entities["activity"].height + entities["mix"].height)
    np.add.at(output, column[made], rate[made])
    cost[: len(output) * scope.periods] = -np.repeat(output, scope.periods)
    return cost


def _some(known: tuple[Any, ...], asked: Collection[Any] | None, what: str) -> tuple[Any, ...]:
    if asked is None:
        return known
    unknown = [one for one in asked if one not in known]
    if unknown or not asked:
        found = ", ".join(str(one) for one in unknown) or "none"
        raise ChainError(
            f"the chain does not tell the {what} {found}. Ask for some of "
            f"{', '.join(str(one) for one in known)}."
        )
    return tuple(one for one in known if one in asked)


def _wanted(chain: Chain, objective: str) -> str | None:
    """Give the commodity whose output is to be largest; None where it is about money."""
    if objective in ("least cost", "least net imports"):
        return None
    kind, _, commodity = objective.partition(":")
    commodity = commodity.strip()
    known = chain.table("commodities")["commodity"]
    if kind.strip() == "most output" and commodity in known:
        return commodity
    if kind.strip() == "most output":
        raise ChainError(
            f"the objective asks for most output of {commodity or 'nothing'}, which is no "
            f"commodity of the chain. Name one of {', '.join(known)}."
        )
    raise ChainError(
        f"the objective {objective!r} is not known. Write least cost, most output:COMMODITY or "
        "least net imports."
    )
