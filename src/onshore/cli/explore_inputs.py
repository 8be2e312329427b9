"""What the ``onshore explore`` commands read, what they tell of it, and how they write results."""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from onshore.cli.console import Refused, warn
from onshore.cli.result_folder import Content, source, write_results
from onshore.cli.targets import folder_target

if TYPE_CHECKING:
    import polars as pl

    from onshore.explore import Deposits, Grid, Stack
    from onshore.report import Bulletin
    from onshore.report.explore_raster import Raster

Language = Literal["en", "fa"]
Texts = Annotated[list[str] | None, Parameter(negative="")]

_QUIET = 10.0  # seconds between two words of progress, where nobody watches

_FORMULAS = {
    "weights": (
        "Bonham-Carter, Agterberg and Wright (1989), Weights of evidence modelling",
        "Agterberg and Cheng (2002), Natural Resources Research 11(4), 249-255",
    ),
    "train": ("Ke et al. (2017), LightGBM", "Breiman (2001), Machine Learning 45(1), 5-32"),
    "map": ("Open Geospatial Consortium, OGC Cloud Optimized GeoTIFF 1.0 (2023)",
            "SpatioTemporal Asset Catalog specification 1.1.0"),
    "validate": (
        "Roberts et al. (2017), Ecography 40(8), 913-929",
        "Nadeau and Bengio (2003), Machine Learning 52(3), 239-281",
        "Chung and Fabbri (2003), Natural Hazards 30(3), 451-472",
    ),
    "targets": (
        "Chung and Fabbri (2003), Natural Hazards 30(3), 451-472",
        "Howard (1966), Information value theory",
    ),
    "desurvey": ("Minimum curvature: Sawaryn and Thorogood (2005), SPE Drilling & Completion "
                 "20(1), 24-36",),
    "resources": (
        "CRIRSCO International Reporting Template (2019)",
        "UNECE, ECE/ENERGY/GE.3/2024/5: bridging document of the CRIRSCO Template and UNFC 2019",
    ),
}  # fmt: skip


@Parameter(name="*")
@dataclass(frozen=True)
class Sites:
    """How deposits are read, and in which words the page is written."""

    crs: Annotated[str, Parameter(help="Reference system of the deposits' coordinates.")] = (
        "EPSG:4326"
    )
    columns: Annotated[
        str | None, Parameter(help="The deposits' columns of east and north, as 'lon,lat'.")
    ] = None
    weight: Annotated[
        str | None, Parameter(help="A column of the deposits that says how much each counts.")
    ] = None
    language: Annotated[Language, Parameter(help="Language of the page.")] = "en"


@Parameter(name="*")
@dataclass(frozen=True)
class Ground(Sites):
    """How layers and deposits are read, and in which words the page is written."""

    mask: Annotated[
        Path | None, Parameter(help="The region: a raster or polygons; all else is left out.")
    ] = None


USUAL = Ground()


@contextmanager
def refusals() -> Iterator[None]:
    """Refuse in the room's own words what it cannot answer."""
    from onshore.explore.errors import ExploreError

    try:
        yield
    except ExploreError as mistake:
        raise Refused(str(mistake), status=1) from None
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] == "onshore":
            raise
        raise Refused(
            f"exploration needs the extra 'geo' ({missing.name} is not installed). "
            "Install it: pip install 'onshore[geo]'"
        ) from None


def there(path: Path, what: str) -> Path:
    """Give a file's path back where it exists, else refuse with what is expected there."""
    if not path.exists():
        raise Refused(f"{path} is not there. Give {what}.")
    return path


def opened_stack(layers: Path, ground: Ground) -> "Stack":
    """Open the layers that a table declares, or refuse with what is wrong."""
    from onshore import explore as room

    there(
        layers,
        "the table of layers (columns layer, file, kind, nodata, meaning); "
        "examples/explore/cloncurry/layers.csv is one",
    )
    if ground.mask is not None:
        there(ground.mask, "the region as a raster or as polygons")
    with refusals(), told_step("Opening the layers"):
        return room.open_stack(layers, mask=ground.mask)


def read_sites(path: Path, stack: "Stack | Grid", ground: Sites) -> "Deposits":
    """Read known deposits onto the cells of a stack, or refuse with what is wrong."""
    from onshore import explore as room

    there(path, "the table of known deposits, with the coordinates of each")
    more: dict[str, Any] = {}
    if ground.columns is not None:
        parts = [part.strip() for part in ground.columns.split(",")]
        if len(parts) != 2 or not all(parts):
            raise Refused(
                f"--columns {ground.columns}: write two names with a comma, as 'lon,lat'."
            )
        more["columns"] = (parts[0], parts[1])
    with refusals(), told_step("Reading the deposits"):
        return room.read_deposits(path, stack, weight=ground.weight, crs=ground.crs, **more)


