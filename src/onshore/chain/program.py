"""A compiled chain: a linear program, and what its columns and rows stand for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from onshore.chain.solver import Floats, Model
from onshore.chain.tables import Chain

BLOCKS = ("activity", "mix", "flow", "trade", "stock", "unserved", "surplus")
ROW_BLOCKS = ("balance", "mixed", "share", "market", "limit")


@dataclass(frozen=True, eq=False, kw_only=True)
class Compiled(Model):
    """A chain as a linear program (a ``Model``), and what its columns and rows stand for.

    Columns stand entity by entity and period by period in the blocks ``activity``, ``mix`` (of
    an asset's activity how much runs on each member of a group), ``flow`` (sent by a link),
    ``trade``, ``stock`` (what is there at a period's end), ``unserved`` and ``surplus``:
    ``values[compiled.block("activity")].reshape(-1, periods)`` has a row for each row of
    ``entities["activity"]``. Period p is year ``p // seasons``, season ``p % seasons``. Row
    blocks: ``balance`` (a row for each node and period), ``mixed``, ``share``, ``market`` (a row
    for each market and year) and ``limit``.

    Parameters
    ----------
    chain
        The chain that it was compiled from.
    years, seasons, shares
        The years, the seasons and their shares of a year.
    objective
        In words, as asked for.
    weight
        What one unit of money counts in each period: the discount of its year.
    entities
        A frame for each block of columns and rows.
    blocks
        Where each block begins and ends.
    room
        Of each activity column how much its bound grows per unit of yearly capacity.
    demand
        What is asked for in each node and period, served or not.
    money
        The cost vector of ``"least cost"``, whatever the objective.
    """

    chain: Chain
    years: tuple[int, ...]
    seasons: tuple[str, ...]
    shares: Floats
    objective: str
    weight: Floats
    entities: Mapping[str, pl.DataFrame]
    blocks: Mapping[str, slice]
    room: Floats
    demand: Floats
    money: Floats

    @property
    def periods(self) -> int:
        """Number of years times seasons."""
        return len(self.years) * len(self.seasons)

    def block(self, name: str) -> slice:
        """Give where a block of columns (or of rows) begins and ends."""
        return self.blocks[name]

    def of(self, values: Floats, name: str) -> Floats:
        """Give a block's part of a vector, entities by periods (of market rows: by years)."""
        height = self.entities[name].height
        part = values[self.blocks[name]]
        return part.reshape(height, -1) if height else part.reshape(0, self.periods)

    @cached_property
    def columns(self) -> pl.DataFrame:
        """Name each column: ``block``, ``name``, ``commodity``, ``place``, ``year``, ``season``."""
        return self._names(BLOCKS)

    @cached_property
    def rows(self) -> pl.DataFrame:
        """Name each row: ``block``, ``name``, ``commodity``, ``place``, ``year``, ``season``."""
        return self._names(ROW_BLOCKS)

    def _names(self, blocks: Collection[str]) -> pl.DataFrame:
        years = pl.Series("year", np.repeat(self.years, len(self.seasons)))
        seasons = pl.Series("season", list(self.seasons) * len(self.years), dtype=pl.String)
        by_period = pl.DataFrame([years, seasons])
        by_year = pl.DataFrame(
            {"year": self.years, "season": pl.Series([None] * len(self.years), dtype=pl.String)}
        )
        frames = []
        for block in blocks:
            entities = self.entities[block]
            wanted = ["name", "commodity", "place"]
            columns = [
                (pl.col(c) if c in entities.columns else pl.lit(None, pl.String)).alias(c)
                for c in wanted
            ]
            names = entities.select(pl.lit(block).alias("block"), *columns)
            if block == "limit":
                names = names.hstack(entities.select("year", "season"))
            else:
                names = names.join(by_year if block == "market" else by_period, how="cross")
            frames.append(names)
        return pl.concat(frames)
