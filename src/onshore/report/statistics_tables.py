"""The charts and tables of a statistical bulletin's section."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

import polars as pl

from onshore.figures import Period, Status, shown
from onshore.report import charts
from onshore.report.bounds import bounded, cut, is_over, noted, observed_over
from onshore.report.bulletin import Chart, Column, Table
from onshore.report.edition import Edition
from onshore.report.sections.standing import series_name
from onshore.report.statistics_rows import Row, Whole, changed
from onshore.report.statistics_template import SectionPlan
from onshore.series import against_targets

_NUMBER: Final = pl.Decimal(38, 6)
TIMES: Final = 2.0
"""A rise by so much, a fraction, is told as how many times."""

_ROWS: Final = 60
_PAIRS: Final = 8
_BARS: Final = 8
_COURSES: Final = 4


def own_places(rows: Iterable[Mapping[str, Any]]) -> int:
    """Count the most places after the mark that any value has."""
    values = [row["value"] for row in rows if row["value"] is not None]
    return max((len(shown.number(value, "en").partition(".")[2]) for value in values), default=0)


def charts_of(
    edition: Edition, plan: SectionPlan, rows: Sequence[Row], whole: Whole | None, key: str
) -> tuple[Chart, ...]:
    """Draw what a section asks for and its figures allow."""
    drawn: list[Chart] = []
    if "growth" in plan.show:
        drawn += _growth(edition, rows, key) if whole is None else _parts(edition, plan, whole, key)
    if "course" in plan.show:
        drawn += _courses(edition, rows, key)
    return tuple(drawn)


def tables_of(
    edition: Edition,
    plan: SectionPlan,
    rows: Sequence[Row],
    whole: Whole | None,
    targets: pl.DataFrame,
) -> tuple[Table, ...]:
    """Set the tables that a section asks for and has rows for."""
    tables: list[Table] = []
    if "whole" in plan.show and whole is not None:
        tables.append(_contributions(edition, plan, whole))
    if "table" in plan.show and rows:
        tables.append(_long(edition, rows))
    if "wide table" in plan.show and rows:
        tables.append(_wide(edition, rows))
    if "targets" in plan.show and not targets.is_empty():
        tables.append(_targets(edition, targets))
    return tuple(tables)


def newest_compared(rows: Sequence[Row]) -> list[Row]:
    """Give each series' newest row that has its year before, both observed."""
    return list({_series(row): row for row in rows if row["value_before"] is not None}.values())


def whole_name(edition: Edition, plan: SectionPlan) -> str:
    """Name a whole: as the template does, else by its parts."""
    parts = edition.both([edition.name("product", name) for name in plan.whole])
    return plan.whole_name.of(edition.locale) or edition.say("statistics.together", products=parts)


def _parts(edition: Edition, plan: SectionPlan, whole: Whole, key: str) -> list[Chart]:
    """Draw the parts of a whole and the whole, each over its year before."""
    name = whole_name(edition, plan)
    places = own_places(whole.rows)
    period = Period.parse(whole.rows[0]["period"])
    unit = edition.name("unit", whole.unit)
    told: dict[str, str] = {}
    pairs = []
    for line in whole.table.iter_rows(named=True):
        told = {
            name: edition.say(
                "standing.value", number=edition.number(line[name], places), unit=unit
            )
            for name in ("value", "value_before")
        }
        label = edition.name("product", line["part"]) if line["part"] else name
        pairs.append(
            charts.Pair(
                label=label[:1].upper() + label[1:],
                before=float(line["value_before"]),
                before_label=edition.short_period(period.year_before()),
                before_shown=told["value_before"],
                now=float(line["value"]),
                now_label=edition.short_period(period),
                now_shown=told["value"],
                change=edition.signed_percent(line["growth"], 1) if line["growth"] else "",
            )
        )
    if any(pair.now < 0 or (pair.before or 0) < 0 for pair in pairs):
        return []
    title = edition.say(
        "statistics.whole_chart", whole=name, value=told["value"], before=told["value_before"]
    )
    title = title[:1].upper() + title[1:]
    svg = charts.pairs(f"{key}-whole", pairs, alt=title, rtl=edition.rtl, one_scale=True)
    return [Chart(title=title, svg=svg, alt=title, foot=edition.say("statistics.whole_foot"))]


