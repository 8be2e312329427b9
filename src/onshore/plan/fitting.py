"""How starts fit beside a plan: which limits a start would break, added or put in another's place.

Works on numbers: limits and starts by their position, a start's uses in one run, so that the half
million starts of 19,000 items take a second or two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from onshore.plan.instance import TOLERANCE, Instance, PlanError
from onshore.plan.making import Plan
from onshore.plan.starts import groups_of, loads_of, possible_starts, uses_of

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

LIMIT = ["kind", "name", "year"]
_START = ["item", "maker", "resource", "start_year"]
NONE = -1
"""In place of a start: none."""


class Uses(NamedTuple):
    """What the starts use: ``limit`` and ``amount``, of start s from ``begins[s]`` on."""

    begins: Whole
    limit: Whole
    amount: Floats


@dataclass(frozen=True, eq=False)
class Fitting:
    """A plan among all starts that are possible.

    ``starts`` are those of `possible_starts`, numbered by position; ``chosen`` are the plan's.
    ``loads`` are the limits, ``uses`` what each start takes of those that are no floors.
    ``member`` tells for each floor (rows of ``loads`` from ``floors`` on) which starts count
    for it; ``share`` what part of the plan's whole value the floor asks for.
    """

    starts: pl.DataFrame
    chosen: Whole
    loads: pl.DataFrame
    uses: Uses
    floors: int
    member: list[Flags]
    share: Floats

    @classmethod
    def of(cls, plan: Plan, instance: Instance) -> Fitting:
        """Place the plan among the starts.

        Raises
        ------
        PlanError
            The plan has a start that the instance does not know.
        """
        starts = possible_starts(instance)
        numbers = starts.select(*_START, "start")
        known = plan.starts.select(_START).join(numbers, on=_START, how="left")
        unknown = known.filter(pl.col("start").is_null())
        if not unknown.is_empty():
            row = ", ".join(str(value) for value in unknown.select(_START).row(0))
            raise PlanError(f"the plan's start ({row}) is not possible in this instance")
        chosen = np.sort(known["start"].to_numpy().astype(np.int64))
        loads = loads_of(starts[chosen], instance)
        of_floor = loads["kind"].is_in(["floor", "floor_amount"])
        floors = int(loads.height - of_floor.sum())
        groups = groups_of(starts)
        member = []
        for name in loads["name"][floors:]:
            flags = np.zeros(starts.height, dtype=np.bool_)
            flags[groups.filter(group=name)["start"].to_numpy()] = True
            member.append(flags)
        uses = numbered_uses(starts, loads[:floors], instance)
        return cls(starts, chosen, loads, uses, floors, member, _shares(loads[floors:], instance))

    @property
    def value(self) -> Floats:
        """What each start is worth."""
        return self.starts["value"].to_numpy()

    @property
    def of_item(self) -> Whole:
        """Give each start the number of its item."""
        return _numbers(self.starts, ["item"])

    @property
    def of_pair(self) -> Whole:
        """Give each start the number of its item and maker."""
        return _numbers(self.starts, ["item", "maker"])

    def broken(self, start: Whole, replaced: Whole) -> tuple[Whole, Whole]:
        """List the limits that moves would break, as the numbers of move and limit.

        A move adds a start and takes another (`NONE`: none) out of the plan.
        """
        move, entry = self.entries(start)
        limit, amount = self.uses.limit[entry], self.uses.amount[entry]
        used, most = self.loads["used"].to_numpy(), self.loads["limit"].to_numpy()
        after = used[limit] + amount - self._freed(replaced[move], limit)
        over = after > most[limit] * (1 + TOLERANCE)
        found = [(move[over], limit[over])]
        value = self.value
        out = np.where(replaced >= 0, value[replaced], 0.0)
        raised = value[start] - out
        total = float(value[self.chosen].sum())
        for at, member in enumerate(self.member):
            row = self.floors + at
            own = np.where(member[start], value[start], 0.0)
            own -= np.where((replaced >= 0) & member[replaced], out, 0.0)
            least = most[row] + self.share[at] * raised
            under = np.flatnonzero(used[row] + own < least - TOLERANCE * (total + np.abs(raised)))
            found.append((under, np.full(len(under), row)))
        return (
            np.concatenate([moves for moves, _ in found]),
            np.concatenate([limits for _, limits in found]),
        )

    def paid(self, prices: Floats, of: Flags) -> Floats:
        """Add up for each start what it uses of some limits, at their prices."""
        each = self.uses.amount * np.where(of, prices, 0.0)[self.uses.limit]
        start = np.repeat(np.arange(self.starts.height), np.diff(self.uses.begins))
        total: Floats = np.bincount(start, each, minlength=self.starts.height).astype(np.float64)
        return total

    def entries(self, start: Whole) -> tuple[Whole, Whole]:
        """List the uses of some starts, as the numbers of the start's place and of the use."""
        count = self.uses.begins[start + 1] - self.uses.begins[start]
        place = np.repeat(np.arange(len(start)), count)
        ahead = np.arange(len(place)) - np.repeat(np.cumsum(count) - count, count)
        return place, self.uses.begins[start][place] + ahead

    def _freed(self, start: Whole, limit: Whole) -> Floats:
        """Tell what a start of the plan uses of a limit."""
        place, entry = self.entries(self.chosen)
        # Starts in order and each one's uses in order of limit: the keys ascend.
        keys = self.chosen[place] * self.floors + self.uses.limit[entry]
        freed = np.zeros(len(start))
        asked = np.flatnonzero(start >= 0)
        if not len(keys) or not len(asked):
            return freed
        wanted = start[asked] * self.floors + limit[asked]
        at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        found = keys[at] == wanted
        freed[asked[found]] = self.uses.amount[entry][at[found]]
        return freed


def numbered_uses(starts: pl.DataFrame, limits: pl.DataFrame, instance: Instance) -> Uses:
    """Put the uses of starts in order of start and limit, the limits by their positions."""
    numbers = limits.select(LIMIT).with_row_index("limit")
    uses = (
        uses_of(starts, instance)
        .join(numbers, on=LIMIT, nulls_equal=True)
        .select(pl.col("start", "limit").cast(pl.Int64), "amount")
        .sort("start", "limit")
    )
    begins = np.searchsorted(uses["start"].to_numpy(), np.arange(starts.height + 1))
    return Uses(begins.astype(np.int64), uses["limit"].to_numpy(), uses["amount"].to_numpy())


def _shares(floors: pl.DataFrame, instance: Instance) -> Floats:
    if instance.floors is None:
        return np.zeros(0)
    shares = floors.join(
        instance.floors.select("floor_share", name="group"),
        on="name",
        how="left",
        maintain_order="left",
    )
    of_share = (shares["kind"] == "floor").to_numpy()
    return np.where(of_share, shares["floor_share"].to_numpy(), 0.0)


def _numbers(starts: pl.DataFrame, names: list[str]) -> Whole:
    runs = starts.select(pl.struct(names).rle_id()).to_series()
    return runs.to_numpy().astype(np.int64)
