"""A linear program handed to HiGHS (https://highs.dev) as arrays, and kept there to be changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from onshore.chain.errors import ChainError

Floats = NDArray[np.float64]
Indices = NDArray[np.int32]

_FEASIBILITY = 1e-9
_STATUS = {
    "kOptimal": "optimal",
    "kInfeasible": "infeasible",
    "kUnbounded": "unbounded",
    "kUnboundedOrInfeasible": "unbounded or infeasible",
    "kTimeLimit": "time limit",
}


@dataclass(frozen=True, eq=False)
class Model:
    """Minimize cost . x under row_lower <= A x <= row_upper and lower <= x <= upper.

    A is stored by rows: entries ``starts[r]`` up to ``starts[r + 1]`` of ``index`` (columns) and
    ``value`` are row r. ``whole`` tells which columns are whole numbers; None: none.
    """

    cost: Floats
    lower: Floats
    upper: Floats
    row_lower: Floats
    row_upper: Floats
    starts: Indices
    index: Indices
    value: Floats
    whole: NDArray[np.bool_] | None = None


@dataclass(frozen=True, eq=False)
class Answer:
    """What the solver found.

    ``status`` is optimal, infeasible, unbounded or time limit. ``values`` and ``reduced`` (how
    the objective changes per unit of a column's bound) have a number for each column, ``duals``
    (per unit of a row's bound) for each row; NaN where the status is not optimal.
    """

    status: str
    objective: float
    values: Floats
    reduced: Floats
    duals: Floats


def sorted_by_rows(
    rows: NDArray[np.int64], columns: NDArray[np.int64], values: Floats, n_rows: int, n_columns: int
) -> tuple[Indices, Indices, Floats]:
    """Store entries by rows, entries at the same place added up and zeros left out."""
    places = rows * n_columns + columns
    order = np.argsort(places, kind="stable")
    places, values = places[order], values[order]
    if len(places):
        new = np.concatenate([[True], places[1:] != places[:-1]])
        if not new.all():
            values = np.add.reduceat(values, np.flatnonzero(new))
            places = places[new]
        some = values != 0.0
        if not some.all():
            places, values = places[some], values[some]
    row, column = np.divmod(places, n_columns) if n_columns else (places, places)
    starts = np.zeros(n_rows + 1, dtype=np.int32)
    np.cumsum(np.bincount(row, minlength=n_rows), out=starts[1:])
    return starts, column.astype(np.int32), values


class Solver:
    """A model kept in HiGHS: bounds and costs may be changed, and it goes on from where it was."""

    def __init__(self, model: Model, *, seconds: float | None = None) -> None:
        import highspy

        self._kinds = highspy
        self.columns, self.rows = len(model.cost), len(model.row_lower)
        self._highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]
        options: dict[str, Any] = {
            "output_flag": False,
            "threads": 1,
            "primal_feasibility_tolerance": _FEASIBILITY,
            "dual_feasibility_tolerance": _FEASIBILITY,
            "small_matrix_value": 1e-12,
        }
        if seconds is not None:
            options["time_limit"] = seconds
        for name, value in options.items():
            self._highs.setOptionValue(name, value)
        whole = np.zeros(self.columns, bool) if model.whole is None else model.whole
        self._whole = bool(whole.any())
        told = self._highs.passModel(
            self.columns,
            self.rows,
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
                "the solver refuses the chain: a number is missing, or far too large or small. "
                "Give amounts in larger or smaller units."
            )

    def run(self) -> Answer:
        """Solve, going on from the last solution."""
        self._highs.run()
        status = self._highs.getModelStatus().name
        if status == "kUnboundedOrInfeasible":
            self._highs.setOptionValue("presolve", "off")
            self._highs.run()
            self._highs.setOptionValue("presolve", "choose")
            status = self._highs.getModelStatus().name
        told = _STATUS.get(status, status)
        if told != "optimal":
            nothing = np.full(self.columns, np.nan)
            return Answer(told, np.nan, nothing, nothing, np.full(self.rows, np.nan))
        solution = self._highs.getSolution()
        values = np.asarray(solution.col_value, dtype=np.float64)
        if self._whole:
            reduced, duals = np.full(self.columns, np.nan), np.full(self.rows, np.nan)
        else:
            reduced = np.asarray(solution.col_dual, dtype=np.float64)
            duals = np.asarray(solution.row_dual, dtype=np.float64)
        return Answer(told, float(self._highs.getObjectiveValue()), values, reduced, duals)

    def bound(self, columns: Any, lower: Any, upper: Any) -> None:
        """Give columns (their numbers) other bounds."""
        at, low, high = _three(columns, lower, upper)
        self._highs.changeColsBounds(len(at), at, low, high)

    def bound_rows(self, rows: Any, lower: Any, upper: Any) -> None:
        """Give rows (their numbers) other bounds."""
        at, low, high = _three(rows, lower, upper)
        self._highs.changeRowsBounds(len(at), at, low, high)

    def cost(self, columns: Any, cost: Any) -> None:
        """Give columns other costs."""
        at, new, _ = _three(columns, cost, 0.0)
        self._highs.changeColsCost(len(at), at, new)

    def loosen(self, columns: Any, upper: Any, rows: Any) -> Indices:
        """Let the upper bounds of columns and rows be passed, each by a column of its own.

        Give the numbers of the new columns: first those of the columns, then those of the rows.
        """
        at, most, _ = _three(columns, upper, 0.0)
        over_rows = np.asarray(rows, dtype=np.int32)
        count = len(at) + len(over_rows)
        new = np.arange(self.columns, self.columns + count, dtype=np.int32)
        starts = np.concatenate([np.zeros(len(at)), np.arange(len(over_rows))]).astype(np.int32)
        self._highs.addCols(
            count,
            np.zeros(count),
            np.zeros(count),
            np.full(count, np.inf),
            len(over_rows),
            starts,
            over_rows,
            -np.ones(len(over_rows)),
        )
        if len(at):
            pairs = np.stack([at, new[: len(at)]], axis=1).ravel()
            values = np.tile([1.0, -1.0], len(at))
            begins = np.arange(0, 2 * len(at), 2, dtype=np.int32)
            self._highs.addRows(
                len(at), np.full(len(at), -np.inf), most, 2 * len(at), begins, pairs, values
            )
        self.columns += count
        self.rows += len(at)
        return new

    def require(self, lower: float, upper: float, columns: Any, values: Any) -> None:
        """Add a row."""
        at, told, _ = _three(columns, values, 0.0)
        self._highs.addRow(lower, upper, len(at), at, told)
        self.rows += 1

    def forget_row(self) -> None:
        """Take the last row out."""
        self.rows -= 1
        self._highs.deleteRows(1, np.array([self.rows], dtype=np.int32))

    def basis(self) -> Any:
        """Give the basis that the last solution rests on."""
        return self._highs.getBasis()

    def start_from(self, basis: Any) -> None:
        """Go on from this basis."""
        self._highs.setBasis(basis)

    def ray(self) -> Floats | None:
        """Give a direction in which an unbounded model gains for ever."""
        self._highs.setOptionValue("presolve", "off")
        self._highs.run()
        self._highs.setOptionValue("presolve", "choose")
        answer = self._highs.getPrimalRay()
        there = bool(answer[1])
        return np.asarray(answer[2], dtype=np.float64) if there else None


def _three(columns: Any, first: Any, second: Any) -> tuple[Indices, Floats, Floats]:
    at = np.atleast_1d(np.asarray(columns, dtype=np.int32))
    low = np.broadcast_to(np.asarray(first, dtype=np.float64), at.shape)
    high = np.broadcast_to(np.asarray(second, dtype=np.float64), at.shape)
    return at, np.ascontiguousarray(low), np.ascontiguousarray(high)
