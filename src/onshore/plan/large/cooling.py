"""Moves of the search, taken or refused while the heat falls, compiled."""

import numpy as np

from onshore.plan.large.arrays import Bits, Floats, Short, Whole
from onshore.plan.large.compiled import kernel
from onshore.plan.large.moves import (
    COST,
    FUND,
    GAIN,
    ITEM,
    JOB,
    PAIR,
    RESOURCE,
    VALUE,
    another_place,
    below,
    count,
    fits,
    lacking,
    leeway,
    paid,
    put_in,
    take_out,
)

_CHAIN = 16  # options taken out or put in by one move
_MOST_OUT = 4
_SAME_HEAT = 256  # moves at one temperature


@kernel
def _make_room(
    what: Whole,
    amount: Floats,
    capacity: Floats,
    budget: Floats,
    used: Floats,
    spent: Floats,
    valued: Floats,
    taken: Whole,
    of_job: Whole,
    jobs_at: Whole,
    begins_at: Whole,
    count_at: Whole,
    jobs_in: Short,
    count_in: Whole,
    random: Bits,
    o: int,
    out: Whole,
    outs: int,
) -> int:
    """Take jobs off the option's resource, then its budget, until both have what it needs.

    Gives how many options went out, below 0 where they are too many.
    """
    m, b = what[o, RESOURCE], what[o, FUND]
    while True:
        if not fits(what, amount, capacity, used, o):
            if count_at[m] == 0:
                return -outs - 1
            job = jobs_at[begins_at[m] + below(random, count_at[m])]
        elif not paid(what, amount, budget, spent, o):
            if count_in[b] == 0:
                return -outs - 1
            job = jobs_in[b, below(random, count_in[b])]
        else:
            return outs
        if outs >= _MOST_OUT:
            return -outs - 1
        for k in range(outs):
            if what[out[k], JOB] == job:
                return -outs - 1
        out[outs] = of_job[job]
        count(what, amount, used, spent, valued, taken, out[outs], -1.0)
        outs += 1


@kernel
def propose(
    what: Whole,
    amount: Floats,
    item_begins: Whole,
    makers: Whole,
    capacity: Floats,
    budget: Floats,
    used: Floats,
    spent: Floats,
    valued: Floats,
    taken: Whole,
    of_job: Whole,
    jobs_at: Whole,
    begins_at: Whole,
    count_at: Whole,
    jobs_in: Short,
    count_in: Whole,
    makers_of: Whole,
    count_of: Whole,
    random: Bits,
    o: int,
    out: Whole,
    put: Whole,
) -> tuple[int, int]:
    """Count a move that puts in an option; give how many go out, and come in (-1: cannot be)."""
    job, i = what[o, JOB], what[o, ITEM]
    outs = 0
    now = of_job[job]
    if now >= 0:
        out[0], outs = now, 1
    elif count_of[i] >= makers[i]:
        out[0], outs = of_job[makers_of[i, below(random, count_of[i])]], 1
    own = outs
    if own:
        count(what, amount, used, spent, valued, taken, out[0], -1.0)
    if now == o:
        return outs, 0
    if taken[what[o, PAIR]] > 0:
        return outs, -1
    outs = _make_room(
        what, amount, capacity, budget, used, spent, valued, taken, of_job, jobs_at, begins_at,
        count_at, jobs_in, count_in, random, o, out, outs,
    )  # fmt: skip
    if outs < 0:
        return -outs - 1, -1
    put[0], puts = o, 1
    count(what, amount, used, spent, valued, taken, o, 1.0)
    for k in range(own, outs):
        another = another_place(
            what, amount, item_begins, capacity, budget, used, spent, taken, what[out[k], ITEM]
        )
        if another >= 0:
            put[puts] = another
            count(what, amount, used, spent, valued, taken, another, 1.0)
            puts += 1
    return outs, puts


@kernel
def _fixed_gain(
    what: Whole,
    count_at: Whole,
    count_of: Whole,
    opening: Floats,
    bonus: Floats,
    out: Whole,
    outs: int,
    put: Whole,
    puts: int,
) -> float:
    """Tell what openings and bonuses a move brings; the counts are as before the move."""
    gain = 0.0
    for k in range(outs):
        m, i = what[out[k], RESOURCE], what[out[k], ITEM]
        count_at[m] -= 1
        count_of[i] -= 1
        if count_at[m] == 0:
            gain += opening[m]
        if count_of[i] == 0:
            gain -= bonus[i]
    for k in range(puts):
        m, i = what[put[k], RESOURCE], what[put[k], ITEM]
        if count_at[m] == 0:
            gain -= opening[m]
        if count_of[i] == 0:
            gain += bonus[i]
        count_at[m] += 1
        count_of[i] += 1
    for k in range(puts):
        count_at[what[put[k], RESOURCE]] -= 1
        count_of[what[put[k], ITEM]] -= 1
    for k in range(outs):
        count_at[what[out[k], RESOURCE]] += 1
        count_of[what[out[k], ITEM]] += 1
    return gain


