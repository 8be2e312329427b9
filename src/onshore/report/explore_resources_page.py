"""The page of resources: tonnes by cut-off and class, and what changed them from date to date."""

from typing import Final

import polars as pl

from onshore.report.bulletin import Chart, Section
from onshore.report.charts import Segment
from onshore.report.explore_curves import Curve, Ends, curves
from onshore.report.explore_finding import ExploreFinding
from onshore.report.explore_steps import Step, steps
from onshore.report.ranked import Ranked, ranked
from onshore.report.scatter import Axis

_UP: Final = Ends(0.0)
_UNFC: Final = (
    "deposit_id", "commodity", "class", "kind", "tonnage", "grade", "grade_unit", "estimated_on",
    "unfc", "unfc_class",
)  # fmt: skip
_LEDGERS: Final = 6
_ENDS: Final = 2  # steps of an account that nothing changed
_LINE: Final = (
    "deposit_id", "commodity", "class", "date", "reason", "tonnage_opening", "tonnage",
    "tonnage_closing",
)  # fmt: skip
# Classes that may be added: CRIRSCO lets inferred resources be added to no other.
_SURE: Final = ("measured", "indicated")


def compose_resources(finding: ExploreFinding) -> list[Section]:
    """Show the results of ``onshore explore resources``.

    Parameters
    ----------
    finding
        Tables ``tonnage_grade`` (cutoff, tonnes, grade, metal), ``classes`` (class, tonnes, grade,
        metal), ``unfc``, ``ledger`` (date, reason, class, tonnage_opening, tonnage,
        tonnage_closing); metadata ``grade`` and ``grade_unit``.
    """
    sections = (_cutoffs(finding), _classes(finding), _unfc(finding), _ledger(finding))
    return [part for part in sections if part is not None]


def _cutoffs(finding: ExploreFinding) -> Section | None:
    if not finding.has("tonnage_grade", "cutoff", "tonnes", "grade"):
        return None
    say = finding.say
    parts = _addable(finding)
    if not parts:
        return None
    name, rows = next(iter(parts.items()))
    first = rows.to_dicts()[0]
    charts = [_cutoff_chart(finding, parts, key) for key in ("tonnes", "grade")]
    title = say(
        "explore.cutoffs_title",
        tonnes=finding.tonnes(first["tonnes"]),
        grade=finding.grade(first["grade"]),
        cutoff=finding.grade(first["cutoff"]),
    )
    shown = finding.tables["tonnage_grade"]
    if name:
        shown = shown.filter(pl.col("class") != "all")
    return Section(
        key="cutoffs",
        title=f"{name}: {title}" if name else title,
        lead=say("explore.cutoffs_lead"),
        name=say("explore.cutoffs_name"),
        charts=tuple(chart for chart in charts if chart is not None),
        tables=(finding.explore_table(say("explore.cutoffs_table"), shown, rows=30),),
    )


def _addable(finding: ExploreFinding) -> dict[str, pl.DataFrame]:
    """Give tonnes and grade by cut-off of the classes that may be added, by their names.

    Measured and indicated resources are added, inferred ones never to them.
    """
    rows = finding.tables["tonnage_grade"].drop_nulls(["cutoff", "tonnes", "grade"])
    classes = set(rows["class"].drop_nulls()) - {"all"} if "class" in rows.columns else set[str]()
    if not classes:
        return {"": rows.sort("cutoff")} if rows.height else {}
    sure = [name for name in _SURE if name in classes]
    groups = [sure, *([name] for name in sorted(classes - set(sure)))]
    return {
        " + ".join(finding.term(name) for name in names): rows.filter(pl.col("class").is_in(names))
        .group_by("cutoff")
        .agg(
            pl.col("tonnes").sum(),
            grade=(pl.col("grade") * pl.col("tonnes")).sum() / pl.col("tonnes").sum(),
        )
        .sort("cutoff")
        for names in groups
        if names
    }


def _cutoff_chart(
    finding: ExploreFinding, parts: dict[str, pl.DataFrame], key: str
) -> Chart | None:
    rows = pl.concat(part.select("cutoff", "tonnes", "grade") for part in parts.values())
    if all(part.height < 2 for part in parts.values()):
        return None
    title = finding.say("explore.tonnes_chart" if key == "tonnes" else "explore.grade_chart")
    size = float(rows["tonnes"].max() or 0)  # type: ignore[arg-type]
    scale = 1e6 if key == "tonnes" and size >= 1e6 else 1.0
    name = (
        finding.grade_axis("explore.grade_axis")
        if key == "grade"
        else finding.say("explore.million_tonnes_axis" if scale > 1 else "explore.tonnes_axis")
    )
    drawn = [
        Curve(
            called if len(parts) > 1 else "",
            tuple((cut, value / scale) for cut, value in part.select("cutoff", key).iter_rows()),
            home=not number,
            spots=part.height <= 15,
        )
        for number, (called, part) in enumerate(parts.items())
    ]
    svg = curves(
        f"explore-{key}",
        drawn,
        Axis(finding.grade_axis("explore.cutoff_axis"), finding.number),
        Axis(name, finding.number),
        alt=title,
        up=_UP,
        rtl=finding.rtl,
    )
    return finding.picture(title, svg)


