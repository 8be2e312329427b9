"""Events: held, taken part in; and who wishes to meet whom."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from onshore.desk.actions.acting import Refused, acting, held
from onshore.desk.actions.new_keys import new_key
from onshore.desk.actor import Actor
from onshore.desk.events.scheduling import absences
from onshore.desk.models import (
    RECORDS,
    Candidate,
    Event,
    Meeting,
    Need,
    Organisation,
    Participant,
    Role,
    Wish,
)
from onshore.desk.pages.showing import day_text
from onshore.desk.policies import NotAllowed, require, visible
from onshore.desk.reckoning import partnering

EventSlot = RECORDS["event_slots"]
MOST_INVITED = 120
"""Makers that are invited to a partner event by the matches."""
MATCHED = {"exact": Decimal(3), "near": Decimal(2), "could make": Decimal(1)}
"""Weight of a wish that comes of a match, by the match's class."""


def is_ahead(event: Any, today: date) -> bool:
    """Whether an event is ahead or under way; one without days is ahead."""
    last = event.until or event.starts
    return last is None or last >= today


def require_ahead(event: Any, today: date) -> None:
    """Go on only while an event is ahead or under way.

    Raises
    ------
    Refused
        The event is over.
    """
    if not is_ahead(event, today):
        raise Refused(
            _("This event ended on %s.") % day_text(event.until or event.starts),
            _("Look at the events that are ahead; what came of meetings is still recorded."),
        )


def add(
    actor: Actor, values: Mapping[str, Any], *, once: str = "", at: datetime | None = None
) -> str:
    """Hold an event; ``values`` by the fields of the model."""
    with acting(actor, "events.add", once=once, at=at) as deed:
        require(actor, "add", Event)
        _fits(values)
        return str(deed.create(Event(event_id=new_key("E"), **values)).pk)


