"""The worker: a process that does jobs, sends mail, calls webhooks, looks at what falls due.

`onshore.desk.running.serving` starts it and holds its standard input: when the server ends, even by
``kill -9``, the input ends and the worker ends with it.
"""

import logging
import os
import signal
import sys
import threading
import time
from datetime import date
from pathlib import Path

from django.conf import settings

_log = logging.getLogger(__name__)

_BEAT_SECONDS = 5
_DEAD_AFTER_SECONDS = 30
_MAIL_SECONDS = 60
_CALL_SECONDS = 5


def _pulse() -> Path:
    return Path(settings.DATA) / "worker.alive"


def is_alive() -> bool:
    """Whether a worker of this data folder showed itself within the last half minute."""
    try:
        return time.time() - _pulse().stat().st_mtime < _DEAD_AFTER_SECONDS
    except FileNotFoundError:
        return False


def main() -> None:
    """Work until the standard input ends."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onshore.desk.settings")
    import django

    django.setup()
    from django.core.management import call_command

    from onshore.desk.jobs import end_interrupted

    for rounds in (_end_with_input, _beat, _look_after_alerts, _call_webhooks):
        threading.Thread(target=rounds, daemon=True).start()
    if ended := end_interrupted():
        _log.warning("jobs were interrupted", extra={"facts": {"jobs": ended}})
    call_command("db_worker", "--no-startup-delay", "--interval", "0.5", verbosity=0)


def _end_with_input() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(10)
    os._exit(1)


def _beat() -> None:
    part = _pulse().with_suffix(".part")
    while True:
        part.write_text(str(os.getpid()), encoding="ascii")
        part.replace(_pulse())  # whoever reads it never finds half of it
        time.sleep(_BEAT_SECONDS)


def _look_after_alerts() -> None:
    """Send what is to be mailed each minute; look at what falls due once a day."""
    from django.db import close_old_connections
    from django.utils import timezone

    from onshore.desk.notices.mailing import mail
    from onshore.desk.running.daily import daily

    looked: date | None = None
    while True:
        close_old_connections()
        try:
            if looked != timezone.localdate():
                daily()
                looked = timezone.localdate()
            mail()
        except Exception:
            _log.exception("alerts failed")
        time.sleep(_MAIL_SECONDS)


def _call_webhooks() -> None:
    """Tell other systems what happened, in a thread of its own: they may be slow to answer."""
    from django.db import close_old_connections

    from onshore.desk.notices.webhook_calls import deliver_due

    while True:
        close_old_connections()
        try:
            deliver_due()
        except Exception:
            _log.exception("webhooks failed")
        time.sleep(_CALL_SECONDS)


if __name__ == "__main__":
    main()
