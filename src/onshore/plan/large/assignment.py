"""Every item to one machine at least cost, with a proven bound: generalized assignment.

With opening costs it is facility location where each customer is served by one facility.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from onshore.plan.large.arrays import Floats
from onshore.plan.large.clock import Progress
from onshore.plan.large.placement_model import (
    ROUNDING,
    Assigned,
    Bools,
    NoAssignment,
    Placement,
)
from onshore.plan.large.placing import Placing

__all__ = ["Assigned", "NoAssignment", "assign"]


def assign(
    cost: npt.ArrayLike,
    weight: npt.ArrayLike,
    capacity: npt.ArrayLike,
    opening: npt.ArrayLike | None = None,
    *,
    gap: float = 0.0,
    seconds: float = 60.0,
    seed: int = 0,
    progress: Progress | None = None,
) -> Assigned:
    """Place every item on one machine at least cost.

    Minimizes the costs of all pairs made plus the opening costs of all machines with an item,
    where the weights on no machine add up to more than its capacity. The bound is Lagrangian:
    the rows 'every item is placed' are priced and each machine's knapsack is kept whole.
    Pairs that no better assignment can have are left out, and once few remain they are given to
    HiGHS whole. Until then, machines that cost to open are branched on, and assignments come from
    annealing, from fixing items as the prices settle, from the pairs of the best assignments so
    found, from the machines that branching finds likely, and from neighbourhoods solved whole.

    Minimize sum c[i, j] x[i, j] + sum f[i] y[i] with sum over i of x[i, j] = 1 for each item j,
    sum over j of w[i, j] x[i, j] <= b[i] y[i] for each machine i, and x, y 0 or 1. At prices u the
    bound is sum u[j] + the least sum over i of (f[i] - k[i]) y[i] with sum over i of b[i] y[i] >=
    the least that all items can weigh together, k[i] being what the best knapsack of machine i
    earns with the profits u[j] - c[i, j].

    Parameters
    ----------
    cost
        Machines x items, any unit; infinite where a pair is not possible.
    weight
        Machines x items, 0 or more, in the unit of the capacities.
    capacity
        Of each machine, 0 or more; infinite where there is no limit.
    opening
        Of each machine, 0 or more, in the unit of the costs; paid once if it gets any item.
    gap
        (objective - bound) / abs(objective) that is near enough.
    seconds
        Wall seconds to take at most.
    seed
        The same seed gives the same assignment, unless the seconds run out before.
    progress
        Called between steps with the seconds gone, the best cost and the bound.

    Raises
    ------
    NoAssignment
        An item fits nowhere, all weights exceed all capacity, or no assignment was shown to
        exist.
    ValueError
        Arrays do not fit together, or hold what is not a number or is negative; the gap or the
        seconds are below 0.

    References
    ----------
    The bound: Fisher, M. L., Jaikumar, R. and Van Wassenhove, L. N. (1986). A multiplier
    adjustment method for the generalized assignment problem. Management Science 32(9), 1095-1103;
    what machines bear together: Holmberg, K., Rönnqvist, M. and Yuan, D. (1999). An exact
    algorithm for the capacitated facility location problems with single sourcing. European
    Journal of Operational Research 113(3), 544-559. The branching: Geoffrion, A. M. (1974).
    Lagrangean relaxation for integer programming. Mathematical Programming Study 2, 82-114. The
    search: Kirkpatrick, S., Gelatt, C. D. and Vecchi, M. P. (1983). Optimization by simulated
    annealing. Science 220(4598), 671-680.

    Examples
    --------
    The first machine makes the heavy item at the least cost, but then has no room for another.

    >>> found = assign([[1, 5, 3], [2, 4, 5]], [[5, 3, 3], [5, 3, 3]], [6, 8])
    >>> found.machine_of.tolist(), found.objective, found.bound, found.status
    ([1, 1, 0], 9.0, 9.0, 'proved')
    """
    for name, figure in (("gap", gap), ("seconds", seconds)):
        if not figure >= 0:
            raise ValueError(f"{name} is {figure}: give a figure of 0 or more")
    placement = _placement(cost, weight, capacity, opening)
    _require_possible(placement)
    return Placing(placement, gap, seconds, seed, progress).run()


def _placement(
    cost: npt.ArrayLike,
    weight: npt.ArrayLike,
    capacity: npt.ArrayLike,
    opening: npt.ArrayLike | None,
) -> Placement:
    costs, weights = np.array(cost, dtype=np.float64), np.array(weight, dtype=np.float64)
    capacities = np.array(capacity, dtype=np.float64)
    if costs.ndim != 2 or 0 in costs.shape:
        raise ValueError(
            f"cost needs a row a machine and a column an item, at least one of each; it has the "
            f"shape {costs.shape}"
        )
    machines = len(costs)
    openings = np.zeros(machines) if opening is None else np.array(opening, dtype=np.float64)
    if weights.shape != costs.shape:
        raise ValueError(f"weight has the shape {weights.shape}, cost {costs.shape}: make them one")
    for name, figures in (("capacity", capacities), ("opening", openings)):
        if figures.shape != (machines,):
            raise ValueError(
                f"{name} has the shape {figures.shape}, but there are {machines} machines: "
                "give one figure for each"
            )
    for name, figures in (
        ("weight", weights), ("capacity", capacities), ("opening", openings)
    ):  # fmt: skip
        _require_some(name, figures, ~(figures >= 0), "a figure of 0 or more")
    for name, figures in (("weight", weights), ("opening", openings)):
        _require_some(name, figures, np.isinf(figures), "a finite figure")
    _require_some("cost", costs, np.isnan(costs) | (costs == -np.inf), "a number, or infinity")
    fits = weights <= capacities[:, None] * (1 + ROUNDING)
    possible = np.isfinite(costs) & fits
    return Placement(np.where(possible, costs, 0.0), weights, capacities, openings, possible)


def _require_some(name: str, figures: Floats, bad: Bools, wanted: str) -> None:
    if bad.any():
        at = tuple(int(k) for k in np.argwhere(bad)[0])
        where = f"machine {at[0]}" + (f", item {at[1]}" if len(at) > 1 else "")
        raise ValueError(
            f"{name} of {where} is {figures[at]} ({int(bad.sum())} such): give {wanted}"
        )


def _require_possible(placement: Placement) -> None:
    """Name what no assignment can keep, where that shows at once."""
    nowhere = np.nonzero(~placement.possible.any(axis=0))[0]
    if len(nowhere):
        raise NoAssignment(
            f"item {nowhere[0]} fits on no machine ({len(nowhere)} such items): raise a capacity, "
            "split the item, or allow it elsewhere"
        )
    least = np.where(placement.possible, placement.weight, np.inf).min(axis=0).sum()
    most = placement.capacity.sum()
    if least > most * (1 + ROUNDING):
        raise NoAssignment(
            f"the items weigh at least {least:g} together and all machines bear {most:g}: "
            f"{least - most:g} more capacity is needed at least"
        )
