"""Reading one table from one file: typed rows, and all that is wrong with the others."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from onshore.records.batches import Batch
from onshore.records.cells import Guarded, Known, Reader, reader_of
from onshore.records.choice import Choice, ChosenSheet
from onshore.records.errors import FileFault, Findings
from onshore.records.headings import Layout, find_layout
from onshore.records.number_cells import NumberReader
from onshore.records.rate_rules import check_rates
from onshore.records.references import check_references
from onshore.records.rules import check_claims_overlap, check_keys, check_rows
from onshore.records.schemas import Column, Schema, schema
from onshore.records.sheets import Sheet, open_sheet
from onshore.records.verdicts import Cells


@dataclass(frozen=True)
class Reading:
    """A table as it was read.

    Parameters
    ----------
    frame
        All columns of the table's schema, typed; a cell that could not be read is null.
    errors
        Frame of file, row, column, reason, found and next_step; empty if all is well.
    notes
        What a person should know and need not mend.
    rows
        Row number in the file of each row of the frame.
    headings
        The user's heading of each column that the file has.
    """

    frame: pl.DataFrame
    errors: pl.DataFrame
    notes: list[str]
    rows: pl.Series = field(repr=False)
    headings: dict[str, str] = field(repr=False)


def read_table(
    path: str | Path,
    table: str,
    *,
    references: Mapping[str, Collection[str]] | None = None,
    home: str | None = None,
    choice: Choice | None = None,
) -> Reading:
    r"""Read a table from a CSV, XLSX or Parquet file.

    CSV may be in UTF-8, UTF-16 or Windows-1256, with comma, semicolon, tab or bar between cells.
    Headings are known by their synonyms in English and Persian and may stand below titles.
    Numbers and dates are read in Persian, Arabic and Latin digits; what may mean two things is
    refused. White space around texts is dropped. Keys and references are kept in one spelling
    of digits, ی and ک.

    Parameters
    ----------
    path
        The file.
    table
        Name of the table; see `tables`.
    references
        Keys of other tables by the tables' names; references to the tables named here are
        checked. The keys of ``places`` may stand in cells of the type ``place``.
    home
        ISO 3166-1 alpha-2 code of the country where names of places are looked for first.
    choice
        How a person chose to have the file read: its sheet, its columns, what was mended.

    Returns
    -------
    Reading
        The frame, the errors and the notes. No error is raised for what the file holds.

    Raises
    ------
    KeyError
        There is no such table.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "budgets.csv"
    >>> _ = path.write_text("سال;صندوق;مبلغ;ارز\n۱۴۰۴;tooling;۱٬۲۰۰٫۵;یورو\n", "utf-8")
    >>> read_table(path, "budgets").frame.select("year", "amount", "currency").row(0)
    (1404, Decimal('1200.500000'), 'EUR')
    """
    path = Path(path)
    findings = Findings(path.name)
    references = references or {}
    known = Known(home, frozenset(references.get("places", ())))
    read = read_sheet(path, schema(table), findings, known, choice=choice)
    for name, keys in references.items():
        there = pl.DataFrame({schema(name).key[0]: list(keys)})
        check_references(read, name, there.cast(pl.String), findings)
    return Reading(read.frame, findings.frame(), findings.notes, read.rows, read.headings)


@dataclass(frozen=True)
class Read:
    """The rows of a table, with what is needed to say where each came from."""

    table: Schema
    frame: pl.DataFrame
    rows: pl.Series
    layout: Layout | None
    count: int = 0

    @property
    def headings(self) -> dict[str, str]:
        """The user's heading of each column that the file has."""
        return self.layout.headings if self.layout else {}


def read_sheet(
    path: Path,
    table: Schema,
    findings: Findings,
    known: Known,
    *,
    keep: Collection[str] | None = None,
    choice: Choice | None = None,
) -> Read:
    """Read a file as a table and note what is wrong, but for references to other tables.

    ``keep`` names the columns to keep in memory; None keeps all.
    """
    keep = set(table.dtypes if keep is None else keep) | set(table.key)
    try:
        sheet = ChosenSheet(path, table, choice) if choice else open_sheet(path, table)
        for note in sheet.notes:
            findings.note(note)
        layout = find_layout(sheet.heads, table, findings)
        if isinstance(sheet, ChosenSheet):
            layout = sheet.told(layout)
        findings.headings = layout.head.rows[layout.row - 1]
        read = _read_batches(sheet, table, layout, findings, known, keep)
    except FileFault as fault:
        findings.add_fault(fault)
        return Read(table, _empty(table, keep), pl.Series("row", [], dtype=pl.Int64), None)
    except OSError as error:
        findings.add(0, "", "the file cannot be read.", str(error), "check the disk and try again.")
        return Read(table, _empty(table, keep), pl.Series("row", [], dtype=pl.Int64), None)
    if read.frame.is_empty() and findings.is_empty():
        findings.note(f"the table {table.name} has headings and no rows.")
    check_keys(read.frame, read.rows, table, layout, findings)
    if table.name == "claims":
        check_claims_overlap(read.frame, read.rows, layout, findings)
    if table.name == "rates":
        check_rates(read.frame, read.rows, layout, findings)
    return read


