"""Where it would be made: the map of the home country's provinces."""

from dataclasses import replace

import polars as pl

from onshore.figures import shown
from onshore.report.bulletin import Chart, Column, Section, Table
from onshore.report.edition import Edition
from onshore.report.map import Dot, Legend, Mark, Province, draw_map, read_provinces
from onshore.report.sections.planned import plan_rows

FILE = "provinces.geojson"

_TOP_ROWS = 12


def provinces(edition: Edition) -> Section | None:
    """Draw the map; nothing where the programme's folder holds no outlines."""
    folder = edition.results.programme.folder
    if folder is None or not (folder / FILE).is_file():
        return None
    outlines = [_named(edition, outline) for outline in read_provinces(folder / FILE)]
    say = edition.say
    marks = _marks(edition)
    dots = _dots(edition)
    placed = {outline.code for outline in outlines}
    drawn = {code: mark for code, mark in marks.items() if code in placed}
    svg = draw_map(
        "map-provinces",
        outlines,
        phases=_phases(edition),
        marks=drawn,
        dots=dots,
        legend=_legend(edition),
        alt=say("map.alt"),
        rtl=edition.rtl,
    )
    return Section(
        key="map",
        title=_title(edition, marks),
        lead=say("map.lead", plants=edition.count("map.plants", len(dots))),
        name=say("map.name"),
        charts=(
            Chart(
                title=say("map.chart"), svg=svg, alt=say("map.alt"), foot=_foot(edition), wide=True
            ),
        ),
        tables=_province_table(edition, marks),
        notes=_notes(edition, set(marks) - set(drawn)),
    )


def _province_table(edition: Edition, marks: dict[str, Mark]) -> tuple[Table, ...]:
    """List every province that the plan reaches or that a phase opens, with its phase."""
    say, phases = edition.say, _phases(edition)
    provinces = [code for code in phases if edition.province_of(code) == code]
    listed = [*sorted(marks, key=lambda code: -marks[code].value)]
    listed += [code for code in provinces if code not in marks]
    if not listed:
        return ()
    unit = edition.unit([mark.value for mark in marks.values()])
    years = edition.settings.phases
    frame = pl.DataFrame(
        {
            "province": [edition.place(code) for code in listed],
            "phase": [phases.get(code) for code in listed],
            "opens": [years.get(phases.get(code, 0)) for code in listed],
            "saving": [
                marks[code].value / float(unit.size) if code in marks else 0.0 for code in listed
            ],
        },
        schema={
            "province": pl.String,
            "phase": pl.Int64,
            "opens": pl.Int64,
            "saving": pl.Float64,
        },
    )
    return (
        Table(
            title=say("map.table"),
            columns=(
                Column("province", say("column.province")),
                Column("phase", say("column.phase"), "whole"),
                Column("opens", say("column.opens"), "year"),
                Column("saving", say("column.saving"), "money", unit.name, unit.decimals),
            ),
            frame=frame,
            shown=_TOP_ROWS,
        ),
    )


def _named(edition: Edition, outline: Province) -> Province:
    name = edition.place(outline.code)
    return outline if name == outline.code else replace(outline, name=name)


def _title(edition: Edition, marks: dict[str, Mark]) -> str:
    if not marks:
        return edition.say("map.title_empty")
    ranked = sorted(marks.values(), key=lambda mark: -mark.value)
    whole = sum(mark.value for mark in ranked)
    return edition.count(
        "map.title",
        min(len(ranked), 2),
        first=ranked[0].name,
        second=ranked[min(1, len(ranked) - 1)].name,
        share=edition.percent(sum(mark.value for mark in ranked[:2]) / whole),
        provinces=edition.number(len(ranked)),
    )


def _marks(edition: Edition) -> dict[str, Mark]:
    saving: dict[str, float] = {}
    for code, value in plan_rows(edition).select("province", "expected_saving").iter_rows():
        if code is not None and value is not None:
            saving[code] = saving.get(code, 0.0) + float(value)
    unit = edition.unit(saving.values())
    decimals = min(unit.decimals, 1 if max(saving.values(), default=0) >= 10 * unit.size else 2)
    return {
        code: Mark(
            name=edition.place(code),
            value=value,
            shown=edition.number(value / float(unit.size), decimals),
        )
        for code, value in saving.items()
        if value > 0
    }


def _dots(edition: Edition) -> list[Dot]:
    """Place the plants that operate and whose place and capacity are known, once each."""
    plants = edition.table("plants").drop_nulls(["lon", "lat", "capacity"])
    dots = []
    for plant in plants.iter_rows(named=True):
        if plant["status"] not in {"operating", None}:
            continue
        name = (edition.rtl and plant["name_fa"]) or plant["name"]
        product = edition.name("product", plant["product"]) if plant["product"] else ""
        title = edition.say(
            "map.plant", name=name, capacity=edition.number(plant["capacity"]), product=product
        )
        dots.append(Dot(float(plant["lon"]), float(plant["lat"]), float(plant["capacity"]), title))
    return dots


def _phases(edition: Edition) -> dict[str, int]:
    rows = edition.table("places").select("place_id", "phase").drop_nulls().iter_rows()
    return dict(rows)


def _legend(edition: Edition) -> Legend:
    say = edition.say
    unit = edition.unit([mark.value for mark in _marks(edition).values()])
    return Legend(
        phases={
            phase: say("map.phase", phase=edition.number(phase), year=edition.year(year))
            for phase, year in edition.settings.phases.items()
        },
        circle=say("map.circle", unit=unit.name),
        dot=say("map.dot"),
    )


def _foot(edition: Edition) -> str:
    sources = edition.table("plants")["source"].drop_nulls().unique(maintain_order=True)
    if sources.is_empty():
        return edition.say("map.foot")
    return edition.say("map.foot_plants", sources=shown.isolate("; ".join(sources)))


def _notes(edition: Edition, outside: set[str]) -> tuple[str, ...]:
    if not outside:
        return ()
    names = edition.listed(sorted(edition.place(code) for code in outside))
    return (edition.say("map.outside", names=names),)
