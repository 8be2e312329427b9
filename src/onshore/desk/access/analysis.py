"""Who reads the programme's figures, publishes bulletins and makes scenarios."""

from typing import Any

from django.db.models import QuerySet

from onshore.desk.actor import Actor
from onshore.desk.models import RECORDS, Analysis, Bulletin, Role, Scenario
from onshore.desk.policies import STAFF, NotAllowed, Policy, policy_for


def reads_figures(actor: Actor) -> bool:
    """Whether the programme's figures are the actor's to read: agency, auditor, analyst."""
    return actor.is_a(*STAFF, Role.ANALYST)


def require_reader(actor: Actor) -> None:
    """Go on only if the actor reads the programme's figures.

    Raises
    ------
    NotAllowed
        The actor does not.
    """
    if not reads_figures(actor):
        raise NotAllowed("figures")


@policy_for(Bulletin)
class BulletinPolicy(Policy):
    """Bulletins: what was published is everyone's, and stays."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow bulletins to those the actor sees: all of them."""
        return rows

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Publish and withdraw: the analyst and the agency."""
        return deed in ("publish", "withdraw") and actor.is_a(Role.ANALYST, Role.OFFICER)


@policy_for(Scenario)
class ScenarioPolicy(Policy):
    """Scenarios: the agency's, auditors' and analysts'."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow scenarios to those the actor sees."""
        return rows if reads_figures(actor) else rows.none()

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Make: the analyst and the agency; adopt: the agency."""
        if deed == "adopt":
            return actor.is_a(Role.OFFICER)
        return deed == "add" and actor.is_a(Role.ANALYST, Role.OFFICER)


@policy_for(RECORDS["plan"])
class PlanPolicy(Policy):
    """The plan: read as the figures are; it changes where a scenario is adopted."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow the plan to what the actor sees."""
        return rows if reads_figures(actor) else rows.none()


@policy_for(Analysis)
class AnalysisPolicy(Policy):
    """Analyses that were brought in: read as the figures are."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow analyses to those the actor sees."""
        return rows if reads_figures(actor) else rows.none()

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Bring in and take out: the analyst and the agency."""
        return deed in ("add", "remove") and actor.is_a(Role.ANALYST, Role.OFFICER)
