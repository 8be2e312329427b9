"""``onshore trade complexity``: how complex countries and products are, and what is near."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter

from onshore.cli.console import Refused, existing, note, step, warn
from onshore.cli.result_folder import source, write_results
from onshore.cli.targets import folder_target

if TYPE_CHECKING:
    import polars as pl

    from onshore.report import Bulletin, Locale

_FILES = (
    "countries.csv",
    "products.csv",
    "pairs.parquet",
    "metadata.json",
    "chart.svg",
    "report.html",
)


def register(trade: App) -> None:
    """Add this file's command to the group ``trade``."""
    trade.command(complexity)


def complexity(
    facts: Path,
    /,
    *,
    out: Path,
    country: str | None = None,
    year: list[str] | None = None,
    rca: float = 1.0,
    no_filter: Annotated[bool, Parameter(name="--no-filter", negative="")] = False,
    country_share: float | None = None,
    product_share: float | None = None,
    exporters: int | None = None,
    population: Path | None = None,
    least_population: float | None = None,
    currency: str | None = None,
    language: Literal["en", "fa"] = "en",
) -> int:
    """Reckon how complex countries and products are, and which products are near to each country.

    Writes countries.csv (country, diversity, eci, coi, fitness), products.csv (product, ubiquity,
    pci), pairs.parquet (country, product, value, rca, density, cog), metadata.json, a chart and a
    page; with a column year first where there are several years.

    Parameters
    ----------
    facts
        Exports by country and product: columns country, product, value and perhaps year, or
        names such as exporter, hs6, sitc2, export_usd (CSV, XLSX, Parquet or a folder of Parquet).
    out
        Folder for the results.
    country
        The country that the page is about: IRN, 364 or Iran. The tables hold all countries.
    year
        Only this year; repeat it.
    rca
        Revealed comparative advantage from which on a country is said to make a product.
    no_filter
        Keep tiny countries and products.
    country_share
        Least share of a country in the world's exports; 0.0001 when not given.
    product_share
        Least share of a product in the world's exports; 0.000001 when not given.
    exporters
        Least number of countries that export a product; 2 when not given.
    population
        A table with columns country and population; takes out countries with few people.
    least_population
        Least number of people; 1,000,000 when not given.
    currency
        In which money the values are, such as USD or "thousand USD"; as the heading says when
        not given.
    language
        Language of the page: en or fa.
    """
    from onshore import trade
    from onshore.trade.territories import find_country

    existing(facts)
    folder_target(out, _FILES)
    given = {
        "country_share": country_share,
        "product_share": product_share,
        "exporters": exporters,
        "population": least_population,
    }
    asked = {name: value for name, value in given.items() if value is not None}
    if no_filter and (asked or population):
        raise Refused("--no-filter goes with none of the filter's thresholds. Leave out the one.")
    try:
        limits = trade.Thresholds(**asked)  # type: ignore[arg-type]
        with step("Reckoning complexity"):
            found = trade.complexity(
                trade.scan_exports(facts),
                rca=rca,
                reliable=not no_filter,
                thresholds=limits,
                population=None if population is None else _people(existing(population)),
                years=tuple(year or ()),
                source=facts.name,
            )
    except trade.TradeError as wrong:
        raise Refused(str(wrong), status=1) from None
    warnings = list(found.warnings)
    key = None
    if country is not None:
        try:
            key = find_country(country, found.countries["country"].unique(), facts.name)
        except trade.TradeError as wrong:
            warnings.append(_left_out(country, found.metadata["filter"], str(wrong)))
    metadata = {
        "source": source(facts, found.metadata["rows"]),
        "country": key,
        **found.metadata,
        "currency": currency or found.metadata["currency"],
        "warnings": warnings,
    }
    tables = {"countries": found.countries, "products": found.products, "pairs": found.pairs}
    write_results(
        out,
        "complexity",
        tables,
        metadata,
        parquet={"pairs"},
        compose=partial(_compose, language),
    )
    _tell(found.metadata)
    warn(warnings)
    return 0


def _people(path: Path) -> "pl.DataFrame":
    """Read a table of populations."""
    import polars as pl

    from onshore import trade
    from onshore.trade.columns import recognise

    table = trade.scan_exports(path)
    names = table.collect_schema().names()
    people = [name for name in names if name.strip().lower() in ("population", "people", "جمعیت")]
    if len(people) != 1:
        raise trade.TradeError(
            f"{path}: there is no one column 'population' among {', '.join(names)}. Name it so."
        )
    (country,) = recognise([name for name in names if name not in people], ["country"])
    read = table.select(
        country=pl.col(country).cast(pl.String),
        population=pl.col(people[0]).cast(pl.Float64, strict=False),
    ).collect()
    faulty = read.filter(pl.col("population").is_null() | (pl.col("population") < 0))
    if faulty.height:
        raise trade.TradeError(
            f"{path}: the population of {faulty['country'][0]} is no number of people. Correct it."
        )
    return read


def _left_out(country: str, told: dict[str, object], why: str) -> str:
    """Say why the asked country is not in the results."""
    from onshore import trade
    from onshore.trade.territories import find_country

    removed = told.get("removed")
    rows = removed["country"] if isinstance(removed, dict) else []
    try:
        key = find_country(country, [row["key"] for row in rows])
    except trade.TradeError:
        return f"{why} The page is of all countries."
    reason = next(row["reason"] for row in rows if row["key"] == key)
    return (
        f"{key} was taken out by the reliability filter ({reason}), so the page is of all "
        "countries. Lower the thresholds, or give --no-filter."
    )


def _tell(metadata: dict[str, object]) -> None:
    note(f"{metadata['countries']:,} countries, {metadata['products']:,} products")
    told = metadata["filter"]
    if isinstance(told, dict) and told["on"]:
        removed = {kind: len(rows) for kind, rows in told["removed"].items()}
        note(
            f"The reliability filter took out {removed['country']:,} countries and "
            f"{removed['product']:,} products; metadata.json names them. Without it: --no-filter"
        )


def _compose(
    language: "Locale", kind: str, tables: "dict[str, pl.DataFrame]", metadata: dict[str, Any]
) -> "Bulletin":
    from onshore import report

    return report.trade_bulletin(kind, tables, metadata, language)