def change(
    actor: Actor,
    event_id: str,
    values: Mapping[str, Any],
    *,
    version: int | None = None,
    reason: str = "",
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Change an event's days, place or tables."""
    with acting(actor, "events.change", reason=reason, once=once, at=at) as deed:
        event = held(actor, Event, event_id, version)
        require(actor, "change", event)
        _fits(values)
        outside = EventSlot._default_manager.filter(event=event)
        first, last = values.get("starts"), values.get("until") or values.get("starts")
        if first and outside.exclude(date__range=(first, last)).exists():
            raise Refused(
                _("Slots lie outside these days."),
                _("Lay the slots out anew first, or keep the days."),
                field="until",
            )
        deed.change(event, **values)
        return str(event.pk)


def take_part(
    actor: Actor,
    event_id: str,
    values: Mapping[str, Any],
    *,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Enter an organisation into an event, or change how it takes part."""
    with acting(actor, "events.take_part", once=once, at=at) as deed:
        event = held(actor, Event, event_id)
        require(actor, "take part", event)
        require_ahead(event, deed.today)
        key = values["organisation_id"]
        if not actor.is_a(Role.OFFICER) and key not in actor.organisations(
            Role.MAKER, Role.ENGINEER
        ):
            raise NotAllowed("take part")
        if not Organisation._default_manager.filter(pk=key).exists():
            raise Refused(
                _("No organisation has the key %s.") % key,
                _("Look it up under Organisations, or add it there."),
                field="organisation_id",
            )
        if values.get("most") is not None and values["most"] < 1:
            raise Refused(
                _("Who takes part meets once at least."),
                _("Leave it empty for no limit."),
                field="most",
            )
        _known_slots(event, values.get("away") or "")
        there = Participant._default_manager.filter(event=event, organisation=key).first()
        if there is None:
            deed.create(Participant(event=event, **values))
        else:
            deed.change(there, **values)
        deed.key = str(event.pk)
        return str(event.pk)


def invite(
    actor: Actor, event_id: str, *, once: str = "", at: datetime | None = None, **_told: Any
) -> int:
    """Enter the buyers of a partner event's country and the home makers that match their needs.

    Matches that were rejected are not counted; the makers with the most needs come first, at
    most `MOST_INVITED`. Who takes part already stays as it is. Gives how many were entered.

    Raises
    ------
    Refused
        The event has no country, or no open need of its buyers has a maker at home.
    """
    with acting(actor, "events.invite", once=once, at=at) as deed:
        event = held(actor, Event, event_id)
        require(actor, "schedule", event)
        require_ahead(event, deed.today)
        own = partnering.home()
        if event.kind != partnering.PARTNER_EVENT or event.country in ("", own):
            raise Refused(
                _("This is no event with a partner country."),
                _("Say which country it is with first."),
            )
        pairs = partnering.pairs(actor, event.country)
        if not pairs:
            raise Refused(
                _("No open need of its buyers has a maker at home."),
                _("Look for makers on the partner's page first."),
            )
        makers = Counter(maker for _buyer, maker in pairs)
        chosen = {maker for maker, _needs in makers.most_common(MOST_INVITED)}
        there = set(
            Participant._default_manager.filter(event=event).values_list("organisation", flat=True)
        )
        asked = [("buying", {buyer for buyer, maker in pairs if maker in chosen})]
        asked.append(("selling", chosen))
        entered = 0
        for side, keys in asked:
            for key in sorted(keys - there):
                deed.create(Participant(event=event, organisation_id=key, side=side))
                there.add(key)
                entered += 1
        deed.key = str(event.pk)
        return entered


def leave(
    actor: Actor,
    participant_id: Any,
    *,
    reason: str = "",
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Take an organisation out of an event, with its wishes; scheduled meetings are cancelled."""
    with acting(actor, "events.leave", reason=reason, once=once, at=at) as deed:
        row = held(actor, Participant, participant_id, version)
        require(actor, "leave", row)
        event, key = row.event_id, row.organisation_id
        side = "buyer_id" if row.side == "buying" else "maker_id"
        for wish in Wish._default_manager.filter(event=event, **{side: key}):
            deed.remove(wish)
        for meeting in Meeting._default_manager.filter(
            event=event, state="scheduled", **{side: key}
        ):
            deed.change(meeting, state="cancelled", note=reason.strip())
        deed.remove(row)
        deed.key = str(event)
        return str(event)


def wish(
    actor: Actor,
    event_id: str,
    *,
    buyer_id: str,
    maker_id: str,
    weight: Decimal,
    need_id: str | None = None,
    note: str = "",
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Wish a meeting of a buyer and a maker that both take part."""
    with acting(actor, "events.wish", once=once, at=at) as deed:
        event = held(actor, Event, event_id)
        require(actor, "take part", event)
        require_ahead(event, deed.today)
        own = actor.organisations(Role.MAKER, Role.ENGINEER)
        if not actor.is_a(Role.OFFICER) and not own & {buyer_id, maker_id}:
            raise NotAllowed("wish")
        if weight <= 0:
            raise Refused(
                _("A wish weighs more than nothing."),
                _("Write 1 for a wish, more for a stronger one."),
                field="weight",
            )
        for key, side, field in (
            (buyer_id, "buying", "buyer_id"),
            (maker_id, "selling", "maker_id"),
        ):
            if not Participant._default_manager.filter(
                event=event, organisation=key, side=side
            ).exists():
                raise Refused(
                    _("%s does not take part on this side.") % key,
                    _("Enter it into the event first."),
                    field=field,
                )
        if need_id:
            held(actor, Need, need_id)
        told = {"weight": weight, "need_id": need_id or None, "note": note.strip()}
        told["wished_by"] = "selling" if maker_id in own and buyer_id not in own else "buying"
        there = Wish._default_manager.filter(event=event, buyer=buyer_id, maker=maker_id).first()
        if there is None:
            deed.create(Wish(event=event, buyer_id=buyer_id, maker_id=maker_id, **told))
        else:
            deed.change(there, **told)
        deed.key = str(event.pk)
        return str(event.pk)


def withdraw_wish(
    actor: Actor, wish_id: Any, *, once: str = "", at: datetime | None = None, **_told: Any
) -> str:
    """Take a wish back."""
    with acting(actor, "events.withdraw_wish", once=once, at=at) as deed:
        row = held(actor, Wish, wish_id)
        require(actor, "withdraw", row)
        event = row.event_id
        deed.remove(row)
        deed.key = str(event)
        return str(event)


def wish_from_matches(
    actor: Actor, event_id: str, *, once: str = "", at: datetime | None = None, **_told: Any
) -> int:
    """Wish a meeting for each pair of participants with a match that was not rejected.

    A pair that wished itself keeps its own wish. Gives how many wishes were made or changed.
    """
    with acting(actor, "events.wish_from_matches", once=once, at=at) as deed:
        event = held(actor, Event, event_id)
        require(actor, "schedule", event)
        require_ahead(event, deed.today)
        sides: dict[str, set[str]] = {"buying": set(), "selling": set()}
        for key, side in Participant._default_manager.filter(event=event).values_list(
            "organisation", "side"
        ):
            sides[side].add(key)
        rows = (
            visible(actor, Candidate)
            .filter(need__buyer__in=sides["buying"], offer__maker__in=sides["selling"])
            .exclude(decision="rejected")
            .filter(category__in=MATCHED)
        )
        best: dict[tuple[str, str], tuple[Decimal, str]] = {}
        told = rows.values_list("need__buyer", "offer__maker", "category", "decision", "need")
        for buyer, maker, category, decision, need in told.order_by("rank", "pk"):
            weight = MATCHED[category] * (2 if decision == "confirmed" else 1)
            if weight > best.get((buyer, maker), (Decimal(0), ""))[0]:
                best[buyer, maker] = (weight, need)
        there = {
            (row.buyer_id, row.maker_id): row for row in Wish._default_manager.filter(event=event)
        }
        made = 0
        for pair, (weight, need) in sorted(best.items()):
            row = there.get(pair)
            if row is None:
                facts = {"weight": weight, "need_id": need, "wished_by": "match"}
                deed.create(Wish(event=event, buyer_id=pair[0], maker_id=pair[1], **facts))
                made += 1
            elif row.wished_by == "match" and (row.weight, row.need_id) != (weight, need):
                deed.change(row, weight=weight, need_id=need)
                made += 1
        deed.key = str(event.pk)
        return made


def _fits(values: Mapping[str, Any]) -> None:
    starts, until = values.get("starts"), values.get("until")
    if starts and until and not starts <= until <= starts + timedelta(days=60):
        raise Refused(
            _("The event ends before it begins, or lasts longer than two months."),
            _("Look at its first and last day again."),
            field="until",
        )
    if values.get("tables") is not None and values["tables"] < 1:
        raise Refused(
            _("Meetings need a table at least."),
            _("Leave it empty where tables are no limit."),
            field="tables",
        )


def _known_slots(event: Event, away: str) -> None:
    numbers = absences(away)
    parts = [part for part in away.replace(",", ";").split(";") if part.strip()]
    known = set(EventSlot._default_manager.filter(event=event).values_list("number", flat=True))
    if len(numbers) != len(parts) or not set(numbers) <= known:
        raise Refused(
            _("These are not numbers of the event's slots."),
            _("Write the slots' numbers, joined by ;."),
            field="away",
        )
