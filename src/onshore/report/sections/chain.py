"""The value chain of a programme: what its plants can make, and what is being built."""

from contextlib import suppress
from functools import cache
from typing import Final

import polars as pl

from onshore.chain.steel_chain import vocabulary
from onshore.codes import UnknownCode, units
from onshore.report.bulletin import Chart, Column, Headline, Section, Table
from onshore.report.charts import Segment
from onshore.report.edition import Edition
from onshore.report.map import Province, read_provinces
from onshore.report.plant_map import MapKey, Site, plant_map
from onshore.report.ranked import Ranked, ranked
from onshore.report.sections.provinces import FILE

_ROWS: Final = 12
_MAPS: Final = 2
_LABELLED: Final = 5
_NAME: Final = 22
_THERE: Final = "operating"
_COMING: Final = "construction"


def value_chain(edition: Edition) -> Section | None:
    """Show capacity in service and being built, by product; nothing where no project is told."""
    projects = edition.table("projects").filter(pl.col("capacity") > 0)
    if projects.is_empty():
        return None
    say = edition.say
    by = _by_product(edition, projects)
    first = by.row(0, named=True)
    return Section(
        key="value-chain",
        title=say(
            "value_chain.title",
            there=_tonnes(edition, first["there"]),
            coming=_tonnes(edition, first["coming"]),
            product=edition.name("product", first["product"]),
        ),
        lead=say("value_chain.lead"),
        name=say("value_chain.name"),
        headlines=tuple(
            Headline(
                label=edition.name("product", row["product"]),
                value=_tonnes(edition, row["there"]),
                status=say("value_chain.nominal"),
                note=say(
                    "value_chain.beside",
                    coming=_tonnes(edition, row["coming"]),
                    announced=_tonnes(edition, row["announced"]),
                ),
            )
            for row in by.head(3).iter_rows(named=True)
        ),
        charts=_charts(edition, by, projects),
        tables=(*_project_table(edition, projects), *_recipe_table(edition, by)),
        notes=(say("value_chain.note"),),
    )


def _tonnes(edition: Edition, kilotonnes: float) -> str:
    """Write a capacity, from a million tonnes on in these."""
    if kilotonnes >= 1000:
        millions = kilotonnes / 1000
        decimals = 0 if millions == round(millions) else 1
        return edition.say("chain.million_tonnes", number=edition.number(millions, decimals))
    return edition.say("value_chain.thousand_tonnes", number=edition.number(kilotonnes))


def _by_product(edition: Edition, projects: pl.DataFrame) -> pl.DataFrame:
    """Sum capacities by product: in service, being built, announced; kt a year."""
    plants = edition.table("plants")
    there = plants.filter(pl.col("status").is_null() | (pl.col("status") == _THERE))
    parts = [
        there.select("product", "capacity", what=pl.lit("there")),
        projects.filter(pl.col("status") == _COMING).select(
            "product", "capacity", what=pl.lit("coming")
        ),
        projects.filter(pl.col("status") == "announced").select(
            "product", "capacity", what=pl.lit("announced")
        ),
    ]
    amount = pl.col("capacity").cast(pl.Float64)
    return (
        pl.concat(parts)
        .drop_nulls("product")
        .group_by("product", maintain_order=True)
        .agg(
            amount.filter(pl.col("what") == what).sum().alias(what)
            for what in ("there", "coming", "announced")
        )
        .sort("there", "coming", descending=True)
    )


def _charts(edition: Edition, by: pl.DataFrame, projects: pl.DataFrame) -> tuple[Chart, ...]:
    say = edition.say
    bars = [
        Ranked(
            edition.name("product", row["product"]),
            (Segment(row["there"], "graphite"), Segment(row["coming"], "pale")),
            _tonnes(edition, row["there"] + row["coming"]),
        )
        for row in by.iter_rows(named=True)
        if row["there"] + row["coming"] > 0
    ]
    title = say("value_chain.chart")
    charts = []
    if bars:
        svg = ranked("value-chain-capacity", bars, alt=title, rtl=edition.rtl)
        foot = say("value_chain.chart_foot")
        charts.append(Chart(title=title, svg=svg, alt=title, foot=foot))
    outlines = _outlines(edition)
    for number, product in enumerate(by["product"].head(_MAPS)):
        drawn = _map(edition, product, projects, outlines, number)
        if drawn is not None:
            charts.append(drawn)
    return tuple(charts)


def _outlines(edition: Edition) -> list[Province]:
    folder = edition.results.programme.folder
    if folder is None or not (folder / FILE).is_file():
        return []
    return read_provinces(folder / FILE)


