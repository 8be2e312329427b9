"""The API under ``/api/v1/``: the same records, policies and actions as the pages.

Rows are read with paging by key; numbers and money are exact decimals, written as texts.
"""

from contextlib import suppress
from datetime import date
from decimal import Decimal
from functools import cache
from hashlib import sha256
from typing import Any, Literal

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Body, Header, NinjaAPI, Query, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security import HttpBearer
from pydantic import Field, create_model

from onshore.desk import keys  # noqa: F401  (registers a converter)
from onshore.desk.actions.acting import AlreadyDone, Refused, Stale
from onshore.desk.actions.needs import BY_NAME
from onshore.desk.actions.tokens import holder_of
from onshore.desk.actor import Actor, actor_of
from onshore.desk.models import RECORDS, Candidate, Claim, Deal, Need, Offer, Package, Role
from onshore.desk.models.record_tables import field_name
from onshore.desk.policies import NotAllowed, find, visible
from onshore.desk.showing import choice_label
from onshore.desk.states import MOVES, moves_from
from onshore.desk.wording import sentence
from onshore.records import Column, schema

MOST = 500
_TEXT = r"^[^\x00]*$"  # PostgreSQL keeps no NUL in texts
PRICES = ("import_price", "currency", "incoterm", "freight_insurance", "price_date")
"""Columns of a need that only its buyer and the programme's people see."""

_TYPES: dict[str, Any] = {
    "number": str,
    "money": str,
    "signed": str,
    "share": float,
    "whole": int,
    "bool": bool,
    "date": date,
}


class Token(HttpBearer):
    """A person's token: ``Authorization: Bearer onshore_…``."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        """Find who acts; nobody where the token is unknown or has ended."""
        user = holder_of(token)
        if user is None:
            return None
        request.actor = actor_of(user, timezone.localdate())
        return request.actor if request.actor.user else None


api = NinjaAPI(
    title="onshore",
    version="1",
    description="Needs, offers, candidates, deals, claims and packages of the programme, "
    "and the moves of a need's life.",
    auth=Token(),
    docs_url=None,
    openapi_url="openapi.json",
    urls_namespace="api-1",
)


class Fault(Schema):
    """What stands against a request, and what to do."""

    error: str = Field(description="What is wrong.")
    next_step: str = Field("", description="What to do.")
    field: str = Field("", description="The fact that it is about, if one.")


def _row_schema(table: str) -> type[Schema]:
    """Make the schema of a row: all columns of the table, by their names in the records."""
    told = schema(table)
    fields: dict[str, Any] = {}
    for column in told:
        kind = _TYPES.get(column.type, str)
        meaning = f"{column.meaning} ({column.unit})" if column.unit else column.meaning
        fields[_plain_name(column)] = (
            kind if column.name in told.key else kind | None,
            Field(... if column.name in told.key else None, alias=column.name, description=meaning),
        )
    extra = _EXTRA.get(table, {})
    name = told.title.title().replace(" ", "").removesuffix("s")
    return create_model(name, __base__=Schema, **fields, **extra)


def _plain_name(column: Column) -> str:
    return field_name(column.name) if column.name in ("class", "from") else column.name


_EXTRA: dict[str, dict[str, Any]] = {
    "needs": {
        "version": (int, Field(description="Raised by each change; sent along with a move.")),
        "state_since": (date | None, Field(None, description="Day it came to its state.")),
        "due": (date | None, Field(None, description="Day by which somebody has to act.")),
        "moves": (
            list[str],
            Field(default_factory=list, description="Moves that start from its state."),
        ),
    },
}
NeedRow = _row_schema("needs")
OfferRow = _row_schema("offers")
CandidateRow = _row_schema("candidates")
DealRow = _row_schema("deals")
ClaimRow = _row_schema("claims")
PackageRow = _row_schema("packages")


def _page_schema(name: str, row: type[Schema]) -> type[Schema]:
    return create_model(
        name,
        __base__=Schema,
        rows=(list[row], Field(description="The rows, by key.")),  # type: ignore[valid-type]
        next=(str | None, Field(None, description="What `after` has to be for the next page.")),
    )


NeedPage = _page_schema("NeedPage", NeedRow)
OfferPage = _page_schema("OfferPage", OfferRow)
CandidatePage = _page_schema("CandidatePage", CandidateRow)
DealPage = _page_schema("DealPage", DealRow)
ClaimPage = _page_schema("ClaimPage", ClaimRow)
PackagePage = _page_schema("PackagePage", PackageRow)


class Paging(Schema):
    """Which rows: those after a key, at most so many."""

    after: str = Field("", max_length=200, pattern=_TEXT, description="Only rows after this key.")
    limit: int = Field(100, ge=1, le=MOST, description="Most rows of the page.")


class NeedsAsked(Paging):
    """Which needs."""

    state: str = Field("", pattern=_TEXT, description="Only needs in this state.")
    buyer_id: str = Field("", pattern=_TEXT, description="Only needs of this buyer.")
    sector: str = Field("", pattern=_TEXT, description="Only needs of this sector.")


class CandidatesAsked(Paging):
    """Which candidates."""

    need_id: str = Field("", pattern=_TEXT, description="Only candidates of this need.")


class Move(Schema):
    """A move of a need's life."""

    move: Literal[tuple(MOVES)] = Field(description="Name of the move.")  # type: ignore[valid-type]
    version: int | None = Field(
        None, description="Version of the need that you saw; another one is refused."
    )
    reason: str = Field(
        "", max_length=4000, pattern=_TEXT, description="Why, where a reason is due."
    )
    facts: dict[str, Any] = Field(
        default_factory=dict,
        description="What the move needs besides, such as quotation_id, maker_id or signed.",
    )


