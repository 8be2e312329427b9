"""Items that are the same good, as clusters with their reasons."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import polars as pl

from onshore.match.agreement import compare
from onshore.match.merging.blocking import pairs_worth_comparing
from onshore.match.merging.clusters import LEAST, Likely, cluster
from onshore.match.merging.item_features import cosine, item_features
from onshore.match.merging.item_lines import (
    ItemLine,
    Rarity,
    conflicts,
    may_be_one,
    read_item,
)
from onshore.match.merging.item_model import ItemModel, shipped_model
from onshore.match.merging.line_keys import line_key
from onshore.match.merging.tables import check_ids, texts_of
from onshore.match.reasons import write_reasons

_OPTIONAL = (
    "attributes", "part_number", "part_number_issuer", "brand", "unit", "hs_code", "class",
)  # fmt: skip
_SCHEMA = {
    "item_id": pl.String,
    "cluster_id": pl.String,
    "probability": pl.Float64,
    "reasons": pl.String,
}
# Less in common than this is no duplicate, unless a part number or the spelling agrees.
_LEAST_COSINE = 0.3
_AT_ONCE = 20_000

Told = tuple[str | None, float, str | None]
_ALONE: Told = (None, 1.0, None)


def merge_items(items: pl.DataFrame) -> pl.DataFrame:
    """Find items that are the same good.

    Lines that are equal after normalisation are one good without further question. Others are
    compared where they share something rare, and a learned model gives the probability that
    they are the same. Items never are if a size, a rating, a standard or a part number that
    both state differs, or if one alone states sizes and no part number agrees; nor are those in
    a cluster with such a one.

    Parameters
    ----------
    items
        Columns ``item_id`` and ``description``; optional ``attributes``, ``part_number``,
        ``part_number_issuer`` (or ``brand``), ``unit``, ``hs_code``, ``class``. Other columns
        are ignored.

    Returns
    -------
    DataFrame
        One row per item in the order of ``items``: ``item_id`` (String), ``cluster_id``
        (String, the least id of the cluster's items), ``probability`` (Float64, 0 to 1: of an
        item that is merged, that it is the same as the cluster's others, on average; of one
        alone, that it is the same as no other) and ``reasons`` (String): a JSON object as
        `explain` takes it, with ``with``, the id of the item it is compared with. For an item
        alone this is the likeliest other, if any: what differs tells why it was not merged.
        Null where no item comes near.

    Raises
    ------
    MatchError
        A column is missing, or an id is empty or occurs twice.

    Examples
    --------
    >>> items = pl.DataFrame({
    ...     "item_id": ["1", "2", "3"],
    ...     "description": [
    ...         "Gear pump 7.5 kW KX-8814", "KX8814 pump, gear, 7500 W", "Gear pump 11 kW",
    ...     ],
    ... })
    >>> merge_items(items)["cluster_id"].to_list()
    ['1', '1', '3']
    """
    texts = texts_of(items, "items", ["item_id", "description"], _OPTIONAL)
    check_ids(texts["item_id"], "items")
    lines = _different_lines(texts)
    compared = Compared.of([line.item for line in lines], shipped_model())
    rows: dict[str, Told] = {}
    for members in compared.clusters():
        for at in members:
            rows |= _told(at, members, lines, compared)
    told = [rows.get(identifier, _ALONE) for identifier in texts["item_id"]]
    return pl.DataFrame(
        [
            (i, cluster or i, *rest)
            for i, (cluster, *rest) in zip(texts["item_id"], told, strict=True)
        ],
        schema=_SCHEMA,
        orient="row",
    )


@dataclass(frozen=True)
class DifferentLine:
    """A line that some items have in common: what it says and their ids in order."""

    item: ItemLine
    ids: list[str]


@dataclass(frozen=True)
class Compared:
    """Items that differ in their lines, and how probably two of them are the same.

    ``chances`` of pairs, the lower position first, are 0 where something forbids a merger;
    ``nearest`` is for each position the likeliest other, whatever forbids it.
    """

    items: Sequence[ItemLine]
    model: ItemModel
    rarity: Rarity
    chances: dict[tuple[int, int], float] = field(default_factory=dict)
    nearest: dict[int, tuple[float, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, items: Sequence[ItemLine], model: ItemModel) -> "Compared":
        """Compare the items that share something rare."""
        compared = cls(items, model, Rarity(items))
        lows, highs = pairs_worth_comparing(
            [item.terms for item in items], [item.grams for item in items]
        )
        pairs = [
            (low, high)
            for low, high in zip(lows.tolist(), highs.tolist(), strict=True)
            if compared._is_near(items[low], items[high])
        ]
        compared._add(pairs)
        return compared

    def clusters(self) -> list[list[int]]:
        """Give the clusters of positions."""
        likely = [Likely(*pair, chance) for pair, chance in self.chances.items()]
        return cluster(len(self.items), likely, self.chance, threshold=self.model.threshold)

    def chance(self, a: int, b: int) -> float:
        """Give how probably two positions are the same; 1 for one position."""
        if a == b:
            return 1.0
        pair = (min(a, b), max(a, b))
        if pair not in self.chances:
            self._add([pair])
        return self.chances[pair]

    def likeliest(self, at: int) -> float:
        """Give how probably a position is the same as the likeliest other."""
        return max((self.chances[pair] for pair in self._pairs_of[at]), default=0.0)

    @cached_property
    def _pairs_of(self) -> dict[int, list[tuple[int, int]]]:
        of: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for pair in self.chances:
            for at in pair:
                of[at].append(pair)
        return of

    def _is_near(self, a: ItemLine, b: ItemLine) -> bool:
        return (
            2 * len(a.grams & b.grams) >= min(len(a.grams), len(b.grams))
            or cosine(a, b, self.rarity) >= _LEAST_COSINE
            or not a.line.part_numbers.own.keys().isdisjoint(b.line.part_numbers.own)
        )

    def _add(self, pairs: Sequence[tuple[int, int]]) -> None:
        for start in range(0, len(pairs), _AT_ONCE):
            block = pairs[start : start + _AT_ONCE]
            features = [item_features(self.items[a], self.items[b], self.rarity) for a, b in block]
            raw = self.model.probability(np.array(features)).round(6).tolist()
            for (a, b), chance in zip(block, raw, strict=True):
                for at, other in ((a, b), (b, a)):
                    self.nearest[at] = max(self.nearest.get(at, (0.0, -1)), (chance, other))
                one = chance < LEAST or may_be_one(self.items[a], self.items[b])
                self.chances[a, b] = chance if one else 0.0


def _different_lines(texts: pl.DataFrame) -> list[DifferentLine]:
    """Give the different lines in an order of their own; those that say nothing are left out."""
    ids: dict[str, list[str]] = {}
    fields: dict[str, dict[str, str]] = {}
    for row in texts.iter_rows(named=True):
        description = f"{row['description']} {row['attributes']}"
        issuer = row["part_number_issuer"] or row["brand"]
        key = line_key(description, part_number=row["part_number"], brand=issuer)
        ids.setdefault(key, []).append(row["item_id"])
        fields[key] = {
            "description": description,
            "part_number": row["part_number"],
            "issuer": issuer,
            "unit": row["unit"],
            "hs_code": row["hs_code"],
            "kind": row["class"],
        }
    lines = [DifferentLine(read_item(key, **fields[key]), sorted(ids[key])) for key in sorted(ids)]
    return [line for line in lines if not line.item.is_blank]


def _told(
    at: int, members: Sequence[int], lines: Sequence[DifferentLine], compared: Compared
) -> dict[str, Told]:
    """Give cluster, probability and reasons of each item that has a line."""
    own = lines[at].ids
    cluster_id = min(lines[member].ids[0] for member in members)
    others = sum(len(lines[member].ids) for member in members) - 1
    total = sum(len(lines[member].ids) * compared.chance(at, member) for member in members) - 1
    probability = total / others if others else 1 - compared.likeliest(at)
    told: dict[str, Told] = {}
    for identifier in own:
        other, like = _partner(at, identifier, members, lines, compared)
        reasons = _reasons(lines[at].item, lines[like].item, other) if other else None
        told[identifier] = (cluster_id, round(probability, 6), reasons)
    return told


def _partner(
    at: int,
    identifier: str,
    members: Sequence[int],
    lines: Sequence[DifferentLine],
    compared: Compared,
) -> tuple[str | None, int]:
    """Give the item that another is best compared with, and the position of its line."""
    equal = next((other for other in lines[at].ids if other != identifier), None)
    if equal:
        return equal, at
    like = max((b for b in members if b != at), key=lambda b: compared.chance(at, b), default=-1)
    if like < 0:
        chance, like = compared.nearest.get(at, (0.0, -1))
        if chance < LEAST:
            return None, at
    return lines[like].ids[0], like


def _reasons(item: ItemLine, other: ItemLine, with_: str) -> str:
    said = json.loads(write_reasons(compare(item.line, other.line), item.line, other.line))
    if item is not other:
        differ: list[list[str]] = said.get("differ", [])
        differ += [list(r) for r in conflicts(item, other) if list(r) not in differ]
        said |= {"differ": differ} if differ else {}
    return json.dumps({"with": with_, **said}, ensure_ascii=False)
