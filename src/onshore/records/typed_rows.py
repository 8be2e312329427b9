"""Rows as people type them on a form, read as the cells of a sheet are read."""

from collections.abc import Collection, Mapping, Sequence

import polars as pl

from onshore.records.batches import Batch
from onshore.records.cells import Known, reader_of
from onshore.records.errors import Findings
from onshore.records.headings import Head, Layout
from onshore.records.reading import Reading, read_batch
from onshore.records.schemas import schema


def read_rows(
    table: str,
    rows: Sequence[Mapping[str, str]],
    *,
    home: str | None = None,
    places: Collection[str] = (),
) -> Reading:
    """Read rows of a table as they were typed.

    Persian digits, units by their names, days of both calendars and HS codes are read as in
    `read_table`; what must hold between the cells of a row is checked. Keys that stand twice and
    references to other tables are not looked at.

    Parameters
    ----------
    table
        Name of the table; see `tables`.
    rows
        Texts by the names of columns. A column that no row has is not asked for.
    home
        ISO 3166-1 alpha-2 code of the country where names of places are looked for first.
    places
        Keys of the programme's own places.

    Returns
    -------
    Reading
        Its errors name columns by their own names; ``row`` counts the rows from 1.

    Examples
    --------
    >>> read = read_rows("offers", [{"price": "۱۲٫۵", "currency": "یورو", "trl": "11"}])
    >>> read.frame.select("price", "currency").row(0)
    (Decimal('12.500000'), 'EUR')
    >>> read.errors.select("row", "column").rows()
    [(1, 'trl')]
    """
    told = schema(table)
    known = Known(home, frozenset(places))
    names = [column.name for column in told if any(column.name in row for row in rows)]
    cells = pl.DataFrame(
        {name: [row.get(name, "").strip() or None for row in rows] for name in names},
        schema=dict.fromkeys(names, pl.String),
    )
    numbers = pl.Series("row", range(1, len(rows) + 1), dtype=pl.Int64)
    layout = Layout(Head([names]), 1, {name: at for at, name in enumerate(names)}, {})
    readers = {name: reader_of(told.column(name), known) for name in names}
    findings = Findings("")
    batch = Batch(cells, numbers, [])
    frame, kept = read_batch(batch, told, layout, readers, findings)
    return Reading(frame, findings.frame(), findings.notes, kept, {name: name for name in names})
