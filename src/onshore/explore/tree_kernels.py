"""Decision trees over many cells at once, compiled by Numba.

Both kernels add each tree's leaf value to a cell's sum in the order of the trees, so that a sum
depends on the cell alone: not on the block it came in, nor on the kernel.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np

Array = np.ndarray[Any, Any]

Function = TypeVar("Function", bound=Callable[..., Any])

_PART = 16384  # cells taken down a tree together; places of cells are uint16
_LANE = 1024  # cells held against one split together
_DEEPEST = 512
_ALL = -1  # every bit of an int32


def kernel(function: Function) -> Function:
    """Compile a function at its first call and keep the code beside the module."""
    return cast(Function, numba.njit(cache=True, nogil=True)(function))


@kernel
def add_deep(
    columns: Array,
    roots: Array,
    feature: Array,
    threshold: Array,
    left: Array,
    value: Array,
    sums: Array,
    squares: Array,
) -> None:
    """Add the leaf values of trees of any depth, and their squares where `squares` has room.

    The cells of a part are split in two at each node, so that a node's feature is one column read
    in order; a cell is moved without a branch that could be guessed wrong.
    """
    cells = columns.shape[1]
    places = np.empty(_PART, np.uint16)
    right = np.empty(_PART, np.uint16)
    wait_node = np.empty(_DEEPEST, np.int32)
    wait_from = np.empty(_DEEPEST, np.int32)
    wait_to = np.empty(_DEEPEST, np.int32)
    squared = squares.shape[0] > 0
    for start in range(0, cells, _PART):
        size = min(_PART, cells - start)
        total = sums[start : start + size]
        for tree in range(roots.shape[0]):
            for i in range(size):
                places[i] = i
            wait_node[0], wait_from[0], wait_to[0], waiting = roots[tree], 0, size, 1
            while waiting > 0:
                waiting -= 1
                node = wait_node[waiting]
                a, b = np.int64(wait_from[waiting]), np.int64(wait_to[waiting])
                while left[node] != node:
                    column = columns[feature[node], start : start + size]
                    limit = threshold[node]
                    here = places[a:b]
                    lefts, rights = np.uint64(0), np.uint64(0)
                    for place in here:
                        goes = np.uint64(column[place] <= limit)
                        here[lefts] = place
                        right[rights] = place
                        lefts += goes
                        rights += np.uint64(1) - goes
                    middle = a + np.int64(lefts)
                    there = places[middle:b]
                    for i in range(b - middle):
                        there[i] = right[i]
                    if middle == a:
                        node = left[node] + 1
                        continue
                    if middle < b:
                        wait_node[waiting] = left[node] + 1
                        wait_from[waiting], wait_to[waiting] = middle, b
                        waiting += 1
                    node, b = left[node], middle
                leaf = value[node]
                for place in places[a:b]:
                    total[place] += leaf
                if squared:
                    square = squares[start : start + size]
                    for place in places[a:b]:
                        square[place] += leaf * leaf


@kernel
def add_small(
    columns: Array,
    first: Array,
    feature: Array,
    threshold: Array,
    mask: Array,
    leaf: Array,
    sums: Array,
) -> None:
    """Add the leaf values of trees with at most 31 leaves.

    A cell keeps a bit for each leaf it may still reach; a split it goes right of takes away the
    leaves of its left side, and the lowest bit left is the cell's leaf. All cells are held against
    all splits, without branches (Lucchese et al. 2015, QuickScorer).
    """
    cells = columns.shape[1]
    bits = np.empty(_LANE, np.int32)
    power = np.empty(_LANE, np.float32)
    exponent = power.view(np.int32)
    for start in range(0, cells, _LANE):
        size = min(_LANE, cells - start)
        reach, lowest, shifted = bits[:size], power[:size], exponent[:size]
        total = sums[start : start + size]
        for tree in range(leaf.shape[0]):
            reach[:] = np.int32(_ALL)
            split, end = first[tree], first[tree + 1]
            while split + 1 < end:  # two at a time: half the reading and writing of `reach`
                one = columns[feature[split], start : start + size]
                two = columns[feature[split + 1], start : start + size]
                limit_one, limit_two = threshold[split], threshold[split + 1]
                mask_one, mask_two = mask[split], mask[split + 1]
                for i in range(size):
                    reach[i] = (
                        reach[i]
                        & (np.int32(_ALL) if one[i] <= limit_one else mask_one)
                        & (np.int32(_ALL) if two[i] <= limit_two else mask_two)
                    )
                split += 2
            if split < end:
                one, limit_one, mask_one = (
                    columns[feature[split], start : start + size],
                    threshold[split],
                    mask[split],
                )
                for i in range(size):
                    reach[i] = reach[i] & (np.int32(_ALL) if one[i] <= limit_one else mask_one)
            for i in range(size):
                lowest[i] = np.float32(np.int32(reach[i] & np.int32(-reach[i])))
            values = leaf[tree]
            for i in range(size):  # the exponent of a power of two is the leaf's place
                total[i] += values[(shifted[i] >> 23) - 127]
