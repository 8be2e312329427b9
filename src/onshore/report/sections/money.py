"""What an amount is worth: one large sum of another currency at every type of rate."""

from datetime import date
from typing import Any

import polars as pl

from onshore.figures import Basis, MissingRate, Money
from onshore.report import charts
from onshore.report.bulletin import Chart, Column, Headline, Section, Table
from onshore.report.edition import Edition


def money(edition: Edition) -> Section:
    """Show the largest award or deal in a foreign currency at each type of rate of its day."""
    say = edition.say
    award = _largest(edition)
    if award is None:
        return Section(
            key="money",
            title=say("money.title_none" if _any_amount(edition) else "money.title_empty"),
            lead=say("money.lead_none" if _any_amount(edition) else "money.lead_empty"),
            name=say("money.name"),
        )
    amount = Money(award["amount"], award["currency"])
    frames = _at_each_type(edition, amount, award["day"])
    set_amount = edition.amount(amount.amount, amount.currency)
    headline = Headline(
        label=edition.stated(award) or say("money.award"),
        value=set_amount,
        basis=Basis.parse(award["basis"]),
        note=say("money.on_day", day=edition.day(award["day"])),
    )
    if not frames:
        return Section(
            key="money",
            title=say("money.title_refused", amount=set_amount),
            lead=say("money.lead_refused", day=edition.day(award["day"])),
            name=say("money.name"),
            headlines=(headline,),
        )
    at_rates = pl.concat(frames)
    first = at_rates.filter(pl.col("currency") == at_rates["currency"][0]).sort(
        "amount", descending=True
    )
    return Section(
        key="money",
        title=_title(edition, set_amount, first),
        lead=say("money.lead", rate_type=edition.name("rate type", edition.settings.rate_type)),
        name=say("money.name"),
        headlines=(headline,),
        charts=(_chart(edition, set_amount, first),),
        tables=(_table(edition, set_amount, at_rates),),
        notes=(award["source"],) if award["source"] else (),
    )


def _any_amount(edition: Edition) -> bool:
    awards, deals = edition.table("awards")["amount"], edition.table("deals")["value"]
    return bool(awards.is_not_null().any() or deals.is_not_null().any())


def _title(edition: Edition, amount: str, worth: pl.DataFrame) -> str:
    currency = worth["currency"][0]
    if worth.height == 1:
        return edition.say(
            "money.title_one",
            amount=amount,
            worth=edition.amount(worth["amount"][0], currency),
            rate_type=edition.name("rate type", worth["rate_type"][0]),
        )
    return edition.say(
        "money.title",
        amount=amount,
        most=edition.amount(max(worth["amount"]), currency),
        least=edition.amount(min(worth["amount"]), currency),
    )


def _largest(edition: Edition) -> dict[str, Any] | None:
    """Choose the largest award, else deal, that is not in the programme's currency."""
    awards = edition.table("awards").select(
        "amount",
        "currency",
        pl.col("awarded").alias("day"),
        "basis",
        "statement",
        "statement_fa",
        "source",
    )
    deals = edition.table("deals").select(
        pl.col("value").alias("amount"),
        "currency",
        pl.col("signed").alias("day"),
        "basis",
        pl.lit(None, pl.String).alias("statement"),
        pl.lit(None, pl.String).alias("statement_fa"),
        pl.lit(None, pl.String).alias("source"),
    )
    for frame in (awards, deals):
        foreign = frame.drop_nulls(["amount", "currency", "day"]).filter(
            pl.col("currency") != edition.settings.currency
        )
        if not foreign.is_empty():
            return foreign.sort("amount", descending=True).row(0, named=True)
    return None


def _at_each_type(edition: Edition, amount: Money, day: date) -> list[pl.DataFrame]:
    frames = []
    for currency in _currencies(edition, amount.currency):
        try:
            frames.append(edition.results.rates.at_each_type(amount, currency, on=day))
        except MissingRate:
            continue
    return frames


def _currencies(edition: Edition, currency: str) -> list[str]:
    """List the currencies with a rate to this one, then the programme's own."""
    rates = edition.table("rates")
    paired = [
        *rates.filter(pl.col("quote") == currency)["base"],
        *rates.filter(pl.col("base") == currency)["quote"],
        edition.settings.currency,
    ]
    return list(dict.fromkeys(paired))


def _chart(edition: Edition, amount: str, worth: pl.DataFrame) -> Chart:
    currency = worth["currency"][0]
    unit = edition.unit(worth["amount"], currency)
    bars = [
        charts.Bar(
            label=edition.name("rate type", row["rate_type"]),
            segments=(charts.Segment(float(row["amount"]) / float(unit.size), "graphite"),),
            shown=edition.number(row["amount"] / unit.size),
            note=edition.say("money.illustrative" if row["illustrative"] else "money.cited"),
        )
        for row in worth.iter_rows(named=True)
    ]
    title = edition.say("money.chart", amount=amount, unit=unit.name)
    return Chart(
        title=title,
        svg=charts.bars("money-rates", bars, alt=title, rtl=edition.rtl),
        alt=title,
        foot=edition.say("money.chart_foot"),
    )


def _table(edition: Edition, amount: str, at_rates: pl.DataFrame) -> Table:
    say = edition.say
    frame = at_rates.select(
        pl.Series(
            "rate_type",
            [edition.name("rate type", kind) for kind in at_rates["rate_type"]],
            dtype=pl.String,
        ),
        "rate",
        pl.Series("pair", [_pair(edition, pair) for pair in at_rates["pair"]], pl.String),
        "amount",
        pl.Series("currency", edition.currencies(at_rates["currency"]), pl.String),
        pl.Series("day", [edition.day(day) for day in at_rates["date"]], pl.String),
        pl.Series(
            "standing",
            [
                say("money.illustrative" if invented else "money.cited")
                for invented in at_rates["illustrative"]
            ],
            dtype=pl.String,
        ),
        pl.when(~pl.col("illustrative")).then("source").alias("source"),
    )
    return Table(
        title=say("money.table", amount=amount),
        columns=(
            Column("rate_type", say("column.rate_type")),
            Column("rate", say("column.rate"), "number", decimals=None),
            Column("pair", say("column.pair")),
            Column("amount", say("column.amount"), "money"),
            Column("currency", say("column.currency"), edition.currency_kind()),
            Column("day", say("column.rate_day")),
            Column("standing", say("column.standing")),
            Column("source", say("column.source")),
        ),
        frame=frame,
    )


def _pair(edition: Edition, pair: str) -> str:
    """Say which way a rate is: how much of one currency for one of the other."""
    base, quote = pair.split("/")
    return edition.say("money.pair", base=edition.currency(base), quote=edition.currency(quote))
