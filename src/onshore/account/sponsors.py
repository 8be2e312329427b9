"""Savings shared out among the sponsors of their claims."""

from __future__ import annotations

import polars as pl

from onshore.account.columns import MONEY, named, typed
from onshore.account.errors import AccountError

SPONSOR = "sponsor_id"

_SHARES: dict[str, pl.DataType] = {
    "claim_id": pl.String(),
    SPONSOR: pl.String(),
    "share": pl.Float64(),
}
_ROUNDING = 5e-6  # shares are written with few decimals: three thirds are 0.999999


def share_problems(shares: pl.DataFrame) -> pl.DataFrame:
    """List the claims whose shares do not hold, with the reason.

    Parameters
    ----------
    shares
        The programme's table ``claim_shares``: ``claim_id``, ``sponsor_id`` (str), ``share``
        (float, 0 to 1).

    Returns
    -------
    DataFrame
        ``claim_id``, ``shares_problem`` (str), one row per claim: a share that is not from 0 to
        1, a sponsor listed twice, or shares of more than 100 % together.
    """
    known = typed(shares, _SHARES)
    percent = (pl.col("_sum") * 100).round(4).cast(pl.String).str.strip_suffix(".0")
    return (
        known.group_by("claim_id")
        .agg(
            _sum=pl.col("share").sum(),
            _strange=(~pl.col("share").is_between(0, 1)).fill_null(value=True).any(),
            _nobody=pl.col(SPONSOR).is_null().any(),
            _twice=pl.col(SPONSOR).filter(pl.col(SPONSOR).is_duplicated()).sort().first(),
        )
        .with_columns(
            shares_problem=pl.when("_strange")
            .then(pl.lit("a sponsor's share is not from 0 to 1"))
            .when("_nobody")
            .then(pl.lit("a share names no sponsor"))
            .when(pl.col("_twice").is_not_null())
            .then(pl.format("its sponsor {} is listed twice", "_twice"))
            .when(pl.col("_sum") > 1 + _ROUNDING)
            .then(pl.format("its sponsors' shares add up to {} %", percent))
        )
        .filter(pl.col("shares_problem").is_not_null())
        .select("claim_id", "shares_problem")
        .sort("claim_id")
    )


def by_sponsor(ledger: pl.DataFrame, shares: pl.DataFrame | None) -> pl.DataFrame:
    """Give each claim one line per sponsor; the lines of a claim add up to the claim exactly.

    Each line is the difference of two rounded running sums, so that no unit of the last decimal
    place is lost or found. What is shared with nobody is a line with a null sponsor.
    """
    if shares is None:
        raise AccountError("To group by sponsor_id, give the table claim_shares.")
    problems = share_problems(shares)
    if not problems.is_empty():
        raise AccountError(
            f"Shares do not hold: {named(problems, 'claim_id', 'shares_problem')}. "
            "Mend the table claim_shares: the shares of a claim are 100 % at most."
        )
    lines = (
        typed(shares, _SHARES)
        .filter(pl.col("share") > 0)
        .sort("claim_id", SPONSOR)
        .with_columns(_to=pl.col("share").cum_sum().over("claim_id"))
    )
    rest = lines.group_by("claim_id").agg(_to=pl.lit(1.0), _sum=pl.col("_to").last())
    rest = rest.filter(pl.col("_sum") < 1 - _ROUNDING).select("claim_id", "_to")
    cuts = (
        pl.concat([lines, rest], how="diagonal")
        .sort("claim_id", SPONSOR, nulls_last=True)
        .with_columns(
            _to=pl.when(pl.col("_to") > 1 - _ROUNDING).then(1.0).otherwise("_to").cast(MONEY)
        )
        .with_columns(_from=pl.col("_to").shift(1).over("claim_id").fill_null(0))
        .select("claim_id", SPONSOR, "_from", "_to")
    )
    joined = ledger.drop(SPONSOR, strict=False).join(
        cuts, on="claim_id", how="left", maintain_order="left"
    )
    start, end = pl.col("_from").fill_null(0), pl.col("_to").fill_null(1)
    return joined.with_columns(
        between(pl.col(amount), start, end) for amount in ("net_currency_saved", "cost_effect")
    ).drop("_from", "_to")


def between(amount: pl.Expr, start: pl.Expr, end: pl.Expr) -> pl.Expr:
    """Cut a piece of an amount from one share to another, so that all pieces add up to it."""
    whole = amount.cast(MONEY)
    return (whole * end).cast(MONEY) - (whole * start).cast(MONEY)
