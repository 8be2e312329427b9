"""Input-output tables read from sheets, wide or long, whole or in several files."""

from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from onshore.economy.competing import split_by_product
from onshore.economy.errors import EconomyError
from onshore.economy.names import Role, column_role, exact_role, row_role
from onshore.economy.sheets import SUFFIXES, Sheet, read_sheet
from onshore.economy.table import Matrix, Table, Vector, first_few


def read_table(
    path: str | Path,
    *,
    beside: Iterable[str | Path] | None = None,
    imports: str | Path | None = None,
    factors: Collection[str] = (),
    final: Collection[str] = (),
    output: str | None = None,
) -> Table:
    r"""Read an input-output table.

    *Wide*: a row for each seller with its name in the first column, a column for each buyer; final
    demand in columns beside, imports, factors and output in rows below. A sector is what is both
    a row and a column. *Long*: the columns row, column and value, of the same names. Rows and
    columns beside the sectors are known by their usual names in English and Persian; totals are
    left out and reckoned anew. A *row* of imports says what each sector buys abroad, and that flows
    are home-made goods; a *column* of imports says that flows hold imported goods too, which are
    then split by product. Where flows stand alone, final demand and factors are read from
    files beside with a row for each sector.

    Parameters
    ----------
    path
        CSV (comma, semicolon or tab; UTF-8), XLSX or Parquet.
    beside
        Files with a row for each sector and columns of factors, final demand or output. Where
        none are given and the file has no output, those in its folder whose names begin alike up
        to the last ``_`` and that have these sectors.
    imports
        A file of imports by product (row) and user (column), with final use where known.
    factors, final
        Names of rows that are factors and of columns that are final demand, where their names do
        not say so.
    output
        Name of the row or column of output, where it is not called so. Without one, output is
        what sectors and final users buy.

    Returns
    -------
    Table
        With what was odd in its warnings.

    Raises
    ------
    EconomyError
        A cell is no number, the table is not square, a name is not known, or there is no output;
        with file, row and column.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "table.csv"
    >>> _ = path.write_text(
    ...     "sector,steel,cars,exports\nsteel,20,30,50\ncars,0,10,70\nwages,30,20,\n"
    ... )
    >>> table = read_table(path)
    >>> table.sectors, table.output.tolist(), list(table.factors), list(table.final_demand)
    (('steel', 'cars'), [100.0, 80.0], ['wages'], ['exports'])
    """
    path = Path(path)
    sheet = read_sheet(path)
    parts = _Parts(sheet, set(factors), set(final), output)
    attributes = {Path(other): read_sheet(Path(other)) for other in beside or ()}
    if beside is None and parts.output is None and not parts.final:
        attributes = _found_beside(path, parts.sectors)
        if attributes:
            told = ", ".join(other.name for other in attributes)
            parts.notes.append(f"read with {path.name}, since it has flows only: {told}.")
    for other in attributes.values():
        parts.add(other)
    output_made = parts.output_or_uses()
    bought, final_bought = parts.bought() if imports is None else _imports(Path(imports), parts)
    return Table(
        parts.sectors,
        parts.flows,
        output_made,
        parts.factors,
        bought,
        parts.final or None,
        final_imports=final_bought,
        warnings=parts.notes,
        read_from=(path, *attributes),
    )


