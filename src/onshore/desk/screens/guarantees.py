"""Guarantees of capacity projects and of drilling: open, called in, ended."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onshore.desk.actions import guarantees as doing
from onshore.desk.actor import Actor
from onshore.desk.models import (
    RECORDS,
    Award,
    Block,
    DrillingFinance,
    Organisation,
    Rig,
)
from onshore.desk.pages.forms import (
    DayField,
    NumberField,
    ReasonField,
    ReasonForm,
    carry_out,
    carry_out_on,
    choose,
    form_for,
    signed_in,
    typed_as,
)
from onshore.desk.pages.listing import Action, Column, Filter, listing
from onshore.desk.pages.names import named
from onshore.desk.pages.record_forms import record_form
from onshore.desk.pages.wording import choice_label, language
from onshore.desk.policies import find, may, require, visible
from onshore.desk.screens import awards as award_pages

_GUARANTEE = (
    *("fund_id", "receiver_id", "project_id", "amount", "currency"),
    *("awarded", "until", "premium", "statement", "statement_fa", "source"),
)
_COVER = (
    *("kind", "provider_id", "organisation_id", "rig_id", "block_id", "amount", "currency"),
    *("covers", "share", "charge", "from", "until", "source"),
)
_MOST = 1000


@signed_in
def guarantees(request: HttpRequest) -> HttpResponse:
    """List what is guaranteed, for capacity projects and for drilling."""
    actor, today = request.actor, timezone.localdate()
    given = visible(actor, Award).filter(kind="guarantee")
    covers = visible(actor, DrillingFinance).filter(kind__in=doing.COVERS)
    rows = [
        *(_of_award(row, today) for row in given.select_related("fund", "receiver", "project")),
        *(
            _of_cover(row, today)
            for row in covers.select_related("provider", "organisation", "rig", "block")
        ),
    ]
    rows.sort(key=lambda row: (row["from"] or today, row["key"]), reverse=True)
    makes = may(actor, "add", Award)
    return listing(
        request,
        rows,
        title=_("What is guaranteed, for whom and until when"),
        lead=_("Guarantees of capacity projects, and the cover of drilling rigs and blocks."),
        empty=_("No guarantee is recorded that you may read."),
        actions=(
            Action(_("Guarantee a capacity project"), reverse("new_guarantee"), "plus"),
            Action(_("Cover a rig or a block"), reverse("new_cover"), "plus"),
        )
        if makes
        else (),
        columns=(
            Column(_("What is guaranteed"), "what", link=lambda row: row["url"]),
            Column(_("Kind"), "kind", "choice"),
            Column(_("Who guarantees"), lambda row: named(row["by"])),
            Column(_("For whom"), lambda row: named(row["whom"])),
            Column(_("Amount"), "amount", "money"),
            Column(_("Called in"), "called", "money"),
            Column(_("From"), "from", "day"),
            Column(_("Until"), "until", "day"),
            Column(_("Stands"), lambda row: award_pages.STANDING[row["standing"]]),
        ),
        filters=(
            Filter(
                "standing",
                _("Stands"),
                tuple(award_pages.STANDING.items()),
                lambda found, value: [row for row in found if row["standing"] == value],
            ),
        ),
    )


def _of_award(row: Any, today: Any) -> dict[str, Any]:
    return {
        "key": row.pk,
        "what": award_pages.told(row),
        "url": award_pages.page_of(row.pk),
        "kind": row.kind,
        "by": row.fund,
        "whom": row.receiver,
        "amount": (row.amount, row.currency),
        "called": (row.called_amount, row.currency),
        "from": row.awarded,
        "until": row.until,
        "standing": doing.standing(row, today),
    }


def _of_cover(row: Any, today: Any) -> dict[str, Any]:
    return {
        "key": row.pk,
        "what": covered(row),
        "url": reverse("cover", args=[row.pk]),
        "kind": row.kind,
        "by": row.provider,
        "whom": row.organisation,
        "amount": (row.amount, row.currency),
        "called": (row.called_amount, row.currency),
        "from": row.starts,
        "until": row.until,
        "standing": doing.cover_standing(row, today),
    }


def covered(row: Any) -> str:
    """Name the rig or block whose drilling is covered."""
    if row.rig_id:
        rig = row.rig
        return str(getattr(rig, "name", "") or getattr(rig, "model", "") or rig.pk)
    if row.block_id:
        return str((row.block.name_fa if language() == "fa" else "") or row.block.name)
    return str(row.covers or choice_label(row.kind))


def _organisations(actor: Actor, roles: str = "") -> list[tuple[str, str]]:
    rows = visible(actor, Organisation)
    rows = rows.filter(role__regex=roles) if roles else rows
    return choose(rows.order_by("name")[:_MOST], named)


_GUARANTORS = "fund|insurer|bank|agency"


@signed_in
def new_guarantee(request: HttpRequest) -> HttpResponse:
    """Record a guarantee of a capacity project."""
    actor = request.actor
    require(actor, "add", Award)
    projects = visible(actor, RECORDS["projects"]).order_by("name")[:_MOST]
    made = record_form(
        "awards",
        _GUARANTEE,
        extra={
            "fund_id": forms.ChoiceField(
                label=_("Who guarantees"), choices=_organisations(actor, _GUARANTORS)
            ),
            "receiver_id": forms.ChoiceField(label=_("For whom"), choices=_organisations(actor)),
            "project_id": forms.ChoiceField(
                label=_("Capacity project"), choices=choose(projects, _project)
            ),
        },
        required=("awarded", "until"),
    )
    form = form_for(request, made, initial={"awarded": typed_as(timezone.localdate())})
    return carry_out(
        request,
        form,
        lambda cleaned: doing.guarantee(actor, form.record_fields, once=cleaned["once"]),
        done=award_pages.page_of,
        title=_("Guarantee a capacity project"),
        lead=_("It counts against the fund until it ends or is called in."),
        button=_("Record the guarantee"),
        cancel=reverse("guarantees"),
    )


def _project(row: Any) -> str:
    return str((row.name_fa if language() == "fa" else "") or row.name)


@signed_in
def new_cover(request: HttpRequest) -> HttpResponse:
    """Record the cover of a drilling rig or of a block's drilling."""
    actor = request.actor
    require(actor, "add", DrillingFinance)
    made = record_form(
        "drilling_finance",
        _COVER,
        extra={
            "kind": forms.ChoiceField(
                label=_("Kind"), choices=[(each, choice_label(each)) for each in doing.COVERS]
            ),
            "provider_id": forms.ChoiceField(
                label=_("Who guarantees"), choices=_organisations(actor, _GUARANTORS)
            ),
            "organisation_id": forms.ChoiceField(
                label=_("For whom"), choices=_organisations(actor)
            ),
            "rig_id": forms.ChoiceField(
                label=_("Drilling rig"),
                required=False,
                choices=choose(visible(actor, Rig).order_by("pk")[:_MOST]),
            ),
            "block_id": forms.ChoiceField(
                label=_("Exploration block"),
                required=False,
                choices=choose(visible(actor, Block).order_by("pk")[:_MOST]),
            ),
        },
        required=("until",),
    )
    form = form_for(request, made, initial={"from": typed_as(timezone.localdate())})
    return carry_out(
        request,
        form,
        lambda cleaned: doing.cover(actor, form.record_fields, once=cleaned["once"]),
        done=lambda made: reverse("cover", args=[made]),
        title=_("Cover a drilling rig or a block"),
        lead=_("It counts against the fund until it ends or is called in."),
        button=_("Record the cover"),
        cancel=reverse("guarantees"),
    )


