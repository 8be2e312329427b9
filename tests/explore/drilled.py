"""Small tables of drillholes for tests."""

from typing import Any

import polars as pl

from onshore import explore

CRS = "EPSG:32640"


def collars(*ids: str, **columns: Any) -> pl.DataFrame:
    """Vertical holes of 100 m, 50 m apart, unless told otherwise."""
    count = len(ids)
    told: dict[str, Any] = {
        "hole_id": list(ids),
        "east": [500_000.0 + 50 * k for k in range(count)],
        "north": [3_300_000.0] * count,
        "crs": [CRS] * count,
        "elevation": [1000.0] * count,
        "depth": [100.0] * count,
        "azimuth": [0.0] * count,
        "dip": [-90.0] * count,
    }
    return pl.DataFrame(told | columns)


def surveys(hole: str, *rows: tuple[float, float, float]) -> pl.DataFrame:
    """Depth, azimuth and dip."""
    return pl.DataFrame(
        {"hole_id": [hole] * len(rows)}
        | {
            name: [float(row[k]) for row in rows]
            for k, name in enumerate(("depth", "azimuth", "dip"))
        }
    )


def assays(hole: str, *rows: tuple[float, float, float | None], **columns: Any) -> pl.DataFrame:
    """From, to and value of copper in percent."""
    told = {
        "hole_id": [hole] * len(rows),
        "from": [float(row[0]) for row in rows],
        "to": [float(row[1]) for row in rows],
        "analyte": ["Cu"] * len(rows),
        "value": [row[2] for row in rows],
        "unit": ["percent"] * len(rows),
    }
    return pl.DataFrame(told | columns, schema_overrides={"value": pl.Float64})


def reasons(holes: explore.Drillholes, table: str) -> list[tuple[int, str, bool]]:
    """Row, reason and whether it is left out, of a table's findings but for missing surveys."""
    straight = pl.col("reason").str.contains("no surveys and is taken as straight")
    found = holes.findings.filter(pl.col("table") == table, ~straight)
    return found.select("row", "reason", "left_out").rows()
