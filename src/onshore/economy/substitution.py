"""Import substitution: imports of a product moved home, and what follows from it."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from onshore.economy.coefficients import (
    outputs_for,
    per_output,
    reciprocal,
    total_effects,
)
from onshore.economy.errors import EconomyError
from onshore.economy.table import Table, Vector

MOVED, INDUCED, NET = "imports moved home", "induced imports", "net currency saved"


@dataclass(frozen=True)
class Substitution:
    """What follows from making at home what was imported.

    Parameters
    ----------
    summary
        ``effect`` (imports moved home, output, each factor, induced imports, net currency saved),
        ``value`` (Float64, the table's units), ``per_unit`` (Float64, per unit moved). Null where
        the table does not tell imports.
    sectors
        Changes by sector in the table's order: ``sector``, ``output``, each factor, ``imports``
        (all Float64; imported inputs of the sector, null where not known).
    warnings
        What had to be supposed.
    """

    summary: pl.DataFrame
    sectors: pl.DataFrame
    warnings: tuple[str, ...]


def substitute(
    table: Table,
    product: str,
    amount: float | None = None,
    *,
    share: float | None = None,
    import_content: float | None = None,
) -> Substitution:
    """Move some imports of a product to its home sector, and reckon what follows.

    Where the table tells imports by product, every user buys the same share s of its imports of
    product p at home in their place, so that row p of the home coefficients grows by r = s B_p
    (imports of p per output of each user) and final demand for p by s of its imports:

        x' = L f' + L e_p (r L f') / (1 - r L e_p),   f' = f + s m e_p

    Where it does not, the amount is final demand for home goods of p: x' = x + L e_p amount.

    Induced imports are the imports that the new production needs; net currency saved is the
    amount less these, which is exactly what all imports fall by. Prices stay: the home product
    costs what the import did, and the new plant buys as its sector does on average, unless
    `import_content` says what it imports. Source: Leontief's model as in
    Miller and Blair (2009), section 2.2; the formula is that of Sherman and Morrison (1950).

    Parameters
    ----------
    table
        The input-output table, with imports for the net currency.
    product
        The sector whose goods are imported.
    amount
        Imports moved home, in the table's money; or give `share`.
    share
        Share (0 to 1) of the imports of the product; needs imports by product.
    import_content
        Imported inputs per unit of the new plant's output (0 to 1), where it differs from the
        sector's average; what it imports more it adds less of value.

    Returns
    -------
    Substitution
        Its summary, its changes by sector, and warnings.

    Raises
    ------
    EconomyError
        No such sector, a sector without output, neither or both of amount and share, more than is
        imported, or no inverse.

    Examples
    --------
    >>> table = Table(
    ...     ["steel", "cars"], [[20, 30], [0, 10]], [100, 80], {"jobs": [5, 8]}, imports=[10, 24]
    ... )
    >>> done = substitute(table, "cars", 10)
    >>> for effect, value, _ in done.summary.iter_rows():
    ...     print(effect, round(value, 3))
    imports moved home 10.0
    output 16.786
    jobs 1.411
    induced imports 3.964
    net currency saved 6.036
    """
    p = table.place(product)
    if not table.active[p]:
        raise EconomyError(
            f"{table.sectors[p]} has no output, so the table does not tell what its production "
            "needs. Add its inputs and output, or take a sector like it."
        )
    moved, part = _amount(table, p, amount, share)
    warnings = []
    if part is None:
        change = moved * _column(table, p)
        warnings.append(
            f"the table does not tell how much of {table.sectors[p]} is imported and by whom: the "
            "amount is taken as demand for home goods, and was not checked against imports."
        )
    else:
        change = _with_new_inputs(table, p, part) - table.output
    found = {name: per_output(table, row) * change for name, row in table.factors.items()}
    imports, induced = _imports_after(table, p, part, change)
    if imports is None:
        warnings.append(
            "the table tells no imports: induced imports and net currency are not known."
        )
    elif import_content is not None:
        extra = _own_content(table, p, moved, import_content)
        imports[p] += extra
        induced += extra
        _add_less_value(table, p, extra, found, warnings)
    if import_content is not None and imports is None:
        raise EconomyError("import_content needs a table with imports. Add the row of imports.")
    return Substitution(
        _summary(moved, change, found, None if imports is None else induced),
        pl.DataFrame(
            {
                "sector": list(table.sectors),
                "output": change,
                **found,
                "imports": pl.Series([None] * table.size, dtype=pl.Float64)
                if imports is None
                else imports,
            }
        ),
        tuple(warnings),
    )


def substitution_effects(table: Table) -> pl.DataFrame:
    """Give, for each sector's product, what one unit of imports moved home brings.

    For an amount that is small beside the sector; `substitute` reckons a large one.

    Returns
    -------
    DataFrame
        A row for each sector with output, the most net currency first: ``sector``, ``output``,
        each factor, ``induced_imports``, ``net_currency_saved`` (Float64; the last two null where
        the table tells no imports, and then in the table's order).

    Raises
    ------
    EconomyError
        The table has no Leontief inverse.

    Examples
    --------
    >>> table = Table(
    ...     ["steel", "cars"], [[20, 30], [0, 10]], [100, 80], {"jobs": [5, 8]}, imports=[10, 24]
    ... )
    >>> substitution_effects(table).select("sector", pl.col("net_currency_saved").round(3)).rows()
    [('steel', 0.875), ('cars', 0.604)]
    """
    direct = [np.ones(table.size), *(per_output(table, v) for v in table.factors.values())]
    imported = table.import_total
    if imported is not None:
        direct.append(per_output(table, imported))
    total = total_effects(table, direct)
    names = ["output", *table.factors]
    frame = pl.DataFrame(
        [
            pl.Series("sector", list(table.sectors)),
            *(pl.Series(name, row) for name, row in zip(names, total, strict=False)),
        ]
    )
    if imported is None:
        nothing = pl.lit(None, pl.Float64)
        frame = frame.with_columns(induced_imports=nothing, net_currency_saved=nothing)
        return frame.filter(pl.Series(table.active))
    frame = frame.with_columns(induced_imports=pl.Series(total[-1]))
    frame = frame.with_columns(net_currency_saved=1 - pl.col("induced_imports"))
    return frame.filter(pl.Series(table.active)).sort(
        "net_currency_saved", descending=True, maintain_order=True
    )


def _amount(
    table: Table, p: int, amount: float | None, share: float | None
) -> tuple[float, float | None]:
    """Give the amount moved, and its share of the product's imports where these are known."""
    name = table.sectors[p]
    if (amount is None) == (share is None):
        raise EconomyError(f"say how much of the imports of {name} moves home: amount or share.")
    if amount is not None and not (np.isfinite(amount) and amount >= 0):
        raise EconomyError(f"the amount {amount} is no amount of imports. Give 0 or more.")
    if share is not None and not 0 <= share <= 1:
        raise EconomyError(f"the share {share} is not between 0 and 1. Give a part of the imports.")
    if table.imports is None or table.imports.ndim == 1:
        if amount is None:
            raise EconomyError(
                f"a share of the imports of {name} needs imports by product. Give an amount, or a "
                "table whose imports are by product and user."
            )
        return float(amount), None
    by_sectors, by_final = _imports_of(table, p)
    whole = float(by_sectors.sum() + by_final)
    if amount is None:
        return whole * float(share or 0), float(share or 0)
    if amount > whole * (1 + 1e-12):
        raise EconomyError(
            f"the imports of {name} are {whole:,.6g}, less than the {amount:,.6g} to be moved. "
            "Move at most what is imported."
        )
    return float(amount), float(amount / whole) if whole else 0.0


def _imports_of(table: Table, p: int) -> tuple[Vector, float]:
    final = sum(float(column[p]) for column in (table.final_imports or {}).values())
    by_product = np.zeros_like(table.flows) if table.imports is None else table.imports
    return by_product[p] * table.active, final


def _with_new_inputs(table: Table, p: int, part: float) -> Vector:
    """Give the output once the users buy a part of what they import of p at home."""
    by_sectors, by_final = _imports_of(table, p)
    row = part * by_sectors * reciprocal(table.output)
    column = _column(table, p)
    open_output = table.output + column * (part * by_final)
    returns = float(row @ column)
    if returns >= 1:
        raise EconomyError(
            f"the home production of {table.sectors[p]} would need more of itself than it makes. "
            "Move a smaller part of the imports, or check the imports of its users."
        )
    after: Vector = open_output + column * (float(row @ open_output) / (1 - returns))
    return after


def _column(table: Table, p: int) -> Vector:
    """Give the output of each sector per unit of demand for product p: a column of L."""
    column: Vector = outputs_for(table, [np.eye(1, table.size, p)[0]])[0]
    return column


def _imports_after(
    table: Table, p: int, part: float | None, change: Vector
) -> tuple[Vector | None, float]:
    """Give the change of each sector's imported inputs, and the induced imports in all."""
    total = table.import_total
    if total is None:
        return None, 0.0
    per_unit = per_output(table, total)
    if part is None:
        induced = per_unit * change
        return induced, float(induced.sum())
    by_sectors, _ = _imports_of(table, p)
    # Users import a part less of p, both of what they did and of what they make more.
    kept = per_unit - part * by_sectors * reciprocal(table.output)
    induced = kept * change
    return induced - part * by_sectors, float(induced.sum())


def _own_content(table: Table, p: int, moved: float, content: float) -> float:
    if not 0 <= content <= 1:
        raise EconomyError(f"import_content {content} is not between 0 and 1. Give a share.")
    total = table.import_total
    average = 0.0 if total is None else float(per_output(table, total)[p])
    return (content - average) * moved


def _add_less_value(
    table: Table, p: int, extra: float, found: dict[str, Vector], warnings: list[str]
) -> None:
    try:
        name = table.factor_name("value_added")
    except EconomyError:
        return
    found[name][p] -= extra
    warnings.append(
        f"{table.sectors[p]} imports by its own content, not the sector's average: its {name} is "
        f"{-extra:+,.6g} on that account; its other inputs and factors are as on average."
    )


def _summary(
    moved: float, change: Vector, found: dict[str, Vector], induced: float | None
) -> pl.DataFrame:
    rows: list[tuple[str, float | None]] = [(MOVED, moved), ("output", float(change.sum()))]
    rows += [(name, float(values.sum())) for name, values in found.items()]
    rows += [(INDUCED, induced), (NET, None if induced is None else moved - induced)]
    return pl.DataFrame(
        {
            "effect": [name for name, _ in rows],
            "value": pl.Series([value for _, value in rows], dtype=pl.Float64),
        }
    ).with_columns(per_unit=pl.when(moved != 0).then(pl.col("value") / (moved or 1.0)))
