"""Where drillholes lie in space: minimum curvature between their surveys."""

from __future__ import annotations

import numpy as np
import polars as pl

from onshore.explore.drillholes import Drillholes
from onshore.explore.errors import ExploreError
from onshore.explore.hole_paths import angles, on_arc, tangents, turn

_AXES = ("x", "y", "z")


def desurvey(holes: Drillholes, *, step: float | None = None) -> pl.DataFrame:
    """Give points along each hole.

    Between two surveys a hole is an arc of a circle (minimum curvature). It begins at the
    collar with the direction told there, or else with that of its first survey, and goes on
    straight below the last one.

    Parameters
    ----------
    holes
        From `read_drillholes`.
    step
        Metres between points added between surveys.

    Returns
    -------
    DataFrame
        ``hole_id``, ``depth`` (m), ``x``, ``y``, ``z`` (m, in ``holes.crs``), ``azimuth`` and
        ``dip`` (degrees, down negative), ``dogleg`` (degrees per 30 m of the arc that the point
        ends or lies on), Float64; by hole and depth, from collar to end.

    Raises
    ------
    ExploreError
        The step is not positive, or a hole turns straight back between two surveys.

    Examples
    --------
    >>> from onshore.explore import read_drillholes
    >>> holes = read_drillholes(pl.DataFrame({"hole_id": ["A"], "east": [0.0], "north": [0.0],
    ...     "crs": ["EPSG:32640"], "elevation": [100.0], "depth": [50.0], "azimuth": [90.0],
    ...     "dip": [-60.0]}))
    >>> desurvey(holes).select(pl.col("depth", "x", "y", "z").round(2)).row(-1)
    (50.0, 25.0, 0.0, 56.7)
    """
    if step is not None and not step > 0:
        raise ExploreError(f"the step between points is in metres and positive; found {step:g}.")
    stations = _stations(holes)
    depths = stations.select("hole_id", "depth")
    if step is not None:
        between = holes.collars.select(
            "hole_id",
            (pl.int_ranges(0, (pl.col("depth") / step).ceil().cast(pl.Int64))).alias("depth"),
        ).explode("depth")
        between = between.with_columns(pl.col("depth").cast(pl.Float64) * step)
        depths = pl.concat([depths, between]).unique()
    return _on_paths(depths.sort("hole_id", "depth"), stations)


def positions(holes: Drillholes, at: pl.DataFrame) -> pl.DataFrame:
    """Give where depths of holes lie.

    Parameters
    ----------
    holes
        From `read_drillholes`.
    at
        ``hole_id`` and ``depth`` (m); further columns are kept.

    Returns
    -------
    DataFrame
        The rows of ``at`` in their order with ``x``, ``y``, ``z`` (m), ``azimuth``, ``dip``
        (degrees) and ``dogleg`` (degrees per 30 m).
    """
    told = at.with_row_index("_at").with_columns(pl.col("depth").cast(pl.Float64))
    found = _on_paths(told.sort("hole_id", "depth"), _stations(holes))
    return found.sort("_at").drop("_at")


def _stations(holes: Drillholes) -> pl.DataFrame:
    """Give the points of known direction with the collar and the end: position and direction."""
    collars = holes.collars
    first = holes.surveys.group_by("hole_id").agg(
        pl.col("azimuth").first().alias("first_azimuth"),
        pl.col("dip").first().alias("first_dip"),
        pl.col("depth").first().alias("first_depth"),
    )
    last = holes.surveys.group_by("hole_id").agg(
        pl.col("azimuth").last().alias("last_azimuth"), pl.col("dip").last().alias("last_dip")
    )
    told = collars.join(first, on="hole_id", how="left").join(last, on="hole_id", how="left")
    at_collar = pl.col("azimuth").is_not_null() & pl.col("dip").is_not_null()
    tops = told.filter(pl.col("first_depth").fill_null(1.0) > 0).select(
        "hole_id",
        pl.lit(0.0).alias("depth"),
        pl.when(at_collar).then("azimuth").otherwise("first_azimuth").alias("azimuth"),
        pl.when(at_collar).then("dip").otherwise("first_dip").alias("dip"),
    )
    ends = told.select(
        "hole_id",
        "depth",
        pl.coalesce("last_azimuth", "azimuth").alias("azimuth"),
        pl.coalesce("last_dip", "dip").alias("dip"),
    )
    stations = (
        pl.concat([tops, holes.surveys, ends])
        .unique(["hole_id", "depth"], keep="first", maintain_order=True)
        .sort("hole_id", "depth")
    )
    return _walked(stations, collars)


