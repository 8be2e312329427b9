"""The model handed to HiGHS, and its answer in our terms."""

from __future__ import annotations

from collections.abc import Callable
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
_TOLD = 2.0  # seconds between two tellings of progress
_NO_BOUND = 1e100


class SolverError(RuntimeError):
    """The solver came to no usable answer; the message says what it reported."""


class NoPlan(SolverError):
    """The solver reports that no plan keeps the limits."""


@dataclass(frozen=True, eq=False)
class Answer:
    """What the solver found: which starts are ``chosen``, the ``bound``, why it stopped.

    Until some plan was ``found``, none is chosen.
    """

    chosen: npt.NDArray[np.bool_]
    bound: float
    stopped: str
    found: bool


def solve(
    model: Model,
    *,
    gap: float,
    seconds: float,
    progress: Callable[[float, float, float], None] | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Answer:
    """Solve the model whole by HiGHS's branch and cut (https://highs.dev).

    ``progress`` is told the seconds gone, the best plan's value and the bound every other second;
    ``stop`` is asked often whether to end with what there is.

    Raises
    ------
    NoPlan
        No plan keeps the limits.
    SolverError
        The solver stopped without a usable answer.
    """
    highs = handed_over(model)
    for option, value in {"mip_rel_gap": gap, "time_limit": seconds}.items():
        _require_ok(highs.setOptionValue(option, value), f"the option {option}")
    _watch(highs, model.scale, progress, stop)
    highs.run()
    return _read(model, highs)


def _watch(
    highs: Any,
    scale: float,
    progress: Callable[[float, float, float], None] | None,
    stop: Callable[[], bool],
) -> None:
    told = 0.0

    def inside(event: Any) -> None:
        nonlocal told
        seen = event.data_out
        if progress and seen.running_time >= told + _TOLD and seen.mip_dual_bound < _NO_BOUND:
            told = seen.running_time
            found = max(seen.mip_primal_bound, 0.0)
            progress(told, found * scale, seen.mip_dual_bound * scale)
        outside(event)

    def outside(event: Any) -> None:
        if stop():
            event.interrupt()

    highs.cbMipInterrupt += inside
    highs.cbSimplexInterrupt += outside
    highs.cbIpmInterrupt += outside


def handed_over(model: Model) -> Any:
    """Give the model to HiGHS, with the tolerances that plans are kept within."""
    import highspy

    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    for option, value in {
        "output_flag": False,
        "mip_abs_gap": 0.0,
        "mip_feasibility_tolerance": _FEASIBILITY,
        "primal_feasibility_tolerance": _FEASIBILITY,
        "small_matrix_value": _SMALLEST_ENTRY,
    }.items():
        _require_ok(highs.setOptionValue(option, value), f"the option {option}")
    _require_ok(_pass(model, highs), "the model")
    return highs


def stopped_in_words(status: str) -> str:
    """Say why the solver stopped, from the name of its model status.

    Raises
    ------
    NoPlan
        No plan keeps the limits. Where the empty plan does, this can only come of numbers that
        the solver cannot hold apart.
    SolverError
        The status leaves no plan for another reason.
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
    kind = NoPlan if status in ("kInfeasible", "kUnboundedOrInfeasible") else SolverError
    raise kind(
        f"the solver reports that {reason}, which cannot be: the empty plan is possible where "
        "nothing is asked for, and every start has a limit. Look for amounts of very unlike size "
        "(1e-3 beside 1e12) and give them in larger or smaller units."
    )


def _pass(model: Model, highs: Any) -> Any:
    import highspy

    whole, any_number = (
        int(kind) for kind in (highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous)
    )
    return highs.passModel(
        len(model.worth),
        len(model.lower),
        len(model.amounts),
        int(highspy.MatrixFormat.kRowwise),
        int(highspy.ObjSense.kMaximize),
        0.0,
        model.worth,
        model.least,
        model.most,
        model.lower,
        model.upper,
        model.begins,
        model.columns,
        model.amounts,
        np.where(model.whole, whole, any_number).astype(np.int32),
    )


def _read(model: Model, highs: Any) -> Answer:
    import highspy

    stopped = stopped_in_words(highs.getModelStatus().name)
    info = highs.getInfo()
    chosen = np.zeros(model.starts, dtype=bool)
    found = info.primal_solution_status == int(highspy.SolutionStatus.kSolutionStatusFeasible)
    if found:
        chosen = np.asarray(highs.getSolution().col_value)[: model.starts] > 0.5
    bound = float(info.mip_dual_bound)
    return Answer(chosen, bound * model.scale, stopped, found)


def _require_ok(status: Any, what: str) -> None:
    import highspy

    if status == highspy.HighsStatus.kError:
        raise SolverError(f"the solver refused {what}")
