"""Fuzzy overlay: what experts hold a layer's values to be worth, combined to a map."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

import numpy as np

from onshore.explore.errors import ExploreError

if TYPE_CHECKING:
    from onshore.explore.blocks import Cells
    from onshore.explore.stacks import Stack

Array: TypeAlias = np.ndarray[Any, Any]
Shape: TypeAlias = Literal["linear", "small", "large", "gaussian", "near", "table"]
Operator: TypeAlias = Literal["and", "or", "product", "sum", "gamma"]

FUZZY_BANDS = ("membership", "uncertainty")

_NEEDED: dict[str, tuple[str, ...]] = {
    "linear": ("low", "high"),
    "small": ("midpoint", "spread"),
    "large": ("midpoint", "spread"),
    "gaussian": ("midpoint", "spread"),
    "near": ("midpoint", "spread"),
    "table": ("table",),
}


@dataclass(frozen=True)
class Membership:
    """How far each value of a layer belongs to what is favourable, from 0 to 1.

    With x the value, m the midpoint, f the spread:

        linear     (x - low) / (high - low), cut off at 0 and 1; falling where high < low
        large      1 / (1 + (x / m)^-f)      values above m; x and m of 0 or more
        small      1 / (1 + (x / m)^f)       values below m
        gaussian   exp(-f (x - m)^2)         values about m
        near       1 / (1 + f (x - m)^2)     values about m, with wider tails
        table      the membership of each class; classes that are not in it have no data

    Attributes
    ----------
    layer : str
        The layer's name.
    shape : str
        One of the above (Tsoukalas and Uhrig 1997, chapter 2; the parameters are those that
        geographic information systems use).
    midpoint, spread, low, high : float or None
        The shape's parameters, in the layer's unit.
    table : dict
        Membership by class.
    scale : float
        The largest membership: below 1 for a layer that is trusted less.

    Raises
    ------
    ExploreError
        An unknown shape, a parameter that it lacks, one that makes no sense.

    Examples
    --------
    >>> near_fault = Membership("distance", "small", midpoint=2000.0, spread=3.0)
    >>> near_fault.of(np.array([0.0, 2000.0, 6000.0])).round(3).tolist()
    [1.0, 0.5, 0.036]
    """

    layer: str
    shape: Shape
    midpoint: float | None = None
    spread: float | None = None
    low: float | None = None
    high: float | None = None
    table: Mapping[float, float] = field(default_factory=dict)
    scale: float = 1.0

    def __post_init__(self) -> None:
        if self.shape not in _NEEDED:
            raise ExploreError(
                f"membership of '{self.layer}': there is no shape {self.shape!r}. "
                f"Take one of {', '.join(_NEEDED)}."
            )
        for name in _NEEDED[self.shape]:
            value = getattr(self, name)
            if value is None or (name == "table" and not value):
                raise ExploreError(
                    f"membership of '{self.layer}': the shape {self.shape} needs {name}. "
                    f"Found: none. Give {' and '.join(_NEEDED[self.shape])}."
                )
        parameters = [self.scale, *self.table.keys(), *self.table.values()] + [
            each for each in (self.midpoint, self.spread, self.low, self.high) if each is not None
        ]
        if not np.isfinite(parameters).all():
            raise ExploreError(
                f"membership of '{self.layer}': all parameters must be numbers. "
                f"Found: {parameters}."
            )
        wrong = [share for share in (self.scale, *self.table.values()) if not 0 <= share <= 1]
        if wrong:
            raise ExploreError(
                f"membership of '{self.layer}': memberships and scale are from 0 to 1. "
                f"Found: {wrong[0]}."
            )
        self._check_shape()

    def _check_shape(self) -> None:
        if self.shape == "linear" and self.low == self.high:
            raise ExploreError(
                f"membership of '{self.layer}': low and high must differ. Found: {self.low} twice."
            )
        if self.spread is not None and self.spread <= 0:
            raise ExploreError(
                f"membership of '{self.layer}': the spread must be above 0. Found: {self.spread}."
            )
        if self.shape in ("small", "large") and (self.midpoint or 0) <= 0:
            raise ExploreError(
                f"membership of '{self.layer}': the midpoint of {self.shape} must be above 0. "
                f"Found: {self.midpoint}. Take linear for values below 0."
            )

    def of(self, values: Array) -> Array:
        """Give the membership of values, float64, NaN where there is none.

        Raises
        ------
        ExploreError
            A value below 0 for ``small`` or ``large``.
        """
        x = np.asarray(values, dtype=np.float64)
        told = self._shaped(x)
        return self.scale * told

    def _shaped(self, x: Array) -> Array:
        if self.shape == "table":
            return self._classes(x)
        if self.shape == "linear":
            low, high = float(self.low or 0), float(self.high or 0)
            return np.clip((x - low) / (high - low), 0.0, 1.0)
        middle, spread = float(self.midpoint or 0), float(self.spread or 0)
        if self.shape == "gaussian":
            return np.asarray(np.exp(-spread * (x - middle) ** 2))
        if self.shape == "near":
            return np.asarray(1 / (1 + spread * (x - middle) ** 2))
        below = x < 0
        if below.any():
            raise ExploreError(
                f"membership of '{self.layer}': the shape {self.shape} is for values of 0 or "
                f"more. Found: {float(x[below][0]):g}. Take linear, or declare the layer's nodata."
            )
        with np.errstate(over="ignore"):
            small = 1 / (1 + (x / middle) ** spread)
        return np.asarray(small if self.shape == "small" else 1 - small)

    def _classes(self, x: Array) -> Array:
        # Classes are kept in single precision by the stack.
        keys = np.array(sorted(self.table), dtype=np.float64)
        shares = np.array([self.table[key] for key in sorted(self.table)])
        single = keys.astype(np.float32).astype(np.float64)
        place = np.minimum(np.searchsorted(single, x), len(single) - 1)
        return np.where(single[place] == x, shares[place], np.nan)


def fuzzy_overlay(memberships: Array, *, operator: Operator = "gamma", gamma: float = 0.9) -> Array:
    """Combine memberships of several layers.

        and       the least            or        the largest
        product   their product        sum       1 - product of (1 - membership)
        gamma     sum^gamma product^(1 - gamma)

    (Zimmermann and Zysno 1980; An, Moon and Rencz 1991 for maps of minerals.)

    Parameters
    ----------
    memberships
        (layers, ...) from 0 to 1; NaN in any layer gives NaN.
    operator, gamma
        How; gamma from 0 (product) to 1 (sum).

    Returns
    -------
    array
        float64, of one layer's shape.

    Raises
    ------
    ExploreError
        An unknown operator, a gamma outside 0 to 1.

    Examples
    --------
    >>> round(float(fuzzy_overlay(np.array([0.75, 0.5]), operator="gamma", gamma=0.5)), 4)
    0.5728
    """
    _check_operator(operator, gamma)
    if operator == "and":
        return np.asarray(memberships.min(axis=0))
    if operator == "or":
        return np.asarray(memberships.max(axis=0))
    product = memberships.prod(axis=0)
    if operator == "product":
        return np.asarray(product)
    both = 1 - (1 - memberships).prod(axis=0)
    if operator == "sum":
        return np.asarray(both)
    return np.asarray(both**gamma * product ** (1 - gamma))


def fuzzy(
    stack: Stack,
    memberships: Sequence[Membership],
    out: Path,
    *,
    operator: Operator = "gamma",
    gamma: float = 0.9,
    size: int = 512,
    workers: int = 1,
    executor: Any = None,
    progress: Callable[[int, int], None] | None = None,
    provenance: Mapping[str, Any] | None = None,
) -> Path:
    """Map how far cells belong to what is favourable, by what experts hold of each layer.

    No deposit is needed. The uncertainty is half the range of the results when each layer in turn
    is left out: large where the map hangs on one layer.

    Parameters
    ----------
    stack
        The evidence, with the layers of all memberships.
    memberships
        One for each layer.
    out
        The Cloud-optimised GeoTIFF to write, with the bands ``membership`` and ``uncertainty``,
        float32; NaN where a layer has no data.
    operator, gamma
        As in `fuzzy_overlay`.
    size, workers, executor, progress, provenance
        As in `map_blocks`.

    Returns
    -------
    Path
        The map.

    Raises
    ------
    ExploreError
        A layer that the stack lacks or that is told twice, fewer than two layers, an unknown
        operator.
    """
    from onshore.explore.block_maps import map_blocks

    names = [each.layer for each in memberships]
    if len(names) < 2 or len(set(names)) < len(names):
        raise ExploreError(
            "an overlay needs two or more layers, each with one membership. "
            f"Found: {', '.join(names) or 'none'}."
        )
    _check_operator(operator, gamma)
    told: dict[str, Any] = {"method": "fuzzy overlay", "operator": operator}
    if operator == "gamma":
        told["gamma"] = gamma
    told["memberships"] = {each.layer: _told(each) for each in memberships}
    return map_blocks(
        stack.select(names),
        Overlay(tuple(memberships), operator, gamma),
        out=Path(out),
        bands=list(FUZZY_BANDS),
        size=size,
        workers=workers,
        executor=executor,
        progress=progress,
        provenance={**told, **(provenance or {})},
    )


@dataclass(frozen=True)
class Overlay:
    """What makes memberships of cells; it can be sent to another process."""

    memberships: tuple[Membership, ...]
    operator: Operator
    gamma: float

    def __call__(self, cells: Cells) -> Array:
        """Give membership and uncertainty of a block, float32 (2, rows, columns)."""
        told = np.full((len(self.memberships), *cells.valid.shape), np.nan)
        for layer, each in enumerate(self.memberships):
            told[layer, cells.valid] = each.of(cells.values[layer, cells.valid])
        result = np.empty((2, *cells.valid.shape), np.float32)
        result[0] = self._of(told)
        without = np.array([self._of(np.delete(told, k, axis=0)) for k in range(len(told))])
        result[1] = (without.max(axis=0) - without.min(axis=0)) / 2
        result[1, np.isnan(result[0])] = np.nan
        return result

    def _of(self, told: Array) -> Array:
        return fuzzy_overlay(told, operator=self.operator, gamma=self.gamma)


def _check_operator(operator: str, gamma: float) -> None:
    if operator not in get_args(Operator):
        raise ExploreError(
            f"there is no fuzzy operator {operator!r}. Take one of {', '.join(get_args(Operator))}."
        )
    if not 0 <= gamma <= 1:
        raise ExploreError(f"gamma is from 0 (product) to 1 (sum). Found: {gamma}.")


def _told(membership: Membership) -> dict[str, Any]:
    shown = {name: getattr(membership, name) for name in _NEEDED[membership.shape]}
    if membership.shape == "table":
        shown["table"] = {f"{key:g}": share for key, share in membership.table.items()}
    return {"shape": membership.shape, **shown, "scale": membership.scale}
