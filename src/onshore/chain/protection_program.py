"""The program of several losses at once, which share the stocks and sources kept ready."""

from __future__ import annotations

import numpy as np
import polars as pl

from onshore.chain.losing import Loss
from onshore.chain.solver import Floats, Model, Solver, sorted_by_rows
from onshore.chain.standing import WEEKS, Columns, Standing

_TINY = 1e-9
_HELD = 1e-9  # of the best that may be given up for a further wish: what is lost in rounding


def option_columns(standing: Standing, options: pl.DataFrame) -> Columns:
    """Give the column of each option: they stand behind the chain's own stocks and markets."""
    stocks = int((options["kind"] == "stock").sum())
    next_of = {
        "stock": standing.stock.stop - stocks,
        "source": standing.model.block("trade").stop - (options.height - stocks),
    }
    columns = np.zeros(options.height, dtype=np.int64)
    for n, kind in enumerate(options["kind"]):
        columns[n] = next_of[kind]
        next_of[kind] += 1
    return columns


def left_of_options(standing: Standing, loss: Loss, columns: Columns) -> Floats:
    """Tell what share of each option can be used where its own place may be lost."""
    struck, _, _ = standing.lost_bounds(loss.rows, loss.share, loss.weeks)
    return np.where(np.isin(columns, struck), 1.0 - loss.share, 1.0)


