"""The programme's settings."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onshore import codes
from onshore.desk.actions import programme
from onshore.desk.actions.acting import Refused
from onshore.desk.models import ProgrammeSettings
from onshore.desk.pages.forms import (
    DayField,
    NumberField,
    OnceForm,
    carry_out,
    form_for,
    signed_in,
    typed_as,
)
from onshore.desk.pages.key_fields import KeyInput
from onshore.desk.pages.wording import language, sentence
from onshore.desk.policies import require
from onshore.records import Settings, settings_from


class SettingsForm(OnceForm):
    """What holds for the whole programme."""

    name = forms.CharField(label=gettext_lazy("Name in English"), max_length=300)
    name_fa = forms.CharField(label=gettext_lazy("Name in Persian"), max_length=300, required=False)
    home = forms.CharField(
        label=gettext_lazy("Home country"),
        help_text=gettext_lazy("Its name or its code of two letters, such as IR."),
        max_length=60,
        widget=KeyInput("country"),
    )
    currency = forms.CharField(
        label=gettext_lazy("Currency of results"),
        help_text=gettext_lazy("Its name or its code of three letters, such as EUR."),
        max_length=60,
        widget=KeyInput("currency"),
    )
    calendar = forms.ChoiceField(
        label=gettext_lazy("Calendar"),
        choices=[
            ("gregorian", gettext_lazy("Gregorian")),
            ("solar_hijri", gettext_lazy("Solar Hijri")),
        ],
    )
    price_date = DayField(
        label=gettext_lazy("Price date"),
        help_text=gettext_lazy("The day whose exchange rates value the prices."),
    )
    rate_type = forms.CharField(
        label=gettext_lazy("Type of rate"),
        help_text=gettext_lazy("As in the exchange rates: official, market or another name."),
        max_length=60,
    )
    discount_rate = NumberField(
        label=gettext_lazy("Discount rate"),
        help_text=gettext_lazy("By which a later year counts less: 0.08 is 8 per cent."),
    )
    first_year = NumberField(
        label=gettext_lazy("First year of the plan"),
        help_text=gettext_lazy("In the programme's calendar."),
        whole=True,
    )
    years = NumberField(label=gettext_lazy("Years of the plan"), whole=True)
    phases = forms.CharField(
        label=gettext_lazy("Phases"),
        help_text=gettext_lazy("First year of each phase, as 1 = 1404; 2 = 1406."),
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"dir": "ltr"}),
    )
    note = forms.CharField(
        label=gettext_lazy("Note in English"),
        help_text=gettext_lazy("What readers of results have to know."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    note_fa = forms.CharField(
        label=gettext_lazy("Note in Persian"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    illustrative = forms.BooleanField(
        label=gettext_lazy("Invented for illustration"), required=False
    )

    def clean_home(self) -> str:
        """Find the country."""
        return _found(codes.countries, self.cleaned_data["home"])

    def clean_currency(self) -> str:
        """Find the currency."""
        return _found(codes.currencies, self.cleaned_data["currency"])

    def clean_phases(self) -> dict[int, int]:
        """Read the phases."""
        phases = {}
        for part in codes.latin_digits(self.cleaned_data["phases"]).replace("؛", ";").split(";"):
            phase, _sign, year = (text.strip() for text in part.partition("="))
            if not phase and not year:
                continue
            if not (phase.isdecimal() and year.isdecimal()):
                raise forms.ValidationError(_("Write each phase as 1 = 1404, joined by ;."))
            phases[int(phase)] = int(year)
        return phases


def _found(held: Any, text: str) -> str:
    try:
        return str(held.find(text).code)
    except LookupError as error:
        raise forms.ValidationError(sentence(str(error))) from error


@signed_in
def settings(request: HttpRequest) -> HttpResponse:
    """Change what holds for the whole programme."""
    require(request.actor, "change", ProgrammeSettings)
    row = programme.held_settings(request.actor)

    def change(typed: dict[str, Any]) -> Any:
        told = {name: typed[name] for name in typed if name not in ("once", "version")}
        told["discount_rate"] = float(told["discount_rate"])
        try:
            new = Settings(**told)
        except ValueError as error:
            raise Refused(str(error)) from error
        return programme.change_settings(
            request.actor, new, version=typed["version"], once=typed["once"]
        )

    return carry_out(
        request,
        form_for(request, SettingsForm, record=row, initial=_as_typed(row)),
        change,
        done=lambda _key: reverse("catalogue"),
        template="desk/catalogue/form.html",
        heading=_("What holds for the whole programme"),
        lead=_("Results that are made from now on follow it; those made before keep theirs."),
        button=_("Save"),
        back=reverse("catalogue"),
    )


def _as_typed(row: ProgrammeSettings | None) -> dict[str, Any]:
    if row is None:
        return {"calendar": "solar_hijri" if language() == "fa" else "gregorian"}
    now = settings_from(row.settings)
    told = {name: getattr(now, name) for name in SettingsForm.base_fields if hasattr(now, name)}
    told["phases"] = "; ".join(f"{phase} = {year}" for phase, year in now.phases.items())
    told["price_date"] = typed_as(now.price_date)
    return told | {name: typed_as(told[name]) for name in ("discount_rate", "first_year", "years")}


urlpatterns = [path("catalogue/settings/", settings, name="programme_settings")]
