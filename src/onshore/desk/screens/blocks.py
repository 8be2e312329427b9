"""Exploration blocks: where they are, who may ask for or holds them, how far the work is."""

from typing import Any

from django import forms
from django.db.models import Case, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onshore.desk.access.exploration import FIRMS, sees_all
from onshore.desk.actions import blocks as doing
from onshore.desk.actions.block_offers import have_asked
from onshore.desk.actor import Actor
from onshore.desk.auditing.history import history
from onshore.desk.models import RECORDS, Block, BlockOffer, Deposit, DrillingFinance, WorkCommitment
from onshore.desk.pages.forms import (
    ReasonField,
    ReasonForm,
    carry_out,
    carry_out_on,
    form_for,
    open_to_all,
    signed_in,
)
from onshore.desk.pages.list_filters import by_choice, by_words
from onshore.desk.pages.listing import Action, Column, Filter, Sort, listing
from onshore.desk.pages.names import named, place_name
from onshore.desk.pages.outlines import shape_of
from onshore.desk.pages.record_forms import record_form
from onshore.desk.policies import find, may, require, visible
from onshore.desk.screens.exploration import map_context

STATES = ("on offer", "held", "returned")
_COLUMNS = ("name", "name_fa", "geometry", "commodities", "place", "area", "source")
_ON_OFFER_FIRST = Case(When(state="on offer", then=0), When(state="held", then=1), default=2)


def page_of(key: str) -> str:
    """Give the address of a block's page."""
    return reverse("block", args=[key])


@open_to_all
def blocks(request: HttpRequest) -> HttpResponse:
    """List the blocks."""
    actor = request.actor
    actions = [Action(_("Map"), reverse("exploration"), "map")]
    if may(actor, "add", Block):
        actions.insert(0, Action(_("Record a block"), reverse("new_block"), "plus"))
    return listing(
        request,
        visible(actor, Block).select_related("holder"),
        title=_("Exploration blocks: on offer, held, returned"),
        empty=_("No block is recorded yet."),
        columns=(
            Column(_("Block"), named, link=lambda row: page_of(row.pk)),
            Column(_("Number"), "pk", "code"),
            Column(_("State"), "state", "choice"),
            Column(_("Commodities"), lambda row: row.commodities.replace(";", ", ")),
            Column(_("Province"), lambda row: place_name(row.place) if row.place else ""),
            Column(_("Area"), "area", "number", unit=_("km²")),
            Column(_("Holder"), lambda row: named(row.holder) if row.holder_id else ""),
            Column(
                _("Open until"), lambda row: row.closes if row.state == "on offer" else None, "day"
            ),
            Column(_("Right ends"), "until", "day"),
        ),
        filters=(
            by_words("name", "name_fa", "pk"),
            by_choice("state", _("State"), STATES),
            Filter(
                "commodity",
                _("Commodity"),
                (),
                lambda rows, value: rows.filter(commodities__icontains=value),
            ),
        ),
        sorts=(
            Sort("closing", _("On offer first"), (_ON_OFFER_FIRST, "closes", "pk")),
            Sort("name", _("By name"), ("name", "pk")),
        ),
        actions=tuple(actions),
    )


@open_to_all
def block(request: HttpRequest, key: str) -> HttpResponse:
    """A block: where it is, who may ask for it or holds it, and how far its work is."""
    actor, today = request.actor, timezone.localdate()
    found = find(actor, Block, key)
    rows = visible(actor, BlockOffer).filter(block=found).select_related("organisation")
    offers = list(rows.order_by("-offered_on", "pk"))
    work = visible(actor, WorkCommitment).filter(block_offer__block=found)
    promised: dict[str, list[Any]] = {}
    for line in work.select_related("block_offer").order_by("due", "pk"):
        promised.setdefault(line.block_offer_id, []).append(_work_told(actor, line, today))
    told = [_offer_told(actor, row, promised.get(row.pk, []), today) for row in offers]
    asked = have_asked(found.pk, actor.organisations(*FIRMS))
    shape = shape_of(found.geometry)
    return render(
        request,
        "desk/block.html",
        {
            "title": named(found),
            "area": found,
            "place": place_name(found.place) if found.place else "",
            "commodities": found.commodities.replace(";", ", "),
            **map_context(actor),
            "bounds": ",".join(f"{number:.5f}" for number in shape.bounds) if shape else "",
            "offers": told,
            "asked": asked,
            "awarded": next((each for each in told if each["row"].state == "awarded"), None),
            "deposits": list(visible(actor, Deposit).filter(block=found).order_by("pk")[:20]),
            "holes": _holes(actor, found),
            "covers": list(
                visible(actor, DrillingFinance)
                .filter(block=found)
                .select_related("provider", "organisation")
                .order_by("starts", "pk")
            ),
            "history": history(actor, found) if sees_all(actor) else None,
            "may_change": may(actor, "change", found),
            "may_offer": found.state != "held" and may(actor, "offer", found),
            "may_take_back": found.state == "held" and may(actor, "take_back", found),
        },
    )


