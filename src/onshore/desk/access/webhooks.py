"""Who keeps webhooks: the addresses of other systems that are told of what happens here."""

from typing import Any

from django.db.models import QuerySet

from onshore.desk.actor import Actor
from onshore.desk.models import Role, Webhook, WebhookCall
from onshore.desk.policies import Policy, policy_for


@policy_for(Webhook)
class WebhookPolicy(Policy):
    """Webhooks: an officer's own; administrators see all of them."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow webhooks to those the actor sees."""
        if actor.is_a(Role.ADMINISTRATOR):
            return rows
        return rows.filter(owner=actor.user) if actor.is_a(Role.OFFICER) else rows.none()

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Add: officers and administrators; end and try: the owner; end: administrators too."""
        if not actor.is_a(Role.OFFICER, Role.ADMINISTRATOR):
            return False
        if deed == "add":
            return True
        own = thing is not None and thing.owner_id == getattr(actor.user, "pk", None)
        return deed in ("end", "try") and (own or actor.is_a(Role.ADMINISTRATOR))


@policy_for(WebhookCall)
class WebhookCallPolicy(Policy):
    """Calls: as their webhooks."""

    def visible(self, actor: Actor, rows: QuerySet) -> QuerySet:
        """Narrow calls to those the actor sees."""
        seen = WebhookPolicy().visible(actor, Webhook._default_manager.all())
        return rows.filter(webhook__in=seen.values("pk"))

    def may(self, actor: Actor, deed: str, thing: Any = None) -> bool:
        """Send again: who may try the webhook."""
        hook = None if thing is None else thing.webhook
        return deed == "send" and WebhookPolicy().may(actor, "try", hook)
