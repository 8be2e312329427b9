"""``onshore trade``: what customs facts tell of dependency, complexity and opportunity."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from onshore.cli import complexity, opportunities
from onshore.cli.console import counted, note, result, step, warn
from onshore.cli.result_folder import write_results
from onshore.cli.targets import folder_target
from onshore.cli.trade_inputs import facts_metadata, opened_facts

if TYPE_CHECKING:
    import polars as pl

    from onshore.report import Bulletin
    from onshore.trade import Dependency

trade = App(name="trade", help="Dependency, complexity and opportunity by product.")
complexity.register(trade)
opportunities.register(trade)

_FILES = (
    *("products.csv", "partners.csv", "replacements.csv", "trend.csv", "unit_values.csv"),
    *("metadata.json", "chart.svg", "report.html"),
)


def register(app: App) -> None:
    """Add this file's group of commands to the application."""
    app.command(trade)


@trade.command
def dependency(
    facts: Path,
    /,
    *,
    country: str,
    out: Path,
    year: int | None = None,
    partner: str | None = None,
    area: Annotated[list[str] | None, Parameter(negative="")] = None,
    candidates: int = 5,
    currency: str | None = None,
    connection: str | None = None,
) -> int:
    """Show on whom a country depends for its imports, by product, and who could step in.

    Writes products.csv (concentration, top partner, the EU's and CEPII's criteria), partners.csv,
    replacements.csv, trend.csv, unit_values.csv, metadata.json, a chart and a page.

    Parameters
    ----------
    facts
        Customs facts as CSV or Parquet, or a folder of them: BACI, Comtrade, or a national
        extract (reporter, partner, product, period, flow, value, quantity).
    country
        The importer: IRN, 364 or Iran. Of a national extract that does not name it, the reporter.
    out
        Folder for the results.
    year
        The year to tell; the last one when not given.
    partner
        Show who could replace this supplier; each product's top partner when not given.
    area
        A country of one customs area with the importer; repeat it.
    candidates
        How many suppliers to name for each product.
    currency
        In which money the values are, such as USD or "thousand USD"; as the heading says when
        not given.
    connection
        Address of a Spark master, such as spark://host:7077; DuckDB on this machine when not
        given.
    """
    from onshore import trade as room

    folder_target(out, _FILES)
    with opened_facts(facts, country, currency, connection) as (opened, key):
        with step("Reckoning dependency"):
            found = room.dependency(
                opened, key, year=year, area=area or (), partner=partner, candidates=candidates
            )
        metadata = {
            **found.metadata,
            **facts_metadata(opened, facts, key),
            "warnings": found.warnings,
        }
    write_results(out, "dependency", found.tables, metadata, compose=_compose)
    _tell(found)
    warn(found.warnings)
    return 0


def _tell(found: "Dependency") -> None:
    """Say in a few lines what was found."""
    import polars as pl

    products, told = found.products, found.metadata
    value = float(products["value"].sum())
    concentrated = products.filter(pl.col("concentrated"))
    share = float(concentrated["value"].sum()) / value
    name, number = told["country_name"] or told["country"], counted(products.height, "product")
    result(
        f"{name}, {told['year']}: {number} "
        f"imported for {value:,.0f} {told['currency']}; {concentrated.height:,} of them "
        f"concentrated, {share:.0%} of the value"
    )
    if products["geodep"].null_count() < products.height:
        held = products.filter(pl.col("geodep"))
        result(
            f"dependent by GeoDep's rule: {counted(held.height, 'product')}, "
            f"{float(held['value'].sum()) / value:.1%} of the value"
        )
    note("Shares are of the value; the columns are told in docs/methods/trade.md.")


def _compose(kind: str, tables: "dict[str, pl.DataFrame]", metadata: dict[str, Any]) -> "Bulletin":
    from onshore import report

    return report.trade_bulletin(kind, tables, metadata)
