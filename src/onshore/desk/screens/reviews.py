"""Reviews: who reviews which proposals, the declaration of interests, and the scores."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from onshore.desk.actions import reviews as doing
from onshore.desk.choosing.selecting import WAITING
from onshore.desk.models import RECORDS, Call, Proposal, Review
from onshore.desk.pages.forms import (
    NumberField,
    OnceForm,
    WithdrawForm,
    carry_out,
    carry_out_on,
    form_for,
    signed_in,
    typed_as,
)
from onshore.desk.pages.listing import Column, Filter, Sort, listing
from onshore.desk.pages.names import named, titled
from onshore.desk.pages.wording import language
from onshore.desk.policies import STAFF, find, may, require, visible
from onshore.desk.screens.calls import criterion_named
from onshore.figures import shown

STANDING = {
    "declare": gettext_lazy("interests not declared yet"),
    "conflict": gettext_lazy("conflict of interest"),
    "score": gettext_lazy("to be scored"),
    "done": gettext_lazy("scores handed in"),
    "over": gettext_lazy("decided without it"),
}


def standing(review: Any) -> str:
    """Tell where a review stands: one of the keys of `STANDING`."""
    if review.conflict:
        return "conflict"
    if review.submitted is not None:
        return "done"
    if review.proposal.state not in WAITING:
        return "over"
    return "declare" if review.declared_on is None else "score"


def page_of(number: Any) -> str:
    """Give the address of a review's page."""
    return reverse("proposal_review", args=[number])


@signed_in
def proposal_reviews(request: HttpRequest) -> HttpResponse:
    """List the reviews: the actor's own, and for the agency everybody's."""
    actor = request.actor
    rows = visible(actor, Review).select_related("proposal__call", "proposal__proposer")
    staff = actor.is_a(*STAFF)
    readable = set() if staff else set(visible(actor, Proposal).values_list("pk", flat=True))

    def title(row: Any) -> str:
        seen = staff or row.proposal_id in readable
        return str(row.proposal.title if seen else row.proposal_id)

    return listing(
        request,
        rows,
        title=_("Proposals to be reviewed, and those that were"),
        lead=_("Say first whether a conflict of interest stands; then you read and score."),
        empty=_("Nobody has asked you for a review."),
        columns=(
            Column(_("Proposal"), title, link=lambda row: page_of(row.pk)),
            Column(_("Proposer"), lambda row: named(row.proposal.proposer)),
            Column(_("Call"), lambda row: titled(row.proposal.call) if row.proposal.call else ""),
            Column(pgettext("call", "Reviewer"), "reviewer", "code"),
            Column(_("Assigned"), "assigned_on", "day"),
            Column(_("Stands"), lambda row: STANDING[standing(row)]),
            Column(_("Handed in"), "submitted", "day"),
        ),
        filters=(
            Filter(
                "open",
                _("Stands"),
                (("yes", _("waiting")), ("no", _("handed in"))),
                lambda found, value: found.filter(submitted__isnull=value == "yes"),
            ),
        ),
        sorts=(Sort("waiting", _("Assigned last first"), ("-assigned_on", "pk")),),
    )


@signed_in
def proposal_review(request: HttpRequest, number: int) -> HttpResponse:
    """A review: what it is about, what was declared, what was scored."""
    actor = request.actor
    found = find(actor, Review, number)
    told = visible(actor, Proposal).filter(pk=found.proposal_id).first()
    criteria = _scored(actor, found)
    return render(
        request,
        "desk/proposal_review.html",
        {
            "title": told.title if told else found.proposal_id,
            "review": found,
            "proposal": found.proposal,
            "readable": told is not None,
            "call": found.proposal.call,
            "call_title": titled(found.proposal.call) if found.proposal.call else "",
            "standing": STANDING[standing(found)],
            "own": found.reviewer == actor.name,
            "criteria": criteria,
            "scored": any(points is not None for _name, _criterion, points in criteria),
            "may_declare": standing(found) == "declare" and may(actor, "declare", found),
            "may_revoke": standing(found) in ("score", "done") and may(actor, "declare", found),
            "may_score": standing(found) in ("score", "done")
            and found.proposal.state in WAITING
            and may(actor, "score", found),
            "may_take_back": standing(found) in ("declare", "score")
            and may(actor, "take_back", found),
        },
    )


def _scored(actor: Any, found: Any) -> list[tuple[str, Any, Any]]:
    """Give the criteria with their names and the scores given."""
    rows = visible(actor, RECORDS["scores"]).filter(
        proposal=found.proposal_id, reviewer=found.reviewer
    )
    given = dict(rows.values_list("criterion", "score"))
    criteria = visible(actor, RECORDS["criteria"]).filter(call=found.proposal.call_id)
    return [(criterion_named(each), each, given.get(each.name)) for each in criteria.order_by("pk")]


class AssignForm(OnceForm):
    """A reviewer, and the proposals to be reviewed."""

    reviewer = forms.ChoiceField(label=pgettext_lazy("call", "Reviewer"))
    proposals = forms.MultipleChoiceField(
        label=gettext_lazy("Proposals"), required=False, widget=forms.CheckboxSelectMultiple
    )


