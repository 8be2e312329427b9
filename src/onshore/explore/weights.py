"""Weights of evidence of a layer's classes, and the cut that tells deposits best from the rest."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import get_args

import numpy as np
import polars as pl

from onshore.explore.class_weights import (
    Best,
    Kind,
    Used,
    Weighing,
    by_itself,
    divided,
    named,
    told_together,
)
from onshore.explore.contrast import Contrast, Vector
from onshore.explore.errors import ExploreError

__all__ = ["Best", "Kind", "Weights", "weights"]

_FEW = 10
_NEEDED = ("class", "area_km2", "points")


@dataclass(frozen=True)
class Weights:
    """The weights of one layer.

    Attributes
    ----------
    layer : str
        The layer's name.
    kind : str
        ``ascending``, ``descending``, ``categorical`` or ``unique``.
    unit_cell_km2 : float
        Area of the unit cell that probabilities are told for, in square kilometres.
    cut : float or None
        The last class inside the cumulative pattern; None where there is no cut.
    table : DataFrame
        A row for each class; `weights` tells the columns.
    generalised : DataFrame
        A row for each class that is left after generalising: ``generalised`` (Float64; null for
        classes told together), ``area_km2``, ``points``, ``weight``, ``s_weight`` (Float64).
    area_km2, points : float
        The study area and its deposits, the part without data in this layer included.
    warnings : list of str
        What to mind.
    """

    layer: str
    kind: Kind
    unit_cell_km2: float
    cut: float | None
    table: pl.DataFrame
    generalised: pl.DataFrame
    area_km2: float
    points: float
    warnings: list[str] = field(default_factory=list)

    @property
    def prior(self) -> float:
        """Deposits per unit cell of the study area."""
        return self.points * self.unit_cell_km2 / self.area_km2


def weights(
    classes: pl.DataFrame,
    *,
    kind: Kind,
    unit_cell_km2: float,
    confidence: float = 2.0,
    best: Best = "studentised",
    cut: float | None = None,
    smoothing: float = 0.0,
    layer: str | None = None,
) -> Weights:
    """Weigh the classes of a layer by the deposits they hold.

    *ascending* and *descending* weigh the patterns "this class and all below" (above), and divide
    the layer in two at the best cut. *unique* weighs each class by itself. *categorical* does so
    too, and then tells together all classes whose studentised contrast is between -confidence and
    confidence. The formulas are those of Bonham-Carter, Agterberg and Wright (1989); see
    `docs/methods/explore_weights.md`.

    Parameters
    ----------
    classes
        From `class_counts`, or a table of ``class`` (number; null: study area without data),
        ``area_km2`` and ``points`` (number of deposits) of each class by itself; further
        ``layer``, ``lower`` and ``upper`` (bounds of the class, lower <= value < upper, null where
        open) are kept.
    kind
        How classes are taken together.
    unit_cell_km2
        Area of the unit cell in square kilometres: a deposit takes up one. Weights hardly depend
        on it while deposits are few; probabilities are per unit cell.
    confidence
        The least studentised contrast of a cut, or of a class that is told by itself.
    best
        The cut has the largest ``studentised`` contrast, or the largest ``contrast`` among those
        with enough confidence. The latter often takes nearly the whole area, because the contrast
        grows without bound when the last deposit is taken in.
    cut
        Cut after this class, in place of the best one.
    smoothing
        Deposits added to all classes in proportion to their areas. It draws weights of classes
        with few deposits towards 0, and gives classes without any a finite negative weight. The
        published formulas have none.
    layer
        The layer's name, where the table does not tell.

    Returns
    -------
    Weights
        Its ``table`` has a row for each class, in the order of cumulation: ``class``, ``lower``,
        ``upper``, ``class_area_km2``, ``class_points``, then of the pattern ``area_km2``,
        ``points`` (cumulated for ascending and descending), ``w_plus``, ``s_w_plus``, ``w_minus``,
        ``s_w_minus``, ``contrast``, ``s_contrast``, ``studentised`` (null where the pattern holds
        no deposit), ``generalised`` (2 inside the cut, 1 outside; else the class, null if told
        together), ``weight`` and ``s_weight`` as used in the map (Float64). A class null, study
        area without data, has weight 0.

    Raises
    ------
    ExploreError
        Missing columns or values, classes told twice, fewer than two deposits, a unit cell so
        large that there are more deposits than cells, an unknown kind or cut.

    Examples
    --------
    >>> classes = pl.DataFrame({
    ...     "class": [1, 2], "area_km2": [15526.06, 15785.27], "points": [195, 63]
    ... })
    >>> found = weights(classes, kind="ascending", unit_cell_km2=1.0)
    >>> found.table.row(0, named=True)["contrast"].__round__(6), found.cut
    (1.155062, 1.0)
    """
    _check_asked(kind, best, unit_cell_km2, confidence, smoothing)
    ordered, missing = _ordered(classes, kind)
    name = layer or (str(classes["layer"][0]) if "layer" in classes.columns else "")
    unit = float(unit_cell_km2)
    area, points = ordered["class_area_km2"].to_numpy(), ordered["class_points"].to_numpy()
    _check_totals(name, float(area.sum()), float(points.sum()), unit)
    cumulative = kind in ("ascending", "descending")
    if cumulative:
        area, points = np.cumsum(area), np.cumsum(points)
    total_area = float(area[-1] if cumulative else area.sum())
    total = float(points[-1] if cumulative else points.sum())
    weigh = Weighing(total, total_area, unit, smoothing)
    told = weigh(area, points)
    if cumulative:
        used = divided(ordered, told, points >= total * (1 - 1e-12), kind, cut, best, confidence)
    elif kind == "categorical":
        used = told_together(ordered, told, area, points, weigh, confidence)
    else:
        used = by_itself(ordered, told)
    warnings = [*_few(total), *used.warnings]
    warnings += _too_small(ordered, area / unit, points)
    table = _table(ordered, missing, area, points, told, used)
    return Weights(
        layer=name,
        kind=kind,
        unit_cell_km2=unit,
        cut=used.cut,
        table=table,
        generalised=_generalised(table),
        area_km2=float(table["class_area_km2"].sum()),
        points=float(table["class_points"].sum()),
        warnings=[f"{name}: {text}" if name else text for text in warnings],
    )


def _check_asked(
    kind: str, best: str, unit_cell_km2: float, confidence: float, smoothing: float
) -> None:
    for name, value, choices in (("kind", kind, get_args(Kind)), ("best", best, get_args(Best))):
        if value not in choices:
            raise ExploreError(f"{name} is one of {', '.join(choices)}. Found: {value!r}.")
    if not (np.isfinite(unit_cell_km2) and unit_cell_km2 > 0):
        raise ExploreError(
            f"the unit cell is an area in square kilometres above 0. Found: {unit_cell_km2}. "
            "Take the area that one deposit takes up, for instance 1."
        )
    for name, number in (("confidence", confidence), ("smoothing", smoothing)):
        if not (np.isfinite(number) and number >= 0):
            raise ExploreError(f"{name} is a number of 0 or more. Found: {number}.")


def _ordered(classes: pl.DataFrame, kind: Kind) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give the classes with data in the order of cumulation, and the row without data."""
    absent = [name for name in _NEEDED if name not in classes.columns]
    if absent:
        raise ExploreError(
            f"the table of classes has no column {', '.join(absent)}. "
            f"Found: {', '.join(classes.columns)}. Take the table of class_counts, or name the "
            "columns class, area_km2, points."
        )
    bounds = [
        pl.col(name).cast(pl.Float64) if name in classes.columns else pl.col("class").alias(name)
        for name in ("lower", "upper")
    ]
    try:
        read = classes.with_columns(pl.col(_NEEDED).cast(pl.Float64)).select(
            "class",
            *bounds,
            class_area_km2="area_km2",
            class_points="points",
        )
    except pl.exceptions.PolarsError as problem:
        raise ExploreError(
            f"the table of classes must hold numbers. Found: {problem}. Mend the column."
        ) from problem
    for name in ("class_area_km2", "class_points"):
        wrong = read.filter(~(pl.col(name).is_finite() & (pl.col(name) >= 0)).fill_null(False))
        if len(wrong):
            raise ExploreError(
                f"{name.removeprefix('class_')} of {named(wrong['class'])} must be a number of 0 "
                f"or more. Found: {wrong[name][0]}. Mend the row."
            )
    twice = read["class"].filter(read["class"].is_duplicated()).unique()
    if len(twice):
        raise ExploreError(
            f"{named(twice)} is in the table more than once. Give the area and the points of each "
            "class by itself, in one row."
        )
    read = read.with_columns(pl.col("class").fill_nan(None))
    known = read.filter(pl.col("class").is_not_null(), pl.col("class_area_km2") > 0)
    lost = read.filter(pl.col("class_area_km2") == 0, pl.col("class_points") > 0)
    if len(lost):
        raise ExploreError(
            f"{named(lost['class'])} has deposits but no area. Give its area in square kilometres."
        )
    if len(known) < 2:
        raise ExploreError(
            f"weights compare at least two classes with area. Found: {len(known)}. A layer that "
            "is the same everywhere tells nothing: leave it out, or give breaks."
        )
    return known.sort("class", descending=kind == "descending"), read.filter(
        pl.col("class").is_null()
    )


