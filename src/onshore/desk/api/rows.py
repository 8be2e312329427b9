"""Rows of the records as the API gives them: by their columns, as far as the actor may see."""

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from django.db.models import QuerySet

from onshore.desk.actor import Actor
from onshore.desk.api.calling import api
from onshore.desk.models import RECORDS, Need
from onshore.desk.policies import may
from onshore.desk.states import MOVES, moves_from
from onshore.desk.tables.frames import fields_of
from onshore.records import Column, schema

PRICES = ("import_price", "currency", "incoterm", "freight_insurance", "price_date")
"""Columns of a need that only its buyer and the programme's people see."""

_DECIMAL = {"type": "string", "format": "decimal"}
_TYPES: dict[str, dict[str, str]] = {
    "number": _DECIMAL,
    "money": _DECIMAL,
    "signed": _DECIMAL,
    "share": {"type": "number"},
    "whole": {"type": "integer"},
    "bool": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
}
_TEXT = {"type": "string"}
_OWN: dict[str, dict[str, Any]] = {
    "id": {"type": "integer", "description": "Number of the row, which addresses it."},
    "version": {
        "type": "integer",
        "description": "Raised by each change; sent along with a move.",
    },
    "state_since": {
        "anyOf": [_TYPES["date"], {"type": "null"}],
        "description": "Day it came to its state.",
    },
    "due": {
        "anyOf": [_TYPES["date"], {"type": "null"}],
        "description": "Day by which somebody has to act.",
    },
}
_MOVES = {
    "type": "array",
    "items": {"type": "string", "enum": list(MOVES)},
    "description": "Moves that start from its state.",
}


def is_numbered(table: str) -> bool:
    """Whether rows of a table are addressed by a number: those with a key of several columns."""
    return len(schema(table).key) > 1


@cache
def own_of(table: str) -> tuple[str, ...]:
    """Name what the desk tells of a row besides the columns of its table."""
    told = ["id"] if is_numbered(table) else []
    fields = {one.attname for one in RECORDS[table]._meta.concrete_fields}
    columns = set(schema(table).dtypes)
    wanted = ("version", "state_since", "due") if table == "needs" else ("version",)
    return (*told, *(name for name in wanted if name in fields and name not in columns))


def written(actor: Actor, rows: QuerySet) -> list[dict[str, Any]]:
    """Give rows by the columns of their table, without what the actor may not see."""
    table = rows.model.table
    own = own_of(table)
    names = (*schema(table).dtypes, *own)
    fields = (*fields_of(table), *("pk" if name == "id" else name for name in own))
    plain = rows.values_list(*fields)
    told = [dict(zip(names, map(_value, row), strict=True)) for row in plain]
    if table == "needs":
        _add_to_needs(actor, told)
    return told


def _add_to_needs(actor: Actor, rows: list[dict[str, Any]]) -> None:
    """Add the moves that start from each need's state; take away prices that are not to be seen."""
    seen: dict[str, bool] = {}
    for row in rows:
        buyer = row["buyer_id"]
        if buyer not in seen:
            seen[buyer] = may(actor, "see_price", Need(buyer_id=buyer))
        if not seen[buyer]:
            row |= dict.fromkeys(PRICES)
        row["moves"] = [move.name for move in moves_from(row["state"])]


def _value(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, date):
        return value.isoformat()
    return None if value == "" else value


def as_json(told: Any) -> bytes:
    """Write an answer."""
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def component(table: str) -> str:
    """Name the component of the API's description that tells of a row."""
    return str(RECORDS[table].__name__)


def _row(table: str) -> dict[str, Any]:
    """Describe a row: all columns of the table, by their names in the records."""
    told = schema(table)
    properties = {column.name: _column(column, table) for column in told}
    properties |= {name: _OWN[name] for name in own_of(table)}
    if table == "needs":
        properties["moves"] = _MOVES
    return {
        "type": "object",
        "description": told.meaning,
        "required": list(properties),
        "properties": properties,
    }


def _column(column: Column, table: str) -> dict[str, Any]:
    kind = _TYPES.get(column.type, _TEXT)
    meaning = f"{column.meaning} ({column.unit})" if column.unit else column.meaning
    if column.name in schema(table).key:
        return {**kind, "description": meaning}
    return {**kind, "type": [kind["type"], "null"], "description": meaning}


def _page(table: str) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["rows", "next"],
        "properties": {
            "rows": {
                "type": "array",
                "items": {"$ref": f"#/components/schemas/{component(table)}"},
                "description": "The rows, by key.",
            },
            "next": {
                "type": ["string", "null"],
                "description": "What `after` has to be for the next page; null on the last.",
            },
        },
    }


def _describe() -> Iterator[tuple[str, Any]]:
    for table in RECORDS:
        yield component(table), lambda table=table: _row(table)
        yield f"{component(table)}Page", lambda table=table: _page(table)


api.components.update(_describe())
