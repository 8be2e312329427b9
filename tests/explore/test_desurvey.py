"""Holes lie where minimum curvature, integration and published reductions say."""

from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from drilled import collars, surveys
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from onshore.explore import ExploreError, desurvey, positions, read_drillholes

# Measured depth (ft), inclination, grid azimuth, true vertical depth (ft), northing and easting (m)
# of a real horizontal well as its contractor reduced it (well 9H, distributed with wellpathpy).
WELL = [
    (2604.379929, 35.610001, 124.459994, 2479.765605, 39930.121796, 655858.529538),
    (2652.939924, 36.659999, 125.319997, 2518.983812, 39925.130067, 655865.686241),
    (2700.150057, 38.040001, 126.679997, 2556.512981, 39919.999077, 655872.745662),
    (2749.699870, 39.670002, 128.019998, 2595.098601, 39914.251260, 655880.273884),
    (2796.640071, 41.450000, 128.769994, 2630.759046, 39908.474067, 655887.562416),
    (2844.919921, 43.130001, 129.560001, 2666.472971, 39902.221455, 655895.236704),
]
FOOT = 0.3048


def path(*rows, depth=None, step=None):
    told = collars("A", depth=[float(depth or rows[-1][0])], elevation=[0.0])
    holes = read_drillholes(told, surveys("A", *rows), sharp=1e9, dip="down negative")
    return desurvey(holes, step=step)


def moved(points, first=-2, last=-1):
    return [points[name][last] - points[name][first] for name in ("x", "y", "z")]


def test_a_published_example():
    # drillingformulas.com, minimum curvature: 15 degrees at 20, then 25 at 45, 100 ft on.
    points = path((3500, 20, -75), (3600, 45, -65))
    assert moved(points) == pytest.approx([19.45, 27.22, -94.01], abs=0.005)
    assert points["dogleg"][-1] * 100 / 30 == pytest.approx(12.95, abs=0.005)


def test_a_contractors_reduction_of_a_real_well():
    points = path(*((depth, azimuth, inclination - 90) for depth, inclination, azimuth, *_ in WELL))
    told = points.tail(len(WELL))

    def away(name):
        return (told[name] - told[name][0]).to_numpy()

    def truth(column):
        return np.array([row[column] - WELL[0][column] for row in WELL])

    assert away("z") == pytest.approx(-truth(3), abs=2e-3)
    # On the grid all lengths are shorter by one factor, which the file does not tell.
    east, north = truth(5) / FOOT, truth(4) / FOOT
    factor = np.hypot(east[-1], north[-1]) / np.hypot(away("x")[-1], away("y")[-1])
    assert factor == pytest.approx(1, abs=4e-4)
    assert away("x") * factor == pytest.approx(east, abs=2e-3)
    assert away("y") * factor == pytest.approx(north, abs=2e-3)


def test_a_quarter_of_a_circle():
    radius = 200 / np.pi
    points = path((0, 90, -90), (100, 90, 0), step=25.0)
    angle = points["depth"].to_numpy() / radius
    assert (points["x"] - 500_000).to_list() == pytest.approx(radius * (1 - np.cos(angle)))
    assert points["z"].to_list() == pytest.approx(-radius * np.sin(angle))
    assert points["dip"].to_list() == pytest.approx(np.degrees(angle) - 90)


DIRECTION = st.tuples(st.floats(0, 360), st.floats(-90, 90))


@given(st.lists(DIRECTION, min_size=2, max_size=4))
@settings(max_examples=20, deadline=None)
def test_arcs_are_those_of_integration(directions):
    def unit(azimuth, dip):
        a, d = np.radians([azimuth, dip])
        return np.array([np.cos(d) * np.sin(a), np.cos(d) * np.cos(a), np.sin(d)])

    vectors = [unit(*one) for one in directions]
    place = np.array([500_000.0, 3_300_000.0, 0.0])
    for one, other in pairwise(vectors):
        axis = np.cross(one, other)
        bend = np.arctan2(np.linalg.norm(axis), one @ other)
        if bend > 3.0 or 0 < bend < 1e-5:
            return
        turning = axis / np.linalg.norm(axis) * bend / 30 if bend else axis

        def grow(_, state, turning=turning):
            return np.concatenate([state[3:], np.cross(turning, state[3:])])

        end = solve_ivp(grow, (0, 30), np.concatenate([place, one]), rtol=1e-10, atol=1e-10).y
        place = end[:3, -1]
    rows = [(30.0 * k, *one) for k, one in enumerate(directions)]
    last = path(*rows).row(-1, named=True)
    assert [last["x"], last["y"], last["z"]] == pytest.approx(place, abs=1e-5)


def test_a_point_on_an_arc_does_not_move_it():
    rows = [(0, 10, -80), (40, 40, -55), (90, 80, -70)]
    whole = path(*rows, step=7.0)
    fine = whole.filter(pl.col("depth") % 7 == 0).select("depth", "azimuth", "dip").rows()
    again = path(*sorted({*fine, *((float(d), float(a), float(p)) for d, a, p in rows)}))
    both = whole.join(again, on="depth", suffix="_again")
    assert both.height == whole.height
    for name in ("x", "y", "z"):
        assert both[name].to_list() == pytest.approx(both[f"{name}_again"].to_list(), abs=1e-7)


def test_length_along_the_hole_is_the_depth():
    points = path((0, 350, -60), (50, 10, -50), (100, 30, -62), step=0.25)
    steps = np.diff(points.select("x", "y", "z").to_numpy(), axis=0)
    assert np.linalg.norm(steps, axis=1).sum() == pytest.approx(100, abs=1e-3)


def test_a_hole_begins_as_its_collar_says_and_ends_straight():
    told = collars("A", azimuth=[90.0], dip=[-45.0])
    holes = read_drillholes(told, surveys("A", (20, 90, -45), (60, 90, -45)))
    root = 100 / np.sqrt(2)
    assert moved(desurvey(holes), 0) == pytest.approx([root, 0, -root], abs=1e-6)
    nothing_at_collar = read_drillholes(
        told.with_columns(azimuth=None, dip=None), surveys("A", (20, 90, -45))
    )
    assert moved(desurvey(nothing_at_collar), 0) == pytest.approx([root, 0, -root], abs=1e-6)


def test_positions_keep_rows_their_order_and_columns():
    holes = read_drillholes(collars("A", "B"))
    at = pl.DataFrame({"hole_id": ["B", "A", "B"], "depth": [10, 0, 5], "note": ["x", "y", "z"]})
    found = positions(holes, at)
    assert found["note"].to_list() == ["x", "y", "z"]
    assert found["z"].to_list() == pytest.approx([990, 1000, 995])
    assert found["x"].to_list() == pytest.approx([500_050, 500_000, 500_050])
    with pytest.raises(ExploreError, match="no hole 'C'"):
        positions(holes, pl.DataFrame({"hole_id": ["C"], "depth": [1.0]}))


def test_a_hole_that_turns_straight_back_is_refused():
    with pytest.raises(ExploreError, match="hole A turns straight back below 0 m"):
        path((0, 0, -90), (30, 0, 90))
    with pytest.raises(ExploreError, match="positive"):
        path((0, 0, -90), (30, 0, -90), step=0.0)
