"""What each country exports of each product, from a table of trade of any of the known forms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import polars as pl

from onshore.trade.columns import money_of, recognise
from onshore.trade.errors import TradeError
from onshore.trade.naming import some
from onshore.trade.territories import (
    AGGREGATE,
    COUNTRY,
    UNKNOWN,
    UNSPECIFIED,
    country_warnings,
    territories,
)
from onshore.trade.typed_rows import LARGEST

KEY = ["year", "country", "product"]

_EXPORTS = ("export", "exports", "x", "2", "e", "صادرات")
_IMPORTS = ("import", "imports", "m", "1", "i", "واردات")
_DIGITS = dict(zip("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩٫", "01234567890123456789.", strict=True))


@dataclass(frozen=True)
class CountryExports:
    """Exports of countries by product.

    Parameters
    ----------
    frame
        ``year`` (Int64, or String where a year is no whole number; null throughout where the
        table has none), ``country``, ``product`` (String, as the table writes them), ``value``
        (Float64, not negative), one row each, in no order.
    years
        The years there are, in order; empty where the table has none.
    rows
        Rows of the table that were read.
    currency
        In which money the values are, where the table says it.
    warnings
        What was left out, added up or not known.
    """

    frame: pl.DataFrame
    years: list[int | str]
    rows: int
    currency: str | None = None
    warnings: list[str] = field(default_factory=list)


def scan_exports(path: Path) -> pl.LazyFrame:
    """Open a table of trade: a CSV, XLSX or Parquet file, or a folder of Parquet files.

    Codes in CSV and XLSX keep their leading zeros.

    Raises
    ------
    TradeError
        The file is of another kind or cannot be read.
    """
    suffix = path.suffix.lower()
    try:
        if path.is_dir():
            table = pl.scan_parquet(path / "**" / "*.parquet")
        elif suffix == ".parquet":
            table = pl.scan_parquet(path)
        elif suffix in (".csv", ".tsv", ".txt"):
            table = pl.scan_csv(path, separator=_separator(path), infer_schema=False)
        elif suffix == ".xlsx":
            table = _sheet(path)
        else:
            raise TradeError(
                f"{path}: facts are read from .csv, .tsv, .xlsx or .parquet, or from a folder of "
                ".parquet files. Save the table in one of these forms."
            )
        headings = table.collect_schema().names()
        if any("\ufffd" in heading or "\0" in heading for heading in headings):
            raise UnicodeError("it is not in UTF-8")
    except (pl.exceptions.PolarsError, OSError, UnicodeError) as failure:
        first = str(failure).splitlines()[0]
        raise TradeError(
            f"{path} cannot be read as a table: {first}. Save it as CSV (UTF-8), XLSX or Parquet."
        ) from None
    return table


def _sheet(path: Path) -> pl.LazyFrame:
    """Read the first sheet of a workbook, every cell as text."""
    import fastexcel

    try:
        return pl.read_excel(path, infer_schema_length=0).lazy()
    except fastexcel.FastExcelError as failure:
        first = str(failure).splitlines()[0]
        raise TradeError(
            f"{path} is no workbook that can be read: {first}. Open it and save it anew."
        ) from None


def _separator(path: Path) -> str:
    """Give what stands most often between the headings."""
    with path.open("rb") as file:
        headings = file.readline(65_536).decode("utf-8", errors="replace")
    return max(",;\t", key=headings.count)


def country_exports(
    table: pl.LazyFrame, *, source: str = "the table", years: Sequence[int | str] = ()
) -> CountryExports:
    """Bring a table of trade to the exports of each country by product and year.

    Headings are those that `recognise` knows. Imports are left out where the table tells both
    flows; partners are added up, and aggregates such as the world left out beside them, as they
    would count everything twice. Values that are missing or negative are left out.

    Raises
    ------
    TradeError
        A column is missing or ambiguous, a value is no number, or nothing is left.
    """
    schema = table.collect_schema()
    found = recognise(
        schema.names(),
        ["country", "product", "value"],
        optional=["year", "flow", "partner", "importer", "currency"],
        source=source,
    )
    heading = {column: name for name, column in found.items()}
    if "importer" in heading:
        heading.setdefault("partner", heading.pop("importer"))
    columns = ("country", "product", "year", "flow", "partner", "currency")
    facts = table.select(
        *(_key(heading[n], schema[heading[n]], n).alias(n) for n in columns if n in heading),
        value=_value(heading["value"], schema[heading["value"]], source),
        text=pl.col(heading["value"]).cast(pl.String),
    )
    if years:
        if "year" not in heading:
            raise TradeError(f"{source} has no column of years. Leave the year out, or add it.")
        facts = facts.filter(pl.col("year").cast(pl.String).is_in([str(year) for year in years]))
    warnings: list[str] = []
    facts = _one_flow(facts, warnings, source)
    facts = _partners_of_one_kind(facts, warnings, source)
    currency = _one_currency(facts, source) or money_of(heading["value"])
    rows, summed = _summed(facts, warnings, source)
    summed = _without_aggregates(summed, warnings, source)
    summed = _without_product_totals(summed, warnings, source)
    if not summed["value"].sum():
        asked = f" of {', '.join(str(year) for year in years)}" if years else ""
        raise TradeError(f"{source}: there are no exports{asked}. Check the file and the year.")
    frame, there = _in_years(summed)
    return CountryExports(frame, there, rows, currency, warnings)


def _key(heading: str, dtype: pl.DataType, name: str) -> pl.Expr:
    """Give keys as text, none where it is empty; years that are numbers stay such."""
    column = pl.col(heading)
    if dtype.is_temporal():
        column = column.dt.year()
    if name == "year" and (dtype.is_temporal() or dtype.is_numeric()):
        return column.cast(pl.Int64, strict=False)
    if dtype.is_float():
        column = column.cast(pl.Int64, strict=False)
    text = column.cast(pl.String)
    return pl.when(text.str.len_bytes() > 0).then(text)


def _value(heading: str, dtype: pl.DataType, source: str) -> pl.Expr:
    column = pl.col(heading)
    if dtype == pl.String:
        text = column.str.strip_chars()
        latin = text.str.replace_many(_DIGITS).cast(pl.Float64, strict=False)
        column = text.cast(pl.Float64, strict=False).fill_null(latin)
    elif not dtype.is_numeric():
        raise TradeError(f"{source}: the column '{heading}' holds {dtype}. Give numbers.")
    column = column.cast(pl.Float64)
    return pl.when(column.abs() <= LARGEST).then(column)


def _one_flow(facts: pl.LazyFrame, warnings: list[str], source: str) -> pl.LazyFrame:
    """Keep the exports; where there are imports only, take each partner's as its exports."""
    names = facts.collect_schema().names()
    if "flow" not in names:
        return facts
    told = pl.col("flow").str.strip_chars().str.to_lowercase()
    there = facts.select(told).unique().collect()["flow"].drop_nulls().sort().to_list()
    if any(flow in _EXPORTS for flow in there):
        others = [flow for flow in there if flow not in (*_EXPORTS, *_IMPORTS)]
        if others:
            warnings.append(f"{source}: rows of the flows {some(others)} were left out.")
        return facts.filter(told.is_in(_EXPORTS))
    if any(flow in _IMPORTS for flow in there) and "partner" in names:
        warnings.append(
            f"{source} tells imports only: what is imported from a partner was taken as the "
            "partner's exports, at import prices and to the countries that report."
        )
        turned = facts.filter(told.is_in(_IMPORTS))
        return turned.rename({"country": "partner", "partner": "country"})
    raise TradeError(
        f"{source}: the column of flows holds {some(there)}, no exports. Give rows of the flow "
        "'export', or imports with their partner."
    )


