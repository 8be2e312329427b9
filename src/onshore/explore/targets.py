"""From a map of scores to ranked targets: how large, how good, where, and what they may hold."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from onshore.explore.errors import ExploreError
from onshore.explore.grids import Grid
from onshore.explore.ranking_targets import explored, found_curve, ranked
from onshore.explore.reach import Reach, effort_reach, straight_reach
from onshore.explore.score_maps import (
    PER_KM2,
    Levels,
    Progress,
    ScoreMap,
    levels,
    open_map,
    threshold_of,
)
from onshore.explore.surroundings import read_areas, read_points
from onshore.explore.target_cells import Cut, TargetCells, target_cells
from onshore.explore.target_deposits import hidden_number, known_cells, share_of
from onshore.explore.target_outlines import outlines
from onshore.explore.target_table import around_plants, measured, placed

if TYPE_CHECKING:
    from onshore.explore.deposits import Deposits


@dataclass(frozen=True)
class Targets:
    """Ranked targets of a map.

    Attributes
    ----------
    polygons : DataFrame
        One row a target, best first: ``target`` (T001 ...), ``rank``, ``area_km2``, ``mean`` and
        ``top`` score, mean ``uncertainty``, ``expected_share`` (of the deposits yet to be found),
        ``expected`` (their number), ``expected_per_km2``, ``probability`` (of at least one),
        ``known`` (deposits, by weight), ``province`` with ``province_share`` of the target's area,
        ``nearest_mine`` and ``mine_km`` to it, ``blocks`` (exploration blocks it lies in, joined by
        ;) and ``held_share`` of its area, ``plant`` (the nearest) and ``plant_km``, ``lon`` and
        ``lat`` of a point within, ``geometry`` (WKB in the map's reference system). What was not
        asked for is null.
    explored : DataFrame
        What is found when targets are explored in this order: ``rank``, ``target``, and up to it
        ``area_km2``, ``area_share`` (of the scored area), ``expected_share``, ``expected``,
        ``known``, ``share_low``, ``share_high`` (95 % of the held-out deposits' curve).
    around : DataFrame
        With plants and a reach: ``plant``, ``reach_km2`` (scored area within reach), ``above_km2``
        (at and above the threshold), ``free_km2`` (of that, outside exploration blocks),
        ``targets`` (within reach, wholly or in part), ``best`` (the first of them). A cell that two
        plants reach counts with both. Empty without.
    threshold : float
        Least score of a target's cells.
    share : float
        Of the scored area, at and above the threshold.
    scored_km2 : float
        Area with a score.
    grid : Grid
        The map's.
    crs : str
        Of the geometries.
    warnings : list of str
        What was supposed, mended or left out.
    """

    polygons: pl.DataFrame
    explored: pl.DataFrame
    around: pl.DataFrame
    threshold: float
    share: float
    scored_km2: float
    grid: Grid
    crs: str
    warnings: list[str]


def targets(
    map: Path,  # noqa: A002
    *,
    top_share: float | None = None,
    threshold: float | None = None,
    least_km2: float = 1.0,
    most_km2: float | None = 100.0,
    most: int | None = None,
    deposits: Deposits | None = None,
    curve: pl.DataFrame | None = None,
    hidden: float | None = None,
    unit_cell_km2: float | None = None,
    provinces: pl.DataFrame | None = None,
    mines: pl.DataFrame | None = None,
    blocks: pl.DataFrame | None = None,
    plants: pl.DataFrame | None = None,
    reach_km: float | None = None,
    effort: Path | None = None,
    size: int = 256,
    progress: Callable[[int, int], None] | None = None,
) -> Targets:
    """Cut a map of scores into ranked targets.

    A target is a set of cells at and above a threshold that are joined by their edges. Memory is
    bounded by ``size`` rows of the map and by the targets; the result does not depend on ``size``.

    Parameters
    ----------
    map
        A raster of scores: its first band, with the uncertainty in the second where there is one.
    top_share
        Share of the scored area to take, the best first (0.05 where no threshold is given). All
        cells of the last score are taken, so a map of few scores gives more: see ``share``.
    threshold
        Least score of a target's cells, instead of a share.
    least_km2
        Smaller targets are left out, which is told.
    most_km2
        Larger targets are cut along squares of this area; None for none. Without a cut, a map of
        few scores gives few and very large targets.
    most
        At most so many targets, the best.
    deposits
        Known deposits on the map's grid, as `read_deposits` gives them.
    curve
        Success rate of one method on held-out blocks, as `validate` gives it: ``area_share`` and
        ``deposit_share``. From it comes the share of deposits expected in each target.
    hidden
        Deposits supposed not yet found. Without it as many as are known.
    unit_cell_km2
        The scores are probabilities of a deposit per cell of so many km2 (a posterior of weights of
        evidence): deposits are expected in proportion, instead of by ``curve``.
    provinces, blocks
        Areas: ``name`` or ``block_id``, ``geometry`` (WKT or WKB, WGS 84). Outlines that cross
        themselves are mended, which is told.
    mines, plants
        Points: ``name``, ``lon``, ``lat`` (degrees, WGS 84).
    reach_km
        Only cells within so many km of a plant (of a mine, where no plants are given) can be in a
        target: what remains around what is there already.
    effort
        A raster of the km of easy ground that a km of each cell is worth, at least 1, no data where
        nothing can pass: ``reach_km`` is then measured along the easiest way.
    size
        Rows of the map that are held at a time.
    progress
        Is told how many steps are done, of how many.

    Raises
    ------
    ExploreError
        The map, a table or a setting cannot be used; the message says what to do.

    Notes
    -----
    Targets stand in the order of expected deposits per km2, where none are expected of their mean
    score. With expected deposits m, at least one is there with probability 1 - exp(-m) (Poisson).

    References
    ----------
    Chung, C.-J. F. and Fabbri, A. G. (2003). Validation of spatial prediction models for landslide
    hazard mapping. Natural Hazards 30(3), 451-472: success and prediction rate curves.
    """
    _check_settings(
        top_share,
        threshold,
        least_km2,
        size,
        {
            "hidden": hidden,
            "unit_cell_km2": unit_cell_km2,
            "reach_km": reach_km,
            "most": most,
            "most_km2": most_km2,
        },
    )
    if curve is not None and unit_cell_km2 is not None:
        raise ExploreError(
            "expected deposits come from a curve or from probabilities per unit cell, not from "
            "both. Leave out curve or unit_cell_km2."
        )
    found = open_map(map)
    warnings: list[str] = []
    around = _reach(found.grid, plants, mines, reach_km, effort, warnings)
    told = _Steps(progress, 3 * len(found.strips(size)))
    scale = levels(found, size=size, told=told.next)
    bent = found_curve(curve) if curve is not None else None
    wanted = None if threshold is not None else 0.05 if top_share is None else top_share
    least = (
        float(np.float32(threshold))
        if threshold is not None
        else threshold_of(found, scale, wanted or 0.05, size=size)
    )
    _check_threshold(least, scale, found)
    within = around.within if around else None
    join = partial(
        target_cells,
        found,
        least,
        largest=max(abs(scale.lowest), abs(scale.highest)),
        size=size,
        within=within,
        share_of=share_of(found, scale, bent, unit_cell_km2, size),
        known=known_cells(deposits, found.grid, warnings),
    )
    cells = join(told=told.next)
    if most_km2 is not None and (cells.area > most_km2 * PER_KM2).any():
        cells = join(cut=_cut(cells, found.grid, most_km2))
    expects = bent is not None or unit_cell_km2 is not None
    number = hidden_number(hidden, deposits, found, unit_cell_km2, expects, size, warnings)
    table = ranked(measured(cells, least_km2, expects, number))
    table = table.head(most) if most else table
    shapes = outlines(found, cells, least, table["number"].to_numpy(), within=within)
    held = read_areas(blocks, "blocks", found.grid.crs) if blocks is not None else None
    table = placed(table, shapes, found.grid, provinces, mines, plants, held, warnings)
    reached = around_plants(found, least, around, held, shapes, table, size)
    warnings += [*(bent.warnings if bent else []), *(held.warnings if held else [])]
    share = _share_above(scale, found, least, size)
    warnings += _notes(table, cells, least, least_km2, share, wanted, around)
    told.end()
    scored = scale.scored / PER_KM2
    return Targets(
        polygons=table,
        explored=explored(table, scored_km2=scored, curve=bent),
        around=reached,
        threshold=least,
        share=share,
        scored_km2=scored,
        grid=found.grid,
        crs=found.grid.crs,
        warnings=warnings,
    )


def _cut(cells: TargetCells, grid: Grid, most_km2: float) -> Cut:
    """Cut what is larger along squares of at most so many km2."""
    wide, high = grid.cell_km
    side = math.sqrt(most_km2)
    rows, columns = max(int(side / high + 1e-9), 1), max(int(side / wide + 1e-9), 1)
    return Cut(cells.area > most_km2 * PER_KM2, cells.target_of, rows, columns)


def _notes(
    table: pl.DataFrame,
    cells: TargetCells,
    least: float,
    least_km2: float,
    share: float,
    wanted: float | None,
    around: Reach | None,
) -> list[str]:
    """Say what may surprise."""
    notes = []
    if wanted is not None and share > 1.1 * wanted:
        notes.append(
            f"{share:.1%} of the area is at the threshold or above, not {wanted:.1%}: so many "
            f"cells have the score {least:.6g}. Give a threshold above it for less."
        )
    if table.is_empty():
        notes.append(
            f"no target: {cells.above / PER_KM2:.4g} km2 are at {least:.6g} or above"
            + (" within reach" if around else "")
            + f", in no piece of {least_km2:g} km2. Lower least_km2 or the threshold."
        )
    small = cells.area < least_km2 * PER_KM2 * (1 - 1e-12)
    if small.any() and not table.is_empty():
        notes.append(
            f"{cells.area[small].sum() / PER_KM2:.4g} of {cells.above / PER_KM2:.4g} km2 at the "
            f"threshold or above lie in {int(small.sum())} pieces under {least_km2:g} km2 and are "
            "in no target."
        )
    return notes


class _Steps:
    """Counts the strips of all passes together."""

    def __init__(self, progress: Progress | None, of: int) -> None:
        self.progress, self.of, self.done = progress, of, 0

    def next(self, _done: int, _of: int) -> None:
        self.done += 1
        if self.progress:
            self.progress(self.done, self.of)

    def end(self) -> None:
        if self.progress:
            self.progress(self.of, self.of)


def _check_settings(
    top_share: float | None,
    threshold: float | None,
    least_km2: float,
    size: int,
    above: dict[str, float | None],
) -> None:
    if top_share is not None and threshold is not None:
        raise ExploreError("give top_share or threshold, not both.")
    if top_share is not None and not 0 < top_share < 1:
        raise ExploreError(
            f"top_share is a share of the area, between 0 and 1. Found: {top_share}."
        )
    if threshold is not None and not np.isfinite(threshold):
        raise ExploreError(f"threshold is a score. Found: {threshold}.")
    for name, value in above.items():
        if value is not None and not (np.isfinite(value) and value > 0):
            raise ExploreError(f"{name} must be above 0. Found: {value}.")
    if not least_km2 >= 0 or size < 1:
        raise ExploreError(
            f"least_km2 is 0 or more and size 1 or more. Found: {least_km2}, {size}."
        )


def _check_threshold(least: float, scale: Levels, found: ScoreMap) -> None:
    if least > scale.highest:
        raise ExploreError(
            f"no cell of {found.path.name} reaches the threshold {least:g}. Found: scores from "
            f"{scale.lowest:g} to {scale.highest:g}. Lower the threshold."
        )


def _reach(
    grid: Grid,
    plants: pl.DataFrame | None,
    mines: pl.DataFrame | None,
    reach_km: float | None,
    effort: Path | None,
    warnings: list[str],
) -> Reach | None:
    if reach_km is None:
        if effort is not None:
            raise ExploreError("an effort needs reach_km: how far a plant reaches, in easy km.")
        return None
    if plants is None and mines is None:
        raise ExploreError("reach_km needs plants or mines: give a table of name, lon, lat.")
    points = (
        read_points(plants, "plants") if plants is not None else read_points(mines, "mines")  # type: ignore[arg-type]
    )
    if effort is None:
        return straight_reach(points, grid, reach_km)
    reach = effort_reach(points, grid, reach_km, effort)
    outside = [name for name, window in zip(reach.names, reach.windows, strict=True) if not window]
    if outside:
        warnings.append(
            f"by effort nothing is reached from outside the map: {', '.join(outside[:5])}"
            + (f" and {len(outside) - 5} more." if len(outside) > 5 else ".")
        )
    return reach


def _share_above(scale: Levels, found: ScoreMap, least: float, size: int) -> float:
    total = 0
    for strip, scores, _ in found.read(found.strips(size)):
        total += int(found.areas(strip)[scores >= np.float32(least)].sum())
    return total / scale.scored
