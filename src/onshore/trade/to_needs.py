"""From a screen of products to the needs of a programme, and back."""

from __future__ import annotations

import polars as pl

from onshore.codes import hs_revisions
from onshore.trade.errors import TradeError

_NEED = {
    name: pl.String()
    for name in ("need_id", "item_id", "hs_code", "description", "buyer_id", "state")
}
_OURS = "HS2022"
"""The revision of the programme's own codes."""


def needs_of_screen(
    screen: pl.DataFrame,
    needs: pl.DataFrame,
    items: pl.DataFrame | None = None,
    *,
    revision: str | None = None,
) -> pl.DataFrame:
    """List the needs whose goods fall under the products of a screen.

    A need's HS code is its own, else its item's. It is carried to the revision of the screen's
    products and falls under those that begin it: under a chapter (2 digits), a heading (4) or a
    subheading (6). Of a national line longer than six digits the first six count.

    Parameters
    ----------
    screen
        Products: ``product`` (str, HS codes of 2, 4 or 6 digits or longer), and ``rank`` where
        there is one.
    needs, items
        The programme's tables; their codes are of HS 2022.
    revision
        The revision of the screen's products, such as ``HS2012``; by default the one that knows
        the most of them.

    Returns
    -------
    DataFrame
        One row a product and need, by rank, product and need: ``rank`` (null where the screen has
        none), ``product``, ``need_id``, ``item_id``, ``hs_code`` (HS 2022), ``hs_from`` (*need* or
        *item*), ``level`` (Int64: digits of the product's code that count), ``kind`` (of the way
        from HS 2022: *same* revision, or ``1:1``, ``1:n``, ``n:1``, ``n:n``), ``share`` (Float64:
        of the code's trade that goes this way), ``description``, ``buyer_id``, ``state``.

    Raises
    ------
    TradeError
        The screen's products are not HS codes, or a column is missing.

    Examples
    --------
    >>> screen = pl.DataFrame({"rank": [1, 2], "product": ["848210", "7225"]})
    >>> needs = pl.DataFrame({"need_id": ["N1", "N2"], "item_id": ["I1", None],
    ...                       "hs_code": [None, "722511"]})
    >>> items = pl.DataFrame({"item_id": ["I1"], "hs_code": ["848210"]})
    >>> needs_of_screen(screen, needs, items).select("product", "need_id", "level").rows()
    [('848210', 'N1', 6), ('7225', 'N2', 4)]
    """
    products = _products(screen)
    coded = _coded(needs, items).filter(pl.col("hs_code").is_not_null())
    links = _links(coded["hs_code"], _revision(products, revision))
    found = coded.join(links, on="hs_code").join(_by_beginning(products, links), on="to")
    rank = ["rank"] if "rank" in screen.columns else []
    ranks = screen.select(pl.col("product").cast(pl.String), *rank)
    ranked = found.join(ranks, on="product", how="left")
    if not rank:
        ranked = ranked.with_columns(rank=pl.lit(None, dtype=pl.Int64))
    columns = [*_NEED]
    return (
        ranked.group_by("rank", "product", *columns, "hs_from", "level")
        .agg(
            kind=pl.col("kind").unique().sort().str.join("; "),
            share=pl.col("share").sum(),
        )
        .select(
            *("rank", "product", "need_id", "item_id", "hs_code", "hs_from", "level", "kind"),
            *("share", "description", "buyer_id", "state"),
        )
        .sort("rank", "product", "need_id", nulls_last=True)
    )


def products_of_needs(
    needs: pl.DataFrame,
    screen: pl.DataFrame,
    items: pl.DataFrame | None = None,
    *,
    revision: str | None = None,
) -> pl.DataFrame:
    """Give every need its row of a screen, or say why it has none.

    Parameters
    ----------
    needs, screen, items, revision
        As for `needs_of_screen`.

    Returns
    -------
    DataFrame
        At least one row a need, in the order of ``needs``: ``need_id``, ``item_id``, ``hs_code``,
        ``hs_from``, ``product`` (null where there is none), ``level``, ``kind``, ``share``,
        ``rank``, ``reason`` (null where there is a product). Of the products that a code falls
        under, those of most digits are taken.

    Raises
    ------
    TradeError
        As for `needs_of_screen`.

    Examples
    --------
    >>> screen = pl.DataFrame({"rank": [1, 2], "product": ["84", "848210"]})
    >>> needs = pl.DataFrame({"need_id": ["N1", "N2"], "hs_code": ["848210", "010121"]})
    >>> products_of_needs(needs, screen).select("need_id", "product", "reason").rows()
    [('N1', '848210', None), ('N2', None, 'no product of the screen holds the code')]
    """
    coded = _coded(needs, items)
    found = needs_of_screen(screen, needs, items, revision=revision)
    finest = found.filter(pl.col("level") == pl.col("level").max().over("need_id"))
    columns = ["need_id", "product", "level", "kind", "share", "rank"]
    reason = (
        pl.when(pl.col("product").is_not_null())
        .then(None)
        .when(pl.col("hs_code").is_null())
        .then(pl.lit("neither the need nor its item has an HS code"))
        .otherwise(pl.lit("no product of the screen holds the code"))
    )
    return (
        coded.select("need_id", "item_id", "hs_code", "hs_from")
        .with_row_index("order")
        .join(finest.select(columns), on="need_id", how="left")
        .sort("order", "rank", "product", nulls_last=True)
        .drop("order")
        .with_columns(reason=reason)
        .select("need_id", "item_id", "hs_code", "hs_from", *columns[1:], "reason")
    )


