"""A map made block by block and written as a Cloud-optimised GeoTIFF."""

from __future__ import annotations

import json
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from onshore.explore.blocks import Array, Block, Cells
from onshore.explore.errors import ExploreError
from onshore.explore.grids import Grid
from onshore.explore.opened import CACHE_MB

# Cells a side of the tiles in the file.
TILE = 512
# Blocks under way for each worker: it need not wait for the one that writes.
_AHEAD = 2


class Blocks(Protocol):
    """What a map is made from: a `Stack`, or anything that makes its cells itself."""

    grid: Grid

    def blocks(self, size: int = 512) -> list[Block]:
        """Cut the grid in blocks."""
        ...

    def read(self, block: Block) -> Cells:
        """Give all layers' values in a block."""
        ...


class Executor(Protocol):
    """What applies a function to many things, in order: an executor, or a cluster's session."""

    def map(self, function: Callable[[Any], Any], things: Iterable[Any], /) -> Iterable[Any]:
        """Apply the function to each."""
        ...


def map_blocks(
    stack: Blocks,
    function: Callable[[Cells], Array],
    *,
    out: Path | str,
    bands: Sequence[str],
    size: int = 512,
    workers: int = 1,
    provenance: Mapping[str, Any] | None = None,
    progress: Callable[[int, int], None] | None = None,
    executor: Executor | None = None,
) -> Path:
    """Apply a function to every block and write what it gives as a map.

    The map is a Cloud-optimised GeoTIFF (float32, NaN where there is no data, with overviews). It
    appears by rename when it is whole. Its values are the same for every ``size`` and any number
    of workers, where the function's for a cell depend on the cell alone.

    Parameters
    ----------
    stack
        A `Stack`, or anything with ``grid``, ``blocks`` and ``read``.
    function
        Takes `Cells`, gives float32 (bands, rows, columns), NaN: no data. With workers it must be
        one that can be sent to another process.
    out
        The file to write.
    bands
        Names of the bands.
    size
        Rows and columns of a block: memory grows with its square, not with the map.
    workers
        Processes, started anew: a script that asks for them runs under
        ``if __name__ == "__main__":``. 1 works in this one.
    provenance
        Written in the file as JSON: what the map was made from and how.
    progress
        Called with the blocks done and their number.
    executor
        Applies the function instead of own workers, by its ``map``: an executor of
        `concurrent.futures`, or `SparkBlocks` for a cluster.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ExploreError
        The function gives an array of another shape, or the file cannot be written.

    Examples
    --------
    >>> from onshore.explore import Block, Cells, Grid
    >>> class Made:
    ...     grid = Grid("EPSG:32640", (100.0, 0.0, 300000.0, 0.0, -100.0, 3600000.0), 4, 2)
    ...     def blocks(self, size=512):
    ...         return [Block(row, 0, 1, 2) for row in range(4)]
    ...     def read(self, block):
    ...         every = np.ones((block.height, block.width), dtype=bool)
    ...         return Cells(block.row * every[None].astype("f4"), every, every, block)
    >>> folder = Path(tempfile.mkdtemp())
    >>> path = map_blocks(Made(), lambda cells: cells.values * 2, out=folder / "doubled.tif",
    ...                   bands=["doubled"])
    >>> import rasterio
    >>> with rasterio.open(path) as file:
    ...     file.read(1)[:, 0].tolist()
    [0.0, 2.0, 4.0, 6.0]
    """
    out = Path(out)
    if not bands or len(set(bands)) != len(bands):
        raise ExploreError(f"a map has bands of different names. Found: {list(bands)}.")
    if not out.parent.is_dir():
        raise ExploreError(f"there is no folder {out.parent}. Make it, or write elsewhere.")
    if executor is None and workers < 1:
        raise ExploreError(f"a map is made by one process or more. Found: {workers} workers.")
    blocks = stack.blocks(size)
    task = _Task(stack, function, len(bands))
    with tempfile.TemporaryDirectory(prefix=".onshore-", dir=out.parent) as folder:
        plain, whole = Path(folder) / "plain.tif", Path(folder) / out.name
        with _results(task, blocks, workers, executor) as results:
            _write_plain(plain, stack.grid, bands, blocks, results, provenance, progress)
        _optimise(plain, whole)
        whole.replace(out)
    return out


@dataclass(frozen=True)
class _Task:
    """A block's part of the map; what a worker is sent once."""

    stack: Blocks
    function: Callable[[Cells], Array]
    bands: int

    def __call__(self, block: Block) -> Array:
        made = np.asarray(self.function(self.stack.read(block)), dtype=np.float32)
        if made.shape != (self.bands, block.height, block.width):
            raise ExploreError(
                f"a map's function gives (bands, rows, columns). Found: {made.shape} instead of "
                f"{(self.bands, block.height, block.width)}."
            )
        return made


