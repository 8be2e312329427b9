"""Scenarios of the plan: reckoned in the background, compared with each other, adopted."""

from typing import Any, Final

import polars as pl
from django import forms
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from onshore.desk.access.analysis import require_reader
from onshore.desk.actions import scenarios as doing
from onshore.desk.actor import Actor
from onshore.desk.analysing import scenarios as reckoning
from onshore.desk.auditing.history import reason_of
from onshore.desk.models import Job, Need, Organisation, Scenario
from onshore.desk.pages.forms import (
    NumberField,
    OnceForm,
    ReasonForm,
    carry_out,
    carry_out_on,
    form_for,
    signed_in,
)
from onshore.desk.pages.listing import LATEST, Action, Column, listing
from onshore.desk.pages.names import named
from onshore.desk.pages.navigation import address
from onshore.desk.pages.showing import currency_name
from onshore.desk.pages.wording import language, sentence
from onshore.desk.policies import find, may, require, visible
from onshore.desk.reckoning.dashboard import Terms, offered_terms
from onshore.desk.screens.dashboard import rate_label
from onshore.figures import shown
from onshore.plan import change_totals, compare_plans

CHANGES: Final = {
    "same": gettext_lazy("The same"),
    "other year": gettext_lazy("Another year"),
    "other resource": gettext_lazy("Another offer of the maker"),
    "other maker": gettext_lazy("Another maker"),
    "added": gettext_lazy("Only in the second"),
    "dropped": gettext_lazy("Only in the first"),
    "all": gettext_lazy("All"),
}
IN_FORCE: Final = "plan"


@signed_in
def scenarios(request: HttpRequest) -> HttpResponse:
    """List the scenarios, the latest first."""
    actor = request.actor
    require_reader(actor)
    told = {name: F(f"result__{name}") for name in ("objective", "bound", "currency")}
    rows = visible(actor, Scenario).annotate(**told).defer("result")
    adopted = rows.filter(adopted_at__isnull=False).order_by("-adopted_at").first()
    actions = [Action(_("Compare two"), reverse("scenario_compare"), "differs")]
    if may(actor, "add", Scenario):
        actions.insert(0, Action(_("Make a scenario"), reverse("scenario_new"), "plus"))
    return listing(
        request,
        rows,
        title=_("Plans under assumptions of their own"),
        lead=_("The plan in force is that of: %s.") % adopted.title
        if adopted
        else _("No scenario was adopted yet."),
        empty=_("None yet. Make one: say what is assumed, and the plan is reckoned."),
        columns=(
            Column(_("Scenario"), "title", link=lambda row: reverse("scenario", args=[row.pk])),
            Column(_("Saves"), lambda row: _of(row, "objective"), "money"),
            Column(_("At most possible"), lambda row: _of(row, "bound"), "money"),
            Column(_("Stands"), lambda row: _stands(row, row.objective is not None)),
            Column(_("Made by"), "made_by", "code"),
            Column(_("Made on"), "made_at", "day"),
        ),
        sorts=(LATEST,),
        actions=tuple(actions),
    )


def _of(row: Any, name: str) -> tuple[Any, str]:
    worth = getattr(row, name)
    return (None, "") if worth is None else (round(float(worth)), str(row.currency))


def _stands(row: Any, reckoned: bool) -> str:
    if row.adopted_at is not None:
        return _("adopted")
    return _("reckoned") if reckoned else _("being reckoned")


