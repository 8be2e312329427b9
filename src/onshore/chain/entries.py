"""The entries of a chain's matrix: what goes in and out of nodes, what holds groups together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from onshore.chain.conversion import kilograms
from onshore.chain.entities import Entities, Scope, Whole, is_member, node_of
from onshore.chain.solver import Floats, Indices, sorted_by_rows


class Entries:
    """Entries gathered block by block: rows, columns and values."""

    def __init__(self, scope: Scope, entities: Entities, blocks: Mapping[str, slice]) -> None:
        self.scope, self.entities, self.blocks = scope, entities, blocks
        self.periods = scope.periods
        self.parts: list[tuple[Whole, Whole, Floats]] = []

    def add(self, rows: Whole, columns: Whole, values: Floats) -> None:
        """Gather single entries."""
        self.parts.append((rows, columns, values))

    def spread(
        self, rows_of: str, rows: NDArray[Any], columns_of: str, columns: NDArray[Any], values: Any
    ) -> None:
        """Gather entries of entities of two blocks, the same in each period."""
        if not len(rows):
            return
        then = np.arange(self.periods)
        first, begin = self.blocks[rows_of].start, self.blocks[columns_of].start
        row = first + rows.astype(np.int64)[:, None] * self.periods + then
        column = begin + columns.astype(np.int64)[:, None] * self.periods + then
        told = np.broadcast_to(np.asarray(values, dtype=np.float64), rows.shape)
        self.add(row.ravel(), column.ravel(), np.repeat(told, self.periods))

    def stored(self, height: int, width: int) -> tuple[Indices, Indices, Floats]:
        """Store all entries by rows."""
        rows, columns, values = (np.concatenate([p[n] for p in self.parts]) for n in range(3))
        return sorted_by_rows(rows, columns, values, height, width)

    def add_balances(self) -> None:
        """Gather what goes in and out of each node."""
        uses, links, trade = (self.entities[name] for name in ("use", "flow", "trade"))
        member = is_member(uses)
        at, rate = self.node(uses), uses["rate"].to_numpy()
        runs = uses["activity"].to_numpy()
        self.spread("balance", at[~member], "activity", runs[~member], rate[~member])
        self.spread("balance", at[member], "mix", np.arange(int(member.sum())), rate[member])
        each = np.arange(links.height)
        self.spread("balance", self.node(links, "from"), "flow", each, -1.0)
        arrives = 1.0 - links["loss"].to_numpy()
        self.spread("balance", self.node(links, "to"), "flow", each, arrives)
        bought = (trade["direction"] == "import").to_numpy()
        sign = np.where(bought, 1.0, -1.0)
        self.spread("balance", self.node(trade), "trade", np.arange(trade.height), sign)
        for name, sign_of in (("stock", -1.0), ("unserved", 1.0), ("surplus", -1.0)):
            frame = self.entities[name]
            self.spread("balance", self.node(frame), name, np.arange(frame.height), sign_of)
        self._carry()

    def node(self, frame: pl.DataFrame, column: str = "place") -> Whole:
        """Tell the node of each row's commodity and place."""
        return node_of(self.scope.chain, self.entities["balance"], frame, column)

    def _carry(self) -> None:
        """Gather what was in stock at the end of the period before."""
        stock, then = self.entities["stock"], np.arange(1, self.periods)
        rows = self.node(stock)[:, None] * self.periods + then
        begin = self.blocks["stock"].start + np.arange(stock.height) * self.periods
        before = begin[:, None] + then - 1
        self.add(rows.ravel(), before.ravel(), np.ones(rows.size))

    def add_markets(self) -> None:
        """Gather what each market trades in each year."""
        trade, seasons = self.entities["market"], len(self.scope.seasons)
        rows = self.blocks["market"].start + np.arange(trade.height * len(self.scope.years))
        columns = self.blocks["trade"].start + np.arange(trade.height * self.periods)
        self.add(np.repeat(rows, seasons), columns, np.ones(len(columns)))

    def add_groups(self) -> None:
        """Gather that members run as much as their asset, each between its shares."""
        mix, groups, shares = (self.entities[name] for name in ("mix", "mixed", "share"))
        if mix.is_empty():
            return
        of = mix.join(
            groups.select("activity", "group", "mixed"),
            on=["activity", "group"],
            how="left",
            maintain_order="left",
        )["mixed"].to_numpy()
        self.spread("mixed", of, "mix", mix["mix"].to_numpy(), 1.0)
        runs = groups["activity"].to_numpy()
        self.spread("mixed", groups["mixed"].to_numpy(), "activity", runs, -1.0)
        # least: share_min x total - own <= 0; most: own - share_max x total <= 0.
        own = pl.col("own") == pl.col("mix")
        least = (pl.col("share_min") - own.cast(pl.Float64)) * pl.col("amount")
        most = (own.cast(pl.Float64) - pl.col("share_max")) * pl.col("amount")
        held = (
            shares.select("share", "activity", "group", "side", "share_min", "share_max", own="mix")
            .join(
                mix.select("activity", "group", "mix", amount=pl.Series(self._alike(mix))),
                on=["activity", "group"],
                maintain_order="left",
            )
            .with_columns(value=pl.when(pl.col("side") == "least").then(least).otherwise(most))
        )
        rows, columns = held["share"].to_numpy(), held["mix"].to_numpy()
        self.spread("share", rows, "mix", columns, held["value"].to_numpy())

    def _alike(self, mix: pl.DataFrame) -> Floats:
        """Give each member's rate in a unit that its group can be added up in."""
        rates = mix["rate"].abs().to_numpy()
        commodities = self.scope.chain.table("commodities")
        units = dict(commodities.select("commodity", "unit").iter_rows())
        distinct = set(units.values())
        if len(distinct) == 1:
            return rates
        # In kilotonnes, which keeps the numbers near the others.
        factor = {unit: (kilograms(unit) or 1e6) / 1e6 for unit in distinct}
        amounts: Floats = rates * np.array([factor[units[name]] for name in mix["commodity"]])
        return amounts
