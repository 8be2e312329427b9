"""The table that declares a stack's layers, and what each layer's file says of itself."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from onshore.explore.errors import ExploreError
from onshore.explore.grids import system_name

KINDS = ("numeric", "categorical", "binary")
TRANSFORMS = ("none", "distance", "density", "classes", "log")
_NEEDED = ("layer", "file", "kind")
_KNOWN = (
    *_NEEDED,
    "nodata",
    "meaning",
    "transform",
    "radius_km",
    "breaks",
    "features",
    "band",
    "source",
)

Transform = tuple[float, float, float, float, float, float]


@dataclass(frozen=True)
class Raster:
    """One band of a raster file, as its header describes it.

    ``odd`` tells what is not used; ``masked``, that a mask of its own marks missing cells.
    """

    path: str
    band: int
    crs: str
    transform: Transform
    height: int
    width: int
    dtype: str
    odd: tuple[str, ...] = ()
    masked: bool = False


@dataclass(frozen=True)
class Layer:
    """A declared layer: how its values are found.

    ``kind`` is of the values as read, after the transform; ``declared`` of those in the file.
    ``checked`` is False where the table says that the file has no value for "no data".
    """

    name: str
    raster: Raster
    kind: str
    declared: str
    nodata: tuple[float, ...]
    nan_declared: bool
    checked: bool
    transform: str
    radius_km: float | None
    breaks: tuple[float, ...]
    features: tuple[float, ...]

    def where(self) -> str:
        """Name the layer and its file, for messages."""
        return f"layer '{self.name}' ({Path(self.raster.path).name})"


def read_layers(layers: pl.DataFrame | Path | str) -> tuple[list[Layer], pl.DataFrame]:
    """Read the table of layers and the headers of their files; return it with all its columns."""
    folder = Path()
    name = "the table of layers"
    if not isinstance(layers, pl.DataFrame):
        path = Path(layers)
        folder, name = path.parent, path.name
        layers = read_frame(path, texts=True)
    table = layers.with_columns(pl.all().cast(pl.String).str.strip_chars().replace("", None))
    _check_columns(table, name)
    found = [
        _layer(row, number, name, folder)
        for number, row in enumerate(table.iter_rows(named=True), start=1)
    ]
    names = [layer.name for layer in found]
    twice = sorted({layer for layer in names if names.count(layer) > 1})
    if twice:
        raise ExploreError(
            f"{name}: layers are named once. Found twice: {', '.join(twice)}. Rename one."
        )
    return found, table


def read_frame(path: Path, *, texts: bool = False) -> pl.DataFrame:
    """Read a CSV, XLSX or Parquet table; ``texts`` keeps all columns but Parquet's as text."""
    if not path.is_file():
        raise ExploreError(f"there is no file {path}. Check the path.")
    try:
        if path.suffix.lower() == ".parquet":
            return pl.read_parquet(path)
        if path.suffix.lower() == ".xlsx":
            return read_sheet(path, texts=texts)
        return pl.read_csv(path, infer_schema=not texts, encoding="utf8", infer_schema_length=None)
    except (pl.exceptions.PolarsError, OSError) as problem:
        reason = str(problem).splitlines()[0]
        raise ExploreError(
            f"{path.name} could not be read as a table. Found: {reason}. "
            "Save it as CSV (comma, UTF-8), XLSX or Parquet."
        ) from problem


def read_sheet(path: Path, *, texts: bool) -> pl.DataFrame:
    """Read the first sheet of a workbook."""
    import fastexcel

    try:
        return pl.read_excel(path, infer_schema_length=0 if texts else None)
    except fastexcel.FastExcelError as problem:
        raise OSError(str(problem)) from problem


def _check_columns(table: pl.DataFrame, name: str) -> None:
    missing = [column for column in _NEEDED if column not in table.columns]
    if missing:
        raise ExploreError(
            f"{name}: columns are missing: {', '.join(missing)}. "
            f"Found: {', '.join(table.columns)}. It needs {', '.join(_NEEDED)} and may have "
            f"{', '.join(_KNOWN[len(_NEEDED) :])}."
        )
    unknown = [column for column in table.columns if column not in _KNOWN]
    if unknown:
        raise ExploreError(
            f"{name}: columns are not known: {', '.join(unknown)}. "
            f"Rename or remove them; those known are {', '.join(_KNOWN)}."
        )
    if table.is_empty():
        raise ExploreError(f"{name} has no rows. Declare at least one layer.")


