"""Claims that would count the same saving twice."""

from __future__ import annotations

import polars as pl

from onshore.figures import Basis


def with_overlaps(facts: pl.DataFrame, is_lump_sum: pl.Expr) -> pl.DataFrame:
    """Add ``others`` and ``rivals``: with which claims a claim would count twice.

    ``others`` are the computed claims for the same item and buyer with days in common.
    ``rivals`` are the claims, delivered or above, for another item that rest on the same deal in
    the same days, where the deal names no item: a delivery says its deal alone, so it cannot be
    told which of them it bears out.
    """
    spans = facts.filter(~is_lump_sum).select(
        *("_order", "claim_id", "item_id", "buyer_id", "deal_id", "deal_item"),
        *("starts", "ends", "step"),
    )
    delivered = spans.filter(pl.col("step") >= Basis.DELIVERED.step, pl.col("deal_item").is_null())
    unlike = pl.col("item_id") != pl.col("item_id_other")
    others = _meeting(spans, ["item_id", "buyer_id"], None, "others")
    rivals = _meeting(delivered, ["deal_id"], unlike, "rivals")
    return facts.join(others, on="_order", how="left", maintain_order="left").join(
        rivals, on="_order", how="left", maintain_order="left"
    )


def _meeting(spans: pl.DataFrame, keys: list[str], also: pl.Expr | None, out: str) -> pl.DataFrame:
    """Name, for each claim, the claims of the same keys that share days with it."""
    shared = spans.drop_nulls(keys).filter(pl.len().over(keys) > 1)
    other = shared.select(*keys, pl.all().exclude(keys).name.suffix("_other"))
    return (
        shared.join(other, on=keys)
        .filter(
            pl.col("_order") != pl.col("_order_other"),
            pl.col("starts") <= pl.col("ends_other"),
            pl.col("starts_other") <= pl.col("ends"),
        )
        .filter(pl.lit(value=True) if also is None else also)
        .sort("_order", "_order_other")
        .group_by("_order", maintain_order=True)
        .agg(pl.col("claim_id_other").str.join(", ").alias(out))
    )
