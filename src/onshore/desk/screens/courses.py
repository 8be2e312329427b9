"""Training courses: places, who takes part, who came."""

from typing import Any

from django import forms
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onshore.desk.actions import courses as doing
from onshore.desk.actor import Actor
from onshore.desk.auditing.history import history
from onshore.desk.models import Commitment, Course, Enrolment, Organisation, Role
from onshore.desk.pages.forms import (
    NumberField,
    OnceForm,
    ReasonField,
    WithdrawForm,
    carry_out,
    carry_out_on,
    choose,
    form_for,
    open_to_all,
    signed_in,
)
from onshore.desk.pages.list_filters import by_words
from onshore.desk.pages.listing import Action, Column, Filter, Sort, listing
from onshore.desk.pages.names import named, place_name
from onshore.desk.pages.record_forms import record_form
from onshore.desk.pages.wording import column_label
from onshore.desk.policies import STAFF, find, may, require, visible
from onshore.desk.screens.commitments import texted

_COLUMNS = ("title", "provider_id", "place", "from", "until", "seats", "commitment_id", "text")


def page_of(key: str) -> str:
    """Give the address of a course's page."""
    return reverse("course", args=[key])


@open_to_all
def courses(request: HttpRequest) -> HttpResponse:
    """List the courses, the next above."""
    actor, today = request.actor, timezone.localdate()
    rows = visible(actor, Course).select_related("provider").annotate(taken=_taken())
    return listing(
        request,
        rows,
        title=_("Training courses, and the places that are free"),
        empty=_("No course is announced."),
        columns=(
            Column(_("Course"), "title", link=lambda row: page_of(row.pk)),
            Column(_("Given by"), lambda row: named(row.provider)),
            Column(_("Where"), lambda row: place_name(row.place) if row.place else ""),
            Column(_("From"), "starts", "day"),
            Column(_("Until"), "until", "day"),
            Column(_("Places"), "seats", "number"),
            Column(_("Free"), lambda row: _free(row, today), "number"),
            Column(_("Came"), "attended", "number"),
        ),
        filters=(
            Filter(
                "when",
                _("When"),
                (("ahead", _("ahead")), ("over", _("over"))),
                lambda found, value: (
                    found.filter(starts__lte=today)
                    if value == "over"
                    else found.filter(starts__gt=today)
                ),
            ),
            by_words("title", "text"),
        ),
        sorts=(Sort("newest", _("Latest first"), ("-starts", "pk")),),
        actions=(Action(_("Announce a course"), reverse("new_course"), "plus"),)
        if may(actor, "add", Course)
        else (),
    )


def _taken() -> Any:
    return Count("enrolments_as_course")


def _free(course: Any, today: Any) -> int | None:
    """Give how many places are free, of a course that is not over."""
    last = course.until or course.starts
    if course.seats is None or (last is not None and last < today):
        return None
    return max(course.seats - course.taken, 0)


@open_to_all
def course(request: HttpRequest, key: str) -> HttpResponse:
    """A course: what is taught, the places, who takes part and who came."""
    actor, today = request.actor, timezone.localdate()
    find(actor, Course, key)
    rows = visible(actor, Course).select_related("provider").annotate(taken=_taken())
    found = rows.get(pk=key)
    seen = visible(actor, Enrolment).filter(course=found).select_related("organisation")
    enrolments = [
        {"row": row, "may_leave": row.attended is None and may(actor, "withdraw", row)}
        for row in seen.order_by("person")[:500]
    ]
    last = found.until or found.starts
    over = last is not None and last < today
    free = _free(found, today)
    begun = found.starts is not None and found.starts <= today
    commitment = visible(actor, Commitment).filter(pk=found.commitment_id).first()
    return render(
        request,
        "desk/course.html",
        {
            "title": found.title,
            "course": found,
            "over": over,
            "free": free,
            "enrolments": enrolments,
            "place": place_name(found.place) if found.place else "",
            "commitment": commitment,
            "commitment_text": texted(commitment) if commitment else "",
            "may_enrol": not over and free != 0 and may(actor, "enrol", found),
            "may_change": may(actor, "change", found),
            "may_attend": begun and may(actor, "attend", found),
            "history": history(actor, found) if actor.is_a(*STAFF) else None,
        },
    )


def _form(actor: Actor, record: Any = None, **extra: forms.Field) -> Any:
    rows = visible(actor, Organisation)
    if not actor.is_a(Role.OFFICER):
        held = {record.provider_id} if record is not None else set()
        rows = rows.filter(pk__in=actor.organisations(Role.RESEARCHER) | held)
    providers = choose(rows.order_by("name")[:5000], named)
    commitments = visible(actor, Commitment).order_by("due", "pk")[:500]
    promised = choose(commitments, texted)
    own = record.commitment_id if record is not None else None
    if own and own not in {key for key, _label in promised}:
        promised.append((own, own))
    return record_form(
        "courses",
        _COLUMNS,
        extra={
            "provider_id": forms.ChoiceField(
                label=column_label("courses", "provider_id"),
                choices=providers[1:] if len(providers) == 2 else providers,
            ),
            "commitment_id": forms.ChoiceField(
                label=column_label("courses", "commitment_id"), choices=promised, required=False
            ),
            "text": forms.CharField(
                label=column_label("courses", "text"),
                required=False,
                widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
            ),
            **extra,
        },
        required=("from",),
    )