def _walked(stations: pl.DataFrame, collars: pl.DataFrame) -> pl.DataFrame:
    """Add to each station its position, its direction and the direction at the next station."""
    direction = tangents(stations["azimuth"].to_numpy(), stations["dip"].to_numpy())
    same = (stations["hole_id"] == stations["hole_id"].shift(-1)).fill_null(value=False).to_numpy()
    following = np.where(same[:, None], np.roll(direction, -1, axis=0), direction)
    depth = stations["depth"].to_numpy()
    course = np.where(same, np.roll(depth, -1) - depth, 0.0)
    back = turn(direction, following) > np.pi - 1e-6
    if back.any():
        at = stations.row(int(np.argmax(back)), named=True)
        raise ExploreError(
            f"hole {at['hole_id']} turns straight back below {at['depth']:g} m: check azimuth and "
            "dip of its surveys."
        )
    moved, _ = on_arc(direction, following, course, course)
    walked = stations.with_columns(
        *(pl.Series(f"m{name}", moved[:, at]) for at, name in enumerate(_AXES)),
        *(pl.Series(f"t{name}", direction[:, at]) for at, name in enumerate(_AXES)),
        *(pl.Series(f"n{name}", following[:, at]) for at, name in enumerate(_AXES)),
        pl.Series("course", course),
        pl.col("depth").alias("station"),
    ).join(collars.select("hole_id", *_AXES), on="hole_id", maintain_order="left")
    return walked.with_columns(
        pl.col(name) + pl.col(f"m{name}").cum_sum().shift(1, fill_value=0.0).over("hole_id")
        for name in _AXES
    )


def _on_paths(depths: pl.DataFrame, stations: pl.DataFrame) -> pl.DataFrame:
    lost = depths.join(stations, on="hole_id", how="anti")
    if lost.height:
        raise ExploreError(f"there is no hole {lost['hole_id'][0]!r} among the collars.")
    known = stations.drop("azimuth", "dip").sort("depth")
    at = (
        depths.sort("depth")
        .join_asof(known, on="depth", by="hole_id", strategy="backward", check_sortedness=False)
        .sort("hole_id", "depth", maintain_order=True)
    )
    if at["station"].null_count():
        odd = at.filter(pl.col("station").is_null()).row(0, named=True)
        raise ExploreError(f"hole {odd['hole_id']} has no depth {odd['depth']} m: it begins at 0.")
    start, end, place = (
        at.select(f"{kind}{name}" for name in _AXES).to_numpy() for kind in ("t", "n", "")
    )
    course, along = at["course"].to_numpy(), (at["depth"] - at["station"]).to_numpy()
    moved, direction = on_arc(start, end, course, along)
    azimuth, dip = angles(direction)
    with np.errstate(divide="ignore", invalid="ignore"):
        bend = np.where(course > 0, np.degrees(turn(start, end)) / course * 30, 0.0)
    arcs = pl.DataFrame({"hole_id": at["hole_id"], "along": along, "dogleg": bend})
    ending = pl.col("dogleg").shift(1).over("hole_id")
    dogleg = arcs.select(
        pl.when(pl.col("along") == 0).then(ending).otherwise("dogleg").fill_null(0.0)
    ).to_series()
    return at.select(
        *depths.columns,
        *(pl.Series(name, place[:, k] + moved[:, k]) for k, name in enumerate(_AXES)),
        pl.Series("azimuth", azimuth),
        pl.Series("dip", dip),
        dogleg.alias("dogleg"),
    )
