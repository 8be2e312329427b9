"""Reads an uploaded sheet in a process of its own, with little memory and little time.

It is started as ``python -m onshore.desk.uploading.reader`` with what to do as JSON on its standard
input; see `Asked`. It knows neither the database nor the secrets of the desk, and writes what it
read into the folder it was told:

``read.json``
    What the file looks like and how much was read; or ``fault`` where it cannot be read.
``rows.parquet``
    The rows, typed, with their row numbers in the column ``row``.
``errors.parquet``
    The errors: row, column (the table's), reason, found, next_step, heading (the user's).
``texts.parquet``
    The cells of the first fifty thousand faulty rows as they are written.
"""

import json
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

MOST_ROWS = 200_000
_FAULTY_KEPT = 50_000
_CHARACTERS = 200
_NO_MEMORY = 3


@dataclass(frozen=True)
class Asked:
    """What shall be read, and how.

    Parameters
    ----------
    file, table, out
        The uploaded file, the table it shall be, and the folder for the results.
    sheet, heading_row, columns
        As they were chosen; empty or 0 to guess.
    remembered
        Columns that the organisation gave to headings before.
    filled
        Texts of columns that the file does not have.
    mended
        Texts in the place of cells, by row and column.
    left_out
        Rows that are not read.
    kept_out
        Columns that may not come from a file.
    references
        File with the keys of other tables, by the tables' names.
    home
        ISO 3166-1 alpha-2 code of the programme's country.
    marked
        Name of a workbook to write with the faulty cells marked; "" for none.
    seconds, memory
        Limits of processor time and of memory in bytes.
    """

    file: str
    table: str
    out: str
    sheet: str = ""
    heading_row: int = 0
    columns: list[str] = field(default_factory=list)
    remembered: dict[str, str] = field(default_factory=dict)
    filled: dict[str, str] = field(default_factory=dict)
    mended: dict[str, dict[str, str]] = field(default_factory=dict)
    left_out: list[int] = field(default_factory=list)
    kept_out: list[str] = field(default_factory=list)
    references: str = ""
    home: str | None = None
    marked: str = ""
    seconds: int = 60
    memory: int = 3 << 30


def main() -> None:
    """Read what standard input asks for."""
    asked = Asked(**json.load(sys.stdin))
    hold_limits(asked.seconds, asked.memory)
    try:
        told = read(asked)
    except MemoryError:
        sys.exit(_NO_MEMORY)
    _write(Path(asked.out) / "read.json", told)


def hold_limits(seconds: int, memory: int) -> None:
    """Hold this process to processor time and memory, where the system knows such limits."""
    try:
        import resource
    except ImportError:  # Windows knows none: there the parent's clock alone ends it.
        return
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 30, 1 << 30))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def read(asked: Asked) -> dict[str, Any]:
    """Look at a file and read it; give what ``read.json`` shall hold."""
    from onshore.records import Choice, look

    path = Path(asked.file)
    try:
        seen = look(
            *(path, asked.table),
            sheet=asked.sheet or None,
            heading_row=asked.heading_row or None,
            remembered=asked.remembered,
        )
    except ValueError as error:
        return {"fault": str(error)}
    if not asked.sheet and not asked.columns:
        seen = _best_sheet(path, seen, asked)
    columns = asked.columns or seen.columns
    columns = [name if name not in asked.kept_out else "" for name in columns]
    told = asdict(seen) | {
        "columns": columns,
        "headings": _shortened(seen.headings),
        "first": [_shortened(cells) for cells in seen.first[: seen.heading_row + 5]],
    }
    if not any(columns):
        return told | {"rows": 0, "notes": []}
    choice = Choice(
        *(seen.heading_row, columns, seen.sheet or None),
        filled=asked.filled,
        mended={int(row): cells for row, cells in asked.mended.items()},
        left_out=asked.left_out,
        most_rows=MOST_ROWS,
    )
    return told | _read_rows(path, choice, asked)


def _best_sheet(path: Path, first: Any, asked: Asked) -> Any:
    """Give the first sheet of a workbook that has the table's required columns, if one has."""
    from onshore.records import look, schema

    required = {column.name for column in schema(asked.table) if column.required}
    required -= set(asked.filled)
    names = [name for name in first.sheets if name != first.sheet]
    seen = first
    while not required <= set(seen.columns):
        if not names:
            return first
        seen = look(path, asked.table, sheet=names.pop(0), remembered=asked.remembered)
    return seen


def _read_rows(path: Path, choice: Any, asked: Asked) -> dict[str, Any]:
    import polars as pl

    from onshore.records import mark_errors, read_table, texts_of_rows

    out, references = Path(asked.out), {}
    if asked.references:
        references = json.loads(Path(asked.references).read_text(encoding="utf-8"))
    reading = read_table(path, asked.table, references=references, home=asked.home, choice=choice)
    frame = reading.frame.select(list(reading.headings)).with_columns(reading.rows.alias("row"))
    frame.write_parquet(out / "rows.parquet")
    columns = {heading: name for name, heading in reading.headings.items()}
    column = pl.col("column").replace_strict(columns, default=pl.col("column"))
    errors = reading.errors.with_columns(column, pl.col("column").alias("heading"))
    errors.drop("file").write_parquet(out / "errors.parquet")
    below = errors.filter(pl.col("row") > choice.heading_row)["row"].unique(maintain_order=True)
    texts = texts_of_rows(path, asked.table, choice, below.head(_FAULTY_KEPT).to_list())
    cells = [{"row": row, **told} for row, told in texts.items()]
    names = {"row": pl.Int64} | dict.fromkeys(reading.headings, pl.String)
    pl.DataFrame(cells, schema=names).write_parquet(out / "texts.parquet")
    if asked.marked:
        mark_errors(path, reading.errors, out / asked.marked, choice=choice)
    notes = [note.removeprefix(f"{path.name}: ") for note in reading.notes]
    return {"rows": frame.height, "notes": notes}


def _shortened(cells: Iterable[str]) -> list[str]:
    return [text[:_CHARACTERS] for text in cells]


def _write(path: Path, told: Any) -> None:
    path.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
