"""What was known on a day, and how published values were revised."""

from __future__ import annotations

from datetime import date

import polars as pl

from onshore.series.settled import SERIES, by_vintage, settled, with_days

_MONEY = pl.Decimal(38, 6)


def as_of(observations: pl.DataFrame, day: date | None = None) -> pl.DataFrame:
    """Show the observations as they were known on a day; nothing is taken out of the table.

    Parameters
    ----------
    observations
        The programme's table ``observations``.
    day
        The day; None shows the latest vintages.

    Returns
    -------
    DataFrame
        The table's rows and columns: of each series and period the last vintage published by
        that day, in it the highest status. A value without a vintage is the oldest of its period
        and is known once its period is over.

    Raises
    ------
    SeriesError
        A period has two values of the same vintage and status.

    Examples
    --------
    >>> from decimal import Decimal
    >>> same = {"indicator": "production", "product": "copper", "place": None, "partner": None,
    ...     "unit": "t", "period": "1402"}
    >>> rows = [same | {"observation_id": "A", "value": Decimal(129), "status": "provisional",
    ...     "vintage": date(2024, 4, 1)}, same | {"observation_id": "B", "value": Decimal(131),
    ...     "status": "final", "vintage": date(2024, 9, 1)}]
    >>> observations = pl.DataFrame(rows)
    >>> as_of(observations, date(2024, 6, 1))["value"].to_list()
    [Decimal('129')]
    """
    known = with_days(observations, "period").with_columns(pl.col("vintage").cast(pl.Date))
    if day is not None:
        published = pl.coalesce("vintage", "ends") <= day
        known = known.filter(published)
    return settled(known.drop("starts", "ends")).select(observations.columns)


def revisions(observations: pl.DataFrame) -> pl.DataFrame:
    """Set the first published value of each series and period beside the last.

    Parameters
    ----------
    observations
        The programme's table ``observations``, with every vintage.

    Returns
    -------
    DataFrame
        One row per series and period, in order of first mention: ``indicator``, ``product``,
        ``place``, ``partner``, ``unit``, ``period`` (str), ``vintages`` (int); ``first_vintage``
        (Date), ``first_status`` (str), ``first`` (Decimal(38, 6), in ``unit``); the same of the
        last; ``change`` (Decimal(38, 6), last - first) and ``relative`` (float, share; null
        where the first is not above 0).

    Raises
    ------
    SeriesError
        A period has two values of the same vintage and status.
    """
    every = by_vintage(observations).with_columns(pl.col("value").cast(_MONEY))
    table = (
        every.group_by(*SERIES, "starts", "ends", maintain_order=True)
        .agg(
            pl.col("period").first(),
            vintages=pl.len().cast(pl.Int64),
            first_vintage=pl.col("vintage").first(),
            first_status=pl.col("status").first(),
            first=pl.col("value").first(),
            last_vintage=pl.col("vintage").last(),
            last_status=pl.col("status").last(),
            last=pl.col("value").last(),
            _order=pl.col("_order").min(),
        )
        .sort("_order")
    )
    change = pl.col("last") - pl.col("first")
    relative = change.cast(pl.Float64) / pl.col("first").cast(pl.Float64)
    return table.with_columns(
        change=change, relative=pl.when(pl.col("first") > 0).then(relative)
    ).drop("starts", "ends", "_order")
