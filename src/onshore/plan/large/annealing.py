"""The search for a plan: moves of jobs between makers and years, cooled down slowly.

Simulated annealing (Kirkpatrick, Gelatt and Vecchi 1983, Science 220) over plans that keep every
capacity and budget. A move puts one option into the plan, takes out what stands in its way (the
item's own maker, jobs of the same resource), and finds those jobs another place where it can. What
a move gains is counted at the prices of money and floors, so that a cheap start is worth more than
a dear one of the same value; what a floor lacks costs a penalty.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from onshore.plan.large.arrays import Bits, Floats, Short, Whole
from onshore.plan.large.cooling import anneal, fill, strike
from onshore.plan.large.moves import GAIN, lacking
from onshore.plan.large.options import Options


@dataclass(frozen=True)
class Search:
    """A plan as the search holds it, empty at first.

    ``of_job`` is the option chosen for each job (-1: none). ``jobs_at``, ``jobs_in`` and
    ``makers_of`` list the jobs of each resource, budget and item. ``used`` (hours), ``spent``
    (money) and ``valued`` (by floor, the last entry without one) are what the plan takes and
    gives, ``taken`` its pairs.

    Moves are judged by ``gain`` of each option. ``opening`` is lost with the first job at a
    resource, ``bonus`` gained with an item's first maker. ``pool`` are the options that may be
    put in.
    """

    options: Options
    pool: Whole
    opening: Floats
    bonus: Floats
    what: Whole
    amount: Floats
    of_job: Whole
    jobs_at: Whole
    count_at: Whole
    place_at: Whole
    jobs_in: Short
    count_in: Whole
    place_in: Whole
    makers_of: Whole
    count_of: Whole
    taken: Whole
    used: Floats
    spent: Floats
    valued: Floats
    random: Bits

    @classmethod
    def of(
        cls,
        options: Options,
        gain: Floats,
        pool: Whole,
        *,
        seed: int,
        opening: Floats | None = None,
        bonus: Floats | None = None,
    ) -> Search:
        """Begin with the plan of nothing."""
        jobs, resources = len(options.job_item), len(options.capacity)
        items = len(options.makers)
        of = options
        return cls(
            options=options,
            pool=pool,
            opening=np.zeros(resources) if opening is None else opening,
            bonus=np.zeros(items) if bonus is None else bonus,
            what=np.column_stack(
                (of.item, of.pair, of.job, of.resource, of.fund, of.first, of.group)
            ),
            amount=np.column_stack((of.value, of.cost, of.use, gain)),
            of_job=np.full(jobs, -1, dtype=np.int64),
            jobs_at=np.full(jobs, -1, dtype=np.int64),
            count_at=np.zeros(resources, dtype=np.int64),
            place_at=np.full(jobs, -1, dtype=np.int64),
            jobs_in=np.full((len(of.budget), jobs), -1, dtype=np.int32),
            count_in=np.zeros(len(of.budget), dtype=np.int64),
            place_in=np.full(jobs, -1, dtype=np.int64),
            makers_of=np.full((items, int(of.makers.max(initial=1))), -1, dtype=np.int64),
            count_of=np.zeros(items, dtype=np.int64),
            taken=np.zeros(len(of.pair_item), dtype=np.int64),
            used=np.zeros_like(of.capacity),
            spent=np.zeros(len(of.budget)),
            valued=np.zeros(len(of.floor) + 1),
            random=np.random.SeedSequence(seed).generate_state(2, np.uint64) | np.uint64(1),
        )

    def cool(self, moves: int, hot: float, cold: float, penalty: float | Floats) -> int:
        """Make so many moves while the heat falls; give how many were taken.

        ``penalty`` is what a floor's missing value costs, one for all or one for each.
        """
        if not len(self.pool):
            return 0
        return int(
            anneal(
                *self._limits(), *self._lists(), *self._judged(), self.random,
                moves, hot, cold, np.full(len(self.options.floor), penalty),
            )
        )  # fmt: skip

    def weigh(self, gain: Floats) -> None:
        """Count each option for so much from now on."""
        self.amount[:, GAIN] = gain

    def fill(self, order: Whole, *, missing: bool = False) -> None:
        """Put in, in this order, what still fits and gains; without missing a floor, or not."""
        of = self.options
        floor = np.zeros(0) if missing else of.floor
        fill(
            self.what, self.amount, of.makers, of.capacity, of.budget, floor, *self._taken(),
            *self._lists(), self.opening, order,
        )  # fmt: skip

    @property
    def chosen(self) -> Whole:
        """The options in the plan, in order."""
        return np.sort(self.of_job[self.of_job >= 0])

    @property
    def misses(self) -> bool:
        """Whether a floor is missed, by more than adding and taking off has left behind."""
        floor = self.options.floor
        lack = lacking(floor, np.ones(len(floor)), self.valued)
        return bool(lack > 1e-9 * float(abs(self.valued).sum()))

    @property
    def slack(self) -> Floats:
        """What each floor's group is worth above its floor, below 0 where it lacks."""
        slack: Floats = self.valued[:-1] - self.options.floor * float(self.valued.sum())
        return slack

    def mend(self) -> None:
        """Take out what keeps floors missed: what weighs least, of groups above their floors."""
        of = self.options
        chosen = self.of_job[self.of_job >= 0]
        self.valued[:] = np.bincount(
            np.where(of.group[chosen] < 0, len(of.floor), of.group[chosen]),
            of.value[chosen],
            minlength=len(self.valued),
        )
        while self.misses and len(chosen):
            spare = self.valued[:-1] - of.floor * float(self.valued.sum())
            group = of.group[chosen]
            loose = chosen[(group < 0) | (np.append(spare, 1.0)[group] > 0)]
            pool = loose if len(loose) else chosen
            worst = int(pool[np.argmin(of.value[pool])])
            strike(self.what, self.amount, *self._taken(), *self._lists(), worst)
            chosen = chosen[chosen != worst]

    def _limits(self) -> tuple[Any, ...]:
        of = self.options
        return (
            self.what, self.amount, of.item_begins, of.makers, of.capacity, of.budget, of.floor,
            *self._taken(),
        )  # fmt: skip

    def _taken(self) -> tuple[Any, ...]:
        return self.used, self.spent, self.valued, self.taken

    def _lists(self) -> tuple[Any, ...]:
        return (
            self.of_job, self.jobs_at, self.options.resource_begins, self.count_at,
            self.place_at, self.jobs_in, self.count_in, self.place_in, self.makers_of,
            self.count_of,
        )  # fmt: skip

    def _judged(self) -> tuple[Any, ...]:
        fixed = bool(self.opening.any() or self.bonus.any())
        return self.pool, self.opening, self.bonus, fixed
