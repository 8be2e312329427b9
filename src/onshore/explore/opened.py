"""Raster files kept open while a stack is read."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np

from onshore.explore.blocks import Array, Block
from onshore.explore.errors import ExploreError
from onshore.explore.layers import Raster

# Types that the compiled passes know; others are read as float64.
_TYPES = {"uint8", "int16", "uint16", "int32", "float32", "float64"}
# Memory that GDAL may keep of files' blocks, MB.
CACHE_MB = 256


class Opened:
    """Open files, each thread its own; a copy sent to another process opens them anew."""

    def __init__(self) -> None:
        self._local = threading.local()

    def __getstate__(self) -> dict[str, Any]:
        return {}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._local = threading.local()

    def read(self, raster: Raster, block: Block) -> Array:
        """Read a block of a raster, which must lie in it."""
        if block.height == 0 or block.width == 0:
            return np.empty((block.height, block.width), dtype=np.float32)
        from rasterio.errors import RasterioError
        from rasterio.windows import Window

        window = Window(block.column, block.row, block.width, block.height)
        try:
            file = self._file(raster)
            found: Array = file.read(raster.band, window=window)
            if raster.masked:
                kept = file.read_masks(raster.band, window=window) != 0
                return np.where(kept, found, np.nan).astype(np.float64)
        except (RasterioError, OSError) as problem:
            raise ExploreError(
                f"{Path(raster.path).name} could not be read at rows {block.row} to "
                f"{block.row + block.height - 1}. Found: {problem}. The file may be cut short: "
                "fetch it again."
            ) from problem
        return found if found.dtype.name in _TYPES else found.astype(np.float64)

    def _file(self, raster: Raster) -> Any:
        import rasterio

        files: dict[str, Any] = self._local.__dict__.setdefault("files", {})
        if raster.path not in files:
            files[raster.path] = rasterio.open(raster.path)
        return files[raster.path]
