"""Where each start stands: what it takes at the limits' prices, and what keeps it out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from onshore.plan.duals import Duals
from onshore.plan.fitting import LIMIT, NONE, Fitting, Floats
from onshore.plan.instance import Instance
from onshore.plan.starts import opened_by

_SHOWN = 3  # of the items that take most of a limit
_OF_START = {
    "item": pl.String,
    "maker": pl.String,
    "resource": pl.String,
    "start_year": pl.Int64,
    "value": pl.Float64,
}
_PRICES = {
    "price_of_budget": pl.Float64,
    "price_of_capacity": pl.Float64,
    "price_of_floors": pl.Float64,
    "left": pl.Float64,
}
COLUMNS: dict[str, pl.DataType | type[pl.DataType]] = {
    "item": pl.String,
    "in_plan": pl.Boolean,
    **{name: kind for name, kind in _OF_START.items() if name != "item"},
    "cost_effect_value": pl.Float64,
    "reason": pl.String,
    "why": pl.String,
    "limit_kind": pl.String,
    "limit_name": pl.String,
    "limit_year": pl.Int64,
    "taken_by": pl.List(pl.String),
    **_PRICES,
    "least_cost": pl.Float64,
    "next_best_maker": pl.String,
    "next_best_resource": pl.String,
    "next_best_year": pl.Int64,
    "next_best_value": pl.Float64,
    "next_best_fits": pl.Boolean,
    "next_best_loss": pl.Float64,
}


@dataclass(frozen=True, eq=False)
class Standing:
    """The starts beside a plan, with what each takes at the limits' prices.

    ``starts`` has one row per start, in order: what identifies it, ``value``, ``price_of_budget``,
    ``price_of_capacity``, ``price_of_floors`` and ``left``; and ``opening``, what it would open
    that the plan does not pay for yet (money).
    """

    fitting: Fitting
    starts: pl.DataFrame

    @classmethod
    def of(cls, fitting: Fitting, duals: Duals, instance: Instance) -> Standing:
        """Price what each start takes."""
        priced = fitting.loads.select(LIMIT).join(
            duals.table.select(*LIMIT, "price"),
            on=LIMIT,
            nulls_equal=True,
            how="left",
            maintain_order="left",
        )
        kind, price = priced["kind"].to_numpy(), priced["price"].to_numpy()[: fitting.floors]
        kinds = kind[: fitting.floors]
        budget = fitting.paid(price, kinds == "budget")
        capacity = fitting.paid(price, kinds == "capacity")
        floors = _of_floors(fitting, priced["price"].to_numpy()[fitting.floors :])
        starts = fitting.starts.select(*_OF_START).with_columns(
            price_of_budget=pl.Series(budget),
            price_of_capacity=pl.Series(capacity),
            price_of_floors=pl.Series(floors),
            left=pl.Series(fitting.value + floors - budget - capacity),
            opening=pl.Series(_opened_anew(fitting, instance)),
        )
        return cls(fitting, starts)

    def tried(self, moves: pl.DataFrame, replaced: str | None) -> pl.DataFrame:
        """Try each move (column ``start``) on the plan.

        Adds ``fits`` (bool) and ``limit`` (the limit that it breaks, null if none; of several
        the one whose kind costs the start most).
        """
        start = moves["start"].to_numpy().astype(np.int64)
        out = np.full(len(start), NONE) if replaced is None else moves[replaced].to_numpy()
        move, limit = self.fitting.broken(start, out.astype(np.int64))
        of_start, kind = start[move], self.fitting.loads["kind"].to_numpy()[limit]
        weight = np.where(
            kind == "budget",
            self.starts["price_of_budget"].to_numpy()[of_start],
            np.where(
                kind == "capacity",
                self.starts["price_of_capacity"].to_numpy()[of_start],
                -self.starts["price_of_floors"].to_numpy()[of_start],
            ),
        )
        order = np.lexsort((limit, -weight, move))
        first = order[np.flatnonzero(np.diff(move[order], prepend=-1))]
        breaks = np.full(len(start), NONE)
        breaks[move[first]] = limit[first]
        return moves.with_columns(
            fits=pl.Series(breaks == NONE),
            limit=pl.Series(breaks).replace(NONE, None),
        )

    def described(self, name: str) -> pl.DataFrame:
        """Give each start's columns, to join to a column of starts."""
        return self._numbered(name)

    def next_best(self, name: str) -> pl.DataFrame:
        """Give each start's columns as those of the next best."""
        return self._numbered(name).select(
            name,
            next_best_maker="maker",
            next_best_resource="resource",
            next_best_year="start_year",
            next_best_value="value",
        )

    @property
    def limits(self) -> pl.DataFrame:
        """The limits by number, as ``limit``, with the items of the plan that take most of each."""
        fitting = self.fitting
        place, entry = fitting.entries(fitting.chosen)
        start = fitting.chosen[place]
        takers = (
            pl.DataFrame(
                {
                    "limit": fitting.uses.limit[entry],
                    "amount": fitting.uses.amount[entry],
                    "item": fitting.starts["item"].gather(start),
                }
            )
            .sort("limit", "amount", "item", descending=[False, True, False])
            .group_by("limit", maintain_order=True)
            .agg(taken_by=pl.col("item").head(_SHOWN))
        )
        names = fitting.loads.select(
            pl.int_range(pl.len()).alias("limit"),
            limit_kind="kind",
            limit_name="name",
            limit_year="year",
        )
        return names.join(takers, on="limit", how="left", maintain_order="left")

    def _numbered(self, name: str) -> pl.DataFrame:
        return self.starts.drop("opening").with_columns(pl.int_range(pl.len()).alias(name))


def _opened_anew(fitting: Fitting, instance: Instance) -> Floats:
    cost = np.zeros(fitting.starts.height)
    if instance.openings is None:
        return cost
    opened = opened_by(fitting.starts, instance)
    chosen = pl.Series(fitting.chosen).implode()
    paid = opened.filter(pl.col("start").is_in(chosen))["opening"].unique().implode()
    anew = opened.filter(~pl.col("opening").is_in(paid))
    np.add.at(cost, anew["start"].to_numpy(), anew["cost"].to_numpy())
    return cost


def best_of(moves: pl.DataFrame, per: str, by: Sequence[str]) -> pl.DataFrame:
    """Keep the best move of each; of equal ones the first start."""
    down = [False, *(True for _ in by), False]
    ordered = moves.sort(per, *by, "start", descending=down, nulls_last=True)
    return ordered.unique(per, keep="first", maintain_order=True)


def _of_floors(fitting: Fitting, price: Floats) -> Floats:
    """Reckon what floors add to the value of a start of their group, and take from all others."""
    rate = np.full(fitting.starts.height, -float(fitting.share @ price))
    for member, of_floor in zip(fitting.member, price, strict=True):
        rate += np.where(member, of_floor, 0.0)
    added: Floats = fitting.value * rate + 0.0  # no negative zero
    return added
