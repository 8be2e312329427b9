"""Proposals: handed in by firms and research units, read by who may, answered with reasons."""

from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onshore.desk.access.funds import PROPOSERS
from onshore.desk.actions import proposals as doing
from onshore.desk.actions.calls import is_open
from onshore.desk.actor import Actor
from onshore.desk.choosing.selecting import WAITING
from onshore.desk.models import Award, Call, Organisation, Proposal, Review, Role
from onshore.desk.pages.forms import (
    WithdrawForm,
    carry_out,
    carry_out_on,
    choose,
    form_for,
    signed_in,
)
from onshore.desk.pages.list_filters import by_choice
from onshore.desk.pages.listing import Column, Filter, Sort, listing
from onshore.desk.pages.names import named, place_name, titled
from onshore.desk.pages.navigation import address
from onshore.desk.pages.record_forms import record_form
from onshore.desk.pages.showing import currency_name
from onshore.desk.pages.wording import column_label
from onshore.desk.policies import find, may, require, visible

STATES = ("submitted", "short-listed", "chosen", "not chosen", "withdrawn")
_COLUMNS = ("title", "summary", "amount", "currency", "months", "trl", "place")


def page_of(key: str) -> str:
    """Give the address of a proposal's page."""
    return reverse("proposal", args=[key])


@signed_in
def proposals(request: HttpRequest) -> HttpResponse:
    """List the proposals that the actor sees."""
    proposes = request.actor.is_a(*PROPOSERS)
    rows = visible(request.actor, Proposal).select_related("proposer", "call", "challenge")
    return listing(
        request,
        rows,
        title=_("What was proposed, and what became of it"),
        empty=_("Nothing is proposed yet. Open a call, and propose what you can do.")
        if proposes
        else _("There is no proposal that you may read."),
        columns=(
            Column(_("Proposal"), "title", link=lambda row: page_of(row.pk)),
            Column(_("Number"), "pk", "code"),
            Column(_("Proposer"), lambda row: named(row.proposer)),
            Column(_("Answers"), answers),
            Column(_("Amount"), lambda row: (row.amount, row.currency), "money"),
            Column(_("Received"), "received", "day"),
            Column(_("State"), "state", "choice"),
        ),
        filters=(
            by_choice("state", _("State"), STATES),
            Filter("call", _("Call"), (), lambda found, value: found.filter(call=value)),
        ),
        sorts=(Sort("newest", _("Received last first"), ("-received", "pk")),),
    )


def answers(proposal: Any) -> str:
    """Name the call or the technology challenge that a proposal answers."""
    if proposal.call_id:
        return titled(proposal.call)
    return proposal.challenge.title if proposal.challenge_id else ""


@signed_in
def proposal(request: HttpRequest, key: str) -> HttpResponse:
    """A proposal: what is proposed, where it stands, and why."""
    actor, today = request.actor, timezone.localdate()
    seen = find(actor, Proposal, key)
    own = seen.proposer_id in actor.organisations(*PROPOSERS)
    decided = seen.decided_on is not None
    open_now = seen.call is not None and is_open(seen.call, today)
    award = visible(actor, Award).filter(proposal=seen).first()
    reviews = list(visible(actor, Review).filter(proposal=seen).order_by("pk"))
    return render(
        request,
        "desk/proposal.html",
        {
            "title": seen.title,
            "proposal": seen,
            "answers": answers(seen),
            "answers_url": _answers_url(actor, seen),
            "own": own,
            "place": place_name(seen.place) if seen.place else "",
            "score": _score(seen) if decided and (own or actor.is_a(Role.OFFICER)) else None,
            "reviews": reviews,
            "mine": next((each for each in reviews if each.reviewer == actor.name), None),
            "award": award,
            "may_change": open_now
            and seen.state in ("submitted", "withdrawn")
            and may(actor, "change", seen),
            "may_withdraw": seen.state in WAITING and may(actor, "withdraw", seen),
            "may_award": award is None
            and seen.call is not None
            and seen.state == "chosen"
            and may(actor, "award", seen),
        },
    )


