"""What must be passed in large elastic models, by their linear relaxation over few starts.

Whole starts come in only for the least change: around the relaxation's own plan, whose price no
other change is below.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from onshore.plan.elastic import SLACK, Elastic, Passing, elastic_model, too_little_time
from onshore.plan.instance import Instance
from onshore.plan.model import Model
from onshore.plan.rows import Floats
from onshore.plan.sifting import (
    GAINS,
    MORE,
    Relaxation,
    best_of_items,
    gains,
    part_of,
    relaxation_of,
)
from onshore.plan.solver import SolverError, handed_over

Flags = npt.NDArray[np.bool_]
Whole = npt.NDArray[np.int64]

_NOTHING = 1e-6  # as a price: as little as this is the solver's rounding
_CLOSE = 0.01  # of its prices: what a start may lose to be tried whole
_ENOUGH = 0.01  # above the relaxation's price: near enough to the least
_PRIMAL = 4  # HiGHS's primal simplex method
# Which limits are tried without first: what is left is told, and should say most.
_FIRST_OUT = ("capacity", "floor", "together", "exclude", "required", "phase", "floor_amount")


@dataclass(eq=False)
class SiftedElastic:
    """An elastic model and its relaxation: ``limits`` as in `Elastic`, their ``prices``."""

    model: Model
    item: Whole
    limits: list[tuple[Any, ...]]
    first: int
    relaxed: Relaxation
    whole: Elastic | None
    again: Any
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
    ) -> SiftedElastic:
        """Make elastic the limits of these kinds; ``some`` asks for a start worth something."""
        made = elastic_model(starts, instance, weights, some=some)
        item = starts.select(pl.col("item").rle_id().cast(pl.Int64)).to_series().to_numpy()
        relaxed = relaxation_of(made.model, item, score=starts["value"].to_numpy())

        def again() -> Elastic:
            return Elastic.of(starts, instance, weights, ends, some=some)

        return cls(made.model, item, made.limits, made.first, relaxed, None, again, ends)

    def least_passing(self, seconds: float) -> Passing:
        """Find a plan that passes the limits at little more than the least price.

        Raises
        ------
        SolverError
            No plan was found in time, or only one of which it is not known whether it has to
            pass limits at all.
        """
        ends = min(time.perf_counter() + seconds, self.ends)
        best: tuple[float, Floats] | None = None
        for fixed in (True, False):
            left = ends - time.perf_counter()
            found = self._rounded(fixed, max(left, 1.0) * (0.6 if fixed else 0.5))
            if found is not None and (best is None or found[0] > best[0]):
                best = found
            if best and -best[0] <= -self.relaxed.value * (1 + _ENOUGH) + _NOTHING:
                break
        if best is None:
            raise too_little_time()
        value, share = best
        passed = share[self.first :] > SLACK
        must = -self.relaxed.value > _NOTHING
        if passed.any() and not must:
            # Only whole starts collide: nothing less than the whole model can tell.
            self.whole = self.again()
            return self.whole.least_passing(max(ends - time.perf_counter(), 1.0))
        least = -value <= -self.relaxed.value * (1 + 1e-6) + _NOTHING
        return Passing(share[: self.model.starts] > 0.5, passed, least)

    def colliding(self) -> list[tuple[Any, ...]]:
        """Find a set of limits that no plan keeps together, each with whether it is needed."""
        if self.whole is not None:
            return self.whole.colliding()
        question = _Question.of(self)
        firm = question.priced(self.relaxed.dual)
        proved = question.needed(firm, self._order(question), self.ends)
        return [(*self.limits[at], bool(sure)) for at, sure in sorted(proved.items())]

    def _order(self, question: _Question) -> Whole:
        """Put first what is tried without first: of a kind what has the lowest price."""
        ranks = {kind: rank for rank, kind in enumerate(_FIRST_OUT)}
        kinds = np.array([ranks.get(limit[0], len(ranks)) for limit in self.limits])
        of_row = np.flatnonzero(question.limit_of >= 0)
        price = np.bincount(
            question.limit_of[of_row],
            np.abs(self.relaxed.dual[of_row]) / question.prices[question.limit_of[of_row]],
            minlength=len(kinds),
        )
        return np.lexsort((price, kinds))

    def _rounded(self, fixed: bool, seconds: float) -> tuple[float, Floats] | None:
        """Look for whole starts near the relaxation's; ``fixed`` keeps those it takes in whole."""
        import highspy

        model, relaxed = self.model, self.relaxed
        row = np.repeat(np.arange(len(model.lower)), np.diff(model.begins))
        gain, amount = gains(model, row, relaxed.dual)
        share = relaxed.share[: model.starts]
        kept = (share > SLACK) | (relaxed.within & (gain > -_CLOSE * amount))
        part = part_of(model, kept)
        if fixed:
            part.least[: part.starts] = (share[kept] > 1 - SLACK).astype(float)
        highs = handed_over(part)
        highs.setOptionValue("mip_rel_gap", 1e-3)
        highs.setOptionValue("time_limit", seconds)
        highs.run()
        info = highs.getInfo()
        if info.primal_solution_status != int(highspy.SolutionStatus.kSolutionStatusFeasible):
            return None
        found = np.zeros(len(model.worth))
        found[np.append(kept, np.ones(len(model.worth) - model.starts, bool))] = np.asarray(
            highs.getSolution().col_value
        )
        return float(info.objective_function_value), found


