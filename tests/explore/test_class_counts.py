"""Classes of a layer counted by blocks, against counting the whole array at once."""

import numpy as np
import polars as pl
import pytest
from explore_rasters import KeptStack, deposits_at
from hypothesis import given, settings
from hypothesis import strategies as st

from onshore import explore
from onshore.explore.errors import ExploreError


def counted(values, region, rows, columns, weights, classes):
    """Count by class number (NaN: no data) over the whole array."""
    inside = ~np.isnan(values) if region is None else region
    cells = {c: int((inside & (classes == c)).sum()) for c in np.unique(classes[inside])}
    points = {}
    for row, column, weight in zip(rows, columns, weights, strict=True):
        if inside[row, column]:
            points[classes[row, column]] = points.get(classes[row, column], 0.0) + weight
    return cells, points


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.integers(2, 40), st.booleans(), st.booleans())
def test_counts_are_those_of_the_whole_array(seed, size, masked, intervals):
    random = np.random.default_rng(seed)
    shape = tuple(random.integers(1, 50, 2))
    values = random.integers(-6, 7, shape).astype(np.float32) * np.float32(0.1)
    values[random.random(shape) < 0.15] = np.nan
    region = random.random(shape) < 0.8 if masked else None
    rows, columns = (random.integers(0, side, 30).tolist() for side in shape)
    weights = random.integers(1, 5, 30).astype(float).tolist()
    breaks = [-0.35, 0.0, 0.3] if intervals else None
    classes = values if breaks is None else np.searchsorted(breaks, values, side="right") + 1.0
    classes = np.where(np.isnan(values), -99.0, classes)
    cells, points = counted(values, region, rows, columns, weights, classes)
    stack = KeptStack({"a": values, "b": values + 1}, region=region, cell_km2=0.01)
    found = explore.class_counts(
        stack, "a", deposits_at(rows, columns, weights), breaks=breaks, size=size
    )
    got = found.with_columns(pl.col("class").fill_null(-99.0)).filter(pl.col("cells") > 0)
    assert dict(got.select("class", "cells").iter_rows()) == cells
    held = got.filter(pl.col("points") > 0)
    assert dict(held.select("class", "points").iter_rows()) == points
    assert got["area_km2"].to_list() == [n * 0.01 for n in got["cells"]]
    assert found["layer"].unique().to_list() in ([], ["a"])


def test_several_deposits_in_a_cell_all_count():
    stack = KeptStack({"a": [[1, 1, 2], [2, 2, 2]]}, kinds=["categorical"])
    found = explore.class_counts(stack, "a", deposits_at([0, 0, 0, 1], [0, 0, 0, 2]))
    assert found.select("class", "cells", "points").rows() == [(1.0, 2, 3.0), (2.0, 4, 1.0)]


@given(st.integers(0, 10_000), st.integers(2, 12), st.sampled_from([0.0, 1.0, 1e-3, 1e30]))
def test_classes_of_equal_area_are_quantiles(seed, classes, step):
    random = np.random.default_rng(seed)
    values = random.normal(size=(31, 17)).astype(np.float32)
    if step == 1.0:
        values = np.round(values)
    else:
        values *= np.float32(step or 1.0)
    values[0, 0] = np.nan
    stack = KeptStack({"a": values})
    found = explore.class_counts(stack, "a", deposits_at([1], [1]), breaks=classes, size=10)
    flat = np.sort(values[~np.isnan(values)])
    ranks = [k * len(flat) // classes for k in range(1, classes)]
    edges = np.unique(flat[ranks])
    edges = edges[edges > flat[0]]
    assert found["upper"].drop_nulls().to_list() == edges.astype(float).tolist()
    assert found["lower"].drop_nulls().to_list() == edges.astype(float).tolist()
    assert found["cells"].sum() == len(flat)
    assert (found["cells"] > 0).all()


def test_many_values_make_the_table_grow():
    values = np.arange(60_000, dtype=np.float32).reshape(200, 300) - 30_000
    found = explore.class_counts(KeptStack({"a": values}), "a", deposits_at([3], [3]), size=64)
    assert found["class"].to_list() == list(range(-30_000, 30_000))
    assert found["cells"].unique().to_list() == [1]


def test_signed_zeros_are_one_class():
    stack = KeptStack({"a": [[0.0, -0.0, 1.0]]})
    found = explore.class_counts(stack, "a", deposits_at([0], [1]))
    assert found.select("class", "cells", "points").rows() == [(0.0, 2, 1.0), (1.0, 1, 0.0)]


def test_bad_questions_are_named():
    many = KeptStack({"a": np.arange(70_000, dtype=np.float32).reshape(250, 280)})
    some = deposits_at([0], [0])
    with pytest.raises(ExploreError, match=r"no layer 'b'\. Found: a"):
        explore.class_counts(many, "b", some)
    with pytest.raises(ExploreError, match=r"more than 65,536 values.*Give breaks"):
        explore.class_counts(many, "a", some)
    for breaks in ([], [2.0, 1.0], [1.0, 1.0], [float("nan")]):
        with pytest.raises(ExploreError, match="must be rising numbers"):
            explore.class_counts(many, "a", some, breaks=breaks)
    with pytest.raises(ExploreError, match="2 to 100 classes of equal area"):
        explore.class_counts(many, "a", some, breaks=1)
    same = KeptStack({"a": np.ones((4, 4))})
    with pytest.raises(ExploreError, match="one value over most of the area"):
        explore.class_counts(same, "a", some, breaks=3)
    empty = KeptStack({"a": np.full((4, 4), np.nan)})
    with pytest.raises(ExploreError, match="no value in the study area"):
        explore.class_counts(empty, "a", some, breaks=3)
