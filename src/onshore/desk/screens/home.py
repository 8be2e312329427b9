"""The first page: what waits for the one who looks; for the public, what is published."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from onshore.desk.actions.quotations import TAKES_QUOTATIONS
from onshore.desk.actor import Actor
from onshore.desk.models import (
    Candidate,
    Claim,
    Deal,
    Delivery,
    ImportException,
    Need,
    Qualification,
    Quotation,
    Role,
)
from onshore.desk.pages.forms import open_to_all
from onshore.desk.pages.names import named
from onshore.desk.pages.navigation import address, places_of
from onshore.desk.pages.showing import choice_label
from onshore.desk.policies import STAFF, visible
from onshore.desk.reckoning import provinces
from onshore.desk.screens.claims import waiting as waiting_claims
from onshore.desk.screens.exceptions import good_of
from onshore.desk.screens.maker import MATCHED
from onshore.desk.screens.needs import need_address
from onshore.desk.screens.public import public_page
from onshore.desk.screens.review import likeliest_waiting
from onshore.desk.states import LIFE, OPEN, SIDE_EXITS

SHOWN = 5


@dataclass(frozen=True)
class Task:
    """Something that waits: what it is, where it is done, since or until when."""

    label: str
    url: str
    day: date | None = None
    note: str = ""


@dataclass(frozen=True)
class Waiting:
    """Things of one kind that wait for somebody, the most urgent first, and where all are."""

    title: str
    url: str
    tasks: list[Task]

    @property
    def more(self) -> bool:
        """Whether more wait than are shown."""
        return len(self.tasks) > SHOWN


@open_to_all
def home(request: HttpRequest) -> HttpResponse:
    """Show what waits for the actor; to the public, what is published."""
    actor = request.actor
    if not actor.roles:
        return public_page(request)
    today = timezone.localdate()
    found = [
        section
        for role, sections in _SECTIONS.items()
        if actor.is_a(role)
        for make in sections
        if (section := make(actor, today)).tasks
    ]
    context = {
        "title": _("What waits for you") if found else _("Nothing waits for you"),
        "sections": found,
        "shown_slice": f":{SHOWN}",
        "doors": [
            (place.label, place.icon, url)
            for place in places_of(actor)
            if place.name != "home" and (url := address(place.name))
        ],
        "today": today,
        "states": _own_by_state(actor),
        **(provinces.told_of(actor) if actor.is_a(*STAFF, Role.ANALYST) else {}),
    }
    return render(request, "desk/home.html", context)


def _own_by_state(actor: Actor) -> list[tuple[str, int]]:
    """Count the needs of the actor's own organisations by where they stand, along their life."""
    own = actor.organisations(Role.ENGINEER, Role.VERIFIER)
    if not own:
        return []
    rows = visible(actor, Need).filter(buyer_id__in=own).order_by()
    counts = dict(rows.values_list("state").annotate(Count("pk")))
    return [(state, counts[state]) for state in (*LIFE, *SIDE_EXITS) if state in counts]


def _of_needs(rows: QuerySet) -> list[Task]:
    return [Task(need.description, need_address(need), need.due) for need in rows[: SHOWN + 1]]


def _stalled(actor: Actor, today: date) -> Waiting:
    late = visible(actor, Need).filter(due__lt=today, state__in=OPEN).order_by("due", "pk")
    return Waiting(
        _("Stalled needs"),
        f"{reverse('needs')}?late=yes",
        _of_needs(late),
    )


def _own_stalled(actor: Actor, today: date) -> Waiting:
    own = actor.organisations(Role.ENGINEER, Role.VERIFIER)
    late = visible(actor, Need).filter(buyer_id__in=own, due__lt=today, state__in=OPEN)
    return Waiting(
        _("Your needs whose next step is overdue"),
        f"{reverse('needs')}?late=yes",
        _of_needs(late.order_by("due", "pk")),
    )


def _candidates(actor: Actor, today: date) -> Waiting:
    tasks = [
        Task(
            row.need.description,
            f"{reverse('review_need', args=[row.need_id])}?candidate={row.pk}",
            note=row.offer.description,
        )
        for row in likeliest_waiting(actor, SHOWN + 1)
    ]
    return Waiting(_("Candidates to review"), reverse("review"), tasks)


def _exceptions(actor: Actor, today: date) -> Waiting:
    open_ones = Q(decision__in=("", "pending"))
    due = Q(published=None) | Q(comment_until__lt=today)
    rows = visible(actor, ImportException).filter(open_ones & due).select_related("rule__item")
    tasks = [
        Task(good_of(row), reverse("exception", args=[row.pk]), row.comment_until)
        for row in rows.order_by("until", "pk")[: SHOWN + 1]
    ]
    return Waiting(_("Import exceptions to put out or to decide"), reverse("exceptions"), tasks)


def _memoranda(actor: Actor, today: date) -> Waiting:
    past = visible(actor, Deal).filter(basis="MoU", until__lt=today, need__state="MoU")
    rows = past.select_related("need", "maker").order_by("until", "pk")
    tasks = [
        Task(row.need.description, need_address(row.need), row.until, named(row.maker))
        for row in rows[: SHOWN + 1]
    ]
    title = _("MoUs past their days, without a contract")
    return Waiting(title, f"{reverse('needs')}?state=MoU", tasks)


