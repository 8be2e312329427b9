"""Area and deposits of each class of a layer, in one pass over the blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
import polars as pl

from onshore.explore.errors import ExploreError

if TYPE_CHECKING:
    from onshore.explore.deposits import Deposits
    from onshore.explore.stacks import Stack

Array: TypeAlias = np.ndarray[Any, Any]

_MOST_CLASSES = 65_536
_MOST_EQUAL = 100


def class_counts(
    stack: Stack,
    layer: str,
    deposits: Deposits,
    *,
    breaks: Sequence[float] | int | None = None,
    size: int = 512,
) -> pl.DataFrame:
    """Count the cells and the deposits of each class of a layer.

    The layer is read once, block by block, and nothing of it is kept but the counts (with
    ``breaks`` as a number, three times). The counts are the same for every size of block.

    Parameters
    ----------
    stack
        The evidence; cells outside its region mask do not count.
    layer
        The layer's name.
    deposits
        From `read_deposits`. Deposits in one cell all count; a deposit counts by its weight where
        it has one. Those outside the study area do not.
    breaks
        Bounds between classes, rising: a class holds lower <= value < upper. A number: so many
        classes of as equal an area as the values allow. Without it, every value is a class.
    size
        Cells a side of the blocks that are read.

    Returns
    -------
    DataFrame
        In the order of values: ``layer`` (str), ``class`` (Float64: the value, or with breaks the
        number from 1 on), ``lower`` and ``upper`` (Float64: bounds, null where open; the value
        itself without breaks), ``cells`` (Int64), ``area_km2``, ``points`` (Float64). If a part of
        the study area has no data in this layer, the last row counts it under a class null.

    Raises
    ------
    ExploreError
        No such layer, breaks that do not rise, or more than 65,536 values without breaks.
    """
    _check_name(stack, layer)
    one = stack.select([layer])
    points = Points(deposits)
    if breaks is None:
        counted = _by_value(one, layer, points, size)
    elif isinstance(breaks, int | np.integer):
        counted = _by_interval(one, _equal_areas(one, layer, int(breaks), size), points, size)
    else:
        counted = _by_interval(one, _checked_edges(layer, breaks), points, size)
    known = ~np.isnan(points.values)
    held = np.bincount(
        counted.place[known], weights=points.weights[known], minlength=len(counted.cells)
    )
    table = pl.DataFrame(
        {
            "class": counted.classes,
            "lower": counted.lower,
            "upper": counted.upper,
            "cells": counted.cells,
            "points": held.astype(np.float64),
        }
    )
    if counted.missing:
        lost = float(points.weights[points.inside & ~known].sum())
        without = pl.DataFrame({"cells": [counted.missing], "points": [lost]})
        table = pl.concat([table, without], how="diagonal")
    return table.select(
        pl.lit(layer).alias("layer"),
        "class",
        pl.col("lower", "upper").fill_nan(None),
        "cells",
        (pl.col("cells") * stack.grid.cell_area_km2).alias("area_km2"),
        "points",
    )


class _Counted(NamedTuple):
    classes: Array
    lower: Array
    upper: Array
    cells: Array
    missing: int
    place: Array  # of each deposit's class


def _by_value(stack: Stack, layer: str, points: Points, size: int) -> _Counted:
    import onshore.explore.tally as tally

    keys, counts = tally.opened()
    used = missing = 0
    for values, inside in _read(stack, size, points):
        start = 0
        while start < len(values):
            used, start, without = tally.count_values(values, inside, keys, counts, used, start)
            missing += without
            if used > _MOST_CLASSES:
                raise ExploreError(
                    f"layer '{layer}' has more than {_MOST_CLASSES:,} values, too many for a "
                    "class each. Give breaks: bounds of classes, or a number of classes of equal "
                    "area, for instance 10."
                )
            if start < len(values):
                keys, counts = tally.doubled(keys, counts)
    kept = keys != tally.EMPTY
    found = keys[kept].astype(np.uint32).view(np.float32).astype(np.float64)
    order = np.argsort(found)
    classes = found[order]
    place = np.searchsorted(classes, points.values)
    return _Counted(classes, classes, classes, counts[kept][order], missing, place)


def _by_interval(stack: Stack, edges: Array, points: Points, size: int) -> _Counted:
    import onshore.explore.tally as tally

    cells = np.zeros(len(edges) + 1, np.int64)
    missing = 0
    for values, inside in _read(stack, size, points):
        missing += tally.count_intervals(values, inside, edges, cells)
    bounds = edges.astype(np.float64)
    return _Counted(
        np.arange(1.0, len(cells) + 1),
        np.append(np.nan, bounds),
        np.append(bounds, np.nan),
        cells,
        missing,
        np.searchsorted(edges, points.values, side="right"),
    )


class Points:
    """Deposits by cell, for what is found at them block by block; weights of several add up."""

    def __init__(self, deposits: Deposits) -> None:
        by = "weight" if "weight" in deposits.cells.columns else "count"
        cells = deposits.cells.sort("row", "column")
        self.rows = cells["row"].to_numpy()
        self.columns = cells["column"].to_numpy()
        self.weights = cells[by].cast(pl.Float64).to_numpy()
        self.values = np.full(len(cells), np.nan, np.float32)
        self.inside = np.zeros(len(cells), bool)

    def within(self, block: Any) -> tuple[Array, Array, Array]:
        """Give the deposits of a block, and their rows and columns in it."""
        rows, columns = self.rows - block.row, self.columns - block.column
        here = np.flatnonzero(
            (rows >= 0) & (rows < block.height) & (columns >= 0) & (columns < block.width)
        )
        return here, rows[here], columns[here]


def _read(stack: Stack, size: int, points: Points | None = None) -> Iterator[tuple[Array, Array]]:
    """Give the only layer's values and whether a cell is in the study area, block by block."""
    for block in stack.blocks(size):
        cells = stack.read(block)
        if points is not None:
            here, rows, columns = points.within(block)
            points.inside[here] = cells.inside[rows, columns]
            points.values[here] = np.where(
                points.inside[here], cells.values[0, rows, columns], np.nan
            )
        yield np.ascontiguousarray(cells.values[0]).ravel(), cells.inside.ravel()


