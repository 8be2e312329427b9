"""The page of a target: whether it is reached in time, by which projects, and if not, why."""

from typing import Any, Final

import polars as pl

from onshore.report.bulletin import Chart, Headline, Section
from onshore.report.chain_bottlenecks import step_told
from onshore.report.chain_finding import ChainFinding
from onshore.report.chain_flow_page import notes_of, sites_section
from onshore.report.charts import Segment
from onshore.report.fan import Aim, Range, fan
from onshore.report.ranked import Ranked, ranked

_BARS: Final = 12
_SHARES: Final = (
    "probability", "low", "high", "progress", "in_time", "if_in_time", "if_late", "needed_chance",
    "binds",
)  # fmt: skip
_FAN: Final = ("year", "p05", "p25", "p50", "p75", "p95")


def compose_target(finding: ChainFinding) -> list[Section]:
    """Show the results of ``onshore chain target``.

    Parameters
    ----------
    finding
        Tables ``fan``, ``projects``, ``steps``, ``shortfall``, ``sites`` and ``names``; metadata
        ``commodity``, ``amount``, ``year``, ``unit``, ``probability``, ``low``, ``high``,
        ``reachable`` and ``short``.
    """
    sections = (
        _reach(finding),
        _shortfall(finding),
        _projects(finding),
        _binding(finding),
        sites_section(finding),
    )
    return [section for section in sections if section is not None]


def _aim(finding: ChainFinding) -> tuple[str, str, str]:
    """Write the target's amount, commodity and year."""
    told = finding.metadata
    amount = finding.quantity(float(told["amount"]), told.get("unit"))
    return amount, finding.of(told["commodity"]), finding.year(told["year"])


def _reach(finding: ChainFinding) -> Section | None:
    """Tell how probable the target is, and draw what may come."""
    told = finding.metadata
    if not finding.has("fan", *_FAN) or "commodity" not in told:
        return None
    say = finding.say
    amount, commodity, year = _aim(finding)
    probability = float(told["probability"])
    values = {"amount": amount, "commodity": commodity, "year": year}
    title = (
        say("chain.target_title", chance=_chance(finding, probability), **values)
        if told.get("reachable", True)
        else say(
            "chain.target_beyond",
            short=finding.quantity(float(told["short"]), told.get("unit")),
            **values,
        )
    )
    headlines = [
        Headline(
            say("chain.chance"),
            _chance(finding, probability),
            status=say("chain.drawn"),
            note=say(
                "chain.chance_note",
                low=finding.percent(float(told["low"]), 1),
                high=finding.percent(float(told["high"]), 1),
                draws=finding.number(int(told["draws"])),
            ),
        )
    ]
    row = finding.tables["fan"].filter(pl.col("year") == told["year"]).to_dicts()
    if row:
        headlines += _of_the_year(finding, row[0])
    keys = ("year", "none", "latest", "likely", "earliest", "all", "p05", "p25", "p50", "p75",
            "p95", "amount", "probability")  # fmt: skip
    unit = finding.measure(told.get("unit"))
    table = finding.chain_table(
        say("chain.fan_table", commodity=commodity, unit=unit),
        finding.tables["fan"],
        keys,
        shares=("probability",),
        note=say("chain.fan_note"),
    )
    return Section(
        key="target",
        title=title,
        lead=say("chain.target_lead"),
        name=say("chain.target_name"),
        headlines=tuple(headlines),
        charts=_fan_chart(finding),
        tables=(table,),
        notes=notes_of(finding),
    )


def _chance(finding: ChainFinding, probability: float) -> str:
    """Write a probability; one that is not quite none or all is not rounded to it."""
    return finding.percent(
        probability, 1 if 0 < probability < 0.01 or 0.99 < probability < 1 else 0
    )


def _of_the_year(finding: ChainFinding, row: dict[str, Any]) -> list[Headline]:
    say, status = finding.say, finding.say("chain.computed")
    unit = finding.metadata.get("unit")
    parts = (("p50", "chain.middle", "chain.middle_note"), ("all", "chain.all", "chain.all_note"))
    return [
        Headline(
            say(label),
            finding.quantity(row[key], unit),
            status=status,
            note=say(note, none=finding.quantity(row.get("none") or 0.0, unit)),
        )
        for key, label, note in parts
        if row.get(key) is not None
    ]


