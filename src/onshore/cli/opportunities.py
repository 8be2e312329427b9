"""``onshore trade opportunity`` and ``exports``: what to make at home, what to sell where."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter

from onshore.cli.console import Refused, existing, note, step, warn
from onshore.cli.result_folder import write_results
from onshore.cli.targets import folder_target
from onshore.cli.trade_inputs import (
    complexity_tables,
    factor_table,
    facts_metadata,
    facts_warnings,
    opened_facts,
)

if TYPE_CHECKING:
    import polars as pl

    from onshore.records import Programme
    from onshore.report import Bulletin
    from onshore.trade import Facts

Flag = Annotated[bool, Parameter(negative="")]
Language = Literal["en", "fa"]

_PAGES = ("metadata.json", "chart.svg", "report.html")
_OF_OPPORTUNITY = ("products.csv", "needs.csv", "products_of_needs.csv", *_PAGES)
_OF_EXPORTS = (
    *("products.csv", "partners.csv", "pairs.parquet", "diversification.csv"),
    *("diversification_pairs.parquet", "growth.csv", "next_markets.csv", *_PAGES),
)


def register(trade: App) -> None:
    """Add this file's commands to the group ``trade``."""
    trade.command(opportunity)
    trade.command(exports)


def opportunity(
    facts: Path,
    /,
    *,
    country: str,
    out: Path,
    year: int | None = None,
    weight: list[str] | None = None,
    minimum: float = 0.0,
    include_made: Flag = False,
    top: int = 20,
    draws: int = 1000,
    spread: float = 2.0,
    seed: int = 0,
    complexity: Path | None = None,
    no_filter: Annotated[bool, Parameter(name="--no-filter", negative="")] = False,
    programme: Path | None = None,
    revision: str | None = None,
    currency: str | None = None,
    connection: str | None = None,
    language: Language = "en",
) -> int:
    """Rank imported products by what speaks for making them at home, each reason shown.

    Import value, dependency on few partners, nearness to what is made already (density), what it
    would open up (complexity gain) and the growth of the world's market; each as a percentile.

    Parameters
    ----------
    facts
        Customs facts: CSV, Parquet, or a folder of them; BACI, Comtrade, a national extract.
    country
        The country that imports: IRN, 364 or Iran.
    out
        Folder for products.csv, metadata.json, chart.svg and report.html; with --programme also
        needs.csv (by product) and products_of_needs.csv (every need, or why it has no product).
    year
        The year of the imports; the last one when not given.
    weight
        A component and its weight, such as gain=2; repeat it. Components: import_value,
        dependency, density, gain, growth; each counts 1 when not given, 0 leaves it out.
    minimum
        Imports below which a product is left out, in the money of the facts.
    include_made
        Keep products that the country exports with an advantage already (RCA of 1 or more).
    top
        How many products are the top, whose steadiness is told.
    draws
        How often the weights are drawn anew, to see how steady the ranks are.
    spread
        By how much a drawn weight may differ: from 1/spread to spread times.
    seed
        Of the draws.
    complexity
        A folder of results of "onshore trade complexity"; reckoned from the facts when not given.
    no_filter
        Reckon complexity without the reliability filter.
    programme
        A programme folder, whose needs are found under the products.
    revision
        The HS revision of the facts, such as HS2012; found from the codes when not given.
    currency
        In which money the values are, where the table does not say it.
    connection
        A Spark master, such as spark://host:7077; DuckDB on this machine when not given.
    language
        Language of the page.
    """
    from onshore import trade

    weights = _weights(weight or [])
    folder_target(out, _OF_OPPORTUNITY)
    opened_programme = None if programme is None else _programme(programme)
    with opened_facts(facts, country, currency, connection) as (opened, key):
        with step("Reading the flows"):
            sums = trade.market_sums(opened, key)
            asked = sums.years[-1] if year is None else year
            dependency = trade.dependency(opened, key, year=asked).products
        pairs, indices, told = complexity_tables(sums, asked, complexity, reliable=not no_filter)
        found = trade.opportunity(
            sums,
            key,
            dependency=dependency,
            pairs=pairs,
            indices=indices,
            year=asked,
            weights=weights,
            made_from=None if include_made else 1.0,
            minimum=minimum,
            top=top,
            draws=draws,
            spread=spread,
            seed=seed,
        )
        tables = {"products": _named(found.products, after="product")}
        warnings = [
            *facts_warnings(opened, sums.demand["product"].unique().sort()),
            *found.warnings,
            *told["warnings"],
        ]
        if opened_programme is not None:
            of_facts = opened.metadata["revision"]
            asked_for = revision or (f"HS{of_facts}" if of_facts else None)
            tables |= _needs(found.products, opened_programme, asked_for)
        metadata = {
            **facts_metadata(opened, facts, key),
            **found.metadata,
            "years": [asked],
            "complexity": told,
            "formulas": _SCREEN_FORMULAS,
            "warnings": warnings,
        }
    _write(out, "opportunity", tables, metadata, language)
    note(f"{found.products.height:,} products ranked for {key} in {asked}")
    if opened_programme is not None:
        note(f"{tables['needs']['need_id'].n_unique():,} needs under them")
    warn(warnings)
    return 0


