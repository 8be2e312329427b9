"""Made-up ground for the benchmarks of explore: any block of it is made when it is asked for.

A layer is a sum of products of waves along rows and columns, with noise that is hashed from the
cell's place: the same whatever block asks. A few per cent of the cells have no data.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numba
import numpy as np

from onshore.explore.blocks import Block, Cells, blocks_of
from onshore.explore.grids import Grid

WAVES = 4


@dataclass(frozen=True)
class Ground:
    """A stack that is made by blocks.

    Attributes
    ----------
    side : int
        Rows, and columns.
    layers : int
        How many; the first three and the product of two of them decide where deposits are.
    """

    side: int
    layers: int

    @property
    def grid(self) -> Grid:
        return Grid("EPSG:3857", (100.0, 0.0, 0.0, 0.0, -100.0, 0.0), self.side, self.side)

    @property
    def names(self) -> list[str]:
        return [f"layer_{layer:02d}" for layer in range(self.layers)]

    @property
    def kinds(self) -> list[str]:
        return ["numeric"] * self.layers

    @cached_property
    def waves(self) -> tuple[np.ndarray, np.ndarray]:
        """(layers, waves, side) along rows and along columns, float32."""
        draw = np.random.default_rng(5)
        place = np.arange(self.side) / 4000
        turns = draw.uniform(2, 60, (2, self.layers, WAVES, 1))
        phase = draw.uniform(0, 2 * np.pi, (2, self.layers, WAVES, 1))
        made = np.sin(turns * place + phase).astype(np.float32)
        return np.ascontiguousarray(made[0]), np.ascontiguousarray(made[1])

    def blocks(self, size: int = 512) -> list[Block]:
        return blocks_of(self.side, self.side, size)

    def read(self, block: Block) -> Cells:
        along_rows, along_columns = self.waves
        values = np.empty((self.layers, block.height, block.width), np.float32)
        rows = slice(block.row, block.row + block.height)
        columns = slice(block.column, block.column + block.width)
        make(
            np.ascontiguousarray(along_rows[:, :, rows]),
            np.ascontiguousarray(along_columns[:, :, columns]),
            block.row,
            block.column,
            values,
        )
        valid = ~np.isnan(values).any(axis=0)
        return Cells(values, valid, valid, block)

    def at(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Values of cells, one by one: few."""
        found = np.empty((len(rows), self.layers), np.float32)
        along_rows, along_columns = self.waves
        value = np.empty((self.layers, 1, 1), np.float32)
        for i, (row, column) in enumerate(zip(rows.tolist(), columns.tolist(), strict=True)):
            one = np.ascontiguousarray(along_rows[:, :, row : row + 1])
            other = np.ascontiguousarray(along_columns[:, :, column : column + 1])
            make(one, other, row, column, value)
            found[i] = value[:, 0, 0]
        return found

    def log_odds(self, values: np.ndarray) -> np.ndarray:
        """Natural logarithm of the odds of a deposit, up to a constant: (n, layers) to (n,)."""
        a, b, c, d = values[:, :4].T.astype(float)
        return 1.2 * a - 0.8 * np.abs(b) + 1.5 * (c > 0.5) * (d > 0)

    def drawn(self, deposits: int, background: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Values of cells with deposits, drawn by their odds, and of cells drawn evenly."""
        draw = np.random.default_rng(seed)
        tried = draw.integers(self.side, size=(2, 60 * deposits + 2 * background))
        values = self.at(*tried)
        values = values[~np.isnan(values).any(axis=1)]
        pool = values[background:]
        share = np.exp(self.log_odds(pool))
        taken = draw.choice(len(pool), deposits, replace=False, p=share / share.sum())
        return pool[taken], values[:background]


@numba.njit(cache=True, nogil=True)
def make(
    along_rows: Any, along_columns: Any, first_row: int, first_column: int, values: Any
) -> None:
    layers, height, width = values.shape
    for layer in range(layers):
        for row in range(height):
            made = values[layer, row]
            made[:] = np.float32(0)
            for wave in range(WAVES):
                up = along_rows[layer, wave, row]
                across = along_columns[layer, wave]
                for column in range(width):
                    made[column] += up * across[column]
            mixed = np.uint32((layer * 1_000_003 + first_row + row) * 0x9E3779B1 & 0xFFFFFFFF)
            for column in range(width):
                bits = np.uint32(mixed ^ np.uint32(first_column + column))
                bits = np.uint32(bits ^ (bits >> np.uint32(16))) * np.uint32(0x7FEB352D)
                bits = np.uint32(np.uint32(bits) ^ (np.uint32(bits) >> np.uint32(15)))
                bits = np.uint32(bits * np.uint32(0x846CA68B))
                noise = np.float32(np.int32(bits >> np.uint32(8))) * np.float32(2.0**-24)
                made[column] += noise - np.float32(0.5)
            if layer == 0:
                for column in range(width):
                    if along_rows[0, 0, row] * along_columns[0, 0, column] > np.float32(0.9):
                        made[column] = np.nan
