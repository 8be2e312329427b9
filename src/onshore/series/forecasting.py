"""Series carried on by steps of their own kind, with the interval of each step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl

from onshore.series.settled import SERIES, SeriesError, settled
from onshore.series.steps import STEPS, Step, with_steps
from onshore.series.vintages import as_of as known_on

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from onshore.series.projecting import Projection

_OUT: dict[str, Any] = {
    **dict.fromkeys(SERIES, pl.String),
    "period": pl.String,
    "step": pl.Int64,
    "low": pl.Float64,
    "median": pl.Float64,
    "high": pl.Float64,
    "level": pl.Float64,
    "model": pl.String,
    "points": pl.Int64,
    "from_period": pl.String,
    "to_period": pl.String,
    "reason": pl.String,
}


@dataclass(frozen=True)
class Run:
    """The unbroken run of a series' periods of one kind that ends with its newest."""

    values: NDArray[np.float64]
    first: Step
    last: Step

    @property
    def seasons(self) -> int:
        """Periods of its kind in a year."""
        return STEPS[self.last.kind]

    def project(self, horizon: int) -> Projection:
        """Carry it on; a run that is too short is refused with what it lacks."""
        from onshore.series.projecting import fewest, project

        needed = fewest(self.seasons)
        if len(self.values) < needed:
            before = self.first.after(-1).period()
            raise SeriesError(
                f"A projection needs {needed} {_plural(self.last.kind)} without a gap; there "
                f"{_are(len(self.values))} up to {self.last.period()}. Add {before} and those "
                "before it."
            )
        return project(self.values, seasons=self.seasons, horizon=horizon)


def forecast(
    observations: pl.DataFrame,
    *,
    horizon: int = 3,
    level: float = 0.8,
    as_of: date | None = None,
) -> pl.DataFrame:
    """Carry each series on by some periods, with an interval for each.

    The projection is the mean of exponential smoothing and drift; see the method's page. Halves,
    quarters and months are projected with their seasons. It needs the extra ``series``.

    Parameters
    ----------
    observations
        The programme's table ``observations``.
    horizon
        Number of periods ahead.
    level
        Probability that a value lies between ``low`` and ``high``.
    as_of
        Only what was published by that day is used.

    Returns
    -------
    DataFrame
        One row per series, kind of period and step: the columns of a series, ``period`` (str),
        ``step`` (int, from 1); ``low``, ``median`` and ``high`` (float, in ``unit``), ``level``
        (float), ``model`` (str), ``points`` (int, values used), ``from_period`` and
        ``to_period`` (str, first and last of them) and ``reason`` (str): a series that cannot be
        carried on has one row with the reason, and no figures.

    Raises
    ------
    SeriesError
        The horizon is not 1 to 60 or the level not between 0 and 1; a period has two values of
        the same vintage and status; or the extra is not installed.
    """
    from onshore.series.projecting import require_extra

    _check(horizon, level)
    require_extra()
    rows: list[dict[str, Any]] = []
    for key, run in runs(known_on(observations, as_of)):
        if isinstance(run, str):
            rows.append(key | {"reason": run})
            continue
        used = {
            "points": len(run.values),
            "from_period": str(run.first.period()),
            "to_period": str(run.last.period()),
        }
        try:
            ahead = run.project(horizon)
        except SeriesError as refused:
            rows.append(key | used | {"reason": str(refused)})
            continue
        low, median, high = (ahead.quantile(q) for q in ((1 - level) / 2, 0.5, (1 + level) / 2))
        rows.extend(
            key
            | used
            | {
                "period": str(run.last.after(step + 1).period()),
                "step": step + 1,
                "low": float(low[step]),
                "median": float(median[step]),
                "high": float(high[step]),
                "level": level,
                "model": ahead.model,
            }
            for step in range(horizon)
        )
    return pl.DataFrame(rows, schema=_OUT)


def runs(observations: pl.DataFrame) -> list[tuple[dict[str, Any], Run | str]]:
    """Give the newest unbroken run of each series and kind of period, or why there is none."""
    values = with_steps(settled(observations)).sort("ordinal", maintain_order=True)
    found: list[tuple[dict[str, Any], Run | str]] = []
    group = [*SERIES, "calendar", "kind"]
    firsts = settled(observations).select(SERIES).unique(maintain_order=True).with_row_index("_at")
    placed = values.join(firsts, on=SERIES, nulls_equal=True).sort("_at", maintain_order=True)
    for key, part in placed.group_by(group, maintain_order=True):
        series = dict(zip(SERIES, key, strict=False))
        if key[-1] is None:
            told = ", ".join(part["period"])
            found.append(
                (series, f"Not a year, half, quarter or month, so not counted in steps: {told}.")
            )
            continue
        found.append((series, _newest_run(part)))
    return found


def _newest_run(part: pl.DataFrame) -> Run:
    ordinals = part["ordinal"]
    after_gap = (ordinals.diff() != 1).fill_null(value=True)
    start = after_gap.arg_true()[-1]
    own = part[start:]
    first, last = (
        Step(row["calendar"], row["kind"], row["year"], row["place_in_year"])
        for row in (own.row(0, named=True), own.row(-1, named=True))
    )
    return Run(own["value"].cast(pl.Float64).to_numpy(), first, last)


def _check(horizon: int, level: float) -> None:
    if not 1 <= horizon <= 60:
        raise SeriesError(f"{horizon} periods ahead: give 1 to 60.")
    if not 0 < level < 1:
        raise SeriesError(f"A level of {level}: give a probability between 0 and 1, such as 0.8.")


def _plural(kind: str) -> str:
    return "halves" if kind == "half" else f"{kind}s"


def _are(number: int) -> str:
    return "is 1" if number == 1 else f"are {number}"
