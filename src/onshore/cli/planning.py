"""``onshore plan``: what to localize first, without the rest of the main job."""

import math
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from onshore.cli.console import existing, note, result_json, result_table, warn
from onshore.cli.targets import file_target, writing


def register(app: App) -> None:
    """Add this file's commands to the application."""
    app.command(plan)


def plan(
    programme: Path,
    /,
    *,
    gap: Annotated[float, Parameter(validator=lambda _, x: _at_least_zero(x))] = 0.0001,
    time: Annotated[float, Parameter(validator=lambda _, x: _above_zero(x))] = 120.0,
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

    if out is not None:
        file_target(out)
    opened = open_programme(existing(programme))
    made = match_and_plan(opened, gap=gap, seconds=time)
    if out is not None:
        with writing(out):
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
    warn(opened.warnings)
    return 0


def _at_least_zero(number: float) -> None:
    if not (math.isfinite(number) and number >= 0):
        raise ValueError("Give 0 or more, such as 0.001.")


def _above_zero(number: float) -> None:
    if not (math.isfinite(number) and number > 0):
        raise ValueError("Give a number of seconds above 0.")
