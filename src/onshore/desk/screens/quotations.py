"""Quotations: a maker hands one in and sees where it stands; the buyer compares and decides."""

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onshore.desk.actions import quotations as deeds
from onshore.desk.choosing.comparing import comparable_currencies, compare
from onshore.desk.models import RECORDS, Need, Offer, Quotation, Role, Specification
from onshore.desk.pages.forms import (
    DebriefField,
    OnceForm,
    ReasonField,
    WithdrawForm,
    carry_out,
    carry_out_on,
    choose,
    form_for,
    signed_in,
)
from onshore.desk.pages.list_filters import by_choice
from onshore.desk.pages.listing import Column, Sort, listing
from onshore.desk.pages.own_makers import maker_choices
from onshore.desk.pages.record_forms import record_form
from onshore.desk.policies import find, may, require, visible

_COLUMNS = (
    *("maker_id", "price", "currency", "unit", "quantity_per_year", "lead_months"),
    *("tooling_cost", "payment_terms", "valid_until", "offer_id", "note"),
)
_STATES = ("submitted", "short-listed", "chosen", "not chosen", "withdrawn")
QuotationForm = record_form(
    "quotations",
    _COLUMNS,
    extra={
        "maker_id": forms.ChoiceField(label=gettext_lazy("Maker")),
        "offer_id": forms.ChoiceField(label=gettext_lazy("Which of your products"), required=False),
    },
    required=("price", "currency"),
)
ChangeForm = record_form(
    "quotations",
    _COLUMNS[1:],
    extra={
        "offer_id": forms.ChoiceField(label=gettext_lazy("Which of your products"), required=False)
    },
    required=("price", "currency"),
)


class DecisionForm(OnceForm):
    """What becomes of a quotation."""

    decision = forms.ChoiceField(
        label=gettext_lazy("Decision"),
        choices=lambda: [
            ("", "—"),
            ("short-listed", _("Short-list it")),
            ("chosen", _("Choose it")),
            ("not chosen", _("Turn it down")),
        ],
    )
    reason = ReasonField(
        required=False,
        help_text=gettext_lazy("The maker reads it. Turned down, it needs to know why."),
    )
    debrief = DebriefField()


@signed_in
def quote(request: HttpRequest, key: str) -> HttpResponse:
    """The form of a quotation, under what the need asks for."""
    need = find(request.actor, Need, key)
    require(request.actor, "quote", need)
    makers = request.actor.organisations(Role.MAKER)
    own = visible(request.actor, Quotation).filter(
        need=need, maker_id__in=makers, state__in=deeds.WAITING
    )
    before = own.first() if len(makers) == 1 and request.method == "GET" else None
    if before is not None:
        return redirect("quotation", before.pk)
    currencies = comparable_currencies()
    first = {"unit": need.unit, "quantity_per_year": "", "currency": currencies[0]}
    form = form_for(request, QuotationForm, initial=first)
    form.fields["maker_id"].choices = maker_choices(request.actor)
    _prepare(request, form, makers, currencies)
    return carry_out(
        request,
        form,
        lambda cleaned: deeds.submit(request.actor, key, form.record_fields, once=cleaned["once"]),
        done=lambda done: reverse("quotation", args=[done]),
        template="desk/quote.html",
        title=_("Quote for this need"),
        need=need,
        documents=_documents(request, need),
        closed=need.state not in deeds.TAKES_QUOTATIONS and request.method == "GET",
        button=_("Hand in the quotation"),
        cancel=reverse("needs_i_can_make"),
    )


def _prepare(
    request: HttpRequest, form: forms.Form, makers: frozenset[str], currencies: tuple[str, ...]
) -> None:
    offers = visible(request.actor, Offer).filter(maker_id__in=makers).order_by("description")
    form.fields["offer_id"].choices = choose(offers[:2000])
    form.fields["currency"].help_text = _("One of: %s.") % ", ".join(currencies)
    form.fields["price"].help_text = _("Of one unit, delivered to the buyer.")


def _documents(request: HttpRequest, need: Need) -> QuerySet:
    return visible(request.actor, Specification).filter(need=need).order_by("title", "-version")


