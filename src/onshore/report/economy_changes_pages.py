"""The pages of what a change does to the economy: substitution, sources of growth, places."""

from typing import Final

import polars as pl

from onshore.report.bulletin import Chart, Headline, Section
from onshore.report.charts import Segment
from onshore.report.finding import Finding
from onshore.report.ranked import Ranked, heat, ranked

_BARS: Final = 12
_HEAT: Final = 14
_PLACES: Final = 6
_PLACE_COLUMNS: Final = (
    "place", "rank", "value", "share_of_sector", "location_quotient", "phase", "reason",
)  # fmt: skip
_TERMS: Final = ("home_demand", "exports", "import_substitution", "technology")
_TERM_PAINTS: Final = ("graphite", "pale", "missing", "dot")


def compose_substitution(finding: Finding) -> list[Section]:
    """Show what moving imports home brings: in all, by sector, or per unit for each sector."""
    say = finding.say
    sections = []
    summary = finding.find("effect", "value")
    if summary is not None:
        sections.append(_summary(finding, summary))
    sectors = finding.find("sector", "output", "imports")
    if sectors is not None:
        rows = sectors.sort(pl.col("output").abs(), descending=True)
        title = say("economy.substitute_sectors")
        bars = [
            Ranked(
                row["sector"], (Segment(row["output"], "graphite"),), finding.plain(row["output"])
            )
            for row in rows.head(_BARS).iter_rows(named=True)
        ]
        svg = ranked("economy-substitute-sectors", bars, alt=title, rtl=finding.rtl)
        sections.append(
            Section(
                key="sectors",
                title=say("economy.substitute_sectors_title", sector=rows["sector"][0]),
                lead="",
                name=say("economy.sectors"),
                charts=(finding.picture(title, svg),),
                tables=(finding.table(title, rows, _main(finding, rows), rows=40),),
            )
        )
    effects = finding.find("sector", "induced_imports", "net_currency_saved")
    if effects is not None:
        title = say("economy.substitute_each")
        known = effects.drop_nulls("net_currency_saved").head(_BARS)
        bars = [
            Ranked(
                row["sector"],
                (Segment(row["net_currency_saved"], "graphite"),),
                finding.number(row["net_currency_saved"], 2),
            )
            for row in known.iter_rows(named=True)
        ]
        chart_title = say("economy.substitute_each_chart")
        svg = ranked("economy-each", bars, alt=chart_title, rtl=finding.rtl) if bars else ""
        sections.append(
            Section(
                key="each",
                title=title,
                lead=say("economy.substitute_each_lead"),
                name=say("economy.substitute_each_name"),
                charts=(finding.picture(chart_title, svg),) if svg else (),
                tables=(finding.table(title, effects, _main(finding, effects), rows=40),),
            )
        )
    return sections


def _main(finding: Finding, table: pl.DataFrame) -> tuple[str, ...]:
    """Choose the columns a page shows: of many factors the main ones, where they are told."""
    if not finding.main_factors:
        return tuple(table.columns)
    first = ("sector", "net_currency_saved", "induced_imports", "output", "imports")
    return (*first, *finding.main_factors)


def _summary(finding: Finding, summary: pl.DataFrame) -> Section:
    """Set currency moved, induced and saved side by side; other effects stand in the table."""
    say = finding.say
    of = dict(summary.select("effect", "value").iter_rows())
    moved, induced, net = (
        of.get(key) for key in ("imports moved home", "induced imports", "net currency saved")
    )
    product = str(finding.metadata.get("product") or "")
    headlines = []
    if net is not None and moved:
        note = say("economy.net_note", share=finding.percent(net / moved))
        headlines.append(
            Headline(
                say("economy.net"), finding.amount(net), status=say("finding.computed"), note=note
            )
        )
    if of.get("output") is not None:
        headlines.append(
            Headline(
                say("economy.output"),
                finding.amount(of["output"]),
                status=say("finding.computed"),
                note=say("economy.output_note"),
            )
        )
    charts: tuple[Chart, ...] = ()
    if moved and induced is not None and net is not None:
        bars = [
            Ranked(say("economy.moved"), (Segment(moved, "graphite"),), finding.amount(moved)),
            Ranked(
                say("economy.induced"), (Segment(-induced, "missing"),), finding.amount(-induced)
            ),
            Ranked(say("economy.net"), (Segment(net, "home"),), finding.amount(net), home=True),
        ]
        title = say("economy.substitute_chart")
        svg = ranked("economy-substitute", bars, alt=title, rtl=finding.rtl)
        charts = (finding.picture(title, svg),)
    title = say("economy.substitute_title_unknown", product=product)
    if net is not None and moved:
        title = say(
            "economy.substitute_title",
            product=product,
            moved=finding.amount(moved),
            net=finding.amount(net),
        )
    return Section(
        key="summary",
        title=title,
        lead=say("economy.substitute_lead"),
        name=say("economy.summary"),
        headlines=tuple(headlines),
        charts=charts,
        tables=(finding.table(say("economy.substitute_table"), summary),),
    )


