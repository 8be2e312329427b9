"""Who sees ideas, foundings, challenges, research, pilots and courses."""

from typing import Any

from django.db.models import Q, QuerySet

from onshore.desk.actor import Actor
from onshore.desk.models import (
    Challenge,
    Course,
    Enrolment,
    Founding,
    FoundingStep,
    Gate,
    Idea,
    Pilot,
    Role,
    Study,
)
from onshore.desk.policies import STAFF, Policy, policy_for

RESEARCHERS = (Role.RESEARCHER, Role.MAKER)
"""Roles whose people do research and propose for their own organisation."""
CALLED = ("published", "closed", "solved")
"""States of challenges that everybody reads."""


@policy_for(Idea)
class IdeaPolicy(Policy):
    """Ideas: the agency's and auditors'; those of one's own firm or research unit.

    Anybody hands one in; who has no account asks by its number what became of it.
    """

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow ideas to those the actor sees."""
        if actor.is_a(*STAFF):
            return rows
        return rows.filter(proposer_id__in=actor.organisations(*RESEARCHERS))

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Hand in: anybody; sort: the agency, but not its own proposals."""
        if deed == "hand_in":
            return True
        own = thing is not None and thing.proposer_id in actor.organisations(*Role)
        return deed == "sort" and actor.is_a(Role.OFFICER) and not own


def _own_founding(actor: Actor, path: str = "") -> Q:
    """Foundings of the actor's own organisations; ``path`` leads to them."""
    own = actor.organisations(*RESEARCHERS)
    return Q(**{f"{path}organisation_id__in": own}) | Q(**{f"{path}idea__proposer_id__in": own})


@policy_for(Founding)
class FoundingPolicy(Policy):
    """Foundings: the agency's, analysts' and auditors'; those of one's own unit or idea."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow foundings to those the actor sees."""
        return rows if actor.is_a(*STAFF, Role.ANALYST) else rows.filter(_own_founding(actor))

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Open, end and record steps: the agency."""
        return deed in ("add", "step", "end") and actor.is_a(Role.OFFICER)


@policy_for(FoundingStep)
class FoundingStepPolicy(Policy):
    """Steps: as their foundings."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow steps to those the actor sees."""
        if actor.is_a(*STAFF, Role.ANALYST):
            return rows
        return rows.filter(_own_founding(actor, "founding__"))

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Record as done: the agency."""
        return deed == "step" and actor.is_a(Role.OFFICER)


def _asks(actor: Actor, path: str = "") -> Q:
    """Challenges of the buyers whose engineer the actor is; ``path`` leads to them."""
    own = actor.organisations(Role.ENGINEER)
    return Q(**{f"{path}owner_id__in": own}) | Q(**{f"{path}need__buyer_id__in": own})


@policy_for(Challenge)
class ChallengePolicy(Policy):
    """Challenges: once published everyone's; before, the agency's and of whose problem it is."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow challenges to those the actor sees."""
        if actor.is_a(*STAFF):
            return rows
        return rows.filter(Q(state__in=CALLED) | _asks(actor))

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Make and change: the agency and whose problem it is; publish: the agency.

        Propose: makers and researchers, not on their own problem.
        """
        if deed == "propose":
            own = actor.organisations(*RESEARCHERS)
            return bool(own) and (thing is None or bool(own - _askers(thing)))
        if deed in ("add", "change", "publish", "withdraw") and actor.is_a(Role.OFFICER):
            return True
        if deed not in ("add", "change"):
            return False
        own = actor.organisations(Role.ENGINEER)
        return bool(own) if thing is None else bool(own & _askers(thing))


def _askers(challenge: Any) -> set[str]:
    need = challenge.need if challenge.need_id else None
    return {each for each in (challenge.owner_id, need and need.buyer_id) if each}


def _study(actor: Actor, path: str = "") -> Q:
    """Research that concerns an actor; ``path`` leads to it."""
    own = actor.organisations(*RESEARCHERS)
    seen = Q(**{f"{path}organisation_id__in": own}) | Q(**{f"{path}offer__maker_id__in": own})
    if engineers := actor.organisations(Role.ENGINEER):
        seen |= Q(**{f"{path}need__buyer_id__in": engineers})
        seen |= _asks(actor, f"{path}challenge__")
    return seen


def _hosts(actor: Actor) -> QuerySet:
    """Keys of the research that is tried in the actor's plants."""
    own = actor.organisations(Role.ENGINEER)
    return Pilot._default_manager.filter(host_id__in=own).values("study_id")


