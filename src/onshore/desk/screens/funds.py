"""Funds, and what is out against each: given, paid, guaranteed, called in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from onshore.desk.access.funds import reads_funds
from onshore.desk.models import Award, Call, DrillingFinance, Organisation, Tranche
from onshore.desk.pages.forms import signed_in
from onshore.desk.pages.listing import Column, Sort, listing
from onshore.desk.pages.names import named
from onshore.desk.policies import NotAllowed, find, visible
from onshore.desk.reckoning.fund_standing import stand
from onshore.desk.screens import awards as award_pages
from onshore.desk.screens.guarantees import covered


@signed_in
def funds(request: HttpRequest) -> HttpResponse:
    """List the funds that called, gave or guaranteed."""
    actor = request.actor
    if not reads_funds(actor):
        raise NotAllowed("funds")
    keys = {
        *visible(actor, Call).values_list("fund_id", flat=True).distinct(),
        *visible(actor, Award).values_list("fund_id", flat=True).distinct(),
        *visible(actor, DrillingFinance).values_list("provider_id", flat=True).distinct(),
    }
    rows = visible(actor, Organisation).filter(pk__in=keys - {None})
    return listing(
        request,
        rows,
        title=_("Funds, and what is out against each"),
        empty=_("No fund has called, given or guaranteed yet."),
        columns=(
            Column(_("Fund"), named, link=lambda row: reverse("fund", args=[row.pk])),
            Column(_("Number"), "pk", "code"),
        ),
        sorts=(Sort("name", _("By name"), ("name", "pk")),),
    )


@signed_in
def fund(request: HttpRequest, key: str) -> HttpResponse:
    """A fund: what it called for, gave, paid, guarantees and was called in for."""
    actor, today = request.actor, timezone.localdate()
    found = find(actor, Organisation, key)
    if not reads_funds(actor):
        raise NotAllowed("funds")
    calls = list(visible(actor, Call).filter(fund=found).order_by("-published", "pk"))
    given = visible(actor, Award).filter(fund=found).select_related("receiver")
    awards = list(given.select_related("project").order_by("-awarded", "pk"))
    tranches = list(visible(actor, Tranche).filter(award__fund=found))
    covers = list(
        visible(actor, DrillingFinance).filter(provider=found).select_related("rig", "block")
    )
    return render(
        request,
        "desk/fund.html",
        {
            "title": named(found),
            "fund": found,
            "lines": stand(calls, awards, tranches, covers, today),
            "calls": calls[:100],
            "awards": [(award_pages.told(row), row) for row in awards[:100]],
            "covers": [(covered(row), row) for row in covers[:100]],
        },
    )


urlpatterns = [
    path("funds/", funds, name="funds"),
    path("funds/<key:key>/", fund, name="fund"),
]
