"""Commitments: what was promised in agreements, and how far each promise is."""

from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onshore.desk.access.analysis import reads_figures
from onshore.desk.actions import agreements as doing
from onshore.desk.actor import Actor
from onshore.desk.models import RECORDS, Agreement, Commitment, Organisation
from onshore.desk.pages.forms import (
    NumberField,
    OnceForm,
    ReasonField,
    carry_out,
    carry_out_on,
    form_for,
    open_to_all,
    signed_in,
    typed_as,
)
from onshore.desk.pages.listing import Column, Filter, Sort, listing
from onshore.desk.pages.names import named, place_name, titled
from onshore.desk.pages.record_forms import record_form
from onshore.desk.pages.wording import choice_label, language, unit_named
from onshore.desk.policies import find, may, require, visible
from onshore.desk.publishing.published_figures import tells_too_much
from onshore.desk.reckoning import counting
from onshore.records import schema

_COMMITMENT = (
    *(
        "party_id",
        "text",
        "text_fa",
        "measure",
        "measure_fa",
        "target",
        "unit",
        "counted",
        "indicator",
        "product",
    ),
    *("sector", "place", "phase", "from", "due"),
)
WHY_NOT = {
    "not counted": gettext_lazy("not counted by the records"),
    "no currency": gettext_lazy("the aim's unit names no currency"),
    "not observed": gettext_lazy("no observation since it began"),
    "another unit": gettext_lazy("observed in another unit than the aim's"),
    "too few": gettext_lazy("told when more contracts are behind it"),
}
PAGES = {"needs": "need", "deliveries": "delivery", "claims": "claim"}
"""The page of the records behind a count, where there is one."""


def texted(commitment: Any) -> str:
    """Give a commitment's text in the page's language."""
    return str((commitment.text_fa if language() == "fa" else "") or commitment.text)


def _measured(commitment: Any) -> str:
    return str((commitment.measure_fa if language() == "fa" else "") or commitment.measure)


def _counted(actor: Actor, row: Any, counts: counting.Counts) -> counting.Count:
    """Give the count of a commitment; nothing where it would tell what one contract is worth."""
    counted = counts.of(row)
    if not reads_figures(actor) and tells_too_much(row, counted):
        return counting.Count(None, why_not="too few")
    return counted


def told(actor: Actor, row: Any, counts: counting.Counts) -> dict[str, Any]:
    """Give what a page shows of a commitment: counted, stated, kept or late."""
    today, counted = counts.on, _counted(actor, row, counts)
    share = counted.share_of(row.target)
    stated = None if row.progress is None else Decimal(str(row.progress))
    reached = share if share is not None else stated
    return {
        "row": row,
        "text": texted(row),
        "measure": _measured(row),
        "owner": named(row.party),
        "place": place_name(row.place) if row.place else "",
        "count": counted,
        "why_not": WHY_NOT.get(counted.why_not, ""),
        "share": share,
        "stated": stated,
        "apart": share is not None and stated is not None and abs(share - stated) > Decimal("0.01"),
        "kept": bool(reached is not None and reached >= 1),
        "late": bool(row.due and row.due < today and not (reached is not None and reached >= 1)),
    }


@signed_in
def commitments(request: HttpRequest) -> HttpResponse:
    """List all that was promised, what is due first above."""
    actor, today = request.actor, timezone.localdate()
    counts = counting.Counts(today)
    rows = visible(actor, Commitment).select_related("party", "agreement")
    return listing(
        request,
        rows,
        title=_("What was promised, by whom and by when"),
        empty=_("Nothing was promised in the agreements that you may read."),
        columns=(
            Column(_("Commitment"), texted, link=lambda row: reverse("commitment", args=[row.pk])),
            Column(_("Owner"), lambda row: named(row.party) or _("all parties")),
            Column(_("Measure"), lambda row: _measured(row) or _("no measure")),
            Column(_("Aim"), "target", "number"),
            Column(_("Unit"), lambda row: unit_named(row.unit)),
            Column(_("Counted"), lambda row: _counted(actor, row, counts).value, "number"),
            Column(_("Due"), "due", "day"),
            Column(_("Agreement"), lambda row: titled(row.agreement)),
        ),
        filters=(
            Filter(
                "due",
                _("Due"),
                (("past", _("past its day")), ("ahead", _("ahead"))),
                lambda found, value: (
                    found.filter(due__lt=today) if value == "past" else found.filter(due__gte=today)
                ),
            ),
            Filter(
                "measure",
                _("Measure"),
                (
                    ("none", _("no measure")),
                    ("stated", _("stated only")),
                    ("counted", _("counted")),
                ),
                _by_measure,
            ),
        ),
        sorts=(Sort("due", _("Due first"), ("due", "pk")),),
    )


def _by_measure(rows: Any, value: str) -> Any:
    if value == "none":
        return rows.filter(measure="")
    return rows.exclude(counted="") if value == "counted" else rows.filter(counted="")


