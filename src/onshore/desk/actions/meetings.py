"""Meetings of an event: scheduled with a proof, taken back, held, and what came of them."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onshore.desk.actions.acting import Refused, acting, held
from onshore.desk.actions.events import require_ahead
from onshore.desk.actions.new_keys import new_key
from onshore.desk.actions.telling import tell_members
from onshore.desk.actor import Actor
from onshore.desk.events.scheduling import Scheduled, schedule
from onshore.desk.jobs import Run, job
from onshore.desk.models import RECORDS, Deal, Event, Meeting, Participant, Role, Wish
from onshore.desk.pages.navigation import address
from onshore.desk.pages.wording import language
from onshore.desk.policies import require
from onshore.figures import shown

EventSlot = RECORDS["event_slots"]
OUTCOMES = ("nothing", "follow-up", "sample", "offer", "MoU", "contracted")
KEPT = 2_000
"""Wishes left out that are kept with their reasons."""


@job(gettext_lazy("Schedule of an event's meetings"))
def run(work: Run) -> dict[str, Any]:
    """Schedule the meetings of an event in the background."""
    key = work.arguments["event"]
    work.report(0, 2, _("Reads the wishes"))
    found = reckon(key)
    work.report(1, 2, _("Writes the meetings"))
    keep(work.actor, key, found, version=work.arguments.get("version"))
    numbers = {"meetings": found.meetings.height, "left": found.left_out.height}
    told = {name: shown.number(value, language()) for name, value in numbers.items()}
    return {
        "address": f"{address('event', key)}?show=meetings",
        "summary": _("Meetings scheduled: %(meetings)s; wishes left out: %(left)s.") % told,
    }


def reckon(event_id: str) -> Scheduled:
    """Find the best schedule of an event's wishes, as they are now."""
    event = Event._default_manager.get(pk=event_id)
    wishes = Wish._default_manager.filter(event=event).order_by("pk")
    return schedule(
        [(row.buyer_id, row.maker_id, float(row.weight)) for row in wishes],
        list(Participant._default_manager.filter(event=event).order_by("pk")),
        list(EventSlot._default_manager.filter(event=event).order_by("number")),
        event.tables,
    )


def keep(
    actor: Actor,
    event_id: str,
    found: Scheduled,
    *,
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Write a schedule in place of the one before; what was held already is not touched."""
    with acting(actor, "meetings.schedule", once=once, at=at) as deed:
        event = held(actor, Event, event_id, version)
        require(actor, "schedule", event)
        require_ahead(event, deed.today)
        begun = Meeting._default_manager.filter(event=event, state__in=("took place", "missed"))
        if begun.exists():
            raise Refused(
                _("Meetings of this event were held already."),
                _("What is left is changed meeting by meeting."),
            )
        for row in Meeting._default_manager.filter(event=event):
            deed.remove(row)
        for slot, buyer, maker, table in found.meetings.iter_rows():
            deed.create(
                Meeting(
                    meeting_id=new_key("M"),
                    event=event,
                    buyer_id=buyer,
                    maker_id=maker,
                    slot=slot,
                    table_number=table,
                    state="scheduled",
                )
            )
        told = {
            "on": str(deed.today),
            "worth": found.worth,
            "bound": found.bound,
            "meetings": found.meetings.height,
            "left_out": found.left_out.height,
            "why": found.left_out.head(KEPT).rows(),
        }
        deed.change(event, schedule=told)
        parties = {*found.meetings["buyer"], *found.meetings["maker"]}
        tell_members(
            parties,
            (Role.ENGINEER, Role.MAKER),
            kind="meetings.scheduled",
            table="events",
            key=event.pk,
            on=deed.today,
            event=event.title,
        )
        deed.key = str(event.pk)
        return str(event.pk)


def take_back(
    actor: Actor,
    event_id: str,
    *,
    reason: str = "",
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Take the schedule back: meetings that were not held are removed."""
    with acting(actor, "meetings.take_back", reason=reason, once=once, at=at) as deed:
        event = held(actor, Event, event_id, version)
        require(actor, "schedule", event)
        for row in Meeting._default_manager.filter(event=event).exclude(
            state__in=("took place", "missed")
        ):
            deed.remove(row)
        deed.change(event, schedule=None)
        deed.key = str(event.pk)
        return str(event.pk)


def tell_outcome(
    actor: Actor,
    meeting_id: str,
    *,
    state: str,
    outcome: str = "",
    deal_id: str = "",
    note: str = "",
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Record whether a meeting was held, and what came of it.

    An outcome that is a memorandum or a contract names the deal: nothing is agreed at a meeting
    that the deals do not hold.
    """
    with acting(actor, "meetings.tell", once=once, at=at) as deed:
        meeting = held(actor, Meeting, meeting_id, version)
        require(actor, "tell", meeting)
        if state not in ("took place", "missed", "cancelled"):
            raise Refused(
                _("Say whether it was held."),
                _("Choose took place, missed or cancelled."),
                field="state",
            )
        if state != "cancelled" and meeting.event.starts > deed.today:
            raise Refused(
                _("The event has not begun yet."),
                _("Tell it once the two have met, or cancel the meeting."),
                field="state",
            )
        if outcome and (state != "took place" or outcome not in OUTCOMES):
            raise Refused(
                _("Something comes only of a meeting that was held."),
                _("Leave the outcome empty, or say that it was held."),
                field="outcome",
            )
        deal = held(actor, Deal, deal_id) if deal_id else None
        if deal is not None and (deal.buyer_id, deal.maker_id) != (
            meeting.buyer_id,
            meeting.maker_id,
        ):
            raise Refused(
                _("This deal is of another buyer or maker."),
                _("Choose a deal of the two who met."),
                field="deal_id",
            )
        if outcome in ("MoU", "contracted") and deal is None:
            raise Refused(
                _("An MoU or a contract is recorded as a deal."),
                _("Record it at its need first, then name it here."),
                field="deal_id",
            )
        deed.change(meeting, state=state, outcome=outcome, deal=deal, note=note.strip())
        return str(meeting.pk)
