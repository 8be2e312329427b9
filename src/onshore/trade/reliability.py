"""Which countries and products trade enough for their advantages to mean something."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from onshore.trade.errors import TradeError
from onshore.trade.territories import territories

_FEW_PEOPLE = """
AD AG AI AS AW AX BB BL BM BN BQ BS BT BZ CC CK CV CW CX DM EH FJ FK FM FO GD GF GG GI GL GP GU GY
IM IO IS JE KI KM KN KY LC LI LU MC ME MF MH MO MP MQ MS MT MV NC NF NR NU PF PM PN PW RE SB SC SH
SM SR ST SX TC TK TO TV VA VC VG VI VU WF WS YT
"""
FEW_PEOPLE = frozenset(_FEW_PEOPLE.split())
"""Codes (ISO 3166-1 alpha-2) of countries and territories that had fewer than a million people in
every year from 1995 to 2023. Source: United Nations, World Population Prospects 2022."""
_A_MILLION = 1e6


@dataclass(frozen=True)
class Thresholds:
    """What a country and a product need at least.

    A territory with a handful of shipments has advantages by chance, and a product that hardly
    anyone trades makes whoever ships it look special: unfiltered, such ones top the lists. The
    Atlas of Economic Complexity (2013, page 58) and the OEC demand a population of 1.2 or 1
    million and exports of a billion dollars a year, 0.006 to 0.008 % of the world's exports of the
    Atlas's years 2006 to 2008. Here it is a share, so that it holds in any money and any year.

    Parameters
    ----------
    country_share
        Share of a country in the exports of all countries, mean of the years in which it exports.
    product_share
        Share of a product in the exports of all products, mean of the years in which it is traded.
    exporters
        Number of countries that export the product in some year.
    population
        Number of people. Without a table of populations a threshold of a million or more takes
        out the territories that never had so many (`FEW_PEOPLE`), and no others.

    Examples
    --------
    >>> Thresholds().country_share, Thresholds().exporters
    (0.0001, 2)
    """

    country_share: float = 1e-4
    product_share: float = 1e-6
    exporters: int = 2
    population: float = 1e6

    def __post_init__(self) -> None:
        for name, least in asdict(self).items():
            if not least >= 0:
                raise TradeError(f"The threshold {name} is {least}: give 0 or more.")
        for name in ("country_share", "product_share"):
            if getattr(self, name) >= 1:
                raise TradeError(
                    f"The threshold {name} is {getattr(self, name)}: give a share below 1, such "
                    "as 0.0001."
                )


@dataclass(frozen=True)
class Filtered:
    """Exports of reliable countries and products.

    Parameters
    ----------
    frame
        The rows that are kept.
    removed
        ``kind`` (country or product), ``key``, ``share`` (Float64, of all exports, mean over its
        years), ``value`` (Float64, over all years) and ``reason`` of each that was taken out, the
        largest first.
    people_known
        Whether populations were given.
    """

    frame: pl.DataFrame
    removed: pl.DataFrame
    people_known: bool

    def told(self, thresholds: Thresholds) -> dict[str, Any]:
        """Tell the filter as plain values, for metadata."""
        limits = asdict(thresholds)
        if not self.people_known and thresholds.population < _A_MILLION:
            del limits["population"]
        return {
            "on": True,
            "thresholds": limits,
            "removed": {
                kind: [
                    {name: row[name] for name in ("key", "share", "reason")}
                    for row in self.removed.filter(pl.col("kind") == kind).to_dicts()
                ]
                for kind in ("country", "product")
            },
        }


def keep_reliable(
    exports: pl.DataFrame, thresholds: Thresholds, population: pl.DataFrame | None = None
) -> Filtered:
    """Keep the countries and products that reach every threshold.

    Without the countries that fall out, products have fewer exporters, and the other way round:
    the filter is repeated until all that is left reaches the thresholds. Over several years the
    same countries and products are kept in each.

    Parameters
    ----------
    exports
        ``year``, ``country``, ``product``, ``value``, one row each.
    thresholds
        What is needed at least.
    population
        ``country`` (in any spelling) and ``population`` (number of people; several years of a
        country are averaged); countries that it does not name are taken out.

    Raises
    ------
    TradeError
        Nothing reaches the thresholds.
    """
    removed = [
        _known_to_have_few(exports, thresholds)
        if population is None
        else _too_few_people(exports, thresholds, population)
    ]
    kept = _without(exports, removed[0])
    while True:
        countries = _shares(kept, "country").with_columns(
            reason=_below("share", thresholds.country_share, "of the world's exports")
        )
        small = _removal(countries)
        kept = _without(kept, small)
        products = _shares(kept, "product").with_columns(
            reason=pl.coalesce(
                _below("share", thresholds.product_share, "of the world's exports"),
                pl.when(pl.col("most") < thresholds.exporters).then(
                    pl.format("exported by {} of these countries", pl.col("most"))
                ),
            )
        )
        rare = _removal(products)
        kept = _without(kept, rare)
        removed += [small, rare]
        if rare.is_empty():
            break
    if kept.is_empty():
        raise TradeError(
            "No country and product reach the thresholds of the reliability filter "
            f"({', '.join(f'{name} {least:g}' for name, least in asdict(thresholds).items())}). "
            "Lower them, or switch the filter off: --no-filter, in Python reliable=False."
        )
    out = pl.concat(removed).sort("kind", "value", "key", descending=[False, True, False])
    return Filtered(kept, out, population is not None)


_REMOVED = {
    "kind": pl.String,
    "key": pl.String,
    "share": pl.Float64,
    "value": pl.Float64,
    "reason": pl.String,
}


def _shares(exports: pl.DataFrame, kind: str) -> pl.DataFrame:
    """Give each country's, or product's, mean share over its years and its most partners in one."""
    value, share = pl.col("value"), pl.col("share")
    yearly = exports.group_by("year", kind).agg(value.sum(), many=(value > 0).sum())
    world = yearly.group_by("year").agg(world=value.sum())
    told = yearly.join(world, on="year", nulls_equal=True).with_columns(
        share=value / pl.col("world")
    )
    return told.group_by(pl.col(kind).alias("key")).agg(
        share.filter(value > 0).mean().fill_null(0.0),
        value.sum(),
        most=pl.col("many").max(),
        kind=pl.lit(kind),
    )


def _below(column: str, least: float, of: str) -> pl.Expr:
    percent = (pl.col(column) * 100).round_sig_figs(3)
    told = pl.format(f"{{}} % {of}, below {least * 100:g} %", percent)
    return pl.when(pl.col(column) < least).then(told)


def _removal(judged: pl.DataFrame) -> pl.DataFrame:
    return judged.filter(pl.col("reason").is_not_null()).select(*_REMOVED).cast(_REMOVED)  # type: ignore[arg-type]


def _without(exports: pl.DataFrame, removal: pl.DataFrame) -> pl.DataFrame:
    for (kind,), keys in removal.group_by("kind"):
        exports = exports.filter(~pl.col(str(kind)).is_in(keys["key"].to_list()))
    return exports


def _known_to_have_few(exports: pl.DataFrame, thresholds: Thresholds) -> pl.DataFrame:
    few = sorted(FEW_PEOPLE) if thresholds.population >= _A_MILLION else []
    known = territories(exports["country"].unique()).select("key", "code")
    judged = _shares(exports, "country").join(known, on="key", how="left")
    return _removal(
        judged.with_columns(
            reason=pl.when(pl.col("code").is_in(few)).then(pl.lit("fewer than a million people"))
        )
    )


def _too_few_people(
    exports: pl.DataFrame, thresholds: Thresholds, population: pl.DataFrame
) -> pl.DataFrame:
    own, theirs = (
        territories(keys).select("key", place=pl.coalesce("code", pl.col("key").str.to_lowercase()))
        for keys in (exports["country"].unique(), population["country"].unique())
    )
    people = (
        population.select(key=pl.col("country").cast(pl.String), people="population")
        .join(theirs, on="key")
        .group_by("place")
        .agg(pl.col("people").cast(pl.Float64).mean())
    )
    judged = (
        _shares(exports, "country")
        .join(own.join(people, on="place", how="left"), on="key", how="left")
        .with_columns(
            reason=pl.when(pl.col("people").is_null())
            .then(pl.lit("population not known"))
            .when(pl.col("people") < thresholds.population)
            .then(pl.format("{} people", pl.col("people").round().cast(pl.Int64, strict=False)))
        )
    )
    return _removal(judged)
