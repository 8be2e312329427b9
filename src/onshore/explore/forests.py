"""Random forests: trained by scikit-learn, scored by compiled trees with the same result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from onshore.explore.categories import (
    Classes,
    encode,
    learned_classes,
    read_classes,
    saved_classes,
)
from onshore.explore.errors import ExploreError
from onshore.explore.methods import Array, Parts, checked_cells, checked_values
from onshore.explore.trees import Tree, Trees, laid_out


@dataclass(frozen=True)
class Forest:
    """A random forest (Breiman 2001), with deposits and background of equal weight.

    Attributes
    ----------
    trees : int
        How many.
    leaf : int
        Fewest cells in a leaf. 1, scikit-learn's own default, learns each deposit by heart.
    depth : int or None
        The most splits from root to leaf; None for no bound.
    features : "sqrt" or float
        Layers tried at each split: their square root, or a share of them.
    """

    trees: int = 100
    leaf: int = 20
    depth: int | None = None
    features: str | float = "sqrt"

    name = "forest"

    def fit(self, values: Array, kinds: Sequence[str], counts: Array, *, seed: int) -> FittedForest:
        """Learn from cells; see `Method.fit`."""
        from sklearn.ensemble import RandomForestClassifier

        values, kinds, counts = checked_cells(values, kinds, counts)
        learned = learned_classes(values, kinds, counts)
        forest = RandomForestClassifier(
            self.trees,
            min_samples_leaf=self.leaf,
            max_depth=self.depth,
            max_features=self.features,
            random_state=seed,
            n_jobs=1,
        )
        rows = encode(values, learned).T
        forest.fit(rows, counts > 0, sample_weight=equal_weights(counts))
        return FittedForest(trees_of_forest(forest), forest.feature_importances_, learned)


@dataclass(frozen=True)
class FittedForest:
    """The mean of the trees' shares of deposits in a cell's leaf.

    Attributes
    ----------
    trees : Trees
        What was trained.
    shares : float64 (layers,)
        Each layer's share of what all splits gained.
    classes : list of Classes
        Of the categorical layers.
    """

    trees: Trees
    shares: Array
    classes: list[Classes] = field(default_factory=list)
    name: str = "forest"
    uncertainty: str = "standard deviation between the trees"

    def score(self, values: Array) -> tuple[Array, Array]:
        """Give the mean of the trees and their standard deviation, float32 (n,)."""
        return spread_of_trees(
            self.trees, encode(checked_values(values, len(self.shares)), self.classes)
        )

    def describe(self) -> pl.DataFrame:
        """Tell each layer's share of what the splits gained (impurity)."""
        return shares_of_gain(self.shares)

    def parts(self) -> Parts:
        """Give what is saved."""
        return Parts(
            {**self.trees.arrays(), "shares": self.shares, **saved_classes(self.classes)},
            {"layers": len(self.shares), "uncertainty": self.uncertainty},
        )


METHOD = Forest


def restored(parts: Parts, name: str = Forest.name) -> FittedForest:
    """Make the fitted forest of its parts."""
    shares = read_shares(parts)
    trees = Trees.of_arrays(parts.arrays, len(shares))
    return FittedForest(trees, shares, read_classes(parts.arrays), name=name)


def read_shares(parts: Parts) -> Array:
    """Read the layers' shares; as many as there are layers."""
    shares = np.asarray(parts.arrays["shares"], np.float64)
    if shares.shape != (parts.settings["layers"],):
        raise ExploreError("the saved shares are not those of the layers. Train the model anew.")
    return shares


def trees_of_forest(forest: Any) -> Trees:
    """Take the trees out of scikit-learn's forest of two classes (its second is scored)."""
    return laid_out([tree_of(estimator.tree_) for estimator in forest.estimators_])


def tree_of(tree: Any) -> Tree:
    """Take one tree out of scikit-learn; its leaves hold shares of two classes."""
    return Tree(
        left=tree.children_left,
        right=tree.children_right,
        feature=tree.feature,
        threshold=tree.threshold,
        value=tree.value[:, 0, 1],
    )


def spread_of_trees(trees: Trees, columns: Array) -> tuple[Array, Array]:
    """Give mean and standard deviation of the trees' leaves, float32 (cells,)."""
    sums, squares = np.zeros(columns.shape[1]), np.zeros(columns.shape[1])
    trees.add(columns, sums, squares)
    mean = sums / len(trees)
    variance = np.maximum(squares / len(trees) - mean * mean, 0.0)
    variance *= len(trees) / max(len(trees) - 1, 1)
    return mean.astype(np.float32), np.sqrt(variance).astype(np.float32)


def equal_weights(counts: Array) -> Array:
    """Weigh cells so that deposits and background weigh the same, and 2 x the deposits in all."""
    background = np.count_nonzero(counts == 0)
    return np.where(counts > 0, counts, counts.sum() / background)


def shares_of_gain(shares: Array) -> pl.DataFrame:
    """Word importances as `Fitted.describe` gives them."""
    return pl.DataFrame(
        {
            "layer": np.arange(len(shares), dtype=np.int64),
            "what": ["share of gain"] * len(shares),
            "value": shares,
        }
    )
