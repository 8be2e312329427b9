"""Compiled posterior probability of cells from the groups of their layers."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np
from numba import njit

Array: TypeAlias = np.ndarray[Any, Any]


@njit(cache=True, nogil=True)
def respond(
    found: Array,
    inside: Array,
    weight: Array,
    deviation: Array,
    share: Array,
    sizes: Array,
    prior_logit: float,
    prior_variance: float,
) -> Array:
    """Give probability and its standard deviation (2, n) from groups (layers, n); NaN outside.

    Neighbours mostly have the same groups: a cell like the one before is not reckoned again.
    """
    layers, n = found.shape
    result = np.full((2, n), np.nan)
    before = -1
    for i in range(n):
        if not inside[i]:
            continue
        same = before >= 0
        if same:
            for j in range(layers):
                if found[j, i] != found[j, before]:
                    same = False
                    break
        if not same:
            logit, variance = prior_logit, prior_variance
            for j in range(layers):
                logit += weight[j, found[j, i]]
                variance += deviation[j, found[j, i]] ** 2
            p = 1 / (1 + math.exp(-logit))
            total = (p * (1 - p)) ** 2 * variance
            for j in range(layers):
                if found[j, i] == sizes[j]:
                    for g in range(sizes[j]):
                        other = 1 / (1 + math.exp(-logit - weight[j, g]))
                        total += share[j, g] * (other - p) ** 2
            spread = math.sqrt(total)
        before = i
        result[0, i] = p
        result[1, i] = spread
    return result
