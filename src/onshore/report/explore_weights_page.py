"""The page of weights of evidence: which layer tells most, and whether they tell the same."""

from typing import Any, Final

import polars as pl

from onshore.figures import shown
from onshore.report.bulletin import Chart, Headline, Section, Table
from onshore.report.charts import Segment
from onshore.report.explore_curves import Curve, curves
from onshore.report.explore_finding import WIDE, ExploreFinding
from onshore.report.explore_map_page import map_section
from onshore.report.ranked import Ranked, ranked
from onshore.report.scatter import Axis

_LAYERS: Final = 12
_INDEPENDENT: Final = 1.15
_CUT_COLUMNS: Final = (
    "layer", "kind", "cut", "class", "area_km2", "points", "w_plus", "w_minus", "contrast",
    "s_contrast", "studentised", "chance",
)  # fmt: skip
_CLASS_COLUMNS: Final = (
    "class", "lower", "upper", "area_km2", "points", "w_plus", "w_minus", "contrast",
    "s_contrast", "studentised", "weight",
)  # fmt: skip
_CUMULATIVE: Final = frozenset(("ascending", "descending"))


def compose_weights(finding: ExploreFinding) -> list[Section]:
    """Show the results of ``onshore explore weights``.

    Parameters
    ----------
    finding
        Tables ``cuts``, ``weights``, ``independence``, ``pairs`` and ``deposits``.
    """
    sections = (
        _layers(finding),
        map_section(finding, "explore.posterior_title", "explore.posterior_lead"),
        _independence(finding),
        _classes(finding),
    )
    return [section for section in sections if section is not None]


def _layers(finding: ExploreFinding) -> Section | None:
    """Rank the layers by the contrast of their cuts."""
    if not finding.has("cuts", *_CUT_COLUMNS[:-1]):
        return None
    say = finding.say
    rows = finding.tables["cuts"].sort("studentised", descending=True, nulls_last=True)
    first = rows.to_dicts()[0]
    return Section(
        key="weights",
        title=_title(finding, first),
        lead=say("explore.weights_lead"),
        name=say("explore.weights_name"),
        headlines=tuple(_headline(finding, row) for row in rows.head(4).to_dicts()),
        charts=_contrasts(finding, rows),
        tables=(
            finding.explore_table(
                say("explore.cuts_table"),
                rows,
                _CUT_COLUMNS,
                note=say("explore.cuts_note"),
                shares=("chance",),
            ),
        ),
    )


def _title(finding: ExploreFinding, row: dict[str, Any]) -> str:
    say = finding.say
    layer = finding.apart(str(row["layer"]))
    area, points = _whole(finding, str(row["layer"]))
    told = None not in (row["cut"], row["area_km2"], row["points"])
    if row["kind"] not in _CUMULATIVE or not told or not area or not points:
        return say("explore.weights_title_most", layer=layer)
    return say(
        "explore.weights_title",
        layer=layer,
        share=finding.percent(float(row["points"]) / points),
        area=finding.percent(float(row["area_km2"]) / area),
    )


def _whole(finding: ExploreFinding, layer: str) -> tuple[float, float]:
    """Give the area and the deposits of all classes of a layer."""
    if not finding.has("weights", "layer", "class_area_km2", "class_points"):
        return 0.0, 0.0
    rows = finding.tables["weights"].filter(pl.col("layer") == layer)
    return float(rows["class_area_km2"].sum()), float(rows["class_points"].sum())


def _headline(finding: ExploreFinding, row: dict[str, Any]) -> Headline:
    contrast, error = row["contrast"], row["s_contrast"]
    note = ""
    if contrast is not None and error is not None:
        note = finding.range(contrast - WIDE * error, contrast + WIDE * error)
    shown = "–" if contrast is None else finding.number(contrast, 2)
    label = finding.say("explore.contrast_of", layer=finding.apart(str(row["layer"])))
    return finding.headline(label, shown, note)


def _contrasts(finding: ExploreFinding, rows: pl.DataFrame) -> tuple[Chart, ...]:
    known = rows.drop_nulls(["contrast", "s_contrast", "studentised"]).head(_LAYERS)
    bars = [
        Ranked(
            str(row["layer"]),
            (Segment(row["contrast"], "graphite"),),
            finding.number(row["contrast"], 2),
            note=finding.say("explore.student", number=finding.number(row["studentised"], 1)),
            low=row["contrast"] - WIDE * row["s_contrast"],
            high=row["contrast"] + WIDE * row["s_contrast"],
        )
        for row in known.iter_rows(named=True)
    ]
    if not bars:
        return ()
    title = finding.say("explore.contrast_chart")
    svg = ranked("explore-contrast", bars, alt=title, rtl=finding.rtl)
    return (finding.picture(title, svg, foot=finding.say("explore.interval_foot")),)


def _independence(finding: ExploreFinding) -> Section | None:
    """Tell whether the layers tell of the deposits each for itself."""
    if not finding.has("independence", "expected", "observed", "ratio"):
        return None
    say = finding.say
    row = finding.tables["independence"].to_dicts()[0]
    values = {
        "ratio": finding.number(row["ratio"], 2),
        "expected": finding.number(row["expected"], 0),
        "observed": finding.number(row["observed"], 0),
    }
    bad = row["ratio"] > _INDEPENDENT
    low, high = row.get("ratio_low"), row.get("ratio_high")
    headline = finding.headline(
        say("explore.ratio"),
        finding.number(row["ratio"], 3),
        finding.range(low, high) if low is not None and high is not None else "",
    )
    whole = finding.tables["independence"]
    tables = [
        finding.explore_table(say("explore.independence_table"), whole, shares=("probability",))
    ]
    if finding.has("pairs", "layer", "other", "probability"):
        pairs = finding.tables["pairs"].sort("probability", nulls_last=True)
        tables.append(finding.explore_table(say("explore.pairs_table"), pairs,
                                            shares=("probability",)))  # fmt: skip
    return Section(
        key="independence",
        title=say("explore.dependent_title" if bad else "explore.independent_title", **values),
        lead=say("explore.independence_lead"),
        name=say("explore.independence_name"),
        headlines=(headline,),
        tables=tuple(tables),
    )


def _classes(finding: ExploreFinding) -> Section | None:
    """Show the contrast of every class, layer by layer."""
    if not finding.has("weights", "layer", "kind", "contrast", "s_contrast"):
        return None
    say = finding.say
    charts: list[Chart] = []
    tables: list[Table] = []
    for number, (key, rows) in enumerate(
        finding.tables["weights"].group_by("layer", maintain_order=True)
    ):
        layer = str(key[0])
        title = say("explore.class_chart", layer=finding.apart(layer))
        chart = _class_chart(finding, f"explore-classes-{number}", title, layer, rows)
        if chart is not None and len(charts) < _LAYERS:
            charts.append(chart)
        table_title = say("explore.class_table", layer=finding.apart(layer))
        tables.append(finding.explore_table(table_title, rows, _CLASS_COLUMNS, rows=10))
    return Section(
        key="classes",
        title=say("explore.classes_title"),
        lead=say("explore.classes_lead"),
        name=say("explore.classes_name"),
        charts=tuple(charts),
        tables=tuple(tables),
    )


def _class_chart(
    finding: ExploreFinding, key: str, title: str, layer: str, rows: pl.DataFrame
) -> Chart | None:
    """Draw the contrast with its interval: over the cut's place, or class by class."""
    known = rows.drop_nulls(["class", "contrast", "s_contrast"]).filter(
        pl.col("contrast").is_finite() & pl.col("s_contrast").is_finite()
    )
    foot = finding.say("explore.interval_foot")
    if known.is_empty():
        return None
    if str(known["kind"][0]) not in _CUMULATIVE:
        order = known.sort("contrast", descending=True).head(_LAYERS)
        bars = [
            Ranked(
                finding.say(
                    "explore.class_of", name=shown.digits(f"{row['class']:g}", finding.locale)
                ),
                (Segment(row["contrast"], "graphite"),),
                finding.number(row["contrast"], 2),
                low=row["contrast"] - WIDE * row["s_contrast"],
                high=row["contrast"] + WIDE * row["s_contrast"],
            )
            for row in order.iter_rows(named=True)
        ]
        return finding.picture(title, ranked(key, bars, alt=title, rtl=finding.rtl), foot=foot)
    end = "upper" if str(known["kind"][0]) == "ascending" else "lower"
    bounded = end in known.columns and known[end].null_count() < known.height
    along = end if bounded else "class"
    known = known.drop_nulls(along).sort(along)
    if known.is_empty():
        return None
    contrast, error = known["contrast"].to_list(), known["s_contrast"].to_list()
    cut = _cut_of(finding, layer)
    curve = Curve(
        "",
        tuple(zip(known[along].to_list(), contrast, strict=True)),
        tuple(c - WIDE * s for c, s in zip(contrast, error, strict=True)),
        tuple(c + WIDE * s for c, s in zip(contrast, error, strict=True)),
        home=True,
        spots=known.height <= 30,
    )
    svg = curves(
        key,
        [curve],
        Axis(finding.meaning(layer), finding.number, cut),
        Axis(finding.column("contrast"), finding.number, 0.0),
        alt=title,
        rtl=finding.rtl,
    )
    return finding.picture(title, svg, foot=foot)


def _cut_of(finding: ExploreFinding, layer: str) -> float | None:
    if not finding.has("cuts", "layer", "cut"):
        return None
    found = finding.tables["cuts"].filter(pl.col("layer") == layer)["cut"].drop_nulls()
    return float(found[0]) if len(found) else None
