"""The search for a cheap assignment: items move between machines while the heat falls.

Simulated annealing (Kirkpatrick, Gelatt and Vecchi 1983, Science 220). An item moves to another
machine, alone or pushing one out that finds its own best place; where machines cost to open, one
closes, opens, or takes another's place, with all its items. Machines may be overloaded at a
penalty that rises while most states are (as in Yagiura, Ibaraki and Glover 2004, "An ejection
chain approach for the generalized assignment problem", INFORMS Journal on Computing 16).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from onshore.plan.large.arrays import Bits, Floats, Short, Whole
from onshore.plan.large.compiled import kernel
from onshore.plan.large.moves import below
from onshore.plan.large.placement_model import Placement

_SAME_HEAT = 256  # moves at one temperature
_COUNT_AGAIN = 8192  # moves between two exact countings of what machines bear
_OF_MACHINES = 25  # of 1000 moves, where openings cost
_NEAR = 40  # machines that an item may move to
_KEEN = 60  # items that a newly opened machine looks at
_MANY, _FEW, _PENALTY_STEP = 0.5, 0.2, 1.01  # of states overloaded, and how the penalty answers


@kernel
def _send(
    cost_of: Floats,
    weight_of: Floats,
    capacity: Floats,
    opening: Floats,
    at: Whole,
    load: Floats,
    count: Whole,
    members: Short,
    place: Short,
    j: int,
    to: int,
) -> tuple[float, float]:
    """Move an item; give what that adds to the cost and to what machines bear too much."""
    a = at[j]
    more = cost_of[j, to] - cost_of[j, a]
    before = max(0.0, load[a] - capacity[a]) + max(0.0, load[to] - capacity[to])
    load[a] -= weight_of[j, a]
    load[to] += weight_of[j, to]
    over = max(0.0, load[a] - capacity[a]) + max(0.0, load[to] - capacity[to]) - before
    count[a] -= 1
    last = members[a, count[a]]
    members[a, place[j]] = last
    place[last] = place[j]
    if count[a] == 0:
        more -= opening[a]
    if count[to] == 0:
        more += opening[to]
    members[to, count[to]] = j
    place[j] = count[to]
    count[to] += 1
    at[j] = to
    return more, over


@kernel
def _adds(
    weight_of: Floats,
    capacity: Floats,
    load: Floats,
    j: int,
    to: int,
) -> float:
    """Give what an item adds to a machine's overload."""
    over = load[to] + weight_of[j, to] - capacity[to]
    if over <= 0.0:
        return 0.0
    return float(min(over, weight_of[j, to]))


@kernel
def _best_place(
    cost_of: Floats,
    weight_of: Floats,
    capacity: Floats,
    opening: Floats,
    load: Floats,
    count: Whole,
    near: Short,
    penalty: float,
    j: int,
    never: int,
) -> int:
    """Find an item's cheapest machine near it, at the penalty for overload, or -1."""
    best, least = -1, np.inf
    for k in range(near.shape[1]):
        i = near[j, k]
        if i < 0:
            break
        if i == never:
            continue
        total = cost_of[j, i] + penalty * _adds(weight_of, capacity, load, j, i)
        if count[i] == 0:
            total += opening[i]
        if total < least:
            best, least = i, total
    return best


@kernel
def _rearrange(
    cost_of: Floats,
    weight_of: Floats,
    capacity: Floats,
    opening: Floats,
    at: Whole,
    load: Floats,
    count: Whole,
    members: Short,
    place: Short,
    near: Short,
    keen: Short,
    penalty: float,
    close: int,
    open_up: int,
    moved: Whole,
    origin: Whole,
) -> tuple[int, float, float]:
    """Close a machine, open one, or both (-1: none); give the items moved and what that adds.

    The opened one takes what fits of the closed one's items, and others that it serves cheaper.
    """
    n, more, over = 0, 0.0, 0.0
    if close >= 0:
        for k in range(count[close] - 1, -1, -1):
            j = members[close, k]
            to = -1
            if (
                open_up >= 0
                and np.isfinite(cost_of[j, open_up])
                and load[open_up] + weight_of[j, open_up] <= capacity[open_up]
            ):
                to = open_up
            if to < 0:
                to = _best_place(
                    cost_of, weight_of, capacity, opening, load, count, near, penalty, j, close
                )
            if to < 0:
                continue
            moved[n], origin[n] = j, close
            n += 1
            d, e = _send(
                cost_of, weight_of, capacity, opening, at, load, count, members, place, j, to
            )
            more += d
            over += e
    if open_up >= 0:
        for k in range(keen.shape[1]):
            j = keen[open_up, k]
            if j < 0:
                break
            a = at[j]
            if a == open_up or load[open_up] + weight_of[j, open_up] > capacity[open_up]:
                continue
            gain = cost_of[j, a] - cost_of[j, open_up]
            if load[a] > capacity[a]:
                gain += penalty * min(load[a] - capacity[a], weight_of[j, a])
            if gain > 0.0 and n < len(moved):
                moved[n], origin[n] = j, a
                n += 1
                d, e = _send(
                    cost_of, weight_of, capacity, opening, at, load, count, members, place, j,
                    open_up,
                )  # fmt: skip
                more += d
                over += e
    return n, more, over


