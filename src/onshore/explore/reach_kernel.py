"""The least effort from a cell to all others of a window, compiled."""

from __future__ import annotations

import heapq
import math

import numpy as np
from numba import njit


@njit(cache=True)
def spread(effort, row, column, wide_km, high_km, limit):  # type: ignore[no-untyped-def]
    """Give the least effort to each cell, inf beyond ``limit`` and where nothing can pass."""
    rows, columns = effort.shape
    least = np.full((rows, columns), np.inf)
    if math.isnan(effort[row, column]):
        return least
    least[row, column] = 0.0
    diagonal = math.sqrt(wide_km * wide_km + high_km * high_km)
    waiting = [(0.0, row, column)]
    while waiting:
        spent, r, c = heapq.heappop(waiting)
        if spent > least[r, c]:
            continue
        for down in range(-1, 2):
            for right in range(-1, 2):
                i, j = r + down, c + right
                if (down == 0 and right == 0) or i < 0 or j < 0 or i >= rows or j >= columns:
                    continue
                if math.isnan(effort[i, j]):
                    continue
                if down != 0 and right != 0:
                    length = diagonal
                elif down != 0:
                    length = high_km
                else:
                    length = wide_km
                total = spent + length * (effort[r, c] + effort[i, j]) / 2.0
                if total <= limit and total < least[i, j]:
                    least[i, j] = total
                    heapq.heappush(waiting, (total, i, j))
    return least
