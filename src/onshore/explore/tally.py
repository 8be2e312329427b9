"""Compiled counting over the cells of a block: values, intervals, groups, conditions."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numba import njit

Array: TypeAlias = np.ndarray[Any, Any]

EMPTY = -1


@njit(cache=True, nogil=True)
def count_values(
    values: Array, inside: Array, keys: Array, counts: Array, used: int, start: int
) -> tuple[int, int, int]:
    """Count float32 values by their bits in an open table of a power of two places.

    Cells inside without a value are counted apart. Stops where the table is half full; returns
    places used, the cell to go on from, and how many were without a value.
    """
    mask = len(keys) - 1
    bits = values.view(np.int32)
    missing = 0
    last, place = np.int64(-2), 0
    for i in range(start, len(values)):
        if not inside[i]:
            continue
        if np.isnan(values[i]):
            missing += 1
            continue
        # All 32 bits as a number of 0 or more; -0.0 is 0.0.
        key = np.int64(0) if values[i] == 0 else np.int64(bits[i]) & 0xFFFFFFFF
        if key != last:
            last = key
            place = _first_place(key, mask)
            while keys[place] != key and keys[place] != EMPTY:
                place = (place + 1) & mask
            if keys[place] == EMPTY:
                if 2 * used >= len(keys):
                    return used, i, missing
                keys[place] = key
                used += 1
        counts[place] += 1
    return used, len(values), missing


@njit(cache=True, nogil=True)
def count_intervals(values: Array, inside: Array, edges: Array, counts: Array) -> int:
    """Count cells by interval (i holds edges[i - 1] <= value < edges[i]); return those without."""
    missing = 0
    place = 0
    for i in range(len(values)):
        if not inside[i]:
            continue
        value = values[i]
        if np.isnan(value):
            missing += 1
            continue
        if not (
            (place == 0 or edges[place - 1] <= value)
            and (place == len(edges) or value < edges[place])
        ):
            place = _above(edges, 0, len(edges), value)
        counts[place] += 1
    return missing


@njit(cache=True, nogil=True)
def count_upper_halves(values: Array, inside: Array, counts: Array) -> None:
    """Count cells by the upper 16 bits of their value, in the order of values."""
    bits = values.view(np.int32)
    for i in range(len(values)):
        if inside[i] and not np.isnan(values[i]):
            counts[_in_order(bits[i]) >> 16] += 1


@njit(cache=True, nogil=True)
def count_lower_halves(values: Array, inside: Array, rows: Array, counts: Array) -> None:
    """Count by the lower 16 bits the cells whose upper 16 have a row of their own."""
    bits = values.view(np.int32)
    for i in range(len(values)):
        if inside[i] and not np.isnan(values[i]):
            key = _in_order(bits[i])
            row = rows[key >> 16]
            if row >= 0:
                counts[row, key & 0xFFFF] += 1


@njit(cache=True, nogil=True)
def find_groups(
    values: Array, keys: Array, exact: Array, groups: Array, key_at: Array, missing: Array
) -> Array:
    """Find the group of each layer's value: (layers, n) float32 to (layers, n) int32.

    Layer j's keys are keys[key_at[j]:key_at[j + 1]] in rising order. If exact, a value has the
    group of the key that it equals; else that of the interval it lies in, which are one more than
    the keys. NaN and values that equal no key are missing.
    """
    found = np.empty(values.shape, np.int32)
    for j in range(values.shape[0]):
        low, high = key_at[j], key_at[j + 1]
        last, group = np.float32(np.nan), missing[j]
        for i in range(values.shape[1]):
            value = values[j, i]
            if value != last:
                last = value
                place = _above(keys, low, high, value)
                if np.isnan(value):
                    group = missing[j]
                elif not exact[j]:
                    group = groups[place + j]
                elif place > low and keys[place - 1] == value:
                    group = groups[place - 1 + j]
                else:
                    group = missing[j]
            found[j, i] = group
    return found


@njit(cache=True, nogil=True)
def count_conditions(
    found: Array,
    inside: Array,
    radices: Array,
    keys: Array,
    counts: Array,
    used: int,
    start: int,
) -> tuple[int, int]:
    """Count cells by the groups of all layers together, as `count_values` counts values."""
    mask = len(keys) - 1
    last, place = np.int64(-2), 0
    for i in range(start, found.shape[1]):
        if not inside[i]:
            continue
        key = np.int64(0)
        for j in range(found.shape[0]):
            key = key * radices[j] + found[j, i]
        if key != last:
            last = key
            place = _first_place(key, mask)
            while keys[place] != key and keys[place] != EMPTY:
                place = (place + 1) & mask
            if keys[place] == EMPTY:
                if 2 * used >= len(keys):
                    return used, i
                keys[place] = key
                used += 1
        counts[place] += 1
    return used, found.shape[1]


def opened(size: int = 1024) -> tuple[Array, Array]:
    """Give an empty table of so many places: keys and counts."""
    return np.full(size, EMPTY, np.int64), np.zeros(size, np.int64)


def doubled(keys: Array, counts: Array) -> tuple[Array, Array]:
    """Give the table with twice as many places."""
    wider, their = opened(2 * len(keys))
    _move(keys, counts, wider, their)
    return wider, their


def from_order(keys: Array) -> Array:
    """Give the float32 values whose places in the order of values these are."""
    keys = np.asarray(keys, np.int64)
    bits = np.where(keys & 0x80000000, keys ^ 0x80000000, keys ^ 0xFFFFFFFF)
    return bits.astype(np.uint32).view(np.float32)


@njit(cache=True, nogil=True)
def _move(keys: Array, counts: Array, wider: Array, their: Array) -> None:
    mask = len(wider) - 1
    for k in range(len(keys)):
        key = keys[k]
        if key == EMPTY:
            continue
        place = _first_place(key, mask)
        while wider[place] != EMPTY:
            place = (place + 1) & mask
        wider[place] = key
        their[place] = counts[k]


@njit(cache=True, nogil=True, inline="always")
def _first_place(key: Any, mask: int) -> Any:
    return ((key ^ (key >> 32)) * 2654435761 >> 7) & mask


@njit(cache=True, nogil=True, inline="always")
def _in_order(bits: int) -> Any:
    """Give float32 bits as a number from 0 to 2^32 - 1 that rises with the value."""
    key = np.int64(bits) & 0xFFFFFFFF
    return key ^ 0xFFFFFFFF if key & 0x80000000 else key | 0x80000000


@njit(cache=True, nogil=True, inline="always")
def _above(edges: Array, low: int, high: int, value: float) -> int:
    """Give the first place from low to high whose edge is above the value."""
    while low < high:
        middle = (low + high) >> 1
        if edges[middle] <= value:
            low = middle + 1
        else:
            high = middle
    return low
