"""How near products are to each other, and sums over what is near, without all their pairs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from onshore.trade.advantage import Matrix, Network, Vector

_BLOCK = 256


def proximity_rows(linked: Network) -> Iterator[tuple[int, Matrix]]:
    """Tell how near each product is to each other one, some products at a time.

    The smaller of the two conditional probabilities that a country with an advantage in one has
    one in the other: phi_pq = (countries with both) / max(countries with p, countries with q);
    1 for a product beside itself (Hidalgo, Klinger, Barabasi and Hausmann 2007). NaN for a
    product in which no country has an advantage.

    Yields
    ------
    int, Matrix
        Number of the first product of a block, and the block's rows of the proximity matrix.
    """
    ubiquity = linked.sum(axis=0, dtype=np.float64)
    ubiquity[ubiquity == 0] = np.nan
    # Counts of countries are exact in single precision, at half the size.
    by_country = linked.astype(np.float32)
    for start in range(0, linked.shape[1], _BLOCK):
        block = slice(start, start + _BLOCK)
        both = by_country[:, block].T @ by_country
        yield start, both / np.maximum.outer(ubiquity[block], ubiquity)


def near_sums(linked: Network, weights: Matrix) -> Matrix:
    """Sum up weights of products by how near these are to each product: weights @ proximity.

    Products without any advantage are near to nothing and get 0.

    Many products of few countries are not taken pair by pair. Within the products of one
    ubiquity u the divisor max(u, ubiquity of the other) is u for all that are rarer and the
    other's own for all that are more common, so that one sum over each of the two sides, kept by
    country, does for all of them: countries x countries x products steps in place of
    countries x products x products.
    """
    countries, products = linked.shape
    if products <= 4 * countries:
        direct: Matrix = np.zeros_like(weights)
        for start, near in proximity_rows(linked):
            direct += weights[:, start : start + len(near)] @ np.nan_to_num(near)
        return direct
    ubiquity = linked.sum(axis=0)
    order = np.argsort(ubiquity, kind="stable")
    order = order[ubiquity[order] > 0]
    ends = np.flatnonzero(np.diff(ubiquity[order], append=-1)) + 1
    by_product = np.ascontiguousarray(linked.T[order].astype(np.float64))
    weighted = np.ascontiguousarray(weights.T[order])
    summed = np.empty_like(weighted)
    rarer: Matrix = np.zeros((countries, len(weights)))
    commoner = (by_product / ubiquity[order, None]).T @ weighted
    for start, end in zip([0, *ends[:-1]], ends, strict=True):
        level = by_product[start:end]
        held = level.T @ weighted[start:end]
        rarer += held
        held /= ubiquity[order[start]]
        commoner -= held
        np.matmul(level, rarer / ubiquity[order[start]] + commoner, out=summed[start:end])
    result: Matrix = np.zeros_like(weights)
    result[:, order] = summed.T
    return result


def nearness(linked: Network) -> Vector:
    """Sum up how near each product is to all products, itself among them."""
    sums: Vector = near_sums(linked, np.ones((1, linked.shape[1])))[0]
    return sums
