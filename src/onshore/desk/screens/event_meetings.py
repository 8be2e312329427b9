"""Meetings of an event: scheduled, taken along as PDF or calendar, and what came of each."""

from typing import Any

from django import forms
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onshore.desk import jobs
from onshore.desk.actions import meetings as doing
from onshore.desk.actions.events import require_ahead
from onshore.desk.models import RECORDS, Candidate, Deal, Event, Meeting, Need, Role, Wish
from onshore.desk.pages.forms import (
    OnceForm,
    ReasonForm,
    carry_out,
    carry_out_on,
    choose,
    form_for,
    signed_in,
)
from onshore.desk.pages.names import named
from onshore.desk.pages.wording import choice_label, language
from onshore.desk.policies import find, may, require, visible
from onshore.desk.states import MOVES
from onshore.figures import shown
from onshore.records import schema

_NEEDS_SHOWN = 8
_SIGNING = ("sign_mou", "sign_contract")


@signed_in
def schedule_event(request: HttpRequest, key: str) -> HttpResponse:
    """Start the scheduling in the background."""
    found = find(request.actor, Event, key)
    require(request.actor, "schedule", found)

    def start(_cleaned: dict[str, Any]) -> Any:
        require_ahead(found, timezone.localdate())
        return jobs.start(request.actor, "meetings.run", {"event": found.pk})

    return carry_out(
        request,
        form_for(request, OnceForm, record=found),
        start,
        done=lambda made: reverse("job", args=[made]),
        guard=lambda: require_ahead(found, timezone.localdate()),
        title=_("Schedule the meetings?"),
        lead=_("The schedule before is replaced; nobody is in two places."),
        button=_("Schedule them"),
        cancel=f"{reverse('event', args=[found.pk])}?show=meetings",
    )


@signed_in
def unschedule_event(request: HttpRequest, key: str) -> HttpResponse:
    """Take the schedule back."""
    found = find(request.actor, Event, key)
    require(request.actor, "schedule", found)
    return carry_out_on(
        request,
        found,
        ReasonForm,
        doing.take_back,
        page=lambda made: f"{reverse('event', args=[made or found.pk])}?show=meetings",
        title=_("Take the schedule back?"),
        button=_("Take it back"),
    )


def _meetings(request: HttpRequest, key: str) -> tuple[Any, list[Any], dict[int, Any]]:
    found = find(request.actor, Event, key)
    rows = visible(request.actor, Meeting).filter(event=found).exclude(state="cancelled")
    slots = visible(request.actor, RECORDS["event_slots"]).filter(event=found)
    by_number = {slot.number: slot for slot in slots}
    meetings = [row for row in rows.select_related("buyer", "maker") if row.slot in by_number]
    return found, meetings, by_number


@signed_in
def schedule_pdf(request: HttpRequest, key: str) -> HttpResponse:
    """Give the schedule as a PDF: of all that the actor may see, or of one organisation."""
    from onshore.desk.events.schedule_files import schedule_bulletin
    from onshore.report import to_pdf

    found, meetings, slots = _meetings(request, key)
    told = schedule_bulletin(found, meetings, slots, of=request.GET.get("of", ""))
    return HttpResponse(
        to_pdf(told),
        content_type="application/pdf",
        headers={"Content-Disposition": 'attachment; filename="meetings.pdf"'},
    )


@signed_in
def schedule_ics(request: HttpRequest, key: str) -> HttpResponse:
    """Give an organisation's meetings as a calendar file."""
    from onshore.desk.events.schedule_files import calendar_file

    found, meetings, slots = _meetings(request, key)
    own = sorted(request.actor.organisations(Role.MAKER, Role.ENGINEER))
    of = request.GET.get("of", "") or (own[0] if own else "")
    rows = [row for row in meetings if of in ("", row.buyer_id, row.maker_id)]
    return HttpResponse(
        calendar_file(found, rows, slots, of=of, at=timezone.now()),
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="meetings.ics"'},
    )


class OutcomeForm(OnceForm):
    """Whether a meeting was held, and what came of it."""

    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        choices=lambda: [
            (each, choice_label(each)) for each in ("took place", "missed", "cancelled")
        ],
    )
    outcome = forms.ChoiceField(
        label=gettext_lazy("What came of it"),
        required=False,
        choices=lambda: [
            ("", "—"),
            *((e, choice_label(e)) for e in schema("meetings").column("outcome").choices),
        ],
    )
    deal_id = forms.ChoiceField(label=gettext_lazy("Deal"), required=False)
    note = forms.CharField(
        label=gettext_lazy("What was said"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def _deal_label(deal: Any) -> str:
    return (
        f"{deal.pk} · {choice_label(deal.basis)} · {shown.both_calendars(deal.signed, language())}"
    )


def signable(actor: Any, need: Any, move: str) -> bool:
    """Whether the actor may record a deal of a need now."""
    return need.state in MOVES[move].sources and may(actor, move, need)


@signed_in
def meeting_outcome(request: HttpRequest, key: str) -> HttpResponse:
    """Record what came of a meeting."""
    actor = request.actor
    row = find(actor, Meeting, key)
    require(actor, "tell", row)
    wishes = visible(actor, Wish).filter(event=row.event_id, buyer=row.buyer_id)
    matched = visible(actor, Candidate).filter(offer__maker=row.maker_id)
    asked = visible(actor, Need).filter(
        Q(pk__in=wishes.filter(maker=row.maker_id).values("need"))
        | Q(pk__in=matched.exclude(decision="rejected").values("need")),
        buyer=row.buyer_id,
    )
    deals = visible(actor, Deal).filter(buyer=row.buyer_id, maker=row.maker_id).order_by("-signed")
    first = {"state": row.state, "outcome": row.outcome, "deal_id": row.deal_id, "note": row.note}
    form = form_for(request, OutcomeForm, record=row, initial=first)
    form.fields["deal_id"].choices = choose(deals[:200], _deal_label)
    page = f"{reverse('event', args=[row.event_id])}?show=meetings"

    def act(cleaned: dict[str, Any]) -> str:
        return doing.tell_outcome(actor, row.pk, **cleaned)

    return carry_out(
        request,
        form,
        act,
        done=lambda _made: page,
        template="desk/meeting.html",
        needs=[
            {
                "row": need,
                "moves": [MOVES[name] for name in _SIGNING if signable(actor, need, name)],
            }
            for need in asked.order_by("pk")[:_NEEDS_SHOWN]
        ],
        title=_("What came of the meeting?"),
        lead=f"{named(row.buyer)} · {named(row.maker)}",
        button=_("Record it"),
        cancel=page,
    )


urlpatterns = [
    path("events/<key:key>/schedule/", schedule_event, name="schedule_event"),
    path("events/<key:key>/unschedule/", unschedule_event, name="unschedule_event"),
    path("events/<key:key>/meetings.pdf/", schedule_pdf, name="schedule_pdf"),
    path("events/<key:key>/meetings.ics/", schedule_ics, name="schedule_ics"),
    path("meetings/<key:key>/", meeting_outcome, name="meeting_outcome"),
]
