"""The model handed to HiGHS, and its answer in our terms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from onshore.plan.model import Model

# HiGHS counts a row as kept, and a start as whole, within this; its own default of 1e-6
# would let a budget be passed by a millionth, and 1e-9 stalls its cuts on large instances.
_FEASIBILITY = 1e-8
# Entries below this are dropped by HiGHS; rows are scaled so that their largest is 1.
_SMALLEST_ENTRY = 1e-12


class SolverError(RuntimeError):
    """The solver came to no usable answer; the message says what it reported."""


@dataclass(frozen=True, eq=False)
class Answer:
    """What the solver found: which starts are ``chosen``, the ``bound``, why it stopped."""

    chosen: npt.NDArray[np.bool_]
    bound: float
    stopped: str


def solve(model: Model, *, gap: float, seconds: float) -> Answer:
    """Solve the model whole by HiGHS's branch and cut (https://highs.dev)."""
    import highspy

    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    for option, value in {
        "output_flag": False,
        "mip_rel_gap": gap,
        "mip_abs_gap": 0.0,
        "time_limit": seconds,
        "mip_feasibility_tolerance": _FEASIBILITY,
        "primal_feasibility_tolerance": _FEASIBILITY,
        "small_matrix_value": _SMALLEST_ENTRY,
    }.items():
        _require_ok(highs.setOptionValue(option, value), f"the option {option}")
    _require_ok(_pass(model, highs), "the model")
    highs.run()
    return _read(model, highs)


def stopped_in_words(status: str) -> str:
    """Say why the solver stopped, from the name of its model status.

    Raises
    ------
    SolverError
        The status leaves no plan. The empty plan keeps every limit, so 'infeasible' and
        'unbounded' can only come of numbers that the solver cannot hold apart.
    """
    words = {
        "kOptimal": "proved",
        "kTimeLimit": "time limit",
        "kInterrupt": "interrupted",
        "kHighsInterrupt": "interrupted",
        "kMemoryLimit": "memory limit",
    }
    if status in words:
        return words[status]
    reasons = {
        "kInfeasible": "no plan keeps the limits",
        "kUnbounded": "the saving has no limit",
        "kUnboundedOrInfeasible": "no plan keeps the limits, or the saving has no limit",
    }
    reason = reasons.get(status, f"it ended with the status {status}")
    raise SolverError(
        f"the solver reports that {reason}, which cannot be: the empty plan is always possible "
        "and every start has a limit. Look for amounts of very unlike size (1e-3 beside 1e12) "
        "and give them in larger or smaller units."
    )


def _pass(model: Model, highs: Any) -> Any:
    import highspy

    columns, extra = len(model.worth), len(model.worth) - model.starts
    whole = [int(highspy.HighsVarType.kInteger)] * model.starts
    kinds = whole + [int(highspy.HighsVarType.kContinuous)] * extra
    return highs.passModel(
        columns,
        len(model.lower),
        len(model.amounts),
        int(highspy.MatrixFormat.kRowwise),
        int(highspy.ObjSense.kMaximize),
        0.0,
        model.worth,
        np.zeros(columns),
        np.concatenate([np.ones(model.starts), np.full(extra, highs.inf)]),
        model.lower,
        model.upper,
        model.begins,
        model.columns,
        model.amounts,
        np.array(kinds, dtype=np.int32),
    )


def _read(model: Model, highs: Any) -> Answer:
    import highspy

    stopped = stopped_in_words(highs.getModelStatus().name)
    info = highs.getInfo()
    chosen = np.zeros(model.starts, dtype=bool)
    if info.primal_solution_status == int(highspy.SolutionStatus.kSolutionStatusFeasible):
        chosen = np.asarray(highs.getSolution().col_value)[: model.starts] > 0.5
    bound = float(info.mip_dual_bound)
    return Answer(chosen, bound * model.scale, stopped)


def _require_ok(status: Any, what: str) -> None:
    import highspy

    if status == highspy.HighsStatus.kError:
        raise SolverError(f"the solver refused {what}")
