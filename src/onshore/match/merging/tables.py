"""Columns of the tables that are merged, as texts, and what is wrong with them."""

from collections.abc import Sequence

import polars as pl

from onshore.match.errors import MatchError

_SHOWN = 5


def texts_of(
    table: pl.DataFrame, name: str, required: Sequence[str], optional: Sequence[str] = ()
) -> pl.DataFrame:
    """Give some columns of a table as texts, empty where there is nothing.

    Raises
    ------
    MatchError
        A required column is missing, or a column holds no texts.
    """
    missing = [column for column in required if column not in table.columns]
    if missing:
        raise MatchError(
            f"{name}: no column {' or '.join(missing)}. "
            f"Found: {', '.join(table.columns) or 'no column'}. Rename or add it."
        )
    for column in (*required, *optional):
        kind = table.schema.get(column, pl.String())
        if kind.is_nested() or kind in (pl.Binary, pl.Object):
            raise MatchError(
                f"{name}: {column} holds {kind}, not text. Write one text in each row."
            )
    return table.select(
        (pl.col(column).cast(pl.String) if column in table.columns else pl.lit(None, pl.String))
        .fill_null("")
        .alias(column)
        for column in (*required, *optional)
    )


def check_ids(ids: pl.Series, name: str) -> None:
    """Refuse ids that are empty or occur twice.

    Raises
    ------
    MatchError
        Names the rows (the first of the data is 1) or the ids.
    """
    empty = [str(row) for row, value in enumerate(ids, start=1) if not value.strip()]
    if empty:
        raise MatchError(
            f"{name}: {ids.name} is empty in data row {some(empty)}. Give each row its own id."
        )
    repeated = ids.filter(ids.is_duplicated()).unique(maintain_order=True).to_list()
    if repeated:
        raise MatchError(
            f"{name}: {ids.name} occurs more than once: {some(repeated)}. "
            "Give each row its own id, or remove the repeated rows."
        )


def some(values: Sequence[str]) -> str:
    """List the first of many values."""
    more = f" and {len(values) - _SHOWN:,} more" if len(values) > _SHOWN else ""
    return ", ".join(values[:_SHOWN]) + more
