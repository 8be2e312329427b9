"""Savings by basis: how much of them is verified, and how much is only said."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from onshore.account.totals import BASES, MEASURES, totals


def by_basis(ledger: pl.DataFrame, by: Sequence[str] = ()) -> pl.DataFrame:
    """Sum savings by the basis of their claims; only *verified* is a programme's headline.

    A claim counts once, at its own basis: what is verified is not counted again as contracted.
    So the rows of a group add up to all that was claimed, and must not be shown as that.

    Parameters
    ----------
    ledger
        Claims with their savings, as `savings` gives them: ``claim_id`` (unique), ``basis``,
        ``net_currency_saved``, ``cost_effect`` (Decimal), and the columns of ``by``.
    by
        Columns to group by, such as ``["sector"]`` or ``["place", "period"]``.

    Returns
    -------
    DataFrame
        For each group, in order, all seven bases from target to verified: the columns of
        ``by``, ``basis`` (str), ``net_currency_saved``, ``cost_effect`` (Decimal(38, 6), in the
        ledger's currency; the sum of what is known), ``claims`` (int) and
        ``without_cost_effect`` (int, the claims whose cost effect is not known). Without
        ``by`` there is always one group; with it, an empty ledger has none.

    Raises
    ------
    AccountError
        A claim occurs twice, or a basis is not one of the seven.

    Examples
    --------
    >>> from decimal import Decimal
    >>> ledger = pl.DataFrame({
    ...     "claim_id": ["A", "B", "C"], "basis": ["verified", "MoU", "verified"],
    ...     "net_currency_saved": [Decimal(5), Decimal(90), Decimal(2)],
    ...     "cost_effect": [Decimal(-1), None, Decimal(3)],
    ... })
    >>> by_basis(ledger).filter(basis="verified").select("claims").item()
    2
    >>> int(by_basis(ledger).filter(basis="verified")["net_currency_saved"].item())
    7
    """
    sums = totals(ledger, by)
    bases = pl.DataFrame({"basis": BASES, "_step": range(len(BASES))})
    groups = ledger.select(by).unique().join(bases, how="cross") if by else bases
    keys = [*by, "basis"]
    return (
        groups.join(sums, on=keys, how="left", nulls_equal=True)
        .sort(*by, "_step", nulls_last=True)
        .select(*keys, pl.col(MEASURES).fill_null(0))
    )
