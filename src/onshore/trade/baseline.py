"""A country's trade on average over some years, and how it would grow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from onshore.trade.errors import TradeError
from onshore.trade.market_sums import MarketSums, told_years

WINDOW = 5
"""Years over which trade is averaged, where the facts have as many; the Trade Centre's window."""


def window(sums: MarketSums, years: Sequence[int] | None) -> tuple[int, ...]:
    """Give the years asked for, or the last ones there are."""
    return tuple(sorted(set(years))) if years else sums.years[-WINDOW:]


@dataclass(frozen=True)
class Baseline:
    """Yearly averages: V_ik, V_jk and V_ijk of the home country i, and its shares V_ik / V_k."""

    country: str
    supply: pl.DataFrame  # exporter, product, value (corrected), stated
    demand: pl.DataFrame  # partner, product, value; the home country is no partner
    exports: pl.DataFrame  # partner, product, exports
    imports: pl.DataFrame  # product, imports of the home country
    shares: pl.DataFrame  # product, share

    @classmethod
    def of(cls, sums: MarketSums, *, re_exports: bool = True) -> Baseline:
        """Average the sums over their years; without re-exports, see `export_potential`."""
        sums.require_world()
        mean = pl.col("value").sum() / len(sums.years)
        supply = sums.supply.group_by("exporter", "product").agg(mean, stated=mean)
        bought = sums.demand.group_by("importer", "product").agg(mean)
        if not re_exports:
            supply = _own_made(supply, bought)
        demand = bought.rename({"importer": "partner"})
        is_home = pl.col("partner") == sums.country
        no_market = pl.col("partner").is_in(sums.nowhere)
        exports = sums.home.rename({"importer": "partner"}).filter(~no_market)
        sold = exports.group_by("partner", "product").agg(mean.alias("exports"))
        if not sold["exports"].sum():
            raise TradeError(
                f"{sums.country} exports nothing in {told_years(sums.years)}, so it has no supply "
                "to project. Choose other years; or see the products near to what it can make: "
                "onshore trade opportunity."
            )
        return cls(
            country=sums.country,
            supply=supply,
            demand=demand.filter(~is_home, ~no_market, pl.col("value") > 0),
            exports=sold.filter(pl.col("exports") > 0),
            imports=demand.filter(is_home).select("product", imports="value"),
            shares=shares_of_world(supply, sums.country),
        )


def _own_made(supply: pl.DataFrame, bought: pl.DataFrame) -> pl.DataFrame:
    both = supply.join(
        bought.rename({"importer": "exporter", "value": "bought"}),
        on=["exporter", "product"],
        how="left",
    )
    passed = pl.col("bought") > pl.col("value")
    made = pl.when(passed).then(pl.col("value").pow(2) / pl.col("bought")).otherwise("value")
    return both.with_columns(value=made).drop("bought")


def shares_of_world(supply: pl.DataFrame, country: str) -> pl.DataFrame:
    """Give a country's share of the world's exports of each product that it sells."""
    world = supply.group_by("product").agg(world=pl.col("value").sum())
    own = supply.filter(pl.col("exporter") == country, pl.col("value") > 0)
    return own.join(world, on="product").select("product", share=pl.col("value") / pl.col("world"))


def ease_of_trade(base: Baseline) -> pl.DataFrame:
    """Compare what is sold to each partner with what the country's shares would give."""
    hypothetical = (
        base.demand.join(base.shares, on="product")
        .group_by("partner")
        .agg(hypothetical=(pl.col("share") * pl.col("value")).sum())
    )
    sold = base.exports.group_by("partner").agg(exports=pl.col("exports").sum())
    return (
        hypothetical.join(sold, on="partner", how="left")
        .with_columns(pl.col("exports").fill_null(0.0))
        .with_columns(ease=pl.col("exports") / pl.col("hypothetical"))
    )


def projected_supply(base: Baseline, country: str, growth: pl.DataFrame | None) -> pl.DataFrame:
    """Give the country's projected share of the world's exports of each product."""
    if growth is None:
        return base.shares.rename({"share": "supply"})
    factors = _factors(growth, "supply").rename({"country": "exporter"})
    grown = base.supply.join(factors, on="exporter", how="left").with_columns(
        value=pl.col("value") * pl.col("supply").fill_null(1.0)
    )
    return shares_of_world(grown, country).rename({"share": "supply"})


def projected_demand(
    base: Baseline, growth: pl.DataFrame | None, access: pl.DataFrame | None
) -> pl.DataFrame:
    """Give what each partner would buy of each product, with growth and market access."""
    demand = base.demand.rename({"value": "demand"})
    if growth is not None:
        factors = _factors(growth, "demand").rename({"country": "partner", "demand": "factor"})
        demand = _times(demand, factors, ["partner"])
    if access is not None:
        require_columns(access, ("importer", "product", "factor"), "The table of market access")
        typed = access.select(
            pl.col("importer").cast(pl.String).alias("partner"),
            pl.col("product").cast(pl.String),
            pl.col("factor").cast(pl.Float64),
        )
        _require_factors(typed, ["partner", "product"], "factor", "market access")
        everything = typed.filter(pl.col("product").is_null()).drop("product")
        demand = _times(demand, everything, ["partner"])
        demand = _times(demand, typed.drop_nulls("product"), ["partner", "product"])
    return demand.filter(pl.col("demand") > 0)


def _times(demand: pl.DataFrame, factors: pl.DataFrame, on: list[str]) -> pl.DataFrame:
    joined = demand.join(factors, on=on, how="left")
    return joined.with_columns(demand=pl.col("demand") * pl.col("factor").fill_null(1.0)).drop(
        "factor"
    )


def _factors(growth: pl.DataFrame, column: str) -> pl.DataFrame:
    require_columns(growth, ("country", "supply", "demand"), "The table of growth")
    typed = growth.select(pl.col("country").cast(pl.String), pl.col(column).cast(pl.Float64))
    _require_factors(typed, ["country"], column, "growth")
    return typed


def require_columns(frame: pl.DataFrame, wanted: Sequence[str], what: str) -> None:
    """Refuse a table that lacks a column."""
    missing = [name for name in wanted if name not in frame.columns]
    if missing:
        raise TradeError(
            f"{what} has no column '{missing[0]}'; it has {', '.join(frame.columns)}. "
            f"Its columns are {', '.join(wanted)}."
        )


def _require_factors(frame: pl.DataFrame, keys: list[str], column: str, what: str) -> None:
    bad = frame.filter(
        pl.col(column).is_null() | ~pl.col(column).is_finite() | (pl.col(column) < 0)
    )
    if bad.height:
        row = bad.row(0, named=True)
        raise TradeError(
            f"The factor of {what} of {row[keys[0]]} is {row[column]}. A factor is 0 or more, and "
            "1 where nothing changes."
        )
    twice = frame.filter(frame.select(keys).is_duplicated())
    if twice.height:
        told = ", ".join(str(twice[key][0]) for key in keys)
        raise TradeError(f"The factor of {what} of {told} is told twice. Keep one row.")
