"""The pages of a trained model and of its map: what it goes by, where it points, how surely."""

from typing import Final

import polars as pl

from onshore.report.bulletin import Chart, Section
from onshore.report.charts import Segment
from onshore.report.explore_finding import ExploreFinding
from onshore.report.ranked import Ranked, ranked

_BARS: Final = 15


def compose_training(finding: ExploreFinding) -> list[Section]:
    """Show the results of ``onshore explore train``.

    Parameters
    ----------
    finding
        Tables ``importance`` (layer, what, value) and ``deposits``; metadata ``method``.
    """
    section = _importance(finding)
    return [section] if section is not None else []


def compose_map(finding: ExploreFinding) -> list[Section]:
    """Show the results of ``onshore explore map``.

    Parameters
    ----------
    finding
        Tables ``scores`` (share, least_score, mean_score) and ``deposits``; the rasters ``score``
        and ``uncertainty``.
    """
    section = map_section(finding, "explore.map_title", "explore.map_lead")
    return [section] if section is not None else []


def map_section(finding: ExploreFinding, title: str, lead: str) -> Section | None:
    """Show a map with its uncertainty beside it, under a title that tells what its best holds."""
    say = finding.say
    score = finding.score_map("explore-score", say("explore.score_chart"))
    if score is None:
        return None
    foot = str(finding.metadata.get("uncertainty") or "")
    told = say("explore.uncertainty_is", what=finding.term(foot)) if foot else ""
    unsure = finding.uncertainty_map(
        "explore-uncertainty", say("explore.uncertainty_chart"), foot=told
    )
    found, share, area = _found_in_best(finding)
    named = (
        say(title, found=found, share=share, area=area) if found else say("explore.map_title_plain")
    )
    tables = ()
    if finding.has("scores", "share", "least_score"):
        tables = (
            finding.explore_table(
                say("explore.scores_table"), finding.tables["scores"], shares=("share",)
            ),
        )  # type: ignore[assignment]
    charts: tuple[Chart, ...] = (score,) if unsure is None else (score, unsure)
    return Section(
        key="map",
        title=named,
        lead=say(lead),
        name=say("explore.map_name"),
        charts=charts,
        tables=tables,
        notes=(say("explore.map_note"),) if found else (),
    )


def _found_in_best(finding: ExploreFinding, share: float = 0.1) -> tuple[str, str, str]:
    """Tell which share of the known deposits lies in the best tenth of the map."""
    if not finding.has("deposits", "better_share"):
        return "", "", ""
    better = finding.tables["deposits"]["better_share"].drop_nulls()
    if better.is_empty():
        return "", "", ""
    found = float((better < share).mean())  # type: ignore[arg-type]
    return finding.percent(found), finding.percent(share), finding.number(len(better))


def _importance(finding: ExploreFinding) -> Section | None:
    """Rank what the model goes by."""
    if not finding.has("importance", "layer", "value"):
        return None
    say = finding.say
    rows = finding.tables["importance"].with_columns(pl.col("layer").cast(pl.String))
    first = rows
    if "what" in rows.columns and rows["what"].n_unique() > 1:
        kinds = rows["what"].unique(maintain_order=True).to_list()
        first = rows.filter(pl.col("what") == kinds[0])
    first = first.drop_nulls(["layer", "value"])
    order = first.sort(pl.col("value").abs(), descending=True)
    what = finding.term(str(order["what"][0])) if "what" in order.columns and order.height else ""
    bars = [
        Ranked(str(row["layer"]), (Segment(row["value"], "graphite"),),
               finding.plain(row["value"]))
        for row in order.head(_BARS).iter_rows(named=True)
    ]  # fmt: skip
    charts: tuple[Chart, ...] = ()
    if bars:
        title = say("explore.importance_chart", what=what) if what else say("explore.importance")
        svg = ranked("explore-importance", bars, alt=title, rtl=finding.rtl)
        charts = (finding.picture(title, svg),)
    method = finding.term(str(finding.metadata.get("method") or ""))
    return Section(
        key="importance",
        title=say(
            "explore.importance_title",
            layer=finding.apart(str(order["layer"][0])) if order.height else "",
            method=method,
        ),
        lead=say("explore.importance_lead"),
        name=say("explore.importance"),
        charts=charts,
        tables=(finding.explore_table(say("explore.importance_table"), rows),),
    )
