"""Sums of contracts and savings that everybody may read: none tells what one contract is worth.

A figure is told where at least `LEAST` contracts are behind it. Smaller groups of a part of the
programme are told together; where even these are too few, the next smallest joins them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final

import polars as pl
from django.core.cache import cache

from onshore.desk.actor import Actor
from onshore.desk.models import RECORDS, Claim, Delivery, Role
from onshore.desk.policies import visible
from onshore.desk.reckoning import dashboard
from onshore.desk.reckoning.counting import Count
from onshore.desk.reckoning.dashboard import PARTS, RESTS_ON, SAVED, Terms
from onshore.desk.reckoning.reckoned import reckoned_once

LEAST: Final = 3
"""Contracts that are behind a published figure at least."""
OTHERS: Final = "others"
ALL: Final = "all"
STEPS: Final = ("contracted", "delivered", "accepted", "verified", SAVED)
"""What is told: worth of contracts by how far they came, and currency saved by verified claims."""
SECONDS: Final = 300
"""How long figures and files stand before they are made anew."""
_DAY: Final = 24 * 3600
_LONGEST: Final = 60
ANALYST: Final = Actor(None, {Role.ANALYST: frozenset()})
"""Whose ledger is added up: what is confidential is in no published sum."""


@dataclass(frozen=True)
class Figure:
    """A sum that may be told.

    Parameters
    ----------
    part, group
        What it is told by (`ALL` or one of the dashboard's parts), and of which of them; an empty
        group is of contracts that do not tell it.
    step
        One of `STEPS`.
    worth
        In the currency of the terms.
    contracts
        How many contracts are behind it.
    """

    part: str
    group: str
    step: str
    worth: Decimal
    contracts: int


@dataclass(frozen=True)
class Published:
    """The figures, and the terms that they are told in."""

    terms: Terms
    figures: tuple[Figure, ...]

    @property
    def totals(self) -> dict[str, Figure]:
        """The figures of the whole programme by their steps, where they may be told."""
        return {one.step: one for one in self.figures if one.part == ALL}


def published_figures() -> Published:
    """Give the figures in the programme's own currency, type of rate and calendar.

    They are reckoned anew at most every `SECONDS`; while one visitor waits for that, the others
    get those from before.
    """
    terms = Terms.of_programme()
    told = f"{terms.currency} {terms.rate_type} {terms.calendar}"
    key = f"published-figures-{sha256(told.encode()).hexdigest()}"
    fresh: Published | None = cache.get(key)
    if fresh is not None:
        return fresh
    before: Published | None = cache.get(f"{key}-before")
    if before is not None and not cache.add(f"{key}-busy", True, _LONGEST):
        return before
    found = reckoned_once(key, RESTS_ON, lambda: _reckoned(terms))
    cache.set(key, found, SECONDS)
    cache.set(f"{key}-before", found, _DAY)
    cache.delete(f"{key}-busy")
    return found


def _reckoned(terms: Terms) -> Published:
    rows = dashboard.ledger(ANALYST, terms).drop_nulls("worth")
    rows = with_contract(rows.filter(pl.col("step").is_in(STEPS)))
    found = []
    for part in (ALL, *PARTS):
        group = pl.lit(ALL) if part == ALL else pl.col(part).cast(pl.String).fill_null("")
        sums = rows.group_by("step", group=group).agg(
            pl.col("contract").unique().alias("contracts"), pl.col("worth").sum()
        )
        by_step: dict[str, dict[str, _Group]] = {step: {} for step in STEPS}
        for step, name, contracts, worth in sums.iter_rows():
            by_step[step][name] = _Group(set(contracts), worth)
        for step, groups in by_step.items():
            told = together(groups)
            found += [Figure(part, g, step, one.worth, len(one.contracts)) for g, one in told]
    return Published(terms, tuple(found))


def with_contract(rows: pl.DataFrame) -> pl.DataFrame:
    """Add to the rows of a ledger the ``contract`` (str) that each belongs to, or its own key."""
    joined = rows.join(_contracts(), on=["table", "key"], how="left", maintain_order="left")
    return joined.with_columns(contract=pl.coalesce("contract", "key"))


def _contracts() -> pl.DataFrame:
    """Give the contract that each delivery and claim belongs to; a claim of none is its own."""
    pairs = {
        "deliveries": visible(ANALYST, Delivery).values_list("pk", "deal_id"),
        "claims": visible(ANALYST, Claim).filter(basis="verified").values_list("pk", "deal_id"),
    }
    rows = [(table, key, deal) for table, found in pairs.items() for key, deal in found]
    schema = dict.fromkeys(("table", "key", "contract"), pl.String)
    return pl.DataFrame(rows, schema=schema, orient="row")


@dataclass
class _Group:
    contracts: set[str]
    worth: Decimal


_AMOUNTS: Final = ("contracted value", "delivered value", "verified savings", "amount awarded")


def tells_too_much(commitment: Any, counted: Count) -> bool:
    """Whether a commitment's count is a sum of money with too few contracts or awards behind it."""
    if commitment.counted not in _AMOUNTS:
        return False
    if counted.of - counted.left_out < LEAST:
        return True
    if counted.table not in ("deliveries", "claims"):
        return False
    rows = RECORDS[counted.table]._default_manager.filter(pk__in=counted.keys)
    return len({deal or key for key, deal in rows.values_list("pk", "deal_id")}) < LEAST


def together(groups: dict[str, Any]) -> list[tuple[str, Any]]:
    """Put groups with too few contracts together, and as many others as it takes.

    Parameters
    ----------
    groups
        Things with ``contracts``, a set, and ``worth``, by the names of the groups.

    Returns
    -------
    list
        Pairs of name and group, the largest worth first and `OTHERS` last; none where all
        together have too few contracts.
    """
    by_size = sorted(groups.items(), key=lambda told: (len(told[1].contracts), told[1].worth))
    few = [told for told in by_size if len(told[1].contracts) < LEAST]
    enough = by_size[len(few) :]
    rest = _joined(few)
    while few and len(rest.contracts) < LEAST and enough:
        few.append(enough.pop(0))
        rest = _joined(few)
    told = sorted(enough, key=lambda each: (-each[1].worth, each[0]))
    if len(rest.contracts) >= LEAST:
        told.append((OTHERS, rest))
    return told


def _joined(groups: Iterable[tuple[str, Any]]) -> _Group:
    whole = _Group(set(), Decimal(0))
    for _name, one in groups:
        whole.contracts |= one.contracts
        whole.worth += one.worth
    return whole
