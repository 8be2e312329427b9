"""What the programme's run found: the tables a bulletin is composed of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

import polars as pl

from onshore.figures import RateTable
from onshore.plan import Plan


class SettingsLike(Protocol):
    """The settings of a programme that a bulletin shows."""

    @property
    def name(self) -> str:
        """Name in English."""

    @property
    def name_fa(self) -> str | None:
        """Name in Persian."""

    @property
    def home(self) -> str:
        """Home country, ISO 3166-1 alpha-2."""

    @property
    def currency(self) -> str:
        """Currency in which the programme counts, ISO 4217."""

    @property
    def calendar(self) -> str:
        """``gregorian`` or ``solar_hijri``, in which the programme's years are counted."""

    @property
    def price_date(self) -> date:
        """Day of whose prices and rates amounts are."""

    @property
    def rate_type(self) -> str:
        """Type of exchange rate that values prices."""

    @property
    def discount_rate(self) -> float:
        """Yearly discount, a fraction."""

    @property
    def first_year(self) -> int:
        """First year of the horizon, in the programme's calendar."""

    @property
    def years(self) -> int:
        """Length of the horizon."""

    @property
    def phases(self) -> Mapping[int, int]:
        """First year of each phase."""

    @property
    def illustrative(self) -> bool:
        """Whether organisations, needs, offers and deals are invented."""

    @property
    def note(self) -> str | None:
        """What must be read first, in English."""

    @property
    def note_fa(self) -> str | None:
        """What must be read first, in Persian."""


class ProgrammeLike(Protocol):
    """A programme, as ``onshore.open`` gives it."""

    @property
    def settings(self) -> SettingsLike:
        """The programme's settings."""

    @property
    def folder(self) -> Path:
        """The folder its tables were read from."""

    def table(self, name: str) -> pl.DataFrame:
        """Return a table with every column of its schema; empty where there is no file."""


@dataclass(frozen=True, eq=False)
class Results:
    """What a run of the main job found.

    Parameters
    ----------
    programme
        The programme, as ``onshore.open`` gives it.
    matches
        As ``onshore.match.find_candidates`` gives it: ``need_id``, ``rank``, ``offer_id``,
        ``score``, ``class`` (exact, near, could make, none), ``reasons``.
    plan
        As ``onshore.plan.make_plan`` gives it; its amounts are in the programme's currency.
    plan_table
        The plan in the schema of the table ``plan``, years in the programme's calendar.
    limits
        As ``onshore.plan.limits`` gives it: ``kind`` (budget, capacity, floor), ``name``,
        ``year`` (counted from 0), ``used``, ``limit``, ``binding``.
    left_out
        Needs or pairs that could not be planned: ``need_id``, ``offer_id`` (null for the whole
        need) and ``reason``, in words.
    ledger
        As ``onshore.account.savings`` gives it: one row per computed claim.
    broken_claims
        Claims that break a rule, as ``onshore.account.check_claims`` gives them.
    rates
        The programme's exchange rates.
    notes
        What the readers of the tables have to say, such as columns that were not read.
    """

    programme: ProgrammeLike
    matches: pl.DataFrame
    plan: Plan
    plan_table: pl.DataFrame
    limits: pl.DataFrame
    left_out: pl.DataFrame
    ledger: pl.DataFrame
    broken_claims: pl.DataFrame
    rates: RateTable
    notes: Sequence[str] = ()
