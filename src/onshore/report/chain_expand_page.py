"""The page of an expansion: what to build, where and when, and what parts it consumes."""

from typing import Final

import polars as pl

from onshore.report.bulletin import Chart, Section
from onshore.report.chain_charts import stream_chart
from onshore.report.chain_finding import ChainFinding
from onshore.report.chain_flow_page import notes_of
from onshore.report.charts import Segment
from onshore.report.ranked import Ranked, ranked
from onshore.report.reasons import reason_in

_BARS: Final = 12
_SHARES: Final = ("use", "share")


def compose_expand(finding: ChainFinding) -> list[Section]:
    """Show the results of ``onshore chain expand``.

    Parameters
    ----------
    finding
        Tables ``built``, ``left_out``, ``spending``, ``needs``, ``frontier``, ``streams``,
        ``sites`` and ``names``; metadata ``gain`` and ``gain_unit``.
    """
    sections = (_built(finding), _spending(finding), _needs(finding), _flows_after(finding))
    return [section for section in sections if section is not None]


def _built(finding: ChainFinding) -> Section | None:
    """Tell what to build, where and when."""
    if "built" not in finding.tables:
        return None
    say = finding.say
    rows = finding.tables["built"]
    tables = []
    charts: tuple[Chart, ...] = ()
    name = say("chain.built_name")
    cost = float(rows["cost"].sum()) if rows.height else 0.0
    if rows.height:
        named = _named_projects(finding, rows)
        keys: tuple[str, ...] = ("name", "process", "place", "capacity", "unit", "share", "year",
                "finished", "cost", "use", "gain")  # fmt: skip
        money = ("cost", "gain") if _in_money(finding) else ("cost",)
        title = say("chain.built_table")
        tables.append(finding.chain_table(title, named, keys, rows=30, money=money, shares=_SHARES))
        ordered = named.sort("cost", descending=True)
        unit = finding.unit(ordered["cost"].head(_BARS))
        bars = [
            Ranked(
                row["name"],
                (Segment(row["cost"] or 0.0, "graphite"),),
                finding.in_unit(row["cost"] or 0.0, unit),
                note=finding.listed(
                    [finding.year(row["year"]), finding.quantity(row["capacity"], row["unit"])]
                ),
            )
            for row in ordered.head(_BARS).iter_rows(named=True)
        ]
        chart_title = finding.titled(say("chain.built_chart"), unit)
        svg = ranked("chain-built", bars, alt=chart_title, rtl=finding.rtl)
        charts = (finding.picture(chart_title, svg),)
    if finding.has("left_out", "project", "reason"):
        keys = ("name", "process", "place", "capacity", "unit", "cost", "reason")
        left = _named_projects(finding, finding.tables["left_out"])
        told = [reason_in(finding.locale, reason) for reason in left["reason"]]
        left = left.with_columns(reason=pl.Series(told, dtype=pl.String))
        tables.append(finding.chain_table(say("chain.left_out_table"), left, keys, money=("cost",)))
    gain = float(finding.metadata.get("gain") or 0.0)
    unit_told = str(finding.metadata.get("gain_unit") or finding.metadata.get("currency") or "")
    title = (
        finding.words.count(
            "chain.built_title",
            rows.height,
            number=finding.number(rows.height),
            cost=finding.amount(cost),
            gain=finding.objective(gain, unit_told),
        )
        if rows.height
        else say("chain.built_none")
    )
    return Section(
        key="built",
        title=title,
        lead=say("chain.built_lead"),
        name=name,
        charts=charts,
        tables=tuple(tables),
        notes=notes_of(finding),
    )


def _in_money(finding: ChainFinding) -> bool:
    return str(finding.metadata.get("gain_unit")) == str(finding.metadata.get("currency"))


def _named_projects(finding: ChainFinding, rows: pl.DataFrame) -> pl.DataFrame:
    names = [
        own if (own := finding.named("project", key)) != key else (name or key)
        for key, name in rows.select("project", "name").iter_rows()
    ]
    return rows.with_columns(name=pl.Series(names, dtype=pl.String))


def _spending(finding: ChainFinding) -> Section | None:
    """Tell what of each year's budget is spent, and what more of it would bring."""
    if not finding.has("spending", "year", "budget", "spent", "left"):
        return None
    say = finding.say
    rows = finding.tables["spending"].sort("year", maintain_order=True)
    keys = ("year", "budget", "spent", "left")
    title = say("chain.spending_table")
    tables = [finding.chain_table(title, rows, keys, money=keys[1:])]
    if finding.has("frontier", "share", "budget", "gain"):
        money = ("budget", "spent", "gain") if _in_money(finding) else ("budget", "spent")
        told = ("share", "budget", "spent", "gain", "built")
        title = say("chain.frontier_table")
        tables.append(
            finding.chain_table(
                title, finding.tables["frontier"], told, money=money, shares=("share",)
            )
        )
    spent = float(rows["spent"].sum())
    shared = "spent" in (finding.metadata.get("beside") or {})
    # One budget for all years together has no part that is left of a single year.
    of_years = rows["budget"].null_count() == 0
    by = rows.group_by("year", maintain_order=True).agg(pl.col("spent", "left").sum())
    unit = finding.unit([*by["spent"], *by["left"]])
    bars = [
        Ranked(
            finding.year(row["year"]),
            (
                Segment(row["spent"], "graphite"),
                Segment(max(row["left"], 0.0) if of_years else 0.0, "pale"),
            ),
            finding.in_unit(row["spent"], unit),
        )
        for row in by.iter_rows(named=True)
    ]
    chart_title = finding.titled(say("chain.spending_chart"), unit)
    svg = ranked("chain-spending", bars, alt=chart_title, rtl=finding.rtl)
    return Section(
        key="spending",
        title=say("chain.spending_title", spent=finding.amount(spent)),
        lead=say("chain.spending_lead") if shared else "",
        name=say("chain.spending_name"),
        charts=(
            finding.picture(chart_title, svg, foot=say("chain.spending_foot") if of_years else ""),
        ),
        tables=tuple(tables),
    )


def _needs(finding: ChainFinding) -> Section | None:
    """List the parts that the chain consumes: needs of the localization plan."""
    if not finding.has("needs", "item", "year", "quantity"):
        return None
    say = finding.say
    rows = finding.tables["needs"]
    keys = ("item", "process", "year", "quantity", "unit")
    return Section(
        key="needs",
        title=say("chain.needs_title", number=finding.number(rows["item"].n_unique())),
        lead=say("chain.needs_lead"),
        name=say("chain.needs_name"),
        tables=(finding.chain_table(say("chain.needs_table"), rows, keys, rows=30),),
    )


def _flows_after(finding: ChainFinding) -> Section | None:
    """Draw the streams of the expanded chain."""
    year = finding.year_shown
    if year is None:
        return None
    title = finding.say("chain.after_chart", year=finding.year(year))
    chart = stream_chart(finding, year, title)
    if chart is None:
        return None
    return Section(
        key="flows",
        title=title,
        lead=finding.say("chain.flows_lead"),
        name=finding.say("chain.flows_name"),
        charts=(chart,),
    )
