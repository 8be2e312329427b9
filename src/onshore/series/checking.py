"""What is wrong with observations that each look well alone."""

from __future__ import annotations

import polars as pl

from onshore.figures import FigureError, Period, Status
from onshore.series.measured import measure_of
from onshore.series.settled import SERIES, with_days
from onshore.series.steps import straddles

_OUT = {
    "observation_id": pl.String,
    "column": pl.String,
    "reason": pl.String,
    "found": pl.String,
    "next_step": pl.String,
}


def check_observations(observations: pl.DataFrame) -> pl.DataFrame:
    """Name the observations that no series can hold as they are.

    Parameters
    ----------
    observations
        The programme's table ``observations``.

    Returns
    -------
    DataFrame
        One row per finding, in the order of the observations: ``observation_id``, ``column``,
        ``reason``, ``found`` and ``next_step`` (str). Named are an unknown status; a period that
        straddles two years; two values of one series, period, vintage and status; a vintage from
        before its period begins; and a series in units that cannot be told in one another.

    Examples
    --------
    >>> from decimal import Decimal
    >>> rows = [{"observation_id": "A", "indicator": "production", "product": "copper",
    ...     "place": None, "partner": None, "unit": "t", "period": "2023-10-01/2024-09-30",
    ...     "value": Decimal(129), "status": "final", "vintage": None}]
    >>> check_observations(pl.DataFrame(rows)).select("observation_id", "column").rows()
    [('A', 'period')]
    """
    numbered = with_days(observations, "period").with_row_index("_row")
    findings = [
        *_statuses(numbered),
        *_periods(numbered),
        *_duplicates(numbered),
        *_vintages(numbered),
        *_units(numbered),
    ]
    rows = [finding for _, finding in sorted(findings, key=lambda pair: pair[0])]
    return pl.DataFrame(rows, schema=_OUT, orient="row")


_Finding = tuple[int, tuple[str, str, str, str, str]]


def _statuses(rows: pl.DataFrame) -> list[_Finding]:
    known = [str(status.value) for status in Status]
    found = []
    for row in rows.filter(~pl.col("status").is_in(known)).iter_rows(named=True):
        try:
            likely = Status.parse(row["status"] or "")
            told = f"Write {likely.value}."
        except FigureError as mistake:
            told = str(mistake)
        found.append(_finding(row, "status", "The status is not known.", row["status"], told))
    return found


def _periods(rows: pl.DataFrame) -> list[_Finding]:
    two_years = [text for text in rows["period"].unique() if straddles(text)]
    return [
        _finding(
            row,
            "period",
            f"The period straddles two years: {Period.parse(row['period']).label()}.",
            row["period"],
            "Split it at the turn of the year, or give whole years.",
        )
        for row in rows.filter(pl.col("period").is_in(two_years)).iter_rows(named=True)
    ]


def _duplicates(rows: pl.DataFrame) -> list[_Finding]:
    key = [*SERIES, "starts", "ends", "vintage", "status"]
    found = []
    doubled = rows.filter(pl.struct(key).is_duplicated())
    for _, part in doubled.group_by(key, maintain_order=True):
        first, *others = part.sort("_row").to_dicts()
        found += [
            _finding(
                row,
                "vintage",
                f"The same series, period, vintage and status as {first['observation_id']} "
                f"({first['value'].normalize():f}).",
                f"{row['value'].normalize():f}",
                "Give each its vintage, or keep one of them.",
            )
            for row in others
        ]
    return found


def _vintages(rows: pl.DataFrame) -> list[_Finding]:
    return [
        _finding(
            row,
            "vintage",
            f"It was published before its period began on {row['starts']}.",
            str(row["vintage"]),
            "Mend the day or the period; what is foreseen belongs to the targets.",
        )
        for row in rows.filter(pl.col("vintage") < pl.col("starts")).iter_rows(named=True)
    ]


def _units(rows: pl.DataFrame) -> list[_Finding]:
    own = [name for name in SERIES if name != "unit"]
    dimensions = {unit: measure_of(unit).dimension for unit in rows["unit"].unique()}
    found = []
    several = rows.filter(pl.col("unit").n_unique().over(own) > 1)
    for _, part in several.group_by(own, maintain_order=True):
        first = part.row(0, named=True)
        found += [
            _finding(
                row,
                "unit",
                f"{first['observation_id']} of the same series is in {first['unit']}, and one "
                "cannot be told in the other.",
                row["unit"],
                "Mend the unit, or give the series an indicator of its own.",
            )
            for row in part.iter_rows(named=True)
            if dimensions[row["unit"]] != dimensions[first["unit"]]
        ]
    return found


def _finding(row: dict[str, object], column: str, *told: object) -> _Finding:
    reason, found, step = (str(text) if text is not None else "" for text in told)
    return int(str(row["_row"])), (str(row["observation_id"]), column, reason, found, step)
