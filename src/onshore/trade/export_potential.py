"""What a country could sell where: the International Trade Centre's export potential."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from onshore.trade.baseline import (
    Baseline,
    ease_of_trade,
    projected_demand,
    projected_supply,
    window,
)
from onshore.trade.market_sums import MarketSums, market_sums, told_years

if TYPE_CHECKING:
    from onshore.trade.facts import Facts

FORMULA = (
    "Export potential: Decreux and Spies (2016), Export Potential Assessments, International "
    "Trade Centre: supply x ease x demand."
)


@dataclass(frozen=True)
class ExportPotential:
    """Potential exports of one country, by product and partner.

    Values are in the money of the flows, a year.

    Parameters
    ----------
    pairs
        One row a partner and product with a potential or with exports: ``partner``, ``product``,
        ``supply`` (share of the world's exports), ``ease``, ``demand``, ``potential``,
        ``exports``, ``unrealised``; by unrealised potential, the largest first.
    products
        ``product``, ``exports``, ``imports`` (of the home country), ``supply``, ``potential``,
        ``unrealised``, ``realised``, ``partners`` (with unrealised potential), ``top_partner``
        (with most of it), ``caveat``.
    partners
        ``partner``, ``exports``, ``hypothetical`` (exports if the country had, of each product,
        its share of the world's exports), ``ease``, ``potential``, ``unrealised``,
        ``realised``, ``products``.
    metadata
        Country, years, formula and settings.
    warnings
        What a reader must know.
    """

    pairs: pl.DataFrame
    products: pl.DataFrame
    partners: pl.DataFrame
    metadata: dict[str, Any]
    warnings: tuple[str, ...]


def export_potential(
    source: Facts | pl.DataFrame | MarketSums,
    country: str,
    *,
    years: Sequence[int] | None = None,
    growth: pl.DataFrame | None = None,
    access: pl.DataFrame | None = None,
    re_exports: bool = True,
) -> ExportPotential:
    """Compute a country's potential exports of each product to each partner.

    With V trade averaged over the years, i the country, j the partner and k the product::

        potential_ijk = supply_ik x ease_ij x demand_jk
        supply_ik     = V_ik g_i / sum over i of V_ik g_i     (share of the world's exports)
        ease_ij       = V_ij / sum over k of (V_ik / V_k) V_jk
        demand_jk     = V_jk d_j a_jk
        unrealised    = max(potential - V_ijk, 0)             (summed after, never before)

    The ease is above 1 where more is sold to a partner than the country's shares of the world's
    exports would give it: nearness, language, agreements. Without the factors g, d and a the
    potential of all products with a partner adds up to what is sold there, and what is unrealised
    is a shift among products.

    Parameters
    ----------
    source
        `Facts`, flows in a frame (see `market_sums`), or what `market_sums` gave.
    country
        The home country's key, as it is written in the flows.
    years
        Years to average over, a year without trade counting as 0; by default the last five.
    growth
        Expected factors of growth: ``country``, ``supply`` and ``demand`` (Float64; 1.1 is 10 %
        more over the horizon). A country that is not listed keeps 1.
    access
        Factors of market access such as a tariff advantage: ``importer``, ``product`` (null:
        every product), ``factor``. What is not listed keeps 1.
    re_exports
        Take all exports for home-made. If not, each country's exports of a product count
        times min(1, exports / imports): goods that only pass through count less. This is the
        room's own simple form of the trade balance that the Centre corrects by.

    Raises
    ------
    TradeError
        See `market_sums`; or the country exports nothing in these years, or a factor is
        negative or told twice.

    Notes
    -----
    After Decreux and Spies (2016), Export Potential Assessments, ITC: the indicator's three
    components. Their projections (incomes, populations, elasticities, tariffs, distances) are not
    part of trade facts; where they are known they come in by ``growth`` and ``access``.

    Examples
    --------
    >>> flows = pl.DataFrame({
    ...     "exporter": ["A", "A", "B", "B"], "importer": ["C", "D", "C", "D"],
    ...     "product": ["p", "q", "p", "q"], "value": [2.0, 2.0, 2.0, 6.0],
    ... })
    >>> found = export_potential(flows, "A")
    >>> found.pairs.select("partner", "product", "supply", "ease", "demand", "potential").rows()
    [('C', 'p', 0.5, 1.0, 4.0, 2.0), ('D', 'q', 0.25, 1.0, 8.0, 2.0)]
    """
    sums = source if isinstance(source, MarketSums) else market_sums(source, country)
    chosen = window(sums, years)
    base = Baseline.of(sums.within(chosen), re_exports=re_exports)
    supply = projected_supply(base, country, growth)
    partners = ease_of_trade(base)
    demand = projected_demand(base, growth, access)
    pairs = _pairs(base, supply, partners, demand)
    products = _products(pairs, base, supply)
    warnings = (*sums.warnings, *_remarks(base, partners, products, chosen))
    return ExportPotential(
        pairs=pairs,
        products=products,
        partners=_partners(pairs, partners),
        metadata={
            "country": country,
            "years": list(chosen),
            "normalisation": "values are yearly averages over the years; shares of world exports",
            "growth_factors": growth is not None,
            "access_factors": access is not None,
            "re_exports": "as exports" if re_exports else "exports x min(1, exports / imports)",
            "formulas": [FORMULA],
        },
        warnings=warnings,
    )


def _pairs(
    base: Baseline, supply: pl.DataFrame, partners: pl.DataFrame, demand: pl.DataFrame
) -> pl.DataFrame:
    keys = ["partner", "product"]
    potential = (
        demand.join(supply, on="product")
        .join(partners.select("partner", "ease"), on="partner")
        .with_columns(potential=pl.col("supply") * pl.col("ease") * pl.col("demand"))
    )
    both = potential.join(base.exports, on=keys, how="full", coalesce=True)
    filled = both.with_columns(pl.col("potential", "exports").fill_null(0.0)).filter(
        (pl.col("potential") > 0) | (pl.col("exports") > 0)
    )
    gap = pl.max_horizontal(pl.col("potential") - pl.col("exports"), pl.lit(0.0))
    return (
        filled.with_columns(unrealised=gap)
        .select(*keys, "supply", "ease", "demand", "potential", "exports", "unrealised")
        .sort("unrealised", "potential", *keys, descending=[True, True, False, False])
    )


def _products(pairs: pl.DataFrame, base: Baseline, supply: pl.DataFrame) -> pl.DataFrame:
    """Add up by product; name those of which more is bought than sold."""
    open_to = pl.col("unrealised") > 0
    caveat = pl.when(pl.col("imports") > pl.col("exports")).then(
        pl.lit("imports exceed exports: part may be goods that pass through")
    )
    return (
        pairs.group_by("product")
        .agg(
            *_added(),
            partners=open_to.sum().cast(pl.Int64),
            top_partner=pl.col("partner").filter(open_to).first(),
        )
        .join(supply, on="product", how="left")
        .join(base.imports, on="product", how="left")
        .with_columns(pl.col("imports").fill_null(0.0))
        .with_columns(caveat=caveat)
        .select(
            *("product", "exports", "imports", "supply", "potential", "unrealised", "realised"),
            *("partners", "top_partner", "caveat"),
        )
        .sort("unrealised", "product", descending=[True, False])
    )


def _partners(pairs: pl.DataFrame, partners: pl.DataFrame) -> pl.DataFrame:
    added = pairs.group_by("partner").agg(
        *_added(), products=(pl.col("unrealised") > 0).sum().cast(pl.Int64)
    )
    zero = pl.col("exports", "potential", "unrealised", "products").fill_null(0)
    return (
        partners.drop("exports")
        .join(added, on="partner", how="full", coalesce=True)
        .with_columns(zero)
        .select(
            *("partner", "exports", "hypothetical", "ease", "potential", "unrealised"),
            *("realised", "products"),
        )
        .sort("unrealised", "partner", descending=[True, False])
    )


def _added() -> list[pl.Expr]:
    """Sum exports, potential and what is unrealised; the realised share is never above 1."""
    realised = 1 - pl.col("unrealised").sum() / pl.col("potential").sum()
    return [
        pl.col("exports", "potential", "unrealised").sum(),
        pl.when(pl.col("potential").sum() > 0).then(realised).alias("realised"),
    ]


def _remarks(
    base: Baseline, partners: pl.DataFrame, products: pl.DataFrame, years: tuple[int, ...]
) -> list[str]:
    remarks = []
    untraded = partners.filter(pl.col("exports") == 0, pl.col("hypothetical") > 0)
    if untraded.height:
        largest = untraded.sort("hypothetical", "partner", descending=[True, False])["partner"]
        remarks.append(
            f"{base.country} sold nothing to {untraded.height:,} partners in {told_years(years)}, "
            "so the ease of trade and with it every potential there is 0, whatever they buy: "
            f"{', '.join(largest.head(5))}{' ...' if untraded.height > 5 else ''}. See their "
            "column hypothetical."
        )
    passing = products.filter(pl.col("caveat").is_not_null()).height
    if passing:
        remarks.append(
            f"{base.country} imports more than it exports of {passing:,} of "
            f"{products.height:,} products: their potential may rest on goods that pass through."
        )
    return remarks
