"""Every component of the pages on one page, for those who build and look after the desk."""

import json
from datetime import date, timedelta
from decimal import Decimal

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onshore.desk.models import Candidate, Need, Offer, Organisation, Role
from onshore.desk.pages import showing
from onshore.desk.pages.forms import DayField, NumberField, OnceForm, ReasonField, signed_in
from onshore.desk.pages.periods import period_choices
from onshore.desk.policies import NotAllowed
from onshore.desk.reckoning import provinces
from onshore.figures import Basis, Rate, RateTable


class ExampleForm(OnceForm):
    """A form with a field of each kind."""

    description = forms.CharField(label=gettext_lazy("Description"), max_length=200)
    quantity = NumberField(
        label=gettext_lazy("Quantity"), help_text=gettext_lazy("In Persian or Latin digits.")
    )
    on = DayField(label=gettext_lazy("Day"), help_text="1403/07/12 / 2024-10-03")
    period = forms.ChoiceField(
        label=gettext_lazy("Period"),
        choices=lambda: period_choices(1402, 2, "solar_hijri"),
        help_text=gettext_lazy("Both calendars stand side by side."),
    )
    urgent = forms.BooleanField(label=gettext_lazy("A question with yes or no"), required=False)
    reason = ReasonField(required=False)


@signed_in
def components(request: HttpRequest) -> HttpResponse:
    """Show every component, with invented records."""
    if not request.actor.is_a(Role.ADMINISTRATOR):
        raise NotAllowed("components")
    today = timezone.localdate()
    typed = {"quantity": _("twelve"), "on": "1403/07/12", "description": "Roller bearing 22220"}
    form = ExampleForm(typed)
    form.is_valid()
    return render(
        request,
        "desk/components.html",
        {
            "title": _("All that pages are put together from"),
            "lead": _("Ink follows truth: the more certain a figure, the more solid its mark."),
            "bases": sorted(Basis, reverse=True),
            "rate": _rate(),
            "ladder": {
                Basis.VERIFIED: Decimal(4_100_000),
                Basis.ACCEPTED: Decimal(5_350_000),
                Basis.DELIVERED: Decimal(6_200_000),
                Basis.CONTRACTED: Decimal(9_400_000),
                Basis.MOU: Decimal(12_800_000),
                Basis.ANNOUNCED: Decimal(15_000_000),
            },
            "target": Decimal(18_000_000),
            "needs": [_need(state, today) for state in ("scouting", "sample", "on hold")],
            "states": list(showing.STATE_ICONS),
            "candidate": _candidate(today),
            "before": json.dumps({"yearly_quantity": "120", "state": "draft", "brand": "SKF"}),
            "after": json.dumps({"yearly_quantity": "150", "state": "published"}),
            "entry_at": timezone.now(),
            "today": today,
            "provinces": _PROVINCES,
            "province_map": provinces.drawn(_PROVINCES),
            "form": form,
            "fresh": ExampleForm(),
        },
    )


_PROVINCES = [
    provinces.InProvince("IR-10", {"en": "Isfahan", "fa": "اصفهان"}, 63, 9),
    provinces.InProvince("IR-06", {"en": "Khuzestan", "fa": "خوزستان"}, 48, 4),
    provinces.InProvince("IR-15", {"en": "Kerman", "fa": "کرمان"}, 12, 0),
]


def _rate() -> Rate:
    import polars as pl

    on = date(2024, 9, 22)
    row = {
        "base": "USD",
        "quote": "IRR",
        "date": on,
        "until": None,
        "rate": Decimal(598000),
        "rate_type": "market",
        "source": _("invented for this page"),
        "illustrative": True,
    }
    table = RateTable(pl.DataFrame([row], schema_overrides={"until": pl.Date}))
    return table.find("USD", "IRR", on=on, rate_type="market")


def _need(state: str, today: date) -> Need:
    return Need(
        need_id=f"N-{state}",
        description="Spherical roller bearing 22220 E",
        state=state,
        state_since=today - timedelta(days=70),
        due=today - timedelta(days=10),
        yearly_quantity=Decimal(120),
        unit="H87",
    )


def _candidate(today: date) -> Candidate:
    reasons = {
        "agree": [["words", "spherical roller bearing"], ["part number", "22220 E"]],
        "differ": [["DN", "DN 100", "DN 120"]],
        "unsaid": [["voltage", "400 V"]],
    }
    maker = Organisation(organisation_id="M1", name="Example Workshop", name_fa="کارگاه نمونه")
    return Candidate(
        need=_need("scouting", today),
        offer=Offer(offer_id="O1", maker=maker, description="بلبرینگ بشکه‌ای 22220"),
        rank=1,
        category="near",
        reasons=json.dumps(reasons, ensure_ascii=False),
    )


urlpatterns = [path("components/", components, name="components")]
