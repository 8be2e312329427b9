"""The page of a solved chain: what flows, what holds it back, what each commodity comes to."""

from collections.abc import Sequence
from typing import Any, Final

import polars as pl

from onshore.report.bulletin import Chart, Headline, Section
from onshore.report.chain_bottlenecks import bottlenecks_section
from onshore.report.chain_charts import site_charts, stream_chart
from onshore.report.chain_finding import ChainFinding
from onshore.report.charts import Segment
from onshore.report.lines import Line, lines
from onshore.report.ranked import Ranked, ranked

_BARS: Final = 10
_SHARES: Final = ("ratio", "import_share", "use", "progress")


def compose_run(finding: ChainFinding) -> list[Section]:
    """Show the results of ``onshore chain run``.

    Parameters
    ----------
    finding
        Tables ``balance``, ``self_sufficiency``, ``exports_left``, ``streams``, ``bottlenecks``,
        ``capacity_worth``, ``prices``, ``trades``, ``sites`` and ``names``; what is missing leaves
        its part out.
    """
    sections = (
        _flows(finding),
        bottlenecks_section(finding),
        _balance(finding),
        _trade(finding),
        _prices(finding),
        sites_section(finding),
    )
    return [section for section in sections if section is not None]


def notes_of(finding: ChainFinding) -> tuple[str, ...]:
    """Give what must be known of the chain: its note, and how much of it is illustrative."""
    metadata = finding.metadata
    told = str((metadata.get("note_fa") if finding.rtl else "") or metadata.get("note") or "")
    rows = metadata.get("illustrative_rows") or {}
    parts = [
        finding.say(
            "chain.illustrative_part",
            table=finding.term(table),
            number=finding.number(number),
            of=finding.number(of),
        )
        for table, (number, of) in rows.items()
    ]
    invented = finding.say("chain.illustrative_rows", tables=finding.listed(parts))
    return tuple(filter(None, (told, invented if parts else "")))


def _of_year(finding: ChainFinding, table: str) -> pl.DataFrame:
    frame = finding.tables[table]
    return frame.filter(pl.col("year") == finding.year_shown) if "year" in frame.columns else frame


def _flows(finding: ChainFinding) -> Section | None:
    """Tell what becomes of the main product, and draw what flows to it."""
    year = finding.year_shown
    if year is None or not finding.has("self_sufficiency", "commodity", "year", "made"):
        return None
    say = finding.say
    rows = _of_year(finding, "self_sufficiency")
    found = rows.filter(pl.col("commodity") == finding.main).to_dicts()
    chart = stream_chart(finding, year, say("chain.streams_chart", year=finding.year(year)))
    title = say("chain.flows")
    headlines: tuple[Headline, ...] = ()
    if found and finding.main is not None:
        title, headlines = _main_told(finding, found[0], finding.main, year)
    course = _course(finding)
    table = finding.chain_table(
        say("chain.sufficiency_table", year=finding.year(year)),
        _with_units(finding, rows),
        ("commodity", "unit", "made", "needed", "ratio", "imported", "import_share", "exported",
         "unserved"),
        rows=30,
        shares=_SHARES,
    )  # fmt: skip
    return Section(
        key="flows",
        title=title,
        lead=say("chain.flows_lead"),
        name=say("chain.flows_name"),
        headlines=headlines,
        charts=tuple(one for one in (chart, course) if one is not None),
        tables=(table,),
        notes=notes_of(finding),
    )