def _fan_chart(finding: ChainFinding) -> tuple[Chart, ...]:
    told, say = finding.metadata, finding.say
    rows = finding.tables["fan"].drop_nulls(list(_FAN)).sort("year")
    if rows.is_empty():
        return ()
    amount, commodity, year = _aim(finding)
    years = rows["year"].to_list()
    # In the unit that amounts of this size are written in: kt, or million tonnes.
    scale, unit = finding.axis_unit(float(rows["p95"].max()), told.get("unit"))  # type: ignore[arg-type]

    def scaled(column: str) -> tuple[float, ...]:
        return tuple(value * scale for value in rows[column])

    title = say("chain.fan_chart", commodity=commodity)
    svg = fan(
        "chain-fan",
        [finding.year(one) for one in years],
        scaled("p50"),
        [
            Range(say("chain.nine_of_ten"), scaled("p05"), scaled("p95")),
            Range(say("chain.half"), scaled("p25"), scaled("p75")),
        ],
        middle_name=say("chain.median"),
        name=say("chain.a_year", unit=unit),
        shown=finding.number,
        alt=title,
        aims=[
            Aim(
                say("chain.aim", amount=amount),
                float(told["amount"]) * scale,
                years.index(told["year"]) if told["year"] in years else None,
            )
        ],
        rtl=finding.rtl,
    )
    return (finding.picture(title, svg, foot=say("chain.fan_foot", year=year)),)


def _shortfall(finding: ChainFinding) -> Section | None:
    """Where all projects are not enough: which step is short, and by how much."""
    if not finding.has("shortfall", "kind", "step", "more", "unit"):
        return None
    say = finding.say
    rows = finding.tables["shortfall"]
    named = [step_told(finding, kind, step) for kind, step in rows.select("kind", "step").rows()]
    first = rows.to_dicts()[0]
    return Section(
        key="shortfall",
        title=say(
            "chain.short_title", step=named[0], more=finding.quantity(first["more"], first["unit"])
        ),
        lead=say("chain.short_lead"),
        name=say("chain.short_name"),
        tables=(
            finding.chain_table(
                say("chain.short_table"),
                rows.with_columns(step=pl.Series(named)),
                ("step", "more", "unit"),
            ),
        ),
    )


def _projects(finding: ChainFinding) -> Section | None:
    """Tell which projects the target hangs on: those whose delay costs it most."""
    if not finding.has("projects", "project", "in_time"):
        return None
    say = finding.say
    rows = finding.tables["projects"]
    known = {"if_in_time", "if_late"} <= set(rows.columns)
    if known:
        rows = rows.with_columns(hangs=pl.col("if_in_time") - pl.col("if_late")).sort(
            "hangs", "capacity", descending=True, nulls_last=True
        )
    named = rows.with_columns(
        name=pl.Series(
            [
                own if (own := finding.named("project", key)) != key else (name or key)
                for key, name in rows.select("project", "name").iter_rows()
            ],
            dtype=pl.String,
        )
    )
    keys = ("name", "process", "place", "capacity", "unit", "progress", "finish_likely", "in_time",
            "if_in_time", "if_late", "needed_by", "needed_chance")  # fmt: skip
    table = finding.chain_table(say("chain.projects_table"), named, keys, rows=30, shares=_SHARES)
    bars = [
        Ranked(
            row["name"],
            (Segment(row["in_time"], "graphite"),),
            finding.percent(row["in_time"]),
            note=finding.quantity(row["capacity"], row["unit"]),
        )
        for row in named.drop_nulls("in_time").head(_BARS).iter_rows(named=True)
    ]
    chart_title = say("chain.projects_chart")
    charts = (
        (
            finding.picture(
                chart_title, ranked("chain-projects", bars, alt=chart_title, rtl=finding.rtl)
            ),
        )
        if bars
        else ()
    )
    needed = (
        named.filter(pl.col("needed_by").is_not_null()).height
        if "needed_by" in named.columns
        else 0
    )
    title = (
        say(
            "chain.projects_needed",
            number=finding.number(needed),
            of=finding.number(named.height),
        )
        if needed
        else say("chain.projects_title", number=finding.number(named.height))
    )
    return Section(
        key="projects",
        title=title,
        lead=say("chain.projects_lead"),
        name=say("chain.projects_name"),
        charts=charts,
        tables=(table,),
    )


def _binding(finding: ChainFinding) -> Section | None:
    """Tell what holds output back in that year, and in how many of the draws."""
    if not finding.has("steps", "kind", "step", "binds"):
        return None
    say = finding.say
    rows = finding.tables["steps"].filter(pl.col("binds") > 0)
    if rows.is_empty():
        return None
    named = [step_told(finding, kind, step) for kind, step in rows.select("kind", "step").rows()]
    rows = rows.with_columns(step=pl.Series(named, dtype=pl.String))
    bars = [
        Ranked(row["step"], (Segment(row["binds"], "graphite"),), finding.percent(row["binds"]))
        for row in rows.head(_BARS).iter_rows(named=True)
    ]
    chart_title = say("chain.binds_chart")
    svg = ranked("chain-binding", bars, alt=chart_title, rtl=finding.rtl)
    keys = ("step", "binds", "worth", "unit")
    return Section(
        key="steps",
        title=say(
            "chain.binds_title", step=named[0], share=finding.percent(float(rows["binds"][0]))
        ),
        lead="",
        name=say("chain.binds_name"),
        charts=(finding.picture(chart_title, svg),),
        tables=(finding.chain_table(say("chain.binds_table"), rows, keys, shares=_SHARES),),
    )
