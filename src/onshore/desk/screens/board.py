"""The board: needs by their state, the stalled ones first."""

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from onshore.desk.actor import Actor
from onshore.desk.models import Need
from onshore.desk.pages.forms import signed_in
from onshore.desk.pages.showing import choice_label
from onshore.desk.policies import NotAllowed, visible
from onshore.desk.screens.needs import buyer_choices, sector_choices
from onshore.desk.states import LIFE, OPEN

COLUMNS = (*LIFE, "no-match", "import exception", "on hold")
CARDS = 5
"""Needs that a column shows; its head leads to all of them."""


@signed_in
def board(request: HttpRequest) -> HttpResponse:
    """Show how many needs are in each state, and those that wait longest."""
    actor = request.actor
    if not actor.roles:
        raise NotAllowed("board")
    today = timezone.localdate()
    sectors, buyers = sector_choices(actor)(), buyer_choices(actor)()
    chosen = {
        name: value
        for name, offered in (("sector", sectors), ("buyer", buyers))
        if (value := request.GET.get(name, "")) in dict(offered)
    }
    rows = visible(actor, Need)
    if "sector" in chosen:
        rows = rows.filter(sector=chosen["sector"])
    if "buyer" in chosen:
        rows = rows.filter(buyer_id=chosen["buyer"])
    late = Count("pk", filter=Q(due__lt=today))
    counts = {
        state: (count, stalled if state in OPEN else 0)
        for state, count, stalled in rows.order_by()
        .values("state")
        .annotate(count=Count("pk"), late=late)
        .values_list("state", "count", "late")
    }
    stalled = sum(late for _count, late in counts.values())
    context = {
        "title": _("Needs by state, the stalled ones first"),
        "stalled": stalled,
        "total": sum(count for count, _late in counts.values()),
        "stalled_address": _list_address(chosen, late="yes"),
        "columns": _columns(actor, rows, counts, chosen),
        "today": today,
        "sectors": sectors,
        "buyers": buyers,
        "chosen": chosen,
    }
    return render(request, "desk/board.html", context)


def _columns(
    actor: Actor, rows: QuerySet, counts: dict[str, tuple[int, int]], chosen: dict[str, str]
) -> list[dict[str, Any]]:
    cards: dict[str, list[Any]] = {state: [] for state in COLUMNS}
    present = [state for state in COLUMNS if counts.get(state, (0, 0))[0]]
    shown = _first_ones(rows, present)
    for need in visible(actor, Need).filter(pk__in=shown).select_related("buyer"):
        cards[need.state].append(need)
    return [
        {
            "state": state,
            "label": choice_label(state),
            "count": counts.get(state, (0, 0))[0],
            "late": counts.get(state, (0, 0))[1],
            "cards": sorted(cards[state], key=_stalled_first)[:CARDS],
            "address": _list_address(chosen, state=state),
        }
        for state in COLUMNS
        if state in present or state in LIFE
    ]


def _first_ones(rows: QuerySet, states: list[str]) -> list[str]:
    """Find the needs whose next step is due first, and those without a day that wait longest.

    Each state is asked for by itself, through its index, in one union: PostgreSQL would otherwise
    hold every need against every state.
    """
    asked = []
    for state in states:
        here = rows.filter(state=state)
        due = here.filter(due__isnull=False).order_by("due", "pk")[:CARDS]
        undated = here.filter(due__isnull=True).order_by("state_since", "pk")[:CARDS]
        asked += [rows.filter(pk__in=some.values("pk")).order_by() for some in (due, undated)]
    keys = [some.values_list("pk", flat=True) for some in asked]
    return list(keys[0].union(*keys[1:], all=True)) if keys else []


def _stalled_first(need: Any) -> tuple[Any, ...]:
    return (need.due is None, need.due or need.state_since or timezone.localdate(), need.pk)


def _list_address(chosen: dict[str, str], **more: str) -> str:
    return f"{reverse('needs')}?{urlencode({**chosen, **more})}"


urlpatterns = [path("board/", board, name="board")]
