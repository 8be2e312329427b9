"""The units of a tracker as a chain's assets, projects and places."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from onshore.chain.tracker import IN_SERVICE, SOURCE, Tracker
from onshore.codes import countries

_UNITS = {"iron, other": "iron", "steel, other": "steel"}
_NO_YEAR, _NONE = pl.lit("; the year of start is not told"), pl.lit("")


def tracked_assets(tracker: Tracker, rows: pl.DataFrame, first_year: int) -> pl.DataFrame:
    """Give the units in service as a chain's assets; without a year they are there from the first.

    Units of one plant and kind that started in one year are one asset.
    """
    kept = rows.filter(pl.col("status").is_in(IN_SERVICE)).with_columns(
        told=pl.col("from_year"), from_year=pl.col("from_year").fill_null(first_year)
    )
    joined = (
        kept.group_by("plant_id", "country", "place", "step", "unit", "status", "from_year")
        .agg(pl.col("capacity").sum(), pl.col("at_least").any(), pl.col("told").first())
        .sort("plant_id", "unit", "from_year", "status")
    )
    several = pl.len().over("plant_id", "unit") > 1
    number = pl.int_range(1, pl.len() + 1).over("plant_id", "unit")
    key = pl.format("{}-{}", "plant_id", pl.col("unit").replace(_UNITS))
    return _named(
        tracker,
        joined.with_columns(
            asset=pl.when(several).then(pl.format("{}-{}", key, number)).otherwise(key)
        ),
    ).select(
        "asset",
        pl.col("step").alias("process"),
        "place",
        "capacity",
        "from_year",
        "status",
        "name",
        "owner",
        source=pl.lit(SOURCE) + pl.when(pl.col("told").is_null()).then(_NO_YEAR).otherwise(_NONE),
        illustrative=pl.lit(value=False),
        name_fa="name_fa",
        plant="plant_id",
        unit_kind="unit",
        country="country",
        at_least="at_least",
        lat="lat",
        lon="lon",
    )


def tracked_projects(tracker: Tracker, rows: pl.DataFrame, statuses: Sequence[str]) -> pl.DataFrame:
    """Give the units that are not yet in service as a chain's projects; dates are not told."""
    kept = rows.filter(pl.col("status").is_in(list(statuses)))
    kind = pl.col("unit").replace(_UNITS)
    key = pl.format("{}-{}-{}", "plant_id", kind, pl.col("record").fill_null(0))
    return (
        _named(tracker, kept)
        .with_columns(project=key)
        .group_by("project", maintain_order=True)
        .agg(pl.col("capacity").sum(), pl.all().exclude("capacity", "project").first())
        .select(
            "project",
            pl.col("step").alias("process"),
            "place",
            "capacity",
            "name",
            "owner",
            "status",
            source=pl.lit(SOURCE),
            illustrative=pl.lit(value=False),
            name_fa="name_fa",
            plant="plant_id",
            unit_kind="unit",
            country="country",
            start_year="from_year",
            lat="lat",
            lon="lon",
        )
        .sort("project")
    )


def tracked_places(tracker: Tracker, rows: pl.DataFrame, country: str | None) -> pl.DataFrame:
    """Give the places of some capacities, each in the middle of its plants by capacity."""
    weight = pl.col("capacity") / pl.col("capacity").sum()
    told = tracker.plants.drop("place", "country")
    middle = (
        rows.join(told, on="plant_id", how="left")
        .group_by("place")
        .agg(
            (pl.col("lat") * weight).sum().round(4),
            (pl.col("lon") * weight).sum().round(4),
            pl.col("country", "country_name", "place_name", "place_name_fa").first(),
        )
        .sort("place")
    )
    if country is None:
        name_fa = {code: str(countries.name(code, "fa")) for code in middle["place"]}
        middle = middle.with_columns(
            place_name="country_name", place_name_fa=pl.col("place").replace_strict(name_fa)
        )
    return middle.select(
        "place", name="place_name", name_fa="place_name_fa", lat="lat", lon="lon", region="country"
    )


def _named(tracker: Tracker, rows: pl.DataFrame) -> pl.DataFrame:
    told = tracker.plants.select(
        "plant_id", "owner", "lat", "lon", plant_name="name", plant_name_fa="name_fa"
    )
    return rows.join(told, on="plant_id", how="left", maintain_order="left").with_columns(
        name=pl.format("{}: {}", "plant_name", "unit"),
        name_fa=pl.format("{}: {}", "plant_name_fa", "unit"),
    )
