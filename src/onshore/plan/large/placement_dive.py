"""Items fixed one after the other where the priced knapsacks choose them most."""

from __future__ import annotations

import numpy as np

from onshore.plan.large.placement_prices import Prices, choose, lacking, stepped

_ROUNDS = 15  # of prices between two fixings
_STEPS = 25  # of fixings, about
_NOISE = 0.05  # how much chance has a say in what is fixed
_REACH, _FADING = 0.3, 0.1  # of a step; of the last choice in the average of choices
_LEAST_AHEAD, _UNKNOWN_AHEAD = 5e-4, 0.01  # of the bound, to where prices aim


class Dive:
    """Where items were fixed (``machine_of``, -1: not), and in what ``order``.

    ``target`` is what an assignment that is looked for costs less than.
    """

    def __init__(self, prices: Prices, target: float, chance: np.random.Generator) -> None:
        of = prices.placement
        machines, items = of.cost.shape
        self.machine_of = np.full(items, -1)
        self.order: list[int] = []
        self._cost, self._cells, self._target, self._chance = of.cost, prices.cells, target, chance
        self._free = np.ones(items, dtype=np.bool_)
        self._possible, self._share = prices.better(target), prices.share.copy()
        self._room, self._opening = prices.room.copy(), of.opening.copy()
        self._price, self._way, self._paid = prices.of_item.copy(), np.zeros(items), 0.0
        self._chosen, self._others = np.zeros_like(self._possible), np.zeros(machines)
        self._bears, self._need = prices.bears, prices.need

    def run(self, stop: int) -> None:
        """Fix until ``stop`` items are left or one of them has nowhere to go."""
        while (left := int(self._free.sum())) > stop and self._goes_on():
            for _ in range(_ROUNDS):
                self._follow()
            sure = self._share.max(axis=0) + _NOISE * self._chance.random(len(self._free))
            surest = np.argsort(-np.where(self._free, sure, -1.0), kind="stable")
            for j in surest[: max(1, min(left - stop, left // _STEPS))]:
                if not self._possible[:, j].any():
                    break
                self._fix(int(j))

    def _goes_on(self) -> bool:
        return bool(self._possible[:, self._free].any(axis=0).all())

    def _follow(self) -> None:
        """Let the prices follow what is chosen of the free items."""
        found = self._paid + choose(
            self._cost, self._cells, self._room, self._opening, self._possible, self._bears,
            self._need, self._price, self._chosen, self._others,
        )  # fmt: skip
        self._share += _FADING * (self._chosen - self._share)
        ahead = _UNKNOWN_AHEAD * abs(found)
        if np.isfinite(self._target):
            ahead = max(self._target - found, _LEAST_AHEAD * abs(found))
        lack = np.where(self._free, lacking(self._chosen), 0.0)
        self._price, self._way = stepped(self._price, self._way, lack, _REACH * ahead)

    def _fix(self, j: int) -> None:
        i = int(np.where(self._possible[:, j], self._share[:, j], -1.0).argmax())
        self.machine_of[j] = i
        self.order.append(j)
        self._free[j], self._possible[:, j], self._share[:, j] = False, False, 0.0
        self._price[j], self._way[j] = 0.0, 0.0
        self._paid += float(self._cost[i, j] + self._opening[i])
        self._room[i] -= self._cells[i, j]
        self._opening[i] = 0.0
        self._possible[i] &= self._cells[i] <= self._room[i]
