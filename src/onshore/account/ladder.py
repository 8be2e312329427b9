"""Savings by basis: how much of them is verified, and how much is only said."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from onshore.account.errors import AccountError
from onshore.figures import Basis

_BASES = [str(basis.value) for basis in Basis]
_MONEY = pl.Decimal(38, 6)


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
    _require_sound(ledger)
    bases = pl.DataFrame({"basis": _BASES, "_step": range(len(_BASES))})
    keys = [*by, "basis"]
    sums = ledger.group_by(keys).agg(
        pl.col("net_currency_saved").cast(_MONEY).sum(),
        pl.col("cost_effect").cast(_MONEY).sum(),
        claims=pl.len().cast(pl.Int64),
        without_cost_effect=pl.col("cost_effect").is_null().sum().cast(pl.Int64),
    )
    groups = ledger.select(by).unique().join(bases, how="cross") if by else bases
    measures = ["net_currency_saved", "cost_effect", "claims", "without_cost_effect"]
    return (
        groups.join(sums, on=keys, how="left", nulls_equal=True)
        .sort(*by, "_step", nulls_last=True)
        .select(*keys, pl.col(measures).fill_null(0))
    )


def _require_sound(ledger: pl.DataFrame) -> None:
    twice = ledger.filter(pl.col("claim_id").is_duplicated())["claim_id"].unique().sort()
    if not twice.is_empty():
        raise AccountError(
            f"Claims occur more than once and would be counted twice: {', '.join(twice)}. "
            "Give each claim one row."
        )
    strange = ledger.filter(pl.col("basis").is_null() | ~pl.col("basis").is_in(_BASES))
    if not strange.is_empty():
        named = ", ".join(f"{c} ({b})" for c, b in strange.select("claim_id", "basis").rows())
        raise AccountError(
            f"Claims have no basis of the ladder: {named}. Write one of: {', '.join(_BASES)}."
        )
