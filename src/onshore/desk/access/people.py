"""Who sees people, the audit, and what is each person's own."""

from typing import Any

from django.db.models import QuerySet

from onshore.desk.access.needs import BUYERS
from onshore.desk.actor import Actor
from onshore.desk.models import (
    RECORDS,
    Alert,
    ApiToken,
    AuditEntry,
    Job,
    Membership,
    Need,
    Role,
    SavedFilter,
    SignedInSession,
    Upload,
    User,
)
from onshore.desk.policies import Policy, policy_for


@policy_for(AuditEntry)
class AuditPolicy(Policy):
    """The audit: auditors and administrators read all of it; nobody changes it.

    Officers see the lines of the programme's records, a buyer's people those of its needs.
    """

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow the audit's lines to those the actor sees."""
        if actor.is_a(Role.AUDITOR, Role.ADMINISTRATOR):
            return rows
        if actor.is_a(Role.OFFICER):
            return rows.filter(table__in=tuple(RECORDS))
        own = Need.objects.filter(buyer_id__in=actor.organisations(*BUYERS))
        return rows.filter(table="needs", key__in=own.values("pk"))

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Read all of it and verify it: the auditor and the administrator."""
        return deed in ("read", "verify") and actor.is_a(Role.AUDITOR, Role.ADMINISTRATOR)


@policy_for(User, Membership, SignedInSession)
class PeoplePolicy(Policy):
    """People: the administrator; each person their own."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow people to those the actor sees."""
        if actor.is_a(Role.ADMINISTRATOR, Role.AUDITOR):
            return rows
        if actor.user is None:
            return rows.none()
        return rows.filter(pk=actor.user.pk) if rows.model is User else rows.filter(user=actor.user)

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Add, change, end: the administrator; end a session: also its owner."""
        if actor.is_a(Role.ADMINISTRATOR):
            return deed in ("add", "change", "end")
        own = isinstance(thing, SignedInSession) and thing.user == actor.user
        return deed == "end" and own


@policy_for(Job, Upload, Alert, SavedFilter, ApiToken)
class OwnPolicy(Policy):
    """Jobs, uploads, alerts and filters: each person their own."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow rows to the actor's own."""
        return rows.none() if actor.user is None else rows.filter(user=actor.user)

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Everything with one's own."""
        return actor.user is not None and (thing is None or thing.user == actor.user)