def _contributions(edition: Edition, plan: SectionPlan, whole: Whole) -> Table:
    """Set what each part adds to the change of the whole, the whole as the last line."""
    say, unit = edition.say, edition.name("unit", whole.unit)
    names = [edition.name("product", part) for part in whole.table["part"][:-1]]
    frame = whole.table.with_columns(
        part=pl.Series([_capital(name) for name in (*names, whole_name(edition, plan))])
    )
    places = own_places(whole.rows)
    over = [is_over(row) for row in whole.rows]
    bound, frame = bounded(edition, frame, [*over, any(over)], "growth")
    return Table(
        title=say("statistics.whole_table"),
        columns=(
            Column("part", say("statistics.part")),
            Column("value", say("column.value"), "number", unit, places),
            *bound,
            Column("value_before", say("statistics.year_before"), "number", unit, places),
            Column("change", say("statistics.change"), "number", unit, places),
            Column("growth", say("column.growth"), "share", decimals=1),
            Column("contribution", say("statistics.contribution"), "share", decimals=1),
        ),
        frame=frame,
        total=True,
        note=noted(edition, say("statistics.whole_note"), bound),
    )


def _growth(edition: Edition, rows: Sequence[Row], key: str) -> list[Chart]:
    """Draw each series' newest figure over that of the year before, both observed."""
    compared = newest_compared(rows)
    drawn = [row for row in compared if row["value"] >= 0 and row["value_before"] >= 0]
    if not drawn:
        return []
    pairs = [_pair(edition, row) for row in drawn[:_PAIRS]]
    rising = sum(row["value"] > row["value_before"] for row in drawn[:_PAIRS])
    title = edition.count(
        "standing.chart", rising, rising=edition.number(rising), series=edition.number(len(pairs))
    )
    if len(drawn) == 1:
        title = _one_moved(edition, drawn[0])
    svg = charts.pairs(f"{key}-growth", pairs, alt=title, rtl=edition.rtl)
    return [Chart(title=title, svg=svg, alt=title, foot=edition.say("standing.chart_foot"))]


def _pair(edition: Edition, row: Row) -> charts.Pair:
    period = Period.parse(row["period"])
    growth = row["growth"]
    return charts.Pair(
        label=series_name(edition, row),
        before=float(row["value_before"]),
        before_label=edition.short_period(period.year_before()),
        before_shown=_valued(edition, row, row["value_before"]),
        now=float(row["value"]),
        now_label=edition.short_period(period),
        now_shown=_over(edition, row, _valued(edition, row, row["value"])),
        change=""
        if growth is None
        else _over(edition, row, _changed(edition, growth, over=is_over(row))),
    )


def _one_moved(edition: Edition, row: Row) -> str:
    rose = row["value"] >= row["value_before"]
    return edition.say(
        "statistics.one_rose" if rose else "statistics.one_fell",
        series=series_name(edition, row),
        value=_valued(edition, row, row["value"]),
        before=_valued(edition, row, row["value_before"]),
        period=edition.the_period(Period.parse(row["period"])),
    )


def _courses(edition: Edition, rows: Sequence[Row], key: str) -> list[Chart]:
    """Draw each series of two periods or more of one kind as bars over its periods."""
    found: list[Chart] = []
    for number, (_, members) in enumerate(groupby(rows, key=_course)):
        bars = list(members)[-_BARS:]
        if len(bars) < 2 or len(found) == _COURSES or min(row["value"] for row in bars) < 0:
            continue
        first, last = bars[0], bars[-1]
        title = edition.say(
            "statistics.course",
            series=series_name(edition, last),
            first_value=_valued(edition, first, first["value"]),
            first=edition.the_period(Period.parse(first["period"])),
            last_value=_over(edition, last, _valued(edition, last, last["value"])),
            last=edition.the_period(Period.parse(last["period"])),
        )
        places = own_places(bars)
        columns = [
            charts.Column(
                label=edition.short_period(Period.parse(row["period"])),
                value=float(row["value"]),
                shown=_over(edition, row, edition.number(row["value"], places)),
            )
            for row in bars
        ]
        unit = edition.name("unit", last["unit"])
        svg = charts.columns(
            f"{key}-course-{number}", columns, paint="graphite", alt=title, rtl=edition.rtl
        )
        foot = edition.say("statistics.course_foot", unit=unit)
        found.append(Chart(title=title, svg=svg, alt=title, foot=foot))
    return found


