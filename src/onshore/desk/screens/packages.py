"""Packages: needs put out together; interest, short list, award, and why not."""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onshore.desk.actions import packages as deeds
from onshore.desk.models import Desk, Interest, Need, Package, Role
from onshore.desk.pages.forms import (
    OnceForm,
    carry_out,
    carry_out_on,
    choose,
    form_for,
    open_to_all,
    signed_in,
)
from onshore.desk.pages.key_fields import KeyField
from onshore.desk.pages.listing import Action, Column, Filter, Sort, listing
from onshore.desk.pages.names import named
from onshore.desk.pages.record_forms import record_form
from onshore.desk.policies import find, may, require, visible

_COLUMNS = ("title", "desk_id", "need_ids", "closes", "access")
PackageForm = record_form(
    "packages",
    _COLUMNS,
    extra={
        "desk_id": forms.ChoiceField(label=gettext_lazy("Desk"), required=False),
        "need_ids": KeyField(
            "needs",
            several=True,
            label=gettext_lazy("Needs"),
            required=False,
            help_text=gettext_lazy("Numbers of needs, joined by ;. Or tick them below."),
        ),
        "ticked": forms.MultipleChoiceField(
            label=gettext_lazy("Open needs found"),
            required=False,
            widget=forms.CheckboxSelectMultiple,
        ),
    },
    required=("closes",),
)
ProlongForm = record_form("packages", ("closes",), required=("closes",))
_FOUND = 40


@open_to_all
def packages(request: HttpRequest) -> HttpResponse:
    """Packages of needs, those that close next first."""
    today = timezone.localdate()
    makes = may(request.actor, "add", Package)
    rows = visible(request.actor, Package).select_related("desk")
    return listing(
        request,
        rows,
        title=_("Packages of needs that look for makers"),
        lead=_("Say by the closing day that you are interested; everybody is told why or why not."),
        empty=_("No package is out now."),
        actions=[Action(_("Make a package"), reverse("new_package"), "plus")] if makes else [],
        columns=(
            Column(_("Package"), "title", link=lambda row: reverse("package", args=[row.pk])),
            Column(_("Number"), "pk", "code"),
            Column(_("Stands"), lambda row: _stands(row, today)),
            Column(_("Needs"), lambda row: len(deeds.needs_of(row)), "number"),
            Column(_("Desk"), lambda row: named(row.desk)),
            Column(_("Published"), "published", "day"),
            Column(_("Closes"), "closes", "day"),
        ),
        filters=(
            Filter(
                "open",
                _("Stands"),
                (("yes", _("open")), ("no", _("closed"))),
                lambda found, value: (
                    found.filter(published__isnull=False, closes__gte=today)
                    if value == "yes"
                    else found.filter(closes__lt=today)
                ),
            ),
        ),
        sorts=(
            Sort("newest", _("Published last first"), ("-published", "pk")),
            Sort("closes", _("Closing first"), ("closes", "pk")),
        ),
    )


def _stands(package: Package, today: Any) -> str:
    if package.published is None:
        return _("not published")
    return _("open") if deeds.is_open(package, today) else _("closed")


@open_to_all
def package(request: HttpRequest, key: str) -> HttpResponse:
    """A package: its needs, the actor's own interest and, for the agency, everybody's."""
    called = find(request.actor, Package, key)
    today = timezone.localdate()
    keys = deeds.needs_of(called)
    needs = visible(request.actor, Need).filter(pk__in=keys).select_related("buyer")
    interests = visible(request.actor, Interest).filter(package=called).select_related("maker")
    rows = list(interests.order_by("maker__name"))
    own = request.actor.organisations(Role.MAKER)
    open_now = deeds.is_open(called, today)
    closed = called.published is not None and not open_now
    decides = may(request.actor, "decide", called)
    seen = list(needs.order_by("description"))
    return render(
        request,
        "desk/package.html",
        {
            "package": called,
            "stands": _stands(called, today),
            "open_now": open_now,
            "desk": named(called.desk),
            "needs": seen,
            "hidden": len(keys) - len(seen),
            "own": [row for row in rows if row.maker_id in own],
            "interests": rows if decides or request.actor.is_a(Role.AUDITOR) else [],
            "may_express": may(request.actor, "express", called) and open_now,
            "may_change": may(request.actor, "change", called) and not closed,
            "may_publish": may(request.actor, "publish", called) and called.published is None,
            "may_short_list": decides and closed and _waits(rows, "submitted"),
            "may_award": decides and closed and _waits(rows, "short-listed"),
            "publish_form": OnceForm(record=called),
        },
    )


