"""Rows for what is decided item by item: required, fixed, linked, and opened at a cost."""

from __future__ import annotations

import numpy as np
import polars as pl

from onshore.plan.instance import Instance
from onshore.plan.rows import Part, Rows, named, rows_of
from onshore.plan.starts import opened_by

_START = ["item", "maker", "resource", "start_year"]


def required_rows(starts: pl.DataFrame, instance: Instance) -> Rows:
    """Ask for at least one start of each required item; a row is empty where none is possible."""
    items = instance.candidates.filter("required").select("item").unique(maintain_order=True)
    entries = items.with_row_index("row").join(starts.select("item", column="start"), on="item")
    return rows_of(
        named(items, "required", pl.col("item")),
        entries.with_columns(amount=pl.lit(1.0)),
        lower=1.0,
    )


def fixed_rows(starts: pl.DataFrame, fixed: pl.DataFrame) -> Rows:
    """Ask for each decision already taken."""
    entries = fixed.with_row_index("row").join(starts.select(*_START, column="start"), on=_START)
    names = named(fixed, "fixed", pl.format("{}, {}, {}", "item", "maker", "resource"))
    return rows_of(
        names.with_columns(year=fixed["start_year"]),
        entries.with_columns(amount=pl.lit(1.0)),
        lower=1.0,
    )


def link_part(starts: pl.DataFrame, links: pl.DataFrame, first: int) -> Part:
    """Tie items: y = y' for ``together``, y + y' <= 1 for ``exclude``."""
    linked = pl.concat([links["item"], links["with_item"]]).unique(maintain_order=True)
    own = starts.filter(pl.col("item").is_in(linked.implode())).select(
        "item", "maker", "max_makers", column=pl.col("start").cast(pl.Int64)
    )
    several = (
        own.filter(pl.col("max_makers") > 1)
        .select("item")
        .unique(maintain_order=True)
        .with_row_index("at")
        .with_columns(made=pl.col("at").cast(pl.Int64) + first)
    )
    made = pl.concat(
        [
            own.filter(pl.col("max_makers") == 1).select("item", "column"),
            several.select("item", column="made"),
        ]
    )
    rows = _made_rows(own.filter(pl.col("max_makers") > 1), several)
    # The two sides of 'together' are rows of their own, so that both can be named and passed.
    for kind, one, other in (("together", 1, -1), ("together", -1, 1), ("exclude", 1, 1)):
        pairs = links.filter(kind=kind)
        at = pairs.with_row_index("row")
        entries = [
            at.select("row", item=name)
            .join(made, on="item")
            .select("row", "column", amount=pl.lit(amount))
            for name, amount in (("item", one), ("with_item", other))
        ]
        rows.append(
            rows_of(
                named(pairs, kind, pl.format("{}, {}", "item", "with_item")),
                pl.concat(entries),
                upper=0.0 if kind == "together" else 1.0,
            )
        )
    extra = several.height
    return Part(rows, np.zeros(extra), np.zeros(extra), np.ones(extra))


def _made_rows(own: pl.DataFrame, several: pl.DataFrame) -> list[Rows]:
    pairs = own.group_by("item", "maker", maintain_order=True).agg("column")
    pairs = pairs.join(several, on="item", maintain_order="left").with_row_index("row")
    at_least = pl.concat(
        [
            pairs.select("row", "column").explode("column").with_columns(amount=pl.lit(1.0)),
            pairs.select("row", column="made", amount=pl.lit(-1.0)),
        ]
    )
    at_most = pl.concat(
        [
            own.join(several, on="item").select("at", "column", amount=pl.lit(1.0)),
            several.select("at", column="made", amount=pl.lit(-1.0)),
        ]
    ).rename({"at": "row"})
    return [
        rows_of(named(pairs, "made", pl.col("item")), at_least, upper=0.0),
        rows_of(named(several, "made", pl.col("item")), at_most, lower=0.0),
    ]


def opening_part(starts: pl.DataFrame, instance: Instance, scale: float, first: int) -> Part:
    """Pay an opening as soon as a start makes use of it.

    The starts of an item with one maker, or of one pair, exclude each other: their sum, not each
    alone, is at most z.
    """
    assert instance.openings is not None
    one = starts.with_columns(
        whose=pl.when(pl.col("max_makers") > 1).then("maker"), column=pl.col("start")
    ).select("start", "item", "whose", "column")
    used = opened_by(starts, instance).join(one, on="start", maintain_order="left")
    key = ["opening", "item", "whose"]
    rows = used.group_by(key, maintain_order=True).agg("column").with_row_index("row")
    entries = pl.concat(
        [
            rows.select("row", pl.col("column").cast(pl.List(pl.Int64)))
            .explode("column")
            .with_columns(amount=pl.lit(1.0)),
            rows.select("row", column=pl.col("opening").cast(pl.Int64) + first).with_columns(
                amount=pl.lit(-1.0)
            ),
        ]
    )
    openings = instance.openings
    names = openings.select(name=pl.format("{} {}", "what", "name"))["name"]
    of_row = rows.select(name=names.gather(rows["opening"]))
    count = openings.height
    return Part(
        [rows_of(named(of_row, "opening", pl.col("name")), entries, upper=0.0)],
        -openings["cost"].to_numpy() / scale,
        np.zeros(count),
        np.ones(count),
        whole=True,
    )
