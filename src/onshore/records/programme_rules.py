"""What must hold between a programme's tables and its settings."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import polars as pl

from onshore.figures import MissingRate, RateTable
from onshore.records.errors import Findings
from onshore.records.schemas import schema
from onshore.records.settings import FILE, Settings

if TYPE_CHECKING:
    from onshore.records.reading import Read


def check_programme(
    settings: Settings, tables: Mapping[str, "Read"], findings: Mapping[str, Findings]
) -> None:
    """Note the rows that a plan of this programme could not be made with.

    A place's phase needs a first year, a budget's year lies in the horizon, and a budget's
    currency has a rate on the price date. Needs and offers without a rate are no errors: the
    plan leaves them out and says so.
    """
    if "places" in tables:
        _check_phases(settings, tables["places"], findings["places"])
    if "budgets" in tables:
        _check_years(settings, tables["budgets"], findings["budgets"])
        if "rates" not in tables or findings["rates"].is_empty():
            rates = tables["rates"].frame if "rates" in tables else None
            _check_currencies(settings, tables["budgets"], rates, findings["budgets"])


def missing_tables(tables: Mapping[str, "Read"], findings: Mapping[str, Findings]) -> list[str]:
    """Say what the programme cannot tell for want of needs or offers."""
    said = []
    for name, lost in (
        ("needs", "nothing is matched and nothing planned"),
        ("offers", "no maker is found for any need and nothing planned"),
    ):
        read = tables.get(name)
        if read is None:
            said.append(f"the programme has no {name}, so {lost}. Put {name}.csv into the folder.")
        elif read.frame.is_empty() and findings[name].is_empty():
            file = findings[name].file
            said.append(f"{file} has no rows, so {lost}. Write one row for each of the {name}.")
    return said


def _check_phases(settings: Settings, places: "Read", findings: Findings) -> None:
    known = list(settings.phases)
    lost = _numbered(places).filter(pl.col("phase").is_not_null() & ~pl.col("phase").is_in(known))
    others = f", or write one of: {', '.join(map(str, sorted(known)))}" if known else ""
    _note(
        places,
        "phase",
        lost,
        pl.lit("the phase has no first year."),
        pl.format(
            "add {} = {} (or its true year) under [phases] in {}{}.",
            *("phase", pl.lit(settings.first_year), pl.lit(FILE), pl.lit(others)),
        ),
        findings,
    )


def _check_years(settings: Settings, budgets: "Read", findings: Findings) -> None:
    first, last = settings.first_year, settings.first_year + settings.years - 1
    _note(
        budgets,
        "year",
        _numbered(budgets).filter(~pl.col("year").is_between(first, last)),
        pl.lit(f"the year is outside the programme's horizon, {first} to {last}."),
        pl.lit(f"delete the row, or change first_year or years under [horizon] in {FILE}."),
        findings,
    )


def _check_currencies(
    settings: Settings, budgets: "Read", rates: pl.DataFrame | None, findings: Findings
) -> None:
    rates = pl.DataFrame(schema=schema("rates").dtypes) if rates is None else rates
    table, day = RateTable(rates), settings.price_date
    without = []
    for currency in budgets.frame["currency"].drop_nulls().unique():
        try:
            table.find(currency, settings.currency, on=day, rate_type=settings.rate_type)
        except MissingRate:
            without.append(currency)
    _note(
        budgets,
        "currency",
        _numbered(budgets).filter(pl.col("currency").is_in(without)),
        pl.format(
            f"there is no {settings.rate_type} rate from {{}} to {settings.currency} on the price "
            f"date, {day}.",
            "currency",
        ),
        pl.lit(f"add the rate to the table rates, or write the budget in {settings.currency}."),
        findings,
    )


def _numbered(read: "Read") -> pl.DataFrame:
    return read.frame.with_columns(read.rows.alias("row"))


def _note(
    read: "Read",
    column: str,
    bad: pl.DataFrame,
    reason: pl.Expr,
    step: pl.Expr,
    findings: Findings,
) -> None:
    told = bad.select(
        "row",
        reason.alias("reason"),
        pl.col(column).cast(pl.String).alias("found"),
        step.alias("next_step"),
    )
    findings.add_frame(told, read.headings.get(column, column))
