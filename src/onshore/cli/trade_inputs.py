"""What the commands of trade read: facts, results of complexity, tables of factors."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from onshore.cli.console import Refused, existing, note, step
from onshore.cli.result_folder import source

if TYPE_CHECKING:
    import polars as pl

    from onshore.trade import Facts, MarketSums


@contextmanager
def opened_facts(
    path: Path, country: str, currency: str | None, connection: str | None
) -> Iterator[tuple["Facts", str]]:
    """Open the facts and find the country in them; refuse what cannot be taken."""
    from onshore import trade

    existing(path)
    try:
        with step("Opening the facts"):
            opened = trade.open_facts(path, home=country, currency=currency, connection=connection)
        with opened:
            yield opened, opened.key(country)
    except trade.TradeError as wrong:
        raise Refused(str(wrong), status=1) from None
    except ModuleNotFoundError as missing:
        raise Refused(str(missing)) from None


def facts_metadata(facts: "Facts", path: Path, key: str) -> dict[str, Any]:
    """Tell of which facts results were made."""
    told = facts.metadata
    return {
        "source": source(path, told["source"]["rows"]),
        "country": key,
        "vintage": told.get("vintage"),
        "currency": facts.money,
        "left_out": told.get("left_out"),
    }


def facts_warnings(facts: "Facts", products: "pl.Series") -> list[str]:
    """Name what is doubtful of facts: their money is not told, their HS revisions are mixed."""
    from onshore.codes import hs_revisions

    name = facts.metadata["source"]["file"]
    told = []
    if bool(products.str.contains(r"^\d{6}$").all()):
        vintage = hs_revisions.identify(products)
        # Codes of another classification may look like codes of HS.
        of_hs = 2 * len(vintage.unknown) < products.len()
        told += [f"{name}: {vintage.message}"] if vintage.message and of_hs else []
    if not facts.metadata["currency_told"]:
        told.append(f"{name} does not say its currency; values are taken as {facts.money}.")
    return told


def complexity_tables(
    sums: "MarketSums", year: int, folder: Path | None, *, reliable: bool
) -> tuple["pl.DataFrame | None", "pl.DataFrame | None", dict[str, Any]]:
    """Give a country's pairs of complexity, the products, and what to tell of them.

    They are those of a folder of results, or reckoned from the flows of the year. Where there are
    none, the reason is among the warnings.
    """
    import polars as pl

    from onshore import trade

    if folder is not None:
        pairs, indices, told = _given(folder, year)
    elif not sums.world:
        return None, None, {"warnings": ["Complexity needs the exports of many countries."]}
    else:
        try:
            pairs, indices, told = _reckoned(sums, year, reliable=reliable)
        except trade.TradeError as wrong:
            return None, None, {"warnings": [f"Density and gain are not known: {wrong}"]}
    try:
        key = trade.find_country(sums.country, pairs["country"].unique(), "the complexity")
    except trade.TradeError as absent:
        told["warnings"].append(
            f"Density and gain are not known: {absent} The reliability filter may have taken it "
            "out: try --no-filter."
        )
        return None, indices, told
    own = pairs.filter(pl.col("country") == key)
    if not own["product"].is_in(sums.demand["product"].unique().implode()).any():
        raise Refused(
            f"{folder} has none of the facts' products: it has {own['product'][0]} and the like, "
            f"they have {sums.demand['product'][0]}. Reckon complexity from the same facts.",
            status=1,
        )
    return own.with_columns(country=pl.lit(sums.country)), indices, told


def _reckoned(
    sums: "MarketSums", year: int, *, reliable: bool
) -> tuple["pl.DataFrame", "pl.DataFrame", dict[str, Any]]:
    from onshore import trade

    made = sums.within([year]).supply.select("exporter", "product", "value")
    with step("Reckoning complexity"):
        found = trade.complexity(made, reliable=reliable, source="the facts")
    told = {"filter": found.metadata["filter"], "warnings": list(found.warnings)}
    return found.pairs, found.products, told


def _given(folder: Path, year: int) -> tuple["pl.DataFrame", "pl.DataFrame", dict[str, Any]]:
    """Read the results of ``onshore trade complexity``."""
    import polars as pl

    columns: dict[str, dict[str, pl.DataType]] = {
        "pairs.parquet": {
            **dict.fromkeys(("country", "product"), pl.String()),
            **dict.fromkeys(("rca", "density", "cog"), pl.Float64()),
        },
        "products.csv": {"product": pl.String(), "pci": pl.Float64()},
    }
    read = []
    for name, wanted in columns.items():
        path = existing(folder / name)
        table = _of_year(_read_table(path), year, path)
        missing = [column for column in wanted if column not in table.columns]
        if missing:
            raise Refused(
                f"{path} has no column '{missing[0]}', so it is no result of onshore trade "
                "complexity. Give the folder that it wrote.",
                status=1,
            )
        typed = [pl.col(column).cast(dtype, strict=False) for column, dtype in wanted.items()]
        read.append(table.select(typed))
    return read[0], read[1], {"from": folder.name, "warnings": []}


def _of_year(table: "pl.DataFrame", year: int, path: Path) -> "pl.DataFrame":
    """Keep one year of a table of several."""
    import polars as pl

    if "year" not in table.columns:
        return table
    chosen = table.filter(pl.col("year").cast(pl.String) == str(year))
    if chosen.is_empty():
        raise Refused(
            f"{path} has no year {year}; it has "
            f"{', '.join(table['year'].cast(pl.String).unique().sort())}. Reckon that year too.",
            status=1,
        )
    return chosen.drop("year")


def _read_table(path: Path) -> "pl.DataFrame":
    """Read a table; CSV and XLSX as text, so that codes keep their zeros."""
    from onshore import trade

    return trade.scan_exports(path).collect()


def factor_table(
    path: Path | None, territory: str, numbers: Sequence[str], facts: "Facts"
) -> "pl.DataFrame | None":
    """Read a table of factors; its countries are found in the facts however they are written."""
    import polars as pl

    from onshore import trade

    if path is None:
        return None
    table = _read_table(existing(path))
    missing = [name for name in (territory, *numbers) if name not in table.columns]
    if missing:
        raise Refused(
            f"{path} has no column '{missing[0]}'; it has {', '.join(table.columns)}.", status=1
        )
    for name in numbers:
        read = table[name].cast(pl.Float64, strict=False)
        bad = table.with_row_index("row", offset=2).filter(read.is_null())
        if bad.height:
            raise Refused(
                f"{path}, row {bad['row'][0]}, column {name}: '{bad[name][0]}' is no number.",
                status=1,
            )
        table = table.with_columns(read)
    there = facts.territories["key"].to_list()
    table = table.with_columns(pl.col(territory).cast(pl.String))
    names = table[territory].unique().drop_nulls().to_list()
    keys = {}
    for name in names:
        try:
            keys[name] = trade.find_country(name, there)
        except trade.TradeError:
            note(f"note: {path.name}: {name} is not in the facts; its factors are left out.")
    return table.filter(pl.col(territory).is_in(list(keys))).with_columns(
        pl.col(territory).replace(keys)
    )
