"""Drilling rigs with their age, finance and insurance; what contractors can do."""

from typing import Any

from django import forms
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onshore.desk.access.exploration import FIRMS, sees_all
from onshore.desk.actions import rigs as doing
from onshore.desk.actor import Actor
from onshore.desk.auditing.history import history
from onshore.desk.models import DrillingFinance, Organisation, Rig, Role
from onshore.desk.pages.forms import (
    ReasonField,
    carry_out,
    choose,
    form_for,
    signed_in,
)
from onshore.desk.pages.list_filters import by_choice, by_words
from onshore.desk.pages.listing import Action, Column, Filter, Sort, listing
from onshore.desk.pages.names import named, place_name
from onshore.desk.pages.record_forms import record_form
from onshore.desk.pages.wording import choice_label
from onshore.desk.policies import find, may, require, visible
from onshore.records import schema

_RIG = (
    *("owner_id", "model", "kind", "built", "depth_limit", "state", "place", "hours"),
    *("rate", "cost", "currency", "bought_on", "finance", "insured_until"),
)
_SERVICE = (
    *("organisation_id", "role", "service", "commodities", "places", "staff"),
    *("competent_persons", "equipment", "depth_limit", "capacity_per_year", "unit"),
    *("grade", "valid_until", "references", "source"),
)
_STATES = schema("rigs").column("state").choices
_ROLES = schema("exploration_services").column("role").choices
_MOST = 500


def page_of(key: str) -> str:
    """Give the address of a rig's page."""
    return reverse("rig", args=[key])


def _age(row: Any) -> int | None:
    return timezone.localdate().year - row.built if row.built else None


@signed_in
def rigs(request: HttpRequest) -> HttpResponse:
    """List the drilling rigs."""
    actor, today = request.actor, timezone.localdate()
    actions = [Action(_("Contractors"), reverse("exploration_services"), "people")]
    if may(actor, "add", Rig):
        actions.insert(0, Action(_("Record a rig"), reverse("new_rig"), "plus"))
    return listing(
        request,
        visible(actor, Rig).select_related("owner"),
        title=_("Drilling rigs: where they stand, how old they are, until when insured"),
        empty=_("No drilling rig is recorded that you may read."),
        columns=(
            Column(_("Rig"), "model", link=lambda row: page_of(row.pk)),
            Column(_("Number"), "pk", "code"),
            Column(_("Owner"), lambda row: named(row.owner) if row.owner_id else ""),
            Column(_("State"), "state", "choice"),
            Column(_("Province"), lambda row: place_name(row.place) if row.place else ""),
            Column(_("Deepest hole"), "depth_limit", "number", unit=_("m")),
            Column(_("Age"), _age, "number", unit=_("years")),
            Column(_("Metres a month"), "rate", "number"),
            Column(_("Insured until"), "insured_until", "day"),
        ),
        filters=(
            by_choice("state", _("State"), _STATES),
            by_choice("kind", _("Kind"), schema("rigs").column("kind").choices),
            Filter(
                "insured",
                _("Insurance"),
                (("no", _("not insured today")), ("yes", _("insured"))),
                lambda rows, value: (
                    rows.filter(insured_until__gte=today)
                    if value == "yes"
                    else rows.filter(Q(insured_until__isnull=True) | Q(insured_until__lt=today))
                ),
            ),
        ),
        sorts=(
            Sort("model", _("By model"), ("model", "pk")),
            Sort("oldest", _("Oldest first"), ("built", "pk")),
        ),
        actions=tuple(actions),
    )


@signed_in
def rig(request: HttpRequest, key: str) -> HttpResponse:
    """A rig, and how its purchase and its risks are financed."""
    actor, today = request.actor, timezone.localdate()
    found = find(actor, Rig, key)
    finance = visible(actor, DrillingFinance).filter(rig=found)
    return render(
        request,
        "desk/rig.html",
        {
            "title": found.model,
            "rig": found,
            "owner": named(found.owner) if found.owner_id else "",
            "place": place_name(found.place) if found.place else "",
            "age": _age(found),
            "insured": bool(found.insured_until and found.insured_until >= today),
            "finance": list(
                finance.select_related("provider", "organisation").order_by("starts", "pk")
            ),
            "history": history(actor, found) if sees_all(actor) else None,
            "may_change": may(actor, "change", found),
            "may_cover": may(actor, "add", DrillingFinance),
        },
    )


