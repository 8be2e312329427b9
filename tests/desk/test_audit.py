"""The audit tells every line that was forged, removed, added or moved, at its number."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onshore.desk.auditing import audit
from onshore.desk.models import AuditEntry, AuditHead

AT = datetime(2024, 10, 1, 12, 30, 1, 250, tzinfo=UTC)
LINES = 12


def write(count: int = LINES, first: datetime = AT) -> None:
    for n in range(count):
        with transaction.atomic():
            audit.append(
                [audit.Change("needs", f"N{n}", {"state": "draft"}, {"state": "published"})],
                actor="officer",
                organisation="agency",
                action="needs.publish",
                reason=f"دلیل {n}",
                at=first + timedelta(seconds=n),
            )


@pytest.fixture
def forgeable(db: None) -> None:
    """A chain in a database whose triggers someone with full rights has lifted."""
    write()
    triggers = import_module("onshore.desk.migrations.0003_audit_append_only")
    connection.check_constraints()  # PostgreSQL alters no table with checks outstanding
    for statement in _lifting(triggers):
        with connection.cursor() as cursor:
            cursor.execute(statement)


def _lifting(triggers: Any) -> list[str]:
    said: list[str] = []
    collector = type("Editor", (), {})()
    collector.connection = connection
    collector.execute = lambda statement, params=(): said.append(str(statement))
    triggers.backwards(None, collector)
    return said


def faults(known: tuple[int, str] | None = None) -> list[int]:
    return sorted({fault.number for fault in audit.verify(known)})


@pytest.mark.django_db
def test_an_untouched_audit_holds() -> None:
    assert faults() == []
    write()
    assert faults() == []
    assert faults(audit.head()) == []


@pytest.mark.django_db(transaction=True)
def test_the_database_itself_refuses_to_change_or_remove_a_line() -> None:
    write(3)
    for deed in (
        lambda: AuditEntry.objects.filter(number=2).update(actor="nobody"),
        lambda: AuditEntry.objects.filter(number=2).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            deed()
    assert faults() == []


@pytest.mark.parametrize(
    "change",
    [
        {"actor": "somebody"},
        {"organisation": ""},
        {"action": "needs.fail"},
        {"table": "offers"},
        {"key": "N99"},
        {"before": "{}"},
        {"after": '{"state":"draft"}'},
        {"reason": ""},
        {"at": AT},
    ],
)
def test_a_forged_line_is_found_at_its_number(forgeable: None, change: dict[str, Any]) -> None:
    AuditEntry.objects.filter(number=5).update(**change)
    assert faults() == [5]


def test_a_forged_line_with_a_new_hash_is_found_at_the_next(forgeable: None) -> None:
    line = AuditEntry.objects.get(number=5)
    line.actor = "somebody"
    AuditEntry.objects.filter(number=5).update(actor="somebody", hash=audit.line_hash(line))
    assert faults() == [6]


def test_a_removed_line_is_found_at_its_number(forgeable: None) -> None:
    AuditEntry.objects.filter(number=5).delete()
    assert 5 in faults()
    assert min(faults()) == 5


def test_lines_that_changed_places_are_found_at_their_numbers(forgeable: None) -> None:
    AuditEntry.objects.filter(number=5).update(number=100)
    AuditEntry.objects.filter(number=6).update(number=5)
    AuditEntry.objects.filter(number=100).update(number=6)
    assert {5, 6} <= set(faults())


def test_a_cut_end_is_found_even_when_the_head_is_cut_too(forgeable: None) -> None:
    known = audit.head()
    AuditEntry.objects.filter(number__gt=9).delete()
    assert faults() == [10]
    last = AuditEntry.objects.get(number=9)
    AuditHead.objects.update(number=9, hash=last.hash)
    assert faults() == []  # nothing in the database tells
    assert faults(known) == [12]  # the exported head does


def test_a_chain_written_anew_is_found_by_the_exported_head(forgeable: None) -> None:
    known = audit.head()
    AuditEntry.objects.all().delete()
    AuditHead.objects.all().delete()
    write(LINES + 1, first=AT + timedelta(seconds=1))
    assert faults() == []
    assert faults(known) == [LINES]


_FIELDS: dict[str, Callable[[str], str]] = {
    name: lambda value: value + "x"
    for name in ("actor", "organisation", "action", "table", "key", "before", "after", "reason")
}


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(number=st.integers(1, LINES), name=st.sampled_from(sorted(_FIELDS)))
def test_any_change_of_any_line_is_found(forgeable: None, number: int, name: str) -> None:
    line = AuditEntry.objects.get(number=number)
    was = getattr(line, name)
    AuditEntry.objects.filter(number=number).update(**{name: _FIELDS[name](was)})
    assert faults() == [number]
    AuditEntry.objects.filter(number=number).update(**{name: was})
    assert faults() == []
