"""Which row holds the headings, and which column of a table each heading means."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from onshore.codes import fold
from onshore.records.errors import FileFault, Findings, shortened
from onshore.records.schemas import Column, Schema, schema, tables

HEAD_ROWS = 20


@dataclass(frozen=True)
class Head:
    """The first rows of a sheet as texts; for CSV, as one separator splits them."""

    rows: list[list[str]]
    separator: str = ""
    ends: tuple[int, ...] = ()


@dataclass(frozen=True)
class Layout:
    """Where a sheet's headings are, and where the table's columns stand under them.

    ``row`` counts from 1. ``positions`` and ``headings`` are keyed by the table's columns.
    """

    head: Head
    row: int
    positions: dict[str, int]
    headings: dict[str, str]

    @property
    def width(self) -> int:
        """Number of cells in the heading row."""
        return len(self.head.rows[self.row - 1])

    def heading(self, column: str) -> str:
        """Heading of a column as the user wrote it."""
        return self.headings.get(column, column)


def find_layout(heads: Sequence[Head], table: Schema, findings: Findings) -> Layout:
    """Find the heading row and the columns of a table; note what is missing or not known.

    Raises
    ------
    FileFault
        No row among the first ones holds headings of the table.
    """
    known = known_headings(table)
    head, at = max(
        ((head, at) for head in heads for at in range(len(head.rows))),
        key=lambda place: _recognised(place[0].rows[place[1]], known),
    )
    cells = head.rows[at]
    least = min(2, sum(1 for cell in cells if cell))
    if not least or _recognised(cells, known) < least:
        raise _no_headings(heads, table)
    layout = _layout(head, at, table, findings)
    _note_missing(layout, table, findings)
    return layout


def guess_table(stem: str, heads: Sequence[Head]) -> str:
    """Tell which table a file holds by its name, or else by its headings.

    Raises
    ------
    FileFault
        Neither the name nor the headings tell.
    """
    named = table_named(stem)
    if named:
        return named
    fits = sorted(((_fit(heads, schema(name)), name) for name in tables()), reverse=True)
    best, second = fits[0], fits[1]
    if best[0] >= 0.5 and best[0] > second[0]:
        return best[1]
    raise FileFault(
        "neither the file's name nor its headings tell which table it is.",
        f"name the file after its table: {', '.join(tables())}.",
    )


def table_named(stem: str) -> str | None:
    """Give the table whose name or title, in English or Persian, a file name is."""
    wanted = heading_key(stem)
    for name in tables():
        titles = (name, schema(name).title, schema(name).title_fa)
        if wanted in {heading_key(title) for title in titles}:
            return name
    return None


def heading_key(text: str) -> str:
    """Reduce a heading to its letters and digits, in one case and one script's forms.

    Examples
    --------
    >>> heading_key("Yearly_Quantity *") == heading_key("yearly quantity")
    True
    """
    return re.sub(r"[\W_]+", "", fold(text))


def known_headings(table: Schema) -> dict[str, tuple[int, Column]]:
    """Each heading that means a column, with its rank: 0 its name, 1 a synonym, 2 a last resort."""
    known: dict[str, tuple[int, Column]] = {}
    for rank, texts in enumerate((_names, _synonyms, _last_resorts)):
        for column in table:
            for text in texts(column):
                known.setdefault(heading_key(text), (rank, column))
    return known


def _names(column: Column) -> tuple[str, ...]:
    return (column.name,)


def _synonyms(column: Column) -> tuple[str, ...]:
    return column.synonyms


def _last_resorts(column: Column) -> tuple[str, ...]:
    return column.last_resort


def _recognised(cells: Sequence[str], known: dict[str, tuple[int, Column]]) -> int:
    return len({known[key][1].name for cell in cells if (key := heading_key(cell)) in known})


def _fit(heads: Sequence[Head], table: Schema) -> float:
    """Share of a sheet's headings that a table knows; 0 where a required column is missing."""
    known = known_headings(table)
    required = {column.name for column in table if column.required}
    best = 0.0
    for head in heads:
        for cells in head.rows:
            keys = [key for cell in cells if (key := heading_key(cell))]
            found = {known[key][1].name for key in keys if key in known}
            if keys and required <= found:
                best = max(best, len(found) / len(keys))
    return best


def _layout(head: Head, at: int, table: Schema, findings: Findings) -> Layout:
    known = known_headings(table)
    claims: dict[str, list[tuple[int, int]]] = {}
    ignored = []
    for position, cell in enumerate(head.rows[at]):
        if (key := heading_key(cell)) in known:
            rank, column = known[key]
            claims.setdefault(column.name, []).append((rank, position))
        elif cell:
            ignored.append(cell)
    cells = head.rows[at]
    for name, ranked in claims.items():
        ranked.sort()
        same = [position for rank, position in ranked if rank == ranked[0][0]]
        if len(same) > 1:
            _add_repeated(findings, at + 1, name, [cells[position] for position in same])
        _note_spare(findings, name, cells, [at for _, at in ranked if at not in same], same[0])
    if ignored:
        findings.note(f"columns not known to the table {table.name}, ignored: {_told(ignored)}")
    positions = {name: ranked[0][1] for name, ranked in claims.items()}
    headings = {name: cells[position] for name, position in positions.items()}
    return Layout(head, at + 1, positions, headings)


def _note_spare(
    findings: Findings, name: str, cells: Sequence[str], spare: list[int], read: int
) -> None:
    for position in spare:
        findings.note(
            f"{cells[read]} and {cells[position]} are both the column {name}: read from "
            f"{cells[read]}, and {cells[position]} is ignored."
        )


def _add_repeated(findings: Findings, row: int, name: str, headings: list[str]) -> None:
    findings.add(
        row,
        headings[-1],
        f"{len(headings)} headings mean the column {name}.",
        _told(headings),
        "keep one of them and rename or delete the others.",
    )


def _note_missing(layout: Layout, table: Schema, findings: Findings) -> None:
    for column in table:
        if column.required and column.name not in layout.positions:
            found = [cell for cell in layout.head.rows[layout.row - 1] if cell]
            findings.add(
                layout.row,
                column.name,
                "the required column is missing.",
                "headings: " + _told(found),
                f"add a column headed {_headings_of(column)}.",
            )


def _no_headings(heads: Sequence[Head], table: Schema) -> FileFault:
    first = next((row for row in heads[0].rows if any(row)), [])
    required = ", ".join(column.name for column in table if column.required)
    return FileFault(
        f"no headings of the table {table.name} are in the first {HEAD_ROWS} rows.",
        f"write a heading row with at least {required}.",
        found=shortened(_told([cell for cell in first if cell])),
    )


def _headings_of(column: Column) -> str:
    others = " or ".join((*column.synonyms, *column.last_resort))
    return f"{column.name} ({others} will do too)" if others else column.name


def _told(headings: list[str]) -> str:
    return ", ".join(headings)
