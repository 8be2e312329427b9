"""Needs: the list, the page of one, and the moves of its life."""

from collections.abc import Callable
from typing import Any

from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onshore.desk.actor import Actor
from onshore.desk.auditing.history import history
from onshore.desk.models import (
    Candidate,
    Challenge,
    Claim,
    Deal,
    Delivery,
    DueFirst,
    ImportException,
    Need,
    Organisation,
    Qualification,
    Quotation,
    Role,
    Specification,
)
from onshore.desk.pages.forms import (
    OnceForm,
    open_to_all,
)
from onshore.desk.pages.listing import Action, Column, Filter, Sort, listing
from onshore.desk.pages.names import named
from onshore.desk.pages.showing import choice_label
from onshore.desk.policies import STAFF, find, may, visible
from onshore.desk.screens.need_moves import asks
from onshore.desk.states import LIFE, OPEN, SIDE_EXITS, Move, moves_from
from onshore.figures import Money
from onshore.records import schema

SHOWN_CANDIDATES = 20


def price_shown(actor: Actor) -> Callable[[Any], Money | None]:
    """Give what tells a need's import price, where the actor may see it."""
    every = actor.is_a(*STAFF, Role.ANALYST)
    own = actor.organisations(Role.ENGINEER, Role.VERIFIER)

    def price(need: Any) -> Money | None:
        if need.import_price is None or not need.currency:
            return None
        return Money(need.import_price, need.currency) if every or need.buyer_id in own else None

    return price


@open_to_all
def needs(request: HttpRequest) -> HttpResponse:
    """List the needs that the actor sees."""
    actor = request.actor
    today = timezone.localdate()
    rows = visible(actor, Need).select_related("buyer")
    buyers = (Column(_("Buyer"), lambda need: named(need.buyer)),)
    prices = (Column(_("Import price"), price_shown(actor), kind="money"),)
    sees_prices = actor.is_a(*STAFF, Role.ANALYST, Role.ENGINEER, Role.VERIFIER)
    adds = may(actor, "add", Need)
    return listing(
        request,
        rows,
        title=_("Needs and how far each has come"),
        lead=lambda count: _("Those that are due longest stand first.") if count else "",
        empty=_("No need fits. Take a filter away, or add or upload needs."),
        columns=(
            Column(_("Need"), "description", link=need_address),
            Column(_("Key"), "pk", kind="code"),
            *(buyers if actor.roles else ()),
            Column(_("State"), "state", kind="state"),
            Column(_("Since"), "state_since", kind="day"),
            Column(_("Next step due"), "due", kind="day"),
            Column(_("Quantity a year"), "yearly_quantity", kind="number"),
            Column(_("Unit"), "unit", kind="unit"),
            *(prices if sees_prices else ()),
        ),
        filters=(
            Filter("q", _("Words or key"), (), _with_words),
            Filter("state", _("State"), _states, lambda rows, state: rows.filter(state=state)),
            Filter("sector", _("Sector"), sector_choices(actor), _in_sector),
            *(
                (Filter("buyer", _("Buyer"), buyer_choices(actor), _of_buyer),)
                if actor.roles
                else ()
            ),
            Filter(
                *("class", _("Class"), _choices_of("class")),
                lambda rows, value: rows.filter(category=value),
            ),
            Filter(
                *("late", _("Stalled"), [("yes", _("Only stalled ones"))]),
                lambda rows, _yes: rows.filter(due__lt=today, state__in=OPEN),
            ),
        ),
        sorts=(
            Sort("due", _("Due first"), (DueFirst("due"), "pk")),
            Sort("waiting", _("Longest in its state"), ("state_since", "pk")),
            Sort("value", _("Largest import value"), _BY_VALUE),
            Sort("key", _("Key"), ("pk",)),
        ),
        actions=(Action(_("New need"), reverse("new_need"), "plus"),) if adds else (),
    )


_BY_VALUE = (F("yearly_value").desc(nulls_last=True),)


def need_address(need: Any) -> str:
    """Give the address of a need's page."""
    return reverse("need", args=[need.pk])


def _with_words(rows: QuerySet, text: str) -> QuerySet:
    for word in text.split()[:8]:
        rows = rows.filter(
            Q(description__icontains=word) | Q(part_number__icontains=word) | Q(pk__iexact=word)
        )
    return rows


def _states() -> list[tuple[str, str]]:
    return [(state, choice_label(state)) for state in (*LIFE, *SIDE_EXITS)]


def _choices_of(column: str) -> list[tuple[str, str]]:
    return [(value, choice_label(value)) for value in schema("needs").column(column).choices]


def sector_choices(actor: Actor) -> Callable[[], list[tuple[str, str]]]:
    """Give the sectors of the needs that the actor sees."""
    from onshore.desk.templatetags.desk import sector_label

    def offered() -> list[tuple[str, str]]:
        sectors = visible(actor, Need).order_by("sector").values_list("sector", flat=True)
        return [(sector, sector_label(sector)) for sector in sectors.distinct()[:200] if sector]

    return offered