class Joint:
    """The program of all shocks at once; the options' amounts and the largest loss stand last.

    The block of a shock has the chain's columns, in yearly rates. With amount y of an option, a
    stock's column s keeps s + y k >= first (1 - k), k = weeks of a year / weeks of the shock, and a
    source's column x keeps x <= y.
    """

    def __init__(
        self, standing: Standing, options: pl.DataFrame, losses: list[Loss], without: Floats
    ) -> None:
        self.standing, self.options, self.losses = standing, options, losses
        self.without = without
        self.at = option_columns(standing, options)
        self.is_stock = (options["kind"] == "stock").to_numpy()
        self.width = len(standing.model.cost)

    def solve(self, lost_at_most: float | None, budget: float | None) -> Floats | None:
        """Give all columns of the best protection; None where there is none."""
        program = self._program(lost_at_most, budget)
        solver = Solver(program)
        answer = solver.run()
        if answer.status != "optimal":
            return None
        values, wish = answer.values, program.cost
        # For a budget: the largest loss, then the sum of all, then what is spent.
        further = [] if budget is None else [self._sum_of_losses(), self._spending()]
        for following in further:
            some = np.flatnonzero(wish)
            best = float(wish[some] @ values[some])
            solver.require(-np.inf, best + _HELD * max(1.0, abs(best)), some, wish[some])
            solver.cost(np.arange(len(wish)), following)
            answer = solver.run()
            if answer.status != "optimal":
                break  # rounding: the values before are as good by the wishes before
            values, wish = answer.values, following
        return values

    def _sum_of_losses(self) -> Floats:
        parts = [self.standing.measure * loss.weeks / WEEKS for loss in self.losses]
        return np.concatenate([*parts, np.zeros(self.options.height + 1)])

    def _spending(self) -> Floats:
        cost = self.options["cost"].to_numpy()
        return np.concatenate([np.zeros(len(self.losses) * self.width), cost, [0.0]])

    def amounts(self, values: Floats) -> Floats:
        """Give how much of each option is kept ready."""
        amounts: Floats = values[len(self.losses) * self.width : -1]
        return amounts

    def lost(self, values: Floats) -> Floats:
        """Give what is lost in each shock."""
        standing = self.standing
        blocks = values[: len(self.losses) * self.width].reshape(-1, self.width)
        years = np.array([loss.weeks for loss in self.losses]) / WEEKS
        lost: Floats = np.maximum((blocks @ standing.measure - standing.before) * years, 0.0)
        return lost

    def _program(self, lost_at_most: float | None, budget: float | None) -> Model:
        model = self.standing.model
        n, options = len(self.losses), self.options.height
        height = len(model.row_lower)
        of_row = np.repeat(np.arange(height), np.diff(model.starts))
        total, first_option = n * self.width + options + 1, n * self.width
        rows: list[Columns] = [of_row + block * height for block in range(n)]
        columns: list[Columns] = [
            model.index.astype(np.int64) + block * self.width for block in range(n)
        ]
        values = [model.value] * n
        row_lower, row_upper = [model.row_lower] * n, [model.row_upper] * n
        lower, upper = [], []
        at = n * height
        for block, loss in enumerate(self.losses):
            low, high = self._bounds(loss)
            lower.append(low)
            upper.append(high)
            more = self._rows(block, loss, first_option, total - 1, lost_at_most, budget)
            for told_lower, told_upper, where, entries in more:
                rows.append(np.full(len(where), at))
                columns.append(where)
                values.append(entries)
                row_lower.append(np.array([told_lower]))
                row_upper.append(np.array([told_upper]))
                at += 1
        cost = self.options["cost"].to_numpy()
        if budget is not None and np.isfinite(budget):
            rows.append(np.full(options, at))
            columns.append(first_option + np.arange(options))
            values.append(cost)
            row_lower.append(np.array([-np.inf]))
            row_upper.append(np.array([budget]))
            at += 1
        starts, index, value = sorted_by_rows(
            np.concatenate(rows).astype(np.int64),
            np.concatenate(columns).astype(np.int64),
            np.concatenate(values),
            at,
            total,
        )
        by_loss = budget is not None
        return Model(
            cost=np.concatenate(
                [np.zeros(n * self.width), np.zeros(options) if by_loss else cost, [float(by_loss)]]
            ),
            lower=np.concatenate([*lower, np.zeros(options + 1)]),
            upper=np.concatenate([*upper, self.options["most"].to_numpy(), [np.inf]]),
            row_lower=np.concatenate(row_lower),
            row_upper=np.concatenate(row_upper),
            starts=starts,
            index=index,
            value=value,
        )

    def _bounds(self, loss: Loss) -> tuple[Floats, Floats]:
        standing = self.standing
        low, high = standing.model.lower.copy(), standing.model.upper.copy()
        low[standing.stock] = standing.drawn_down_to(loss.weeks)
        high[standing.stock] = np.maximum(standing.first, low[standing.stock])
        struck, least, most = standing.lost_bounds(loss.rows, loss.share, loss.weeks)
        low[struck], high[struck] = least, most
        low[self.at[self.is_stock]] = -np.inf
        high[self.at[~self.is_stock]] = np.inf
        return low, high

    def _rows(
        self,
        block: int,
        loss: Loss,
        first_option: int,
        worst: int,
        lost_at_most: float | None,
        budget: float | None,
    ) -> list[tuple[float, float, Columns, Floats]]:
        standing, begin = self.standing, block * self.width
        k, left = WEEKS / loss.weeks, left_of_options(standing, loss, self.at)
        rows: list[tuple[float, float, Columns, Floats]] = []
        for n, column in enumerate(self.at):
            both = np.array([begin + column, first_option + n])
            if self.is_stock[n]:
                rows.append((0.0, np.inf, both, np.array([1.0, k * left[n]])))
            else:
                rows.append((-np.inf, 0.0, both, np.array([1.0, -left[n]])))
        some = np.flatnonzero(standing.measure)
        slack = _TINY * max(1.0, abs(standing.before))
        if budget is None:
            assert lost_at_most is not None
            most = standing.before + lost_at_most * k + slack
            rows.append((-np.inf, most, begin + some, standing.measure[some]))
        else:
            where = np.append(begin + some, worst)
            entries = np.append(standing.measure[some], -k)
            rows.append((-np.inf, standing.before + slack, where, entries))
        if standing.wanted is not None:
            rows.append((standing.before, np.inf, begin + some, standing.measure[some]))
        return rows
