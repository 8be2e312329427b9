"""Revealed comparative advantage of countries in products, as dense matrices."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]
Network = NDArray[np.bool_]

_ROUNDING = 1e-12


def revealed_advantage(values: Matrix) -> Matrix:
    """Tell how much more of a product a country exports than the world's mix suggests.

    RCA = (x_cp / x_c) / (x_p / x), with x the exports of a country c and a product p; 1 is the
    world's share (Balassa 1965). Every row and every column must hold exports.
    """
    total: float = values.sum()
    advantage: Matrix = values / values.sum(axis=1, keepdims=True)
    advantage /= values.sum(axis=0) / total
    return advantage


def network(advantage: Matrix, least: float) -> Network:
    """Say where a country has an advantage: RCA at or above a threshold.

    An RCA that misses the threshold by no more than a rounding error (one part in 10^12) counts.
    """
    linked: Network = advantage >= least * (1 - _ROUNDING)
    return linked
