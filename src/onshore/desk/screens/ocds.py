"""Contracts as open data: a list, OCDS records and packages, and what the agency publishes."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from onshore.desk.actions import publication as doing
from onshore.desk.actor import PUBLIC
from onshore.desk.models import Deal
from onshore.desk.pages.forms import OnceForm, ReasonForm, carry_out_on, open_to_all, signed_in
from onshore.desk.pages.listing import Action, Column, Filter, Sort, listing
from onshore.desk.pages.names import named
from onshore.desk.policies import find, may, require, visible
from onshore.desk.publishing import contract_data
from onshore.desk.publishing.contract_data import tables_of
from onshore.desk.publishing.open_data import changed, licence, publisher, state_of
from onshore.desk.publishing.open_data_files import Made, answer, as_json, made_once
from onshore.desk.tables.frames import programme_settings
from onshore.report import Publication, contracting_processes, record_package, release_package

PACKAGES = {"releases": release_package, "records": record_package}


@open_to_all
def contracts(request: HttpRequest) -> HttpResponse:
    """List the published contracts; to the agency also those that it could publish."""
    publishes = may(request.actor, "publish", Deal)
    rows = (
        visible(request.actor, Deal).filter(basis="contracted")
        if publishes
        else contract_data.published()
    )
    return listing(
        request,
        rows.select_related("buyer", "maker", "need", "item"),
        title=_("Contracts that everybody may read"),
        lead=_("Each is also an OCDS record: its award, what was accepted under it, and its end."),
        empty=_("No contract is published yet."),
        columns=(
            Column(_("What is bought"), _what),
            Column(_("Contract"), "pk", "code", link=_record),
            Column(_("Buyer"), lambda row: named(row.buyer)),
            Column(_("Maker"), lambda row: named(row.maker)),
            Column(_("Value"), lambda row: (row.value, row.currency), "money"),
            Column(_("Signed"), "signed", "day"),
            *((Column(_("Who may read it"), _stands, link=_deed),) if publishes else ()),
        ),
        filters=(
            Filter("year", _("Year"), _years(rows), lambda found, y: found.filter(signed__year=y)),
        ),
        sorts=(Sort("newest", _("Signed last first"), ("-signed", "pk")),),
        actions=(Action(_("Open data"), reverse("open_data"), "download"),),
    )


def _what(row: Any) -> str:
    return str((row.need and row.need.description) or (row.item and row.item.description) or row.pk)


def _is_out(row: Any) -> bool:
    return row.access == "public" and (row.need is None or row.need.access == "public")


def _record(row: Any) -> str:
    return reverse("contract_record", args=[row.pk]) if _is_out(row) else ""


def _stands(row: Any) -> str:
    if _is_out(row):
        return _("everybody: take it back")
    if row.need is not None and row.need.access != "public":
        return _("its parties: the need is not public")
    return _("its parties: publish it")


def _deed(row: Any) -> str:
    if _is_out(row):
        return reverse("take_back_contract", args=[row.pk])
    if row.need is not None and row.need.access != "public":
        return ""
    return reverse("publish_contract", args=[row.pk])


def _years(rows: Any) -> list[tuple[str, str]]:
    from onshore.desk.templatetags.work import year_label

    days = rows.dates("signed", "year", order="DESC")
    return [(str(day.year), str(year_label(day.year))) for day in days]


@open_to_all
def contract_record(request: HttpRequest, key: str) -> HttpResponse:
    """Give a published contract as a record package of OCDS."""
    found = find(PUBLIC, Deal, key)
    return _package(request, contract_data.published().filter(pk=found.pk), "records")


@open_to_all
def package(request: HttpRequest, year: int, kind: str) -> HttpResponse:
    """Give the published contracts that were signed in a year as a package of OCDS."""
    if kind not in PACKAGES or not 1900 <= year <= 2200:
        raise Http404
    return _package(request, contract_data.published().filter(signed__year=year), kind)


def _package(request: HttpRequest, rows: Any, kind: str) -> HttpResponse:
    if not rows.exists():
        raise Http404
    state = state_of(rows)
    uri = request.build_absolute_uri(request.path)
    policy = request.build_absolute_uri(reverse("open_data"))

    def make() -> tuple[bytes, str]:
        found = contracting_processes(
            tables_of(rows),
            prefix=contract_data.prefix(),
            home=programme_settings().get("home") or "",
            on=timezone.localdate(),
        )
        of = Publication(publisher(), changed(), licence(), policy)
        return as_json(PACKAGES[kind](found, of, uri))

    file: Made = made_once(uri, make, state=state)
    return answer(request, file, about=policy)


@signed_in
def publish_contract(request: HttpRequest, key: str) -> HttpResponse:
    """Let everybody read a contract."""
    found = find(request.actor, Deal, key)
    require(request.actor, "publish", found)
    return carry_out_on(
        request,
        found,
        OnceForm,
        doing.publish,
        page=lambda _key: reverse("contracts"),
        title=_("Publish this contract"),
        lead=_(
            "%(what)s. Everybody will read who buys and makes it, the goods, the value and what "
            "was accepted. Import prices and evidence stay with those who see them now."
        )
        % {"what": _what(found)},
        button=_("Publish it"),
    )


@signed_in
def take_back_contract(request: HttpRequest, key: str) -> HttpResponse:
    """Take a contract out of the open data."""
    found = find(request.actor, Deal, key)
    require(request.actor, "publish", found)
    return carry_out_on(
        request,
        found,
        ReasonForm,
        doing.take_back,
        page=lambda _key: reverse("contracts"),
        title=_("Take this contract out of the open data"),
        lead=_("What was downloaded before cannot be called back."),
        button=_("Take it back"),
    )


urlpatterns = [
    path("contracts/", contracts, name="contracts"),
    path("contracts/<key:key>/ocds.json", contract_record, name="contract_record"),
    path("contracts/<key:key>/publish/", publish_contract, name="publish_contract"),
    path("contracts/<key:key>/take-back/", take_back_contract, name="take_back_contract"),
    path("open-data/ocds/<int:year>/<slug:kind>.json", package, name="ocds_package"),
]
