"""Signing in: password, then second factor, then what has to be set up before the first visit.

Nobody is signed in before the last step; until then the session holds only who is on the way.
"""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from onshore.desk.actions import own_account
from onshore.desk.actions.acting import Refused
from onshore.desk.actor import actor_of
from onshore.desk.entering import second_factor, sessions
from onshore.desk.models import User
from onshore.desk.pages.forms import OnceForm, form_for, open_to_all

_ON_THE_WAY = "signing in"
_PATIENCE = timedelta(minutes=10)


class SignInForm(forms.Form):
    """Sign-in name and password."""

    username = forms.CharField(
        label=gettext_lazy("Sign-in name"),
        max_length=150,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "dir": "ltr"}
        ),
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        max_length=1000,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "dir": "ltr"}),
    )


class CodeForm(OnceForm):
    """A code of the second factor."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=20,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "dir": "ltr", "class": "code"}
        ),
    )


class NewPasswordForm(OnceForm):
    """A new password, twice."""

    password = forms.CharField(
        label=gettext_lazy("New password"),
        help_text=gettext_lazy("At least 12 signs. Four words that do not belong together do."),
        max_length=1000,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "dir": "ltr"}),
    )
    again = forms.CharField(
        label=gettext_lazy("The new password again"),
        max_length=1000,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "dir": "ltr"}),
    )

    def clean_again(self) -> str:
        """Hold the second one against the first."""
        again: str = self.cleaned_data["again"]
        if again != self.cleaned_data.get("password"):
            raise forms.ValidationError(_("The two are not the same. Write the password again."))
        return again


@open_to_all
@never_cache
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for name and password."""
    if request.method != "POST" and request.actor.user is not None:
        return redirect(_safe(request, request.GET.get("next", "")))
    form = form_for(request, SignInForm)
    if request.method == "POST" and form.is_valid():
        user = authenticate(request, **form.cleaned_data)
        if user is not None:
            request.session[_ON_THE_WAY] = {
                "user": user.pk,
                "hash": user.get_session_auth_hash(),
                "backend": user.backend,
                "since": timezone.now().isoformat(),
                "next": request.GET.get("next", ""),
                "second": False,
            }
            return _go_on(request, user)
        form.add_error(
            None,
            _(
                "Name and password do not go together. Write them again; after five wrong"
                " attempts you have to wait 15 minutes."
            ),
        )
    status = 422 if request.method == "POST" else 200
    return render(request, "desk/sign_in/password.html", {"form": form}, status=status)


@open_to_all
@never_cache
def sign_in_code(request: HttpRequest) -> HttpResponse:
    """Ask for the second factor."""
    user = _on_the_way(request)
    if user is None or not second_factor.is_set(user):
        return _from_the_start(request)
    form = form_for(request, CodeForm)
    if request.method == "POST" and form.is_valid():
        if second_factor.check(user, form.cleaned_data["code"]):
            request.session[_ON_THE_WAY] |= {"second": True}
            request.session.modified = True
            return _go_on(request, user)
        form.add_error(
            "code",
            _(
                "This code does not hold. Wait for the app's next code and write it, or write a"
                " recovery code."
            ),
        )
    return _page(request, "desk/sign_in/code.html", form)


@open_to_all
@never_cache
@sensitive_post_parameters("password", "again")
def sign_in_password(request: HttpRequest) -> HttpResponse:
    """Ask for a new password in place of a one-time password."""
    user = _on_the_way(request)
    if user is None or not user.must_change_password or _code_is_missing(request, user):
        return _from_the_start(request)
    form = form_for(request, NewPasswordForm)
    if request.method == "POST" and form.is_valid():
        try:
            user = own_account.change_password(_actor(user), password=form.cleaned_data["password"])
        except Refused as refused:
            _tell(form, refused)
        else:
            request.session[_ON_THE_WAY] |= {"hash": user.get_session_auth_hash()}
            request.session.modified = True
            return _go_on(request, user)
    return _page(request, "desk/sign_in/new_password.html", form)


