"""Estimates are those of a published case, of GSTools, and of simulated truth."""

import gstools
import numpy as np
import polars as pl
import pytest

from onshore.explore import (
    ExploreError,
    Variogram,
    classify_blocks,
    estimate_blocks,
    fit_variogram,
    leave_holes_out,
    tonnage_grade,
)

# Isaaks and Srivastava, An Introduction to Applied Geostatistics (1989), ch. 12: V at (65, 137).
SEVEN = [
    (61, 139, 477), (63, 140, 696), (64, 129, 227), (68, 128, 646), (71, 140, 606),
    (73, 141, 791), (75, 128, 783),
]  # fmt: skip
POINT = (1, 1, 1)


def samples(place, value, holes=None):
    place = np.asarray(place, dtype=float)
    return pl.DataFrame(
        {
            "hole_id": holes or [f"H{k}" for k in range(len(place))],
            "analyte": ["Cu"] * len(place),
            "unit": ["percent"] * len(place),
            "x": place[:, 0],
            "y": place[:, 1],
            "z": place[:, 2],
            "value": np.asarray(value, dtype=float),
        }
    )


def around(x, y, z, side):
    return (x - side / 2, y - side / 2, z - side / 2, x + side / 2, y + side / 2, z + side / 2)


def cloud(count=40, seed=1):
    rng = np.random.default_rng(seed)
    return samples(rng.uniform(0, 100, (count, 3)), rng.lognormal(0, 0.5, count))


def test_the_case_of_isaaks_and_srivastava():
    told = samples([(x, y, 0) for x, y, _ in SEVEN], [value for *_, value in SEVEN])
    model = Variogram("exponential", 0.0, 10.0, (10.0, 10.0, 10.0))
    made = estimate_blocks(
        *(told,),
        size=(1, 1, 1),
        variogram=model,
        bounds=around(65, 137, 0, 1),
        nodes=POINT,
        radius=50,
    )
    block = made.blocks.row(0, named=True)
    assert block["grade"] == pytest.approx(592.7, abs=0.1)
    assert block["deviation"] ** 2 == pytest.approx(8.96, abs=0.01)
    assert (block["samples"], block["holes"]) == (7, 7)


@pytest.mark.parametrize("kind", ["spherical", "exponential", "gaussian"])
def test_points_and_blocks_are_those_of_gstools(kind):
    told = cloud()
    model = Variogram(kind, 0.1, 1.0, (80.0, 50.0, 30.0), azimuth=35.0)
    size = (20.0, 20.0, 20.0)
    asked = {
        "size": size,
        "variogram": model,
        "bounds": (0, 0, 0, 60, 60, 60),
        "radius": 1e4,
        "most": 99,
    }
    krige = gstools.krige.Ordinary(
        model.model(), tuple(told.select("x", "y", "z").to_numpy().T), told["value"].to_numpy()
    )
    points = estimate_blocks(told, **asked, nodes=POINT).blocks
    centres = points.select("x", "y", "z").to_numpy()
    field, variance = krige(tuple(centres.T), return_var=True)
    assert points["grade"].to_numpy() == pytest.approx(field, abs=1e-8)
    assert points["deviation"].to_numpy() ** 2 == pytest.approx(variance, abs=1e-8)
    blocks = estimate_blocks(told, **asked, nodes=(2, 2, 2)).blocks
    mean = np.zeros(len(centres))
    for corner in np.stack(np.meshgrid([-5, 5], [-5, 5], [-5, 5]), -1).reshape(-1, 3):
        mean += krige(tuple((centres + corner).T))[0] / 8
    assert blocks["grade"].to_numpy() == pytest.approx(mean, abs=1e-8)
    assert (blocks["deviation"] < points["deviation"]).all()


def test_the_main_axis_is_where_grades_are_most_alike():
    model = Variogram("spherical", 0.0, 1.0, (100.0, 20.0, 10.0), azimuth=30.0).model()
    along = 50 * np.array([np.sin(np.radians(30)), np.cos(np.radians(30)), 0])
    across = 10 * np.array([np.cos(np.radians(30)), -np.sin(np.radians(30)), 0])
    for shift in (along, across, np.array([0, 0, 5.0])):
        assert model.vario_spatial(shift[:, None]) == pytest.approx(1.5 * 0.5 - 0.5 * 0.5**3)


