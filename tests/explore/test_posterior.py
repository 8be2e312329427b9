"""Posterior probabilities, tests of independence: against plain formulas cell by cell."""

import math
import pickle

import numpy as np
import polars as pl
import pytest
from explore_rasters import KeptStack, deposits_at
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, norm

from onshore import explore
from onshore.explore.errors import ExploreError


def made_up(seed, side=40, *, gaps=0.0, region=False):
    """Three layers, deposits that follow the first two, and each layer's weights."""
    random = np.random.default_rng(seed)
    layers = {
        "a": random.integers(1, 3, (side, side)).astype(np.float32),
        "b": random.integers(0, 30, (side, side)).astype(np.float32),
        "c": random.integers(1, 5, (side, side)).astype(np.float32) * 10,
    }
    for values in layers.values():
        values[random.random((side, side)) < gaps] = np.nan
    chance = np.where(layers["a"] == 1, 0.06, 0.02) * np.where(layers["b"] > 20, 2.0, 1.0)
    rows, columns = np.nonzero(random.random((side, side)) < np.nan_to_num(chance))
    inside = random.random((side, side)) < 0.9 if region else None
    stack = KeptStack(layers, kinds=["binary", "numeric", "categorical"], region=inside)
    deposits = deposits_at(rows.tolist(), columns.tolist())
    weights = [
        explore.weights(explore.class_counts(stack, "a", deposits), kind="unique", unit_cell_km2=1),
        explore.weights(
            explore.class_counts(stack, "b", deposits, breaks=[5.0, 10.0, 20.0]),
            kind="descending",
            unit_cell_km2=1,
            cut=4,
        ),
        explore.weights(
            explore.class_counts(stack, "c", deposits),
            kind="unique",
            unit_cell_km2=1,
            smoothing=1.0,
        ),
    ]
    return stack, deposits, weights


def by_hand(weights, values):
    """Give probability and deviation of one cell from the tables, layer by layer."""
    n, s = weights[0].points, weights[0].area_km2 / weights[0].unit_cell_km2
    logit, variance, missing = math.log(n / (s - n)), 1 / n, []
    for each, value in zip(weights, values, strict=True):
        rows = [row for row in each.table.iter_rows(named=True) if row["class"] is not None]
        if math.isnan(value):
            missing.append(rows)
            continue
        row = next(
            row
            for row in rows
            if row["lower"] == value == row["upper"]
            or (row["lower"] != row["upper"] and _within(row, value))
        )
        logit += row["weight"]
        variance += row["s_weight"] ** 2
    p = 1 / (1 + math.exp(-logit))
    total = (p * (1 - p)) ** 2 * variance
    for rows in missing:
        area = sum(row["class_area_km2"] for row in rows)
        for row in rows:
            with_it = 1 / (1 + math.exp(-logit - row["weight"]))
            total += row["class_area_km2"] / area * (with_it - p) ** 2
    return p, math.sqrt(total)


def _within(row, value):
    low = -math.inf if row["lower"] is None else row["lower"]
    high = math.inf if row["upper"] is None else row["upper"]
    return low <= value < high


@pytest.mark.parametrize(("gaps", "region"), [(0.0, False), (0.15, True)])
def test_each_cell_is_what_the_tables_say(gaps, region):
    stack, _, weights = made_up(3, side=24, gaps=gaps, region=region)
    made = explore.response(weights)
    cells = stack.read(stack.blocks(24)[0])
    found = made(cells)
    assert found.dtype == np.float32
    for row in range(24):
        for column in range(24):
            got = found[:, row, column]
            if not cells.inside[row, column]:
                assert np.isnan(got).all()
                continue
            told = by_hand(weights, cells.values[:, row, column].tolist())
            assert got.tolist() == pytest.approx(told, rel=2e-7)
    if gaps:
        assert np.isfinite(found[0]).sum() > cells.valid.sum()


