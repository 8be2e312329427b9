"""Totals of the ledger by any of its columns, never summed over bases."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from onshore.account.columns import MONEY, named
from onshore.account.errors import AccountError
from onshore.account.sponsors import SPONSOR, by_sponsor
from onshore.figures import Basis

BASES = [str(basis.value) for basis in Basis]
MEASURES = ("net_currency_saved", "cost_effect", "claims", "without_cost_effect")
LADDER = pl.Enum(BASES)


def totals(
    ledger: pl.DataFrame, by: Sequence[str] = (), *, shares: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Sum the ledger by basis and by any of its columns.

    Every group has its own rows by basis, and no row is a sum over bases: what is verified
    cannot be added to what is announced. Net currency saved and cost effect are never added
    either. The rows of a basis add up to the whole of that basis, whatever the columns.

    Parameters
    ----------
    ledger
        Claims with their savings, as `savings` gives them: ``claim_id`` (unique), ``basis``,
        ``net_currency_saved``, ``cost_effect`` (Decimal), and the columns of ``by``.
    by
        Columns to group by, such as ``["sector", "desk_id", "place", "buyer_id", "period"]``.
        With ``"sponsor_id"`` among them, savings are shared out by ``shares``.
    shares
        The programme's table ``claim_shares``; needed for ``"sponsor_id"`` alone.

    Returns
    -------
    DataFrame
        One row per group and basis that has claims, in order: the columns of ``by``,
        ``basis`` (str), ``net_currency_saved``, ``cost_effect`` (Decimal(38, 6), in the
        ledger's currency; the sum of what is known), ``claims`` and ``without_cost_effect``
        (int). A claim with several sponsors is counted at each of them; what of it is shared
        with nobody stands at a null sponsor.

    Raises
    ------
    AccountError
        A claim occurs twice, a basis is not one of the seven, the ledger is in several
        currencies, a column is not there, or shares do not hold.

    Examples
    --------
    >>> from decimal import Decimal
    >>> ledger = pl.DataFrame({
    ...     "claim_id": ["A", "B", "C"], "basis": ["verified", "MoU", "verified"],
    ...     "place": ["IR-10", "IR-10", "IR-21"], "cost_effect": [None, Decimal(1), Decimal(-3)],
    ...     "net_currency_saved": [Decimal(5), Decimal(90), Decimal(-2)],
    ... })
    >>> found = totals(ledger, ["place"])
    >>> [(row[0], row[1], int(row[2])) for row in found.rows()]
    [('IR-10', 'MoU', 90), ('IR-10', 'verified', 5), ('IR-21', 'verified', -2)]
    """
    require_sound(ledger)
    if SPONSOR in by:
        ledger = by_sponsor(ledger, shares)
    require_columns(ledger, by)
    return summed(ledger, by)


def summed(lines: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Sum sound lines by columns and basis."""
    return (
        lines.lazy()
        .select(
            *by,
            pl.col("basis").cast(LADDER),
            pl.col("net_currency_saved", "cost_effect").cast(MONEY),
        )
        .group_by(*by, "basis")
        .agg(
            pl.col("net_currency_saved", "cost_effect").sum(),
            claims=pl.len().cast(pl.Int64),
            without_cost_effect=pl.col("cost_effect").null_count().cast(pl.Int64),
        )
        .sort(*by, "basis", nulls_last=True)
        .with_columns(pl.col("basis").cast(pl.String))
        .collect()
    )


def require_columns(ledger: pl.DataFrame, by: Sequence[str]) -> None:
    """Refuse columns that the ledger does not have, has twice, or is always grouped by."""
    taken = {"basis", *MEASURES}
    lost = [name for name in by if name not in ledger.columns or name in taken]
    if lost or len(set(by)) < len(by):
        has = ", ".join(name for name in ledger.columns if name not in taken)
        raise AccountError(
            f"The ledger cannot be grouped by {', '.join(lost or by)}. Every total is by basis "
            f"already; name once each of: {has}."
        )


def require_sound(ledger: pl.DataFrame) -> None:
    """Refuse a ledger that counts a claim twice, or adds what cannot be added."""
    if ledger["claim_id"].n_unique() < ledger.height:
        twice = ledger.filter(pl.col("claim_id").is_duplicated())["claim_id"].unique().sort()
        raise AccountError(
            "Claims occur more than once and would be counted twice: "
            f"{named(twice.to_frame(), 'claim_id')}. Give each claim one row."
        )
    if not ledger["basis"].unique().is_in(BASES).all() or ledger["basis"].has_nulls():
        strange = ledger.filter(pl.col("basis").is_null() | ~pl.col("basis").is_in(BASES))
        raise AccountError(
            f"Claims have no basis of the ladder: {named(strange, 'claim_id', 'basis')}. "
            f"Write one of: {', '.join(BASES)}."
        )
    if "currency" in ledger.columns and ledger["currency"].n_unique() > 1:
        kinds = ", ".join(map(str, ledger["currency"].unique().sort()))
        raise AccountError(
            f"The ledger's lines are in several currencies ({kinds}) and cannot be added. "
            "Work the savings out in one currency, with its rates and their type."
        )
