"""The page of import dependency: which imports come from few sources, and who could step in."""

from typing import Any, Final

import polars as pl

from onshore.report.bulletin import Bulletin, Chart, Headline, Section
from onshore.report.charts import Segment
from onshore.report.finding import Finding, Unit
from onshore.report.finding_page import page_of
from onshore.report.lines import Line, lines
from onshore.report.ranked import Ranked, ranked
from onshore.report.scatter import Axis, Dot, scatter

_BARS: Final = 12
_NAMED: Final = 10
_CONCENTRATED: Final = 0.4
_MONEY: Final = (
    "value", "imports", "exports", "world_exports", "spare_exports", "spare", "sold_here",
    "replaced_value", "dependent_value",
)  # fmt: skip
_SHARES: Final = (
    "top_share", "share", "cdi2", "world_share", "value_growth", "concentrated_share",
    "dependent_share",
)  # fmt: skip
_PRODUCT_COLUMNS: Final = (
    "product", "name", "value", "top_partner", "top_share", "partners", "hhi", "world_hhi",
    "exports", "cover", "via_hub",
)  # fmt: skip
_REPLACEMENT_COLUMNS: Final = (
    "product", "name", "replaced", "replaced_value", "rank", "supplier", "exports", "sold_here",
    "spare", "cover", "world_share",
)  # fmt: skip
_PARTNER_COLUMNS: Final = (
    "partner", "value", "share", "products", "top_of", "dependent_products", "dependent_value",
)  # fmt: skip
_UNIT_COLUMNS: Final = (
    "product", "name", "partner", "value", "quantity", "unit_value", "median", "deviation",
    "outlier",
)  # fmt: skip


def compose_dependency(finding: Finding) -> Bulletin:
    """Write the results of ``onshore trade dependency`` as a bulletin.

    Parameters
    ----------
    finding
        Tables ``products`` and, where they are there, ``partners``, ``trend``, ``replacements``
        and ``unit_values``.
    """
    say = finding.say
    sections: list[Section | None] = []
    if finding.has("products", "product", "value", "hhi"):
        products = finding.tables["products"].sort("value", descending=True)
        sections += [_concentrated(finding, products), _partners(finding, products)]
    sections += [_trend(finding), _replacements(finding), _unit_values(finding)]
    kept = [section for section in sections if section is not None]
    return page_of(finding, say("dependency.subtitle"), say("dependency.ask"), kept)


def _limit(finding: Finding) -> float:
    """Return the HHI from which on imports count as concentrated."""
    for place in ("limits", "thresholds"):
        stated = finding.metadata.get(place)
        value = stated.get("concentration") if isinstance(stated, dict) else None
        if isinstance(value, int | float):
            return float(value)
    return _CONCENTRATED


def _concentrated(finding: Finding, products: pl.DataFrame) -> Section:
    say = finding.say
    limit = _limit(finding)
    total = float(products["value"].sum() or 0.0)
    high = products.filter(pl.col("hhi") > limit)
    hang = float(high["value"].sum() or 0.0)
    share = finding.percent(hang / total) if total else finding.percent(0)
    status = say("finding.computed")
    headlines = [
        Headline(say("dependency.imports"), finding.amount(total), status=status),
        Headline(
            say("dependency.hang"),
            share,
            status=status,
            note=say("dependency.hang_note", limit=finding.number(limit, 1)),
        ),
    ]
    held = _dependent(products)
    if held is not None:
        amount = finding.amount(float(held["value"].sum() or 0.0))
        headlines.append(
            Headline(
                say("dependency.rule"),
                finding.number(held.height),
                status=status,
                note=say("dependency.rule_note", amount=amount),
            )
        )
    shown = held if held is not None and held.height else high if high.height else products
    return Section(
        key="products",
        title=say(
            "dependency.title",
            share=share,
            number=finding.number(high.height),
            of=finding.number(products.height),
        ),
        lead=say("dependency.lead"),
        name=say("dependency.products"),
        headlines=tuple(headlines),
        charts=_charts(finding, shown, products, limit),
        tables=(
            finding.table(
                say("dependency.table"), shown, _PRODUCT_COLUMNS, money=_MONEY, shares=_SHARES
            ),
        ),
        notes=(say("dependency.reexports"),),
    )


def _dependent(products: pl.DataFrame) -> pl.DataFrame | None:
    """Return the products that meet GeoDep's rule; None where it is not told."""
    if "geodep" not in products.columns or products["geodep"].is_null().all():
        return None
    return products.filter(pl.col("geodep").fill_null(value=False))


def _charts(
    finding: Finding, chosen: pl.DataFrame, products: pl.DataFrame, limit: float
) -> tuple[Chart, ...]:
    say = finding.say
    unit = finding.unit(chosen["value"].head(_BARS))
    bars = [_bar(finding, row, unit) for row in chosen.head(_BARS).iter_rows(named=True)]
    title = finding.titled(say("dependency.bars"), unit)
    drawn = [
        finding.picture(
            title,
            ranked("dependency-products", bars, alt=title, rtl=finding.rtl),
            foot=say("dependency.bars_foot"),
        )
    ]
    known = products.filter((pl.col("value") > 0) & pl.col("hhi").is_not_null())
    named = set(known.filter(pl.col("hhi") > limit)["product"].head(_NAMED))
    dots = [
        Dot(
            row["hhi"],
            row["value"],
            label=str(row["product"]) if row["product"] in named else "",
            title=finding.product(row["product"]) if row["product"] in named else "",
        )
        for row in known.iter_rows(named=True)
    ]
    if len(dots) > 1:
        svg = scatter(
            "dependency-field",
            dots,
            Axis(say("dependency.hhi_axis"), finding.number, cut=limit),
            Axis(say("dependency.imports"), finding.short_amount, log=True),
            alt=say("dependency.field"),
            corners=("", say("dependency.corner"), "", ""),
            rtl=finding.rtl,
        )
        drawn.append(finding.picture(say("dependency.field"), svg))
    return tuple(drawn)


