"""The figures of a statistical bulletin's section: the rows it asks for, and a headline's whole."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

import polars as pl

from onshore.figures import Period, Status
from onshore.report.sdmx_codes import measure_of
from onshore.report.sections.standing import observed_rows
from onshore.report.statistics_template import (
    ALL,
    EACH,
    ITSELF,
    PART_OF,
    SectionPlan,
    StatisticsTemplate,
    TemplateErrors,
    TemplateFault,
)
from onshore.series import SeriesError, with_whole

Row = dict[str, Any]

_STATED = ", growth as stated"
_KEY = ("indicator", "product", "place", "partner", "unit", "period")


@dataclass(frozen=True)
class Change:
    """A value with that of the same period a year before.

    ``stated`` tells that the change is the source's own; ``before`` is then what it comes to.
    """

    value: Decimal
    before: Decimal
    stated: bool

    @property
    def share(self) -> float | None:
        """The change as a fraction; null where there was nothing, or less, before."""
        return float(self.value / self.before) - 1 if self.before > 0 else None


@dataclass(frozen=True, eq=False)
class Whole:
    """Parts added up, as ``onshore.series.with_whole`` gives them, with the part's rows."""

    table: pl.DataFrame
    rows: tuple[Row, ...]
    status: str

    @property
    def change(self) -> Change:
        """The whole on the same period of the year before."""
        last = self.table.row(-1, named=True)
        return Change(last["value"], last["value_before"], stated=False)

    @property
    def unit(self) -> str:
        """The unit of all its figures."""
        return str(self.table["unit"][0])

    @property
    def reckoned(self) -> list[str]:
        """The parts whose year before is reckoned from the change that a source states."""
        implied = self.table.filter(pl.col("before_is") == "implied", pl.col("part").is_not_null())
        return implied["part"].to_list()


class Incomplete(ValueError):
    """A whole that cannot be told: ``products`` lack the period or the year before it."""

    def __init__(self, products: Sequence[str]) -> None:
        super().__init__(", ".join(products))
        self.products = tuple(products)


def changed(row: Row) -> Change | None:
    """Give the change of a row on the year before, as computed, else as its source states it."""
    if row["value_before"] is not None:
        return Change(row["value"], row["value_before"], stated=False)
    if row["stated"] is None or row["stated"] <= -1:
        return None
    return Change(row["value"], row["value"] / (1 + Decimal(str(row["stated"]))), stated=True)


def selected(observations: pl.DataFrame, plan: SectionPlan) -> list[Row]:
    """Give the rows that a section asks for, series by series, in the order of their periods."""
    every = observed_rows(observations)
    _add_wholes(every, observations)
    rows = [row for row in every if _asked(row, plan)]
    ordered = sorted(rows, key=lambda row: (_place_of(row, plan), Period.parse(row["period"])))
    if not plan.last:
        return ordered
    newest = sorted({Period.parse(row["period"]) for row in ordered}, key=lambda p: p.end)
    kept = {str(period) for period in newest[-plan.last :]}
    return [row for row in ordered if row["period"] in kept]


def aimed(targets: pl.DataFrame, plan: SectionPlan) -> pl.DataFrame:
    """Give the targets of a section."""
    keep = [_asked(row, plan) for row in targets.iter_rows(named=True)]
    return targets.filter(pl.Series(keep, dtype=pl.Boolean))


def headline_row(rows: Iterable[Row], plan: SectionPlan) -> Row | None:
    """Give the newest row of the headline's product that has a change, else its newest."""
    own = [row for row in rows if row["product"] == plan.headline]
    ranked = sorted(
        own,
        key=lambda row: (
            changed(row) is not None,
            row["place"] is None,
            row["partner"] is None,
            Period.parse(row["period"]).end,
        ),
    )
    return ranked[-1] if ranked else None


def with_parts(observations: pl.DataFrame, plan: SectionPlan, where: str) -> SectionPlan:
    """Give a section whose whole is left to the table the parts that the table names.

    Raises
    ------
    TemplateErrors
        The table does not say what the headline is a part of.
    """
    if plan.whole != (PART_OF,):
        return plan
    own = observations.filter(pl.col("indicator") == plan.indicator)
    named = own.filter(pl.col("product") == plan.headline)["part_of"].drop_nulls()
    if named.is_empty():
        fault = TemplateFault(
            plan.lines.get("whole", plan.line),
            f"whole: no row says what '{plan.headline}' is a part of",
            "Fill in part_of in observations.csv, or name the parts here: whole = [...].",
        )
        raise TemplateErrors(where, [fault])
    parts = own.filter(pl.col("part_of") == named[0])["product"].drop_nulls()
    return replace(plan, whole=tuple(parts.unique(maintain_order=True)))


def whole_of(observations: pl.DataFrame, head: Row, plan: SectionPlan, where: str) -> Whole:
    """Add up the parts of a headline's whole, of the same period, place and partner.

    Raises
    ------
    Incomplete
        A part lacks its figure, or that of the year before.
    TemplateErrors
        The parts cannot be added: their units differ in kind.
    """
    alike = observations.filter(
        *(
            pl.col(key).eq_missing(pl.lit(head[key], dtype=pl.String))
            for key in ("place", "partner")
        )
    )
    rows = {
        row["product"]: row
        for row in observed_rows(alike)
        if row["indicator"] == head["indicator"] and row["period"] == head["period"]
    }
    missing = [p for p in plan.whole if p not in rows or changed(rows[p]) is None]
    if missing:
        raise Incomplete(missing)
    line = plan.lines.get("whole", plan.line)
    try:
        table = with_whole(
            alike, period=head["period"], indicator=head["indicator"], parts=list(plan.whole)
        )
    except SeriesError as wrong:
        reason, _, step = str(wrong).rpartition(". ")
        raise TemplateErrors(where, [TemplateFault(line, f"whole: {reason}", step)]) from None
    order = list(Status)
    statuses = [Status.parse(rows[product]["status"]) for product in plan.whole]
    return Whole(
        table=table,
        rows=tuple(rows[product] for product in plan.whole),
        status=str(min(statuses, key=order.index).value),
    )


