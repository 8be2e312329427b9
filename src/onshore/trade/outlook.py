"""What a country's present products say of those that it does not have yet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from onshore.trade.advantage import Matrix, Network, Vector
from onshore.trade.complexity_index import Indices
from onshore.trade.proximity import near_sums, nearness


@dataclass(frozen=True)
class Outlook:
    """Density and outlook; NaN where there is none.

    Parameters
    ----------
    density
        Of each country and product: how much of what is near to the product the country has an
        advantage in, 0 to 1.
    coi
        Complexity outlook of each country: mean 0, population standard deviation 1.
    cog
        Complexity outlook gain of each country and product, in standard deviations of ECI; 0
        where the country has the advantage already.
    """

    density: Matrix
    coi: Vector
    cog: Matrix


def outlook(linked: Network, found: Indices) -> Outlook:
    """Find how near each country is to each product, and what the ones it lacks would bring.

    density_cp = sum_q M_cq phi_qp / sum_q phi_qp (Hidalgo et al. 2007), phi_pp = 1;
    COI_c = sum_p density_cp (1 - M_cp) PCI_p; COG_cp = (1 - M_cp) sum_q (1 - M_cq) phi_qp PCI_q /
    sum_r phi_qr (Hausmann, Hidalgo et al. 2013, technical box 2.4; COG as the Growth Lab's
    ``ecomplexity`` reckons it). PCI is taken before its shift. Countries and products without
    indices, such as those of another connected part, have none of COI and COG.
    """
    around = nearness(linked)
    known = ~np.isnan(found.gain)
    lacks = ~linked
    worth = np.zeros_like(around)
    worth[known] = found.gain[known] / around[known]
    # One pass for both: the nearness of what is there, and the worth of what is not.
    both = near_sums(linked, np.concatenate([linked.astype(np.float64), lacks * worth]))
    countries = len(linked)
    density, cog = both[:countries], both[countries:]
    with np.errstate(invalid="ignore", divide="ignore"):
        density = density / around
    cog = np.where(lacks, cog, 0.0)
    nowhere = np.isnan(found.eci)
    cog[nowhere] = np.nan
    cog[:, ~known] = np.nan
    coi = (np.where(known, density, 0) * lacks) @ np.nan_to_num(found.gain)
    coi[nowhere] = np.nan
    return Outlook(density, _standard(coi), cog)


def _standard(outlooks: Vector) -> Vector:
    known = outlooks[~np.isnan(outlooks)]
    spread = known.std() if len(known) else 0.0
    if spread <= 1e-12 * np.abs(known).max(initial=0.0):
        return np.full_like(outlooks, np.nan)
    standard: Vector = (outlooks - known.mean()) / spread
    return standard
