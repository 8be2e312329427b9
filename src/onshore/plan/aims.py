"""What a searched plan is judged by: a worth of each start, its worst failures, or its CVaR."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from onshore.plan.large.annealing import Search
from onshore.plan.large.arrays import Floats, Whole
from onshore.plan.large.moves import GAIN
from onshore.plan.outcomes import mean_of_worst, sum_of_largest
from onshore.plan.scenario_moves import anneal_by_scenario
from onshore.plan.worth_ascent import Duals, Singles, weighed

PENALTY = 3.0  # what a floor's missing value costs a move, in worth
_STIFF = 500.0  # heats of money by which a scenario's weight goes from 0 to its cap


class Aim(Protocol):
    """What a plan is wanted for."""

    def of(self, chosen: Whole) -> float:
        """Judge a plan."""
        ...

    def worth(self, duals: Duals) -> Floats:
        """Give what each option adds to a good plan, at the duals."""
        ...

    def cool(
        self, search: Search, duals: Duals, moves: int, hot: float, cold: float, *, late: bool
    ) -> None:
        """Make so many moves of a search while the heat falls."""
        ...


@dataclass(frozen=True, eq=False)
class ByWorth:
    """The sum of what starts are worth."""

    fixed: Floats

    def of(self, chosen: Whole) -> float:
        """Add up what is chosen."""
        return math.fsum(self.fixed[chosen])

    def worth(self, duals: Duals) -> Floats:  # noqa: ARG002
        """Give the worth itself."""
        return self.fixed

    def cool(
        self,
        search: Search,
        duals: Duals,  # noqa: ARG002
        moves: int,
        hot: float,
        cold: float,
        *,
        late: bool,  # noqa: ARG002
    ) -> None:
        """Cool the search as it is."""
        search.cool(moves, hot, cold, PENALTY)


@dataclass(frozen=True, eq=False)
class AfterFailures:
    """The sum of values less the largest losses; the only weight is z, the last failure's loss."""

    value: Floats
    loss: Floats
    failures: float

    def of(self, chosen: Whole) -> float:
        """Let the worst failures come."""
        return math.fsum(self.value[chosen]) - sum_of_largest(self.loss[chosen], self.failures)

    def at(self, price: float) -> Floats:
        """Give what starts are worth at a z."""
        worth: Floats = self.value - np.maximum(self.loss - price, 0.0)
        return worth

    def worth(self, duals: Duals) -> Floats:
        """Give what starts are worth at the z of the bound."""
        return self.at(float(duals.weights[0]))

    def cool(
        self, search: Search, duals: Duals, moves: int, hot: float, cold: float, *, late: bool
    ) -> None:
        """Let z follow the plan once it has taken shape."""
        if late:
            chosen = search.of_job[search.of_job >= 0]
            now = self.at(last_failure(self.loss[chosen], self.failures))
            before = search.amount[:, GAIN].copy()
            search.amount[:, GAIN] += now - self.worth(duals)
            search.cool(moves, hot, cold, PENALTY)
            search.amount[:, GAIN] = before
        else:
            search.cool(moves, hot, cold, PENALTY)


@dataclass(frozen=True, eq=False)
class OverScenarios:
    """The mean of the worst share of the scenarios: what options save in each, a row an option."""

    by_scenario: Singles
    share: float

    @property
    def cap(self) -> float:
        """What a scenario weighs at most."""
        return float(1.0 / (self.share * self.by_scenario.shape[1]))

    def saved(self, chosen: Whole) -> Floats:
        """Tell what a plan saves in each scenario."""
        total: Floats = self.by_scenario[chosen].sum(axis=0, dtype=np.float64)
        return total

    def of(self, chosen: Whole) -> float:
        """Take the mean of the worst."""
        return mean_of_worst(self.saved(chosen), self.share)

    def worth(self, duals: Duals) -> Floats:
        """Take the mean at the weights."""
        return weighed(self.by_scenario, duals.weights)

    def cool(
        self,
        search: Search,
        duals: Duals,
        moves: int,
        hot: float,
        cold: float,
        *,
        late: bool,  # noqa: ARG002
    ) -> None:
        """Let the weights follow the plan, the more strictly the colder it is."""
        if len(search.pool):
            saved = self.saved(search.of_job[search.of_job >= 0])
            anneal_by_scenario(
                *search._limits(), *search._lists(), search.pool, search.random, moves, hot, cold,
                PENALTY, self.by_scenario, self.worth(duals), saved, duals.weights, self.cap,
                _STIFF * hot / self.cap,
            )  # fmt: skip


def last_failure(losses: Floats, failures: float) -> float:
    """Give the loss of the last failure of the budget; 0 where fewer starts are chosen."""
    at = max(math.ceil(failures) - 1, 0)
    return float(np.sort(losses)[::-1][at]) if at < len(losses) else 0.0
