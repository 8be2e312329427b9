"""Tables of items to be given codes."""

from typing import NamedTuple

import polars as pl

from onshore.match.merging.tables import check_ids, texts_of

_OPTIONAL = ("part_number", "maker")


class Item(NamedTuple):
    """What an item says of itself."""

    description: str
    part_number: str
    maker: str


def read_items(table: pl.DataFrame, name: str) -> tuple[list[str], list[Item]]:
    """Read a table of items; a part number may stand for the description.

    Raises
    ------
    MatchError
        A column is missing or holds no text, or an id is empty or occurs twice.
    """
    if "description" not in table.columns and "part_number" in table.columns:
        table = table.with_columns(description=pl.lit(""))
    texts = texts_of(table, name, ("item_id", "description"), _OPTIONAL)
    check_ids(texts["item_id"], name)
    items = [Item(*row) for row in texts.select("description", *_OPTIONAL).iter_rows()]
    return texts["item_id"].to_list(), items
