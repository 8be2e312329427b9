"""A maker's own pages: needs it can make, what it offers, its contracts and samples."""

from django import forms
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onshore.desk.actions import needs, offers
from onshore.desk.actions.qualifications import STAGES
from onshore.desk.actions.quotations import TAKES_QUOTATIONS
from onshore.desk.models import Candidate, Deal, Need, Offer, Role
from onshore.desk.pages.forms import (
    OnceForm,
    carry_out,
    choose,
    form_for,
    signed_in,
)
from onshore.desk.pages.list_filters import by_choice, by_words
from onshore.desk.pages.listing import Action, Column, Sort, listing
from onshore.desk.pages.names import named
from onshore.desk.pages.own_makers import maker_choices
from onshore.desk.pages.record_forms import record_form
from onshore.desk.pages.wording import choice_label
from onshore.desk.policies import find, require, visible
from onshore.desk.templatetags.desk import reasons_text
from onshore.desk.templatetags.work import year_label

_COLUMNS = (
    *("maker_id", "description", "part_number", "brand", "hs_code", "unit", "price", "currency"),
    *("price_date", "capacity_per_year", "lead_months", "tooling_cost", "local_content"),
    *("trl", "mrl", "references"),
)
MATCHED = ("exact", "near", "could make")
OfferForm = record_form(
    "offers",
    _COLUMNS,
    extra={"maker_id": forms.ChoiceField(label=gettext_lazy("Maker"))},
    required=("unit", "capacity_per_year"),
)
ChangeOfferForm = record_form("offers", _COLUMNS[1:], required=("unit", "capacity_per_year"))


class SampleForm(OnceForm):
    """A sample that is sent to the buyer."""

    offer_id = forms.ChoiceField(label=gettext_lazy("Which of your products"))
    stage = forms.ChoiceField(
        label=gettext_lazy("What is sent"),
        choices=lambda: [(stage, choice_label(stage)) for stage in STAGES],
    )


@signed_in
def needs_i_can_make(request: HttpRequest) -> HttpResponse:
    """The open needs that a maker's products may answer, and why each was matched."""
    makers = request.actor.organisations(Role.MAKER)
    rows = (
        visible(request.actor, Candidate)
        .filter(offer__maker_id__in=makers, need__state__in=TAKES_QUOTATIONS)
        .filter(category__in=MATCHED)
        .exclude(decision="rejected")
        .select_related("need", "need__buyer", "offer")
    )
    return listing(
        request,
        rows,
        title=_("Needs you can make"),
        lead=_("Each says how much is needed, on what terms, and why your product was matched."),
        empty=_("Describe what you make under “What I make”: needs are matched to it."),
        actions=[Action(_("What I make"), reverse("my_offers"), "box")],
        columns=(
            Column(
                _("Need"), "need.description", link=lambda row: reverse("quote", args=[row.need_id])
            ),
            Column(_("Fits"), "category", "choice"),
            Column(_("Per year"), "need.yearly_quantity", "number"),
            Column(_("Unit"), "need.unit", "unit"),
            Column(_("Bought last year"), "need.past_quantity", "number"),
            Column(
                _("Needed from"),
                lambda row: row.need.required_year and year_label(row.need.required_year),
            ),
            Column(_("Payment terms"), "need.payment_terms"),
            Column(_("Buyer"), lambda row: named(row.need.buyer)),
            Column(_("Why it was matched"), lambda row: reasons_text(row.reasons)),
            Column(_("Your product"), "offer.description"),
        ),
        filters=(
            by_choice("fits", _("Fits"), MATCHED, field="category"),
            by_words("need__description", "offer__description"),
        ),
        sorts=(
            Sort("best", _("Best match first"), ("rank", "need_id")),
            Sort("newest", _("Newest need first"), ("-need__state_since", "rank")),
        ),
    )


@signed_in
def my_offers(request: HttpRequest) -> HttpResponse:
    """What a maker offers."""
    makers = request.actor.organisations(Role.MAKER)
    rows = visible(request.actor, Offer).filter(maker_id__in=makers)
    return listing(
        request,
        rows,
        title=_("What we make"),
        lead=_("Needs are matched to these words: name material, size, standard and part number."),
        empty=_("Add the first product that you make."),
        actions=[Action(_("Add a product"), reverse("new_offer"), "plus")],
        columns=(
            Column(
                _("Product"), "description", link=lambda row: reverse("change_offer", args=[row.pk])
            ),
            Column(_("Number"), "pk", "code"),
            Column(_("Part number"), "part_number", "code"),
            Column(_("Capacity per year"), "capacity_per_year", "number"),
            Column(_("Unit"), "unit", "unit"),
            Column(_("Price of one unit"), lambda row: (row.price, row.currency), "money"),
            Column(_("Lead time"), "lead_months", "number", unit=_("months")),
        ),
        filters=(by_words("description", "part_number"),),
        sorts=(Sort("name", _("By name"), ("description", "pk")),),
    )


