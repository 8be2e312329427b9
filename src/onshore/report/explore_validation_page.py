"""The page of a validation: how well methods find deposits on land they have not seen."""

import itertools
import math
from dataclasses import replace
from typing import Final

import polars as pl

from onshore.report.bulletin import Chart, Section
from onshore.report.charts import Segment
from onshore.report.explore_curves import Curve, Ends, curves
from onshore.report.explore_finding import ExploreFinding
from onshore.report.ranked import Ranked, ranked
from onshore.report.scatter import Axis

_FROM_ZERO: Final = Ends(0.0)
_SHARES: Final = Ends(0.0, 1.0)
_MOST_PLACES: Final = 240
_LINES: Final = 6


def compose_validation(finding: ExploreFinding) -> list[Section]:
    """Show the results of ``onshore explore validate``.

    Parameters
    ----------
    finding
        Tables ``aucs``, ``paired``, ``curves`` and ``autocorrelation``; metadata ``block_km``,
        ``range_km`` and ``split``.
    """
    sections = (_aucs(finding), _curves(finding), _likeness(finding))
    return [section for section in sections if section is not None]


def summary_of(aucs: pl.DataFrame) -> pl.DataFrame:
    """Give for each method the mean of its AUC over the seeds, and the range that they span.

    A seed's own AUC is the mean of its folds, where folds are told.
    """
    by_seed = aucs.drop_nulls("auc").group_by("method", "seed", maintain_order=True)
    return (
        by_seed.agg(pl.col("auc").mean())
        .group_by("method", maintain_order=True)
        .agg(
            mean=pl.col("auc").mean(),
            low=pl.col("auc").min(),
            high=pl.col("auc").max(),
            seeds=pl.len(),
        )
        .sort("mean", descending=True)
    )


def _aucs(finding: ExploreFinding) -> Section | None:
    if not finding.has("aucs", "method", "seed", "auc"):
        return None
    say = finding.say
    rows = summary_of(finding.tables["aucs"])
    if rows.is_empty():
        return None
    first = rows.to_dicts()[0]
    random = finding.metadata.get("split") == "random"
    block = finding.metadata.get("block_km")
    values = {
        "method": finding.term(str(first["method"])),
        "auc": finding.number(first["mean"], 3),
        "block": finding.kilometres(float(block)) if block else "",
    }
    title = say("explore.auc_title_random" if random else "explore.auc_title", **values)
    note = [say("explore.random_note")] if random else []
    tied = _tied(finding, str(first["method"]))
    if tied:
        note.append(say("explore.auc_tied", methods=finding.listed(tied)))
    tables = [
        finding.explore_table(
            say("explore.auc_table"), rows.with_columns(pl.col("mean", "low", "high").round(4))
        )
    ]
    charts = [*_auc_chart(finding, rows)]
    if finding.has("paired", "method", "other", "difference", "low", "high"):
        paired = finding.tables["paired"]
        tables.append(finding.explore_table(say("explore.paired_table"), paired,
                                            note=say("explore.paired_note")))  # fmt: skip
        charts += _paired_chart(finding, paired)
    return Section(
        key="auc",
        title=title,
        lead=say("explore.auc_lead"),
        name=say("explore.auc_name"),
        headlines=tuple(
            finding.headline(
                say("explore.auc_of", method=finding.term(str(row["method"]))),
                finding.number(row["mean"], 3),
                finding.range(row["low"], row["high"], 3, key="explore.over_seeds"),
                say("explore.held_out_random" if random else "explore.held_out"),
            )
            for row in rows.head(4).iter_rows(named=True)
        ),
        charts=tuple(charts),
        tables=tuple(tables),
        notes=tuple(note),
    )


def _tied(finding: ExploreFinding, best: str) -> list[str]:
    """Name the methods that the best one is not shown to be better than."""
    if not finding.has("paired", "method", "other", "low", "high"):
        return []
    rows = finding.tables["paired"].filter(
        (pl.col("low") <= 0)
        & (pl.col("high") >= 0)
        & ((pl.col("method") == best) | (pl.col("other") == best))
    )
    names = [
        other if method == best else method
        for method, other in rows.select("method", "other").iter_rows()
    ]
    return [finding.term(str(name)) for name in names]


def _auc_chart(finding: ExploreFinding, rows: pl.DataFrame) -> list[Chart]:
    title = finding.say("explore.auc_chart")
    bars = [
        Ranked(
            finding.term(str(row["method"])),
            (Segment(row["mean"], "graphite"),),
            finding.number(row["mean"], 3),
            low=row["low"],
            high=row["high"],
        )
        for row in rows.iter_rows(named=True)
    ]
    svg = ranked("explore-auc", bars, alt=title, cut=0.5, rtl=finding.rtl)
    return [finding.picture(title, svg, foot=finding.say("explore.auc_foot"))]


