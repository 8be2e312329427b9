"""The index that search everywhere reads: FTS5 in SQLite, tsvector in PostgreSQL."""

from collections.abc import Callable
from typing import Any

from django.db import migrations

_NEW = 'INSERT INTO search_index(rowid, "table", words) VALUES (new.id, new."table", new.words);'
_OLD = (
    'INSERT INTO search_index(search_index, rowid, "table", words)'
    " VALUES ('delete', old.id, old.\"table\", old.words);"
)
_SQLITE = (
    "CREATE VIRTUAL TABLE search_index USING fts5(\"table\", words, content='search_entries',"
    " content_rowid='id', prefix='2 3', tokenize='unicode61 remove_diacritics 0')",
    f"CREATE TRIGGER search_entries_added AFTER INSERT ON search_entries BEGIN {_NEW} END",
    f"CREATE TRIGGER search_entries_removed AFTER DELETE ON search_entries BEGIN {_OLD} END",
    f"CREATE TRIGGER search_entries_changed AFTER UPDATE ON search_entries BEGIN {_OLD} {_NEW} END",
)
_SQLITE_BACK = (
    "DROP TRIGGER search_entries_added",
    "DROP TRIGGER search_entries_removed",
    "DROP TRIGGER search_entries_changed",
    "DROP TABLE search_index",
)
_POSTGRESQL = (
    "ALTER TABLE search_entries ADD COLUMN vector tsvector"
    " GENERATED ALWAYS AS (array_to_tsvector(string_to_array(words, ' '))) STORED",
    "CREATE INDEX search_entries_vector ON search_entries USING gin (vector)",
)
_POSTGRESQL_BACK = ("ALTER TABLE search_entries DROP COLUMN vector",)


def _run(sqlite: tuple[str, ...], postgresql: tuple[str, ...]) -> Callable[..., None]:
    def run(apps: Any, editor: Any) -> None:
        for statement in sqlite if editor.connection.vendor == "sqlite" else postgresql:
            editor.execute(statement, params=None)

    return run


class Migration(migrations.Migration):
    dependencies = [("desk", "0001_records")]

    operations = [
        migrations.RunPython(_run(_SQLITE, _POSTGRESQL), _run(_SQLITE_BACK, _POSTGRESQL_BACK))
    ]
