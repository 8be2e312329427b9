"""What the programme's run found: the tables a bulletin is composed of."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from onshore.figures import RateTable
from onshore.plan import Plan
from onshore.records import Programme


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

    programme: Programme
    matches: pl.DataFrame
    plan: Plan
    plan_table: pl.DataFrame
    limits: pl.DataFrame
    left_out: pl.DataFrame
    ledger: pl.DataFrame
    broken_claims: pl.DataFrame
    rates: RateTable
    notes: Sequence[str] = ()
