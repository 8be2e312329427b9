"""A chain as it stands when something is lost: one season in yearly rates, stocks to draw on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from onshore.chain.checks import season_shares
from onshore.chain.compiling import Compiled, compile_chain
from onshore.chain.errors import ChainError
from onshore.chain.nodes import Rows
from onshore.chain.service import project_dates, service_share
from onshore.chain.solver import Answer, Floats, Model, Solver, sorted_by_rows
from onshore.chain.tables import NUMBER, Chain

WEEKS = 365.2425 / 7
"""Weeks in a year."""

_BLOCK_OF = {"assets": "activity", "links": "flow", "markets": "trade", "stocks": "stock"}
_REQUIRED = 1e3  # of output given up before a demand that has to be served is not
_SLACK = 1e-7  # of what is to be kept up, so that rounding does not end a survival
Columns = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Standing:
    """A season's linear program in yearly rates, its plan before any loss, and what that delivers.

    All amounts are rates per year, so that a loss of any length has the same program: only what
    can be drawn from stock per year depends on the weeks. A stock's column s is ``first`` less
    what is drawn.

    Parameters
    ----------
    chain
        The one-season chain it was compiled from.
    model
        The compiled program, no stock drawn.
    plan
        The best plan before any loss.
    year, season
        When.
    first
        What is in each stock.
    measure
        What is lost is the growth of ``measure . x``: of costs, or of output with a minus.
    wanted
        The commodity of which the most is to be made; None where the objective is about money.
    unit
        Unit of the measure: of that commodity, or the currency.
    """

    chain: Chain
    model: Compiled
    plan: Answer
    year: int
    season: str
    first: Floats
    measure: Floats
    wanted: str | None
    unit: str

    @property
    def stock(self) -> slice:
        """The columns of stocks."""
        return self.model.block("stock")

    @property
    def before(self) -> float:
        """The measure of the plan before any loss, per year."""
        return float(self.measure @ self.plan.values)

    def balance_rows(self, block: str) -> Columns:
        """Give the balance row that each column of a block (stock, unserved) stands in."""
        return _balance_rows(self.model, block)

    def drawn_down_to(self, weeks: float) -> Floats:
        """Give the least of each stock's column where a loss lasts this long."""
        return self.first * (1.0 - WEEKS / weeks)

    def lost_bounds(self, rows: Rows, share: float, weeks: float) -> tuple[Columns, Floats, Floats]:
        """Give the columns that a loss strikes, and the bounds that it leaves them.

        Of what has no limit the share is of what it carries before the loss.
        """
        columns, lower, upper = [], [], []
        for table, struck in rows.items():
            at = self.model.block(_BLOCK_OF[table]).start + struck
            columns.append(at)
            if table == "stocks":
                first = self.first[struck]
                least = first * (1.0 - (1.0 - share) * WEEKS / weeks)
                lower.append(least)
                upper.append(np.maximum(first, least))
                continue
            most = self.model.upper[at]
            most = np.where(np.isinf(most), self.plan.values[at], most)
            upper.append((1.0 - share) * most)
            lower.append(np.zeros(len(at)))
        if not columns:
            nothing = np.zeros(0)
            return np.zeros(0, np.int64), nothing, nothing
        return np.concatenate(columns), np.concatenate(lower), np.concatenate(upper)

    def delivered(self, values: Floats, commodity: str) -> float:
        """Give what a plan serves of the demand for a commodity and exports of it, per year."""
        model = self.model
        nodes = model.entities["balance"]["commodity"] == commodity
        asked = (
            float(model.of(model.demand, "balance")[nodes.to_numpy()].sum()) if len(nodes) else 0.0
        )
        soft, trade = model.entities["unserved"], model.entities["trade"]
        unserved = model.of(values, "unserved")[(soft["commodity"] == commodity).to_numpy()]
        out = (trade["commodity"] == commodity) & (trade["direction"] == "export")
        return (
            asked - float(unserved.sum()) + float(model.of(values, "trade")[out.to_numpy()].sum())
        )

    def survival_bounds(self, *, exports: bool) -> tuple[Columns, Floats, Floats]:
        """Give the columns of what is to be kept up, and the bounds that keep it as planned.

        All demands, or where the most output is wanted those that have to be served.
        """
        model, values = self.model, self.plan.values
        soft, trade = model.block("unserved"), model.block("trade")
        served = np.arange(soft.start, soft.stop)
        if self.wanted is not None:
            served = served[model.entities["unserved"]["required"].to_numpy()]
        kept, lower = [served], [model.lower[served]]
        upper = [values[served] + _SLACK * np.maximum(1.0, model.upper[served])]
        if exports:
            is_export = (model.entities["trade"]["direction"] == "export").to_numpy()
            at = trade.start + np.flatnonzero(is_export)
            kept.append(at)
            lower.append(np.maximum(values[at] * (1.0 - _SLACK) - _SLACK, 0.0))
            upper.append(model.upper[at])
        return np.concatenate(kept), np.concatenate(lower), np.concatenate(upper)

    def measure_row(self, *, slack: float = _SLACK) -> tuple[float, float, Columns, Floats]:
        """Give the row that keeps the output as planned: lower, upper, columns, values."""
        some = np.flatnonzero(self.measure)
        most = self.before + slack * max(1.0, abs(self.before))
        return -np.inf, most, some, self.measure[some]


