"""Weights of evidence: published tables, the definition by plain counting, a known truth."""

import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from onshore import explore
from onshore.explore.errors import ExploreError

PUBLISHED = Path(__file__).parents[2] / "examples/explore/cloncurry/weights"
COLUMNS = {
    "area_km2": "area_sq_km",
    "points": "no_points",
    "w_plus": "wplus",
    "s_w_plus": "s_wplus",
    "w_minus": "wminus",
    "s_w_minus": "s_wminus",
    "contrast": "contrast",
    "s_contrast": "s_contrast",
    "studentised": "studc",
    "generalised": "gen_class",
    "weight": "weight",
    "s_weight": "w_std",
}


def table(area, points, **more):
    return pl.DataFrame(
        {"class": list(range(1, len(area) + 1)), "area_km2": area, "points": points, **more}
    )


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("dist_breccia_ascending", "ascending"),
        ("dist_fault_ascending", "ascending"),
        ("fault_density_descending", "descending"),
        ("dist_breccia_binary", "unique"),
        ("dist_fault_binary", "categorical"),
        ("fault_density_binary", "unique"),
    ],
)
def test_published_tables(name, kind):
    published = pl.read_csv(PUBLISHED / f"{name}.csv")
    points = published["no_points"]
    if kind in ("ascending", "descending"):
        points = points - points.shift(1, fill_value=0)
    classes = pl.DataFrame(
        {"class": published["class"], "area_km2": published["class_area"], "points": points}
    ).sample(fraction=1.0, shuffle=True, seed=3)
    found = explore.weights(classes, kind=kind, unit_cell_km2=1.0, best="contrast").table
    if kind in ("unique", "categorical"):
        published = published.sort("class")
    assert found["class"].to_list() == published["class"].to_list()
    for ours, theirs in COLUMNS.items():
        difference = found[ours] - published[theirs].cast(pl.Float64)
        scale = 1e-10 * max(1.0, float(published[theirs].abs().max()))
        assert difference.abs().max() <= scale, ours


@given(
    st.lists(st.tuples(st.integers(60, 5000), st.integers(1, 25)), min_size=2, max_size=12),
    st.sampled_from([0.5, 1.0, 2.0]),
)
def test_unique_weights_are_log_ratios_of_counts(rows, unit):
    area, points = [each[0] for each in rows], [each[1] for each in rows]
    found = explore.weights(table(area, points), kind="unique", unit_cell_km2=unit).table
    n, s = sum(points), sum(area) / unit
    for (a, d), row in zip(rows, found.iter_rows(named=True), strict=True):
        b = a / unit
        # Deposits inside and outside the class, and unit cells without a deposit there.
        inside, outside, empty_in, empty_out = d, n - d, b - d, s - b - n + d
        assume(empty_in > 0 and empty_out > 0)
        plus = math.log(inside / n) - math.log(empty_in / (s - n))
        minus = math.log(outside / n) - math.log(empty_out / (s - n))
        assert row["w_plus"] == pytest.approx(plus, abs=1e-11)
        assert row["w_minus"] == pytest.approx(minus, abs=1e-11)
        # The contrast is the logarithm of the odds ratio of the table of four.
        odds = math.log(inside * empty_out / (outside * empty_in))
        assert row["contrast"] == pytest.approx(odds, abs=1e-11)
        spread = math.sqrt(1 / inside + 1 / outside + 1 / empty_in + 1 / empty_out)
        assert row["s_contrast"] == pytest.approx(spread, abs=1e-11)
        assert row["weight"] == row["w_plus"]


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(40, 900), st.integers(0, 9)), min_size=3, max_size=15))
def test_descending_is_ascending_of_the_classes_turned_round(rows):
    area, points = [each[0] for each in rows], [each[1] for each in rows]
    assume(sum(points) >= 2)
    up = explore.weights(table(area[::-1], points[::-1]), kind="ascending", unit_cell_km2=1)
    down = explore.weights(table(area, points), kind="descending", unit_cell_km2=1)
    same = ["area_km2", "points", "w_plus", "contrast", "weight", "s_weight", "generalised"]
    assert up.table.select(same).equals(down.table.select(same))


def test_best_cut_is_the_largest_studentised_contrast():
    classes = table([100, 200, 300, 400], [20, 25, 6, 1])
    found = explore.weights(classes, kind="ascending", unit_cell_km2=1)
    largest = found.table[:-1].sort("studentised", descending=True).row(0, named=True)
    assert found.cut == largest["class"] == 2
    inside, outside = found.generalised.iter_rows(named=True)
    assert (inside["generalised"], inside["points"], inside["area_km2"]) == (2, 45, 300)
    assert (outside["generalised"], outside["points"], outside["area_km2"]) == (1, 7, 700)
    assert (inside["weight"], outside["weight"]) == (largest["w_plus"], largest["w_minus"])
    assert (inside["s_weight"], outside["s_weight"]) == (
        largest["s_w_plus"],
        largest["s_w_minus"],
    )
    at_three = explore.weights(classes, kind="ascending", unit_cell_km2=1, cut=3)
    assert at_three.cut == 3
    assert at_three.generalised["points"].to_list() == [51, 1]


