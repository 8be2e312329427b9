"""Wishes for meetings at an event: made, suggested by the matches, taken back."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onshore.desk.actions import events as doing
from onshore.desk.models import Event, Participant, Role, Wish
from onshore.desk.pages.forms import (
    NumberField,
    OnceForm,
    carry_out,
    carry_out_on,
    form_for,
    signed_in,
)
from onshore.desk.pages.names import named
from onshore.desk.policies import find, require, visible


class WishForm(OnceForm):
    """Who is to meet whom, and how much it is wanted."""

    buyer_id = forms.ChoiceField(label=gettext_lazy("Buyer"))
    maker_id = forms.ChoiceField(label=gettext_lazy("Maker"))
    weight = NumberField(
        label=gettext_lazy("How much it is wanted"),
        initial=1,
        help_text=gettext_lazy("1 is a wish, 2 is twice as much."),
    )
    note = forms.CharField(
        label=gettext_lazy("What it is about"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


@signed_in
def new_wish(request: HttpRequest, key: str) -> HttpResponse:
    """Wish a meeting."""
    actor = request.actor
    found = find(actor, Event, key)
    require(actor, "take part", found)
    own = actor.organisations(Role.MAKER, Role.ENGINEER)
    there = visible(actor, Participant).filter(event=found).select_related("organisation")
    form = form_for(request, WishForm)
    sides = {"buyer_id": "buying", "maker_id": "selling"}
    for field, side in sides.items():
        rows = list(there.filter(side=side).order_by("organisation__name"))
        mine = [row for row in rows if row.organisation_id in own]
        rows = mine if mine and not actor.is_a(Role.OFFICER) else rows
        form.fields[field].choices = [
            (row.organisation_id, named(row.organisation)) for row in rows
        ]

    def act(cleaned: dict[str, Any]) -> str:
        told = {name: cleaned[name] for name in ("buyer_id", "maker_id", "weight", "note", "once")}
        return doing.wish(actor, found.pk, **told)

    return carry_out(
        request,
        form,
        act,
        done=lambda _made: f"{reverse('event', args=[found.pk])}?show=wishes",
        guard=lambda: doing.require_ahead(found, timezone.localdate()),
        title=_("Wish a meeting"),
        lead=found.title,
        button=_("Wish it"),
        cancel=f"{reverse('event', args=[found.pk])}?show=wishes",
    )


@signed_in
def withdraw_wish(request: HttpRequest, number: int) -> HttpResponse:
    """Take a wish back."""
    row = find(request.actor, Wish, number)
    require(request.actor, "withdraw", row)
    page = f"{reverse('event', args=[row.event_id])}?show=wishes"
    return carry_out_on(
        request,
        row,
        OnceForm,
        doing.withdraw_wish,
        page=lambda _made: page,
        title=_("Take this wish back?"),
        lead=f"{named(row.buyer)} · {named(row.maker)}",
        button=_("Take it back"),
    )


@signed_in
def wishes_from_matches(request: HttpRequest, key: str) -> HttpResponse:
    """Suggest meetings from the matches of needs and offers."""
    found = find(request.actor, Event, key)
    require(request.actor, "schedule", found)
    page = f"{reverse('event', args=[found.pk])}?show=wishes"
    return carry_out(
        request,
        form_for(request, OnceForm),
        lambda cleaned: doing.wish_from_matches(request.actor, found.pk, once=cleaned["once"]),
        done=lambda _made: page,
        guard=lambda: doing.require_ahead(found, timezone.localdate()),
        title=_("Wish what the matches suggest?"),
        lead=_("Each buyer and maker here with a match that was not rejected; own wishes stay."),
        button=_("Wish them"),
        cancel=page,
    )


urlpatterns = [
    path("events/<key:key>/wish/", new_wish, name="new_wish"),
    path("events/<key:key>/wish-matches/", wishes_from_matches, name="wishes_from_matches"),
    path("wishes/<int:number>/withdraw/", withdraw_wish, name="withdraw_wish"),
]