@contextmanager
def told_step(doing: str) -> Iterator[Callable[[int, int], None]]:
    """Say on standard error what is being done, how far it is and, when done, its time.

    Gives what a room calls with how much is done, of how much.
    """
    began = time.perf_counter()
    live = sys.stderr.isatty()
    said = began

    def progress(done: int, of: int) -> None:
        nonlocal said
        percent = 100 * done // max(of, 1)
        if live:
            _write(f"\r  {doing:<44} {percent:>6} %")
        elif done < of and time.perf_counter() - said > _QUIET:
            _write(f"  {doing}: {percent} %\n")
            said = time.perf_counter()

    if live:
        _write(f"  {doing} ...")
    try:
        yield progress
    except BaseException:
        if live:
            _write("\n")
        raise
    took = f"{time.perf_counter() - began:.1f} s"
    _write(f"{chr(13) if live else ''}  {doing:<44} {took:>8}\n")


def _write(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


@contextmanager
def workroom(out: Path) -> Iterator[Path]:
    """Give a folder for what takes long to write, on the disk where the results will stand."""
    folder_target(out)
    near = next(path for path in (out, *out.absolute().parents) if path.is_dir())
    with tempfile.TemporaryDirectory(prefix=".onshore-", dir=near) as folder:
        yield Path(folder)


def moved(path: Path) -> Content:
    """Give what puts a file that is written already where it shall stand."""
    return path.replace


def grid_of(path: Path) -> "Grid":
    """Give the grid of a raster, or refuse what is none."""
    import rasterio

    from onshore import explore as room

    try:
        with rasterio.open(path) as map_file:
            crs = map_file.crs
            if crs is None:
                raise Refused(
                    f"{path.name} has no reference system. Assign it with a tool such as "
                    "gdal_edit.py -a_srs EPSG:CODE.",
                    status=1,
                )
            code = crs.to_epsg()
            name = f"EPSG:{code}" if code else crs.to_wkt()
            a, b, c, d, e, f = (float(part) for part in map_file.transform[:6])
            return room.Grid(name, (a, b, c, d, e, f), map_file.height, map_file.width)
    except rasterio.errors.RasterioIOError as wrong:
        raise Refused(f"{path.name} cannot be read as a raster: {wrong}", status=1) from None


def stack_told(layers: Path, stack: "Stack") -> dict[str, Any]:
    """Tell what a result was made from: the table of layers, and each layer's file."""
    files = {}
    for row in stack.layers.iter_rows(named=True):
        path = Path(str(row["file"]))
        path = path if path.is_absolute() else layers.parent / path
        told = source(path, 0) if path.is_file() else {"file": str(row["file"])}
        files[str(row["layer"])] = {**told, "kind": row["kind"], "meaning": row.get("meaning")}
    grid = stack.grid
    return {
        "source": source(layers, stack.layers.height),
        "layers": files,
        "grid": {
            "crs": grid.crs,
            "rows": grid.height,
            "columns": grid.width,
            "cell_km2": grid.cell_area_km2,
        },
    }


def sites_told(path: Path, deposits: "Deposits") -> dict[str, Any]:
    """Tell which deposits were used, and how many were left out."""
    used = deposits.points.height
    return {
        "deposits": {
            **source(path, used + deposits.left_out.height),
            "used": used,
            "cells": deposits.cells.height,
            "left_out": deposits.left_out.height,
        }
    }


def map_files(
    path: Path, stem: str, told: Mapping[str, Any]
) -> "tuple[dict[str, Any], dict[str, Any]]":
    """Give the files of a map, with its STAC item, and its bands for the page."""
    import json

    from onshore.report.explore_raster import read_raster
    from onshore.report.stac import stac_item

    item = stac_item(path, provenance=told)
    rasters = {"score": read_raster(path, 1), "uncertainty": read_raster(path, 2)}
    text = json.dumps(item, ensure_ascii=False, indent=2, default=str)
    return {f"{stem}.tif": moved(path), f"{stem}.json": f"{text}\n".encode()}, rasters


def write_explored(
    out: Path,
    kind: str,
    tables: "Mapping[str, pl.DataFrame]",
    told: Mapping[str, Any],
    warnings: Sequence[str],
    language: Language,
    *,
    beside: Mapping[str, Content] | None = None,
    rasters: "Mapping[str, Raster] | None" = None,
    outlines: "pl.DataFrame | None" = None,
    parquet: Sequence[str] = (),
) -> None:
    """Write a result with its page and chart, and say its warnings last."""
    from onshore import report

    def compose(
        kind: str, tables: "dict[str, pl.DataFrame]", told: Mapping[str, Any]
    ) -> "Bulletin":
        return report.explore_bulletin(
            kind, tables, told, language, rasters=rasters, outlines=outlines
        )

    metadata = {**told, "warnings": list(dict.fromkeys(warnings)), "formulas": _FORMULAS[kind]}
    write_results(out, kind, tables, metadata, parquet=parquet, beside=beside, compose=compose)
    warn(dict.fromkeys(warnings))
