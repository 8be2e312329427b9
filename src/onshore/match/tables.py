"""Tables of needs or offers, checked, as texts to be read."""

from collections.abc import Iterator, Sequence

import polars as pl

from onshore.match.errors import MatchError
from onshore.match.lines import Line, read_line

TEXTS = ("description", "brand", "part_number", "hs_code")


def texts_of(table: pl.DataFrame, name: str, key: str) -> pl.DataFrame:
    """Give the id and the texts of each row, missing ones null.

    Raises
    ------
    MatchError
        If a column is missing or holds no text, or an id is empty or occurs twice.
    """
    missing = [column for column in (key, "description") if column not in table.columns]
    if missing:
        raise MatchError(
            f"{name}: no column {' or '.join(missing)}. "
            f"Found: {', '.join(table.columns) or 'no column'}. Rename or add it."
        )
    texts = table.select(
        _text(table, column, name)
        if column in table.columns
        else pl.lit(None, dtype=pl.String).alias(column)
        for column in (key, *TEXTS)
    )
    _check_ids(texts[key], name)
    return texts


def read_lines(texts: pl.DataFrame) -> Iterator[Line]:
    """Read each row of the texts."""
    for description, brand, number, hs_code in texts.select(TEXTS).iter_rows():
        yield read_line(
            description or "", brand=brand or "", part_number=number or "", hs_code=hs_code or ""
        )


def some(values: Sequence[object], most: int = 5) -> str:
    """Name the first few of some values and count the rest."""
    more = f" and {len(values) - most} more" if len(values) > most else ""
    return ", ".join(map(str, values[:most])) + more


def _text(table: pl.DataFrame, column: str, name: str) -> pl.Expr:
    kind = table.schema[column]
    if kind.is_nested() or kind in (pl.Binary, pl.Object):
        raise MatchError(f"{name}: {column} holds {kind}, not text. Write one text in each row.")
    return pl.col(column).cast(pl.String)


def _check_ids(ids: pl.Series, name: str) -> None:
    empty = [row for row, value in enumerate(ids, start=1) if not (value or "").strip()]
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
