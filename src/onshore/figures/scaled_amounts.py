"""Columns of amounts times exact factors, rounded once."""

from decimal import Decimal
from fractions import Fraction

import polars as pl

PLACES = 6
"""Converted amounts are rounded to this many decimal places, halves to even."""

AMOUNT = pl.Decimal(38, PLACES)
_INT128 = 2**127
_WIDEST = 10**38


def times(amount: Decimal, factor: Fraction) -> Decimal:
    """Multiply an amount by a factor, as ``column_times`` does."""
    return Decimal(round(Fraction(amount) * factor * 10**PLACES)).scaleb(-PLACES)


def column_times(amounts: pl.Series, factors: list[Fraction], place: pl.Series) -> pl.Series:
    """Multiply amounts by the factors at their places in the list; null where either is null."""
    scaled = amounts.to_physical()
    above, below = [f.numerator for f in factors], [f.denominator for f in factors]
    largest = max(abs(int(scaled.max() or 0)), abs(int(scaled.min() or 0)))  # type: ignore[arg-type]
    fits = largest * max(above) < _INT128 and 2 * max(below) < _INT128
    if not fits or largest * max(factors) * 10**PLACES >= _WIDEST:
        exact = [
            None if n is None or i is None else round(n * factors[i])
            for n, i in zip(scaled.to_list(), place.to_list(), strict=True)
        ]
        decimals = [None if n is None else Decimal(n).scaleb(-PLACES) for n in exact]
        return pl.Series(decimals, dtype=AMOUNT)
    product, divisor = pl.col("amount") * pl.col("above"), pl.col("below")
    quotient = product // divisor
    twice = 2 * (product - quotient * divisor)
    up = (twice > divisor) | ((twice == divisor) & (quotient % 2 == 1))
    # A Decimal is an Int128 read at a scale; Polars casts by value, so the scale is divided out.
    as_amount = (quotient + up.cast(pl.Int128)).cast(pl.Decimal(38, 0)).cast(AMOUNT)
    return (
        pl.DataFrame(
            {
                "amount": scaled,
                "above": pl.Series(above, dtype=pl.Int128).gather(place),
                "below": pl.Series(below, dtype=pl.Int128).gather(place),
            }
        )
        .select(as_amount / Decimal(10**PLACES))
        .to_series()
    )