def exports(
    facts: Path,
    /,
    *,
    country: str,
    out: Path,
    year: list[int] | None = None,
    product: list[str] | None = None,
    since: int | None = None,
    until: int | None = None,
    reference: str | None = None,
    growth: Path | None = None,
    access: Path | None = None,
    scale_re_exports: Flag = False,
    complexity: Path | None = None,
    no_filter: Annotated[bool, Parameter(name="--no-filter", negative="")] = False,
    currency: str | None = None,
    connection: str | None = None,
    language: Language = "en",
) -> int:
    """Show what a country could sell where: export potential, new products, growth, next markets.

    Potential is supply x ease x demand (International Trade Centre); what is unrealised is what
    is not sold yet.

    Parameters
    ----------
    facts
        Customs facts of the world: CSV, Parquet, or a folder of them; BACI, Comtrade.
    country
        The country that exports: IRN, 364 or Iran.
    out
        Folder for products.csv, partners.csv, pairs.parquet, diversification.csv and
        diversification_pairs.parquet (products not sold yet), growth.csv and next_markets.csv
        (with two years), metadata.json, chart.svg and report.html.
    year
        A year of which trade is averaged; repeat it. The last five when not given.
    product
        A product, or the beginning of its code, for growth.csv and next_markets.csv; repeat it.
    since
        The year from which growth is told; the first when not given.
    until
        The year to which growth is told; the last when not given.
    reference
        The partner whose share is the measure for the next markets; the one where exports grew
        most when not given.
    growth
        A table of factors of growth: country, supply, demand (1.1 is 10 % more).
    access
        A table of factors of market access: importer, product (empty: all), factor.
    scale_re_exports
        Count exports times exports / imports where a country buys more of a product than it
        sells, for goods that only pass through.
    complexity
        A folder of results of "onshore trade complexity"; reckoned from the facts when not given.
    no_filter
        Reckon complexity without the reliability filter.
    currency
        In which money the values are, where the table does not say it.
    connection
        A Spark master, such as spark://host:7077; DuckDB on this machine when not given.
    language
        Language of the page.
    """
    from onshore import trade

    folder_target(out, _OF_EXPORTS)
    with opened_facts(facts, country, currency, connection) as (opened, key):
        factors: dict[str, Any] = {
            "growth": factor_table(growth, "country", ("supply", "demand"), opened),
            "access": factor_table(access, "importer", ("factor",), opened),
        }
        model = None if reference is None else opened.key(reference)
        with step("Reading the flows"):
            sums = trade.market_sums(opened, key)
        found = trade.export_potential(
            sums, key, years=year, re_exports=not scale_re_exports, **factors
        )
        last = found.metadata["years"][-1]
        tables: dict[str, pl.DataFrame] = {
            "products": _named(found.products, after="product"),
            "partners": _countries(found.partners, opened),
            "pairs": found.pairs,
        }
        warnings = [
            *facts_warnings(opened, sums.demand["product"].unique().sort()),
            *found.warnings,
        ]
        pairs, _, told = complexity_tables(sums, last, complexity, reliable=not no_filter)
        warnings += told["warnings"]
        if pairs is not None:
            near, near_pairs = trade.diversification(sums, key, pairs, years=year, **factors)
            tables["diversification"] = _named(near, after="product")
            tables["diversification_pairs"] = near_pairs
        if len(sums.years) > 1:
            span: dict[str, Any] = {"since": since, "until": until, "products": product}
            grown = trade.export_growth(sums, key, **span)
            tables["growth"] = _countries(grown, opened)
            markets = trade.next_markets(sums, key, found, reference=model, **span)
            tables["next_markets"] = _countries(markets, opened)
        elif since or until or product or reference:
            raise Refused(
                f"{facts} holds one year, {sums.years[0]}: growth and next markets need two. Give "
                "facts of another year too, or leave out --since, --until, --product and "
                "--reference.",
                status=1,
            )
        metadata = {
            **facts_metadata(opened, facts, key),
            **found.metadata,
            "growth": {
                "since": since or sums.years[0],
                "until": until or sums.years[-1],
                "products": product,
                "reference": model,
            },
            "complexity": told,
            "formulas": _EXPORT_FORMULAS,
            "warnings": warnings,
        }
    large = {"pairs", "diversification_pairs"}
    _write(out, "exports", tables, metadata, language, parquet=large)
    gap = found.products["unrealised"].sum()
    note(
        f"{key}: {gap:,.0f} {metadata['currency']} a year of potential exports not realised, in "
        f"{found.products.height:,} products"
    )
    warn(warnings)
    return 0


