"""Who may see and do what: one policy for each kind of record, and nothing without one.

Screens, the API and actions reach records only through `visible`, `find` and `require`.
"""

from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.http import Http404

from onshore.desk.actor import Actor
from onshore.desk.models import Role


class NotAllowed(PermissionError):
    """The actor may not do this."""


class Policy:
    """The default: nobody sees anything, nobody may do anything.

    A policy of a model says in `visible` which rows an actor sees and in `may` which deeds an
    actor may do to a row that the actor sees.
    """

    registry: ClassVar[dict[type[Model], "Policy"]] = {}

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow rows to those the actor sees."""
        return rows.none()

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Whether the actor may do a deed, to a thing or at all."""
        return False


def policy_for(*models: type[Model]) -> Any:
    """Make a policy that of some models."""

    def register(policy: type[Policy]) -> type[Policy]:
        for model in models:
            Policy.registry[model] = policy()
        return policy

    return register


_NOTHING = Policy()


def policy(model: type[Model]) -> Policy:
    """Give the policy of a model; of one without any, the policy that allows nothing."""
    import onshore.desk.access  # noqa: F401  (registers the policies)

    return Policy.registry.get(model, _NOTHING)


def visible(actor: Actor, model: type[Model]) -> QuerySet:
    """Give the rows of a model that an actor sees."""
    return policy(model).visible(actor, model._default_manager.all())


def find(actor: Actor, model: type[Model], key: Any) -> Any:
    """Give the row with a key if the actor sees it.

    Raises
    ------
    Http404
        There is none, or the actor does not see it: the two look the same.
    """
    try:
        row = None if "\0" in str(key) else visible(actor, model).filter(pk=key).first()
    except (ValueError, OverflowError):
        row = None
    if row is None:
        raise Http404
    return row


def may(actor: Actor, deed: str, thing: Any) -> bool:
    """Whether an actor may do a deed to a row, or with a model at all."""
    if isinstance(thing, type):
        return policy(thing).may(actor, deed)
    rule = policy(type(thing))
    return rule.may(actor, deed, thing)


def require(actor: Actor, deed: str, thing: Any) -> None:
    """Go on only if the actor may do the deed.

    Raises
    ------
    NotAllowed
        The actor may not.
    """
    if not may(actor, deed, thing):
        raise NotAllowed(deed)


STAFF = (Role.OFFICER, Role.AUDITOR)
"""Roles that see the whole programme."""
