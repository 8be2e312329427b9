"""Validation on held-out land: folds, accuracies, curves, comparison and likeness."""

from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import roc_auc_score

from onshore import explore
from onshore.explore.autocorrelation import Spherical, empirical_variogram, fit_spherical
from onshore.explore.curves import Held
from onshore.explore.paired import corrected_interval
from onshore.explore.spatial_blocks import deal_blocks, land_blocks

QUICK = {"weights": "weights", "logistic": "logistic"}


class Land:
    """A stack in memory on a grid of 1 km cells, as `validate` asks for it."""

    def __init__(self, layers, kinds=None):
        self.names = list(layers)
        self.values = np.array([np.asarray(each, np.float32) for each in layers.values()])
        self.kinds = kinds or ["numeric"] * len(layers)
        height, width = self.values.shape[1:]
        self.grid = explore.Grid("EPSG:7845", (1000.0, 0, 0.0, 0, -1000.0, 0.0), height, width)

    def at(self, rows, columns):
        return self.values[:, rows, columns].T.copy()


def deposits_in(rows, columns, weight=None):
    table = pl.DataFrame({"row": rows, "column": columns})
    cells = table.with_columns(
        count=pl.lit(1, pl.Int64), weight=pl.Series(weight or [1.0] * table.height)
    )
    return SimpleNamespace(cells=cells)


def rough(random, shape, km):
    from scipy.ndimage import gaussian_filter

    field = gaussian_filter(random.normal(size=shape), km, mode="wrap")
    return field / field.std()


@pytest.fixture(scope="module")
def told():
    """Land whose first layer makes deposits likelier, and whose second tells nothing."""
    random = np.random.default_rng(4)
    guide, noise = rough(random, (120, 90), 3), rough(random, (120, 90), 3)
    chance = np.exp(1.5 * guide).ravel()
    cells = random.choice(chance.size, 80, replace=False, p=chance / chance.sum())
    return Land({"guide": guide, "noise": noise}), deposits_in(cells // 90, cells % 90)


@pytest.fixture(scope="module")
def found(told):
    return explore.validate(*told, methods=QUICK, block_km=15, seeds=2, negatives=800)


# -- area under the curve --------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 6), st.floats(0.1, 5)), min_size=1, max_size=12),
    st.lists(st.integers(0, 6), min_size=1, max_size=20),
)
def test_auc_is_scikit_learns(deposits, land):
    scores = np.array([score for score, _ in deposits], np.float32)
    weights = np.array([weight for _, weight in deposits])
    here = explore.area_under_curve(scores, np.array(land, np.float32), weights)
    label = np.r_[np.ones(len(scores)), np.zeros(len(land))]
    weighed = np.r_[weights, np.ones(len(land))]
    there = roc_auc_score(label, np.r_[scores, land], sample_weight=weighed)
    assert here == pytest.approx(there, abs=1e-9)


def test_auc_of_nothing_and_of_missing_scores_is_refused():
    with pytest.raises(explore.ExploreError, match="0 deposits"):
        explore.area_under_curve(np.array([]), np.array([0.1]))
    with pytest.raises(explore.ExploreError, match="no score"):
        explore.area_under_curve(np.array([0.3]), np.array([0.1, np.nan]))


# -- success-rate curve ----------------------------------------------------------------------


