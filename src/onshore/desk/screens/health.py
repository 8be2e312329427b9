"""Whether the desk is well, for machines: only from this machine, or with a token."""

import hmac
import os
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import path

from onshore import __version__
from onshore.desk.auditing import audit
from onshore.desk.pages.forms import open_to_all
from onshore.desk.running import measures, worker

_HERE = frozenset({"127.0.0.1", "::1"})


def _for_watchers(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer only this machine, or who has the token ``ONSHORE_HEALTH_TOKEN``."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        token = os.environ.get("ONSHORE_HEALTH_TOKEN", "")
        sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
        known = bool(token) and hmac.compare_digest(sent.encode(), token.encode())
        forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
        local = request.META.get("REMOTE_ADDR") in _HERE and not forwarded
        if not (known or local):
            raise Http404
        response = view(request)
        response["Cache-Control"] = "no-store"
        return response

    return guarded


@open_to_all
@_for_watchers
def health(request: HttpRequest) -> HttpResponse:
    """Tell whether the database answers and the worker works: 200, else 503."""
    state: dict[str, Any] = {"version": __version__, "database": connection.vendor}
    try:
        state["audit"] = audit.head()[0]
        state["worker"] = worker.is_alive()
    except DatabaseError as failure:
        state["database"] = f"fails: {failure}"
    well = bool(state.get("worker"))
    state["state"] = "well" if well else "not well"
    return JsonResponse(state, status=200 if well else 503)


@open_to_all
@_for_watchers
def metrics(request: HttpRequest) -> HttpResponse:
    """Give what this process counts and what the database holds, as Prometheus' text."""
    text = "\n".join((*measures.of_process(), *measures.of_database(), ""))
    return HttpResponse(text, content_type="text/plain; version=0.0.4; charset=utf-8")


urlpatterns = [path("health/", health, name="health"), path("metrics", metrics, name="metrics")]
