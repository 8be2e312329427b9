"""Bulletins of the programme: composed of its figures, kept as data that nothing changes.

What is published is composed from what an analyst sees, whoever publishes it; a group that rests
on fewer than three contracts is told together with others, so that none can be read from it.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final

import polars as pl
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from onshore import __version__
from onshore.desk.actor import Actor
from onshore.desk.models import Role
from onshore.desk.pages.showing import currency_name
from onshore.desk.pages.wording import language
from onshore.desk.publishing.published_figures import LEAST, with_contract
from onshore.desk.reckoning import dashboard
from onshore.desk.reckoning.dashboard import PARTS, SAVED, STEPS, Calendar, Terms
from onshore.desk.reckoning.tie_outs import tie_out
from onshore.desk.tables import exchange
from onshore.figures import Basis, shown
from onshore.records.schemas import NUMBER
from onshore.report import Bulletin, Chart, Column, Headline, Section, Table

OTHERS: Final = "·"
CHOICES: Final = {
    "sector": gettext_lazy("Figures by sector"),
    "desk": gettext_lazy("Figures by desk"),
    "province": gettext_lazy("Figures by province"),
    "year": gettext_lazy("Figures by year"),
    "statistics": gettext_lazy("Observed statistics and their targets"),
    "tie_outs": gettext_lazy("What does not tie out"),
}
"""Sections that a bulletin may be composed of."""
_ANALYST = Actor(None, {Role.ANALYST: frozenset()})
_KINDS: Final = {
    "String": pl.String(),
    "Int64": pl.Int64(),
    "Int32": pl.Int32(),
    "UInt32": pl.UInt32(),
    "Float64": pl.Float64(),
    "Boolean": pl.Boolean(),
    "Date": pl.Date(),
    "Decimal": NUMBER,
}


@dataclass(frozen=True)
class Plan:
    """What a bulletin is to hold: its titles, its sections, its terms and what is said first."""

    title: str
    title_fa: str
    sections: tuple[str, ...]
    terms: Terms
    vintage: date
    note: str = ""
    note_fa: str = ""
    number: int = 1


def compose(plan: Plan, locale: str) -> Bulletin:
    """Compose a bulletin in one language, of what an analyst sees today."""
    from onshore.desk.screens.dashboard import rate_label

    with override(locale):
        rows = dashboard.ledger(_ANALYST, plan.terms)
        fa = locale == "fa"
        calendar: Calendar = "solar_hijri" if fa else "gregorian"
        note = (plan.note_fa if fa else "") or plan.note
        sections = [_figures(rows, key, plan.terms) for key in plan.sections if key in PARTS]
        if "tie_outs" in plan.sections:
            sections.append(_tie_outs())
        sources: tuple[str, ...] = ()
        if "statistics" in plan.sections:
            statistics = _statistics(locale)
            sections += statistics.sections
            sources = statistics.sources
        return Bulletin(
            locale=locale,  # type: ignore[arg-type]
            title=(plan.title_fa if fa else "") or plan.title,
            subtitle=_("Vintage %(number)s of %(day)s")
            % {
                "number": shown.digits(str(plan.number), locale),
                "day": shown.both_calendars(plan.vintage, locale),
            },
            imprint=(
                (_("Day"), shown.day(plan.vintage, locale, calendar)),
                (_("Currency"), currency_name(plan.terms.currency)),
                (_("Type of rate"), rate_label(plan.terms.rate_type)),
                (_("Made with"), f"onshore {__version__}"),
            ),
            notices=(*((note,) if note else ()), *_illustrative()),
            sections=tuple(sections),
            sources=sources,
            foot=_("Only what is verified is a result; all else is on the way."),
        )


def _illustrative() -> tuple[str, ...]:
    from onshore.desk.tables.frames import programme_settings

    invented = programme_settings().get("illustrative")
    told = _("This programme is an example: parts of its data are invented for illustration.")
    return (told,) if invented else ()


# Figures ------------------------------------------------------------------------------------


def _figures(rows: pl.DataFrame, by: str, terms: Terms) -> Section:
    """Tell the figures of the dashboard by one of its parts, the headline first."""
    from onshore.desk.screens.dashboard import PART_LABELS, STEP_LABELS, names_for, rate_label

    names = names_for(_ANALYST)
    found = merged(
        dashboard.figures(rows, by).join(
            _contracts(rows, by), on="group", how="left", nulls_equal=True, maintain_order="left"
        )
    )
    sums = dashboard.totals(rows)
    labels = [_("others") if one == OTHERS else names.of(by, one) for one in found["group"]]
    # A figure of nothing is left out, as on the dashboard: it may be what no rate could value.
    amounts = [
        pl.when(pl.col(step).round(0) != 0).then(pl.col(step).round(0).cast(NUMBER)).alias(step)
        for step in (*STEPS, SAVED)
    ]
    frame = found.select(pl.Series("group", labels, pl.String), *amounts)
    chart = _chart(by, frame, terms)
    if frame.height > 1:
        whole = {step: sums[step].quantize(Decimal(1)) or None for step in (*STEPS, SAVED)}
        total = pl.DataFrame([{"group": _("All"), **whole}], schema=frame.schema)
        frame = pl.concat([frame, total])
    columns = (
        Column("group", str(PART_LABELS[by])),
        *(
            Column(step, str(STEP_LABELS[step]), "money", currency_name(terms.currency))
            for step in (*STEPS, SAVED)
            if frame[step].sum()
        ),
    )
    table = Table(
        str(CHOICES[by]),
        columns,
        frame,
        total=frame.height > 1,
        note=_(
            "Each step of a contract is part of the step before it. Groups that rest on fewer "
            "than three contracts are told together."
        ),
    )
    return Section(
        key=by,
        name=str(CHOICES[by]),
        title=_verified(sums),
        lead=_("In %(currency)s, each amount at the rate of its own day of type %(type)s.")
        % {"currency": currency_name(terms.currency), "type": rate_label(terms.rate_type)},
        headlines=_headlines(sums, terms),
        charts=chart,
        tables=(table,) if found.height else (),
        notes=tuple(filter(None, (_missing(rows),))),
    )


def _contracts(rows: pl.DataFrame, by: str) -> pl.DataFrame:
    """Count the contracts and memoranda that each group rests on."""
    signed = with_contract(rows.filter(pl.col("step") != "target"))
    return signed.group_by(group=pl.col(by).cast(pl.String)).agg(
        contracts=pl.col("contract").n_unique().cast(pl.Int64)
    )


def merged(found: pl.DataFrame) -> pl.DataFrame:
    """Put groups that rest on too few contracts together, and as many more as that takes.

    A group without any contract tells nothing of one. The others, `OTHERS`, come last.
    """
    count = pl.col("contracts").fill_null(0)
    by_size = found.with_row_index("at").filter(count > 0).sort("contracts", "contracted", "at")
    before = pl.col("contracts").cum_sum() - pl.col("contracts")
    few = (pl.col("contracts") < LEAST) | ((before > 0) & (before < LEAST))
    small = by_size.filter(few)["at"]
    group = pl.when(pl.int_range(pl.len()).is_in(small.implode())).then(pl.lit(OTHERS))
    named_first = found.with_columns(group=group.otherwise("group"))
    sums = [pl.col(name).sum() for name in (*STEPS, SAVED, "contracts", "rows", "not_valued")]
    together = named_first.group_by("group", maintain_order=True).agg(sums)
    return together.sort(pl.col("group").eq_missing(OTHERS), maintain_order=True)


def _verified(sums: Mapping[str, Decimal]) -> str:
    if not sums["contracted"]:
        return _("No contract has a worth in these terms")
    return _("%(share)s of what is contracted is verified") % {
        "share": shown.percent(float(sums["verified"] / sums["contracted"]), language())
    }


def _headlines(sums: Mapping[str, Decimal], terms: Terms) -> tuple[Headline, ...]:
    told = (
        (SAVED, _("Foreign currency saved"), Basis.VERIFIED, _("by verified claims")),
        ("verified", _("Contracts verified"), Basis.VERIFIED, _("worth of what was verified")),
        ("contracted", _("Contracts signed"), Basis.CONTRACTED, _("the whole of them")),
    )
    currency = shown.isolate(currency_name(terms.currency))
    return tuple(
        Headline(
            label,
            f"{shown.number(round(sums[step]), language())} {currency}",
            basis,
            note=note,
        )
        for step, label, basis, note in told
        if round(sums[step])
    )


def _chart(by: str, frame: pl.DataFrame, terms: Terms) -> tuple[Chart, ...]:
    """Draw what is verified within what is contracted, for the largest groups."""
    from onshore.report.charts import Bar, Segment, bars

    rows = frame.filter(pl.col("contracted") > 0).head(8)
    if rows.is_empty():
        return ()
    drawn = [
        Bar(
            row["group"],
            (
                Segment(float(row["verified"] or 0), "solid"),
                Segment(float(row["contracted"] - (row["verified"] or 0)), "hatch-4"),
            ),
            shown.number(round(row["contracted"]), language()),
        )
        for row in rows.iter_rows(named=True)
    ]
    title = _("Of what is contracted, the solid part is verified")
    svg = bars(f"figures-{by}", drawn, alt=title, rtl=language() == "fa")
    return (Chart(title, svg, title, foot=currency_name(terms.currency)),)


def _missing(rows: pl.DataFrame) -> str:
    from onshore.desk.screens.dashboard import not_valued

    return not_valued(rows)


# What does not tie out, and observed statistics ---------------------------------------------


def _tie_outs() -> Section:
    found = tie_out(_ANALYST)
    off = [row for row in found if row.verdict != "ties" and row.verdict != "derived"]
    frame = pl.DataFrame(
        [(row.stated, row.working, ";".join(row.keys)) for row in off],
        schema={"stated": pl.String, "working": pl.String, "keys": pl.String},
        orient="row",
    )
    columns = (
        Column("stated", _("Stated")),
        Column("working", _("Working")),
        Column("keys", _("Records"), "code"),
    )
    title = (
        _("Some published figures do not tie out") if off else _("Every published figure ties out")
    )
    return Section(
        key="tie_outs",
        name=str(CHOICES["tie_outs"]),
        title=title,
        lead=_("Each relation among published figures is judged within their own rounding."),
        tables=(Table(_("What does not tie out"), columns, frame),) if off else (),
    )


def _statistics(locale: str) -> Bulletin:
    from onshore.report import default_template, read_template, statistical_bulletin

    template = read_template(default_template(), "default")
    return statistical_bulletin(exchange.programme(), template, locale)  # type: ignore[arg-type]


# As data ------------------------------------------------------------------------------------


def as_json(bulletin: Bulletin) -> dict[str, Any]:
    """Give a bulletin as plain data: every value as text, every table with its types."""
    sections = [
        {
            **_plain(section, "headlines", "charts", "tables"),
            "headlines": [
                {**_plain(one, "basis"), "basis": one.basis.value if one.basis else None}
                for one in section.headlines
            ],
            "charts": [asdict(one) for one in section.charts],
            "tables": [
                {
                    **_plain(one, "columns", "frame"),
                    "columns": [asdict(column) for column in one.columns],
                    "frame": _of_frame(one.frame),
                }
                for one in section.tables
            ],
        }
        for section in bulletin.sections
    ]
    told = {**_plain(bulletin, "sections"), "sections": sections}
    return dict(json.loads(json.dumps(told)))


def _plain(thing: Any, *apart: str) -> dict[str, Any]:
    return {name: value for name, value in vars(thing).items() if name not in apart}


def _of_frame(frame: pl.DataFrame) -> dict[str, Any]:
    # Pairs, since a database may keep the names of an object in an order of its own.
    kinds = [[name, type(kind).__name__] for name, kind in frame.schema.items()]
    known = [[name, kind if kind in _KINDS else "String"] for name, kind in kinds]
    texts = frame.select(pl.col(name).cast(pl.String) for name in frame.columns)
    return {"kinds": known, "rows": [list(row) for row in texts.rows()]}


def from_json(told: Mapping[str, Any]) -> Bulletin:
    """Give back the bulletin that `as_json` wrote."""
    sections = [
        Section(
            **{
                **one,
                "notes": tuple(one["notes"]),
                "headlines": tuple(
                    Headline(**{**h, "basis": Basis.parse(h["basis"]) if h["basis"] else None})
                    for h in one["headlines"]
                ),
                "charts": tuple(Chart(**chart) for chart in one["charts"]),
                "tables": tuple(_table(table) for table in one["tables"]),
            }
        )
        for one in told["sections"]
    ]
    return Bulletin(
        **{
            **told,
            "imprint": tuple((label, value) for label, value in told["imprint"]),
            "notices": tuple(told["notices"]),
            "sources": tuple(told["sources"]),
            "sections": tuple(sections),
        }
    )


def _table(told: Mapping[str, Any]) -> Table:
    kinds, rows = dict(told["frame"]["kinds"]), told["frame"]["rows"]
    texts = pl.DataFrame(rows, schema=dict.fromkeys(kinds, pl.String), orient="row")
    typed = [_typed(pl.col(name), kind) for name, kind in kinds.items()]
    columns = tuple(Column(**column) for column in told["columns"])
    return Table(**{**told, "columns": columns, "frame": texts.select(typed)})


def _typed(text: pl.Expr, kind: str) -> pl.Expr:
    if kind == "Boolean":
        return text == "true"
    return text.str.to_date() if kind == "Date" else text.cast(_KINDS[kind])


def fingerprint(content: Mapping[str, Any]) -> str:
    """Give the SHA-256 of a bulletin's content, written the same way whatever wrote it."""
    told = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(told.encode()).hexdigest()