@signed_in
def assign_reviewers(request: HttpRequest, key: str) -> HttpResponse:
    """Give proposals of a call to a reviewer."""
    actor = request.actor
    found = find(actor, Call, key)
    require(actor, "assign", found)
    rows = visible(actor, Proposal).filter(call=found, state__in=WAITING)
    waiting = list(rows.select_related("proposer").order_by("title", "pk"))
    form = form_for(request, AssignForm)
    people = doing.possible_reviewers(timezone.localdate())
    form.fields["reviewer"].choices = [("", "—"), *people]
    form.fields["proposals"].choices = [
        (row.pk, f"{row.title} · {named(row.proposer)}") for row in waiting
    ]
    form.fields["proposals"].initial = [row.pk for row in waiting]
    return carry_out(
        request,
        form,
        lambda cleaned: doing.assign(
            actor,
            found.pk,
            reviewer=cleaned["reviewer"],
            proposals=cleaned["proposals"],
            once=cleaned["once"],
        ),
        done=lambda _made: reverse("call", args=[found.pk]),
        title=_("Who reviews which proposals?"),
        lead=_("The reviewer declares first whether a conflict of interest stands."),
        button=_("Ask for the reviews"),
        cancel=reverse("call", args=[found.pk]),
    )


class DeclareForm(OnceForm):
    """Whether a conflict of interest stands."""

    conflict = forms.ChoiceField(
        label=gettext_lazy("Is there a conflict of interest?"),
        choices=(
            ("no", gettext_lazy("No: nothing ties me to who proposes, nor to a rival of theirs")),
            ("yes", gettext_lazy("Yes: another reviewer has to be asked")),
        ),
        widget=forms.RadioSelect,
    )
    text = forms.CharField(
        label=gettext_lazy("Which conflict"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        help_text=gettext_lazy("Work, shares, family, or a project of one's own that competes."),
    )


@signed_in
def declare_interest(request: HttpRequest, number: int) -> HttpResponse:
    """Declare whether a conflict of interest stands."""
    found = find(request.actor, Review, number)
    require(request.actor, "declare", found)

    told = visible(request.actor, Proposal).filter(pk=found.proposal_id).first()

    def act(actor: Any, pk: Any, *, conflict: str, **sent: Any) -> str:
        return doing.declare(actor, pk, conflict=conflict == "yes", **sent)

    return carry_out_on(
        request,
        found,
        DeclareForm,
        act,
        page=lambda key: page_of(key or found.pk),
        title=_("Does a conflict of interest stand?"),
        lead=" · ".join(
            (
                told.title if told else found.proposal_id,
                named(found.proposal.proposer),
                titled(found.proposal.call) if found.proposal.call else "",
            )
        ),
        button=_("Declare it"),
    )


@signed_in
def score_proposal(request: HttpRequest, number: int) -> HttpResponse:
    """Score a proposal by the criteria of its call."""
    actor = request.actor
    found = find(actor, Review, number)
    require(actor, "score", found)
    if found.declared_on is None and request.method == "GET":
        return redirect("declare_interest", found.pk)
    told = visible(actor, Proposal).filter(pk=found.proposal_id).first()
    if found.conflict and told is None and request.method == "GET":
        raise Http404
    criteria = _scored(actor, found)
    form = form_for(request, _score_form(criteria, found.comment), record=found)
    names = {f"score_{at}": each.name for at, (_name, each, _given) in enumerate(criteria, 1)}

    def act(cleaned: dict[str, Any]) -> str:
        scores = {name: cleaned[field] for field, name in names.items()}
        return doing.score(actor, found.pk, scores=scores, comment=cleaned["comment"], **form.sent)

    return carry_out(
        request,
        form,
        act,
        done=lambda made: page_of(made or found.pk),
        template="desk/proposal_score.html",
        title=_("How good is this proposal?"),
        proposal=told,
        button=_("Hand the scores in"),
        cancel=page_of(found.pk),
    )


def _score_form(criteria: list[tuple[str, Any, Any]], comment: str) -> type[OnceForm]:
    fields: dict[str, forms.Field] = {}
    for number, (name, criterion, given) in enumerate(criteria, 1):
        most = shown.number(criterion.most, language())
        fields[f"score_{number}"] = NumberField(
            label=name,
            required=False,
            initial=typed_as(given),
            help_text=_("From 0 to %(most)s.") % {"most": most},
        )
    fields["comment"] = forms.CharField(
        label=_("What decided it for you"),
        required=False,
        initial=comment,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )
    return type("ScoreForm", (OnceForm,), fields)


@signed_in
def take_review_back(request: HttpRequest, number: int) -> HttpResponse:
    """Take a review back that was not handed in."""
    found = find(request.actor, Review, number)
    require(request.actor, "take_back", found)
    call = found.proposal.call_id
    return carry_out_on(
        request,
        found,
        WithdrawForm,
        doing.take_back,
        page=page_of,
        done=lambda _made: reverse("call", args=[call]) if call else reverse("proposal_reviews"),
        title=_("Take this review back from %s?") % found.reviewer,
        lead=found.proposal.title,
        button=_("Take it back"),
    )


urlpatterns = [
    path("calls/<key:key>/reviewers/", assign_reviewers, name="assign_reviewers"),
    path("reviews/", proposal_reviews, name="proposal_reviews"),
    path("reviews/<int:number>/", proposal_review, name="proposal_review"),
    path("reviews/<int:number>/declare/", declare_interest, name="declare_interest"),
    path("reviews/<int:number>/score/", score_proposal, name="score_proposal"),
    path("reviews/<int:number>/take-back/", take_review_back, name="take_review_back"),
]
