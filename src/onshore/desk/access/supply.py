"""Who sees packages, deals, tests, deliveries and what was saved by them."""

from typing import Any

from django.db.models import Q, QuerySet

from onshore.desk.access.needs import BUYERS
from onshore.desk.actor import Actor
from onshore.desk.models import (
    RECORDS,
    Characteristic,
    Claim,
    Deal,
    Delivery,
    Interest,
    Package,
    Qualification,
    Role,
)
from onshore.desk.policies import STAFF, Policy, policy_for


def _seen_deal(actor: Actor, path: str = "") -> Q:
    """Deals that an actor sees: its organisations' own; analysts' all but for confidential needs.

    ``path`` leads to the deal.
    """
    buyers, makers = actor.organisations(*BUYERS), actor.organisations(Role.MAKER)
    seen = Q(**{f"{path}buyer_id__in": buyers}) | Q(**{f"{path}maker_id__in": makers})
    if actor.is_a(Role.ANALYST):
        seen |= Q(**{f"{path}need__isnull": True})
        seen |= ~Q(**{f"{path}need__access": "confidential"})
    return seen


@policy_for(Package)
class PackagePolicy(Policy):
    """Packages: once published, all who are signed in; public ones everyone; before, agency."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow packages to those the actor sees."""
        if actor.is_a(*STAFF):
            return rows
        out = rows.filter(published__isnull=False)
        if actor.is_a(Role.MAKER, Role.RESEARCHER, Role.ANALYST, *BUYERS):
            return out.exclude(access="confidential")
        return out.filter(access="public")

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Make, publish, decide and award: the agency; express interest: makers."""
        if deed == "express":
            return actor.is_a(Role.MAKER)
        return deed in ("add", "change", "publish", "decide", "award") and actor.is_a(Role.OFFICER)


@policy_for(Interest)
class InterestPolicy(Policy):
    """Expressions of interest: the maker's own and the agency's; never another maker's."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow expressions of interest to those the actor sees."""
        if actor.is_a(*STAFF):
            return rows
        return rows.filter(maker_id__in=actor.organisations(Role.MAKER))

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Withdraw: the maker; decide: the agency."""
        if deed == "withdraw" and thing is not None:
            return thing.maker_id in actor.organisations(Role.MAKER)
        return deed == "decide" and actor.is_a(Role.OFFICER)


@policy_for(Deal)
class DealPolicy(Policy):
    """Deals: their parties', the agency's, analysts' and auditors'; published ones everyone's.

    One is published where it and the need that it answers are public.
    """

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow deals to those the actor sees."""
        if actor.is_a(*STAFF):
            return rows
        published = Q(access="public") & (Q(need=None) | Q(need__access="public"))
        return rows.filter(_seen_deal(actor) | published)

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Deliver: the maker; accept: the buyer's engineer; change and publish: the agency."""
        if deed in ("change", "publish"):
            return actor.is_a(Role.OFFICER)
        if thing is None:
            return False
        if deed == "deliver":
            return thing.maker_id in actor.organisations(Role.MAKER)
        return deed == "accept" and thing.buyer_id in actor.organisations(Role.ENGINEER)


@policy_for(Delivery)
class DeliveryPolicy(Policy):
    """Deliveries: as their deals."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow deliveries to those the actor sees."""
        return rows if actor.is_a(*STAFF) else rows.filter(_seen_deal(actor, "deal__"))

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Accept: the buyer's engineer."""
        own = actor.organisations(Role.ENGINEER)
        return deed == "accept" and thing is not None and thing.deal.buyer_id in own


@policy_for(Qualification)
class QualificationPolicy(Policy):
    """Qualifications: the buyer's for its needs, the maker's of its offers, agency, auditor."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow qualifications to those the actor sees."""
        if actor.is_a(*STAFF):
            return rows
        buyers, makers = actor.organisations(*BUYERS), actor.organisations(Role.MAKER)
        return rows.filter(Q(need__buyer_id__in=buyers) | Q(offer__maker_id__in=makers))

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Judge: the buyer's engineer."""
        own = actor.organisations(Role.ENGINEER)
        return deed == "judge" and thing is not None and thing.need.buyer_id in own


@policy_for(Characteristic)
class CharacteristicPolicy(Policy):
    """Characteristics: as their qualifications."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow characteristics to those the actor sees."""
        seen = QualificationPolicy().visible(actor, Qualification.objects.all())
        return rows.filter(qualification__in=seen.values("pk"))


@policy_for(Claim)
class ClaimPolicy(Policy):
    """Claims: the buyer's own, the agency's, analysts' and auditors'."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow claims to those the actor sees."""
        if actor.is_a(*STAFF, Role.ANALYST):
            return rows
        return rows.filter(buyer_id__in=actor.organisations(*BUYERS))

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """File: engineer and agency; verify: the buyer's verifier who did not file it."""
        if deed == "add":
            return actor.is_a(Role.ENGINEER, Role.OFFICER)
        if deed == "mend" and thing is not None:
            return thing.claimed_by == actor.name
        if deed in ("verify", "refuse") and thing is not None:
            own = thing.buyer_id in actor.organisations(Role.VERIFIER)
            return own and thing.claimed_by != actor.name
        return False


@policy_for(
    *(RECORDS[table] for table in ("baselines", "content_lines", "claim_shares", "targets"))
)
class AccountPolicy(Policy):
    """Baselines, content lines, shares and targets: agency, analysts, auditors, buyers."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow the account's tables to what the actor sees."""
        if actor.is_a(*STAFF, Role.ANALYST):
            return rows
        own = actor.organisations(*BUYERS)
        path = {"baselines": "buyer_id__in", "targets": None}.get(
            rows.model._meta.db_table, "claim__buyer_id__in"
        )
        return rows.filter(**{path: own}) if path else rows.none()

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Add: the agency and the buyer's engineer."""
        return deed == "add" and actor.is_a(Role.OFFICER, Role.ENGINEER)
