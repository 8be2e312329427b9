"""Pilots: what came of research, tried in a buyer's plant."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onshore.desk.actions import pilots as doing
from onshore.desk.actor import Actor
from onshore.desk.auditing.history import history
from onshore.desk.models import Organisation, Pilot, Study
from onshore.desk.pages.forms import (
    NumberField,
    OnceForm,
    ReasonField,
    carry_out,
    carry_out_on,
    choose,
    form_for,
    signed_in,
)
from onshore.desk.pages.list_filters import by_choice, by_words
from onshore.desk.pages.listing import Column, Sort, listing
from onshore.desk.pages.names import named
from onshore.desk.pages.record_forms import record_form
from onshore.desk.pages.wording import choice_label, column_label, unit_named
from onshore.desk.policies import STAFF, find, may, require, visible
from onshore.records import schema

_COLUMNS = ("host_id", "plant_id", "from", "until", "measure", "aim", "unit")


def page_of(key: str) -> str:
    """Give the address of a pilot's page."""
    return reverse("pilot", args=[key])


@signed_in
def pilots(request: HttpRequest) -> HttpResponse:
    """List the trials in plants."""
    return listing(
        request,
        visible(request.actor, Pilot).select_related("study", "host"),
        title=_("What is tried in which plant, and how it ended"),
        lead=_("The engineer of the plant says how a trial ended."),
        empty=_("No trial is recorded that you may read."),
        columns=(
            Column(_("Research"), "study.title", link=lambda row: page_of(row.pk)),
            Column(_("Plant of"), lambda row: named(row.host)),
            Column(_("From"), "starts", "day"),
            Column(_("Until"), "until", "day"),
            Column(_("Measure"), "measure"),
            Column(_("Aim"), "aim", "number"),
            Column(_("Reached"), "reached", "number"),
            Column(_("Unit"), lambda row: unit_named(row.unit)),
            Column(_("Result"), "result", "choice"),
        ),
        filters=(
            by_choice("result", _("Result"), schema("pilots").column("result").choices),
            by_words("study__title", "measure"),
        ),
        sorts=(Sort("newest", _("Begun last first"), ("-starts", "pk")),),
    )


@signed_in
def pilot(request: HttpRequest, key: str) -> HttpResponse:
    """A trial: what was aimed at, what was measured, what was learned."""
    actor = request.actor
    found = find(actor, Pilot, key)
    return render(
        request,
        "desk/pilot.html",
        {
            "title": found.study.title,
            "pilot": found,
            "study": visible(actor, Study).filter(pk=found.study_id).first(),
            "may_judge": found.result == "pending" and may(actor, "judge", found),
            "history": history(actor, found) if actor.is_a(*STAFF) else None,
        },
    )


@signed_in
def new_pilot(request: HttpRequest, key: str) -> HttpResponse:
    """Plan a trial of research in a plant."""
    actor = request.actor
    found = find(actor, Study, key)
    require(actor, "try", found)
    buyers = visible(actor, Organisation).filter(role__contains="buyer").order_by("name")
    extra = {
        "host_id": forms.ChoiceField(
            label=column_label("pilots", "host_id"), choices=choose(buyers[:5000], named)
        )
    }
    made = record_form("pilots", _COLUMNS, extra=extra, required=("from",))
    host = found.need.buyer_id if found.need_id else ""
    form = form_for(request, made, initial={"host_id": host})
    return carry_out(
        request,
        form,
        lambda cleaned: doing.plan(actor, found.pk, form.record_fields, once=cleaned["once"]),
        done=page_of,
        title=_("Plan a trial in a plant"),
        lead=found.title,
        button=_("Plan it"),
        cancel=reverse("study", args=[found.pk]),
    )


@signed_in
def judge_pilot(request: HttpRequest, key: str) -> HttpResponse:
    """Say how a trial ended."""
    found = find(request.actor, Pilot, key)
    require(request.actor, "judge", found)
    choices = [(each, choice_label(each)) for each in ("passed", "failed")]

    class JudgeForm(OnceForm):
        result = forms.ChoiceField(
            label=gettext_lazy("How it ended"), choices=choices, widget=forms.RadioSelect
        )
        reached = NumberField(
            label=gettext_lazy("What was measured"),
            required=False,
            help_text=unit_named(found.unit),
        )
        reason = ReasonField(label=gettext_lazy("What was learned"))

    def act(actor: Actor, pk: str, **sent: Any) -> str:
        return doing.judge(actor, pk, **sent)

    return carry_out_on(
        request,
        found,
        JudgeForm,
        act,
        page=page_of,
        title=_("How did the trial end?"),
        lead=f"{found.study.title}: {found.measure}",
        button=_("Record it"),
    )


urlpatterns = [
    path("pilots/", pilots, name="pilots"),
    path("pilots/<key:key>/", pilot, name="pilot"),
    path("pilots/<key:key>/judge/", judge_pilot, name="judge_pilot"),
    path("studies/<key:key>/trial/", new_pilot, name="new_pilot"),
]