def _partners_of_one_kind(facts: pl.LazyFrame, warnings: list[str], source: str) -> pl.LazyFrame:
    """Leave out partners that repeat others, such as the world beside countries."""
    if "partner" not in facts.collect_schema().names():
        return facts
    known = territories(facts.select("partner").unique().collect()["partner"].drop_nulls().sort())
    repeated = known.filter(pl.col("kind") == AGGREGATE)
    if repeated.is_empty() or not _by_the_list(known):
        return facts
    if repeated.height < known.height:
        names = repeated["key"].to_list()
        warnings.append(
            f"{source}: rows of the partners {some(names)} were left out, since they repeat what "
            "the rows of single countries tell."
        )
        return facts.filter(~pl.col("partner").is_in(names))
    if repeated.height > 1:
        world = repeated.filter(pl.col("name").str.to_lowercase() == "world")["key"].to_list()
        if len(world) != 1:
            raise TradeError(
                f"{source}: the partners {some(repeated['key'].to_list())} are all aggregates, "
                "which repeat each other. Keep the rows of one of them, the world."
            )
        return facts.filter(pl.col("partner") == world[0])
    return facts


def _one_currency(facts: pl.LazyFrame, source: str) -> str | None:
    if "currency" not in facts.collect_schema().names():
        return None
    there = facts.select("currency").unique().collect()["currency"].drop_nulls().sort().to_list()
    if len(there) > 1:
        raise TradeError(
            f"{source} holds values in {some(there)}, which cannot be added up. Convert them to "
            "one currency, or give one at a time."
        )
    return str(there[0]) if there else None


