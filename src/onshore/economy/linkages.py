"""Linkages: which sectors pull others along, which others depend on, and which do both."""

import numpy as np
import polars as pl

from onshore.economy.coefficients import outputs_for, per_output, total_effects
from onshore.economy.table import Table, Vector


def linkages(table: Table) -> pl.DataFrame:
    """Give each sector's backward and forward linkage, and whether it is a key sector.

    Backward: the column sum of the Leontief inverse, output set in motion by a unit of demand for
    its goods. Forward: the row sum of the Ghosh inverse (I - B)^-1 with B = diag(x)^-1 Z, output
    made possible by a unit of its primary inputs; it is found as (L x) / x. Each is set beside the
    mean of all sectors; a key sector is above it in both. Source: Rasmussen (1956); Hirschman
    (1958); Jones (1976); Miller and Blair (2009), section 12.2.

    Parameters
    ----------
    table
        The input-output table.

    Returns
    -------
    DataFrame
        A row for each sector in the table's order: ``sector``; ``backward``, ``forward``
        (Float64); ``backward_relative``, ``forward_relative`` (Float64, mean of the sectors with
        output = 1); ``kind`` ("key", "backward", "forward", "weak", "no output"); ``key``
        (Boolean).

    Raises
    ------
    EconomyError
        The table has no Leontief inverse.

    Examples
    --------
    >>> table = Table(["a", "b"], [[150, 500], [200, 100]], [1000, 2000], {})
    >>> linkages(table).select("sector", "kind", pl.col("backward", "forward").round(3)).rows()
    [('a', 'key', 1.518, 1.914), ('b', 'weak', 1.452, 1.254)]
    """
    backward = total_effects(table, [np.ones(table.size)])[0]
    forward = per_output(table, outputs_for(table, [table.output])[0])
    forward[~table.active] = 1.0
    pulls, pushes = _relative(table, backward), _relative(table, forward)
    pulling, pushing = pl.col("backward_relative") > 1, pl.col("forward_relative") > 1
    kind = (
        pl.when(~pl.col("active"))
        .then(pl.lit("no output"))
        .when(pulling & pushing)
        .then(pl.lit("key"))
        .when(pulling)
        .then(pl.lit("backward"))
        .when(pushing)
        .then(pl.lit("forward"))
        .otherwise(pl.lit("weak"))
    )
    return (
        pl.DataFrame(
            {
                "sector": list(table.sectors),
                "backward": backward,
                "forward": forward,
                "backward_relative": pulls,
                "forward_relative": pushes,
                "active": table.active,
            }
        )
        .with_columns(kind=kind)
        .with_columns(key=pl.col("kind") == "key")
        .drop("active")
    )


def _relative(table: Table, linkage: Vector) -> Vector:
    """Set a linkage beside the mean of the sectors that produce."""
    whole = linkage[table.active]
    return linkage / whole.mean() if whole.size else linkage
