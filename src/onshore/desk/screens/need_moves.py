"""The moves of a need's life: each with its form."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _

from onshore.desk.actions import needs as moving
from onshore.desk.actor import Actor
from onshore.desk.models import Candidate, Desk, Need, Offer, Organisation, Quotation, Role
from onshore.desk.pages.forms import (
    DebriefField,
    OnceForm,
    ReasonField,
    carry_out,
    choose,
    form_for,
    signed_in,
)
from onshore.desk.pages.names import named
from onshore.desk.pages.record_forms import record_form
from onshore.desk.pages.showing import choice_label
from onshore.desk.pages.wording import language
from onshore.desk.policies import find, require, visible
from onshore.desk.states import MOVES, Move
from onshore.figures import shown


def asks(move: Move) -> bool:
    """Whether a move has a form of its own, or is done by its button alone."""
    return move.reason or move.name in _FORMS


@signed_in
def need_move(request: HttpRequest, key: str, move: str) -> HttpResponse:
    """Move a need: its form, and what it does."""
    actor = request.actor
    told = MOVES.get(move)
    if told is None:
        raise Http404
    found = find(actor, Need, key)
    require(actor, move, found)
    if request.method == "GET" and found.state not in told.sources:
        return redirect("need", found.pk)
    first = {"version": found.version, "unit": found.unit}
    form = form_for(request, _form_of(told, actor, found), initial=first)
    form.record = found

    def act(cleaned: dict[str, Any]) -> Any:
        facts = {name: value for name, value in cleaned.items() if value not in (None, "")}
        return moving.BY_NAME[move](actor, found.pk, **facts)

    return carry_out(
        request,
        form,
        act,
        done=lambda made: reverse("need", args=[made or found.pk]),
        template="desk/form.html",
        title=f"{told.label}: {found.description}",
        lead=_leads_to(told),
        button=told.label,
        cancel=reverse("need", args=[found.pk]),
    )


def _leads_to(move: Move) -> str:
    if not move.target:
        return _("The need goes on where it was.")
    state = choice_label(move.target)
    if not move.days:
        return _("The need comes to the state “%(state)s”.") % {"state": state}
    return _("The need comes to “%(state)s”; the next step is then due in %(days)s days.") % {
        "state": state,
        "days": shown.number(move.days, language()),
    }


def _form_of(move: Move, actor: Actor, found: Any) -> type[OnceForm]:
    reason = ReasonField(required=move.reason)
    if move.name in _FORMS:
        return _FORMS[move.name](actor, found, reason)
    return type("MoveForm", (OnceForm,), {"reason": reason})


def _quotation_form(actor: Actor, found: Any, reason: forms.Field) -> type[OnceForm]:
    standing = visible(actor, Quotation).filter(need=found).select_related("maker")
    standing = standing.exclude(state__in=("withdrawn", "not chosen"))
    field = forms.ChoiceField(label=_("Quotation"), choices=choose(standing, _quotation_label))
    told = {"quotation_id": field, "reason": reason, "debrief": DebriefField()}
    return type("QuotationForm", (OnceForm,), told)


def _quotation_label(quotation: Any) -> str:
    return f"{named(quotation.maker)} · {quotation.pk}"


_DEAL_COLUMNS = ("quantity", "unit", "value", "currency", "signed", "until", "jobs", "milestones")


def _deal_form(actor: Actor, found: Any, reason: forms.Field) -> type[OnceForm]:
    quoted = visible(actor, Quotation).filter(need=found).values("maker_id")
    matched = visible(actor, Candidate).filter(need=found, decision="confirmed")
    known = visible(actor, Organisation).filter(
        Q(pk__in=quoted) | Q(pk__in=matched.values("offer__maker_id"))
    )
    return record_form(
        "deals",
        _DEAL_COLUMNS,
        extra={
            "maker_id": forms.ChoiceField(
                label=_("Maker"), choices=choose(known.order_by("name"), named), required=False
            ),
            "desk_id": forms.ChoiceField(
                label=_("Desk"),
                choices=choose(visible(actor, Desk).order_by("name"), named),
                required=False,
            ),
            "reason": reason,
        },
    )


def _sample_form(actor: Actor, found: Any, reason: forms.Field) -> type[OnceForm]:
    own = visible(actor, Offer).filter(maker_id__in=actor.organisations(Role.MAKER))
    stages = [(each, choice_label(each)) for each in ("sample", "first article", "field test")]
    return type(
        "SampleForm",
        (OnceForm,),
        {
            "offer_id": forms.ChoiceField(
                label=_("Product"), choices=choose(own.order_by("pk")[:500])
            ),
            "stage": forms.ChoiceField(label=_("What is sent"), choices=stages),
            "reason": reason,
        },
    )


_FORMS: dict[str, Callable[[Actor, Any, forms.Field], type[OnceForm]]] = {
    "take_offer": _quotation_form,
    "sign_mou": _deal_form,
    "sign_contract": _deal_form,
    "send_sample": _sample_form,
}


urlpatterns = [path("needs/<key:key>/do/<str:move>/", need_move, name="need_move")]
