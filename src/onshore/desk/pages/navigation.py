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
    """A place of the desk: the name of its address, its label and icon, and whose it is.

    ``section`` is the heading that it stands under, one of `SECTIONS`; empty for the desk's own
    work, which needs none.
    """

    name: str
    label: Any
    icon: str
    roles: tuple[Role, ...] = ()
    public: bool = False
    section: str = ""


SECTIONS: Final = {
    "": "",
    "programme": _("The programme"),
    "research": _("Research and training"),
    "events": _("Events and partners"),
    "exploration": _("Exploration"),
    "analysis": _("Figures and bulletins"),
    "running": _("Running the desk"),
}
"""The headings of the rail, in the order in which they stand."""


_EVERYONE = tuple(Role)
_BUYER = (Role.ENGINEER, Role.VERIFIER)
_FIGURES = (Role.OFFICER, Role.ANALYST, Role.AUDITOR)
_DRILLING = (*_FIGURES, Role.MAKER)
_RESEARCH = (*_FIGURES, Role.ENGINEER, Role.MAKER, Role.RESEARCHER)

PLACES: Final = (
    Place("home", _("Home"), "home", _EVERYONE, public=True),
    Place("board", _("Board"), "board", (Role.OFFICER, Role.AUDITOR)),
    Place("my_needs", _("My needs"), "list", (Role.ENGINEER,)),
    Place("needs_i_can_make", _("Needs I can make"), "tools", (Role.MAKER,)),
    Place("review", _("Match review"), "link", (Role.OFFICER,)),
    Place("my_quotations", _("My quotations"), "tag", (Role.MAKER,)),
    Place("my_offers", _("What I make"), "box", (Role.MAKER,)),
    Place("claims", _("Claims"), "seal", (*_BUYER, Role.OFFICER, Role.ANALYST, Role.AUDITOR)),
    Place("audit", _("Log"), "log", (Role.AUDITOR, Role.ADMINISTRATOR), section="running"),
    Place("people", _("People"), "people", (Role.ADMINISTRATOR, Role.AUDITOR), section="running"),
    Place("qualifications", _("Tests"), "gauge", (Role.ENGINEER, Role.MAKER)),
    Place("needs", _("Needs"), "list", _EVERYONE, public=True),
    Place("packages", _("Packages"), "package", _EVERYONE, public=True),
    Place("my_deals", _("Contracts"), "contract", (Role.ENGINEER, Role.MAKER)),
    Place("deliveries", _("Deliveries"), "truck", (Role.ENGINEER, Role.MAKER, Role.OFFICER)),
    Place(
        *("agreements", _("Agreements"), "handshake", _EVERYONE),
        public=True,
        section="programme",
    ),
    Place(
        *("commitments", _("Commitments"), "check", _FIGURES),
        section="programme",
    ),
    Place(
        *("calls", _("Calls for proposals"), "megaphone", _EVERYONE),
        public=True,
        section="programme",
    ),
    Place(
        *("proposals", _("Proposals"), "contract"),
        (Role.MAKER, Role.RESEARCHER, Role.OFFICER, Role.AUDITOR),
        section="programme",
    ),
    Place(
        *("proposal_reviews", _("My reviews"), "gauge"),
        tuple(role for role in Role if role is not Role.ADMINISTRATOR),
        section="programme",
    ),
    Place(
        *("awards", _("Awards"), "coins"),
        (Role.MAKER, Role.RESEARCHER, Role.OFFICER, Role.ANALYST, Role.AUDITOR),
        section="programme",
    ),
    Place("guarantees", _("Guarantees"), "shield", _FIGURES, section="programme"),
    Place("funds", _("Funds"), "building", _FIGURES, section="programme"),
    Place("phases", _("Phases"), "map", _EVERYONE, section="programme"),
    Place(
        *("five_year", _("Five-year plan"), "target", _FIGURES),
        section="programme",
    ),
    Place(
        *("dashboard", _("Dashboard"), "chart", _FIGURES),
        section="analysis",
    ),
    Place("tie_outs", _("Tie-outs"), "balance", _FIGURES, section="analysis"),
    Place("scenarios", _("Scenarios"), "layers", _FIGURES, section="analysis"),
    Place("analyses", _("Trade and chains"), "flow", _FIGURES, section="analysis"),
    Place("outlook", _("Outlook"), "target", _FIGURES, section="analysis"),
    Place("bulletins", _("Bulletins"), "book", _EVERYONE, public=True, section="analysis"),
    Place("open_data", _("Open data"), "download", _EVERYONE, public=True, section="analysis"),
    Place(
        *("contracts", _("Published contracts"), "contract", _EVERYONE),
        public=True,
        section="analysis",
    ),
    Place(
        *("ideas", _("Ideas"), "idea"),
        (Role.OFFICER, Role.MAKER, Role.RESEARCHER, Role.AUDITOR),
        section="research",
    ),
    Place("new_idea", _("Hand in an idea"), "plus", _EVERYONE, public=True, section="research"),
    Place(
        *("challenges", _("Technology challenges"), "flask", _EVERYONE),
        public=True,
        section="research",
    ),
    Place("studies", _("Research and theses"), "layers", _RESEARCH, section="research"),
    Place("pilots", _("Trials in plants"), "gauge", _RESEARCH, section="research"),
    Place(
        *("foundings", _("New units"), "sprout"),
        (Role.OFFICER, Role.MAKER, Role.RESEARCHER, Role.ANALYST, Role.AUDITOR),
        section="research",
    ),
    Place("courses", _("Courses"), "school", _EVERYONE, public=True, section="research"),
    Place("events", _("Events"), "calendar", _EVERYONE, public=True, section="events"),
    Place("partners", _("Partner countries"), "globe", _EVERYONE, section="events"),
    Place(
        *("exploration", _("Exploration map"), "map", _EVERYONE),
        public=True,
        section="exploration",
    ),
    Place("blocks", _("Blocks"), "layers", _EVERYONE, section="exploration"),
    Place("deposits", _("Deposits"), "drill", _EVERYONE, section="exploration"),
    Place("work_commitments", _("Promised work"), "check", _DRILLING, section="exploration"),
    Place("rigs", _("Drilling rigs"), "tools", _DRILLING, section="exploration"),
    Place(
        *("exploration_services", _("Contractors"), "people", _EVERYONE),
        section="exploration",
    ),
    Place("resources", _("Resources"), "balance", _DRILLING, section="exploration"),
    Place("desks", _("Desks"), "desk", (Role.OFFICER, Role.ANALYST, Role.AUDITOR)),
    Place("exceptions", _("Import exceptions"), "gate", _EVERYONE, public=True),
    Place(
        "uploads",
        _("Uploads"),
        "upload",
        (Role.ENGINEER, Role.MAKER, Role.OFFICER),
        section="running",
    ),
    Place("jobs", _("Jobs"), "clock", _EVERYONE, section="running"),
    Place("organisations", _("Organisations"), "building", _EVERYONE, section="running"),
    Place("catalogue", _("Catalogue"), "book", _EVERYONE, section="running"),
    Place("tokens", _("API"), "key", _EVERYONE, section="running"),
    Place("webhooks", _("Webhooks"), "link", (Role.OFFICER, Role.ADMINISTRATOR), section="running"),
    Place("components", _("Components"), "parts", (Role.ADMINISTRATOR,), section="running"),
)


def places_of(actor: Actor | None) -> list[Place]:
    """Give the places of an actor, the most used first."""
    if actor is None or not actor.roles:
        return [place for place in PLACES if place.public]
    return [place for place in PLACES if actor.is_a(*place.roles)]


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Give the places of a request's actor: those of the bar, and those under "More" by section."""
    shown = [_shown(place, request.path) for place in places_of(getattr(request, "actor", None))]
    more = shown[ON_BAR:]
    sections = [
        {"heading": heading, "places": [place for place in more if place["section"] == section]}
        for section, heading in SECTIONS.items()
    ]
    return {
        "main": shown[:ON_BAR],
        "more": [section for section in sections if section["places"]],
        "in_more": any(place["here"] for place in more),
    }


def _shown(place: Place, here: str) -> dict[str, Any]:
    url = reverse(place.name)
    return {
        "url": url,
        "label": place.label,
        "icon": place.icon,
        "section": place.section,
        "here": here == url or (len(url) > 1 and here.startswith(url)),
    }


def address(name: str, *keys: Any) -> str:
    """Give the address of a record's page, "" where its key cannot stand in an address."""
    try:
        return reverse(name, args=keys)
    except NoReverseMatch:
        return ""
