"""Trade, economy and chains: results brought in and shown; targets with their fans."""

from typing import Any

import polars as pl
from django import forms
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from onshore.desk.access.analysis import require_reader
from onshore.desk.actions import analyses as doing
from onshore.desk.analysing.analyses import LOST
from onshore.desk.analysing.result_files import KINDS, MOST_BYTES
from onshore.desk.models import Analysis
from onshore.desk.pages.forms import (
    NumberField,
    OnceForm,
    ReasonForm,
    carry_out,
    carry_out_on,
    form_for,
    signed_in,
)
from onshore.desk.pages.listing import LATEST, Action, Column, Filter, listing
from onshore.desk.pages.names import series_named
from onshore.desk.pages.wording import language, sentence, unit_named
from onshore.desk.policies import find, may, require, visible
from onshore.desk.reckoning import bulletins, outlook
from onshore.desk.screens.bulletins import shown_of
from onshore.figures import FigureError, Period, shown
from onshore.report.fan import Aim, Range, fan
from onshore.series import SeriesError


@signed_in
def analyses(request: HttpRequest) -> HttpResponse:
    """List the analyses that were brought in, the latest first."""
    actor = request.actor
    require_reader(actor)
    actions = [Action(_("Targets and what is likely"), reverse("outlook"), "target")]
    if may(actor, "add", Analysis):
        actions[:0] = [
            Action(_("Bring in a result"), reverse("analysis_new"), "upload"),
            Action(_("Solve a chain"), reverse("analysis_chain"), "flow"),
            Action(_("Dependency of the needs"), reverse("analysis_needs"), "list"),
        ]
    return listing(
        request,
        visible(actor, Analysis).annotate(own=F(f"content__{language()}__title")).defer("content"),
        title=_("Trade, economy and chains"),
        lead=_(
            "What onshore trade, economy and chain found: dependency, opportunities, flows, "
            "bottlenecks, shocks."
        ),
        empty=_(
            "None yet. Reckon the dependency of the needs, solve a chain, or bring in what the "
            "commands wrote."
        ),
        columns=(
            Column(
                _("Analysis"),
                lambda row: row.title or row.own,
                link=lambda row: reverse("analysis", args=[row.pk]),
            ),
            Column(_("Kind"), lambda row: str(KINDS.get(row.kind, row.kind))),
            Column(_("File"), "file", "code"),
            Column(_("Brought in by"), "made_by", "code"),
            Column(_("Day"), "made_at", "day"),
        ),
        filters=(
            Filter("kind", _("Kind"), list(KINDS.items()), lambda rows, v: rows.filter(kind=v)),
        ),
        sorts=(LATEST,),
        actions=tuple(actions),
    )