def _read_batches(
    sheet: Sheet,
    table: Schema,
    layout: Layout,
    findings: Findings,
    known: Known,
    keep: Collection[str],
    comma_seen: frozenset[str] = frozenset(),
) -> Read:
    readers = {
        column.name: reader_of(column, known, comma_seen=column.name in comma_seen)
        for column in table
        if column.name in layout.positions
    }
    trial = Findings(findings.file)
    frames, rows = [_empty(table, keep)], [pl.Series("row", [], dtype=pl.Int64)]
    count = 0
    for batch in sheet.batches(layout):
        frame, numbers = read_batch(batch, table, layout, readers, trial)
        frames.append(frame.select(frames[0].columns))
        rows.append(numbers)
        count += frame.height + len(batch.faults)
    numbers_of = {name: n for name, r in readers.items() if (n := _number_reader(r))}
    with_comma = {name for name, reader in numbers_of.items() if reader.finds_comma}
    if not with_comma <= comma_seen:
        comma_seen = frozenset(with_comma)
        return _read_batches(sheet, table, layout, findings, known, keep, comma_seen)
    for name, reader in numbers_of.items():
        if reader.rounded:
            cells = f"{reader.rounded:,} cells of {layout.heading(name)}"
            trial.note(f"{cells} have more than six decimals and were rounded.")
    findings.take(trial)
    return Read(table, pl.concat(frames), pl.concat(rows), layout, count)


def read_batch(
    batch: Batch, table: Schema, layout: Layout, readers: dict[str, Reader], findings: Findings
) -> tuple[pl.DataFrame, pl.Series]:
    """Read some rows of a table and note what is wrong with them."""
    for fault in batch.faults:
        findings.add(fault.row, "", fault.reason, fault.found, fault.next_step)
    texts, rows = _without_blank_rows(batch.cells, batch.rows)
    columns, faulty = [], {}
    for column in table:
        if column.name not in readers:
            columns.append(
                pl.repeat(None, texts.height, dtype=column.dtype, eager=True).alias(column.name)
            )
            continue
        cells = readers[column.name].read(texts[column.name])
        if cells.faults.height:
            faulty[column.name] = cells.faults["index"]
        _note_cells(cells, column, rows, layout, findings)
        columns.append(cells.values.alias(column.name))
    frame = pl.DataFrame(columns)
    check_rows(frame, rows, faulty, table, layout, findings)
    return frame, rows


def _note_cells(
    cells: Cells, column: Column, rows: pl.Series, layout: Layout, findings: Findings
) -> None:
    heading = layout.heading(column.name)
    faults = cells.faults
    if faults.height:
        located = faults.with_columns(rows.gather(faults["index"]).alias("row"))
        findings.add_frame(located.rename({"next": "next_step"}), heading)
    if not column.required or not cells.values.null_count():
        return
    empty = cells.values.is_null()
    if faults.height:
        empty = empty.scatter(faults["index"], [False] * faults.height)
    errors = rows.filter(empty).alias("row").to_frame()
    findings.add_frame(
        errors.with_columns(
            reason=pl.lit("the cell is empty, and every row needs a value here."),
            found=pl.lit(""),
            next_step=pl.lit(f"fill it in: {column.meaning}"),
        ),
        heading,
    )


def _without_blank_rows(texts: pl.DataFrame, rows: pl.Series) -> tuple[pl.DataFrame, pl.Series]:
    if any(not _has_blanks(texts[name]) for name in texts.columns):
        return texts, rows
    blank = texts.select(
        pl.all_horizontal((pl.all().str.strip_chars() == "").fill_null(value=True))
    ).to_series()
    return texts.filter(~blank), rows.filter(~blank)


def _has_blanks(texts: pl.Series) -> bool:
    return bool(texts.null_count()) or bool((texts.str.len_bytes() == 0).any())


def _number_reader(reader: Reader) -> NumberReader | None:
    inner = reader.reader if isinstance(reader, Guarded) else reader
    return inner if isinstance(inner, NumberReader) else None


def _empty(table: Schema, keep: Iterable[str]) -> pl.DataFrame:
    kept = set(keep)
    return pl.DataFrame(
        schema={name: dtype for name, dtype in table.dtypes.items() if name in kept}
    )
