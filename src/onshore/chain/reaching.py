"""The largest output of a year as a function of what part of it each project is in service."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from onshore.chain.choosing import project_columns
from onshore.chain.compiling import Compiled
from onshore.chain.errors import ChainError
from onshore.chain.infeasible import explain
from onshore.chain.solver import Answer, Floats, Solver

_SAME = 1e-9


@dataclass(frozen=True, eq=False)
class Reached:
    """What was found for each of many services.

    ``output`` is the largest output of each, -inf where the demand cannot be served; ``by`` numbers
    the answer in ``answers`` whose prices prove it.
    """

    output: Floats
    by: NDArray[np.int64]
    answers: tuple[Answer, ...]


def most_output(compiled: Compiled, service: Floats, solver: Solver | None = None) -> Reached:
    """Find the largest output for each service, n x projects x periods, each 0 to 1.

    Bounds of projects are the right-hand side of a linear program that maximizes: its optimum f is
    concave in them and never falls. A solved service u gives, for every other v, f(v) <= f(u) +
    prices . (v - u); and f(v) >= f(u) where v has all that the solution at u uses. Where the two
    meet, f(v) is known without being solved; the others are solved from the last basis, those
    whose bounds are furthest apart first.

    Parameters
    ----------
    compiled
        With all projects in service and the objective ``"most output:..."``.
    service
        What part of each period each project is in service.
    solver
        One that holds the compiled chain already.
    """
    solver = solver or Solver(compiled)
    columns = project_columns(compiled).ravel()
    most, n = compiled.upper[columns], len(service)
    # Equal services are solved once.
    distinct, back = np.unique(
        (service.reshape(n, -1) * most).round(9), axis=0, return_inverse=True
    )
    back = back.reshape(-1)
    above = np.full(len(distinct), np.inf)
    below = np.full(len(distinct), -np.inf)
    by = np.zeros(len(distinct), dtype=np.int64)
    answers: list[Answer] = []
    at = int(distinct.sum(axis=1).argmax())
    while True:
        bound = distinct[at]
        solver.bound(columns, 0.0, bound)
        answer = solver.run()
        if answer.status == "infeasible" and answers:
            # Nothing that has less can serve what has to be served.
            none = (distinct <= bound).all(axis=1)
            above = np.where(none, -np.inf, above)
        elif answer.status != "optimal":
            raise _no_output(compiled, answer)
        else:
            found = -answer.objective
            price = np.maximum(-answer.reduced[columns], 0.0)
            tangent = found + (distinct - bound) @ price
            better = tangent < above
            above = np.where(better, tangent, above)
            by = np.where(better, len(answers), by)
            used = answer.values[columns]
            has_all = (distinct >= used - _SAME * np.maximum(1.0, used)).all(axis=1)
            below = np.where(has_all, np.maximum(below, found), below)
            below[at], above[at], by[at] = found, found, len(answers)
            answers.append(answer)
        finite = above > -np.inf
        apart = np.where(finite, above, 0.0) - np.where(finite, below, 0.0)
        at = int(apart.argmax())
        if apart[at] <= _SAME * max(1.0, abs(above[at])):
            return Reached(above[back], by[back], tuple(answers))


def _no_output(compiled: Compiled, answer: Answer) -> ChainError:
    if answer.status == "infeasible":
        return explain(compiled)
    return ChainError(
        f"the solver ended with {answer.status}. Give amounts in larger or smaller units."
    )