class _Parts:
    """The parts of a table as they are found in one sheet and in those beside it."""

    def __init__(
        self, sheet: Sheet, factors: set[str], final: set[str], output: str | None
    ) -> None:
        self.name, self.given, self.notes = sheet.name, (factors, final, output), list[str]()
        self.sectors = _sectors(sheet, factors, final, output)
        row_of = {label: n for n, label in enumerate(sheet.rows)}
        column_of = {label: n for n, label in enumerate(sheet.columns)}
        rows = [row_of[sector] for sector in self.sectors]
        columns = [column_of[sector] for sector in self.sectors]
        self.flows: Matrix = self._filled(sheet, rows, columns)
        self.factors: dict[str, Vector] = {}
        self.final: dict[str, Vector] = {}
        self.imports: Vector | None = None
        self.imported: Vector | None = None
        self.output: Vector | None = None
        known = set(self.sectors)
        for label, n in row_of.items():
            if label not in known:
                self._take_from(sheet, label, sheet.numbers[n, columns], self._row_role(label))
        for label, n in column_of.items():
            if label not in known:
                role = self._column_role(label)
                role = "imported" if role == "imports" else role
                self._take_from(sheet, label, sheet.numbers[rows, n], role)

    def add(self, sheet: Sheet) -> None:
        """Take the columns of a sheet that has a row for each sector."""
        lacking = [name for name in self.sectors if name not in sheet.rows]
        if lacking:
            raise EconomyError(
                f"{sheet.name}: there is no row for {first_few(lacking)}, sectors of {self.name}. "
                "Give a row for each sector, by the same names."
            )
        rows = [sheet.rows.index(name) for name in self.sectors]
        for n, label in enumerate(sheet.columns):
            values = sheet.numbers[rows, n]
            if label.casefold().endswith(("coefficient", "coefficients")):
                self.notes.append(f"{sheet.name}: {label} is left out; it is reckoned anew.")
                continue
            role = self._either_role(label)
            if role == "imports":
                self.notes.append(
                    f"{sheet.name}: {label} is taken as what each sector buys from abroad."
                )
            if role is None:
                raise EconomyError(
                    f"{sheet.name}: the column {label} is not known. Name it among factors or "
                    "final demand, or take it out."
                )
            self._take_from(sheet, label, values, role)

    def output_or_uses(self) -> Vector:
        """Give output, or what is bought of it where the table does not state it."""
        if self.output is not None:
            return self.output
        if not self.final:
            raise EconomyError(
                f"{self.name}: there is neither output nor final demand. Add a row output, columns "
                "of final demand, or files beside with them."
            )
        self.notes.append(
            f"{self.name} states no output: it is taken as all sales to sectors and final users."
        )
        uses: Vector = self.flows.sum(axis=1) + np.sum(list(self.final.values()), axis=0)
        return uses if self.imported is None else uses - np.abs(self.imported)

    def bought(self) -> tuple[NDArray[np.float64] | None, dict[str, Vector] | None]:
        """Give imports; where flows hold them, take them out of flows and final demand."""
        if self.imported is None:
            return self.imports, None
        if self.imports is not None:
            raise EconomyError(
                f"{self.name} has a row and a column of imports. Keep the row where flows are "
                "home-made goods, the column where they hold imported ones too."
            )
        split = split_by_product(self.sectors, self.flows, self.final, self.imported)
        self.flows, self.final = split.flows, split.final
        self.notes += split.notes
        return split.imports, split.final_imports

    def _either_role(self, label: str) -> str | None:
        """Tell what a column with a row for each sector is: a factor, or final demand."""
        factors, final, output = self.given
        if label == output:
            return "output"
        if label in factors | final:
            return "factor" if label in factors else "final"
        return exact_role(label) or column_role(label) or row_role(label)

    def _row_role(self, label: str) -> str | None:
        factors, _, output = self.given
        if label == output:
            return "output"
        return "factor" if label in factors else row_role(label)

    def _column_role(self, label: str) -> str | None:
        _, final, output = self.given
        if label == output:
            return "output"
        return "final" if label in final else column_role(label)

    def _take_from(self, sheet: Sheet, label: str, values: Vector, role: str | None) -> None:
        """Take a row or a column; what is empty is 0, but not an output."""
        empty = np.isnan(values)
        if role == "total" or (role in ("output", "imported") and empty.all()):
            return
        told = first_few([self.sectors[k] for k in np.flatnonzero(empty)])
        if role == "output" and empty.any():
            raise EconomyError(
                f"{sheet.name}, {label}: empty for {told}. Write the output of each sector, or 0."
            )
        if empty.any() and not sheet.long:
            self.notes.append(f"{sheet.name}, {label}: empty, read as 0: {told}.")
        self._take(label, np.where(empty, 0.0, values), role)

    def _take(self, label: str, values: Vector, role: str | None) -> None:
        if role == "imported":
            self.imported = values
        elif role == "output":
            self.output = values if self.output is None else self.output
        elif role == "imports":
            if self.imports is not None:
                self.notes.append(f"{label} is added to the imports read before it.")
                values = self.imports + values
            self.imports = values
        elif role in ("final", "exports", "households"):
            self.final[label] = values
        else:
            self.factors[label] = values

    def _filled(self, sheet: Sheet, rows: Sequence[int], columns: Sequence[int]) -> Matrix:
        """Give the flows; empty cells are 0, and named where the sheet is wide."""
        flows = sheet.numbers[np.ix_(rows, columns)]
        empty = np.argwhere(np.isnan(flows))
        if len(empty) and not sheet.long:
            told = first_few([f"{self.sectors[i]} to {self.sectors[j]}" for i, j in empty])
            self.notes.append(
                f"{sheet.name}: {len(empty)} empty flows are read as 0, such as {told}."
            )
        return np.where(np.isnan(flows), 0.0, flows)


