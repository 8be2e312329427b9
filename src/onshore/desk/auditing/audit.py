"""The audit: what was done, chained so that no line can be forged, removed or moved unseen."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from onshore.desk.models import AuditEntry, AuditHead
from onshore.desk.tables.bulk_rows import PreparedRows

FIRST = "0" * 64
"""What stands for the hash before the first line."""


@dataclass(frozen=True)
class Change:
    """A record before and after: only what differs, as JSON values."""

    table: str
    key: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]

    @cached_property
    def told(self) -> tuple[str, str]:
        """What was there and what is, as the audit writes it."""
        return canonical(self.before), canonical(self.after)


@dataclass(frozen=True)
class Fault:
    """A line of the audit that does not hold, and why."""

    number: int
    reason: str


def canonical(value: Mapping[str, Any]) -> str:
    """Write JSON in the one way that is hashed: sorted, without spaces, in Unicode."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)


def line_hash(entry: AuditEntry) -> str:
    """Give the SHA-256 of a line's contents and of the hash before it."""
    told = [getattr(entry, name) for name in _HASHED]
    return _hash(entry.number, _moment(entry.at), told)


_HASHED = (
    *("actor", "organisation", "action", "table", "key"),
    *("before", "after", "reason", "previous_hash"),
)


def _hash(number: int, moment: str, told: list[str]) -> str:
    parts = json.dumps([str(number), moment, *told], ensure_ascii=False)
    return hashlib.sha256(parts.encode()).hexdigest()


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def append(
    changes: Iterable[Change],
    *,
    actor: str,
    organisation: str,
    action: str,
    reason: str,
    at: datetime,
) -> None:
    """Add a line for each change; within the transaction of the change itself.

    Raises
    ------
    TransactionManagementError
        There is no transaction: a line without its deed, or a deed without its line, could stay.
    """
    head, _ = AuditHead.objects.select_for_update().get_or_create(pk=1, defaults={"hash": FIRST})
    moment, lines = _moment(at), []
    for change in changes:
        told = [actor, organisation, action, change.table, change.key, *change.told, reason]
        told.append(head.hash)
        head.number += 1
        head.hash = _hash(head.number, moment, told)
        lines.append((head.number, at, *told, head.hash))
    PreparedRows.of_values(AuditEntry, ("number", "at", *_HASHED, "hash"), lines).insert()
    head.save()


def head() -> tuple[int, str]:
    """Give the number and hash of the last line: kept elsewhere, it proves the whole chain."""
    last = AuditHead.objects.filter(pk=1).first()
    return (last.number, last.hash) if last else (0, FIRST)


def verify(known: tuple[int, str] | None = None) -> Iterator[Fault]:
    """Go through the audit and tell each line that does not hold.

    Parameters
    ----------
    known
        Number and hash of a line as they were exported before, to hold the chain against.
    """
    # Lines are only added: those up to the head of this moment are one state of the audit.
    last, last_hash = head()
    expected, before = 1, FIRST
    entries = AuditEntry.objects.filter(number__lte=last).order_by("number")
    for entry in entries.iterator(chunk_size=5000):
        if entry.number != expected:
            yield Fault(expected, f"missing: the next line is number {entry.number}.")
        elif entry.previous_hash != before:
            yield Fault(entry.number, "it does not follow the line before it.")
        if line_hash(entry) != entry.hash:
            yield Fault(entry.number, "its contents do not fit its hash.")
        if known and entry.number == known[0] and entry.hash != known[1]:
            yield Fault(entry.number, "it is not the line whose hash was exported.")
        expected, before = entry.number + 1, entry.hash
    if last != expected - 1:
        yield Fault(expected, f"missing: the audit's head is at number {last}.")
    elif last_hash != before:
        yield Fault(last, "it is not the line that the audit's head names.")
    if known and known[0] > expected - 1:
        yield Fault(known[0], "missing: its hash was exported, and the audit ends before it.")
