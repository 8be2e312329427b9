"""A map's raster, read small enough for a page, cut into classes and written as a picture."""

import base64
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

MOST: Final = 720
"""Cells of the longer side, at most, of a raster that is read for a page."""

TOP_SHARES: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
"""Shares of the area by which a map of scores is cut, the best first."""

# From the paper to graphite: the darker, the more. Printed, it is the same picture.
SHADES: Final = ("#eeefec", "#dcdfdd", "#c0c7c6", "#9da7a9", "#75828a", "#475259", "#1b2328")


@dataclass(frozen=True)
class Raster:
    """A map as it is drawn: its values, where it lies and in which reference system.

    Attributes
    ----------
    values : array of float (rows, columns)
        NaN where there is no data; rows from north to south.
    bounds : tuple of float
        West, south, east, north, in the units of the reference system.
    crs : str
        Such as ``EPSG:7845``.
    metre : float
        Metres in a unit of the reference system; of degrees, those of latitude.
    geographic : bool
        Whether the units are degrees.
    """

    values: "np.ndarray[Any, Any]"
    bounds: tuple[float, float, float, float]
    crs: str
    metre: float = 1.0
    geographic: bool = False

    @property
    def width(self) -> float:
        """Width in the units of the reference system."""
        return self.bounds[2] - self.bounds[0]

    @property
    def height(self) -> float:
        """Height in the units of the reference system."""
        return self.bounds[3] - self.bounds[1]


def read_raster(path: Path, band: str | int = 1, *, most: int = MOST) -> Raster:
    """Read one band of a map, thinned so that its longer side has at most so many cells.

    Parameters
    ----------
    path
        A raster that rasterio opens.
    band
        Its number from 1, or its description.
    most
        Cells of the longer side.

    Returns
    -------
    Raster

    Raises
    ------
    ValueError
        The file cannot be opened, or has no such band; the message names what there is.
    ModuleNotFoundError
        The extra ``geo`` is not installed.
    """
    import numpy as np
    import rasterio
    from rasterio.enums import Resampling

    try:
        with rasterio.open(path) as source:
            number = _band(path, band, source.descriptions)
            share = min(1.0, most / max(source.shape))
            shape = tuple(max(1, round(side * share)) for side in source.shape)
            found = source.read(number, out_shape=shape, masked=True, resampling=Resampling.nearest)
            crs = source.crs
            bounds = tuple(source.bounds)
    except rasterio.errors.RasterioIOError as wrong:
        raise ValueError(
            f"{path.name} cannot be read as a raster: {wrong}. Give a GeoTIFF, such as the map "
            "that onshore explore map writes."
        ) from None
    values = np.ma.filled(found.astype(np.float32), np.nan)
    geographic = bool(crs and crs.is_geographic)
    metre = 111_195.0 if geographic else float(crs.linear_units_factor[1]) if crs else 1.0
    code = crs.to_epsg() if crs else None
    name = f"EPSG:{code}" if code else (crs.to_string()[:40] if crs else "")
    return Raster(values, bounds, name, metre, geographic)


def with_scores(path: Path, sites: "pl.DataFrame") -> "pl.DataFrame":
    """Add what a map's cells hold where deposits are known.

    Parameters
    ----------
    path
        A map whose first band is the score and whose second, where it has one, the uncertainty.
    sites
        One row a deposit, with ``row`` and ``column`` on the map's grid.

    Returns
    -------
    DataFrame
        The same rows with ``score``, ``uncertainty`` and ``better_share`` (Float64): the share of
        the scored area that scores higher. Null where the map has no data.
    """
    import numpy as np
    import polars as pl
    import rasterio
    from rasterio.windows import Window

    rows, columns = sites["row"].to_numpy(), sites["column"].to_numpy()
    found: dict[str, np.ndarray[Any, Any]] = {}
    with rasterio.open(path) as source:
        for number, name in ((1, "score"), (2, "uncertainty"))[: source.count]:
            values = np.full(len(rows), np.nan)
            for place, (row, column) in enumerate(zip(rows, columns, strict=True)):
                cell = source.read(number, window=Window(column, row, 1, 1), masked=True)
                values[place] = cell.astype(np.float64).filled(np.nan)[0, 0]
            found[name] = values
        better = np.zeros(len(rows))
        known = 0
        for _, window in source.block_windows(1):
            cells = source.read(1, window=window, masked=True).compressed()
            cells = np.sort(cells[np.isfinite(cells)])
            known += len(cells)
            scores = found["score"].astype(cells.dtype)
            better += len(cells) - np.searchsorted(cells, scores, side="right")
    better = np.where(np.isfinite(found["score"]), better / max(known, 1), np.nan)
    return sites.with_columns(
        *(pl.Series(name, values, nan_to_null=True) for name, values in found.items()),
        pl.Series("better_share", better, nan_to_null=True),
    )


