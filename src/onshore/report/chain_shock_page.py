"""The page of shocks: what is lost without each node, how long it is stood, what protects."""

from collections.abc import Sequence
from typing import Any, Final

import polars as pl

from onshore.report.bulletin import Chart, Headline, Section, Table
from onshore.report.chain_finding import ChainFinding
from onshore.report.chain_flow_page import notes_of
from onshore.report.charts import Segment
from onshore.report.plant_map import MapKey, Site, plant_map
from onshore.report.ranked import Ranked, ranked

_BARS: Final = 12
_LABELLED: Final = 6
_SHARES: Final = ("share", "output_share", "exposure", "lost_share")


def compose_shock(finding: ChainFinding) -> list[Section]:
    """Show the results of ``onshore chain shock``.

    Parameters
    ----------
    finding
        Tables ``losses`` (of ``shock`` or ``rank_losses``) and, where they are there, ``cuts``,
        ``protection``, ``kept_ready``, ``protected``, ``sites`` and ``names``.
    """
    sections = (_losses(finding), _cuts(finding), _protection(finding), _protected(finding))
    return [section for section in sections if section is not None]


def _losses(finding: ChainFinding) -> Section | None:
    """Rank what is lost, and tell how long each loss can be stood."""
    if not finding.has("losses", "node", "lost", "unit", "weeks"):
        return None
    say = finding.say
    frame = finding.tables["losses"].sort("lost", descending=True, maintain_order=True)
    rows = frame.to_dicts()
    first = rows[0]
    hurt = [row for row in rows if row["lost"] > 0]
    name = _node(finding, first)
    lost = finding.objective(first["lost"], _of(finding, first))
    title = (
        say("chain.shock_title", node=name, lost=lost, weeks=_weeks(finding, first["weeks"]))
        if hurt
        else say("chain.shock_none")
    )
    keys: tuple[str, ...] = ("rank", "kind", "node", "place", "season", "weeks", "share", "lost",
            "unit", "output_lost", "output_unit", "output_share", "weeks_to_survive",
            "weeks_to_recover", "exposure")  # fmt: skip
    money = ("lost",) if first["unit"] == str(finding.metadata.get("currency")) else ()
    # Where what is lost is output, it is told once.
    told_apart = {
        "unit": not money,
        "share": bool((frame["share"] < 1).any()),
        "output_lost": bool(money),
        "output_unit": bool(money),
    }
    keys = tuple(key for key in keys if told_apart.get(key, True))
    named = frame.with_columns(node=pl.Series([_node(finding, row) for row in rows]))
    table = finding.chain_table(
        say("chain.shock_table"), named, keys, rows=25, money=money, shares=_SHARES,
        note=say("chain.shock_note"),
    )  # fmt: skip
    return Section(
        key="losses",
        title=title,
        lead=say("chain.shock_lead"),
        name=say("chain.shock_name"),
        headlines=_headlines(finding, rows, hurt),
        charts=tuple(_charts(finding, hurt)),
        tables=(table,),
        notes=notes_of(finding),
    )


def _node(finding: ChainFinding, row: dict[str, Any]) -> str:
    """Name what is lost: as the tables call it, in the page's language where they do."""
    kind = {"plant": "asset", "province": "place"}.get(row["kind"], row["kind"])
    called = finding.named(kind, row["node"])
    if called != str(row["node"]):
        return called
    name = finding.translated(str(row.get("name") or row["node"]))
    # A plant is called as its first unit, whose name ends in what it is.
    return name.partition(":")[0] if row["kind"] == "plant" else name


def _weeks(finding: ChainFinding, weeks: float) -> str:
    return finding.number(weeks, 0 if weeks >= 10 or weeks == round(weeks) else 1)


def _of(finding: ChainFinding, row: dict[str, Any]) -> str:
    """Give the unit of what is lost, with the commodity where it is output."""
    unit = str(row["unit"])
    if unit == str(finding.metadata.get("currency")) or not row.get("commodity"):
        return unit
    return f"{unit} of {finding.of(row['commodity'])}"


