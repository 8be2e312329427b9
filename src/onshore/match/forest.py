"""Forests of decision trees, kept as plain numbers and walked many rows at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any

import numpy as np

from onshore.match.errors import MatchError
from onshore.match.judging import pair_kernels

Table = np.ndarray[tuple[int, int], np.dtype[np.float64]]
Vector = np.ndarray[tuple[int], np.dtype[np.float64]]
Masks = np.ndarray[tuple[int, int], np.dtype[np.uint16]]

# The leaves of a tree are the bits of one number.
MOST_LEAVES = 16
_ROWS = 4096  # walked at a time, so that what is between stays in the cache
_ALL = (1 << MOST_LEAVES) - 1

# The place of the only bit of a number of 16 bits, by the upper 4 bits of its product with this.
_DE_BRUIJN = 0x9AF
_FIRST_BIT = np.zeros(MOST_LEAVES, dtype=np.int64)
_FIRST_BIT[[((1 << bit) * _DE_BRUIJN & _ALL) >> 12 for bit in range(MOST_LEAVES)]] = range(
    MOST_LEAVES
)


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

    Examples
    --------
    >>> tree = Tree([0, 1], [0.5, 2.0], [1, -1], [-3, -2], [1.0, 10.0, 100.0])
    >>> Forest([tree]).sums(np.array([[0.5, 2.0], [0.5, 2.1], [0.6, 0.0]])).tolist()
    [1.0, 10.0, 100.0]
    """

    def __init__(self, trees: Sequence[Tree]) -> None:
        self.trees = tuple(trees)

    @cached_property
    def _alone(self) -> "Forests":
        return Forests([self])

    def sums(self, rows: Table) -> Vector:
        """Give the sum of the trees' values for each row, the trees in their order."""
        sums: Vector = self._alone.sums(rows)[0]
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


class Forests:
    """Forests over the same features, walked together.

    Each tree's reachable leaves are a number of 16 bits; a row's value of a feature tells at
    once, for all trees, which leaves it rules out, and the first bit left is the leaf: after
    Lucchese et al. (2015), "QuickScorer: a fast algorithm to rank documents with additive
    ensembles of regression trees", SIGIR, laid out for whole columns.
    """

    def __init__(self, forests: Sequence[Forest]) -> None:
        trees = [tree for forest in forests for tree in forest.trees]
        self._groups = np.array(
            [0, *accumulate(len(forest.trees) for forest in forests)], dtype=np.int64
        )
        self._values = np.zeros((len(trees), MOST_LEAVES))
        cuts: dict[int, list[tuple[float, int, int]]] = {}
        for at, tree in enumerate(trees):
            order = tree.leaves()
            if len(order) > MOST_LEAVES:
                raise MatchError(
                    f"A tree has {len(order)} leaves; train with at most {MOST_LEAVES}."
                )
            self._values[at, : len(order)] = np.array(tree.values)[order]
            for feature, threshold, mask in tree.cuts():
                cuts.setdefault(feature, []).append((threshold, at, mask))
        self._features = np.array(sorted(cuts), dtype=np.int64)
        found = [_masks(cuts[feature], len(trees)) for feature in sorted(cuts)]
        self._bounds = np.array([0, *accumulate(len(t) for t, _ in found)], dtype=np.int64)
        self._thresholds = np.concatenate([np.zeros(0), *(t for t, _ in found)])
        self._masks = np.concatenate(
            [np.zeros((0, len(trees)), dtype=np.uint16), *(masks for _, masks in found)]
        )

    def sums(self, rows: Table) -> Table:
        """Give, for each forest and each row, the sum of the trees' values in their order."""
        compiled = pair_kernels(len(rows))
        if compiled is not None:
            sums: Table = compiled.tree_sums(
                np.ascontiguousarray(rows), self._features, self._bounds, self._thresholds,
                self._masks, self._values, _FIRST_BIT, self._groups,
            )  # fmt: skip
            return sums
        sums = np.zeros((len(self._groups) - 1, len(rows)))
        for start in range(0, len(rows), _ROWS):
            sums[:, start : start + _ROWS] = self._sums(rows[start : start + _ROWS])
        return sums

    def _sums(self, rows: Table) -> Table:
        reached = np.full((len(rows), self._masks.shape[1]), _ALL, np.uint16)
        for at, feature in enumerate(self._features.tolist()):
            start, end = self._bounds[at : at + 2].tolist()
            places = np.searchsorted(self._thresholds[start:end], rows[:, feature])
            # Of each feature there is a mask more than there are thresholds.
            reached &= self._masks[start + at + places]
        lowest = reached & -reached
        leaves = _FIRST_BIT[(lowest * np.uint16(_DE_BRUIJN)) >> np.uint16(12)]
        values = self._values.ravel()[leaves.T + MOST_LEAVES * np.arange(leaves.shape[1])[:, None]]
        # Along the first axis, NumPy adds row after row: the trees in their order.
        bounds = zip(self._groups[:-1], self._groups[1:], strict=True)
        return np.stack([values[start:end].sum(axis=0) for start, end in bounds])


def _masks(cuts: list[tuple[float, int, int]], trees: int) -> tuple[Vector, Masks]:
    """Give a feature's thresholds, and the masks of all trees up to and beyond each of them."""
    thresholds = np.array(sorted({threshold for threshold, _, _ in cuts}))
    masks = np.full((len(thresholds) + 1, trees), _ALL, np.uint16)
    for threshold, at, mask in cuts:
        masks[np.searchsorted(thresholds, threshold) + 1 :, at] &= np.uint16(mask)
    return thresholds, masks