@signed_in
def cover(request: HttpRequest, key: str) -> HttpResponse:
    """The cover of a rig's or block's drilling."""
    actor, today = request.actor, timezone.localdate()
    found = find(actor, DrillingFinance, key)
    stands = doing.cover_standing(found, today)
    return render(
        request,
        "desk/cover.html",
        {
            "title": covered(found),
            "cover": found,
            "standing": award_pages.STANDING[stands],
            "may_call_in": stands == "open" and may(actor, "call_in", found),
            "may_end": stands != "ended" and may(actor, "end", found),
        },
    )


class CallInForm(ReasonForm):
    """What was paid out under a guarantee, when and why."""

    amount = NumberField(label=gettext_lazy("What was paid out"))
    called_on = DayField(label=gettext_lazy("Day it was called in"))
    reason = ReasonField()
    field_order = ("amount", "called_on", "reason")


@signed_in
def call_in_guarantee(request: HttpRequest, key: str) -> HttpResponse:
    """Record that a guarantee was called in."""
    found = find(request.actor, Award, key)
    require(request.actor, "call_in", found)
    return carry_out_on(
        request,
        found,
        CallInForm,
        doing.call_in,
        page=award_pages.page_of,
        title=_("Record that the guarantee was called in"),
        lead=award_pages.told(found),
        button=_("Record it"),
    )


@signed_in
def end_guarantee(request: HttpRequest, key: str) -> HttpResponse:
    """End a guarantee today."""
    found = find(request.actor, Award, key)
    require(request.actor, "end", found)
    return carry_out_on(
        request,
        found,
        ReasonForm,
        doing.end,
        page=award_pages.page_of,
        title=_("End this guarantee today?"),
        lead=award_pages.told(found),
        button=_("End it today"),
    )


def _cover_page(key: str) -> str:
    return reverse("cover", args=[key])


@signed_in
def call_in_cover(request: HttpRequest, key: str) -> HttpResponse:
    """Record that the cover of drilling was called in."""
    found = find(request.actor, DrillingFinance, key)
    require(request.actor, "call_in", found)
    return carry_out_on(
        request,
        found,
        CallInForm,
        doing.call_in_cover,
        page=_cover_page,
        title=_("Record that the cover was called in"),
        lead=covered(found),
        button=_("Record it"),
    )


@signed_in
def end_cover(request: HttpRequest, key: str) -> HttpResponse:
    """End the cover of drilling today."""
    found = find(request.actor, DrillingFinance, key)
    require(request.actor, "end", found)
    return carry_out_on(
        request,
        found,
        ReasonForm,
        doing.end_cover,
        page=_cover_page,
        title=_("End this cover today?"),
        lead=covered(found),
        button=_("End it today"),
    )


urlpatterns = [
    path("guarantees/", guarantees, name="guarantees"),
    path("guarantees/new/", new_guarantee, name="new_guarantee"),
    path("guarantees/new-cover/", new_cover, name="new_cover"),
    path("awards/<key:key>/call-in/", call_in_guarantee, name="call_in_guarantee"),
    path("awards/<key:key>/end/", end_guarantee, name="end_guarantee"),
    path("covers/<key:key>/", cover, name="cover"),
    path("covers/<key:key>/call-in/", call_in_cover, name="call_in_cover"),
    path("covers/<key:key>/end/", end_cover, name="end_cover"),
]
