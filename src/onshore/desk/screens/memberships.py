"""What people may do: a role for a person, since when and until when."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy

from onshore.desk.actions import people
from onshore.desk.models import Desk, Membership, Organisation
from onshore.desk.pages.forms import (
    DayField,
    OnceForm,
    ReasonForm,
    carry_out,
    choose,
    form_for,
    signed_in,
)
from onshore.desk.pages.key_fields import KeyField
from onshore.desk.policies import find, require, visible
from onshore.desk.screens.people import roles, to_change, without_version


class MembershipForm(OnceForm):
    """A role for a person."""

    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=roles)
    organisation = KeyField(
        "organisations",
        label=gettext_lazy("Organisation"),
        help_text=gettext_lazy("An administrator needs none."),
        required=False,
    )
    desk = forms.ChoiceField(
        label=gettext_lazy("Desk"),
        help_text=gettext_lazy("For an officer of one desk only."),
        required=False,
    )
    since = DayField(label=gettext_lazy("From"), required=False)
    until = DayField(
        label=gettext_lazy("Until"),
        help_text=gettext_lazy("Empty where no end is known."),
        required=False,
    )

    def __init__(self, *args: Any, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        self.fields["desk"].choices = choose(visible(actor, Desk).order_by("name"))

    def clean_organisation(self) -> Organisation | None:
        """Find the organisation."""
        key = self.cleaned_data["organisation"]
        return find(self.actor, Organisation, key) if key else None

    def clean_desk(self) -> Any:
        """Find the desk."""
        key = self.cleaned_data["desk"]
        return find(self.actor, Desk, key) if key else None


class EndForm(ReasonForm):
    """Why and when a role ends."""

    until = DayField(
        label=gettext_lazy("Last day"),
        help_text=gettext_lazy("Empty ends it at once."),
        required=False,
    )


@signed_in
def add_membership(request: HttpRequest, user_id: int) -> HttpResponse:
    """Give a person a role."""
    found = to_change(request, user_id)
    return carry_out(
        request,
        form_for(request, MembershipForm, actor=request.actor),
        lambda typed: people.add_membership(request.actor, found.pk, **without_version(typed)),
        done=lambda _key: reverse("person", args=[found.pk]),
        template="desk/people/membership.html",
        person=found,
    )


@signed_in
def end_membership(request: HttpRequest, membership_id: int) -> HttpResponse:
    """End a role."""
    membership = find(request.actor, Membership, membership_id)
    require(request.actor, "end", membership)
    return carry_out(
        request,
        form_for(request, EndForm),
        lambda typed: people.end_membership(request.actor, membership.pk, **without_version(typed)),
        done=lambda _key: reverse("person", args=[membership.user_id]),
        template="desk/people/end_membership.html",
        membership=membership,
        person=membership.user,
    )


urlpatterns = [
    path("people/<int:user_id>/role/", add_membership, name="person_role"),
    path("people/roles/<int:membership_id>/end/", end_membership, name="person_role_end"),
]
