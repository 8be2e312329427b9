"""Surveys of drillholes: the direction of a hole at a depth."""

from __future__ import annotations

import numpy as np
import polars as pl

from onshore.explore.errors import ExploreError
from onshore.explore.hole_findings import HoleFindings
from onshore.explore.hole_paths import tangents, turn

_TABLE = "surveys"


def checked_surveys(
    surveys: pl.DataFrame,
    collars: pl.DataFrame,
    down: int,
    declination: float | None,
    sharp: float,
    findings: HoleFindings,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give the surveys that can be used, from grid north, and the collars that have a direction."""
    surveys = with_collar(surveys, collars, _TABLE, findings)
    incomplete = pl.any_horizontal(pl.col("depth", "azimuth", "dip").is_null())
    surveys = findings.take_out(
        *(surveys, incomplete, _TABLE, "depth", "depth, azimuth or dip is missing."),
        "fill them in, or delete the row.",
        found=pl.lit(None, dtype=pl.String),
    )
    odd = ~pl.col("dip").is_between(-90, 90) | ~pl.col("azimuth").is_between(0, 360)
    surveys = findings.take_out(
        *(surveys, odd, _TABLE, "azimuth", "the direction is impossible."),
        "write an azimuth from 0 to 360 and a dip from -90 to 90 degrees.",
        found=pl.format("azimuth {}, dip {}", "azimuth", "dip"),
    )
    surveys = findings.take_out(
        *(surveys, (pl.col("depth") < 0) | (pl.col("depth") > pl.col("end") + 0.01)),
        *(_TABLE, "depth"),
        pl.format("the depth is not within the hole, which ends at {} m.", "end"),
        "mend this depth or the hole's.",
    )
    surveys = surveys.with_columns(pl.col("dip") * down).sort("hole_id", "depth", "row")
    surveys = findings.take_out(
        *(surveys, ~pl.struct("hole_id", "depth").is_first_distinct(), _TABLE, "depth"),
        "the hole has a survey at this depth already.",
        "keep the true one.",
    )
    surveys = _from_grid_north(surveys, collars, declination)
    collars = _with_direction(collars, surveys, findings)
    surveys = surveys.join(collars.select("hole_id"), on="hole_id", how="semi")
    _note_signs(surveys, findings)
    _note_bends(surveys, sharp, findings)
    return surveys, collars


def with_collar(
    rows: pl.DataFrame, collars: pl.DataFrame, table: str, findings: HoleFindings
) -> pl.DataFrame:
    """Leave out rows of holes without a collar; add the hole's depth as ``end``."""
    rows = rows.join(
        collars.select("hole_id", pl.col("depth").alias("end")), on="hole_id", how="left"
    )
    return findings.take_out(
        *(rows, pl.col("end").is_null(), table, "hole_id", "there is no collar of this hole."),
        "add its collar, or mend the id; a collar that is itself left out is among the findings.",
    )


def _from_grid_north(
    surveys: pl.DataFrame, collars: pl.DataFrame, declination: float | None
) -> pl.DataFrame:
    """Turn azimuths to grid north: grid = true - convergence, true = magnetic + declination."""
    magnetic = surveys.filter(pl.col("north") == "magnetic")
    if declination is None and magnetic.height:
        raise ExploreError(
            f"{magnetic.height:,} azimuths are from magnetic north, first in row "
            f"{magnetic['row'][0]} of surveys: give the declination in degrees, east positive."
        )
    strange = surveys["north"].drop_nulls().unique().sort().to_list()
    if set(strange) - {"grid", "true", "magnetic"}:
        raise ExploreError(
            f"north of surveys is grid, true or magnetic; found {', '.join(strange)}. Mend the "
            "column north."
        )
    kept = surveys.join(collars.select("hole_id", "convergence"), on="hole_id")
    turned = (
        pl.when(pl.col("north") == "true")
        .then(pl.col("azimuth") - pl.col("convergence"))
        .when(pl.col("north") == "magnetic")
        .then(pl.col("azimuth") + (declination or 0.0) - pl.col("convergence"))
        .otherwise("azimuth")
    )
    return kept.with_columns((turned % 360).alias("azimuth")).sort("hole_id", "depth")


def _with_direction(
    collars: pl.DataFrame, surveys: pl.DataFrame, findings: HoleFindings
) -> pl.DataFrame:
    """Leave out holes without any direction; a vertical hole needs no azimuth."""
    vertical = pl.col("dip").abs() == 90
    collars = collars.with_columns(
        pl.when(vertical)
        .then(pl.col("azimuth").fill_null(0.0))
        .otherwise("azimuth")
        .alias("azimuth")
    )
    surveyed = pl.col("hole_id").is_in(surveys["hole_id"].unique().implode())
    told = pl.col("azimuth").is_not_null() & pl.col("dip").is_not_null()
    collars = findings.take_out(
        *(collars, ~surveyed & ~told, "drillholes", "azimuth"),
        "the hole has neither surveys nor a direction at the collar.",
        "fill in azimuth and dip at the collar.",
        found=pl.lit(None, dtype=pl.String),
    )
    findings.add(
        collars.filter(~surveyed & told & (pl.col("depth") > 50)),
        *("drillholes", "depth", "the hole has no surveys and is taken as straight."),
        "add its surveys: holes bend.",
        left_out=False,
    )
    return collars


def _note_signs(surveys: pl.DataFrame, findings: HoleFindings) -> None:
    """Note dips whose sign is not that of the other dips of their hole."""
    most = (pl.col("dip").sign().sum().over("hole_id")).sign()
    findings.add(
        surveys.filter((pl.col("dip").sign() * most < 0) & (pl.col("dip").abs() > 10)),
        *(_TABLE, "dip", "the dip has another sign than the hole's other dips."),
        "check the sign: down is negative.",
        left_out=False,
    )


def _note_bends(surveys: pl.DataFrame, sharp: float, findings: HoleFindings) -> None:
    if surveys.height < 2:
        return
    direction = tangents(surveys["azimuth"].to_numpy(), surveys["dip"].to_numpy())
    bend = np.degrees(turn(direction[:-1], direction[1:]))
    told = surveys.with_columns(
        pl.Series("bend", np.concatenate([[0.0], bend])),
        pl.col("depth").diff().over("hole_id").alias("course"),
    ).with_columns((pl.col("bend") / pl.col("course") * 30).alias("per_30_m"))
    bends, course = pl.col("bend").round(1), pl.col("course").round(1)
    findings.add(
        told.filter((pl.col("per_30_m") > sharp) & (pl.col("bend") > 2)),
        *(_TABLE, "azimuth"),
        pl.format("the hole turns {} degrees within {} m.", bends, course),
        "check azimuth, dip and depth of this row and the one before.",
        left_out=False,
    )
