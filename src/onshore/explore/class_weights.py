"""What the map uses of each class: divided at a cut, by itself, or told together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
import polars as pl

from onshore.explore.contrast import Contrast, Vector, contrasts
from onshore.explore.errors import ExploreError

Kind: TypeAlias = Literal["ascending", "descending", "categorical", "unique"]
Best: TypeAlias = Literal["studentised", "contrast"]

# What the best cut of a layer that tells nothing seldom reaches, however many classes.
_BEYOND_CHANCE = 3.0
_SHOWN = 8


@dataclass(frozen=True)
class Weighing:
    """Weighs patterns of one layer; area in square kilometres."""

    deposits: float
    area: float
    unit: float
    smoothing: float

    def __call__(self, area: Vector, points: Vector) -> Contrast:
        """Weigh patterns of so much area with so many deposits."""
        added = self.smoothing * area / self.area
        return contrasts(
            points + added, area / self.unit, self.deposits + self.smoothing, self.area / self.unit
        )


class Used(NamedTuple):
    """What the map uses of each class: its group (NaN: told together), weight and deviation."""

    group: Vector
    weight: Vector
    deviation: Vector
    warnings: list[str]
    cut: float | None = None


def divided(
    ordered: pl.DataFrame,
    told: Contrast,
    holds_all: np.ndarray[Any, np.dtype[np.bool_]],
    kind: Kind,
    cut: float | None,
    best: Best,
    confidence: float,
) -> Used:
    """Divide the layer at the cut: W+ up to it, W- after it."""
    at, warnings = _cut_row(ordered, told, cut, best, confidence, kind)
    if at is None:
        return _nothing(len(ordered), warnings)
    inside = np.arange(len(ordered)) <= at
    if holds_all[at]:
        warnings.append(
            "the pattern inside the cut holds all deposits: the weight outside rests on the "
            "correction for that, and is uncertain"
        )
    return Used(
        np.where(inside, 2.0, 1.0),
        np.where(inside, told.w_plus[at], told.w_minus[at]),
        np.where(inside, told.s_w_plus[at], told.s_w_minus[at]),
        warnings,
        float(ordered["class"][at]),
    )


def by_itself(ordered: pl.DataFrame, told: Contrast) -> Used:
    """Give each class its own weight; a class without a deposit tells nothing."""
    empty = ordered["class"].filter(pl.Series(np.isnan(told.w_plus)))
    warnings = []
    if len(empty):
        warnings.append(
            f"{named(empty)} {'holds' if len(empty) == 1 else 'hold'} no deposit and got the "
            "weight 0; smoothing=1 gives a finite negative weight"
        )
    return Used(
        ordered["class"].to_numpy(),
        np.nan_to_num(told.w_plus),
        np.nan_to_num(told.s_w_plus),
        warnings,
    )


def told_together(
    ordered: pl.DataFrame,
    told: Contrast,
    area: Vector,
    points: Vector,
    weigh: Weighing,
    confidence: float,
) -> Used:
    """Give classes that tell too little by themselves one weight, that of their common area."""
    weak = ~(np.abs(np.nan_to_num(told.studentised)) >= confidence)
    if weak.all():
        return _nothing(
            len(ordered),
            [
                f"no class has a studentised contrast of {confidence:g} or more: the layer tells "
                "nothing about deposits and gets the weight 0"
            ],
        )
    common = weigh(area[weak].sum(keepdims=True), points[weak].sum(keepdims=True))
    warnings = []
    if weak.any() and np.isnan(common.w_plus[0]):
        warnings.append(
            f"{named(ordered['class'].filter(pl.Series(weak)))} together hold no deposit and got "
            "the weight 0; smoothing=1 gives a finite negative weight"
        )
    return Used(
        np.where(weak, np.nan, ordered["class"].to_numpy()),
        np.where(weak, np.nan_to_num(common.w_plus), told.w_plus),
        np.where(weak, np.nan_to_num(common.s_w_plus), told.s_w_plus),
        warnings,
    )


def _nothing(classes: int, warnings: list[str]) -> Used:
    zero = np.zeros(classes)
    return Used(np.full(classes, np.nan), zero, zero, warnings)


def _cut_row(
    ordered: pl.DataFrame,
    told: Contrast,
    cut: float | None,
    best: Best,
    confidence: float,
    kind: Kind,
) -> tuple[int | None, list[str]]:
    """Give the last row inside the pattern; the whole area is no pattern."""
    names = ordered["class"].to_numpy()
    if cut is not None:
        at = np.flatnonzero(names[:-1] == cut)
        if not len(at) or np.isnan(told.w_plus[at[0]]):
            raise ExploreError(
                f"no cut can be made after class {cut:g}. Found: {kind} classes "
                f"{names[0]:g} to {names[-1]:g}. Name a class of the table but not its last, "
                "with a deposit inside."
            )
        return int(at[0]), []
    studentised = np.nan_to_num(told.studentised[:-1], nan=-np.inf)
    sure = studentised >= confidence
    if not sure.any():
        most = float(studentised.max())
        shown = f"{most:.2f}" if np.isfinite(most) else "none"
        return None, [
            f"no {kind} cut has a studentised contrast of {confidence:g} or more (largest: "
            f"{shown}): the layer tells nothing about deposits this way and gets the weight 0"
        ]
    by = studentised if best == "studentised" else told.contrast[:-1]
    chosen = int(np.argmax(np.where(sure, by, -np.inf)))
    if studentised[chosen] >= _BEYOND_CHANCE:
        return chosen, []
    return chosen, [
        f"the best of {len(studentised)} cuts has a studentised contrast of "
        f"{studentised[chosen]:.2f}, which a layer that tells nothing may reach by chance: see "
        "chance_of_cut, or ask for a confidence of 3"
    ]


def named(classes: pl.Series) -> str:
    """Name classes for a message, the first few of many."""
    names = [f"{value:g}" if value is not None else "without data" for value in classes]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"class{'' if len(names) == 1 else 'es'} {', '.join(names[:_SHOWN])}{more}"
