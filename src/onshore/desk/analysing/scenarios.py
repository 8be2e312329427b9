"""Plans reckoned under assumptions of their own: made in the background, compared, adopted."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

import polars as pl
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onshore.desk.actions.acting import Refused
from onshore.desk.actor import Actor
from onshore.desk.jobs import Run, job
from onshore.desk.models import RECORDS, Need, ProgrammeSettings, Scenario
from onshore.desk.policies import find, require, visible
from onshore.desk.tables.frames import frame_of, frame_of_table
from onshore.figures import FigureError, RateTable
from onshore.plan import (
    Plan,
    PlanError,
    SolverError,
    Valued,
    instance_from_records,
    limits,
    make_plan,
    plan_table,
    scaled,
)
from onshore.records import Settings, schema, settings_from

SECONDS: Final = 60
"""Seconds that the search takes at most, unless the scenario says otherwise."""
GAP: Final = 0.001
STARTS: Final = {
    **dict.fromkeys(("item", "maker", "resource"), pl.String),
    "start_year": pl.Int64,
    "tooling_cost": pl.Float64,
    "value": pl.Float64,
}
_TABLES = ("items", "offers", "organisations", "places", "budgets", "candidates", "baselines")


@job(gettext_lazy("Reckon a scenario"))
def run(run: Run) -> dict[str, Any]:
    """Make the plan of a scenario and keep it with its bound."""
    from onshore.desk.actions.scenarios import keep_result

    row = find(run.actor, Scenario, run.arguments.get("scenario"))
    require(run.actor, "add", Scenario)
    result = reckon(run.actor, row.assumptions, run)
    keep_result(run.actor, row.pk, result)
    return {
        "address": reverse("scenario", args=[row.pk]),
        "summary": _("%s is reckoned: look at it, compare it, adopt it.") % row.title,
    }


def reckon(actor: Actor, told: Mapping[str, Any], run: Run | None = None) -> dict[str, Any]:
    """Make a plan of the needs that an actor sees, under assumptions.

    Parameters
    ----------
    told
        ``budgets`` and ``capacities`` (what these are multiplied with), ``rate_type``,
        ``without`` (makers that are not there), ``seconds``.

    Raises
    ------
    Refused
        The programme has no settings, or its tables do not make a planning problem.
    """
    settings = _settings(told)
    if run is not None:
        run.report(0, 0, _("Valuing needs and offers"))
    try:
        valued = _valued(actor, settings, told.get("without") or ())
        instance = scaled(
            valued.instance,
            budgets=float(told.get("budgets", 1)),
            capacities=float(told.get("capacities", 1)),
        )
        seconds = float(told.get("seconds") or SECONDS)

        def progress(gone: float, _objective: float, _bound: float) -> None:
            if run is not None:
                run.report(min(int(gone), int(seconds)), int(seconds), _("Looking for the plan"))

        made = make_plan(instance, gap=GAP, seconds=seconds, progress=progress)
        kept = limits(made, instance)
    except (PlanError, SolverError, FigureError) as error:
        raise Refused(
            _("No plan can be made of these tables: %s") % error,
            _("Mend what is named, then reckon the scenario again."),
        ) from error
    table = plan_table(made, valued, settings)
    return {
        "objective": made.objective,
        "bound": made.bound,
        "gap": made.gap,
        "status": made.status,
        "currency": settings.currency,
        "rate_type": settings.rate_type,
        "first_year": settings.first_year,
        "considered": valued.valued.height,
        "rows": [[_plain(cell) for cell in row] for row in table.iter_rows()],
        "columns": table.columns,
        "budgets": [
            [row["year"] + settings.first_year, row["used"], row["limit"], row["binding"]]
            for row in kept.filter(kind="budget").iter_rows(named=True)
        ],
        "left_out": [
            list(row)
            for row in valued.left_out["reason"].value_counts(sort=True).head(12).iter_rows()
        ],
    }


def _settings(told: Mapping[str, Any]) -> Settings:
    row = ProgrammeSettings._default_manager.filter(pk=1).first()
    if row is None:
        raise Refused(
            _("The desk holds no programme yet."), _("Ask the administrator to load one.")
        )
    settings = settings_from(row.settings)
    return replace(settings, rate_type=told["rate_type"]) if told.get("rate_type") else settings


def _valued(actor: Actor, settings: Settings, without: Any) -> Valued:
    tables = {name: frame_of_table(name) for name in _TABLES}
    needs = frame_of(visible(actor, Need))
    offers = tables["offers"].filter(~pl.col("maker_id").is_in(list(without)))
    pairs = tables["candidates"].join(offers, on="offer_id", how="semi")
    return instance_from_records(
        needs,
        tables["items"],
        offers,
        tables["organisations"],
        tables["places"],
        tables["budgets"],
        pairs.join(needs, on="need_id", how="semi"),
        RateTable(frame_of_table("rates")),
        settings=settings,
        baselines=tables["baselines"],
    )


def _plain(value: Any) -> Any:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value


def planned(row: Any) -> pl.DataFrame:
    """Give the plan of a scenario in the columns of the table ``plan``."""
    result = row.result or {"rows": [], "columns": list(schema("plan").dtypes)}
    texts = [[None if cell is None else str(cell) for cell in line] for line in result["rows"]]
    frame = pl.DataFrame(texts, schema=dict.fromkeys(result["columns"], pl.String), orient="row")
    kinds = schema("plan").dtypes
    return frame.select(pl.col(name).cast(kinds[name]) for name in frame.columns)


def plan_in_force(actor: Actor) -> pl.DataFrame:
    """Give the plan that was adopted: the table ``plan``."""
    return frame_of(visible(actor, RECORDS["plan"]).order_by("need_id", "offer_id"))


def as_plan(table: pl.DataFrame) -> Plan:
    """Give a table ``plan`` as the plan room compares it."""
    starts = table.select(
        item="need_id",
        maker="maker_id",
        resource="offer_id",
        start_year="start_year",
        tooling_cost=pl.col("tooling_cost").cast(pl.Float64).fill_null(0),
        value=pl.col("expected_saving").cast(pl.Float64).fill_null(0),
    ).cast(STARTS)  # type: ignore[arg-type]
    worth = float(starts["value"].sum())
    return Plan(starts, worth, worth, 0.0, "adopted")
