"""A chain small enough to be reckoned by hand: ore is bought, reduced, melted and asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from onshore.chain import Chain, read_chain

Row = Mapping[str, Any]


def small_steel(
    *,
    projects: Sequence[Row] = (),
    years: Sequence[int] = (2026, 2027),
    seasons: Sequence[tuple[str, float]] = (("year", 1.0),),
    reduced: float = 100.0,
    melted: float = 10.0,
    demands: Sequence[Row] = (),
    budgets: Sequence[Row] = (),
    parts: Sequence[Row] = (),
    links: Sequence[Row] = (),
    sold: float = 0.0,
    **settings: Any,
) -> Chain:
    """Two processes at one place; capacities in kt a year, 1.5 kt of ore to 1 of sponge iron."""
    tables = {
        "commodities": [
            {"commodity": "ore", "unit": "kt", "kind": "material"},
            {"commodity": "sponge iron", "unit": "kt", "kind": "material"},
            {"commodity": "steel", "unit": "kt", "kind": "material"},
        ],
        "places": [{"place": "here"}, {"place": "there"}],
        "processes": [
            {"process": "reduction", "commodity": "sponge iron"},
            {"process": "melting", "commodity": "steel"},
        ],
        "recipes": [
            {"process": "reduction", "commodity": "ore", "rate": -1.5},
            {"process": "melting", "commodity": "sponge iron", "rate": -1.0},
        ],
        "assets": [
            {"asset": "shaft", "process": "reduction", "place": "here", "capacity": reduced},
            {"asset": "furnace", "process": "melting", "place": "here", "capacity": melted},
        ],
        "markets": [
            {"market": "ore by sea", "commodity": "ore", "place": "here", "direction": "import",
             "price": 1.0},
            {"market": "steel by sea", "commodity": "steel", "place": "here",
             "direction": "export", "price": sold},
        ],
        "projects": list(projects),
        "demands": list(demands),
        "budgets": list(budgets),
        "parts": list(parts),
        "links": list(links),
    }  # fmt: skip
    frames = {name: pl.DataFrame(rows) for name, rows in tables.items() if rows}
    frames["assets"] = frames["assets"].with_columns(from_year=pl.lit(1400))
    told = {"name": "small", "years": list(years), "objective": "most output:steel"}
    return read_chain(frames, settings={**told, "seasons": dict(seasons), **settings})


def project(
    name: str,
    capacity: float = 10.0,
    *,
    days: Sequence[date | None] = (date(2026, 7, 1), date(2027, 7, 1), date(2029, 7, 1)),
    process: str = "melting",
    **more: Any,
) -> Row:
    """Give a row of projects."""
    low, likely, high = days
    told = {"finish_low": low, "finish_likely": likely, "finish_high": high}
    place = {"project": name, "process": process, "place": "here", "capacity": capacity}
    return {**place, **told, **more}
