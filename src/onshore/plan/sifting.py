"""The linear relaxation of large models, solved over the few starts that matter.

Sifting (Bixby, Gregory, Lustig, Marsten and Shanno 1992, "Very large-scale linear programming: a
case study in combining interior point and simplex methods", Operations Research 40): a part of
the starts is solved by HiGHS, all others are priced by its duals, and those that would gain come
in, until none does. What it ends with is the relaxation of the whole model.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from onshore.plan.model import Model
from onshore.plan.rows import Floats
from onshore.plan.solver import SolverError, handed_over

Flags = npt.NDArray[np.bool_]
Whole = npt.NDArray[np.int64]

_MOST_AT_ONCE = 20_000  # starts: up to so many HiGHS solves all together
_FIRST, MORE = 2, 3  # starts of an item to begin with, and that come in at once
_FAR = 0.05  # of its value and prices: a start that loses more goes out again
_ROUNDS_OUT = 4  # after which none goes out any more, and each round begins where the last ended
_PRIMAL = 4  # HiGHS's primal simplex method: what has come in leaves the basis feasible
GAINS = 1e-7  # of its value and prices: less is the solver's rounding
_NEAR = 1e-7  # of the relaxation's value: what all starts left out could add


@dataclass(frozen=True, eq=False)
class Relaxation:
    """The optimum of a linear relaxation: its ``value``, columns' ``share``, rows' ``dual``.

    All in the model's own scale. ``within`` are the starts that were solved together.
    """

    value: float
    share: Floats
    dual: Floats
    within: Flags


class _Basis(NamedTuple):
    """The simplex method's status of all columns and rows, by HiGHS's numbers (0: at the least)."""

    column: npt.NDArray[np.int8]
    row: npt.NDArray[np.int8]


def relaxation_of(
    model: Model, item: Whole, known: Flags | None = None, score: Floats | None = None
) -> Relaxation:
    """Solve the linear relaxation; ``item`` numbers the item of each start, in ascending order.

    ``known`` are the starts of a plan, where one is known: they keep the rows from the beginning.
    ``score`` tells which starts of an item to begin with (else what they are worth).

    Raises
    ------
    SolverError
        The relaxation has no solution.
    """
    if model.starts <= _MOST_AT_ONCE:
        return _solved(model)[0]
    known = np.zeros(model.starts, bool) if known is None else known
    sifted = _sifted(model, item, known, model.worth[: model.starts] if score is None else score)
    return _solved(model)[0] if sifted is None else sifted


def _sifted(model: Model, item: Whole, known: Flags, score: Floats) -> Relaxation | None:
    """Solve it over ever more starts; None where the first ones cannot keep all rows."""
    row = np.repeat(np.arange(len(model.lower)), np.diff(model.begins))
    every = np.ones(model.starts, bool)
    size = _size(model, row)
    within = (
        known
        | best_of_items(score, item, every, _FIRST)
        | best_of_items(score / size, item, every, _FIRST)
    )
    basis = None
    for rounds in itertools.count():
        near = rounds >= _ROUNDS_OUT
        columns = _columns(model, within)
        try:
            part, basis = _solved(part_of(model, within), columns, basis if near else None)
        except SolverError:
            return None
        gain, amount = gains(model, row, part.dual)
        gaining = ~within & (gain > GAINS * amount)
        if gain[gaining].sum() <= _NEAR * abs(part.value):
            break
        # The first prices are far off: many go out again.
        if not near:
            in_basis = basis.column[: model.starts] != 0
            within &= known | in_basis | (gain > -_FAR * amount)
        within |= best_of_items(gain, item, gaining, MORE)
    share = np.zeros(len(model.worth))
    share[columns] = part.share
    return Relaxation(part.value, share, part.dual, within)


def gains(model: Model, row: Whole, dual: Floats) -> tuple[Floats, Floats]:
    """Give what each start gains at the rows' duals, and the amounts that this is made up of.

    ``row`` is that of each entry of the model.
    """
    each = model.amounts * dual[row]
    count = len(model.worth)
    gain: Floats = model.worth - np.bincount(model.columns, each, minlength=count)
    taken = np.bincount(model.columns, np.abs(each), minlength=count).astype(np.float64)
    return gain[: model.starts], np.abs(model.worth[: model.starts]) + taken[: model.starts]


def part_of(model: Model, within: Flags) -> Model:
    """Give the model of some starts only, with all rows and all other columns."""
    kept = _columns(model, within)
    number = np.cumsum(kept) - 1
    entry = kept[model.columns]
    row = np.repeat(np.arange(len(model.lower)), np.diff(model.begins))
    lengths = np.bincount(row[entry], minlength=len(model.lower))
    return replace(
        model,
        starts=int(within.sum()),
        worth=model.worth[kept],
        least=model.least[kept],
        most=model.most[kept],
        whole=model.whole[kept],
        begins=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32),
        columns=number[model.columns[entry]].astype(np.int32),
        amounts=model.amounts[entry],
    )


def _columns(model: Model, within: Flags) -> Flags:
    return np.append(within, np.ones(len(model.worth) - model.starts, bool))


def _solved(
    model: Model, columns: Flags | None = None, basis: _Basis | None = None
) -> tuple[Relaxation, _Basis]:
    """Solve it, from a basis of all columns if there is one; ``columns`` are the model's."""
    import highspy

    highs = handed_over(model)
    highs.setOptionValue("solve_relaxation", True)
    among = np.ones(len(model.worth), bool) if columns is None else columns
    if basis is not None:
        before, kinds = highspy.HighsBasis(), highspy.HighsBasisStatus
        before.col_status = [kinds(int(status)) for status in basis.column[among]]
        before.row_status = [kinds(int(status)) for status in basis.row]
        before.valid = True
        highs.setBasis(before)
        highs.setOptionValue("simplex_strategy", _PRIMAL)
    highs.run()
    status = highs.getModelStatus().name
    if status != "kOptimal":
        raise SolverError(
            f"the relaxation ended with the status {status}: without it the limits have no price"
        )
    solution, after = highs.getSolution(), highs.getBasis()
    value = float(highs.getInfo().objective_function_value)
    column = np.zeros(len(among), np.int8)
    column[among] = [int(status) for status in after.col_status]
    return (
        Relaxation(
            value,
            np.asarray(solution.col_value),
            np.asarray(solution.row_dual),
            np.ones(model.starts, bool),
        ),
        _Basis(column, np.array([int(status) for status in after.row_status], np.int8)),
    )


def _size(model: Model, row: Whole) -> Floats:
    """Add up the shares of budgets and capacities that each start takes."""
    kind = model.rows["kind"].is_in(["budget", "capacity"]).to_numpy()
    limit = np.where(kind & (model.upper > 0), model.upper, np.inf)
    size = np.bincount(model.columns, model.amounts / limit[row], minlength=len(model.worth))
    return np.maximum(size[: model.starts], 1e-9)


def best_of_items(score: Floats, item: Whole, of: Flags, count: int) -> Flags:
    """Mark the starts of each item with the highest scores, among some."""
    order = np.lexsort((-score, item))
    order = order[of[order]]
    begins = np.flatnonzero(np.diff(item[order], prepend=-1))
    lengths = np.diff(begins, append=len(order))
    rank = np.arange(len(order)) - np.repeat(begins, lengths)
    best = np.zeros(len(score), bool)
    best[order[rank < count]] = True
    return best
