"""When each maker's place opens: the phases of a programme."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from onshore.plan.instance import PlanError

if TYPE_CHECKING:
    from onshore.records import Settings


def opening_years(pairs: pl.DataFrame, places: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Add ``opening_year`` (the programme's calendar) and ``opens`` (from the first year, >= 0)."""
    last = max(settings.phases.values(), default=settings.first_year)
    years = _years_of_places(places, settings.phases)
    return pairs.join(years, on="place", how="left", maintain_order="left").with_columns(
        pl.col("opening_year").fill_null(last),
        opens=(pl.col("opening_year").fill_null(last) - settings.first_year).clip(0),
    )


def _years_of_places(places: pl.DataFrame, phases: dict[int, int]) -> pl.DataFrame:
    rows = {row["place_id"]: row for row in places.iter_rows(named=True)}
    opening = []
    for place in rows:
        phase = _phase(place, rows)
        if phase is not None and phase not in phases:
            raise PlanError(
                f"places, {place}: its phase {phase} has no first year. "
                "Add it to the phases in programme.toml, or mend the place's phase."
            )
        opening.append((place, None if phase is None else phases[phase]))
    return pl.DataFrame(
        opening, schema={"place": pl.String, "opening_year": pl.Int64}, orient="row"
    )


def _phase(place: str, rows: dict[str, dict[str, object]]) -> object:
    """Give a place's phase, or else that of the nearest place it lies in that has one."""
    seen: set[object] = set()
    at: object = place
    while isinstance(at, str) and at in rows and at not in seen:
        if rows[at]["phase"] is not None:
            return rows[at]["phase"]
        seen.add(at)
        at = rows[at]["parent"]
    return None