@kernel
def _machines_to_change(
    at: Whole,
    count: Whole,
    near: Short,
    random: Bits,
) -> tuple[int, int]:
    """Draw a machine to close and one to open, or one of both."""
    j, kind = below(random, len(at)), below(random, 4)
    close = -1 if kind == 0 else at[j]
    open_up = -1
    if kind != 1:
        for _ in range(8):
            i = near[j, below(random, near.shape[1])]
            if i >= 0 and count[i] == 0:
                open_up = i
                break
    return close, open_up


@kernel
def _count_again(
    cost_of: Floats,
    weight_of: Floats,
    capacity: Floats,
    opening: Floats,
    at: Whole,
    load: Floats,
    count: Whole,
) -> tuple[float, float]:
    """Add up loads, cost and overload from nothing."""
    value, over = 0.0, 0.0
    load[:] = 0.0
    for j in range(len(at)):
        load[at[j]] += weight_of[j, at[j]]
        value += cost_of[j, at[j]]
    for i in range(len(load)):
        over += max(0.0, load[i] - capacity[i])
        if count[i] > 0:
            value += opening[i]
    return value, over


@kernel
def anneal(
    cost_of: Floats,
    weight_of: Floats,
    capacity: Floats,
    opening: Floats,
    at: Whole,
    load: Floats,
    count: Whole,
    members: Short,
    place: Short,
    near: Short,
    keen: Short,
    fixed: bool,
    random: Bits,
    moves: int,
    hot: float,
    cold: float,
    penalty: float,
    best_at: Whole,
    least: float,
) -> tuple[float, float]:
    """Make so many moves while the heat falls; give the least cost found and the penalty."""
    items, wide = near.shape
    moved, origin = np.zeros(2 * items, np.int64), np.zeros(2 * items, np.int64)
    cooling = (cold / hot) ** (_SAME_HEAT / moves)
    heat, overloaded = hot, 0
    nothing = 1e-9 * weight_of[:, 0].mean()
    value, over = _count_again(cost_of, weight_of, capacity, opening, at, load, count)
    for step in range(1, moves + 1):
        if step % _SAME_HEAT == 0:
            heat *= cooling
            if overloaded > _MANY * _SAME_HEAT:
                penalty *= _PENALTY_STEP
            elif overloaded < _FEW * _SAME_HEAT:
                penalty /= _PENALTY_STEP
            overloaded = 0
        if step % _COUNT_AGAIN == 0:
            value, over = _count_again(cost_of, weight_of, capacity, opening, at, load, count)
        overloaded += over > nothing
        n, more, above = 0, 0.0, 0.0
        kind = below(random, 1000)
        if fixed and kind < _OF_MACHINES:
            close, open_up = _machines_to_change(at, count, near, random)
            n, more, above = _rearrange(
                cost_of, weight_of, capacity, opening, at, load, count, members, place, near, keen,
                penalty, close, open_up, moved, origin,
            )  # fmt: skip
        else:
            j = below(random, items)
            to = near[j, min(below(random, wide), below(random, wide))]
            if to < 0 or to == at[j]:
                continue
            if count[to] == 0 and opening[to] > 50.0 * heat:
                continue
            moved[0], origin[0], n = j, at[j], 1
            pushed = -1
            if count[to] > 0 and kind % 3 > 0:
                pushed = members[to, below(random, count[to])]
            more, above = _send(
                cost_of, weight_of, capacity, opening, at, load, count, members, place, j, to
            )
            if pushed >= 0:
                new = origin[0]
                if kind % 3 == 1:
                    new = _best_place(
                        cost_of, weight_of, capacity, opening, load, count, near, penalty, pushed,
                        to,
                    )  # fmt: skip
                elif not np.isfinite(cost_of[pushed, new]):
                    new = -1
                if new >= 0:
                    moved[1], origin[1], n = pushed, to, 2
                    d, e = _send(
                        cost_of, weight_of, capacity, opening, at, load, count, members, place,
                        pushed, new,
                    )  # fmt: skip
                    more += d
                    above += e
        if n == 0:
            continue
        worse = more + penalty * above
        if worse > 0.0:
            draw = (below(random, 1 << 30) + 1.0) / (1 << 30)
            if worse > -heat * np.log(draw):
                for k in range(n - 1, -1, -1):
                    _send(
                        cost_of, weight_of, capacity, opening, at, load, count, members, place,
                        moved[k], origin[k],
                    )  # fmt: skip
                continue
        value += more
        over += above
        if over <= nothing and value < least - 1e-9 * abs(value):
            least = value
            best_at[:] = at
    return least, penalty


