"""Tables of drillholes, read and checked: collars, surveys, assays and lithology logs."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

import polars as pl

from onshore.explore.collars import placed_collars
from onshore.explore.errors import ExploreError
from onshore.explore.hole_findings import HoleFindings
from onshore.explore.hole_intervals import checked_assays, checked_lithologies
from onshore.explore.hole_surveys import checked_surveys
from onshore.records import read_table, schema

Given: TypeAlias = pl.DataFrame | str | Path
Dips: TypeAlias = Literal["down negative", "down positive"]

TABLES = ("drillholes", "surveys", "assays", "lithology_logs")
_NEEDED = {
    "drillholes": ("hole_id", "depth"),
    "surveys": ("hole_id", "depth", "azimuth", "dip"),
    "assays": ("hole_id", "from", "to", "analyte", "unit"),
    "lithology_logs": ("hole_id", "from", "to", "rock"),
}
_USED = {
    "drillholes": (
        *("hole_id", "lon", "lat", "elevation", "depth", "azimuth", "dip"),
        *("east", "north", "crs"),
    ),
    "surveys": ("hole_id", "depth", "azimuth", "dip", "north"),
    "assays": ("hole_id", "from", "to", "analyte", "value", "unit", "below_limit"),
    "lithology_logs": ("hole_id", "from", "to", "rock", "density"),
}
_NUMBERS = ("number", "signed", "money", "share")


@dataclass(frozen=True)
class Drillholes:
    """Drillholes whose tables are checked.

    Attributes
    ----------
    collars : DataFrame
        A hole each: ``hole_id``, ``x``, ``y``, ``z`` (m, in `crs`; z upward), ``depth`` (m),
        ``azimuth`` (degrees from grid north) and ``dip`` (degrees, down negative) at the collar.
    surveys : DataFrame
        ``hole_id``, ``depth`` (m), ``azimuth`` (degrees from grid north), ``dip`` (degrees, down
        negative), by hole and depth.
    assays : DataFrame
        ``hole_id``, ``analyte``, ``unit`` (one for each analyte), ``from``, ``to`` (m), ``value``
        and ``below_limit``; intervals of a hole and analyte do not overlap. What is below the
        detection limit has a share of the limit.
    lithologies : DataFrame
        ``hole_id``, ``from``, ``to`` (m), ``rock``, ``density`` (t/m3, null where not measured).
    findings : DataFrame
        What is odd: ``table``, ``row`` (of the file, or of the frame from 1), ``hole_id``,
        ``column``, ``found``, ``reason``, ``next_step``, ``left_out`` (the row is not used).
    crs : str
        Projected reference system of x and y.
    warnings : list of str
        What to mind about all holes.
    """

    collars: pl.DataFrame
    surveys: pl.DataFrame
    assays: pl.DataFrame
    lithologies: pl.DataFrame
    findings: pl.DataFrame = field(repr=False)
    crs: str = ""
    warnings: list[str] = field(default_factory=list)


def read_drillholes(
    collar: Given,
    survey: Given | None = None,
    assay: Given | None = None,
    lithology: Given | None = None,
    *,
    crs: str | None = None,
    dip: Dips | None = None,
    declination: float | None = None,
    elevation: float | None = None,
    below_limit: float = 0.5,
    sharp: float = 15.0,
) -> Drillholes:
    """Read the tables of drillholes, check them, and put the holes into one projected system.

    Parameters
    ----------
    collar, survey, assay, lithology
        Frames or files of the programme's tables ``drillholes``, ``surveys``, ``assays`` and
        ``lithology_logs``; depths in metres along the hole, angles in degrees.
    crs
        Projected system that holes are put into; else that of the collars, or the zone of UTM
        where they lie.
    dip
        Sign of the dips. Without it downward is negative; where no dip is negative and some are
        positive, it has to be said.
    declination
        Degrees that magnetic north lies east of true north. Needed for azimuths from magnetic
        north.
    elevation
        Elevation in metres of collars that have none; without it they are left out.
    below_limit
        Share of the detection limit that stands for what lies below it.
    sharp
        Degrees per 30 m above which a bend is noted.

    Returns
    -------
    Drillholes
        The rows that can be used, and the findings: holes written twice, overlaps, gaps, rows
        below the end of the hole, surveys without a collar, odd signs, sharp bends.

    Raises
    ------
    ExploreError
        A table lacks columns, no hole is left, the sign of dips cannot be told, or azimuths are
        magnetic and no declination is given.

    Examples
    --------
    >>> collar = pl.DataFrame({"hole_id": ["A"], "east": [1000.0], "north": [2000.0],
    ...     "crs": ["EPSG:32640"], "elevation": [1500.0], "depth": [40.0], "azimuth": [90.0],
    ...     "dip": [-60.0]})
    >>> holes = read_drillholes(collar, pl.DataFrame({"hole_id": ["B"], "depth": [30.0],
    ...     "azimuth": [90.0], "dip": [-60.0]}))
    >>> holes.findings.select("table", "hole_id", "reason").rows()
    [('surveys', 'B', 'there is no collar of this hole.')]
    """
    if not 0 <= below_limit <= 1:
        raise ExploreError(
            f"below_limit is a share of the detection limit, found {below_limit:g}: write 0 to 1."
        )
    findings, warnings = HoleFindings(), list[str]()
    tables = {
        name: _taken(given, name, findings)
        for name, given in zip(TABLES, (collar, survey, assay, lithology), strict=True)
    }
    down = _sign_of_dips(tables, dip)
    collars, system = placed_collars(tables["drillholes"], crs, elevation, down, findings)
    surveys, collars = checked_surveys(
        tables["surveys"], collars, down, declination, sharp, findings
    )
    if collars.is_empty():
        first = findings.frame(TABLES).row(0, named=True)
        raise ExploreError(
            f"no hole of the collars can be used; the first finding, row {first['row']}: "
            f"{first['reason']} Mend the collars: {first['next_step']}"
        )
    assays = checked_assays(tables["assays"], collars, below_limit, findings, warnings)
    lithologies = checked_lithologies(tables["lithology_logs"], collars, findings)
    found = findings.frame(TABLES)
    out = found.filter("left_out")
    if out.height:
        counts = out.group_by("table", maintain_order=True).len().rows()
        told = ", ".join(f"{count:,} of {name}" for name, count in counts)
        warnings.append(f"rows are left out: {told}; the findings tell each.")
    return Drillholes(
        collars.select("hole_id", "x", "y", "z", "depth", "azimuth", "dip"),
        surveys.select("hole_id", "depth", "azimuth", "dip"),
        assays.select("hole_id", "analyte", "unit", "from", "to", "value", "below_limit"),
        lithologies.select("hole_id", "from", "to", "rock", "density"),
        found,
        system,
        warnings,
    )


def _taken(given: Given | None, name: str, findings: HoleFindings) -> pl.DataFrame:
    """Give the columns used, typed, with ``row``; cells that cannot be read are null."""
    told = schema(name)
    types = {column: told.column(column) for column in _USED[name]}
    if given is None:
        frame = pl.DataFrame(schema=dict.fromkeys(_USED[name], pl.String))
        frame = frame.with_row_index("row", offset=1)
    elif isinstance(given, pl.DataFrame):
        lacking = [column for column in _NEEDED[name] if column not in given.columns]
        if lacking:
            raise ExploreError(
                f"the table of {name} has no {' and no '.join(lacking)}; it has "
                f"{', '.join(given.columns)}. Name its columns as the table {name} has them."
            )
        frame = given.with_row_index("row", offset=1)
        for column in set(_USED[name]) - set(given.columns):
            frame = frame.with_columns(pl.lit(None).alias(column))
    else:
        frame = _read(given, name, findings)
    frame = frame.select("row", *_USED[name])
    try:
        typed = frame.with_columns(
            pl.col(column).cast(
                pl.Float64
                if kind.type in _NUMBERS
                else pl.Boolean
                if kind.type == "bool"
                else pl.String
            )
            for column, kind in types.items()
        )
    except pl.exceptions.PolarsError as error:
        raise ExploreError(
            f"the table of {name} has cells that are not of their column's type: {error}. "
            "Give the file instead of the frame: then each such cell is named."
        ) from error
    floats = pl.col(pl.Float64)
    return typed.with_columns(pl.when(floats.is_finite()).then(floats))


def _read(path: str | Path, name: str, findings: HoleFindings) -> pl.DataFrame:
    """Read a file; rows whose cells in use are wrong are left out."""
    reading = read_table(path, name)
    used = {reading.headings.get(column, column) for column in _USED[name]}
    frame = reading.frame.with_columns(reading.rows.alias("row"))
    if frame.is_empty() and reading.errors.height:
        first = reading.errors.row(0, named=True)
        where = f"{first['file']}, row {first['row']}" if first["row"] else first["file"]
        raise ExploreError(f"{where}: {first['reason']} {first['next_step']}")
    errors = reading.errors.with_columns(pl.col("row").cast(pl.Int64)).join(
        frame.select(pl.col("row").cast(pl.Int64), "hole_id"), on="row", how="left"
    )
    for row in errors.iter_rows(named=True):
        findings.add(
            pl.DataFrame({"row": [row["row"]], "hole_id": [row["hole_id"]]}),
            name,
            row["column"],
            row["reason"],
            row["next_step"],
            # A row of too few or too many cells is not in the frame at all.
            left_out=row["column"] in used or row["hole_id"] is None,
            found=pl.lit(row["found"], dtype=pl.String),
        )
    spoilt = errors.filter(pl.col("column").is_in(list(used)))["row"]
    return frame.filter(~pl.col("row").cast(pl.Int64).is_in(spoilt.implode()))


def _sign_of_dips(tables: dict[str, pl.DataFrame], dip: Dips | None) -> int:
    """Give what dips are multiplied with, so that down is negative."""
    if dip not in (None, "down negative", "down positive"):
        raise ExploreError(f"{dip!r} is no sign of dips: write 'down negative' or 'down positive'.")
    if dip:
        return 1 if dip == "down negative" else -1
    dips = pl.concat([tables["drillholes"]["dip"], tables["surveys"]["dip"]]).drop_nulls()
    if (dips > 0).any() and not (dips < 0).any():
        raise ExploreError(
            f"none of the {dips.len():,} dips is negative, so all holes would point upward. Say "
            "dip='down positive', or dip='down negative' if these holes do go up."
        )
    return 1
