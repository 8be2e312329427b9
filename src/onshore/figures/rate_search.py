"""The rates that hold on given days: a pair's own, its inverse, or a chain over one currency."""

import polars as pl


def own_rates(requests: pl.DataFrame, rates: pl.DataFrame) -> pl.DataFrame:
    """Find the rate or inverse rate of each pair and day.

    Parameters
    ----------
    requests
        ``base``, ``quote`` (str), ``on`` (Date).
    rates
        Rates of one type, in order of ``date``, with ``row`` and ``last``.

    Returns
    -------
    DataFrame
        The requests that have one, with ``row1`` and ``inverse1`` (bool).
    """
    found = _leg(requests, rates, "base", "quote", "1").filter(pl.col("row1").is_not_null())
    return found.select("base", "quote", "on", "row1", "inverse1")


def chained_rates(requests: pl.DataFrame, rates: pl.DataFrame) -> pl.DataFrame:
    """Find the chain of two rates over a third currency for each pair and day.

    Of several chains, the one whose older rate is newest is taken, then the first third currency
    in the alphabet. Parameters are as for ``own_rates``; ``row2`` and ``inverse2`` are added.
    """
    third = pl.concat([rates["base"], rates["quote"]]).unique().sort().alias("third").to_frame()
    tried = requests.join(third, how="cross").filter(
        (pl.col("third") != pl.col("base")) & (pl.col("third") != pl.col("quote"))
    )
    first = _leg(tried, rates, "base", "third", "1").filter(pl.col("row1").is_not_null())
    both = _leg(first, rates, "third", "quote", "2").filter(pl.col("row2").is_not_null())
    best = both.with_columns(older=pl.min_horizontal("date1", "date2")).sort(
        ["older", "third"], descending=[True, False]
    )
    return best.unique(["base", "quote", "on"], keep="first", maintain_order=True).select(
        "base", "quote", "on", "row1", "inverse1", "row2", "inverse2"
    )


def _leg(
    requests: pl.DataFrame, rates: pl.DataFrame, base: str, quote: str, name: str
) -> pl.DataFrame:
    """Add to each request the rate between two of its columns, turned round where need be."""
    direct = _as_of(requests, rates, [base, quote], ["base", "quote"])
    turned = _as_of(direct, rates, [base, quote], ["quote", "base"], suffix="_turned")
    row = pl.coalesce("row", "row_turned")
    return turned.select(
        *requests.columns,
        row.alias(f"row{name}"),
        pl.col("row").is_null().alias(f"inverse{name}"),
        pl.coalesce("date", "date_turned").alias(f"date{name}"),
    )


def _as_of(
    requests: pl.DataFrame,
    rates: pl.DataFrame,
    left: list[str],
    right: list[str],
    suffix: str = "",
) -> pl.DataFrame:
    renamed = rates.select(
        pl.col(right[0]).alias("_a"),
        pl.col(right[1]).alias("_b"),
        pl.col("date").alias("_on"),
        pl.col("date").alias(f"date{suffix}"),
        pl.col("row").alias(f"row{suffix}"),
        pl.col("last").alias("_last"),
    )
    joined = requests.sort("on").join_asof(
        renamed,
        left_on="on",
        right_on="_on",
        by_left=left,
        by_right=["_a", "_b"],
        strategy="backward",
        check_sortedness=False,
    )
    holds = pl.col("on") <= pl.col("_last")
    return joined.with_columns(
        pl.when(holds).then(pl.col(f"row{suffix}")),
        pl.when(holds).then(pl.col(f"date{suffix}")),
    ).drop("_last", "_on", strict=False)