def test_success_curve_counts_deposits_by_hand():
    # Land of ten cells scored 0..9: deposits above 8.5 (1/10 of the land is higher) and above 4.5.
    held = [Held(0, 0, np.array([8.5, 4.5]), np.array([3.0, 1.0]), np.arange(10.0))]
    curve = explore.success_curve(held)
    at = dict(zip(curve["area_share"].round(4), curve["deposit_share"], strict=True))
    assert [at[share] for share in (0.05, 0.105, 0.495, 0.505, 1.0)] == [0, 0.75, 0.75, 1, 1]
    assert curve["deposits"][0] == 4.0


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 6))
def test_area_below_the_success_curve_is_the_auc(seed, values):
    random = np.random.default_rng(seed)
    held = [
        Held(one, 0, random.integers(values, size=9), random.uniform(0.5, 2, 9), land)
        for one in range(2)
        for land in [random.integers(values, size=40)]
    ]
    curve = explore.success_curve(held)
    area = np.trapezoid(curve["deposit_share"], curve["area_share"])
    aucs = [explore.area_under_curve(h.deposits, h.land, h.weights) for h in held]
    assert area == pytest.approx(np.mean(aucs), abs=0.004)  # 200 steps
    assert np.all(np.diff(curve["deposit_share"]) >= -1e-12)
    assert np.all(np.diff(curve["score"]) <= 1e-12)
    assert (curve["low"] <= curve["high"] + 1e-12).all()


# -- paired comparison -----------------------------------------------------------------------


def test_corrected_interval_holds_the_truth_where_the_usual_one_does_not():
    """Draws of land of 60 cells; two constant guesses; the truth is known."""
    random = np.random.default_rng(0)
    folds, seeds, many, truth = 5, 4, 200, 0.3
    held = {"corrected": 0, "usual": 0}
    for _ in range(many):
        gain = random.normal(truth, 1.0, 60)  # what the better method gains on each cell
        parts = [np.array_split(random.permutation(gain), folds) for _ in range(seeds)]
        differences = np.array([part.mean() for seed in parts for part in seed])
        _, low, high = corrected_interval(differences, folds)
        held["corrected"] += low <= truth <= high
        usual = stats.t.interval(0.95, len(differences) - 1, truth, stats.sem(differences))
        held["usual"] += usual[0] <= differences.mean() <= usual[1]
    assert held["corrected"] / many > 0.93
    assert held["usual"] / many < 0.80


def test_pairs_compare_the_same_folds_only():
    aucs = pl.DataFrame(
        {"method": ["a", "a", "b"], "seed": [0, 0, 0], "fold": [0, 1, 0], "auc": [0.7, 0.8, 0.6]}
    )
    with pytest.raises(explore.ExploreError, match="not tried on the same folds"):
        explore.paired_differences(aucs)


def test_of_each_pair_the_better_comes_first(found):
    aucs = found.aucs.group_by("method").agg(pl.col("auc").mean())
    mean = dict(aucs.iter_rows())
    row = found.paired.row(0, named=True)
    assert row["difference"] == pytest.approx(mean[row["method"]] - mean[row["other"]])
    assert row["difference"] >= 0
    assert row["low"] < row["difference"] < row["high"]
    assert row["seeds"] == 2


# -- blocks ----------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(
    st.integers(20, 80), st.integers(20, 80), st.floats(2.5, 19), st.integers(0, 999),
    st.integers(2, 5),
)  # fmt: skip
def test_a_block_is_held_out_whole_and_deposits_lie_in_every_fold(high, wide, km, seed, folds):
    grid = explore.Grid("EPSG:7845", (1000.0, 0, 0.0, 0, -1000.0, 0.0), high, wide)
    random = np.random.default_rng(seed)
    laid = land_blocks(grid, km, random)
    rows, columns = np.divmod(np.arange(high * wide), wide)
    blocks = laid.of(rows, columns)
    for block in np.unique(blocks)[:30]:
        inside = blocks == block
        assert np.ptp(rows[inside]) < round(km)
        assert np.ptp(columns[inside]) < round(km)
        # nothing else lies between its rows and columns
        between = (rows >= rows[inside].min()) & (rows <= rows[inside].max())
        between &= (columns >= columns[inside].min()) & (columns <= columns[inside].max())
        assert between.sum() == inside.sum()
    counts = np.zeros(len(rows))
    counts[random.choice(len(rows), 30, replace=False)] = 1
    held = len(np.unique(blocks[counts > 0]))
    if held < folds:
        with pytest.raises(explore.ExploreError, match="too few blocks"):
            deal_blocks(blocks, counts, folds, random, block_km=km)
        return
    fold = deal_blocks(blocks, counts, folds, random, block_km=km)
    for block in np.unique(blocks):
        assert len(np.unique(fold[blocks == block])) == 1
    with_deposits = [len(np.unique(blocks[(fold == k) & (counts > 0)])) for k in range(folds)]
    assert min(with_deposits) >= 1
    assert max(with_deposits) - min(with_deposits) <= 1