def _quotations(actor: Actor, today: date) -> Waiting:
    own = actor.organisations(Role.ENGINEER)
    rows = visible(actor, Quotation).filter(need__buyer_id__in=own, state="submitted")
    tasks = [
        Task(row.need.description, need_address(row.need), row.submitted, named(row.maker))
        for row in rows.select_related("need", "maker").order_by("submitted", "pk")[: SHOWN + 1]
    ]
    return Waiting(_("Offers to compare"), address("my_needs") or reverse("needs"), tasks)


def _deliveries(actor: Actor, today: date) -> Waiting:
    own = actor.organisations(Role.ENGINEER)
    rows = visible(actor, Delivery).filter(deal__buyer_id__in=own, accepted=None)
    rows = rows.select_related("deal__maker", "deal__need").order_by("delivered_on", "pk")
    tasks = [
        Task(
            row.deal.need.description if row.deal.need else row.pk,
            address("delivery", row.pk) or address("deliveries"),
            row.delivered_on,
            named(row.deal.maker),
        )
        for row in rows[: SHOWN + 1]
    ]
    return Waiting(_("Deliveries to accept"), address("deliveries") or "/", tasks)


def _tests(actor: Actor, today: date) -> Waiting:
    own = actor.organisations(Role.ENGINEER)
    rows = visible(actor, Qualification).filter(need__buyer_id__in=own, result="pending")
    tasks = [
        Task(
            row.need.description,
            address("qualification", row.pk) or need_address(row.need),
            note=choice_label(row.stage),
        )
        for row in rows.select_related("need").order_by("pk")[: SHOWN + 1]
    ]
    return Waiting(_("Samples to test"), address("qualifications") or "/", tasks)


def _refused_claims(actor: Actor, today: date) -> Waiting:
    rows = visible(actor, Claim).filter(claimed_by=actor.name, basis="accepted").exclude(refusal="")
    return _of_claims(_("Your claims that were refused"), "refused", rows)


def _claims(actor: Actor, today: date) -> Waiting:
    own = actor.organisations(Role.VERIFIER)
    rows = waiting_claims(visible(actor, Claim)).filter(buyer_id__in=own)
    rows = rows.exclude(claimed_by=actor.name)
    return _of_claims(_("Savings to verify"), "waiting", rows)


def _of_claims(title: str, stands: str, rows: Any) -> Waiting:
    from onshore.desk.templatetags.work import period_label

    tasks = [
        Task(
            row.item.description if row.item else row.pk,
            reverse("claim", args=[row.pk]),
            note=period_label(row.period),
        )
        for row in rows.select_related("item").order_by("period", "pk")[: SHOWN + 1]
    ]
    return Waiting(title, f"{reverse('claims')}?stands={stands}", tasks)


def _localizable(actor: Actor, today: date) -> Waiting:
    own = actor.organisations(Role.VERIFIER)
    rows = visible(actor, Need).filter(buyer_id__in=own, state="serial supply")
    return Waiting(
        _("Needs in serial supply, to be verified as localized"),
        f"{reverse('needs')}?state=serial+supply",
        _of_needs(rows.order_by("due", "pk")),
    )


def _makeable(actor: Actor, today: date) -> Waiting:
    """Give the needs that the maker's own products were matched to, the best match first."""
    makers = actor.organisations(Role.MAKER)
    rows = visible(actor, Candidate).filter(
        offer__maker_id__in=makers, need__state__in=TAKES_QUOTATIONS, category__in=MATCHED
    )
    rows = rows.exclude(decision="rejected").exclude(need__quotations_as_need__maker_id__in=makers)
    best: dict[str, Task] = {}
    for row in rows.select_related("need", "offer").order_by("rank", "need_id")[: 4 * SHOWN]:
        url = address("quote", row.need_id)
        best.setdefault(
            row.need_id, Task(row.need.description, url, row.need.due, row.offer.description)
        )
    return Waiting(
        _("Needs that you might make"),
        address("needs_i_can_make") or reverse("needs"),
        list(best.values())[: SHOWN + 1],
    )


def _to_deliver(actor: Actor, today: date) -> Waiting:
    makers = actor.organisations(Role.MAKER)
    rows = visible(actor, Need).filter(
        deals_as_need__maker_id__in=makers, state__in=("contracted", "qualified", "serial supply")
    )
    tasks = [
        Task(need.description, need_address(need), need.due, choice_label(need.state))
        for need in rows.distinct().order_by("due", "pk")[: SHOWN + 1]
    ]
    return Waiting(_("What you have contracts for"), address("deliveries") or "/", tasks)


_SECTIONS: dict[Role, tuple[Callable[[Actor, date], Waiting], ...]] = {
    Role.OFFICER: (_stalled, _candidates, _exceptions, _memoranda),
    Role.ENGINEER: (_own_stalled, _quotations, _tests, _deliveries, _refused_claims),
    Role.VERIFIER: (_claims, _localizable),
    Role.MAKER: (_makeable, _to_deliver),
}

urlpatterns = [path("", home, name="home")]
