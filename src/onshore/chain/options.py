"""What could be kept ready against a loss: stocks, and second sources of a commodity."""

from __future__ import annotations

import polars as pl

from onshore.chain.errors import PROBLEMS, ChainError
from onshore.chain.losses import number_of
from onshore.chain.tables import Chain, schema

OPTIONS = {
    "option": pl.String,
    "kind": pl.String,
    "commodity": pl.String,
    "place": pl.String,
    "cost": pl.Float64,
    "price": pl.Float64,
    "most": pl.Float64,
}
"""The columns of a table of options."""


def read_options(chain: Chain, options: pl.DataFrame) -> pl.DataFrame:
    """Check a table of options, and give it all its columns."""
    lacking = [c for c in ("kind", "commodity", "cost") if c not in options.columns]
    if lacking:
        raise ChainError(
            f"options: the column {lacking[0]} is missing. Give kind, commodity, place and cost."
        )
    if options.is_empty():
        raise ChainError("options: no row tells what could be kept ready.")
    told = options.select(
        _column(options, name, kind) for name, kind in OPTIONS.items()
    ).with_columns(
        kind=pl.col("kind").str.strip_chars().str.to_lowercase(),
    )
    known = chain.table("commodities")
    places = chain.table("places")["place"].implode()
    pooled = pl.col("commodity").is_in(known.filter("pooled")["commodity"].implode())
    rules = [
        (
            "kind",
            pl.col("kind").is_in(["stock", "source"]),
            "it is neither",
            "Write stock or source.",
        ),
        (
            "commodity",
            pl.col("commodity").is_in(known["commodity"].implode()),
            "the chain has no such commodity",
            "Write one of the table commodities.",
        ),
        (
            "place",
            pl.col("place").is_in(places) | pooled,
            "the chain has no such place",
            "Write one of the table places.",
        ),
        (
            "cost",
            pl.col("cost").is_finite() & (pl.col("cost") >= 0),
            "it is no cost",
            "Write 0 or more, per unit and year.",
        ),
        ("price", pl.col("price").is_finite(), "it is no price", "Write a number per unit."),
        (
            "most",
            pl.col("most").is_not_nan() & (pl.col("most") >= 0),
            "it is no amount",
            "Write 0 or more, or leave it empty.",
        ),
    ]
    problems = []
    for column, rule, reason, next_step in rules:
        good = told.select(rule.fill_null(value=False)).to_series()
        for row in (~good).arg_true():
            value = str(options[column][int(row)]) if column in options.columns else ""
            problems.append(["options", int(row) + 2, "", column, reason, value, next_step])
    if problems:
        raise ChainError.of_rows(
            pl.DataFrame(problems, schema=PROBLEMS, orient="row"), "the options"
        )
    named = pl.format("{} of {}", "kind", "commodity")
    where = pl.when(pl.col("place").is_not_null()).then(pl.format(" at {}", "place"))
    return told.with_columns(
        option=pl.coalesce("option", pl.concat_str(named, where.otherwise(pl.lit(""))))
    )


_UNTOLD = {"cost": float("nan"), "price": 0.0, "most": float("inf")}


def _column(options: pl.DataFrame, name: str, kind: type[pl.DataType]) -> pl.Series:
    cells = options[name].to_list() if name in options.columns else [None] * options.height
    if kind == pl.Float64:
        return pl.Series(name, [number_of(cell, _UNTOLD[name]) for cell in cells], kind)
    return pl.Series(name, cells, kind, strict=False)


def with_options(chain: Chain, options: pl.DataFrame) -> Chain:
    """Give the chain with an empty stock for each stock, and a closed market for each source."""
    stocks = options.filter(pl.col("kind") == "stock").select(
        "commodity", "place", first=pl.lit(0.0), cost=pl.lit(0.0)
    )
    sources = options.filter(pl.col("kind") == "source").select(
        "commodity",
        "place",
        "price",
        market=pl.format("second source: {}", "option"),
        direction=pl.lit("import"),
        most=pl.lit(0.0),
    )
    return chain.with_tables(
        stocks=_appended(chain, "stocks", stocks), markets=_appended(chain, "markets", sources)
    )


def _appended(chain: Chain, table: str, rows: pl.DataFrame) -> pl.DataFrame:
    kinds = {name: kind for name, kind in schema(table).items() if name in rows.columns}
    return pl.concat([chain.table(table), rows.cast(kinds)], how="diagonal")  # type: ignore[arg-type]
