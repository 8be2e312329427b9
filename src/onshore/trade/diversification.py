"""What a country could learn to sell, and where: the product diversification indicator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from onshore.trade.baseline import (
    Baseline,
    ease_of_trade,
    projected_demand,
    require_columns,
    window,
)
from onshore.trade.errors import TradeError
from onshore.trade.market_sums import MarketSums, market_sums

if TYPE_CHECKING:
    from onshore.trade.facts import Facts

FORMULA = (
    "Product diversification indicator: Decreux and Spies (2016), Export Potential Assessments, "
    "International Trade Centre; density: Hidalgo, Klinger, Barabasi and Hausmann (2007), "
    "Science 317."
)


def diversification(
    source: Facts | pl.DataFrame | MarketSums,
    country: str,
    densities: pl.DataFrame,
    *,
    years: Sequence[int] | None = None,
    growth: pl.DataFrame | None = None,
    access: pl.DataFrame | None = None,
    rca: float = 1.0,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rank products that a country does not sell competitively yet, by how near and how asked for.

    ::

        indicator_ijk = density_ik x ease_ij x demand_jk

    Density stands in the place of supply, so that the indicator is no sum of money: it is given as
    a share of the largest, and only its order is meant.

    Parameters
    ----------
    source, country, years, growth, access
        As for `export_potential`.
    densities
        The table ``pairs`` of `complexity`: ``country``, ``product``, ``rca``, ``density``.
    rca
        Revealed comparative advantage (RCA) from which on a product counts as sold
        competitively; such products are left out.

    Returns
    -------
    tuple of DataFrame
        By product: ``rank``, ``product``, ``density``, ``rca``, ``demand`` (of all partners,
        each times its ease), ``indicator`` (0 to 1), ``top_partner``. By partner and product:
        ``partner``, ``rank`` (within the partner), ``product``, ``density``, ``ease``,
        ``demand``, ``indicator`` (0 to 1 over all).

    Raises
    ------
    TradeError
        As for `export_potential`; or the densities have no row of the country.

    Notes
    -----
    Decreux and Spies (2016), Export Potential Assessments, ITC, product diversification
    indicator; density after Hidalgo et al. (2007), Science 317.

    Examples
    --------
    >>> flows = pl.DataFrame({
    ...     "exporter": ["A", "B", "B"], "importer": ["C", "C", "C"],
    ...     "product": ["p", "q", "r"], "value": [2.0, 4.0, 8.0],
    ... })
    >>> near = pl.DataFrame({
    ...     "country": ["A"] * 3, "product": ["p", "q", "r"], "rca": [7.0, 0.0, 0.0],
    ...     "density": [1.0, 0.5, 0.125],
    ... })
    >>> products, _ = diversification(flows, "A", near)
    >>> products.select("rank", "product", "indicator").rows()
    [(1, 'q', 1.0), (2, 'r', 0.5)]
    """
    sums = source if isinstance(source, MarketSums) else market_sums(source, country)
    base = Baseline.of(sums.within(window(sums, years)))
    near = _near(densities, country, rca)
    eases = ease_of_trade(base).filter(pl.col("ease") > 0).select("partner", "ease")
    pairs = (
        projected_demand(base, growth, access)
        .join(eases, on="partner")
        .join(near, on="product")
        .with_columns(indicator=pl.col("density") * pl.col("ease") * pl.col("demand"))
    )
    by_partner = (
        pairs.with_columns(
            indicator=_of_largest("indicator"),
            rank=pl.col("indicator").rank("min", descending=True).over("partner").cast(pl.Int64),
        )
        .sort("partner", "rank", "product")
        .select("partner", "rank", "product", "density", "ease", "demand", "indicator")
    )
    by_product = (
        pairs.sort("indicator", "partner", descending=[True, False])
        .group_by("product")
        .agg(
            pl.col("density", "rca").first(),
            demand=(pl.col("demand") * pl.col("ease")).sum(),
            indicator=pl.col("indicator").sum(),
            top_partner=pl.col("partner").first(),
        )
        .with_columns(indicator=_of_largest("indicator"))
        .sort("indicator", "product", descending=[True, False])
        .with_row_index("rank", offset=1)
        .with_columns(pl.col("rank").cast(pl.Int64))
    )
    return by_product, by_partner


def _near(densities: pl.DataFrame, country: str, rca: float) -> pl.DataFrame:
    require_columns(densities, ("country", "product", "rca", "density"), "The table of densities")
    own = densities.filter(pl.col("country") == country)
    if own.is_empty():
        raise TradeError(
            f"The table of densities has no row of {country}: it may have been left out by the "
            "reliability filter. Compute the complexity without it (--no-filter)."
        )
    not_yet = own.filter((pl.col("rca").fill_null(0.0) < rca) & pl.col("density").is_not_null())
    return not_yet.select(pl.col("product").cast(pl.String), "density", "rca")


def _of_largest(column: str) -> pl.Expr:
    largest = pl.col(column).max()
    return pl.when(largest > 0).then(pl.col(column) / largest).otherwise(0.0)