def _products(screen: pl.DataFrame) -> pl.DataFrame:
    """Pair each product with its digits that count: an even number, at most six."""
    _require("product", screen, "The screen")
    digits = pl.col("product").str.replace_all(r"^(?i)\s*hs\s*|[\s.\-]", "")
    length = digits.str.len_chars()
    odd = length.is_in([1, 3, 5])
    products = (
        screen.select(pl.col("product").cast(pl.String))
        .unique()
        .drop_nulls()
        .with_columns(digits=pl.when(odd).then("0" + digits).otherwise(digits).str.head(6))
    )
    return products.filter(pl.col("digits").str.contains(r"^\d+$")).sort("product")


def _revision(products: pl.DataFrame, revision: str | None) -> str:
    """Give the revision that is named, or the one that knows the most of the products."""
    if revision is not None:
        return hs_revisions.revision_of(revision)
    known = hs_revisions.detect(products["digits"]).row(0, named=True)
    if known["share_known"] < _MOST:
        raise TradeError(
            f"The products of the screen are not codes of the Harmonized System (HS): "
            f"{known['revision']} knows only {known['known']:,} of {products.height:,}. Needs are "
            "found by HS codes: screen facts of HS, or name the revision if this one is meant."
        )
    return str(known["revision"])


_MOST = 0.9
"""Of the products, what a revision has to know for them to be its codes."""


def _coded(needs: pl.DataFrame, items: pl.DataFrame | None) -> pl.DataFrame:
    """Give each need its HS code and say where the code is from."""
    _require("need_id", needs, "The table of needs")
    own = needs.select(
        pl.col(name).cast(dtype) if name in needs.columns else pl.lit(None, dtype).alias(name)
        for name, dtype in _NEED.items()
    )
    if items is None:
        items = pl.DataFrame(schema={"item_id": pl.String, "hs_code": pl.String})
    for column in ("item_id", "hs_code"):
        _require(column, items, "The table of items")
    of_item = items.select("item_id", item_code=pl.col("hs_code")).drop_nulls("item_id")
    joined = own.join(of_item.unique("item_id"), on="item_id", how="left", maintain_order="left")
    hs_from = (
        pl.when(pl.col("hs_code").is_not_null())
        .then(pl.lit("need"))
        .when(pl.col("item_code").is_not_null())
        .then(pl.lit("item"))
    )
    return joined.with_columns(hs_from=hs_from, hs_code=pl.coalesce("hs_code", "item_code")).drop(
        "item_code"
    )


def _links(codes: pl.Series, revision: str) -> pl.DataFrame:
    """Carry HS 2022 codes to a revision: ``hs_code``, ``to``, ``kind``, ``share``."""
    different = codes.unique().sort()
    if revision == _OURS:
        return pl.DataFrame({"hs_code": different, "to": different}).with_columns(
            kind=pl.lit("same"), share=pl.lit(1.0)
        )
    carried = hs_revisions.convert(different, source=_OURS, to=revision)
    return carried.drop_nulls("to").rename({"code": "hs_code"})


def _by_beginning(products: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """Pair carried codes with the products that begin them: ``to``, ``product``, ``level``."""
    codes = links.select("to").unique()
    pairs = [
        codes.with_columns(digits=pl.col("to").str.head(level))
        .join(products.filter(pl.col("digits").str.len_chars() == level), on="digits")
        .filter(pl.col("to").str.len_chars() >= level)
        .select("to", "product", level=pl.lit(level, pl.Int64))
        for level in (2, 4, 6)
    ]
    return pl.concat(pairs)


def _require(column: str, frame: pl.DataFrame, what: str) -> None:
    if column not in frame.columns:
        raise TradeError(
            f"{what} has no column '{column}'; it has {', '.join(frame.columns)}. Give the table "
            "as the programme or the command wrote it."
        )
