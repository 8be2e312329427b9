"""Bagged gradient boosting: trained by LightGBM, scored by compiled trees with the same result."""

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
from onshore.explore.forests import equal_weights, read_shares, shares_of_gain
from onshore.explore.methods import Array, Parts, checked_cells, checked_values
from onshore.explore.trees import Tree, Trees, laid_out


@dataclass(frozen=True)
class Boosted:
    """Gradient boosting (LightGBM) on several draws of the cells, averaged.

    Attributes
    ----------
    bags : int
        Boosted models, each of cells drawn with replacement; their spread is the uncertainty.
    trees : int
        Trees in each.
    leaves : int
        The most leaves of a tree; up to 31 are scored fastest.
    rate : float
        What share of a tree's correction is taken.
    leaf_deposits : float
        Least weight of a leaf, in deposits (with as much background beside them).
    features : float
        Share of the layers tried at each split, drawn anew (as in a random forest): trees differ
        more, and their mean generalises better.
    ridge : float
        L2 penalty of leaf values.
    """

    bags: int = 10
    trees: int = 24
    leaves: int = 24
    rate: float = 0.15
    leaf_deposits: float = 1.0
    features: float = 0.4
    ridge: float = 1.0

    name = "boosted"

    def fit(
        self, values: Array, kinds: Sequence[str], counts: Array, *, seed: int
    ) -> FittedBoosted:
        """Learn from cells; see `Method.fit`."""
        values, kinds, counts = checked_cells(values, kinds, counts)
        if self.bags < 2 or self.trees < 1 or not 2 <= self.leaves <= 255:
            raise ExploreError(
                "boosting takes at least 2 bags, 1 tree and 2 to 255 leaves. Found: "
                f"bags={self.bags}, trees={self.trees}, leaves={self.leaves}."
            )
        learned = learned_classes(values, kinds, counts)
        rows = np.ascontiguousarray(encode(values, learned).T)
        random = np.random.default_rng(seed)
        bags = []
        for _ in range(self.bags):
            drawn = drawn_counts(counts, random)
            kept = drawn > 0
            weights = equal_weights(counts) * drawn
            weights[counts == 0] *= weights[counts > 0].sum() / weights[counts == 0].sum()
            bags.append(
                self._boosted(rows[kept], counts[kept] > 0, weights[kept], random.integers(2**31))
            )
        gains = np.sum([bag.feature_importance("gain") for bag in bags], axis=0)
        shares = gains / max(gains.sum(), 1e-300)
        return FittedBoosted([trees_of_booster(bag) for bag in bags], shares, learned)

    def _boosted(self, rows: Array, known: Array, weights: Array, seed: Any) -> Any:
        try:
            import lightgbm
        except OSError as missing:
            raise ExploreError(
                f"boosted trees need a system library: {missing}. On Debian: apt-get install "
                "libgomp1; the methods forest, logistic and weights work without."
            ) from None
        settings = {
            "objective": "binary",
            "num_leaves": self.leaves,
            "learning_rate": self.rate,
            "min_data_in_leaf": 1,
            "min_sum_hessian_in_leaf": self.leaf_deposits / 2,  # p (1 - p) = 1/4, twice
            "feature_fraction_bynode": self.features,
            "lambda_l2": self.ridge,
            "boost_from_average": False,
            "use_missing": False,
            "seed": int(seed),
            "num_threads": 1,
            "deterministic": True,
            "force_row_wise": True,
            "verbose": -1,
        }
        return lightgbm.train(settings, lightgbm.Dataset(rows, known, weight=weights), self.trees)


@dataclass(frozen=True)
class FittedBoosted:
    """The mean of the bags' probabilities; their spread is the uncertainty.

    Attributes
    ----------
    bags : list of Trees
        Trees whose sum is the logarithm of the odds.
    shares : float64 (layers,)
        Each layer's share of what all splits gained.
    classes : list of Classes
        Of the categorical layers.
    """

    bags: list[Trees]
    shares: Array
    classes: list[Classes] = field(default_factory=list)
    name: str = "boosted"
    uncertainty: str = "standard deviation between the bags"

    def score(self, values: Array) -> tuple[Array, Array]:
        """Give mean and standard deviation of the bags, float32 (n,)."""
        columns = encode(checked_values(values, len(self.shares)), self.classes)
        cells, bags = columns.shape[1], len(self.bags)
        mean, squares = np.zeros(cells), np.zeros(cells)
        for done, bag in enumerate(self.bags):  # Welford: no difference of large squares
            log_odds = np.zeros(cells)
            bag.add(columns, log_odds)
            share = 1 / (1 + np.exp(-log_odds))
            off = share - mean
            mean += off / (done + 1)
            squares += off * (share - mean)
        return mean.astype(np.float32), np.sqrt(squares / (bags - 1)).astype(np.float32)

    def describe(self) -> pl.DataFrame:
        """Tell each layer's share of what the splits gained (log-likelihood)."""
        return shares_of_gain(self.shares)

    def parts(self) -> Parts:
        """Give what is saved."""
        arrays = {
            f"{name}_{place}": array
            for place, bag in enumerate(self.bags)
            for name, array in bag.arrays().items()
        }
        return Parts(
            {**arrays, "shares": self.shares, **saved_classes(self.classes)},
            {"layers": len(self.shares), "bags": len(self.bags), "uncertainty": self.uncertainty},
        )


METHOD = Boosted


def restored(parts: Parts) -> FittedBoosted:
    """Make the fitted method of its parts."""
    shares, count = read_shares(parts), int(parts.settings["bags"])
    names = ("roots", "feature", "threshold", "left", "value")
    bags = [
        Trees.of_arrays({name: parts.arrays[f"{name}_{place}"] for name in names}, len(shares))
        for place in range(count)
    ]
    if len(bags) < 2:
        raise ExploreError("the saved model has fewer than 2 bags. Train it anew.")
    return FittedBoosted(bags, shares, read_classes(parts.arrays))


def drawn_counts(counts: Array, random: np.random.Generator) -> Array:
    """Draw deposits and background with replacement, as many as there are; times drawn."""
    drawn = np.zeros(len(counts))
    for of in (counts > 0, counts == 0):
        places = np.flatnonzero(of)
        np.add.at(drawn, random.choice(places, len(places)), 1.0)
    return drawn


def trees_of_booster(booster: Any) -> Trees:
    """Take the trees out of a LightGBM model without categories and missing values."""
    told = booster.dump_model()["tree_info"]
    return laid_out([_flat(tree["tree_structure"]) for tree in told])


def _flat(root: dict[str, Any]) -> Tree:
    nodes: list[dict[str, Any]] = [root]
    left, right = [], []
    for node in nodes:
        if "split_feature" in node:
            left.append(len(nodes))
            right.append(len(nodes) + 1)
            nodes += [node["left_child"], node["right_child"]]
        else:
            left.append(-1)
            right.append(-1)
    return Tree(
        left=np.array(left),
        right=np.array(right),
        feature=np.array([node.get("split_feature", 0) for node in nodes]),
        threshold=np.array([node.get("threshold", 0.0) for node in nodes]),
        value=np.array([node.get("leaf_value", 0.0) for node in nodes]),
    )
