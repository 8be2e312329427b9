"""``onshore plan``: what to localize first, with its proof, its prices and its explanations."""

import json as json_
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import polars as pl
from cyclopts import App, Parameter

from onshore.cli.console import Refused, existing, note, result_json, result_table, step, warn
from onshore.cli.targets import file_target, folder_target, writing

if TYPE_CHECKING:
    from onshore.plan import Instance, Plan

FILES = ("plan.csv", "certificate.json", "limits.csv", "prices.csv", "explanations.csv")


def register(app: App) -> None:
    """Add this file's commands to the application."""
    app.command(plan)


def plan(
    source: Path,
    /,
    *,
    gap: Annotated[float, Parameter(validator=lambda _, x: _at_least_zero(x))] = 0.0001,
    time: Annotated[float, Parameter(validator=lambda _, x: _above_zero(x))] = 120.0,
    out: Path | None = None,
    seed: int = 0,
    json: Annotated[bool, Parameter(name="--json", negative="")] = False,
) -> int:
    """Choose items, makers and start years that save most within budgets and capacities.

    Parameters
    ----------
    source
        A programme folder, or an instance: a folder with items.csv, makers.csv, capacity.csv,
        candidates.csv, budgets.csv and floors.csv.
    gap
        Stop once the plan is proven to be this near to the best possible, as a fraction.
    time
        Stop after this many seconds with the best plan so far.
    out
        Folder for plan.csv, certificate.json, limits.csv, prices.csv and explanations.csv; or a
        CSV, XLSX or Parquet file for the plan alone; standard output when not given.
    seed
        Draws the moves of the search; the same seed gives the same plan.
    json
        Write the certificate as JSON to standard output.
    """
    from onshore.plan import is_instance_folder

    whole = out is not None and (out.is_dir() or not out.suffix)
    if out is not None and whole:
        folder_target(out, FILES)
    elif out is not None:
        file_target(out)
    folder = existing(source)
    make = _of_instance if is_instance_folder(folder) else _of_programme
    with _refusing():
        made = make(folder, gap, time, seed)
        certificate = made.certificate()
        if out is not None and whole:
            _write_folder(out, made, certificate)
    if out is not None and not whole:
        from onshore import records

        with writing(out):
            records.write_table(made.table, out)
        note(f"{made.table.height:,} rows: {out}")
    if json:
        result_json(certificate)
    elif out is None:
        result_table(made.table)
    else:
        note(_told(made.plan))
    warn(made.warnings)
    return 0


@dataclass(frozen=True)
class _Made:
    """A plan, the table of it that is written, and what it was made from.

    ``unit`` names the money in English and Persian; ``step`` is a million of the currency in it.
    """

    plan: "Plan"
    instance: "Instance"
    table: pl.DataFrame
    instance_hash: str
    currency: str
    unit: tuple[str, str]
    step: float
    items: pl.Series | None = None
    first_year: int = 0
    warnings: tuple[str, ...] = ()

    def certificate(self) -> dict[str, Any]:
        """Give what proves the plan: (bound - objective) / objective is the gap."""
        from onshore import __version__

        made = self.plan
        return {
            "objective": made.objective,
            "bound": made.bound,
            "gap": made.gap,
            "seconds": round(made.seconds, 3),
            "method": made.method,
            "status": made.status,
            "planned": made.starts.height,
            "currency": self.currency,
            "version": __version__,
            "instance_hash": self.instance_hash,
        }


def _of_instance(folder: Path, gap: float, seconds: float, seed: int) -> _Made:
    from onshore.plan import instance_hash, make_plan, read_instance

    with step("Reading"):
        instance = read_instance(folder)
    with step("Planning"):
        made = make_plan(instance, gap=gap, seconds=seconds, seed=seed, progress=_progress)
    table = made.starts.select("item", "maker", "start_year")
    return _Made(
        made,
        instance,
        table,
        instance_hash(folder),
        currency="million USD",
        unit=("million USD", "میلیون دلار"),
        step=1.0,
    )


def _of_programme(folder: Path, gap: float, seconds: float, seed: int) -> _Made:
    from onshore.cli.main_job import match_and_plan
    from onshore.cli.programme import open_programme
    from onshore.plan import instance_digest

    opened = open_programme(folder)
    planned = match_and_plan(opened, gap=gap, seconds=seconds, seed=seed)
    instance = planned.valued.instance
    return _Made(
        planned.plan,
        instance,
        planned.plan_table,
        instance_digest(instance),
        currency=opened.settings.currency,
        unit=(opened.settings.currency, opened.settings.currency),
        step=1e6,
        items=opened.table("needs")["need_id"],
        first_year=opened.settings.first_year,
        warnings=tuple(opened.warnings),
    )


def _write_folder(out: Path, made: _Made, certificate: dict[str, Any]) -> None:
    from onshore.plan import explain_plan, find_duals, limits, prices
    from onshore.records import csv_bytes, write_whole

    with step("Explaining"):
        duals = find_duals(made.instance)
        told = explain_plan(
            made.instance,
            made.plan,
            items=made.items,
            duals=duals,
            first_year=made.first_year,
            unit=made.unit,
        )
        files = {
            "plan.csv": csv_bytes(made.table),
            "certificate.json": (json_.dumps(certificate, indent=2) + "\n").encode(),
            "limits.csv": csv_bytes(limits(made.plan, made.instance)),
            "prices.csv": csv_bytes(prices(made.instance, made.plan, money=made.step, duals=duals)),
            "explanations.csv": csv_bytes(told.with_columns(pl.col("taken_by").list.join("; "))),
        }
    with writing(out):
        write_whole(out, files)
    note(f"{', '.join(files)}: {out}")


def _told(made: "Plan") -> str:
    return (
        f"saves {made.objective:,.2f}, at most {made.bound:,.2f} is possible "
        f"(gap {100 * made.gap:.3f} %): {made.status}, {made.seconds:.1f} s"
    )


def _progress(gone: float, objective: float, bound: float) -> None:
    if objective > 0:
        gap = 100 * (bound - objective) / objective
        note(f"  {gone:6.1f} s  plan {objective:,.2f}  bound {bound:,.2f}  gap {gap:.3f} %")


@contextmanager
def _refusing() -> Iterator[None]:
    from onshore.plan import PlanError, SolverError

    try:
        yield
    except (PlanError, SolverError) as mistake:
        raise Refused(str(mistake), status=1) from None


def _at_least_zero(number: float) -> None:
    if not (math.isfinite(number) and number >= 0):
        raise ValueError("Give 0 or more, such as 0.001.")


def _above_zero(number: float) -> None:
    if not (math.isfinite(number) and number > 0):
        raise ValueError("Give a number of seconds above 0.")
