"""Links between neighbouring places, by distance on the globe."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from onshore.chain.errors import ChainError

_EARTH_KM = 6371.0088
_DETOUR = 1.3


def nearest_links(
    places: pl.DataFrame,
    commodities: Sequence[str],
    *,
    neighbours: int = 4,
    cost_per_km: float = 0.0,
    mode: str = "rail",
) -> pl.DataFrame:
    """Link each place with its nearest ones, both ways, so that all hang together.

    Parameters
    ----------
    places
        ``place``, ``lat``, ``lon`` (degrees, WGS 84).
    commodities
        Keys of what the links carry, each on its own.
    neighbours
        How many nearest places each is linked with.
    cost_per_km
        Cost per unit and km.
    mode
        Rail, road, sea ...

    Returns
    -------
    DataFrame
        A chain's table ``links``: ``link``, ``commodity``, ``from``, ``to``, ``distance_km`` (the
        great circle and three tenths more, in whole km), ``mode``, ``cost``, ``source``,
        ``illustrative``.

    Raises
    ------
    ChainError
        A place has no position.

    Examples
    --------
    >>> towns = pl.DataFrame({"place": ["a", "b"], "lat": [0.0, 0.0], "lon": [0.0, 1.0]})
    >>> nearest_links(towns, ["pellets"])["distance_km"].to_list()
    [145.0, 145.0]
    """
    unknown = places.filter(pl.col("lat").is_null() | pl.col("lon").is_null())
    if not unknown.is_empty():
        raise ChainError(
            f"places: {unknown['place'][0]} has no lat and lon. Fill them in, or write its links "
            "by hand."
        )
    keys = places["place"].to_list()
    distance = _distances(places["lat"].to_numpy(), places["lon"].to_numpy())
    pairs = sorted(_near(distance, neighbours) | _joining(distance, neighbours))
    km = [float(np.ceil(distance[i, j] * _DETOUR)) for i, j in pairs]
    told = "great circle x 1.3 between the middles of the places; cost illustrative"
    parts = [
        pl.DataFrame(
            {
                "link": [f"{commodity}: {keys[i]} to {keys[j]}" for i, j in pairs],
                "commodity": [commodity] * len(pairs),
                "from": [keys[i] for i, _ in pairs],
                "to": [keys[j] for _, j in pairs],
                "distance_km": km,
                "mode": [mode] * len(pairs),
                "cost": [cost_per_km * each for each in km],
                "source": [told] * len(pairs),
                "illustrative": [True] * len(pairs),
            },
            schema=_LINKS,
        )
        for commodity in commodities
    ]
    return pl.concat([pl.DataFrame(schema=_LINKS), *parts])


_LINKS = {
    "link": pl.String,
    "commodity": pl.String,
    "from": pl.String,
    "to": pl.String,
    "distance_km": pl.Float64,
    "mode": pl.String,
    "cost": pl.Float64,
    "source": pl.String,
    "illustrative": pl.Boolean,
}


def _distances(lat: NDArray[np.float64], lon: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the great-circle distances in km between all pairs (the haversine formula)."""
    phi, lam = np.radians(lat), np.radians(lon)
    half_phi = (phi[:, None] - phi[None, :]) / 2
    half_lam = (lam[:, None] - lam[None, :]) / 2
    a = np.sin(half_phi) ** 2 + np.cos(phi)[:, None] * np.cos(phi)[None, :] * np.sin(half_lam) ** 2
    km: NDArray[np.float64] = 2 * _EARTH_KM * np.arcsin(np.sqrt(np.clip(a, 0.0, 1.0)))
    return km


def _near(distance: NDArray[np.float64], neighbours: int) -> set[tuple[int, int]]:
    others = distance + np.diag(np.full(len(distance), np.inf))
    pairs = set()
    for i, row in enumerate(others):
        for j in np.argsort(row, kind="stable")[: min(neighbours, len(row) - 1)]:
            pairs |= {(i, int(j)), (int(j), i)}
    return pairs


def _joining(distance: NDArray[np.float64], neighbours: int) -> set[tuple[int, int]]:
    """Give the shortest pairs that join what the nearest neighbours leave apart."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    pairs: set[tuple[int, int]] = set()
    linked = _near(distance, neighbours)
    while len(distance) > 1:
        rows, columns = zip(*(linked | pairs), strict=True)
        graph = csr_array((np.ones(len(rows)), (rows, columns)), shape=distance.shape)
        count, group = connected_components(graph, directed=False)
        if count == 1:
            break
        apart = np.where(group[:, None] == group[None, :], np.inf, distance)
        i, j = np.unravel_index(int(np.argmin(apart)), apart.shape)
        pairs |= {(int(i), int(j)), (int(j), int(i))}
    return pairs
