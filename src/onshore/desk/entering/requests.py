"""What happens to every request: its language, its actor, its line in the log."""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.functional import SimpleLazyObject
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from onshore.desk.actor import actor_of
from onshore.desk.models import ProgrammeSettings
from onshore.desk.policies import NotAllowed

_log = logging.getLogger("onshore.desk.requests")
_Answer = Callable[[HttpRequest], HttpResponse]


class RequestLog:
    """Logs method, path, status, milliseconds and user of each request; never its contents."""

    def __init__(self, answer: _Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.answer(request)
        milliseconds = round((time.perf_counter() - began) * 1000, 1)
        response["Server-Timing"] = f"app;dur={milliseconds}"
        facts = {
            "method": request.method,
            "path": request.path,
            "status": response.status_code,
            "ms": milliseconds,
            "user": getattr(getattr(request, "actor", None), "name", "public"),
        }
        _log.info("request", extra={"facts": facts})
        return response


class Language:
    """The language of the request: the one chosen on the page, else the browser's."""

    def __init__(self, answer: _Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        known = dict(settings.LANGUAGES)
        language = chosen if chosen in known else translation.get_language_from_request(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.answer(request)
            response.headers.setdefault("Content-Language", language)
        return response


class ActorMiddleware:
    """Puts the actor on the request: who acts and what they are today."""

    def __init__(self, answer: _Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = SimpleLazyObject(lambda: actor_of(request.user, timezone.localdate()))
        return self.answer(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer what a policy refused with the page that says so."""
        from onshore.desk.screens.failures import expired_form, forbidden

        if not isinstance(error, NotAllowed):
            return None
        if request.actor.user is None:
            if request.method == "POST":
                return expired_form(request)
            return redirect(f"{reverse('sign_in')}?{urlencode({'next': request.get_full_path()})}")
        return forbidden(request)


class WrongMethod:
    """Says what may be done at an address that was asked in a way it does not take."""

    def __init__(self, answer: _Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        from onshore.desk.screens.failures import wrong_method

        response = self.answer(request)
        if response.status_code != 405:
            return response
        allowed = response.headers.get("Allow", "")
        if request.path.startswith("/api/"):
            told = {"error": _("This address does not take %s.") % request.method}
            told |= {"next_step": _("It takes %s.") % allowed, "field": ""}
            answer: HttpResponse = JsonResponse(told, status=405)
        else:
            answer = wrong_method(request)
        answer["Allow"] = allowed
        return answer


def page_context(request: HttpRequest) -> dict[str, Any]:
    """Give every template the actor and the page's language and direction."""
    language = translation.get_language() or "en"
    return {
        "actor": getattr(request, "actor", None),
        "language": language,
        "direction": "rtl" if language == "fa" else "ltr",
        "illustrative": _is_illustrative,
    }


def _is_illustrative() -> bool:
    """Whether the programme is an example; asked of the database once a minute."""
    return bool(cache.get_or_set("illustrative-programme", _illustrative, 60))


def _illustrative() -> bool:
    held = ProgrammeSettings.objects.values_list("settings__illustrative", flat=True).first()
    return bool(held)
