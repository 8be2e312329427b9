"""Layers of points, lines and areas: GeoPackage and GeoParquet, read and written."""

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import polars as pl

GEOMETRY: Final = "geometry"
WGS84: Final = "EPSG:4326"

_PARQUET: Final = (".parquet", ".geoparquet")
_MANY: Final = {"Point": "MultiPoint", "LineString": "MultiLineString", "Polygon": "MultiPolygon"}


@dataclass(frozen=True)
class Layer:
    """A table of features.

    Attributes
    ----------
    frame : DataFrame
        One row a feature; ``geometry`` is WKB (Binary) or WKT (String), null where there is none.
    crs : str
        Reference system of the coordinates: ``EPSG:4326`` or WKT.
    """

    frame: pl.DataFrame
    crs: str = WGS84


class LayerError(ValueError):
    """A layer that cannot be read or written; the message names the next step."""


def read_layer(path: Path, *, layer: str | None = None) -> Layer:
    """Read features from a GeoPackage, GeoJSON, Shapefile or GeoParquet file.

    Parameters
    ----------
    path
        The file.
    layer
        Which layer of a file that has several; without it the first.

    Returns
    -------
    Layer
        ``geometry`` is WKB. Where the file tells no reference system, that of GeoJSON is taken for
        GeoJSON, and any other file is refused.

    Raises
    ------
    LayerError
        The file is no such file, or tells no reference system.
    """
    path = Path(path)
    if path.suffix.lower() in _PARQUET:
        return _read_parquet(path)
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError

    try:
        if layer is None and len(there := pyogrio.list_layers(path)):
            layer = str(there[0][0])
        about, table = pyogrio.read_arrow(path, layer=layer)
    except (DataSourceError, DataLayerError, OSError) as problem:
        raise LayerError(
            f"{path.name}: no layer can be read. Found: {problem}. "
            "Give a GeoPackage, GeoJSON, Shapefile or GeoParquet."
        ) from problem
    name = about["geometry_name"] or "wkb_geometry"
    if name not in table.column_names:
        raise LayerError(f"{path.name}: the layer has no geometry. Give points or areas.")
    if not about["crs"]:
        raise LayerError(
            f"{path.name} tells no coordinate reference system. Found: none. "
            "Set it: ogr2ogr -a_srs EPSG:CODE OUT.gpkg IN."
        )
    frame = _plain(table)
    return Layer(frame.rename({name: GEOMETRY}), str(about["crs"]))


def in_degrees(layer: Layer) -> Layer:
    """Bring a layer's geometries to longitude and latitude, degrees of WGS 84, as WKB.

    Raises
    ------
    LayerError
        The reference system is not known, or a geometry is no WKT.
    """
    import numpy as np
    import shapely
    from pyproj import Transformer
    from pyproj.exceptions import CRSError

    frame = _ready(layer, "layer")
    if layer.crs in (WGS84, "OGC:CRS84"):
        return Layer(frame, WGS84)
    try:
        way = Transformer.from_crs(layer.crs, WGS84, always_xy=True)
    except CRSError as problem:
        raise LayerError(f"the layer's reference system is not known. Found: {problem}.") from None
    shapes = np.array(shapely.from_wkb(frame[GEOMETRY].to_list()), dtype=object)
    moved = shapely.transform(shapes, lambda x, y: way.transform(x, y), interleaved=False)
    wkb = pl.Series(GEOMETRY, shapely.to_wkb(moved).tolist(), dtype=pl.Binary)
    return Layer(frame.with_columns(wkb), WGS84)