def test_a_layer_without_a_sure_cut_weighs_nothing_and_says_so():
    classes = table([500, 500, 500], [10, 11, 10], layer=["gravity"] * 3)
    found = explore.weights(classes, kind="ascending", unit_cell_km2=1)
    assert found.cut is None
    assert found.table["weight"].to_list() == [0.0, 0.0, 0.0]
    assert "gravity: no ascending cut has a studentised contrast of 2 or more" in found.warnings[0]
    together = explore.weights(classes, kind="categorical", unit_cell_km2=1)
    assert together.generalised["generalised"].to_list() == [None]
    assert together.generalised["weight"].to_list() == [0.0]
    assert "tells nothing" in together.warnings[0]


def test_categorical_tells_weak_classes_together():
    classes = table([1000, 1000, 1000, 1000], [40, 2, 11, 9])
    found = explore.weights(classes, kind="categorical", unit_cell_km2=1)
    assert found.table["generalised"].to_list() == [1, 2, None, None]
    common = table([1000, 1000, 2000], [40, 2, 20])
    alone = explore.weights(common, kind="unique", unit_cell_km2=1).table
    assert found.table["weight"].to_list() == pytest.approx(
        [alone["w_plus"][k] for k in (0, 1, 2, 2)], abs=1e-12
    )
    assert found.generalised["points"].to_list() == [40, 2, 20]


def test_classes_without_deposits():
    classes = table([1000, 1000, 1000], [30, 0, 10])
    plain = explore.weights(classes, kind="unique", unit_cell_km2=1)
    row = plain.table.row(1, named=True)
    assert (row["w_plus"], row["contrast"], row["weight"], row["s_weight"]) == (None, None, 0, 0)
    assert "class 2 holds no deposit" in plain.warnings[0]
    smoothed = explore.weights(classes, kind="unique", unit_cell_km2=1, smoothing=1.0)
    # A third of a deposit more in each class, one more in all.
    b, d, n, s = 1000, 1 / 3, 41, 3000
    expected = math.log(d / n) - math.log((b - d) / (s - n))
    assert smoothed.table["weight"][1] == pytest.approx(expected, abs=1e-12)
    assert expected < -3


@pytest.mark.parametrize("smoothing", [0.0, 0.5, 5.0, 500.0])
def test_smoothing_draws_weights_to_nothing(smoothing):
    classes = table([900, 300, 800], [20, 15, 5])
    plain = explore.weights(classes, kind="unique", unit_cell_km2=0.01)
    smoothed = explore.weights(classes, kind="unique", unit_cell_km2=0.01, smoothing=smoothing)
    ours, theirs = smoothed.table["weight"].to_numpy(), plain.table["weight"].to_numpy()
    assert (np.abs(ours) <= np.abs(theirs) + 1e-12).all()
    assert (np.sign(ours) == np.sign(theirs)).all()


def test_area_without_data_weighs_nothing_but_belongs_to_the_study():
    known = table([400, 600], [30, 10])
    gap = pl.DataFrame({"class": [None], "area_km2": [1000.0], "points": [10]})
    with_gap = pl.concat([known, gap], how="diagonal_relaxed")
    found = explore.weights(with_gap, kind="ascending", unit_cell_km2=1)
    alone = explore.weights(known, kind="ascending", unit_cell_km2=1)
    assert found.table[:2].equals(alone.table)
    last = found.table.row(2, named=True)
    assert (last["class"], last["weight"], last["s_weight"]) == (None, 0.0, 0.0)
    assert (found.area_km2, found.points) == (2000, 50)
    assert found.prior == 0.025
    assert alone.prior == 0.04


def test_unit_cells_and_what_fills_them():
    full = table([5.0, 2000.0], [8, 20])
    found = explore.weights(full, kind="unique", unit_cell_km2=1)
    assert "class 1 has no more unit cells than deposits" in found.warnings[0]
    assert np.isfinite(found.table["w_plus"].to_list()).all()
    smaller = explore.weights(full, kind="unique", unit_cell_km2=0.1)
    assert not smaller.warnings
    few = explore.weights(table([500, 500], [2, 1]), kind="unique", unit_cell_km2=1)
    assert "only 3 deposits" in few.warnings[0]


