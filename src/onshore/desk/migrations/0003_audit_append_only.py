"""The database itself refuses to change or remove a line of the audit."""

from typing import Any

from django.db import migrations

_SQLITE = tuple(
    f"CREATE TRIGGER audit_never_{deed.lower()} BEFORE {deed} ON audit_entries"
    f" BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END"
    for deed in ("UPDATE", "DELETE")
)
_SQLITE_BACK = ("DROP TRIGGER audit_never_update", "DROP TRIGGER audit_never_delete")
_POSTGRESQL = (
    "CREATE FUNCTION audit_never() RETURNS trigger LANGUAGE plpgsql AS $$"
    " BEGIN RAISE EXCEPTION 'the audit is only added to'; END $$",
    "CREATE TRIGGER audit_never BEFORE UPDATE OR DELETE ON audit_entries"
    " FOR EACH ROW EXECUTE FUNCTION audit_never()",
)
_POSTGRESQL_BACK = ("DROP TRIGGER audit_never ON audit_entries", "DROP FUNCTION audit_never()")


def _run(schema_editor: Any, sqlite: tuple[str, ...], postgresql: tuple[str, ...]) -> None:
    statements = sqlite if schema_editor.connection.vendor == "sqlite" else postgresql
    for statement in statements:
        schema_editor.execute(statement)


def forwards(apps: Any, schema_editor: Any) -> None:
    _run(schema_editor, _SQLITE, _POSTGRESQL)


def backwards(apps: Any, schema_editor: Any) -> None:
    _run(schema_editor, _SQLITE_BACK, _POSTGRESQL_BACK)


class Migration(migrations.Migration):
    dependencies = [("desk", "0002_search")]
    operations = [migrations.RunPython(forwards, backwards)]
