"""Compiled passes over rasters. Each cell's result depends on its place, never on its block."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from onshore.explore.blocks import Array

NEAREST = 0
BILINEAR = 1
# The columns of what `look_over` counts.
CELLS, MISSING, NOT_NUMBERS, LOW, HIGH, FRACTIONS, OTHERS, MARK, MARKS, LOGLESS = range(10)
LENGTH = 10
# More rows than any raster has.
FAR = 1 << 30


@njit(cache=True)
def to_values(found: Array, nodata: Array, out: Array) -> None:
    """Write ``found`` as float32 with NaN where it is one of ``nodata`` or not finite."""
    rows, columns = found.shape
    for r in range(rows):
        for c in range(columns):
            value = found[r, c]
            kept = np.float32(value)
            if not math.isfinite(kept):
                kept = np.float32(np.nan)
            for missing in nodata:
                if value == missing:
                    kept = np.float32(np.nan)
            out[r, c] = kept


@njit(cache=True)
def first_mark(found: Array, nodata: Array, low_mark: float) -> float:
    """Give the first value that is the usual sign of no data and is not declared so, else NaN."""
    rows, columns = found.shape
    for r in range(rows):
        for c in range(columns):
            value = np.float64(found[r, c])
            if value == value and _is_mark(value, low_mark):
                declared = False
                for missing in nodata:
                    declared = declared or found[r, c] == missing
                if not declared:
                    return value
    return np.nan


@njit(cache=True, inline="always")
def _is_mark(value: float, low_mark: float) -> bool:
    if value >= 1e20 or value <= -1e20 or value == low_mark:
        return not math.isinf(value)
    return value == -9999.0 or value == -99999.0 or value == -999999.0


@njit(cache=True)
def look_over(found: Array, nodata: Array, inside: Array, low_mark: float, seen: Array) -> None:
    """Add what is in a block to ``seen``: how many values, the lowest, what is odd."""
    rows, columns = found.shape
    low, high = seen[LOW], seen[HIGH]
    cells = missing = not_numbers = 0
    logless = fractions = others = np.int64(0)
    for r in range(rows):
        for c in range(columns):
            if not inside[r, c]:
                continue
            cells += 1
            value = np.float64(found[r, c])
            declared = False
            for sign in nodata:
                declared = declared or found[r, c] == sign
            if declared:
                missing += 1
                continue
            if not math.isfinite(value):
                missing += 1
                not_numbers += 1
                continue
            if (value < -9000.0 or value >= 1e20) and _is_mark(value, low_mark):
                seen[MARK] = value
                seen[MARKS] += 1
            logless += value <= 0
            fractions += value != math.floor(value)
            if low < value < high:
                others += 1
            elif value < low:
                others += low < high
                low = value
                high = max(high, value)
            elif value > high:
                others += low < high
                high = value
    seen[LOW], seen[HIGH] = low, high
    seen[CELLS] += cells
    seen[MISSING] += missing
    seen[NOT_NUMBERS] += not_numbers
    seen[LOGLESS] += logless
    seen[FRACTIONS] += fractions
    seen[OTHERS] += others


@njit(cache=True)
def sample(
    source: Array,
    first_row: int,
    first_column: int,
    node_columns: Array,
    node_rows: Array,
    place: tuple[int, int, int, int, int],
    way: int,
    parts: int,
    out: Array,
) -> None:
    """Find the source's values at the cells of a block.

    Positions in the source are known at nodes ``step`` cells apart and are straight between;
    ``place`` is (row, column, first node's row, first node's column, step) of the block. A cell's
    value is that of the source cell over its centre (nearest), or drawn from the four around
    (bilinear), or the mean of ``parts`` x ``parts`` such places in it.
    """
    row, column, node_row, node_column, step = place
    rows, columns = out.shape
    for r in range(rows):
        for c in range(columns):
            total = 0.0
            many = 0
            for i in range(parts):
                down = (row + r) + (i + 0.5) / parts
                at_row = math.floor(down / step) - node_row
                v = (down - (at_row + node_row) * step) / step
                for j in range(parts):
                    along = (column + c) + (j + 0.5) / parts
                    at_column = math.floor(along / step) - node_column
                    u = (along - (at_column + node_column) * step) / step
                    x = _between(node_columns, at_row, at_column, v, u)
                    y = _between(node_rows, at_row, at_column, v, u)
                    if not (math.isfinite(x) and math.isfinite(y)):
                        continue
                    if way == NEAREST or parts > 1:
                        value = _nearest(source, y - first_row, x - first_column)
                    else:
                        value = _bilinear(source, y - first_row, x - first_column)
                    if value == value:
                        total += value
                        many += 1
            out[r, c] = np.float32(total / many) if many else np.float32(np.nan)


@njit(cache=True, inline="always")
def _between(nodes: Array, row: int, column: int, v: float, u: float) -> float:
    upper = nodes[row, column] * (1 - u) + nodes[row, column + 1] * u
    lower = nodes[row + 1, column] * (1 - u) + nodes[row + 1, column + 1] * u
    return float(upper * (1 - v) + lower * v)


@njit(cache=True, inline="always")
def _nearest(source: Array, y: float, x: float) -> float:
    r = math.floor(y)
    c = math.floor(x)
    if 0 <= r < source.shape[0] and 0 <= c < source.shape[1]:
        return float(source[r, c])
    return math.nan


@njit(cache=True)
def _bilinear(source: Array, y: float, x: float) -> float:
    """Weigh the four cells around by nearness; those without data are left out."""
    middle = _nearest(source, y, x)
    if middle != middle:
        return np.nan
    r = math.floor(y - 0.5)
    c = math.floor(x - 0.5)
    v = y - 0.5 - r
    u = x - 0.5 - c
    total = 0.0
    weights = 0.0
    for i in range(2):
        for j in range(2):
            if 0 <= r + i < source.shape[0] and 0 <= c + j < source.shape[1]:
                value = np.float64(source[r + i, c + j])
                if value == value:
                    weight = (v if i else 1 - v) * (u if j else 1 - u)
                    total += weight * value
                    weights += weight
    return total / weights if weights > 0 else middle


@njit(cache=True)
def valid_cells(values: Array, inside: Array, masked: bool, valid: Array) -> None:
    """Tell where every layer has a value; empty all layers outside the region.

    Without a region (``masked`` False) ``inside`` is written: where any layer has a value.
    """
    layers, rows, columns = values.shape
    for r in range(rows):
        for c in range(columns):
            everything = True
            anything = False
            for k in range(layers):
                here = values[k, r, c] == values[k, r, c]
                everything = everything and here
                anything = anything or here
            if masked:
                if not inside[r, c]:
                    everything = False
                    for k in range(layers):
                        values[k, r, c] = np.float32(np.nan)
            else:
                inside[r, c] = anything
            valid[r, c] = everything


@njit(cache=True)
def logarithm(values: Array) -> None:
    """Take the natural logarithm in place; NaN of values not above 0."""
    rows, columns = values.shape
    for r in range(rows):
        for c in range(columns):
            value = np.float64(values[r, c])
            values[r, c] = np.float32(math.log(value)) if value > 0 else np.float32(np.nan)


@njit(cache=True)
def to_classes(values: Array, breaks: Array) -> None:
    """Write class numbers in place: 1 below the first break, and so on up."""
    rows, columns = values.shape
    for r in range(rows):
        for c in range(columns):
            value = np.float64(values[r, c])
            if value == value:
                number = 1
                for edge in breaks:
                    if value >= edge:
                        number += 1
                values[r, c] = np.float32(number)


@njit(cache=True)
def to_features(values: Array, features: Array) -> None:
    """Write 1 where a value is one of ``features`` (none given: not 0), 0 elsewhere; NaN stays."""
    rows, columns = values.shape
    for r in range(rows):
        for c in range(columns):
            value = np.float64(values[r, c])
            if value == value:
                found = value != 0 and len(features) == 0
                for feature in features:
                    found = found or value == feature
                values[r, c] = np.float32(1.0) if found else np.float32(0.0)


@njit(cache=True)
def mean_within(wide: Array, half_widths: Array, scale: float, out: Array) -> None:
    """Give the mean of the cells with data whose centres are within a disc.

    ``wide`` is the block with a halo of ``len(half_widths) - 1`` cells; the disc's row at distance
    d reaches ``half_widths[d]`` cells to each side. Sums are of whole numbers (values x scale),
    which are the same in any order.
    """
    halo = len(half_widths) - 1
    rows, columns = wide.shape
    sums = np.zeros((rows, columns + 1), dtype=np.int64)
    counts = np.zeros((rows, columns + 1), dtype=np.int32)
    for r in range(rows):
        for c in range(columns):
            value = np.float64(wide[r, c])
            here = value == value
            sums[r, c + 1] = sums[r, c] + (np.int64(np.rint(value * scale)) if here else 0)
            counts[r, c + 1] = counts[r, c] + (1 if here else 0)
    height, width = out.shape
    total = np.zeros(width, dtype=np.int64)
    many = np.zeros(width, dtype=np.int64)
    for r in range(height):
        total[:] = 0
        many[:] = 0
        for d in range(-halo, halo + 1):
            reach = half_widths[abs(d)]
            if reach < 0:
                continue
            sum_row = sums[r + halo + d]
            count_row = counts[r + halo + d]
            for c in range(width):
                total[c] += sum_row[c + halo + reach + 1] - sum_row[c + halo - reach]
                many[c] += count_row[c + halo + reach + 1] - count_row[c + halo - reach]
        for c in range(width):
            out[r, c] = np.float32(total[c] / many[c] / scale) if many[c] else np.float32(np.nan)


@njit(cache=True)
def down_columns(features: Array, above: Array, out: Array) -> None:
    """Rows from the last feature above, going down; ``above`` is carried from strip to strip."""
    rows, columns = features.shape
    for r in range(rows):
        for c in range(columns):
            if features[r, c] > 0:
                above[c] = 0
            elif above[c] < FAR:
                above[c] += 1
            out[r, c] = above[c]


@njit(cache=True)
def along_rows(downward: Array, below: Array, across: float, down: float, out: Array) -> None:
    """Exact distances of a strip of rows, taken from the lowest row up.

    ``downward`` holds rows to the nearest feature above; ``below`` the same from below, carried
    from strip to strip. The squared distance to the nearest feature in each column is a parabola
    over the row: the lower envelope of them all gives the nearest feature of all (Felzenszwalb and
    Huttenlocher 2012). Distances in the unit of ``across`` and ``down``, a cell's sides.
    """
    rows, columns = downward.shape
    height = np.empty(columns, dtype=np.float64)
    hull = np.empty(columns, dtype=np.int64)
    starts = np.empty(columns + 1, dtype=np.float64)
    ratio = (down / across) ** 2
    for r in range(rows - 1, -1, -1):
        last = -1
        for c in range(columns):
            if downward[r, c] == 0:
                below[c] = 0
            elif below[c] < FAR:
                below[c] += 1
            near = min(below[c], downward[r, c])
            if near >= FAR:
                continue
            height[c] = np.float64(near) * np.float64(near) * ratio
            start = -np.inf
            while last >= 0:
                q = hull[last]
                rise = (height[c] - height[q]) + np.float64(c - q) * np.float64(c + q)
                start = rise / (2.0 * (c - q))
                if start > starts[last]:
                    break
                last -= 1
                start = -np.inf
            last += 1
            hull[last] = c
            starts[last] = start
        k = 0
        for c in range(columns):
            while k < last and starts[k + 1] < c:
                k += 1
            q = hull[k]
            aside = np.float64(c - q)
            out[r, c] = np.float32(math.sqrt(aside * aside + height[q]) * across)
