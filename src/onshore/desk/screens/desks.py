"""Sectors' desks: how far each is, and what it takes to an event."""

from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from onshore.desk.actions import desks as doing
from onshore.desk.actor import Actor
from onshore.desk.models import RECORDS, Deal, Desk, Need, Package, Role
from onshore.desk.pages.forms import (
    ReasonField,
    carry_out,
    form_for,
    signed_in,
)
from onshore.desk.pages.listing import Action, Column, listing
from onshore.desk.pages.names import named
from onshore.desk.pages.record_forms import record_form
from onshore.desk.policies import STAFF, find, may, require, visible
from onshore.desk.reckoning import provinces
from onshore.desk.reckoning.desk_standing import desk_standing
from onshore.desk.states import LIFE, OPEN, SIDE_EXITS
from onshore.figures import Basis, Money

COLUMNS = (
    *("name", "name_fa", "sector", "agency_id", "opened"),
    *("target_amount", "target_currency", "target_period", "source"),
)
SHOWN = 25


@signed_in
def desks(request: HttpRequest) -> HttpResponse:
    """List the desks."""
    from onshore.desk.templatetags.desk import sector_label
    from onshore.desk.templatetags.work import period_label

    opens = may(request.actor, "add", Desk)
    return listing(
        request,
        visible(request.actor, Desk).select_related("agency").order_by("name"),
        title=_("Sectors' desks and what each aims at"),
        empty=_("No desk is open yet."),
        columns=(
            Column(_("Desk"), named, link=lambda row: reverse("desk", args=[row.pk])),
            Column(_("Sector"), lambda row: sector_label(row.sector)),
            Column(_("Agency"), lambda row: named(row.agency)),
            Column(_("Opened"), "opened", kind="day"),
            Column(_("Target"), _target, kind="money"),
            Column(_("Period of the target"), lambda row: period_label(row.target_period)),
        ),
        actions=(Action(_("Open a desk"), reverse("desk_new"), "plus"),) if opens else (),
    )


def _target(row: Any) -> Money | None:
    if row.target_amount is None or not row.target_currency:
        return None
    return Money(row.target_amount, row.target_currency)


@signed_in
def desk(request: HttpRequest, key: str) -> HttpResponse:
    """Show how far a desk is: target, signed, delivered, verified; or its needs and packages."""
    actor = request.actor
    found = find(actor, Desk, key)
    part = "work" if request.GET.get("show") == "work" else ""
    context = {
        "desk": found,
        "part": part,
        "parts": (("", _("How far it is")), ("work", _("Deals, needs, packages and events"))),
        "changes": may(actor, "change", found),
        **(_work(actor, found) if part else _how_far(actor, found)),
    }
    return render(request, "desk/desk.html", context)


def _how_far(actor: Actor, found: Any) -> dict[str, Any]:
    standing = desk_standing(actor, found)
    return {
        "title": _title(found, standing),
        "standing": standing,
        "bars": {basis: round(worth) for basis, worth in standing.worth.items() if worth},
        "partial": not actor.is_a(*STAFF, Role.ANALYST),
    }


def _work(actor: Actor, found: Any) -> dict[str, Any]:
    today = timezone.localdate()
    needs = visible(actor, Need).filter(sector=found.sector)
    late = Count("pk", filter=Q(due__lt=today))
    grouped = needs.order_by().values("state").annotate(count=Count("pk"), late=late)
    counted = {
        state: (count, stalled if state in OPEN else 0)
        for state, count, stalled in grouped.values_list("state", "count", "late")
    }
    deals = visible(actor, Deal).filter(desk=found).select_related("maker", "buyer")
    events = visible(actor, RECORDS["events"]).filter(desk=found)
    return {
        "title": _("%s: its deals, needs, packages and events") % named(found),
        "states": [(state, *counted[state]) for state in (*LIFE, *SIDE_EXITS) if state in counted],
        "deals": deals.order_by("-signed", "pk")[:SHOWN],
        "packages": visible(actor, Package).filter(desk=found).order_by("-published")[:SHOWN],
        "events": events.order_by("-starts")[:SHOWN],
        **provinces.told_of(actor, found.sector),
    }


def _title(found: Any, standing: Any) -> str:
    """Say in a sentence how much of the target is verified."""
    name = named(found)
    if not standing.target:
        return _("%(desk)s: what is signed, delivered and verified") % {"desk": name}
    from onshore.desk.pages.wording import language
    from onshore.figures import shown

    verified = standing.worth[Basis.VERIFIED] / standing.target
    contracted = standing.worth[Basis.CONTRACTED] / standing.target
    return _("%(desk)s: %(contracted)s of the target is contracted, %(verified)s verified") % {
        "desk": name,
        "contracted": shown.percent(contracted, language()),
        "verified": shown.percent(verified, language()),
    }


def _form() -> Any:
    return record_form("desks", COLUMNS, extra={"reason": ReasonField(required=False)})


@signed_in
def desk_new(request: HttpRequest) -> HttpResponse:
    """Open a desk."""
    require(request.actor, "add", Desk)
    form = form_for(request, _form())

    def act(cleaned: dict[str, Any]) -> str:
        return doing.add(request.actor, form.record_fields, once=cleaned["once"])

    return carry_out(
        request,
        form,
        act,
        done=lambda key: reverse("desk", args=[key]),
        title=_("Open a desk for a sector"),
        button=_("Open the desk"),
        cancel=reverse("desks"),
    )


@signed_in
def desk_change(request: HttpRequest, key: str) -> HttpResponse:
    """Change a desk."""
    found = find(request.actor, Desk, key)
    require(request.actor, "change", found)
    form = form_for(request, _form(), record=found)

    def act(cleaned: dict[str, Any]) -> str:
        facts = {name: cleaned[name] for name in ("version", "reason", "once")}
        return doing.change(request.actor, found.pk, form.record_fields, **facts)

    return carry_out(
        request,
        form,
        act,
        done=lambda made: reverse("desk", args=[made or found.pk]),
        title=_("Change the desk %s") % named(found),
        cancel=reverse("desk", args=[found.pk]),
    )


@signed_in
def desk_pack(request: HttpRequest, key: str) -> HttpResponse:
    """Give the pack that a desk takes to an event, as a PDF."""
    from onshore.desk.events.pack import event_pack
    from onshore.report import to_pdf

    actor = request.actor
    found = find(actor, Desk, key)
    event = None
    if asked := request.GET.get("event", ""):
        event = find(actor, RECORDS["events"], asked)
    pdf = to_pdf(event_pack(found, event, timezone.localdate()))
    return HttpResponse(
        pdf,
        content_type="application/pdf",
        headers={"Content-Disposition": 'attachment; filename="desk-pack.pdf"'},
    )


urlpatterns = [
    path("desks/", desks, name="desks"),
    path("desks/new/", desk_new, name="desk_new"),
    path("desks/<key:key>/", desk, name="desk"),
    path("desks/<key:key>/change/", desk_change, name="desk_change"),
    path("desks/<key:key>/pack.pdf/", desk_pack, name="desk_pack"),
]