def _main_told(
    finding: ChainFinding, row: dict[str, Any], main: str, year: int
) -> tuple[str, tuple[Headline, ...]]:
    say, status = finding.say, finding.say("chain.computed")
    made = finding.quantity_of(row["made"], main)
    name = finding.of(main)
    sold = finding.quantity_of(row["exported"], main)
    values = {"made": made, "commodity": name, "sold": sold, "year": finding.year(year)}
    asked = str(dict(finding.metadata.get("parameters") or {}).get("objective") or "")
    # Only the most output is what can be made; else it is what is best to make.
    if asked.startswith("most output"):
        title = say("chain.flows_title_most", **values)
    elif asked == "least net imports":
        title = say("chain.flows_title_imports", **values)
    else:
        title = say("chain.flows_title", **values)
    headlines = [
        Headline(
            say("chain.made", commodity=name),
            made,
            status=status,
            note=say("chain.made_note", year=finding.year(year)),
        )
    ]
    if row["ratio"] is not None:
        needed = finding.quantity_of(row["needed"], main)
        headlines.append(
            Headline(
                say("chain.ratio"),
                finding.percent(row["ratio"]),
                status=status,
                note=say("chain.ratio_note", needed=needed),
            )
        )
    left = row["made"] - row["needed"]
    headlines.append(
        Headline(
            say("chain.left"),
            finding.quantity_of(max(left, 0.0), main),
            status=status,
            note=say("chain.left_note", sold=sold),
        )
    )
    if row["unserved"] > 0:
        headlines.append(
            Headline(
                say("chain.unserved"),
                finding.quantity_of(row["unserved"], main),
                status=status,
                note=say("chain.unserved_note"),
            )
        )
    return title, tuple(headlines)


def _with_units(finding: ChainFinding, frame: pl.DataFrame) -> pl.DataFrame:
    units = pl.Series([finding.units_of.get(one, "") for one in frame["commodity"]])
    return frame.with_columns(unit=units.cast(pl.String))


def _course(finding: ChainFinding) -> Chart | None:
    """Draw what is made, needed and exported of the main product over the years."""
    main = finding.main
    frame = finding.tables["self_sufficiency"].filter(pl.col("commodity") == main).sort("year")
    if main is None or frame["year"].n_unique() < 2:
        return None
    say = finding.say
    parts = {
        "made": "chain.line_made",
        "needed": "chain.line_needed",
        "exported": "chain.line_sold",
    }
    largest = max(float(frame[column].max() or 0.0) for column in parts)  # type: ignore[arg-type]
    scale, unit = finding.axis_unit(largest, finding.units_of.get(main))
    courses = [
        Line(say(key), tuple(frame[column] * scale), home=column == "made")
        for column, key in parts.items()
        if (frame[column] > 0).any()
    ]
    title = say("chain.course_chart", commodity=finding.commodity(main))
    svg = lines(
        "chain-course",
        [finding.year(one) for one in frame["year"]],
        courses,
        name=say("chain.a_year", unit=unit),
        shown=finding.number,
        alt=title,
        from_zero=True,
        rtl=finding.rtl,
    )
    return finding.picture(title, svg)


def _balance(finding: ChainFinding) -> Section | None:
    """Set the balance of each commodity, the country's and by place."""
    if not finding.has("balance", "commodity", "place", "year", "made", "asked"):
        return None
    say = finding.say
    rows = _of_year(finding, "balance")
    columns = ("made", "imported", "from_stock", "unserved", "used", "asked", "exported",
               "to_stock", "surplus", "lost")  # fmt: skip
    whole = rows.group_by("commodity", maintain_order=True).agg(pl.col(columns).sum())
    busy = pl.sum_horizontal(pl.col(columns).abs()) > 1e-9
    year = finding.year(finding.year_shown)
    title = say("chain.balance_table", year=year)
    tables = [
        finding.chain_table(
            title,
            _with_units(finding, whole.filter(busy)),
            ("commodity", "unit", *columns),
            rows=30,
        )
    ]
    if finding.main is not None:
        here = rows.filter((pl.col("commodity") == finding.main) & busy)
        if here.height > 1:
            title = say("chain.balance_place_table", commodity=finding.of(finding.main), year=year)
            keys = ("place", "made", "imported", "arrived", "used", "asked", "unserved",
                    "exported", "sent")  # fmt: skip
            by_place = here.sort("made", "asked", descending=True)
            tables.append(finding.chain_table(title, by_place, keys, rows=20))
    return Section(
        key="balance",
        title=say("chain.balance"),
        lead=say("chain.balance_lead"),
        name=say("chain.balance_name"),
        tables=tuple(tables),
    )


