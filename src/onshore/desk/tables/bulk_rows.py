"""Many rows written at once.

What each row holds is prepared for the database first, so that the transaction which writes the
rows, and in SQLite keeps all other writers waiting, is short.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Self

from django.db import connection, models


class PreparedRows:
    """Rows of a model, ready to be written: of records, or by `of_values`.

    Parameters
    ----------
    model
        Its table is written to.
    things
        The records, unsaved; their keys are set.
    names
        Fields that are written; all but a number that the database gives, by default.
    """

    def __init__(
        self, model: type[models.Model], things: Iterable[Any], names: Sequence[str] = ()
    ) -> None:
        fields = [
            field
            for field in model._meta.concrete_fields
            if (field.name in names if names else not isinstance(field, models.AutoField))
        ]
        attributes = [field.attname for field in fields]
        self._prepare(model, fields, ([getattr(one, at) for at in attributes] for one in things))

    @classmethod
    def of_values(
        cls, model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]
    ) -> Self:
        """Prepare rows given by their values in some fields."""
        made = cls.__new__(cls)
        made._prepare(model, [model._meta.get_field(name) for name in names], rows)
        return made

    def _prepare(
        self, model: type[models.Model], fields: Sequence[Any], rows: Iterable[Sequence[Any]]
    ) -> None:
        quoted = connection.ops.quote_name
        self._table = quoted(model._meta.db_table)
        self._columns = [quoted(field.column) for field in fields]
        self._rows = list(zip(*map(_column, fields, zip(*rows, strict=True)), strict=True))

    def insert(self) -> None:
        """Write new rows."""
        self._execute(self._insertion)

    def insert_or_update(self, *key: str) -> None:
        """Write new rows, or over those that have the same values in the columns of the key."""
        names = [connection.ops.quote_name(name) for name in key]
        told = ", ".join(f"{name} = EXCLUDED.{name}" for name in self._columns if name not in names)
        self._execute(f"{self._insertion} ON CONFLICT ({', '.join(names)}) DO UPDATE SET {told}")

    def update(self, key: str) -> None:
        """Write over the rows that have the same value in a column."""
        name = connection.ops.quote_name(key)
        at = self._columns.index(name)
        told = ", ".join(f"{column} = %s" for column in self._columns if column != name)
        rows = [(*row[:at], *row[at + 1 :], row[at]) for row in self._rows]
        self._execute(f"UPDATE {self._table} SET {told} WHERE {name} = %s", rows)

    @property
    def _insertion(self) -> str:
        places = ", ".join(["%s"] * len(self._columns))
        return f"INSERT INTO {self._table} ({', '.join(self._columns)}) VALUES ({places})"

    def _execute(self, statement: str, rows: Sequence[tuple[Any, ...]] | None = None) -> None:
        told = self._rows if rows is None else rows
        if told:
            with connection.cursor() as cursor:
                cursor.executemany(statement, told)


_PLAIN = (models.TextField, models.CharField)


def _column(field: Any, values: tuple[Any, ...]) -> Sequence[Any]:
    """Prepare a field's values, each different one once; texts are written as they are."""
    if type(field) in _PLAIN:
        return values
    known = {value: field.get_db_prep_save(value, connection) for value in set(values)}
    return [known[value] for value in values]
