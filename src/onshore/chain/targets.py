"""Whether a chain reaches a target in time: how probably, by which projects, and if not, why."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from onshore.chain.errors import ChainError
from onshore.chain.finish_dates import dates_table, finish_dates, require_draws
from onshore.chain.shortfall import reach_by_more
from onshore.chain.tables import Chain
from onshore.chain.target_tables import (
    WITHIN,
    Outputs,
    drawn_table,
    fan_table,
    interval,
    outputs,
    projects_table,
    steps_table,
    unit_told,
)
from onshore.chain.ways import Way, likeliest_way
from onshore.codes import UnknownCode, units


@dataclass(frozen=True, eq=False)
class Target:
    """How probably a chain makes an amount of a commodity in a year.

    Amounts are in ``unit``, the commodity's own.

    Parameters
    ----------
    commodity, amount, unit, year
        What was asked.
    probability
        Share of the draws in which the year's largest output is at least the amount.
    low, high
        Bounds of its 95 % interval, as far as the number of draws goes (Wilson 1927).
    reachable
        Whether all projects together, finished in time, reach the amount.
    short
        By how much they do not; 0 where they do.
    fan
        A row for each year: ``year``, the largest output with no project (``none``), with all
        at their latest, likeliest and earliest days (``latest``, ``likely``, ``earliest``), with
        all in service all year (``all``); ``mean`` and quantiles ``p05`` ... ``p95`` of the draws;
        ``amount``; ``probability`` of the amount in that year, ``low``, ``high``. Null: what has to
        be served at home cannot be.
    projects
        ``project``, ``name``, ``process``, ``place``, ``capacity``, ``unit``, ``progress``,
        ``finish_low``, ``finish_likely``, ``finish_high``; ``in_time`` (share of the draws in which
        it is finished before the year ends), ``if_in_time`` and ``if_late`` (the probability of the
        target in those draws, and in the others; null where there are none), ``needed_by`` (the
        day in the likeliest way to the target; null: not needed in it) and ``needed_chance`` (that
        it is finished by then).
    steps
        What holds output back in that year: ``kind``, ``step``, ``binds`` (share of the draws in
        which it is the bottleneck: one percent more of it would bring most), ``percent`` (what one
        percent more of it brings on average, in percent of the output, by the duals), ``worth``
        (on average, of one more unit of yearly capacity where it is worth most) and its ``unit``.
    shortfall
        Where the target is out of reach, what is needed beyond all projects; see
        `reach_by_more`.
    outputs
        ``draw``, ``year``, ``output`` (null: what has to be served cannot be).
    dates
        ``draw``, ``project``, ``finished``.
    way_chance
        Share of the draws in which all projects of the likeliest way are finished by their days.
    solved
        How many linear programs were solved.
    words
        The answer in sentences.
    warnings
        What is odd and was used as it is.
    """

    commodity: str
    amount: float
    unit: str
    year: int
    draws: int
    seed: int
    distribution: str
    correlation: float
    at: str
    probability: float
    low: float
    high: float
    reachable: bool
    short: float
    fan: pl.DataFrame
    projects: pl.DataFrame
    steps: pl.DataFrame
    shortfall: pl.DataFrame
    outputs: pl.DataFrame
    dates: pl.DataFrame
    way_chance: float | None
    solved: int
    words: tuple[str, ...]
    warnings: tuple[str, ...]


def target(
    chain: Chain,
    commodity: str,
    amount: float,
    year: int,
    *,
    unit: str | None = None,
    draws: int = 1000,
    seed: int = 0,
    distribution: str = "pert",
    correlation: float = 0.0,
    projects: Collection[str] | None = None,
    at: str = "output",
) -> Target:
    """Tell how probably a target is reached, by which projects finished when, or why it is not.

    The days on which projects are finished are drawn; for each draw and year the largest output
    of the commodity is found that the chain allows with what is in service by then. In the year
    in which a project is finished, the part of each season that is left counts.

    Parameters
    ----------
    chain
        With projects and their days; see `draw_finish_dates`.
    commodity
        What is to be made. All that is made of it counts, whatever becomes of it.
    amount
        How much, in ``unit``.
    year
        In which of the chain's years.
    unit
        Else the commodity's.
    draws, seed, distribution, correlation
        As for `draw_finish_dates`.
    projects
        Those that count; else all.
    at
        ``"output"``: what is made in the year. ``"rate"``: what would be made in a whole year
        with all that is finished before its end.

    Returns
    -------
    Target

    Raises
    ------
    ChainError
        Commodity, year, unit or numbers cannot be used; days are missing; or what has to be
        served cannot be even with all projects.

    Examples
    --------
    See ``docs/methods/targets_chain.md``.
    """
    require_draws(draws, correlation)
    wanted = _wanted(chain, commodity, amount, unit, year, at)
    told = finish_dates(chain, distribution=distribution, projects=projects)
    chain = chain.with_tables(projects=told.projects)
    days = told.draw(draws, seed, correlation)
    found = {one: outputs(chain, commodity, one, told, days, at) for one in chain.settings.years}
    here = found[year]
    reached = here.drawn >= wanted * (1.0 - WITHIN)
    probability = float(reached.mean())
    low, high = interval(probability, draws)
    short = wanted - here.cases["all"]
    reachable = short <= WITHIN * wanted
    way = None
    if reachable and told.projects.height:
        way = likeliest_way(here.compiled, told, commodity, wanted, at=at)
    answer = Target(
        commodity=commodity,
        amount=wanted,
        unit=unit_told(chain, commodity),
        year=year,
        draws=draws,
        seed=seed,
        distribution=distribution,
        correlation=correlation,
        at=at,
        probability=probability,
        low=low,
        high=high,
        reachable=reachable,
        short=0.0 if reachable else short,
        fan=fan_table(found, wanted),
        projects=projects_table(told, here, reached, way),
        steps=steps_table(here),
        shortfall=reach_by_more(here.compiled, commodity, 0.0 if reachable else wanted),
        outputs=drawn_table(found),
        dates=dates_table(told, days),
        way_chance=None if way is None else float((days <= way.days).all(axis=1).mean()),
        solved=sum(len(one.reached.answers) for one in found.values()),
        words=(),
        warnings=(*chain.warnings, *told.warnings, *_odd(here, way)),
    )
    return replace(answer, words=target_words(answer))


def _wanted(
    chain: Chain, commodity: str, amount: float, unit: str | None, year: int, at: str
) -> float:
    """Check what is asked for, and give it in the commodity's unit."""
    known = chain.table("commodities")["commodity"]
    if commodity not in known:
        raise ChainError(
            f"{commodity!r} is no commodity of the chain. Name one of {', '.join(known)}."
        )
    if year not in chain.settings.years:
        raise ChainError(
            f"the chain does not tell the year {year}. Ask for one of "
            f"{', '.join(str(one) for one in chain.settings.years)}."
        )
    if at not in ("output", "rate"):
        raise ChainError(f"at is {at!r}. Write output or rate.")
    wanted = amount * (1.0 if unit is None else _factor(unit, unit_told(chain, commodity)))
    if not 0.0 < wanted < float("inf"):
        raise ChainError(f"the target is {amount:.6g}. Give an amount above 0.")
    return wanted


