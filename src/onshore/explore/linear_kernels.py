"""A linear predictor and its variance for many cells, compiled by Numba.

No BLAS: its sums are ordered by the number of cells, and a cell's would depend on its block.
"""

import numpy as np

from onshore.explore.tree_kernels import Array, kernel

_LANE = 1024


@kernel
def add_linear(
    columns: Array,
    centre: Array,
    scale: Array,
    coefficients: Array,
    root: Array,
    linear: Array,
    variance: Array,
) -> None:
    """Add b'x and |R'x|^2, x being 1 and the standardised layers, R R' the covariance."""
    layers, cells = columns.shape
    standard = np.empty((layers + 1, _LANE))
    part = np.empty(_LANE)
    standard[0] = 1.0
    for start in range(0, cells, _LANE):
        size = min(_LANE, cells - start)
        total, spread = linear[start : start + size], variance[start : start + size]
        for layer in range(layers):
            column, made = columns[layer, start : start + size], standard[layer + 1]
            middle, unit = centre[layer], scale[layer]
            for i in range(size):
                made[i] = (column[i] - middle) / unit
        for term in range(layers + 1):
            made, slope = standard[term], coefficients[term]
            for i in range(size):
                total[i] += slope * made[i]
        for axis in range(layers + 1):
            part[:size] = 0.0
            for term in range(axis, layers + 1):  # the root is lower triangular
                made, weight = standard[term], root[term, axis]
                for i in range(size):
                    part[i] += weight * made[i]
            for i in range(size):
                spread[i] += part[i] * part[i]