_FAULTS = {401: Fault, 403: Fault, 404: Fault, 409: Fault, 422: Fault, 429: Fault}


@api.get("needs/", response={200: NeedPage, **_FAULTS}, by_alias=True, summary="Needs")
def needs(request: HttpRequest, asked: Query[NeedsAsked]) -> dict[str, Any]:
    """Needs that you see, by key; import prices only where you may see them."""
    rows = visible(request.actor, Need)
    for name in ("state", "buyer_id", "sector"):
        if value := getattr(asked, name):
            rows = rows.filter(**{name: value})
    return _page(request.actor, rows, asked)


@api.get("needs/{key:key}/", response={200: NeedRow, **_FAULTS}, by_alias=True, summary="A need")
def need(request: HttpRequest, key: str) -> dict[str, Any]:
    """One need."""
    return _told(request.actor, find(request.actor, Need, key))


@api.post(
    "needs/{key:key}/moves/",
    response={200: NeedRow, **_FAULTS},
    by_alias=True,
    summary="Move a need",
)
def move(
    request: HttpRequest,
    key: str,
    asked: Body[Move],
    idempotency_key: str = Header(
        "",
        max_length=200,
        alias="Idempotency-Key",
        description="A text of your own; a request that repeats it is not done again.",
    ),
) -> dict[str, Any]:
    """Move a need to another state, with the same guards as the pages."""
    find(request.actor, Need, key)
    once = ""
    if idempotency_key:
        once = sha256(f"{request.actor.name} {key} {idempotency_key}".encode()).hexdigest()
    with suppress(AlreadyDone):
        BY_NAME[asked.move](
            request.actor,
            key,
            version=asked.version,
            reason=asked.reason,
            once=once,
            **_facts(asked.facts),
        )
    return _told(request.actor, find(request.actor, Need, key))


@api.get("offers/", response={200: OfferPage, **_FAULTS}, by_alias=True, summary="Offers")
def offers(request: HttpRequest, asked: Query[Paging]) -> dict[str, Any]:
    """Offers that you see: what makers can make."""
    return _page(request.actor, visible(request.actor, Offer), asked)


@api.get(
    "offers/{key:key}/", response={200: OfferRow, **_FAULTS}, by_alias=True, summary="An offer"
)
def offer(request: HttpRequest, key: str) -> dict[str, Any]:
    """One offer."""
    return _told(request.actor, find(request.actor, Offer, key))


@api.get(
    "candidates/", response={200: CandidatePage, **_FAULTS}, by_alias=True, summary="Candidates"
)
def candidates(request: HttpRequest, asked: Query[CandidatesAsked]) -> dict[str, Any]:
    """Needs set beside offers, with reasons and decisions; “after” is a number."""
    rows = visible(request.actor, Candidate)
    if asked.need_id:
        rows = rows.filter(need_id=asked.need_id)
    return _page(request.actor, rows, asked)


@api.get("deals/", response={200: DealPage, **_FAULTS}, by_alias=True, summary="Deals")
def deals(request: HttpRequest, asked: Query[Paging]) -> dict[str, Any]:
    """Memoranda and contracts that you see."""
    return _page(request.actor, visible(request.actor, Deal), asked)


@api.get("claims/", response={200: ClaimPage, **_FAULTS}, by_alias=True, summary="Claims")
def claims(request: HttpRequest, asked: Query[Paging]) -> dict[str, Any]:
    """Savings claimed, each with its basis."""
    return _page(request.actor, visible(request.actor, Claim), asked)


@api.get("packages/", response={200: PackagePage, **_FAULTS}, by_alias=True, summary="Packages")
def packages(request: HttpRequest, asked: Query[Paging]) -> dict[str, Any]:
    """Needs grouped for expressions of interest."""
    return _page(request.actor, visible(request.actor, Package), asked)


