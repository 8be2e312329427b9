"""Chenery's decomposition: why each sector's output grew."""

import numpy as np
import polars as pl

from onshore.economy.coefficients import reciprocal
from onshore.economy.errors import EconomyError
from onshore.economy.names import final_columns
from onshore.economy.table import Matrix, Table, Vector, first_few

TERMS = ("home_demand", "exports", "import_substitution", "technology")


def decompose(before: Table, after: Table) -> pl.DataFrame:
    """Split each sector's change of output into demand, exports, substitution and technology.

    With A all inputs per output (home-made and imported), D home final demand (of both), E exports
    and u = (x - E) / (D + A x) the share of home demand that is met at home, x = u (D + A x) + E.
    With R = (I - u A)^-1 of the later year and volumes of the earlier one,

        dx = R u dD + R dE + R du (D + A x) + R u dA x

    which is exact. Source: Chenery (1960), American Economic Review 50; Chenery, Shishido and
    Watanabe (1962), Econometrica 30; Syrquin (1976). Both tables should be in constant prices.

    Parameters
    ----------
    before, after
        Tables of the same sectors, in any order, with imports by product and user, and final
        demand with exports; imports for final use where there are any.

    Returns
    -------
    DataFrame
        A row for each sector in the order of `before`: ``sector``, ``before``, ``after``,
        ``change``, ``home_demand``, ``exports``, ``import_substitution``, ``technology`` (Float64,
        the tables' money; the four add up to the change).

    Raises
    ------
    EconomyError
        The sectors differ, or a table lacks imports by product, exports or an inverse.

    Examples
    --------
    >>> one = Table(["a"], [[20]], [100], {}, [[10]], {"home": [50], "exports": [30]})
    >>> two = Table(["a"], [[30]], [150], {}, [[5]], {"home": [80], "exports": [40]})
    >>> split = decompose(one, two)
    >>> split.select("change", pl.col("home_demand", "exports").round(2)).row(0)
    (50.0, 36.94, 12.87)
    """
    after = _in_order_of(before, after)
    early, late = _Demand(before, "before"), _Demand(after, "after")
    scaled = late.met_at_home[:, None] * late.inputs
    matrix = np.eye(before.size) - scaled
    terms = np.array(
        [
            late.met_at_home * (late.home - early.home),
            late.exports - early.exports,
            (late.met_at_home - early.met_at_home) * early.wanted,
            late.met_at_home * ((late.inputs - early.inputs) @ before.output),
        ]
    )
    # What a table does not balance by moves with demand at home, so that the terms add up.
    terms[0] += late.residual - early.residual
    try:
        solved = np.linalg.solve(matrix, terms.T).T
    except np.linalg.LinAlgError:
        raise EconomyError(
            "the later table has no inverse: some sectors spend their whole output on each "
            "other's goods. Check its columns."
        ) from None
    return pl.DataFrame(
        {
            "sector": list(before.sectors),
            "before": before.output,
            "after": after.output,
            "change": after.output - before.output,
            **dict(zip(TERMS, solved, strict=True)),
        }
    )


class _Demand:
    """Volumes and coefficients of one year, of home-made and imported goods together."""

    def __init__(self, table: Table, year: str) -> None:
        if table.imports is None or table.imports.ndim == 1:
            raise EconomyError(
                f"the table {year} has no imports by product and user, which tell substitution "
                "from technology. Add them as a file or as a column of imports of each product."
            )
        columns = table.final_demand or {}
        abroad = final_columns("exports", columns)
        if not abroad:
            raise EconomyError(
                f"the table {year} has no final demand named exports. Name the column so."
            )
        nothing = np.zeros(table.size)
        self.exports: Vector = np.sum([columns[name] for name in abroad], axis=0)
        made = sum((columns[name] for name in columns if name not in abroad), nothing)
        bought = sum((table.final_imports or {}).values(), nothing)
        self.home: Vector = made + bought
        self.inputs: Matrix = (table.flows + table.imports) * reciprocal(table.output)
        used = self.inputs @ table.output
        self.wanted: Vector = self.home + used
        met = made + table.flows @ table.active.astype(np.float64)
        self.met_at_home: Vector = met * reciprocal(self.wanted)
        self.residual: Vector = table.output - self.exports - self.met_at_home * self.wanted


def _in_order_of(before: Table, after: Table) -> Table:
    if before.sectors == after.sectors:
        return after
    ours, theirs = set(before.sectors), set(after.sectors)
    if ours != theirs:
        told = [f"{name} only before" for name in before.sectors if name not in theirs]
        told += [f"{name} only after" for name in after.sectors if name not in ours]
        raise EconomyError(
            f"the tables have other sectors: {first_few(told)}. Bring both to the same sectors."
        )
    order = [after.sectors.index(name) for name in before.sectors]
    square = after.imports is not None and after.imports.ndim == 2
    imports = after.imports
    if imports is not None:
        imports = imports[np.ix_(order, order)] if square else imports[order]
    return Table(
        before.sectors,
        after.flows[np.ix_(order, order)],
        after.output[order],
        {name: row[order] for name, row in after.factors.items()},
        imports,
        _reordered(after.final_demand, order),
        final_imports=_reordered(after.final_imports, order),
    )


def _reordered(columns: dict[str, Vector] | None, order: list[int]) -> dict[str, Vector] | None:
    if columns is None:
        return None
    return {name: column[order] for name, column in columns.items()}
