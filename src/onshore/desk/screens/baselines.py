"""Freezing the import price that a need's savings are measured against."""

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _

from onshore.desk.actions import baselines as deeds
from onshore.desk.models import Need
from onshore.desk.pages.forms import (
    carry_out,
    form_for,
    signed_in,
    typed_as,
)
from onshore.desk.pages.record_forms import record_form
from onshore.desk.policies import find, require


@signed_in
def freeze_baseline(request: HttpRequest, key: str) -> HttpResponse:
    """The form of a baseline, filled with what the need tells."""
    need = find(request.actor, Need, key)
    require(request.actor, "freeze", need)
    form_type = record_form(
        "baselines",
        deeds.COLUMNS,
        required=("currency", "price_date", "volume", "unit", "until", "evidence"),
    )
    by_cif = need.incoterm == "CIF"
    told = {
        "reference_cif" if by_cif else "import_price": need.import_price,
        "incoterm": "" if by_cif else need.incoterm,
        "currency": need.currency,
        "price_date": need.price_date,
        "volume": need.past_quantity or need.yearly_quantity,
        "unit": need.unit,
    }
    form = form_for(request, form_type, initial={n: typed_as(v) for n, v in told.items()})
    return carry_out(
        request,
        form,
        lambda cleaned: deeds.freeze(request.actor, key, form.record_fields, once=cleaned["once"]),
        done=lambda _made: reverse("need", args=[key]),
        title=_("Freeze the import price of %s") % need.description,
        lead=_(
            "Savings are measured against it. It stands as of today and is not changed any more:"
            " claims are of periods that begin later."
        ),
        button=_("Freeze the price"),
        cancel=reverse("need", args=[key]),
    )


urlpatterns = [path("needs/<key:key>/baseline/", freeze_baseline, name="freeze_baseline")]
