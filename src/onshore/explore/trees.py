"""Decision trees as flat arrays: what scikit-learn and LightGBM train, this scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from onshore.explore.errors import ExploreError
from onshore.explore.methods import Array

_MOST_SMALL = 31  # leaves a bit each, of an int32 without its sign
_DEEPEST = 500


@dataclass(frozen=True)
class Trees:
    """Trees one after the other, each laid out breadth first.

    Attributes
    ----------
    roots : int32 (trees,)
        Where each tree begins.
    feature : int32 (nodes,)
        The layer a node looks at; 0 at a leaf.
    threshold : float32 (nodes,)
        A cell goes left where its value is at most this; infinite at a leaf.
    left : int32 (nodes,)
        The left child, beside which the right one stands; a leaf's own place.
    value : float64 (nodes,)
        What a leaf adds; 0 elsewhere.
    """

    roots: Array
    feature: Array
    threshold: Array
    left: Array
    value: Array
    _none: Array = field(default_factory=lambda: np.empty(0), repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.roots)

    def add(self, columns: Array, sums: Array, squares: Array | None = None) -> None:
        """Add every tree's leaf value to ``sums``, and its square to ``squares``.

        ``columns`` is float32 (layers, cells), contiguous; the sums are float64 (cells,).
        """
        from onshore.explore import tree_kernels

        small = self._small if squares is None else None
        if small is not None:
            first, feature, threshold, mask, leaf = small
            tree_kernels.add_small(columns, first, feature, threshold, mask, leaf, sums)
            return
        tree_kernels.add_deep(
            columns,
            self.roots,
            self.feature,
            self.threshold,
            self.left,
            self.value,
            sums,
            self._none if squares is None else squares,
        )

    def arrays(self) -> dict[str, Array]:
        """Give the arrays by name."""
        return {
            "roots": self.roots,
            "feature": self.feature,
            "threshold": self.threshold,
            "left": self.left,
            "value": self.value,
        }

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, Array], layers: int) -> Trees:
        """Make trees of saved arrays, checking that no path leads out of them or in a circle."""
        trees = cls(
            roots=_typed(arrays["roots"], np.int32),
            feature=_typed(arrays["feature"], np.int32),
            threshold=_typed(arrays["threshold"], np.float32),
            left=_typed(arrays["left"], np.int32),
            value=_typed(arrays["value"], np.float64),
        )
        fault = trees._fault(layers)
        if fault:
            raise ExploreError(
                f"the saved trees are damaged: {fault}. Train the model anew, or fetch it again."
            )
        return trees

    def _fault(self, layers: int) -> str | None:
        nodes = len(self.left)
        if not nodes or {len(self.feature), len(self.threshold), len(self.value)} != {nodes}:
            return "the arrays are of different length"
        ends = np.append(self.roots[1:], nodes)
        if not len(self.roots) or self.roots[0] != 0 or np.any(ends <= self.roots):
            return "trees do not follow each other"
        place = np.arange(nodes)
        leaf = self.left == place
        end = np.repeat(ends, np.diff(np.append(self.roots, nodes)))
        if np.any(~leaf & ((self.left <= place) | (self.left + 1 >= end))):
            return "a node leads outside its tree"
        if np.any((self.feature < 0) | (self.feature >= layers)):
            return f"a node looks at a layer beyond the {layers} there are"
        if np.any(np.isnan(self.threshold)) or not np.all(np.isfinite(self.value)):
            return "a threshold or a leaf is not a number"
        if max(self._depths(), default=0) > _DEEPEST:
            return f"a tree is deeper than {_DEEPEST}"
        return None

    def _depths(self) -> list[int]:
        depth = np.zeros(len(self.left), np.int32)
        for node, child in enumerate(self.left.tolist()):
            if child != node:
                depth[child] = depth[child + 1] = depth[node] + 1
        return np.maximum.reduceat(depth, self.roots).tolist()  # type: ignore[no-any-return]

    @cached_property
    def _small(self) -> tuple[Array, Array, Array, Array, Array] | None:
        """The splits with the leaves they take away, where every tree has 31 leaves or fewer."""
        ends = np.append(self.roots[1:], len(self.left))
        if np.max(ends - self.roots) > 2 * _MOST_SMALL - 1:
            return None
        first, feature, threshold, masks = [0], [], [], []
        leaves = np.zeros((len(self), _MOST_SMALL + 1))
        for tree, root in enumerate(self.roots.tolist()):
            found: list[float] = []
            splits = self._splits(root, found)
            for node, mask in splits:
                feature.append(self.feature[node])
                threshold.append(self.threshold[node])
                masks.append(mask)
            leaves[tree, : len(found)] = found
            first.append(len(masks))
        return (
            np.array(first, np.int64),
            np.array(feature, np.int64),
            np.array(threshold, np.float32),
            np.array(masks, np.int32),
            leaves,
        )

    def _splits(self, node: int, leaves: list[float]) -> list[tuple[int, int]]:
        """Give each split below with all bits but its left side's; leaves go from left to right."""
        child = int(self.left[node])
        if child == node:
            leaves.append(float(self.value[node]))
            return []
        before = len(leaves)
        on_left = self._splits(child, leaves)
        taken = (1 << len(leaves)) - (1 << before)
        return [(node, ~taken), *on_left, *self._splits(child + 1, leaves)]


@dataclass(frozen=True)
class Tree:
    """One tree with its children anywhere: -1 for the children of a leaf; thresholds float64."""

    left: Array
    right: Array
    feature: Array
    threshold: Array
    value: Array


def laid_out(trees: Sequence[Tree]) -> Trees:
    """Lay trees out breadth first, one after the other."""
    roots, parts, base = [], [], 0
    for tree in trees:
        order = [0]
        for node in order:
            if tree.left[node] >= 0:
                order += [int(tree.left[node]), int(tree.right[node])]
        roots.append(base)
        parts.append(_moved(tree, np.array(order), base))
        base += len(order)
    names = ("feature", "threshold", "left", "value")
    columns = {name: np.concatenate([part[name] for part in parts]) for name in names}
    return Trees(roots=np.array(roots, np.int32), **columns)


def _moved(tree: Tree, order: Array, base: int) -> dict[str, Array]:
    is_leaf = tree.left[order] < 0
    place = np.arange(len(order))
    new = np.empty(len(tree.left), np.int64)
    new[order] = place
    return {
        "feature": np.where(is_leaf, 0, tree.feature[order]).astype(np.int32),
        "threshold": np.where(is_leaf, np.inf, not_above(tree.threshold[order])).astype(np.float32),
        "left": (base + np.where(is_leaf, place, new[tree.left[order]])).astype(np.int32),
        "value": np.where(is_leaf, tree.value[order], 0.0).astype(np.float64),
    }


def not_above(thresholds: Array) -> Array:
    """Give the greatest float32 that is not above: x <= t is the same for every float32 x."""
    thresholds = np.asarray(thresholds, np.float64)
    near = np.clip(thresholds, -3.4028234663852886e38, 3.4028234663852886e38).astype(np.float32)
    above = near.astype(np.float64) > thresholds
    with np.errstate(over="ignore"):  # below the least float32 there is minus infinity
        near[above] = np.nextafter(near[above], np.float32(-np.inf))
    return np.asarray(near)


def _typed(array: Array, kind: Any) -> Array:
    return np.ascontiguousarray(array, dtype=kind)
