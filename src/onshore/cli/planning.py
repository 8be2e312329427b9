"""``onshore plan``: what to localize first, without the rest of the main job."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from onshore.cli.console import existing, note, result_json, result_table


def register(app: App) -> None:
    """Add this file's commands to the application."""
    app.command(plan)


def plan(
    programme: Path,
    /,
    *,
    gap: float = 0.0001,
    time: float = 120.0,
    out: Path | None = None,
    json: Annotated[bool, Parameter(name="--json", negative="")] = False,
) -> int:
    """Choose needs, makers and start years that save most within budgets and capacities.

    Parameters
    ----------
    programme
        A programme folder.
    gap
        Stop once the plan is proven to be this near to the best possible, as a fraction.
    time
        Stop after this many seconds with the best plan so far.
    out
        CSV, XLSX or Parquet file for the plan; standard output when not given.
    json
        Write objective, bound, gap and status as JSON.
    """
    from onshore import records
    from onshore.cli.main_job import match_and_plan
    from onshore.cli.programme import open_programme

    opened = open_programme(existing(programme))
    made = match_and_plan(opened, gap=gap, seconds=time)
    if out is not None:
        records.write_table(made.plan_table, out)
        note(f"{made.plan_table.height:,} rows: {out}")
    if json:
        found = made.plan
        result_json(
            {
                "objective": found.objective,
                "bound": found.bound,
                "gap": found.gap,
                "status": found.status,
                "currency": opened.settings.currency,
                "planned": made.plan_table.height,
            }
        )
    elif out is None:
        result_table(made.plan_table)
    return 0
