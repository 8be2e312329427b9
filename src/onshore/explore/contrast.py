"""Weights of evidence of a pattern: how deposits and area divide between inside and outside."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import numpy as np

Vector: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]

# A pattern that holds every deposit is taken to hold all but this part of one, and one that fills
# the whole area to leave this part of a unit cell: the weights stay finite, their deviations large.
_ALL_BUT = 0.99


class Contrast(NamedTuple):
    """Weights of patterns, one number for each; NaN where a pattern holds no deposit.

    Attributes
    ----------
    w_plus, s_w_plus : array
        Weight inside the pattern and its standard deviation (natural logarithms).
    w_minus, s_w_minus : array
        The same outside it.
    contrast, s_contrast : array
        W+ - W- and its standard deviation.
    studentised : array
        Contrast / its standard deviation.
    """

    w_plus: Vector
    s_w_plus: Vector
    w_minus: Vector
    s_w_minus: Vector
    contrast: Vector
    s_contrast: Vector
    studentised: Vector


def contrasts(inside: Vector, cells: Vector, deposits: float, area: float) -> Contrast:
    """Weigh patterns by the deposits and unit cells that they hold.

    With n deposits in s unit cells, d of them in the pattern's b unit cells:

        W+ = ln[(d / n) / ((b - d) / (s - n))]
        W- = ln[((n - d) / n) / ((s - b - n + d) / (s - n))]
        C  = W+ - W-
        s2(W+) = 1 / d + 1 / (b - d)
        s2(W-) = 1 / (n - d) + 1 / (s - b - n + d)
        s2(C)  = s2(W+) + s2(W-)

    (Bonham-Carter, Agterberg and Wright 1989). Where d = n, d is n - 0.99; where the outside has
    no more unit cells than deposits, it is given 0.99 more than it has deposits; where the pattern
    has no more unit cells than deposits, it is given one more. So do ArcSDM and the published
    tables.

    Parameters
    ----------
    inside, cells
        Deposits in each pattern and its area in unit cells.
    deposits, area
        n and s.
    """
    known = inside > 0
    d = np.where(known, inside, 1.0)
    d = np.where(d >= deposits * (1 - 1e-12), deposits - _ALL_BUT, d)
    b = np.where(area - cells <= deposits - d, area + d - deposits - _ALL_BUT, cells)
    b = np.where(b <= d, d + 1, b)
    without = area - deposits
    plus = 1 / d + 1 / (b - d)
    minus = 1 / (deposits - d) + 1 / (area - b - deposits + d)
    w_plus = np.log(d / deposits) - np.log((b - d) / without)
    w_minus = np.log((deposits - d) / deposits) - np.log((area - b - deposits + d) / without)
    contrast, deviation = w_plus - w_minus, np.sqrt(plus + minus)
    told = (w_plus, np.sqrt(plus), w_minus, np.sqrt(minus), contrast, deviation)
    return Contrast._make(np.where(known, each, np.nan) for each in (*told, contrast / deviation))
