"""The one value of each series in each period: the last that was published."""

from __future__ import annotations

import polars as pl

from onshore.figures import Period, Status

SERIES = ["indicator", "product", "place", "partner", "unit"]
"""What tells one series from another; an empty cell is a value of its own."""

_STATUSES = [str(status.value) for status in Status]
_KEY = [*SERIES, "starts", "ends"]


class SeriesError(ValueError):
    """Observations that contradict each other; the message names them and the next step."""


def settled(observations: pl.DataFrame) -> pl.DataFrame:
    """Keep each series' last published value of each period, with ``starts`` and ``ends``.

    The latest vintage wins; without a vintage, or within one, the higher status (final before
    revised, provisional, reported). Periods are the same when their days are.
    """
    last = by_vintage(observations).unique(_KEY, keep="last", maintain_order=True)
    return last.sort("_order").drop("_order")


def by_vintage(observations: pl.DataFrame) -> pl.DataFrame:
    """Keep one value of each series, period and vintage, the oldest vintage of each first.

    ``_order`` is the row's place in the table; a value without a vintage is older than all.
    """
    ranked = (
        with_days(observations, "period")
        .with_columns(
            pl.col("vintage").cast(pl.Date),
            _status=pl.col("status").replace_strict(_STATUSES, list(range(4)), default=-1),
        )
        .with_row_index("_order")
    )
    best = ranked.sort(
        "vintage", "_status", "_order", descending=[False, True, False], nulls_last=[False] * 3
    )
    first = best.unique([*_KEY, "vintage"], keep="first", maintain_order=True)
    key = [*_KEY, "vintage", "_status"]
    rivals = best.join(first.select(*key, "value"), on=key, nulls_equal=True)
    _require_one_value(rivals.filter(pl.col("value") != pl.col("value_right")), best)
    return first.drop("_status")


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
    same = every.filter(*(pl.col(name).eq_missing(first[name]) for name in [*_KEY, "vintage"]))
    values = ", ".join(
        f"{row['observation_id']} ({row['value'].normalize():f})"
        for row in same.sort("_order").iter_rows(named=True)
    )
    raise SeriesError(
        f"{first['indicator']} {first['product'] or ''} of {first['period']} has several values "
        f"of one vintage and status: {values}. Give each its vintage, or keep one of them."
    )
