"""When projects will be finished: days drawn from what is said of each."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from onshore.chain.errors import PROBLEMS, ChainError
from onshore.chain.solver import Floats
from onshore.chain.tables import Chain, ChainSettings
from onshore.figures import solar_hijri

Days = NDArray[np.int64]
DISTRIBUTIONS = ("pert", "triangular")
_FIRST_ROW = 2
_NEXT = "Fill them in, or name the projects that count without it."


@dataclass(frozen=True, eq=False)
class FinishDates:
    """What is known of the days on which projects will be finished.

    Days are numbers as ``date.toordinal`` gives them; a day that is certain has all three alike.

    Parameters
    ----------
    projects
        The rows of the chain's projects, in order.
    lowest, likeliest, highest
        Days of each project.
    after
        The day on which it was not yet finished: no day up to it is drawn. 0 where none is told.
    distribution
        ``"pert"`` or ``"triangular"``.
    warnings
        What is odd and was used as it is.
    """

    projects: pl.DataFrame
    lowest: Days
    likeliest: Days
    highest: Days
    after: Days
    distribution: str
    warnings: tuple[str, ...] = ()

    def chance(self, days: Days) -> Floats:
        """Tell how probable it is that each project is finished by these days (last axis)."""
        low, high = self.lowest.astype(np.float64), self.highest.astype(np.float64)
        # A day is drawn on a line and rounded: what lies up to half a day later counts.
        told = self._below(days + 0.5)
        floor = self._below(np.maximum(self.after, 0) + 0.5)
        left = np.maximum(1.0 - floor, 1e-300)
        certain = low == high
        chance: Floats = np.where(
            certain, (days >= low).astype(np.float64), np.clip((told - floor) / left, 0.0, 1.0)
        )
        return chance

    def draw(self, draws: int, seed: int, correlation: float = 0.0) -> Days:
        """Draw days, draws x projects; see `draw_finish_dates`."""
        from scipy.special import ndtr

        generator = np.random.default_rng(seed)
        own = generator.standard_normal((draws, self.projects.height))
        shared = generator.standard_normal((draws, 1))
        uniform = ndtr(np.sqrt(correlation) * shared + np.sqrt(1.0 - correlation) * own)
        floor = self._below(np.maximum(self.after, 0) + 0.5)
        days = np.rint(self._at(floor + uniform * (1.0 - floor))).astype(np.int64)
        low = np.where(self.lowest == self.highest, self.lowest, self.after + 1)
        return np.clip(days, np.maximum(low, self.lowest), self.highest)

    def _below(self, days: NDArray[Any]) -> Floats:
        """Give the share of the distribution before these days."""
        from scipy.special import betainc

        share = (days - self.lowest) / np.maximum(self.highest - self.lowest, 1)
        share = np.clip(share.astype(np.float64), 0.0, 1.0)
        peak = self._peak()
        if self.distribution == "pert":
            below: Floats = betainc(1.0 + 4.0 * peak, 5.0 - 4.0 * peak, share)
        else:
            rising = share**2 / np.where(peak > 0, peak, 1.0)
            falling = 1.0 - (1.0 - share) ** 2 / np.where(peak < 1, 1.0 - peak, 1.0)
            below = np.where(share < peak, rising, falling)
        return below

    def _at(self, shares: Floats) -> Floats:
        """Give the days before which these shares of the distribution lie."""
        from scipy.special import betaincinv

        peak = self._peak()
        width = (self.highest - self.lowest).astype(np.float64)
        if self.distribution == "pert":
            inner: Floats = betaincinv(1.0 + 4.0 * peak, 5.0 - 4.0 * peak, shares)
        else:
            rising = np.sqrt(shares * peak)
            falling = 1.0 - np.sqrt((1.0 - shares) * (1.0 - peak))
            inner = np.where(shares < peak, rising, falling)
        days: Floats = self.lowest + width * inner
        return days

    def _peak(self) -> Floats:
        peak: Floats = (self.likeliest - self.lowest) / np.maximum(self.highest - self.lowest, 1)
        return peak


def finish_dates(
    chain: Chain, *, distribution: str = "pert", projects: Collection[str] | None = None
) -> FinishDates:
    """Read and check the days on which a chain's projects will be finished.

    Parameters
    ----------
    chain
        Its projects tell ``finish_likely``, and ``finish_low`` and ``finish_high`` together or
        not at all (then the day is certain). A project of ``progress`` 1 without any of them was
        finished ``as_of``.
    distribution
        ``"pert"``: low + (high - low) x Beta(1 + 4 p, 5 - 4 p), p = (likely - low) / (high - low)
        (Malcolm et al., Operations Research, 1959); ``"triangular"``.
    projects
        Those that count; else all.

    Raises
    ------
    ChainError
        Days are missing, or the latest one has passed and the project was not finished then.
    """
    if distribution not in DISTRIBUTIONS:
        raise ChainError(
            f"the distribution {distribution!r} is not known. Write {' or '.join(DISTRIBUTIONS)}."
        )
    table = chain.table("projects").with_row_index("row", offset=_FIRST_ROW)
    if projects is not None:
        unknown = sorted(set(projects) - set(table["project"]))
        if unknown:
            raise ChainError(
                f"the chain has no project {', '.join(unknown)}. It has "
                f"{', '.join(table['project'][:10]) or 'none'}."
            )
        table = table.filter(pl.col("project").is_in(list(projects)))
    done = (pl.col("progress") >= 1.0).fill_null(value=False)
    low, likely, high = (pl.col(f"finish_{which}") for which in ("low", "likely", "high"))
    finished = done & likely.is_null() & low.is_null() & high.is_null()
    table = table.with_columns(
        likely=pl.when(finished).then("as_of").otherwise("finish_likely"), done=done
    ).with_columns(
        low=pl.coalesce("finish_low", "likely"),
        high=pl.coalesce("finish_high", "likely"),
        # Work that was going on then had not been finished.
        after=pl.when(~pl.col("done") & pl.col("progress").is_not_null()).then("as_of"),
    )
    _refuse(table)
    half = (low.is_null() != high.is_null()).fill_null(value=False)
    early = pl.col("after").is_not_null() & (pl.col("low") <= pl.col("after"))
    warnings = [
        f"projects: {name} has only one of finish_low and finish_high; finish_likely is taken for "
        "the other."
        for name in table.filter(half)["project"]
    ]
    warnings += [
        f"projects: {name} could be finished from {first}, but was not on {day}; earlier days are "
        "not drawn."
        for name, first, day in table.filter(early).select("project", "low", "after").iter_rows()
    ]
    lowest, likeliest, highest, after = (
        _ordinals(table[c]) for c in ("low", "likely", "high", "after")
    )
    return FinishDates(
        chain.table("projects").filter(pl.col("project").is_in(table["project"].implode())),
        lowest,
        likeliest,
        highest,
        after,
        distribution,
        tuple(warnings),
    )


def draw_finish_dates(
    chain: Chain,
    *,
    draws: int = 1000,
    seed: int = 0,
    distribution: str = "pert",
    correlation: float = 0.0,
    projects: Collection[str] | None = None,
) -> pl.DataFrame:
    """Draw the days on which a chain's projects are finished.

    Parameters
    ----------
    chain, distribution, projects
        As for `finish_dates`: PERT or triangular between the earliest and the latest day. No day
        up to ``as_of`` is drawn where progress was below 1 then.
    draws
        How many.
    seed
        Of the random numbers: the same seed gives the same days.
    correlation
        Between any two projects, 0 to 1, of the normal scores of their days (a Gaussian copula
        with one factor): what delays all, such as funds or sanctions.

    Returns
    -------
    DataFrame
        ``draw`` (from 1), ``project``, ``finished``.

    Raises
    ------
    ChainError
        As `finish_dates`; or the numbers cannot be used.

    Examples
    --------
    >>> from datetime import date
    >>> from onshore.chain.tables import ChainSettings, empty
    >>> kiln = pl.DataFrame(
    ...     {
    ...         "project": ["kiln"],
    ...         "finish_low": [date(2026, 1, 1)],
    ...         "finish_likely": [date(2026, 7, 1)],
    ...         "finish_high": [date(2028, 1, 1)],
    ...     }
    ... )
    >>> projects = pl.concat([empty("projects"), kiln], how="diagonal")
    >>> chain = Chain({"projects": projects}, ChainSettings("small", (2026,)))
    >>> days = draw_finish_dates(chain, draws=4000, seed=1)["finished"]
    >>> days.min() >= date(2026, 1, 1), days.max() <= date(2028, 1, 1)
    (True, True)
    """
    require_draws(draws, correlation)
    told = finish_dates(chain, distribution=distribution, projects=projects)
    return dates_table(told, told.draw(draws, seed, correlation))


def dates_table(told: FinishDates, days: Days) -> pl.DataFrame:
    """Give drawn days, draws x projects, as a table: ``draw``, ``project``, ``finished``."""
    draws, count = days.shape
    # Polars counts days from 1970-01-01.
    since = (days - date(1970, 1, 1).toordinal()).astype(np.int32).ravel()
    return pl.DataFrame(
        {
            "draw": np.repeat(np.arange(1, draws + 1), count),
            "project": pl.Series(told.projects["project"].to_list() * draws, dtype=pl.String),
            "finished": pl.Series(since).cast(pl.Date),
        }
    )


def first_day(year: int, settings: ChainSettings) -> date:
    """Give the first day of a year of the chain's calendar."""
    if settings.calendar == "solar_hijri":
        return solar_hijri.to_gregorian(year, 1, 1)
    return date(year, 1, 1)