@signed_in
def quotation(request: HttpRequest, key: str) -> HttpResponse:
    """A quotation: what it says, where it stands, and why; its buyer decides here."""
    quoted = find(request.actor, Quotation, key)
    decides = may(request.actor, "decide", quoted) and quoted.state in deeds.WAITING
    form = form_for(request, DecisionForm, record=quoted) if decides else OnceForm()
    if request.method == "POST":
        require(request.actor, "decide", quoted)
    own = may(request.actor, "change", quoted)
    need = quoted.need
    context = {
        "title": _("A quotation for: %s") % need.description,
        "quotation": quoted,
        "need": need,
        "decides": decides,
        "own": own,
        "may_change": own and quoted.state == "submitted",
        "may_withdraw": own and quoted.state in deeds.WAITING,
        "sees_need": visible(request.actor, Need).filter(pk=need.pk).exists(),
        "may_compare": may(request.actor, "compare", need),
        "cancel": "",
        "button": _("Decide"),
    }
    if not decides:
        return render(request, "desk/quotation.html", context)
    return carry_out(
        request,
        form,
        lambda cleaned: deeds.decide(
            request.actor,
            key,
            cleaned["decision"],
            debrief=cleaned["debrief"],
            **form.sent,
        ),
        done=lambda done: reverse("quotation", args=[done or key]),
        template="desk/quotation.html",
        **context,
    )


@signed_in
def change_quotation(request: HttpRequest, key: str) -> HttpResponse:
    """The form that changes a quotation."""
    quoted = find(request.actor, Quotation, key)
    require(request.actor, "change", quoted)
    form = form_for(request, ChangeForm, record=quoted)
    _prepare(request, form, frozenset({quoted.maker_id}), comparable_currencies())
    return carry_out(
        request,
        form,
        lambda _cleaned: deeds.change(
            request.actor,
            key,
            form.record_fields,
            **form.sent,
        ),
        done=lambda done: reverse("quotation", args=[done or key]),
        template="desk/quote.html",
        title=_("Change your quotation"),
        need=quoted.need,
        documents=_documents(request, quoted.need),
        button=_("Save the changes"),
        cancel=reverse("quotation", args=[key]),
    )


@signed_in
def withdraw_quotation(request: HttpRequest, key: str) -> HttpResponse:
    """The form that withdraws a quotation."""
    quoted = find(request.actor, Quotation, key)
    require(request.actor, "withdraw", quoted)
    return carry_out_on(
        request,
        quoted,
        WithdrawForm,
        deeds.withdraw,
        page=_page,
        title=_("Withdraw your quotation"),
        lead=quoted.need.description,
        button=_("Withdraw it"),
    )


def _page(key: str) -> str:
    return reverse("quotation", args=[key])


@signed_in
def my_quotations(request: HttpRequest) -> HttpResponse:
    """Where a maker's quotations stand, and why."""
    makers = request.actor.organisations(Role.MAKER)
    rows = visible(request.actor, Quotation).filter(maker_id__in=makers).select_related("need")
    return listing(
        request,
        rows,
        title=_("Where our quotations stand"),
        lead=_("Where the buyer chose another, its reason stands beside."),
        empty=_("Look at “Needs I can make” and quote for one."),
        columns=(
            Column(
                _("Need"), "need.description", link=lambda row: reverse("quotation", args=[row.pk])
            ),
            Column(_("Number"), "pk", "code"),
            Column(_("State"), "state", "choice"),
            Column(_("Reason"), "reason"),
            Column(_("Price of one unit"), lambda row: (row.price, row.currency), "money"),
            Column(_("Handed in"), "submitted", "day"),
            Column(_("Holds until"), "valid_until", "day"),
        ),
        filters=(by_choice("state", _("State"), _STATES),),
        sorts=(Sort("newest", _("Handed in last first"), ("-submitted", "pk")),),
    )


@signed_in
def compare_quotations(request: HttpRequest, key: str) -> HttpResponse:
    """The quotations of a need side by side, in one currency, against the import."""
    need = find(request.actor, Need, key)
    require(request.actor, "compare", need)
    rows = visible(request.actor, Quotation).filter(need=need).exclude(state="withdrawn")
    baselines = visible(request.actor, RECORDS["baselines"]).filter(
        item_id=need.item_id or "", buyer_id=need.buyer_id or ""
    )
    baseline = baselines.order_by("-frozen_on").first()
    imported, priced = compare(need, rows.select_related("maker"), baseline=baseline)
    cheapest = next((each for each in priced if each.price is not None), None)
    return render(
        request,
        "desk/compare_quotations.html",
        {
            "need": need,
            "imported": imported if may(request.actor, "see_price", need) else None,
            "priced": priced,
            "cheapest": cheapest,
        },
    )


urlpatterns = [
    path("my-quotations/", my_quotations, name="my_quotations"),
    path("needs/<key:key>/quote/", quote, name="quote"),
    path("needs/<key:key>/quotations/", compare_quotations, name="compare_quotations"),
    path("quotations/<key:key>/", quotation, name="quotation"),
    path("quotations/<key:key>/change/", change_quotation, name="change_quotation"),
    path("quotations/<key:key>/withdraw/", withdraw_quotation, name="withdraw_quotation"),
]
