"""Economic and product complexity indices of one network of countries and products."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from onshore.trade.advantage import Matrix, Network, Vector

Trouble = Literal["", "no links", "one of a kind", "no second pattern", "tied"]

_SAME = 1e-9


@dataclass(frozen=True)
class Indices:
    """Complexity indices; NaN where there is none.

    Parameters
    ----------
    eci, pci
        Of each country and each product; ECI has mean 0 and population standard deviation 1 over
        the countries that have one, PCI is on ECI's scale: ECI is the mean PCI of what a country
        has an advantage in.
    gain
        PCI before its shift, divided by the deviation of ECI: its mean weighted by ubiquity is 0.
        Outlooks are reckoned with it.
    part_of_country, part_of_product
        Number of the connected part that each belongs to, from 0, the largest; -1 without links.
    trouble
        Why there are no indices; empty where there are.
    sign_certain
        Whether diversity decides which end is the complex one.
    """

    eci: Vector
    pci: Vector
    gain: Vector
    part_of_country: np.ndarray
    part_of_product: np.ndarray
    trouble: Trouble
    sign_certain: bool


def indices(linked: Network, size: Vector) -> Indices:
    """Find ECI and PCI, the second eigenvectors of the network, in its largest connected part.

    K = D^-1 M U^-1 M', with the network M, diversities D and ubiquities U; ECI is the
    eigenvector of K's second largest eigenvalue, PCI the same of products (Hidalgo and Hausmann
    2009; Hausmann, Hidalgo et al. 2013, The Atlas of Economic Complexity, technical box 2.2).
    Of the two signs the one is taken with which ECI correlates positively with diversity; where
    that correlation is 0, the one with which it does so with the exports in ``size``. Apart from
    rounding, the result does not depend on the order of countries and products.
    """
    countries, products = connected_parts(linked)
    inside, of = countries == 0, products == 0
    part = linked[inside][:, of]
    certain, trouble = True, _trouble(part)
    eci, pci, gain = (np.full(len(one), np.nan) for one in (countries, products, products))
    if not trouble:
        found = _second_pattern(part.astype(np.float64))
        if isinstance(found, str):
            trouble = found
        else:
            by_country, by_product = found
            sign, certain = _sign(by_country, part.sum(axis=1), size[inside])
            mean, spread = by_country.mean(), by_country.std()
            eci[inside] = sign * (by_country - mean) / spread
            pci[of] = sign * (by_product - mean) / spread
            gain[of] = sign * by_product / spread
    return Indices(eci, pci, gain, countries, products, trouble, certain)


def connected_parts(linked: Network) -> tuple[np.ndarray, np.ndarray]:
    """Find the connected parts of the network: by country and by product, the largest first."""
    of_country = np.full(linked.shape[0], -1)
    of_product = np.full(linked.shape[1], -1)
    sizes: list[tuple[int, int]] = []
    for first in np.flatnonzero(linked.any(axis=1)):
        if of_country[first] >= 0:
            continue
        countries, reached = np.array([first]), np.zeros(linked.shape[1], dtype=bool)
        of_country[first] = len(sizes)
        while len(countries):
            new = linked[countries].any(axis=0) & ~reached
            reached |= new
            countries = np.flatnonzero(linked[:, new].any(axis=1) & (of_country < 0))
            of_country[countries] = len(sizes)
        of_product[reached] = len(sizes)
        sizes.append((int((of_country == len(sizes)).sum()), int(reached.sum())))
    order = sorted(range(len(sizes)), key=lambda part: sizes[part], reverse=True)
    rank = np.empty(len(sizes) + 1, dtype=int)
    rank[order] = np.arange(len(sizes))
    rank[-1] = -1
    return rank[of_country], rank[of_product]


def _trouble(part: Network) -> Trouble:
    if part.size == 0:
        return "no links"
    return "one of a kind" if min(part.shape) < 2 else ""


def _second_pattern(part: Matrix) -> tuple[Vector, Vector] | Trouble:
    """Give the second eigenvector by countries and by products, or say why it is none."""
    diversity, ubiquity = part.sum(axis=1), part.sum(axis=0)
    # With this scaling both products of the matrix with itself are symmetric.
    scaled = part / np.sqrt(diversity)[:, None] / np.sqrt(ubiquity)
    few_countries = part.shape[0] <= part.shape[1]
    strengths, patterns = np.linalg.eigh(scaled @ scaled.T if few_countries else scaled.T @ scaled)
    if strengths[-2] < _SAME:
        return "no second pattern"
    if len(strengths) > 2 and strengths[-2] - strengths[-3] < _SAME:
        return "tied"
    second = patterns[:, -2]
    if few_countries:
        by_product = (part.T @ (second / np.sqrt(diversity))) / ubiquity
    else:
        by_product = second / np.sqrt(ubiquity)
    return (part @ by_product) / diversity, by_product


def _sign(pattern: Vector, diversity: Vector, size: Vector) -> tuple[float, bool]:
    for number, measure in enumerate((diversity, size)):
        # Written out, since a correlation with a constant has no value.
        together = ((pattern - pattern.mean()) * (measure - measure.mean())).sum()
        scale = len(pattern) * pattern.std() * measure.std()
        if abs(together) > _SAME * scale:
            return float(np.sign(together)), number == 0
    return float(np.sign(pattern[np.argmax(np.abs(pattern))])), False
