"""Plans put together of patterns, against every way to take one pattern at each resource."""

import itertools
import random
from importlib.util import find_spec

import numpy as np
import pytest
from small_instances import instance_of

if find_spec("numba") is None:
    pytest.skip(
        "plans are priced apart by compiled kernels (extra 'plan')", allow_module_level=True
    )

from onshore.plan.large import Options, options_of
from onshore.plan.large.patterns import Patterns
from onshore.plan.large.relaxation import Prices

SHORT = 1e-3  # of the best: the solver ends a little before it is proved


def drawn(of: Options, resource: int, dice: random.Random) -> tuple[int, ...]:
    """Draw options of one resource that fit there together, one of a job."""
    taken: list[int] = []
    left = of.capacity[resource].copy()
    for o in dice.sample(range(len(of.value)), len(of.value)):
        after = left - of.use[o] * (np.arange(len(left)) >= of.first[o])
        known = of.job[taken].tolist()
        if of.resource[o] == resource and of.job[o] not in known and (after >= 0).all():
            taken.append(o)
            left = after
        if dice.random() < 0.3:
            break
    return tuple(sorted(taken))


def worth(of: Options, plan: list[int]) -> float:
    """Say what a plan is worth, -1 where it breaks a row of items, budgets or floors."""
    value = float(of.value[plan].sum())
    made = np.bincount(of.item[plan], minlength=len(of.makers))
    paid = np.bincount(of.fund[plan], of.cost[plan], minlength=len(of.budget))
    groups = np.where(of.group[plan] < 0, len(of.floor), of.group[plan])
    valued = np.bincount(groups, of.value[plan], minlength=len(of.floor) + 1)[:-1]
    kept = (
        (made <= of.makers).all()
        and (paid <= of.budget + 1e-9).all()
        and (valued >= of.floor * value - 1e-9).all()
    )
    return value if kept else -1.0


def test_the_best_of_the_patterns_is_put_together():
    met = better = 0
    for seed in range(150):
        of, _ = options_of(instance_of(seed))
        if not len(of.value):
            continue
        dice = random.Random(seed)
        patterns = Patterns(of)
        at = [
            {(), *(drawn(of, resource, dice) for _ in range(4))}
            for resource in range(len(of.capacity))
        ]
        for pattern in itertools.chain.from_iterable(at):
            patterns.note(np.array(pattern, dtype=np.int64))
        plans = [sorted(itertools.chain(*taken)) for taken in itertools.product(*at)]
        kept = [(worth(of, plan), plan) for plan in plans]
        best = max(value for value, _ in kept)
        begin = dice.choice([plan for value, plan in kept if value >= 0])
        none = Prices(np.zeros_like(of.capacity), np.zeros_like(of.budget), np.zeros_like(of.floor))
        found = patterns.combined(
            np.array(begin, dtype=np.int64), none, np.zeros(len(of.makers)), 10.0
        )
        value = worth(of, found.tolist())
        assert best * (1 - SHORT) - 1e-9 <= value <= best + 1e-9, seed
        assert all(
            tuple(found[of.resource[found] == resource].tolist()) in at[resource]
            for resource in range(len(at))
        ), seed
        met += best > 0
        better += value > worth(of, begin) + 1e-9
    # The draw holds enough to mean something.
    assert met > 70
    assert better > 30


def test_patterns_that_lose_least_at_the_prices_come_first(monkeypatch):
    """With room for one pattern beside the plan's, it is the one that the prices call best."""
    monkeypatch.setattr("onshore.plan.large.patterns._COLUMNS", 1)
    empty = np.zeros(0, dtype=np.int64)
    met = 0
    for seed in range(60):
        of, _ = options_of(instance_of(seed, floors=False))
        here = np.flatnonzero(of.resource == of.resource[:1])
        if not len(here):
            continue
        one, other = here[np.argsort(-of.value[here], kind="stable")[[0, -1]]]
        if of.value[one] <= of.value[other] or of.item[one] == of.item[other]:
            continue
        patterns = Patterns(of)
        for o in (one, other):
            patterns.note(np.array([o]))
        none = Prices(np.zeros_like(of.capacity), np.zeros_like(of.budget), of.floor)
        dear = np.zeros(len(of.makers))
        assert patterns.combined(empty, none, dear, 10.0).tolist() == [one], seed
        dear[of.item[one]] = 2 * of.value[one]
        assert patterns.combined(empty, none, dear, 10.0).tolist() == [other], seed
        met += 1
    assert met > 15
