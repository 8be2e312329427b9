"""The dashboard: what is aimed at, signed, delivered and verified, each figure down to its rows."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import polars as pl
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onshore.desk.access.analysis import require_reader
from onshore.desk.actor import Actor
from onshore.desk.models import RECORDS, Desk
from onshore.desk.pages import showing
from onshore.desk.pages.forms import signed_in
from onshore.desk.pages.listing import Column, Filter, listing
from onshore.desk.pages.names import named, place_name
from onshore.desk.pages.navigation import address
from onshore.desk.pages.wording import language
from onshore.desk.policies import visible
from onshore.desk.reckoning import dashboard as figures_of
from onshore.desk.reckoning.dashboard import PARTS, SAVED, STEPS, Terms
from onshore.desk.tables.frames import reckoning
from onshore.figures import Basis, FigureError, shown
from onshore.report import Words

PART_LABELS: Final = {
    "sector": gettext_lazy("Sector"),
    "desk": gettext_lazy("Desk"),
    "province": gettext_lazy("Province"),
    "year": gettext_lazy("Year"),
}
CALENDARS: Final = (
    ("gregorian", gettext_lazy("Gregorian")),
    ("solar_hijri", gettext_lazy("Solar Hijri")),
)
STEP_LABELS: Final = {
    "target": gettext_lazy("Target"),
    "MoU": gettext_lazy("MoU"),
    "contracted": gettext_lazy("Contracted"),
    "delivered": gettext_lazy("Delivered"),
    "accepted": gettext_lazy("Accepted"),
    "verified": gettext_lazy("Verified"),
    SAVED: gettext_lazy("Currency saved, verified"),
}
_PAGES: Final = {"desks": "desk", "deliveries": "delivery", "claims": "claim"}


@dataclass(frozen=True)
class Names:
    """What the groups of a ledger are called, in the page's language."""

    desks: dict[str, str]
    provinces: dict[str, str]

    def of(self, part: str, value: Any) -> str:
        """Name a sector, desk, province or year."""
        from onshore.desk.templatetags.desk import sector_label

        if value is None or value == "-":
            return _("not told")
        if part == "sector":
            return sector_label(str(value))
        if part == "desk":
            return self.desks.get(value, value)
        if part == "province":
            return self.provinces.get(value) or place_name(value)
        return shown.digits(str(value), language())


def names_for(actor: Actor) -> Names:
    """Give the names of the desks and provinces that an actor knows."""
    desks = {row.pk: named(row) for row in visible(actor, Desk)}
    places = visible(actor, RECORDS["places"]).filter(kind="province")
    return Names(desks, {row.pk: named(row) for row in places})


def rate_label(kind: str) -> str:
    """Name a type of exchange rate in the page's language."""
    return Words(language()).name("rate type", kind)


def terms_asked(request: HttpRequest) -> tuple[Terms, list[Filter]]:
    """Read the currency, type of rate and calendar that are asked for, with their filters."""
    own = Terms.of_programme()
    currencies, types = figures_of.offered_terms(own)
    asked = request.GET.get("currency", ""), request.GET.get("rate_type", "")
    calendar = request.GET.get("calendar", "")
    terms = Terms(
        asked[0] if asked[0] in currencies else own.currency,
        asked[1] if asked[1] in types else own.rate_type,
        calendar if calendar in dict(CALENDARS) else own.calendar,
    )
    return terms, _filters(own, currencies, types)


@signed_in
def dashboard(request: HttpRequest) -> HttpResponse:
    """Show target, MoU, contracted, delivered, accepted and verified by a part of the programme."""
    actor = request.actor
    require_reader(actor)
    terms, choices = terms_asked(request)
    by = request.GET.get("by", "")
    by = by if by in PARTS else "sector"
    names = names_for(actor)
    every = figures_of.ledger(actor, terms)
    chosen = _chosen(request, every)
    rows = figures_of.narrowed(every, chosen)
    found = figures_of.figures(rows, by).to_dicts()
    sums = figures_of.totals(rows)
    if len(found) > 1:
        found.append({"group": "", "whole": True, "rows": rows.height, **sums})
    return listing(
        request,
        found,
        title=_title(sums, terms),
        lead=_lead(sums, rows, terms),
        empty=_("No target, deal or claim is recorded yet. Open a desk and record its deals."),
        columns=_columns(by, names, terms, chosen),
        filters=(
            _with_default("by", _("Told by"), PART_LABELS, "sector"),
            *_parts(every, names),
            *choices,
        ),
        template="desk/dashboard.html",
        page_size=200,
        bars=_bars(sums),
        target=round(sums["target"]) or None,
        terms=terms,
        rate_type=rate_label(terms.rate_type),
    )


