"""Cells at and above a threshold, joined into targets by strips: what each holds, and where."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from onshore.explore.blocks import Array, Block
from onshore.explore.score_maps import Progress, ScoreMap, free_bits, units

Within: TypeAlias = Callable[[Block], Array]
"""Tells which cells of a block may be in a target: bool."""

_SHARE_BITS = 60
_SUMS = ("cells", "area", "score", "uncertainty", "uncertain", "share", "known")
_NOWHERE = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Cut:
    """Targets that are too large are cut along squares of the map.

    Attributes
    ----------
    large : array
        bool: which targets, by their number without a cut.
    target_of : array
        That number, of each piece without a cut.
    rows, columns : int
        Cells a side of a square.
    """

    large: Array
    target_of: Array
    rows: int
    columns: int

    def apply(self, strip: Block, labels: Array, before: int) -> tuple[Array, Array]:
        """Give a strip's pieces new numbers, and tell which of its first cells go on from above."""
        count = int(labels.max(initial=0))
        cut = np.concatenate([[False], self.large[self.target_of[before : before + count]]])
        large = cut[labels]
        numbers = np.where(large, 0, labels).astype(np.int64)
        if large.any():
            self._number(strip, large, numbers, count)
        joins = ~(large[0] & (strip.row % self.rows == 0))
        in_turn = np.unique(np.append(0, numbers), return_inverse=True)[1]
        return in_turn[1:].reshape(labels.shape), joins

    def _number(self, strip: Block, large: Array, numbers: Array, last: int) -> None:
        from scipy import ndimage

        first = strip.row - strip.row % self.rows
        for row in range(first, strip.row + strip.height, self.rows):
            rows = slice(max(row - strip.row, 0), row - strip.row + self.rows)
            for column in range(0, strip.width, self.columns):
                there = (rows, slice(column, column + self.columns))
                if large[there].any():
                    found, count = ndimage.label(large[there])
                    numbers[there][found > 0] = found[found > 0] + last
                    last += count


@dataclass
class _Seen:
    """What is counted by piece: a target within a strip."""

    sums: dict[str, list[Array]] = field(default_factory=lambda: {name: [] for name in _SUMS})
    tops: list[Array] = field(default_factory=list)
    top_cells: list[Array] = field(default_factory=list)
    first_cells: list[Array] = field(default_factory=list)
    ties: list[Array] = field(default_factory=list)
    pieces: int = 0


@dataclass(frozen=True)
class TargetCells:
    """Targets as connected cells (by their edges), in the order of their first cell.

    Attributes
    ----------
    target_of : array
        The target (from 0) of each piece; pieces are numbered strip by strip.
    area : array
        int64, 1e-10 km2.
    mean, top, uncertainty : array
        float64: mean and best score, mean uncertainty (NaN where none is known).
    top_cell : array
        int64: row times the map's width plus column of the best cell, the first of equals.
    share : array
        Of all deposits, what is expected in it (0 without a curve).
    known : array
        Known deposits in it, by weight.
    above : int
        Area at and above the threshold of all cells that may be in a target, 1e-10 km2.
    size : int
        Rows of a strip.
    cut : Cut or None
        How larger ones were cut.
    """

    target_of: Array
    area: Array
    mean: Array
    top: Array
    uncertainty: Array
    top_cell: Array
    share: Array
    known: Array
    above: int
    size: int
    cut: Cut | None