def _headlines(
    finding: ChainFinding, rows: Sequence[dict[str, Any]], hurt: Sequence[dict[str, Any]]
) -> tuple[Headline, ...]:
    say, status = finding.say, finding.say("chain.computed")
    told = [
        Headline(
            say("chain.tried"),
            finding.number(len(rows)),
            status=status,
            note=say("chain.tried_note", number=finding.number(len(rows) - len(hurt))),
        )
    ]
    at_once = [row for row in hurt if row["weeks_to_survive"] == 0]
    known = [row for row in hurt if row["survives"] is not None]
    if known:
        told.append(
            Headline(
                say("chain.at_once"),
                finding.number(len(at_once)),
                status=status,
                note=say("chain.at_once_note", number=finding.number(len(known))),
            )
        )
    return tuple(told)


def _charts(finding: ChainFinding, hurt: Sequence[dict[str, Any]]) -> list[Chart]:
    if not hurt:
        return []
    say = finding.say
    bars = []
    for row in hurt[:_BARS]:
        weeks = row["weeks_to_survive"]
        note = ""
        if row["survives"]:
            note = say("chain.endless")
        elif weeks is not None:
            stands = say("chain.stands", weeks=_weeks(finding, weeks))
            note = stands if weeks > 0 else say("chain.not_at_all")
        lost = finding.objective(row["lost"], row["unit"])
        bars.append(
            Ranked(_node(finding, row), (Segment(row["lost"], "missing"),), lost, note=note)
        )
    title = say("chain.shock_chart")
    svg = ranked("chain-losses", bars, alt=title, rtl=finding.rtl)
    charts = [finding.picture(title, svg, foot=say("chain.shock_foot"))]
    drawn = _map(finding, hurt)
    return [*charts, drawn] if drawn is not None else charts


def _map(finding: ChainFinding, hurt: Sequence[dict[str, Any]]) -> Chart | None:
    """Draw what is lost where it stands."""
    if not finding.has("sites", "site", "lat", "lon", "place"):
        return None
    frame = finding.tables["sites"].drop_nulls(["lat", "lon"])
    of_site = {
        site: (lat, lon) for site, lat, lon in frame.select("site", "lat", "lon").iter_rows()
    }
    by_place = frame.group_by("place").agg(pl.col("lat").mean(), pl.col("lon").mean())
    of_place = {place: (lat, lon) for place, lat, lon in by_place.iter_rows()}
    told: dict[tuple[float, float], list[dict[str, Any]]] = {}
    for row in hurt:
        at = of_site.get(row["node"]) or of_place.get(row["place"] or row["node"])
        if at is not None:
            told.setdefault(at, []).append(row)
    if len(told) < 2:
        return None
    say = finding.say
    sites = []
    for (lat, lon), rows in told.items():
        # Losses of one spot are alternatives: the largest is shown, never their sum.
        worst = max(rows, key=lambda row: row["lost"])
        name = _node(finding, worst).partition(":")[0]
        lost = finding.objective(worst["lost"], worst["unit"])
        title = say("chain.shock_site", name=name, lost=lost)
        sites.append(Site(lon, lat, worst["lost"], label=name, title=title))
    sites.sort(key=lambda site: -site.now)
    sites = [
        site if number < _LABELLED else Site(site.lon, site.lat, site.now, title=site.title)
        for number, site in enumerate(sites)
    ]
    title = say("chain.shock_map")
    svg = plant_map(
        "chain-loss-map",
        sites,
        words=MapKey(now=say("chain.shock_map_key")),
        alt=title,
        outlines=finding.outlines,
        paint="missing",
        rtl=finding.rtl,
    )
    return finding.picture(title, svg)


