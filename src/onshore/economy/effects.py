"""Multipliers and effects: what a unit of final demand sets in motion."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import polars as pl

from onshore.economy.coefficients import per_output, total_effects
from onshore.economy.errors import EconomyError
from onshore.economy.names import final_columns, find_role
from onshore.economy.table import SMALLEST, Matrix, Table, Vector

Kind = Literal["I", "II"]
OUTPUT = "output"


def multipliers(table: Table, factor: str = OUTPUT, *, kind: Kind = "I") -> pl.DataFrame:
    """Give what a unit of final demand for each sector's goods brings, directly and through inputs.

    effect = w L, with w the factor per unit of output (1 for output) and L = (I - A)^-1;
    multiplier = effect / w. For output they are the same: the column sums of L. Kind II counts too
    what households spend of the income earned on the way. Source: Miller and Blair (2009),
    Input-Output Analysis, section 6.2; Eurostat (2008), Manual of Supply, Use and
    Input-Output Tables, chapter 15.

    Parameters
    ----------
    table
        The input-output table.
    factor
        ``"output"``, a factor's name, or what it is: ``"value_added"``, ``"employment"``,
        ``"income"``.
    kind
        ``"I"``, or ``"II"`` with households as a further sector. Their consumption is the column
        of final demand, and their income the factor, that are named so.

    Returns
    -------
    DataFrame
        A row for each sector in the table's order: ``sector`` (String), ``effect`` (Float64, the
        factor's unit per unit of money of final demand), ``multiplier`` (Float64, total per
        direct; null where the sector takes nothing of the factor itself).

    Raises
    ------
    EconomyError
        There is no such factor, the table has no Leontief inverse, or kind II lacks households.

    Examples
    --------
    >>> table = Table(["a", "b"], [[150, 500], [200, 100]], [1000, 2000], {"jobs": [5, 20]})
    >>> multipliers(table, "jobs").with_columns(pl.col(pl.Float64).round(4))
    shape: (2, 3)
    ┌────────┬────────┬────────────┐
    │ sector ┆ effect ┆ multiplier │
    │ ---    ┆ ---    ┆ ---        │
    │ str    ┆ f64    ┆ f64        │
    ╞════════╪════════╪════════════╡
    │ a      ┆ 0.0089 ┆ 1.7822     │
    │ b      ┆ 0.0129 ┆ 1.2871     │
    └────────┴────────┴────────────┘
    """
    name = factor if factor == OUTPUT else table.factor_name(factor)
    return _of_factors(table, [name], kind).select("sector", "effect", "multiplier")


def effects(table: Table) -> pl.DataFrame:
    """Give the effects of every factor, of kind I and, where households are told, of kind II.

    Returns
    -------
    DataFrame
        ``sector``, ``factor``, ``kind`` ("I" or "II") (String), ``direct``, ``effect``,
        ``multiplier`` (Float64; as in `multipliers`), by kind, factor and sector in the table's
        order.

    Examples
    --------
    >>> table = Table(["a", "b"], [[150, 500], [200, 100]], [1000, 2000], {"jobs": [5, 20]})
    >>> effects(table)["factor"].unique(maintain_order=True).to_list()
    ['output', 'jobs']
    """
    names = [OUTPUT, *table.factors]
    found = [_of_factors(table, names, "I")]
    if no_households(table) is None:
        found.append(_of_factors(table, names, "II"))
    return pl.concat(found)


def no_households(table: Table) -> str | None:
    """Tell what the table lacks for effects of kind II; None where it lacks nothing."""
    if find_role("income", table.factors) is None:
        return "no factor is named as income (such as compensation of employees)"
    if not final_columns("households", table.final_demand or {}):
        return "no final demand is named as that of households (such as household consumption)"
    return None


def household_notes(table: Table) -> list[str]:
    """Tell what was supposed of households' spending, where it had to be."""
    if no_households(table) is not None:
        return []
    _, spending, asked = _households(table)
    if asked <= 1:
        return []
    return [
        f"households buy {asked:.2f} times their labour income at home, so they have other income "
        f"too. Kind II supposes that they spend all of their labour income ({spending.sum():.2f} "
        "of it at home)."
    ]


def _of_factors(table: Table, names: Sequence[str], kind: Kind) -> pl.DataFrame:
    if kind not in ("I", "II"):
        raise EconomyError(f"there is no kind {kind!r} of multiplier. Write I or II.")
    direct = [_direct(table, name) for name in names]
    total = total_effects(table, direct) if kind == "I" else _with_households(table, direct)
    n = table.size
    one = np.concatenate(direct)
    all_of_it = total.ravel()
    some = np.abs(one) > SMALLEST
    ratio = np.divide(all_of_it, one, out=np.zeros_like(all_of_it), where=some)
    return pl.DataFrame(
        {
            "sector": list(table.sectors) * len(names),
            "factor": [name for name in names for _ in range(n)],
            "kind": [kind] * (n * len(names)),
            "direct": one,
            "effect": all_of_it,
            "multiplier": ratio,
        }
    ).with_columns(multiplier=pl.when(pl.Series(some)).then("multiplier"))


def _direct(table: Table, name: str) -> Vector:
    if name == OUTPUT:
        return np.ones(table.size)
    return per_output(table, table.factors[name])


def _with_households(table: Table, direct: Sequence[Vector]) -> Matrix:
    """Give w L of the table closed by households, without their own row and column.

    The inverse of a bordered matrix: with v the income per output and c what of an income is
    spent on each good, w L + (w L c) (v L) / (1 - v L c). Source: Miller and Blair (2009),
    section 2.5, solved for the first block.
    """
    lacking = no_households(table)
    if lacking is not None:
        raise EconomyError(f"kind II needs households: {lacking}. Name them so, or ask for kind I.")
    income, spending, _ = _households(table)
    *open_effects, earned = total_effects(table, [*direct, income])
    spent_again = earned @ spending
    if spent_again >= 1:
        raise EconomyError(
            f"kind II has no solution: of each unit spent by households {spent_again:.2f} come "
            "back to them as income. Check income and household consumption, or ask for kind I."
        )
    by_households = np.array(open_effects) @ spending / (1 - spent_again)
    closed: Matrix = np.array(open_effects) + np.outer(by_households, earned)
    return closed


def _households(table: Table) -> tuple[Vector, Vector, float]:
    """Give income per output, spending per income by good, and consumption / income as stated."""
    name = find_role("income", table.factors)
    columns = table.final_demand or {}
    earned = table.factors[name] if name else np.zeros(table.size)
    consumed = np.sum([columns[c] for c in final_columns("households", columns)], axis=0)
    whole = earned.sum()
    if whole <= 0:
        raise EconomyError(f"the income {name} is 0 in all sectors. Fill it in, or ask for kind I.")
    asked = float(consumed.sum() / whole)
    return per_output(table, earned), consumed / (whole * max(asked, 1.0)), asked