@open_to_all
def commitment(request: HttpRequest, key: str) -> HttpResponse:
    """A commitment, with the records behind what is counted."""
    actor = request.actor
    found = find(actor, Commitment, key)
    shown = told(actor, found, counting.Counts(timezone.localdate()))
    behind = _behind(actor, shown["count"])
    return render(
        request,
        "desk/commitment.html",
        {
            "title": texted(found),
            **shown,
            "agreement": found.agreement,
            "agreement_title": titled(found.agreement),
            "behind": behind,
            "more_behind": shown["count"].of - len(behind),
            "counts": choice_label(found.counted) if found.counted else "",
            "may_change": may(actor, "change", found),
            "may_report": may(actor, "report", found),
        },
    )


def _behind(actor: Any, counted: counting.Count) -> list[tuple[str, str, str]]:
    """Give the records behind a count that the actor sees: key, address and what it is."""
    if counted.table == "places":
        return [(key, "", place_name(key)) for key in counted.keys]
    if not counted.table:
        return []
    seen = visible(actor, RECORDS[counted.table]).filter(pk__in=counted.keys)
    page = PAGES.get(counted.table, "")
    return [(row.pk, reverse(page, args=[row.pk]) if page else "", str(row)) for row in seen]


def _promise_form(actor: Any, agreement: Any, **extra: Any) -> Any:
    counted = schema("commitments").column("counted").choices
    parties = visible(actor, Organisation).filter(pk__in=doing.parties_of(agreement))
    return record_form(
        "commitments",
        _COMMITMENT,
        extra={
            "party_id": forms.ChoiceField(
                label=gettext_lazy("Owner"),
                required=False,
                choices=[("", _("all parties")), *((row.pk, named(row)) for row in parties)],
            ),
            "counted": forms.ChoiceField(
                label=gettext_lazy("Counted by the records"),
                required=False,
                choices=[("", "—"), *((each, choice_label(each)) for each in counted)],
                help_text=gettext_lazy("Then nobody has to state it: the records tell it."),
            ),
            **extra,
        },
    )


@signed_in
def new_commitment(request: HttpRequest, key: str) -> HttpResponse:
    """Record what was promised under an agreement."""
    found = find(request.actor, Agreement, key)
    require(request.actor, "promise", found)
    form = form_for(request, _promise_form(request.actor, found))
    return carry_out(
        request,
        form,
        lambda cleaned: doing.promise(
            request.actor, found.pk, form.record_fields, once=cleaned["once"]
        ),
        done=lambda _made: reverse("agreement", args=[found.pk]),
        title=_("Record what was promised"),
        lead=titled(found),
        button=_("Record it"),
        cancel=reverse("agreement", args=[found.pk]),
    )


@signed_in
def change_commitment(request: HttpRequest, key: str) -> HttpResponse:
    """Change a commitment."""
    found = find(request.actor, Commitment, key)
    require(request.actor, "change", found)
    made = _promise_form(request.actor, found.agreement, reason=ReasonField(required=False))
    form = form_for(request, made, record=found)
    return carry_out(
        request,
        form,
        lambda _cleaned: doing.change_promise(
            request.actor, found.pk, form.record_fields, **form.sent
        ),
        done=lambda made: reverse("commitment", args=[made or found.pk]),
        title=_("Change what was promised"),
        lead=texted(found),
        button=_("Save the changes"),
        cancel=reverse("commitment", args=[found.pk]),
    )


class ReportForm(OnceForm):
    """How far a commitment is, and what shows it."""

    progress = NumberField(
        label=gettext_lazy("Progress"), help_text=gettext_lazy("In percent: 0 to 100.")
    )
    evidence = forms.CharField(
        label=gettext_lazy("What shows it"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@signed_in
def report_commitment(request: HttpRequest, key: str) -> HttpResponse:
    """State how far a commitment is."""
    found = find(request.actor, Commitment, key)
    require(request.actor, "report", found)
    progress = None if found.progress is None else Decimal(str(found.progress)) * 100

    def act(actor: Any, pk: str, *, progress: Decimal, **sent: Any) -> str:
        return doing.report(actor, pk, progress=progress / 100, **sent)

    return carry_out_on(
        request,
        found,
        _reporting(progress, found.evidence),
        act,
        page=lambda made: reverse("commitment", args=[made or found.pk]),
        title=_("State how far it is"),
        lead=texted(found),
        button=_("State it"),
    )


def _reporting(progress: Decimal | None, evidence: str) -> type[OnceForm]:
    class Prefilled(ReportForm):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            first = {"progress": typed_as(progress), "evidence": evidence}
            super().__init__(*args, **{**kwargs, "initial": first})

    return Prefilled


urlpatterns = [
    path("agreements/<key:key>/promise/", new_commitment, name="new_commitment"),
    path("commitments/", commitments, name="commitments"),
    path("commitments/<key:key>/", commitment, name="commitment"),
    path("commitments/<key:key>/change/", change_commitment, name="change_commitment"),
    path("commitments/<key:key>/report/", report_commitment, name="report_commitment"),
]
