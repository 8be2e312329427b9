"""Who sees agreements, what was promised in them, and the phases of the provinces."""

from typing import Any

from django.db.models import Q, QuerySet

from onshore.desk.actor import Actor
from onshore.desk.models import RECORDS, Agreement, Commitment, Phase, Role
from onshore.desk.policies import STAFF, Policy, policy_for


def _party(actor: Actor) -> Q:
    """Agreements that one of the actor's organisations is a party of."""
    seen = Q(pk__in=())
    for key in actor.organisations(*Role):
        # Parties are keys joined by ";": the whole, the first, the last, or one between.
        seen |= Q(parties=key) | Q(parties__startswith=f"{key};")
        seen |= Q(parties__endswith=f";{key}") | Q(parties__contains=f";{key};")
    return seen


@policy_for(Agreement)
class AgreementPolicy(Policy):
    """Agreements: the agency's, auditors' and analysts'; their parties'; public ones everyone's."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow agreements to those the actor sees."""
        if actor.is_a(*STAFF, Role.ANALYST):
            return rows
        return rows.filter(Q(access="public") | _party(actor))

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Add, change and promise: the agency."""
        return deed in ("add", "change", "promise") and actor.is_a(Role.OFFICER)


@policy_for(Commitment)
class CommitmentPolicy(Policy):
    """Commitments: as their agreements."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow commitments to those the actor sees."""
        seen = AgreementPolicy().visible(actor, Agreement._default_manager.all())
        return rows.filter(agreement__in=seen.values("pk"))

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Change: the agency; report: also people of the party that promised."""
        if deed == "change" or (deed == "report" and actor.is_a(Role.OFFICER)):
            return actor.is_a(Role.OFFICER)
        return deed == "report" and thing is not None and thing.party_id in _organisations(actor)


def _organisations(actor: Actor) -> set[str]:
    return set(actor.organisations(*Role))


@policy_for(Phase)
class PhasePolicy(Policy):
    """Phases: all who are signed in read them."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow phases to those the actor sees."""
        return rows if actor.roles else rows.none()

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Open, change and close: the agency."""
        return deed in ("add", "change") and actor.is_a(Role.OFFICER)


@policy_for(RECORDS["observations"])
class ObservationPolicy(Policy):
    """Observations: published statistics, everyone's; they are open data."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow observations to those the actor sees: all of them."""
        return rows


def reads_targets(actor: Actor) -> bool:
    """Whether the plan's targets are the actor's to read: agency, auditor, analyst."""
    return actor.is_a(*STAFF, Role.ANALYST)