def write_layers(
    path: Path,
    layers: Mapping[str, Layer],
    *,
    provenance: Mapping[str, Any] | None = None,
    when: datetime | None = None,
) -> Path:
    """Write layers into one GeoPackage (OGC 12-128r19), with a spatial index each.

    The file appears by rename when it is whole.

    Parameters
    ----------
    path
        The file.
    layers
        By name; decimals become floats, lists are joined by ``;``.
    provenance
        What the layers were made from, kept in the file's metadata as JSON.
    when
        Time of the last change that the file tells; with it the same layers give the same file.

    Raises
    ------
    LayerError
        There is no layer, or one has no geometry or cannot be written.

    Examples
    --------
    >>> folder = Path(tempfile.mkdtemp())
    >>> mines = pl.DataFrame({"name": ["A"], "geometry": ["POINT (51.4 35.7)"]})
    >>> path = write_layers(folder / "mines.gpkg", {"mines": Layer(mines)})
    >>> read_layer(path).frame.columns
    ['name', 'geometry']
    """
    path = Path(path)
    with tempfile.TemporaryDirectory(prefix=".onshore-", dir=path.parent) as folder:
        whole = Path(folder) / "whole"
        geopackage(layers, provenance=provenance, when=when)(whole)
        whole.replace(path)
    return path


def geopackage(
    layers: Mapping[str, Layer],
    *,
    provenance: Mapping[str, Any] | None = None,
    when: datetime | None = None,
) -> Callable[[Path], None]:
    """Give what writes a GeoPackage at the path it is given; see `write_layers`."""
    if not layers:
        raise LayerError("a GeoPackage needs a layer.")
    ready = {name: (_ready(layer, name), layer.crs) for name, layer in layers.items()}
    told = _told(provenance)

    def write(path: Path) -> None:
        import pyogrio

        with tempfile.TemporaryDirectory(prefix=".onshore-", dir=path.parent) as folder:
            whole = Path(folder) / "whole.gpkg"
            with _dated(when):
                for name, (frame, crs) in ready.items():
                    frame, kind = _one_kind(frame)
                    try:
                        pyogrio.write_arrow(
                            frame.to_arrow(),
                            whole,
                            layer=name,
                            driver="GPKG",
                            geometry_name=GEOMETRY,
                            GEOMETRY_NAME=GEOMETRY,
                            geometry_type=kind,
                            crs=crs,
                            append=whole.exists(),
                            dataset_metadata=told,
                        )
                    except (pyogrio.errors.DataSourceError, RuntimeError) as problem:
                        raise LayerError(
                            f"the layer '{name}' cannot be written. Found: {problem}."
                        ) from problem
            shutil.move(whole, path)

    return write


def geoparquet(layer: Layer, *, bounds: bool = True) -> Callable[[Path], None]:
    """Give what writes a layer as GeoParquet 1.1 at the path it is given.

    Parameters
    ----------
    layer
        The features.
    bounds
        Whether each row has its ``bbox``, by which readers skip what is elsewhere.
    """
    frame = _ready(layer, "layer")

    def write(path: Path) -> None:
        import geopandas

        shapes = geopandas.GeoSeries.from_wkb(frame[GEOMETRY].to_list(), crs=layer.crs)
        table = frame.drop(GEOMETRY).to_pandas(use_pyarrow_extension_array=True)
        features = geopandas.GeoDataFrame(table, geometry=shapes)
        features.to_parquet(path, index=False, schema_version="1.1.0", write_covering_bbox=bounds)

    return write


def _read_parquet(path: Path) -> Layer:
    import pyarrow.parquet as pq
    from pyarrow.lib import ArrowInvalid

    try:
        table = pq.read_table(path)
    except (ArrowInvalid, OSError) as problem:
        raise LayerError(
            f"{path.name} cannot be read as GeoParquet. Found: {problem}. Give a GeoParquet file."
        ) from problem
    metadata = (table.schema.metadata or {}).get(b"geo")
    if metadata is None:
        raise LayerError(
            f"{path.name} is Parquet without geometry (no 'geo' in its metadata). "
            "Give a GeoParquet file."
        )
    about = json.loads(metadata)
    name = about["primary_column"]
    column = about["columns"][name]
    if column.get("encoding") != "WKB":
        raise LayerError(
            f"{path.name}: geometry is encoded as {column.get('encoding')}. Give WKB: "
            "write it anew with geometry_encoding='WKB'."
        )
    covering = column.get("covering", {}).get("bbox", {}).get("xmin", [None])[0]
    frame = _plain(table.drop([covering] if covering in table.column_names else []))
    return Layer(frame.rename({name: GEOMETRY}), _system(column.get("crs", WGS84), path))