@contextmanager
def _results(
    task: _Task, blocks: list[Block], workers: int, executor: Executor | None
) -> Iterator[Iterable[Array]]:
    """Give each block's part in order, few at once."""
    if executor is not None:
        yield executor.map(task, blocks)
    elif workers <= 1 or len(blocks) == 1:
        yield map(task, blocks)
    else:
        from concurrent.futures import ProcessPoolExecutor
        from concurrent.futures.process import BrokenProcessPool
        from multiprocessing import get_context

        pool = ProcessPoolExecutor(min(workers, len(blocks)), get_context("spawn"), _keep, (task,))
        try:
            yield _in_turn(pool, blocks, _AHEAD * workers)
        except BrokenProcessPool as problem:
            raise ExploreError(
                "a worker ended before its block was done. "
                f"Found: {workers} workers, blocks of {blocks[0].height} x {blocks[0].width} "
                "cells. Memory may have run short: take fewer workers or a smaller size."
            ) from problem
        finally:
            pool.shutdown(cancel_futures=True)


_kept: list[_Task] = []


def _keep(task: _Task) -> None:
    """Hold the task in a worker, so that only blocks are sent after it."""
    _kept[:] = [task]


def _part(block: Block) -> Array:
    return _kept[0](block)


def _in_turn(pool: Any, blocks: list[Block], ahead: int) -> Iterator[Array]:
    waiting: deque[Any] = deque()
    for block in blocks:
        if len(waiting) >= ahead:
            yield waiting.popleft().result()
        waiting.append(pool.submit(_part, block))
    while waiting:
        yield waiting.popleft().result()


def _write_plain(
    path: Path,
    grid: Grid,
    bands: Sequence[str],
    blocks: list[Block],
    results: Iterable[Array],
    provenance: Mapping[str, Any] | None,
    progress: Callable[[int, int], None] | None,
) -> None:
    """Write the blocks in a file of plain tiles."""
    import rasterio
    from rasterio.errors import RasterioError
    from rasterio.transform import Affine
    from rasterio.windows import Window

    with (
        rasterio.Env(GDAL_CACHEMAX=CACHE_MB),
        rasterio.open(
            path,
            "w",
            driver="GTiff",
            dtype="float32",
            nodata=float("nan"),
            count=len(bands),
            height=grid.height,
            width=grid.width,
            crs=grid.crs,
            transform=Affine(*grid.transform),
            tiled=True,
            blockxsize=TILE,
            blockysize=TILE,
            interleave="band",
            BIGTIFF="IF_SAFER",
        ) as file,
    ):
        for number, name in enumerate(bands, start=1):
            file.set_band_description(number, name)
        if provenance:
            text = json.dumps(provenance, ensure_ascii=False, sort_keys=True, default=str)
            file.update_tags(ONSHORE_PROVENANCE=text)
        parts = zip(blocks, results, strict=True)
        for done, (block, part) in enumerate(parts, start=1):
            window = Window(block.column, block.row, block.width, block.height)
            try:
                file.write(part, window=window)
            except (RasterioError, OSError) as problem:
                raise _unwritten(path, problem) from problem
            if progress is not None:
                progress(done, len(blocks))


def _optimise(plain: Path, whole: Path) -> None:
    """Copy to a Cloud-optimised GeoTIFF: compressed tiles, overviews, header first."""
    import rasterio
    from rasterio.errors import RasterioError
    from rasterio.shutil import copy

    try:
        with rasterio.Env(GDAL_CACHEMAX=CACHE_MB):
            copy(
                plain,
                whole,
                driver="COG",
                COMPRESS="DEFLATE",
                LEVEL=3,
                PREDICTOR="YES",
                BLOCKSIZE=TILE,
                OVERVIEW_RESAMPLING="AVERAGE",
                BIGTIFF="IF_SAFER",
            )
    except (RasterioError, OSError) as problem:
        raise _unwritten(whole, problem) from problem


def _unwritten(path: Path, problem: Exception) -> ExploreError:
    return ExploreError(
        f"the map could not be written in {path.parent.parent}. Found: {problem}. "
        "See that there is room on the disk."
    )


@dataclass(frozen=True)
class SparkBlocks:
    """A Spark session as an executor: blocks are made by its workers.

    All machines need to see the stack's files and its ``scratch`` folder.

    Attributes
    ----------
    session : SparkSession
        Where blocks are made.
    """

    session: Any

    def map(self, function: Callable[[Any], Any], things: Iterable[Any], /) -> Iterable[Any]:
        """Apply a function to each block on the cluster; parts come back in order."""
        listed = list(things)
        spread = self.session.sparkContext.parallelize(listed, max(1, len(listed)))
        parts: Iterator[Any] = spread.map(function).toLocalIterator(prefetchPartitions=True)
        return parts
