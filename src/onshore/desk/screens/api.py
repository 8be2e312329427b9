"""The API's addresses, its description, and a person's tokens."""

from functools import cache
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy, gettext_noop
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from onshore.desk.actions import tokens as actions
from onshore.desk.actions.acting import AlreadyDone, Refused
from onshore.desk.api import api, state_names
from onshore.desk.forms import NumberField, OnceForm, form_for, signed_in, typed_as
from onshore.desk.models import ApiToken
from onshore.desk.policies import find, visible
from onshore.desk.states import MOVES
from onshore.desk.wording import column_label, language
from onshore.records import schema


class TokenForm(OnceForm):
    """What a token is for, and how long it is good."""

    name = forms.CharField(label=gettext_lazy("What it is for"), max_length=80)
    days = NumberField(
        label=gettext_lazy("Good for how many days"),
        whole=True,
        initial=lambda: typed_as(90),
        help_text=gettext_lazy("At most 366."),
    )


@signed_in
@never_cache
def tokens(request: HttpRequest) -> HttpResponse:
    """List one's tokens, and make another: it is shown once."""
    form, token, status = form_for(request, TokenForm), "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            typed = form.cleaned_data
            try:
                _made, token = actions.make(
                    request.actor, typed["name"], typed["days"], once=typed["once"]
                )
                form, status = TokenForm(), 200
            except AlreadyDone:
                messages.info(request, _("This token was made already, and is shown only once."))
                return redirect("tokens")
            except Refused as refused:
                form.add_error(refused.field or None, str(refused))
    context = {
        "title": _("Your tokens for the API"),
        "form": form,
        "button": _("Make a token"),
        "token": token,
        "tokens": visible(request.actor, ApiToken).order_by("-created"),
        "now": timezone.now(),
    }
    return render(request, "desk/api/tokens.html", context, status=status)


@signed_in
@require_POST
def end_token(request: HttpRequest, token_id: int) -> HttpResponse:
    """End a token."""
    find(request.actor, ApiToken, token_id)
    actions.end(request.actor, token_id)
    messages.success(request, _("The token has ended."))
    return redirect("tokens")


_SAID = (
    gettext_noop("Needs that you see, by key; import prices only where you may see them."),
    gettext_noop("One need."),
    gettext_noop("Move a need to another state, with the same guards as the pages."),
    gettext_noop("Offers that you see: what makers can make."),
    gettext_noop("One offer."),
    gettext_noop("Needs set beside offers, with reasons and decisions; “after” is a number."),
    gettext_noop("Memoranda and contracts that you see."),
    gettext_noop("Savings claimed, each with its basis."),
    gettext_noop("Needs grouped for expressions of interest."),
    gettext_noop("Only rows after this key."),
    gettext_noop("Most rows of the page."),
    gettext_noop("Only needs in this state."),
    gettext_noop("Only needs of this buyer."),
    gettext_noop("Only needs of this sector."),
    gettext_noop("Only candidates of this need."),
    gettext_noop("A text of your own; a request that repeats it is not done again."),
    gettext_noop("Name of the move."),
    gettext_noop("Version of the need that you saw; another one is refused."),
    gettext_noop("Why, where a reason is due."),
    gettext_noop("What the move needs besides, such as quotation_id, maker_id or signed."),
    gettext_noop("Raised by each change; sent along with a move."),
    gettext_noop("Day it came to its state."),
    gettext_noop("Day by which somebody has to act."),
    gettext_noop("Moves that start from its state."),
)
"""What `onshore.desk.api` says of itself, for the page in another language."""


@signed_in
def api_docs(request: HttpRequest) -> HttpResponse:
    """Describe the API: its operations, what they take and give."""
    told = _document()
    context = {
        "title": _("How programs read and move the programme's records"),
        "operations": [
            _operation(told["components"]["schemas"], address, method, operation)
            for address, methods in told["paths"].items()
            for method, operation in methods.items()
        ],
        "base": request.build_absolute_uri("/").rstrip("/"),
        "document": reverse("api-1:openapi-json"),
        "states": state_names().items(),
        "moves": [(move.name, move.label) for move in MOVES.values()],
    }
    return render(request, "desk/api/docs.html", context)


@cache
def _document() -> Any:
    return api.get_openapi_schema()


def _operation(
    schemas: dict[str, Any], address: str, method: str, operation: dict[str, Any]
) -> dict[str, Any]:
    table = address.removeprefix("/api/v1/").partition("/")[0]
    asked = [one for one in operation.get("parameters", ()) if one["in"] != "path"]
    return {
        "method": method.upper(),
        "path": address,
        "description": _said(operation["description"]),
        "parameters": [_field(one["name"], {**one["schema"], **one}) for one in asked],
        "body": _fields(schemas, _body(operation)),
        "rows": _fields(schemas, _rows(schemas, operation), table),
    }


def _body(operation: dict[str, Any]) -> str:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    return body.get("schema", {}).get("$ref", "")


def _rows(schemas: dict[str, Any], operation: dict[str, Any]) -> str:
    """Give the reference of the row that an operation answers with."""
    answer = operation["responses"][200]["content"]["application/json"]["schema"]["$ref"]
    rows = schemas[_name(answer)]["properties"].get("rows", {})
    return rows.get("items", {}).get("$ref", answer)


def _fields(schemas: dict[str, Any], reference: str, table: str = "") -> list[dict[str, str]]:
    if not reference:
        return []
    found = schemas[_name(reference)]["properties"]
    return [_field(name, told, table) for name, told in found.items()]


def _field(name: str, told: dict[str, Any], table: str = "") -> dict[str, str]:
    kinds = told.get("anyOf", [told])
    formats = [one.get("format") or one.get("type", "") for one in kinds]
    kind = " | ".join(one for one in formats if one and one != "null")
    if table and name in schema(table).dtypes and language() == "fa":
        return {"name": name, "kind": kind, "meaning": column_label(table, name)}
    return {"name": name, "kind": kind, "meaning": _said(told["description"])}


def _said(text: str) -> str:
    """Tell a sentence of `_SAID` in the page's language."""
    return gettext(text)


def _name(reference: str) -> str:
    return reference.rpartition("/")[2]


urlpatterns = [
    path("api/", api_docs, name="api_docs"),
    path("api/v1/", api.urls),
    path("account/tokens/", tokens, name="tokens"),
    path("account/tokens/<int:token_id>/end/", end_token, name="end_token"),
]
