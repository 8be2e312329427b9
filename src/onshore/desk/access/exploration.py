"""Who sees blocks, their offers and work, rigs and contractors, deposits and what they hold."""

from typing import Any

from django.db.models import Q, QuerySet

from onshore.desk.actor import Actor
from onshore.desk.models import (
    RECORDS,
    Block,
    BlockOffer,
    Deposit,
    Estimate,
    ResourceChange,
    Rig,
    Role,
    WorkCommitment,
)
from onshore.desk.policies import STAFF, Policy, policy_for

FIRMS = (Role.MAKER,)
"""Roles whose people act for a private firm: it asks for blocks and owns rigs."""


def sees_all(actor: Actor) -> bool:
    """Whether the whole exploration wing is the actor's to read: agency, auditor, analyst."""
    return actor.is_a(*STAFF, Role.ANALYST)


@policy_for(Block)
class BlockPolicy(Policy):
    """Blocks: a cadastre, so everyone's."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow blocks to those the actor sees: all of them."""
        return rows

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Add, change, offer, take back: the agency."""
        return deed in ("add", "change", "offer", "take_back") and actor.is_a(Role.OFFICER)


@policy_for(BlockOffer)
class BlockOfferPolicy(Policy):
    """Offers: open ones everyone's; those to a firm, and what it asked for, its own."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow offers to those the actor sees."""
        if sees_all(actor):
            return rows
        own = Q(organisation_id__in=actor.organisations(*FIRMS))
        return rows.filter(Q(organisation__isnull=True, state="on offer") | own)

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Ask: a firm; withdraw: who made it; decide: the agency, nobody of the firm that asks."""
        if deed == "ask":
            own = thing is None or thing.organisation_id in (None, *actor.organisations(*FIRMS))
            return own and actor.is_a(*FIRMS)
        if thing is None:
            return False
        if deed == "withdraw":
            if thing.state == "submitted":
                return thing.organisation_id in actor.organisations(*FIRMS)
            return actor.is_a(Role.OFFICER)
        apart = thing.organisation_id not in actor.organisations(*Role)
        return deed in ("award", "refuse") and actor.is_a(Role.OFFICER) and apart


@policy_for(WorkCommitment)
class WorkCommitmentPolicy(Policy):
    """Work promised for a block: the firm's own, the agency's, analysts' and auditors'."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow work commitments to those the actor sees."""
        if sees_all(actor):
            return rows
        return rows.filter(block_offer__organisation_id__in=actor.organisations(*FIRMS))

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Hand work in: the firm; accept it or send it back: the agency, nobody of the firm."""
        if thing is None:
            return False
        firm = thing.block_offer.organisation_id
        if deed == "hand_in":
            return firm in actor.organisations(*FIRMS)
        apart = firm not in actor.organisations(*Role)
        return deed in ("accept", "send_back") and actor.is_a(Role.OFFICER) and apart


@policy_for(Rig)
class RigPolicy(Policy):
    """Drilling rigs: their owners', the agency's, analysts' and auditors'."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow rigs to those the actor sees."""
        if sees_all(actor):
            return rows
        return rows.filter(owner_id__in=actor.organisations(*FIRMS))

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Add and change: the owner and the agency."""
        if deed not in ("add", "change"):
            return False
        own = thing is None or thing.owner_id in actor.organisations(*FIRMS)
        return actor.is_a(Role.OFFICER) or (own and actor.is_a(*FIRMS))


@policy_for(RECORDS["exploration_services"])
class ExplorationServicePolicy(Policy):
    """What contractors, consultants and laboratories can do: read by all who are signed in."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow exploration services to those the actor sees."""
        return rows if actor.roles else rows.none()

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Add: the firm itself and the agency."""
        return deed == "add" and actor.is_a(Role.OFFICER, *FIRMS)


@policy_for(Deposit)
class DepositPolicy(Policy):
    """Deposits: published facts, everyone's."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow deposits to those the actor sees: all of them."""
        return rows

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Add, estimate, tell a change: the agency."""
        return deed in ("add", "change", "estimate", "tell_change") and actor.is_a(Role.OFFICER)


@policy_for(RECORDS["plants"])
class PlantPolicy(Policy):
    """Plants: published facts, everyone's."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow plants to those the actor sees: all of them."""
        return rows


@policy_for(Estimate, ResourceChange)
class ResourcePolicy(Policy):
    """Resources and their changes: the agency's, analysts', auditors', and the block's holder's."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow estimates and changes to those the actor sees."""
        if sees_all(actor):
            return rows
        own = actor.organisations(*FIRMS)
        return rows.filter(deposit__block__state="held", deposit__block__holder_id__in=own)


@policy_for(RECORDS["drillholes"])
class DrillholePolicy(Policy):
    """Drillholes: the agency's, analysts', auditors', and the block's holder's."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow drillholes to those the actor sees."""
        if sees_all(actor):
            return rows
        own = actor.organisations(*FIRMS)
        return rows.filter(block__state="held", block__holder_id__in=own)


@policy_for(*(RECORDS[table] for table in ("assays", "surveys", "lithology_logs")))
class LogPolicy(Policy):
    """What was measured in a hole: as the hole."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow assays, surveys and logs to those the actor sees."""
        if sees_all(actor):
            return rows
        holes = DrillholePolicy().visible(actor, RECORDS["drillholes"]._default_manager.all())
        return rows.filter(hole__in=holes.values("pk"))


@policy_for(RECORDS["commodity_routes"])
class CommodityRoutePolicy(Policy):
    """Routes from ore to product: published facts, read by all who are signed in."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow routes to those the actor sees."""
        return rows if actor.roles else rows.none()