def _owners(actor: Actor) -> forms.ChoiceField:
    rows = visible(actor, Organisation)
    if actor.is_a(Role.OFFICER):
        rows = rows.filter(role__regex="maker|contractor")
    else:
        rows = rows.filter(pk__in=actor.organisations(*FIRMS))
    choices = choose(rows.order_by("name")[:_MOST], named)
    own = choices[1:] if len(choices) == 2 else choices
    return forms.ChoiceField(label=gettext_lazy("Firm"), choices=own)


@signed_in
def new_rig(request: HttpRequest) -> HttpResponse:
    """Record a rig."""
    actor = request.actor
    require(actor, "add", Rig)
    form = form_for(request, record_form("rigs", _RIG, extra={"owner_id": _owners(actor)}))
    return carry_out(
        request,
        form,
        lambda cleaned: doing.add(actor, form.record_fields, once=cleaned["once"]),
        done=page_of,
        title=_("Record a drilling rig"),
        button=_("Record it"),
        cancel=reverse("rigs"),
    )


@signed_in
def change_rig(request: HttpRequest, key: str) -> HttpResponse:
    """Change a rig."""
    actor = request.actor
    found = find(actor, Rig, key)
    require(actor, "change", found)
    extra = {"owner_id": _owners(actor), "reason": ReasonField(required=False)}
    form = form_for(request, record_form("rigs", _RIG, extra=extra), record=found)
    return carry_out(
        request,
        form,
        lambda _cleaned: doing.change(actor, found.pk, form.record_fields, **form.sent),
        done=lambda _made: page_of(found.pk),
        title=_("Change this rig"),
        lead=found.model,
        button=_("Save the changes"),
        cancel=page_of(found.pk),
    )


@signed_in
def exploration_services(request: HttpRequest) -> HttpResponse:
    """List what contractors, consultants and laboratories can do."""
    actor, today = request.actor, timezone.localdate()
    adds = may(actor, "add", doing.Service)
    return listing(
        request,
        visible(actor, doing.Service).select_related("organisation"),
        title=_("Who can explore: contractors, consultants, laboratories"),
        empty=_("Nobody has said yet what they can do."),
        columns=(
            Column(_("Service"), "service"),
            Column(_("Firm"), lambda row: named(row.organisation)),
            Column(_("As"), "role", "choice"),
            Column(_("Commodities"), lambda row: row.commodities.replace(";", ", ")),
            Column(_("Where"), lambda row: _places(row.places)),
            Column(_("Qualified people"), "staff", "number"),
            Column(_("Competent persons"), "competent_persons", "number"),
            Column(_("Deepest"), "depth_limit", "number", unit=_("m")),
            Column(_("A year"), "capacity_per_year", "number"),
            Column(_("Unit"), "unit", "unit"),
            Column(_("Rank"), "grade"),
            Column(_("Qualified until"), "valid_until", "day"),
        ),
        filters=(
            by_words("service", "organisation__name", "commodities"),
            by_choice("role", _("As"), _ROLES),
            Filter(
                "valid",
                _("Qualification"),
                (("yes", _("holds today")),),
                lambda rows, _value: rows.filter(valid_until__gte=today),
            ),
        ),
        sorts=(Sort("service", _("By service"), ("service", "pk")),),
        actions=(Action(_("Say what you can do"), reverse("new_exploration_service"), "plus"),)
        if adds
        else (),
    )


def _places(text: str) -> str:
    return ", ".join(place_name(code.strip()) for code in text.split(";") if code.strip())


@signed_in
def new_exploration_service(request: HttpRequest) -> HttpResponse:
    """Record what a firm can do."""
    actor = request.actor
    require(actor, "add", doing.Service)
    extra = {
        "organisation_id": _owners(actor),
        "role": forms.ChoiceField(
            label=gettext_lazy("As"), choices=[(each, choice_label(each)) for each in _ROLES]
        ),
    }
    form = form_for(request, record_form("exploration_services", _SERVICE, extra=extra))
    return carry_out(
        request,
        form,
        lambda cleaned: doing.offer_service(actor, form.record_fields, once=cleaned["once"]),
        done=lambda _made: reverse("exploration_services"),
        title=_("Say what the firm can do"),
        button=_("Record it"),
        cancel=reverse("exploration_services"),
    )


urlpatterns = [
    path("rigs/", rigs, name="rigs"),
    path("rigs/new/", new_rig, name="new_rig"),
    path("rigs/<key:key>/", rig, name="rig"),
    path("rigs/<key:key>/change/", change_rig, name="change_rig"),
    path("exploration-services/", exploration_services, name="exploration_services"),
    path("exploration-services/new/", new_exploration_service, name="new_exploration_service"),
]
