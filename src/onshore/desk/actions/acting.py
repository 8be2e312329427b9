"""How every action runs: one transaction, its guards, its lines in the audit."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from onshore.desk import search
from onshore.desk.actor import Actor
from onshore.desk.auditing import audit
from onshore.desk.models import Submission
from onshore.desk.notices import webhooks
from onshore.desk.policies import visible


class Refused(Exception):
    """An action that cannot be done: why, and what to do next, in the user's language.

    Parameters
    ----------
    reason
        What stands against it.
    next_step
        What to do.
    field
        The form field that it is about, if one.
    """

    def __init__(self, reason: str, next_step: str = "", field: str = "") -> None:
        super().__init__(f"{reason} {next_step}".strip())
        self.reason, self.next_step, self.field = reason, next_step, field


class Stale(Refused):
    """Somebody else changed the record since the form was opened."""


class AlreadyDone(Exception):
    """The same form was sent before; ``key`` is the record that came of it."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


@dataclass
class Deed:
    """An action under way: its actor, its moment, and what it changed so far."""

    actor: Actor
    name: str
    at: datetime
    changes: list[audit.Change] = field(default_factory=list)
    key: str = ""
    words: dict[str, dict[str, str]] = field(default_factory=dict)
    """Words for the search that were made beforehand, by table and key."""

    @property
    def today(self) -> date:
        """The day of the action, where the desk stands."""
        return timezone.localdate(self.at)

    def create(self, thing: models.Model) -> Any:
        """Save a new record and note it."""
        try:
            with transaction.atomic():
                thing.save(force_insert=True)
        except IntegrityError as error:
            raise Refused(
                _("A record with this key is there already: %s.") % thing.pk,
                _("Choose another key, or change the record that is there."),
            ) from error
        self.changes.append(audit.Change(_table(thing), str(thing.pk), {}, facts(thing)))
        self.key = self.key or str(thing.pk)
        return thing

    def change(self, thing: models.Model, **values: Any) -> Any:
        """Change fields of a record, raise its version and note what differs."""
        before = facts(thing)
        for name, value in values.items():
            setattr(thing, name, value)
        if hasattr(thing, "version"):
            thing.version += 1
        thing.save()
        after = facts(thing)
        names = [name for name in after if before.get(name) != after[name] and name != "version"]
        if names:
            was, now = ({name: of.get(name) for name in names} for of in (before, after))
            self.changes.append(audit.Change(_table(thing), str(thing.pk), was, now))
        self.key = self.key or str(thing.pk)
        return thing

    def remove(self, thing: models.Model) -> None:
        """Delete a record and note all that it held."""
        self.changes.append(audit.Change(_table(thing), str(thing.pk), facts(thing), {}))
        thing.delete()

    def note(self, table: str, key: str, before: dict[str, Any], after: dict[str, Any]) -> None:
        """Note a change made in bulk."""
        self.changes.append(audit.Change(table, key, before, after))


@contextmanager
def acting(
    actor: Actor, name: str, *, reason: str = "", once: str = "", at: datetime | None = None
) -> Iterator[Deed]:
    """Run an action: its changes and its audit are kept together, or neither is.

    Parameters
    ----------
    actor
        Who acts.
    name
        The action, such as ``needs.publish``.
    reason
        Why, where one is due.
    once
        Token of the form; an action with a token that was used before is not done again.
    at
        The moment of the action; now by default.

    Raises
    ------
    AlreadyDone
        The token was used before.
    Refused
        The action cannot be done; nothing was changed.
    """
    moment = at or timezone.now()
    deed = Deed(actor, name, moment)
    with transaction.atomic():
        if once and actor.user is not None:
            _take_token(actor, once, moment)
        yield deed
        search.keep(deed.changes, deed.words)
        audit.append(
            deed.changes,
            actor=actor.name,
            organisation=actor.organisation,
            action=name,
            reason=reason.strip(),
            at=moment,
        )
        webhooks.note(name, deed.changes, moment)
        if once and actor.user is not None:
            Submission.objects.filter(pk=once).update(key=deed.key)


def _take_token(actor: Actor, token: str, at: datetime) -> None:
    found, made = Submission.objects.get_or_create(
        pk=token, defaults={"user": actor.user, "at": at}
    )
    if not made:
        raise AlreadyDone(found.key)


def held(actor: Actor, model: type[models.Model], key: Any, version: int | None = None) -> Any:
    """Give a record that the actor sees, locked until the transaction ends.

    Parameters
    ----------
    version
        Version that the form was opened with; None where the form shows nothing of the record.

    Raises
    ------
    Refused
        The actor sees no such record.
    Stale
        Its version is another: somebody else changed it meanwhile.
    """
    seen = visible(actor, model).filter(pk=key).values("pk")
    row = model._default_manager.select_for_update().filter(pk__in=seen).first()
    if row is None:
        raise Refused(_("This record is not there, or your role does not see it."))
    if version is not None and row.version != version:
        raise Stale(
            _("Somebody else changed this record while you had the form open."),
            _("What you typed is kept below; look at what changed, then send it again."),
        )
    return row


def facts(thing: models.Model) -> dict[str, Any]:
    """Give what a record holds, as JSON values by its columns; empty ones are left out."""
    held = {}
    for told in thing._meta.concrete_fields:
        value = getattr(thing, told.attname)
        if value is None or value == "":
            continue
        if isinstance(value, Decimal):
            value = f"{value.normalize():f}"
        plain = isinstance(value, bool | int | float | str | list | dict)
        held[told.column] = value if plain else str(value)
    return held


def _table(thing: models.Model) -> str:
    return thing._meta.db_table


def said(reason: str) -> str:
    """Give a reason that has to be there.

    Raises
    ------
    Refused
        It is empty.
    """
    if not reason.strip():
        raise Refused(_("A reason is needed."), _("Say in a sentence why."), field="reason")
    return reason.strip()
