"""What a chain's columns and rows are of: assets, their recipes' rows, links, nodes and groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from onshore.chain.solver import Floats
from onshore.chain.tables import Chain

Whole = NDArray[np.int64]
Entities = dict[str, pl.DataFrame]


@dataclass(frozen=True, eq=False)
class Scope:
    """The part of a chain that is compiled, and for what.

    ``shares`` are the seasons' of the year, ``wanted`` the commodity whose output is to be
    largest, ``dates`` the days from which projects are in service.
    """

    chain: Chain
    years: tuple[int, ...]
    seasons: tuple[str, ...]
    shares: Floats
    wanted: str | None
    dates: Mapping[str, date]

    @property
    def periods(self) -> int:
        """Number of years times seasons."""
        return len(self.years) * len(self.seasons)

    @property
    def year_share(self) -> Floats:
        """Share of the year of each period."""
        return np.tile(self.shares, len(self.years))

    @property
    def weight(self) -> Floats:
        """What one unit of money counts in each period."""
        told = self.chain.settings
        later = np.array(self.years, dtype=np.float64) - told.years[0]
        return np.repeat((1.0 + told.discount) ** -later, len(self.seasons))


def gather_entities(scope: Scope) -> Entities:
    """Give a frame for each block of columns and rows, for recipes (use) and for demands."""
    chain = scope.chain
    activity = _activity(scope)
    uses = _uses(chain, activity)
    mix = uses.filter(pl.col("group").is_not_null()).with_row_index("mix")
    in_years = pl.col("year").is_null() | pl.col("year").is_in(list(scope.years))
    demands = chain.table("demands").filter(in_years).with_columns(name=pl.lit("demand"))
    entities = {
        "activity": activity,
        "use": uses,
        "mix": mix,
        "flow": chain.table("links").with_columns(name="link"),
        "trade": chain.table("markets").with_columns(name="market"),
        "stock": chain.table("stocks").with_columns(name=pl.lit("stock")),
        "demand": demands,
        "unserved": demands.filter(pl.col("worth").is_not_null()),
    }
    nodes = _nodes(chain, entities)
    left_over = _left_over(scope, uses)
    both = ["commodity", "place"]
    entities["balance"] = nodes
    entities["surplus"] = nodes.join(left_over, on=both, how="semi", nulls_equal=True)
    entities["mixed"] = (
        mix.select("activity", "name", "process", "place", "group")
        .unique(maintain_order=True)
        .with_row_index("mixed")
    )
    least = mix.filter(pl.col("share_min") > 0).with_columns(side=pl.lit("least"))
    most = mix.filter(pl.col("share_max") < 1).with_columns(side=pl.lit("most"))
    entities["share"] = pl.concat([least, most]).with_row_index("share")
    # A year's most of a market is a row where there are several seasons, else a bound.
    yearly = len(scope.seasons) > 1
    entities["market"] = entities["trade"] if yearly else entities["trade"].clear()
    return entities


def node_of(chain: Chain, nodes: pl.DataFrame, frame: pl.DataFrame, column: str = "place") -> Whole:
    """Tell the node of each row's commodity and place."""
    joined = frame.select("commodity", _place(chain, column)).join(
        nodes.select("commodity", "place", "node"),
        on=["commodity", "place"],
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )
    return joined["node"].to_numpy().astype(np.int64)


def is_member(uses: pl.DataFrame) -> NDArray[np.bool_]:
    """Tell which rows of recipes are members of a group: they have columns of their own."""
    return uses["group"].is_not_null().to_numpy()


def _activity(scope: Scope) -> pl.DataFrame:
    """Give assets, then the projects that are asked for."""
    columns = ["process", "place", "capacity", "availability", "cost", "min_use"]
    assets = scope.chain.table("assets").select(
        *columns, "from_year", "to_year", name="asset", finished=pl.lit(None, pl.Date)
    )
    if scope.dates:
        key = pl.col("project")
        projects = scope.chain.table("projects").filter(key.is_in(list(scope.dates)))
        projects = projects.select(
            "process",
            "place",
            "capacity",
            "availability",
            name=key,
            cost="running_cost",
            min_use=pl.lit(0.0),
            from_year=pl.lit(scope.years[0]).cast(pl.Int64),
            to_year=pl.lit(None, pl.Int64),
            finished=key.replace_strict(dict(scope.dates), return_dtype=pl.Date),
        )
        assets = pl.concat([assets, projects.select(assets.columns)])
    counted = scope.chain.table("processes").select("process", "commodity")
    joined = assets.join(counted, on="process", how="left", maintain_order="left")
    return joined.with_row_index("activity")


def _uses(chain: Chain, activity: pl.DataFrame) -> pl.DataFrame:
    """Give a row for each asset and each row of its recipe."""
    recipes = chain.table("recipes").select(
        "process", "commodity", "rate", "group", "share_min", "share_max"
    )
    return (
        activity.select("activity", "name", "process", "place")
        .join(recipes, on="process", how="inner", maintain_order="left_right")
        .with_row_index("use")
    )


def _place(chain: Chain, column: str = "place") -> pl.Expr:
    """Give the place of a row's commodity: none where it is pooled."""
    pooled = chain.table("commodities").filter("pooled")["commodity"].implode()
    is_pooled = pl.col("commodity").is_in(pooled)
    return pl.when(is_pooled).then(None).otherwise(pl.col(column)).alias("place")


def _nodes(chain: Chain, entities: Entities) -> pl.DataFrame:
    links = entities["flow"]
    ends = [links.select("commodity", place=end) for end in ("from", "to")]
    named = [
        entities[name].select("commodity", "place") for name in ("use", "trade", "stock", "demand")
    ]
    return (
        pl.concat([*named, *ends])
        .with_columns(_place(chain))
        .unique()
        .sort("commodity", "place", nulls_last=False)
        .with_columns(name=pl.lit("balance"))
        .with_row_index("node")
    )


def _left_over(scope: Scope, uses: pl.DataFrame) -> pl.DataFrame:
    """Give the nodes at which something may be left: by-products, forced or wanted output."""
    processes = scope.chain.table("processes").select("process", counted="commodity")
    forced = scope.chain.table("assets").filter(pl.col("min_use") > 0)["asset"].implode()
    made = uses.filter(pl.col("rate") > 0).join(
        processes, on="process", how="left", maintain_order="left"
    )
    rule = (pl.col("commodity") != pl.col("counted")) | pl.col("name").is_in(forced)
    if scope.wanted is not None:
        rule = rule | (pl.col("commodity") == scope.wanted)
    return made.filter(rule).select("commodity", _place(scope.chain))