def _waits(rows: list[Interest], state: str) -> bool:
    return any(row.state == state for row in rows)


@signed_in
def new_package(request: HttpRequest) -> HttpResponse:
    """The form of a new package."""
    require(request.actor, "add", Package)
    form = form_for(request, PackageForm, initial={"need_ids": request.GET.get("needs", "")})
    return _package_form(
        request,
        form,
        lambda cleaned: deeds.add(request.actor, _with_ticked(form, cleaned), once=cleaned["once"]),
        title=_("Put needs together"),
        lead=_("Makers see the package once you publish it."),
        button=_("Make the package"),
        cancel=reverse("packages"),
    )


@signed_in
def change_package(request: HttpRequest, key: str) -> HttpResponse:
    """The form that changes a package."""
    called = find(request.actor, Package, key)
    require(request.actor, "change", called)
    if called.published is not None:
        late = form_for(request, ProlongForm, record=called)
        return carry_out(
            request,
            late,
            lambda _cleaned: deeds.change(
                request.actor,
                key,
                late.record_fields,
                **late.sent,
            ),
            done=lambda _key: reverse("package", args=[key]),
            title=_("Give makers more time"),
            lead=called.title,
            cancel=reverse("package", args=[key]),
        )
    form = form_for(request, PackageForm, record=called)
    return _package_form(
        request,
        form,
        lambda cleaned: deeds.change(
            request.actor,
            key,
            _with_ticked(form, cleaned),
            **form.sent,
        ),
        title=_("Change this package"),
        lead=called.title,
        button=_("Save the changes"),
        cancel=reverse("package", args=[key]),
    )


def _package_form(request: HttpRequest, form: Any, action: Any, **context: Any) -> HttpResponse:
    desks = visible(request.actor, Desk).order_by("name")
    form.fields["desk_id"].choices = choose(desks[:500], named)
    found = _found(request)
    form.fields["ticked"].choices = [(need.pk, f"{need.pk} · {need.description}") for need in found]
    return carry_out(
        request,
        form,
        action,
        done=lambda done: reverse("package", args=[done]),
        template="desk/package_form.html",
        words=request.GET.get("q", ""),
        found=len(found),
        **context,
    )


def _found(request: HttpRequest) -> list[Need]:
    """Give open needs by the words searched for; the same when the form is sent."""
    words = request.GET.get("q", "").strip()[:200]
    rows: QuerySet = visible(request.actor, Need).filter(state__in=deeds.IN_PACKAGES)
    if words:
        rows = rows.filter(
            Q(description__icontains=words) | Q(sector__iexact=words) | Q(pk__iexact=words)
        )
    return list(rows.order_by("state_since", "pk")[:_FOUND])


def _with_ticked(form: Any, cleaned: dict[str, Any]) -> dict[str, Any]:
    typed = [key.strip() for key in (cleaned.get("need_ids") or "").split(";") if key.strip()]
    keys = dict.fromkeys([*typed, *cleaned.get("ticked", [])])
    return {**form.record_fields, "need_ids": ";".join(keys)}


@signed_in
def publish_package(request: HttpRequest, key: str) -> HttpResponse:
    """Ask once more before a package is put out."""
    called = find(request.actor, Package, key)
    require(request.actor, "publish", called)
    return carry_out_on(
        request,
        called,
        OnceForm,
        deeds.publish,
        page=lambda key: reverse("package", args=[key]),
        title=_("Publish this package?"),
        lead=_("Makers may then say that they are interested, until the closing day."),
        button=_("Publish it"),
    )


urlpatterns = [
    path("packages/", packages, name="packages"),
    path("packages/new/", new_package, name="new_package"),
    path("packages/<key:key>/", package, name="package"),
    path("packages/<key:key>/change/", change_package, name="change_package"),
    path("packages/<key:key>/publish/", publish_package, name="publish_package"),
]
