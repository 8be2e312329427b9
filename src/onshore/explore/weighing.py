"""Weights of evidence as a method beside the others: each layer cut in two, classes weighed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from onshore.explore.categories import (
    Classes,
    learned_classes,
    read_classes,
    saved_classes,
)
from onshore.explore.errors import ExploreError
from onshore.explore.methods import Array, Parts, checked_cells, checked_values
from onshore.explore.weights import Kind, Weights, weights

_CUMULATIVE: tuple[Kind, Kind] = ("ascending", "descending")
_RARE = 1000.0  # unit cells in a cell: weights of the limit where deposits are few


@dataclass(frozen=True)
class Weighing:
    """Weights of evidence (Bonham-Carter, Agterberg and Wright 1989), layers taken as independent.

    Attributes
    ----------
    classes : int
        Classes of equal area that a numeric layer is parted in, to find its best cut.
    confidence : float
        Least studentised contrast of a cut; a layer without one weighs nothing.
    """

    classes: int = 20
    confidence: float = 2.0

    name = "weights"

    def fit(
        self,
        values: Array,
        kinds: Sequence[str],
        counts: Array,
        *,
        seed: int = 0,  # noqa: ARG002 (nothing is drawn)
    ) -> FittedWeights:
        """Learn from cells; see `Method.fit`. Nothing is drawn: the seed has no effect.

        A numeric layer is weighed from below and from above; the cut with the larger studentised
        contrast is taken. Classes of categorical layers are weighed as `learned_classes` does.
        """
        values, kinds, counts = checked_cells(values, kinds, counts)
        cuts = np.full(len(kinds), np.inf, np.float32)
        weight, deviation = np.zeros((len(kinds), 2)), np.zeros((len(kinds), 2))
        for layer, kind in enumerate(kinds):
            if kind == "categorical":
                continue
            found = self._cut(values[:, layer], counts)
            if found:
                cuts[layer], weight[layer], deviation[layer] = found
        return FittedWeights(cuts, weight, deviation, learned_classes(values, kinds, counts))

    def _cut(self, values: Array, counts: Array) -> tuple[float, Array, Array] | None:
        """Give the greatest value below the cut, and weights and deviations below and above."""
        background = counts == 0
        steps = np.linspace(0, 1, self.classes + 1)[1:-1]
        breaks = np.unique(np.quantile(values[background], steps, method="lower"))
        breaks = breaks[breaks < values[background].max()]
        if not len(breaks):  # the same everywhere
            return None
        place = np.searchsorted(breaks, values)
        of_class = np.bincount(place, background, len(breaks) + 1) + 0.5
        table = pl.DataFrame(
            {
                "class": np.arange(len(of_class), dtype=np.float64),
                "area_km2": of_class * _RARE,
                "points": np.bincount(place, counts, len(of_class)),
            }
        )
        tried = [
            weights(table, kind=kind, unit_cell_km2=1.0, confidence=self.confidence)
            for kind in _CUMULATIVE
        ]
        held = [one for one in tried if one.cut is not None and 0 < len(one.table) > 1]
        if not held:
            return None
        best = max(held, key=_studentised)
        by_class = best.table.filter(pl.col("class").is_not_null()).sort("class")
        edge = int(best.cut or 0) if best.kind == "ascending" else int(best.cut or 0) - 1
        if not 0 <= edge < len(breaks):
            return None
        rows = [0, -1]
        return (
            float(breaks[edge]),
            by_class["weight"].to_numpy()[rows],
            by_class["s_weight"].to_numpy()[rows],
        )


@dataclass(frozen=True)
class FittedWeights:
    """The weights of each layer below its cut and above, and of classes."""

    cuts: Array
    weight: Array
    deviation: Array
    classes: list[Classes] = field(default_factory=list)
    name: str = "weights"
    uncertainty: str = "standard deviation of the posterior, from the weights' own"

    def score(self, values: Array) -> tuple[Array, Array]:
        """Give the posterior for a prior of 0.5 and its standard deviation, float32 (n,).

        p = 1 / (1 + exp(-sum w)), sd = p (1 - p) sqrt(sum s^2).
        """
        values = checked_values(values, len(self.cuts))
        log_odds, variance = np.zeros(len(values)), np.zeros(len(values))
        classes = {one.layer: one for one in self.classes}
        for layer, cut in enumerate(self.cuts):
            column = np.ascontiguousarray(values[:, layer])
            if layer in classes:
                log_odds += classes[layer].encoded(column)
                variance += classes[layer].spread(column) ** 2
            elif np.isfinite(cut):
                above = (column > cut).astype(np.int8)
                log_odds += self.weight[layer][above]
                variance += (self.deviation[layer] ** 2)[above]
        share = 1 / (1 + np.exp(-log_odds))
        deviation = share * (1 - share) * np.sqrt(variance)
        return share.astype(np.float32), deviation.astype(np.float32)

    def describe(self) -> pl.DataFrame:
        """Tell each numeric layer's cut and weights, and each categorical layer's range of them."""
        classes = {one.layer: one.weight for one in self.classes}
        rows: list[tuple[int, str, float]] = []
        for layer, cut in enumerate(self.cuts.tolist()):
            if layer in classes:
                rows += [
                    (layer, "least weight of a class", float(classes[layer].min())),
                    (layer, "greatest weight of a class", float(classes[layer].max())),
                ]
            elif np.isfinite(cut):
                below, above = self.weight[layer].tolist()
                rows += [
                    (layer, "cut", cut),
                    (layer, "weight up to the cut", below),
                    (layer, "weight above the cut", above),
                ]
            else:
                rows.append((layer, "weight (no cut is sure enough)", 0.0))
        schema = {"layer": pl.Int64, "what": pl.String, "value": pl.Float64}
        return pl.DataFrame(rows, schema=schema, orient="row")

    def parts(self) -> Parts:
        """Give what is saved."""
        arrays = {"cuts": self.cuts, "weight": self.weight, "deviation": self.deviation}
        return Parts(
            {**arrays, **saved_classes(self.classes)},
            {"layers": len(self.cuts), "uncertainty": self.uncertainty},
        )


METHOD = Weighing


def restored(parts: Parts) -> FittedWeights:
    """Make the fitted method of its parts."""
    cuts = np.asarray(parts.arrays["cuts"], np.float32)
    weight = np.asarray(parts.arrays["weight"], np.float64)
    deviation = np.asarray(parts.arrays["deviation"], np.float64)
    layers = int(parts.settings["layers"])
    if cuts.shape != (layers,) or not weight.shape == deviation.shape == (layers, 2):
        raise ExploreError(
            f"the saved weights are not those of {layers} layers. Train the model anew."
        )
    return FittedWeights(cuts, weight, deviation, read_classes(parts.arrays))


def _studentised(found: Weights) -> float:
    at_cut = found.table.filter(pl.col("class") == found.cut)["studentised"]
    return float(at_cut[0] or 0.0)
