"""The map that weights of evidence give: probability of a deposit per unit cell, and how sure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from onshore.explore.layer_groups import LayerGroups, layer_groups, prior_of
from onshore.explore.weights import Weights

if TYPE_CHECKING:
    from onshore.explore.blocks import Cells
    from onshore.explore.stacks import Stack

Array: TypeAlias = np.ndarray[Any, Any]

BANDS = ("probability", "deviation")


def posterior(
    stack: Stack,
    weights: Sequence[Weights],
    out: Path,
    *,
    prior: float | None = None,
    size: int = 512,
    workers: int = 1,
    executor: Any = None,
    progress: Callable[[int, int], None] | None = None,
    provenance: Mapping[str, Any] | None = None,
) -> Path:
    """Map the posterior probability of a deposit, per unit cell, with its standard deviation.

    logit P = logit of the prior + the weights of the cell's classes, as if the layers were
    independent of each other given deposits and given none: see `independence`. Where a layer has
    no data it adds no weight, and the deviation grows by what it might have said:

        s2(P) = [P (1 - P)]2 [1 / n + sum of s2(W)]  +  sum over layers without data, over their
                classes c of (share of c's area) [P(with W_c) - P]2

    (Bonham-Carter, Agterberg and Wright 1989; the factor 1 - P, near 1 for rare deposits, keeps the
    deviation right for large P.)

    Parameters
    ----------
    stack
        The evidence, with the layers of all the weights.
    weights
        Of each layer once, for one unit cell.
    out
        The Cloud-optimised GeoTIFF to write, with the bands ``probability`` (per unit cell of
        ``unit_cell_km2``) and ``deviation``, float32, NaN outside the study area.
    prior
        Probability of a deposit in a unit cell before any evidence, taken as known; without it,
        the known deposits per unit cell of the study area.
    size, workers, executor, progress, provenance
        As in `map_blocks`.

    Returns
    -------
    Path
        The map.

    Raises
    ------
    ExploreError
        A layer that the stack lacks or that is weighed twice, different unit cells, a prior that
        is no probability.
    """
    from onshore.explore.block_maps import map_blocks

    made = response(weights, prior=prior)
    return map_blocks(
        stack.select(list(made.groups.layers)),
        made,
        out=Path(out),
        bands=list(BANDS),
        size=size,
        workers=workers,
        executor=executor,
        progress=progress,
        provenance={**made.provenance(), **(provenance or {})},
    )


@dataclass(frozen=True)
class Response:
    """What makes probabilities of cells; it can be sent to another process.

    Attributes
    ----------
    groups : LayerGroups
        Weights by layer and group.
    deposits, cells : float
        Deposits and unit cells of the study area: the prior is their ratio.
    unit_cell_km2 : float
        Area of the unit cell.
    estimated : bool
        The prior is the known deposits' and as uncertain as their number; one that was given is
        taken as known.
    warnings : tuple of str
        What to mind about the prior.
    """

    groups: LayerGroups
    deposits: float
    cells: float
    unit_cell_km2: float
    estimated: bool = True
    warnings: tuple[str, ...] = ()

    @property
    def prior_logit(self) -> float:
        """ln(prior / (1 - prior))."""
        return math.log(self.deposits / (self.cells - self.deposits))

    @property
    def prior_variance(self) -> float:
        """Variance of the prior's logit: 1 / n."""
        return 1 / self.deposits if self.estimated else 0.0

    def __call__(self, cells: Cells) -> Array:
        """Give probability and deviation of a block, float32 (2, rows, columns)."""
        layers = cells.values.shape[0]
        told = self.at(cells.values.reshape(layers, -1), cells.inside.ravel())
        return told.reshape(2, *cells.inside.shape).astype(np.float32)

    def at(self, values: Array, inside: Array | None = None) -> Array:
        """Give probability and deviation (2, n) of values float32 (layers, n)."""
        if inside is None:
            inside = np.ones(values.shape[1], bool)
        return self.of_groups(self.groups.find(np.ascontiguousarray(values)), inside)

    def of_groups(self, found: Array, inside: Array) -> Array:
        """Give probability and deviation (2, n) of groups int32 (layers, n)."""
        from onshore.explore.response_kernels import respond

        groups = self.groups
        return respond(
            found,
            inside,
            groups.weight,
            groups.deviation,
            groups.share,
            groups.sizes,
            self.prior_logit,
            self.prior_variance,
        )

    def provenance(self) -> dict[str, Any]:
        """Tell how the map was made, as JSON can hold it."""
        groups = self.groups
        return {
            "method": "weights of evidence",
            "unit_cell_km2": self.unit_cell_km2,
            "prior": self.deposits / self.cells,
            "weights": {
                layer: groups.weight[j, : groups.sizes[j]].tolist()
                for j, layer in enumerate(groups.layers)
            },
        }


def response(weights: Sequence[Weights], *, prior: float | None = None) -> Response:
    """Make of weights what gives probabilities of cells; `posterior` maps with it.

    Examples
    --------
    >>> import polars as pl
    >>> from onshore.explore.weights import weights
    >>> classes = pl.DataFrame({
    ...     "class": [1, 2], "area_km2": [900.0, 100.0], "points": [9, 11]
    ... })
    >>> found = weights(classes, kind="unique", unit_cell_km2=1, layer="granite")
    >>> probability, deviation = response([found]).at(np.array([[1, 2]], np.float32))
    >>> probability.round(4).tolist()
    [0.01, 0.11]
    """
    groups = layer_groups(weights)
    deposits, cells, warnings = prior_of(weights, prior)
    return Response(
        groups, deposits, cells, weights[0].unit_cell_km2, prior is None, tuple(warnings)
    )
