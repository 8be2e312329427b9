"""The operations that change records: moves of those that are there, and new ones."""

from contextlib import suppress
from hashlib import sha256
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Body, Header, Schema
from pydantic import ConfigDict, Field, create_model

from onshore.desk.actions.acting import AlreadyDone, Refused
from onshore.desk.actions.needs import BY_NAME
from onshore.desk.actor import Actor
from onshore.desk.api.calling import WRITES, Answer, api
from onshore.desk.api.changing import Change, sent_along
from onshore.desk.api.moves_and_makings import MAKINGS, MOVES_OF
from onshore.desk.api.reading import TEXT, one_row
from onshore.desk.api.rows import component
from onshore.desk.models import RECORDS, Need
from onshore.desk.pages.wording import sentence
from onshore.desk.policies import find, visible
from onshore.desk.states import MOVES
from onshore.records import Column, read_rows, schema

Cell = str | bool | int | float | None
_OTHER_FACTS = frozenset({"quotation_id", "debrief", "qualification_id", "offer_id", "stage"})
_ONCE = Header(
    "",
    max_length=200,
    alias="Idempotency-Key",
    description="A text of your own; a request that repeats it is not done again.",
)


class Asked(Schema):
    """A change that is asked for."""

    model_config = ConfigDict(extra="forbid")

    version: int | None = Field(
        None, description="Version of the record that you saw; another one is refused."
    )
    reason: str = Field(
        "", max_length=4000, pattern=TEXT, description="Why, where a reason is due."
    )


def _moves_body(table: str, names: list[str], facts: dict[str, Any]) -> Any:
    """Make what a move of a table's records takes."""
    choices: Any = Literal[tuple(names)]
    return create_model(
        f"{component(table)}Move",
        __base__=Asked,
        move=(choices, Field(description="Name of the move.")),
        facts=(
            dict[str, Cell],
            Field(
                default_factory=dict,
                description="What the move needs besides; read as the cells of a sheet are.",
                json_schema_extra={"properties": facts, "additionalProperties": False},
            ),
        ),
    )


def _told_of(column: Column | None, *moves: str) -> dict[str, Any]:
    """Describe a fact; one that is a choice names what may be chosen."""
    kinds = {"share": "number", "whole": "integer", "bool": "boolean"}
    kind = kinds.get(column.type, "string") if column else "string"
    types = list(dict.fromkeys([kind, "string", "null"]))
    meaning = column.meaning if column else ""
    if moves:
        meaning = f"{meaning} For: {', '.join(moves)}.".strip()
    return {"type": types, "description": meaning}


def _once(actor: Actor, what: str, key: str) -> str:
    return sha256(f"{actor.name} {what} {key}".encode()).hexdigest() if key else ""


def _offer_moves(table: str, changes: tuple[Change, ...]) -> None:
    """Add the operation that moves a table's records."""
    model, by_name = RECORDS[table], {change.name: change for change in changes}
    taken = {name: change for change in changes for name in change.facts}
    users = {name: [c.name for c in changes if name in c.facts] for name in taken}
    facts = {name: _told_of(taken[name].facts[name], *users[name]) for name in taken}
    body = _moves_body(table, list(by_name), facts)

    def move(
        request: HttpRequest, key: str, asked: Body[body], idempotency_key: str = _ONCE
    ) -> HttpResponse:
        actor, change = request.actor, by_name[asked.move]
        row = find(actor, model, key)
        told = change.read(actor, asked.facts)
        before = one_row(request, model, row.pk)
        along = sent_along(
            change.action,
            version=asked.version,
            reason=asked.reason.strip(),
            once=_once(actor, f"{table} {key}", idempotency_key),
        )
        with suppress(AlreadyDone):
            change.action(actor, row.pk, **told, **along)
        there = visible(actor, model).filter(pk=row.pk).exists()
        return one_row(request, model, row.pk) if there else before

    said = "\n".join(f"- `{change.name}`: {change.says}" for change in changes)
    api.offer(
        "POST",
        f"{table}/{{key:key}}/moves/",
        f"{table}.move",
        Answer(component(table), WRITES),
        tags=[schema(table).title],
        summary=f"Move: {schema(table).title}",
        description=said,
    )(move)


