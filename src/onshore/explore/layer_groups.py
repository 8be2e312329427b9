"""Which group of a generalised layer a value belongs to, and what the group weighs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import polars as pl

from onshore.explore.errors import ExploreError
from onshore.explore.weights import Weights

Array: TypeAlias = np.ndarray[Any, Any]

_SAME_AREA = 1e-6


@dataclass(frozen=True)
class LayerGroups:
    """The groups of several layers, as plain arrays for the compiled loops.

    Attributes
    ----------
    layers : tuple of str
        Names, in order.
    keys, key_at, exact, groups : array
        How values find their group; see `tally.find_groups`.
    sizes : array
        How many groups each layer has; the group of this number is "no data".
    weight, deviation, share : array
        By layer and group: weight, its standard deviation, and the group's part of the layer's
        area with data. "No data" weighs 0.
    points, cells : array
        By layer and group: deposits, and area in unit cells.
    """

    layers: tuple[str, ...]
    keys: Array
    key_at: Array
    exact: Array
    groups: Array
    sizes: Array
    weight: Array
    deviation: Array
    share: Array
    points: Array
    cells: Array

    def find(self, values: Array) -> Array:
        """Give the group of each value, int32 (layers, n)."""
        from onshore.explore.tally import find_groups

        return find_groups(values, self.keys, self.exact, self.groups, self.key_at, self.sizes)


def layer_groups(weights: Sequence[Weights]) -> LayerGroups:
    """Put the weights of several layers together.

    Raises
    ------
    ExploreError
        None at all, a layer without a name or twice, different unit cells.
    """
    _check_together(weights)
    ways = [_way(each) for each in weights]
    most = max(len(each.generalised) for each in weights) + 1
    tables = np.zeros((5, len(weights), most))
    for j, each in enumerate(weights):
        told = each.generalised
        area = told["area_km2"].to_numpy()
        k = len(told)
        tables[0, j, :k] = told["weight"].to_numpy()
        tables[1, j, :k] = told["s_weight"].to_numpy()
        tables[2, j, :k] = area / area.sum()
        tables[3, j, :k] = told["points"].to_numpy()
        tables[4, j, :k] = area / each.unit_cell_km2
    return LayerGroups(
        tuple(each.layer for each in weights),
        np.concatenate([keys for keys, _, _ in ways]).astype(np.float32),
        np.cumsum([0, *(len(keys) for keys, _, _ in ways)]),
        np.array([exact for _, exact, _ in ways]),
        np.concatenate([groups for _, _, groups in ways]).astype(np.int32),
        np.array([len(each.generalised) for each in weights], np.int32),
        *tables,
    )


def prior_of(weights: Sequence[Weights], prior: float | None) -> tuple[float, float, list[str]]:
    """Give deposits and unit cells of the study area, and what to mind about them.

    Layers with gaps but no mask know a part of the area only: the largest is taken.
    """
    largest = max(weights, key=lambda each: each.area_km2)
    cells = largest.area_km2 / largest.unit_cell_km2
    warnings = []
    smaller = [
        each.layer for each in weights if each.area_km2 < largest.area_km2 * (1 - _SAME_AREA)
    ]
    if smaller:
        warnings.append(
            f"{', '.join(smaller)} were counted over a smaller area than {largest.layer} "
            f"({largest.area_km2:g} square kilometres), whose deposits are taken for the prior; "
            "open the stack with a region mask to count all layers over one area"
        )
    if prior is None:
        return largest.points, cells, warnings
    if not 0 < prior < 1:
        raise ExploreError(
            f"the prior is a probability per unit cell, between 0 and 1. Found: {prior}. Leave "
            "it out to take the known deposits per unit cell."
        )
    return prior * cells, cells, warnings


def _check_together(weights: Sequence[Weights]) -> None:
    if not weights:
        raise ExploreError("a map needs the weights of at least one layer. Found: none.")
    names = [each.layer for each in weights]
    wrong = sorted({name for name in names if not name or names.count(name) > 1})
    if wrong:
        raise ExploreError(
            f"each layer's weights are told once, with the layer's name. Found: {', '.join(names)}."
            " Name the layer in `weights(..., layer=...)`, and choose one way for each."
        )
    units = {each.unit_cell_km2 for each in weights}
    if len(units) > 1:
        raise ExploreError(
            f"all weights need one unit cell. Found: {', '.join(f'{u:g}' for u in sorted(units))} "
            "square kilometres. Weigh the layers again with one unit_cell_km2."
        )


def _way(weights: Weights) -> tuple[Array, bool, Array]:
    """Give the keys of a layer, whether values must equal them, and their groups."""
    table = weights.table.filter(pl.col("class").is_not_null())
    names = weights.generalised["generalised"]
    numbers = pl.DataFrame({"generalised": names, "group": range(len(names))})
    told = (
        table.join(numbers, on="generalised", how="left", nulls_equal=True)
        .sort("class")
        .select("class", "lower", "upper", "group")
    )
    by_value = bool((told["lower"] == told["upper"]).fill_null(False).all())
    cumulative = weights.kind in ("ascending", "descending")
    if by_value and not cumulative:
        return told["class"].to_numpy(), True, np.append(told["group"].to_numpy(), 0)
    groups = told["group"].to_numpy()
    # The bound between two neighbours: the next one's lower end. Where every value is a class, a
    # value between two of them goes with the one inside the pattern's side.
    if not by_value:
        edges = told["lower"].to_numpy()[1:]
    elif weights.kind == "ascending":
        edges = np.nextafter(told["class"].to_numpy()[:-1].astype(np.float32), np.float32(np.inf))
    else:
        edges = told["class"].to_numpy()[1:]
    change = np.flatnonzero(np.diff(groups))
    return edges[change], False, np.append(groups[change], groups[-1])