def _bar(finding: Finding, row: dict[str, Any], unit: Unit) -> Ranked:
    first = row["value"] * (row.get("top_share") or 0.0)
    partner = finding.country(row["top_partner"]) if row.get("top_partner") is not None else ""
    note = ""
    if partner:
        note = finding.say(
            "dependency.of_partner", share=finding.percent(row["top_share"] or 0), partner=partner
        )
    return Ranked(
        finding.product(row["product"]),
        (Segment(first, "missing"), Segment(row["value"] - first, "pale")),
        finding.in_unit(row["value"], unit),
        note=note,
    )


def _partners(finding: Finding, products: pl.DataFrame) -> Section | None:
    """Show on whom the concentrated imports hang."""
    if "top_partner" not in products.columns:
        return None
    high = products.filter((pl.col("hhi") > _limit(finding)) & pl.col("top_partner").is_not_null())
    if high.is_empty():
        return None
    say = finding.say
    by = (
        high.group_by("top_partner")
        .agg(value=(pl.col("value") * pl.col("top_share")).sum(), products=pl.len().cast(pl.Int64))
        .sort("value", "top_partner", descending=[True, False])
    )
    unit = finding.unit(by["value"].head(_BARS))
    bars = [
        Ranked(
            finding.country(row["top_partner"]),
            (Segment(row["value"], "missing"),),
            finding.in_unit(row["value"], unit),
            note=finding.words.count(
                "dependency.count", row["products"], number=finding.number(row["products"])
            ),
        )
        for row in by.head(_BARS).iter_rows(named=True)
    ]
    title = finding.titled(say("dependency.partners_chart"), unit)
    svg = ranked("dependency-partners", bars, alt=title, rtl=finding.rtl)
    return Section(
        key="partners",
        title=say("dependency.partners_title", partner=finding.country(by["top_partner"][0])),
        lead="",
        name=say("dependency.partners"),
        charts=(finding.picture(title, svg),),
        tables=(
            finding.table(
                say("dependency.partners_table"),
                finding.tables["partners"] if finding.has("partners", "partner") else by,
                _PARTNER_COLUMNS if finding.has("partners", "partner") else (),
                money=_MONEY,
                shares=_SHARES,
            ),
        ),
    )


def _trend(finding: Finding) -> Section | None:
    """Draw how much of the imports came from few sources over the years."""
    if not finding.has("trend", "year", "concentrated_share"):
        return None
    say = finding.say
    rows = finding.tables["trend"].sort("year")
    title = say(
        "dependency.trend",
        first=finding.percent(rows["concentrated_share"][0] or 0.0),
        last=finding.percent(rows["concentrated_share"][-1] or 0.0),
    )
    courses = [Line(say("dependency.hang"), tuple(rows["concentrated_share"]), home=True)]
    if "dependent_share" in rows.columns and not rows["dependent_share"].is_null().all():
        courses.append(Line(say("dependency.rule_short"), tuple(rows["dependent_share"])))
    charts: tuple[Chart, ...] = ()
    if rows.height > 1:
        chart_title = say("dependency.trend_chart")
        svg = lines(
            "dependency-trend",
            [finding.year(one) for one in rows["year"]],
            courses,
            name=say("dependency.share_axis"),
            shown=lambda value, places: finding.percent(value, max(places - 2, 0)),
            alt=chart_title,
            from_zero=True,
            rtl=finding.rtl,
        )
        charts = (finding.picture(chart_title, svg),)
    table = finding.table(say("dependency.trend_table"), rows, money=_MONEY, shares=_SHARES)
    return Section(
        key="trend",
        title=title if rows.height > 1 else say("dependency.trend_name"),
        lead="",
        name=say("dependency.trend_name"),
        charts=charts,
        tables=(table,),
    )


def _replacements(finding: Finding) -> Section | None:
    """Show who could step in for the partner that is replaced."""
    if not finding.has("replacements", "product", "supplier"):
        return None
    say = finding.say
    rows = finding.tables["replacements"]
    title = say("dependency.replace_title")
    table = finding.table(title, rows, _REPLACEMENT_COLUMNS, rows=40, money=_MONEY, shares=_SHARES)
    lead = say("dependency.replace_lead")
    return Section("replacements", title, lead, say("dependency.replace"), tables=(table,))


def _unit_values(finding: Finding) -> Section | None:
    """Show what was paid per unit, what stands apart first."""
    if not finding.has("unit_values", "product", "unit_value"):
        return None
    say = finding.say
    rows = finding.tables["unit_values"]
    title = say("dependency.unit_title")
    if "outlier" in rows.columns:
        count = int(rows["outlier"].fill_null(value=False).sum())
        title = finding.words.count("dependency.outliers", count, number=finding.number(count))
        rows = rows.sort("outlier", "value", descending=True, nulls_last=True)
    table = finding.table(say("dependency.unit_table"), rows, _UNIT_COLUMNS, money=("value",))
    lead = say("dependency.unit_lead")
    return Section("unit_values", title, lead, say("dependency.unit"), tables=(table,))
