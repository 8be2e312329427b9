"""Founding knowledge-based units: what has to be done, what is done, and what shows it."""

from typing import Any

from django import forms
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onshore.codes import places
from onshore.desk.actions import foundings as doing
from onshore.desk.auditing.history import history
from onshore.desk.models import RECORDS, Founding, FoundingStep, Idea, Organisation
from onshore.desk.pages.choices import home
from onshore.desk.pages.forms import (
    OnceForm,
    ReasonForm,
    carry_out,
    carry_out_on,
    choose,
    form_for,
    signed_in,
)
from onshore.desk.pages.key_fields import PlaceField
from onshore.desk.pages.list_filters import by_choice
from onshore.desk.pages.listing import Action, Column, Sort, listing
from onshore.desk.pages.names import named, place_name
from onshore.desk.pages.typed_lines import Cell, LinesForm
from onshore.desk.pages.wording import column_label
from onshore.desk.policies import STAFF, find, may, require, visible
from onshore.records import schema

_STEPS = (
    Cell("step", gettext_lazy("What has to be done")),
    Cell("due", gettext_lazy("Due"), "day"),
)


def page_of(key: str) -> str:
    """Give the address of a founding's page."""
    return reverse("founding", args=[key])


@signed_in
def foundings(request: HttpRequest) -> HttpResponse:
    """List the units that are helped to be founded."""
    adds = may(request.actor, "add", Founding)
    return listing(
        request,
        visible(request.actor, Founding).prefetch_related(
            Prefetch(
                "founding_steps_as_founding",
                visible(request.actor, FoundingStep).order_by("number"),
                to_attr="steps",
            )
        ),
        title=_("Knowledge-based units on their way"),
        lead=_("Each goes step by step; a step is done when something shows it."),
        empty=_("No founding is supported yet.")
        + (" " + _("Begin one, by itself or of an accepted idea.") if adds else ""),
        columns=(
            Column(_("Unit"), "name", link=lambda row: page_of(row.pk)),
            Column(_("Founders"), "founders"),
            Column(_("Province"), lambda row: place_name(row.place) if row.place else ""),
            Column(_("Steps done"), _done, "number"),
            Column(_("Next step"), _next),
            Column(_("Since"), "opened", "day"),
            Column(_("State"), "state", "choice"),
        ),
        filters=(by_choice("state", _("State"), schema("foundings").column("state").choices),),
        sorts=(Sort("newest", _("Begun last first"), ("-opened", "pk")),),
        actions=(Action(_("Begin a founding"), reverse("new_founding"), "plus"),) if adds else (),
    )


def _done(founding: Any) -> int:
    return sum(step.done_on is not None for step in founding.steps)


def _next(founding: Any) -> str:
    left = [step.step for step in founding.steps if step.done_on is None]
    return left[0] if left and founding.state == "open" else ""


@signed_in
def founding(request: HttpRequest, key: str) -> HttpResponse:
    """A founding: its steps, and what comes next."""
    actor, today = request.actor, timezone.localdate()
    found = find(actor, Founding, key)
    steps = list(visible(actor, FoundingStep).filter(founding=found).order_by("number"))
    next_one = next((step for step in steps if step.done_on is None), None)
    is_open = found.state == "open"
    ends = is_open and may(actor, "end", found)
    return render(
        request,
        "desk/founding.html",
        {
            "title": found.name,
            "founding": found,
            "steps": steps,
            "done": sum(step.done_on is not None for step in steps),
            "next": next_one if is_open else None,
            "late": bool(is_open and next_one and next_one.due and next_one.due < today),
            "today": today,
            "idea": visible(actor, Idea).filter(pk=found.idea_id).first(),
            "unit": visible(actor, Organisation).filter(pk=found.organisation_id).first(),
            "place": place_name(found.place) if found.place else "",
            "may_step": is_open and may(actor, "step", found),
            "may_found": ends and next_one is None,
            "may_give_up": ends,
            "history": history(actor, found) if actor.is_a(*STAFF) else None,
        },
    )


