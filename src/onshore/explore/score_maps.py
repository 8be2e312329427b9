"""A map of scores, read by strips of rows, and how much of its area lies at and above a score."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from onshore.explore.blocks import Array, Block
from onshore.explore.errors import ExploreError
from onshore.explore.grids import Grid, system_name

Progress = Callable[[int, int], None]

# Areas are summed as whole numbers of this many to the km2, so that no order of sums matters.
PER_KM2 = 10_000_000_000
_LOW_BITS = 12


@dataclass(frozen=True)
class ScoreMap:
    """A raster of scores: the first band, with its uncertainty in the second where there is one.

    Attributes
    ----------
    path : Path
        The file.
    grid : Grid
        Its cells.
    bands : tuple of str
        Names of its bands.
    """

    path: Path
    grid: Grid
    bands: tuple[str, ...]

    def strips(self, size: int) -> list[Block]:
        """Cut the map in strips of ``size`` rows, each as wide as the map."""
        height, width = self.grid.height, self.grid.width
        return [Block(row, 0, min(size, height - row), width) for row in range(0, height, size)]

    def read(self, strips: list[Block]) -> Iterator[tuple[Block, Array, Array]]:
        """Give each strip with its scores and uncertainties, float32, NaN where there are none."""
        import rasterio
        from rasterio.errors import RasterioError
        from rasterio.windows import Window

        with rasterio.open(self.path) as file:
            count = min(file.count, 2)
            for strip in strips:
                window = Window(strip.column, strip.row, strip.width, strip.height)
                try:
                    found = file.read(list(range(1, count + 1)), window=window, masked=True)
                except (RasterioError, OSError) as problem:
                    raise ExploreError(
                        f"{self.path.name} could not be read at rows {strip.row} to "
                        f"{strip.row + strip.height - 1}. Found: {problem}. The file may be cut "
                        "short: make the map again."
                    ) from problem
                values = found.astype(np.float32).filled(np.nan)
                values[~np.isfinite(values)] = np.nan
                second = values[1] if count == 2 else np.full_like(values[0], np.nan)
                yield strip, values[0], second

    @cached_property
    def row_areas(self) -> Array:
        """Area of a cell of each row, int64, in 1e-10 km2."""
        if self.grid.projected:
            area = round(self.grid.cell_area_km2 * PER_KM2)
            return np.full(self.grid.height, area, dtype=np.int64)
        rows = (
            Grid(self.grid.crs, self.grid.transform_of(Block(row, 0, 1, 1)), 1, 1)
            for row in range(self.grid.height)
        )
        return np.array([round(row.cell_area_km2 * PER_KM2) for row in rows], dtype=np.int64)

    def areas(self, strip: Block) -> Array:
        """Area of each cell of a strip, int64, in 1e-10 km2."""
        rows = self.row_areas[strip.row : strip.row + strip.height]
        return np.broadcast_to(rows[:, None], (strip.height, strip.width))


def open_map(path: Path) -> ScoreMap:
    """Open a map of scores.

    Raises
    ------
    ExploreError
        There is no such raster, it has no reference system, or it is rotated.
    """
    import rasterio
    from rasterio.errors import RasterioError

    path = Path(path)
    try:
        with rasterio.open(path) as file:
            if file.crs is None:
                raise ExploreError(
                    f"{path.name} has no coordinate reference system. Found: none. Make the map "
                    "with `onshore explore map`, or set it: gdal_edit.py -a_srs EPSG:CODE FILE."
                )
            transform = tuple(float(part) for part in tuple(file.transform)[:6])
            grid = Grid(system_name(file.crs), transform, file.height, file.width)  # type: ignore[arg-type]
            names = tuple(
                name or f"band {number}" for number, name in enumerate(file.descriptions, 1)
            )
    except RasterioError as problem:
        raise ExploreError(
            f"{path.name} cannot be read as a map. Found: {problem}. "
            "Give the GeoTIFF that `onshore explore map` wrote."
        ) from problem
    return ScoreMap(path, grid, names)


@dataclass(frozen=True)
class Levels:
    """How much area lies at and above each score.

    Attributes
    ----------
    areas : array
        int64, 1e-10 km2, of each bin of scores; bins are 1/2048 of a score wide or less.
    scored : int
        Area with a score, 1e-10 km2.
    lowest, highest : float
        Of all scores.
    """

    areas: Array
    scored: int
    lowest: float
    highest: float

    @cached_property
    def above(self) -> Array:
        """Area of scores in bins above, by bin."""
        falling = np.cumsum(self.areas[::-1])[::-1]
        return falling - self.areas

    def share_at(self, scores: Array) -> Array:
        """Share of the scored area with a higher score: float64, from 0 at the best."""
        bins = keys(scores) >> _LOW_BITS
        share: Array = self.above[bins] / self.scored
        return share


def bins(scores: Array) -> Array:
    """Give the bin of `Levels` that each score is in."""
    found: Array = keys(scores + np.float32(0.0)) >> _LOW_BITS
    return found


def keys(scores: Array) -> Array:
    """Give float32 scores a number in their own order: int64 from 0 to 2**32 - 1."""
    bits = np.ascontiguousarray(scores, dtype=np.float32).view(np.uint32).astype(np.int64)
    return np.where(bits >> 31 == 1, 0xFFFFFFFF - bits, bits + 0x80000000)


def score_of(key: int) -> float:
    """Give the score of a number that `keys` gave."""
    bits = key - 0x80000000 if key >= 0x80000000 else 0xFFFFFFFF - key
    return float(np.array([bits], dtype=np.uint32).view(np.float32)[0])


def levels(found: ScoreMap, *, size: int = 512, told: Progress | None = None) -> Levels:
    """Sum area by score, by strips.

    Raises
    ------
    ExploreError
        No cell has a score, or all have the same one.
    """
    areas = np.zeros(1 << (32 - _LOW_BITS), dtype=np.int64)
    lowest, highest = np.inf, -np.inf
    strips = found.strips(size)
    for number, (strip, scores, _) in enumerate(found.read(strips), 1):
        there = np.isfinite(scores)
        if there.any():
            kept = scores[there] + np.float32(0.0)
            np.add.at(areas, keys(kept) >> _LOW_BITS, found.areas(strip)[there])
            lowest, highest = min(lowest, float(kept.min())), max(highest, float(kept.max()))
        if told:
            told(number, len(strips))
    scored = int(areas.sum())
    if not scored:
        raise ExploreError(
            f"{found.path.name} has no cell with a score. Check the region and the layers' nodata, "
            "and make the map again."
        )
    if lowest == highest:
        raise ExploreError(
            f"{found.path.name} says the same everywhere. Found: {highest:g} in every cell. "
            "A map without differences has no targets: check the layers and the model."
        )
    return Levels(areas, scored, lowest, highest)


def threshold_of(found: ScoreMap, scale: Levels, share: float, *, size: int = 512) -> float:
    """Find the highest score at and above which lies at least a share of the scored area: exact."""
    wanted = share * scale.scored
    above = scale.above
    bin_ = int(np.flatnonzero(above + scale.areas >= wanted).max())
    fine = np.zeros(1 << _LOW_BITS, dtype=np.int64)
    for strip, scores, _ in found.read(found.strips(size)):
        there = np.isfinite(scores)
        numbers = keys(scores[there] + np.float32(0.0))
        here = numbers >> _LOW_BITS == bin_
        np.add.at(fine, numbers[here] & ((1 << _LOW_BITS) - 1), found.areas(strip)[there][here])
    rising = np.cumsum(fine[::-1])[::-1] + int(above[bin_])
    low = int(np.flatnonzero((rising >= wanted) & (fine > 0)).max())
    return score_of((bin_ << _LOW_BITS) | low)


def units(values: Array, bits: int) -> Array:
    """Turn float64 numbers into whole ones of 2**-bits, whose sums do not depend on the order."""
    return np.rint(np.ldexp(np.asarray(values, dtype=np.float64), bits)).astype(np.int64)


def free_bits(largest: float, terms: int) -> int:
    """Tell how many binary places sums of so many terms up to ``largest`` can have in int64."""
    whole = int(np.ceil(np.log2(max(largest, 1e-300)))) + int(np.ceil(np.log2(max(terms, 1))))
    return 61 - max(whole, -1000)
