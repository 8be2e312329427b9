"""``onshore account`` and ``onshore rates``: savings by basis, and money at its rates."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from cyclopts import App

from onshore.cli.console import Refused, existing, note, result_table, warn
from onshore.cli.targets import file_target, writing

if TYPE_CHECKING:
    import polars as pl

    from onshore.figures import Money, RateTable
    from onshore.records import Programme

MOST_MONEY = 10**20
"""An amount below this, at any rate that a table holds, fits into a column of money."""

account = App(name="account")
"""The group ``onshore account``, which other files add verbs to."""


def register(app: App) -> None:
    """Add this file's commands to the application."""
    app.command(account)
    app.command(rates)


@account.default
def savings_by_basis(
    programme: Path,
    /,
    *,
    by: list[str] | None = None,
    series: Literal["annual", "cumulative"] | None = None,
    split_days: bool = False,
    out: Path | None = None,
) -> int:
    """Add up savings by basis; only the verified ones are a headline.

    Claims that break a rule are named on standard error and are not counted. Other verbs:
    onshore account jobs, onshore account imports.

    Parameters
    ----------
    programme
        A programme folder.
    by
        Columns to split by: sector, desk_id, buyer_id, place, period, item_id or sponsor_id; may
        be repeated.
    series
        By year, in the programme's calendar: annual, or cumulative from the first year on.
    split_days
        In a series, split a claim whose period has days of several years by its days; without
        this, such claims are refused.
    out
        CSV, XLSX or Parquet file to write; standard output when not given.
    """
    from onshore.account import AccountError
    from onshore.cli.main_job import keep_accounts
    from onshore.cli.programme import open_programme

    columns = by or []
    allowed = ("sector", "desk_id", "buyer_id", "place", "period", "item_id", "sponsor_id")
    for column in columns:
        if column not in allowed:
            raise Refused(f"--by {column}: savings are split by {', '.join(allowed)}.")
    if split_days and series is None:
        raise Refused("--split-days is for years. Ask for them: --series annual or cumulative.")
    if out is not None:
        file_target(out)
    opened = open_programme(existing(programme))
    accounts = keep_accounts(opened)
    for row in accounts.broken.iter_rows(named=True):
        note(f"not counted: claim {row['claim_id']}: {row['reason']}\n  next: {row['next_step']}")
    try:
        table = _savings(opened, accounts.ledger, columns, series, split_days=split_days)
    except AccountError as mistake:
        hint = " Here: --split-days." if "split by days" in str(mistake) else ""
        raise Refused(f"{mistake}{hint}", status=1) from None
    if series is not None and table["split"].sum():
        note("Claims over several years are split by their days: see the column split.")
    _give(table, out)
    warn(opened.warnings)
    return 0


@account.command
def jobs(programme: Path, /, *, by: list[str] | None = None, out: Path | None = None) -> int:
    """Add up the jobs that deals state: memorandums and contracts apart.

    Parameters
    ----------
    programme
        A programme folder.
    by
        Columns to split by: deal_id, desk_id, sector, buyer_id, maker_id, item_id or place (the
        maker's); may be repeated.
    out
        CSV, XLSX or Parquet file to write; standard output when not given.
    """
    from onshore.account import AccountError
    from onshore.account import jobs as jobs_of
    from onshore.cli.programme import open_programme

    if out is not None:
        file_target(out)
    opened = open_programme(existing(programme))
    try:
        table = jobs_of(
            opened.table("deals"),
            by or [],
            desks=opened.table("desks"),
            organisations=opened.table("organisations"),
        )
    except AccountError as mistake:
        raise Refused(str(mistake)) from None
    _give(table, out)
    warn(opened.warnings)
    return 0