def target_cells(
    found: ScoreMap,
    threshold: float,
    *,
    largest: float,
    size: int = 512,
    within: Within | None = None,
    share_of: Callable[[Array], Array] | None = None,
    known: dict[int, float] | None = None,
    cut: Cut | None = None,
    told: Progress | None = None,
) -> TargetCells:
    """Join cells at and above a threshold.

    Parameters
    ----------
    found, threshold
        The map, and the least score of a target's cells.
    largest
        Of all scores, without their sign.
    size
        Rows that are held at a time; the result does not depend on it.
    within
        Which cells may be in a target.
    share_of
        Of scores, the share of all deposits expected per 1e-10 km2.
    known
        Deposits by cell: row times width plus column.
    cut
        Which targets are cut, and how.
    told
        Is told how many strips are done, of how many.
    """
    bits = free_bits(max(largest, 1.0), found.grid.height * found.grid.width)
    known = known or {}
    places = np.array(sorted(known), dtype=np.int64)
    weights = units(np.array([known[place] for place in places.tolist()]), 20)
    seen = _Seen()
    bottom: Array | None = None
    strips = found.strips(size)
    pieces = labelled(found, strips, threshold, within, cut)
    for number, (strip, labels, joins, scores, uncertain) in enumerate(pieces, 1):
        count = int(labels.max(initial=0))
        inside = labels > 0
        of = labels[inside].astype(np.int64) - 1
        cells = np.flatnonzero(inside) + strip.row * strip.width
        values, spread = scores[inside], uncertain[inside]
        sure = np.isfinite(spread)
        areas = found.areas(strip)[inside]
        amounts: dict[str, Array] = {
            "cells": np.ones(len(of), dtype=np.int64),
            "area": areas,
            "score": units(values, bits),
            "uncertainty": units(np.where(sure, spread, 0.0), bits),
            "uncertain": sure.astype(np.int64),
            "share": units(share_of(values) * areas, _SHARE_BITS) if share_of else areas * 0,
            "known": _known_here(cells, places, weights),
        }
        for name, amount in amounts.items():
            total = np.zeros(count, dtype=np.int64)
            np.add.at(total, of, amount)
            seen.sums[name].append(total)
        tops = np.full(count, -np.inf, dtype=np.float32)
        np.maximum.at(tops, of, values)
        seen.tops.append(tops)
        seen.top_cells.append(_first(count, of, cells, values == tops[of]))
        seen.first_cells.append(_first(count, of, cells, np.ones(len(of), dtype=bool)))
        if bottom is not None:
            touch = (bottom > 0) & (labels[0] > 0) & joins
            before = seen.pieces - int(seen.sums["cells"][-2].size)
            pair = np.stack([bottom[touch] - 1 + before, labels[0][touch] - 1 + seen.pieces])
            seen.ties.append(np.unique(pair, axis=1))
        bottom = labels[-1]
        seen.pieces += count
        if told:
            told(number, len(strips))
    return _joined(seen, bits, size, cut)


def labelled(
    found: ScoreMap,
    strips: list[Block],
    threshold: float,
    within: Within | None,
    cut: Cut | None = None,
) -> Iterator[tuple[Block, Array, Array, Array, Array]]:
    """Give strips: pieces numbered from 1, which first cells go on from above, scores, spread."""
    from scipy import ndimage

    least = np.float32(threshold)
    before = 0
    for strip, scores, uncertain in found.read(strips):
        above = scores >= least
        if within:
            above &= within(strip)
        labels, count = ndimage.label(above)
        joins = np.ones(strip.width, dtype=bool)
        if cut:
            labels, joins = cut.apply(strip, labels, before)
        before += int(count)
        yield strip, labels, joins, scores, uncertain


def _known_here(cells: Array, places: Array, weights: Array) -> Array:
    if not len(places):
        return np.zeros(len(cells), dtype=np.int64)
    at = np.minimum(np.searchsorted(places, cells), len(places) - 1)
    return np.where(places[at] == cells, weights[at], 0)


def _first(count: int, of: Array, cells: Array, which: Array) -> Array:
    first = np.full(count, _NOWHERE, dtype=np.int64)
    np.minimum.at(first, of[which], cells[which])
    return first


def _joined(seen: _Seen, bits: int, size: int, cut: Cut | None) -> TargetCells:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    pairs = np.concatenate([np.empty((2, 0), dtype=np.int64), *seen.ties], axis=1)
    links = coo_array((np.ones(pairs.shape[1]), (pairs[0], pairs[1])), shape=(seen.pieces,) * 2)
    count, found = connected_components(links, directed=False) if seen.pieces else (0, np.empty(0))
    of: npt.NDArray[np.int64] = np.asarray(found).astype(np.int64)
    first = np.full(count, _NOWHERE, dtype=np.int64)
    np.minimum.at(first, of, _all(seen.first_cells))
    order = np.argsort(first)
    of = np.argsort(order)[of]
    totals = {name: np.zeros(count, dtype=np.int64) for name in _SUMS}
    for name, total in totals.items():
        np.add.at(total, of, _all(seen.sums[name]))
    tops = np.full(count, -np.inf, dtype=np.float32)
    piece_tops = np.concatenate([np.empty(0, dtype=np.float32), *seen.tops])
    np.maximum.at(tops, of, piece_tops)
    top_cells = _first(count, of, _all(seen.top_cells), piece_tops == tops[of])
    with np.errstate(invalid="ignore"):
        uncertainty = np.ldexp(totals["uncertainty"].astype(np.float64), -bits) / totals[
            "uncertain"
        ].astype(np.float64)
    return TargetCells(
        target_of=of,
        area=totals["area"],
        mean=np.ldexp(totals["score"].astype(np.float64), -bits) / totals["cells"],
        top=tops.astype(np.float64),
        uncertainty=uncertainty,
        top_cell=top_cells,
        share=np.ldexp(totals["share"].astype(np.float64), -_SHARE_BITS),
        known=np.ldexp(totals["known"].astype(np.float64), -20),
        above=int(totals["area"].sum()),
        size=size,
        cut=cut,
    )


def _all(parts: list[Array]) -> Array:
    return np.concatenate([np.empty(0, dtype=np.int64), *parts])
