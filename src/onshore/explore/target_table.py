"""The table of targets: what each holds, where it lies, and what remains around plants."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from onshore.explore.grids import Grid
from onshore.explore.reach import Reach, covered
from onshore.explore.score_maps import PER_KM2, ScoreMap
from onshore.explore.surroundings import WGS84, Areas, Points, local, read_areas, read_points
from onshore.explore.target_cells import TargetCells
from onshore.explore.target_outlines import targets_in


def measured(
    cells: TargetCells, least_km2: float, expects: bool, hidden: float | None
) -> pl.DataFrame:
    """Give what targets hold, of those that are large enough, in the order of their first cell."""
    area = cells.area / PER_KM2
    kept = np.flatnonzero(area >= least_km2 * (1 - 1e-12))
    share = pl.Series("expected_share", cells.share[kept] if expects else [None] * len(kept),
                      dtype=pl.Float64)  # fmt: skip
    expected = share * hidden if hidden is not None else share * None
    table = pl.DataFrame(
        {
            "number": pl.Series(kept, dtype=pl.Int64),
            "first": pl.Series(kept, dtype=pl.Int64),
            "area_km2": area[kept],
            "mean": cells.mean[kept],
            "top": cells.top[kept],
            "uncertainty": pl.Series(cells.uncertainty[kept]).fill_nan(None),
            "expected_share": share,
            "expected": expected.cast(pl.Float64),
            "known": cells.known[kept],
        },
    )
    return table.with_columns(
        expected_per_km2=pl.col("expected") / pl.col("area_km2"),
        probability=1 - (-pl.col("expected")).exp(),
    )


def placed(
    table: pl.DataFrame,
    shapes: list[Any],
    grid: Grid,
    provinces: pl.DataFrame | None,
    mines: pl.DataFrame | None,
    plants: pl.DataFrame | None,
    held: Areas | None,
    warnings: list[str],
) -> pl.DataFrame:
    """Add what lies around each target."""
    import shapely
    from pyproj import Transformer

    to_earth = Transformer.from_crs(grid.crs, WGS84, always_xy=True)
    areas = read_areas(provinces, "provinces", grid.crs) if provinces is not None else None
    dug = read_points(mines, "mines") if mines is not None and mines.height else None
    works = read_points(plants, "plants") if plants is not None and plants.height else None
    warnings += areas.warnings if areas else []
    rows = []
    for shape in shapes:
        within = shapely.point_on_surface(shape)
        lon, lat = to_earth.transform(within.x, within.y)
        row: dict[str, Any] = {"lon": lon, "lat": lat, "geometry": shapely.to_wkb(shape)}
        if areas:
            row["province"], row["province_share"] = next(iter(areas.overlaps(shape)), (None, None))
        if held:
            row["blocks"] = ";".join(name for name, _ in held.overlaps(shape)) or None
            row["held_share"] = held.covered(shape)
        if dug or works:
            row |= _distances(shape, to_earth, lon, lat, dug, works)
        rows.append(row)
    added = pl.DataFrame(rows, schema=_AROUND)
    order = ["target", "rank", "area_km2", "mean", "top", "uncertainty", "expected_share",
             "expected", "expected_per_km2", "probability", "known"]  # fmt: skip
    return table.select(order).hstack(added)


_AROUND = {
    "province": pl.String,
    "province_share": pl.Float64,
    "nearest_mine": pl.String,
    "mine_km": pl.Float64,
    "blocks": pl.String,
    "held_share": pl.Float64,
    "plant": pl.String,
    "plant_km": pl.Float64,
    "lon": pl.Float64,
    "lat": pl.Float64,
    "geometry": pl.Binary,
}


def _distances(
    shape: Any, to_earth: Any, lon: float, lat: float, dug: Points | None, works: Points | None
) -> dict[str, Any]:
    import shapely

    way = local(lon, lat)
    near = shapely.transform(shape, lambda x, y: way(*to_earth.transform(x, y)), interleaved=False)
    row: dict[str, Any] = {}
    if dug:
        row["nearest_mine"], row["mine_km"] = dug.nearest(near, way)
    if works:
        row["plant"], row["plant_km"] = works.nearest(near, way)
    return row


def around_plants(
    found: ScoreMap,
    least: float,
    reach: Reach | None,
    held: Areas | None,
    shapes: list[Any],
    table: pl.DataFrame,
    size: int,
) -> pl.DataFrame:
    """Add up what remains within reach of each plant."""
    schema = {"plant": pl.String, "reach_km2": pl.Float64, "above_km2": pl.Float64,
              "free_km2": pl.Float64, "targets": pl.Int64, "best": pl.String}  # fmt: skip
    if reach is None:
        return pl.DataFrame(schema=schema)
    count = len(reach.names)
    sums = np.zeros((3, count), dtype=np.int64)
    met: list[set[int]] = [set() for _ in range(count)]
    for strip, scores, _ in found.read(found.strips(size)):
        areas = found.areas(strip)
        scored = np.isfinite(scores)
        above = scores >= np.float32(least)
        free = above & ~covered(found.grid, strip, list(held.shapes)) if held else above
        numbers = targets_in(found.grid, strip, shapes)
        for number in range(count):
            there = reach.of(number, strip)
            if there.any():
                for row, cells in enumerate((scored, above, free)):
                    sums[row, number] += int(areas[there & cells].sum())
                met[number] |= set(np.unique(numbers[there]).tolist()) - {0}
    names = table["target"].to_list()
    return pl.DataFrame(
        {
            "plant": reach.names,
            "reach_km2": sums[0] / PER_KM2,
            "above_km2": sums[1] / PER_KM2,
            "free_km2": sums[2] / PER_KM2,
            "targets": [len(each) for each in met],
            "best": [names[min(each) - 1] if each else None for each in met],
        },
        schema=schema,
    )
