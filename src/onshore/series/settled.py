"""The one value of each series in each period: the last that was published."""

from __future__ import annotations

import polars as pl

from onshore.figures import Period, Status

SERIES = ["indicator", "product", "place", "partner", "unit"]
"""What tells one series from another; an empty cell is a value of its own."""

_STATUSES = [str(status.value) for status in Status]


class SeriesError(ValueError):
    """Observations that contradict each other; the message names them and the next step."""


def settled(observations: pl.DataFrame) -> pl.DataFrame:
    """Keep each series' last published value of each period, with ``starts`` and ``ends``.

    The latest vintage wins; without a vintage, or within one, the higher status (final before
    revised, provisional, reported). Periods are the same when their days are.
    """
    ranked = (
        with_days(observations, "period")
        .with_columns(
            pl.col("vintage").cast(pl.Date),
            _status=pl.col("status").replace_strict(_STATUSES, list(range(4)), default=-1),
        )
        .with_row_index("_order")
    )
    key = [*SERIES, "starts", "ends"]
    best = ["vintage", "_status"]
    last = ranked.sort(*best, descending=True, nulls_last=True, maintain_order=True)
    first = last.unique(key, keep="first", maintain_order=True)
    rivals = last.join(first.select(*key, *best, "value"), on=[*key, *best], nulls_equal=True)
    _require_one_value(rivals.filter(pl.col("value") != pl.col("value_right")), last)
    return first.sort("_order").drop("_order", "_status")


def with_days(frame: pl.DataFrame, period: str) -> pl.DataFrame:
    """Add the first and last day of a column of periods, as ``starts`` and ``ends``."""
    texts = frame[period].unique().drop_nulls().sort()
    periods = [Period.parse(text) for text in texts]
    days = pl.DataFrame(
        {
            period: texts,
            "starts": pl.Series([p.start for p in periods], dtype=pl.Date),
            "ends": pl.Series([p.end for p in periods], dtype=pl.Date),
        }
    )
    return frame.join(days, on=period, how="left", maintain_order="left")


def _require_one_value(rivals: pl.DataFrame, every: pl.DataFrame) -> None:
    if rivals.is_empty():
        return
    first = rivals.sort("_order").row(0, named=True)
    same = every.filter(
        *(pl.col(name).eq_missing(first[name]) for name in [*SERIES, "starts", "ends", "vintage"])
    )
    values = ", ".join(
        f"{row['observation_id']} ({row['value'].normalize():f})"
        for row in same.sort("_order").iter_rows(named=True)
    )
    raise SeriesError(
        f"{first['indicator']} {first['product'] or ''} of {first['period']} has several values "
        f"of one vintage and status: {values}. Give each its vintage, or keep one of them."
    )