def _holes(actor: Actor, found: Any) -> int:
    return visible(actor, RECORDS["drillholes"]).filter(block=found).count()


def _offer_told(actor: Actor, row: Any, work: list[Any], today: Any) -> dict[str, Any]:
    waits = row.state == "submitted"
    open_now = row.state == "on offer" and (row.closes is None or row.closes >= today)
    return {
        "row": row,
        "firm": named(row.organisation) if row.organisation_id else "",
        "work": work,
        "open": open_now,
        "may_ask": open_now and may(actor, "ask", row),
        "may_award": waits and may(actor, "award", row),
        "may_refuse": waits and may(actor, "refuse", row),
        "may_withdraw": row.state in ("on offer", "submitted") and may(actor, "withdraw", row),
    }


def _work_told(actor: Actor, line: Any, today: Any) -> dict[str, Any]:
    share = float(line.done or 0) / float(line.amount) if line.amount else None
    return {
        "row": line,
        "share": share,
        "late": line.due < today and (share or 0) < 1,
        "may_hand_in": line.block_offer.state == "awarded" and may(actor, "hand_in", line),
        "may_accept": bool(line.handed_in)
        and line.handed_in["by"] != actor.name
        and may(actor, "accept", line),
    }


class _Outline(forms.CharField):
    def __init__(self) -> None:
        super().__init__(
            label=gettext_lazy("Outline"),
            max_length=2_000_000,
            widget=forms.Textarea(attrs={"rows": 6, "dir": "ltr", "spellcheck": "false"}),
            help_text=gettext_lazy(
                "WKT or GeoJSON in degrees of WGS 84, the longitude first: "
                "POLYGON ((57.3 29.7, 57.4 29.7, 57.4 29.8, 57.3 29.7))."
            ),
        )


def _form(**extra: forms.Field) -> Any:
    return record_form("blocks", _COLUMNS, extra={"geometry": _Outline(), **extra})


@signed_in
def new_block(request: HttpRequest) -> HttpResponse:
    """Record a block."""
    require(request.actor, "add", Block)
    form = form_for(request, _form())
    return carry_out(
        request,
        form,
        lambda cleaned: doing.add(request.actor, form.record_fields, once=cleaned["once"]),
        done=page_of,
        title=_("Record an exploration block"),
        lead=_("Its outline is checked; its area is measured where you leave it empty."),
        button=_("Record it"),
        cancel=reverse("blocks"),
    )


@signed_in
def change_block(request: HttpRequest, key: str) -> HttpResponse:
    """Change a block."""
    found = find(request.actor, Block, key)
    require(request.actor, "change", found)
    form = form_for(request, _form(reason=ReasonField(required=False)), record=found)
    return carry_out(
        request,
        form,
        lambda _cleaned: doing.change(request.actor, found.pk, form.record_fields, **form.sent),
        done=lambda _made: page_of(found.pk),
        title=_("Change this block"),
        lead=named(found),
        button=_("Save the changes"),
        cancel=page_of(found.pk),
    )


@signed_in
def take_back_block(request: HttpRequest, key: str) -> HttpResponse:
    """Take a block back."""
    found = find(request.actor, Block, key)
    require(request.actor, "take_back", found)
    return carry_out_on(
        request,
        found,
        ReasonForm,
        doing.take_back,
        page=page_of,
        title=_("Take the block back from %s?") % named(found.holder),
        lead=named(found),
        button=_("Take it back"),
    )


urlpatterns = [
    path("blocks/", blocks, name="blocks"),
    path("blocks/new/", new_block, name="new_block"),
    path("blocks/<key:key>/", block, name="block"),
    path("blocks/<key:key>/change/", change_block, name="change_block"),
    path("blocks/<key:key>/take-back/", take_back_block, name="take_back_block"),
]
