"""Who sees calls for proposals, proposals and their reviews, awards and guarantees."""

from typing import Any

from django.db.models import Q, QuerySet

from onshore.desk.actor import Actor
from onshore.desk.models import (
    RECORDS,
    Award,
    Call,
    DrillingFinance,
    Proposal,
    Review,
    Role,
    Tranche,
)
from onshore.desk.policies import STAFF, Policy, policy_for

PROPOSERS = (Role.MAKER, Role.RESEARCHER)
"""Roles whose people propose for their own organisation."""


@policy_for(Call)
class CallPolicy(Policy):
    """Calls: once published everyone's; before, the agency's and auditors'."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow calls to those the actor sees."""
        return rows if actor.is_a(*STAFF) else rows.filter(published__isnull=False)

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Make, publish, assign, select, decide: the agency; propose: makers and researchers."""
        if deed == "propose":
            return actor.is_a(*PROPOSERS)
        known = ("add", "change", "publish", "assign", "select", "decide")
        return deed in known and actor.is_a(Role.OFFICER)


@policy_for(RECORDS["criteria"])
class CriterionPolicy(Policy):
    """Criteria: as their calls."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow criteria to those the actor sees."""
        seen = CallPolicy().visible(actor, Call._default_manager.all())
        return rows.filter(call__in=seen.values("pk"))


@policy_for(Proposal)
class ProposalPolicy(Policy):
    """Proposals: the proposer's own; the agency's; those a reviewer has no conflict with.

    A reviewer reads a proposal only after declaring that no conflict of interest stands. One to a
    challenge is also read by the engineers of the organisation whose problem it is.
    """

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow proposals to those the actor sees."""
        if actor.is_a(*STAFF):
            return rows
        seen = Q(proposer_id__in=actor.organisations(*PROPOSERS))
        if actor.user is not None:
            own = Review._default_manager.filter(reviewer=actor.name, conflict=False)
            seen |= Q(pk__in=own.values("proposal_id"))
        if engineers := actor.organisations(Role.ENGINEER):
            seen |= Q(challenge__owner_id__in=engineers)
            seen |= Q(challenge__need__buyer_id__in=engineers)
        return rows.filter(seen)

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Submit, change, withdraw: the proposer; decide and award: the agency.

        On a proposal to a challenge the engineer whose problem it is decides too.
        """
        if deed == "submit":
            return actor.is_a(*PROPOSERS)
        if deed in ("change", "withdraw"):
            return thing is not None and thing.proposer_id in actor.organisations(*PROPOSERS)
        if deed in ("decide", "award") and actor.is_a(Role.OFFICER):
            return True
        if deed == "decide" and thing is not None and thing.challenge_id:
            asker = thing.challenge
            holders = {asker.owner_id, asker.need.buyer_id if asker.need_id else None}
            return bool(holders & actor.organisations(Role.ENGINEER))
        return False


@policy_for(Review)
class ReviewPolicy(Policy):
    """Reviews: the reviewer's own, the agency's and auditors'; never the proposer's."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow reviews to those the actor sees."""
        if actor.is_a(*STAFF):
            return rows
        return rows.filter(reviewer=actor.name) if actor.user is not None else rows.none()

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Declare and score: the reviewer; take back: the agency."""
        if deed in ("declare", "score"):
            return thing is not None and actor.user is not None and thing.reviewer == actor.name
        return deed == "take_back" and actor.is_a(Role.OFFICER)


@policy_for(RECORDS["scores"])
class ScorePolicy(Policy):
    """Scores: as their reviews."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow scores to those the actor sees."""
        return ReviewPolicy().visible(actor, rows)


def _party(actor: Actor, path: str = "") -> Q:
    """Awards that one of the actor's organisations gives or receives; ``path`` leads to them."""
    own = actor.organisations(*Role)
    return Q(**{f"{path}receiver_id__in": own}) | Q(**{f"{path}fund_id__in": own})


@policy_for(Award)
class AwardPolicy(Policy):
    """Awards and guarantees: the agency, analysts, auditors; who gives and who receives them."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow awards to those the actor sees."""
        return rows if actor.is_a(*STAFF, Role.ANALYST) else rows.filter(_party(actor))

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Give, guarantee, call in and end: the agency."""
        return deed in ("add", "call_in", "end") and actor.is_a(Role.OFFICER)


@policy_for(Tranche)
class TranchePolicy(Policy):
    """Tranches: as their awards."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow tranches to those the actor sees."""
        if actor.is_a(*STAFF, Role.ANALYST):
            return rows
        return rows.filter(_party(actor, "award__"))

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Hand in: the receiver; accept, send back, pay: the agency, no one of the receiver."""
        if thing is None:
            return False
        receiver = thing.award.receiver_id
        if deed == "reach":
            return receiver in actor.organisations(*PROPOSERS)
        apart = receiver not in actor.organisations(*Role)
        return deed in ("accept", "send_back", "pay") and actor.is_a(Role.OFFICER) and apart


@policy_for(DrillingFinance)
class DrillingFinancePolicy(Policy):
    """Drilling finance and insurance: as awards, by who has it and who provides it."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow drilling finance to what the actor sees."""
        if actor.is_a(*STAFF, Role.ANALYST):
            return rows
        own = actor.organisations(*Role)
        return rows.filter(Q(organisation_id__in=own) | Q(provider_id__in=own))

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Give, call in and end: the agency."""
        return deed in ("add", "call_in", "end") and actor.is_a(Role.OFFICER)


@policy_for(RECORDS["projects"])
class ProjectPolicy(Policy):
    """Capacity projects: published facts, read by all who are signed in."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow projects to those the actor sees."""
        return rows if actor.roles else rows.none()


def reads_funds(actor: Actor) -> bool:
    """Whether what is out against each fund is the actor's to read: agency, auditor, analyst."""
    return actor.is_a(*STAFF, Role.ANALYST)
