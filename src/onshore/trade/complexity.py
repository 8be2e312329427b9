"""Economic complexity of countries and products, and what lies near to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from onshore.codes import hs_revisions
from onshore.trade.advantage import Network
from onshore.trade.complexity_year import YearOfTrade
from onshore.trade.country_exports import country_exports
from onshore.trade.errors import TradeError
from onshore.trade.one_thread import one_thread
from onshore.trade.proximity import proximity_rows
from onshore.trade.reliability import Thresholds, keep_reliable

_HARMONIZED = 0.9
"""Share of codes that a revision knows from which on they are taken for its codes."""

FORMULAS = [
    "RCA: Balassa (1965), Trade liberalisation and 'revealed' comparative advantage",
    "Proximity and density: Hidalgo, Klinger, Barabasi and Hausmann (2007), Science 317, 482-487",
    "ECI and PCI: Hidalgo and Hausmann (2009), PNAS 106, 10570-10575; Hausmann, Hidalgo et al. "
    "(2013), The Atlas of Economic Complexity, technical box 2.2",
    "COI and COG: Hausmann, Hidalgo et al. (2013), technical box 2.4; COG as the Growth Lab's "
    "ecomplexity reckons it",
    "Fitness: Tacchella, Cristelli, Caldarelli, Gabrielli and Pietronero (2012), Scientific "
    "Reports 2, 723, equation 1",
]

NORMALISATION = {
    "eci": "mean 0 and population standard deviation 1 over the countries of a year; the sign with "
    "which it correlates positively with diversity",
    "pci": "on ECI's scale: ECI is the mean PCI of the products in which a country has an "
    "advantage",
    "density": "share, 0 to 1; a product is near to itself by 1",
    "coi": "mean 0 and population standard deviation 1 over the countries of a year",
    "cog": "in standard deviations of ECI; 0 where the country has the advantage already",
    "fitness": "mean 1 over the countries of a year",
}


@dataclass(frozen=True)
class Complexity:
    """Complexity of countries and products. Every table has ``year`` first if there are several.

    Parameters
    ----------
    countries
        ``country`` (str), ``diversity`` (number of products with an advantage), ``eci``, ``coi``,
        ``fitness`` (floats; null where there is none); by year, then by ECI, the highest first.
    products
        ``product`` (str), ``ubiquity`` (number of countries with an advantage), ``pci`` (float);
        by year, then by PCI, the highest first.
    pairs
        ``country``, ``product``, ``value`` (as in the facts, 0 where nothing is exported),
        ``rca``, ``density``, ``cog`` (floats) of each country with each product that is exported;
        by year, country, product.
    metadata
        Years, filter with what it took out, normalisation, formulas, warnings; plain values.
    warnings
        What was left out or could not be found, in sentences.
    """

    countries: pl.DataFrame
    products: pl.DataFrame
    pairs: pl.DataFrame
    metadata: dict[str, Any]
    warnings: list[str]
    _networks: dict[int | str | None, tuple[pl.Series, Network]] = field(repr=False)

    def proximity(self, year: int | str | None = None, *, least: float = 0.0) -> pl.DataFrame:
        """Give the proximity of each two products that are near to each other at all.

        Parameters
        ----------
        year
            Which year; needed where there are several.
        least
            Only proximities above this. All of 5,000 products can be 12 million rows; product
            spaces are drawn of those above 0.55 (Hidalgo et al. 2007).

        Returns
        -------
        DataFrame
            ``product``, ``other`` (str, after ``product`` in the order of codes) and ``proximity``
            (float), by product and other.

        Raises
        ------
        TradeError
            The year is not there, or there are several and none is given.
        """
        if year is None and len(self._networks) == 1:
            (year,) = self._networks
        if year not in self._networks:
            there = ", ".join(str(one) for one in self._networks)
            raise TradeError(f"There is no proximity of the year {year}. Give one of: {there}.")
        products, linked = self._networks[year]
        parts = [
            pl.DataFrame(schema={"product": pl.String, "other": pl.String, "proximity": pl.Float64})
        ]
        for start, near in proximity_rows(linked):
            # Each two once: what stands after the diagonal.
            first, second = np.nonzero(np.triu(np.nan_to_num(near) > max(least, 0), start + 1))
            parts.append(
                pl.DataFrame(
                    {
                        "product": products.gather(first + start),
                        "other": products.gather(second),
                        "proximity": near[first, second],
                    }
                )
            )
        return pl.concat(parts)


def complexity(
    facts: pl.DataFrame | pl.LazyFrame,
    *,
    rca: float = 1.0,
    reliable: bool = True,
    thresholds: Thresholds | None = None,
    population: pl.DataFrame | None = None,
    years: Sequence[int | str] = (),
    source: str = "the table",
) -> Complexity:
    """Reckon the complexity of countries and products from what each exports.

    Parameters
    ----------
    facts
        ``country``, ``product``, ``value`` and, if there are several, ``year``; synonyms such as
        ``exporter``, ``hs6`` or ``export_usd`` are known, in English and Persian. Values in any
        one money, not negative; rows by partner are added up.
    rca
        Revealed comparative advantage from which on a country is said to make a product.
    reliable
        Whether tiny countries and products are taken out first.
    thresholds
        What they need at least; the defaults of `Thresholds` when not given.
    population
        ``country`` (in any spelling) and ``population``, for the filter.
    years
        Only these years.
    source
        The facts' name, for messages.

    Raises
    ------
    TradeError
        The facts cannot be taken as they are, or nothing is left after the filter.

    Notes
    -----
    ECI, PCI, COI, COG and fitness compare countries that share products, at least by others
    between them. Where the network of countries and products falls into parts, they are reckoned
    for the largest part, and are null in the others; a warning names these. They are null
    everywhere where the data do not tell countries apart, for example because all have the same
    mix. Nothing is ever NaN.

    Examples
    --------
    >>> made = {"A": ["car", "ship", "shirt"], "B": ["shirt", "tea"], "C": ["tea"]}
    >>> facts = pl.DataFrame(
    ...     [(who, what, 1.0) for who, all in made.items() for what in all],
    ...     schema=["country", "product", "value"], orient="row",
    ... )
    >>> found = complexity(facts, reliable=False)
    >>> found.countries.select("country", "diversity", pl.col("eci").round(3)).rows()
    [('A', 3, 1.328), ('B', 2, -0.244), ('C', 1, -1.085)]
    """
    if not rca > 0:
        raise TradeError(f"The threshold of RCA is {rca}: give a number above 0, such as 1.")
    try:
        exports = country_exports(facts.lazy(), source=source, years=years)
    except pl.exceptions.ComputeError as failure:
        first = str(failure).splitlines()[0]
        raise TradeError(
            f"{source} cannot be read: {first}. Save it as UTF-8, with as many cells in each row "
            "as there are headings."
        ) from None
    warnings = list(exports.warnings)
    limits = (thresholds or Thresholds()) if reliable else None
    kept, told = _filtered(exports.frame, limits, population)
    revision, mixed = _harmonized(kept["product"].unique())
    warnings += [f"{source}: {mixed}"] if mixed else []
    tables: dict[str, list[pl.DataFrame]] = {"countries": [], "products": [], "pairs": []}
    networks: dict[int | str | None, tuple[pl.Series, Network]] = {}
    rounds = []
    for year, frame in _yearly(kept):
        with one_thread():
            one = YearOfTrade(year, frame, rca)
        warnings += one.warnings()
        rounds.append(one.fit.rounds)
        networks[year] = one.products, one.linked
        tables["countries"].append(one.country_table())
        tables["products"].append(one.product_table())
        tables["pairs"].append(one.pair_table())
    metadata = {
        "years": exports.years,
        "rows": exports.rows,
        "currency": exports.currency,
        "revision": revision,
        "rca": rca,
        "filter": told,
        "countries": int(kept["country"].n_unique()),
        "products": int(kept["product"].n_unique()),
        "fitness_rounds": rounds,
        "normalisation": NORMALISATION,
        "formulas": FORMULAS,
        "warnings": warnings,
    }
    several = len(exports.years) > 1
    return Complexity(
        **{name: _stacked(years_of, several) for name, years_of in tables.items()},
        metadata=metadata,
        warnings=warnings,
        _networks=networks,
    )


def _filtered(
    exports: pl.DataFrame, limits: Thresholds | None, population: pl.DataFrame | None
) -> tuple[pl.DataFrame, dict[str, Any]]:
    if limits is None:
        return exports, {"on": False}
    found = keep_reliable(exports, limits, population)
    return found.frame, found.told(limits)


def _harmonized(products: pl.Series) -> tuple[str | None, str]:
    """Give the revision of products of the Harmonized System, and what is mixed into it."""
    known = hs_revisions.detect(products)["share_known"].max()
    if not isinstance(known, float) or known < _HARMONIZED:
        return None, ""
    vintage = hs_revisions.identify(products)
    return vintage.revision, vintage.message if vintage.mixed else ""


def _yearly(exports: pl.DataFrame) -> Iterator[tuple[int | str | None, pl.DataFrame]]:
    parts = exports.partition_by("year", as_dict=True)
    for (year,) in sorted(parts, key=lambda key: (key[0] is not None, key[0])):
        yield year, parts[(year,)]


def _stacked(tables: list[pl.DataFrame], several: bool) -> pl.DataFrame:
    table = pl.concat(tables)
    return table if several else table.drop("year")
