"""Published lump sums, kept apart from computed savings, and tied out with their parts."""

from __future__ import annotations

from datetime import date

import polars as pl

from onshore.account.errors import AccountError
from onshore.figures import RateTable

_MONEY = pl.Decimal(38, 6)
_SHOWN = [
    "claim_id",
    "part_of",
    "desk_id",
    "sector",
    "place",
    "period",
    "basis",
    "statement",
    "statement_fa",
    "stated_amount",
    "stated_currency",
    "source",
    "illustrative",
]


def stated(
    claims: pl.DataFrame,
    rates: RateTable | None = None,
    *,
    currency: str | None = None,
    rate_type: str | None = None,
    on: date | None = None,
) -> pl.DataFrame:
    """List the sums that were published, each beside the sum of its published parts.

    They are claims as somebody stated them, not computed savings, and are not to be added to
    these. A part is counted in its total: to add up what was published, take the rows whose
    ``part_of`` is null.

    Parameters
    ----------
    claims
        The programme's table ``claims``; rows with a ``stated_amount`` are taken.
    rates, currency, rate_type, on
        Give all four to have the amounts in one currency as well: the rates, the ISO 4217
        code, the type of rate, and the day.

    Returns
    -------
    DataFrame
        ``claim_id``, ``part_of``, ``desk_id``, ``sector``, ``place``, ``period``, ``basis``,
        ``statement``, ``statement_fa``, ``stated_amount`` (Decimal(38, 6), in ``stated_currency``),
        ``stated_currency``, ``source``, ``illustrative``, as in the claims and in their order;
        then ``parts`` (int, how many), ``sum_of_parts`` and ``difference`` (Decimal(38, 6), in
        ``stated_currency``; difference = stated amount - sum of parts) and ``tie_out``:
        *ties*, *differs*, or *other currencies*, where a part is in another currency and no
        sum is made. The last three are null without parts. With rates, ``amount``
        (Decimal(38, 6), in ``currency``) too.

    Raises
    ------
    AccountError
        An amount has no currency, a claim is, through others, part of itself, or only some of
        rates, currency, rate_type and on are given.
    MissingRate
        A currency has no rate of this type on this day.

    Examples
    --------
    The parts of the 1,045 million euros stated as saved add up to 1,040 million (Mehr News
    Agency, 2020).

    >>> from decimal import Decimal
    >>> claims = pl.DataFrame({
    ...     "claim_id": ["all", "oil", "telecoms", "cars", "metals"],
    ...     "part_of": [None, "all", "all", "all", "all"],
    ...     "stated_amount": [Decimal(n) for n in (1045, 140, 120, 340, 440)],
    ...     "stated_currency": ["EUR"] * 5,
    ... })
    >>> row = stated(claims).row(0, named=True)
    >>> int(row["sum_of_parts"]), int(row["difference"]), row["tie_out"]
    (1040, 5, 'differs')
    """
    lump_sums = claims.filter(pl.col("stated_amount").is_not_null()).select(
        name for name in _SHOWN if name in claims.columns
    )
    lump_sums = lump_sums.with_columns(pl.col("stated_amount").cast(_MONEY))
    _require_sound(lump_sums)
    tied = _tied_out(lump_sums)
    given = [rates, currency, rate_type, on]
    if all(value is None for value in given):
        return tied
    if rates is None or currency is None or rate_type is None or on is None:
        raise AccountError("To convert, give all of rates, currency, rate_type and on.")
    return rates.convert_column(
        tied.with_columns(pl.lit(on).alias("_on")),
        amount="stated_amount",
        currency="stated_currency",
        on="_on",
        to=currency,
        rate_type=rate_type,
        out="amount",
    ).drop("_on")


def _tied_out(lump_sums: pl.DataFrame) -> pl.DataFrame:
    currencies = lump_sums.select(part_of="claim_id", total_currency="stated_currency")
    parts = (
        lump_sums.filter(pl.col("part_of").is_not_null())
        .join(currencies, on="part_of")
        .group_by("part_of")
        .agg(
            pl.len().cast(pl.Int64).alias("parts"),
            sum_of_parts=pl.col("stated_amount").sum(),
            _alike=(pl.col("stated_currency") == pl.col("total_currency")).all(),
        )
        .with_columns(sum_of_parts=pl.when("_alike").then("sum_of_parts"))
    )
    difference = pl.col("stated_amount") - pl.col("sum_of_parts")
    return (
        lump_sums.join(
            parts, left_on="claim_id", right_on="part_of", how="left", maintain_order="left"
        )
        .with_columns(
            pl.col("parts").fill_null(0),
            difference=difference,
            tie_out=pl.when(~pl.col("_alike"))
            .then(pl.lit("other currencies"))
            .when(difference == 0)
            .then(pl.lit("ties"))
            .when(difference != 0)
            .then(pl.lit("differs")),
        )
        .drop("_alike")
    )


def _require_sound(lump_sums: pl.DataFrame) -> None:
    bare = lump_sums.filter(pl.col("stated_currency").is_null())["claim_id"]
    if not bare.is_empty():
        raise AccountError(
            f"Stated amounts have no currency: {', '.join(bare)}. Fill in stated_currency."
        )
    total_of = dict(lump_sums.select("claim_id", "part_of").drop_nulls().iter_rows())
    for claim in total_of:
        above: list[str] = [claim]
        while (total := total_of.get(above[-1])) is not None:
            if total in above:
                raise AccountError(
                    f"Claim {total} is part of itself: {' is part of '.join([*above, total])}. "
                    "Take one part_of out."
                )
            above.append(total)