def buyer_choices(actor: Actor) -> Callable[[], list[tuple[str, str]]]:
    """Give the buyers that the actor knows of."""

    def offered() -> list[tuple[str, str]]:
        buyers = visible(actor, Organisation).filter(role__contains="buyer").order_by("name")
        return [(each.pk, named(each)) for each in buyers[:500]]

    return offered


def _in_sector(rows: QuerySet, sector: str) -> QuerySet:
    return rows.filter(sector=sector)


def _of_buyer(rows: QuerySet, buyer: str) -> QuerySet:
    return rows.filter(buyer_id=buyer)


PARTS = {
    "": gettext_lazy("What and who"),
    "supply": gettext_lazy("Deals and deliveries"),
    "history": gettext_lazy("History"),
}


@open_to_all
def need(request: HttpRequest, key: str) -> HttpResponse:
    """Show a need: where it is on its way, what is next, and all that hangs on it."""
    actor = request.actor
    found = find(actor, Need, key)
    part = request.GET.get("show", "")
    if part not in PARTS or actor.user is None:
        part = ""
    today = timezone.localdate()
    allowed = [move for move in moves_from(found.state) if may(actor, move.name, found)]
    onward = [move for move in allowed if _leads_on(found, move)]
    shown = _PARTS[part](actor, found)
    context = {
        "need": found,
        "part": part,
        "parts": PARTS.items() if actor.user is not None else (),
        "late": bool(found.due and found.due < today and found.state in OPEN),
        "onward": [(move, OnceForm(record=found), asks(move)) for move in onward],
        "aside": [move for move in allowed if move not in onward],
        "price": price_shown(actor)(found),
        "links": _links(actor, found, specified=bool(shown.get("specifications"))),
        **shown,
    }
    return render(request, "desk/need.html", context)


def _leads_on(found: Any, move: Move) -> bool:
    return (move.target in LIFE and not move.reason) or move.name in ("resume", "end_exception")


def _links(actor: Actor, found: Any, *, specified: bool) -> list[tuple[str, str]]:
    """Give the pages beside, that the actor may open."""
    told = []
    if may(actor, "change", found):
        told.append((_("Change this need"), reverse("change_need", args=[found.pk])))
    if may(actor, "review", found):
        told.append((_("Review its candidates"), reverse("review_need", args=[found.pk])))
    if may(actor, "quote", found) and actor.is_a(Role.MAKER):
        told.append((_("Make an offer"), reverse("quote", args=[found.pk])))
    if may(actor, "specify", found) or specified:
        told.append((_("Specifications"), reverse("specifications", args=[found.pk])))
    if may(actor, "freeze", found):
        told.append((_("Freeze the import price"), reverse("freeze_baseline", args=[found.pk])))
    if may(actor, "compare", found):
        told.append((_("Compare offers"), reverse("compare_quotations", args=[found.pk])))
    if found.state == "no-match" and may(
        actor, "add", Challenge(need=found, owner_id=found.buyer_id)
    ):
        told.append(_challenge(actor, found))
    return told


def _challenge(actor: Actor, found: Any) -> tuple[str, str]:
    """Give the way to the challenge of a need, or to making one."""
    made = visible(actor, Challenge).filter(need=found).exclude(state="withdrawn").first()
    if made is not None:
        return _("Challenge"), reverse("challenge", args=[made.pk])
    return _("Make a challenge of this need"), reverse("need_challenge", args=[found.pk])


def _what(actor: Actor, found: Any) -> dict[str, Any]:
    candidates = visible(actor, Candidate).filter(need=found).select_related("offer__maker")
    ranked = F("rank").asc(nulls_last=True)
    return {
        "candidates": candidates.order_by(ranked)[:SHOWN_CANDIDATES],
        "specifications": visible(actor, Specification)
        .filter(need=found)
        .order_by("title", "-version"),
        "quotations": visible(actor, Quotation)
        .filter(need=found)
        .select_related("maker")
        .order_by("-submitted"),
    }


def _supply(actor: Actor, found: Any) -> dict[str, Any]:
    deals = visible(actor, Deal).filter(need=found).select_related("maker", "desk")
    return {
        "deals": deals.order_by("signed"),
        "qualifications": visible(actor, Qualification)
        .filter(need=found)
        .select_related("offer__maker")
        .order_by("pk"),
        "deliveries": visible(actor, Delivery)
        .filter(deal__need=found)
        .select_related("deal__maker")
        .order_by("-delivered_on")[:100],
        "claims": visible(actor, Claim).filter(deal__need=found).order_by("period"),
        "exceptions": visible(actor, ImportException).filter(need=found).order_by("-until"),
    }


def _history(actor: Actor, found: Any) -> dict[str, Any]:
    return {"history": history(actor, found)}


_PARTS: dict[str, Callable[[Actor, Any], dict[str, Any]]] = {
    "": _what,
    "supply": _supply,
    "history": _history,
}


urlpatterns = [
    path("needs/", needs, name="needs"),
    path("needs/<key:key>/", need, name="need"),
]
