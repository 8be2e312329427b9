"""Who sees the catalogue, organisations, offers, import rules and settings."""

from typing import Any

from django.db.models import Q, QuerySet

from onshore.desk.access.needs import BUYERS
from onshore.desk.actor import Actor
from onshore.desk.models import (
    RECORDS,
    Comment,
    ImportException,
    Offer,
    Organisation,
    ProgrammeSettings,
    Role,
)
from onshore.desk.policies import STAFF, Policy, policy_for


@policy_for(Organisation)
class OrganisationPolicy(Policy):
    """Organisations are known to all who sign in; a maker changes its own page."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow organisations to those the actor sees."""
        return rows if actor.roles else rows.none()

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Add: agency and administrator; change: also the organisation's own people."""
        if deed not in ("add", "change"):
            return False
        if actor.is_a(Role.OFFICER, Role.ADMINISTRATOR):
            return True
        own = actor.organisations(Role.MAKER, Role.ENGINEER)
        return deed == "change" and thing is not None and thing.pk in own


@policy_for(Offer)
class OfferPolicy(Policy):
    """Offers: a maker's own; the agency, buyers, analysts and auditors see all."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow offers to those the actor sees."""
        if actor.is_a(*STAFF, Role.ANALYST, *BUYERS):
            return rows
        return rows.filter(maker_id__in=actor.organisations(Role.MAKER))

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Add and change: the maker itself and the agency."""
        if deed not in ("add", "change"):
            return False
        if actor.is_a(Role.OFFICER):
            return True
        makers = actor.organisations(Role.MAKER)
        return bool(makers) if thing is None else thing.maker_id in makers


@policy_for(ImportException, RECORDS["import_rules"])
class RulePolicy(Policy):
    """Import rules and exceptions: published ones are everyone's; others the agency's."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow rules and exceptions to those the actor sees."""
        if actor.is_a(*STAFF, Role.ANALYST):
            return rows
        if rows.model is not ImportException:
            return rows if actor.is_a(Role.ENGINEER) else rows.filter(published__isnull=False)
        asked = Q(asked_by=actor.name) if actor.user else Q()
        return rows.filter(Q(published__isnull=False) | asked)

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Ask: engineer; publish and decide: agency, not who asked; comment: who signed in."""
        if deed == "ask":
            return actor.is_a(Role.ENGINEER, Role.OFFICER)
        if deed == "comment":
            return actor.is_a(Role.MAKER, Role.ENGINEER, Role.RESEARCHER)
        if deed == "decide" and thing is not None:
            contested = getattr(thing, "contested_by_id", None) in actor.organisations(*Role)
            asked = getattr(thing, "asked_by", "") == actor.name
            return actor.is_a(Role.OFFICER) and not asked and not contested
        return deed in ("publish", "add") and actor.is_a(Role.OFFICER)


@policy_for(Comment)
class CommentPolicy(Policy):
    """Comments: of exceptions that the actor sees."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow comments to those the actor sees."""
        seen = RulePolicy().visible(actor, ImportException.objects.all())
        return rows.filter(exception__in=seen.values("pk"))


@policy_for(*(RECORDS[table] for table in ("items", "places", "desks", "rates")))
class CataloguePolicy(Policy):
    """Items, places, desks and rates: all who are signed in read them."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow the catalogue to what the actor sees."""
        return rows if actor.roles else rows.none()

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Add and change: the agency and the administrator."""
        return deed in ("add", "change") and actor.is_a(Role.OFFICER, Role.ADMINISTRATOR)


@policy_for(ProgrammeSettings)
class SettingsPolicy(Policy):
    """The programme's settings: all who are signed in read them, administrators change them."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow the settings to what the actor sees."""
        return rows if actor.roles else rows.none()

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Change: the administrator."""
        return deed == "change" and actor.is_a(Role.ADMINISTRATOR)