def _summed(facts: pl.LazyFrame, warnings: list[str], source: str) -> tuple[int, pl.DataFrame]:
    """Add up the values of each country, product and year; name the rows that have none."""
    names = facts.collect_schema().names()
    key = [name for name in KEY if name in names]
    value = pl.col("value")
    good = facts.select(*key, pl.when(value >= 0).then(value).alias("value"))
    if "year" in names and "partner" not in names:
        # There are hardly more rows than groups, and within a year these are found faster.
        parts = [part.lazy() for part in good.collect().partition_by("year")] or [good]
    else:
        parts = [good]
    groups = pl.concat(
        part.group_by(key).agg(value.sum(), rows=pl.len(), good=value.count()).collect()
        for part in parts
    )
    rows = int(groups["rows"].sum())
    if groups["good"].sum() < rows:
        _name_faults(facts, warnings, source)
    keyless = pl.any_horizontal(pl.col(name).is_null() for name in key)
    without = groups.filter(keyless)
    if without.height:
        warnings.append(
            f"{source}: {int(without['rows'].sum()):,} rows without "
            f"{' or '.join(sorted(key))} were left out."
        )
        groups = groups.filter(~keyless)
    if "year" not in key:
        groups = groups.with_columns(year=pl.lit(None, dtype=pl.Int64))
    several = groups.filter(pl.col("rows") > 1)
    if several.height and "partner" not in names:
        warnings.append(
            f"{source}: {several.height:,} pairs of country and product stand in more than one "
            f"row; their values were added up: {_pairs(several)}."
        )
    return rows, groups.select(*KEY, "value")


def _name_faults(facts: pl.LazyFrame, warnings: list[str], source: str) -> None:
    """Warn of values that are missing or negative; refuse texts that are no numbers."""
    value, text = pl.col("value"), pl.col("text").str.strip_chars().str.to_lowercase()
    nothing = ["", "nan", "na", "n/a", "null", "none", "inf", "-inf"]
    faulty = facts.filter(value.is_null() | (value < 0)).collect()
    unreadable = faulty.filter(value.is_null() & ~text.fill_null("").is_in(nothing))
    if unreadable.height:
        told = "; ".join(
            f"'{row['text']}' of {row['country']}, {row['product']}"
            for row in unreadable.head(3).to_dicts()
        )
        raise TradeError(
            f"{source}: {unreadable.height:,} values are no numbers: {told}. Write plain numbers, "
            "such as 1250.5, without thousands marks and units."
        )
    for what, rows in (
        ("missing", faulty.filter(value.is_null())),
        ("negative", faulty.filter(value < 0)),
    ):
        if rows.height:
            were = "value is" if rows.height == 1 else "values are"
            warnings.append(
                f"{source}: {rows.height:,} {were} {what} and left out: {_pairs(rows)}."
            )


