"""Webhooks: other systems are told of what happens here, as Standard Webhooks describe it.

What is told holds no record: only which records a deed changed, so that the other system reads
them by the API with a token of its own. A webhook is told of what its owner sees, no more. A call
is kept in the transaction of the deed; the worker sends it, and again, later and later, until it
is taken. Its signature is that of https://www.standardwebhooks.com/: the base64 HMAC-SHA256 of
``id.timestamp.body``.
"""

import base64
import hmac
import json
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from django.core.cache import cache
from django.db.models import AutoField
from django.utils import timezone
from django.utils.crypto import salted_hmac

from onshore.desk.actor import actor_of
from onshore.desk.auditing.audit import Change
from onshore.desk.models import RECORDS, Bulletin, Webhook, WebhookCall
from onshore.desk.policies import visible

TABLES: Final = (
    *("needs", "offers", "quotations", "deals", "deliveries", "claims", "packages"),
    *("qualifications", "exceptions", "agreements", "commitments", "calls", "proposals"),
    *("awards", "tranches", "ideas", "challenges", "studies", "events", "meetings", "blocks"),
    *("work_commitments", "bulletins"),
)
"""What a webhook may be told of."""
MOST_TOLD: Final = 500
_THERE = "webhooks-there"
_MODELS: dict[str, Any] = {**RECORDS, "bulletins": Bulletin}


def secret_of(webhook: Webhook) -> str:
    """Give the secret of a webhook, made from what is kept of it and the desk's own key.

    Only the owner is shown it, once; who has the database alone does not have it.
    """
    made = salted_hmac("onshore.desk.webhooks", webhook.secret, algorithm="sha256").digest()
    return "whsec_" + base64.b64encode(made).decode()


def signature(secret: str, number: str, moment: int, body: str) -> str:
    """Sign a call.

    Examples
    --------
    >>> signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek",
    ...           1614265330, '{"test": 2432232314}')
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
    """
    key = base64.b64decode(secret.removeprefix("whsec_"))
    told = hmac.new(key, f"{number}.{moment}.{body}".encode(), sha256).digest()
    return "v1," + base64.b64encode(told).decode()


def forget() -> None:
    """Look anew whether there are webhooks: one was made or ended."""
    cache.delete(_THERE)


def note(name: str, changes: Iterable[Change], at: datetime) -> None:
    """Keep calls for what a deed changed; within the deed's transaction."""
    touched = {(_table(change.table), change.key) for change in changes}
    touched = {one for one in touched if one[0] in TABLES}
    if not touched or not cache.get_or_set(_THERE, _are_there, 10):
        return
    for webhook in Webhook._default_manager.filter(ended=None).select_related("owner"):
        told = _told_to(webhook, touched, at)
        if told:
            keep(webhook, name, told, at)


def _table(table: str) -> str:
    return "bulletins" if table == Bulletin._meta.db_table else table


def _are_there() -> bool:
    return Webhook._default_manager.filter(ended=None).exists()


def _told_to(
    webhook: Webhook, touched: set[tuple[str, str]], at: datetime
) -> list[tuple[str, str]]:
    """Give what of some records a webhook is told of: of its tables, and seen by its owner."""
    actor = actor_of(webhook.owner, timezone.localdate(at))
    told: list[tuple[str, str]] = []
    for table in sorted({table for table, _key in touched} & set(webhook.happenings)):
        model = _MODELS[table]
        keys = sorted(key for of, key in touched if of == table and _is_key(model, key))[:MOST_TOLD]
        seen = visible(actor, model).filter(pk__in=keys).values_list("pk", flat=True)
        told += [(table, str(key)) for key in seen]
    return sorted(told)


def _is_key(model: Any, key: str) -> bool:
    """Whether a key may be one of a table: lines of the audit in bulk have others."""
    return key.isdecimal() or not isinstance(model._meta.pk, AutoField)


def keep(
    webhook: Webhook, name: str, records: Iterable[tuple[str, str]], at: datetime
) -> WebhookCall:
    """Keep a call to be sent at once."""
    told = {
        "type": name,
        "timestamp": at.isoformat(timespec="seconds"),
        "data": {"records": [{"table": table, "key": key} for table, key in records]},
    }
    body = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return WebhookCall._default_manager.create(
        webhook=webhook, happening=name, body=body, made_at=at, next_at=at
    )
