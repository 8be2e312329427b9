"""Clusters from pairs that are probably the same, in which no two members conflict."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

# Any two members are at least this probably the same, and on average as much as a pair that is
# merged: A like B and B like C do not make A and C the same.
LEAST = 0.1


class Likely(NamedTuple):
    """Two positions, the lower first, and how probable it is that they are the same."""

    low: int
    high: int
    probability: float


def cluster(
    size: int,
    likely: Sequence[Likely],
    probability: Callable[[int, int], float],
    *,
    threshold: float,
) -> list[list[int]]:
    """Merge positions 0 to ``size`` - 1, the likeliest pair first.

    Parameters
    ----------
    size
        How many there are.
    likely
        Pairs to start from; those under ``threshold`` are passed over.
    probability
        Gives it for any two positions, the lower first; 0 where they may not be merged.
    threshold
        Least mean probability between the members of two clusters that are merged.

    Returns
    -------
    list of list of int
        Every position once, each cluster in order, the clusters by their first. It depends on
        the probabilities and on the positions alone.

    Examples
    --------
    >>> chances = {(0, 1): 0.9, (1, 2): 0.8, (0, 2): 0.0}
    >>> pairs = [Likely(0, 1, 0.9), Likely(1, 2, 0.8)]
    >>> cluster(4, pairs, lambda a, b: chances[a, b], threshold=0.5)
    [[0, 1], [2], [3]]
    """
    home = list(range(size))
    members = {at: [at] for at in range(size)}
    for pair in sorted(likely, key=lambda p: (-p.probability, p.low, p.high)):
        one, other = sorted((home[pair.low], home[pair.high]))
        if pair.probability < threshold or one == other:
            continue
        if _fit(members[one], members[other], probability, threshold):
            for at in members[other]:
                home[at] = one
            members[one] += members.pop(other)
    return [sorted(members[at]) for at in sorted(members)]


def _fit(
    one: Sequence[int],
    other: Sequence[int],
    probability: Callable[[int, int], float],
    threshold: float,
) -> bool:
    total = 0.0
    for a in one:
        for b in other:
            chance = probability(min(a, b), max(a, b))
            if chance < LEAST:
                return False
            total += chance
    return total >= threshold * len(one) * len(other)
