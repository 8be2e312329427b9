"""``onshore plan``: what to localize first, with its proof, its prices and its explanations."""

import json as json_
import math
from collections.abc import Callable, Iterator
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
_PRICED_ANEW, _MOST_PRICED = 20, 1_000_000
_YEARS = ("start_year", "limit_year", "next_best_year")


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

    ``unit`` names the money in English and Persian; ``step`` is the money by which budgets are
    moved for their prices. ``left_out`` are the candidates that could not be valued (item and
    reason), ``names`` what items and makers are called (``id``, ``name``).
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
    left_out: pl.DataFrame | None = None
    names: pl.DataFrame | None = None
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
    from onshore.plan.instance_folder import read_items

    with step("Reading"):
        instance = read_instance(folder)
    with step("Planning"), _interruptible() as interrupted:
        made = make_plan(
            instance, gap=gap, seconds=seconds, seed=seed, progress=_progress, stop=interrupted
        )
    table = made.starts.select("item", "maker", "start_year")
    return _Made(
        made,
        instance,
        table,
        instance_hash(folder),
        items=read_items(folder),
        currency="million USD",
        unit=("million USD", "میلیون دلار"),
        step=1.0,
    )


def _of_programme(folder: Path, gap: float, seconds: float, seed: int) -> _Made:
    from onshore.cli.main_job import match_and_plan
    from onshore.cli.programme import open_programme
    from onshore.plan import instance_digest

    opened = open_programme(folder)
    with _interruptible() as interrupted:
        planned = match_and_plan(
            opened, gap=gap, seconds=seconds, seed=seed, progress=_progress, stop=interrupted
        )
    instance = planned.valued.instance
    return _Made(
        planned.plan,
        instance,
        planned.plan_table,
        instance_digest(instance),
        currency=opened.settings.currency,
        unit=(opened.settings.currency, opened.settings.currency),
        step=_step_of(instance.budgets["amount"]),
        items=opened.table("needs")["need_id"],
        first_year=opened.settings.first_year,
        left_out=planned.left_out.select("reason", item="need_id"),
        names=pl.concat(
            [
                opened.table("needs").select(id="need_id", name="description"),
                opened.table("organisations").select(id="organisation_id", name="name"),
            ]
        ),
        warnings=tuple(opened.warnings),
    )


def _write_folder(out: Path, made: _Made, certificate: dict[str, Any]) -> None:
    from onshore.plan import explain_plan, find_duals, limits, prices
    from onshore.records import csv_bytes, write_whole

    with step("Explaining"):
        duals = find_duals(made.instance, made.plan)
        told = explain_plan(
            made.instance,
            made.plan,
            items=made.items,
            duals=duals,
            first_year=made.first_year,
            unit=made.unit,
            left_out=made.left_out,
        )
        kept = limits(made.plan, made.instance)
        # As many are solved anew as take some ten seconds together.
        size = max(made.instance.candidates.height * made.instance.years, 1)
        again = min(_PRICED_ANEW, _MOST_PRICED // size)
        priced = prices(made.instance, made.plan, money=made.step, relaxed=again, duals=duals)
        files = {
            "plan.csv": csv_bytes(made.table),
            "certificate.json": (json_.dumps(certificate, indent=2) + "\n").encode(),
            "limits.csv": csv_bytes(_dated(kept, made, "year")),
            "prices.csv": csv_bytes(_dated(priced, made, "year")),
            "explanations.csv": csv_bytes(_named(_dated(told, made, *_YEARS), made)),
        }
    with writing(out):
        write_whole(out, files)
    note(f"{', '.join(files)}: {out}")


def _dated(frame: pl.DataFrame, made: _Made, *years: str) -> pl.DataFrame:
    """Count years as the plan does: in a programme by its calendar."""
    return frame.with_columns(pl.col(year) + made.first_year for year in years)


def _named(told: pl.DataFrame, made: _Made) -> pl.DataFrame:
    """Write lists in one cell, and beside items and makers what they are called."""
    told = told.with_columns(pl.col("taken_by").list.join("; "))
    if made.names is None:
        return told
    names = made.names.unique("id", keep="first")
    for of in ("item", "maker", "next_best_maker"):
        named = names.rename({"id": of, "name": f"{of}_name"})
        told = told.join(named, on=of, how="left", maintain_order="left")
        before = told.columns.index(of) + 1
        told = told.select(*told.columns[:before], f"{of}_name", *told.columns[before:-1])
    return told


def _step_of(budgets: pl.Series) -> float:
    """Choose a change of budgets: a million, or less where that is more than a tenth of them."""
    paid = [amount for amount in budgets if 0 < amount < math.inf]
    if not paid:
        return 1e6
    return min(1e6, float(10.0 ** math.floor(math.log10(min(paid) / 10))))


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
def _interruptible() -> Iterator[Callable[[], bool]]:
    """Let the first Ctrl-C end the search with the best plan so far; the second one ends all."""
    from signal import SIGINT, default_int_handler, signal
    from threading import current_thread, main_thread

    if current_thread() is not main_thread():
        yield lambda: False
        return
    pressed = False

    def press(*_: object) -> None:
        nonlocal pressed
        pressed = True
        signal(SIGINT, default_int_handler)
        note("  stopping with the best plan so far; press Ctrl-C again to leave without one")

    before = signal(SIGINT, press)
    try:
        yield lambda: pressed
    finally:
        signal(SIGINT, before)


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
