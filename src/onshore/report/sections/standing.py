"""Where production stands: observations, their growth on the year before, and the targets."""

from dataclasses import dataclass
from typing import Any

import polars as pl

from onshore.figures import Period, Status
from onshore.report import charts
from onshore.report.bounds import bounded, cut, is_over, noted, observed_over
from onshore.report.bulletin import Chart, Column, Headline, Section, Table
from onshore.report.edition import Edition, Figure
from onshore.series import against_targets, growth

_STATED = ", growth as stated"
_HEADLINES = 4

Row = dict[str, Any]


@dataclass(frozen=True)
class Move:
    """A series in a period with its change on the year before, a fraction.

    ``stated`` tells that the change is the source's own, the year before not being observed;
    ``over`` that the source says the figure is more than what it gives.
    """

    row: Row
    period: Period
    change: float
    stated: bool
    over: bool


def standing(edition: Edition) -> Section:
    """Show the observed series and what they were to reach."""
    say = edition.say
    rows = observed_rows(edition.table("observations"))
    targets = edition.table("targets")
    if not rows and targets.is_empty():
        return Section(
            key="standing",
            title=say("standing.title_empty"),
            lead=say("standing.lead_empty"),
            name=say("standing.name"),
        )
    moves = _moves(rows)
    return Section(
        key="standing",
        title=_title(edition, moves, len(rows)),
        lead=say("standing.lead", observations=edition.count("standing.observations", len(rows))),
        name=say("standing.name"),
        headlines=tuple(_headline(edition, move) for move in moves[:_HEADLINES]),
        charts=_charts(edition, moves),
        tables=(*_observation_table(edition, rows), *_target_table(edition, targets)),
        notes=(say("standing.note"),),
    )


def observed_rows(observations: pl.DataFrame) -> list[Row]:
    """Return the observed series with their growth, and the growth that a source states itself.

    An indicator that ends in ``, growth as stated`` is a change in percent as it was published:
    it goes to the series it speaks of, as ``stated`` (a fraction), and is no series itself.
    """
    speaks_of = observations["indicator"].str.ends_with(_STATED)
    key = ["indicator", "product", "place", "partner", "period"]
    texts = ["statement", "statement_fa"]
    stated = observations.filter(speaks_of).select(
        pl.col("indicator").str.strip_suffix(_STATED),
        *key[1:],
        (pl.col("value").cast(pl.Float64) / 100).alias("stated"),
        *(pl.col(name).alias(f"{name}_of_growth") for name in texts),
    )
    said = observations.select(*key, "value", "status", "unit", *texts).unique(
        [*key, "value", "status", "unit"], keep="last", maintain_order=True
    )
    found = (
        growth(observations.filter(~speaks_of))
        .join(
            said,
            on=[*key, "value", "status", "unit"],
            how="left",
            nulls_equal=True,
            maintain_order="left",
        )
        .join(
            stated.unique(key, keep="last", maintain_order=True),
            on=key,
            how="left",
            nulls_equal=True,
            maintain_order="left",
        )
    )
    return list(found.iter_rows(named=True))


def _moves(rows: list[Row]) -> list[Move]:
    """Return the rows whose change is known, the newest period first."""
    moves = []
    for row in rows:
        change = row["stated"] if row["growth"] is None else row["growth"]
        if change is not None:
            period = Period.parse(row["period"])
            moves.append(Move(row, period, change, stated=row["growth"] is None, over=is_over(row)))
    return sorted(moves, key=lambda move: move.period.end, reverse=True)


def _said(edition: Edition, row: Row) -> str:
    """Write what the source says of a figure, and of its growth."""
    of_growth = {name: row[f"{name}_of_growth"] for name in ("statement", "statement_fa")}
    parts = (edition.stated(row), edition.stated(of_growth))
    return ("؛ " if edition.rtl else "; ").join(filter(None, parts))


def series_name(edition: Edition, row: Row) -> str:
    """Name a series: what is measured of which product, where and with whom."""
    name = edition.name("indicator", row["indicator"])
    product = edition.name("product", row["product"]) if row["product"] else ""
    if product:
        name = edition.say("standing.series", indicator=name, product=product)
    if row["partner"]:
        way = {"exports": "to", "imports": "from"}.get(row["indicator"], "with")
        name = edition.say(
            f"standing.series_{way}", series=name, partner=edition.country(row["partner"])
        )
    if row["place"]:
        name = edition.say("standing.series_in", series=name, place=edition.place(row["place"]))
    return name[:1].upper() + name[1:]


def _title(edition: Edition, moves: list[Move], observations: int) -> str:
    """State the newest change that is computed from two figures, both beside it."""
    computed = [move for move in moves if not move.stated]
    if not computed:
        return edition.count("standing.title_still", observations)
    latest = min(computed, key=lambda move: move.over)
    row = latest.row
    told = cut(latest.change, 3) if latest.over else latest.change
    return edition.say(
        "standing.title_rose" if latest.change >= 0 else "standing.title_fell",
        series=series_name(edition, row),
        change=_over(edition, latest, edition.percent(abs(told), 1)),
        period=edition.the_period(latest.period),
        value=_over(edition, latest, _value(edition, row, row["value"])),
        before=edition.number(row["value_before"], None),
    )


def _over(edition: Edition, move: Move, figure: str) -> str:
    """Say that a figure is more than what is given, where its source says so."""
    return edition.say("standing.over", figure=figure) if move.over else figure


def _value(edition: Edition, row: Row, value: Figure) -> str:
    return edition.say(
        "standing.value",
        number=edition.number(value, None),
        unit=edition.name("unit", row["unit"]),
    )


def _status(edition: Edition, row: Row) -> str:
    return Status.parse(row["status"]).label(edition.locale)


