"""The pages of how an economy hangs together: effects, linkages, extraction."""

from typing import Final

import polars as pl

from onshore.economy.names import row_role
from onshore.report.bulletin import Column, Section, Table
from onshore.report.charts import Segment
from onshore.report.finding import Finding
from onshore.report.ranked import Ranked, ranked
from onshore.report.scatter import Axis, Dot, scatter

_BARS: Final = 12
_NAMED: Final = 14
_FACTORS: Final = 4
_SHARES: Final = 5
_ROLES: Final = ("output", "value_added", "employment", "income")
_VARIANTS: Final = {
    "whole": "economy.extract_lead_whole",
    "backward": "economy.extract_lead_backward",
    "forward": "economy.extract_lead_forward",
}


def compose_multipliers(finding: Finding) -> list[Section]:
    """Show the effects of a unit of final demand, the factor that was asked for first."""
    table = finding.find("sector", "factor", "kind", "effect", "multiplier")
    asked = (str(finding.metadata.get("factor") or "output"), finding.metadata.get("kind") or "I")
    if table is None:
        table = finding.find("sector", "effect", "multiplier")
        if table is None:
            return []
        table = table.with_columns(factor=pl.lit(asked[0]), kind=pl.lit(asked[1]))
    groups: list[tuple[str, str]] = (
        table.select("factor", "kind").unique(maintain_order=True).rows()
    )
    # What was asked for stands first, then the other factors; the rest side by side.
    first = [group for group in groups if group == asked]
    told = [group for group in groups if group[1] == "I" and row_role(group[0]) in _ROLES]
    by_role = {row_role(group[0]): group for group in reversed(told)}
    first += [by_role[role] for role in _ROLES if role in by_role and by_role[role] not in first]
    shown = (first or groups)[:_FACTORS]
    sections = [_effects_of(finding, table, *group, number=n) for n, group in enumerate(shown)]
    if len(groups) > 1:
        sections.append(_effects_together(finding, table, groups))
    return sections


def _effects_of(
    finding: Finding, table: pl.DataFrame, factor: str, kind: str, *, number: int
) -> Section:
    say = finding.say
    rows = table.filter((pl.col("factor") == factor) & (pl.col("kind") == kind))
    rows = rows.sort("effect", descending=True, nulls_last=True)
    name = finding.term(factor)
    places = _decimals(rows["effect"])
    bars = [
        Ranked(
            row["sector"],
            (Segment(row["effect"], "graphite"),),
            finding.number(row["effect"], places),
        )
        for row in rows.drop_nulls("effect").head(_BARS).iter_rows(named=True)
    ]
    title = say(
        "economy.effect_title",
        sector=rows["sector"][0],
        effect=finding.number(rows["effect"][0] or 0.0, places),
        factor=name,
        number=finding.number(rows.height),
    )
    chart_title = say("economy.effect_chart", factor=name)
    svg = ranked(f"economy-effect-{number}", bars, alt=chart_title, rtl=finding.rtl) if bars else ""
    keys = ("sector", "direct", "effect", "multiplier")
    return Section(
        key=f"effect-{number}",
        title=title,
        lead=say("economy.effect_lead_two" if kind == "II" else "economy.effect_lead"),
        name=say("economy.effect_name", factor=name, kind=kind),
        charts=(finding.picture(chart_title, svg),) if svg else (),
        tables=(finding.table(say("economy.effect_table", factor=name), rows, keys),),
    )


