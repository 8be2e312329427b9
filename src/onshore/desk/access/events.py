"""Who sees events, who takes part, the wishes to meet and the meetings."""

from typing import Any

from django.db.models import Q, QuerySet

from onshore.desk.actor import Actor
from onshore.desk.models import RECORDS, Event, Meeting, Participant, PartnerGood, Role, Wish
from onshore.desk.policies import STAFF, Policy, policy_for


@policy_for(Event)
class EventPolicy(Policy):
    """Events: everybody's to read, as announcements are."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow events to those the actor sees: all of them."""
        return rows

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Hold, change and schedule: the agency; take part and wish: buyers and makers too."""
        if deed in ("add", "change", "schedule"):
            return actor.is_a(Role.OFFICER)
        return deed == "take part" and actor.is_a(Role.OFFICER, Role.ENGINEER, Role.MAKER)


@policy_for(RECORDS["event_slots"])
class EventSlotPolicy(Policy):
    """Slots of events: all who are signed in read them."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow slots to those the actor sees."""
        return rows if actor.roles else rows.none()


@policy_for(Participant)
class ParticipantPolicy(Policy):
    """Participants: those of events that the actor's organisation takes part in, and agency's."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow participants to those the actor sees."""
        if actor.is_a(*STAFF, Role.ANALYST):
            return rows
        own = Participant._default_manager.filter(organisation__in=_own(actor))
        return rows.filter(event__in=own.values("event"))

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Change and leave: the agency and the participant itself."""
        if deed not in ("change", "leave"):
            return False
        return actor.is_a(Role.OFFICER) or (
            thing is not None and thing.organisation_id in _own(actor)
        )


@policy_for(Wish, Meeting)
class MeetingPolicy(Policy):
    """Wishes and meetings: of the two who meet, and of the agency; nobody else's."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow wishes and meetings to those the actor sees."""
        if actor.is_a(*STAFF):
            return rows
        own = _own(actor)
        return rows.filter(Q(buyer__in=own) | Q(maker__in=own))

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Withdraw a wish, tell what came of a meeting: either side, and the agency."""
        if deed not in ("withdraw", "tell") or thing is None:
            return False
        own = _own(actor)
        return actor.is_a(Role.OFFICER) or thing.buyer_id in own or thing.maker_id in own


def _own(actor: Actor) -> list[str]:
    return sorted(actor.organisations(Role.MAKER, Role.ENGINEER))


@policy_for(PartnerGood)
class PartnerGoodPolicy(Policy):
    """Goods for partner countries: all who are signed in read them."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow the goods to those the actor sees."""
        return rows if actor.roles else rows.none()

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Add and change: the agency and analysts; a maker for itself."""
        if deed not in ("add", "change"):
            return False
        if actor.is_a(Role.OFFICER, Role.ANALYST):
            return True
        own = actor.organisations(Role.MAKER)
        return bool(own) if thing is None else thing.organisation_id in own
