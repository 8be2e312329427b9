"""Deposits and the resource ledger: what is there by class, what changed, and why."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onshore.desk.access.exploration import sees_all
from onshore.desk.actions import resources as doing
from onshore.desk.auditing.history import history
from onshore.desk.models import RECORDS, Block, Deposit, Estimate
from onshore.desk.pages.forms import (
    ReasonField,
    carry_out,
    choose,
    form_for,
    open_to_all,
    signed_in,
)
from onshore.desk.pages.list_filters import by_choice, by_words
from onshore.desk.pages.listing import Action, Column, Filter, Sort, listing
from onshore.desk.pages.names import named, place_name
from onshore.desk.pages.record_forms import record_form
from onshore.desk.pages.wording import choice_label
from onshore.desk.policies import find, may, require, visible
from onshore.desk.reckoning.resource_statement import statement
from onshore.desk.screens.exploration import map_context
from onshore.records import schema

_DEPOSIT = (
    *("name", "name_fa", "commodities", "kind", "stage", "lon", "lat", "place"),
    *("block_id", "source"),
)
_ESTIMATE = (
    *("class", "commodity", "tonnage", "grade", "grade_unit", "cutoff", "estimated_on"),
    *("code", "competent_person", "method", "density", "source"),
)
_CHANGE = ("class", "commodity", "changed_on", "reason", "tonnage", "metal", "note", "source")
_MOST = 500
_NOT_REASONS = {
    "opening": gettext_lazy("opening"),
    "estimate": gettext_lazy("estimated anew"),
    "not explained": gettext_lazy("not explained"),
}
"""Lines of the ledger that no reason was told for, and what they are called."""


def page_of(key: str) -> str:
    """Give the address of a deposit's page."""
    return reverse("deposit", args=[key])


@open_to_all
def deposits(request: HttpRequest) -> HttpResponse:
    """List the deposits."""
    actor = request.actor
    actions = [Action(_("Map"), reverse("exploration"), "map")]
    if visible(actor, Estimate).exists():
        actions.append(Action(_("Resources by class"), reverse("resources"), "layers"))
    if may(actor, "add", Deposit):
        actions.insert(0, Action(_("Record a deposit"), reverse("new_deposit"), "plus"))
    return listing(
        request,
        visible(actor, Deposit),
        title=_("Deposits and mineral occurrences"),
        empty=_("No deposit is recorded yet."),
        columns=(
            Column(_("Deposit"), named, link=lambda row: page_of(row.pk)),
            Column(_("Number"), "pk", "code"),
            Column(_("Commodities"), lambda row: row.commodities.replace(";", ", ")),
            Column(_("Kind"), "kind"),
            Column(_("How far it is known"), "stage", "choice"),
            Column(_("Province"), lambda row: place_name(row.place) if row.place else ""),
            Column(_("Longitude"), "lon", "number"),
            Column(_("Latitude"), "lat", "number"),
            Column(_("Source"), "source"),
        ),
        filters=(
            by_words("name", "name_fa", "pk"),
            Filter(
                "commodity",
                _("Commodity"),
                (),
                lambda rows, value: rows.filter(commodities__icontains=value),
            ),
            by_choice(
                "stage", _("How far it is known"), schema("deposits").column("stage").choices
            ),
        ),
        sorts=(Sort("name", _("By name"), ("name", "pk")),),
        actions=tuple(actions),
    )


@open_to_all
def deposit(request: HttpRequest, key: str) -> HttpResponse:
    """A deposit: where it is, and the ledger of what it holds."""
    actor = request.actor
    found = find(actor, Deposit, key)
    told = statement(actor, found.pk)
    box = found.lon is not None and found.lat is not None
    return render(
        request,
        "desk/resource.html",
        {
            "title": named(found),
            "deposit": found,
            "place": place_name(found.place) if found.place else "",
            "commodities": found.commodities.replace(";", ", "),
            "area": found.block,
            **map_context(actor),
            "bounds": f"{found.lon},{found.lat},{found.lon},{found.lat}" if box else "",
            "lines": [_line(row) for row in told.lines],
            "balances": told.balances,
            "warnings": [*told.failed, *told.warnings],
            "estimates": list(
                visible(actor, Estimate).filter(deposit=found).order_by("-estimated_on", "pk")
            ),
            "holes": visible(actor, RECORDS["drillholes"]).filter(deposit=found).count(),
            "history": history(actor, found) if sees_all(actor) else None,
            "may_change": may(actor, "change", found),
            "may_estimate": may(actor, "estimate", found),
        },
    )


