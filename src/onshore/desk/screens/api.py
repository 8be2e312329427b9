"""The API's addresses, its description, and a person's tokens."""

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
from onshore.desk.actor import Actor
from onshore.desk.api import MAKINGS, MOVES_OF, api, component, document, state_names
from onshore.desk.models import ApiToken, Role
from onshore.desk.pages.forms import NumberField, OnceForm, form_for, signed_in, typed_as
from onshore.desk.pages.wording import column_label, language, table_label
from onshore.desk.policies import find, visible
from onshore.desk.states import MOVES
from onshore.records import schema, tables


class TokenForm(OnceForm):
    """What a token is for, what it may do, and how long it is good."""

    name = forms.CharField(label=gettext_lazy("What it is for"), max_length=80)
    role = forms.ChoiceField(
        label=gettext_lazy("In which role it acts"),
        required=False,
        help_text=gettext_lazy("A program needs no more than what it is for."),
    )
    reads_only = forms.BooleanField(
        label=gettext_lazy("It only reads"), required=False, initial=True
    )
    days = NumberField(
        label=gettext_lazy("Good for how many days"),
        whole=True,
        initial=lambda: typed_as(90),
        help_text=gettext_lazy("At most 366."),
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = [(role, Role(role).label) for role in sorted(actor.roles)]
        field: Any = self.fields["role"]
        field.choices = [("", _("in all that I have")), *own]


@signed_in
@never_cache
def tokens(request: HttpRequest) -> HttpResponse:
    """List one's tokens, and make another: it is shown once."""
    form, token, status = form_for(request, TokenForm, actor=request.actor), "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            typed = form.cleaned_data
            try:
                _made, token = actions.make(
                    request.actor,
                    typed["name"],
                    typed["days"],
                    role=typed["role"],
                    reads_only=typed["reads_only"],
                    once=typed["once"],
                )
                form, status = TokenForm(actor=request.actor), 200
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
        "tokens": _own_tokens(request.actor),
        "now": timezone.now(),
    }
    return render(request, "desk/api/tokens.html", context, status=status)


def _own_tokens(actor: Actor) -> list[Any]:
    own = list(visible(actor, ApiToken).order_by("-created"))
    for one in own:
        one.role_label = Role(one.role).label if one.role else ""
    return own


@signed_in
@require_POST
def end_token(request: HttpRequest, token_id: int) -> HttpResponse:
    """End a token."""
    find(request.actor, ApiToken, token_id)
    actions.end(request.actor, token_id)
    messages.success(request, _("The token has ended."))
    return redirect("tokens")


_SAID = (
    gettext_noop("Only rows after this key."),
    gettext_noop("Most rows of the page."),
    gettext_noop("A text of your own; a request that repeats it is not done again."),
    gettext_noop("Name of the move."),
    gettext_noop("Version of the record that you saw; another one is refused."),
    gettext_noop("Why, where a reason is due."),
    gettext_noop("What the move needs besides; read as the cells of a sheet are."),
    gettext_noop("Its columns; read as the cells of a sheet are."),
    gettext_noop("Raised by each change; sent along with a move."),
    gettext_noop("Day it came to its state."),
    gettext_noop("Day by which somebody has to act."),
    gettext_noop("Moves that start from its state."),
    gettext_noop("Number of the row, which addresses it."),
)
"""What `onshore.desk.api` says of itself, for the page in another language."""


@signed_in
def api_docs(request: HttpRequest) -> HttpResponse:
    """Describe the API: its tables; of the one chosen, what its operations take and give."""
    chosen = request.GET.get("table", "")
    told = document()
    context = {
        "title": _("How programs read and move the programme's records"),
        "tables": [_table(name) for name in tables()],
        "chosen": _table(chosen) if chosen in tables() else None,
        "base": request.build_absolute_uri("/").rstrip("/"),
        "document": reverse("api-1:openapi-json"),
    }
    if context["chosen"]:
        context["operations"] = [
            _operation(told["components"]["schemas"], chosen, address, method, operation)
            for address, methods in told["paths"].items()
            if address.startswith(f"/api/v1/{chosen}/")
            for method, operation in methods.items()
        ]
        context["rows"] = _fields(told["components"]["schemas"], component(chosen), chosen)
        context["moves"] = [(one.name, gettext(one.says)) for one in MOVES_OF.get(chosen, ())]
    if chosen == "needs":
        context["moves"] = [(move.name, move.label) for move in MOVES.values()]
        context["states"] = state_names().items()
    return render(request, "desk/api/docs.html", context)


def _table(name: str) -> dict[str, Any]:
    moves = "needs" if name == "needs" else MOVES_OF.get(name)
    return {
        "name": name,
        "label": table_label(name),
        "makes": name in MAKINGS,
        "moves": bool(moves),
    }


def _operation(
    schemas: dict[str, Any], table: str, address: str, method: str, operation: dict[str, Any]
) -> dict[str, Any]:
    asked = [one for one in operation.get("parameters", ()) if one["in"] != "path"]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    told = _fields(schemas, _name(body["schema"]["$ref"]), table) if body else []
    facts = schemas[_name(body["schema"]["$ref"])]["properties"]["facts"] if body else {}
    return {
        "method": method.upper(),
        "path": address,
        "parameters": [_field(one["name"], {**one["schema"], **one}, table) for one in asked],
        "body": told,
        "facts": [_field(name, fact, table) for name, fact in facts.get("properties", {}).items()],
    }


def _fields(schemas: dict[str, Any], name: str, table: str) -> list[dict[str, str]]:
    return [_field(name, told, table) for name, told in schemas[name]["properties"].items()]


def _field(name: str, told: dict[str, Any], table: str) -> dict[str, str]:
    """Tell what a field is; one that is a column, in Persian by what the column is called."""
    kinds = told.get("anyOf", [told])
    formats = [one.get("format") or one.get("type", "") for one in kinds]
    flat = [kind for one in formats for kind in ([one] if isinstance(one, str) else one)]
    kind = " | ".join(one for one in flat if one and one != "null")
    said = told.get("description", "")
    if said not in _SAID and language() == "fa":
        is_column = name in schema(table).dtypes
        return {
            "name": name,
            "kind": kind,
            "meaning": column_label(table, name) if is_column else "",
        }
    return {"name": name, "kind": kind, "meaning": gettext(said) if said in _SAID else said}


def _name(reference: str) -> str:
    return reference.rpartition("/")[2]


urlpatterns = [
    path("api/", api_docs, name="api_docs"),
    path("api/v1/", api.urls),
    path("account/tokens/", tokens, name="tokens"),
    path("account/tokens/<int:token_id>/end/", end_token, name="end_token"),
]