def stand(
    chain: Chain,
    *,
    year: int | None = None,
    season: str | None = None,
    objective: str | None = None,
    projects: Any = "none",
) -> Standing:
    """Compile the chain as it runs in one season of a year, and plan it before any loss.

    Least uses are let go, for plants may have to stand still; a demand that has to be served
    counts as worth ten times the highest worth, price or cost of the chain, so that a loss has a
    plan in any case. Of stocks nothing is drawn before the loss. A unit drawn costs what one more
    unit costs there before the loss (its dual value), so that the plan before it stays the best.
    Where the objective is the most output, stocks are free, those of the commodity itself count
    as output, and no more is made than before the loss.
    """
    season = chain.settings.season_names[0] if season is None else season
    now = in_season(chain, year, season, projects)
    told = now.settings
    year = told.years[0]
    model = compile_chain(now, objective=objective)
    stock, soft = model.block("stock"), model.block("unserved")
    first = now.table("stocks")["first"].to_numpy().astype(np.float64)
    lower, upper, cost = model.lower.copy(), model.upper.copy(), model.cost.copy()
    lower[stock] = upper[stock] = first
    cost[stock] = 0.0
    wanted = _wanted(model.objective)
    if wanted is None:
        # A balance row's dual tells what one more unit asked for there costs.
        priced = _planned(_changed(model, lower, upper, cost), year, season)
        cost[stock] = -np.maximum(priced.duals[_balance_rows(model, "stock")], 0.0)
        measure, unit = cost, told.currency
    else:
        cost[stock][(now.table("stocks")["commodity"] == wanted).to_numpy()] = 1.0
        measure, unit = cost.copy(), _unit_of(now, wanted)
        cost[soft][model.entities["unserved"]["required"].to_numpy()] = _REQUIRED
    changed = _changed(model, lower, upper, cost)
    plan = _planned(changed, year, season)
    return Standing(now, changed, plan, year, season, first, measure, wanted, unit)


def extended(
    model: Model,
    columns: list[tuple[float, float, float, Columns, Floats]],
    rows: list[tuple[float, float, Columns, Floats]],
    *,
    cost: Floats | None = None,
    lower: Floats | None = None,
    upper: Floats | None = None,
) -> Model:
    """Add columns (cost, lower, upper, rows, values), then rows (lower, upper, columns, values).

    Costs and bounds of the columns that were there may be given anew.
    """
    width, height = len(model.cost), len(model.row_lower)
    of_row = np.repeat(np.arange(height), np.diff(model.starts))
    at_row, at_column, value = [of_row], [model.index.astype(np.int64)], [model.value]
    for n, (_, _, _, where, values) in enumerate(columns):
        at_row.append(np.asarray(where, np.int64))
        at_column.append(np.full(len(where), width + n))
        value.append(np.asarray(values, np.float64))
    for n, (_, _, where, values) in enumerate(rows):
        at_row.append(np.full(len(where), height + n))
        at_column.append(np.asarray(where, np.int64))
        value.append(np.asarray(values, np.float64))
    new_width, new_height = width + len(columns), height + len(rows)
    starts, index, values = sorted_by_rows(
        np.concatenate(at_row), np.concatenate(at_column), np.concatenate(value),
        new_height, new_width,
    )  # fmt: skip
    return Model(
        cost=np.append(model.cost if cost is None else cost, [c[0] for c in columns]),
        lower=np.append(model.lower if lower is None else lower, [c[1] for c in columns]),
        upper=np.append(model.upper if upper is None else upper, [c[2] for c in columns]),
        row_lower=np.append(model.row_lower, [r[0] for r in rows]),
        row_upper=np.append(model.row_upper, [r[1] for r in rows]),
        starts=starts,
        index=index,
        value=values,
    )


