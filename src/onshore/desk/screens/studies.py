"""Research projects and theses: the readiness ladder with its gates, trials, the hand-over."""

from typing import Any

from django import forms
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onshore.desk.access.research import RESEARCHERS
from onshore.desk.actions import studies as doing
from onshore.desk.actor import Actor
from onshore.desk.auditing.history import history
from onshore.desk.models import (
    Challenge,
    Gate,
    Need,
    Offer,
    Organisation,
    Pilot,
    Proposal,
    Role,
    Study,
)
from onshore.desk.pages.forms import (
    OnceForm,
    ReasonField,
    carry_out,
    carry_out_on,
    choose,
    form_for,
    signed_in,
)
from onshore.desk.pages.key_fields import KeyField
from onshore.desk.pages.list_filters import by_choice, by_words
from onshore.desk.pages.listing import Action, Column, Sort, listing
from onshore.desk.pages.names import named
from onshore.desk.pages.record_forms import record_form
from onshore.desk.pages.wording import choice_label, column_label
from onshore.desk.policies import STAFF, find, may, require, visible
from onshore.records import schema

LEVELS = {
    1: gettext_lazy("basic principles observed"),
    2: gettext_lazy("concept formulated"),
    3: gettext_lazy("concept shown by experiment"),
    4: gettext_lazy("validated in the laboratory"),
    5: gettext_lazy("validated under conditions like those of use"),
    6: gettext_lazy("prototype shown under conditions like those of use"),
    7: gettext_lazy("prototype shown where it is used"),
    8: gettext_lazy("complete and qualified"),
    9: gettext_lazy("proven in use"),
}
"""What each technology readiness level says (ISO 16290, in short)."""
_COLUMNS = ("kind", "title", "need_id", "lead", "student", "from", "until", "trl")


def page_of(key: str) -> str:
    """Give the address of a study's page."""
    return reverse("study", args=[key])


@signed_in
def studies(request: HttpRequest) -> HttpResponse:
    """List research projects and theses."""
    adds = may(request.actor, "add", Study)
    return listing(
        request,
        visible(request.actor, Study)
        .select_related("organisation")
        .prefetch_related(
            Prefetch("gates_as_study", visible(request.actor, Gate), to_attr="gates")
        ),
        title=_("Research projects and theses, and how ready each is"),
        lead=_("A level is reached when somebody else has decided so on evidence."),
        empty=_("There is no research that you may read."),
        columns=(
            Column(_("Research"), "title", link=lambda row: page_of(row.pk)),
            Column(_("Kind"), "kind", "choice"),
            Column(_("Where"), lambda row: named(row.organisation)),
            Column(_("Readiness level"), _level, "number"),
            Column(_("Gate asked for"), _waiting, "number"),
            Column(_("From"), "starts", "day"),
            Column(_("Until"), "until", "day"),
            Column(_("State"), "state", "choice"),
        ),
        filters=(
            by_choice("kind", _("Kind"), schema("studies").column("kind").choices),
            by_choice("state", _("State"), schema("studies").column("state").choices),
            by_words("title", "lead"),
        ),
        sorts=(Sort("newest", _("Begun last first"), ("-starts", "pk")),),
        actions=(Action(_("Record research"), reverse("new_study"), "plus"),) if adds else (),
    )


def _level(study: Any) -> int | None:
    passed = [gate.trl for gate in study.gates if gate.decision == "passed"]
    return max([study.trl or 0, *passed]) or None


def _waiting(study: Any) -> int | None:
    asked = [gate.trl for gate in study.gates if gate.decision == "pending"]
    return asked[0] if asked else None


