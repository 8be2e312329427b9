"""``onshore match``: makers ranked for needs."""

from pathlib import Path
from typing import Annotated

import polars as pl
from cyclopts import App, Parameter

from onshore.cli.console import Refused, counted, existing, note, result, result_table
from onshore.cli.targets import file_target, writing

match = App(name="match", help="Rank makers for needs, and say why.", help_format="plaintext")


def register(app: App) -> None:
    """Add this file's commands to the application."""
    app.command(match)


@match.command
def rank(
    needs: Path,
    offers: Path,
    /,
    *,
    top: Annotated[int, Parameter(validator=lambda _, n: _at_least_one(n))] = 10,
    out: Path | None = None,
) -> int:
    """Rank offers for each need: need_id, rank, offer_id, score, class, reasons.

    Parameters
    ----------
    needs
        Table with need_id, description; part_number, brand, hs_code and unit are used if there.
    offers
        Table with offer_id, description; maker, part_number and others are used if there.
    top
        Offers kept for each need.
    out
        CSV, XLSX or Parquet file to write; standard output when not given.
    """
    from onshore import records
    from onshore.match import MatchError, find_candidates

    if out is not None:
        file_target(out)
    wanted, offered = _read(needs, "needs"), _read(offers, "offers")
    try:
        ranked = find_candidates(wanted, offered, top=top)
    except MatchError as mistake:
        raise Refused(str(mistake), status=1) from None
    if out is None:
        result_table(ranked)
    else:
        with writing(out):
            records.write_table(ranked, out)
        note(f"{ranked.height:,} rows: {out}")
    return 0


def _at_least_one(number: int) -> None:
    if number < 1:
        raise ValueError("Give 1 or more.")


def _read(path: Path, table: str) -> pl.DataFrame:
    from onshore import records

    reading = records.read_table(existing(path), table)
    for remark in reading.notes:
        note(f"note: {remark}")
    if reading.errors.height:
        for row in records.row_errors(reading.errors):
            result(str(row))
        errors = counted(reading.errors.height, "error")
        raise Refused(f"{errors} in {path}; nothing was ranked.", status=1)
    return reading.frame
