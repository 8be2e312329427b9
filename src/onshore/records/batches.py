"""Some rows of a sheet at a time, so that a long one never is in memory whole."""

from dataclasses import dataclass

import polars as pl

from onshore.records.csv_records import Fault


@dataclass(frozen=True)
class Batch:
    """Some rows of a sheet under the table's column names.

    ``cells`` holds texts as written, empty cells as null or empty text; ``rows`` the row number
    of each; ``faults`` the rows that could not be split into cells.
    """

    cells: pl.DataFrame
    rows: pl.Series
    faults: list[Fault]
