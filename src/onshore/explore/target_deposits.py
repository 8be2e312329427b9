"""Deposits known and expected, as the cells of a map hold them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from onshore.explore.blocks import Array
from onshore.explore.errors import ExploreError
from onshore.explore.grids import Grid
from onshore.explore.ranking_targets import FoundCurve
from onshore.explore.score_maps import PER_KM2, Levels, ScoreMap, bins

if TYPE_CHECKING:
    from onshore.explore.deposits import Deposits


def share_of(
    found: ScoreMap,
    scale: Levels,
    bent: FoundCurve | None,
    unit_cell_km2: float | None,
    size: int,
) -> Callable[[Array], Array] | None:
    """Give the share of deposits per 1e-10 km2 as a function of scores."""
    if bent is not None:
        by_level = bent.by_level(scale)
        return lambda scores: by_level[bins(scores)]
    if unit_cell_km2 is None:
        return None
    if scale.lowest < 0 or scale.highest > 1:
        raise ExploreError(
            f"{found.path.name} holds no probabilities. Found: scores from {scale.lowest:g} to "
            f"{scale.highest:g}. Leave out unit_cell_km2 and give a curve."
        )
    total = _all_scores(found, size)
    return lambda scores: scores.astype(np.float64) / total


def _all_scores(found: ScoreMap, size: int) -> float:
    """Sum score times area over the map; row by row, so that strips make no difference."""
    rows = [
        np.nansum(scores.astype(np.float64), axis=1) * found.areas(strip)[:, 0]
        for strip, scores, _ in found.read(found.strips(size))
    ]
    return float(np.sum(np.concatenate(rows)))


def known_cells(
    deposits: Deposits | None, grid: Grid, warnings: list[str]
) -> dict[int, float] | None:
    """Give the weight of known deposits by cell: row times the grid's width plus column."""
    if deposits is None:
        return None
    rows, columns = (deposits.cells[name].to_numpy() for name in ("row", "column"))
    if not grid.holds(rows, columns).all():
        raise ExploreError(
            "the deposits are of another grid: some cells lie outside the map. "
            "Read them with read_deposits(table, grid of the map)."
        )
    weights = deposits.cells["weight"].cast(pl.Float64).to_list()
    known: dict[int, float] = {}
    for row, column, weight in zip(rows.tolist(), columns.tolist(), weights, strict=True):
        place = row * grid.width + column
        known[place] = known.get(place, 0.0) + weight
    if not known:
        warnings.append("no known deposit lies in the map.")
    return known


def hidden_number(
    hidden: float | None,
    deposits: Deposits | None,
    found: ScoreMap,
    unit_cell_km2: float | None,
    expects: bool,
    size: int,
    warnings: list[str],
) -> float | None:
    """Give the deposits supposed not yet found; what is supposed is told in ``warnings``."""
    if hidden is not None or not expects:
        return hidden
    if unit_cell_km2 is not None:
        number = _all_scores(found, size) / PER_KM2 / unit_cell_km2
        warnings.append(
            f"supposed: {number:.4g} deposits are yet to be found, as many as the map's "
            "probabilities add up to. Give hidden= a number of your own."
        )
        return number
    if deposits is None:
        return None
    number = float(deposits.cells["weight"].sum())
    warnings.append(
        f"supposed: {number:g} deposits are yet to be found, as many as are known. "
        "Give hidden= a number of your own."
    )
    return number
