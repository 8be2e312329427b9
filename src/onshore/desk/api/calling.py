"""How the API is called: the token, what each operation answers, what went wrong."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security import HttpBearer

from onshore.desk.actions.acting import Refused, Stale
from onshore.desk.actions.tokens import acting_by
from onshore.desk.actor import Actor
from onshore.desk.policies import NotAllowed

WRITES = (200, 400, 401, 403, 404, 409, 413, 422, 429)
_MEANINGS = {
    400: "The body is not JSON.",
    401: "No valid token was sent.",
    403: "The role does not allow this, or the token only reads.",
    404: "There is no such record, or the role does not see it.",
    409: "Somebody changed the record since it was read.",
    413: "The body is too large.",
    422: "The request cannot be read, or cannot be done: `field` names what it is about.",
    429: "Too many requests in a minute: wait as many seconds as `Retry-After` says.",
}
_TEXT = {"type": "string"}
_FAULT = {
    "type": "object",
    "required": ["error", "next_step", "field"],
    "properties": {
        "error": {**_TEXT, "description": "What is wrong, in the language of Accept-Language."},
        "next_step": {**_TEXT, "description": "What to do."},
        "field": {**_TEXT, "description": "The field or fact that it is about, if one."},
        "seconds": {"type": "integer", "description": "How long to wait; with 429 only."},
    },
}


class Token(HttpBearer):
    """A person's token: ``Authorization: Bearer onshore_…``."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        """Find who acts; nobody where the token is unknown or has ended."""
        found = acting_by(token, timezone.localdate())
        if found is None:
            return None
        request.actor, reads_only = found
        if reads_only and request.method != "GET":
            raise NotAllowed("write")
        return request.actor


@dataclass(frozen=True)
class Answer:
    """What an operation answers: the component of its body, and the statuses it may have."""

    component: str
    statuses: tuple[int, ...]


class DeskApi(NinjaAPI):
    """The API; what its answers hold is told by `components`, not checked row by row."""

    def __init__(self, **told: Any) -> None:
        super().__init__(**told)
        self.answers: dict[str, Answer] = {}
        self.components: dict[str, Callable[[], dict[str, Any]]] = {"Fault": lambda: _FAULT}

    def offer(
        self, method: str, path: str, name: str, answer: Answer, **told: Any
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Add an operation by its name."""
        self.answers[name] = answer
        return self.api_operation([method], path, operation_id=name, url_name=name, **told)

    def get_openapi_schema(self, **told: Any) -> Any:
        """Describe the API as OpenAPI 3.1."""
        described: Any = super().get_openapi_schema(**told)
        for methods in described["paths"].values():
            for operation in methods.values():
                answer = self.answers[operation["operationId"]]
                operation["responses"] = _responses(answer)
        schemas = described["components"].setdefault("schemas", {})
        schemas |= {name: make() for name, make in sorted(self.components.items())}
        described["components"]["responses"] = {
            f"Fault{status}": {
                "description": meaning,
                "content": _json({"$ref": "#/components/schemas/Fault"}),
            }
            for status, meaning in _MEANINGS.items()
        }
        return described


def _responses(answer: Answer) -> dict[str, Any]:
    good = {"$ref": f"#/components/schemas/{answer.component}"}
    return {
        str(status): {"description": "OK", "content": _json(good)}
        if status < 300
        else {"$ref": f"#/components/responses/Fault{status}"}
        for status in answer.statuses
    }


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


api = DeskApi(
    title="onshore",
    version="1",
    description="Every record of the programme, by the policies of the pages, and the moves "
    "that change them.",
    auth=Token(),
    docs_url=None,
    openapi_url="openapi.json",
    urls_namespace="api-1",
)


@cache
def document() -> dict[str, Any]:
    """Describe the API under ``/api/v1/``, as OpenAPI."""
    described: dict[str, Any] = api.get_openapi_schema(path_prefix="/api/v1/")
    return described


@api.exception_handler(Refused)
def _refused(request: HttpRequest, error: Refused) -> HttpResponse:
    status = 409 if isinstance(error, Stale) else 422
    return _fault(request, status, error.reason, error.next_step, error.field)


@api.exception_handler(NotAllowed)
def _not_allowed(request: HttpRequest, error: NotAllowed) -> HttpResponse:
    if str(error) == "write":
        step = _("Make a token that may also change records.")
        return _fault(request, 403, _("This token only reads."), step)
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


@api.exception_handler(SuspiciousOperation)
def _too_large(request: HttpRequest, error: SuspiciousOperation) -> HttpResponse:
    return _fault(request, 413, _("The request is too large."), _("Send less at once."))


@api.exception_handler(ValidationError)
def _unreadable(request: HttpRequest, error: ValidationError) -> HttpResponse:
    first = error.errors[0] if error.errors else {}
    field = ".".join(str(part) for part in first.get("loc", ())[-1:])
    step = _("See the description of the API for what is taken.")
    return _fault(request, 422, _unread(first), step, field)


def _unread(fault: dict[str, Any]) -> str:
    """Say what stands against a value, in the language asked for."""
    kind, told = str(fault.get("type", "")), fault.get("ctx") or {}
    if kind in ("greater_than_equal", "less_than_equal"):
        least = kind == "greater_than_equal"
        says = _("It has to be at least %s.") if least else _("It may be at most %s.")
        return says % told.get("ge" if least else "le")
    if kind == "missing":
        return _("It is missing.")
    if kind == "literal_error":
        return _("It has to be one of these: %s.") % str(told.get("expected", "")).replace("'", "")
    if kind == "string_too_long":
        return _("It is too long: at most %s characters.") % told.get("max_length")
    if kind.startswith(("int_", "float_")):
        return _("It is not a whole number.")
    if kind == "extra_forbidden":
        return _("There is no such parameter.")
    return _("It cannot be read.")


def _fault(
    request: HttpRequest, status: int, error: str, next_step: str = "", field: str = ""
) -> HttpResponse:
    told = {"error": error, "next_step": next_step, "field": field}
    return api.create_response(request, told, status=status)
