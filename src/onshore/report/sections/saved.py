"""What was truly saved: verified first, the whole ladder beside it, lump sums apart."""

from decimal import Decimal
from typing import Any

import polars as pl

from onshore.account import by_basis, stated
from onshore.figures import Basis, MissingRate, Money, Period
from onshore.report import charts
from onshore.report.bulletin import Chart, Column, Headline, Section, Table
from onshore.report.edition import Edition
from onshore.report.inks import INK_OF

Step = tuple[Decimal, int, Decimal]

_STEPS = tuple(sorted(Basis, reverse=True))
_BESIDE = 2  # steps named in the title beside what is verified


def saved(edition: Edition) -> Section:
    """Show savings by basis, by sector and desk, and the published lump sums with their tie-out.

    The steps of the ladder stand side by side: no figure here is a sum over several of them.
    """
    say = edition.say
    ladder = _by_step(edition)
    lump_sums = _stated_tables(edition)
    if not any(count for _, count, _ in ladder.values()):
        return Section(
            key="savings",
            title=say("saved.title_empty"),
            lead=say("saved.lead_empty"),
            name=say("saved.name"),
            tables=(*_desk_table(edition), *lump_sums),
            notes=_uncounted(edition),
        )
    return Section(
        key="savings",
        title=_title(edition, ladder),
        lead=say("saved.lead", rate_type=_rate_type(edition)),
        name=say("saved.name"),
        headlines=_headlines(edition, ladder),
        charts=(_ladder_chart(edition, ladder), *_sector_chart(edition), *_desk_chart(edition)),
        tables=(_ladder_table(edition, ladder), *_desk_table(edition), *lump_sums),
        notes=_uncounted(edition),
    )


def _title(edition: Edition, ladder: dict[Basis, Step]) -> str:
    """Say what is verified, and beside it what the next steps hold."""
    amount, claims, _ = ladder[Basis.VERIFIED]
    beside = [
        edition.say(
            "saved.beside", amount=edition.amount(ladder[step][0]), basis=_said(edition, step)
        )
        for step in _STEPS
        if step != Basis.VERIFIED and ladder[step][1]
    ][:_BESIDE]
    if not claims:
        return edition.say("saved.title_nothing", beside=edition.both(beside))
    if not beside:
        return edition.say("saved.title_alone", verified=edition.amount(amount))
    return edition.say("saved.title", verified=edition.amount(amount), beside=edition.both(beside))


def _said(edition: Edition, basis: Basis) -> str:
    return edition.say(f"basis.{basis.value}")


def _rate_type(edition: Edition) -> str:
    return edition.name("rate type", edition.settings.rate_type)


def _uncounted(edition: Edition) -> tuple[str, ...]:
    """Say in one line how many claims break a rule and are in no figure."""
    broken = edition.results.broken_claims["claim_id"].n_unique()
    return (edition.count("saved.uncounted", broken),) if broken else ()


def _by_step(edition: Edition) -> dict[Basis, Step]:
    """Return net currency saved, number of claims and cost effect at every step."""
    found = {
        Basis.parse(row["basis"]): (
            row["net_currency_saved"],
            row["claims"],
            row["cost_effect"],
        )
        for row in by_basis(edition.results.ledger).iter_rows(named=True)
    }
    nothing = (Decimal(0), 0, Decimal(0))
    return {basis: found.get(basis, nothing) for basis in _STEPS}


def _claims(edition: Edition, count: int) -> str:
    return edition.count("saved.claims", count)


def _headlines(edition: Edition, ladder: dict[Basis, Step]) -> tuple[Headline, ...]:
    say = edition.say
    verified, claims, cost = ladder[Basis.VERIFIED]
    accepted, waiting, _ = ladder[Basis.ACCEPTED]
    return (
        Headline(
            label=say("saved.verified"),
            value=edition.amount(verified),
            basis=Basis.VERIFIED,
            note=say("saved.verified_note", claims=_claims(edition, claims)),
        ),
        Headline(
            label=say("saved.accepted"),
            value=edition.amount(accepted),
            basis=Basis.ACCEPTED,
            note=say("saved.accepted_note", claims=_claims(edition, waiting)),
        ),
        Headline(
            label=say("saved.cost"),
            value=edition.amount(cost),
            basis=Basis.VERIFIED,
            note=say("saved.cost_note"),
        ),
    )


