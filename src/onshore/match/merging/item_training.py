"""The item model learned from labelled pairs of items."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from onshore.match.merging.forest import Floats, Forest, grow
from onshore.match.merging.item_features import item_features
from onshore.match.merging.item_lines import Rarity, may_be_one, read_item
from onshore.match.merging.item_model import ItemModel

ROUNDS = 100
_FIELDS = ("description", "part_number", "issuer", "unit", "hs_code", "kind")


def item_pairs(pairs: pl.DataFrame) -> tuple[Floats, NDArray[np.bool_]]:
    """Give the features of pairs of items of one list, and which of them are forbidden to merge.

    Parameters
    ----------
    pairs
        Columns ``left_description``, ``right_description``; optional ``left_part_number`` and
        so on: part_number, issuer, unit, hs_code, kind.
    """
    texts = pairs.select(
        (pl.col(name).cast(pl.String).fill_null("") if name in pairs.columns else pl.lit("")).alias(
            name
        )
        for side in ("left_", "right_")
        for name in (side + field for field in _FIELDS)
    )
    rows = list(texts.iter_rows())
    width = len(_FIELDS)
    read = {
        cells: read_item("", cells[0], **dict(zip(_FIELDS[1:], cells[1:], strict=True)))
        for row in rows
        for cells in (row[:width], row[width:])
    }
    rarity = Rarity(list(read.values()))
    both = [(read[row[:width]], read[row[width:]]) for row in rows]
    features = np.array([item_features(a, b, rarity) for a, b in both])
    return features, np.array([not may_be_one(a, b) for a, b in both])


def learn_items(
    lists: Sequence[tuple[Floats, NDArray[np.int64]]],
    *,
    threshold: float,
    made_by: str,
    seed: int = 0,
) -> ItemModel:
    """Learn the item model from features and labels of pairs of several lists.

    Each list weighs the same, however long: its pairs are drawn with replacement to the mean
    length. Five forests are learned on five draws.
    """
    mean = int(np.mean([len(labels) for _, labels in lists]))
    forests: list[Forest] = []
    for draw in range(5):
        random = np.random.default_rng([seed, draw])
        drawn = [random.integers(0, len(labels), mean) for _, labels in lists]
        features = np.concatenate([f[at] for (f, _), at in zip(lists, drawn, strict=True)])
        labels = np.concatenate([y[at] for (_, y), at in zip(lists, drawn, strict=True)])
        forests.append(grow(features, labels, rounds=ROUNDS, seed=seed + draw))
    return ItemModel(Forest.mean(forests), threshold, made_by)
