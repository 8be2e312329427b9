"""How long a chain keeps up its deliveries without something, and how soon it is as before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from onshore.chain.losing import Loss, Lost
from onshore.chain.solver import Floats, Solver
from onshore.chain.standing import WEEKS, Standing, extended

HORIZON = 520.0
"""Weeks beyond which a survival has no end, and a recovery is none."""

_SOONEST = 365.2425  # a recovery takes at least a day


@dataclass(frozen=True, eq=False)
class Survival:
    """Weeks that deliveries are kept up: 0 where not at all, None where there is no end."""

    weeks: float | None

    @property
    def endless(self) -> bool:
        """Whether it lasts longer than the horizon of ten years."""
        return self.weeks is None


class Surviving:
    """Times to survive (TTS): one loss after another is tried on the same program.

    The largest t with which deliveries can go on as planned while something is lost, as in
    Simchi-Levi et al. (2015). All flows of that time are told as rates, flow / t, so that the time
    stands only where stocks are drawn on: with z = 1 / t,

        minimize z under the balances, what the loss leaves of the capacities, the deliveries
        planned, and draws <= first x z.
    """

    def __init__(self, standing: Standing, *, exports: bool = False) -> None:
        self.standing = standing
        self.exports = exports
        self._programs: dict[bytes, tuple[Solver, object, Floats, Floats]] = {}

    def survive(self, loss: Loss) -> Survival:
        """Give the weeks for which the chain keeps up what it delivers."""
        standing = self.standing
        left = np.ones(len(standing.first))
        if "stocks" in loss.rows:
            left[loss.rows["stocks"]] = 1.0 - loss.share
        solver, basis, lower, upper = self._program(left)
        struck = {table: rows for table, rows in loss.rows.items() if table != "stocks"}
        columns, low, high = standing.lost_bounds(struck, loss.share, loss.weeks)
        # What is to be kept up stays so, even where its market is lost.
        low = np.maximum(low, lower[columns])
        if np.any(low > high):
            return Survival(0.0)
        solver.start_from(basis)
        solver.bound(columns, low, high)
        answer = solver.run()
        solver.bound(columns, lower[columns], upper[columns])
        if answer.status != "optimal":
            return Survival(0.0)
        per_year = float(answer.values[-1])
        if per_year * HORIZON <= WEEKS:
            return Survival(None)
        return Survival(WEEKS / per_year)

    def _program(self, left: Floats) -> tuple[Solver, object, Floats, Floats]:
        key = left.tobytes()
        if key not in self._programs:
            self._programs[key] = self._built(left)
        return self._programs[key]

    def _built(self, left: Floats) -> tuple[Solver, object, Floats, Floats]:
        standing, model = self.standing, self.standing.model
        lower, upper = model.lower.copy(), model.upper.copy()
        stock = np.arange(standing.stock.start, standing.stock.stop)
        lower[stock] = -np.inf
        kept, low, high = standing.survival_bounds(exports=self.exports)
        lower[kept], upper[kept] = low, high
        z = len(model.cost)
        rows = [
            (first, np.inf, np.array([column, z]), np.array([1.0, first * part]))
            for column, first, part in zip(stock, standing.first, left, strict=True)
        ]
        if standing.wanted is not None:
            rows.append(standing.measure_row())
        program = extended(
            model,
            [(1.0, 0.0, np.inf, np.zeros(0, np.int64), np.zeros(0))],
            rows,
            cost=np.zeros(z),
            lower=lower,
            upper=upper,
        )
        solver = Solver(program)
        solver.run()
        return solver, solver.basis(), program.lower, program.upper


def weeks_to_recover(
    standing: Standing, loss: Loss, lost: Lost, *, exports: bool = False, catch_up: bool = False
) -> float | None:
    """Tell after how many weeks the chain is as before: stocks filled, deliveries as planned.

    After the loss's own weeks everything runs again; what was drawn from stock is put back at a
    steady rate beside the deliveries planned, as fast as the spare capacity of the chain allows:
    the largest z with which drawn x z can be put back per year. With `catch_up` what was not
    delivered is made up for too.

    Parameters
    ----------
    standing
        The chain as it stood before.
    loss
        The loss.
    lost
        The plan under the loss, stocks spared (`Losing.sparing`).
    exports
        Whether exports have to be as planned meanwhile.
    catch_up
        Whether lost deliveries are made up for, and are not lost for good.

    Returns
    -------
    float or None
        Weeks from the beginning of the loss; None where the chain has no capacity to spare.
    """
    model, years = standing.model, loss.weeks / WEEKS
    drawn = (standing.first - lost.values[standing.stock]) * years
    drawn[drawn < 1e-7 * np.maximum(1.0, standing.first)] = 0.0
    where, back = [standing.balance_rows("stock")], [-drawn]
    missing = 0.0
    if catch_up:
        soft = model.block("unserved")
        more = (lost.values[soft] - standing.plan.values[soft]) * years
        more[more < 1e-7] = 0.0
        if standing.wanted is None:
            where.append(standing.balance_rows("unserved"))
            back.append(-more)
            missing = float(more.sum())
        else:
            missing = lost.lost
    if not drawn.any() and missing <= 0.0:
        return loss.weeks
    lower, upper = model.lower.copy(), model.upper.copy()
    stock = standing.stock
    lower[stock] = upper[stock] = standing.first
    kept, low, high = standing.survival_bounds(exports=exports)
    lower[kept], upper[kept] = low, high
    rows = []
    if standing.wanted is not None:
        low_row, most, some, values = standing.measure_row()
        some, values = np.append(some, len(model.cost)), np.append(values, missing)
        rows.append((low_row, most, some, values))
    at = np.concatenate(where)
    program = extended(
        model,
        [(-1.0, 0.0, _SOONEST, at, np.concatenate(back))],
        rows,
        cost=np.zeros(len(model.cost)),
        lower=lower,
        upper=upper,
    )
    answer = Solver(program).run()
    if answer.status != "optimal":
        return None
    per_year = float(answer.values[-1])
    if per_year * HORIZON <= WEEKS:
        return None
    return loss.weeks + WEEKS / per_year