def test_kriging_is_exact_at_samples_and_holds_a_constant():
    told = cloud(20)
    model = Variogram("spherical", 0.2, 1.0, (60.0, 60.0, 60.0))
    at = told.row(3, named=True)
    bounds = around(at["x"], at["y"], at["z"], 1)
    asked = {"size": (1, 1, 1), "variogram": model, "bounds": bounds, "radius": 1e3}
    exact = estimate_blocks(told, **asked, nodes=POINT).blocks.row(0, named=True)
    assert exact["grade"] == pytest.approx(at["value"])
    assert exact["deviation"] == pytest.approx(0, abs=1e-6)
    flat = estimate_blocks(told.with_columns(value=pl.lit(2.5)), **asked).blocks
    assert flat["grade"][0] == pytest.approx(2.5)
    double = estimate_blocks(told.with_columns(pl.col("value") * 2 + 7), **asked).blocks["grade"][0]
    assert double == pytest.approx(estimate_blocks(told, **asked).blocks["grade"][0] * 2 + 7)


def test_estimates_are_unbiased_and_deviations_true():
    rng = np.random.default_rng(5)
    holes = [f"H{k // 6}" for k in range(48)]
    xy = np.repeat(rng.uniform(0, 100, (8, 2)), 6, axis=0)
    place = np.column_stack([xy, np.tile(np.arange(6) * 10.0 + 5, 8)])
    corners = np.stack(np.meshgrid([-5, 5], [-5, 5], [-5, 5]), -1).reshape(-1, 3)
    nodes = np.concatenate(
        [corners + centre for centre in ((30, 30, 30), (70, 50, 30), (50, 90, 10))]
    )
    every = np.concatenate([place, nodes])
    apart = np.linalg.norm(every[:, None] - every[None], axis=2) / 60
    covariance = np.where(apart < 1, 1 - 1.5 * apart + 0.5 * apart**3, 0)
    root = np.linalg.cholesky(covariance + 1e-10 * np.eye(len(every)))
    model = Variogram("spherical", 0.0, 1.0, (60.0, 60.0, 60.0))
    errors, deviations = [], []
    for _ in range(150):
        draw = 10 + root @ rng.standard_normal(len(every))
        told = samples(place, draw[:48], holes)
        for k, centre in enumerate(((30, 30, 30), (70, 50, 30), (50, 90, 10))):
            block = estimate_blocks(
                *(told,),
                size=(20, 20, 20),
                variogram=model,
                bounds=around(*centre, 20),
                nodes=(2, 2, 2),
            ).blocks
            errors.append(block["grade"][0] - draw[48 + 8 * k : 56 + 8 * k].mean())
            deviations.append(block["deviation"][0])
    standard = np.array(errors) / np.array(deviations)
    assert abs(standard.mean()) < 4 / np.sqrt(standard.size)
    assert standard.var() == pytest.approx(1, abs=0.25)


def test_samples_are_the_nearest_and_few_of_each_hole():
    line = [(0, 0, float(z)) for z in range(20)] + [(10, 0, 0), (0, 10, 0), (500, 0, 0)]
    told = samples(line, range(23), ["A"] * 20 + ["B", "C", "D"])
    model = Variogram("spherical", 0.1, 1.0, (50.0, 50.0, 50.0))
    asked = {"size": (2, 2, 2), "variogram": model, "bounds": around(1, 1, 0, 2)}
    block = estimate_blocks(told, **asked, per_hole=3).blocks.row(0, named=True)
    assert (block["samples"], block["holes"]) == (5, 3)
    assert block["nearest"] == pytest.approx(np.sqrt(2))
    block = estimate_blocks(told, **asked, per_hole=99, most=4).blocks.row(0, named=True)
    assert (block["samples"], block["holes"]) == (4, 1)
    with pytest.raises(ExploreError, match="none of 1 blocks has 9 samples within 50 m"):
        estimate_blocks(told, **asked, per_hole=1, least=9)


def drawn(scaled, correlation, seed):
    """A field without a nugget, by its covariances; distances in ranges."""
    apart = np.linalg.norm(scaled[:, None] - scaled[None], axis=2)
    root = np.linalg.cholesky(correlation(apart) + 1e-9 * np.eye(len(scaled)))
    return root @ np.random.default_rng(seed).standard_normal(len(scaled))


