"""The planning model with every limit elastic, and what must be passed in it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from onshore.plan.instance import Instance
from onshore.plan.model import Model, build_model
from onshore.plan.rows import Floats, Rows, rows_of
from onshore.plan.solver import SolverError, handed_over

SLACK = 1e-6  # of a row's largest amount: less is the solver's own rounding
_LIMIT = ["kind", "name", "year"]
_SHORTEST = 0.5  # seconds for one question


@dataclass(frozen=True, eq=False)
class Passing:
    """The starts of a plan, which limits it passes, and whether none is cheaper."""

    chosen: npt.NDArray[np.bool_]
    passed: npt.NDArray[np.bool_]
    least: bool


class ElasticModel(NamedTuple):
    """A model whose columns from ``first`` on tell how far each of the ``limits`` is passed."""

    model: Model
    limits: list[tuple[Any, ...]]
    first: int


class _OutOfTime(Exception):
    """Neither a plan was found, nor that there is none."""


@dataclass(eq=False)
class Elastic:
    """The model with a column for each limit: how far it is passed."""

    highs: Any
    limits: list[tuple[Any, ...]]
    first: int
    starts: int
    ends: float

    @classmethod
    def of(
        cls,
        starts: pl.DataFrame,
        instance: Instance,
        weights: Mapping[str, float],
        ends: float,
        *,
        some: bool = False,
    ) -> Elastic:
        """Make elastic the limits of these kinds; ``some`` asks for a start worth something."""
        made = elastic_model(starts, instance, weights, some=some)
        highs = handed_over(made.model)
        highs.setOptionValue("mip_rel_gap", 1e-6)
        return cls(highs, made.limits, made.first, made.model.starts, ends)

    def least_passing(self, seconds: float) -> Passing:
        """Find a plan that passes the limits at the least price.

        Raises
        ------
        SolverError
            No plan was found in time, or only one of which it is not known whether it has to
            pass limits at all.
        """
        try:
            self._whole(starts=False)
            must = self._ask(seconds)
            self._whole(starts=True)
            found = self._ask(seconds)
        except _OutOfTime:
            raise too_little_time() from None
        if must is None or found is None:
            raise SolverError("the solver finds no plan however far the limits are passed")
        if found.passed.any() and not (found.least or must.passed.any()):
            raise too_little_time()
        return found

    def colliding(self) -> list[tuple[Any, ...]]:
        """Find a set of limits that no plan keeps together, each with whether it is needed."""
        try:
            firm, relaxed = self._firm_set()
        except _OutOfTime:
            raise too_little_time() from None
        # Which plan is cheapest no longer matters, only whether there is one.
        for at in range(len(self.limits)):
            self.highs.changeColCost(self.first + at, 0.0)
        if relaxed:
            self._whole(starts=False)
            firm = [at for at, _ in self._needed(firm)]
            self._whole(starts=True)
        return [(*self.limits[at], proved) for at, proved in sorted(self._needed(firm))]

    def _firm_set(self) -> tuple[list[int], bool]:
        """Make firm what has to be passed, until nothing can be; tell if relaxed starts do."""
        firm: list[int] = []
        for relaxed in (True, False):
            self._whole(starts=not relaxed)
            while True:
                found = self._ask(self._left)
                if found is None:
                    return firm, relaxed
                new = [int(at) for at in np.flatnonzero(found.passed)]
                if not new:
                    break
                firm += new
                for at in new:
                    self._let(at, 0.0)
        raise SolverError(
            "the solver cannot tell whether the limits collide: the amounts are of very unlike "
            "size. Give them in larger or smaller units."
        )

    def _needed(self, firm: list[int]) -> list[tuple[int, bool]]:
        """Leave out each limit without which the others still collide."""
        kept = []
        for count, at in enumerate(firm):
            self._let(at, self.highs.inf)
            try:
                needed = self._ask(self._left / (len(firm) - count)) is not None
            except _OutOfTime:
                needed, proved = True, False
            else:
                proved = needed
            if needed:
                self._let(at, 0.0)
                kept.append((at, proved))
        return kept

    @property
    def _left(self) -> float:
        return self.ends - time.perf_counter()

    def _let(self, limit: int, most: float) -> None:
        self.highs.changeColBounds(self.first + limit, 0.0, most)

    def _whole(self, *, starts: bool) -> None:
        self.highs.setOptionValue("solve_relaxation", not starts)

    def _ask(self, seconds: float) -> Passing | None:
        """Find a plan; None where there is none."""
        import highspy

        # The solver's clock goes on from one run to the next.
        until = self.highs.getRunTime() + max(seconds, _SHORTEST)
        self.highs.setOptionValue("time_limit", until)
        self.highs.run()
        status = self.highs.getModelStatus()
        known = highspy.HighsModelStatus
        if status in (known.kInfeasible, known.kUnboundedOrInfeasible):
            return None
        if status == known.kModelEmpty:
            return Passing(np.zeros(self.starts, bool), np.zeros(len(self.limits), bool), True)
        feasible = int(highspy.SolutionStatus.kSolutionStatusFeasible)
        if self.highs.getInfo().primal_solution_status != feasible:
            raise _OutOfTime
        found = np.asarray(self.highs.getSolution().col_value)
        passed = found[self.first : self.first + len(self.limits)] > SLACK
        return Passing(found[: self.starts] > 0.5, passed, status == known.kOptimal)


def elastic_model(
    starts: pl.DataFrame, instance: Instance, weights: Mapping[str, float], *, some: bool
) -> ElasticModel:
    """Make elastic the limits of these kinds; ``some`` asks for a start worth something."""
    more = [_phase_rows(starts)]
    if some:
        more.append(_some_start(starts))
    # What an opening costs bears on no limit.
    model = build_model(starts, replace(instance, openings=None), more)
    at = model.rows.with_row_index("row").filter(pl.col("kind").is_in(list(weights)))
    limits = at.unique(_LIMIT, maintain_order=True).select(_LIMIT)
    at = at.join(limits.with_row_index("limit"), on=_LIMIT, nulls_equal=True, maintain_order="left")
    row, limit = at["row"].to_numpy(), at["limit"].to_numpy()
    prices = np.zeros(limits.height)
    kinds = np.array([weights[kind] for kind in at["kind"]])
    np.maximum.at(prices, limit, kinds / _sizes(model)[row])
    first = len(model.worth)
    return ElasticModel(_with_slack(model, row, limit, prices), limits.rows(), first)


def too_little_time() -> SolverError:
    """Word the error that time ran out."""
    return SolverError("which limits collide was not found in time. Give it more seconds.")


def _phase_rows(starts: pl.DataFrame) -> Rows:
    """Bar each start before its maker opens, by as many years as it is early."""
    early = starts.filter(pl.col("start_year") < pl.col("opens")).with_row_index("row")
    return rows_of(
        early.select(kind=pl.lit("phase"), name="maker", year="opens"),
        early.select("row", column="start", amount=pl.col("opens") - pl.col("start_year")),
        upper=0.0,
    )


def _some_start(starts: pl.DataFrame) -> Rows:
    worth = starts.filter(pl.col("value") > 0)
    return rows_of(
        pl.DataFrame({"kind": ["some start"], "name": [None], "year": [None]}),
        worth.select(row=pl.lit(0), column="start", amount=pl.lit(1.0)),
        lower=1.0,
    )


def _sizes(model: Model) -> Floats:
    """Give each row's bound, or the most that one start is in it where that is more."""
    row = np.repeat(np.arange(len(model.lower)), np.diff(model.begins))
    largest = np.zeros(len(model.lower))
    of_start = model.columns < model.starts
    np.maximum.at(largest, row[of_start], np.abs(model.amounts[of_start]))
    bound = np.where(np.isfinite(model.upper), model.upper, model.lower)
    size: Floats = np.maximum(np.abs(np.nan_to_num(bound, posinf=0.0, neginf=0.0)), largest)
    # A year of a phase is a year, and what may only be dropped is dropped whole.
    kind = model.rows["kind"]
    floors = kind.is_in(["floor", "floor_amount"]).to_numpy()
    best = float(np.abs(model.worth[: model.starts]).max(initial=0.0))
    size = np.where(floors, np.maximum(size, best), size)
    counted = kind.is_in(["phase", "required", "fixed", "together", "exclude"])
    return np.where(counted.to_numpy() | (size <= 0), 1.0, size)


def _with_slack(
    model: Model,
    row: npt.NDArray[np.uint32],
    limit: npt.NDArray[np.uint32],
    prices: Floats,
) -> Model:
    """Add a column for each limit: how far its rows are passed."""
    first, count = len(model.worth), len(prices)
    sign = np.where(np.isfinite(model.lower[row]), 1.0, -1.0)
    old_row = np.repeat(np.arange(len(model.lower)), np.diff(model.begins))
    rows = np.concatenate([old_row, row])
    columns = np.concatenate([model.columns, first + limit])
    order = np.lexsort((columns, rows))
    lengths = np.bincount(rows, minlength=len(model.lower))
    return replace(
        model,
        worth=np.concatenate([np.zeros(first), -prices]),
        least=np.concatenate([model.least, np.zeros(count)]),
        most=np.concatenate([model.most, np.full(count, np.inf)]),
        whole=np.concatenate([model.whole, np.zeros(count, dtype=bool)]),
        begins=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32),
        columns=columns[order].astype(np.int32),
        amounts=np.concatenate([model.amounts, sign])[order],
    )