def _ladder_chart(edition: Edition, ladder: dict[Basis, Step]) -> Chart:
    unit = edition.unit(amount for amount, _, _ in ladder.values())
    bars = [
        charts.Bar(
            label=basis.label(edition.locale),
            segments=(charts.Segment(float(amount / unit.size), INK_OF[basis]),),
            shown=edition.number(amount / unit.size, unit.decimals),
            note=_claims(edition, claims),
        )
        for basis, (amount, claims, _) in ladder.items()
    ]
    verified, count, _ = ladder[Basis.VERIFIED]
    title = edition.say(
        "saved.ladder", verified=edition.amount(verified), claims=_claims(edition, count)
    )
    return Chart(
        title=title,
        svg=charts.bars("saved-ladder", bars, alt=title, rtl=edition.rtl),
        alt=title,
        foot=edition.say("saved.ladder_foot", unit=unit.name, rate_type=_rate_type(edition)),
    )


def _stacks(edition: Edition, column: str) -> dict[str, dict[Basis, Decimal]]:
    """Return net currency saved by group and step, the group with most verified first."""
    stacks: dict[str, dict[Basis, Decimal]] = {}
    grouped = by_basis(edition.results.ledger, by=(column,)).drop_nulls([column])
    for row in grouped.iter_rows(named=True):
        steps = stacks.setdefault(row[column], {})
        steps[Basis.parse(row["basis"])] = row["net_currency_saved"]

    def standing(item: tuple[str, dict[Basis, Decimal]]) -> tuple[Decimal, ...]:
        return tuple(-item[1].get(basis, Decimal(0)) for basis in _STEPS)

    return dict(sorted(stacks.items(), key=standing))


def _segments(steps: dict[Basis, Decimal], size: Decimal) -> tuple[charts.Segment, ...]:
    return tuple(
        charts.Segment(float(steps[basis] / size), INK_OF[basis])
        for basis in _STEPS
        if steps.get(basis)
    )


def _sector_chart(edition: Edition) -> tuple[Chart, ...]:
    stacks = _stacks(edition, "sector")
    if not stacks:
        return ()
    say = edition.say
    unit = edition.unit(amount for steps in stacks.values() for amount in steps.values())

    def shown(steps: dict[Basis, Decimal], basis: Basis) -> str:
        return edition.number(steps.get(basis, Decimal(0)) / unit.size, unit.decimals)

    bars = [
        charts.Bar(
            label=edition.name("sector", sector),
            segments=_segments(steps, unit.size),
            shown=shown(steps, Basis.VERIFIED),
        )
        for sector, steps in stacks.items()
    ]
    first, steps = next(iter(stacks.items()))
    verified = steps.get(Basis.VERIFIED, Decimal(0))
    title = (
        say(
            "saved.sector",
            sector=edition.name("sector", first),
            amount=edition.amount(verified),
        )
        if verified > 0
        else say("saved.sector_nothing")
    )
    return (
        Chart(
            title=title,
            svg=charts.bars("saved-sector", bars, alt=title, rtl=edition.rtl),
            alt=title,
            foot=say("saved.sector_foot", unit=unit.name, rate_type=_rate_type(edition)),
        ),
    )


def _desk_rows(edition: Edition) -> pl.DataFrame:
    """Return desks that have contracts, savings or a target in the programme's currency.

    ``contracted`` is the worth of the contracts signed through the desk, ``in_period`` of those
    signed within the target's period, ``verified`` what is verified as saved.
    """
    stacks = _stacks(edition, "desk_id")
    currency = edition.settings.currency
    contracts = _contracts(edition)
    rows = []
    for desk in edition.table("desks").iter_rows(named=True):
        own = contracts.filter(pl.col("desk_id") == desk["desk_id"])
        period = Period.parse(desk["target_period"]) if desk["target_period"] else None
        within = (
            own.filter(pl.col("signed").is_between(period.start, period.end)) if period else None
        )
        rows.append(
            {
                "desk_id": desk["desk_id"],
                "sector": desk["sector"],
                "target": desk["target_amount"] if desk["target_currency"] == currency else None,
                "period": desk["target_period"],
                "contracts": own.height,
                "contracted": own["worth"].sum(),
                "in_period": None if within is None else within["worth"].sum(),
                "verified": stacks.get(desk["desk_id"], {}).get(Basis.VERIFIED, Decimal(0)),
            }
        )
    money = pl.Decimal(38, 6)
    desks = pl.DataFrame(
        rows,
        schema={
            "desk_id": pl.String,
            "sector": pl.String,
            "target": money,
            "period": pl.String,
            "contracts": pl.Int64,
            "contracted": money,
            "in_period": money,
            "verified": money,
        },
    )
    return desks.filter(
        pl.col("target").is_not_null() | (pl.col("contracts") > 0) | (pl.col("verified") != 0)
    )


