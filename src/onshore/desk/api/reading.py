"""Reading: for each table of the records its rows by pages, and one row."""

from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Schema
from pydantic import Field, create_model

from onshore.desk.actions.acting import Refused
from onshore.desk.actor import Actor
from onshore.desk.api.calling import Answer, api
from onshore.desk.api.rows import as_json, component, is_numbered, written
from onshore.desk.models import RECORDS, ProgrammeSettings
from onshore.desk.models.record_tables import field_name
from onshore.desk.policies import find, visible
from onshore.records import Column, schema, tables

MOST = 2000
TEXT = r"^[^\x00]*$"  # PostgreSQL keeps no NUL in texts
_LARGEST = 2**63 - 1


class Paging(Schema):
    """Which rows: those after a key, at most so many."""

    after: str = Field("", max_length=200, pattern=TEXT, description="Only rows after this key.")
    limit: int = Field(100, ge=1, le=MOST, description="Most rows of the page.")


def _narrowing(table: str) -> dict[str, Any]:
    """Give the parameters that narrow a table: its references and choices."""
    told = {}
    for column in schema(table):
        if column.type == "ref":
            meaning = f"Only rows whose {column.name} is this."
            told[column.name] = _text(meaning)
        elif column.type == "choice":
            meaning = f"Only rows with this {column.name}."
            choices: Any = Literal[("", *column.choices)]
            told[_plain(column)] = (choices, Field("", alias=column.name, description=meaning))
    if table == "needs":
        told["sector"] = _text("Only rows whose sector is this.")
    return told


def _text(meaning: str) -> tuple[type, Any]:
    return str, Field("", max_length=200, pattern=TEXT, description=meaning)


def _plain(column: Column) -> str:
    return field_name(column.name) if column.name in ("class", "from") else column.name


def _offer(table: str) -> None:
    """Add the two operations that read a table."""
    told, model = schema(table), RECORDS[table]
    narrowing = _narrowing(table)
    asking: Any = create_model(f"{component(table)}Asked", __base__=Paging, **narrowing)

    known = {
        "after",
        "limit",
        *(field.alias or name for name, field in asking.model_fields.items()),
    }

    def rows(request: HttpRequest, asked: Query[asking]) -> HttpResponse:
        _check_known(request, known)
        found = visible(request.actor, model)
        for name in narrowing:
            if value := getattr(asked, name):
                found = found.filter(**{name: value})
        return _page(request.actor, found, asked.after, asked.limit)

    def row(request: HttpRequest, key: str) -> HttpResponse:
        return one_row(request, model, key)

    tags = [told.title]
    page = Answer(f"{component(table)}Page", (200, 401, 422, 429))
    single = Answer(component(table), (200, 401, 404, 429))
    title = {"tags": tags, "summary": told.title, "description": told.meaning}
    api.offer("GET", f"{table}/", table, page, **title)(rows)
    one = {"tags": tags, "summary": f"One of: {told.title}", "description": told.meaning}
    api.offer("GET", f"{table}/{{key:key}}/", f"{table}.one", single, **one)(row)


def _check_known(request: HttpRequest, known: set[str]) -> None:
    """Refuse a parameter that would narrow nothing: it is hardly meant so."""
    strange = sorted(set(request.GET) - known)
    if strange:
        step = _("See the description of the API for what is taken.")
        raise Refused(_("There is no such parameter."), step, strange[0][:200])


def one_row(request: HttpRequest, model: Any, key: Any) -> HttpResponse:
    """Answer with a row that the actor sees."""
    found = find(request.actor, model, key)
    here = visible(request.actor, model).filter(pk=found.pk)
    return HttpResponse(as_json(written(request.actor, here)[0]), content_type="application/json")


def _page(actor: Actor, found: Any, after: str, limit: int) -> HttpResponse:
    if after and is_numbered(found.model.table):
        if not (after.isascii() and after.isdecimal() and int(after[:20]) <= _LARGEST):
            raise Refused(
                _("`after` has to be a number here."), _("Take it from the page before."), "after"
            )
        found = found.filter(pk__gt=int(after))
    elif after:
        found = found.filter(pk__gt=after)
    here = written(actor, found.order_by("pk")[: limit + 1])
    more = None
    if len(here) > limit:
        here.pop()
        last = here[-1]
        more = str(last["id"] if "id" in last else last[schema(found.model.table).key[0]])
    return HttpResponse(as_json({"rows": here, "next": more}), content_type="application/json")


@api.offer(
    "GET",
    "programme/",
    "programme",
    Answer("Programme", (200, 401, 404, 429)),
    tags=["Programme"],
    summary="The programme",
    description="What holds for the whole programme, and the names of its tables.",
)
def programme(request: HttpRequest) -> HttpResponse:
    """Give the programme's settings, and the tables that are here."""
    held = find(request.actor, ProgrammeSettings, 1)
    told = {"settings": held.settings, "tables": list(tables())}
    return HttpResponse(as_json(told), content_type="application/json")


api.components["Programme"] = lambda: {
    "type": "object",
    "required": ["settings", "tables"],
    "properties": {
        "settings": {"type": "object", "description": "As in a folder's programme.toml."},
        "tables": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Tables of the records, each under an address of its own.",
        },
    },
}

for _table in tables():
    _offer(_table)