def _check_totals(layer: str, area: float, points: float, unit: float) -> None:
    of = f" of {layer}" if layer else ""
    if points < 2:
        raise ExploreError(
            f"weights{of} need at least two deposits where the layer has data. Found: {points:g}. "
            "Add deposits, or enlarge the study area."
        )
    if points >= area / unit:
        raise ExploreError(
            f"there are {points:g} deposits{of} in only {area / unit:g} unit cells of {unit:g} "
            "square kilometres. A deposit takes up a unit cell: take a smaller one."
        )


def _few(total: float) -> list[str]:
    if total >= _FEW:
        return []
    return [
        f"only {total:g} deposits where there are data: weights are far from sure (see their "
        "standard deviations); prefer knowledge (fuzzy overlay), or add deposits"
    ]


def _too_small(ordered: pl.DataFrame, cells: Vector, points: Vector) -> list[str]:
    full = ordered["class"].filter(pl.Series((points > 0) & (cells <= points)))
    if not len(full):
        return []
    return [
        f"{named(full)} {'has' if len(full) == 1 else 'have'} no more unit cells than deposits; "
        "one unit cell was added. Take a smaller unit cell, or wider classes"
    ]


def _table(
    ordered: pl.DataFrame,
    missing: pl.DataFrame,
    area: Vector,
    points: Vector,
    told: Contrast,
    used: Used,
) -> pl.DataFrame:
    known = ordered.with_columns(
        area_km2=pl.Series(area),
        points=pl.Series(points),
        **{name: pl.Series(values) for name, values in told._asdict().items()},
        generalised=pl.Series(used.group),
        weight=pl.Series(used.weight),
        s_weight=pl.Series(used.deviation),
    ).with_columns(pl.col(*Contrast._fields, "generalised").fill_nan(None))
    nothing = missing.with_columns(weight=pl.lit(0.0), s_weight=pl.lit(0.0))
    return pl.concat([known, nothing], how="diagonal")


def _generalised(table: pl.DataFrame) -> pl.DataFrame:
    return (
        table.filter(pl.col("class").is_not_null())
        .group_by("generalised", maintain_order=True)
        .agg(
            pl.col("class_area_km2").sum().alias("area_km2"),
            pl.col("class_points").sum().alias("points"),
            pl.col("weight", "s_weight").first(),
        )
    )