@account.command
def imports(programme: Path, /, *, on: str | None = None, out: Path | None = None) -> int:
    """Tell of each item whether it may be imported: free, restricted, banned or excepted.

    Rules and exceptions that break a rule themselves are named on standard error; such an
    exception lifts nothing.

    Parameters
    ----------
    programme
        A programme folder.
    on
        Day, such as 2024-05-01 or 1403/02/12; the programme's price date when not given.
    out
        CSV, XLSX or Parquet file to write; standard output when not given.
    """
    from onshore.account import (
        AccountError,
        check_import_rules,
        import_status,
        sound_exceptions,
    )
    from onshore.cli.programme import open_programme

    if out is not None:
        file_target(out)
    opened = open_programme(existing(programme))
    day = opened.settings.price_date if on is None else _one_day(on)
    rules, exceptions = opened.table("import_rules"), opened.table("exceptions")
    broken = check_import_rules(
        rules, exceptions, on=day, organisations=opened.table("organisations")
    )
    for row in broken.iter_rows(named=True):
        what = "rule" if row["table"] == "import_rules" else "not counted: exception"
        note(f"{what} {row['id']}: {row['reason']}\n  next: {row['next_step']}")
    try:
        table = import_status(
            opened.table("items"),
            rules,
            sound_exceptions(exceptions, broken),
            on=day,
            needs=opened.table("needs"),
        )
    except AccountError as mistake:
        raise Refused(str(mistake), status=1) from None
    _give(table, out)
    warn(opened.warnings)
    return 0


@account.command
def equivalents(
    programme: Path,
    /,
    *,
    premium: float,
    months: float,
    on: str | None = None,
    out: Path | None = None,
) -> int:
    """Test home products as equivalents of imports: class, price, delivery, specification.

    Each reviewed candidate has a row for every criterion, with its figures.

    Parameters
    ----------
    programme
        A programme folder.
    premium
        How much more the home product may cost, as a share of the import's price: 0.15.
    months
        Lead time that is allowed, in months.
    on
        Day of the rates, such as 2024-05-01; the programme's price date when not given.
    out
        CSV, XLSX or Parquet file to write; standard output when not given.
    """
    from onshore.account import AccountError, equivalence
    from onshore.cli.programme import open_programme
    from onshore.figures import RateTable

    if out is not None:
        file_target(out)
    opened = open_programme(existing(programme))
    settings = opened.settings
    if opened.table("candidates").is_empty():
        note("The programme has no candidates: write the reviewed matches to candidates.csv.")
    try:
        table = equivalence(
            *(opened.table(name) for name in ("needs", "offers", "candidates")),
            premium=premium,
            within_months=months,
            rates=RateTable(opened.table("rates")),
            currency=settings.currency,
            rate_type=settings.rate_type,
            on=settings.price_date if on is None else _one_day(on),
            baselines=opened.table("baselines"),
            qualifications=opened.table("qualifications"),
        )
    except AccountError as mistake:
        raise Refused(str(mistake)) from None
    _give(table, out)
    warn(opened.warnings)
    return 0


def _savings(
    opened: "Programme",
    ledger: "pl.DataFrame",
    by: list[str],
    series: str | None,
    *,
    split_days: bool,
) -> "pl.DataFrame":
    from onshore.account import annual_savings, by_basis, cumulative_savings, totals

    shares = opened.table("claim_shares")
    if series is None and "sponsor_id" in by:
        return totals(ledger, by, shares=shares)
    if series is None:
        return by_basis(ledger, by=by)
    summed = annual_savings if series == "annual" else cumulative_savings
    return summed(
        ledger,
        by,
        calendar=opened.settings.calendar,
        straddling="days" if split_days else "refuse",
        shares=shares,
    )


def _give(table: "pl.DataFrame", out: Path | None) -> None:
    from onshore import records

    if out is None:
        result_table(table)
        return
    with writing(out):
        records.write_table(table, out)
    note(f"{table.height:,} rows: {out}")


def _one_day(on: str) -> date:
    from onshore.figures import FigureError, Period

    try:
        day = Period.parse(on)
    except FigureError as mistake:
        raise Refused(str(mistake)) from None
    if day.start != day.end:
        raise Refused(f"--on {on}: this asks for one day. Write it as 2020-08-22 or 1399/06/01.")
    return day.start


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
