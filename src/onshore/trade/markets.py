"""Where exports grew, why, and which markets are next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from onshore.trade.errors import TradeError
from onshore.trade.export_potential import ExportPotential
from onshore.trade.market_sums import MarketSums, begins, market_sums, told_years, yearly_growth

if TYPE_CHECKING:
    from onshore.trade.facts import Facts

FORMULA = (
    "Change of exports = first share x change of the market + change of the share x last market: "
    "constant market shares after Tyszynski (1951), The Manchester School 19."
)


def export_growth(
    source: Facts | pl.DataFrame | MarketSums,
    country: str,
    *,
    since: int | None = None,
    until: int | None = None,
    products: Sequence[str] | None = None,
    by: Sequence[str] = ("partner",),
) -> pl.DataFrame:
    """Compare a country's exports of two years, and say how much the markets' growth explains.

    ::

        change        = market effect + share effect                      (exactly)
        market effect = share_from x (market_to - market_from)
        share effect  = (share_to - share_from) x market_to

    The market is what the partner imports of the products from everybody; the share is the
    country's part of it. Both, and the effects, are null where only one country's trade is told.

    Parameters
    ----------
    source
        `Facts`, flows in a frame (see `market_sums`), or what `market_sums` gave.
    country
        The home country's key.
    since, until
        The two years; by default the first and the last there are.
    products
        Products, or the beginnings of their codes (``8708``); by default all.
    by
        ``("partner",)``, ``("product",)`` or ``("partner", "product")``.

    Returns
    -------
    DataFrame
        The columns of ``by``; ``exports_from``, ``exports_to``, ``change``; ``growth`` (Float64,
        0.2 is 20 %; null where nothing was sold before) and ``growth_a_year``; ``share_from``,
        ``share_to`` (of the market's imports; null without imports); ``market_effect``,
        ``share_effect``. By change, the largest first.

    Raises
    ------
    TradeError
        See `market_sums`; or a year is not there, ``until`` is not after ``since``, or no product
        fits.

    Notes
    -----
    Constant market shares, after Tyszynski (1951), The Manchester School 19, pp. 272-304, with
    the interaction in the share effect.

    Examples
    --------
    >>> flows = pl.DataFrame({
    ...     "exporter": ["IR", "CN"] * 2, "importer": ["RU"] * 4, "product": ["8708"] * 4,
    ...     "period": [2022, 2022, 2023, 2023], "value": [13.0, 987.0, 66.0, 1034.0],
    ... })
    >>> row = export_growth(flows, "IR").row(0, named=True)
    >>> round(row["growth"], 3), row["change"], round(row["market_effect"], 6)
    (4.077, 53.0, 1.3)
    """
    sums = _asked(source, country, products)
    first, last = _two_years(sums, since, until)
    keys = list(by)
    sold = _at_two(sums.home, first, last, keys, "exports")
    abroad = sums.demand.filter(pl.col("importer") != country, pl.lit(sums.world))
    bought = _at_two(abroad, first, last, keys, "market")
    change = pl.col("exports_to") - pl.col("exports_from")
    ratio = pl.col("exports_to") / pl.col("exports_from")
    before = pl.col("exports_from") > 0
    share_from = pl.col("share_from").fill_null(0.0)
    share_to = pl.col("share_to").fill_null(0.0)
    return (
        sold.join(bought, on=keys, how="left")
        .filter((pl.col("exports_from") > 0) | (pl.col("exports_to") > 0))
        .with_columns(
            change=change,
            growth=pl.when(before).then(ratio - 1),
            growth_a_year=pl.when(before).then(ratio.pow(1 / (last - first)) - 1),
            share_from=_share("exports_from", "market_from"),
            share_to=_share("exports_to", "market_to"),
        )
        .with_columns(
            market_effect=share_from * (pl.col("market_to") - pl.col("market_from")),
            share_effect=(share_to - share_from) * pl.col("market_to"),
        )
        .drop("market_from", "market_to")
        .sort("change", *keys, descending=[True, *(False for _ in keys)])
    )


def next_markets(
    source: Facts | pl.DataFrame | MarketSums,
    country: str,
    potential: ExportPotential,
    *,
    products: Sequence[str] | None = None,
    reference: str | None = None,
    since: int | None = None,
    until: int | None = None,
) -> pl.DataFrame:
    """Rank the markets to turn to next, after one where exports grew.

    Two measures stand side by side: the unrealised potential (see `export_potential`), and what
    would be sold at the share that was reached in the market of reference.

    Parameters
    ----------
    source, country, since, until, products
        As for `export_growth`.
    potential
        What `export_potential` gave for the same country.
    reference
        The partner whose share is the measure; by default the one where exports of the products
        grew most.

    Returns
    -------
    DataFrame
        ``rank``, ``partner``, ``imports`` (of the products, from everybody, in ``until``),
        ``import_growth`` (a year), ``exports`` (the country's, in ``until``), ``share``,
        ``ease``, ``potential``, ``unrealised``, ``at_reference_share``, ``reason``. By
        unrealised potential, then by what the share of reference would bring; the market of
        reference is last, without a rank.

    Raises
    ------
    TradeError
        As for `export_growth`; or the reference is no partner of the country.

    Examples
    --------
    >>> from onshore.trade import export_potential
    >>> flows = pl.DataFrame({
    ...     "exporter": ["IR", "CN"] * 4, "importer": ["RU"] * 4 + ["KZ"] * 4,
    ...     "product": ["8708"] * 8, "period": [2022, 2022, 2023, 2023] * 2,
    ...     "value": [13.0, 987.0, 66.0, 1034.0, 1.0, 399.0, 1.0, 499.0],
    ... })
    >>> table = next_markets(flows, "IR", export_potential(flows, "IR"))
    >>> table.select("rank", "partner", "exports", "at_reference_share").rows()
    [(1, 'KZ', 1.0, 30.0), (None, 'RU', 66.0, 66.0)]
    """
    sums = _asked(source, country, products)
    sums.require_world()
    first, last = _two_years(sums, since, until)
    grown = export_growth(sums, country, since=first, until=last)
    model, share = _reference(grown, reference, country)
    markets = pl.col("importer").is_in([country, *sums.nowhere]).not_()
    abroad = sums.demand.filter(markets).rename({"importer": "partner"})
    span = abroad.filter(pl.col("year").is_between(first, last))
    growth = yearly_growth(
        span.group_by("partner", "year").agg(pl.col("value").sum()), ["partner"]
    ).select("partner", import_growth="growth")
    imports = abroad.filter(pl.col("year") == last).group_by("partner").agg(imports=_VALUE)
    exports = sums.home.filter(pl.col("year") == last).group_by("importer").agg(exports=_VALUE)
    pairs = potential.pairs if products is None else potential.pairs.filter(begins(products))
    gaps = pairs.group_by("partner").agg(pl.col("potential", "unrealised").sum())
    ranked = (
        imports.filter(pl.col("imports") > 0)
        .join(growth, on="partner", how="left")
        .join(exports.rename({"importer": "partner"}), on="partner", how="left")
        .join(potential.partners.select("partner", "ease"), on="partner", how="left")
        .join(gaps, on="partner", how="left")
        .with_columns(pl.col("exports", "potential", "unrealised").fill_null(0.0))
        .with_columns(
            share=pl.col("exports") / pl.col("imports"),
            at_reference_share=share * pl.col("imports"),
        )
        .with_columns(is_reference=pl.col("partner") == model)
        .sort(
            *("is_reference", "unrealised", "at_reference_share", "partner"),
            descending=[False, True, True, False],
        )
    )
    place = pl.int_range(1, pl.len() + 1, dtype=pl.Int64)
    return ranked.select(
        pl.when(~pl.col("is_reference")).then(place).alias("rank"),
        *("partner", "imports", "import_growth", "exports", "share", "ease"),
        *("potential", "unrealised", "at_reference_share"),
        reason=_reason(model, share),
    )


_VALUE = pl.col("value").sum()
_USUAL = 0.1
"""By how much an ease of trade may differ from 1 and still be told as usual."""


def _reason(reference: str, share: float) -> pl.Expr:
    """Say of a market what it buys, how it grows and how far the country is there."""
    growth = pl.col("import_growth")
    grows = (
        pl.when(growth.is_null())
        .then(pl.lit("growth not known"))
        .when(growth >= 0)
        .then(pl.format("growing {} % a year", _percent(growth)))
        .otherwise(pl.format("shrinking {} % a year", _percent(-growth)))
    )
    same = pl.col("partner") == reference
    there = (
        pl.when(same)
        .then(pl.lit("the market of reference"))
        .when(pl.col("exports") > 0)
        .then(pl.format("sold to, with {} % of its imports", _percent(pl.col("share"))))
        .otherwise(pl.lit("nothing sold there yet"))
    )
    eased = (
        pl.when(pl.col("ease").is_null() | (pl.col("ease") == 0))
        .then(pl.lit("no trade with it, so its ease is not known"))
        .when(pl.col("ease") >= 1 + _USUAL)
        .then(pl.lit("trade with it is easier than usual"))
        .when(pl.col("ease") <= 1 - _USUAL)
        .then(pl.lit("trade with it is harder than usual"))
        .otherwise(pl.lit("trade with it is about as easy as usual"))
    )
    told = f"{reference} stands at {share * 100:.1f} %"
    return pl.format("imports {}; {}; {} ({})", grows, there, eased, pl.lit(told))


def _percent(value: pl.Expr) -> pl.Expr:
    return (value * 100).round(1).cast(pl.String)


def _asked(
    source: Facts | pl.DataFrame | MarketSums, country: str, products: Sequence[str] | None
) -> MarketSums:
    sums = source if isinstance(source, MarketSums) else market_sums(source, country)
    return sums if products is None else sums.of_products(products)


def _two_years(sums: MarketSums, since: int | None, until: int | None) -> tuple[int, int]:
    first = sums.years[0] if since is None else since
    last = sums.years[-1] if until is None else until
    for year in (first, last):
        if year not in sums.years:
            raise TradeError(
                f"The flows have no year {year}; they have {told_years(sums.years)}. Ask for one "
                "of these."
            )
    if last <= first:
        raise TradeError(
            f"Growth needs two years, the later after the earlier; there are {first} and {last}. "
            "Give flows of another year too."
        )
    return first, last


def _at_two(frame: pl.DataFrame, first: int, last: int, keys: list[str], name: str) -> pl.DataFrame:
    value, year = pl.col("value"), pl.col("year")
    return (
        frame.rename({"importer": "partner"})
        .group_by(keys)
        .agg(
            value.filter(year == first).sum().alias(f"{name}_from"),
            value.filter(year == last).sum().alias(f"{name}_to"),
        )
    )


def _share(part: str, whole: str) -> pl.Expr:
    return pl.when(pl.col(whole) > 0).then(pl.col(part) / pl.col(whole))


def _reference(grown: pl.DataFrame, reference: str | None, country: str) -> tuple[str, float]:
    """Give the partner of reference and the share reached there."""
    if grown.is_empty():
        raise TradeError(
            f"{country} sold none of it in either year, so no market is a reference. Leave the "
            "products open, or see the products near to what it makes (diversification)."
        )
    rows = grown.head(1) if reference is None else grown.filter(pl.col("partner") == reference)
    if rows.is_empty():
        raise TradeError(
            f"{country} sold nothing of it to {reference} in either year. Its partners are: "
            f"{', '.join(grown['partner'].head(8))}."
        )
    return str(rows["partner"][0]), float(rows["share_to"][0] or 0.0)
