"""The five-year plan: each aim beside what was observed, in either calendar."""

from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _

from onshore.desk.models import RECORDS
from onshore.desk.pages.forms import signed_in
from onshore.desk.pages.names import series_named
from onshore.desk.pages.wording import language
from onshore.desk.policies import NotAllowed, visible
from onshore.desk.tables.frames import frame_of, programme_settings
from onshore.figures import Period
from onshore.report.bounds import observed_over
from onshore.series import SeriesError, against_targets

_Calendar = Literal["gregorian", "solar_hijri"]
_SERIES = ("indicator", "product", "place", "partner")


@signed_in
def five_year(request: HttpRequest) -> HttpResponse:
    """Show targets by indicator and period, with the actuals beside."""
    from onshore.desk.access.agreements import reads_targets

    actor = request.actor
    if not reads_targets(actor):
        raise NotAllowed("five_year")
    targets = frame_of(visible(actor, RECORDS["targets"]))
    observations = frame_of(visible(actor, RECORDS["observations"]))
    asked = request.GET.get("calendar") or programme_settings().get("calendar")
    calendar: _Calendar = "solar_hijri" if asked == "solar_hijri" else "gregorian"
    failed = ""
    rows: list[dict[str, Any]] = []
    try:
        rows = list(against_targets(observations, targets).iter_rows(named=True))
    except SeriesError as error:
        failed = str(error)
    told = {row["target_id"]: row for row in targets.iter_rows(named=True)}
    units: dict[tuple[Any, ...], set[str]] = {}
    for row in observations.select(*_SERIES, "unit").unique().iter_rows(named=True):
        units.setdefault(_group(row), set()).add(row["unit"])
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row, over in zip(rows, observed_over(observations, rows), strict=True):
        group = _group(row)
        shown = _shown(row, told[row["target_id"]], calendar) | {"over": over}
        shown["other_unit"] = row["unit"] not in units.get(group, {row["unit"]})
        groups.setdefault(group, []).append(shown)
    settled = [row for group in groups.values() for row in group if row["attained"] is not None]
    return render(
        request,
        "desk/five_year.html",
        {
            "title": _("The plan: what is aimed at, and what was observed"),
            "groups": [
                (
                    series_named(dict(zip(_SERIES, name, strict=True))),
                    sorted(lines, key=lambda line: line["starts"]),
                )
                for name, lines in sorted(groups.items())
            ],
            "calendar": calendar,
            "calendars": [("gregorian", _("Gregorian")), ("solar_hijri", _("Solar Hijri"))],
            "settled": len(settled),
            "reached": sum(row["reached"] for row in settled),
            "failed": failed,
        },
    )


def _group(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] or "" for name in _SERIES)


def _shown(row: dict[str, Any], target: dict[str, Any], calendar: _Calendar) -> dict[str, Any]:
    at_most = target["direction"] == "at most"
    attained = row["attained"]
    reached = attained is not None and (attained <= 1 if at_most else attained >= 1)
    period = Period.parse(row["period"])
    observed = row["observed_period"] and Period.parse(row["observed_period"])
    statement = (target["statement_fa"] if language() == "fa" else "") or target["statement"]
    return {
        **row,
        "starts": period.start,
        "period": _in(period, calendar),
        "observed_period": _in(observed, calendar) if observed else "",
        "at_most": at_most,
        "reached": reached,
        "statement": statement or "",
        "source": target["source"],
    }


def _in(period: Period, calendar: _Calendar) -> str:
    """Name a period in a calendar: its own, or the days of the other that it spans."""
    return period.label(language()) if period.calendar == calendar else period.in_calendar(calendar)


urlpatterns = [path("five-year-plan/", five_year, name="five_year")]