class FoundingForm(LinesForm):
    """Who founds what, and the steps on the way."""

    name = forms.CharField(label=gettext_lazy("Name of the unit"), max_length=300)
    founders = forms.CharField(label=gettext_lazy("Founders"), max_length=1000)
    place = PlaceField(label=gettext_lazy("Province"), required=False, max_length=100)
    idea_id = forms.ChoiceField(label=gettext_lazy("Idea that it comes of"), required=False)

    def __init__(self, *args: Any, ideas: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["idea_id"].choices = ideas

    def clean_place(self) -> str:
        """Read the province by its name or code; a place of the programme will do."""
        text, actor = str(self.cleaned_data["place"]), self.fields["place"].actor
        if not text or visible(actor, RECORDS["places"]).filter(pk=text).exists():
            return text
        try:
            return places.find(text, home()).code
        except LookupError:
            raise forms.ValidationError(
                _("No province is known as %s. Write its name, or its code such as IR-10.") % text
            ) from None


@signed_in
def new_founding(request: HttpRequest) -> HttpResponse:
    """Begin to support a founding, of an accepted idea or by itself."""
    actor = request.actor
    require(actor, "add", Founding)
    accepted = ("accepted", "piloted", "handed over")
    rows = visible(actor, Idea).filter(state__in=accepted).order_by("-received", "pk")[:500]
    form = form_for(
        request,
        FoundingForm,
        cells=_STEPS,
        lines=[{"step": step} for step in doing.usual_steps()],
        ideas=choose(rows, str),
        initial={"idea_id": request.GET.get("idea", "")},
    )
    facts = ("name", "founders", "place", "idea_id")

    def act(cleaned: dict[str, Any]) -> str:
        values = {name: cleaned[name] for name in facts}
        values["idea_id"] = values["idea_id"] or None
        return doing.begin(actor, values, form.lines, once=cleaned["once"])

    return carry_out(
        request,
        form,
        act,
        done=page_of,
        template="desk/lines_form.html",
        title=_("Begin to support a founding"),
        lead=_("The usual steps are there already: change them as this unit needs."),
        table=_("Steps"),
        note=_("In their order. An empty line is left out."),
        button=_("Begin it"),
        cancel=reverse("foundings"),
    )


class StepForm(OnceForm):
    """What shows that a step is done."""

    evidence = forms.CharField(
        label=gettext_lazy("What shows it"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        help_text=gettext_lazy("A number, paper or address that anybody can look up."),
    )


@signed_in
def do_step(request: HttpRequest, key: int) -> HttpResponse:
    """Record a step as done."""
    found = find(request.actor, FoundingStep, key)
    require(request.actor, "step", found)
    back = page_of(found.founding_id)
    return carry_out_on(
        request,
        found,
        StepForm,
        doing.do_step,
        page=lambda _made: back,
        title=_("This step is done"),
        lead=found.step,
        button=_("Record it"),
    )


@signed_in
def found_unit(request: HttpRequest, key: str) -> HttpResponse:
    """Record that the unit is founded."""
    actor = request.actor
    found = find(actor, Founding, key)
    require(actor, "end", found)
    rows = visible(actor, Organisation).order_by("name")[:5000]
    choices = [("", _("add it to the organisations as a new one")), *choose(rows, named)[1:]]

    class FoundForm(OnceForm):
        organisation_id = forms.ChoiceField(
            label=column_label("foundings", "organisation_id"), choices=choices, required=False
        )

    return carry_out_on(
        request,
        found,
        FoundForm,
        doing.found,
        page=page_of,
        title=_("The unit is founded"),
        lead=found.name,
        button=_("Record it"),
    )


@signed_in
def give_up_founding(request: HttpRequest, key: str) -> HttpResponse:
    """Record that a founding was given up."""
    found = find(request.actor, Founding, key)
    require(request.actor, "end", found)
    return carry_out_on(
        request,
        found,
        ReasonForm,
        doing.give_up,
        page=page_of,
        title=_("This founding was given up"),
        lead=found.name,
        button=_("Record it"),
    )


urlpatterns = [
    path("foundings/", foundings, name="foundings"),
    path("foundings/new/", new_founding, name="new_founding"),
    path("foundings/steps/<int:key>/", do_step, name="do_founding_step"),
    path("foundings/<key:key>/", founding, name="founding"),
    path("foundings/<key:key>/found/", found_unit, name="found_unit"),
    path("foundings/<key:key>/give-up/", give_up_founding, name="give_up_founding"),
]
