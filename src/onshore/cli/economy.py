"""``onshore economy``: what a new plant or a localized good does to the rest of the economy."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter

from onshore.cli.console import Refused, existing, warn
from onshore.cli.result_folder import source, write_results

if TYPE_CHECKING:
    import polars as pl

    from onshore.economy import Table
    from onshore.report import Bulletin

economy = App(name="economy", help="Input-output tables: multipliers, extraction, substitution.")

_BOOK = "Miller and Blair (2009), Input-Output Analysis: Foundations and Extensions, 2nd edition"
_FORMULAS = {
    "multipliers": (f"{_BOOK}, chapter 6", "Eurostat (2008), Manual of Supply, Use and "
                    "Input-Output Tables, chapter 15"),
    "linkages": ("Rasmussen (1956)", "Hirschman (1958)", "Jones (1976)", f"{_BOOK}, section 12.2"),
    "extract": ("Dietzenbacher and van der Linden (1997)", "Miller and Lahr (2001)",
                f"{_BOOK}, section 12.2", "Sherman and Morrison (1950)"),
    "substitute": (f"{_BOOK}, section 2.2", "Sherman and Morrison (1950)"),
    "decompose": ("Chenery (1960)", "Chenery, Shishido and Watanabe (1962)", "Syrquin (1976)"),
    "regions": (f"{_BOOK}, section 8.2", "Flegg and Webber (1997)",
                "Bergman and Feser (1999)"),
}  # fmt: skip


@Parameter(name="*")
@dataclass(frozen=True)
class Sheets:
    """How the table is read, and in which words the page is written."""

    beside: Annotated[
        list[Path] | None,
        Parameter(
            help="A file with a row for each sector: factors, final demand; repeat it.",
            negative="",
        ),
    ] = None
    imports: Annotated[
        Path | None, Parameter(help="A table of imports by product (row) and user (column).")
    ] = None
    factor_row: Annotated[
        list[str] | None, Parameter(help="A row that is a factor; repeat it.", negative="")
    ] = None
    final_column: Annotated[
        list[str] | None, Parameter(help="A column that is final demand; repeat it.", negative="")
    ] = None
    output_row: Annotated[str | None, Parameter(help="The row or column of output.")] = None
    currency: Annotated[
        str | None, Parameter(help="The unit of the table's money, such as 'million EUR'.")
    ] = None
    language: Annotated[Literal["en", "fa"], Parameter(help="Language of the report.")] = "en"


_USUAL = Sheets()


def register(app: App) -> None:
    """Add this file's commands to the application."""
    app.command(economy)


@economy.command
def multipliers(
    table: Path,
    /,
    *,
    out: Path,
    factor: str = "output",
    kind: Literal["I", "II"] = "I",
    sheets: Sheets = _USUAL,
) -> int:
    """Show what a unit of final demand for each sector's goods brings: output, value added, jobs.

    Parameters
    ----------
    table
        An input-output table: CSV, XLSX or Parquet, wide or long.
    out
        Folder for multipliers.csv (of one factor), effects.csv (of all), metadata.json, chart.svg
        and report.html.
    factor
        Of multipliers.csv: output, a row's name, or value_added, employment, income.
    kind
        I: inputs only. II: what households spend of their labour income too.
    sheets
        How the table is read.
    """
    from onshore import economy as room

    read = _read(table, sheets)
    with _refusals():
        name = factor if factor == "output" else read.factor_name(factor)
        tables = {
            "multipliers": room.multipliers(read, name, kind=kind),
            "effects": room.effects(read),
        }
        notes = room.household_notes(read)
    lacking = room.no_households(read)
    if lacking is not None:
        notes.append(f"effects of kind II are left out: {lacking}.")
    more = {
        "factor": name,
        "kind": kind,
        "normalisation": "effects per unit of final demand; multipliers: total per direct",
    }
    return _write(out, "multipliers", tables, table, read, sheets, more, notes)


@economy.command
def linkages(table: Path, /, *, out: Path, sheets: Sheets = _USUAL) -> int:
    """Show backward and forward linkages, and the key sectors.

    Parameters
    ----------
    table
        An input-output table: CSV, XLSX or Parquet, wide or long.
    out
        Folder for linkages.csv, metadata.json, chart.svg and report.html.
    sheets
        How the table is read.
    """
    from onshore import economy as room

    read = _read(table, sheets)
    with _refusals():
        tables = {"linkages": room.linkages(read)}
    more = {"normalisation": "relative linkages: mean of the sectors with output = 1"}
    return _write(out, "linkages", tables, table, read, sheets, more)


