"""How a series grew on the same period of the year before."""

from __future__ import annotations

import polars as pl

from onshore.figures import Period
from onshore.series.settled import SERIES, settled

_MONEY = pl.Decimal(38, 6)


def growth(observations: pl.DataFrame) -> pl.DataFrame:
    """Set each value beside that of the same period a year before.

    growth = value / value a year before - 1

    Parameters
    ----------
    observations
        The programme's table ``observations``. Of several vintages of a period the latest is
        taken; within a vintage, the highest status.

    Returns
    -------
    DataFrame
        One row per series and period, in the order of the observations: ``indicator``,
        ``product``, ``place``, ``partner``, ``unit``, ``period`` (str), ``value`` (Decimal(38,
        6), in ``unit``), ``status`` (str), ``vintage`` (Date); ``period_before`` (str) and
        ``value_before`` of the year before, ``change`` (Decimal(38, 6), in ``unit``),
        ``factor`` (float, value / value before) and ``growth`` (float, share; 0.2 is 20 %).
        The last five are null where the year before was not observed; factor and growth also
        where its value is not above 0.

    Raises
    ------
    SeriesError
        A period has two values of the same vintage and status.

    Examples
    --------
    Steel ingot exports of the first quarter of 1398 (IMIDRO).

    >>> from decimal import Decimal
    >>> observations = pl.DataFrame({
    ...     "observation_id": ["A4-3", "A4-4"], "indicator": ["exports"] * 2,
    ...     "product": ["steel ingots"] * 2, "place": [None] * 2, "partner": [None] * 2,
    ...     "period": ["1398-Q1", "1397-Q1"], "value": [Decimal("1.425"), Decimal("1.854")],
    ...     "unit": ["million t"] * 2, "status": ["reported"] * 2, "vintage": [None] * 2,
    ... }, schema_overrides={"place": pl.String, "partner": pl.String})
    >>> growth(observations)["growth"].round(3).to_list()
    [-0.231, None]
    """
    values = settled(observations).with_columns(pl.col("value").cast(_MONEY))
    before = values.select(
        *SERIES,
        period_before="period",
        value_before="value",
        starts_before="starts",
        ends_before="ends",
    )
    paired = _with_year_before(values).join(
        before,
        on=[*SERIES, "starts_before", "ends_before"],
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )
    factor = pl.col("value").cast(pl.Float64) / pl.col("value_before").cast(pl.Float64)
    return paired.with_columns(
        change=pl.col("value") - pl.col("value_before"),
        factor=pl.when(pl.col("value_before") > 0).then(factor),
    ).select(
        *SERIES,
        "period",
        "value",
        "status",
        "vintage",
        "period_before",
        "value_before",
        "change",
        "factor",
        growth=pl.col("factor") - 1,
    )


def _with_year_before(values: pl.DataFrame) -> pl.DataFrame:
    texts = values["period"].unique().sort()
    periods = [Period.parse(text).year_before() for text in texts]
    before = pl.DataFrame(
        {
            "period": texts,
            "starts_before": pl.Series([p.start for p in periods], dtype=pl.Date),
            "ends_before": pl.Series([p.end for p in periods], dtype=pl.Date),
        }
    )
    return values.join(before, on="period", how="left", maintain_order="left")
