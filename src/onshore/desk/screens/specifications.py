"""The specification package of a need: documents with their versions, and who may read them."""

from itertools import groupby
from typing import Any

from django import forms
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onshore.desk.actions import specifications as deeds
from onshore.desk.models import Grant, Need, Organisation, Specification
from onshore.desk.pages.forms import (
    OnceForm,
    ReasonField,
    ReasonForm,
    carry_out,
    choose,
    form_for,
    signed_in,
)
from onshore.desk.pages.names import named
from onshore.desk.pages.wording import choice_label
from onshore.desk.policies import find, may, require, visible
from onshore.desk.uploading.specification_files import KINDS


def _levels(*without: str) -> list[tuple[str, str]]:
    return [(level, choice_label(level)) for level in deeds.LEVELS if level not in without]


class IssueForm(OnceForm):
    """A document that is handed in."""

    title = forms.CharField(
        label=gettext_lazy("What it is"),
        max_length=200,
        help_text=gettext_lazy(
            "Drawing, data sheet, standard or acceptance procedure. "
            "The title of a document that is there makes a new version of it."
        ),
    )
    file = forms.FileField(
        label=gettext_lazy("File"),
        widget=forms.FileInput(attrs={"accept": ",".join(KINDS)}),
    )
    access = forms.ChoiceField(
        label=gettext_lazy("Who may read it"), choices=_levels, initial="restricted"
    )
    note = forms.CharField(
        label=gettext_lazy("What changed since the version before"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class AccessForm(OnceForm):
    """Another access level of a document."""

    access = forms.ChoiceField(label=gettext_lazy("Who may read it"), choices=_levels)
    reason = ReasonField()


class GrantForm(OnceForm):
    """A maker that may read."""

    organisation = forms.ChoiceField(label=gettext_lazy("Maker"))
    access = forms.ChoiceField(
        label=gettext_lazy("May read up to"),
        choices=lambda: _levels("public"),
        initial="restricted",
    )


@signed_in
def specifications(request: HttpRequest, key: str) -> HttpResponse:
    """The documents of a need, the newest version of each first, and who may read them."""
    need = find(request.actor, Need, key)
    rows = visible(request.actor, Specification).filter(need=need).order_by("title", "-version")
    documents: list[dict[str, Any]] = []
    for _title, versions in groupby(rows, key=lambda row: row.title):
        newest, *older = versions
        documents.append({"newest": newest, "older": older})
    grants = visible(request.actor, Grant).filter(need=need).select_related("organisation")
    return render(
        request,
        "desk/specifications.html",
        {
            "need": need,
            "documents": documents,
            "grants": grants.order_by("organisation__name"),
            "may_issue": may(request.actor, "specify", need),
            "may_grant": may(request.actor, "grant", need),
            "may_quote": may(request.actor, "quote", need),
        },
    )


@signed_in
def issue_specification(request: HttpRequest, key: str) -> HttpResponse:
    """The form that hands in a document."""
    need = find(request.actor, Need, key)
    require(request.actor, "specify", need)
    form = form_for(request, IssueForm, **_first(request, "title", "access"))
    return carry_out(
        request,
        form,
        lambda cleaned: deeds.issue(
            request.actor,
            key,
            **{name: cleaned[name] for name in ("title", "file", "access", "note", "once")},
        ),
        done=lambda _key: _back(key),
        title=_("Hand in a document"),
        lead=need.description,
        button=_("Issue it"),
        cancel=_back(key),
    )


def _first(request: HttpRequest, *names: str) -> dict[str, Any]:
    return {"initial": {name: request.GET[name] for name in names if name in request.GET}}


@signed_in
def change_access(request: HttpRequest, key: str) -> HttpResponse:
    """The form that changes who may read a document."""
    document = find(request.actor, Specification, key)
    require(request.actor, "specify", document.need)
    form = form_for(request, AccessForm, initial={"access": document.access or "restricted"})
    return carry_out(
        request,
        form,
        lambda cleaned: deeds.change_access(
            request.actor,
            key,
            cleaned["access"],
            reason=cleaned["reason"],
            once=cleaned["once"],
        ),
        done=lambda _key: _back(document.need_id),
        title=_("Change who may read this document"),
        lead=document.title,
        cancel=_back(document.need_id),
    )


@signed_in
def grant_access(request: HttpRequest, key: str) -> HttpResponse:
    """The form that lets a maker read."""
    need = find(request.actor, Need, key)
    require(request.actor, "grant", need)
    form = form_for(request, GrantForm, **_first(request, "organisation"))
    makers = visible(request.actor, Organisation).filter(role__contains="maker")
    form.fields["organisation"].choices = choose(makers.order_by("name")[:5000], named)
    return carry_out(
        request,
        form,
        lambda cleaned: deeds.grant(
            request.actor,
            key,
            cleaned["organisation"],
            cleaned["access"],
            once=cleaned["once"],
        ),
        done=lambda _key: _back(key),
        title=_("Let a maker read the specification"),
        lead=need.description,
        button=_("Let it read"),
        cancel=_back(key),
    )


@signed_in
def end_grant(request: HttpRequest, key: int) -> HttpResponse:
    """The form that ends a maker's right to read."""
    given = find(request.actor, Grant, key)
    require(request.actor, "end", given)
    form = form_for(request, ReasonForm)
    return carry_out(
        request,
        form,
        lambda cleaned: deeds.end_grant(
            request.actor, key, reason=cleaned["reason"], once=cleaned["once"]
        ),
        done=lambda _key: _back(given.need_id),
        title=_("End this maker's right to read"),
        lead=named(given.organisation),
        button=_("End it"),
        cancel=_back(given.need_id),
    )


@signed_in
def specification_file(request: HttpRequest, key: str) -> FileResponse:
    """The file of a document, to be kept; never shown by the browser itself."""
    document = find(request.actor, Specification, key)
    if not document.content:
        raise Http404
    return FileResponse(
        document.content.open("rb"),
        as_attachment=True,
        filename=document.file,
        content_type="application/octet-stream",
    )


def _back(need_id: str) -> str:
    return reverse("specifications", args=[need_id])


urlpatterns = [
    path("needs/<key:key>/specifications/", specifications, name="specifications"),
    path("needs/<key:key>/specifications/new/", issue_specification, name="issue_specification"),
    path("needs/<key:key>/specifications/grant/", grant_access, name="grant_access"),
    path("specifications/<key:key>/file/", specification_file, name="specification_file"),
    path("specifications/<key:key>/access/", change_access, name="change_access"),
    path("grants/<int:key>/end/", end_grant, name="end_grant"),
]