@pytest.mark.parametrize(
    ("classes", "options", "said"),
    [
        (table([1, 2], [1, 2]).drop("points"), {}, "no column points"),
        (table([1000], [20]), {}, "at least two classes"),
        (table([100, 100], [1, 0]), {}, "at least two deposits"),
        (table([10, 10], [15, 15]), {}, "30 deposits in only 20 unit cells"),
        (table([10, -1], [1, 2]), {}, "area_km2 of class 2 must be a number of 0 or more"),
        (table([10.0, float("nan")], [1, 2]), {}, "area_km2 of class 2"),
        (table([10, 20], [1, None]), {}, "points of class 2"),
        (table([10, 0], [5, 5]), {}, "class 2 has deposits but no area"),
        (table(["a", "b"], [1, 2]), {}, "must hold numbers"),
        (pl.concat([table([99, 99], [5, 5])] * 2), {}, "more than once"),
        (table([99, 99], [5, 5]), {"kind": "rising"}, "kind is one of ascending"),
        (table([99, 99], [5, 5]), {"best": "luck"}, "best is one of studentised"),
        (table([99, 99], [5, 5]), {"unit_cell_km2": 0}, "unit cell is an area"),
        (table([99, 99], [5, 5]), {"confidence": -1}, "confidence is a number"),
        (table([99, 99], [5, 5]), {"cut": 2}, "no cut can be made after class 2"),
        (table([99, 99], [5, 5]), {"cut": 7}, "no cut can be made after class 7"),
    ],
)
def test_bad_input_is_named(classes, options, said):
    asked = {"kind": "ascending", "unit_cell_km2": 1.0, **options}
    with pytest.raises(ExploreError, match=said):
        explore.weights(classes, **asked)


def test_known_weights_are_recovered_within_their_standard_errors():
    """Deposits drawn class by class: 95 % intervals hold the truth as often as they say."""
    random = np.random.default_rng(7)
    area = np.array([300.0, 1500.0, 2200.0, 4000.0])
    chance = np.array([0.06, 0.02, 0.01, 0.005])
    d, n, s = area * chance, (area * chance).sum(), area.sum()
    true_plus = np.log(d / n) - np.log((area - d) / (s - n))
    true_minus = np.log((n - d) / n) - np.log((s - area - n + d) / (s - n))
    held = {"w_plus": 0, "w_minus": 0, "contrast": 0}
    draws = 200
    for _ in range(draws):
        points = random.binomial(area.astype(int), chance)
        found = explore.weights(table(area, points), kind="unique", unit_cell_km2=1).table
        for name, truth in (
            ("w_plus", true_plus),
            ("w_minus", true_minus),
            ("contrast", true_plus - true_minus),
        ):
            z = (found[name].to_numpy() - truth) / found[f"s_{name}"].to_numpy()
            held[name] += int((np.abs(z) < 1.96).sum())
    shares = {name: count / (draws * len(area)) for name, count in held.items()}
    # Contrasts hold what they say; the deviations of W+ and W- leave out that d and n - d are
    # parts of one n, and are too wide rather than too narrow.
    assert 0.93 < shares["contrast"] < 0.975
    assert 0.93 < shares["w_plus"] <= 1.0
    assert 0.93 < shares["w_minus"] <= 1.0


def test_the_best_of_many_cuts_flatters_and_chance_of_cut_tells():
    """Layers that tell nothing: 5 % have a chance below 5 %, far more a cut that looks sure."""
    random = np.random.default_rng(12)
    area = np.full(40, 250.0)
    looks, chances = [], []
    for draw in range(150):
        points = random.multinomial(60, area / area.sum())
        found = explore.weights(table(area, points), kind="ascending", unit_cell_km2=1)
        looks.append(found.cut is not None)
        chances.append(explore.chance_of_cut(found, draws=99, seed=draw))
    assert np.mean(looks) > 0.12
    assert 0.01 < np.mean(np.array(chances) <= 0.05) < 0.10
    assert 0.4 < np.mean(chances) < 0.6
    both = explore.chance_of_cut(found, either_way=True, draws=99, seed=draw)
    assert both >= chances[-1]


def test_a_cut_that_chance_could_make_is_told():
    weak = table([100, 100, 100, 100], [16, 15, 8, 8])
    found = explore.weights(weak, kind="ascending", unit_cell_km2=1)
    assert found.cut == 2
    assert "the best of 3 cuts has a studentised contrast of 2.29" in found.warnings[0]
    strong = explore.weights(
        table([100, 100, 100, 100], [40, 15, 8, 8]), kind="ascending", unit_cell_km2=1
    )
    assert strong.warnings == []
    assert explore.chance_of_cut(strong, draws=199) == 1 / 200
    by_itself = explore.weights(weak, kind="unique", unit_cell_km2=1)
    with pytest.raises(ExploreError, match="only ascending and descending"):
        explore.chance_of_cut(by_itself)
    with pytest.raises(ExploreError, match="draws is a whole number"):
        explore.chance_of_cut(found, draws=0)
