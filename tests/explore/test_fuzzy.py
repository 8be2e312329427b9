"""Fuzzy memberships and overlay, against their formulas."""

import math

import numpy as np
import pytest
from explore_rasters import KeptStack
from hypothesis import given
from hypothesis import strategies as st

from onshore import explore
from onshore.explore.errors import ExploreError
from onshore.explore.fuzzy import Overlay

shares = st.floats(0, 1)


@pytest.mark.parametrize(
    ("membership", "values", "expected"),
    [
        (
            explore.Membership("a", "linear", low=10, high=30),
            [5, 10, 15, 30, 99],
            [0, 0, 0.25, 1, 1],
        ),
        (explore.Membership("a", "linear", low=30, high=10), [5, 10, 25, 30], [1, 1, 0.25, 0]),
        (explore.Membership("a", "large", midpoint=4, spread=2), [0, 2, 4, 8], [0, 0.2, 0.5, 0.8]),
        (explore.Membership("a", "small", midpoint=4, spread=2), [0, 2, 4, 8], [1, 0.8, 0.5, 0.2]),
        (explore.Membership("a", "near", midpoint=5, spread=0.25), [3, 5, 7], [0.5, 1, 0.5]),
        (
            explore.Membership("a", "gaussian", midpoint=5, spread=0.25),
            [3, 5],
            [math.exp(-1), 1],
        ),
        (explore.Membership("a", "table", table={7: 0.3, 2: 0.9}), [2, 7], [0.9, 0.3]),
        (
            explore.Membership("a", "near", midpoint=5, spread=1, scale=0.6),
            [4, 5],
            [0.3, 0.6],
        ),
    ],
)
def test_memberships(membership, values, expected):
    assert membership.of(np.array(values, np.float32)).tolist() == pytest.approx(expected)
    assert np.isnan(membership.of(np.array([np.nan]))).all()


def test_a_class_not_in_the_table_has_no_data():
    told = explore.Membership("a", "table", table={1: 0.3, 0.1: 0.2}).of(
        np.array([0, 0.1, 1, 2], np.float32)
    )
    assert np.isnan(told).tolist() == [True, False, False, True]


@given(st.lists(shares, min_size=2, max_size=6), shares)
def test_operators_are_in_their_order(memberships, gamma):
    told = np.array(memberships)
    found = {
        operator: float(explore.fuzzy_overlay(told, operator=operator, gamma=gamma))
        for operator in ("and", "or", "product", "sum", "gamma")
    }
    assert found["and"] == min(memberships)
    assert found["or"] == max(memberships)
    assert found["product"] == pytest.approx(math.prod(memberships))
    assert found["sum"] == pytest.approx(1 - math.prod(1 - each for each in memberships))
    slack = 1e-12
    assert found["product"] - slack <= found["gamma"] <= found["sum"] + slack
    assert found["product"] <= found["and"] + slack
    assert found["or"] <= found["sum"] + slack


@given(st.lists(shares, min_size=2, max_size=4))
def test_gamma_goes_from_product_to_sum(memberships):
    told = np.array(memberships)
    for gamma, end in ((0.0, "product"), (1.0, "sum")):
        found = explore.fuzzy_overlay(told, operator="gamma", gamma=gamma)
        assert found == pytest.approx(explore.fuzzy_overlay(told, operator=end))


def test_uncertainty_is_half_the_range_with_a_layer_left_out():
    random = np.random.default_rng(1)
    layers = {name: random.uniform(0, 10, (12, 9)) for name in "abc"}
    layers["b"][2, 3] = np.nan
    stack = KeptStack(layers)
    told = [explore.Membership(name, "linear", low=0, high=10) for name in "abc"]
    overlay = Overlay(tuple(told), "gamma", 0.8)
    membership, uncertainty = overlay(stack.read(stack.blocks()[0]))
    for at in np.ndindex(12, 9):
        shown = [float(layers[name][at]) / 10 for name in "abc"]
        if at == (2, 3):
            assert np.isnan(membership[at])
            assert np.isnan(uncertainty[at])
            continue
        assert membership[at] == pytest.approx(_gamma(shown, 0.8), rel=1e-6)
        without = [_gamma(shown[:k] + shown[k + 1 :], 0.8) for k in range(3)]
        assert uncertainty[at] == pytest.approx((max(without) - min(without)) / 2, abs=1e-6)


def _gamma(memberships, gamma):
    both = 1 - math.prod(1 - each for each in memberships)
    return both**gamma * math.prod(memberships) ** (1 - gamma)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"shape": "round"}, "no shape 'round'"),
        ({"shape": "linear", "low": 1}, "needs high"),
        ({"shape": "linear", "low": 1, "high": 1}, "low and high must differ"),
        ({"shape": "near", "midpoint": 1, "spread": 0}, "spread must be above 0"),
        ({"shape": "small", "midpoint": -2, "spread": 1}, "midpoint of small must be above 0"),
        ({"shape": "table"}, "needs table"),
        ({"shape": "table", "table": {1: 1.5}}, "from 0 to 1. Found: 1.5"),
        ({"shape": "near", "midpoint": float("nan"), "spread": 1}, "must be numbers"),
        ({"shape": "near", "midpoint": 1, "spread": 1, "scale": 2}, "from 0 to 1. Found: 2"),
    ],
)
def test_bad_memberships_are_named(options, said):
    with pytest.raises(ExploreError, match=said):
        explore.Membership("a", **options)


def test_bad_overlays_are_named(tmp_path):
    stack = KeptStack({"a": np.ones((2, 2)), "b": np.ones((2, 2))})
    one = explore.Membership("a", "near", midpoint=1, spread=1)
    two = explore.Membership("b", "near", midpoint=1, spread=1)
    out = tmp_path / "map.tif"
    with pytest.raises(ExploreError, match=r"two or more layers.*Found: a, a"):
        explore.fuzzy(stack, [one, one], out)
    with pytest.raises(ExploreError, match="no fuzzy operator 'xor'"):
        explore.fuzzy(stack, [one, two], out, operator="xor")
    with pytest.raises(ExploreError, match="gamma is from 0"):
        explore.fuzzy(stack, [one, two], out, gamma=1.5)
    with pytest.raises(ExploreError, match=r"values of 0 or more. Found: -1"):
        explore.Membership("a", "large", midpoint=1, spread=1).of(np.array([-1.0]))
    assert not out.exists()