@dataclass
class Search:
    """An assignment as the search holds it, and the best found."""

    placement: Placement
    random: Bits
    at: Whole
    best: Whole
    value: float
    penalty: float

    @classmethod
    def of(cls, placement: Placement, *, seed: int) -> Search:
        """Begin with each item where it costs least."""
        opening = placement.opening / np.maximum(placement.capacity, 1e-300)
        whole = placement.cost + opening[:, None] * placement.weight
        at = np.where(placement.possible, whole, np.inf).argmin(axis=0)
        weight = max(float(placement.weight.mean()), 1e-300)
        return cls(
            placement=placement,
            random=np.random.SeedSequence(seed).generate_state(2, np.uint64) | np.uint64(1),
            at=at,
            best=np.full(len(at), -1),
            value=np.inf,
            penalty=float(np.abs(whole[placement.possible]).mean()) / weight,
        )

    def cool(
        self, moves: int, hot: float, cold: float, least: Floats, price: Floats
    ) -> Whole | None:
        """Make so many moves while the heat falls; give the best assignment on the way, if any.

        ``least`` tells which machines each item looks at first, ``price`` which items a machine
        that opens does.
        """
        of = self.placement
        self.take(self.at)
        machines, items = of.cost.shape
        members = np.full((machines, items), -1, dtype=np.int32)
        place = np.zeros(items, dtype=np.int32)
        order = np.argsort(self.at, kind="stable")
        count = np.bincount(self.at, minlength=machines)
        place[order] = np.arange(items) - np.repeat(np.cumsum(count) - count, count)
        members[self.at, place] = np.arange(items)
        found = np.empty_like(self.best)
        value, self.penalty = anneal(
            np.ascontiguousarray(np.where(of.possible, of.cost, np.inf).T),
            np.ascontiguousarray(of.weight.T), of.capacity * (1 + 1e-10), of.opening, self.at,
            np.zeros(machines), count, members, place, _first(least, _NEAR).T.copy(),
            _first(np.where(of.possible, of.cost - price, np.inf).T, _KEEN).T.copy(),
            bool(of.opening.any()), self.random, moves, hot, cold, self.penalty, found, np.inf,
        )  # fmt: skip
        if not np.isfinite(value):
            return None
        self.take(found)
        return found

    def take(self, machine_of: Whole) -> None:
        """Keep an assignment if it is the best yet."""
        value = self.placement.value(machine_of)
        if value < self.value:
            self.best, self.value = machine_of.copy(), value


def _first(rank: Floats, most: int) -> Short:
    """Give the rows of the least finite numbers of each column, in order; -1 where too few."""
    most = min(most, len(rank))
    rows = np.argpartition(rank, most - 1, axis=0)[:most]
    rows = np.take_along_axis(rows, np.take_along_axis(rank, rows, 0).argsort(0, "stable"), 0)
    return np.where(np.isfinite(np.take_along_axis(rank, rows, 0)), rows, -1).astype(np.int32)