def _contracts(edition: Edition) -> pl.DataFrame:
    """Return the contracts of the desks with their ``worth`` in the programme's currency.

    Each at the programme's type of rate on the day it was signed; null where there is none.
    """
    settings, rates = edition.settings, edition.results.rates
    deals = (
        edition.table("deals")
        .filter(pl.col("basis") == "contracted")
        .drop_nulls(["desk_id", "signed"])
    )
    worth: list[Decimal | None] = []
    for value, currency, day in deals.select("value", "currency", "signed").iter_rows():
        if value is None or currency is None:
            worth.append(None)
            continue
        try:
            one = rates.convert(
                Money(value, currency), settings.currency, on=day, rate_type=settings.rate_type
            )
        except MissingRate:
            worth.append(None)
        else:
            worth.append(one.amount)
    return deals.select("desk_id", "signed", pl.Series("worth", worth, pl.Decimal(38, 6)))


def _desk_chart(edition: Edition) -> tuple[Chart, ...]:
    desks = _desk_rows(edition).drop_nulls("target").sort("target", descending=True)
    if desks.is_empty():
        return ()
    say = edition.say
    unit = edition.unit(desks["target"])
    bars = [
        charts.Bar(
            label=edition.desk(row["desk_id"]),
            segments=(
                charts.Segment(float(row["contracted"] / unit.size), INK_OF[Basis.CONTRACTED]),
            ),
            aim=float(row["target"] / unit.size),
            shown=say(
                "saved.desk_shown",
                amount=edition.number(row["contracted"] / unit.size, unit.decimals),
                target=edition.number(row["target"] / unit.size, unit.decimals),
            ),
        )
        for row in desks.iter_rows(named=True)
    ]
    leading = desks.sort("contracted", descending=True).row(0, named=True)
    period = edition.period(leading["period"]) if leading["period"] else ""
    title = say(
        "saved.desk" if period else "saved.desk_undated",
        desk=edition.desk(leading["desk_id"]),
        contracted=edition.amount(leading["contracted"]),
        target=edition.amount(leading["target"]),
        period=period,
    )
    return (
        Chart(
            title=title,
            svg=charts.bars("saved-desk", bars, alt=title, rtl=edition.rtl),
            alt=title,
            foot=say("saved.desk_foot", unit=unit.name, rate_type=_rate_type(edition)),
        ),
    )


def _ladder_table(edition: Edition, ladder: dict[Basis, Step]) -> Table:
    say = edition.say
    unit = edition.unit(amount for step in ladder.values() for amount in (step[0], step[2]))
    frame = pl.DataFrame(
        {
            "basis": [basis.value for basis in ladder],
            "claims": [claims for _, claims, _ in ladder.values()],
            "net": [amount / unit.size for amount, _, _ in ladder.values()],
            "cost": [cost / unit.size for _, _, cost in ladder.values()],
        },
        schema_overrides={"net": pl.Decimal(38, 6), "cost": pl.Decimal(38, 6)},
    )
    return Table(
        title=say("saved.table"),
        columns=(
            Column("basis", say("column.basis"), "basis"),
            Column("claims", say("column.claims"), "whole"),
            Column("net", say("column.net_saved"), "money", unit.name, unit.decimals),
            Column("cost", say("column.cost_effect"), "money", unit.name, unit.decimals),
        ),
        frame=frame,
        note=" ".join((say("saved.table_note"), *_without_cost(edition))),
    )


def _without_cost(edition: Edition) -> tuple[str, ...]:
    unknown = int(by_basis(edition.results.ledger)["without_cost_effect"].sum())
    return (edition.count("saved.without_cost", unknown),) if unknown else ()