@pytest.mark.parametrize(
    ("km", "told"), [(0.5, "larger than a cell"), (500, "in one block"), (float("nan"), "larger")]
)
def test_blocks_that_cannot_be_laid_are_refused(km, told):
    grid = explore.Grid("EPSG:7845", (1000.0, 0, 0.0, 0, -1000.0, 0.0), 50, 40)
    with pytest.raises(explore.ExploreError, match=told):
        land_blocks(grid, km, np.random.default_rng(0))


# -- validation ------------------------------------------------------------------------------


def test_every_deposit_is_held_out_once_a_seed(found, told):
    by_seed = found.aucs.group_by("method", "seed").agg(pl.col("deposits").sum(), pl.len())
    assert by_seed["deposits"].unique().to_list() == [80.0]
    assert by_seed["len"].unique().to_list() == [5]
    assert found.aucs.group_by("method", "seed").agg(pl.col("background").sum())[
        "background"
    ].unique().to_list() == [800]
    assert found.curves["deposits"].unique().to_list() == [80.0]


def test_what_tells_is_found_and_what_does_not_is_not(told, found):
    stack, deposits = told
    assert found.aucs["auc"].mean() > 0.75
    blind = Land({"noise": np.random.default_rng(0).normal(size=stack.values[1].shape)})
    guess = explore.validate(blind, deposits, methods=["logistic"], block_km=15, negatives=800)
    assert guess.aucs["auc"].mean() == pytest.approx(0.5, abs=0.08)


