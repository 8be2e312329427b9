"""What is known of each claim: its days, its baseline, its deal, its deliveries."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from onshore.account.deliveries import with_deliveries
from onshore.codes import fold
from onshore.figures import Basis, Period

_CLAIMS = {
    "claim_id": pl.String(),
    "item_id": pl.String(),
    "buyer_id": pl.String(),
    "deal_id": pl.String(),
    "period": pl.String(),
    "basis": pl.String(),
    "quantity": pl.Decimal(38, 6),
    "baseline_id": pl.String(),
    "imported_content": pl.Decimal(38, 6),
    "domestic_price": pl.Decimal(38, 6),
    "domestic_currency": pl.String(),
    "stated_amount": pl.Decimal(38, 6),
    "claimed_by": pl.String(),
    "verified_by": pl.String(),
}
_DEALS = {name: pl.String() for name in ("deal_id", "basis", "buyer_id", "item_id", "unit")}
_DELIVERIES = {
    "deal_id": pl.String(),
    "quantity": pl.Decimal(38, 6),
    "accepted": pl.Decimal(38, 6),
    "unit": pl.String(),
    "delivered_on": pl.Date(),
    "accepted_on": pl.Date(),
    "serial": pl.Boolean(),
}
_BASELINES = {
    "baseline_id": pl.String(),
    "item_id": pl.String(),
    "buyer_id": pl.String(),
    "price_date": pl.Date(),
    "until": pl.Date(),
    "unit": pl.String(),
    "currency": pl.String(),
}


def claim_facts(
    claims: pl.DataFrame,
    deals: pl.DataFrame,
    deliveries: pl.DataFrame,
    baselines: pl.DataFrame,
) -> pl.DataFrame:
    """Put on each claim's row what the rules ask for, and its place in ``_order``."""
    deals = _typed(deals, _DEALS)
    facts = _with_period(_typed(claims, _CLAIMS).with_row_index("_order"))
    facts = _with_baseline(facts, _typed(baselines, _BASELINES))
    facts = _with_deal(facts, deals)
    facts = with_deliveries(facts, deals, _typed(deliveries, _DELIVERIES))
    return _with_others(_with_names(facts))


def is_lump_sum() -> pl.Expr:
    """Whether a claim is a published sum and nothing that could be computed."""
    measured = pl.col("quantity").is_not_null() | pl.col("baseline_id").is_not_null()
    return pl.col("stated_amount").is_not_null() & ~measured


def _typed(frame: pl.DataFrame, columns: Mapping[str, pl.DataType]) -> pl.DataFrame:
    return frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in columns.items()
    )


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
    known = baselines.select(
        "baseline_id",
        "price_date",
        baseline_item="item_id",
        baseline_buyer="buyer_id",
        baseline_until="until",
        baseline_unit="unit",
        baseline_currency="currency",
        baseline_known=pl.lit(True),
    )
    return facts.join(known, on="baseline_id", how="left", maintain_order="left")


def _with_deal(facts: pl.DataFrame, deals: pl.DataFrame) -> pl.DataFrame:
    known = deals.select("deal_id", deal_basis="basis", deal_buyer="buyer_id", deal_item="item_id")
    return facts.join(known, on="deal_id", how="left", maintain_order="left")


def _with_names(facts: pl.DataFrame) -> pl.DataFrame:
    # One name is written in several ways: letters of either keyboard, case, spaces.
    return facts.with_columns(
        pl.col(name).map_elements(fold, return_dtype=pl.String).alias(f"_{name}")
        for name in ("claimed_by", "verified_by")
    )


def _with_others(facts: pl.DataFrame) -> pl.DataFrame:
    """Add ``others``: the computed claims for the same item and buyer whose periods overlap."""
    spans = facts.filter(~is_lump_sum()).select(
        "_order", "claim_id", "item_id", "buyer_id", "starts", "ends"
    )
    others = (
        spans.join(spans, on=["item_id", "buyer_id"], suffix="_other")
        .filter(
            pl.col("_order") != pl.col("_order_other"),
            pl.col("starts") <= pl.col("ends_other"),
            pl.col("starts_other") <= pl.col("ends"),
        )
        .sort("_order", "_order_other")
        .group_by("_order", maintain_order=True)
        .agg(others=pl.col("claim_id_other").str.join(", "))
    )
    return facts.join(others, on="_order", how="left", maintain_order="left")