@economy.command
def extract(
    table: Path,
    /,
    *,
    out: Path,
    variant: Literal["whole", "backward", "forward"] = "whole",
    together: Annotated[list[str] | None, Parameter(negative="")] = None,
    sheets: Sheets = _USUAL,
) -> int:
    """Show what the economy would lose without each sector.

    Parameters
    ----------
    table
        An input-output table: CSV, XLSX or Parquet, wide or long.
    out
        Folder for extract.csv, metadata.json, chart.svg and report.html.
    variant
        whole: the sector is gone. backward: it buys nothing at home. forward: it sells nothing to
        sectors at home.
    together
        A sector taken out at once with others; repeat it. Writes together.csv too: what each
        sector loses by it.
    sheets
        How the table is read.
    """
    from onshore import economy as room

    read = _read(table, sheets)
    with _refusals():
        tables = {"extract": room.extract(read, variant)}
        if together:
            tables["together"] = room.extract_together(read, together, variant)
    more = {
        "variant": variant,
        "together": together or [],
        "normalisation": "losses in the table's units; shares of the whole economy",
    }
    return _write(out, "extract", tables, table, read, sheets, more)


@economy.command
def substitute(
    table: Path,
    /,
    *,
    out: Path,
    product: str | None = None,
    amount: float | None = None,
    share: float | None = None,
    import_content: float | None = None,
    sheets: Sheets = _USUAL,
) -> int:
    """Show what moving imports of a product home brings: output, value added, jobs, net currency.

    Parameters
    ----------
    table
        An input-output table: CSV, XLSX or Parquet, wide or long, with imports.
    out
        Folder for products.csv (a unit of each product), with --product substitute.csv and
        sectors.csv; metadata.json, chart.svg and report.html.
    product
        The sector whose goods are imported.
    amount
        Imports moved home, in the table's money.
    share
        Or their share (0 to 1); needs --imports.
    import_content
        Imported inputs per unit of the new plant's output, where it differs from the sector's.
    sheets
        How the table is read.
    """
    from onshore import economy as room

    if product is None and (amount, share, import_content) != (None, None, None):
        raise Refused("say what is moved home: --product SECTOR.")
    if product is not None and (amount is None) == (share is None):
        raise Refused(f"say how much of {product} moves home: --amount X or --share S.")
    read = _read(table, sheets)
    notes: list[str] = []
    more: dict[str, Any] = {"normalisation": "per unit of imports moved home, at unchanged prices"}
    with _refusals():
        tables = {"products": room.substitution_effects(read)}
        if read.import_total is None:
            notes.append("the table tells no imports: net currency is not known. Add their row.")
        if product is not None:
            done = room.substitute(
                read, product, amount, share=share, import_content=import_content
            )
            tables = {"substitute": done.summary, "sectors": done.sectors, **tables}
            notes += [told for told in done.warnings if "tells no imports" not in told]
            more |= {
                "product": read.sectors[read.place(product)],
                "amount": float(done.summary["value"][0]),
                "share": share,
                "import_content": import_content,
            }
    return _write(out, "substitute", tables, table, read, sheets, more, notes)


@economy.command
def decompose(
    before: Path,
    after: Path,
    /,
    *,
    out: Path,
    imports_before: Path | None = None,
    imports_after: Path | None = None,
    sheets: Sheets = _USUAL,
) -> int:
    """Split each sector's growth into home demand, exports, import substitution and technology.

    Parameters
    ----------
    before
        The table of the earlier year.
    after
        The table of the later year, in the same prices.
    out
        Folder for decompose.csv, metadata.json, chart.svg and report.html.
    imports_before
        Imports of the earlier year by product (row) and user (column), where the table itself
        has no column of imports.
    imports_after
        Imports of the later year by product and user, likewise.
    sheets
        How the tables are read.
    """
    from dataclasses import replace

    from onshore import economy as room

    if sheets.imports is not None:
        raise Refused("there are two years: give --imports-before FILE and --imports-after FILE.")
    early = _read(before, replace(sheets, imports=imports_before))
    late = _read(after, replace(sheets, imports=imports_after))
    with _refusals():
        tables = {"decompose": room.decompose(early, late)}
    notes = [f"{after.name}: {told}" for told in late.warnings]
    more = {
        "source_after": source(after, late.size),
        "normalisation": "the terms add up to the change, in the tables' money",
        "prices": "taken as the same in both years",
    }
    return _write(out, "decompose", tables, before, early, sheets, more, notes)