def _long(edition: Edition, rows: Sequence[Row]) -> Table:
    """Set one line for each series and period."""
    say = edition.say
    changes = [changed(row) for row in rows]
    frame = pl.DataFrame(
        {
            "series": [series_name(edition, row) for row in rows],
            "period": [edition.period_alone(row["period"]) for row in rows],
            "when": [_when(edition, row["period"]) for row in rows],
            "value": [row["value"] for row in rows],
            "unit": [edition.name("unit", row["unit"]) for row in rows],
            "before": [row["value_before"] for row in rows],
            "growth": [row["growth"] for row in rows],
            "stated": [row["stated"] for row in rows],
            "status": [Status.parse(row["status"]).label(edition.locale) for row in rows],
        },
        schema_overrides={
            "value": _NUMBER,
            "before": _NUMBER,
            "growth": pl.Float64,
            "stated": pl.Float64,
        },
    )
    one = _one_unit(edition, rows)
    bound, frame = bounded(edition, frame, [is_over(row) for row in rows], "growth")
    columns = [
        Column("series", say("column.series")),
        Column("when", say("column.period")),
        Column("value", say("column.value"), "number", one, decimals=None),
        *bound,
        Column("unit", say("column.unit")),
        Column("before", say("statistics.year_before"), "number", one, decimals=None),
        Column("growth", say("column.growth"), "share", decimals=1),
        Column("stated", say("column.stated"), "share"),
        Column("status", say("column.status")),
    ]
    wholes = [_growth_of_whole(edition, row) for row in rows]
    if any(wholes):
        frame = frame.with_columns(whole=pl.Series(wholes, dtype=pl.String))
        columns.insert(-1, Column("whole", say("statistics.growth_of_whole")))
    optional = {"before": any(c and not c.stated for c in changes), "stated": _any(rows, "stated")}
    optional |= {"growth": optional["before"], "unit": not one}
    kept = tuple(column for column in columns if optional.get(column.key, True))
    note = say("statistics.table_note") if optional["before"] or optional["stated"] else ""
    note = noted(edition, note, bound)
    return Table(title=say("standing.table"), columns=kept, frame=frame, note=note, shown=_ROWS)


def _when(edition: Edition, text: str) -> str:
    """Write a period in its own calendar, and its days in the other."""
    across = edition.period_across(text)
    return " · ".join(filter(None, (edition.period_alone(text), across)))


def _growth_of_whole(edition: Edition, row: Row) -> str:
    if row.get("whole_growth") is None:
        return ""
    whole = edition.name("product", row["whole"])
    return f"{whole}: {edition.signed_percent(row['whole_growth'], 1)}"