def _offer_making(table: str, change: Change, parent: str) -> None:
    """Add the operation that makes a record of a table."""
    model = RECORDS[table]
    facts = {name: _told_of(column) for name, column in change.facts.items()}
    needed = [name for name in facts if change.needs(name)] if change.whole else []
    told_of: Any = {"properties": facts, "required": needed, "additionalProperties": False}
    body: Any = create_model(
        f"New{component(table)}",
        __base__=Schema,
        facts=(
            dict[str, Cell],
            Field(
                description="Its columns; read as the cells of a sheet are.",
                json_schema_extra=told_of,
            ),
        ),
    )

    def make(request: HttpRequest, asked: Body[body], idempotency_key: str = _ONCE) -> HttpResponse:
        actor = request.actor
        told = change.read(actor, asked.facts)
        above = []
        if parent:
            above.append(told["values"].pop(parent))
            find(actor, RECORDS[schema(table).column(parent).table or ""], above[0])
        once = _once(actor, table, idempotency_key)
        try:
            made = change.action(actor, *above, told.pop("values"), **told, once=once)
        except AlreadyDone as already:
            made = already.key
        return one_row(request, model, getattr(made, "pk", made))

    api.offer(
        "POST",
        f"{table}/",
        f"{table}.make",
        Answer(component(table), WRITES),
        tags=[schema(table).title],
        summary=f"New: {schema(table).title}",
        description=change.says,
    )(make)


NeedMove = _moves_body(
    "needs",
    list(MOVES),
    {column.name: _told_of(column) for column in schema("deals")}
    | {name: _told_of(None) for name in sorted(_OTHER_FACTS)},
)


@api.offer(
    "POST",
    "needs/{key:key}/moves/",
    "needs.move",
    Answer("Need", WRITES),
    tags=[schema("needs").title],
    summary="Move: Needs",
    description="Move a need to another state, with the same guards as the pages.",
)
def move_need(
    request: HttpRequest,
    key: str,
    asked: Body[NeedMove],
    idempotency_key: str = _ONCE,
) -> HttpResponse:
    """Move a need to another state, with the same guards as the pages."""
    told: Any = asked
    find(request.actor, Need, key)
    with suppress(AlreadyDone):
        BY_NAME[told.move](
            request.actor,
            key,
            version=told.version,
            reason=told.reason,
            once=_once(request.actor, key, idempotency_key),
            **_facts(told.facts),
        )
    return one_row(request, Need, key)


def _facts(facts: dict[str, Any]) -> dict[str, Any]:
    """Read the facts of a need's move: days and numbers as the cells of the records are read."""
    columns = {column.name for column in schema("deals")}
    own = set(facts) - columns - _OTHER_FACTS
    own |= {name for name, value in facts.items() if "\0" in f"{name}{value}"}
    if own:
        step = _("See the description of the API for what is taken.")
        raise Refused(_("These are no facts: %s.") % ", ".join(sorted(own)), step, "facts")
    typed = {
        name: str(value) for name, value in facts.items() if name in columns and value is not None
    }
    read = read_rows("deals", [typed]) if typed else None
    if read is not None:
        for column, reason, step in read.errors.select("column", "reason", "next_step").rows():
            if column in typed:
                raise Refused(sentence(reason), sentence(step), column)
        facts = facts | {name: read.frame[name][0] for name in typed}
    return facts


for _table, _changes in MOVES_OF.items():
    _offer_moves(_table, _changes)
for _table, (_change, _parent) in MAKINGS.items():
    _offer_making(_table, _change, _parent)
