"""Periods as steps of a year: the second quarter of 1403 is step 2 of 4 in 1403."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import polars as pl

from onshore.figures import Period, solar_hijri

Calendar = Literal["gregorian", "solar_hijri"]
Kind = Literal["year", "half", "quarter", "month", "range"]

STEPS = {"year": 1, "half": 2, "quarter": 4, "month": 12}
"""How many periods of a kind a year has."""

_LENGTHS = {kind: 12 // steps for kind, steps in STEPS.items()}


@dataclass(frozen=True)
class Step:
    """A year, half, quarter or month, counted.

    Parameters
    ----------
    calendar, kind
        As those of a `Period`.
    year
        Its year in its calendar.
    place
        Its place in the year, from 1.
    """

    calendar: Calendar
    kind: Kind
    year: int
    place: int

    @property
    def ordinal(self) -> int:
        """Its number in the calendar's periods of its kind."""
        return self.year * STEPS[self.kind] + self.place - 1

    def after(self, steps: int) -> Step:
        """Give the period that many steps later."""
        year, place = divmod(self.ordinal + steps, STEPS[self.kind])
        return Step(self.calendar, self.kind, year, place + 1)

    def period(self) -> Period:
        """Give the period it stands for."""
        makers = {"half": Period.half, "quarter": Period.quarter, "month": Period.month}
        if self.kind == "year":
            return Period.year(self.year, self.calendar)
        return makers[self.kind](self.year, self.place, self.calendar)


def step_of(period: Period) -> Step | None:
    """Count a period; None for a range of days that no year, half, quarter or month has."""
    named = period.named()
    if named.kind == "range":
        return None
    year, month = year_and_month(named)
    return Step(named.calendar, named.kind, year, (month - 1) // _LENGTHS[named.kind] + 1)


def year_and_month(period: Period) -> tuple[int, int]:
    """Give the year and month of a period's first day, in its own calendar."""
    if period.calendar == "solar_hijri":
        return solar_hijri.from_gregorian(period.start)[:2]
    return period.start.year, period.start.month


def with_steps(frame: pl.DataFrame) -> pl.DataFrame:
    """Add ``calendar``, ``kind``, ``year``, ``place_in_year`` and ``ordinal`` to periods.

    They are null where the period is no year, half, quarter or month.
    """
    texts = frame["period"].unique().drop_nulls().sort()
    steps = [step_of(Period.parse(text)) for text in texts]
    known = pl.DataFrame(
        {
            "period": texts,
            "calendar": pl.Series([s and s.calendar for s in steps], dtype=pl.String),
            "kind": pl.Series([s and s.kind for s in steps], dtype=pl.String),
            "year": pl.Series([s and s.year for s in steps], dtype=pl.Int64),
            "place_in_year": pl.Series([s and s.place for s in steps], dtype=pl.Int64),
            "ordinal": pl.Series([s and s.ordinal for s in steps], dtype=pl.Int64),
        }
    )
    return frame.join(known, on="period", how="left", maintain_order="left")


def straddles(text: str) -> bool:
    """Tell whether a period lies in two years of its own calendar, or is longer than one."""
    period = Period.parse(text)
    step = step_of(period)
    if step is not None:
        return False
    if period.calendar == "solar_hijri":
        return bool(
            solar_hijri.from_gregorian(period.start)[0] != solar_hijri.from_gregorian(period.end)[0]
        )
    return period.start.year != period.end.year
