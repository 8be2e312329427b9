"""``onshore account`` and ``onshore rates``: savings by basis, and money at its rates."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from cyclopts import App

from onshore.cli.console import Refused, existing, note, result_table, warn
from onshore.cli.targets import file_target, writing

if TYPE_CHECKING:
    import polars as pl

    from onshore.figures import Money, RateTable

MOST_MONEY = 10**20
"""An amount below this, at any rate that a table holds, fits into a column of money."""


def register(app: App) -> None:
    """Add this file's commands to the application."""
    app.command(account)
    app.command(rates)


def account(programme: Path, /, *, by: list[str] | None = None, out: Path | None = None) -> int:
    """Add up savings by basis; only the verified ones are a headline.

    Claims that break a rule are named on standard error and are not counted.

    Parameters
    ----------
    programme
        A programme folder.
    by
        Columns to split by: sector, desk_id, buyer_id, place or period; may be repeated.
    out
        CSV, XLSX or Parquet file to write; standard output when not given.
    """
    from onshore import records
    from onshore.account import by_basis
    from onshore.cli.main_job import keep_accounts
    from onshore.cli.programme import open_programme

    columns = by or []
    allowed = ("sector", "desk_id", "buyer_id", "place", "period")
    for column in columns:
        if column not in allowed:
            raise Refused(f"--by {column}: savings are split by {', '.join(allowed)}.")
    if out is not None:
        file_target(out)
    opened = open_programme(existing(programme))
    accounts = keep_accounts(opened)
    for row in accounts.broken.iter_rows(named=True):
        note(f"not counted: claim {row['claim_id']}: {row['reason']}\n  next: {row['next_step']}")
    table = by_basis(accounts.ledger, by=columns)
    if out is None:
        result_table(table)
    else:
        with writing(out):
            records.write_table(table, out)
        note(f"{table.height:,} rows: {out}")
    warn(opened.warnings)
    return 0


def rates(
    programme: Path,
    amount: str,
    /,
    *,
    to: str,
    on: str,
    type: str | None = None,  # noqa: A002
) -> int:
    """Show an amount at each type of exchange rate that holds on a day.

    Parameters
    ----------
    programme
        A programme folder with a table of rates.
    amount
        Such as "40 trillion IRR".
    to
        Currency to show it in.
    on
        Day of the rate: 2020-08-22, or a Solar Hijri day such as 1399/06/01.
    type
        Only this type of rate.
    """
    from onshore.cli.programme import open_programme
    from onshore.codes import UnknownCode, currencies
    from onshore.figures import FigureError, MissingRate, Money, Period, RateTable

    opened = open_programme(existing(programme))
    try:
        money, day = Money.parse(amount), Period.parse(on)
        currency = currencies.find(to).code
    except (FigureError, UnknownCode) as mistake:
        raise Refused(str(mistake)) from None
    if abs(money.amount) >= MOST_MONEY:
        raise Refused(f"{amount}: amounts are reckoned below {MOST_MONEY:.0e}. Check its digits.")
    if day.start != day.end:
        raise Refused(f"--on {on}: a rate is of one day. Write it as 2020-08-22 or 1399/06/01.")
    try:
        table = _at_rates(RateTable(opened.table("rates")), money, currency, day.start, type)
    except MissingRate as missing:
        raise Refused(str(missing), status=1) from None
    except FigureError as mistake:
        raise Refused(str(mistake)) from None
    result_table(table)
    return 0


def _at_rates(
    table: "RateTable", money: "Money", to: str, on: date, rate_type: str | None
) -> "pl.DataFrame":
    import polars as pl

    shown = table.at_each_type(money, to, on=on)
    if rate_type is None:
        return shown
    table.find(money.currency, to, on=on, rate_type=rate_type)
    return shown.filter(pl.col("rate_type") == rate_type)
