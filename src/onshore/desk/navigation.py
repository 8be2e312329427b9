"""Where each role finds its work: the rail at the side, the bar at the bottom of a phone."""

from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from onshore.desk.actor import Actor
from onshore.desk.models import Role

ON_BAR = 4
"""Places that a phone's bar has room for, beside "More"."""


@dataclass(frozen=True)
class Place:
    """A place of the desk: the name of its address, its label and icon, and whose it is."""

    name: str
    label: Any
    icon: str
    roles: tuple[Role, ...] = ()
    public: bool = False


_EVERYONE = tuple(Role)
_BUYER = (Role.ENGINEER, Role.VERIFIER)

PLACES: Final = (
    Place("home", _("Home"), "home", _EVERYONE, public=True),
    Place("board", _("Board"), "board", (Role.OFFICER, Role.AUDITOR)),
    Place("my_needs", _("My needs"), "list", (Role.ENGINEER,)),
    Place("needs_i_can_make", _("Needs I can make"), "tools", (Role.MAKER,)),
    Place("review", _("Match review"), "link", (Role.OFFICER,)),
    Place("my_quotations", _("My quotations"), "tag", (Role.MAKER,)),
    Place("my_offers", _("What I make"), "box", (Role.MAKER,)),
    Place("claims", _("Claims"), "seal", (*_BUYER, Role.OFFICER, Role.ANALYST, Role.AUDITOR)),
    Place("audit", _("Log"), "log", (Role.AUDITOR, Role.ADMINISTRATOR)),
    Place("people", _("People"), "people", (Role.ADMINISTRATOR, Role.AUDITOR)),
    Place("qualifications", _("Tests"), "gauge", (Role.ENGINEER, Role.MAKER)),
    Place("needs", _("Needs"), "list", _EVERYONE, public=True),
    Place("packages", _("Packages"), "package", _EVERYONE, public=True),
    Place("my_deals", _("Contracts"), "contract", (Role.ENGINEER, Role.MAKER)),
    Place("deliveries", _("Deliveries"), "truck", (Role.ENGINEER, Role.MAKER, Role.OFFICER)),
    Place("desks", _("Desks"), "desk", (Role.OFFICER, Role.ANALYST, Role.AUDITOR)),
    Place("exceptions", _("Import exceptions"), "gate", _EVERYONE, public=True),
    Place("uploads", _("Uploads"), "upload", (Role.ENGINEER, Role.MAKER, Role.OFFICER)),
    Place("jobs", _("Jobs"), "clock", _EVERYONE),
    Place("organisations", _("Organisations"), "building", _EVERYONE),
    Place("catalogue", _("Catalogue"), "book", _EVERYONE),
    Place("tokens", _("API"), "key", _EVERYONE),
    Place("components", _("Components"), "parts", (Role.ADMINISTRATOR,)),
)


def places_of(actor: Actor | None) -> list[Place]:
    """Give the places of an actor, the most used first."""
    if actor is None or not actor.roles:
        return [place for place in PLACES if place.public]
    return [place for place in PLACES if actor.is_a(*place.roles)]


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Give the places of a request's actor: those of the bar, and those under "More"."""
    shown = [_shown(place, request.path) for place in places_of(getattr(request, "actor", None))]
    more = shown[ON_BAR:]
    return {
        "main": shown[:ON_BAR],
        "more": more,
        "in_more": any(place["here"] for place in more),
    }


def _shown(place: Place, here: str) -> dict[str, Any]:
    url = reverse(place.name)
    return {
        "url": url,
        "label": place.label,
        "icon": place.icon,
        "here": here == url or (len(url) > 1 and here.startswith(url)),
    }


def address(name: str, *keys: Any) -> str:
    """Give the address of a record's page, "" where its key cannot stand in an address."""
    try:
        return reverse(name, args=keys)
    except NoReverseMatch:
        return ""
