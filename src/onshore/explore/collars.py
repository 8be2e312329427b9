"""Collars of drillholes: where they are, in one projected system."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from onshore.explore.errors import ExploreError
from onshore.explore.hole_findings import HoleFindings

_TABLE = "drillholes"
_FAR = 50_000.0


def placed_collars(
    collars: pl.DataFrame,
    crs: str | None,
    elevation: float | None,
    down: int,
    findings: HoleFindings,
) -> tuple[pl.DataFrame, str]:
    """Give the collars that can be used, with x, y, z and meridian convergence, and their CRS."""
    take_out = findings.take_out
    collars = take_out(
        collars, pl.col("hole_id").is_null(), _TABLE, "hole_id", "the hole has no id.", "give one."
    )
    nowhere = (pl.col("lon").is_null() | pl.col("lat").is_null()) & (
        pl.col("east").is_null() | pl.col("north").is_null() | pl.col("crs").is_null()
    )
    collars = take_out(
        *(collars, nowhere, _TABLE, "east", "the collar has no place."),
        "fill in east, north and crs, or lon and lat.",
    )
    without = pl.col("depth").is_null() | (pl.col("depth") <= 0)
    collars = take_out(
        *(collars, without, _TABLE, "depth", "the hole has no depth."),
        "write its final depth in metres.",
    )
    if elevation is not None:
        collars = collars.with_columns(pl.col("elevation").fill_null(elevation))
    collars = take_out(
        *(collars, pl.col("elevation").is_null(), _TABLE, "elevation"),
        "the collar has no elevation.",
        "write it in metres, from a survey or a terrain model.",
    )
    odd = ~pl.col("dip").is_between(-90, 90) | ~pl.col("azimuth").is_between(0, 360)
    collars = take_out(
        *(collars, odd, _TABLE, "azimuth", "the direction at the collar is impossible."),
        "write an azimuth from 0 to 360 and a dip from -90 to 90 degrees.",
        found=pl.format("azimuth {}, dip {}", "azimuth", "dip"),
    )
    collars = collars.with_columns(pl.col("dip") * down)
    if collars.is_empty():
        return _empty(collars), crs or ""
    system = crs or _system(collars)
    collars = _projected(collars, system)
    collars = _without_doubles(collars, findings)
    _note_likeness(collars, findings)
    return collars, system


def _empty(collars: pl.DataFrame) -> pl.DataFrame:
    names = ("x", "y", "z", "convergence")
    return collars.with_columns(pl.lit(None, dtype=pl.Float64).alias(name) for name in names)


def _system(collars: pl.DataFrame) -> str:
    told = collars["crs"].drop_nulls()
    if told.len():
        return str(told.mode().sort()[0])
    lon, lat = collars["lon"].mean(), collars["lat"].mean()
    zone = int((float(lon) + 180) // 6) % 60 + 1  # type: ignore[arg-type]
    return f"EPSG:{(32600 if float(lat) >= 0 else 32700) + zone}"  # type: ignore[arg-type]


def _projected(collars: pl.DataFrame, system: str) -> pl.DataFrame:
    from pyproj import Proj, Transformer

    target = _projection(system)
    x, y = np.full(collars.height, np.nan), np.full(collars.height, np.nan)
    plane = pl.all_horizontal(pl.col("east", "north", "crs").is_not_null())
    systems = collars.select(pl.when(plane).then("crs").otherwise(pl.lit("")).alias("crs"))["crs"]
    for key in systems.unique().sort():
        at = np.flatnonzero((systems == key).to_numpy())
        source = _projection(key) if key else "EPSG:4326"
        one, other = ("east", "north") if key else ("lon", "lat")
        given = collars[one].to_numpy()[at], collars[other].to_numpy()[at]
        if source == target:
            x[at], y[at] = given
        else:
            x[at], y[at] = Transformer.from_crs(source, target, always_xy=True).transform(*given)
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        lost = collars.filter(pl.Series(~(np.isfinite(x) & np.isfinite(y))))["hole_id"].to_list()
        raise ExploreError(
            f"collars cannot be put into {system}: {', '.join(lost[:5])}. Check their place and "
            "crs, or give another crs."
        )
    lon, lat = Transformer.from_crs(target, "EPSG:4326", always_xy=True).transform(x, y)
    factors: Any = Proj(target).get_factors(lon, lat)
    return collars.with_columns(
        pl.Series("x", x),
        pl.Series("y", y),
        pl.col("elevation").alias("z"),
        pl.Series("convergence", np.atleast_1d(factors.meridian_convergence)),
    )


def _projection(text: str) -> Any:
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        found = CRS.from_user_input(text)
    except CRSError as error:
        raise ExploreError(
            f"{text!r} is no reference system that is known: write one such as EPSG:32640."
        ) from error
    units = {axis.unit_name for axis in found.axis_info[:2]}
    if not found.is_projected or units != {"metre"}:
        raise ExploreError(
            f"{text} is not projected in metres: holes need a projected system, such as a zone of "
            "UTM (EPSG:32640). Degrees belong into lon and lat."
        )
    return found


def _without_doubles(collars: pl.DataFrame, findings: HoleFindings) -> pl.DataFrame:
    """Leave out holes whose collars are written twice: the later row, or all where they differ."""
    by_id = pl.col("row").count().over("hole_id") > 1
    spread = pl.max_horizontal(
        (pl.col(name).max() - pl.col(name).min()).over("hole_id")
        for name in ("x", "y", "z", "depth")
    )
    collars = findings.take_out(
        *(collars, by_id & (spread > 0.01), _TABLE, "hole_id"),
        pl.format(
            "the hole has {} collars that differ.", pl.col("hole_id").count().over("hole_id")
        ),
        "keep the true one, or give the other hole its own id.",
    )
    return findings.take_out(
        *(collars, ~pl.col("hole_id").is_first_distinct(), _TABLE, "hole_id"),
        "the hole is written twice.",
        "delete this row.",
    )


def _note_likeness(collars: pl.DataFrame, findings: HoleFindings) -> None:
    """Note holes that look like one hole under two names, and holes far from all others."""
    place = [pl.col(name).round(1) for name in ("x", "y", "z", "depth", "azimuth", "dip")]
    like = collars.with_columns(pl.col("hole_id").first().over(place).alias("other"))
    findings.add(
        like.filter(pl.col("other") != pl.col("hole_id")),
        *(_TABLE, "hole_id"),
        pl.format("place, depth and direction are those of hole {}.", "other"),
        "delete one of them if it is the same hole.",
        left_out=False,
    )
    away = (
        (pl.col("x") - pl.col("x").median()) ** 2 + (pl.col("y") - pl.col("y").median()) ** 2
    ).sqrt()
    km = (pl.col("away") / 1000).round(0).cast(pl.Int64)
    findings.add(
        collars.with_columns(away.alias("away")).filter(pl.col("away") > _FAR),
        *(_TABLE, "east"),
        pl.format(
            "the collar lies {} km from the middle of the others.",
            km,
        ),
        "check east, north and crs.",
        left_out=False,
        found=pl.format("{}, {}", pl.col("x").round(1), pl.col("y").round(1)),
    )
