"""What starts save when things go otherwise than planned, as arrays."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from onshore.plan.instance import Instance
from onshore.plan.rows import Floats

CANDIDATE = ["item", "maker", "resource"]
FAILED = -1
"""In place of the years that a candidate is late: it does not qualify at all."""

_Whole = npt.NDArray[np.int64]
_ENTRIES = 4_000_000  # of a block of scenarios by starts


class Laid(NamedTuple):
    """Starts beside scenarios.

    Of each start: ``yearly`` (saving of a full year), ``first`` (planned year of production),
    ``demand_at`` and ``outcome_at`` (rows of ``demand`` and ``late``; -1: as planned). ``rate``
    has one entry a scenario, ``demand`` and ``late`` one column; ``to_come`` are the sums of the
    discount factors from a year on, 0 after the horizon.
    """

    yearly: Floats
    first: _Whole
    demand_at: _Whole
    outcome_at: _Whole
    rate: Floats
    demand: Floats
    late: Floats
    to_come: Floats

    def values(self, which: slice | _Whole) -> Floats:
        """Tell what each start saves: a row a scenario of ``which``, a column a start."""
        end = len(self.to_come) - 1
        rate = self.rate[which]
        saved = np.broadcast_to(rate[:, None], (len(rate), len(self.yearly))).copy()
        varies = self.demand_at >= 0
        saved[:, varies] *= self.demand[self.demand_at[varies]][:, which].T
        late = np.zeros(saved.shape, dtype=np.int64)
        risky = self.outcome_at >= 0
        late[:, risky] = self.late[self.outcome_at[risky]][:, which].T
        years = self.to_come[np.minimum(self.first + np.maximum(late, 0), end)]
        saved *= np.where(late == FAILED, 0.0, years) * self.yearly
        return saved

    def weighed(self, weights: Floats) -> Floats:
        """Add up what each start saves over the scenarios, by weight."""
        total = np.zeros(len(self.yearly))
        counted = np.flatnonzero(weights)
        block = max(_ENTRIES // max(len(total), 1), 1)
        for begin in range(0, len(counted), block):
            which = counted[begin : begin + block]
            total += weights[which] @ self.values(which)
        return total

    def singles(self) -> npt.NDArray[np.float32]:
        """Tell what each start saves in single precision: a row a start, a column a scenario."""
        saved = np.empty((len(self.yearly), len(self.rate)), dtype=np.float32)
        block = max(_ENTRIES // len(self.rate), 1)
        for begin in range(0, len(saved), block):
            at = slice(begin, begin + block)
            own = self._replace(
                yearly=self.yearly[at],
                first=self.first[at],
                demand_at=self.demand_at[at],
                outcome_at=self.outcome_at[at],
            )
            saved[at] = own.values(slice(None)).T
        return saved


def discounts_to_come(instance: Instance) -> Floats:
    """Add up the discount factors from each year to the end; the last entry is 0."""
    by_year = instance.budgets.unique("year").sort("year")["discount"].to_numpy()
    return np.append(np.cumsum(by_year[::-1])[::-1], 0.0)


def with_risks(starts: pl.DataFrame, instance: Instance, risks: pl.DataFrame) -> pl.DataFrame:
    """Add ``expected`` (value weighed by qualification and delay) and ``loss``.

    The loss is what the start saves less at the worst: all of its value if the candidate may
    not qualify, what the delay costs if it may be late, else nothing.
    """
    to_come = discounts_to_come(instance)
    placed = starts.join(risks, on=CANDIDATE, how="left", maintain_order="left", suffix="_risk")
    # The candidates' own columns of these names are not what is asked about.
    chance, delay = (
        placed[name].fill_null(other).to_numpy()
        for name, other in (("probability_risk", 1.0), ("delay_years_risk", 0))
    )
    late = placed["probability_late"].fill_null(0.0).to_numpy()
    yearly = (placed["share"] * placed["annual_saving"]).to_numpy()
    end = len(to_come) - 1
    first = placed["first_production_year"].to_numpy()
    delayed = yearly * to_come[np.minimum(first + delay, end)]
    value = placed["value"].to_numpy()
    expected = chance * ((1 - late) * value + late * delayed)
    least = np.where(chance < 1, 0.0, np.where(late > 0, delayed, value))
    return starts.with_columns(
        expected=pl.Series(expected), loss=pl.Series(np.maximum(value - least, 0.0))
    )


def mean_of_worst(values: Floats, share: float) -> float:
    """Give the mean of the worst share of equally likely values (CVaR of a gain)."""
    return float(np.sort(values) @ worst_weights(len(values), share))


def worst_weights(count: int, share: float) -> Floats:
    """Weigh values in order, the least first, so that the worst share counts 1 in all."""
    each = 1.0 / count
    weights: Floats = np.clip(share - each * np.arange(count), 0.0, each) / share
    return weights


def sum_of_largest(losses: Floats, failures: float) -> float:
    """Add up the largest losses of so many failures; a part of a failure counts in part."""
    ordered = np.sort(losses)[::-1]
    return float(ordered @ np.clip(failures - np.arange(len(ordered)), 0.0, 1.0))
