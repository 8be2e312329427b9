"""Choosing rows of a table under limits: what awards, provinces and meetings have in common."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from onshore.plan.errors import PlanError
from onshore.plan.extended import bare_model, with_columns, with_rows
from onshore.plan.instance import TOLERANCE
from onshore.plan.rows import Floats, Rows, rows_of
from onshore.plan.solver import NoPlan, SolverError, solve


@dataclass(frozen=True, eq=False)
class Selection:
    """What is chosen, and how far it can be from the best choice.

    Attributes
    ----------
    chosen : DataFrame
        The chosen rows; the columns are those that the function says.
    objective, bound : float
        The sum of what the chosen rows bring; no choice within the limits brings more.
    gap : float
        (bound - objective) / objective; 0 where both are 0.
    status : str
        ``optimal`` (proved within one part in a million), ``within the gap`` that was asked
        for, or why the solver stopped before (``time limit`` ...).
    limits : DataFrame
        One row per limit: ``kind``, ``name`` (str), ``used``, ``least``, ``most`` (float, in the
        limit's own unit; null where it has no such end).
    """

    chosen: pl.DataFrame
    objective: float
    bound: float
    gap: float
    status: str
    limits: pl.DataFrame

    def sorted_by(self, most: str, key: str) -> Selection:
        """Put what is chosen in order: the most first, then by key."""
        return replace(self, chosen=self.chosen.sort(most, key, descending=[True, False]))


@dataclass(frozen=True, eq=False)
class Limits:
    """Limits that are alike.

    ``amounts`` has ``name``, ``row`` (of the table chosen from) and ``amount``; ``bounds`` has
    ``name`` (str), ``least`` and ``most`` (float, null: none). Those not ``shown`` say how rows
    exclude each other, which needs no showing.
    """

    kind: str
    amounts: pl.DataFrame
    bounds: pl.DataFrame
    shown: bool = True


def bounds_of(
    name: pl.Series, least: pl.Series | float | None = None, most: pl.Series | float | None = None
) -> pl.DataFrame:
    """Set names beside the least and the most of them."""
    ends = {"least": least, "most": most}
    columns = [
        end.alias(column) if isinstance(end, pl.Series) else pl.lit(end, pl.Float64).alias(column)
        for column, end in ends.items()
    ]
    return (
        name.alias("name")
        .to_frame()
        .select("name", *columns)
        .cast({"name": pl.String, "least": pl.Float64, "most": pl.Float64})
    )


def choose(
    table: pl.DataFrame,
    worth: Floats,
    limits: Sequence[Limits],
    *,
    gap: float,
    seconds: float,
) -> Selection:
    """Choose the rows that bring most; ``chosen`` keeps the order of the table.

    Raises
    ------
    PlanError
        An argument is out of range, or no choice keeps all limits: those that the nearest choice
        misses are named, with what it reaches.
    SolverError
        The solver came to no usable answer.
    """
    if not gap >= 0:
        raise PlanError(f"gap: {gap} is not a share of 0 or more; give 0.01 for one per cent")
    if not seconds > 0:
        raise PlanError(f"seconds: {seconds} is not above 0; give the time the solver may take")
    if table.is_empty():
        return _nothing(table, limits)
    model = bare_model(worth)
    for limit in limits:
        model = with_rows(model, _rows(limit))
    try:
        answer = solve(model, gap=gap, seconds=seconds)
    except NoPlan:
        raise _collision(len(worth), limits, seconds) from None
    asked = any((limit.bounds["least"] > 0).any() for limit in limits)
    if not answer.found and asked:
        raise SolverError(
            f"no choice that keeps the limits was found in {seconds:g} seconds; give more time"
        )
    return selected(
        table, worth, limits, np.flatnonzero(answer.chosen), answer.bound, answer.stopped
    )


def _nothing(table: pl.DataFrame, limits: Sequence[Limits]) -> Selection:
    none = np.zeros(0, dtype=np.int64)
    if any((limit.bounds["least"] > 0).any() for limit in limits):
        raise _missed(limits, none)
    return Selection(table, 0.0, 0.0, 0.0, "optimal", _used(limits, none, shown_only=True))


def selected(
    table: pl.DataFrame,
    worth: Floats,
    limits: Sequence[Limits],
    chosen: npt.NDArray[np.int64],
    bound: float,
    stopped: str,
) -> Selection:
    """Tell what chosen rows bring beside a bound; ``stopped`` is why there are no better ones."""
    objective = math.fsum(worth[chosen])
    # Where the time ends before the solver has a bound: everything that brings something.
    bound = max(objective, min(bound, math.fsum(np.maximum(worth, 0.0))))
    above = bound - objective
    share = above / objective if objective > 0 else (0.0 if above == 0 else math.inf)
    status = stopped
    if status == "proved":
        status = "optimal" if share <= 1e-6 else "within the gap"
    return Selection(
        table[chosen], objective, bound, share, status, _used(limits, chosen, shown_only=True)
    )


def _rows(limit: Limits) -> Rows:
    """Divide each row by its largest amount: the solver's tolerance is absolute."""
    largest = limit.amounts.group_by("name").agg(largest=pl.col("amount").abs().max())
    bounds = limit.bounds.with_row_index("at").join(largest, on="name", how="left")
    bounds = bounds.sort("at").with_columns(
        pl.when(pl.col("largest") > 0).then("largest").otherwise(1.0).fill_null(1.0)
    )
    entries = limit.amounts.join(bounds, on="name").select(
        column="row", row="at", amount=pl.col("amount") / pl.col("largest")
    )
    least, most = (
        (bounds[end] / bounds["largest"]).fill_null(np.inf * sign).to_numpy()
        for end, sign in (("least", -1), ("most", 1))
    )
    names = bounds.select("name", kind=pl.lit(limit.kind), year=pl.lit(None, pl.Int64))
    slack = TOLERANCE
    return rows_of(
        names,
        entries,
        lower=least - slack * np.abs(_finite(least)),
        upper=most + slack * np.abs(_finite(most)),
    )


def _finite(ends: Floats) -> Floats:
    return np.where(np.isfinite(ends), ends, 0.0)


def _used(
    limits: Sequence[Limits], chosen: npt.NDArray[np.int64], *, shown_only: bool
) -> pl.DataFrame:
    rows = pl.DataFrame({"row": chosen}, schema={"row": pl.Int64})
    parts = [
        pl.DataFrame(
            schema={
                "kind": pl.String,
                "name": pl.String,
                "used": pl.Float64,
                "least": pl.Float64,
                "most": pl.Float64,
            }
        )
    ]
    for limit in limits:
        if shown_only and not limit.shown:
            continue
        used = (
            limit.amounts.with_columns(pl.col("row").cast(pl.Int64))
            .join(rows, on="row")
            .group_by("name")
            .agg(used=pl.col("amount").sum().cast(pl.Float64))
        )
        parts.append(
            limit.bounds.join(used, on="name", how="left", maintain_order="left").select(
                pl.lit(limit.kind).alias("kind"),
                "name",
                pl.col("used").fill_null(0.0),
                "least",
                "most",
            )
        )
    return pl.concat(parts)


def _collision(rows: int, limits: Sequence[Limits], seconds: float) -> PlanError:
    """Find the choice that misses the leasts by the smallest shares, and name what it misses."""
    model = bare_model(np.zeros(rows))
    for limit in limits:
        block = _rows(limit)
        asked = np.flatnonzero(block.lower > 0)
        first = len(model.worth)
        model = with_columns(model, -np.ones(len(asked)), most=np.ones(len(asked)))
        give = pl.DataFrame(
            {"row": asked, "column": first + np.arange(len(asked)), "amount": block.lower[asked]}
        )
        entries = pl.concat(
            [
                block.entries,
                give.select(pl.col(name).cast(kind) for name, kind in block.entries.schema.items()),
            ]
        )
        model = with_rows(model, Rows(block.names, block.lower, block.upper, entries))
    answer = solve(model, gap=0.0, seconds=seconds)
    return _missed(limits, np.flatnonzero(answer.chosen))


def _missed(limits: Sequence[Limits], chosen: npt.NDArray[np.int64]) -> PlanError:
    used = _used(limits, chosen, shown_only=False)
    missed = used.filter(pl.col("used") < pl.col("least") * (1 - TOLERANCE))
    lines = [
        f"  {kind} {name}: at least {least:g} is asked for, {reached:g} can be reached"
        for kind, name, reached, least, _ in missed.iter_rows()
    ]
    if not lines:
        return PlanError(
            "no choice keeps all limits; amounts of very unlike size (1e-3 beside 1e12) cannot be "
            "held apart: give them in larger or smaller units"
        )
    return PlanError(
        "no choice keeps all limits. The nearest one misses:\n"
        + "\n".join(lines)
        + "\nLower these, or raise what they share (the fund, the budget, the slots)."
    )
