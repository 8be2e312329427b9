"""How likely targets are to hold a deposit together: what one drilling tells of its neighbours."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from onshore.explore.blocks import Array
from onshore.explore.errors import ExploreError

MOST = 10
"""Targets of a group whose joint distribution is held whole."""

_ROUNDS = 200


@dataclass(frozen=True)
class Group:
    """Targets that tell of each other.

    Attributes
    ----------
    members : list of int
        Their numbers.
    found : array
        float64, (2,) * targets: probability that drilling finds a deposit (1) or none (0) in each.
    """

    members: list[int]
    found: Array


def groups(
    probability: Array,
    detection: Array,
    distance_km: Array,
    *,
    odds_ratio: float,
    range_km: float,
    most: int = MOST,
) -> tuple[list[Group], float]:
    """Put targets that tell of each other together, and find their joint distribution.

    A deposit in a target multiplies the odds of one at distance d by odds_ratio ** exp(-d / range),
    all else equal: the joint distribution is the one of greatest entropy with these odds ratios and
    the targets' own probabilities (a binary Markov field),

        P(x) = exp(sum of a_i x_i + sum over pairs of b_ij x_i x_j) / Z,   b_ij = log odds ratio

    with a so that P(x_i = 1) is as given. Ties are made from the strongest on, as long as a group
    has at most ``most`` targets; weaker ones between full groups are left out.

    Returns
    -------
    groups : list of Group
    strongest : float
        Greatest odds ratio of the ties that were left out; 1 if none was.

    References
    ----------
    Bickel, J. E. and Smith, J. E. (2006). Optimal sequential exploration: a binary learning model.
    Decision Analysis 3(1), 16-32.
    """
    count = len(probability)
    tie = math.log(odds_ratio) * np.exp(-distance_km / range_km)
    np.fill_diagonal(tie, 0.0)
    tie[np.abs(tie) < 1e-3] = 0.0
    members, left_out = _gathered(tie, count, most)
    made = []
    for group in members:
        joint = joint_distribution(probability[group], tie[np.ix_(group, group)])
        made.append(Group(group, detected(joint, detection[group])))
    return made, math.exp(left_out)


def joint_distribution(probability: Array, tie: Array) -> Array:
    """Find the distribution with these probabilities and log odds ratios: (2,) * targets."""
    count = len(probability)
    states = ((np.arange(1 << count)[:, None] >> np.arange(count)[::-1]) & 1).astype(np.float64)
    pairs = 0.5 * np.einsum("si,ij,sj->s", states, tie, states)
    bias = _logit(probability) - tie @ probability
    for _ in range(_ROUNDS):
        bias = _swept(states, pairs, bias, probability)
        weight, now = _weights(states, pairs, bias)
        off = now - probability
        if np.max(np.abs(off / (probability * (1 - probability)))) < 1e-12:
            break
        spread = (states * weight[:, None]).T @ states - np.outer(now, now)
        step = np.linalg.lstsq(spread, off, rcond=None)[0]
        if _gain(states, pairs, bias - step, probability) < _gain(states, pairs, bias, probability):
            bias = bias - step
    else:
        raise ExploreError(
            "no distribution was found for targets that tell so much of each other. Give a lower "
            "odds_ratio or a shorter range_km."
        )
    return _weights(states, pairs, bias)[0].reshape((2,) * count)


def detected(joint: Array, detection: Array) -> Array:
    """Turn a distribution of deposits into one of finds: drilling misses some."""
    for axis, chance in enumerate(detection.tolist()):
        turn = np.array([[1.0, 1.0 - chance], [0.0, chance]])
        joint = np.moveaxis(np.tensordot(turn, joint, axes=(1, axis)), 0, axis)
    return joint


def check_model(odds_ratio: float, range_km: float) -> None:
    """Refuse an odds ratio or a range that is none."""
    if not (math.isfinite(odds_ratio) and odds_ratio > 0):
        raise ExploreError(
            f"odds_ratio must be above 0: 1 for targets that tell nothing of each other, 2 where a "
            f"deposit doubles the odds of one beside it. Found: {odds_ratio}."
        )
    if not (math.isfinite(range_km) and range_km > 0):
        raise ExploreError(
            "range_km must be above 0: the distance at which what targets tell of each other has "
            f"fallen to 1/e. Found: {range_km}."
        )


def _swept(states: Array, pairs: Array, bias: Array, probability: Array) -> Array:
    """Set one probability after the other right (iterative proportional fitting)."""
    bias = bias.copy()
    for which in range(len(bias)):
        now = np.clip(_weights(states, pairs, bias)[1][which], 1e-300, 1 - 1e-16)
        bias[which] += _logit(probability[which]) - _logit(now)
    return bias


def _logit(chance: Array) -> Array:
    return np.log(chance) - np.log1p(-chance)


def _weights(states: Array, pairs: Array, bias: Array) -> tuple[Array, Array]:
    power = states @ bias + pairs
    weight = np.exp(power - power.max())
    weight /= weight.sum()
    return weight, weight @ states


def _gain(states: Array, pairs: Array, bias: Array, probability: Array) -> float:
    power = states @ bias + pairs
    top = float(power.max())
    return top + math.log(float(np.exp(power - top).sum())) - float(bias @ probability)


def _gathered(tie: Array, count: int, most: int) -> tuple[list[list[int]], float]:
    group_of = list(range(count))
    members = [[number] for number in range(count)]
    left_out = 0.0
    upper = np.triu(np.abs(tie), 1)
    first, second = np.nonzero(upper)
    for which in np.lexsort((second, first, -upper[first, second])):
        a, b = sorted((group_of[int(first[which])], group_of[int(second[which])]))
        if a == b:
            continue
        if len(members[a]) + len(members[b]) > most:
            left_out = max(left_out, float(upper[first[which], second[which]]))
            continue
        for number in members[b]:
            group_of[number] = a
        members[a] = sorted(members[a] + members[b])
        members[b] = []
    return [group for group in members if group], left_out
