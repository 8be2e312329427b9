"""Placing every item on one machine at least cost: the problem, and parts of it solved whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from onshore.plan.large.arrays import Floats, Whole

Bools = npt.NDArray[np.bool_]

# A load may pass its capacity by this share of it, for the rounding of sums.
ROUNDING = 1e-9
_LARGEST_COST = 1e4  # that HiGHS sees, unless all are whole


class NoAssignment(ValueError):
    """No assignment keeps the limits; the message says which item or machine stands against it."""


@dataclass(frozen=True, eq=False)
class Assigned:
    """An assignment and what is proven of it.

    Attributes
    ----------
    machine_of
        The machine of each item (int64); -1 everywhere while none was found.
    objective
        What the assignment costs with its openings; infinite while none was found.
    bound
        No assignment costs less.
    gap
        (objective - bound) / abs(objective).
    status
        "proved" where the gap asked for is reached, else "time limit".
    method
        What gave the assignment: "search", "dive", "combination", "neighbourhood", "branching" or
        "HiGHS".
    seconds
        Wall seconds taken, compilation at the first call included.
    """

    machine_of: npt.NDArray[np.int64]
    objective: float
    bound: float
    gap: float
    status: str
    method: str
    seconds: float


@dataclass(frozen=True)
class Placement:
    """Every item goes to one machine whole, at least cost.

    ``cost`` and ``weight`` are machines x items; a pair that is not ``possible`` is never made.
    ``opening`` is paid for a machine with any item.
    """

    cost: Floats
    weight: Floats
    capacity: Floats
    opening: Floats
    possible: Bools

    @property
    def unit(self) -> float:
        """What costs are measured in where HiGHS solves: its tolerances are absolute."""
        if self.whole:
            return 1.0
        most = max(np.abs(self.cost[self.possible]).max(initial=0), self.opening.max(initial=0))
        return float(most) / _LARGEST_COST

    @property
    def whole(self) -> bool:
        """Whether every cost is a whole number, so that every assignment's is."""
        numbers = np.concatenate([self.cost[self.possible], self.opening])
        return bool((numbers == np.floor(numbers)).all() and np.abs(numbers).max(initial=0) < 2**40)

    def value(self, machine_of: Whole) -> float:
        """Add up the costs of an assignment, infinite where it breaks a limit."""
        items = np.arange(self.cost.shape[1])
        if machine_of.min() < 0 or not self.possible[machine_of, items].all():
            return np.inf
        load = np.bincount(
            machine_of, weights=self.weight[machine_of, items], minlength=len(self.capacity)
        )
        if (load > self.capacity * (1 + ROUNDING)).any():
            return np.inf
        used = np.unique(machine_of)
        return float(self.cost[machine_of, items].sum() + self.opening[used].sum())

    def rest(self, machine_of: Whole, free: Bools) -> Placement:
        """Give the problem of the free items when the others stay on their machines."""
        kept = np.nonzero(~free)[0]
        at = machine_of[kept]
        load = np.bincount(at, weights=self.weight[at, kept], minlength=len(self.capacity))
        opening = self.opening.copy()
        opening[at] = 0.0
        capacity = np.maximum(self.capacity - load, 0.0)
        weight = self.weight[:, free]
        fits = weight <= capacity[:, None] * (1 + ROUNDING)
        return Placement(
            self.cost[:, free], weight, capacity, opening, self.possible[:, free] & fits
        )


@dataclass(frozen=True)
class Answer:
    """What HiGHS found: an assignment or None, a bound, and whether it came to its end."""

    machine_of: Whole | None
    bound: float
    ended: bool


def solve_placement(
    placement: Placement,
    pairs: Bools,
    *,
    start: Whole | None = None,
    gap: float = 0.0,
    seconds: float = 60.0,
    nodes: int | None = None,
) -> Answer:
    """Solve by HiGHS (https://highs.dev) with these pairs alone.

    An infeasible problem has ended with the bound infinity.
    """
    import highspy

    pairs = pairs & placement.possible
    if not pairs.any(axis=0).all():
        return Answer(None, np.inf, ended=True)
    machine, item = np.nonzero(pairs)
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    options: dict[str, Any] = {
        "output_flag": False,
        "parallel": "off",
        "mip_rel_gap": gap,
        "mip_abs_gap": 1 - 1e-6 if placement.whole else 1e-9,
        "mip_feasibility_tolerance": 1e-8,
        "primal_feasibility_tolerance": 1e-8,
        "time_limit": max(seconds, 0.01),
    }
    if nodes is not None:
        options["mip_max_nodes"] = nodes
    for name, value in options.items():
        highs.setOptionValue(name, value)
    lp, paying = _model(placement, machine, item)
    highs.passModel(lp)
    if start is not None:
        known = highspy.HighsSolution()
        used = np.isin(paying, start).astype(float)
        known.col_value = np.concatenate([(start[item] == machine).astype(float), used]).tolist()
        highs.setSolution(known)
    highs.run()
    return _read(highs, placement, machine, item)


def _model(placement: Placement, machine: Whole, item: Whole) -> tuple[Any, Whole]:
    """Write the rows: each item once, each capacity, and no pair of a machine not opened.

    Columns are the pairs, then the machines whose opening costs; gives the numbers of these.
    """
    import highspy

    machines, items = placement.cost.shape
    pairs = len(machine)
    paying = np.unique(machine[placement.opening[machine] > 0])
    column_of = np.full(machines, -1)
    column_of[paying] = pairs + np.arange(len(paying))
    linked = np.nonzero(column_of[machine] >= 0)[0]
    weight = placement.weight[machine, item]
    load = np.bincount(machine, weights=weight, minlength=machines)
    capacity = np.minimum(placement.capacity, load)  # keeps an endless capacity out of the rows
    scale = np.where(capacity > 0, capacity, 1.0)
    link_rows = items + machines + np.arange(len(linked))
    row = np.concatenate([item, items + machine, items + paying, link_rows, link_rows])
    column = np.concatenate(
        [np.arange(pairs), np.arange(pairs), column_of[paying], linked, column_of[machine[linked]]]
    )
    amount = np.concatenate(
        [np.ones(pairs), weight / scale[machine], -(capacity / scale)[paying],
         np.ones(len(linked)), -np.ones(len(linked))]
    )  # fmt: skip
    order = np.argsort(row, kind="stable")
    limit = np.where(column_of >= 0, 0.0, capacity / scale)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = pairs + len(paying), items + machines + len(linked)
    cost = np.concatenate([placement.cost[machine, item], placement.opening[paying]])
    lp.col_cost_ = cost / placement.unit
    lp.col_lower_, lp.col_upper_ = np.zeros(lp.num_col_), np.ones(lp.num_col_)
    lp.integrality_ = [highspy.HighsVarType.kInteger] * lp.num_col_
    below = np.full(machines + len(linked), -highspy.kHighsInf)
    lp.row_lower_ = np.concatenate([np.ones(items), below])
    lp.row_upper_ = np.concatenate([np.ones(items), limit, np.zeros(len(linked))])
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.searchsorted(row[order], np.arange(lp.num_row_ + 1))
    lp.a_matrix_.index_, lp.a_matrix_.value_ = column[order], amount[order]
    return lp, paying


def _read(highs: Any, placement: Placement, machine: Whole, item: Whole) -> Answer:
    import highspy

    status, info = highs.getModelStatus(), highs.getInfo()
    if status == highspy.HighsModelStatus.kInfeasible:
        return Answer(None, np.inf, ended=True)
    machine_of = None
    if info.primal_solution_status == int(highspy.SolutionStatus.kSolutionStatusFeasible):
        taken = np.asarray(highs.getSolution().col_value)[: len(machine)] > 0.5
        machine_of = np.full(placement.cost.shape[1], -1)
        machine_of[item[taken]] = machine[taken]
        # Within the solver's tolerance is not yet within ours.
        if not np.isfinite(placement.value(machine_of)):
            machine_of = None
    ended = status == highspy.HighsModelStatus.kOptimal
    bound = float(info.mip_dual_bound) * placement.unit
    return Answer(machine_of, bound if np.isfinite(bound) else -np.inf, ended)
