"""Savings by year, and since the beginning: two series that are never mixed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

import polars as pl

from onshore.account.columns import MONEY, named
from onshore.account.errors import AccountError
from onshore.account.sponsors import SPONSOR, by_sponsor
from onshore.account.totals import LADDER, require_columns, require_sound
from onshore.figures import Period, solar_hijri

Straddling = Literal["refuse", "days"]

_CALENDARS: dict[str, Literal["gregorian", "solar_hijri"]] = {
    "gregorian": "gregorian",
    "solar_hijri": "solar_hijri",
}
_AMOUNTS = ["net_currency_saved", "cost_effect"]
_COUNTS = ["claims", "split", "without_cost_effect"]


def annual_savings(
    ledger: pl.DataFrame,
    by: Sequence[str] = (),
    *,
    calendar: str,
    straddling: Straddling = "refuse",
    shares: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Sum the ledger by year and basis.

    Parameters
    ----------
    ledger
        Claims with their savings, as `savings` gives them, with ``period`` (str).
    by
        Columns to group by, as in `totals`.
    calendar
        Calendar of the years: ``"gregorian"`` or ``"solar_hijri"``.
    straddling
        What to do with a claim whose period has days of several years: ``"refuse"``, or split
        it by ``"days"``, as if it had been saved evenly. The column ``split`` counts such claims.
    shares
        The programme's table ``claim_shares``; needed for ``"sponsor_id"`` alone.

    Returns
    -------
    DataFrame
        For each group and basis that has claims, one row per year from the ledger's first to its
        last: the columns of ``by``, ``basis`` (str), ``year`` (int, of the calendar),
        ``net_currency_saved``, ``cost_effect`` (Decimal(38, 6), 0 where there is none),
        ``claims`` (int, with days in the year), ``split`` (int, of these with days in other
        years as well), ``without_cost_effect`` (int).

    Raises
    ------
    AccountError
        A period straddles two years and is not to be split (all such claims are named), or as
        in `totals`.

    Examples
    --------
    >>> from decimal import Decimal
    >>> ledger = pl.DataFrame({
    ...     "claim_id": ["A", "B"], "basis": ["verified"] * 2, "period": ["1401", "1403-H1"],
    ...     "net_currency_saved": [Decimal(5), Decimal(2)], "cost_effect": [None, Decimal(-3)],
    ... })
    >>> found = annual_savings(ledger, calendar="solar_hijri")
    >>> [(year, int(saved)) for year, saved in found.select("year", "net_currency_saved").rows()]
    [(1401, 5), (1402, 0), (1403, 2)]
    """
    years = _years(ledger, by, calendar, straddling, shares)
    return years.drop("_first")


