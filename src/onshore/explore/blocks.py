"""A rectangle of a grid's cells, and what a stack holds there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Block:
    """A rectangle of cells.

    Attributes
    ----------
    row, column : int
        Its first cell, from the grid's upper left corner; below 0 where it begins outside.
    height, width : int
        Its rows and columns.
    """

    row: int
    column: int
    height: int
    width: int

    def wider(self, cells: int) -> Block:
        """Give the block with so many cells more on each side."""
        return Block(
            self.row - cells, self.column - cells, self.height + 2 * cells, self.width + 2 * cells
        )


@dataclass(frozen=True, slots=True)
class Cells:
    """What a stack holds in a block.

    Attributes
    ----------
    values : array
        float32 (layers, rows, columns); NaN where a layer has no data, and in all layers outside
        the region.
    valid : array
        bool (rows, columns): in the region, and every layer has a value.
    inside : array
        bool (rows, columns): in the region where one was given, else any layer has a value.
    block : Block
        Which cells these are.
    """

    values: Array
    valid: Array
    inside: Array
    block: Block


def blocks_of(height: int, width: int, size: int) -> list[Block]:
    """Cut a grid in blocks of ``size`` cells a side, row by row; those at the edges are smaller."""
    return [
        Block(row, column, min(size, height - row), min(size, width - column))
        for row in range(0, height, size)
        for column in range(0, width, size)
    ]