def _map(
    edition: Edition, product: str, projects: pl.DataFrame, outlines: list[Province], number: int
) -> Chart | None:
    """Draw the plants of a product, what is being built at each set around what is there."""
    amount = pl.col("capacity").cast(pl.Float64)
    plants = edition.table("plants").drop_nulls(["lon", "lat"])
    coming = (
        projects.filter((pl.col("product") == product) & (pl.col("status") == _COMING))
        .group_by("plant_id")
        .agg(coming=amount.sum())
    )
    is_there = (pl.col("product") == product) & (
        pl.col("status").is_null() | (pl.col("status") == _THERE)
    )
    name = pl.coalesce("name_fa", "name") if edition.rtl else pl.col("name")
    rows = (
        plants.join(coming, on="plant_id", how="left")
        .select(
            pl.col("lon", "lat").cast(pl.Float64),
            name=name,
            now=pl.when(is_there).then(amount).fill_null(0.0),
            coming=pl.col("coming").fill_null(0.0),
        )
        .filter(pl.col("now") + pl.col("coming") > 0)
        .sort(pl.col("now") + pl.col("coming"), descending=True)
    )
    if rows.height < 2:
        return None
    say = edition.say
    sites = [
        Site(
            row["lon"],
            row["lat"],
            row["now"],
            row["coming"],
            label=_short(row["name"]) if place < _LABELLED else "",
            title=say(
                "chain.site",
                name=row["name"],
                now=_tonnes(edition, row["now"]),
                coming=_tonnes(edition, row["coming"]),
            ),
        )
        for place, row in enumerate(rows.iter_rows(named=True))
    ]
    words = MapKey(
        now=say("chain.map_now", amount=_tonnes(edition, float(rows["now"].sum()))),
        coming=say("chain.map_coming", amount=_tonnes(edition, float(rows["coming"].sum()))),
        largest=say("chain.map_largest", amount=_tonnes(edition, sites[0].size)),
    )
    title = say("chain.map_chart", commodity=edition.name("product", product))
    svg = plant_map(
        f"value-chain-map-{number}",
        sites,
        words=words,
        alt=title,
        outlines=outlines,
        rtl=edition.rtl,
    )
    return Chart(title=title, svg=svg, alt=title)


def _short(name: str) -> str:
    if len(name) <= _NAME:
        return name
    whole = name[:_NAME].rpartition(" ")[0] or name[: _NAME - 1]
    return f"{whole.rstrip(' ,;(')}…"


def _project_table(edition: Edition, projects: pl.DataFrame) -> tuple[Table, ...]:
    say = edition.say
    name = pl.coalesce("name_fa", "name") if edition.rtl else pl.col("name")
    where = edition.table("plants").select("plant_id", "place")
    rows = projects.join(where, on="plant_id", how="left", maintain_order="left").sort(
        "status", "capacity", descending=[False, True], nulls_last=True, maintain_order=True
    )
    rows = rows.filter(pl.col("status").fill_null(_COMING) != "cancelled")
    order = {_COMING: 0, "announced": 1}
    rows = rows.sort(
        pl.col("status").replace_strict(order, default=2, return_dtype=pl.Int64),
        pl.col("capacity"),
        descending=[False, True],
        maintain_order=True,
    )
    frame = rows.select(
        name.alias("name"),
        "product",
        "place",
        pl.col("capacity").cast(pl.Float64),
        "progress",
        "status",
        "start_year",
    )
    frame = frame.with_columns(
        product=pl.Series([edition.name("product", one) for one in frame["product"]]),
        place=pl.Series([edition.place(one) if one else "" for one in frame["place"]]),
        status=pl.Series(
            [edition.name("chain term", one) if one else "" for one in frame["status"]]
        ),
    )
    columns = [
        Column("name", say("value_chain.project")),
        Column("product", say("value_chain.product")),
        Column("place", say("column.province")),
        Column("capacity", say("value_chain.capacity"), "number", say("value_chain.unit")),
        Column("progress", edition.name("chain column", "progress"), "share"),
        Column("status", say("value_chain.status")),
        Column("start_year", say("value_chain.start"), "year"),
    ]
    kept = [column for column in columns if frame[column.key].null_count() < frame.height]
    return (Table(title=say("value_chain.table"), columns=tuple(kept), frame=frame, shown=_ROWS),)


def _recipe_table(edition: Edition, by: pl.DataFrame) -> tuple[Table, ...]:
    """Tell what each product takes in at full capacity, were all of it made in that way."""
    say = edition.say
    processes = edition.table("processes")
    made = processes["per_output"].str.split_exact(" ", 1).struct.unnest()
    told = processes.with_columns(
        product=processes["per_output"].str.replace(r"^\S+\s+", ""), per=made["field_0"]
    )
    rows = (
        told.filter((pl.col("per") == "t") & (pl.col("amount") < 0))
        .join(by.select("product", "there"), on="product", maintain_order="left")
        .filter(pl.col("there") > 0)
        .select(
            "product",
            "process_id",
            "flow",
            amount=-pl.col("amount").cast(pl.Float64),
            unit="unit",
            needed=-pl.col("amount").cast(pl.Float64) * pl.col("there") / 1000,
        )
    )
    if rows.is_empty():
        return ()
    frame = rows.with_columns(
        product=pl.Series([edition.name("product", one) for one in rows["product"]]),
        flow=pl.Series([_flow(edition, one) for one in rows["flow"]]),
        unit=pl.Series([_unit(edition, one) for one in rows["unit"]]),
    )
    columns = (
        Column("product", say("value_chain.product")),
        Column("process_id", say("value_chain.process")),
        Column("flow", say("value_chain.flow")),
        Column("amount", say("value_chain.rate"), "number", decimals=None),
        Column("unit", edition.name("chain column", "unit")),
        Column("needed", say("value_chain.needed"), "number", say("value_chain.millions"), 1),
    )
    return (
        Table(
            title=say("value_chain.recipes"),
            columns=columns,
            frame=frame,
            note=say("value_chain.recipes_note"),
            shown=_ROWS,
        ),
    )


def _flow(edition: Edition, name: str) -> str:
    """Name what a process takes in, in Persian where the chain of iron and steel knows it."""
    known = _flows_in_persian() if edition.rtl else {}
    return known.get(name, name)


@cache
def _flows_in_persian() -> dict[str, str]:
    told = vocabulary("commodities").drop_nulls(["commodity", "name_fa"])
    return dict(told.select("commodity", "name_fa").iter_rows())


def _unit(edition: Edition, text: str) -> str:
    if not edition.rtl:
        return text
    with suppress(UnknownCode):
        return units.name(units.find(text).code, "fa")
    return text
