"""Criteria of import dependency by product, as unbound expressions over the flows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import ibis.expr.types as ir

    from onshore.trade.facts import Facts


@dataclass(frozen=True)
class Limits:
    """From which values on a product counts as dependent; each must be exceeded.

    Parameters
    ----------
    concentration
        HHI (Herfindahl-Hirschman index, 0 to 1) of the imports by partner.
    world
        HHI of the world's exports by exporter.
    ratio
        Imports over own exports.
    outside_share
        Share of the imports that come from outside the own area.
    years, window
        In how many of how many years, up to the one that is told, GeoDep's criteria must hold.
    """

    concentration: float = 0.4
    world: float = 0.4
    ratio: float = 1.0
    outside_share: float = 0.5
    years: int = 2
    window: int = 3


def suppliers(flows: ir.Table) -> ir.Table:
    """Sum flows by ``importer``, ``product``, ``period`` and ``exporter``: ``value``."""
    by = ("importer", "product", "period", "exporter")
    return flows.group_by(by).agg(value=flows.value.sum())


def concentration(
    facts: Facts, country: str | None = None, *, limits: Limits | None = None
) -> ir.Table:
    """Tell how concentrated imports are and whether GeoDep's criteria hold, by product and year.

    The criteria are those of CEPII's GeoDep (K. Lefebvre and P. Wibaux, "Import dependencies:
    where does the EU stand?", CEPII Policy Brief 47, 2024): the HHI of the imports by partner is
    above 0.4; the HHI of the world's exports is above 0.4; imports exceed own exports, or there
    are none; and all three hold in at least two years of three. HHI is the sum of the squared
    shares (O. C. Herfindahl, 1950; A. O. Hirschman, 1964).

    Parameters
    ----------
    facts
        The flows.
    country
        Only the imports of this country; None: of every importer.
    limits
        GeoDep's by default.

    Returns
    -------
    ibis.Table
        Unbound, a row for each ``importer``, ``product`` and ``period`` with imports:
        ``imports`` (float, the table's money), ``hhi`` (0 to 1), ``top_partner`` (of equal ones
        the last in order), ``top_share``, ``partners``, ``world_exports``, ``world_hhi``,
        ``exports`` (own; null where there are none), ``holds`` (bool, the first three criteria)
        and ``years_held`` (in how many of the last ``window`` years they hold). Where only one
        country's customs tell their trade, ``world_exports``, ``world_hhi`` and ``holds`` are
        null.
    """
    limits = limits or Limits()
    return _with_years_held(facts, _criteria(facts, country, None, limits), limits)


def write_concentration(facts: Facts, path: Path, *, limits: Limits | None = None) -> None:
    """Write what `concentration` tells of every importer to a Parquet file.

    The years are reckoned one after the other, so that memory holds one year's partners only,
    then those in which the criteria hold are counted. Columns and rows are those of
    `concentration`, in no order.
    """
    limits = limits or Limits()
    years = [_criteria(facts, None, year, limits) for year in facts.years]
    with facts.staged(years) as rows:
        facts.write(_with_years_held(facts, rows, limits), path)


def _criteria(facts: Facts, country: str | None, year: int | None, limits: Limits) -> ir.Table:
    """Tell concentration and whether GeoDep's first three criteria hold (``holds``)."""
    import ibis

    flows = facts.flows("importer") if country is None else facts.imports(country)
    rows = _imported(suppliers(_of(flows, year)))
    rows = _with_exports(facts, rows, year)
    if not facts.knows_the_world:
        return rows.mutate(holds=ibis.null("boolean"))
    exceeds = (rows.imports > rows.exports * limits.ratio).fill_null(True)
    concentrated = (rows.hhi > limits.concentration) & (rows.world_hhi > limits.world)
    return rows.mutate(holds=concentrated & exceeds)


def _of(flows: ir.Table, year: int | None) -> ir.Table:
    return flows if year is None else flows.filter(flows.period == year)


def _with_years_held(facts: Facts, rows: ir.Table, limits: Limits) -> ir.Table:
    """Count in how many years of the window, up to each, the criteria hold."""
    import ibis

    if not facts.knows_the_world:
        return rows.mutate(years_held=ibis.null("int64"))
    # Few rows hold: each counts for its own year and the years after it that look back on it.
    held = rows.filter(rows.holds)
    later = held.select(
        buyer=held.importer,
        goods=held["product"],
        held_in=held.period,
        ahead=ibis.range(0, limits.window).unnest(),
    )
    counts = later.group_by("buyer", "goods", year=(later.held_in + later.ahead).cast("int64")).agg(
        years_held=later.count()
    )
    same = (
        rows.importer == counts.buyer,
        rows["product"] == counts.goods,
        rows.period == counts.year,
    )
    joined = rows.left_join(counts, same).drop("buyer", "goods", "year")
    return joined.mutate(years_held=joined.years_held.fill_null(0).cast("int64"))


def _imported(sold: ir.Table) -> ir.Table:
    import ibis

    # The greatest pair of value and partner is the top partner, and one only where two are equal.
    pair = ibis.struct({"value": sold.value, "partner": sold.exporter})
    summed = sold.group_by("importer", "product", "period").agg(
        imports=sold.value.sum(),
        squares=(sold.value * sold.value).sum(),
        top=pair.max(),
        partners=sold.count(),
    )
    return summed.select(
        "importer",
        "product",
        "period",
        "imports",
        hhi=summed.squares / (summed.imports * summed.imports),
        top_partner=summed.top["partner"],
        top_share=summed.top["value"] / summed.imports,
        partners=summed.partners,
    )


def _with_exports(facts: Facts, rows: ir.Table, year: int | None) -> ir.Table:
    import ibis

    if not (facts.tells_exports or facts.knows_the_world):
        nothing = dict.fromkeys(("world_exports", "world_hhi", "exports"), ibis.null("float64"))
        return rows.mutate(**nothing)
    supply = _of(facts.supply(), year)
    exported = supply.group_by("exporter", "product", "period").agg(exports=supply.value.sum())
    own = exported.rename(seller="exporter", goods="product", year="period")
    at_home = (
        rows.importer == own.seller,
        rows["product"] == own.goods,
        rows.period == own.year,
    )
    rows = rows.left_join(own, at_home).drop("seller", "goods", "year")
    if not facts.knows_the_world:
        return rows.mutate(world_exports=ibis.null("float64"), world_hhi=ibis.null("float64"))
    world = world_supply(exported)
    return rows.left_join(world, ("product", "period")).drop("product_right", "period_right")


def world_supply(exported: ir.Table) -> ir.Table:
    """Sum exports over the world: ``product, period, world_exports, world_hhi``."""
    summed = exported.group_by("product", "period").agg(
        world_exports=exported.exports.sum(),
        squares=(exported.exports * exported.exports).sum(),
    )
    squared = summed.world_exports * summed.world_exports
    return summed.mutate(world_hhi=summed.squares / squared).drop("squares")
