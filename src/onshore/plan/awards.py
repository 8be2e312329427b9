"""Which projects of knowledge-based firms to support from a fund."""

from __future__ import annotations

import polars as pl

from onshore.plan.columns import broken
from onshore.plan.errors import PlanError
from onshore.plan.selection import Limits, Selection, bounds_of, choose
from onshore.plan.sheets import negative, read_sheet, refuse, twice, unknown

_PROJECTS = {
    "project": pl.String,
    "firm": pl.String,
    "field": pl.String,
    "cost": pl.Float64,
    "score": pl.Float64,
}


def award_projects(
    projects: pl.DataFrame,
    fund: float,
    *,
    firms: pl.DataFrame | None = None,
    fields: pl.DataFrame | None = None,
    exclusions: pl.DataFrame | None = None,
    gap: float = 1e-6,
    seconds: float = 60.0,
) -> Selection:
    """Award a fund to the projects that score or save most in all.

    maximize the sum of ``score`` of the awarded projects, where their costs are at most the
    fund, each firm and field keeps its limits, and of two that exclude each other at most one is
    awarded. A project is awarded whole or not at all. Solved by HiGHS, with a proven bound.

    Parameters
    ----------
    projects
        ``project`` (str, the key), ``firm``, ``field`` (str), ``cost`` (float >= 0, money),
        ``score`` (float >= 0: points, or money saved; what is added up must be of one kind).
    fund
        Money, in the unit of ``cost``: 0 or more.
    firms
        ``firm``, and ``most_projects`` (whole), ``most_amount`` (money) where limited.
    fields
        ``field``, and ``least_projects``, ``least_amount``, ``most_amount`` where limited.
    exclusions
        ``project``, ``with_project``: at most one of the two.
    gap, seconds
        As in `make_plan`.

    Returns
    -------
    Selection
        ``chosen``: the awarded rows of ``projects``, the highest score first; ``limits`` of the
        kinds ``fund``, ``firm projects``, ``firm amount``, ``field projects``, ``field amount``.

    Raises
    ------
    PlanError
        A row cannot be used (all such are named), or no choice keeps all limits (those missed
        by the nearest choice are named).
    SolverError
        The solver came to no usable answer.

    Examples
    --------
    Illustrative figures, in trillion rial: a fund of 40, two projects of one firm at most one
    of which may be awarded, and at least one project in water.

    >>> projects = pl.DataFrame({
    ...     "project": ["P1", "P2", "P3", "P4"], "firm": ["Alpha", "Alpha", "Beta", "Gamma"],
    ...     "field": ["steel", "steel", "rail", "water"], "cost": [25.0, 14.0, 18.0, 9.0],
    ...     "score": [80.0, 52.0, 60.0, 20.0],
    ... })
    >>> free = award_projects(projects, 40.0)
    >>> free.chosen["project"].to_list(), free.objective
    (['P1', 'P2'], 132.0)
    >>> held = award_projects(
    ...     projects, 40.0,
    ...     firms=pl.DataFrame({"firm": ["Alpha"], "most_projects": [1]}),
    ...     fields=pl.DataFrame({"field": ["water"], "least_projects": [1]}),
    ... )
    >>> held.chosen["project"].to_list(), held.objective, held.bound
    (['P1', 'P4'], 100.0, 100.0)
    """
    if not 0 <= fund < float("inf"):
        raise PlanError(f"fund: {fund} is not an amount of 0 or more")
    table = read_sheet("projects", projects, _PROJECTS)
    refuse([broken("projects", table, [*negative("cost", "score"), twice("project")])])
    rows = table.with_row_index("row")
    limits = [
        Limits(
            "fund",
            rows.select("row", name=pl.lit("fund"), amount="cost"),
            bounds_of(pl.Series(["fund"]), most=float(fund)),
        ),
        *_limits_of("firm", "firms", firms, rows),
        *_limits_of("field", "fields", fields, rows),
    ]
    if exclusions is not None:
        limits.append(_exclusions(exclusions, rows))
    found = choose(table, table["score"].to_numpy(), limits, gap=gap, seconds=seconds)
    return found.sorted_by("score", "project")


def _limits_of(key: str, name: str, frame: pl.DataFrame | None, rows: pl.DataFrame) -> list[Limits]:
    if frame is None:
        return []
    ends = ["least_projects", "least_amount", "most_projects", "most_amount"]
    known = [end for end in ends if key == "field" or end.startswith("most")]
    read = read_sheet(name, frame, {key: pl.String}, dict.fromkeys(known, pl.Float64))
    refuse(
        [broken(name, read, [unknown(key, rows[key], "projects"), twice(key), *negative(*known)])]
    )
    read = read.with_columns(
        pl.lit(None, pl.Float64).alias(end) for end in ends if end not in known
    )
    of = {"projects": pl.lit(1.0), "amount": pl.col("cost")}
    return [
        Limits(
            f"{key} {what}",
            rows.select("row", name=key, amount=amount),
            bounds_of(read[key], read[f"least_{what}"], read[f"most_{what}"]).filter(
                pl.col("least").is_not_null() | pl.col("most").is_not_null()
            ),
        )
        for what, amount in of.items()
    ]


def _exclusions(frame: pl.DataFrame, rows: pl.DataFrame) -> Limits:
    ends = ("project", "with_project")
    read = read_sheet("exclusions", frame, dict.fromkeys(ends, pl.String))
    itself = (ends[1], pl.col(ends[0]) == pl.col(ends[1]), "the project excludes itself")
    rules = [*(unknown(end, rows["project"], "projects") for end in ends), itself]
    refuse([broken("exclusions", read, rules)])
    named = read.unique(maintain_order=True).with_columns(name=pl.format("{} or {}", *ends))
    ones = pl.concat(named.select("name", project=end).join(rows, on="project") for end in ends)
    return Limits(
        "exclusion",
        ones.select("name", "row", amount=pl.lit(1.0)),
        bounds_of(named["name"], most=1.0),
        shown=False,
    )
