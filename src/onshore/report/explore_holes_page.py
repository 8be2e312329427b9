"""The page of drillholes: what is wrong with their tables, where they run, what they cut."""

import itertools
import math
from collections.abc import Sequence
from typing import Final

import polars as pl

from onshore.report.bulletin import Chart, Section
from onshore.report.explore_finding import ExploreFinding
from onshore.report.explore_section import Hole, SectionKey, Stretch, section

_HOLES: Final = 40
_COMPOSITE: Final = ("hole_id", "analyte", "from", "to", "value")
_PLACE: Final = ("hole_id", "depth", "x", "y", "z")


def compose_desurvey(finding: ExploreFinding) -> list[Section]:
    """Show the results of ``onshore explore desurvey``.

    Parameters
    ----------
    finding
        Tables ``findings``, ``points`` (hole_id, depth, x, y, z) and ``composites`` (hole_id,
        analyte, unit, from, to, value); metadata ``grade`` (the analyte shown), ``grade_unit``
        and ``composite_m``.
    """
    sections = (_section(finding), _findings(finding), _composites(finding))
    return [part for part in sections if part is not None]


def _section(finding: ExploreFinding) -> Section | None:
    """Draw the holes from the side, with what was found along them."""
    if not finding.has("points", *_PLACE):
        return None
    say = finding.say
    points = finding.tables["points"].drop_nulls(list(_PLACE)).sort("hole_id", "depth")
    depth = points.group_by("hole_id").agg(pl.col("depth").max())
    names = points["hole_id"].unique(maintain_order=True).to_list()
    holes = [
        Hole(str(name), tuple(rows.select("x", "y", "z").iter_rows()))
        for (name,), rows in points.group_by("hole_id", maintain_order=True)
        if rows.height > 1
    ][:_HOLES]
    along = azimuth_of(points)
    charts = tuple(
        _side(finding, holes, points, (along + turn) % 180, number)
        for number, turn in enumerate((0.0, 90.0))
        if holes
    )
    return Section(
        key="holes",
        title=finding.words.count(
            "explore.holes_title",
            len(names),
            number=finding.number(len(names)),
            metres=finding.number(float(depth["depth"].sum())),
        ),
        lead=say("explore.holes_lead"),
        name=say("explore.holes_name"),
        headlines=(
            finding.headline(
                say("explore.deepest"),
                say("explore.m", number=finding.number(float(depth["depth"].max() or 0))),  # type: ignore[arg-type]
                status=say("explore.measured"),
            ),
        ),
        charts=charts,
        tables=(finding.explore_table(say("explore.points_table"), _told(points), rows=10),),
    )


def _side(
    finding: ExploreFinding,
    holes: Sequence[Hole],
    points: pl.DataFrame,
    azimuth: float,
    number: int,
) -> Chart:
    """Draw the holes upon one vertical plane."""
    say = finding.say
    title = say("explore.section_chart", azimuth=finding.number(azimuth))
    grade = str(finding.metadata.get("grade") or "")
    unit = str(finding.metadata.get("grade_unit") or "")
    told = f"{finding.apart(grade)} {finding.apart(unit)}".strip()
    svg = section(
        f"explore-section-{number}",
        holes,
        _stretches(finding, points, grade, unit),
        SectionKey(say("explore.along_axis"), say("explore.up_axis"), told),
        azimuth=azimuth,
        shown=finding.number,
        alt=title,
        rtl=finding.rtl,
    )
    return finding.picture(title, svg, foot=say("explore.section_foot"))


def _told(rows: pl.DataFrame) -> pl.DataFrame:
    """Call the height by its name: elsewhere z is a statistic."""
    return rows.rename({"z": "height"}, strict=False)


def azimuth_of(points: pl.DataFrame) -> float:
    """Give the direction, 0 to 180 degrees from north, along which places lie most.

    Parameters
    ----------
    points
        Places with the columns ``x`` (east) and ``y`` (north).

    Returns
    -------
    float
        Degrees; 90 where they lie in no direction more than in others.

    Examples
    --------
    >>> round(azimuth_of(pl.DataFrame({"x": [0.0, 1.0, 2.0], "y": [0.0, 1.0, 2.0]})), 6)
    45.0
    """
    x, y = points["x"].cast(pl.Float64), points["y"].cast(pl.Float64)
    x, y = x - x.mean(), y - y.mean()
    xx, yy, xy = float((x * x).sum()), float((y * y).sum()), float((x * y).sum())
    if abs(xy) < 1e-12 * max(xx, yy, 1e-300) and math.isclose(xx, yy):
        return 90.0
    # The axis of the largest moment, as an angle from east, told from north.
    return (90.0 - math.degrees(math.atan2(2 * xy, xx - yy) / 2)) % 180.0


def _stretches(
    finding: ExploreFinding, points: pl.DataFrame, grade: str, unit: str
) -> list[Stretch]:
    """Place composites along their holes by their depths."""
    if not grade or not finding.has("composites", *_COMPOSITE):
        return []
    traces = {
        str(name): list(rows.select("depth", "x", "y", "z").iter_rows())
        for (name,), rows in points.group_by("hole_id", maintain_order=True)
    }
    stretches = []
    rows = finding.tables["composites"].filter(pl.col("analyte") == grade)
    rows = rows.drop_nulls(["from", "to", "value"])
    for row in rows.iter_rows(named=True):
        trace = traces.get(str(row["hole_id"]))
        if trace is None:
            continue
        told = f"{row['hole_id']} {row['from']:g}–{row['to']:g} m: {row['value']:g} {unit}".strip()
        start, end = _at(trace, float(row["from"])), _at(trace, float(row["to"]))
        stretches.append(Stretch(start, end, float(row["value"]), told))
    return stretches


def _at(trace: list[tuple[float, float, float, float]], depth: float) -> tuple[float, float, float]:
    """Give the place at a depth, straight between the places that are known."""
    for before, after in itertools.pairwise(trace):
        if depth <= after[0]:
            span = after[0] - before[0]
            share = (depth - before[0]) / span if span else 0.0
            share = max(share, 0.0)
            x, y, z = (b + share * (a - b) for b, a in zip(before[1:], after[1:], strict=True))
            return x, y, z
    return trace[-1][1:]


def _findings(finding: ExploreFinding) -> Section | None:
    """List what is wrong with the tables, by row."""
    if "findings" not in finding.tables:
        return None
    say = finding.say
    rows = finding.tables["findings"]
    title = finding.words.count(
        "explore.findings_title", rows.height, number=finding.number(rows.height)
    )
    return Section(
        key="findings",
        title=title if rows.height else say("explore.findings_none"),
        lead=say("explore.findings_lead"),
        name=say("explore.findings_name"),
        tables=(finding.explore_table(say("explore.findings_table"), rows, rows=30),)
        if rows.height
        else (),
    )


def _composites(finding: ExploreFinding) -> Section | None:
    """List the richest composites."""
    if not finding.has("composites", *_COMPOSITE):
        return None
    say = finding.say
    rows = finding.tables["composites"]
    grade = str(finding.metadata.get("grade") or "")
    if grade:
        rows = rows.filter(pl.col("analyte") == grade)
    rows = rows.sort("value", descending=True, nulls_last=True)
    length = finding.metadata.get("composite_m")
    return Section(
        key="composites",
        title=say(
            "explore.composites_title",
            number=finding.number(rows.height),
            length=finding.plain(float(length)) if length else "–",
        ),
        lead=say("explore.composites_lead"),
        name=say("explore.composites_name"),
        tables=(finding.explore_table(say("explore.composites_table"), _told(rows), rows=15),),
    )
