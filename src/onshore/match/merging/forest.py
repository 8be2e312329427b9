"""Boosted trees as plain arrays: learned with LightGBM, applied with NumPy alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from onshore.match.errors import MatchError

Floats = NDArray[np.float64]
Wholes = NDArray[np.int64]

# What is not known is a number that no feature has.
UNKNOWN = -1.0
_ROWS_AT_ONCE = 4096


@dataclass(frozen=True)
class Forest:
    """Trees that add up to log-odds.

    All nodes stand in one row: a value of ``feature`` at or below ``threshold`` leads to the
    node ``low``, any other to ``high``; a leaf leads to itself and holds its ``value``. ``roots``
    are the first nodes of the trees, ``depth`` the most steps from one to a leaf.
    """

    feature: Wholes
    threshold: Floats
    low: Wholes
    high: Wholes
    value: Floats
    roots: Wholes
    depth: int

    def log_odds(self, features: Floats) -> Floats:
        """Add up the leaves that each row of features falls into."""
        blocks = [
            self._block(np.where(np.isnan(block), UNKNOWN, block))
            for block in np.split(features, range(_ROWS_AT_ONCE, len(features), _ROWS_AT_ONCE))
        ]
        return np.concatenate(blocks)

    def _block(self, features: Floats) -> Floats:
        total = np.zeros(len(features))
        rows = np.arange(len(features))[:, None]
        for roots in np.split(self.roots, range(64, len(self.roots), 64)):
            at = np.tile(roots, (len(features), 1))
            for _ in range(self.depth):
                goes_low = features[rows, self.feature[at]] <= self.threshold[at]
                at = np.where(goes_low, self.low[at], self.high[at])
            total += self.value[at].sum(axis=1)
        return total

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Give what is kept of it in a file."""
        names = ("feature", "threshold", "low", "high", "value", "roots")
        return {name: getattr(self, name) for name in names} | {"depth": np.array(self.depth)}

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray[Any]], features: int) -> "Forest":
        """Rebuild it, refusing arrays that would lead nowhere.

        Raises
        ------
        ValueError
            The arrays are not those of a forest over so many features.
        """
        feature, low, high, roots = (
            arrays[name].astype(np.int64) for name in ("feature", "low", "high", "roots")
        )
        threshold, value = (arrays[name].astype(np.float64) for name in ("threshold", "value"))
        size = len(feature)
        nodes = np.concatenate([low, high, roots])
        if (
            {len(a) for a in (low, high, threshold, value)} != {size}
            or (size and (nodes.min() < 0 or nodes.max() >= size))
            or (size and (feature.min() < 0 or feature.max() >= features))
            or not np.isfinite(value).all()
        ):
            raise ValueError("not a forest over these features")
        return cls(feature, threshold, low, high, value, roots, int(arrays["depth"]))

    @classmethod
    def mean(cls, forests: Sequence["Forest"]) -> "Forest":
        """Join forests to one whose log-odds are the mean of theirs."""
        starts = np.cumsum([0, *(len(forest.feature) for forest in forests)])
        pairs = list(zip(forests, starts, strict=False))
        return cls(
            np.concatenate([f.feature for f in forests]),
            np.concatenate([f.threshold for f in forests]),
            np.concatenate([f.low + start for f, start in pairs]),
            np.concatenate([f.high + start for f, start in pairs]),
            np.concatenate([f.value for f in forests]) / len(forests),
            np.concatenate([f.roots + start for f, start in pairs]),
            max(f.depth for f in forests),
        )


def grow(features: Floats, labels: Wholes, *, rounds: int, seed: int) -> Forest:
    """Learn trees that tell labels 1 from 0 (LightGBM, one thread, repeatable).

    Raises
    ------
    MatchError
        LightGBM is not installed.
    """
    try:
        import lightgbm
    except ImportError:
        raise MatchError(
            "Learning needs LightGBM, which is not installed. "
            "Install the extra: pip install 'onshore[match]'. Scoring with a model works without."
        ) from None
    except OSError as missing:
        raise MatchError(
            f"Learning needs a system library: {missing}. On Debian: apt-get install libgomp1."
        ) from None
    settings = {
        "objective": "binary", "learning_rate": 0.05, "num_leaves": 15, "lambda_l2": 5.0,
        "min_data_in_leaf": max(1, min(10, len(labels) // 50)), "feature_fraction": 0.5,
        "bagging_fraction": 0.8, "bagging_freq": 1, "use_missing": False, "num_threads": 1,
        "deterministic": True, "force_row_wise": True, "seed": seed, "verbose": -1,
        "min_data_in_bin": 1 if len(labels) < 1000 else 3,
    }  # fmt: skip
    known = np.where(np.isnan(features), UNKNOWN, features)
    booster = lightgbm.train(settings, lightgbm.Dataset(known, labels), rounds)
    return _from_trees([tree["tree_structure"] for tree in booster.dump_model()["tree_info"]])


def _from_trees(trees: Sequence[dict[str, Any]]) -> Forest:
    nodes: list[list[float]] = []

    def add(node: dict[str, Any]) -> tuple[int, int]:
        at = len(nodes)
        nodes.append([0, np.inf, at, at, node.get("leaf_value", 0.0)])
        if "split_feature" not in node:
            return at, 0
        low, low_depth = add(node["left_child"])
        high, high_depth = add(node["right_child"])
        nodes[at] = [node["split_feature"], node["threshold"], low, high, 0.0]
        return at, 1 + max(low_depth, high_depth)

    added = [add(tree) for tree in trees]
    table = np.array(nodes, dtype=np.float64).reshape(-1, 5)
    feature, low, high = (table[:, column].astype(np.int64) for column in (0, 2, 3))
    roots = np.array([root for root, _ in added], dtype=np.int64)
    depth = max((steps for _, steps in added), default=0)
    return Forest(feature, table[:, 1], low, high, table[:, 4], roots, depth)
