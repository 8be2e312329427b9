"""Slots of an event: the times of each of its days, and the pause that nobody meets in."""

from datetime import date, datetime, time, timedelta

from django.utils.translation import gettext as _

from onshore.desk.actions.acting import Refused, acting, held
from onshore.desk.actions.events import require_ahead
from onshore.desk.actor import Actor
from onshore.desk.models import RECORDS, Event, Meeting
from onshore.desk.policies import require

EventSlot = RECORDS["event_slots"]
MOST_SLOTS = 400


def lay_out(
    actor: Actor,
    event_id: str,
    *,
    starts: time,
    ends: time,
    minutes: int,
    pause_starts: time | None = None,
    pause_ends: time | None = None,
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Lay out the slots of each of an event's days, with the pause that nobody meets in."""
    with acting(actor, "events.lay_out", once=once, at=at) as deed:
        event = held(actor, Event, event_id, version)
        require(actor, "change", event)
        require_ahead(event, deed.today)
        if event.starts is None:
            raise Refused(_("The event has no days."), _("Write its first and last day first."))
        if Meeting._default_manager.filter(event=event).exclude(state="cancelled").exists():
            raise Refused(
                _("Meetings are scheduled in the slots that are there."),
                _("Take the schedule back first."),
            )
        times = _times(starts, ends, minutes, (pause_starts, pause_ends))
        days = ((event.until or event.starts) - event.starts).days + 1
        if len(times) * days > MOST_SLOTS:
            raise Refused(
                _("That would be %(count)s slots.") % {"count": len(times) * days},
                _("Choose longer slots; %(most)s are the most.") % {"most": MOST_SLOTS},
                field="minutes",
            )
        for slot in EventSlot._default_manager.filter(event=event):
            deed.remove(slot)
        for number, (day, (first, last, pause)) in enumerate(
            ((event.starts + timedelta(days=day), told) for day in range(days) for told in times), 1
        ):
            deed.create(
                EventSlot(
                    event=event,
                    number=number,
                    date=day,
                    starts=f"{first:%H:%M}",
                    ends=f"{last:%H:%M}",
                    pause=pause,
                )
            )
        deed.key = str(event.pk)
        return str(event.pk)


def _times(
    starts: time, ends: time, minutes: int, pause: tuple[time | None, time | None]
) -> list[tuple[time, time, bool]]:
    if ends <= starts:
        raise Refused(_("The day ends before it begins."), _("Choose a later end."), field="ends")
    if not 5 <= minutes <= 480:
        raise Refused(
            _("A meeting lasts between 5 minutes and 8 hours."),
            _("Write the minutes of one slot, such as 30."),
            field="minutes",
        )
    first, last = pause
    if (first is None) != (last is None) or (first and last and last <= first):
        raise Refused(
            _("The pause has no beginning or no end, or ends before it begins."),
            _("Write both, or leave both empty."),
            field="pause_ends",
        )
    day = date(2000, 1, 1)
    now, end = datetime.combine(day, starts), datetime.combine(day, ends)
    step, found = timedelta(minutes=minutes), []
    told = False
    while True:
        if first and last and not told and now + step > datetime.combine(day, first):
            found.append((first, last, True))
            now, told = max(now, datetime.combine(day, last)), True
            continue
        if now + step > end:
            break
        found.append((now.time(), (now + step).time(), False))
        now += step
    if not any(not pause for _first, _last, pause in found):
        raise Refused(
            _("No meeting fits between these times."), _("Choose shorter slots."), field="minutes"
        )
    return found