@signed_in
def drill(request: HttpRequest) -> HttpResponse:
    """List the rows that a figure of the dashboard is the sum of."""
    actor = request.actor
    require_reader(actor)
    terms, choices = terms_asked(request)
    names = names_for(actor)
    every = figures_of.ledger(actor, terms)
    chosen = _chosen(request, every)
    step = request.GET.get("step", "")
    if step in STEP_LABELS:
        chosen["step"] = step
    rows = figures_of.narrowed(every, chosen).sort("step", "day", "key", nulls_last=True)
    whole = Decimal(rows["worth"].sum() or 0)
    told = STEP_LABELS[step] if step in STEP_LABELS else _("All steps")
    where = ", ".join(names.of(part, value) for part, value in chosen.items() if part in PARTS)
    return listing(
        request,
        rows.to_dicts(),
        title=_("%(figure)s: the rows behind it")
        % {"figure": f"{told} · {where}" if where else told},
        lead=_sum(rows, whole, terms, step),
        empty=_("No row counts here."),
        columns=_of_rows(names, terms),
        filters=(
            Filter("step", _("Step"), list(STEP_LABELS.items()), _as_it_is),
            *_parts(every, names),
            *choices,
        ),
    )


def _as_it_is(rows: Any, _value: str) -> Any:
    """Leave rows alone: they were narrowed where they were reckoned."""
    return rows


def _chosen(request: HttpRequest, rows: pl.DataFrame) -> dict[str, str]:
    asked = {part: request.GET.get(part, "") for part in PARTS}
    return {
        part: value
        for part, value in asked.items()
        if value and (value == "-" or value in rows[part].cast(pl.String).unique())
    }


def _parts(rows: pl.DataFrame, names: Names) -> list[Filter]:
    """Give a filter for each part that the ledger tells apart."""
    filters = []
    for part in PARTS:
        values = rows[part].unique().sort(nulls_last=True)
        pairs = [(str(value), names.of(part, value)) for value in values.drop_nulls()]
        if values.null_count():
            pairs.append(("-", names.of(part, None)))
        filters.append(Filter(part, PART_LABELS[part], pairs, _as_it_is))
    return filters


def _filters(own: Terms, currencies: Iterable[str], types: Iterable[str]) -> list[Filter]:
    codes = {code: code for code in currencies}
    kinds = {kind: rate_label(kind) for kind in types}
    return [
        _with_default("calendar", _("Calendar"), dict(CALENDARS), own.calendar),
        _with_default("currency", _("Currency"), codes, own.currency),
        _with_default("rate_type", _("Type of rate"), kinds, own.rate_type),
    ]


def _with_default(name: str, label: str, choices: Mapping[str, Any], own: str) -> Filter:
    """Make a filter that is never without a choice: its own stands first."""
    others = [(key, text) for key, text in choices.items() if key != own]
    return Filter(name, label, others, _as_it_is, unset=choices.get(own, own))


def _columns(by: str, names: Names, terms: Terms, chosen: dict[str, str]) -> list[Column]:
    def link(step: str) -> Callable[[Any], str]:
        def leads(row: Any) -> str:
            if not row[step]:
                return ""
            group = {} if row.get("whole") else {by: row["group"] or "-"}
            return drill_address(terms, {**chosen, **group, "step": step})

        return leads

    def amount(step: str) -> Callable[[Any], Any]:
        return lambda row: round(row[step]) if row[step] else None

    def group(row: Any) -> str:
        return _("All") if row.get("whole") else names.of(by, row["group"])

    currency = showing.currency_name(terms.currency)
    return [
        Column(PART_LABELS[by], group),
        *(
            Column(STEP_LABELS[step], amount(step), "number", currency, link(step))
            for step in (*STEPS, SAVED)
        ),
    ]


def drill_address(terms: Terms, chosen: dict[str, str]) -> str:
    """Give the address of the rows behind a figure."""
    asked = {
        **chosen,
        "calendar": terms.calendar,
        "currency": terms.currency,
        "rate_type": terms.rate_type,
    }
    return f"{reverse('drill')}?{urlencode(asked)}"