def _headline(edition: Edition, move: Move) -> Headline:
    row, period = move.row, edition.the_period(move.period)
    value = _over(edition, move, _value(edition, row, row["value"]))
    if move.stated:
        note = edition.say(
            "standing.growth_stated", value=value, period=period, said=_said(edition, row)
        )
    else:
        note = edition.say(
            "standing.growth",
            value=value,
            period=period,
            earlier=_value(edition, row, row["value_before"]),
            before=edition.the_period(move.period.year_before()),
        )
    return Headline(
        label=series_name(edition, row),
        value=_change(edition, move),
        status=_status(edition, row),
        note=note,
    )


def _change(edition: Edition, move: Move) -> str:
    """Write a change to one place, one that is only stated as the source gives it."""
    places = 1 if not move.stated or round(move.change * 100) != move.change * 100 else 0
    change = cut(move.change, places + 2) if move.over else move.change
    return _over(edition, move, edition.signed_percent(change, places))


def _charts(edition: Edition, moves: list[Move]) -> tuple[Chart, ...]:
    """Draw the changes that are computed; one that is only stated has nothing to be drawn over."""
    moves = [move for move in moves if not move.stated]
    if not moves:
        return ()
    pairs = []
    for move in moves:
        row, before = move.row, move.row["value_before"]
        pairs.append(
            charts.Pair(
                label=series_name(edition, row),
                before=float(before),
                before_label=edition.short_period(move.period.year_before()),
                before_shown=_value(edition, row, before),
                now=float(row["value"]),
                now_label=edition.short_period(move.period),
                now_shown=_over(edition, move, _value(edition, row, row["value"])),
                change=_change(edition, move),
            )
        )
    rising = sum(move.change > 0 for move in moves)
    title = edition.count(
        "standing.chart",
        rising,
        rising=edition.number(rising),
        series=edition.number(len(moves)),
    )
    return (
        Chart(
            title=title,
            svg=charts.pairs("standing-growth", pairs, alt=title, rtl=edition.rtl),
            alt=title,
            foot=edition.say("standing.chart_foot"),
        ),
    )


def _observation_table(edition: Edition, rows: list[Row]) -> tuple[Table, ...]:
    if not rows:
        return ()
    say = edition.say
    ordered = sorted(
        rows,
        key=lambda row: (row["indicator"], row["product"] or "", Period.parse(row["period"])),
    )
    frame = pl.DataFrame(
        {
            "series": [series_name(edition, row) for row in ordered],
            "period": [edition.period_alone(row["period"]) for row in ordered],
            "across": [edition.period_across(row["period"]) for row in ordered],
            "value": [row["value"] for row in ordered],
            "unit": [edition.name("unit", row["unit"]) for row in ordered],
            "growth": [row["growth"] for row in ordered],
            "stated": [row["stated"] for row in ordered],
            "status": [_status(edition, row) for row in ordered],
            "said": [_said(edition, row) for row in ordered],
        },
        schema_overrides={
            "growth": pl.Float64,
            "stated": pl.Float64,
            "value": pl.Decimal(38, 6),
        },
    )
    bound, frame = bounded(edition, frame, [is_over(row) for row in ordered], "growth")
    return (
        Table(
            title=say("standing.table"),
            columns=(
                Column("series", say("column.series")),
                Column("period", say("column.period")),
                Column("across", say("column.across")),
                Column("value", say("column.value"), "number", decimals=None),
                *bound,
                Column("unit", say("column.unit")),
                Column("growth", say("column.growth"), "share", decimals=1),
                Column("stated", say("column.stated"), "share"),
                Column("status", say("column.status")),
                Column("said", say("column.statement")),
            ),
            frame=frame,
            note=noted(edition, say("standing.table_note"), bound),
        ),
    )


def _target_table(edition: Edition, targets: pl.DataFrame) -> tuple[Table, ...]:
    if targets.is_empty():
        return ()
    say = edition.say
    observations = edition.table("observations")
    observed = observations.filter(~observations["indicator"].str.ends_with(_STATED))
    compared = against_targets(observed, targets)
    rows = list(compared.iter_rows(named=True))
    frame = pl.DataFrame(
        {
            "series": [series_name(edition, row) for row in rows],
            "period": [edition.period(row["period"]) for row in rows],
            "target": [row["target"] for row in rows],
            "unit": [edition.name("unit", row["unit"]) for row in rows],
            "observed": [row["observed"] for row in rows],
            "of": [
                edition.period(row["observed_period"]) if row["observed_period"] else ""
                for row in rows
            ],
            "attained": [row["attained"] for row in rows],
            "needed": [row["growth_needed"] for row in rows],
            "said": [edition.stated(row) for row in targets.iter_rows(named=True)],
            "source": targets["source"].to_list(),
        },
        schema_overrides={
            "target": pl.Decimal(38, 6),
            "observed": pl.Decimal(38, 6),
            "attained": pl.Float64,
            "needed": pl.Float64,
        },
    )
    bound, frame = bounded(edition, frame, observed_over(observed, rows), "attained")
    return (
        Table(
            title=say("standing.target_table"),
            columns=(
                Column("series", say("column.series")),
                Column("period", say("column.period")),
                Column("target", say("column.target"), "number", decimals=None),
                Column("unit", say("column.unit")),
                Column("observed", say("column.observed"), "number", decimals=None),
                *bound,
                Column("of", say("column.observed_period")),
                Column("attained", say("column.reached"), "share"),
                Column("needed", say("column.needed_growth"), "share", decimals=1),
                Column("said", say("column.statement")),
                Column("source", say("column.source")),
            ),
            frame=frame,
            note=noted(edition, say("standing.target_note"), bound),
        ),
    )
