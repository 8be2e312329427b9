"""The key of a line: lines that say the same in the same words have the same key."""

import re
from hashlib import sha256

import polars as pl

from onshore.match.letters import code_key, normalise
from onshore.match.measures import find_measures
from onshore.match.merging.tables import texts_of

# Between digits a sign may part the two halves of a fraction, elsewhere it parts words.
_SIGNS = re.compile(r"(?<![0-9])[^\w ]+|[^\w ]+(?![0-9])|_")
_BLANKS = re.compile(" +")
_LONGEST = 2_000


def line_key(description: str, *, part_number: str = "", brand: str = "", maker: str = "") -> str:
    """Write a line the one way in which equal lines are found.

    Letters are normalised, sizes are written in one unit, punctuation falls away. A very long
    line is cut and ends in a digest of the whole.

    Examples
    --------
    >>> line_key("Gear pump, 7,5 kW", part_number="KX-8814")
    'gear pump 7p5kw | number kx8814'
    >>> line_key("GEAR PUMP 7500 W", part_number="kx 8814")
    'gear pump 7p5kw | number kx8814'
    """
    spelled, _, _ = find_measures(normalise(description))
    parts = [_plain(spelled)]
    if number := code_key(part_number):
        parts.append(f"number {number}")
    parts += [
        f"{name} {text}"
        for name, text in (("brand", _plain(normalise(brand))), ("maker", _plain(normalise(maker))))
        if text
    ]
    key = " | ".join(parts)
    if len(key) <= _LONGEST:
        return key
    return f"{key[:_LONGEST]} {sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()}"


def need_keys(needs: pl.DataFrame) -> pl.DataFrame:
    """Give ``need_id`` and the key ``need_line`` of each need."""
    texts = texts_of(needs, "needs", ["need_id", "description"], ["part_number", "brand"])
    return _with_keys(texts, "need_id", "need_line")


def offer_keys(offers: pl.DataFrame) -> pl.DataFrame:
    """Give ``offer_id`` and the key ``offer_line`` of each offer; its maker is a part of it."""
    optional = ["part_number", "brand", "maker", "maker_id"]
    texts = texts_of(offers, "offers", ["offer_id", "description"], optional)
    named = pl.when(pl.col("maker") == "").then("maker_id").otherwise("maker").alias("maker")
    return _with_keys(texts.with_columns(named), "offer_id", "offer_line")


def equal_lines(needs: pl.DataFrame, offers: pl.DataFrame) -> pl.DataFrame:
    """Find the offers whose line is a need's own, before any model is asked.

    Parameters
    ----------
    needs
        Columns ``need_id``, ``description``; optional ``part_number``, ``brand``.
    offers
        Columns ``offer_id``, ``description``; optional ``part_number``, ``brand``.

    Returns
    -------
    DataFrame
        ``need_id`` and ``offer_id`` (String) of each such pair, ordered by both. Lines that say
        nothing equal none.

    Raises
    ------
    MatchError
        A column is missing.

    Examples
    --------
    >>> needs = pl.DataFrame({"need_id": ["N1"], "description": ["Gear pump, 7.5 kW"]})
    >>> offers = pl.DataFrame({"offer_id": ["A", "B"], "description": ["GEAR PUMP 7500 W", "-"]})
    >>> equal_lines(needs, offers).rows()
    [('N1', 'A')]
    """
    optional = ["part_number", "brand"]
    offered = texts_of(offers, "offers", ["offer_id", "description"], optional)
    return (
        need_keys(needs)
        .rename({"need_line": "line"})
        .filter(pl.col("line") != "")
        .join(_with_keys(offered, "offer_id", "line"), on="line")
        .select("need_id", "offer_id")
        .sort("need_id", "offer_id")
    )


def _with_keys(texts: pl.DataFrame, identifier: str, name: str) -> pl.DataFrame:
    fields = [field for field in ("part_number", "brand", "maker") if field in texts.columns]
    keys = [
        line_key(description, **dict(zip(fields, rest, strict=True)))
        for description, *rest in texts.select("description", *fields).iter_rows()
    ]
    return texts.select(identifier, pl.Series(name, keys, dtype=pl.String))


def _plain(text: str) -> str:
    return _BLANKS.sub(" ", _SIGNS.sub(" ", text)).strip()
