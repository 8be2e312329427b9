"""Who reads the tables that no page works on: they come with the programme, and leave with it."""

from django.db.models import QuerySet

from onshore.desk.actor import Actor
from onshore.desk.models import RECORDS, Role
from onshore.desk.policies import STAFF, Policy, policy_for

_KEPT = ("budgets", "declarations", "declaration_amounts", "bill_of_materials", "processes")


@policy_for(*(RECORDS[table] for table in _KEPT))
class BackgroundPolicy(Policy):
    """Budgets, declarations, processes and the like: agency, auditors, analysts."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow rows to those the actor sees."""
        return rows if actor.is_a(*STAFF, Role.ANALYST) else rows.none()


@policy_for(RECORDS["progress"])
class ProgressPolicy(Policy):
    """Progress of capacity projects: published facts, read by all who are signed in."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow rows to those the actor sees."""
        return rows if actor.roles else rows.none()