def _paired_chart(finding: ExploreFinding, paired: pl.DataFrame) -> list[Chart]:
    known = paired.drop_nulls(["difference", "low", "high"])
    if known.is_empty():
        return []
    title = finding.say("explore.paired_chart")
    bars = [
        Ranked(
            finding.say(
                "explore.against",
                method=finding.term(str(row["method"])),
                other=finding.term(str(row["other"])),
            ),
            (Segment(row["difference"], "graphite"),),
            finding.number(row["difference"], 3),
            low=row["low"],
            high=row["high"],
        )
        for row in known.iter_rows(named=True)
    ]
    svg = ranked("explore-paired", bars, alt=title, rtl=finding.rtl)
    return [finding.picture(title, svg, foot=finding.say("explore.paired_foot"))]


def _curves(finding: ExploreFinding) -> Section | None:
    """Show which share of the deposits lies in which share of the held-out land."""
    if not finding.has("curves", "method", "area_share", "deposit_share"):
        return None
    say = finding.say
    rows = finding.tables["curves"].drop_nulls(["area_share", "deposit_share"])
    if rows.is_empty():
        return None
    order = [str(method) for method in rows["method"].unique(maintain_order=True)]
    if finding.has("aucs", "method", "seed", "auc"):
        ranks = summary_of(finding.tables["aucs"])["method"].to_list()
        order.sort(key=lambda name: ranks.index(name) if name in ranks else len(ranks))
    best = rows.filter(pl.col("method") == order[0])
    charts = [_success(finding, rows, order)]
    crossing = _crossing(best)
    if crossing is not None:
        charts.append(_prediction_area(finding, best, order[0], crossing))
    table = pl.DataFrame(
        [
            {"method": name, "area_share": share, "deposit_share": found}
            for name in order
            for share in (0.01, 0.05, 0.1, 0.2, 0.5)
            if (found := _found(rows.filter(pl.col("method") == name), share)) is not None
        ]
    )
    tenth = _found(best, 0.1)
    return Section(
        key="curves",
        title=say(
            "explore.curves_title",
            share=finding.percent(0.1),
            found=finding.percent(tenth if tenth is not None else 0.0),
        ),
        lead=say("explore.curves_lead"),
        name=say("explore.curves_name"),
        charts=tuple(charts),
        tables=(
            finding.explore_table(
                say("explore.curves_table"), table, shares=("area_share", "deposit_share")
            ),
        ),
    )