def _line(row: dict[str, Any]) -> dict[str, Any]:
    told = _NOT_REASONS.get(row["reason"])
    return row | {
        "category": row["class"],
        "reason": str(told) if told else choice_label(row["reason"]),
        "unexplained": row["reason"] == "not explained",
    }


@signed_in
def resources(request: HttpRequest) -> HttpResponse:
    """Add up what all deposits hold, by commodity and class."""
    actor = request.actor
    told = statement(actor)
    return listing(
        request,
        told.balances,
        title=_("Resources and reserves by class"),
        lead=_(
            "Classes are not added up to one total: a reserve may be part of a resource, and an "
            "exploration target is no resource."
        ),
        empty=_("Nothing was estimated yet that you may read."),
        columns=(
            Column(_("Commodity"), lambda row: row["commodity"] or _("not told")),
            Column(_("Class"), lambda row: choice_label(row["class"])),
            Column(_("Deposits"), "deposits", "number"),
            Column(_("Tonnage"), "tonnage", "number", unit=_("t")),
            Column(_("Metal"), "metal", "number", unit=_("t")),
        ),
        template="desk/resources.html",
        warnings=[*told.failed, *told.warnings],
        actions=(Action(_("Deposits"), reverse("deposits"), "list"),),
    )


def _deposit_form(actor: Any, **extra: forms.Field) -> Any:
    blocks = choose(visible(actor, Block).order_by("name")[:_MOST], named)
    block = forms.ChoiceField(
        label=gettext_lazy("Block it lies in"), required=False, choices=blocks
    )
    return record_form("deposits", _DEPOSIT, extra={"block_id": block, **extra})


@signed_in
def new_deposit(request: HttpRequest) -> HttpResponse:
    """Record a deposit."""
    actor = request.actor
    require(actor, "add", Deposit)
    form = form_for(request, _deposit_form(actor))
    return carry_out(
        request,
        form,
        lambda cleaned: doing.add_deposit(actor, form.record_fields, once=cleaned["once"]),
        done=page_of,
        title=_("Record a deposit"),
        button=_("Record it"),
        cancel=reverse("deposits"),
    )


@signed_in
def change_deposit(request: HttpRequest, key: str) -> HttpResponse:
    """Change a deposit."""
    actor = request.actor
    found = find(actor, Deposit, key)
    require(actor, "change", found)
    form = form_for(request, _deposit_form(actor, reason=ReasonField(required=False)), record=found)
    return carry_out(
        request,
        form,
        lambda _cleaned: doing.change_deposit(actor, found.pk, form.record_fields, **form.sent),
        done=lambda _made: page_of(found.pk),
        title=_("Change this deposit"),
        lead=named(found),
        button=_("Save the changes"),
        cancel=page_of(found.pk),
    )


@signed_in
def new_estimate(request: HttpRequest, key: str) -> HttpResponse:
    """Record an estimate of what a deposit holds."""
    return _told_of(
        request,
        key,
        "estimate",
        record_form("estimates", _ESTIMATE),
        doing.estimate,
        _("Record an estimate"),
        _("By its class, as the report signed by a competent person tells it."),
    )


@signed_in
def new_resource_change(request: HttpRequest, key: str) -> HttpResponse:
    """Record why what a deposit holds changed."""
    return _told_of(
        request,
        key,
        "tell_change",
        record_form("resource_changes", _CHANGE),
        doing.tell_change,
        _("Record a change"),
        _("A loss is negative: -12000. The next estimate has to be what the changes make."),
    )


def _told_of(
    request: HttpRequest, key: str, deed: str, made: Any, act: Any, title: str, lead: str
) -> HttpResponse:
    actor = request.actor
    found = find(actor, Deposit, key)
    require(actor, deed, found)
    form = form_for(request, made)
    return carry_out(
        request,
        form,
        lambda cleaned: act(actor, found.pk, form.record_fields, once=cleaned["once"]),
        done=lambda _made: page_of(found.pk),
        title=f"{title}: {named(found)}",
        lead=lead,
        button=_("Record it"),
        cancel=page_of(found.pk),
    )


urlpatterns = [
    path("deposits/", deposits, name="deposits"),
    path("deposits/new/", new_deposit, name="new_deposit"),
    path("deposits/<key:key>/", deposit, name="deposit"),
    path("deposits/<key:key>/change/", change_deposit, name="change_deposit"),
    path("deposits/<key:key>/estimate/", new_estimate, name="new_estimate"),
    path("deposits/<key:key>/change-of-resource/", new_resource_change, name="new_resource_change"),
    path("resources/", resources, name="resources"),
]
