"""What one move of the search reads and changes, compiled.

Options are rows of two tables, so that one move touches few lines of memory: ``what`` holds the
positions `ITEM` to `GROUP`, ``amount`` the figures `VALUE` to `GAIN`.
"""

import numpy as np

from onshore.plan.large.arrays import Bits, Floats, Short, Whole
from onshore.plan.large.compiled import kernel

ITEM, PAIR, JOB, RESOURCE, FUND, FIRST, GROUP = range(7)
VALUE, COST, USE, GAIN = range(4)


@kernel
def below(
    random: Bits,
    end: int,
) -> int:
    """Draw a whole number from 0 to end - 1 (xorshift128+, Vigna 2017)."""
    a, b = random[0], random[1]
    random[0] = b
    a ^= a << np.uint64(23)
    a = a ^ b ^ (a >> np.uint64(17)) ^ (b >> np.uint64(26))
    random[1] = a
    return int(((a + b) >> np.uint64(11)) % np.uint64(end))


@kernel
def fits(
    what: Whole,
    amount: Floats,
    capacity: Floats,
    used: Floats,
    o: int,
) -> bool:
    """Whether the option's resource has its hours left in every year."""
    m, hours = what[o, RESOURCE], amount[o, USE]
    for y in range(what[o, FIRST], capacity.shape[1]):
        if used[m, y] + hours > capacity[m, y]:
            return False
    return True


@kernel
def paid(
    what: Whole,
    amount: Floats,
    budget: Floats,
    spent: Floats,
    o: int,
) -> bool:
    """Whether the option's budget has its cost left."""
    return bool(spent[what[o, FUND]] + amount[o, COST] <= budget[what[o, FUND]])


@kernel
def count(
    what: Whole,
    amount: Floats,
    used: Floats,
    spent: Floats,
    valued: Floats,
    taken: Whole,
    o: int,
    sign: float,
) -> None:
    """Add an option to what the plan takes and gives, or take it off."""
    m, hours = what[o, RESOURCE], sign * amount[o, USE]
    for y in range(what[o, FIRST], used.shape[1]):
        used[m, y] += hours
    spent[what[o, FUND]] += sign * amount[o, COST]
    valued[what[o, GROUP]] += sign * amount[o, VALUE]
    taken[what[o, PAIR]] += np.int64(sign)


@kernel
def take_out(
    what: Whole,
    of_job: Whole,
    jobs_at: Whole,
    begins_at: Whole,
    count_at: Whole,
    place_at: Whole,
    jobs_in: Short,
    count_in: Whole,
    place_in: Whole,
    makers_of: Whole,
    count_of: Whole,
    o: int,
) -> None:
    """Strike an option's job from the lists of its resource, its budget and its item."""
    job, m, i, b = what[o, JOB], what[o, RESOURCE], what[o, ITEM], what[o, FUND]
    of_job[job] = -1
    count_in[b] -= 1
    last = jobs_in[b, count_in[b]]
    jobs_in[b, place_in[job]] = last
    place_in[last] = place_in[job]
    place_in[job] = -1
    count_at[m] -= 1
    last = jobs_at[begins_at[m] + count_at[m]]
    jobs_at[begins_at[m] + place_at[job]] = last
    place_at[last] = place_at[job]
    place_at[job] = -1
    count_of[i] -= 1
    for k in range(count_of[i]):
        if makers_of[i, k] == job:
            makers_of[i, k] = makers_of[i, count_of[i]]


@kernel
def put_in(
    what: Whole,
    of_job: Whole,
    jobs_at: Whole,
    begins_at: Whole,
    count_at: Whole,
    place_at: Whole,
    jobs_in: Short,
    count_in: Whole,
    place_in: Whole,
    makers_of: Whole,
    count_of: Whole,
    o: int,
) -> None:
    """Write an option's job on the lists of its resource, its budget and its item."""
    job, m, i, b = what[o, JOB], what[o, RESOURCE], what[o, ITEM], what[o, FUND]
    of_job[job] = o
    jobs_in[b, count_in[b]] = job
    place_in[job] = count_in[b]
    count_in[b] += 1
    jobs_at[begins_at[m] + count_at[m]] = job
    place_at[job] = count_at[m]
    count_at[m] += 1
    makers_of[i, count_of[i]] = job
    count_of[i] += 1


@kernel
def another_place(
    what: Whole,
    amount: Floats,
    item_begins: Whole,
    capacity: Floats,
    budget: Floats,
    used: Floats,
    spent: Floats,
    taken: Whole,
    item: int,
) -> int:
    """Find an item the best option that fits; -1 where none does."""
    best, most = -1, 0.0
    for o in range(item_begins[item], item_begins[item + 1]):
        if (
            amount[o, GAIN] > most
            and taken[what[o, PAIR]] == 0
            and paid(what, amount, budget, spent, o)
            and fits(what, amount, capacity, used, o)
        ):
            best, most = o, amount[o, GAIN]
    return best


@kernel
def lacking(
    floor: Floats,
    penalty: Floats,
    valued: Floats,
) -> float:
    """Add up what the floors' groups lack, each at its penalty."""
    whole = 0.0
    for value in valued:
        whole += value
    lack = 0.0
    for r in range(len(floor)):
        lack += penalty[r] * max(0.0, floor[r] * whole - valued[r])
    return lack


@kernel
def leeway(
    floor: Floats,
    valued: Floats,
) -> float:
    """Give how much the whole may move before any floor is missed; 0 where one is."""
    whole = 0.0
    for value in valued:
        whole += value
    least = np.inf
    for r in range(len(floor)):
        least = min(least, valued[r] - floor[r] * whole)
    return max(0.0, least)
