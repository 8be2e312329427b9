"""The best way to drill a group of targets, compiled: every state of knowledge is weighed.

A state is a number of base 3, the first target its highest digit: 0 not drilled, 1 empty, 2 found.
What follows a drilling has a higher number, so that one pass from the last to the first suffices.
Gains are weighed by the probability of their state: nothing is divided.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True)
def best_gains(chance, value, cost, money, budget):  # type: ignore[no-untyped-def]
    """Give, by state, the best expected gain from it on (times its probability), and its first.

    Parameters
    ----------
    chance
        float64 (3 ** targets,): probability of each state's results.
    value, cost
        float64 (targets,): of a find, and of drilling, as gains count them.
    money
        float64 (targets,): what drilling takes from the budget.
    budget
        Money there is; inf for no limit.

    Returns
    -------
    gain : float64 (3 ** targets,)
    first : int64 (3 ** targets,)
        The target to drill; -1 to stop.
    """
    count = len(value)
    power = np.empty(count, np.int64)
    power[count - 1] = 1
    for i in range(count - 2, -1, -1):
        power[i] = power[i + 1] * 3
    size = len(chance)
    gain = np.zeros(size)
    first = np.full(size, -1, np.int64)
    for state in range(size - 1, -1, -1):
        if chance[state] <= 0.0:
            continue
        spent = 0.0
        for i in range(count):
            if (state // power[i]) % 3:
                spent += money[i]
        best, which, rate = 0.0, -1, 0.0
        slack = 1e-12 * chance[state]
        for i in range(count):
            if (state // power[i]) % 3 or spent + money[i] > budget:
                continue
            empty, found = state + power[i], state + 2 * power[i]
            total = value[i] * chance[found] - cost[i] * chance[state] + gain[empty] + gain[found]
            # Of equals the one that pays most for its cost.
            worth = value[i] * chance[found] / cost[i]
            scale = slack * (value[i] + cost[i])
            if total > best + scale or (which >= 0 and total > best - scale and worth > rate):
                best, which, rate = max(total, best), i, worth
        gain[state] = best
        first[state] = which
    return gain, first