def in_season(chain: Chain, year: int | None, season: str, projects: Any) -> Chain:
    """Tell a chain of this one season, all its amounts as rates per year."""
    told = chain.settings
    year = told.years[0] if year is None else year
    if year not in told.years or season not in told.season_names:
        raise ChainError(
            f"the chain does not tell {season} of {year}. Its years are "
            f"{', '.join(str(one) for one in told.years)}, its seasons "
            f"{', '.join(told.season_names)}."
        )
    number = told.season_names.index(season)
    share = told.seasons[number][1]
    assets = _with_projects(chain, year, number, projects).with_columns(min_use=pl.lit(0.0))
    demands = chain.table("demands").filter(pl.col("year").is_null() | (pl.col("year") == year))
    in_season = [
        1.0 if text is None else season_shares(text)[number] / share
        for text in demands["season_share"]
    ]
    demands = demands.with_columns(
        pl.col("amount") * pl.Series(in_season, dtype=NUMBER),
        season_share=pl.lit(None, pl.String),
        required=pl.col("worth").is_null(),
        worth=pl.col("worth").fill_null(_highest(chain) * 10.0),
    )
    limits = chain.table("limits").filter(pl.col("season").is_null() | (pl.col("season") == season))
    limits = limits.with_columns(
        amount=pl.when(pl.col("season").is_null())
        .then("amount")
        .otherwise(pl.col("amount") / share),
        season=pl.lit(None, pl.String),
    )
    return chain.with_tables(assets=assets, demands=demands, limits=limits).with_settings(
        years=(year,), seasons=((season, 1.0),), stocks_end="free"
    )


def _with_projects(chain: Chain, year: int, season: int, projects: Any) -> pl.DataFrame:
    """Give the assets and, behind them, the projects in service then."""
    assets = chain.table("assets")
    dates = project_dates(chain, projects)
    if not dates:
        return assets
    period = season + chain.settings.years.index(year) * len(chain.settings.seasons)
    then = service_share(chain, list(dates.values()))[:, period]
    part = pl.DataFrame({"project": list(dates), "_then": then})
    added = (
        chain.table("projects")
        .join(part.filter(pl.col("_then") > 0), on="project", how="inner", maintain_order="left")
        .with_columns(
            pl.col("capacity") * pl.col("_then"),
            asset="project",
            cost="running_cost",
            from_year=pl.lit(year, pl.Int64),
        )
    )
    shared = [name for name in assets.columns if name in added.columns]
    return pl.concat([assets, added.select(shared)], how="diagonal").with_columns(
        pl.col("min_use").fill_null(0.0)
    )


def _highest(chain: Chain) -> float:
    """Give the highest worth, price or cost of a unit."""
    told = [
        chain.table(table)[column].abs().max()
        for table, column in (
            ("demands", "worth"),
            ("markets", "price"),
            ("assets", "cost"),
            ("links", "cost"),
        )
    ]
    return max([1.0, *(float(one) for one in told if one is not None)])  # type: ignore[arg-type]


def _wanted(objective: str) -> str | None:
    kind, _, commodity = objective.partition(":")
    return commodity.strip() if kind.strip() == "most output" else None


def _unit_of(chain: Chain, commodity: str) -> str:
    table = chain.table("commodities")
    return str(table.filter(pl.col("commodity") == commodity)["unit"].item())


def _planned(model: Model, year: int, season: str) -> Answer:
    plan = Solver(model).run()
    if plan.status != "optimal":
        raise ChainError(
            f"the chain has no plan in {season} of {year} before anything is lost: the program is "
            f"{plan.status}. Solve the chain first: it tells which limits collide."
        )
    return plan


def _changed(model: Compiled, lower: Floats, upper: Floats, cost: Floats) -> Compiled:
    parts = {name: getattr(model, name) for name in model.__dataclass_fields__}
    return Compiled(**{**parts, "lower": lower, "upper": upper, "cost": cost})


def _balance_rows(model: Compiled, block: str) -> Columns:
    """Find the row of each column of a block whose columns stand in one row only."""
    of = model.block(block)
    of_row = np.repeat(np.arange(len(model.row_lower)), np.diff(model.starts))
    at = (model.index >= of.start) & (model.index < of.stop)
    rows = np.zeros(of.stop - of.start, dtype=np.int64)
    rows[model.index[at] - of.start] = of_row[at]
    return rows
