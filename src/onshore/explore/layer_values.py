"""How one layer's values are made for any block: read, aligned, transformed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from onshore.explore.alignment import Alignment, marks_of, read_aligned
from onshore.explore.blocks import Array, Block
from onshore.explore.distances import read_distances
from onshore.explore.layers import Layer
from onshore.explore.opened import Opened
from onshore.explore.scanning import low_mark, unmarked
from onshore.explore.transforms import read_density, transform_values


@dataclass(frozen=True)
class Way:
    """How one layer's values are made for any block."""

    layer: Layer
    alignment: Alignment
    distances: Path | None = None
    halves: Array | None = None
    scale: float = 1.0
    trusted: bool = True

    def read(self, block: Block, opened: Opened) -> Array:
        """Give a block's values: float32 (rows, columns), NaN where there is no data."""
        if self.distances is not None:
            return read_distances(self.distances, block)
        if self.halves is not None:
            return read_density(self.layer, self.alignment, block, opened, self.halves, self.scale)
        nearest = self.layer.declared != "numeric"
        values = read_aligned(self.alignment, block, self.layer.nodata, opened, nearest=nearest)
        if not self.trusted:
            refuse_marks(self.layer, values)
        transform_values(self.layer, values)
        return values


def refuse_marks(layer: Layer, values: Array) -> None:
    """Refuse values that are a usual sign of no data, in layers that were not looked over."""
    from onshore.explore import raster_kernels as kernels

    mark = kernels.first_mark(
        values, marks_of(layer.nodata, values.dtype), low_mark(layer.raster.dtype)
    )
    if not np.isnan(mark):
        raise unmarked(layer.where(), float(mark))
