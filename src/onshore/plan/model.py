"""The planning model as columns, rows and one sparse matrix."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from onshore.plan.instance import TOLERANCE, Instance
from onshore.plan.starts import limits_of, uses_of

_Floats = npt.NDArray[np.float64]
_Indices = npt.NDArray[np.int32]

_LARGEST_VALUE = 1000.0
"""What the best start is worth once scaled, so that the solver's tolerances are relative."""


@dataclass(frozen=True, eq=False)
class Model:
    """Maximize ``worth`` . x under ``lower`` <= A x <= ``upper``.

    The first ``starts`` columns are the starts, each 0 or 1. With floors one more column
    carries the plan's whole value. A is stored by rows: entries ``begins[r]`` up to
    ``begins[r + 1]`` of ``columns`` and ``amounts`` are row r. One unit of the objective is
    ``scale`` units of money.
    """

    starts: int
    scale: float
    worth: _Floats
    lower: _Floats
    upper: _Floats
    begins: _Indices
    columns: _Indices
    amounts: _Floats


def build_model(starts: pl.DataFrame, instance: Instance) -> Model:
    """Write the rows item, pair, budget, capacity and floor over the possible starts."""
    values = starts["value"].to_numpy()
    scale = float(values.max()) / _LARGEST_VALUE if len(values) else 1.0
    worth = values / scale
    blocks = [_item_rows(starts), _pair_rows(starts), _limit_rows(starts, instance)]
    if instance.floors is not None:
        blocks += _floor_rows(starts, instance.floors, worth)
        worth = np.append(worth, 0.0)
    return _stacked(blocks, starts=len(values), scale=scale, worth=worth)


@dataclass(frozen=True, eq=False)
class _Rows:
    """Rows that are alike: their bounds, and their entries as row, column, amount."""

    lower: _Floats
    upper: _Floats
    entries: pl.DataFrame


def _item_rows(starts: pl.DataFrame) -> _Rows:
    # An item that has no more starts than makers allowed needs no row.
    per_item = starts.group_by("item", maintain_order=True).agg(
        makers=pl.col("max_makers").first(), column=pl.col("start")
    )
    return _rows_of_ones(per_item.filter(pl.col("column").list.len() > pl.col("makers")))


def _pair_rows(starts: pl.DataFrame) -> _Rows:
    per_pair = (
        starts.filter(pl.col("max_makers") > 1)
        .group_by("item", "maker", maintain_order=True)
        .agg(column=pl.col("start"))
        .with_columns(makers=pl.lit(1, dtype=pl.Int64))
    )
    return _rows_of_ones(per_pair.filter(pl.col("column").list.len() > 1))


def _rows_of_ones(rows: pl.DataFrame) -> _Rows:
    entries = rows.with_row_index("row").select("row", "column").explode("column")
    return _Rows(
        lower=np.full(rows.height, -np.inf),
        upper=rows["makers"].cast(pl.Float64).to_numpy(),
        entries=entries.with_columns(amount=pl.lit(1.0)),
    )


def _limit_rows(starts: pl.DataFrame, instance: Instance) -> _Rows:
    # Each row is divided by its largest entry: the solver's tolerance is absolute, money and
    # hours are of any size. A limit that all starts together keep needs no row.
    key = ["kind", "name", "year"]
    uses = uses_of(starts, instance)
    rows = (
        uses.group_by(key, maintain_order=True)
        .agg(total=pl.col("amount").sum(), largest=pl.col("amount").max())
        .join(limits_of(instance), on=key, nulls_equal=True, how="left", maintain_order="left")
        .filter(pl.col("total") > pl.col("limit"))
        .with_row_index("row")
    )
    entries = uses.join(rows, on=key, nulls_equal=True).select(
        "row", column="start", amount=pl.col("amount") / pl.col("largest")
    )
    return _Rows(
        lower=np.full(rows.height, -np.inf),
        upper=(rows["limit"] / rows["largest"] * (1 + TOLERANCE)).to_numpy(),
        entries=entries,
    )


def _floor_rows(starts: pl.DataFrame, floors: pl.DataFrame, worth: _Floats) -> list[_Rows]:
    # One column holds the whole value, so that a floor's row names its own group's starts only.
    total = starts.height
    valued = starts.select("group", column="start", amount=pl.Series(worth))
    whole = pl.concat([valued.select("column", "amount"), _entry(total, [-1.0])])
    groups = floors.with_row_index("row")
    own = groups.join(valued, on="group").select("row", "column", "amount")
    shares = groups.select(
        "row", column=pl.lit(total, dtype=pl.UInt32), amount=-pl.col("floor_share")
    )
    return [
        _Rows(np.zeros(1), np.zeros(1), whole.with_columns(row=pl.lit(0, dtype=pl.UInt32))),
        _Rows(
            lower=np.zeros(floors.height),
            upper=np.full(floors.height, np.inf),
            entries=pl.concat([own, shares]),
        ),
    ]


def _entry(column: int, amounts: list[float]) -> pl.DataFrame:
    return pl.DataFrame({"amount": amounts}).select(
        column=pl.lit(column, dtype=pl.UInt32), amount="amount"
    )


def _stacked(blocks: list[_Rows], *, starts: int, scale: float, worth: _Floats) -> Model:
    heights = [len(block.lower) for block in blocks]
    offsets = np.cumsum([0, *heights])
    entries = pl.concat(
        block.entries.select(
            row=pl.col("row").cast(pl.Int64) + int(offset),
            column=pl.col("column").cast(pl.Int32),
            amount=pl.col("amount").cast(pl.Float64),
        )
        for block, offset in zip(blocks, offsets, strict=False)
    ).sort("row", "column")
    rows = int(offsets[-1])
    lengths = np.bincount(entries["row"].to_numpy(), minlength=rows)
    return Model(
        starts=starts,
        scale=scale,
        worth=worth,
        lower=np.concatenate([block.lower for block in blocks]),
        upper=np.concatenate([block.upper for block in blocks]),
        begins=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32),
        columns=entries["column"].to_numpy(),
        amounts=entries["amount"].to_numpy(),
    )
