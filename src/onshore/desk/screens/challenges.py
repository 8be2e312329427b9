"""Technology challenges: put out to firms and universities, answered, decided with reasons."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onshore.desk.access.research import RESEARCHERS
from onshore.desk.actions import challenges as doing
from onshore.desk.actor import Actor
from onshore.desk.auditing.history import history
from onshore.desk.choosing.selecting import WAITING
from onshore.desk.models import Challenge, Idea, Need, Organisation, Proposal, Role, Study
from onshore.desk.pages.forms import (
    OnceForm,
    ReasonField,
    ReasonForm,
    carry_out,
    carry_out_on,
    choose,
    form_for,
    open_to_all,
    signed_in,
)
from onshore.desk.pages.list_filters import by_choice, by_words
from onshore.desk.pages.listing import Action, Column, Sort, listing
from onshore.desk.pages.names import named
from onshore.desk.pages.record_forms import record_form
from onshore.desk.pages.wording import choice_label, column_label
from onshore.desk.policies import STAFF, find, may, require, visible
from onshore.records import schema

_COLUMNS = ("title", "text", "closes", "prize", "currency")
_PROPOSAL = ("title", "summary", "trl", "months", "amount", "currency", "place")


def page_of(key: str) -> str:
    """Give the address of a challenge's page."""
    return reverse("challenge", args=[key])


def standing(challenge: Any) -> str:
    """Name where a challenge stands today: open, or its state."""
    if challenge.state == "published":
        return "open" if doing.is_open(challenge, timezone.localdate()) else "closed"
    return str(challenge.state or "draft")


@open_to_all
def challenges(request: HttpRequest) -> HttpResponse:
    """List technology challenges, what closes first above."""
    actor = request.actor
    buttons = []
    if may(actor, "add", Challenge):
        buttons = [
            Action(_("Needs without a maker"), reverse("challenge_needs"), "unlink"),
            Action(_("Draft a challenge"), reverse("new_challenge"), "plus"),
        ]
    return listing(
        request,
        visible(actor, Challenge).select_related("owner"),
        title=_("Technology challenges that wait for an answer"),
        lead=_(
            "Each is a thing that nobody here makes yet. Firms, start-ups and universities propose."
        ),
        empty=_("No technology challenge is out now."),
        columns=(
            Column(_("Challenge"), "title", link=lambda row: page_of(row.pk)),
            Column(_("Whose problem"), lambda row: _owner(actor, row)),
            Column(_("Published"), "published", "day"),
            Column(_("Last day"), "closes", "day"),
            Column(_("Prize"), lambda row: (row.prize, row.currency), "money"),
            Column(_("State"), standing, "choice"),
        ),
        filters=(
            by_choice("state", _("State"), schema("challenges").column("state").choices),
            by_words("title", "text"),
        ),
        sorts=(
            Sort("newest", _("Published last first"), ("-published", "pk")),
            Sort("closing", _("Closing first"), ("closes", "pk")),
        ),
        actions=buttons,
    )


def _owner(actor: Actor, challenge: Any) -> str:
    """Name whose problem it is, to who is signed in."""
    return named(challenge.owner) if actor.user is not None and challenge.owner_id else ""


@signed_in
def challenge_needs(request: HttpRequest) -> HttpResponse:
    """List the needs that no maker was found for and that have no challenge yet."""
    actor = request.actor
    require(actor, "add", Challenge)
    taken = visible(actor, Challenge).exclude(state="withdrawn").filter(need__isnull=False)
    rows = visible(actor, Need).filter(state="no-match").exclude(pk__in=taken.values("need_id"))
    if not actor.is_a(Role.OFFICER):
        rows = rows.filter(buyer_id__in=actor.organisations(Role.ENGINEER))
    return listing(
        request,
        rows.select_related("buyer"),
        title=_("Needs that nobody here can serve yet"),
        lead=_("Choose one to make a technology challenge of it."),
        empty=_("Every need without a maker has its challenge."),
        columns=(
            Column(
                _("Need"),
                "description",
                link=lambda row: reverse("need_challenge", args=[row.pk]),
            ),
            Column(_("Part number"), "part_number", "code"),
            Column(_("Buyer"), lambda row: named(row.buyer)),
            Column(_("Yearly quantity"), "yearly_quantity", "number"),
            Column(_("Unit"), "unit", "unit"),
            Column(_("Since"), "state_since", "day"),
        ),
        filters=(by_words("description", "part_number"),),
        sorts=(Sort("waiting", _("Waiting longest first"), ("state_since", "pk")),),
    )


