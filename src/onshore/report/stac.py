"""A map's entry in a catalogue: a STAC item with its bands, its digest and its provenance."""

import hashlib
import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from onshore import __version__

VERSION: Final = "1.1.0"
EXTENSIONS: Final = (
    "https://stac-extensions.github.io/file/v2.1.0/schema.json",
    "https://stac-extensions.github.io/processing/v1.1.0/schema.json",
    "https://stac-extensions.github.io/projection/v2.0.0/schema.json",
)
PROVENANCE: Final = "onshore:provenance"

_TIFF: Final = "image/tiff; application=geotiff"
_COG: Final = f"{_TIFF}; profile=cloud-optimized"
_TYPES: Final = {
    ".tif": _TIFF,
    ".tiff": _TIFF,
    ".csv": "text/csv",
    ".parquet": "application/vnd.apache.parquet",
    ".gpkg": "application/geopackage+sqlite3",
    ".geojson": "application/geo+json",
    ".json": "application/json",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_SHA256: Final = "1220"  # the multihash's mark of SHA-256, 32 bytes
_SIDE: Final = 21  # points along each side of the outline


class MapError(ValueError):
    """A raster that cannot be described; the message names the next step."""


def stac_item(
    path: Path,
    *,
    id: str | None = None,  # noqa: A002
    title: str | None = None,
    description: str | None = None,
    provenance: Mapping[str, Any] | None = None,
    when: datetime | None = None,
    href: str | None = None,
    license: str = "other",  # noqa: A002
) -> dict[str, Any]:
    """Describe a map as a SpatioTemporal Asset Catalog item (STAC 1.1.0), as JSON holds it.

    It is read by blocks, for the statistics of its bands.

    Parameters
    ----------
    path
        A GeoTIFF.
    id
        Of the item; without it the file's name and the first of its digest.
    title, description
        Of the map.
    provenance
        What the map was made from (inputs with their SHA-256) and how (parameters, version, seed);
        without it, what the file itself tells. It stands under ``onshore:provenance``; each input
        of ``layers``, ``inputs`` or ``source`` with a file is also a link ``derived_from``.
    when
        Time the map stands for; without it, when the file was last changed.
    href
        Where the map is found from the item; without it, beside it.
    license
        Of the map: an SPDX identifier or ``other``.

    Raises
    ------
    MapError
        The file is no raster or has no reference system.
    """
    import rasterio
    from rasterio.errors import RasterioError

    path = Path(path)
    try:
        with rasterio.open(path) as file:
            if file.crs is None:
                raise MapError(
                    f"{path.name} has no coordinate reference system. Found: none. "
                    "Set it: gdal_edit.py -a_srs EPSG:CODE FILE."
                )
            outline, bbox = _outline(file)
            bands = _bands(file)
            place = _projection(file)
            told = file.tags().get("ONSHORE_PROVENANCE")
            layout = file.tags(ns="IMAGE_STRUCTURE").get("LAYOUT")
    except RasterioError as problem:
        raise MapError(f"{path.name} cannot be read as a map. Found: {problem}.") from problem
    made = dict(provenance) if provenance is not None else json.loads(told or "{}")
    digest = _digest(path)
    changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    properties: dict[str, Any] = {
        "datetime": _time(when or changed),
        "created": _time(changed),
        "title": title or path.stem,
        "license": license,
        "processing:software": {"onshore": str(made.get("version", __version__))},
        "processing:lineage": _lineage(made, path),
        **place,
        PROVENANCE: made,
    }
    if description:
        properties["description"] = description
    return {
        "type": "Feature",
        "stac_version": VERSION,
        "stac_extensions": list(EXTENSIONS),
        "id": id or f"{path.stem}-{digest[:12]}",
        "geometry": {"type": "Polygon", "coordinates": [outline]},
        "bbox": bbox,
        "properties": properties,
        "links": [
            {"rel": "derived_from", "href": file, "title": name, "type": _type_of(file)}
            for name, file in _inputs(made)
        ],
        "assets": {
            "map": {
                "href": href or f"./{path.name}",
                "type": _COG if layout == "COG" else _TIFF,
                "title": title or path.stem,
                "roles": ["data"],
                "bands": bands,
                "file:size": path.stat().st_size,
                "file:checksum": _SHA256 + digest,
            }
        },
    }


def stac_bytes(item: Mapping[str, Any]) -> bytes:
    """Write an item as the JSON of its file."""
    text = json.dumps(item, ensure_ascii=False, indent=2, default=str, allow_nan=False)
    return f"{text}\n".encode()


def _outline(file: Any) -> tuple[list[list[float]], list[float]]:
    """Give the map's edge in degrees, against the clock, and the box around it."""
    from rasterio.warp import transform

    left, bottom, right, top = file.bounds
    steps = [number / (_SIDE - 1) for number in range(_SIDE)]
    corners = [(left, bottom), (right, bottom), (right, top), (left, top), (left, bottom)]
    x, y = [], []
    for (x0, y0), (x1, y1) in pairwise(corners):
        x += [x0 + (x1 - x0) * step for step in steps[:-1]]
        y += [y0 + (y1 - y0) * step for step in steps[:-1]]
    lon, lat = transform(file.crs, "EPSG:4326", x, y)
    ring = [[round(east, 7), round(north, 7)] for east, north in zip(lon, lat, strict=True)]
    east, north = [point[0] for point in ring], [point[1] for point in ring]
    return [*ring, ring[0]], [min(east), min(north), max(east), max(north)]


def _projection(file: Any) -> dict[str, Any]:
    code = file.crs.to_epsg(confidence_threshold=100)
    system = {"proj:code": f"EPSG:{code}"} if code else {
        "proj:code": None, "proj:wkt2": file.crs.to_wkt(version="WKT2_2019")
    }  # fmt: skip
    return system | {
        "proj:shape": [file.height, file.width],
        "proj:transform": [float(part) for part in tuple(file.transform)[:6]],
        "proj:bbox": [float(part) for part in file.bounds],
    }


def _bands(file: Any) -> list[dict[str, Any]]:
    """Describe the bands, with statistics of all their cells, added up by blocks."""
    import numpy as np

    described = []
    for number in range(1, file.count + 1):
        count, total, squares = 0, 0.0, 0.0
        low, high = math.inf, -math.inf
        for _, window in file.block_windows(number):
            found = file.read(number, window=window, masked=True).compressed().astype(np.float64)
            found = found[np.isfinite(found)]
            if len(found):
                count += len(found)
                total += float(found.sum())
                squares += float((found * found).sum())
                low, high = min(low, float(found.min())), max(high, float(found.max()))
        band: dict[str, Any] = {
            "name": file.descriptions[number - 1] or f"band {number}",
            "data_type": file.dtypes[number - 1],
        }
        nodata = file.nodatavals[number - 1]
        if nodata is not None:
            band["nodata"] = "nan" if math.isnan(nodata) else nodata
        if count:
            mean = total / count
            band["statistics"] = {
                "minimum": low,
                "maximum": high,
                "mean": mean,
                "stddev": math.sqrt(max(squares / count - mean * mean, 0.0)),
                "count": count,
                "valid_percent": 100 * count / (file.height * file.width),
            }
        described.append(band)
    return described


def _inputs(made: Mapping[str, Any]) -> list[tuple[str, str]]:
    """List the files that a map's provenance names."""
    found = []
    for key in ("source", "layers", "inputs", "deposits", "model"):
        told = made.get(key)
        if isinstance(told, Mapping) and "file" in told:
            found.append((key, str(told["file"])))
        elif isinstance(told, Mapping):
            found += [
                (str(name), str(each["file"]))
                for name, each in told.items()
                if isinstance(each, Mapping) and "file" in each
            ]
        elif isinstance(told, list):
            found += [
                (str(each.get("name", key)), str(each["file"]))
                for each in told
                if isinstance(each, Mapping) and "file" in each
            ]
    return found


def _type_of(file: str) -> str:
    """Tell a file's media type: an input is data, not an entry of a catalogue."""
    return _TYPES.get(Path(file).suffix.lower(), "application/octet-stream")


def _lineage(made: Mapping[str, Any], path: Path) -> str:
    """Say in a sentence what the map was made from."""
    names = ", ".join(name for name, _ in _inputs(made))
    method = made.get("method") or made.get("command") or "a map"
    return f"{path.name}: {method}" + (f", from {names}." if names else ".")


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while part := stream.read(1 << 20):
            digest.update(part)
    return digest.hexdigest()


def _time(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
