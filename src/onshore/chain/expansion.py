"""What to build, where and when, within a budget."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl

from onshore.chain.building import Budget, Building, Funds, building, funds
from onshore.chain.choosing import Choice, Row, choose, output_row
from onshore.chain.compiling import Compiled, compile_chain
from onshore.chain.errors import ChainError
from onshore.chain.expansion_tables import Trial, built_table, left_out_table, spending_table
from onshore.chain.infeasible import explain
from onshore.chain.parts import part_needs
from onshore.chain.prices import objective_unit
from onshore.chain.solver import Floats, Solver
from onshore.chain.solving import Result, solve
from onshore.chain.tables import Chain

LEAST_INVESTMENT = "least investment"
Reach = tuple[str, float, int]
_BUILT = 1e-6
_SAME = 1e-7


@dataclass(frozen=True, eq=False)
class Expansion:
    """What is built within a budget, and what it brings.

    Parameters
    ----------
    status
        ``"optimal"``: within ``gap`` of the bound; ``"time limit"``: the best found until then.
    asked
        What was asked for: ``"least cost"``, ``"most output:..."``, ``"least net imports"`` or
        ``"least investment"``.
    objective
        The chain's objective with what is built; of ``"least investment"`` the discounted cost of
        it. In ``unit``; money of the first year.
    before
        The same with nothing built; None where the chain cannot do what it has to without.
    gain
        How much better the objective is than before; None where there is no before.
    counted
        What was made best: the objective, of ``"least cost"`` with the charges of what is built.
    bound
        Nothing that keeps the budget counts better.
    gap
        Between ``counted`` and ``bound``, as a share of what was counted.
    built
        ``project``, ``name``, ``process``, ``place``, ``capacity``, ``unit``, ``share`` (built; 1
        of what is lumpy), ``year`` (in which it is finished), ``finished``, ``cost``,
        ``charge`` (what the objective least cost counts of it), ``use`` (of what it could make
        within the years), ``gain`` (by how much the objective would be worse without it; null:
        without it the target or a demand would not be reached).
    left_out
        ``project`` ... ``unit``, ``cost``, ``gain`` (of building it too, as early as it could be;
        null: not known) and ``reason``.
    spending
        ``year``, ``budget`` (null where one amount is for all years), ``spent``, ``left``: what is
        left for others that share the budget.
    chain
        The chain with only what is built among its projects, at its share.
    result
        The solved chain: its flows, balances and prices.
    words
        The answer in sentences.
    warnings
        What is odd and was used as it is.
    """

    status: str
    asked: str
    unit: str
    objective: float
    before: float | None
    gain: float | None
    counted: float
    bound: float
    gap: float
    built: pl.DataFrame
    left_out: pl.DataFrame
    spending: pl.DataFrame
    chain: Chain
    result: Result
    words: tuple[str, ...]
    warnings: tuple[str, ...]

    @cached_property
    def needs(self) -> pl.DataFrame:
        """The parts that the expanded chain consumes; see `part_needs`."""
        return part_needs(self.result)


def expand(
    chain: Chain,
    budget: Budget = None,
    *,
    objective: str | None = None,
    years: Collection[int] | None = None,
    reach: Reach | None = None,
    spent: pl.DataFrame | None = None,
    carry_over: bool = False,
    pay: str = "while built",
    life: float | None = 20.0,
    gap: float = 1e-3,
    seconds: float = 60.0,
) -> Expansion:
    """Choose the projects to build, each with its year, so that the chain's objective is best.

    A mixed-integer program: the linear program of the chain, in which a project's capacity is in
    service from the day it is finished if it is built (z = 1; what is not lumpy may be built in
    part), at most once, and what is paid in a year is within its budget.

    Parameters
    ----------
    chain
        With projects and their ``cost``. What could be built elsewhere or otherwise is a row of
        projects as well.
    budget
        A frame of ``year`` and ``amount``; a number: for all years together, infinity for no
        limit; None: the chain's table budgets. In the chain's currency, of each year itself.
    objective
        The chain's own, or another of ``"least cost"``, ``"most output:COMMODITY"``, ``"least net
        imports"``, ``"least investment"`` (the cheapest way to what has to be served and reached).
    years
        Those to tell, where not all.
    reach
        A commodity, an amount of it and a year in which it has to be made.
    spent
        ``year`` and ``amount`` that others take out of the budget: the plan of a localization
        programme that shares it.
    carry_over
        Whether what is left of a year's budget may be spent later.
    pay
        ``"while built"``: the cost of a project is spread evenly over the years from the first to
        that in which it could be finished at the earliest (over as many before a later one);
        ``"when finished"``: it is paid in the year in which it is finished.
    life
        Years over which ``"least cost"`` counts a project: each year in service costs cost x r /
        (1 - (1 + r)^-life), r the chain's discount. None: the budget alone limits it.
    gap
        Share of the objective within which to stop.
    seconds
        Time after which to stop with the best found.

    Returns
    -------
    Expansion

    Raises
    ------
    ChainError
        There is nothing to build, or no budget; the target cannot be reached within the budget
        (how much it takes) or at all; what has to be served cannot be.

    Examples
    --------
    See ``docs/methods/targets_chain.md``.
    """
    asked = objective or chain.settings.objective
    warnings = list(chain.warnings)
    chain, unpriced = _with_costs(chain, warnings)
    flows = "least cost" if asked == LEAST_INVESTMENT else asked
    compiled = _compiled(chain, flows, reach, years, "all")
    extra = [] if reach is None else [_reach_row(compiled, reach)]
    ways = building(chain, compiled, pay)
    limit = funds(chain, budget, spent, compiled.years, carry_over=carry_over, warnings=warnings)
    charge = _charges(compiled, ways, asked, life)
    weight = compiled.weight.reshape(len(compiled.years), -1)[:, 0]
    prices = ways.paid @ weight if asked == LEAST_INVESTMENT else charge
    nothing = np.zeros(len(compiled.cost))
    choice = choose(
        compiled,
        ways.options,
        cost=nothing if asked == LEAST_INVESTMENT else compiled.cost,
        cost_of_options=prices,
        rows=[*extra, *limit.rows(ways, len(compiled.cost))],
        gap=gap,
        seconds=seconds,
    )
    if not choice.found:
        wanted = "what has to be served"
        if reach is not None:
            unit = chain.table("commodities").filter(commodity=reach[0])["unit"][0]
            wanted = f"{reach[1]:,.0f} {unit} of {reach[0]} in {reach[2]}"
        raise _nothing_found(compiled, ways, limit, extra, wanted, choice, seconds)
    trial = Trial(compiled, ways, extra)
    taken = np.where(choice.taken > _BUILT, choice.taken, 0.0)
    taken[ways.options.whole] = np.rint(taken[ways.options.whole])
    if asked != LEAST_INVESTMENT:
        taken = trial.without_useless(taken, charge)
    return _expansion(
        asked, compiled, ways, limit, trial, taken, choice, charge, reach, unpriced, warnings
    )


def _with_costs(chain: Chain, warnings: list[str]) -> tuple[Chain, pl.DataFrame]:
    """Leave out the projects whose cost is not told."""
    projects = chain.table("projects")
    if projects.is_empty():
        raise ChainError("the chain has no projects. Add a row for each thing that could be built.")
    unpriced = projects.filter(pl.col("cost").is_null())
    if unpriced.height == projects.height:
        raise ChainError(
            "projects: no project tells its cost. Fill in the column cost, in the chain's currency."
        )
    undated = projects.filter(pl.col("finish_likely").is_null() & pl.col("cost").is_not_null())
    if not undated.is_empty():
        warnings.append(
            f"projects: finish_likely is not told of {', '.join(undated['project'][:5])}"
            f"{' and others' if undated.height > 5 else ''}: they can be finished at the end of "
            "any year."
        )
    return chain.with_tables(projects=projects.filter(pl.col("cost").is_not_null())), unpriced


def _compiled(
    chain: Chain,
    objective: str,
    reach: Reach | None,
    years: Collection[int] | None,
    projects: str | Mapping[str, date],
) -> Compiled:
    """Compile the chain; what a target asks for may be made without being sold."""
    if reach is None:
        return compile_chain(chain, years=years, objective=objective, projects=projects)
    most = f"most output:{_known(chain, reach[0])}"
    compiled = compile_chain(chain, years=years, objective=most, projects=projects)
    if objective.startswith("most output"):
        if objective.partition(":")[2].strip() != reach[0]:
            raise ChainError(
                f"reach asks for {reach[0]}, and the objective is {objective}. Ask for both of "
                "the same commodity, or for least cost."
            )
        return compiled
    cost = compiled.money
    if objective == "least net imports":
        cost = np.zeros(len(compiled.money))
        for name in ("trade", "unserved"):
            cost[compiled.block(name)] = compiled.money[compiled.block(name)]
    return replace(compiled, cost=cost, objective=objective)


def _known(chain: Chain, commodity: str) -> str:
    known = chain.table("commodities")["commodity"]
    if commodity not in known:
        raise ChainError(
            f"{commodity!r} is no commodity of the chain. Name one of {', '.join(known)}."
        )
    return commodity


def _reach_row(compiled: Compiled, reach: Reach) -> Row:
    commodity, amount, year = reach
    if year not in compiled.years:
        raise ChainError(
            f"the year {year} is not among those asked for: "
            f"{', '.join(str(one) for one in compiled.years)}."
        )
    if not 0.0 < amount < float("inf"):
        raise ChainError(f"the target is {amount:.6g}. Give an amount above 0.")
    return output_row(compiled, commodity, year, amount)


def _charges(compiled: Compiled, ways: Building, asked: str, life: float | None) -> Floats:
    """Give what least cost counts of each option: an annuity for each year in service."""
    if asked != "least cost" or life is None:
        return np.zeros(len(ways.cost))
    if not 0.0 < life < float("inf"):
        raise ChainError(f"life is {life:.6g}. Give a number of years above 0, or None.")
    rate = compiled.chain.settings.discount
    annuity = rate / (1.0 - (1.0 + rate) ** -life) if rate else 1.0 / life
    of_year = np.tile(compiled.shares, len(compiled.years)) * compiled.weight
    charges: Floats = annuity * ways.cost * (ways.options.service @ of_year)
    return charges


def _nothing_found(
    compiled: Compiled,
    ways: Building,
    limit: Funds,
    extra: Sequence[Row],
    asked: str,
    choice: Choice,
    seconds: float,
) -> ChainError:
    if choice.status == "time limit":
        return ChainError(
            f"nothing was found in {seconds:.0f} seconds. Give it more time, or fewer years."
        )
    if Solver(compiled).run().status != "optimal":
        return explain(compiled)
    cheapest = choose(
        compiled,
        ways.options,
        cost=np.zeros(len(compiled.cost)),
        cost_of_options=ways.cost,
        rows=extra,
        gap=1e-3,
        seconds=seconds,
    )
    if not cheapest.found:
        return ChainError(
            f"{asked} is out of reach, whatever is spent: the projects that could be finished by "
            "then are too few. Ask target by how much and which step, or add projects."
        )
    return ChainError(
        f"{asked} is out of reach within the budget: it takes at least {cheapest.bound:,.0f} "
        f"{compiled.chain.settings.currency} in time, and {limit.whole:,.0f} may be spent in all "
        "years. Raise the budget (or let it be carried over), or ask for less."
    )


def _expansion(
    asked: str,
    compiled: Compiled,
    ways: Building,
    limit: Funds,
    trial: Trial,
    taken: Floats,
    choice: Choice,
    charge: Floats,
    reach: Reach | None,
    unpriced: pl.DataFrame,
    warnings: list[str],
) -> Expansion:
    sign = -1.0 if asked.startswith("most output") else 1.0
    invested = asked == LEAST_INVESTMENT
    now = trial.run(taken)
    if now.status != "optimal":
        raise ChainError(
            "what was chosen does not hold when it is solved again: amounts differ too much in "
            "size. Give them in larger or smaller units."
        )
    nothing = trial.run(np.zeros(len(taken)))
    chain, dates = _built_chain(compiled.chain, ways, taken)
    result = _result(chain, compiled, dates, reach)
    worth = None if invested else charge
    built = built_table(compiled, ways, trial, taken, worth, now, result)
    left = left_out_table(compiled, ways, limit, trial, taken, worth, now, unpriced)
    objective = choice.objective if invested else sign * now.objective
    before = None
    if nothing.status == "optimal":
        before = 0.0 if invested else sign * nothing.objective
    counted = choice.objective if invested else sign * (now.objective + float(taken @ charge))
    bound = sign * choice.bound
    answer = Expansion(
        status=choice.status,
        asked=asked,
        unit=compiled.chain.settings.currency if invested else objective_unit(compiled),
        objective=objective,
        before=before,
        gain=None if before is None or invested else sign * (before - objective) + 0.0,
        counted=counted,
        bound=bound,
        gap=abs(counted - bound) / max(1.0, abs(counted)),
        built=built,
        left_out=left,
        spending=spending_table(compiled, ways, limit, taken),
        chain=chain,
        result=result,
        words=(),
        warnings=tuple(warnings),
    )
    return replace(answer, words=_words(answer, chain.settings.currency))


def _built_chain(chain: Chain, ways: Building, taken: Floats) -> tuple[Chain, dict[str, date]]:
    """Give the chain with what is built as its projects, and the day of each.

    What is built in parts in several years becomes a project for each part.
    """
    frames, dates = [], {}
    for option in np.flatnonzero(taken):
        row = ways.projects[int(ways.options.project[option])]
        name = str(row["project"][0])
        if name in dates:
            name = f"{name}, {ways.finished[option].year}"
        dates[name] = ways.finished[option]
        part = pl.col("capacity", "cost") * float(taken[option])
        frames.append(row.with_columns(part, project=pl.lit(name)))
    projects = pl.concat(frames) if frames else ways.projects.clear()
    return chain.with_tables(projects=projects), dates


def _result(
    chain: Chain, compiled: Compiled, dates: Mapping[str, date], reach: Reach | None
) -> Result:
    again = _compiled(chain, compiled.objective, reach, compiled.years, dates)
    if reach is None:
        return solve(again)
    row = _reach_row(again, (reach[0], reach[1] * (1.0 - _SAME), reach[2]))
    solver = Solver(again)
    solver.require(row.lower, row.upper, row.columns, row.values)
    answer = solver.run()
    answer = replace(answer, duals=answer.duals[: len(again.row_lower)])
    return Result(again, answer, answer, chain.warnings)


def _words(told: Expansion, currency: str) -> tuple[str, ...]:
    spent, count = float(told.spending["spent"].sum()), told.built.height
    of_all = f"{count} of {count + told.left_out.height} projects are built"
    lines = [f"{of_all}, for {spent:,.0f} {currency}."]
    best, _, commodity = told.asked.partition(":")
    figure = f"{best.capitalize()}: {told.objective:,.0f} {told.unit}"
    if told.gain is not None:
        way = "more" if commodity else "less"
        lines.append(f"{figure}, {told.gain:,.0f} {way} than with today's plants alone.")
    elif told.asked != LEAST_INVESTMENT:
        lines.append(f"{figure}; today's plants alone cannot make or serve what they have to.")
    lines.append(
        f"No choice within the budget is better by more than {told.gap:.2%}."
        if told.status == "optimal"
        else f"The time ran out: a better choice may bring up to {told.gap:.2%} more."
    )
    first = told.left_out.filter(pl.col("reason").str.starts_with("others"))
    if not first.is_empty():
        name = first["name"][0] or first["project"][0]
        lines.append(
            f"Next would be {name}: {first['gain'][0]:,.0f} {told.unit} for "
            f"{first['cost'][0]:,.0f} {currency}."
        )
    return tuple(lines)
