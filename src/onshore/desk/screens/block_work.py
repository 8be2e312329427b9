"""Work promised for blocks: what is due, handed in, accepted."""

from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onshore.desk.access.exploration import sees_all
from onshore.desk.actions import block_work as doing
from onshore.desk.auditing.history import history
from onshore.desk.models import WorkCommitment
from onshore.desk.pages.forms import (
    NumberField,
    OnceForm,
    ReasonForm,
    carry_out_on,
    signed_in,
    typed_as,
)
from onshore.desk.pages.list_filters import by_choice
from onshore.desk.pages.listing import Column, Filter, Sort, listing
from onshore.desk.pages.names import named
from onshore.desk.pages.wording import choice_label
from onshore.desk.policies import find, may, require, visible
from onshore.records import schema


def page_of(key: str) -> str:
    """Give the address of a work commitment's page."""
    return reverse("work_commitment", args=[key])


def told(row: Any) -> str:
    """Say in a few words what was promised."""
    return str(row.text or choice_label(row.kind))


@signed_in
def work_commitments(request: HttpRequest) -> HttpResponse:
    """List the work that was promised for blocks, what is due first above."""
    rows = visible(request.actor, WorkCommitment)
    return listing(
        request,
        rows.select_related("block_offer__block", "block_offer__organisation"),
        title=_("Exploration work that was promised, and how far it is"),
        lead=_("Work counts as done once the agency accepted the report that shows it."),
        empty=_("No work was promised for a block that you may read."),
        columns=(
            Column(_("Work"), told, link=lambda row: page_of(row.pk)),
            Column(_("Block"), lambda row: named(row.block_offer.block)),
            Column(_("Firm"), lambda row: named(row.block_offer.organisation)),
            Column(_("Promised"), "amount", "number"),
            Column(_("Done"), "done", "number"),
            Column(_("Unit"), "unit", "unit"),
            Column(_("Due"), "due", "day"),
            Column(_("Cost promised"), lambda row: (row.cost, row.currency), "money"),
            Column(_("Spent"), lambda row: (row.spent, row.currency), "money"),
            Column(_("Waits"), lambda row: _("for acceptance") if row.handed_in else ""),
        ),
        filters=(
            by_choice("kind", _("Kind of work"), schema("work_commitments").column("kind").choices),
            Filter("waits", _("Waits"), (("yes", _("for acceptance")),), _waiting),
            Filter("block", _("Block"), (), lambda found, v: found.filter(block_offer__block=v)),
        ),
        sorts=(Sort("due", _("Due first"), ("due", "pk")),),
    )


def _waiting(rows: Any, _value: str) -> Any:
    return rows.filter(handed_in__isnull=False)


@signed_in
def work_commitment(request: HttpRequest, key: str) -> HttpResponse:
    """Work that was promised: how far it is, and what waits."""
    actor = request.actor
    found = find(actor, WorkCommitment, key)
    waits = found.handed_in
    decides = bool(waits) and waits["by"] != actor.name
    return render(
        request,
        "desk/block_work.html",
        {
            "title": told(found),
            "work": found,
            "firm": named(found.block_offer.organisation),
            "area": found.block_offer.block,
            "share": float(found.done or 0) / float(found.amount) if found.amount else None,
            "late": found.due < timezone.localdate() and (found.done or 0) < found.amount,
            "waits": waits
            and {
                "done": Decimal(waits["done"]),
                "spent": Decimal(waits["spent"]) if waits["spent"] else None,
                "evidence": waits["evidence"],
                "by": waits["by"],
            },
            "history": history(actor, found) if sees_all(actor) else None,
            "may_hand_in": found.block_offer.state == "awarded" and may(actor, "hand_in", found),
            "may_accept": decides and may(actor, "accept", found),
            "may_send_back": decides and may(actor, "send_back", found),
        },
    )


class HandInForm(OnceForm):
    """How much is done in all, and what shows it."""

    done = NumberField(
        label=gettext_lazy("Done in all"),
        help_text=gettext_lazy("Since the award, in the unit of what was promised."),
    )
    spent = NumberField(label=gettext_lazy("Spent in all"), required=False)
    evidence = forms.CharField(
        label=gettext_lazy("Report that shows it"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )


@signed_in
def hand_in_work(request: HttpRequest, key: str) -> HttpResponse:
    """Hand in how much of the work is done."""
    found = find(request.actor, WorkCommitment, key)
    require(request.actor, "hand_in", found)
    first = {
        "done": typed_as(found.done),
        "spent": typed_as(found.spent),
        "evidence": found.evidence,
    }

    class Prefilled(HandInForm):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **{**kwargs, "initial": first})

    return carry_out_on(
        request,
        found,
        Prefilled,
        doing.hand_in,
        page=lambda _key: page_of(found.pk),
        title=_("Hand in what is done"),
        lead=told(found),
        button=_("Hand it in"),
    )


@signed_in
def accept_work(request: HttpRequest, key: str) -> HttpResponse:
    """Accept what was handed in."""
    found = find(request.actor, WorkCommitment, key)
    require(request.actor, "accept", found)
    return carry_out_on(
        request,
        found,
        OnceForm,
        doing.accept,
        page=lambda _key: page_of(found.pk),
        title=_("Accept this work?"),
        lead=_("From then on it counts as done."),
        button=_("Accept it"),
    )


@signed_in
def send_back_work(request: HttpRequest, key: str) -> HttpResponse:
    """Send what was handed in back."""
    found = find(request.actor, WorkCommitment, key)
    require(request.actor, "send_back", found)
    return carry_out_on(
        request,
        found,
        ReasonForm,
        doing.send_back,
        page=lambda _key: page_of(found.pk),
        title=_("Send this work back?"),
        lead=told(found),
        button=_("Send it back"),
    )


urlpatterns = [
    path("work-commitments/", work_commitments, name="work_commitments"),
    path("work-commitments/<key:key>/", work_commitment, name="work_commitment"),
    path("work-commitments/<key:key>/hand-in/", hand_in_work, name="hand_in_work"),
    path("work-commitments/<key:key>/accept/", accept_work, name="accept_work"),
    path("work-commitments/<key:key>/send-back/", send_back_work, name="send_back_work"),
]
