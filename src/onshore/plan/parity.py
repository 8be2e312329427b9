"""What an import costs its buyer at the door: CIF, duty, handling and inland carriage."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from onshore.codes import UnknownCode, units
from onshore.figures import MissingRate, RateTable

if TYPE_CHECKING:
    from onshore.records import Settings

_MONEY = pl.Decimal(38, 6)
_CHARGES: dict[str, pl.DataType | type[pl.DataType]] = {
    "item_id": pl.String,
    "buyer_id": pl.String,
    "need_unit": pl.String,
    "duty": pl.Float64,
    "handling": _MONEY,
}
_BASELINE = ["item_id", "buyer_id", "need_unit"]


def with_parity(
    priced: pl.DataFrame, baselines: pl.DataFrame | None, rates: RateTable, settings: Settings
) -> pl.DataFrame:
    """Add ``duty`` and ``import_parity`` = reference CIF x (1 + duty) + handling and inland.

    Duty and handling are those of the buyer's baseline of the item that holds on the price date
    (of several the one frozen last). Without one the duty is null, and both count as 0.
    """
    if baselines is None or baselines.is_empty():
        known = pl.DataFrame(schema=_CHARGES)
    else:
        known = _charges(priced.select(_BASELINE).unique(), baselines, rates, settings)
    return priced.join(known, on=_BASELINE, how="left", maintain_order="left").with_columns(
        import_parity=pl.col("reference_cif") * (1 + pl.col("duty").fill_null(0.0)).cast(_MONEY)
        + pl.col("handling").fill_null(0)
    )


def _charges(
    wanted: pl.DataFrame, baselines: pl.DataFrame, rates: RateTable, settings: Settings
) -> pl.DataFrame:
    """Find the duty and the handling, in the programme's currency, per unit of the need."""
    holds = pl.col("until").is_null() | (pl.col("until") >= settings.price_date)
    found = (
        wanted.drop_nulls()
        .join(baselines.filter(holds), on=["item_id", "buyer_id"])
        .sort("frozen_on", "baseline_id")
        .unique(_BASELINE, keep="last", maintain_order=True)
    )
    rows = []
    for row in found.iter_rows(named=True):
        try:
            factor = units.factor(row["need_unit"], row["unit"])
            rate = rates.find(
                row["currency"],
                settings.currency,
                on=settings.price_date,
                rate_type=settings.rate_type,
            ).rate
        except (UnknownCode, MissingRate, ValueError):
            # A handling that cannot be brought to the need's unit and currency is not counted.
            rate = None
        each = row["handling_inland"]
        handling = None
        if rate is not None and each is not None:
            handling = each * rate * factor.numerator / factor.denominator
        rows.append((*(row[name] for name in _BASELINE), row["duty"] or 0.0, handling))
    return pl.DataFrame(rows, schema=_CHARGES, orient="row")
