"""Sheets of labelled numbers: read from CSV, TSV, XLSX and Parquet, each bad cell named."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from onshore.economy.errors import EconomyError
from onshore.economy.names import plain
from onshore.economy.table import LARGEST, Matrix, first_few

_LONG = (
    ("row", "from", "seller", "supplier", "input", "source", "از", "سطر"),
    ("column", "to", "buyer", "user", "use", "target", "به", "ستون"),
    ("value", "amount", "flow", "z", "مقدار", "ارزش"),
)
_EASTERN = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩٫٬−", "01234567890123456789.,-")
SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".parquet")


@dataclass(frozen=True)
class Sheet:
    """Numbers with a label for each row and each column; NaN where a cell is empty."""

    name: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    numbers: Matrix
    long: bool = False


def read_sheet(path: Path) -> Sheet:
    """Read a wide sheet (labels in the first column) or a long one (row, column, value)."""
    frame = read_texts(path)
    if frame.width < 2 or frame.is_empty():
        raise EconomyError(
            f"{path.name}: there is no table in it. It needs a column of names and numbers beside."
        )
    long = _long_columns(frame.columns)
    if long is not None:
        return _from_long(path.name, frame.select(long))
    rows = _labels(path.name, frame)
    kept = [name for name, label in zip(range(frame.height), rows, strict=True) if label]
    body = frame[kept] if len(kept) < frame.height else frame
    _refuse_unnamed_numbers(path.name, frame, kept)
    columns = [name.strip() for name in body.columns[1:]]
    names = tuple(rows[n] for n in kept)
    _refuse_twice(path.name, "row", names)
    _refuse_twice(path.name, "column", columns)
    numbers = _as_numbers(path.name, body[:, 1:], kept, names)
    return Sheet(path.name, names, tuple(columns), numbers)


def read_texts(path: Path) -> pl.DataFrame:
    """Read a file as a frame, texts as they are, its headings as they are."""
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise EconomyError(
            f"{path.name}: this kind of file is not read. Save it as one of {', '.join(SUFFIXES)}."
        )
    try:
        if suffix == ".parquet":
            return pl.read_parquet(path)
        if suffix == ".xlsx":
            return pl.read_excel(path, infer_schema_length=None)
        return _read_csv(path)
    except EconomyError:
        raise
    except FileNotFoundError:
        raise EconomyError(f"{path} is not there. Check the spelling.") from None
    except Exception as wrong:
        raise EconomyError(
            f"{path.name} cannot be read: {wrong}. Save it as CSV in UTF-8 with one row of "
            "headings."
        ) from None


def _read_csv(path: Path) -> pl.DataFrame:
    raw = path.read_bytes()
    try:
        head = raw[:1_000_000].decode("utf-8-sig", errors="strict" if len(raw) <= 1e6 else "ignore")
    except UnicodeDecodeError:
        raise EconomyError(f"{path.name} is not in UTF-8. Save it as CSV UTF-8.") from None
    first = head.split("\n", 1)[0]
    separator = max("\t;,", key=first.count)
    headings = next(csv.reader([first.rstrip("\r")], delimiter=separator), [])
    names = [heading.strip() for heading in headings]
    _refuse_twice(path.name, "column", [name for name in names if name])
    if b"\n" not in raw.strip():
        return pl.DataFrame()
    _refuse_ragged(path.name, head, separator, len(names))
    return pl.read_csv(
        raw,
        has_header=False,
        skip_rows=1,
        separator=separator,
        infer_schema=False,
        new_columns=[name or f"column {n + 1}" for n, name in enumerate(names)],
    )


def _refuse_ragged(name: str, head: str, separator: str, headings: int) -> None:
    """Refuse a row with more cells than there are headings; fewer are cells left empty."""
    for number, cells in enumerate(csv.reader(head.splitlines(), delimiter=separator), start=1):
        if len(cells) > headings:
            raise EconomyError(
                f"{name}, row {number}: it has {len(cells)} cells, and there are {headings} "
                "headings. Give each column a heading, or put texts with commas in quotes."
            )


def _long_columns(headings: Sequence[str]) -> list[str] | None:
    """Find the three columns of a long table, by their headings."""
    if len(headings) != len(_LONG):
        return None
    told = {plain(heading): heading for heading in headings}
    found = [next((told[name] for name in names if name in told), None) for names in _LONG]
    return [name for name in found if name] if all(found) and len(set(found)) == 3 else None


def _from_long(name: str, frame: pl.DataFrame) -> Sheet:
    rows, columns = (frame[:, n].cast(pl.String).str.strip_chars() for n in (0, 1))
    empty = (rows.is_null() | columns.is_null() | (rows == "") | (columns == "")).arg_true()
    if len(empty):
        raise EconomyError(f"{name}, row {empty[0] + 2}: no row or column is named. Name both.")
    pairs = pl.DataFrame({"row": rows, "column": columns})
    twice = pairs.filter(pairs.is_duplicated())
    if not twice.is_empty():
        told = first_few([f"{a} to {b}" for a, b in twice.unique(maintain_order=True).rows()])
        raise EconomyError(f"{name}: there twice: {told}. Add them up to one row each.")
    places = [f"{a} to {b}" for a, b in pairs.rows()]
    values = _as_numbers(name, frame[:, 2:], range(frame.height), places).ravel()
    labels = [series.unique(maintain_order=True).to_list() for series in (rows, columns)]
    numbers = np.full([len(names) for names in labels], np.nan)
    at = [{label: n for n, label in enumerate(names)} for names in labels]
    numbers[[at[0][a] for a in rows], [at[1][b] for b in columns]] = values
    return Sheet(name, tuple(labels[0]), tuple(labels[1]), numbers, long=True)


def _labels(name: str, frame: pl.DataFrame) -> list[str]:
    first = frame[:, 0]
    if first.dtype.is_float():
        raise EconomyError(
            f"{name}: the first column holds numbers. Put the names of the rows there."
        )
    return [(text or "").strip() for text in first.cast(pl.String)]


def _refuse_unnamed_numbers(name: str, frame: pl.DataFrame, kept: Sequence[int]) -> None:
    """Leave out rows that are empty, but not those with numbers and no name."""
    named = set(kept)
    for row in range(frame.height):
        if row not in named and any(cell not in (None, "") for cell in frame.row(row)[1:]):
            raise EconomyError(f"{name}, row {row + 2}: it has no name. Write it in column 1.")


def _as_numbers(
    name: str, body: pl.DataFrame, places: Sequence[int], rows: Sequence[str]
) -> Matrix:
    """Read cells as numbers; name the first that is none by row and column."""
    columns = []
    for series in body:
        texts, numbers = _texts_and_numbers(series)
        # Neither "nan" nor "inf" is a number of a table.
        bad = texts.is_not_null() & ~(numbers.abs() < LARGEST).fill_null(value=False)
        if bad.any():
            n = bad.arg_true()[0]
            raise EconomyError(
                f"{name}, row {places[n] + 2} ({rows[n]}), column {series.name}: "
                f"{str(texts[n])!r} is no number. Write a number with a point for decimals, or "
                "leave the cell empty."
            )
        columns.append(numbers.fill_null(float("nan")).to_numpy())
    return np.column_stack(columns)


def _texts_and_numbers(series: pl.Series) -> tuple[pl.Series, pl.Series]:
    if series.dtype.is_numeric():
        return series, series.cast(pl.Float64)
    texts = series.cast(pl.String).str.strip_chars()
    texts = texts.set(texts == "", None)
    numbers = texts.cast(pl.Float64, strict=False)
    bad = texts.is_not_null() & numbers.is_null()
    if bad.any():
        mended = texts.filter(bad).map_elements(_mended, return_dtype=pl.Float64)
        numbers = numbers.scatter(bad.arg_true(), mended)
    return texts, numbers


def _mended(text: str) -> float | None:
    """Read a number in other digits, or with marks between thousands, never a guess."""
    told = text.translate(_EASTERN)
    parts = told.replace("\u202f", ",").replace("\u00a0", ",").split(",")
    grouped = all(len(part.split(".")[0]) == 3 for part in parts[1:])
    if len(parts) > 1 and not (grouped and 1 <= len(parts[0].lstrip("-")) <= 3):
        return None
    try:
        return float("".join(parts))
    except ValueError:
        return None


def _refuse_twice(name: str, what: str, labels: Sequence[str]) -> None:
    if len(set(labels)) < len(labels):
        twice = sorted({label for label in labels if labels.count(label) > 1})
        raise EconomyError(f"{name}: the {what} {first_few(twice)} is there twice. Keep one.")
