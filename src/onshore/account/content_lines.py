"""Imported content by its lines: materials, royalties, and tooling spread over a volume."""

from __future__ import annotations

import polars as pl

from onshore.account.columns import MONEY, named, typed
from onshore.account.deliveries import with_unit_factors
from onshore.account.errors import AccountError
from onshore.figures import RateTable

_LINES: dict[str, pl.DataType] = {
    "claim_id": pl.String(),
    "line": pl.String(),
    "kind": pl.String(),
    "amount": MONEY,
    "currency": pl.String(),
    "over_volume": MONEY,
    "unit": pl.String(),
}


def itemised_content(
    claims: pl.DataFrame,
    content: pl.DataFrame,
    baselines: pl.DataFrame,
    *,
    rates: RateTable,
    rate_type: str,
) -> pl.DataFrame:
    """Fill in the imported content of claims that give it in lines.

    imported content = materials + royalties + tooling / the volume it is spread over

    Parameters
    ----------
    claims, baselines
        The programme's tables of these names.
    content
        The programme's table ``content_lines``: ``claim_id``, ``line``, ``kind`` (*materials*,
        *royalty* or *tooling*), ``amount`` (Decimal, in ``currency``: per home-made unit; of
        tooling, its whole price), ``over_volume`` (Decimal, in ``unit``, or in the baseline's
        unit where that is empty).
    rates, rate_type
        Exchange rates and their type: a line in another currency than the baseline's is
        converted on the baseline's price date.

    Returns
    -------
    DataFrame
        The claims, with ``imported_content`` (Decimal(38, 6), per unit, in the baseline's
        currency) where there are lines; the others as they are.

    Raises
    ------
    AccountError
        Lines do not hold: see the rule *imported content* of `check_claims`.
    MissingRate
        A line cannot be converted on its baseline's price date.

    Examples
    --------
    Steel of 3 USD in each piece, and a die of 5,000 USD for 10,000 pieces.

    >>> from datetime import date
    >>> from decimal import Decimal
    >>> claims = pl.DataFrame({"claim_id": ["C"], "baseline_id": ["B"], "imported_content": [None]})
    >>> content = pl.DataFrame({
    ...     "claim_id": ["C", "C"], "line": ["steel", "die"], "kind": ["materials", "tooling"],
    ...     "amount": [Decimal(3), Decimal(5000)], "currency": ["USD", "USD"],
    ...     "over_volume": [None, Decimal(10_000)],
    ... })
    >>> baselines = pl.DataFrame({
    ...     "baseline_id": ["B"], "currency": ["USD"], "unit": ["H87"],
    ...     "price_date": [date(2020, 8, 1)],
    ... })
    >>> rates = RateTable(pl.DataFrame({
    ...     "base": ["USD"], "quote": ["IRR"], "date": [date(2020, 8, 1)],
    ...     "rate": [Decimal(42000)], "rate_type": ["official"],
    ... }))
    >>> filled = itemised_content(claims, content, baselines, rates=rates, rate_type="official")
    >>> print(filled["imported_content"].item())
    3.500000
    """
    frozen = typed(baselines, {name: pl.String() for name in ("baseline_id", "currency", "unit")})
    frozen = frozen.rename({"currency": "baseline_currency", "unit": "baseline_unit"})
    days = typed(baselines, {"baseline_id": pl.String(), "price_date": pl.Date()})
    facts = (
        claims.with_row_index("_order")
        .join(frozen, on="baseline_id", how="left", maintain_order="left")
        .join(days, on="baseline_id", how="left", maintain_order="left")
        .with_columns(pl.col("imported_content").cast(MONEY))
    )
    lines = lines_of(content, facts)
    bad = with_content(facts, lines).filter(pl.col("content_problem").is_not_null())
    if not bad.is_empty():
        raise AccountError(
            f"Imported content does not hold: {named(bad, 'claim_id', 'content_problem')}. "
            "Mend the table content_lines."
        )
    sums = _converted(lines, rates, rate_type).group_by("_order").agg(_sum=pl.col("_each").sum())
    return (
        facts.join(sums, on="_order", how="left", maintain_order="left")
        .with_columns(imported_content=pl.coalesce("_sum", "imported_content"))
        .select(claims.columns)
    )


def lines_of(content: pl.DataFrame | None, facts: pl.DataFrame) -> pl.DataFrame:
    """Set each line beside its claim's baseline; lines of claims that are not there fall out."""
    known = typed(pl.DataFrame() if content is None else content, _LINES)
    claimed = facts.select(
        "_order", "claim_id", "price_date", "baseline_currency", "baseline_unit"
    ).unique("claim_id", keep="first", maintain_order=True)
    rows = known.join(claimed, on="claim_id", maintain_order="left").with_columns(
        unit=pl.coalesce("unit", "baseline_unit")
    )
    return with_unit_factors(rows, bare="neither it nor the baseline has a unit")


def with_content(facts: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Add ``has_lines`` (bool) and ``content_problem`` (str), the first that its lines have."""
    tooling, volume = pl.col("kind") == "tooling", pl.col("over_volume")
    cases = {
        "is listed twice": pl.struct("claim_id", "line").is_duplicated(),
        "does not say its kind": pl.col("kind").is_null(),
        "has no amount or no currency": pl.col("amount").is_null() | pl.col("currency").is_null(),
        "does not say over what volume the tooling is spread": tooling
        & (volume.is_null() | (volume <= 0)),
        "is spread over a volume and is not tooling": ~tooling & volume.is_not_null(),
        "gives its volume in another unit than can be told in the baseline's": tooling
        & pl.col("unit_problem").is_not_null(),
    }
    told = pl.coalesce(
        pl.when(bad).then(pl.format("its line '{}' of imported content {}", "line", pl.lit(what)))
        for what, bad in cases.items()
    )
    found = lines.group_by("_order").agg(_problem=told.drop_nulls().first(), has_lines=pl.lit(True))
    both = pl.col("has_lines") & pl.col("imported_content").is_not_null()
    return (
        facts.join(found, on="_order", how="left", maintain_order="left")
        .with_columns(pl.col("has_lines").fill_null(value=False))
        .with_columns(
            content_problem=pl.when(both)
            .then(pl.lit("it gives its imported content both in one figure and in lines"))
            .otherwise("_problem")
        )
        .drop("_problem")
    )


def _converted(lines: pl.DataFrame, rates: RateTable, rate_type: str) -> pl.DataFrame:
    """Add ``_each``: the amount in one home-made unit, in the baseline's currency."""
    volume = pl.col("over_volume") * pl.col("_above") / pl.col("_below")
    each = lines.with_columns(
        _each=pl.when(pl.col("kind") == "tooling")
        .then(pl.col("amount") / volume)
        .otherwise("amount")
        .cast(MONEY)
    )
    groups = each.partition_by("baseline_currency", maintain_order=True)
    return pl.concat(
        [
            rates.convert_column(
                group,
                amount="_each",
                currency="currency",
                on="price_date",
                to=group["baseline_currency"][0],
                rate_type=rate_type,
                out="_each",
            )
            for group in groups
        ]
        or [each]
    )
