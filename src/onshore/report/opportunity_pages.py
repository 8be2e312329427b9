"""The pages of what could be made at home and what could be sold abroad."""

from typing import Any

import polars as pl

from onshore.report.bulletin import Bulletin, Chart, Headline, Section
from onshore.report.charts import Segment
from onshore.report.finding import Finding
from onshore.report.finding_page import page_of
from onshore.report.lines import Line, lines
from onshore.report.ranked import Ranked, ranked
from onshore.report.scatter import Axis, Dot, scatter

_BARS = 12
_NAMED = 12
_SLOPES = 8
_AMOUNTS = (
    "import_value", "imports", "exports", "supply", "potential", "unrealised", "hypothetical",
    "demand", "exports_from", "exports_to", "change", "at_reference_share", "market_effect",
    "share_effect", "value",
)  # fmt: skip
_SHARES = (
    "hhi_share", "top_share", "share", "realised", "market_growth", "import_growth", "growth",
    "growth_a_year", "share_from", "share_to", "in_top",
)  # fmt: skip


def compose_opportunity(finding: Finding) -> Bulletin:
    """Write the results of ``onshore trade opportunity`` as a bulletin.

    Parameters
    ----------
    finding
        Tables ``products`` and, where a programme was given, ``needs``.
    """
    say = finding.say
    sections: list[Section] = []
    if finding.has("products", "product", "score"):
        products = finding.tables["products"]
        products = products.sort("rank" if "rank" in products.columns else "score")
        sections = [_screen(finding, products), _why(finding, products)]
        if "rank_low" in products.columns:
            sections.append(_firm(finding, products))
    if "needs" in finding.tables:
        sections.append(_needs(finding))
    return page_of(finding, say("opportunity.subtitle"), say("opportunity.ask"), sections)


def compose_exports(finding: Finding) -> Bulletin:
    """Write the results of ``onshore trade exports`` as a bulletin.

    Parameters
    ----------
    finding
        Tables ``products``, ``partners``, ``growth``, ``next_markets`` and ``diversification``.
    """
    say = finding.say
    candidates = (
        _potential(finding, "products", "product"),
        _potential(finding, "partners", "partner"),
        _growth(finding),
        _next_markets(finding),
        _diversification(finding),
    )
    sections = [section for section in candidates if section is not None]
    return page_of(finding, say("exports.subtitle"), say("exports.ask"), sections)


def _screen(finding: Finding, products: pl.DataFrame) -> Section:
    say = finding.say
    first = products.row(0, named=True)
    total = float(products["import_value"].sum()) if "import_value" in products.columns else 0.0
    headlines = (
        Headline(
            say("opportunity.screened"),
            finding.number(products.height),
            status=say("finding.computed"),
            note=say("opportunity.screened_note", amount=finding.amount(total)) if total else "",
        ),
    )
    keys = (
        "product", "name", "rank", "score", "import_value", "top_partner", "top_share", "hhi",
        "density", "cog", "market_growth",
    )  # fmt: skip
    return Section(
        key="screen",
        title=say("opportunity.title", product=finding.product(first["product"])),
        lead=say("opportunity.lead"),
        name=say("opportunity.screen"),
        headlines=headlines,
        charts=_screen_charts(finding, products),
        tables=(
            finding.table(say("opportunity.table"), products, keys, money=_AMOUNTS, shares=_SHARES),
        ),
    )


def _screen_charts(finding: Finding, products: pl.DataFrame) -> tuple[Chart, ...]:
    say = finding.say
    charts = [_bars(finding, products, "score", say("opportunity.bars"), "opportunity-score")]
    if {"density", "import_value"} <= set(products.columns):
        known = products.filter(
            pl.col("density").is_not_null()
            & pl.col("density").is_finite()
            & (pl.col("import_value") > 0)
        )
        named = set(products["product"].head(_NAMED))
        dots = [
            Dot(
                row["density"],
                row["import_value"],
                label=str(row["product"]) if row["product"] in named else "",
                title=finding.product(row["product"]) if row["product"] in named else "",
            )
            for row in known.iter_rows(named=True)
        ]
        if dots:
            svg = scatter(
                "opportunity-field",
                dots,
                Axis(
                    say("complexity.density_axis"),
                    finding.number,
                    cut=_middle(known["density"]),
                ),
                Axis(
                    say("opportunity.value_axis"),
                    finding.short_amount,
                    cut=_middle(known["import_value"]),
                    log=True,
                ),
                alt=say("opportunity.field"),
                corners=("", say("opportunity.corner"), "", ""),
                rtl=finding.rtl,
            )
            charts.append(finding.picture(say("opportunity.field"), svg))
    return tuple(charts)


