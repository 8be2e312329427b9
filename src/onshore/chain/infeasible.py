"""Why no flows keep all limits: the smallest set of limits that collide."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from onshore.chain.errors import PROBLEMS, ChainError
from onshore.chain.named_limits import Limit, hard_demand, named_limits
from onshore.chain.program import Compiled
from onshore.chain.solver import Answer, Floats, Model, Solver, sorted_by_rows

_VIOLATED = 1e-7
_ROUNDS = 200
_LARGEST = 6


def explain(compiled: Compiled) -> ChainError:
    """Find limits that collide, none of which can be left out, and word the error.

    Limits of one sort and year count as one: the capacity of a process, the demand for a
    commodity. In an elastic model every limit may be overstepped at a price. What is overstepped
    where some limits are kept and the others priced is hit by every set that collides; so the
    smallest set that hits all that was found is kept next, until it collides by itself: then it
    is the smallest there is (hitting sets: Reiter 1987; Ignatiev et al. 2015). Where that takes
    too many rounds, a deletion filter gives a set of which none can be left out (Chinneck and
    Dravnieks 1991).
    """
    limits = named_limits(compiled)
    model = _Elastic(compiled, limits)
    told = model.smallest() or model.filtered()
    if not told:
        return ChainError(
            "no flows keep all limits, and none of the tables' limits is to blame. Give amounts "
            "in larger or smaller units, and solve again."
        )
    rows, lines = [], []
    members = model.members(told)
    for one in told:
        limit, amount = limits[one], f"{model.give_way(told, one):.6g}"
        text = limit.told(members[one])
        others = "; others would still collide" if model.collides_without(one) else ""
        lines.append(f"  {text} (it would have to give way by {amount}{others})")
        step = "Relax it, or one of the others."
        found = f"{amount} too much"
        rows += [[limit.table, None, limit.keys[m], "", text, found, step] for m in members[one]]
    problems = pl.DataFrame(rows, schema=PROBLEMS, orient="row")
    count = "this limit cannot be kept"
    if len(told) > 1:
        count = f"these {len(told)} limits collide, and without any one of them they would not"
    return ChainError(
        f"no flows keep all limits: {count}:\n" + "\n".join(lines) + "\nRelax one of them: lower "
        "a demand or give it a worth (then it may stay unserved), or add capacity, a link or an "
        "import.",
        problems,
    )


class _Elastic:
    """The model with a column for each side of a limit, by which it may be overstepped."""

    def __init__(self, compiled: Compiled, limits: list[Limit]) -> None:
        parts = [(k, m, limit) for k, limit in enumerate(limits) for m in range(len(limit.keys))]
        sizes = [len(limit.lines[m]) for _, m, limit in parts]
        nothing = np.zeros(0, dtype=np.int64)
        self.line = np.concatenate([nothing, *[limit.lines[m] for _, m, limit in parts]])
        self.limit = np.repeat(np.array([k for k, _, _ in parts], dtype=np.int64), sizes)
        self.member = np.repeat(np.array([m for _, m, _ in parts], dtype=np.int64), sizes)
        self.side = np.repeat(np.array([limit.side for _, _, limit in parts]), sizes)
        self.count, self.n = len(limits), len(compiled.cost)
        self.sizes, self.most = self._sizes(compiled)
        self.solver = Solver(self._model(compiled))

    def smallest(self) -> list[int]:
        """Find the fewest limits that collide; none where it takes too many rounds."""
        given_way: list[frozenset[int]] = []
        for _ in range(_ROUNDS):
            kept = smallest_hitting(given_way, _LARGEST)
            if kept is None:
                return []
            others = [limit for limit in range(self.count) if limit not in kept]
            answer = self._overstepped(others, whole=kept)
            if answer.status == "infeasible":
                return sorted(kept)
            over = answer.values[self.n :] * np.isin(self.limit, others)
            found = frozenset(self.limit[over > _VIOLATED].tolist())
            if answer.status != "optimal" or not found:
                return []
            given_way.append(found)
        return []

    def filtered(self) -> list[int]:
        """Find limits that collide, none of which can be left out; none where nothing collides."""
        kept = self._colliding(list(range(self.count)))
        for one in sorted(kept):
            if one in kept:
                kept = self._colliding([limit for limit in kept if limit != one]) or kept
        return kept

    def collides_without(self, one: int) -> bool:
        """Tell whether all other limits collide too."""
        return bool(self._colliding([limit for limit in range(self.count) if limit != one]))

    def members(self, told: list[int]) -> dict[int, list[int]]:
        """Give those of each limit's members that collide."""
        weight = self._weights(told, self._overstepped(told))
        found = {}
        for one in told:
            mine = (self.limit == one) & (weight > _VIOLATED)
            found[one] = sorted({int(m) for m in self.member[mine]})
        return found

    def give_way(self, told: list[int], one: int) -> float:
        """By how much one limit has to be overstepped if the others of the set are kept."""
        answer = self._overstepped(told, whole=[limit for limit in told if limit != one])
        return float((answer.values[self.n :] * self.sizes)[self.limit == one].sum())

    def _colliding(self, limits: list[int]) -> list[int]:
        """Give those of the limits whose duals show that they collide, if they do."""
        answer = self._overstepped(limits)
        if answer.status != "optimal" or answer.objective <= _VIOLATED:
            return []
        used = set(self.limit[self._weights(limits, answer) > _VIOLATED].tolist())
        return [limit for limit in limits if limit in used]

    def _weights(self, limits: list[int], answer: Answer) -> Floats:
        """Give the dual of each line of these limits: how much less would be overstepped by it."""
        weight = np.abs(1.0 - answer.reduced[self.n :])
        return np.where(np.isin(self.limit, limits), weight, 0.0)

    def _overstepped(self, limits: list[int], whole: Collection[int] = ()) -> Answer:
        """Overstep these limits as little as can be, all others as may be, some not at all."""
        columns = self.n + np.arange(len(self.limit))
        self.solver.cost(columns, np.isin(self.limit, limits).astype(np.float64))
        kept = np.isin(self.limit, list(whole))
        self.solver.bound(columns, 0.0, np.where(kept, 0.0, self.most))
        return self.solver.run()

    def _sizes(self, compiled: Compiled) -> tuple[Floats, Floats]:
        """Measure oversteps by their limit, so that none is cheap for being small.

        A demand may be overstepped down to 0 at most: left unserved, not turned into supply.
        """
        lower = np.concatenate([compiled.lower, compiled.row_lower])[self.line]
        upper = np.concatenate([compiled.upper, compiled.row_upper])[self.line]
        sizes = np.maximum(np.abs(np.where(self.side > 0, upper, lower)), 1.0)
        most = np.full(len(sizes), np.inf)
        begin = self.n + compiled.block("balance").start
        asked = hard_demand(compiled)
        here = (self.line >= begin) & (self.line < begin + len(asked))
        demand = asked[self.line[here] - begin]
        sizes[here] = np.maximum(demand, 1.0)
        most[here] = demand / sizes[here]
        return sizes, most

    def _model(self, compiled: Compiled) -> Model:
        """Write the elastic model: x - s <= upper and x + s >= lower, of columns in rows."""
        n, m, k = self.n, len(compiled.row_lower), len(self.line)
        of_column: NDArray[np.bool_] = self.line < n
        row_of = np.where(of_column, m + np.cumsum(of_column) - 1, self.line - n)
        line, above = self.line[of_column], self.side[of_column] > 0
        lower, upper = compiled.lower.copy(), compiled.upper.copy()
        more_lower, more_upper = np.full(len(line), -np.inf), np.full(len(line), np.inf)
        more_upper[above], more_lower[~above] = upper[line[above]], lower[line[~above]]
        upper[line[above]] = np.inf
        lower[line[~above]] = 0.0
        rows = np.concatenate(
            [np.repeat(np.arange(m), np.diff(compiled.starts)), row_of[of_column], row_of]
        )
        columns = np.concatenate([compiled.index.astype(np.int64), line, n + np.arange(k)])
        values = np.concatenate([compiled.value, np.ones(len(line)), -self.side * self.sizes])
        return Model(
            np.concatenate([np.zeros(n), np.ones(k)]),
            np.concatenate([lower, np.zeros(k)]),
            np.concatenate([upper, self.most]),
            np.concatenate([compiled.row_lower, more_lower]),
            np.concatenate([compiled.row_upper, more_upper]),
            *sorted_by_rows(rows, columns, values, m + len(line), n + k),
        )


def smallest_hitting(sets: Sequence[frozenset[int]], most: int) -> frozenset[int] | None:
    """Find the fewest members that meet every set; None where more than ``most`` are needed.

    Examples
    --------
    >>> sorted(smallest_hitting([frozenset({1, 2}), frozenset({2, 3})], 3))
    [2]
    """
    for size in range(most + 1):
        found = _hitting(sets, frozenset(), size)
        if found is not None:
            return found
    return None


def _hitting(
    sets: Sequence[frozenset[int]], chosen: frozenset[int], more: int
) -> frozenset[int] | None:
    open_sets = [one for one in sets if chosen.isdisjoint(one)]
    if not open_sets:
        return chosen
    if more == 0:
        return None
    fewest: frozenset[int] = min(open_sets, key=len)
    for member in sorted(fewest):
        found = _hitting(open_sets, chosen | {member}, more - 1)
        if found is not None:
            return found
    return None
