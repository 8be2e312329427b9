"""Where each commodity comes from and goes to, by place and year; what is left for export."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from onshore.chain.entities import Whole, node_of
from onshore.chain.program import Compiled
from onshore.chain.solver import Floats

SOURCES = ("made", "imported", "arrived", "from_stock", "unserved")
USES = ("used", "exported", "sent", "to_stock", "surplus", "asked")


def process_flows(compiled: Compiled, values: Floats) -> pl.DataFrame:
    """Give what each asset takes in (negative) and makes, by commodity, year and season."""
    uses = compiled.entities["use"]
    amounts = _use_amounts(compiled, values)
    frame = uses.select("process", "place", "commodity", "group", asset="name")
    return by_period(compiled, frame, {"amount": amounts}).select(
        "asset", "process", "place", "commodity", "group", "year", "season", "amount"
    )


def balance(compiled: Compiled, values: Floats) -> pl.DataFrame:
    """Balance each commodity by place and year.

    ``difference`` is all sources less all uses, reckoned from the flows themselves.
    """
    nodes = compiled.entities["balance"]
    parts = node_amounts(compiled, values)
    n_seasons = len(compiled.seasons)
    yearly = {
        name: amount.reshape(nodes.height, len(compiled.years), n_seasons).sum(axis=2)
        for name, amount in parts.items()
    }
    sources = sum((yearly[name] for name in SOURCES), np.zeros((nodes.height, len(compiled.years))))
    uses = sum((yearly[name] for name in USES), np.zeros_like(sources))
    # A commodity that is everywhere has no place of its own.
    frame = nodes.select("commodity", "place").join(
        pl.DataFrame({"year": compiled.years}), how="cross"
    )
    return frame.with_columns(
        *[pl.Series(name, yearly[name].ravel()) for name in (*SOURCES, *USES)],
        pl.Series("lost", yearly["lost"].ravel()),
        pl.Series("difference", (sources - uses).ravel()),
    )


def node_amounts(compiled: Compiled, values: Floats) -> Mapping[str, Floats]:
    """Give each source and use at each node (rows) in each period."""
    uses = compiled.entities["use"]
    flows = _use_amounts(compiled, values)
    parts = {
        name: np.zeros((compiled.entities["balance"].height, compiled.periods))
        for name in (*SOURCES, *USES, "lost")
    }
    at = _node_of(compiled, uses)
    made = uses["rate"].to_numpy() > 0
    np.add.at(parts["made"], at[made], flows[made])
    np.add.at(parts["used"], at[~made], -flows[~made])
    links, sent = compiled.entities["flow"], compiled.of(values, "flow")
    loss = links["loss"].to_numpy()[:, None]
    np.add.at(parts["sent"], _node_of(compiled, links, "from"), sent)
    np.add.at(parts["arrived"], _node_of(compiled, links, "to"), sent * (1 - loss))
    np.add.at(parts["lost"], _node_of(compiled, links, "to"), sent * loss)
    trade, traded = compiled.entities["trade"], compiled.of(values, "trade")
    bought = (trade["direction"] == "import").to_numpy()
    at = _node_of(compiled, trade)
    np.add.at(parts["imported"], at[bought], traded[bought])
    np.add.at(parts["exported"], at[~bought], traded[~bought])
    stock, change = compiled.entities["stock"], stock_changes(compiled, values)
    at = _node_of(compiled, stock)
    np.add.at(parts["to_stock"], at, np.maximum(change, 0.0))
    np.add.at(parts["from_stock"], at, np.maximum(-change, 0.0))
    soft = compiled.entities["unserved"]
    np.add.at(parts["unserved"], _node_of(compiled, soft), compiled.of(values, "unserved"))
    left = compiled.entities["surplus"]
    np.add.at(parts["surplus"], _node_of(compiled, left), compiled.of(values, "surplus"))
    parts["asked"] = compiled.demand.reshape(-1, compiled.periods).copy()
    return parts


def stock_changes(compiled: Compiled, values: Floats) -> Floats:
    """Give how much more is in each stock at the end of each period than before it."""
    level = compiled.of(values, "stock")
    first = compiled.entities["stock"]["first"].to_numpy()[:, None]
    changes: Floats = np.diff(level, axis=1, prepend=first)
    return changes


def self_sufficiency(balanced: pl.DataFrame) -> pl.DataFrame:
    """Tell how much of what is needed at home is made at home.

    ratio = made / (used + asked for), over all places; above 1 there is more than is needed. Null
    where nothing is needed. ``import_share`` = imported / (made + imported).
    """
    return (
        balanced.group_by("commodity", "year", maintain_order=True)
        .agg(
            made=pl.col("made").sum(),
            imported=pl.col("imported").sum(),
            exported=pl.col("exported").sum(),
            needed=(pl.col("used") + pl.col("asked")).sum(),
            unserved=pl.col("unserved").sum(),
        )
        .with_columns(
            ratio=pl.when(pl.col("needed") > 0).then(pl.col("made") / pl.col("needed")),
            import_share=pl.when(pl.col("made") + pl.col("imported") > 0).then(
                pl.col("imported") / (pl.col("made") + pl.col("imported"))
            ),
        )
    )


def exports_left(balanced: pl.DataFrame) -> pl.DataFrame:
    """Tell what is left of what is made once home is served.

    left = made - used - asked for, over all places; below 0 home needs more than it makes.
    ``sold`` is what the export markets take of it, ``surplus`` what nobody takes.
    """
    return (
        balanced.group_by("commodity", "year", maintain_order=True)
        .agg(
            made=pl.col("made").sum(),
            used=pl.col("used").sum(),
            asked=pl.col("asked").sum(),
            sold=pl.col("exported").sum(),
            surplus=pl.col("surplus").sum(),
        )
        .with_columns(left=pl.col("made") - pl.col("used") - pl.col("asked"))
    )


def by_period(
    compiled: Compiled, frame: pl.DataFrame, amounts: Mapping[str, Floats]
) -> pl.DataFrame:
    """Give each row of a frame once for each period, amounts (rows x periods) beside."""
    periods = compiled.periods
    n_seasons = len(compiled.seasons)
    rows = np.repeat(np.arange(frame.height), periods)
    then = np.tile(np.arange(periods), frame.height)
    years = np.array(compiled.years, dtype=np.int64)[then // n_seasons]
    season = pl.Series("season", compiled.seasons, dtype=pl.String).gather(then % n_seasons)
    return frame[rows].with_columns(
        pl.Series("year", years),
        season,
        *[pl.Series(name, amount.ravel()) for name, amount in amounts.items()],
    )


def _use_amounts(compiled: Compiled, values: Floats) -> Floats:
    """Give rate x activity, or rate x what runs on the member, for each row of ``use``."""
    uses = compiled.entities["use"]
    member = uses["group"].is_not_null().to_numpy()
    runs = compiled.of(values, "activity")[uses["activity"].to_numpy()]
    runs[member] = compiled.of(values, "mix")
    amounts: Floats = runs * uses["rate"].to_numpy()[:, None]
    return amounts


def _node_of(compiled: Compiled, frame: pl.DataFrame, column: str = "place") -> Whole:
    return node_of(compiled.chain, compiled.entities["balance"], frame, column)
