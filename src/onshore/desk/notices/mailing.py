"""Alerts by e-mail: to each person one message with all that is new."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from onshore.desk.models import Alert, User
from onshore.desk.notices.alerts import page_of, sentence

_log = logging.getLogger("onshore.desk.mailing")
RECENT = timedelta(days=2)
_DUMMY = "django.core.mail.backends.dummy.EmailBackend"


def mail(*, at: datetime | None = None) -> int:
    """Send what was not sent yet; give the number of messages.

    Alerts that were read on the page, and those older than two days, are not sent. What could
    not be sent is tried again next time.
    """
    if settings.EMAIL_BACKEND == _DUMMY:
        return 0
    moment = at or timezone.now()
    waiting = Alert.objects.filter(
        read_at=None, mailed_at=None, at__gte=moment - RECENT, user__is_active=True
    ).exclude(user__email="")
    by_user: dict[int, list[Alert]] = {}
    for alert in waiting.select_related("user").order_by("at", "pk")[:5000]:
        by_user.setdefault(alert.user_id, []).append(alert)
    if not by_user:
        return 0
    sent = 0
    try:
        with get_connection() as connection:
            for alerts in by_user.values():
                message = _message(alerts[0].user, alerts)
                message.connection = connection
                message.send()
                keys = [alert.pk for alert in alerts]
                Alert.objects.filter(pk__in=keys).update(mailed_at=moment)
                sent += 1
    except (OSError, SMTPException):
        _log.exception("alerts could not be sent", extra={"facts": {"sent": sent}})
    return sent


def _message(user: User, alerts: Iterable[Alert]) -> EmailMessage:
    told = list(alerts)
    with translation.override(user.language or settings.LANGUAGE_CODE):
        count = len(told)
        subject = ngettext(
            "onshore: one thing you should know", "onshore: %(count)s things you should know", count
        ) % {"count": count}
        lines = [f"• {sentence(alert)}\n  {_site()}{page_of(alert)}" for alert in told]
        close = _("All alerts: %s") % f"{_site()}/alerts/"
        return EmailMessage(subject, "\n\n".join([*lines, close]), to=[user.email])


def _site() -> str:
    scheme = "https" if settings.SESSION_COOKIE_SECURE else "http"
    return f"{scheme}://{settings.ALLOWED_HOSTS[0]}"
