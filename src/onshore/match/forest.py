"""Forests of decision trees, kept as plain numbers and walked many rows at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from onshore.match.errors import MatchError

Table = np.ndarray[tuple[int, int], np.dtype[np.float64]]
Vector = np.ndarray[tuple[int], np.dtype[np.float64]]
Masks = np.ndarray[tuple[int, int], np.dtype[np.uint16]]

# The leaves of a tree are the bits of one number.
MOST_LEAVES = 16
_ROWS = 4096  # walked at a time, so that what is between stays in the cache


@dataclass(frozen=True)
class Tree:
    """A decision tree: a row goes left where its feature is at most the threshold.

    Each inner node has an entry in ``features``, ``thresholds``, ``left`` and ``right``; a child
    below 0 is the leaf ``~child`` with that entry of ``values``. The root is node 0; a tree of
    one leaf has no nodes.
    """

    features: Sequence[int]
    thresholds: Sequence[float]
    left: Sequence[int]
    right: Sequence[int]
    values: Sequence[float]

    def cuts(self) -> Iterator[tuple[int, float, int]]:
        """Give for each node the leaves that a row greater than its threshold cannot reach.

        They are given as a mask in which the bits of the other leaves are set, the leaves
        counted from the left.
        """
        order = self.leaves()
        place = {leaf: at for at, leaf in enumerate(order)}
        for node, (feature, threshold) in enumerate(
            zip(self.features, self.thresholds, strict=True)
        ):
            lost = sum(1 << place[leaf] for leaf in self.leaves(self.left[node]))
            yield feature, threshold, (1 << MOST_LEAVES) - 1 - lost

    def leaves(self, node: int = 0) -> list[int]:
        """Give the leaves below a node from left to right."""
        if not self.features:
            return [0]
        if node < 0:
            return [~node]
        return [*self.leaves(self.left[node]), *self.leaves(self.right[node])]


class Forest:
    """Trees whose values are added up.

    Each tree's reachable leaves are a number of 16 bits; a row's value of a feature tells at
    once, for all trees, which leaves it rules out, and the first bit left is the leaf: after
    Lucchese et al. (2015), "QuickScorer: a fast algorithm to rank documents with additive
    ensembles of regression trees", SIGIR, laid out for whole columns.

    Examples
    --------
    >>> tree = Tree([0, 1], [0.5, 2.0], [1, -1], [-3, -2], [1.0, 10.0, 100.0])
    >>> Forest([tree]).sums(np.array([[0.5, 2.0], [0.5, 2.1], [0.6, 0.0]])).tolist()
    [1.0, 10.0, 100.0]
    """

    def __init__(self, trees: Sequence[Tree]) -> None:
        self.trees = tuple(trees)
        values = np.zeros((len(self.trees), MOST_LEAVES))
        cuts: dict[int, list[tuple[float, int, int]]] = {}
        for at, tree in enumerate(self.trees):
            order = tree.leaves()
            if len(order) > MOST_LEAVES:
                raise MatchError(
                    f"A tree has {len(order)} leaves; train with at most {MOST_LEAVES}."
                )
            values[at, : len(order)] = np.array(tree.values)[order]
            for feature, threshold, mask in tree.cuts():
                cuts.setdefault(feature, []).append((threshold, at, mask))
        self._values = values.ravel()
        self._offsets = (np.arange(len(self.trees)) * MOST_LEAVES).astype(np.int64)
        self._first_bit = np.array(
            [(n & -n).bit_length() - 1 if n else 0 for n in range(1 << MOST_LEAVES)], dtype=np.uint8
        )
        self._masks = {feature: self._masks_of(found) for feature, found in sorted(cuts.items())}

    def _masks_of(self, cuts: list[tuple[float, int, int]]) -> tuple[Vector, Masks]:
        """Give a feature's thresholds, and the masks of all trees beyond each of them."""
        thresholds = np.array(sorted({threshold for threshold, _, _ in cuts}))
        masks = np.full((len(thresholds) + 1, len(self.trees)), (1 << MOST_LEAVES) - 1, np.uint16)
        for threshold, at, mask in cuts:
            masks[np.searchsorted(thresholds, threshold) + 1 :, at] &= np.uint16(mask)
        return thresholds, masks

    def sums(self, rows: Table) -> Vector:
        """Give the sum of the trees' values for each row, the trees in their order."""
        sums = np.zeros(len(rows))
        for start in range(0, len(rows), _ROWS):
            part = rows[start : start + _ROWS]
            reached = np.full((len(part), len(self.trees)), (1 << MOST_LEAVES) - 1, np.uint16)
            for feature, (thresholds, masks) in self._masks.items():
                reached &= masks[np.searchsorted(thresholds, part[:, feature])]
            leaves = self._first_bit[reached] + self._offsets
            # Along the first axis, NumPy adds row after row: the trees in their order.
            sums[start : start + _ROWS] = self._values[leaves.T].sum(axis=0)
        return sums

    def written(self) -> list[dict[str, Any]]:
        """Give the trees as plain lists."""
        return [
            {
                "features": list(tree.features),
                "thresholds": list(tree.thresholds),
                "left": list(tree.left),
                "right": list(tree.right),
                "values": list(tree.values),
            }
            for tree in self.trees
        ]

    @classmethod
    def read(cls, written: Sequence[dict[str, Any]]) -> "Forest":
        """Read what `written` gave."""
        return cls([Tree(**tree) for tree in written])