def _layer(row: dict[str, Any], number: int, table: str, folder: Path) -> Layer:
    """Make a layer of a row of the table; all that is wrong is said with table and row."""

    def wrong(what: str, next_step: str) -> ExploreError:
        return ExploreError(f"{table}, row {number}: {what}. {next_step}")

    for column in _NEEDED:
        if not row[column]:
            raise wrong(f"the {column} is empty", f"Fill it in; every layer needs its {column}.")
    declared = row["kind"].lower()
    if declared not in KINDS:
        raise wrong(f"the kind is not known. Found: {row['kind']!r}", f"Take {_one_of(KINDS)}.")
    transform = (row.get("transform") or "none").lower()
    if transform not in TRANSFORMS:
        raise wrong(f"the transform is not known. Found: {transform!r}", _one_of(TRANSFORMS))
    text = (row.get("nodata") or "").lower()
    try:
        nodata = () if text == "none" else _numbers(text)
        breaks = _numbers(row.get("breaks") or "")
        features = _numbers(row.get("features") or "")
        radius = float(row["radius_km"]) if row.get("radius_km") else None
        band = int(row.get("band") or 1)
    except ValueError as problem:
        raise wrong(
            f"nodata, breaks, features, radius_km and band hold numbers. Found: {problem}",
            "Write numbers, several joined by ;.",
        ) from None
    if transform == "density" and not (radius is not None and 0 < radius < math.inf):
        raise wrong(f"a density needs radius_km above 0. Found: {radius}", "Give the radius.")
    if transform == "classes" and (not breaks or list(breaks) != sorted(set(breaks))):
        raise wrong(
            f"classes need breaks that rise. Found: {row.get('breaks')!r}",
            "Give the lower edges of classes 2, 3 ..., joined by ;.",
        )
    if transform in ("classes", "log") and declared != "numeric":
        raise wrong(
            f"the transform {transform} is of numeric layers. Found: {declared}",
            "Set kind to numeric, or transform to none.",
        )
    if features and transform not in ("distance", "density"):
        raise wrong("features are of the transforms distance and density", "Remove them.")
    file = folder / row["file"]
    try:
        raster = read_raster(file, band)
    except ExploreError as problem:
        raise ExploreError(f"{table}, row {number}, layer '{row['layer']}': {problem}") from problem
    own = own_nodata(raster)
    return Layer(
        name=row["layer"],
        raster=raster,
        kind=_kind_after(declared, transform),
        declared=declared,
        nodata=tuple(value for value in (*nodata, *own) if not math.isnan(value)),
        nan_declared=raster.masked or any(math.isnan(value) for value in (*nodata, *own)),
        checked=text != "none",
        transform=transform,
        radius_km=radius,
        breaks=breaks,
        features=features,
    )


def _kind_after(declared: str, transform: str) -> str:
    if transform == "classes":
        return "categorical"
    return declared if transform == "none" else "numeric"


def _numbers(text: str) -> tuple[float, ...]:
    return tuple(float(part) for part in text.split(";") if part.strip())


def _one_of(words: tuple[str, ...]) -> str:
    return f"one of {', '.join(words)}"


def read_raster(path: Path, band: int = 1) -> Raster:
    """Read a raster file's header; a file that cannot be placed on a map is an `ExploreError`."""
    import rasterio
    from rasterio.errors import NotGeoreferencedWarning, RasterioError

    if not path.exists():
        raise ExploreError(
            f"there is no file {path}. Give the path from the folder of the table of layers."
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)  # it is refused below
            with rasterio.open(path) as file:
                return _described(file, path, band)
    except (RasterioError, OSError) as problem:
        raise ExploreError(
            f"{path.name} could not be read as a raster. Found: {problem}. "
            "Give a GeoTIFF or another format that GDAL reads."
        ) from problem


def _described(file: Any, path: Path, band: int) -> Raster:
    """Take what a raster file's header says, after checking that it can be placed."""
    if not file.crs:
        raise ExploreError(
            f"{path.name} has no coordinate reference system. Say which it is: "
            f"rio edit-info --crs EPSG:CODE {path.name}."
        )
    if not 1 <= band <= file.count:
        raise ExploreError(
            f"{path.name} has {file.count} bands. Found: band {band}. Give one of them."
        )
    dtype = str(file.dtypes[band - 1])
    if "complex" in dtype:
        raise ExploreError(f"{path.name} holds complex numbers. Found: {dtype}. Give real numbers.")
    steps: Transform = (
        file.transform.a,
        file.transform.b,
        file.transform.c,
        file.transform.d,
        file.transform.e,
        file.transform.f,
    )
    if steps in ((1.0, 0.0, 0.0, 0.0, 1.0, 0.0), (1.0, 0.0, 0.0, 0.0, -1.0, 0.0)):
        raise ExploreError(
            f"{path.name} says no place of its cells. Set its bounds: "
            f"rio edit-info --transform 'SIDE 0 WEST 0 -SIDE NORTH' {path.name}."
        )
    if steps[0] * steps[4] == steps[1] * steps[3]:
        raise ExploreError(
            f"{path.name} has cells without area. Found: {steps}. Set its transform anew."
        )
    return Raster(
        str(path),
        band,
        system_name(file.crs),
        steps,
        file.height,
        file.width,
        dtype,
        _odd(file, band),
        "per_dataset" in [flag.name for flag in file.mask_flag_enums[band - 1]],
    )


def _odd(file: Any, band: int) -> tuple[str, ...]:
    """Tell what else a file's header says that changes its values and is not used."""
    scale, offset = file.scales[band - 1], file.offsets[band - 1]
    found = []
    if file.count > 1 and band == 1:
        found.append(f"has {file.count} bands, of which the first is read (column band)")
    if (scale, offset) != (1.0, 0.0):
        found.append(f"declares a scale {scale:g} and offset {offset:g}, which are not applied")
    return tuple(found)


def own_nodata(raster: Raster) -> tuple[float, ...]:
    """Give the no-data value that the file itself declares."""
    import rasterio

    with rasterio.open(raster.path) as file:
        value = file.nodatavals[raster.band - 1]
    return () if value is None else (float(value),)