@signed_in
def study(request: HttpRequest, key: str) -> HttpResponse:
    """Research: the level that it reached, what comes next, and its trials."""
    actor = request.actor
    rows = visible(actor, Study).select_related("organisation", "need", "challenge", "offer")
    found = find(actor, Study, key)
    found = rows.get(pk=found.pk)
    gates = {
        gate.trl: gate
        for gate in visible(actor, Gate).filter(study=found).select_related("study__need")
    }
    passed = [level for level, gate in gates.items() if gate.decision == "passed"]
    reached = max([found.trl or 0, *passed])
    pending = next((gate for gate in gates.values() if gate.decision == "pending"), None)
    pilots = list(visible(actor, Pilot).filter(study=found).select_related("host").order_by("pk"))
    running = found.state == "running"
    asks = running and pending is None and reached < doing.HIGHEST and may(actor, "ask", found)
    hands = found.handed_over is None and reached >= doing.IN_PLANT
    return render(
        request,
        "desk/study.html",
        {
            "title": found.title,
            "study": found,
            "reached": reached,
            "reached_label": LEVELS.get(reached, ""),
            "ladder": [_rung(actor, found, level, reached, gates.get(level)) for level in LEVELS],
            "pending": pending,
            "pilots": pilots,
            "need": visible(actor, Need).filter(pk=found.need_id).first(),
            "challenge": visible(actor, Challenge).filter(pk=found.challenge_id).first(),
            "offer": visible(actor, Offer).filter(pk=found.offer_id).first(),
            "may_ask": asks,
            "next_level": reached + 1,
            "needs_pilot": asks
            and reached + 1 == doing.IN_PLANT
            and not any(pilot.result == "passed" for pilot in pilots),
            "may_try": running and reached >= doing.IN_PLANT - 1 and may(actor, "try", found),
            "may_hand_over": hands and may(actor, "hand_over", found),
            "may_change": found.handed_over is None and may(actor, "change", found),
            "history": history(actor, found) if actor.is_a(*STAFF) else None,
        },
    )


def _rung(actor: Actor, study: Any, level: int, reached: int, gate: Any) -> dict[str, Any]:
    begun = study.trl is not None and level <= study.trl and gate is None
    waits = gate is not None and gate.decision == "pending"
    return {
        "level": level,
        "label": LEVELS[level],
        "gate": gate,
        "reached": level <= reached,
        "begun": begun,
        "may_decide": waits and may(actor, "decide", gate),
    }


def _form(actor: Actor, *, whose: bool) -> Any:
    columns: tuple[str, ...] = _COLUMNS
    extra: dict[str, forms.Field] = {}
    if whose:
        rows = visible(actor, Organisation)
        if not actor.is_a(Role.OFFICER):
            rows = rows.filter(pk__in=actor.organisations(*RESEARCHERS))
        choices = choose(rows.order_by("name")[:5000], named)
        extra["organisation_id"] = forms.ChoiceField(
            label=column_label("studies", "organisation_id"),
            choices=choices[1:] if len(choices) == 2 else choices,
        )
        columns = (*columns[:2], "organisation_id", *columns[2:])
    else:  # the need is that of the challenge
        columns = tuple(name for name in columns if name != "need_id")
    return record_form("studies", columns, extra=extra, required=("kind", "from"))


@signed_in
def new_study(request: HttpRequest) -> HttpResponse:
    """Record a research project or a thesis."""
    actor = request.actor
    require(actor, "add", Study)
    form = form_for(request, _form(actor, whose=True))
    return carry_out(
        request,
        form,
        lambda cleaned: doing.begin(actor, form.record_fields, once=cleaned["once"]),
        done=page_of,
        title=_("Record a research project or a thesis"),
        lead=_("The need is one that you may read; it may be left empty."),
        button=_("Record it"),
        cancel=reverse("studies"),
    )


@signed_in
def begin_study(request: HttpRequest, key: str) -> HttpResponse:
    """Begin the research of a proposal that was chosen."""
    actor = request.actor
    proposal = find(actor, Proposal, key)
    require(actor, "add", Study(organisation_id=proposal.proposer_id))
    first = {"title": proposal.title, "trl": proposal.trl, "kind": "research project"}
    form = form_for(request, _form(actor, whose=False), initial=first)
    return carry_out(
        request,
        form,
        lambda cleaned: doing.begin(
            actor, form.record_fields, proposal_id=proposal.pk, once=cleaned["once"]
        ),
        done=page_of,
        title=_("Begin the research of this proposal"),
        lead=f"{named(proposal.proposer)}: {proposal.title}",
        button=_("Begin it"),
        cancel=reverse("proposal", args=[proposal.pk]),
    )