@open_to_all
def challenge(request: HttpRequest, key: str) -> HttpResponse:
    """A challenge: what is sought, until when, and what came in."""
    actor = request.actor
    found = find(actor, Challenge, key)
    stands = standing(found)
    proposals = [
        {"row": row, "may_decide": stands == "closed" and _decides(actor, row)}
        for row in visible(actor, Proposal)
        .filter(challenge=found)
        .select_related("proposer", "challenge__need")
        .order_by("-received", "pk")[:200]
    ]
    begun = visible(actor, Study).filter(challenge=found)
    studies = list(begun.select_related("organisation").order_by("pk")[:50])
    begun_of = {study.proposal_id for study in studies}
    for each in proposals:
        chosen = each["row"].state == "chosen" and each["row"].pk not in begun_of
        each["may_begin"] = chosen and actor.is_a(Role.OFFICER)
    return render(
        request,
        "desk/challenge.html",
        {
            "title": found.title,
            "challenge": found,
            "stands": stands,
            "owner": _owner(actor, found),
            "need": visible(actor, Need).filter(pk=found.need_id).first(),
            "proposals": proposals,
            "ideas": visible(actor, Idea).filter(challenge=found).order_by("-received")[:50],
            "studies": studies,
            "may_change": found.state in ("draft", "published") and may(actor, "change", found),
            "may_publish": found.state == "draft" and may(actor, "publish", found),
            "may_withdraw": found.state in ("draft", "published", "closed")
            and may(actor, "withdraw", found),
            "may_propose": stands == "open" and may(actor, "propose", found),
            "may_hand_in": stands == "open" and not actor.is_a(*RESEARCHERS, *STAFF),
            "history": history(actor, found) if actor.is_a(*STAFF) else None,
        },
    )


def _decides(actor: Actor, proposal: Any) -> bool:
    own = proposal.proposer_id in actor.organisations(*Role)
    return proposal.state in WAITING and not own and may(actor, "decide", proposal)


def _form(actor: Actor, *, owner: bool, **extra: forms.Field) -> Any:
    fields: dict[str, forms.Field] = {
        "text": forms.CharField(
            label=column_label("challenges", "text"),
            required=False,
            widget=forms.Textarea(attrs={"rows": 10, "dir": "auto"}),
            help_text=gettext_lazy(
                "What it has to do, by which numbers, and what was tried. Everybody reads this."
            ),
        ),
        **extra,
    }
    columns: tuple[str, ...] = _COLUMNS
    if owner:
        rows = visible(actor, Organisation)
        if actor.is_a(Role.OFFICER):
            rows = rows.filter(role__contains="buyer")
        else:
            rows = rows.filter(pk__in=actor.organisations(Role.ENGINEER))
        choices = choose(rows.order_by("name")[:5000], named)
        fields["owner_id"] = forms.ChoiceField(
            label=column_label("challenges", "owner_id"),
            choices=choices[1:] if len(choices) == 2 else choices,
        )
        columns = ("title", "owner_id", *_COLUMNS[1:])
    return record_form("challenges", columns, extra=fields)


@signed_in
def new_challenge(request: HttpRequest) -> HttpResponse:
    """Draft a challenge that comes of no need."""
    actor = request.actor
    require(actor, "add", Challenge)
    form = form_for(request, _form(actor, owner=True))
    return carry_out(
        request,
        form,
        lambda cleaned: doing.add(actor, form.record_fields, once=cleaned["once"]),
        done=page_of,
        title=_("Draft a technology challenge"),
        lead=_("Nobody else reads the draft until the agency publishes it."),
        button=_("Keep the draft"),
        cancel=reverse("challenges"),
    )


@signed_in
def need_challenge(request: HttpRequest, key: str) -> HttpResponse:
    """Draft a challenge of a need that no maker was found for."""
    actor = request.actor
    need = find(actor, Need, key)
    require(actor, "add", Challenge)
    require(actor, "add", Challenge(need=need, owner_id=need.buyer_id))
    form = form_for(request, _form(actor, owner=False), initial={"title": need.description})
    return carry_out(
        request,
        form,
        lambda cleaned: doing.add(actor, form.record_fields, need_id=need.pk, once=cleaned["once"]),
        done=page_of,
        title=_("Make a challenge of this need"),
        lead=_("Title and text become public; the need itself, its price and its buyer do not."),
        button=_("Keep the draft"),
        cancel=reverse("challenge_needs"),
    )


