"""Language, colours and saved filters."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import path
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from onshore.desk.actions import preferences
from onshore.desk.actions.acting import Refused
from onshore.desk.pages.forms import open_to_all, signed_in
from onshore.desk.templatetags.frame import THEME_COOKIE, THEMES

_YEAR = 365 * 24 * 3600


def _back(request: HttpRequest, fallback: str = "/") -> HttpResponseRedirect:
    """Go back to the page that a form was on, if it is one of ours."""
    wanted = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure())
    return redirect(wanted if ours and wanted.startswith("/") else fallback)


def _keep(response: HttpResponse, name: str, value: str) -> HttpResponse:
    response.set_cookie(
        *(name, value, _YEAR),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


@open_to_all
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Change the language of the pages."""
    language = request.POST.get("language")
    response = _back(request)
    if language not in dict(settings.LANGUAGES):
        return response
    preferences.choose_language(request.actor, language)
    return _keep(response, settings.LANGUAGE_COOKIE_NAME, language)


@open_to_all
@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Change the colours of the pages: light or dark; anything else is the browser's choice."""
    theme = request.POST.get("theme")
    response = _back(request)
    if theme in THEMES:
        return _keep(response, THEME_COOKIE, theme)
    response.delete_cookie(THEME_COOKIE, samesite="Lax")
    return response


@signed_in
@require_POST
def save_filter(request: HttpRequest) -> HttpResponse:
    """Keep the filter that a list is shown with."""
    address = request.POST.get("address", "")
    try:
        kept = preferences.save_filter(
            request.actor, name=request.POST.get("name", ""), address=address
        )
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("/")
    return redirect(kept.address)


@signed_in
@require_POST
def remove_filter(request: HttpRequest, key: int) -> HttpResponse:
    """Remove a saved filter."""
    try:
        return redirect(preferences.remove_filter(request.actor, key))
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("/")


urlpatterns = [
    path("language/", choose_language, name="choose_language"),
    path("theme/", choose_theme, name="choose_theme"),
    path("filters/", save_filter, name="save_filter"),
    path("filters/<int:key>/remove/", remove_filter, name="remove_filter"),
]
