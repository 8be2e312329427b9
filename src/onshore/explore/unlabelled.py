"""Learning from deposits that are known and ground of which nothing is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from onshore.explore.categories import encode, learned_classes
from onshore.explore.forests import FittedForest, tree_of
from onshore.explore.forests import restored as restored_forest
from onshore.explore.methods import Array, Parts, checked_cells
from onshore.explore.trees import laid_out


@dataclass(frozen=True)
class Unlabelled:
    """Bagging of trees on few unlabelled cells each (Mordelet and Vert 2014).

    Ground without a known deposit is not ground without a deposit. Each tree sees the known
    deposits, drawn with replacement, and as many cells of the background: few, so that a hidden
    deposit is in hardly any tree's background, and the trees that do not hold it raise its score.

    Attributes
    ----------
    trees : int
        How many.
    leaf : int
        Fewest cells in a leaf.
    background : float
        Background cells drawn for each deposit drawn.
    features : "sqrt" or float
        Layers tried at each split: their square root, or a share of them.
    """

    trees: int = 200
    leaf: int = 5
    background: float = 1.0
    features: str | float = "sqrt"

    name = "positive-unlabelled"

    def fit(self, values: Array, kinds: Sequence[str], counts: Array, *, seed: int) -> FittedForest:
        """Learn from cells; see `Method.fit`."""
        from sklearn.tree import DecisionTreeClassifier

        values, kinds, counts = checked_cells(values, kinds, counts)
        learned = learned_classes(values, kinds, counts)
        rows = np.ascontiguousarray(encode(values, learned).T)
        random = np.random.default_rng(seed)
        known, unlabelled = np.flatnonzero(counts), np.flatnonzero(counts == 0)
        share = counts[known] / counts[known].sum()
        many = max(len(known), 2 * self.leaf)
        drawn = min(len(unlabelled), max(2 * self.leaf, round(self.background * many)))
        made, shares = [], np.zeros(len(kinds))
        for _ in range(self.trees):
            cells = np.concatenate(
                [random.choice(known, many, p=share), random.choice(unlabelled, drawn)]
            )
            weights = np.repeat([1 / many, 1 / drawn], [many, drawn])
            tree = DecisionTreeClassifier(
                min_samples_leaf=self.leaf,
                max_features=self.features,
                random_state=int(random.integers(2**31)),
            )
            tree.fit(rows[cells], counts[cells] > 0, sample_weight=weights)
            made.append(tree_of(tree.tree_))
            shares += tree.feature_importances_ / self.trees
        return FittedForest(laid_out(made), shares, learned, name=self.name)


METHOD = Unlabelled


def restored(parts: Parts) -> FittedForest:
    """Make the fitted method of its parts."""
    return restored_forest(parts, Unlabelled.name)
