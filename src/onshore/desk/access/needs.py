"""Who sees needs and what belongs to them: candidates, specifications, quotations."""

from typing import Any

from django.db.models import Q, QuerySet

from onshore.desk.actor import Actor
from onshore.desk.models import (
    Candidate,
    Deal,
    Grant,
    Need,
    PackageNeed,
    Quotation,
    Ranking,
    Role,
    Specification,
)
from onshore.desk.policies import STAFF, Policy, policy_for
from onshore.desk.states import MOVES

BUYERS = (Role.ENGINEER, Role.VERIFIER)


_CLOSED_TO_MAKERS = ("draft", "withdrawn", "on hold")
_OPEN_TO_MAKERS = ~Q(state__in=_CLOSED_TO_MAKERS)


@policy_for(Need)
class NeedPolicy(Policy):
    """Needs: the buyer's own, those an actor was let see, and published ones.

    Drafts are the buyer's and the agency's. Restricted needs (the default) are seen by the
    agency, analysts, auditors and by makers with a candidate that was not rejected, a quotation
    or a deal, and while a published package calls for them; confidential ones by makers only
    with a confirmed candidate or a deal, and not by analysts.
    """

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow needs to those the actor sees."""
        if actor.is_a(*STAFF):
            return rows
        seen = Q(access="public") & _OPEN_TO_MAKERS
        if buyers := actor.organisations(*BUYERS):
            seen |= Q(buyer_id__in=buyers)
        if actor.is_a(Role.ANALYST):
            seen |= ~Q(access="confidential") & ~Q(state="draft")
        if makers := actor.organisations(Role.MAKER):
            seen |= _OPEN_TO_MAKERS & Q(pk__in=_needs_of_makers(makers))
        return rows.filter(seen)

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Whether the actor may do a deed: a move of the need's life, or a change of it."""
        roles = MOVES[deed].roles if deed in MOVES else _NEED_DEEDS.get(deed, ())
        if thing is None:
            return actor.is_a(*roles)
        if Role.OFFICER in roles and actor.is_a(Role.OFFICER):
            return True
        if deed == "see_price" and actor.is_a(Role.AUDITOR, Role.ANALYST):
            return True
        buyers = actor.organisations(*(role for role in roles if role in BUYERS))
        if thing.buyer_id in buyers:
            return True
        if Role.MAKER in roles and (makers := actor.organisations(Role.MAKER)):
            if deed == "quote":
                return bool(self.visible(actor, Need.objects.filter(pk=thing.pk)))
            return Deal.objects.filter(need=thing, maker_id__in=makers).exists()
        return False


_NEED_DEEDS: dict[str, tuple[Role, ...]] = {
    "add": (Role.ENGINEER, Role.OFFICER),
    "change": (Role.ENGINEER, Role.OFFICER),
    "specify": (Role.ENGINEER,),
    "grant": (Role.ENGINEER,),
    "quote": (Role.MAKER,),
    "compare": (Role.ENGINEER, Role.OFFICER),
    "review": (Role.OFFICER,),
    "see_price": (*BUYERS, Role.OFFICER, Role.AUDITOR, Role.ANALYST),
    "deliver": (Role.MAKER,),
    "accept_delivery": (Role.ENGINEER,),
    "claim": (Role.ENGINEER, Role.OFFICER),
    "freeze": (Role.ENGINEER, Role.OFFICER),
}


def _needs_of_makers(makers: frozenset[str]) -> QuerySet:
    """Keys of the needs that some makers are let see by a candidate, quotation or deal."""
    own = Candidate.objects.filter(offer__maker_id__in=makers)
    return own.filter(_lets_see()).values("need_id").union(*_otherwise_seen(makers))


def _lets_see() -> Q:
    """Candidates that let their maker see a need that is not public."""
    shown = ~Q(decision="rejected") & ~Q(category="none") & ~Q(need__access="confidential")
    return Q(decision="confirmed") | shown


def _otherwise_seen(makers: frozenset[str]) -> tuple[QuerySet, QuerySet, QuerySet]:
    """Keys of the needs that some makers quoted or deal in, or that packages call for."""
    quoted = Quotation.objects.filter(maker_id__in=makers).values("need_id")
    dealt = Deal.objects.filter(maker_id__in=makers, need__isnull=False).values("need_id")
    called = PackageNeed.objects.filter(package__published__isnull=False)
    called = called.exclude(package__access="confidential")
    return quoted, dealt, called.exclude(need__access="confidential").values("need_id")


