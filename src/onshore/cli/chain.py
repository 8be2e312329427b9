"""``onshore chain``: what a value chain makes, whether it reaches a target, what a loss costs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from onshore.cli import chain_shocks
from onshore.cli.chain_inputs import (
    Language,
    Projects,
    Texts,
    chain_metadata,
    named_tables,
    opened_chain,
    product_of,
    read_table,
    refusals,
    write_chain,
    years_of,
)
from onshore.cli.console import Refused, result, step
from onshore.cli.result_folder import source
from onshore.cli.targets import folder_target

if TYPE_CHECKING:
    import polars as pl

    from onshore.chain import Result

chain = App(name="chain", help="The value chain: flows, bottlenecks, targets, shocks, expansion.")
chain_shocks.register(chain)


Years = Annotated[list[int] | None, Parameter(negative="")]


def register(app: App) -> None:
    """Add this file's group of commands to the application."""
    app.command(chain)


@chain.command
def run(
    folder: Path,
    /,
    *,
    out: Path,
    year: Years = None,
    objective: str | None = None,
    projects: Projects = "none",
    product: str | None = None,
    language: Language = "en",
) -> int:
    """Find the best flows of a chain: balance, bottlenecks, worth, self-sufficiency, exports.

    Writes balance.csv, self_sufficiency.csv, exports_left.csv, bottlenecks.csv,
    capacity_worth.csv, activity.csv, flows.csv, trades.csv, stocks.csv, unserved.csv, prices.csv,
    streams.csv, sites.csv, names.csv, metadata.json, chart.svg and report.html.

    Parameters
    ----------
    folder
        A chain: chain.toml and its tables.
    out
        Folder for the results.
    year
        A year to tell; repeat it. All years of the chain when not given.
    objective
        "least cost", "most output:COMMODITY" or "least net imports"; else as chain.toml says.
    projects
        Which projects count as built: none, those whose likeliest day has come, or all.
    product
        The commodity that the page is about; else what is asked for most.
    language
        Language of the page.
    """
    from onshore import chain as room
    from onshore.chain.streams import streams

    folder_target(out)
    opened = opened_chain(folder)
    years = years_of(opened, year)
    with refusals(), step("Solving"):
        found = room.solve(opened, years=years, objective=objective, projects=projects)
    with step("Reckoning bottlenecks and balances"):
        tables = {**_tables(found), "streams": streams(found)}
    tables |= named_tables(opened, found.activity)
    told = {
        **chain_metadata(opened, folder, years),
        "product": product_of(opened, product, found.compiled.objective),
        "parameters": {"objective": found.compiled.objective, "projects": projects},
        "objective_value": found.objective,
        "status": found.status,
    }
    write_chain(out, "run", tables, told, found.warnings, folder, language)
    for words in tables["bottlenecks"]["words"]:
        result(str(words))
    return 0


@chain.command
def target(
    folder: Path,
    /,
    *,
    commodity: str,
    amount: float,
    year: int,
    out: Path,
    unit: str | None = None,
    draws: int = 1000,
    seed: int = 0,
    distribution: Literal["pert", "triangular"] = "pert",
    correlation: float = 0.0,
    at: Literal["output", "rate"] = "output",
    project: Texts = None,
    language: Language = "en",
) -> int:
    """Tell how probably a target is reached, and which projects have to be finished when.

    Writes fan.csv, projects.csv, steps.csv, shortfall.csv (where all projects are not enough),
    outputs.csv, dates.csv, sites.csv, names.csv, metadata.json, chart.svg and report.html.

    Parameters
    ----------
    folder
        A chain with projects and their finishing dates.
    commodity
        What is to be made.
    amount
        How much of it in the year.
    year
        By when.
    out
        Folder for the results.
    unit
        Unit of the amount; the commodity's own when not given.
    draws
        How many times the finishing dates are drawn.
    seed
        Seed of the draws: the same seed, the same answer.
    distribution
        Of the dates between the earliest and the latest day.
    correlation
        From 0 (projects are late each for itself) to 1 (all together).
    at
        output: what is made in the year. rate: what could be made at the rate of its end.
    project
        A project that counts; repeat it. All when not given.
    language
        Language of the page.
    """
    from onshore.chain import target as reckon

    folder_target(out)
    opened = opened_chain(folder)
    with refusals(), step("Drawing dates and solving"):
        found = reckon(
            opened, commodity, amount, year, unit=unit, draws=draws, seed=seed,
            distribution=distribution, correlation=correlation, projects=project, at=at,
        )  # fmt: skip
    tables = {
        "fan": found.fan,
        "projects": found.projects,
        "steps": found.steps,
        "shortfall": found.shortfall,
        "outputs": found.outputs,
        "dates": found.dates,
        **named_tables(opened),
    }
    told = {
        **chain_metadata(opened, folder, None),
        "product": found.commodity,
        "commodity": found.commodity,
        "amount": found.amount,
        "unit": found.unit,
        "year": found.year,
        "probability": found.probability,
        "low": found.low,
        "high": found.high,
        "reachable": found.reachable,
        "short": found.short,
        "draws": found.draws,
        "words": list(found.words),
        "parameters": {
            "draws": found.draws,
            "seed": found.seed,
            "distribution": found.distribution,
            "correlation": found.correlation,
            "at": found.at,
        },
    }
    write_chain(out, "target", tables, told, found.warnings, folder, language)
    for words in found.words:
        result(words)
    return 0