@signed_in
def change_challenge(request: HttpRequest, key: str) -> HttpResponse:
    """Change a challenge."""
    actor = request.actor
    found = find(actor, Challenge, key)
    require(actor, "change", found)
    made = _form(actor, owner=False, reason=ReasonField(required=False))
    form = form_for(request, made, record=found)
    return carry_out(
        request,
        form,
        lambda _cleaned: doing.change(actor, found.pk, form.record_fields, **form.sent),
        done=lambda _made: page_of(found.pk),
        title=_("Change this challenge"),
        lead=found.title,
        button=_("Save the changes"),
        cancel=page_of(found.pk),
    )


@signed_in
def publish_challenge(request: HttpRequest, key: str) -> HttpResponse:
    """Publish a challenge."""
    found = find(request.actor, Challenge, key)
    require(request.actor, "publish", found)
    return carry_out_on(
        request,
        found,
        OnceForm,
        doing.publish,
        page=page_of,
        title=_("Put this challenge out?"),
        lead=_("Everybody reads it then, and makers and research units are told."),
        button=_("Publish it"),
    )


@signed_in
def withdraw_challenge(request: HttpRequest, key: str) -> HttpResponse:
    """Withdraw a challenge."""
    found = find(request.actor, Challenge, key)
    require(request.actor, "withdraw", found)
    return carry_out_on(
        request,
        found,
        ReasonForm,
        doing.withdraw,
        page=page_of,
        title=_("Withdraw this challenge?"),
        lead=_("Those who proposed are told your reason."),
        button=_("Withdraw it"),
    )


@signed_in
def propose_solution(request: HttpRequest, key: str) -> HttpResponse:
    """Propose how to solve a challenge."""
    actor = request.actor
    found = find(actor, Challenge, key)
    require(actor, "propose", found)
    rows = visible(actor, Organisation).filter(pk__in=actor.organisations(*RESEARCHERS))
    choices = choose(rows.order_by("name"), named)
    extra: dict[str, forms.Field] = {
        "summary": forms.CharField(
            label=column_label("proposals", "summary"),
            widget=forms.Textarea(attrs={"rows": 8, "dir": "auto"}),
            help_text=gettext_lazy("What you will do, what comes of it, and who does it."),
        ),
        "proposer_id": forms.ChoiceField(
            label=gettext_lazy("Who proposes"),
            choices=choices[1:] if len(choices) == 2 else choices,
        ),
    }
    form = form_for(request, record_form("proposals", _PROPOSAL, extra=extra))
    return carry_out(
        request,
        form,
        lambda cleaned: doing.propose(
            actor,
            found.pk,
            form.record_fields,
            proposer_id=cleaned["proposer_id"],
            once=cleaned["once"],
        ),
        done=lambda made: reverse("proposal", args=[made]),
        guard=lambda: doing.require_open(found, timezone.localdate()),
        title=_("Propose how you would solve it"),
        lead=found.title,
        button=_("Hand the proposal in"),
        cancel=page_of(found.pk),
    )


@signed_in
def decide_solution(request: HttpRequest, key: str) -> HttpResponse:
    """Decide on a proposal to a challenge."""
    found = find(request.actor, Proposal, key)
    require(request.actor, "decide", found)
    decisions = ("short-listed", "chosen", "not chosen")
    choices = [(each, choice_label(each)) for each in decisions]

    class DecisionForm(OnceForm):
        decision = forms.ChoiceField(
            label=gettext_lazy("Decision"), choices=choices, widget=forms.RadioSelect
        )
        reason = ReasonField(help_text=gettext_lazy("The proposer is told this."))

    back = page_of(found.challenge_id) if found.challenge_id else ""
    return carry_out_on(
        request,
        found,
        DecisionForm,
        doing.decide,
        page=lambda _made: back or reverse("proposal", args=[found.pk]),
        title=_("Decide on this proposal"),
        lead=f"{named(found.proposer)}: {found.title}",
        button=_("Record the decision"),
    )


urlpatterns = [
    path("challenges/", challenges, name="challenges"),
    path("challenges/new/", new_challenge, name="new_challenge"),
    path("challenges/needs/", challenge_needs, name="challenge_needs"),
    path("challenges/<key:key>/", challenge, name="challenge"),
    path("challenges/<key:key>/change/", change_challenge, name="change_challenge"),
    path("challenges/<key:key>/publish/", publish_challenge, name="publish_challenge"),
    path("challenges/<key:key>/withdraw/", withdraw_challenge, name="withdraw_challenge"),
    path("challenges/<key:key>/propose/", propose_solution, name="propose_solution"),
    path("proposals/<key:key>/decide/", decide_solution, name="decide_solution"),
    path("needs/<key:key>/challenge/", need_challenge, name="need_challenge"),
]
