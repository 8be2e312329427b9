"""What a unit of each import costs by partner, and which figures cannot be right."""

from __future__ import annotations

import polars as pl

from onshore.trade.facts import Facts

_FEWEST, _FAR = 5, 3.5
_TO_SIGMA = 0.6745


def unit_values(facts: Facts, country: str, year: int) -> tuple[pl.DataFrame, list[str]]:
    """Tell the unit values of a country's imports in a year.

    An outlier is one whose logarithm lies more than 3.5 modified z-scores from the median of the
    product: 0.6745 (x - median) / MAD, with MAD the median absolute deviation (B. Iglewicz and
    D. C. Hoaglin, How to Detect and Handle Outliers, ASQC 1993). It may be a mistake of quantity
    or of unit, or goods of another quality.

    Parameters
    ----------
    facts
        The flows; without quantities the table is empty.
    country
        The importer.
    year
        The year.

    Returns
    -------
    DataFrame
        ``product, partner, value, quantity, unit_value`` (money over the table's unit),
        ``median``, ``deviation`` (float; null where fewer than five partners have a unit value
        or half of them have the same), ``outlier`` (bool, null likewise): by product, then by
        falling distance from the median.
    list of str
        What a reader must know.
    """
    flows = facts.imports(country)
    flows = flows.filter(flows.period == year, flows.quantity > 0)
    by = ["product", "exporter", *(["unit"] if "unit" in flows.columns else [])]
    summed = flows.group_by(by).agg(value=flows.value.sum(), quantity=flows.quantity.sum())
    rows = facts.run(summed).rename({"exporter": "partner"})
    group = [name for name in by if name != "exporter"]
    priced = rows.with_columns(unit_value=pl.col("value") / pl.col("quantity"))
    far = pl.col("deviation").abs().fill_null(-1.0)
    table = with_outliers(priced, group).sort(
        "product", far, "partner", descending=[False, True, False]
    )
    return table, _remarks(table, facts)


def with_outliers(rows: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """Add ``median``, ``deviation`` and ``outlier`` of ``unit_value`` within groups.

    Examples
    --------
    >>> prices = pl.DataFrame({"product": ["a"] * 6, "unit_value": [9.0, 10, 10, 11, 12, 900]})
    >>> with_outliers(prices, ["product"])["outlier"].to_list()
    [False, False, False, False, False, True]
    """
    log = pl.col("unit_value").log()
    return (
        rows.with_columns(median=pl.col("unit_value").median().over(by), _log=log.median().over(by))
        .with_columns(_mad=(log - pl.col("_log")).abs().median().over(by))
        .with_columns(
            deviation=pl.when(pl.len().over(by) >= _FEWEST, pl.col("_mad") > 0).then(
                _TO_SIGMA * (log - pl.col("_log")) / pl.col("_mad")
            )
        )
        .with_columns(outlier=pl.col("deviation").abs() > _FAR)
        .drop("_log", "_mad")
    )


def _remarks(table: pl.DataFrame, facts: Facts) -> list[str]:
    source = facts.metadata["source"]["file"]
    if table.is_empty():
        return [f"{source} tells no quantities of these imports: there are no unit values."]
    found = int(table["outlier"].sum() or 0)
    if not found:
        return []
    return [
        f"{source}: {found} of {table.height} unit values lie far from those of the same product; "
        "check their quantities (unit_values, outlier)."
    ]
