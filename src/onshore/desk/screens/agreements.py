"""Agreements: their parties, their texts, and how much of what was promised is kept."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from onshore.desk.actions import agreements as doing
from onshore.desk.models import Agreement, Commitment, Organisation
from onshore.desk.pages.forms import ReasonField, carry_out, form_for, open_to_all, signed_in
from onshore.desk.pages.listing import Action, Column, Sort, listing
from onshore.desk.pages.names import titled
from onshore.desk.pages.record_forms import record_form
from onshore.desk.pages.wording import choice_label, language
from onshore.desk.policies import find, may, require, visible
from onshore.desk.reckoning import counting
from onshore.desk.screens.commitments import told

_AGREEMENT = (
    *("title", "title_fa", "parties", "signed", "until"),
    *("text", "text_fa", "access", "source"),
)


@open_to_all
def agreements(request: HttpRequest) -> HttpResponse:
    """List the agreements."""
    adds = may(request.actor, "add", Agreement)
    return listing(
        request,
        visible(request.actor, Agreement),
        title=_("Agreements, and what was promised in them"),
        lead=_(
            "Each promise has a measure; what the records tell of it stands beside what is stated."
        ),
        empty=_("No agreement is recorded that you may read."),
        columns=(
            Column(_("Agreement"), titled, link=lambda row: reverse("agreement", args=[row.pk])),
            Column(_("Parties"), lambda row: len(doing.parties_of(row)), "number"),
            Column(_("Signed"), "signed", "day"),
            Column(_("Until"), "until", "day"),
            Column(_("Who may read it"), lambda row: choice_label(row.access or "restricted")),
        ),
        sorts=(Sort("newest", _("Signed last first"), ("-signed", "pk")),),
        actions=(Action(_("Record an agreement"), reverse("new_agreement"), "plus"),)
        if adds
        else (),
    )


@open_to_all
def agreement(request: HttpRequest, key: str) -> HttpResponse:
    """An agreement: who, what, and how far each commitment is."""
    actor = request.actor
    found = find(actor, Agreement, key)
    today = timezone.localdate()
    rows = visible(actor, Commitment).filter(agreement=found).select_related("party", "agreement")
    counts = counting.Counts(today)
    promises = [told(actor, row, counts) for row in rows.order_by("phase", "due", "pk")]
    kept = sum(each["kept"] for each in promises)
    keys = doing.parties_of(found)
    known = {row.pk: row for row in visible(actor, Organisation).filter(pk__in=keys)}
    return render(
        request,
        "desk/agreement.html",
        {
            "title": titled(found),
            "agreement": found,
            "parties": [(key, known.get(key)) for key in keys],
            "text": (found.text_fa if language() == "fa" else "") or found.text,
            "promises": promises,
            "kept": kept,
            "late": sum(each["late"] for each in promises),
            "unmeasured": sum(not each["row"].measure for each in promises),
            "may_change": may(actor, "change", found),
            "may_promise": may(actor, "promise", found),
        },
    )


def _agreement_form() -> Any:
    return record_form("agreements", _AGREEMENT, required=("signed",))


@signed_in
def new_agreement(request: HttpRequest) -> HttpResponse:
    """Record an agreement."""
    require(request.actor, "add", Agreement)
    form = form_for(request, _agreement_form())
    return carry_out(
        request,
        form,
        lambda cleaned: doing.add(request.actor, form.record_fields, once=cleaned["once"]),
        done=lambda made: reverse("agreement", args=[made]),
        title=_("Record an agreement"),
        lead=_("Parties are organisations, by name or key, joined by ;."),
        button=_("Record it"),
        cancel=reverse("agreements"),
    )


@signed_in
def change_agreement(request: HttpRequest, key: str) -> HttpResponse:
    """Change an agreement."""
    found = find(request.actor, Agreement, key)
    require(request.actor, "change", found)
    made = record_form("agreements", _AGREEMENT, extra={"reason": ReasonField(required=False)})
    form = form_for(request, made, record=found)
    return carry_out(
        request,
        form,
        lambda _cleaned: doing.change(request.actor, found.pk, form.record_fields, **form.sent),
        done=lambda made: reverse("agreement", args=[made or found.pk]),
        title=_("Change this agreement"),
        lead=titled(found),
        button=_("Save the changes"),
        cancel=reverse("agreement", args=[found.pk]),
    )


urlpatterns = [
    path("agreements/", agreements, name="agreements"),
    path("agreements/new/", new_agreement, name="new_agreement"),
    path("agreements/<key:key>/", agreement, name="agreement"),
    path("agreements/<key:key>/change/", change_agreement, name="change_agreement"),
]
