"""Which claims cannot be reckoned in one currency for want of an exchange rate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Self

import polars as pl

from onshore.account.errors import AccountError
from onshore.figures import MissingRate, RateTable


@dataclass(frozen=True)
class Conversion:
    """What money is converted into, and by which rates."""

    rates: RateTable
    currency: str
    rate_type: str

    @classmethod
    def of(
        cls, rates: RateTable | None, currency: str | None, rate_type: str | None
    ) -> Self | None:
        """Take all three, or none."""
        if rates is None and currency is None and rate_type is None:
            return None
        if rates is None or currency is None or rate_type is None:
            raise AccountError("To check rates, give all of rates, currency and rate_type.")
        return cls(rates, currency, rate_type)


def unconverted(
    facts: pl.DataFrame, lines: pl.DataFrame, conversion: Conversion | None
) -> pl.DataFrame:
    """Add ``no_rate``: why the claim's money cannot be converted, or null where it can be.

    ``lines`` are those of its imported content: ``_order``, ``currency``, ``baseline_currency``
    and ``price_date``.
    """
    if conversion is None:
        return facts.with_columns(no_rate=pl.lit(None, dtype=pl.String))
    computed = pl.col("quantity").is_not_null() & pl.col("price_date").is_not_null()
    domestic = pl.col("domestic_price").is_not_null()
    to = pl.lit(conversion.currency).alias("to")
    asked = pl.concat(
        [
            _asked(facts.filter(computed), "baseline_currency", to),
            _asked(facts.filter(computed), "local_currency", to),
            _asked(facts.filter(computed & domestic), "domestic_currency", to),
            _asked(lines, "currency", pl.col("baseline_currency").alias("to")),
        ]
    )
    told = (
        _missing(asked, conversion)
        .unique(maintain_order=True)
        .group_by("_order", maintain_order=True)
        .agg(no_rate=pl.col("reason").str.join("; "))
    )
    return facts.join(told, on="_order", how="left", maintain_order="left")


def _asked(facts: pl.DataFrame, column: str, to: pl.Expr) -> pl.DataFrame:
    return facts.select("_order", "price_date", pl.col(column).alias("currency"), to).drop_nulls()


def _missing(asked: pl.DataFrame, conversion: Conversion) -> pl.DataFrame:
    key = ["currency", "to", "price_date"]
    reasons = [
        (*pair, _why(conversion, *pair)) for pair in asked.select(key).unique().sort(key).rows()
    ]
    table = pl.DataFrame(
        [row for row in reasons if row[-1] is not None],
        schema={
            "currency": pl.String,
            "to": pl.String,
            "price_date": pl.Date,
            "reason": pl.String,
        },
        orient="row",
    )
    return asked.join(table, on=key, how="inner", maintain_order="left").select("_order", "reason")


def _why(conversion: Conversion, currency: str, to: str, day: date) -> str | None:
    kind = conversion.rate_type
    try:
        conversion.rates.find(currency, to, on=day, rate_type=kind)
    except MissingRate:
        return (
            f"there is no {kind} rate from {currency} to {to} on {day}, its baseline's price date"
        )
    return None