def _desk_table(edition: Edition) -> tuple[Table, ...]:
    desks = _desk_rows(edition)
    if desks.is_empty():
        return ()
    say = edition.say
    unit = edition.unit([*desks["contracted"], *desks["target"], *desks["verified"]])
    frame = desks.select(
        pl.Series("desk", [edition.desk(key) for key in desks["desk_id"]], pl.String),
        pl.Series(
            "sector", [edition.name("sector", sector) for sector in desks["sector"]], pl.String
        ),
        unit.of("target"),
        pl.Series(
            "period", [edition.period(text) if text else "" for text in desks["period"]], pl.String
        ),
        "contracts",
        unit.of("contracted", "in_period", "verified"),
    )
    unpriced = _contracts(edition)["worth"].null_count()
    notes = [say("saved.desk_note", rate_type=_rate_type(edition))]
    if unpriced:
        notes.append(edition.count("saved.desk_unpriced", unpriced))

    def amounts(key: str, title: str) -> Column:
        return Column(key, say(title), "money", unit.name, unit.decimals)

    return (
        Table(
            title=say("saved.desk_table"),
            columns=(
                Column("desk", say("column.desk")),
                Column("sector", say("column.sector")),
                amounts("target", "column.desk_target"),
                Column("period", say("column.target_period")),
                Column("contracts", say("column.contracts"), "whole"),
                amounts("contracted", "column.contracted"),
                amounts("in_period", "column.contracted_in_period"),
                amounts("verified", "column.verified_saving"),
            ),
            frame=frame,
            note=" ".join(notes),
        ),
    )


def _stated_tables(edition: Edition) -> tuple[Table, ...]:
    """Show published lump sums under their totals, each total with its tie-out."""
    sums = stated(edition.table("claims"))
    if sums.is_empty():
        return ()
    say = edition.say
    unit = edition.unit([min(sums["stated_amount"])])
    decimals = 0 if all(amount % unit.size == 0 for amount in sums["stated_amount"]) else 2
    frame = sums.select(
        "claim_id",
        pl.Series("statement", [_statement(edition, row) for row in sums.iter_rows(named=True)]),
        pl.Series("period", [edition.period(text) for text in sums["period"]], pl.String),
        "basis",
        unit.of("stated_amount", "sum_of_parts"),
        pl.Series("stated_currency", edition.currencies(sums["stated_currency"]), pl.String),
        pl.Series("tie", [_tie(edition, row) for row in sums.iter_rows(named=True)], pl.String),
        "source",
    )
    return (
        Table(
            title=_stated_title(edition, sums),
            columns=(
                Column("claim_id", say("column.claim"), "code"),
                Column("statement", say("column.statement")),
                Column("period", say("column.period")),
                Column("basis", say("column.basis"), "basis"),
                Column("stated_amount", say("column.stated_amount"), "money", unit.scale, decimals),
                Column("stated_currency", say("column.currency"), edition.currency_kind()),
                Column("sum_of_parts", say("column.parts"), "money", unit.scale, decimals),
                Column("tie", say("column.tie")),
            ),
            frame=frame,
            note=say("saved.stated_note"),
        ),
    )


def _statement(edition: Edition, row: dict[str, Any]) -> str:
    """Write what was stated, a part under its total; unsaid in Persian, it goes by its sector."""
    sector = edition.name("sector", row["sector"]) if row["sector"] else ""
    text = edition.stated(row) or sector
    if edition.rtl and not row["statement_fa"] and row["part_of"] and sector != row["sector"]:
        text = sector
    return edition.say("saved.part", statement=text) if row["part_of"] else text


def _tie(edition: Edition, row: dict[str, Any]) -> str:
    """Say whether a total is the sum of its parts; nothing where it has none."""
    if row["tie_out"] == "differs":
        return edition.say(
            "saved.above" if row["difference"] > 0 else "saved.below",
            difference=edition.amount(abs(row["difference"]), row["stated_currency"]),
        )
    return {
        "ties": edition.say("saved.ties"),
        "other currencies": edition.say("saved.unlike"),
        None: "",
    }[row["tie_out"]]


def _stated_title(edition: Edition, sums: pl.DataFrame) -> str:
    """Say in a sentence which published totals add up and which do not."""
    ties = []
    for row in sums.filter(pl.col("difference").is_not_null()).iter_rows(named=True):
        off = row["difference"]
        ties.append(
            edition.say(
                "saved.stated_ties"
                if off == 0
                else "saved.stated_above"
                if off > 0
                else "saved.stated_below",
                amount=edition.amount(row["stated_amount"], row["stated_currency"]),
                difference=edition.amount(abs(off), row["stated_currency"]),
            )
        )
    if not ties:
        return edition.say("saved.stated_table")
    return edition.say("saved.stated_table_ties", ties=edition.listed(ties))
