"""What was delivered and accepted for each claim, in the unit of its baseline."""

from __future__ import annotations

import polars as pl

from onshore.codes import UnknownCode, units

_QUANTITY = pl.Decimal(38, 6)


def with_deliveries(
    facts: pl.DataFrame, deals: pl.DataFrame, deliveries: pl.DataFrame
) -> pl.DataFrame:
    """Add what the claim's deal delivered within the claim's period.

    Parameters
    ----------
    facts
        One row per claim: ``_order`` (unique), ``deal_id``, ``baseline_unit`` (str),
        ``starts``, ``ends`` (Date).
    deals, deliveries
        The programme's tables, typed.

    Returns
    -------
    DataFrame
        The same rows with ``delivered`` (by day of delivery), ``accepted``,
        ``serial_accepted`` (by day of acceptance, or of delivery where that is not given;
        Decimal, in the baseline's unit; 0 where there is none) and ``unit_problem`` (str, or
        null where every delivery could be counted).
    """
    claimed = facts.select("_order", "deal_id", "baseline_unit", "starts", "ends").drop_nulls()
    rows = _in_unit(
        deliveries.join(deals.select("deal_id", deal_unit="unit"), on="deal_id", how="left")
        .with_columns(unit=pl.coalesce("unit", "deal_unit"))
        .join(claimed, on="deal_id")
    )
    within = pl.col("delivered_on").is_between("starts", "ends")
    accepted_within = pl.coalesce("accepted_on", "delivered_on").is_between("starts", "ends")
    sums = rows.group_by("_order").agg(
        delivered=pl.col("quantity").filter(within).sum(),
        accepted=pl.col("accepted").filter(accepted_within).sum(),
        serial_accepted=pl.col("accepted").filter(accepted_within & pl.col("serial")).sum(),
        unit_problem=pl.col("unit_problem").drop_nulls().sort().first(),
    )
    amounts = ["delivered", "accepted", "serial_accepted"]
    return facts.join(sums, on="_order", how="left", maintain_order="left").with_columns(
        pl.col(amounts).fill_null(0)
    )


def _in_unit(rows: pl.DataFrame) -> pl.DataFrame:
    return with_unit_factors(rows).with_columns(
        (pl.col(name).cast(_QUANTITY) * pl.col("_above") / pl.col("_below")).alias(name)
        for name in ("quantity", "accepted")
    )


def with_unit_factors(
    rows: pl.DataFrame, bare: str = "a delivery has no unit, and neither has its deal"
) -> pl.DataFrame:
    """Add what turns ``unit`` into ``baseline_unit``: times ``_above``, by ``_below``.

    Where it cannot be done both are null, and ``unit_problem`` says why: ``bare`` where there is
    no unit at all.
    """
    factors = []
    for unit, wanted in rows.select("unit", "baseline_unit").unique().iter_rows():
        try:
            factor = units.factor(unit, wanted) if unit is not None else None
            problem = bare if factor is None else None
        except (UnknownCode, ValueError) as error:
            factor, problem = None, str(error)
        parts = (None, None) if factor is None else (factor.numerator, factor.denominator)
        factors.append((unit, wanted, *parts, problem))
    table = pl.DataFrame(
        factors,
        schema={
            "unit": pl.String,
            "baseline_unit": pl.String,
            "_above": pl.Decimal(38, 0),
            "_below": pl.Decimal(38, 0),
            "unit_problem": pl.String,
        },
        orient="row",
    )
    return rows.join(
        table,
        on=["unit", "baseline_unit"],
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )
