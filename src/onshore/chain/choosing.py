"""Projects chosen: a chain's linear program with a column for each way a project may come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from onshore.chain.compiling import Compiled
from onshore.chain.errors import ChainError
from onshore.chain.solver import Floats, Model

Whole = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Options:
    """Ways in which projects may come into service; of each project at most one is taken.

    Parameters
    ----------
    project
        Which project each option is of, as `project_rows` numbers them.
    service
        What part of each period it is in service, options x periods, 0 to 1.
    whole
        Whether it is taken whole or not at all.
    """

    project: Whole
    service: Floats
    whole: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Row:
    """A row of a model: lower <= values . x[columns] <= upper."""

    columns: Whole
    values: Floats
    lower: float = -np.inf
    upper: float = np.inf


@dataclass(frozen=True, eq=False)
class Choice:
    """What was chosen: ``taken`` has a share for each option, ``flow`` a value for each column.

    ``status`` is optimal, time limit (``taken`` is the best found, if any) or infeasible; no
    objective is better than ``bound``.
    """

    status: str
    objective: float
    bound: float
    gap: float
    flow: Floats
    taken: Floats
    found: bool


def project_rows(compiled: Compiled) -> Whole:
    """Give the rows of ``activity`` that are projects: the compiled chain has them in service."""
    finished = compiled.entities["activity"]["finished"].is_not_null().to_numpy()
    return np.flatnonzero(finished)


def project_columns(compiled: Compiled) -> Whole:
    """Give the columns of the projects' activity, projects x periods."""
    begin = compiled.block("activity").start
    rows = project_rows(compiled)[:, None] * compiled.periods
    columns: Whole = begin + rows + np.arange(compiled.periods)
    return columns


def output_row(compiled: Compiled, commodity: str, year: int, amount: float) -> Row:
    """Give the row by which the year's output of a commodity is at least an amount."""
    uses = compiled.entities["use"]
    made = (uses["commodity"] == commodity).to_numpy() & (uses["rate"].to_numpy() > 0)
    member = uses["group"].is_not_null().to_numpy()
    column = uses["activity"].to_numpy().astype(np.int64)
    height = compiled.entities["activity"].height
    column[member] = height + np.arange(int(member.sum()))
    seasons = len(compiled.seasons)
    then = compiled.years.index(year) * seasons + np.arange(seasons)
    columns = (column[made][:, None] * compiled.periods + then).ravel()
    return Row(columns, np.repeat(uses["rate"].to_numpy()[made], seasons), lower=amount)


def choose(
    compiled: Compiled,
    options: Options,
    *,
    cost: Floats,
    cost_of_options: Floats,
    rows: Sequence[Row] = (),
    gap: float = 1e-4,
    seconds: float = 60.0,
) -> Choice:
    """Choose options and flows so that their cost is least.

    The chain is compiled with all projects in service. With z the options taken, for each project
    p and period t

    activity[p, t] <= most[p, t] x sum over its options of service[o, t] z[o],
    sum over its options of z[o] <= 1,

    and the further rows are kept; their columns from ``len(compiled.cost)`` on are the options.
    """
    count, first = len(options.project), len(compiled.cost)
    at = project_columns(compiled)
    most = compiled.upper[at]
    own = [_service(p, at, most, options, first) for p in range(len(at))]
    once = [
        Row(first + np.flatnonzero(options.project == p), np.ones(int(n)), upper=1.0)
        for p, n in enumerate(np.bincount(options.project, minlength=len(at)))
        if n
    ]
    added = [*(row for part in own for row in part), *once, *rows]
    sizes = [len(row.columns) for row in added]
    starts = compiled.starts[-1] + np.cumsum(sizes)
    model = Model(
        cost=np.concatenate([cost, cost_of_options]),
        lower=np.concatenate([compiled.lower, np.zeros(count)]),
        upper=np.concatenate([compiled.upper, np.ones(count)]),
        row_lower=np.concatenate([compiled.row_lower, [row.lower for row in added]]),
        row_upper=np.concatenate([compiled.row_upper, [row.upper for row in added]]),
        starts=np.concatenate([compiled.starts, starts]).astype(np.int32),
        index=np.concatenate([compiled.index, *(row.columns for row in added)]).astype(np.int32),
        value=np.concatenate([compiled.value, *(row.values for row in added)]),
        whole=np.concatenate([np.zeros(first, bool), options.whole]),
    )
    return _solve(model, first, gap, seconds)


def _service(p: int, at: Whole, most: Floats, options: Options, first: int) -> list[Row]:
    """Hold each period's activity of a project to what is in service of it."""
    mine = np.flatnonzero(options.project == p)
    rows = []
    for t in np.flatnonzero(most[p] > 0):
        there = mine[options.service[mine, t] > 0]
        values = np.concatenate([[1.0], -most[p, t] * options.service[there, t]])
        rows.append(Row(np.concatenate([[at[p, t]], first + there]), values, upper=0.0))
    return rows


def _solve(model: Model, first: int, gap: float, seconds: float) -> Choice:
    import highspy

    highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    options: dict[str, Any] = {
        "output_flag": False,
        "threads": 1,
        "mip_rel_gap": gap,
        "time_limit": seconds,
        "mip_feasibility_tolerance": 1e-8,
        "primal_feasibility_tolerance": 1e-9,
        "small_matrix_value": 1e-12,
    }
    for name, value in options.items():
        highs.setOptionValue(name, value)
    whole = np.zeros(len(model.cost), bool) if model.whole is None else model.whole
    told = highs.passModel(
        len(model.cost),
        len(model.row_lower),
        len(model.value),
        int(highspy.MatrixFormat.kRowwise),
        int(highspy.ObjSense.kMinimize),
        0.0,
        model.cost,
        model.lower,
        model.upper,
        model.row_lower,
        model.row_upper,
        model.starts,
        model.index,
        model.value,
        whole.astype(np.int32),
    )
    if told == highspy.HighsStatus.kError:
        raise ChainError(
            "the solver refuses the model: a number is missing, or far too large or small. Give "
            "amounts and costs in larger or smaller units."
        )
    highs.run()
    status = highs.getModelStatus().name
    info = highs.getInfo()
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    words = {"kOptimal": "optimal", "kTimeLimit": "time limit", "kInfeasible": "infeasible"}
    values = np.asarray(highs.getSolution().col_value, dtype=np.float64)
    objective = float(info.objective_function_value) if found else np.nan
    mixed = bool(whole.any())
    bound = float(info.mip_dual_bound) if mixed else objective
    return Choice(
        words.get(status, status),
        objective,
        bound,
        float(info.mip_gap) if mixed and found else (0.0 if found else np.nan),
        values[:first],
        values[first:],
        bool(found),
    )
