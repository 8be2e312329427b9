"""When projects that add capacity will be finished, and what will then be on stream."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from onshore.series.progress_curve import ProgressCurve, learn
from onshore.series.settled import SeriesError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_FINISH: dict[str, Any] = {
    "project_id": pl.String,
    "name": pl.String,
    "product": pl.String,
    "capacity": pl.Float64,
    "progress": pl.Float64,
    "progress_on": pl.Date,
    "by_curve": pl.Date,
    "low": pl.Date,
    "median": pl.Date,
    "high": pl.Date,
    "level": pl.Float64,
    "by": pl.Date,
    "probability": pl.Float64,
    "learned_from": pl.Int64,
    "reason": pl.String,
}
_STREAM: dict[str, Any] = {
    "day": pl.Date,
    "product": pl.String,
    "projects": pl.Int64,
    "capacity": pl.Float64,
    "expected": pl.Float64,
    "low": pl.Float64,
    "median": pl.Float64,
    "high": pl.Float64,
    "level": pl.Float64,
    "learned_from": pl.Int64,
}
_LONGEST = 365.0 * 200
_NOT_OPEN = {
    "announced": "Announced, not begun: work on it has no progress to go by.",
    "mothballed": "Mothballed: the curve holds for projects that are worked on.",
    "cancelled": "Cancelled.",
    "operating": "Completed.",
}


@dataclass(frozen=True)
class _Open:
    """A project that is worked on, and what the curve says of it."""

    row: dict[str, Any]
    days: float
    progress: float
    seen_on: date


def finish_dates(
    projects: pl.DataFrame,
    progress: pl.DataFrame | None = None,
    *,
    by: date | None = None,
    as_of: date | None = None,
    level: float = 0.8,
    draws: int = 4000,
    seed: int = 0,
) -> pl.DataFrame:
    """Give each open project's day of completion as a distribution.

    An S-curve is learned from the completed projects, and how far their time left was from what
    the curve said; see the method's page. All days are on the condition that work goes on: that a
    project is given up is not reckoned with. It needs the extra ``series``.

    Parameters
    ----------
    projects, progress
        The programme's tables of these names. Completed projects (with ``started_on`` and
        ``finished_on``) and their progress teach the curve.
    by
        Day whose probability of completion is given.
    as_of
        The day it is told on: what is later is not used, and open projects are not completed by
        then. None: each is told on the day of its own last figure, by all that the tables hold.
    level
        Probability that the day lies between ``low`` and ``high``.
    draws, seed
        Number of draws, and the seed they are drawn by.

    Returns
    -------
    DataFrame
        One row per project that is not completed, in their order: ``project_id``, ``name``,
        ``product``, ``capacity`` (float, kt per year), ``progress`` (float, share),
        ``progress_on`` (Date); ``by_curve`` (Date, without errors), ``low``, ``median`` and
        ``high`` (Date), ``level``; ``by`` and ``probability`` of completion by it;
        ``learned_from`` (int, completed projects) and ``reason`` (str): why there is no day.

    Raises
    ------
    SeriesError
        The level is not between 0 and 1, progress is given twice for a day with different
        values, or the extra is not installed.
    """
    import numpy as np

    told = _tell(projects, progress, as_of, level, draws, seed)
    rows: list[dict[str, Any]] = []
    place = {one.row["project_id"]: n for n, one in enumerate(told.open)}
    shares = ((1 - level) / 2, 0.5, (1 + level) / 2)
    for row in told.rows:
        same = {name: row[name] for name in ("project_id", "name", "product")}
        same |= {"capacity": _number(row["capacity"]), "learned_from": told.curve.projects}
        at = place.get(row["project_id"])
        if at is None:
            rows.append(same | {"reason": told.reasons[row["project_id"]]})
            continue
        one, days = told.open[at], told.finish[:, at]
        low, median, high = (_day(one, value) for value in np.quantile(days, shares))
        rows.append(
            same
            | {
                "progress": one.progress,
                "progress_on": one.seen_on,
                "by_curve": _day(one, told.curve.days_left(one.progress, one.days)),
                "low": low,
                "median": median,
                "high": high,
                "level": level,
                "by": by,
                "probability": None if by is None else float((days <= _since(one, by)).mean()),
            }
        )
    return pl.DataFrame(rows, schema=_FINISH)


def capacity_on_stream(
    projects: pl.DataFrame,
    progress: pl.DataFrame | None = None,
    *,
    days: Sequence[date],
    as_of: date | None = None,
    level: float = 0.8,
    draws: int = 4000,
    seed: int = 0,
) -> pl.DataFrame:
    """Give the capacity that the open projects will have brought on stream by some days.

    Projects err together as far as the curve itself is uncertain, else each for itself.

    Parameters
    ----------
    projects, progress, as_of, level, draws, seed
        As for `finish_dates`.
    days
        The days.

    Returns
    -------
    DataFrame
        One row per day and product, in order: ``day`` (Date), ``product`` (str), ``projects``
        (int, those told of), ``capacity`` (float, of all of them), ``expected``, ``low``,
        ``median`` and ``high`` (float) of what is on stream, all in kt per year, ``level`` and
        ``learned_from`` (int). Projects without a day of completion are not in it; products are
        not added up with each other.

    Raises
    ------
    SeriesError
        As for `finish_dates`.
    """
    import numpy as np

    told = _tell(projects, progress, as_of, level, draws, seed)
    products = sorted({one.row["product"] for one in told.open})
    shares = ((1 - level) / 2, 0.5, (1 + level) / 2)
    rows = []
    for day in sorted(set(days)):
        for product in products:
            own = [n for n, one in enumerate(told.open) if one.row["product"] == product]
            capacity = np.array([_number(told.open[n].row["capacity"]) or 0.0 for n in own])
            until = np.array([_since(told.open[n], day) for n in own])
            stream = (told.finish[:, own] <= until) @ capacity
            low, median, high = (float(v) for v in np.quantile(stream, shares))
            rows.append(
                {
                    "day": day,
                    "product": product,
                    "projects": len(own),
                    "capacity": float(capacity.sum()),
                    "expected": float(stream.mean()),
                    "low": low,
                    "median": median,
                    "high": high,
                    "level": level,
                    "learned_from": told.curve.projects,
                }
            )
    return pl.DataFrame(rows, schema=_STREAM)


@dataclass(frozen=True)
class _Told:
    """Open projects with draws of their days left (a draw a row), and why others have none."""

    rows: list[dict[str, Any]]
    open: list[_Open]
    reasons: dict[str, str]
    curve: ProgressCurve
    finish: Floats


def _tell(
    projects: pl.DataFrame,
    progress: pl.DataFrame | None,
    as_of: date | None,
    level: float,
    draws: int,
    seed: int,
) -> _Told:
    if not 0 < level < 1:
        raise SeriesError(f"A level of {level}: give a probability between 0 and 1, such as 0.8.")
    seen = _progress_figures(projects, progress, as_of)
    curve = learn(_completed(projects, seen, as_of))
    rows, found, reasons = [], [], {}
    for row in projects.iter_rows(named=True):
        if _is_completed(row, as_of):
            continue
        rows.append(row)
        one = _open_project(row, seen.get(row["project_id"], []))
        if isinstance(one, str):
            reasons[row["project_id"]] = one
        else:
            found.append(one)
    return _Told(rows, found, reasons, curve, _drawn(found, curve, as_of, draws, seed))


def _drawn(
    found: list[_Open], curve: ProgressCurve, day: date | None, draws: int, seed: int
) -> Floats:
    """Draw the days left of each open project, counted from its last progress figure."""
    import numpy as np
    from scipy.special import ndtr, ndtri

    # One stream for what projects share, then one a project: the order of draws is its own.
    rng = np.random.default_rng(seed)
    shared, tails = rng.standard_normal(draws), rng.random(draws)
    from scipy.stats import chi2

    finish = np.empty((draws, len(found)))
    for n, one in enumerate(found):
        known = curve.errors_at(one.progress)
        spread = known.spread * np.sqrt(known.freedom / chi2.ppf(tails, known.freedom))
        middle = np.log(curve.days_left(one.progress, one.days)) + known.shift
        middle = middle + spread * shared / np.sqrt(known.weight)
        gone = 0 if day is None else (day - one.seen_on).days
        least = ndtr((np.log(gone) - middle) / spread) if gone > 0 else np.zeros(draws)
        least = np.minimum(least, 1 - 1e-12)
        own = ndtri(least + rng.random(draws) * (1 - least))
        finish[:, n] = np.exp(np.minimum(middle + spread * own, np.log(_LONGEST)))
    return finish


def _open_project(row: dict[str, Any], figures: list[tuple[date, float]]) -> _Open | str:
    was_open = row["status"] == "operating" and row.get("finished_on") is not None
    if row["status"] in _NOT_OPEN and not was_open:
        return _NOT_OPEN[row["status"]]
    if row.get("started_on") is None:
        return "The day work began is missing. Fill in started_on."
    start = row["started_on"]
    if not figures:
        return (
            "No progress is known of it. Fill in progress and progress_on, or the table progress."
        )
    seen_on, progress = figures[-1]
    if progress >= 1:
        return "Its progress is 100 %. Fill in finished_on, or mend the progress."
    if progress <= 0:
        return "Its progress is 0 %, which says nothing of its pace. Give a later figure."
    if seen_on <= start:
        return f"Its progress is of {seen_on}, not after its start on {start}. Mend one of them."
    return _Open(row, float((seen_on - start).days), progress, seen_on)


def _progress_figures(
    projects: pl.DataFrame, progress: pl.DataFrame | None, as_of: date | None
) -> dict[str, list[tuple[date, float]]]:
    """Give each project's progress by day, from both tables."""
    found: dict[str, dict[date, float]] = {}
    rows = [
        (row["project_id"], row.get("progress_on"), row.get("progress"))
        for row in projects.iter_rows(named=True)
    ]
    if progress is not None:
        rows += list(progress.select("project_id", "date", "progress").iter_rows())
    for project, on, share in rows:
        if on is None or share is None or (as_of is not None and on > as_of):
            continue
        before = found.setdefault(project, {}).setdefault(on, float(share))
        if before != share:
            raise SeriesError(
                f"Project {project} has two figures of progress on {on}: {before:.1%} and "
                f"{share:.1%}. Keep one of them."
            )
    return {project: sorted(figures.items()) for project, figures in found.items()}


def _completed(
    projects: pl.DataFrame, seen: dict[str, list[tuple[date, float]]], day: date | None
) -> list[tuple[Floats, Floats, float]]:
    import numpy as np

    found = []
    for row in projects.iter_rows(named=True):
        start, end = row.get("started_on"), row.get("finished_on")
        if start is None or end is None or end <= start or not _is_completed(row, day):
            continue
        inside = [
            ((on - start).days, share)
            for on, share in seen.get(row["project_id"], [])
            if start < on < end and 0 < share < 1
        ]
        if inside:
            days, shares = np.array(inside, dtype=float).T
            found.append((days, shares, float((end - start).days)))
    return found


def _is_completed(row: dict[str, Any], day: date | None) -> bool:
    end = row.get("finished_on")
    if end is None:
        return bool(row["status"] == "operating")
    return day is None or end <= day


def _since(one: _Open, day: date) -> float:
    return float((day - one.seen_on).days)


def _day(one: _Open, days: float) -> date:
    return one.seen_on + timedelta(days=round(float(days)))


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
