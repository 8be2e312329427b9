"""The columns that a computation asks for, whether or not a table has them."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

MONEY = pl.Decimal(38, 6)


def typed(frame: pl.DataFrame, columns: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """Keep these columns alone, of these types; one that the table lacks is null."""
    return frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in columns.items()
    )


def named(frame: pl.DataFrame, *columns: str, most: int = 10) -> str:
    """Name rows in a message by some of their columns: ``C1 (B9), C2 (B9) and 3 more``."""
    rows = [
        f"{first} ({', '.join(map(str, rest))})" if rest else str(first)
        for first, *rest in frame.select(columns).head(most).iter_rows()
    ]
    more = frame.height - len(rows)
    return ", ".join(rows) + (f" and {more} more" if more else "")
