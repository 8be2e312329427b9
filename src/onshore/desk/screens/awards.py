"""Awards: what was given to whom, and the tranches that are paid as milestones are accepted."""

from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onshore.desk.actions import awards as doing
from onshore.desk.actions import guarantees
from onshore.desk.actor import Actor
from onshore.desk.auditing.history import history
from onshore.desk.models import Award, Proposal, Tranche
from onshore.desk.pages.forms import (
    DayField,
    NumberField,
    OnceForm,
    ReasonForm,
    WithdrawForm,
    carry_out,
    carry_out_on,
    form_for,
    signed_in,
    typed_as,
)
from onshore.desk.pages.list_filters import by_choice
from onshore.desk.pages.listing import Column, Sort, listing
from onshore.desk.pages.names import named
from onshore.desk.pages.showing import choice_label
from onshore.desk.pages.typed_lines import Cell, LinesForm
from onshore.desk.pages.wording import language
from onshore.desk.policies import STAFF, find, may, require, visible
from onshore.records import schema

STATES = {
    "ahead": gettext_lazy("ahead"),
    "past its day": gettext_lazy("past its day"),
    "handed in": gettext_lazy("handed in, waits to be accepted"),
    "accepted": gettext_lazy("accepted, to be paid"),
    "paid": gettext_lazy("paid"),
}
STANDING = {
    "open": gettext_lazy("holds"),
    "called": gettext_lazy("called in"),
    "ended": gettext_lazy("ended"),
}
_TRANCHES = (
    Cell("milestone", gettext_lazy("Milestone")),
    Cell("amount", gettext_lazy("Amount"), "number"),
    Cell("due", gettext_lazy("Due"), "day"),
)


def page_of(key: str) -> str:
    """Give the address of an award's page."""
    return reverse("award", args=[key])


def told(award: Any) -> str:
    """Say in a line what an award is for."""
    if award.project_id:
        return str((award.project.name_fa if language() == "fa" else "") or award.project.name)
    statement = (award.statement_fa if language() == "fa" else "") or award.statement
    return str(statement or choice_label(award.kind))


@signed_in
def awards(request: HttpRequest) -> HttpResponse:
    """List the awards, the newest first."""
    rows = visible(request.actor, Award)
    lines = Prefetch("tranches_as_award", visible(request.actor, Tranche), to_attr="tranches")
    return listing(
        request,
        rows.select_related("receiver", "fund", "project").prefetch_related(lines),
        title=_("What was awarded, and how much of it is paid"),
        lead=_("A tranche is paid once another person accepted its milestone."),
        empty=_("No award is recorded that you may read."),
        columns=(
            Column(_("What it is given for"), told, link=lambda row: page_of(row.pk)),
            Column(_("What was given"), "kind", "choice"),
            Column(_("Receiver"), lambda row: named(row.receiver)),
            Column(_("Fund"), lambda row: named(row.fund)),
            Column(_("Amount"), lambda row: (row.amount, row.currency), "money"),
            Column(_("Paid"), lambda row: (_paid(row), row.currency), "money"),
            Column(_("Basis"), "basis", "basis"),
            Column(_("Awarded"), "awarded", "day"),
        ),
        filters=(by_choice("kind", _("What was given"), schema("awards").column("kind").choices),),
        sorts=(Sort("newest", _("Awarded last first"), ("-awarded", "pk")),),
    )


def _paid(award: Any) -> Decimal | None:
    if not award.tranches:
        return None
    return sum((line.amount for line in award.tranches if line.paid_on is not None), Decimal(0))


@signed_in
def award(request: HttpRequest, key: str) -> HttpResponse:
    """An award: its facts, its tranches and what each waits for."""
    actor, today = request.actor, timezone.localdate()
    found = find(actor, Award, key)
    lines = visible(actor, Tranche).filter(award=found).select_related("award").order_by("number")
    tranches = [_line(actor, line, today) for line in lines]
    paid = sum((each["row"].amount for each in tranches if each["row"].paid_on), Decimal(0))
    stands = guarantees.standing(found, today) if found.kind == "guarantee" else ""
    proposal = visible(actor, Proposal).filter(pk=found.proposal_id).first()
    calls_in = stands == "open" and may(actor, "call_in", found)
    return render(
        request,
        "desk/award.html",
        {
            "title": told(found),
            "award": found,
            "proposal": proposal,
            "tranches": tranches,
            "paid": paid,
            "rest": found.amount - paid,
            "standing": STANDING.get(stands, ""),
            "statement": (found.statement_fa if language() == "fa" else "") or found.statement,
            "may_call_in": calls_in,
            "may_end": stands in ("open", "called") and may(actor, "end", found),
            "history": history(actor, found) if actor.is_a(*STAFF) else None,
        },
    )