def _classes(finding: ExploreFinding) -> Section | None:
    """Show tonnes by class of certainty."""
    if not finding.has("classes", "class", "tonnes"):
        return None
    say = finding.say
    rows = finding.tables["classes"]
    bars = [
        Ranked(
            finding.term(str(row["class"])),
            (Segment(row["tonnes"], "graphite"),),
            finding.tonnes(row["tonnes"]),
            note=finding.grade(row["grade"]) if row.get("grade") is not None else "",
        )
        for row in rows.drop_nulls("tonnes").iter_rows(named=True)
    ]
    title = say("explore.classes_chart")
    charts = (
        (finding.picture(title, ranked("explore-classes", bars, alt=title, rtl=finding.rtl)),)
        if bars
        else ()
    )
    return Section(
        key="resource-classes",
        title=say("explore.resource_classes_title"),
        lead=say("explore.resource_classes_lead"),
        name=say("explore.resource_classes_name"),
        charts=charts,
        tables=(finding.explore_table(say("explore.resource_classes_table"), rows),),
    )


def _unfc(finding: ExploreFinding) -> Section | None:
    """Show what each estimate is in the UNFC."""
    if not finding.has("unfc", "class", "unfc"):
        return None
    say = finding.say
    rows = finding.tables["unfc"]
    return Section(
        key="unfc",
        title=say("explore.unfc_title"),
        lead=say("explore.unfc_lead"),
        name=say("explore.unfc_name"),
        tables=(finding.explore_table(say("explore.unfc_table"), rows, _UNFC),),
    )


def _ledger(finding: ExploreFinding) -> Section | None:
    """Show the way from the opening to the closing amount by reason, class by class."""
    if not finding.has("ledger", *_LINE):
        return None
    say = finding.say
    rows = finding.tables["ledger"].sort("date")
    charts, moves = [], []
    for key, part in rows.group_by("commodity", "class", maintain_order=True):
        drawn = _steps(finding, part)
        commodity, name = str(key[0] or ""), finding.term(str(key[1]))
        of = say("explore.of_commodity", name=name, commodity=commodity) if commodity else name
        moves.append((abs(drawn[-1].value - drawn[0].value), of, drawn))
    moves.sort(key=lambda move: -move[0])
    changed = [move for move in moves if len(move[2]) > _ENDS]
    for number, (_, of, drawn) in enumerate(changed[:_LEDGERS]):
        title = say("explore.ledger_chart", of=of)
        svg = steps(f"explore-ledger-{number}", drawn, alt=title, rtl=finding.rtl)
        charts.append(finding.picture(title, svg))
    _, of, first = moves[0]
    return Section(
        key="ledger",
        title=say("explore.ledger_title", of=of, opening=first[0].shown, closing=first[-1].shown),
        lead=say("explore.ledger_lead"),
        name=say("explore.ledger_name"),
        charts=tuple(charts),
        tables=(
            finding.explore_table(say("explore.ledger_table"), rows, (*_LINE, "metal"), rows=30),
        ),
    )


def _steps(finding: ExploreFinding, rows: pl.DataFrame) -> list[Step]:
    """Add up the changes of one class by reason, between its opening and its closing amount."""
    opens = pl.col("reason") == "opening"
    accounts = rows.group_by("deposit_id", maintain_order=True)
    opening = float(rows.filter(opens)["tonnage_closing"].sum())
    closing = float(accounts.agg(pl.col("tonnage_closing").last())["tonnage_closing"].sum())
    changes = rows.filter(~opens).group_by("reason", maintain_order=True)
    return [
        Step(finding.term("opening"), opening, finding.tonnes(opening), whole=True),
        *(
            Step(
                finding.term(str(reason)),
                float(change),
                finding.tonnes(float(change), signed=True),
            )
            for reason, change in changes.agg(pl.col("tonnage").sum()).iter_rows()
            if change
        ),
        Step(finding.term("closing"), closing, finding.tonnes(closing), whole=True),
    ]
