"""The limits of a compiled chain, each named as the user's tables name it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from onshore.chain.program import Compiled
from onshore.chain.solver import Floats

Lines = NDArray[np.int64]
_SHOWN = 5


@dataclass
class Limit:
    """Limits of one sort and year that are told together, such as the capacity of a process.

    Parameters
    ----------
    table
        The table whose rows they are.
    one, many
        What is said of a single one, and of several: {key}, {sum} and {n} are filled in.
    keys, amounts
        Key and amount of each member.
    lines, side
        Columns, then rows, that each member bounds; side 1 above, -1 below.
    """

    table: str
    one: str
    many: str
    side: int
    keys: list[str] = field(default_factory=list)
    amounts: list[float] = field(default_factory=list)
    lines: list[Lines] = field(default_factory=list)

    def told(self, members: list[int]) -> str:
        """Say what these members are."""
        whole = f"{sum(self.amounts[m] for m in members):.6g}"
        keys = [self.keys[m] for m in members]
        if len(keys) == 1:
            return self.one.format(key=keys[0], sum=whole)
        some = ", ".join(keys[:_SHOWN])
        if len(keys) > _SHOWN:
            some += f" and {len(keys) - _SHOWN} more"
        return self.many.format(key=some, sum=whole, n=len(keys))


def named_limits(compiled: Compiled) -> list[Limit]:
    """Gather all limits of a compiled chain."""
    found: dict[tuple[Any, ...], Limit] = {}
    for group, limit, key, amount, lines in _members(compiled):
        if len(lines):
            mine = found.setdefault(group, limit)
            mine.keys.append(key)
            mine.amounts.append(amount)
            mine.lines.append(lines)
    return list(found.values())


def hard_demand(compiled: Compiled) -> Floats:
    """Give what each node has to be served in each period."""
    soft = np.zeros(len(compiled.row_lower))
    at = compiled.block("unserved")
    rows = np.repeat(np.arange(len(soft)), np.diff(compiled.starts))
    mine = (compiled.index >= at.start) & (compiled.index < at.stop)
    np.add.at(soft, rows[mine], compiled.upper[compiled.index[mine]])
    hard: Floats = compiled.demand - soft[compiled.block("balance")]
    hard[hard < 1e-9 * np.maximum(compiled.demand, 1.0)] = 0.0
    return hard


_Member = tuple[tuple[Any, ...], Limit, str, float, Lines]


def _members(compiled: Compiled) -> Iterator[_Member]:
    unit_of = dict(compiled.chain.table("commodities").select("commodity", "unit").iter_rows())
    yield from _capacities(compiled, unit_of)
    yield from _links(compiled, unit_of)
    yield from _markets(compiled, unit_of)
    yield from _stocks(compiled, unit_of)
    yield from _amounts(compiled)
    yield from _shares(compiled)
    yield from _demands(compiled, unit_of)


def _by_year(compiled: Compiled, block: str) -> Iterator[tuple[dict[str, Any], int, Lines]]:
    """Give each entity of a block of columns with each year, and its columns then."""
    begin, seasons = compiled.block(block).start, len(compiled.seasons)
    for number, row in enumerate(compiled.entities[block].iter_rows(named=True)):
        for y, year in enumerate(compiled.years):
            first = begin + number * compiled.periods + y * seasons
            yield row, year, np.arange(first, first + seasons)


def _bounded(compiled: Compiled, at: Lines) -> tuple[Lines, float]:
    """Give the columns with a bound above 0, and the sum of their bounds."""
    upper = compiled.upper[at]
    real = np.isfinite(upper) & (upper > 0)
    return at[real], float(upper[real].sum())


def _capacities(compiled: Compiled, unit_of: dict[str, str]) -> Iterator[_Member]:
    for row, year, at in _by_year(compiled, "activity"):
        process, unit = row["process"], unit_of[row["commodity"]]
        one = f"the capacity of {{key}} ({process} at {row['place']}), {{sum}} {unit} in {year}"
        many = f"the capacity of {process}, {{sum}} {unit} in {year} at {{n}} assets ({{key}})"
        lines, most = _bounded(compiled, at)
        yield (process, year), Limit("assets", one, many, 1), row["name"], most, lines
        forced = at[compiled.lower[at] > 0]
        least = float(compiled.lower[forced].sum())
        one = f"{{key}} runs at least {{sum}} {unit} in {year} (min_use)"
        many = (
            f"{process} runs at least {{sum}} {unit} in {year} (min_use) at {{n}} assets ({{key}})"
        )
        yield (process, year, "least"), Limit("assets", one, many, -1), row["name"], least, forced


def _links(compiled: Compiled, unit_of: dict[str, str]) -> Iterator[_Member]:
    for row, year, at in _by_year(compiled, "flow"):
        commodity, unit = row["commodity"], unit_of[row["commodity"]]
        carries = f"carries {{sum}} {unit} of {commodity} in {year}"
        one = f"the link {{key}} from {row['from']} to {row['to']} {carries}"
        many = f"the links {{key}} carry {{sum}} {unit} of {commodity} in {year}"
        lines, most = _bounded(compiled, at)
        yield ("link", commodity, year), Limit("links", one, many, 1), row["name"], most, lines


def _markets(compiled: Compiled, unit_of: dict[str, str]) -> Iterator[_Member]:
    n, years = len(compiled.cost), len(compiled.years)
    in_rows = compiled.block("market").stop > compiled.block("market").start
    for number, (row, year, at) in enumerate(_by_year(compiled, "trade")):
        commodity, unit = row["commodity"], unit_of[row["commodity"]]
        what = f"at most {{sum}} {unit} of {commodity} in {year}"
        one = f"the market {{key}} {row['direction']}s {what}"
        many = f"the markets {{key}} {row['direction']} {what}"
        lines, most = _bounded(compiled, at)
        group = ("market", row["direction"], commodity, year)
        yield group, Limit("markets", one, many, 1), row["name"], most, lines
        if in_rows and row["most"] is not None:
            line = compiled.block("market").start + number // years * years + number % years
            most = float(compiled.row_upper[line])
            limit = Limit("markets", one, many, 1)
            yield (*group, "year"), limit, row["name"], most, np.array([n + line])


def _stocks(compiled: Compiled, unit_of: dict[str, str]) -> Iterator[_Member]:
    begin = compiled.block("stock").start
    for number, row in enumerate(compiled.entities["stock"].iter_rows(named=True)):
        at = begin + number * compiled.periods + np.arange(compiled.periods)
        commodity, unit = row["commodity"], unit_of[row["commodity"]]
        key = ", ".join(part for part in (commodity, row["place"]) if part)
        room = f"there is room for {{sum}} {unit} of {commodity} in stock ({{key}})"
        finite = at[np.isfinite(compiled.upper[at])]
        yield ("room", commodity), Limit("stocks", room, room, 1), key, row["capacity"] or 0, finite
        end = f"the stock of {commodity} ({{key}}) ends with {{sum}} {unit}"
        last = at[compiled.lower[at] > 0]
        yield ("end", commodity), Limit("stocks", end, end, -1), key, row["first"], last


def _amounts(compiled: Compiled) -> Iterator[_Member]:
    begin = len(compiled.cost) + compiled.block("limit").start
    for number, row in enumerate(compiled.entities["limit"].iter_rows(named=True)):
        when = f"{row['year']}, {row['season']}" if row["season"] else f"{row['year']}"
        told = f"the limit {{key}}: at most {{sum}} in {when}"
        group = ("limit", row["name"], row["year"], row["season"])
        limit = Limit("limits", told, told, 1)
        yield group, limit, row["name"], row["amount"], np.array([begin + number])


def _shares(compiled: Compiled) -> Iterator[_Member]:
    begin, seasons = compiled.block("share").start, len(compiled.seasons)
    for number, row in enumerate(compiled.entities["share"].iter_rows(named=True)):
        least = row["side"] == "least"
        share = row["share_min"] if least else row["share_max"]
        part = f"for at {'least' if least else 'most'} {share:.4g} of its {row['group']}"
        for y, year in enumerate(compiled.years):
            told = f"{row['process']} takes in {row['commodity']} {part} in {year}"
            one, many = f"{told} ({{key}})", f"{told} ({{n}} assets: {{key}})"
            first = len(compiled.cost) + begin + number * compiled.periods + y * seasons
            group = ("share", row["process"], row["commodity"], row["side"], year)
            at = np.arange(first, first + seasons)
            yield group, Limit("recipes", one, many, 1), row["name"], share, at


def _demands(compiled: Compiled, unit_of: dict[str, str]) -> Iterator[_Member]:
    """Demand is held to below: a node may get less."""
    begin, seasons = compiled.block("balance").start, len(compiled.seasons)
    asked = hard_demand(compiled).reshape(-1, compiled.periods)
    for number, row in enumerate(compiled.entities["balance"].iter_rows(named=True)):
        commodity, place = row["commodity"], row["place"]
        unit = unit_of[commodity]
        for y, year in enumerate(compiled.years):
            then = y * seasons + np.arange(seasons)
            then = then[asked[number, then] > 0]
            at = len(compiled.cost) + begin + number * compiled.periods + then
            what = f"the demand for {{sum}} {unit} of {commodity}"
            one = f"{what} at {{key}} in {year}" if place else f"{what} in {year}"
            many = f"{what} in {year} at {{n}} places ({{key}})"
            amount = float(asked[number, then].sum())
            yield (
                ("demand", commodity, year),
                Limit("demands", one, many, -1),
                place or "",
                amount,
                at,
            )