def _system(told: Any, path: Path) -> str:
    """Name the system that GeoParquet tells: PROJJSON; none at all is WGS 84; null is unknown."""
    from pyproj import CRS

    if told is None:
        raise LayerError(
            f"{path.name} tells no coordinate reference system. Found: null. Write it with one."
        )
    found = CRS.from_user_input(told)
    code = found.to_authority(min_confidence=100)
    if code and code[0] in {"EPSG", "OGC"}:
        return WGS84 if code == ("OGC", "CRS84") else ":".join(code)
    return str(found.to_wkt())


def _plain(table: Any) -> pl.DataFrame:
    """Turn an Arrow table into a frame, geometry into plain bytes."""
    import pyarrow

    columns = [
        column.cast(column.type.storage_type)
        if isinstance(column.type, pyarrow.BaseExtensionType)
        else column
        for column in table.columns
    ]
    found = pl.from_arrow(pyarrow.table(columns, names=table.column_names))
    assert isinstance(found, pl.DataFrame)
    return found


def _ready(layer: Layer, name: str) -> pl.DataFrame:
    """Give a layer's table with WKB, in types that every reader knows."""
    frame = layer.frame
    if GEOMETRY not in frame.columns:
        raise LayerError(
            f"the layer '{name}' has no column '{GEOMETRY}'. Found: {', '.join(frame.columns)}."
        )
    if frame.schema[GEOMETRY] == pl.String:
        frame = frame.with_columns(pl.Series(GEOMETRY, _as_wkb(frame[GEOMETRY]), dtype=pl.Binary))
    casts = []
    for column, kind in frame.schema.items():
        if isinstance(kind, pl.Decimal):
            casts.append(pl.col(column).cast(pl.Float64))
        elif isinstance(kind, pl.List):
            casts.append(pl.col(column).cast(pl.List(pl.String)).list.join(";"))
        elif isinstance(kind, pl.Categorical | pl.Enum):
            casts.append(pl.col(column).cast(pl.String))
    return frame.with_columns(casts)


def _as_wkb(texts: pl.Series) -> list[bytes | None]:
    import shapely
    from shapely.errors import GEOSException

    found: list[bytes | None] = []
    for number, text in enumerate(texts.to_list(), 1):
        try:
            found.append(None if text in (None, "") else shapely.to_wkb(shapely.from_wkt(text)))
        except GEOSException as problem:
            raise LayerError(
                f"row {number}: the geometry is no WKT. Found: {text[:60]!r} ({problem})."
            ) from problem
    return found


def _one_kind(frame: pl.DataFrame) -> tuple[pl.DataFrame, str]:
    """Give geometries of one kind: where some have several parts, all are made of parts."""
    import shapely

    shapes = shapely.from_wkb(frame[GEOMETRY].to_numpy())
    kinds = {shape.geom_type for shape in shapes if shape is not None}
    if len(kinds) == 1:
        return frame, kinds.pop()
    single = next((kind for kind in _MANY if kinds <= {kind, _MANY[kind]} and kinds), None)
    if single is None:
        return frame, "Unknown"
    whole = getattr(shapely, _MANY[single])
    parts = [
        None
        if shape is None
        else shapely.to_wkb(whole([shape]) if shape.geom_type == single else shape)
        for shape in shapes
    ]
    return frame.with_columns(pl.Series(GEOMETRY, parts, dtype=pl.Binary)), _MANY[single]


def _told(provenance: Mapping[str, Any] | None) -> dict[str, str] | None:
    if not provenance:
        return None
    text = json.dumps(provenance, ensure_ascii=False, sort_keys=True, default=str)
    return {"ONSHORE_PROVENANCE": text}


@contextmanager
def _dated(when: datetime | None) -> Iterator[None]:
    """Have GDAL write a time as that of the last change, instead of now."""
    import pyogrio

    text = when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z") if when else None
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": text})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