@signed_in
def new_course(request: HttpRequest) -> HttpResponse:
    """Announce a course."""
    actor = request.actor
    require(actor, "add", Course)
    first = {"commitment_id": request.GET.get("commitment", "")}
    form = form_for(request, _form(actor), initial=first)
    return carry_out(
        request,
        form,
        lambda cleaned: doing.add(actor, form.record_fields, once=cleaned["once"]),
        done=page_of,
        title=_("Announce a course"),
        lead=_("Everybody reads it. Without a number of places it has no limit."),
        button=_("Announce it"),
        cancel=reverse("courses"),
    )


@signed_in
def change_course(request: HttpRequest, key: str) -> HttpResponse:
    """Change a course."""
    actor = request.actor
    found = find(actor, Course, key)
    require(actor, "change", found)
    made = _form(actor, found, reason=ReasonField(required=False))
    form = form_for(request, made, record=found)
    return carry_out(
        request,
        form,
        lambda _cleaned: doing.change(actor, found.pk, form.record_fields, **form.sent),
        done=lambda _made: page_of(found.pk),
        title=_("Change this course"),
        lead=found.title,
        button=_("Save the changes"),
        cancel=page_of(found.pk),
    )


@signed_in
def enrol(request: HttpRequest, key: str) -> HttpResponse:
    """Give a person a place in a course."""
    actor = request.actor
    found = find(actor, Course, key)
    require(actor, "enrol", found)
    rows = visible(actor, Organisation).filter(pk__in=actor.organisations(*Role))
    choices = choose(rows.order_by("name"), named)

    class EnrolForm(OnceForm):
        person = forms.CharField(
            label=gettext_lazy("Name of who takes part"),
            max_length=200,
            widget=forms.TextInput(attrs={"dir": "auto"}),
        )
        organisation_id = forms.ChoiceField(
            label=gettext_lazy("Sent by"),
            choices=choices[1:] if len(choices) == 2 else choices,
        )

    form = form_for(request, EnrolForm)
    return carry_out(
        request,
        form,
        lambda cleaned: doing.enrol(
            actor,
            found.pk,
            person=cleaned["person"],
            organisation_id=cleaned["organisation_id"],
            once=cleaned["once"],
        ),
        done=lambda _made: page_of(found.pk),
        guard=lambda: doing.require_free(found, timezone.localdate()),
        title=_("Take a place"),
        lead=found.title,
        button=_("Take the place"),
        cancel=page_of(found.pk),
    )


@signed_in
def leave_course(request: HttpRequest, key: int) -> HttpResponse:
    """Give a place back."""
    found = find(request.actor, Enrolment, key)
    require(request.actor, "withdraw", found)
    back = page_of(found.course_id)
    return carry_out_on(
        request,
        found,
        WithdrawForm,
        doing.leave,
        page=lambda _made: back,
        title=_("Give this place back?"),
        lead=f"{found.person}: {found.course.title}",
        button=_("Give it back"),
    )


class AttendanceForm(OnceForm):
    """Who came to a course and who passed: by name, or as a number."""

    def __init__(self, *args: Any, rows: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not rows:
            self.fields["attended"] = NumberField(label=gettext_lazy("How many came"), whole=True)
            return
        names = [(str(row.pk), row.person) for row in rows]
        for name, label, held in (
            ("came", gettext_lazy("Who came"), "attended"),
            ("passed", gettext_lazy("Who passed"), "passed"),
        ):
            self.fields[name] = forms.TypedMultipleChoiceField(
                label=label,
                choices=names,
                coerce=int,
                required=False,
                widget=forms.CheckboxSelectMultiple,
                initial=[str(row.pk) for row in rows if getattr(row, held)],
            )


@signed_in
def attendance(request: HttpRequest, key: str) -> HttpResponse:
    """Record who came to a course."""
    actor = request.actor
    found = find(actor, Course, key)
    require(actor, "attend", found)
    rows = list(visible(actor, Enrolment).filter(course=found).order_by("person"))
    form = form_for(request, AttendanceForm, record=found, rows=rows)
    return carry_out(
        request,
        form,
        lambda cleaned: doing.attend(actor, found.pk, **cleaned),
        done=lambda _made: page_of(found.pk),
        title=_("Who came?"),
        lead=found.title,
        button=_("Record it"),
        cancel=page_of(found.pk),
    )


urlpatterns = [
    path("courses/", courses, name="courses"),
    path("courses/new/", new_course, name="new_course"),
    path("courses/<key:key>/", course, name="course"),
    path("courses/<key:key>/change/", change_course, name="change_course"),
    path("courses/<key:key>/enrol/", enrol, name="enrol"),
    path("courses/<key:key>/attendance/", attendance, name="attendance"),
    path("enrolments/<int:key>/leave/", leave_course, name="leave_course"),
]
