"""What holds a chain back: the bottleneck and the next three, and what capacity is worth."""

from collections.abc import Sequence
from typing import Any, Final

import polars as pl

from onshore.report.bulletin import Chart, Section, Table
from onshore.report.chain_finding import ChainFinding
from onshore.report.charts import Segment
from onshore.report.ranked import Ranked, ranked

_SHARES: Final = ("use",)
_STEPS: Final = {
    "process": "chain.step_process",
    "imports": "chain.step_imports",
    "exports": "chain.step_exports",
    "links": "chain.step_links",
    "limit": "chain.step_limit",
}


def step_told(finding: ChainFinding, kind: str, step: str) -> str:
    """Name a step: the capacity of a process, imports of a commodity ..."""
    key = _STEPS.get(kind)
    return finding.say(key, step=finding.of(step)) if key else finding.of(step)


def bottlenecks_section(finding: ChainFinding) -> Section | None:
    """Tell what binds and what would bind next."""
    if "bottlenecks" not in finding.tables:
        return None
    say = finding.say
    rows = finding.tables["bottlenecks"].to_dicts()
    tables: list[Table] = []
    if finding.has("bottlenecks", "rank"):
        frame = _steps_named(finding, finding.tables["bottlenecks"])
        unit = str(rows[0]["unit"]).partition(" per ")[0]
        keys: tuple[str, ...] = (
            "rank",
            "step",
            "name",
            "place",
            "worth",
            "unit",
            "more",
            "gain",
            "total",
        )
        money: tuple[str, ...] = ("gain", "total") if _is_money(finding, unit) else ()
        title = say("chain.bottleneck_table")
        note = say("chain.bottleneck_note")
        tables.append(finding.chain_table(title, frame, keys, money=money, note=note))
    if finding.has("capacity_worth", "kind", "step", "worth"):
        worth = _steps_named(finding, finding.tables["capacity_worth"])
        unit = str(worth["unit"][0]).partition(" per ")[0]
        money = ("percent",) if _is_money(finding, unit) else ()
        keys = ("step", "name", "place", "worth", "unit", "percent", "use")
        title = say("chain.worth_table")
        tables.append(finding.chain_table(title, worth, keys, rows=12, money=money, shares=_SHARES))
    if not rows:
        return Section(
            key="bottlenecks",
            title=say("chain.bottleneck_none"),
            lead=say("chain.bottleneck_none_lead"),
            name=say("chain.bottleneck_name"),
            tables=tuple(tables),
        )
    first = rows[0]
    told = step_told(finding, first["kind"], first["step"])
    return Section(
        key="bottlenecks",
        title=say("chain.bottleneck_title", step=told),
        lead=say("chain.bottleneck_lead"),
        name=say("chain.bottleneck_name"),
        charts=_bottleneck_chart(finding, rows),
        tables=tuple(tables),
    )


def _is_money(finding: ChainFinding, unit: str) -> bool:
    return unit == str(finding.metadata.get("currency"))


def _steps_named(finding: ChainFinding, frame: pl.DataFrame) -> pl.DataFrame:
    """Name steps by their kind, and the plant where one more unit is worth most."""
    steps = [
        step_told(finding, kind, step) for kind, step in frame.select("kind", "step").iter_rows()
    ]
    names = [
        finding.named("asset", name) if kind == "process" else name
        for kind, name in frame.select("kind", "name").iter_rows()
    ]
    return frame.with_columns(
        step=pl.Series(steps, dtype=pl.String), name=pl.Series(names, dtype=pl.String)
    )


def _bottleneck_chart(finding: ChainFinding, rows: Sequence[dict[str, Any]]) -> tuple[Chart, ...]:
    """Draw what widening each bottleneck in turn would bring."""
    known = [row for row in rows if row["gain"] is not None]
    if not known or all(row["gain"] <= 0 for row in known):
        return ()
    say = finding.say
    bars = []
    for row in known:
        over, _, under = str(row["unit"]).partition(" per ")
        more = finding.quantity(row["more"] or 0.0, under.removesuffix(" a year"))
        bars.append(
            Ranked(
                step_told(finding, row["kind"], row["step"]),
                (Segment(max(row["gain"], 0.0), "graphite"),),
                finding.objective(row["gain"], over),
                note=say("chain.with_more", more=more),
            )
        )
    title = say("chain.bottleneck_chart")
    svg = ranked("chain-bottlenecks", bars, alt=title, rtl=finding.rtl)
    return (finding.picture(title, svg, foot=say("chain.bottleneck_foot")),)