def spherical(h):
    return np.where(h < 1, 1 - 1.5 * h + 0.5 * h**3, 0.0)


def test_a_variogram_is_found_again():
    place = np.random.default_rng(3).uniform(0, 300, (500, 3)) * [1, 1, 0.3]
    told = [samples(place, 2 * drawn(place / 60, spherical, seed)) for seed in range(4)]
    found = [fit_variogram(one, lag=6.0, lags=20) for one in told]
    assert np.mean([one.sill for one in found]) == pytest.approx(4, rel=0.15)
    assert np.mean([one.ranges[0] for one in found]) == pytest.approx(60, rel=0.2)
    assert max(one.nugget for one in found) < 0.5
    assert np.mean([one.ranges[2] for one in found]) == pytest.approx(60, rel=0.3)
    assert all(one.ranges[0] == one.ranges[1] for one in found)
    noise = np.random.default_rng(9).standard_normal(500)
    noisy = fit_variogram(told[0].with_columns(pl.col("value") + noise), lag=6.0, lags=20)
    assert noisy.nugget - found[0].nugget == pytest.approx(1, abs=0.3)
    assert fit_variogram(told[0], lag=6.0, lags=20).sill == found[0].sill


def test_three_ranges_are_found_along_three_axes():
    place = np.random.default_rng(8).uniform(0, 200, (500, 3)) * [1, 1, 0.5]
    a = np.radians(60)
    turned = place @ np.array([[np.sin(a), np.cos(a), 0], [np.cos(a), -np.sin(a), 0], [0, 0, 1]]).T
    found = [
        fit_variogram(
            samples(place, drawn(turned / [120, 60, 40], spherical, seed)), azimuth=60.0, lag=8.0
        )
        for seed in range(5)
    ]
    ranges = np.median([one.ranges for one in found], axis=0)
    assert ranges == pytest.approx([120, 60, 40], rel=0.35)
    assert set(found[0].table["direction"]) == {"main", "across", "vertical"}


def test_holes_left_out_do_not_help_themselves():
    told = cloud(60).with_columns(hole_id=pl.Series([f"H{k % 6}" for k in range(60)]))
    model = Variogram("spherical", 0.0, 1.0, (90.0, 90.0, 90.0))
    made = leave_holes_out(told, model)
    assert made.height == 60
    assert made["deviation"].drop_nulls().min() > 0.05
    moved = told.with_columns(value=pl.when(hole_id="H0").then(99.0).otherwise("value"))
    again = leave_holes_out(moved, model)
    same = made.filter(hole_id="H0")["estimate"].to_list()
    assert again.filter(hole_id="H0")["estimate"].to_list() == pytest.approx(same)


def grid():
    told = samples([(x, y, 0.0) for x in (0, 60, 120) for y in (0, 60, 120)], range(9))
    model = Variogram("spherical", 0.1, 8.0, (100.0, 100.0, 100.0))
    return estimate_blocks(
        *(told,), size=(20, 20, 10), variogram=model, bounds=(-60, -60, -5, 180, 180, 5), least=1
    )


def test_classes_are_those_of_the_distance_to_holes():
    made = classify_blocks(
        grid(), rules={"measured": (3, 0.45), "indicated": (2, 0.7), "inferred": (1, 1)}
    )
    hole = made.composites.select("x", "y").to_numpy()
    for x, y, name in made.blocks.select("x", "y", "class").iter_rows():
        near = np.sort(np.hypot(*(hole - [x, y]).T))
        truth = "inferred" if near[0] <= 100 else None
        truth = "indicated" if near[1] <= 70 else truth
        truth = "measured" if near[2] <= 45 else truth
        assert name == truth
    assert "Competent Person" in made.warnings[-1]
    with pytest.raises(ExploreError, match="rules are for measured, indicated, inferred"):
        classify_blocks(made, rules={"proved": (3, 1)})


