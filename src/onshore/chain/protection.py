"""Stocks and second sources as protection: what one more unit saves, and what is cheapest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from onshore.chain.errors import ChainError
from onshore.chain.losing import Losing, Loss, Lost
from onshore.chain.losses import Shock, Struck, read_losses, seasons_of
from onshore.chain.options import OPTIONS, read_options, with_options
from onshore.chain.protection_program import Joint, left_of_options, option_columns
from onshore.chain.solver import Floats
from onshore.chain.standing import WEEKS, Standing, in_season, stand
from onshore.chain.tables import Chain

_TINY = 1e-9


def price_protection(
    chain: Chain,
    losses: pl.DataFrame,
    options: pl.DataFrame,
    *,
    weeks: float = 4.0,
    year: int | None = None,
    season: str | None = None,
    objective: str | None = None,
    projects: str | Mapping[str, date] = "none",
) -> pl.DataFrame:
    """Price stocks and second sources: what one more unit of each would save in each shock.

    The program of the loss is solved with one unit more, from where it was. It tells of the first
    unit, not of all. Where the dual value of the unit is 0 it saves nothing; where it is not, it
    may tell too much (several dual values may be valid), and is not relied on.

    Parameters
    ----------
    chain, losses, weeks, year, season, objective, projects
        As for `shock`; with several seasons and none named, the one in which the shocks together
        lose most.
    options
        A row for each thing that could be kept ready: ``kind`` (stock or source), ``commodity``,
        ``place`` (none where the commodity is pooled), ``cost`` (of keeping ready one unit of
        stock, or one unit per year of a source's capacity, for a year); of a source also
        ``price`` (per unit that it then supplies; else 0). Where wanted ``option`` (a name) and
        ``most`` (how much of it can be had).

    Returns
    -------
    DataFrame
        A row for each shock and option, what saves most per money first: ``shock``, ``option``,
        ``kind``, ``commodity``, ``place``, ``unit`` (of the commodity), ``weeks``, ``avoided``
        (of the loss, in ``lost_unit``, per unit kept ready), ``cost``, ``cost_per_avoided``
        (null where nothing is avoided) and ``pays_every_years``: where the loss is money, it
        pays if the shock comes more often than once in so many years (null otherwise).

    Raises
    ------
    ChainError
        A loss or an option is not possible: each row is named.
    """
    known = read_options(chain, options)
    season = _season(chain, losses, weeks, year, season, objective, projects)
    ready = with_options(chain, known)
    standing = stand(ready, year=year, season=season, objective=objective, projects=projects)
    losing, struck = Losing(standing), _struck(standing, chain, year, season, projects)
    columns = option_columns(standing, known)
    rows = []
    for one in _shocks(chain, losses, weeks, year, season, projects):
        loss = Loss(struck.by(one), one.share, one.weeks)
        lost, left = losing.sparing(loss), left_of_options(standing, loss, columns)
        for n, option in enumerate(known.iter_rows(named=True)):
            of_stock = option["kind"] == "stock"
            avoided = _avoided(losing, loss, lost, int(columns[n]), left[n], of_stock=of_stock)
            rows.append({"shock": one.name, "weeks": one.weeks, "avoided": avoided, **option})
    money = standing.wanted is None
    units = chain.table("commodities").select("commodity", "unit")
    is_some = pl.col("avoided") > 0
    return (
        pl.DataFrame(
            rows, schema={"shock": pl.String, "weeks": pl.Float64, "avoided": pl.Float64, **OPTIONS}
        )
        .join(units, on="commodity", how="left", maintain_order="left")
        .with_columns(
            lost_unit=pl.lit(standing.unit),
            cost_per_avoided=pl.when(is_some).then(pl.col("cost") / pl.col("avoided")),
            pays_every_years=pl.when(is_some & (pl.col("cost") > 0) & pl.lit(money)).then(
                pl.col("avoided") / pl.col("cost")
            ),
        )
        .sort(["cost_per_avoided"], nulls_last=True, maintain_order=True)
        .select(
            "shock", "option", "kind", "commodity", "place", "unit", "weeks", "avoided",
            "lost_unit", "cost", "cost_per_avoided", "pays_every_years",
        )
    )  # fmt: skip


def _avoided(
    losing: Losing, loss: Loss, lost: Lost, column: int, left: float, *, of_stock: bool
) -> float:
    """Tell what is lost less with one unit more in stock, or a year of a source's capacity."""
    assert lost.reduced is not None
    # A unit of stock is worth something where its column, what is left, is to be lower; one of a
    # source where its column is to be higher.
    worth = lost.reduced[column] if of_stock else -lost.reduced[column]
    if worth <= _TINY:
        return 0.0
    lower, upper = (-left * WEEKS / loss.weeks, 0.0) if of_stock else (0.0, left)
    avoided = lost.lost - losing.lost_with(loss, column, lower, upper)
    return avoided if avoided > 1e-9 * max(1.0, lost.lost) else 0.0


@dataclass(frozen=True, eq=False)
class Protection:
    """Which stocks and second sources to keep ready, and what is still lost with them.

    Parameters
    ----------
    options
        A row for each option: ``option``, ``kind``, ``commodity``, ``place``, ``amount`` (in the
        commodity's unit; of a source per year), ``unit``, ``cost`` (per unit and year) and
        ``spent`` (per year).
    shocks
        A row for each shock: ``shock``, ``weeks``, ``lost_without``, ``lost_with``, ``unit``.
    spent
        What keeping them ready costs in a year, in the chain's currency.
    """

    options: pl.DataFrame
    shocks: pl.DataFrame
    spent: float


def protect(
    chain: Chain,
    losses: pl.DataFrame,
    options: pl.DataFrame,
    *,
    lost_at_most: float | None = 0.0,
    budget: float | None = None,
    weeks: float = 4.0,
    year: int | None = None,
    season: str | None = None,
    objective: str | None = None,
    projects: str | Mapping[str, date] = "none",
) -> Protection:
    """Find the cheapest stocks and second sources that hold every shock to a loss.

    One linear program: the options' amounts, and for each shock the chain without what is lost,
    which may draw on the stocks and use the sources as far as they are kept ready.

    Parameters
    ----------
    chain, losses, weeks, year, season, objective, projects
        As for `price_protection`.
    options
        As for `price_protection`.
    lost_at_most
        How much may be lost in each shock, in the unit of the objective.
    budget
        What may be spent in a year. With it the largest loss is made as small as can be, then the
        sum of all, at the least cost; `lost_at_most` is not heeded.

    Returns
    -------
    Protection
        Amounts, and what is lost with them.

    Raises
    ------
    ChainError
        No amounts of the options are enough: the message tells what is lost with all of them.
    """
    known = read_options(chain, options)
    if budget is not None and not budget >= 0:
        raise ChainError(f"budget: {budget} is no amount of money. Give 0 or more.")
    if budget is None and (lost_at_most is None or not lost_at_most >= 0):
        raise ChainError("lost_at_most: give how much may be lost, 0 or more; or give a budget.")
    season = _season(chain, losses, weeks, year, season, objective, projects)
    ready = with_options(chain, known)
    standing = stand(ready, year=year, season=season, objective=objective, projects=projects)
    shocks = _shocks(chain, losses, weeks, year, season, projects)
    struck = _struck(standing, chain, year, season, projects)
    told = [Loss(struck.by(one), one.share, one.weeks) for one in shocks]
    losing = Losing(standing)
    without = np.array([losing.lose(loss).lost for loss in told])
    problem = Joint(standing, known, told, without)
    values = problem.solve(lost_at_most if budget is None else None, budget)
    if values is None:
        least = problem.solve(None, np.inf)
        assert least is not None
        lost = problem.lost(least)
        worst = int(np.argmax(lost))
        raise ChainError(
            f"with all that the options allow, {shocks[worst].name} still loses "
            f"{lost[worst]:,.6g} {standing.unit}. Allow that much to be lost, or give options that "
            "reach further."
        )
    return _protection(standing, known, shocks, problem, values, without)


def _season(
    chain: Chain,
    losses: pl.DataFrame,
    weeks: float,
    year: int | None,
    season: str | None,
    objective: str | None,
    projects: Any,
) -> str:
    """Give the season that is named, else the one in which the shocks together lose most."""
    seasons = seasons_of(chain, season)
    if len(seasons) == 1:
        return seasons[0]
    if "season" in losses.columns and (named := losses["season"].drop_nulls().to_list()):
        return seasons_of(chain, str(named[0]))[0]
    lost = []
    for one in seasons:
        standing = stand(chain, year=year, season=one, objective=objective, projects=projects)
        losing, struck = Losing(standing), _struck(standing, chain, year, one, projects)
        told = _shocks(chain, losses, weeks, year, one, projects)
        lost.append(sum(losing.lose(Loss(struck.by(s), s.share, s.weeks)).lost for s in told))
    return seasons[int(np.argmax(lost))]


def _shocks(
    chain: Chain,
    losses: pl.DataFrame,
    weeks: float,
    year: int | None,
    season: str,
    projects: Any,
) -> list[Shock]:
    there = in_season(chain, year, season, projects)
    told = read_losses(there.with_settings(seasons=chain.settings.seasons), losses, weeks, season)
    other = [one.name for one in told if one.season != season]
    if other:
        raise ChainError(
            f"losses: {other[0]} falls into another season than {season}. Protection is reckoned "
            "for one season: name it, and leave the column season empty."
        )
    return told


def _struck(
    standing: Standing, chain: Chain, year: int | None, season: str, projects: Any
) -> Struck:
    return Struck(standing.chain, in_season(chain, year, season, projects))


def _protection(
    standing: Standing,
    options: pl.DataFrame,
    shocks: list[Shock],
    problem: Joint,
    values: Floats,
    without: Floats,
) -> Protection:
    amounts = problem.amounts(values)
    amounts = np.where(np.abs(amounts) < _TINY, 0.0, amounts)
    units = standing.chain.table("commodities").select("commodity", "unit")
    kept = (
        options.with_columns(amount=pl.Series(amounts))
        .join(units, on="commodity", how="left", maintain_order="left")
        .with_columns(spent=pl.col("cost") * pl.col("amount"))
        .select("option", "kind", "commodity", "place", "amount", "unit", "cost", "spent")
    )
    told = pl.DataFrame(
        {
            "shock": [one.name for one in shocks],
            "weeks": [one.weeks for one in shocks],
            "lost_without": without,
            "lost_with": np.minimum(problem.lost(values), without),
            "unit": [standing.unit] * len(shocks),
        }
    )
    return Protection(kept, told, float(kept["spent"].sum()))
