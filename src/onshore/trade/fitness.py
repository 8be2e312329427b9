"""Fitness of countries: what they can make, and how few others can."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from onshore.trade.advantage import Network, Vector

ROUNDS = 200
_STEADY = 1e-10


@dataclass(frozen=True)
class Fitness:
    """Fitness of each country, with mean 1 over those that have one; NaN where there is none.

    Parameters
    ----------
    fitness
        Of each country.
    rounds
        How many were made.
    steady
        Whether the last round changed no country's fitness by more than one part in 10^10.
        Where not, the fitness of some countries goes to 0 without end (Pugliese, Zaccaria and
        Pietronero 2016); then only their order tells, not the value.
    """

    fitness: Vector
    rounds: int
    steady: bool


def fitness(linked: Network, inside: np.ndarray, of: np.ndarray, rounds: int = ROUNDS) -> Fitness:
    """Iterate fitness of countries and complexity of products.

    F_c = sum_p M_cp Q_p and Q_p = 1 / sum_c (M_cp / F_c), each divided by its mean after every
    round, both from those of the round before, from 1 on (Tacchella, Cristelli, Caldarelli,
    Gabrielli and Pietronero 2012, equation 1). ``inside`` and ``of`` say which countries and
    products belong to the part that is compared, which must be connected.
    """
    found = np.full(len(linked), np.nan)
    part = linked[inside][:, of]
    if not part.size:
        return Fitness(found, 0, steady=True)
    of_country = _Sums(part)
    of_product = _Sums(part.T)
    fit, rare = np.ones(part.shape[0]), np.ones(part.shape[1])
    steady, made = False, 0
    while made < rounds and not steady:
        next_fit, next_rare = of_country(rare), 1 / of_product(1 / fit)
        next_fit /= next_fit.mean()
        next_rare /= next_rare.mean()
        made += 1
        # Two rounds, since fitness follows from complexity and that from fitness.
        steady = bool(
            np.all(np.abs(next_fit - fit) <= _STEADY * fit)
            and np.all(np.abs(next_rare - rare) <= _STEADY * rare)
        )
        fit, rare = next_fit, next_rare
    found[inside] = fit
    return Fitness(found, made, steady)


class _Sums:
    """Sums along the rows of a network in which every row has a link; few of the cells have."""

    def __init__(self, part: Network) -> None:
        rows, self.columns = np.nonzero(part)
        self.starts = np.searchsorted(rows, np.arange(part.shape[0]))

    def __call__(self, values: Vector) -> Vector:
        sums: Vector = np.add.reduceat(values[self.columns], self.starts)
        return sums