def _sectors(
    sheet: Sheet, factors: set[str], final: set[str], output: str | None
) -> tuple[str, ...]:
    """Give what is both a row and a column; refuse names that are one of both and not known."""
    columns = set(sheet.columns)
    # A total, or imports, of both rows and columns is no sector.
    sectors = tuple(
        label
        for label in sheet.rows
        if label in columns
        and label not in factors | final | {output}
        and (len(label) == 1 or row_role(label) not in ("total", "output", "imports"))
    )
    if not sectors:
        raise EconomyError(
            f"{sheet.name}: no name is both a row and a column. Write sectors by the same names."
        )
    rows = _strange(sheet, sheet.rows, sectors, factors | {output}, row_role)
    others = _strange(sheet, sheet.columns, sectors, final | {output}, column_role)
    if rows or others:
        told = f"a row and no column: {first_few(rows)}. " if rows else ""
        told += f"a column and no row: {first_few(others)}. " if others else ""
        raise EconomyError(
            f"{sheet.name} is not square: {told}Give each sector a row and a column; or, if it is "
            "a factor (row) or final demand (column), name it so: factors=, final= "
            "(--factor-row, --final-column)."
        )
    return sectors


def _strange(
    sheet: Sheet,
    labels: Sequence[str],
    sectors: Sequence[str],
    told: Collection[str | None],
    role_of: Callable[[str], Role | None],
) -> list[str]:
    """Give labels that are no sectors and are not known; in a wide sheet, none among the sectors.

    So a sector whose column is missing is not taken for a factor because of a word in its name.
    """
    known = set(sectors)
    last = 0 if sheet.long else max(n for n, label in enumerate(labels) if label in known)
    return [
        label
        for n, label in enumerate(labels)
        if label not in known
        and label not in told
        and (role_of(label) is None or (n < last and role_of(label) != "total"))
    ]


def _found_beside(path: Path, sectors: Sequence[str]) -> dict[Path, Sheet]:
    """Find the files of the same name up to the last mark that have these sectors as rows."""
    stem, mark, _ = path.stem.rpartition("_")
    if not mark:
        return {}
    found = {}
    for other in sorted(path.parent.glob(f"{stem}_*")):
        if other == path or other.suffix.lower() not in SUFFIXES:
            continue
        try:
            sheet = read_sheet(other)
        except EconomyError:
            continue
        if set(sectors) <= set(sheet.rows) and not set(sectors) & set(sheet.columns):
            found[other] = sheet
    return found


def _imports(path: Path, parts: _Parts) -> tuple[Matrix, dict[str, Vector] | None]:
    """Read imports by product and user, for the sectors of the table."""
    sheet = read_sheet(path)
    lacking = [n for n in parts.sectors if n not in sheet.rows or n not in sheet.columns]
    if lacking:
        raise EconomyError(
            f"{path.name}: imports lack a row or a column for {first_few(lacking)}. Give both for "
            f"each sector of {parts.name}."
        )
    factors, final, output = parts.given
    read = _Parts(sheet, factors, final, output)
    order = [read.sectors.index(name) for name in parts.sectors]
    parts.notes += read.notes
    if parts.imported is not None or read.imported is not None:
        raise EconomyError(
            f"{path.name}: imports are told both by a column and by a file. Keep one: the file "
            "where flows are home-made goods."
        )
    strange = [name for name in read.sectors if name not in set(parts.sectors)]
    if strange:
        raise EconomyError(
            f"{path.name}: {first_few(strange)} are no sectors of {parts.name}. Bring both to the "
            "same sectors."
        )
    final_imports = {name: column[order] for name, column in read.final.items()}
    return read.flows[np.ix_(order, order)], final_imports or None
