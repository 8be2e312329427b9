"""Partner countries: what their buyers need, what is sold and bought there, what could be."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onshore.codes import UnknownCode, countries
from onshore.desk import jobs
from onshore.desk.actions import partners as doing
from onshore.desk.actor import Actor
from onshore.desk.models import Candidate, Event, PartnerGood, Role
from onshore.desk.pages.forms import OnceForm, carry_out, form_for, signed_in
from onshore.desk.pages.listing import Action, Column, Filter, Sort, listing
from onshore.desk.pages.names import named
from onshore.desk.pages.own_makers import maker_choices
from onshore.desk.pages.record_forms import record_form
from onshore.desk.pages.wording import choice_label, language
from onshore.desk.policies import find, may, require, visible
from onshore.desk.reckoning import partnering
from onshore.desk.screens.bulletins import shown_of
from onshore.records import schema

_COLUMNS = (
    *("partner", "direction", "description", "hs_code", "organisation_id"),
    *("value", "currency", "period", "source"),
)
_SHOWN = 100


def _country(code: str) -> str:
    try:
        return countries.name(code, language())
    except UnknownCode:
        return code


def _page(code: str) -> str:
    return reverse("partner", args=[code])


@signed_in
def partners(request: HttpRequest) -> HttpResponse:
    """List the partner countries with what there is of each."""
    actor = request.actor
    adds = may(actor, "add", PartnerGood)
    return listing(
        request,
        partnering.partners(actor),
        title=_("Trade with partner countries"),
        lead=_("What their buyers need, what makers at home match, what is sold and bought."),
        empty=_(
            "No partner yet. Buyers with a country of their own, or goods on a list, make one."
        ),
        actions=(
            Action(_("Goods sold and bought"), reverse("partner_goods"), "list"),
            *((Action(_("Add a good"), reverse("new_partner_good"), "plus"),) if adds else ()),
        ),
        columns=(
            Column(
                _("Country"), lambda row: _country(row.country), link=lambda r: _page(r.country)
            ),
            Column(_("Buyers"), "buyers", "number"),
            Column(_("Open needs"), "needs", "number"),
            Column(_("Needs with a maker at home"), "matched", "number"),
            Column(_("Goods sold there"), "exports", "number"),
            Column(_("Goods bought there"), "imports", "number"),
            Column(_("Events"), "events", "number"),
        ),
    )


@signed_in
def partner(request: HttpRequest, country: str) -> HttpResponse:
    """A partner country: its buyers' needs, the mutual lists, growth, opportunities, events."""
    actor = request.actor
    _require_known(country)
    wanted = partnering.wanted(actor, country)
    goods = list(
        visible(actor, PartnerGood)
        .filter(partner=country)
        .select_related("organisation")
        .order_by("direction", "-period", "description")
    )
    events = visible(actor, Event).filter(country=country).order_by("-starts")
    found = partnering.opportunities(actor, country, language())
    sides = [
        (label, side, [row for row in goods if row.direction == side])
        for label, side in ((_("Sold there"), "export"), (_("Bought there"), "import"))
    ]
    return render(
        request,
        "desk/partner.html",
        {
            "title": _country(country),
            "country": country,
            "wanted": wanted,
            "matched": sum(bool(each.candidates) for each in wanted),
            "not_shown": len(wanted) == partnering.MOST_NEEDS,
            "sides": [(label, side, rows[:_SHOWN], len(rows)) for label, side, rows in sides],
            "growth": partnering.growth(goods, country),
            "events": events[:20],
            "analysis": found[0] if found else None,
            **(shown_of(found[1]) if found else {}),
            "may_add": may(actor, "add", PartnerGood),
            "may_plan": may(actor, "add", Event),
            "may_match": actor.is_a(Role.OFFICER) and may(actor, "match", Candidate),
        },
    )


def _require_known(country: str) -> None:
    try:
        countries.get(country)
    except UnknownCode as unknown:
        raise Http404 from unknown


@signed_in
def partner_makers(request: HttpRequest, country: str) -> HttpResponse:
    """Have makers at home looked for, for all open needs of the partner's buyers."""
    actor = request.actor
    _require_known(country)
    require(actor, "match", Candidate)
    require(actor, "add", Event)
    form = form_for(request, OnceForm)
    if request.method == "POST" and form.is_valid():
        needs = partnering.needs_abroad(actor, partnering.home(), country).order_by("pk")
        keys = list(needs.values_list("pk", flat=True))
        started = jobs.start(actor, "matching.run", {"needs": keys})
        return redirect("job", started.pk)
    return render(
        request,
        "desk/form.html",
        {
            "form": form,
            "title": _("Look for makers for the buyers of %s?") % _country(country),
            "lead": _("Their open needs are set beside all offers; what was reviewed stays."),
            "button": _("Look for makers"),
            "cancel": _page(country),
        },
    )