class ScenarioForm(OnceForm):
    """What a scenario assumes."""

    title = forms.CharField(label=gettext_lazy("What it assumes, in a few words"), max_length=200)
    budgets = NumberField(label=gettext_lazy("Budgets, in percent of those there are"), initial=100)
    capacities = NumberField(
        label=gettext_lazy("Makers' capacities, in percent of those there are"), initial=100
    )
    rate_type = forms.ChoiceField(label=gettext_lazy("Type of rate"))
    without = forms.MultipleChoiceField(
        label=gettext_lazy("Without these makers"),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 6}),
    )
    seconds = NumberField(
        label=gettext_lazy("Seconds to search at most"), whole=True, initial=reckoning.SECONDS
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        own = Terms.of_programme()
        super().__init__(*args, initial={"rate_type": own.rate_type}, **kwargs)
        _currencies, types = offered_terms(own)
        self.fields["rate_type"].choices = [(kind, rate_label(kind)) for kind in types]
        makers = visible(actor, Organisation).filter(role__contains="maker").order_by("name")
        self.fields["without"].choices = [(row.pk, named(row)) for row in makers]


@signed_in
def scenario_new(request: HttpRequest) -> HttpResponse:
    """Say what is assumed, and have the plan reckoned."""
    actor = request.actor
    require(actor, "add", Scenario)
    names = ("rate_type", "without", "seconds")

    def act(told: dict[str, Any]) -> Any:
        assumed = {name: told[name] for name in names}
        assumed |= {name: told[name] / 100 for name in ("budgets", "capacities")}
        return doing.add(actor, told["title"], assumed, once=told["once"])

    return carry_out(
        request,
        form_for(request, ScenarioForm, actor=actor),
        act,
        done=lambda key: reverse("scenario", args=[key]),
        title=_("Make a scenario"),
        lead=_("The plan is reckoned in the background from the needs, offers and matches."),
        button=_("Reckon it"),
        cancel=reverse("scenarios"),
    )


@signed_in
def scenario(request: HttpRequest, key: int) -> HttpResponse:
    """Show a scenario's plan: what it saves, its bound, its limits, its rows."""
    actor = request.actor
    row = find(actor, Scenario, key)
    table = reckoning.planned(row)
    seen = _seen(actor, table)
    makers = _makers(actor, {*seen["maker_id"], *row.assumptions.get("without", ())})
    job = None
    if row.result is None:
        jobs = visible(actor, Job).filter(kind="scenarios.run", arguments__scenario=row.pk)
        job = jobs.order_by("-pk").first()
    result = row.result or {}
    actions = []
    if row.result is not None:
        compare = f"{reverse('scenario_compare')}?one={IN_FORCE}&other={row.pk}"
        actions.append(Action(_("Compare with the plan in force"), compare, "differs"))
        if row.adopted_at is None and may(actor, "adopt", row):
            adopt = reverse("scenario_adopt", args=[row.pk])
            actions.insert(0, Action(_("Adopt it"), adopt, "check"))
    return listing(
        request,
        seen.to_dicts(),
        title=row.title,
        lead=_lead(row, table, seen),
        empty=_("No need is planned.") if result else _("The plan is not reckoned yet."),
        columns=(
            Column(_("Need"), "need_id", "code", link=lambda one: address("need", one["need_id"])),
            Column(_("Maker"), lambda one: makers.get(one["maker_id"], one["maker_id"])),
            Column(_("Begins"), lambda one: shown.digits(str(one["start_year"]), language())),
            Column(
                _("First production"),
                lambda one: shown.digits(str(one["first_production_year"]), language()),
            ),
            Column(
                _("Tooling"),
                lambda one: _whole(one["tooling_cost"]),
                "number",
                result.get("currency", ""),
            ),
            Column(
                _("Expected saving"),
                lambda one: _whole(one["expected_saving"]),
                "number",
                result.get("currency", ""),
            ),
        ),
        actions=tuple(actions),
        template="desk/scenario.html",
        row=row,
        job=job,
        again=may(actor, "add", Scenario) and row.adopted_at is None,
        stands=_stands(row, row.result is not None),
        reason=reason_of(row, "scenarios.adopt") if row.adopted_at else "",
        rate_type=rate_label(row.assumptions.get("rate_type", "")),
        without=[makers.get(one, one) for one in row.assumptions.get("without", ())],
        percent={
            name: shown.percent(float(row.assumptions.get(name, 1)), language())
            for name in ("budgets", "capacities")
        },
        years=[
            (shown.digits(str(y), language()), used, most, b)
            for y, used, most, b in result.get("budgets", ())
        ],
        left_out=[(sentence(reason), count) for reason, count in result.get("left_out", ())],
    )


def _seen(actor: Actor, table: pl.DataFrame) -> pl.DataFrame:
    """Keep the rows of needs that the actor sees."""
    keys = visible(actor, Need).filter(pk__in=table["need_id"].to_list())
    return table.filter(pl.col("need_id").is_in(list(keys.values_list("pk", flat=True))))


def _makers(actor: Actor, keys: set[str | None]) -> dict[str, str]:
    rows = visible(actor, Organisation).filter(pk__in=keys - {None})
    return {row.pk: named(row) for row in rows.only("pk", "name", "name_fa")}


def _whole(worth: Any) -> int | None:
    return None if worth is None else round(worth)


def _lead(row: Any, table: pl.DataFrame, seen: pl.DataFrame) -> str:
    if row.result is None:
        return _("It is being reckoned in the background.")
    result = row.result
    told = _(
        "It saves %(saved)s %(currency)s over the horizon, discounted; at most %(bound)s is "
        "possible (gap %(gap)s)."
    ) % {
        "saved": shown.number(round(result["objective"]), language()),
        "bound": shown.number(round(result["bound"]), language()),
        "currency": currency_name(result["currency"]),
        "gap": shown.percent(result["gap"] or 0, language(), 2),
    }
    hidden = table.height - seen.height
    if hidden:
        told += " " + _("%s rows are of needs that you do not see.") % shown.number(
            hidden, language()
        )
    return told


@signed_in
def scenario_adopt(request: HttpRequest, key: int) -> HttpResponse:
    """Make a scenario's plan the programme's."""
    actor = request.actor
    row = find(actor, Scenario, key)
    require(actor, "adopt", row)
    return carry_out_on(
        request,
        row,
        ReasonForm,
        doing.adopt,
        page=lambda key: reverse("scenario", args=[key]),
        title=_("Adopt %s") % row.title,
        lead=_("Its plan replaces the plan in force; what that held stays in the log."),
        button=_("Adopt it"),
    )


@signed_in
@require_POST
def scenario_again(request: HttpRequest, key: int) -> HttpResponse:
    """Reckon a scenario with the records as they are now."""
    actor = request.actor
    row = find(actor, Scenario, key)
    require(actor, "add", Scenario)
    doing.reckon_again(actor, row.pk)
    return redirect("scenario", row.pk)


@signed_in
def scenario_compare(request: HttpRequest) -> HttpResponse:
    """Set two plans beside each other, need by need."""
    actor = request.actor
    require_reader(actor)
    reckoned = visible(actor, Scenario).filter(result__isnull=False).defer("result")
    offered = [(IN_FORCE, _("The plan in force"))]
    offered += [(str(row.pk), row.title) for row in reckoned.order_by("-pk")[:200]]
    asked = [request.GET.get(name, "") for name in ("one", "other")]
    asked = [key if key in dict(offered) else "" for key in asked]
    one = asked[0] or IN_FORCE
    other = asked[1] or (offered[1][0] if len(offered) > 1 else IN_FORCE)
    plans = [_seen(actor, _table(actor, key)) for key in (one, other)]
    compared = compare_plans(*(reckoning.as_plan(table) for table in plans))
    totals = change_totals(compared).filter(pl.col("starts") > 0).to_dicts()
    differing = compared.filter(pl.col("change") != "same")
    makers = _makers(actor, {*differing["maker"], *differing["maker_other"]})
    return listing(
        request,
        differing.to_dicts(),
        title=_("%(one)s and %(other)s differ in %(count)s starts")
        % {
            "one": dict(offered)[one],
            "other": dict(offered)[other],
            "count": shown.number(differing.height, language()),
        },
        empty=_("The two are the same."),
        columns=(
            Column(_("Need"), "item", "code", link=lambda row: address("need", row["item"])),
            Column(_("Change"), lambda row: str(CHANGES[row["change"]])),
            Column(_("Maker, first"), lambda row: _maker(makers, row["maker"])),
            Column(_("Year, first"), lambda row: _year(row["start_year"])),
            Column(_("Maker, second"), lambda row: _maker(makers, row["maker_other"])),
            Column(_("Year, second"), lambda row: _year(row["start_year_other"])),
            Column(
                _("Saving, second less first"), lambda row: round(row["value_difference"]), "number"
            ),
        ),
        template="desk/scenario_compare.html",
        offered=offered,
        one=one,
        other=other,
        totals=[{**row, "label": CHANGES[row["change"]]} for row in totals],
    )


def _table(actor: Actor, key: str) -> pl.DataFrame:
    if key == IN_FORCE:
        return reckoning.plan_in_force(actor)
    row = visible(actor, Scenario).filter(pk=int(key)).first()
    if row is None:
        raise Http404
    return reckoning.planned(row)


def _maker(makers: dict[str, str], key: str | None) -> str:
    return makers.get(key, key) if key else ""


def _year(year: int | None) -> str:
    return "" if year is None else shown.digits(str(year), language())


urlpatterns = [
    path("scenarios/", scenarios, name="scenarios"),
    path("scenarios/new/", scenario_new, name="scenario_new"),
    path("scenarios/compare/", scenario_compare, name="scenario_compare"),
    path("scenarios/<int:key>/", scenario, name="scenario"),
    path("scenarios/<int:key>/adopt/", scenario_adopt, name="scenario_adopt"),
    path("scenarios/<int:key>/again/", scenario_again, name="scenario_again"),
]
