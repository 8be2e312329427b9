"""Where a chain's plants and projects stand, and how its keys are called."""

from __future__ import annotations

import polars as pl

from onshore.chain.tables import Chain

_NAMED = {
    "commodities": "commodity",
    "places": "place",
    "processes": "process",
    "assets": "asset",
    "projects": "project",
}


def sites(chain: Chain, activity: pl.DataFrame | None = None) -> pl.DataFrame:
    """List assets and projects with their place on the map.

    Parameters
    ----------
    chain
        The chain.
    activity
        ``Result.activity``, where it has been solved.

    Returns
    -------
    DataFrame
        ``site`` (key), ``kind`` (``in service``, ``project``), ``name`` and ``name_fa`` (null where
        one name stands at several places, as "not listed"), ``process``, ``commodity``, ``place``,
        ``lat`` and ``lon`` (its own where the tables tell columns of these names, else the
        place's; WGS 84), ``capacity`` (a year), ``unit``, ``status``, ``owner``, ``from_year``,
        ``progress``, ``finish`` (its likeliest day), ``use`` (share of what was available, over
        all years and seasons; null where unknown).
    """
    counted = chain.table("processes").select("process", "commodity")
    units = chain.table("commodities").select("commodity", "unit")
    where = chain.table("places").select("place", place_lat="lat", place_lon="lon")
    parts = []
    for table, key, kind in (("assets", "asset", "in service"), ("projects", "project", "project")):
        frame = chain.table(table)
        parts.append(
            frame.drop("unit")
            .join(counted, on="process", how="left", maintain_order="left")
            .join(units, on="commodity", how="left", maintain_order="left")
            .join(where, on="place", how="left", maintain_order="left")
            .select(
                pl.col(key).alias("site"),
                pl.lit(kind).alias("kind"),
                _single(pl.col("name")),
                _single(_own(frame, "name_fa", pl.String)),
                "process",
                "commodity",
                "place",
                pl.coalesce(_own(frame, "lat", pl.Float64), "place_lat").alias("lat"),
                pl.coalesce(_own(frame, "lon", pl.Float64), "place_lon").alias("lon"),
                "capacity",
                "unit",
                "status",
                "owner",
                _own(frame, "from_year", pl.Int64),
                _own(frame, "progress", pl.Float64),
                _own(frame, "finish_likely", pl.Date).alias("finish"),
            )
        )
    told = pl.concat(parts)
    if activity is None:
        return told.with_columns(use=pl.lit(None, pl.Float64))
    used = activity.group_by("asset").agg(
        use=pl.when(pl.col("capacity").sum() > 0).then(
            pl.col("activity").sum() / pl.col("capacity").sum()
        )
    )
    return told.join(used, left_on="site", right_on="asset", how="left", maintain_order="left")


def names(chain: Chain) -> pl.DataFrame:
    """Give the names of a chain's keys.

    Returns
    -------
    DataFrame
        ``kind`` (commodity, place, process, asset, project), ``key``, ``name``, ``name_fa``,
        ``unit`` (of commodities), ``is`` (material, energy or service, of commodities).
    """
    parts = []
    for table, key in _NAMED.items():
        frame = chain.table(table)
        of_commodity = table == "commodities"
        stands = table in ("assets", "projects")
        name, name_fa = pl.col("name"), _own(frame, "name_fa", pl.String)
        parts.append(
            frame.select(
                pl.lit(key).alias("kind"),
                pl.col(key).alias("key"),
                pl.coalesce(_single(name) if stands else name, key).alias("name"),
                (_single(name_fa) if stands else name_fa).alias("name_fa"),
                (pl.col("unit") if of_commodity else pl.lit(None, pl.String)).alias("unit"),
                (pl.col("kind") if of_commodity else pl.lit(None, pl.String)).alias("is"),
            )
        )
    return pl.concat(parts)


def _single(name: pl.Expr) -> pl.Expr:
    """Leave out a name that stands at several places: it names none of them."""
    return pl.when(pl.col("place").n_unique().over(name) == 1).then(name)


def _own(frame: pl.DataFrame, column: str, kind: type[pl.DataType]) -> pl.Expr:
    """Give a column that a table may have beside those it must, as its type."""
    if column not in frame.columns:
        return pl.lit(None, kind).alias(column)
    return pl.col(column).cast(kind, strict=False)