def test_tonnes_grade_and_metal_are_sums_over_blocks():
    made = classify_blocks(grid())
    table = tonnage_grade(made, [0, 4, 100], density=2.5)
    above = made.blocks.filter(pl.col("grade") >= 4)
    row = table.filter(pl.col("class") == "all", pl.col("cutoff") == 4).row(0, named=True)
    assert row["tonnes"] == pytest.approx(above.height * 4000 * 2.5)
    assert row["grade"] == pytest.approx(above["grade"].mean())
    assert row["metal"] == pytest.approx(row["tonnes"] * row["grade"] / 100)
    nothing = table.filter(pl.col("class") == "all", pl.col("cutoff") == 100).row(0, named=True)
    assert (nothing["tonnes"], nothing["grade"], nothing["metal"]) == (0, None, 0)
    classes = table.filter(pl.col("class") != "all").group_by("cutoff").agg(pl.col("metal").sum())
    whole = table.filter(pl.col("class") == "all")
    assert classes.sort("cutoff")["metal"].to_list() == pytest.approx(whole["metal"].to_list())
    with pytest.raises(ExploreError, match="no density between"):
        tonnage_grade(made, [0])
    with pytest.raises(ExploreError, match="not negative"):
        tonnage_grade(made, [-1], density=2.5)


def test_blocks_of_a_layer_count_with_their_share():
    depths = np.arange(1.0, 40, 2)
    place = [(x, y, -z) for x in (0, 40, 80) for y in (0, 40, 80) for z in depths]
    holes = [f"H{k // depths.size}" for k in range(len(place))]
    inside = np.array([10 < -z < 30 for *_, z in place], dtype=float)
    logged = samples(place, inside, holes).with_columns(unit=pl.lit("share"))
    ore = samples(place, 2 + np.sin(np.arange(len(place))), holes).filter(pl.Series(inside > 0))
    asked = {"size": (20, 20, 10), "bounds": (0, 0, -40, 80, 80, 0)}
    asked["variogram"] = Variogram("spherical", 0.1, 1.0, (90.0, 90.0, 90.0))
    layered = Variogram("spherical", 0.0, 0.3, (200.0, 200.0, 20.0))
    bound = estimate_blocks(ore, **asked, within=logged, within_variogram=layered)
    shares = bound.blocks.group_by("z").agg(pl.col("share").mean())
    told = dict(shares.rows())
    assert told[-15.0] > 0.8
    assert told[-25.0] > 0.8
    assert told.get(-5.0, 0) < 0.2
    whole = estimate_blocks(ore, **asked)
    assert any("to their whole volume" in said for said in whole.warnings)
    tonnes = [tonnage_grade(one, [0], density=2)["tonnes"][0] for one in (bound, whole)]
    layer = 80 * 80 * 20 * 2
    assert tonnes[0] == pytest.approx(layer, rel=0.1)
    assert tonnes[1] == pytest.approx(2 * layer)
    with pytest.raises(ExploreError, match="table of shares"):
        estimate_blocks(ore, **asked, within=ore, within_variogram=layered)


def test_what_cannot_be_estimated_is_told():
    told = cloud(20)
    two = pl.concat([told, told.with_columns(analyte=pl.lit("Au"))])
    with pytest.raises(ExploreError, match="of Au, Cu: say which"):
        estimate_blocks(two, size=(10, 10, 10))
    with pytest.raises(ExploreError, match="no composites of Ag"):
        estimate_blocks(told, size=(10, 10, 10), analyte="Ag")
    with pytest.raises(ExploreError, match="three positive sides"):
        estimate_blocks(told, size=(10, 10, 0))
    with pytest.raises(ExploreError, match="in one place, of holes H0 and H0"):
        estimate_blocks(pl.concat([told, told.head(1)]), size=(10, 10, 10))
    with pytest.raises(ExploreError, match="nothing varies"):
        fit_variogram(told.with_columns(value=pl.lit(1.0)))
    with pytest.raises(ExploreError, match="empty cells"):
        fit_variogram(told.with_columns(value=pl.lit(None, dtype=pl.Float64)))
    with pytest.raises(ExploreError, match="0 <= nugget < sill"):
        Variogram("spherical", 1.0, 1.0, (1.0, 1.0, 1.0))
    cut = estimate_blocks(told, size=(50, 50, 50), top_cut=1.0, radius=200)
    assert cut.blocks["grade"].max() <= 1.3
    assert "composites are cut to 1 percent" in cut.warnings[0]
