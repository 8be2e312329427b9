"""Where a series stands on its way to a target, and how likely it is to get there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl

from onshore.figures import Period
from onshore.series.forecasting import Run, runs
from onshore.series.measured import measure_of
from onshore.series.settled import SERIES, SeriesError
from onshore.series.steps import STEPS, Step, step_of
from onshore.series.vintages import as_of as known_on

_SERIES = [name for name in SERIES if name != "unit"]
_OUT: dict[str, Any] = {
    "target_id": pl.String,
    **dict.fromkeys(_SERIES, pl.String),
    "period": pl.String,
    "direction": pl.String,
    "target": pl.Float64,
    "unit": pl.String,
    "observed_to": pl.String,
    "observed": pl.Float64,
    "pace": pl.Float64,
    "pace_needed": pl.Float64,
    "pace_is": pl.String,
    "low": pl.Float64,
    "median": pl.Float64,
    "high": pl.Float64,
    "level": pl.Float64,
    "probability": pl.Float64,
    "stands": pl.String,
    "model": pl.String,
    "points": pl.Int64,
    "reason": pl.String,
}
_PATH: dict[str, Any] = {
    "target_id": pl.String,
    "period": pl.String,
    "required": pl.Float64,
    "required_to_date": pl.Float64,
    "unit": pl.String,
}
_GROWTH, _AMOUNT = "growth a year", "amount a period"


@dataclass(frozen=True)
class _Way:
    """The run that leads to a target, told in the target's unit, and how far it has come."""

    run: Run
    step: Step
    adds_up: bool
    done: float
    left: int
    before: int = 0
    """Periods between the last observed and the first of the target's."""

    @property
    def elapsed(self) -> int:
        return STEPS[self.run.last.kind] // STEPS[self.step.kind] - self.left


def track(
    observations: pl.DataFrame,
    targets: pl.DataFrame,
    *,
    as_of: date | None = None,
    level: float = 0.8,
    draws: int = 4000,
    seed: int = 0,
) -> pl.DataFrame:
    """Tell how far each target is attained, the pace it needs, and how likely it is to be met.

    A target of a year that has begun is measured by its months, quarters or halves where these
    reach further than the years: what is reached so far is taken and the rest projected. A target
    further ahead is measured by the same periods of the years before. It needs the extra
    ``series``.

    Parameters
    ----------
    observations, targets
        The programme's tables of these names.
    as_of
        Only what was published, and targets set, by that day count.
    level
        Probability that the value lies between ``low`` and ``high``.
    draws, seed
        Paths drawn where a projection adds up several periods, and the seed they are drawn by.

    Returns
    -------
    DataFrame
        One row per target, in their order: ``target_id``, the columns of a series, ``period``,
        ``direction`` (``"at least"`` or ``"at most"``), ``target`` (float, in ``unit``);
        ``observed_to`` (str) the last period observed on the way, and ``observed`` (float) its
        value, or what the target's year has reached by its end; ``pace`` and ``pace_needed``
        (float): of ``pace_is`` "growth a year" the mean yearly growth seen and that needed
        (shares), of "amount a period" what a month, quarter or half has brought since the year
        began and what each that is left must bring; ``low``, ``median``, ``high`` (float) of the
        projected value, ``level``; ``probability`` (float) that the target is met; ``stands``
        (``"met"``, ``"missed"``, ``"open"``); ``model``, ``points`` and ``reason`` (str): why
        there is no projection.

    Raises
    ------
    SeriesError
        A period has two values of the same vintage and status; the level is not between 0 and 1.
    """
    if not 0 < level < 1:
        raise SeriesError(f"A level of {level}: give a probability between 0 and 1, such as 0.8.")
    rows = []
    for row, way in _ways(observations, targets, as_of):
        if isinstance(way, str):
            rows.append(row | {"reason": way})
        else:
            rows.append(row | _measured(row, way, level, draws, seed))
    return pl.DataFrame(rows, schema=_OUT)