def _without_aggregates(summed: pl.DataFrame, warnings: list[str], source: str) -> pl.DataFrame:
    """Leave out the world, unions and unspecified areas where countries are told by the list."""
    known = territories(summed["country"].unique().sort())
    if not _by_the_list(known):
        if known.filter(pl.col("kind") == COUNTRY).height:
            warnings.append(
                f"{source}: most keys of countries are not in the list of countries; all were "
                "kept as they are, and none was taken for an aggregate."
            )
        else:
            warnings.extend(country_warnings(known, source))
        return summed
    warnings.extend(country_warnings(known, source))
    for kind, why in (
        (AGGREGATE, "which repeat what their members tell"),
        (UNSPECIFIED, "which are no one country's"),
    ):
        names = known.filter(pl.col("kind") == kind)["key"].to_list()
        if names:
            warnings.append(f"{source}: the exports of {some(names)} were left out, {why}.")
            summed = summed.filter(~pl.col("country").is_in(names))
    return summed


def _by_the_list(known: pl.DataFrame) -> bool:
    """Say whether the keys follow the list of countries; numbers of one's own may look alike."""
    listed = known.filter(pl.col("kind") != UNKNOWN).height
    return 2 * listed > known.height


def _without_product_totals(summed: pl.DataFrame, warnings: list[str], source: str) -> pl.DataFrame:
    """Leave out products that are the sum of others, by their names or by their codes."""
    names = summed["product"].unique()
    sums = ["total", "all", "all commodities", "all products"]
    said = names.filter(names.str.to_lowercase().is_in(sums)).sort().to_list()
    if 0 < len(said) < len(names):
        warnings.append(f"{source}: the product {some(said)} was left out, a sum of the others.")
        summed = summed.filter(~pl.col("product").is_in(said))
    headings = _headings(summed, names)
    if headings:
        warnings.append(
            f"{source}: {len(headings)} codes, such as {some(headings)}, are headings whose "
            "subheadings are there too and add up to them; the headings were left out."
        )
        summed = summed.filter(~pl.col("product").is_in(headings))
    return summed


def _headings(summed: pl.DataFrame, names: pl.Series) -> list[str]:
    """Find codes of two or four digits whose longer codes add up to them, within one percent."""
    codes = names.filter(names.str.contains(r"^(\d\d){1,5}$"))
    lengths = codes.str.len_chars().unique().sort().to_list()
    if len(lengths) < 2:
        return []
    totals = (
        summed.filter(pl.col("product").is_in(codes.implode()))
        .group_by("product", digits=pl.col("product").str.len_chars())
        .agg(pl.col("value").sum())
    )
    found: list[str] = []
    for length, longer in pairwise(lengths):
        below = totals.filter(pl.col("digits") == longer)
        parts = below.group_by(pl.col("product").str.head(length)).agg(parts=pl.col("value").sum())
        both = totals.filter(pl.col("digits") == length).join(parts, on="product")
        same = (pl.col("parts") - pl.col("value")).abs() <= 0.01 * pl.col("value")
        found += both.filter(same)["product"].to_list()
    return sorted(found)


def _in_years(summed: pl.DataFrame) -> tuple[pl.DataFrame, list[int | str]]:
    """Give years as numbers where they all are."""
    there = summed["year"].unique().drop_nulls().sort()
    if there.dtype != pl.String:
        return summed, there.to_list()
    whole = there.str.replace_many(_DIGITS).cast(pl.Int64, strict=False)
    if whole.null_count():
        return summed, there.to_list()
    numbers = pl.col("year").replace_strict(there, whole, return_dtype=pl.Int64)
    return summed.with_columns(numbers), whole.unique().sort().to_list()


def _pairs(rows: pl.DataFrame) -> str:
    first = rows.sort([name for name in KEY if name in rows.columns]).head(3).to_dicts()
    told = [
        f"{row['country']}, {row['product']}"
        + ("" if row.get("year") is None else f" in {row['year']}")
        for row in first
    ]
    more = rows.height - len(told)
    return "; ".join(told) + (f" and {more:,} more" if more else "")