def _cuts(finding: ChainFinding) -> Section | None:
    """Tell what a cut that is foreseen costs in output."""
    if not finding.has("cuts", "commodity", "season", "made", "made_with"):
        return None
    say = finding.say
    rows = finding.tables["cuts"].filter(pl.col("lost").abs() > 1e-9)
    if rows.is_empty():
        return Section(
            key="cuts",
            title=say("chain.cut_none"),
            lead=say("chain.cut_lead"),
            name=say("chain.cut_name"),
        )
    main = finding.main
    of_main = rows.filter(pl.col("commodity") == main)
    lost = float(of_main["lost"].sum()) if main is not None else 0.0
    title = (
        say(
            "chain.cut_title",
            lost=finding.quantity_of(lost, main),
            commodity=finding.of(main),
        )
        if main is not None and lost > 0
        else say("chain.cut_some")
    )
    charts: list[Chart] = []
    if main is not None and of_main.height:
        by = (
            finding.tables["cuts"]
            .filter(pl.col("commodity") == main)
            .group_by("season", maintain_order=True)
            .agg(pl.col("made_with").sum(), pl.col("lost").sum())
        )
        bars = [
            Ranked(
                finding.term(row["season"]),
                (
                    Segment(max(row["made_with"], 0.0), "graphite"),
                    Segment(max(row["lost"], 0.0), "missing"),
                ),
                finding.quantity_of(row["made_with"], main),
                note=say("chain.cut_less", lost=finding.quantity_of(row["lost"], main)),
            )
            for row in by.iter_rows(named=True)
        ]
        chart_title = say("chain.cut_chart", commodity=finding.of(main))
        svg = ranked("chain-cuts", bars, alt=chart_title, rtl=finding.rtl)
        charts.append(finding.picture(chart_title, svg))
    keys = ("commodity", "year", "season", "made", "made_with", "lost", "lost_share", "unserved",
            "unserved_with", "unit")  # fmt: skip
    table = finding.chain_table(say("chain.cut_table"), rows, keys, rows=30, shares=_SHARES)
    return Section(
        key="cuts",
        title=title,
        lead=say("chain.cut_lead"),
        name=say("chain.cut_name"),
        charts=tuple(charts),
        tables=(table,),
    )


def _protection(finding: ChainFinding) -> Section | None:
    """Price what could be kept ready."""
    if not finding.has("protection", "option", "avoided", "shock"):
        return None
    say = finding.say
    rows = finding.tables["protection"]
    helps = rows.filter(pl.col("avoided") > 0)
    title = (
        say("chain.protect_title", option=helps["option"][0])
        if helps.height
        else say("chain.protect_none")
    )
    rows = rows.rename({"kind": "protection"})
    keys = ("shock", "option", "protection", "commodity", "place", "unit", "avoided", "lost_unit",
            "cost", "cost_per_avoided", "pays_every_years")  # fmt: skip
    table = finding.chain_table(say("chain.protect_table"), rows, keys, rows=25)
    return Section(
        key="protection",
        title=title,
        lead=say("chain.protect_lead"),
        name=say("chain.protect_name"),
        tables=(table,),
    )


def _protected(finding: ChainFinding) -> Section | None:
    """Tell what to keep ready, and what is still lost with it."""
    if not finding.has("kept_ready", "option", "amount", "spent"):
        return None
    say = finding.say
    rows = finding.tables["kept_ready"].rename({"kind": "protection"})
    spent = float(rows["spent"].sum())
    tables: list[Table] = []
    keys: tuple[str, ...] = (
        "option",
        "protection",
        "commodity",
        "place",
        "amount",
        "unit",
        "cost",
        "spent",
    )
    title = say("chain.ready_table")
    tables.append(finding.chain_table(title, rows, keys, money=("spent",)))
    if finding.has("protected", "shock", "lost_with"):
        keys = ("shock", "weeks", "lost_without", "lost_with", "unit")
        title = say("chain.protected_table")
        tables.append(finding.chain_table(title, finding.tables["protected"], keys))
    return Section(
        key="kept_ready",
        title=say("chain.ready_title", spent=finding.amount(spent)),
        lead=say("chain.ready_lead"),
        name=say("chain.ready_name"),
        tables=tuple(tables),
    )