_NEAR = (
    "Density: Hidalgo, Klinger, Barabasi and Hausmann (2007), Science 317, 482-487",
    "Complexity: Hausmann, Hidalgo et al. (2013), The Atlas of Economic Complexity",
)
_SCREEN_FORMULAS = [
    "Score: weighted mean of percentiles with mean ranks, (rank - 1/2) / n (Hazen 1914)",
    "Market growth: least-squares slope of the logarithm of the rest of the world's imports",
    *_NEAR,
]
_EXPORT_FORMULAS = [
    "Export potential and product diversification: Decreux and Spies (2016), Export Potential "
    "Assessments, International Trade Centre",
    "Market and share effects: constant market shares, Tyszynski (1951), The Manchester School 19",
    *_NEAR,
]


def _weights(words: Sequence[str]) -> dict[str, float]:
    weights = {}
    for word in words:
        name, sign, number = word.partition("=")
        try:
            weights[name.strip()] = float(number)
        except ValueError:
            sign = ""
        if not sign:
            raise Refused(
                f"--weight {word}: write a component and its weight, such as gain=2 or density=0.5."
            )
    return weights


def _programme(folder: Path) -> "Programme":
    from onshore.cli.programme import open_programme

    return open_programme(existing(folder))


def _needs(
    products: "pl.DataFrame", programme: "Programme", revision: str | None
) -> dict[str, "pl.DataFrame"]:
    """Find the needs under the products, and of every need its product."""
    from onshore import trade
    from onshore.codes import UnknownCode

    needs, items = programme.table("needs"), programme.table("items")
    try:
        return {
            "needs": trade.needs_of_screen(products, needs, items, revision=revision),
            "products_of_needs": trade.products_of_needs(needs, products, items, revision=revision),
        }
    except UnknownCode as unknown:
        raise Refused(f"--revision: {unknown}") from None


def _named(table: "pl.DataFrame", *, after: str) -> "pl.DataFrame":
    """Add the products' names behind their codes."""
    from onshore import trade

    names = trade.product_names(table[after])
    return _put_after(table.join(names, on=after, how="left", maintain_order="left"), after)


def _countries(table: "pl.DataFrame", facts: "Facts") -> "pl.DataFrame":
    """Add the partners' names behind their keys."""
    names = facts.territories.select("name", partner="key")
    return _put_after(table.join(names, on="partner", how="left", maintain_order="left"), "partner")


def _put_after(table: "pl.DataFrame", column: str) -> "pl.DataFrame":
    columns = [name for name in table.columns if name != "name"]
    columns.insert(columns.index(column) + 1, "name")
    return table.select(columns)


def _write(
    out: Path,
    kind: str,
    tables: "dict[str, pl.DataFrame]",
    metadata: dict[str, Any],
    language: Language,
    parquet: frozenset[str] | set[str] = frozenset(),
) -> None:
    from onshore import report

    # The page shows what fits a page; the rest are files for other programs.
    small = {
        stem: table
        for stem, table in tables.items()
        if stem not in parquet and stem != "products_of_needs"
    }

    def compose(kind: str, _: "dict[str, pl.DataFrame]", told: dict[str, Any]) -> "Bulletin":
        return report.trade_bulletin(kind, small, told, language)

    write_results(out, kind, tables, metadata, parquet=parquet, compose=compose)
