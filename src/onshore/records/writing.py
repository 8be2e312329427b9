"""Tables written as CSV, XLSX or Parquet, with no text that a spreadsheet would run."""

from decimal import Decimal
from pathlib import Path

import polars as pl

from onshore.records.whole import write_whole

MOST_ROWS = 1_048_576
MOST_CHARACTERS = 32_767
_EXACT_DIGITS = 15
_FORMULA = r"^'*[=+\-@\t\r\n]"
_PLAIN_NUMBER = r"^[+-]?\d+(?:\.\d+)?$"


def write_table(frame: pl.DataFrame, path: str | Path) -> None:
    """Write a table to a file that appears by rename once it is whole.

    In CSV (UTF-8, comma) a text that a spreadsheet would take for a formula, because it begins
    with ``=``, ``+``, ``-``, ``@``, a tab or a line end, gets an apostrophe before it, which
    `read_table` takes off; plain numbers are left alone. In XLSX such texts are cells of text.
    Decimals are written without zeros that say nothing, days as ISO 8601, lists joined by ``;``.

    Parameters
    ----------
    frame
        Any frame of plain values.
    path
        Ends in ``.csv``, ``.xlsx`` or ``.parquet``.

    Raises
    ------
    ValueError
        The ending is another, a text holds a NUL character, or the table does not fit on an
        XLSX sheet.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "t.csv"
    >>> write_table(pl.DataFrame({"a": ["=1+1", "-5"], "b": [-5, None]}), path)
    >>> print(path.read_text())
    a,b
    '=1+1,-5
    -5,
    <BLANKLINE>
    """
    path = Path(path)
    writers = {".csv": _write_csv, ".xlsx": _write_xlsx, ".parquet": _write_parquet}
    try:
        writer = writers[path.suffix.lower()]
    except KeyError:
        raise ValueError(
            f"{path.name}: a table is written as .csv, .xlsx or .parquet; name the file so."
        ) from None
    _refuse_nul(frame, path.name)
    write_whole(path.parent, {path.name: lambda temporary: writer(frame, temporary)})


def csv_bytes(frame: pl.DataFrame) -> bytes:
    r"""Give a table as the bytes of the CSV file that `write_table` would write.

    Parameters
    ----------
    frame
        Any frame of plain values.

    Raises
    ------
    ValueError
        A text holds a NUL character.

    Examples
    --------
    >>> csv_bytes(pl.DataFrame({"a": ["=1+1"], "b": [-5]}))
    b"a,b\n'=1+1,-5\n"
    """
    _refuse_nul(frame, "the table")
    return _inert_texts(frame).write_csv(line_terminator="\n").encode()


def _refuse_nul(frame: pl.DataFrame, what: str) -> None:
    for name, dtype in frame.schema.items():
        if dtype == pl.String and frame[name].str.contains("\0", literal=True).any():
            raise ValueError(f"{what}: the column {name} holds NUL characters; take them out.")


def _write_csv(frame: pl.DataFrame, path: Path) -> None:
    _inert_texts(frame).write_csv(path, line_terminator="\n")


def _inert_texts(frame: pl.DataFrame) -> pl.DataFrame:
    told = frame.select(_as_text(name, dtype) for name, dtype in frame.schema.items())
    texts = [name for name, dtype in told.schema.items() if dtype == pl.String]
    inert = told.with_columns(_inert(pl.col(name)) for name in texts)
    headings = pl.Series(frame.columns, dtype=pl.String).to_frame("heading")
    inert.columns = headings.select(_inert(pl.col("heading"))).to_series().to_list()
    return inert


def _as_text(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if isinstance(dtype, pl.Decimal) and dtype.scale:
        return column.cast(pl.String).str.replace(r"\.?0+$", "")
    if isinstance(dtype, pl.List):
        return column.cast(pl.List(pl.String)).list.join(";")
    if dtype == pl.Categorical or isinstance(dtype, pl.Enum):
        return column.cast(pl.String)
    return column


def _inert(text: pl.Expr) -> pl.Expr:
    runs = text.str.contains(_FORMULA) & ~text.str.contains(_PLAIN_NUMBER)
    return pl.when(runs).then("'" + text).otherwise(text).name.keep()


def _write_parquet(frame: pl.DataFrame, path: Path) -> None:
    frame.write_parquet(path)


def _write_xlsx(frame: pl.DataFrame, path: Path) -> None:
    import xlsxwriter

    if frame.height >= MOST_ROWS:
        raise ValueError(
            f"an XLSX sheet has {MOST_ROWS:,} rows, and the table {frame.height + 1:,}; "
            "write it as .csv or .parquet."
        )
    told = frame.select(_as_cell(name, dtype) for name, dtype in frame.schema.items())
    _refuse_long(told)
    with xlsxwriter.Workbook(path, WORKBOOK_OPTIONS) as workbook:
        sheet = workbook.add_worksheet()
        sheet.freeze_panes(1, 0)
        day = workbook.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
        bold = workbook.add_format({"bold": True})
        for column, (name, dtype) in enumerate(frame.schema.items()):
            sheet.set_column(column, column, 14, day if dtype == pl.Date else None)
            sheet.write_string(0, column, name, bold)
        for row, cells in enumerate(told.iter_rows(), start=1):
            for column, value in enumerate(cells):
                if value is not None and value != "":
                    sheet.write(row, column, value)


WORKBOOK_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "default_date_format": "yyyy-mm-dd",
    "remove_timezone": True,
}


def _as_cell(name: str, dtype: pl.DataType) -> pl.Expr:
    if isinstance(dtype, pl.Decimal):
        return pl.col(name).map_elements(number_or_text, return_dtype=pl.Object)
    return _as_text(name, dtype)


def number_or_text(value: Decimal) -> float | str:
    """Give a number that a spreadsheet keeps exactly, or else its text."""
    plain = value.normalize()
    return float(plain) if len(plain.as_tuple().digits) <= _EXACT_DIGITS else f"{plain:f}"


def _refuse_long(frame: pl.DataFrame) -> None:
    for name, dtype in frame.schema.items():
        if dtype == pl.String:
            longest = frame[name].str.len_chars().max()
            if isinstance(longest, int) and longest > MOST_CHARACTERS:
                raise ValueError(
                    f"a text in the column {name} has {longest:,} characters, and a cell of XLSX "
                    f"takes {MOST_CHARACTERS:,}; write the table as .csv or .parquet."
                )
