"""Where it would be made: the map of the home country's provinces."""

from onshore.figures import shown
from onshore.report.bulletin import Chart, Section
from onshore.report.edition import Edition
from onshore.report.map import Dot, Legend, Mark, draw_map, read_provinces
from onshore.report.sections.planned import plan_rows

FILE = "provinces.geojson"


def provinces(edition: Edition) -> Section | None:
    """Draw the map; nothing where the programme's folder holds no outlines."""
    folder = edition.results.programme.folder
    if folder is None or not (folder / FILE).is_file():
        return None
    outlines = read_provinces(folder / FILE)
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
        notes=_notes(edition, set(marks) - set(drawn)),
    )


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
