"""Points read from files of geographic features."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from onshore.explore.errors import ExploreError
from onshore.explore.grids import system_name

VECTORS = frozenset({".gpkg", ".geojson", ".json", ".shp", ".fgb"})


def read_points(path: Path) -> tuple[pl.DataFrame, str]:
    """Read points: their columns with ``x`` and ``y``, and the CRS.

    Raises
    ------
    ExploreError
        The file cannot be read, has no CRS, or holds other than points.
    """
    import geopandas

    if not path.is_file():
        raise ExploreError(f"there is no file {path}. Check the path.")
    try:
        frame = geopandas.read_file(path)
    except Exception as problem:  # every driver has errors of its own
        raise ExploreError(
            f"{path.name} could not be read. Found: {problem}. Give points as GeoPackage, GeoJSON "
            "or Shapefile, or a table with columns of coordinates."
        ) from problem
    if frame.crs is None:
        raise ExploreError(
            f"{path.name} has no coordinate reference system. Save it with its "
            "system: geopandas.read_file(IN).set_crs('EPSG:CODE').to_file('OUT.gpkg')."
        )
    kinds = frame.geometry.geom_type
    other = kinds[kinds != "Point"]
    if len(other):
        raise ExploreError(
            f"{path.name} holds other than points. Found: row {other.index[0] + 1} is "
            f"{other.iloc[0] or 'empty'}. Give one point for each deposit."
        )
    plain = frame.drop(columns=[frame.geometry.name, "x", "y"], errors="ignore")
    plain = plain.assign(x=frame.geometry.x.to_numpy(), y=frame.geometry.y.to_numpy())
    columns = {str(name): plain[name].tolist() for name in plain.columns}
    return pl.DataFrame(columns, strict=False), _name(frame.crs)


def _name(crs: object) -> str:
    """Name a CRS of geopandas as rasterio would."""
    from rasterio.crs import CRS

    return system_name(CRS.from_wkt(crs.to_wkt()))  # type: ignore[attr-defined]
