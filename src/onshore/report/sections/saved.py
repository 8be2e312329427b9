"""What was truly saved: verified first, the whole ladder beside it, lump sums apart."""

from decimal import Decimal
from typing import Any

import polars as pl

from onshore.account import by_basis, stated
from onshore.figures import Basis
from onshore.report import charts
from onshore.report.bulletin import Chart, Column, Headline, Section, Table
from onshore.report.edition import Edition
from onshore.report.inks import INK_OF

_STEPS = tuple(sorted(Basis, reverse=True))


def saved(edition: Edition) -> Section:
    """Show savings by basis, by sector and desk, and the published lump sums with their tie-out."""
    say = edition.say
    ladder = _by_step(edition)
    whole = sum((amount for amount, _, _ in ladder.values()), Decimal(0))
    verified, claims, _ = ladder[Basis.VERIFIED]
    lump_sums = _stated_tables(edition)
    if not any(count for _, count, _ in ladder.values()):
        return Section(
            key="savings",
            title=say("saved.title_empty"),
            lead=say("saved.lead_empty"),
            name=say("saved.name"),
            tables=lump_sums,
        )
    return Section(
        key="savings",
        title=say(
            "saved.title" if claims else "saved.title_nothing",
            verified=edition.amount(verified),
            whole=edition.amount(whole),
            share=_share(edition, verified, whole),
        ),
        lead=say("saved.lead"),
        name=say("saved.name"),
        headlines=_headlines(edition, ladder, whole),
        charts=(
            _ladder_chart(edition, ladder, whole),
            *_group_charts(edition),
        ),
        tables=(_ladder_table(edition, ladder), *_desk_table(edition), *lump_sums),
    )


Step = tuple[Decimal, int, Decimal]


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


def _share(edition: Edition, part: Decimal, whole: Decimal) -> str:
    return edition.percent(part / whole) if whole else edition.percent(0)


def _claims(edition: Edition, count: int) -> str:
    return edition.count("saved.claims", count)


