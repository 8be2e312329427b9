"""Organisations: buyers, makers, agencies and the others."""

from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from onshore.desk.actions import catalogue
from onshore.desk.models import Membership, Need, Offer, Organisation
from onshore.desk.pages.forms import (
    carry_out,
    form_for,
    signed_in,
)
from onshore.desk.pages.listing import Action, Column, Filter, Sort, listing
from onshore.desk.pages.names import KINDS, kinds_named, named, place_name
from onshore.desk.pages.record_forms import record_form
from onshore.desk.pages.wording import column_label
from onshore.desk.policies import find, may, require, visible
from onshore.desk.screens.catalogue import with_key

_FACTS = (
    *("name", "name_fa", "role", "country", "place", "industrial_park", "knowledge_based"),
    *("small", "certificates", "certificates_until", "website"),
)
_NewForm = record_form("organisations", ("organisation_id", *_FACTS))
_ChangeForm = record_form("organisations", _FACTS)


@signed_in
def organisations(request: HttpRequest) -> HttpResponse:
    """List the organisations."""
    new = Action(_("Add an organisation"), reverse("organisation_new"), "plus")
    return listing(
        request,
        visible(request.actor, Organisation),
        title=_("Who buys, makes and helps"),
        lead=lambda count: (
            ngettext("%(count)d organisation.", "%(count)d organisations.", count)
            % {"count": count}
        ),
        empty=_("No organisation fits these filters."),
        columns=[
            Column(_("Name"), named, link=page_of),
            Column(column_label("organisations", "organisation_id"), "pk", "code"),
            Column(_("What it does"), lambda row: kinds_named(row.role)),
            Column(column_label("organisations", "place"), lambda row: place_name(row.place)),
            Column(
                column_label("organisations", "certificates"), lambda row: _parts(row.certificates)
            ),
            Column(
                column_label("organisations", "certificates_until"), "certificates_until", "day"
            ),
        ],
        filters=[
            Filter("q", _("Name or key"), (), _named),
            Filter(
                "role",
                _("What it does"),
                KINDS.items(),
                lambda rows, kind: rows.filter(role__contains=kind),
            ),
            Filter(
                "knowledge_based",
                column_label("organisations", "knowledge_based"),
                [("1", _("yes"))],
                lambda rows, _value: rows.filter(knowledge_based=True),
            ),
        ],
        sorts=[Sort("name", _("Name"), ("name", "pk")), Sort("key", _("Key"), ("pk",))],
        actions=[new] if may(request.actor, "add", Organisation) else [],
    )


def _named(rows: Any, text: str) -> Any:
    return rows.filter(Q(name__icontains=text) | Q(name_fa__contains=text) | Q(pk=text))


def _parts(text: str) -> str:
    return _("; ").join(part.strip() for part in text.split(";"))


def _fact(row: Organisation, name: str) -> Any:
    value = getattr(row, name)
    if name == "place":
        return place_name(value)
    return _parts(value) if name == "certificates" else value


def page_of(row: Organisation) -> str:
    """Give the address of an organisation's page."""
    return reverse("organisation", args=[row.pk])


@signed_in
def organisation(request: HttpRequest, key: str) -> HttpResponse:
    """Show an organisation with what the actor sees of its needs, offers and people."""
    found = find(request.actor, Organisation, key)
    needs = visible(request.actor, Need).filter(buyer=found)
    offers = visible(request.actor, Offer).filter(maker=found)
    people = visible(request.actor, Membership).filter(organisation=found)
    return render(
        request,
        "desk/catalogue/organisation.html",
        {
            "organisation": found,
            "roles": kinds_named(found.role),
            "facts": [
                (column_label("organisations", name), _fact(found, name), name)
                for name in _FACTS[3:]
                if getattr(found, name) not in (None, "")
            ],
            "needs": needs.order_by("-state_since", "pk")[:20],
            "offers": offers.order_by("pk")[:20],
            "people": people.select_related("user").order_by("role", "since")[:50],
            "may_change": may(request.actor, "change", found),
        },
    )


@signed_in
def new_organisation(request: HttpRequest) -> HttpResponse:
    """Add an organisation."""
    require(request.actor, "add", Organisation)
    form = form_for(request, _NewForm)
    return carry_out(
        request,
        form,
        lambda typed: catalogue.add_record(
            request.actor,
            "organisations",
            with_key(form),
            once=typed["once"],
        ),
        done=lambda key: reverse("organisation", args=[key]),
        template="desk/catalogue/form.html",
        heading=_("Add an organisation"),
        button=_("Add"),
        back=reverse("organisations"),
    )


@signed_in
def change_organisation(request: HttpRequest, key: str) -> HttpResponse:
    """Change what is known of an organisation."""
    found = find(request.actor, Organisation, key)
    require(request.actor, "change", found)
    form = form_for(request, _ChangeForm, record=found)
    return carry_out(
        request,
        form,
        lambda _typed: catalogue.change_record(
            request.actor,
            "organisations",
            found.pk,
            form.record_fields,
            **form.sent,
        ),
        done=lambda _key: page_of(found),
        template="desk/catalogue/form.html",
        heading=_("Change what is known of %(name)s") % {"name": named(found)},
        button=_("Save"),
        back=page_of(found),
    )


urlpatterns = [
    path("organisations/", organisations, name="organisations"),
    path("organisations/new/", new_organisation, name="organisation_new"),
    path("organisations/<key:key>/change/", change_organisation, name="organisation_change"),
    path("organisations/<key:key>/", organisation, name="organisation"),
]
