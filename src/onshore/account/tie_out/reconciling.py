"""The figures of a table tied out: every relation that is declared or found, judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from onshore.account.tie_out.calendars import propose_counts, propose_periods, propose_places
from onshore.account.tie_out.declared import judge_relations
from onshore.account.tie_out.differences import propose_balances, propose_points
from onshore.account.tie_out.figure import Figure
from onshore.account.tie_out.finding import VERDICTS, Finding, frame_of
from onshore.account.tie_out.growths import Levels, propose_growth
from onshore.account.tie_out.meetings import (
    propose_averages,
    propose_conversions,
    propose_doubles,
    propose_prices,
    propose_shares,
)
from onshore.account.tie_out.paths import propose_multiples
from onshore.account.tie_out.sums import propose_sums, propose_sums_over_time
from onshore.account.tie_out.wholes import propose_wholes
from onshore.records import RowError


@dataclass(frozen=True)
class TieOut:
    """What was found of a table of figures.

    Parameters
    ----------
    figures
        The figures as they were read.
    findings
        Every relation with its verdict, what does not tie first.
    errors
        What is wrong with the relations that were declared.
    """

    figures: tuple[Figure, ...]
    findings: tuple[Finding, ...]
    errors: tuple[RowError, ...] = ()

    @property
    def table(self) -> pl.DataFrame:
        """``relation``, ``ids``, ``stated``, ``computed``, ``difference``, ``tolerance``,
        ``verdict``, ``working`` (all str; ids joined by ``;``, difference and tolerance in the
        unit of what is stated).
        """  # noqa: D205
        return frame_of(list(self.findings))


def reconcile(
    figures: Sequence[Figure],
    *,
    relations: str | Path | None = None,
    rates: pl.DataFrame | None = None,
) -> TieOut:
    """Find the relations among published figures and judge each within its rounding.

    A figure stands for every number that rounds to it: half a unit of its last written digit
    either way, more where it is *about*, without end where it is *more than*. A relation ties
    where some numbers within these bounds fulfil it (interval arithmetic).

    Parameters
    ----------
    figures
        As `read_figures` gives them; ids occur once.
    relations
        File of declared relations; see `judge_relations`. They stand beside those found and
        replace one that names the same figures.
    rates
        The table ``rates`` of a programme: ``base``, ``quote``, ``date``, ``until``, ``rate``,
        ``rate_type``. Without it a conversion shows the rate it implies and cannot be judged.

    Returns
    -------
    TieOut
        The findings: *ties*, *off by*, *cannot tie*, *ambiguous place*, *ambiguous period*, and
        *derived*, for what follows from the figures without having been stated.

    Examples
    --------
    >>> import polars as pl
    >>> from onshore.account.tie_out import figures_of
    >>> figures = figures_of(pl.DataFrame({
    ...     "id": ["T", "A", "B", "C"],
    ...     "statement": ["Exports", "Part of it: Asia", "Part of it: Europe", "Part of it: rest"],
    ...     "value": ["1045", "600", "300", "140"],
    ...     "unit": ["million EUR"] * 4,
    ... }))
    >>> row = reconcile(figures).table.row(0, named=True)
    >>> row["verdict"], row["difference"], row["tolerance"]
    ('off by', '5', '2')
    >>> row["working"]
    '600 + 300 + 140 = 1,040 million EUR; stated 1,045, 5 more'
    """
    declared: list[Finding] = []
    errors: list[RowError] = []
    if relations is not None:
        declared, errors = judge_relations(relations, figures, rates)
    sums = propose_sums(figures)
    levels = Levels(figures)
    growths, pairs = propose_growth(figures, levels)
    told = {frozenset(f.ids[1:]) for f in growths if len(f.ids) == 3}
    multiples, more = propose_multiples(figures, told)
    found = [
        *sums,
        *propose_sums_over_time(figures),
        *growths,
        *multiples,
        *propose_wholes([*pairs, *more], sums),
        *propose_balances(figures),
        *propose_points(figures),
        *propose_shares(figures, sums),
        *propose_averages(figures),
        *propose_prices(figures),
        *propose_conversions(figures, rates),
        *propose_doubles(figures),
        *propose_periods(figures),
        *propose_counts(figures),
        *propose_places(figures),
    ]
    known = {(f.relation, frozenset(f.ids)) for f in declared}
    found = [f for f in found if (f.relation, frozenset(f.ids)) not in known]
    order = {figure.id: place for place, figure in enumerate(figures)}
    findings = sorted(
        [*declared, *found],
        key=lambda f: (VERDICTS.index(f.verdict), min((order.get(i, 0) for i in f.ids), default=0)),
    )
    return TieOut(tuple(figures), tuple(findings), tuple(errors))
