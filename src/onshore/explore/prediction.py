"""A model over a whole stack, block by block, whatever its size."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from onshore.explore.blocks import Cells
from onshore.explore.errors import ExploreError
from onshore.explore.methods import Array

if TYPE_CHECKING:
    from onshore.explore.stacks import Stack
    from onshore.explore.training import Model

BANDS = ["score", "uncertainty"]


@dataclass(frozen=True)
class Scorer:
    """What maps a block: float32 (2, rows, columns), NaN where a layer has no data.

    Attributes
    ----------
    model : Model
        What was trained.
    order : tuple of int
        Place of each of the model's layers in the stack.
    """

    model: Model
    order: tuple[int, ...]

    def __call__(self, cells: Cells) -> Array:
        """Score the block's valid cells."""
        layers, rows, columns = cells.values.shape
        flat = cells.values.reshape(layers, rows * columns)
        if self.order != tuple(range(layers)):
            flat = flat[list(self.order)]
        valid = cells.valid.ravel()
        if valid.all():
            score, uncertainty = self.model.score(flat.T)
            return np.stack([score, uncertainty]).reshape(2, rows, columns)
        made = np.full((2, rows * columns), np.nan, np.float32)
        if valid.any():
            made[:, valid] = self.model.score(flat[:, valid].T)
        return made.reshape(2, rows, columns)


def predict(
    model: Model,
    stack: Stack,
    out: Path,
    *,
    size: int = 512,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
    executor: Executor | None = None,
) -> Path:
    """Map score and uncertainty into a Cloud-optimised GeoTIFF.

    Parameters
    ----------
    model
        From `train` or `load_model`.
    stack
        A stack that has the model's layers, by name and kind, in any order, beside others.
    out
        The file to write; it appears when it is whole.
    size
        Rows and columns of a block; the result does not depend on it.
    workers
        Processes; nor on them.
    progress
        Called with the blocks done and the blocks there are.
    executor
        Anything with ``.map``, to take blocks in place of processes of its own.

    Returns
    -------
    Path
        ``out``, with bands ``score`` and ``uncertainty`` (float32, NaN: no data).

    Raises
    ------
    ExploreError
        The stack lacks a layer of the model, or has it as another kind.
    """
    from onshore.explore.block_maps import map_blocks

    order = matched(model, stack)
    if len(stack.names) > len(model.names):  # layers the model does not need are not read
        stack = stack.select(model.names)
        order = matched(model, stack)
    return map_blocks(
        stack,
        Scorer(model, order),
        out=Path(out),
        bands=BANDS,
        size=size,
        workers=workers,
        provenance={"model": model.facts, "layers": model.names},
        progress=progress,
        executor=executor,
    )


def matched(model: Model, stack: Stack) -> tuple[int, ...]:
    """Give the place of each of the model's layers in a stack.

    Raises
    ------
    ExploreError
        Layers that the stack does not have, or has as another kind; all of them are named.
    """
    there = dict(zip(stack.names, stack.kinds, strict=True))
    faults = [
        f"it has no layer '{name}'"
        if name not in there
        else f"its layer '{name}' is {there[name]}, the model's {kind}"
        for name, kind in zip(model.names, model.kinds, strict=True)
        if there.get(name) != kind
    ]
    if faults:
        raise ExploreError(
            f"the stack does not fit the model: {'; '.join(faults)}. "
            f"Found: {', '.join(stack.names)}. Name the layers as in training, or train anew."
        )
    return tuple(list(stack.names).index(name) for name in model.names)
