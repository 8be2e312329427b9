"""The calls of webhooks are sent, again and again until they are taken; the worker does it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q
from django.utils import timezone

from onshore.desk.actions.acting import Refused
from onshore.desk.models import WebhookCall
from onshore.desk.notices import outward
from onshore.desk.notices.alerts import tell
from onshore.desk.notices.webhooks import secret_of, signature

PAUSES: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 720, 1440))
"""How long is waited after each try that was not taken; after the last, nothing more is tried."""
KEPT: Final = timedelta(days=30)
GONE: Final = 410
_Post = Callable[..., tuple[int, str]]


def deliver_due(*, at: datetime | None = None, post: _Post = outward.post) -> int:
    """Send the calls whose time has come; give how many were taken."""
    moment = at or timezone.now()
    WebhookCall._default_manager.filter(
        Q(taken_at__isnull=False) | Q(next_at=None), made_at__lt=moment - KEPT
    ).delete()
    due = WebhookCall._default_manager.filter(taken_at=None, next_at__lte=moment)
    rows = list(due.select_related("webhook").order_by("next_at", "pk")[:100])
    failed: set[int] = set()
    taken = 0
    for call in rows:
        if call.webhook_id in failed:
            continue  # it does not answer now: its other calls come with the next round
        is_taken = send(call, at=at, post=post)
        taken += is_taken
        if not is_taken:
            failed.add(call.webhook_id)
    return taken


def send(call: WebhookCall, *, at: datetime | None = None, post: _Post = outward.post) -> bool:
    """Send a call once, and note what came of it; whether it was taken."""
    moment = at or timezone.now()
    status, answer = 0, ""
    if call.webhook.ended is not None:
        _give_up(call, answer)
        return False
    try:
        target = outward.target_of(call.webhook.url)
        status, text = post(target, call.body.encode(), _headers(call, moment))
        answer = f"{status} {text[:200]}".strip()
    except (outward.NotSent, Refused) as error:
        answer = str(error)
    call.tries += 1
    call.answer = answer.replace("\0", "")
    if 200 <= status < 300:
        call.taken_at, call.next_at = moment, None
        call.save()
        return True
    if status == GONE or call.tries > len(PAUSES):
        _give_up(call, call.answer)
        return False
    call.next_at = moment + PAUSES[call.tries - 1]
    call.save()
    return False


def _headers(call: WebhookCall, moment: datetime) -> dict[str, str]:
    number, seconds = f"msg_{call.pk}", int(moment.timestamp())
    signed = signature(secret_of(call.webhook), number, seconds, call.body)
    return {
        "Content-Type": "application/json",
        "User-Agent": "onshore",
        "webhook-id": number,
        "webhook-timestamp": str(seconds),
        "webhook-signature": signed,
    }


def _give_up(call: WebhookCall, answer: str) -> None:
    """Try a call no more, and tell the webhook's owner."""
    call.next_at, call.answer = None, answer
    call.save()
    hook = call.webhook
    if hook.ended is None:
        facts = {"webhook": hook.name, "error": answer}
        tell([hook.owner], "webhook.failed", hook._meta.db_table, str(hook.pk), facts)