def test_random_splits_flatter_and_say_so():
    """A layer that names the place: block by block it is worth nothing, at random nearly all."""
    random = np.random.default_rng(7)
    place = np.arange(90 * 90).reshape(90, 90) // (90 * 9) * 10.0
    place = place + np.arange(90) // 9  # each square of 9 km has its own number
    rich = random.choice(100, 15, replace=False)
    cells = random.choice(np.flatnonzero(np.isin(place.ravel(), rich)), 120, replace=False)
    stack = Land({"place": place}, ["categorical"])
    deposits = deposits_in(cells // 90, cells % 90)
    asked = {"methods": ["logistic"], "seeds": 3, "negatives": 1500}
    spatial = explore.validate(stack, deposits, block_km=18, **asked)
    at_random = explore.validate(stack, deposits, split="random", **asked)
    assert at_random.aucs["auc"].mean() > spatial.aucs["auc"].mean() + 0.1
    assert any("flatter" in text for text in at_random.warnings)
    assert at_random.block_km is None
    for table in (at_random.aucs, at_random.curves, at_random.paired):
        assert set(table["split"].unique()) <= {"random"}
    assert not any("flatter" in text for text in spatial.warnings)


def test_held_out_cells_are_never_learned_from(told):
    """What is scored was not fitted, of deposits as of background."""
    stack, deposits = told
    number = np.arange(stack.grid.height * stack.grid.width, dtype=np.float32)
    numbered = Land({"number": number.reshape(stack.grid.height, stack.grid.width)})
    seen = []

    class Watching:
        name = "watching"

        def fit(self, values, kinds, counts, *, seed):
            learned = set(values[:, 0].tolist())

            class Fitted:
                def score(self, values):
                    asked = values[:, 0].tolist()
                    seen.append((learned.isdisjoint(asked), len(learned) + len(asked)))
                    return values[:, 0], values[:, 0]

            return Fitted()

    asked = {"block_km": 12, "seeds": [3], "folds": 4, "negatives": 900}
    explore.validate(numbered, deposits, methods={"watching": Watching()}, **asked)
    assert seen == [(True, 980)] * 4


def test_same_seeds_same_tables(told):
    asked = {"methods": ["logistic"], "block_km": 20, "seeds": [5], "negatives": 500}
    one, other = (explore.validate(*told, **asked) for _ in range(2))
    assert one.aucs.equals(other.aucs)
    assert one.curves.equals(other.curves)
    assert not one.aucs["auc"].equals(
        explore.validate(*told, **{**asked, "seeds": [6]}).aucs["auc"]
    )


def test_progress_counts_every_fit(told):
    done = []
    explore.validate(
        *told, methods=QUICK, block_km=20, seeds=1, folds=3, negatives=400,
        progress=lambda now, of: done.append((now, of)),
    )  # fmt: skip
    assert done == [(k, 6) for k in range(1, 7)]


@pytest.mark.parametrize(
    ("asked", "told_why"),
    [
        ({"methods": []}, "no method to validate"),
        ({"methods": ["oracle"]}, "no method 'oracle'"),
        ({"split": "by eye"}, "by eye"),
        ({"folds": 1}, "at least 2 folds"),
        ({"seeds": 0}, "1 seed"),
        ({"seeds": [1, 1]}, "each seed once"),
        ({"block_km": 110.0}, "too few blocks|in one block"),
    ],
)
def test_questions_that_cannot_be_asked_are_refused(told, asked, told_why):
    with pytest.raises(explore.ExploreError, match=told_why):
        explore.validate(*told, **{"block_km": 15, "negatives": 200, **asked})


def test_three_deposits_only_are_refused_with_a_next_step(told):
    stack, _ = told
    with pytest.raises(explore.ExploreError, match="too few deposits"):
        explore.validate(stack, deposits_in([5, 60, 90], [5, 40, 80]), block_km=15, negatives=200)


def test_few_deposits_are_told(told):
    stack, _ = told
    random = np.random.default_rng(1)
    few = deposits_in(random.permutation(120)[:12], random.permutation(90)[:12])
    found = explore.validate(
        stack, few, methods=["logistic"], block_km=10, folds=3, seeds=2, negatives=300
    )
    assert any("12 cells with deposits" in text for text in found.warnings)


# -- autocorrelation -------------------------------------------------------------------------


def test_variogram_is_the_brute_force_one():
    random = np.random.default_rng(2)
    x, y, values = random.uniform(0, 10, (3, 60))
    told = empirical_variogram(x, y, values, 6.0, lags=3)
    distance = np.hypot(x[:, None] - x, y[:, None] - y)[np.triu_indices(60, 1)]
    squares = ((values[:, None] - values) ** 2)[np.triu_indices(60, 1)] / 2 / values.var()
    lag = (distance // 2).astype(int)
    for k in range(3):
        assert told["semivariance"][k] == pytest.approx(squares[lag == k].mean())
        assert told["distance_km"][k] == pytest.approx(distance[lag == k].mean())
        assert told["pairs"][k] == (lag == k).sum()


@pytest.mark.parametrize(("nugget", "sill", "reach"), [(0.2, 1.0, 12.0), (0.0, 0.9, 30.0)])
def test_a_spherical_model_is_found_again(nugget, sill, reach):
    distance = np.linspace(1, 59, 30)
    made = Spherical(nugget, sill, reach)
    table = pl.DataFrame(
        {"distance_km": distance, "semivariance": made.at(distance), "pairs": [500] * 30}
    )
    fitted = fit_spherical(table, 60.0)
    assert fitted.range_km == pytest.approx(reach, rel=0.03)
    assert fitted.nugget == pytest.approx(nugget, abs=0.02)
    assert fitted.sill == pytest.approx(sill, abs=0.02)


def test_a_field_of_known_range_is_measured():
    """Means over discs of radius r of white noise are alike up to 2 r and not beyond."""
    random = np.random.default_rng(0)
    noise, reach = random.normal(size=(300, 300)), 8
    down, along = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    from scipy.signal import fftconvolve

    field = fftconvolve(noise, down**2 + along**2 <= reach**2, mode="same")
    rows, columns = random.integers(300, size=(2, 1500))
    empirical = empirical_variogram(columns, rows, field[rows, columns], 100.0)
    assert fit_spherical(empirical, 100.0).range_km == pytest.approx(2 * reach, rel=0.25)


def test_clustered_deposits_make_larger_blocks_than_scattered(told):
    stack, _ = told
    random = np.random.default_rng(9)
    middles = random.uniform([15, 15], [105, 75], (10, 2))
    near = np.repeat(middles, 12, axis=0) + random.uniform(-5, 5, (120, 2))
    clustered = explore.autocorrelation(stack, deposits_in(*np.unique(near.astype(int), axis=0).T))
    cells = random.choice(120 * 90, 120, replace=False)
    scattered = explore.autocorrelation(stack, deposits_in(cells // 90, cells % 90))
    assert 5 < clustered.range_km < 25
    assert scattered.range_km < clustered.range_km
    assert any("no likeness" in text for text in scattered.warnings)
    assert set(clustered.ranges["layer"]) == {"guide", "noise", "deposits", "residuals"}
    assert clustered.table["semivariance"].min() >= 0


def test_a_block_is_chosen_from_the_data(told):
    random = np.random.default_rng(9)
    stack, _ = told
    middles = random.uniform([10, 10], [110, 80], (12, 2))
    near = np.repeat(middles, 8, axis=0) + random.uniform(-3, 3, (96, 2))
    deposits = deposits_in(*np.unique(near.astype(int), axis=0).T)
    found = explore.validate(stack, deposits, methods=["logistic"], seeds=2, folds=3, negatives=500)
    assert found.block_km == pytest.approx(2 * found.autocorrelation.range_km, rel=0.01)
    assert found.split == "spatial"


def test_blocks_too_large_for_the_folds_shrink_and_it_is_told(told):
    stack, _ = told
    random = np.random.default_rng(3)
    corner = np.unique(random.integers([0, 0], [45, 35], (60, 2)), axis=0)
    found = explore.validate(
        stack, deposits_in(*corner.T), methods=["logistic"], seeds=2, negatives=500
    )
    assert found.block_km < 2 * found.autocorrelation.range_km
    assert any("may flatter" in text for text in found.warnings)


def test_layers_named_as_the_variograms_of_deposits_are_refused(told):
    _, deposits = told
    with pytest.raises(explore.ExploreError, match="cannot be named residuals"):
        explore.autocorrelation(Land({"residuals": np.random.default_rng(0).random((120, 90))}),
                                deposits)  # fmt: skip


# -- Cloncurry -------------------------------------------------------------------------------


def test_cloncurry_blocks_are_of_25_km(cloncurry_stack, cloncurry_deposits):
    told = explore.autocorrelation(cloncurry_stack, cloncurry_deposits)
    assert 8 < told.range_km < 18  # deposits cluster; twice this is the usual block there
    ranges = dict(told.ranges.select("layer", "range_km").iter_rows())
    assert ranges["breccia"] > 100  # a distance is alike over the whole land


def test_cloncurry_is_told_better_than_by_chance(cloncurry_stack, cloncurry_deposits):
    found = explore.validate(
        cloncurry_stack, cloncurry_deposits, methods=["weights", "logistic"], block_km=25,
        seeds=2, negatives=2000,
    )  # fmt: skip
    means = dict(found.aucs.group_by("method").agg(pl.col("auc").mean()).iter_rows())
    assert 0.70 < means["weights"] < 0.78
    assert 0.66 < means["logistic"] < means["weights"]
