"""How terms are counted and looked up, compiled by Numba; needs the extra ``match``."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np

Array = np.ndarray[Any, Any]
Arrays = tuple[Array, ...]

Function = TypeVar("Function", bound=Callable[..., Any])


def kernel(function: Function) -> Function:
    """Compile a function at its first call and keep the code beside the module."""
    return cast(Function, numba.njit(cache=True, nogil=True)(function))


def kernel_of_numbers(function: Function) -> Function:
    """Compile a function in which nothing is NaN or -0: the greatest of many is found sooner."""
    return cast(Function, numba.njit(cache=True, nogil=True, fastmath={"nnan", "nsz"})(function))


@kernel
def bagged(keys: Array, starts: Array) -> Arrays:
    """Count the terms of each text, in the order in which they first come."""
    found = np.empty(len(keys), dtype=np.uint64)
    counts = np.empty(len(keys), dtype=np.float64)
    ends = np.zeros(len(starts), dtype=np.int64)
    bits = 1
    while 2**bits < 2 * np.max(np.diff(starts)):
        bits += 1
    shift, last = np.uint64(64 - bits), 2**bits - 1
    slots = np.full(2**bits, -1, dtype=np.int64)  # of an open hash table: places in `found`
    used = np.empty(2**bits, dtype=np.int64)
    size = 0
    for text in range(len(starts) - 1):
        first = size
        for i in range(starts[text], starts[text + 1]):
            slot = np.int64(keys[i] >> shift)
            while slots[slot] >= 0 and found[slots[slot]] != keys[i]:
                slot = (slot + 1) & last
            if slots[slot] < 0:
                slots[slot], used[size - first] = size, slot
                found[size], counts[size] = keys[i], 0.0
                size += 1
            counts[slots[slot]] += 1.0
        for i in range(size - first):
            slots[used[i]] = -1
        ends[text + 1] = size
    return found[:size].copy(), counts[:size].copy(), ends


@kernel
def looked_up(keys: Array, directory: Array, asked: Array) -> Array:
    """Give the place of each asked term among the keys, -1 where it is not there."""
    places = np.full(len(asked), -1, dtype=np.int32)
    bits = 0
    while 2**bits < len(directory) - 1:
        bits += 1
    shift = np.uint64(64 - bits)
    for i in range(len(asked)):
        key = asked[i]
        leading = np.int64(key >> shift)
        for at in range(directory[leading], directory[leading + 1]):
            if keys[at] == key:
                places[i] = at
                break
    return places