def _wide(edition: Edition, rows: Sequence[Row]) -> Table:
    """Set one line for each series, its periods side by side, the newest with its change."""
    say = edition.say
    periods = sorted({Period.parse(row["period"]) for row in rows}, key=lambda p: (p.end, p.start))
    lines: list[dict[str, Any]] = []
    for _, members in groupby(rows, key=_series):
        found = list(members)
        last = found[-1]
        line = {f"p{periods.index(Period.parse(r['period']))}": r["value"] for r in found}
        over = [edition.short_period(Period.parse(r["period"])) for r in found if is_over(r)]
        growth = last["growth"]
        told = edition.say("statistics.more_than_in", periods=edition.both(over)) if over else ""
        lines.append(
            {
                "series": series_name(edition, last),
                "unit": edition.name("unit", last["unit"]),
                "change": cut(growth, 3) if growth is not None and is_over(last) else growth,
                "bound": told,
                "status": Status.parse(last["status"]).label(edition.locale),
                **line,
            }
        )
    numbers = {f"p{number}": _NUMBER for number in range(len(periods))}
    texts = dict.fromkeys(("series", "unit", "status", "bound"), pl.String)
    frame = pl.DataFrame(lines, schema={**texts, "change": pl.Float64, **numbers})
    one = _one_unit(edition, rows)
    some = (frame["bound"] != "").any()
    bound = (Column("bound", say("column.bound")),) if some else ()
    columns = (
        Column("series", say("column.series")),
        *(() if one else (Column("unit", say("column.unit")),)),
        *(
            Column(f"p{number}", edition.short_period(period), "number", one, decimals=None)
            for number, period in enumerate(periods)
        ),
        *(
            (Column("change", say("statistics.last_change"), "share", decimals=1),)
            if frame["change"].is_not_null().any()
            else ()
        ),
        *bound,
        Column("status", say("column.status")),
    )
    note = noted(edition, "", bound)
    return Table(title=say("statistics.wide"), columns=columns, frame=frame, note=note)


def _targets(edition: Edition, targets: pl.DataFrame) -> Table:
    say = edition.say
    observations = edition.table("observations")
    compared = list(against_targets(observations, targets).iter_rows(named=True))
    frame = pl.DataFrame(
        {
            "series": [series_name(edition, row) for row in compared],
            "period": [edition.period(row["period"]) for row in compared],
            "target": [row["target"] for row in compared],
            "unit": [edition.name("unit", row["unit"]) for row in compared],
            "observed": [row["observed"] for row in compared],
            "of": [
                edition.period(row["observed_period"]) if row["observed_period"] else ""
                for row in compared
            ],
            "attained": [row["attained"] for row in compared],
            "needed": [row["growth_needed"] for row in compared],
        },
        schema_overrides={
            "target": _NUMBER,
            "observed": _NUMBER,
            "attained": pl.Float64,
            "needed": pl.Float64,
        },
    )
    bound, frame = bounded(edition, frame, observed_over(observations, compared), "attained")
    return Table(
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
        ),
        frame=frame,
        note=noted(edition, say("standing.target_note"), bound),
    )


def _one_unit(edition: Edition, rows: Sequence[Row]) -> str:
    """Name the unit of all rows, for the headings of their numbers; nothing where they differ."""
    units = {row["unit"] for row in rows}
    return edition.name("unit", units.pop()) if len(units) == 1 else ""


def _any(rows: Sequence[Row], key: str) -> bool:
    return any(row[key] is not None for row in rows)


def _series(row: Row) -> tuple[str, ...]:
    return tuple(row[key] or "" for key in ("indicator", "product", "place", "partner", "unit"))


def _course(row: Row) -> tuple[str, ...]:
    """Tell what may stand in one chart: a series, and its periods of one calendar and kind."""
    period = Period.parse(row["period"]).named()
    return (*_series(row), period.calendar, period.kind)


def supported(share: float, places: int = 1, *, over: bool) -> float:
    """Cut a rise that is told as *more than* to its digits: rounded up it would say too much.

    Examples
    --------
    >>> supported(4.0769, over=True), supported(0.2999, over=True), supported(4.0769, over=False)
    (4.0, 0.299, 4.0769)
    """
    return cut(share, 1 if share >= TIMES else places + 2) if over else share


def _changed(edition: Edition, share: float, *, over: bool = False) -> str:
    share = supported(share, over=over)
    if share >= TIMES:
        return edition.say("statistics.times", factor=edition.number(share + 1, 1))
    return edition.signed_percent(share, 1)


def _over(edition: Edition, row: Row, figure: str) -> str:
    """Say that a figure is more than what is given, where its source says so."""
    return edition.say("standing.over", figure=figure) if is_over(row) else figure


def _valued(edition: Edition, row: Row, value: Any) -> str:
    unit = edition.name("unit", row["unit"])
    return edition.say("standing.value", number=edition.number(value, None), unit=unit)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