def required_path(
    observations: pl.DataFrame, targets: pl.DataFrame, *, as_of: date | None = None
) -> pl.DataFrame:
    """Give what each period up to a target must bring for the target to be met.

    Within the target's year the rest is spread evenly over the periods left; over years the value
    grows by the same share every year (by the same amount where a value is not above 0).

    Parameters
    ----------
    observations, targets, as_of
        As for `track`.

    Returns
    -------
    DataFrame
        One row per target and period left, in order of time: ``target_id``, ``period`` (str),
        ``required`` and ``required_to_date`` (float, in ``unit``; the latter only where the
        periods add up to the target's), ``unit``. The last period's value, or its sum to date,
        is the target.
    """
    rows: list[dict[str, Any]] = []
    for row, way in _ways(observations, targets, as_of):
        if isinstance(way, str) or way.left == 0:
            continue
        same = {"target_id": row["target_id"], "unit": row["unit"]}
        aim = row["target"]
        for step in range(1, way.left + 1):
            if way.adds_up:
                each = (aim - way.done) / way.left
                period, sum_to = way.run.last.after(way.before + step), way.done + each * step
            else:
                period = way.step.after(-STEPS[way.step.kind] * (way.left - step))
                each, sum_to = _on_path(way.done, aim, step / way.left), None
            rows.append(
                same
                | {"period": str(period.period()), "required": each, "required_to_date": sum_to}
            )
    return pl.DataFrame(rows, schema=_PATH)


def _on_path(last: float, aim: float, share: float) -> float:
    if last > 0 and aim > 0:
        return float(last * (aim / last) ** share)
    return last + (aim - last) * share


def _ways(
    observations: pl.DataFrame, targets: pl.DataFrame, as_of: date | None
) -> list[tuple[dict[str, Any], _Way | str]]:
    known = runs(known_on(observations, as_of))
    ways: list[tuple[dict[str, Any], _Way | str]] = []
    for target in _known_targets(targets, as_of).iter_rows(named=True):
        row = {name: target[name] for name in ("target_id", *_SERIES, "period", "unit")}
        row |= {
            "target": float(target["value"]),
            "direction": target.get("direction") or "at least",
        }
        ways.append((row, _way(row, known)))
    return ways


def _known_targets(targets: pl.DataFrame, as_of: date | None) -> pl.DataFrame:
    if as_of is None or "set_on" not in targets.columns:
        return targets
    return targets.filter(pl.col("set_on").is_null() | (pl.col("set_on") <= as_of))


def _way(row: dict[str, Any], known: list[tuple[dict[str, Any], Run | str]]) -> _Way | str:
    """Choose the run that leads to the target and reaches furthest."""
    step = step_of(Period.parse(row["period"]))
    if step is None:
        return "The target's period is no year, half, quarter or month. Set it for one of these."
    own = [
        (series["unit"], run)
        for series, run in known
        if isinstance(run, Run) and all(series[name] == row[name] for name in _SERIES)
    ]
    if not own:
        return "Nothing is observed of it. Add observations of the same indicator, product, place."
    asked = measure_of(row["unit"])
    told = [(unit, run) for unit, run in own if measure_of(unit).dimension == asked.dimension]
    if not told:
        units = ", ".join(sorted({unit for unit, _ in own}))
        return (
            f"The target is in {row['unit']} and the observations in {units}, which one cannot be "
            "told in the other. Give both in units of one kind."
        )
    ways = []
    for unit, run in told:
        factor = float(Fraction(measure_of(unit).factor, asked.factor))
        way = _leading(Run(run.values * factor, run.first, run.last), step, asked.adds_up)
        if way is not None:
            ways.append(way)
    if not ways:
        alike = [run for _, run in told if _alike(run.last, step)]
        if alike:
            return (
                "The target's period lies before the newest unbroken run of observations, from "
                f"{alike[0].first.period()}. Add those between."
            )
        kinds = ", ".join(sorted({f"{run.last.kind}s" for _, run in told}))
        return (
            f"The observations are of {kinds} in no step with a {step.kind} of the "
            f"{step.calendar.replace('_', ' ')} calendar. Add observations of such periods."
        )
    return max(ways, key=_rank)


def _rank(way: _Way) -> tuple[bool, date, int]:
    """Prefer a run that can be projected, then one that reaches further, then longer periods."""
    from onshore.series.projecting import fewest

    enough = way.left == 0 or len(way.run.values) >= fewest(way.run.seasons)
    return enough, way.run.last.period().end, -STEPS[way.run.last.kind]


