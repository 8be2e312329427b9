"""The best starts of one resource alone, at given prices: a knapsack nested over the years.

Each job (a pair) may begin production in one of several years, each with a profit, and uses its
hours from then to the end; what is used in a year is at most the year's capacity. Solved by branch
and bound: jobs by profit per hour, with Dantzig's bound (1957, "Discrete-variable extremum
problems", Operations Research 5) on the last year, and a Lagrangian bound over all years.
"""

import numpy as np

from onshore.plan.large.arrays import Floats, Whole
from onshore.plan.large.compiled import kernel

_SLACK = 1e-12
_UNDER, _FURTHER = 1e-3, 1.4  # the share of the prices' bound that a search does without


@kernel
def relaxed(
    profit: Floats,
    use: Floats,
    capacity: Floats,
    jobs: int,
    price: Floats,
) -> float:
    """Bound the profit when each year's hours are sold at a price.

    ``price[p]`` is that of an hour from year p to the end: it never rises.
    """
    years = len(capacity)
    total = 0.0
    for y in range(years):
        after = price[y + 1] if y + 1 < years else 0.0
        total += (price[y] - after) * capacity[y]
    for j in range(jobs):
        best = 0.0
        for p in range(years):
            left = profit[j, p] - use[j] * price[p]
            if left > best:
                best = left
        total += best
    return total


@kernel
def _moved(
    price: Floats,
    up: int,
    down: int,
    by: float,
    out: Floats,
) -> None:
    """Make the hours of year ``up`` dearer by so much, and those of ``down`` cheaper."""
    for p in range(len(price)):
        out[p] = price[p] + (by if p <= up else 0.0) - (by if p <= down else 0.0)


@kernel
def _search_along(
    profit: Floats,
    use: Floats,
    capacity: Floats,
    jobs: int,
    price: Floats,
    up: int,
    down: int,
    low: float,
    high: float,
    value: float,
    trial: Floats,
) -> tuple[float, float]:
    """Look for a lower bound along one move of the prices; give the step and its bound."""
    step = 0.0
    for _ in range(14):
        one = low + 0.4 * (high - low)
        two = low + 0.6 * (high - low)
        _moved(price, up, down, one, trial)
        at_one = relaxed(profit, use, capacity, jobs, trial)
        _moved(price, up, down, two, trial)
        at_two = relaxed(profit, use, capacity, jobs, trial)
        if at_one < value:
            value, step = at_one, one
        if at_two < value:
            value, step = at_two, two
        if at_one < at_two:
            high = two
        else:
            low = one
    return step, value


@kernel
def lower_prices(
    profit: Floats,
    use: Floats,
    capacity: Floats,
    jobs: int,
    hourly: Floats,
) -> float:
    """Change the hourly prices of the years, in place, to a low bound; give the bound."""
    years = len(capacity)
    price = np.zeros(years)
    trial = np.zeros(years)
    total = 0.0
    for y in range(years - 1, -1, -1):
        total += hourly[y]
        price[y] = total
    value = relaxed(profit, use, capacity, jobs, price)
    for _ in range(2):
        before = value
        for up in range(years):
            for down in range(-1, years):
                if down == up:
                    continue
                high = hourly[down] if down >= 0 else max(hourly[up], 0.05 * price[0] + 1e-9)
                low = -hourly[up]
                if high - low < _SLACK:
                    continue
                step, value = _search_along(
                    profit, use, capacity, jobs, price, up, down, low, high, value, trial
                )
                if step != 0.0:
                    hourly[up] += step
                    if down >= 0:
                        hourly[down] -= step
                    _moved(price, up, down, step, trial)
                    price[:] = trial
        if before - value < 1e-3 * abs(before):
            break
    return value


@kernel
def _choices(
    profit: Floats,
    use: Floats,
    capacity: Floats,
    jobs: int,
    price: Floats,
) -> tuple[Floats, Whole, Whole, Floats, Whole]:
    """Sort each job's years by what is left of the profit after its hours; last is 'not at all'.

    Gives them with what is left and how many there are, each job's greatest profit, and the jobs
    by profit per hour.
    """
    years = len(capacity)
    left = np.zeros((jobs, years + 1))
    year = np.full((jobs, years + 1), -1)
    count = np.zeros(jobs, np.int64)
    most = np.zeros(jobs)
    rate = np.zeros(jobs)
    for j in range(jobs):
        k = 0
        for p in range(years):
            if profit[j, p] > 0.0 and use[j] <= capacity[p]:
                left[j, k] = profit[j, p] - use[j] * price[p]
                year[j, k] = p
                most[j] = max(most[j], profit[j, p])
                k += 1
        k += 1
        for a in range(1, k):
            value, at, b = left[j, a], year[j, a], a - 1
            while b >= 0 and left[j, b] < value:
                left[j, b + 1], year[j, b + 1] = left[j, b], year[j, b]
                b -= 1
            left[j, b + 1], year[j, b + 1] = value, at
        count[j] = k
        rate[j] = -most[j] / max(use[j], 1e-300)
    return left, year, count, most, np.argsort(rate)