def _page(actor: Actor, rows: Any, asked: Paging) -> dict[str, Any]:
    after = asked.after
    if after:
        if rows.model is Candidate and not (after.isdecimal() and len(after) < 19):
            raise Refused(_("`after` has to be a number here."), _("Take it from the page before."))
        rows = rows.filter(pk__gt=after)
    found = list(rows.order_by("pk")[: asked.limit + 1])
    here = found[: asked.limit]
    more = str(here[-1].pk) if len(found) > asked.limit else None
    return {"rows": [_told(actor, row) for row in here], "next": more}


def _told(actor: Actor, row: Any) -> dict[str, Any]:
    """Give a row by the columns of the records, without what the actor may not see."""
    told = {name: _value(getattr(row, of)) for name, of in _attributes(row.table).items()}
    if isinstance(row, Need):
        told |= {"version": row.version, "state_since": row.state_since, "due": row.due}
        told["moves"] = [move.name for move in moves_from(row.state)]
        if not _sees_prices(actor, row):
            told |= dict.fromkeys(PRICES)
    return told


def _sees_prices(actor: Actor, row: Any) -> bool:
    if actor.is_a(Role.OFFICER, Role.AUDITOR, Role.ANALYST):
        return True
    return row.buyer_id in actor.organisations(Role.ENGINEER, Role.VERIFIER)


@cache
def _attributes(table: str) -> dict[str, str]:
    """Give the model's attribute of each column of a table."""
    by_column = {told.column: told.attname for told in RECORDS[table]._meta.concrete_fields}
    return {column.name: by_column[column.name] for column in schema(table)}


def _value(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return None if value == "" else value


_OTHER_FACTS = frozenset({"quotation_id", "debrief", "qualification_id", "offer_id", "stage"})


def _facts(facts: dict[str, Any]) -> dict[str, Any]:
    """Read the facts of a move: days and numbers as the cells of the records are read."""
    from onshore.records import read_rows

    columns = {column.name for column in schema("deals")}
    own = set(facts) - columns - _OTHER_FACTS
    own |= {name for name, value in facts.items() if "\0" in f"{name}{value}"}
    if own:
        step = _("See the description of the API for what is taken.")
        raise Refused(_("These are no facts: %s.") % ", ".join(sorted(own)), step, "facts")
    typed = {name: str(value) for name, value in facts.items() if name in columns}
    read = read_rows("deals", [typed]) if typed else None
    if read is not None:
        for column, reason, step in read.errors.select("column", "reason", "next_step").rows():
            if column in typed:
                raise Refused(sentence(reason), sentence(step), column)
        facts = facts | {name: read.frame[name][0] for name in typed}
    return facts


@api.exception_handler(Refused)
def _refused(request: HttpRequest, error: Refused) -> HttpResponse:
    told = {"error": error.reason, "next_step": error.next_step, "field": error.field}
    return api.create_response(request, told, status=409 if isinstance(error, Stale) else 422)


@api.exception_handler(NotAllowed)
def _not_allowed(request: HttpRequest, error: NotAllowed) -> HttpResponse:
    return _fault(request, 403, _("Your role does not allow this."))


@api.exception_handler(Http404)
def _not_there(request: HttpRequest, error: Http404) -> HttpResponse:
    return _fault(request, 404, _("There is no such record, or your role does not see it."))


@api.exception_handler(AuthenticationError)
def _nobody(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    step = _("Send a token that has not ended: Authorization: Bearer onshore_…")
    response = _fault(request, 401, _("No valid token was sent."), step)
    response["WWW-Authenticate"] = "Bearer"
    return response


@api.exception_handler(HttpError)
def _no_json(request: HttpRequest, error: HttpError) -> HttpResponse:
    if error.status_code != 400:
        return _fault(request, error.status_code, str(error))
    return _fault(request, 400, _("The body of the request is not JSON."), _("Send it as JSON."))


@api.exception_handler(ValidationError)
def _unreadable(request: HttpRequest, error: ValidationError) -> HttpResponse:
    first = error.errors[0] if error.errors else {}
    field = ".".join(str(part) for part in first.get("loc", ())[1:])
    step = _("See the description of the API for what is taken.")
    told = {"error": str(first.get("msg", "")), "next_step": step, "field": field}
    return api.create_response(request, told, status=422)


def _fault(request: HttpRequest, status: int, error: str, next_step: str = "") -> HttpResponse:
    told = {"error": error, "next_step": next_step, "field": ""}
    return api.create_response(request, told, status=status)


def state_names() -> dict[str, str]:
    """Give the states of a need with their names in the page's language."""
    return {state: choice_label(state) for state in schema("needs").column("state").choices}