@dataclass(eq=False)
class _Question:
    """The relaxation, kept at hand to ask whether some of the limits collide by themselves.

    A limit that is not asked about is passed for nothing. Starts come in where they would gain.
    """

    highs: Any
    model: Model
    item: Whole
    row: Whole
    limit_of: Whole
    slack: Whole
    prices: Floats
    within: Flags
    by_column: Whole
    column_begins: Whole

    @classmethod
    def of(cls, elastic: SiftedElastic) -> _Question:
        model, within = elastic.model, elastic.relaxed.within.copy()
        row = np.repeat(np.arange(len(model.lower)), np.diff(model.begins))
        part = part_of(model, within)
        highs = handed_over(replace(part, whole=np.zeros(len(part.worth), bool)))
        first, count = elastic.first, len(elastic.limits)
        slack = np.arange(first, first + count) - model.starts + part.starts
        of_slack = model.columns >= first
        limit_of = np.full(len(model.lower), -1)
        limit_of[row[of_slack]] = model.columns[of_slack] - first
        by_column = np.argsort(model.columns, kind="stable")
        begins = np.searchsorted(model.columns[by_column], np.arange(model.starts + 1))
        prices = -model.worth[first:]
        return cls(
            highs, model, elastic.item, row, limit_of, slack, prices, within, by_column, begins
        )

    def priced(self, dual: Floats) -> Flags:
        """Mark the limits that have a price in the duals: they collide by themselves."""
        rows = np.flatnonzero((self.limit_of >= 0) & (dual != 0))
        limit = self.limit_of[rows]
        priced = np.zeros(len(self.prices), bool)
        priced[limit[np.abs(dual[rows]) > GAINS * self.prices[limit]]] = True
        return priced

    def needed(self, firm: Flags, order: Whole, ends: float) -> dict[int, bool]:
        """Leave out what is not needed, many limits at a time, then each by itself.

        Gives the limits left, and whether the others could be kept without each.
        """
        firm = firm.copy()
        sure = np.zeros(len(firm), bool)
        count = max(int(firm.sum()) // 4, 1)
        while True:
            tried = [at for at in order if firm[at] and not sure[at]]
            for begin in range(0, len(tried), count):
                out = [at for at in tried[begin : begin + count] if firm[at]]
                if not out:
                    continue
                if time.perf_counter() > ends:
                    return {int(at): bool(sure[at]) for at in np.flatnonzero(firm)}
                rest = firm.copy()
                rest[out] = False
                left = self._collide(rest)
                if left is not None:
                    firm = left & rest
                elif len(out) == 1:
                    sure[out] = True
            if count == 1:
                return {int(at): bool(sure[at]) for at in np.flatnonzero(firm)}
            count = max(count // 4, 1)

    def _collide(self, firm: Flags) -> Flags | None:
        """Tell which of these limits collide by themselves; None where they can be kept."""
        if not firm.any():
            return None
        costs = -np.where(firm, self.prices, 0.0)
        self.highs.changeColsCost(len(costs), self.slack.astype(np.int32), costs)
        while True:
            self.highs.run()
            if self.highs.getModelStatus().name != "kOptimal":
                raise SolverError(
                    "the solver cannot tell whether the limits collide: the amounts are of very "
                    "unlike size. Give them in larger or smaller units."
                )
            value = float(self.highs.getInfo().objective_function_value)
            if value > -_NOTHING:
                return None
            dual = np.asarray(self.highs.getSolution().row_dual)
            gain, amount = gains(self.model, self.row, dual)
            coming = ~self.within & (gain > GAINS * amount)
            # What stays out lowers the price by no more than it gains.
            if gain[coming].sum() < 1e-3 * -value:
                return self.priced(dual)
            self._let_in(np.flatnonzero(best_of_items(gain, self.item, coming, MORE)))

    def _let_in(self, starts: Whole) -> None:
        lengths = self.column_begins[starts + 1] - self.column_begins[starts]
        begins = np.cumsum(lengths) - lengths
        ahead = np.arange(int(lengths.sum())) - np.repeat(begins, lengths)
        entry = self.by_column[np.repeat(self.column_begins[starts], lengths) + ahead]
        count = len(starts)
        self.highs.addCols(
            count,
            np.zeros(count),
            np.zeros(count),
            np.ones(count),
            len(entry),
            begins.astype(np.int32),
            self.row[entry].astype(np.int32),
            self.model.amounts[entry],
        )
        self.highs.setOptionValue("simplex_strategy", _PRIMAL)
        self.within[starts] = True
