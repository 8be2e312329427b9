"""How often one person, or one address, may write or ask the API within a minute.

Limits are for each process. ``ONSHORE_WRITES_A_MINUTE`` and ``ONSHORE_API_A_MINUTE`` change
them; 0 lifts one. An address may do `ADDRESS_SHARE` times what a person may, since an office
may stand behind one address.
"""

import os
import time
from collections.abc import Callable, Iterator

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from onshore.desk.pages.wording import language
from onshore.figures.shown import number

WRITES_A_MINUTE = 120
API_A_MINUTE = 600
ADDRESS_SHARE = 5
_WINDOW = 60
_FOR_PROGRAMS = ("/api/", "/ogc/")
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class RateLimit:
    """Answers 429, with the seconds to wait, to who asks too often."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        now = time.time()
        over = [_over(who, most, now) for who, most in _limits(request)]
        if any(over):
            return _too_often(request, int(_WINDOW - now % _WINDOW) + 1)
        return self.answer(request)


def _limits(request: HttpRequest) -> Iterator[tuple[str, int]]:
    """Give the counters that a request falls under, each with its limit."""
    api = request.path.startswith(_FOR_PROGRAMS)
    if api:
        most = int(os.environ.get("ONSHORE_API_A_MINUTE", API_A_MINUTE))
    elif request.method in _SAFE:
        return
    else:
        most = int(os.environ.get("ONSHORE_WRITES_A_MINUTE", WRITES_A_MINUTE))
    if not most:
        return
    what = "api" if api else "write"
    yield f"{what} address {request.META.get('REMOTE_ADDR', '')}", most * ADDRESS_SHARE
    token = request.headers.get("Authorization", "")
    if request.user.is_authenticated:
        yield f"{what} user {request.user.pk}", most
    elif token:
        yield f"{what} token {hash(token)}", most


def _over(who: str, most: int, now: float) -> bool:
    """Count once more, and tell whether it is too often within this minute."""
    key = f"rate:{who}:{int(now // _WINDOW)}".replace(" ", ":")
    cache.add(key, 0, timeout=2 * _WINDOW)
    try:
        return cache.incr(key) > most
    except ValueError:  # the cache let go of it just now
        return False


def _too_often(request: HttpRequest, seconds: int) -> HttpResponse:
    if request.path.startswith(_FOR_PROGRAMS):
        body = {"error": f"Too many requests. Wait {seconds} seconds.", "seconds": seconds}
        response: HttpResponse = JsonResponse(body, status=429)
    else:
        told = {
            "title": _("Too many requests in a short time"),
            "next_step": _("Nothing was changed. Wait %s seconds and send it again.")
            % number(seconds, language()),
        }
        response = render(request, "desk/failure.html", told, status=429)
    response["Retry-After"] = str(seconds)
    return response