def cumulative_savings(
    ledger: pl.DataFrame,
    by: Sequence[str] = (),
    *,
    calendar: str,
    straddling: Straddling = "refuse",
    shares: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Sum the ledger from its first year up to each year, by basis.

    It is the running sum of `annual_savings`, and another series: neither is added to the other.

    Parameters
    ----------
    ledger, by, calendar, straddling, shares
        As in `annual_savings`.

    Returns
    -------
    DataFrame
        As `annual_savings`, with ``through`` (int, the last year counted) in place of ``year``;
        ``claims``, ``split`` and ``without_cost_effect`` count each claim once, from its first
        year on.

    Raises
    ------
    AccountError
        As in `annual_savings`.

    Examples
    --------
    >>> from decimal import Decimal
    >>> ledger = pl.DataFrame({
    ...     "claim_id": ["A", "B"], "basis": ["verified"] * 2, "period": ["1401", "1403-H1"],
    ...     "net_currency_saved": [Decimal(5), Decimal(2)], "cost_effect": [None, Decimal(-3)],
    ... })
    >>> found = cumulative_savings(ledger, calendar="solar_hijri")
    >>> [int(saved) for saved in found["net_currency_saved"]]
    [5, 5, 7]
    """
    keys = [*by, "basis"]
    years = _years(ledger, by, calendar, straddling, shares)
    running = years.with_columns(
        *(pl.col(name).cum_sum().over(keys) for name in _AMOUNTS),
        *(pl.col("_first").struct.field(name).cum_sum().over(keys).alias(name) for name in _COUNTS),
    )
    return running.rename({"year": "through"}).drop("_first")


def _years(
    ledger: pl.DataFrame,
    by: Sequence[str],
    calendar: str,
    straddling: Straddling,
    shares: pl.DataFrame | None,
) -> pl.DataFrame:
    require_sound(ledger)
    if SPONSOR in by:
        ledger = by_sponsor(ledger, shares)
    require_columns(ledger, by)
    pieces = _pieces(ledger, calendar, straddling)
    keys = [*by, "basis"]
    first = pl.col("_from") == 0
    unknown = pl.col("cost_effect").is_null()
    split = pl.col("_years") > 1

    def counted(of: pl.Expr) -> list[pl.Expr]:
        each = {"claims": of, "split": of & split, "without_cost_effect": of & unknown}
        return [which.sum().cast(pl.Int64).alias(name) for name, which in each.items()]

    sums = pieces.group_by(*keys, "year").agg(
        pl.col(_AMOUNTS).sum(),
        *counted(first | ~first),
        _first=pl.struct(counted(first)),
    )
    span = pl.DataFrame(
        {"year": range(_least(pieces), _most(pieces) + 1)} if pieces.height else {"year": []},
        schema={"year": pl.Int64},
    )
    nothing = pl.struct(pl.lit(0, dtype=pl.Int64).alias(name) for name in _COUNTS)
    return (
        pieces.select(keys)
        .unique()
        .join(span, how="cross")
        .join(sums, on=[*keys, "year"], how="left", nulls_equal=True)
        .sort(*keys, "year", nulls_last=True)
        .with_columns(
            pl.col("basis").cast(pl.String),
            pl.col(*_AMOUNTS, *_COUNTS).fill_null(0),
            _first=pl.when(pl.col("_first").is_null()).then(nothing).otherwise("_first"),
        )
    )


def _least(pieces: pl.DataFrame) -> int:
    return int(pieces["year"].min())  # type: ignore[arg-type]


def _most(pieces: pl.DataFrame) -> int:
    return int(pieces["year"].max())  # type: ignore[arg-type]


def _pieces(ledger: pl.DataFrame, calendar: str, straddling: Straddling) -> pl.DataFrame:
    """Give each line one piece per year of its period; its pieces add up to it exactly."""
    if calendar not in _CALENDARS:
        raise AccountError(f"'{calendar}' is not a calendar. Write {' or '.join(_CALENDARS)}.")
    undated = ledger.filter(pl.col("period").is_null())
    if not undated.is_empty():
        raise AccountError(f"Claims have no period: {named(undated, 'claim_id')}. Fill it in.")
    years = _year_table(ledger["period"].unique().sort().to_list(), calendar)
    many = years.filter(pl.col("_years") > 1)
    if straddling == "refuse" and not many.is_empty():
        found = ledger.join(many.unique("period"), on="period", how="semi")
        raise AccountError(
            f"The periods of {found.height} claims have days of more than one year of the "
            f"{calendar.replace('_', ' ')} calendar: {named(found, 'claim_id', 'period')}. Claim "
            "each year apart, or ask for them to be split by days."
        )
    pieces = ledger.with_columns(pl.col("basis").cast(LADDER)).join(years, on="period")
    return pieces.with_columns(
        pl.when(pl.col("_years") == 1)
        .then(pl.col(amount).cast(MONEY))
        .otherwise(_upto(amount, "_to") - _upto(amount, "_from"))
        .alias(amount)
        for amount in _AMOUNTS
    )


def _upto(amount: str, days: str) -> pl.Expr:
    """Take an amount up to some of its days; up to all of them it is the amount itself."""
    part = pl.col(amount).cast(MONEY) * pl.col(days).cast(MONEY) / pl.col("_days").cast(MONEY)
    whole = pl.col(days) == pl.col("_days")
    return pl.when(whole).then(pl.col(amount).cast(MONEY)).otherwise(part.cast(MONEY))


def _year_table(periods: list[str], calendar: str) -> pl.DataFrame:
    rows: list[tuple[str, int, int, int, int, int]] = []
    for text in periods:
        period = Period.parse(text)
        first, last = _year_of(period.start, calendar), _year_of(period.end, calendar)
        for year in range(first, last + 1):
            whole = Period.year(year, _CALENDARS[calendar])
            before = max((whole.start - period.start).days, 0)
            upto = (min(whole.end, period.end) - period.start).days + 1
            rows.append((text, year, before, upto, period.days, last - first + 1))
    return pl.DataFrame(
        rows,
        schema={
            "period": pl.String,
            **dict.fromkeys(("year", "_from", "_to", "_days", "_years"), pl.Int64),
        },
        orient="row",
    )


def _year_of(day: date, calendar: str) -> int:
    return solar_hijri.from_gregorian(day)[0] if calendar == "solar_hijri" else day.year
