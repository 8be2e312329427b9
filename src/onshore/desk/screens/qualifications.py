"""Qualification: what was tested, what was measured, and the result."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onshore.desk.actions import qualifications as deeds
from onshore.desk.models import Characteristic, Deal, Need, Offer, Qualification, Role
from onshore.desk.pages.forms import OnceForm, ReasonField, carry_out, choose, form_for, signed_in
from onshore.desk.pages.list_filters import by_choice
from onshore.desk.pages.listing import Column, Sort, listing
from onshore.desk.pages.measurements import MeasurementsForm, headings, report_pdf
from onshore.desk.pages.names import named
from onshore.desk.pages.wording import choice_label
from onshore.desk.policies import NotAllowed, find, may, require, visible

_RESULTS = ("pending", "passed", "failed")


class BeginForm(OnceForm):
    """A test that begins."""

    offer_id = forms.ChoiceField(label=gettext_lazy("Product"))
    stage = forms.ChoiceField(
        label=gettext_lazy("What is tested"),
        choices=lambda: [(stage, choice_label(stage)) for stage in deeds.STAGES],
    )
    standard = forms.CharField(label=gettext_lazy("Standard"), required=False, max_length=300)
    laboratory = forms.CharField(label=gettext_lazy("Laboratory"), required=False, max_length=300)


class JudgeForm(OnceForm):
    """The result of a test."""

    result = forms.ChoiceField(
        label=gettext_lazy("Result"),
        widget=forms.RadioSelect,
        choices=lambda: [(each, choice_label(each)) for each in _RESULTS[1:]],
    )
    reason = ReasonField(
        required=False,
        help_text=gettext_lazy("The maker reads it. A failed test needs one."),
    )


@signed_in
def qualifications(request: HttpRequest) -> HttpResponse:
    """Tests under way and done."""
    rows = visible(request.actor, Qualification).select_related(
        "need", "need__buyer", "offer", "offer__maker"
    )
    return listing(
        request,
        rows,
        title=_("Tests that wait for a result come first"),
        lead=_("A first article or field test that passed is what qualifies a product."),
        empty=_("A test appears here when a maker sends a sample, or an engineer begins one."),
        columns=(
            Column(
                _("Need"),
                "need.description",
                link=lambda row: reverse("qualification", args=[row.pk]),
            ),
            Column(_("Number"), "pk", "code"),
            Column(_("What is tested"), "stage", "choice"),
            Column(_("Result"), "result", "choice"),
            Column(_("Product"), "offer.description"),
            Column(_("Maker"), lambda row: named(row.offer.maker)),
            Column(_("Buyer"), lambda row: named(row.need.buyer)),
            Column(_("Day of the test"), "tested_on", "day"),
        ),
        filters=(by_choice("result", _("Result"), _RESULTS),),
        sorts=(
            # By the alphabet: pending comes after passed and failed.
            Sort("waiting", _("Waiting first"), ("-result", "-tested_on", "pk")),
            Sort("newest", _("Tested last first"), ("-tested_on", "pk")),
        ),
    )


@signed_in
def begin_qualification(request: HttpRequest, key: str) -> HttpResponse:
    """The form that begins a test of a product for a need."""
    need = find(request.actor, Need, key)
    if need.buyer_id not in request.actor.organisations(Role.ENGINEER):
        raise NotAllowed("judge")
    form = form_for(request, BeginForm)
    makers = visible(request.actor, Deal).filter(need=need).values("maker_id")
    own = visible(request.actor, Offer).filter(maker_id__in=makers).order_by("description")
    form.fields["offer_id"].choices = choose(own[:2000])
    return carry_out(
        request,
        form,
        lambda cleaned: deeds.begin(
            request.actor,
            key,
            **{
                name: cleaned[name]
                for name in ("offer_id", "stage", "standard", "laboratory", "once")
            },
        ),
        done=lambda done: reverse("measure", args=[done]),
        title=_("Begin a test"),
        lead=need.description,
        button=_("Begin it"),
        cancel=reverse("need", args=[key]),
    )


@signed_in
def qualification(request: HttpRequest, key: str) -> HttpResponse:
    """The report of a test; its engineer judges it here."""
    tested = find(request.actor, Qualification, key)
    judges = may(request.actor, "judge", tested) and tested.result == "pending"
    lines = visible(request.actor, Characteristic).filter(qualification=tested)
    if request.method == "POST":
        require(request.actor, "judge", tested)
    context = {
        "tested": tested,
        "need": tested.need,
        "lines": lines.order_by("number"),
        "judges": judges,
        "sees_need": visible(request.actor, Need).filter(pk=tested.need_id).exists(),
        "button": _("Judge the test"),
        "cancel": "",
    }
    if request.method == "GET" and not judges:
        return render(request, "desk/qualification.html", context)
    form = form_for(request, JudgeForm, record=tested)
    return carry_out(
        request,
        form,
        lambda cleaned: deeds.judge(
            request.actor,
            key,
            cleaned["result"],
            **form.sent,
        ),
        done=lambda done: reverse("qualification", args=[done or key]),
        template="desk/qualification.html",
        **context,
    )


@signed_in
def measure(request: HttpRequest, key: str) -> HttpResponse:
    """The form of what was measured."""
    tested = find(request.actor, Qualification, key)
    require(request.actor, "judge", tested)
    lines = visible(request.actor, Characteristic).filter(qualification=tested)
    form = form_for(request, MeasurementsForm, record=tested, lines=list(lines.order_by("number")))
    return carry_out(
        request,
        form,
        lambda _cleaned: deeds.measure(
            request.actor,
            key,
            form.told,
            form.lines,
            **form.sent,
        ),
        done=lambda done: reverse(
            "measure" if request.POST.get("more") else "qualification", args=[done or key]
        ),
        template="desk/measurements.html",
        tested=tested,
        headings=headings(),
        cancel=reverse("qualification", args=[key]),
    )


@signed_in
def qualification_report(request: HttpRequest, key: str) -> HttpResponse:
    """The report of a test as a PDF."""
    tested = find(request.actor, Qualification, key)
    lines = visible(request.actor, Characteristic).filter(qualification=tested)
    return HttpResponse(
        report_pdf(tested, list(lines.order_by("number"))),
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{_file_name(key)}.pdf"'},
    )


def _file_name(key: str) -> str:
    return "".join(letter if letter.isalnum() and letter.isascii() else "-" for letter in key)


urlpatterns = [
    path("qualifications/", qualifications, name="qualifications"),
    path("needs/<key:key>/qualifications/new/", begin_qualification, name="begin_qualification"),
    path("qualifications/<key:key>/", qualification, name="qualification"),
    path("qualifications/<key:key>/measure/", measure, name="measure"),
    path("qualifications/<key:key>/report/", qualification_report, name="qualification_report"),
]