def expanded(template: StatisticsTemplate, observations: pl.DataFrame) -> list[SectionPlan]:
    """Give the sections, one for each indicator where the template asks for that."""
    plans: list[SectionPlan] = []
    for plan in template.sections:
        names = _indicators(observations) if plan.indicator == EACH else [plan.indicator]
        plans += [replace(plan, indicator=name) for name in names]
    return plans


def require_known(
    template: StatisticsTemplate, observations: pl.DataFrame, targets: pl.DataFrame
) -> None:
    """Refuse a template that names what no row of the tables has, each by its line.

    Raises
    ------
    TemplateErrors
        Names of indicators, products, places or partners that no row has.
    """
    tables = [frame for frame in (observations, targets) if not frame.is_empty()]
    if not tables:
        return
    faults: list[TemplateFault] = []
    for plan in template.sections:
        asked = {
            "indicator": () if plan.indicator in (EACH, ALL) else (plan.indicator,),
            "products": plan.products,
            "headline": (plan.headline,) if plan.headline else (),
            "whole": () if plan.whole in ((ITSELF,), (PART_OF,)) else plan.whole,
            "places": plan.places,
            "partners": plan.partners,
        }
        for key, names in asked.items():
            column = "product" if key in ("headline", "whole") else key.removesuffix("s")
            rows = tables
            if column != "indicator" and asked["indicator"]:
                rows = [frame.filter(pl.col("indicator") == plan.indicator) for frame in tables]
            known = sorted({name for frame in rows for name in frame[column].drop_nulls()})
            line = plan.lines.get(key, plan.line)
            faults += [_unknown(line, key, name, known) for name in names if name not in known]
    if faults:
        raise TemplateErrors(template.where, faults)


def _unknown(line: int, key: str, name: str, known: list[str]) -> TemplateFault:
    near = get_close_matches(name, known, 3) or known[:8]
    told = f"Write one of: {', '.join(near)}." if near else "Give rows of it, or delete it here."
    return TemplateFault(line, f"{key}: no row is of '{name}'", told)


def _indicators(observations: pl.DataFrame) -> list[str]:
    names = observations["indicator"].unique(maintain_order=True).to_list()
    return [name for name in names if not name.endswith(_STATED)]


def _asked(row: Row, plan: SectionPlan) -> bool:
    wanted = (("product", plan.products), ("place", plan.places), ("partner", plan.partners))
    if plan.indicator not in (ALL, row["indicator"]):
        return False
    if any(names and row[column] not in names for column, names in wanted):
        return False
    period = Period.parse(row["period"]).named()
    if plan.every and period.kind != plan.every:
        return False
    return not plan.periods or str(period) in plan.periods


def _add_wholes(rows: list[Row], observations: pl.DataFrame) -> None:
    """Set beside each row its whole, as the table's ``part_of`` names it, and that one's growth.

    The growth is null in a period for which a part, or a part's year before, is missing.
    """
    if "part_of" not in observations or observations["part_of"].is_null().all():
        return
    named = observations.filter(pl.col("part_of").is_not_null())
    wholes = {row[:-1]: row[-1] for row in named.select(*_KEY, "part_of").iter_rows()}
    parts: dict[tuple[Any, ...], set[str]] = {}
    members: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        row["whole"] = wholes.get(tuple(row[key] for key in _KEY))
        if row["whole"] is not None:
            family = (row["whole"], row["indicator"], row["place"], row["partner"])
            parts.setdefault(family, set()).add(row["product"])
            members.setdefault((*family, row["period"]), []).append(row)
    for key, found in members.items():
        whole = len(found) == len(parts[key[:-1]])
        share = _growth_together(found) if whole else None
        for row in found:
            row["whole_growth"] = share


def _growth_together(rows: Sequence[Row]) -> float | None:
    """Give the growth of the sum of rows of one unit, or of units that differ by a power of ten."""
    measures = [measure_of(row["unit"]) for row in rows]
    changes = [change for row in rows if (change := changed(row)) is not None]
    if len(changes) < len(rows) or len({measure.code for measure in measures}) > 1:
        return None
    scales = [Decimal(10) ** measure.power for measure in measures]
    pairs = list(zip(changes, scales, strict=True))
    value = sum((change.value * scale for change, scale in pairs), Decimal(0))
    before = sum((change.before * scale for change, scale in pairs), Decimal(0))
    return Change(value, before, stated=False).share


def _place_of(row: Row, plan: SectionPlan) -> tuple[int, tuple[str, ...]]:
    """Order series as the template names their products, else by their names."""
    product = row["product"]
    named = plan.products.index(product) if product in plan.products else 0
    keys = ("indicator", "product", "place", "partner", "unit")
    return named, tuple(row[key] or "" for key in keys)
