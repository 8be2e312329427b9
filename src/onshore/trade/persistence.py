"""Whether criteria hold for long: two years of three, and the trend."""

from __future__ import annotations

import polars as pl

from onshore.trade.criteria import Limits

_TREND_YEARS = 5


def persisting(rows: pl.DataFrame, years: list[int], limits: Limits) -> pl.DataFrame:
    """Add ``geodep`` and what changed in up to five years to the rows of one country.

    Parameters
    ----------
    rows
        Of `concentration`, one importer.
    years
        The years that the table tells. A year without imports of a product is one in which the
        criteria do not hold; a year that the table does not tell may be either.
    limits
        In how many years of how many the criteria must hold.

    Returns
    -------
    DataFrame
        With ``geodep`` (bool; null where the years told do not decide), ``first_year`` (int, the
        first of the last five years with imports), ``hhi_change`` and ``value_growth``
        (fraction a year) since then; both null where there is no year before.
    """
    window = pl.int_ranges(pl.col("period") - limits.window + 1, pl.col("period") + 1)
    missing = (
        limits.window - window.list.set_intersection(pl.lit(years, pl.List(pl.Int64))).list.len()
    )
    held = pl.col("years_held")
    decided = (
        pl.when(held.is_null())
        .then(None)
        .when(held >= limits.years)
        .then(statement=True)
        .when(held + missing < limits.years)
        .then(statement=False)
    )
    return rows.with_columns(geodep=decided).join(
        _changes(rows), on=["product", "period"], how="left", maintain_order="left"
    )


def _changes(rows: pl.DataFrame) -> pl.DataFrame:
    past = rows.select("product", first_year="period", _hhi="hhi", _imports="imports")
    pairs = rows.select("product", "period", "hhi", "imports").join(past, on="product")
    within = pl.col("first_year").is_between(
        pl.col("period") - _TREND_YEARS + 1, pl.col("period") - 1
    )
    first = pairs.filter(within).sort("first_year").unique(["product", "period"], keep="first")
    span = pl.col("period") - pl.col("first_year")
    return first.select(
        "product",
        "period",
        "first_year",
        hhi_change=pl.col("hhi") - pl.col("_hhi"),
        value_growth=(pl.col("imports") / pl.col("_imports")) ** (1 / span) - 1,
    )


def yearly(rows: pl.DataFrame) -> pl.DataFrame:
    """Sum one country's rows by year.

    Returns
    -------
    DataFrame
        ``year``, ``imports``, ``products``, ``hhi`` (mean, weighted by value),
        ``concentrated_share`` (of the value, HHI above 0.4), ``dependent_products`` and
        ``dependent_share`` (of the value, all three criteria hold).
    """
    value, held = pl.col("imports"), pl.col("holds")
    return (
        rows.group_by(year="period")
        .agg(
            imports=value.sum(),
            products=pl.len().cast(pl.Int64),
            hhi=(pl.col("hhi") * value).sum() / value.sum(),
            concentrated_share=value.filter(pl.col("hhi") > Limits().concentration).sum()
            / value.sum(),
            dependent_products=pl.when(held.is_not_null().any()).then(held.sum().cast(pl.Int64)),
            dependent_share=pl.when(held.is_not_null().any()).then(
                value.filter(held).sum() / value.sum()
            ),
        )
        .sort("year")
    )
