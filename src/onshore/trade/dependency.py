"""How a country depends on its imports: by product, by partner, over the years."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from onshore.codes import hs_revisions
from onshore.trade.criteria import Limits, concentration, suppliers
from onshore.trade.errors import TradeError
from onshore.trade.facts import Facts
from onshore.trade.persistence import persisting, yearly
from onshore.trade.replacement import (
    market,
    re_exported,
    relied_on,
    replacements,
    through_hubs,
)
from onshore.trade.unit_values import unit_values

FORMULAS = (
    "HHI: sum of squared shares (Herfindahl 1950; Hirschman 1964), on a scale of 0 to 1.",
    "CDI 1-3: European Commission, Strategic dependencies and capacities, SWD(2021) 352, "
    "core dependency indicators: concentration > 0.4, share from outside the area > 0.5, imports "
    "from outside over total exports > 1.",
    "GeoDep: Lefebvre and Wibaux, Import dependencies: where does the EU stand?, CEPII Policy "
    "Brief 47, 2024: import HHI > 0.4, world export HHI > 0.4, imports over exports > 1, in two "
    "years of three.",
    "Outliers of unit values: modified z-score of the logarithm by product, median and MAD, "
    "beyond 3.5 (Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993).",
)


@dataclass(frozen=True)
class Dependency:
    """What is found for one country and year; see `dependency` for the columns.

    Parameters
    ----------
    products, partners, trend, replacements, unit_values
        The tables.
    metadata
        Country, year, limits, formulas, what was left out.
    warnings
        What a reader must know.
    """

    products: pl.DataFrame
    partners: pl.DataFrame
    trend: pl.DataFrame
    replacements: pl.DataFrame
    unit_values: pl.DataFrame
    metadata: dict[str, Any]
    warnings: list[str]

    @property
    def tables(self) -> dict[str, pl.DataFrame]:
        """The tables by name, in the order in which they are read."""
        names = ("products", "partners", "replacements", "trend", "unit_values")
        return {name: getattr(self, name) for name in names}


def dependency(
    facts: Facts,
    country: str,
    *,
    year: int | None = None,
    area: Sequence[str] = (),
    partner: str | None = None,
    limits: Limits | None = None,
    candidates: int = 5,
) -> Dependency:
    """Tell how a country depends on its imports.

    Parameters
    ----------
    facts
        The flows, of `open_facts`.
    country
        The importer, as the table names it or otherwise: ``IRN``, ``364``, ``Iran``.
    year
        The year told; the last one otherwise.
    area
        Countries of one customs area with the country: their goods do not count as coming from
        outside in the core dependency indicators.
    partner
        The supplier to replace; each product's top partner otherwise.
    limits
        From which values on a product counts as dependent.
    candidates
        How many suppliers to name for each product in ``replacements``.

    Returns
    -------
    Dependency
        Values are floats in the table's money. Tables:

        ``products``, by falling value, then by product: ``product``, ``value`` (imports),
        ``hhi``, ``top_partner``, ``top_partner_name``, ``top_share``, ``partners``;
        ``world_exports``, ``world_hhi``, ``exports`` (own), ``re_exports`` (the part of them that
        customs tell as such), ``imports_to_exports``; ``cdi1``
        (HHI of the imports from outside the area), ``cdi2`` (their share of all imports),
        ``cdi3`` (they over own exports), ``eu_dependent`` (all three above their limits);
        ``concentrated``, ``world_concentrated``, ``not_substitutable`` (GeoDep's criteria),
        ``holds`` (all three this year), ``years_held``, ``geodep`` (in two years of three; null
        where the table tells too few years to say); ``spare_exports`` (what others than the top
        partner sell elsewhere), ``cover`` (they over what it sells here); ``via_hub`` (the top
        partner buys at least as much of the product as it sells: it may only pass it on);
        ``first_year``, ``hhi_change`` and ``value_growth`` (a year, fraction) since then.

        ``partners``, by falling value: ``partner``, ``partner_name``, ``value``, ``share``,
        ``products``, ``top_of`` (products of which it is the top partner),
        ``dependent_products``, ``dependent_value`` (of products with ``holds``).

        ``replacements``: for each concentrated product who could replace its top partner:
        ``product``, ``replaced``, ``replaced_name``, ``replaced_value``, ``rank``, ``supplier``,
        ``supplier_name``, ``exports`` (to all), ``sold_here``, ``spare`` (to others than this
        country), ``cover`` (``spare`` over ``replaced_value``), ``world_share``.

        ``trend``: ``year``, ``imports``, ``products``, ``hhi`` (mean, weighted by value),
        ``concentrated_share`` (of the value), ``dependent_products``, ``dependent_share``.

        ``unit_values``: ``product``, ``partner``, ``partner_name``, ``value``, ``quantity``,
        ``unit_value``, ``median`` (of the product), ``deviation`` (modified z-score of the
        logarithm; null where fewer than five partners or no spread), ``outlier``.

    Raises
    ------
    TradeError
        The country is not in the table, has no imports in the year, or tells its imports from
        the world only.
    """
    limits = limits or Limits()
    key = facts.key(country)
    asked = facts.key(partner) if partner is not None else None
    own_area = {facts.key(one) for one in area} | {key}
    rows = facts.run(concentration(facts, key, limits=limits))
    told = _told_year(facts, key, rows, year)
    sold = facts.run(suppliers(facts.imports(key)))
    names = dict(facts.territories.select("key", "name").rows())
    now = sold.filter(pl.col("period") == told)
    supply = market(facts, told)
    products = _products(facts, rows, sold, told, own_area, limits)
    others = replacements(products, now, supply, key, partner=asked, most=candidates)
    relied = relied_on(products, now, supply, key)
    if not facts.knows_the_world:
        others, relied = others.clear(), relied.clear()
    hubs = through_hubs(facts, supply, products, told)
    for more in (relied, hubs, re_exported(facts, key, told)):
        products = products.join(more, on="product", how="left", maintain_order="left")
    products = products.with_columns(top_partner_name=_named("top_partner", names))
    units, remarks = unit_values(facts, key, told)
    return Dependency(
        products=products.sort("value", "product", descending=[True, False]).select(_PRODUCTS),
        partners=_partners(products, now, names),
        trend=yearly(rows),
        replacements=others.with_columns(
            replaced_name=_named("replaced", names), supplier_name=_named("supplier", names)
        ).select(_REPLACEMENTS),
        unit_values=units.with_columns(partner_name=_named("partner", names)).select(_UNITS),
        metadata={
            "country": key,
            "country_name": names.get(key),
            "year": told,
            "area": sorted(own_area),
            "partner": asked,
            "limits": asdict(limits),
            "normalisation": "HHI and shares as fractions of 1; values as in the source",
            "formulas": list(FORMULAS),
            **facts.metadata,
        },
        warnings=[*facts.warnings, *_warnings(facts, products, supply, told, limits), *remarks],
    )


_PRODUCTS = (
    *("product", "value", "hhi", "top_partner", "top_partner_name", "top_share", "partners"),
    *("world_exports", "world_hhi", "exports", "re_exports", "imports_to_exports"),
    *("cdi1", "cdi2", "cdi3", "eu_dependent"),
    *("concentrated", "world_concentrated", "not_substitutable", "holds", "years_held", "geodep"),
    *("spare_exports", "cover", "via_hub", "first_year", "hhi_change", "value_growth"),
)
_REPLACEMENTS = (
    *("product", "replaced", "replaced_name", "replaced_value", "rank", "supplier"),
    *("supplier_name", "exports", "sold_here", "spare", "cover", "world_share"),
)
_UNITS = (
    *("product", "partner", "partner_name", "value", "quantity", "unit_value", "median"),
    *("deviation", "outlier"),
)


def _named(column: str, names: dict[str, str | None]) -> pl.Expr:
    known = {key: name for key, name in names.items() if name is not None}
    return pl.col(column).replace_strict(known, default=None, return_dtype=pl.String)


def _told_year(facts: Facts, key: str, rows: pl.DataFrame, year: int | None) -> int:
    source = facts.metadata["source"]["file"]
    years = rows["period"].unique().sort().to_list()
    if not years:
        kinds = facts.territories.filter(pl.col("kind") == "country").height
        reason = "Its imports are not in the table." if kinds > 1 else "It names one country only."
        raise TradeError(f"{source}: {key} has no imports. {reason}")
    kind = dict(facts.territories.select("key", "kind").rows())
    if all(kind[partner] == "aggregate" for partner in rows["top_partner"].unique()):
        raise TradeError(
            f"{source}: {key}'s imports are told from the world only, not by partner, so no "
            "dependency can be told. Give the table with partners."
        )
    if year is None:
        return int(years[-1])
    if year not in years:
        raise TradeError(
            f"{source}: {key} has no imports in {year}. There are: {', '.join(map(str, years))}."
        )
    return year


def _products(
    facts: Facts,
    rows: pl.DataFrame,
    sold: pl.DataFrame,
    year: int,
    area: set[str],
    limits: Limits,
) -> pl.DataFrame:
    """Give the year's criteria, with the exports that are not told taken as null, not as none."""
    known = facts.tells_exports or facts.knows_the_world
    exceeds = (pl.col("imports") > pl.col("exports") * limits.ratio).fill_null(value=True)
    beyond = (pl.col("_out") > pl.col("exports") * limits.ratio).fill_null(value=True)
    return (
        persisting(rows, facts.years, limits)
        .filter(pl.col("period") == year)
        .join(_from_outside(sold, year, area), on="product", how="left")
        .with_columns(pl.col("_out", "cdi1").fill_null(0.0))
        .with_columns(
            value=pl.col("imports"),
            imports_to_exports=pl.col("imports") / pl.col("exports"),
            cdi2=pl.col("_out") / pl.col("imports"),
            cdi3=pl.col("_out") / pl.col("exports"),
            concentrated=pl.col("hhi") > limits.concentration,
            world_concentrated=pl.col("world_hhi") > limits.world,
            not_substitutable=exceeds if known else pl.lit(None, dtype=pl.Boolean),
        )
        .with_columns(
            eu_dependent=(pl.col("cdi1") > limits.concentration)
            & (pl.col("cdi2") > limits.outside_share)
            & (beyond if known else pl.lit(None, dtype=pl.Boolean))
        )
    )


def _from_outside(sold: pl.DataFrame, year: int, area: set[str]) -> pl.DataFrame:
    abroad = sold.filter(pl.col("period") == year, ~pl.col("exporter").is_in(area))
    value = pl.col("value")
    return abroad.group_by("product").agg(
        _out=value.sum(), cdi1=(value**2).sum() / value.sum() ** 2
    )


def _partners(
    products: pl.DataFrame, now: pl.DataFrame, names: dict[str, str | None]
) -> pl.DataFrame:
    marks = products.select("product", "top_partner", held=pl.col("holds").fill_null(value=False))
    held = pl.col("held")
    return (
        now.join(marks, on="product", how="left")
        .group_by(partner="exporter")
        .agg(
            value=pl.col("value").sum(),
            products=pl.col("product").n_unique().cast(pl.Int64),
            top_of=(pl.col("top_partner") == pl.col("exporter").first()).sum().cast(pl.Int64),
            dependent_products=held.sum().cast(pl.Int64),
            dependent_value=pl.col("value").filter(held).sum(),
        )
        .with_columns(
            share=pl.col("value") / pl.col("value").sum(), partner_name=_named("partner", names)
        )
        .sort("value", "partner", descending=[True, False])
        .select(
            "partner",
            "partner_name",
            "value",
            "share",
            "products",
            "top_of",
            "dependent_products",
            "dependent_value",
        )
    )


_FEW_EXPORTERS = 40


def _warnings(
    facts: Facts, products: pl.DataFrame, supply: pl.DataFrame, year: int, limits: Limits
) -> list[str]:
    source = facts.metadata["source"]["file"]
    warnings = []
    if not facts.knows_the_world:
        warnings.append(
            f"{source} tells the trade of one country only, so the world's exports are not known: "
            "GeoDep's second criterion and who could replace a partner are left empty."
        )
    if not (facts.tells_exports or facts.knows_the_world):
        warnings.append(
            f"{source} tells no exports, so imports cannot be set against own exports: CDI 3 and "
            "GeoDep's third criterion are left empty."
        )
    sellers = supply["exporter"].n_unique()
    if facts.knows_the_world and sellers < _FEW_EXPORTERS:
        warnings.append(
            f"{source}: the world's exports are taken from {_counted(sellers, 'exporter')} only, "
            "so their concentration is overstated and replacements are missing."
        )
    unsure = products["geodep"].null_count()
    if unsure and facts.knows_the_world:
        warnings.append(
            f"{source} does not tell all of the {limits.window} years up to {year}: for "
            f"{_counted(unsure, 'product')} GeoDep's rule of {limits.years} years of "
            f"{limits.window} cannot be decided."
        )
    hubs = int(products["via_hub"].sum() or 0)
    if hubs:
        warnings.append(
            f"Of {_counted(hubs, 'product')} the top partner buys at least as much as it "
            "sells and may only pass the goods on: who makes them is not told by these figures "
            "(column via_hub)."
        )
    if _is_hs(products["product"]):
        vintage = hs_revisions.identify(products["product"].sort())
        # Codes of another classification may look like codes of the HS.
        if vintage.message and 2 * len(vintage.unknown) < products.height:
            warnings.append(f"{source}: {vintage.message}")
    if not facts.metadata["currency_told"]:
        warnings.append(f"{source} does not say its currency; values are taken as USD.")
    return warnings


def _is_hs(codes: pl.Series) -> bool:
    return bool(codes.len()) and bool(codes.str.contains(r"^\d{6}$").all())


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
