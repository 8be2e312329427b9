"""When projects could be built, what that costs, and what may be spent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from onshore.chain.choosing import Options, Row
from onshore.chain.compiling import Compiled
from onshore.chain.errors import ChainError
from onshore.chain.finish_dates import first_day, year_of
from onshore.chain.service import service_share
from onshore.chain.solver import Floats
from onshore.chain.tables import Chain, ChainSettings
from onshore.figures import solar_hijri

Whole = NDArray[np.int64]
PAY = ("while built", "when finished")
_SAME = 1e-9
Budget = float | pl.DataFrame | None


@dataclass(frozen=True, eq=False)
class Building:
    """Each project in each year in which it could be finished, and paid for.

    Parameters
    ----------
    projects
        Those that can be built, in the chain's order.
    options
        What is in service, for `choose`.
    finished
        The day of each option.
    year
        Of each option, the position of the year in which it is finished.
    cost
        Of each option, in all years together.
    paid
        What each option costs in each year, in money of that year.
    """

    projects: pl.DataFrame
    options: Options
    finished: tuple[date, ...]
    year: Whole
    cost: Floats
    paid: Floats


@dataclass(frozen=True, eq=False)
class Funds:
    """What may be spent: in each year (``total`` is None), or in all years together."""

    yearly: Floats
    total: float | None
    carry_over: bool

    def rows(self, building: Building, first: int) -> list[Row]:
        """Give the rows that hold spending to it; options are columns from ``first`` on."""
        unit = float(building.cost.max(initial=1.0)) or 1.0
        columns = first + np.arange(len(building.cost))
        if self.total is not None:
            return [Row(columns, building.cost / unit, upper=self.total / unit)]
        rows = []
        for y, amount in enumerate(self.yearly):
            costs = (
                building.paid[:, : y + 1].sum(axis=1) if self.carry_over else building.paid[:, y]
            )
            most = float(self.yearly[: y + 1].sum()) if self.carry_over else float(amount)
            if np.isfinite(most):
                rows.append(Row(columns, costs / unit, upper=most / unit))
        return rows

    def affords(self, building: Building) -> NDArray[np.bool_]:
        """Tell which options could be paid for if nothing else were."""
        able = np.ones(len(building.cost), bool)
        for row in self.rows(building, 0):
            able[row.columns] &= row.values <= row.upper * (1 + _SAME)
        return able

    def covers(self, building: Building, taken: Floats) -> bool:
        """Tell whether these options, each to this share, can be paid for together."""
        rows = self.rows(building, 0)
        return all(row.values @ taken <= row.upper * (1 + _SAME) for row in rows)

    @property
    def whole(self) -> float:
        """All that may be spent."""
        return float(self.yearly.sum()) if self.total is None else self.total


def building(chain: Chain, compiled: Compiled, pay: str) -> Building:
    """Tell in which years each project could be finished.

    The earliest is the year of ``finish_likely``; in a later year it is finished on the same day.
    One without that day is finished at a year's end; one whose year is not told, on the first day
    of the next year that is. With ``pay`` ``"while built"`` the cost is spread evenly over as many
    years, up to that in which it is finished, as there are from the first to its earliest;
    ``"when finished"``: it is paid in one sum.
    """
    if pay not in PAY:
        raise ChainError(f"pay is {pay!r}. Write {' or '.join(PAY)}.")
    settings, years = chain.settings, compiled.years
    projects = chain.table("projects")
    project: list[int] = []
    finished: list[date] = []
    year: list[int] = []
    span: list[int] = []
    for p, likely in enumerate(projects["finish_likely"]):
        choices = _choices(likely, years, settings)
        for y, day in choices:
            project.append(p)
            finished.append(day)
            year.append(y)
            # Years over which it is paid for.
            span.append(choices[0][0] + 1 if pay == "while built" and likely else 1)
    share = service_share(chain, finished, years=years)
    names = settings.season_names
    kept = [y * len(names) + names.index(s) for y in range(len(years)) for s in compiled.seasons]
    lumpy = projects["lumpy"].fill_null(value=True).to_numpy()
    number, last = np.array(project, dtype=np.int64), np.array(year, dtype=np.int64)
    cost = projects["cost"].to_numpy()[number]
    first = last - np.array(span, dtype=np.int64) + 1
    each = np.arange(len(years))
    paying = (first[:, None] <= each) & (each <= last[:, None])
    return Building(
        projects,
        Options(number, share[:, kept], lumpy[number].astype(bool)),
        tuple(finished),
        last,
        cost,
        paying * (cost / np.array(span, dtype=np.float64))[:, None],
    )


def funds(
    chain: Chain,
    budget: Budget,
    spent: pl.DataFrame | None,
    years: tuple[int, ...],
    *,
    carry_over: bool,
    warnings: list[str],
) -> Funds:
    """Read what may be spent, less what others spend of it."""
    table = chain.table("budgets") if budget is None else budget
    taken = np.zeros(len(years)) if spent is None else _by_year(spent, years, "spent", warnings)
    if isinstance(table, pl.DataFrame):
        if table.is_empty():
            raise ChainError(
                "no budget is told. Fill in the table budgets (year, amount), or give budget a "
                "number or a frame."
            )
        yearly = _by_year(table, years, "budgets", warnings)
        left = yearly - taken
        if carry_over:
            short = np.cumsum(left) < -1e-9 * max(1.0, float(yearly.sum()))
        else:
            short = left < -1e-9 * np.maximum(1.0, yearly)
        _refuse_overspent(years, short, yearly, taken)
        return Funds(left if carry_over else np.maximum(left, 0.0), None, carry_over)
    total = float(table)
    if not total >= 0.0:
        raise ChainError(f"the budget is {table}. Give an amount of 0 or more.")
    if taken.sum() > total * (1 + 1e-9):
        raise ChainError(
            f"spent takes {taken.sum():,.0f} of a budget of {total:,.0f}. Raise the budget, or "
            "lower what is spent elsewhere."
        )
    return Funds(np.zeros(len(years)), max(0.0, total - float(taken.sum())), carry_over)


def _refuse_overspent(
    years: tuple[int, ...], short: NDArray[np.bool_], yearly: Floats, taken: Floats
) -> None:
    if short.any():
        y = int(short.argmax())
        raise ChainError(
            f"spent takes {taken[y]:,.0f} of the budget of {years[y]}, which is {yearly[y]:,.0f}. "
            "Raise the budget, or lower what is spent elsewhere."
        )


def _by_year(table: pl.DataFrame, years: tuple[int, ...], name: str, warnings: list[str]) -> Floats:
    lacking = [column for column in ("year", "amount") if column not in table.columns]
    if lacking:
        raise ChainError(
            f"{name}: the column {lacking[0]} is missing. Give a table of year and amount."
        )
    try:
        told = table.select(pl.col("year").cast(pl.Int64), pl.col("amount").cast(pl.Float64))
    except pl.exceptions.PolarsError as wrong:
        raise ChainError(f"{name}: {wrong}. Write years and amounts as numbers.") from None
    if told.null_count().sum_horizontal()[0] or not (told["amount"] >= 0).all():
        raise ChainError(f"{name}: a year or an amount is missing, or below 0. Mend the row.")
    others = sorted(set(told["year"]) - set(years))
    if others:
        warnings.append(
            f"{name}: {', '.join(str(y) for y in others)} is not among the years asked for and is "
            "not counted."
        )
    by_year = dict(told.group_by("year").agg(pl.col("amount").sum()).iter_rows())
    return np.array([by_year.get(year, 0.0) for year in years])


def _choices(
    likely: date | None, years: tuple[int, ...], settings: ChainSettings
) -> list[tuple[int, date]]:
    """Give the years in which a project may be finished, by position, each with its day."""
    if likely is None:
        return [(y, first_day(year + 1, settings)) for y, year in enumerate(years)]
    own = year_of(likely, settings)
    if own in years:
        return [(y, _moved(likely, year, settings)) for y, year in enumerate(years) if year >= own]
    return [(y, first_day(year, settings)) for y, year in enumerate(years) if year > own]


def _moved(day: date, year: int, settings: ChainSettings) -> date:
    """Give the same day in another year; of a leap day the day before."""
    if settings.calendar == "solar_hijri":
        _, month, number = solar_hijri.from_gregorian(day)
        last = solar_hijri.days_in_month(year, month)
        return solar_hijri.to_gregorian(year, month, min(number, last))
    leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=year, day=28) if leap_day else day.replace(year=year)