def _why(finding: Finding, products: pl.DataFrame) -> Section:
    say = finding.say
    components = [key for key in products.columns if key.endswith("_percentile")]
    tables = []
    if components:
        keys = ("product", "name", "rank", *components, "missing")
        title = say("opportunity.why_table")
        tables.append(finding.table(title, products, keys, shares=components))
    if "reason" in products.columns:
        title = say("opportunity.reasons")
        keys = ("product", "name", "reason")
        tables.append(finding.table(title, products, keys, rows=10))
    return Section(
        key="why",
        title=say("opportunity.why_title"),
        lead=say("opportunity.why_lead"),
        name=say("opportunity.why"),
        tables=tuple(tables),
    )


def _firm(finding: Finding, products: pl.DataFrame) -> Section:
    """Show how far the ranks move as the weights are drawn anew."""
    say = finding.say
    last = float(products["rank"].max() or 1)  # type: ignore[arg-type]
    rows = [
        Ranked(
            finding.product(row["product"]),
            (),
            say(
                "opportunity.rank_range",
                low=finding.number(row["rank_low"]),
                high=finding.number(row["rank_high"]),
            ),
            low=float(row["rank_low"]),
            high=float(row["rank_high"]),
        )
        for row in products.head(_BARS).iter_rows(named=True)
        if row["rank_low"] is not None and row["rank_high"] is not None
    ]
    charts: tuple[Chart, ...] = ()
    if rows and last > 1:
        title = say("opportunity.firm_chart")
        svg = ranked("opportunity-ranks", rows, alt=title, rtl=finding.rtl)
        charts = (finding.picture(title, svg),)
    without = [key for key in products.columns if key.startswith("rank_without_")]
    keys = ("product", "name", "rank", "rank_low", "rank_high", "in_top", *without)
    table = finding.table(say("opportunity.firm_table"), products, keys, shares=("in_top",))
    top = products.head(10)
    steady = top.filter(pl.col("rank_high") <= 20).height
    return Section(
        key="firm",
        title=say(
            "opportunity.firm_title",
            steady=finding.number(steady),
            number=finding.number(top.height),
        ),
        lead=say("opportunity.firm_lead"),
        name=say("opportunity.firm"),
        charts=charts,
        tables=(table,),
    )


def _needs(finding: Finding) -> Section:
    say = finding.say
    needs = finding.tables["needs"]
    name = say("opportunity.needs")
    if needs.is_empty():
        return Section(
            key="needs",
            title=say("opportunity.needs_none"),
            lead=say("opportunity.needs_none_lead"),
            name=name,
        )
    number = needs["need_id"].n_unique()
    keys = ("need_id", "description", "product", "rank", "hs_code", "kind", "buyer_id", "state")
    return Section(
        key="needs",
        title=finding.words.count("opportunity.needs_title", number, number=finding.number(number)),
        lead=say("opportunity.needs_lead"),
        name=name,
        tables=(finding.table(say("opportunity.needs_table"), needs, keys),),
    )


def _potential(finding: Finding, table: str, key: str) -> Section | None:
    """Show what is sold beside what could be, by product or by partner."""
    if not finding.has(table, key, "potential", "unrealised"):
        return None
    say = finding.say
    rows = finding.tables[table].sort("unrealised", descending=True, nulls_last=True)
    by_product = key == "product"
    total, left = (float(rows[column].sum() or 0.0) for column in ("potential", "unrealised"))
    first = rows.row(0, named=True)
    name = finding.product(first[key]) if by_product else finding.country(first[key])
    amount = finding.amount(float(first["unrealised"] or 0.0))
    title = (
        say("exports.title", amount=amount, product=name)
        if by_product
        else say("exports.partners_title", amount=amount, partner=name)
    )
    unit = finding.unit(rows["unrealised"].head(_BARS))
    chart_title = say("exports.products_chart" if by_product else "exports.partners_chart")
    chart_title = finding.titled(chart_title, unit)
    bars = [
        Ranked(
            finding.product(row[key]) if by_product else finding.country(row[key]),
            (
                Segment(max(float(row["potential"]) - float(row["unrealised"]), 0.0), "graphite"),
                Segment(float(row["unrealised"]), "pale"),
            ),
            finding.in_unit(float(row["unrealised"]), unit),
        )
        for row in rows.head(_BARS).iter_rows(named=True)
        if row["potential"] is not None and row["unrealised"] is not None
    ]
    keys = (
        ("product", "name", "exports", "potential", "unrealised", "realised", "partners",
         "top_partner", "caveat")
        if by_product
        else ("partner", "exports", "potential", "unrealised", "realised", "ease", "products")
    )  # fmt: skip
    headlines = (
        Headline(
            say("exports.unrealised"),
            finding.amount(left),
            status=say("finding.computed"),
            note=say("exports.unrealised_note", amount=finding.amount(total)),
        ),
    )
    return Section(
        key=table,
        title=title,
        lead=say("exports.lead") if by_product else "",
        name=say("exports.products" if by_product else "exports.partners"),
        headlines=headlines if by_product else (),
        charts=(
            finding.picture(
                chart_title,
                ranked(f"exports-{table}", bars, alt=chart_title, rtl=finding.rtl),
                foot=say("exports.bars_foot"),
            ),
        )
        if bars
        else (),
        tables=(
            finding.table(
                say("exports.products_table" if by_product else "exports.partners_table"),
                rows,
                keys,
                money=_AMOUNTS,
                shares=_SHARES,
            ),
        ),
    )