@signed_in
def goods(request: HttpRequest) -> HttpResponse:
    """List the goods that home sells to partner countries or buys there."""
    actor = request.actor
    adds = may(actor, "add", PartnerGood)
    rows = visible(actor, PartnerGood).select_related("organisation")
    known = rows.order_by("partner").values_list("partner", flat=True).distinct()
    return listing(
        request,
        rows,
        title=_("What is sold to partner countries, and bought there"),
        lead=_("The mutual lists of exports and imports; each value with its period and source."),
        empty=_("No good is on a list yet."),
        actions=(Action(_("Add a good"), reverse("new_partner_good"), "plus"),) if adds else (),
        columns=(
            Column(
                _("Good"),
                "description",
                link=lambda row: (
                    reverse("change_partner_good", args=[row.pk])
                    if may(actor, "change", row)
                    else ""
                ),
            ),
            Column(
                _("Partner"), lambda row: _country(row.partner), link=lambda r: _page(r.partner)
            ),
            Column(_("Direction"), lambda row: choice_label(row.direction)),
            Column(_("Tariff code"), "hs_code", "code"),
            Column(_("Who sells or buys it"), lambda row: named(row.organisation)),
            Column(_("Yearly value"), lambda row: (row.value, row.currency), "money"),
            Column(_("Period"), "period", "period"),
            Column(_("Source"), "source"),
        ),
        filters=(
            Filter(
                "partner",
                _("Partner"),
                [(code, _country(code)) for code in known],
                lambda found, value: found.filter(partner=value),
            ),
            Filter(
                "direction",
                _("Direction"),
                [(each, choice_label(each)) for each in _directions()],
                lambda found, value: found.filter(direction=value),
            ),
        ),
        sorts=(
            Sort("partner", _("By partner"), ("partner", "direction", "description", "pk")),
            Sort("newest", _("Latest period first"), ("-period", "pk")),
        ),
    )


def _directions() -> tuple[str, ...]:
    return tuple(schema("partner_goods").column("direction").choices)


def _form(actor: Actor) -> Any:
    extra: dict[str, forms.Field] = {}
    if not actor.is_a(Role.OFFICER, Role.ANALYST):
        extra["organisation_id"] = forms.ChoiceField(
            label=gettext_lazy("Who sells or buys it"), choices=maker_choices(actor)
        )
    return record_form("partner_goods", _COLUMNS, extra=extra)


@signed_in
def new_good(request: HttpRequest) -> HttpResponse:
    """Put a good on the list of a partner country."""
    actor = request.actor
    require(actor, "add", PartnerGood)
    first = {"partner": request.GET.get("partner", ""), "direction": request.GET.get("way", "")}
    form = form_for(request, _form(actor), initial={**first, "currency": "USD"})
    return carry_out(
        request,
        form,
        lambda cleaned: doing.add_good(actor, form.record_fields, once=cleaned["once"]),
        done=lambda made: _page_of_good(actor, made),
        title=_("Add a good to the trade with a partner"),
        button=_("Add it"),
        cancel=reverse("partner_goods"),
    )


@signed_in
def change_good(request: HttpRequest, key: str) -> HttpResponse:
    """Change a good on the list of a partner country."""
    actor = request.actor
    found = find(actor, PartnerGood, key)
    require(actor, "change", found)
    form = form_for(request, _form(actor), record=found)
    return carry_out(
        request,
        form,
        lambda _cleaned: doing.change_good(actor, found.pk, form.record_fields, **form.sent),
        done=lambda made: _page_of_good(actor, made or found.pk),
        title=_("Change this good"),
        lead=found.description,
        button=_("Save the changes"),
        cancel=_page(found.partner),
    )


def _page_of_good(actor: Actor, key: str) -> str:
    row = visible(actor, PartnerGood).filter(pk=key).first()
    return _page(row.partner) if row else reverse("partner_goods")


urlpatterns = [
    path("partners/", partners, name="partners"),
    path("partners/goods/", goods, name="partner_goods"),
    path("partners/goods/new/", new_good, name="new_partner_good"),
    path("partners/goods/<key:key>/", change_good, name="change_partner_good"),
    path("partners/<slug:country>/", partner, name="partner"),
    path("partners/<slug:country>/makers/", partner_makers, name="partner_makers"),
]
