"""Hypothetical extraction: what the economy would lose without a sector."""

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
import polars as pl

from onshore.economy.coefficients import leontief_inverse, per_output
from onshore.economy.errors import EconomyError
from onshore.economy.table import Matrix, Table, Vector

Variant = Literal["whole", "backward", "forward"]


def extract(table: Table, variant: Variant = "whole") -> pl.DataFrame:
    """Take out every sector in turn, and give what the whole economy then makes less.

    *whole*: the sector neither buys, sells nor serves final demand. *backward*: it buys nothing
    at home (its inputs come from abroad). *forward*: it sells nothing to sectors at home, in the
    supply-driven model. No table is solved anew: each extraction changes one row, one column or
    both, and by the formula for such a change of an inverse the loss of sector i's output is

        whole      L_ik x_k / L_kk
        backward   (L_ik - [i = k]) x_k / L_kk
        forward    (L_ki x_i - [i = k] x_k) / L_kk

    Factors are lost in proportion to output. Source: Paelinck et al. (1965); Dietzenbacher and
    van der Linden (1997); Miller and Lahr (2001); Miller and Blair (2009), section 12.2. The
    formulas follow from those of Sherman and Morrison (1950) for the inverse.

    Parameters
    ----------
    table
        The input-output table. What sectors do not buy of the output is final demand, so that the
        economy before is the table's own.
    variant
        What is taken out.

    Returns
    -------
    DataFrame
        A row for each sector taken out, in the table's order: ``sector``, ``output_lost``, then
        ``NAME_lost`` for each factor (Float64, in the table's units, the sector's own included),
        ``output_lost_share`` and ``NAME_lost_share`` (of the whole economy; null where it has
        none), ``elsewhere_lost`` (output lost by all other sectors).

    Raises
    ------
    EconomyError
        There is no such variant, or the table has no Leontief inverse.

    Examples
    --------
    >>> table = Table(["a", "b"], [[150, 500], [200, 100]], [1000, 2000], {"jobs": [5, 20]})
    >>> extract(table).select("sector", pl.col("output_lost", "jobs_lost").round(2)).rows()
    [('a', 1210.53, 7.11), ('b', 2588.24, 22.94)]
    """
    _require(variant)
    inverse = leontief_inverse(table)
    direct = np.array([np.ones(table.size), *_per_output(table)])
    scale = table.output / np.diagonal(inverse)
    if variant == "forward":
        own = direct * table.output
        lost = (own @ inverse.T - own) / np.diagonal(inverse)
        itself = table.output - scale
        lost[:, ~table.active] = 0.0
    else:
        lost = (direct @ inverse) * scale
        itself = table.output
        if variant == "backward":
            lost -= direct * scale
            itself = table.output - scale
    return _told(table, lost, lost[0] - itself)


def extract_together(
    table: Table, sectors: Sequence[str], variant: Variant = "whole"
) -> pl.DataFrame:
    """Take out some sectors at once, and give what each sector of the economy then makes less.

    The formulas of `extract` with the block of the inverse that belongs to the sectors taken out:
    L_iK L_KK^-1 x_K for *whole*. Taking out nothing loses nothing.

    Parameters
    ----------
    table
        The input-output table.
    sectors
        Names of those taken out; none, one or several.
    variant
        As in `extract`.

    Returns
    -------
    DataFrame
        A row for each sector of the table in its order: ``sector``, ``taken_out`` (Boolean),
        ``output_lost``, ``NAME_lost`` for each factor, ``output_lost_share`` (of the sector's own
        output; null where it has none).

    Raises
    ------
    EconomyError
        A sector is not in the table, or there is no such variant or inverse.

    Examples
    --------
    >>> table = Table(["a", "b"], [[150, 500], [200, 100]], [1000, 2000], {"jobs": [5, 20]})
    >>> extract_together(table, ["a"]).select("sector", pl.col("output_lost").round(2)).rows()
    [('a', 1000.0), ('b', 210.53)]
    >>> extract_together(table, [])["output_lost"].to_list()
    [0.0, 0.0]
    """
    _require(variant)
    chosen = sorted({table.place(name) for name in sectors})
    lost = _lost_by_sector(table, chosen, variant)
    columns = {"output": lost} | {
        name: row * lost for name, row in zip(table.factors, _per_output(table), strict=True)
    }
    share = np.divide(lost, table.output, out=np.zeros_like(lost), where=table.active)
    taken = np.zeros(table.size, dtype=bool)
    taken[chosen] = True
    return (
        pl.DataFrame({"sector": list(table.sectors), "taken_out": taken})
        .with_columns(pl.Series(f"{name}_lost", column) for name, column in columns.items())
        .with_columns(output_lost_share=pl.Series(share))
        .with_columns(output_lost_share=pl.when(pl.Series(table.active)).then("output_lost_share"))
    )


def _lost_by_sector(table: Table, chosen: list[int], variant: Variant) -> Vector:
    if not chosen:
        return np.zeros(table.size)
    if variant == "forward":
        return _lost_by_supply(table, chosen)
    inverse = leontief_inverse(table)
    columns = inverse[:, chosen]
    if variant == "backward":
        columns = columns.copy()
        columns[chosen, range(len(chosen))] -= 1.0
    block = inverse[np.ix_(chosen, chosen)]
    lost: Vector = columns @ np.linalg.solve(block, table.output[chosen])
    return lost


def _lost_by_supply(table: Table, chosen: list[int]) -> Vector:
    """Take rows out of the Ghosh model: x_K G_KK^-1 (G_K - I_K), with G = diag(x)^-1 L diag(x)."""
    chosen = [k for k in chosen if table.active[k]]
    inverse = leontief_inverse(table)
    ghosh = inverse[chosen] * table.output / table.output[chosen, None]
    block = ghosh[:, chosen]
    rows: Matrix = ghosh.copy()
    rows[range(len(chosen)), chosen] -= 1.0
    lost: Vector = np.linalg.solve(block.T, table.output[chosen]) @ rows
    return lost


def _per_output(table: Table) -> list[Vector]:
    return [per_output(table, values) for values in table.factors.values()]


def _require(variant: str) -> None:
    if variant not in get_args(Variant):
        raise EconomyError(
            f"there is no variant {variant!r} of extraction. Write whole, backward or forward."
        )


def _told(table: Table, lost: Matrix, elsewhere: Vector) -> pl.DataFrame:
    names = ["output", *table.factors]
    whole = [table.output.sum(), *(values.sum() for values in table.factors.values())]
    shares = [
        pl.Series(f"{name}_lost_share", row / total if total else [None] * table.size, pl.Float64)
        for name, row, total in zip(names, lost, whole, strict=True)
    ]
    return pl.DataFrame(
        [
            pl.Series("sector", list(table.sectors)),
            *(pl.Series(f"{name}_lost", row) for name, row in zip(names, lost, strict=True)),
            *shares,
            pl.Series("elsewhere_lost", elsewhere),
        ]
    )
