"""Targets with what is likely: the observed series carried on, as a fan, beside the aim."""

from typing import Any

import polars as pl
from django.utils import timezone

from onshore.desk.actor import Actor
from onshore.desk.models import RECORDS
from onshore.desk.policies import visible
from onshore.desk.reckoning.reckoned import reckoned_once
from onshore.desk.tables.frames import frame_of
from onshore.figures import FigureError, Period

SERIES = ("indicator", "product", "place", "partner", "unit")
_RESTS_ON = ("observations", "targets")
_MOST_OBSERVED, _MOST_AHEAD = 24, 12


def standing(actor: Actor) -> list[dict[str, Any]]:
    """Give how likely each target is that an actor sees, as `onshore.series.track` tells it.

    Each row holds the target's ``statement`` and ``statement_fa`` too. Until an observation or a
    target changes, what was reckoned before stands.

    Raises
    ------
    SeriesError
        A period has two values of the same vintage and status.
    """
    from onshore.series import track

    def reckon() -> list[dict[str, Any]]:
        observations, targets = seen_by(actor)
        told = targets.select("target_id", "statement", "statement_fa")
        return track(observations, targets).join(told, on="target_id", how="left").to_dicts()

    return reckoned_once(f"outlook {actor.name} {timezone.localdate()}", _RESTS_ON, reckon)


def seen_by(actor: Actor) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give the observations and the targets that an actor sees."""
    observations, targets = (visible(actor, RECORDS[name]) for name in ("observations", "targets"))
    return frame_of(observations), frame_of(targets)


def course_for(actor: Actor, target: dict[str, Any]) -> pl.DataFrame:
    """Give `course_of` for a target that an actor sees, reckoned once for what is observed."""
    what = f"course {actor.name} {timezone.localdate()} {target['target_id']}"
    rows = visible(actor, RECORDS["observations"])
    return reckoned_once(what, _RESTS_ON, lambda: course_of(frame_of(rows), target))


def course_of(observations: pl.DataFrame, target: dict[str, Any]) -> pl.DataFrame:
    """Give a target's series: observed, then carried on up to the target's period.

    Returns
    -------
    DataFrame
        ``period`` (str), ``low``, ``middle``, ``high`` (float, in ``unit``; all the same where
        observed) and ``observed`` (bool), in order of time; empty where the series is too short to
        be carried on.
    """
    from onshore.series import forecast

    same = pl.all_horizontal(pl.col(name).eq_missing(pl.lit(target[name])) for name in SERIES)
    rows = observations.filter(same)
    ahead = forecast(rows, horizon=_MOST_AHEAD).filter(pl.col("median").is_not_null())
    if ahead.is_empty():
        return pl.DataFrame()
    kind = Period.parse(ahead["period"][0]).kind
    seen = {
        Period.parse(row["period"]): float(row["value"])
        for row in rows.sort("vintage", nulls_last=False).iter_rows(named=True)
        if row["value"] is not None and Period.parse(row["period"]).kind == kind
    }
    course = [
        (str(period), value, value, value, True)
        for period, value in sorted(seen.items())[-_MOST_OBSERVED:]
    ]
    end = _end(target["period"])
    course += [
        (row["period"], row["low"], row["median"], row["high"], False)
        for row in ahead.sort("step").iter_rows(named=True)
        if end is None or Period.parse(row["period"]).start <= end
    ]
    names = {"period": pl.String, **dict.fromkeys(("low", "middle", "high"), pl.Float64)}
    return pl.DataFrame(course, schema={**names, "observed": pl.Boolean}, orient="row")


def _end(period: str) -> Any:
    try:
        return Period.parse(period).end
    except FigureError:
        return None