@kernel
def anneal(
    what: Whole,
    amount: Floats,
    item_begins: Whole,
    makers: Whole,
    capacity: Floats,
    budget: Floats,
    floor: Floats,
    used: Floats,
    spent: Floats,
    valued: Floats,
    taken: Whole,
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
    pool: Whole,
    opening: Floats,
    bonus: Floats,
    fixed: bool,
    random: Bits,
    moves: int,
    hot: float,
    cold: float,
    penalty: Floats,
) -> int:
    """Make so many moves while the heat falls; give how many were taken."""
    out, put = np.zeros(_CHAIN, np.int64), np.zeros(_CHAIN, np.int64)
    cooling = (cold / hot) ** (_SAME_HEAT / moves)
    heat, accepted = hot, 0
    has_floor = len(floor) > 0
    lack, free = lacking(floor, penalty, valued), leeway(floor, valued)
    for at in range(moves):
        if at % _SAME_HEAT == 0 and at > 0:
            heat *= cooling
        outs, puts = propose(
            what, amount, item_begins, makers, capacity, budget, used, spent, valued, taken,
            of_job, jobs_at, begins_at, count_at, jobs_in, count_in, makers_of, count_of, random,
            pool[below(random, len(pool))], out, put,
        )  # fmt: skip
        taken_up, lack_then, turned = puts >= 0, lack, 0.0
        if taken_up:
            gain = 0.0
            for k in range(outs):
                gain -= amount[out[k], GAIN]
                turned += amount[out[k], VALUE]
            for k in range(puts):
                gain += amount[put[k], GAIN]
                turned += amount[put[k], VALUE]
            if fixed:
                gain += _fixed_gain(what, count_at, count_of, opening, bonus, out, outs, put, puts)
            if has_floor and turned > free:
                lack_then = lacking(floor, penalty, valued)
                gain -= lack_then - lack
            if gain < 0.0:
                draw = (below(random, 1 << 30) + 1.0) / (1 << 30)
                taken_up = gain > heat * np.log(draw)
        if taken_up:
            accepted += 1
            for k in range(outs):
                take_out(
                    what, of_job, jobs_at, begins_at, count_at, place_at, jobs_in, count_in,
                    place_in, makers_of, count_of, out[k],
                )  # fmt: skip
            for k in range(puts):
                put_in(
                    what, of_job, jobs_at, begins_at, count_at, place_at, jobs_in, count_in,
                    place_in, makers_of, count_of, put[k],
                )  # fmt: skip
            if has_floor:
                lack = lack_then
                free = free - turned if turned <= free else leeway(floor, valued)
        else:
            for k in range(puts):
                count(what, amount, used, spent, valued, taken, put[k], -1.0)
            for k in range(outs):
                count(what, amount, used, spent, valued, taken, out[k], 1.0)
    return accepted


@kernel
def fill(
    what: Whole,
    amount: Floats,
    makers: Whole,
    capacity: Floats,
    budget: Floats,
    floor: Floats,
    used: Floats,
    spent: Floats,
    valued: Floats,
    taken: Whole,
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
    opening: Floats,
    order: Whole,
) -> None:
    """Put in, in this order, what still fits and gains without missing a floor."""
    alike = np.ones(len(floor))
    for o in order:
        i, m = what[o, ITEM], what[o, RESOURCE]
        if (
            count_of[i] >= makers[i]
            or taken[what[o, PAIR]] > 0
            or spent[what[o, FUND]] + amount[o, COST] > budget[what[o, FUND]]
            or not fits(what, amount, capacity, used, o)
            or (count_at[m] == 0 and amount[o, VALUE] <= opening[m])
        ):
            continue
        lack = lacking(floor, alike, valued)
        count(what, amount, used, spent, valued, taken, o, 1.0)
        if lacking(floor, alike, valued) > lack + 1e-12:
            count(what, amount, used, spent, valued, taken, o, -1.0)
        else:
            put_in(
                what, of_job, jobs_at, begins_at, count_at, place_at, jobs_in, count_in, place_in,
                makers_of, count_of, o,
            )  # fmt: skip


@kernel
def strike(
    what: Whole,
    amount: Floats,
    used: Floats,
    spent: Floats,
    valued: Floats,
    taken: Whole,
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
    """Take an option out of the plan."""
    count(what, amount, used, spent, valued, taken, o, -1.0)
    take_out(
        what, of_job, jobs_at, begins_at, count_at, place_at, jobs_in, count_in, place_in,
        makers_of, count_of, o,
    )  # fmt: skip
