"""Pages for what went wrong: each says what happened and what to do next."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from onshore.desk.actor import PUBLIC


def _failure(
    request: HttpRequest, status: int, title: str, next_step: str, **more: Any
) -> HttpResponse:
    context = {"title": title, "next_step": next_step, **more}
    return render(request, "desk/failure.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """What was sent cannot be read."""
    return _failure(
        request,
        400,
        _("This request cannot be read"),
        _("Go back, check what you typed, and send it again."),
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The actor may not do this."""
    return _failure(
        request,
        403,
        _("Your role does not allow this"),
        _("If you need it for your work, ask an administrator for the role."),
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """There is no such page, or the actor does not see it."""
    return _failure(
        request,
        404,
        _("There is no such page for you"),
        _("Check the address, or search. A record that your role may not see looks like this too."),
    )


def wrong_method(request: HttpRequest) -> HttpResponse:
    """The address only takes what a form sends, or only shows a page."""
    return _failure(
        request,
        405,
        _("This address cannot be opened like this"),
        _("It is where a button leads. Go back to the page with the button and press it there."),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """The program failed."""
    request.actor = PUBLIC  # nothing is asked of a database that may be what failed
    return _failure(
        request,
        500,
        _("The program failed"),
        _("Nothing was changed. Try again; if it happens again, tell the administrator the time."),
    )


def expired_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's session is over: show what was typed, to be sent again after signing in."""
    hidden = {"csrfmiddlewaretoken", "password", "old_password", "new_password1", "new_password2"}
    typed = [(name, value) for name, value in request.POST.items() if name not in hidden and value]
    return _failure(
        request,
        403,
        _("Your session ended before this form was sent"),
        _("Nothing is lost: what you typed is below. Sign in, then send it again."),
        typed=typed,
        resend=request.get_full_path(),
    )


def locked_out(request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
    """Too many failed attempts to sign in."""
    return _failure(
        request,
        429,
        _("Too many failed attempts to sign in"),
        _("Wait 15 minutes and try again, or ask an administrator to reset your password."),
    )
