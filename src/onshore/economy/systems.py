"""Systems of pymrio taken as tables; pymrio itself is not needed."""

from typing import Any

import numpy as np

from onshore.economy.errors import EconomyError
from onshore.economy.table import Table, Vector


def from_pymrio(system: Any) -> Table:
    """Give a pymrio ``IOSystem`` as a table, its regions and sectors as one list.

    A sector is named ``region/sector`` (or by whatever levels the index has), a final demand
    ``region/category``, a factor by the row of its extension. All trade between the regions is in
    the flows; there are no further imports.

    Parameters
    ----------
    system
        With the frames ``Z`` (flows), and ``Y`` (final demand) or ``x`` (output); and extensions
        with ``F`` (factor inputs).

    Returns
    -------
    Table
        Of the same figures.

    Raises
    ------
    EconomyError
        The system has no flows, or neither output nor final demand.
    """
    flows, demand = getattr(system, "Z", None), getattr(system, "Y", None)
    output = getattr(system, "x", None)
    if flows is None or (demand is None and output is None):
        raise EconomyError(
            "the system has no flows Z, or neither output x nor final demand Y. Give one with "
            "them, as pymrio reads it before coefficients are taken."
        )
    sectors = [_told(key) for key in flows.index]
    if sectors != [_told(key) for key in flows.columns]:
        raise EconomyError("rows and columns of Z differ. Give flows between the same sectors.")
    numbers = np.asarray(flows, dtype=np.float64)
    final = None
    if demand is not None:
        if [_told(key) for key in demand.index] != sectors:
            raise EconomyError("the rows of Y are not those of Z. Give both in one order.")
        columns = np.asarray(demand, dtype=np.float64).T
        final = {_told(key): row for key, row in zip(demand.columns, columns, strict=True)}
    if output is None:
        made = numbers.sum(axis=1) + sum((final or {}).values(), np.zeros(len(sectors)))
    else:
        made = np.asarray(output, dtype=np.float64).ravel()
    return Table(sectors, numbers, made, _factors(system, len(sectors)), final_demand=final)


def _factors(system: Any, size: int) -> dict[str, Vector]:
    """Give the rows of every extension; those of one name in two are told apart by extension."""
    read = getattr(system, "get_extensions", None)
    found: dict[str, Vector] = {}
    for extension in read(data=True) if read is not None else ():
        frame = getattr(extension, "F", None)
        if frame is None or frame.shape[1] != size:
            continue
        for key, row in zip(frame.index, np.asarray(frame, dtype=np.float64), strict=True):
            name = _told(key)
            if name in found or name == "output":
                name = f"{getattr(extension, 'name', 'extension')}: {name}"
            found[name] = row
    return found


def _told(key: Any) -> str:
    return "/".join(str(part) for part in key) if isinstance(key, tuple) else str(key)
