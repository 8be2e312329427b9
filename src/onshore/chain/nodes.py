"""What of a chain can be lost: plants, owners, places, provinces, routes, markets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
import polars as pl
from numpy.typing import NDArray

from onshore.chain.errors import ChainError
from onshore.chain.tables import Chain
from onshore.codes import UnknownCode, countries
from onshore.codes import places as provinces

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "asset": "one unit of a plant",
        "plant": "all units of a plant: of one value of the column plant of assets, where there is "
        "one, else of name",
        "owner": "all assets of an owner",
        "process": "all assets of a step of the chain",
        "place": "assets, stocks and markets of a place, and the links to and from it",
        "province": "all places of a region of the table places; a place, where all lie in one",
        "link": "one commodity's way from place to place",
        "route": "all links from one place to another, written FROM > TO",
        "market": "a market, in all its rows",
        "partner": "all markets of a partner",
        "commodity": "what is made and imported of a commodity: a cut of gas or power",
    }
)
"""The kinds of node that can be lost, and what is lost with each."""

OTHER_NAMES: Mapping[str, str] = MappingProxyType(
    {"supplier": "owner", "region": "province", "export": "market", "import": "market"}
)
"""Other words for a kind."""

STRUCK = ("assets", "links", "markets", "stocks")
"""The tables whose rows a loss strikes."""

Rows = Mapping[str, NDArray[np.int64]]
"""Rows by table."""


def nodes(chain: Chain, kinds: Sequence[str] = ("asset",)) -> pl.DataFrame:
    """List what can be lost.

    Parameters
    ----------
    chain
        The chain.
    kinds
        Of `KINDS`: asset, plant, owner (supplier), process, place, province (region), link, route,
        market, partner, commodity.

    Returns
    -------
    DataFrame
        A row for each node, by kind and in the order of the tables: ``kind``, ``node`` (its key),
        ``name`` (as the tables name it, else the key), ``place`` (where it is one place) and
        ``rows`` (how many rows of the tables are lost with it).

    Raises
    ------
    ChainError
        There is no such kind.

    Examples
    --------
    >>> import polars as pl
    >>> from onshore.chain.tables import Chain, ChainSettings, empty, TABLES
    >>> tables = {name: empty(name) for name in TABLES}
    >>> tables["markets"] = pl.concat([
    ...     tables["markets"], pl.DataFrame({"market": ["sea"], "partner": ["Oman"]}),
    ... ], how="diagonal")
    >>> nodes(Chain(tables, ChainSettings("c", (2024,))), ["market", "partner"])["node"].to_list()
    ['sea', 'Oman']
    """
    told = []
    for kind in kinds:
        known = kind_of(kind)
        told.append(
            _members(chain, known)
            .group_by("node", maintain_order=True)
            .agg(
                name=pl.col("name").drop_nulls().first(),
                place=pl.when(pl.col("place").n_unique() == 1).then(pl.col("place").first()),
                rows=pl.len().cast(pl.Int64),
            )
            .select(
                kind=pl.lit(known),
                node="node",
                name=pl.col("name").fill_null(pl.col("node")),
                place="place",
                rows="rows",
            )
        )
    if not told:
        raise ChainError(f"no kind of node is named. Name some of: {', '.join(KINDS)}.")
    return pl.concat(told)


def kind_of(word: str) -> str:
    """Give the kind that a word means."""
    kind = OTHER_NAMES.get(word.strip().lower(), word.strip().lower())
    if kind not in KINDS:
        known = ", ".join([*KINDS, *OTHER_NAMES])
        raise ChainError(f"there is no kind of node {word!r} to lose. Write one of: {known}.")
    return kind


def struck_rows(chain: Chain, kind: str) -> dict[str, Rows]:
    """Give for each node of a kind the rows of each table that are lost with it."""
    struck: dict[str, dict[str, NDArray[np.int64]]] = {}
    grouped = (
        _members(chain, kind).group_by("node", "table", maintain_order=True).agg(pl.col("row"))
    )
    for node, table, rows in grouped.iter_rows():
        struck.setdefault(node, {})[table] = np.array(rows, dtype=np.int64)
    return dict(struck)


_MEMBER = {
    "node": pl.String,
    "table": pl.String,
    "row": pl.Int64,
    "name": pl.String,
    "place": pl.String,
}


def _members(chain: Chain, kind: str) -> pl.DataFrame:
    """Pair each node of a kind with the rows that are lost with it."""
    assets, links, markets = (chain.table(name) for name in ("assets", "links", "markets"))
    place_names = chain.table("places").select("place", place_name="name")
    if kind == "asset":
        parts = [_part("assets", assets, pl.col("asset"), _OWN_NAME)]
    elif kind == "plant":
        key = "plant" if "plant" in assets.columns else "name"
        parts = [_part("assets", assets, pl.coalesce(key, "asset"), _OWN_NAME)]
    elif kind == "owner":
        parts = [_part("assets", assets, pl.col("owner"))]
    elif kind == "process":
        names = chain.table("processes").select("process", process_name="name")
        steps = assets.join(names, on="process", how="left", maintain_order="left")
        parts = [_part("assets", steps, pl.col("process"), pl.col("process_name"))]
    elif kind == "place":
        parts = _at_places(chain, place_names.rename({"place_name": "name"}), "place")
    elif kind == "province":
        parts = _at_places(chain, _provinces(chain), "node")
    elif kind == "link":
        parts = [_part("links", links, pl.col("link"))]
    elif kind == "route":
        parts = [_part("links", links, pl.format("{} > {}", "from", "to"))]
    elif kind == "market":
        parts = [_part("markets", markets, pl.col("market"))]
    elif kind == "partner":
        parts = [_part("markets", markets, pl.col("partner"))]
    else:
        parts = _of_commodities(chain)
    return pl.concat(parts).filter(pl.col("node").is_not_null())


_OWN_NAME = pl.when(pl.col("name").is_unique()).then("name")


def _part(
    table: str, frame: pl.DataFrame, node: pl.Expr, name: pl.Expr | None = None
) -> pl.DataFrame:
    place = pl.col("place") if "place" in frame.columns else pl.lit(None, pl.String)
    return (
        frame.with_row_index("_row")
        .select(
            node=node,
            table=pl.lit(table),
            row=pl.col("_row"),
            name=pl.lit(None, pl.String) if name is None else name,
            place=place,
        )
        .cast(_MEMBER)  # type: ignore[arg-type]
    )


def _at_places(chain: Chain, located: pl.DataFrame, key: str) -> list[pl.DataFrame]:
    """Everything that stands at a place, and what comes and goes."""
    parts = []
    where = located.select("place", _node=pl.col(key), _name=pl.col("name"))
    ends = [(table, "place") for table in ("assets", "markets", "stocks")]
    for table, end in [*ends, ("links", "from"), ("links", "to")]:
        frame = chain.table(table).with_row_index("_row")
        parts.append(
            frame.join(where, left_on=end, right_on="place", how="inner", maintain_order="left")
            .select(
                node="_node",
                table=pl.lit(table),
                row="_row",
                name="_name",
                place=pl.lit(None, pl.String) if key == "node" else pl.col("_node"),
            )
            .cast(_MEMBER)  # type: ignore[arg-type]
        )
    return [pl.concat(parts).unique(["node", "table", "row"], maintain_order=True)]


def _provinces(chain: Chain) -> pl.DataFrame:
    """Give the region of each place, by the name of its ISO 3166 code where it is one."""
    places = chain.table("places")
    if places["region"].drop_nulls().n_unique() < 2:
        return places.select("place", node="place", name="name")
    named = {code: _region_name(code) for code in places["region"].unique().drop_nulls()}
    return places.select(
        "place", node="region", name=pl.col("region").replace_strict(named, default=None)
    )


def _region_name(code: str) -> str:
    for known in (provinces, countries):
        try:
            return str(known.get(code).name)
        except UnknownCode:
            continue
    return code


def _of_commodities(chain: Chain) -> list[pl.DataFrame]:
    made = chain.table("processes").select("process", "commodity")
    assets = chain.table("assets").join(made, on="process", how="left", maintain_order="left")
    names = chain.table("commodities").select("commodity", commodity_name="name")
    parts = []
    imports = chain.table("markets").with_row_index("_row").filter(pl.col("direction") == "import")
    for table, frame in (("assets", assets.with_row_index("_row")), ("markets", imports)):
        parts.append(
            frame.join(names, on="commodity", how="left", maintain_order="left")
            .select(
                node="commodity",
                table=pl.lit(table),
                row="_row",
                name="commodity_name",
                place="place",
            )
            .cast(_MEMBER)  # type: ignore[arg-type]
        )
    return parts
