"""People: who they are, what they may do since when, where they are signed in."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.db.models import Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from onshore.desk.actions import people
from onshore.desk.actions.acting import AlreadyDone, Refused
from onshore.desk.entering import second_factor
from onshore.desk.models import Membership, Role, SignedInSession, User
from onshore.desk.pages.forms import (
    OnceForm,
    ReasonForm,
    carry_out,
    form_for,
    signed_in,
    tell,
)
from onshore.desk.pages.list_filters import by_words
from onshore.desk.pages.listing import Action, Column, Filter, Sort, listing
from onshore.desk.pages.names import named
from onshore.desk.policies import find, may, require, visible

_LANGUAGES = [("en", "English"), ("fa", "فارسی")]


def roles() -> list[tuple[str, str]]:
    """Give the roles as a choice."""
    return [(role.value, role.label) for role in Role]


class PersonForm(OnceForm):
    """How a person is named and written to."""

    display_name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    email = forms.CharField(
        label=gettext_lazy("E-mail"),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"dir": "ltr", "autocomplete": "off"}),
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=_LANGUAGES)


class NewPersonForm(PersonForm):
    """A person to be added."""

    username = forms.CharField(
        label=gettext_lazy("Sign-in name"),
        help_text=gettext_lazy("Letters, digits and @ . + - _ without spaces."),
        max_length=150,
        widget=forms.TextInput(attrs={"dir": "ltr", "autocapitalize": "none", "class": "code"}),
    )
    field_order = ("display_name", "username", "email", "language")


@signed_in
def people_list(request: HttpRequest) -> HttpResponse:
    """List the people."""
    require_reading(request)
    today = timezone.localdate()
    memberships = visible(request.actor, Membership).select_related("organisation")
    rows = visible(request.actor, User).prefetch_related(
        Prefetch("memberships", queryset=memberships.order_by("since"), to_attr="held")
    )
    new = Action(_("Add a person"), reverse("person_new"), "plus")
    return listing(
        request,
        rows,
        title=_("Who works here"),
        lead=lambda count: (
            ngettext("%(count)d person.", "%(count)d people.", count) % {"count": count}
        ),
        empty=_("Nobody fits these filters."),
        columns=[
            Column(_("Name"), str, link=lambda row: reverse("person", args=[row.pk])),
            Column(_("Sign-in name"), "username", "code"),
            Column(_("Roles today"), lambda row: _("; ").join(_held_roles(row, today))),
            Column(_("State"), lambda row: _("active") if row.is_active else _("shut out")),
            Column(_("Last signed in"), "last_login", "day"),
        ],
        filters=[
            by_words("display_name", "username", "email", label=_("Name")),
            Filter("role", _("Role"), roles, lambda rows, role: _by_role(rows, role, today)),
            Filter(
                "active",
                _("State"),
                [("1", _("active")), ("0", _("shut out"))],
                lambda rows, value: rows.filter(is_active=value == "1"),
            ),
        ],
        sorts=[
            Sort("name", _("Name"), ("display_name", "username")),
            Sort("last", _("Last signed in"), ("-last_login",)),
        ],
        actions=[new] if may(request.actor, "add", User) else [],
    )


def _held_roles(person: Any, today: date) -> list[str]:
    told = []
    for held in person.held:
        if held.since <= today and (held.until is None or today <= held.until):
            role = Role(held.role).label
            told.append(f"{role} ({named(held.organisation)})" if held.organisation else role)
    return told


def _by_role(rows: Any, role: str, today: date) -> Any:
    holds = Q(memberships__until__isnull=True) | Q(memberships__until__gte=today)
    held = rows.filter(holds, memberships__role=role, memberships__since__lte=today)
    return rows.filter(pk__in=held.values("pk"))


def require_reading(request: HttpRequest) -> None:
    """Go on only for those who look after people, or look after those who do."""
    if not request.actor.is_a(Role.ADMINISTRATOR, Role.AUDITOR):
        require(request.actor, "change", User)


@signed_in
def person(request: HttpRequest, user_id: int) -> HttpResponse:
    """Show a person."""
    require_reading(request)
    found = find(request.actor, User, user_id)
    held = visible(request.actor, Membership).filter(user=found)
    begun = visible(request.actor, SignedInSession).filter(user=found)
    return render(
        request,
        "desk/people/person.html",
        {
            "person": found,
            "memberships": held.select_related("organisation", "desk").order_by("since", "pk"),
            "sessions": begun.order_by("-last_seen")[:100],
            "second_factor_set": second_factor.is_set(found),
            "second_factor_due": second_factor.is_due(found, timezone.localdate()),
            "today": timezone.localdate(),
            "may_change": may(request.actor, "change", found),
        },
    )


@signed_in
@never_cache
def new_person(request: HttpRequest) -> HttpResponse:
    """Add a person; their password is shown once."""
    require(request.actor, "add", User)
    form = form_for(request, NewPersonForm)
    word = people.one_time_password()
    return _with_password(
        request,
        form,
        lambda typed: people.add_person(request.actor, password=word, **without_version(typed)),
        word,
        "desk/people/new.html",
    )


@signed_in
def change_person(request: HttpRequest, user_id: int) -> HttpResponse:
    """Change how a person is named and written to."""
    found = to_change(request, user_id)
    told = {"display_name": found.display_name, "email": found.email, "language": found.language}
    return carry_out(
        request,
        form_for(request, PersonForm, initial=told),
        lambda typed: people.change_person(request.actor, found.pk, **without_version(typed)),
        done=_page_of(found),
        template="desk/people/change.html",
        person=found,
    )


@signed_in
@never_cache
def reset_password(request: HttpRequest, user_id: int) -> HttpResponse:
    """Give a person a new one-time password, shown once."""
    found = to_change(request, user_id)
    form = form_for(request, ReasonForm)
    word = people.one_time_password()
    return _with_password(
        request,
        form,
        lambda typed: people.reset_password(
            request.actor, found.pk, password=word, **without_version(typed)
        ),
        word,
        "desk/people/reset_password.html",
        person=found,
    )


def _with_password(
    request: HttpRequest,
    form: Any,
    action: Callable[[dict[str, Any]], User],
    word: str,
    template: str,
    **context: Any,
) -> HttpResponse:
    """Carry out what gives a person a password, and show it on the answer: it is kept nowhere."""
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = action(form.cleaned_data)
            except AlreadyDone as already:
                return redirect("person", already.key)
            except Refused as refused:
                tell(form, refused)
            else:
                told = {"person": made, "password": word}
                return render(request, "desk/people/password_once.html", told)
    return render(request, template, {"form": form, **context}, status=status)


_WITH_REASON: dict[str, tuple[Callable[..., User], Any, Any, Any]] = {
    "second-factor": (
        people.reset_second_factor,
        gettext_lazy("Forget the second factor of %(name)s"),
        gettext_lazy(
            "For a lost telephone. Be sure that it is this person who asks. All their sessions"
            " end, and they set up a new one at the next sign-in."
        ),
        gettext_lazy("Forget it"),
    ),
    "deactivate": (
        people.deactivate,
        gettext_lazy("Shut out %(name)s"),
        gettext_lazy(
            "All their sessions end at once and they cannot sign in. What they did stays in the"
            " records under their name."
        ),
        gettext_lazy("Shut out"),
    ),
    "activate": (
        people.activate,
        gettext_lazy("Let %(name)s in again"),
        gettext_lazy("They sign in with the password they had, and with the roles below."),
        gettext_lazy("Let in"),
    ),
}


def _reasoned(kind: str) -> Callable[..., HttpResponse]:
    action, title, lead, button = _WITH_REASON[kind]

    @signed_in
    def screen(request: HttpRequest, user_id: int) -> HttpResponse:
        found = to_change(request, user_id)
        return carry_out(
            request,
            form_for(request, ReasonForm),
            lambda typed: action(request.actor, found.pk, **without_version(typed)),
            done=_page_of(found),
            template="desk/people/reasoned.html",
            person=found,
            heading=str(title) % {"name": found},
            lead=lead,
            button=button,
        )

    screen.__name__ = f"{kind.replace('-', '_')}_person"
    return screen


@signed_in
@require_POST
def end_session(request: HttpRequest, session_id: int) -> HttpResponse:
    """End a session of somebody."""
    session = find(request.actor, SignedInSession, session_id)
    require(request.actor, "change", User)
    people.end_session(request.actor, session.pk)
    return redirect("person", session.user_id)


@signed_in
@require_POST
def end_sessions(request: HttpRequest, user_id: int) -> HttpResponse:
    """End all sessions of somebody."""
    found = to_change(request, user_id)
    people.end_sessions(request.actor, found.pk)
    return redirect("person", found.pk)


def to_change(request: HttpRequest, user_id: int) -> User:
    """Give a person whom the actor may change."""
    require(request.actor, "change", User)
    return find(request.actor, User, user_id)


def _page_of(found: User) -> Callable[[str], str]:
    return lambda _key: reverse("person", args=[found.pk])


def without_version(typed: dict[str, Any]) -> dict[str, Any]:
    """Give what was typed, for actions on what has no version."""
    return {name: value for name, value in typed.items() if name != "version"}


urlpatterns = [
    path("people/", people_list, name="people"),
    path("people/new/", new_person, name="person_new"),
    path("people/<int:user_id>/", person, name="person"),
    path("people/<int:user_id>/change/", change_person, name="person_change"),
    path("people/<int:user_id>/password/", reset_password, name="person_password"),
    path("people/<int:user_id>/sessions/end/", end_sessions, name="person_end_sessions"),
    path("people/sessions/<int:session_id>/end/", end_session, name="person_end_session"),
]
for _kind in _WITH_REASON:
    _name = f"person_{_kind.replace('-', '_')}"
    urlpatterns.append(path(f"people/<int:user_id>/{_kind}/", _reasoned(_kind), name=_name))