def _growth(finding: Finding) -> Section | None:
    if not finding.has("growth", "partner", "exports_from", "exports_to"):
        return None
    say = finding.say
    rows = finding.tables["growth"].sort("exports_to", descending=True, nulls_last=True)
    gained = rows.with_columns(
        gain=pl.col("exports_to").fill_null(0) - pl.col("exports_from").fill_null(0)
    ).sort("gain", descending=True)
    first = gained.row(0, named=True)
    before, after = _span(finding)
    title = say(
        "exports.growth_title",
        partner=finding.country(first["partner"]),
        before=finding.amount(float(first["exports_from"] or 0.0)),
        after=finding.amount(float(first["exports_to"] or 0.0)),
    )
    top = dict.fromkeys([*gained["partner"].head(3), *rows["partner"].head(_SLOPES)])
    chosen = rows.filter(pl.col("partner").is_in(list(top)[:_SLOPES]))
    unit = finding.unit([*chosen["exports_from"], *chosen["exports_to"]])
    courses = [
        Line(
            finding.country(row["partner"]),
            tuple(
                None if row[key] is None else float(row[key]) / unit.size
                for key in ("exports_from", "exports_to")
            ),
        )
        for row in chosen.iter_rows(named=True)
    ]
    chart_title = say("exports.growth_chart")
    svg = lines(
        "exports-growth",
        [before, after],
        courses,
        name=say("exports.growth_axis", unit=unit.name),
        shown=finding.number,
        alt=chart_title,
        from_zero=True,
        rtl=finding.rtl,
    )
    keys = ("partner", "exports_from", "exports_to", "change", "growth", "growth_a_year",
            "market_effect", "share_effect")  # fmt: skip
    table = finding.table(say("exports.growth_table"), rows, keys, money=_AMOUNTS, shares=_SHARES)
    return Section(
        key="growth",
        title=title,
        lead=say("exports.growth_lead"),
        name=say("exports.growth"),
        charts=(finding.picture(chart_title, svg),),
        tables=(table,),
    )


def _span(finding: Finding) -> tuple[str, str]:
    """Name the years that are compared."""
    told = finding.metadata.get("growth")
    if isinstance(told, dict) and told.get("since") and told.get("until"):
        return finding.year(told["since"]), finding.year(told["until"])
    return finding.say("exports.before"), finding.say("exports.after")


def _next_markets(finding: Finding) -> Section | None:
    if not finding.has("next_markets", "partner"):
        return None
    say = finding.say
    rows = finding.tables["next_markets"]
    # The market of reference stands last and has no rank.
    first = rows.drop_nulls("rank") if "rank" in rows.columns else rows
    names = [finding.country(key) for key in first["partner"].head(3)]
    keys = ("partner", "rank", "imports", "import_growth", "exports", "share", "ease", "potential",
            "unrealised", "at_reference_share", "reason")  # fmt: skip
    table = finding.table(say("exports.next_table"), rows, keys, money=_AMOUNTS, shares=_SHARES)
    return Section(
        key="next",
        title=say("exports.next_title", partners=finding.listed(names)),
        lead=say("exports.next_lead"),
        name=say("exports.next"),
        tables=(table,),
    )


def _diversification(finding: Finding) -> Section | None:
    if not finding.has("diversification", "product", "indicator"):
        return None
    say = finding.say
    rows = finding.tables["diversification"]
    title = say("exports.diversification_chart")
    chart = _bars(finding, rows, "indicator", title, "exports-diversification")
    keys = ("product", "name", "rank", "indicator", "density", "rca", "demand", "top_partner")
    return Section(
        key="diversification",
        title=say("exports.diversification_title", product=finding.product(rows["product"][0])),
        lead=say("exports.diversification_lead"),
        name=say("exports.diversification"),
        charts=(chart,),
        tables=(finding.table(say("exports.diversification_table"), rows, keys, money=_AMOUNTS),),
    )


def _bars(finding: Finding, rows: pl.DataFrame, key: str, title: str, name: str) -> Chart:
    top: list[dict[str, Any]] = rows.drop_nulls(key).head(_BARS).to_dicts()
    large = max((abs(row[key]) for row in top), default=0.0) >= 100
    bars = [
        Ranked(
            finding.product(row["product"]),
            (Segment(row[key], "graphite"),),
            finding.number(row[key], 0 if large else 2),
        )
        for row in top
    ]
    return finding.picture(title, ranked(name, bars, alt=title, rtl=finding.rtl))


def _middle(column: pl.Series) -> float | None:
    middle = column.cast(pl.Float64).median()
    return float(middle) if isinstance(middle, int | float) else None
