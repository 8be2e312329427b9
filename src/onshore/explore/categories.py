"""Classes of a map as evidence: each class becomes the weight its deposits give it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import lgamma

import numpy as np

from onshore.explore.errors import ExploreError
from onshore.explore.methods import Array

_STRENGTHS = np.geomspace(0.1, 1e5, 61)


@dataclass(frozen=True)
class Classes:
    """The classes of one categorical layer, sorted, with weight and standard deviation.

    Attributes
    ----------
    layer : int
        The layer's place.
    classes : float32
        The classes' numbers, rising.
    weight, deviation : float64
        Natural logarithm of deposits' share over background's, and its standard deviation.
    strength : float
        Deposits that the prior (as many deposits as area) counts for.
    """

    layer: int
    classes: Array
    weight: Array
    deviation: Array
    strength: float

    def places(self, values: Array) -> tuple[Array, Array]:
        """Give each value's place among the classes, and whether it is one of them."""
        place = np.minimum(np.searchsorted(self.classes, values), len(self.classes) - 1)
        return place, self.classes[place] == values

    def encoded(self, values: Array) -> Array:
        """Give each cell its class's weight, float32; 0 for a class not seen in training."""
        place, known = self.places(values)
        return np.where(known, self.weight.astype(np.float32)[place], np.float32(0))

    def spread(self, values: Array) -> Array:
        """Give each cell its class's standard deviation; the greatest for a class not seen."""
        place, known = self.places(values)
        return np.where(known, self.deviation[place], self.deviation.max())


def learned_classes(
    values: Array, kinds: Sequence[str], counts: Array, strength: float | None = None
) -> list[Classes]:
    """Learn the classes of all categorical layers.

    weight = ln[(n_c + m a_c) / (n + m)] - ln a_c, with n_c of n deposits in a class that holds the
    share a_c of the background: weights of evidence drawn towards 0 by m deposits spread as the
    area is. m makes the deposits seen most likely (Dirichlet-multinomial), so that classes with
    few deposits speak as far as classes in general have been found to.
    """
    return [
        _learned(layer, values[:, layer], counts, strength)
        for layer, kind in enumerate(kinds)
        if kind == "categorical"
    ]


def encode(values: Array, learned: Sequence[Classes]) -> Array:
    """Give float32 (layers, cells), contiguous: classes as weights, other layers as they are."""
    columns = np.ascontiguousarray(values.T)
    if learned:
        columns = columns.copy() if np.shares_memory(columns, values) else columns
        for classes in learned:
            columns[classes.layer] = classes.encoded(columns[classes.layer])
    return columns


def saved_classes(learned: Sequence[Classes]) -> dict[str, Array]:
    """Give the arrays by name, ``classes_LAYER`` and so on."""
    arrays: dict[str, Array] = {
        "categorical": np.array([c.layer for c in learned], np.int32),
        "strength": np.array([c.strength for c in learned], np.float64),
    }
    for c in learned:
        arrays[f"classes_{c.layer}"] = c.classes
        arrays[f"weight_{c.layer}"] = c.weight
        arrays[f"deviation_{c.layer}"] = c.deviation
    return arrays


def read_classes(arrays: Mapping[str, Array]) -> list[Classes]:
    """Make the classes of saved arrays."""
    read = []
    for layer, strength in zip(
        arrays["categorical"].tolist(), arrays["strength"].tolist(), strict=True
    ):
        one = Classes(
            layer=layer,
            classes=np.asarray(arrays[f"classes_{layer}"], np.float32),
            weight=np.asarray(arrays[f"weight_{layer}"], np.float64),
            deviation=np.asarray(arrays[f"deviation_{layer}"], np.float64),
            strength=strength,
        )
        sizes = {len(one.classes), len(one.weight), len(one.deviation)}
        if len(sizes) != 1 or 0 in sizes or np.any(np.diff(one.classes) <= 0):
            raise ExploreError(
                f"the saved classes of layer {layer} are damaged. "
                "Train the model anew, or fetch it again."
            )
        read.append(one)
    return read


def _learned(layer: int, values: Array, counts: Array, strength: float | None) -> Classes:
    classes, place = np.unique(values, return_inverse=True)
    found = np.bincount(place, counts, len(classes))
    cells = np.bincount(place, counts == 0, len(classes))
    area = (cells + 0.5) / (cells.sum() + 0.5 * len(classes))
    deposits = found.sum()
    m = _likeliest(found, area) if strength is None else strength
    seen = found + m * area
    return Classes(
        layer=layer,
        classes=classes.astype(np.float32),
        weight=np.log(seen / (deposits + m)) - np.log(area),
        deviation=np.sqrt(np.maximum(1 / seen - 1 / (deposits + m), 0.0)),
        strength=float(m),
    )


def _likeliest(found: Array, area: Array) -> float:
    """Give the prior's strength under which these deposits by class are likeliest."""
    held = found > 0
    n = float(found.sum())

    def likelihood(m: float) -> float:
        prior = m * area[held]
        each = [lgamma(k + a) - lgamma(a) for k, a in zip(found[held], prior, strict=True)]
        return lgamma(m) - lgamma(n + m) + sum(each)

    return float(max(_STRENGTHS, key=likelihood))
