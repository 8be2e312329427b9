"""What an instance asks for beyond budgets, capacities and shares of single groups, as arrays.

Links and requirements become rows on how many makers items have, all of the form
sum of factor x makers <= limit. With n the makers of an item and K the most of them, an item is
made to at least n / K and at most n:

- exclude: n / K + n' / K' <= 1;
- together: n / K <= n' and n' / K' <= n;
- required: -n <= -1.

Every plan keeps these rows; for items with one maker they say all that the links say.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from onshore.plan.instance import Instance
from onshore.plan.large.arrays import Floats, Whole
from onshore.plan.large.options import Names, Options, sets_of_floors
from onshore.plan.starts import opened_by


class Demands(NamedTuple):
    """Floors of any kind, rows on items, and openings.

    ``counts_for`` is each option's set of floors, a row of ``member`` (a column a floor, 0 or 1).
    A floor's group is worth at least ``share`` x the whole + ``owed``, and ``amount``.

    ``required`` are items; ``together`` and ``exclude`` are pairs of items, a row each, -1 where an
    item has no option. An entry of a row on items is ``row``, ``item`` and ``factor``; ``limit`` is
    a row's.

    ``cost`` is that of each opening; ``begins`` bounds its entries of ``resources``: those whose
    every option makes use of it. ``sunk`` is what any plan that is worth anything opens, since
    floors ask for the groups; such openings are not among the others.
    """

    counts_for: Whole
    member: Floats
    share: Floats
    owed: Floats
    amount: Floats
    row: Whole
    item: Whole
    factor: Floats
    limit: Floats
    required: Whole
    together: Whole
    exclude: Whole
    cost: Floats
    begins: Whole
    resources: Whole
    sunk: float


def demands_of(instance: Instance, starts: pl.DataFrame, options: Options, names: Names) -> Demands:
    """Read what is asked for; ``starts`` are the options as a table, in the same order."""
    sets = sets_of_floors(names.candidates["group"], instance)
    member, of_candidate = np.unique(sets, axis=0, return_inverse=True)
    floors = instance.floors

    def floor(column: str) -> Floats:
        if floors is None:
            return np.zeros(0)
        return np.asarray(floors[column].to_numpy(), dtype=np.float64)

    share, owed = floor("floor_share"), floor("owed")
    first = options.item_begins[:-1].tolist()
    at = {name: place for place, name in enumerate(starts["item"].gather(first))}
    required, together, exclude = _about_items(instance, at)
    row, item, factor, limit = _item_rows(required, together, exclude, options.makers)
    cost, begins, resources, sunk = _openings(instance, starts, options)
    return Demands(
        counts_for=of_candidate.ravel().astype(np.int64)[names.candidate_of],
        member=member.astype(np.float64),
        share=share,
        owed=owed,
        amount=floor("floor_amount"),
        row=row,
        item=item,
        factor=factor,
        limit=limit,
        required=required,
        together=together,
        exclude=exclude,
        cost=cost,
        begins=begins,
        resources=resources,
        sunk=sunk,
    )


def settle(demands: Demands, price: Floats) -> tuple[Whole, Whole]:
    """Settle beforehand which items have to be made and which must not.

    Items that go together are one; of those that exclude each other the dearer place is taken.
    """
    unit = np.arange(len(price))
    both = demands.together[(demands.together >= 0).all(axis=1)]
    before = np.full_like(unit, -1)
    while not np.array_equal(before, unit):
        before = unit.copy()
        least = np.minimum(unit[both[:, 0]], unit[both[:, 1]])
        np.minimum.at(unit, both[:, 0], least)
        np.minimum.at(unit, both[:, 1], least)
    worth = np.bincount(unit, price, minlength=len(price))
    worth[unit[demands.required[demands.required >= 0]]] = np.inf
    several = np.bincount(unit, minlength=len(price)) > 1
    barred = several & (worth <= 0)
    lost = demands.together[(demands.together < 0).any(axis=1)].ravel()
    barred[unit[lost[lost >= 0]]] = True
    pairs = unit[demands.exclude[(demands.exclude >= 0).all(axis=1)]]
    for at in np.argsort(-worth[pairs].max(axis=1, initial=-np.inf), kind="stable"):
        one, other = pairs[at]
        if not (barred[one] or barred[other]):
            barred[one if worth[one] < worth[other] else other] = True
    forced = (several | np.isinf(worth)) & ~barred
    return np.flatnonzero(forced[unit]), np.flatnonzero(barred[unit])


def _about_items(instance: Instance, at: dict[str, int]) -> tuple[Whole, Whole, Whole]:
    needed = instance.candidates.filter("required")["item"].unique(maintain_order=True)
    required = np.array([at.get(name, -1) for name in needed], dtype=np.int64)
    pairs: dict[str, list[tuple[int, int]]] = {"together": [], "exclude": []}
    for one, other, kind in [] if instance.links is None else instance.links.rows():
        pairs[kind].append((at.get(one, -1), at.get(other, -1)))
    together, exclude = (
        np.array(pairs[kind], dtype=np.int64).reshape(-1, 2) for kind in ("together", "exclude")
    )
    return required, together, exclude


def _item_rows(
    required: Whole, together: Whole, exclude: Whole, makers: Whole
) -> tuple[Whole, Whole, Floats, Floats]:
    """Write the rows on items; one without options leaves no entry."""
    part = np.append(1.0 / makers, 1.0)
    (one, other), (a, b) = together.T, exclude.T
    minus = -np.ones(len(together))
    kinds = [
        (required[:, None], -np.ones((len(required), 1)), -1.0),
        (np.column_stack([one, other]), np.column_stack([part[one], minus]), 0.0),
        (np.column_stack([other, one]), np.column_stack([part[other], minus]), 0.0),
        (np.column_stack([a, b]), np.column_stack([part[a], part[b]]), 1.0),
    ]
    limit = np.concatenate([np.full(len(items), most) for items, _, most in kinds])
    item = np.concatenate([items.ravel() for items, _, _ in kinds])
    factor = np.concatenate([factors.ravel() for _, factors, _ in kinds])
    widths = np.concatenate([np.full(len(items), items.shape[1]) for items, _, _ in kinds])
    row = np.repeat(np.arange(len(limit)), widths)
    known = item >= 0
    return row[known], item[known], factor[known], limit


def _openings(
    instance: Instance, starts: pl.DataFrame, options: Options
) -> tuple[Floats, Whole, Whole, float]:
    """List openings, those of one resource before those of many, with the resources' options."""
    if instance.openings is None:
        return np.zeros(0), np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int64), 0.0
    used = opened_by(starts, instance)
    opening = used["opening"].to_numpy().astype(np.int64)
    resource = options.resource[used["start"].to_numpy().astype(np.int64)]
    kinds = len(options.capacity)
    pair, times = np.unique(opening * kinds + resource, return_counts=True)
    whole = times == np.bincount(options.resource, minlength=kinds)[pair % kinds]
    opening, resource = pair[whole] // kinds, pair[whole] % kinds
    count = np.bincount(opening, minlength=instance.openings.height)
    place = np.empty(len(count), dtype=np.int64)
    order = np.argsort(count, kind="stable")
    place[order] = np.arange(len(count))
    by_place = np.argsort(place[opening], kind="stable")
    begins = np.append(0, np.cumsum(count[order])).astype(np.int64)
    cost = instance.openings["cost"].to_numpy().astype(np.float64)
    sure = _sure(instance)
    sunk = float(cost[sure].sum())
    return np.where(sure, 0.0, cost)[order], begins, resource[by_place], sunk


def _sure(instance: Instance) -> npt.NDArray[np.bool_]:
    """Tell which openings any plan worth more than nothing has to pay: groups with a floor."""
    assert instance.openings is not None
    asked = pl.lit(value=False)
    if instance.floors is not None:
        floors = instance.floors.filter(
            (pl.col("floor_amount") > 0) | ((pl.col("floor_share") > 0) & (pl.col("owed") >= 0))
        )
        asked = (pl.col("what") == "group") & pl.col("name").is_in(floors["group"].implode())
    sure: npt.NDArray[np.bool_] = (
        instance.openings.with_columns(sure=asked)["sure"].to_numpy().astype(np.bool_)
    )
    return sure
