"""The budgets and capacities of a programme, year by year of the horizon."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import polars as pl

from onshore.figures import RateTable
from onshore.plan.instance import PlanError

if TYPE_CHECKING:
    from onshore.records import Settings


def yearly_budgets(budgets: pl.DataFrame, rates: RateTable, settings: Settings) -> pl.DataFrame:
    """Add up what the funds give in each year of the horizon, with its discount factor."""
    horizon = pl.DataFrame({"year": range(settings.years)}, schema={"year": pl.Int64})
    discount = (1 + float(settings.discount_rate)) ** (-pl.col("year").cast(pl.Float64))
    if budgets.is_empty():
        return horizon.with_columns(amount=pl.lit(math.inf), discount=discount)
    _require_years(budgets, settings)
    converted = rates.convert_column(
        budgets.with_columns(pl.lit(settings.price_date).alias("price_date")),
        amount="amount",
        currency="currency",
        on="price_date",
        to=settings.currency,
        rate_type=settings.rate_type,
        out="converted",
    )
    yearly = converted.group_by(pl.col("year") - settings.first_year).agg(
        amount=pl.col("converted").sum().cast(pl.Float64)
    )
    return horizon.join(yearly, on="year", how="left", maintain_order="left").with_columns(
        pl.col("amount").fill_null(0.0), discount=discount
    )


def capacities(valued: pl.DataFrame, years: int) -> pl.DataFrame:
    """Give each offer its yearly capacity in every year of the horizon."""
    horizon = pl.DataFrame({"year": range(years)}, schema={"year": pl.Int64})
    offers = valued.unique("offer_id", keep="first", maintain_order=True)
    return offers.select(resource="offer_id", amount="capacity_per_year").join(horizon, how="cross")


def _require_years(budgets: pl.DataFrame, settings: Settings) -> None:
    last = settings.first_year + settings.years - 1
    outside = budgets.with_row_index("row", offset=1).filter(
        ~pl.col("year").is_between(settings.first_year, last)
    )
    if not outside.is_empty():
        raise PlanError.of_rows(
            outside.select(
                table=pl.lit("budgets"),
                row=pl.col("row").cast(pl.Int64),
                column=pl.lit("year"),
                reason=pl.lit(
                    f"it is outside the horizon {settings.first_year} to {last}; take the row "
                    "out, or change first_year or years in programme.toml"
                ),
                found=pl.col("year").cast(pl.String),
            )
        )
