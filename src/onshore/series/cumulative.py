"""Running sums within a year and since the first period, and series as an index."""

from __future__ import annotations

from typing import Literal

import polars as pl

from onshore.figures import Period
from onshore.series.measured import measure_of
from onshore.series.settled import SERIES, SeriesError, settled
from onshore.series.steps import STEPS, straddles, with_steps

_MONEY = pl.Decimal(38, 6)


def cumulative(
    observations: pl.DataFrame, *, since: Literal["year", "first"] = "year"
) -> pl.DataFrame:
    """Add up a series' values within their year, or since its first period.

    Months, quarters, halves and years are added up apart, each in its own calendar.

    Parameters
    ----------
    observations
        The programme's table ``observations``; the last vintages are taken.
    since
        ``"year"``: from the first period of the same year; ``"first"``: from the series' first
        period of that kind.

    Returns
    -------
    DataFrame
        One row per series and period, those of a series in order of time: the columns of a
        series, ``period`` (str), ``value`` and ``to_date`` (Decimal(38, 6), in ``unit``),
        ``to_date_before`` (the same a year before; only within a year), ``growth`` (float,
        share) and ``reason`` (str): why there is no sum, which is then null.

    Raises
    ------
    SeriesError
        A period has two values of the same vintage and status.

    Examples
    --------
    >>> from decimal import Decimal
    >>> rows = [{"observation_id": str(n), "indicator": "production", "product": "steel",
    ...     "place": None, "partner": None, "unit": "t", "period": f"1402-Q{n}",
    ...     "value": Decimal(10 * n), "status": "final", "vintage": None} for n in (1, 2, 4)]
    >>> cumulative(pl.DataFrame(rows)).select("period", "to_date", "reason").rows()[-1]
    ('1402-Q4', None, 'A period before it is not observed: 1402-Q3. Add it.')
    """
    values = with_steps(settled(observations)).with_columns(pl.col("value").cast(_MONEY))
    values = values.sort("ordinal", maintain_order=True, nulls_last=True)
    group = [*SERIES, "calendar", "kind", *(["year"] if since == "year" else [])]
    first = pl.col("ordinal") - pl.col("place_in_year") + 1
    if since == "first":
        first = pl.col("ordinal").first().over(group)
    reckoned = values.with_columns(
        _reasons(values),
        _first=first,
        _count=pl.int_range(1, pl.len() + 1).over(group),
        _sum=pl.col("value").cum_sum().over(group),
    )
    gap = pl.col("ordinal") - pl.col("_first") + 1 != pl.col("_count")
    reckoned = reckoned.with_columns(
        reason=pl.coalesce("reason", pl.when(gap).then(pl.lit("gap"))),
    ).with_columns(to_date=pl.when(pl.col("reason").is_null()).then("_sum"))
    table = _beside_year_before(reckoned) if since == "year" else _alone(reckoned)
    return _with_gaps_named(table, group).select(
        *SERIES, "period", "value", "to_date", "to_date_before", "growth", "reason"
    )


def rebased(observations: pl.DataFrame, base: str, *, to: float = 100.0) -> pl.DataFrame:
    """Give each series as an index of a base period; its growth stays what it was.

    index = value / value of the base x ``to``; for a base year of a series of halves, quarters
    or months, the value of the base is the mean of the year's.

    Parameters
    ----------
    observations
        The programme's table ``observations``; the last vintages are taken.
    base
        The base period, such as ``"1397"``.
    to
        The index in the base period.

    Returns
    -------
    DataFrame
        One row per series and period, in the order of the observations: the columns of a series,
        ``period`` (str), ``value`` (Decimal(38, 6), in ``unit``), ``base_period`` (str),
        ``base_value`` (float, in ``unit``) and ``index`` (float).

    Raises
    ------
    SeriesError
        A series lacks the base period, or part of the base year, or its value is not above 0;
        all such series are named with the periods that they have.
    """
    asked = Period.parse(base)
    values = with_steps(settled(observations)).with_columns(pl.col("value").cast(_MONEY))
    values = values.with_columns(kind=pl.col("kind").fill_null("range"))
    own = [*SERIES, "kind"]
    inside = values.filter(pl.col("starts") >= asked.start, pl.col("ends") <= asked.end)
    steps = pl.col("kind").replace_strict(STEPS, default=0, return_dtype=pl.Int64)
    exact = (pl.col("starts") == asked.start) & (pl.col("ends") == asked.end)
    whole = pl.lit(asked.named().kind == "year") & (pl.len().over(own) == steps)
    bases = (
        inside.filter(exact | whole)
        .group_by(own)
        .agg(base_value=pl.col("value").cast(pl.Float64).mean())
    )
    paired = values.join(bases, on=own, how="left", nulls_equal=True, maintain_order="left")
    lacking = paired.filter(pl.col("base_value").is_null() | (pl.col("base_value") <= 0))
    if not lacking.is_empty():
        raise SeriesError(
            f"The base period {asked} is missing, not whole or not above 0 for: "
            f"{_told_series(lacking)}. Add its values, or give a base period that all have."
        )
    index = pl.col("value").cast(pl.Float64) / pl.col("base_value") * to
    return paired.select(
        *SERIES,
        "period",
        "value",
        base_period=pl.lit(str(asked)),
        base_value="base_value",
        index=index,
    )