def _line(actor: Actor, row: Any, today: Any) -> dict[str, Any]:
    state = doing.state_of(row, today)
    handed_in = state == "handed in"
    return {
        "row": row,
        "state": state,
        "label": STATES[state],
        "may_reach": state in ("ahead", "past its day", "handed in") and may(actor, "reach", row),
        "may_accept": handed_in and may(actor, "accept", row),
        "may_send_back": handed_in and may(actor, "send_back", row),
        "may_pay": state == "accepted" and may(actor, "pay", row),
    }


class AwardForm(LinesForm):
    """What is given to a proposal, in tranches by milestone."""

    amount = NumberField(label=gettext_lazy("Amount"))
    awarded = DayField(label=gettext_lazy("Day of the award"), required=False)
    until = DayField(
        label=gettext_lazy("Until"),
        required=False,
        help_text=gettext_lazy("Of a loan or a guarantee: the day it ends."),
    )
    statement = forms.CharField(
        label=gettext_lazy("What it is given for"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )


@signed_in
def give_award(request: HttpRequest, key: str) -> HttpResponse:
    """Award a chosen proposal."""
    actor = request.actor
    found = find(actor, Proposal, key)
    require(actor, "award", found)
    form = form_for(
        request,
        AwardForm,
        cells=_TRANCHES,
        initial={
            "amount": typed_as(found.amount),
            "awarded": typed_as(timezone.localdate()),
            "statement": found.title,
        },
    )
    form.fields["amount"].help_text = found.currency

    def act(cleaned: dict[str, Any]) -> str:
        values = {name: cleaned[name] for name in ("amount", "awarded", "until", "statement")}
        return doing.give(actor, found.pk, values, form.lines, once=cleaned["once"])

    return carry_out(
        request,
        form,
        act,
        done=page_of,
        template="desk/lines_form.html",
        title=_("Give the award, in tranches by milestone"),
        lead=f"{found.title} · {named(found.proposer)}",
        table=_("Tranches"),
        note=_("Together they are the whole award. Empty a line to leave it out."),
        button=_("Give the award"),
        cancel=reverse("proposal", args=[found.pk]),
    )


class ReachForm(OnceForm):
    """What shows that a milestone was reached."""

    evidence = forms.CharField(
        label=gettext_lazy("What shows it"),
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        required=False,
        help_text=gettext_lazy("The report, test record or drawing that anybody can look up."),
    )


class PayForm(OnceForm):
    """The day a tranche was paid."""

    paid_on = DayField(label=gettext_lazy("Day it was paid"))


def _tranche_form(
    request: HttpRequest, number: int, deed: str, made: type[OnceForm], action: Any, **words: Any
) -> HttpResponse:
    found = find(request.actor, Tranche, number)
    require(request.actor, deed, found)
    return carry_out_on(
        request,
        found,
        made,
        action,
        page=lambda _key: page_of(found.award_id),
        lead=found.milestone,
        **words,
    )


@signed_in
def reach_tranche(request: HttpRequest, number: int) -> HttpResponse:
    """Hand in a milestone as reached."""
    return _tranche_form(
        *(request, number, "reach", ReachForm, doing.reach),
        title=_("Hand in the milestone as reached"),
        button=_("Hand it in"),
    )


@signed_in
def accept_tranche(request: HttpRequest, number: int) -> HttpResponse:
    """Accept a milestone."""
    return _tranche_form(
        *(request, number, "accept", WithdrawForm, doing.accept),
        title=_("Accept this milestone?"),
        button=_("Accept it"),
    )


@signed_in
def send_tranche_back(request: HttpRequest, number: int) -> HttpResponse:
    """Send a milestone back."""
    return _tranche_form(
        *(request, number, "send_back", ReasonForm, doing.send_back),
        title=_("Send the milestone back: what is missing?"),
        button=_("Send it back"),
    )


@signed_in
def pay_tranche(request: HttpRequest, number: int) -> HttpResponse:
    """Record the day a tranche was paid."""
    return _tranche_form(
        *(request, number, "pay", PayForm, doing.pay),
        title=_("Record that the tranche was paid"),
        button=_("Record it"),
    )


urlpatterns = [
    path("proposals/<key:key>/award/", give_award, name="give_award"),
    path("awards/", awards, name="awards"),
    path("awards/<key:key>/", award, name="award"),
    path("tranches/<int:number>/reach/", reach_tranche, name="reach_tranche"),
    path("tranches/<int:number>/accept/", accept_tranche, name="accept_tranche"),
    path("tranches/<int:number>/send-back/", send_tranche_back, name="send_tranche_back"),
    path("tranches/<int:number>/pay/", pay_tranche, name="pay_tranche"),
]