@signed_in
def new_offer(request: HttpRequest) -> HttpResponse:
    """The form of a new product."""
    require(request.actor, "add", Offer)
    form = form_for(request, OfferForm)
    form.fields["maker_id"].choices = maker_choices(request.actor)
    return carry_out(
        request,
        form,
        lambda cleaned: offers.add(request.actor, form.record_fields, once=cleaned["once"]),
        done=lambda _key: reverse("my_offers"),
        title=_("What do you make?"),
        lead=_("The more exactly you say it, the better needs are matched to it."),
        button=_("Add the product"),
        cancel=reverse("my_offers"),
    )


@signed_in
def change_offer(request: HttpRequest, key: str) -> HttpResponse:
    """The form that changes a product."""
    offer = find(request.actor, Offer, key)
    require(request.actor, "change", offer)
    form = form_for(request, ChangeOfferForm, record=offer)
    return carry_out(
        request,
        form,
        lambda _cleaned: offers.change(
            request.actor,
            key,
            form.record_fields,
            **form.sent,
        ),
        done=lambda _key: reverse("my_offers"),
        title=_("Change this product"),
        lead=offer.description,
        button=_("Save the changes"),
        cancel=reverse("my_offers"),
    )


@signed_in
def my_deals(request: HttpRequest) -> HttpResponse:
    """The contracts of the actor's organisations, and what each waits for."""
    own = request.actor.organisations(Role.MAKER, Role.ENGINEER, Role.VERIFIER)
    rows = (
        visible(request.actor, Deal)
        .filter(Q(maker_id__in=own) | Q(buyer_id__in=own))
        .select_related("need", "item", "maker", "buyer")
    )
    makers = request.actor.organisations(Role.MAKER)
    return listing(
        request,
        rows,
        title=_("Our contracts and what each waits for"),
        lead=_("An MoU is not yet a contract; nothing is delivered under it."),
        empty=_("A contract appears here once a buyer has recorded it."),
        columns=(
            Column(_("For"), _subject, link=lambda row: _next_address(row, makers)),
            Column(_("Number"), "pk", "code"),
            Column(_("Basis"), "basis", "basis"),
            Column(_("Next step"), lambda row: _next_step(row, makers)),
            Column(_("Maker"), lambda row: named(row.maker)),
            Column(_("Buyer"), lambda row: named(row.buyer)),
            Column(_("Quantity"), "quantity", "number"),
            Column(_("Unit"), "unit", "unit"),
            Column(_("Value"), lambda row: (row.value, row.currency), "money"),
            Column(_("Until"), "until", "day"),
        ),
        filters=(by_choice("basis", _("Basis"), ("MoU", "contracted")),),
        sorts=(
            Sort("newest", _("Signed last first"), ("-signed", "pk")),
            Sort("ends", _("Ending first"), ("until", "pk")),
        ),
    )


def _subject(deal: Deal) -> str:
    return str(deal.need or deal.item or deal.pk)


def _next_step(deal: Deal, makers: frozenset[str]) -> str:
    if deal.basis != "contracted":
        return _("Waits for the contract")
    if deal.maker_id not in makers:
        return _("See its deliveries")
    if deal.need is not None and deal.need.state == "contracted":
        return _("Send a sample")
    return _("Record a delivery")


def _next_address(deal: Deal, makers: frozenset[str]) -> str:
    if deal.basis != "contracted":
        return ""
    if deal.maker_id not in makers:
        return f"{reverse('deliveries')}?deal={deal.pk}"
    if deal.need is not None and deal.need.state == "contracted":
        return reverse("send_sample", args=[deal.need_id])
    return f"{reverse('record_delivery')}?deal={deal.pk}"


@signed_in
def send_sample(request: HttpRequest, key: str) -> HttpResponse:
    """The form that tells the buyer that a sample is on its way."""
    need = find(request.actor, Need, key)
    require(request.actor, "send_sample", need)
    form = form_for(request, SampleForm, record=need)
    makers = request.actor.organisations(Role.MAKER)
    own = visible(request.actor, Offer).filter(maker_id__in=makers).order_by("description")
    form.fields["offer_id"].choices = choose(own[:2000])
    return carry_out(
        request,
        form,
        lambda cleaned: needs.send_sample(
            request.actor,
            key,
            offer_id=cleaned["offer_id"],
            stage=cleaned["stage"],
            **form.sent,
        ),
        done=lambda _key: reverse("qualifications"),
        title=_("Send a sample"),
        lead=need.description,
        button=_("It is on its way"),
        cancel=reverse("my_deals"),
    )


urlpatterns = [
    path("can-make/", needs_i_can_make, name="needs_i_can_make"),
    path("my-offers/", my_offers, name="my_offers"),
    path("my-offers/new/", new_offer, name="new_offer"),
    path("offers/<key:key>/change/", change_offer, name="change_offer"),
    path("my-deals/", my_deals, name="my_deals"),
    path("needs/<key:key>/sample/", send_sample, name="send_sample"),
]
