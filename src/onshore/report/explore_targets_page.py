"""The page of targets: where to look first, what it should bring, and in which order to drill."""

from collections.abc import Iterable
from typing import Any, Final

import polars as pl

from onshore.figures import shown
from onshore.report.bulletin import Chart, Section
from onshore.report.charts import Segment
from onshore.report.explore_curves import Curve, Ends, curves
from onshore.report.explore_finding import ExploreFinding
from onshore.report.explore_map import Ring, Shape
from onshore.report.ranked import Ranked, ranked
from onshore.report.scatter import Axis

_LABELLED: Final = 25
_BARS: Final = 15
_COLUMNS: Final = (
    "rank", "target", "area_km2", "mean", "top", "uncertainty", "expected", "expected_per_km2",
    "known", "province", "nearest_mine", "mine_km", "blocks", "held_share", "plant", "plant_km",
)  # fmt: skip
_ORDER: Final = (
    "step", "target", "probability", "updated", "supposed", "cost", "value", "worth", "spent",
    "found", "if_found", "if_empty", "reason",
)  # fmt: skip


def compose_targets(finding: ExploreFinding) -> list[Section]:
    """Show the results of ``onshore explore targets``.

    Parameters
    ----------
    finding
        Tables ``targets``, ``around``, ``explored``, ``order`` and ``deposits``; the raster
        ``score`` and the targets' outlines.
    """
    sections = (_targets(finding), _around(finding), _explored(finding), _order(finding))
    return [section for section in sections if section is not None]


def shapes_of(rows: pl.DataFrame, title: str = "", locale: str = "en") -> tuple[Shape, ...]:
    """Give targets' outlines from their column ``geometry``, WKB or WKT of polygons.

    Parameters
    ----------
    rows
        Targets with the columns ``geometry`` and ``rank``, the best first.
    title
        What is put before a target's rank where it is pointed at.
    locale
        In whose digits ranks are written.
    """
    import shapely

    ranks = rows["rank"] if "rank" in rows.columns else range(1, rows.height + 1)
    shapes = []
    for rank, told in zip(ranks, rows["geometry"], strict=True):
        if not told:
            continue
        polygon = shapely.from_wkb(told) if isinstance(told, bytes) else shapely.from_wkt(told)
        parts = getattr(polygon, "geoms", [polygon])
        rings = tuple(tuple(ring) for part in parts for ring in _rings(part))
        label = shown.digits(str(rank), locale) if rank <= _LABELLED else ""
        shapes.append(Shape(rings, label, f"{title} {shown.digits(str(rank), locale)}".strip()))
    return tuple(shapes)


def _rings(polygon: Any) -> Iterable[Ring]:
    yield [(x, y) for x, y, *_ in polygon.exterior.coords]
    for ring in polygon.interiors:
        yield [(x, y) for x, y, *_ in ring.coords]


def _targets(finding: ExploreFinding) -> Section | None:
    if not finding.has("targets", "rank", "area_km2"):
        return None
    say = finding.say
    rows = finding.tables["targets"].sort("rank").drop_nulls("area_km2")
    if rows.is_empty():
        return None
    charts: list[Chart] = []
    if finding.outlines is not None and "score" in finding.rasters:
        shapes = shapes_of(finding.outlines, say("explore.target"), finding.locale)
        chart = finding.score_map("explore-targets", say("explore.targets_chart"), shapes=shapes)
        charts += [chart] if chart is not None else []
    area = float(rows["area_km2"].sum())
    headlines = [
        finding.headline(say("explore.targets_area"), finding.area(area), _of_map(finding, area))
    ]
    if _expects(rows):
        total = float(rows["expected"].sum())
        headlines.append(
            finding.headline(
                say("explore.expected_all"),
                finding.number(total, 1),
                say("explore.expected_note"),
            )
        )
    charts += _target_bars(finding, rows)
    return Section(
        key="targets",
        title=finding.words.count(
            "explore.targets_title",
            rows.height,
            number=finding.number(rows.height),
            area=finding.area(area),
        ),
        lead=say("explore.targets_lead" if _expects(rows) else "explore.targets_lead_mean"),
        name=say("explore.targets_name"),
        headlines=tuple(headlines),
        charts=tuple(charts),
        tables=(
            finding.explore_table(
                say("explore.targets_table"), rows, _COLUMNS, rows=25, shares=("held_share",)
            ),
        ),
    )


def _expects(rows: pl.DataFrame) -> bool:
    return "expected" in rows.columns and rows["expected"].null_count() < rows.height


def _of_map(finding: ExploreFinding, area: float) -> str:
    whole = finding.metadata.get("area_km2")
    if not whole:
        return ""
    return finding.say("explore.of_map", share=finding.percent(area / float(whole), 1))