def _factor(unit: str, own: str) -> float:
    # Mt is a million tonnes to some, a metric ton to the code list.
    if unit == "Mt":
        raise ChainError(f"the unit Mt is read in two ways. Give the target in {own}.")
    try:
        a, b = units.find(unit).code, units.find(own).code
    except UnknownCode as unknown:
        raise ChainError(f"the target's unit: {unknown}") from None
    if not units.convertible(a, b):
        raise ChainError(
            f"the target is in {unit}, and the commodity is told in {own}: {unit} measures "
            f"{units.dimension(a)}. Give the target in {own} or a unit that converts to it."
        )
    return float(units.factor(a, b))


def _odd(here: Outputs, way: Way | None) -> list[str]:
    odd = []
    unserved = float((~np.isfinite(here.drawn)).mean())
    if unserved:
        odd.append(
            f"in {unserved:.1%} of the draws what has to be served at home cannot be; they count "
            "as not reaching the target."
        )
    if way is not None and not way.proven:
        odd.append("the likeliest way to the target is the best that was found in the time given.")
    return odd


def target_words(told: Target) -> tuple[str, ...]:
    """Tell the answer in sentences."""
    asked = f"{told.amount:,.0f} {told.unit} of {told.commodity} in {told.year}"
    fan = told.fan.filter(year=told.year).row(0, named=True)
    lines = []
    if told.reachable:
        lines.append(
            f"{asked}: reached in {_percent(told.probability)} of the draws (95 % interval "
            f"{_percent(told.low)} to {_percent(told.high)})."
        )
    else:
        lines.append(
            f"{asked}: out of reach. All projects in service the whole year make "
            f"{fan['all'] or 0.0:,.0f} {told.unit}, {told.short:,.0f} {told.unit} too little."
        )
        needed = told.shortfall["words"].to_list()
        lines.append(
            f"It would take {'; '.join(needed)}."
            if needed
            else "No more capacity of the chain's plants, markets, links or limits would reach it."
        )
    if fan["likely"] is not None and told.projects.height:
        lines.append(
            f"Were each project finished on its likeliest day, {fan['likely']:,.0f} {told.unit} "
            "could be made."
        )
    if fan["none"] is not None and fan["none"] >= told.amount:
        lines.append("Today's plants alone reach it.")
    elif told.way_chance is not None:
        needed_by = told.projects["needed_by"].drop_nulls()
        lines.append(
            f"The likeliest way takes {len(needed_by)} of {told.projects.height} projects; all are "
            f"finished by their days in {_percent(told.way_chance)} of the draws."
        )
    if not told.steps.is_empty() and told.steps["binds"][0] > 0:
        kind, step, binds = told.steps.select("kind", "step", "binds").row(0)
        lines.append(f"The bottleneck is {step_words(kind, step)} in {binds:.0%} of the draws.")
    return tuple(lines)


def _percent(share: float) -> str:
    near_an_end = 0.0 < share < 0.095 or 0.905 < share < 1.0
    return f"{share:.1%}" if near_an_end else f"{share:.0%}"


def step_words(kind: str, step: str) -> str:
    """Name a step."""
    return {
        "process": f"the capacity of {step}",
        "imports": f"what can be imported of {step}",
        "exports": f"what can be exported of {step}",
        "links": f"the links that carry {step}",
    }.get(kind, f"the limit {step}")
