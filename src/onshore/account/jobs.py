"""Jobs as deals state them, by basis."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from onshore.account.columns import named, typed
from onshore.account.errors import AccountError
from onshore.figures import Basis

_DEALS: dict[str, pl.DataType] = {
    **dict.fromkeys(
        ("deal_id", "basis", "desk_id", "buyer_id", "maker_id", "item_id"), pl.String()
    ),
    "jobs": pl.Int64(),
}
_BASES = pl.Enum([str(basis.value) for basis in (Basis.MOU, Basis.CONTRACTED)])


def jobs(
    deals: pl.DataFrame,
    by: Sequence[str] = (),
    *,
    desks: pl.DataFrame | None = None,
    organisations: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Sum the jobs that deals state, by basis: a memorandum's are never added to a contract's.

    Parameters
    ----------
    deals
        The programme's table ``deals``.
    by
        Columns to group by: ``deal_id``, ``desk_id``, ``buyer_id``, ``maker_id``, ``item_id``;
        with the table ``desks`` also ``sector``, with ``organisations`` also ``place``, the
        maker's.
    desks, organisations
        The programme's tables.

    Returns
    -------
    DataFrame
        One row per group and basis that has deals, in order: the columns of ``by``, ``basis``
        (*MoU* or *contracted*), ``jobs`` (int, of the deals that state them), ``deals`` (int),
        ``without_jobs`` (int, deals that state none).

    Raises
    ------
    AccountError
        A deal occurs twice or has another basis, or a column of ``by`` is not one of these.

    Examples
    --------
    >>> deals = pl.DataFrame({
    ...     "deal_id": ["D1", "D2", "D3"], "basis": ["MoU", "contracted", "contracted"],
    ...     "jobs": [400, 25, None],
    ... })
    >>> jobs(deals).rows()
    [('MoU', 400, 1, 0), ('contracted', 25, 2, 1)]
    """
    known = typed(deals, _DEALS)
    _require_sound(known)
    if desks is not None:
        known = known.join(desks.select("desk_id", "sector"), on="desk_id", how="left")
    if organisations is not None:
        makers = organisations.select("place", maker_id="organisation_id")
        known = known.join(makers, on="maker_id", how="left")
    allowed = [name for name in known.columns if name not in ("basis", "jobs")]
    lost = [name for name in by if name not in allowed]
    if lost:
        raise AccountError(
            f"Jobs cannot be grouped by {', '.join(lost)}. Name any of: {', '.join(allowed)}."
        )
    return (
        known.with_columns(pl.col("basis").cast(_BASES))
        .group_by(*by, "basis")
        .agg(
            pl.col("jobs").sum(),
            deals=pl.len().cast(pl.Int64),
            without_jobs=pl.col("jobs").is_null().sum().cast(pl.Int64),
        )
        .sort(*by, "basis", nulls_last=True)
        .with_columns(pl.col("basis").cast(pl.String))
    )


def _require_sound(deals: pl.DataFrame) -> None:
    twice = deals.filter(pl.col("deal_id").is_duplicated()).unique("deal_id").sort("deal_id")
    if not twice.is_empty():
        raise AccountError(
            f"Deals occur more than once and would be counted twice: {named(twice, 'deal_id')}. "
            "Give each deal one row."
        )
    strange = deals.filter(
        ~pl.col("basis").is_in(_BASES.categories.to_list()).fill_null(value=False)
    )
    if not strange.is_empty():
        raise AccountError(
            f"Deals are neither MoU nor contracted: {named(strange, 'deal_id', 'basis')}. "
            "Write one of the two."
        )
