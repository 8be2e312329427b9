"""The planning model as columns, rows and one sparse matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from onshore.plan.decision_rows import fixed_rows, link_part, opening_part, required_rows
from onshore.plan.instance import TOLERANCE, Instance
from onshore.plan.rows import Floats, Part, Rows, named, rows_of
from onshore.plan.starts import ASKED, groups_of, limits_of, uses_of

_Indices = npt.NDArray[np.int32]

_LARGEST_VALUE = 1000.0
"""What the best start is worth once scaled, so that the solver's tolerances are relative."""


@dataclass(frozen=True, eq=False)
class Model:
    """Maximize ``worth`` . x under ``lower`` <= A x <= ``upper`` and ``least`` <= x <= ``most``.

    The first ``starts`` columns are the starts, each 0 or 1. Then come the plan's whole value
    (where there are floors), whether an item with several makers is made (where it is linked),
    and whether an opening is paid; ``whole`` tells which columns are whole numbers. A is stored
    by rows: entries ``begins[r]`` up to ``begins[r + 1]`` of ``columns`` and ``amounts`` are row
    r. One unit of the objective is ``scale`` units of money.

    ``rows`` names each row by ``kind``, ``name`` and ``year``: item, pair, budget (name: the
    fund), capacity, floor, floor_amount, whole value, required, fixed, together, exclude,
    made, opening. Each was divided by the amount in ``units`` (in its own unit: money, hours).
    """

    starts: int
    scale: float
    worth: Floats
    least: Floats
    most: Floats
    whole: npt.NDArray[np.bool_]
    rows: pl.DataFrame
    units: Floats
    lower: Floats
    upper: Floats
    begins: _Indices
    columns: _Indices
    amounts: Floats


def build_model(starts: pl.DataFrame, instance: Instance, more: Sequence[Rows] = ()) -> Model:
    """Write the rows of all limits over the possible starts.

    With x a start, v its value, V the whole value, y whether an item is made, z whether an
    opening is paid:

    - item: the starts of an item are at most ``max_makers``; pair: those of one maker at most 1;
    - budget, by fund and year; capacity, by resource and year, at most the amount times z where
      the resource itself has an opening (the capacity row of facility location, which makes the
      relaxation tight);
    - floor: the value of the group's starts is at least floor_share x V + owed; floor_amount:
      at least that amount; whole value: V is the sum of v x;
    - required: the starts of the item are at least 1; fixed: the start is 1;
    - together: y = y'; exclude: y + y' <= 1, where y is the sum of the item's starts if one
      maker is allowed, else a column that is at most this sum and at least each maker's;
    - opening: the starts of one item (of one maker, where the item may have several) that make
      use of the opening are at most z; the objective pays its cost times z.

    ``more`` are further rows over the starts.
    """
    values = starts["value"].to_numpy()
    largest = float(np.abs(values).max()) if len(values) else 0.0
    scale = largest / _LARGEST_VALUE or 1.0
    worth = values / scale
    parts: list[Part] = []

    def columns() -> int:
        return starts.height + sum(len(part.worth) for part in parts)

    if instance.openings is not None:
        parts.append(opening_part(starts, instance, scale, columns()))
    if instance.floors is not None:
        parts.append(_floor_part(starts, instance.floors, worth, scale, columns()))
    if instance.links is not None:
        parts.append(link_part(starts, instance.links, columns()))
    limits, units = _limit_rows(starts, instance)
    blocks = [_item_rows(starts), _pair_rows(starts), limits]
    if instance.candidates["required"].any():
        blocks.append(required_rows(starts, instance))
    if instance.fixed is not None:
        blocks.append(fixed_rows(starts, instance.fixed))
    blocks += [rows for part in parts for rows in part.rows]
    return _stacked([*blocks, *more], parts, worth, scale, units)


def _item_rows(starts: pl.DataFrame) -> Rows:
    # An item that has no more starts than makers allowed needs no row.
    per_item = starts.group_by("item", maintain_order=True).agg(
        makers=pl.col("max_makers").first(), column=pl.col("start")
    )
    per_item = per_item.filter(pl.col("column").list.len() > pl.col("makers"))
    return _rows_of_ones(per_item, named(per_item, "item", pl.col("item")))


def _pair_rows(starts: pl.DataFrame) -> Rows:
    per_pair = (
        starts.filter(pl.col("max_makers") > 1)
        .group_by("item", "maker", maintain_order=True)
        .agg(column=pl.col("start"))
        .with_columns(makers=pl.lit(1, dtype=pl.Int64))
        .filter(pl.col("column").list.len() > 1)
    )
    return _rows_of_ones(per_pair, named(per_pair, "pair", pl.format("{}, {}", "item", "maker")))


def _rows_of_ones(rows: pl.DataFrame, names: pl.DataFrame) -> Rows:
    entries = rows.with_row_index("row").select("row", "column").explode("column")
    return rows_of(
        names,
        entries.with_columns(amount=pl.lit(1.0)),
        upper=rows["makers"].cast(pl.Float64).to_numpy(),
    )


