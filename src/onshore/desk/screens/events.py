"""Events: who takes part, who wishes to meet whom, the schedule, and what came of it."""

from datetime import time
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onshore.desk.actions import event_slots
from onshore.desk.actions import events as doing
from onshore.desk.models import RECORDS, Event, Meeting, Organisation, Participant, Role, Wish
from onshore.desk.pages.forms import (
    NumberField,
    OnceForm,
    ReasonForm,
    carry_out,
    carry_out_on,
    choose,
    form_for,
    open_to_all,
    signed_in,
)
from onshore.desk.pages.listing import Action, Column, Sort, listing
from onshore.desk.pages.names import named, place_name
from onshore.desk.pages.record_forms import record_form
from onshore.desk.pages.wording import choice_label, language
from onshore.desk.policies import find, may, require, visible
from onshore.desk.reckoning.partnering import PARTNER_EVENT
from onshore.figures import shown

_COLUMNS = (
    *("title", "kind", "from", "until", "place", "country", "desk_id", "tables", "text", "source"),
)
_SHOWN = 300
_PROVED, _LEAST_GAP = 1e-6, 1e-4
WHY = {
    "buyer full": gettext_lazy("the buyer has as many meetings as it can"),
    "maker full": gettext_lazy("the maker has as many meetings as it can"),
    "no common slot": gettext_lazy("no slot in which both are free"),
    "tables full": gettext_lazy("no table where both are free"),
    "others weigh more": gettext_lazy("other meetings are wanted more"),
}


@open_to_all
def events(request: HttpRequest) -> HttpResponse:
    """List the events, the next and the latest first."""
    from onshore.desk.templatetags.work import country_label

    adds = may(request.actor, "add", Event)
    return listing(
        request,
        visible(request.actor, Event).select_related("desk"),
        title=_("Exhibitions, desk days and partners' events"),
        empty=_("No event is planned."),
        columns=(
            Column(_("Event"), "title", link=lambda row: reverse("event", args=[row.pk])),
            Column(_("Kind"), lambda row: choice_label(row.kind) if row.kind else ""),
            Column(_("From"), "starts", "day"),
            Column(_("Until"), "until", "day"),
            Column(_("Place"), lambda row: place_name(row.place) if row.place else ""),
            Column(_("Country"), lambda row: country_label(row.country) if row.country else ""),
            Column(_("Desk"), lambda row: named(row.desk)),
        ),
        sorts=(Sort("latest", _("Latest first"), ("-starts", "pk")),),
        actions=(Action(_("Plan an event"), reverse("new_event"), "plus"),) if adds else (),
    )


@open_to_all
def event(request: HttpRequest, key: str) -> HttpResponse:
    """An event: who takes part, the wishes, the meetings."""
    actor = request.actor
    found = find(actor, Event, key)
    part = request.GET.get("show", "")
    part = part if actor.user and part in ("wishes", "meetings") else ""
    own = sorted(actor.organisations(Role.MAKER, Role.ENGINEER))
    there = visible(actor, Participant).filter(event=found).select_related("organisation")
    slots = list(visible(actor, RECORDS["event_slots"]).filter(event=found).order_by("number"))
    taking_part = list(there.filter(organisation__in=own))
    ahead = doing.is_ahead(found, timezone.localdate())
    joins = ahead and may(actor, "take part", found)
    context: dict[str, Any] = {
        "event": found,
        "title": found.title,
        "place": place_name(found.place) if found.place else "",
        "part": part,
        "parts": (
            ("", _("Who takes part")),
            ("wishes", _("Wishes to meet")),
            ("meetings", _("Meetings")),
        )
        if actor.user
        else (),
        "own": own,
        "taking_part": taking_part,
        "slots": slots,
        "open_slots": sum(not slot.pause for slot in slots),
        "may_change": may(actor, "change", found),
        "may_lay_out": ahead and may(actor, "change", found),
        "may_schedule": may(actor, "schedule", found),
        "may_add": ahead and may(actor, "schedule", found),
        "may_invite": ahead
        and found.kind == PARTNER_EVENT
        and bool(found.country)
        and may(actor, "schedule", found),
        "may_take_part": joins,
        "may_wish": joins and (taking_part or actor.is_a(Role.OFFICER)),
        **_part(actor, found, part, there, slots),
    }
    return render(request, "desk/event.html", context)