def _reasons(values: pl.DataFrame) -> pl.Expr:
    two_years = [text for text in values["period"].unique() if straddles(text)]
    levels = [unit for unit in values["unit"].unique() if not measure_of(unit).adds_up]
    return (
        pl.when(pl.col("unit").is_in(levels))
        .then(pl.lit("Values in ") + pl.col("unit") + pl.lit(" are levels and do not add up."))
        .when(pl.col("period").is_in(two_years))
        .then(pl.lit("The period straddles two years. Split it at the turn of the year."))
        .when(pl.col("ordinal").is_null())
        .then(pl.lit("The period is no month, quarter, half or year. Give it as one of these."))
        .otherwise(pl.lit(None, dtype=pl.String))
        .alias("reason")
    )


def _beside_year_before(table: pl.DataFrame) -> pl.DataFrame:
    key = [*SERIES, "calendar", "kind", "ordinal"]
    a_year = pl.col("kind").replace_strict(STEPS, default=None, return_dtype=pl.Int64)
    before = table.filter(pl.col("ordinal").is_not_null()).select(
        *SERIES,
        "calendar",
        "kind",
        ordinal=pl.col("ordinal") + a_year,
        to_date_before="to_date",
    )
    growth = pl.col("to_date").cast(pl.Float64) / pl.col("to_date_before").cast(pl.Float64) - 1
    return table.join(
        before, on=key, how="left", nulls_equal=True, maintain_order="left"
    ).with_columns(growth=pl.when(pl.col("to_date_before") > 0).then(growth))


def _alone(table: pl.DataFrame) -> pl.DataFrame:
    return table.with_columns(
        to_date_before=pl.lit(None, dtype=_MONEY), growth=pl.lit(None, dtype=pl.Float64)
    )


def _with_gaps_named(table: pl.DataFrame, group: list[str]) -> pl.DataFrame:
    """Name the first missing period before each that cannot be added up."""
    from onshore.series.steps import step_of

    gaps = table.filter(pl.col("reason") == "gap")
    if gaps.is_empty():
        return table
    there = {
        key: set(part["ordinal"].to_list())
        for key, part in table.filter(pl.col("ordinal").is_not_null()).group_by(group)
    }
    said = []
    for row in table.iter_rows(named=True):
        if row["reason"] != "gap":
            said.append(row["reason"])
            continue
        known = there[tuple(row[name] for name in group)]
        missing = next(n for n in range(row["_first"], row["ordinal"]) if n not in known)
        step = step_of(Period.parse(row["period"]))
        told = step.after(missing - row["ordinal"]).period() if step else ""
        said.append(f"A period before it is not observed: {told}. Add it.")
    return table.with_columns(reason=pl.Series(said, dtype=pl.String))


def _told_series(frame: pl.DataFrame) -> str:
    told = []
    for key, part in frame.group_by(SERIES, maintain_order=True):
        name = " ".join(str(text) for text in key[:-1] if text)
        told.append(f"{name} in {key[-1]} (has {', '.join(part['period'].unique().sort())})")
    return "; ".join(told)
