"""An input-output table, checked: what is impossible is refused, what is odd is named."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from onshore.economy.errors import EconomyError
from onshore.economy.names import find_role, plain

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
Columns = Mapping[str, ArrayLike] | pl.DataFrame

_UNBALANCED, _NAMED = 1e-6, 5
LARGEST = 1e30
"""Numbers from this on are taken as mistakes."""
SMALLEST = 1e-30
"""Numbers up to this are as good as none."""


@dataclass(frozen=True, eq=False, init=False, repr=False)
class Table:
    """An input-output table of one year: what each sector sells to whom, and what it takes.

    The flows are those of goods made at home; what is imported stands apart. All money is of one
    unit, such as million EUR of the year. A table that does not balance is taken as it is: what
    sectors do not buy of the output counts as final demand, and the residual is a warning.

    Parameters
    ----------
    sectors
        Names, in the order of every row and column.
    flows
        What the row's sector sells to the column's (sectors x sectors).
    output
        Of each sector; 0 or above.
    factors
        What each sector takes beside goods, by name: value added, employment (persons), wages,
        emissions. A mapping of vectors, or a frame with a column for each (and, where it has one,
        a column ``sector`` to find the rows by).
    imports
        Imported inputs of each sector, or a matrix by product (row) and using sector (column).
    final_demand
        What is sold at home to final users and abroad, by category; a mapping of vectors, a frame
        as for `factors`, a vector, or a matrix of columns.
    final_imports
        What final users buy from abroad, by category, in rows by product.
    warnings
        What was found when the table was read; the room adds what it finds itself.
    read_from
        The files it was read from, the table's own first.

    Raises
    ------
    EconomyError
        The flows are not square, something has another length, is missing or no number, or an
        output is below 0.

    Examples
    --------
    >>> table = Table(["a", "b"], [[150, 500], [200, 100]], [1000, 2000], {"jobs": [5, 20]})
    >>> table.residual_demand
    array([ 350., 1700.])
    >>> Table(["a", "b"], [[0, 1], [0, 0]], [10, 0], {}).warnings[0]
    'no output: b. Its flows are left out, and its effects are those of the demand alone.'
    """

    sectors: tuple[str, ...]
    flows: Matrix
    output: Vector
    factors: dict[str, Vector]
    imports: NDArray[np.float64] | None = None
    final_demand: dict[str, Vector] | None = None
    final_imports: dict[str, Vector] | None = None
    warnings: tuple[str, ...] = ()
    read_from: tuple[Path, ...] = ()

    def __init__(
        self,
        sectors: Sequence[str],
        flows: ArrayLike,
        output: ArrayLike,
        factors: Columns | None,
        imports: ArrayLike | None = None,
        final_demand: Columns | ArrayLike | None = None,
        *,
        final_imports: Columns | ArrayLike | None = None,
        warnings: Iterable[str] = (),
        read_from: Iterable[Path] = (),
    ) -> None:
        names = _checked_names(sectors)
        table = {
            "sectors": names,
            "flows": _numbers("flows", flows, names, square=True),
            "output": _numbers("output", output, names),
            "factors": _by_name("factors", {} if factors is None else factors, names),
            "imports": None if imports is None else _imports(imports, names),
            "final_demand": _optional("final_demand", final_demand, names),
            "final_imports": _optional("final_imports", final_imports, names),
            "read_from": tuple(read_from),
        }
        for key, value in table.items():
            object.__setattr__(self, key, value)
        if "output" in self.factors:
            raise EconomyError("a factor is named output, as output itself is. Rename the factor.")
        below = self.output < 0
        if below.any():
            raise EconomyError(
                f"output below 0: {self.named(below)}. Correct the output, or leave the sector out."
            )
        tiny = (self.output > 0) & (self.output < SMALLEST)
        if tiny.any():
            raise EconomyError(
                f"output next to nothing: {self.named(tiny)}. Write 0 where there is no output."
            )
        object.__setattr__(self, "warnings", (*warnings, *_found_odd(self)))

    def __repr__(self) -> str:
        """Tell what kind of table it is, without its numbers."""
        told = (
            f"{self.size} sectors: {first_few(self.sectors)}; factors: {first_few([*self.factors])}"
        )
        return f"Table({told})"

    @property
    def size(self) -> int:
        """Number of sectors."""
        return len(self.sectors)

    @property
    def active(self) -> NDArray[np.bool_]:
        """Which sectors have an output."""
        return self.output > 0

    @property
    def residual_demand(self) -> Vector:
        """Output that no sector buys: final demand with whatever the table does not balance by."""
        sold: Vector = self.flows @ self.active.astype(np.float64)
        return np.where(self.active, self.output - sold, 0.0)

    @property
    def import_total(self) -> Vector | None:
        """Imported inputs of each sector, all products together; None where not known."""
        if self.imports is None or self.imports.ndim == 1:
            return self.imports
        total: Vector = self.imports.sum(axis=0)
        return total

    def factor_name(self, name: str) -> str:
        """Find a factor by its own name, or by what it is: value_added, employment, income.

        Raises
        ------
        EconomyError
            There is none; the message names those there are.
        """
        if name in self.factors:
            return name
        told = {plain(known): known for known in self.factors}
        role = plain(name).replace(" ", "_")
        if role == "wages":
            role = "income"
        found = told.get(plain(name))
        if found is None and role in ("value_added", "employment", "income", "product_taxes"):
            found = find_role(role, self.factors)  # type: ignore[arg-type]
        if found is None:
            there = ", ".join(self.factors) or "none"
            raise EconomyError(
                f"the table has no factor {name!r}. It has: {there}; and there is always output."
            )
        return found

    def place(self, sector: str) -> int:
        """Give the number of a sector, from 0.

        Raises
        ------
        EconomyError
            There is none of this name; the message names what is near.
        """
        told = [plain(known) for known in self.sectors]
        if sector in self.sectors:
            return self.sectors.index(sector)
        if told.count(plain(sector)) == 1:
            return told.index(plain(sector))
        import difflib

        near = difflib.get_close_matches(plain(sector), told, n=3, cutoff=0.4)
        meant = ", ".join(self.sectors[told.index(name)] for name in near) or ", ".join(
            self.sectors[:_NAMED]
        )
        raise EconomyError(f"there is no sector {sector!r}. Near: {meant}. Write one of its names.")

    def named(self, chosen: NDArray[np.bool_]) -> str:
        """Write the names of some sectors, the first few of many."""
        return first_few([self.sectors[n] for n in np.flatnonzero(chosen)])


def first_few(names: Sequence[str]) -> str:
    """Write names, and how many more there are.

    Examples
    --------
    >>> first_few(["a", "b", "c", "d", "e", "f", "g"])
    'a, b, c, d, e and 2 more'
    """
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _checked_names(sectors: Sequence[str]) -> tuple[str, ...]:
    names = tuple(str(name).strip() for name in sectors)
    if not names:
        raise EconomyError("the table has no sectors. Give at least one.")
    twice = sorted({name for name in names if names.count(name) > 1}) if _repeats(names) else []
    if twice:
        raise EconomyError(f"sectors named twice: {first_few(twice)}. Give each its own name.")
    if "" in names:
        raise EconomyError(f"sector {names.index('') + 1} has no name. Give it one.")
    return names


def _repeats(names: tuple[str, ...]) -> bool:
    return len(set(names)) < len(names)


def _numbers(what: str, values: ArrayLike, names: Sequence[str], *, square: bool = False) -> Any:
    """Give values as numbers of the right shape, none of them missing."""
    try:
        array = np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as wrong:
        raise EconomyError(f"{what}: not all are numbers ({wrong}). Give numbers only.") from None
    n = len(names)
    if not square and array.ndim == 2 and 1 in array.shape:
        array = array.ravel()
    expected = (n, n) if square else (n,)
    if array.shape != expected:
        shape = " x ".join(str(side) for side in array.shape)
        needed = " x ".join(str(side) for side in expected)
        told = " The flows must be square." if square else ""
        raise EconomyError(
            f"{what}: {shape} numbers for {n} sectors, where {needed} are needed.{told} Give a row "
            "and a column for each sector, in the same order."
        )
    bad = ~(np.abs(array) < LARGEST)
    if bad.any():
        cells = np.argwhere(bad)
        where = first_few([" to ".join(names[n] for n in cell) for cell in cells[: _NAMED + 1]])
        raise EconomyError(
            f"{what}: {len(cells)} values are missing or beyond all bounds: {where}. Write the "
            "value, or 0 where there is none."
        )
    array.setflags(write=False)
    return array


def _imports(values: ArrayLike, names: Sequence[str]) -> NDArray[np.float64]:
    shape = np.shape(values)
    square = len(shape) == 2 and (shape == (1, 1) or 1 not in shape)
    found: NDArray[np.float64] = _numbers("imports", values, names, square=square)
    return found


def _optional(
    what: str, values: Columns | ArrayLike | None, names: Sequence[str]
) -> dict[str, Vector] | None:
    if values is None:
        return None
    if not isinstance(values, Mapping | pl.DataFrame):
        array = np.asarray(values)
        told = what.replace("_", " ")
        if array.ndim == 2 and array.shape[1] > 1:
            values = {f"{told} {n + 1}": column for n, column in enumerate(array.T)}
        else:
            values = {told: array}
    return _by_name(what, values, names)


def _by_name(what: str, values: Columns, names: Sequence[str]) -> dict[str, Vector]:
    if isinstance(values, pl.DataFrame):
        values = _columns_of(what, values, names)
    if not isinstance(values, Mapping):
        raise EconomyError(f"{what}: give them by name, such as {{'value_added': [...]}}.")
    return {str(name): _numbers(f"{what} {name}", row, names) for name, row in values.items()}


def _columns_of(what: str, frame: pl.DataFrame, names: Sequence[str]) -> dict[str, ArrayLike]:
    """Read a frame with a row for each sector, or with a column for each sector."""
    if "sector" in frame.columns:
        keys = frame["sector"].cast(pl.String).to_list()
        missing = [name for name in names if name not in keys]
        if missing or len(set(keys)) < len(keys):
            raise EconomyError(
                f"{what}: the column sector lacks {first_few(missing)}."
                if missing
                else f"{what}: the column sector names a sector twice."
            )
        rows = [keys.index(name) for name in names]
        return {name: frame[name].gather(rows) for name in frame.columns if name != "sector"}
    if set(names) <= set(frame.columns):
        label, *_ = [name for name in frame.columns if name not in names] or [""]
        told = frame[label].to_list() if label else [f"factor {n + 1}" for n in range(frame.height)]
        numbers = frame.select(names).to_numpy()
        return {str(name): row for name, row in zip(told, numbers, strict=True)}
    return {name: frame[name] for name in frame.columns}


def _found_odd(table: Table) -> list[str]:
    """Name what is odd about a table but does not keep it from being used."""
    found = []
    idle = ~table.active
    if idle.any():
        found.append(
            f"no output: {table.named(idle)}. Its flows are left out, and its effects are those "
            "of the demand alone."
        )
    if table.flows.min() < 0:
        negative = np.argwhere(table.flows < 0)
        cells = [f"{table.sectors[i]} to {table.sectors[j]}" for i, j in negative[: _NAMED + 1]]
        found.append(
            f"{len(negative)} flows are below 0: {first_few(cells)}. They are used as they are."
        )
    found += _unbalanced(table)
    beyond = table.active & (table.flows.sum(axis=0) > table.output * (1 + _UNBALANCED))
    if beyond.any():
        found.append(f"inputs from home above output: {table.named(beyond)}. Check the column.")
    return found


def _unbalanced(table: Table) -> list[str]:
    """Name the residuals of rows and columns, where the table tells enough to know them."""
    found = []
    if table.final_demand is not None:
        uses = table.flows.sum(axis=1) + sum(table.final_demand.values(), np.zeros(table.size))
        found += _residuals(table, uses, "rows", "sales to sectors and final users")
    else:
        sold_out = table.residual_demand < -_UNBALANCED * np.maximum(table.output, 1e-300)
        if sold_out.any():
            found.append(f"sales to sectors above output: {table.named(sold_out)}. Check the row.")
    added = find_role("value_added", table.factors)
    if added is not None:
        imports, sum_of = table.import_total, "inputs, imports and value added"
        if imports is None:
            imports, sum_of = np.zeros(table.size), "inputs and value added (no imports are told)"
        cost = table.flows.sum(axis=0) + imports + table.factors[added]
        taxes = find_role("product_taxes", table.factors)
        if taxes is not None:
            cost = cost + table.factors[taxes]
        found += _residuals(table, cost, "columns", sum_of)
    return found


def _residuals(table: Table, uses: Vector, of: str, sum_of: str) -> list[str]:
    residual = table.output - uses
    scale = np.maximum(np.abs(table.output), np.abs(uses))
    off = np.abs(residual) > _UNBALANCED * scale
    if not off.any():
        return []
    worst = sorted(np.flatnonzero(off), key=lambda n: -abs(residual[n]))
    told = [
        f"{table.sectors[n]} {residual[n]:+,.6g} ({residual[n] / scale[n]:+.3%})" for n in worst
    ]
    return [
        f"unbalanced {of}: output less {sum_of} is {first_few(told)}; all together "
        f"{residual.sum():+,.6g}. The table is used as it is."
    ]
