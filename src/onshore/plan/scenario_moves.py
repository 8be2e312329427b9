"""Moves of a search that judges plans by their worst scenarios, compiled."""

import numpy as np
import numpy.typing as npt

from onshore.plan.large.arrays import Bits, Floats, Short, Whole
from onshore.plan.large.compiled import kernel
from onshore.plan.large.cooling import propose
from onshore.plan.large.moves import (
    GAIN,
    VALUE,
    below,
    count,
    lacking,
    leeway,
    put_in,
    take_out,
)

Singles = npt.NDArray[np.float32]
_CHAIN = 16  # options taken out or put in by one move
_SAME_HEAT = 256  # moves at one heat and one eta


@kernel
def weight_of(
    weight: float,
    below_eta: float,
    stiff: float,
    cap: float,
) -> float:
    """Weigh a scenario that saves so much below eta."""
    return float(min(max(weight + below_eta / stiff, 0.0), cap))


@kernel
def level_of(
    saved: Floats,
    weights: Floats,
    stiff: float,
    cap: float,
) -> float:
    """Find the eta at which the weights add up to 1."""
    low, high = saved.min() - stiff, saved.max() + stiff
    for _ in range(40):
        eta, whole = (low + high) / 2, 0.0
        for s in range(len(saved)):
            whole += weight_of(weights[s], eta - saved[s], stiff, cap)
        if whole < 1.0:
            low = eta
        else:
            high = eta
    return float((low + high) / 2)


@kernel
def standing(
    weight: float,
    below_eta: float,
    stiff: float,
    cap: float,
) -> float:
    """Give what a scenario counts for: its derivative by what is saved is its weight."""
    u = weight + below_eta / stiff
    if u <= 0.0:
        return 0.0
    if u < cap:
        return -stiff * u * u / 2
    return -stiff * cap * (u - cap / 2)


@kernel
def anneal_by_scenario(
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
    random: Bits,
    moves: int,
    hot: float,
    cold: float,
    penalty: float,
    by_scenario: Singles,
    worth: Floats,
    saved: Floats,
    weights: Floats,
    cap: float,
    stiff: float,
) -> None:
    """Make so many moves while the heat falls; ``saved`` is the plan's, by scenario.

    As `onshore.plan.large.cooling.anneal`, but of an option's gain its ``worth`` gives way to what
    a move really adds: the least mean over the scenarios whose weights may differ from ``weights``
    at a cost, stiff / 2 for the square of the difference.
    """
    out, put = np.zeros(_CHAIN, np.int64), np.zeros(_CHAIN, np.int64)
    cooling = (cold / hot) ** (_SAME_HEAT / moves)
    heat = hot
    scenarios = len(saved)
    after = np.zeros(scenarios)
    eta = level_of(saved, weights, stiff, cap)
    has_floor = len(floor) > 0
    penalties = np.full(len(floor), penalty)
    lack, free = lacking(floor, penalties, valued), leeway(floor, valued)
    for at in range(moves):
        if at % _SAME_HEAT == 0 and at > 0:
            heat *= cooling
            eta = level_of(saved, weights, stiff, cap)
        outs, puts = propose(
            what, amount, item_begins, makers, capacity, budget, used, spent, valued, taken,
            of_job, jobs_at, begins_at, count_at, jobs_in, count_in, makers_of, count_of, random,
            pool[below(random, len(pool))], out, put,
        )  # fmt: skip
        taken_up, lack_then, turned = puts >= 0, lack, 0.0
        if taken_up:
            gain = 0.0
            after[:] = saved
            for k in range(outs):
                o = out[k]
                gain -= amount[o, GAIN] - worth[o]
                turned += amount[o, VALUE]
                for s in range(scenarios):
                    after[s] -= by_scenario[o, s]
            for k in range(puts):
                o = put[k]
                gain += amount[o, GAIN] - worth[o]
                turned += amount[o, VALUE]
                for s in range(scenarios):
                    after[s] += by_scenario[o, s]
            for s in range(scenarios):
                gain += standing(weights[s], eta - after[s], stiff, cap)
                gain -= standing(weights[s], eta - saved[s], stiff, cap)
            if has_floor and turned > free:
                lack_then = lacking(floor, penalties, valued)
                gain -= lack_then - lack
            if gain < 0.0:
                draw = (below(random, 1 << 30) + 1.0) / (1 << 30)
                taken_up = gain > heat * np.log(draw)
        if taken_up:
            saved[:] = after
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
