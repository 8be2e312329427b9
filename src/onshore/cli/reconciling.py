"""``onshore reconcile``: published figures tied out."""

from pathlib import Path
from typing import TYPE_CHECKING

from cyclopts import App

from onshore.cli.console import Refused, counted, existing, note, result
from onshore.cli.targets import folder_target, writing

if TYPE_CHECKING:
    import polars as pl

    from onshore.account.tie_out import TieOut
    from onshore.records import RowError

_FILES = ("tie_out.csv", "report.html", "report.fa.html")


def register(app: App) -> None:
    """Add this file's command to the application."""
    app.command(reconcile)


def reconcile(
    figures: Path,
    /,
    *,
    relations: Path | None = None,
    rates: Path | None = None,
    out: Path | None = None,
) -> int:
    """Tie out published figures: find every relation among them and judge it.

    Sums of parts, growth against base, multiples, shares, averages, conversions, periods in both
    calendars, weekdays, paths between targets, one thing told twice. Each is judged within the
    tolerance that the figures' own rounding implies, with its working.

    Parameters
    ----------
    figures
        A table (CSV, XLSX or Parquet) with the columns id, statement, value, unit,
        period_gregorian, period_solar_hijri, basis, sector_or_place, who and source.
    relations
        A text file of declared relations, one a line: "sum: A = B + C", "growth: G = A / B - 1",
        "conversion: A = B at official on 2020-08-22", "path: A -> B -> C".
    rates
        A table of exchange rates, or a programme folder that has one.
    out
        Folder for tie_out.csv and the report (report.html, report.fa.html); the table goes to
        standard output when not given.
    """
    from onshore.account.tie_out import read_figures
    from onshore.account.tie_out import reconcile as tie_out

    for path in (figures, relations):
        if path is not None and not path.exists():
            raise Refused(f"{path} is not there. Check the spelling.")
        if path is not None and path.is_dir():
            raise Refused(f"{path} is a folder. Give a file.")
    if out is not None:
        folder_target(out, _FILES)
        _need_report_extra()
    read = read_figures(figures)
    _refuse(read.errors, f"in {figures}")
    table = _rates(rates) if rates is not None else None
    found = tie_out(read.figures, relations=relations, rates=table)
    _refuse(found.errors, f"in {relations}")
    for remark in read.notes:
        note(f"note: {remark}")
    if out is None:
        from onshore.records import csv_bytes

        result(csv_bytes(found.table).decode().rstrip("\n"))
    else:
        _write(found, out, figures.name)
    told = found.table["verdict"].value_counts().sort("verdict")
    counts = ", ".join(f"{verdict}: {count:,}" for verdict, count in told.iter_rows())
    note(f"{counted(len(found.figures), 'figure')}; {counts or 'no relation found'}")
    return 0


def _refuse(errors: "tuple[RowError, ...]", where: str) -> None:
    if not errors:
        return
    for row in errors:
        result(str(row))
    raise Refused(f"{counted(len(errors), 'error')} {where}; nothing was written.", status=1)


def _rates(path: Path) -> "pl.DataFrame":
    """Read a table of rates, alone or in a programme's folder."""
    from onshore import records
    from onshore.figures import FigureError, RateTable

    existing(path)
    if path.is_dir():
        there = [path / f"rates{suffix}" for suffix in (".csv", ".xlsx", ".parquet")]
        files = [file for file in there if file.exists()]
        if not files:
            raise Refused(f"{path} has no table of rates. Add rates.csv, or name a file.")
        path = files[0]
    reading = records.read_table(path, "rates")
    _refuse(tuple(records.row_errors(reading.errors)), f"in {path}")
    try:
        RateTable(reading.frame)
    except FigureError as mistake:
        raise Refused(str(mistake), status=1) from None
    return reading.frame


def _write(found: "TieOut", out: Path, name: str) -> None:
    from onshore import records
    from onshore.report import to_html
    from onshore.report.tie_out_page import compose_tie_out

    files = {
        "tie_out.csv": records.csv_bytes(found.table),
        "report.html": to_html(compose_tie_out(found, "en", file=name), "report.fa.html").encode(),
        "report.fa.html": to_html(compose_tie_out(found, "fa", file=name), "report.html").encode(),
    }
    with writing(out):
        records.write_whole(out, files)
    result(str((out / "report.html").resolve()))
    result(str((out / "report.fa.html").resolve()))


def _need_report_extra() -> None:
    from importlib.util import find_spec

    if not find_spec("jinja2"):
        raise Refused("The report needs the extra 'report': pip install 'onshore[report]'")