class ResultForm(OnceForm):
    """A folder of results as a ZIP file."""

    title = forms.CharField(
        label=gettext_lazy("Title"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Left empty, the result's own question."),
    )
    file = forms.FileField(
        label=gettext_lazy("Folder of the result, as a ZIP file"),
        help_text=gettext_lazy("At most 10 MB; its CSV tables and metadata.json are read."),
        widget=forms.FileInput(attrs={"accept": ".zip,application/zip"}),
    )


@signed_in
def analysis_new(request: HttpRequest) -> HttpResponse:
    """Bring a result in."""
    actor = request.actor
    require(actor, "add", Analysis)

    def act(told: dict[str, Any]) -> Any:
        file = told["file"]
        content = file.read(MOST_BYTES + 1)
        return doing.add(actor, told["title"], file.name, content, once=told["once"])

    return carry_out(
        request,
        form_for(request, ResultForm),
        act,
        done=lambda key: reverse("analysis", args=[key]),
        title=_("Bring in a result"),
        lead=_("Pack the folder that the command wrote with --out, as it is."),
        button=_("Bring it in"),
        cancel=reverse("analyses"),
    )


class LossForm(OnceForm):
    """What is lost in turn, and for how long."""

    lost = forms.MultipleChoiceField(
        label=gettext_lazy("What is lost, one after the other"),
        required=False,
        choices=list(LOST.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None: its flows and bottlenecks are told."),
    )
    weeks = NumberField(label=gettext_lazy("Weeks that it is lost for"), initial=4)


class ShockForm(LossForm):
    """What is lost in turn: something has to be."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lost"].required = True
        self.fields["lost"].help_text = ""
        self.fields["lost"].initial = ["asset"]


class ChainForm(LossForm):
    """A chain as a ZIP file, and what is asked of it."""

    file = forms.FileField(
        label=gettext_lazy("Folder of the chain, as a ZIP file"),
        help_text=gettext_lazy("At most 10 MB: chain.toml and its tables as CSV."),
        widget=forms.FileInput(attrs={"accept": ".zip,application/zip"}),
    )
    title = forms.CharField(
        label=gettext_lazy("Title"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Left empty, the result's own question."),
    )
    field_order = ("file", "title", "lost", "weeks")


@signed_in
def analysis_chain(request: HttpRequest) -> HttpResponse:
    """Bring a chain in, and have it solved."""
    actor = request.actor
    require(actor, "add", Analysis)

    def act(told: dict[str, Any]) -> Any:
        content = told["file"].read(MOST_BYTES + 1)
        asked = {name: told[name] for name in ("lost", "weeks")}
        return doing.solve_chain(actor, told["title"], content=content, **asked)

    return carry_out(
        request,
        form_for(request, ChainForm),
        act,
        done=lambda key: reverse("job", args=[key]),
        title=_("Where does a chain bind, and what would a loss cost?"),
        lead=_("It is solved in the background; the page that comes of it stays in the list."),
        button=_("Solve it"),
        cancel=reverse("analyses"),
    )


@signed_in
def analysis_shocks(request: HttpRequest, key: int) -> HttpResponse:
    """Have the losses of a chain's parts reckoned."""
    actor = request.actor
    row = find(actor, Analysis, key)
    require(actor, "add", Analysis)
    if not row.content.get("files"):
        raise Http404
    return carry_out(
        request,
        form_for(request, ShockForm),
        lambda told: doing.solve_chain(
            actor, "", analysis=row.pk, lost=told["lost"], weeks=told["weeks"]
        ),
        done=lambda job: reverse("job", args=[job]),
        title=_("What would a loss cost?"),
        lead=_titled(row),
        button=_("Reckon it"),
        cancel=reverse("analysis", args=[row.pk]),
    )


def _titled(row: Any) -> str:
    return str(row.title or row.content[language()]["title"])


@signed_in
def analysis_needs(request: HttpRequest) -> HttpResponse:
    """Have the import dependency of the needs reckoned."""
    actor = request.actor
    require(actor, "add", Analysis)
    return carry_out(
        request,
        form_for(request, OnceForm),
        lambda _told: doing.reckon_dependency(actor),
        done=lambda job: reverse("job", args=[job]),
        title=_("On whom do the needs' imports hang?"),
        lead=_(
            "Needs that tell origin, price, quantity and HS code are added up as a year's "
            "imports; confidential ones are left out."
        ),
        button=_("Reckon it"),
        cancel=reverse("analyses"),
    )


@signed_in
def analysis(request: HttpRequest, key: int) -> HttpResponse:
    """Show a result: its charts, its tables, its method."""
    actor = request.actor
    row = find(actor, Analysis, key)
    composed = bulletins.from_json(row.content[language()])
    return render(
        request,
        "desk/analysis.html",
        {
            "title": row.title or composed.title,
            "lead": composed.title if row.title else composed.subtitle,
            "row": row,
            "kind": KINDS.get(row.kind, row.kind),
            "removes": may(actor, "remove", row),
            "shocks": bool(row.content.get("files")) and may(actor, "add", Analysis),
            **shown_of(composed),
        },
    )


@signed_in
def analysis_remove(request: HttpRequest, key: int) -> HttpResponse:
    """Take a result out."""
    actor = request.actor
    row = find(actor, Analysis, key)
    require(actor, "remove", row)
    return carry_out_on(
        request,
        row,
        ReasonForm,
        lambda actor, key, **told: doing.remove(
            actor, key, reason=told["reason"], once=told["once"]
        ),
        page=lambda key: reverse("analysis", args=[key]),
        done=lambda _key: reverse("analyses"),
        title=_("Take out %s") % _titled(row),
        button=_("Take it out"),
    )


@signed_in
def outlook_page(request: HttpRequest) -> HttpResponse:
    """List the targets with how likely each is; show the fan of one of them."""
    actor = request.actor
    require_reader(actor)
    failed, rows = "", []
    try:
        rows = outlook.standing(actor)
    except SeriesError as error:
        failed = str(error)
    chosen = next((row for row in rows if row["target_id"] == request.GET.get("target")), None)
    if chosen is None:
        chosen = next((row for row in rows if row["median"] is not None), None)
    likely = sum((row["probability"] or 0) >= 0.5 for row in rows)
    told = sum(row["probability"] is not None for row in rows)
    lead = ngettext(
        "Of %(told)s target that can be told, %(likely)s is likely to be met.",
        "Of %(told)s targets that can be told, %(likely)s are likely to be met.",
        told,
    ) % {"told": shown.number(told, language()), "likely": shown.number(likely, language())}
    if rows and not told:
        lead = _("Of none of them it can be told yet how likely it is: each row says why.")
    return listing(
        request,
        rows,
        title=_("Targets and what is likely"),
        lead=lead if rows else "",
        empty=_("No aim is recorded yet."),
        columns=(
            Column(_("Target"), series_named, link=lambda row: f"?target={row['target_id']}"),
            Column(_("Period"), lambda row: _period(row["period"])),
            Column(_("Aim"), "target", "number"),
            Column(_("Unit"), lambda row: unit_named(row["unit"])),
            Column(_("Likely"), lambda row: _rounded(row["median"]), "number"),
            Column(_("From"), lambda row: _rounded(row["low"]), "number"),
            Column(_("To"), lambda row: _rounded(row["high"]), "number"),
            Column(_("Probability"), lambda row: _percent(row["probability"])),
            Column(_("Why not told"), lambda row: sentence(row["reason"] or "")),
        ),
        template="desk/outlook.html",
        chosen=chosen,
        chosen_name=series_named(chosen) if chosen else "",
        fan=_fan(outlook.course_for(actor, chosen), chosen) if chosen else "",
        failed=failed,
        statement=_statement(chosen) if chosen else "",
    )


def _period(text: str) -> str:
    try:
        return Period.parse(text).label(language())
    except FigureError:
        return text


def _rounded(value: float | None) -> Any:
    return None if value is None else round(value, 1)


def _percent(value: float | None) -> str:
    return "" if value is None else shown.percent(value, language())


def _statement(row: Any) -> str:
    own = row["statement_fa"] if language() == "fa" else ""
    return str(own or row["statement"] or "")


def _fan(course: pl.DataFrame, row: Any) -> SafeString:
    if course.height < 2 or course["observed"].all():
        return SafeString("")
    names = [_period(period) for period in course["period"]]
    aim = float(row["target"])
    svg = fan(
        "outlook",
        names,
        course["middle"].to_list(),
        [Range(_("eight of ten"), tuple(course["low"].to_list()), tuple(course["high"].to_list()))],
        middle_name=_("likely"),
        name=row["unit"],
        shown=lambda value, places: shown.number(value, language(), places),
        alt=_("The series as observed and carried on, with the aim; the table tells the same."),
        aims=[Aim(_("aim"), aim, _at(course["period"].to_list(), row["period"]))],
        rtl=language() == "fa",
    )
    return SafeString(svg)


def _at(periods: list[str], period: str) -> int | None:
    return periods.index(period) if period in periods else None


urlpatterns = [
    path("analysis/", analyses, name="analyses"),
    path("analysis/new/", analysis_new, name="analysis_new"),
    path("analysis/chain/", analysis_chain, name="analysis_chain"),
    path("analysis/needs/", analysis_needs, name="analysis_needs"),
    path("analysis/<int:key>/", analysis, name="analysis"),
    path("analysis/<int:key>/shocks/", analysis_shocks, name="analysis_shocks"),
    path("analysis/<int:key>/remove/", analysis_remove, name="analysis_remove"),
    path("outlook/", outlook_page, name="outlook"),
]
