"""My account: password, second factor, sessions."""

from typing import Any

from django import forms
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from onshore.desk.actions import own_account, people
from onshore.desk.actions.acting import AlreadyDone, Refused
from onshore.desk.entering import second_factor, sessions
from onshore.desk.models import Membership, SignedInSession
from onshore.desk.pages.forms import carry_out, form_for, signed_in
from onshore.desk.policies import find, visible
from onshore.desk.screens.sign_in import CodeForm, NewPasswordForm


class PasswordForm(NewPasswordForm):
    """The current password and a new one."""

    old_password = forms.CharField(
        label=gettext_lazy("Current password"),
        max_length=1000,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "dir": "ltr"}),
    )
    field_order = ("old_password", "password", "again")


@signed_in
def account(request: HttpRequest) -> HttpResponse:
    """Show what one is here, and where one is signed in."""
    user, today = request.actor.user, timezone.localdate()
    roles = visible(request.actor, Membership).filter(user=user)
    own = visible(request.actor, SignedInSession).filter(user=user)
    return render(
        request,
        "desk/account/account.html",
        {
            "person": user,
            "memberships": roles.select_related("organisation", "desk").order_by("since", "pk"),
            "today": today,
            "second_factor_set": second_factor.is_set(user),
            "second_factor_due": second_factor.is_due(user, today),
            "codes_left": second_factor.recovery_codes_left(user),
            "sessions": own.order_by("-last_seen"),
            "this_session": request.session.session_key,
        },
    )


@signed_in
@never_cache
@sensitive_post_parameters("old_password", "password", "again")
def password(request: HttpRequest) -> HttpResponse:
    """Change one's password."""

    def change(typed: dict[str, Any]) -> None:
        user = own_account.change_password(
            request.actor,
            old_password=typed["old_password"],
            password=typed["password"],
            keep=request,
            once=typed["once"],
        )
        old_key = request.session.session_key
        update_session_auth_hash(request, user)
        sessions.renew(request, old_key)

    return carry_out(
        request,
        form_for(request, PasswordForm),
        change,
        done=lambda _key: reverse("account"),
        template="desk/account/password.html",
    )


@signed_in
@never_cache
def set_up(request: HttpRequest) -> HttpResponse:
    """Set up a second factor, or another telephone."""
    form = form_for(request, CodeForm)
    if request.method == "POST" and form.is_valid():
        codes = _codes(request, form, own_account.set_up_second_factor)
        if codes is not None:
            second_factor.note_passed(request)
            return _show_codes(request, codes)
    device = second_factor.begin(request.actor.user)
    context = {"picture": second_factor.picture(device), "secret": second_factor.secret(device)}
    return _page(request, "desk/account/second_factor.html", form, **context)


@signed_in
@never_cache
def renew_codes(request: HttpRequest) -> HttpResponse:
    """Make new recovery codes."""
    form = form_for(request, CodeForm)
    if request.method == "POST" and form.is_valid():
        codes = _codes(request, form, own_account.renew_recovery_codes)
        if codes is not None:
            return _show_codes(request, codes)
    return _page(request, "desk/account/renew_codes.html", form)


@signed_in
@never_cache
def remove(request: HttpRequest) -> HttpResponse:
    """Do without a second factor, where the role allows it."""
    return carry_out(
        request,
        form_for(request, CodeForm),
        lambda typed: own_account.remove_second_factor(
            request.actor, code=typed["code"], once=typed["once"]
        ),
        done=lambda _key: reverse("account"),
        template="desk/account/remove.html",
    )


@signed_in
@require_POST
def end_session(request: HttpRequest, session_id: int) -> HttpResponse:
    """End one of one's sessions."""
    find(request.actor, SignedInSession, session_id)
    people.end_session(request.actor, session_id)
    return redirect("account")


def _codes(request: HttpRequest, form: Any, action: Any) -> list[str] | None:
    try:
        codes: list[str] = action(
            request.actor, code=form.cleaned_data["code"], once=form.cleaned_data["once"]
        )
    except Refused as refused:
        form.add_error("code", f"{refused.reason} {refused.next_step}".strip())
        return None
    except AlreadyDone:
        return None
    return codes


def _show_codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    return render(
        request,
        "desk/sign_in/recovery_codes.html",
        {"codes": codes, "onward": reverse("account")},
    )


def _page(request: HttpRequest, template: str, form: Any, **context: Any) -> HttpResponse:
    status = 422 if request.method == "POST" else 200
    return render(request, template, {"form": form, **context}, status=status)


urlpatterns = [
    path("account/", account, name="account"),
    path("account/password/", password, name="account_password"),
    path("account/second-factor/", set_up, name="account_second_factor"),
    path("account/second-factor/codes/", renew_codes, name="account_recovery_codes"),
    path("account/second-factor/remove/", remove, name="account_second_factor_remove"),
    path("account/sessions/<int:session_id>/end/", end_session, name="account_end_session"),
]