def _effects_together(
    finding: Finding, table: pl.DataFrame, groups: list[tuple[str, str]]
) -> Section:
    """Set the multipliers of every factor side by side."""
    say = finding.say
    columns = [Column("sector", finding.column("sector"))]
    kinds = {kind for _, kind in groups}
    wide = table.select("sector").unique(maintain_order=True)
    for number, (factor, kind) in enumerate(groups):
        part = table.filter((pl.col("factor") == factor) & (pl.col("kind") == kind))
        wide = wide.join(
            part.select("sector", pl.col("multiplier").alias(f"m{number}")), on="sector"
        )
        name = finding.term(factor) if len(kinds) == 1 else f"{finding.term(factor)}, {kind}"
        columns.append(Column(f"m{number}", name, "number", "", 2))
    title = say("economy.together")
    return Section(
        key="together",
        title=title,
        lead=say("economy.together_lead"),
        name=say("economy.together_name"),
        tables=(Table(title, tuple(columns), wide, shown=40),),
    )


def compose_linkages(finding: Finding) -> list[Section]:
    """Show which sectors pull others along, which are depended on, and which do both."""
    table = finding.find("sector", "backward", "forward")
    if table is None:
        return []
    say = finding.say
    relative = {"backward_relative", "forward_relative"} <= set(table.columns)
    x, y = ("forward_relative", "backward_relative") if relative else ("forward", "backward")
    if "kind" in table.columns:
        table = table.with_columns(key=pl.col("kind") == "key")
    elif "key" not in table.columns:
        above = [pl.col(key) > (1.0 if relative else pl.col(key).mean()) for key in (x, y)]
        table = table.with_columns(key=above[0] & above[1])
    table = table.with_columns(both=pl.col(x) + pl.col(y)).sort("both", descending=True)
    known = table.drop_nulls([x, y])
    key_sectors = table.filter(pl.col("key"))["sector"].to_list()
    named = {*key_sectors[:_NAMED], *known["sector"].head(_NAMED // 2)}
    if known.height <= _NAMED:
        named = set(known["sector"])
    dots = [
        Dot(
            row[x],
            row[y],
            label=row["sector"] if row["sector"] in named else "",
            title=row["sector"],
        )
        for row in known.iter_rows(named=True)
    ]
    cuts = (1.0, 1.0) if relative else (_mean(known[x]), _mean(known[y]))
    svg = scatter(
        "economy-linkages",
        dots,
        Axis(say("economy.forward_axis"), finding.number, cut=cuts[0]),
        Axis(say("economy.backward_axis"), finding.number, cut=cuts[1]),
        alt=say("economy.linkages_chart"),
        corners=(
            say("economy.corner_backward"), say("economy.corner_key"), "",
            say("economy.corner_forward"),
        ),
        rtl=finding.rtl,
    )  # fmt: skip
    names = finding.listed(key_sectors[:4])
    title = (
        finding.words.count(
            "economy.linkages_title",
            len(key_sectors),
            number=finding.number(len(key_sectors)),
            of=finding.number(table.height),
            names=names,
        )
        if key_sectors
        else say("economy.linkages_none")
    )
    keys = ("sector", "backward", "forward", "backward_relative", "forward_relative", "kind")
    return [
        Section(
            key="linkages",
            title=title,
            lead=say("economy.linkages_lead"),
            name=say("economy.linkages"),
            charts=(finding.picture(say("economy.linkages_chart"), svg),),
            tables=(finding.table(say("economy.linkages_table"), table, keys, rows=40),),
        )
    ]


def compose_extraction(finding: Finding) -> list[Section]:
    """Show what the economy would make less without each sector, by what is taken out."""
    sections = []
    for number, (name, table) in enumerate(finding.tables.items()):
        if not finding.has(name, "sector", "output_lost"):
            continue
        if "taken_out" in table.columns:
            sections.append(_taken_together(finding, table))
            continue
        parts = {"": table}
        if "variant" in table.columns:
            variants = table["variant"].unique(maintain_order=True)
            parts = {str(v): table.filter(pl.col("variant") == v) for v in variants}
        sections += [
            _extracted(finding, part, variant, f"{number}-{place}")
            for place, (variant, part) in enumerate(parts.items())
        ]
    return sections


def _extracted(finding: Finding, table: pl.DataFrame, variant: str, key: str) -> Section:
    say = finding.say
    share = "output_lost_share" if "output_lost_share" in table.columns else "output_lost"
    as_share = share.endswith("share")
    rows = table.sort(share, descending=True, nulls_last=True)

    def told(value: float) -> str:
        return finding.percent(value, 1) if as_share else finding.amount(value)

    variant = variant or str(finding.metadata.get("variant") or "whole")
    has_elsewhere = as_share and "elsewhere_lost" in rows.columns
    bars = []
    for row in rows.drop_nulls(share).head(_BARS).iter_rows(named=True):
        # The part of the loss that falls on the others is set apart from the sector's own.
        whole, elsewhere = row[share], 0.0
        if has_elsewhere and row["output_lost"]:
            elsewhere = whole * row["elsewhere_lost"] / row["output_lost"]
        parts = (Segment(whole - elsewhere, "pale"), Segment(elsewhere, "graphite"))
        bars.append(Ranked(row["sector"], parts, told(whole)))
    chart_title = say("economy.extract_chart")
    svg = ranked(f"economy-extract-{key}", bars, alt=chart_title, rtl=finding.rtl) if bars else ""
    # A factor whose parts have both signs has no shares to speak of; the file has them all.
    shares = [
        name
        for name in rows.columns
        if name.endswith("_lost_share") and rows[name].abs().fill_null(0).max() <= 1  # type: ignore[operator]
    ]
    main = [f"{name}_lost_share" for name in ("output", *finding.main_factors)]
    shares = [name for name in main if name in shares] if len(main) > 1 else shares[:_SHARES]
    first = rows.row(0, named=True)
    money = ("output_lost", "elsewhere_lost")
    foot = say("economy.extract_foot") if has_elsewhere else ""
    return Section(
        key=f"extract-{key}",
        title=say("economy.extract_title", sector=first["sector"], lost=told(first[share] or 0.0)),
        lead=say(_VARIANTS[variant]) if variant in _VARIANTS else "",
        name=say("economy.extract", variant=finding.term(variant)),
        charts=(finding.picture(chart_title, svg, foot=foot),) if svg else (),
        tables=(
            finding.table(
                say("economy.extract_table"),
                rows,
                ("sector", *money, *shares),
                rows=40,
                money=money,
                shares=shares,
            ),
        ),
    )


def _taken_together(finding: Finding, table: pl.DataFrame) -> Section:
    """Show what each sector makes less when several are taken out at once."""
    say = finding.say
    taken = table.filter(pl.col("taken_out"))["sector"].to_list()
    rows = table.sort("output_lost", descending=True, nulls_last=True)
    lost = finding.amount(float(rows["output_lost"].sum()))
    bars = [
        Ranked(
            row["sector"],
            (Segment(row["output_lost"], "pale" if row["taken_out"] else "graphite"),),
            finding.amount(row["output_lost"]),
        )
        for row in rows.drop_nulls("output_lost").head(_BARS).iter_rows(named=True)
    ]
    title = say("economy.together_chart")
    svg = ranked("economy-together", bars, alt=title, rtl=finding.rtl) if bars else ""
    keys = ("sector", "taken_out", "output_lost", "output_lost_share")
    shares = ("output_lost_share",)
    return Section(
        key="together",
        title=say("economy.together_title", sectors=finding.listed(taken[:4]), lost=lost),
        lead="",
        name=say("economy.together_taken"),
        charts=(finding.picture(title, svg, foot=say("economy.extract_foot")),) if svg else (),
        tables=(finding.table(title, rows, keys, rows=40, money=("output_lost",), shares=shares),),
    )


def _decimals(column: pl.Series) -> int:
    largest = column.cast(pl.Float64).abs().max()
    size = float(largest) if isinstance(largest, int | float) else 0.0
    return 0 if size >= 1000 else 2 if size >= 0.1 else 4


def _mean(column: pl.Series) -> float:
    mean = column.cast(pl.Float64).mean()
    return float(mean) if isinstance(mean, int | float) else 0.0