@economy.command
def regions(
    activity: Path,
    /,
    *,
    out: Path,
    sector: str,
    taken: Annotated[list[str] | None, Parameter(negative="")] = None,
    least: float = 1.25,
    least_share: float = 0.02,
    table: Path | None = None,
    place: str | None = None,
    method: Literal["slq", "cilq", "flq"] = "flq",
    delta: float = 0.3,
    sheets: Sheets = _USUAL,
) -> int:
    """Show which places concentrate an industry and should come next in the programme.

    Parameters
    ----------
    activity
        A table with the columns place, sector and value (such as persons employed).
    out
        Folder for quotients.csv, next.csv, metadata.json, chart.svg and report.html.
    sector
        The industry.
    taken
        A place that is in the programme already; repeat it.
    least
        Location quotient from which an industry counts as concentrated.
    least_share
        Share of the country's activity in the sector that a place must have.
    table
        The country's input-output table; with --place, writes that place's multipliers.csv and
        flows.csv too.
    place
        The place whose own table is estimated.
    method
        Location quotient of the place's table: slq, cilq or flq.
    delta
        Exponent of flq.
    sheets
        How the table is read.
    """
    from onshore import economy as room
    from onshore.economy.sheets import read_texts

    if (table is None) != (place is None):
        raise Refused("a place's own table needs both --table TABLE and --place PLACE.")
    with _refusals():
        read = read_texts(existing(activity))
        quotients = room.location_quotients(read)
        tables = {
            "next": room.next_places(
                quotients, sector, taken=taken or (), least=least, least_share=least_share
            ),
            "quotients": quotients,
        }
    notes: list[str] = []
    more: dict[str, Any] = {
        "source": source(activity, read.height),
        "sector": sector,
        "taken": taken or [],
        "filter": {"location_quotient_from": least, "share_of_sector_from": least_share},
        "normalisation": "location quotient: share of the place / share of the country",
    }
    if table is not None and place is not None:
        whole = _read(table, sheets)
        with _refusals():
            own = room.regional_table(whole, read, place, method=method, delta=delta)
            tables |= {"multipliers": room.multipliers(own), "flows": _flows(own)}
        notes += own.warnings
        more |= {"table": source(table, whole.size), "place": place, "method": method}
        more |= {"delta": delta, "illustrative": True}
    return _finish(out, "regions", tables, more, notes, sheets)


def _read(path: Path, sheets: Sheets) -> "Table":
    from onshore import economy as room

    for given in (path, *(sheets.beside or ()), *([sheets.imports] if sheets.imports else ())):
        existing(given)
    with _refusals():
        return room.read_table(
            path,
            beside=sheets.beside,
            imports=sheets.imports,
            factors=sheets.factor_row or (),
            final=sheets.final_column or (),
            output=sheets.output_row,
        )


def _main_factors(table: "Table") -> list[str]:
    """Give the factors that are value added, employment and income, where there are such."""
    from onshore.economy import EconomyError

    found = []
    for role in ("value_added", "employment", "income"):
        with suppress(EconomyError):
            found.append(table.factor_name(role))
    return found


def _flows(table: "Table") -> "pl.DataFrame":
    import polars as pl

    columns = dict(zip(table.sectors, table.flows.T, strict=True))
    return pl.DataFrame({"sector": list(table.sectors), **columns})


def _write(
    out: Path,
    kind: str,
    tables: Mapping[str, "pl.DataFrame"],
    path: Path,
    table: "Table",
    sheets: Sheets,
    more: Mapping[str, Any],
    notes: Sequence[str] = (),
) -> int:
    told = {
        "source": source(path, table.size),
        "beside": [source(other, table.size) for other in table.read_from[1:]],
        "imports": source(sheets.imports, table.size) if sheets.imports else None,
        "sectors": table.size,
        "factors": list(table.factors),
        "main_factors": _main_factors(table),
        "final_demand": list(table.final_demand or {}),
        **more,
    }
    return _finish(out, kind, tables, told, [*table.warnings, *notes], sheets)


def _finish(
    out: Path,
    kind: str,
    tables: Mapping[str, "pl.DataFrame"],
    metadata: Mapping[str, Any],
    warnings: Sequence[str],
    sheets: Sheets,
) -> int:
    from onshore import report

    def compose(kind: str, tables: "dict[str, pl.DataFrame]", told: dict[str, Any]) -> "Bulletin":
        return report.economy_bulletin(kind, tables, told, sheets.language)

    told = {
        **metadata,
        "currency": sheets.currency,
        "warnings": list(warnings),
        "formulas": list(_FORMULAS[kind]),
    }
    write_results(out, kind, tables, told, compose=compose)
    warn(warnings)
    return 0


@contextmanager
def _refusals() -> Iterator[None]:
    from onshore.economy import EconomyError

    try:
        yield
    except EconomyError as mistake:
        raise Refused(str(mistake), status=1) from None
