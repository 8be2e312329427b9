"""Who could replace a supplier: what others sell of the same product to other countries."""

from __future__ import annotations

import polars as pl

from onshore.trade.facts import Facts


def market(facts: Facts, year: int) -> pl.DataFrame:
    """Sum a year's exports: ``product, exporter, exports`` (float, the table's money)."""
    supply = facts.supply()
    supply = supply.filter(supply.period == year)
    summed = supply.group_by("product", "exporter").agg(exports=supply.value.sum())
    return facts.run(summed)


def relied_on(
    products: pl.DataFrame, now: pl.DataFrame, supply: pl.DataFrame, country: str
) -> pl.DataFrame:
    """Tell how far others could stand in for each product's top partner.

    Parameters
    ----------
    products
        ``product`` and ``top_partner``.
    now
        The country's imports of the year: ``product, exporter, value``.
    supply
        Of `market`.
    country
        The importer.

    Returns
    -------
    DataFrame
        ``product``, ``spare_exports`` (what others than the top partner sell to other countries)
        and ``cover`` (that over what the top partner sells here).
    """
    top = products.select("product", replaced="top_partner").join(
        now.select("product", replaced="exporter", replaced_value="value"),
        on=["product", "replaced"],
        how="left",
    )
    spare = _spare(now, supply, country).join(top, on="product")
    others = spare.filter(pl.col("exporter") != pl.col("replaced"))
    summed = others.group_by("product").agg(spare_exports=pl.col("spare").sum())
    return top.join(summed, on="product", how="left").select(
        "product",
        pl.col("spare_exports").fill_null(0.0),
        cover=pl.col("spare_exports").fill_null(0.0) / pl.col("replaced_value"),
    )


def replacements(
    products: pl.DataFrame,
    now: pl.DataFrame,
    supply: pl.DataFrame,
    country: str,
    *,
    partner: str | None = None,
    most: int = 5,
) -> pl.DataFrame:
    """Name who could replace the top partner of each concentrated product, or one partner.

    Parameters
    ----------
    products
        ``product``, ``concentrated`` and ``top_partner``.
    now, supply, country
        As for `relied_on`.
    partner
        The supplier to replace in all that it sells here; None: the top partner of each product
        whose imports are concentrated.
    most
        How many suppliers to name for each product.

    Returns
    -------
    DataFrame
        ``product, replaced, replaced_value, rank, supplier, exports, sold_here, spare, cover,
        world_share``: by falling replaced value, then by product and rank. ``spare`` is what the
        supplier sells to others than this country: an upper bound of what could be turned here.
    """
    if partner is None:
        wanted = products.filter("concentrated").select("product", replaced="top_partner")
    else:
        mine = now.filter(pl.col("exporter") == partner)
        wanted = mine.select("product", replaced="exporter")
    sold = now.select("product", replaced="exporter", replaced_value="value")
    world = supply.group_by("product").agg(_world=pl.col("exports").sum())
    spare = pl.col("spare")
    return (
        wanted.join(sold, on=["product", "replaced"], how="left")
        .join(_spare(now, supply, country), on="product")
        .join(world, on="product")
        .filter(pl.col("exporter") != pl.col("replaced"), spare > 0)
        .sort("product", "spare", "exporter", descending=[False, True, False])
        .with_columns(rank=pl.int_range(1, pl.len() + 1).over("product"))
        .filter(pl.col("rank") <= most)
        .select(
            "product",
            "replaced",
            "replaced_value",
            "rank",
            "exports",
            "sold_here",
            "spare",
            supplier="exporter",
            cover=spare / pl.col("replaced_value"),
            world_share=pl.col("exports") / pl.col("_world"),
        )
        .sort("replaced_value", "product", "rank", descending=[True, False, False])
    )


def through_hubs(
    facts: Facts, supply: pl.DataFrame, products: pl.DataFrame, year: int
) -> pl.DataFrame:
    """Tell by product whether its top partner may only pass it on: ``product, via_hub``.

    It buys at least as much of the product as it sells. Null where its imports are not known.
    """
    top = products.select("product", exporter="top_partner")
    if not facts.knows_the_world:
        return top.select("product", via_hub=pl.lit(None, dtype=pl.Boolean))
    flows = facts.flows("importer")
    flows = flows.filter(
        flows.period == year, flows.importer.isin(facts.raw_keys(top["exporter"].unique()))
    )
    bought = facts.run(
        flows.group_by("product", exporter=flows.importer).agg(bought=flows.value.sum())
    )
    keys = ["product", "exporter"]
    return (
        top.join(bought, on=keys, how="left")
        .join(supply, on=keys, how="left")
        .select("product", via_hub=(pl.col("bought") >= pl.col("exports")).fill_null(value=False))
    )


def re_exported(facts: Facts, country: str, year: int) -> pl.DataFrame:
    """Tell what a country's customs call re-exports: ``product, re_exports``; empty if nothing."""
    flows = facts.re_exports(country)
    if flows is None:
        return pl.DataFrame(schema={"product": pl.String, "re_exports": pl.Float64})
    flows = flows.filter(flows.period == year)
    return facts.run(flows.group_by("product").agg(re_exports=flows.value.sum()))


def _spare(now: pl.DataFrame, supply: pl.DataFrame, country: str) -> pl.DataFrame:
    """Set beside what each country exports what it sells here and elsewhere."""
    here = now.select("product", "exporter", sold_here="value")
    others = supply.filter(pl.col("exporter") != country)
    return others.join(here, on=["product", "exporter"], how="left").with_columns(
        pl.col("sold_here").fill_null(0.0),
        spare=(pl.col("exports") - pl.col("sold_here").fill_null(0.0)).clip(lower_bound=0.0),
    )