@kernel
def _dantzig(
    order: Whole,
    depth: int,
    jobs: int,
    use: Floats,
    most: Floats,
    room: float,
    value: float,
) -> float:
    """Fill the last year's room with the jobs still open, the last one in part."""
    for q in range(depth, jobs):
        j = order[q]
        if use[j] > room:
            return float(value + most[j] * room / use[j])
        room -= use[j]
        value += most[j]
    return value


@kernel
def best_starts(
    profit: Floats,
    use: Floats,
    capacity: Floats,
    jobs: int,
    hourly: Floats,
    most_nodes: int,
    chosen: Whole,
) -> tuple[float, float, int]:
    """Choose the years of production of one resource's jobs.

    ``chosen`` gets each job's first year of production, -1 where it is not made. ``hourly`` is
    improved in place. Gives an upper bound on the profit (the best itself unless the nodes ran
    out), the profit of the choice, and the nodes visited.

    The search looks for more than a little under the prices' bound first, and where there is
    nothing for more than twice as much under it, and so on: a search that ends in vain lowers the
    bound, and one whose aim is near the best is short.
    """
    years = len(capacity)
    chosen[:jobs] = -1
    if jobs == 0:
        return 0.0, 0.0, 0
    lower_prices(profit, use, capacity, jobs, hourly)
    price = np.zeros(years)
    total, ceiling = 0.0, 0.0
    for y in range(years - 1, -1, -1):
        total += hourly[y]
        price[y] = total
        ceiling += hourly[y] * capacity[y]
    left, year, count, most, order = _choices(profit, use, capacity, jobs, price)
    for j in range(jobs):
        ceiling += left[j, 0]

    bound, best, under, all_nodes, proving = ceiling, 0.0, _UNDER, 0, True
    while True:
        aim = max(0.0, (1.0 - under) * ceiling)
        best, possible, nodes = _above(
            profit, use, capacity, jobs, left, year, count, most, order, ceiling, aim,
            most_nodes, chosen,
        )  # fmt: skip
        all_nodes += nodes
        if proving:
            bound = min(bound, possible)
            proving = possible <= best
        if best > aim or aim == 0.0:
            return bound * (1 + 1e-9) + 1e-9 * ceiling, best, all_nodes
        under *= _FURTHER


@kernel
def _above(
    profit: Floats,
    use: Floats,
    capacity: Floats,
    jobs: int,
    left: Floats,
    year: Whole,
    count: Whole,
    most: Floats,
    order: Whole,
    ceiling: float,
    aim: float,
    most_nodes: int,
    chosen: Whole,
) -> tuple[float, float, int]:
    """Look for the best choice with more profit than the aim.

    Gives its profit (the aim itself where there is none), what no choice has more of, and the
    nodes visited. ``chosen`` gets the choice, if there is one.
    """
    years = len(capacity)
    at = np.full(jobs + 1, -1)
    used = np.zeros((jobs + 1, years))
    lost = np.zeros(jobs + 1)
    value = np.zeros(jobs + 1)
    best, abandoned, nodes, depth = aim, 0.0, 0, 0
    while depth >= 0:
        if depth == jobs:
            if value[depth] > best:
                best = value[depth]
                for q in range(jobs):
                    chosen[order[q]] = year[order[q], at[q]]
            depth -= 1
            continue
        at[depth] += 1
        j, k = order[depth], at[depth]
        if k >= count[j]:
            depth -= 1
            continue
        loss = lost[depth] + left[j, 0] - left[j, k]
        if ceiling - loss <= best + 1e-9 * ceiling:
            depth -= 1  # the later years of this job lose more
            continue
        if k == 0:
            room = capacity[years - 1] - used[depth, years - 1]
            possible = _dantzig(order, depth, jobs, use, most, room, value[depth])
            if possible <= best + 1e-9 * ceiling:
                depth -= 1
                continue
            if nodes >= most_nodes:
                abandoned = max(abandoned, min(possible, ceiling - loss))
                depth -= 1
                continue
        nodes += 1
        p = year[j, k]
        if p < 0:
            used[depth + 1] = used[depth]
            value[depth + 1] = value[depth]
        else:
            fits = True
            for y in range(years):
                hours = used[depth, y] + (use[j] if y >= p else 0.0)
                fits = fits and hours <= capacity[y]
                used[depth + 1, y] = hours
            if not fits:
                continue
            value[depth + 1] = value[depth] + profit[j, p]
        lost[depth + 1] = loss
        depth += 1
        if depth < jobs:
            at[depth] = -1
    return best, max(best, abandoned), nodes