@policy_for(Study)
class StudyPolicy(Policy):
    """Research: who does it, for whom it is done, where it is tried, who makes what came of it.

    And the agency, analysts and auditors.
    """

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow research to what the actor sees."""
        if actor.is_a(*STAFF, Role.ANALYST):
            return rows
        return rows.filter(_study(actor) | Q(pk__in=_hosts(actor)))

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Begin, ask, try and change: who does it, and the agency; hand over: the agency."""
        if deed not in ("add", "ask", "try", "change", "hand_over"):
            return False
        if actor.is_a(Role.OFFICER):
            return True
        own = actor.organisations(*RESEARCHERS)
        if deed == "hand_over":
            return False
        return bool(own) if thing is None else thing.organisation_id in own


@policy_for(Gate)
class GatePolicy(Policy):
    """Gates: as the research."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow gates to those the actor sees."""
        if actor.is_a(*STAFF, Role.ANALYST):
            return rows
        return rows.filter(_study(actor, "study__") | Q(study__in=_hosts(actor)))

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Decide: the agency, and the engineer of the need; nobody who asked or does the work."""
        if deed != "decide" or thing is None or thing.asked_by == actor.name:
            return False
        study = thing.study
        if study.organisation_id in actor.organisations(*Role):
            return False
        buyer = study.need.buyer_id if study.need_id else None
        return actor.is_a(Role.OFFICER) or buyer in actor.organisations(Role.ENGINEER)


@policy_for(Pilot)
class PilotPolicy(Policy):
    """Pilots: as the research, and of one's own plants."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow pilots to those the actor sees."""
        if actor.is_a(*STAFF, Role.ANALYST):
            return rows
        hosted = Q(host_id__in=actor.organisations(Role.ENGINEER))
        return rows.filter(hosted | _study(actor, "study__"))

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Judge: the engineer of the plant where it is tried, unless it is the own research."""
        own = actor.organisations(Role.ENGINEER)
        if deed != "judge" or thing is None or thing.host_id not in own:
            return False
        return thing.study.organisation_id not in actor.organisations(*Role)


@policy_for(Course)
class CoursePolicy(Policy):
    """Courses: everyone's."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow courses to those the actor sees."""
        return rows

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Add: the agency, research units; change and attendance: also who gives it.

        Enrol: all who act for an organisation.
        """
        if deed == "enrol":
            return actor.user is not None and bool(actor.organisations(*Role))
        if deed not in ("add", "change", "attend"):
            return False
        if actor.is_a(Role.OFFICER):
            return True
        own = actor.organisations(*RESEARCHERS)
        if thing is None:
            return bool(actor.organisations(Role.RESEARCHER))
        return thing.provider_id in own


@policy_for(Enrolment)
class EnrolmentPolicy(Policy):
    """Enrolments: names of people, for the agency, who gives the course, and who sent them."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow enrolments to those the actor sees."""
        if actor.is_a(*STAFF):
            return rows
        gives = Q(course__provider_id__in=actor.organisations(*RESEARCHERS))
        return rows.filter(gives | Q(organisation_id__in=actor.organisations(*Role)))

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Withdraw: who sent the person, and the agency."""
        if deed != "withdraw" or thing is None:
            return False
        return actor.is_a(Role.OFFICER) or thing.organisation_id in actor.organisations(*Role)
