"""A chain solved, and its answers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl

from onshore.chain import balances
from onshore.chain.bottlenecks import bottlenecks, capacity_worth
from onshore.chain.compiling import Compiled, compile_chain
from onshore.chain.errors import ChainError
from onshore.chain.infeasible import explain
from onshore.chain.prices import prices
from onshore.chain.solver import Answer, Solver
from onshore.chain.tables import Chain

_PRICED = 1e-7
"""Duals below this are rounding of the solver."""


@dataclass(frozen=True, eq=False)
class Result:
    """What a solved chain answers; tables are made when they are first asked for.

    Amounts are in the unit of their commodity and per period or year, money in the chain's
    currency; ``cost``, ``value`` and ``price`` are those of the year itself, ``objective`` is
    discounted.

    Parameters
    ----------
    compiled
        What was solved.
    answer
        The solver's answer to the objective: its duals and reduced costs.
    flow
        The solution shown: of all that are best by the objective one that costs least.
    warnings
        What is odd.
    """

    compiled: Compiled
    answer: Answer
    flow: Answer
    warnings: tuple[str, ...] = ()

    @property
    def status(self) -> str:
        """How the solver ended: ``"optimal"``, or ``"time limit"``."""
        return self.answer.status

    @property
    def objective(self) -> float:
        """The objective: money, or the output that is as large as can be."""
        sign = -1.0 if self.compiled.objective.startswith("most output") else 1.0
        return sign * self.answer.objective

    @cached_property
    def activity(self) -> pl.DataFrame:
        """What each asset makes.

        ``asset``, ``process``, ``place``, ``commodity`` (what its capacity is counted in),
        ``year``, ``season``, ``activity``, ``capacity`` (what it could make in the period),
        ``use`` (activity / capacity; null where there is none), ``cost``.
        """
        compiled = self.compiled
        runs = compiled.of(self.flow.values, "activity")
        room = compiled.of(compiled.upper, "activity")
        assets = compiled.entities["activity"]
        frame = assets.select("process", "place", "commodity", "cost", asset="name")
        return (
            balances.by_period(compiled, frame, {"activity": runs, "capacity": room})
            .with_columns(
                use=pl.when(pl.col("capacity") > 0).then(pl.col("activity") / pl.col("capacity")),
                cost=pl.col("cost") * pl.col("activity"),
            )
            .select(
                "asset", "process", "place", "commodity", "year", "season",
                "activity", "capacity", "use", "cost",
            )
        )  # fmt: skip

    @cached_property
    def process_flows(self) -> pl.DataFrame:
        """What each asset takes in (negative) and makes.

        ``asset``, ``process``, ``place``, ``commodity``, ``group``, ``year``, ``season``,
        ``amount``.
        """
        return balances.process_flows(self.compiled, self.flow.values)

    @cached_property
    def flows(self) -> pl.DataFrame:
        """What each link carries.

        ``link``, ``commodity``, ``from``, ``to``, ``mode``, ``distance_km``, ``year``, ``season``,
        ``amount`` (sent), ``arrived``, ``capacity`` (null: no limit), ``cost``.
        """
        compiled = self.compiled
        sent = compiled.of(self.flow.values, "flow")
        most = compiled.of(compiled.upper, "flow")
        frame = compiled.entities["flow"].select(
            "link", "commodity", "from", "to", "mode", "distance_km", "loss", per_unit="cost"
        )
        return (
            balances.by_period(compiled, frame, {"amount": sent, "capacity": most})
            .with_columns(
                arrived=pl.col("amount") * (1 - pl.col("loss")),
                capacity=pl.when(pl.col("capacity").is_finite()).then("capacity"),
                cost=pl.col("amount") * pl.col("per_unit"),
            )
            .select(
                "link", "commodity", "from", "to", "mode", "distance_km", "year", "season",
                "amount", "arrived", "capacity", "cost",
            )
        )  # fmt: skip

    @cached_property
    def trades(self) -> pl.DataFrame:
        """What is bought and sold abroad.

        ``market``, ``commodity``, ``place``, ``direction``, ``partner``, ``year``, ``season``,
        ``amount``, ``price``, ``value``.
        """
        compiled = self.compiled
        traded = compiled.of(self.flow.values, "trade")
        frame = compiled.entities["trade"].select(
            "market", "commodity", "place", "direction", "partner", "price", only="year"
        )
        told = balances.by_period(compiled, frame, {"amount": traded})
        then = pl.col("only").is_null() | (pl.col("only") == pl.col("year"))
        return told.filter(then).select(
            "market", "commodity", "place", "direction", "partner", "year", "season",
            "amount", "price", value=pl.col("amount") * pl.col("price"),
        )  # fmt: skip

    @cached_property
    def stocks(self) -> pl.DataFrame:
        """What is kept.

        ``commodity``, ``place``, ``year``, ``season``, ``level`` (at the period's end), ``change``.
        """
        compiled = self.compiled
        level = compiled.of(self.flow.values, "stock")
        change = balances.stock_changes(compiled, self.flow.values)
        frame = compiled.entities["stock"].select("commodity", "place")
        return balances.by_period(compiled, frame, {"level": level, "change": change}).select(
            "commodity", "place", "year", "season", "level", "change"
        )

    @cached_property
    def unserved(self) -> pl.DataFrame:
        """What demand is left unserved.

        ``commodity``, ``place``, ``year``, ``season``, ``amount``, ``asked``, ``worth`` (of one
        unit), only where there is any.
        """
        compiled = self.compiled
        amount = compiled.of(self.flow.values, "unserved")
        asked = compiled.of(compiled.upper, "unserved")
        frame = compiled.entities["unserved"].select("commodity", "place", "worth")
        told = balances.by_period(compiled, frame, {"amount": amount, "asked": asked})
        return told.filter(pl.col("amount") > 1e-9 * pl.col("asked")).select(
            "commodity", "place", "year", "season", "amount", "asked", "worth"
        )

    @cached_property
    def balance(self) -> pl.DataFrame:
        """Each commodity by place and year.

        ``commodity``, ``place`` (null: pooled), ``year``; sources ``made``, ``imported``,
        ``arrived``, ``from_stock``, ``unserved``; uses ``used`` (by processes), ``exported``,
        ``sent``, ``to_stock``, ``surplus``, ``asked``; ``lost`` (on the way here, already out of
        ``arrived``); ``difference`` (sources less uses).
        """
        return balances.balance(self.compiled, self.flow.values)

    @cached_property
    def prices(self) -> pl.DataFrame:
        """What one more unit of each commodity is worth; see ``prices.prices``."""
        return prices(self.compiled, self.answer)

    @cached_property
    def bottlenecks(self) -> pl.DataFrame:
        """The bottleneck and the next three; see ``bottlenecks.bottlenecks``."""
        return bottlenecks(self.compiled)

    @cached_property
    def capacity_worth(self) -> pl.DataFrame:
        """What one more unit of capacity is worth at each step; see ``capacity_worth``."""
        return capacity_worth(self.compiled, self.answer)

    @cached_property
    def self_sufficiency(self) -> pl.DataFrame:
        """Made at home / needed at home, by commodity and year."""
        return balances.self_sufficiency(self.balance)

    @cached_property
    def exports_left(self) -> pl.DataFrame:
        """What is left of what is made once home is served, by commodity and year."""
        return balances.exports_left(self.balance)


def solve(
    chain: Chain | Compiled,
    *,
    objective: str | None = None,
    years: Collection[int] | None = None,
    seasons: Collection[str] | None = None,
    projects: str | Mapping[str, date] = "none",
    seconds: float | None = None,
) -> Result:
    """Find the best flows of a chain.

    Parameters
    ----------
    chain
        A chain, or one compiled already (then the other questions have been asked).
    objective, years, seasons, projects
        As for ``compile_chain``.
    seconds
        Time after which to stop.

    Returns
    -------
    Result
        With its tables. Where several solutions are best by the objective, one that costs least.

    Raises
    ------
    ChainError
        No flows keep all limits: the message names limits that collide, none of which can be left
        out, and by how much one would have to give; ``problems`` is their table. Or there is no
        best: a gain without end, whose way is named.

    Examples
    --------
    >>> import polars as pl
    >>> from onshore.chain.reading import read_chain
    >>> small = read_chain(
    ...     {
    ...         "commodities": pl.DataFrame({"commodity": "ore", "unit": "kt", "kind": "material"}),
    ...         "places": pl.DataFrame({"place": "pit"}),
    ...         "processes": pl.DataFrame(
    ...             {"process": "mining", "commodity": "ore", "from_nature": True}
    ...         ),
    ...         "recipes": pl.DataFrame({"process": "mining", "commodity": "ore", "rate": 1.0}),
    ...         "assets": pl.DataFrame(
    ...             {
    ...                 "asset": "shovel",
    ...                 "process": "mining",
    ...                 "place": "pit",
    ...                 "capacity": 80.0,
    ...                 "from_year": 2020,
    ...             }
    ...         ),
    ...         "demands": pl.DataFrame(
    ...             {"commodity": "ore", "place": "pit", "amount": 100.0, "worth": 5.0}
    ...         ),
    ...     },
    ...     settings={"name": "small", "years": [2025]},
    ... )
    >>> result = solve(small)
    >>> result.objective, result.prices["words"].item()
    (100.0, 'One more kt of ore at pit in 2025 costs 5.0 USD.')
    >>> result.bottlenecks.select("step", "worth", "more").rows()
    [('mining', 5.0, 20.0)]
    """
    if isinstance(chain, Compiled):
        compiled = chain
    else:
        compiled = compile_chain(
            chain, years=years, seasons=seasons, objective=objective, projects=projects
        )
    solver = Solver(compiled, seconds=seconds)
    answer = solver.run()
    if answer.status == "infeasible":
        raise explain(compiled)
    if answer.status == "unbounded":
        raise _endless(compiled, solver)
    if answer.status != "optimal":
        raise ChainError(
            f"the solver ended with {answer.status}. Ask for fewer years, or give it more time."
        )
    flow = answer if compiled.cost is compiled.money else _cheapest(compiled, solver, answer)
    return Result(compiled, answer, flow, compiled.chain.warnings)


def _cheapest(compiled: Compiled, solver: Solver, answer: Answer) -> Answer:
    """Of all best solutions take one that costs least.

    They are those in which every column with a reduced cost stays at its bound, and every row
    with a dual at its own.
    """
    priced = np.flatnonzero(np.abs(answer.reduced) > _PRICED)
    at = np.where(answer.reduced > 0, compiled.lower, compiled.upper)[priced]
    solver.bound(priced, at, at)
    tight = np.flatnonzero(np.abs(answer.duals) > _PRICED)
    at = np.where(answer.duals > 0, compiled.row_lower, compiled.row_upper)[tight]
    solver.bound_rows(tight, at, at)
    solver.cost(np.arange(solver.columns), compiled.money)
    cheapest = solver.run()
    if cheapest.status != "optimal":
        return answer
    return replace(cheapest, objective=answer.objective)


def _endless(compiled: Compiled, solver: Solver) -> ChainError:
    ray = solver.ray()
    told = "buying and selling without limit"
    if ray is not None:
        part = np.flatnonzero(np.abs(ray) > 1e-9 * np.abs(ray).max())
        names = compiled.columns[part].unique(["block", "name", "commodity"], maintain_order=True)
        way = {"activity": "running", "trade": "trading on", "flow": "sending over"}
        steps = [
            f"{way[block]} {name}" + (f" ({commodity})" if block != "activity" else "")
            for block, name, commodity in names.select("block", "name", "commodity").iter_rows()
            if block in way
        ]
        told = ", ".join(steps[:8]) or told
    return ChainError(
        f"there is no best: {compiled.objective} gains without end by {told}. Give one of them a "
        "limit (most, capacity), or mend the prices."
    )