@signed_in
def change_study_state(request: HttpRequest, key: str) -> HttpResponse:
    """Pause, take up, finish or stop research."""
    found = find(request.actor, Study, key)
    require(request.actor, "change", found)
    choices = [(each, choice_label(each)) for each in doing.NEXT[found.state]]

    class StateForm(OnceForm):
        state = forms.ChoiceField(
            label=column_label("studies", "state"), choices=choices, widget=forms.RadioSelect
        )
        reason = ReasonField(
            required=False, help_text=gettext_lazy("Needed to pause, to stop and to take up again.")
        )

    return carry_out_on(
        request,
        found,
        StateForm,
        doing.set_state,
        page=page_of,
        title=_("Where does this research stand?"),
        lead=found.title,
        button=_("Record it"),
    )


@signed_in
def ask_gate(request: HttpRequest, key: str) -> HttpResponse:
    """Ask for the next readiness level."""
    found = find(request.actor, Study, key)
    require(request.actor, "ask", found)
    level = min(doing.level_of(found) + 1, doing.HIGHEST)
    told = _("Level %(level)s: %(label)s") % {
        "level": doing.told_level(level),
        "label": LEVELS[level],
    }

    class GateForm(OnceForm):
        evidence = forms.CharField(
            label=gettext_lazy("What shows that the level is reached"),
            required=False,
            widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
            help_text=gettext_lazy("The test, the report or the sample, where it can be seen."),
        )

    def act(actor: Actor, pk: str, **sent: Any) -> str:
        return doing.ask_gate(actor, pk, level=level, **sent)

    return carry_out_on(
        request,
        found,
        GateForm,
        act,
        page=page_of,
        title=_("Ask for the next readiness level"),
        lead=told,
        button=_("Ask for it"),
    )


@signed_in
def decide_gate(request: HttpRequest, key: int) -> HttpResponse:
    """Decide on a gate."""
    found = find(request.actor, Gate, key)
    require(request.actor, "decide", found)
    choices = [(each, choice_label(each)) for each in ("passed", "failed")]

    class DecisionForm(OnceForm):
        decision = forms.ChoiceField(
            label=gettext_lazy("Decision"), choices=choices, widget=forms.RadioSelect
        )
        reason = ReasonField(help_text=gettext_lazy("Who does the research is told this."))

    back = page_of(found.study_id)
    told = _("Level %(level)s: %(label)s") % {
        "level": doing.told_level(found.trl),
        "label": LEVELS.get(found.trl, ""),
    }
    return carry_out_on(
        request,
        found,
        DecisionForm,
        doing.decide_gate,
        page=lambda _made: back,
        template="desk/gate_decide.html",
        title=_("Is this level reached?"),
        lead=told,
        gate=found,
        button=_("Record the decision"),
    )


@signed_in
def hand_over(request: HttpRequest, key: str) -> HttpResponse:
    """Hand what came of research over to a maker's offer."""
    actor = request.actor
    found = find(actor, Study, key)
    require(actor, "hand_over", found)
    first = (
        visible(actor, Offer).filter(maker_id=found.organisation_id).values_list("pk", flat=True)
    )
    keys = list(first[:2])

    class HandOverForm(OnceForm):
        offer_id = KeyField(
            "offers",
            label=gettext_lazy("The maker's offer"),
            initial=keys[0] if len(keys) == 1 else "",
        )

    return carry_out_on(
        request,
        found,
        HandOverForm,
        doing.hand_over,
        page=page_of,
        title=_("Hand it over to a maker"),
        lead=_("The offer takes over the readiness level; the challenge is then solved."),
        button=_("Hand it over"),
    )


urlpatterns = [
    path("studies/", studies, name="studies"),
    path("studies/new/", new_study, name="new_study"),
    path("studies/<key:key>/", study, name="study"),
    path("studies/<key:key>/state/", change_study_state, name="change_study_state"),
    path("studies/<key:key>/gate/", ask_gate, name="ask_gate"),
    path("studies/<key:key>/hand-over/", hand_over, name="hand_over_study"),
    path("gates/<int:key>/decide/", decide_gate, name="decide_gate"),
    path("proposals/<key:key>/begin/", begin_study, name="begin_study"),
]
