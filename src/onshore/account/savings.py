"""What each claim saved: foreign currency kept at home, and the effect on cost."""

from __future__ import annotations

import polars as pl

from onshore.account.columns import MONEY, named, typed
from onshore.account.errors import AccountError
from onshore.account.landed_cost import (
    PRICE_COLUMNS,
    in_currency,
    with_parity,
    with_price_problem,
)
from onshore.figures import RateTable


def savings(
    claims: pl.DataFrame,
    baselines: pl.DataFrame,
    *,
    rates: RateTable,
    currency: str,
    rate_type: str,
) -> pl.DataFrame:
    """Work out what each claim with a quantity and a baseline saved.

    net currency saved = quantity x (reference CIF - imported content)

    cost effect = quantity x (import parity - domestic price), where
    import parity = reference CIF + duty + handling and inland carriage (see `landed_cost`)

    The two measure different things and are never added: the first is foreign currency that
    stayed at home, the second what the buyer paid less than for the import. Either may be
    negative. All money is converted on the baseline's price date.

    Parameters
    ----------
    claims
        The programme's table ``claims``. Rows without a quantity and a baseline are published
        lump sums (see `stated`) and give no row.
    baselines
        The programme's table ``baselines``: a CIF price, or a price by another delivery term
        with what brings it to CIF. Empty ``duty`` and ``handling_inland`` count as 0.
    rates
        Exchange rates.
    currency
        ISO 4217 code of the currency to reckon in.
    rate_type
        Type of exchange rate.

    Returns
    -------
    DataFrame
        The computed claims in their order, with all their columns and ``net_currency_saved``,
        ``cost_effect`` (Decimal(38, 6), in ``currency``) and ``currency`` (str). An imported
        content that is not given counts as the whole domestic price; where that is not given
        either, ``net_currency_saved`` is null. ``cost_effect`` is null without a domestic
        price.

    Raises
    ------
    AccountError
        A claim's baseline is not in the table, or its price cannot be brought to CIF; all such
        claims are named.
    MissingRate
        A currency has no rate of this type on a baseline's price date.

    Examples
    --------
    100 pieces at a CIF of 10 USD, of which 4 USD are imported content, at 42,000 rials.

    >>> from datetime import date
    >>> from decimal import Decimal
    >>> claims = pl.DataFrame({
    ...     "claim_id": ["C1"], "baseline_id": ["B1"], "quantity": [Decimal(100)],
    ...     "imported_content": [Decimal(4)], "domestic_price": [Decimal(410_000)],
    ...     "domestic_currency": ["IRR"],
    ... })
    >>> baselines = pl.DataFrame({
    ...     "baseline_id": ["B1"], "reference_cif": [Decimal(10)], "currency": ["USD"],
    ...     "price_date": [date(2020, 8, 1)], "duty": [0.05], "handling_inland": [Decimal(0)],
    ... })
    >>> rates = RateTable(pl.DataFrame({
    ...     "base": ["USD"], "quote": ["IRR"], "date": [date(2020, 8, 1)],
    ...     "rate": [Decimal(42000)], "rate_type": ["official"],
    ... }))
    >>> found = savings(claims, baselines, rates=rates, currency="IRR", rate_type="official")
    >>> [int(found[name].item()) for name in ("net_currency_saved", "cost_effect")]
    [25200000, 3100000]
    """
    computed = with_price_problem(_with_baselines(claims, baselines))
    _require_priced(computed)
    each = pl.col("quantity").cast(MONEY)
    measured = in_currency(
        computed, rates=rates, currency=currency, rate_type=rate_type, quantity=each
    ).with_columns(
        _imported=each * pl.col("imported_content").cast(MONEY),
        _domestic=each * pl.col("domestic_price").cast(MONEY),
    )
    for total, own in (("_imported", "currency"), ("_domestic", "domestic_currency")):
        measured = rates.convert_column(
            measured,
            amount=total,
            currency=own,
            on="price_date",
            to=currency,
            rate_type=rate_type,
            out=total,
        )
    return with_parity(measured).select(
        *claims.columns,
        net_currency_saved=pl.col("_cif") - pl.coalesce("_imported", "_domestic"),
        cost_effect=pl.col("_parity") - pl.col("_domestic"),
        currency=pl.lit(currency),
    )


def _with_baselines(claims: pl.DataFrame, baselines: pl.DataFrame) -> pl.DataFrame:
    computed = claims.filter(pl.col("quantity").is_not_null() & pl.col("baseline_id").is_not_null())
    missing = computed.join(baselines, on="baseline_id", how="anti")
    if not missing.is_empty():
        raise AccountError(
            f"The baselines of {missing.height} claims are not in the table baselines: "
            f"{named(missing, 'claim_id', 'baseline_id')}. "
            "Add them, or mend the claims' baseline_id."
        )
    frozen = typed(baselines, {"baseline_id": pl.String(), **PRICE_COLUMNS})
    return computed.join(
        frozen, on="baseline_id", how="left", maintain_order="left", validate="m:1"
    )


def _require_priced(computed: pl.DataFrame) -> None:
    bad = computed.filter(pl.col("price_problem").is_not_null())
    if not bad.is_empty():
        raise AccountError(
            f"The baselines of {bad.height} claims have no CIF price: "
            f"{named(bad, 'claim_id', 'baseline_id', 'price_problem')}. "
            "Give what is missing in the table baselines; write 0 where there is none."
        )