def _places(rows: pl.DataFrame) -> tuple[tuple[float, float], ...]:
    """Give a curve's places, the mean of its seeds at as many shares as can be seen."""
    ordered = rows.drop_nulls(["area_share", "deposit_share"])
    if "seed" in ordered.columns and ordered["seed"].n_unique() > 1:
        ordered = ordered.with_columns(pl.col("area_share").round(3))
    ordered = ordered.group_by("area_share").agg(pl.col("deposit_share").mean()).sort("area_share")
    every = max(1, ordered.height // _MOST_PLACES)
    kept = ordered.gather_every(every)
    if every > 1:
        kept = pl.concat([kept, ordered.tail(1)]).unique(maintain_order=True)
    return tuple(zip(kept["area_share"].to_list(), kept["deposit_share"].to_list(), strict=True))


def _with_range(curve: Curve, rows: pl.DataFrame) -> Curve:
    """Put the range over the draws around the best curve, where it is told for each place."""
    if not curve.home or not {"low", "high"} <= set(rows.columns):
        return curve
    ends = {
        share: (low, high)
        for share, low, high in rows.select("area_share", "low", "high").drop_nulls().iter_rows()
    }
    found = [ends.get(share) for share, _ in curve.places]
    if any(pair is None for pair in found):
        return curve
    pairs = [pair for pair in found if pair is not None]
    return replace(curve, low=tuple(low for low, _ in pairs), high=tuple(high for _, high in pairs))


def _found(rows: pl.DataFrame, share: float) -> float | None:
    """Read a curve at a share of the land, straight between its places."""
    places = _places(rows)
    for (a, b), (c, d) in itertools.pairwise(places):
        if a <= share <= c:
            return b if c == a else b + (share - a) / (c - a) * (d - b)
    return None


def _crossing(rows: pl.DataFrame) -> float | None:
    """Find the share of deposits at which the prediction-area curves cross."""
    places = _places(rows)
    for (a, b), (c, d) in itertools.pairwise(places):
        before, after = b - (1 - a), d - (1 - c)
        if before <= 0 <= after and after > before:
            return b + (d - b) * -before / (after - before)
    return None


def _success(finding: ExploreFinding, rows: pl.DataFrame, order: list[str]) -> Chart:
    say = finding.say
    title = say("explore.success_chart")
    drawn = [
        _with_range(Curve(finding.term(name), _places(part), home=not number), part)
        for number, name in enumerate(order)
        for part in [rows.filter(pl.col("method") == name)]
    ]
    drawn.append(Curve(say("explore.by_chance"), ((0.0, 0.0), (1.0, 1.0)), cut=True))
    svg = curves(
        "explore-success",
        drawn,
        Axis(say("explore.area_axis"), finding.share),
        Axis(say("explore.deposits_axis"), finding.share),
        alt=title,
        across=_SHARES,
        up=_SHARES,
        rtl=finding.rtl,
    )
    return finding.picture(title, svg, foot=say("explore.held_out_foot"))


def _prediction_area(
    finding: ExploreFinding, rows: pl.DataFrame, method: str, crossing: float
) -> Chart:
    """Draw deposits found and land left out over the score's rank; the better, the higher."""
    say = finding.say
    title = say("explore.prediction_chart", method=finding.term(method),
                share=finding.percent(crossing))  # fmt: skip
    places = _places(rows)
    drawn = [
        Curve(say("explore.deposits_found"), places, home=True),
        Curve(say("explore.land_left"), tuple((area, 1 - area) for area, _ in places)),
    ]
    svg = curves(
        "explore-prediction-area",
        drawn,
        Axis(say("explore.area_axis"), finding.share),
        Axis("", finding.share, crossing),
        alt=title,
        across=_SHARES,
        up=_SHARES,
        rtl=finding.rtl,
    )
    return finding.picture(title, svg, foot=say("explore.held_out_foot"))


def _likeness(finding: ExploreFinding) -> Section | None:
    """Tell how far the data are alike, and so how large a block must be."""
    if not finding.has("autocorrelation", "layer", "distance_km", "semivariance"):
        return None
    say, told = finding.say, finding.metadata
    reach, block = told.get("range_km"), told.get("block_km")
    known = reach is not None and math.isfinite(float(reach))
    values = {
        "range": finding.kilometres(float(reach)) if reach is not None and known else "–",
        "block": finding.kilometres(float(block)) if block else "–",
    }
    title = "explore.likeness_title" if block and known else "explore.likeness_title_only"
    tables = [
        finding.explore_table(say("explore.likeness_table"), finding.tables["autocorrelation"])
    ]
    if finding.has("ranges", "layer", "range_km"):
        tables.insert(0, finding.explore_table(say("explore.ranges_table"),
                                               finding.tables["ranges"]))  # fmt: skip
    return Section(
        key="autocorrelation",
        title=say(title, **values),
        lead=say("explore.likeness_lead"),
        name=say("explore.likeness_name"),
        charts=_likeness_chart(finding, float(reach) if reach is not None and known else None),
        tables=tuple(tables),
    )


def _likeness_chart(finding: ExploreFinding, reach: float | None) -> tuple[Chart, ...]:
    """Draw how unlike cells are by distance, of each layer as a share of its most unlike ones."""
    rows = finding.tables["autocorrelation"].drop_nulls(["distance_km", "semivariance"])
    drawn = []
    for (name,), part in rows.group_by("layer", maintain_order=True):
        ordered = part.sort("distance_km")
        most = float(ordered["semivariance"].max() or 0.0)  # type: ignore[arg-type]
        if not most or ordered.height < 2:
            continue
        places = tuple(
            (distance, value / most)
            for distance, value in ordered.select("distance_km", "semivariance").iter_rows()
        )
        drawn.append(Curve(finding.term(str(name)), places, home=name == "residuals"))
    if not drawn:
        return ()
    # What counts is told first; with many layers the rest would only tangle it.
    drawn.sort(key=lambda curve: not curve.home)
    title = finding.say("explore.likeness_chart")
    svg = curves(
        "explore-likeness",
        drawn[:_LINES],
        Axis(finding.say("explore.distance_axis"), finding.number, reach),
        Axis(finding.say("explore.unlike_axis"), finding.share),
        alt=title,
        across=_FROM_ZERO,
        up=_FROM_ZERO,
        rtl=finding.rtl,
    )
    return (finding.picture(title, svg, foot=finding.say("explore.likeness_foot")),)