def _part(actor: Any, found: Any, part: str, there: Any, slots: list[Any]) -> dict[str, Any]:
    if part == "wishes":
        rows = visible(actor, Wish).filter(event=found).select_related("buyer", "maker", "need")
        return {
            "count": rows.count(),
            "wishes": list(rows.order_by("-weight", "pk")[:_SHOWN]),
        }
    if part == "meetings":
        by_number = {slot.number: slot for slot in slots}
        rows = visible(actor, Meeting).filter(event=found).select_related("buyer", "maker")
        told = found.schedule or {}
        seen = set(visible(actor, Wish).filter(event=found).values_list("buyer", "maker"))
        left = [tuple(each) for each in told.get("why", ()) if tuple(each[:2]) in seen]
        names = {
            row.organisation_id: named(row.organisation)
            for row in there.filter(organisation__in={key for each in left for key in each[:2]})
        }
        gap = max(told["bound"] - told["worth"], 0) / told["bound"] if told.get("bound") else 0
        proved = gap < _PROVED
        return {
            "count": rows.count(),
            "meetings": [
                {"row": row, "slot": by_number.get(row.slot)}
                for row in rows.order_by("slot", "table_number")[:_SHOWN]
            ],
            "schedule": told,
            "begun": rows.filter(state__in=("took place", "missed")).exists(),
            "gap": "" if proved else shown.percent(max(gap, _LEAST_GAP), language(), 2),
            "left_out": [
                {
                    "buyer": names.get(buyer, buyer),
                    "maker": names.get(maker, maker),
                    "why": WHY.get(why, why),
                }
                for buyer, maker, why in left[:_SHOWN]
            ],
        }
    sides = [
        (choice_label(side), list(there.filter(side=side).order_by("organisation__name")[:_SHOWN]))
        for side in ("buying", "selling")
    ]
    return {"sides": sides, "hidden": not there.exists()}


def _form(**extra: forms.Field) -> Any:
    return record_form("events", _COLUMNS, extra=extra, required=("kind", "from", "until"))


@signed_in
def new_event(request: HttpRequest) -> HttpResponse:
    """Plan an event."""
    require(request.actor, "add", Event)
    first = {name: request.GET.get(name, "") for name in ("kind", "country")}
    form = form_for(request, _form(), initial=first)
    return carry_out(
        request,
        form,
        lambda cleaned: doing.add(request.actor, form.record_fields, once=cleaned["once"]),
        done=lambda made: reverse("event", args=[made]),
        title=_("Plan an event"),
        button=_("Plan it"),
        cancel=reverse("events"),
    )


@signed_in
def change_event(request: HttpRequest, key: str) -> HttpResponse:
    """Change an event."""
    found = find(request.actor, Event, key)
    require(request.actor, "change", found)
    form = form_for(request, _form(), record=found)
    return carry_out(
        request,
        form,
        lambda _cleaned: doing.change(request.actor, found.pk, form.record_fields, **form.sent),
        done=lambda _made: reverse("event", args=[found.pk]),
        title=_("Change this event"),
        lead=found.title,
        button=_("Save the changes"),
        cancel=reverse("event", args=[found.pk]),
    )


_clock = lazy(lambda latin: shown.digits(latin, language()), str)