def _alike(last: Step, step: Step) -> bool:
    return last.calendar == step.calendar and STEPS[last.kind] >= STEPS[step.kind]


def _leading(run: Run, step: Step, adds_up: bool) -> _Way | None:
    """Tell how a run leads to a target's period: by its own kind, or by parts that add up."""
    if run.last.calendar != step.calendar:
        return None
    if run.last.kind == step.kind:
        left = step.ordinal - run.last.ordinal
        if left <= 0:
            place = len(run.values) - 1 + left
            if place < 0:
                return None
            cut = Run(run.values[: place + 1], run.first, step)
            return _Way(cut, step, adds_up=False, done=float(run.values[place]), left=0)
        per_year = STEPS[step.kind]
        years = -(-left // per_year)
        place = len(run.values) - 1 + left - years * per_year
        if place < 0:
            return None
        return _Way(run, step, adds_up=False, done=float(run.values[place]), left=years)
    parts = STEPS[run.last.kind] // STEPS[step.kind]
    if not adds_up or parts <= 1:
        return None
    first = Step(step.calendar, run.last.kind, step.year, (step.place - 1) * parts + 1)
    start = first.ordinal - run.first.ordinal
    if start < 0:
        return None
    within = run.values[start : start + parts]
    over = len(run.values) >= start + parts
    used = Run(run.values[: start + parts], run.first, first.after(parts - 1)) if over else run
    return _Way(
        used,
        step,
        adds_up=True,
        done=float(within.sum()),
        left=parts - len(within),
        before=max(start - len(run.values), 0),
    )


def _measured(
    row: dict[str, Any], way: _Way, level: float, draws: int, seed: int
) -> dict[str, Any]:
    last = way.run.last if way.adds_up or not way.left else _last_alike(way)
    found: dict[str, Any] = {"observed_to": str(last.period()), "observed": way.done}
    if way.left == 0:
        met = _meets(way.done, row)
        return found | {"stands": "met" if met else "missed", "probability": float(met)}
    found |= _pace(row, way) | {"stands": "open", "points": len(way.run.values)}
    horizon = way.before + way.left
    if not way.adds_up:
        horizon = way.step.ordinal - way.run.last.ordinal
    try:
        ahead = way.run.project(horizon)
    except SeriesError as refused:
        return found | {"reason": str(refused)}
    shares = ((1 - level) / 2, 0.5, (1 + level) / 2)
    if way.adds_up:
        import numpy as np

        sums = way.done + ahead.paths(draws, seed)[:, way.before :].sum(axis=1)
        low, median, high = (float(value) for value in np.quantile(sums, shares))
        probability = float((sums >= row["target"]).mean())
    else:
        low, median, high = (float(ahead.quantile(share)[-1]) for share in shares)
        probability = ahead.at_least(row["target"], -1)
    if row["direction"] == "at most":
        probability = 1 - probability
    return found | {
        "low": low,
        "median": median,
        "high": high,
        "level": level,
        "probability": probability,
        "model": ahead.model,
    }


def _last_alike(way: _Way) -> Step:
    """Give the last period observed of the target's own place in the year."""
    return way.step.after(-STEPS[way.step.kind] * way.left)


def _pace(row: dict[str, Any], way: _Way) -> dict[str, Any]:
    if way.adds_up:
        return {
            "pace": way.done / way.elapsed if way.elapsed else None,
            "pace_needed": (row["target"] - way.done) / way.left,
            "pace_is": _AMOUNT,
        }
    per_year = STEPS[way.step.kind]
    place = _last_alike(way).ordinal - way.run.first.ordinal
    years = min(place // per_year, 5)
    before = float(way.run.values[place - years * per_year])
    seen = years > 0 and before > 0 and way.done > 0
    needed = way.done > 0 and row["target"] > 0
    return {
        "pace": (way.done / before) ** (1 / years) - 1 if seen else None,
        "pace_needed": (row["target"] / way.done) ** (1 / way.left) - 1 if needed else None,
        "pace_is": _GROWTH,
    }


def _meets(value: float, row: dict[str, Any]) -> bool:
    return bool(value <= row["target"] if row["direction"] == "at most" else value >= row["target"])
