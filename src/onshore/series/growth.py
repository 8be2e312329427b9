"""How a series grew on the same period of the year before."""

from __future__ import annotations

import polars as pl

from onshore.figures import Period
from onshore.series.settled import SERIES, SeriesError, settled
from onshore.series.steps import straddles

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
        ``factor`` (float, value / value before) and ``growth`` (float, share; 0.2 is 20 %),
        ``growth_a_day`` (float, the growth of the value a day: other than ``growth`` where one
        of the two has a leap day) and ``reason`` (str, why there is no growth; else null).
        Those from ``period_before`` to ``growth_a_day`` are null where the year before was not
        observed; factor and growth also where its value is not above 0.

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
    key = [*SERIES, "starts_before", "ends_before"]
    paired = _with_year_before(values).join(
        before, on=key, how="left", nulls_equal=True, maintain_order="left"
    )
    factor = pl.col("value").cast(pl.Float64) / pl.col("value_before").cast(pl.Float64)
    days = _days("starts_before", "ends_before") / _days("starts", "ends")
    return (
        _with_reasons(paired, before)
        .with_columns(
            change=pl.col("value") - pl.col("value_before"),
            factor=pl.when(pl.col("value_before") > 0).then(factor),
        )
        .select(
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
            growth_a_day=pl.col("factor") * days - 1,
            reason=pl.col("reason"),
        )
    )


def change_on(observations: pl.DataFrame, base: str) -> pl.DataFrame:
    """Set each value beside that of one base period of the same length.

    Parameters
    ----------
    observations
        The programme's table ``observations``; the last vintages are taken.
    base
        The base period, such as ``"1397"``.

    Returns
    -------
    DataFrame
        One row per value of the series that have the base, the base left out: the columns of a
        series, ``period``, ``value``, ``base_period``, ``base_value``, ``change`` (Decimal(38,
        6), in ``unit``), ``growth`` (float, share; null where the base is not above 0).

    Raises
    ------
    SeriesError
        No series has the base period, or a series that has it has values of periods that are
        not of its length, give or take a leap day; the message names them.
    """
    asked = Period.parse(base)
    values = settled(observations).with_columns(pl.col("value").cast(_MONEY))
    its_days = (pl.col("starts") == asked.start) & (pl.col("ends") == asked.end)
    bases = values.filter(its_days).select(*SERIES, base_period="period", base_value="value")
    if bases.is_empty():
        there = ", ".join(values["period"].unique().sort()) or "none"
        raise SeriesError(
            f"No value is of the base period {asked}; there are values of: {there}. "
            "Add the base period, or give one of these."
        )
    paired = values.filter(~its_days).join(
        bases, on=SERIES, nulls_equal=True, maintain_order="left"
    )
    unlike = paired.filter((_days("starts", "ends") - asked.days).abs() > 1)
    if not unlike.is_empty():
        told = ", ".join(f"{row['observation_id']} ({row['period']})" for row in unlike.to_dicts())
        raise SeriesError(
            f"Periods of unlike length are not compared with {asked} ({asked.days} days): {told}. "
            "Give a base of their own length."
        )
    change = pl.col("value") - pl.col("base_value")
    growth = change.cast(pl.Float64) / pl.col("base_value").cast(pl.Float64)
    return paired.with_columns(
        change=change, growth=pl.when(pl.col("base_value") > 0).then(growth)
    ).select(*SERIES, "period", "value", "base_period", "base_value", "change", "growth")


def _days(first: str, last: str) -> pl.Expr:
    return (pl.col(last) - pl.col(first)).dt.total_days() + 1


def _with_year_before(values: pl.DataFrame) -> pl.DataFrame:
    texts = values["period"].unique().sort()
    periods = [Period.parse(text) for text in texts]
    years = [period.year_before() for period in periods]
    days = [
        (None, None) if year.overlaps(period) else (year.start, year.end)
        for period, year in zip(periods, years, strict=True)
    ]
    before = pl.DataFrame(
        {
            "period": texts,
            "starts_before": pl.Series([first for first, _ in days], dtype=pl.Date),
            "ends_before": pl.Series([last for _, last in days], dtype=pl.Date),
            "_two_years": pl.Series([straddles(text) for text in texts], dtype=pl.Boolean),
        }
    )
    return values.join(before, on="period", how="left", maintain_order="left")


def _with_reasons(paired: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Say why a value has no growth: what there is in place of the year before."""
    series = [name for name in SERIES if name != "unit"]
    days = ["starts_before", "ends_before"]
    units = before.group_by(*series, *days).agg(_units=pl.col("unit").unique().sort())
    lengths = before.group_by(*SERIES, "starts_before").agg(
        _others=pl.col("period_before").sort_by("ends_before")
    )
    looked = paired.join(
        units, on=[*series, *days], how="left", nulls_equal=True, maintain_order="left"
    ).join(lengths, on=[*SERIES, days[0]], how="left", nulls_equal=True, maintain_order="left")
    same_unit = pl.col("_units").list.contains(pl.col("unit"))
    return looked.with_columns(
        reason=pl.when(pl.col("starts_before").is_null())
        .then(pl.lit("The period is longer than a year, so the year before lies within it."))
        .when(pl.col("value_before") <= 0)
        .then(pl.lit("The value of the year before is not above 0."))
        .when(pl.col("value_before").is_not_null())
        .then(None)
        .when(pl.col("_units").is_not_null() & ~same_unit)
        .then(pl.lit("The year before is in another unit: ") + pl.col("_units").list.join(", "))
        .when(pl.col("_others").is_not_null())
        .then(
            pl.lit("The year before is observed for a period of another length: ")
            + pl.col("_others").list.join(", ")
        )
        .when(pl.col("_two_years"))
        .then(
            pl.lit(
                "The period straddles two years, and the same days a year before are not observed."
            )
        )
        .otherwise(pl.lit("The year before is not observed."))
    )