class MinuteField(forms.TimeField):
    """A time of the day, in Persian or Latin digits."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "numeric", "placeholder": _clock("09:00")})
        super().__init__(widget=widget, input_formats=["%H:%M", "%H.%M"], **kwargs)

    def to_python(self, value: Any) -> time | None:
        """Read the time."""
        latin = str(value or "").translate(str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "0123456789" * 2))
        return super().to_python(latin.strip())


class LayOutForm(OnceForm):
    """When meetings are held on each day."""

    starts = MinuteField(label=gettext_lazy("First meeting begins"), initial=_clock("09:00"))
    ends = MinuteField(label=gettext_lazy("Last meeting ends by"), initial=_clock("16:00"))
    minutes = NumberField(
        label=gettext_lazy("Length of a meeting"), help_text=gettext_lazy("min"), whole=True
    )
    pause_starts = MinuteField(label=gettext_lazy("Pause begins"), required=False)
    pause_ends = MinuteField(label=gettext_lazy("Pause ends"), required=False)


@signed_in
def lay_out(request: HttpRequest, key: str) -> HttpResponse:
    """Lay out the slots of an event."""
    found = find(request.actor, Event, key)
    require(request.actor, "change", found)
    return carry_out_on(
        request,
        found,
        LayOutForm,
        event_slots.lay_out,
        page=lambda made: reverse("event", args=[made or found.pk]),
        guard=lambda: doing.require_ahead(found, timezone.localdate()),
        title=_("When are meetings held?"),
        lead=_("The same times on each day of the event."),
        button=_("Lay the slots out"),
    )


@signed_in
def take_part(request: HttpRequest, key: str) -> HttpResponse:
    """Enter an organisation into an event."""
    actor = request.actor
    found = find(actor, Event, key)
    require(actor, "take part", found)
    own = sorted(actor.organisations(Role.MAKER, Role.ENGINEER))
    rows = visible(actor, Organisation).filter(pk__in=own)
    extra: dict[str, forms.Field] = {}
    if not actor.is_a(Role.OFFICER):
        extra["organisation_id"] = forms.ChoiceField(
            label=gettext_lazy("Organisation"), choices=choose(rows, named)[1:]
        )
    made = record_form(
        "participants", ("organisation_id", "side", "most", "away", "contact"), extra=extra
    )
    there = visible(actor, Participant).filter(event=found, organisation__in=own).first()
    side = "buying" if actor.is_a(Role.ENGINEER) else "selling"
    initial: dict[str, Any] = {"side": side}
    if there is not None:
        initial = {
            name: getattr(there, name)
            for name in ("organisation_id", "side", "most", "away", "contact")
        }
    form = form_for(request, made, initial=initial)
    return carry_out(
        request,
        form,
        lambda cleaned: doing.take_part(actor, found.pk, form.record_fields, once=cleaned["once"]),
        done=lambda _made: reverse("event", args=[found.pk]),
        guard=lambda: doing.require_ahead(found, timezone.localdate()),
        title=_("Take part in: %s") % found.title,
        button=_("Take part"),
        cancel=reverse("event", args=[found.pk]),
    )


@signed_in
def leave_event(request: HttpRequest, number: int) -> HttpResponse:
    """Take an organisation out of an event."""
    row = find(request.actor, Participant, number)
    require(request.actor, "leave", row)
    return carry_out_on(
        request,
        row,
        ReasonForm,
        doing.leave,
        page=lambda _made: reverse("event", args=[row.event_id]),
        title=_("Take %s out of the event") % named(row.organisation),
        lead=_("Its wishes are taken back and its meetings cancelled."),
        button=_("Take it out"),
    )


@signed_in
def invite(request: HttpRequest, key: str) -> HttpResponse:
    """Enter a partner country's buyers and the makers at home that match their needs."""
    found = find(request.actor, Event, key)
    require(request.actor, "schedule", found)
    page = reverse("event", args=[found.pk])
    return carry_out(
        request,
        form_for(request, OnceForm),
        lambda cleaned: doing.invite(request.actor, found.pk, once=cleaned["once"]),
        done=lambda _made: page,
        guard=lambda: doing.require_ahead(found, timezone.localdate()),
        title=_("Invite who the matches suggest?"),
        lead=_("The partner's buyers with open needs, and the makers at home that match them."),
        button=_("Invite them"),
        cancel=page,
    )


urlpatterns = [
    path("events/", events, name="events"),
    path("events/new/", new_event, name="new_event"),
    path("events/<key:key>/", event, name="event"),
    path("events/<key:key>/change/", change_event, name="change_event"),
    path("events/<key:key>/slots/", lay_out, name="lay_out_event"),
    path("events/<key:key>/take-part/", take_part, name="take_part"),
    path("events/<key:key>/invite/", invite, name="invite_to_event"),
    path("participants/<int:number>/leave/", leave_event, name="leave_event"),
]
