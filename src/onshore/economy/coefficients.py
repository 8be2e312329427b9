"""Coefficients of a table, and the one system of equations that everything here solves."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from onshore.economy.errors import EconomyError
from onshore.economy.table import Matrix, Table, Vector


def input_coefficients(table: Table) -> Matrix:
    """Give the home-made inputs per unit of output, A = Z diag(x)^-1.

    Rows and columns of sectors without output are 0. Source: Miller and Blair (2009),
    Input-Output Analysis, section 2.2.

    Examples
    --------
    >>> table = Table(["a", "b"], [[150, 500], [200, 100]], [1000, 2000], {})
    >>> input_coefficients(table)
    array([[0.15, 0.25],
           [0.2 , 0.05]])
    """
    coefficients = table.flows * reciprocal(table.output)
    if not table.active.all():
        coefficients[~table.active] = 0.0
    return coefficients


def reciprocal(values: Vector) -> Vector:
    """Give 1 / value, and 0 for a value of 0."""
    return np.divide(1.0, values, out=np.zeros_like(values), where=values != 0)


def per_output(table: Table, values: Vector) -> Vector:
    """Give values per unit of output, and 0 for sectors without output."""
    return values * reciprocal(table.output)


def leontief_inverse(table: Table) -> Matrix:
    """Give the output needed of the row's sector per unit of demand for the column's.

    L = (I - A)^-1. Source: Leontief (1936); Miller and Blair (2009), section 2.2.

    Raises
    ------
    EconomyError
        The table has no such inverse.
    """
    try:
        inverse = np.linalg.inv(leontief_matrix(table))
    except np.linalg.LinAlgError:
        raise _no_solution(table) from None
    return _finite(table, inverse)


def leontief_matrix(table: Table) -> Matrix:
    """Give I - A."""
    matrix = table.flows * -reciprocal(table.output)
    if not table.active.all():
        matrix[~table.active] = 0.0
    matrix[np.diag_indices(table.size)] += 1.0
    return matrix


def total_effects(table: Table, direct: Sequence[Vector]) -> Matrix:
    """Give w L for each row w of direct coefficients, without forming L.

    One factorisation of the transposed matrix serves all rows: a third of an inverse's work.
    """
    try:
        solved = np.linalg.solve(leontief_matrix(table).T, np.array(direct).T)
    except np.linalg.LinAlgError:
        raise _no_solution(table) from None
    return _finite(table, solved.T)


def outputs_for(table: Table, demands: Sequence[Vector]) -> Matrix:
    """Give L f for each row f of final demands."""
    try:
        solved = np.linalg.solve(leontief_matrix(table), np.array(demands).T)
    except np.linalg.LinAlgError:
        raise _no_solution(table) from None
    return _finite(table, solved.T)


def _finite(table: Table, solved: NDArray[Any]) -> Matrix:
    if not np.isfinite(solved).all():
        raise _no_solution(table)
    found: Matrix = solved
    return found


def _no_solution(table: Table) -> EconomyError:
    spent = table.flows.sum(axis=0)
    all_of_it = spent >= table.output * (1 - 1e-9)
    told = table.named(all_of_it & table.active) or "none by itself"
    return EconomyError(
        "the table has no Leontief inverse: some sectors spend their whole output on each other's "
        f"goods. Sectors whose inputs reach their output: {told}. Check these columns and output."
    )
