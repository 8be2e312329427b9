"""Phases: which provinces open when, and the location quotient that argues for each."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onshore.desk.actions import phases as doing
from onshore.desk.models import Phase
from onshore.desk.pages.forms import ReasonField, carry_out, form_for, signed_in
from onshore.desk.pages.names import place_name
from onshore.desk.pages.record_forms import record_form
from onshore.desk.policies import find, may, require, visible
from onshore.figures import FigureError, Period

_COLUMNS = (
    *("phase", "place", "sector", "from", "until"),
    *("quotient", "quotient_period", "reason", "source"),
)
_MOST = 60


@signed_in
def phases(request: HttpRequest) -> HttpResponse:
    """Show the provinces of each phase, and what the employment observed argues for."""
    today = timezone.localdate()
    observed = doing.periods_observed()
    period = request.GET.get("period", "") or (observed[0] if observed else "")
    found = doing.quotients(period) if period in observed else {}
    rows = list(visible(request.actor, Phase).order_by("phase", "place"))
    by_phase: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        by_phase.setdefault(row.phase, []).append(
            {
                "row": row,
                "name": place_name(row.place),
                "open": (row.starts is None or row.starts <= today)
                and (row.until is None or row.until >= today),
                "observed": found.get((row.place, row.sector)),
            }
        )
    opened = {row.place for row in rows}
    waiting = sorted(
        ((quotient, place, sector) for (place, sector), quotient in found.items() if quotient > 1),
        reverse=True,
    )
    open_now = {each["row"].place for rows in by_phase.values() for each in rows if each["open"]}
    return render(
        request,
        "desk/phases.html",
        {
            "phases": sorted(by_phase.items()),
            "open_now": len(open_now),
            "periods": observed,
            "period": period,
            "strong": [
                {"quotient": quotient, "name": place_name(place), "place": place, "sector": sector}
                for quotient, place, sector in waiting
                if place not in opened
            ][:_MOST],
            "may_add": may(request.actor, "add", Phase),
        },
    )


def _form(**extra: forms.Field) -> Any:
    return record_form("phases", _COLUMNS, extra=extra, required=("from",))


@signed_in
def new_phase(request: HttpRequest) -> HttpResponse:
    """Open a province in a phase."""
    require(request.actor, "add", Phase)
    place, sector = request.GET.get("place", ""), request.GET.get("sector", "")
    initial: dict[str, Any] = {"place": place, "sector": sector}
    for period in doing.periods_observed()[:1]:
        quotient = doing.quotients(period).get((place, sector))
        if quotient is not None:
            initial |= {"quotient": quotient, "quotient_period": _label(period)}
            initial |= {"source": _("employment observed, %s") % _label(period)}
    form = form_for(request, _form(), initial=initial)
    return carry_out(
        request,
        form,
        lambda cleaned: doing.add(request.actor, form.record_fields, once=cleaned["once"]),
        done=lambda _made: reverse("phases"),
        title=_("Open a province in a phase"),
        lead=_("Say what argues for it; the location quotient stands with its source."),
        button=_("Open it"),
        cancel=reverse("phases"),
    )


def _label(period: str) -> str:
    from onshore.desk.pages.wording import language

    try:
        return Period.parse(period).label(language())
    except FigureError:
        return period


@signed_in
def change_phase(request: HttpRequest, number: int) -> HttpResponse:
    """Change a province's phase."""
    found = find(request.actor, Phase, number)
    require(request.actor, "change", found)
    made = _form(reason_given=ReasonField(label=gettext_lazy("Why it is changed")))
    form = form_for(request, made, record=found)

    def act(cleaned: dict[str, Any]) -> str:
        told = {name: cleaned[name] for name in ("version", "once")}
        why = cleaned["reason_given"]
        return doing.change(request.actor, found.pk, form.record_fields, reason=why, **told)

    return carry_out(
        request,
        form,
        act,
        done=lambda _made: reverse("phases"),
        title=_("Change the phase of %s") % place_name(found.place),
        button=_("Save the changes"),
        cancel=reverse("phases"),
    )


urlpatterns = [
    path("phases/", phases, name="phases"),
    path("phases/new/", new_phase, name="new_phase"),
    path("phases/<int:number>/change/", change_phase, name="change_phase"),
]
