"""What the products of a table are called."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from onshore.codes import hs, hs_revisions

_MOST = 0.9


def product_names(products: Iterable[str]) -> pl.DataFrame:
    """Name products by the Harmonized System (HS), where they are codes of it.

    They are taken for HS codes where one of its revisions knows nine in ten of them: a code of
    another classification (SITC, say) may look like one and mean something else. The names are
    those of HS 2022; a code that it no longer has remains without one.

    Parameters
    ----------
    products
        Product codes, as the table writes them.

    Returns
    -------
    DataFrame
        ``product`` (str, each once, in order), ``name`` (str, null where unknown).

    Examples
    --------
    >>> product_names(["848210", "zzz", "720610"]).rows()
    [('720610', None), ('848210', None), ('zzz', None)]
    >>> product_names(["848210"])["name"].to_list()
    ['Ball bearings']
    """
    codes = pl.Series("product", list(products), dtype=pl.String).unique().drop_nulls().sort()
    known = hs_revisions.detect(codes)["share_known"].max() if codes.len() else 0
    of_hs = isinstance(known, float) and known >= _MOST
    names = [_name(code) if of_hs else None for code in codes]
    return pl.DataFrame({"product": codes, "name": pl.Series(names, dtype=pl.String)})


def _name(code: str) -> str | None:
    digits = code.replace(".", "").replace(" ", "")
    if not digits.isdecimal():
        return None
    known = digits.zfill(len(digits) + len(digits) % 2)[:6]
    return hs.get(known).name if known in hs else None
