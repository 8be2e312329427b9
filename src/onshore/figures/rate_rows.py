"""Rows of exchange rates: typed, refused where they cannot be used, each with its last day."""

from datetime import timedelta

import polars as pl

from onshore.codes import UnknownCode, currencies
from onshore.figures.errors import FigureError

LONGEST_DAYS = 31
"""A rate without a last day holds this many days at most, the first included."""

RATE = pl.Decimal(38, 12)
_COLUMNS: dict[str, pl.DataType] = {
    "base": pl.String(),
    "quote": pl.String(),
    "rate_type": pl.String(),
    "date": pl.Date(),
    "until": pl.Date(),
    "rate": RATE,
    "source": pl.String(),
    "illustrative": pl.Boolean(),
}
_OPTIONAL = {"until", "source", "illustrative"}


def checked_rates(frame: pl.DataFrame) -> pl.DataFrame:
    """Give the rates in order of date, with ``row`` and ``last`` (day), or name all faults."""
    return _checked(_typed(frame))


def check_currency(code: str) -> None:
    """Refuse what is not a code of ISO 4217."""
    try:
        currencies.get(code)
    except UnknownCode as error:
        raise FigureError(str(error)) from None


def _typed(frame: pl.DataFrame) -> pl.DataFrame:
    missing = [name for name in _COLUMNS if name not in frame.columns and name not in _OPTIONAL]
    if missing:
        raise FigureError(f"The table of rates lacks the columns {', '.join(missing)}. Add them.")
    absent = [pl.lit(None).alias(name) for name in _OPTIONAL if name not in frame.columns]
    return frame.with_columns(absent).select(
        pl.col(name).cast(kind) for name, kind in _COLUMNS.items()
    )


def _checked(rates: pl.DataFrame) -> pl.DataFrame:
    """Refuse rates that cannot be used, and give each its last day and its row's number."""
    pair = ["base", "quote", "rate_type"]
    ordered = rates.sort([*pair, "date"]).with_columns(
        following=pl.col("date").shift(-1).over(pair),
        source=pl.col("source").fill_null(""),
        illustrative=pl.col("illustrative").fill_null(value=False),
    )
    faults = ordered.with_columns(
        fault=pl.when(pl.any_horizontal(pl.col(*pair, "date", "rate").is_null()))
        .then(pl.lit("is not complete: base, quote, date, rate and rate_type are all needed"))
        .when(pl.col("rate") <= 0)
        .then(pl.lit("is not positive"))
        .when(pl.col("base") == pl.col("quote"))
        .then(pl.lit("is between a currency and itself"))
        .when(pl.col("until") < pl.col("date"))
        .then(pl.lit("ends before it begins"))
        .when(pl.col("following") == pl.col("date"))
        .then(pl.lit("is given twice for the same day"))
        .when(pl.col("until") >= pl.col("following"))
        .then(pl.lit("still holds when the next one begins; end it the day before"))
    ).filter(pl.col("fault").is_not_null())
    if not faults.is_empty():
        told = [
            f"{row['base']}/{row['quote']} {row['rate_type']} of {row['date']} {row['fault']}"
            for row in faults.iter_rows(named=True)
        ]
        raise FigureError("Rates cannot be used: " + "; ".join(told) + ".")
    for code in pl.concat([rates["base"], rates["quote"]]).unique().sort():
        check_currency(code)
    longest = pl.col("date") + timedelta(days=LONGEST_DAYS - 1)
    before_next = pl.col("following") - timedelta(days=1)
    last = pl.coalesce("until", pl.min_horizontal(longest, before_next))
    return ordered.with_columns(last=last).drop("following").sort("date").with_row_index("row")
