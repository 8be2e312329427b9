"""Deliveries: a maker records what it delivered, the buyer what was accepted."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onshore.desk.actions import deliveries as deeds
from onshore.desk.models import Deal, Delivery, Role
from onshore.desk.pages.forms import (
    DayField,
    NumberField,
    OnceForm,
    ReasonField,
    carry_out,
    choose,
    form_for,
    signed_in,
    typed_as,
)
from onshore.desk.pages.listing import Action, Column, Filter, Sort, listing
from onshore.desk.pages.names import named
from onshore.desk.pages.record_forms import record_form
from onshore.desk.policies import NotAllowed, find, may, require, visible

_COLUMNS = ("delivered_on", "quantity", "unit", "serial", "evidence")
DeliveryForm = record_form(
    "deliveries",
    _COLUMNS,
    extra={"deal_id": forms.ChoiceField(label=gettext_lazy("Contract"))},
)


class AcceptForm(OnceForm):
    """What was accepted of a delivery."""

    accepted = NumberField(label=gettext_lazy("Accepted quantity"))
    accepted_on = DayField(
        label=gettext_lazy("Day of acceptance"),
        required=False,
        help_text=gettext_lazy("Empty means today."),
    )
    evidence = forms.CharField(
        label=gettext_lazy("Receipt"),
        required=False,
        max_length=500,
        help_text=gettext_lazy("Number of the goods receipt or inspection note."),
    )
    reason = ReasonField(
        required=False,
        help_text=gettext_lazy("Needed where less is accepted than was delivered."),
    )


@signed_in
def deliveries(request: HttpRequest) -> HttpResponse:
    """What was delivered and what was accepted of it."""
    rows = visible(request.actor, Delivery).select_related(
        "deal", "deal__need", "deal__item", "deal__maker", "deal__buyer"
    )
    makes = request.actor.is_a(Role.MAKER)
    actions = [Action(_("Record a delivery"), reverse("record_delivery"), "plus")] if makes else []
    return listing(
        request,
        rows,
        title=_("Deliveries, and what was accepted of them"),
        lead=_("Only accepted serial deliveries make a need localized."),
        empty=_("A maker records its first delivery under its contract."),
        actions=actions,
        columns=(
            Column(_("For"), _subject, link=lambda row: reverse("delivery", args=[row.pk])),
            Column(_("Number"), "pk", "code"),
            Column(_("Contract"), "deal_id", "code"),
            Column(_("Delivered on"), "delivered_on", "day"),
            Column(_("Delivered"), "quantity", "number"),
            Column(_("Accepted"), "accepted", "number"),
            Column(_("Unit"), "unit", "unit"),
            Column(_("Serial"), "serial", "choice"),
            Column(_("Accepted on"), "accepted_on", "day"),
            Column(_("Maker"), lambda row: named(row.deal.maker)),
            Column(_("Buyer"), lambda row: named(row.deal.buyer)),
        ),
        filters=(
            Filter(
                "stands",
                _("Acceptance"),
                (("waits", _("waits for acceptance")), ("accepted", _("accepted"))),
                lambda found, value: found.filter(accepted_on__isnull=value == "waits"),
            ),
            Filter("deal", _("Contract"), (), lambda found, value: found.filter(deal_id=value)),
        ),
        sorts=(Sort("newest", _("Delivered last first"), ("-delivered_on", "pk")),),
    )


def _subject(delivery: Delivery) -> str:
    return str(delivery.deal.need or delivery.deal.item or delivery.deal_id)


@signed_in
def record_delivery(request: HttpRequest) -> HttpResponse:
    """The form of a delivery under one of the maker's contracts."""
    makers = request.actor.organisations(Role.MAKER)
    if not makers:
        raise NotAllowed("deliver")
    own = visible(request.actor, Deal).filter(maker_id__in=makers, basis="contracted")
    own = own.select_related("need", "item").order_by("-signed")
    form = form_for(request, DeliveryForm, initial={"deal_id": request.GET.get("deal", "")})
    form.fields["deal_id"].choices = choose(own[:500], _deal_label)
    return carry_out(
        request,
        form,
        lambda cleaned: deeds.record(
            request.actor, cleaned["deal_id"], form.record_fields, once=cleaned["once"]
        ),
        done=lambda done: reverse("delivery", args=[done]),
        title=_("Record a delivery"),
        lead=_("The buyer is told, and records what was accepted."),
        button=_("Record it"),
        cancel=reverse("deliveries"),
    )


def _deal_label(deal: Deal) -> str:
    return f"{deal.pk} · {deal.need or deal.item or ''}"


@signed_in
def delivery(request: HttpRequest, key: str) -> HttpResponse:
    """A delivery; the buyer's engineer accepts it here."""
    delivered = find(request.actor, Delivery, key)
    accepts = may(request.actor, "accept", delivered) and delivered.accepted is None
    if request.method == "POST":
        require(request.actor, "accept", delivered)
    context = {
        "delivery": delivered,
        "deal": delivered.deal,
        "subject": _subject(delivered),
        "accepts": accepts,
        "button": _("Accept"),
        "cancel": "",
    }
    if request.method == "GET" and not accepts:
        return render(request, "desk/delivery.html", context)
    first = {"accepted": typed_as(delivered.quantity), "evidence": delivered.evidence}
    form = form_for(request, AcceptForm, record=delivered, initial=first)
    return carry_out(
        request,
        form,
        lambda cleaned: deeds.accept(
            request.actor,
            key,
            cleaned["accepted"],
            **{
                name: cleaned[name]
                for name in ("accepted_on", "evidence", "reason", "version", "once")
            },
        ),
        done=lambda done: reverse("delivery", args=[done or key]),
        template="desk/delivery.html",
        **context,
    )


urlpatterns = [
    path("deliveries/", deliveries, name="deliveries"),
    path("deliveries/new/", record_delivery, name="record_delivery"),
    path("deliveries/<key:key>/", delivery, name="delivery"),
]
