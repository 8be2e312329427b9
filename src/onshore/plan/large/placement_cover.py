"""Which machines open: all that pay for themselves, and the cheapest others to bear every item.

That all machines opened together bear all items follows from the rows that are priced only as
long as openings are fractions; kept as a knapsack of its own it raises the bound (Holmberg,
Rönnqvist and Yuan 1999, "An exact algorithm for the capacitated facility location problems with
single sourcing", European Journal of Operational Research 113).
"""

from __future__ import annotations

import numpy as np

from onshore.plan.large.arrays import Floats, Whole
from onshore.plan.large.compiled import kernel
from onshore.plan.large.placement_model import Bools, Placement

_EXACT, _CELLS = 1 << 14, 1 << 12  # of what all items weigh: whole numbers below the first are kept
_SAFETY = 1e-9  # of what a machine bears, for the rounding of sums


def in_cover_cells(placement: Placement) -> tuple[Whole, int]:
    """Measure what machines bear, and what all items weigh at least, in whole cells.

    Exact for whole numbers up to a limit; else the first are rounded up. Nothing has to be borne
    where no machine costs to open.
    """
    if not placement.opening.any():
        return np.zeros(len(placement.capacity), dtype=np.int64), 0
    weight = np.where(placement.possible, placement.weight, np.inf).min(axis=0)
    need = float(weight.sum()) if np.isfinite(weight).all() else 0.0
    bears = np.minimum(placement.capacity, need) * (1 + _SAFETY)
    if (weight == np.floor(weight)).all() and need < _EXACT:
        return np.floor(bears).astype(np.int64), int(need)
    return np.ceil(bears * (_CELLS / need)).astype(np.int64), _CELLS


@kernel
def open_machines(net: Floats, bears: Whole, need: int, opened: Bools, others: Floats) -> float:
    """Open the machines that cost least together and bear what they have to; give the cost.

    ``net`` is what each costs, and ``others`` gets what all others cost at least if it opens.
    """
    machines = len(net)
    paying = 0.0
    for i in range(machines):
        opened[i] = net[i] < 0.0
        if opened[i]:
            paying += net[i]
            need -= bears[i]
    need = max(need, 0)
    least = np.full(need + 1, np.inf)  # for at least so many cells
    least[0] = 0.0
    take = np.zeros((machines if need > 0 else 0, need + 1), np.bool_)
    if need > 0:
        for i in range(machines):
            if opened[i] or bears[i] == 0:
                continue
            for c in range(need, 0, -1):
                cost = least[max(c - bears[i], 0)] + net[i]
                if cost < least[c]:
                    least[c] = cost
                    take[i, c] = True
    c = need
    for i in range(machines - 1, -1, -1):
        others[i] = paying + least[need] - net[i]
        if not opened[i]:
            others[i] = max(others[i], paying + least[max(need - bears[i], 0)])
            if c > 0 and take[i, c]:
                opened[i] = True
                c = max(c - bears[i], 0)
    return float(paying + least[need])
