"""Long work in the background: started by a person, watched on a page, cancelled on request.

A kind of work is a function ``work(run) -> result`` marked by `job`, in one of the modules named
here; its kind is ``module.function``. A worker process (`onshore.desk.running.worker`) carries it
out, so that it survives the page that started it. Work that changes records does its slow part
first and reports as it goes, then writes all of it in one transaction: until then it can be
cancelled.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib import import_module
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django_tasks import task

from onshore.desk.actions.acting import Refused
from onshore.desk.actor import Actor, actor_of
from onshore.desk.models import Job
from onshore.desk.policies import NotAllowed

Work = Callable[["Run"], dict[str, Any] | None]

LONG = timedelta(seconds=20)
"""Work that took longer is told to its owner, who has surely left the page."""
_MODULES = {
    where.rpartition(".")[2]: f"onshore.desk.{where}"
    for where in (
        *("actions.meetings", "analysing.analyses", "analysing.scenarios", "auditing.audit_proof"),
        *("choosing.learning", "choosing.matching", "uploading.uploads"),
    )
}
_LANGUAGE = "language"
_SECONDS_BETWEEN_REPORTS = 0.4

_log = logging.getLogger(__name__)


class Cancelled(Exception):
    """The owner of the work asked for its end."""


class UnknownKind(LookupError):
    """There is no such kind of work."""


@dataclass(frozen=True)
class Kind:
    """A kind of work: what the page calls it, and the function that does it."""

    label: Any
    work: Work


_KINDS: dict[str, Kind] = {}


def job(label: Any) -> Callable[[Work], Work]:
    """Mark a function of a module of the desk as work that can be started.

    Parameters
    ----------
    label
        What the work is called on its page, translated lazily.
    """

    def register(work: Work) -> Work:
        module = work.__module__.rpartition(".")[2]
        _KINDS[f"{module}.{work.__name__}"] = Kind(label, work)
        return work

    return register


def kind_of(name: str) -> Kind:
    """Give a kind of work by its name.

    Raises
    ------
    UnknownKind
        No function of this name is marked as work.
    """
    module = name.partition(".")[0]
    if name not in _KINDS and module in _MODULES:
        import_module(_MODULES[module])
    if name not in _KINDS:
        raise UnknownKind(f"{name} is no kind of work: mark its function with @job.")
    return _KINDS[name]


def label_of(name: str) -> str:
    """Give what a kind of work is called; its name where the kind is no longer there."""
    try:
        return str(kind_of(name).label)
    except UnknownKind:
        return name


@dataclass
class Run:
    """Work under way: for whom, with what, and how far it is."""

    id: int
    actor: Actor
    arguments: Mapping[str, Any]
    _depth: int = 0
    _told: float = field(default=0.0)

    def report(self, done: int, total: int, step: str = "") -> None:
        """Tell how far the work is; at most a few times a second reaches the database.

        Within a transaction nothing is told: nobody could read it, and the work has passed the
        point where it can be cancelled.

        Raises
        ------
        Cancelled
            The owner asked for the end of the work.
        """
        if len(connection.savepoint_ids) + connection.in_atomic_block > self._depth:
            return
        if monotonic() - self._told < _SECONDS_BETWEEN_REPORTS and done < total:
            return
        self._told = monotonic()
        mine = Job.objects.filter(pk=self.id)
        if mine.filter(cancel_asked=True).exists():
            raise Cancelled
        mine.update(done=done, total=total, step=step)


def start(actor: Actor, kind: str, arguments: Mapping[str, Any] | None = None) -> Job:
    """Put work in the queue.

    Parameters
    ----------
    actor
        Who asks for it; the work is done with the roles they have when it begins.
    kind
        ``module.function`` of a function marked by `job`.
    arguments
        What it works on, as JSON values.

    Raises
    ------
    NotAllowed
        The public starts no work.
    UnknownKind
        There is no such kind.
    """
    if actor.user is None:
        raise NotAllowed(kind)
    kind_of(kind)
    told = {**(arguments or {}), _LANGUAGE: translation.get_language()}
    with transaction.atomic():
        made = Job.objects.create(
            kind=kind, user=actor.user, arguments=told, asked_at=timezone.now()
        )
        carry_out.enqueue(made.pk)
    made.refresh_from_db()
    return made


def cancel(one: Job) -> None:
    """Ask for the end of work: at once if it still waits, else at its next report."""
    Job.objects.filter(pk=one.pk, state=Job.State.WAITING).update(
        state=Job.State.CANCELLED, cancel_asked=True, ended_at=timezone.now()
    )
    Job.objects.filter(pk=one.pk, state=Job.State.RUNNING).update(cancel_asked=True)


def end_interrupted() -> int:
    """End the work that a worker left behind when it was killed; give how many there were.

    Called as a worker starts: there is one, so nothing else can be at work.
    """
    interrupted = list(Job.objects.filter(state=Job.State.RUNNING).select_related("user"))
    for one in interrupted:
        with translation.override(_language(one)):
            _end(one, Job.State.FAILED, error=_("The server stopped meanwhile. Start it again."))
    return len(interrupted)


@task()
def carry_out(job_id: int) -> None:
    """Do the work of a job and note what came of it."""
    one = Job.objects.select_related("user").filter(pk=job_id, state=Job.State.WAITING).first()
    if one is None:
        return
    one.state, one.began_at = Job.State.RUNNING, timezone.now()
    one.save(update_fields=["state", "began_at"])
    depth = len(connection.savepoint_ids) + connection.in_atomic_block
    run = Run(one.pk, actor_of(one.user, timezone.localdate()), one.arguments, depth)
    with translation.override(_language(one)):
        try:
            result = kind_of(one.kind).work(run)
        except Cancelled:
            _end(one, Job.State.CANCELLED)
        except (Refused, NotAllowed) as refused:
            _end(one, Job.State.FAILED, error=_told(refused))
        except Exception:
            _log.exception("job failed", extra={"facts": {"job": one.pk, "kind": one.kind}})
            error = _("The program failed. Nothing was changed. Tell the administrator the time.")
            _end(one, Job.State.FAILED, error=error)
        else:
            _end(one, Job.State.DONE, result=result or {})


def _language(one: Job) -> str:
    """Give the language of the page that the work was started from."""
    return str(one.arguments.get(_LANGUAGE) or one.user.language or settings.LANGUAGE_CODE)


def _told(refused: Exception) -> str:
    if isinstance(refused, NotAllowed):
        return _("Your role does not allow this")
    return str(refused)


def _end(one: Job, state: str, *, error: str = "", result: dict[str, Any] | None = None) -> None:
    one.refresh_from_db(fields=["done", "total", "began_at"])
    one.state, one.error, one.result = state, error, result or {}
    one.ended_at, one.step = timezone.now(), ""
    if state == Job.State.DONE:
        one.done = one.total
    one.save(update_fields=["state", "error", "result", "ended_at", "step", "done"])
    _tell(one, one.ended_at)


def _tell(one: Job, ended: datetime) -> None:
    """Tell the owner of failed and of long work."""
    from onshore.desk.notices.alerts import tell

    failed = one.state == Job.State.FAILED
    long = one.state == Job.State.DONE and ended - (one.began_at or ended) > LONG
    if failed or long:
        facts = {"label": label_of(one.kind), "error": one.error}
        tell([one.user], f"job {one.state}", one._meta.db_table, str(one.pk), facts)