def test_values_between_classes_and_unknown_ones():
    classes = pl.DataFrame({"class": [10, 20, 30], "area_km2": [100] * 3, "points": [20, 9, 2]})
    up = explore.weights(classes, kind="ascending", unit_cell_km2=1, layer="d", cut=20)
    values = np.array([[-5, 10, 20, 20.5, 30, 99, np.nan]], np.float32)
    inside, outside = up.generalised["weight"].to_list()
    prior = math.log(31 / (300 - 31))
    told = explore.response([up]).at(values)[0]
    weights = [inside, inside, inside, outside, outside, outside, 0.0]
    expected = [1 / (1 + math.exp(-prior - weight)) for weight in weights]
    assert told.tolist() == pytest.approx(expected, rel=1e-12)
    own = explore.weights(classes, kind="unique", unit_cell_km2=1, layer="d")
    told = explore.response([own]).at(values)[0]
    per_class = own.table["weight"].to_list()
    weights = [0.0, per_class[0], per_class[1], 0.0, per_class[2], 0.0, 0.0]
    expected = [1 / (1 + math.exp(-prior - weight)) for weight in weights]
    assert told.tolist() == pytest.approx(expected, rel=1e-12)


def test_one_layer_returns_the_deposits_it_was_made_of():
    """With one layer nothing is counted twice: T = n but for P beside its odds."""
    stack, deposits, weights = made_up(5, side=80)
    found = explore.independence(stack, weights[:1], deposits)
    assert found.table["ratio"][0] == pytest.approx(1.0, abs=1e-9)
    assert found.table["ratio_high"][0] - found.table["ratio_low"][0] < 1e-6
    assert found.pairs.is_empty()
    assert found.warnings == []


def test_a_given_prior_is_taken_as_known():
    _, _, weights = made_up(5)
    made = explore.response(weights[:1], prior=0.001)
    value = np.array([[1.0]], np.float32)
    p, deviation = made.at(value)[:, 0]
    weight, spread = weights[0].table.select("weight", "s_weight").row(0)
    assert p == pytest.approx(1 / (1 + 999 * math.exp(-weight)), rel=1e-12)
    assert deviation == pytest.approx(p * (1 - p) * spread, rel=1e-12)


@pytest.mark.parametrize("gaps", [0.0, 0.2])
def test_agterberg_and_cheng_over_unique_conditions(gaps):
    stack, deposits, weights = made_up(11, gaps=gaps)
    made = explore.response(weights)
    found = explore.independence(stack, weights, deposits, size=7)
    cells = stack.read(stack.blocks(40)[0])
    p, deviation = made.at(cells.values.reshape(3, -1), cells.inside.ravel())
    inside = cells.inside.ravel()
    groups = made.groups.find(cells.values.reshape(3, -1))
    total = {}
    for key, one, spread in zip(
        map(tuple, groups.T[inside]), p[inside], deviation[inside], strict=True
    ):
        told = total.setdefault(key, [0, one, spread])
        told[0] += 1
    variance = 0.0
    for key, (count, one, spread) in total.items():
        # The published deviation is P times that of the logit, without the factor 1 - P.
        logit = 1 / made.deposits + sum(made.groups.deviation[j, g] ** 2 for j, g in enumerate(key))
        missing = spread**2 - (one * (1 - one)) ** 2 * logit
        variance += count**2 * (one**2 * logit + missing)
    row = found.table.row(0, named=True)
    n, t = deposits.cells["weight"].sum(), p[inside].sum()
    assert row["conditions"] == len(total)
    assert row["observed"] == n
    assert row["expected"] == pytest.approx(t, rel=1e-12)
    assert row["ratio"] == pytest.approx(t / n, rel=1e-12)
    assert row["deviation"] == pytest.approx(math.sqrt(variance), rel=1e-9)
    assert row["z"] == pytest.approx((t - n) / math.sqrt(variance), rel=1e-9)
    assert row["probability"] == pytest.approx(norm.cdf(row["z"]), rel=1e-9)


def test_the_interval_of_the_ratio_follows_each_deposit():
    """Weigh everything anew with a little more of each deposit, and see how T / n moves."""
    stack, deposits, _ = made_up(2, side=30)

    def ratio(weights_of_deposits):
        cells = deposits.cells.with_columns(weight=pl.Series(weights_of_deposits))
        again = deposits_at(cells["row"].to_list(), cells["column"].to_list())
        again.cells = cells
        made = []
        for layer, cut in (("a", 1), ("b", 2)):
            breaks = [10.0, 20.0] if layer == "b" else None
            counts = explore.class_counts(stack, layer, again, breaks=breaks)
            made.append(explore.weights(counts, kind="ascending", unit_cell_km2=1, cut=cut))
        return explore.independence(stack, made, again).table.row(0, named=True)

    ones = np.ones(len(deposits.cells))
    told = ratio(ones)
    step = 1e-4
    change = []
    for k in range(len(ones)):
        more, less = ones.copy(), ones.copy()
        more[k] += step
        less[k] -= step
        change.append((ratio(more)["ratio"] - ratio(less)["ratio"]) / (2 * step))
    half = 1.959963984540054 * math.sqrt(np.sum(np.square(change)))
    assert told["ratio_high"] - told["ratio"] == pytest.approx(half, rel=1e-5)
    assert told["ratio"] - told["ratio_low"] == pytest.approx(half, rel=1e-5)