def _target_bars(finding: ExploreFinding, rows: pl.DataFrame) -> list[Chart]:
    """Rank targets by what they should hold, or by their mean score."""
    key = "expected" if _expects(rows) else "mean"
    if key not in rows.columns:
        return []
    known = rows.drop_nulls([key]).head(_BARS)
    bars = [
        Ranked(
            finding.say("explore.target_of", rank=finding.number(row["rank"])),
            (Segment(row[key], "graphite"),),
            finding.plain(row[key]),
            note=finding.area(row["area_km2"]),
        )
        for row in known.iter_rows(named=True)
    ]
    if not bars:
        return []
    title = finding.say("explore.expected_chart" if key == "expected" else "explore.mean_chart")
    return [finding.picture(title, ranked("explore-bars", bars, alt=title, rtl=finding.rtl))]


def _around(finding: ExploreFinding) -> Section | None:
    """Show what remains within reach of each plant."""
    if not finding.has("around", "plant", "free_km2"):
        return None
    say = finding.say
    rows = finding.tables["around"]
    return Section(
        key="around",
        title=say("explore.around_title", area=finding.area(float(rows["free_km2"].sum()))),
        lead=say("explore.around_lead"),
        name=say("explore.around_name"),
        tables=(finding.explore_table(say("explore.around_table"), rows),),
    )


def _explored(finding: ExploreFinding) -> Section | None:
    """Show how many deposits are expected by how much of the land is explored."""
    across = next(
        (key for key in ("area_km2", "area_share") if finding.has("explored", key, "expected")),
        None,
    )
    if across is None:
        return None
    say = finding.say
    rows = finding.tables["explored"].sort(across).drop_nulls([across, "expected"])
    if rows.is_empty():
        return None
    title = say("explore.explored_chart")
    low, high = _around_expected(rows, "share_low"), _around_expected(rows, "share_high")
    low, high = (low, high) if low and high else ((), ())
    curve = Curve(
        "", tuple(rows.select(across, "expected").iter_rows()), low, high, home=True,
        spots=rows.height <= 30,
    )  # fmt: skip
    name = say("explore.area_explored_axis" if across == "area_km2" else "explore.area_axis")
    svg = curves(
        "explore-explored",
        [curve],
        Axis(name, finding.number if across == "area_km2" else finding.share),
        Axis(say("explore.expected_axis"), finding.number),
        alt=title,
        across=Ends(0.0),
        up=Ends(0.0),
        rtl=finding.rtl,
    )
    last = rows.tail(1).to_dicts()[0]
    return Section(
        key="explored",
        title=say("explore.explored_title", number=finding.number(last["expected"], 1)),
        lead=say("explore.explored_lead"),
        name=say("explore.explored_name"),
        charts=(finding.picture(title, svg, foot=say("explore.held_out_foot")),),
        tables=(
            finding.explore_table(
                say("explore.explored_table"), rows, shares=("area_share", "deposit_share")
            ),
        ),
    )


def _around_expected(rows: pl.DataFrame, bound: str) -> tuple[float, ...]:
    """Give one end of the interval around the expected finds, where it is known throughout."""
    needed = [bound, "expected_share"]
    if not set(needed) <= set(rows.columns) or rows.drop_nulls(needed).height < rows.height:
        return ()
    ratio = pl.col("expected") / pl.col("expected_share")
    return tuple(rows.select(pl.col(bound) * ratio).to_series().fill_nan(0.0).to_list())


def _order(finding: ExploreFinding) -> Section | None:
    """Show in which order to drill."""
    if not finding.has("order", "step", "target"):
        return None
    say = finding.say
    rows = finding.tables["order"].sort("step", nulls_last=True)
    chosen = rows.drop_nulls("step")
    if chosen.is_empty():
        return None
    charts: tuple[Chart, ...] = ()
    if "worth" in rows.columns and rows["worth"].null_count() < rows.height:
        known = chosen.drop_nulls("worth").head(_BARS)
        title = say("explore.worth_chart")
        bars = [
            Ranked(
                finding.apart(str(row["target"])),
                (Segment(row["worth"], "graphite"),),
                finding.plain(row["worth"]),
            )
            for row in known.iter_rows(named=True)
        ]
        charts = (
            finding.picture(title, ranked("explore-order", bars, alt=title, rtl=finding.rtl)),
        )
    return Section(
        key="order",
        title=say("explore.order_title", target=finding.apart(str(chosen["target"][0]))),
        lead=say("explore.order_lead"),
        name=say("explore.order_name"),
        charts=charts,
        tables=(
            finding.explore_table(
                say("explore.order_table"), rows, _ORDER, shares=("probability", "updated"),
                money=("value", "cost", "spent"),
            ),
        ),
    )  # fmt: skip
