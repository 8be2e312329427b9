"""Where a series stands against its targets."""

from __future__ import annotations

from datetime import date

import polars as pl

from onshore.figures import Period
from onshore.series.settled import SERIES, settled

_MONEY = pl.Decimal(38, 6)


def against_targets(observations: pl.DataFrame, targets: pl.DataFrame) -> pl.DataFrame:
    """Set each target beside the last observation of the same period, or of a year before it.

    growth needed in a year = (target / observed) ^ (1 / years) - 1

    A target for a year is compared with years, one for a first quarter with first quarters.

    Parameters
    ----------
    observations, targets
        The programme's tables of these names.

    Returns
    -------
    DataFrame
        One row per target, in their order: ``target_id``, ``indicator``, ``product``,
        ``place``, ``partner``, ``unit``, ``period`` (str), ``target`` (Decimal(38, 6), in
        ``unit``); ``observed_period`` (str), ``observed`` (Decimal(38, 6)), ``status`` (str),
        ``years`` (int, from the observation to the target), ``factor`` (float, target /
        observed), ``growth_needed`` (float, share a year; null once the target's own period
        is observed) and ``attained`` (float, observed / target; only for the target's own
        period). Those from ``observed_period`` on are null where nothing was observed in the
        target's unit; factor, growth needed and attained where a value is not above 0.

    Raises
    ------
    SeriesError
        A period has two values of the same vintage and status.

    Examples
    --------
    45 million tonnes of steel in 1400, from 30 million in 1398.

    >>> from decimal import Decimal
    >>> series = {"indicator": ["production"], "product": ["steel"], "place": [None],
    ...     "partner": [None], "unit": ["million t"]}
    >>> texts = {"place": pl.String, "partner": pl.String}
    >>> observations = pl.DataFrame(series | {"observation_id": ["O"], "period": ["1398"],
    ...     "value": [Decimal(30)], "status": ["reported"], "vintage": [None]},
    ...     schema_overrides=texts)
    >>> targets = pl.DataFrame(series | {"target_id": ["T"], "period": ["1400"],
    ...     "value": [Decimal(45)]}, schema_overrides=texts)
    >>> against_targets(observations, targets).select("years", "growth_needed").row(0)
    (2, 0.22474487139158894)
    """
    observed = settled(observations).select(
        *SERIES,
        "starts",
        "ends",
        "status",
        observed_period="period",
        observed=pl.col("value").cast(_MONEY),
    )
    aims = targets.with_row_index("_order").select(
        "_order", "target_id", *SERIES, "period", target=pl.col("value").cast(_MONEY)
    )
    nearest = (
        aims.join(_same_period_of_years(targets, observed), on="period")
        .join(observed, on=[*SERIES, "starts", "ends"], nulls_equal=True)
        .sort("_order", "years")
        .unique("_order", keep="first", maintain_order=True)
        .select("_order", "observed_period", "observed", "status", "years")
    )
    return _measured(aims.join(nearest, on="_order", how="left", maintain_order="left"))


def _measured(compared: pl.DataFrame) -> pl.DataFrame:
    target, observed = (pl.col(name).cast(pl.Float64) for name in ("target", "observed"))
    positive = (target > 0) & (observed > 0)
    ahead = pl.col("years") > 0
    yearly = pl.col("factor") ** (1 / pl.col("years")) - 1
    return (
        compared.with_columns(factor=pl.when(positive).then(target / observed))
        .with_columns(
            growth_needed=pl.when(ahead).then(yearly),
            attained=pl.when(positive & ~ahead).then(observed / target),
        )
        .drop("_order")
    )


def _same_period_of_years(targets: pl.DataFrame, observed: pl.DataFrame) -> pl.DataFrame:
    """Give each target's period, and the same period of each year back to the first observed."""
    first = observed["starts"].min()
    rows: list[tuple[str, int, date, date]] = []
    for text in targets["period"].unique().sort():
        period, years = Period.parse(text), 0
        while isinstance(first, date) and period.start >= first:
            rows.append((text, years, period.start, period.end))
            period, years = period.year_before(), years + 1
    return pl.DataFrame(
        rows,
        schema={"period": pl.String, "years": pl.Int64, "starts": pl.Date, "ends": pl.Date},
        orient="row",
    )
