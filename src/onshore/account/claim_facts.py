"""What is known of each claim: its days, its baseline, its deal, its deliveries."""

from __future__ import annotations

import polars as pl

from onshore.account.columns import MONEY, typed
from onshore.account.deliveries import with_deliveries
from onshore.account.landed_cost import PRICE_COLUMNS, with_price_problem
from onshore.account.overlaps import with_overlaps
from onshore.account.sponsors import share_problems
from onshore.codes import fold
from onshore.figures import Basis, Period

_CLAIMS = {
    "claim_id": pl.String(),
    "item_id": pl.String(),
    "buyer_id": pl.String(),
    "deal_id": pl.String(),
    "period": pl.String(),
    "basis": pl.String(),
    "quantity": MONEY,
    "baseline_id": pl.String(),
    "imported_content": MONEY,
    "domestic_price": MONEY,
    "domestic_currency": pl.String(),
    "stated_amount": MONEY,
    "claimed_by": pl.String(),
    "verified_by": pl.String(),
}
_DEALS = {name: pl.String() for name in ("deal_id", "basis", "buyer_id", "item_id", "unit")}
_DELIVERIES = {
    "deal_id": pl.String(),
    "quantity": MONEY,
    "accepted": MONEY,
    "unit": pl.String(),
    "delivered_on": pl.Date(),
    "accepted_on": pl.Date(),
    "serial": pl.Boolean(),
}
_BASELINES = {
    "baseline_id": pl.String(),
    "item_id": pl.String(),
    "buyer_id": pl.String(),
    "frozen_on": pl.Date(),
    "until": pl.Date(),
    "unit": pl.String(),
    "volume": MONEY,
    "evidence": pl.String(),
    **PRICE_COLUMNS,
}


def claim_facts(
    claims: pl.DataFrame,
    deals: pl.DataFrame,
    deliveries: pl.DataFrame,
    baselines: pl.DataFrame,
    shares: pl.DataFrame | None,
) -> pl.DataFrame:
    """Put on each claim's row what the rules ask for, and its place in ``_order``."""
    deals = typed(deals, _DEALS)
    facts = _with_period(typed(claims, _CLAIMS).with_row_index("_order"))
    facts = _with_baseline(facts, typed(baselines, _BASELINES))
    facts = _with_deal(facts, deals)
    facts = with_deliveries(facts, deals, typed(deliveries, _DELIVERIES))
    facts = _with_shares(facts, shares)
    return with_overlaps(_with_names(facts), is_lump_sum())


def is_lump_sum() -> pl.Expr:
    """Whether a claim is a published sum and nothing that could be computed."""
    measured = pl.col("quantity").is_not_null() | pl.col("baseline_id").is_not_null()
    return pl.col("stated_amount").is_not_null() & ~measured


def _with_period(claims: pl.DataFrame) -> pl.DataFrame:
    texts = claims["period"].unique().drop_nulls().sort()
    periods = [Period.parse(text) for text in texts]
    days = pl.DataFrame(
        {
            "period": texts,
            "starts": pl.Series([period.start for period in periods], dtype=pl.Date),
            "ends": pl.Series([period.end for period in periods], dtype=pl.Date),
        }
    )
    steps = pl.DataFrame(
        {"basis": [str(basis.value) for basis in Basis], "step": [basis.step for basis in Basis]}
    )
    return claims.join(days, on="period", how="left", maintain_order="left").join(
        steps, on="basis", how="left", maintain_order="left"
    )


def _with_baseline(facts: pl.DataFrame, baselines: pl.DataFrame) -> pl.DataFrame:
    known = with_price_problem(baselines).select(
        "baseline_id",
        "price_date",
        "frozen_on",
        "price_problem",
        baseline_gaps=_gaps("price_date", "frozen_on", "until", "volume", "evidence"),
        baseline_item="item_id",
        baseline_buyer="buyer_id",
        baseline_until="until",
        baseline_unit="unit",
        baseline_currency="currency",
        local_currency=pl.when(pl.col("handling_inland").is_not_null()).then("local_currency"),
        baseline_known=pl.lit(True),
    )
    return facts.join(known, on="baseline_id", how="left", maintain_order="left")


def _with_deal(facts: pl.DataFrame, deals: pl.DataFrame) -> pl.DataFrame:
    known = deals.select("deal_id", deal_basis="basis", deal_buyer="buyer_id", deal_item="item_id")
    return facts.join(known, on="deal_id", how="left", maintain_order="left")


def _gaps(*names: str) -> pl.Expr:
    listed = [pl.when(pl.col(name).is_null()).then(pl.lit(name)) for name in names]
    text = pl.concat_str(listed, separator=", ", ignore_nulls=True)
    return pl.when(text != "").then(text)


def _with_shares(facts: pl.DataFrame, shares: pl.DataFrame | None) -> pl.DataFrame:
    problems = share_problems(pl.DataFrame() if shares is None else shares)
    return facts.join(problems, on="claim_id", how="left", maintain_order="left")


def _with_names(facts: pl.DataFrame) -> pl.DataFrame:
    # One name is written in several ways: letters of either keyboard, case, spaces.
    for name in ("claimed_by", "verified_by"):
        written = facts[name].unique().drop_nulls().sort()
        folded = pl.Series([fold(text) for text in written], dtype=pl.String)
        names = pl.DataFrame({name: written, f"_{name}": folded})
        facts = facts.join(names, on=name, how="left", maintain_order="left")
    return facts