def year_of(day: date, settings: ChainSettings) -> int:
    """Tell in which year of the chain's calendar a day lies."""
    return solar_hijri.from_gregorian(day)[0] if settings.calendar == "solar_hijri" else day.year


def require_draws(draws: int, correlation: float) -> None:
    """Refuse numbers that nothing can be drawn with."""
    if draws < 1:
        raise ChainError(f"draws is {draws}. Ask for 1 or more.")
    if not 0.0 <= correlation <= 1.0:
        raise ChainError(f"correlation is {correlation:.6g}. Give a number from 0 to 1.")


def _refuse(table: pl.DataFrame) -> None:
    undated = table.filter(pl.col("likely").is_null())
    passed = table.filter(pl.col("after").is_not_null() & (pl.col("high") <= pl.col("after")))
    crooked = table.filter((pl.col("low") > pl.col("likely")) | (pl.col("likely") > pl.col("high")))
    found = [
        _problems(undated, "finish_likely", "no day of finishing is told", pl.lit(""), _NEXT),
        _problems(
            passed,
            "finish_high",
            "the latest day has passed, and the project was not finished",
            pl.format("{}, not finished on {}", "high", "after"),
            "Give new days, or progress 1 if it is finished.",
        ),
        _problems(
            crooked,
            "finish_likely",
            "the days of finishing are not in order",
            pl.format("{}, {}, {}", "low", "likely", "high"),
            "Let finish_low <= finish_likely <= finish_high.",
        ),
    ]
    problems = pl.concat(found).sort("row", maintain_order=True)
    if not problems.is_empty():
        raise ChainError.of_rows(problems, "the days on which projects are finished")


def _problems(
    rows: pl.DataFrame, column: str, reason: str, found: pl.Expr, next_step: str
) -> pl.DataFrame:
    return rows.select(
        table=pl.lit("projects"),
        row=pl.col("row").cast(pl.Int64),
        key="project",
        column=pl.lit(column),
        reason=pl.lit(reason),
        found=found,
        next_step=pl.lit(next_step),
    ).cast(PROBLEMS)  # type: ignore[arg-type]


def _ordinals(days: pl.Series) -> Days:
    """Give days as ordinals; 0 where there is none."""
    since = days.cast(pl.Int32).cast(pl.Int64) + date(1970, 1, 1).toordinal()
    numbers: Days = since.fill_null(0).to_numpy()
    return numbers
