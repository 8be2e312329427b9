"""Database tables made from the schemas of a programme's records.

Each table has the name and the columns of its schema, so that a database and a folder hold the
same records. What a field may hold is checked where records come in, by `onshore.records`.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import FieldError
from django.db import models

from onshore.records import Column, schema

_RENAMED = {"class": "category", "from": "starts"}


class ExactDecimal(models.DecimalField):
    """A decimal kept to its last digit: numeric in PostgreSQL, text in SQLite.

    SQLite keeps decimals as binary fractions of 15 digits, too few for a rial. As text they
    cannot be compared, so no field of this kind may be filtered by size or sorted by.
    """

    _COMPARABLE = frozenset({"exact", "in", "isnull"})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs |= {"max_digits": 38, "decimal_places": 6}
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        """Leave out of migrations what every such field has."""
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_digits"], kwargs["decimal_places"]
        return name, path, args, kwargs

    def get_internal_type(self) -> str:
        """Keep SQLite's own conversion of decimals away."""
        return "TextField"

    def db_type(self, connection: Any) -> str:
        """Give the column's type."""
        return "text" if connection.vendor == "sqlite" else "numeric(38, 6)"

    def get_lookup(self, lookup_name: str) -> Any:
        """Refuse comparisons that text would answer wrongly."""
        if lookup_name not in self._COMPARABLE:
            raise FieldError(f"{self.name} cannot be compared in the database: {lookup_name}")
        return super().get_lookup(lookup_name)

    def from_db_value(self, value: Any, *_: Any) -> Decimal | None:
        """Read a stored value."""
        # As text it was written plainly; PostgreSQL gives all six places back.
        if value is None or isinstance(value, str):
            return None if value is None else Decimal(value)
        return _plain(value)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """Write a value as the database keeps it."""
        if value is None or hasattr(value, "as_sql"):
            return value
        exact = _plain(Decimal(value))
        return f"{exact:f}" if connection.vendor == "sqlite" else exact

    get_db_prep_save = get_db_prep_value


def _plain(value: Decimal) -> Decimal:
    """Give a decimal without zeros that say nothing, and without an exponent."""
    short = value.normalize()
    exponent = short.as_tuple().exponent
    return short.quantize(Decimal(1)) if isinstance(exponent, int) and exponent > 0 else short


def field_name(column: str) -> str:
    """Give the field of a column: ``item_id`` is ``item``; reserved words have others.

    Examples
    --------
    >>> field_name("buyer_id"), field_name("class"), field_name("signed")
    ('buyer', 'category', 'signed')
    """
    return _RENAMED.get(column, column.removesuffix("_id"))


def record_model(table: str, *, indexes: Sequence[models.Index] = (), **more: models.Field) -> Any:
    """Make the model of a table of the records.

    A table with one key column has it as its primary key; others have a number of their own and
    a unique constraint. The attribute ``table`` holds the table's name.

    Parameters
    ----------
    table
        Name of the table.
    indexes
        The database's indexes besides those of keys and references.
    more
        Fields that only the desk keeps.
    """
    told = schema(table)
    fields: dict[str, Any] = {}
    for column in told:
        is_key = told.key == (column.name,)
        name = column.name if is_key else field_name(column.name)
        fields[name] = _field(table, column, is_key=is_key)
    constraints = []
    if len(told.key) > 1:
        names = [field_name(name) for name in told.key]
        constraints = [models.UniqueConstraint(fields=names, name=f"{table}_key")]
    told_by = next((name for name in ("name", "title", "description") if name in fields), "pk")
    options = {"db_table": table, "constraints": constraints, "indexes": list(indexes)}
    body = {
        "__module__": "onshore.desk.models.records",
        "__doc__": told.meaning,
        "__str__": lambda row: str(getattr(row, told_by)),
        "Meta": type("Meta", (), options),
        "table": table,
        **fields,
        **more,
    }
    return type(model_name(table), (models.Model,), body)


def _field(table: str, column: Column, *, is_key: bool) -> models.Field:
    name = column.name
    if is_key:
        return models.CharField(max_length=200, primary_key=True, db_column=name)
    if column.type == "ref":
        return models.ForeignKey(
            "desk." + model_name(column.table or ""),
            on_delete=models.PROTECT,
            null=not column.required,
            blank=not column.required,
            db_column=name,
            related_name=f"{table}_as_{field_name(name)}",
        )
    if column.type in ("number", "money", "signed"):
        return ExactDecimal(null=True, blank=not column.required, db_column=name)
    empty: dict[str, type[models.Field]] = {
        "share": models.FloatField,
        "whole": models.BigIntegerField,
        "bool": models.BooleanField,
        "date": models.DateField,
    }
    if column.type in empty:
        return empty[column.type](null=True, blank=not column.required, db_column=name)
    return models.TextField(default="", blank=not column.required, db_column=name)


_MODELS = {
    "organisations": "Organisation",
    "desks": "Desk",
    "candidates": "Candidate",
    "deliveries": "Delivery",
    "comments": "Comment",
    "processes": "Process",
    "plan": "PlanLine",
    "budgets": "Budget",
    "bill_of_materials": "PartOfAssembly",
    "rates": "ExchangeRate",
    "progress": "ProgressReading",
    "exceptions": "ImportException",
    "criteria": "Criterion",
    "studies": "Study",
    "wishes": "Wish",
    "drilling_finance": "DrillingFinance",
}


def model_name(table: str) -> str:
    """Give the name of a table's model.

    Examples
    --------
    >>> model_name("needs"), model_name("import_rules"), model_name("deliveries")
    ('Need', 'ImportRule', 'Delivery')
    """
    if table in _MODELS:
        return _MODELS[table]
    return "".join(word.title() for word in table.removesuffix("s").split("_"))
