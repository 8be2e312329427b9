"""Which country a key of a table of trade stands for, and which keys are no country."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

import polars as pl

from onshore.codes import UnknownCode, countries, fold
from onshore.trade.errors import TradeError

COUNTRY, AGGREGATE, UNSPECIFIED, UNKNOWN = "country", "aggregate", "unspecified", "unknown"


def territories(keys: Iterable[object]) -> pl.DataFrame:
    """Say of each key which country it stands for, or that it is none.

    Parameters
    ----------
    keys
        Keys of a table: ISO 3166-1 codes of two or three letters in any case, names in English
        or Persian, numbers of the UN's M49 (with or without leading zeros) and of BACI.

    Returns
    -------
    DataFrame
        One row for each different key, in their first order: ``key`` (str, exactly as it was
        written), ``code`` (str, ISO 3166-1 alpha-2; null where there is none, so also for
        states that are no more), ``name`` (str, null where unknown) and ``kind`` (str):

        - ``country``: a country or customs territory. BACI's ``490`` (other Asia) is Taiwan.
        - ``aggregate``: the world, a union or a region, which repeats what its members tell.
        - ``unspecified``: areas not elsewhere specified, bunkers, free zones: trade that is
          real, but of no known country.
        - ``unknown``: in none of our lists.

    Examples
    --------
    >>> territories(["irn", "364", "World", "Areas, nes", "qqq"]).rows()[0]
    ('irn', 'IR', 'Iran', 'country')
    >>> territories(["364", "World", "Areas, nes", "qqq"])["kind"].to_list()
    ['country', 'aggregate', 'unspecified', 'unknown']
    """
    different = dict.fromkeys("" if key is None else str(key) for key in keys)
    rows = [(key, *_told(key)) for key in different]
    columns = ("key", "code", "name", "kind")
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def find_country(text: str, keys: Iterable[object], source: str = "the table") -> str:
    """Give the key by which a table names a country.

    Parameters
    ----------
    text
        The key itself, or any other way to write the country: ``IRN`` finds ``irn`` and ``364``.
    keys
        The keys of the table.
    source
        The table's name, for messages.

    Raises
    ------
    TradeError
        The table does not name the country, or names it in two ways.

    Examples
    --------
    >>> find_country("Iran", ["irn", "irq"]), find_country("IRN", ["4", "364"])
    ('irn', '364')
    """
    own = list(dict.fromkeys(str(key) for key in keys if key is not None))
    if text in own:
        return text
    known = territories(own)
    code = _told(text)[0]
    wanted = pl.col("key").str.to_lowercase() == text.strip().lower()
    if code is not None:
        wanted |= pl.col("code") == code
    fits = known.filter(wanted)["key"].to_list()
    if len(fits) == 1:
        return str(fits[0])
    if fits:
        raise TradeError(
            f"{source} names {text} in more than one way: {', '.join(fits)}. "
            "Give the one that is meant, exactly as it is written there."
        )
    some = ", ".join(sorted(own)[:8]) + (", ..." if len(own) > 8 else "")
    is_known = "is not in it" if code is not None else "is no country that is known"
    raise TradeError(
        f"{source}: {text} {is_known}. The table names {len(own)} territories, such as {some}: "
        "give one of them."
    )


def country_warnings(table: pl.DataFrame, source: str = "the table") -> list[str]:
    """Warn of the keys of `territories` that are not in the list of countries; they are kept."""
    listed = table.filter(
        (pl.col("kind") == UNKNOWN) | ((pl.col("kind") == COUNTRY) & pl.col("code").is_null())
    )
    if listed.is_empty():
        return []
    told = [row["key"] + (f" ({row['name']})" if row["name"] else "") for row in listed.to_dicts()]
    some = ", ".join(told[:12]) + (f" and {len(told) - 12} more" if len(told) > 12 else "")
    return [
        f"{source}: {len(told)} country keys are not in ISO 3166-1 and were kept as they are: "
        f"{some}. Correct them if they are slips."
    ]


_NES = re.compile(r"\b(nes|n e s|nie|not elsewhere (specified|included)|unspecified|nspf)\b")


@cache
def _told(key: str) -> tuple[str | None, str | None, str]:
    """Give the code, the name and the kind of a key."""
    text = _spelling(key)
    if not text:
        return None, None, UNKNOWN
    if text in _listed():
        return _listed()[text]
    if _NES.search(text):
        return None, "Region, not elsewhere specified", UNSPECIFIED
    try:
        found = countries.find(text.zfill(3) if text.isdecimal() else key)
    except UnknownCode:
        return None, None, UNKNOWN
    return found.code, found.name, COUNTRY


def _spelling(key: str) -> str:
    """Fold a key to lower-case words; numbers lose their leading zeros."""
    text = re.sub(r"[\W_]+", " ", fold(key)).strip()
    return (text.lstrip("0") or "0") if text.isdecimal() else text


@cache
def _listed() -> dict[str, tuple[str | None, str | None, str]]:
    text = (files("onshore.trade") / "territories.csv").read_text(encoding="utf-8")
    return {
        _spelling(spelling): (row["code"] or None, row["name"], row["kind"])
        for row in csv.DictReader(text.splitlines())
        for spelling in row["spellings"].split(";")
    }