def _check_name(stack: Stack, layer: str) -> None:
    if layer not in stack.names:
        raise ExploreError(
            f"there is no layer '{layer}'. Found: {', '.join(stack.names)}. Name one of these."
        )


def _checked_edges(layer: str, breaks: Sequence[float]) -> Array:
    edges = np.asarray(breaks, dtype=np.float32)
    if (
        edges.ndim != 1
        or not len(edges)
        or not np.isfinite(edges).all()
        or (np.diff(edges) <= 0).any()
    ):
        raise ExploreError(
            f"breaks of layer '{layer}' must be rising numbers. Found: {breaks}. "
            "Give the bounds between classes, from low to high."
        )
    return edges


def _equal_areas(stack: Stack, layer: str, classes: int, size: int) -> Array:
    """Find bounds of classes of equal area: exact quantiles, in two passes.

    The first pass counts the cells by the upper halves of their values' 32 bits, the second by
    the lower halves those alone among which a bound lies.
    """
    import onshore.explore.tally as tally

    if not 2 <= classes <= _MOST_EQUAL:
        raise ExploreError(
            f"a layer is divided into 2 to {_MOST_EQUAL} classes of equal area. "
            f"Found: {classes} for '{layer}'."
        )
    upper = np.zeros(65_536, np.int64)
    for values, inside in _read(stack, size):
        tally.count_upper_halves(values, inside, upper)
    total = int(upper.sum())
    if not total:
        raise ExploreError(
            f"layer '{layer}' has no value in the study area. Check its nodata and the mask."
        )
    # The bound is the value of the first cell of the next class.
    ranks = np.array([k * total // classes for k in range(1, classes)])
    ends = np.cumsum(upper)
    halves = np.searchsorted(ends, ranks, side="right")
    wanted = np.unique(halves)
    rows = np.full(65_536, -1, np.int64)
    rows[wanted] = np.arange(len(wanted))
    lower = np.zeros((len(wanted), 65_536), np.int64)
    for values, inside in _read(stack, size):
        tally.count_lower_halves(values, inside, rows, lower)
    within = ranks - (ends - upper)[halves]
    rest = np.array(
        [
            np.searchsorted(np.cumsum(lower[rows[half]]), rank, side="right")
            for half, rank in zip(halves, within, strict=True)
        ]
    )
    edges = np.unique(tally.from_order(halves * 65_536 + rest))
    # A bound at the least value would leave nothing below.
    first = int(np.flatnonzero(upper)[0])
    if rows[first] >= 0:
        least = first * 65_536 + np.flatnonzero(lower[rows[first]])[:1]
        edges = edges[edges > tally.from_order(least)]
    if not len(edges):
        raise ExploreError(
            f"layer '{layer}' has one value over most of the area and cannot be divided into "
            f"{classes} classes of equal area. Give breaks, or take every value as a class."
        )
    return edges