def _trade(finding: ChainFinding) -> Section | None:
    """Tell what is bought and sold abroad."""
    if not finding.has("trades", "market", "commodity", "direction", "amount", "value"):
        return None
    say = finding.say
    rows = (
        _of_year(finding, "trades")
        .group_by("market", "commodity", "place", "direction", "partner", maintain_order=True)
        .agg(pl.col("amount").sum(), pl.col("value").sum())
        .filter(pl.col("amount") > 1e-9)
        .sort("value", descending=True)
    )
    if rows.is_empty():
        return None
    sold, bought = (
        float(rows.filter(pl.col("direction") == one)["value"].sum())
        for one in ("export", "import")
    )
    unit = finding.unit(rows["value"].head(_BARS))
    bars = [
        Ranked(
            row["market"],
            (Segment(row["value"], "graphite" if row["direction"] == "export" else "missing"),),
            finding.in_unit(row["value"], unit),
            note=finding.quantity_of(row["amount"], row["commodity"]),
        )
        for row in rows.head(_BARS).iter_rows(named=True)
    ]
    chart_title = finding.titled(say("chain.trade_chart"), unit)
    svg = ranked("chain-trade", bars, alt=chart_title, rtl=finding.rtl)
    keys = ("market", "commodity", "direction", "place", "partner", "amount", "unit", "value")
    table = finding.chain_table(
        say("chain.trade_table"), _with_units(finding, rows), keys, money=("value",)
    )
    return Section(
        key="trade",
        title=say(
            "chain.trade_title",
            sold=finding.amount(sold),
            bought=finding.amount(bought),
            year=finding.year(finding.year_shown),
        ),
        lead="",
        name=say("chain.trade_name"),
        charts=(finding.picture(chart_title, svg, foot=say("chain.trade_foot")),),
        tables=(table,),
    )


def _prices(finding: ChainFinding) -> Section | None:
    """Tell what one more unit of each commodity is worth, from where least to where most."""
    if not finding.has("prices", "commodity", "price", "unit", "year"):
        return None
    say = finding.say
    rows = (
        _of_year(finding, "prices")
        .group_by("commodity", "unit", maintain_order=True)
        .agg(
            least_worth=pl.col("price").min(),
            mean_worth=pl.col("price").mean(),
            most_worth=pl.col("price").max(),
            where_most=pl.col("place").sort_by("price", descending=True).first(),
        )
    )
    rows = rows.with_columns(
        where_most=pl.Series([finding.place(one) for one in rows["where_most"]], dtype=pl.String)
    )
    keys = ("commodity", "least_worth", "mean_worth", "most_worth", "unit", "where_most")
    title = say("chain.prices_table", year=finding.year(finding.year_shown))
    return Section(
        key="prices",
        title=say("chain.prices"),
        lead=say("chain.prices_lead"),
        name=say("chain.prices_name"),
        tables=(finding.chain_table(title, rows, keys, rows=30),),
    )


def _materials(finding: ChainFinding, sites: pl.DataFrame) -> pl.DataFrame:
    """Keep the plants that make materials: supplies of gas and power are none."""
    if not finding.has("names", "kind", "key", "is"):
        return sites
    told = finding.tables["names"].filter(pl.col("is") == "material")["key"]
    kept = sites.filter(pl.col("commodity").is_in(told.implode()))
    return kept if kept.height else sites


def sites_section(finding: ChainFinding, first: Sequence[str] = ()) -> Section | None:
    """Show where the plants stand, and list the largest."""
    if not finding.has("sites", "site", "capacity", "commodity"):
        return None
    say = finding.say
    wanted = [*first, *([finding.main] if finding.main else [])]
    frame = _materials(finding, finding.tables["sites"])
    frame = frame.sort("capacity", descending=True, nulls_last=True)
    charts = site_charts(finding, wanted)
    own = "name_fa" if finding.rtl and "name_fa" in frame.columns else "name"
    frame = frame.with_columns(name=pl.coalesce(own, "name", "site"))
    keys = ("name", "process", "place", "kind", "capacity", "unit", "use", "progress", "finish",
            "owner")  # fmt: skip
    table = finding.chain_table(say("chain.sites_table"), frame, keys, shares=_SHARES)
    return Section(
        key="sites",
        title=say(
            "chain.sites_title",
            plants=finding.number(frame.filter(pl.col("kind") == "in service").height),
            projects=finding.number(frame.filter(pl.col("kind") == "project").height),
        ),
        lead=say("chain.sites_lead") if charts else "",
        name=say("chain.sites_name"),
        charts=charts,
        tables=(table,),
    )
