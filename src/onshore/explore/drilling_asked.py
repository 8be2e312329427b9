"""The table of targets that an order of drilling is asked for, checked."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from onshore.explore.blocks import Array
from onshore.explore.errors import ExploreError

_EARTH_KM = 6371.0088
_LEAST = 1e-9  # probability that is not quite impossible, and not quite sure


@dataclass(frozen=True)
class Asked:
    """Targets, their chances, values and costs."""

    names: list[str]
    probability: Array
    detection: Array
    value: Array
    cost: Array
    lon: Array
    lat: Array

    @property
    def count(self) -> int:
        """How many targets there are."""
        return len(self.names)


def read_asked(
    targets: pl.DataFrame, value: float | None, cost: float | None, detection: float
) -> Asked:
    """Read the table of targets; what is missing or out of range is named by row."""
    usual = {"value": value, "cost": cost, "detection": detection}
    needed = ["target", "lon", "lat"]
    if "probability" not in targets.columns:
        needed.append("expected")
    needed += [name for name, given in usual.items() if given is None]
    absent = [name for name in needed if name not in targets.columns]
    if absent:
        told = (
            " Give value= and cost=, or columns of them." if {"value", "cost"} & {*absent} else ""
        )
        raise ExploreError(
            f"the targets to drill have no column {', '.join(absent)}. "
            f"Found: {', '.join(targets.columns)}.{told}"
        )
    if targets["target"].is_duplicated().any():
        twice = targets["target"].filter(targets["target"].is_duplicated())[0]
        raise ExploreError(f"the target '{twice}' is there twice. Leave one of them out.")
    several = np.ones(targets.height)
    if "expected" in targets.columns and targets["expected"].null_count() < targets.height:
        expected = _column(targets, "expected", 0.0, math.inf, "0 or more deposits")
        chance = -np.expm1(-expected)
        several = np.divide(expected, chance, out=np.ones_like(chance), where=chance > 0)
    if "probability" in targets.columns:
        chance = _column(targets, "probability", 0.0, 1.0, "a probability of 0 to 1")
    elif "expected" in targets.columns and targets["expected"].null_count() == targets.height:
        chance = _column(targets, "expected", 0.0, math.inf, "0 or more deposits")
    worth = (
        _column(targets, "value", 0.0, math.inf, "0 or more")
        if "value" in targets.columns
        else _given("value", value, targets.height) * several
    )
    paid = (
        _column(targets, "cost", 0.0, math.inf, "above 0")
        if "cost" in targets.columns
        else _given("cost", cost, targets.height)
    )
    if (paid <= 0).any():
        which = targets["target"][int(np.flatnonzero(paid <= 0)[0])]
        raise ExploreError(f"the target '{which}' costs nothing to drill. Give a cost above 0.")
    finds = (
        _column(targets, "detection", _LEAST, 1.0, "a probability above 0, up to 1")
        if "detection" in targets.columns
        else _given("detection", detection, targets.height)
    )
    if not 0 < detection <= 1:
        raise ExploreError(f"detection is a probability above 0, up to 1. Found: {detection}.")
    return Asked(
        names=[str(name) for name in targets["target"].to_list()],
        probability=np.clip(chance, _LEAST, 1 - _LEAST),
        detection=finds,
        value=worth,
        cost=paid,
        lon=_column(targets, "lon", -180.0, 180.0, "degrees of -180 to 180"),
        lat=_column(targets, "lat", -90.0, 90.0, "degrees of -90 to 90"),
    )


def _given(name: str, number: float | None, count: int) -> Array:
    if number is None or not (math.isfinite(number) and number >= 0):
        raise ExploreError(f"{name} is a number of 0 or more. Found: {number}.")
    return np.full(count, float(number))


def _column(targets: pl.DataFrame, name: str, low: float, high: float, what: str) -> Array:
    values = targets[name].cast(pl.Float64, strict=False).fill_null(math.nan).to_numpy()
    wrong = ~((values >= low) & (values <= high) & np.isfinite(values))
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise ExploreError(
            f"row {row + 1} (target '{targets['target'][row]}'), {name}: must be {what}. "
            f"Found: {targets[name][row]}."
        )
    return values


def read_results(drilled: Mapping[str, bool], asked: Asked) -> dict[int, bool]:
    """Give results by the target's number; a target that is not in the table is an error."""
    unknown = sorted(set(drilled) - set(asked.names))
    if unknown:
        raise ExploreError(
            f"drilled names targets that are not in the table: {', '.join(unknown[:5])}. "
            f"Found: {', '.join(asked.names[:5])} ..."
        )
    return {asked.names.index(name): bool(result) for name, result in drilled.items()}


def distances_km(lon: Array, lat: Array) -> Array:
    """Give great-circle distances between points, km."""
    x, y = np.radians(lon), np.radians(lat)
    half = (
        np.sin((y[:, None] - y) / 2) ** 2
        + np.cos(y[:, None]) * np.cos(y) * np.sin((x[:, None] - x) / 2) ** 2
    )
    far: Array = 2 * _EARTH_KM * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0)))
    return far
