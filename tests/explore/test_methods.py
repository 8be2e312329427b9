"""Methods on arrays: what they learn, against the libraries that train them and plain formulas."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onshore import explore
from onshore.explore.boosting import trees_of_booster
from onshore.explore.categories import encode, learned_classes
from onshore.explore.forests import trees_of_forest
from onshore.explore.logistic import Logistic
from onshore.explore.trees import Tree, laid_out, not_above

QUICK = {
    "boosted": {"bags": 3, "trees": 8},
    "forest": {"trees": 12, "leaf": 10},
    "logistic": {},
    "positive-unlabelled": {"trees": 20},
    "weights": {},
}
KINDS = ["numeric", "numeric", "categorical", "binary", "numeric"]


def ground(cells, seed=0):
    """Deposits where the first layer is high, and in classes 3 and 7; the last layer is noise."""
    random = np.random.default_rng(seed)
    values = random.normal(size=(cells, 5)).astype(np.float32)
    values[:, 1] += 0.5 * values[:, 0]
    values[:, 2] = random.integers(0, 12, cells)
    values[:, 3] = random.integers(1, 3, cells)
    log_odds = 1.2 * values[:, 0] + 1.5 * np.isin(values[:, 2], (3, 7)) - 4
    counts = (random.random(cells) < 1 / (1 + np.exp(-log_odds))).astype(float)
    counts[np.flatnonzero(counts)[::5]] = 2.0
    return values, counts


@pytest.fixture(scope="module")
def learned():
    values, counts = ground(4000)
    return {
        name: explore.method(name, **options).fit(values, KINDS, counts, seed=3)
        for name, options in QUICK.items()
    }


def auc(score, known):
    order = np.argsort(score, kind="stable")
    ranks = np.empty(len(score))
    ranks[order] = np.arange(1, len(score) + 1)
    n = known.sum()
    return (ranks[known].sum() - n * (n + 1) / 2) / (n * (len(known) - n))


@pytest.mark.parametrize("name", QUICK)
def test_a_method_tells_deposits_it_has_not_seen_from_background(learned, name):
    values, counts = ground(20_000, seed=1)
    truth = 1.2 * values[:, 0] + 1.5 * np.isin(values[:, 2], (3, 7))
    best = auc(truth, counts > 0)
    score, uncertainty = learned[name].score(values)
    assert score.dtype == uncertainty.dtype == np.float32
    assert score.min() >= 0
    assert score.max() <= 1
    assert np.all(uncertainty >= 0)
    assert uncertainty.max() > 0
    lost = 0.12 if name == "weights" else 0.06  # weights know two classes of a numeric layer
    assert best - lost < auc(score, counts > 0) < best + 0.01


@pytest.mark.parametrize("name", QUICK)
def test_a_method_finds_what_counts(learned, name):
    told = learned[name].describe()
    assert told.schema == {"layer": pl.Int64, "what": pl.String, "value": pl.Float64}
    assert set(told["layer"]) == set(range(5))
    if name == "weights":
        noise = told.filter(layer=4)["value"].abs().max()
    else:
        noise = told.filter(pl.col("what") != "standard error", layer=4)["value"].abs().max()
        assert noise < told.filter(layer=0)["value"].abs().max()


@pytest.mark.parametrize("name", QUICK)
def test_the_same_seed_gives_the_same_and_a_cell_depends_on_itself_alone(learned, name):
    values, counts = ground(4000)
    again = explore.method(name, **QUICK[name]).fit(values, KINDS, counts, seed=3)
    whole = learned[name].score(values)
    for one, other in zip(whole, again.score(values), strict=True):
        assert np.array_equal(one, other)
    for part in (slice(0, 1), slice(7, 1040), slice(1024, 4000, 3)):
        cut = learned[name].score(values[part])
        assert all(np.array_equal(a[part], b) for a, b in zip(whole, cut, strict=True))


@settings(max_examples=15, deadline=None)
@given(start=st.integers(0, 3999), size=st.integers(1, 2500), columns=st.booleans())
def test_the_score_of_a_cell_is_the_same_in_every_block(learned, start, size, columns):
    values, _ = ground(4000)
    part = slice(start, start + size)
    block = np.ascontiguousarray(values[part].T).T if columns else values[part]
    for fitted in learned.values():
        whole = fitted.score(values)
        for all_cells, cut in zip(whole, fitted.score(block), strict=True):
            assert np.array_equal(all_cells[part], cut)


def test_the_forest_is_scikit_learns_to_the_last_bit():
    from sklearn.ensemble import RandomForestClassifier

    values, counts = ground(1500)
    forest = RandomForestClassifier(17, random_state=4).fit(values, counts > 0)
    asked = ground(20_000, seed=2)[0]
    asked[:1500] = values
    sums, squares = np.zeros(len(asked)), np.zeros(len(asked))
    trees_of_forest(forest).add(np.ascontiguousarray(asked.T), sums, squares)
    assert np.array_equal(sums / 17, forest.predict_proba(asked)[:, 1])
    each = np.array([tree.predict_proba(asked)[:, 1] for tree in forest.estimators_])
    np.testing.assert_allclose(squares, (each**2).sum(axis=0), rtol=1e-12)


def test_the_forest_method_is_that_forest_and_its_spread():
    from sklearn.ensemble import RandomForestClassifier

    values, counts = ground(1500)
    ours = explore.method("forest", trees=9, leaf=3).fit(values, KINDS, counts, seed=5)
    rows = encode(values, learned_classes(values, KINDS, counts)).T
    weights = np.where(counts > 0, counts, counts.sum() / (counts == 0).sum())
    peer = RandomForestClassifier(9, min_samples_leaf=3, random_state=5)
    peer.fit(rows, counts > 0, sample_weight=weights)
    score, uncertainty = ours.score(values)
    each = np.array([tree.predict_proba(rows)[:, 1] for tree in peer.estimators_])
    assert np.array_equal(score, peer.predict_proba(rows)[:, 1].astype(np.float32))
    np.testing.assert_allclose(uncertainty, each.std(axis=0, ddof=1), atol=1e-6)
    assert ours.describe()["value"].to_list() == peer.feature_importances_.tolist()


@pytest.mark.parametrize("leaves", [2, 7, 31, 32, 60])
def test_boosted_trees_are_lightgbms_to_the_last_bit(leaves):
    import lightgbm

    values, counts = ground(3000)
    fixed = {"objective": "binary", "boost_from_average": False, "use_missing": False}
    settings_ = {**fixed, "num_leaves": leaves, "min_data_in_leaf": 2, "num_threads": 1}
    booster = lightgbm.train({**settings_, "verbose": -1}, lightgbm.Dataset(values, counts > 0), 15)
    asked = ground(2100, seed=2)[0]
    log_odds = np.zeros(len(asked))
    trees = trees_of_booster(booster)
    trees.add(np.ascontiguousarray(asked.T), log_odds)
    assert np.array_equal(log_odds, booster.predict(asked, raw_score=True))
    others = np.zeros(len(asked))
    trees.add(np.ascontiguousarray(asked.T), others, np.zeros(len(asked)))
    assert np.array_equal(log_odds, others)  # the two kernels agree


def test_a_tree_without_splits_and_cells_on_a_threshold():
    inner = Tree(
        np.array([1, -1, 3, -1, -1]),
        np.array([2, -1, 4, -1, -1]),
        np.array([0, 0, 1, 0, 0]),
        np.array([0.1, 0, 5.0, 0, 0]),
        np.array([0.0, 1.0, 0.0, 2.0, 4.0]),
    )
    none = Tree(*(np.array([end]) for end in (-1, -1, 0, 0.0)), np.array([8.0]))
    columns = np.array([[0.1, 0.09, 1.0, 1.0], [0.0, 0.0, 5.0, 5.1]], np.float32)
    # 0.1 as float32 is above 0.1: it goes right
    expected = [8 + 2, 8 + 1, 8 + 2, 8 + 4]
    for squares in (None, np.zeros(4)):
        sums = np.zeros(4)
        laid_out([inner, none]).add(columns, sums, squares)
        assert sums.tolist() == expected


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(width=32, allow_nan=False))
def test_thresholds_in_single_precision_part_the_same_numbers(limit, value):
    assert (np.float32(value) <= not_above(np.array([limit]))[0]) == (value <= limit)


def test_logistic_regression_is_scikit_learns_and_its_errors_are_the_information():
    from sklearn.linear_model import LogisticRegression

    values, counts = ground(3000)
    values, counts = values[:, [0, 1, 4]], np.minimum(counts, 1)
    fitted = Logistic(ridge=2.0).fit(values, ["numeric"] * 3, counts)
    background = values[counts == 0].astype(float)
    rows = (values - background.mean(axis=0)) / background.std(axis=0)
    peer = LogisticRegression(C=1 / 2.0, tol=1e-12, max_iter=10_000).fit(rows, counts > 0)
    np.testing.assert_allclose(fitted.coefficients[1:], peer.coef_[0], atol=1e-6)
    moved = peer.intercept_[0] - np.log(counts.sum() / (counts == 0).sum())
    assert fitted.coefficients[0] == pytest.approx(moved, abs=1e-6)
    share = peer.predict_proba(rows)[:, 1]
    design = np.column_stack([np.ones(len(rows)), rows])
    information = (design * (share * (1 - share))[:, None]).T @ design
    covariance = np.linalg.inv(information + np.diag([0, 2.0, 2.0, 2.0]))
    np.testing.assert_allclose(fitted.covariance, covariance, rtol=1e-4, atol=1e-9)
    score, deviation = fitted.score(values)
    log_odds = design @ fitted.coefficients
    p = 1 / (1 + np.exp(-log_odds))
    np.testing.assert_allclose(score, p, rtol=1e-5)
    spread = np.einsum("ij,jk,ik->i", design, covariance, design)
    np.testing.assert_allclose(deviation, p * (1 - p) * np.sqrt(spread), rtol=1e-3)


def test_logistic_intervals_hold_the_truth_as_often_as_they_say():
    random = np.random.default_rng(6)
    held, draws = 0, 120
    for _ in range(draws):
        values = random.normal(size=(900, 2)).astype(np.float32)
        p = 1 / (1 + np.exp(-(0.8 * values[:, 0] - 1.0)))
        counts = (random.random(900) < p).astype(float)
        fitted = Logistic(ridge=1e-6).fit(values, ["numeric", "numeric"], counts)
        scale = values[counts == 0].astype(float).std(axis=0)
        error = np.sqrt(np.diag(fitted.covariance))[1] / scale[0]
        held += abs(fitted.coefficients[1] / scale[0] - 0.8) < 1.959964 * error
    assert 0.89 <= held / draws <= 0.99  # 95 %, and three standard errors of 120 draws


def test_a_class_is_weighed_by_its_deposits_and_drawn_to_nothing_with_few():
    values = np.repeat([1.0, 2.0, 3.0], [400, 400, 200]).astype(np.float32)[:, None]
    counts = np.zeros(1000)
    counts[:40] = 1
    counts[400:405] = 1
    [found] = learned_classes(values, ["categorical"], counts, strength=0.0001)
    area = np.array([360.5, 395.5, 200.5]) / 956.5
    expected = np.log(np.array([40, 5]) / 45) - np.log(area[:2])
    np.testing.assert_allclose(found.weight[:2], expected, atol=1e-4)
    [drawn] = learned_classes(values, ["categorical"], counts, strength=1e6)
    np.testing.assert_allclose(drawn.weight, 0, atol=1e-3)
    [likeliest] = learned_classes(values, ["categorical"], counts)
    assert 0.1 <= likeliest.strength < 50  # classes differ: they speak
    assert np.all(np.abs(likeliest.weight[:2]) < np.abs(expected))
    random = np.random.default_rng(0)
    even = np.zeros(1000)
    even[random.choice(1000, 45, replace=False)] = 1
    [same] = learned_classes(values, ["categorical"], even)
    assert same.strength > likeliest.strength
    assert found.encoded(np.array([2.0, 9.0], np.float32))[1] == 0  # a class not seen


def test_positive_unlabelled_learning_bears_hidden_deposits_better_than_a_forest():
    values, counts = ground(6000, seed=4)
    random = np.random.default_rng(1)
    hidden = (counts > 0) & (random.random(6000) < 0.7)
    told = np.where(hidden, 0.0, counts)
    asked = hidden | (counts == 0)
    fits = {
        name: explore.method(name, trees=60, leaf=5).fit(values, KINDS, told, seed=0)
        for name in ("positive-unlabelled", "forest")
    }
    found = {
        name: auc(fitted.score(values)[0][asked], hidden[asked]) for name, fitted in fits.items()
    }
    assert found["positive-unlabelled"] > found["forest"] + 0.02


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda v, c: (np.where(np.arange(len(v)) == 3, np.nan, v.T).T, KINDS, c), "layer 0 has 1"),
        (lambda v, c: (v, KINDS[:4], c), "do not fit together"),
        (lambda v, c: (v, [*KINDS[:4], "colour"], c), "colour"),
        (lambda v, c: (v, KINDS, -c), "negative"),
        (lambda v, c: (v, KINDS, c * 0), "0 with"),
        (lambda v, c: (v, KINDS, c + 1), "0 without"),
    ],
)
@pytest.mark.parametrize("name", QUICK)
def test_cells_that_cannot_be_learned_from_are_named(name, change, said):
    with pytest.raises(explore.ExploreError, match=said):
        explore.method(name).fit(*change(*ground(60)), seed=0)


@pytest.mark.parametrize("name", QUICK)
def test_nothing_missing_is_scored(learned, name):
    values, _ = ground(10)
    values[4, 1] = np.nan
    with pytest.raises(explore.ExploreError, match="layer 1 has 1 cells without a value"):
        learned[name].score(values)
    with pytest.raises(explore.ExploreError, match="trained on 5 layers"):
        learned[name].score(values[:, :4])


def test_unknown_methods_and_options_are_named():
    with pytest.raises(explore.ExploreError, match=r"no method 'kriging'.*boosted, forest"):
        explore.method("kriging")
    with pytest.raises(explore.ExploreError, match=r"no option depht.*trees, leaf, depth"):
        explore.method("forest", depht=3)
    with pytest.raises(explore.ExploreError, match="2 to 255 leaves"):
        explore.method("boosted", leaves=1).fit(ground(60)[0], KINDS, ground(60)[1], seed=0)


@pytest.mark.parametrize(
    ("name", "option", "value"),
    [
        ("logistic", "ridge", 0.0),
        ("logistic", "ridge", "much"),
        ("forest", "trees", 10.5),
        ("forest", "trees", -1),
        ("forest", "depth", 0),
        ("forest", "features", 1.5),
        ("boosted", "features", 0),
        ("boosted", "bags", True),
        ("positive-unlabelled", "background", float("inf")),
        ("weights", "confidence", float("nan")),
    ],
)
def test_values_that_an_option_cannot_have_are_named(name, option, value):
    with pytest.raises(explore.ExploreError, match=f"option {option} of the method '{name}'"):
        explore.method(name, **{option: value})


def test_options_may_be_their_defaults_and_other_numbers():
    made = explore.method("forest", depth=None, features=0.5, trees=3, leaf=2)
    assert (made.depth, made.features) == (None, 0.5)
    assert explore.method("forest", features="sqrt", depth=4).depth == 4


@pytest.mark.parametrize("name", QUICK)
def test_a_layer_that_is_the_same_everywhere_tells_nothing(name):
    values, counts = ground(1500)
    values[:, [1, 3]] = 5.0
    fitted = explore.method(name, **QUICK[name]).fit(values, KINDS, counts, seed=0)
    moved = values.copy()
    moved[:, [1, 3]] = 7.0
    changed = np.abs(fitted.score(moved)[0] - fitted.score(values)[0]).max()
    assert changed < 1e-6
    told = fitted.describe().filter(pl.col("layer").is_in([1, 3]), what="share of gain")
    assert told["value"].sum() == 0