def _of_visible_needs(actor: Actor, path: str = "need__in") -> Q:
    return Q(**{path: NeedPolicy().visible(actor, Need.objects.all()).values("pk")})


@policy_for(Candidate)
class CandidatePolicy(Policy):
    """Candidates: of needs that the actor sees; a maker sees those of its own offers."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow candidates to those the actor sees."""
        if actor.is_a(*STAFF):
            return rows
        seen = Q(need__buyer_id__in=actor.organisations(*BUYERS))
        if makers := actor.organisations(Role.MAKER):
            # As for needs, but from the makers' own few candidates on.
            let_see = Q(need__access="public") | _lets_see()
            for others in _otherwise_seen(makers):
                let_see |= Q(need_id__in=others)
            is_open = ~Q(need__state__in=_CLOSED_TO_MAKERS)
            seen |= Q(offer__maker_id__in=makers) & is_open & let_see
        if actor.is_a(Role.ANALYST):
            seen |= ~Q(need__access="confidential") & ~Q(need__state="draft")
        return rows.filter(seen)

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Review: the agency; have them ranked anew: also who brings in needs and offers."""
        if deed == "match":
            return actor.is_a(Role.OFFICER, Role.ENGINEER, Role.MAKER)
        return deed == "review" and actor.is_a(Role.OFFICER)


@policy_for(Ranking)
class RankingPolicy(Policy):
    """Rankings learned from reviews: the agency learns them and chooses one."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow rankings to those the actor sees: all of them, or none."""
        return rows if actor.is_a(*STAFF) else rows.none()

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Learn one, and choose the one in use."""
        if deed == "read":
            return actor.is_a(*STAFF)
        return deed in ("learn", "use") and actor.is_a(Role.OFFICER)


@policy_for(Specification)
class SpecificationPolicy(Policy):
    """Specifications have an access level of their own, and grants to makers."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow specifications to those the actor sees."""
        if actor.is_a(*STAFF):
            return rows
        seen = Q(need__buyer_id__in=actor.organisations(*BUYERS))
        seen |= Q(access="public") & _of_visible_needs(actor)
        if makers := actor.organisations(Role.MAKER):
            granted = Grant.objects.filter(organisation_id__in=makers)
            all_levels = granted.filter(access="confidential").values("need_id")
            seen |= Q(access__in=("public", "restricted", ""), need__in=granted.values("need_id"))
            seen |= Q(need__in=all_levels)
        return rows.filter(seen)

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Issue a version: the buyer's engineer."""
        if deed != "add" or not actor.is_a(Role.ENGINEER):
            return False
        return thing is None or thing.need.buyer_id in actor.organisations(Role.ENGINEER)


@policy_for(Grant)
class GrantPolicy(Policy):
    """Grants: the buyer's for its needs, the maker's own, agency and auditors."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow grants to those the actor sees."""
        if actor.is_a(*STAFF):
            return rows
        buyers, makers = actor.organisations(*BUYERS), actor.organisations(Role.MAKER)
        return rows.filter(Q(need__buyer_id__in=buyers) | Q(organisation_id__in=makers))

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Give and end: the buyer's engineer."""
        own = actor.organisations(Role.ENGINEER)
        return deed in ("add", "end") and (
            bool(own) if thing is None else thing.need.buyer_id in own
        )


@policy_for(Quotation)
class QuotationPolicy(Policy):
    """Quotations: the maker's own, the buyer's for its needs, the agency's and auditor's."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow quotations to those the actor sees."""
        if actor.is_a(*STAFF):
            return rows
        buyers, makers = actor.organisations(*BUYERS), actor.organisations(Role.MAKER)
        return rows.filter(Q(need__buyer_id__in=buyers) | Q(maker_id__in=makers))

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Change and withdraw: the maker; decide: the buyer's engineer and the agency."""
        if thing is None:
            return deed in ("change", "withdraw") and actor.is_a(Role.MAKER)
        if deed in ("change", "withdraw"):
            return thing.maker_id in actor.organisations(Role.MAKER)
        if deed == "decide":
            own = thing.need.buyer_id in actor.organisations(Role.ENGINEER)
            return own or actor.is_a(Role.OFFICER)
        return False
