"""One look over a layer before it is used: what no model should meet is named."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from onshore.explore.alignment import marks_of
from onshore.explore.blocks import Array
from onshore.explore.errors import ExploreError
from onshore.explore.layers import Layer

# Whole numbers that float32 holds exactly.
_EXACT = 1 << 24


@dataclass(frozen=True)
class Seen:
    """What a look over a layer found in the region, before any transform."""

    cells: int
    missing: int
    not_numbers: int
    low: float
    high: float
    fractions: int
    others: int
    mark: float
    marks: int
    logless: int


def low_mark(dtype: str) -> float:
    """Give the lowest number of signed types: a usual sign of no data in them."""
    kind = np.dtype(dtype)
    if kind.kind == "i" and kind.itemsize > 1:
        return float(np.iinfo(kind).min)
    return float("nan")


def look_over(parts: Iterable[tuple[Array, Array]], nodata: tuple[float, ...], dtype: str) -> Seen:
    """Count what is in a layer, from its values and the region's cells block by block."""
    from onshore.explore import raster_kernels as kernels

    seen = np.zeros(kernels.LENGTH)
    seen[kernels.LOW], seen[kernels.HIGH], seen[kernels.MARK] = np.inf, -np.inf, np.nan
    mark = low_mark(dtype)
    for found, inside in parts:
        kernels.look_over(found, marks_of(nodata, found.dtype), inside, mark, seen)
    return Seen(
        int(seen[kernels.CELLS]),
        int(seen[kernels.MISSING]),
        int(seen[kernels.NOT_NUMBERS]),
        float(seen[kernels.LOW]),
        float(seen[kernels.HIGH]),
        int(seen[kernels.FRACTIONS]),
        int(seen[kernels.OTHERS]),
        float(seen[kernels.MARK]),
        int(seen[kernels.MARKS]),
        int(seen[kernels.LOGLESS]),
    )


def judge(layer: Layer, seen: Seen) -> list[str]:
    """Refuse a layer that says nothing or hides missing values; tell what is odd."""
    where = layer.where()
    if layer.checked and seen.marks:
        raise unmarked(where, seen.mark, seen.marks)
    if seen.missing == seen.cells:
        raise ExploreError(
            f"{where} has no data in the region. Found: {seen.cells} cells, all without data. "
            "Check its no-data value and place, or leave the layer out."
        )
    if seen.low == seen.high and layer.transform not in ("distance", "density"):
        raise ExploreError(
            f"{where} has one value everywhere. Found: {seen.low:g}. It tells no place from "
            "another: leave the layer out."
        )
    _judge_kind(layer, seen)
    warnings = []
    if seen.not_numbers and not layer.nan_declared:
        warnings.append(
            f"{where}: {seen.not_numbers} cells hold NaN or infinite values, which is not "
            "declared; they are taken as no data (write nan in its column nodata if they are)"
        )
    if layer.transform == "log" and seen.logless:
        warnings.append(
            f"{where}: {seen.logless} values are 0 or below and have no logarithm; "
            "they are taken as no data"
        )
    return warnings


def unmarked(where: str, mark: float, many: int | None = None) -> ExploreError:
    """Say that a usual sign of missing values is not declared."""
    found = f"{mark:g}" + (f" in {many} cells" if many else "")
    return ExploreError(
        f"{where} holds what is usually a sign of no data, and does not declare it. "
        f"Found: {found}. Write {mark!r} in its column nodata, or none if it is a true value."
    )


def _judge_kind(layer: Layer, seen: Seen) -> None:
    """Refuse classes that are no whole numbers, and binary layers of other than two values."""
    where = layer.where()
    if layer.declared == "numeric":
        return
    if seen.fractions:
        raise ExploreError(
            f"{where} is declared {layer.declared}, whose values are whole numbers. "
            f"Found: {seen.fractions} with fractions. Declare it numeric, or number its classes."
        )
    if max(abs(seen.low), abs(seen.high)) > _EXACT:
        raise ExploreError(
            f"{where} has class numbers that are too large to be kept exactly. "
            f"Found: {seen.low:.0f} to {seen.high:.0f}. Number its classes from 1."
        )
    if layer.declared == "binary" and seen.others:
        raise ExploreError(
            f"{where} is declared binary and has more than two values. "
            f"Found: {seen.low:g}, {seen.high:g} and others in {seen.others} cells. "
            "Declare it categorical or numeric, or declare the others as nodata."
        )
    if layer.transform in ("distance", "density") and not layer.features and seen.low > 0:
        raise ExploreError(
            f"{where}: every value would count as a feature. Found: {seen.low:g} to "
            f"{seen.high:g}, none 0. Name the values that count in its column features."
        )
