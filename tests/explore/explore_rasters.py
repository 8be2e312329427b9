"""A stack kept in memory, for tests that need rasters of exact values only."""

from types import SimpleNamespace

import numpy as np
import polars as pl

from onshore.explore.blocks import Cells, blocks_of


class KeptStack:
    """Layers float32 (layers, rows, columns), NaN without data; region bool or None."""

    def __init__(self, layers, *, kinds=None, region=None, cell_km2=1.0):
        self.names = list(layers)
        self.kinds = kinds or ["numeric"] * len(layers)
        self.values = np.array([np.asarray(each, np.float32) for each in layers.values()])
        self.region = region
        self.grid = SimpleNamespace(cell_area_km2=cell_km2)

    def select(self, names):
        places = [self.names.index(name) for name in names]
        layers = {name: self.values[at] for name, at in zip(names, places, strict=True)}
        return KeptStack(
            layers,
            kinds=[self.kinds[at] for at in places],
            region=self.region,
            cell_km2=self.grid.cell_area_km2,
        )

    def blocks(self, size=512):
        return blocks_of(*self.values.shape[1:], size)

    def read(self, block):
        rows = slice(block.row, block.row + block.height)
        columns = slice(block.column, block.column + block.width)
        values = self.values[:, rows, columns].copy()
        missing = np.isnan(values)
        inside = ~missing.all(axis=0) if self.region is None else self.region[rows, columns]
        values[:, ~inside] = np.nan
        return Cells(values, inside & ~missing.any(axis=0), inside, block)


def deposits_at(rows, columns, weights=None):
    """Deposits in these cells, several in one cell put together."""
    table = pl.DataFrame({"row": rows, "column": columns, "weight": weights or [1.0] * len(rows)})
    cells = table.group_by("row", "column", maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("count"), pl.col("weight").sum()
    )
    return SimpleNamespace(cells=cells)