def _answers_url(actor: Actor, seen: Any) -> str:
    if seen.call_id:
        called = visible(actor, Call).filter(pk=seen.call_id).exists()
        return reverse("call", args=[seen.call_id]) if called else ""
    return address("challenge", seen.challenge_id) if seen.challenge_id else ""


def _score(seen: Any) -> Decimal | None:
    """Give the score that a proposal was decided by: its own line of the selection, no other's."""
    lines = ((seen.call and seen.call.selection) or {}).get("lines", ())
    own = next((line for line in lines if line["proposal"] == seen.pk), None)
    return round(Decimal(own["score"]), 1) if own else None


def _form(actor: Actor, call: Any, *, new: bool) -> Any:
    extra: dict[str, forms.Field] = {
        "summary": forms.CharField(
            label=column_label("proposals", "summary"),
            widget=forms.Textarea(attrs={"rows": 8, "dir": "auto"}),
            help_text=gettext_lazy("What you will do, what comes of it, and who does it."),
        ),
        # The call's own: nothing else can be asked for.
        "currency": forms.ChoiceField(
            label=column_label("proposals", "currency"),
            choices=[(call.currency, currency_name(call.currency))],
        ),
    }
    if new:
        extra["proposer_id"] = forms.ChoiceField(
            label=gettext_lazy("Who proposes"), choices=_own(actor)
        )
    made = record_form("proposals", _COLUMNS, extra=extra, required=("amount", "months"))
    made.field_order = ["proposer_id"]
    return made


def _own(actor: Actor) -> list[tuple[str, str]]:
    rows = visible(actor, Organisation).filter(pk__in=actor.organisations(*PROPOSERS))
    choices = choose(rows.order_by("name"), named)
    return choices[1:] if len(choices) == 2 else choices


@signed_in
def propose(request: HttpRequest, key: str) -> HttpResponse:
    """Propose to a call."""
    actor = request.actor
    called = find(actor, Call, key)
    require(actor, "propose", called)
    form = form_for(request, _form(actor, called, new=True))
    return carry_out(
        request,
        form,
        lambda cleaned: doing.submit(
            actor,
            called.pk,
            form.record_fields,
            proposer_id=cleaned["proposer_id"],
            once=cleaned["once"],
        ),
        done=page_of,
        guard=lambda: doing.require_open(called, timezone.localdate()),
        title=_("Propose what you will do"),
        lead=titled(called),
        button=_("Hand the proposal in"),
        cancel=reverse("call", args=[called.pk]),
    )


@signed_in
def change_proposal(request: HttpRequest, key: str) -> HttpResponse:
    """Change a proposal while its call is open."""
    actor = request.actor
    found = find(actor, Proposal, key)
    require(actor, "change", found)
    form = form_for(request, _form(actor, found.call or found, new=False), record=found)
    return carry_out(
        request,
        form,
        lambda _cleaned: doing.change(actor, found.pk, form.record_fields, **form.sent),
        done=lambda _made: page_of(found.pk),
        guard=lambda: doing.require_changeable(found, timezone.localdate()),
        title=_("Change this proposal"),
        lead=found.title,
        button=_("Save the changes"),
        cancel=page_of(found.pk),
    )


@signed_in
def withdraw_proposal(request: HttpRequest, key: str) -> HttpResponse:
    """Withdraw a proposal."""
    found = find(request.actor, Proposal, key)
    require(request.actor, "withdraw", found)
    return carry_out_on(
        request,
        found,
        WithdrawForm,
        doing.withdraw,
        page=page_of,
        title=_("Withdraw this proposal?"),
        lead=found.title,
        button=_("Withdraw it"),
    )


urlpatterns = [
    path("calls/<key:key>/propose/", propose, name="propose"),
    path("proposals/", proposals, name="proposals"),
    path("proposals/<key:key>/", proposal, name="proposal"),
    path("proposals/<key:key>/change/", change_proposal, name="change_proposal"),
    path("proposals/<key:key>/withdraw/", withdraw_proposal, name="withdraw_proposal"),
]