def _band(path: Path, band: str | int, names: Sequence[str | None]) -> int:
    if isinstance(band, str):
        if band not in names:
            told = ", ".join(str(name) for name in names)
            raise ValueError(f"{path.name} has no band '{band}'. There are: {told}.")
        return names.index(band) + 1
    if not 1 <= band <= len(names):
        raise ValueError(f"{path.name} has {len(names)} bands, so none of number {band}.")
    return band


def top_shares(
    raster: Raster, shares: Sequence[float] = TOP_SHARES
) -> "tuple[np.ndarray[Any, Any], list[float]]":
    """Cut a map of scores by rank: 0 no data, 1 the rest, and up to the best.

    Parameters
    ----------
    raster
        A map of scores.
    shares
        Shares of the area with data, the best first, such as 0.01 for its best hundredth.

    Returns
    -------
    tuple
        The class of each cell (uint8), and the score from which each share on is reached.

    Examples
    --------
    >>> import numpy as np
    >>> scores = Raster(np.array([[0.1, 0.9], [0.4, np.nan]]), (0, 0, 2, 2), "EPSG:7845")
    >>> classes, least = top_shares(scores, [0.34])
    >>> classes.tolist(), least
    ([[1, 2], [1, 0]], [0.9])
    """
    import numpy as np

    known = np.isfinite(raster.values)
    ordered = np.sort(raster.values[known])[::-1]
    classes = known.astype(np.uint8)
    least: list[float] = []
    for share in shares:
        count = max(1, int(share * len(ordered)))
        least.append(float(ordered[count - 1]) if len(ordered) else float("nan"))
    for number, bound in enumerate(least):
        reached = known & (raster.values >= bound)
        classes[reached] = np.maximum(classes[reached], len(shares) + 1 - number)
    return classes, least


def score_table(raster: Raster) -> "pl.DataFrame":
    """Tell from which score on each share of the area is reached, and how large it is.

    Parameters
    ----------
    raster
        A map of scores.

    Returns
    -------
    DataFrame
        ``share`` (of the area with data), ``least_score`` and ``mean_score`` (Float64), of the
        cells that were read.
    """
    import numpy as np
    import polars as pl

    _, least = top_shares(raster)
    values = raster.values[np.isfinite(raster.values)].astype(np.float64)
    rows = [
        (share, bound, float(values[values >= bound].mean()) if len(values) else None)
        for share, bound in zip(TOP_SHARES, least, strict=True)
    ]
    names = ("share", "least_score", "mean_score")
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.Float64), orient="row")


def even_classes(raster: Raster, number: int = 5) -> "tuple[np.ndarray[Any, Any], list[float]]":
    """Cut a map of values into classes of equal width: 0 no data, 1 the least.

    Parameters
    ----------
    raster
        A map of values.
    number
        How many classes; the lowest and highest fiftieth of the values lie in the outer ones.

    Returns
    -------
    tuple
        The class of each cell (uint8), and the bounds between classes, with both ends.
    """
    import numpy as np

    known = np.isfinite(raster.values)
    if not known.any():
        return known.astype(np.uint8), []
    values = raster.values[known].astype(np.float64)
    low, high = (float(end) for end in np.quantile(values, [0.02, 0.98]))
    if not high > low:
        low, high = float(values.min()), float(values.max())
    bounds = np.linspace(low, high, number + 1)
    classes = np.zeros(raster.values.shape, np.uint8)
    classes[known] = np.searchsorted(bounds[1:-1], values, side="right") + 1
    return classes, [float(bound) for bound in bounds]


def shades_of(number: int) -> tuple[str, ...]:
    """Give so many shades from the palest to the darkest, at most seven."""
    if number < 2:
        return SHADES[-1:]
    step = (len(SHADES) - 1) / (number - 1)
    return tuple(SHADES[round(place * step)] for place in range(number))


def png(classes: "np.ndarray[Any, Any]", colours: Sequence[str]) -> bytes:
    r"""Write classes as a picture: 0 is clear, each other number in its colour.

    Parameters
    ----------
    classes
        uint8 (rows, columns); 0, or the place of its colour from 1.
    colours
        Of class 1 and those after it, such as ``#1b2328``.

    Returns
    -------
    bytes
        A PNG with a palette.

    Examples
    --------
    >>> import numpy as np
    >>> png(np.array([[0, 1]], np.uint8), ["#000000"])[:4]
    b'\x89PNG'
    """
    height, width = classes.shape
    palette = b"\xff\xff\xff" + b"".join(bytes.fromhex(colour[1:]) for colour in colours)
    rows = b"".join(b"\x00" + row.tobytes() for row in classes)
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", palette),
        (b"tRNS", b"\x00"),
        (b"IDAT", zlib.compress(rows, 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(_part(kind, data) for kind, data in parts)


def _part(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def data_address(picture: bytes) -> str:
    """Write a picture as an address that holds it."""
    return f"data:image/png;base64,{base64.b64encode(picture).decode('ascii')}"