def compose_decomposition(finding: Finding) -> list[Section]:
    """Show where the change of each sector's output came from."""
    table = finding.find("sector", "change", *_TERMS)
    if table is None:
        return []
    say = finding.say
    rows = table.sort(pl.col("change").abs(), descending=True)
    totals = {term: float(rows[term].sum()) for term in _TERMS}
    largest = max(totals, key=lambda term: abs(totals[term]))
    charts = []
    unit = finding.unit(rows["change"].head(_BARS))
    title = finding.titled(say("economy.decompose_chart"), unit)
    bars = [
        Ranked(
            row["sector"],
            tuple(
                Segment(row[term], paint) for term, paint in zip(_TERMS, _TERM_PAINTS, strict=True)
            ),
            finding.in_unit(row["change"], unit),
        )
        for row in rows.drop_nulls(["change", *_TERMS]).head(_BARS).iter_rows(named=True)
    ]
    if bars:
        svg = ranked("economy-decompose", bars, alt=title, rtl=finding.rtl)
        charts.append(finding.picture(title, svg, foot=say("economy.decompose_foot")))
    return [
        Section(
            key="decompose",
            title=say("economy.decompose_title", term=finding.term(largest)),
            lead=say("economy.decompose_lead"),
            name=say("economy.decompose"),
            charts=tuple(charts),
            tables=(
                finding.table(
                    say("economy.decompose_table"),
                    rows,
                    ("sector", "before", "after", "change", *_TERMS),
                    rows=40,
                    money=("before", "after", "change", *_TERMS),
                ),
            ),
        )
    ]


def compose_regions(finding: Finding) -> list[Section]:
    """Show which places come next for an industry, and where each is concentrated."""
    return [section for section in (_next_places(finding), _quotients(finding)) if section]


def _next_places(finding: Finding) -> Section | None:
    """Show which places should come next for an industry."""
    table = finding.find("place", "location_quotient", "phase")
    if table is None:
        return None
    say = finding.say
    sector = str(finding.metadata.get("sector") or "")
    coming = table.filter(pl.col("phase") == "next")
    names = [finding.apart(place) for place in coming["place"].head(4)]
    title = say("economy.next_none", sector=sector)
    if names:
        title = say(
            "economy.next_title", places=finding.listed(names), sector=finding.apart(sector)
        )
    paints = {"next": "home", "taken": "graphite"}
    bars = [
        Ranked(
            row["place"],
            (Segment(row["location_quotient"], paints.get(row["phase"], "pale")),),
            finding.number(row["location_quotient"], 2),
            note=finding.term(row["phase"]),
            home=row["phase"] == "next",
        )
        for row in table.drop_nulls("location_quotient").head(_BARS).iter_rows(named=True)
    ]
    chart_title = say("economy.next_chart", sector=sector)
    least = finding.metadata.get("least")
    cut = float(least) if isinstance(least, int | float) else 1.0
    svg = ranked("economy-next", bars, alt=chart_title, cut=cut, rtl=finding.rtl) if bars else ""
    return Section(
        key="next",
        title=title,
        lead=say("economy.next_lead"),
        name=say("economy.next"),
        charts=(finding.picture(chart_title, svg),) if svg else (),
        tables=(
            finding.table(
                say("economy.next_table"),
                table,
                _PLACE_COLUMNS,
                rows=40,
                shares=("share_of_sector",),
            ),
        ),
    )


def _quotients(finding: Finding) -> Section | None:
    """Show how concentrated the sectors are: the places with most of an industry, and others."""
    table = finding.find("place", "sector", "location_quotient", "value")
    if table is None:
        return None
    say = finding.say
    rows = table.sort("location_quotient", descending=True, nulls_last=True)
    large = table.group_by("place").agg(pl.col("value").sum()).sort("value", descending=True)
    places = sorted(large["place"].head(_PLACES))
    large = table.group_by("sector").agg(pl.col("value").sum()).sort("value", descending=True)
    sectors = large["sector"].head(_HEAT).to_list()
    found = {
        (row["sector"], row["place"]): row["location_quotient"]
        for row in rows.iter_rows(named=True)
    }
    values = [(sector, [found.get((sector, place)) for place in places]) for sector in sectors]
    written = [
        ["" if value is None else finding.number(value, 1) for value in line] for _, line in values
    ]
    title = say("economy.regions_chart")
    svg = heat("economy-regions", values, places, written, alt=title, rtl=finding.rtl)
    first = rows.row(0, named=True)
    return Section(
        key="regions",
        title=say(
            "economy.regions_title",
            place=first["place"],
            sector=first["sector"],
            quotient=finding.number(first["location_quotient"], 1),
        ),
        lead=say("economy.regions_lead"),
        name=say("economy.regions"),
        charts=(finding.picture(title, svg),),
        tables=(
            finding.table(
                say("economy.regions_table"),
                rows,
                rows=40,
                shares=("share_of_place", "share_of_country"),
            ),
        ),
    )
