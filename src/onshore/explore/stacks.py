"""Layers of evidence on one grid, read block by block."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import polars as pl

from onshore.explore.blocks import Array, Block, Cells, blocks_of
from onshore.explore.errors import ExploreError
from onshore.explore.grids import Grid
from onshore.explore.layer_values import Way
from onshore.explore.opened import CACHE_MB, Opened
from onshore.explore.regions import Region

# Cells a side of the blocks in which single cells are looked up.
_POINTS = 256


class Stack:
    """Layers on one grid; opened by `open_stack`, it holds no values.

    Attributes
    ----------
    grid : Grid
        The cells all layers are read on.
    names : list of str
        The layers, in the order of ``values`` in `Cells`.
    kinds : list of str
        ``numeric``, ``categorical`` or ``binary``, of the values as read: classes are
        categorical; distances, densities and logarithms are numeric.
    layers : DataFrame
        The table as declared, with how each layer is read (``way``: same, resampled or
        reprojected) and, where it was looked over, ``cells`` in the region, ``missing``, ``low``
        and ``high`` of the file's values before any transform.
    warnings : list of str
        What was odd.
    """

    def __init__(
        self,
        grid: Grid,
        ways: Sequence[Way],
        layers: pl.DataFrame,
        region: Region | None,
        warnings: list[str],
        scratch: Any,
    ) -> None:
        self.grid = grid
        self.names = [way.layer.name for way in ways]
        self.kinds = [way.layer.kind for way in ways]
        self.layers = layers
        self.warnings = warnings
        self.region = region
        self._ways = list(ways)
        self._opened = Opened()
        self._scratch = scratch

    def __repr__(self) -> str:
        return f"Stack({', '.join(self.names)}; {self.grid.height} x {self.grid.width} cells)"

    def __getstate__(self) -> dict[str, Any]:
        # Another process reads the folder between; only this one removes it.
        return {**self.__dict__, "_scratch": None}

    def blocks(self, size: int = 512) -> list[Block]:
        """Cut the grid in blocks of ``size`` cells a side, row by row."""
        if size < 1:
            raise ExploreError(f"a block has at least one cell a side. Found: size {size}.")
        return blocks_of(self.grid.height, self.grid.width, size)

    def read(self, block: Block) -> Cells:
        """Read all layers in a block; the same for a cell, whatever block it is read in.

        Raises
        ------
        ExploreError
            The block reaches outside the grid, or a file cannot be read.
        """
        self._check_block(block)
        from rasterio import Env

        from onshore.explore import raster_kernels as kernels

        with Env(GDAL_CACHEMAX=CACHE_MB):
            shape = (block.height, block.width)
            inside = (
                np.empty(shape, dtype=np.bool_)
                if self.region is None
                else self.region.read(block, self._opened)
            )
            values = np.empty((len(self._ways), *shape), dtype=np.float32)
            for number, way in enumerate(self._ways):
                values[number] = way.read(block, self._opened)
        valid = np.empty(shape, dtype=np.bool_)
        kernels.valid_cells(values, inside, self.region is not None, valid)
        return Cells(values, valid, inside, block)

    def at(self, rows: Any, columns: Any) -> Array:
        """Give the values of single cells: float32 (n, layers), in the order asked.

        NaN where a layer has no data, and in all layers outside the region.

        Raises
        ------
        ExploreError
            A cell is not in the grid.
        """
        rows, columns = self._cells(rows, columns)
        values = np.empty((len(rows), len(self.names)), dtype=np.float32)
        for some, block in _around(rows, columns, self.grid):
            cells = self.read(block)
            values[some] = cells.values[:, rows[some] - block.row, columns[some] - block.column].T
        return values

    def inside_at(self, rows: Any, columns: Any) -> Array:
        """Tell which single cells are in the region: bool (n,); all are where there is none.

        Raises
        ------
        ExploreError
            A cell is not in the grid.
        """
        rows, columns = self._cells(rows, columns)
        inside = np.ones(len(rows), dtype=np.bool_)
        if self.region is not None:
            for some, block in _around(rows, columns, self.grid):
                found = self.region.read(block, self._opened)
                inside[some] = found[rows[some] - block.row, columns[some] - block.column]
        return inside

    def select(self, names: Sequence[str]) -> Stack:
        """Give a stack of these layers only, of the same grid and region.

        Raises
        ------
        ExploreError
            A layer is not in the stack.
        """
        unknown = [name for name in names if name not in self.names]
        if unknown or not names:
            raise ExploreError(
                f"the stack has no layer {', '.join(unknown) or 'without a name'}. "
                f"Found: {', '.join(self.names)}."
            )
        numbers = [self.names.index(name) for name in names]
        ways = [self._ways[number] for number in numbers]
        return Stack(
            self.grid, ways, self.layers[numbers], self.region, self.warnings, self._scratch
        )

    def _cells(self, rows: Any, columns: Any) -> tuple[Array, Array]:
        """Give rows and columns as numbers, all of them in the grid."""
        rows, columns = np.asarray(rows, dtype=np.int64), np.asarray(columns, dtype=np.int64)
        if rows.shape != columns.shape or rows.ndim != 1:
            raise ExploreError(
                f"cells are asked by as many rows as columns. Found: {rows.shape} and "
                f"{columns.shape}."
            )
        outside = ~self.grid.holds(rows, columns)
        if np.any(outside):
            first = int(np.flatnonzero(outside)[0])
            raise ExploreError(
                f"{int(outside.sum())} cells are not in the grid of {self.grid.height} rows and "
                f"{self.grid.width} columns. Found: row {rows[first]}, column {columns[first]}."
            )
        return rows, columns

    def _check_block(self, block: Block) -> None:
        if (
            block.row < 0
            or block.column < 0
            or block.height < 1
            or block.width < 1
            or block.row + block.height > self.grid.height
            or block.column + block.width > self.grid.width
        ):
            raise ExploreError(
                f"the block reaches outside the grid of {self.grid.height} rows and "
                f"{self.grid.width} columns. Found: {block}."
            )


def _around(rows: Array, columns: Array, grid: Grid) -> Iterator[tuple[Array, Block]]:
    """Give single cells in groups that lie near each other, and the block around each group."""
    across = -(-grid.width // _POINTS)
    squares = (rows // _POINTS) * across + columns // _POINTS
    order = np.argsort(squares, kind="stable")
    edges = np.flatnonzero(np.diff(squares[order])) + 1
    for some in np.split(order, edges) if len(order) else []:
        top, left = int(rows[some].min()), int(columns[some].min())
        height, width = int(rows[some].max()) - top + 1, int(columns[some].max()) - left + 1
        yield some, Block(top, left, height, width)
