"""What takes long to reckon is reckoned once for each state of the records that it rests on."""

from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Final, TypeVar

from django.core.cache import cache
from django.db.models import Subquery

from onshore.desk.models import AuditEntry, AuditHead

SECONDS: Final = 3600
"""How long something reckoned is kept at most."""
_ALWAYS: Final = ("programme", "programme_settings", "desk_uploads", "desk_memberships")
"""Lines of the audit that stand for changes of many tables, or of who sees what."""

_Found = TypeVar("_Found")


def last_changes(tables: Iterable[str]) -> dict[str, str]:
    """Give the hash of the audit's last line about each of some tables; "" where there is none.

    Nothing of the records changes without such a line. One query, whatever the tables.
    """
    names = sorted({*tables, *_ALWAYS})
    lines = [AuditEntry._default_manager.filter(table=name).order_by("-number") for name in names]
    head = AuditHead._default_manager.filter(pk=1)
    asked = [Subquery(rows.values("hash")[:1]) for rows in lines]
    told = head.values_list(*asked).first() or [None] * len(names)
    return {name: line or "" for name, line in zip(names, told, strict=True)}


def key_of(what: str, changes: dict[str, str], tables: Iterable[str]) -> str:
    """Give the key under which something is kept for a state of the tables that it rests on."""
    told = " ".join([what, *(changes[name] for name in (*tables, *_ALWAYS))])
    return f"reckoned-{sha256(told.encode()).hexdigest()}"


def reckoned_once(what: str, tables: Iterable[str], reckon: Callable[[], _Found]) -> _Found:
    """Reckon something, or give what was found before any of its tables changed.

    Parameters
    ----------
    what
        What it is and for whom: it tells one thing from another.
    tables
        The tables of the records that it rests on.
    """
    resting_on = tuple(tables)
    key = key_of(what, last_changes(resting_on), resting_on)
    found: _Found = cache.get_or_set(key, reckon, SECONDS)
    return found