@open_to_all
@never_cache
def sign_in_second_factor(request: HttpRequest) -> HttpResponse:
    """Have the second factor set up that the person's role needs."""
    user = _on_the_way(request)
    if user is None or user.must_change_password or second_factor.is_set(user):
        return _from_the_start(request)
    form = form_for(request, CodeForm)
    if request.method == "POST" and form.is_valid():
        try:
            codes = own_account.set_up_second_factor(_actor(user), code=form.cleaned_data["code"])
        except Refused as refused:
            _tell(form, refused)
        else:
            request.session[_ON_THE_WAY] |= {"second": True}
            onward = _enter(request, user).url
            return render(
                request,
                "desk/sign_in/recovery_codes.html",
                {"codes": codes, "onward": onward},
            )
    return _page(request, "desk/sign_in/second_factor.html", form, **_app_of(user))


@open_to_all
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    if request.actor.user is not None:
        own_account.note_sign_out(request.actor)
        sessions.end(request.session.session_key)
    logout(request)
    return redirect("sign_in")


def _go_on(request: HttpRequest, user: User) -> HttpResponse:
    """Go to the next step of signing in, or in."""
    if _code_is_missing(request, user):
        return redirect("sign_in_code")
    if user.must_change_password:
        return redirect("sign_in_password")
    if second_factor.is_due(user, timezone.localdate()) and not second_factor.is_set(user):
        return redirect("sign_in_second_factor")
    return _enter(request, user)


def _code_is_missing(request: HttpRequest, user: User) -> bool:
    return second_factor.is_set(user) and not request.session[_ON_THE_WAY]["second"]


def _enter(request: HttpRequest, user: User) -> Any:
    waiting = request.session.pop(_ON_THE_WAY)
    login(request, user, backend=waiting["backend"])
    if waiting["second"]:
        second_factor.note_passed(request)
    now = timezone.now()
    sessions.begin(request, now)
    own_account.note_sign_in(user, second=waiting["second"], at=now)
    response = redirect(_safe(request, waiting["next"]))
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            user.language,
            max_age=365 * 86400,
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
    return response


def _on_the_way(request: HttpRequest) -> User | None:
    """Give the person who has shown the password a moment ago and not changed it since."""
    waiting = request.session.get(_ON_THE_WAY)
    if waiting is None:
        return None
    late = timezone.now() - datetime.fromisoformat(waiting["since"]) > _PATIENCE
    user = own_account.active_user(waiting["user"])
    if late or user is None or user.get_session_auth_hash() != waiting["hash"]:
        del request.session[_ON_THE_WAY]
        return None
    return user


def _from_the_start(request: HttpRequest) -> HttpResponse:
    if request.actor.user is not None:
        return redirect("home")
    return redirect(reverse("sign_in"))


def _safe(request: HttpRequest, address: str) -> str:
    """Give an address of this desk, or the first page's: never one elsewhere."""
    if url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return address
    return reverse("home")


def _actor(user: User) -> Any:
    return actor_of(user, timezone.localdate())


def _app_of(user: User) -> dict[str, Any]:
    device = second_factor.begin(user)
    return {"picture": second_factor.picture(device), "secret": second_factor.secret(device)}


def _tell(form: Any, refused: Refused) -> None:
    field = refused.field if refused.field in form.fields else None
    form.add_error(field, f"{refused.reason} {refused.next_step}".strip())


def _page(request: HttpRequest, template: str, form: Any, **context: Any) -> HttpResponse:
    status = 422 if request.method == "POST" else 200
    return render(request, template, {"form": form, **context}, status=status)


urlpatterns = [
    path("sign-in/", sign_in, name="sign_in"),
    path("sign-in/code/", sign_in_code, name="sign_in_code"),
    path("sign-in/password/", sign_in_password, name="sign_in_password"),
    path("sign-in/second-factor/", sign_in_second_factor, name="sign_in_second_factor"),
    path("sign-out/", sign_out, name="sign_out"),
]
