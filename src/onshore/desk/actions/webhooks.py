"""Webhooks are made, tried and ended."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from onshore.desk.actions.acting import Refused, acting, held
from onshore.desk.actor import Actor
from onshore.desk.models import Webhook, WebhookCall
from onshore.desk.notices import webhooks
from onshore.desk.notices.outward import target_of
from onshore.desk.policies import NotAllowed, require

MOST = 20
_TABLE = Webhook._meta.db_table


def add(
    actor: Actor,
    *,
    name: str,
    url: str,
    happenings: Sequence[str],
    once: str = "",
    at: datetime | None = None,
) -> tuple[Any, str]:
    """Make a webhook.

    Returns
    -------
    tuple
        Its record, and the secret by which its calls are signed: it is shown once.

    Raises
    ------
    Refused
        Its address is not a public https address, it is told of nothing, or there are twenty.
    """
    if actor.user is None:
        raise NotAllowed("webhooks.add")
    with acting(actor, "webhooks.add", once=once, at=at) as deed:
        require(actor, "add", Webhook)
        if not name.strip():
            raise Refused(_("The webhook has no name."), _("Say which system it is."), "name")
        target_of(url)
        chosen = [table for table in webhooks.TABLES if table in happenings]
        if not chosen:
            raise Refused(
                _("The webhook would be told of nothing."), _("Choose at least one."), "happenings"
            )
        if Webhook._default_manager.filter(owner=actor.user, ended=None).count() >= MOST:
            raise Refused(_("You have twenty webhooks."), _("End one that is not used."))
        made = Webhook._default_manager.create(
            name=name.strip()[:80],
            url=url.strip(),
            secret=secrets.token_urlsafe(32),
            happenings=chosen,
            owner=actor.user,
            created=deed.at,
        )
        told = {"name": made.name, "url": made.url, "happenings": ";".join(chosen)}
        deed.note(_TABLE, str(made.pk), {}, told)
        deed.key = str(made.pk)
    webhooks.forget()
    return made, webhooks.secret_of(made)


def end(
    actor: Actor, key: int, *, reason: str = "", once: str = "", at: datetime | None = None
) -> str:
    """End a webhook: it is told of nothing more, and what is on its way is not sent."""
    with acting(actor, "webhooks.end", reason=reason, once=once, at=at) as deed:
        hook = held(actor, Webhook, key)
        require(actor, "end", hook)
        if hook.ended is not None:
            raise Refused(_("This webhook has ended already."))
        Webhook._default_manager.filter(pk=hook.pk).update(ended=deed.at)
        deed.note(_TABLE, str(hook.pk), {"ended": ""}, {"ended": deed.at.isoformat()})
        deed.key = str(hook.pk)
    webhooks.forget()
    return str(key)


def try_out(actor: Actor, key: int, *, once: str = "", at: datetime | None = None) -> str:
    """Send a webhook a call that tells of nothing, to see whether it is taken."""
    with acting(actor, "webhooks.try", once=once, at=at) as deed:
        hook = held(actor, Webhook, key)
        require(actor, "try", hook)
        if hook.ended is not None:
            raise Refused(_("This webhook has ended already."))
        webhooks.keep(hook, "webhook.tried", [], deed.at)
        deed.note(_TABLE, str(hook.pk), {}, {"tried": deed.at.isoformat()})
        deed.key = str(hook.pk)
    return str(key)


def send_again(actor: Actor, call_id: int, *, once: str = "", at: datetime | None = None) -> str:
    """Send a call again at once that was not taken."""
    with acting(actor, "webhooks.send_again", once=once, at=at) as deed:
        call = held(actor, WebhookCall, call_id)
        require(actor, "send", call)
        if call.taken_at is not None or call.webhook.ended is not None:
            raise Refused(_("This call was taken, or its webhook has ended."))
        WebhookCall._default_manager.filter(pk=call.pk).update(next_at=deed.at, tries=0)
        deed.note(WebhookCall._meta.db_table, str(call.pk), {}, {"sent": deed.at.isoformat()})
        deed.key = str(call.webhook_id)
        return deed.key