def _limit_rows(starts: pl.DataFrame, instance: Instance) -> tuple[Rows, Floats]:
    # Each row is divided by its largest entry: the solver's tolerance is absolute, money and
    # hours are of any size. A limit that all starts together keep needs no row.
    key = ["kind", "name", "year"]
    uses = uses_of(starts, instance)
    gates = {"kind": pl.String, "name": pl.String, "gate": pl.Int64}
    opened = pl.DataFrame(schema=gates)
    if instance.openings is not None:
        opened = (
            instance.openings.with_row_index("opening")
            .filter(what="resource")
            .select("name", kind=pl.lit("capacity"), gate=pl.col("opening") + starts.height)
            .select(pl.col(name).cast(kind) for name, kind in gates.items())
        )
    rows = (
        uses.group_by(key, maintain_order=True)
        .agg(total=pl.col("amount").sum(), largest=pl.col("amount").max())
        .join(limits_of(instance), on=key, nulls_equal=True, how="left", maintain_order="left")
        .filter(pl.col("total") > pl.col("limit"))
        .join(opened, on=["kind", "name"], how="left", maintain_order="left")
        .with_columns(upper=pl.col("limit") / pl.col("largest") * (1 + TOLERANCE))
        .with_row_index("row")
    )
    entries = uses.join(rows, on=key, nulls_equal=True).select(
        "row", column=pl.col("start").cast(pl.Int64), amount=pl.col("amount") / pl.col("largest")
    )
    gated = rows.filter(pl.col("gate").is_not_null()).select(
        "row", column="gate", amount=-pl.col("upper")
    )
    upper = rows.select(pl.when(pl.col("gate").is_null()).then("upper").otherwise(0.0)).to_series()
    return (
        rows_of(rows.select(key), pl.concat([entries, gated]), upper=upper.to_numpy()),
        rows["largest"].to_numpy(),
    )


def _floor_part(
    starts: pl.DataFrame, floors: pl.DataFrame, worth: Floats, scale: float, total: int
) -> Part:
    # One column holds the whole value, so that a floor's row names its own group's starts only.
    valued = starts.select("start", "group", value=pl.Series(worth, dtype=pl.Float64))
    whole = pl.concat(
        [
            valued.select(row=pl.lit(0), column=pl.col("start").cast(pl.Int64), amount="value"),
            pl.DataFrame({"row": [0], "column": [total], "amount": [-1.0]}).cast({"row": pl.Int32}),
        ]
    )
    name = pl.DataFrame({"kind": ["whole value"], "name": [None], "year": [None]})
    of_group = groups_of(valued).select("group", column="start", amount="value")
    lowest = -np.inf if len(worth) and worth.min() < 0 else 0.0
    parts = [rows_of(name, whole, lower=0.0, upper=0.0)]
    for kind, column in (("floor", "owed"), ("floor_amount", "floor_amount")):
        groups = floors.filter(ASKED[kind])
        least = groups[column]
        at = groups.with_row_index("row")
        entries = [at.join(of_group, on="group").select("row", "column", "amount")]
        if kind == "floor":
            of_whole = pl.lit(total, dtype=pl.UInt32)
            entries.append(at.select("row", column=of_whole, amount=-pl.col("floor_share")))
        parts.append(
            rows_of(
                named(groups, kind, pl.col("group")),
                pl.concat(entries),
                lower=least.to_numpy() / scale * (1 - np.sign(least.to_numpy()) * TOLERANCE),
            )
        )
    return Part(parts, np.zeros(1), np.array([lowest]), np.array([np.inf]))


def _stacked(
    blocks: Sequence[Rows], parts: Sequence[Part], worth: Floats, scale: float, units: Floats
) -> Model:
    heights = [len(block.lower) for block in blocks]
    offsets = np.cumsum([0, *heights])
    entries = pl.concat(
        block.entries.with_columns(pl.col("row") + int(offset))
        for block, offset in zip(blocks, offsets, strict=False)
    ).sort("row", "column")
    rows = int(offsets[-1])
    lengths = np.bincount(entries["row"].to_numpy(), minlength=rows)
    names = pl.concat(block.names for block in blocks)
    limit = names["kind"].is_in(["budget", "capacity"]).to_numpy()
    valued = names["kind"].is_in(["floor", "floor_amount", "whole value"]).to_numpy()
    divided = np.where(valued, scale, 1.0)
    divided[limit] = units
    return Model(
        starts=len(worth),
        scale=scale,
        worth=np.concatenate([worth, *(part.worth for part in parts)]),
        least=np.concatenate([np.zeros(len(worth)), *(part.least for part in parts)]),
        most=np.concatenate([np.ones(len(worth)), *(part.most for part in parts)]),
        whole=np.concatenate(
            [np.ones(len(worth), bool), *(np.full(len(p.worth), p.whole) for p in parts)]
        ),
        rows=names,
        units=divided,
        lower=np.concatenate([block.lower for block in blocks]),
        upper=np.concatenate([block.upper for block in blocks]),
        begins=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32),
        columns=entries["column"].to_numpy(),
        amounts=entries["amount"].to_numpy(),
    )