def _of_rows(names: Names, terms: Terms) -> list[Column]:
    rates = _Rates(terms)
    return [
        Column(_("Record"), "key", "code", link=_page),
        Column(_("Step"), lambda row: str(STEP_LABELS[row["step"]])),
        Column(_("Sector"), lambda row: names.of("sector", row["sector"])),
        Column(_("Desk"), lambda row: names.of("desk", row["desk"])),
        Column(_("Province"), lambda row: names.of("province", row["province"])),
        Column(_("Day it counts on"), "day", "day"),
        Column(_("Amount"), lambda row: (row["amount"], row["currency"] or ""), "money"),
        Column(_("Rate"), rates.told),
        Column(_("Worth"), lambda row: (row["worth"], terms.currency), "money"),
    ]


def _page(row: Any) -> str:
    if row["table"] == "deals":
        return f"{reverse('desk', args=[row['desk']])}?show=work" if row["desk"] else ""
    return address(_PAGES[row["table"]], row["key"])


class _Rates:
    """The rates that rows were converted at, each looked up once."""

    def __init__(self, terms: Terms) -> None:
        self.terms, self.rates = terms, reckoning().rates
        self.known: dict[tuple[str, Any], str] = {}

    def told(self, row: Any) -> str:
        """Tell the rate of a row, its day, type and source; "" where none was needed."""
        if row["amount"] is None or not row["currency"] or row["on"] is None:
            return ""
        if row["currency"] == self.terms.currency:
            return ""
        at = (row["currency"], row["on"])
        if at not in self.known:
            self.known[at] = self._found(*at)
        return self.known[at]

    def _found(self, currency: str, on: Any) -> str:
        try:
            rate = self.rates.find(
                currency, self.terms.currency, on=on, rate_type=self.terms.rate_type
            )
        except FigureError:
            return _("no rate of this type on this day")
        return _("%(rate)s %(pair)s, %(type)s, %(day)s (%(source)s)") % {
            "rate": shown.number(Decimal(f"{rate.rate:.6g}"), language()),
            "pair": showing.rate_pair(rate),
            "type": rate_label(rate.rate_type),
            "day": showing.day_text(rate.date),
            "source": rate.source,
        }


def _bars(sums: dict[str, Decimal]) -> dict[Basis, int]:
    return {
        Basis.parse(step): round(sums[step]) for step in STEPS if step != "target" and sums[step]
    }


def _title(sums: dict[str, Decimal], terms: Terms) -> str:
    if not sums["contracted"]:
        return _("No contract has a worth in these terms")
    return _("%(share)s of what is contracted is verified") % {
        "share": shown.percent(float(sums["verified"] / sums["contracted"]), language())
    }


def _lead(sums: dict[str, Decimal], rows: pl.DataFrame, terms: Terms) -> str:
    saved = rows.filter(pl.col("step") == SAVED)["worth"]
    if saved.len() and saved.null_count() == saved.len():
        return not_valued(rows)
    told = _("Verified claims saved %(saved)s %(currency)s of foreign currency.") % {
        "saved": shown.number(round(sums[SAVED]), language()),
        "currency": showing.currency_name(terms.currency),
    }
    return " ".join(filter(None, (told, not_valued(rows))))


def not_valued(rows: pl.DataFrame) -> str:
    """Say how many rows have no worth, so that a figure without them is not taken for whole."""
    from django.utils.translation import ngettext

    count = rows["worth"].null_count()
    if not count:
        return ""
    return ngettext(
        "%(count)s row has no value, quantity or rate and is not in these figures.",
        "%(count)s rows have no value, quantity or rate and are not in these figures.",
        count,
    ) % {"count": shown.number(count, language())}


def _sum(rows: pl.DataFrame, whole: Decimal, terms: Terms, step: str) -> str:
    from django.utils.translation import ngettext

    count = ngettext("%(count)s row", "%(count)s rows", rows.height) % {
        "count": shown.number(rows.height, language())
    }
    if step not in STEP_LABELS:
        return count  # steps hold each other: their sum means nothing
    if rows.height and rows["worth"].null_count() == rows.height:
        return " ".join((count + ".", not_valued(rows)))
    told = _("%(rows)s, together %(worth)s %(currency)s at the rates of type %(type)s.") % {
        "rows": count,
        "worth": shown.number(whole, language(), 2),
        "currency": showing.currency_name(terms.currency),
        "type": rate_label(terms.rate_type),
    }
    return " ".join(filter(None, (told, not_valued(rows))))


urlpatterns = [
    path("dashboard/", dashboard, name="dashboard"),
    path("dashboard/rows/", drill, name="drill"),
]