@chain.command
def expand(
    folder: Path,
    /,
    *,
    out: Path,
    budget: float | None = None,
    objective: str | None = None,
    reach: str | None = None,
    spent: Path | None = None,
    year: Years = None,
    carry_over: bool = False,
    pay: Literal["while built", "when finished"] = "while built",
    life: float = 20.0,
    frontier: bool = False,
    gap: float = 1e-3,
    time: float = 60.0,
    language: Language = "en",
) -> int:
    """Find which projects to build, where and when, within a budget.

    Writes built.csv, left_out.csv, spending.csv, needs.csv (parts that the chain consumes),
    streams.csv and balance.csv of the expanded chain, with --frontier frontier.csv; sites.csv,
    names.csv, metadata.json, chart.svg and report.html.

    Parameters
    ----------
    folder
        A chain with projects and their costs.
    out
        Folder for the results.
    budget
        What may be spent over all years together (inf: no limit); the table budgets when not
        given.
    objective
        As for run, or "least investment" with --reach.
    reach
        What has to be reached, as COMMODITY:AMOUNT:YEAR.
    spent
        A table of what the localization plan takes of the same budgets: year, amount.
    year
        A year to tell; repeat it. All years of the chain when not given.
    carry_over
        What is not spent in a year may be spent later.
    pay
        Whether a project's cost falls in the years in which it is built, or when it is finished.
    life
        Years over which a project's cost is spread.
    frontier
        Show too what smaller budgets would bring.
    gap
        How far from the best possible the answer may be.
    time
        Seconds after which to stop.
    language
        Language of the page.
    """
    from onshore.chain import budget_frontier
    from onshore.chain import expand as reckon
    from onshore.chain.streams import streams

    if frontier and reach is not None:
        raise Refused("--frontier and --reach answer two questions: ask them one after the other.")
    folder_target(out)
    taken = None if spent is None else read_table(spent, "what is spent", ("year", "amount"))
    wanted = _reach(reach)
    opened = opened_chain(folder)
    years = years_of(opened, year)
    with refusals(), step("Choosing what to build"):
        found = reckon(
            opened, budget, objective=objective, years=years, reach=wanted, spent=taken,
            carry_over=carry_over, pay=pay, life=life, gap=gap, seconds=time,
        )  # fmt: skip
    after = found.result
    tables = {
        "built": found.built,
        "left_out": found.left_out,
        "spending": found.spending,
        "needs": found.needs,
        "balance": after.balance,
        "streams": streams(after),
        **named_tables(opened, after.activity),
    }
    if frontier:
        with refusals(), step("Trying smaller budgets"):
            tables["frontier"] = budget_frontier(
                opened, budget, objective=objective, years=years, spent=taken,
                carry_over=carry_over, pay=pay, life=life, gap=gap, seconds=time,
            )  # fmt: skip
    told = {
        **chain_metadata(opened, folder, years),
        "product": product_of(opened, None, objective),
        "gain": found.gain,
        "gain_unit": found.unit,
        "objective_value": found.objective,
        "objective_before": found.before,
        "counted": found.counted,
        "bound": found.bound,
        "gap": found.gap,
        "status": found.status,
        "words": found.words if isinstance(found.words, str) else list(found.words),
        "parameters": {
            "objective": objective or opened.settings.objective,
            "budget": budget,
            "reach": reach,
            "carry_over": carry_over,
            "pay": pay,
            "life": life,
        },
        "beside": {"spent": source(spent, 0)} if spent is not None else {},
    }
    write_chain(out, "expand", tables, told, found.warnings, folder, language)
    for words in [found.words] if isinstance(found.words, str) else found.words:
        result(words)
    return 0


def _tables(found: "Result") -> "dict[str, pl.DataFrame]":
    return {
        "balance": found.balance,
        "self_sufficiency": found.self_sufficiency,
        "exports_left": found.exports_left,
        "bottlenecks": found.bottlenecks,
        "capacity_worth": found.capacity_worth,
        "activity": found.activity,
        "flows": found.flows,
        "trades": found.trades,
        "stocks": found.stocks,
        "unserved": found.unserved,
        "prices": found.prices,
    }


def _reach(text: str | None) -> tuple[str, float, int] | None:
    if text is None:
        return None
    parts = [part.strip() for part in text.split(":")]
    try:
        commodity, amount, year = parts
        return commodity, float(amount), int(year)
    except ValueError:
        raise Refused(
            f"--reach {text}: write it as COMMODITY:AMOUNT:YEAR, such as 'crude steel:45000:2030'."
        ) from None