def test_pairs_are_chi_squared_on_the_deposits():
    stack, deposits, weights = made_up(4, side=90)
    found = explore.independence(stack, weights, deposits).pairs
    rows, columns = deposits.cells["row"].to_numpy(), deposits.cells["column"].to_numpy()
    groups = explore.response(weights).groups.find(stack.values[:, rows, columns])
    for layer, other, chi_squared, freedom, probability, least in found.iter_rows():
        i, j = stack.names.index(layer), stack.names.index(other)
        held = np.zeros((groups[i].max() + 1, groups[j].max() + 1))
        np.add.at(held, (groups[i], groups[j]), 1)
        told = chi2_contingency(held)
        assert chi_squared == pytest.approx(told.statistic, rel=1e-9)
        assert (freedom, probability) == (told.dof, pytest.approx(told.pvalue, rel=1e-9))
        assert least == pytest.approx(told.expected_freq.min())
    assert len(found) == 3
    assert found["probability"].is_sorted()


def test_a_layer_taken_twice_is_told():
    stack, deposits, weights = made_up(8, side=60)
    again = KeptStack({"a": stack.values[0], "copy": stack.values[0]})
    both = [
        explore.weights(explore.class_counts(again, name, deposits), kind="unique", unit_cell_km2=1)
        for name in again.names
    ]
    found = explore.independence(again, both, deposits)
    assert found.pairs["probability"][0] < 1e-9
    assert found.table["ratio"][0] > 1.05
    assert found.table["ratio_low"][0] > 1.0
    assert weights[0].points == both[0].points


@settings(max_examples=12)
@given(st.integers(0, 1000), st.integers(3, 40))
def test_every_block_size_gives_the_same(seed, size):
    stack, deposits, weights = made_up(seed % 3, gaps=0.1)
    made = explore.response(weights)
    whole = made(stack.read(stack.blocks(40)[0]))
    parts = np.full_like(whole, -1)
    for block in stack.blocks(size):
        rows = slice(block.row, block.row + block.height)
        columns = slice(block.column, block.column + block.width)
        parts[:, rows, columns] = made(stack.read(block))
    assert parts.tobytes() == whole.tobytes()
    sent = pickle.loads(pickle.dumps(made))
    assert sent(stack.read(stack.blocks(40)[0])).tobytes() == whole.tobytes()
    one = explore.independence(stack, weights, deposits)
    other = explore.independence(stack, weights, deposits, size=size)
    assert one.table.equals(other.table)
    assert one.pairs.equals(other.pairs)


def test_bad_questions_are_named():
    stack, deposits, weights = made_up(1)
    with pytest.raises(ExploreError, match="at least one layer"):
        explore.response([])
    with pytest.raises(ExploreError, match="told once"):
        explore.response([weights[0], weights[0]])
    with pytest.raises(ExploreError, match="a probability per unit cell"):
        explore.response(weights, prior=1.5)
    nameless = pl.DataFrame({"class": [1, 2], "area_km2": [90, 90], "points": [3, 8]})
    with pytest.raises(ExploreError, match="layer's name"):
        explore.response([explore.weights(nameless, kind="unique", unit_cell_km2=1)])
    half = explore.weights(nameless, kind="unique", unit_cell_km2=0.5, layer="z")
    with pytest.raises(ExploreError, match=r"one unit cell. Found: 0.5, 1 square"):
        explore.response([weights[0], half])
    nowhere = deposits_at([0], [0])
    nowhere.cells = nowhere.cells.with_columns(row=pl.lit(10_000))
    with pytest.raises(ExploreError, match="no deposit lies in the study area"):
        explore.independence(stack, weights, nowhere)
    other = explore.weights(nameless, kind="unique", unit_cell_km2=1, layer="a")
    assert "smaller area than b" in explore.response([other, *weights[1:]]).warnings[0]
    assert explore.independence(stack, weights, deposits).table["observed"][0] > 2
