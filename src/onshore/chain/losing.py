"""Plans of a chain that has lost something, each started from the plan before the loss."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from onshore.chain.errors import ChainError
from onshore.chain.nodes import Rows
from onshore.chain.solver import Answer, Floats, Solver
from onshore.chain.standing import WEEKS, Columns, Standing, extended

_HELD = 1e-9  # of the best that may be given up for a further wish: what is lost in rounding


@dataclass(frozen=True, eq=False)
class Loss:
    """What is lost and for how long: rows of tables, the share of them lost, weeks."""

    rows: Rows
    share: float
    weeks: float


@dataclass(frozen=True, eq=False)
class Lost:
    """The best plan under a loss (rates per year), and the measure lost until its end.

    Of what was solved ``reduced`` tells what more of a stock or of a source would have been worth.
    """

    values: Floats
    lost: float
    reduced: Floats | None = None


class Losing:
    """The program of a standing chain, in the solver: one loss after another is tried on it.

    A loss only changes bounds, so the basis of the plan before it stays dual feasible and the
    dual simplex method needs few steps from there. A loss of what the plan does not use costs
    nothing and is not solved.
    """

    def __init__(self, standing: Standing) -> None:
        self.standing = standing
        model = standing.model
        rows = []
        if standing.wanted is not None:
            _, _, some, values = standing.measure_row()
            rows = [(standing.before, np.inf, some, values)]
        self._solver = Solver(extended(model, [], rows))
        self._lower, self._upper = model.lower.copy(), model.upper.copy()
        self._solver.run()
        self._basis = self._solver.basis()
        self.solved = 0

    @property
    def has_stocks(self) -> bool:
        """Whether there is anything in stock."""
        return bool((self.standing.first > 0).any())

    def lose(self, loss: Loss) -> Lost:
        """Give the best plan under a loss; where there are stocks, one that spares them."""
        columns, lower, upper = self.standing.lost_bounds(loss.rows, loss.share, loss.weeks)
        planned = self.standing.plan.values[columns]
        if np.all((lower <= planned) & (planned <= upper)):
            return Lost(self.standing.plan.values, 0.0)
        if self.has_stocks:
            return self.sparing(loss)
        self._draw_for(loss.weeks)
        self._solver.bound(columns, lower, upper)
        answer = self._from_the_plan()
        self._give_back(columns)
        return Lost(answer.values, self._lost(answer.values, loss), answer.reduced)

    def sparing(self, loss: Loss) -> Lost:
        """Give the best plan under a loss, one that spares stocks, and its reduced costs.

        Of all plans that cost as little those that deliver most by value, and of these one that
        draws the least shares of the stocks.
        """
        columns, lower, upper = self.standing.lost_bounds(loss.rows, loss.share, loss.weeks)
        self._draw_for(loss.weeks)
        self._solver.bound(columns, lower, upper)
        answer = self._from_the_plan()
        spared = self._among_the_best(answer.values)
        self._give_back(columns)
        lost = self._lost(answer.values, loss)
        return Lost(spared, lost, answer.reduced)

    def lost_with(self, loss: Loss, column: int, lower: float, upper: float) -> float:
        """Give what is lost if one column, which the loss does not strike, had other bounds."""
        columns, low, high = self.standing.lost_bounds(loss.rows, loss.share, loss.weeks)
        self._draw_for(loss.weeks)
        self._solver.bound(columns, low, high)
        self._solver.bound(column, lower, upper)
        answer = self._from_the_plan()
        self._give_back(np.append(columns, column))
        return self._lost(answer.values, loss)

    def _among_the_best(self, values: Floats) -> Floats:
        """Go through the further wishes, each held when the next is asked for."""
        held = 0
        wishes = [self.standing.model.cost, *self._wishes()]
        every = np.arange(len(wishes[0]))
        for wish, following in pairwise(wishes):
            some = np.flatnonzero(wish)
            best = float(wish[some] @ values[some])
            most = best + _HELD * max(1.0, abs(best))
            self._solver.require(-np.inf, most, some, wish[some])
            held += 1
            self._solver.cost(every, following)
            answer = self._solver.run()
            if answer.status != "optimal":
                break  # rounding: the plan before is as good by the wishes before
            values = answer.values
        if held:
            self._solver.cost(every, wishes[0])
        for _ in range(held):
            self._solver.forget_row()
        return values

    def _wishes(self) -> list[Floats]:
        standing, model = self.standing, self.standing.model
        held = np.flatnonzero(standing.first > 0)
        if not len(held):
            return []
        delivered, drawn = np.zeros(len(model.cost)), np.zeros(len(model.cost))
        drawn[standing.stock.start + held] = -1.0 / standing.first[held]
        if standing.wanted is not None:
            return [drawn]
        soft, trade = model.block("unserved"), model.block("trade")
        delivered[soft] = model.cost[soft]
        is_export = (model.entities["trade"]["direction"] == "export").to_numpy()
        delivered[trade] = np.where(is_export, model.cost[trade], 0.0)
        return [delivered, drawn]

    def _lost(self, values: Floats, loss: Loss) -> float:
        per_year = float(self.standing.measure @ values) - self.standing.before
        small = 1e-9 * max(1.0, abs(self.standing.before))
        return 0.0 if per_year < small else per_year * loss.weeks / WEEKS

    def _draw_for(self, weeks: float) -> None:
        stock = self.standing.stock
        if stock.start == stock.stop:
            return
        least = self.standing.drawn_down_to(weeks)
        if np.array_equal(least, self._lower[stock]):
            return
        self._lower[stock] = least
        self._upper[stock] = np.maximum(self.standing.first, least)
        at = np.arange(stock.start, stock.stop)
        self._solver.bound(at, self._lower[stock], self._upper[stock])

    def _from_the_plan(self) -> Answer:
        self._solver.start_from(self._basis)
        self.solved += 1
        answer = self._solver.run()
        if answer.status != "optimal":
            # Standing still is always possible.
            raise ChainError(
                f"the solver ends with {answer.status} where something is lost. Give amounts in "
                "larger or smaller units."
            )
        return answer

    def _give_back(self, columns: Columns) -> None:
        self._solver.bound(columns, self._lower[columns], self._upper[columns])
