"""Tables whose flows hold home-made and imported goods together, split by product."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from onshore.economy.errors import EconomyError
from onshore.economy.names import column_role
from onshore.economy.table import Matrix, Vector, first_few

_ROUNDING = 1e-9


@dataclass(frozen=True)
class Split:
    """Flows and final demand of home-made goods, those of imported ones, and what was supposed."""

    flows: Matrix
    imports: Matrix
    final: dict[str, Vector]
    final_imports: dict[str, Vector]
    notes: tuple[str, ...]


def split_by_product(
    sectors: Sequence[str], flows: Matrix, final: Mapping[str, Vector], imports: Vector
) -> Split:
    """Split flows that hold imports, given the imports of each product.

    Every user at home is supposed to import the same share of a product, imports / (home use of
    the product); exports are home-made. Source: the proportionality assumption, Miller and Blair
    (2009), chapter 4 (competitive imports); Eurostat (2008).

    Raises
    ------
    EconomyError
        Some imports are above 0 and some below.
    """
    if (imports > 0).any() and (imports < 0).any():
        above = first_few([sectors[int(n)] for n in np.flatnonzero(imports > 0)])
        raise EconomyError(
            f"the column of imports is above 0 for {above} and below 0 for others. Write all with "
            "one sign."
        )
    whole = np.abs(imports)
    home = {name: column for name, column in final.items() if column_role(name) != "exports"}
    used = flows.sum(axis=1) + sum(home.values(), np.zeros(len(sectors)))
    share = np.divide(whole, used, out=np.zeros(len(sectors)), where=used > 0)
    notes = [
        "flows hold imported goods, told by a column of imports: every user at home is supposed "
        "to import the same share of a product, and exports to be home-made."
    ]
    beyond = whole > used * (1 + _ROUNDING)
    if beyond.any():
        told = first_few([sectors[int(n)] for n in np.flatnonzero(beyond)])
        notes.append(f"imports above home use, so some are exported again: {told}.")
    share = np.minimum(share, 1.0)
    abroad = [name for name in final if name not in home]
    return Split(
        flows * (1 - share)[:, None],
        flows * share[:, None],
        {name: column * (1 - share) for name, column in home.items()}
        | {name: final[name] for name in abroad},
        {name: column * share for name, column in home.items()},
        tuple(notes),
    )