def _headlines(edition: Edition, ladder: dict[Basis, Step], whole: Decimal) -> tuple[Headline, ...]:
    say = edition.say
    verified, claims, cost = ladder[Basis.VERIFIED]
    accepted, waiting, _ = ladder[Basis.ACCEPTED]
    return (
        Headline(
            label=say("saved.verified"),
            value=edition.amount(verified),
            basis=Basis.VERIFIED,
            note=say(
                "saved.verified_note",
                claims=_claims(edition, claims),
                whole=edition.amount(whole),
            ),
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


def _ladder_chart(edition: Edition, ladder: dict[Basis, Step], whole: Decimal) -> Chart:
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
    title = edition.say("saved.ladder", share=_share(edition, ladder[Basis.VERIFIED][0], whole))
    return Chart(
        title=title,
        svg=charts.bars("saved-ladder", bars, alt=title, rtl=edition.rtl),
        alt=title,
        foot=edition.say(
            "saved.ladder_foot",
            unit=unit.name,
            day=edition.day(edition.settings.price_date),
        ),
    )


def _group_charts(edition: Edition) -> tuple[Chart, ...]:
    """Draw savings by sector and, where desks have claims or targets, by desk."""
    return (*_sector_chart(edition), *_desk_chart(edition))


def _stacks(edition: Edition, column: str) -> dict[str, dict[Basis, Decimal]]:
    """Return net currency saved by group and step, the group that claims most first."""
    stacks: dict[str, dict[Basis, Decimal]] = {}
    grouped = by_basis(edition.results.ledger, by=(column,)).drop_nulls([column])
    for row in grouped.iter_rows(named=True):
        steps = stacks.setdefault(row[column], {})
        steps[Basis.parse(row["basis"])] = row["net_currency_saved"]
    ranked = sorted(stacks.items(), key=lambda item: sum(item[1].values()), reverse=True)
    return dict(ranked)


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
    unit = edition.unit(sum(steps.values()) for steps in stacks.values())
    bars = [
        charts.Bar(
            label=edition.name("sector", sector),
            segments=_segments(steps, unit.size),
            shown=edition.number(sum(steps.values()) / unit.size, unit.decimals),
            note=say(
                "saved.sector_note",
                amount=edition.number(
                    steps.get(Basis.VERIFIED, Decimal(0)) / unit.size, unit.decimals
                ),
            ),
        )
        for sector, steps in stacks.items()
    ]
    first, steps = next(iter(stacks.items()))
    title = say(
        "saved.sector",
        sector=edition.name("sector", first),
        amount=edition.amount(sum(steps.values())),
        verified=_share(
            edition, steps.get(Basis.VERIFIED, Decimal(0)), Decimal(sum(steps.values()))
        ),
    )
    return (
        Chart(
            title=title,
            svg=charts.bars("saved-sector", bars, alt=title, rtl=edition.rtl),
            alt=title,
            foot=say("saved.sector_foot", unit=unit.name),
        ),
    )


def _desk_rows(edition: Edition) -> pl.DataFrame:
    """Return desks that have claims or a target, with what each step claims."""
    stacks = _stacks(edition, "desk_id")
    currency = edition.settings.currency
    desks = edition.table("desks").with_columns(
        pl.when(pl.col("target_currency") == currency).then("target_amount").alias("target"),
        pl.Series(
            "claimed",
            [
                sum(stacks.get(key, {}).values(), Decimal(0))
                for key in edition.table("desks")["desk_id"]
            ],
            dtype=pl.Decimal(38, 6),
        ),
        pl.Series(
            "verified",
            [
                stacks.get(key, {}).get(Basis.VERIFIED, Decimal(0))
                for key in edition.table("desks")["desk_id"]
            ],
            dtype=pl.Decimal(38, 6),
        ),
    )
    return desks.filter(pl.col("target").is_not_null() | (pl.col("claimed") != 0))


def _desk_chart(edition: Edition) -> tuple[Chart, ...]:
    desks = _desk_rows(edition).drop_nulls("target").sort("target", descending=True)
    if desks.is_empty():
        return ()
    say = edition.say
    stacks = _stacks(edition, "desk_id")
    unit = edition.unit(desks["target"])
    bars = [
        charts.Bar(
            label=edition.desk(row["desk_id"]),
            segments=_segments(stacks.get(row["desk_id"], {}), unit.size),
            aim=float(row["target"] / unit.size),
            shown=say(
                "saved.desk_shown",
                amount=edition.number(row["claimed"] / unit.size, unit.decimals),
                target=edition.number(row["target"] / unit.size),
            ),
        )
        for row in desks.iter_rows(named=True)
    ]
    leading = desks.sort("verified", descending=True).row(0, named=True)
    title = say(
        "saved.desk",
        desk=edition.desk(leading["desk_id"]),
        verified=edition.amount(leading["verified"]),
        target=edition.amount(leading["target"]),
    )
    return (
        Chart(
            title=title,
            svg=charts.bars("saved-desk", bars, alt=title, rtl=edition.rtl),
            alt=title,
            foot=say("saved.desk_foot", unit=unit.name),
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
    unit = edition.unit([*desks["claimed"], *desks["target"]])
    frame = desks.select(
        pl.Series("desk", [edition.desk(key) for key in desks["desk_id"]], pl.String),
        pl.Series(
            "sector", [edition.name("sector", sector) for sector in desks["sector"]], pl.String
        ),
        unit.of("verified", "claimed", "target"),
        (pl.col("verified") / pl.col("target")).cast(pl.Float64).alias("share"),
    )
    return (
        Table(
            title=say("saved.desk_table"),
            columns=(
                Column("desk", say("column.desk")),
                Column("sector", say("column.sector")),
                Column("verified", say("column.verified"), "money", unit.name, unit.decimals),
                Column("claimed", say("column.claimed"), "money", unit.name, unit.decimals),
                Column("target", say("column.target"), "money", unit.name, unit.decimals),
                Column("share", say("column.reached"), "share", decimals=1),
            ),
            frame=frame,
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
        "stated_currency",
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
                Column("stated_currency", say("column.currency"), "code"),
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
