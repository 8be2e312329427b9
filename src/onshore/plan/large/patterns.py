"""Plans put together from what each resource chose at some prices or in some plan.

Of each resource one pattern of starts is taken, so that items, budgets and floors are kept: the
master problem of column generation over the patterns at hand, in whole numbers (Barnhart et al.
1998, "Branch-and-price", Operations Research 46). The bound's prices tell which patterns may be in
a good plan.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from onshore.plan.large.arrays import Floats, Whole
from onshore.plan.large.options import Options
from onshore.plan.large.relaxation import Prices, weight_of_groups

_MOST = 500  # resources of which patterns are kept; those of more are too many to combine
_COLUMNS = 1500  # patterns that are combined
_NODES = 10
_NEAR = 5e-4


class Patterns:
    """The patterns of each resource that were seen, each once."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._seen: dict[bytes, Whole] = {}

    @property
    def many(self) -> bool:
        """Whether there are too many resources."""
        return len(self._options.capacity) > _MOST

    def note(self, chosen: Whole) -> None:
        """Keep what these options are at each resource."""
        if not self.many:
            self._seen.update((pattern.tobytes(), pattern) for pattern in self._apart(chosen))

    def combined(self, plan: Whole, prices: Prices, of_item: Floats, seconds: float) -> Whole:
        """Give the best plan found of patterns that lose little at the prices.

        It is worth as much as ``plan`` at least. Limits are kept within HiGHS's tolerance.
        """
        own = self._apart(plan)
        patterns = own + self._nearest(prices, of_item, {pattern.tobytes() for pattern in own})
        values = _solved(self._options, patterns, len(own), seconds)
        taken = [pattern for pattern, value in zip(patterns, values, strict=True) if value > 0.5]
        return np.sort(np.concatenate(taken)) if taken else plan

    def _apart(self, chosen: Whole) -> list[Whole]:
        resource = self._options.resource[chosen]
        order = np.lexsort((chosen, resource))
        ends = np.flatnonzero(np.diff(resource[order])) + 1
        return np.split(chosen[order], ends) if len(chosen) else []

    def _nearest(self, prices: Prices, of_item: Floats, but: set[bytes]) -> list[Whole]:
        """List the patterns that lose least against the best of their resource."""
        of = self._options
        left = of.value * weight_of_groups(of, prices.floor)[of.group]
        left -= of.cost * prices.money[of.fund] + of_item[of.item]
        patterns = [pattern for key, pattern in self._seen.items() if key not in but]
        gains = np.array([float(left[pattern].sum()) for pattern in patterns])
        at = np.array([of.resource[pattern[0]] for pattern in patterns], dtype=np.int64)
        most = np.zeros(len(of.capacity))
        np.maximum.at(most, at, gains)
        return [patterns[k] for k in np.argsort(most[at] - gains, kind="stable")[:_COLUMNS]]


def _solved(
    options: Options, patterns: list[Whole], begin: int, seconds: float
) -> npt.NDArray[np.float64]:
    """Let HiGHS take patterns, beginning with the first ``begin`` of them."""
    import highspy

    of, count = options, len(patterns)
    option = np.concatenate(patterns)
    column = np.repeat(np.arange(count), [len(pattern) for pattern in patterns])
    first = np.array([pattern[0] for pattern in patterns])
    money = max(float(of.cost.mean()), 1e-300)
    value = of.value[option] / max(float(of.value.mean()), 1e-300)
    worth = np.bincount(column, value, minlength=count)
    floors, items, funds = len(of.floor), len(of.makers), len(of.budget)
    resources, grouped = len(of.capacity), of.group[option] >= 0
    begins = np.cumsum([0, items, funds, resources, floors])
    # The last column is the whole value, which floors are shares of.
    entries = [
        (of.item[option], column, np.ones(len(option))),
        (begins[1] + of.fund[option], column, of.cost[option] / money),
        (begins[2] + of.resource[first], np.arange(count), np.ones(count)),
        (begins[3] + of.group[option[grouped]], column[grouped], value[grouped]),
        (begins[3] + np.arange(floors), np.full(floors, count), -of.floor),
        (np.full(count + 1, begins[4]), np.arange(count + 1), np.append(worth, -1.0)),
    ]
    row, at, amount = (np.concatenate(parts) for parts in zip(*entries, strict=True))
    key, where = np.unique(row * (count + 1) + at, return_inverse=True)
    amount = np.bincount(where, amount)
    row, at = key // (count + 1), key % (count + 1)
    endless = highspy.kHighsInf
    lp: Any = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = count + 1, int(begins[4]) + 1
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.col_cost_ = np.append(worth, 0.0)
    lp.col_lower_ = np.zeros(count + 1)
    lp.col_upper_ = np.append(np.ones(count), endless)
    lp.row_lower_ = np.append(np.full(begins[3], -endless), np.zeros(floors + 1))
    lp.row_upper_ = np.concatenate(
        [of.makers, of.budget / money, np.ones(resources), np.full(floors, endless), [0.0]]
    )
    lp.integrality_ = [highspy.HighsVarType.kInteger] * count + [highspy.HighsVarType.kContinuous]
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.append(0, np.cumsum(np.bincount(row, minlength=lp.num_row_)))
    lp.a_matrix_.index_, lp.a_matrix_.value_ = at, amount
    solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    for name, setting in {
        "output_flag": False,
        "parallel": "off",
        "time_limit": seconds,
        "mip_max_nodes": _NODES,
        "mip_rel_gap": _NEAR,
    }.items():
        solver.setOptionValue(name, setting)
    solver.passModel(lp)
    start = highspy.HighsSolution()
    start.col_value = np.append(
        np.repeat([1.0, 0.0], [begin, count - begin]), worth[:begin].sum()
    ).tolist()
    solver.setSolution(start)
    solver.run()
    found = np.asarray(solver.getSolution().col_value)[:count]
    whole = len(found) == count and bool(np.isfinite(found).all())
    return found if whole else np.repeat([1.0, 0.0], [begin, count - begin])
