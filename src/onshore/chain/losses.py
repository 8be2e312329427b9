"""The losses that are asked about: read, checked, and found in the chain."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from onshore.chain.errors import PROBLEMS, ChainError
from onshore.chain.nodes import Rows, kind_of, nodes, struck_rows
from onshore.chain.tables import Chain

LONGEST = 520.0
"""Weeks that something can be lost at most."""


@dataclass(frozen=True)
class Shock:
    """What is lost together.

    ``number`` tells shocks apart and gives their order; ``members`` are pairs of kind and node.
    Without a season it falls into the one in which it hurts most.
    """

    number: int
    name: str
    members: tuple[tuple[str, str], ...]
    title: str
    place: str | None
    weeks: float
    share: float
    season: str | None

    @property
    def kind(self) -> str:
        """The kind of its nodes; several where they differ."""
        kinds = {kind for kind, _ in self.members}
        return kinds.pop() if len(kinds) == 1 else "several"

    @property
    def node(self) -> str:
        """The keys of its nodes."""
        return "; ".join(node for _, node in self.members)


class Struck:
    """The rows that each node takes with it, looked up once for each kind.

    What stands in ``chain`` but not in ``bare`` is lost with its place only: a second source is not
    among the imports that a cut of its commodity strikes.
    """

    def __init__(self, chain: Chain, bare: Chain | None = None) -> None:
        self._chain, self._bare = chain, chain if bare is None else bare
        self._rows: dict[str, dict[str, Rows]] = {}

    def by(self, shock: Shock) -> Rows:
        """Give the rows of each table that are lost in a shock."""
        told: dict[str, Any] = {}
        for kind, node in shock.members:
            if kind not in self._rows:
                there = self._chain if kind in ("place", "province") else self._bare
                self._rows[kind] = struck_rows(there, kind)
            for table, rows in self._rows[kind].get(node, {}).items():
                told[table] = np.union1d(told[table], rows) if table in told else rows
        return told


def read_losses(
    chain: Chain, losses: pl.DataFrame, weeks: float, season: str | None
) -> list[Shock]:
    """Read the losses that are asked for; refuse what the chain does not have."""
    check_weeks(weeks)
    seasons_of(chain, season)
    lacking = [name for name in ("kind", "node") if name not in losses.columns]
    if lacking:
        raise ChainError(
            f"losses: the column {lacking[0]} is missing. Give kind and node of each loss, as "
            "chain.nodes lists them."
        )
    if losses.is_empty():
        raise ChainError("losses: no row tells what is lost. Give kind and node of each loss.")
    problems: list[list[Any]] = []
    reader = _Reader(chain, weeks, season)
    together: dict[tuple[str, object], list[Shock]] = {}
    for number, row in enumerate(losses.iter_rows(named=True)):
        try:
            one = reader.read(number, row)
        except _Wrong as wrong:
            value, key = str(row[wrong.column]), f"{row['kind']} {row['node']}"
            next_step = _NEXT[wrong.column]
            problems.append(
                ["losses", number + 2, key, wrong.column, wrong.reason, value, next_step]
            )
            continue
        own = row.get("shock")
        together.setdefault(("row", number) if own is None else ("shock", own), []).append(one)
    for told in together.values():
        if len({(one.weeks, one.share, one.season) for one in told}) > 1:
            reason = "rows of one shock differ in weeks, share or season"
            problems.append(["losses", None, "", "shock", reason, told[0].name, _NEXT["shock"]])
    if problems:
        raise ChainError.of_rows(
            pl.DataFrame(problems, schema=PROBLEMS, orient="row"), "the losses"
        )
    return [_joined(told) for told in together.values()]


def check_weeks(weeks: float) -> None:
    """Refuse what is no time of a loss."""
    if not 0 < weeks <= LONGEST:
        raise ChainError(
            f"weeks: {weeks} is no time of a loss. Give a number above 0, up to {LONGEST:g}."
        )


def number_of(value: object, otherwise: float) -> float:
    """Read a number, also from text and in Persian digits; not a number where it is none."""
    if value is None or value == "":
        return otherwise
    if isinstance(value, bool):
        return math.nan
    text = value.strip().replace("\u066b", ".") if isinstance(value, str) else value
    try:
        return float(text)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return math.nan


def seasons_of(chain: Chain, season: str | None) -> Sequence[str]:
    """Give the one season that is asked for, else all of them."""
    names = chain.settings.season_names
    if season is None:
        return names
    if season not in names:
        raise ChainError(
            f"the chain has no season {season!r}. Write one of {', '.join(names)}, or none."
        )
    return (season,)


_NEXT = {
    "kind": "Write asset, plant, owner, process, place, province, link, route, market, partner "
    "or commodity.",
    "node": "chain.nodes(chain, [kind]) lists what the chain has.",
    "weeks": f"Write a number above 0, up to {LONGEST:g}.",
    "share": "Write a number above 0, up to 1.",
    "season": "Write one of the chain's seasons, or leave it empty.",
    "shock": "Make them alike, or give each row a shock of its own.",
}


class _Wrong(Exception):
    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column, self.reason = column, reason


class _Reader:
    """Reads one row after the other; lists the nodes of each kind once."""

    def __init__(self, chain: Chain, weeks: float, season: str | None) -> None:
        self._chain, self._weeks, self._season = chain, weeks, season
        self._known: dict[str, dict[str, tuple[str, str | None]]] = {}

    def read(self, number: int, row: Mapping[str, Any]) -> Shock:
        kind, node = self._node(row)
        title, place = self._known[kind][node]
        weeks = number_of(row.get("weeks"), self._weeks)
        if not 0 < weeks <= LONGEST:
            raise _Wrong("weeks", "it is no number of weeks that something can be lost")
        share = number_of(row.get("share"), 1.0)
        if not 0 < share <= 1:
            raise _Wrong("share", "it is no share of what is lost")
        season = row.get("season") or self._season
        if season is not None and season not in self._chain.settings.season_names:
            raise _Wrong("season", "the chain has no such season")
        name = str(row["shock"]) if row.get("shock") is not None else node
        members = ((kind, node),)
        return Shock(number, name, members, title, place, weeks, share, season)

    def _node(self, row: Mapping[str, Any]) -> tuple[str, str]:
        try:
            kind = kind_of(str(row["kind"]))
        except ChainError:
            raise _Wrong("kind", "there is no such kind of node") from None
        if kind not in self._known:
            listed = nodes(self._chain, [kind])
            self._known[kind] = {
                node: (title, place) for _, node, title, place, _ in listed.iter_rows()
            }
        node = str(row["node"])
        if node not in self._known[kind]:
            near = difflib.get_close_matches(node, list(self._known[kind]), n=1)
            raise _Wrong(
                "node", f"the chain has no such {kind}{f' (near: {near[0]})' if near else ''}"
            )
        return kind, node


def _joined(told: list[Shock]) -> Shock:
    first = told[0]
    if len(told) == 1:
        return first
    members = tuple(dict.fromkeys(member for one in told for member in one.members))
    titles = " and ".join(dict.fromkeys(one.title for one in told))
    places = {one.place for one in told}
    place = first.place if len(places) == 1 else None
    return Shock(
        first.number, first.name, members, titles, place, first.weeks, first.share, first.season
    )
